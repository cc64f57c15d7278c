//! What a text and the entries have in common word for word, the common words of the language included.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

#[cfg(feature = "testkit")]
use rust_stemmers::Stemmer;

use super::index::Said;

/// A stem's number among those of the entries.
type Stem = u32;

/// How many texts have each stem, as counted over the texts that the weights are learned from: the first line is their
/// number, the others are `stem count`. Stems that are not listed are in one of them at most.
static LANGUAGE: LazyLock<Language> = LazyLock::new(|| Language::of(include_str!("rarity.txt")));

/// How rare words are in what callers and contractors write.
struct Language {
    texts: f32,
    counts: HashMap<&'static str, f32>,
}

impl Language {
    fn of(table: &'static str) -> Self {
        let mut lines = table.lines();
        let texts = lines.next().and_then(|line| line.parse().ok()).unwrap_or(1.0);
        let counts = lines.filter_map(|line| {
            let (stem, count) = line.split_once(' ')?;
            Some((stem, count.parse().ok()?))
        });
        Self {
            texts,
            counts: counts.collect(),
        }
    }

    /// Logarithm of how many texts there are for one that has it.
    fn rarity(&self, stem: &str) -> f32 {
        let with = self.counts.get(stem).copied().unwrap_or(1.0);
        ((self.texts + 1.0) / (with + 1.0)).ln()
    }
}

/// How much of a text's words an entry has. Shares are of the weight of the words, rare ones weighing more.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shared {
    /// Share that the entry has anywhere.
    pub(super) anywhere: f32,
    /// Share that its topic and its questions have.
    pub(super) asked: f32,
    /// Share that its answer has.
    pub(super) answered: f32,
    /// Share that it has anywhere, each word the less the more other entries have it.
    pub(super) alone: f32,
    /// Weight of the rarest word that its questions have.
    pub(super) rarest: f32,
    /// The same, the less the more other entries have it.
    pub(super) rarest_alone: f32,
    /// Weight of all words that its questions have, the less the more other entries have them.
    pub(super) together: f32,
    /// Weight of the pairs of neighbouring words that it has too.
    pub(super) pairs: f32,
}

/// The words of a business's entries, with where they stand.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    entries: usize,
    stems: HashMap<String, Stem>,
    words: Vec<Word>,
    pairs: HashMap<(Stem, Stem), Vec<usize>>,
}

#[derive(Debug)]
struct Word {
    rarity: f32,
    /// How little other entries' questions have it, 0 to 1.
    asked_alone: f32,
    /// How little other entries have it anywhere, 0 to 1.
    alone: f32,
    places: Vec<Place>,
}

/// An entry that has a word.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    entry: usize,
    asked: bool,
    answered: bool,
}

/// An entry's words while the vocabulary is collected.
#[derive(Debug, Default)]
pub(super) struct Collected {
    stems: BTreeMap<String, (bool, bool)>,
    pairs: BTreeSet<(String, String)>,
}

impl Collected {
    /// Adds a text of the entry: its topic or a question, or its answer.
    pub(super) fn add<'w>(&mut self, stems: impl Iterator<Item = &'w str>, answers: bool) {
        let mut before: Option<String> = None;
        for stem in stems {
            let stem = stem.to_owned();
            let place = self.stems.entry(stem.clone()).or_default();
            if answers {
                place.1 = true;
            } else {
                place.0 = true;
            }
            if let Some(before) = before.replace(stem.clone()) {
                self.pairs.insert((before, stem));
            }
        }
    }
}

