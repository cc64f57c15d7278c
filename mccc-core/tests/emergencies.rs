//! A caller who writes of an emergency is answered by the emergency window's rule, whatever the schedule says.
#![cfg(feature = "testkit")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod host;

use std::sync::Arc;
use std::time::Duration;

use host::{World, call, caller, open_for_business, ours};
use mccc_core::business::Owner;
use mccc_core::calls::{Call, EMERGENCY_TAG, Priority};
use mccc_core::center::{CallerChange, TextAnswer};
use mccc_core::conversation::dialogue::Question;
use mccc_core::port::store::{CallKey, Change, Commit, FeedKind, TaskFilter};
use mccc_core::port::{Clock as _, InboundText, Verified};
use mccc_core::routing::{Method, RuleRef, Schedule};
use mccc_core::tasks::TaskKind;
use mccc_core::{CallerId, CommandCenter};

const HOUR: Duration = Duration::from_secs(3600);

/// A business that answers nobody at this hour.
async fn closed(node: &CommandCenter, emergency_override: bool) -> Arc<Owner> {
    let owner = open_for_business(node).await;
    let mut settings = (*owner.settings).clone();
    settings.schedule = Schedule {
        emergency_override,
        ..Schedule::always(Method::Off)
    };
    node.save_settings(owner.business, settings, owner.version)
        .await
        .unwrap()
}

async fn writes(node: &CommandCenter, name: &str, body: &str) {
    let text = InboundText {
        provider_message: name.to_owned(),
        account: "AC1".to_owned(),
        from: CallerId::Present(caller()),
        to: ours(),
        body: body.to_owned(),
        media_count: 0,
        gateway_consent: None,
    };
    let answer = node.inbound_text(Verified::by(&host::Host, text)).await;
    assert_eq!(answer, TextAnswer::Taken);
}

async fn calls(world: &World, node: &CommandCenter, owner: &Owner, name: &str) -> Call {
    node.inbound_call(call(name)).await;
    let key = CallKey::Provider(name.to_owned());
    world.store.call(owner.business, &key).await.unwrap().unwrap().call
}

async fn open_tasks(world: &World, owner: &Owner) -> Vec<TaskKind> {
    let tasks = world
        .store
        .tasks(owner.business, &TaskFilter::default(), 10)
        .await
        .unwrap();
    tasks.into_iter().map(|task| task.kind).collect()
}

#[tokio::test]
async fn a_call_within_an_hour_of_a_text_about_gas_is_decided_by_the_emergency() {
    let world = World::new();
    let node = world.node();
    let owner = closed(&node, true).await;
    let before = calls(&world, &node, &owner, "CA1").await;
    assert_eq!((before.rule, before.method), (RuleRef::AfterHoursDefault, Method::Off));

    writes(&node, "SM1", "I smell gas in my basement").await;
    let until = world.clock.now().plus(HOUR);
    let flags = world.store.caller_flags(owner.business, &caller()).await.unwrap();
    assert_eq!(flags.emergency_until, Some(until));
    assert_eq!(open_tasks(&world, &owner).await, [TaskKind::Emergency]);
    let feed = world.store.feed(owner.business, 0, 100).await.unwrap();
    assert!(feed.iter().any(|entry| entry.event.kind == FeedKind::CallerFlagged));

    world.clock.advance(HOUR / 2);
    let within = calls(&world, &node, &owner, "CA2").await;
    assert_eq!(
        (within.rule, within.scheduled_method),
        (RuleRef::Emergency, Method::AiVoice)
    );
    assert!(within.tags.iter().any(|tag| tag == EMERGENCY_TAG));

    // A second text keeps the task one and moves the end; the end itself is no longer in it.
    writes(&node, "SM2", "hello?? the gas smell is getting worse").await;
    assert_eq!(open_tasks(&world, &owner).await, [TaskKind::Emergency]);
    world.clock.advance(HOUR);
    let after = calls(&world, &node, &owner, "CA3").await;
    assert_eq!(after.rule, RuleRef::AfterHoursDefault);
}

/// A thread in which the machine has asked for the name.
async fn asked_for_the_name(world: &World, owner: &Owner) {
    let now = world.clock.now();
    let thread = world.store.thread(owner.business, &caller(), now).await.unwrap();
    let mut conversation = thread.conversation.unwrap();
    conversation.version += 1;
    conversation.dialogue.asked = Some(Question::Name);
    let mut commit = Commit::new(owner.business, now);
    commit.changes.push(Change::PutConversation(conversation));
    world.store.commit(commit).await.unwrap();
}

