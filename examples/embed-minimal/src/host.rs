//! What this host gives to the center: a gateway that keeps texts, a clock, randomness, a spool that is never needed.

use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use mccc_core::business::Owner;
use mccc_core::center::LastKnown;
use mccc_core::compliance::gate::SendPermit;
use mccc_core::compliance::number::Policy;
use mccc_core::port::{
    Accepted, Clock, DeliveryStatus, Entropy, ErrorKind, InboundSource, LineLookup, MessageQuery, PortError, Providers,
    RawWebhook, RemoteMessage, Retry, SmsGateway, Spool, SpoolEntry, SpoolError, Telephony, WebhookRejection,
};
use mccc_core::{PhoneNumber, Timestamp};

/// Everything this host provides.
#[derive(Debug, Default)]
pub(crate) struct Host {
    gateway: Arc<Gateway>,
}

/// A gateway that keeps what it was given.
#[derive(Debug, Default)]
struct Gateway(Mutex<Vec<String>>);

impl Host {
    /// The texts that were handed over.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.gateway.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Prints a line.
pub(crate) fn show(line: &str) {
    let _nobody_reads = writeln!(std::io::stdout(), "{line}");
}

#[async_trait]
impl SmsGateway for Gateway {
    fn name(&self) -> &'static str {
        "keeping"
    }

    fn confirms_opt_outs(&self) -> bool {
        false
    }

    async fn send(&self, permit: SendPermit) -> Result<Accepted, PortError> {
        if !permit.still_valid(SystemClock.now()) {
            return Err(PortError::new(
                "keeping",
                "send",
                ErrorKind::Unavailable,
                Retry::Backoff,
            ));
        }
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        texts.push(permit.body().to_owned());
        Ok(Accepted {
            provider_message: format!("text-{}", texts.len()),
            status: DeliveryStatus::Queued,
        })
    }

    async fn fetch(&self, _provider_message: &str) -> Result<Option<RemoteMessage>, PortError> {
        Ok(None)
    }

    async fn list(&self, _query: &MessageQuery) -> Result<Vec<RemoteMessage>, PortError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl Providers for Host {
    async fn sms(&self, _owner: &Owner) -> Result<Arc<dyn SmsGateway>, PortError> {
        Ok(Arc::clone(&self.gateway) as Arc<dyn SmsGateway>)
    }

    async fn telephony(&self, _owner: &Owner) -> Result<Arc<dyn Telephony>, PortError> {
        Err(PortError::new(
            "host",
            "telephony",
            ErrorKind::Unsupported,
            Retry::Never,
        ))
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
        "mine".to_owned()
    }
}

/// The host vouches for its own events; it takes no webhooks.
impl InboundSource for Host {
    fn name(&self) -> &'static str {
        "host"
    }

    fn check(&self, _request: &RawWebhook<'_>) -> Result<(), WebhookRejection> {
        Err(WebhookRejection::Unsigned)
    }
}

/// The store is in memory and never away, so nothing is ever spooled.
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
        if getrandom::fill(bytes).is_err() {
            std::process::abort();
        }
    }
}

/// The system's clock.
#[derive(Debug)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the program's one Clock")]
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// The runtime's timer.
#[derive(Debug)]
pub(crate) struct Timer;

#[async_trait]
impl mccc_core::port::Timer for Timer {
    async fn sleep(&self, duration: Duration) {
        #[expect(clippy::disallowed_methods, reason = "this is the program's one Timer")]
        tokio::time::sleep(duration).await;
    }
}
