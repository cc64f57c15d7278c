//! Everything else is found as it was written, too.

use std::time::Duration;

use super::StoreHarness;
use super::bench::{Bench, found};
use crate::compliance::number::LineType;
use crate::conversation::{Author, CallerFlags, Contact, Direction, Message, MessageKind, MessageStatus, ThreadState};
use crate::port::store::{Change, Conflict, MessageKey, Stale, TaskFilter, TestCall, TestCallState};
use crate::tasks::{Task, TaskKind};
use crate::testkit::build::{self, HARD_TEXT};
use crate::testkit::contract::{Checked, Done, ensure_eq};
use crate::{CallId, MessageId, TestCallId, Timestamp};

pub(super) async fn contacts_and_flags_read_back_with_every_field(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let (phone, now) = (build::phone(9), bench.now());
    let nobody = bench.store.thread(ace, &phone, now).await?;
    ensure_eq!(
        (nobody.contact, nobody.flags),
        (None, CallerFlags::NONE),
        "a caller nobody knows"
    );
    ensure_eq!(
        bench.store.caller_flags(ace, &phone).await?,
        CallerFlags::NONE,
        "flags without a row"
    );
    let mut contact = build::contact(ace, phone, now);
    for line in LineType::ALL {
        contact.line = Some((line, now.plus(Duration::from_micros(1))));
        bench.apply(ace, vec![Change::PutContact(contact.clone())]).await?;
        let read = bench.store.thread(ace, &phone, now).await?;
        ensure_eq!(read.contact, Some(contact.clone()), "a contact with every field");
    }
    let bare = Contact {
        name: None,
        line: None,
        ..contact
    };
    bench.apply(ace, vec![Change::PutContact(bare.clone())]).await?;
    ensure_eq!(
        bench.store.thread(ace, &phone, now).await?.contact,
        Some(bare),
        "a contact written whole again"
    );
    for (version, flags) in [
        (1, build::flags(1, now)),
        (
            2,
            CallerFlags {
                version: 2,
                spam: true,
                ..CallerFlags::NONE
            },
        ),
        (
            3,
            CallerFlags {
                version: 3,
                no_auto_text: true,
                ..CallerFlags::NONE
            },
        ),
        (
            4,
            CallerFlags {
                version: 4,
                ..CallerFlags::NONE
            },
        ),
    ] {
        bench
            .apply(
                ace,
                vec![Change::PutCallerFlags {
                    phone,
                    flags: flags.clone(),
                }],
            )
            .await?;
        ensure_eq!(
            bench.store.caller_flags(ace, &phone).await?,
            flags.clone(),
            "flags at version {version}"
        );
        ensure_eq!(
            bench.store.thread(ace, &phone, now).await?.flags,
            flags,
            "flags beside the thread"
        );
    }
    Ok(Done::Passed)
}

pub(super) async fn threads_read_back_with_every_field(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let (phone, now) = (build::phone(9), bench.now());
    let mut thread = build::thread(ace, phone, now);
    for (version, state) in (1..).zip(ThreadState::ALL) {
        thread.version = version;
        thread.state = *state;
        thread.unread = version * 70_000;
        let full = version != 2;
        thread.taken_by = full.then(|| build::user_id("jo"));
        thread.last_call = full.then(|| CallId::derive(now, "CA1"));
        thread.last_inbound_at = full.then_some(now.plus(Duration::from_micros(5)));
        thread.last_automated_at = full.then_some(now.plus(Duration::from_micros(6)));
        thread.last_message_at = now.plus(Duration::from_micros(u64::from(version)));
        bench.apply(ace, vec![Change::PutConversation(thread.clone())]).await?;
        let read = bench.store.thread(ace, &phone, now).await?.conversation;
        ensure_eq!(read, Some(thread.clone()), "a thread found by its caller");
        let row = found("the thread's page", bench.store.conversation(ace, thread.id, 10).await?)?;
        ensure_eq!(row.conversation, thread.clone(), "a thread found by its identifier");
    }
    Ok(Done::Passed)
}

