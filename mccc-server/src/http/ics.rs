//! Calendars to take along: the file of one appointment for its customer, and the feed of a business for its own people.
//!
//! Nobody signs in here: the address is the proof. The file of an appointment ends a day after the appointment; the
//! address of a feed ends when the business says so.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use mccc_calendar::ics::write::{IcsBlock, IcsEvent, IcsStatus, Organizer, feed, invitation};
use mccc_core::Timestamp;
use mccc_core::appointments::{Appointment, AppointmentStatus, BlockedTime, Span};
use mccc_core::business::Owner;
use mccc_core::port::{TimeRange, When};

use super::problem::Problem;
use super::state::Api;
use crate::calendars::links::{appointment_of, feed_of};

/// How long after its end the file of an appointment can still be had.
const AFTER: Duration = Duration::from_secs(24 * 3_600);
/// How far back a feed reaches.
const BACK: Duration = Duration::from_secs(30 * 24 * 3_600);
/// How far ahead.
const AHEAD: Duration = Duration::from_secs(400 * 24 * 3_600);
/// The file of one appointment, for its customer. One that was called off says so, so that it leaves their calendar.
pub(super) async fn appointment(State(api): State<Api>, Path(file): Path<String>) -> Result<Response, Problem> {
    let found = appointment_of(&api.app.keys, &file);
    let (business, appointment) = found.ok_or_else(Problem::not_found)?;
    let center = &api.app.center;
    let owner = center.business(business).await?;
    let row = center.ports().store.appointment(business, appointment).await?;
    let now = api.app.clock.now();
    let row = row.filter(|row| row.status != AppointmentStatus::Held && row.ends_at().plus(AFTER) > now);
    let row = row.ok_or_else(Problem::not_found)?;
    let profile = &owner.settings.profile;
    let service = row.service.as_deref().unwrap_or("Appointment");
    let event = IcsEvent {
        title: format!("{service}: {}", profile.name),
        description: profile
            .business_phone
            .map(|phone| format!("Phone: {}", phone.national())),
        ..event(&api, &owner, &row, now)
    };
    Ok(calendar(invitation(&event), "appointment.ics"))
}

/// The feed of a business, for its own people.
pub(super) async fn subscribed(State(api): State<Api>, Path(file): Path<String>) -> Result<Response, Problem> {
    let (business, number) = feed_of(&api.app.keys, &file).ok_or_else(Problem::not_found)?;
    let center = &api.app.center;
    let owner = center.business(business).await?;
    let current = owner.settings.calendar.feed;
    if !current.open || current.number != number {
        return Err(Problem::not_found());
    }
    let now = api.app.clock.now();
    let store = &center.ports().store;
    let bookings = store.bookings(business, now.minus(BACK), now.plus(AHEAD)).await?;
    let shown = bookings.appointments.iter().filter(|row| row.counts_at(now));
    let events: Vec<IcsEvent> = shown.map(|row| event(&api, &owner, row, now)).collect();
    let blocks: Vec<IcsBlock> = bookings
        .blocked_times
        .iter()
        .map(|time| block(&api, time, now))
        .collect();
    Ok(calendar(
        feed(&owner.settings.profile.name, &events, &blocks),
        "appointments.ics",
    ))
}

fn event(api: &Api, owner: &Owner, row: &Appointment, now: Timestamp) -> IcsEvent {
    let profile = &owner.settings.profile;
    let service = row.service.as_deref().unwrap_or("Appointment");
    let customer = &row.customer;
    let mut lines = Vec::new();
    lines.extend(customer.phone.map(|phone| format!("Phone: {phone}")));
    lines.extend(customer.email.as_ref().map(|email| format!("E-mail: {email}")));
    lines.extend(row.notes.clone());
    let domain = domain(api);
    IcsEvent {
        appointment: row.id,
        range: TimeRange {
            start: row.starts_at,
            end: row.ends_at(),
        },
        written_at: now,
        sequence: row.version,
        status: match row.status {
            AppointmentStatus::Held => IcsStatus::Tentative,
            AppointmentStatus::Scheduled | AppointmentStatus::Confirmed | AppointmentStatus::Completed => {
                IcsStatus::Confirmed
            }
            AppointmentStatus::Cancelled | AppointmentStatus::NoShow | AppointmentStatus::Rescheduled => {
                IcsStatus::Cancelled
            }
        },
        title: format!("{service}: {}", customer.name),
        description: (!lines.is_empty()).then(|| lines.join("\n")),
        location: row.location.clone(),
        organizer: Some(Organizer {
            name: profile.name.clone(),
            email: profile.email.clone().unwrap_or_else(|| format!("calendar@{domain}")),
        }),
        domain,
    }
}

fn block(api: &Api, time: &BlockedTime, now: Timestamp) -> IcsBlock {
    IcsBlock {
        name: time.id.to_string(),
        domain: domain(api),
        when: match time.span {
            Span::Instants { from, until } => When::Instants(TimeRange {
                start: from,
                end: until,
            }),
            Span::Days { from, until } => When::Days { first: from, until },
        },
        written_at: now,
        title: time.title.clone(),
    }
}

/// The host of the public address, which makes identifiers unique in the world.
fn domain(api: &Api) -> String {
    let url = &api.app.facts.public_url;
    let host = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    host.split(['/', ':']).next().unwrap_or_default().to_owned()
}

fn calendar(text: String, name: &'static str) -> Response {
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/calendar; charset=utf-8"),
    );
    let disposition = HeaderValue::try_from(format!("inline; filename=\"{name}\""));
    headers.insert(
        header::CONTENT_DISPOSITION,
        disposition.unwrap_or(HeaderValue::from_static("inline")),
    );
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    response
}
