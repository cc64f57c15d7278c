//! The machine's side of a thread: what it says to a text, asks next, books, and when it calls a person.
//!
//! [`step`] is a total function of where the talk stands, what happened and what is known; it reads no clock and asks
//! nobody. What it needs from outside (free times, a booking) it names as a [`Need`], and the answer comes back as the
//! next [`Event`]. So a booking by text is a chain of steps that a test can walk without a calendar.
//!
//! | stage | what the caller is in |
//! | --- | --- |
//! | `greeting_sent` | our first text went out, nothing came back |
//! | `in_conversation` | talking, nothing open |
//! | `collecting_issue`, `collecting_name`, `collecting_address` | one question is open |
//! | `offering_slots` | times were named, one is to be chosen |
//! | `holding` | a time is held and the calendar has not answered yet |
//! | `booked` | an appointment came of it |
//! | `waiting_for_owner` | a person has to answer |
//! | `human_takeover`, `opted_out` | not ours: a person leads, or nobody may write |
//! | `closed` | nothing was said for a while; a new text opens the talk again |

mod choosing;
mod collecting;
mod event;
mod heard;
mod lines;
mod offers;
mod told;

pub use event::{Event, Facts, HandOver, Heard, Keep, Need, News, Say, Step};
pub(crate) use lines::long_time;
pub use offers::{Offer, offer};

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::understanding::{Asked, Context, When, tells_trouble};
use super::{Conversation, MessageKind, ThreadState};
use crate::calls::named;
use crate::{AppointmentId, MessageId, Timestamp};

named! {
    /// Where a talk stands.
    Stage {
        /// Our first text went out.
        GreetingSent = "greeting_sent",
        /// Talking, nothing open.
        InConversation = "in_conversation",
        /// Asked what is to be done.
        CollectingIssue = "collecting_issue",
        /// Asked for the name.
        CollectingName = "collecting_name",
        /// Asked where.
        CollectingAddress = "collecting_address",
        /// Times were offered.
        OfferingSlots = "offering_slots",
        /// A time is held until the calendar has answered.
        Holding = "holding",
        /// An appointment came of it.
        Booked = "booked",
        /// A person has to answer.
        WaitingForOwner = "waiting_for_owner",
        /// A person leads.
        HumanTakeover = "human_takeover",
        /// The caller wants no texts.
        OptedOut = "opted_out",
        /// Nothing was said for a while.
        Closed = "closed",
    }
}

named! {
    /// The one question that is open.
    Question {
        /// Which of the offered times.
        Slots = "slots",
        /// What is to be done.
        Issue = "issue",
        /// The one question of the trade about it.
        Detail = "detail",
        /// The name.
        Name = "name",
        /// Where.
        Address = "address",
        /// Whether a time shall be looked for.
        Visit = "visit",
    }
}

/// Who writes again after this long begins a new talk; after a goodbye, a text within it belongs to the old one.
const PAUSE: Duration = Duration::from_secs(15 * 60);
/// Most questions before times are offered.
const MOST_QUESTIONS: u8 = 3;
/// Longest issue that is kept, in characters.
const LONGEST_ISSUE: usize = 300;

/// Where the machine's talk with one caller stands. Stored with the thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Dialogue {
    /// Where it stands.
    pub stage: Stage,
    /// The question that is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<Question>,
    /// The caller wants an appointment, and none has come of it yet.
    #[serde(skip_serializing_if = "is_false")]
    pub booking: bool,
    /// The appointment that the caller wants at another time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moving: Option<AppointmentId>,
    /// The starts that were offered last, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offered: Vec<Timestamp>,
    /// What that offer is known by: a booking out of it has an identifier derived from this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<MessageId>,
    /// The wished day and time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wish: Option<When>,
    /// What is to be done, in the caller's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    /// The trade's question has been asked.
    #[serde(skip_serializing_if = "is_false")]
    pub qualified: bool,
    /// The caller's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where the work is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Questions asked since the caller wanted an appointment.
    #[serde(skip_serializing_if = "is_zero")]
    pub questions: u8,
    /// Answers in a row that were not understood.
    #[serde(skip_serializing_if = "is_zero")]
    pub unclear: u8,
    /// Arrival of the newest text that was taken up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heard_until: Option<Timestamp>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
const fn is_zero(value: &u8) -> bool {
    *value == 0
}

impl Default for Dialogue {
    fn default() -> Self {
        Self {
            stage: Stage::GreetingSent,
            asked: None,
            booking: false,
            moving: None,
            offered: Vec::new(),
            offer: None,
            wish: None,
            issue: None,
            qualified: false,
            name: None,
            address: None,
            questions: 0,
            unclear: 0,
            heard_until: None,
        }
    }
}

