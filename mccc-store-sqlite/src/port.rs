//! The port, method by method.

use std::sync::Arc;

use async_trait::async_trait;
use mccc_core::appointments::Appointment;
use mccc_core::business::{CalendarCopy, CalendarSync, Owner};
use mccc_core::compliance::ledger::{Head, Sealed};
use mccc_core::conversation::{CallerFlags, Message};
use mccc_core::port::Store;
use mccc_core::port::store::{
    AppointmentCursor, AppointmentFilter, Bookings, CallCursor, CallDetail, CallFilter, CallKey, CallRow, CallSnapshot,
    ClaimRequest, ClaimedJob, Commit, CommitError, Committed, ConversationCursor, ConversationRow, Deleted, FeedEntry,
    MessageKey, OldRows, OptOutRow, QueueDepth, StoreError, TaskFilter, TestCall, Thread, TotalsFilter, TotalsRow,
};
use mccc_core::tasks::Task;
use mccc_core::{AppointmentId, BusinessId, CallId, ConversationId, PhoneNumber, TaskId, TestCallId, Timestamp};

use crate::error::At;
use crate::store::SqliteStore;

#[async_trait]
impl Store for SqliteStore {
    async fn owner_of(&self, dialled: &PhoneNumber) -> Result<Option<Arc<Owner>>, StoreError> {
        self.load_owner_of(dialled).await
    }

    async fn owner(&self, business: BusinessId) -> Result<Option<Arc<Owner>>, StoreError> {
        self.load_owner(business).await
    }

    async fn caller_flags(&self, business: BusinessId, phone: &PhoneNumber) -> Result<CallerFlags, StoreError> {
        self.load_caller_flags(business, phone).await
    }

    async fn call(&self, business: BusinessId, key: &CallKey) -> Result<Option<CallSnapshot>, StoreError> {
        self.load_call(business, key).await
    }

    async fn thread(&self, business: BusinessId, phone: &PhoneNumber, now: Timestamp) -> Result<Thread, StoreError> {
        self.load_thread(business, phone, now).await
    }

    async fn message(&self, business: BusinessId, key: &MessageKey) -> Result<Option<Message>, StoreError> {
        self.load_message(business, key).await
    }

    async fn open_claims(&self, phone: &PhoneNumber) -> Result<u32, StoreError> {
        self.count_open_claims(phone).await
    }

    async fn test_call(&self, business: BusinessId, id: TestCallId) -> Result<Option<TestCall>, StoreError> {
        self.load_test(business, Some(id)).await
    }

    async fn latest_test_call(&self, business: BusinessId) -> Result<Option<TestCall>, StoreError> {
        self.load_test(business, None).await
    }

    async fn appointment(&self, business: BusinessId, id: AppointmentId) -> Result<Option<Appointment>, StoreError> {
        self.load_appointment(business, id).await
    }

    async fn calendar_sync(&self, business: BusinessId) -> Result<Option<CalendarSync>, StoreError> {
        self.load_calendar_sync(business).await
    }

    async fn calendar_copies(&self, business: BusinessId) -> Result<Vec<CalendarCopy>, StoreError> {
        self.load_calendar_copies(business).await
    }

    async fn bookings(&self, business: BusinessId, from: Timestamp, until: Timestamp) -> Result<Bookings, StoreError> {
        self.load_bookings(business, from, until).await
    }

    async fn appointments(
        &self,
        business: BusinessId,
        filter: &AppointmentFilter,
        after: Option<AppointmentCursor>,
        limit: u32,
    ) -> Result<Vec<Appointment>, StoreError> {
        self.list_appointments(business, filter, after, limit).await
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        self.commit_grouped(commit).await
    }

    async fn claim_jobs(&self, request: &ClaimRequest) -> Result<Vec<ClaimedJob>, StoreError> {
        self.claim(request).await
    }

    async fn release_jobs(&self, worker: &str) -> Result<u32, StoreError> {
        self.release(worker).await
    }

    async fn delete_old(&self, business: BusinessId, old: &OldRows) -> Result<Deleted, StoreError> {
        self.delete_some(business, old).await
    }

    async fn queue_depth(&self) -> Result<Vec<QueueDepth>, StoreError> {
        self.depth().await
    }

    async fn businesses(&self, after: Option<BusinessId>, limit: u32) -> Result<Vec<BusinessId>, StoreError> {
        self.list_businesses(after, limit).await
    }

    async fn calls(
        &self,
        business: BusinessId,
        filter: &CallFilter,
        after: Option<CallCursor>,
        limit: u32,
    ) -> Result<Vec<CallRow>, StoreError> {
        self.list_calls(business, filter, after, limit).await
    }

    async fn call_detail(&self, business: BusinessId, id: CallId) -> Result<Option<CallDetail>, StoreError> {
        self.read_call_detail(business, id).await
    }

    async fn totals(&self, business: BusinessId, filter: &TotalsFilter) -> Result<Vec<TotalsRow>, StoreError> {
        self.read_totals(business, filter).await
    }

    async fn conversations(
        &self,
        business: BusinessId,
        after: Option<ConversationCursor>,
        limit: u32,
    ) -> Result<Vec<ConversationRow>, StoreError> {
        self.list_conversations(business, after, limit).await
    }

    async fn conversation(
        &self,
        business: BusinessId,
        id: ConversationId,
        limit: u32,
    ) -> Result<Option<ConversationRow>, StoreError> {
        self.read_conversation_page(business, id, limit).await
    }

    async fn tasks(&self, business: BusinessId, filter: &TaskFilter, limit: u32) -> Result<Vec<Task>, StoreError> {
        self.list_tasks(business, *filter, limit).await
    }

    async fn task(&self, business: BusinessId, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.read_task(business, id).await
    }

    async fn feed(&self, business: BusinessId, after: u64, limit: u32) -> Result<Vec<FeedEntry>, StoreError> {
        self.read_feed(business, after, limit).await
    }

    async fn feed_heads(&self, businesses: &[BusinessId]) -> Result<Vec<(BusinessId, u64)>, StoreError> {
        self.read_feed_heads(businesses).await
    }

    async fn opt_outs(&self, business: BusinessId, limit: u32) -> Result<Vec<OptOutRow>, StoreError> {
        self.list_opt_outs(business, limit).await
    }

    async fn ledger(&self, business: BusinessId, after: u64, limit: u32) -> Result<Vec<Sealed>, StoreError> {
        self.read_ledger(business, after, limit).await
    }

    async fn ledger_head(&self, business: BusinessId) -> Result<Option<Head>, StoreError> {
        self.read_ledger_head(business).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT settings_version FROM businesses LIMIT 1")
            .fetch_optional(&mut *self.reader().await?)
            .await
            .map(drop)
            .at("businesses")
    }
}
