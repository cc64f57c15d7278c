//! Everything the gate has to know, as values.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::compliance::loop_guard::LoopReason;
use crate::compliance::number::{KnownLine, Policy};
use crate::compliance::quiet::Window;
use crate::{PhoneNumber, Timestamp};

/// One consistent view of what stands for and against a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// About the business.
    pub business: BusinessFacts,
    /// About the caller's wishes.
    pub consent: ConsentFacts,
    /// About the caller.
    pub caller: CallerFacts,
    /// About the thread.
    pub thread: ThreadFacts,
    /// About what went out before.
    pub sent: SentFacts,
    /// Where texts may go.
    pub policy: Policy,
    /// When they may go unprompted.
    pub window: Window,
    /// How many may go.
    pub caps: Caps,
}

/// What the gate has to know of a business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessFacts {
    /// Texting is switched on.
    pub texting_enabled: bool,
    /// The sender is registered with the carriers (10DLC) or verified (toll-free); true on a simulated network.
    pub sender_registered: bool,
    /// Name, trade and hours are filled in.
    pub profile_complete: bool,
    /// Texts of this purpose are switched on.
    pub purpose_enabled: bool,
    /// The number to send from.
    pub from: Option<PhoneNumber>,
    /// IANA zone of the business, for callers whose own cannot be told.
    pub zone: String,
    /// We confirm opt-outs ourselves; false where the gateway does it.
    pub confirms_opt_outs: bool,
}

/// What the caller has asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConsentFacts {
    /// When the caller opted out of this business, if that still stands.
    pub opted_out_at: Option<Timestamp>,
    /// The number is suppressed for the whole installation.
    pub suppressed: bool,
    /// That opt-out has been confirmed, by us or by the gateway, or a confirmation is under way.
    pub confirmation_sent: bool,
}

/// What the gate has to know of a caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallerFacts {
    /// On the contractor's block list.
    pub blocked: bool,
    /// The call was classed as spam.
    pub spam: bool,
    /// Marked "do not auto-text": family, suppliers.
    pub do_not_auto_text: bool,
    /// The number belongs to this installation or is a tenant's own line.
    pub is_ours: bool,
    /// The network says the caller ID was forged.
    pub attestation_failed: bool,
    /// What is known of the line.
    pub line: Option<KnownLine>,
    /// This is a test or preview call.
    pub is_test: bool,
}

/// What the gate has to know of the thread.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThreadFacts {
    /// A person has taken the thread over.
    pub taken_over: bool,
    /// The caller has written since the text this follows.
    pub replied: bool,
    /// Somebody has called the caller back.
    pub called_back: bool,
    /// There is an appointment.
    pub booked: bool,
    /// The other side looks like a machine.
    pub looping: Option<LoopReason>,
}

/// What went out before. A text that was definitely not delivered does not count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SentFacts {
    /// Until when the last auto-text to this caller stands in the way of another; the guard that this very message
    /// has set does not count.
    pub guard_until: Option<Timestamp>,
    /// Auto-texts to this caller within 30 days, none of them answered.
    pub unanswered_30d: u32,
    /// This caller has never been texted by this business.
    pub is_new_recipient: bool,
    /// New recipients of this business within the last hour.
    pub new_recipients_hour: u32,
    /// Texts of this business on its local day.
    pub business_today: u32,
    /// Automated texts to this caller on the business's local day.
    pub automated_today: u32,
    /// Automated texts in this conversation.
    pub automated_in_conversation: u32,
    /// When the last automated text in this conversation went out.
    pub last_automated_at: Option<Timestamp>,
}

/// How many texts may go out. Each number is a count that is still allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Caps {
    /// Auto-texts to a caller who never answers, within 30 days.
    pub unanswered_30d: u32,
    /// New recipients of a business within an hour.
    pub new_recipients_hour: u32,
    /// Texts of a business on one local day.
    pub business_day: u32,
    /// Automated texts to one caller on one day.
    pub automated_day: u32,
    /// Automated texts in one conversation.
    pub automated_conversation: u32,
    /// Seconds between two automated texts in one conversation.
    pub pause_seconds: u32,
    /// Minutes after which a text is too late to make sense.
    pub late_minutes: u32,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            unanswered_30d: 3,
            new_recipients_hour: 30,
            business_day: 200,
            automated_day: 10,
            automated_conversation: 30,
            pause_seconds: 5,
            late_minutes: 15,
        }
    }
}

impl Caps {
    /// The pause between two automated texts.
    #[must_use]
    pub fn pause(self) -> Duration {
        Duration::from_secs(u64::from(self.pause_seconds))
    }

    /// How late a text may be.
    #[must_use]
    pub fn late(self) -> Duration {
        Duration::from_secs(u64::from(self.late_minutes) * 60)
    }
}

impl Facts {
    /// Facts of a business in good order that writes from `from`, and of a caller about whom nothing is known: the
    /// state to start from when filling in what is. Every default here permits.
    #[must_use]
    pub fn nothing_against(from: PhoneNumber, zone: &str, policy: Policy) -> Self {
        Self {
            business: BusinessFacts {
                texting_enabled: true,
                sender_registered: true,
                profile_complete: true,
                purpose_enabled: true,
                from: Some(from),
                zone: zone.to_owned(),
                confirms_opt_outs: true,
            },
            consent: ConsentFacts::default(),
            caller: CallerFacts::default(),
            thread: ThreadFacts::default(),
            sent: SentFacts::default(),
            policy,
            window: Window::default(),
            caps: Caps::default(),
        }
    }
}
