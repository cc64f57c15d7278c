//! "No more texts", "do not text me", "I don't want messages": a refusal.

use super::super::words::{CALLS, HOURS, LISTS, TEXT, TEXTING, TEXTS, WORK_LISTS};
use super::nouns::{about_me_alone, calls, on_a_list, sends, somebody_else, texts};
use super::{Found, Place, among, has};

impl Place<'_> {
    pub(super) fn enough(&self, tail: &[&str]) -> Found {
        match tail {
            [] => (self.before.is_empty()
                && self.reading.clauses.len() == 1
                && self.reading.has(&["already", "enough"])
                && self.reading.all.len() <= 3)
                .then_some("enough"),
            ["with", rest @ ..] | ["of", rest @ ..] => texts(rest, false).then_some("enough texts"),
            _ => ((self.before.is_empty() || matches!(self.before, ["thats"])) && texts(tail, false))
                .then_some("enough texts"),
        }
    }

    /// "No more", "no more texts".
    pub(super) fn no_more(&self, tail: &[&str]) -> Found {
        let fact = among(
            self.before.last(),
            &[
                "is", "are", "theres", "got", "have", "had", "has", "was", "were", "see", "received", "there", "needs",
                "get",
            ],
        );
        if fact {
            return None;
        }
        let start = self.before.is_empty() || among(self.before.last(), &["no", "and", "said", "stop", "want", "send"]);
        match tail {
            [] => start.then_some("no more"),
            ["from", "you", ..] | ["of", "this" | "these" | "that" | "those" | "your", ..] if start => Some("no more"),
            ["stop", ..] | ["contacting" | "bothering" | "spamming" | "harassing", ..] => Some("no more"),
            _ => (texts(tail, false) || calls(tail)).then_some("no more texts"),
        }
    }

    /// "No texts please", "no spam".
    pub(super) fn no_texts(&self, tail: &[&str]) -> Found {
        let (noun, rest) = match tail {
            [noun, rest @ ..] if TEXTS.contains(noun) || CALLS.contains(noun) => (*noun, rest),
            _ => return None,
        };
        let ends = matches!(
            rest,
            [] | [
                "from"
                    | "to"
                    | "anymore"
                    | "again"
                    | "or"
                    | "and"
                    | "only"
                    | "call"
                    | "email"
                    | "i"
                    | "im"
                    | "on"
                    | "at",
                ..,
            ]
        );
        let clear = matches!(
            noun,
            "texts"
                | "texting"
                | "sms"
                | "spam"
                | "soliciting"
                | "solicitation"
                | "solicitations"
                | "marketing"
                | "messaging"
                | "spamming"
                | "promotions"
                | "promos"
                | "ads"
                | "advertising"
                | "offers"
                | "notifications"
        ) || self.clause.insistent
            || matches!(rest, ["or" | "and", other, ..] if TEXTS.contains(other) || CALLS.contains(other));
        let polite = self.clause.insistent
            || rest.is_empty()
            || matches!(
                rest,
                [
                    "to" | "from" | "anymore" | "again" | "or" | "and" | "only" | "call" | "email" | "on" | "at",
                    ..
                ]
            );
        let only_calls = matches!(noun, "calls" | "calling" | "robocalls" | "robocall")
            && (self.wants_text_instead() || !self.clause.insistent && !matches!(rest, ["or" | "and", ..]));
        let subject_ok = self.before.is_empty() || among(self.before.last(), &["and", "said", "want"]);
        (subject_ok && ends && clear && polite && !only_calls && !has(rest, HOURS)).then_some("no more texts")
    }

    /// "Don't text me", "never contact this number again".
    pub(super) fn do_not(&self, tail: &[&str]) -> Found {
        // In a command nobody is named before it; "I'd rather you didn't" is one too.
        let rather = has(
            self.before,
            &[
                "rather",
                "prefer",
                "appreciate",
                "ask",
                "asked",
                "asking",
                "request",
                "told",
            ],
        ) && among(self.before.last(), &["you", "to", "that"]);
        let command = rather
            || match self.before.last() {
                None => true,
                Some(last) => {
                    [
                        "and",
                        "said",
                        "so",
                        "but",
                        "number",
                        "also",
                        "then",
                        "you",
                        "person",
                        "or",
                        "to",
                        "again",
                        "because",
                        "interested",
                        "stop",
                        "time",
                    ]
                    .contains(last)
                        && (*last != "you" || has(self.before, &["ask", "need", "want", "demand"]))
                        && !matches!(self.before, ["if" | "why" | "when", ..])
                        && !matches!(self.before, [.., "ok" | "try" | "remember", "to"])
                }
            };
        let about_the_line = matches!(self.before, ["this" | "its" | "that" | "you" | "wrong" | "im", ..])
            && among(
                self.before.last(),
                &[
                    "line", "landline", "phone", "cell", "mobile", "business", "office", "house",
                ],
            );
        if !command && !about_the_line {
            return None;
        }
        let hours = has(tail, HOURS)
            || tail
                .windows(2)
                .any(|pair| matches!(pair, ["at", place] if !["this", "my", "all", "that"].contains(place)))
            || tail
                .iter()
                .any(|word| word.len() < 7 && word.starts_with(|c: char| c.is_ascii_digit()));
        if hours || self.clause.now && !has(tail, &["again", "anymore"]) {
            return None;
        }
        let standard = "do not text me";
        let tail = match tail {
            ["you", "dare", rest @ ..] | ["you" | "to", rest @ ..] => rest,
            rest => rest,
        };
        let (verb, object) = tail.split_first()?;
        // "Don't call, I'm in a meeting" will pass.
        let busy = self.reading.clauses.len() > 1
            && object.is_empty()
            && self.reading.has(&[
                "meeting", "driving", "asleep", "sleeping", "baby", "class", "church", "busy", "court", "traffic",
            ]);
        if busy {
            return None;
        }
        let found = match *verb {
            "add" | "put" => matches!(object, ["me" | "us" | "my", rest @ ..] if on_a_list(rest)),
            "text" | "message" | "sms" | "contact" | "spam" | "harass" | "disturb" | "bug" | "pester" | "annoy"
            | "solicit" | "notify" | "ping" | "dm" => {
                self.reaches_me(object) && about_me_alone(object) || among(object.first(), &["or", "and"])
            }
            "bother" => matches!(object, ["me" | "us" | "this" | "my", rest @ ..] if about_me_alone(rest)),
            "call" | "phone" | "ring" => {
                matches!(
                    object,
                    [] | [
                        "me" | "us" | "my" | "this" | "here" | "again" | "anymore" | "back" | "or" | "and" | "at",
                        ..
                    ]
                ) && about_me_alone(object)
                    && !self.wants_text_instead()
            }
            "send" => {
                sends(object)
                    || matches!(object, ["me" | "us", "anything", rest @ ..] | ["anything", rest @ ..] if about_me_alone(rest))
            }
            "write" | "email" => {
                matches!(object, ["me" | "us", ..] | ["to", "me", ..]) && about_me_alone(object) && object.len() <= 2
            }
            "hit" => matches!(object, ["me" | "us", ..]),
            "reach" => matches!(object, ["out", rest @ ..] if about_me_alone(rest)),
            "use" => {
                matches!(object, ["this" | "my", "number" | "phone" | "cell", rest @ ..] if rest.is_empty() || among(rest.first(), &["again", "anymore", "to"]))
            }
            "keep" | "continue" | "be" | "start" => self.texting(match object {
                ["on" | "to", rest @ ..] => rest,
                rest => rest,
            }),
            "text/call" => true,
            _ => false,
        };
        (found && !somebody_else(object)).then_some(standard)
    }

    /// "I don't want texts", "no longer wish to be contacted", "I do not consent to messages".
    pub(super) fn do_not_want(&self, tail: &[&str]) -> Found {
        let standard = "do not want texts";
        // "I prefer not to receive texts".
        let prefers = has(self.before, &["prefer", "rather"]);
        if let (true, ["to", rest @ ..] | rest) = (prefers, tail) {
            let found = match rest {
                ["receive" | "get" | "have", more @ ..] => texts(more, true) || among(more.first(), &["these", "this"]),
                ["be", what, ..] => matches!(*what, "texted" | "contacted" | "messaged" | "bothered"),
                _ => false,
            };
            return (found && !has(rest, HOURS)).then_some(standard);
        }
        let (verb, rest) = tail.split_first()?;
        let wants = matches!(
            *verb,
            "want" | "wish" | "need" | "care" | "like" | "wanting" | "desire" | "wishing" | "accept"
        );
        let hours = has(rest, HOURS) && !has(rest, &["anymore"]);
        let found = match *verb {
            _ if hours => false,
            "consent" | "agree" | "authorize" | "permit" | "give" | "giving" | "consenting" => has(
                rest,
                &[
                    "texts",
                    "text",
                    "messages",
                    "message",
                    "sms",
                    "texting",
                    "contacted",
                    "contact",
                    "texted",
                    "messaging",
                    "communications",
                    "marketing",
                ],
            ),
            "have" => {
                let (owner, rest) = match rest {
                    ["my" | "our" | "any", rest @ ..] => (true, rest),
                    rest => (false, rest),
                };
                matches!(rest, ["consent" | "permission", ..]) && (owner && rest.len() == 1 || has(rest, TEXT))
            }
            "interested" => has(
                rest,
                &[
                    "texts",
                    "text",
                    "messages",
                    "message",
                    "receiving",
                    "texting",
                    "messaging",
                ],
            ),
            "authorized" | "allowed" | "permitted" | "welcome" => {
                matches!(rest, ["to", verb, ..] if TEXT.contains(verb) || *verb == "send")
            }
            _ if wants => match rest {
                ["these"] | ["these", "anymore"] => true,
                ["to", "be" | "get" | "keep" | "continue", what, ..]
                    if matches!(
                        *what,
                        "texted"
                            | "contacted"
                            | "messaged"
                            | "bothered"
                            | "called"
                            | "spammed"
                            | "notified"
                            | "disturbed"
                            | "solicited"
                            | "harassed"
                            | "subscribed"
                    ) =>
                {
                    true
                }
                ["to", "be", "on", list @ ..] => has(list, LISTS) && !has(list, WORK_LISTS),
                ["to", "be", "getting" | "receiving", more @ ..] => texts(more, false) || has(more, &["these", "this"]),
                ["to", "hear", "from", ..] | ["to", "hear", "anything", "from", ..] => {
                    among(rest.get(3), &["you", "your", "anyone", "this", "from"])
                }
                [
                    "to",
                    "receive" | "get" | "keep" | "continue" | "see" | "have" | "receiving",
                    more @ ..,
                ] => {
                    let more = match more {
                        ["to", "receive" | "get", more @ ..] | ["getting" | "receiving", more @ ..] => more,
                        more => more,
                    };
                    texts(more, false)
                        || matches!(
                            more,
                            ["these" | "this" | "those" | "them" | "anything" | "anymore" | "any", ..]
                                | ["from", "you", ..]
                        ) && !has(
                            more,
                            &["quote", "quotes", "estimate", "estimates", "bill", "bills", "invoice"],
                        )
                }
                [
                    "your" | "these" | "this" | "any" | "anymore" | "more" | "the" | "those" | "all" | "texts"
                    | "messages" | "spam" | "sms" | "automated" | "marketing" | "text" | "such" | "no",
                    ..,
                ] => {
                    texts(rest, true)
                        || matches!(
                            rest,
                            ["anymore" | "more" | "any", "of", "these" | "this" | "your" | "those"]
                        )
                        || matches!(
                            rest,
                            [
                                "your" | "these" | "the" | "any" | "anymore" | "this",
                                "texting" | "spam" | "messaging" | "spamming",
                                ..
                            ]
                        )
                }
                ["you" | "anyone" | "anybody" | "them" | "people", more @ ..] => {
                    let more = match more {
                        ["guys" | "people" | "to", "to", more @ ..] | ["guys" | "people" | "to", more @ ..] => more,
                        more => more,
                    };
                    match more {
                        ["call" | "calling", object @ ..] => about_me_alone(object) && !self.wants_text_instead(),
                        ["send" | "sending", object @ ..] => sends(object),
                        [verb, object @ ..] if TEXT.contains(verb) || TEXTING.contains(verb) => {
                            self.reaches_me(object) && about_me_alone(object) && !somebody_else(object)
                        }
                        _ => false,
                    }
                }
                _ => false,
            },
            _ => false,
        };
        // "I don't want to miss texts" and "you don't want texts?" are something else.
        let question = among(self.before.last(), &["you", "they", "who"])
            && !matches!(*verb, "have" | "authorized" | "allowed" | "permitted");
        (found && !question).then_some(standard)
    }
}
