//! Typed, versioned payloads. They hold identifiers, never message bodies or numbers.

use serde::{Deserialize, Serialize};

use crate::calls::named;
use crate::notify::{About, ChannelKind};
use crate::{AppointmentId, CallId, ConversationId, MessageId, PhoneNumber, TaskId, TestCallId, Timestamp};

named! {
    /// The kinds of work, as stored.
    JobKind {
        /// Answer a missed call with a text.
        AutoText = "auto_text",
        /// Text again after no reply.
        FollowUp = "follow_up",
        /// Hand a written message to the gateway.
        SendMessage = "send_message",
        /// Find out what became of a send whose answer was lost.
        ReconcileMessage = "reconcile_message",
        /// Buy the business's forwarding number.
        ProvisionNumber = "provision_number",
        /// Place the call of a forwarding test.
        TestCall = "test_call",
        /// End a forwarding test that heard nothing.
        TestTimeout = "test_timeout",
        /// Find out what became of a time that was held, and book it or give it back.
        Book = "book",
        /// Find out what became of a move, and end it.
        MoveAppointment = "move_appointment",
        /// Remove the event of an appointment that was called off.
        RemoveEvent = "remove_event",
        /// Follow what was done in the business's calendar elsewhere.
        SyncCalendar = "sync_calendar",
        /// Read a calendar that is only read.
        ReadCalendar = "read_calendar",
        /// Text the customer that an appointment stands.
        ConfirmAppointment = "confirm_appointment",
        /// Text the customer that an appointment was called off.
        TellCalledOff = "tell_called_off",
        /// Remind the customer of an appointment.
        Remind = "remind",
        /// Answer a caller's text.
        AnswerText = "answer_text",
        /// Tell a caller that a time could not be booked after all.
        BookingLost = "booking_lost",
        /// End a talk in which nothing was said for a while.
        CloseIdle = "close_idle",
        /// Find out who wants to know of something.
        Tell = "tell",
        /// Tell the contractor through one channel.
        Notify = "notify",
        /// Sum up what happened in quiet time.
        AwaySummary = "away_summary",
        /// See that a promise to a caller is kept.
        WatchPromise = "watch_promise",
        /// Import what only the provider has.
        ImportMissed = "import_missed",
        /// Write the day's length and head of the consent ledger.
        ExportLedger = "export_ledger",
        /// Delete what is old enough.
        DeleteOld = "delete_old",
    }
}

