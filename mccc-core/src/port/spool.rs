//! The local disk that takes events while the database is away.

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{CallProgress, InboundCall, InboundText, RecordingProgress};
use crate::calls::VoiceReply;
use crate::{BusinessId, Timestamp};

/// Takes events when the database cannot. Entries survive a crash of the process once `append` returned.
#[async_trait]
pub trait Spool: fmt::Debug + Send + Sync + 'static {
    /// Writes one entry durably.
    ///
    /// # Errors
    /// [`SpoolError`] when the disk cannot take it in time. Dropping the future may leave the entry written.
    async fn append(&self, entry: &SpoolEntry) -> Result<(), SpoolError>;

    /// Entries that wait, oldest first, each with a token for [`Spool::remove`]. While the process lives a token is never
    /// given to a second entry: two replays may hold the same one.
    ///
    /// # Errors
    /// When the disk cannot be read.
    async fn pending(&self, limit: usize) -> Result<Vec<(u64, SpoolEntry)>, SpoolError>;

    /// Forgets an entry that has been applied. A token whose entry is gone changes nothing.
    ///
    /// # Errors
    /// When the disk cannot be written; the entry then comes again and changes nothing.
    async fn remove(&self, token: u64) -> Result<(), SpoolError>;
}

/// One event that waits for the database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpoolEntry {
    /// When it arrived; identifiers derive from it, so that a late commit and the replay make one row.
    pub arrived_at: Timestamp,
    /// What arrived.
    pub event: SpooledEvent,
}

/// What was spooled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SpooledEvent {
    /// A call, with the answer that its caller was given.
    Call {
        /// The call.
        call: InboundCall,
        /// The answer.
        answered: VoiceReply,
    },
    /// A text; the gateway was told to try again as well.
    Text {
        /// The text.
        text: InboundText,
    },
    /// News about a call that is not known yet.
    Progress {
        /// The news.
        progress: CallProgress,
    },
    /// News about a recording of a call that is not known yet.
    Recording {
        /// Whose number was called.
        business: BusinessId,
        /// The news.
        recording: RecordingProgress,
    },
}

/// Why the spool cannot take or give entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpoolError {
    /// The preallocated space is used up.
    #[error("the spool is full")]
    Full,
    /// The disk did not answer in time or failed.
    #[error("the spool's disk failed or was too slow")]
    Disk,
}
