//! Whether to tell now, later or not at all, and whether to try again.

use super::{ChannelKind, NoticeKind, quiet_until};
use crate::Timestamp;
use crate::business::Settings;
use crate::jobs::{JobKind, Next, next_attempt};
use crate::port::Retry;

/// What is done about something the contractor may want to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// Nobody wants to know.
    Nobody,
    /// It is quiet time: it becomes part of the summary at its end.
    Hold {
        /// When that is.
        until: Timestamp,
    },
    /// Tell now, each channel by itself.
    Tell(Vec<ChannelKind>),
}

/// What to do about `kind` at `now`; `urgent` where it cannot wait.
#[must_use]
pub fn plan(settings: &Settings, kind: NoticeKind, urgent: bool, now: Timestamp) -> Plan {
    let notifications = &settings.notifications;
    let channels = notifications.channels(kind);
    if !settings.switches.immediate_notifications || channels.is_empty() {
        return Plan::Nobody;
    }
    let at_once = kind == NoticeKind::Test || (urgent && notifications.emergencies_always);
    let quiet = quiet_until(&notifications.do_not_disturb, &settings.profile.zone, now);
    match quiet.filter(|_| !at_once) {
        Some(until) => Plan::Hold { until },
        None => Plan::Tell(channels),
    }
}

/// What happens after attempt number `attempt` (from 1) to tell failed. Once more after half a minute. An attempt that
/// may have arrived is repeated where the channel makes one of two, and where hearing it twice is better than never.
#[must_use]
pub fn again(attempt: u32, verdict: Retry, repeats_are_one: bool, urgent: bool, now: Timestamp) -> Next {
    let verdict = match verdict {
        Retry::Unknown if repeats_are_one || urgent => Retry::Backoff,
        Retry::Unknown | Retry::Never | Retry::Backoff | Retry::After(_) => verdict,
    };
    next_attempt(JobKind::Notify, attempt, verdict, now)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::notify::QuietTime;
    use crate::zone::{Weekday, Zone};

    /// The plan for a thing that is as urgent as its kind.
    fn plan(settings: &Settings, kind: NoticeKind, now: Timestamp) -> Plan {
        super::plan(settings, kind, kind.is_urgent(), now)
    }

    fn settings() -> Settings {
        let mut settings = Settings::new("Acme", Zone::parse("UTC").unwrap());
        settings.notifications.slack.on = true;
        settings.notifications.do_not_disturb = vec![QuietTime {
            days: Weekday::ALL.to_vec(),
            from: "22:00".parse().unwrap(),
            until: "06:00".parse().unwrap(),
        }];
        settings
    }

    fn night() -> Timestamp {
        Timestamp::parse("2026-11-27T23:00:00Z").unwrap()
    }

    fn morning() -> Timestamp {
        Timestamp::parse("2026-11-28T06:00:00Z").unwrap()
    }

    #[test]
    fn at_night_only_an_emergency_is_told_and_that_can_be_switched_off() {
        let mut settings = settings();
        let tell = Plan::Tell(vec![ChannelKind::Slack]);
        let hold = Plan::Hold { until: morning() };
        for kind in NoticeKind::ALL {
            let expected = match kind.name() {
                "emergency" | "test" => &tell,
                _ => &hold,
            };
            assert_eq!(plan(&settings, *kind, night()), *expected, "{kind:?}");
            assert_eq!(plan(&settings, *kind, morning()), tell, "{kind:?}");
        }
        settings.notifications.emergencies_always = false;
        assert_eq!(plan(&settings, NoticeKind::Emergency, night()), hold);
    }

    #[test]
    fn the_switch_of_the_business_silences_every_channel() {
        let mut settings = settings();
        settings.switches.immediate_notifications = false;
        assert_eq!(plan(&settings, NoticeKind::Emergency, morning()), Plan::Nobody);
    }

    #[test]
    fn what_no_channel_wants_is_not_held_either() {
        let mut settings = settings();
        settings.notifications.slack.muted = vec![NoticeKind::MissedCall];
        assert_eq!(plan(&settings, NoticeKind::MissedCall, night()), Plan::Nobody);
    }

    #[test]
    fn a_channel_is_tried_once_more_after_half_a_minute() {
        let now = morning();
        let next = |attempt, verdict| again(attempt, verdict, false, false, now);
        assert_eq!(next(1, Retry::Backoff), Next::At(now.plus(Duration::from_secs(30))));
        assert_eq!(
            next(1, Retry::After(Duration::from_secs(90))),
            Next::At(now.plus(Duration::from_secs(90)))
        );
        assert_eq!(next(2, Retry::Backoff), Next::GiveUp);
        assert_eq!(next(1, Retry::Never), Next::GiveUp);
    }

    #[test]
    fn what_may_have_arrived_is_repeated_only_where_that_does_no_harm() {
        let now = morning();
        let repeated = Next::At(now.plus(Duration::from_secs(30)));
        assert_eq!(again(1, Retry::Unknown, false, false, now), Next::Look);
        assert_eq!(again(1, Retry::Unknown, true, false, now), repeated);
        assert_eq!(again(1, Retry::Unknown, false, true, now), repeated);
    }
}
