//! A STOP is acknowledged once no send claim on its number is open, whatever the clocks say.
#![cfg(feature = "testkit")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod host;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use host::{World, caller, open_for_business, ours};
use mccc_core::center::{Limits, TextAnswer};
use mccc_core::port::store::Change;
use mccc_core::port::{Clock, InboundText, Timer, Verified};
use mccc_core::testkit::{ManualClock, build};
use mccc_core::{BusinessId, CallerId, CommandCenter, Timestamp};

/// How long a claim lasts.
const CLAIM: Duration = Duration::from_secs(5);

/// Waits end at once, and the store's clock moves on by them or stands still.
#[derive(Debug)]
struct Waits {
    store: Arc<ManualClock>,
    moves: bool,
}

#[async_trait]
impl Timer for Waits {
    async fn sleep(&self, duration: Duration) {
        if self.moves {
            self.store.advance(duration);
        }
    }
}

/// A node's clock that jumps on by a minute whenever it is read.
#[derive(Debug)]
struct Jumping(ManualClock);

impl Clock for Jumping {
    fn now(&self) -> Timestamp {
        self.0.advance(Duration::from_secs(60));
        self.0.now()
    }
}

async fn with_an_open_claim(world: &World) -> BusinessId {
    let business = open_for_business(&world.node()).await.business;
    let claim = Change::ClaimSend {
        message: build::message_id("m"),
        phone: caller(),
        lasts: CLAIM,
    };
    let commit = build::commit(business, world.clock.now(), vec![claim]);
    world.store.commit(commit).await.unwrap();
    business
}

/// A node with a bad clock; `moves` says whether the store's clock goes on while it waits.
fn node(world: &World, moves: bool) -> CommandCenter {
    let mut ports = world.node().ports().clone();
    ports.clock = Arc::new(Jumping(ManualClock::default()));
    ports.timer = Arc::new(Waits {
        store: Arc::clone(&world.clock),
        moves,
    });
    CommandCenter::new(ports, Limits::default())
}

async fn stop(node: &CommandCenter) -> TextAnswer {
    let text = InboundText {
        provider_message: "SM1".to_owned(),
        account: "AC1".to_owned(),
        from: CallerId::Present(caller()),
        to: ours(),
        body: "STOP".to_owned(),
        media_count: 0,
        gateway_consent: None,
    };
    node.inbound_text(Verified::by(&host::Host, text)).await
}

#[tokio::test]
async fn a_jump_of_the_clock_does_not_acknowledge_a_stop_while_a_send_is_under_way() {
    let world = World::new();
    let business = with_an_open_claim(&world).await;
    let began = world.clock.now();
    assert_eq!(stop(&node(&world, true)).await, TextAnswer::Taken);
    assert!(world.clock.now().since(began) >= CLAIM);
    let thread = world
        .store
        .thread(business, &caller(), world.clock.now())
        .await
        .unwrap();
    assert!(thread.consent.opted_out_at.is_some());
}

#[tokio::test]
async fn a_claim_that_stays_open_keeps_a_stop_unacknowledged_until_a_repetition_finds_it_closed() {
    let world = World::new();
    let business = with_an_open_claim(&world).await;
    let node = node(&world, false);
    assert_eq!(stop(&node).await, TextAnswer::TryAgain);
    // It counts all the same: nothing new is sent.
    let thread = world
        .store
        .thread(business, &caller(), world.clock.now())
        .await
        .unwrap();
    assert!(thread.consent.opted_out_at.is_some());
    assert_eq!(stop(&node).await, TextAnswer::TryAgain, "the repetition waits as well");
    let settled = vec![Change::SettleSend {
        message: build::message_id("m"),
    }];
    let commit = build::commit(business, world.clock.now(), settled);
    world.store.commit(commit).await.unwrap();
    assert_eq!(stop(&node).await, TextAnswer::Taken);
    let thread = world
        .store
        .thread(business, &caller(), world.clock.now())
        .await
        .unwrap();
    assert_eq!(thread.messages.len(), 1, "one text, however often it was delivered");
}
