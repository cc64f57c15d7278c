//! Whether a text tells what is wrong or what is to be done, beside asking for somebody to come.

use std::sync::LazyLock;

use super::super::reading::{Concepts, Folded, Text};
use super::intent::lexicon;

/// Concepts of what is wrong or to be done.
static WORK: LazyLock<Concepts> = LazyLock::new(|| named(&["SYMPTOM", "TROUBLE", "INSTALL"]));
/// The same, and those that name a thing.
static TROUBLE: LazyLock<Concepts> = LazyLock::new(|| WORK.and_also(named(&["DEVICE"])));

fn named(names: &[&str]) -> Concepts {
    let known = names.iter().filter_map(|name| lexicon().concept(name));
    known.fold(Concepts::NONE, |all, concept| all.and_also(Concepts::of(concept)))
}

/// Whether a text tells what is to be done: "the sink is clogged, can you come?" does, "can you come?" does not.
#[must_use]
pub fn tells_trouble(text: &str) -> bool {
    speaks_of(text, *TROUBLE)
}

/// Whether a text tells what is wrong or to be done, and does not only name a thing: "do you fix leaky faucets?" does, "do
/// you do boilers?" does not.
#[must_use]
pub fn tells_work(text: &str) -> bool {
    speaks_of(text, *WORK)
}

fn speaks_of(text: &str, concepts: Concepts) -> bool {
    let folded = Folded::of(text);
    let read = Text::of(text, &folded, lexicon());
    read.clauses.iter().any(|clause| clause.concepts.meets(concepts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_or_its_trouble_is_told_and_a_wish_alone_is_not() {
        for text in [
            "my kitchen sink is clogged, can someone come tomorrow",
            "need a new water heater installed",
            "The AC is blowing warm air",
            "breaker keeps tripping",
        ] {
            assert!(tells_trouble(text), "{text}");
        }
        for text in [
            "can someone come tomorrow afternoon?",
            "I'd like to book an appointment",
            "yes please",
            "2",
        ] {
            assert!(!tells_trouble(text), "{text}");
        }
    }
}
