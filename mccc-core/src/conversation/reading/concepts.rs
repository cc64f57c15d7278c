//! What words are about: a lexicon is compiled once from its text, and looks words up, slips of the finger included.

use std::collections::{HashMap, HashSet};

use super::text::Token;

/// Words of bits that a set of concepts takes.
const WIDTH: usize = 8;
/// Shortest word that is looked up with a slip in it.
const SHORTEST_SLIP: usize = 5;

/// Shortest word that is looked up without its "s".
const SHORTEST_ENDING: usize = 4;

/// A set of concepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Concepts([u64; WIDTH]);

/// One concept, by its place in the lexicon.
pub(crate) type Concept = u16;

impl Concepts {
    pub(crate) const NONE: Self = Self([0; WIDTH]);

    pub(crate) fn of(concept: Concept) -> Self {
        let mut set = Self::NONE;
        if let Some(word) = set.0.get_mut(usize::from(concept / 64)) {
            *word = 1 << (concept % 64);
        }
        set
    }

    pub(crate) fn has(self, concept: Concept) -> bool {
        self.0
            .get(usize::from(concept / 64))
            .is_some_and(|word| word & (1 << (concept % 64)) != 0)
    }

    pub(crate) fn and_also(self, other: Self) -> Self {
        let mut set = self;
        for (word, more) in set.0.iter_mut().zip(other.0) {
            *word |= more;
        }
        set
    }

    /// What both have.
    pub(crate) fn common(self, other: Self) -> Self {
        let mut set = self;
        for (word, other) in set.0.iter_mut().zip(other.0) {
            *word &= other;
        }
        set
    }

    pub(crate) fn meets(self, other: Self) -> bool {
        self.0.iter().zip(other.0).any(|(word, more)| word & more != 0)
    }

    /// Each of them.
    pub(crate) fn iter(self) -> impl Iterator<Item = Concept> {
        self.0.into_iter().zip(0_u16..).flat_map(|(word, place)| {
            std::iter::successors(Some(word), |word| Some(word & word.wrapping_sub(1)))
                .take_while(|word| *word != 0)
                .map(move |word| place * 64 + u16::try_from(word.trailing_zeros()).unwrap_or(0))
        })
    }

    /// Whether a lexicon of so many concepts fits.
    #[cfg(test)]
    pub(crate) fn hold(count: Concept) -> bool {
        usize::from(count) <= WIDTH * 64
    }

    pub(crate) fn is_only(self, concept: Concept) -> bool {
        self == Self::of(concept)
    }
}

/// Everything that is known of words.
#[derive(Debug)]
pub(crate) struct Lexicon {
    names: HashMap<&'static str, Concept>,
    words: HashMap<String, Entry>,
    /// Words that may stand between those of a phrase: "take away *my* unit".
    light: HashSet<&'static str>,
    slips: Slips,
    pub(crate) filler: Concept,
    pub(crate) not: Concept,
    pub(crate) connective: Concept,
    pub(crate) turn: Concept,
    numeral: Concept,
    clock: Concept,
    ordinal: Concept,
}

#[derive(Debug, Default)]
struct Entry {
    concepts: Concepts,
    /// The standard spelling, where this is another one.
    standard: Option<String>,
    /// What follows the word to make a phrase, and what that is about.
    phrases: Vec<(Vec<String>, Concepts)>,
}

/// The line of words that may stand between those of a phrase.
const LIGHT: &str = "LIGHT";
/// How many of them a phrase may hold.
const MOST_LIGHT: usize = 2;
/// Words that a phrase may lack as well.
const ARTICLES: &[&str] = &["a", "an", "the"];
/// Spellings and shorthand that every lexicon shares.
const SPELLING: &str = include_str!("spelling.txt");