pub(super) async fn messages_read_back_with_every_field(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let now = bench.now();
    let thread = build::thread(ace, build::phone(9), now);
    bench.apply(ace, vec![Change::PutConversation(thread.clone())]).await?;
    let count = MessageStatus::ALL.len().max(MessageKind::ALL.len());
    for index in 0..count {
        let at = now.plus(Duration::from_micros(u64::try_from(index).unwrap_or(0)));
        let mut message = build::message(&thread, &format!("m{index}"), at);
        let statuses = MessageStatus::ALL;
        message.status = statuses
            .get(index % statuses.len())
            .copied()
            .unwrap_or(MessageStatus::Sent);
        message.kind = MessageKind::ALL
            .get(index % MessageKind::ALL.len())
            .copied()
            .unwrap_or(MessageKind::Help);
        message.author = Author::ALL
            .get(index % Author::ALL.len())
            .copied()
            .unwrap_or(Author::Person);
        message.direction = Direction::ALL
            .get(index % Direction::ALL.len())
            .copied()
            .unwrap_or(Direction::Inbound);
        let full = index % 2 == 0;
        message.call = full.then(|| CallId::derive(now, "CA1"));
        message.user = full.then(|| build::user_id("jo"));
        message.error_code = full.then_some(30_007);
        message.reason = full.then(|| HARD_TEXT.to_owned());
        message.sent_at = full.then_some(at.plus(Duration::from_micros(7)));
        message.settled_at = full.then_some(at.plus(Duration::from_micros(8)));
        message.media_count = u8::MAX;
        message.segments = u8::MAX;
        message.attempts = u8::MAX;
        if !full {
            message.provider_message = None;
            message.body = String::new();
        }
        bench
            .apply(ace, vec![Change::PutMessage(Box::new(message.clone()))])
            .await?;
        let read = bench.store.message(ace, &MessageKey::Id(message.id)).await?;
        ensure_eq!(read, Some(message.clone()), "message {index}");
        if let Some(provider) = message.provider_message.clone() {
            let read = bench.store.message(ace, &MessageKey::Provider(provider)).await?;
            ensure_eq!(
                read,
                Some(message.clone()),
                "message {index} by the provider's identifier"
            );
        }
        // The provider's identifier may become known later.
        let named = Message {
            version: 2,
            provider_message: Some(format!("SM-late-{index}")),
            ..message
        };
        bench
            .apply(ace, vec![Change::PutMessage(Box::new(named.clone()))])
            .await?;
        let key = MessageKey::Provider(format!("SM-late-{index}"));
        ensure_eq!(
            bench.store.message(ace, &key).await?,
            Some(named),
            "message {index} with its late name"
        );
    }
    let missing = bench
        .store
        .message(ace, &MessageKey::Id(MessageId::derive(now, "none")))
        .await?;
    ensure_eq!(missing, None, "a message that was never written");
    Ok(Done::Passed)
}

pub(super) async fn tasks_read_back_and_are_raised_once(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let now = bench.now();
    for kind in TaskKind::ALL {
        let bare = Task {
            kind: *kind,
            ..build::task(ace, kind.name(), now)
        };
        let full = Task {
            phone: Some(build::phone(9)),
            call: Some(CallId::derive(now, "CA1")),
            conversation: Some(build::thread(ace, build::phone(9), now).id),
            message: Some(build::message_id("m")),
            ..build::task(ace, &format!("{} full", kind.name()), now)
        };
        for task in [bare, full] {
            bench.apply(ace, vec![Change::RaiseTask(task.clone())]).await?;
            ensure_eq!(bench.store.task(ace, task.id).await?, Some(task.clone()), "a task");
            let again = Task {
                sentence: "something else".to_owned(),
                ..task.clone()
            };
            bench.apply(ace, vec![Change::RaiseTask(again)]).await?;
            ensure_eq!(
                bench.store.task(ace, task.id).await?,
                Some(task),
                "a task that was raised twice"
            );
        }
    }
    ensure_eq!(
        bench.store.tasks(ace, &TaskFilter::default(), 100).await?.len(),
        TaskKind::ALL.len() * 2,
        "tasks after each was raised twice"
    );
    Ok(Done::Passed)
}

pub(super) async fn a_task_is_finished_once(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let now = bench.now();
    let task = Task {
        due_at: Some(now.plus(Duration::from_secs(1_800))),
        ..build::task(ace, "call back", now)
    };
    bench.apply(ace, vec![Change::RaiseTask(task.clone())]).await?;
    let finish = |name: Option<&str>| Change::FinishTask {
        task: task.id,
        by: name.map(build::user_id),
    };
    h.advance(Duration::from_micros(1));
    let done_at = bench.now();
    bench.apply(ace, vec![finish(Some("jo"))]).await?;
    h.advance(Duration::from_micros(1));
    bench.apply(ace, vec![finish(Some("max"))]).await?;
    bench.apply(ace, vec![finish(None)]).await?;
    bench.apply(ace, vec![Change::RaiseTask(task.clone())]).await?;
    let expected = Task {
        done_at: Some(done_at),
        done_by: Some(build::user_id("jo")),
        ..task
    };
    ensure_eq!(
        bench.store.task(ace, expected.id).await?,
        Some(expected),
        "a task that was finished twice"
    );
    let unknown = Change::FinishTask {
        task: build::task(ace, "none", now).id,
        by: None,
    };
    ensure_eq!(
        bench.refuse(ace, vec![unknown]).await?,
        Conflict::Stale(Stale::Task),
        "a task nobody raised"
    );
    Ok(Done::Passed)
}

