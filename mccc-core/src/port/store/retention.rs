//! Deleting what is old enough.

use crate::Timestamp;

/// What is old enough to be deleted, for one business.
///
/// Only what the product itself no longer reads: opt-outs, suppressions and the consent ledger stay for ever, and so do
/// the ledger's heads in the feed, which prove that its end was not cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OldRows {
    /// Finished, canceled and dead jobs that were to run before.
    pub jobs_before: Timestamp,
    /// Receipts of events that were processed before.
    pub receipts_before: Timestamp,
    /// Feed entries from before.
    pub feed_before: Timestamp,
    /// Most rows of each kind in one step, so that no lock is held for long.
    pub limit: u32,
}

/// How many rows were deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Deleted {
    /// Jobs.
    pub jobs: u32,
    /// Receipts.
    pub receipts: u32,
    /// Feed entries.
    pub feed: u32,
}

impl Deleted {
    /// Whether a step of at most `limit` rows may have left some: then there is another step to do.
    #[must_use]
    pub const fn more(&self, limit: u32) -> bool {
        self.jobs >= limit || self.receipts >= limit || self.feed >= limit
    }
}

/// Kept entries that may lie before the first that can be deleted: ten years of daily heads of the ledger. The oldest
/// entries are found by their position; this is how far past the limit they are looked at.
pub const KEPT_HEADS: u32 = 3_660;
