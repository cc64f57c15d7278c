//! How the store is set up. The host supplies everything; nothing is read from the environment.

use std::sync::Arc;
use std::time::Duration;

use mccc_core::Timestamp;
use mccc_core::port::Clock;

/// How the store is set up.
#[derive(Debug, Clone)]
pub struct PostgresOptions {
    /// The schema that holds all tables, for MCCC alone. Lowercase letters, digits and underscores; default `mccc`.
    pub schema: String,
    /// The role the server acts as; created by [`migrate`](crate::migrate). Roles belong to the whole server, so two
    /// installations on one server that must not trust each other need two names. Default `mccc_app`.
    pub role: String,
    /// Logins that [`migrate`](crate::migrate) allows to act as the role. The owner who migrates always may.
    pub logins: Vec<String>,
    /// Most connections at the same time. Default 16.
    pub max_connections: u32,
    /// Longest wait for a connection, free or new. Default 2 s.
    pub acquire_timeout: Duration,
    /// Longest statement; the server ends it. Default 10 s.
    pub statement_timeout: Duration,
    /// How many groups of new calls may be under way at once. Default 2.
    pub intake_groups: u8,
    /// Where leases and claims get their time from. Default the database.
    pub clock: StoreClock,
}

/// The clock by which leases and claims expire.
#[derive(Debug, Clone, Default)]
pub enum StoreClock {
    /// The database's clock: one for all servers.
    #[default]
    Database,
    /// A clock of the process, for tests that move time by hand.
    Given(Arc<dyn Clock>),
}

/// Why options cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// A name that would have to be quoted, or one that Postgres or others use.
    #[error(
        "{what} must be 1 to 63 lowercase letters, digits and underscores, must not start with a digit or pg_, and must \
         not be public"
    )]
    BadName {
        /// `schema`, `role` or `login`.
        what: &'static str,
    },
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            schema: "mccc".to_owned(),
            role: "mccc_app".to_owned(),
            logins: Vec::new(),
            max_connections: 16,
            acquire_timeout: Duration::from_secs(2),
            statement_timeout: Duration::from_secs(10),
            intake_groups: 2,
            clock: StoreClock::Database,
        }
    }
}

impl PostgresOptions {
    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        let named = [("schema", &self.schema), ("role", &self.role)];
        let logins = self.logins.iter().map(|login| ("login", login));
        for (what, name) in named.into_iter().chain(logins) {
            if !plain(name) {
                return Err(OptionsError::BadName { what });
            }
        }
        Ok(())
    }
}

impl StoreClock {
    /// The present instant, unless the database is asked.
    pub(crate) fn given(&self) -> Option<Timestamp> {
        match self {
            Self::Database => None,
            Self::Given(clock) => Some(clock.now()),
        }
    }
}

/// Whether a name is the same quoted and unquoted, and so can stand in a statement.
fn plain(name: &str) -> bool {
    let fits = (1..=63).contains(&name.len()) && name != "public" && !name.starts_with("pg_");
    fits && !name.starts_with(|c: char| c.is_ascii_digit())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_reach_a_statement() {
        for name in ["mccc", "mccc_app", "_x9"] {
            assert!(plain(name), "{name}");
        }
        for name in ["", "public", "pg_x", "9x", "Mccc", "a\"b", "a b", "a;b", "é"] {
            assert!(!plain(name), "{name}");
        }
    }
}
