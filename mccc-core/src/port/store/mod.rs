//! The database, as the core sees it.
//!
//! **Load** methods return the snapshots that decisions need. **Commit** applies a list of changes with their
//! preconditions, all or nothing; a failed precondition is a typed [`Conflict`]. **Query** methods serve the pages.
//! **Jobs** are enqueued inside a commit and nowhere else; a claim takes a lease that expires by the store's clock, and
//! finishing a job is part of the commit that records its result.
//!
//! Every implementation runs the contract suite of the test kit. Transactions take their locks in one order: phone
//! numbers ascending, then businesses ascending, then jobs.

mod accounts;
mod commit;
mod error;
mod jobs;
mod query;
mod retention;
mod snapshot;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

pub use accounts::{Accounts, ApiKey, Membership, Role, Session, StoredResponse, User};
pub use commit::{
    Change, Commit, Committed, ConsentChange, EventKey, FeedEvent, FeedKind, Fence, Grouping, Guard, JobResult, NewJob,
};
pub use error::{CommitError, Conflict, Stale, StoreError};
pub use jobs::{ClaimRequest, ClaimedJob, JobState, QueueDepth};
pub use query::{
    AppointmentCursor, AppointmentFilter, CallCursor, CallDetail, CallFilter, CallRow, ConversationCursor,
    ConversationRow, FeedEntry, OptOutRow, TaskFilter, TotalsFilter, TotalsRow,
};
pub use retention::{Deleted, KEPT_HEADS, OldRows};
pub use snapshot::{
    Bookings, CallKey, CallSnapshot, Consent, MessageKey, SendCounts, TestCall, TestCallState, TextGuard, Thread,
};

use crate::appointments::Appointment;
use crate::business::{CalendarCopy, CalendarSync, Owner};
use crate::compliance::ledger::{Head, Sealed};
use crate::conversation::{CallerFlags, Message};
use crate::tasks::Task;
use crate::{AppointmentId, BusinessId, CallId, ConversationId, PhoneNumber, TestCallId, Timestamp};

