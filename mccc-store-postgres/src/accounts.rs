//! People, sessions, keys: what exists before a tenant is known, and what a tenant keeps sealed or remembered.

use mccc_core::port::store::{ApiKey, Membership, Role, Session, StoreError, StoredResponse, User};
use mccc_core::{ApiKeyId, BusinessId, SessionId, Timestamp, UserId};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::PostgresStore;
use crate::error::Place as _;
use crate::query::digest;
use crate::wire::{At, clean};

/// How long an answer to an API write is remembered.
const REMEMBERED: std::time::Duration = std::time::Duration::from_secs(24 * 3_600);
/// Businesses whose remembered answers are pruned in one statement.
const PRUNED_AT_ONCE: u32 = 500;

impl PostgresStore {
    pub(crate) async fn insert_user(&self, user: &User) -> Result<bool, StoreError> {
        sqlx::query_scalar("SELECT add_user($1, $2, $3, $4, $5)")
            .bind(user.id.uuid())
            .bind(clean(&user.email))
            .bind(clean(&user.name))
            .bind(&user.password_hash)
            .bind(At(user.created_at))
            .fetch_one(self.pool())
            .await
            .place("users")
    }

    pub(crate) async fn replace_password(&self, user: UserId, hash: &str) -> Result<(), StoreError> {
        let statement = sqlx::query("SELECT set_password($1, $2)").bind(user.uuid()).bind(hash);
        statement.execute(self.pool()).await.place("users").map(drop)
    }

    pub(crate) async fn find_user(&self, id: Option<UserId>, email: Option<&str>) -> Result<Option<User>, StoreError> {
        const TABLE: &str = "users";
        let row = sqlx::query("SELECT id, email, name, password_hash, created_at FROM find_user($1, $2)")
            .bind(id.map(mccc_core::Id::uuid))
            .bind(email.map(clean))
            .fetch_optional(self.pool())
            .await
            .place(TABLE)?;
        row.map(|row| {
            Ok(User {
                id: UserId::from_uuid(row.try_get(0).place(TABLE)?),
                email: row.try_get(1).place(TABLE)?,
                name: row.try_get(2).place(TABLE)?,
                password_hash: row.try_get(3).place(TABLE)?,
                created_at: row.try_get::<At, _>(4).place(TABLE)?.0,
            })
        })
        .transpose()
    }

    pub(crate) async fn count_users(&self) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar("SELECT user_count()")
            .fetch_one(self.pool())
            .await
            .place("users")?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    pub(crate) async fn upsert_membership(&self, membership: &Membership) -> Result<(), StoreError> {
        sqlx::query("SELECT put_membership($1, $2, $3)")
            .bind(membership.user.uuid())
            .bind(membership.business.uuid())
            .bind(membership.role.name())
            .execute(self.pool())
            .await
            .place("business_users")
            .map(drop)
    }

    pub(crate) async fn list_memberships(&self, user: UserId) -> Result<Vec<Membership>, StoreError> {
        const TABLE: &str = "business_users";
        let rows = sqlx::query("SELECT business_id, role FROM memberships($1)")
            .bind(user.uuid())
            .fetch_all(self.pool())
            .await
            .place(TABLE)?;
        rows.iter()
            .map(|row| {
                Ok(Membership {
                    user,
                    business: BusinessId::from_uuid(row.try_get(0).place(TABLE)?),
                    role: role(TABLE, row.try_get(1).place(TABLE)?)?,
                })
            })
            .collect()
    }

    pub(crate) async fn insert_session(&self, session: &Session) -> Result<(), StoreError> {
        sqlx::query("SELECT add_session($1, $2, $3, $4, $5, $6)")
            .bind(session.token_hash.as_slice())
            .bind(session.id.uuid())
            .bind(session.user.uuid())
            .bind(session.one_time)
            .bind(At(session.created_at))
            .bind(At(session.expires_at))
            .execute(self.pool())
            .await
            .place("sessions")
            .map(drop)
    }

