//! Claiming work.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::calls::named;
use crate::jobs::{Job, JobKind};
use crate::{BusinessId, JobId, PhoneNumber, Timestamp};

use super::Fence;

/// Which jobs a worker wants.
#[derive(Debug, Clone)]
pub struct ClaimRequest {
    /// Name of the worker, unique among running ones.
    pub worker: String,
    /// At most this many.
    pub limit: u32,
    /// How long the lease lasts by the store's clock.
    pub lease: Duration,
}

/// A job under a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedJob {
    /// The job.
    pub id: JobId,
    /// Whose job it is.
    pub business: BusinessId,
    /// The recipient or caller it concerns.
    pub subject: Option<PhoneNumber>,
    /// What to do.
    pub job: Job,
    /// Number of this attempt, from 1. Counts claims, so that a job that kills its worker does not live for ever.
    pub attempt: u32,
    /// When it was first due.
    pub due_at: Timestamp,
    /// Proof of the lease, for the commit of the result.
    pub fence: Fence,
    /// When the lease expires by the store's clock.
    pub lease_until: Timestamp,
}

named! {
    /// Where a job stands.
    JobState {
        /// Waiting for its time.
        Queued = "queued",
        /// Under a lease.
        Running = "running",
        /// Done.
        Done = "done",
        /// Cancelled, by an opt-out for example.
        Canceled = "canceled",
        /// Given up; a person was told.
        Dead = "dead",
    }
}

/// How many jobs of a kind are in a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueDepth {
    /// The kind of work.
    pub kind: JobKind,
    /// `queued`, `running` or `dead`; finished jobs are not counted.
    pub state: JobState,
    /// How many.
    pub count: u64,
    /// When the oldest of them was due.
    pub oldest_due: Option<Timestamp>,
}
