//! When a failed piece of work is tried again. Decided here, never inside an adapter.

use std::time::Duration;

use super::JobKind;
use crate::Timestamp;
use crate::port::Retry;

/// What happens to a job after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Try again at this instant.
    At(Timestamp),
    /// No further automatic attempt; a person is told.
    GiveUp,
    /// It may have happened: look before anything else.
    Look,
}

/// The waits between attempts of one kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Wait before the second, third, … attempt.
    pub waits: &'static [Duration],
}

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Two retries of a text: after one minute and after five.
const TEXT: RetryPolicy = RetryPolicy {
    waits: &[secs(60), secs(300)],
};
/// A channel to the contractor is tried once more after half a minute.
const NOTICE: RetryPolicy = RetryPolicy { waits: &[secs(30)] };
/// Look-ups may be patient; nobody waits on the line.
const LOOK_UP: RetryPolicy = RetryPolicy {
    waits: &[secs(60), secs(120), secs(300), secs(1800), secs(7200), secs(43_200)],
};
/// Somebody watches a forwarding test; it ends after 45 seconds anyway.
const INTERACTIVE: RetryPolicy = RetryPolicy {
    waits: &[secs(2), secs(5)],
};

/// A calendar that fails is asked again soon, since a time is closed meanwhile, and then with patience.
const CALENDAR: RetryPolicy = RetryPolicy {
    waits: &[secs(5), secs(20), secs(60), secs(300), secs(1800), secs(7200)],
};

impl RetryPolicy {
    /// The policy for a kind of work.
    #[must_use]
    pub const fn of(kind: JobKind) -> Self {
        match kind {
            JobKind::AutoText
            | JobKind::FollowUp
            | JobKind::SendMessage
            | JobKind::ConfirmAppointment
            | JobKind::TellCalledOff
            | JobKind::Remind => TEXT,
            JobKind::AnswerText | JobKind::BookingLost | JobKind::CloseIdle => INTERACTIVE,
            JobKind::Book
            | JobKind::MoveAppointment
            | JobKind::RemoveEvent
            | JobKind::SyncCalendar
            | JobKind::ReadCalendar => CALENDAR,
            JobKind::Notify => NOTICE,
            JobKind::Tell | JobKind::AwaySummary | JobKind::WatchPromise => LOOK_UP,
            JobKind::ReconcileMessage | JobKind::ImportMissed | JobKind::ExportLedger | JobKind::DeleteOld => LOOK_UP,
            JobKind::ProvisionNumber | JobKind::TestCall | JobKind::TestTimeout => INTERACTIVE,
        }
    }
}

/// What happens after attempt number `attempt` (from 1) of `kind` failed with `verdict` at `now`.
#[must_use]
pub fn next_attempt(kind: JobKind, attempt: u32, verdict: Retry, now: Timestamp) -> Next {
    let index = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
    let wait = RetryPolicy::of(kind).waits.get(index).copied();
    match (verdict, wait) {
        (Retry::Unknown, _) => Next::Look,
        (Retry::Never, _) | (Retry::Backoff | Retry::After(_), None) => Next::GiveUp,
        (Retry::Backoff, Some(wait)) => Next::At(now.plus(wait)),
        // The provider's own wait replaces ours when it is longer.
        (Retry::After(asked), Some(wait)) => Next::At(now.plus(asked.max(wait))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_result_is_never_simply_repeated() {
        for kind in JobKind::ALL {
            for attempt in 1..10 {
                assert_eq!(
                    next_attempt(*kind, attempt, Retry::Unknown, Timestamp::UNIX_EPOCH),
                    Next::Look
                );
            }
        }
    }

    #[test]
    fn a_text_is_retried_twice_after_one_and_five_minutes() {
        let now = Timestamp::from_seconds(1_000);
        let at = |attempt| next_attempt(JobKind::AutoText, attempt, Retry::Backoff, now);
        assert_eq!(at(1), Next::At(Timestamp::from_seconds(1_060)));
        assert_eq!(at(2), Next::At(Timestamp::from_seconds(1_300)));
        assert_eq!(at(3), Next::GiveUp);
    }

    #[test]
    fn a_longer_wait_asked_by_the_provider_wins_and_a_shorter_does_not() {
        let now = Timestamp::from_seconds(0);
        let asked = |seconds| next_attempt(JobKind::AutoText, 1, Retry::After(Duration::from_secs(seconds)), now);
        assert_eq!(asked(90), Next::At(Timestamp::from_seconds(90)));
        assert_eq!(asked(5), Next::At(Timestamp::from_seconds(60)));
    }
}
