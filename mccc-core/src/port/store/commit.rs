//! One atomic commit: preconditions, changes, and the job whose result it is.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{StoredResponse, TestCall};
use crate::appointments::{Appointment, Block, BlockedTime};
use crate::business::{CalendarCopy, CalendarSync, OwnedLine, Settings};
use crate::calls::{Call, named};
use crate::compliance::ledger::Entry;
use crate::conversation::{CallerFlags, Contact, Conversation, Message};
use crate::jobs::Job;
use crate::tasks::Task;
use crate::{
    AppointmentId, BlockedTimeId, BusinessId, CallId, ConversationId, JobId, MessageId, PhoneNumber, Timestamp,
};

/// What to apply, all or nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Commit {
    /// The business every tenant row of this commit belongs to. The database's policies admit no other.
    pub business: BusinessId,
    /// The instant of the decision.
    pub at: Timestamp,
    /// The event this commit processes; a second commit with the same key is refused with the stored reply.
    pub event: Option<EventKey>,
    /// Phone numbers to lock first, installation-wide.
    pub locks: Vec<PhoneNumber>,
    /// What must hold.
    pub guards: Vec<Guard>,
    /// What changes.
    pub changes: Vec<Change>,
    /// The job whose result this is.
    pub job: Option<(Fence, JobResult)>,
    /// Whether it may share a transaction with others that wait.
    pub grouping: Grouping,
}

impl Commit {
    /// An empty commit for `business`.
    #[must_use]
    pub const fn new(business: BusinessId, at: Timestamp) -> Self {
        Self {
            business,
            at,
            event: None,
            locks: Vec::new(),
            guards: Vec::new(),
            changes: Vec::new(),
            job: None,
            grouping: Grouping::Alone,
        }
    }
}

/// The identity of an outside event and the reply it gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventKey {
    /// Route and provider identifiers, such as `twilio/sms/SM…`. Unique within a business.
    pub key: String,
    /// What to answer when the event comes again.
    pub reply: Option<String>,
}

/// Whether a commit may share a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grouping {
    /// Intake of a call: applied set-wise with others that wait. Holds exactly one [`Change::InsertCall`], feed events,
    /// jobs, a settings guard and a flags guard, no locks and no event key (the call is its own key).
    Intake,
    /// Applied in a transaction of its own.
    Alone,
}

/// A precondition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// The settings are still at this version.
    Settings {
        /// The version that was read.
        version: u64,
    },
    /// The caller's flags are still at this version; 0 means there is no row.
    CallerFlags {
        /// The caller.
        phone: PhoneNumber,
        /// The version that was read.
        version: u32,
    },
    /// The number is not opted out, neither here nor installation-wide. The commit locks the number.
    NotOptedOut {
        /// The recipient.
        phone: PhoneNumber,
    },
    /// The thread is still at this version; 0 means there is no row.
    Conversation {
        /// The caller.
        phone: PhoneNumber,
        /// The version that was read.
        version: u32,
    },
    /// No auto-text guard is held for this caller at the commit's instant.
    TextGuardFree {
        /// The caller.
        phone: PhoneNumber,
    },
    /// The business has sent less than its limits at the commit's instant, without what this commit writes. Counted as
    /// [`SendCounts`](super::SendCounts) are, once no other commit of the business can come between. A limit that is
    /// left out is not asked about.
    SendsBelow {
        /// Texts within the last 24 hours.
        business_day: Option<u32>,
        /// Callers texted for the first time within the last hour.
        new_recipients_hour: Option<u32>,
    },
    /// Fewer appointments than `limit` start within a day, counted as
    /// [`Appointment::counts_at`](crate::appointments::Appointment::counts_at) does by the store's clock, once no other
    /// commit of the business can come between.
    DayBelow {
        /// The first instant of the day.
        from: Timestamp,
        /// The first instant of the next day.
        until: Timestamp,
        /// How many are too many.
        limit: u32,
        /// The appointment that is being booked or moved, which does not count.
        except: AppointmentId,
    },
}

