//! What a decision about texting reads.

use std::time::Duration;

use super::StoreHarness;
use super::bench::{Bench, refused};
use crate::conversation::{Author, Message, MessageKind, MessageStatus};
use crate::port::store::{Change, Commit, Conflict, Guard, SendCounts, Stale, Thread};
use crate::testkit::build;
use crate::testkit::contract::{Checked, Done, Failure, ensure_eq};
use crate::{BusinessId, PhoneNumber};

const MICRO: Duration = Duration::from_micros(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

fn put(message: &Message) -> Change {
    Change::PutMessage(Box::new(message.clone()))
}

pub(super) async fn a_thread_is_read_whole(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let (phone, now) = (build::phone(9), bench.now());
    let nothing = bench.store.thread(ace, &phone, now).await?;
    let expected = Thread {
        contact: None,
        flags: crate::conversation::CallerFlags::NONE,
        conversation: None,
        messages: Vec::new(),
        last_call: None,
        consent: crate::port::store::Consent::default(),
        guard: None,
        counts: SendCounts::default(),
        open_tasks: Vec::new(),
    };
    ensure_eq!(nothing, expected, "a caller nobody knows");
    bench.call(ace, "CA1", phone).await?;
    h.advance(MICRO);
    let last_call = bench.call(ace, "CA2", phone).await?;
    let thread = build::thread(ace, phone, now);
    let neighbour = build::thread(ace, build::phone(8), now);
    let contact = build::contact(ace, phone, now);
    let flags = build::flags(1, now);
    let message = build::message(&thread, "m", now);
    let about = |name: &str, phone, after| crate::tasks::Task {
        phone,
        raised_at: now.plus(after),
        ..build::task(ace, name, now)
    };
    let (early, late) = (
        about("z early", Some(phone), MICRO),
        about("a late", Some(phone), MICRO * 2),
    );
    let done = about("done", Some(phone), MICRO);
    let guard = crate::port::store::TextGuard {
        until: now.plus(MINUTE),
        message: message.id,
    };
    bench
        .apply(
            ace,
            vec![
                Change::PutConversation(thread.clone()),
                Change::PutConversation(neighbour.clone()),
                Change::PutContact(contact.clone()),
                Change::PutContact(build::contact(ace, build::phone(8), now)),
                Change::PutCallerFlags {
                    phone,
                    flags: flags.clone(),
                },
                put(&message),
                put(&build::message(&neighbour, "neighbour", now)),
                Change::RaiseTask(late.clone()),
                Change::RaiseTask(early.clone()),
                Change::RaiseTask(about("another", Some(build::phone(8)), MICRO)),
                Change::RaiseTask(about("nobody", None, MICRO)),
                Change::RaiseTask(done.clone()),
                Change::HoldTextGuard {
                    phone,
                    until: guard.until,
                    message: guard.message,
                },
            ],
        )
        .await?;
    bench
        .apply(
            ace,
            vec![Change::FinishTask {
                task: done.id,
                by: None,
            }],
        )
        .await?;
    let read = bench.store.thread(ace, &phone, bench.now()).await?;
    let expected = Thread {
        contact: Some(contact),
        flags,
        conversation: Some(thread),
        messages: vec![message],
        last_call: Some(last_call),
        guard: Some(guard),
        counts: read.counts,
        open_tasks: vec![early, late],
        ..expected
    };
    ensure_eq!(read, expected, "a thread with everything");
    Ok(Done::Passed)
}

pub(super) async fn the_last_thirty_messages_are_read_oldest_first(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let (phone, now) = (build::phone(9), bench.now());
    let thread = build::thread(ace, phone, now);
    bench.apply(ace, vec![Change::PutConversation(thread.clone())]).await?;
    let mut written = Vec::new();
    for number in 0..45_u32 {
        // Some of the same instant, and written in another order than they were made.
        let at = now.plus(MICRO * ((number * 7 % 45) / 2));
        written.push(build::message(&thread, &format!("m{number}"), at));
    }
    bench.apply(ace, written.iter().map(put).collect()).await?;
    written.sort_by_key(|message| (message.created_at, message.id));
    let last: Vec<_> = written.iter().skip(15).map(|message| message.id).collect();
    let read = bench.store.thread(ace, &phone, now.plus(MINUTE)).await?;
    let ids: Vec<_> = read.messages.iter().map(|message| message.id).collect();
    ensure_eq!(ids, last, "the last thirty messages");
    Ok(Done::Passed)
}

async fn counts(bench: &Bench<'_>, business: BusinessId, phone: PhoneNumber) -> Result<SendCounts, Failure> {
    Ok(bench.store.thread(business, &phone, bench.now()).await?.counts)
}

pub(super) async fn sends_are_counted(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, best) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    let start = bench.now();
    let (phone, second) = (build::phone(9), build::phone(8));
    let thread = build::thread(ace, phone, start);
    let neighbour = build::thread(ace, second, start);
    let elsewhere = build::thread(best, phone, start);
    bench
        .apply(
            ace,
            vec![
                Change::PutConversation(thread.clone()),
                Change::PutConversation(neighbour.clone()),
            ],
        )
        .await?;
    bench
        .apply(best, vec![Change::PutConversation(elsewhere.clone())])
        .await?;
    // Each status once: claimed and everything after it counts, save what definitely did not go out.
    let mut all = Vec::new();
    for status in MessageStatus::ALL {
        let mut message = build::message(&thread, status.name(), start);
        message.status = *status;
        if *status == MessageStatus::Received {
            message = build::inbound_message(&thread, status.name(), start.minus(MICRO));
        }
        all.push(message);
    }
    bench.apply(ace, all.iter().map(put).collect()).await?;
    bench
        .apply(best, vec![put(&build::message(&elsewhere, "elsewhere", start))])
        .await?;
    let gone = u32::try_from(MessageStatus::ALL.len()).unwrap_or(0) - 4;
    let expected = SendCounts {
        new_recipients_last_hour: 1,
        business_last_day: gone,
        automated_to_caller_last_day: gone,
        auto_texts_unanswered_30_days: gone,
    };
    ensure_eq!(counts(&bench, ace, phone).await?, expected, "texts in every state");
    let none_to_him = SendCounts {
        automated_to_caller_last_day: 0,
        auto_texts_unanswered_30_days: 0,
        ..expected
    };
    ensure_eq!(
        counts(&bench, ace, second).await?,
        none_to_him,
        "the same, asked for another caller"
    );
    // A person's text is not automated; a reply is not an auto-text; the caller's text answers what came before it.
    h.advance(MINUTE);
    let mut person = build::message(&thread, "person", bench.now());
    person.author = Author::Person;
    person.kind = MessageKind::Manual;
    let mut reply = build::message(&thread, "reply", bench.now());
    reply.kind = MessageKind::Reply;
    let answer = build::inbound_message(&thread, "answer", bench.now());
    h.advance(MINUTE);
    let after = build::message(&thread, "after the answer", bench.now());
    let new = build::message(&neighbour, "somebody new", bench.now());
    bench
        .apply(ace, [person, reply, answer, after, new].iter().map(put).collect())
        .await?;
    let expected = SendCounts {
        new_recipients_last_hour: 2,
        business_last_day: gone + 4,
        automated_to_caller_last_day: gone + 2,
        auto_texts_unanswered_30_days: 1,
    };
    ensure_eq!(
        counts(&bench, ace, phone).await?,
        expected,
        "texts of persons, replies and answers"
    );
    // An hour after the first text its recipient is no longer new; texts age out a day and thirty days after.
    h.advance(HOUR - MINUTE * 2);
    let older = SendCounts {
        new_recipients_last_hour: 1,
        ..expected
    };
    ensure_eq!(counts(&bench, ace, phone).await?, older, "an hour later");
    h.advance(DAY - HOUR);
    let older = SendCounts {
        new_recipients_last_hour: 0,
        business_last_day: 4,
        automated_to_caller_last_day: 2,
        auto_texts_unanswered_30_days: 1,
    };
    ensure_eq!(counts(&bench, ace, phone).await?, older, "a day after the first texts");
    h.advance(DAY * 29 + MINUTE);
    let older = SendCounts {
        auto_texts_unanswered_30_days: 1,
        ..SendCounts::default()
    };
    ensure_eq!(
        counts(&bench, ace, phone).await?,
        older,
        "thirty days after the first texts"
    );
    h.advance(MINUTE);
    ensure_eq!(
        counts(&bench, ace, phone).await?,
        SendCounts::default(),
        "thirty days after the last"
    );
    Ok(Done::Passed)
}

