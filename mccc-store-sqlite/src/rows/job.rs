//! Queued work.

use mccc_core::BusinessId;
use mccc_core::port::store::{ClaimedJob, Fence, NewJob, StoreError};
use sqlx::sqlite::SqliteRow;

use crate::columns::{Give, Insert, Statement, Take};

/// A new job. Live work with the same kind and key stays as it is; so does a job that was queued for the same cause
/// before, whatever became of it.
pub(crate) const INSERT: Insert = Insert {
    table: "jobs",
    columns: "id, business_id, kind, subject, payload, state, run_at, due_at, dedupe",
    tail: "ON CONFLICT DO NOTHING",
};

/// What a claim answers with.
pub(crate) const CLAIMED: &str = "id, business_id, subject, payload, attempt, due_at, run_at, fence, lease_until";

pub(crate) fn give<'q>(statement: Statement<'q>, (business, new): &(BusinessId, &NewJob)) -> Statement<'q> {
    statement
        .id(new.id)
        .id(*business)
        .text(new.job.kind().name())
        .maybe_phone(new.subject.as_ref())
        .document(&new.job)
        .text("queued")
        .time(new.run_at)
        .time(new.run_at)
        .text(&new.dedupe)
}

pub(crate) fn take(row: &SqliteRow) -> Result<ClaimedJob, StoreError> {
    let id = row.id("id")?;
    Ok(ClaimedJob {
        id,
        business: row.id("business_id")?,
        subject: row.maybe_phone("subject")?,
        job: row.document("payload")?,
        attempt: row.number("attempt")?,
        due_at: row.time("due_at")?,
        fence: Fence {
            job: id,
            number: row.number("fence")?,
        },
        lease_until: row.time("lease_until")?,
    })
}