/// One change. Rows that carry a `version` are guarded by it: an update writes version n + 1 over version n, and
/// fails as stale when the stored version is not n.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A new call. One with the same provider identifier makes the commit fail as already processed, with the stored
    /// call's reply.
    InsertCall(Box<Call>),
    /// A changed call; `after.version` is `before.version + 1`. Totals follow from the difference.
    UpdateCall {
        /// As it was read.
        before: Box<Call>,
        /// As it shall be.
        after: Box<Call>,
    },
    /// Appends to the business's feed.
    Feed(FeedEvent),
    /// Queues work. Live work with the same kind and key, and any job with the same identifier, is left as it is.
    Enqueue(NewJob),
    /// Cancels queued work about a caller that an opt-out forbids.
    CancelJobs {
        /// The caller.
        subject: PhoneNumber,
    },
    /// A contact, written whole.
    PutContact(Contact),
    /// Flags of a caller, `version` raised by one over what was read; 1 inserts.
    PutCallerFlags {
        /// The caller.
        phone: PhoneNumber,
        /// The flags.
        flags: CallerFlags,
    },
    /// A thread, `version` raised by one over what was read; 1 inserts.
    PutConversation(Conversation),
    /// A message, `version` raised by one over what was read; 1 inserts.
    PutMessage(Box<Message>),
    /// Takes the right to hand one message to the gateway, until it expires by the store's clock.
    ClaimSend {
        /// The message.
        message: MessageId,
        /// The recipient.
        phone: PhoneNumber,
        /// How long the claim lasts.
        lasts: Duration,
    },
    /// Gives the claim back, whatever came of it.
    SettleSend {
        /// The message.
        message: MessageId,
    },
    /// Holds the one-text guard for a caller.
    HoldTextGuard {
        /// The caller.
        phone: PhoneNumber,
        /// Until when.
        until: Timestamp,
        /// The text that holds it.
        message: MessageId,
    },
    /// Frees the guard if this text holds it: it was definitely not delivered.
    FreeTextGuard {
        /// The caller.
        phone: PhoneNumber,
        /// The text that held it.
        message: MessageId,
    },
    /// An opt-out or opt-in. The commit locks the number.
    Consent(ConsentChange),
    /// Appends to the business's consent ledger; the store seals it onto the chain.
    Ledger(Entry),
    /// A task. One with the same identifier that exists already is left as it is.
    RaiseTask(Task),
    /// Marks a task as done. Doing it twice changes nothing.
    FinishTask {
        /// The task.
        task: crate::TaskId,
        /// Who did it, if a person did.
        by: Option<crate::UserId>,
    },
    /// Creates a business (expected version 0) or saves its settings over the expected version. Raises the version.
    PutSettings {
        /// The settings.
        settings: Box<Settings>,
        /// The version that was read.
        expected: u64,
    },
    /// Gives a number of ours to the business; raises the version of its settings.
    PutLine(OwnedLine),
    /// Takes a number away; raises the version of its settings.
    RemoveLine(PhoneNumber),
    /// A forwarding test, `version` raised by one over what was read; 1 inserts and fails when another is in progress.
    PutTestCall(Box<TestCall>),
    /// An appointment, `version` raised by one over what was read; 1 inserts.
    PutAppointment(Box<Appointment>),
    /// Closes time for an appointment in place of all the time it closed before; nothing frees it. Fails as taken when
    /// another appointment of the business closes some of it; what has expired by the store's clock closes nothing. The
    /// blocks of one appointment may overlap each other.
    SetBlocks {
        /// The appointment.
        appointment: AppointmentId,
        /// The time it closes from now on.
        blocks: Vec<Block>,
    },
    /// Time without appointments, written whole.
    PutBlockedTime(BlockedTime),
    /// Takes such time away. Doing it twice changes nothing.
    RemoveBlockedTime(BlockedTimeId),
    /// How far the calendar elsewhere was followed, `version` raised by one over what was read; 1 inserts.
    PutCalendarSync(Box<CalendarSync>),
    /// What was last read of a calendar that is only read, `version` raised by one over what was read; 1 inserts.
    PutCalendarCopy(Box<CalendarCopy>),
    /// Forgets what was read of such a calendar. Doing it twice changes nothing.
    DropCalendarCopy {
        /// Which calendar of the settings it was.
        calendar: String,
    },
    /// A sealed credential of the business, in place of what it was; empty text forgets it.
    PutSecret {
        /// Name of the field.
        field: String,
        /// Sealed text.
        sealed: String,
    },
    /// The answer to an API write, to be given again for the same idempotency key.
    RememberResponse(StoredResponse),
}

/// An opt-out or opt-in of one number at one business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsentChange {
    /// Stops all texts: the business's row and the installation-wide one.
    OptOut {
        /// The number.
        phone: PhoneNumber,
        /// The word or phrase that did it.
        keyword: String,
    },
    /// Lifts the business's row, and the installation-wide one when no other business has an active opt-out.
    OptIn {
        /// The number.
        phone: PhoneNumber,
    },
}

/// Work to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// Identifier, derived from what caused the work.
    pub id: JobId,
    /// What to do.
    pub job: Job,
    /// The recipient or caller it concerns.
    pub subject: Option<PhoneNumber>,
    /// Not before.
    pub run_at: Timestamp,
    /// Live work of the same kind with the same key is not queued twice.
    pub dedupe: String,
}

