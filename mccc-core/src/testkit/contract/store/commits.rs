//! All or nothing.

use std::time::Duration;

use super::StoreHarness;
use super::bench::{Bench, found, note, refused};
use crate::calls::Outcome;
use crate::conversation::CallerFlags;
use crate::port::store::{
    CallFilter, Change, Commit, CommitError, Committed, Conflict, ConsentChange, Guard, JobResult, MessageKey, Stale,
    TaskFilter, TotalsFilter,
};
use crate::testkit::build;
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};
use crate::zone::LocalDay;
use crate::{BusinessId, TestCallId};

/// Everything of a business that a commit can change, as text that two readings compare.
async fn everything(bench: &Bench<'_>, business: BusinessId) -> Result<Vec<(&'static str, String)>, Failure> {
    let (store, now) = (&bench.store, bench.now());
    let accounts = bench.harness.accounts();
    let phone = build::phone(9);
    let days = TotalsFilter {
        from_day: LocalDay(0),
        to_day: LocalDay(100_000),
    };
    let thread = store.thread(business, &phone, now).await?;
    let owner = store.owner(business).await?;
    let everyone = CallFilter {
        tests: true,
        ..CallFilter::default()
    };
    let mut depth: Vec<_> = store.queue_depth().await?;
    depth.sort_by_key(|row| (row.kind, row.state));
    Ok(vec![
        ("thread", format!("{thread:?}")),
        (
            "settings",
            format!("{:?}", owner.as_ref().map(|owner| (owner.version, &owner.lines))),
        ),
        (
            "calls",
            format!("{:?}", store.calls(business, &everyone, None, 100).await?),
        ),
        ("totals", format!("{:?}", store.totals(business, &days).await?)),
        ("feed", format!("{:?}", store.feed(business, 0, 100).await?)),
        ("feed head", format!("{:?}", store.feed_heads(&[business]).await?)),
        (
            "tasks",
            format!("{:?}", store.tasks(business, &TaskFilter::default(), 100).await?),
        ),
        (
            "message",
            format!(
                "{:?}",
                store
                    .message(business, &MessageKey::Id(build::message_id("new")))
                    .await?
            ),
        ),
        ("opt-outs", format!("{:?}", store.opt_outs(business, 100).await?)),
        ("ledger", format!("{:?}", store.ledger(business, 0, 100).await?)),
        (
            "claims",
            format!(
                "{} {}",
                store.open_claims(&phone).await?,
                store.open_claims(&build::phone(8)).await?
            ),
        ),
        ("jobs", format!("{depth:?}")),
        (
            "test",
            format!(
                "{:?}",
                store
                    .test_call(business, TestCallId::derive(build::START, "new"))
                    .await?
            ),
        ),
        ("secret", format!("{:?}", accounts.secret(business, "token").await?)),
        ("answer", format!("{:?}", accounts.remembered(business, "k").await?)),
        (
            "new line",
            format!("{}", store.owner_of(&build::phone(500)).await?.is_some()),
        ),
        (
            "old line",
            format!("{}", store.owner_of(&build::phone(1)).await?.is_some()),
        ),
    ])
}

