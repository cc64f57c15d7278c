//! The rows of a thread.

use serde::{Deserialize, Serialize};

use super::dialogue::Dialogue;
use crate::calls::Outcome;
use crate::compliance::number::LineType;
use crate::{BusinessId, CallId, ConversationId, MessageId, PhoneNumber, Timestamp, UserId};

use crate::calls::named;

named! {
    /// Who leads a thread.
    ThreadState {
        /// The machine may answer.
        AiActive = "ai_active",
        /// A person has taken over; the machine is silent.
        Human = "human",
        /// The caller wants no texts.
        OptedOut = "opted_out",
    }
}

named! {
    /// Which way a text went.
    Direction {
        /// From the caller to us.
        Inbound = "inbound",
        /// From us to the caller.
        Outbound = "outbound",
    }
}

named! {
    /// Who wrote a text.
    Author {
        /// The caller.
        Caller = "caller",
        /// We, without a person.
        Machine = "machine",
        /// A person of the business.
        Person = "person",
    }
}

named! {
    /// What a text is for.
    MessageKind {
        /// The immediate answer to a missed call.
        AutoText = "auto_text",
        /// The reminder after no reply.
        FollowUp = "followup",
        /// A person's or machine's answer in a thread.
        Reply = "reply",
        /// Thanks for a voicemail.
        VoicemailAck = "voicemail_ack",
        /// After the caller hung up on the voice agent.
        HangUp = "hangup",
        /// Reaction to an emergency.
        Emergency = "emergency",
        /// The one confirmation of an opt-out.
        OptOutConfirmation = "opt_out_confirmation",
        /// The confirmation of an opt-in.
        OptInConfirmation = "opt_in_confirmation",
        /// The answer to HELP.
        Help = "help",
        /// Confirmation of an appointment.
        AppointmentConfirmation = "appointment_confirmation",
        /// Reminder of an appointment.
        AppointmentReminder = "appointment_reminder",
        /// That the business called an appointment off.
        AppointmentCancelled = "appointment_cancelled",
        /// Written by a person outside an answer.
        Manual = "manual",
        /// To the contractor's own phone: something happened.
        OwnerNotice = "owner_notice",
    }
}

named! {
    /// Where a text stands. `Claimed` exists before the gateway is asked; an attempt that stays there is never
    /// repeated.
    MessageStatus {
        /// Written down, waiting for its turn.
        Waiting = "waiting",
        /// The attempt is about to be or is being made.
        Claimed = "claimed",
        /// The attempt's result was lost; looked up, never repeated.
        Unknown = "unknown",
        /// Accepted by the gateway.
        Queued = "queued",
        /// Handed to the carrier.
        Sent = "sent",
        /// Confirmed by the carrier.
        Delivered = "delivered",
        /// Not delivered by the carrier.
        Undelivered = "undelivered",
        /// Not sent by the gateway.
        Failed = "failed",
        /// Cancelled before it was sent, by an opt-out or a takeover.
        Canceled = "canceled",
        /// Received from the caller.
        Received = "received",
    }
}

/// One text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Identifier, derived from what caused the text.
    pub id: MessageId,
    /// Whose thread it belongs to.
    pub business: BusinessId,
    /// Row version, raised by every change.
    pub version: u32,
    /// The thread.
    pub conversation: ConversationId,
    /// The missed call that caused it, if one did.
    pub call: Option<CallId>,
    /// Which way it went.
    pub direction: Direction,
    /// Who wrote it.
    pub author: Author,
    /// The person who wrote it.
    pub user: Option<UserId>,
    /// What it is for.
    pub kind: MessageKind,
    /// Our number.
    pub ours: PhoneNumber,
    /// The caller's number.
    pub theirs: PhoneNumber,
    /// The text.
    pub body: String,
    /// Pictures or files that came with it.
    pub media_count: u8,
    /// Billed segments.
    pub segments: u8,
    /// Where it stands.
    pub status: MessageStatus,
    /// The provider's identifier, once known.
    pub provider_message: Option<String>,
    /// The provider's error code.
    pub error_code: Option<u32>,
    /// Why it stands where it stands, in the contractor's words.
    pub reason: Option<String>,
    /// How many attempts were made; an attempt is repeated only when it definitely did not happen.
    pub attempts: u8,
    /// What the machine's answer rests on, for the people of the business, a line each: "Answered from FAQ: Hours".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Written by the machine and waiting for a person to send, change or discard it.
    #[serde(default)]
    pub draft: bool,
    /// When it was written down or received.
    pub created_at: Timestamp,
    /// When the gateway accepted it.
    pub sent_at: Option<Timestamp>,
    /// When its delivery was settled, either way.
    pub settled_at: Option<Timestamp>,
}

/// A caller as one business knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Whose contact it is.
    pub business: BusinessId,
    /// The number, which is the contact's identity.
    pub phone: PhoneNumber,
    /// Name, once known.
    pub name: Option<String>,
    /// What kind of line it is, with the instant this was learned.
    pub line: Option<(LineType, Timestamp)>,
    /// First seen.
    pub created_at: Timestamp,
    /// Last call or text.
    pub last_seen_at: Timestamp,
}

/// What overrides the schedule for one caller. Has a row only where it says something, so that most calls need not
/// read it: version 0 means there is no row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallerFlags {
    /// Row version; 0 when there is no row.
    pub version: u32,
    /// Never answered, never texted.
    pub blocked: bool,
    /// Judged to be spam.
    pub spam: bool,
    /// Saved as "do not text automatically".
    pub no_auto_text: bool,
    /// Calls go to the voice agent until then, whatever the schedule says.
    pub emergency_until: Option<Timestamp>,
    /// A forwarding test is expected from this number until then.
    pub test_until: Option<Timestamp>,
}

impl CallerFlags {
    /// A caller about whom nothing special is known.
    pub const NONE: Self = Self {
        version: 0,
        blocked: false,
        spam: false,
        no_auto_text: false,
        emergency_until: None,
        test_until: None,
    };
}

/// The thread with one caller of one business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Identifier.
    pub id: ConversationId,
    /// Whose thread it is.
    pub business: BusinessId,
    /// The caller.
    pub phone: PhoneNumber,
    /// Row version, raised by every change and by every message of the thread.
    pub version: u32,
    /// Who leads it.
    pub state: ThreadState,
    /// The person who took over.
    pub taken_by: Option<UserId>,
    /// The latest missed call of this caller.
    pub last_call: Option<CallId>,
    /// Inbound texts nobody has looked at.
    pub unread: u32,
    /// Opening of the last message.
    pub preview: String,
    /// Last message either way.
    pub last_message_at: Timestamp,
    /// Last message from the caller.
    pub last_inbound_at: Option<Timestamp>,
    /// Last text from us without a person.
    pub last_automated_at: Option<Timestamp>,
    /// Automated texts since the caller last wrote something new.
    pub automated_since_inbound: u32,
    /// What the latest call led to, for the inbox.
    pub outcome: Outcome,
    /// Where the machine's talk with the caller stands.
    #[serde(default)]
    pub dialogue: Dialogue,
    /// When it began.
    pub created_at: Timestamp,
}
