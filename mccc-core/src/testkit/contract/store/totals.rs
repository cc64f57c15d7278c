//! Sums that equal a recount.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::StoreHarness;
use super::bench::Bench;
use crate::calls::{Call, Outcome};
use crate::port::Store;
use crate::port::store::{Change, CommitError, StoreError, TotalsFilter};
use crate::routing::Method;
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};
use crate::testkit::{SeededEntropy, build};
use crate::zone::LocalDay;
use crate::{BusinessId, CallerId, Timestamp};

/// Calls, recovered, responded, milliseconds; by method and outcome.
type Sums = BTreeMap<(Method, Outcome), [u64; 4]>;

const DAY: Duration = Duration::from_secs(24 * 3600);

fn recount<'a>(calls: impl IntoIterator<Item = &'a Call>, filter: TotalsFilter) -> Sums {
    let mut sums = Sums::new();
    for call in calls {
        if call.is_test || !(filter.from_day..=filter.to_day).contains(&call.local_day) {
            continue;
        }
        let sum = sums.entry((call.method, call.outcome)).or_default();
        let waited = call.responded_at.map(|at| at.since(call.received_at).as_millis());
        let parts = [
            1,
            u64::from(call.recovered),
            u64::from(waited.is_some()),
            waited.and_then(|waited| u64::try_from(waited).ok()).unwrap_or(0),
        ];
        for (to, from) in sum.iter_mut().zip(parts) {
            *to += from;
        }
    }
    sums
}

/// What is stored; each row once and in order.
async fn stored(store: &dyn Store, business: BusinessId, filter: TotalsFilter) -> Result<Sums, Failure> {
    let rows = store.totals(business, &filter).await?;
    let in_order = rows.is_sorted_by(|one, next| (one.method, one.outcome) < (next.method, next.outcome));
    ensure!(in_order, "totals are not in order: {rows:?}");
    Ok(rows
        .into_iter()
        .map(|row| {
            (
                (row.method, row.outcome),
                [row.calls, row.recovered, row.responded, row.response_ms],
            )
        })
        .collect())
}

/// Something that may happen to a call.
fn changed(call: &Call, dice: &SeededEntropy) -> Call {
    let mut after = call.clone();
    after.version += 1;
    after.outcome = dice.pick(Outcome::ALL).copied().unwrap_or(after.outcome);
    if dice.once_in(3) {
        after.method = dice.pick(Method::ALL).copied().unwrap_or(after.method);
    }
    after.recovered = dice.once_in(2);
    after.responded_at = (!dice.once_in(4)).then(|| {
        let wait = Duration::from_micros(dice.below(90_000_000));
        call.received_at.plus(wait)
    });
    after.is_test = dice.once_in(8);
    after
}

fn around(day: LocalDay, before: i32, after: i32) -> TotalsFilter {
    TotalsFilter {
        from_day: day.plus_days(-before),
        to_day: day.plus_days(after),
    }
}

pub(super) async fn totals_equal_a_recount_after_many_changes(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, best) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    let dice = SeededEntropy::new(2_026);
    let mut calls: Vec<Call> = Vec::new();
    for number in 0..120_u32 {
        if number % 30 == 29 {
            h.advance(DAY);
        }
        let index = usize::try_from(dice.below(u64::try_from(calls.len()).unwrap_or(0))).unwrap_or(0);
        match calls.get_mut(index) {
            Some(call) if !dice.once_in(3) => {
                let after = changed(call, &dice);
                bench.apply(ace, vec![build::update(call, &after)]).await?;
                *call = after;
            }
            _ => calls.push(bench.call(ace, &format!("CA{number}"), build::phone(number)).await?),
        }
        if number % 10 == 9 {
            bench.call(best, &format!("CA{number}"), build::phone(number)).await?;
            // Equal at every instant a reader can see, on whatever server.
            let whole = TotalsFilter {
                from_day: LocalDay(0),
                to_day: LocalDay(100_000),
            };
            for store in [&bench.store, &bench.other().await] {
                ensure_eq!(
                    stored(&**store, ace, whole).await?,
                    recount(&calls, whole),
                    "totals after {number} changes"
                );
            }
        }
    }
    let first = calls.first().map_or(LocalDay(0), |call| call.local_day);
    for filter in [
        around(first, 0, 0),
        around(first, 0, 1),
        around(first, -1, 2),
        around(first, 5, -1),
    ] {
        ensure_eq!(
            stored(&*bench.store, ace, filter).await?,
            recount(&calls, filter),
            "totals of {filter:?}"
        );
    }
    let whole = around(first, 100, 100);
    let elsewhere: u64 = stored(&*bench.store, best, whole)
        .await?
        .values()
        .map(|sum| sum[0])
        .sum();
    ensure_eq!(elsewhere, 12, "calls of the other business");
    let zero = bench.store.totals(ace, &whole).await?.iter().any(|row| row.calls == 0);
    ensure!(!zero, "a row of totals without calls is shown");
    Ok(Done::Passed)
}