/// A commit with one of every change, and the job of `fence` beside it.
async fn one_of_everything(bench: &Bench<'_>, business: BusinessId) -> Result<Commit, Failure> {
    let (now, phone) = (bench.now(), build::phone(9));
    let known = bench.call(business, "CA-known", phone).await?;
    let mut changed = build::full_call(&known, &build::thread(business, phone, now));
    changed.outcome = Outcome::VoicemailLeft;
    let task = build::task(business, "old", now);
    let mut canceled = build::job("waits", now.plus(Duration::from_secs(60)));
    canceled.subject = Some(phone);
    let mut runs = build::job("runs", now);
    runs.subject = Some(phone);
    bench
        .apply(
            business,
            vec![
                Change::RaiseTask(task.clone()),
                Change::Enqueue(runs),
                Change::Enqueue(canceled),
                Change::ClaimSend {
                    message: build::message_id("settled"),
                    phone: build::phone(8),
                    lasts: Duration::from_secs(5),
                },
            ],
        )
        .await?;
    let claimed = bench.claim("worker", 100).await?;
    let job = claimed.into_iter().find(|job| job.id == build::job("runs", now).id);
    let fence = found("the claimed job", job)?.fence;
    let thread = build::thread(business, phone, now);
    let fresh = bench.intake(business, "CA-new", phone).await?;
    let fresh = found("the call of an intake", build::inserted(&fresh).cloned())?;
    let owner = found("the business", bench.store.owner(business).await?)?;
    let mut commit = bench.commit(
        business,
        vec![
            Change::InsertCall(Box::new(fresh)),
            build::update(&known, &changed),
            note(now, "first"),
            Change::Enqueue(build::job("new", now)),
            Change::CancelJobs { subject: phone },
            Change::PutContact(build::contact(business, phone, now)),
            Change::PutCallerFlags {
                phone,
                flags: build::flags(1, now),
            },
            Change::PutConversation(thread.clone()),
            Change::PutMessage(Box::new(build::message(&thread, "new", now))),
            Change::ClaimSend {
                message: build::message_id("new"),
                phone,
                lasts: Duration::from_secs(5),
            },
            Change::SettleSend {
                message: build::message_id("settled"),
            },
            Change::HoldTextGuard {
                phone,
                until: now.plus(Duration::from_secs(3600)),
                message: build::message_id("new"),
            },
            Change::Consent(ConsentChange::OptOut {
                phone,
                keyword: "stop".to_owned(),
            }),
            Change::Ledger(build::entry(phone, now)),
            Change::RaiseTask(build::task(business, "new", now)),
            Change::FinishTask {
                task: task.id,
                by: None,
            },
            Change::PutTestCall(Box::new(build::test_call(business, "new", now))),
            Change::PutSecret {
                field: "token".to_owned(),
                sealed: "sealed".to_owned(),
            },
            Change::RememberResponse(build::response("k", 201, now)),
            Change::PutSettings {
                settings: Box::new(build::settings("renamed")),
                expected: owner.version,
            },
            Change::PutLine(build::line(build::phone(500))),
            Change::RemoveLine(build::phone(1)),
            note(now, "last"),
        ],
    );
    commit.event = Some(build::event_key("event", Some("reply")));
    commit.job = Some((fence, JobResult::Done));
    commit.locks = vec![build::phone(8), phone];
    Ok(commit)
}

pub(super) async fn a_failing_last_change_leaves_nothing(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, _) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    let commit = one_of_everything(&bench, ace).await?;
    let before = everything(&bench, ace).await?;
    let mut ahead = build::thread(ace, build::phone(700), bench.now());
    ahead.version = 9;
    let mut test = build::test_call(ace, "ahead", bench.now());
    test.version = 9;
    let last = [
        (Change::PutConversation(ahead), Conflict::Stale(Stale::Conversation)),
        (Change::PutTestCall(Box::new(test)), Conflict::Stale(Stale::TestCall)),
        (Change::PutLine(build::line(build::phone(2))), Conflict::NumberTaken),
        (
            Change::FinishTask {
                task: build::task(ace, "never raised", bench.now()).id,
                by: None,
            },
            Conflict::Stale(Stale::Task),
        ),
        (
            Change::PutCallerFlags {
                phone: build::phone(700),
                flags: build::flags(2, bench.now()),
            },
            Conflict::Stale(Stale::CallerFlags),
        ),
    ];
    for (change, expected) in last {
        let mut failing = commit.clone();
        failing.changes.push(change);
        ensure_eq!(
            refused(bench.store.commit(failing).await)?,
            expected,
            "a commit whose last change fails"
        );
        for (was, is) in before.iter().zip(everything(&bench, ace).await?) {
            ensure_eq!(is, *was, "what a refused commit left behind");
        }
    }
    // Event, lease and version are all still there for the same commit without the last change.
    let Committed { position } = bench.store.commit(commit).await?;
    ensure!(position.is_some(), "a commit with feed entries knows its position");
    let after = everything(&bench, ace).await?;
    for (was, is) in before.iter().zip(&after) {
        ensure!(was != is, "the whole commit changed nothing about: {}", was.0);
    }
    Ok(Done::Passed)
}