    pub(crate) async fn find_session(&self, hash: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        let row = sqlx::query("SELECT id, token_hash, user_id, one_time, created_at, expires_at FROM find_session($1)")
            .bind(hash.as_slice())
            .fetch_optional(self.pool())
            .await
            .place("sessions")?;
        row.map(|row| session(&row)).transpose()
    }

    pub(crate) async fn remove_one_time(&self, hash: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        let row = sqlx::query("SELECT id, token_hash, user_id, one_time, created_at, expires_at FROM take_session($1)")
            .bind(hash.as_slice())
            .fetch_optional(self.pool())
            .await
            .place("sessions")?;
        row.map(|row| session(&row)).transpose()
    }

    pub(crate) async fn remove_session(&self, hash: &[u8; 32]) -> Result<(), StoreError> {
        let statement = sqlx::query("SELECT end_session($1)").bind(hash.as_slice());
        statement.execute(self.pool()).await.place("sessions").map(drop)
    }

    pub(crate) async fn insert_api_key(&self, key: &ApiKey) -> Result<(), StoreError> {
        sqlx::query("SELECT add_api_key($1, $2, $3, $4, $5, $6, $7)")
            .bind(key.key_hash.as_slice())
            .bind(key.id.uuid())
            .bind(key.business.uuid())
            .bind(clean(&key.name))
            .bind(key.role.name())
            .bind(At(key.created_at))
            .bind(key.revoked_at.map(At))
            .execute(self.pool())
            .await
            .place("api_keys")
            .map(drop)
    }

    pub(crate) async fn find_api_key(&self, hash: &[u8; 32]) -> Result<Option<ApiKey>, StoreError> {
        let row =
            sqlx::query("SELECT id, business_id, name, key_hash, role, created_at, revoked_at FROM find_api_key($1)")
                .bind(hash.as_slice())
                .fetch_optional(self.pool())
                .await
                .place("api_keys")?;
        row.map(|row| api_key(&row)).transpose()
    }

    pub(crate) async fn list_api_keys(&self, business: BusinessId) -> Result<Vec<ApiKey>, StoreError> {
        let rows =
            sqlx::query("SELECT id, business_id, name, key_hash, role, created_at, revoked_at FROM api_keys_of($1)")
                .bind(business.uuid())
                .fetch_all(self.pool())
                .await
                .place("api_keys")?;
        rows.iter().map(api_key).collect()
    }

    pub(crate) async fn end_api_key(
        &self,
        business: BusinessId,
        id: ApiKeyId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("SELECT revoke_api_key($1, $2, $3)")
            .bind(business.uuid())
            .bind(id.uuid())
            .bind(At(at))
            .execute(self.pool())
            .await
            .place("api_keys")
            .map(drop)
    }

    pub(crate) async fn find_response(
        &self,
        business: BusinessId,
        key: &str,
    ) -> Result<Option<StoredResponse>, StoreError> {
        const TABLE: &str = "api_responses";
        let row = sqlx::query(
            "SELECT r.* FROM admit($1) AS a(business) CROSS JOIN LATERAL (\
             SELECT r.key, r.request_hash, r.status, r.body, r.at FROM api_responses r \
             WHERE r.business_id = a.business AND r.key = $2 OFFSET 0) AS r",
        )
        .bind(business.uuid())
        .bind(clean(key))
        .fetch_optional(self.pool())
        .await
        .place(TABLE)?;
        row.map(|row| {
            let status: i32 = row.try_get(2).place(TABLE)?;
            Ok(StoredResponse {
                key: row.try_get(0).place(TABLE)?,
                request_hash: row.try_get(1).place(TABLE)?,
                status: u16::try_from(status).map_err(|error| StoreError::corrupt(TABLE, error))?,
                body: row.try_get(3).place(TABLE)?,
                at: row.try_get::<At, _>(4).place(TABLE)?.0,
            })
        })
        .transpose()
    }

    pub(crate) async fn insert_response(
        &self,
        business: BusinessId,
        response: &StoredResponse,
    ) -> Result<(), StoreError> {
        const TABLE: &str = "api_responses";
        let mut transaction = self.pool().begin().await.place(TABLE)?;
        let admitted = sqlx::query("SELECT admit($1)").bind(business.uuid());
        admitted.execute(&mut *transaction).await.place(TABLE)?;
        remember(business, response)
            .execute(&mut *transaction)
            .await
            .place(TABLE)?;
        transaction.commit().await.place(TABLE)
    }

