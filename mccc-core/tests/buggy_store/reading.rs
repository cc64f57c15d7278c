//! Bugs of what is read, claimed and deleted.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mccc_core::appointments::Appointment;
use mccc_core::business::{CalendarCopy, CalendarSync, Owner};
use mccc_core::calls::CallState;
use mccc_core::compliance::ledger::{Head, Sealed};
use mccc_core::conversation::{CallerFlags, Message};
use mccc_core::port::Store;
use mccc_core::port::store::{
    AppointmentCursor, AppointmentFilter, Bookings, CallCursor, CallDetail, CallFilter, CallKey, CallRow, CallSnapshot,
    ClaimRequest, ClaimedJob, Commit, CommitError, Committed, ConversationCursor, ConversationRow, Deleted, FeedEntry,
    MessageKey, OldRows, OptOutRow, QueueDepth, SendCounts, StoreError, TaskFilter, TestCall, Thread, TotalsFilter,
    TotalsRow,
};
use mccc_core::tasks::Task;
use mccc_core::zone::LocalDay;
use mccc_core::{AppointmentId, BusinessId, CallId, ConversationId, PhoneNumber, TaskId, TestCallId, Timestamp};

use super::{Bug, Buggy};

type Answer<T> = Result<T, StoreError>;

fn rounded(at: Timestamp) -> Timestamp {
    Timestamp::from_micros(at.as_micros() / 1_000 * 1_000)
}

impl Buggy {
    fn turned<T>(&self, bug: Bug, mut rows: Vec<T>) -> Vec<T> {
        if self.has(bug) {
            rows.reverse();
        }
        rows
    }

    fn spoil_flags(&self, mut flags: CallerFlags) -> CallerFlags {
        match self.bug {
            Bug::ForgetsEmergencies => flags.emergency_until = None,
            Bug::RoundsInstants => flags.emergency_until = flags.emergency_until.map(rounded),
            _ => {}
        }
        flags
    }

    fn spoil_message(&self, mut message: Message) -> Message {
        if self.has(Bug::ForgetsErrorCodes) {
            message.error_code = None;
        }
        message
    }

    fn spoil_task(&self, mut task: Task) -> Task {
        if self.has(Bug::ForgetsSentences) {
            task.sentence.clear();
        }
        task
    }

    /// The beginning instead of where the reader stopped; not for ever, so that a reader who believes it comes to an end.
    fn beginning(&self, bug: Bug, after: u64) -> u64 {
        if self.has(bug) && self.fresh() < 200 { 0 } else { after }
    }

    /// A page after the first one, with a row too few or too many.
    fn spoil_page<T: Clone>(&self, later: bool, mut rows: Vec<T>) -> Vec<T> {
        if let Some(first) = rows.first().cloned().filter(|_| later) {
            match self.bug {
                Bug::PagesSkipARow => drop(rows.remove(0)),
                Bug::PagesRepeatARow => rows.insert(0, first),
                _ => {}
            }
        }
        rows
    }
}

