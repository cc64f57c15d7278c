//! Feed positions become visible in order, whoever writes.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::{World, feed};
use mccc_core::port::Store as _;
use mccc_test::postgres_or_skip;

const EACH: u64 = 120;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_that_reconnects_misses_nothing_that_two_servers_write() {
    let world = World::new(postgres_or_skip!()).await;
    let ace = world.open_business("ace", 1).await;
    let servers = [Arc::clone(&world.store), Arc::new(world.another().await)];
    let reader = world.another().await;
    let writing = Arc::new(AtomicBool::new(true));
    let mut writers = Vec::new();
    for (server, store) in (0_u64..).zip(&servers) {
        // Calls in groups, and commits of their own, on each server.
        for lane in 0..4 {
            let mut commits = Vec::new();
            for number in 0..EACH / 4 {
                let name = server * 1_000_000 + lane * 1_000 + number;
                commits.push(if lane % 2 == 0 {
                    world.intake(ace, name, 100).await
                } else {
                    world.commit(
                        ace,
                        vec![feed(world.now(), &name.to_string()), feed(world.now(), "and")],
                    )
                });
            }
            let store = Arc::clone(store);
            writers.push(tokio::spawn(async move {
                let mut last = 0;
                for commit in commits {
                    let position = store.commit(commit).await.unwrap().position.unwrap();
                    assert!(position > last);
                    last = position;
                }
            }));
        }
    }
    let follow = {
        let writing = Arc::clone(&writing);
        tokio::spawn(async move {
            let (mut seen, mut after) = (Vec::new(), 0);
            loop {
                // Asked before the page is read, so that the last page is read after the last write.
                let more = writing.load(Ordering::SeqCst);
                let page = reader.feed(ace, after, 7).await.unwrap();
                if page.is_empty() && !more {
                    return seen;
                }
                for entry in page {
                    assert!(entry.seq > after, "{} after {after}", entry.seq);
                    after = entry.seq;
                    seen.push(entry.seq);
                }
            }
        })
    };
    for writer in writers {
        writer.await.unwrap();
    }
    writing.store(false, Ordering::SeqCst);
    let seen = follow.await.unwrap();
    let stored: Vec<u64> = world
        .store
        .feed(ace, 0, 10_000)
        .await
        .unwrap()
        .iter()
        .map(|entry| entry.seq)
        .collect();
    // What a position-following reader saw while it was written is what there is.
    assert_eq!(seen, stored);
    assert_eq!(u64::try_from(seen.len()).unwrap(), EACH * 3);
    assert_eq!(
        world.store.feed_heads(&[ace]).await.unwrap(),
        [(ace, *stored.last().unwrap())]
    );
}
