//! How near a question and the entries are in what their words are used for, whether they share any or not.

use std::sync::LazyLock;

use super::super::super::learned::{Direction, Vectors};
use super::index::Said;

/// Learned from what owners write and callers ask about some hundred topics of all trades (`understanding_train
/// --vectors`).
static VECTORS: LazyLock<Vectors> = LazyLock::new(|| Vectors::of(include_bytes!("words.vectors")));

/// The ones that are shipped.
pub(super) fn shipped() -> &'static Vectors {
    &VECTORS
}

/// Where an entry points.
#[derive(Debug, Default)]
pub(super) struct Pointing {
    /// Its topic and each of its questions.
    pub(super) asked: Vec<Direction>,
    /// Its answer.
    pub(super) answer: Option<Direction>,
    /// Topic, questions and answer together.
    pub(super) whole: Option<Direction>,
}

impl Pointing {
    fn cosine(&self, text: &Direction) -> f32 {
        let all = self.asked.iter().chain(&self.whole);
        all.map(|one| text.cosine(one)).fold(0.0, f32::max)
    }

    /// The words that point nearest to the entry, two at most: what proves an answer that shares no word with its question.
    pub(super) fn proof<'q>(&self, vectors: &Vectors, said: &[Said<'q>]) -> Vec<&'q str> {
        let words = said.iter().filter_map(|said| {
            let near = self.cosine(&vectors.direction(std::iter::once(said.stem.as_ref()))?);
            (near > 0.0).then_some((said.word, near))
        });
        let mut words: Vec<(&str, f32)> = words.collect();
        words.sort_by(|one, other| other.1.total_cmp(&one.1));
        words.into_iter().map(|(word, _)| word).take(2).collect()
    }
}

/// How near a text comes to an entry, each as a cosine.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Near {
    /// To the nearest of its questions.
    pub(super) asked: f32,
    /// To its answer.
    pub(super) answer: f32,
    /// To all of it.
    pub(super) whole: f32,
    /// How much nearer than the nearest of the other entries; less than nothing for all but one.
    pub(super) ahead: f32,
}

impl Near {
    fn nearest(&self) -> f32 {
        self.asked.max(self.whole)
    }
}

/// How near a text that points there comes to each entry.
pub(super) fn near(text: Option<&Direction>, entries: &[Pointing]) -> Vec<Near> {
    let to = |one: &Direction| text.map_or(0.0, |text| text.cosine(one));
    let mut all: Vec<Near> = entries
        .iter()
        .map(|entry| Near {
            asked: entry.asked.iter().map(to).fold(0.0, f32::max),
            answer: entry.answer.as_ref().map_or(0.0, to),
            whole: entry.whole.as_ref().map_or(0.0, to),
            ahead: 0.0,
        })
        .collect();
    let (mut first, mut second) = (0.0_f32, 0.0_f32);
    for nearest in all.iter().map(Near::nearest) {
        if nearest > first {
            (first, second) = (nearest, first);
        } else {
            second = second.max(nearest);
        }
    }
    for near in &mut all {
        let nearest = near.nearest();
        near.ahead = nearest - if nearest < first { first } else { second };
    }
    all
}

#[cfg(test)]
mod tests {
    use rust_stemmers::{Algorithm, Stemmer};

    use super::*;

    fn text(text: &str) -> Option<Direction> {
        let stemmer = Stemmer::create(Algorithm::English);
        let stems: Vec<_> = text.split(' ').map(|word| stemmer.stem(word)).collect();
        VECTORS.direction(stems.iter().map(AsRef::as_ref))
    }

    fn pointing(question: &str, answer: &str) -> Pointing {
        Pointing {
            asked: text(question).into_iter().collect(),
            answer: text(answer),
            whole: text(&format!("{question} {answer}")),
        }
    }

    #[test]
    fn a_question_is_near_an_entry_that_shares_no_word_with_it() {
        let entries = [
            pointing(
                "are your technicians background checked",
                "yes every one of them before we hire",
            ),
            pointing("what payment types do you accept", "cash checks and all major cards"),
            pointing("how soon can materials arrive", "custom orders take six weeks"),
        ];
        for (question, right) in [
            ("how do i know ur guys wont rob me", 0),
            ("can i zelle u", 1),
            ("whats the lead time on a new door", 2),
        ] {
            let near = near(text(question).as_ref(), &entries);
            let mut others: Vec<f32> = near.iter().map(Near::nearest).collect();
            let first = others.remove(right);
            let second = others.iter().copied().fold(0.0, f32::max);
            for (entry, near) in near.iter().enumerate() {
                let beside = if entry == right { second } else { first };
                assert_eq!(near.ahead, near.nearest() - beside, "{question}: {entry} {near:?}");
                assert_eq!(near.ahead > 0.0, entry == right, "{question}: {entry} {near:?}");
            }
        }
    }

    #[test]
    fn words_that_nobody_knows_are_near_nothing() {
        let entries = [pointing("do you take cards", "yes")];
        let all = [text("xyzzy"), None].map(|text| near(text.as_ref(), &entries));
        assert_eq!(all, [vec![Near::default()], vec![Near::default()]]);
        assert_eq!(near(text("cards").as_ref(), &[]), []);
    }

    #[test]
    fn of_two_alike_neither_is_ahead() {
        let entries = [
            pointing("do you take cards", "yes"),
            pointing("do you take cards", "yes"),
        ];
        let near = near(text("cards").as_ref(), &entries);
        assert!(
            near.iter().all(|near| near.asked > 0.0 && near.ahead == 0.0),
            "{near:?}"
        );
    }
}
