//! One flush for all groups.
//!
//! A group commits without waiting for the disk, so that the lead and its locks are free for the next one, and is
//! answered after a flush that began later: the write-ahead log is one sequence, and a transaction that is flushed takes
//! everything before it along. While a flush is under way those who come gather for the next.
//!
//! A server that dies and comes back has lost what it had not flushed, and a flush of the new one proves nothing about
//! that. So a flush counts only on a connection that was there before the commit: whoever commits takes its [`Witness`]
//! first, and a connection that ends takes with it everything that it had not seen flushed.

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
    /// Number of the connection that is there; 0 while there is none.
    live: AtomicU64,
    turn: Mutex<Turn>,
}

/// The connection that a commit was begun beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Witness(u64);

#[derive(Debug, Default)]
struct Turn {
    /// The newest flush that succeeded, by the count of those begun.
    done: u64,
    /// How many connections there were.
    connections: u64,
    connection: Option<PoolConnection<Postgres>>,
}

impl Flush {
    /// The connection that will flush, to be taken before a commit.
    ///
    /// # Errors
    /// When there is none and the database cannot be reached.
    pub(super) async fn witness(&self, pool: &PgPool) -> Result<Witness, StoreError> {
        let live = self.live.load(Ordering::SeqCst);
        if live > 0 {
            return Ok(Witness(live));
        }
        let mut turn = self.turn.lock().await;
        if turn.connection.is_none() {
            let connection = pool.acquire().await.map_err(|error| judge("flush", error))?;
            turn.connection = Some(connection);
            turn.connections = turn.connections.saturating_add(1);
            self.live.store(turn.connections, Ordering::SeqCst);
        }
        Ok(Witness(self.live.load(Ordering::SeqCst)))
    }

    /// Returns once everything is on disk that was committed before the call and after `witness` was taken. Dropping the
    /// future leaves that open.
    ///
    /// # Errors
    /// When the database does not say so; it may be.
    pub(super) async fn settle(&self, witness: Witness) -> Result<(), StoreError> {
        // One that has begun already may have passed what was committed since.
        let wanted = self.begun.load(Ordering::SeqCst).saturating_add(1);
        let mut turn = self.turn.lock().await;
        let same = self.live.load(Ordering::SeqCst) == witness.0;
        if same && turn.done >= wanted {
            return Ok(());
        }
        let Some(connection) = turn.connection.as_mut().filter(|_| same) else {
            return Err(StoreError::unavailable("the connection that flushes was lost"));
        };
        let number = self.begun.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        // Whoever is dropped here leaves a connection that first reads what it was answered.
        if let Err(error) = sqlx::query(MARK).execute(&mut **connection).await {
            self.live.store(0, Ordering::SeqCst);
            if let Some(mut connection) = turn.connection.take() {
                connection.close_on_drop();
            }
            return Err(judge("flush", error));
        }
        turn.done = number;
        Ok(())
    }

    pub(crate) async fn close(&self) {
        let mut turn = self.turn.lock().await;
        self.live.store(0, Ordering::SeqCst);
        turn.connection = None;
    }
}

#[cfg(test)]
mod tests {
    use mccc_test::postgres_or_skip;

    use super::*;

    #[tokio::test]
    async fn a_flush_proves_nothing_about_what_was_committed_beside_a_connection_that_is_gone() {
        let pg = postgres_or_skip!();
        let database = pg.create_database().unwrap();
        let pool = PgPool::connect(&database.url()).await.unwrap();
        let flush = Flush::default();
        let before = flush.witness(&pool).await.unwrap();
        assert_eq!(flush.witness(&pool).await.unwrap(), before);
        flush.settle(before).await.unwrap();
        // What a server that dies does to each of its connections.
        database
            .sql(
                "select pg_terminate_backend(pid) from pg_stat_activity \
                 where datname = current_database() and pid <> pg_backend_pid()",
            )
            .unwrap();
        assert!(flush.settle(before).await.is_err());
        // The database is back; whoever committed before still learns nothing, whoever commits now does.
        let after = flush.witness(&pool).await.unwrap();
        assert_ne!(after, before);
        assert!(flush.settle(before).await.is_err());
        flush.settle(after).await.unwrap();
        assert!(flush.settle(before).await.is_err());
    }
}
