//! What a text tells: name, address, what is to be done, when. Kept whatever it was an answer to.

use super::event::{Facts, Heard};
use super::heard::SURE_COMPLAINT_TELLING;
use super::{Dialogue, Question, Stage, shortened};
use crate::conversation::understanding::{
    Intent, When, is_a_full_name, is_a_name, says_no_name, tells_trouble, tells_work,
};
use crate::routing::TimeOfDay;

/// Longest answer that is taken as a name, in words.
const LONGEST_NAME: usize = 4;

/// What the caller told, kept; and whether the open question was answered by it.
pub(super) fn take_in(before: &Dialogue, heard: &Heard<'_>, facts: &Facts<'_>) -> (Dialogue, bool) {
    let read = heard.read;
    let fields = &read.fields;
    let mut dialogue = before.clone();
    dialogue.heard_until = before.heard_until.max(Some(heard.at));
    // The calendar has answered meanwhile: the confirmation is out.
    if before.stage == Stage::Holding && facts.appointment.is_some() {
        dialogue = dialogue.settled(Stage::Booked);
    }
    if before.stage == Stage::Closed {
        dialogue.unclear = 0;
        dialogue.questions = 0;
    }
    let name = fields.name.clone().or_else(|| plain_name(before, heard));
    let address = fields.address.clone().or_else(|| plain_address(before, heard));
    let mut answered = match before.asked {
        Some(Question::Name) => name.is_some(),
        Some(Question::Address) => address.is_some(),
        Some(Question::Slots | Question::Issue | Question::Detail | Question::Visit) | None => false,
    };
    dialogue.name = name.or(dialogue.name);
    dialogue.address = address.or(dialogue.address);
    // "Are you open on Sundays?" is answered and wishes for nothing.
    let answered_otherwise = read.intent == Intent::Faq && read.faq.is_some();
    if !answered_otherwise && (read.intent != Intent::SlotChoice || fields.slot.is_none()) {
        let goes_on =
            (before.booking || before.moving.is_some()) && !declines(heard.text) && !heard.plain.opens_the_day();
        let today = facts.owner.zone().to_local(heard.at).day;
        let stands = |wish: &When| goes_on && wish.date.is_none_or(|day| day >= today);
        dialogue.wish = match (fields.when, before.wish.filter(stands)) {
            (Some(new), Some(old)) => Some(new.beside(&old)),
            (new, _) => new.or(dialogue.wish),
        };
        dialogue.wish = same_hour(dialogue.wish, heard, facts);
    }
    // "It's been 2 days" sounds like a complaint, and tells how long.
    let tells = matches!(read.intent, Intent::Booking | Intent::Other | Intent::Emergency)
        || read.intent == Intent::Complaint && read.confidence < SURE_COMPLAINT_TELLING;
    match before.asked {
        // A name that comes early is kept, and what is to be done is asked again.
        Some(Question::Issue) if tells && is_a_name(heard.text) && dialogue.name.is_none() => {
            dialogue.name = Some(heard.text.trim().to_owned());
        }
        Some(Question::Issue) if tells && has_words(heard.text) && !is_a_time(heard) => {
            dialogue.issue = Some(shortened(heard.text));
            answered = true;
        }
        Some(Question::Detail) if tells && is_a_name(heard.text) && dialogue.name.is_none() => {
            dialogue.name = Some(heard.text.trim().to_owned());
            answered = true;
        }
        // "Tomorrow?": it can wait until then.
        Some(Question::Detail) if is_a_time(heard) => answered = true,
        Some(Question::Detail) if tells || answers_the_detail(heard, facts) => {
            let issue = dialogue.issue.take().unwrap_or_default();
            dialogue.issue = Some(shortened(&format!("{issue} ({})", heard.text.trim())));
            answered = true;
        }
        Some(_) | None => {
            if tells_issue(&dialogue, heard) {
                dialogue.issue = Some(shortened(heard.text));
            }
        }
    }
    (dialogue, answered)
}

/// Whether a text can only be the answer to the trade's question: "can wait", "its ok for now", and not "do you take
/// cards?".
fn answers_the_detail(heard: &Heard<'_>, facts: &Facts<'_>) -> bool {
    let enough = facts.owner.settings.conversation.faq_threshold;
    let found = heard.read.faq.as_ref().is_some_and(|found| found.score >= enough);
    match heard.read.intent {
        Intent::Faq => !found && !asks_us(heard.text),
        Intent::Confirm | Intent::ThanksOrClose | Intent::SpamOrSales | Intent::Help | Intent::SlotChoice => {
            !asks_us(heard.text)
        }
        Intent::OptOut
        | Intent::Emergency
        | Intent::Complaint
        | Intent::CancelAppointment
        | Intent::Reschedule
        | Intent::Booking
        | Intent::Pricing
        | Intent::CallbackRequest
        | Intent::OptIn
        | Intent::Other => declines(heard.text),
    }
}

