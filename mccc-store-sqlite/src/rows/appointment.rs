//! Appointments.

use mccc_core::appointments::{
    Appointment, AppointmentSource, AppointmentStatus, CalendarEvent, CancelledBy, Customer,
};
use mccc_core::port::store::StoreError;
use sqlx::sqlite::SqliteRow;

use crate::columns::{Give, Statement, Take};

/// All columns, in the order of [`give`].
pub(crate) const COLUMNS: &str = "id, business_id, version, missed_call_id, conversation_id, customer_name, \
    customer_phone, customer_email, service_type, scheduled_at, duration_minutes, status, source, location, notes, \
    held_until, moving_to, calendar_provider, calendar_id, calendar_event_id, calendar_etag, calendar_link, \
    calendar_attempt, reminders, \
    confirmed_at, cancelled_at, cancelled_by, cancellation_reason, created_at";

pub(crate) fn give<'q>(statement: Statement<'q>, row: &Appointment) -> Statement<'q> {
    let event = row.event.as_ref();
    statement
        .id(row.id)
        .id(row.business)
        .number(row.version)
        .maybe_id(row.call)
        .maybe_id(row.conversation)
        .text(&row.customer.name)
        .maybe_phone(row.customer.phone.as_ref())
        .maybe_text(row.customer.email.as_deref())
        .maybe_text(row.service.as_deref())
        .time(row.starts_at)
        .number(row.duration_minutes)
        .text(row.status.name())
        .text(row.source.name())
        .maybe_text(row.location.as_deref())
        .maybe_text(row.notes.as_deref())
        .maybe_time(row.held_until)
        .maybe_time(row.moving_to)
        .maybe_text(event.map(|event| event.provider.as_str()))
        .maybe_text(event.map(|event| event.calendar.as_str()))
        .maybe_text(event.map(|event| event.event.as_str()))
        .maybe_text(event.and_then(|event| event.etag.as_deref()))
        .maybe_text(event.and_then(|event| event.link.as_deref()))
        .number(u32::from(row.calendar_attempt))
        .document(&row.reminders)
        .maybe_time(row.confirmed_at)
        .maybe_time(row.cancelled_at)
        .maybe_text(row.cancelled_by.map(CancelledBy::name))
        .maybe_text(row.cancellation_reason.as_deref())
        .time(row.created_at)
}

pub(crate) fn take(row: &SqliteRow) -> Result<Appointment, StoreError> {
    Ok(Appointment {
        id: row.id("id")?,
        business: row.id("business_id")?,
        version: row.number("version")?,
        call: row.maybe_id("missed_call_id")?,
        conversation: row.maybe_id("conversation_id")?,
        customer: Customer {
            name: Take::text(row, "customer_name")?,
            phone: row.maybe_phone("customer_phone")?,
            email: row.maybe_text("customer_email")?,
        },
        service: row.maybe_text("service_type")?,
        starts_at: row.time("scheduled_at")?,
        duration_minutes: row.number("duration_minutes")?,
        status: row.named("status", AppointmentStatus::from_name)?,
        source: row.named("source", AppointmentSource::from_name)?,
        location: row.maybe_text("location")?,
        notes: row.maybe_text("notes")?,
        held_until: row.maybe_time("held_until")?,
        moving_to: row.maybe_time("moving_to")?,
        event: match row.maybe_text("calendar_event_id")? {
            Some(event) => Some(CalendarEvent {
                provider: Take::text(row, "calendar_provider")?,
                calendar: Take::text(row, "calendar_id")?,
                event,
                etag: row.maybe_text("calendar_etag")?,
                link: row.maybe_text("calendar_link")?,
            }),
            None => None,
        },
        calendar_attempt: attempt(row.number("calendar_attempt")?)?,
        reminders: row.document("reminders")?,
        confirmed_at: row.maybe_time("confirmed_at")?,
        cancelled_at: row.maybe_time("cancelled_at")?,
        cancelled_by: row
            .maybe_text("cancelled_by")?
            .map(|name| {
                CancelledBy::from_name(&name).ok_or_else(|| StoreError::corrupt("cancelled_by", "an unknown name"))
            })
            .transpose()?,
        cancellation_reason: row.maybe_text("cancellation_reason")?,
        created_at: row.time("created_at")?,
    })
}

fn attempt(stored: u32) -> Result<u16, StoreError> {
    u16::try_from(stored).map_err(|error| StoreError::corrupt("calendar_attempt", error))
}