/// A claimed text to a caller of its own, unless the business has reached a limit.
fn limited(bench: &Bench<'_>, business: BusinessId, n: u32, day: Option<u32>, hour: Option<u32>) -> Commit {
    let thread = build::thread(business, build::phone(n), bench.now());
    let message = build::message(&thread, &format!("limited {n} at {}", bench.now()), bench.now());
    let mut commit = bench.commit(business, vec![Change::PutConversation(thread), put(&message)]);
    commit.guards = vec![Guard::SendsBelow {
        business_day: day,
        new_recipients_hour: hour,
    }];
    commit
}

pub(super) async fn a_limit_of_sends_refuses_what_would_go_beyond_it(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, best) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    let full = Conflict::Stale(Stale::SendCounts);
    let offer = |n, day, hour| bench.store.commit(limited(&bench, ace, n, day, hour));
    for n in 10..12 {
        offer(n, Some(2), Some(2)).await?;
    }
    ensure_eq!(
        refused(offer(12, Some(2), None).await)?,
        full,
        "a third text of the day"
    );
    ensure_eq!(refused(offer(12, None, Some(2)).await)?, full, "a third new recipient");
    ensure_eq!(
        refused(offer(12, Some(9), Some(2)).await)?,
        full,
        "one of two limits reached"
    );
    ensure_eq!(
        counts(&bench, ace, build::phone(12)).await?.business_last_day,
        2,
        "what was refused"
    );
    // Another business has limits of its own, and a limit that is left out is none.
    bench.store.commit(limited(&bench, best, 12, Some(1), Some(1))).await?;
    offer(13, None, None).await?;
    // An hour later nobody is new; a day later nothing counts.
    h.advance(HOUR);
    offer(14, Some(4), Some(1)).await?;
    ensure_eq!(
        refused(offer(15, Some(4), Some(2)).await)?,
        full,
        "a fifth text of the day"
    );
    h.advance(DAY);
    offer(16, Some(1), Some(1)).await?;
    Ok(Done::Passed)
}

pub(super) async fn a_limit_of_sends_holds_among_writers_that_race(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let other = bench.other().await;
    let race = (20..40_u32).map(|n| {
        let store = if n % 2 == 0 { &bench.store } else { &other };
        store.commit(limited(&bench, ace, n, Some(7), Some(7)))
    });
    let mut applied = 0_u32;
    for result in futures_util::future::join_all(race).await {
        match result {
            Ok(_) => applied += 1,
            refusal @ Err(_) => {
                ensure_eq!(
                    refused(refusal)?,
                    Conflict::Stale(Stale::SendCounts),
                    "a text beyond the limit"
                );
            }
        }
    }
    ensure_eq!(applied, 7, "texts that were let through");
    ensure_eq!(
        counts(&bench, ace, build::phone(20)).await?.business_last_day,
        7,
        "texts that count"
    );
    Ok(Done::Passed)
}
