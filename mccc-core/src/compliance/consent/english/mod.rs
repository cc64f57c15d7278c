//! Opt-outs in English.
//!
//! Each rule looks at one place in a clause: the words before it say who speaks and whether it is negated, the words
//! after it say what is meant. A rule answers with its standard form, such as "stop texting me".

mod nouns;
mod refusal;
mod removal;
mod stopping;

use super::reading::{Clause, Reading};
use super::words::{TEXT, TROUBLE};
use nouns::{on_a_list, texts};

type Found = Option<&'static str>;

pub(super) fn opt_out(reading: &Reading) -> Found {
    reading.clauses.iter().find_map(|clause| {
        let words = clause.words();
        (0..words.len()).find_map(|at| {
            let (before, here) = words.split_at(at);
            let place = Place {
                reading,
                clause,
                before,
            };
            place.rule(here)
        })
    })
}

/// Where in a text a rule looks.
struct Place<'a> {
    reading: &'a Reading,
    clause: &'a Clause,
    before: &'a [&'a str],
}

fn among(word: Option<&&str>, any: &[&str]) -> bool {
    word.is_some_and(|word| any.contains(word))
}

fn has(words: &[&str], any: &[&str]) -> bool {
    words.iter().any(|word| any.contains(word))
}
impl Place<'_> {
    fn rule(&self, here: &[&str]) -> Found {
        self.command(here)
            .or_else(|| self.gone(here))
            .or_else(|| self.phrase(here))
    }

    /// Verbs that end something.
    fn command(&self, here: &[&str]) -> Found {
        match here {
            [
                "stop" | "quit" | "cease" | "halt" | "desist" | "discontinue" | "end" | "cancel" | "terminate",
                tail @ ..,
            ] => self.cease(here.first().copied().unwrap_or_default(), tail),
            ["unsubscribe" | "unsubscribing" | "unenroll" | "unregister", tail @ ..] => self.unsubscribe(tail),
            ["unsubscribed"] if self.before.is_empty() => Some("unsubscribe"),
            ["unsubscribed", tail @ ..] => self.be_removed(tail).map(|_| "unsubscribe"),
            ["optout", tail @ ..] => self.opt_out_of(tail),
            [
                "remove" | "delete" | "erase" | "drop" | "unlist" | "exclude" | "omit" | "purge",
                tail @ ..,
            ] => self.remove(tail),
            [
                "take" | "get" | "keep" | "cross" | "strike" | "pull" | "leave",
                "me" | "us",
                tail @ ..,
            ] => self.take_off(here.first().copied().unwrap_or_default(), tail),
            ["removed" | "deleted" | "taken" | "dropped" | "erased", tail @ ..] => self.be_removed(tail),
            ["get" | "be", "off" | "out", tail @ ..] if self.asks() && on_a_list(tail) => Some("take me off"),
            _ => None,
        }
    }

    /// "Lose my number", "block this number".
    fn gone(&self, here: &[&str]) -> Found {
        match here {
            [
                "lose" | "forget" | "block" | "scrub" | "take" | "get" | "pull",
                rest @ ..,
            ] => self.number_gone(rest),
            _ => None,
        }
    }

    /// Everything else.
    fn phrase(&self, here: &[&str]) -> Found {
        match here {
            ["go", "away"] | ["go", "away", "and" | "you" | "i", ..] if self.before.is_empty() => Some("go away"),
            ["fuck" | "f" | "piss" | "buzz" | "bug" | "screw" | "sod" | "back", "off"] if self.before.is_empty() => {
                Some("go away")
            }
            ["get", "lost"] if self.before.is_empty() => Some("go away"),
            ["knock" | "cut" | "give", "it" | "this", "off" | "out" | "a", ..] if self.before.is_empty() => {
                Some("stop it").filter(|_| !self.reading.has(TROUBLE))
            }
            ["enough", tail @ ..] => self.enough(tail),
            ["no", "more", tail @ ..] | ["nomore", tail @ ..] | ["no", "anymore", tail @ ..] => self.no_more(tail),
            ["no", tail @ ..] => self.no_texts(tail),
            ["dont", "call", "list", ..] => Some("do not call"),
            ["dont", "contact" | "text", "list", ..] => Some("do not text"),
            [
                "leave",
                "my" | "our" | "this",
                "phone" | "number" | "cell" | "family",
                "alone",
                ..,
            ] if self.asks() => Some("leave me alone"),
            ["refrain" | "abstain" | "desist", "from", rest @ ..] if self.texting(rest) => Some("stop texting me"),
            ["removal", "from", rest @ ..] if on_a_list(rest) => Some("remove me"),
            ["rid", "of", rest @ ..] => self.number_gone(rest),
            [verb, "me" | "us", "again", "and" | "or", ..] if TEXT.contains(verb) && self.before.is_empty() => {
                self.consequence().then_some("do not text me")
            }
            ["need", "for", tail @ ..] if among(self.before.last(), &["no"]) => {
                texts(tail, true).then_some("no more texts")
            }
            ["need", "to", verb, "me" | "us", "anymore" | "again", ..]
                if among(self.before.last(), &["no"]) && TEXT.contains(verb) =>
            {
                Some("do not text me")
            }
            ["not", "another" | "one", tail @ ..] => texts(tail, false).then_some("no more texts"),
            ["take", "a", "hike"] if self.before.is_empty() => Some("go away"),
            ["lose" | "delete" | "forget", "it"] if self.reading.has(&["number"]) && self.reading.has(&["wrong"]) => {
                Some("remove my number")
            }
            ["dnc", ..] => Some("do not call"),
            [
                "dont" | "never" | "nolonger" | "not" | "didnt" | "cant" | "wont",
                tail @ ..,
            ] => self.do_not(tail).or_else(|| self.do_not_want(tail)),
            [
                "revoke" | "revoking" | "withdraw" | "withdrawing" | "rescind" | "rescinding",
                tail @ ..,
            ] => self.revoke(tail),
            ["consent", "is" | "has" | "was", "revoked" | "withdrawn", ..]
            | ["consent", "revoked" | "withdrawn", ..] => Some("revoke consent"),
            ["consent", "has", "been", "revoked" | "withdrawn", ..] => Some("revoke consent"),
            ["blocking" | "blocked" | "block", tail @ ..] => self.block(tail),
            ["turn" | "shut" | "switch", "off", tail @ ..] if !self.negated() && texts(tail, false) => {
                Some("turn off texts")
            }
            ["turn" | "shut" | "switch", tail @ .., "off"] if !self.negated() && texts(tail, false) => {
                Some("turn off texts")
            }
            ["done", "with", tail @ ..] if !self.negated() && texts(tail, false) => Some("no more texts"),
            ["if" | "time", "you", tail @ ..] => self.threat(tail),
            _ => None,
        }
    }
    /// Whether the words before say "don't" to what follows: "don't stop", "I don't want you to stop". A complaint or a
    /// threat ("if you don't stop", "why won't you stop") is not that.
    fn negated(&self) -> bool {
        let mut rest = self.before;
        let mut drop = |any: &[&str]| {
            if let Some((last, front)) = rest.split_last()
                && any.contains(last)
            {
                rest = front;
            }
        };
        drop(&["to"]);
        drop(&["you", "them", "it", "me", "anything", "us", "this", "these"]);
        drop(&[
            "want", "need", "mean", "intend", "wish", "like", "plan", "plans", "try", "trying", "tell", "ask", "asked",
            "say", "have", "going", "meant", "meaning", "choose",
        ]);
        let Some((last, front)) = rest.split_last() else {
            return false;
        };
        if ![
            "dont", "never", "not", "didnt", "nolonger", "wont", "cant", "doesnt", "shouldnt", "isnt", "arent",
            "havent", "wouldnt", "couldnt",
        ]
        .contains(last)
        {
            return false;
        }
        // "Never stop texting" is meant; "you never stop texting" and "can't you stop" are not.
        let complaint = among(front.last(), &["you", "why"])
            || (among(self.before.last(), &["you"]) && front.is_empty() && matches!(*last, "cant" | "wont" | "dont"))
            || among(front.last(), &["why"]);
        !complaint
    }

    /// Whether the words before leave this a request or a statement of the writer's own wish.
    fn asks(&self) -> bool {
        match self.before {
            [] => true,
            [.., "can" | "could" | "will" | "would" | "cant" | "wont", "you"] => true,
            [.., "do" | "can" | "could" | "may" | "must" | "should", "i" | "we"] => {
                among(self.before.first(), &["how", "what", "where", "can", "could", "may"])
            }
            [
                ..,
                "did" | "do" | "does" | "didnt" | "dont" | "never" | "not" | "will" | "might" | "may" | "wont" | "cant",
            ] => false,
            [.., "i" | "you" | "he" | "she" | "they" | "we" | "it"] => false,
            _ => true,
        }
    }

    fn wants_text_instead(&self) -> bool {
        let reading = self.reading;
        ["text", "email", "message", "txt"].iter().any(|way| {
            ["me", "instead", "only", "us"]
                .iter()
                .any(|next| reading.has_run(&[*way, *next]))
                || ["just", "by", "via", "prefer", "rather", "only", "or", "can", "please"]
                    .iter()
                    .any(|previous| *way != "message" && reading.has_run(&[*previous, *way]))
        }) && !reading.has(&["dont", "not", "never", "nor", "stop"])
            || reading.has_run(&["instead"])
            || ["just", "prefer", "rather", "you", "only"]
                .iter()
                .any(|previous| reading.has_run(&[*previous, "text"]) || reading.has_run(&[*previous, "texting"]))
                && !reading.has_run(&["stop", "texting"])
            || reading.has_run(&["text", "me"])
                && !reading.has_run(&["dont", "text"])
                && !reading.has_run(&["or", "text"])
            || reading.has_run(&["and", "text"])
            // "Don't call me, text."
            || reading.clauses.last().is_some_and(|clause| clause.words() == ["text"])
    }
    fn revoke(&self, tail: &[&str]) -> Found {
        if self.negated() {
            return None;
        }
        let consent = has(tail, &["consent", "permission", "authorization", "agreement"]);
        (consent && !has(tail, &["enter", "house", "property", "permit"])
            || tail.is_empty() && (self.spoken_to_us() || matches!(self.before, ["i" | "we"]))
            || matches!(tail, ["all"]))
        .then_some("revoke consent")
    }

    fn block(&self, tail: &[&str]) -> Found {
        let state = matches!(
            self.before,
            ["your" | "you"]
                | ["you", "are"]
                | ["this", "number", "is"]
                | [.., "reported", "and"]
                | ["and"]
                | ["number"]
        );
        if tail.is_empty() && state {
            return Some("blocking you");
        }
        let me = !has(self.before, &["is", "are", "was", "not", "dont"]);
        let whom = matches!(
            tail,
            ["you"]
                | ["you", "and" | "if" | "for" | "from" | "guys", ..]
                | [
                    "this" | "your" | "the",
                    "number" | "texts" | "messages" | "ass" | "sender",
                    ..
                ]
        );
        (me && whom).then_some("blocking you")
    }

    /// "If you text me again I will report you".
    fn threat(&self, tail: &[&str]) -> Found {
        let texting = among(tail.first(), TEXT) || among(tail.first(), &["send", "call", "keep", "dont"]);
        (texting && self.consequence()).then_some("do not text me")
    }

    fn consequence(&self) -> bool {
        self.reading.has(&[
            "report",
            "reporting",
            "sue",
            "suing",
            "lawyer",
            "attorney",
            "fcc",
            "ftc",
            "police",
            "legal",
            "complaint",
            "harassment",
            "blocking",
            "blocked",
        ])
    }
}
