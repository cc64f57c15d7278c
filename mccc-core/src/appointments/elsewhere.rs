//! What the contractor did to an appointment's event in their own calendar. Their calendar is the truth: an event that
//! was moved moves the appointment, one that was removed calls it off. The customer is texted either, where they can be; a
//! task says what was understood, and who still has to be called.

use std::time::Duration;

use super::booking::{block, confirmation_job};
use super::cancelling::{CallOff, call_off};
use super::news::{reminder_jobs, updated};
use super::{Appointment, AppointmentStatus, CalendarEvent, CancelledBy, EARLIEST};
use crate::business::Owner;
use crate::compliance::quiet;
use crate::port::store::{Change, Commit, FeedEvent, FeedKind};
use crate::port::{TimeRange, When};
use crate::slots::moment;
use crate::tasks::{Task, TaskKind};
use crate::{TaskId, Timestamp};

/// Longest appointment that is taken over from a calendar, in minutes. Whatever is longer closes the time of its event
/// all the same, since the calendar is read before every booking.
const LONGEST_MINUTES: u64 = 24 * 60;
/// Who moves an event may move it on at once. Its customer is texted once it has stayed this long.
const SETTLED: Duration = Duration::from_secs(300);

/// An appointment's event as the calendar has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen<'a> {
    /// It is there.
    There {
        /// When it takes place.
        when: When,
        /// Its version, where the calendar has versions.
        etag: Option<&'a str>,
    },
    /// It was removed.
    Gone,
}

/// Lets an appointment follow its event. Nothing when there is nothing to follow: the appointment is over, called off or
/// in the middle of a change of ours, or the event is as we know it. `closes` is whether the new time is closed to
/// others; it cannot be where the contractor put one appointment over another.
#[must_use]
pub fn follow(owner: &Owner, row: &Appointment, seen: Seen<'_>, closes: bool, now: Timestamp) -> Option<Commit> {
    if !row.status.is_ahead() || row.moving_to.is_some() {
        return None;
    }
    let event = row.event.as_ref()?;
    let (when, etag) = match seen {
        Seen::Gone => return Some(removed(owner, row, now)),
        Seen::There { when, etag } => (when, etag),
    };
    let known = CalendarEvent {
        etag: etag.map(str::to_owned).or_else(|| event.etag.clone()),
        ..event.clone()
    };
    let range = match when {
        When::Instants(range) => range,
        When::Days { .. } => return (known != *event).then(|| whole_days(owner, row, known, now)),
    };
    let minutes = minutes_of(row, range);
    if (range.start, minutes) == (row.starts_at, row.duration_minutes) || range.start < EARLIEST {
        return (known != *event).then(|| noted(row, known, now));
    }
    let moved = Appointment {
        version: row.version.saturating_add(1),
        starts_at: range.start,
        duration_minutes: minutes,
        status: AppointmentStatus::Scheduled,
        confirmed_at: None,
        event: Some(known),
        ..row.clone()
    };
    let mut commit = Commit::new(owner.business, now);
    let blocks = closes.then(|| block(owner, &moved, moved.starts_at, None));
    commit.changes = vec![
        Change::SetBlocks {
            appointment: row.id,
            blocks: blocks.into_iter().collect(),
        },
        Change::PutAppointment(Box::new(moved.clone())),
        Change::Feed(updated(&moved, "moved_by_hand", now)),
    ];
    commit.changes.extend(reminder_jobs(owner, &moved, now));
    let confirms = owner.settings.templates.appointment_confirmation_enabled;
    let told = (range.start != row.starts_at && confirms)
        .then(|| told_at(owner, &moved, now.plus(SETTLED)))
        .flatten();
    commit
        .changes
        .extend(told.and_then(|at| confirmation_job(&moved, moved.version, true, at)));
    let overlap = if closes {
        ""
    } else {
        " It overlaps another appointment there."
    };
    let sentence = format!(
        "The appointment with {} was moved by hand to {} in your calendar.{overlap}{}",
        name_of(row),
        moment(owner.zone(), moved.starts_at),
        customer_knows(told.is_some(), &moved, now)
    );
    commit.changes.extend(tell(row, sentence, now));
    Some(commit)
}

/// How long an appointment takes whose event takes place then.
fn minutes_of(row: &Appointment, range: TimeRange) -> u32 {
    let minutes = match range.length().as_secs().div_ceil(60) {
        0 => u64::from(row.duration_minutes),
        minutes => minutes.min(LONGEST_MINUTES),
    };
    u32::try_from(minutes).unwrap_or(row.duration_minutes)
}