impl Lexicon {
    pub(crate) fn compile(source: &'static str) -> Self {
        let mut lexicon = Self {
            names: HashMap::new(),
            words: HashMap::new(),
            light: HashSet::new(),
            slips: Slips::default(),
            filler: 0,
            not: 0,
            connective: 0,
            turn: 0,
            numeral: 0,
            clock: 0,
            ordinal: 0,
        };
        for line in SPELLING.lines().chain(source.lines()) {
            let Some((name, wordings)) = line.split_once(':').filter(|_| !line.starts_with('#')) else {
                continue;
            };
            let mut wordings = wordings.split(',').map(str::trim).filter(|wording| !wording.is_empty());
            if name == LIGHT {
                lexicon.light.extend(wordings.by_ref());
                continue;
            }
            if let Some(standard) = name.strip_prefix("= ") {
                for slip in wordings {
                    lexicon.words.entry(slip.to_owned()).or_default().standard = Some(standard.to_owned());
                }
                continue;
            }
            let concept = lexicon.concept_or_new(name);
            for wording in wordings {
                for form in inflected(wording) {
                    lexicon.add(&form, Concepts::of(concept));
                }
            }
        }
        lexicon.slips = Slips::of(lexicon.words.keys().map(String::as_str));
        lexicon.filler = lexicon.concept_or_new("FILLER");
        lexicon.not = lexicon.concept_or_new("NOT");
        lexicon.connective = lexicon.concept_or_new("CONNECTIVE");
        lexicon.turn = lexicon.concept_or_new("TURN");
        lexicon.numeral = lexicon.concept_or_new("NUMERAL");
        lexicon.clock = lexicon.concept_or_new("CLOCK");
        lexicon.ordinal = lexicon.concept_or_new("ORDINAL");
        lexicon
    }

    fn concept_or_new(&mut self, name: &'static str) -> Concept {
        let next = Concept::try_from(self.names.len()).unwrap_or(Concept::MAX);
        *self.names.entry(name).or_insert(next)
    }

    /// The concept of that name, if the lexicon has one.
    pub(crate) fn concept(&self, name: &str) -> Option<Concept> {
        self.names.get(name).copied()
    }

