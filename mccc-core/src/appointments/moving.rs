//! Moving an appointment: both times stay closed to others until the calendar has moved the event.

use super::booking::{block, confirmation_job, day_below, look_after};
use super::news::{reminder_jobs, updated};
use super::{Appointment, AppointmentStatus, CalendarEvent, Diary, HOLD, Refusal};
use crate::Timestamp;
use crate::business::Owner;
use crate::jobs::Job;
use crate::port::store::{Change, Commit, Guard};

/// Closes the new time beside the old one, if nothing stands against it. What the appointment itself closes is free to
/// it. `by_hand` lets a person of the business break the hours.
///
/// # Errors
/// What stands against it.
pub fn begin_move(
    diary: &Diary<'_>,
    row: &Appointment,
    to: Timestamp,
    by_hand: bool,
) -> Result<(Appointment, Commit), Refusal> {
    let Diary { owner, now, .. } = *diary;
    let rules = diary.rules(Some(row.id))?;
    let against = if by_hand {
        rules.against_by_hand(to)
    } else {
        rules.against(to)
    };
    if !against.is_empty() {
        return Err(Refusal::NotFree(against));
    }
    let after = Appointment {
        version: row.version.saturating_add(1),
        moving_to: Some(to),
        ..row.clone()
    };
    let mut commit = Commit::new(owner.business, now);
    commit.guards.push(Guard::Settings { version: owner.version });
    if !by_hand {
        commit.guards.push(day_below(owner, row.id, to));
    }
    commit.changes = vec![
        Change::SetBlocks {
            appointment: row.id,
            blocks: vec![
                block(owner, row, row.starts_at, None),
                block(owner, row, to, Some(now.plus(HOLD))),
            ],
        },
        Change::PutAppointment(Box::new(after.clone())),
        look_after(&after, Job::MoveAppointment { appointment: row.id }, now),
    ];
    Ok((after, commit))
}

/// The calendar has moved the event: the old time is free. The customer has to confirm the new one.
#[must_use]
pub fn finish_move(
    owner: &Owner,
    row: &Appointment,
    to: Timestamp,
    event: Option<CalendarEvent>,
    now: Timestamp,
) -> (Appointment, Commit) {
    let after = Appointment {
        version: row.version.saturating_add(1),
        starts_at: to,
        moving_to: None,
        status: AppointmentStatus::Scheduled,
        confirmed_at: None,
        event: event.or_else(|| row.event.clone()),
        ..row.clone()
    };
    let mut commit = Commit::new(owner.business, now);
    commit.changes = vec![
        Change::SetBlocks {
            appointment: row.id,
            blocks: vec![block(owner, row, to, None)],
        },
        Change::PutAppointment(Box::new(after.clone())),
        Change::Feed(updated(&after, "moved", now)),
    ];
    commit
        .changes
        .extend(confirmation_job(&after, after.version, false, now));
    commit.changes.extend(reminder_jobs(owner, &after, now));
    (after, commit)
}

/// The calendar has a request to move that the contractor still has to accept: both times stay closed, the new one until
/// it would begin.
#[must_use]
pub fn request_move(
    owner: &Owner,
    row: &Appointment,
    to: Timestamp,
    event: CalendarEvent,
    now: Timestamp,
) -> (Appointment, Commit) {
    let after = Appointment {
        version: row.version.saturating_add(1),
        event: Some(event),
        ..row.clone()
    };
    let mut commit = Commit::new(owner.business, now);
    commit.changes = vec![
        Change::SetBlocks {
            appointment: row.id,
            blocks: vec![
                block(owner, row, row.starts_at, None),
                block(owner, row, to, Some(to.max(now.plus(HOLD)))),
            ],
        },
        Change::PutAppointment(Box::new(after.clone())),
    ];
    (after, commit)
}

/// The calendar did not move the event: the appointment stays where it is, and the new time is free.
#[must_use]
pub fn abandon_move(owner: &Owner, row: &Appointment, now: Timestamp) -> (Appointment, Commit) {
    let after = Appointment {
        version: row.version.saturating_add(1),
        moving_to: None,
        ..row.clone()
    };
    let mut commit = Commit::new(owner.business, now);
    commit.changes = vec![
        Change::SetBlocks {
            appointment: row.id,
            blocks: vec![block(owner, row, row.starts_at, None)],
        },
        Change::PutAppointment(Box::new(after.clone())),
    ];
    (after, commit)
}

/// The appointment's event is not where it was and is to be made anew: under another identifier, since that of an event
/// that was removed cannot be used again.
#[must_use]
pub fn renew_event(row: &Appointment, now: Timestamp) -> (Appointment, Commit) {
    let after = Appointment {
        version: row.version.saturating_add(1),
        calendar_attempt: row.calendar_attempt.saturating_add(1),
        event: None,
        ..row.clone()
    };
    let mut commit = Commit::new(row.business, now);
    commit.changes.push(Change::PutAppointment(Box::new(after.clone())));
    (after, commit)
}
