//! A text as words and clauses, with spelling, shorthand and politeness out of the way.

use super::words;

/// How much of a text is read: the longest a text message can be.
const LONGEST: usize = 1600;

/// A text, read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// All letters and digits in lower case, nothing else: what keywords are compared with.
    pub(super) letters: String,
    /// The clauses, as divided by punctuation; commas divide too.
    pub(super) clauses: Vec<Clause>,
    /// Every word of the text before politeness was taken out.
    pub(super) all: Vec<String>,
}

/// Words between two punctuation marks.
#[derive(Debug, Default, Clone)]
pub(super) struct Clause {
    /// The words that carry meaning.
    pub(super) words: Vec<String>,
    /// It said "now": "don't call now" passes, "stop now" does not.
    pub(super) now: bool,
    /// It said "please", "anymore" or the like.
    pub(super) insistent: bool,
    /// It began with STOP in capitals in a text that is not all capitals.
    pub(super) shouted_stop: bool,
}

impl Clause {
    pub(super) fn words(&self) -> Vec<&str> {
        self.words.iter().map(String::as_str).collect()
    }
}

impl Reading {
    pub(super) fn of(text: &str) -> Self {
        let text: String = text.chars().take(LONGEST).collect();
        let capitals_only = !text.chars().any(char::is_lowercase);
        let mut reading = Self::default();
        for raw in divide(&text) {
            let shouted = !capitals_only && raw.first().is_some_and(|word| word == "STOP");
            let spelled = join(raw.iter().map(|word| respell(&word.to_lowercase())).collect());
            reading.all.extend(spelled.iter().cloned());
            let said = |any: &[&str]| spelled.iter().any(|word| any.contains(&word.as_str()));
            let clause = Clause {
                now: said(&["now"]),
                insistent: said(&["please", "anymore", "again"]),
                shouted_stop: shouted,
                words: without_politeness(spelled),
            };
            if !clause.words.is_empty() {
                reading.clauses.push(clause);
            }
        }
        reading.letters = text
            .chars()
            .filter_map(fold)
            .filter(char::is_ascii_alphanumeric)
            .collect();
        reading
    }

    /// Whether the text has any of these words.
    pub(super) fn has(&self, any: &[&str]) -> bool {
        self.all.iter().any(|word| any.contains(&word.as_str()))
    }

    /// Whether the text has these words next to each other.
    pub(super) fn has_run(&self, run: &[&str]) -> bool {
        self.all
            .windows(run.len())
            .any(|window| window.iter().zip(run).all(|(word, wanted)| word == wanted))
    }
}

/// One character in lower case without its accent; nothing for what is neither letter nor digit in these languages.
pub(crate) fn fold(c: char) -> Option<char> {
    let c = c.to_lowercase().next()?;
    Some(match c {
        'á' | 'à' | 'â' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        // Full-width letters, as some keyboards produce them.
        '\u{ff41}'..='\u{ff5a}' => char::from_u32(u32::from(c) - 0xff41 + u32::from('a'))?,
        // Letters of other alphabets that look the same.
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'а' | 'α' => 'a',
        'с' | 'ϲ' => 'c',
        'е' | 'ε' => 'e',
        'і' | 'ι' | 'ı' => 'i',
        'х' | 'χ' => 'x',
        'у' | 'υ' => 'u',
        'ԛ' => 'q',
        'ո' | 'п' => 'n',
        'ӏ' | 'ⅼ' => 'l',
        'һ' => 'h',
        'ԁ' => 'd',
        'в' => 'b',
        other if other.is_ascii_alphanumeric() => other,
        _ => return None,
    })
}

/// Clauses of bare words; capitals are kept for [`Clause::shouted_stop`].
fn divide(text: &str) -> Vec<Vec<String>> {
    let mut clauses: Vec<Vec<String>> = vec![vec![]];
    let mut word = String::new();
    let chars: Vec<char> = text.chars().collect();
    let at = |index: Option<usize>| index.and_then(|i| chars.get(i)).copied().unwrap_or(' ');
    for (index, &c) in chars.iter().enumerate() {
        if let Some(folded) = fold(c) {
            word.push(if c.is_uppercase() {
                folded.to_ascii_uppercase()
            } else {
                folded
            });
            continue;
        }
        if matches!(c, '\'' | '’' | '‘' | '`' | '´' | 'ʼ') {
            continue;
        }
        let inside = at(index.checked_sub(1)).is_alphanumeric() && at(Some(index + 1)).is_alphanumeric();
        if !word.is_empty() {
            push_word(&mut clauses, std::mem::take(&mut word));
        }
        let divides = match c {
            '!' | '?' | ';' | '\n' | ',' | ':' | '(' | ')' | '"' | '“' | '”' | '–' | '—' | '¡' | '¿' | '…' => {
                true
            }
            // 'S.T.O.P' and 'opt-out' hold together.
            '.' | '-' => !inside,
            '&' | '+' => {
                push_word(&mut clauses, "and".to_owned());
                false
            }
            '#' => {
                push_word(&mut clauses, "number".to_owned());
                false
            }
            _ => false,
        };
        if divides {
            clauses.push(vec![]);
        }
    }
    if !word.is_empty() {
        push_word(&mut clauses, word);
    }
    clauses
}

fn push_word(clauses: &mut [Vec<String>], word: String) {
    if let Some(last) = clauses.last_mut() {
        last.push(word);
    }
}