/// The appointment when its event takes place: the service may give it another length than was asked for, and the
/// contractor may have moved it before we looked.
#[must_use]
pub fn where_it_is(row: &Appointment, when: Option<When>) -> Appointment {
    match when {
        Some(When::Instants(range)) if range.start >= EARLIEST => Appointment {
            starts_at: range.start,
            duration_minutes: minutes_of(row, range),
            ..row.clone()
        },
        _ => row.clone(),
    }
}

fn removed(owner: &Owner, row: &Appointment, now: Timestamp) -> Commit {
    let told = owner.settings.templates.appointment_cancelled_enabled && told_at(owner, row, now).is_some();
    let off = CallOff {
        by: CancelledBy::Business,
        reason: Some("It was removed from the calendar."),
        tell_customer: told,
    };
    let mut commit = call_off(row, off, now).map_or_else(|| Commit::new(owner.business, now), |(_, commit)| commit);
    let sentence = format!(
        "The appointment with {} at {} was removed by hand from your calendar, so it is cancelled.{}",
        name_of(row),
        moment(owner.zone(), row.starts_at),
        customer_knows(told, row, now)
    );
    commit.changes.extend(tell(row, sentence, now));
    commit
}

/// The time of day is lost there, so the appointment stays where it is until a person says more.
fn whole_days(owner: &Owner, row: &Appointment, known: CalendarEvent, now: Timestamp) -> Commit {
    let mut commit = noted(row, known, now);
    let sentence = format!(
        "The appointment with {} was made an all-day event by hand in your calendar. It stays at {} here: give it a time \
         again, or reschedule it.",
        name_of(row),
        moment(owner.zone(), row.starts_at)
    );
    commit.changes.extend(tell(row, sentence, now));
    commit
}

/// Something else was changed, such as the title: only the version is another.
fn noted(row: &Appointment, known: CalendarEvent, now: Timestamp) -> Commit {
    let after = Appointment {
        version: row.version.saturating_add(1),
        event: Some(known),
        ..row.clone()
    };
    let mut commit = Commit::new(row.business, now);
    commit.changes.push(Change::PutAppointment(Box::new(after)));
    commit
}

/// When the customer can be texted of a change, `from` at the earliest: by day, since nobody waits for it. Nothing where
/// they cannot be before the appointment begins.
fn told_at(owner: &Owner, row: &Appointment, from: Timestamp) -> Option<Timestamp> {
    let texting = &owner.settings.texting;
    let phone = row
        .customer
        .phone
        .filter(|_| texting.enabled && owner.sender().is_some())?;
    let at = quiet::next_allowed(from, &phone, owner.zone().name(), texting.window());
    (at < row.starts_at).then_some(at)
}

/// Whether the customer hears of it, or who has to tell them. Nobody has to be told of what has begun.
fn customer_knows(told: bool, row: &Appointment, now: Timestamp) -> &'static str {
    if told {
        " The customer is told by text."
    } else if row.starts_at > now {
        " The customer has not been told: call or text them."
    } else {
        ""
    }
}

fn name_of(row: &Appointment) -> &str {
    if row.customer.name.is_empty() {
        "a customer"
    } else {
        &row.customer.name
    }
}

fn tell(row: &Appointment, sentence: String, now: Timestamp) -> [Change; 2] {
    let task = Task {
        id: TaskId::derive(now, &format!("calendar_changed/{}/{}", row.id, row.version)),
        business: row.business,
        kind: TaskKind::CalendarChanged,
        phone: row.customer.phone,
        call: None,
        conversation: row.conversation,
        message: None,
        sentence,
        raised_at: now,
        due_at: None,
        done_at: None,
        done_by: None,
    };
    let raised = FeedEvent {
        kind: FeedKind::TaskRaised,
        at: now,
        call: None,
        conversation: row.conversation,
        message: None,
        data: serde_json::json!({ "kind": TaskKind::CalendarChanged, "appointment_id": row.id }),
    };
    [Change::RaiseTask(task), Change::Feed(raised)]
}

