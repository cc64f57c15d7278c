//! Our events: made, found, moved and taken out.

use mccc_core::Timestamp;
use mccc_core::port::{ErrorKind, EventKey, EventLookup, NewEvent, PortError, RemoteEvent, Retry, TimeRange};
use mccc_core::zone::Zone;
use reqwest::{Method, header};
use serde_json::{Value, json};

use super::ADAPTER;
use super::api::query;
use super::error::unreadable;
use super::ids::event_id;
use super::reading::rfc3339;
use super::session::Session;
use super::wire::{APPOINTMENT, BUSINESS, EventRow, SOURCE};
use crate::http::{Call, Effect};
use crate::text::{html, line, plain};

/// Characters of a title or a place.
const LONGEST_LINE: usize = 500;
/// Characters of a description; Google takes 8,192 (help page "Event limits", read 2026-11).
const LONGEST_TEXT: usize = 6_000;
/// Characters of a property's value (guide "Extended properties", read 2026-11).
const LONGEST_PROPERTY: usize = 1_024;

const REMOVED: &str = "The event was removed from the calendar.";

impl Session {
    pub(super) async fn create(&self, event: &NewEvent) -> Result<RemoteEvent, PortError> {
        let invite = self.config.invite_customers && event.customer.email.is_some();
        let updates = if invite { "externalOnly" } else { "none" };
        let url = self.events_url(&event.calendar, &query(&[("sendUpdates", updates)]));
        let call = Call::with("create", Effect::Once, Method::POST, url, &body(event, invite));
        let answer = self.ask(&call, &[409]).await?;
        if answer.status != 409 {
            let row: EventRow = answer.json(ADAPTER, "create", Effect::Once)?;
            return row.remote().ok_or_else(|| unreadable("create", Effect::Once));
        }
        // An event of that identifier exists. The verdict is on whether ours does, which is unknown until it was read.
        match self.row(&event.key(), "create", Effect::Once).await? {
            Found::Row(row) if row.appointment() == Some(event.appointment) => {
                row.remote().ok_or_else(|| unreadable("create", Effect::Once))
            }
            Found::Row(_) => Err(conflict("create")),
            Found::Cancelled | Found::Gone => Err(conflict("create").with_reason(REMOVED)),
            // It was there a moment ago.
            Found::Absent => Err(PortError::new(
                ADAPTER,
                "create",
                ErrorKind::Unavailable,
                Retry::Unknown,
            )),
        }
    }

    pub(super) async fn event(&self, key: &EventKey) -> Result<EventLookup, PortError> {
        Ok(match self.row(key, "event", Effect::Repeatable).await? {
            Found::Row(row) => {
                let event = row.remote().ok_or_else(|| unreadable("event", Effect::Repeatable))?;
                EventLookup::There(event)
            }
            Found::Cancelled | Found::Gone => EventLookup::Gone,
            Found::Absent => EventLookup::Absent,
        })
    }

    pub(super) async fn move_event(
        &self,
        key: &EventKey,
        to: TimeRange,
        etag: Option<&str>,
    ) -> Result<RemoteEvent, PortError> {
        let url = self.event_url(&key.calendar, &identifier(key), &query(&[("sendUpdates", "none")]));
        // What is not sent stays: the zone of the event, for one. A date would be one too many, should the contractor
        // have made whole days of it.
        let moment = |at: Timestamp| json!({ "dateTime": rfc3339(at), "date": null });
        let body = json!({ "start": moment(to.start), "end": moment(to.end) });
        let mut call = Call::with("move_event", Effect::Once, Method::PATCH, url, &body);
        if let Some(etag) = etag {
            call = call.header(header::IF_MATCH.as_str(), etag);
        }
        let answer = self.ask(&call, &[]).await?;
        let row: EventRow = answer.json(ADAPTER, "move_event", Effect::Once)?;
        if row.is_cancelled() {
            return Err(PortError::new(ADAPTER, "move_event", ErrorKind::NotFound, Retry::Never).with_reason(REMOVED));
        }
        row.remote().ok_or_else(|| unreadable("move_event", Effect::Once))
    }

    pub(super) async fn cancel(&self, key: &EventKey) -> Result<(), PortError> {
        let url = self.event_url(&key.calendar, &identifier(key), &query(&[("sendUpdates", "none")]));
        match self.ask(&Call::delete("cancel", url), &[404, 410]).await?.status {
            204 | 404 | 410 => Ok(()),
            // Some page in between, which says nothing about the event.
            _ => Err(unreadable("cancel", Effect::Repeatable)),
        }
    }

