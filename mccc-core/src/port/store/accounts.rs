//! People, sessions, keys: what exists before a tenant is known.

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::calls::named;
use crate::{ApiKeyId, BusinessId, SessionId, Timestamp, UserId};

/// The installation's people, sessions, keys and remembered API answers. Implemented by every store.
#[async_trait]
pub trait Accounts: fmt::Debug + Send + Sync + 'static {
    /// Adds a person; `false` when the e-mail address is taken (compared without case).
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn add_user(&self, user: &User) -> Result<bool, StoreError>;

    /// Replaces a person's password hash.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn set_password(&self, user: UserId, password_hash: &str) -> Result<(), StoreError>;

    /// Finds a person by e-mail address, compared without case.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn user_by_email(&self, email: &str) -> Result<Option<User>, StoreError>;

    /// Finds a person.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError>;

    /// How many people there are.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn user_count(&self) -> Result<u64, StoreError>;

    /// Gives a person a role at a business, or changes it.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn put_membership(&self, membership: &Membership) -> Result<(), StoreError>;

    /// A person's businesses.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn memberships(&self, user: UserId) -> Result<Vec<Membership>, StoreError>;

    /// Starts a session.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn add_session(&self, session: &Session) -> Result<(), StoreError>;

    /// Finds a session by the hash of its token, expired ones included.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn session(&self, token_hash: &[u8; 32]) -> Result<Option<Session>, StoreError>;

    /// Takes a one-time session: returns it and ends it in the same step, so that a link works once.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn take_session(&self, token_hash: &[u8; 32]) -> Result<Option<Session>, StoreError>;

    /// Ends a session. One that is over is no error.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn end_session(&self, token_hash: &[u8; 32]) -> Result<(), StoreError>;

    /// Adds a key.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn add_api_key(&self, key: &ApiKey) -> Result<(), StoreError>;

    /// Finds a key by the hash of its text, revoked ones included.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn api_key(&self, key_hash: &[u8; 32]) -> Result<Option<ApiKey>, StoreError>;

    /// Keys of a business, newest first.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn api_keys(&self, business: BusinessId) -> Result<Vec<ApiKey>, StoreError>;

    /// Revokes a key.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn revoke_api_key(&self, business: BusinessId, id: ApiKeyId, at: Timestamp) -> Result<(), StoreError>;

    /// The remembered answer to an API write of a business, by idempotency key.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn remembered(&self, business: BusinessId, key: &str) -> Result<Option<StoredResponse>, StoreError>;

    /// Remembers an answer to an API write; the first one given for a key stays.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn remember(&self, business: BusinessId, response: &StoredResponse) -> Result<(), StoreError>;

    /// A sealed credential of a business.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn secret(&self, business: BusinessId, field: &str) -> Result<Option<String>, StoreError>;

    /// Deletes sessions that expired and remembered answers that are older than a day before `now`.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn prune(&self, now: Timestamp) -> Result<u64, StoreError>;
}

/// A person who signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Identifier.
    pub id: UserId,
    /// E-mail address, unique without regard to case.
    pub email: String,
    /// Name.
    pub name: String,
    /// Password hash in PHC form; nothing for somebody who only used a link so far.
    pub password_hash: Option<String>,
    /// When the person was added.
    pub created_at: Timestamp,
}

named! {
    /// What a person may do at a business.
    Role {
        /// Everything.
        Owner = "owner",
        /// Everything but people and credentials.
        Manager = "manager",
        /// Calls, threads, tasks.
        Dispatcher = "dispatcher",
        /// Calls, threads, tasks.
        Csr = "csr",
        /// Looks only.
        Staff = "staff",
    }
}

impl Role {
    /// Whether the role may change settings, the schedule and numbers.
    #[must_use]
    pub const fn may_configure(self) -> bool {
        match self {
            Self::Owner | Self::Manager => true,
            Self::Dispatcher | Self::Csr | Self::Staff => false,
        }
    }

    /// Whether the role may connect the business's accounts elsewhere, and disconnect them.
    #[must_use]
    pub const fn may_connect(self) -> bool {
        match self {
            Self::Owner => true,
            Self::Manager | Self::Dispatcher | Self::Csr | Self::Staff => false,
        }
    }

    /// Whether the role may write to callers and finish tasks.
    #[must_use]
    pub const fn may_act(self) -> bool {
        match self {
            Self::Owner | Self::Manager | Self::Dispatcher | Self::Csr => true,
            Self::Staff => false,
        }
    }
}

/// A person's role at a business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The person.
    pub user: UserId,
    /// The business.
    pub business: BusinessId,
    /// The role.
    pub role: Role,
}

/// A signed-in browser, or a one-time sign-in link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Identifier.
    pub id: SessionId,
    /// SHA-256 of the token; the token itself is stored nowhere.
    pub token_hash: [u8; 32],
    /// Who.
    pub user: UserId,
    /// Whether it is a link that works once.
    pub one_time: bool,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A key with which a machine uses the API of one business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Identifier.
    pub id: ApiKeyId,
    /// Which business it opens.
    pub business: BusinessId,
    /// Name a person gave it.
    pub name: String,
    /// SHA-256 of the key; the key itself is stored nowhere.
    pub key_hash: [u8; 32],
    /// What it may do.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// The answer to an API write, kept for its idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredResponse {
    /// The client's key.
    pub key: String,
    /// SHA-256 of method, path and body in hexadecimal: the same key with another request is refused.
    pub request_hash: String,
    /// HTTP status.
    pub status: u16,
    /// JSON body.
    pub body: String,
    /// When it was given.
    pub at: Timestamp,
}
