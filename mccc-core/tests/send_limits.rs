//! The business's limits hold however many workers send at the same moment.
#![cfg(feature = "testkit")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod host;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use host::{Host, Paid, World, open_for_texts, ours};
use mccc_core::business::Owner;
use mccc_core::center::Limits;
use mccc_core::compliance::number::Policy;
use mccc_core::port::store::FeedKind;
use mccc_core::port::{LineLookup, PortError, Providers, SmsGateway, Telephony, Verified};
use mccc_core::testkit::build;
use mccc_core::testkit::fake::FakeGateway;
use mccc_core::{CallerId, CommandCenter};
use tokio::sync::Barrier;

/// Callers that are texted at the same moment.
const CALLERS: usize = 6;

/// Lets nobody go on to claim a text before everybody has read what was sent.
#[derive(Debug)]
struct Together {
    host: Paid,
    arrived: AtomicUsize,
    all: Barrier,
}

#[async_trait]
impl Providers for Together {
    async fn sms(&self, owner: &Owner) -> Result<Arc<dyn SmsGateway>, PortError> {
        // Those who have to decide again go through.
        if self.arrived.fetch_add(1, Ordering::SeqCst) < CALLERS {
            self.all.wait().await;
        }
        self.host.sms(owner).await
    }

    async fn telephony(&self, owner: &Owner) -> Result<Arc<dyn Telephony>, PortError> {
        self.host.telephony(owner).await
    }

    async fn line_lookup(&self, owner: &Owner) -> Option<Arc<dyn LineLookup>> {
        self.host.line_lookup(owner).await
    }

    fn policy(&self, owner: &Owner) -> Policy {
        self.host.policy(owner)
    }

    fn free_of_charge(&self, owner: &Owner) -> bool {
        self.host.free_of_charge(owner)
    }

    fn public_base_url(&self) -> String {
        self.host.public_base_url()
    }

    fn platform_account(&self) -> String {
        self.host.platform_account()
    }
}

/// How many of the callers are texted under these limits, by workers that all decide on the same snapshot.
async fn texted(daily: u32, hourly: u32) -> usize {
    let world = World::new();
    let gateway = Arc::new(FakeGateway::new(Arc::clone(&world.clock) as _));
    let mut ports = world.node().ports().clone();
    ports.providers = Arc::new(Together {
        host: Paid(Arc::clone(&gateway)),
        arrived: AtomicUsize::new(0),
        all: Barrier::new(CALLERS),
    });
    let node = CommandCenter::new(ports, Limits::default());
    let owner = open_for_texts(&node, |texting| {
        texting.daily_limit = daily;
        texting.hourly_new_recipients = hourly;
    })
    .await;
    for n in 0..CALLERS {
        let caller = CallerId::Present(build::phone(100 + u32::try_from(n).unwrap()));
        let call = build::inbound_call(&format!("CA{n}"), caller, ours());
        node.inbound_call(Verified::by(&Host, call)).await;
    }
    let worked = node.work("w", 50).await.unwrap();
    assert_eq!((worked.claimed, worked.finished), (CALLERS, CALLERS));
    let feed = world.store.feed(owner.business, 0, 1_000).await.unwrap();
    let refused = feed
        .iter()
        .filter(|entry| entry.event.kind == FeedKind::TextDenied)
        .count();
    let went_out = gateway.went_out().len();
    assert_eq!(went_out + refused, CALLERS, "whoever is not texted is told why");
    went_out
}

#[tokio::test]
async fn the_daily_limit_is_never_overshot() {
    assert_eq!(texted(2, 100).await, 2);
}

#[tokio::test]
async fn the_hourly_limit_of_new_recipients_is_never_overshot() {
    assert_eq!(texted(100, 3).await, 3);
}

#[tokio::test]
async fn below_the_limits_everybody_is_texted() {
    assert_eq!(texted(6, 6).await, 6);
}
