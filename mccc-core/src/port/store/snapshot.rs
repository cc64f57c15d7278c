//! What decisions read.

use serde::{Deserialize, Serialize};

use crate::appointments::{Appointment, Block, BlockedTime};
use crate::calls::{Call, named};
use crate::conversation::{CallerFlags, Contact, Conversation, Message};
use crate::tasks::Task;
use crate::{AppointmentId, BusinessId, CallId, MessageId, PhoneNumber, TestCallId, Timestamp};

/// How a call is named.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CallKey {
    /// By our identifier.
    Id(CallId),
    /// By the provider's.
    Provider(String),
}

/// How a message is named.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum MessageKey {
    /// By our identifier.
    Id(MessageId),
    /// By the provider's.
    Provider(String),
}

/// A call and what hangs on it.
#[derive(Debug, Clone, PartialEq)]
pub struct CallSnapshot {
    /// The call.
    pub call: Call,
    /// The thread with its caller, if there is one.
    pub conversation: Option<Conversation>,
    /// Open tasks about the call, oldest first.
    pub open_tasks: Vec<Task>,
}

/// Everything a decision about texting with one caller needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Thread {
    /// The contact, if the caller is known.
    pub contact: Option<Contact>,
    /// What overrides the schedule for the caller.
    pub flags: CallerFlags,
    /// The thread, if there is one.
    pub conversation: Option<Conversation>,
    /// Its last 30 messages, oldest first.
    pub messages: Vec<Message>,
    /// The caller's latest missed call.
    pub last_call: Option<Call>,
    /// Whether texts are allowed.
    pub consent: Consent,
    /// The one-text guard, if one was ever held.
    pub guard: Option<TextGuard>,
    /// What was sent lately.
    pub counts: SendCounts,
    /// Open tasks about the caller, oldest first.
    pub open_tasks: Vec<Task>,
}

/// What the business itself has put into a stretch of time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bookings {
    /// Appointments that start in it, whatever became of them, by start and identifier.
    pub appointments: Vec<Appointment>,
    /// Time that appointments close in it, expired holds left out, in order.
    pub blocks: Vec<(AppointmentId, Block)>,
    /// Time without appointments that may touch it: by instants, or by days that may be the same in some zone. In the
    /// order of their identifiers.
    pub blocked_times: Vec<BlockedTime>,
}

/// Whether texts to a number are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Consent {
    /// Since when the number has opted out of this business, if it has.
    pub opted_out_at: Option<Timestamp>,
    /// Whether the number is suppressed installation-wide.
    pub suppressed: bool,
    /// Whether the number has opted in again after an opt-out.
    pub opted_back_in: bool,
}

/// The one-text guard of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextGuard {
    /// Until when no other auto-text goes to the caller.
    pub until: Timestamp,
    /// The text that holds it.
    pub message: MessageId,
}

/// What was sent lately. Counts texts of ours that were claimed, whatever became of them, except those that
/// definitely did not go out (`failed`, `canceled`, `waiting`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SendCounts {
    /// Callers the business texted for the first time within the last hour.
    pub new_recipients_last_hour: u32,
    /// Texts of the business within the last 24 hours.
    pub business_last_day: u32,
    /// Automated texts to this caller within the last 24 hours.
    pub automated_to_caller_last_day: u32,
    /// Auto-texts to this caller within the last 30 days that came after the caller's last text.
    pub auto_texts_unanswered_30_days: u32,
}

named! {
    /// Where a forwarding test stands.
    TestCallState {
        /// Asked for; the call is not placed yet.
        Pending = "pending",
        /// The business phone rings.
        Ringing = "ringing",
        /// Waiting for the person to call.
        Listening = "listening",
        /// The forwarded call arrived.
        Success = "success",
        /// Somebody or something answered the business phone.
        Answered = "answered",
        /// Nothing arrived in time.
        NotForwarded = "not_forwarded",
        /// The business phone could not be reached.
        Unreachable = "unreachable",
    }
}

impl TestCallState {
    /// Whether the test is over.
    #[must_use]
    pub const fn is_over(self) -> bool {
        match self {
            Self::Pending | Self::Ringing | Self::Listening => false,
            Self::Success | Self::Answered | Self::NotForwarded | Self::Unreachable => true,
        }
    }
}

/// One forwarding test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestCall {
    /// Identifier.
    pub id: TestCallId,
    /// Whose test it is.
    pub business: BusinessId,
    /// Row version, raised by every change.
    pub version: u32,
    /// Whether we place the call (else the person does).
    pub we_call: bool,
    /// The business phone under test.
    pub business_phone: PhoneNumber,
    /// The number of ours that must be reached.
    pub our_number: PhoneNumber,
    /// Whose calls count as the test's arrival.
    pub expected_callers: Vec<PhoneNumber>,
    /// The provider's identifier of the call we placed.
    pub provider_call: Option<String>,
    /// Where it stands.
    pub state: TestCallState,
    /// The provider's code of a failure.
    pub error_code: Option<u32>,
    /// When it was asked for.
    pub started_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}
