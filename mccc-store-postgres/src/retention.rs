//! The daily round: deleting what is old enough, a few rows at a time, and packing the sums of days that are over.

use mccc_core::BusinessId;
use mccc_core::port::store::{Deleted, FeedKind, KEPT_HEADS, OldRows, StoreError};

use crate::PostgresStore;
use crate::error::Place as _;
use crate::wire::At;

impl PostgresStore {
    /// One step: one short transaction that locks nothing but the rows it deletes.
    pub(crate) async fn delete_some(&self, business: BusinessId, old: &OldRows) -> Result<Deleted, StoreError> {
        let limit = i32::try_from(old.limit).unwrap_or(i32::MAX);
        let looked_at = i32::try_from(old.limit.saturating_add(KEPT_HEADS)).unwrap_or(i32::MAX);
        let rows = |done: sqlx::postgres::PgQueryResult| u32::try_from(done.rows_affected()).unwrap_or(u32::MAX);
        let mut transaction = self.pool().begin().await.place("transaction")?;
        let admitted = sqlx::query("SELECT admit($1)").bind(business.uuid());
        admitted.execute(&mut *transaction).await.place("businesses")?;
        let jobs: i32 = sqlx::query_scalar("SELECT prune_jobs($1, $2, $3)")
            .bind(business.uuid())
            .bind(At(old.jobs_before))
            .bind(limit)
            .fetch_one(&mut *transaction)
            .await
            .place("jobs")?;
        let receipts = sqlx::query(
            "DELETE FROM webhook_receipts WHERE business_id = $1 AND key IN (SELECT key FROM webhook_receipts \
             WHERE business_id = $1 AND at < $2 ORDER BY at LIMIT $3)",
        )
        .bind(business.uuid())
        .bind(At(old.receipts_before))
        .bind(limit)
        .execute(&mut *transaction)
        .await
        .place("webhook_receipts")?;
        // Positions follow time closely enough: the oldest entries are those with the lowest positions.
        let feed = sqlx::query(
            "DELETE FROM feed_events WHERE business_id = $1 AND seq IN (SELECT seq FROM \
             (SELECT seq, at, kind FROM feed_events WHERE business_id = $1 ORDER BY seq LIMIT $4) AS oldest \
             WHERE at < $2 AND kind <> $5 ORDER BY seq LIMIT $3)",
        )
        .bind(business.uuid())
        .bind(At(old.feed_before))
        .bind(limit)
        .bind(looked_at)
        .bind(FeedKind::LedgerHead.name())
        .execute(&mut *transaction)
        .await
        .place("feed_events")?;
        // Limits look back a day, far less than jobs are kept; the sums are fewer than the jobs that caused the texts.
        sqlx::query(
            "DELETE FROM text_sums WHERE business_id = $1 AND (width, start) IN (SELECT width, start FROM text_sums \
             WHERE business_id = $1 AND width IN (60, 3600) AND start < $2 LIMIT $3)",
        )
        .bind(business.uuid())
        .bind(At(old.jobs_before))
        .bind(limit)
        .execute(&mut *transaction)
        .await
        .place("text_sums")?;
        transaction.commit().await.place("transaction")?;
        self.pack_totals(business).await?;
        Ok(Deleted {
            jobs: u32::try_from(jobs).unwrap_or(0),
            receipts: rows(receipts),
            feed: rows(feed),
        })
    }

    /// Sums of days that are over are read often and changed no more.
    async fn pack_totals(&self, business: BusinessId) -> Result<(), StoreError> {
        sqlx::query("SELECT pack_days(a.business, $2) FROM admit($1) AS a(business)")
            .bind(business.uuid())
            .bind(self.shared.clock.given().map(At))
            .execute(self.pool())
            .await
            .place("call_totals")
            .map(drop)
    }
}
