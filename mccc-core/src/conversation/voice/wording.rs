//! Whether another wording says the same. What a model wrote is read as the word of a stranger: everything in it that is
//! not known to be harmless speaks against it.

use std::collections::{HashMap, HashSet};

use super::words::{self, numbers, stem, words};
use crate::business::{Settings, wording};
use crate::calls::named;
use crate::conversation::dialogue::Keep;
use crate::messages::{segments, typography};
use serde::{Deserialize, Serialize};

/// Longest text, in characters.
pub(super) const LONGEST: usize = 480;
/// Segments that another wording may cost more than the built-in one.
const MORE_SEGMENTS: usize = 1;
/// Marks that a text may have although the built-in one has none of them.
const MARKS: &[char] = &[' ', '.', ',', '!', '?', '\'', '"', '(', ')', ':', ';', '-'];

named! {
    /// Why a wording is not used.
    Refusal {
        /// Nothing was written.
        Empty = "empty",
        /// It is longer than a text may be, or costs more.
        TooLong = "too_long",
        /// It has letters, marks or control characters that the built-in text lacks.
        Characters = "characters",
        /// It leads somewhere: a link, an address.
        Link = "link",
        /// It speaks of the machine itself.
        Machine = "machine",
        /// It says something about being texted.
        Consent = "consent",
        /// Another number, or one is missing.
        Number = "number",
        /// Another time, or one is missing.
        Time = "time",
        /// It speaks of money.
        Price = "price",
        /// It promises something.
        Promise = "promise",
        /// It says that something was done.
        Claim = "claim",
        /// It denies what was said, or says what was denied.
        Denial = "denial",
        /// It asks more or less.
        Question = "question",
        /// Something is missing that had to stay.
        NotKept = "not_kept",
        /// A word that nobody has checked.
        Word = "word",
    }
}

/// What a wording is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Same<'a> {
    /// The built-in text.
    pub text: &'a str,
    /// What every wording of it keeps.
    pub keep: &'a Keep,
    /// The business.
    pub settings: &'a Settings,
    /// It will be the first text of its thread: who writes and how to make it stop are added.
    pub first: bool,
}

impl Same<'_> {
    /// The text as it would go out.
    fn whole(&self, text: &str) -> String {
        if self.first {
            wording::opening(self.settings, text)
        } else {
            text.to_owned()
        }
    }
}

/// The text to send, where `written` says the same as the built-in one.
///
/// # Errors
/// The first thing that speaks against it.
pub fn reworded(written: &str, same: &Same<'_>) -> Result<String, Refusal> {
    let text = tidied(written);
    if text.is_empty() {
        return Err(Refusal::Empty);
    }
    let allowed: HashSet<char> = same.text.chars().chain(MARKS.iter().copied()).collect();
    if !text.chars().all(|c| c.is_ascii_alphanumeric() || allowed.contains(&c)) {
        return Err(Refusal::Characters);
    }
    let (ours, whole) = (same.whole(same.text), same.whole(&text));
    let most = segments::count(&ours).segments + MORE_SEGMENTS;
    if whole.chars().count() > LONGEST || segments::count(&whole).segments > most {
        return Err(Refusal::TooLong);
    }
    if links(&text).any(|link| !same.text.contains(link)) {
        return Err(Refusal::Link);
    }
    let (new, old) = (Counted::of(&text), Counted::of(same.text));
    for (list, refusal) in [(words::MACHINE, Refusal::Machine), (words::CONSENT, Refusal::Consent)] {
        if new.has_more(&old, list) {
            return Err(refusal);
        }
    }
    if numbers(&text) != numbers(same.text) || new.differs(&old, words::NUMBERS) {
        return Err(Refusal::Number);
    }
    if new.differs(&old, words::TIMES) || new.has_more(&old, words::SOON) {
        return Err(Refusal::Time);
    }
    if new.has_more_forms(&old, words::MONEY) {
        return Err(Refusal::Price);
    }
    if new.has_more_forms(&old, words::PROMISES) {
        return Err(Refusal::Promise);
    }
    if new.has_more(&old, words::CLAIMS) || claims(&text, same.text) {
        return Err(Refusal::Claim);
    }
    if new.differs(&old, words::DENIALS) {
        return Err(Refusal::Denial);
    }
    if text.matches('?').count() != same.text.matches('?').count() {
        return Err(Refusal::Question);
    }
    if !keeps(&text, same.keep) {
        return Err(Refusal::NotKept);
    }
    if !new.is_harmless(&old, same.settings) {
        return Err(Refusal::Word);
    }
    Ok(text)
}

