//! Leases: who works on what, until when.

use mccc_core::jobs::JobKind;
use mccc_core::port::store::{ClaimRequest, ClaimedJob, Conflict, Fence, JobResult, JobState, QueueDepth, StoreError};
use mccc_core::{BusinessId, PhoneNumber};
use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::columns::{Give, Statement, Take};
use crate::error::{At, Step, translate};
use crate::rows::job;
use crate::store::SqliteStore;

impl SqliteStore {
    /// Takes due jobs and those whose lease has expired, oldest first.
    pub(crate) async fn claim(&self, request: &ClaimRequest) -> Result<Vec<ClaimedJob>, StoreError> {
        let now = self.options.clock.now();
        let sql = format!(
            "UPDATE jobs SET state = 'running', fence = fence + 1, attempt = attempt + 1, worker = ?1, lease_until = ?2 \
             WHERE id IN (SELECT id FROM ( \
             SELECT * FROM (SELECT id, run_at FROM jobs WHERE state = 'queued' AND run_at <= ?3 \
                            ORDER BY run_at, id LIMIT ?4) \
             UNION ALL \
             SELECT * FROM (SELECT id, run_at FROM jobs WHERE state = 'running' AND lease_until <= ?3 \
                            ORDER BY run_at, id LIMIT ?4) \
             ) ORDER BY run_at, id LIMIT ?4) RETURNING {}",
            job::CLAIMED
        );
        let mut slot = self.writer().await;
        let connection = self
            .connected(&mut slot)
            .await
            .map_err(|error| translate("jobs", error))?;
        let rows = sqlx::query(AssertSqlSafe(sql))
            .text(&request.worker)
            .time(now.plus(request.lease))
            .time(now)
            .number(request.limit)
            .fetch_all(connection)
            .await
            .at("jobs")?;
        drop(slot);
        let mut claimed = Vec::with_capacity(rows.len());
        for row in &rows {
            claimed.push((row.time("run_at")?, job::take(row)?));
        }
        // The order of returned rows is SQLite's own.
        claimed.sort_by_key(|(run_at, job)| (*run_at, job.id));
        Ok(claimed.into_iter().map(|(_, job)| job).collect())
    }

    /// Hands the leases of a worker back.
    pub(crate) async fn release(&self, worker: &str) -> Result<u32, StoreError> {
        let mut slot = self.writer().await;
        let connection = self
            .connected(&mut slot)
            .await
            .map_err(|error| translate("jobs", error))?;
        let released = sqlx::query(
            "UPDATE jobs SET state = 'queued', attempt = max(attempt - 1, 0), worker = NULL, lease_until = NULL \
             WHERE state = 'running' AND worker = ?",
        )
        .text(worker)
        .execute(connection)
        .await
        .at("jobs")?
        .rows_affected();
        Ok(u32::try_from(released).unwrap_or(u32::MAX))
    }

    /// Counts live and dead jobs by kind and state.
    pub(crate) async fn depth(&self) -> Result<Vec<QueueDepth>, StoreError> {
        // One arm for each partial index: finished jobs are never looked at.
        let rows = sqlx::query(
            "SELECT kind, state, count(*) AS jobs, min(run_at) AS oldest FROM jobs WHERE state = 'queued' GROUP BY kind \
             UNION ALL SELECT kind, state, count(*), min(run_at) FROM jobs WHERE state = 'running' GROUP BY kind \
             UNION ALL SELECT kind, state, count(*), min(run_at) FROM jobs WHERE state = 'dead' GROUP BY kind",
        )
        .fetch_all(&mut *self.reader().await?)
        .await
        .at("jobs")?;
        let mut depths = Vec::with_capacity(rows.len());
        for row in &rows {
            depths.push(QueueDepth {
                kind: row.named("kind", JobKind::from_name)?,
                state: row.named("state", JobState::from_name)?,
                count: row.number("jobs")?,
                oldest_due: row.maybe_time("oldest")?,
            });
        }
        // The names' order is not the one that is promised.
        depths.sort_unstable_by_key(|depth| (depth.kind, depth.state));
        Ok(depths)
    }
}

/// Checks the lease of a job and writes what becomes of it. An expired lease that nobody took over still holds.
pub(crate) async fn settle(
    connection: &mut SqliteConnection,
    business: BusinessId,
    fence: Fence,
    result: &JobResult,
) -> Step<()> {
    // The lease comes last, so that what is written can come first.
    let held = |statement: Statement<'static>| statement.id(business).id(fence.job).count(fence.number);
    let statement = match result {
        JobResult::StillRunning => held(sqlx::query(
            "UPDATE jobs SET state = state WHERE business_id = ? AND id = ? AND fence = ? AND state = 'running'",
        )),
        JobResult::Done => held(sqlx::query(
            "UPDATE jobs SET state = 'done', worker = NULL, lease_until = NULL \
             WHERE business_id = ? AND id = ? AND fence = ? AND state = 'running'",
        )),
        JobResult::Dead { reason } => held(
            sqlx::query(
                "UPDATE jobs SET state = 'dead', worker = NULL, lease_until = NULL, reason = ? \
                 WHERE business_id = ? AND id = ? AND fence = ? AND state = 'running'",
            )
            .text(reason),
        ),
        // A planned wait makes the job due for the first time once more.
        JobResult::Again { at, job, fresh } => held(
            sqlx::query(
                "UPDATE jobs SET state = 'queued', worker = NULL, lease_until = NULL, run_at = ?1, \
                 attempt = iif(?2, 0, attempt), due_at = iif(?2, ?1, due_at), payload = coalesce(?3, payload) \
                 WHERE business_id = ?4 AND id = ?5 AND fence = ?6 AND state = 'running'",
            )
            .time(*at)
            .flag(*fresh)
            .maybe_document(job.as_ref()),
        ),
    };
    let changed = statement.execute(connection).await.at("jobs")?.rows_affected();
    Ok(if changed == 1 { Ok(()) } else { Err(Conflict::LeaseLost) })
}

/// Cancels what is queued about `subject` and forbidden after an opt-out.
pub(crate) async fn cancel(
    connection: &mut SqliteConnection,
    business: BusinessId,
    subject: &PhoneNumber,
) -> Result<(), StoreError> {
    let kinds: Vec<JobKind> = JobKind::ALL
        .iter()
        .copied()
        .filter(|kind| kind.canceled_by_opt_out())
        .collect();
    sqlx::query(
        "UPDATE jobs SET state = 'canceled' WHERE business_id = ? AND subject = ? AND state = 'queued' \
         AND kind IN (SELECT value FROM json_each(?))",
    )
    .id(business)
    .phone(subject)
    .document(&kinds)
    .execute(connection)
    .await
    .map(drop)
    .at("jobs")
}
