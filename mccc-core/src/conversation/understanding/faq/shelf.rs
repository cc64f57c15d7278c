//! The vectors of a business's entries, by the exact text they belong to.

use std::collections::{HashMap, HashSet};

use super::embedding::{Embedding, Unusable};
use super::similar::{STRANGERS, Similar};
use crate::business::{FaqEntry, Settings};

/// Most texts of a business that have vectors: each entry's question, then alternatives as they come.
const MOST: usize = 1_500;

/// Vectors of one model. They outlive a version of the settings: a text that stays keeps its vector.
#[derive(Debug, Default)]
pub struct Shelf {
    model: String,
    known: HashMap<String, Embedding>,
}

impl Shelf {
    /// An empty one for the vectors of a model.
    #[must_use]
    pub fn new(model: &str) -> Self {
        Self {
            model: model.to_owned(),
            known: HashMap::new(),
        }
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// How many numbers its vectors have, once it has one.
    #[must_use]
    pub fn dimension(&self) -> Option<usize> {
        self.known.values().next().map(Embedding::dimension)
    }

    /// Room that it takes, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let of_one = |(text, vector): (&String, &Embedding)| text.len() + vector.dimension() * size_of::<f32>() + 64;
        self.known.iter().map(of_one).sum()
    }

    /// The texts that these settings need and that have no vector yet.
    #[must_use]
    pub fn missing(&self, settings: &Settings) -> Vec<String> {
        let wanted = wanted(&settings.faq).into_iter();
        wanted
            .filter(|text| !self.known.contains_key(*text))
            .map(str::to_owned)
            .collect()
    }

    /// Drops what these settings do not need.
    pub fn keep_to(&mut self, settings: &Settings) {
        let wanted: HashSet<&str> = wanted(&settings.faq).into_iter().collect();
        self.known.retain(|text, _| wanted.contains(text.as_str()));
    }

    /// Takes the vectors of these texts.
    ///
    /// # Errors
    /// When they are none; then nothing has changed. Vectors of another dimension than those here are none.
    pub fn learn(&mut self, texts: &[String], vectors: Vec<Vec<f32>>) -> Result<(), Unusable> {
        let read = Embedding::all(vectors, texts.len(), self.dimension())?;
        self.known.extend(texts.iter().cloned().zip(read));
        Ok(())
    }

    /// How near a text, given as the vectors of its parts, comes to each entry. Nothing while vectors are missing.
    #[must_use]
    pub fn similar(&self, settings: &Settings, parts: &[Embedding]) -> Option<Similar> {
        if parts.is_empty() {
            return None;
        }
        let (mut entries, mut shown) = (Vec::with_capacity(settings.faq.len()), HashSet::new());
        for entry in &settings.faq {
            shown.extend(texts_of(entry));
            let first = self.known.get(&entry.question)?;
            let others = entry.alternatives.iter().filter_map(|text| self.known.get(text));
            entries.push(std::iter::once(first).chain(others).collect::<Vec<_>>());
        }
        let strangers = STRANGERS.iter().filter(|text| !shown.contains(**text));
        let strangers: Vec<&Embedding> = strangers.map(|text| self.known.get(*text)).collect::<Option<_>>()?;
        Similar::new(parts, &entries, &strangers)
    }
}

fn texts_of(entry: &FaqEntry) -> impl Iterator<Item = &str> {
    std::iter::once(entry.question.as_str()).chain(entry.alternatives.iter().map(String::as_str))
}

/// Every text that has a vector, once. Questions come first, so that each entry has one.
fn wanted(entries: &[FaqEntry]) -> Vec<&str> {
    let questions = entries.iter().map(|entry| entry.question.as_str());
    let others = entries.iter().flat_map(|entry| &entry.alternatives).map(String::as_str);
    let mut seen = HashSet::new();
    let all = STRANGERS.into_iter().chain(questions).chain(others);
    all.filter(|text| seen.insert(*text)).take(MOST).collect()
}
