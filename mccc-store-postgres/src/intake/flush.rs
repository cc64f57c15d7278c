//! One flush for all groups.
//!
//! A group commits without waiting for the disk, so that the lead and its locks are free for the next one, and is
//! answered after a flush that began later: the write-ahead log is one sequence, and a transaction that is flushed takes
//! everything before it along. While a flush is under way those who come gather for the next.

use std::sync::atomic::{AtomicU64, Ordering};

use mccc_core::port::store::StoreError;
use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres};
use tokio::sync::Mutex;

use crate::error::judge;

/// A transaction with nothing in it but a record in the log, committed as the session's default has it: with a flush.
const MARK: &str = "SELECT pg_logical_emit_message(true, 'mccc', '')";

#[derive(Debug, Default)]
pub(crate) struct Flush {
    begun: AtomicU64,
    turn: Mutex<Turn>,
}

#[derive(Debug, Default)]
struct Turn {
    /// The newest flush that succeeded, by the count of those begun.
    done: u64,
    connection: Option<PoolConnection<Postgres>>,
}

impl Flush {
    /// Returns once everything that was committed before the call is on disk. Dropping the future leaves that open.
    ///
    /// # Errors
    /// When the database does not say so; it may be.
    pub(super) async fn settle(&self, pool: &PgPool) -> Result<(), StoreError> {
        // One that has begun already may have passed what was committed since.
        let wanted = self.begun.load(Ordering::SeqCst).saturating_add(1);
        let mut turn = self.turn.lock().await;
        if turn.done >= wanted {
            return Ok(());
        }
        let failed = |error| judge("flush", error);
        let mut connection = match turn.connection.take() {
            Some(connection) => connection,
            None => pool.acquire().await.map_err(failed)?,
        };
        let number = self.begun.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        if let Err(error) = sqlx::query(MARK).execute(&mut *connection).await {
            connection.close_on_drop();
            return Err(failed(error));
        }
        turn.done = number;
        turn.connection = Some(connection);
        Ok(())
    }

    pub(crate) async fn close(&self) {
        self.turn.lock().await.connection = None;
    }
}