/// Shorthand and common misspellings in standard spelling.
fn respell(word: &str) -> String {
    if let Some(standard) = words::spelling(word) {
        return standard.to_owned();
    }
    let squeezed = squeeze(word);
    if squeezed == "stop" || squeezed == "quit" {
        return squeezed;
    }
    if drawn_out(word) {
        return words::spelling(&squeezed).map_or(squeezed, str::to_owned);
    }
    if let Some(standard) = words::skeleton(&consonants(word)) {
        return standard.to_owned();
    }
    if word.len() >= 8 && word.starts_with("un") {
        for target in ["unsubscribe", "unsubscribed", "unsubscribing"] {
            if strsim::damerau_levenshtein(word, target) <= 2 {
                // "Unsubscribed" is nearest to itself, so that a report in the past stays one.
                return if word.ends_with("ed") {
                    "unsubscribed".to_owned()
                } else {
                    "unsubscribe".to_owned()
                };
            }
        }
    }
    if words::SLIPPERY.contains(&word) {
        return word.to_owned();
    }
    words::SLIPPERY
        .iter()
        .find(|target| slipped(word, target))
        .map_or_else(|| word.to_owned(), |target| (*target).to_owned())
}

/// One letter too many inside, one too few, or two swapped. Another letter in place of one is more often another word:
/// "testing" is not "texting".
fn slipped(word: &str, target: &str) -> bool {
    let (typed, meant) = (word.len(), target.len());
    if typed < 5 || typed.abs_diff(meant) > 1 || word.starts_with(target) {
        return false;
    }
    if typed == meant {
        let sorted = |text: &str| {
            let mut bytes = text.as_bytes().to_vec();
            bytes.sort_unstable();
            bytes
        };
        return sorted(word) == sorted(target) && strsim::damerau_levenshtein(word, target) == 1;
    }
    strsim::damerau_levenshtein(word, target) == 1
}

/// Runs of one letter as a single letter: "stoooop" is "stop".
fn squeeze(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for c in word.chars() {
        if !out.ends_with(c) {
            out.push(c);
        }
    }
    out
}

/// "Pleaseee", "nooo": a letter three times in a row is none of the spelling.
fn drawn_out(word: &str) -> bool {
    word.as_bytes()
        .windows(3)
        .any(|run| matches!(run, [a, b, c] if a == b && b == c && a.is_ascii_alphabetic()))
}

/// What is left of a word without its vowels: how people shorten, and what slips mostly keep.
fn consonants(word: &str) -> String {
    let bare: String = word
        .chars()
        .filter(|c| c.is_ascii_alphabetic() && !matches!(c, 'a' | 'e' | 'i' | 'o' | 'u'))
        .collect();
    squeeze(&bare)
}

/// Words that belong together become one: "do not", "opt out", "no longer", spelled-out letters.
fn join(words: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::with_capacity(words.len());
    let mut rest = words.as_slice();
    while let Some((first, tail)) = rest.split_first() {
        let second = tail.first().map(String::as_str).unwrap_or_default();
        let (joined, used): (&str, usize) = match (first.as_str(), second) {
            ("do" | "does" | "pls", "not") => ("dont", 2),
            ("did", "not") => ("didnt", 2),
            ("can" | "could", "not") | ("cannot", _) => ("cant", if first == "cannot" { 1 } else { 2 }),
            ("will" | "would", "not") => ("wont", 2),
            ("opt" | "opted" | "opting" | "opts", "out") => ("optout", 2),
            ("opt" | "opted" | "opting", "me" | "us") if tail.get(1).is_some_and(|w| w == "out") => ("optout", 3),
            ("optme", "out") | ("optmeout", _) => ("optout", if first == "optmeout" { 1 } else { 2 }),
            ("un", "subscribe" | "sub") => ("unsubscribe", 2),
            ("un", "enroll") => ("unenroll", 2),
            ("signed", "up") => ("optin", 2),
            ("no", "thanks" | "gracias") if tail.len() > 1 => ("", 2),
            ("no", "thank") if tail.len() > 2 && tail.get(1).is_some_and(|w| w == "you") => ("", 3),
            ("my", "god") => ("", 2),
            ("no", "longer") => ("nolonger", 2),
            ("any", "more") => ("anymore", 2),
            ("right", "now") => ("now", 2),
            ("thank", "you") => ("thanks", 2),
            ("por", "favor") | ("favor", "de") => ("please", 2),
            ("text", "message") => ("text", 2),
            ("text", "messages") => ("texts", 2),
            ("text", "messaging") => ("texting", 2),
            ("wait", "list") | ("waiting", "list") => ("waitlist", 2),
            ("the", "hell" | "fuck" | "heck" | "fk") => ("", 2),
            _ => (first.as_str(), 1),
        };
        if joined == "wanna" {
            out.extend(["want".to_owned(), "to".to_owned()]);
        } else if !joined.is_empty() {
            out.push(joined.to_owned());
        }
        rest = rest.get(used..).unwrap_or_default();
    }
    spelled_letters(out)
}

/// "s t o p" becomes "stop"; other runs of single letters stay.
fn spelled_letters(words: Vec<String>) -> Vec<String> {
    let spells = |at: usize| {
        ["s", "t", "o", "p"]
            .iter()
            .enumerate()
            .all(|(offset, letter)| words.get(at + offset).is_some_and(|word| word == letter))
    };
    let mut out = Vec::with_capacity(words.len());
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if spells(at) {
            out.push("stop".to_owned());
            at += 4;
        } else {
            out.push(word.clone());
            at += 1;
        }
    }
    out
}

/// Leaves out what only softens or stresses, and words said twice in a row.
fn without_politeness(words: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = words
        .into_iter()
        .filter(|word| !words::POLITENESS.contains(&word.as_str()))
        .collect();
    out.dedup();
    out
}
