//! Whether somebody asks about the appointment they have.

use super::super::reading::{Folded, Text};
use super::intent::lexicon;

/// What an appointment is spoken of by.
const VISIT: &[&str] = &[
    "appointment",
    "appointments",
    "visit",
    "coming",
    "scheduled",
    "schedule",
    "booked",
    "book",
    "arriving",
    "arrive",
    "expect",
    "expecting",
    "supposed",
    "again",
    "be",
];
/// With these another time is asked for, or how soon it can be.
const ANOTHER: &[&str] = &[
    "can",
    "cannot",
    "cant",
    "wont",
    "could",
    "may",
    "earliest",
    "soonest",
    "next",
    "another",
    "different",
    "other",
    "else",
    "open",
    "openings",
    "available",
    "free",
    "change",
    "move",
    "reschedule",
    "cancel",
    "call",
];

/// Whether a text asks when the visit is that was arranged, or whether it stands: "what time are you guys coming?", "are we
/// still on for tomorrow?", and not "when can you come?".
#[must_use]
pub fn asks_for_visit(text: &str) -> bool {
    let folded = Folded::of(text);
    let read = Text::of(text, &folded, lexicon());
    let words: Vec<&str> = read.tokens.iter().map(|token| token.word).collect();
    let has = |list: &[&str]| words.iter().any(|word| list.contains(word));
    let pair = |first: &[&str], second: &[&str]| {
        words
            .windows(2)
            .any(|two| matches!(two, [one, next] if first.contains(one) && second.contains(next)))
    };
    if has(ANOTHER) {
        return false;
    }
    let when = has(&["when", "whens"]) || pair(&["what", "which", "whats"], &["time", "day", "date", "the"]);
    let stands = pair(
        &["still"],
        &["on", "coming", "scheduled", "good", "happening", "set", "booked"],
    );
    let reminds = pair(&["remind"], &["me"]) && has(&["when", "time", "day", "appointment"]);
    when && has(VISIT) || stands || reminds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_about_the_visit_is_told_from_one_for_another() {
        for text in [
            "what time is my appointment again",
            "What day am I scheduled?",
            "when are you guys coming",
            "are we still on for tomorrow",
            "is he still coming?",
            "remind me what time please",
            "when should I expect you",
            "when will you be here",
        ] {
            assert!(asks_for_visit(text), "{text}");
        }
        for text in [
            "when can you come",
            "what time do you open",
            "do you have a different time",
            "can you call me about my appointment",
            "whats the earliest you got",
            "my sink is still leaking",
            "how much is the visit",
            "are we still on for tomorrow? i can't make it",
            "I booked online",
        ] {
            assert!(!asks_for_visit(text), "{text}");
        }
    }
}
