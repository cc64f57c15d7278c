//! How a store fails.

use crate::Timestamp;

/// The database cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No connection, a time-out, a restart: try again later.
    #[error("the database cannot be reached")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database answered something that cannot be right: a missing table, a value that does not parse.
    #[error("the database holds or answers something unexpected in {0}")]
    Corrupt(&'static str, #[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// A value that does not parse, in the named table or column.
    #[must_use]
    pub fn corrupt(place: &'static str, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Corrupt(place, why.into())
    }

    /// A database that does not answer.
    #[must_use]
    pub fn unavailable(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(why.into())
    }
}

/// Why a commit was not (or perhaps not) applied.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// A precondition failed; nothing was applied.
    #[error("{0}")]
    Conflict(#[from] Conflict),
    /// Nothing was applied for want of a database.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
    /// The answer to COMMIT was lost: it may have been applied.
    #[error("the answer to the commit was lost")]
    AnswerLost,
}

/// A failed precondition. Nothing was applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// Something was changed since it was read: load, decide and commit again.
    #[error("{0:?} was changed since it was read")]
    Stale(Stale),
    /// The recipient has opted out, here or installation-wide.
    #[error("the recipient has opted out")]
    OptedOut,
    /// An auto-text guard is held for this caller.
    #[error("the caller was already texted")]
    TextGuardHeld {
        /// Until when.
        until: Timestamp,
    },
    /// The job's lease has passed to somebody else, or the job is over.
    #[error("the lease was lost")]
    LeaseLost,
    /// The event was processed before; its stored reply is given again.
    #[error("the event was already processed")]
    AlreadyProcessed {
        /// The stored reply, as the first commit gave it.
        reply: Option<String>,
    },
    /// The number belongs to another business.
    #[error("the number belongs to another business")]
    NumberTaken,
    /// Another appointment has closed the time.
    #[error("the time is taken")]
    SlotTaken,
    /// The day has as many appointments as it may have.
    #[error("the day is full")]
    DayFull,
    /// A forwarding test is already in progress.
    #[error("a test is already in progress")]
    TestInProgress,
}

/// What was stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stale {
    /// The settings of a business.
    Settings,
    /// A caller's flags.
    CallerFlags,
    /// A call.
    Call,
    /// A message.
    Message,
    /// A thread.
    Conversation,
    /// A task.
    Task,
    /// A forwarding test.
    TestCall,
    /// An appointment.
    Appointment,
    /// How far the calendar elsewhere was followed.
    CalendarSync,
    /// What was last read of a calendar that is only read.
    CalendarCopy,
    /// What the business has sent lately: a limit is reached.
    SendCounts,
}
