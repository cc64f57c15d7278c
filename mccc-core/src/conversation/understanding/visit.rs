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

/// What a day is turned away with, right before it.
const NOT_ON: &[&str] = &[
    "not", "except", "cant", "cannot", "no", "dont", "wont", "doesnt", "besides", "but", "than",
];
const DAYS: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "today",
    "tomorrow",
    "tonight",
    "that",
    "then",
];

/// Whether the day that was wished before is given up, without another one: "any other day after 3", "not Thursday, mornings
/// are better", "whenever".
#[must_use]
pub fn opens_the_day(text: &str) -> bool {
    in_words(text, |words| {
        let any = words.pair(
            &["any", "another", "other", "different", "whichever", "every", "some"],
            &["day", "days", "date", "dates", "week", "weekday", "weekdays"],
        );
        let whenever = words.has(&["whenever", "anyday", "everyday", "weekdays"]);
        any || whenever || words.pair(NOT_ON, DAYS) || words.pair(NOT_ON, &["do", "on"])
    })
}

/// Whether a text confirms by the letter or the word that a reminder asks for, whenever it comes: "ok C", "confirmed".
#[must_use]
pub fn confirms_in_words(text: &str) -> bool {
    in_words(text, |words| {
        let asked_for = words.has(&["c", "confirm", "confirmed", "confirming", "confirmo"]);
        asked_for
            && words.0.len() <= 5
            && !words.has(&["cant", "cannot", "not", "dont", "r", "can", "did", "is", "you"])
    })
}

/// Whether somebody says that they never meant to reach this business: "sorry, wrong number".
#[must_use]
pub fn misdialled(text: &str) -> bool {
    in_words(text, |words| {
        let number = words.pair(
            &["wrong"],
            &["number", "person", "company", "business", "place", "num", "#"],
        ) || words.pair(&["numero"], &["equivocado"]);
        // "Is this the wrong number for the office?" still wants something.
        let wants = words.has(&[
            "is", "can", "which", "whats", "need", "want", "billed", "charged", "gave",
        ]);
        let slip = &["misdialed", "misdialled"];
        let alone =
            words.has(slip) && words.only(&["misdialed", "misdialled", "sorry", "oops", "i", "my", "bad", "oh"]);
        number && !wants || alone
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

    /// Whether there is nothing else.
    fn only(&self, list: &[&str]) -> bool {
        !self.0.is_empty() && self.0.iter().all(|word| list.contains(word))
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
    fn a_day_that_is_given_up_is_told_from_a_time_on_it() {
        for text in [
            "any other day after 3",
            "not thursday, mornings are better",
            "whenever, just after 5",
            "can't do that, mornings only",
            "a different day, around noon",
        ] {
            assert!(opens_the_day(text), "{text}");
        }
        for text in ["anytime after 3", "3pm works", "morning is best", "around noon please"] {
            assert!(!opens_the_day(text), "{text}");
        }
    }

    #[test]
    fn a_confirmation_in_words_is_told_from_a_question_for_one() {
        for text in ["C", "ok C", "confirmed", "yes i confirm thanks"] {
            assert!(confirms_in_words(text), "{text}");
        }
        for text in [
            "ok",
            "can you confirm",
            "did you confirm it",
            "R",
            "i can't confirm yet",
        ] {
            assert!(!confirms_in_words(text), "{text}");
        }
    }

    #[test]
    fn who_misdialled_wants_nothing() {
        for text in [
            "sorry wrong number",
            "oh ok sorry I dialed the wrong number",
            "You have the wrong person",
            "numero equivocado",
            "misdialed, sorry",
        ] {
            assert!(misdialled(text), "{text}");
        }
        for text in [
            "you gave me the wrong number for the office",
            "is this the wrong number",
            "you sent the wrong part",
            "sorry",
        ] {
            assert!(!misdialled(text), "{text}");
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
