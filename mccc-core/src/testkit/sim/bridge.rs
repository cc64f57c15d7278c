//! Stores that really wait, in a simulation whose time is its own.
//!
//! [`Way::InTurn`] carries each operation to its end the moment it is begun: the seed alone decides the order, so a run
//! repeats. [`Way::AtOnce`] lets operations of all tasks be under way together, and drops them halfway when their node
//! dies: such a run does not repeat, and the promises have to hold all the same.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use async_trait::async_trait;
use tokio::runtime::Runtime;

use crate::appointments::Appointment;
use crate::business::{CalendarCopy, CalendarSync, Owner};
use crate::compliance::ledger::{Head, Sealed};
use crate::conversation::{CallerFlags, Message};
use crate::port::Store;
use crate::port::store::{
    AppointmentCursor, AppointmentFilter, Bookings, CallCursor, CallDetail, CallFilter, CallKey, CallRow, CallSnapshot,
    ClaimRequest, ClaimedJob, Commit, CommitError, Committed, ConversationCursor, ConversationRow, Deleted, FeedEntry,
    MessageKey, OldRows, OptOutRow, QueueDepth, StoreError, TaskFilter, TestCall, Thread, TotalsFilter, TotalsRow,
};
use crate::tasks::Task;
use crate::{AppointmentId, BusinessId, CallId, ConversationId, PhoneNumber, TaskId, TestCallId, Timestamp};

/// How operations that really wait are brought into a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// One after the other, each to its end.
    InTurn,
    /// Together, as they come. Needs a runtime with a thread of its own.
    AtOnce,
}

/// The way between a run and the runtime on which its stores wait.
pub(super) struct Bridge {
    pub(super) runtime: Arc<Runtime>,
    way: Way,
    /// Operations that were begun and have not ended.
    flying: AtomicUsize,
    /// Nothing new is begun and nothing that ended is told, so that what is under way can come to an end.
    held: AtomicBool,
    signal: Arc<Signal>,
    /// A store in memory that is asked and told the same.
    twin: Option<Arc<dyn Store>>,
    difference: Mutex<Option<String>>,
}

/// Says that some operation can go on.
#[derive(Debug, Default)]
struct Signal {
    raised: Mutex<bool>,
    told: Condvar,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        *self.raised.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.told.notify_one();
    }
}

impl fmt::Debug for Bridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bridge").field("way", &self.way).finish_non_exhaustive()
    }
}

impl Bridge {
    pub(super) fn new(runtime: Arc<Runtime>, way: Way, twin: Option<Arc<dyn Store>>) -> Arc<Self> {
        Arc::new(Self {
            runtime,
            way,
            flying: AtomicUsize::new(0),
            held: AtomicBool::new(false),
            signal: Arc::default(),
            twin,
            difference: Mutex::default(),
        })
    }

    /// Where a store first answered otherwise than its twin.
    pub(super) fn difference(&self) -> MutexGuard<'_, Option<String>> {
        self.difference.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_at_once(&self) -> bool {
        self.way == Way::AtOnce
    }

    /// Whether operations are under way.
    pub(super) fn is_flying(&self) -> bool {
        self.flying.load(Ordering::Relaxed) > 0
    }

    /// Holds operations, or lets them go, until the answer is dropped.
    pub(super) fn hold(&self, held: bool) -> Hold<'_> {
        Hold {
            bridge: self,
            before: self.held.swap(held, Ordering::Relaxed),
        }
    }

    /// Waits in real time until some operation can go on, or for `most`.
    pub(super) fn wait(&self, most: Duration) {
        let raised = self.signal.raised.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.signal.told.wait_timeout_while(raised, most, |raised| !*raised);
        let (mut raised, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *raised = false;
    }

    async fn cross<T>(&self, operation: impl Future<Output = T> + Send) -> T {
        match self.way {
            Way::InTurn => self.runtime.block_on(operation),
            Way::AtOnce => {
                Flight {
                    bridge: self,
                    operation: Box::pin(operation),
                    begun: false,
                    answer: None,
                }
                .await
            }
        }
    }
}

