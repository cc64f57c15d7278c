//! The store of the simulation: the real one behind interleaving points, lost answers and outages.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;

use super::executor::{Dice, step_aside};
use super::sabotage::Sabotage;
use crate::business::Owner;
use crate::compliance::ledger::{Head, Sealed};
use crate::conversation::{CallerFlags, Message};
use crate::port::Store;
use crate::port::store::{
    CallCursor, CallDetail, CallFilter, CallKey, CallRow, CallSnapshot, ClaimRequest, ClaimedJob, Commit, CommitError,
    Committed, ConversationCursor, ConversationRow, FeedEntry, MessageKey, OptOutRow, QueueDepth, StoreError,
    TaskFilter, TestCall, Thread, TotalsFilter, TotalsRow,
};
use crate::tasks::Task;
use crate::{BusinessId, CallId, ConversationId, PhoneNumber, TestCallId, Timestamp};

/// A node's way to the store.
#[derive(Debug)]
pub(super) struct SimStore {
    pub(super) inner: Arc<dyn Store>,
    pub(super) dice: Arc<Dice>,
    /// One call in this many finds the database away; 0 means none.
    pub(super) outages: u64,
    /// One commit in this many loses its answer; 0 means none.
    pub(super) lost_answers: u64,
    /// No more faults: the run is settling.
    pub(super) calm: Arc<AtomicBool>,
    pub(super) sabotage: Option<Sabotage>,
}

impl SimStore {
    fn faulty(&self, one_in: u64) -> bool {
        one_in > 0 && !self.calm.load(Ordering::Relaxed) && self.dice.once_in(one_in)
    }

    fn before(&self) -> Result<(), StoreError> {
        if self.faulty(self.outages) {
            return Err(StoreError::unavailable("the simulated database is away"));
        }
        Ok(())
    }
}

#[async_trait]
impl Store for SimStore {
    async fn commit(&self, mut commit: Commit) -> Result<Committed, CommitError> {
        self.before()?;
        step_aside().await;
        if let Some(sabotage) = self.sabotage {
            if sabotage.swallows(&commit) {
                return Ok(Committed::default());
            }
            sabotage.plant(&mut commit);
        }
        let answer = self.inner.commit(commit).await;
        step_aside().await;
        if answer.is_ok() && self.faulty(self.lost_answers) {
            return Err(CommitError::AnswerLost);
        }
        answer
    }

    async fn owner_of(&self, dialled: &PhoneNumber) -> Result<Option<Arc<Owner>>, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.owner_of(dialled).await;
        step_aside().await;
        answer
    }

    async fn owner(&self, business: BusinessId) -> Result<Option<Arc<Owner>>, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.owner(business).await;
        step_aside().await;
        answer
    }

    async fn caller_flags(&self, business: BusinessId, phone: &PhoneNumber) -> Result<CallerFlags, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.caller_flags(business, phone).await;
        step_aside().await;
        answer
    }

    async fn call(&self, business: BusinessId, key: &CallKey) -> Result<Option<CallSnapshot>, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.call(business, key).await;
        step_aside().await;
        answer
    }

    async fn thread(&self, business: BusinessId, phone: &PhoneNumber, now: Timestamp) -> Result<Thread, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.thread(business, phone, now).await;
        step_aside().await;
        answer
    }

    async fn message(&self, business: BusinessId, key: &MessageKey) -> Result<Option<Message>, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.message(business, key).await;
        step_aside().await;
        answer
    }

    async fn open_claims(&self, phone: &PhoneNumber) -> Result<u32, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.open_claims(phone).await;
        step_aside().await;
        answer
    }

    async fn test_call(&self, business: BusinessId, id: TestCallId) -> Result<Option<TestCall>, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.test_call(business, id).await;
        step_aside().await;
        answer
    }

    async fn latest_test_call(&self, business: BusinessId) -> Result<Option<TestCall>, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.latest_test_call(business).await;
        step_aside().await;
        answer
    }

    async fn claim_jobs(&self, request: &ClaimRequest) -> Result<Vec<ClaimedJob>, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.claim_jobs(request).await;
        step_aside().await;
        answer
    }

    async fn release_jobs(&self, worker: &str) -> Result<u32, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.release_jobs(worker).await;
        step_aside().await;
        answer
    }

    async fn queue_depth(&self) -> Result<Vec<QueueDepth>, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.queue_depth().await;
        step_aside().await;
        answer
    }

    async fn businesses(&self, after: Option<BusinessId>, limit: u32) -> Result<Vec<BusinessId>, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.businesses(after, limit).await;
        step_aside().await;
        answer
    }

    async fn calls(
        &self,
        business: BusinessId,
        filter: &CallFilter,
        after: Option<CallCursor>,
        limit: u32,
    ) -> Result<Vec<CallRow>, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.calls(business, filter, after, limit).await;
        step_aside().await;
        answer
    }

    async fn call_detail(&self, business: BusinessId, id: CallId) -> Result<Option<CallDetail>, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.call_detail(business, id).await;
        step_aside().await;
        answer
    }

    async fn totals(&self, business: BusinessId, filter: &TotalsFilter) -> Result<Vec<TotalsRow>, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.totals(business, filter).await;
        step_aside().await;
        answer
    }

    async fn conversations(
        &self,
        business: BusinessId,
        after: Option<ConversationCursor>,
        limit: u32,
    ) -> Result<Vec<ConversationRow>, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.conversations(business, after, limit).await;
        step_aside().await;
        answer
    }

    async fn conversation(
        &self,
        business: BusinessId,
        id: ConversationId,
        limit: u32,
    ) -> Result<Option<ConversationRow>, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.conversation(business, id, limit).await;
        step_aside().await;
        answer
    }

    async fn tasks(&self, business: BusinessId, filter: &TaskFilter, limit: u32) -> Result<Vec<Task>, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.tasks(business, filter, limit).await;
        step_aside().await;
        answer
    }

    async fn task(&self, business: BusinessId, id: crate::TaskId) -> Result<Option<Task>, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.task(business, id).await;
        step_aside().await;
        answer
    }

    async fn feed(&self, business: BusinessId, after: u64, limit: u32) -> Result<Vec<FeedEntry>, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.feed(business, after, limit).await;
        step_aside().await;
        answer
    }

    async fn feed_heads(&self, businesses: &[BusinessId]) -> Result<Vec<(BusinessId, u64)>, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.feed_heads(businesses).await;
        step_aside().await;
        answer
    }

    async fn opt_outs(&self, business: BusinessId, limit: u32) -> Result<Vec<OptOutRow>, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.opt_outs(business, limit).await;
        step_aside().await;
        answer
    }

    async fn ledger(&self, business: BusinessId, after: u64, limit: u32) -> Result<Vec<Sealed>, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.ledger(business, after, limit).await;
        step_aside().await;
        answer
    }

    async fn ledger_head(&self, business: BusinessId) -> Result<Option<Head>, StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.ledger_head(business).await;
        step_aside().await;
        answer
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.before()?;
        step_aside().await;
        let answer = self.inner.ping().await;
        step_aside().await;
        answer
    }
}
