//! The schema: embedded steps, forward only.

use sqlx::{Connection, Row, SqliteConnection};

use mccc_core::Timestamp;

/// Every step, oldest first. A released step is never changed.
const STEPS: &[Migration] = &[
    Migration {
        version: 1,
        name: "first",
        sql: include_str!("../migrations/0001_first.sql"),
    },
    Migration {
        version: 2,
        name: "retention",
        sql: include_str!("../migrations/0002_retention.sql"),
    },
    Migration {
        version: 3,
        name: "text_sums",
        sql: include_str!("../migrations/0003_text_sums.sql"),
    },
    Migration {
        version: 4,
        name: "appointments",
        sql: include_str!("../migrations/0004_appointments.sql"),
    },
    Migration {
        version: 5,
        name: "calendars",
        sql: include_str!("../migrations/0005_calendars.sql"),
    },
    Migration {
        version: 6,
        name: "dialogue",
        sql: include_str!("../migrations/0006_dialogue.sql"),
    },
    Migration {
        version: 7,
        name: "promises",
        sql: include_str!("../migrations/0007_promises.sql"),
    },
    Migration {
        version: 8,
        name: "calendar_copies",
        sql: include_str!("../migrations/0008_calendar_copies.sql"),
    },
];

struct Migration {
    version: i64,
    name: &'static str,
    sql: &'static str,
}

/// Why the schema could not be brought up to date. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A newer version of this program has written the file.
    #[error("the database has schema {found}, this program knows up to {known}: use the newer program")]
    Newer {
        /// The schema of the file.
        found: i64,
        /// The newest schema this program knows.
        known: i64,
    },
    /// The schema is older than this program needs.
    #[error("the database has schema {found} and this program needs {known}: migrate it first")]
    Older {
        /// The schema of the file; 0 for an empty one.
        found: i64,
        /// The schema this program needs.
        known: i64,
    },
    /// SQLite refused.
    #[error("the schema could not be read or written")]
    Database(#[from] sqlx::Error),
}

/// Brings the schema up to date. Several processes may do so at once: the first one holds the write lock for all
/// steps, the others wait for it and find nothing left to do.
pub(crate) async fn migrate(connection: &mut SqliteConnection, now: Timestamp) -> Result<(), MigrateError> {
    let mut transaction = connection.begin_with("BEGIN EXCLUSIVE").await?;
    sqlx::query(
        "CREATE TABLE IF NOT EXISTS mccc_migrations (
            version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT",
    )
    .execute(&mut *transaction)
    .await?;
    let found = found_version(&mut transaction).await?;
    refuse_newer(found)?;
    for step in STEPS.iter().filter(|step| step.version > found) {
        sqlx::raw_sql(step.sql).execute(&mut *transaction).await?;
        sqlx::query("INSERT INTO mccc_migrations (version, name, applied_at) VALUES (?, ?, ?)")
            .bind(step.version)
            .bind(step.name)
            .bind(now.as_micros())
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Checks that the schema is exactly the one this program knows.
pub(crate) async fn check(connection: &mut SqliteConnection) -> Result<(), MigrateError> {
    let known = newest();
    let tables = sqlx::query("SELECT count(*) FROM sqlite_schema WHERE name = 'mccc_migrations'")
        .fetch_one(&mut *connection)
        .await?;
    let found = if tables.try_get::<i64, _>(0)? == 0 {
        0
    } else {
        found_version(connection).await?
    };
    refuse_newer(found)?;
    if found < known {
        return Err(MigrateError::Older { found, known });
    }
    Ok(())
}

async fn found_version(connection: &mut SqliteConnection) -> Result<i64, MigrateError> {
    let row = sqlx::query("SELECT coalesce(max(version), 0) FROM mccc_migrations")
        .fetch_one(connection)
        .await?;
    Ok(row.try_get(0)?)
}

fn refuse_newer(found: i64) -> Result<(), MigrateError> {
    let known = newest();
    if found > known {
        return Err(MigrateError::Newer { found, known });
    }
    Ok(())
}

fn newest() -> i64 {
    STEPS.iter().map(|step| step.version).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_numbered_without_gaps() {
        for (step, version) in STEPS.iter().zip(1..) {
            assert_eq!(step.version, version, "{}", step.name);
        }
    }
}
