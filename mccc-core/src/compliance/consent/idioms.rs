//! Opt-outs in other words: what people say instead of "stop".
//!
//! The rules of the languages know commands and refusals. Here are questions that ask for the way out ("how do I stop
//! getting these"), wishes put as favours ("would you mind not texting me"), reports ("this is spam") and single words
//! that can only mean the texting. Each looks at whole clauses, so that a word about anything else leaves it alone.

use super::reading::{Clause, Reading};
use super::words::{HOURS, TEXT, TEXTING, TEXTS, TROUBLE};

type Found = Option<&'static str>;

/// Whole texts that mean the texting and nothing else.
const ALONE: &[&str] = &[
    "mute",
    "unfollow",
    "nomas",
    "salir",
    "baja",
    "stawp",
    "qiut",
    "quti",
    "sstop",
    "stoppp",
    "uninterested",
    "unenroll",
    "makeitstop",
    "makethisstop",
    "makethesestop",
    "noconsent",
    "thisisspam",
    "itsspam",
    "spam",
    "ireporteditasspam",
    "reportedasspam",
    "markedasspam",
    "overitstop",
    "nomasporfavor",
    "yaestuvo",
];
/// Signs that say stop, sent instead of the word.
const STOP_SIGNS: &[char] = &['🛑', '🚫', '⛔', '📵'];
/// What is meant by "these" in answer to a text.
const THESE: &[&str] = &["these", "this", "them", "those", "it"];

/// The opt-out in a text, if an idiom says one.
pub(super) fn opt_out(reading: &Reading) -> Found {
    if ALONE.contains(&reading.letters.as_str()) {
        return Some("stop");
    }
    reading.clauses.iter().find_map(|clause| {
        let words = clause.words();
        way_out(reading, &words)
            .or_else(|| favour(reading, clause, &words))
            .or_else(|| said_last(reading, &words))
            .or_else(|| reported(&words))
            .or_else(|| had_enough(reading, &words))
            .or_else(|| never_agreed(&words))
    })
}

/// A text of nothing but stop signs.
pub(super) fn is_stop_sign(text: &str) -> bool {
    text.contains(STOP_SIGNS)
        && text
            .chars()
            .all(|c| STOP_SIGNS.contains(&c) || c.is_whitespace() || c == '\u{fe0f}')
}

fn has(words: &[&str], any: &[&str]) -> bool {
    words.iter().any(|word| any.contains(word))
}

/// "How do I stop getting these", "where can I turn off the texts".
fn way_out(reading: &Reading, words: &[&str]) -> Found {
    let asks = matches!(words, ["how" | "where" | "can" | "is" | "whats", ..]);
    if !asks || reading.has(TROUBLE) {
        return None;
    }
    let ends = has(
        words,
        &[
            "stop",
            "quit",
            "end",
            "off",
            "out",
            "unsubscribe",
            "optout",
            "rid",
            "cancel",
            "block",
            "mute",
        ],
    );
    let getting = words
        .windows(2)
        .any(|pair| matches!(pair, ["getting" | "receiving", what] if THESE.contains(what) || TEXTS.contains(what)));
    let said = has(
        words,
        &[
            "texts",
            "texting",
            "messages",
            "messaging",
            "sms",
            "alerts",
            "notifications",
        ],
    );
    // "How do I make this stop": said of nothing else, it answers the text it follows.
    let bare = words.iter().all(|word| {
        THESE.contains(word)
            || matches!(
                *word,
                "how" | "do" | "can" | "could" | "i" | "we" | "you" | "to" | "make" | "get" | "stop" | "end"
            )
    });
    let these_off = matches!(words, [.., "turn" | "shut" | "switch", "these" | "those", "off"]);
    let elsewhere = has(
        words,
        &[
            "thermostat",
            "alarm",
            "detector",
            "phone",
            "camera",
            "club",
            "plan",
            "email",
            "emails",
        ],
    );
    // "It" may be anything.
    let bare = bare && !words.contains(&"it");
    ((ends && (getting || said) || (bare && has(words, &["stop", "end"]) && words.len() > 2) || these_off)
        && !elsewhere)
        .then_some("stop texting me")
}

/// "Would you mind not texting me", "could you please not message this number".
fn favour(reading: &Reading, clause: &Clause, words: &[&str]) -> Found {
    let asks = has(
        words,
        &[
            "mind",
            "can",
            "could",
            "would",
            "will",
            "prefer",
            "rather",
            "appreciate",
            "try",
        ],
    );
    let at = words.iter().position(|word| *word == "not")?;
    let (verb, object) = words.get(at + 1..)?.split_first()?;
    let texting = TEXT.contains(verb) || TEXTING.contains(verb);
    let me = object.is_empty()
        || matches!(
            object.first(),
            Some(&("me" | "us" | "my" | "this" | "here" | "anymore"))
        );
    let later = has(object, HOURS) || clause.now;
    // "Can you not text, just call" only chooses the way.
    let calls = reading.has(&["call", "phone", "email"]);
    (asks && texting && me && !later && !calls).then_some("do not text me")
}

