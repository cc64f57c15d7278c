//! The store of the simulation: the real one behind interleaving points, lost answers and outages.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::executor::{Dice, Time, VirtualTimer, step_aside};
use super::sabotage::Sabotage;
use super::tally::{Happening, Tally};
use crate::appointments::Appointment;
use crate::business::{CalendarCopy, CalendarSync, Owner};
use crate::compliance::ledger::{Head, Sealed};
use crate::conversation::{CallerFlags, Message};
use crate::port::store::{
    AppointmentCursor, AppointmentFilter, Bookings, CallCursor, CallDetail, CallFilter, CallKey, CallRow, CallSnapshot,
    ClaimRequest, ClaimedJob, Commit, CommitError, Committed, ConversationCursor, ConversationRow, Deleted, FeedEntry,
    JobResult, MessageKey, OldRows, OptOutRow, QueueDepth, StoreError, TaskFilter, TestCall, Thread, TotalsFilter,
    TotalsRow,
};
use crate::port::{Clock as _, Store, Timer as _};
use crate::tasks::Task;
use crate::{AppointmentId, BusinessId, CallId, ConversationId, JobId, PhoneNumber, TestCallId, Timestamp};

/// What is wrong with one node's surroundings at the moment.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    /// Until when its database is away, in microseconds.
    pub(super) away_until: AtomicI64,
    /// Until when its database is slow, in microseconds.
    pub(super) slow_until: AtomicI64,
    /// How far its clock is ahead, in microseconds; behind when negative.
    pub(super) ahead: AtomicI64,
}

/// A node's way to the store.
#[derive(Debug)]
pub(super) struct SimStore {
    pub(super) inner: Arc<dyn Store>,
    pub(super) dice: Arc<Dice>,
    pub(super) time: Arc<Time>,
    pub(super) trouble: Arc<Trouble>,
    pub(super) tally: Arc<Tally>,
    /// Commits that were given up on and are still on their way.
    pub(super) late: Arc<Mutex<Vec<Commit>>>,
    /// One call in this many finds the database away; 0 means none.
    pub(super) outages: u64,
    /// One commit in this many loses its answer; 0 means none.
    pub(super) lost_answers: u64,
    /// No more faults: the run is settling.
    pub(super) calm: Arc<AtomicBool>,
    pub(super) sabotage: Option<Sabotage>,
}

impl SimStore {
    fn is_calm(&self) -> bool {
        self.calm.load(Ordering::Relaxed)
    }

    fn faulty(&self, one_in: u64) -> bool {
        one_in > 0 && !self.is_calm() && self.dice.once_in(one_in)
    }

    async fn before(&self) -> Result<(), StoreError> {
        let now = self.time.now().as_micros();
        if !self.is_calm() && self.trouble.slow_until.load(Ordering::Relaxed) > now {
            self.tally.note(Happening::DatabaseSlow);
            let wait = Duration::from_millis(200 + self.dice.below(2_500));
            VirtualTimer(Arc::clone(&self.time)).sleep(wait).await;
        }
        let away = !self.is_calm() && self.trouble.away_until.load(Ordering::Relaxed) > now;
        if away || self.faulty(self.outages) {
            self.tally.note(Happening::DatabaseAway);
            return Err(StoreError::unavailable("the simulated database is away"));
        }
        step_aside().await;
        Ok(())
    }

    async fn read<T>(&self, answer: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        self.before().await?;
        let answer = answer.await;
        self.tally.loaded();
        step_aside().await;
        answer
    }

    /// The commit is on its way when its node stops waiting for it.
    async fn give_up_on(&self, commit: Commit) -> CommitError {
        self.late.lock().unwrap_or_else(PoisonError::into_inner).push(commit);
        let wait = Duration::from_millis(500 + self.dice.below(3_000));
        VirtualTimer(Arc::clone(&self.time)).sleep(wait).await;
        CommitError::AnswerLost
    }
}

