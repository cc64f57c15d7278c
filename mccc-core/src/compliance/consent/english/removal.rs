//! "Unsubscribe", "remove me", "take me off your list", "lose my number": off the list.

use super::super::words::{AGREEMENTS, LISTS, WORK_LISTS};
use super::nouns::on_a_list;
use super::{Found, Place, among, has};

impl Place<'_> {
    pub(super) fn unsubscribe(&self, tail: &[&str]) -> Found {
        let past =
            among(self.before.last(), &["accidentally"]) || matches!(self.before, [.., "did", "i"] | ["if", "i", ..]);
        let other = has(tail, &["email", "emails"]) && has(tail, &["but", "keep"]);
        let told = matches!(self.before, [.., "stop", "to"]);
        // "From the club": a membership, not the texts.
        let agreement = matches!(tail, ["of" | "from", rest @ ..]
            if has(rest, &["club", "plan", "membership", "contract", "maintenance"])
                && !has(rest, &["text", "texts", "sms", "messages"]));
        (!self.negated() && !agreement && !past && !other && !told && !self.quoted(tail)).then_some("unsubscribe")
    }

    pub(super) fn opt_out_of(&self, tail: &[&str]) -> Found {
        let about_work = matches!(tail, ["of"]) && self.reading.has(AGREEMENTS)
            || matches!(tail, ["of" | "from", rest @ ..] if has(rest, AGREEMENTS) && !has(rest, &["text", "texts", "sms", "messages"]));
        let asks_state = matches!(
            self.before,
            [.., "did" | "have" | "am" | "was", "i"] | ["if", ..] | [.., "accidentally"]
        );
        let told = matches!(self.before, ["stop", "to"] | [.., "stop", "to"]);
        (!self.negated() && !about_work && !asks_state && !told).then_some("opt out")
    }

    /// "Remove me", "delete my number from your list".
    pub(super) fn remove(&self, tail: &[&str]) -> Found {
        if self.negated() || !self.asks() {
            return None;
        }
        match tail {
            [] if self.before.is_empty() || among(self.before.last(), &["number", "person", "interested"]) => {
                Some("remove me")
            }
            ["from", rest @ ..] if has(rest, LISTS) => on_a_list(rest).then_some("remove me"),
            ["me" | "us" | "myself", rest @ ..] => leaves(rest).then_some("remove me"),
            _ => self.number_gone(tail),
        }
    }

    /// "Take me off", "get me off your list", "leave me alone".
    pub(super) fn take_off(&self, verb: &str, tail: &[&str]) -> Found {
        if self.negated() || !self.asks() {
            return None;
        }
        match (verb, tail) {
            ("leave", ["alone", rest @ ..] | ["the", "alone", rest @ ..] | ["tf", "alone", rest @ ..]) => {
                (!matches!(rest, ["with" | "at" | "in", ..])).then_some("leave me alone")
            }
            ("leave", ["be" | "out", ..]) => Some("leave me alone"),
            ("leave" | "keep", ["off", rest @ ..]) if !rest.is_empty() => on_a_list(rest).then_some("take me off"),
            ("take" | "scratch" | "cross" | "strike" | "pull", ["off" | "out" | "from"]) => Some("take me off"),
            ("get", ["off"]) => Some("take me off"),
            (_, ["removed" | "deleted", rest @ ..]) => leaves(rest).then_some("remove me"),
            (_, ["off" | "out" | "from", rest @ ..]) => on_a_list(rest).then_some("take me off"),
            _ => None,
        }
    }

    /// "I want to be removed", "get my number removed".
    pub(super) fn be_removed(&self, tail: &[&str]) -> Found {
        let me = matches!(
            self.before,
            [
                ..,
                "i" | "id" | "we" | "would",
                "want" | "like" | "need" | "wish" | "asked" | "ask" | "love" | "prefer",
                "to",
                "be" | "get"
            ] | [
                ..,
                "requesting" | "request" | "asking" | "demand" | "requested",
                "to",
                "be" | "get"
            ] | [.., "want" | "need" | "like", "to", "be"]
                | [.., "can" | "could" | "may" | "must", "i" | "we", "be" | "get"]
                | [.., "get" | "have" | "want" | "need", "me" | "us" | "myself"]
                | [.., "number" | "me", "be" | "removed"]
                | [.., "number"]
                | [.., "number", "to", "be"]
                | ["be"]
        );
        let list = matches!(tail, ["from" | "off" | "out", rest @ ..] if on_a_list(rest));
        let subject = !has(self.before, &["it", "they", "this", "that"]) || has(self.before, &["number"]);
        (me && subject && !self.negated() && (leaves(tail) || list) && !has(tail, WORK_LISTS)).then_some("remove me")
    }

    /// "Lose my number", "delete my contact info", "take my name off the list".
    pub(super) fn number_gone(&self, rest: &[&str]) -> Found {
        if self.negated() || !self.asks() {
            return None;
        }
        let (owner, rest) = match rest {
            ["my" | "our" | "this" | "the" | "that", rest @ ..] => (true, rest),
            _ => (false, rest),
        };
        let rest = match rest {
            [
                "cell" | "phone" | "mobile" | "contact" | "personal" | "home" | "telephone" | "cellphone" | "whole",
                next,
                tail @ ..,
            ] if matches!(
                *next,
                "number" | "numbers" | "info" | "information" | "details" | "data"
            ) =>
            {
                return self.thing_gone(next, tail, owner);
            }
            _ => rest,
        };
        match rest {
            [thing, tail @ ..] => self.thing_gone(thing, tail, owner),
            [] => None,
        }
    }

    pub(super) fn thing_gone(&self, thing: &str, tail: &[&str], owner: bool) -> Found {
        let tail = match tail {
            [
                "and",
                "number" | "info" | "information" | "name" | "email" | "contact" | "data",
                more @ ..,
            ] => more,
            _ => tail,
        };
        let ends = tail.is_empty()
            || matches!(
                tail,
                [
                    "and" | "i" | "im" | "you" | "or" | "its" | "it" | "this" | "because" | "we",
                    ..
                ]
            );
        let listed = matches!(tail, ["from" | "off" | "out", more @ ..] if on_a_list(more) || more.is_empty());
        let gone = match thing {
            "number" | "numbers" => (ends || listed) && (owner || listed || tail.is_empty()),
            "info" | "information" | "data" | "details" | "contact" => {
                (ends || listed) && owner && !among(self.before.last(), &["get"])
            }
            "name" | "phone" | "cell" => listed && owner,
            _ => false,
        };
        gone.then_some("remove my number")
    }
}

/// What follows "remove me": nothing, a reason, or a list of people to text.
fn leaves(tail: &[&str]) -> bool {
    match tail {
        [] => true,
        [
            "and" | "i" | "im" | "or" | "you" | "wrong" | "its" | "because" | "we" | "never" | "dont" | "permanently"
            | "as" | "stop",
            ..,
        ] => true,
        ["from" | "off" | "of" | "out" | "on", rest @ ..] => on_a_list(rest),
        ["text" | "texts" | "texting", ..] => true,
        _ => false,
    }
}
