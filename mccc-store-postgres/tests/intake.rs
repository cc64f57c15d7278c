//! Calls that wait together share a transaction, and each is judged alone.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::sync::Arc;

use common::{World, call_of, phone};
use futures_util::future::join_all;
use mccc_core::port::Store as _;
use mccc_core::port::store::{CallFilter, CallKey, Change, Commit, CommitError, Conflict, Guard, Stale, StoreError};
use mccc_test::postgres_or_skip;

fn conflict<T: std::fmt::Debug>(result: Result<T, CommitError>) -> Conflict {
    match result.unwrap_err() {
        CommitError::Conflict(conflict) => conflict,
        other @ (CommitError::Unavailable(_) | CommitError::AnswerLost) => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_does_not_fit_drops_out_and_the_rest_is_applied() {
    let world = World::new(postgres_or_skip!()).await;
    let (ace, best) = (
        world.open_business("ace", 1).await,
        world.open_business("best", 2).await,
    );
    let mut commits = Vec::new();
    for number in 0..150 {
        commits.push(
            world
                .intake(if number % 2 == 0 { ace } else { best }, number, 100)
                .await,
        );
    }
    let good = commits.len();
    let mut stale = world.intake(ace, 900, 100).await;
    stale.guards = vec![Guard::Settings { version: 99 }];
    let mut flagged = world.intake(ace, 901, 100).await;
    flagged.guards.retain(|guard| matches!(guard, Guard::Settings { .. }));
    flagged.guards.push(Guard::CallerFlags {
        phone: phone(100),
        version: 3,
    });
    // A row the database refuses: the statement fails, not a guard. The others are applied one by one.
    let mut broken = world.intake(ace, 902, 100).await;
    for change in &mut broken.changes {
        if let Change::InsertCall(call) = change {
            call.duration_seconds = Some(5);
            call.local_day = mccc_core::zone::LocalDay(i32::MAX);
        }
    }
    commits.extend([stale, flagged, broken]);
    // The same call twice in one group.
    commits.push(commits[0].clone());
    let results = join_all(commits.into_iter().map(|commit| world.store.commit(commit))).await;
    let mut results: Vec<_> = results.into_iter().map(Some).collect();
    let mut take = |index: usize| results[index].take().unwrap();
    assert_eq!(conflict(take(good)), Conflict::Stale(Stale::Settings));
    assert_eq!(conflict(take(good + 1)), Conflict::Stale(Stale::CallerFlags));
    assert!(matches!(
        take(good + 2),
        Err(CommitError::Unavailable(StoreError::Corrupt("missed_calls", _)))
    ));
    let twice = [take(0), take(good + 3)];
    assert_eq!(twice.iter().filter(|result| result.is_ok()).count(), 1);
    for index in 1..good {
        take(index).unwrap();
    }
    for business in [ace, best] {
        let calls = world
            .store
            .calls(business, &CallFilter::default(), None, 1_000)
            .await
            .unwrap();
        assert_eq!(calls.len(), 75);
        let feed = world.store.feed(business, 0, 1_000).await.unwrap();
        let positions: Vec<u64> = feed.iter().map(|entry| entry.seq).collect();
        assert_eq!(positions, (1..=75).collect::<Vec<u64>>());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_calls_share_few_transactions() {
    let world = World::new(postgres_or_skip!()).await;
    let ace = world.open_business("ace", 1).await;
    let mut commits = Vec::new();
    for number in 0..256 {
        commits.push(world.intake(ace, number, 100).await);
    }
    for result in join_all(commits.into_iter().map(|commit| world.store.commit(commit))).await {
        result.unwrap();
    }
    let written = world
        .database
        .sql("select count(*), count(distinct xmin::text) from mccc.missed_calls")
        .unwrap();
    let (calls, transactions) = written.split_once('|').unwrap();
    assert_eq!(calls, "256");
    // 64 at most in each; the first caller finds nobody to wait for.
    let transactions: u32 = transactions.parse().unwrap();
    assert!(
        (4..20).contains(&transactions),
        "256 calls took {transactions} transactions"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_that_go_away_leave_nobody_waiting() {
    let world = World::new(postgres_or_skip!()).await;
    let ace = world.open_business("ace", 1).await;
    let mut tasks = Vec::new();
    for number in 0..300_u64 {
        let commit = world.intake(ace, number, 100).await;
        let call = call_of(&commit);
        let store = Arc::clone(&world.store);
        tasks.push((call, tokio::spawn(async move { store.commit(commit).await })));
    }
    for (index, (_, task)) in tasks.iter().enumerate() {
        if index % 3 == 0 {
            task.abort();
        }
        if index % 20 == 0 {
            tokio::task::yield_now().await;
        }
    }
    for (index, (call, task)) in tasks.into_iter().enumerate() {
        match task.await {
            Ok(answer) => {
                // Also where it was applied by somebody who went away before saying so.
                answer.unwrap();
                let stored = world.store.call(ace, &CallKey::Id(call.id)).await.unwrap();
                assert_eq!(stored.unwrap().call, call, "{index}");
            }
            Err(_) => assert_eq!(index % 3, 0),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_two_servers_get_counts_once_with_one_reply() {
    let world = World::new(postgres_or_skip!()).await;
    let ace = world.open_business("ace", 1).await;
    let other = world.another().await;
    let commits: Vec<Commit> = {
        let mut commits = Vec::new();
        for number in 0..50 {
            commits.push(world.intake(ace, number, 100).await);
        }
        commits
    };
    let here = join_all(commits.iter().cloned().map(|commit| world.store.commit(commit)));
    let there = join_all(commits.iter().cloned().map(|commit| other.commit(commit)));
    let (here, there) = tokio::join!(here, there);
    for (commit, both) in commits.iter().zip(here.into_iter().zip(there)) {
        let reply = serde_json::to_string(&call_of(commit).reply).unwrap();
        let (won, lost) = if both.0.is_ok() { both } else { (both.1, both.0) };
        won.unwrap();
        assert_eq!(conflict(lost), Conflict::AlreadyProcessed { reply: Some(reply) });
    }
    assert_eq!(world.store.feed(ace, 0, 1_000).await.unwrap().len(), 50);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_text_is_queued_already_is_taken_in_all_the_same() {
    let world = World::new(postgres_or_skip!()).await;
    let ace = world.open_business("ace", 1).await;
    let (queued, other) = (world.intake(ace, 1, 100).await, world.intake(ace, 2, 100).await);
    let mut job = Commit::new(ace, queued.at);
    job.changes = queued.changes.clone();
    job.changes.retain(|change| matches!(change, Change::Enqueue(_)));
    assert_eq!(job.changes.len(), 1);
    world.store.commit(job).await.unwrap();
    for result in join_all([queued, other].map(|commit| world.store.commit(commit))).await {
        result.unwrap();
    }
    assert_eq!(world.database.sql("select count(*) from mccc.jobs").unwrap(), "2");
    assert_eq!(
        world
            .store
            .calls(ace, &CallFilter::default(), None, 10)
            .await
            .unwrap()
            .len(),
        2
    );
}
