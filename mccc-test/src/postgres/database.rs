//! One database per test.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use super::{Pg, PgError};

/// A fresh database that is dropped with this value.
#[derive(Debug)]
pub struct TestDatabase<'a> {
    pg: &'a Pg,
    name: String,
}

impl TestDatabase<'_> {
    /// Its name on the server.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The superuser's URL, for `migrate`.
    #[must_use]
    pub fn url(&self) -> String {
        self.pg.url(&self.name)
    }

    /// The URL of an ordinary user, who is created if need be and may connect, nothing more.
    ///
    /// # Errors
    /// What `psql` said.
    pub fn url_as(&self, login: &str) -> Result<String, PgError> {
        self.pg.create_login(login)?;
        Ok(self.pg.url_as(login, &self.name))
    }

    /// Runs statements as superuser; see [`Pg::sql`].
    ///
    /// # Errors
    /// What `psql` said.
    pub fn sql(&self, sql: &str) -> Result<String, PgError> {
        self.pg.sql(&self.name, sql)
    }

    /// Runs statements as an ordinary user made by [`url_as`](Self::url_as).
    ///
    /// # Errors
    /// What `psql` said.
    pub fn sql_as(&self, login: &str, sql: &str) -> Result<String, PgError> {
        self.pg.sql_as(login, &self.name, sql)
    }
}

impl Drop for TestDatabase<'_> {
    fn drop(&mut self) {
        // With the test's connections, which may still be open. A server that is gone needs no cleaning.
        let _ = self.pg.sql(
            "postgres",
            &format!("drop database if exists \"{}\" with (force)", self.name),
        );
    }
}

/// Template databases by name, each made once.
#[derive(Debug, Default)]
pub(super) struct Templates(Mutex<HashMap<String, Arc<OnceCell<String>>>>);

impl Templates {
    fn cell(&self, name: &str) -> Arc<OnceCell<String>> {
        let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(cells.entry(name.to_owned()).or_default())
    }
}

impl Pg {
    /// A fresh, empty database.
    ///
    /// # Errors
    /// What `psql` said.
    pub fn create_database(&self) -> Result<TestDatabase<'_>, PgError> {
        self.create_from("template0")
    }

    /// A fresh copy of the template `name`. The first caller makes the template: `migrate` gets the superuser's URL of
    /// an empty database and fills it; an error is handed on and the next caller tries again.
    ///
    /// # Errors
    /// What `migrate` or `psql` said.
    pub async fn from_template<F, E>(
        &self,
        name: &str,
        migrate: impl FnOnce(String) -> F,
    ) -> Result<TestDatabase<'_>, PgError>
    where
        F: Future<Output = Result<(), E>>,
        E: std::fmt::Display,
    {
        let cell = self.templates.cell(name);
        let template = cell
            .get_or_try_init(|| async {
                let template = unique("template");
                self.sql(
                    "postgres",
                    &format!("create database \"{template}\" template template0"),
                )?;
                migrate(self.url(&template))
                    .await
                    .map_err(|error| PgError::failed(format!("filling template {name}"), error))?;
                // A database with open connections cannot be copied, and nobody may change it from now on.
                self.sql(
                    "postgres",
                    &format!(
                        "alter database \"{template}\" allow_connections false; \
                         select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '{template}'"
                    ),
                )?;
                Ok::<_, PgError>(template)
            })
            .await?;
        self.create_from(template)
    }

    fn create_from(&self, template: &str) -> Result<TestDatabase<'_>, PgError> {
        let name = unique("test");
        self.sql(
            "postgres",
            &format!("create database \"{name}\" template \"{template}\""),
        )?;
        Ok(TestDatabase { pg: self, name })
    }
}

/// A name that no other test on the same server uses, also with several test processes on one external server.
fn unique(kind: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!(
        "mccc_{kind}_{}_{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    )
}
