//! What goes into a step and what comes out.

use std::borrow::Cow;

use super::lines::Line;
use super::{Dialogue, Question, Stage};
use crate::appointments::Appointment;
use crate::business::Owner;
use crate::calls::Outcome;
use crate::conversation::understanding::{Asked, Plain, Understanding};
use crate::tasks::TaskKind;
use crate::{AppointmentId, MessageId, Timestamp};

/// A text, or several that came together, and what it means.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    /// When it came.
    pub at: Timestamp,
    /// The words, as written.
    pub text: &'a str,
    /// Pictures or files that came with it.
    pub media: u8,
    /// What was asked last, as it was read.
    pub asked: Option<Asked>,
    /// What it means.
    pub read: &'a Understanding,
    /// What it says in plain words.
    pub plain: &'a Plain,
}

/// What happens to a talk.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// The caller wrote.
    Heard(&'a Heard<'a>),
    /// The free times came; nothing when the calendar could not be read.
    Times(Option<&'a [Timestamp]>),
    /// What came of a booking, a move or a cancellation.
    News(&'a News),
}

/// What came of a [`Need`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// The appointment stands at that start. Its confirmation is a text of its own.
    Booked(Timestamp),
    /// The time is held; the calendar has not answered.
    Pending(Timestamp),
    /// The time is held, and the contractor still has to accept it.
    Requested(Timestamp),
    /// The time is not free (any more); these are.
    Taken(Vec<Timestamp>),
    /// The calendar could not be used.
    Unreadable,
    /// The appointment is called off.
    Cancelled(Timestamp),
    /// The customer has confirmed it.
    Confirmed(Timestamp),
    /// There is no such appointment any more.
    Gone,
}

/// What a step reads beside the talk.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The business.
    pub owner: &'a Owner,
    /// The caller's name, from an earlier talk with the same number.
    pub known_name: Option<&'a str>,
    /// The caller's next appointment.
    pub appointment: Option<&'a Appointment>,
    /// The confirmation of an appointment is a text of its own.
    pub confirms: bool,
    /// What makes this step happen: the text, or the appointment's own identifier.
    pub cause: MessageId,
    /// The present.
    pub now: Timestamp,
}

/// A text of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Say {
    /// The words.
    pub body: String,
    /// What they rest on, for the people of the business.
    pub note: Option<String>,
    /// What every other wording of it must keep; nothing where these words alone will do.
    pub keep: Option<Keep>,
}

/// What every wording of a text must keep.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keep {
    /// Pieces that stay as they are, but for capitals.
    pub exact: Vec<String>,
    /// What it speaks of: of each list, at least one word.
    pub about: Vec<&'static [&'static str]>,
}

/// What a step cannot know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The free times.
    Times,
    /// A booking at this start.
    Book(Timestamp),
    /// A move to this start.
    Move(AppointmentId, Timestamp),
    /// A cancellation on the customer's wish.
    Cancel(AppointmentId),
    /// The customer's own confirmation.
    Confirm(AppointmentId),
}

/// Why a person has to take it from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOver {
    /// What the person owes.
    pub kind: TaskKind,
    /// What it is about, after the caller's number: "asked something that no FAQ entry answers".
    pub why: Cow<'static, str>,
}

/// What a step gives: the talk as it is now, and what follows. At most one text, and no text while something is needed.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The talk.
    pub dialogue: Dialogue,
    /// What to say.
    pub say: Option<Say>,
    /// What has to be found out or done first.
    pub need: Option<Need>,
    /// A person is needed.
    pub hand_over: Option<HandOver>,
    /// What the thread has led to by this.
    pub outcome: Option<Outcome>,
}

impl Step {
    pub(in crate::conversation) const fn quiet(dialogue: Dialogue) -> Self {
        Self {
            dialogue,
            say: None,
            need: None,
            hand_over: None,
            outcome: None,
        }
    }

    pub(super) fn says(dialogue: Dialogue, line: impl Into<Line>) -> Self {
        Self {
            say: Some(line.into().say()),
            ..Self::quiet(dialogue)
        }
    }

    /// Asks one question.
    pub(super) fn asks(dialogue: Dialogue, stage: Stage, question: Question, line: impl Into<Line>) -> Self {
        Self::says(
            Dialogue {
                stage,
                asked: Some(question),
                ..dialogue
            },
            line,
        )
    }

    pub(super) fn needs(dialogue: Dialogue, need: Need) -> Self {
        Self {
            need: Some(need),
            ..Self::quiet(dialogue)
        }
    }

    /// Gives the thread to a person, with or without a word to the caller. Nothing of ours is open then.
    pub(super) fn hands_over(
        dialogue: Dialogue,
        kind: TaskKind,
        why: impl Into<Cow<'static, str>>,
        line: Option<Line>,
    ) -> Self {
        Self {
            say: line.map(Line::say),
            hand_over: Some(HandOver { kind, why: why.into() }),
            outcome: Some(Outcome::CallbackRequested),
            ..Self::quiet(Dialogue {
                stage: Stage::WaitingForOwner,
                asked: None,
                unclear: 0,
                ..dialogue
            })
        }
    }

    pub(super) fn leads_to(mut self, outcome: Outcome) -> Self {
        self.outcome = Some(outcome);
        self
    }
}