impl Vocabulary {
    pub(super) fn new(entries: &[Collected]) -> Self {
        let mut vocabulary = Self {
            entries: entries.len(),
            ..Self::default()
        };
        let mut places: Vec<Vec<Place>> = Vec::new();
        for (entry, collected) in entries.iter().enumerate() {
            for (stem, (asked, answered)) in &collected.stems {
                let next = Stem::try_from(places.len()).unwrap_or(Stem::MAX);
                let number = *vocabulary.stems.entry(stem.clone()).or_insert(next);
                if number == next {
                    places.push(Vec::new());
                }
                if let Some(places) = usize::try_from(number).ok().and_then(|at| places.get_mut(at)) {
                    places.push(Place {
                        entry,
                        asked: *asked,
                        answered: *answered,
                    });
                }
            }
            for (one, other) in &collected.pairs {
                if let (Some(one), Some(other)) = (vocabulary.stems.get(one), vocabulary.stems.get(other)) {
                    vocabulary.pairs.entry((*one, *other)).or_default().push(entry);
                }
            }
        }
        let mut rarities = vec![0.0; places.len()];
        for (stem, number) in &vocabulary.stems {
            if let Some(rarity) = usize::try_from(*number).ok().and_then(|at| rarities.get_mut(at)) {
                *rarity = LANGUAGE.rarity(stem);
            }
        }
        let all = super::index::as_f32(entries.len()) + 1.0;
        let alone = |with: usize| (all / (super::index::as_f32(with) + 0.5)).ln() / all.ln().max(0.1);
        vocabulary.words = rarities
            .into_iter()
            .zip(places)
            .map(|(rarity, places)| Word {
                rarity,
                asked_alone: alone(places.iter().filter(|place| place.asked).count()),
                alone: alone(places.len()),
                places,
            })
            .collect();
        vocabulary
    }

    /// What each entry has in common with these words, which stand in this order.
    pub(super) fn shared(&self, words: &[Said<'_>]) -> Vec<Shared> {
        let mut shared = vec![Shared::default(); self.entries];
        let mut seen: Vec<&str> = Vec::new();
        let (mut before, mut paired): (Option<Stem>, Vec<(Stem, Stem)>) = (None, Vec::new());
        let mut total = 0.0_f32;
        for said in words {
            let stem = said.stem.as_ref();
            let known = self.stems.get(stem).copied();
            let known = known.or_else(|| self.stems.get(said.meant.as_deref()?).copied());
            if let (Some(one), Some(other)) = (before, known)
                && !paired.contains(&(one, other))
            {
                paired.push((one, other));
                self.pair(&mut shared, one, other);
            }
            before = known;
            if seen.contains(&stem) {
                continue;
            }
            let found = known.and_then(|known| self.word(known));
            total += found.map_or_else(|| LANGUAGE.rarity(stem), |word| word.rarity);
            seen.push(stem);
            for place in found.into_iter().flat_map(|word| &word.places) {
                let (Some(word), Some(shared)) = (found, shared.get_mut(place.entry)) else {
                    continue;
                };
                shared.anywhere += word.rarity;
                shared.alone += word.rarity * word.alone;
                if place.answered {
                    shared.answered += word.rarity;
                }
                if place.asked {
                    let alone = word.rarity * word.asked_alone;
                    shared.asked += word.rarity;
                    shared.rarest = shared.rarest.max(word.rarity);
                    shared.rarest_alone = shared.rarest_alone.max(alone);
                    shared.together += alone;
                }
            }
        }
        for shared in &mut shared {
            let total = total.max(0.1);
            shared.anywhere /= total;
            shared.alone /= total;
            shared.answered /= total;
            shared.asked /= total;
        }
        shared
    }

    fn word(&self, stem: Stem) -> Option<&Word> {
        self.words.get(usize::try_from(stem).ok()?)
    }

    fn pair(&self, shared: &mut [Shared], one: Stem, other: Stem) {
        let rarity = |stem| self.word(stem).map_or(0.0, |word| word.rarity);
        for entry in self.pairs.get(&(one, other)).into_iter().flatten() {
            if let Some(shared) = shared.get_mut(*entry) {
                shared.pairs += rarity(one) + rarity(other);
            }
        }
    }
}

/// Counts in how many texts each stem is, as `rarity.txt` has it.
#[cfg(feature = "testkit")]
pub(super) fn count(texts: impl Iterator<Item = Vec<String>>, stemmer: &Stemmer) -> String {
    let (mut all, mut counts) = (0_usize, BTreeMap::<String, usize>::new());
    for words in texts {
        all += 1;
        let stems: BTreeSet<String> = words.iter().map(|word| stemmer.stem(word).into_owned()).collect();
        for stem in stems {
            *counts.entry(stem).or_default() += 1;
        }
    }
    let listed = counts.iter().filter(|(_, count)| **count > 1);
    let lines = listed.map(|(stem, count)| format!("{stem} {count}\n"));
    format!("{all}\n{}", lines.collect::<String>())
}
