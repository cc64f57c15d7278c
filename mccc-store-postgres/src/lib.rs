//! The store of MCCC for many machines: PostgreSQL 15 or newer.
//!
//! **Two roles.** [`migrate`] runs with the URL of the schema's owner and creates a role that cannot log in. The server
//! connects with any login that may `SET ROLE` to it, and [`PostgresStore::connect`] refuses to start when that role
//! could still bypass the policies.
//!
//! **Tenancy.** Every tenant table forces row-level security. A transaction names the business it carries and the
//! policies admit that one alone, so a forgotten condition finds nothing of anybody else. What must cross tenants (a
//! dialled number's owner, due jobs, suppression, sign-in) lives in installation tables behind a closed list of
//! functions ([`INSTALLATION_FUNCTIONS`]).
//!
//! **Group commit.** New calls that wait at the same moment share one statement, one transaction and one flush. The
//! store starts no task: among those who wait, one leads at a time and hands on.
//!
//! **Order.** Whoever writes for a business holds the row lock on its head until the transaction ends. That makes feed
//! positions visible in order and decides every race between two writers of a business.
//!
//! ```no_run
//! use mccc_core::compliance::ledger::LedgerKey;
//! use mccc_store_postgres::{PostgresOptions, PostgresStore, migrate};
//!
//! # async fn start() -> Result<(), Box<dyn std::error::Error>> {
//! let options = PostgresOptions::default();
//! migrate("postgres://owner@db/app", &options).await?;
//! let store = PostgresStore::connect("postgres://server@db/app", LedgerKey::new(&[7; 32]), options).await?;
//! # drop(store); Ok(()) }
//! ```

mod accounts;
mod bookings;
mod columns;
mod commit;
mod composite;
mod connect;
mod error;
mod installation;
mod intake;
mod jobs;
mod load;
mod migrate;
mod options;
mod pages;
mod port;
mod query;
mod records;
mod retention;
mod totals;
mod wire;

pub use connect::{ConnectError, PostgresStore};
pub use installation::INSTALLATION_FUNCTIONS;
pub use migrate::{MigrateError, migrate};
pub use options::{OptionsError, PostgresOptions, StoreClock};
