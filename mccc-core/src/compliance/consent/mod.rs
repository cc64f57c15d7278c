//! What a caller's text says about being texted: enough, again, or help.
//!
//! The rule to meet is the one regulators use: a text is an opt-out if a reasonable person reads it as "no more
//! texts", in whatever words. [`understand`] therefore reads sentences, not keywords alone: what is to stop (texting,
//! or a leak?), who is to stop, and whether it is negated. It is deterministic, and it leans towards an opt-out only
//! where the texting itself is meant; "stop by tomorrow" and "cancel my appointment" stay conversation.
//!
//! Rules for sentences of each language come first; what they leave is read by what its words are about, in either
//! language or both at once. `tests/consent_corpus.rs` measures how often unseen wording is understood.
//!
//! Opting in again takes the word START or UNSTOP, or clear words for it such as "you can start texting me again":
//! silence after an opt-out must not be broken by interpretation.

mod concepts;
mod english;
mod idioms;
mod reading;
mod spanish;
mod wanted;
mod words;

use serde::Serialize;

use reading::Reading;
pub(crate) use reading::fold;

/// What a text says about consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "intent")]
pub enum ConsentIntent {
    /// No more texts.
    OptOut {
        /// The keyword, or the standard form of the wording that was understood. Never the caller's own text, so that
        /// it can be kept as proof.
        keyword: String,
        /// Whether the whole text is one of the carriers' keywords, which they have acted on themselves.
        exact: bool,
    },
    /// Texts are welcome again.
    OptIn,
    /// Asks for help.
    Help,
    /// Says nothing about consent.
    None,
}

/// Keywords that are an opt-out on their own; case, punctuation and spaces do not matter.
const OPT_OUT: &[(&str, &str)] = &[
    ("stop", "STOP"),
    ("stopall", "STOPALL"),
    ("unsubscribe", "UNSUBSCRIBE"),
    ("cancel", "CANCEL"),
    ("end", "END"),
    ("quit", "QUIT"),
    ("revoke", "REVOKE"),
    ("optout", "OPTOUT"),
    ("parar", "PARAR"),
    ("alto", "ALTO"),
    ("fin", "FIN"),
];
const OPT_IN: &[&str] = &["start", "unstop"];
const HELP: &[&str] = &["help", "info", "ayuda"];

/// What the carriers and their gateways act on by themselves: one English word and nothing beside it.
const ANSWERED_BY_GATEWAYS: &[&str] = &[
    "stop",
    "stopall",
    "unsubscribe",
    "cancel",
    "end",
    "quit",
    "revoke",
    "optout",
    "start",
    "yes",
    "unstop",
    "help",
    "info",
];

/// Whether a gateway that answers STOP, START and HELP answers this very text. It knows the bare words, not "please
/// stop", PARAR or AYUDA.
#[must_use]
pub fn is_answered_by_gateways(text: &str) -> bool {
    let text = text.trim();
    ANSWERED_BY_GATEWAYS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Reads a text. Anything is accepted; only the first 1600 characters count, which is as long as a text can be.
#[must_use]
pub fn understand(text: &str) -> ConsentIntent {
    let reading = Reading::of(text);
    let letters = reading.letters.as_str();
    if let Some((_, keyword)) = OPT_OUT.iter().find(|(spelling, _)| *spelling == letters) {
        return opt_out(keyword, true);
    }
    if OPT_IN.contains(&letters) {
        return ConsentIntent::OptIn;
    }
    if HELP.contains(&letters) {
        return ConsentIntent::Help;
    }
    if idioms::is_stop_sign(text.trim()) {
        return opt_out("stop", false);
    }
    match english::opt_out(&reading)
        .or_else(|| spanish::opt_out(&reading))
        .or_else(|| concepts::opt_out(&reading))
        .or_else(|| idioms::opt_out(&reading))
    {
        Some(wording) => opt_out(wording, false),
        None if wanted::opts_in(&reading) => ConsentIntent::OptIn,
        None => ConsentIntent::None,
    }
}

/// What the rules know of a text in which they found no opt-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// It is surely none.
    None,
    /// It speaks neither of texts nor of contact nor of lists.
    Little,
    /// It may be one in words that no rule knows.
    Some,
}

/// How far a text in which the rules found no opt-out may be one all the same.
pub(crate) fn doubt(text: &str) -> Doubt {
    let reading = Reading::of(text);
    if wanted::is_no_opt_out(&reading) {
        Doubt::None
    } else if wanted::is_about_contact(&reading) {
        Doubt::Some
    } else {
        Doubt::Little
    }
}

fn opt_out(keyword: &str, exact: bool) -> ConsentIntent {
    ConsentIntent::OptOut {
        keyword: keyword.to_owned(),
        exact,
    }
}

#[cfg(test)]
mod tests;
