//! Booking: a time is held, written into the calendar, and then booked.
//!
//! 1. [`hold`] closes the time for a while, in the same commit that makes sure it was free. From here on nobody else
//!    gets it.
//! 2. The calendar is asked afresh and told.
//! 3. [`settle`] books; or [`release`] gives the time back.
//!
//! A process that dies in between leaves a hold that runs out and a job that looks after it. [`settle`] closes the time
//! once more: if the hold ran out and somebody else got the time, it is refused, and the event is taken back.

use std::time::Duration;

use super::news::{booked, called_off, reminder_jobs};
use super::{
    Appointment, AppointmentSource, AppointmentStatus, Block, CalendarEvent, CancelledBy, Customer, Diary, EARLIEST,
};
use crate::business::Owner;
use crate::calls::{Call, CallEvent, step};
use crate::jobs::Job;
use crate::port::store::{Change, Commit, FeedEvent, FeedKind, Guard, NewJob};
use crate::slots::{SlotsError, WhyNot};
use crate::{AppointmentId, CallId, ConversationId, JobId, Timestamp};

/// How long a time is held while it is written into the calendar.
pub const HOLD: Duration = Duration::from_secs(180);
/// How long after a hold somebody looks what became of it: longer than the calendar is waited for.
pub const LOOK_AFTER: Duration = Duration::from_secs(20);

/// The talk in which the time was chosen has this long to go on by itself.
const TELL_LOSS: Duration = Duration::from_secs(10);

/// After this long nobody who began to write an event is still at it.
const CREATED_BY: Duration = Duration::from_secs(60);

/// A wish for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The appointment it would be, derived from what asked for it.
    pub id: AppointmentId,
    /// When it would start.
    pub starts_at: Timestamp,
    /// Who asks.
    pub customer: Customer,
    /// What is to be done.
    pub service: Option<String>,
    /// Where.
    pub location: Option<String>,
    /// What else was said.
    pub notes: Option<String>,
    /// How it comes about.
    pub source: AppointmentSource,
    /// The missed call it comes of.
    pub call: Option<CallId>,
    /// The thread with the customer.
    pub conversation: Option<ConversationId>,
}

/// Why a time is not held.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Rules stand against it; at least one.
    #[error("the time is not free")]
    NotFree(Vec<WhyNot>),
    /// The settings of bookings cannot be used.
    #[error(transparent)]
    Settings(#[from] SlotsError),
}

/// Holds a time, if nothing stands against it. A person's own wish may break the hours. Another hold of the same thread
/// is given up with it: a customer holds one time.
///
/// # Errors
/// What stands against it.
pub fn hold(diary: &Diary<'_>, wish: &Wish) -> Result<(Appointment, Commit), Refusal> {
    let Diary {
        owner, bookings, now, ..
    } = *diary;
    let rules = diary.rules(Some(wish.id))?;
    let by_hand = wish.source == AppointmentSource::Manual;
    let against = if by_hand {
        rules.against_by_hand(wish.starts_at)
    } else {
        rules.against(wish.starts_at)
    };
    if !against.is_empty() || wish.starts_at < EARLIEST {
        return Err(Refusal::NotFree(against));
    }
    let until = now.plus(HOLD);
    let held = Appointment {
        id: wish.id,
        business: owner.business,
        version: 1,
        call: wish.call,
        conversation: wish.conversation,
        customer: wish.customer.clone(),
        service: wish.service.clone(),
        starts_at: wish.starts_at,
        duration_minutes: u32::from(owner.settings.visit_minutes()),
        status: AppointmentStatus::Held,
        source: wish.source,
        location: wish.location.clone(),
        notes: wish.notes.clone(),
        held_until: Some(until),
        moving_to: None,
        event: None,
        calendar_attempt: 0,
        reminders: Vec::new(),
        confirmed_at: None,
        cancelled_at: None,
        cancelled_by: None,
        cancellation_reason: None,
        created_at: now,
    };
    let mut commit = Commit::new(owner.business, now);
    commit.guards.push(Guard::Settings { version: owner.version });
    if !by_hand {
        commit.guards.push(day_below(owner, held.id, held.starts_at));
    }
    let mine = |row: &&Appointment| {
        row.status == AppointmentStatus::Held
            && row.id != held.id
            && row.conversation.is_some()
            && row.conversation == held.conversation
    };
    for given_up in bookings.appointments.iter().filter(mine) {
        commit
            .changes
            .extend(given_back(given_up, "Another time was chosen.", now));
    }
    commit.changes.push(Change::PutAppointment(Box::new(held.clone())));
    commit.changes.push(Change::SetBlocks {
        appointment: held.id,
        blocks: vec![block(owner, &held, held.starts_at, Some(until))],
    });
    commit
        .changes
        .push(look_after(&held, Job::Book { appointment: held.id }, now));
    Ok((held, commit))
}