#[async_trait]
impl Store for SimStore {
    async fn commit(&self, mut commit: Commit) -> Result<Committed, CommitError> {
        self.before().await?;
        if let Some(sabotage) = self.sabotage {
            if sabotage.swallows(&commit) {
                return Ok(Committed::default());
            }
            sabotage.plant(&mut commit);
        }
        if self.faulty(self.lost_answers) {
            if self.dice.once_in(2) {
                return Err(self.give_up_on(commit).await);
            }
            self.tally.note(Happening::LostBefore);
            return Err(CommitError::AnswerLost);
        }
        let ended = ended_job(&commit);
        let answer = self.inner.commit(commit).await;
        match &answer {
            Ok(_) => self.tally.applied(ended),
            Err(CommitError::Conflict(conflict)) => self.tally.note_conflict(conflict),
            Err(CommitError::Unavailable(_) | CommitError::AnswerLost) => {}
        }
        step_aside().await;
        if answer.is_ok() && self.faulty(self.lost_answers) {
            self.tally.note(Happening::LostAfter);
            return Err(CommitError::AnswerLost);
        }
        answer
    }

    async fn owner_of(&self, dialled: &PhoneNumber) -> Result<Option<Arc<Owner>>, StoreError> {
        self.read(self.inner.owner_of(dialled)).await
    }

    async fn owner(&self, business: BusinessId) -> Result<Option<Arc<Owner>>, StoreError> {
        self.read(self.inner.owner(business)).await
    }

    async fn caller_flags(&self, business: BusinessId, phone: &PhoneNumber) -> Result<CallerFlags, StoreError> {
        self.read(self.inner.caller_flags(business, phone)).await
    }

    async fn call(&self, business: BusinessId, key: &CallKey) -> Result<Option<CallSnapshot>, StoreError> {
        self.read(self.inner.call(business, key)).await
    }

    async fn thread(&self, business: BusinessId, phone: &PhoneNumber, now: Timestamp) -> Result<Thread, StoreError> {
        self.read(self.inner.thread(business, phone, now)).await
    }

    async fn message(&self, business: BusinessId, key: &MessageKey) -> Result<Option<Message>, StoreError> {
        self.read(self.inner.message(business, key)).await
    }

    async fn open_claims(&self, phone: &PhoneNumber) -> Result<u32, StoreError> {
        let open = self.read(self.inner.open_claims(phone)).await?;
        if open > 0 {
            self.tally.note(Happening::StopWaited);
        }
        Ok(open)
    }

    async fn test_call(&self, business: BusinessId, id: TestCallId) -> Result<Option<TestCall>, StoreError> {
        self.read(self.inner.test_call(business, id)).await
    }

    async fn latest_test_call(&self, business: BusinessId) -> Result<Option<TestCall>, StoreError> {
        self.read(self.inner.latest_test_call(business)).await
    }

    async fn appointment(&self, business: BusinessId, id: AppointmentId) -> Result<Option<Appointment>, StoreError> {
        self.read(self.inner.appointment(business, id)).await
    }

    async fn bookings(&self, business: BusinessId, from: Timestamp, until: Timestamp) -> Result<Bookings, StoreError> {
        self.read(self.inner.bookings(business, from, until)).await
    }

    async fn calendar_sync(&self, business: BusinessId) -> Result<Option<CalendarSync>, StoreError> {
        self.read(self.inner.calendar_sync(business)).await
    }

    async fn calendar_copies(&self, business: BusinessId) -> Result<Vec<CalendarCopy>, StoreError> {
        self.read(self.inner.calendar_copies(business)).await
    }

    async fn appointments(
        &self,
        business: BusinessId,
        filter: &AppointmentFilter,
        after: Option<AppointmentCursor>,
        limit: u32,
    ) -> Result<Vec<Appointment>, StoreError> {
        self.read(self.inner.appointments(business, filter, after, limit)).await
    }