/// Proof of a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fence {
    /// The job.
    pub job: JobId,
    /// Raised by every claim.
    pub number: u64,
}

/// What becomes of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobResult {
    /// Done.
    Done,
    /// To be done again, perhaps with a new payload of the same kind.
    Again {
        /// Not before.
        at: Timestamp,
        /// The new payload.
        job: Option<Job>,
        /// Whether the attempts start from zero (the wait was planned, not a failure).
        fresh: bool,
    },
    /// Given up.
    Dead {
        /// Why, without numbers or bodies.
        reason: String,
    },
    /// Keeps the lease: an intermediate commit of a running job, refused when the lease is lost.
    StillRunning,
}

named! {
    /// What happened, as the feed names it.
    FeedKind {
        /// A call reached us.
        CallReceived = "call_received",
        /// A call changed.
        CallUpdated = "call_updated",
        /// A call ended, whatever came of it. Happens once per call.
        CallEnded = "call_ended",
        /// A caller left a message.
        VoicemailReceived = "voicemail_received",
        /// The gateway accepted the immediate text.
        AutoTextSent = "sms_auto_text_sent",
        /// The gate refused a text; the checks are in the data.
        TextDenied = "sms_denied",
        /// The gate put a text off; the checks are in the data.
        TextDeferred = "sms_deferred",
        /// A text changed its status.
        TextUpdated = "sms_updated",
        /// A text was not delivered.
        TextFailed = "sms_delivery_failed",
        /// A text's fate is not known.
        TextUnknown = "sms_unknown",
        /// A caller wrote.
        TextReceived = "sms_received",
        /// A caller opted out.
        OptedOut = "sms_opt_out",
        /// A caller opted in again.
        OptedIn = "sms_opt_in",
        /// A thread changed hands or was read.
        ConversationUpdated = "conversation_updated",
        /// A person is needed.
        TaskRaised = "task_raised",
        /// A person did it.
        TaskDone = "task_done",
        /// Settings were saved.
        SettingsSaved = "settings_saved",
        /// A number was provisioned.
        ForwardingNumberGenerated = "forwarding_number_generated",
        /// A forwarding test began.
        ForwardingTestStarted = "forwarding_verification_attempted",
        /// A forwarding test succeeded.
        ForwardingTestSucceeded = "forwarding_verification_success",
        /// A forwarding test failed.
        ForwardingTestFailed = "forwarding_verification_failed",
        /// An appointment is booked.
        AppointmentBooked = "appointment_booked",
        /// An appointment was moved, confirmed or completed, or a reminder of it went out.
        AppointmentUpdated = "appointment_updated",
        /// An appointment does not take place.
        AppointmentCancelled = "appointment_cancelled",
        /// The calendar was read for a caller who wants an appointment.
        AvailabilityChecked = "availability_checked",
        /// A booking came to nothing: the time was taken, or the calendar could not be asked.
        BookingFailed = "booking_failed",
        /// A calendar elsewhere was connected, or another one of the account was chosen.
        CalendarConnected = "calendar_connected",
        /// The calendar elsewhere was disconnected.
        CalendarDisconnected = "calendar_disconnected",
        /// The calendar elsewhere does not let us in any more; a person has to connect it again.
        CalendarRefused = "calendar_reconnect_needed",
        /// A caller was blocked, marked as spam or freed again, or their emergency began or ended.
        CallerFlagged = "caller_flagged",
        /// A channel took a notice to the contractor.
        NotificationSent = "notification_sent",
        /// A notice waits for the end of quiet time.
        NotificationHeld = "notification_held",
        /// A channel did not take a notice.
        NotificationFailed = "notification_failed",
        /// A promise to a caller is about to break.
        PromiseAtRisk = "promise_at_risk",
        /// A promise to a caller was not kept in time.
        PromiseBroken = "promise_broken",
        /// The day's length and head of the consent ledger.
        LedgerHead = "ledger_head",
    }
}

/// One entry of a business's feed, before it has a position. Protected tenant data: may hold numbers and bodies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeedEvent {
    /// What happened.
    pub kind: FeedKind,
    /// When.
    pub at: Timestamp,
    /// The call it is about.
    pub call: Option<CallId>,
    /// The thread it is about.
    pub conversation: Option<ConversationId>,
    /// The message it is about.
    pub message: Option<MessageId>,
    /// The event's own fields.
    pub data: serde_json::Value,
}

/// What a commit gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Committed {
    /// The highest feed position of this commit, if it appended.
    pub position: Option<u64>,
}
