//! People, sessions, keys, remembered answers.

use async_trait::async_trait;
use mccc_core::port::store::{Accounts, ApiKey, Membership, Role, Session, StoreError, StoredResponse, User};
use mccc_core::{ApiKeyId, BusinessId, Timestamp, UserId};
use sqlx::SqliteConnection;
use sqlx::sqlite::{SqliteQueryResult, SqliteRow};
use std::time::Duration;

use crate::columns::{Give, Statement, Take};
use crate::error::{At, translate};
use crate::store::SqliteStore;

/// How long an answer to an API write is remembered.
const REMEMBERED: Duration = Duration::from_secs(24 * 3600);

#[async_trait]
impl Accounts for SqliteStore {
    async fn add_user(&self, user: &User) -> Result<bool, StoreError> {
        let statement = sqlx::query(
            "INSERT INTO users (id, email, email_key, name, password_hash, created_at) VALUES (?, ?, ?, ?, ?, ?) \
             ON CONFLICT (email_key) DO NOTHING",
        )
        .id(user.id)
        .text(&user.email)
        .text(&email_key(&user.email))
        .text(&user.name)
        .maybe_text(user.password_hash.as_deref())
        .time(user.created_at);
        Ok(self.write("users", statement).await?.rows_affected() == 1)
    }

    async fn set_password(&self, user: UserId, password_hash: &str) -> Result<(), StoreError> {
        let statement = sqlx::query("UPDATE users SET password_hash = ? WHERE id = ?")
            .text(password_hash)
            .id(user);
        self.write("users", statement).await.map(drop)
    }

    async fn user_by_email(&self, email: &str) -> Result<Option<User>, StoreError> {
        let row = sqlx::query("SELECT * FROM users WHERE email_key = ?")
            .text(&email_key(email))
            .fetch_optional(&mut *self.reader().await?)
            .await
            .at("users")?;
        row.as_ref().map(take_user).transpose()
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = sqlx::query("SELECT * FROM users WHERE id = ?")
            .id(id)
            .fetch_optional(&mut *self.reader().await?)
            .await
            .at("users")?;
        row.as_ref().map(take_user).transpose()
    }

    async fn user_count(&self) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT count(*) AS people FROM users")
            .fetch_one(&mut *self.reader().await?)
            .await
            .at("users")?;
        row.number("people")
    }

    async fn put_membership(&self, membership: &Membership) -> Result<(), StoreError> {
        let statement = sqlx::query(
            "INSERT INTO business_users (user_id, business_id, role) VALUES (?, ?, ?) \
             ON CONFLICT DO UPDATE SET role = excluded.role",
        )
        .id(membership.user)
        .id(membership.business)
        .text(membership.role.name());
        self.write("business_users", statement).await.map(drop)
    }

    async fn memberships(&self, user: UserId) -> Result<Vec<Membership>, StoreError> {
        let rows =
            sqlx::query("SELECT user_id, business_id, role FROM business_users WHERE user_id = ? ORDER BY business_id")
                .id(user)
                .fetch_all(&mut *self.reader().await?)
                .await
                .at("business_users")?;
        rows.iter()
            .map(|row| {
                Ok(Membership {
                    user: row.id("user_id")?,
                    business: row.id("business_id")?,
                    role: row.named("role", Role::from_name)?,
                })
            })
            .collect()
    }

    async fn add_session(&self, session: &Session) -> Result<(), StoreError> {
        let statement = sqlx::query(
            "INSERT INTO sessions (token_hash, id, user_id, one_time, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bytes(&session.token_hash)
        .id(session.id)
        .id(session.user)
        .flag(session.one_time)
        .time(session.created_at)
        .time(session.expires_at);
        self.write("sessions", statement).await.map(drop)
    }

    async fn session(&self, token_hash: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        let row = sqlx::query("SELECT * FROM sessions WHERE token_hash = ?")
            .bytes(token_hash)
            .fetch_optional(&mut *self.reader().await?)
            .await
            .at("sessions")?;
        row.as_ref().map(take_session).transpose()
    }

    async fn take_session(&self, token_hash: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        let mut slot = self.writer().await;
        let connection = self
            .connected(&mut slot)
            .await
            .map_err(|error| translate("sessions", error))?;
        // To the end, so that the row is gone before anybody is let in.
        let rows = sqlx::query("DELETE FROM sessions WHERE token_hash = ? AND one_time = 1 RETURNING *")
            .bytes(token_hash)
            .fetch_all(connection)
            .await
            .at("sessions")?;
        rows.first().map(take_session).transpose()
    }

    async fn end_session(&self, token_hash: &[u8; 32]) -> Result<(), StoreError> {
        let statement = sqlx::query("DELETE FROM sessions WHERE token_hash = ?").bytes(token_hash);
        self.write("sessions", statement).await.map(drop)
    }

    async fn add_api_key(&self, key: &ApiKey) -> Result<(), StoreError> {
        let statement = sqlx::query(
            "INSERT INTO api_keys (key_hash, id, business_id, name, role, created_at, revoked_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bytes(&key.key_hash)
        .id(key.id)
        .id(key.business)
        .text(&key.name)
        .text(key.role.name())
        .time(key.created_at)
        .maybe_time(key.revoked_at);
        self.write("api_keys", statement).await.map(drop)
    }

    async fn api_key(&self, key_hash: &[u8; 32]) -> Result<Option<ApiKey>, StoreError> {
        let row = sqlx::query("SELECT * FROM api_keys WHERE key_hash = ?")
            .bytes(key_hash)
            .fetch_optional(&mut *self.reader().await?)
            .await
            .at("api_keys")?;
        row.as_ref().map(take_key).transpose()
    }

    async fn api_keys(&self, business: BusinessId) -> Result<Vec<ApiKey>, StoreError> {
        let rows = sqlx::query("SELECT * FROM api_keys WHERE business_id = ? ORDER BY created_at DESC, id DESC")
            .id(business)
            .fetch_all(&mut *self.reader().await?)
            .await
            .at("api_keys")?;
        rows.iter().map(take_key).collect()
    }

    async fn revoke_api_key(&self, business: BusinessId, id: ApiKeyId, at: Timestamp) -> Result<(), StoreError> {
        // The first revocation stays.
        let statement =
            sqlx::query("UPDATE api_keys SET revoked_at = ? WHERE business_id = ? AND id = ? AND revoked_at IS NULL")
                .time(at)
                .id(business)
                .id(id);
        self.write("api_keys", statement).await.map(drop)
    }

    async fn remembered(&self, business: BusinessId, key: &str) -> Result<Option<StoredResponse>, StoreError> {
        let row = sqlx::query(
            "SELECT key, request_hash, status, body, at FROM api_responses WHERE business_id = ? AND key = ?",
        )
        .id(business)
        .text(key)
        .fetch_optional(&mut *self.reader().await?)
        .await
        .at("api_responses")?;
        row.map(|row| {
            Ok(StoredResponse {
                key: row.text("key")?,
                request_hash: row.text("request_hash")?,
                status: row.number("status")?,
                body: row.text("body")?,
                at: row.time("at")?,
            })
        })
        .transpose()
    }

    async fn remember(&self, business: BusinessId, response: &StoredResponse) -> Result<(), StoreError> {
        let mut slot = self.writer().await;
        let connection = self
            .connected(&mut slot)
            .await
            .map_err(|error| translate("api_responses", error))?;
        remember(connection, business, response).await
    }

    async fn secret(&self, business: BusinessId, field: &str) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("SELECT sealed FROM business_secrets WHERE business_id = ? AND field = ?")
            .id(business)
            .text(field)
            .fetch_optional(&mut *self.reader().await?)
            .await
            .at("business_secrets")?;
        row.map(|row| row.text("sealed")).transpose()
    }

    async fn prune(&self, now: Timestamp) -> Result<u64, StoreError> {
        let sessions = sqlx::query("DELETE FROM sessions WHERE expires_at <= ?").time(now);
        let answers = sqlx::query("DELETE FROM api_responses WHERE at < ?").time(now.minus(REMEMBERED));
        let gone = self.write("sessions", sessions).await?.rows_affected();
        Ok(gone.saturating_add(self.write("api_responses", answers).await?.rows_affected()))
    }
}

