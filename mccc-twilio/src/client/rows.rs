//! The provider's JSON, as far as it is used.

use mccc_core::port::{NumberOffer, RemoteCall, RemoteMessage};
use mccc_core::{CallerId, PhoneNumber, Timestamp};
use serde::Deserialize;

use crate::wire::{call_status, delivery_status};

#[derive(Debug, Deserialize)]
pub(super) struct MessageRow {
    pub(super) sid: String,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    direction: Option<String>,
    pub(super) status: String,
    #[serde(default)]
    error_code: Option<u32>,
    #[serde(default)]
    date_created: Option<String>,
    #[serde(default)]
    date_sent: Option<String>,
}

impl MessageRow {
    /// Nothing when the provider does not say when the message was made.
    pub(super) fn remote(self) -> Option<RemoteMessage> {
        let created_at = instant(self.date_created.as_deref()).or_else(|| instant(self.date_sent.as_deref()))?;
        Some(RemoteMessage {
            provider_message: self.sid,
            from: CallerId::from_raw(self.from.as_deref().unwrap_or_default()),
            to: number(self.to.as_deref()),
            body: self.body.unwrap_or_default(),
            inbound: self.direction.as_deref() == Some("inbound"),
            status: delivery_status(&self.status),
            error_code: self.error_code.filter(|code| *code != 0),
            created_at,
        })
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct CallRow {
    sid: String,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    to: Option<String>,
    status: String,
    #[serde(default)]
    direction: Option<String>,
    #[serde(default)]
    start_time: Option<String>,
    #[serde(default)]
    date_created: Option<String>,
    #[serde(default)]
    duration: Option<String>,
}

impl CallRow {
    pub(super) fn is_inbound(&self) -> bool {
        self.direction.as_deref() == Some("inbound")
    }

    pub(super) fn remote(self) -> RemoteCall {
        RemoteCall {
            provider_call: self.sid,
            from: CallerId::from_raw(self.from.as_deref().unwrap_or_default()),
            to: number(self.to.as_deref()),
            status: call_status(&self.status),
            started_at: instant(self.start_time.as_deref()).or_else(|| instant(self.date_created.as_deref())),
            duration_seconds: self.duration.and_then(|text| text.parse().ok()),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Capabilities {
    #[serde(default, alias = "SMS")]
    sms: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct OfferRow {
    phone_number: PhoneNumber,
    #[serde(default)]
    locality: Option<String>,
    #[serde(default)]
    region: Option<String>,
    #[serde(default)]
    capabilities: Capabilities,
}

impl OfferRow {
    pub(super) fn offer(self) -> NumberOffer {
        NumberOffer {
            number: self.phone_number,
            locality: self.locality.filter(|text| !text.is_empty()),
            region: self.region.filter(|text| !text.is_empty()),
            sms: self.capabilities.sms,
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct NumberRow {
    pub(super) sid: String,
    pub(super) phone_number: PhoneNumber,
    #[serde(default)]
    capabilities: Capabilities,
    #[serde(default)]
    pub(super) voice_url: Option<String>,
    #[serde(default)]
    pub(super) sms_url: Option<String>,
    #[serde(default)]
    pub(super) status_callback: Option<String>,
    #[serde(default)]
    voice_application_sid: Option<String>,
    #[serde(default)]
    sms_application_sid: Option<String>,
    #[serde(default)]
    trunk_sid: Option<String>,
}

impl NumberRow {
    pub(super) fn sms(&self) -> bool {
        self.capabilities.sms
    }

    /// Whether something else takes the number's calls or texts, whatever its addresses show.
    pub(super) fn is_taken_over(&self) -> bool {
        [&self.voice_application_sid, &self.sms_application_sid, &self.trunk_sid]
            .into_iter()
            .any(|sid| sid.as_deref().is_some_and(|sid| !sid.is_empty()))
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct LookupRow {
    #[serde(default)]
    pub(super) valid: Option<bool>,
    #[serde(default)]
    pub(super) line_type_intelligence: Option<LineTypeRow>,
}

#[derive(Debug, Deserialize)]
pub(super) struct LineTypeRow {
    #[serde(default, rename = "type")]
    pub(super) line_type: Option<String>,
}

/// An instant as this interface writes it, in the form of e-mail headers.
fn instant(text: Option<&str>) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text?)
        .ok()
        .map(|zoned| zoned.timestamp().into())
}

fn number(text: Option<&str>) -> Option<PhoneNumber> {
    PhoneNumber::parse(text?).ok()
}