pub(super) async fn every_failing_guard_leaves_nothing(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let (phone, now) = (build::phone(9), bench.now());
    let until = now.plus(Duration::from_micros(1));
    bench
        .apply(
            ace,
            vec![
                Change::PutConversation(build::thread(ace, phone, now)),
                Change::PutCallerFlags {
                    phone,
                    flags: CallerFlags {
                        version: 1,
                        ..CallerFlags::NONE
                    },
                },
                Change::Consent(ConsentChange::OptOut {
                    phone,
                    keyword: "stop".to_owned(),
                }),
                Change::HoldTextGuard {
                    phone,
                    until,
                    message: build::message_id("holder"),
                },
            ],
        )
        .await?;
    let stranger = build::phone(700);
    let failing = [
        (Guard::Settings { version: 1 }, Conflict::Stale(Stale::Settings)),
        (Guard::Settings { version: 3 }, Conflict::Stale(Stale::Settings)),
        (
            Guard::CallerFlags { phone, version: 0 },
            Conflict::Stale(Stale::CallerFlags),
        ),
        (
            Guard::CallerFlags { phone, version: 2 },
            Conflict::Stale(Stale::CallerFlags),
        ),
        (
            Guard::CallerFlags {
                phone: stranger,
                version: 1,
            },
            Conflict::Stale(Stale::CallerFlags),
        ),
        (
            Guard::Conversation { phone, version: 0 },
            Conflict::Stale(Stale::Conversation),
        ),
        (
            Guard::Conversation { phone, version: 2 },
            Conflict::Stale(Stale::Conversation),
        ),
        (
            Guard::Conversation {
                phone: stranger,
                version: 1,
            },
            Conflict::Stale(Stale::Conversation),
        ),
        (Guard::NotOptedOut { phone }, Conflict::OptedOut),
        (Guard::TextGuardFree { phone }, Conflict::TextGuardHeld { until }),
        (
            Guard::SendsBelow {
                business_day: Some(0),
                new_recipients_hour: None,
            },
            Conflict::Stale(Stale::SendCounts),
        ),
    ];
    for (guard, expected) in failing {
        let mut commit = bench.commit(
            ace,
            vec![
                note(now, "guarded"),
                Change::PutContact(build::contact(ace, stranger, now)),
                Change::Enqueue(build::job("guarded", now)),
            ],
        );
        let place = format!("{guard:?}");
        // Good guards around the bad one do not hide it.
        commit.guards = vec![
            Guard::Settings { version: 2 },
            guard,
            Guard::CallerFlags {
                phone: stranger,
                version: 0,
            },
        ];
        ensure_eq!(refused(bench.store.commit(commit).await)?, expected, "{place}");
    }
    ensure_eq!(bench.feed_len(ace).await?, 0, "the feed after failed guards");
    ensure_eq!(
        bench.store.thread(ace, &stranger, now).await?.contact,
        None,
        "a contact after failed guards"
    );
    ensure!(
        bench.store.queue_depth().await?.is_empty(),
        "a job was queued although a guard failed"
    );
    let mut commit = bench.commit(ace, vec![note(now, "guarded")]);
    commit.guards = vec![
        Guard::Settings { version: 2 },
        Guard::CallerFlags { phone, version: 1 },
        Guard::Conversation { phone, version: 1 },
        Guard::NotOptedOut { phone: stranger },
        Guard::TextGuardFree { phone: stranger },
        Guard::SendsBelow {
            business_day: Some(1),
            new_recipients_hour: Some(1),
        },
        Guard::CallerFlags {
            phone: stranger,
            version: 0,
        },
        Guard::Conversation {
            phone: stranger,
            version: 0,
        },
    ];
    bench.store.commit(commit).await?;
    ensure_eq!(bench.feed_len(ace).await?, 1, "the feed after good guards");
    Ok(Done::Passed)
}

pub(super) async fn an_event_counts_once_and_gets_its_reply_again(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, best) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    let other = bench.other().await;
    for (key, reply) in [("twilio/sms/SM1", Some(build::HARD_TEXT)), ("twilio/sms/SM2", None)] {
        let mut commit = bench.commit(ace, vec![note(bench.now(), key)]);
        commit.event = Some(build::event_key(key, reply));
        bench.store.commit(commit.clone()).await?;
        let before = bench.feed_len(ace).await?;
        // A repetition learns its reply even where its own guards and leases are stale by now.
        commit.guards = vec![Guard::Settings { version: 77 }];
        commit.event = Some(build::event_key(key, Some("another reply")));
        let expected = Conflict::AlreadyProcessed {
            reply: reply.map(str::to_owned),
        };
        ensure_eq!(
            refused(bench.store.commit(commit.clone()).await)?,
            expected,
            "an event that came twice"
        );
        ensure_eq!(
            refused(other.commit(commit.clone()).await)?,
            expected,
            "an event that came to another server"
        );
        ensure_eq!(bench.feed_len(ace).await?, before, "the feed after a repeated event");
        commit.guards.clear();
        commit.business = best;
        bench.store.commit(commit).await?;
    }
    // Copies that arrive at the same moment count once, too.
    let mut copies = tokio::task::JoinSet::new();
    for copy in 0..8 {
        let mut commit = bench.commit(ace, vec![note(bench.now(), "copy")]);
        commit.event = Some(build::event_key("twilio/sms/SM3", Some("the reply")));
        let store = std::sync::Arc::clone(if copy % 2 == 0 { &bench.store } else { &other });
        copies.spawn(async move { store.commit(commit).await });
    }
    let mut applied = 0;
    while let Some(result) = copies.join_next().await {
        match result.map_err(|error| Failure::new(error.to_string()))? {
            Ok(_) => applied += 1,
            repeated @ Err(CommitError::Conflict(_)) => {
                let expected = Conflict::AlreadyProcessed {
                    reply: Some("the reply".to_owned()),
                };
                ensure_eq!(refused(repeated)?, expected, "a copy that came at the same moment");
            }
            Err(error) => return Err(error.into()),
        }
    }
    ensure_eq!(applied, 1, "copies of one event that were applied");
    Ok(Done::Passed)
}

