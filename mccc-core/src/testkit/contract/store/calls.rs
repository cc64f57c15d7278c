//! Calls are found as they were written.

use std::time::Duration;

use super::StoreHarness;
use super::bench::{Bench, found, note, refused};
use crate::calls::{CallState, Outcome, Recording, Spoken, TextSummary, VoiceReply};
use crate::conversation::MessageStatus;
use crate::port::store::{CallKey, Change, Conflict, Grouping};
use crate::routing::{Method, RuleRef, Variant};
use crate::testkit::build::{self, HARD_TEXT};
use crate::testkit::contract::{Checked, Done, ensure, ensure_eq};
use crate::{CallId, CallerId, RuleId};

pub(super) async fn a_call_reads_back_with_every_field(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let fresh = bench.call(ace, "CA1", build::phone(9)).await?;
    ensure_eq!(
        bench.stored(&fresh).await?,
        Some(fresh.clone()),
        "a new call, found by its identifier"
    );
    let by_provider = bench.store.call(ace, &CallKey::Provider("CA1".to_owned())).await?;
    ensure_eq!(
        by_provider.map(|found| found.call),
        Some(fresh.clone()),
        "a new call, found by the provider's"
    );
    let full = build::full_call(&fresh, &build::thread(ace, build::phone(9), bench.now()));
    bench.apply(ace, vec![build::update(&fresh, &full)]).await?;
    ensure_eq!(
        bench.stored(&full).await?,
        Some(full.clone()),
        "a call with every field"
    );
    let row = found(
        "the listed call",
        bench.store.calls(ace, &Default::default(), None, 1).await?.pop(),
    )?;
    ensure_eq!(
        (
            row.id,
            row.caller,
            row.caller_name,
            row.dialled,
            row.scheduled_method,
            row.method,
            row.variant,
            row.state
        ),
        (
            full.id,
            full.caller,
            full.caller_name.clone(),
            full.dialled,
            full.scheduled_method,
            full.method,
            full.variant,
            full.state
        ),
        "the same call in a list"
    );
    ensure_eq!(
        (
            row.outcome,
            row.recovered,
            row.is_test,
            row.tags,
            row.received_at,
            row.responded_at,
            row.duration_seconds
        ),
        (
            full.outcome,
            full.recovered,
            full.is_test,
            full.tags.clone(),
            full.received_at,
            full.responded_at,
            full.duration_seconds
        ),
        "the same call in a list"
    );
    ensure_eq!(
        (
            row.recording_seconds,
            row.text,
            row.conversation,
            row.needs_attention,
            row.read_at,
            row.callback_completed_at
        ),
        (
            Some(17),
            full.text,
            full.conversation,
            true,
            full.read_at,
            full.callback_completed_at
        ),
        "the same call in a list"
    );
    // Everything that can be taken back is taken back.
    let empty = crate::calls::Call {
        version: 3,
        caller_name: None,
        forwarded_from: None,
        tags: Vec::new(),
        responded_at: None,
        ended_at: None,
        duration_seconds: None,
        recording: None,
        text: TextSummary::NotDue,
        conversation: None,
        needs_attention: false,
        read_at: None,
        callback_completed_at: None,
        ..full.clone()
    };
    bench.apply(ace, vec![build::update(&full, &empty)]).await?;
    let stored = found("the emptied call", bench.stored(&empty).await?)?;
    // What the network said about the caller is fixed at intake: a store may keep it.
    let expected = crate::calls::Call {
        caller_name: stored.caller_name.clone(),
        forwarded_from: stored.forwarded_from,
        ..empty
    };
    ensure_eq!(stored, expected, "a call whose fields were emptied");
    Ok(Done::Passed)
}

pub(super) async fn every_stored_name_of_a_call_reads_back(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let now = bench.now();
    let callers = [
        CallerId::Present(build::phone(9)),
        CallerId::Anonymous,
        CallerId::Restricted,
        CallerId::Invalid,
    ];
    let words = |text: &str| Spoken {
        text: text.to_owned(),
        voice: Some("Polly.Joanna".to_owned()),
        language: "es-MX".to_owned(),
    };
    let replies = [
        VoiceReply::Voicemail {
            greeting: words(HARD_TEXT),
            max_seconds: 299,
            goodbye: Spoken::english("bye"),
        },
        VoiceReply::Say { words: words("x") },
        VoiceReply::Reject { busy: true },
        VoiceReply::Reject { busy: false },
        VoiceReply::TestArrived { words: words("") },
    ];
    let rule = RuleId::derive(now, "rule");
    let rules = [
        RuleRef::Blocked,
        RuleRef::Spam,
        RuleRef::Emergency,
        RuleRef::Override(rule),
        RuleRef::Weekly(rule),
        RuleRef::AfterHoursDefault,
    ];
    let texts: Vec<TextSummary> = [TextSummary::NotDue, TextSummary::Waiting, TextSummary::Denied]
        .into_iter()
        .chain(MessageStatus::ALL.iter().copied().map(TextSummary::Message))
        // A message that waits is stored under the name of a text that waits.
        .filter(|text| TextSummary::from_name(text.name()) == Some(*text))
        .collect();
    let base = bench.intake(ace, "CA0", build::phone(9)).await?;
    let base = found("the call of an intake", build::inserted(&base).cloned())?;
    let count = texts.len().max(Outcome::ALL.len());
    for index in 0..count {
        let pick = |len: usize| index % len;
        let name = format!("CA-{index}");
        let mut call = base.clone();
        call.id = CallId::derive(now, &name);
        call.provider_call = name;
        call.outcome = Outcome::ALL
            .get(pick(Outcome::ALL.len()))
            .copied()
            .unwrap_or(Outcome::Spam);
        call.state = CallState::ALL
            .get(pick(CallState::ALL.len()))
            .copied()
            .unwrap_or(CallState::Ended);
        call.method = Method::ALL.get(pick(Method::ALL.len())).copied().unwrap_or(Method::Off);
        call.scheduled_method = Method::ALL.get(pick(3)).copied().unwrap_or(Method::Off);
        call.variant = Variant::ALL
            .get(pick(Variant::ALL.len()))
            .copied()
            .unwrap_or(Variant::AfterHours);
        call.caller = callers.get(pick(callers.len())).copied().unwrap_or(CallerId::Invalid);
        call.reply = found("a reply", replies.get(pick(replies.len())).cloned())?;
        call.rule = rules.get(pick(rules.len())).copied().unwrap_or(RuleRef::Spam);
        call.text = texts.get(pick(texts.len())).copied().unwrap_or(TextSummary::NotDue);
        call.is_test = index % 7 == 3;
        call.settings_version = u64::from(u32::MAX) + 7;
        call.duration_seconds = Some(u32::try_from(i32::MAX).unwrap_or(0));
        call.recording = Some(Recording {
            provider_recording: HARD_TEXT.to_owned(),
            duration_seconds: 0,
        });
        bench
            .apply(ace, vec![Change::InsertCall(Box::new(call.clone()))])
            .await?;
        ensure_eq!(bench.stored(&call).await?, Some(call), "call {index}");
    }
    Ok(Done::Passed)
}