/// Keeps a hold whose calendar does not answer, so that its time stays closed until it is known what became of it.
#[must_use]
pub fn keep(owner: &Owner, held: &Appointment, now: Timestamp) -> Commit {
    let until = now.plus(HOLD);
    let after = Appointment {
        version: held.version.saturating_add(1),
        held_until: Some(until),
        ..held.clone()
    };
    let mut commit = Commit::new(owner.business, now);
    commit.changes = vec![
        Change::SetBlocks {
            appointment: held.id,
            blocks: vec![block(owner, held, held.starts_at, Some(until))],
        },
        Change::PutAppointment(Box::new(after)),
    ];
    commit
}

/// Keeps a time for which the calendar has a request that the contractor still has to accept. It stays closed until it
/// would begin.
#[must_use]
pub fn request(owner: &Owner, held: &Appointment, event: CalendarEvent, now: Timestamp) -> (Appointment, Commit) {
    let until = held.starts_at.max(now.plus(HOLD));
    let after = Appointment {
        version: held.version.saturating_add(1),
        held_until: Some(until),
        event: Some(event),
        ..held.clone()
    };
    let mut commit = Commit::new(owner.business, now);
    commit.changes = vec![
        Change::SetBlocks {
            appointment: held.id,
            blocks: vec![block(owner, held, held.starts_at, Some(until))],
        },
        Change::PutAppointment(Box::new(after.clone())),
    ];
    (after, commit)
}

/// Books a held time that the calendar has taken. `call` is the missed call it came of, as it is now.
#[must_use]
pub fn settle(
    owner: &Owner,
    held: &Appointment,
    event: Option<CalendarEvent>,
    call: Option<&Call>,
    now: Timestamp,
) -> (Appointment, Commit) {
    let after = Appointment {
        version: held.version.saturating_add(1),
        status: AppointmentStatus::Scheduled,
        held_until: None,
        event,
        ..held.clone()
    };
    let mut commit = Commit::new(owner.business, now);
    commit.changes = vec![
        Change::SetBlocks {
            appointment: after.id,
            blocks: vec![block(owner, &after, after.starts_at, None)],
        },
        Change::PutAppointment(Box::new(after.clone())),
        Change::Feed(booked(&after, now)),
    ];
    commit.changes.extend(call.and_then(|call| came_of(call, now)));
    commit.changes.extend(confirmation_job(&after, 0, false, now));
    commit.changes.extend(reminder_jobs(owner, &after, now));
    (after, commit)
}

/// Gives a held time back. An event that may exist is removed.
#[must_use]
pub fn release(owner: &Owner, held: &Appointment, reason: &str, now: Timestamp) -> Commit {
    let mut commit = Commit::new(owner.business, now);
    commit.changes = given_back(held, reason, now);
    commit.changes.push(Change::Feed(FeedEvent {
        kind: FeedKind::BookingFailed,
        ..called_off(held, Some(reason), now)
    }));
    // Whoever was told that their time is being written down is told that it is lost; who was not waits in the talk.
    if held.source == AppointmentSource::SmsReply && held.conversation.is_some() {
        commit.changes.push(Change::Enqueue(NewJob {
            id: JobId::derive(now, &format!("booking_lost/{}", held.id)),
            job: Job::BookingLost { appointment: held.id },
            subject: held.customer.phone,
            run_at: now.plus(TELL_LOSS),
            dedupe: held.id.to_string(),
        }));
    }
    commit
}

