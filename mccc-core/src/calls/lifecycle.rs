//! A call's life from the provider's events. Pure and total: every pair of state and event has an answer, and what
//! came late, twice or out of order changes nothing.

use super::call::{Call, CallState, Recording, TextSummary};
use super::outcome::Outcome;
use super::reply::VoiceReply;
use crate::Timestamp;
use crate::conversation::{EMERGENCY_WINDOW, MessageStatus};
use crate::port::{CallStatus, RecordingStatus};

/// Messages shorter than this are no message.
const SHORTEST_MESSAGE_SECONDS: u32 = 3;
/// A hang-up within this many seconds is marked as a poor lead.
const POOR_LEAD_SECONDS: u32 = 3;
/// The tag of such a call.
pub(super) const POOR_LEAD_TAG: &str = "low_quality_lead";

/// The tag of a call within an hour of the caller's emergency.
pub const EMERGENCY_TAG: &str = "emergency";

/// The tag of a call whose caller's number the network says is forged.
pub const FORGED_CALLER_TAG: &str = "forged_caller_id";

/// What may happen to a call after its intake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallEvent {
    /// The provider's news about the call.
    Progress {
        /// Where the call stands.
        status: CallStatus,
        /// Its length, once it ended.
        duration_seconds: Option<u32>,
    },
    /// The provider's news about what the caller left.
    Recording {
        /// The provider's identifier.
        provider_recording: String,
        /// Where the recording stands.
        status: RecordingStatus,
        /// Its length, once complete.
        duration_seconds: Option<u32>,
    },
    /// How the auto-text stands now.
    Text(TextSummary),
    /// The caller wrote a text that is not about consent.
    CallerReplied,
    /// The machine talks with the caller by text, and this came of it so far.
    Talked(Outcome),
    /// The caller wrote of an emergency.
    Emergency,
    /// An appointment came of it.
    Booked,
    /// A person called back or said so.
    CallbackDone,
    /// A person has looked at the call.
    Read,
    /// Something was raised, or everything was settled, that a person owes.
    Attention(bool),
}

/// What an event did.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The call as it is now; its version is raised by one when anything changed.
    pub call: Call,
    /// Whether anything changed.
    pub changed: bool,
    /// The call ended by this event. True once in its life.
    pub ended: bool,
    /// A message was left by this event. True once per recording.
    pub voicemail: bool,
}

/// Decides what `event` does to `call` at `now`.
#[must_use]
pub fn step(call: &Call, event: &CallEvent, now: Timestamp) -> Step {
    let mut after = call.clone();
    let mut ended = false;
    let mut voicemail = false;
    match event {
        CallEvent::Progress {
            status,
            duration_seconds,
        } => ended = progress(&mut after, *status, *duration_seconds, now),
        CallEvent::Recording {
            provider_recording,
            status,
            duration_seconds,
        } => {
            voicemail = recording(&mut after, provider_recording, *status, *duration_seconds);
        }
        CallEvent::Text(summary) => text(&mut after, *summary, now),
        CallEvent::CallerReplied => {
            if !after.is_test {
                after.recovered = true;
                after.outcome = after.outcome.raised_to(Outcome::CallbackRequested);
            }
        }
        CallEvent::Talked(outcome) => {
            if !after.is_test {
                after.recovered = true;
                after.outcome = after.outcome.raised_to(*outcome);
            }
        }
        CallEvent::Booked => {
            if !after.is_test {
                after.recovered = true;
                after.outcome = after.outcome.raised_to(Outcome::AppointmentBooked);
            }
        }
        CallEvent::Emergency => {
            if !after.is_test && now.since(after.received_at) <= EMERGENCY_WINDOW {
                add_tag(&mut after, EMERGENCY_TAG);
            }
        }
        CallEvent::CallbackDone => {
            after.callback_completed_at = after.callback_completed_at.or(Some(now));
            after.needs_attention = false;
        }
        CallEvent::Read => after.read_at = after.read_at.or(Some(now)),
        CallEvent::Attention(open) => after.needs_attention = *open,
    }
    let changed = after != *call;
    if changed {
        after.version = call.version.saturating_add(1);
    }
    Step {
        call: after,
        changed,
        ended,
        voicemail,
    }
}

