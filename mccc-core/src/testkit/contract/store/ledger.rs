//! The consent ledger: one chain for each business.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::StoreHarness;
use super::bench::{Bench, found, note};
use crate::compliance::ledger::{ConsentKind, Entry, Head, verify};
use crate::port::store::Change;
use crate::testkit::build::{self, HARD_TEXT};
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};

pub(super) async fn the_ledger_is_one_chain_that_verifies(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, best) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    let key = h.ledger_key();
    ensure_eq!(bench.store.ledger_head(ace).await?, None, "the head of an empty ledger");
    let mut written = Vec::new();
    for (number, kind) in ConsentKind::ALL.iter().cycle().take(25).enumerate() {
        let phone = build::phone(u32::try_from(number).unwrap_or(0) % 5);
        let entry = Entry {
            kind: *kind,
            evidence: HARD_TEXT.to_owned(),
            ..build::entry(phone, bench.now())
        };
        // One or two in a commit.
        let mut changes = vec![Change::Ledger(entry.clone())];
        written.push(entry.clone());
        if number % 3 == 0 {
            changes.push(Change::Ledger(entry.clone()));
            written.push(entry);
        }
        bench.apply(ace, changes).await?;
        bench
            .apply(best, vec![Change::Ledger(build::entry(phone, bench.now()))])
            .await?;
        h.advance(Duration::from_micros(1));
    }
    for (business, count) in [(ace, written.len()), (best, 25)] {
        let entries = bench.store.ledger(business, 0, 1_000).await?;
        let head = bench.store.ledger_head(business).await?;
        ensure_eq!(entries.len(), count, "entries of a ledger");
        ensure_eq!(
            verify(&key, business, &entries, head),
            Ok(head),
            "the chain from its first entry to its head"
        );
        ensure_eq!(
            head.map(|head| head.len),
            u64::try_from(count).ok(),
            "the length at the head"
        );
    }
    let entries = bench.store.ledger(ace, 0, 1_000).await?;
    for (sealed, entry) in entries.iter().zip(&written) {
        let record = found("a readable entry", sealed.read())?;
        ensure_eq!(
            (record.business, record.at, record.kind),
            (ace, entry.at, entry.kind),
            "what an entry says"
        );
        ensure!(
            record.phone == key.digest(ace, &entry.phone),
            "an entry names another caller"
        );
        ensure_eq!(record.evidence, entry.evidence, "the evidence of an entry");
    }
    Ok(Done::Passed)
}

pub(super) async fn concurrent_entries_make_one_chain(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let other = bench.other().await;
    let mut writers = JoinSet::new();
    for writer in 0..30_u32 {
        let mut changes = vec![
            Change::Ledger(build::entry(build::phone(writer), bench.now())),
            note(bench.now(), "stop"),
        ];
        if writer % 5 == 4 {
            // These are refused and leave no link behind.
            let mut ahead = build::thread(ace, build::phone(writer), bench.now());
            ahead.version = 7;
            changes.push(Change::PutConversation(ahead));
        }
        let commit = bench.commit(ace, changes);
        let store = Arc::clone(if writer % 2 == 0 { &bench.store } else { &other });
        writers.spawn(async move { (writer, store.commit(commit).await) });
    }
    while let Some(written) = writers.join_next().await {
        let (writer, answer) = written.map_err(|error| Failure::new(error.to_string()))?;
        ensure_eq!(answer.is_ok(), writer % 5 != 4, "whether writer {writer} was accepted");
    }
    let entries = bench.store.ledger(ace, 0, 1_000).await?;
    ensure_eq!(entries.len(), 24, "entries of all writers that were accepted");
    let head = bench.store.ledger_head(ace).await?;
    ensure_eq!(
        verify(&h.ledger_key(), ace, &entries, head),
        Ok(head),
        "the chain that racing writers made"
    );
    Ok(Done::Passed)
}

pub(super) async fn the_ledger_goes_on_where_a_reader_stopped(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    for number in 0..10 {
        bench
            .apply(
                ace,
                vec![Change::Ledger(build::entry(build::phone(number), bench.now()))],
            )
            .await?;
    }
    let all = bench.store.ledger(ace, 0, 100).await?;
    let places: Vec<u64> = all.iter().map(|entry| entry.seq).collect();
    ensure_eq!(places, (1..=10).collect::<Vec<_>>(), "places on the chain");
    let (mut read, mut after) = (Vec::new(), 0);
    loop {
        let page = bench.store.ledger(ace, after, 3).await?;
        ensure!(page.len() <= 3, "more entries than were asked for");
        let Some(last) = page.last() else { break };
        after = last.seq;
        read.extend(page);
    }
    ensure_eq!(read, all, "the ledger by pages");
    let last = found("the last entry", all.last())?;
    let head = Head {
        len: last.seq,
        mac: last.mac,
    };
    ensure_eq!(
        bench.store.ledger_head(ace).await?,
        Some(head),
        "the head of the ledger"
    );
    Ok(Done::Passed)
}
