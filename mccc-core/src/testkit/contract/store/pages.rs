//! What the pages list.

use std::time::Duration;

use super::StoreHarness;
use super::bench::{Bench, found};
use crate::calls::{Call, Outcome};
use crate::conversation::Contact;
use crate::port::store::{
    CallCursor, CallDetail, CallFilter, Change, ConsentChange, ConversationCursor, FeedEvent, TaskFilter,
};
use crate::routing::Method;
use crate::tasks::Task;
use crate::testkit::build;
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};
use crate::{BusinessId, CallId, CallerId, ConversationId};

const MICRO: Duration = Duration::from_micros(1);

/// Reads a list of calls page by page.
async fn by_pages(
    bench: &Bench<'_>,
    business: BusinessId,
    filter: &CallFilter,
    limit: u32,
) -> Result<Vec<CallId>, Failure> {
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let page = bench.store.calls(business, filter, after, limit).await?;
        ensure!(
            page.len() <= usize::try_from(limit).unwrap_or(0),
            "more calls than were asked for"
        );
        let Some(last) = page.last() else { return Ok(listed) };
        after = Some(CallCursor {
            received_at: last.received_at,
            id: last.id,
        });
        listed.extend(page.iter().map(|row| row.id));
        ensure!(listed.len() < 10_000, "a list of calls does not end");
    }
}

/// Newest first, as calls are listed.
fn newest_first<'a>(calls: impl IntoIterator<Item = &'a Call>) -> Vec<CallId> {
    let mut keys: Vec<_> = calls.into_iter().map(|call| (call.received_at, call.id)).collect();
    keys.sort_unstable_by(|left, right| right.cmp(left));
    keys.into_iter().map(|(_, id)| id).collect()
}

pub(super) async fn calls_are_listed_without_gaps_or_repetitions(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let mut calls = Vec::new();
    for number in 0..31_u32 {
        // Up to five in the same microsecond.
        if number % 5 == 0 {
            h.advance(MICRO);
        }
        calls.push(
            bench
                .call(ace, &format!("CA{number}"), build::phone(number % 7))
                .await?,
        );
    }
    let expected = newest_first(&calls);
    for limit in [1, 2, 4, 5, 30, 31, 100] {
        let listed = by_pages(&bench, ace, &CallFilter::default(), limit).await?;
        ensure_eq!(listed, expected, "calls by pages of {limit}");
    }
    // A call that arrives while somebody reads moves nothing.
    let first = bench.store.calls(ace, &CallFilter::default(), None, 10).await?;
    let last = found("the tenth call", first.last())?;
    let cursor = CallCursor {
        received_at: last.received_at,
        id: last.id,
    };
    bench.call(ace, "CA-new", build::phone(9)).await?;
    let rest = bench
        .store
        .calls(ace, &CallFilter::default(), Some(cursor), 100)
        .await?;
    let both: Vec<_> = first.iter().chain(&rest).map(|row| row.id).collect();
    ensure_eq!(both, expected, "a list that was read while a call arrived");
    Ok(Done::Passed)
}

