//! The store's methods: loads, jobs, and the doors to commit and queries.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::MemoryStore;
use super::state::{Business, JobRow, State};
use crate::appointments::Appointment;
use crate::business::{CalendarCopy, CalendarSync, Owner};
use crate::compliance::ledger::{Head, Sealed};
use crate::conversation::{Author, CallerFlags, Direction, Message, MessageKind, MessageStatus};
use crate::jobs::JobKind;
use crate::port::Store;
use crate::port::store::{
    AppointmentCursor, AppointmentFilter, Bookings, CallCursor, CallDetail, CallFilter, CallKey, CallRow, CallSnapshot,
    ClaimRequest, ClaimedJob, Commit, CommitError, Committed, Consent, ConversationCursor, ConversationRow, Deleted,
    FeedEntry, FeedKind, Fence, JobState, MessageKey, OldRows, OptOutRow, QueueDepth, SendCounts, StoreError,
    TaskFilter, TestCall, Thread, TotalsFilter, TotalsRow,
};
use crate::tasks::Task;
use crate::{AppointmentId, BusinessId, CallId, ConversationId, JobId, PhoneNumber, TaskId, TestCallId, Timestamp};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
const MONTH: Duration = Duration::from_secs(30 * 24 * 3600);
/// Messages of a thread that decisions see.
const RECENT: usize = 30;

pub(super) fn consent(state: &State, row: &Business, phone: &PhoneNumber) -> Consent {
    let stored = row.opt_outs.get(phone);
    Consent {
        opted_out_at: stored
            .filter(|row| row.opted_back_in_at.is_none())
            .map(|row| row.opted_out_at),
        suppressed: state.suppressed.contains(phone),
        opted_back_in: stored.is_some_and(|row| row.opted_back_in_at.is_some()),
    }
}

/// Messages of a thread, oldest first.
pub(super) fn messages_of(row: &Business, conversation: ConversationId) -> Vec<Message> {
    let mut messages: Vec<Message> = row
        .messages
        .values()
        .filter(|message| message.conversation == conversation)
        .cloned()
        .collect();
    messages.sort_by_key(|message| (message.created_at, message.id));
    messages
}

/// Whether a text counts as sent: claimed, and not known to have failed.
fn counts(message: &Message) -> bool {
    message.direction == Direction::Outbound
        && !matches!(
            message.status,
            MessageStatus::Failed | MessageStatus::Canceled | MessageStatus::Waiting
        )
}

/// Texts of the business within the last day, and callers it texted for the first time within the last hour.
pub(super) fn business_counts(row: &Business, now: Timestamp) -> (u32, u32) {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let mut day = 0;
    let mut firsts: BTreeMap<PhoneNumber, Timestamp> = BTreeMap::new();
    for message in row.messages.values().filter(|message| counts(message)) {
        day += usize::from(message.created_at > now.minus(DAY));
        let first = firsts.entry(message.theirs).or_insert(message.created_at);
        *first = (*first).min(message.created_at);
    }
    let new = firsts.values().filter(|first| **first > now.minus(HOUR)).count();
    (number(day), number(new))
}

