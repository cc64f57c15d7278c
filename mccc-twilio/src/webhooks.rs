//! One account's webhooks: checked first, read afterwards.

use mccc_core::port::{
    CallProgress, InboundCall, InboundSource, InboundText, RawWebhook, RecordingProgress, TextProgress, Verified,
    WebhookRejection,
};
use mccc_core::{MessageId, Secret};

use crate::form::Form;
use crate::signature::{SignatureValidator, Unverified, ValidatorError};
use crate::wire::{self, WireError};

/// Accepts requests that the provider made for one account.
#[derive(Debug, Clone)]
pub struct TwilioWebhooks {
    account: String,
    validator: SignatureValidator,
}

/// Why a request is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// It is not provably from the provider: answer 403 without a word.
    #[error(transparent)]
    Rejected(#[from] WebhookRejection),
    /// It is genuine but cannot be used: answer 400.
    #[error(transparent)]
    Unreadable(#[from] WireError),
}

impl TwilioWebhooks {
    /// Accepts requests to `public_base_url` for `account`, signed with its auth token: one, or two while it changes.
    ///
    /// # Errors
    /// Names what is wrong with the address or the tokens.
    pub fn new(account: impl Into<String>, public_base_url: &str, tokens: &[Secret]) -> Result<Self, ValidatorError> {
        Ok(Self {
            account: account.into(),
            validator: SignatureValidator::new(public_base_url, tokens)?,
        })
    }

    /// The fields of a request whose signature fits and whose account is ours.
    ///
    /// # Errors
    /// [`WebhookRejection`] when it is not provably from the provider.
    pub fn verify(&self, request: Unverified<'_>) -> Result<Verified<Form>, WebhookRejection> {
        let form = request.verified_by(&self.validator)?;
        // Every account signs with its own token; a genuine request of another account still has no business here.
        match form.get("AccountSid") {
            Some(account) if account != self.account => Err(WebhookRejection::Forged),
            _ => Ok(Verified::by(self, form)),
        }
    }

    /// A call that reached one of our numbers.
    ///
    /// # Errors
    /// [`WebhookError`] when the request is not genuine or cannot be used.
    pub fn inbound_call(&self, request: Unverified<'_>) -> Result<Verified<InboundCall>, WebhookError> {
        self.read(request, wire::inbound_call)
    }

    /// News about a call.
    ///
    /// # Errors
    /// [`WebhookError`] when the request is not genuine or cannot be used.
    pub fn call_progress(&self, request: Unverified<'_>) -> Result<Verified<CallProgress>, WebhookError> {
        self.read(request, wire::call_progress)
    }

    /// News about a recording.
    ///
    /// # Errors
    /// [`WebhookError`] when the request is not genuine or cannot be used.
    pub fn recording_progress(&self, request: Unverified<'_>) -> Result<Verified<RecordingProgress>, WebhookError> {
        self.read(request, wire::recording_progress)
    }

    /// A text that reached one of our numbers.
    ///
    /// # Errors
    /// [`WebhookError`] when the request is not genuine or cannot be used.
    pub fn inbound_text(&self, request: Unverified<'_>) -> Result<Verified<InboundText>, WebhookError> {
        self.read(request, wire::inbound_text)
    }

    /// News about a text of ours; `message` is what the path names ([`crate::routes::message_of`]).
    ///
    /// # Errors
    /// [`WebhookError`] when the request is not genuine or cannot be used.
    pub fn text_progress(
        &self,
        request: Unverified<'_>,
        message: Option<MessageId>,
    ) -> Result<Verified<TextProgress>, WebhookError> {
        self.read(request, |form| wire::text_progress(form, message))
    }

    fn read<T>(
        &self,
        request: Unverified<'_>,
        parse: impl FnOnce(&Form) -> Result<T, WireError>,
    ) -> Result<Verified<T>, WebhookError> {
        let form = self.verify(request)?;
        Ok(Verified::by(self, parse(form.get())?))
    }
}

impl InboundSource for TwilioWebhooks {
    fn name(&self) -> &'static str {
        "twilio"
    }

    fn check(&self, request: &RawWebhook<'_>) -> Result<(), WebhookRejection> {
        self.verify(Unverified::read(*request)?).map(|_| ())
    }
}
