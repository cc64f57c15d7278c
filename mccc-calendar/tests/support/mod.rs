//! Accounts at providers that tests play.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test uses a part of it, and one that cannot go on has failed"
)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use mccc_calendar::google::connect::{NEW_CALENDAR_SCOPE, SCOPES};
use mccc_calendar::google::tokens::{TokenKeeper, Tokens};
use mccc_calendar::google::{GoogleCalendar, GoogleConfig};
use mccc_calendar::{Limits, Transport};
use mccc_core::Secret;
use mccc_core::port::{Clock, PortError};
use mccc_core::testkit::{ManualClock, build};
use mccc_test::google::{CLIENT, WireGoogle};

pub(crate) const GOOGLE_SCOPES: [&str; 2] = SCOPES;
/// With the further permission of those who want a calendar for their appointments alone.
pub(crate) const ALL_SCOPES: [&str; 3] = [SCOPES[0], SCOPES[1], NEW_CALENDAR_SCOPE];

pub(crate) fn limits() -> Limits {
    Limits {
        connect: Duration::from_secs(2),
        exchange: Duration::from_millis(1_000),
        reading: Duration::from_millis(1_400),
        answer_bytes: 256 * 1024,
    }
}

pub(crate) fn transport(limits: Limits) -> Transport {
    Transport::new(limits).unwrap()
}

pub(crate) fn google_config(wire: &WireGoogle) -> GoogleConfig {
    let mut config = GoogleConfig::new(CLIENT.0, Secret::new(CLIENT.1), "https://mccc.example/google/back");
    config.accounts_base_url = wire.base_url();
    config.oauth_base_url = wire.base_url();
    config.api_base_url = wire.base_url();
    config
}

/// A host that counts what it was given to keep, and keeps it.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    pub(crate) kept: AtomicUsize,
    last: Mutex<Option<Tokens>>,
}

#[async_trait]
impl TokenKeeper for Keeper {
    async fn keep(&self, tokens: &Tokens) -> Result<(), PortError> {
        self.kept.fetch_add(1, Ordering::SeqCst);
        *self.last.lock().unwrap() = Some(tokens.clone());
        Ok(())
    }

    async fn latest(&self) -> Result<Option<Tokens>, PortError> {
        Ok(self.last.lock().unwrap().clone())
    }
}

pub(crate) fn tokens(access: &str, refresh: &str, life: Duration) -> Tokens {
    Tokens {
        access: Secret::new(access),
        expires_at: build::START.plus(life),
        refresh: Secret::new(refresh),
        scopes: GOOGLE_SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
    }
}

/// A connected account whose token lives an hour.
pub(crate) fn connected(wire: &WireGoogle, access: &str, refresh: &str, limits: Limits) -> GoogleCalendar {
    signed_in(wire, tokens(access, refresh, Duration::from_secs(3_600)), limits)
}

/// A connected account that granted all three permissions.
pub(crate) fn connected_with_all(wire: &WireGoogle, (access, refresh): (&str, &str)) -> GoogleCalendar {
    let mut tokens = tokens(access, refresh, Duration::from_secs(3_600));
    tokens.scopes.push(NEW_CALENDAR_SCOPE.to_owned());
    signed_in(wire, tokens, limits())
}

fn signed_in(wire: &WireGoogle, tokens: Tokens, limits: Limits) -> GoogleCalendar {
    let clock = ManualClock::shared() as Arc<dyn Clock>;
    GoogleCalendar::new(
        google_config(wire),
        transport(limits),
        clock,
        tokens,
        Arc::new(Keeper::default()),
    )
    .unwrap()
}
