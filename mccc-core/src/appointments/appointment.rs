//! One appointment.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::calls::named;
use crate::{AppointmentId, BusinessId, CallId, ConversationId, MessageId, PhoneNumber, Timestamp};

/// No appointment is earlier than this: 2024-01-01T00:00:00Z.
pub const EARLIEST: Timestamp = Timestamp::from_seconds(1_704_067_200);

named! {
    /// Where an appointment stands.
    AppointmentStatus {
        /// The time is closed for a short while, until the calendar has the event.
        Held = "held",
        /// Booked.
        Scheduled = "scheduled",
        /// The customer has confirmed it.
        Confirmed = "confirmed",
        /// It took place.
        Completed = "completed",
        /// It does not take place.
        Cancelled = "cancelled",
        /// The customer was not there.
        NoShow = "no_show",
        /// Another appointment has taken its place.
        Rescheduled = "rescheduled",
    }
}

impl AppointmentStatus {
    /// Whether it counts toward the most of a day and closes time.
    #[must_use]
    pub const fn counts(self) -> bool {
        match self {
            Self::Held | Self::Scheduled | Self::Confirmed | Self::Completed => true,
            Self::Cancelled | Self::NoShow | Self::Rescheduled => false,
        }
    }

    /// Whether the customer is still to come.
    #[must_use]
    pub const fn is_ahead(self) -> bool {
        match self {
            Self::Scheduled | Self::Confirmed => true,
            Self::Held | Self::Completed | Self::Cancelled | Self::NoShow | Self::Rescheduled => false,
        }
    }
}

named! {
    /// How an appointment came about.
    AppointmentSource {
        /// The voice agent booked it.
        AiVoice = "ai_voice",
        /// It was booked in a thread of texts.
        SmsReply = "sms_reply",
        /// A person of the business booked it.
        Manual = "manual",
        /// It was booked on the web.
        WebBooking = "web_booking",
    }
}

named! {
    /// Who called an appointment off.
    CancelledBy {
        /// The customer.
        Customer = "customer",
        /// The business, here or in its calendar.
        Business = "business",
        /// Nobody: it was never booked, since the time was taken or the calendar refused.
        NeverBooked = "never_booked",
    }
}

/// Who the appointment is with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Name, as the customer gave it.
    pub name: String,
    /// Number for confirmations and reminders; nothing for a customer who withholds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<PhoneNumber>,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// The event that stands for an appointment in the business's calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarEvent {
    /// Which calendar service, by the name of its adapter.
    pub provider: String,
    /// The calendar there.
    pub calendar: String,
    /// The event there, once the service has named it. Derived from the appointment where the service lets us choose,
    /// so that creating it twice is creating it once.
    pub event: String,
    /// The event's version there, as it was last seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// Where a person looks at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// A reminder that went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReminderSent {
    /// Which of the business's reminders, by its minutes before the start.
    pub minutes_before: u32,
    /// The start it reminded of; an appointment that was moved is reminded of again.
    pub starts_at: Timestamp,
    /// The text.
    pub message: MessageId,
}

/// One appointment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// Identifier, derived from what asked for it, so that asking twice books once.
    pub id: AppointmentId,
    /// Whose appointment it is.
    pub business: BusinessId,
    /// Row version, raised by every change.
    pub version: u32,
    /// The missed call it came of.
    pub call: Option<CallId>,
    /// The thread with the customer.
    pub conversation: Option<ConversationId>,
    /// Who comes or is visited.
    pub customer: Customer,
    /// What is to be done.
    pub service: Option<String>,
    /// When it starts.
    pub starts_at: Timestamp,
    /// How long it takes, in minutes.
    pub duration_minutes: u32,
    /// Where it stands.
    pub status: AppointmentStatus,
    /// How it came about.
    pub source: AppointmentSource,
    /// Where the work is.
    pub location: Option<String>,
    /// What else was said.
    pub notes: Option<String>,
    /// Until when the time is held, while it is not booked yet.
    pub held_until: Option<Timestamp>,
    /// Where it is to be moved to, while the calendar does not have it there yet.
    pub moving_to: Option<Timestamp>,
    /// Its event in the business's calendar.
    pub event: Option<CalendarEvent>,
    /// How often its event had to be made under another identifier, because what stood under the one before was in
    /// another calendar or is gone for good; 0 the first time.
    pub calendar_attempt: u16,
    /// Reminders that went out.
    pub reminders: Vec<ReminderSent>,
    /// When the customer confirmed it.
    pub confirmed_at: Option<Timestamp>,
    /// When it was called off.
    pub cancelled_at: Option<Timestamp>,
    /// Who called it off.
    pub cancelled_by: Option<CancelledBy>,
    /// Why, in plain words.
    pub cancellation_reason: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
}

impl Appointment {
    /// When it ends.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        self.starts_at.plus(Self::length(self.duration_minutes))
    }

    /// Minutes as a length of time.
    #[must_use]
    pub const fn length(minutes: u32) -> Duration {
        Duration::from_secs(minutes as u64 * 60)
    }

    /// Whether it counts toward the most of a day at `now`: a hold that ran out does not.
    #[must_use]
    pub fn counts_at(&self, now: Timestamp) -> bool {
        self.status.counts() && self.held_until.is_none_or(|until| until > now)
    }
}
