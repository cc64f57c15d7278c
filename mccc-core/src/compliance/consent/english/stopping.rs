//! "Stop texting me", "please stop", "cancel these messages": an end to something.

use super::super::words::{TEXT, TEXTING, TEXTS, TO_ME, TROUBLE};
use super::nouns::{calls, on_a_list, sends, somebody_else, texts, texts_only};
use super::{Found, Place, among, has};

impl Place<'_> {
    /// stop, quit, end, cancel …
    pub(super) fn cease(&self, verb: &str, tail: &[&str]) -> Found {
        if self.quoted(tail) {
            return None;
        }
        // "You" + "don't stop" is a complaint; what stops must then be the texting.
        if self.negated() {
            return None;
        }
        let strong = matches!(verb, "stop" | "quit" | "cease" | "halt" | "desist" | "discontinue");
        // "The thermostat quit responding" is about a thing, not about us.
        let writer = among(self.before.last(), &["i", "ill", "we", "well", "id", "ive"]);
        let a_thing = writer
            || matches!(self.before, ["the" | "my" | "our" | "a" | "it", ..])
                && !has(self.before, &["you", "i"])
                && !has(self.before, TEXTS);
        if strong && !a_thing && self.texting(tail) {
            return Some("stop texting me");
        }
        let noun = match verb {
            "cancel" | "end" | "terminate" => texts(tail, true),
            _ => texts(tail, false) || calls(tail) && !self.wants_text_instead(),
        };
        if noun && !self.question_of_fact() {
            return Some("stop the texts");
        }
        if matches!(verb, "cease" | "desist") && matches!(tail, ["and", "desist" | "cease", ..]) {
            return Some("cease");
        }
        self.bare(verb, tail)
    }

    /// "Did the texts stop?" is a question about facts.
    pub(super) fn question_of_fact(&self) -> bool {
        among(self.before.first(), &["did", "when", "does"])
    }

    /// "What happens if I text STOP?" and "Reply STOP to opt out" talk about the word.
    pub(super) fn quoted(&self, tail: &[&str]) -> bool {
        let said = among(
            self.before.last(),
            &[
                "reply", "text", "send", "type", "respond", "with", "saying", "texting", "word", "press",
            ],
        );
        let told = among(self.before.last(), &["say", "says"]) && !has(self.before, &["i"]);
        (said || told) && !matches!(self.before, [.., "text" | "texts" | "texting"] if texts_only(self.before))
            || matches!(
                tail,
                [
                    "to" | "2",
                    "optout" | "unsubscribe" | "end" | "cancel" | "quit" | "stop" | "unsub",
                    ..
                ]
            )
    }

    /// "texting me", "sending me this", "trying to contact us", "with the texts".
    pub(super) fn texting(&self, tail: &[&str]) -> bool {
        match tail {
            ["trying" | "attempting", "to", rest @ ..] => {
                among(rest.first(), TEXT) && self.reaches_me(rest.get(1..).unwrap_or_default())
                    || matches!(
                        rest,
                        ["reach", "me" | "us" | "out", ..] | ["sell", ..] | ["call" | "get", ..]
                    )
            }
            ["it" | "this", "with", rest @ ..] => texts(rest, false),
            ["adding" | "putting", "me" | "us" | "my", rest @ ..] => on_a_list(rest),
            ["with", "the" | "all" | "this" | "these" | "your", rest @ ..] => {
                texts(rest, false) || among(rest.first(), TEXTING) || self.texting(rest)
            }
            ["all" | "the" | "from" | "this" | "constantly" | "with", rest @ ..]
                if among(rest.first(), TEXTING) || among(rest.first(), &["sending", "calling"]) =>
            {
                self.texting(rest)
            }
            ["sending" | "send" | "forwarding", rest @ ..] => sends(rest),
            ["to", "send", rest @ ..] => sends(rest),
            ["receiving" | "getting" | "receive", rest @ ..] => {
                texts(rest, false)
                    || matches!(
                        rest,
                        [] | ["these" | "this" | "those" | "them" | "anything", ..] | ["from", "you", ..]
                    )
            }
            ["calling" | "phoning" | "ringing" | "call", rest @ ..] => {
                matches!(
                    rest,
                    [] | ["me" | "us" | "my" | "this" | "here" | "and" | "or" | "again" | "so", ..]
                ) && !somebody_else(rest)
                    && !self.wants_text_instead()
            }
            [
                "writing" | "replying" | "responding" | "emailing" | "talking" | "asking",
                rest @ ..,
            ] => {
                matches!(
                    rest,
                    [] | ["me" | "us", ..] | ["to" | "back", "me" | "us", ..] | ["to", "this" | "my", ..]
                )
            }
            ["hmu", ..] => true,
            ["blowing", ..] => has(tail, &["phone", "me", "cell"]),
            ["hitting", "me" | "us", ..] | ["reaching", "out", ..] => true,
            ["text" | "message" | "contact" | "spam", rest @ ..] if among(rest.first(), &["me", "us"]) => true,
            ["to", verb, rest @ ..] if TEXT.contains(verb) => self.reaches_me(rest),
            [verb, rest @ ..] if TEXTING.contains(verb) => self.reaches_me(rest),
            ["being", .., "and", verb, _] => TEXTING.contains(verb),
            _ => false,
        }
    }

    /// Whether the object is the writer: "me", "this number", or nobody in particular.
    pub(super) fn reaches_me(&self, object: &[&str]) -> bool {
        (object.is_empty() || among(object.first(), TO_ME))
            && !somebody_else(object)
            && !matches!(object, ["and", "driving" | "drive", ..] | ["my", ..] if somebody_else(object))
            && !matches!(object, ["and", "driving" | "drive", ..])
    }

    /// The verb stands alone: "please stop", "I asked you to stop", "STOP I have a plumber".
    pub(super) fn bare(&self, verb: &str, tail: &[&str]) -> Found {
        let only = self.reading.clauses.iter().all(|clause| clause.words.len() <= 1) && self.before.is_empty();
        match (verb, tail) {
            ("cancel" | "end", []) => {
                let answer = self.reading.has(&["yes", "yeah", "yep", "ok", "okay", "no", "sure"]);
                (only && self.reading.clauses.len() == 1 && !answer).then_some("cancel")
            }
            ("cancel", ["all"]) if self.before.is_empty() => Some("cancel all"),
            ("end", ["this" | "all"]) if self.before.is_empty() => Some("stop"),
            ("stop" | "quit" | "cease" | "desist" | "halt" | "discontinue", _) => self.stop_alone(verb, tail),
            _ => None,
        }
    }

    pub(super) fn stop_alone(&self, verb: &str, tail: &[&str]) -> Found {
        let spoken = self.spoken_to_us();
        match tail {
            []
            | ["all" | "everything" | "anymore" | "again" | "contact" | "twice" | "yesterday" | "before"]
            | [
                "two" | "three" | "four" | "five" | "multiple" | "several" | "many" | "2" | "3" | "4" | "5",
                "times",
                ..,
            ] if spoken || self.texts_must() => Some("stop"),
            ["this" | "that" | "it" | "doing", ..]
                if tail.len() <= 2
                    && matches!(
                        tail,
                        [_] | [
                            _,
                            "this" | "that" | "crap" | "shit" | "bullshit" | "nonsense" | "spam" | "all"
                        ]
                    )
                    && spoken
                    && !self.modal_question()
                    && !self.reading.has(TROUBLE) =>
            {
                Some("stop it")
            }
            _ if self.clause.shouted_stop && self.before.is_empty() && verb == "stop" && !carries_on(tail) => {
                Some("stop")
            }
            _ if self.before.is_empty() && verb == "stop" && new_sentence(tail) => Some("stop"),
            _ => None,
        }
    }

    /// "Can you stop it?" asks for work; "stop it" does not.
    pub(super) fn modal_question(&self) -> bool {
        matches!(
            self.before,
            [.., "can" | "could" | "will" | "would", "you"] | ["how", ..]
        )
    }

    /// The words before address us: "I said", "I want you to", "can you", "wrong number".
    pub(super) fn spoken_to_us(&self) -> bool {
        match self.before {
            [] => true,
            [.., "you", "to"] | [.., "can" | "could" | "will" | "would" | "wont" | "cant", "you"] => {
                !among(self.before.first(), &["when", "where", "what", "if"])
            }
            [.., "want" | "like" | "wish" | "prefer", "to"] => {
                !has(self.before, &["it", "they", "she", "he"]) && has(self.before, &["i", "id", "we", "would"])
            }
            [.., "need" | "have" | "should" | "better" | "must", "to"] => has(self.before, &["you"]),
            [.., "you", "must" | "should" | "need" | "better"] => true,
            [
                ..,
                "said" | "say" | "texted" | "replied" | "typed" | "wrote" | "sent" | "answered" | "asked" | "saying",
            ] => {
                has(self.before, &["i", "ive", "we", "im"])
                    && !has(self.before, &["never", "didnt", "havent", "not", "dont"])
            }
            [
                ..,
                "so" | "but" | "then" | "number" | "person" | "interested" | "guy" | "no" | "sorry" | "you" | "also",
            ] if matches!(self.before, [.., "no"] | [.., "sorry"])
                || !has(self.before, &["the", "it", "when", "at"]) =>
            {
                !matches!(self.before, ["when" | "where" | "did" | "do" | "if" | "why", ..])
                    && !matches!(self.before, [.., "you"])
            }
            [.., "last" | "final" | "second" | "third", "time" | "warning"] => true,
            before
                if has(
                    before,
                    &["spam", "harassment", "scam", "harassing", "annoying", "ridiculous"],
                ) =>
            {
                true
            }
            _ => false,
        }
    }

    /// "These texts need to stop", "make the messages stop".
    pub(super) fn texts_must(&self) -> bool {
        let front = match self.before {
            [front @ .., "need" | "needs" | "have" | "has" | "ought", "to"] => front,
            [front @ .., "must" | "should" | "better" | "can" | "to"] => front,
            _ if has(self.before, &["make", "get", "let"]) => self.before,
            front if texts_only(front) => return true,
            _ => return false,
        };
        let front = front.iter().copied().filter(|word| {
            !matches!(
                *word,
                "make"
                    | "get"
                    | "want"
                    | "i"
                    | "need"
                    | "let"
                    | "would"
                    | "like"
                    | "can"
                    | "you"
                    | "could"
                    | "will"
                    | "how"
                    | "do"
            )
        });
        texts_only(&front.collect::<Vec<_>>())
    }
}

