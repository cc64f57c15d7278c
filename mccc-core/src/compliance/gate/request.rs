//! What somebody wants to send.

use std::fmt;

use crate::id::{BusinessId, MessageId};
use crate::messages::TemplateKind;
use crate::{CallerId, Timestamp};

/// What a text is for: the kind of its template.
pub type Purpose = TemplateKind;

/// A text that wants to go out.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The business that writes.
    pub business: BusinessId,
    /// The stored message this is an attempt of.
    pub message: MessageId,
    /// What it is for.
    pub purpose: Purpose,
    /// Whom it is for, as the network told us.
    pub to: CallerId,
    /// The whole text as it will arrive.
    pub body: String,
    /// Whether somebody is waiting for it: it answers a call or a text of a moment ago. Ignored for follow-ups,
    /// appointment reminders and appointments that were called off, which nobody waits for.
    pub immediate: bool,
    /// When it should have gone out: the end of the call, the arrival of the text it answers, the press of a button,
    /// or the instant to which an earlier verdict moved it.
    pub due_at: Timestamp,
    /// From when on it is of no use to whom it is for: the start of an appointment that does not take place. It does not
    /// wait until then; a person is told instead.
    pub useless_from: Option<Timestamp>,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("message", &self.message)
            .field("purpose", &self.purpose)
            .field("immediate", &self.immediate)
            .field("due_at", &self.due_at)
            .finish_non_exhaustive()
    }
}

/// Written by us to a caller, not by a person. What protects callers from us is not asked about a notice to the
/// business's own phone.
pub(super) const fn is_automated(purpose: Purpose) -> bool {
    match purpose {
        Purpose::Manual | Purpose::OwnerNotice => false,
        Purpose::AutoText
        | Purpose::Followup
        | Purpose::AppointmentConfirmation
        | Purpose::AppointmentReminder
        | Purpose::AppointmentCancelled
        | Purpose::Reply
        | Purpose::VoicemailAck
        | Purpose::Emergency
        | Purpose::OptOutConfirmation
        | Purpose::Help
        | Purpose::Hangup => true,
    }
}

/// The one text with which a missed call is answered, whatever its wording.
pub(super) const fn answers_call(purpose: Purpose) -> bool {
    match purpose {
        Purpose::AutoText | Purpose::Hangup | Purpose::VoicemailAck => true,
        Purpose::Followup
        | Purpose::AppointmentConfirmation
        | Purpose::AppointmentReminder
        | Purpose::AppointmentCancelled
        | Purpose::Reply
        | Purpose::Emergency
        | Purpose::OptOutConfirmation
        | Purpose::Help
        | Purpose::Manual
        | Purpose::OwnerNotice => false,
    }
}

/// Sent on our own initiative: nobody waits for it, whatever the request says.
pub(super) const fn is_unprompted(purpose: Purpose) -> bool {
    match purpose {
        Purpose::Followup | Purpose::AppointmentReminder | Purpose::AppointmentCancelled => true,
        Purpose::AutoText
        | Purpose::Hangup
        | Purpose::VoicemailAck
        | Purpose::AppointmentConfirmation
        | Purpose::Reply
        | Purpose::Emergency
        | Purpose::OptOutConfirmation
        | Purpose::Help
        | Purpose::Manual
        | Purpose::OwnerNotice => false,
    }
}
