//! The feed: what happened, in an order that a reader can resume from.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tokio::task::JoinSet;

use super::StoreHarness;
use super::bench::{Bench, note};
use crate::port::Store;
use crate::port::store::{Change, FeedEvent, FeedKind, StoreError};
use crate::testkit::build::{self, HARD_TEXT};
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};
use crate::{BusinessId, CallId, CallerId};

/// Commits of each writer in the race.
const COMMITS: u32 = 60;
/// Writers in the race.
const WRITERS: u32 = 4;

/// Reads as a resuming reader does, until the writers are done and nothing is left.
async fn follow(
    store: Arc<dyn Store>,
    business: BusinessId,
    limit: u32,
    writing: Arc<AtomicUsize>,
) -> Result<Vec<(u64, String)>, StoreError> {
    let (mut seen, mut after) = (Vec::new(), 0);
    loop {
        // Whoever was done before the reading began has shown everything.
        let last = writing.load(Ordering::SeqCst) == 0;
        let page = store.feed(business, after, limit).await?;
        if page.is_empty() && last {
            return Ok(seen);
        }
        for entry in page {
            after = entry.seq;
            seen.push((entry.seq, format!("{}{:?}", entry.event.data, entry.event.call)));
        }
        tokio::task::yield_now().await;
    }
}

pub(super) async fn positions_become_visible_in_order(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let other = bench.other().await;
    let owner = super::bench::found("the business", bench.store.owner(ace).await?)?;
    let writing = Arc::new(AtomicUsize::new(usize::try_from(WRITERS).unwrap_or(0)));
    let mut readers = JoinSet::new();
    for (store, limit) in [(&bench.store, 3), (&other, 1_000), (&other, 1)] {
        readers.spawn(follow(Arc::clone(store), ace, limit, Arc::clone(&writing)));
    }
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let store = Arc::clone(if writer % 2 == 0 { &bench.store } else { &other });
        let (owner, writing, now) = (Arc::clone(&owner), Arc::clone(&writing), bench.now());
        writers.spawn(async move {
            let mut positions = Vec::new();
            let mut failed = None;
            for number in 0..COMMITS {
                let name = format!("CA-{writer}-{number}");
                let commit = if number % 3 == 0 {
                    // Calls take the grouped way.
                    build::intake_commit(&owner, &name, CallerId::Present(build::phone(number)), now)
                } else {
                    let notes = (0..number % 3)
                        .map(|part| note(now, &format!("{name} {part}")))
                        .collect();
                    build::commit(ace, now, notes)
                };
                match store.commit(commit).await {
                    Ok(committed) => positions.extend(committed.position),
                    Err(error) => failed = Some(error),
                }
            }
            writing.fetch_sub(1, Ordering::SeqCst);
            failed.map_or(Ok(positions), Err)
        });
    }
    let mut acknowledged = Vec::new();
    while let Some(written) = writers.join_next().await {
        let positions = written.map_err(|error| Failure::new(error.to_string()))??;
        ensure!(positions.is_sorted(), "the positions of one writer go up");
        acknowledged.extend(positions);
    }
    let all: Vec<(u64, String)> = bench
        .store
        .feed(ace, 0, 100_000)
        .await?
        .into_iter()
        .map(|entry| (entry.seq, format!("{}{:?}", entry.event.data, entry.event.call)))
        .collect();
    ensure!(
        all.is_sorted_by(|left, right| left.0 < right.0),
        "positions go up and are never the same"
    );
    ensure_eq!(
        all.len(),
        usize::try_from(WRITERS * (COMMITS / 3) * 4).unwrap_or(0),
        "entries of all writers"
    );
    for position in &acknowledged {
        ensure!(
            all.iter().any(|(seq, _)| seq == position),
            "an acknowledged position {position} is not in the feed"
        );
    }
    while let Some(read) = readers.join_next().await {
        let seen = read.map_err(|error| Failure::new(error.to_string()))??;
        ensure_eq!(seen.len(), all.len(), "entries that a resuming reader saw");
        ensure!(
            seen == all,
            "a resuming reader saw other entries, or in another order, than there are"
        );
    }
    Ok(Done::Passed)
}

pub(super) async fn a_commit_learns_its_last_position(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, best) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    ensure_eq!(
        bench.store.feed_heads(&[ace]).await?,
        vec![(ace, 0)],
        "the head of an empty feed"
    );
    let now = bench.now();
    let mut last = 0;
    for number in 0..5_usize {
        let notes = (0..=number)
            .map(|part| note(now, &format!("{number}.{part}")))
            .collect();
        let position = super::bench::found("a position", bench.apply(ace, notes).await?.position)?;
        let new = bench.store.feed(ace, last, 100).await?;
        let texts: Vec<_> = new.iter().map(|entry| entry.event.data.clone()).collect();
        let expected: Vec<_> = (0..=number)
            .map(|part| json!({ "note": format!("{number}.{part}") }))
            .collect();
        ensure_eq!(texts, expected, "entries of one commit, in its order");
        ensure_eq!(
            new.last().map(|entry| entry.seq),
            Some(position),
            "the last position of a commit"
        );
        ensure!(position > last, "a later commit has a higher position");
        last = position;
    }
    bench.apply(best, vec![note(now, "one")]).await?;
    let mut heads = bench.store.feed_heads(&[best, ace]).await?;
    heads.sort_unstable();
    let first = super::bench::found("the entry", bench.store.feed(best, 0, 10).await?.pop())?.seq;
    let mut expected = vec![(ace, last), (best, first)];
    expected.sort_unstable();
    ensure_eq!(heads, expected, "the heads of two feeds");
    ensure!(
        bench.store.feed_heads(&[]).await?.is_empty(),
        "nobody's feed has a head"
    );
    Ok(Done::Passed)
}

pub(super) async fn the_feed_goes_on_where_a_reader_stopped(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let now = bench.now();
    let thread = build::thread(ace, build::phone(9), now);
    let mut written = Vec::new();
    for (number, kind) in FeedKind::ALL.iter().enumerate() {
        let full = number % 2 == 0;
        let event = FeedEvent {
            kind: *kind,
            at: now.plus(std::time::Duration::from_micros(u64::try_from(number).unwrap_or(0))),
            call: full.then(|| CallId::derive(now, "CA1")),
            conversation: full.then_some(thread.id),
            message: full.then(|| build::message_id("m")),
            data: json!({
                "number": number,
                "text": HARD_TEXT,
                "deep": { "list": [1, -2.5, null, true, { "x": "" }] },
                "large": 9_007_199_254_740_991_i64,
            }),
        };
        bench.apply(ace, vec![Change::Feed(event.clone())]).await?;
        written.push(event);
    }
    for limit in [1, 4, 1_000] {
        let (mut read, mut after) = (Vec::new(), 0);
        loop {
            let page = bench.store.feed(ace, after, limit).await?;
            ensure!(
                page.len() <= usize::try_from(limit).unwrap_or(0),
                "more entries than were asked for"
            );
            let Some(last) = page.last() else { break };
            after = last.seq;
            read.extend(page.into_iter().map(|entry| entry.event));
        }
        ensure_eq!(read, written, "the feed by pages of {limit}");
    }
    Ok(Done::Passed)
}