impl Dialogue {
    /// The talk and what a new text is read against, by the kind of our last text: "reply YES" and "reply C or R" of
    /// a template ask for themselves, and what the machine asked before is not open any more.
    #[must_use]
    pub fn before_text(&self, last: Option<MessageKind>, appointment: bool) -> (Self, Context) {
        let own = match self.asked {
            None => None,
            // One time is a question with "yes" for an answer.
            Some(Question::Slots) if self.offered.len() == 1 => Some(Asked::FollowUpYes),
            Some(Question::Slots) => Some(Asked::Slots),
            Some(Question::Issue | Question::Detail) => Some(Asked::Issue),
            Some(Question::Name) => Some(Asked::Name),
            Some(Question::Address) => Some(Asked::Address),
            Some(Question::Visit) => Some(Asked::FollowUpYes),
        };
        let (asked, ours) = match last {
            // "Reply YES and we'll find another time."
            Some(MessageKind::FollowUp | MessageKind::AppointmentCancelled) => (Some(Asked::FollowUpYes), false),
            Some(MessageKind::AppointmentConfirmation | MessageKind::AppointmentReminder) => {
                (Some(Asked::ConfirmAppointment), false)
            }
            Some(MessageKind::Manual) => (None, false),
            Some(
                MessageKind::Reply
                | MessageKind::AutoText
                | MessageKind::VoicemailAck
                | MessageKind::HangUp
                | MessageKind::Emergency
                | MessageKind::OptOutConfirmation
                | MessageKind::OptInConfirmation
                | MessageKind::Help
                | MessageKind::OwnerNotice,
            )
            | None => (own, true),
        };
        let slots = if asked == Some(Asked::Slots) {
            self.offered.clone()
        } else {
            Vec::new()
        };
        let talk = Self {
            asked: self.asked.filter(|_| ours),
            ..self.clone()
        };
        let context = Context {
            asked,
            slots,
            appointment,
        };
        (talk, context)
    }

    /// The talk after a text about an emergency, which a person answers. Whoever wants a visit then is not asked again what
    /// it is about.
    #[must_use]
    pub fn alarmed(&self, text: &str, at: Timestamp) -> Self {
        let told = || tells_trouble(text).then(|| shortened(text));
        Self {
            stage: Stage::WaitingForOwner,
            asked: None,
            issue: self.issue.clone().or_else(told),
            heard_until: self.heard_until.max(Some(at)),
            ..self.clone()
        }
    }

    /// The talk after a text of ours was not sent: what the caller never read was not asked.
    #[must_use]
    pub fn unsaid(&self) -> Self {
        Self {
            stage: Stage::InConversation,
            asked: None,
            offered: Vec::new(),
            offer: None,
            ..self.clone()
        }
    }

    /// The talk after a person said something themselves: nothing of ours is open any more, what is known stays.
    #[must_use]
    pub fn led_by_person(&self) -> Self {
        Self {
            unclear: 0,
            questions: 0,
            ..self.unsaid()
        }
    }

    /// The talk without the wish for an appointment, whatever became of it.
    fn settled(self, stage: Stage) -> Self {
        Self {
            stage,
            asked: None,
            booking: false,
            moving: None,
            offered: Vec::new(),
            offer: None,
            wish: None,
            issue: None,
            qualified: false,
            questions: 0,
            unclear: 0,
            ..self
        }
    }
}

impl Conversation {
    /// Where the talk stands, whoever leads it.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        match self.state {
            ThreadState::AiActive => self.dialogue.stage,
            ThreadState::Human => Stage::HumanTakeover,
            ThreadState::OptedOut => Stage::OptedOut,
        }
    }
}

/// A caller's words in one line, as long as they are kept.
fn shortened(text: &str) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    flat.chars().take(LONGEST_ISSUE).collect()
}

/// What `event` does to the talk. Total: every event in every stage has an answer, and most of them are "nothing".
#[must_use]
pub fn step(dialogue: &Dialogue, event: &Event<'_>, facts: &Facts<'_>) -> Step {
    let mut step = match event {
        Event::Heard(heard) => heard::hear(dialogue, heard, facts),
        Event::Times(times) => choosing::times_came(dialogue, *times, facts),
        Event::News(news) => choosing::news_came(dialogue, news, facts),
    };
    // A caller who is known from an earlier talk is greeted by name, in the first text of a new one.
    let paused = dialogue.heard_until.is_none_or(|at| facts.now.since(at) >= PAUSE);
    let begins = dialogue.stage == Stage::GreetingSent || dialogue.stage == Stage::Closed && paused;
    if let (true, Some(name), Some(say)) = (begins, facts.known_name, &mut step.say) {
        say.body.insert_str(0, &lines::welcome_back(name));
    }
    step
}

/// The talk after nothing was said for a while. What was asked and offered stays: a "2" an hour later still means the
/// second time, and booking looks afresh anyway.
#[must_use]
pub fn after_silence(dialogue: &Dialogue) -> Dialogue {
    let stage = match dialogue.stage {
        Stage::GreetingSent => Stage::GreetingSent,
        // The calendar has not answered; that is no silence of the caller's.
        Stage::Holding => Stage::Holding,
        Stage::InConversation
        | Stage::CollectingIssue
        | Stage::CollectingName
        | Stage::CollectingAddress
        | Stage::OfferingSlots
        | Stage::Booked
        | Stage::WaitingForOwner
        | Stage::HumanTakeover
        | Stage::OptedOut
        | Stage::Closed => Stage::Closed,
    };
    // What a caller once wrote of is no issue of a visit that they ask for another day.
    let open = dialogue.booking || dialogue.moving.is_some() || dialogue.asked.is_some();
    Dialogue {
        stage,
        issue: dialogue.issue.clone().filter(|_| open),
        ..dialogue.clone()
    }
}

#[cfg(test)]
mod tests;
