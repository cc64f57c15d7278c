//! What only sounds like an opt-out: texts that are wanted, missed, or beside the point.
//!
//! What was learned from texts hears the words of an opt-out and not how they hang together: "don't stop texting me" has
//! all of them. Where these rules know better, nothing learned is asked.

use super::reading::Reading;
use super::words::{TEXT, TEXTING, TEXTS, WORK_LISTS};

/// Whether a text, in which no rule found an opt-out, is surely none.
pub(super) fn is_no_opt_out(reading: &Reading) -> bool {
    let clauses: Vec<Vec<&str>> = reading.clauses.iter().map(|clause| clause.words()).collect();
    let about_texts = reading.has(TEXTS) || reading.has(TEXT) || reading.has(TEXTING);
    clauses
        .iter()
        .any(|words| keeps(words) || invites(words) || missed(words) || returns(words) || speaks_of(words))
        || clauses.iter().any(|words| elsewhere(words)) && !about_texts
        || reading.has(WORK_LISTS) && !about_texts
}

/// Whether a text speaks of texts, of being contacted or of lists at all.
pub(super) fn is_about_contact(reading: &Reading) -> bool {
    reading.has(TEXTS)
        || reading.has(TEXT)
        || reading.has(TEXTING)
        || reading.has(&[
            "list",
            "lists",
            "number",
            "contact",
            "contacting",
            "contacted",
            "line",
            "these",
            "bother",
            "bothering",
            "mensajes",
            "mensaje",
            "textos",
            "texto",
            "lista",
            "numero",
            "molesten",
            "moleste",
            "escriban",
            "escriba",
        ])
}

/// Whether somebody who had stopped the texts asks for them again, in clear words.
pub(super) fn opts_in(reading: &Reading) -> bool {
    reading.clauses.iter().any(|clause| {
        let words = clause.words();
        let again = words
            .iter()
            .any(|word| matches!(*word, "again" | "back" | "resubscribe" | "resume" | "restart" | "start"));
        let listed = matches!(words.as_slice(), [.., "sign" | "put" | "add", "me" | "us", _, _]);
        again
            && !listed
            && returns(&words)
            && !words
                .iter()
                .any(|word| NOT.contains(word) || matches!(*word, "how" | "why" | "if"))
    })
}

const NOT: &[&str] = &[
    "dont", "not", "never", "no", "stop", "quit", "cant", "wont", "didnt", "nolonger", "nunca",
];
/// Verbs whose object is that nothing ends.
const GO_ON: &[&str] = &["keep", "continue", "start", "resume", "begin"];

fn is_texting(word: &str) -> bool {
    TEXTING.contains(&word)
        || matches!(
            word,
            "sending" | "texts" | "messages" | "updates" | "updating" | "messaging"
        )
}

fn is_not(words: &[&str]) -> bool {
    words.iter().any(|word| NOT.contains(word))
}

/// "Keep texting me", "don't stop texting me", "no dejen de escribirme".
fn keeps(words: &[&str]) -> bool {
    (0..words.len()).any(|at| {
        let (before, here) = words.split_at(at);
        match here {
            [verb, "on" | "to" | "up" | "with", what, ..] | [verb, what, ..] if GO_ON.contains(verb) => {
                (is_texting(what)
                    || matches!(*what, "the" | "your" | "those") && here.iter().any(|word| is_texting(word)))
                    && !is_not(before)
                    && !before
                        .iter()
                        .any(|word| matches!(*word, "you" | "why" | "they" | "i" | "if"))
            }
            ["dont" | "never" | "not", rest @ ..] => {
                let rest = match rest {
                    ["you" | "ever" | "want", more @ ..] => more,
                    more => more,
                };
                let rest = match rest {
                    ["to" | "you", "to", more @ ..] | ["to", more @ ..] => more,
                    more => more,
                };
                !before.contains(&"why") && matches!(rest, ["stop" | "quit" | "unsubscribe" | "optout", ..])
            }
            [
                "remove" | "take" | "delete" | "lose" | "drop" | "block",
                "me" | "us" | "my",
                ..,
            ] => {
                matches!(before, [.., "dont" | "not" | "never"])
            }
            ["didnt", "mean", "to", ..] => true,
            ["no", "dejen" | "dejes" | "deje" | "paren" | "pares", "de", ..] => true,
            _ => false,
        }
    })
}

