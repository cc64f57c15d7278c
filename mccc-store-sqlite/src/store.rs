//! The open file: one connection that writes, a few that read.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mccc_core::port::store::StoreError;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Sqlite, SqliteConnection, SqlitePool, Transaction};
use tokio::sync::{Mutex, MutexGuard};

use crate::error::At;
use crate::group::Queue;
use crate::load::Owners;
use crate::migrate::{self, MigrateError};
use crate::options::{Options, Synchronous};

/// Prepared statements a connection keeps; more than the crate has.
const STATEMENTS: usize = 256;
/// Pages in the log before they are moved into the file (4 KiB each): a longer log costs the writer fewer flushes.
const CHECKPOINT_PAGES: u32 = 4_000;
/// Pages the writer keeps, as SQLite wants to be told: KiB, negative. It fills within the first few thousand calls and
/// stays; a page that is not kept is read from the system's own cache.
const CACHE_KIB: &str = "-16384";

/// Why the file cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot open the database {}", .path.display())]
pub struct OpenError {
    path: PathBuf,
    #[source]
    source: sqlx::Error,
}

/// An installation's data in one SQLite file.
pub struct SqliteStore {
    /// The one connection that writes; nothing after it broke or was closed. Whoever holds the lock may apply the
    /// commits of everybody who waits.
    writer: Mutex<Option<SqliteConnection>>,
    readers: SqlitePool,
    path: PathBuf,
    temporary: bool,
    pub(crate) options: Options,
    pub(crate) queue: Queue,
    pub(crate) owners: Owners,
}

impl SqliteStore {
    /// Opens the file at `path`, creating it when there is none. Does not touch the schema: call
    /// [`Self::migrate`], or [`Self::check_schema`] when somebody else migrates.
    ///
    /// # Errors
    /// [`OpenError`] when the file cannot be opened or is no database.
    pub async fn open(path: impl AsRef<Path>, options: Options) -> Result<Self, OpenError> {
        Self::open_file(path.as_ref().to_owned(), options, false).await
    }

    /// Opens a new file `name` in `folder` and removes it when the store is dropped: for tests, which then meet the
    /// same locks and the same log as real use.
    ///
    /// # Errors
    /// [`OpenError`] when the file cannot be created.
    pub async fn open_temporary(folder: &Path, name: &str, options: Options) -> Result<Self, OpenError> {
        Self::open_file(folder.join(name), options, true).await
    }

    /// Brings the schema up to date. Safe when several processes start at once.
    ///
    /// # Errors
    /// [`MigrateError::Newer`] when a newer program has written the file.
    pub async fn migrate(&self) -> Result<(), MigrateError> {
        let mut slot = self.writer.lock().await;
        let connection = self.connected(&mut slot).await?;
        migrate::migrate(connection, self.options.clock.now()).await
    }

    /// Checks that the schema is the one this program knows.
    ///
    /// # Errors
    /// [`MigrateError::Older`] or [`MigrateError::Newer`] when it is not.
    pub async fn check_schema(&self) -> Result<(), MigrateError> {
        let mut slot = self.writer.lock().await;
        let connection = self.connected(&mut slot).await?;
        migrate::check(connection).await
    }

    /// Waits for commits in progress, moves the log into the file and closes all connections. Later calls open the
    /// writer again and find no readers.
    ///
    /// # Errors
    /// When the log could not be moved; nothing is lost, the next start does it.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.readers.close().await;
        let mut slot = self.writer.lock().await;
        let Some(mut connection) = slot.take() else {
            return Ok(());
        };
        let moved = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&mut connection)
            .await;
        connection.close().await.at("database")?;
        moved.map(drop).at("database")
    }

    /// Waits for the writing connection.
    pub(crate) async fn writer(&self) -> MutexGuard<'_, Option<SqliteConnection>> {
        self.writer.lock().await
    }

    /// The connection in `slot`, opened again when it is gone.
    pub(crate) async fn connected<'s>(
        &self,
        slot: &'s mut Option<SqliteConnection>,
    ) -> Result<&'s mut SqliteConnection, sqlx::Error> {
        let connection = match slot.take() {
            Some(connection) => connection,
            None => write_options(&self.path, &self.options).connect().await?,
        };
        Ok(slot.insert(connection))
    }

    /// A reading connection, for one statement.
    pub(crate) async fn reader(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        self.readers.acquire().await.at("database")
    }

    /// A reading transaction: all its statements see the same commit.
    pub(crate) async fn snapshot(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.readers.begin().await.at("database")
    }

    async fn open_file(path: PathBuf, options: Options, temporary: bool) -> Result<Self, OpenError> {
        let failed = |source| OpenError {
            path: path.clone(),
            source,
        };
        let writer = write_options(&path, &options).connect().await.map_err(failed)?;
        let readers = SqlitePoolOptions::new()
            .max_connections(options.readers)
            .min_connections(0)
            .acquire_timeout(Duration::from_secs(10))
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_lazy_with(read_options(&path, &options));
        Ok(Self {
            writer: Mutex::new(Some(writer)),
            readers,
            path,
            temporary,
            options,
            queue: Queue::default(),
            owners: Owners::default(),
        })
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("path", &self.path)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        if !self.temporary {
            return;
        }
        for suffix in ["", "-wal", "-shm"] {
            let mut name = self.path.as_os_str().to_owned();
            name.push(suffix);
            // Whoever looks after the folder removes what is left.
            drop(std::fs::remove_file(name));
        }
    }
}

fn shared_options(path: &Path, options: &Options) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(options.busy_timeout)
        .statement_cache_capacity(STATEMENTS)
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging()
}

fn write_options(path: &Path, options: &Options) -> SqliteConnectOptions {
    let synchronous = match options.synchronous {
        Synchronous::Full => SqliteSynchronous::Full,
        Synchronous::Normal => SqliteSynchronous::Normal,
    };
    let mut sqlite = shared_options(path, options);
    if let Some(pages) = options.page_limit {
        sqlite = sqlite.pragma("max_page_count", pages.to_string());
    }
    sqlite
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES.to_string())
        .pragma("cache_size", CACHE_KIB)
}

/// Readers open the file for writing, because a log left by a crash can only be read after it was recovered, and then
/// renounce every write.
fn read_options(path: &Path, options: &Options) -> SqliteConnectOptions {
    shared_options(path, options)
        .create_if_missing(false)
        .pragma("query_only", "ON")
}