/// Words that begin a question.
const ASKING: &[&str] = &[
    "do", "does", "did", "is", "are", "can", "could", "will", "would", "should", "what", "whats", "when", "where",
    "who", "whos", "why", "how", "hows", "which", "any", "got", "u", "have", "has",
];
/// Whom or what a question is about, right after the word that begins it: "can you", and not "can wait".
const ASKED: &[&str] = &[
    "you", "u", "ya", "yall", "y'all", "i", "we", "the", "your", "there", "someone", "somebody", "anyone", "anybody",
    "he", "she", "they", "a", "my", "this", "that",
];

/// Whether a text asks us something.
fn asks_us(text: &str) -> bool {
    let lower = text.to_lowercase();
    let mut words = lower.split_whitespace();
    let begins = words.next().is_some_and(|word| ASKING.contains(&word));
    text.contains('?') || begins && words.next().is_some_and(|word| ASKED.contains(&word))
}

/// "Tuesday, same time": the hour of the appointment that is to be moved.
fn same_hour(wish: Option<When>, heard: &Heard<'_>, facts: &Facts<'_>) -> Option<When> {
    let Some(row) = facts.appointment.filter(|_| heard.plain.keeps_the_hour()) else {
        return wish;
    };
    let minute = facts.owner.zone().to_local(row.starts_at).minute_of_day();
    let hour = u16::try_from(minute)
        .ok()
        .and_then(|minute| TimeOfDay::from_minutes(minute).ok());
    wish.map(|wish| When {
        from: hour,
        to: hour,
        ..wish
    })
}

/// Whether a text says what is to be done. Who asks what a new faucet costs is not asked again what they need when they
/// want a visit then; what they say while they ask for the visit counts for more.
fn tells_issue(dialogue: &Dialogue, heard: &Heard<'_>) -> bool {
    let opens = dialogue.issue.is_none();
    match heard.read.intent {
        Intent::Booking => (opens || !dialogue.booking) && tells_trouble(heard.text),
        Intent::Pricing | Intent::Emergency => opens && tells_trouble(heard.text),
        Intent::Faq | Intent::Other => opens && tells_work(heard.text),
        Intent::Reschedule => opens && !heard.plain.speaks_of_arranged() && tells_trouble(heard.text),
        Intent::OptOut
        | Intent::Complaint
        | Intent::CancelAppointment
        | Intent::SlotChoice
        | Intent::CallbackRequest
        | Intent::SpamOrSales
        | Intent::OptIn
        | Intent::Help
        | Intent::Confirm
        | Intent::ThanksOrClose => false,
    }
}

/// "Ann", said when the name was asked for and nothing else can be meant.
fn plain_name(before: &Dialogue, heard: &Heard<'_>) -> Option<String> {
    let text = heard.text.trim();
    let words = text.split_whitespace().count();
    let letters = text
        .chars()
        .all(|c| c.is_alphabetic() || matches!(c, ' ' | '.' | '-' | '\''));
    let asked = before.asked == Some(Question::Name) && (heard.read.intent == Intent::Other || is_a_full_name(text));
    let plausible =
        (1..=LONGEST_NAME).contains(&words) && !declines(text) && (is_a_full_name(text) || !says_no_name(text));
    (asked && letters && plausible).then(|| text.to_owned())
}

/// An answer to "where?" that is no street line as they are usually written.
fn plain_address(before: &Dialogue, heard: &Heard<'_>) -> Option<String> {
    let text = heard.text.trim();
    let asked = before.asked == Some(Question::Address) && matches!(heard.read.intent, Intent::Other | Intent::Booking);
    // "Sat morning 9ish" is when and not where.
    let dated = heard.read.fields.when.is_some();
    let place = text.split_whitespace().count() >= 2 && has_words(text) && !text.ends_with('?') && !dated;
    let place = place && !is_a_name(text);
    (asked && place && !declines(text)).then(|| shortened(text))
}

/// Longest text that says when and nothing else, in words.
const LONGEST_TIME: usize = 4;

/// "Tomorrow morning", said when something else was asked.
pub(super) fn is_a_time(heard: &Heard<'_>) -> bool {
    let few = heard.text.split_whitespace().count() <= LONGEST_TIME;
    few && heard.read.fields.when.is_some() && !tells_trouble(heard.text)
}

pub(super) fn has_words(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// Whether the question for the name was answered by a name and nothing else: "Frank Flood" is no flood.
pub(super) fn names_themselves(before: &Dialogue, heard: &Heard<'_>) -> bool {
    before.asked == Some(Question::Name) && is_a_full_name(heard.text.trim())
}

/// "No", "nope, none of those".
pub(super) fn declines(text: &str) -> bool {
    let first: String = text
        .trim_start()
        .chars()
        .take_while(|c| c.is_alphabetic())
        .flat_map(char::to_lowercase)
        .collect();
    matches!(first.as_str(), "no" | "nope" | "nah" | "none" | "neither" | "not")
}