/// Takes a call in and changes it twice.
async fn live(
    store: Arc<dyn Store>,
    owner: Arc<crate::business::Owner>,
    number: u32,
    now: Timestamp,
) -> Result<Call, CommitError> {
    let dice = SeededEntropy::new(u64::from(number));
    let commit = build::intake_commit(
        &owner,
        &format!("CA{number}"),
        CallerId::Present(build::phone(number)),
        now,
    );
    let mut call = build::inserted(&commit)
        .cloned()
        .ok_or_else(|| StoreError::unavailable("an intake without a call"))?;
    store.commit(commit).await?;
    for _ in 0..2 {
        let after = changed(&call, &dice);
        store
            .commit(build::commit(owner.business, now, vec![build::update(&call, &after)]))
            .await?;
        call = after;
    }
    Ok(call)
}

pub(super) async fn totals_equal_a_recount_after_concurrent_changes(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let owner = super::bench::found("the business", bench.store.owner(ace).await?)?;
    let other = bench.other().await;
    let mut lives = JoinSet::new();
    for number in 0..40 {
        let store = Arc::clone(if number % 2 == 0 { &bench.store } else { &other });
        lives.spawn(live(store, Arc::clone(&owner), number, bench.now()));
    }
    let mut calls = Vec::new();
    while let Some(call) = lives.join_next().await {
        calls.push(call.map_err(|error| Failure::new(error.to_string()))??);
    }
    let whole = TotalsFilter {
        from_day: LocalDay(0),
        to_day: LocalDay(100_000),
    };
    ensure_eq!(
        stored(&*bench.store, ace, whole).await?,
        recount(&calls, whole),
        "totals after a race"
    );
    Ok(Done::Passed)
}

pub(super) async fn tests_are_left_out_of_totals(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let commit = bench.intake(ace, "CA1", build::phone(9)).await?;
    let mut test = super::bench::found("the call of an intake", build::inserted(&commit).cloned())?;
    test.is_test = true;
    let mut commit = commit;
    for change in &mut commit.changes {
        if let Change::InsertCall(call) = change {
            call.is_test = true;
        }
    }
    bench.store.commit(commit).await?;
    let filter = around(test.local_day, 1, 1);
    let sums = stored(&*bench.store, ace, filter).await?;
    ensure!(sums.is_empty(), "a test call was counted when it came: {sums:?}");
    let mut after = build::full_call(&test, &build::thread(ace, build::phone(9), bench.now()));
    after.is_test = true;
    bench.apply(ace, vec![build::update(&test, &after)]).await?;
    let sums = stored(&*bench.store, ace, filter).await?;
    ensure!(sums.is_empty(), "a test call was counted when it changed: {sums:?}");
    Ok(Done::Passed)
}

pub(super) async fn totals_cover_exactly_the_days_asked_for(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let mut days = Vec::new();
    for number in 0..4_u32 {
        days.push(
            bench
                .call(ace, &format!("CA{number}"), build::phone(number))
                .await?
                .local_day,
        );
        h.advance(DAY);
    }
    for (from, first) in days.iter().enumerate() {
        for (to, last) in days.iter().enumerate() {
            let filter = TotalsFilter {
                from_day: *first,
                to_day: *last,
            };
            let counted: u64 = stored(&*bench.store, ace, filter)
                .await?
                .values()
                .map(|sum| sum[0])
                .sum();
            let expected = if from <= to { to - from + 1 } else { 0 };
            ensure_eq!(
                usize::try_from(counted).unwrap_or(0),
                expected,
                "calls from day {from} to day {to}"
            );
        }
    }
    Ok(Done::Passed)
}