/// "I don't know you don't text me", "I keep getting these please quit": the command after a statement without a stop.
fn said_last(reading: &Reading, words: &[&str]) -> Found {
    let told = match words {
        [before @ .., "dont", verb, object]
            if TEXT.contains(verb) && matches!(*object, "me" | "us" | "it" | "here") =>
        {
            !has(
                before,
                &[
                    "if", "why", "when", "they", "he", "she", "unless", "until", "so", "please", "just",
                ],
            ) && !matches!(before.last(), Some(&("you" | "i" | "we" | "and" | "to")) if before.len() == 1)
                && !reading.has(&["call", "phone"])
        }
        _ => false,
    };
    let quits = matches!(words, [before @ .., "stop" | "quit" | "unsubscribe"]
        if before.windows(2).any(|pair| matches!(pair, ["getting" | "receiving", what] if THESE.contains(what))));
    let already = has(words, &["unsubscribed", "optedout"]) && has(words, &["still", "already", "again"]);
    // "I want these texts to end".
    let to_end = matches!(words, [before @ .., "to", "end" | "quit" | "stop"]
        if has(before, &["want", "need", "like", "wish"]) && before.iter().any(|word| *word != "text" && TEXTS.contains(word)));
    (told || quits || already || to_end || matches!(words, ["said" | "told", "stop" | "quit", ..] if words.len() <= 3))
        .then_some("stop texting me")
}

/// "This is spam", "reporting this as spam".
fn reported(words: &[&str]) -> Found {
    matches!(
        words,
        ["this", "is", "spam"]
            | ["its" | "thats", "spam"]
            | [
                "reported" | "reporting" | "marked" | "marking" | "flagged" | "flagging",
                ..,
                "spam" | "junk"
            ]
            | ["i", "reported" | "marked" | "flagged", .., "spam" | "junk"]
            | ["your" | "you", "spamming", ..]
            | ["you", "are", "spamming", ..]
            | ["turn" | "shut" | "switch", "these" | "those", "off"]
    )
    .then_some("blocking you")
}

/// "You text too much", "blowing up my phone", "over these texts", "text someone else".
fn had_enough(reading: &Reading, words: &[&str]) -> Found {
    if reading.has(TROUBLE) {
        return None;
    }
    let noun = |word: &str| TEXTS.contains(&word) && !matches!(word, "text" | "message");
    let too_much = words.windows(3).any(|run| {
        matches!(
            run,
            [
                "text" | "texting" | "message" | "messaging",
                "too" | "way" | "so",
                "much" | "often" | "many" | "too"
            ]
        )
    }) || matches!(words, [.., "too", "many", what] if noun(what));
    let blowing = reading.has(&["blowing", "blow"]) && reading.has(&["up"]) && reading.has(&["phone", "cell", "me"]);
    let over = words.windows(3).any(
        |run| matches!(run, ["over" | "of" | "with", "these" | "your" | "the" | "all" | "those", what] if noun(what)),
    ) && has(words, &["over", "sick", "tired", "done", "out", "through"]);
    let elsewhere = matches!(
        words,
        [.., "text" | "bother" | "message", "someone" | "somebody", "else"]
            | [.., "someone" | "somebody", "else", "to", "text" | "bother" | "message"]
            | ["dont", "bother", "texting" | "messaging"]
    );
    (too_much || blowing || over || elsewhere).then_some("enough texts")
}

/// "I never opted in", "didn't sign up for texts".
fn never_agreed(words: &[&str]) -> Found {
    matches!(
        words,
        ["never" | "didnt", "optin"]
            | ["i", "never" | "didnt", "optin"]
            | [.., "never" | "didnt", "opted" | "opt", "in"]
            | [
                ..,
                "never" | "didnt",
                "sign" | "signed",
                "up",
                "for",
                "texts" | "messages" | "these" | "this"
            ]
            | [.., "never", "asked" | "agreed", "to", "be", "texted" | "messaged"]
    )
    .then_some("revoke consent")
}

#[cfg(test)]
mod tests {
    use super::super::{ConsentIntent, understand};

    fn is_opt_out(text: &str) -> bool {
        matches!(understand(text), ConsentIntent::OptOut { .. })
    }

    #[test]
    fn the_way_out_of_texts_is_an_opt_out_and_out_of_a_leak_is_none() {
        for out in [
            "how can I stop getting these",
            "where do i turn off the messages",
            "how do I make these stop",
        ] {
            assert!(is_opt_out(out), "{out}");
        }
        for other in [
            "how do I stop the leak",
            "how do i make the beeping stop",
            "how do i turn the water off",
            "how do I stop getting texts from my thermostat",
            "where do i turn off the gas",
        ] {
            assert!(!is_opt_out(other), "{other}");
        }
    }

    #[test]
    fn a_favour_is_an_opt_out_unless_it_chooses_the_way_or_the_hour() {
        for out in [
            "would you mind not messaging me",
            "i'd appreciate you not texting this number",
        ] {
            assert!(is_opt_out(out), "{out}");
        }
        for other in [
            "would you mind not texting before 9",
            "could you not text me, just call",
            "would you mind not parking on the lawn",
        ] {
            assert!(!is_opt_out(other), "{other}");
        }
    }

    #[test]
    fn whoever_has_enough_of_texts_is_left_alone() {
        for out in [
            "you guys text way too much",
            "so done with these texts",
            "this is spam",
            "🛑",
            "I never opted in",
        ] {
            assert!(is_opt_out(out), "{out}");
        }
        for other in [
            "is this spam or are you the plumber",
            "too many leaks",
            "i never opted for the club",
            "🛑 at the corner",
        ] {
            assert!(!is_opt_out(other), "{other}");
        }
    }
}