pub(super) async fn an_unknown_business_is_stale(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    bench.business("ace", 1).await?;
    let nobody = build::business("nobody");
    let (phone, now) = (build::phone(9), bench.now());
    let stale = Conflict::Stale(Stale::Settings);
    for change in [
        note(now, "lost"),
        Change::PutContact(build::contact(nobody, phone, now)),
        Change::PutLine(build::line(build::phone(500))),
        Change::Enqueue(build::job("lost", now)),
        Change::Ledger(build::entry(phone, now)),
        Change::PutSettings {
            settings: Box::new(build::settings("x")),
            expected: 3,
        },
    ] {
        ensure_eq!(bench.refuse(nobody, vec![change.clone()]).await?, stale, "{change:?}");
    }
    let template = build::owner("nobody", build::phone(3));
    let intake = build::intake_commit(&template, "CA1", crate::CallerId::Present(phone), now);
    ensure_eq!(refused(bench.store.commit(intake).await)?, stale, "an intake");
    ensure!(
        bench.store.owner(nobody).await?.is_none(),
        "a business exists that nobody created"
    );
    ensure!(
        bench.store.owner_of(&build::phone(500)).await?.is_none(),
        "a number belongs to nobody"
    );
    ensure!(
        bench.store.queue_depth().await?.is_empty(),
        "a job of nobody was queued"
    );
    Ok(Done::Passed)
}

pub(super) async fn rows_of_another_business_are_refused(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, best) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    let (phone, now) = (build::phone(9), bench.now());
    let call = bench.call(best, "CA1", phone).await?;
    let changed = build::full_call(&call, &build::thread(best, phone, now));
    let fresh = bench.intake(best, "CA2", phone).await?;
    let fresh = found("the call of an intake", build::inserted(&fresh).cloned())?;
    let thread = build::thread(best, phone, now);
    let before = everything(&bench, best).await?;
    for change in [
        Change::InsertCall(Box::new(fresh)),
        build::update(&call, &changed),
        Change::PutContact(build::contact(best, phone, now)),
        Change::PutMessage(Box::new(build::message(&thread, "new", now))),
        Change::PutConversation(thread),
        Change::RaiseTask(build::task(best, "new", now)),
        Change::PutTestCall(Box::new(build::test_call(best, "new", now))),
    ] {
        let result = bench
            .store
            .commit(bench.commit(ace, vec![note(now, "mixed"), change.clone()]))
            .await;
        ensure!(
            result.is_err(),
            "a commit of one business wrote a row of another: {change:?}"
        );
    }
    ensure_eq!(bench.feed_len(ace).await?, 0, "the feed of the business that wrote");
    for (was, is) in before.iter().zip(everything(&bench, best).await?) {
        ensure_eq!(is, *was, "the business that was written to");
    }
    Ok(Done::Passed)
}

pub(super) async fn a_commit_may_only_guard(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let committed = bench.apply(ace, Vec::new()).await?;
    ensure_eq!(
        committed.position,
        None,
        "the position of a commit without feed entries"
    );
    let mut commit = bench.commit(ace, Vec::new());
    commit.guards = vec![Guard::Settings { version: 2 }];
    bench.store.commit(commit.clone()).await?;
    commit.guards = vec![Guard::Settings { version: 1 }];
    let conflict = refused(bench.store.commit(commit).await)?;
    ensure_eq!(
        conflict,
        Conflict::Stale(Stale::Settings),
        "a commit of a stale guard alone"
    );
    Ok(Done::Passed)
}
