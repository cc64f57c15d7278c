//! The port to whoever owns our numbers and places calls to the contractor's own phones.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{
    CalendarProvider, CallStatus, CopyAnswer, CopyRequest, Embedder, ErrorKind, LineLookup, Notifier, PortError,
    ReplyModel, Retry, SmsGateway,
};
use crate::appointments::Appointment;
use crate::business::{OtherCalendar, Owner};
use crate::compliance::number::Policy;
use crate::notify::ChannelKind;
use crate::{BusinessId, PhoneNumber, Secret, Timestamp};

/// Numbers and calls. Never used to call a caller: the only calls it places go to a business's own phones, started by
/// a person's click.
#[async_trait]
pub trait Telephony: fmt::Debug + Send + Sync + 'static {
    /// Lowercase name for logs and metric labels; fixed once released.
    fn name(&self) -> &'static str;

    /// Numbers that can be bought now.
    ///
    /// # Errors
    /// When the provider cannot be asked or refuses the area code.
    async fn search_numbers(&self, query: &NumberQuery) -> Result<Vec<NumberOffer>, PortError>;

    /// Buys a number and points it at us in the same request, so that no call meets an unconfigured number.
    /// A purchase is not idempotent: after [`Retry::Unknown`](super::Retry::Unknown) ask
    /// [`Telephony::owned_number`] before repeating. Dropping the future leaves the same doubt.
    ///
    /// # Errors
    /// When the number is gone, money is short, or the provider cannot be asked.
    async fn buy_number(&self, number: &PhoneNumber, setup: &NumberSetup) -> Result<OwnedNumber, PortError>;

    /// The number as the provider has it on this account, or nothing.
    ///
    /// # Errors
    /// When the provider cannot be asked.
    async fn owned_number(&self, number: &PhoneNumber) -> Result<Option<OwnedNumber>, PortError>;

    /// Points a number at us and reads the result back.
    ///
    /// # Errors
    /// When the provider refuses or what is read back differs.
    async fn configure_number(&self, owned: &OwnedNumber, setup: &NumberSetup) -> Result<OwnedNumber, PortError>;

    /// Gives a number back for good.
    ///
    /// # Errors
    /// When the provider cannot be asked.
    async fn release_number(&self, owned: &OwnedNumber) -> Result<(), PortError>;

    /// Calls one of the business's own phones.
    ///
    /// # Errors
    /// [`Retry::Unknown`](super::Retry::Unknown) when the call may have been placed.
    async fn place_call(&self, call: &OutboundCall) -> Result<RemoteCall, PortError>;

    /// Ends a call now. A call that is over is no error.
    ///
    /// # Errors
    /// When the provider cannot be asked.
    async fn hang_up(&self, provider_call: &str) -> Result<(), PortError>;

    /// A call as the provider remembers it, or nothing.
    ///
    /// # Errors
    /// When the provider cannot be asked.
    async fn fetch_call(&self, provider_call: &str) -> Result<Option<RemoteCall>, PortError>;

    /// Inbound calls to `to` since an instant, newest first, to import what only the provider has.
    ///
    /// # Errors
    /// When the provider cannot be asked.
    async fn list_calls(&self, to: &PhoneNumber, since: Timestamp) -> Result<Vec<RemoteCall>, PortError>;
}

/// Which numbers to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberQuery {
    /// Three digits, or any.
    pub area_code: Option<String>,
    /// At most this many.
    pub limit: u8,
}

/// A number that can be bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberOffer {
    /// The number.
    pub number: PhoneNumber,
    /// Town, where the provider tells.
    pub locality: Option<String>,
    /// State or province, where the provider tells.
    pub region: Option<String>,
    /// Whether it can send texts.
    pub sms: bool,
}

/// Where a number's webhooks go. Empty for the sandbox, which calls the center directly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberSetup {
    /// The public address of this installation, without a trailing slash.
    pub public_base_url: String,
    /// Name shown in the provider's console.
    pub friendly_name: String,
}

/// A number that the account owns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnedNumber {
    /// The number.
    pub number: PhoneNumber,
    /// The provider's identifier of it.
    pub provider_number: String,
    /// Whether its webhooks point at us.
    pub configured: bool,
    /// Whether it can send texts.
    pub sms: bool,
}

/// A call to one of the business's own phones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboundCall {
    /// The business's phone.
    pub to: PhoneNumber,
    /// The number of ours that calls.
    pub from: PhoneNumber,
    /// How long to let it ring, in seconds.
    pub ring_seconds: u16,
    /// What is said if somebody answers.
    pub say: String,
    /// Key of this attempt; becomes part of the callback address.
    pub key: String,
}

