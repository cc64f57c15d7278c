//! What was acknowledged is there after a crash of the database.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{KEY, business, call_of, intake_commit, open_business, phone, renamed};
use mccc_core::Timestamp;
use mccc_core::compliance::ledger::LedgerKey;
use mccc_core::port::Store as _;
use mccc_core::port::store::{CallFilter, CallKey, CommitError, TotalsFilter};
use mccc_store_postgres::{PostgresOptions, PostgresStore, migrate};
use mccc_test::postgres::{Durability, Pg};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_acknowledged_call_survives_a_crash_and_a_lost_answer_is_found_out() {
    // A server of its own, for it is killed.
    mccc_test::postgres_or_skip!();
    let pg = Pg::private(Durability::Durable).unwrap();
    let database = pg.create_database().unwrap();
    let options = PostgresOptions {
        acquire_timeout: Duration::from_secs(20),
        ..PostgresOptions::default()
    };
    migrate(&database.url(), &options).await.unwrap();
    let store = PostgresStore::connect(&database.url(), LedgerKey::new(&KEY), options)
        .await
        .unwrap();
    let store = Arc::new(store);
    let at = Timestamp::from_seconds(1_790_000_000);
    let ace = business("ace");
    open_business(&*store, ace, phone(1), at).await;
    let template = intake_commit(&*store, ace, "CA0", phone(100), at).await;
    let (started, mut begun) = tokio::sync::mpsc::unbounded_channel();
    let callers: Vec<_> = (0..24)
        .map(|caller| {
            let (store, template, started) = (Arc::clone(&store), template.clone(), started.clone());
            tokio::spawn(async move {
                let mut answers = Vec::new();
                for number in 0..50 {
                    let commit = renamed(&template, &format!("CA{caller}x{number}"));
                    let call = call_of(&commit).id;
                    let answer = store.commit(commit).await;
                    let failed = answer.is_err();
                    answers.push((call, answer));
                    let _ = started.send(());
                    if failed {
                        break;
                    }
                }
                answers
            })
        })
        .collect();
    for _ in 0..300 {
        begun.recv().await.unwrap();
    }
    pg.kill9().unwrap();
    pg.start().unwrap();
    let (mut acknowledged, mut open) = (0, 0);
    for caller in callers {
        for (call, answer) in caller.await.unwrap() {
            let stored = store.call(ace, &CallKey::Id(call)).await;
            let stored = match stored {
                // A connection of the killed server.
                Err(_) => store.call(ace, &CallKey::Id(call)).await.unwrap().is_some(),
                Ok(stored) => stored.is_some(),
            };
            match answer {
                Ok(_) => {
                    assert!(stored, "an acknowledged call is gone");
                    acknowledged += 1;
                }
                Err(CommitError::AnswerLost) => open += 1,
                Err(CommitError::Unavailable(_)) => assert!(!stored, "nothing was applied, it said"),
                Err(CommitError::Conflict(conflict)) => panic!("{conflict:?}"),
            }
        }
    }
    assert!(acknowledged >= 200, "{acknowledged} acknowledged, {open} open");
    // Sums and feed agree with the calls.
    let calls = store
        .calls(ace, &CallFilter::default(), None, 100_000)
        .await
        .unwrap()
        .len();
    let day = call_of(&template).local_day;
    let filter = TotalsFilter {
        from_day: day,
        to_day: day,
    };
    let sums = store.totals(ace, &filter).await.unwrap();
    assert_eq!(usize::try_from(sums[0].calls).unwrap(), calls);
    assert!((acknowledged..=acknowledged + open).contains(&calls));
}
