//! What is told of an appointment: to the feed, and when to remind of it.

use std::time::Duration;

use super::{Appointment, AppointmentSource};
use crate::business::Owner;
use crate::jobs::Job;
use crate::port::store::{Change, FeedEvent, FeedKind, NewJob};
use crate::{JobId, Timestamp};

/// How a booking came about, in the words of the event log.
const fn source(row: &Appointment) -> &'static str {
    match row.source {
        AppointmentSource::AiVoice => "voice",
        AppointmentSource::SmsReply => "text",
        AppointmentSource::Manual => "manual",
        AppointmentSource::WebBooking => "web",
    }
}

fn entry(kind: FeedKind, row: &Appointment, now: Timestamp, data: serde_json::Value) -> FeedEvent {
    FeedEvent {
        kind,
        at: now,
        call: row.call,
        conversation: row.conversation,
        message: None,
        data,
    }
}

pub(super) fn booked(row: &Appointment, now: Timestamp) -> FeedEvent {
    let data = serde_json::json!({
        "appointment_id": row.id, "conversation_id": row.conversation, "caller_phone": row.customer.phone,
        "customer_name": row.customer.name, "issue_description": row.service, "appointment_datetime": row.starts_at,
        "calendar_event_id": row.event.as_ref().map(|event| &event.event), "booking_source": source(row),
    });
    entry(FeedKind::AppointmentBooked, row, now, data)
}

pub(super) fn updated(row: &Appointment, what: &str, now: Timestamp) -> FeedEvent {
    let data = serde_json::json!({
        "appointment_id": row.id, "what": what, "appointment_datetime": row.starts_at, "status": row.status,
    });
    entry(FeedKind::AppointmentUpdated, row, now, data)
}

pub(super) fn called_off(row: &Appointment, reason: Option<&str>, now: Timestamp) -> FeedEvent {
    let data = serde_json::json!({
        "appointment_id": row.id, "appointment_datetime": row.starts_at, "cancelled_by": row.cancelled_by,
        "reason": reason,
    });
    entry(FeedKind::AppointmentCancelled, row, now, data)
}

/// The reminders that are still ahead. Each looks for itself, when it is due, whether the appointment still stands and
/// where.
#[must_use]
pub fn reminder_jobs(owner: &Owner, row: &Appointment, now: Timestamp) -> Vec<Change> {
    let Some(phone) = row.customer.phone else {
        return Vec::new();
    };
    owner
        .settings
        .reminders
        .minutes_before
        .iter()
        .map(|minutes| {
            (
                *minutes,
                row.starts_at.minus(Duration::from_secs(u64::from(*minutes) * 60)),
            )
        })
        .filter(|(_, due)| *due > now)
        .map(|(minutes_before, due)| {
            let dedupe = format!("{}/{}/{minutes_before}", row.id, row.starts_at.as_micros());
            Change::Enqueue(NewJob {
                id: JobId::derive(row.starts_at, &format!("remind/{dedupe}")),
                job: Job::Remind {
                    appointment: row.id,
                    minutes_before,
                    starts_at: row.starts_at,
                },
                subject: Some(phone),
                run_at: due,
                dedupe,
            })
        })
        .collect()
}
