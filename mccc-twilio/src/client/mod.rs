//! A client of the provider's REST interface for one account.
//!
//! Nothing is retried here: every failure says whether the same request may be sent again, and the core decides when.
//! Source: Twilio's OpenAPI descriptions of its 2010-04-01, Lookups v2 and Messaging v1 interfaces, read 2026-11.

mod body;
mod calls;
mod lookup;
mod media;
mod messages;
mod numbers;
mod page;
mod rows;
mod service;
mod transport;

use std::sync::Arc;

use mccc_core::port::{Clock, PortError};
use serde::de::DeserializeOwned;

pub use media::{AudioFormat, RecordingMedia};
pub use transport::Transport;
use transport::{Request, Session};

use crate::config::{ConfigError, TwilioConfig};
use crate::error::{Effect, unreadable, unusable};
use crate::wire::is_sid;

/// One account at the provider: its texts, calls, numbers and look-ups.
#[derive(Debug, Clone)]
pub struct TwilioClient {
    session: Session,
}

impl TwilioClient {
    /// A client for one account. `transport` may be shared by all; `clock` decides whether a permission still holds.
    ///
    /// # Errors
    /// Names the setting that cannot be used.
    pub fn new(config: TwilioConfig, transport: Transport, clock: Arc<dyn Clock>) -> Result<Self, ConfigError> {
        Ok(Self {
            session: Session {
                config: config.checked()?,
                transport,
                clock,
            },
        })
    }

    /// Asks something that only works with accepted credentials and changes nothing.
    ///
    /// # Errors
    /// `Unauthenticated` when the credentials are refused.
    pub async fn check_credentials(&self) -> Result<(), PortError> {
        let url = self.account_url("IncomingPhoneNumbers.json?PageSize=1");
        self.session
            .exchange(Request::get("check_credentials", url), None)
            .await
            .map(|_| ())
    }

    /// The address of a resource of the account.
    fn account_url(&self, rest: &str) -> String {
        let config = &self.session.config;
        format!("{}/2010-04-01/Accounts/{}/{rest}", config.api_base_url, config.account)
    }

    async fn ask<T: DeserializeOwned>(&self, request: Request) -> Result<T, PortError> {
        let (operation, effect) = (request.operation, request.effect);
        let body = self.session.exchange(request, None).await?;
        parse(operation, effect, &body)
    }
}

fn parse<T: DeserializeOwned>(operation: &'static str, effect: Effect, body: &[u8]) -> Result<T, PortError> {
    // The parser's own message could quote the answer, which holds numbers and texts.
    serde_json::from_slice(body).map_err(|_| unreadable(operation, effect))
}

/// Identifiers become part of an address, so only what looks like one is used.
fn checked_sid<'a>(operation: &'static str, sid: &'a str, prefixes: &[&str]) -> Result<&'a str, PortError> {
    if is_sid(sid, prefixes) {
        Ok(sid)
    } else {
        Err(unusable(operation, "The provider's identifier is malformed."))
    }
}

/// Absence is an answer.
fn absent_is_none<T>(result: Result<T, PortError>) -> Result<Option<T>, PortError> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == mccc_core::port::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