    /// The name of a concept.
    pub(crate) fn name(&self, concept: Concept) -> Option<&'static str> {
        let mut names = self.names.iter();
        names.find(|(_, number)| **number == concept).map(|(name, _)| *name)
    }

    /// All concepts whose names are of a kind.
    pub(crate) fn named(&self, is: impl Fn(&str) -> bool) -> Concepts {
        let named = self.names.iter().filter(|(name, _)| is(name));
        named.fold(Concepts::NONE, |all, (_, concept)| all.and_also(Concepts::of(*concept)))
    }

    /// How many concepts there are.
    pub(crate) fn len(&self) -> Concept {
        Concept::try_from(self.names.len()).unwrap_or(Concept::MAX)
    }

    fn add(&mut self, wording: &str, concepts: Concepts) {
        let mut words = wording.split(' ').map(|word| {
            let standard = self.words.get(word).and_then(|entry| entry.standard.clone());
            standard.unwrap_or_else(|| word.to_owned())
        });
        let Some(first) = words.next() else { return };
        let mut rest: Vec<String> = words.collect();
        // "In the house" is also "in house", and with any other light word between.
        if let Some(last) = rest.pop() {
            rest.retain(|word| !ARTICLES.contains(&word.as_str()));
            rest.push(last);
        }
        for word in &rest {
            // Known, so that it is taken for no slip of another.
            self.words.entry(word.clone()).or_default();
        }
        let entry = self.words.entry(first).or_default();
        if rest.is_empty() {
            entry.concepts = entry.concepts.and_also(concepts);
            return;
        }
        match entry.phrases.iter_mut().find(|(phrase, _)| *phrase == rest) {
            Some((_, present)) => *present = present.and_also(concepts),
            None => entry.phrases.push((rest, concepts)),
        }
    }

    /// The standard spelling of a word and what it is about.
    pub(crate) fn look_up<'t>(&'t self, word: &'t str) -> (&'t str, Concepts) {
        if let Some(entry) = self.words.get(word) {
            return match &entry.standard {
                None => (word, entry.concepts),
                Some(standard) => {
                    let concepts = self.words.get(standard).map_or(Concepts::NONE, |entry| entry.concepts);
                    (standard.as_str(), concepts)
                }
            };
        }
        if let Some(concept) = self.shape(word) {
            return (word, Concepts::of(concept));
        }
        if let Some((known, entry)) = self.without_ending(word) {
            return match &entry.standard {
                None => (known, entry.concepts),
                Some(standard) => {
                    let concepts = self.words.get(standard).map_or(Concepts::NONE, |entry| entry.concepts);
                    (standard.as_str(), concepts)
                }
            };
        }
        match self.slips.meant(word) {
            Some(meant) => {
                self.words
                    .get_key_value(meant)
                    .map_or((word, Concepts::NONE), |(meant, entry)| match &entry.standard {
                        None => (meant.as_str(), entry.concepts),
                        Some(standard) => {
                            let concepts = self.words.get(standard).map_or(Concepts::NONE, |entry| entry.concepts);
                            (standard.as_str(), concepts)
                        }
                    })
            }
            None => (word, Concepts::NONE),
        }
    }

    /// "The water's rising" says "water", "leakin" is "leaking".
    fn without_ending(&self, word: &str) -> Option<(&str, &Entry)> {
        let shorter = word.strip_suffix('s').filter(|short| short.len() >= SHORTEST_ENDING);
        let longer = || Some(format!("{}ing", word.strip_suffix("in")?)).filter(|_| word.len() >= SHORTEST_SLIP);
        let known = shorter.and_then(|short| self.words.get_key_value(short));
        let known = known.or_else(|| self.words.get_key_value(longer()?.as_str()));
        known.map(|(known, entry)| (known.as_str(), entry))
    }

    /// What a word with digits in it is about.
    fn shape(&self, word: &str) -> Option<Concept> {
        if !word.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let letters = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':' || c == '/');
        match letters {
            "" if word.contains(':') => Some(self.clock),
            "" => Some(self.numeral),
            "am" | "pm" | "a" | "p" | "ish" | "oclock" | "h" => Some(self.clock),
            "st" | "nd" | "rd" | "th" => Some(self.ordinal),
            _ => None,
        }
    }

    /// The longest phrase that these tokens begin with: how many, and what it is about.
    pub(crate) fn phrase(&self, tokens: &[Token<'_>]) -> Option<(usize, Concepts)> {
        let (first, rest) = tokens.split_first()?;
        let phrases = &self.words.get(first.word)?.phrases;
        // The one that reaches farthest: "through the roof" and not "through the".
        let found = phrases.iter().filter_map(|(phrase, concepts)| {
            let taken = self.follows(phrase, rest)?;
            Some((taken, phrase.len(), concepts))
        });
        let (taken, _, concepts) = found.max_by_key(|(taken, words, _)| (*taken, *words))?;
        Some((taken + 1, *concepts))
    }

    /// Everything that these tokens are about, phrases inside a longer one included.
    pub(crate) fn within(&self, tokens: &[Token<'_>]) -> Concepts {
        (0..tokens.len()).fold(Concepts::NONE, |all, at| {
            let Some((first, rest)) = tokens.get(at..).and_then(<[Token<'_>]>::split_first) else {
                return all;
            };
            let phrases = self.words.get(first.word).map_or(&[][..], |entry| &entry.phrases);
            let found = phrases
                .iter()
                .filter(|(phrase, _)| self.follows(phrase, rest).is_some());
            found.fold(all.and_also(first.concepts), |all, (_, concepts)| {
                all.and_also(*concepts)
            })
        })
    }

    /// How many of these tokens a phrase takes, light words between its own included.
    fn follows(&self, phrase: &[String], tokens: &[Token<'_>]) -> Option<usize> {
        let (mut taken, mut skipped) = (0, 0);
        for word in phrase {
            while tokens.get(taken)?.word != word {
                if skipped == MOST_LIGHT || !self.light.contains(tokens.get(taken)?.word) {
                    return None;
                }
                skipped += 1;
                taken += 1;
            }
            taken += 1;
        }
        Some(taken)
    }
}

/// Known words by what is left of them when one letter is taken out: finds the word a slip of the finger meant without
/// comparing with every other.
#[derive(Debug, Default)]
pub(crate) struct Slips(HashMap<String, Vec<String>>);

impl Slips {
    pub(crate) fn of<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        let mut near: HashMap<String, Vec<String>> = HashMap::new();
        for word in words.filter(|word| word.len() >= SHORTEST_SLIP) {
            for short in shortened(word).chain([word.to_owned()]) {
                near.entry(short).or_default().push(word.to_owned());
            }
        }
        // A map's order must not decide which of two near words is meant.
        for words in near.values_mut() {
            words.sort_unstable();
            words.dedup();
        }
        Self(near)
    }

    /// The known word that was most likely meant.
    pub(crate) fn meant(&self, word: &str) -> Option<&str> {
        if word.len() < SHORTEST_SLIP || !word.is_ascii() {
            return None;
        }
        let near = |short: &str| {
            let candidates = self.0.get(short)?;
            candidates
                .iter()
                .find(|target| is_slip(word, target))
                .map(String::as_str)
        };
        near(word).or_else(|| shortened(word).find_map(|short| near(&short)))
    }
}

/// A word with each letter but the first taken out in turn.
fn shortened(word: &str) -> impl Iterator<Item = String> + '_ {
    (1..word.len()).map(move |at| {
        let mut short = String::with_capacity(word.len());
        short.push_str(word.get(..at).unwrap_or_default());
        short.push_str(word.get(at + 1..).unwrap_or_default());
        short
    })
}

/// A letter too many, missing or out of turn; a vowel for another in a longer word. Any other letter in place of one is
/// more often another word: "leaving" is not "leaking".
fn is_slip(word: &str, target: &str) -> bool {
    if word.as_bytes().first() != target.as_bytes().first() || strsim::damerau_levenshtein(word, target) != 1 {
        return false;
    }
    if word.len() != target.len() {
        // "Plumbers" is no slip of "plumber", but "emergencyy" is one of "emergency".
        let (long, short) = if word.len() > target.len() {
            (word, target)
        } else {
            (target, word)
        };
        let last = long.strip_prefix(short);
        return !matches!(last, Some("s" | "d" | "y" | "r")) || last.is_some_and(|last| short.ends_with(last));
    }
    let differing: Vec<(u8, u8)> = word.bytes().zip(target.bytes()).filter(|(a, b)| a != b).collect();
    let vowel = |letter: u8| matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u');
    match differing.as_slice() {
        [(a, b)] => word.len() >= 6 && vowel(*a) && vowel(*b),
        _ => true,
    }
}

/// The forms of a wording: `fix*` is a regular verb, `trip**` one that doubles its last letter, `leak&` a noun.
fn inflected(wording: &str) -> Vec<String> {
    if let Some(stem) = wording.strip_suffix("**") {
        let doubled = stem
            .chars()
            .last()
            .map_or_else(String::new, |last| format!("{stem}{last}"));
        return vec![
            stem.to_owned(),
            format!("{stem}s"),
            format!("{doubled}ed"),
            format!("{doubled}ing"),
        ];
    }
    if let Some(stem) = wording.strip_suffix('*') {
        let third = plural(stem);
        if let Some(root) = stem.strip_suffix('e') {
            return vec![stem.to_owned(), third, format!("{root}ed"), format!("{root}ing")];
        }
        let past = if ends_in_consonant_y(stem) {
            format!("{}ied", stem.trim_end_matches('y'))
        } else {
            format!("{stem}ed")
        };
        return vec![stem.to_owned(), third, past, format!("{stem}ing")];
    }
    match wording.strip_suffix('&') {
        Some(stem) => vec![stem.to_owned(), plural(stem)],
        None => vec![wording.to_owned()],
    }
}

fn plural(stem: &str) -> String {
    if ends_in_consonant_y(stem) {
        return format!("{}ies", stem.trim_end_matches('y'));
    }
    let hissing = ["s", "x", "z", "ch", "sh"].iter().any(|end| stem.ends_with(end));
    format!("{stem}{}", if hissing { "es" } else { "s" })
}

fn ends_in_consonant_y(stem: &str) -> bool {
    let before = stem.strip_suffix('y').and_then(|rest| rest.chars().last());
    before.is_some_and(|letter| !"aeiou".contains(letter))
}

#[cfg(test)]
mod tests {
    use super::super::text::{Folded, Text};
    use super::*;

    #[test]
    fn a_phrase_is_found_with_light_words_between_and_no_others() {
        let lexicon = Lexicon::compile("AWAY: take away the unit\n");
        let away = Concepts::of(lexicon.concept("AWAY").unwrap());
        for (text, found) in [
            ("take away unit", true),
            ("please take away just my unit", true),
            ("take away no unit", false),
        ] {
            let folded = Folded::of(text);
            assert_eq!(Text::of(text, &folded, &lexicon).concepts.meets(away), found, "{text}");
        }
    }

    #[test]
    fn lost_endings_are_put_right() {
        let lexicon = Lexicon::compile("WET: leaking, water\n");
        assert_eq!(lexicon.look_up("leakin").0, "leaking");
        assert_eq!(lexicon.look_up("waters").0, "water");
    }
}
