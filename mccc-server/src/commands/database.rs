//! The database of a command: opened at once, or, for a server, as soon as it is back.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use mccc_core::Secret;
use mccc_core::port::Store;
use mccc_core::port::Timer as _;
use mccc_core::port::store::Accounts;
use mccc_store_postgres::{ConnectError, MigrateError, PostgresOptions, PostgresStore};
use mccc_store_sqlite::SqliteStore;
use tokio::task::{JoinError, JoinHandle};

use crate::config::{Config, StoreConfig};
use crate::failure::{Context as _, Failure};
use crate::runtime::{KeyRing, SystemClock, TokioTimer};

/// How long a server that could answer calls without its database waits for it before it begins to.
const PATIENCE: Duration = Duration::from_secs(4);
/// First and longest wait before the next attempt.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));

/// The database, and what is to be done while it is away.
pub(super) struct Database {
    pub(super) store: Arc<dyn Store>,
    pub(super) accounts: Arc<dyn Accounts>,
    pub(super) absent: Option<Absent>,
}

/// Opens the database and brings its schema up to date. `patient` allows a Postgres that is merely away: then the store
/// refuses everything until [`Absent::end`] has found it.
///
/// # Errors
/// When it cannot be opened, its schema is newer than this program, or it is away and that is not allowed.
pub(super) async fn open(config: &Config, keys: &KeyRing, patient: bool) -> Result<Database, Failure> {
    match &config.store {
        StoreConfig::Sqlite(path) => {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).context(|| format!("cannot make the folder {}", folder.display()))?;
            }
            let options = mccc_store_sqlite::Options::new(Arc::new(SystemClock), keys.ledger_key());
            let store = SqliteStore::open(path, options)
                .await
                .context(|| format!("cannot open the database {}", path.display()))?;
            store
                .migrate()
                .await
                .context(|| format!("cannot bring {} up to date", path.display()))?;
            Ok(Database::of(Arc::new(store), None))
        }
        StoreConfig::Postgres {
            url,
            owner_url,
            schema,
            connections,
        } => {
            let options = PostgresOptions {
                schema: schema.clone(),
                role: format!("{schema}_app"),
                logins: owner_url.iter().filter_map(|_| login_of(url.reveal())).collect(),
                max_connections: *connections,
                ..PostgresOptions::default()
            };
            let store = PostgresStore::unconnected(keys.ledger_key(), &options)
                .context(|| "cannot use the Postgres database".to_owned())?;
            let target = Arc::new(Target {
                url: url.clone(),
                owner_url: owner_url.clone(),
                options,
                store: store.clone(),
            });
            let absent = target.bring_within(patient.then_some(PATIENCE)).await?;
            Ok(Database::of(Arc::new(store), absent))
        }
    }
}

impl Database {
    fn of<S: Store + Accounts>(store: Arc<S>, absent: Option<Absent>) -> Self {
        Self {
            store: Arc::clone(&store) as _,
            accounts: store,
            absent,
        }
    }
}

/// Where a Postgres is and what it must become.
struct Target {
    url: Secret,
    owner_url: Option<Secret>,
    options: PostgresOptions,
    store: PostgresStore,
}

/// Why a Postgres cannot be used.
struct Trouble {
    /// It is away and may come back; otherwise a person has to mend something.
    passing: bool,
    failure: Failure,
}

type Attempt = JoinHandle<Result<(), Trouble>>;

impl Target {
    fn attempt(self: &Arc<Self>) -> Attempt {
        let target = Arc::clone(self);
        tokio::spawn(async move { target.bring().await })
    }

    async fn bring(&self) -> Result<(), Trouble> {
        let owner = self.owner_url.as_ref().unwrap_or(&self.url);
        mccc_store_postgres::migrate(owner.reveal(), &self.options)
            .await
            .map_err(Trouble::from)?;
        self.store
            .reconnect(self.url.reveal(), &self.options)
            .await
            .map_err(Trouble::from)
    }

