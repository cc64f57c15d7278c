//! Where the tokens of a connection are kept: sealed, and only as long as it is the business's connection.

use std::sync::Arc;

use async_trait::async_trait;
use mccc_calendar::google::tokens::{TokenKeeper, Tokens};
use mccc_core::BusinessId;
use mccc_core::port::store::{Accounts, Change, Commit, Guard};
use mccc_core::port::{Clock as _, ErrorKind, PortError, Retry, SecretBox, Store};

use super::{GOOGLE_TOKENS, open_secret};
use crate::runtime::{KeyRing, SystemClock};

/// Keeps the tokens of one connection.
#[derive(Debug)]
pub(super) struct Keeper {
    pub(super) store: Arc<dyn Store>,
    pub(super) accounts: Arc<dyn Accounts>,
    pub(super) keys: Arc<KeyRing>,
    pub(super) business: BusinessId,
    pub(super) connection: String,
}

fn failed(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> PortError {
    PortError::new("server", "keep_tokens", ErrorKind::Unavailable, Retry::Backoff).with_source(source)
}

impl Keeper {
    /// The version of the settings, if the connection is still the business's.
    async fn version(&self) -> Result<u64, PortError> {
        let owner = self.store.owner(self.business).await.map_err(failed)?;
        owner
            .filter(|owner| {
                let connection = owner.settings.calendar.connection.as_ref();
                connection.is_some_and(|connection| connection.id == self.connection)
            })
            .map(|owner| owner.version)
            .ok_or_else(|| PortError::new("server", "keep_tokens", ErrorKind::NotFound, Retry::Never))
    }
}

#[async_trait]
impl TokenKeeper for Keeper {
    async fn keep(&self, tokens: &Tokens) -> Result<(), PortError> {
        let version = self.version().await?;
        let sealed = self
            .keys
            .seal(self.business, GOOGLE_TOKENS, &tokens.to_secret())
            .map_err(failed)?;
        let mut commit = Commit::new(self.business, SystemClock.now());
        // Whoever disconnects saves the settings: what they have forgotten does not come back.
        commit.guards.push(Guard::Settings { version });
        commit.changes.push(Change::PutSecret {
            field: GOOGLE_TOKENS.to_owned(),
            sealed,
        });
        self.store.commit(commit).await.map(drop).map_err(failed)
    }

    async fn latest(&self) -> Result<Option<Tokens>, PortError> {
        self.version().await?;
        let secret = open_secret(&*self.accounts, &self.keys, self.business, GOOGLE_TOKENS).await?;
        Tokens::from_secret(&secret).map(Some).map_err(failed)
    }
}

/// Keeps nothing: for an account that is not connected yet.
#[derive(Debug)]
pub(super) struct Nobody;

#[async_trait]
impl TokenKeeper for Nobody {
    async fn keep(&self, _: &Tokens) -> Result<(), PortError> {
        Ok(())
    }
}
