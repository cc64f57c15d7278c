//! What comes next: the next instant at which callers are answered differently.

use std::time::Duration;

use super::decide::{CallerFacts, Decision, decide};
use super::{Compiled, Variant};
use crate::Timestamp;
use crate::zone::LocalDay;

const SECONDS_PER_QUARTER: u32 = 900;
const DAY: Duration = Duration::from_secs(86_400);

/// The next instant after `at` at which a caller with these `facts` is answered differently, and how. Nothing when the
/// answer never changes again. A change of the rule alone is none.
#[must_use]
pub fn next_change(schedule: &Compiled, facts: &CallerFacts<'_>, at: Timestamp) -> Option<(Timestamp, Decision)> {
    let now = decide(schedule, facts, at);
    next_where(schedule, facts, at, |decision| !decision.is_same_answer(&now))
}

/// What each of these calls would get.
#[must_use]
pub fn simulate(schedule: &Compiled, calls: &[(Timestamp, CallerFacts<'_>)]) -> Vec<Decision> {
    calls.iter().map(|(at, facts)| decide(schedule, facts, *at)).collect()
}

impl Compiled {
    /// Whether the business is open at `now`: the wording of business hours applies.
    #[must_use]
    pub fn is_business_open(&self, now: Timestamp) -> bool {
        decide(self, &CallerFacts::default(), now).variant == Variant::BusinessHours
    }

    /// When the business opens next after `now`: the start of the next stretch with the wording of business hours.
    #[must_use]
    pub fn next_business_open(&self, now: Timestamp) -> Option<Timestamp> {
        let facts = CallerFacts::default();
        let is = |variant| move |decision: &Decision| decision.variant == variant;
        let closed = match decide(self, &facts, now).variant {
            Variant::AfterHours => now,
            Variant::BusinessHours => next_where(self, &facts, now, is(Variant::AfterHours))?.0,
        };
        next_where(self, &facts, closed, is(Variant::BusinessHours)).map(|(at, _)| at)
    }
}

/// The first instant after `at` whose decision is `wanted`.
fn next_where(
    schedule: &Compiled,
    facts: &CallerFacts<'_>,
    at: Timestamp,
    wanted: impl Fn(&Decision) -> bool,
) -> Option<(Timestamp, Decision)> {
    let zone = schedule.zone();
    let emergency = facts.emergency_until.filter(|until| *until > at);
    // Ordinary weeks repeat, so a week and a day past the last thing that is not ordinary everything has been seen.
    let last_override = schedule.last_override().map(|day| zone.start_of(day.plus_days(1)));
    let last = [last_override, emergency.map(|until| until.min(at.plus(DAY)))]
        .into_iter()
        .flatten()
        .fold(at, Timestamp::max);
    let horizon = last.plus(DAY * 9);
    let mut at = at;
    while at < horizon {
        let pending = emergency.filter(|until| *until > at);
        let local = zone.to_local(at);
        let until = if pending.is_none() && schedule.is_uniform(local.day) {
            start_after(schedule, at, local.day)
        } else {
            let left = SECONDS_PER_QUARTER.saturating_sub(local.second_of_day % SECONDS_PER_QUARTER);
            Timestamp::from_seconds(at.as_seconds().saturating_add(i64::from(left)))
        };
        at = [zone.next_transition(at), pending]
            .into_iter()
            .flatten()
            .fold(until, Timestamp::min);
        let decision = decide(schedule, facts, at);
        if wanted(&decision) {
            return Some((at, decision));
        }
    }
    None
}

/// The first instant after `at` that is on another local day than `day`.
fn start_after(schedule: &Compiled, at: Timestamp, day: LocalDay) -> Timestamp {
    let zone = schedule.zone();
    let start = zone.start_of(day.plus_days(1));
    // When clocks are set back over midnight, a day can come a second time after the next has begun.
    if start > at {
        start
    } else {
        zone.resolve(day.plus_days(1), 0).end()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Block, CallSource, DateOverride, Method, Schedule, TimeOfDay};
    use super::*;
    use crate::zone::{Weekday, Zone};

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn compiled(schedule: &Schedule) -> Compiled {
        schedule.compile(&Zone::parse("America/Chicago").unwrap()).unwrap()
    }

    const READY: CallerFacts<'_> = CallerFacts {
        blocked: false,
        spam: false,
        suspected: None,
        emergency_until: None,
        voice_ready: true,
        source: CallSource::UNKNOWN,
    };

    #[test]
    fn the_next_change_is_told_across_a_weekend_and_a_clock_change() {
        // Friday evening before clocks go forward.
        let mut plain = Schedule::default();
        plain.business_hours.clear();
        let (when, decision) = next_change(&compiled(&plain), &READY, at("2026-03-07T01:00:00Z")).unwrap();
        assert_eq!((when, decision.method), (at("2026-03-09T13:00:00Z"), Method::AiVoice));
    }

    #[test]
    fn a_schedule_that_never_changes_has_no_next_change() {
        let mut always = Schedule::always(Method::Both);
        always.business_hours.clear();
        assert_eq!(
            next_change(&compiled(&always), &READY, at("2026-03-07T01:00:00Z")),
            None
        );
        assert_eq!(compiled(&always).next_business_open(at("2026-03-07T01:00:00Z")), None);
    }

    #[test]
    fn clocks_that_are_set_back_within_a_quarter_into_the_day_before_are_noticed() {
        // Newfoundland did so a minute after midnight: Sunday 0:01 became Saturday 23:01.
        let mut schedule = Schedule::always(Method::Voicemail);
        let late = Block::new(
            Weekday::Saturday,
            TimeOfDay::hour(23),
            TimeOfDay::hour(24),
            Method::Both,
        );
        schedule.weekly = vec![late];
        schedule.business_hours.clear();
        let schedule = schedule.compile(&Zone::parse("America/St_Johns").unwrap()).unwrap();
        let (when, decision) = next_change(&schedule, &READY, at("2010-11-07T02:30:30Z")).unwrap();
        assert_eq!((when, decision.method), (at("2010-11-07T02:31:00Z"), Method::Both));
        let (when, decision) = next_change(&schedule, &READY, when).unwrap();
        assert_eq!((when, decision.method), (at("2010-11-07T03:30:00Z"), Method::Voicemail));
    }

    #[test]
    fn an_override_years_ahead_is_found() {
        let mut schedule = Schedule::always(Method::Both);
        schedule.business_hours.clear();
        schedule.overrides = vec![DateOverride::whole_day(
            "2040-07-04".parse().unwrap(),
            Method::Voicemail,
        )];
        let schedule = compiled(&schedule);
        let (when, decision) = next_change(&schedule, &READY, at("2026-03-07T01:00:00Z")).unwrap();
        assert_eq!((when, decision.method), (at("2040-07-04T05:00:00Z"), Method::Voicemail));
        let (when, decision) = next_change(&schedule, &READY, when).unwrap();
        assert_eq!((when, decision.method), (at("2040-07-05T05:00:00Z"), Method::Both));
    }

    #[test]
    fn the_end_of_an_emergency_is_a_change() {
        let facts = CallerFacts {
            emergency_until: Some(at("2026-03-07T01:10:00Z")),
            ..READY
        };
        let (when, decision) =
            next_change(&compiled(&Schedule::default()), &facts, at("2026-03-07T01:00:00Z")).unwrap();
        assert_eq!((when, decision.method), (at("2026-03-07T01:10:00Z"), Method::Voicemail));
    }

    #[test]
    fn the_next_opening_is_the_next_one_also_while_open() {
        let schedule = compiled(&Schedule::default());
        assert_eq!(
            schedule.next_business_open(at("2026-11-21T09:00:00Z")),
            Some(at("2026-11-23T14:00:00Z"))
        );
        assert_eq!(
            schedule.next_business_open(at("2026-11-23T15:00:00Z")),
            Some(at("2026-11-24T14:00:00Z"))
        );
    }

    #[test]
    fn a_simulation_decides_each_call_alone() {
        let schedule = compiled(&Schedule::default());
        let blocked = CallerFacts { blocked: true, ..READY };
        let noon = at("2026-11-23T18:00:00Z");
        let methods: Vec<Method> = simulate(&schedule, &[(noon, READY), (noon, blocked), (noon, READY)])
            .iter()
            .map(|d| d.method)
            .collect();
        assert_eq!(methods, [Method::AiVoice, Method::Off, Method::AiVoice]);
    }
}
