//! All or nothing, alone and in company.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{World, call_of, feed, folder, job, line, options, phone};
use futures_util::future::join_all;
use mccc_core::calls::Outcome;
use mccc_core::conversation::dialogue::Dialogue;
use mccc_core::conversation::{CallerFlags, Contact, Conversation, ThreadState};
use mccc_core::port::Store;
use mccc_core::port::store::{
    CallFilter, CallKey, Change, ClaimRequest, Commit, CommitError, Conflict, EventKey, Guard, JobResult, Stale,
    StoreError, TotalsFilter,
};
use mccc_core::testkit::build;
use mccc_core::{BusinessId, ConversationId, PhoneNumber};
use mccc_store_sqlite::{LockError, MigrateError, SqliteStore, lock_exclusive};
use sqlx::{Connection, Row};

fn conflict<T: std::fmt::Debug>(result: Result<T, CommitError>) -> Conflict {
    match result.unwrap_err() {
        CommitError::Conflict(conflict) => conflict,
        other @ (CommitError::Unavailable(_) | CommitError::AnswerLost) => panic!("{other:?}"),
    }
}

fn contact(world: &World, business: BusinessId, phone: PhoneNumber, name: &str) -> Change {
    Change::PutContact(Contact {
        business,
        phone,
        name: Some(name.to_owned()),
        line: None,
        created_at: world.now(),
        last_seen_at: world.now(),
    })
}

fn thread(world: &World, business: BusinessId, phone: PhoneNumber, version: u32) -> Conversation {
    Conversation {
        id: ConversationId::derive(world.now(), &format!("{business}/{phone}")),
        business,
        phone,
        version,
        state: ThreadState::AiActive,
        taken_by: None,
        last_call: None,
        unread: 0,
        preview: "hello".to_owned(),
        last_message_at: world.now(),
        last_inbound_at: None,
        last_automated_at: None,
        automated_since_inbound: 0,
        outcome: Outcome::NoAction,
        dialogue: Dialogue::default(),
        created_at: world.now(),
    }
}

async fn calls_in_totals(world: &World, business: BusinessId) -> u64 {
    let day = |text: &str| text.parse().unwrap();
    let filter = TotalsFilter {
        from_day: day("2000-01-01"),
        to_day: day("2100-01-01"),
    };
    let rows = world.store.totals(business, &filter).await.unwrap();
    rows.iter().map(|row| row.calls).sum()
}

