//! The row of a missed call.

use serde::{Deserialize, Serialize};

use super::outcome::{Outcome, named};
use super::reply::VoiceReply;
use crate::conversation::MessageStatus;
use crate::routing::{Method, RuleRef, Trace, Variant};
use crate::zone::LocalDay;
use crate::{BusinessId, CallId, CallerId, ConversationId, PhoneNumber, Timestamp};

named! {
    /// Where a call stands. Moves forward only.
    CallState {
        /// Being answered.
        Ringing = "ringing",
        /// The caller is on the line with what answered.
        InProgress = "in_progress",
        /// Over.
        Ended = "ended",
    }
}

/// One missed call, test calls included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Identifier, derived from the provider's.
    pub id: CallId,
    /// Whose call it is.
    pub business: BusinessId,
    /// Row version, raised by every change.
    pub version: u32,
    /// The provider's identifier; unique within a business.
    pub provider_call: String,
    /// Who called.
    pub caller: CallerId,
    /// The caller's name from the network.
    pub caller_name: Option<String>,
    /// The number of ours that was reached.
    pub dialled: PhoneNumber,
    /// The number the call was forwarded from, as far as known.
    pub forwarded_from: Option<PhoneNumber>,
    /// What the schedule said.
    pub scheduled_method: Method,
    /// What was done.
    pub method: Method,
    /// Business hours or after.
    pub variant: Variant,
    /// Which rule decided.
    pub rule: RuleRef,
    /// Version of the settings that decided.
    pub settings_version: u64,
    /// The decision with every rejected candidate.
    pub trace: Trace,
    /// What the caller heard.
    pub reply: VoiceReply,
    /// Where it stands.
    pub state: CallState,
    /// What became of it.
    pub outcome: Outcome,
    /// Whether the caller engaged: replied, left a message, talked, booked.
    pub recovered: bool,
    /// A test or preview: left out of totals, notices and CRM.
    pub is_test: bool,
    /// Tags such as `low_quality_lead`.
    pub tags: Vec<String>,
    /// When it reached us.
    pub received_at: Timestamp,
    /// The business's local day of `received_at`, fixed at intake.
    pub local_day: LocalDay,
    /// When the first useful response happened: a text accepted by the gateway, or an agent's pick-up.
    pub responded_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Length in whole seconds.
    pub duration_seconds: Option<u32>,
    /// What the caller left.
    pub recording: Option<Recording>,
    /// How the auto-text of this call stands.
    pub text: TextSummary,
    /// The thread with the caller, once there is one.
    pub conversation: Option<ConversationId>,
    /// Whether a person still owes something.
    pub needs_attention: bool,
    /// When a person has looked at it.
    pub read_at: Option<Timestamp>,
    /// When the promised callback was made.
    pub callback_completed_at: Option<Timestamp>,
}

/// A recording that stays with the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// The provider's identifier of the recording.
    pub provider_recording: String,
    /// Length in whole seconds.
    pub duration_seconds: u32,
}

/// How the auto-text of a call stands, for lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state", content = "status")]
pub enum TextSummary {
    /// No text is due for this call.
    NotDue,
    /// A text is queued here, or waits for its next attempt.
    Waiting,
    /// The gate refused it; the checks are in the call's feed.
    Denied,
    /// It exists as a message with this status. Made by [`TextSummary::of`], for one that waits is [`Self::Waiting`].
    Message(MessageStatus),
}

impl TextSummary {
    /// The summary of a call whose message has this status. What is stored by its name reads back as it was.
    #[must_use]
    pub const fn of(status: MessageStatus) -> Self {
        if matches!(status, MessageStatus::Waiting) {
            Self::Waiting
        } else {
            Self::Message(status)
        }
    }

    /// The stored and shown name: `none`, `queued`, `denied`, or the message status.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotDue => "none",
            Self::Waiting => "waiting",
            Self::Denied => "denied",
            Self::Message(status) => status.name(),
        }
    }

    /// Reads the stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "none" => Some(Self::NotDue),
            "waiting" => Some(Self::Waiting),
            "denied" => Some(Self::Denied),
            other => MessageStatus::from_name(other).map(Self::of),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_that_is_stored_by_its_name_reads_back_as_it_was() {
        let of_messages = MessageStatus::ALL.iter().map(|status| TextSummary::of(*status));
        for summary in of_messages.chain([TextSummary::NotDue, TextSummary::Denied]) {
            assert_eq!(TextSummary::from_name(summary.name()), Some(summary));
        }
    }
}