#[cfg(all(test, feature = "testkit"))]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::business::Settings;
    use crate::jobs::JobKind;
    use crate::testkit::build;

    const LATER: Duration = Duration::from_secs(48 * 3_600);

    fn scene() -> (Owner, Appointment) {
        let owner = build::owner("ace", build::phone(1));
        let row = Appointment {
            moving_to: None,
            ..build::appointment(owner.business, "row", build::START.plus(LATER))
        };
        (owner, row)
    }

    fn there(row: &Appointment, moved: Duration, length: Duration) -> When {
        When::Instants(TimeRange::of(row.starts_at.plus(moved), length))
    }

    fn length(row: &Appointment) -> Duration {
        Appointment::length(row.duration_minutes)
    }

    fn written(commit: &Commit) -> Option<&Appointment> {
        commit.changes.iter().find_map(|change| {
            let Change::PutAppointment(row) = change else {
                return None;
            };
            Some(&**row)
        })
    }

    fn tasks(commit: &Commit) -> usize {
        let raised = |change: &&Change| matches!(change, Change::RaiseTask(_));
        commit.changes.iter().filter(raised).count()
    }

    #[test]
    fn what_is_as_we_know_it_changes_nothing() {
        let (owner, row) = scene();
        let when = there(&row, Duration::ZERO, length(&row));
        for etag in [Some("\"3470\""), None] {
            let seen = Seen::There { when, etag };
            assert_eq!(follow(&owner, &row, seen, true, build::START), None);
        }
    }

    #[test]
    fn an_appointment_is_as_long_as_its_event() {
        let (_, row) = scene();
        let hour = Duration::from_secs(3_600);
        let there = where_it_is(&row, Some(there(&row, hour, Duration::from_secs(90 * 60))));
        assert_eq!(
            (there.starts_at, there.duration_minutes),
            (row.starts_at.plus(hour), 90)
        );
        let days = When::Days {
            first: "2026-11-24".parse().unwrap(),
            until: "2026-11-25".parse().unwrap(),
        };
        for when in [None, Some(days)] {
            assert_eq!(where_it_is(&row, when), row);
        }
    }

    #[test]
    fn another_title_changes_the_version_alone() {
        let (owner, row) = scene();
        let seen = Seen::There {
            when: there(&row, Duration::ZERO, length(&row)),
            etag: Some("\"new\""),
        };
        let commit = follow(&owner, &row, seen, true, build::START).unwrap();
        let after = written(&commit).unwrap();
        assert_eq!((after.starts_at, after.status), (row.starts_at, row.status));
        assert_eq!(
            after.event.as_ref().and_then(|event| event.etag.as_deref()),
            Some("\"new\"")
        );
        assert_eq!((commit.changes.len(), tasks(&commit)), (1, 0));
    }

    /// The queued texts of a kind, with when they go out.
    fn texts(commit: &Commit, kind: JobKind) -> Vec<Timestamp> {
        let queued = commit.changes.iter().filter_map(|change| {
            let Change::Enqueue(new) = change else { return None };
            (new.job.kind() == kind).then_some(new.run_at)
        });
        queued.collect()
    }

    fn sentence(commit: &Commit) -> &str {
        let raised = commit.changes.iter().find_map(|change| {
            let Change::RaiseTask(task) = change else { return None };
            Some(task.sentence.as_str())
        });
        raised.unwrap_or_default()
    }

    #[test]
    fn a_moved_event_moves_the_appointment_and_its_customer_is_told_once_it_stays() {
        let (owner, row) = scene();
        let seen = Seen::There {
            when: there(&row, Duration::from_secs(3_600), Duration::from_secs(90 * 60 + 1)),
            etag: Some("\"new\""),
        };
        let commit = follow(&owner, &row, seen, true, build::START).unwrap();
        let after = written(&commit).unwrap();
        assert_eq!(after.starts_at, row.starts_at.plus(Duration::from_secs(3_600)));
        assert_eq!((after.duration_minutes, after.confirmed_at), (91, None));
        assert_eq!(tasks(&commit), 1);
        assert!(
            sentence(&commit).ends_with("The customer is told by text."),
            "{commit:?}"
        );
        let told = texts(&commit, JobKind::ConfirmAppointment);
        assert_eq!(told, [build::START.plus(SETTLED)]);
        // Over another appointment its time cannot be closed, and the task says so.
        let over = follow(&owner, &row, seen, false, build::START).unwrap();
        let closes = over.changes.iter().find_map(|change| {
            let Change::SetBlocks { blocks, .. } = change else {
                return None;
            };
            Some(blocks.len())
        });
        assert_eq!(closes, Some(0));
    }

    #[test]
    fn whoever_cannot_be_texted_of_a_change_is_left_to_a_person() {
        let (owner, row) = scene();
        let moved = |by: u64| Seen::There {
            when: there(&row, Duration::from_secs(by), length(&row)),
            etag: None,
        };
        let withheld = {
            let mut row = row.clone();
            row.customer.phone = None;
            row
        };
        let with = |change: fn(&mut Settings)| {
            let mut settings = (*owner.settings).clone();
            change(&mut settings);
            Owner::new(owner.business, 2, settings, owner.lines.clone(), build::START).unwrap()
        };
        let silent = with(|settings| {
            settings.templates.appointment_confirmation_enabled = false;
            settings.templates.appointment_cancelled_enabled = false;
        });
        let off = with(|settings| settings.texting.enabled = false);
        for (owner, row) in [(&owner, &withheld), (&silent, &row), (&off, &row)] {
            for seen in [moved(3_600), Seen::Gone] {
                let commit = follow(owner, row, seen, true, build::START).unwrap();
                assert_eq!(texts(&commit, JobKind::ConfirmAppointment), []);
                assert_eq!(texts(&commit, JobKind::TellCalledOff), []);
                assert!(sentence(&commit).ends_with("call or text them."), "{commit:?}");
            }
        }
        // What has begun is told to nobody, and what takes longer than before to nobody but the contractor.
        let over = row.starts_at.plus(Duration::from_secs(60));
        let commit = follow(&owner, &row, Seen::Gone, true, over).unwrap();
        assert_eq!(texts(&commit, JobKind::TellCalledOff), []);
        assert!(sentence(&commit).ends_with("so it is cancelled."), "{commit:?}");
        let longer = Seen::There {
            when: there(&row, Duration::ZERO, length(&row) * 2),
            etag: None,
        };
        let commit = follow(&owner, &row, longer, true, build::START).unwrap();
        assert_eq!(texts(&commit, JobKind::ConfirmAppointment), []);
    }

    #[test]
    fn a_move_at_night_is_told_in_the_morning_unless_it_has_begun_by_then() {
        let (owner, row) = scene();
        // The next morning at eight, in the zone that is farthest behind of the two.
        let morning = quiet::next_allowed(
            build::START.plus(Duration::from_secs(15 * 3_600)),
            &row.customer.phone.unwrap(),
            owner.zone().name(),
            owner.settings.texting.window(),
        );
        let night = morning.minus(Duration::from_secs(3 * 3_600));
        let at = |starts_at: Timestamp| Seen::There {
            when: When::Instants(TimeRange::of(starts_at, length(&row))),
            etag: None,
        };
        let later = follow(&owner, &row, at(morning.plus(SETTLED)), true, night).unwrap();
        assert_eq!(texts(&later, JobKind::ConfirmAppointment), [morning]);
        let before = follow(&owner, &row, at(morning), true, night).unwrap();
        assert_eq!(texts(&before, JobKind::ConfirmAppointment), []);
        assert!(sentence(&before).ends_with("call or text them."), "{before:?}");
    }

    #[test]
    fn a_removed_event_calls_off_and_its_customer_is_told() {
        let (owner, row) = scene();
        let commit = follow(&owner, &row, Seen::Gone, true, build::START).unwrap();
        assert_eq!(texts(&commit, JobKind::TellCalledOff), [build::START]);
        assert!(
            sentence(&commit).ends_with("The customer is told by text."),
            "{commit:?}"
        );
    }

    #[test]
    fn an_event_without_a_length_keeps_that_of_the_appointment() {
        let (owner, row) = scene();
        let seen = Seen::There {
            when: there(&row, Duration::from_secs(60), Duration::ZERO),
            etag: None,
        };
        let commit = follow(&owner, &row, seen, true, build::START).unwrap();
        assert_eq!(written(&commit).unwrap().duration_minutes, row.duration_minutes);
    }

    #[test]
    fn whole_days_move_nothing_and_are_told_once() {
        let (owner, row) = scene();
        let when = When::Days {
            first: "2026-11-28".parse().unwrap(),
            until: "2026-11-29".parse().unwrap(),
        };
        let seen = Seen::There {
            when,
            etag: Some("\"new\""),
        };
        let commit = follow(&owner, &row, seen, true, build::START).unwrap();
        let after = written(&commit).unwrap();
        assert_eq!((after.starts_at, tasks(&commit)), (row.starts_at, 1));
        assert_eq!(follow(&owner, after, seen, true, build::START), None);
    }

    #[test]
    fn what_is_over_off_or_ours_to_move_is_left_alone() {
        let (owner, row) = scene();
        for status in AppointmentStatus::ALL {
            let row = Appointment {
                status: *status,
                ..row.clone()
            };
            let followed = follow(&owner, &row, Seen::Gone, true, build::START);
            assert_eq!(followed.is_some(), status.is_ahead(), "{status:?}");
        }
        let moving = Appointment {
            moving_to: Some(row.starts_at),
            ..row.clone()
        };
        let without = Appointment {
            event: None,
            ..row.clone()
        };
        for row in [moving, without] {
            assert_eq!(follow(&owner, &row, Seen::Gone, true, build::START), None);
        }
    }
}