pub(super) async fn a_call_counts_once(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let first = bench.intake(ace, "CA1", build::phone(9)).await?;
    let call = found("the call of an intake", build::inserted(&first).cloned())?;
    bench.store.commit(first.clone()).await?;
    let before = bench.feed_len(ace).await?;
    let reply =
        serde_json::to_value(&call.reply).map_err(|error| crate::testkit::contract::Failure::new(error.to_string()))?;
    // Again in the same words, then alone, then under another identifier with other words, then by another server.
    let mut renamed = bench.intake(ace, "CA1", build::phone(8)).await?;
    for change in &mut renamed.changes {
        if let Change::InsertCall(call) = change {
            call.id = CallId::derive(bench.now(), "another");
            call.reply = VoiceReply::Reject { busy: true };
        }
    }
    renamed.changes.push(note(bench.now(), "must not appear"));
    let mut alone = first.clone();
    alone.grouping = Grouping::Alone;
    alone.changes.insert(
        0,
        Change::PutContact(build::contact(ace, build::phone(77), bench.now())),
    );
    let other = bench.other().await;
    for (store, repeated) in [
        (&bench.store, first.clone()),
        (&bench.store, alone),
        (&bench.store, renamed.clone()),
        (&other, first),
        (&other, renamed),
    ] {
        let conflict = refused(store.commit(repeated).await)?;
        let Conflict::AlreadyProcessed { reply: stored } = conflict else {
            return Err(crate::testkit::contract::Failure::new(format!(
                "a repeated call gave {conflict:?}"
            )));
        };
        let stored: serde_json::Value = serde_json::from_str(&stored.unwrap_or_default()).unwrap_or_default();
        ensure_eq!(stored, reply, "the reply to a repeated call");
    }
    ensure_eq!(bench.feed_len(ace).await?, before, "the feed after a repeated call");
    let contact = bench.store.thread(ace, &build::phone(77), bench.now()).await?.contact;
    ensure_eq!(contact, None, "what came with a repeated call");
    let listed = bench.store.calls(ace, &Default::default(), None, 10).await?;
    ensure_eq!(listed.len(), 1, "calls after a repeated call");
    Ok(Done::Passed)
}

pub(super) async fn calls_of_one_caller_share_a_thread(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let phone = build::phone(9);
    let first = bench.call(ace, "CA1", phone).await?;
    h.advance(Duration::from_micros(1));
    let last = bench.call(ace, "CA2", phone).await?;
    bench.call(ace, "CA3", build::phone(8)).await?;
    let thread = build::thread(ace, phone, bench.now());
    let mut task = build::task(ace, "call back", bench.now());
    task.call = Some(first.id);
    let mut done = build::task(ace, "done", bench.now());
    done.call = Some(first.id);
    let finished = done.id;
    bench
        .apply(
            ace,
            vec![
                Change::PutConversation(thread.clone()),
                Change::RaiseTask(task.clone()),
                Change::RaiseTask(done),
            ],
        )
        .await?;
    bench
        .apply(
            ace,
            vec![Change::FinishTask {
                task: finished,
                by: None,
            }],
        )
        .await?;
    let snapshot = found("the call", bench.store.call(ace, &CallKey::Id(first.id)).await?)?;
    ensure_eq!(snapshot.conversation, Some(thread.clone()), "the thread of a call");
    ensure_eq!(snapshot.open_tasks, vec![task], "open tasks of a call");
    let snapshot = found("the call", bench.store.call(ace, &CallKey::Id(last.id)).await?)?;
    ensure_eq!(snapshot.conversation, Some(thread), "the thread of the later call");
    ensure!(
        snapshot.open_tasks.is_empty(),
        "the later call has the tasks of the first"
    );
    let read = bench.store.thread(ace, &phone, bench.now()).await?;
    ensure_eq!(read.last_call, Some(last), "the caller's latest call");
    let missing = bench.store.call(ace, &CallKey::Provider("CA4".to_owned())).await?;
    ensure_eq!(missing, None, "a call that never came");
    Ok(Done::Passed)
}
