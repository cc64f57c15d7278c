//! What is old enough is deleted, and nothing else.

use std::time::Duration;

use super::StoreHarness;
use super::bench::{Bench, note};
use crate::port::store::{
    Change, CommitError, Conflict, ConsentChange, Deleted, FeedEvent, FeedKind, JobResult, JobState, OldRows,
};
use crate::testkit::build;
use crate::testkit::contract::{Checked, Done, ensure, ensure_eq};

const DAY: Duration = Duration::from_secs(86_400);

pub(super) async fn what_is_old_enough_is_deleted_in_small_steps(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, best) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    let start = bench.now();
    let mut kept = build::feed(start, "head");
    kept.kind = FeedKind::LedgerHead;
    for business in [ace, best] {
        for (name, at) in [("one", start), ("two", start), ("new", start.plus(DAY * 10))] {
            let mut commit = build::commit(business, at, vec![note(at, name)]);
            commit.event = Some(build::event_key(name, Some("said")));
            bench.store.commit(commit).await?;
        }
        let commit = build::commit(business, start, vec![Change::Feed(kept.clone())]);
        bench.store.commit(commit).await?;
    }
    let before = bench.store.feed(ace, 0, 100).await?.len();
    let old = |days: u32| OldRows {
        jobs_before: start.plus(DAY * days),
        receipts_before: start.plus(DAY * days),
        feed_before: start.plus(DAY * days),
        limit: 1,
    };
    let none = OldRows {
        jobs_before: start,
        receipts_before: start,
        feed_before: start,
        limit: 100,
    };
    ensure_eq!(
        bench.store.delete_old(ace, &none).await?,
        Deleted::default(),
        "what is deleted while nothing is old"
    );
    let mut deleted = Deleted::default();
    let mut steps = 0;
    loop {
        let step = bench.store.delete_old(ace, &old(1)).await?;
        ensure!(step.receipts <= 1 && step.feed <= 1, "a step deleted more than it may");
        deleted.receipts += step.receipts;
        deleted.feed += step.feed;
        steps += 1;
        ensure!(steps < 50, "deleting never ended");
        if !step.more(1) {
            break;
        }
    }
    ensure_eq!(deleted.receipts, 2, "deleted receipts");
    let left: Vec<FeedEvent> = bench
        .store
        .feed(ace, 0, 100)
        .await?
        .into_iter()
        .map(|entry| entry.event)
        .collect();
    ensure_eq!(
        left.len() + usize::try_from(deleted.feed).unwrap_or(0),
        before,
        "feed entries"
    );
    ensure!(
        left.iter().any(|event| event.kind == FeedKind::LedgerHead),
        "a head of the consent ledger was deleted"
    );
    ensure!(
        left.iter()
            .all(|event| event.kind == FeedKind::LedgerHead || event.at >= start.plus(DAY)),
        "an old feed entry was left"
    );
    ensure_eq!(
        left.iter().filter(|event| event.at >= start.plus(DAY)).count(),
        1,
        "new feed entries"
    );
    // A reader that stopped before the gap goes on after it, and what comes later is visible.
    let head = bench
        .store
        .commit(build::commit(ace, start, vec![note(start, "later")]))
        .await?
        .position;
    let last = bench.store.feed(ace, 0, 100).await?.last().map(|entry| entry.seq);
    ensure_eq!(last, head, "the newest position after deleting");
    // A new receipt still counts, and another business lost nothing.
    for (business, name) in [(ace, "new"), (best, "one"), (best, "new")] {
        let mut again = build::commit(business, start.plus(DAY * 11), vec![]);
        again.event = Some(build::event_key(name, None));
        let refused = bench.store.commit(again).await;
        ensure!(
            matches!(refused, Err(CommitError::Conflict(Conflict::AlreadyProcessed { .. }))),
            "the event {name} counted twice: {refused:?}"
        );
    }
    Ok(Done::Passed)
}

pub(super) async fn work_that_is_not_over_is_never_deleted(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let start = bench.now();
    let changes = ["waits", "runs"].map(|name| Change::Enqueue(build::job(name, start)));
    bench.apply(ace, changes.into()).await?;
    let claimed = bench.claim("worker", 1).await?;
    ensure_eq!(claimed.len(), 1, "claimed jobs");
    let all = OldRows {
        jobs_before: start.plus(DAY * 1_000),
        receipts_before: start,
        feed_before: start,
        limit: 100,
    };
    ensure_eq!(
        bench.store.delete_old(ace, &all).await?,
        Deleted::default(),
        "what is deleted of work that is not over"
    );
    for job in claimed {
        bench.settle(ace, job.fence, JobResult::Done).await?;
    }
    ensure_eq!(
        bench.store.delete_old(ace, &all).await?.jobs,
        1,
        "finished jobs that are deleted"
    );
    let depth = bench.store.queue_depth().await?;
    let queued: u64 = depth
        .iter()
        .filter(|one| one.state == JobState::Queued)
        .map(|one| one.count)
        .sum();
    ensure_eq!(queued, 1, "jobs that still wait");
    Ok(Done::Passed)
}

pub(super) async fn what_the_law_needs_is_never_deleted(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let start = bench.now();
    let phone = build::phone(9);
    let out = Change::Consent(ConsentChange::OptOut {
        phone,
        keyword: "STOP".to_owned(),
    });
    bench
        .apply(ace, vec![out, Change::Ledger(build::entry(phone, start))])
        .await?;
    let all = OldRows {
        jobs_before: start.plus(DAY * 5_000),
        receipts_before: start.plus(DAY * 5_000),
        feed_before: start.plus(DAY * 5_000),
        limit: 1_000,
    };
    let entries = bench.store.ledger(ace, 0, 100).await?;
    ensure!(!entries.is_empty(), "an opt-out left no entry in the ledger");
    bench.store.delete_old(ace, &all).await?;
    ensure_eq!(bench.store.ledger(ace, 0, 100).await?, entries, "the consent ledger");
    ensure_eq!(bench.store.opt_outs(ace, 100).await?.len(), 1, "opt-outs");
    let thread = bench.store.thread(ace, &phone, start).await?;
    ensure!(thread.consent.suppressed, "a suppression was deleted");
    Ok(Done::Passed)
}
