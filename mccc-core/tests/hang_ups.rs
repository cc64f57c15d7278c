//! Who hangs up again and again is held to be spam; who was turned away, or never reached anybody, is not.
#![cfg(feature = "testkit")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod host;

use host::{Host, World, call, caller, open_for_business, ours};
use mccc_core::CommandCenter;
use mccc_core::business::Owner;
use mccc_core::port::{CallProgress, CallStatus, Verified};
use mccc_core::routing::{Method, Schedule};

/// Calls, and how each of them ended, six within a minute.
async fn calls(node: &CommandCenter, owner: &Owner, method: Method, status: CallStatus) {
    let mut settings = (*owner.settings).clone();
    settings.schedule = Schedule::always(method);
    let version = node.business(owner.business).await.unwrap().version;
    node.save_settings(owner.business, settings, version).await.unwrap();
    for n in 0..6 {
        let name = format!("CA-{method:?}-{status:?}-{n}");
        node.inbound_call(call(&name)).await;
        let ended = CallProgress {
            provider_call: name,
            our_number: ours(),
            status,
            sequence: None,
            duration_seconds: Some(0),
            answered_by_machine: None,
        };
        node.call_progress(Verified::by(&Host, ended)).await.unwrap();
    }
}

#[tokio::test]
async fn who_was_turned_away_did_not_hang_up() {
    let world = World::new();
    let node = world.node();
    let owner = open_for_business(&node).await;
    let is_spam = async || world.store.caller_flags(owner.business, &caller()).await.unwrap().spam;
    calls(&node, &owner, Method::Off, CallStatus::Completed).await;
    assert!(!is_spam().await, "nobody answered them");
    calls(&node, &owner, Method::Voicemail, CallStatus::Busy).await;
    assert!(!is_spam().await, "the line was busy");
    // Nor do those calls count beside a real one.
    node.inbound_call(call("CA-once")).await;
    let ended = CallProgress {
        provider_call: "CA-once".to_owned(),
        our_number: ours(),
        status: CallStatus::Completed,
        sequence: None,
        duration_seconds: Some(2),
        answered_by_machine: None,
    };
    node.call_progress(Verified::by(&Host, ended)).await.unwrap();
    let off_and_once = is_spam().await;
    calls(&node, &owner, Method::Voicemail, CallStatus::Completed).await;
    assert!(is_spam().await, "now they did");
    assert!(!off_and_once, "calls that were turned away count beside one hang-up");
}
