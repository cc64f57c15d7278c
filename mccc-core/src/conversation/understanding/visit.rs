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

/// What is said to show that something was read.
const HEARD: &[&str] = &[
    "ok",
    "okay",
    "k",
    "kk",
    "okey",
    "lol",
    "haha",
    "hahaha",
    "hmm",
    "hm",
    "oh",
    "ah",
    "gotcha",
    "alright",
    "alrighty",
    "thats",
    "fine",
    "cool",
    "noted",
    "roger",
    "copy",
    "word",
    "bet",
    "vale",
    "listo",
    "interesting",
    "i",
    "see",
    "well",
    "then",
];

/// Whether a text only says that something was read: "ok", "gotcha", "oh ok lol".
#[must_use]
pub fn acknowledges(text: &str) -> bool {
    in_words(text, |words| words.only(HEARD))
}

/// Whether somebody wants to think, or will come back by themselves: "let me think about it", "ill check with my husband".
#[must_use]
pub fn comes_back(text: &str) -> bool {
    in_words(text, |words| {
        let short = words.0.len() <= 12;
        let thinks = words.pair(
            &["let", "gotta", "to", "lemme", "me", "will", "ill"],
            &["think", "sleep"],
        );
        let asks = words.pair(
            &["ill", "will", "to", "gotta", "me"],
            &["check", "ask", "talk", "discuss", "see"],
        ) && words.has(&[
            "husband", "wife", "partner", "landlord", "spouse", "boss", "roommate", "mom", "dad", "schedule",
        ]);
        let back = words.pair(&["ill", "will"], &["get", "call", "text", "circle", "reach", "be"])
            && words.pair(&["get", "call", "text", "circle", "reach", "be", "you"], &["back"]);
        let tells = words.pair(&["let"], &["you", "u", "yall"]) && words.has(&["know"]);
        // "Will you call back", "let you know my address: …" is something else.
        let wants = text.contains('?')
            || words.pair(
                &["will", "can", "could"],
                &["you", "u", "someone", "somebody", "he", "she", "they"],
            );
        short && !wants && (thinks || asks || back || tells)
    })
}

/// Whether a text agrees and says nothing else: "yes", "yeah sure", "sí por favor".
#[must_use]
pub fn agrees(text: &str) -> bool {
    let yes = &[
        "yes",
        "yeah",
        "yep",
        "yup",
        "yea",
        "ya",
        "sure",
        "si",
        "please",
        "pls",
        "por",
        "favor",
        "definitely",
        "absolutely",
        "claro",
    ];
    in_words(text, |words| words.only(yes) && words.0.len() <= 4)
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
    fn what_was_read_is_told_from_what_is_wanted() {
        for text in ["ok", "K", "gotcha", "oh ok lol", "haha ok", "thats fine", "oh i see"] {
            assert!(acknowledges(text), "{text}");
        }
        for text in [
            "ok when",
            "fine, tuesday",
            "yes",
            "my word it leaks",
            "",
            "see you at 2",
        ] {
            assert!(!acknowledges(text), "{text}");
        }
        for text in ["yes", "Yeah sure", "yes please", "Sí por favor"] {
            assert!(agrees(text), "{text}");
        }
        for text in ["yes at 2", "sure is a mess here", "ok"] {
            assert!(!agrees(text), "{text}");
        }
    }

    #[test]
    fn who_will_come_back_is_told_from_who_waits() {
        for text in [
            "let me think about it",
            "ok ill get back to you",
            "ill check with my husband",
            "i'll call back later",
            "ok i'll let you know",
            "gotta talk to my wife first",
            "need to think it over",
            "i will text you back tomorrow",
        ] {
            assert!(comes_back(text), "{text}");
        }
        for text in [
            "will you call back later",
            "can he let me know",
            "when will he be back",
            "call me back",
            "check the drain please",
            "will someone get back to me",
            "i think its the pump",
            "let me know",
        ] {
            assert!(!comes_back(text), "{text}");
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
