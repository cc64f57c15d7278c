//! A temporary Postgres for tests.
//!
//! The first test of a process that asks for it starts one server ([`Pg::shared`]); every test takes its own database
//! from it. Nothing has to be running before, nothing is left afterwards: a watchdog holds the other end of a pipe and
//! removes the server when the test process is gone, however it went.
//!
//! ```no_run
//! let pg = mccc_test::postgres_or_skip!(return Ok(()));
//! let database = pg.create_database()?;
//! database.sql("create table t (n int)")?;
//! // connect to database.url() with whatever client is under test
//! # Ok::<(), mccc_test::postgres::PgError>(())
//! ```
//!
//! Environment:
//! - `MCCC_TEST_PG`: the URL of a superuser on a server that already runs; it is used instead of starting one.
//! - `PGBIN`: the folder with `initdb` and `postgres`, before all other places.
//! - `MCCC_REQUIRE_PG=1` or `CI`: without Postgres the tests fail instead of being skipped.

mod account;
mod binaries;
mod database;
mod psql;
mod server;
mod url;
mod watchdog;

use std::io::Write as _;
use std::sync::OnceLock;

pub use database::TestDatabase;
pub use server::{Durability, Pg};

/// Why there is no Postgres, or why it did not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum PgError {
    /// No usable server binaries on this machine.
    #[error(
        "no Postgres 15 or newer was found ({0}); install the server (Debian, Ubuntu: apt-get install postgresql) \
         or name its folder in PGBIN, or give the URL of a running one in MCCC_TEST_PG"
    )]
    NotInstalled(String),
    /// A Postgres program failed.
    #[error("{program} failed: {detail}")]
    Failed {
        /// Which program.
        program: String,
        /// What it said.
        detail: String,
    },
    /// The operation needs a server that this process started.
    #[error("{0} needs a server started by the test, not the one of MCCC_TEST_PG")]
    External(&'static str),
    /// `MCCC_TEST_PG` cannot be read.
    #[error("MCCC_TEST_PG is not a postgres:// URL with a host")]
    BadUrl,
}

impl PgError {
    fn failed(program: impl Into<String>, detail: impl ToString) -> Self {
        Self::Failed {
            program: program.into(),
            detail: detail.to_string(),
        }
    }
}

impl Pg {
    /// The server of this test process, started at the first call and removed when the process ends.
    ///
    /// # Errors
    /// [`PgError::NotInstalled`] without binaries; otherwise what the programs said. The answer is remembered.
    pub fn shared() -> Result<&'static Self, PgError> {
        static SHARED: OnceLock<Result<Pg, PgError>> = OnceLock::new();
        SHARED
            .get_or_init(|| match std::env::var("MCCC_TEST_PG") {
                Ok(url) if !url.is_empty() => Self::external(&url),
                _ => Self::private(Durability::Fast),
            })
            .as_ref()
            .map_err(Clone::clone)
    }

    /// The shared server, or `None` after saying on the terminal that the caller's test is skipped.
    /// Used through [`postgres_or_skip!`](crate::postgres_or_skip).
    ///
    /// # Panics
    /// If there is no Postgres where one is required (`CI` or `MCCC_REQUIRE_PG` is set), and if a server that is
    /// installed cannot be started: that is a failure, not a reason to skip.
    #[must_use]
    #[expect(clippy::panic, reason = "a test that cannot have its server must fail")]
    pub fn shared_or_skip(test: &str) -> Option<&'static Self> {
        match Self::shared() {
            Ok(pg) => Some(pg),
            Err(error @ PgError::NotInstalled(_)) if !required(|name| std::env::var(name).ok()) => {
                // Written past the test runner's capture, which would hide it in a passing test.
                let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {error}");
                None
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// Whether tests must fail without Postgres.
fn required(env: impl Fn(&str) -> Option<String>) -> bool {
    ["CI", "MCCC_REQUIRE_PG"]
        .iter()
        .any(|name| env(name).is_some_and(|v| !matches!(v.as_str(), "" | "0" | "false")))
}

/// The shared Postgres server ([`Pg::shared`](crate::postgres::Pg::shared)), or leaves the test with a visible
/// `SKIPPED` line. An argument replaces the `return`, for tests that return a value:
/// `postgres_or_skip!(return Ok(()))`.
#[macro_export]
macro_rules! postgres_or_skip {
    () => {
        $crate::postgres_or_skip!(return)
    };
    ($leave:expr) => {
        match $crate::postgres::Pg::shared_or_skip(concat!(module_path!(), ":", line!())) {
            Some(pg) => pg,
            None => $leave,
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgres_is_required_in_ci_and_on_request_only() {
        let env = |set: &'static [(&str, &str)]| {
            move |name: &str| set.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned())
        };
        assert!(required(env(&[("CI", "true")])));
        assert!(required(env(&[("MCCC_REQUIRE_PG", "1")])));
        assert!(!required(env(&[])));
        assert!(!required(env(&[("CI", ""), ("MCCC_REQUIRE_PG", "0")])));
    }
}
