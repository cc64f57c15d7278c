//! What is remembered never outlives its law: a repeated call keeps its reply, a new one follows the newest schedule,
//! and a number that gets an owner has one.
#![cfg(feature = "testkit")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use mccc_core::business::Owner;
use mccc_core::center::{CallAnswer, LastKnown, Limits, Ports};
use mccc_core::compliance::ledger::LedgerKey;
use mccc_core::compliance::number::Policy;
use mccc_core::memory::MemoryStore;
use mccc_core::port::{
    Entropy, ErrorKind, InboundCall, InboundSource, LineLookup, PortError, Providers, RawWebhook, Retry, SmsGateway,
    Spool, SpoolEntry, SpoolError, Store, Telephony, Verified, WebhookRejection,
};
use mccc_core::routing::{Method, Schedule};
use mccc_core::testkit::{ManualClock, build};
use mccc_core::{CallerId, CommandCenter, PhoneNumber};

/// Nothing but calls.
#[derive(Debug)]
struct Host;

#[async_trait]
impl Providers for Host {
    async fn sms(&self, _owner: &Owner) -> Result<Arc<dyn SmsGateway>, PortError> {
        Err(PortError::new("host", "sms", ErrorKind::Unsupported, Retry::Never))
    }

    async fn telephony(&self, _owner: &Owner) -> Result<Arc<dyn Telephony>, PortError> {
        Err(PortError::new("host", "voice", ErrorKind::Unsupported, Retry::Never))
    }

    async fn line_lookup(&self, _owner: &Owner) -> Option<Arc<dyn LineLookup>> {
        None
    }

    fn policy(&self, _owner: &Owner) -> Policy {
        Policy::default()
    }

    fn free_of_charge(&self, _owner: &Owner) -> bool {
        true
    }

    fn public_base_url(&self) -> String {
        String::new()
    }

    fn platform_account(&self) -> String {
        "AC1".to_owned()
    }
}

impl InboundSource for Host {
    fn name(&self) -> &'static str {
        "host"
    }

    fn check(&self, _request: &RawWebhook<'_>) -> Result<(), WebhookRejection> {
        Err(WebhookRejection::Unsigned)
    }
}

#[async_trait]
impl Spool for Host {
    async fn append(&self, _entry: &SpoolEntry) -> Result<(), SpoolError> {
        Err(SpoolError::Disk)
    }

    async fn pending(&self, _limit: usize) -> Result<Vec<(u64, SpoolEntry)>, SpoolError> {
        Ok(Vec::new())
    }

    async fn remove(&self, _token: u64) -> Result<(), SpoolError> {
        Ok(())
    }
}

impl LastKnown for Host {
    fn get(&self, _dialled: &PhoneNumber) -> Option<Arc<Owner>> {
        None
    }

    fn put(&self, _owner: &Arc<Owner>) {}
}

impl Entropy for Host {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

struct World {
    clock: Arc<ManualClock>,
    store: Arc<dyn Store>,
}

impl World {
    fn new() -> Self {
        let clock = ManualClock::shared();
        let store = Arc::new(MemoryStore::new(Arc::clone(&clock) as _, LedgerKey::new(&[7; 32])));
        Self { clock, store }
    }

    /// A process with memories of its own.
    fn node(&self) -> CommandCenter {
        let ports = Ports {
            store: Arc::clone(&self.store),
            providers: Arc::new(Host),
            spool: Arc::new(Host),
            last_known: Arc::new(Host),
            clock: Arc::clone(&self.clock) as _,
            timer: Arc::clone(&self.clock) as _,
            entropy: Arc::new(Host),
        };
        CommandCenter::new(ports, Limits::default())
    }
}

fn ours() -> PhoneNumber {
    build::phone(1)
}

async fn open_for_business(node: &CommandCenter) -> Arc<Owner> {
    let settings = build::settings("Acme");
    node.create_business(None, settings, vec![build::line(ours())])
        .await
        .unwrap()
}

async fn save(node: &CommandCenter, owner: &Owner, method: Method) -> Arc<Owner> {
    let mut settings = (*owner.settings).clone();
    settings.schedule = Schedule::always(method);
    node.save_settings(owner.business, settings, owner.version)
        .await
        .unwrap()
}

fn call(name: &str) -> Verified<InboundCall> {
    Verified::by(
        &Host,
        build::inbound_call(name, CallerId::Present(build::phone(9)), ours()),
    )
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