#[async_trait]
impl Store for Buggy {
    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        self.spoiled_commit(commit).await
    }

    async fn owner_of(&self, dialled: &PhoneNumber) -> Answer<Option<Arc<Owner>>> {
        self.inner.owner_of(dialled).await
    }

    async fn owner(&self, business: BusinessId) -> Answer<Option<Arc<Owner>>> {
        let Some(owner) = self.inner.owner(business).await? else {
            return Ok(None);
        };
        let mut spoiled = (*owner).clone();
        match self.bug {
            Bug::ForgetsLines => spoiled.lines.clear(),
            Bug::VersionsStandStill => spoiled.version = spoiled.version.min(2),
            _ => {}
        }
        Ok(Some(Arc::new(spoiled)))
    }

    async fn caller_flags(&self, business: BusinessId, phone: &PhoneNumber) -> Answer<CallerFlags> {
        Ok(self.spoil_flags(self.inner.caller_flags(business, phone).await?))
    }

    async fn call(&self, business: BusinessId, key: &CallKey) -> Answer<Option<CallSnapshot>> {
        let mut found = self.inner.call(business, key).await?;
        if let Some(snapshot) = &mut found {
            match self.bug {
                Bug::ForgetsCallerNames => snapshot.call.caller_name = None,
                Bug::EveryCallRings => snapshot.call.state = CallState::Ringing,
                _ => {}
            }
        }
        Ok(found)
    }

    async fn thread(&self, business: BusinessId, phone: &PhoneNumber, now: Timestamp) -> Answer<Thread> {
        let mut thread = self.inner.thread(business, phone, now).await?;
        thread.flags = self.spoil_flags(thread.flags);
        thread.messages = thread
            .messages
            .into_iter()
            .map(|message| self.spoil_message(message))
            .collect();
        thread.messages = self.turned(Bug::NewestMessagesFirst, thread.messages);
        thread.open_tasks = thread
            .open_tasks
            .into_iter()
            .map(|task| self.spoil_task(task))
            .collect();
        match self.bug {
            Bug::ForgetsNames => {
                if let Some(contact) = &mut thread.contact {
                    contact.name = None;
                }
            }
            Bug::ForgetsPreviews => {
                if let Some(conversation) = &mut thread.conversation {
                    conversation.preview.clear();
                }
            }
            Bug::ForgetsLastCalls => thread.last_call = None,
            Bug::SuppressesHereOnly => thread.consent.suppressed = thread.consent.opted_out_at.is_some(),
            Bug::CountsWholeMinutes => {
                let minute = Timestamp::from_micros(now.as_micros() / 60_000_000 * 60_000_000);
                thread.counts = self.inner.thread(business, phone, minute).await?.counts;
            }
            Bug::CountsNothing => thread.counts = SendCounts::default(),
            _ => {}
        }
        Ok(thread)
    }

    async fn message(&self, business: BusinessId, key: &MessageKey) -> Answer<Option<Message>> {
        let mut found = self.inner.message(business, key).await?;
        if self.has(Bug::ReadsWhatIsOthers) {
            let others: Vec<BusinessId> = self.notes().businesses.iter().copied().collect();
            for other in others {
                if found.is_none() {
                    found = self.inner.message(other, key).await?;
                }
            }
        }
        Ok(found.map(|message| self.spoil_message(message)))
    }

    async fn open_claims(&self, phone: &PhoneNumber) -> Answer<u32> {
        self.inner.open_claims(phone).await
    }

    async fn test_call(&self, business: BusinessId, id: TestCallId) -> Answer<Option<TestCall>> {
        let mut found = self.inner.test_call(business, id).await?;
        if let Some(test) = found.as_mut().filter(|_| self.has(Bug::ForgetsTestCodes)) {
            test.error_code = None;
        }
        Ok(found)
    }

    async fn latest_test_call(&self, business: BusinessId) -> Answer<Option<TestCall>> {
        self.inner.latest_test_call(business).await
    }

    async fn appointment(&self, business: BusinessId, id: AppointmentId) -> Answer<Option<Appointment>> {
        let mut found = self.inner.appointment(business, id).await?;
        if let Some(row) = found.as_mut().filter(|_| self.has(Bug::ForgetsServices)) {
            row.service = None;
        }
        Ok(found)
    }

    async fn calendar_sync(&self, business: BusinessId) -> Answer<Option<CalendarSync>> {
        let mut found = self.inner.calendar_sync(business).await?;
        if let Some(sync) = found.as_mut().filter(|_| self.has(Bug::ForgetsChannels)) {
            sync.channel = None;
        }
        Ok(found)
    }

    async fn calendar_copies(&self, business: BusinessId) -> Answer<Vec<CalendarCopy>> {
        let mut found = self.inner.calendar_copies(business).await?;
        if self.has(Bug::ForgetsFreeDays) {
            found.iter_mut().for_each(|copy| copy.free_days.clear());
        }
        Ok(found)
    }

    async fn bookings(&self, business: BusinessId, from: Timestamp, until: Timestamp) -> Answer<Bookings> {
        let mut found = self.inner.bookings(business, from, until).await?;
        if self.has(Bug::ForgetsBlockedTimes) {
            found.blocked_times.clear();
        }
        if self.has(Bug::TimeIsEverybodys) {
            let others: Vec<BusinessId> = self.notes().businesses.iter().copied().collect();
            for other in others.into_iter().filter(|other| *other != business) {
                found
                    .blocks
                    .extend(self.inner.bookings(other, from, until).await?.blocks);
            }
        }
        Ok(found)
    }

    async fn appointments(
        &self,
        business: BusinessId,
        filter: &AppointmentFilter,
        after: Option<AppointmentCursor>,
        limit: u32,
    ) -> Answer<Vec<Appointment>> {
        let all = AppointmentFilter::default();
        let filter = if self.has(Bug::IgnoresFilters) { &all } else { filter };
        let rows = self.inner.appointments(business, filter, after, limit).await?;
        Ok(self.spoil_page(after.is_some(), rows))
    }

    async fn claim_jobs(&self, request: &ClaimRequest) -> Answer<Vec<ClaimedJob>> {
        let mut request = request.clone();
        if self.has(Bug::LeasesNeverExpire) {
            request.lease = Duration::from_secs(1 << 30);
        }
        let mut jobs = self.inner.claim_jobs(&request).await?;
        let mut notes = self.notes();
        for job in &mut jobs {
            notes.leases.insert((job.fence.job, job.fence.number), job.lease_until);
            if self.has(Bug::ForgetsAttempts) {
                job.attempt = 1;
            }
        }
        match self.bug {
            Bug::ClaimsNewestFirst => jobs.reverse(),
            Bug::SharesJobs => {
                let before = std::mem::replace(&mut notes.handed_out, jobs.clone());
                jobs.extend(before);
            }
            Bug::DeletesWorkThatWaits if notes.deleted => jobs.clear(),
            _ => {}
        }
        Ok(jobs)
    }

    async fn release_jobs(&self, worker: &str) -> Answer<u32> {
        if self.has(Bug::ReleasesNothing) {
            return Ok(0);
        }
        self.inner.release_jobs(worker).await
    }

    async fn delete_old(&self, business: BusinessId, old: &OldRows) -> Answer<Deleted> {
        self.notes().deleted = true;
        match self.bug {
            Bug::DeletesNothing => Ok(Deleted::default()),
            Bug::DeletesAtOnce => {
                let all = OldRows { limit: 1_000, ..*old };
                self.inner.delete_old(business, &all).await
            }
            _ => self.inner.delete_old(business, old).await,
        }
    }

    async fn queue_depth(&self) -> Answer<Vec<QueueDepth>> {
        let depth = self.inner.queue_depth().await?;
        let empty = self.has(Bug::ForgetsDepth) || (self.has(Bug::DeletesWorkThatWaits) && self.notes().deleted);
        Ok(if empty { Vec::new() } else { depth })
    }

    async fn businesses(&self, after: Option<BusinessId>, limit: u32) -> Answer<Vec<BusinessId>> {
        Ok(self.turned(Bug::BusinessesBackwards, self.inner.businesses(after, limit).await?))
    }

    async fn calls(
        &self,
        business: BusinessId,
        filter: &CallFilter,
        after: Option<CallCursor>,
        limit: u32,
    ) -> Answer<Vec<CallRow>> {
        let all = CallFilter {
            tests: true,
            ..CallFilter::default()
        };
        let filter = if self.has(Bug::IgnoresFilters) { &all } else { filter };
        let mut rows = self.inner.calls(business, filter, after, limit).await?;
        for row in rows.iter_mut().filter(|_| self.has(Bug::HidesNames)) {
            // As if the network's word were all that is known.
            let key = CallKey::Id(row.id);
            let stored = self.inner.call(business, &key).await?;
            row.caller_name = stored.and_then(|found| found.call.caller_name);
        }
        Ok(self.spoil_page(after.is_some(), rows))
    }

    async fn call_detail(&self, business: BusinessId, id: CallId) -> Answer<Option<CallDetail>> {
        let mut found = self.inner.call_detail(business, id).await?;
        if let Some(detail) = found.as_mut().filter(|_| self.has(Bug::HidesEvents)) {
            detail.events.clear();
        }
        Ok(found)
    }

    async fn totals(&self, business: BusinessId, filter: &TotalsFilter) -> Answer<Vec<TotalsRow>> {
        let always = TotalsFilter {
            from_day: LocalDay(0),
            to_day: LocalDay(100_000),
        };
        let filter = if self.has(Bug::TotalsIgnoreDays) {
            &always
        } else {
            filter
        };
        self.inner.totals(business, filter).await
    }

    async fn conversations(
        &self,
        business: BusinessId,
        after: Option<ConversationCursor>,
        limit: u32,
    ) -> Answer<Vec<ConversationRow>> {
        let rows = self.inner.conversations(business, after, limit).await?;
        Ok(self.spoil_page(after.is_some(), rows))
    }

    async fn conversation(
        &self,
        business: BusinessId,
        id: ConversationId,
        limit: u32,
    ) -> Answer<Option<ConversationRow>> {
        let mut found = self.inner.conversation(business, id, limit).await?;
        if let Some(row) = &mut found {
            row.messages = self.turned(Bug::NewestMessagesFirst, std::mem::take(&mut row.messages));
        }
        Ok(found)
    }

    async fn tasks(&self, business: BusinessId, filter: &TaskFilter, limit: u32) -> Answer<Vec<Task>> {
        let tasks = self.inner.tasks(business, filter, limit).await?;
        let tasks = tasks.into_iter().map(|task| self.spoil_task(task)).collect();
        Ok(self.turned(Bug::TasksBackwards, tasks))
    }

    async fn task(&self, business: BusinessId, id: TaskId) -> Answer<Option<Task>> {
        let found = self.inner.task(business, id).await?;
        Ok(found.map(|task| self.spoil_task(task)))
    }

    async fn feed(&self, business: BusinessId, after: u64, limit: u32) -> Answer<Vec<FeedEntry>> {
        let after = self.beginning(Bug::FeedFromTheStart, after);
        Ok(self.turned(Bug::FeedBackwards, self.inner.feed(business, after, limit).await?))
    }

    async fn feed_heads(&self, businesses: &[BusinessId]) -> Answer<Vec<(BusinessId, u64)>> {
        self.inner.feed_heads(businesses).await
    }

    async fn opt_outs(&self, business: BusinessId, limit: u32) -> Answer<Vec<OptOutRow>> {
        Ok(self.turned(Bug::OptOutsBackwards, self.inner.opt_outs(business, limit).await?))
    }

    async fn ledger(&self, business: BusinessId, after: u64, limit: u32) -> Answer<Vec<Sealed>> {
        if self.has(Bug::DeletesTheLedger) && self.notes().deleted {
            return Ok(Vec::new());
        }
        let after = self.beginning(Bug::LedgerFromTheStart, after);
        Ok(self.turned(Bug::LedgerBackwards, self.inner.ledger(business, after, limit).await?))
    }

    async fn ledger_head(&self, business: BusinessId) -> Answer<Option<Head>> {
        self.inner.ledger_head(business).await
    }

    async fn ping(&self) -> Answer<()> {
        self.inner.ping().await
    }
}
