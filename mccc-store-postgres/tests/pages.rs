//! A filtered page shows exactly what a filter over the whole list would, page by page, and sums equal a recount.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use common::World;
use mccc_core::calls::{Call, DashboardOutcome, Outcome};
use mccc_core::port::Store as _;
use mccc_core::port::store::{CallCursor, CallFilter, CallRow, Change, OldRows, TotalsFilter};
use mccc_core::routing::Method;
use mccc_core::{BusinessId, Timestamp};
use mccc_test::postgres_or_skip;

/// Eighty calls over a few days, several in the same instant, of every method and outcome; some twice changed.
async fn history(world: &World, business: BusinessId) -> Vec<Call> {
    let mut calls = Vec::new();
    for number in 0..80_u64 {
        if number % 3 == 0 {
            world.clock.advance(Duration::from_secs(3_600));
        }
        let tail = u32::try_from(100 + number % 7).unwrap();
        let mut call = world.insert_call(business, number, tail).await;
        for step in 0..number % 3 {
            let mut after = call.clone();
            after.version += 1;
            after.method = Method::ALL[usize::try_from(number * 7 + step).unwrap() % Method::ALL.len()];
            after.outcome = Outcome::ALL[usize::try_from(number * 5 + step).unwrap() % Outcome::ALL.len()];
            after.needs_attention = number % 4 == 0;
            after.recovered = number % 5 == 0;
            after.responded_at =
                (number % 2 == 0).then(|| call.received_at.plus(Duration::from_millis(1_500 + number)));
            after.is_test = number % 11 == 0;
            after.tags = vec!["a \"quoted\" tag".to_owned(), "{}".to_owned()];
            let change = Change::UpdateCall {
                before: Box::new(call),
                after: Box::new(after.clone()),
            };
            world.store.commit(world.commit(business, vec![change])).await.unwrap();
            call = after;
        }
        calls.push(call);
    }
    calls.sort_by_key(|call| std::cmp::Reverse((call.received_at, call.id)));
    calls
}

fn fits(call: &Call, filter: &CallFilter) -> bool {
    filter.from_day.is_none_or(|day| call.local_day >= day)
        && filter.to_day.is_none_or(|day| call.local_day <= day)
        && filter.method.is_none_or(|method| call.method == method)
        && filter.outcome.is_none_or(|label| call.outcome.dashboard() == label)
        && (!filter.attention || call.needs_attention)
        && filter.caller.is_none_or(|caller| call.caller.number() == Some(caller))
        && (filter.tests || !call.is_test)
}

async fn all_pages(world: &World, business: BusinessId, filter: &CallFilter) -> Vec<CallRow> {
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let page = world.store.calls(business, filter, after, 4).await.unwrap();
        let Some(last) = page.last() else { return rows };
        after = Some(CallCursor {
            received_at: last.received_at,
            id: last.id,
        });
        rows.extend(page);
    }
}

#[tokio::test]
async fn every_filter_shows_what_it_names_and_nothing_else() {
    let world = World::new(postgres_or_skip!()).await;
    let ace = world.open_business("ace", 1).await;
    let best = world.open_business("best", 2).await;
    let calls = history(&world, ace).await;
    world.insert_call(best, 1, 100).await;
    let mut filters = vec![CallFilter::default()];
    for method in Method::ALL {
        filters.push(CallFilter {
            method: Some(*method),
            ..CallFilter::default()
        });
    }
    for label in DashboardOutcome::ALL {
        for method in [None, Some(calls[1].method)] {
            filters.push(CallFilter {
                outcome: Some(*label),
                method,
                ..CallFilter::default()
            });
        }
    }
    let (first, last) = (calls[60].local_day, calls[20].local_day);
    let mut narrowed = Vec::new();
    for filter in &filters {
        for tests in [false, true] {
            for attention in [false, true] {
                for days in [(None, None), (Some(first), Some(last))] {
                    for caller in [None, calls[3].caller.number()] {
                        narrowed.push(CallFilter {
                            tests,
                            attention,
                            from_day: days.0,
                            to_day: days.1,
                            caller,
                            ..filter.clone()
                        });
                    }
                }
            }
        }
    }
    let mut shown = 0;
    for filter in &narrowed {
        let rows = all_pages(&world, ace, filter).await;
        let expected: Vec<_> = calls.iter().filter(|call| fits(call, filter)).collect();
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        assert_eq!(
            ids,
            expected.iter().map(|call| call.id).collect::<Vec<_>>(),
            "{filter:?}"
        );
        for (row, call) in rows.iter().zip(expected) {
            assert_eq!(
                (row.method, row.outcome, &row.tags),
                (call.method, call.outcome, &call.tags)
            );
        }
        shown += rows.len();
    }
    assert!(shown > 500, "the filters had something to find: {shown}");
}

