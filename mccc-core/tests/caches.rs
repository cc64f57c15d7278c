//! What is remembered never outlives its law: a repeated call keeps its reply, a new one follows the newest schedule,
//! and a number that gets an owner has one.
#![cfg(feature = "testkit")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod host;

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use host::{World, call, open_for_business};
use mccc_core::CommandCenter;
use mccc_core::business::Owner;
use mccc_core::center::CallAnswer;
use mccc_core::routing::{Method, Schedule};

async fn save(node: &CommandCenter, owner: &Owner, method: Method) -> Arc<Owner> {
    let mut settings = (*owner.settings).clone();
    settings.schedule = Schedule::always(method);
    node.save_settings(owner.business, settings, owner.version)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_repeated_call_keeps_its_reply_and_a_new_one_follows_the_saved_schedule() {
    let world = World::new();
    let (node, other) = (world.node(), world.node());
    let owner = open_for_business(&node).await;
    let owner = save(&node, &owner, Method::Voicemail).await;
    let first = node.inbound_call(call("CA1")).await;
    assert!(matches!(first, CallAnswer::Reply(_)), "{first:?}");
    assert_eq!(other.inbound_call(call("CA1")).await, first);
    // Saved elsewhere: this process has old settings and remembers a reply that follows them.
    save(&other, &owner, Method::Off).await;
    let new = node.inbound_call(call("CA2")).await;
    assert_ne!(new, first);
    for known in [&node, &other, &world.node()] {
        assert_eq!(known.inbound_call(call("CA1")).await, first);
        assert_eq!(known.inbound_call(call("CA2")).await, new);
    }
}

#[tokio::test]
async fn a_number_that_was_nobodys_a_moment_ago_is_answered_as_soon_as_it_has_an_owner() {
    let world = World::new();
    let (node, other) = (world.node(), world.node());
    for node in [&node, &other] {
        assert_eq!(node.inbound_call(call("CA1")).await, CallAnswer::UnknownNumber);
    }
    open_for_business(&node).await;
    assert!(matches!(node.inbound_call(call("CA1")).await, CallAnswer::Reply(_)));
    // Another process finds out within its moment.
    world.clock.advance(Duration::from_secs(1));
    assert!(matches!(other.inbound_call(call("CA1")).await, CallAnswer::Reply(_)));
}

#[tokio::test]
async fn an_unknown_number_costs_one_question_a_moment() {
    let world = World::new();
    let (node, other) = (world.node(), world.node());
    assert_eq!(node.inbound_call(call("CA1")).await, CallAnswer::UnknownNumber);
    open_for_business(&other).await;
    assert_eq!(node.inbound_call(call("CA1")).await, CallAnswer::UnknownNumber);
}

#[tokio::test]
async fn a_worker_hears_of_work_that_its_process_queued() {
    let world = World::new();
    let node = world.node();
    open_for_business(&node).await;
    assert!(node.work_queued().now_or_never().is_none());
    node.inbound_call(call("CA1")).await;
    assert!(node.work_queued().now_or_never().is_some());
    assert!(node.work_queued().now_or_never().is_none());
    // A repetition queues nothing.
    node.inbound_call(call("CA1")).await;
    assert!(node.work_queued().now_or_never().is_none());
}