/// A call as the provider remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteCall {
    /// The provider's identifier.
    pub provider_call: String,
    /// Who called.
    pub from: crate::CallerId,
    /// Who was called.
    pub to: Option<PhoneNumber>,
    /// Where it stands.
    pub status: CallStatus,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// Length in whole seconds.
    pub duration_seconds: Option<u32>,
}

/// Which providers serve a business. The server builds them from configuration and sealed credentials.
#[async_trait]
pub trait Providers: fmt::Debug + Send + Sync + 'static {
    /// Who carries the business's texts.
    ///
    /// # Errors
    /// When the business has no usable gateway.
    async fn sms(&self, owner: &Owner) -> Result<Arc<dyn SmsGateway>, PortError>;
    /// Who owns the business's numbers.
    ///
    /// # Errors
    /// When the business has no usable provider.
    async fn telephony(&self, owner: &Owner) -> Result<Arc<dyn Telephony>, PortError>;
    /// Which numbers may be texted through the business's gateway.
    fn policy(&self, owner: &Owner) -> Policy;
    /// Whether the business's texts cost nothing, so that spending caps have no meaning: true for the sandbox.
    fn free_of_charge(&self, owner: &Owner) -> bool;
    /// The public address of this installation, without a trailing slash; empty when only the sandbox is used.
    fn public_base_url(&self) -> String;
    /// The installation's own provider account, which owns the numbers of businesses without one.
    fn platform_account(&self) -> String;
    /// Who keeps the business's calendar elsewhere; nothing where its own rows are its calendar.
    ///
    /// # Errors
    /// When the business has a calendar that cannot be used: it has to be connected again.
    async fn calendar(&self, owner: &Owner) -> Result<Option<Arc<dyn CalendarProvider>>, PortError> {
        let _ = owner;
        Ok(None)
    }
    /// Reads a calendar that is only read, under its sealed address.
    ///
    /// # Errors
    /// When it could not be read in full; it is then neither free nor taken.
    async fn other_calendar(
        &self,
        owner: &Owner,
        calendar: &OtherCalendar,
        request: &CopyRequest,
    ) -> Result<CopyAnswer, PortError> {
        let _ = (owner, calendar, request);
        Err(PortError::new(
            "host",
            "other_calendar",
            ErrorKind::Unsupported,
            Retry::Never,
        ))
    }
    /// A language model for the business's answers; nothing where the installation has none. What it may do is set by
    /// the business.
    fn reply_model(&self, owner: &Owner) -> Option<Arc<dyn ReplyModel>> {
        let _ = owner;
        None
    }
    /// An embedding model for the business's questions; nothing where the installation has none. Whether it is asked is set
    /// by the business.
    fn embedder(&self, owner: &Owner) -> Option<Arc<dyn Embedder>> {
        let _ = owner;
        None
    }
    /// Where a calendar elsewhere tells of changes over the channel of this name, and what each call carries as proof;
    /// nothing where nobody can reach this installation from outside.
    fn calendar_push(&self, channel: &str) -> Option<(String, Secret)> {
        let _ = channel;
        None
    }
    /// Where a customer takes an appointment over into their own calendar: an address that cannot be guessed and that
    /// ends with the appointment; nothing where nobody can reach this installation from outside.
    fn calendar_link(&self, appointment: &Appointment) -> Option<String> {
        let _ = appointment;
        None
    }
    /// A way to the contractor; nothing where the channel is not connected. Texts go through [`Providers::sms`].
    ///
    /// # Errors
    /// When the channel is connected and cannot be used.
    async fn notifier(&self, owner: &Owner, channel: ChannelKind) -> Result<Option<Arc<dyn Notifier>>, PortError> {
        let _ = (owner, channel);
        Ok(None)
    }
    /// Who knows line types, when look-ups are switched on.
    async fn line_lookup(&self, owner: &Owner) -> Option<Arc<dyn LineLookup>>;
}

/// Seals credentials at rest, bound to the business and the name of the field.
pub trait SecretBox: fmt::Debug + Send + Sync + 'static {
    /// Seals `secret`; the result is text that a store can keep.
    ///
    /// # Errors
    /// When no key is configured.
    fn seal(&self, business: BusinessId, field: &str, secret: &Secret) -> Result<String, SealError>;
    /// Opens what [`SecretBox::seal`] made for the same business and field.
    ///
    /// # Errors
    /// When the key is unknown or the text was made for something else.
    fn open(&self, business: BusinessId, field: &str, sealed: &str) -> Result<Secret, SealError>;
}

/// Why a secret cannot be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The key it was sealed with is not configured.
    #[error("the sealing key is missing or was changed; set the key that was used before")]
    UnknownKey,
    /// It was sealed for another business or field, or was altered.
    #[error("the sealed value does not belong here or was altered")]
    Mismatch,
}