    async fn claim_jobs(&self, request: &ClaimRequest) -> Result<Vec<ClaimedJob>, StoreError> {
        let _together = self.tally.claiming();
        let jobs = self.read(self.inner.claim_jobs(request)).await?;
        for job in &jobs {
            self.tally.leased(job.id);
        }
        Ok(jobs)
    }

    async fn release_jobs(&self, worker: &str) -> Result<u32, StoreError> {
        self.read(self.inner.release_jobs(worker)).await
    }

    async fn delete_old(&self, business: BusinessId, old: &OldRows) -> Result<Deleted, StoreError> {
        self.read(self.inner.delete_old(business, old)).await
    }

    async fn queue_depth(&self) -> Result<Vec<QueueDepth>, StoreError> {
        self.read(self.inner.queue_depth()).await
    }

    async fn businesses(&self, after: Option<BusinessId>, limit: u32) -> Result<Vec<BusinessId>, StoreError> {
        self.read(self.inner.businesses(after, limit)).await
    }

    async fn calls(
        &self,
        business: BusinessId,
        filter: &CallFilter,
        after: Option<CallCursor>,
        limit: u32,
    ) -> Result<Vec<CallRow>, StoreError> {
        self.read(self.inner.calls(business, filter, after, limit)).await
    }

    async fn call_detail(&self, business: BusinessId, id: CallId) -> Result<Option<CallDetail>, StoreError> {
        self.read(self.inner.call_detail(business, id)).await
    }

    async fn totals(&self, business: BusinessId, filter: &TotalsFilter) -> Result<Vec<TotalsRow>, StoreError> {
        self.read(self.inner.totals(business, filter)).await
    }

    async fn conversations(
        &self,
        business: BusinessId,
        after: Option<ConversationCursor>,
        limit: u32,
    ) -> Result<Vec<ConversationRow>, StoreError> {
        self.read(self.inner.conversations(business, after, limit)).await
    }

    async fn conversation(
        &self,
        business: BusinessId,
        id: ConversationId,
        limit: u32,
    ) -> Result<Option<ConversationRow>, StoreError> {
        self.read(self.inner.conversation(business, id, limit)).await
    }

    async fn tasks(&self, business: BusinessId, filter: &TaskFilter, limit: u32) -> Result<Vec<Task>, StoreError> {
        self.read(self.inner.tasks(business, filter, limit)).await
    }

    async fn task(&self, business: BusinessId, id: crate::TaskId) -> Result<Option<Task>, StoreError> {
        self.read(self.inner.task(business, id)).await
    }

    async fn feed(&self, business: BusinessId, after: u64, limit: u32) -> Result<Vec<FeedEntry>, StoreError> {
        self.read(self.inner.feed(business, after, limit)).await
    }

    async fn feed_heads(&self, businesses: &[BusinessId]) -> Result<Vec<(BusinessId, u64)>, StoreError> {
        self.read(self.inner.feed_heads(businesses)).await
    }

    async fn opt_outs(&self, business: BusinessId, limit: u32) -> Result<Vec<OptOutRow>, StoreError> {
        self.read(self.inner.opt_outs(business, limit)).await
    }

    async fn ledger(&self, business: BusinessId, after: u64, limit: u32) -> Result<Vec<Sealed>, StoreError> {
        self.read(self.inner.ledger(business, after, limit)).await
    }

    async fn ledger_head(&self, business: BusinessId) -> Result<Option<Head>, StoreError> {
        self.read(self.inner.ledger_head(business)).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.read(self.inner.ping()).await
    }
}

/// The job that this commit ends or puts back.
pub(super) fn ended_job(commit: &Commit) -> Option<JobId> {
    match &commit.job {
        Some((fence, JobResult::Done | JobResult::Again { .. } | JobResult::Dead { .. })) => Some(fence.job),
        Some((_, JobResult::StillRunning)) | None => None,
    }
}
