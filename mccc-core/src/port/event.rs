//! What the outside tells us: calls, their progress, recordings, texts and their progress.
//!
//! Adapters parse a provider's webhook into these; nothing of a provider's format goes further.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::FailureClass;
use crate::{CallerId, MessageId, PhoneNumber};

/// An event whose origin was checked. The center accepts nothing less from a webhook.
#[derive(Debug, Clone)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    /// States that `source` has checked where `event` comes from. Only an [`InboundSource`] can be named, and that
    /// trait has no default check: an adapter without one does not compile.
    #[must_use]
    pub fn by(_source: &dyn InboundSource, event: T) -> Self {
        Self(event)
    }

    /// The event.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }

    /// The event, by reference.
    #[must_use]
    pub const fn get(&self) -> &T {
        &self.0
    }
}

/// A source of webhooks that can prove where a request comes from.
pub trait InboundSource: fmt::Debug + Send + Sync {
    /// Lowercase name for logs and metric labels; fixed once released.
    fn name(&self) -> &'static str;
    /// Checks the request. A source that cannot tell must refuse.
    ///
    /// # Errors
    /// [`WebhookRejection`] when the request is not provably from the source.
    fn check(&self, request: &RawWebhook<'_>) -> Result<(), WebhookRejection>;
}

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

/// How far the network vouches for the caller's number (STIR/SHAKEN).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attestation {
    /// The network passed the caller's right to the number.
    Passed,
    /// The network checked and it failed: the number may be forged.
    Failed,
    /// Nothing is known.
    #[default]
    None,
}

/// A call that reached one of our numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundCall {
    /// The provider's identifier of the call, stable for its whole life.
    pub provider_call: String,
    /// The provider account that owns the dialled number.
    pub account: String,
    /// Who calls.
    pub caller: CallerId,
    /// The number of ours that was reached.
    pub dialled: PhoneNumber,
    /// The number the call was forwarded from, as far as the carrier tells. Never used to find the business.
    pub forwarded_from: Option<PhoneNumber>,
    /// The caller's name from the network, when it is looked up.
    pub caller_name: Option<String>,
    /// How far the network vouches for the caller's number.
    pub attestation: Attestation,
}

/// Where a call stands at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallStatus {
    /// Not connected yet.
    Queued,
    /// Ringing.
    Ringing,
    /// Somebody or something answered.
    InProgress,
    /// Ended after it was answered.
    Completed,
    /// The line was busy.
    Busy,
    /// The call could not be made.
    Failed,
    /// Nobody answered.
    NoAnswer,
    /// Ended before it was answered.
    Canceled,
    /// A status this version does not know: still pending, neither success nor failure.
    Other,
}

impl CallStatus {
    /// Whether nothing more will happen on the call.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Completed | Self::Busy | Self::Failed | Self::NoAnswer | Self::Canceled => true,
            Self::Queued | Self::Ringing | Self::InProgress | Self::Other => false,
        }
    }
}

/// News about a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallProgress {
    /// The provider's identifier of the call.
    pub provider_call: String,
    /// The number of ours that the call reached or, for our own outbound calls, that it came from.
    pub our_number: PhoneNumber,
    /// Where the call stands.
    pub status: CallStatus,
    /// The provider's order of the news, where it has one.
    pub sequence: Option<u32>,
    /// Length of the call in whole seconds, once it ended.
    pub duration_seconds: Option<u32>,
    /// Whether a machine answered, for outbound calls with detection.
    pub answered_by_machine: Option<bool>,
}

/// Where a recording stands at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingStatus {
    /// Being recorded or processed.
    InProgress,
    /// Ready.
    Completed,
    /// Nothing was recorded.
    Absent,
    /// The provider failed to record.
    Failed,
    /// A status this version does not know: still pending.
    Other,
}

/// News about a recording of a caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingProgress {
    /// The provider's identifier of the call it belongs to.
    pub provider_call: String,
    /// The provider's identifier of the recording.
    pub provider_recording: String,
    /// Where the recording stands.
    pub status: RecordingStatus,
    /// Length in whole seconds, once it is complete.
    pub duration_seconds: Option<u32>,
}

/// What the gateway itself did about a consent keyword, where it tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GatewayConsent {
    /// The gateway took it as an opt-out and has confirmed it.
    Stop,
    /// The gateway took it as an opt-in and has confirmed it.
    Start,
    /// The gateway has sent its help text.
    Help,
}

/// A text that reached one of our numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundText {
    /// The provider's identifier of the message.
    pub provider_message: String,
    /// The provider account that owns the number.
    pub account: String,
    /// Who wrote. Short codes and names arrive as [`CallerId::Invalid`].
    pub from: CallerId,
    /// The number of ours that was written to.
    pub to: PhoneNumber,
    /// The text, untrusted; may be empty when only pictures were sent.
    pub body: String,
    /// How many pictures or files came with it.
    pub media_count: u8,
    /// What the gateway did about a keyword, where it tells.
    pub gateway_consent: Option<GatewayConsent>,
}

/// Where a text of ours stands at the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// Accepted or queued at the gateway.
    Queued,
    /// On its way to the carrier.
    Sending,
    /// Handed to the carrier. May be the last news on networks without receipts.
    Sent,
    /// The carrier confirmed delivery.
    Delivered,
    /// The carrier did not deliver it.
    Undelivered,
    /// The gateway did not send it.
    Failed,
    /// Cancelled before it was sent.
    Canceled,
    /// A status this version does not know: still pending.
    Other,
}

/// News about a text of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextProgress {
    /// Our own identifier, from the callback address: it proves acceptance even when the gateway's answer was lost.
    pub message: Option<MessageId>,
    /// The provider's identifier of the message.
    pub provider_message: String,
    /// The number of ours that sent it.
    pub from: Option<PhoneNumber>,
    /// Where the message stands.
    pub status: DeliveryStatus,
    /// The provider's error code.
    pub error_code: Option<u32>,
    /// What kind of thing refused it, from the adapter's table.
    pub failure: Option<FailureClass>,
    /// Why, in the contractor's words, from the adapter's table.
    pub reason: Option<String>,
}
