//! A text that the gateway refused for now says that it waits, why, and for how long.
#![cfg(feature = "testkit")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod host;

use std::sync::Arc;
use std::time::Duration;

use host::{Host, Paid, World, call, caller, open_for_texts};
use mccc_core::CommandCenter;
use mccc_core::calls::{Call, TextSummary};
use mccc_core::center::Limits;
use mccc_core::conversation::{Message, MessageStatus};
use mccc_core::port::store::CallKey;
use mccc_core::port::{Clock as _, DeliveryStatus, FailureClass, TextProgress, Verified};
use mccc_core::testkit::contract::gateway::SendFault;
use mccc_core::testkit::fake::FakeGateway;

struct Story {
    world: World,
    gateway: Arc<FakeGateway>,
    node: CommandCenter,
    business: mccc_core::BusinessId,
}

impl Story {
    /// A call whose text the gateway has refused once.
    async fn refused_once(fault: SendFault) -> Self {
        let world = World::new();
        let gateway = Arc::new(FakeGateway::new(Arc::clone(&world.clock) as _));
        gateway.arrange(caller(), fault);
        let mut ports = world.node().ports().clone();
        ports.providers = Arc::new(Paid(Arc::clone(&gateway)));
        let node = CommandCenter::new(ports, Limits::default());
        let business = open_for_texts(&node, |_| {}).await.business;
        node.inbound_call(call("CA1")).await;
        assert_eq!(node.work("w", 10).await.unwrap().finished, 1);
        Self {
            world,
            gateway,
            node,
            business,
        }
    }

    async fn stored(&self) -> (Call, Message) {
        let store = &self.world.store;
        let key = CallKey::Provider("CA1".to_owned());
        let call = store.call(self.business, &key).await.unwrap().unwrap().call;
        let thread = store
            .thread(self.business, &caller(), self.world.clock.now())
            .await
            .unwrap();
        (call, thread.messages.first().cloned().unwrap())
    }
}

#[tokio::test]
async fn a_text_that_is_tried_again_waits_on_its_call_too() {
    let wait = Some(Duration::from_secs(90));
    let story = Story::refused_once(SendFault::Limited { wait }).await;
    let (call, message) = story.stored().await;
    assert_eq!(message.status, MessageStatus::Waiting);
    assert_eq!(call.text, TextSummary::Waiting);
    let reason = message.reason.unwrap();
    assert!(reason.ends_with("It is tried again after 90 seconds."), "{reason}");

    // The second attempt begins and ends as ever.
    story.gateway.arrange(caller(), SendFault::None);
    story.world.clock.advance(Duration::from_secs(90));
    assert_eq!(story.node.work("w", 10).await.unwrap().finished, 1);
    let (call, message) = story.stored().await;
    assert_eq!(call.text, TextSummary::Message(MessageStatus::Queued));
    assert_eq!(
        (message.status, message.reason, message.attempts),
        (MessageStatus::Queued, None, 2)
    );
}

#[tokio::test]
async fn a_text_that_is_given_up_says_so_on_its_call() {
    let story = Story::refused_once(SendFault::OptedOut).await;
    let (call, message) = story.stored().await;
    assert_eq!(call.text, TextSummary::Message(MessageStatus::Failed));
    assert!(!message.reason.unwrap().contains("tried again"));
}

#[tokio::test]
async fn a_text_that_did_not_arrive_is_sent_again() {
    let story = Story::refused_once(SendFault::None).await;
    let (_, first) = story.stored().await;
    assert_eq!(first.status, MessageStatus::Queued);
    let owner = story.node.business(story.business).await.unwrap();
    let lost = TextProgress {
        message: Some(first.id),
        provider_message: first.provider_message.unwrap(),
        from: None,
        status: DeliveryStatus::Undelivered,
        error_code: Some(30003),
        failure: Some(FailureClass::Transient),
        reason: Some("The phone was off.".to_owned()),
    };
    story.world.clock.advance(Duration::from_secs(5));
    story
        .node
        .text_progress(&owner, Verified::by(&Host, lost))
        .await
        .unwrap();
    story.world.clock.advance(Duration::from_secs(60));
    assert_eq!(story.node.work("w", 10).await.unwrap().finished, 1);
    let thread = story
        .world
        .store
        .thread(story.business, &caller(), story.world.clock.now())
        .await
        .unwrap();
    let sent: Vec<_> = thread.messages.iter().map(|message| message.status).collect();
    assert_eq!(sent, [MessageStatus::Undelivered, MessageStatus::Queued]);
    assert!(thread.open_tasks.is_empty(), "{:?}", thread.open_tasks);
}
