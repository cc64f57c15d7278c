//! What an embedding model may change in a reading: which entry answers a question, and nothing else.

use super::super::reading::{Folded, Text};
use super::faq::{FaqIndex, FaqMatch, Similar};
use super::{Asked, FAQ_THRESHOLD, Intent, Understanding, intent};
use crate::conversation::emergency::Urgency;

/// Sentences of a text that are looked at beside the whole.
const MOST_SENTENCES: usize = 3;

/// Whether meaning may change a reading: the caller asks something, or nothing is understood of what reads like a question;
/// there are entries, and no fact of the profile is the answer.
#[must_use]
pub fn may_be_meant(read: &Understanding, text: &str, asked: Option<Asked>, index: &FaqIndex) -> bool {
    if index.entries() == 0 || !text.chars().any(char::is_alphabetic) {
        return false;
    }
    match read.intent {
        Intent::Faq => read.faq.as_ref().is_none_or(|found| found.entry.is_some()),
        Intent::Other => is_open(asked) && read.urgency == Urgency::Routine && is_question(text),
        Intent::OptOut
        | Intent::OptIn
        | Intent::Emergency
        | Intent::Complaint
        | Intent::CancelAppointment
        | Intent::Reschedule
        | Intent::SlotChoice
        | Intent::Confirm
        | Intent::Booking
        | Intent::Pricing
        | Intent::CallbackRequest
        | Intent::SpamOrSales
        | Intent::Help
        | Intent::ThanksOrClose => false,
    }
}

/// Whether the last question leaves room for one of the caller's own. What is asked for is else taken as the answer.
const fn is_open(asked: Option<Asked>) -> bool {
    match asked {
        None | Some(Asked::Slots | Asked::FollowUpYes) => true,
        Some(Asked::ConfirmAppointment | Asked::Name | Asked::Issue | Asked::Address | Asked::CallbackTime) => false,
    }
}

fn is_question(text: &str) -> bool {
    let folded = Folded::of(text);
    intent::asks(&Text::of(text, &folded, intent::lexicon()))
}

/// The parts of a text whose meaning is asked for: all of it, and the sentences in it that ask, which else drown in a story.
#[must_use]
pub fn parts(text: &str) -> Vec<String> {
    let whole = text.trim();
    let mut parts = vec![whole.to_owned()];
    for sentence in whole.split_inclusive(['.', '!', '?', '\n']).map(str::trim) {
        if parts.len() > MOST_SENTENCES {
            break;
        }
        if sentence.ends_with('?') && sentence.len() > 1 && !parts.iter().any(|known| known == sentence) {
            parts.push(sentence.to_owned());
        }
    }
    parts
}

/// The reading with meaning in it. Only the entry that answers can become another, one where there was none, or none;
/// where nothing was understood, a question that is none about money can become one. Everything else stays as it was read.
#[must_use]
pub fn with_meaning(
    read: Understanding,
    text: &str,
    asked: Option<Asked>,
    index: &FaqIndex,
    similar: &Similar,
) -> Understanding {
    if similar.entries() != index.entries() || !may_be_meant(&read, text, asked, index) {
        return read;
    }
    let folded = Folded::of(text);
    let asks = intent::asks(&Text::of(text, &folded, intent::lexicon()));
    let found = index.answer_with(text, &folded, asks, Some(similar));
    // Facts of the profile answer by themselves or not at all.
    let sure = |found: &FaqMatch| found.score >= FAQ_THRESHOLD && found.entry.is_some();
    let found = found.filter(sure);
    if read.intent == Intent::Faq {
        return Understanding { faq: found, ..read };
    }
    // What reads like nothing may be about a price in words nobody knows, and prices are given by no guess.
    match found.filter(|found| !found.about_money) {
        Some(found) => Understanding {
            intent: Intent::Faq,
            confidence: found.score,
            faq: Some(found),
            ..read
        },
        None => read,
    }
}