/// The database of an installation. Released in lockstep with the core: its [`Change`] is exhaustive.
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync + 'static {
    // ---- load: from the primary, one consistent snapshot each -------------------------------------------------

    /// Who owns a number of ours. Absence is `Ok(None)`.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn owner_of(&self, dialled: &PhoneNumber) -> Result<Option<Arc<Owner>>, StoreError>;

    /// A business at its present version.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn owner(&self, business: BusinessId) -> Result<Option<Arc<Owner>>, StoreError>;

    /// What overrides the schedule for a caller; [`CallerFlags::NONE`] when there is no row.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn caller_flags(&self, business: BusinessId, phone: &PhoneNumber) -> Result<CallerFlags, StoreError>;

    /// A call and what hangs on it.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn call(&self, business: BusinessId, key: &CallKey) -> Result<Option<CallSnapshot>, StoreError>;

    /// Everything a decision about texting with one caller needs: contact, thread, its last 30 messages oldest first,
    /// consent, the one-text guard, counts at `now`, the latest call.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn thread(&self, business: BusinessId, phone: &PhoneNumber, now: Timestamp) -> Result<Thread, StoreError>;

    /// One message.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn message(&self, business: BusinessId, key: &MessageKey) -> Result<Option<Message>, StoreError>;

    /// Send claims on `phone`, installation-wide, that are neither settled nor expired by the store's clock.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn open_claims(&self, phone: &PhoneNumber) -> Result<u32, StoreError>;

    /// A forwarding test.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn test_call(&self, business: BusinessId, id: TestCallId) -> Result<Option<TestCall>, StoreError>;

    /// The newest forwarding test of a business.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn latest_test_call(&self, business: BusinessId) -> Result<Option<TestCall>, StoreError>;

    /// An appointment.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn appointment(&self, business: BusinessId, id: AppointmentId) -> Result<Option<Appointment>, StoreError>;

    /// What the business itself has put between two instants: appointments that start there, time that is closed there.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn bookings(&self, business: BusinessId, from: Timestamp, until: Timestamp) -> Result<Bookings, StoreError>;

    /// How far the calendar elsewhere was followed; nothing when it never was.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn calendar_sync(&self, business: BusinessId) -> Result<Option<CalendarSync>, StoreError>;
    /// What was last read of the calendars that are only read, by their identifiers.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn calendar_copies(&self, business: BusinessId) -> Result<Vec<CalendarCopy>, StoreError>;

    // ---- commit -----------------------------------------------------------------------------------------------

    /// Applies a commit, all or nothing. Dropping the future leaves either everything or nothing; which of the two is
    /// found out by committing again, since identifiers and keys make a repetition harmless.
    ///
    /// # Errors
    /// [`CommitError::Conflict`] when a precondition fails; then nothing was applied.
    /// [`CommitError::Unavailable`] when nothing was applied for want of a database.
    /// [`CommitError::AnswerLost`] when it may have been applied.
    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError>;

    // ---- jobs -------------------------------------------------------------------------------------------------

    /// Takes due jobs and jobs whose lease has expired, each under a new fence: those that are due longest first, of one
    /// instant in the order of their identifiers.
    ///
    /// # Errors
    /// When the database cannot be asked. Dropping the future may leave leases that expire by themselves.
    async fn claim_jobs(&self, request: &ClaimRequest) -> Result<Vec<ClaimedJob>, StoreError>;

    /// Hands the leases of a worker back, so that others need not wait for them to expire.
    ///
    /// # Errors
    /// When the database cannot be asked; the leases then expire.
    async fn release_jobs(&self, worker: &str) -> Result<u32, StoreError>;

    /// How many jobs there are by kind and state, in their order, and how late the oldest due one is.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn queue_depth(&self) -> Result<Vec<QueueDepth>, StoreError>;

    /// Businesses of the installation, ascending, after a given one: for chores that visit each.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn businesses(&self, after: Option<BusinessId>, limit: u32) -> Result<Vec<BusinessId>, StoreError>;

    // ---- query ------------------------------------------------------------------------------------------------

    /// Calls, newest first.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn calls(
        &self,
        business: BusinessId,
        filter: &CallFilter,
        after: Option<CallCursor>,
        limit: u32,
    ) -> Result<Vec<CallRow>, StoreError>;

    /// A call with its events, thread, messages and tasks.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn call_detail(&self, business: BusinessId, id: CallId) -> Result<Option<CallDetail>, StoreError>;

    /// Sums over local days by method and outcome, in their order. Equal to a recount at every instant, without scanning
    /// calls.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn totals(&self, business: BusinessId, filter: &TotalsFilter) -> Result<Vec<TotalsRow>, StoreError>;

    /// Threads, latest message first.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn conversations(
        &self,
        business: BusinessId,
        after: Option<ConversationCursor>,
        limit: u32,
    ) -> Result<Vec<ConversationRow>, StoreError>;

    /// One thread with its contact and its last `limit` messages, oldest first.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn conversation(
        &self,
        business: BusinessId,
        id: ConversationId,
        limit: u32,
    ) -> Result<Option<ConversationRow>, StoreError>;

    /// Tasks, oldest first.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn tasks(&self, business: BusinessId, filter: &TaskFilter, limit: u32) -> Result<Vec<Task>, StoreError>;

    /// One task.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn task(&self, business: BusinessId, id: crate::TaskId) -> Result<Option<Task>, StoreError>;

    /// Appointments by their start, earliest first.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn appointments(
        &self,
        business: BusinessId,
        filter: &AppointmentFilter,
        after: Option<AppointmentCursor>,
        limit: u32,
    ) -> Result<Vec<Appointment>, StoreError>;

    /// Feed entries after a position, in order. An entry that becomes visible later has a higher position.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn feed(&self, business: BusinessId, after: u64, limit: u32) -> Result<Vec<FeedEntry>, StoreError>;

    /// The newest position of each business's feed; 0 when it is empty.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn feed_heads(&self, businesses: &[BusinessId]) -> Result<Vec<(BusinessId, u64)>, StoreError>;

    /// Opt-outs, newest first.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn opt_outs(&self, business: BusinessId, limit: u32) -> Result<Vec<OptOutRow>, StoreError>;

    /// Consent ledger entries after a sequence number, in order.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn ledger(&self, business: BusinessId, after: u64, limit: u32) -> Result<Vec<Sealed>, StoreError>;

    /// Length and head of the consent ledger; nothing when it is empty.
    ///
    /// # Errors
    /// When the database cannot be asked.
    async fn ledger_head(&self, business: BusinessId) -> Result<Option<Head>, StoreError>;

    /// Deletes a few rows that are old enough: one bounded step, to be repeated while there may be
    /// [more](Deleted::more). Never touches what proves consent.
    ///
    /// # Errors
    /// When the database cannot be asked. Dropping the future leaves whole rows.
    async fn delete_old(&self, business: BusinessId, old: &OldRows) -> Result<Deleted, StoreError>;

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    async fn ping(&self) -> Result<(), StoreError>;
}
