//! A request as it arrived, and why one is refused.

/// A request as it arrived, before any decoding.
#[derive(Debug, Clone, Copy)]
pub struct RawWebhook<'a> {
    /// `GET` or `POST`.
    pub method: &'a str,
    /// The request target exactly as received: path and query, undecoded.
    pub target: &'a str,
    /// The value of `Content-Type`, if any.
    pub content_type: Option<&'a str>,
    /// The value of the signature header, if any.
    pub signature: Option<&'a str>,
    /// The body, undecoded.
    pub body: &'a [u8],
}

/// Why a webhook is refused. The answer to the sender is the same for every reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRejection {
    /// There is no signature.
    #[error("the request carries no signature")]
    Unsigned,
    /// The signature does not fit the request.
    #[error("the signature does not match")]
    Forged,
    /// The body cannot be read as the format the provider uses.
    #[error("the body is not in the provider's format")]
    Malformed,
}
