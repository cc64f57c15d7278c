//! What a text says in plain words: that it was read, a yes, a wrong number, a wish for the visit that one has or for the
//! times there are. Decided by words alone, beside the intent that was learned, for the talk.

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

/// What follows "come" where somebody is to.
const COMING: &[&str] = &[
    "out",
    "by",
    "over",
    "on",
    "tomorrow",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "next",
    "this",
    "around",
];

/// The words of a text, as they are folded for reading.
#[derive(Debug, Clone)]
pub struct Plain {
    words: Vec<String>,
    /// It has a question mark.
    asks: bool,
}

impl Plain {
    /// The words of `text`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let folded = Folded::of(text);
        let read = Text::of(text, &folded, lexicon());
        Self {
            words: read.tokens.iter().map(|token| token.word.to_owned()).collect(),
            asks: text.contains('?'),
        }
    }

    /// Whether a text asks when the visit is that was arranged, or whether it stands: "what time are you guys coming?", "are we
    /// still on for tomorrow?", and not "when can you come?".
    #[must_use]
    pub fn asks_for_visit(&self) -> bool {
        let when =
            self.has(&["when", "whens"]) || self.pair(&["what", "which", "whats"], &["time", "day", "date", "the"]);
        let stands = self.pair(
            &["still"],
            &["on", "coming", "scheduled", "good", "happening", "set", "booked"],
        );
        let reminds = self.pair(&["remind"], &["me"]) && self.has(&["when", "time", "day", "appointment"]);
        !self.has(ANOTHER) && (when && self.has(VISIT) || stands || reminds)
    }

    /// Whether a text asks which times there are: "whats the earliest you got", "any openings?", "anything later in the day?".
    #[must_use]
    pub fn asks_for_times(&self) -> bool {
        let soon = self.has(&["earliest", "soonest", "openings", "availability"]);
        // "Is the opening wide enough" asks for none.
        let next = self.pair(&["next", "first", "any"], &["opening", "slot", "slots"])
            || self.pair(&["next", "first", "earliest"], &["open", "available", "free"]);
        let other = self
            .at(&["anything", "something", "any"])
            .zip(self.at(&["earlier", "sooner", "later", "else", "available", "open"]))
            .is_some_and(|(any, other)| any < other && other - any <= 3);
        let which = self.pair(&["what", "which"], &["days", "times", "dates"]);
        soon || next || other || which && self.has(&["have", "got", "free", "open", "available", "come", "work"])
    }

    /// Whether somebody only says that they are late for the visit: it stays where it is.
    #[must_use]
    pub fn runs_late(&self) -> bool {
        self.has(&["running", "im", "stuck"]) && self.has(&["late", "behind", "traffic"]) && !self.has(ANOTHER)
    }

    /// Whether the day that was wished before is given up, without another one: "any other day after 3", "not Thursday, mornings
    /// are better".
    #[must_use]
    pub fn opens_the_day(&self) -> bool {
        let any = self.pair(
            &["any", "another", "other", "different", "whichever", "every", "some"],
            &["day", "days", "date", "dates", "week", "weekday", "weekdays"],
        );
        let whenever = self.has(&["anyday", "everyday", "weekdays"]);
        any || whenever || self.pair(NOT_ON, DAYS) || self.pair(NOT_ON, &["do", "on"])
    }

    /// Whether a text confirms by the letter or the word that a reminder asks for, whenever it comes: "ok C", "confirmed".
    #[must_use]
    pub fn confirms_in_words(&self) -> bool {
        let asked_for = self.has(&["c", "confirm", "confirmed", "confirming", "confirmo"]);
        asked_for
            && self.words.len() <= 5
            && !self.has(&["cant", "cannot", "not", "dont", "r", "can", "did", "is", "you"])
    }

    /// Whether a text only says that something was read: "ok", "gotcha", "oh ok lol".
    #[must_use]
    pub fn acknowledges(&self) -> bool {
        self.only(HEARD)
    }

    /// Whether somebody wants to think, or will come back by themselves: "let me think about it", "ill check with my husband".
    #[must_use]
    pub fn comes_back(&self) -> bool {
        let short = self.words.len() <= 12;
        let thinks = self.pair(
            &["let", "gotta", "to", "lemme", "me", "will", "ill"],
            &["think", "sleep"],
        );
        let asks = self.pair(
            &["ill", "will", "to", "gotta", "me"],
            &["check", "ask", "talk", "discuss", "see"],
        ) && self.has(&[
            "husband", "wife", "partner", "landlord", "spouse", "boss", "roommate", "mom", "dad", "schedule",
        ]);
        let back = self.pair(&["ill", "will"], &["get", "call", "text", "circle", "reach", "be"])
            && self.pair(&["get", "call", "text", "circle", "reach", "be", "you"], &["back"]);
        let tells = self.pair(&["let"], &["you", "u", "yall"]) && self.has(&["know"]);
        // "Will you call back", "let you know my address: …" is something else.
        let wants = self.asks
            || self.pair(
                &["will", "can", "could"],
                &["you", "u", "someone", "somebody", "he", "she", "they"],
            );
        short && !wants && (thinks || asks || back || tells)
    }

    /// Whether a wish is given up: "never mind", "forget it", "nvm keep my time", "leave it as is".
    #[must_use]
    pub fn gives_up(&self) -> bool {
        let short = self.words.len() <= 9;
        let drops = self.has(&["nevermind", "nvm", "olvidalo"])
            || self.pair(&["never"], &["mind"])
            || self.pair(&["forget"], &["it", "that", "about"])
            || self.pair(&["dont", "no"], &["worry"]);
        let keeps = self.pair(
            &["keep", "leave"],
            &["it", "my", "the", "that", "what", "things", "same", "original"],
        ) || self.pair(&["stay", "stick", "stays"], &["with", "as"]);
        short && (drops || keeps) && !self.asks
    }

    /// Whether a text speaks of calling something off.
    #[must_use]
    pub fn speaks_of_cancelling(&self) -> bool {
        self.has(&[
            "cancel",
            "cancelled",
            "canceled",
            "canceling",
            "cancelling",
            "cancela",
            "cancelar",
            "off",
        ])
    }

    /// Whether nothing is needed any more: "I found someone else", "my neighbor fixed it", "we're all set".
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let found = self.pair(
            &["found", "got", "hired", "have", "using", "with"],
            &["someone", "somebody", "another"],
        ) || self.pair(&["someone", "somebody"], &["else"]);
        let done = self.pair(&["all", "im", "were"], &["set", "good"])
            || self.pair(&["fixed", "figured", "got"], &["it", "itself"])
            || self.pair(&["taken"], &["care"])
            || self.pair(&["no"], &["longer"])
            || self.pair(&["dont", "wont"], &["need"]) && !self.has(&["appointment", "until", "till"]);
        (found || done) && !self.asks
    }

    /// Whether a text agrees and says nothing else: "yes", "yeah sure", "sí por favor".
    #[must_use]
    pub fn agrees(&self) -> bool {
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
        self.only(yes) && self.words.len() <= 4
    }

    /// Whether the one time that was offered is taken in other words than yes: "book it", "sounds good", "perfect thank you".
    #[must_use]
    pub fn takes_it(&self) -> bool {
        let refused = self.has(&[
            "not", "dont", "cant", "cannot", "wont", "no", "but", "if", "except", "instead", "unless", "other",
        ]);
        let taken = self.pair(
            &["book", "take", "schedule", "grab", "reserve", "do"],
            &["it", "that", "me"],
        ) || self.pair(&["sounds", "looks"], &["good", "great", "perfect", "fine"])
            || self.has(&["perfect", "perfecto"]);
        taken && !refused && self.words.len() <= 7 && !self.asks
    }

    /// Whether somebody is asked to come, in plain words: "come out friday", "send someone tuesday".
    #[must_use]
    pub fn asks_to_come(&self) -> bool {
        let come = self.pair(&["come", "swing", "stop"], COMING)
            || self.pair(&["send"], &["someone", "somebody", "him", "them", "a", "your", "one"]);
        come && !self.has(&["didnt", "never", "came", "did", "not", "dont", "wont", "when"])
    }

    /// Whether something that was arranged is spoken of: "reschedule", "my appointment", "push it back".
    #[must_use]
    pub fn speaks_of_arranged(&self) -> bool {
        self.has(&[
            "reschedule",
            "rescheduling",
            "resched",
            "move",
            "change",
            "push",
            "postpone",
            "appointment",
            "appt",
            "booked",
            "scheduled",
            "instead",
            "cita",
        ])
    }

    /// Whether the hour is to stay: "tuesday same time".
    #[must_use]
    pub fn keeps_the_hour(&self) -> bool {
        self.pair(&["same"], &["time", "hour"]) || self.pair(&["misma"], &["hora"])
    }

    /// Whether somebody says that they never meant to reach this business: "sorry, wrong number".
    #[must_use]
    pub fn misdialled(&self) -> bool {
        let number = self.pair(
            &["wrong"],
            &["number", "person", "company", "business", "place", "num", "#"],
        ) || self.pair(&["numero"], &["equivocado"]);
        // "Is this the wrong number for the office?" still wants something.
        let wants = self.has(&[
            "is", "can", "which", "whats", "need", "want", "billed", "charged", "gave",
        ]);
        let slip = &["misdialed", "misdialled"];
        let alone = self.has(slip) && self.only(&["misdialed", "misdialled", "sorry", "oops", "i", "my", "bad", "oh"]);
        number && !wants || alone
    }

    fn at(&self, list: &[&str]) -> Option<usize> {
        self.words.iter().position(|word| list.contains(&word.as_str()))
    }

    fn has(&self, list: &[&str]) -> bool {
        self.at(list).is_some()
    }

    /// Whether there is nothing else.
    fn only(&self, list: &[&str]) -> bool {
        !self.words.is_empty() && self.words.iter().all(|word| list.contains(&word.as_str()))
    }

    /// Whether one of the second follows one of the first at once.
    fn pair(&self, first: &[&str], second: &[&str]) -> bool {
        let mut pairs = self.words.iter().zip(self.words.iter().skip(1));
        pairs.any(|(one, next)| first.contains(&one.as_str()) && second.contains(&next.as_str()))
    }
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
            assert!(Plain::of(text).asks_for_visit(), "{text}");
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
            assert!(!Plain::of(text).asks_for_visit(), "{text}");
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
            "whats the next open time",
        ] {
            assert!(Plain::of(text).asks_for_times(), "{text}");
        }
        for text in [
            "do you take any cards",
            "what brands do you have",
            "is there anything i need to do",
            "is the opening wide enough for two cars",
            "are you open late",
        ] {
            assert!(!Plain::of(text).asks_for_times(), "{text}");
        }
    }

    #[test]
    fn a_day_that_is_given_up_is_told_from_a_time_on_it() {
        for text in [
            "any other day after 3",
            "not thursday, mornings are better",
            "can't do that, mornings only",
            "a different day, around noon",
        ] {
            assert!(Plain::of(text).opens_the_day(), "{text}");
        }
        for text in [
            "whenever in the morning",
            "anytime after 3",
            "3pm works",
            "morning is best",
            "around noon please",
        ] {
            assert!(!Plain::of(text).opens_the_day(), "{text}");
        }
    }

    #[test]
    fn a_confirmation_in_words_is_told_from_a_question_for_one() {
        for text in ["C", "ok C", "confirmed", "yes i confirm thanks"] {
            assert!(Plain::of(text).confirms_in_words(), "{text}");
        }
        for text in [
            "ok",
            "can you confirm",
            "did you confirm it",
            "R",
            "i can't confirm yet",
        ] {
            assert!(!Plain::of(text).confirms_in_words(), "{text}");
        }
    }

    #[test]
    fn what_was_read_is_told_from_what_is_wanted() {
        for text in ["ok", "K", "gotcha", "oh ok lol", "haha ok", "thats fine", "oh i see"] {
            assert!(Plain::of(text).acknowledges(), "{text}");
        }
        for text in [
            "ok when",
            "fine, tuesday",
            "yes",
            "my word it leaks",
            "",
            "see you at 2",
        ] {
            assert!(!Plain::of(text).acknowledges(), "{text}");
        }
        for text in ["yes", "Yeah sure", "yes please", "Sí por favor"] {
            assert!(Plain::of(text).agrees(), "{text}");
        }
        for text in ["yes at 2", "sure is a mess here", "ok"] {
            assert!(!Plain::of(text).agrees(), "{text}");
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
            assert!(Plain::of(text).comes_back(), "{text}");
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
            assert!(!Plain::of(text).comes_back(), "{text}");
        }
    }

    #[test]
    fn the_one_time_is_taken_in_more_words_than_yes() {
        for text in [
            "book it",
            "ok book it",
            "sounds good",
            "perfect thank you",
            "lets do that",
        ] {
            assert!(Plain::of(text).takes_it(), "{text}");
        }
        for text in [
            "Bill",
            "do it on tuesday instead",
            "not perfect but ok",
            "does it cost extra",
            "gas",
            "sounds good but later",
        ] {
            assert!(!Plain::of(text).takes_it(), "{text}");
        }
    }

    #[test]
    fn who_is_to_come_is_asked_in_plain_words() {
        for text in [
            "ok come out friday",
            "just come wednesday",
            "send someone tuesday",
            "swing by tomorrow",
        ] {
            assert!(Plain::of(text).asks_to_come(), "{text}");
        }
        for text in [
            "you didnt come out friday",
            "when did you come by",
            "i come home at 5",
            "see you friday",
        ] {
            assert!(!Plain::of(text).asks_to_come(), "{text}");
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
            assert!(Plain::of(text).misdialled(), "{text}");
        }
        for text in [
            "you gave me the wrong number for the office",
            "is this the wrong number",
            "you sent the wrong part",
            "sorry",
        ] {
            assert!(!Plain::of(text).misdialled(), "{text}");
        }
    }

    #[test]
    fn who_runs_late_moves_nothing() {
        for text in [
            "running 10 min late",
            "im stuck in traffic, home by 2:15",
            "I'm running a little behind",
        ] {
            assert!(Plain::of(text).runs_late(), "{text}");
        }
        for text in [
            "running late, can we move it to 4?",
            "my toilet is running",
            "you guys are late",
        ] {
            assert!(!Plain::of(text).runs_late(), "{text}");
        }
    }
}
