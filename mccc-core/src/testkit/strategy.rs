//! Generators for property tests.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::build;
use crate::business::Owner;
use crate::calls::{Call, Outcome};
use crate::routing::{Block, FallbackStep, Hours, Method, Only, Schedule, TimeOfDay};
use crate::zone::Weekday;
use crate::{CallerId, PhoneNumber, RuleId, Timestamp};

/// Instants from 1970 to 2100, with microseconds.
pub fn timestamps() -> impl Strategy<Value = Timestamp> {
    (0..4_102_444_800_000_000_i64).prop_map(Timestamp::from_micros)
}

/// Numbers of the North American plan that a person could have.
pub fn callers() -> impl Strategy<Value = PhoneNumber> {
    (0..8_000_000_u32).prop_map(build::phone)
}

/// Any E.164 number.
pub fn phone_numbers() -> impl Strategy<Value = PhoneNumber> {
    "\\+[1-9][0-9]{1,14}".prop_filter_map("not a number", |text| PhoneNumber::parse(&text).ok())
}

/// Callers as networks tell them.
pub fn caller_ids() -> impl Strategy<Value = CallerId> {
    prop_oneof![
        4 => callers().prop_map(CallerId::Present),
        1 => select(vec![CallerId::Anonymous, CallerId::Restricted, CallerId::Invalid]),
    ]
}

/// Ways to answer.
pub fn methods() -> impl Strategy<Value = Method> {
    select(Method::ALL)
}

/// Quarters of an hour.
fn quarters(from: u16, to: u16) -> impl Strategy<Value = TimeOfDay> {
    (from..=to).prop_filter_map("not a time of day", |quarter| {
        format!("{:02}:{:02}", quarter / 4, quarter % 4 * 15).parse().ok()
    })
}

/// Weekly blocks, those over midnight included.
pub fn blocks() -> impl Strategy<Value = Block> {
    (
        any::<u128>(),
        select(&Weekday::ALL[..]),
        quarters(0, 95),
        quarters(1, 96),
        methods(),
        any::<bool>(),
        -3..4,
        option::of(timestamps()),
    )
        .prop_filter("an empty block", |(_, _, start, end, ..)| start != end)
        .prop_map(|(id, day, start, end, method, active, priority, updated_at)| Block {
            id: RuleId::from_uuid(uuid::Uuid::from_u128(id)),
            day,
            start,
            end,
            method,
            only: Only::default(),
            active,
            priority,
            updated_at,
        })
}

/// Schedules that compile.
pub fn schedules() -> impl Strategy<Value = Schedule> {
    let hours = (select(&Weekday::ALL[..]), quarters(0, 47), quarters(48, 96)).prop_map(|(day, start, end)| Hours {
        day,
        start,
        end,
    });
    let fallback = select(vec![
        vec![FallbackStep::Voicemail],
        vec![FallbackStep::AutoText],
        vec![FallbackStep::Voicemail, FallbackStep::AutoText],
    ]);
    (
        methods(),
        fallback,
        any::<bool>(),
        vec(blocks(), 0..12),
        vec(hours, 0..4),
    )
        .prop_map(
            |(after_hours_default, voice_fallback, emergency_override, weekly, business_hours)| Schedule {
                after_hours_default,
                voice_fallback,
                emergency_override,
                weekly,
                business_hours,
                ..Schedule::default()
            },
        )
        .prop_filter("the schedule does not compile", |schedule| {
            schedule.compile(&build::zone("America/Chicago")).is_ok()
        })
}

/// Calls to `owner`, as different stages of their lives leave them; each has a provider's identifier of its own.
pub fn calls(owner: Owner) -> impl Strategy<Value = Call> {
    (
        caller_ids(),
        any::<u64>(),
        select(Outcome::ALL),
        methods(),
        any::<bool>(),
        any::<bool>(),
        option::of(0..600_000_000_u64),
        0..30_000_000_000_u64,
    )
        .prop_filter_map(
            "an intake without a call",
            move |(caller, number, outcome, method, recovered, is_test, response, after)| {
                let at = build::START.plus(std::time::Duration::from_micros(after));
                let commit = build::intake_commit(&owner, &format!("CA{number:032x}"), caller, at);
                let call = build::inserted(&commit)?.clone();
                Some(Call {
                    outcome,
                    method,
                    recovered,
                    is_test,
                    responded_at: response.map(|wait| at.plus(std::time::Duration::from_micros(wait))),
                    ..call
                })
            },
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::totals_delta;

    proptest! {
        #[test]
        fn every_generated_schedule_compiles(schedule in schedules()) {
            prop_assert!(schedule.compile(&build::zone("Europe/Berlin")).is_ok());
        }

        #[test]
        fn a_change_and_its_way_back_leave_the_sums_alone(
            (before, after) in {
                let owner = build::owner("ace", build::phone(1));
                (calls(owner.clone()), calls(owner))
            },
        ) {
            let mut sums = std::collections::BTreeMap::new();
            for delta in totals_delta(Some(&before), &after).into_iter().chain(totals_delta(Some(&after), &before)) {
                let sum: &mut [i64; 4] = sums.entry((delta.day, delta.method, delta.outcome)).or_default();
                for (to, from) in sum.iter_mut().zip([delta.calls, delta.recovered, delta.responded, delta.response_ms]) {
                    *to += from;
                }
            }
            prop_assert!(sums.values().all(|sum| *sum == [0; 4]));
        }
    }
}
