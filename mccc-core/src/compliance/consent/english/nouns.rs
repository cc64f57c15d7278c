//! What is meant: texts, calls, a list, the writer or somebody else.

use super::super::words::{BEFORE_TEXTS, CALLS, HOURS, LISTS, OTHERS, TEXTS, WORK_LISTS};
use super::{among, has};

/// A noun that means text messages, with whatever may stand before it: "all of these annoying texts". With `many`,
/// one "text" or "message" is not enough, since it may be a particular one.
pub(super) fn texts(tail: &[&str], many: bool) -> bool {
    let Some(at) = tail
        .iter()
        .position(|word| TEXTS.contains(word) || !BEFORE_TEXTS.contains(word))
    else {
        return false;
    };
    let Some((noun, after)) = tail.get(at..).and_then(<[&str]>::split_first) else {
        return false;
    };
    // The longest chain of nouns ("text alerts", "sms or calls") is one thing.
    let mut last = *noun;
    let mut rest = after;
    while let Some((next, more)) = rest.split_first() {
        if TEXTS.contains(next) || CALLS.contains(next) {
            last = next;
            rest = more;
        } else {
            break;
        }
    }
    let singular = matches!(last, "text" | "message" | "contact");
    let particular = singular && (many || among(rest.first(), &["about"]));
    let another_thing = matches!(
        rest.first(),
        Some(&("light" | "machine" | "board" | "window" | "box" | "was" | "were" | "is" | "are" | "yet" | "i"))
    ) || has(rest, &["thermostat", "alarm", "panel", "detector"])
        || matches!(rest, ["from", "the" | "thermostat" | "my" | "our", ..]);
    TEXTS.contains(noun) && !particular && !another_thing
}

/// A noun that means telephone calls.
pub(super) fn calls(tail: &[&str]) -> bool {
    let rest = tail.iter().position(|word| !BEFORE_TEXTS.contains(word));
    rest.and_then(|at| tail.get(at))
        .is_some_and(|word| CALLS.contains(word))
}

/// Nothing but a mention of text messages: "these texts".
pub(super) fn texts_only(words: &[&str]) -> bool {
    !words.is_empty()
        && has(words, TEXTS)
        && words
            .iter()
            .all(|word| TEXTS.contains(word) || CALLS.contains(word) || BEFORE_TEXTS.contains(word))
}

/// What follows "sending": "me", "me texts", "this crap", nothing.
pub(super) fn sends(object: &[&str]) -> bool {
    let rest = match object {
        ["me" | "us", rest @ ..] | ["to", "me" | "us", rest @ ..] => rest,
        rest => rest,
    };
    match rest {
        [] | ["again"] | ["anymore"] | ["anything", ..] if !has(rest, HOURS) => rest.len() <= 2,
        ["to", "this" | "my", "number" | "phone" | "cell", ..] => true,
        _ if texts(rest, false) => true,
        ["this" | "that" | "these" | "those" | "them" | "stuff" | "things" | "it" | "more" | "anymore" | "all"] => true,
        ["this" | "these" | "those" | "them" | "it", "anymore" | "again"] => true,
        [
            "anymore" | "more" | "any",
            "of",
            "these" | "this" | "those" | "them" | "your",
            ..,
        ] => true,
        [
            "this" | "these" | "it" | "them" | "that" | "more",
            "to",
            "me" | "us" | "my" | "this",
            ..,
        ] => true,
        [
            "this" | "these" | "all" | "your",
            "stuff" | "things" | "shit" | "crap" | "this" | "these" | "garbage" | "junk",
            ..,
        ] => true,
        _ => false,
    }
}

/// Somebody who is not the writer.
pub(super) fn somebody_else(object: &[&str]) -> bool {
    match object {
        ["him" | "her" | "them" | "everyone", ..] => true,
        ["my" | "our" | "his" | "the" | "this", who, ..] => OTHERS.contains(who),
        ["and", "texting" | "calling", "my", who, ..] => OTHERS.contains(who),
        _ => false,
    }
}

/// Nothing follows that narrows the request to one thing: "don't text me the address".
pub(super) fn about_me_alone(object: &[&str]) -> bool {
    let rest = match object {
        ["me" | "us", rest @ ..] => rest,
        rest => rest,
    };
    !matches!(
        rest.first(),
        Some(
            &("a"
                | "an"
                | "the"
                | "pictures"
                | "pics"
                | "photos"
                | "quote"
                | "code"
                | "about"
                | "another"
                | "your"
                | "that"
                | "until"
                | "his"
                | "her"
                | "if"
                | "when"
                | "it"
                | "off"
                | "yet")
        )
    )
}

/// Words after "list" that may say which: "your list for Saturday".
const WHICH: usize = 3;

/// Whether these words name a list of people to text and no other list. What is told after it is no part of it: "off your
/// list I sold that house".
pub(super) fn on_a_list(tail: &[&str]) -> bool {
    let Some(list) = tail.iter().position(|word| LISTS.contains(word)) else {
        return matches!(tail, [] | ["of"]);
    };
    let named = tail.get(..=list + WHICH).unwrap_or(tail);
    !has(named, WORK_LISTS)
}
