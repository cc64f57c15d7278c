//! Opening the store: connections that act as the server's role, and the proof that they cannot do more.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use mccc_core::compliance::ledger::LedgerKey;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgPool, Row as _};

use crate::error::passing;
use crate::intake::Intake;
use crate::migrate::NEWEST;
use crate::options::{OptionsError, PostgresOptions, StoreClock};

/// A connection that rested longer than this is tried before it is used.
const RESTED: Duration = Duration::from_secs(1);

/// The store. Cloning shares the connections.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    pub(crate) shared: Arc<Shared>,
}

/// What all clones of a store share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Set once the role and the schema were found to be right.
    pool: OnceLock<PgPool>,
    /// Stands in until then: refuses everything at once.
    closed: PgPool,
    pub(crate) ledger_key: LedgerKey,
    pub(crate) clock: StoreClock,
    pub(crate) intake: Intake,
}

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The options cannot be used.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// The URL cannot be read.
    #[error("the database URL cannot be read")]
    BadUrl,
    /// The database does not answer, or does not let us in.
    #[error("the database cannot be reached")]
    Unreachable(#[source] sqlx::Error),
    /// The login may not act as the server's role.
    #[error("the login may not act as the role {0}: migrate with the owner's URL and name the login there")]
    RoleRefused(String),
    /// The role could read what the policies hide.
    #[error("the server would start as a role that bypasses the tenants' policies: it {0}")]
    WouldBypass(&'static str),
    /// The schema has not been made.
    #[error("the schema {0} does not exist or was not migrated")]
    NotMigrated(String),
    /// The schema is older than this program needs.
    #[error("the schema is at version {found} and this program needs {needed}: migrate first")]
    Older {
        /// The schema's version.
        found: i32,
        /// The version this program needs.
        needed: i32,
    },
    /// The schema was made by a newer version.
    #[error("the schema is at version {found} and this program knows versions up to {known}: start a newer program")]
    Newer {
        /// The schema's version.
        found: i32,
        /// The newest version this program knows.
        known: i32,
    },
}

impl ConnectError {
    /// Whether the database is merely away and the same attempt may succeed later. Everything else is for a person to
    /// mend.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(error) => passing(error),
            Self::Options(_)
            | Self::BadUrl
            | Self::RoleRefused(_)
            | Self::WouldBypass(_)
            | Self::NotMigrated(_)
            | Self::Older { .. }
            | Self::Newer { .. } => false,
        }
    }
}

impl PostgresStore {
    /// Connects with a login that may act as the server's role, and checks that the role is as narrow as it must be and
    /// the schema at this program's version.
    ///
    /// # Errors
    /// Says what is missing.
    pub async fn connect(url: &str, ledger_key: LedgerKey, options: PostgresOptions) -> Result<Self, ConnectError> {
        let store = Self::unconnected(ledger_key, &options)?;
        store.reconnect(url, &options).await?;
        Ok(store)
    }

    /// A store without a database: everything fails at once as unavailable until [`reconnect`](Self::reconnect) has
    /// succeeded. For a server that starts while its database is away. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// [`OptionsError`] for names that cannot stand in a statement.
    pub fn unconnected(ledger_key: LedgerKey, options: &PostgresOptions) -> Result<Self, OptionsError> {
        options.check()?;
        let closed = PgPoolOptions::new()
            .max_connections(1)
            .connect_lazy_with(PgConnectOptions::new_without_pgpass());
        // A pool is closed as soon as it is asked to; what the future waits for are connections, and there are none.
        drop(closed.close());
        Ok(Self {
            shared: Arc::new(Shared {
                pool: OnceLock::new(),
                closed,
                ledger_key,
                clock: options.clock.clone(),
                intake: Intake::new(options.intake_groups),
            }),
        })
    }

    /// Connects a store that was made [`unconnected`](Self::unconnected), under the conditions of
    /// [`connect`](Self::connect). Does nothing when it is connected. Dropping the future leaves it as it was.
    ///
    /// # Errors
    /// Says what is missing; [`ConnectError::is_passing`] tells whether trying again may help.
    pub async fn reconnect(&self, url: &str, options: &PostgresOptions) -> Result<(), ConnectError> {
        if self.shared.pool.get().is_some() {
            return Ok(());
        }
        let target = target_of(url)?;
        let pool = Self::pool_options(options)?.connect_lazy_with(target.clone());
        try_role(&target, options).await?;
        self.admit(pool, options).await
    }

    /// Checks role and schema, and lets statements through only if both are right.
    async fn admit(&self, pool: PgPool, options: &PostgresOptions) -> Result<(), ConnectError> {
        check_role(&pool, options).await?;
        check_version(&pool, options).await?;
        // Somebody may have been faster; then that pool is as good.
        let _ = self.shared.pool.set(pool);
        Ok(())
    }

    /// The connections, or a pool that refuses at once while there is no database.
    pub(crate) fn pool(&self) -> &PgPool {
        self.shared.pool.get().unwrap_or(&self.shared.closed)
    }