/// Remembers an answer to an API write; the first one given for a key stays.
pub(crate) async fn remember(
    connection: &mut SqliteConnection,
    business: BusinessId,
    response: &StoredResponse,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO api_responses (business_id, key, request_hash, status, body, at) VALUES (?, ?, ?, ?, ?, ?) \
         ON CONFLICT DO NOTHING",
    )
    .id(business)
    .text(&response.key)
    .text(&response.request_hash)
    .number(response.status)
    .text(&response.body)
    .time(response.at)
    .execute(connection)
    .await
    .map(drop)
    .at("api_responses")
}

/// Writes a sealed credential.
pub(crate) async fn put_secret(
    connection: &mut SqliteConnection,
    business: BusinessId,
    field: &str,
    sealed: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO business_secrets (business_id, field, sealed) VALUES (?, ?, ?) \
         ON CONFLICT DO UPDATE SET sealed = excluded.sealed",
    )
    .id(business)
    .text(field)
    .text(sealed)
    .execute(connection)
    .await
    .map(drop)
    .at("business_secrets")
}

impl SqliteStore {
    /// One writing statement, a transaction by itself.
    async fn write(&self, place: &'static str, statement: Statement<'_>) -> Result<SqliteQueryResult, StoreError> {
        let mut slot = self.writer().await;
        let connection = self
            .connected(&mut slot)
            .await
            .map_err(|error| translate(place, error))?;
        statement.execute(connection).await.at(place)
    }
}

/// Addresses are compared without case.
fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

fn take_user(row: &SqliteRow) -> Result<User, StoreError> {
    Ok(User {
        id: row.id("id")?,
        email: row.text("email")?,
        name: row.text("name")?,
        password_hash: row.maybe_text("password_hash")?,
        created_at: row.time("created_at")?,
    })
}

fn take_session(row: &SqliteRow) -> Result<Session, StoreError> {
    Ok(Session {
        id: row.id("id")?,
        token_hash: row.hash("token_hash")?,
        user: row.id("user_id")?,
        one_time: row.flag("one_time")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
    })
}

fn take_key(row: &SqliteRow) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: row.id("id")?,
        business: row.id("business_id")?,
        name: row.text("name")?,
        key_hash: row.hash("key_hash")?,
        role: row.named("role", Role::from_name)?,
        created_at: row.time("created_at")?,
        revoked_at: row.maybe_time("revoked_at")?,
    })
}
