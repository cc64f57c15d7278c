//! What became of an appointment once its time had come.

use serde::{Deserialize, Serialize};

use super::news::updated;
use super::{Appointment, AppointmentStatus};
use crate::Timestamp;
use crate::calls::named;
use crate::port::store::{Change, Commit};

named! {
    /// Whether the visit took place.
    Attendance {
        /// It took place.
        Completed = "completed",
        /// The customer was not there.
        NoShow = "no_show",
    }
}

impl Attendance {
    const fn status(self) -> AppointmentStatus {
        match self {
            Self::Completed => AppointmentStatus::Completed,
            Self::NoShow => AppointmentStatus::NoShow,
        }
    }
}

/// Why it cannot be said of an appointment whether it took place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub enum AttendanceError {
    /// It lies ahead.
    Ahead,
    /// It is being moved to another time.
    Moving,
    /// It was never booked, or was called off.
    Off,
}

impl AttendanceError {
    /// Why, in plain words.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Ahead => "this appointment has not begun yet",
            Self::Moving => "this appointment is being moved; try again in a minute",
            Self::Off => "this appointment was called off",
        }
    }
}

/// Writes down whether a visit took place, or corrects what was written down. Nothing when it says so already.
///
/// A no-show gives back what is left of the time. A correction does not close it again: somebody may have it by then.
///
/// # Errors
/// Before the appointment has begun, while it is being moved, and when it was called off.
pub fn attend(
    row: &Appointment,
    attendance: Attendance,
    now: Timestamp,
) -> Result<Option<(Appointment, Commit)>, AttendanceError> {
    match row.status {
        AppointmentStatus::Scheduled | AppointmentStatus::Confirmed => {}
        AppointmentStatus::Completed | AppointmentStatus::NoShow if row.status == attendance.status() => {
            return Ok(None);
        }
        AppointmentStatus::Completed | AppointmentStatus::NoShow => {}
        AppointmentStatus::Held | AppointmentStatus::Cancelled | AppointmentStatus::Rescheduled => {
            return Err(AttendanceError::Off);
        }
    }
    if row.moving_to.is_some() {
        return Err(AttendanceError::Moving);
    }
    if row.starts_at > now {
        return Err(AttendanceError::Ahead);
    }
    let after = Appointment {
        version: row.version.saturating_add(1),
        status: attendance.status(),
        ..row.clone()
    };
    let mut commit = Commit::new(row.business, now);
    if !after.status.counts() {
        commit.changes.push(Change::SetBlocks {
            appointment: row.id,
            blocks: Vec::new(),
        });
    }
    commit.changes.push(Change::PutAppointment(Box::new(after.clone())));
    commit
        .changes
        .push(Change::Feed(updated(&after, attendance.name(), now)));
    Ok(Some((after, commit)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::appointments::{AppointmentSource, Customer};
    use crate::{AppointmentId, BusinessId};

    const START: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn row(status: AppointmentStatus) -> Appointment {
        Appointment {
            id: AppointmentId::derive(START, "visit"),
            business: BusinessId::derive(START, "business"),
            version: 3,
            call: None,
            conversation: None,
            customer: Customer {
                name: "Pat".into(),
                phone: None,
                email: None,
            },
            service: None,
            starts_at: START,
            duration_minutes: 60,
            status,
            source: AppointmentSource::Manual,
            location: None,
            notes: None,
            held_until: None,
            moving_to: None,
            event: None,
            calendar_attempt: 0,
            reminders: Vec::new(),
            confirmed_at: None,
            cancelled_at: None,
            cancelled_by: None,
            cancellation_reason: None,
            created_at: START,
        }
    }

    #[test]
    fn a_visit_that_began_is_completed_or_was_nobody_there_and_can_be_corrected() {
        for before in [AppointmentStatus::Scheduled, AppointmentStatus::Confirmed] {
            let (done, commit) = attend(&row(before), Attendance::Completed, START).unwrap().unwrap();
            assert_eq!((done.status, done.version), (AppointmentStatus::Completed, 4));
            assert!(
                commit
                    .changes
                    .iter()
                    .all(|change| !matches!(change, Change::SetBlocks { .. }))
            );
            assert_eq!(attend(&done, Attendance::Completed, START).unwrap().map(drop), None);
            let (missed, commit) = attend(&done, Attendance::NoShow, START).unwrap().unwrap();
            assert_eq!(missed.status, AppointmentStatus::NoShow);
            let freed = |change: &Change| matches!(change, Change::SetBlocks { blocks, .. } if blocks.is_empty());
            assert!(commit.changes.iter().any(freed));
        }
    }

    #[test]
    fn nobody_says_so_before_it_began_or_after_it_was_called_off() {
        let early = START.minus(std::time::Duration::from_secs(1));
        let refused = |row: &Appointment, now| attend(row, Attendance::NoShow, now).map(drop);
        assert_eq!(
            refused(&row(AppointmentStatus::Scheduled), early),
            Err(AttendanceError::Ahead)
        );
        for status in [
            AppointmentStatus::Held,
            AppointmentStatus::Cancelled,
            AppointmentStatus::Rescheduled,
        ] {
            assert_eq!(refused(&row(status), START), Err(AttendanceError::Off));
        }
        let moving = Appointment {
            moving_to: Some(START),
            ..row(AppointmentStatus::Confirmed)
        };
        assert_eq!(refused(&moving, START), Err(AttendanceError::Moving));
    }
}