/// One piece of work. The tag is stored; a change of shape gets a new tag, and old ones stay readable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "v", rename_all = "snake_case")]
pub enum Job {
    /// Answer this missed call with a text.
    #[serde(rename = "auto_text.1")]
    AutoText {
        /// The call.
        call: CallId,
    },
    /// Text again if the caller of this call has not reacted.
    #[serde(rename = "follow_up.1")]
    FollowUp {
        /// The call.
        call: CallId,
        /// The thread.
        conversation: ConversationId,
    },
    /// Hand this message to the gateway.
    #[serde(rename = "send_message.1")]
    SendMessage {
        /// The message.
        message: MessageId,
    },
    /// Look up a send whose answer was lost.
    #[serde(rename = "reconcile_message.1")]
    ReconcileMessage {
        /// The message.
        message: MessageId,
        /// Look-ups made so far.
        looked: u8,
    },
    /// Buy the business's forwarding number. The choice is written down before the purchase, so that a repetition
    /// asks whether that number was bought before it buys.
    #[serde(rename = "provision_number.1")]
    ProvisionNumber {
        /// The wished area code.
        area_code: Option<String>,
        /// The number that was chosen.
        chosen: Option<PhoneNumber>,
    },
    /// Place the call of a forwarding test.
    #[serde(rename = "test_call.1")]
    TestCall {
        /// The test.
        test: TestCallId,
    },
    /// End a forwarding test that heard nothing.
    #[serde(rename = "test_timeout.1")]
    TestTimeout {
        /// The test.
        test: TestCallId,
    },
    /// Look after a held time.
    #[serde(rename = "book.1")]
    Book {
        /// The appointment.
        appointment: AppointmentId,
    },
    /// Look after a move.
    #[serde(rename = "move_appointment.1")]
    MoveAppointment {
        /// The appointment.
        appointment: AppointmentId,
    },
    /// Remove an event from the calendar.
    #[serde(rename = "remove_event.1")]
    RemoveEvent {
        /// The appointment.
        appointment: AppointmentId,
    },
    /// Follow a calendar from where the last look ended.
    #[serde(rename = "sync_calendar.1")]
    SyncCalendar {
        /// The connection it is about; over another one there is nothing to do.
        connection: String,
        /// Whether it comes again by itself.
        poll: bool,
    },
    /// Read a calendar that is only read, again and again while it is connected.
    #[serde(rename = "read_calendar.1")]
    ReadCalendar {
        /// Which of the settings.
        calendar: String,
    },
    /// Text that an appointment stands.
    #[serde(rename = "confirm_appointment.1")]
    ConfirmAppointment {
        /// The appointment.
        appointment: AppointmentId,
        /// The start it is about: one that was moved since is not confirmed any more.
        starts_at: Timestamp,
        /// The version with which the appointment was moved there; 0 where it was booked. One that is moved away and back
        /// is told of again.
        #[serde(default, skip_serializing_if = "never_moved")]
        moved: u32,
        /// It was moved in the contractor's own calendar: nobody waits for the text.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        by_hand: bool,
    },
    /// Text that an appointment was called off.
    #[serde(rename = "tell_called_off.1")]
    TellCalledOff {
        /// The appointment.
        appointment: AppointmentId,
        /// The start it had.
        starts_at: Timestamp,
    },
    /// Remind of an appointment.
    #[serde(rename = "remind.1")]
    Remind {
        /// The appointment.
        appointment: AppointmentId,
        /// Which of the business's reminders.
        minutes_before: u32,
        /// The start it is about.
        starts_at: Timestamp,
    },
    /// Answer this text, and what came since the answer before.
    #[serde(rename = "answer_text.1")]
    AnswerText {
        /// The text.
        message: MessageId,
    },
    /// Tell the caller who waits for this appointment that its time is lost.
    #[serde(rename = "booking_lost.1")]
    BookingLost {
        /// The appointment.
        appointment: AppointmentId,
    },
    /// End a talk, if nothing was said for a while.
    #[serde(rename = "close_idle.1")]
    CloseIdle {
        /// The thread.
        conversation: ConversationId,
    },
    /// Find out who wants to know of something, and when.
    #[serde(rename = "tell.1")]
    Tell {
        /// What it is about.
        about: About,
    },
    /// Tell the contractor through one channel.
    #[serde(rename = "notify.1")]
    Notify {
        /// What it is about.
        about: About,
        /// The channel.
        channel: ChannelKind,
    },
    /// Sum up what happened in quiet time.
    #[serde(rename = "away_summary.1")]
    AwaySummary {
        /// The feed's position before it began.
        after: u64,
    },
    /// See that a promise to a caller is kept: warn before it breaks, write down when it does.
    #[serde(rename = "watch_promise.1")]
    WatchPromise {
        /// The task that fulfils it.
        task: TaskId,
    },
    /// Import calls and texts that only the provider has.
    #[serde(rename = "import_missed.1")]
    ImportMissed {},
    /// Write the day's length and head of the consent ledger.
    #[serde(rename = "export_ledger.1")]
    ExportLedger {},
    /// Delete what is old enough by the business's settings.
    #[serde(rename = "delete_old.1")]
    DeleteOld {},
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn never_moved(moved: &u32) -> bool {
    *moved == 0
}

impl Job {
    /// The kind, as stored.
    #[must_use]
    pub const fn kind(&self) -> JobKind {
        match self {
            Self::AutoText { .. } => JobKind::AutoText,
            Self::FollowUp { .. } => JobKind::FollowUp,
            Self::SendMessage { .. } => JobKind::SendMessage,
            Self::ReconcileMessage { .. } => JobKind::ReconcileMessage,
            Self::ProvisionNumber { .. } => JobKind::ProvisionNumber,
            Self::TestCall { .. } => JobKind::TestCall,
            Self::TestTimeout { .. } => JobKind::TestTimeout,
            Self::Book { .. } => JobKind::Book,
            Self::MoveAppointment { .. } => JobKind::MoveAppointment,
            Self::RemoveEvent { .. } => JobKind::RemoveEvent,
            Self::SyncCalendar { .. } => JobKind::SyncCalendar,
            Self::ReadCalendar { .. } => JobKind::ReadCalendar,
            Self::ConfirmAppointment { .. } => JobKind::ConfirmAppointment,
            Self::TellCalledOff { .. } => JobKind::TellCalledOff,
            Self::Remind { .. } => JobKind::Remind,
            Self::AnswerText { .. } => JobKind::AnswerText,
            Self::BookingLost { .. } => JobKind::BookingLost,
            Self::CloseIdle { .. } => JobKind::CloseIdle,
            Self::Tell { .. } => JobKind::Tell,
            Self::Notify { .. } => JobKind::Notify,
            Self::AwaySummary { .. } => JobKind::AwaySummary,
            Self::WatchPromise { .. } => JobKind::WatchPromise,
            Self::ImportMissed {} => JobKind::ImportMissed,
            Self::ExportLedger {} => JobKind::ExportLedger,
            Self::DeleteOld {} => JobKind::DeleteOld,
        }
    }
}

impl JobKind {
    /// Whether an opt-out of the subject cancels queued work of this kind. The text of a missed call is not cancelled
    /// but comes to the gate, which refuses it and says so on the call; so does that of an appointment that was called
    /// off, since somebody has to call who would come in vain.
    #[must_use]
    pub const fn canceled_by_opt_out(self) -> bool {
        match self {
            // The subject of a notice is the contractor's own phone, and nobody's where it is no text.
            Self::FollowUp
            | Self::SendMessage
            | Self::ConfirmAppointment
            | Self::Remind
            | Self::AnswerText
            | Self::Notify => true,
            Self::AutoText
            | Self::TellCalledOff
            | Self::ReconcileMessage
            | Self::ProvisionNumber
            | Self::TestCall
            | Self::TestTimeout
            | Self::Book
            | Self::MoveAppointment
            | Self::RemoveEvent
            | Self::BookingLost
            | Self::CloseIdle
            | Self::SyncCalendar
            | Self::ReadCalendar
            | Self::Tell
            | Self::AwaySummary
            | Self::WatchPromise
            | Self::ImportMissed
            | Self::ExportLedger
            | Self::DeleteOld => false,
        }
    }
}
