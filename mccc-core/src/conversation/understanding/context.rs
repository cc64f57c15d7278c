//! What a caller was asked last, without which "2" and "yes" mean nothing.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::calls::named;

named! {
    /// How the words came.
    Channel {
        /// A text message.
        Sms = "sms",
        /// What a speech recogniser wrote down: no punctuation, numbers in words.
        Transcript = "transcript",
    }
}

named! {
    /// The last question.
    Asked {
        /// Which of the offered slots.
        Slots = "slots",
        /// Whether the appointment stands ("reply C to confirm, R to reschedule").
        ConfirmAppointment = "confirm_appointment",
        /// Whether they still need us.
        FollowUpYes = "follow_up_yes",
        /// Their name.
        Name = "name",
        /// What is wrong.
        Issue = "issue",
        /// Where.
        Address = "address",
        /// When to call back.
        CallbackTime = "callback_time",
    }
}

/// What went before a text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Context {
    /// What was asked last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// The starts of the slots that were offered, in their order.
    pub slots: Vec<Timestamp>,
    /// Whether an appointment is pending.
    pub appointment: bool,
}