pub(super) async fn every_filter_of_calls_narrows(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let mut calls = Vec::new();
    for number in 0..48_u32 {
        if number % 16 == 0 {
            h.advance(Duration::from_secs(24 * 3600));
        }
        h.advance(MICRO * (number % 3));
        let mut call = bench
            .call(ace, &format!("CA{number}"), build::phone(number % 4))
            .await?;
        let before = call.clone();
        let pick = usize::try_from(number).unwrap_or(0);
        call.version = 2;
        call.outcome = Outcome::ALL
            .get(pick % Outcome::ALL.len())
            .copied()
            .unwrap_or(Outcome::Spam);
        call.method = Method::ALL
            .get(pick % Method::ALL.len())
            .copied()
            .unwrap_or(Method::Off);
        call.needs_attention = number % 3 == 1;
        call.is_test = number % 11 == 4;
        bench.apply(ace, vec![build::update(&before, &call)]).await?;
        calls.push(call);
    }
    let days: Vec<_> = calls.iter().map(|call| call.local_day).collect();
    let (first, last) = (
        found("a day", days.iter().min().copied())?,
        found("a day", days.iter().max().copied())?,
    );
    let base = CallFilter::default;
    let mut filters = vec![
        base(),
        CallFilter { tests: true, ..base() },
        CallFilter {
            attention: true,
            ..base()
        },
        CallFilter {
            from_day: Some(last),
            ..base()
        },
        CallFilter {
            to_day: Some(first),
            ..base()
        },
        CallFilter {
            from_day: Some(first.plus_days(1)),
            to_day: Some(first.plus_days(1)),
            ..base()
        },
        CallFilter {
            from_day: Some(last),
            to_day: Some(first),
            ..base()
        },
        CallFilter {
            caller: Some(build::phone(3)),
            ..base()
        },
        CallFilter {
            caller: Some(build::phone(3)),
            attention: true,
            from_day: Some(first.plus_days(1)),
            ..base()
        },
    ];
    filters.extend(Method::ALL.iter().map(|method| CallFilter {
        method: Some(*method),
        ..base()
    }));
    for label in crate::calls::DashboardOutcome::ALL {
        filters.push(CallFilter {
            outcome: Some(*label),
            ..base()
        });
        filters.push(CallFilter {
            outcome: Some(*label),
            tests: true,
            to_day: Some(last),
            ..base()
        });
    }
    for filter in filters {
        let fits = |call: &&Call| {
            filter.from_day.is_none_or(|day| day <= call.local_day)
                && filter.to_day.is_none_or(|day| call.local_day <= day)
                && filter.method.is_none_or(|method| method == call.method)
                && filter.outcome.is_none_or(|label| label == call.outcome.dashboard())
                && (!filter.attention || call.needs_attention)
                && filter
                    .caller
                    .is_none_or(|phone| call.caller == CallerId::Present(phone))
                && (filter.tests || !call.is_test)
        };
        let expected = newest_first(calls.iter().filter(fits));
        ensure_eq!(
            by_pages(&bench, ace, &filter, 3).await?,
            expected,
            "calls by {filter:?}"
        );
    }
    Ok(Done::Passed)
}

pub(super) async fn threads_are_listed_without_gaps_or_repetitions(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let mut threads = Vec::new();
    for number in 0..23_u32 {
        if number % 4 == 0 {
            h.advance(MICRO);
        }
        let thread = build::thread(ace, build::phone(number), bench.now());
        bench.apply(ace, vec![Change::PutConversation(thread.clone())]).await?;
        threads.push(thread);
    }
    // A message moves its thread to the top.
    h.advance(MICRO);
    if let Some(thread) = threads.get_mut(2) {
        thread.version = 2;
        thread.last_message_at = bench.now();
        bench.apply(ace, vec![Change::PutConversation(thread.clone())]).await?;
    }
    let contact = build::contact(ace, build::phone(2), bench.now());
    let stop = Change::Consent(ConsentChange::OptOut {
        phone: build::phone(2),
        keyword: "stop".to_owned(),
    });
    bench
        .apply(ace, vec![Change::PutContact(contact.clone()), stop])
        .await?;
    let mut keys: Vec<_> = threads
        .iter()
        .map(|thread| (thread.last_message_at, thread.id))
        .collect();
    keys.sort_unstable_by(|left, right| right.cmp(left));
    let expected: Vec<ConversationId> = keys.into_iter().map(|(_, id)| id).collect();
    for limit in [1, 3, 4, 22, 23, 100] {
        let (mut listed, mut after) = (Vec::new(), None);
        loop {
            let page = bench.store.conversations(ace, after, limit).await?;
            ensure!(
                page.len() <= usize::try_from(limit).unwrap_or(0),
                "more threads than were asked for"
            );
            ensure!(
                page.iter().all(|row| row.messages.is_empty()),
                "a list of threads holds messages"
            );
            let Some(last) = page.last() else { break };
            after = Some(ConversationCursor {
                last_message_at: last.conversation.last_message_at,
                id: last.conversation.id,
            });
            listed.extend(page.into_iter().map(|row| row.conversation.id));
            ensure!(listed.len() < 10_000, "a list of threads does not end");
        }
        ensure_eq!(listed, expected, "threads by pages of {limit}");
    }
    let top = found("the first thread", bench.store.conversations(ace, None, 1).await?.pop())?;
    ensure_eq!(Some(&top.conversation), threads.get(2), "the thread at the top");
    ensure_eq!(top.contact, Some(contact), "the contact in a list");
    ensure!(
        top.consent.opted_out_at.is_some() && top.consent.suppressed,
        "the consent in a list"
    );
    Ok(Done::Passed)
}