/// "Text me anytime", "you can text this number", "leave me a message", "don't call me, text".
fn invites(words: &[&str]) -> bool {
    let words = match words {
        ["you" | "u", "can" | "could" | "may", rest @ ..]
        | ["can" | "could" | "will" | "would", "you" | "u", rest @ ..]
        | ["feel", "free", "to", rest @ ..]
        | [
            "its" | "it",
            "ok" | "fine" | "best" | "better" | "easier" | "is",
            "to",
            rest @ ..,
        ]
        | ["better" | "best" | "easier" | "prefer", "to" | "if", rest @ ..]
        | ["or" | "and" | "but" | "instead" | "so" | "then", rest @ ..] => rest,
        rest => rest,
    };
    if is_not(words) {
        return false;
    }
    match words {
        ["text" | "message" | "sms"] => true,
        [
            "text" | "message" | "sms",
            "me" | "us" | "this" | "my" | "here" | "instead" | "only" | "back" | "anytime",
            rest @ ..,
        ] => {
            // "Text me again and I sue".
            !matches!(rest, ["again", ..] | ["one", ..])
                && !rest
                    .iter()
                    .any(|word| matches!(*word, "and" | "again" | "lawyer" | "sue"))
        }
        ["leave" | "send" | "shoot" | "drop" | "give", "me" | "us", rest @ ..] => {
            matches!(rest, ["a" | "the" | "your" | "another" | "more", ..])
        }
        [
            "texting" | "texts" | "text",
            "is" | "are" | "works",
            "fine" | "ok" | "good" | "best" | "better" | "great",
            ..,
        ]
        | [
            "texts" | "text" | "texting",
            "ok" | "fine" | "only" | "instead" | "works",
            ..,
        ] => true,
        [
            "escribanme" | "escribeme" | "escribame" | "mandenme" | "mandeme" | "mandame" | "envienme" | "envieme"
            | "enviame" | "texteame" | "texteenme",
            ..,
        ]
        | [
            "manda" | "mande" | "manden" | "envia" | "envie" | "mejor",
            "texto" | "mensaje" | "un" | "mensajes",
            ..,
        ] => true,
        _ => false,
    }
}

/// "I didn't receive any texts", "never got your message".
fn missed(words: &[&str]) -> bool {
    (0..words.len()).any(|at| {
        matches!(
            words.get(at..),
            Some(
                [
                    "didnt" | "never" | "havent" | "not",
                    "receive" | "received" | "get" | "got" | "see" | "seen" | "gotten",
                    ..
                ] | ["not", "receiving" | "getting" | "seeing", ..]
                    | ["arent" | "isnt", "getting" | "receiving", ..]
            )
        ) && !words.get(..at).is_some_and(|before| {
            before
                .iter()
                .any(|word| matches!(*word, "want" | "prefer" | "rather" | "to" | "asked"))
        })
    })
}

/// Talk about texts, numbers and keywords that asks for no end: "it says reply STOP to opt out", "no messages from you",
/// "this is my new number".
fn speaks_of(words: &[&str]) -> bool {
    let about = (0..words.len()).any(|at| {
        let Some(here) = words.get(at..) else {
            return false;
        };
        matches!(
            here,
            ["reply" | "text" | "send", "stop", "to", ..]
                | ["new", "number", ..]
                | ["next", "stop", ..]
                | ["lost", "my" | "your" | "the" | "his" | "her", ..]
                | ["why", "didnt" | "havent", ..]
                | ["no", "texts" | "messages", "from", "you"]
                | ["no", "texts" | "messages", "from", "you", "yet", ..]
                | ["no", "texts" | "messages", "came" | "come", ..]
                | ["arent" | "isnt" | "not", "going", "through", ..]
                | [
                    "no",
                    "me",
                    "escriban" | "escriba" | "llamen" | "llame",
                    "despues" | "antes",
                    ..
                ]
        )
    });
    about
        || matches!(
            words,
            ["if", "i", "text", ..]
                | [
                    "prefer" | "i",
                    "texts" | "text" | "texting" | "prefer",
                    "over" | "texts" | "text" | "texting",
                    ..
                ]
                | ["do", "you", "offer" | "have" | "send" | "do", ..]
                | ["is", "this", "number" | "line", ..]
        )
}

