//! What every handler of the server needs.

use std::fmt;
use std::sync::Arc;

use mccc_core::CommandCenter;
use mccc_core::port::store::Accounts;
use mccc_core::port::{Clock, Entropy};
use tokio_util::sync::CancellationToken;

use crate::calendars::Calendars;
use crate::guides::Guides;
use crate::notifying::Notifying;
use crate::runtime::KeyRing;
use crate::sandbox::Sandbox;

/// Shared by all handlers; cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The application service.
    pub center: Arc<CommandCenter>,
    /// People, sessions, keys.
    pub accounts: Arc<dyn Accounts>,
    /// The calendars elsewhere.
    pub calendars: Arc<Calendars>,
    /// The sealing keys.
    pub keys: Arc<KeyRing>,
    /// The simulated phone network, when it is on.
    pub sandbox: Option<Arc<Sandbox>>,
    /// The ways to the contractor.
    pub notifying: Arc<Notifying>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness for tokens.
    pub entropy: Arc<dyn Entropy>,
    /// Facts about this process that handlers show or need.
    pub facts: Arc<Facts>,
    /// How to set up forwarding with each phone company.
    pub guides: Arc<Guides>,
    /// Cancelled when the process is told to stop: event streams end and nothing new is taken.
    pub stop: CancellationToken,
}

/// Facts about this process.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The address under which people and providers reach this server, without a trailing slash.
    pub public_url: String,
    /// Whether cookies are for HTTPS only.
    pub secure_cookies: bool,
    /// Proxies before this server whose `X-Forwarded-For` is believed.
    pub trusted_proxies: u8,
    /// Whether the installation has a language model.
    pub language_model: bool,
    /// Whether the installation has an embedding model.
    pub embedding_model: bool,
    /// Version of the program.
    pub version: &'static str,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("facts", &self.facts)
            .finish_non_exhaustive()
    }
}