    pub(crate) async fn find_secret(&self, business: BusinessId, field: &str) -> Result<Option<String>, StoreError> {
        sqlx::query_scalar(
            "SELECT (SELECT s.sealed FROM secrets s WHERE s.business_id = a.business AND s.field = $2) \
             FROM admit($1) AS a(business)",
        )
        .bind(business.uuid())
        .bind(clean(field))
        .fetch_one(self.pool())
        .await
        .place("secrets")
    }

    pub(crate) async fn prune_old(&self, now: Timestamp) -> Result<u64, StoreError> {
        const TABLE: &str = "api_responses";
        let sessions: i64 = sqlx::query_scalar("SELECT prune_sessions($1)")
            .bind(At(now))
            .fetch_one(self.pool())
            .await
            .place("sessions")?;
        let mut pruned = u64::try_from(sessions).unwrap_or(0);
        let mut after = None;
        loop {
            let businesses = self.list_businesses(after, PRUNED_AT_ONCE).await?;
            let Some(last) = businesses.last() else {
                return Ok(pruned);
            };
            after = Some(*last);
            let ids: Vec<Uuid> = businesses.iter().map(|business| business.uuid()).collect();
            let mut transaction = self.pool().begin().await.place(TABLE)?;
            let admitted = sqlx::query("SELECT admit_all($1)").bind(ids);
            admitted.execute(&mut *transaction).await.place(TABLE)?;
            let deleted = sqlx::query("DELETE FROM api_responses WHERE at < $1")
                .bind(At(now.minus(REMEMBERED)))
                .execute(&mut *transaction)
                .await
                .place(TABLE)?;
            transaction.commit().await.place(TABLE)?;
            pruned = pruned.saturating_add(deleted.rows_affected());
        }
    }
}

/// Remembers an answer; the first one given for a key stays.
pub(crate) fn remember(business: BusinessId, response: &StoredResponse) -> crate::columns::Statement<'static> {
    sqlx::query(
        "INSERT INTO api_responses (business_id, key, request_hash, status, body, at) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT DO NOTHING",
    )
    .bind(business.uuid())
    .bind(clean(&response.key))
    .bind(clean(&response.request_hash))
    .bind(i32::from(response.status))
    .bind(clean(&response.body))
    .bind(At(response.at))
}

fn role(table: &'static str, name: &str) -> Result<Role, StoreError> {
    Role::from_name(name).ok_or_else(|| StoreError::corrupt(table, "unknown role"))
}

fn session(row: &PgRow) -> Result<Session, StoreError> {
    const TABLE: &str = "sessions";
    Ok(Session {
        id: SessionId::from_uuid(row.try_get(0).place(TABLE)?),
        token_hash: digest(TABLE, row.try_get(1).place(TABLE)?)?,
        user: UserId::from_uuid(row.try_get(2).place(TABLE)?),
        one_time: row.try_get(3).place(TABLE)?,
        created_at: row.try_get::<At, _>(4).place(TABLE)?.0,
        expires_at: row.try_get::<At, _>(5).place(TABLE)?.0,
    })
}

fn api_key(row: &PgRow) -> Result<ApiKey, StoreError> {
    const TABLE: &str = "api_keys";
    let revoked_at: Option<At> = row.try_get(6).place(TABLE)?;
    Ok(ApiKey {
        id: ApiKeyId::from_uuid(row.try_get(0).place(TABLE)?),
        business: BusinessId::from_uuid(row.try_get(1).place(TABLE)?),
        name: row.try_get(2).place(TABLE)?,
        key_hash: digest(TABLE, row.try_get(3).place(TABLE)?)?,
        role: role(TABLE, row.try_get(4).place(TABLE)?)?,
        created_at: row.try_get::<At, _>(5).place(TABLE)?.0,
        revoked_at: revoked_at.map(|at| at.0),
    })
}
