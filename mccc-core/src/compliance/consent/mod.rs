//! What a caller's text says about being texted: enough, again, or help.
//!
//! The rule to meet is the one regulators use: a text is an opt-out if a reasonable person reads it as "no more
//! texts", in whatever words. [`understand`] therefore reads sentences, not keywords alone: what is to stop (texting,
//! or a leak?), who is to stop, and whether it is negated. It is deterministic, and it leans towards an opt-out only
//! where the texting itself is meant; "stop by tomorrow" and "cancel my appointment" stay conversation.
//!
//! Opting in again takes the exact word START or UNSTOP, because silence after an opt-out must not be broken by
//! interpretation.

mod english;
mod reading;
mod spanish;
mod words;

use serde::Serialize;

use reading::Reading;

/// What a text says about consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case", tag = "intent")]
pub enum ConsentIntent {
    /// No more texts.
    OptOut {
        /// The keyword, or the standard form of the wording that was understood. Never the caller's own text, so that
        /// it can be kept as proof.
        evidence: &'static str,
        /// Whether the whole text is one of the carriers' keywords, which they have acted on themselves.
        exact: bool,
    },
    /// Texts are welcome again.
    OptIn {
        /// The keyword.
        evidence: &'static str,
    },
    /// Asks for help.
    Help {
        /// The keyword.
        evidence: &'static str,
    },
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
];
const OPT_IN: &[(&str, &str)] = &[("start", "START"), ("unstop", "UNSTOP")];
const HELP: &[(&str, &str)] = &[("help", "HELP"), ("info", "INFO"), ("ayuda", "AYUDA")];

/// Reads a text. Anything is accepted; only the first 1600 characters count, which is as long as a text can be.
#[must_use]
pub fn understand(text: &str) -> ConsentIntent {
    let reading = Reading::of(text);
    let keyword = |set: &[(&str, &'static str)]| {
        set.iter()
            .find(|(letters, _)| *letters == reading.letters)
            .map(|(_, name)| *name)
    };
    if let Some(evidence) = keyword(OPT_OUT) {
        return ConsentIntent::OptOut { evidence, exact: true };
    }
    if let Some(evidence) = keyword(OPT_IN) {
        return ConsentIntent::OptIn { evidence };
    }
    if let Some(evidence) = keyword(HELP) {
        return ConsentIntent::Help { evidence };
    }
    match english::opt_out(&reading).or_else(|| spanish::opt_out(&reading)) {
        Some(evidence) => ConsentIntent::OptOut { evidence, exact: false },
        None => ConsentIntent::None,
    }
}

#[cfg(test)]
mod tests;
