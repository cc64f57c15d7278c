//! The event that stands for an appointment: how it is found, and what it says.

use std::sync::Arc;

use crate::Timestamp;
use crate::appointments::{Appointment, AppointmentSource, CalendarEvent};
use crate::business::Owner;
use crate::port::{CalendarProvider, Customer, EventKey, EventState, NewEvent, RemoteEvent, TimeRange};

use super::Written;

pub(in crate::center) fn event_key(
    owner: &Owner,
    row: &Appointment,
    at: Timestamp,
    provider: &Arc<dyn CalendarProvider>,
) -> EventKey {
    EventKey {
        calendar: calendar_of(owner, row, provider),
        appointment: row.id,
        attempt: row.calendar_attempt,
        provider_event: event_there(row, provider).map(|event| event.event.clone()),
        range: TimeRange::of(at, Appointment::length(row.duration_minutes)),
    }
}

/// The appointment's event, if it is one of this service.
pub(super) fn event_there<'a>(row: &'a Appointment, provider: &Arc<dyn CalendarProvider>) -> Option<&'a CalendarEvent> {
    row.event.as_ref().filter(|event| event.provider == provider.name())
}

/// The calendar the event is in; the one that is booked today for an event that is still to be written.
fn calendar_of(owner: &Owner, row: &Appointment, provider: &Arc<dyn CalendarProvider>) -> String {
    let written = event_there(row, provider).map(|event| event.calendar.clone());
    written.unwrap_or_else(|| owner.settings.calendar.booked.clone())
}

pub(super) fn new_event(
    owner: &Owner,
    row: &Appointment,
    at: Timestamp,
    provider: &Arc<dyn CalendarProvider>,
) -> NewEvent {
    let service = row.service.as_deref().unwrap_or("Appointment");
    NewEvent {
        calendar: calendar_of(owner, row, provider),
        appointment: row.id,
        attempt: row.calendar_attempt,
        business: owner.business,
        range: TimeRange::of(at, Appointment::length(row.duration_minutes)),
        zone: owner.zone().clone(),
        title: format!("{service}: {}", row.customer.name),
        location: row.location.clone(),
        customer: Customer {
            name: Some(row.customer.name.clone()).filter(|name| !name.is_empty()),
            phone: row.customer.phone,
            email: row.customer.email.clone(),
        },
        issue: row.notes.clone().or_else(|| row.service.clone()),
        source: source_of(row).to_owned(),
    }
}

const fn source_of(row: &Appointment) -> &'static str {
    match row.source {
        AppointmentSource::AiVoice => "Missed Call - Voice",
        AppointmentSource::SmsReply => "Missed Call - Text",
        AppointmentSource::Manual => "Booked by hand",
        AppointmentSource::WebBooking => "Booked on the web",
    }
}

/// What is written: an event that stands, or one that the contractor still has to accept.
pub(super) fn written(
    owner: &Owner,
    row: &Appointment,
    provider: &Arc<dyn CalendarProvider>,
    remote: RemoteEvent,
) -> Written {
    let (state, when) = (remote.state, remote.when);
    let event = (event_of(owner, row, provider, remote), when);
    match state {
        EventState::Confirmed => Written::Yes(Some(event)),
        EventState::Pending => Written::Requested(event),
    }
}

fn event_of(
    owner: &Owner,
    row: &Appointment,
    provider: &Arc<dyn CalendarProvider>,
    remote: RemoteEvent,
) -> CalendarEvent {
    CalendarEvent {
        provider: provider.name().to_owned(),
        calendar: calendar_of(owner, row, provider),
        event: remote.provider_event,
        etag: remote.etag,
        link: remote.link,
    }
}