/// Puts back what was held before.
#[derive(Debug)]
pub(super) struct Hold<'a> {
    bridge: &'a Bridge,
    before: bool,
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        self.bridge.held.store(self.before, Ordering::Relaxed);
    }
}

/// One operation under way.
struct Flight<'a, T> {
    bridge: &'a Bridge,
    operation: Pin<Box<dyn Future<Output = T> + Send + 'a>>,
    begun: bool,
    answer: Option<T>,
}

// The answer is moved in and out whole; nothing ever points into it.
impl<T> Unpin for Flight<'_, T> {}

impl<T> Future for Flight<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<T> {
        let held = self.bridge.held.load(Ordering::Relaxed);
        if self.answer.is_none() && (self.begun || !held) {
            if !self.begun {
                self.begun = true;
                self.bridge.flying.fetch_add(1, Ordering::Relaxed);
            }
            let waker = Waker::from(Arc::clone(&self.bridge.signal));
            let _inside = self.bridge.runtime.enter();
            if let Poll::Ready(answer) = self.operation.as_mut().poll(&mut Context::from_waker(&waker)) {
                self.bridge.flying.fetch_sub(1, Ordering::Relaxed);
                self.answer = Some(answer);
            }
        }
        if held {
            return Poll::Pending;
        }
        match self.answer.take() {
            Some(answer) => {
                self.begun = false;
                Poll::Ready(answer)
            }
            None => Poll::Pending,
        }
    }
}