/// "Resubscribe", "subscribe me again", "you can start texting me again", "sign me back up".
fn returns(words: &[&str]) -> bool {
    let words = match words {
        ["and" | "so" | "but", rest @ ..] => rest,
        rest => rest,
    };
    let words = match words {
        ["you", "can" | "may" | "could", rest @ ..]
        | ["i", "want" | "wish", "to", rest @ ..]
        | ["id" | "would", "like", "to", rest @ ..]
        | ["can" | "could", "you", rest @ ..] => rest,
        rest => rest,
    };
    match words {
        ["resubscribe", ..] | ["re", "subscribe", ..] => true,
        ["subscribe", rest @ ..] => matches!(rest, ["me" | "us", ..] | ["again"] | []),
        ["sign" | "opt" | "put" | "add", "me" | "us", rest @ ..] => {
            matches!(
                rest,
                ["back", "up" | "in" | "on", ..] | ["up" | "in", "again", ..] | ["in"]
            )
        }
        ["optin" | "unstop", ..] => true,
        ["opt", "in" | "back", ..] => true,
        ["start" | "resume" | "restart", what, rest @ ..] if is_texting(what) => {
            matches!(rest, ["me" | "us" | "my" | "this" | "again" | "to", ..] | [])
        }
        ["text", "me" | "us", "again"] => true,
        _ => false,
    }
}

/// "Stop by tomorrow", "stop at 4pm", "my plumber quit", "stop the leak": another thing ends, or nothing does.
fn elsewhere(words: &[&str]) -> bool {
    (0..words.len()).any(|at| {
        let (before, here) = words.split_at(at);
        match here {
            ["stop" | "stopping" | "stopped" | "stops", next, ..] => {
                matches!(
                    *next,
                    "by" | "at"
                        | "over"
                        | "in"
                        | "through"
                        | "off"
                        | "for"
                        | "on"
                        | "before"
                        | "after"
                        | "until"
                        | "around"
                        | "work"
                        | "working"
                        | "running"
                        | "leaking"
                        | "dripping"
                        | "the"
                        | "my"
                )
            }
            ["quit" | "quits" | "stopped" | "ended" | "died" | "stops", rest @ ..] => {
                before.len() > 1
                    && matches!(before, ["my" | "our" | "the" | "his" | "her" | "a" | "that", ..])
                    && !rest.iter().any(|word| matches!(*word, "texting" | "texts"))
            }
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_none(text: &str) -> bool {
        is_no_opt_out(&Reading::of(text))
    }

    #[test]
    fn what_is_wanted_missed_or_elsewhere_is_no_opt_out() {
        for text in [
            "keep texting me",
            "Don't stop texting me",
            "resubscribe",
            "Text me anytime",
            "you can text this number",
            "I didn't receive any texts",
            "Please stop by",
            "stop at 4pm",
            "leave me a message",
            "don't call me, text",
            "my plumber quit",
            "no me llamen, escríbanme",
            "take me off the waiting list",
        ] {
            assert!(is_none(text), "{text}");
        }
    }

    #[test]
    fn clear_words_opt_in_again_and_a_new_list_does_not() {
        let again = |text: &str| opts_in(&Reading::of(text));
        for text in [
            "ok you can start texting me again",
            "resubscribe",
            "subscribe me again",
            "opt me back in",
            "please resume texts",
        ] {
            assert!(again(text), "{text}");
        }
        for text in [
            "subscribe me",
            "sign me up again",
            "don't start texting me again",
            "how do I resubscribe",
            "if you start texting me again I'll sue",
            "start the job again",
        ] {
            assert!(!again(text), "{text}");
        }
    }

    #[test]
    fn an_opt_out_in_other_words_is_left_to_what_was_learned() {
        for text in [
            "please dont hit my line no more",
            "my mother doesnt want these, it scares her",
            "text me again and I call my lawyer",
            "why don't you quit texting me",
            "you keep texting me",
            "I never asked to get these",
        ] {
            assert!(!is_none(text), "{text}");
        }
    }
}
