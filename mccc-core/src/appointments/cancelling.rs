//! Calling an appointment off: the time is free at once, the calendar follows.

use super::booking::{removable_at, remove_event};
use super::news::called_off;
use super::{Appointment, AppointmentStatus, CancelledBy};
use crate::Timestamp;
use crate::port::store::{Change, Commit};

/// Who calls off, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallOff<'a> {
    /// Who.
    pub by: CancelledBy,
    /// Why, in plain words.
    pub reason: Option<&'a str>,
}

/// Calls an appointment off. Nothing for one that is over or off already: doing it twice changes nothing.
#[must_use]
pub fn call_off(row: &Appointment, off: CallOff<'_>, now: Timestamp) -> Option<(Appointment, Commit)> {
    match row.status {
        AppointmentStatus::Held | AppointmentStatus::Scheduled | AppointmentStatus::Confirmed => {}
        AppointmentStatus::Completed
        | AppointmentStatus::Cancelled
        | AppointmentStatus::NoShow
        | AppointmentStatus::Rescheduled => return None,
    }
    let after = Appointment {
        version: row.version.saturating_add(1),
        status: AppointmentStatus::Cancelled,
        held_until: None,
        moving_to: None,
        cancelled_at: Some(now),
        cancelled_by: Some(off.by),
        cancellation_reason: off.reason.map(str::to_owned),
        ..row.clone()
    };
    let mut commit = Commit::new(row.business, now);
    commit.changes = vec![
        Change::SetBlocks {
            appointment: row.id,
            blocks: Vec::new(),
        },
        Change::PutAppointment(Box::new(after.clone())),
        Change::Feed(called_off(&after, off.reason, now)),
        remove_event(row, removable_at(row, now)),
    ];
    Some((after, commit))
}
