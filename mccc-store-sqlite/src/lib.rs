//! The embedded default store: one SQLite file.
//!
//! - **Durable.** Write-ahead log with `synchronous=FULL`: an answered commit is on disk.
//! - **Grouped.** Commits that wait at the same moment share one transaction and one flush. Nothing runs in the
//!   background: of the callers that wait, one takes the writing connection and applies the commits of all.
//! - **One writer, several readers.** Reads run beside the writer on their own connections and see the last commit.
//! - **All or nothing.** A commit's failed precondition undoes that commit alone; a failed statement undoes the whole
//!   transaction, whose members are then run again one by one.
//!
//! The file belongs to one serving process, which holds [`lock_exclusive`]; command-line tools may write beside it,
//! under SQLite's own locks.

mod accounts;
mod apply;
mod bookings;
mod columns;
mod error;
mod group;
mod jobs;
mod ledger;
mod load;
mod lock;
mod migrate;
mod options;
mod port;
mod query;
mod retention;
mod rows;
mod store;
mod totals;

pub use lock::{FileLock, LockError, lock_exclusive};
pub use migrate::MigrateError;
pub use options::{Options, Synchronous};
pub use store::{OpenError, SqliteStore};
