//! The core's traits, method by method.

use std::sync::Arc;

use async_trait::async_trait;
use mccc_core::appointments::Appointment;
use mccc_core::business::{CalendarCopy, CalendarSync, Owner};
use mccc_core::compliance::ledger::{Head, Sealed};
use mccc_core::conversation::{CallerFlags, Message};
use mccc_core::port::store::{
    Accounts, ApiKey, AppointmentCursor, AppointmentFilter, Bookings, CallCursor, CallDetail, CallFilter, CallKey,
    CallRow, CallSnapshot, ClaimRequest, ClaimedJob, Commit, CommitError, Committed, ConversationCursor,
    ConversationRow, Deleted, FeedEntry, Grouping, Membership, MessageKey, OldRows, OptOutRow, QueueDepth, Session,
    Store, StoreError, StoredResponse, TaskFilter, TestCall, Thread, TotalsFilter, TotalsRow, User,
};
use mccc_core::tasks::Task;
use mccc_core::{
    ApiKeyId, AppointmentId, BusinessId, CallId, ConversationId, PhoneNumber, TaskId, TestCallId, Timestamp, UserId,
};

use crate::PostgresStore;

#[async_trait]
impl Store for PostgresStore {
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
        match commit.grouping {
            Grouping::Intake => self.commit_grouped(commit).await,
            Grouping::Alone => self.commit_alone(&commit).await,
        }
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
        self.load_detail(business, id).await
    }

    async fn totals(&self, business: BusinessId, filter: &TotalsFilter) -> Result<Vec<TotalsRow>, StoreError> {
        self.sum_totals(business, filter).await
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
        self.load_conversation(business, id, limit).await
    }

    async fn tasks(&self, business: BusinessId, filter: &TaskFilter, limit: u32) -> Result<Vec<Task>, StoreError> {
        self.list_tasks(business, *filter, limit).await
    }

    async fn task(&self, business: BusinessId, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.load_task(business, id).await
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
        self.answer().await
    }
}

#[async_trait]
impl Accounts for PostgresStore {
    async fn add_user(&self, user: &User) -> Result<bool, StoreError> {
        self.insert_user(user).await
    }

    async fn set_password(&self, user: UserId, password_hash: &str) -> Result<(), StoreError> {
        self.replace_password(user, password_hash).await
    }

    async fn user_by_email(&self, email: &str) -> Result<Option<User>, StoreError> {
        self.find_user(None, Some(email)).await
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.find_user(Some(id), None).await
    }

    async fn user_count(&self) -> Result<u64, StoreError> {
        self.count_users().await
    }

    async fn put_membership(&self, membership: &Membership) -> Result<(), StoreError> {
        self.upsert_membership(membership).await
    }

    async fn memberships(&self, user: UserId) -> Result<Vec<Membership>, StoreError> {
        self.list_memberships(user).await
    }

    async fn add_session(&self, session: &Session) -> Result<(), StoreError> {
        self.insert_session(session).await
    }

    async fn session(&self, token_hash: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        self.find_session(token_hash).await
    }

    async fn take_session(&self, token_hash: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        self.remove_one_time(token_hash).await
    }

    async fn end_session(&self, token_hash: &[u8; 32]) -> Result<(), StoreError> {
        self.remove_session(token_hash).await
    }

    async fn add_api_key(&self, key: &ApiKey) -> Result<(), StoreError> {
        self.insert_api_key(key).await
    }

    async fn api_key(&self, key_hash: &[u8; 32]) -> Result<Option<ApiKey>, StoreError> {
        self.find_api_key(key_hash).await
    }

    async fn api_keys(&self, business: BusinessId) -> Result<Vec<ApiKey>, StoreError> {
        self.list_api_keys(business).await
    }

    async fn revoke_api_key(&self, business: BusinessId, id: ApiKeyId, at: Timestamp) -> Result<(), StoreError> {
        self.end_api_key(business, id, at).await
    }

    async fn remembered(&self, business: BusinessId, key: &str) -> Result<Option<StoredResponse>, StoreError> {
        self.find_response(business, key).await
    }

    async fn remember(&self, business: BusinessId, response: &StoredResponse) -> Result<(), StoreError> {
        self.insert_response(business, response).await
    }

    async fn secret(&self, business: BusinessId, field: &str) -> Result<Option<String>, StoreError> {
        self.find_secret(business, field).await
    }

    async fn prune(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.prune_old(now).await
    }
}