#[tokio::test]
async fn whoever_is_called_flood_has_none() {
    let world = World::new();
    let node = world.node();
    let owner = closed(&node, true).await;
    writes(&node, "SM1", "can someone come tomorrow").await;
    asked_for_the_name(&world, &owner).await;
    writes(&node, "SM2", "Frank Flood").await;
    assert!(!open_tasks(&world, &owner).await.contains(&TaskKind::Emergency));
    writes(&node, "SM3", "Frank, flood in the basement!").await;
    assert!(open_tasks(&world, &owner).await.contains(&TaskKind::Emergency));
}

#[tokio::test]
async fn the_call_that_the_text_answers_becomes_urgent_and_an_old_one_does_not() {
    let world = World::new();
    let node = world.node();
    let owner = closed(&node, true).await;
    calls(&world, &node, &owner, "CA1").await;
    writes(&node, "SM1", "a pipe burst, water everywhere").await;
    let call = world
        .store
        .call(owner.business, &CallKey::Provider("CA1".to_owned()))
        .await
        .unwrap();
    let call = call.unwrap().call;
    assert_eq!(call.priority(), Priority::High);
    assert!(call.needs_attention && call.recovered);

    let world = World::new();
    let node = world.node();
    let owner = closed(&node, true).await;
    calls(&world, &node, &owner, "CA1").await;
    world.clock.advance(3 * HOUR);
    writes(&node, "SM1", "a pipe burst, water everywhere").await;
    let call = world
        .store
        .call(owner.business, &CallKey::Provider("CA1".to_owned()))
        .await
        .unwrap();
    assert_eq!(call.unwrap().call.tags, Vec::<String>::new());
}

#[tokio::test]
async fn the_owners_switch_a_person_and_ordinary_texts_leave_the_schedule_alone() {
    let world = World::new();
    let node = world.node();
    let owner = closed(&node, false).await;
    writes(&node, "SM1", "my house is flooding").await;
    assert_eq!(
        calls(&world, &node, &owner, "CA1").await.rule,
        RuleRef::AfterHoursDefault
    );

    let world = World::new();
    let node = world.node();
    let owner = closed(&node, true).await;
    writes(&node, "SM1", "no leak, just a question").await;
    assert_eq!(
        calls(&world, &node, &owner, "CA1").await.rule,
        RuleRef::AfterHoursDefault
    );
    assert_eq!(open_tasks(&world, &owner).await, [], "the machine answers");
    writes(&node, "SM2", "my house is flooding").await;
    let ended = CallerChange {
        emergency: Some(false),
        ..CallerChange::default()
    };
    let flags = node.change_caller(owner.business, caller(), ended).await.unwrap();
    assert_eq!(flags.emergency_until, None);
    assert_eq!(
        calls(&world, &node, &owner, "CA2").await.rule,
        RuleRef::AfterHoursDefault
    );
}

#[tokio::test]
async fn who_is_blocked_or_held_to_be_spam_has_no_emergency() {
    for change in [
        CallerChange {
            blocked: Some(true),
            ..CallerChange::default()
        },
        CallerChange {
            spam: Some(true),
            ..CallerChange::default()
        },
    ] {
        let world = World::new();
        let node = world.node();
        let owner = closed(&node, true).await;
        node.change_caller(owner.business, caller(), change).await.unwrap();
        writes(&node, "SM1", "my house is flooding").await;
        let flags = world.store.caller_flags(owner.business, &caller()).await.unwrap();
        assert_eq!(flags.emergency_until, None);
        assert_eq!(open_tasks(&world, &owner).await, []);
    }
}

#[tokio::test]
async fn who_wants_no_texts_is_still_helped() {
    let world = World::new();
    let node = world.node();
    let owner = closed(&node, true).await;
    writes(&node, "SM1", "stop texting me and call, my house is flooding").await;
    let thread = world
        .store
        .thread(owner.business, &caller(), world.clock.now())
        .await
        .unwrap();
    assert!(thread.consent.opted_out_at.is_some());
    assert!(thread.flags.emergency_until.is_some());
    let mut tasks = open_tasks(&world, &owner).await;
    tasks.sort_unstable();
    assert_eq!(tasks, [TaskKind::OptedOut, TaskKind::Emergency]);
}