#[tokio::test]
async fn sums_equal_a_recount() {
    let world = World::new(postgres_or_skip!()).await;
    let ace = world.open_business("ace", 1).await;
    let calls = history(&world, ace).await;
    assert_eq!(packed_days(&world), 0);
    compare_sums(&world, ace, &calls).await;
}

#[tokio::test]
async fn sums_of_packed_days_equal_a_recount_also_after_a_late_change() {
    let world = World::new(postgres_or_skip!()).await;
    let ace = world.open_business("ace", 1).await;
    let mut calls = history(&world, ace).await;
    world.clock.advance(Duration::from_secs(4 * 86_400));
    let nothing = OldRows {
        jobs_before: Timestamp::UNIX_EPOCH,
        receipts_before: Timestamp::UNIX_EPOCH,
        feed_before: Timestamp::UNIX_EPOCH,
        limit: 1,
    };
    world.store.delete_old(ace, &nothing).await.unwrap();
    let days: BTreeSet<_> = calls.iter().map(|call| call.local_day).collect();
    assert_eq!(packed_days(&world), days.len());
    compare_sums(&world, ace, &calls).await;
    let mut after = calls[40].clone();
    after.version += 1;
    (after.outcome, after.recovered, after.is_test) = (Outcome::AppointmentBooked, true, false);
    after.responded_at = Some(after.received_at.plus(Duration::from_secs(5)));
    let change = Change::UpdateCall {
        before: Box::new(calls[40].clone()),
        after: Box::new(after.clone()),
    };
    world.store.commit(world.commit(ace, vec![change])).await.unwrap();
    calls[40] = after;
    assert_eq!(
        packed_days(&world),
        days.len() - 1,
        "the changed day is read from its arrays"
    );
    compare_sums(&world, ace, &calls).await;
    world.store.delete_old(ace, &nothing).await.unwrap();
    assert_eq!(packed_days(&world), days.len());
    compare_sums(&world, ace, &calls).await;
}

fn packed_days(world: &World) -> usize {
    let count = world
        .database
        .sql("SELECT count(packed) FROM mccc.call_totals")
        .unwrap();
    count.trim().parse().unwrap()
}

async fn compare_sums(world: &World, ace: BusinessId, calls: &[Call]) {
    let day = |text: &str| text.parse().unwrap();
    let ranges = [
        (day("2000-01-01"), day("2100-01-01")),
        (calls[50].local_day, calls[10].local_day),
        (calls[0].local_day, calls[0].local_day),
    ];
    for (from_day, to_day) in ranges {
        let mut expected = BTreeMap::new();
        for call in calls
            .iter()
            .filter(|call| !call.is_test && call.local_day >= from_day && call.local_day <= to_day)
        {
            let sums = expected
                .entry((call.method.name(), call.outcome.name()))
                .or_insert((0, 0, 0, 0));
            sums.0 += 1;
            sums.1 += u64::from(call.recovered);
            sums.2 += u64::from(call.responded_at.is_some());
            sums.3 += call
                .responded_at
                .map_or(0, |at| u64::try_from(at.since(call.received_at).as_millis()).unwrap());
        }
        let rows = world
            .store
            .totals(ace, &TotalsFilter { from_day, to_day })
            .await
            .unwrap();
        let stored: BTreeMap<_, _> = rows
            .iter()
            .map(|row| {
                let sums = (row.calls, row.recovered, row.responded, row.response_ms);
                ((row.method.name(), row.outcome.name()), sums)
            })
            .collect();
        assert_eq!(stored, expected);
        assert!(!stored.is_empty());
    }
}