fn send_counts(row: &Business, phone: &PhoneNumber, now: Timestamp) -> SendCounts {
    let sent = || row.messages.values().filter(|message| counts(message));
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let since = |ago: Duration| move |message: &&Message| message.created_at > now.minus(ago);
    let (business_last_day, new_recipients_last_hour) = business_counts(row, now);
    let last_word = row
        .messages
        .values()
        .filter(|message| message.theirs == *phone && message.direction == Direction::Inbound)
        .map(|message| message.created_at)
        .max();
    let to_caller = |message: &&Message| message.theirs == *phone;
    SendCounts {
        new_recipients_last_hour,
        business_last_day,
        automated_to_caller_last_day: number(
            sent()
                .filter(to_caller)
                .filter(since(DAY))
                .filter(|message| message.author == Author::Machine)
                .count(),
        ),
        auto_texts_unanswered_30_days: number(
            sent()
                .filter(to_caller)
                .filter(since(MONTH))
                .filter(|message| message.kind == MessageKind::AutoText)
                .filter(|message| last_word.is_none_or(|word| message.created_at > word))
                .count(),
        ),
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn owner_of(&self, dialled: &PhoneNumber) -> Result<Option<Arc<Owner>>, StoreError> {
        let state = self.state();
        Ok(state
            .lines
            .get(dialled)
            .and_then(|row| state.owner(row.business))
            .map(Arc::new))
    }

    async fn owner(&self, business: BusinessId) -> Result<Option<Arc<Owner>>, StoreError> {
        Ok(self.state().owner(business).map(Arc::new))
    }

    async fn caller_flags(&self, business: BusinessId, phone: &PhoneNumber) -> Result<CallerFlags, StoreError> {
        let state = self.state();
        let stored = state.businesses.get(&business).and_then(|row| row.flags.get(phone));
        Ok(stored.cloned().unwrap_or(CallerFlags::NONE))
    }

    async fn call(&self, business: BusinessId, key: &CallKey) -> Result<Option<CallSnapshot>, StoreError> {
        let state = self.state();
        let Some(row) = state.businesses.get(&business) else {
            return Ok(None);
        };
        let id = match key {
            CallKey::Id(id) => Some(*id),
            CallKey::Provider(name) => row.calls_by_provider.get(name).copied(),
        };
        let Some(call) = id.and_then(|id| row.calls.get(&id)).cloned() else {
            return Ok(None);
        };
        let conversation = call
            .caller
            .number()
            .and_then(|phone| row.conversations.get(&phone))
            .cloned();
        let open_tasks = row.open_tasks(|task| task.call == Some(call.id));
        Ok(Some(CallSnapshot {
            call,
            conversation,
            open_tasks,
        }))
    }

    async fn thread(&self, business: BusinessId, phone: &PhoneNumber, now: Timestamp) -> Result<Thread, StoreError> {
        let state = self.state();
        let empty = Business::default();
        let row = state.businesses.get(&business).unwrap_or(&empty);
        let conversation = row.conversations.get(phone).cloned();
        let mut messages = conversation
            .as_ref()
            .map(|thread| messages_of(row, thread.id))
            .unwrap_or_default();
        let old = messages.len().saturating_sub(RECENT);
        messages.drain(..old);
        let last_call = row
            .calls
            .values()
            .filter(|call| call.caller.number() == Some(*phone))
            .max_by_key(|call| (call.received_at, call.id))
            .cloned();
        Ok(Thread {
            contact: row.contacts.get(phone).cloned(),
            flags: row.flags.get(phone).cloned().unwrap_or(CallerFlags::NONE),
            conversation,
            messages,
            last_call,
            consent: consent(&state, row, phone),
            guard: row.guards.get(phone).copied(),
            counts: send_counts(row, phone, now),
            open_tasks: row.open_tasks(|task| task.phone == Some(*phone)),
        })
    }

    async fn message(&self, business: BusinessId, key: &MessageKey) -> Result<Option<Message>, StoreError> {
        let state = self.state();
        let Some(row) = state.businesses.get(&business) else {
            return Ok(None);
        };
        let id = match key {
            MessageKey::Id(id) => Some(*id),
            MessageKey::Provider(name) => row.messages_by_provider.get(name).copied(),
        };
        Ok(id.and_then(|id| row.messages.get(&id)).cloned())
    }

    async fn open_claims(&self, phone: &PhoneNumber) -> Result<u32, StoreError> {
        let now = self.clock.now();
        let open = self
            .state()
            .claims
            .values()
            .filter(|(number, until)| number == phone && *until > now)
            .count();
        Ok(u32::try_from(open).unwrap_or(u32::MAX))
    }

    async fn test_call(&self, business: BusinessId, id: TestCallId) -> Result<Option<TestCall>, StoreError> {
        Ok(self
            .state()
            .businesses
            .get(&business)
            .and_then(|row| row.tests.get(&id))
            .cloned())
    }

    async fn appointment(&self, business: BusinessId, id: AppointmentId) -> Result<Option<Appointment>, StoreError> {
        Ok(self.one_appointment(business, id))
    }

    async fn bookings(&self, business: BusinessId, from: Timestamp, until: Timestamp) -> Result<Bookings, StoreError> {
        Ok(self.bookings_between(business, from, until))
    }

    async fn latest_test_call(&self, business: BusinessId) -> Result<Option<TestCall>, StoreError> {
        let state = self.state();
        let newest = state
            .businesses
            .get(&business)
            .and_then(|row| row.tests.values().max_by_key(|test| (test.started_at, test.id)));
        Ok(newest.cloned())
    }

    async fn calendar_sync(&self, business: BusinessId) -> Result<Option<CalendarSync>, StoreError> {
        let state = self.state();
        let row = state.businesses.get(&business);
        Ok(row.and_then(|row| row.calendar_sync.clone()))
    }

    async fn calendar_copies(&self, business: BusinessId) -> Result<Vec<CalendarCopy>, StoreError> {
        let state = self.state();
        let row = state.businesses.get(&business);
        Ok(row.map_or_else(Vec::new, |row| row.calendar_copies.values().cloned().collect()))
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        self.apply(commit)
    }

    async fn claim_jobs(&self, request: &ClaimRequest) -> Result<Vec<ClaimedJob>, StoreError> {
        let now = self.clock.now();
        let mut state = self.state();
        let mut due: Vec<_> = state
            .jobs
            .iter()
            .filter(|(_, job)| match job.state {
                JobState::Queued => job.run_at <= now,
                JobState::Running => job.lease_until <= now,
                JobState::Done | JobState::Canceled | JobState::Dead => false,
            })
            .map(|(id, job)| (job.run_at, *id))
            .collect();
        due.sort_unstable();
        due.truncate(usize::try_from(request.limit).unwrap_or(usize::MAX));
        let mut claimed = Vec::new();
        for (_, id) in due {
            let Some(job) = state.jobs.get_mut(&id) else { continue };
            job.state = JobState::Running;
            job.fence += 1;
            job.attempt += 1;
            job.worker.clone_from(&request.worker);
            job.lease_until = now.plus(request.lease);
            claimed.push(ClaimedJob {
                id,
                business: job.business,
                subject: job.subject,
                job: job.job.clone(),
                attempt: job.attempt,
                due_at: job.due_at,
                fence: Fence {
                    job: id,
                    number: job.fence,
                },
                lease_until: job.lease_until,
            });
        }
        Ok(claimed)
    }

    async fn release_jobs(&self, worker: &str) -> Result<u32, StoreError> {
        let mut released = 0;
        for job in self.state().jobs.values_mut() {
            if job.state == JobState::Running && job.worker == worker {
                job.state = JobState::Queued;
                job.attempt = job.attempt.saturating_sub(1);
                released += 1;
            }
        }
        Ok(released)
    }

    async fn delete_old(&self, business: BusinessId, old: &OldRows) -> Result<Deleted, StoreError> {
        let mut state = self.state();
        let limit = usize::try_from(old.limit).unwrap_or(usize::MAX);
        let over = |job: &JobRow| match job.state {
            JobState::Done | JobState::Canceled | JobState::Dead => {
                job.business == business && job.run_at < old.jobs_before
            }
            JobState::Queued | JobState::Running => false,
        };
        let jobs: Vec<JobId> = state
            .jobs
            .iter()
            .filter(|(_, job)| over(job))
            .map(|(id, _)| *id)
            .take(limit)
            .collect();
        state.jobs.retain(|id, _| !jobs.contains(id));
        let mut deleted = Deleted {
            jobs: u32::try_from(jobs.len()).unwrap_or(u32::MAX),
            ..Deleted::default()
        };
        if let Some(row) = state.businesses.get_mut(&business) {
            row.receipts.retain(|_, receipt| {
                let keep = receipt.at >= old.receipts_before || deleted.receipts >= old.limit;
                deleted.receipts += u32::from(!keep);
                keep
            });
            row.feed.retain(|entry| {
                let event = &entry.event;
                let proof = event.kind == FeedKind::LedgerHead;
                let keep = proof || event.at >= old.feed_before || deleted.feed >= old.limit;
                deleted.feed += u32::from(!keep);
                keep
            });
        }
        Ok(deleted)
    }

    async fn queue_depth(&self) -> Result<Vec<QueueDepth>, StoreError> {
        let state = self.state();
        let mut depths: BTreeMap<(JobKind, JobState), (u64, Option<Timestamp>)> = BTreeMap::new();
        for job in state.jobs.values() {
            if matches!(job.state, JobState::Queued | JobState::Running | JobState::Dead) {
                let (count, oldest) = depths.entry((job.job.kind(), job.state)).or_default();
                *count += 1;
                *oldest = Some(oldest.map_or(job.run_at, |oldest: Timestamp| oldest.min(job.run_at)));
            }
        }
        Ok(depths
            .into_iter()
            .map(|((kind, state), (count, oldest_due))| QueueDepth {
                kind,
                state,
                count,
                oldest_due,
            })
            .collect())
    }

    async fn businesses(&self, after: Option<BusinessId>, limit: u32) -> Result<Vec<BusinessId>, StoreError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let state = self.state();
        let ids = state
            .businesses
            .keys()
            .copied()
            .filter(|id| after.is_none_or(|after| *id > after));
        Ok(ids.take(limit).collect())
    }

    async fn calls(
        &self,
        business: BusinessId,
        filter: &CallFilter,
        after: Option<CallCursor>,
        limit: u32,
    ) -> Result<Vec<CallRow>, StoreError> {
        Ok(self.list_calls(business, filter, after, limit))
    }

    async fn call_detail(&self, business: BusinessId, id: CallId) -> Result<Option<CallDetail>, StoreError> {
        Ok(self.detail(business, id))
    }

    async fn totals(&self, business: BusinessId, filter: &TotalsFilter) -> Result<Vec<TotalsRow>, StoreError> {
        Ok(self.sums(business, filter))
    }

    async fn conversations(
        &self,
        business: BusinessId,
        after: Option<ConversationCursor>,
        limit: u32,
    ) -> Result<Vec<ConversationRow>, StoreError> {
        Ok(self.list_conversations(business, after, limit))
    }

    async fn conversation(
        &self,
        business: BusinessId,
        id: ConversationId,
        limit: u32,
    ) -> Result<Option<ConversationRow>, StoreError> {
        Ok(self.one_conversation(business, id, limit))
    }

    async fn appointments(
        &self,
        business: BusinessId,
        filter: &AppointmentFilter,
        after: Option<AppointmentCursor>,
        limit: u32,
    ) -> Result<Vec<Appointment>, StoreError> {
        Ok(self.list_appointments(business, filter, after, limit))
    }

    async fn tasks(&self, business: BusinessId, filter: &TaskFilter, limit: u32) -> Result<Vec<Task>, StoreError> {
        let state = self.state();
        let Some(row) = state.businesses.get(&business) else {
            return Ok(Vec::new());
        };
        let mut tasks: Vec<Task> = row
            .tasks
            .values()
            .filter(|task| !filter.open || task.done_at.is_none())
            .filter(|task| {
                filter
                    .promised_since
                    .is_none_or(|since| task.due_at.is_some() && task.raised_at >= since)
            })
            .cloned()
            .collect();
        tasks.sort_by_key(|task| (task.raised_at, task.id));
        tasks.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(tasks)
    }

    async fn task(&self, business: BusinessId, id: TaskId) -> Result<Option<Task>, StoreError> {
        Ok(self
            .state()
            .businesses
            .get(&business)
            .and_then(|row| row.tasks.get(&id))
            .cloned())
    }

    async fn feed(&self, business: BusinessId, after: u64, limit: u32) -> Result<Vec<FeedEntry>, StoreError> {
        let state = self.state();
        let Some(row) = state.businesses.get(&business) else {
            return Ok(Vec::new());
        };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(row
            .feed
            .iter()
            .filter(|entry| entry.seq > after)
            .take(limit)
            .cloned()
            .collect())
    }

    async fn feed_heads(&self, businesses: &[BusinessId]) -> Result<Vec<(BusinessId, u64)>, StoreError> {
        let state = self.state();
        let head = |id: &BusinessId| {
            state
                .businesses
                .get(id)
                .and_then(|row| row.feed.last())
                .map_or(0, |entry| entry.seq)
        };
        Ok(businesses.iter().map(|id| (*id, head(id))).collect())
    }

    async fn opt_outs(&self, business: BusinessId, limit: u32) -> Result<Vec<OptOutRow>, StoreError> {
        let state = self.state();
        let Some(row) = state.businesses.get(&business) else {
            return Ok(Vec::new());
        };
        let mut rows: Vec<OptOutRow> = row.opt_outs.values().cloned().collect();
        rows.sort_by_key(|row| (std::cmp::Reverse(row.opted_out_at), row.phone));
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(rows)
    }

    async fn ledger(&self, business: BusinessId, after: u64, limit: u32) -> Result<Vec<Sealed>, StoreError> {
        let state = self.state();
        let Some(row) = state.businesses.get(&business) else {
            return Ok(Vec::new());
        };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(row
            .ledger
            .iter()
            .filter(|entry| entry.seq > after)
            .take(limit)
            .cloned()
            .collect())
    }

    async fn ledger_head(&self, business: BusinessId) -> Result<Option<Head>, StoreError> {
        let state = self.state();
        let last = state.businesses.get(&business).and_then(|row| row.ledger.last());
        Ok(last.map(|last| Head {
            len: last.seq,
            mac: last.mac,
        }))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

impl Business {
    /// Open tasks that fit, oldest first.
    pub(super) fn open_tasks(&self, fits: impl Fn(&Task) -> bool) -> Vec<Task> {
        let mut tasks: Vec<Task> = self
            .tasks
            .values()
            .filter(|task| task.done_at.is_none() && fits(task))
            .cloned()
            .collect();
        tasks.sort_by_key(|task| (task.raised_at, task.id));
        tasks
    }
}
