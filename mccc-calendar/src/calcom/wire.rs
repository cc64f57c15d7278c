//! Cal.com's JSON, as far as it is used. Fields that are missing or new change nothing.

use std::collections::BTreeMap;

use mccc_core::Timestamp;
use mccc_core::port::{EventKey, EventState, RemoteEvent, TimeRange, When};
use serde::Deserialize;

/// The metadata that says which appointment a booking is.
pub(super) const APPOINTMENT: &str = "mccc_appointment";
/// The metadata that says which attempt of it.
pub(super) const ATTEMPT: &str = "mccc_attempt";
/// The metadata that says whose it is.
pub(super) const BUSINESS: &str = "mccc_business";
/// The metadata that says how it came about.
pub(super) const SOURCE: &str = "mccc_source";

/// Every answer; anything but `success` is none.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope<T> {
    pub(super) status: String,
    pub(super) data: T,
    #[serde(default)]
    pub(super) pagination: Option<Pagination>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pagination {
    #[serde(default)]
    pub(super) has_next_page: bool,
}

/// Free times by local day. Days without any are absent.
pub(super) type SlotDays = BTreeMap<String, Vec<TimeRange>>;

#[derive(Debug, Deserialize)]
pub(super) struct EventTypeRow {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) title: String,
    #[serde(default, rename = "lengthInMinutes")]
    pub(super) minutes: Option<u16>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BookingRow {
    pub(super) uid: String,
    pub(super) status: String,
    start: Timestamp,
    end: Timestamp,
    #[serde(default)]
    metadata: Option<BTreeMap<String, serde_json::Value>>,
    #[serde(default)]
    rescheduled_to_uid: Option<String>,
}

/// Whether a booking stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Confirmed,
    Pending,
    Off,
}

impl BookingRow {
    pub(super) fn standing(&self) -> Standing {
        match self.status.as_str() {
            "accepted" => Standing::Confirmed,
            "cancelled" | "rejected" => Standing::Off,
            // A word that nobody knows yet is neither a success nor a failure.
            _ => Standing::Pending,
        }
    }

    /// The booking that it was moved to.
    pub(super) fn moved_to(&self) -> Option<&str> {
        self.rescheduled_to_uid
            .as_deref()
            .filter(|uid| !uid.is_empty() && *uid != self.uid)
    }

    pub(super) fn is_of(&self, key: &EventKey) -> bool {
        let text = |name| {
            let value = self.metadata.as_ref().and_then(|metadata| metadata.get(name));
            value.and_then(serde_json::Value::as_str).unwrap_or_default()
        };
        text(APPOINTMENT) == key.appointment.to_string() && text(ATTEMPT) == key.attempt.to_string()
    }

    pub(super) fn range(&self) -> TimeRange {
        TimeRange {
            start: self.start,
            end: self.end,
        }
    }

    pub(super) fn remote(self) -> RemoteEvent {
        RemoteEvent {
            when: When::Instants(self.range()),
            state: match self.standing() {
                Standing::Confirmed => EventState::Confirmed,
                Standing::Pending | Standing::Off => EventState::Pending,
            },
            link: None,
            etag: None,
            provider_event: self.uid,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn booking(rest: &str) -> BookingRow {
        let text = format!(
            r#"{{"id":1,"uid":"u1","start":"2026-11-24T15:00:00.000Z","end":"2026-11-24T16:00:00Z","hosts":[]{rest}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_word_that_nobody_knows_is_neither_yes_nor_no() {
        for (status, standing) in [
            ("accepted", Standing::Confirmed),
            ("pending", Standing::Pending),
            ("awaiting_host", Standing::Pending),
            ("teleported", Standing::Pending),
            ("cancelled", Standing::Off),
            ("rejected", Standing::Off),
        ] {
            assert_eq!(
                booking(&format!(r#","status":"{status}""#)).standing(),
                standing,
                "{status}"
            );
        }
    }

    #[test]
    fn a_booking_without_our_mark_is_not_ours() {
        let appointment = mccc_core::AppointmentId::derive(Timestamp::UNIX_EPOCH, "x");
        let key = EventKey {
            calendar: "7".to_owned(),
            appointment,
            attempt: 0,
            provider_event: None,
            range: booking(r#","status":"accepted""#).range(),
        };
        let ours =
            format!(r#","status":"accepted","metadata":{{"mccc_appointment":"{appointment}","mccc_attempt":"0"}}"#);
        assert!(booking(&ours).is_of(&key));
        for rest in [
            r#","metadata":{}"#,
            r#","metadata":null"#,
            r#","metadata":{"mccc_appointment":7}"#,
            "",
        ] {
            assert!(
                !booking(&format!(r#","status":"accepted"{rest}"#)).is_of(&key),
                "{rest}"
            );
        }
    }

    #[test]
    fn the_form_of_an_older_version_is_no_answer() {
        let old = r#"{"status":"success","data":{"slots":{"2026-11-24":[{"time":"2026-11-24T15:00:00Z"}]}}}"#;
        assert!(serde_json::from_str::<Envelope<SlotDays>>(old).is_err());
        let starts = r#"{"status":"success","data":{"2026-11-24":[{"start":"2026-11-24T15:00:00Z"}]}}"#;
        assert!(serde_json::from_str::<Envelope<SlotDays>>(starts).is_err());
    }
}
