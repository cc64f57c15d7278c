//! Calling an appointment off: the time is free at once, the calendar follows, and the customer is told where they do not
//! know.

use super::booking::{removable_at, remove_event};
use super::news::called_off;
use super::{Appointment, AppointmentStatus, CancelledBy};
use crate::jobs::Job;
use crate::port::store::{Change, Commit, NewJob};
use crate::{JobId, Timestamp};

/// Who calls off, why, and whether the customer has to hear of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallOff<'a> {
    /// Who.
    pub by: CancelledBy,
    /// Why, in plain words.
    pub reason: Option<&'a str>,
    /// Whether the customer is texted. A customer who called it off knows.
    pub tell_customer: bool,
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
    commit
        .changes
        .extend(off.tell_customer.then(|| told_off(&after, now)).flatten());
    Some((after, commit))
}

/// The one text that an appointment was called off: nothing where nobody can be texted, or would come any more. It is
/// called off once and for good, so the appointment names the text.
fn told_off(row: &Appointment, now: Timestamp) -> Option<Change> {
    let phone = row.customer.phone.filter(|_| row.starts_at > now)?;
    Some(Change::Enqueue(NewJob {
        id: JobId::derive(now, &format!("called_off/{}", row.id)),
        job: Job::TellCalledOff {
            appointment: row.id,
            starts_at: row.starts_at,
        },
        subject: Some(phone),
        run_at: now,
        dedupe: row.id.to_string(),
    }))
}

#[cfg(all(test, feature = "testkit"))]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::jobs::JobKind;
    use crate::testkit::build;

    const BY_HAND: CallOff<'_> = CallOff {
        by: CancelledBy::Business,
        reason: None,
        tell_customer: true,
    };

    fn row(status: AppointmentStatus) -> Appointment {
        let at = build::START.plus(Duration::from_secs(48 * 3_600));
        Appointment {
            status,
            ..build::appointment(build::business("ace"), "row", at)
        }
    }

    /// The texts that a cancellation leads to; nothing where it changes nothing.
    fn texts(row: &Appointment, off: CallOff<'_>, now: Timestamp) -> Option<usize> {
        let (_, commit) = call_off(row, off, now)?;
        let told =
            |change: &&Change| matches!(change, Change::Enqueue(new) if new.job.kind() == JobKind::TellCalledOff);
        Some(commit.changes.iter().filter(told).count())
    }

    #[test]
    fn a_customer_who_does_not_know_is_told_once() {
        for status in AppointmentStatus::ALL {
            let row = row(*status);
            let stands = status.is_ahead() || *status == AppointmentStatus::Held;
            assert_eq!(texts(&row, BY_HAND, build::START), stands.then_some(1), "{status:?}");
        }
        let row = row(AppointmentStatus::Confirmed);
        let (off, _) = call_off(&row, BY_HAND, build::START).unwrap();
        assert_eq!(texts(&off, BY_HAND, build::START), None, "called off twice");
    }

    #[test]
    fn nobody_is_told_who_knows_cannot_be_texted_or_would_not_come_any_more() {
        let row = row(AppointmentStatus::Scheduled);
        let knows = CallOff {
            by: CancelledBy::Customer,
            tell_customer: false,
            ..BY_HAND
        };
        assert_eq!(texts(&row, knows, build::START), Some(0));
        let before = row.starts_at.minus(Duration::from_secs(1));
        assert_eq!(texts(&row, BY_HAND, before), Some(1));
        assert_eq!(texts(&row, BY_HAND, row.starts_at), Some(0));
        let mut withheld = row;
        withheld.customer.phone = None;
        assert_eq!(texts(&withheld, BY_HAND, build::START), Some(0));
    }
}