    /// How a host's own pool has to be set up for [`with_pool`](Self::with_pool): every connection acts as the server's
    /// role from its first statement. The host may change limits and names.
    ///
    /// # Errors
    /// [`OptionsError`] for names that cannot stand in a statement.
    pub fn pool_options(options: &PostgresOptions) -> Result<PgPoolOptions, OptionsError> {
        options.check()?;
        let greeting = greeting(options);
        Ok(PgPoolOptions::new()
            .max_connections(options.max_connections)
            .acquire_timeout(options.acquire_timeout)
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for > RESTED {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .after_connect(move |connection, _| {
                let greeting = greeting.clone();
                Box::pin(async move {
                    connection.execute(sqlx::raw_sql(AssertSqlSafe(greeting))).await?;
                    Ok(())
                })
            }))
    }

    /// Opens the store on a pool that was made from [`pool_options`](Self::pool_options).
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn with_pool(
        pool: PgPool,
        ledger_key: LedgerKey,
        options: PostgresOptions,
    ) -> Result<Self, ConnectError> {
        let store = Self::unconnected(ledger_key, &options)?;
        store.admit(pool, &options).await?;
        Ok(store)
    }

    /// Waits for running statements and closes all connections.
    pub async fn close(&self) {
        self.shared.intake.close().await;
        self.pool().close().await;
    }
}

/// A server that accepts a connection and says nothing is as good as away.
pub(crate) async fn in_time<T>(
    limit: Duration,
    connecting: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    tokio::time::timeout(limit, connecting)
        .await
        .unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

fn target_of(url: &str) -> Result<PgConnectOptions, ConnectError> {
    if !["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
    {
        return Err(ConnectError::BadUrl);
    }
    url.parse().map_err(|_| ConnectError::BadUrl)
}

/// What each connection says first. The names were checked to be plain. Documents and lists name instants in UTC; short
/// statements gain nothing from compiled plans; a server that hangs inside a transaction must not keep its locks.
fn greeting(options: &PostgresOptions) -> String {
    format!(
        "SET ROLE {role}; SET search_path = {schema}, pg_temp; SET timezone = 'UTC'; SET jit = off; \
         SET statement_timeout = {statement}; SET idle_in_transaction_session_timeout = {statement}; \
         SET synchronous_commit = on",
        role = options.role,
        schema = options.schema,
        statement = options.statement_timeout.as_millis(),
    )
}

fn refused(role: &str) -> impl Fn(sqlx::Error) -> ConnectError {
    move |error| {
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        // Insufficient privilege; no such role.
        if code.is_some_and(|code| code == "42501" || code == "22023") {
            ConnectError::RoleRefused(role.to_owned())
        } else {
            ConnectError::Unreachable(error)
        }
    }
}

/// Says why the login cannot act as the role; a pool would only go on trying.
async fn try_role(target: &PgConnectOptions, options: &PostgresOptions) -> Result<(), ConnectError> {
    let mut connection = in_time(options.acquire_timeout, target.connect())
        .await
        .map_err(ConnectError::Unreachable)?;
    let greeted = connection
        .execute(sqlx::raw_sql(AssertSqlSafe(greeting(options))))
        .await;
    greeted.map_err(refused(&options.role))?;
    connection.close().await.map_err(ConnectError::Unreachable)
}

/// A role that could see more than the transaction names makes every policy worthless.
async fn check_role(pool: &PgPool, options: &PostgresOptions) -> Result<(), ConnectError> {
    let row = sqlx::query(
        "SELECT current_user = $1, r.rolsuper, r.rolbypassrls, \
                EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                        WHERE n.nspname = $2 AND pg_has_role(current_user, c.relowner, 'MEMBER')), \
                EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                        WHERE n.nspname = $2 AND c.relrowsecurity AND NOT c.relforcerowsecurity) \
         FROM pg_roles r WHERE r.rolname = current_user",
    )
    .bind(&options.role)
    .bind(&options.schema)
    .fetch_one(pool)
    .await
    .map_err(refused(&options.role))?;
    let is = |index: usize| row.try_get::<bool, _>(index).map_err(ConnectError::Unreachable);
    if !is(0)? {
        return Err(ConnectError::RoleRefused(options.role.clone()));
    }
    for (index, why) in [
        (1, "is a superuser"),
        (2, "has BYPASSRLS"),
        (3, "owns the tables"),
        (4, "meets a table that does not force its policy"),
    ] {
        if is(index)? {
            return Err(ConnectError::WouldBypass(why));
        }
    }
    Ok(())
}

async fn check_version(pool: &PgPool, options: &PostgresOptions) -> Result<(), ConnectError> {
    let found = sqlx::query_scalar::<_, Option<i32>>("SELECT max(version) FROM mccc_migrations")
        .fetch_one(pool)
        .await;
    let missing = || ConnectError::NotMigrated(options.schema.clone());
    let found = match found {
        Ok(found) => found.ok_or_else(missing)?,
        // No such table, no such schema.
        Err(sqlx::Error::Database(said)) if said.code().is_some_and(|code| code == "42P01" || code == "3F000") => {
            return Err(missing());
        }
        Err(error) => return Err(ConnectError::Unreachable(error)),
    };
    match found.cmp(&NEWEST) {
        std::cmp::Ordering::Less => Err(ConnectError::Older { found, needed: NEWEST }),
        std::cmp::Ordering::Greater => Err(ConnectError::Newer { found, known: NEWEST }),
        std::cmp::Ordering::Equal => Ok(()),
    }
}