fn given_back(held: &Appointment, reason: &str, now: Timestamp) -> Vec<Change> {
    let after = Appointment {
        version: held.version.saturating_add(1),
        status: AppointmentStatus::Cancelled,
        held_until: None,
        cancelled_at: Some(now),
        cancelled_by: Some(CancelledBy::NeverBooked),
        cancellation_reason: Some(reason.to_owned()),
        ..held.clone()
    };
    vec![
        Change::SetBlocks {
            appointment: held.id,
            blocks: Vec::new(),
        },
        Change::PutAppointment(Box::new(after)),
        remove_event(held, now.plus(CREATED_BY)),
    ]
}

/// The time an appointment closes when it starts at `at`: itself, and the buffer behind it. Every appointment closes its
/// own buffer, so there is one between any two.
pub(super) fn block(owner: &Owner, row: &Appointment, at: Timestamp, expires_at: Option<Timestamp>) -> Block {
    let buffer = u32::from(owner.settings.booking.buffer_minutes);
    Block {
        from: at,
        until: at.plus(Appointment::length(row.duration_minutes.saturating_add(buffer))),
        expires_at,
    }
}

/// That the local day of a start is not full.
pub(super) fn day_below(owner: &Owner, except: AppointmentId, at: Timestamp) -> Guard {
    let day = owner.zone().to_local(at).day;
    Guard::DayBelow {
        from: owner.zone().start_of(day),
        until: owner.zone().start_of(day.plus_days(1)),
        limit: u32::from(owner.settings.booking.max_per_day),
        except,
    }
}

/// When the event of an appointment that is called off can be removed.
pub(super) fn removable_at(row: &Appointment, now: Timestamp) -> Timestamp {
    if row.status == AppointmentStatus::Held {
        now.plus(CREATED_BY)
    } else {
        now
    }
}

/// Looks after an appointment that is between two steps, if the process that takes them goes away.
pub(super) fn look_after(row: &Appointment, job: Job, now: Timestamp) -> Change {
    let dedupe = format!("{}/{}", row.id, row.version);
    Change::Enqueue(NewJob {
        id: JobId::derive(now, &format!("{}/{dedupe}", job.kind().name())),
        job,
        subject: row.customer.phone,
        run_at: now.plus(LOOK_AFTER),
        dedupe,
    })
}

/// Removes the event from the calendar, where there may be one. That of a hold may be written at this moment, so it is
/// removed once whoever writes it is through.
pub(super) fn remove_event(row: &Appointment, run_at: Timestamp) -> Change {
    Change::Enqueue(NewJob {
        id: JobId::derive(run_at, &format!("remove_event/{}", row.id)),
        job: Job::RemoveEvent { appointment: row.id },
        subject: None,
        run_at,
        dedupe: row.id.to_string(),
    })
}

/// The text that confirms an appointment, at `at`. `moved` is the version with which it was moved to where it is; 0 where
/// it was booked there. `by_hand` tells that it was moved where its customer saw nothing of it.
pub(super) fn confirmation_job(row: &Appointment, moved: u32, by_hand: bool, at: Timestamp) -> Option<Change> {
    row.customer.phone.map(|phone| {
        let dedupe = format!("{}/{}", row.id, row.starts_at.as_micros());
        Change::Enqueue(NewJob {
            id: JobId::derive(at, &format!("confirm/{dedupe}")),
            job: Job::ConfirmAppointment {
                appointment: row.id,
                starts_at: row.starts_at,
                moved,
                by_hand,
            },
            subject: Some(phone),
            run_at: at,
            dedupe,
        })
    })
}

fn came_of(call: &Call, now: Timestamp) -> Option<Change> {
    let done = step(call, &CallEvent::Booked, now);
    done.changed.then(|| Change::UpdateCall {
        before: Box::new(call.clone()),
        after: Box::new(done.call),
    })
}