/// Without what models like to put around a text, and in plain letters.
fn tidied(written: &str) -> String {
    let plain = typography::plain(written);
    let text = plain.trim();
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let text = quoted.filter(|inner| !inner.contains('"')).unwrap_or(text);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether one text claims in several words what the other does not.
fn claims(text: &str, other: &str) -> bool {
    let spaced = |text: &str| format!(" {} ", words(text).join(" "));
    let (text, other) = (spaced(text), spaced(other));
    let mut phrases = words::CLAIMING.iter().map(|phrase| format!(" {phrase} "));
    phrases.any(|phrase| text.contains(&phrase) && !other.contains(&phrase))
}

/// What may be an address: letters or digits on both sides of a dot or of a mark that only addresses have.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().filter(|word| {
        let inner = word.trim_matches(|c: char| !c.is_alphanumeric());
        let dotted = inner
            .split('.')
            .zip(inner.split('.').skip(1))
            .any(|(before, after)| !before.is_empty() && !after.is_empty());
        let told = inner.to_lowercase();
        dotted || word.contains(['@', '/', '\\']) || told.starts_with("http") || told.starts_with("www")
    })
}

fn keeps(text: &str, keep: &Keep) -> bool {
    let lower = text.to_lowercase();
    // A list begins and ends on lines of its own; at the very beginning or end of a text that needs no break.
    let exact = keep
        .exact
        .iter()
        .all(|piece| lower.contains(piece.trim().to_lowercase().as_str()));
    let said: HashSet<String> = words(text).iter().map(|word| stem(word)).collect();
    let about = keep
        .about
        .iter()
        .all(|list| list.iter().any(|word| said.contains(&stem(word))));
    exact && about
}

/// The words of a text, counted.
struct Counted {
    words: HashMap<String, usize>,
    stems: HashMap<String, usize>,
}

impl Counted {
    fn of(text: &str) -> Self {
        // A courtesy that denies nothing.
        let lower = text.to_lowercase();
        let lower = lower.replace("no problem", "okay").replace("no worries", "okay");
        let mut counted = Self {
            words: HashMap::new(),
            stems: HashMap::new(),
        };
        for word in words(&lower) {
            *counted.stems.entry(stem(&word)).or_default() += 1;
            *counted.words.entry(word).or_default() += 1;
        }
        counted
    }

    fn times(&self, word: &str) -> usize {
        self.words.get(word).copied().unwrap_or(0)
    }

    fn times_in_any_form(&self, stem: &str) -> usize {
        self.stems.get(stem).copied().unwrap_or(0)
    }

    fn has_more(&self, other: &Self, list: &[&str]) -> bool {
        list.iter().any(|word| self.times(word) > other.times(word))
    }

    fn has_more_forms(&self, other: &Self, list: &[&str]) -> bool {
        list.iter()
            .map(|word| stem(word))
            .any(|form| self.times_in_any_form(&form) > other.times_in_any_form(&form))
    }

    fn differs(&self, other: &Self, list: &[&str]) -> bool {
        list.iter().any(|word| self.times(word) != other.times(word))
    }

    /// Whether every word is an everyday one, one of the built-in text, or a name that the business has given itself.
    fn is_harmless(&self, other: &Self, settings: &Settings) -> bool {
        let profile = &settings.profile;
        let names: HashSet<String> = words(&format!("{} {}", profile.name, profile.owner_name))
            .into_iter()
            .collect();
        self.words
            .keys()
            .all(|word| words::is_everyday(word) || other.times_in_any_form(&stem(word)) > 0 || names.contains(word))
    }
}

#[cfg(test)]
mod tests;