pub(super) async fn forwarding_tests_read_back_and_run_one_at_a_time(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, best) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    let put = |test: &TestCall| vec![Change::PutTestCall(Box::new(test.clone()))];
    ensure_eq!(bench.store.latest_test_call(ace).await?, None, "the newest of no tests");
    let first = build::test_call(ace, "first", bench.now());
    bench.apply(ace, put(&first)).await?;
    ensure_eq!(
        bench.store.test_call(ace, first.id).await?,
        Some(first.clone()),
        "a new test"
    );
    let second = build::test_call(ace, "second", bench.now());
    ensure_eq!(
        bench.refuse(ace, put(&second)).await?,
        Conflict::TestInProgress,
        "a second test"
    );
    let elsewhere = build::test_call(best, "elsewhere", bench.now());
    bench.apply(best, put(&elsewhere)).await?;
    let mut running = first;
    for state in TestCallState::ALL {
        running = TestCall {
            version: running.version + 1,
            state: *state,
            we_call: !running.we_call,
            expected_callers: Vec::new(),
            provider_call: Some(HARD_TEXT.to_owned()),
            error_code: Some(13_224),
            ended_at: Some(bench.now()),
            ..running
        };
        bench.apply(ace, put(&running)).await?;
        ensure_eq!(
            bench.store.test_call(ace, running.id).await?,
            Some(running.clone()),
            "a test in every state"
        );
    }
    // It is over now; and one that has expired is over as well.
    h.advance(Duration::from_secs(1));
    let second = build::test_call(ace, "second", bench.now());
    bench.apply(ace, put(&second)).await?;
    ensure_eq!(
        bench.store.latest_test_call(ace).await?,
        Some(second.clone()),
        "the newest test"
    );
    let third = || build::test_call(ace, "third", bench.now());
    h.advance(Duration::from_secs(45) - Duration::from_micros(1));
    ensure_eq!(
        bench.refuse(ace, put(&third())).await?,
        Conflict::TestInProgress,
        "a test before the end of another"
    );
    h.advance(Duration::from_micros(1));
    let third = third();
    bench.apply(ace, put(&third)).await?;
    ensure_eq!(bench.store.latest_test_call(ace).await?, Some(third), "the newest test");
    let none = bench
        .store
        .test_call(ace, TestCallId::derive(bench.now(), "none"))
        .await?;
    ensure_eq!(none, None, "a test that never was");
    Ok(Done::Passed)
}

pub(super) async fn instants_keep_their_microseconds(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let far = [
        Timestamp::UNIX_EPOCH,
        Timestamp::from_micros(1),
        Timestamp::from_micros(999_999),
        bench.now().plus(Duration::from_micros(1)),
        // The last microsecond of the year 2199.
        Timestamp::from_micros(7_258_118_399_999_999),
    ];
    for (version, at) in (1..).zip(far) {
        let phone = build::phone(9);
        let flags = CallerFlags {
            emergency_until: Some(at),
            test_until: Some(at),
            ..build::flags(version, at)
        };
        let contact = Contact {
            created_at: at,
            last_seen_at: at,
            ..build::contact(ace, phone, at)
        };
        let task = build::task(ace, &format!("at {version}"), at);
        bench
            .apply(
                ace,
                vec![
                    Change::PutCallerFlags {
                        phone,
                        flags: flags.clone(),
                    },
                    Change::PutContact(contact.clone()),
                    Change::RaiseTask(task.clone()),
                    Change::Feed(build::feed(at, "at")),
                ],
            )
            .await?;
        ensure_eq!(bench.store.caller_flags(ace, &phone).await?, flags, "flags until {at}");
        ensure_eq!(
            bench.store.thread(ace, &phone, at).await?.contact,
            Some(contact),
            "a contact seen at {at}"
        );
        ensure_eq!(bench.store.task(ace, task.id).await?, Some(task), "a task of {at}");
        let entry = found("the entry", bench.store.feed(ace, 0, 100).await?.pop())?;
        ensure_eq!(entry.event.at, at, "an entry of {at}");
    }
    Ok(Done::Passed)
}
