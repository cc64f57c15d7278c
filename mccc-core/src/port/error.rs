//! The one error type of every provider port: what went wrong, and whether the same request may be sent again.

use std::error::Error;
use std::fmt;
use std::time::Duration;

/// What went wrong, in terms a caller can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The configuration of the provider cannot work (a missing credential, a malformed address).
    InvalidConfig,
    /// The provider does not accept our credentials.
    Unauthenticated,
    /// A person has to connect the account again: the permission was withdrawn, has run out, or lacks a part.
    ReconnectRequired,
    /// This needs a further permission that the contractor did not grant. What was granted goes on working.
    PermissionMissing,
    /// The thing asked for does not exist at the provider.
    NotFound,
    /// The provider already has something that contradicts the request.
    Conflict,
    /// The provider understood the request and refuses it for good.
    Rejected,
    /// Too many requests; nothing was done.
    RateLimited,
    /// The provider cannot be reached or failed.
    Unavailable,
    /// The answer was not what the provider's documentation promises.
    Protocol,
    /// This implementation cannot do it.
    Unsupported,
}

/// May the same request be sent again? Required to make an error, so that nobody forgets to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The same request will get the same answer.
    Never,
    /// Nothing happened; our policy picks the wait.
    Backoff,
    /// Nothing happened; the provider named the wait.
    After(Duration),
    /// It may already have happened: look before repeating.
    Unknown,
}

/// Which kind of thing refused a text, where the adapter's table knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// The number cannot be texted, for good.
    Recipient,
    /// The number is a landline.
    Landline,
    /// The recipient asked not to receive texts.
    OptOut,
    /// It may work in a while, and it definitely was not delivered.
    Transient,
    /// Too much at once.
    Rate,
    /// The account may not send now.
    Account,
    /// The sending number is not set up or registered.
    Sender,
    /// The text itself was refused.
    Content,
    /// Our request was wrong.
    App,
    /// It failed, but may have been delivered.
    Doubtful,
}

/// A provider's failure. Carries no message bodies, numbers or secrets.
pub struct PortError(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    retry: Retry,
    adapter: &'static str,
    operation: &'static str,
    code: Option<u32>,
    reason: Option<&'static str>,
    class: Option<FailureClass>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl PortError {
    /// A failure of `operation` in `adapter`.
    #[must_use]
    pub fn new(adapter: &'static str, operation: &'static str, kind: ErrorKind, retry: Retry) -> Self {
        Self(Box::new(Inner {
            kind,
            retry,
            adapter,
            operation,
            code: None,
            reason: None,
            class: None,
            source: None,
        }))
    }

    /// Adds the provider's numeric code.
    #[must_use]
    pub fn with_code(mut self, code: u32) -> Self {
        self.0.code = Some(code);
        self
    }

    /// Adds a plain sentence for the contractor, from the adapter's own table.
    #[must_use]
    pub fn with_reason(mut self, reason: &'static str) -> Self {
        self.0.reason = Some(reason);
        self
    }

    /// Adds what kind of thing refused.
    #[must_use]
    pub fn with_class(mut self, class: FailureClass) -> Self {
        self.0.class = Some(class);
        self
    }

    /// Adds the cause; the logger prints the chain once.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the same request may be sent again.
    #[must_use]
    pub fn retry(&self) -> Retry {
        self.0.retry
    }

    /// The provider's numeric code, such as 21610.
    #[must_use]
    pub fn code(&self) -> Option<u32> {
        self.0.code
    }

    /// A plain sentence for the contractor, when the adapter has one.
    #[must_use]
    pub fn reason(&self) -> Option<&'static str> {
        self.0.reason
    }

    /// What kind of thing refused, when the adapter's table knows.
    #[must_use]
    pub fn class(&self) -> Option<FailureClass> {
        self.0.class
    }

    /// The adapter that failed, for logs and metric labels.
    #[must_use]
    pub fn adapter(&self) -> &'static str {
        self.0.adapter
    }

    /// The operation that failed, for logs and metric labels.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }
}

impl fmt::Display for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} failed: {:?}", self.0.adapter, self.0.operation, self.0.kind)?;
        if let Some(code) = self.0.code {
            write!(f, " (code {code})")?;
        }
        Ok(())
    }
}

impl fmt::Debug for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PortError")
            .field("adapter", &self.0.adapter)
            .field("operation", &self.0.operation)
            .field("kind", &self.0.kind)
            .field("retry", &self.0.retry)
            .field("code", &self.0.code)
            .field("source", &self.0.source)
            .finish()
    }
}

impl Error for PortError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_word_wide_and_names_its_operation() {
        assert_eq!(size_of::<PortError>(), size_of::<usize>());
        let error = PortError::new("twilio", "send", ErrorKind::Rejected, Retry::Never).with_code(21610);
        assert_eq!(error.to_string(), "twilio send failed: Rejected (code 21610)");
    }
}
