//! Deleting what is old enough, a few rows at a time.

use mccc_core::BusinessId;
use mccc_core::port::store::{Deleted, FeedKind, KEPT_HEADS, OldRows, StoreError};

use crate::columns::{Give, Statement};
use crate::error::{At, translate};
use crate::store::SqliteStore;

impl SqliteStore {
    /// One step. The writer is free again between the tables.
    pub(crate) async fn delete_some(&self, business: BusinessId, old: &OldRows) -> Result<Deleted, StoreError> {
        let jobs = sqlx::query(
            "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE business_id = ? AND run_at < ? \
             AND state IN ('done', 'canceled', 'dead') ORDER BY run_at LIMIT ?)",
        )
        .id(business)
        .time(old.jobs_before)
        .number(old.limit);
        let receipts = sqlx::query(
            "DELETE FROM webhook_receipts WHERE business_id = ?1 AND key IN (SELECT key FROM webhook_receipts \
             WHERE business_id = ?1 AND received_at < ?2 ORDER BY received_at LIMIT ?3)",
        )
        .id(business)
        .time(old.receipts_before)
        .number(old.limit);
        // Positions follow time closely enough: the oldest entries are those with the lowest positions.
        let feed = sqlx::query(
            "DELETE FROM feed_events WHERE business_id = ?1 AND seq IN (SELECT seq FROM \
             (SELECT seq, at, kind FROM feed_events WHERE business_id = ?1 ORDER BY seq LIMIT ?4) \
             WHERE at < ?2 AND kind <> ?5 ORDER BY seq LIMIT ?3)",
        )
        .id(business)
        .time(old.feed_before)
        .number(old.limit)
        .number(old.limit.saturating_add(KEPT_HEADS))
        .text(FeedKind::LedgerHead.name());
        // Limits look back a day, far less than jobs are kept; the sums are fewer than the jobs that caused the texts.
        let sums = sqlx::query(
            "DELETE FROM text_sums WHERE business_id = ?1 AND (width, start) IN (SELECT width, start FROM text_sums \
             WHERE business_id = ?1 AND width IN (60000000, 3600000000) AND start < ?2 LIMIT ?3)",
        )
        .id(business)
        .time(old.jobs_before)
        .number(old.limit);
        self.deleted("text_sums", sums).await?;
        Ok(Deleted {
            jobs: self.deleted("jobs", jobs).await?,
            receipts: self.deleted("webhook_receipts", receipts).await?,
            feed: self.deleted("feed_events", feed).await?,
        })
    }

    async fn deleted(&self, place: &'static str, statement: Statement<'_>) -> Result<u32, StoreError> {
        let mut slot = self.writer().await;
        let connection = self
            .connected(&mut slot)
            .await
            .map_err(|error| translate(place, error))?;
        let done = statement.execute(connection).await.at(place)?;
        Ok(u32::try_from(done.rows_affected()).unwrap_or(u32::MAX))
    }
}
