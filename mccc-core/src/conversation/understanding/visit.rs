//! Whether somebody asks about the appointment they have, or for the times there are.

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
    in_words(text, |words| {
        let when =
            words.has(&["when", "whens"]) || words.pair(&["what", "which", "whats"], &["time", "day", "date", "the"]);
        let stands = words.pair(
            &["still"],
            &["on", "coming", "scheduled", "good", "happening", "set", "booked"],
        );
        let reminds = words.pair(&["remind"], &["me"]) && words.has(&["when", "time", "day", "appointment"]);
        !words.has(ANOTHER) && (when && words.has(VISIT) || stands || reminds)
    })
}

/// Whether a text asks which times there are: "whats the earliest you got", "any openings?", "anything later in the day?".
#[must_use]
pub fn asks_for_times(text: &str) -> bool {
    in_words(text, |words| {
        let soon = words.has(&["earliest", "soonest", "openings", "availability"]);
        // "Is the opening wide enough" asks for none.
        let next = words.pair(&["next", "first", "any"], &["opening", "slot", "slots"]);
        let other = words
            .at(&["anything", "something", "any"])
            .zip(words.at(&["earlier", "sooner", "later", "else", "available", "open"]))
            .is_some_and(|(any, other)| any < other && other - any <= 3);
        let which = words.pair(&["what", "which"], &["days", "times", "dates"]);
        soon || next || other || which && words.has(&["have", "got", "free", "open", "available", "come", "work"])
    })
}

/// Whether somebody only says that they are late for the visit: it stays where it is.
#[must_use]
pub fn runs_late(text: &str) -> bool {
    in_words(text, |words| {
        words.has(&["running", "im", "stuck"]) && words.has(&["late", "behind", "traffic"]) && !words.has(ANOTHER)
    })
}

/// The words of a text, one after the other.
struct Words<'t>(Vec<&'t str>);

impl Words<'_> {
    fn at(&self, list: &[&str]) -> Option<usize> {
        self.0.iter().position(|word| list.contains(word))
    }

    fn has(&self, list: &[&str]) -> bool {
        self.at(list).is_some()
    }

    /// Whether one of the second follows one of the first at once.
    fn pair(&self, first: &[&str], second: &[&str]) -> bool {
        let mut pairs = self.0.iter().zip(self.0.iter().skip(1));
        pairs.any(|(one, next)| first.contains(one) && second.contains(next))
    }
}

fn in_words(text: &str, ask: impl FnOnce(&Words<'_>) -> bool) -> bool {
    let folded = Folded::of(text);
    let read = Text::of(text, &folded, lexicon());
    ask(&Words(read.tokens.iter().map(|token| token.word).collect()))
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

    #[test]
    fn a_question_for_times_is_told_from_one_about_something_else() {
        for text in [
            "whats the earliest you got",
            "any openings next week?",
            "anything later in the day",
            "do you have anything sooner",
            "what days do you have open",
            "what times work for you guys",
            "got any slots left",
            "when's your next opening",
        ] {
            assert!(asks_for_times(text), "{text}");
        }
        for text in [
            "do you take any cards",
            "what brands do you have",
            "is there anything i need to do",
            "is the opening wide enough for two cars",
            "are you open late",
        ] {
            assert!(!asks_for_times(text), "{text}");
        }
    }

    #[test]
    fn who_runs_late_moves_nothing() {
        for text in [
            "running 10 min late",
            "im stuck in traffic, home by 2:15",
            "I'm running a little behind",
        ] {
            assert!(runs_late(text), "{text}");
        }
        for text in [
            "running late, can we move it to 4?",
            "my toilet is running",
            "you guys are late",
        ] {
            assert!(!runs_late(text), "{text}");
        }
    }
}