fn progress(call: &mut Call, status: CallStatus, duration_seconds: Option<u32>, now: Timestamp) -> bool {
    // What was never answered has no length, and nobody hung up on it at once.
    let duration_seconds = duration_seconds.filter(|_| status == CallStatus::Completed);
    match (call.state, status) {
        (CallState::Ringing, CallStatus::InProgress) => {
            call.state = CallState::InProgress;
            false
        }
        (
            CallState::Ringing | CallState::InProgress,
            CallStatus::Completed | CallStatus::Busy | CallStatus::Failed | CallStatus::NoAnswer | CallStatus::Canceled,
        ) => {
            call.state = CallState::Ended;
            call.ended_at = Some(now);
            call.duration_seconds = duration_seconds.or(call.duration_seconds);
            hung_up(call);
            true
        }
        // A second final event may bring the length that the first one lacked; nothing else.
        (
            CallState::Ended,
            CallStatus::Completed | CallStatus::Busy | CallStatus::Failed | CallStatus::NoAnswer | CallStatus::Canceled,
        ) => {
            call.duration_seconds = call.duration_seconds.or(duration_seconds);
            false
        }
        (
            CallState::InProgress | CallState::Ended,
            CallStatus::InProgress | CallStatus::Ringing | CallStatus::Queued | CallStatus::Other,
        )
        | (CallState::Ringing, CallStatus::Ringing | CallStatus::Queued | CallStatus::Other) => false,
    }
}

/// A call that was offered the voicemail and ended without a recording (so far) was hung up.
fn hung_up(call: &mut Call) {
    let offered = match &call.reply {
        VoiceReply::Voicemail { .. } => true,
        VoiceReply::Say { .. } | VoiceReply::Reject { .. } | VoiceReply::TestArrived { .. } => false,
    };
    if offered && call.recording.is_none() && !call.is_test {
        call.outcome = call.outcome.raised_to(Outcome::HungUp);
        if call
            .duration_seconds
            .is_some_and(|seconds| seconds <= POOR_LEAD_SECONDS)
        {
            add_tag(call, POOR_LEAD_TAG);
        }
    }
}

fn recording(call: &mut Call, id: &str, status: RecordingStatus, duration_seconds: Option<u32>) -> bool {
    match status {
        RecordingStatus::InProgress | RecordingStatus::Absent | RecordingStatus::Failed | RecordingStatus::Other => {
            false
        }
        RecordingStatus::Completed => {
            // One recording counts; a repeated or second one changes nothing.
            if call.recording.is_some() {
                return false;
            }
            let seconds = duration_seconds.unwrap_or(0);
            call.recording = Some(Recording {
                provider_recording: id.to_owned(),
                duration_seconds: seconds,
            });
            if call.is_test {
                return false;
            }
            if seconds < SHORTEST_MESSAGE_SECONDS {
                call.outcome = call.outcome.raised_to(Outcome::VoicemailNoMessage);
                return false;
            }
            call.tags.retain(|tag| tag != POOR_LEAD_TAG);
            call.outcome = call.outcome.raised_to(Outcome::VoicemailLeft);
            call.recovered = true;
            true
        }
    }
}

fn text(call: &mut Call, summary: TextSummary, now: Timestamp) {
    // A late "waiting" or "claimed" never hides what is known already; an attempt that was refused for now is waiting
    // again.
    // A refusal by the gate ends an attempt that had not begun, but says nothing about one that may have happened.
    let rank = |summary: TextSummary| match summary {
        TextSummary::NotDue => 0,
        TextSummary::Waiting | TextSummary::Message(MessageStatus::Waiting | MessageStatus::Claimed) => 1,
        TextSummary::Denied => 2,
        TextSummary::Message(status) => 3 + status.rank(),
    };
    if rank(summary) < rank(call.text) {
        return;
    }
    call.text = summary;
    if let TextSummary::Message(MessageStatus::Queued | MessageStatus::Sent | MessageStatus::Delivered) = summary {
        call.outcome = call.outcome.raised_to(Outcome::AutoTextSent);
        call.responded_at = call.responded_at.or(Some(now));
    }
}

fn add_tag(call: &mut Call, tag: &str) {
    if !call.tags.iter().any(|have| have == tag) {
        call.tags.push(tag.to_owned());
    }
}
