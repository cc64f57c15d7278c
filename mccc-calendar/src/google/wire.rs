//! Google's JSON, as far as it is used. Fields that are missing or new change nothing, except for those that say what an
//! answer is: without them an empty object, or an error in the clothes of a success, would be an empty calendar.

use std::collections::BTreeMap;

use mccc_core::port::{BusyReason, EventState, RemoteEvent, TimeRange, When};
use mccc_core::zone::LocalDay;
use mccc_core::{AppointmentId, Timestamp};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::ids::appointment_of;

/// The private property that says which appointment an event is.
pub(super) const APPOINTMENT: &str = "mccc_appointment";
/// The private property that says whose it is.
pub(super) const BUSINESS: &str = "mccc_business";
/// The private property that says how it came about.
pub(super) const SOURCE: &str = "mccc_source";

/// The fields of an event that are asked for in lists.
pub(super) const FIELDS: &str = "kind,items(id,status,summary,visibility,transparency,eventType,start,end,etag,\
                                 attendees(self,responseStatus),extendedProperties/private),\
                                 nextPageToken,nextSyncToken";

/// What a page of calendars calls itself.
#[derive(Debug, Deserialize)]
enum CalendarsKind {
    #[serde(rename = "calendar#calendarList")]
    Calendars,
}

/// What a page of events calls itself.
#[derive(Debug, Deserialize)]
enum EventsKind {
    #[serde(rename = "calendar#events")]
    Events,
}

/// What an answer about times calls itself.
#[derive(Debug, Deserialize)]
enum FreeBusyKind {
    #[serde(rename = "calendar#freeBusy")]
    FreeBusy,
}

/// A member that no answer of success has.
#[derive(Debug, Default)]
struct NoError;

