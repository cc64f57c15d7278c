//! Fits word vectors: what is asked about a topic should point where its entries point, and away from all others. No chance
//! in it: the same topics make the same vectors.
#![expect(
    clippy::indexing_slicing,
    reason = "rows and columns are laid out here and nowhere else, and nobody but a developer runs this"
)]

use std::collections::{BTreeMap, BTreeSet};

use super::training::{Shuffle, encode};
use super::vectors::noticed;
use super::weights::shares;

/// What owners write about a topic and what callers ask about it, each text as the stems of its words.
#[derive(Debug, Clone)]
pub(crate) struct Topic {
    pub(crate) entries: Vec<Vec<String>>,
    pub(crate) asked: Vec<Vec<String>>,
    /// Topics are told apart from those of the same group alone.
    pub(crate) group: usize,
}

/// A topic by the rows of its texts' words.
struct Known {
    entries: Vec<Rows>,
    asked: Vec<Rows>,
    group: usize,
}

/// How many numbers a direction has. More keep words apart that have nothing to do with each other.
const COLUMNS: usize = 192;
/// Passes over the questions.
const PASSES: u16 = 20;
/// Questions between two steps, and the length of the first steps.
const TOGETHER: usize = 64;
const RATE: f32 = 0.1;
/// How many times a cosine counts as a log odds.
const SHARP: f32 = 12.0;
/// In how many texts a word, and two in a row, have to be.
const SEEN: usize = 2;
const SEEN_TOGETHER: usize = 3;
/// Of a thousand words of a question, so many are overlooked each time: no one of them shall carry it alone.
const OVERLOOKED: usize = 300;
/// One time in so many another question stands for its topic, as an owner's alternative may.
const ASKED_FOR_ENTRY: usize = 4;

/// The rows of a text's words.
type Rows = Vec<usize>;

/// Numbers for each row.
struct Table(Vec<f32>);

/// A text with where it points, and the length of the sum of its rows.
struct Pointed {
    rows: Rows,
    to: Vec<f32>,
    length: f32,
}

/// A text that stands for a topic.
struct Document {
    group: usize,
    pointed: Pointed,
    /// In which direction it gets worse.
    slope: Vec<f32>,
}

/// By row, in which direction it gets worse.
type Slopes = BTreeMap<usize, Vec<f32>>;

/// Fits vectors to topics, and writes them as [`super::Vectors`] reads them.
#[must_use]
pub(crate) fn fit(topics: &[Topic]) -> Vec<u8> {
    let ids = |stems: &Vec<String>| -> Vec<u32> { noticed(stems.iter().map(String::as_str)).collect() };
    let texts = || topics.iter().flat_map(|topic| topic.entries.iter().chain(&topic.asked));
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    for text in texts() {
        let mut ids = ids(text);
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            *counts.entry(id).or_default() += 1;
        }
    }
    let mut words = BTreeSet::new();
    for stem in texts().flatten() {
        words.extend(noticed(std::iter::once(stem.as_str())));
    }
    counts.retain(|id, count| *count >= if words.contains(id) { SEEN } else { SEEN_TOGETHER });
    let rows: BTreeMap<u32, usize> = counts.keys().copied().zip(0..).collect();
    let known = |stems: &Vec<String>| -> Rows { ids(stems).iter().filter_map(|id| rows.get(id).copied()).collect() };
    let of = |texts: &[Vec<String>]| -> Vec<Rows> {
        let texts = texts.iter().map(known);
        texts.filter(|rows| !rows.is_empty()).collect()
    };
    let topics: Vec<Known> = topics
        .iter()
        .map(|topic| Known {
            entries: of(&topic.entries),
            asked: of(&topic.asked),
            group: topic.group,
        })
        .filter(|topic| !topic.entries.is_empty())
        .collect();
    let mut shuffle = Shuffle::default();
    let mut table = Table::start(counts.values(), texts().count(), &mut shuffle);
    let mut squares = vec![1e-4_f32; table.0.len()];
    let mut order: Vec<(usize, usize)> = topics
        .iter()
        .enumerate()
        .flat_map(|(number, topic)| (0..topic.asked.len()).map(move |text| (number, text)))
        .collect();
    for pass in 0..PASSES {
        shuffle.shuffle(&mut order);
        // The last steps are the smallest.
        let rate = RATE * f32::from(PASSES - pass) / f32::from(PASSES);
        for asked in order.chunks(TOGETHER) {
            for (row, slope) in slopes(&table, &topics, asked, &mut shuffle) {
                for (column, slope) in slope.into_iter().enumerate() {
                    let at = row * COLUMNS + column;
                    squares[at] += slope * slope;
                    table.0[at] -= rate * slope / squares[at].sqrt();
                }
            }
        }
    }
    encode(&[0.0; COLUMNS], rows.into_iter(), &table.0)
}

