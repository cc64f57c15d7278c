//! What the appliance tells us by itself.

use aws_lc_rs::hmac;
use mccc_core::port::{FailureClass, InboundSource, RawWebhook, TextProgress, Verified, WebhookRejection};
use mccc_core::{PhoneNumber, Secret};
use serde::Deserialize;

/// Reads the appliance's news, if they are its own.
#[derive(Debug)]
pub struct News {
    key: Secret,
}

#[derive(Debug, Deserialize)]
struct Row {
    id: String,
    reference: String,
    from: String,
    state: String,
    #[serde(default)]
    code: Option<u32>,
}

impl News {
    /// News that are signed with `key`.
    #[must_use]
    pub const fn new(key: Secret) -> Self {
        Self { key }
    }

    /// The news in a request; the host hands them to its center.
    ///
    /// # Errors
    /// When the request is not the appliance's, or not in its format.
    pub fn read(&self, request: &RawWebhook<'_>) -> Result<Verified<TextProgress>, WebhookRejection> {
        self.check(request)?;
        let row: Row = serde_json::from_slice(request.body).map_err(|_| WebhookRejection::Malformed)?;
        let (failure, reason) = why(row.code).unzip();
        let news = TextProgress {
            message: row.reference.parse().ok(),
            provider_message: row.id,
            from: PhoneNumber::parse(&row.from).ok(),
            status: crate::status(&row.state),
            error_code: row.code,
            failure,
            reason: reason.map(str::to_owned),
        };
        Ok(Verified::by(self, news))
    }
}

/// What the appliance's code means, and what the contractor reads.
fn why(code: Option<u32>) -> Option<(FailureClass, &'static str)> {
    match code? {
        1 => Some((FailureClass::Transient, "Their phone is off or out of range.")),
        2 => Some((
            FailureClass::Landline,
            "This looks like a landline. Call them back instead.",
        )),
        3 => Some((FailureClass::Content, "The carrier blocked this text as spam.")),
        _ => Some((FailureClass::Transient, "The carrier gave no reason.")),
    }
}

impl InboundSource for News {
    fn name(&self) -> &'static str {
        crate::ADAPTER
    }

    fn check(&self, request: &RawWebhook<'_>) -> Result<(), WebhookRejection> {
        let signature = request.signature.ok_or(WebhookRejection::Unsigned)?;
        let signature = hex::decode(signature).map_err(|_| WebhookRejection::Forged)?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.key.reveal().as_bytes());
        hmac::verify(&key, request.body, &signature).map_err(|_| WebhookRejection::Forged)
    }
}