#[tokio::test]
async fn a_call_reads_back_equal_and_counts_once() {
    let world = World::new("once").await;
    let ace = world.open_business("ace", 1).await;
    let commit = world.intake(ace, 1, 100).await;
    let call = call_of(&commit);
    let first = world.store.commit(commit.clone()).await.unwrap();
    assert_eq!(first.position, Some(1));
    let reply = serde_json::to_string(&call.reply).unwrap();
    assert_eq!(
        conflict(world.store.commit(commit).await),
        Conflict::AlreadyProcessed { reply: Some(reply) }
    );
    for key in [CallKey::Id(call.id), CallKey::Provider(call.provider_call.clone())] {
        assert_eq!(world.store.call(ace, &key).await.unwrap().unwrap().call, call);
    }
    assert_eq!(world.store.feed(ace, 0, 100).await.unwrap().len(), 1);
    assert_eq!(calls_in_totals(&world, ace).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_that_wait_together_are_each_judged_alone() {
    let world = World::new("group").await;
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
    let mut stale = world.intake(ace, 900, 100).await;
    stale.guards = vec![Guard::Settings { version: 99 }];
    let mut flagged = world.intake(ace, 901, 100).await;
    flagged.guards.push(Guard::CallerFlags {
        phone: phone(100),
        version: 3,
    });
    let unknown = Commit {
        business: common::business("nobody"),
        ..world.commit(ace, vec![feed(world.now(), "lost")])
    };
    // A row that belongs to somebody else fails its statement, not just its guards.
    let foreign = world.commit(
        ace,
        vec![feed(world.now(), "foreign"), contact(&world, best, phone(5), "Eve")],
    );
    let bad_at = commits.len();
    commits.extend([stale, flagged, unknown, foreign]);
    // The same call twice in one group.
    commits.push(commits[0].clone());
    let results = join_all(commits.into_iter().map(|commit| world.store.commit(commit))).await;
    let mut results: Vec<_> = results.into_iter().map(Some).collect();
    let mut take = |index: usize| results[index].take().unwrap();
    assert_eq!(conflict(take(bad_at)), Conflict::Stale(Stale::Settings));
    assert_eq!(conflict(take(bad_at + 1)), Conflict::Stale(Stale::CallerFlags));
    assert_eq!(conflict(take(bad_at + 2)), Conflict::Stale(Stale::Settings));
    assert!(matches!(
        take(bad_at + 3),
        Err(CommitError::Unavailable(StoreError::Corrupt("commit", _)))
    ));
    let twice = [take(0), take(bad_at + 4)];
    assert_eq!(twice.iter().filter(|result| result.is_ok()).count(), 1);
    for index in 1..bad_at {
        take(index).unwrap();
    }
    for business in [ace, best] {
        let feed = world.store.feed(business, 0, 1_000).await.unwrap();
        let positions: Vec<u64> = feed.iter().map(|entry| entry.seq).collect();
        assert_eq!(positions, (1..=75).collect::<Vec<u64>>());
        assert_eq!(calls_in_totals(&world, business).await, 75);
    }
    assert_eq!(
        world.store.thread(best, &phone(5), world.now()).await.unwrap().contact,
        None
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conflict_undoes_its_whole_commit_and_nothing_else() {
    let world = World::new("undo").await;
    let ace = world.open_business("ace", 1).await;
    let bad = |tail: u32| {
        let mut commit = world.commit(
            ace,
            vec![
                contact(&world, ace, phone(tail), "Bad"),
                Change::Enqueue(job("bad", world.now(), None)),
                feed(world.now(), "bad"),
                Change::PutConversation(thread(&world, ace, phone(tail), 2)),
            ],
        );
        commit.event = Some(EventKey {
            key: format!("bad/{tail}"),
            reply: None,
        });
        commit
    };
    let good = |tail: u32| {
        world.commit(
            ace,
            vec![contact(&world, ace, phone(tail), "Good"), feed(world.now(), "good")],
        )
    };
    let commits: Vec<Commit> = (0..40)
        .map(|tail| if tail % 2 == 0 { bad(tail) } else { good(tail) })
        .collect();
    let results = join_all(commits.into_iter().map(|commit| world.store.commit(commit))).await;
    for (tail, result) in (0..).zip(results) {
        let stored = world.store.thread(ace, &phone(tail), world.now()).await.unwrap();
        if tail % 2 == 0 {
            assert_eq!(conflict(result), Conflict::Stale(Stale::Conversation));
            assert_eq!(stored.contact, None);
        } else {
            result.unwrap();
            assert_eq!(stored.contact.unwrap().name.as_deref(), Some("Good"));
        }
    }
    assert_eq!(world.store.feed(ace, 0, 100).await.unwrap().len(), 20);
    assert!(world.store.queue_depth().await.unwrap().is_empty());
    // The event of an undone commit was not processed.
    let mut again = bad(0);
    again.changes.pop();
    world.store.commit(again).await.unwrap();
}

#[tokio::test]
async fn an_event_counts_once_and_gets_its_reply_again() {
    let world = World::new("event").await;
    let ace = world.open_business("ace", 1).await;
    let mut commit = world.commit(ace, vec![feed(world.now(), "text")]);
    commit.event = Some(EventKey {
        key: "twilio/sms/SM1".to_owned(),
        reply: Some("<Response/>".to_owned()),
    });
    world.store.commit(commit.clone()).await.unwrap();
    // The repetition's guards would be stale by now.
    commit.guards.push(Guard::Settings { version: 77 });
    assert_eq!(
        conflict(world.store.commit(commit).await),
        Conflict::AlreadyProcessed {
            reply: Some("<Response/>".to_owned())
        }
    );
    assert_eq!(world.store.feed(ace, 0, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn versions_are_written_over_the_one_before_only() {
    let world = World::new("versions").await;
    let ace = world.open_business("ace", 1).await;
    let put = |version| {
        let commit = world.commit(
            ace,
            vec![Change::PutConversation(thread(&world, ace, phone(9), version))],
        );
        world.store.commit(commit)
    };
    assert_eq!(conflict(put(0).await), Conflict::Stale(Stale::Conversation));
    assert_eq!(conflict(put(2).await), Conflict::Stale(Stale::Conversation));
    put(1).await.unwrap();
    assert_eq!(conflict(put(1).await), Conflict::Stale(Stale::Conversation));
    put(2).await.unwrap();
    assert_eq!(conflict(put(2).await), Conflict::Stale(Stale::Conversation));
    let flags = |version| {
        let flags = CallerFlags {
            version,
            blocked: true,
            ..CallerFlags::NONE
        };
        let commit = world.commit(ace, vec![Change::PutCallerFlags { phone: phone(9), flags }]);
        world.store.commit(commit)
    };
    flags(1).await.unwrap();
    assert_eq!(conflict(flags(1).await), Conflict::Stale(Stale::CallerFlags));
    flags(2).await.unwrap();
    assert_eq!(world.store.caller_flags(ace, &phone(9)).await.unwrap().version, 2);
}

#[tokio::test]
async fn totals_follow_a_changed_call() {
    let world = World::new("totals").await;
    let ace = world.open_business("ace", 1).await;
    let before = world.insert_call(ace, 1, 100).await;
    world.clock.advance(Duration::from_millis(2_500));
    let mut after = before.clone();
    after.version = 2;
    after.outcome = Outcome::AutoTextSent;
    after.responded_at = Some(world.now());
    after.recovered = true;
    let update = |before: &mccc_core::calls::Call, after: &mccc_core::calls::Call| {
        world.commit(
            ace,
            vec![Change::UpdateCall {
                before: Box::new(before.clone()),
                after: Box::new(after.clone()),
            }],
        )
    };
    world.store.commit(update(&before, &after)).await.unwrap();
    assert_eq!(
        conflict(world.store.commit(update(&before, &after)).await),
        Conflict::Stale(Stale::Call)
    );
    let filter = TotalsFilter {
        from_day: before.local_day,
        to_day: before.local_day,
    };
    let rows = world.store.totals(ace, &filter).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (
            rows[0].outcome,
            rows[0].calls,
            rows[0].recovered,
            rows[0].responded,
            rows[0].response_ms
        ),
        (Outcome::AutoTextSent, 1, 1, 1, 2_500)
    );
    assert_eq!(
        world
            .store
            .call(ace, &CallKey::Id(after.id))
            .await
            .unwrap()
            .unwrap()
            .call,
        after
    );
}

#[tokio::test]
async fn a_number_has_one_owner_and_every_change_raises_the_version() {
    let world = World::new("lines").await;
    let ace = world.open_business("ace", 1).await;
    let best = world.open_business("best", 2).await;
    let owner = world.store.owner_of(&phone(1)).await.unwrap().unwrap();
    assert_eq!((owner.business, owner.version), (ace, 2));
    let take = world.commit(best, vec![Change::PutLine(line(phone(1)))]);
    assert_eq!(conflict(world.store.commit(take).await), Conflict::NumberTaken);
    let give = world.commit(ace, vec![Change::RemoveLine(phone(1)), feed(world.now(), "gone")]);
    world.store.commit(give).await.unwrap();
    assert!(world.store.owner_of(&phone(1)).await.unwrap().is_none());
    assert_eq!(world.store.owner(ace).await.unwrap().unwrap().version, 3);
    let settings = Arc::clone(&world.store.owner(ace).await.unwrap().unwrap().settings);
    let save = |expected| {
        let settings = Box::new((*settings).clone());
        world.commit(ace, vec![Change::PutSettings { settings, expected }])
    };
    assert_eq!(
        conflict(world.store.commit(save(2)).await),
        Conflict::Stale(Stale::Settings)
    );
    world.store.commit(save(3)).await.unwrap();
    assert_eq!(world.store.owner(ace).await.unwrap().unwrap().version, 4);
}

#[tokio::test]
async fn a_lease_that_was_taken_over_cannot_be_settled() {
    let world = World::new("lease").await;
    let ace = world.open_business("ace", 1).await;
    let early = world.now();
    let enqueue = |name: &str, after: u64| {
        let run_at = early.plus(Duration::from_secs(after));
        Change::Enqueue(job(name, run_at, Some(phone(4))))
    };
    let commit = world.commit(
        ace,
        vec![enqueue("late", 60), enqueue("second", 1), enqueue("first", 0)],
    );
    world.store.commit(commit).await.unwrap();
    world.clock.advance(Duration::from_secs(1));
    let request = |worker: &str| ClaimRequest {
        worker: worker.to_owned(),
        limit: 10,
        lease: Duration::from_secs(30),
    };
    let claimed = world.store.claim_jobs(&request("a")).await.unwrap();
    assert_eq!(claimed.iter().map(|job| job.attempt).collect::<Vec<_>>(), [1, 1]);
    assert!(claimed[0].due_at < claimed[1].due_at);
    assert!(world.store.claim_jobs(&request("b")).await.unwrap().is_empty());
    world.clock.advance(Duration::from_secs(31));
    // Expired, but nobody took it over: it still holds.
    let settle = |fence, result| {
        let mut commit = world.commit(ace, vec![feed(early, "done")]);
        commit.job = Some((fence, result));
        world.store.commit(commit)
    };
    settle(claimed[0].fence, JobResult::StillRunning).await.unwrap();
    let taken = world.store.claim_jobs(&request("b")).await.unwrap();
    assert_eq!(taken.len(), 2);
    assert_eq!((taken[0].attempt, taken[0].fence.number), (2, 2));
    assert_eq!(
        conflict(settle(claimed[0].fence, JobResult::Done).await),
        Conflict::LeaseLost
    );
    settle(taken[0].fence, JobResult::Done).await.unwrap();
    assert_eq!(
        conflict(settle(taken[0].fence, JobResult::Done).await),
        Conflict::LeaseLost
    );
    assert_eq!(world.store.release_jobs("b").await.unwrap(), 1);
    let again = world.store.claim_jobs(&request("c")).await.unwrap();
    assert_eq!((again.len(), again[0].attempt), (1, 2));
    let next = JobResult::Again {
        at: world.now().plus(Duration::from_secs(5)),
        job: None,
        fresh: true,
    };
    settle(again[0].fence, next).await.unwrap();
    // An opt-out cancels what is queued, late work included.
    let cancel = world.commit(ace, vec![Change::CancelJobs { subject: phone(4) }]);
    world.store.commit(cancel).await.unwrap();
    world.clock.advance(Duration::from_secs(600));
    assert!(world.store.claim_jobs(&request("d")).await.unwrap().is_empty());
    assert!(world.store.queue_depth().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_that_go_away_leave_nobody_waiting() {
    let world = World::new("gone").await;
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
        let answer = task.await;
        let stored = world.store.call(ace, &CallKey::Id(call.id)).await.unwrap().is_some();
        match answer {
            // Applied by somebody who went away before saying so: recognised when it was queued again.
            Ok(Ok(_) | Err(CommitError::Conflict(Conflict::AlreadyProcessed { .. }))) => assert!(stored, "{index}"),
            Ok(Err(error)) => panic!("{index}: {error:?}"),
            Err(_) => assert_eq!(index % 3, 0),
        }
    }
    let stored = world
        .store
        .calls(ace, &CallFilter::default(), None, 1_000)
        .await
        .unwrap()
        .len();
    assert_eq!(calls_in_totals(&world, ace).await, u64::try_from(stored).unwrap());
    assert_eq!(world.store.feed(ace, 0, 1_000).await.unwrap().len(), stored);
}

#[tokio::test]
async fn a_commit_in_the_hands_of_somebody_who_goes_away_is_taken_up_again() {
    let world = World::new("leader").await;
    let ace = world.open_business("ace", 1).await;
    let url = format!("sqlite://{}", world.file().display());
    let mut other = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let settle = || async {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    };
    let start = |note: &str| {
        let commit = world.commit(ace, vec![feed(world.now(), note)]);
        let store = Arc::clone(&world.store);
        tokio::spawn(async move { store.commit(commit).await })
    };
    // The first one waits for the file; the second one gets the next turn, with the others in its hands.
    let first = start("first");
    settle().await;
    let second = start("second");
    let others: Vec<_> = (0..5).map(|_| start("other")).collect();
    settle().await;
    first.abort();
    settle().await;
    second.abort();
    settle().await;
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    for task in others {
        task.await.unwrap().unwrap();
    }
    let feed = world.store.feed(ace, 0, 100).await.unwrap();
    assert_eq!(feed.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn a_database_that_is_busy_is_unavailable_and_then_works_again() {
    let world = World::with("busy", |options| options.busy_timeout(Duration::from_millis(50))).await;
    let ace = world.open_business("ace", 1).await;
    let url = format!("sqlite://{}", world.file().display());
    let mut other = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let commit = world.intake(ace, 1, 100).await;
    let refused = world.store.commit(commit.clone()).await;
    assert!(matches!(
        refused,
        Err(CommitError::Unavailable(StoreError::Unavailable(_)))
    ));
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    world.store.commit(commit).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_undoes_the_commit_and_is_unavailable() {
    let world = World::new("full").await;
    let ace = world.open_business("ace", 1).await;
    world.store.close().await.unwrap();
    // The file may not grow any more; the limit is the connection's, so it is set through the store's own file name.
    let store = SqliteStore::open(world.file(), options(&world.clock).page_limit(1))
        .await
        .unwrap();
    let big = "x".repeat(4_000_000);
    let commit = world.commit(ace, vec![feed(world.now(), &big)]);
    let refused = store.commit(commit).await.unwrap_err();
    assert!(
        matches!(&refused, CommitError::Unavailable(StoreError::Unavailable(_))),
        "{refused:?}"
    );
    assert!(store.feed(ace, 0, 10).await.unwrap().is_empty());
    assert!(!format!("{refused:?}").contains("xxx"));
}

#[tokio::test]
async fn a_schema_is_made_once_by_whoever_comes_first_and_a_newer_one_is_refused() {
    let (clock, folder) = (common::clock(), folder("migrate"));
    let file = folder.path().join("mccc.db");
    let starts = (0..8).map(|_| {
        let (file, options) = (file.clone(), options(&clock));
        tokio::spawn(async move {
            let store = SqliteStore::open(file, options).await.unwrap();
            store.migrate().await.unwrap();
            store.check_schema().await.unwrap();
            store
        })
    });
    let stores: Vec<SqliteStore> = join_all(starts).await.into_iter().map(Result::unwrap).collect();
    let url = format!("sqlite://{}", file.display());
    let mut other = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let row = sqlx::query("SELECT count(*) FROM mccc_migrations")
        .fetch_one(&mut other)
        .await
        .unwrap();
    assert_eq!(row.get::<i64, _>(0), 8, "each step once");
    sqlx::raw_sql("INSERT INTO mccc_migrations VALUES (999, 'future', 0)")
        .execute(&mut other)
        .await
        .unwrap();
    for result in [stores[0].migrate().await, stores[0].check_schema().await] {
        assert!(
            matches!(result, Err(MigrateError::Newer { found: 999, .. })),
            "{result:?}"
        );
    }
    let empty = SqliteStore::open(folder.path().join("empty.db"), options(&clock))
        .await
        .unwrap();
    assert!(matches!(
        empty.check_schema().await,
        Err(MigrateError::Older { found: 0, .. })
    ));
}

#[tokio::test]
async fn texts_of_an_older_schema_are_summed() {
    let world = World::new("sums").await;
    let ace = world.open_business("ace", 1).await;
    let mut changes = Vec::new();
    for n in 0..3 {
        let thread = thread(&world, ace, phone(100 + n), 1);
        for (name, hours) in [("first", 3 * n), ("second", 23 * n), ("third", 23 * n + 1)] {
            let at = world.now().plus(Duration::from_secs(3600) * hours);
            let text = build::message(&thread, &format!("{name} {n}"), at);
            changes.push(Change::PutMessage(Box::new(text)));
        }
        changes.push(Change::PutConversation(thread));
    }
    world.store.commit(world.commit(ace, changes)).await.unwrap();
    let mut file = sqlx::SqliteConnection::connect(&format!("sqlite://{}", world.file().display()))
        .await
        .unwrap();
    let sums = async |file: &mut sqlx::SqliteConnection| -> Vec<(i64, i64, i64, i64)> {
        sqlx::query_as("SELECT width, start, texts, recipients FROM text_sums ORDER BY width, start")
            .fetch_all(file)
            .await
            .unwrap()
    };
    let kept = sums(&mut file).await;
    let hours: Vec<_> = kept.iter().filter(|(width, ..)| *width == 3_600_000_000).collect();
    assert_eq!(hours.iter().map(|(_, _, texts, _)| texts).sum::<i64>(), 9);
    assert_eq!(hours.iter().map(|(.., recipients)| recipients).sum::<i64>(), 3);
    sqlx::raw_sql(
        "DROP TRIGGER sms_log_sum_new; DROP TRIGGER sms_log_sum_changed; DROP TRIGGER sms_log_sum_gone; \
         DROP VIEW sum_text; DROP TABLE text_sums; DROP TABLE appointments; DROP TABLE appointment_blocks; \
         DROP TABLE blocked_times; DROP TABLE calendar_syncs; DROP TABLE calendar_copies; DROP INDEX tasks_promised; \
         ALTER TABLE tasks DROP COLUMN due_at; ALTER TABLE conversations DROP COLUMN dialogue; \
         ALTER TABLE sms_log DROP COLUMN note; ALTER TABLE sms_log DROP COLUMN draft; \
         DELETE FROM mccc_migrations WHERE version >= 3",
    )
    .execute(&mut file)
    .await
    .unwrap();
    world.store.migrate().await.unwrap();
    assert_eq!(sums(&mut file).await, kept);
}

#[tokio::test]
async fn one_process_serves_a_file() {
    let folder = folder("lock");
    let file = folder.path().join("mccc.db");
    let held = lock_exclusive(&file).unwrap();
    let refused = lock_exclusive(&file).unwrap_err();
    assert!(matches!(refused, LockError::Held(_)));
    assert!(refused.to_string().contains("mccc.db"));
    drop(held);
    lock_exclusive(&file).unwrap();
}

#[tokio::test]
async fn a_closed_store_left_everything_in_one_file() {
    let world = World::new("close").await;
    let ace = world.open_business("ace", 1).await;
    let call = world.insert_call(ace, 1, 100).await;
    world.store.close().await.unwrap();
    assert!(!world.folder.path().join("mccc.db-wal").exists());
    let copy = world.folder.path().join("copy.db");
    std::fs::copy(world.file(), &copy).unwrap();
    let store = SqliteStore::open(copy, options(&world.clock)).await.unwrap();
    assert_eq!(
        store.call(ace, &CallKey::Id(call.id)).await.unwrap().unwrap().call,
        call
    );
}