/// What these questions say about the rows, each beside one text of every topic of its group.
fn slopes(table: &Table, topics: &[Known], asked: &[(usize, usize)], shuffle: &mut Shuffle) -> Slopes {
    let mut slopes = Slopes::new();
    let groups: BTreeSet<usize> = asked.iter().map(|(topic, _)| topics[*topic].group).collect();
    let mut documents: BTreeMap<usize, Document> = BTreeMap::new();
    for (number, topic) in topics
        .iter()
        .enumerate()
        .filter(|(_, topic)| groups.contains(&topic.group))
    {
        let from = if !topic.asked.is_empty() && shuffle.below(ASKED_FOR_ENTRY) == 0 {
            &topic.asked
        } else {
            &topic.entries
        };
        let document = Document {
            group: topic.group,
            pointed: table.pointed(from[shuffle.below(from.len())].clone()),
            slope: vec![0.0; COLUMNS],
        };
        documents.insert(number, document);
    }
    for (topic, text) in asked {
        let all = &topics[*topic].asked[*text];
        let group = topics[*topic].group;
        let mut kept = all.clone();
        kept.retain(|_| shuffle.below(1_000) >= OVERLOOKED);
        let question = table.pointed(if kept.is_empty() { all.clone() } else { kept });
        let beside = || documents.iter().filter(|(_, document)| document.group == group);
        let sums: Vec<f32> = beside()
            .map(|(_, document)| SHARP * product(&question.to, &document.pointed.to))
            .collect();
        let mut slope = vec![0.0_f32; COLUMNS];
        let beside = documents.iter_mut().filter(|(_, document)| document.group == group);
        for ((number, document), share) in beside.zip(shares(&sums)) {
            let error = SHARP * (share - f32::from(u8::from(number == topic)));
            if error.abs() < 1e-4 {
                continue;
            }
            add(&mut slope, error, &document.pointed.to);
            add(&mut document.slope, error, &question.to);
        }
        question.hand_on(&slope, &mut slopes);
    }
    for document in documents.values() {
        document.pointed.hand_on(&document.slope, &mut slopes);
    }
    slopes
}

impl Table {
    /// Small numbers of both signs, larger for rare words: what nothing is learned of is told apart by them alone.
    fn start<'c>(counts: impl Iterator<Item = &'c usize>, texts: usize, shuffle: &mut Shuffle) -> Self {
        let mut numbers = Vec::new();
        for count in counts {
            let rare = (texts as f32 / *count as f32).ln();
            for _ in 0..COLUMNS {
                numbers.push((shuffle.below(2_001) as f32 / 1_000.0 - 1.0) * 0.06 * rare);
            }
        }
        Self(numbers)
    }

    fn pointed(&self, rows: Rows) -> Pointed {
        let mut to = vec![0.0_f32; COLUMNS];
        for row in &rows {
            add(&mut to, 1.0, &self.0[row * COLUMNS..(row + 1) * COLUMNS]);
        }
        let length = product(&to, &to).sqrt().max(1e-6);
        to.iter_mut().for_each(|number| *number /= length);
        Pointed { rows, to, length }
    }
}

impl Pointed {
    /// Hands a slope on to the rows, through the scaling to length 1.
    fn hand_on(&self, slope: &[f32], slopes: &mut Slopes) {
        let along = product(slope, &self.to);
        let each: Vec<f32> = slope
            .iter()
            .zip(&self.to)
            .map(|(slope, to)| (slope - along * to) / self.length)
            .collect();
        for row in &self.rows {
            add(slopes.entry(*row).or_insert_with(|| vec![0.0; COLUMNS]), 1.0, &each);
        }
    }
}

fn product(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

fn add(sum: &mut [f32], times: f32, one: &[f32]) {
    sum.iter_mut().zip(one).for_each(|(sum, one)| *sum += times * one);
}

#[cfg(test)]
mod tests {
    use super::super::{Direction, Vectors};
    use super::*;

    fn stems(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    fn topics() -> Vec<Topic> {
        let topic = |entries: &[&str], asked: &[&str]| Topic {
            entries: entries.iter().copied().map(stems).collect(),
            asked: asked.iter().copied().map(stems).collect(),
            group: 0,
        };
        vec![
            topic(
                &["pay by card", "card or check to pay", "pay with a card"],
                &[
                    "is visa fine",
                    "visa or cash",
                    "zelle fine",
                    "zelle or visa",
                    "zelle or cash",
                ],
            ),
            topic(
                &["when do you open", "when is it open", "open when"],
                &[
                    "hours today",
                    "sunday or monday",
                    "sunday hours",
                    "until late on sunday",
                ],
            ),
            topic(
                &["do you clean gutters", "gutters clean", "clean the gutters"],
                &["leaves in the gutter", "leaves on the roof", "roof full of leaves"],
            ),
        ]
    }

    #[test]
    fn what_is_asked_points_to_its_entry_without_a_word_in_common() {
        let vectors = Vectors::of(&fit(&topics()));
        let of = |text: &str| -> Direction { vectors.direction(text.split(' ')).unwrap() };
        let entries = ["pay by card", "when do you open", "do you clean gutters"].map(of);
        for (text, entry) in [("zelle", 0), ("sunday", 1), ("leaves", 2)] {
            let text = of(text);
            let nearest = (0..entries.len()).max_by(|one, other| {
                let to = |at: usize| text.cosine(&entries[at]);
                to(*one).total_cmp(&to(*other))
            });
            assert_eq!(nearest, Some(entry), "{text:?}");
        }
    }

    #[test]
    fn there_is_no_chance_in_it() {
        assert_eq!(fit(&topics()), fit(&topics()));
    }
}
