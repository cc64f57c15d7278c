//! What the pages read.

use serde::{Deserialize, Serialize};

use crate::appointments::{Appointment, AppointmentStatus};
use crate::calls::{Call, CallState, DashboardOutcome, Outcome, TextSummary};
use crate::conversation::{Contact, Conversation, Message};
use crate::routing::{Method, Variant};
use crate::tasks::Task;
use crate::zone::LocalDay;
use crate::{AppointmentId, CallId, CallerId, ConversationId, PhoneNumber, Timestamp};

use super::{Consent, FeedEvent};

/// Which calls to list. Empty means all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CallFilter {
    /// Not before this local day.
    pub from_day: Option<LocalDay>,
    /// Not after this local day.
    pub to_day: Option<LocalDay>,
    /// Done this way.
    pub method: Option<Method>,
    /// Shown under this label.
    pub outcome: Option<DashboardOutcome>,
    /// Only those a person still owes something.
    pub attention: bool,
    /// Only from this caller.
    pub caller: Option<PhoneNumber>,
    /// Whether test calls are listed too.
    pub tests: bool,
}

/// Position in a list of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallCursor {
    /// When the last listed call reached us.
    pub received_at: Timestamp,
    /// The last listed call.
    pub id: CallId,
}

/// A call in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRow {
    /// Identifier.
    pub id: CallId,
    /// Who called.
    pub caller: CallerId,
    /// The contact's name, else the network's.
    pub caller_name: Option<String>,
    /// The number of ours that was reached.
    pub dialled: PhoneNumber,
    /// What the schedule said.
    pub scheduled_method: Method,
    /// What was done.
    pub method: Method,
    /// Business hours or after.
    pub variant: Variant,
    /// Where it stands.
    pub state: CallState,
    /// What became of it.
    pub outcome: Outcome,
    /// Whether the caller engaged.
    pub recovered: bool,
    /// A test or preview.
    pub is_test: bool,
    /// Tags.
    pub tags: Vec<String>,
    /// When it reached us.
    pub received_at: Timestamp,
    /// When the first useful response happened.
    pub responded_at: Option<Timestamp>,
    /// Length in whole seconds.
    pub duration_seconds: Option<u32>,
    /// Length of what the caller left, in whole seconds.
    pub recording_seconds: Option<u32>,
    /// How its auto-text stands.
    pub text: TextSummary,
    /// The thread with the caller.
    pub conversation: Option<ConversationId>,
    /// Whether a person still owes something.
    pub needs_attention: bool,
    /// When a person has looked at it.
    pub read_at: Option<Timestamp>,
    /// When the promised callback was made.
    pub callback_completed_at: Option<Timestamp>,
}

/// A call with everything its page shows.
#[derive(Debug, Clone, PartialEq)]
pub struct CallDetail {
    /// The call.
    pub call: Call,
    /// Its feed entries, oldest first.
    pub events: Vec<FeedEntry>,
    /// The messages it caused and those of its thread since it arrived, oldest first, at most 200.
    pub messages: Vec<Message>,
    /// Its tasks, oldest first.
    pub tasks: Vec<Task>,
    /// The thread.
    pub conversation: Option<Conversation>,
    /// The contact.
    pub contact: Option<Contact>,
}

/// Which totals to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TotalsFilter {
    /// First local day.
    pub from_day: LocalDay,
    /// Last local day, inclusive.
    pub to_day: LocalDay,
}

/// Sums over calls, tests left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TotalsRow {
    /// Done this way.
    pub method: Method,
    /// What became of them.
    pub outcome: Outcome,
    /// How many.
    pub calls: u64,
    /// How many of them engaged.
    pub recovered: u64,
    /// How many got a response.
    pub responded: u64,
    /// Sum of their response times, in milliseconds.
    pub response_ms: u64,
}

/// Position in a list of threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationCursor {
    /// Last message of the last listed thread.
    pub last_message_at: Timestamp,
    /// The last listed thread.
    pub id: ConversationId,
}

/// A thread with its contact.
#[derive(Debug, Clone, PartialEq)]
pub struct ConversationRow {
    /// The thread.
    pub conversation: Conversation,
    /// The contact.
    pub contact: Option<Contact>,
    /// Whether texts are allowed.
    pub consent: Consent,
    /// Its messages, oldest first; empty in lists.
    pub messages: Vec<Message>,
}

/// Which tasks to list. Empty means all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TaskFilter {
    /// Only open ones.
    pub open: bool,
    /// Only those that were promised for a time, since this instant.
    pub promised_since: Option<Timestamp>,
}

impl TaskFilter {
    /// Only open ones.
    pub const OPEN: Self = Self {
        open: true,
        promised_since: None,
    };
}

/// Which appointments to list. Empty means all but holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AppointmentFilter {
    /// Starting at this instant or later.
    pub from: Option<Timestamp>,
    /// Starting before this instant.
    pub until: Option<Timestamp>,
    /// In one of these states; none means all but held ones.
    pub statuses: Vec<AppointmentStatus>,
    /// Only with this customer.
    pub customer: Option<PhoneNumber>,
}

impl AppointmentFilter {
    /// Whether appointments in this state are listed.
    #[must_use]
    pub fn lists(&self, status: AppointmentStatus) -> bool {
        if self.statuses.is_empty() {
            status != AppointmentStatus::Held
        } else {
            self.statuses.contains(&status)
        }
    }

    /// Whether an appointment is listed.
    #[must_use]
    pub fn admits(&self, appointment: &Appointment) -> bool {
        self.lists(appointment.status)
            && self.from.is_none_or(|from| appointment.starts_at >= from)
            && self.until.is_none_or(|until| appointment.starts_at < until)
            && (self.customer.is_none() || self.customer == appointment.customer.phone)
    }
}

/// Position in a list of appointments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppointmentCursor {
    /// When the last listed appointment starts.
    pub starts_at: Timestamp,
    /// The last listed appointment.
    pub id: AppointmentId,
}

/// A feed entry with its position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeedEntry {
    /// Position within the business's feed, from 1, ascending, gaps allowed.
    pub seq: u64,
    /// The event.
    #[serde(flatten)]
    pub event: FeedEvent,
}

/// One number that has opted out or in again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptOutRow {
    /// The number.
    pub phone: PhoneNumber,
    /// When it opted out.
    pub opted_out_at: Timestamp,
    /// The word or phrase that did it.
    pub keyword: String,
    /// When it opted in again, if it has.
    pub opted_back_in_at: Option<Timestamp>,
}