    async fn row(&self, key: &EventKey, operation: &'static str, effect: Effect) -> Result<Found, PortError> {
        let url = self.event_url(&key.calendar, &identifier(key), "");
        let call = Call {
            effect,
            ..Call::get(operation, url)
        };
        let answer = self.ask(&call, &[404, 410]).await;
        let answer = match answer {
            Ok(answer) => answer,
            // A refusal of the look is no refusal of what is looked for.
            Err(error) if effect == Effect::Once && error.retry() == Retry::Backoff => {
                return Err(PortError::new(ADAPTER, operation, error.kind(), Retry::Unknown).with_source(error));
            }
            Err(error) => return Err(error),
        };
        match answer.status {
            404 => Ok(Found::Absent),
            410 => Ok(Found::Gone),
            _ => {
                let row: EventRow = answer.json(ADAPTER, operation, effect)?;
                Ok(if row.is_cancelled() {
                    Found::Cancelled
                } else {
                    Found::Row(Box::new(row))
                })
            }
        }
    }
}

/// What is behind an identifier.
enum Found {
    Row(Box<EventRow>),
    /// Removed; Google still shows it, and its identifier cannot be used again.
    Cancelled,
    Gone,
    Absent,
}

fn conflict(operation: &'static str) -> PortError {
    PortError::new(ADAPTER, operation, ErrorKind::Conflict, Retry::Never)
}

fn identifier(key: &EventKey) -> String {
    key.provider_event
        .clone()
        .unwrap_or_else(|| event_id(key.appointment, key.attempt))
}

/// The event as Google takes it. Whatever a caller said is text: a description is markup there.
#[expect(
    clippy::indexing_slicing,
    reason = "a member of a JSON object is set; it cannot be out of bounds"
)]
fn body(event: &NewEvent, invite: bool) -> Value {
    let mut body = json!({
        "id": event_id(event.appointment, event.attempt),
        "summary": line(&event.title, LONGEST_LINE),
        "description": html(&plain(&event.details(), LONGEST_TEXT)),
        "start": moment(event.range.start, &event.zone),
        "end": moment(event.range.end, &event.zone),
        "status": "confirmed",
        "transparency": "opaque",
        "reminders": { "useDefault": false, "overrides": [{ "method": "popup", "minutes": 60 }] },
        "guestsCanSeeOtherGuests": false,
        "guestsCanInviteOthers": false,
        "extendedProperties": { "private": {
            APPOINTMENT: event.appointment,
            BUSINESS: event.business,
            SOURCE: line(&event.source, LONGEST_PROPERTY),
        } },
    });
    if let Some(place) = &event.location {
        body["location"] = Value::from(line(place, LONGEST_LINE));
    }
    if let (true, Some(email)) = (invite, &event.customer.email) {
        body["attendees"] = json!([{
            "email": email, "displayName": event.customer.name, "responseStatus": "needsAction",
        }]);
    }
    body
}

/// An instant with its offset and the zone: a local time alone would mean two instants on some nights.
fn moment(at: Timestamp, zone: &Zone) -> Value {
    json!({ "dateTime": zone.to_local(at).to_string(), "timeZone": zone.name() })
}

#[cfg(test)]
mod tests {
    use mccc_core::port::Customer;
    use mccc_core::{AppointmentId, BusinessId, PhoneNumber};
    use std::time::Duration;

    use super::*;

    fn event(start: &str) -> NewEvent {
        NewEvent {
            calendar: "mike@example.com".to_owned(),
            appointment: AppointmentId::derive(Timestamp::from_seconds(1), "a"),
            attempt: 0,
            business: BusinessId::derive(Timestamp::from_seconds(1), "b"),
            range: TimeRange::of(Timestamp::parse(start).unwrap(), Duration::from_secs(3_600)),
            zone: Zone::parse("America/New_York").unwrap(),
            title: "Leak\r\nX-EVIL:1".to_owned(),
            location: None,
            customer: Customer {
                name: Some("<img src=x onerror=alert(1)>".to_owned()),
                phone: Some(PhoneNumber::parse("+15122000001").unwrap()),
                email: Some("jo@example.com".to_owned()),
            },
            issue: Some("a & b".to_owned()),
            source: "Missed Call - Text".to_owned(),
        }
    }

    #[test]
    fn the_repeated_hour_is_told_apart() {
        let start = |at| body(&event(at), false)["start"].clone();
        assert_eq!(
            start("2026-11-01T05:30:00Z"),
            json!({ "dateTime": "2026-11-01T01:30:00-04:00", "timeZone": "America/New_York" })
        );
        assert_eq!(start("2026-11-01T06:30:00Z")["dateTime"], "2026-11-01T01:30:00-05:00");
    }

    #[test]
    fn what_a_caller_says_stays_text() {
        let body = body(&event("2026-11-02T15:00:00Z"), false);
        assert_eq!(body["summary"], "Leak X-EVIL:1");
        assert_eq!(
            body["description"],
            "Customer: &lt;img src=x onerror=alert(1)&gt;\nPhone: +15122000001\nE-mail: jo@example.com\n\
             Issue: a &amp; b\nSource: Missed Call - Text"
        );
        assert!(body.get("attendees").is_none() && body.get("location").is_none());
    }

    #[test]
    fn a_customer_is_invited_only_when_the_business_wants_it() {
        assert_eq!(
            body(&event("2026-11-02T15:00:00Z"), true)["attendees"][0]["email"],
            "jo@example.com"
        );
    }
}