/// "stop by", "stop the leak", "stop working": the sentence goes on with another meaning.
fn carries_on(tail: &[&str]) -> bool {
    tail.first().is_some_and(|word| {
        matches!(
            *word,
            "by" | "in"
                | "over"
                | "at"
                | "on"
                | "off"
                | "the"
                | "a"
                | "an"
                | "my"
                | "our"
                | "his"
                | "her"
                | "working"
                | "running"
                | "leaking"
                | "for"
                | "around"
                | "out"
                | "through"
                | "and"
                | "up"
                | "down"
                | "back"
                | "here"
                | "there"
                | "before"
                | "after"
                | "when"
                | "if"
                | "it"
                | "water"
                | "gas"
                | "valve"
                | "light"
                | "sign"
                | "payment"
                | "work"
                | "using"
                | "near"
                | "to"
                | "first"
                | "your"
                | "all"
                | "from"
                | "as"
                | "is"
                | "that"
                | "this"
                | "them"
                | "him"
                | "any"
                | "anytime"
        ) || word.ends_with("ing") && !TEXTING.contains(word)
    })
}

/// What follows a "stop" without punctuation is a sentence of its own: "stop i have a plumber", "stop wrong number".
fn new_sentence(tail: &[&str]) -> bool {
    matches!(
        tail,
        [
            "i" | "im"
                | "ive"
                | "id"
                | "ill"
                | "you"
                | "who"
                | "whoever"
                | "wrong"
                | "not"
                | "no"
                | "never"
                | "dont"
                | "unsubscribe"
                | "remove"
                | "optout"
                | "enough"
                | "leave"
                | "delete"
                | "lose"
                | "nolonger"
                | "cancel"
                | "end"
                | "quit",
            ..,
        ] | ["take", "me" | "my" | "us", ..]
            | ["this" | "its", "is" | "isnt" | "not" | "number", ..]
            | [
                "and",
                "remove"
                    | "delete"
                    | "lose"
                    | "leave"
                    | "take"
                    | "dont"
                    | "never"
                    | "unsubscribe"
                    | "go"
                    | "block"
                    | "optout",
                ..,
            ]
            | ["or", "i" | "ill" | "im" | "we" | "else" | "you", ..]
    )
}
