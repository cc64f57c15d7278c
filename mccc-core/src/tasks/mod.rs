//! What a person still owes a caller: a callback, a look at an unknown send, a reply. Some of it was promised for a time.

mod promise;

pub use promise::{Promise, due_at, text_promise, warn_at};

use serde::{Deserialize, Serialize};

use crate::calls::named;
use crate::{BusinessId, CallId, ConversationId, MessageId, PhoneNumber, TaskId, Timestamp, UserId};

named! {
    /// Why a person is needed.
    TaskKind {
        /// The caller is owed a call.
        Callback = "callback",
        /// The caller wrote and nobody answered.
        ReplyNeeded = "reply_needed",
        /// A text could not be sent.
        TextFailed = "text_failed",
        /// Whether a text was sent is not known; it is never sent again by itself.
        TextUnknown = "text_unknown",
        /// The caller opted out and may be waiting for a call.
        OptedOut = "opted_out",
        /// The caller described an emergency.
        Emergency = "emergency",
        /// The phone company sent a code that has to be entered there.
        VerificationCode = "verification_code",
        /// The calendar elsewhere has to be connected again before appointments can be booked.
        CalendarReconnect = "calendar_reconnect",
        /// An appointment was moved or removed by hand in the calendar, and its customer does not know.
        CalendarChanged = "calendar_changed",
    }
}

/// One open or finished task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Identifier, derived from what raised it, so that it is raised once.
    pub id: TaskId,
    /// Whose task it is.
    pub business: BusinessId,
    /// Why a person is needed.
    pub kind: TaskKind,
    /// The caller, when the number is known.
    pub phone: Option<PhoneNumber>,
    /// The call it is about.
    pub call: Option<CallId>,
    /// The thread it is about.
    pub conversation: Option<ConversationId>,
    /// The message it is about.
    pub message: Option<MessageId>,
    /// What to do, in the contractor's words.
    pub sentence: String,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// Until when the caller was promised it, if anything was promised.
    pub due_at: Option<Timestamp>,
    /// When it was done.
    pub done_at: Option<Timestamp>,
    /// Who did it.
    pub done_by: Option<UserId>,
}
