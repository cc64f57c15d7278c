//! The port to whoever carries our texts.

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{DeliveryStatus, PortError};
use crate::compliance::gate::SendPermit;
use crate::compliance::number::LineType;
use crate::{PhoneNumber, Timestamp};

/// Carries texts. Has no idempotency key: a text is handed over at most once, and what is unknown is looked up.
#[async_trait]
pub trait SmsGateway: fmt::Debug + Send + Sync + 'static {
    /// Lowercase name for logs and metric labels; fixed once released.
    fn name(&self) -> &'static str;

    /// Whether the gateway itself answers the bare words STOP, START and HELP. If it does, the app stays silent about
    /// them; other wording is always confirmed by the app.
    fn confirms_opt_outs(&self) -> bool;

    /// Hands over one text. `permit` comes from the compliance gate alone and is used up. The implementation must
    /// check [`SendPermit::still_valid`] directly before it writes the request and refuse with
    /// [`Retry::Backoff`](super::Retry::Backoff) when it is not.
    ///
    /// # Errors
    /// [`Retry::Unknown`](super::Retry::Unknown) whenever the text may have been accepted: a lost answer, a time-out
    /// after the first byte, a server error. Dropping the future leaves the same doubt.
    async fn send(&self, permit: SendPermit) -> Result<Accepted, PortError>;

    /// Looks one message up by the provider's identifier. Absence is `Ok(None)`.
    ///
    /// # Errors
    /// When the provider cannot be asked.
    async fn fetch(&self, provider_message: &str) -> Result<Option<RemoteMessage>, PortError>;

    /// Messages that match, newest first, for reconciling. An empty list proves nothing.
    ///
    /// # Errors
    /// When the provider cannot be asked.
    async fn list(&self, query: &MessageQuery) -> Result<Vec<RemoteMessage>, PortError>;
}

/// The gateway took the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The provider's identifier of the message.
    pub provider_message: String,
    /// Where it stood when it was accepted.
    pub status: DeliveryStatus,
}

/// Which messages to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageQuery {
    /// Only messages to this number.
    pub to: Option<PhoneNumber>,
    /// Only messages from this number.
    pub from: Option<PhoneNumber>,
    /// Only messages since this instant.
    pub since: Timestamp,
    /// At most this many.
    pub limit: u16,
}

/// A message as the provider remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteMessage {
    /// The provider's identifier.
    pub provider_message: String,
    /// Sender as the provider reports it.
    pub from: crate::CallerId,
    /// Recipient.
    pub to: Option<PhoneNumber>,
    /// The text.
    pub body: String,
    /// Whether a caller wrote it to us.
    pub inbound: bool,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// The provider's error code.
    pub error_code: Option<u32>,
    /// When the provider created it.
    pub created_at: Timestamp,
}

/// Knows what kind of line a number is. Paid per look-up, off by default.
#[async_trait]
pub trait LineLookup: fmt::Debug + Send + Sync + 'static {
    /// Looks the number up. A failure must never block a text.
    ///
    /// # Errors
    /// When the provider cannot be asked.
    async fn look_up(&self, number: &PhoneNumber) -> Result<LineReport, PortError>;
}

/// What a look-up found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineReport {
    /// The kind of line.
    pub line_type: LineType,
    /// Whether the number can exist at all.
    pub valid: bool,
}