pub(super) async fn a_call_is_shown_with_all_that_hangs_on_it(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let phone = build::phone(9);
    let mut thread = build::thread(ace, phone, bench.now());
    let old = build::message(&thread, "before the call", bench.now());
    bench
        .apply(
            ace,
            vec![
                Change::PutConversation(thread.clone()),
                Change::PutMessage(Box::new(old)),
            ],
        )
        .await?;
    h.advance(MICRO);
    let call = bench.call(ace, "CA1", phone).await?;
    let another = bench.call(ace, "CA2", build::phone(8)).await?;
    let name = |contact| found("the listed call", contact);
    let row = name(
        bench
            .store
            .calls(
                ace,
                &CallFilter {
                    caller: Some(phone),
                    ..CallFilter::default()
                },
                None,
                1,
            )
            .await?
            .pop(),
    )?;
    ensure_eq!(
        row.caller_name,
        call.caller_name.clone(),
        "the network's name of a caller without a contact"
    );
    let now = bench.now();
    let contact = Contact {
        name: Some("Jo from the contacts".to_owned()),
        ..build::contact(ace, phone, now)
    };
    let mut caused = build::message(&thread, "caused by it", now);
    caused.call = Some(call.id);
    let reply = build::inbound_message(&thread, "reply", now.plus(MICRO));
    let neighbour = build::thread(ace, build::phone(8), now);
    let mut task = build::task(ace, "call back", now);
    task.call = Some(call.id);
    let mut done = build::task(ace, "look", now.plus(MICRO));
    done.call = Some(call.id);
    let event = FeedEvent {
        call: Some(call.id),
        ..build::feed(now, "about it")
    };
    thread.version = 2;
    thread.last_call = Some(call.id);
    bench
        .apply(
            ace,
            vec![
                Change::PutConversation(thread.clone()),
                Change::PutConversation(neighbour.clone()),
                Change::PutContact(contact.clone()),
                Change::PutMessage(Box::new(reply.clone())),
                Change::PutMessage(Box::new(caused.clone())),
                Change::PutMessage(Box::new(build::message(&neighbour, "neighbour", now))),
                Change::RaiseTask(done.clone()),
                Change::RaiseTask(task.clone()),
                Change::RaiseTask(build::task(ace, "nobody's", now)),
                Change::Feed(event.clone()),
                Change::Feed(build::feed(now, "about nothing")),
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
    done.done_at = Some(now);
    let detail = found("the call's page", bench.store.call_detail(ace, call.id).await?)?;
    let mut mine: Vec<_> = bench.store.feed(ace, 0, 100).await?;
    mine.retain(|entry| entry.event.call == Some(call.id));
    ensure!(
        mine.iter().any(|entry| entry.event == event),
        "the feed lost the event of a call"
    );
    let expected = CallDetail {
        call: call.clone(),
        events: mine,
        messages: vec![caused, reply],
        tasks: vec![task, done],
        conversation: Some(thread),
        contact: Some(contact),
    };
    ensure_eq!(detail, expected, "a call with all that hangs on it");
    let row = name(
        bench
            .store
            .calls(
                ace,
                &CallFilter {
                    caller: Some(phone),
                    ..CallFilter::default()
                },
                None,
                1,
            )
            .await?
            .pop(),
    )?;
    ensure_eq!(
        row.caller_name.as_deref(),
        Some("Jo from the contacts"),
        "the contact's name in a list"
    );
    let bare = found("the other call's page", bench.store.call_detail(ace, another.id).await?)?;
    ensure_eq!(
        (bare.contact, bare.tasks.len()),
        (None, 0),
        "a call on which nothing hangs"
    );
    let none = bench.store.call_detail(ace, CallId::derive(now, "none")).await?;
    ensure!(none.is_none(), "a call that never came has a page");
    Ok(Done::Passed)
}

pub(super) async fn a_list_names_a_call_as_the_contact_is_named_now(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let (now, caller, other) = (bench.now(), build::phone(9), build::phone(8));
    let named = |phone, name: Option<&str>| {
        let contact = build::contact(ace, phone, now);
        Change::PutContact(Contact {
            name: name.map(str::to_owned),
            ..contact
        })
    };
    let shown = async || -> Result<Vec<Option<String>>, Failure> {
        let rows = bench.store.calls(ace, &CallFilter::default(), None, 9).await?;
        Ok(rows.into_iter().map(|row| row.caller_name).collect())
    };
    let some = |name: &str| Some(name.to_owned());
    // A call of somebody unknown goes by what the network says, before its end and after.
    let ended = |call: &Call| Call {
        version: call.version + 1,
        recovered: true,
        ..call.clone()
    };
    let first = bench.call(ace, "CA1", caller).await?;
    let network = first.caller_name.clone();
    ensure_eq!(shown().await?, vec![network.clone()], "a new call of an unknown caller");
    let first_ended = ended(&first);
    bench.apply(ace, vec![build::update(&first, &first_ended)]).await?;
    ensure_eq!(
        shown().await?,
        vec![network.clone()],
        "a changed call of an unknown caller"
    );
    // A name that is learned later is that of the calls before.
    bench.apply(ace, vec![named(caller, Some("Ann"))]).await?;
    ensure_eq!(shown().await?, vec![some("Ann")], "a name learned after the call");
    // The next call is named from its first moment on.
    let second = bench.call(ace, "CA2", caller).await?;
    ensure_eq!(shown().await?, vec![some("Ann"); 2], "a new call of a known caller");
    bench.apply(ace, vec![named(caller, Some("Ann Lee"))]).await?;
    ensure_eq!(shown().await?, vec![some("Ann Lee"); 2], "a changed name");
    // In one commit, in either order, and beside somebody else's name.
    let second_ended = ended(&second);
    let both = vec![
        build::update(&second, &second_ended),
        named(caller, Some("Bo")),
        named(other, Some("Somebody else")),
    ];
    bench.apply(ace, both).await?;
    ensure_eq!(shown().await?, vec![some("Bo"); 2], "a call and its name in one commit");
    let again = ended(&second_ended);
    let both = vec![named(caller, Some("Cy")), build::update(&second_ended, &again)];
    bench.apply(ace, both).await?;
    ensure_eq!(shown().await?, vec![some("Cy"); 2], "a name and its call in one commit");
    // A name that is taken back is none.
    bench.apply(ace, vec![named(caller, None)]).await?;
    ensure_eq!(shown().await?, vec![network; 2], "a name that was taken back");
    Ok(Done::Passed)
}

pub(super) async fn a_thread_is_shown_with_its_last_messages(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let now = bench.now();
    let thread = build::thread(ace, build::phone(9), now);
    let contact = build::contact(ace, build::phone(9), now);
    let neighbour = build::thread(ace, build::phone(8), now);
    let messages: Vec<_> = (0..9_u32)
        .map(|number| build::message(&thread, &format!("m{number}"), now.plus(MICRO * number)))
        .collect();
    let mut changes = vec![
        Change::PutConversation(thread.clone()),
        Change::PutConversation(neighbour.clone()),
        Change::PutContact(contact.clone()),
        Change::PutMessage(Box::new(build::message(&neighbour, "neighbour", now))),
    ];
    changes.extend(
        messages
            .iter()
            .rev()
            .map(|message| Change::PutMessage(Box::new(message.clone()))),
    );
    bench.apply(ace, changes).await?;
    for limit in [1_u32, 4, 9, 50] {
        let row = found(
            "the thread's page",
            bench.store.conversation(ace, thread.id, limit).await?,
        )?;
        let skip = messages.len().saturating_sub(usize::try_from(limit).unwrap_or(0));
        ensure_eq!(
            row.messages,
            messages.get(skip..).unwrap_or_default().to_vec(),
            "the last {limit} messages"
        );
        ensure_eq!(
            (row.conversation, row.contact),
            (thread.clone(), Some(contact.clone())),
            "thread and contact"
        );
    }
    let none = bench
        .store
        .conversation(ace, ConversationId::derive(now, "none"), 5)
        .await?;
    ensure!(none.is_none(), "a thread that never was has a page");
    Ok(Done::Passed)
}

pub(super) async fn tasks_are_listed_oldest_first(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let now = bench.now();
    let mut tasks = Vec::new();
    for number in 0..9_u32 {
        let raised_at = now.plus(MICRO * (number * 5 % 9 / 2));
        tasks.push(Task {
            due_at: (number % 3 == 0).then_some(raised_at.plus(MICRO)),
            ..build::task(ace, &format!("task {number}"), raised_at)
        });
    }
    bench
        .apply(ace, tasks.iter().cloned().map(Change::RaiseTask).collect())
        .await?;
    tasks.sort_by_key(|task| (task.raised_at, task.id));
    let all = TaskFilter::default();
    ensure_eq!(bench.store.tasks(ace, &all, 100).await?, tasks, "all tasks");
    ensure_eq!(
        bench.store.tasks(ace, &all, 4).await?,
        tasks.get(..4).unwrap_or_default().to_vec(),
        "the oldest four"
    );
    for task in tasks.iter().step_by(2) {
        bench
            .apply(
                ace,
                vec![Change::FinishTask {
                    task: task.id,
                    by: None,
                }],
            )
            .await?;
    }
    let open: Vec<_> = tasks.iter().skip(1).step_by(2).cloned().collect();
    let still_open: Vec<_> = open.iter().map(|task| task.id).collect();
    ensure_eq!(
        bench.store.tasks(ace, &TaskFilter::OPEN, 100).await?,
        open,
        "open tasks"
    );
    ensure_eq!(
        bench.store.tasks(ace, &all, 100).await?.len(),
        tasks.len(),
        "tasks with those that are done"
    );
    let since = now.plus(MICRO);
    for open in [false, true] {
        let filter = TaskFilter {
            open,
            promised_since: Some(since),
        };
        let listed = bench.store.tasks(ace, &filter, 100).await?;
        let expected = tasks
            .iter()
            .filter(|task| task.due_at.is_some() && task.raised_at >= since)
            .filter(|task| !open || still_open.contains(&task.id));
        ensure_eq!(
            listed.iter().map(|task| task.id).collect::<Vec<_>>(),
            expected.map(|task| task.id).collect::<Vec<_>>(),
            "promises, open only: {open}"
        );
    }
    Ok(Done::Passed)
}

pub(super) async fn opt_outs_are_listed_newest_first(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let mut expected = Vec::new();
    for number in 0..6 {
        let phone = build::phone(number * 7 % 6);
        let stop = Change::Consent(ConsentChange::OptOut {
            phone,
            keyword: format!("stop {number}"),
        });
        bench.apply(ace, vec![stop]).await?;
        expected.push((phone, bench.now(), format!("stop {number}")));
        h.advance(MICRO);
    }
    expected.reverse();
    let listed = |rows: Vec<crate::port::store::OptOutRow>| {
        rows.into_iter()
            .map(|row| (row.phone, row.opted_out_at, row.keyword))
            .collect::<Vec<_>>()
    };
    ensure_eq!(listed(bench.store.opt_outs(ace, 100).await?), expected, "opt-outs");
    let two = expected.get(..2).unwrap_or_default().to_vec();
    ensure_eq!(
        listed(bench.store.opt_outs(ace, 2).await?),
        two,
        "the two newest opt-outs"
    );
    Ok(Done::Passed)
}