impl<'de> Deserialize<'de> for NoError {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom("a success holds an error"))
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct CalendarRow {
    pub(super) id: String,
    #[serde(default)]
    pub(super) summary: String,
    #[serde(default)]
    pub(super) description: Option<String>,
    #[serde(default, rename = "summaryOverride")]
    pub(super) own_name: Option<String>,
    #[serde(default)]
    pub(super) primary: bool,
    #[serde(default, rename = "accessRole")]
    pub(super) role: String,
    #[serde(default, rename = "timeZone")]
    pub(super) zone: Option<String>,
    #[serde(default)]
    pub(super) deleted: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct CalendarPage {
    #[serde(rename = "kind")]
    _kind: CalendarsKind,
    #[serde(default, rename = "error")]
    _error: NoError,
    pub(super) items: Vec<CalendarRow>,
    #[serde(default, rename = "nextPageToken")]
    pub(super) next: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct EventPage {
    #[serde(rename = "kind")]
    _kind: EventsKind,
    #[serde(default, rename = "error")]
    _error: NoError,
    pub(super) items: Vec<EventRow>,
    #[serde(default, rename = "nextPageToken")]
    pub(super) next: Option<String>,
    #[serde(default, rename = "nextSyncToken")]
    pub(super) sync: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EventRow {
    pub(super) id: String,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    summary: Option<String>,
    #[serde(default)]
    visibility: Option<String>,
    #[serde(default)]
    transparency: Option<String>,
    #[serde(default)]
    event_type: Option<String>,
    #[serde(default)]
    start: Option<Moment>,
    #[serde(default)]
    end: Option<Moment>,
    #[serde(default)]
    pub(super) etag: Option<String>,
    #[serde(default)]
    html_link: Option<String>,
    #[serde(default)]
    attendees: Vec<Attendee>,
    #[serde(default)]
    extended_properties: Option<Properties>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Moment {
    #[serde(default)]
    date: Option<LocalDay>,
    #[serde(default)]
    date_time: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attendee {
    #[serde(default, rename = "self")]
    own: bool,
    #[serde(default)]
    response_status: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Properties {
    #[serde(default)]
    private: BTreeMap<String, String>,
}

/// What an event does to the time it takes place in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Blocks(BusyReason),
    /// Whole days that are marked as free.
    FreeDays,
    Nothing,
}

impl EventRow {
    pub(super) fn is_cancelled(&self) -> bool {
        self.status.as_deref() == Some("cancelled")
    }

    /// Which of our appointments it is. A deleted event may have lost everything but its identifier.
    pub(super) fn appointment(&self) -> Option<AppointmentId> {
        let properties = self.extended_properties.as_ref();
        let named = properties.and_then(|properties| properties.private.get(APPOINTMENT));
        match named {
            Some(text) => text.parse().ok(),
            None => appointment_of(&self.id),
        }
    }

    /// When it takes place; nothing when that is not told as the documentation promises.
    pub(super) fn when(&self) -> Option<When> {
        let (start, end) = (self.start.as_ref()?, self.end.as_ref()?);
        match (start.date_time, end.date_time, start.date, end.date) {
            (Some(start), Some(end), _, _) => Some(When::Instants(TimeRange { start, end })),
            (None, None, Some(first), Some(until)) => Some(When::Days { first, until }),
            _ => None,
        }
    }

    /// Whether it blocks. Google's rules: an absent `transparency` is opaque; what one declined, and where or whose
    /// birthday it is, takes no time; unknown types do.
    pub(super) fn effect(&self) -> Effect {
        let own = self.attendees.iter().find(|attendee| attendee.own);
        let response = own.and_then(|own| own.response_status.as_deref());
        let kind = self.event_type.as_deref().unwrap_or("default");
        let whole_days = self.start.as_ref().is_some_and(|start| start.date.is_some());
        if self.is_cancelled() || response == Some("declined") || matches!(kind, "workingLocation" | "birthday") {
            return Effect::Nothing;
        }
        if self.transparency.as_deref() == Some("transparent") {
            return if whole_days { Effect::FreeDays } else { Effect::Nothing };
        }
        Effect::Blocks(if self.appointment().is_some() {
            BusyReason::Appointment
        } else if self.status.as_deref() == Some("tentative") || matches!(response, Some("needsAction" | "tentative")) {
            BusyReason::Tentative
        } else {
            match kind {
                "outOfOffice" => BusyReason::OutOfOffice,
                "focusTime" => BusyReason::Focus,
                _ if self.summary.is_none() && self.visibility.as_deref() == Some("private") => BusyReason::Times,
                _ => BusyReason::Event,
            }
        })
    }

    pub(super) fn title(&self) -> Option<String> {
        self.summary.clone().filter(|title| !title.is_empty())
    }

    pub(super) fn remote(self) -> Option<RemoteEvent> {
        Some(RemoteEvent {
            when: self.when()?,
            provider_event: self.id,
            state: EventState::Confirmed,
            etag: self.etag,
            link: self.html_link,
        })
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct FreeBusy {
    #[serde(rename = "kind")]
    _kind: FreeBusyKind,
    #[serde(default, rename = "error")]
    _error: NoError,
    pub(super) calendars: BTreeMap<String, FreeBusyCalendar>,
}

#[derive(Debug, Deserialize)]
pub(super) struct FreeBusyCalendar {
    #[serde(default)]
    pub(super) errors: Vec<FreeBusyError>,
    /// Absent is no answer.
    #[serde(default)]
    pub(super) busy: Option<Vec<TimeRange>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct FreeBusyError {
    #[serde(default)]
    pub(super) reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChannelRow {
    pub(super) id: String,
    pub(super) resource_id: String,
    /// Milliseconds since 1970, as text.
    #[serde(default)]
    pub(super) expiration: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(json: &str) -> EventRow {
        serde_json::from_str(json).unwrap()
    }

    fn timed(rest: &str) -> EventRow {
        row(&format!(
            r#"{{"id":"x","etag":"\"1\"","kind":"calendar#event","start":{{"dateTime":"2027-06-08T09:00:00-05:00",
            "timeZone":"America/Chicago"}},"end":{{"dateTime":"2027-06-08T15:00:00Z"}},"newField":[1]{rest}}}"#
        ))
    }

    #[test]
    fn what_is_missing_means_an_opaque_event_with_nobody_invited() {
        let event = timed("");
        assert_eq!(event.effect(), Effect::Blocks(BusyReason::Event));
        let when = When::Instants(TimeRange {
            start: Timestamp::parse("2027-06-08T14:00:00Z").unwrap(),
            end: Timestamp::parse("2027-06-08T15:00:00Z").unwrap(),
        });
        assert_eq!(event.when(), Some(when));
    }

    #[test]
    fn what_takes_no_time_does_not_block() {
        for rest in [
            r#","status":"cancelled""#,
            r#","transparency":"transparent""#,
            r#","attendees":[{"email":"a"},{"self":true,"responseStatus":"declined"}]"#,
            r#","eventType":"workingLocation""#,
            r#","eventType":"birthday""#,
        ] {
            assert_eq!(timed(rest).effect(), Effect::Nothing, "{rest}");
        }
    }

    #[test]
    fn everything_else_blocks_and_says_why() {
        for (rest, reason) in [
            (r#","status":"tentative""#, BusyReason::Tentative),
            (
                r#","attendees":[{"self":true,"responseStatus":"needsAction"}]"#,
                BusyReason::Tentative,
            ),
            (
                r#","attendees":[{"self":true,"responseStatus":"accepted"},{"responseStatus":"declined"}]"#,
                BusyReason::Event,
            ),
            (r#","eventType":"outOfOffice""#, BusyReason::OutOfOffice),
            (r#","eventType":"focusTime""#, BusyReason::Focus),
            (r#","eventType":"teleportation""#, BusyReason::Event),
            (r#","visibility":"private""#, BusyReason::Times),
            (r#","visibility":"private","summary":"Dentist""#, BusyReason::Event),
            (
                r#","extendedProperties":{"private":{"mccc_appointment":"appt_018f2d3c4b5a69788796a5b4c3d2e1f0"}}"#,
                BusyReason::Appointment,
            ),
        ] {
            assert_eq!(timed(rest).effect(), Effect::Blocks(reason), "{rest}");
        }
    }

    #[test]
    fn free_whole_days_are_told_apart() {
        let days = r#"{"id":"v","start":{"date":"2027-06-10"},"end":{"date":"2027-06-12"},"summary":"Vacation""#;
        assert_eq!(row(&format!("{days}}}")).effect(), Effect::Blocks(BusyReason::Event));
        assert_eq!(
            row(&format!(r#"{days},"transparency":"transparent"}}"#)).effect(),
            Effect::FreeDays
        );
        let when = When::Days {
            first: "2027-06-10".parse().unwrap(),
            until: "2027-06-12".parse().unwrap(),
        };
        assert_eq!(row(&format!("{days}}}")).when(), Some(when));
    }

    #[test]
    fn a_removed_instance_has_no_time_and_keeps_its_owner() {
        let bare = row(r#"{"id":"mccc018f2d3c4b5a69788796a5b4c3d2e1f0","status":"cancelled","recurringEventId":"s"}"#);
        assert!(bare.is_cancelled() && bare.when().is_none() && bare.appointment().is_some());
        assert!(serde_json::from_str::<EventRow>(r#"{"id":"x","start":{"dateTime":"2027-06-08T09:00:00"}}"#).is_err());
    }
}
