//! A text as sentences, clauses and words, with spelling and set phrases out of the way.

use super::words;
use crate::compliance::consent::fold;

/// How much of a text is read: the longest a text message can be.
const LONGEST: usize = 1600;
/// Words that one sign may span.
const SPAN: usize = 7;
/// Degrees Fahrenheit, as people write them without a unit, in which no cooling is an emergency.
const HOT: std::ops::RangeInclusive<u32> = 88..=125;

/// A text, read.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) sentences: Vec<Sentence>,
    /// Every word in its standard spelling.
    whole: Clause,
}

/// Clauses between two full stops.
#[derive(Debug, Default)]
pub(super) struct Sentence {
    pub(super) clauses: Vec<Clause>,
    /// It ended with a question mark.
    pub(super) asks: bool,
}

/// Words between two commas.
#[derive(Debug, Default, Clone)]
pub(super) struct Clause {
    words: Vec<String>,
}

/// Where a sign stands in its clause.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sign {
    pub(super) first: usize,
    pub(super) last: usize,
}

impl Text {
    pub(super) fn of(text: &str) -> Self {
        let text: String = text.chars().take(LONGEST).collect();
        let mut whole = Clause::default();
        let sentences = divide(&text, &mut whole);
        Self { sentences, whole }
    }

    /// Whether the text has one of these wordings anywhere, as it was written.
    pub(super) fn says(&self, wordings: &str) -> bool {
        self.whole.says(wordings)
    }

    /// Whether the weather or the people in it make no cooling an emergency.
    pub(super) fn is_hot(&self) -> bool {
        let degrees = |word: &String| {
            word.trim_end_matches('f')
                .parse()
                .is_ok_and(|number| HOT.contains(&number))
        };
        self.says(words::HEAT_WORDS) || self.whole.words.iter().any(degrees)
    }
}

impl Clause {
    /// The word at a position; empty beyond the end.
    pub(super) fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", String::as_str)
    }

    /// Up to `reach` words before a position.
    pub(super) fn before(&self, at: usize, reach: usize) -> impl Iterator<Item = &str> {
        let before = self.words.get(at.saturating_sub(reach)..at).unwrap_or_default();
        before.iter().map(String::as_str)
    }

    /// Whether the clause has one of these wordings.
    pub(super) fn says(&self, wordings: &str) -> bool {
        words::each(wordings).any(|wording| self.find(wording, 0).is_some())
    }

    fn find(&self, wording: &str, from: usize) -> Option<(usize, usize)> {
        let length = wording.split(' ').count();
        let windows = self.words.get(from..).unwrap_or_default().windows(length);
        let at = windows
            .into_iter()
            .position(|window| window.iter().map(String::as_str).eq(wording.split(' ')))?;
        Some((from + at, length))
    }

    /// Every place where one word of each group stands within a few words.
    pub(super) fn signs(&self, groups: &[&str]) -> Vec<Sign> {
        let Some((first, rest)) = groups.split_first() else {
            return Vec::new();
        };
        let hits = |group: &str| -> Vec<usize> {
            let words = self.words.iter().enumerate();
            words
                .filter(|(_, word)| words::has(group, word))
                .map(|(at, _)| at)
                .collect()
        };
        let mut found: Vec<Sign> = hits(first).into_iter().map(|at| Sign { first: at, last: at }).collect();
        for group in rest {
            let others = hits(group);
            found = found
                .into_iter()
                .flat_map(|sign| {
                    others.iter().map(move |&at| Sign {
                        first: sign.first.min(at),
                        last: sign.last.max(at),
                    })
                })
                // One word is not the sign by itself, even where it belongs to two groups.
                .filter(|sign| sign.first != sign.last && sign.last - sign.first < SPAN)
                .collect();
        }
        found
    }

    /// Set phrases become one word.
    fn join(&mut self) {
        for (joined, wordings) in words::JOINED {
            for wording in words::each(wordings) {
                while let Some((at, length)) = self.find(wording, 0).filter(|_| wording != *joined) {
                    self.words.splice(at..at + length, [(*joined).to_owned()]);
                }
            }
        }
    }
}

fn divide(text: &str, whole: &mut Clause) -> Vec<Sentence> {
    let mut sentences = vec![Sentence::default()];
    let mut clause = Clause::default();
    let mut word = String::new();
    let chars: Vec<char> = text.chars().chain(['\n']).collect();
    for (index, &c) in chars.iter().enumerate() {
        if let Some(folded) = fold(c) {
            word.push(folded);
            continue;
        }
        if matches!(c, '\'' | '’' | '‘' | '`' | '´' | 'ʼ') {
            continue;
        }
        if !word.is_empty() {
            let spelled = respell(&std::mem::take(&mut word));
            // "But" turns to something else, as a comma does.
            let turns = matches!(spelled.as_str(), "but" | "pero");
            whole.words.push(spelled.clone());
            if turns {
                close_clause(&mut sentences, &mut clause);
            } else {
                clause.words.push(spelled);
            }
        }
        let inside = chars.get(index + 1).is_some_and(|next| next.is_alphanumeric());
        let (ends_sentence, ends_clause) = match c {
            '!' | '?' | ';' | '\n' | '…' => (true, true),
            '.' => (!inside, !inside),
            ',' | ':' | '(' | ')' | '"' | '“' | '”' | '–' | '—' | '¡' | '¿' => (false, true),
            '-' => (false, !inside),
            _ => (false, false),
        };
        if ends_clause {
            close_clause(&mut sentences, &mut clause);
        }
        if ends_sentence {
            if let Some(sentence) = sentences.last_mut() {
                sentence.asks |= c == '?';
            }
            sentences.push(Sentence::default());
        }
    }
    sentences
}

fn close_clause(sentences: &mut [Sentence], clause: &mut Clause) {
    let mut clause = std::mem::take(clause);
    clause.join();
    if let Some(sentence) = sentences.last_mut().filter(|_| !clause.words.is_empty()) {
        sentence.clauses.push(clause);
    }
}

/// The standard spelling of a word that is near to one that matters.
fn respell(word: &str) -> String {
    if let Some((_, standard)) = words::SPELLINGS.iter().find(|(slip, _)| *slip == word) {
        return (*standard).to_owned();
    }
    if words::has(words::RESPELLED, word) || words::has(words::LOOK_ALIKE, word) {
        return word.to_owned();
    }
    let near = words::each(words::RESPELLED).find(|standard| is_slip(word, standard));
    near.unwrap_or(word).to_owned()
}

/// Two slips in a long word; in a shorter one a letter too many, missing or out of turn, but none replaced: "leaving"
/// is not "leaking".
fn is_slip(word: &str, standard: &str) -> bool {
    if word == standard || word.chars().next() != standard.chars().next() || word.len() + 2 < standard.len() {
        return false;
    }
    let distance = strsim::damerau_levenshtein(word, standard);
    if standard.len() >= 9 {
        return distance <= 2;
    }
    let sorted = |text: &str| {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters
    };
    distance == 1 && (word.len() != standard.len() || sorted(word) == sorted(standard))
}
