//! A center on the store in memory, with no provider behind it.

#![allow(dead_code, reason = "each test needs a part of it")]

use std::sync::Arc;

use async_trait::async_trait;
use mccc_core::business::{Owner, Texting};
use mccc_core::center::{LastKnown, Limits, Ports};
use mccc_core::compliance::ledger::LedgerKey;
use mccc_core::compliance::number::Policy;
use mccc_core::memory::MemoryStore;
use mccc_core::port::{
    Entropy, ErrorKind, InboundCall, InboundSource, LineLookup, PortError, Providers, RawWebhook, Retry, SmsGateway,
    Spool, SpoolEntry, SpoolError, Store, Telephony, Verified, WebhookRejection,
};
use mccc_core::routing::{Method, Schedule};
use mccc_core::testkit::fake::FakeGateway;
use mccc_core::testkit::{ManualClock, build};
use mccc_core::{CallerId, CommandCenter, PhoneNumber};

/// No provider, no disk.
#[derive(Debug)]
pub(crate) struct Host;

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

/// A store on a clock that is moved by hand.
pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: Arc<dyn Store>,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = ManualClock::shared();
        let store = Arc::new(MemoryStore::new(Arc::clone(&clock) as _, LedgerKey::new(&[7; 32])));
        Self { clock, store }
    }

    /// A process with memories of its own.
    pub(crate) fn node(&self) -> CommandCenter {
        self.node_with(Arc::new(Host))
    }

    /// A process with a disk.
    pub(crate) fn node_with(&self, spool: Arc<dyn Spool>) -> CommandCenter {
        let ports = Ports {
            store: Arc::clone(&self.store),
            providers: Arc::new(Host),
            spool,
            last_known: Arc::new(Host),
            clock: Arc::clone(&self.clock) as _,
            timer: Arc::clone(&self.clock) as _,
            entropy: Arc::new(Host),
        };
        CommandCenter::new(ports, Limits::default())
    }
}

/// The number of ours.
pub(crate) fn ours() -> PhoneNumber {
    build::phone(1)
}

pub(crate) async fn open_for_business(node: &CommandCenter) -> Arc<Owner> {
    let settings = build::settings("Acme");
    node.create_business(None, settings, vec![build::line(ours())])
        .await
        .unwrap()
}

/// A call of [`caller`].
pub(crate) fn call(name: &str) -> Verified<InboundCall> {
    Verified::by(&Host, build::inbound_call(name, CallerId::Present(caller()), ours()))
}

/// Who calls and writes.
pub(crate) fn caller() -> PhoneNumber {
    build::phone(9)
}

/// Texts that cost something, through a gateway in memory.
#[derive(Debug)]
pub(crate) struct Paid(pub(crate) Arc<FakeGateway>);

#[async_trait]
impl Providers for Paid {
    async fn sms(&self, _owner: &Owner) -> Result<Arc<dyn SmsGateway>, PortError> {
        Ok(Arc::clone(&self.0) as _)
    }

    async fn telephony(&self, owner: &Owner) -> Result<Arc<dyn Telephony>, PortError> {
        Host.telephony(owner).await
    }

    async fn line_lookup(&self, _owner: &Owner) -> Option<Arc<dyn LineLookup>> {
        None
    }

    fn policy(&self, owner: &Owner) -> Policy {
        Host.policy(owner)
    }

    fn free_of_charge(&self, _owner: &Owner) -> bool {
        false
    }

    fn public_base_url(&self) -> String {
        String::new()
    }

    fn platform_account(&self) -> String {
        "AC1".to_owned()
    }
}

/// A business that answers every call with a text.
pub(crate) async fn open_for_texts(node: &CommandCenter, change: impl FnOnce(&mut Texting)) -> Arc<Owner> {
    let owner = open_for_business(node).await;
    let mut settings = (*owner.settings).clone();
    settings.schedule = Schedule::always(Method::AutoTextOnly);
    settings.texting.enabled = true;
    settings.texting.registered = true;
    change(&mut settings.texting);
    node.save_settings(owner.business, settings, owner.version)
        .await
        .unwrap()
}
