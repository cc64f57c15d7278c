//! Schema steps: embedded, forward only, safe when several servers start at once.

use sha2::{Digest as _, Sha256};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

use crate::connect::in_time;
use crate::error::passing;
use crate::options::{OptionsError, PostgresOptions};

/// One step. Once released its text never changes.
struct Step {
    version: i32,
    name: &'static str,
    sql: &'static str,
}

const STEPS: &[Step] = &[
    Step {
        version: 1,
        name: "tables",
        sql: include_str!("../migrations/0001_tables.sql"),
    },
    Step {
        version: 2,
        name: "installation",
        sql: include_str!("../migrations/0002_installation.sql"),
    },
    Step {
        version: 3,
        name: "commits",
        sql: include_str!("../migrations/0003_commits.sql"),
    },
    Step {
        version: 4,
        name: "retention",
        sql: include_str!("../migrations/0004_retention.sql"),
    },
    Step {
        version: 5,
        name: "intake",
        sql: include_str!("../migrations/0005_intake.sql"),
    },
    Step {
        version: 6,
        name: "claims",
        sql: include_str!("../migrations/0006_claims.sql"),
    },
    Step {
        version: 7,
        name: "take_in",
        sql: include_str!("../migrations/0007_take_in.sql"),
    },
    Step {
        version: 8,
        name: "text_sums",
        sql: include_str!("../migrations/0008_text_sums.sql"),
    },
    Step {
        version: 9,
        name: "pages",
        sql: include_str!("../migrations/0009_pages.sql"),
    },
    Step {
        version: 10,
        name: "appointments",
        sql: include_str!("../migrations/0010_appointments.sql"),
    },
    Step {
        version: 11,
        name: "calendars",
        sql: include_str!("../migrations/0011_calendars.sql"),
    },
    Step {
        version: 12,
        name: "dialogue",
        sql: include_str!("../migrations/0012_dialogue.sql"),
    },
    Step {
        version: 13,
        name: "promises",
        sql: include_str!("../migrations/0013_promises.sql"),
    },
    Step {
        version: 14,
        name: "calendar_copies",
        sql: include_str!("../migrations/0014_calendar_copies.sql"),
    },
    Step {
        version: 15,
        name: "names",
        sql: include_str!("../migrations/0015_names.sql"),
    },
];

/// The newest version this program knows.
pub(crate) const NEWEST: i32 = 15;

/// Held while steps run, so that servers that start together take turns.
const TURN: i64 = 0x6d63_6363_0000_0001;

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MigrateError {
    /// The options cannot be used.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// The schema was made by a newer version.
    #[error("the schema is at version {found} and this program knows versions up to {known}: start a newer program")]
    Newer {
        /// The schema's version.
        found: i32,
        /// The newest version this program knows.
        known: i32,
    },
    /// A step that was applied differs from the one in this program.
    #[error("step {0} of the schema was applied with another text than this program has")]
    Changed(i32),
    /// The database failed or refused.
    #[error("step {step} of the schema failed")]
    Database {
        /// Which step; 0 is what comes before the first.
        step: i32,
        /// What the database said.
        #[source]
        source: sqlx::Error,
    },
}

impl MigrateError {
    /// Whether the database is merely away and the same attempt may succeed later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Database { source, .. } => passing(source),
            Self::Options(_) | Self::Newer { .. } | Self::Changed(_) => false,
        }
    }
}

fn failed(step: i32) -> impl FnOnce(sqlx::Error) -> MigrateError {
    move |source| MigrateError::Database { step, source }
}

/// Brings the schema up to date with the rights of its owner, and creates the role the server acts as. Does nothing when
/// all is done; servers that start together take turns. Needs the right to create roles the first time only.
///
/// Dropping the future leaves whole steps: each is a transaction.
///
/// # Errors
/// [`MigrateError::Newer`] when a newer program made the schema; what the database said otherwise.
pub async fn migrate(owner_url: &str, options: &PostgresOptions) -> Result<(), MigrateError> {
    options.check()?;
    let mut connection = in_time(options.acquire_timeout, PgConnection::connect(owner_url))
        .await
        .map_err(failed(0))?;
    let done = bring_up_to_date(&mut connection, options).await;
    // The lock on the turn goes with the connection.
    let closed = connection.close().await.map_err(failed(0));
    done.and(closed)
}

async fn bring_up_to_date(connection: &mut PgConnection, options: &PostgresOptions) -> Result<(), MigrateError> {
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(TURN)
        .execute(&mut *connection)
        .await
        .map_err(failed(0))?;
    run(connection, options, PREPARE).await.map_err(failed(0))?;
    let applied = sqlx::query("SELECT version, digest FROM mccc_migrations ORDER BY version")
        .fetch_all(&mut *connection)
        .await
        .map_err(failed(0))?;
    let mut reached = 0;
    for row in &applied {
        let version: i32 = row.try_get(0).map_err(failed(0))?;
        let digest: Vec<u8> = row.try_get(1).map_err(failed(0))?;
        let Some(step) = STEPS.iter().find(|step| step.version == version) else {
            return Err(MigrateError::Newer {
                found: version,
                known: NEWEST,
            });
        };
        if digest != digest_of(step) {
            return Err(MigrateError::Changed(version));
        }
        reached = reached.max(version);
    }
    for step in STEPS.iter().filter(|step| step.version > reached) {
        apply(connection, options, step).await.map_err(failed(step.version))?;
        tracing::info!(version = step.version, name = step.name, "a schema step was applied");
    }
    for login in &options.logins {
        let sql = format!("GRANT {} TO {login}", options.role);
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut *connection)
            .await
            .map_err(failed(0))?;
    }
    Ok(())
}

/// What every run makes sure of before it looks at the steps.
const PREPARE: &str = "
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
        CREATE ROLE {role} NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- made meanwhile, for another database of the server
END $$;
DO $$ BEGIN
    IF NOT pg_has_role(current_user, '{role}', 'MEMBER') THEN
        GRANT {role} TO CURRENT_USER;
    END IF;
END $$;
CREATE SCHEMA IF NOT EXISTS {schema};
GRANT USAGE ON SCHEMA {schema} TO {role};
SET search_path = {schema}, pg_temp;
CREATE TABLE IF NOT EXISTS {schema}.mccc_migrations (
    version    integer PRIMARY KEY,
    name       text NOT NULL,
    digest     bytea NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON {schema}.mccc_migrations TO {role};
";

async fn run(connection: &mut PgConnection, options: &PostgresOptions, sql: &str) -> Result<(), sqlx::Error> {
    // Both names were checked to be plain.
    let sql = sql
        .replace("{schema}", &options.schema)
        .replace("{role}", &options.role);
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop)
}

async fn apply(connection: &mut PgConnection, options: &PostgresOptions, step: &Step) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin().await?;
    run(&mut transaction, options, step.sql).await?;
    sqlx::query("INSERT INTO mccc_migrations (version, name, digest) VALUES ($1, $2, $3)")
        .bind(step.version)
        .bind(step.name)
        .bind(digest_of(step))
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await
}

fn digest_of(step: &Step) -> Vec<u8> {
    Sha256::digest(step.sql.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_numbered_without_gaps() {
        let versions: Vec<i32> = STEPS.iter().map(|step| step.version).collect();
        assert_eq!(versions, (1..=NEWEST).collect::<Vec<_>>());
    }
}
