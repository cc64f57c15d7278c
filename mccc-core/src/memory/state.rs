//! The rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::appointments::{Appointment, Block, BlockedTime};
use crate::business::{CalendarCopy, CalendarSync, OwnedLine, Owner, Settings};
use crate::calls::{Call, Outcome};
use crate::compliance::ledger::Sealed;
use crate::conversation::{CallerFlags, Contact, Conversation, Message};
use crate::jobs::Job;
use crate::port::store::{
    ApiKey, FeedEntry, JobState, Membership, OptOutRow, Session, StoredResponse, TestCall, TextGuard, User,
};
use crate::routing::Method;
use crate::tasks::Task;
use crate::zone::LocalDay;
use crate::{
    ApiKeyId, AppointmentId, BlockedTimeId, BusinessId, CallId, ConversationId, JobId, MessageId, PhoneNumber, TaskId,
    TestCallId, Timestamp, UserId,
};

#[derive(Default)]
pub(super) struct State {
    pub(super) businesses: BTreeMap<BusinessId, Business>,
    /// Which business owns a number of ours, installation-wide.
    pub(super) lines: BTreeMap<PhoneNumber, LineRow>,
    /// How many numbers were ever given, which keeps them in their order.
    pub(super) lines_given: u64,
    pub(super) suppressed: BTreeSet<PhoneNumber>,
    pub(super) jobs: BTreeMap<JobId, JobRow>,
    /// Open send claims: recipient and expiry.
    pub(super) claims: BTreeMap<(BusinessId, MessageId), (PhoneNumber, Timestamp)>,
    pub(super) users: BTreeMap<UserId, User>,
    pub(super) memberships: BTreeMap<(UserId, BusinessId), Membership>,
    pub(super) sessions: BTreeMap<[u8; 32], Session>,
    pub(super) api_keys: BTreeMap<ApiKeyId, ApiKey>,
}

#[derive(Default)]
pub(super) struct Business {
    pub(super) version: u64,
    pub(super) settings: Option<Arc<Settings>>,
    pub(super) saved_at: Timestamp,
    pub(super) feed: Vec<FeedEntry>,
    pub(super) calls: BTreeMap<CallId, Call>,
    pub(super) calls_by_provider: BTreeMap<String, CallId>,
    pub(super) flags: BTreeMap<PhoneNumber, CallerFlags>,
    pub(super) contacts: BTreeMap<PhoneNumber, Contact>,
    pub(super) conversations: BTreeMap<PhoneNumber, Conversation>,
    pub(super) by_conversation: BTreeMap<ConversationId, PhoneNumber>,
    pub(super) messages: BTreeMap<MessageId, Message>,
    pub(super) messages_by_provider: BTreeMap<String, MessageId>,
    pub(super) tasks: BTreeMap<TaskId, Task>,
    pub(super) guards: BTreeMap<PhoneNumber, TextGuard>,
    pub(super) opt_outs: BTreeMap<PhoneNumber, OptOutRow>,
    pub(super) ledger: Vec<Sealed>,
    pub(super) totals: BTreeMap<(LocalDay, Method, Outcome), Sums>,
    pub(super) tests: BTreeMap<TestCallId, TestCall>,
    pub(super) appointments: BTreeMap<AppointmentId, Appointment>,
    pub(super) blocks: BTreeMap<AppointmentId, Vec<Block>>,
    pub(super) blocked_times: BTreeMap<BlockedTimeId, BlockedTime>,
    pub(super) calendar_sync: Option<CalendarSync>,
    pub(super) calendar_copies: BTreeMap<String, CalendarCopy>,
    pub(super) receipts: BTreeMap<String, Receipt>,
    pub(super) secrets: BTreeMap<String, String>,
    pub(super) responses: BTreeMap<String, StoredResponse>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) calls: i64,
    pub(super) recovered: i64,
    pub(super) responded: i64,
    pub(super) response_ms: i64,
}

/// An event that was processed.
pub(super) struct Receipt {
    pub(super) reply: Option<String>,
    pub(super) at: Timestamp,
}

pub(super) struct LineRow {
    pub(super) business: BusinessId,
    pub(super) line: OwnedLine,
    pub(super) position: u64,
}

pub(super) struct JobRow {
    pub(super) business: BusinessId,
    pub(super) job: Job,
    pub(super) subject: Option<PhoneNumber>,
    pub(super) run_at: Timestamp,
    /// When it was first due: a failure moves `run_at` alone.
    pub(super) due_at: Timestamp,
    pub(super) dedupe: String,
    pub(super) state: JobState,
    pub(super) attempt: u32,
    pub(super) fence: u64,
    pub(super) worker: String,
    pub(super) lease_until: Timestamp,
}

impl State {
    /// The business with its settings compiled, as decisions read it.
    pub(super) fn owner(&self, id: BusinessId) -> Option<Owner> {
        let row = self.businesses.get(&id)?;
        let settings = row.settings.as_ref()?;
        let mut lines: Vec<&LineRow> = self.lines.values().filter(|row| row.business == id).collect();
        lines.sort_by_key(|row| row.position);
        let lines = lines.into_iter().map(|row| row.line.clone()).collect();
        Owner::new(id, row.version, (**settings).clone(), lines, row.saved_at).ok()
    }
}