impl<T> Drop for Flight<'_, T> {
    fn drop(&mut self) {
        if self.begun && self.answer.is_none() {
            self.bridge.flying.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// A store on the other side of a bridge.
#[derive(Debug)]
pub(super) struct Bridged {
    pub(super) inner: Arc<dyn Store>,
    pub(super) bridge: Arc<Bridge>,
}

impl Bridged {
    fn twin(&self) -> Option<&Arc<dyn Store>> {
        self.bridge.twin.as_ref()
    }

    /// Carries an operation across, and notes the first answer that is not the twin's.
    async fn cross<T: fmt::Debug>(
        &self,
        what: &str,
        operation: impl Future<Output = T> + Send,
        same: Option<impl Future<Output = T> + Send>,
    ) -> T {
        let answer = self.bridge.cross(operation).await;
        if let Some(same) = same {
            let expected = format!("{:?}", same.await);
            let found = format!("{answer:?}");
            if found != expected {
                self.bridge.difference().get_or_insert_with(|| {
                    format!("{what} was answered otherwise than in memory:\n  found    {found}\n  expected {expected}")
                });
            }
        }
        answer
    }
}

#[async_trait]
impl Store for Bridged {
    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        let same = self.twin().map(|twin| twin.commit(commit.clone()));
        self.cross("commit", self.inner.commit(commit), same).await
    }

    async fn owner_of(&self, dialled: &PhoneNumber) -> Result<Option<Arc<Owner>>, StoreError> {
        let same = self.twin().map(|twin| twin.owner_of(dialled));
        self.cross("owner_of", self.inner.owner_of(dialled), same).await
    }

    async fn owner(&self, business: BusinessId) -> Result<Option<Arc<Owner>>, StoreError> {
        let same = self.twin().map(|twin| twin.owner(business));
        self.cross("owner", self.inner.owner(business), same).await
    }

    async fn caller_flags(&self, business: BusinessId, phone: &PhoneNumber) -> Result<CallerFlags, StoreError> {
        let same = self.twin().map(|twin| twin.caller_flags(business, phone));
        self.cross("caller_flags", self.inner.caller_flags(business, phone), same)
            .await
    }

    async fn call(&self, business: BusinessId, key: &CallKey) -> Result<Option<CallSnapshot>, StoreError> {
        let same = self.twin().map(|twin| twin.call(business, key));
        self.cross("call", self.inner.call(business, key), same).await
    }

    async fn thread(&self, business: BusinessId, phone: &PhoneNumber, now: Timestamp) -> Result<Thread, StoreError> {
        let same = self.twin().map(|twin| twin.thread(business, phone, now));
        self.cross("thread", self.inner.thread(business, phone, now), same)
            .await
    }

    async fn message(&self, business: BusinessId, key: &MessageKey) -> Result<Option<Message>, StoreError> {
        let same = self.twin().map(|twin| twin.message(business, key));
        self.cross("message", self.inner.message(business, key), same).await
    }

    async fn open_claims(&self, phone: &PhoneNumber) -> Result<u32, StoreError> {
        let same = self.twin().map(|twin| twin.open_claims(phone));
        self.cross("open_claims", self.inner.open_claims(phone), same).await
    }

    async fn test_call(&self, business: BusinessId, id: TestCallId) -> Result<Option<TestCall>, StoreError> {
        let same = self.twin().map(|twin| twin.test_call(business, id));
        self.cross("test_call", self.inner.test_call(business, id), same).await
    }

    async fn latest_test_call(&self, business: BusinessId) -> Result<Option<TestCall>, StoreError> {
        let same = self.twin().map(|twin| twin.latest_test_call(business));
        self.cross("latest_test_call", self.inner.latest_test_call(business), same)
            .await
    }

    async fn appointment(&self, business: BusinessId, id: AppointmentId) -> Result<Option<Appointment>, StoreError> {
        let same = self.twin().map(|twin| twin.appointment(business, id));
        self.cross("appointment", self.inner.appointment(business, id), same)
            .await
    }

    async fn bookings(&self, business: BusinessId, from: Timestamp, until: Timestamp) -> Result<Bookings, StoreError> {
        let same = self.twin().map(|twin| twin.bookings(business, from, until));
        self.cross("bookings", self.inner.bookings(business, from, until), same)
            .await
    }

    async fn calendar_sync(&self, business: BusinessId) -> Result<Option<CalendarSync>, StoreError> {
        let same = self.twin().map(|twin| twin.calendar_sync(business));
        self.cross("calendar_sync", self.inner.calendar_sync(business), same)
            .await
    }

    async fn calendar_copies(&self, business: BusinessId) -> Result<Vec<CalendarCopy>, StoreError> {
        let same = self.twin().map(|twin| twin.calendar_copies(business));
        self.cross("calendar_copies", self.inner.calendar_copies(business), same)
            .await
    }

    async fn appointments(
        &self,
        business: BusinessId,
        filter: &AppointmentFilter,
        after: Option<AppointmentCursor>,
        limit: u32,
    ) -> Result<Vec<Appointment>, StoreError> {
        let same = self
            .twin()
            .map(|twin| twin.appointments(business, filter, after, limit));
        self.cross(
            "appointments",
            self.inner.appointments(business, filter, after, limit),
            same,
        )
        .await
    }

    async fn claim_jobs(&self, request: &ClaimRequest) -> Result<Vec<ClaimedJob>, StoreError> {
        let same = self.twin().map(|twin| twin.claim_jobs(request));
        self.cross("claim_jobs", self.inner.claim_jobs(request), same).await
    }

    async fn release_jobs(&self, worker: &str) -> Result<u32, StoreError> {
        let same = self.twin().map(|twin| twin.release_jobs(worker));
        self.cross("release_jobs", self.inner.release_jobs(worker), same).await
    }

    async fn delete_old(&self, business: BusinessId, old: &OldRows) -> Result<Deleted, StoreError> {
        let same = self.twin().map(|twin| twin.delete_old(business, old));
        self.cross("delete_old", self.inner.delete_old(business, old), same)
            .await
    }

    async fn queue_depth(&self) -> Result<Vec<QueueDepth>, StoreError> {
        let same = self.twin().map(|twin| twin.queue_depth());
        self.cross("queue_depth", self.inner.queue_depth(), same).await
    }

    async fn businesses(&self, after: Option<BusinessId>, limit: u32) -> Result<Vec<BusinessId>, StoreError> {
        let same = self.twin().map(|twin| twin.businesses(after, limit));
        self.cross("businesses", self.inner.businesses(after, limit), same)
            .await
    }

    async fn calls(
        &self,
        business: BusinessId,
        filter: &CallFilter,
        after: Option<CallCursor>,
        limit: u32,
    ) -> Result<Vec<CallRow>, StoreError> {
        let same = self.twin().map(|twin| twin.calls(business, filter, after, limit));
        self.cross("calls", self.inner.calls(business, filter, after, limit), same)
            .await
    }

    async fn call_detail(&self, business: BusinessId, id: CallId) -> Result<Option<CallDetail>, StoreError> {
        let same = self.twin().map(|twin| twin.call_detail(business, id));
        self.cross("call_detail", self.inner.call_detail(business, id), same)
            .await
    }

    async fn totals(&self, business: BusinessId, filter: &TotalsFilter) -> Result<Vec<TotalsRow>, StoreError> {
        let same = self.twin().map(|twin| twin.totals(business, filter));
        self.cross("totals", self.inner.totals(business, filter), same).await
    }

    async fn conversations(
        &self,
        business: BusinessId,
        after: Option<ConversationCursor>,
        limit: u32,
    ) -> Result<Vec<ConversationRow>, StoreError> {
        let same = self.twin().map(|twin| twin.conversations(business, after, limit));
        self.cross("conversations", self.inner.conversations(business, after, limit), same)
            .await
    }

    async fn conversation(
        &self,
        business: BusinessId,
        id: ConversationId,
        limit: u32,
    ) -> Result<Option<ConversationRow>, StoreError> {
        let same = self.twin().map(|twin| twin.conversation(business, id, limit));
        self.cross("conversation", self.inner.conversation(business, id, limit), same)
            .await
    }

    async fn tasks(&self, business: BusinessId, filter: &TaskFilter, limit: u32) -> Result<Vec<Task>, StoreError> {
        let same = self.twin().map(|twin| twin.tasks(business, filter, limit));
        self.cross("tasks", self.inner.tasks(business, filter, limit), same)
            .await
    }

    async fn task(&self, business: BusinessId, id: TaskId) -> Result<Option<Task>, StoreError> {
        let same = self.twin().map(|twin| twin.task(business, id));
        self.cross("task", self.inner.task(business, id), same).await
    }

    async fn feed(&self, business: BusinessId, after: u64, limit: u32) -> Result<Vec<FeedEntry>, StoreError> {
        let same = self.twin().map(|twin| twin.feed(business, after, limit));
        self.cross("feed", self.inner.feed(business, after, limit), same).await
    }

    async fn feed_heads(&self, businesses: &[BusinessId]) -> Result<Vec<(BusinessId, u64)>, StoreError> {
        let same = self.twin().map(|twin| twin.feed_heads(businesses));
        self.cross("feed_heads", self.inner.feed_heads(businesses), same).await
    }

    async fn opt_outs(&self, business: BusinessId, limit: u32) -> Result<Vec<OptOutRow>, StoreError> {
        let same = self.twin().map(|twin| twin.opt_outs(business, limit));
        self.cross("opt_outs", self.inner.opt_outs(business, limit), same).await
    }

    async fn ledger(&self, business: BusinessId, after: u64, limit: u32) -> Result<Vec<Sealed>, StoreError> {
        let same = self.twin().map(|twin| twin.ledger(business, after, limit));
        self.cross("ledger", self.inner.ledger(business, after, limit), same)
            .await
    }

    async fn ledger_head(&self, business: BusinessId) -> Result<Option<Head>, StoreError> {
        let same = self.twin().map(|twin| twin.ledger_head(business));
        self.cross("ledger_head", self.inner.ledger_head(business), same).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let same = self.twin().map(|twin| twin.ping());
        self.cross("ping", self.inner.ping(), same).await
    }
}
