//! Whether somebody says hello and nothing else.

use super::super::reading::{Folded, Text};
use super::intent::lexicon;

/// What a greeting is made of, with or without a name.
const GREETING: &[&str] = &[
    "hi",
    "hello",
    "hey",
    "heya",
    "hiya",
    "howdy",
    "yo",
    "hola",
    "good",
    "morning",
    "afternoon",
    "evening",
    "day",
    "buenos",
    "buenas",
    "dias",
    "tardes",
    "there",
    "again",
    "anyone",
    "anybody",
];
/// How a name is given.
const NAMING: &[&str] = &[
    "this", "is", "its", "it", "im", "i", "am", "my", "name", "here", "from", "calling",
];

/// "Hey", "good morning", "hi this is Dan": a greeting that tells nothing yet. `name` is what was read as the caller's.
#[must_use]
pub fn greets(text: &str, name: Option<&str>) -> bool {
    let folded = Folded::of(text);
    let read = Text::of(text, &folded, lexicon());
    let name: Vec<String> = name
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_lowercase)
        .collect();
    let words = || read.tokens.iter().map(|token| token.word);
    words().next().is_some_and(|first| GREETING.contains(&first))
        && words().all(|word| {
            GREETING.contains(&word)
                || !name.is_empty() && (NAMING.contains(&word) || name.iter().any(|own| own == word))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greeting_tells_nothing_else() {
        for (text, name) in [
            ("hey", None),
            ("Hello?", None),
            ("Good morning!", None),
            ("hola buenas tardes", None),
            ("hi this is dan", Some("Dan")),
            ("Hello, my name is Ann Baker", Some("Ann Baker")),
        ] {
            assert!(greets(text, name), "{text}");
        }
        for (text, name) in [
            ("hey can you come", None),
            ("morning works", None),
            ("hi this is dan about the leak", Some("Dan")),
            ("this is", None),
            ("", None),
            ("Dan", Some("Dan")),
        ] {
            assert!(!greets(text, name), "{text}");
        }
    }
}
