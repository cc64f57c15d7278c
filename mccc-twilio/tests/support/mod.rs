//! A provider that answers what a test wrote, a clock that the test sets, and permissions from the real gate.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests; each test uses some of them"
)]

pub(crate) mod spec;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use mccc_core::compliance::gate::{Facts, Purpose, Request, decide};
use mccc_core::compliance::number::Policy;
use mccc_core::compliance::{SendPermit, Verdict};
use mccc_core::port::Clock;
use mccc_core::{BusinessId, CallerId, MessageId, PhoneNumber, Secret, Timestamp};
use mccc_test::scripted::ScriptedServer;
use mccc_twilio::{Credentials, Limits, Transport, TwilioClient, TwilioConfig};

/// The account of every test.
pub(crate) const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
/// The text of every permission.
pub(crate) const BODY: &str = "Acme: sorry we missed your call. What can we help with? Reply STOP to opt out.";
/// A Wednesday noon in Austin.
pub(crate) const NOON: Timestamp = Timestamp::from_seconds(1_782_925_200);

/// Shows the instant it was set to, and steps forward by itself once it was read so many times.
#[derive(Debug)]
pub(crate) struct TestClock {
    micros: AtomicI64,
    step_after_reads: AtomicI64,
}

impl TestClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            micros: AtomicI64::new(NOON.as_micros()),
            step_after_reads: AtomicI64::new(i64::MAX),
        })
    }

    /// After `reads` readings an hour passes.
    pub(crate) fn jump_after(&self, reads: i64) {
        self.step_after_reads.store(reads, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        if self.step_after_reads.fetch_sub(1, Ordering::SeqCst) <= 0 {
            self.micros
                .store(NOON.plus(Duration::from_secs(3600)).as_micros(), Ordering::SeqCst);
        }
        Timestamp::from_micros(self.micros.load(Ordering::SeqCst))
    }
}

pub(crate) fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

pub(crate) fn ours() -> PhoneNumber {
    number("+15124569999")
}

pub(crate) fn caller() -> PhoneNumber {
    number("+15124561234")
}

pub(crate) fn message() -> MessageId {
    MessageId::derive(NOON, "m1")
}

/// A permission for [`BODY`] from the gate, good for five seconds from [`NOON`].
pub(crate) fn permit(purpose: Purpose) -> SendPermit {
    let request = Request {
        business: BusinessId::derive(NOON, "acme"),
        message: message(),
        purpose,
        to: CallerId::Present(caller()),
        body: BODY.to_owned(),
        immediate: true,
        due_at: NOON,
        useless_from: None,
    };
    match decide(
        &request,
        &Facts::nothing_against(ours(), "America/Chicago", Policy::default()),
        NOON,
    ) {
        Verdict::Allow(permit) => permit,
        refused @ (Verdict::Deny(_) | Verdict::Defer { .. }) => panic!("the gate refused: {refused:?}"),
    }
}

pub(crate) fn config(base: &str) -> TwilioConfig {
    let mut config = TwilioConfig::new(
        ACCOUNT,
        Credentials::AuthToken(Secret::new("t0ken")),
        "https://mccc.example",
    );
    config.api_base_url = base.to_owned();
    config.lookups_base_url = base.to_owned();
    config.messaging_base_url = base.to_owned();
    config
}

pub(crate) fn limits() -> Limits {
    Limits {
        connect: Duration::from_secs(2),
        exchange: Duration::from_millis(600),
        answer_bytes: 64 * 1024,
    }
}

pub(crate) fn client_with(config: TwilioConfig, clock: Arc<TestClock>) -> TwilioClient {
    TwilioClient::new(config, Transport::new(limits()).unwrap(), clock).unwrap()
}

pub(crate) fn client(provider: &ScriptedServer) -> TwilioClient {
    client_with(config(&provider.base_url()), TestClock::new())
}

pub(crate) fn path(rest: &str) -> String {
    format!("/2010-04-01/Accounts/{ACCOUNT}/{rest}")
}

/// The value of a field of a form or query.
pub(crate) fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}
