//! Commits inside one transaction.

mod bookings;
mod consent;
mod guards;
mod intake;
mod rows;
mod sequence;

use mccc_core::Timestamp;
use mccc_core::compliance::ledger::LedgerKey;
use mccc_core::port::store::{Commit, Committed, Conflict, StoreError};
use sqlx::SqliteConnection;

use crate::error::{At, Step};

pub(crate) use rows::kind_from_name;

/// What the changes need to know besides their own values.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    /// The store's clock.
    pub(crate) now: Timestamp,
    /// Seals the consent ledger.
    pub(crate) ledger_key: &'a LedgerKey,
}

/// Applies `commits` and gives one result for each, in order. A conflict undoes its own commit. After an error the
/// whole transaction must be rolled back.
pub(crate) async fn apply(
    connection: &mut SqliteConnection,
    commits: &[&Commit],
    context: &Context<'_>,
) -> Result<Vec<Result<Committed, Conflict>>, StoreError> {
    // Commits that wait at the same moment have no order among themselves: calls go first, all at once.
    let shapes: Vec<Option<intake::Intake<'_>>> = commits.iter().map(|commit| intake::Intake::of(commit)).collect();
    let calls: Vec<&intake::Intake<'_>> = shapes.iter().flatten().collect();
    let mut answers = intake::apply(connection, &calls).await?.into_iter();
    let alone = commits.len() == 1;
    let mut results = Vec::with_capacity(commits.len());
    for (commit, shape) in commits.iter().zip(&shapes) {
        let answer = if shape.is_some() { answers.next() } else { None };
        results.push(match answer {
            Some(answer) => answer,
            None if alone => sequence::apply(connection, commit, context).await?,
            None => beside_others(connection, commit, context).await?,
        });
    }
    Ok(results)
}

async fn beside_others(connection: &mut SqliteConnection, commit: &Commit, context: &Context<'_>) -> Step<Committed> {
    run(connection, "SAVEPOINT member").await?;
    let result = sequence::apply(connection, commit, context).await?;
    if result.is_err() {
        run(connection, "ROLLBACK TO member").await?;
    }
    run(connection, "RELEASE member").await?;
    Ok(result)
}

async fn run(connection: &mut SqliteConnection, sql: &'static str) -> Result<(), StoreError> {
    sqlx::query(sql).execute(connection).await.map(drop).at("database")
}
