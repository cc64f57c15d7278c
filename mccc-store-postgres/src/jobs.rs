//! Claiming work and handing it back.

use std::time::Duration;

use mccc_core::jobs::{Job, JobKind};
use mccc_core::port::store::{ClaimRequest, ClaimedJob, Fence, JobState, QueueDepth, StoreError};
use mccc_core::{BusinessId, JobId, PhoneNumber};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::PostgresStore;
use crate::error::Place as _;
use crate::wire::{At, int4};

const TABLE: &str = "jobs";

pub(crate) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

impl PostgresStore {
    pub(crate) async fn claim(&self, request: &ClaimRequest) -> Result<Vec<ClaimedJob>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, business_id, subject, payload, attempt, due_at, fence, lease_until \
             FROM claim_jobs($1, $2, $3, $4)",
        )
        .bind(&request.worker)
        .bind(int4(request.limit))
        .bind(micros(request.lease))
        .bind(self.shared.clock.given().map(At))
        .fetch_all(self.pool())
        .await
        .place(TABLE)?;
        rows.iter().map(claimed).collect()
    }

    pub(crate) async fn release(&self, worker: &str) -> Result<u32, StoreError> {
        let count: i32 = sqlx::query_scalar("SELECT release_jobs($1)")
            .bind(worker)
            .fetch_one(self.pool())
            .await
            .place(TABLE)?;
        Ok(u32::try_from(count).unwrap_or(0))
    }

    pub(crate) async fn depth(&self) -> Result<Vec<QueueDepth>, StoreError> {
        let rows = sqlx::query("SELECT kind, state, count, oldest_due FROM queue_depth()")
            .fetch_all(self.pool())
            .await
            .place(TABLE)?;
        let unknown = || StoreError::corrupt(TABLE, "unknown name");
        let mut depths = Vec::with_capacity(rows.len());
        for row in &rows {
            let count: i64 = row.try_get(2).place(TABLE)?;
            let oldest: Option<At> = row.try_get(3).place(TABLE)?;
            depths.push(QueueDepth {
                kind: JobKind::from_name(row.try_get(0).place(TABLE)?).ok_or_else(unknown)?,
                state: JobState::from_name(row.try_get(1).place(TABLE)?).ok_or_else(unknown)?,
                count: u64::try_from(count).unwrap_or(0),
                oldest_due: oldest.map(|at| at.0),
            });
        }
        // The names' order is not the one that is promised.
        depths.sort_unstable_by_key(|depth| (depth.kind, depth.state));
        Ok(depths)
    }

    pub(crate) async fn list_businesses(
        &self,
        after: Option<BusinessId>,
        limit: u32,
    ) -> Result<Vec<BusinessId>, StoreError> {
        let ids: Vec<Uuid> = sqlx::query_scalar("SELECT list_businesses($1, $2)")
            .bind(after.map(mccc_core::Id::uuid))
            .bind(int4(limit))
            .fetch_all(self.pool())
            .await
            .place("business_directory")?;
        Ok(ids.into_iter().map(BusinessId::from_uuid).collect())
    }
}

fn claimed(row: &PgRow) -> Result<ClaimedJob, StoreError> {
    let id = JobId::from_uuid(row.try_get(0).place(TABLE)?);
    let subject: Option<&str> = row.try_get(2).place(TABLE)?;
    let payload: &str = row.try_get(3).place(TABLE)?;
    let attempt: i32 = row.try_get(4).place(TABLE)?;
    let due_at: At = row.try_get(5).place(TABLE)?;
    let fence: i64 = row.try_get(6).place(TABLE)?;
    let lease_until: At = row.try_get(7).place(TABLE)?;
    let job: Job = serde_json::from_str(payload).map_err(|error| StoreError::corrupt(TABLE, error))?;
    Ok(ClaimedJob {
        id,
        business: BusinessId::from_uuid(row.try_get(1).place(TABLE)?),
        subject: subject
            .map(PhoneNumber::parse)
            .transpose()
            .map_err(|error| StoreError::corrupt(TABLE, error))?,
        job,
        attempt: u32::try_from(attempt).unwrap_or(u32::MAX),
        due_at: due_at.0,
        fence: Fence {
            job: id,
            number: u64::try_from(fence).unwrap_or(0),
        },
        lease_until: lease_until.0,
    })
}