    /// Brings the database into use. With `patience`, one that is away or busy for longer is left to [`Absent`].
    async fn bring_within(self: &Arc<Self>, patience: Option<Duration>) -> Result<Option<Absent>, Failure> {
        let mut attempt = self.attempt();
        let Some(patience) = patience else {
            return ended(attempt.await).map(|()| None).map_err(|trouble| trouble.failure);
        };
        let pending = tokio::select! {
            done = &mut attempt => match ended(done) {
                Ok(()) => return Ok(None),
                Err(Trouble { passing: false, failure }) => return Err(failure),
                Err(Trouble { passing: true, failure }) => {
                    tracing::error!(%failure, "starting without the database: calls are answered as last known");
                    None
                }
            },
            () = TokioTimer.sleep(patience) => {
                tracing::error!("the database takes long: until it is ready, calls are answered as last known");
                Some(attempt)
            }
        };
        Ok(Some(Absent {
            target: Arc::clone(self),
            pending,
            readiness: Readiness::new(AWAY),
        }))
    }
}

fn ended(attempt: Result<Result<(), Trouble>, JoinError>) -> Result<(), Trouble> {
    attempt.unwrap_or_else(|error| {
        Err(Trouble {
            passing: false,
            failure: Failure::from(error),
        })
    })
}

impl From<MigrateError> for Trouble {
    fn from(error: MigrateError) -> Self {
        Self {
            passing: error.is_passing(),
            failure: Failure::from(error).before("cannot bring the Postgres schema up to date"),
        }
    }
}

impl From<ConnectError> for Trouble {
    fn from(error: ConnectError) -> Self {
        Self {
            passing: error.is_passing(),
            failure: Failure::from(error).before("cannot use the Postgres database"),
        }
    }
}

const AWAY: &str = "started without the database, which does not answer";
const REFUSED: &str = "the database is back but cannot be used as it is; the log says why";

/// A database that was away when the server started.
pub struct Absent {
    target: Arc<Target>,
    pending: Option<Attempt>,
    readiness: Readiness,
}

impl Absent {
    /// Why the server is not ready, as long as it is not.
    pub(super) fn readiness(&self) -> Readiness {
        self.readiness.clone()
    }

    /// Tries until the database is in use. A database that is back but not usable is reported and tried again: the
    /// callers of a server that ended itself would be answered by nobody.
    pub async fn end(mut self) {
        let mut pause = BACKOFF.0;
        loop {
            let attempt = self.pending.take().unwrap_or_else(|| self.target.attempt());
            match ended(attempt.await) {
                Ok(()) => {
                    self.readiness.ready();
                    tracing::info!("the database is back");
                    return;
                }
                Err(Trouble { passing, failure }) => {
                    self.readiness.not_ready(if passing { AWAY } else { REFUSED });
                    if passing {
                        tracing::warn!(%failure, "the database is still away");
                    } else {
                        tracing::error!(%failure, "the database is back but cannot be used");
                    }
                }
            }
            TokioTimer.sleep(pause).await;
            pause = (pause * 2).min(BACKOFF.1);
        }
    }
}

impl fmt::Debug for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Absent").finish_non_exhaustive()
    }
}

/// Why a process is not ready, if it is not.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<RwLock<Option<&'static str>>>);

impl Readiness {
    fn new(reason: &'static str) -> Self {
        Self(Arc::new(RwLock::new(Some(reason))))
    }

    /// The reason, for whoever asks.
    #[must_use]
    pub fn reason(&self) -> Option<&'static str> {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn ready(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn not_ready(&self, reason: &'static str) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(reason);
    }
}

/// The login in a database address, which the owner has to allow to act as the server's role.
fn login_of(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let (credentials, _) = rest.split_once('@')?;
    credentials
        .split(':')
        .next()
        .filter(|login| !login.is_empty())
        .map(str::to_owned)
}
