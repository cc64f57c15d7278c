//! The customer's own word that an appointment stands.

use super::news::updated;
use super::{Appointment, AppointmentStatus};
use crate::Timestamp;
use crate::port::store::{Change, Commit};

/// Confirms an appointment on the customer's word. Nothing for one that is confirmed already or not ahead.
#[must_use]
pub fn confirm(row: &Appointment, now: Timestamp) -> Option<(Appointment, Commit)> {
    match row.status {
        AppointmentStatus::Scheduled => {}
        AppointmentStatus::Held
        | AppointmentStatus::Confirmed
        | AppointmentStatus::Completed
        | AppointmentStatus::Cancelled
        | AppointmentStatus::NoShow
        | AppointmentStatus::Rescheduled => return None,
    }
    let after = Appointment {
        version: row.version.saturating_add(1),
        status: AppointmentStatus::Confirmed,
        confirmed_at: Some(now),
        ..row.clone()
    };
    let mut commit = Commit::new(row.business, now);
    commit.changes = vec![
        Change::PutAppointment(Box::new(after.clone())),
        Change::Feed(updated(&after, "confirmed", now)),
    ];
    Some((after, commit))
}
