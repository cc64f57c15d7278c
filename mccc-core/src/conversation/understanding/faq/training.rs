//! Fits the network of `meeting` to labelled questions and word vectors to topics, and counts how rare words are. No chance
//! in it: the same questions make the same weights.
#![expect(
    clippy::indexing_slicing,
    reason = "rows and columns are laid out here and nowhere else, and nobody but a developer runs this"
)]

use std::fmt::Write as _;

use rust_stemmers::{Algorithm, Stemmer};
use serde::Deserialize;

use super::super::super::learned::{Vectors, shares, vectors_training};
use super::super::super::reading::{Folded, Text};
use super::super::intent;
use super::FaqIndex;
use super::meeting::{Fit, GENERAL, HIDDEN, Network, PROFILE, WAYS, bent, of_profile};
use crate::business::Settings;

/// How a text and the entries of its business meet.
#[derive(Debug, Clone)]
pub(super) struct Met {
    /// The profile's answer: its topic and its own score.
    pub(super) profile: Option<(String, f32)>,
    /// By part of the text, how each entry meets it.
    pub(super) parts: Vec<Vec<[f32; WAYS]>>,
    pub(super) general: [f32; GENERAL],
    pub(super) topics: Vec<String>,
}

/// A question with what answers it.
#[derive(Debug, Clone)]
pub struct Question {
    met: Met,
    /// The place of the right answer: an entry, after them none, after that the profile.
    right: usize,
    weight: f32,
}

impl Question {
    /// A text to a business; `answer` is the topic that answers it. `weight` is how much it counts.
    #[must_use]
    pub fn new(index: &FaqIndex, text: &str, answer: Option<&str>, weight: f32) -> Self {
        let folded = Folded::of(text);
        let asks = intent::asks(&Text::of(text, &folded, intent::lexicon()));
        let met = index.met(text, asks);
        let none = met.topics.len();
        let right = answer.map_or(none, |answer| {
            let by_profile = met.profile.as_ref().is_some_and(|(topic, _)| topic == answer);
            let entry = met.topics.iter().position(|topic| topic == answer);
            entry.unwrap_or(if by_profile { none + 1 } else { none })
        });
        Self { met, right, weight }
    }

    /// The same where the profile was left out of account when the questions were written: it answers none of them, and
    /// that says nothing of how often it does.
    #[must_use]
    pub fn to_entries_alone(mut self) -> Self {
        self.met.profile = None;
        self
    }

    /// Whether something answers it.
    #[must_use]
    pub fn is_answerable(&self) -> bool {
        self.right != self.met.topics.len()
    }

    /// The score of what a network takes for the answer, and whether it is.
    fn best(&self, network: &Network) -> (f32, bool) {
        let mut sums = vec![f32::MIN; self.met.topics.len()];
        for part in &self.met.parts {
            for (ways, sum) in part.iter().zip(&mut sums) {
                *sum = sum.max(network.entry(ways));
            }
        }
        sums.push(network.none(&self.met.general));
        let profile = self.met.profile.as_ref();
        sums.extend(profile.map(|(topic, score)| network.profile(topic, *score)));
        let shares = shares(&sums);
        let places = (0..sums.len()).filter(|place| *place != self.met.topics.len());
        let best = places.max_by(|one, other| sums[*one].total_cmp(&sums[*other]));
        best.map_or((0.0, false), |best| (shares[best], best == self.right))
    }
}

/// How many questions are answered rightly and wrongly from each of these likelihoods on, by a network as [`fit`] writes it.
#[must_use]
pub fn answered(network: &str, questions: &[Question], from: &[f32]) -> Vec<(usize, usize)> {
    let network = Network::read(network).unwrap_or_default();
    let best: Vec<(f32, bool)> = questions.iter().map(|question| question.best(&network)).collect();
    let count = |from: f32, right: bool| best.iter().filter(|(score, is)| *score >= from && *is == right).count();
    from.iter()
        .map(|from| (count(*from, true), count(*from, false)))
        .collect()
}

/// The table of how many texts have each stem.
#[must_use]
pub fn rarity<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let stemmer = Stemmer::create(Algorithm::English);
    super::shared::count(texts.map(super::index::words), &stemmer)
}

/// What owners write about a topic, and what callers ask about it.
#[derive(Debug, Clone, Deserialize)]
pub struct Topic {
    /// As several owners would write it.
    pub entries: Vec<Written>,
    /// As callers ask.
    pub asked: Vec<String>,
    /// Topics are told apart from those of the same group alone: what two businesses write about paying is the same.
    #[serde(skip)]
    pub group: usize,
}

/// An entry as an owner writes it.
#[derive(Debug, Clone, Deserialize)]
pub struct Written {
    /// The question.
    pub question: String,
    /// Its answer.
    pub answer: String,
}

/// Where words point.
#[derive(Debug, Clone, Copy)]
pub struct Directions(&'static Vectors);

impl Directions {
    /// As [`vectors`] wrote them. They are kept until the program ends.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Box::leak(Box::new(Vectors::of(bytes))))
    }

    /// The index of a business whose words point so.
    #[must_use]
    pub fn index(self, settings: &Settings) -> FaqIndex {
        FaqIndex::pointed(settings, self.0)
    }
}

/// Fits word vectors to topics: questions should point where the entries do, with their answers and without.
#[must_use]
pub fn vectors(topics: &[Topic]) -> Vec<u8> {
    let stemmer = Stemmer::create(Algorithm::English);
    let stems = |text: &str| -> Vec<String> {
        let words = super::index::words(text);
        words.iter().map(|word| stemmer.stem(word).into_owned()).collect()
    };
    let entry = |entry: &Written| {
        [
            stems(&entry.question),
            stems(&format!("{} {}", entry.question, entry.answer)),
        ]
    };
    let topics: Vec<vectors_training::Topic> = topics
        .iter()
        .map(|topic| vectors_training::Topic {
            entries: topic.entries.iter().flat_map(entry).collect(),
            asked: topic.asked.iter().map(|text| stems(text)).collect(),
            group: topic.group,
        })
        .collect();
    vectors_training::fit(&topics)
}

/// How long, and how carefully: large weights cost something, as fits that follow every question do not carry over.
const STEPS: i32 = 1500;
const STARTS: u64 = 4;
const RATE: f32 = 0.02;
/// Each step looks at one of so many parts of the questions.
const PARTS: usize = 4;
const HIDDEN_COST: f32 = 4.0;
const STRAIGHT_COST: f32 = 0.1;

/// Numbers before they are laid out as a network.
const NUMBERS: usize = HIDDEN * WAYS + 2 * HIDDEN + WAYS + GENERAL + PROFILE;
const BIASES: usize = HIDDEN * WAYS;
const OUT: usize = BIASES + HIDDEN;
const STRAIGHT: usize = OUT + HIDDEN;
const NONE: usize = STRAIGHT + WAYS;
const OF_PROFILE: usize = NONE + GENERAL;

/// Fits the network and writes it as `meeting.weights` has it.
#[must_use]
pub fn fit(questions: &[Question]) -> String {
    let (mean, spread) = scale(questions);
    let mut questions = questions.to_vec();
    for ways in questions
        .iter_mut()
        .flat_map(|question| question.met.parts.iter_mut().flatten())
    {
        for way in 0..WAYS {
            ways[way] = (ways[way] - mean[way]) / spread[way];
        }
    }
    // Several fits from different starts err differently: their mean errs less.
    let fits: Vec<Network> = std::thread::scope(|scope| {
        let questions = &questions;
        let threads: Vec<_> = (1..=STARTS)
            .map(|first| scope.spawn(move || fitted(questions, first)))
            .collect();
        let fitted = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        fitted.map(|numbers| unscaled(&numbers, &mean, &spread)).collect()
    });
    write(&mean_of(&fits))
}

fn fitted(questions: &[Question], first: u64) -> Vec<f32> {
    let mut numbers = start(first);
    let (mut slow, mut squares) = (vec![0.0_f32; NUMBERS], vec![0.0_f32; NUMBERS]);
    for (part, step) in (0..PARTS).cycle().zip(1..=STEPS) {
        let slopes = slopes(&numbers, questions.iter().skip(part).step_by(PARTS));
        // The last steps are the smallest.
        let left = (STEPS - step + 1) as f32 / STEPS as f32;
        let (first, second) = (1.0 - 0.9_f32.powi(step), 1.0 - 0.999_f32.powi(step));
        for at in 0..NUMBERS {
            slow[at] = 0.9 * slow[at] + 0.1 * slopes[at];
            squares[at] = 0.999 * squares[at] + 0.001 * slopes[at] * slopes[at];
            numbers[at] -= RATE * left * (slow[at] / first) / ((squares[at] / second).sqrt() + 1e-8);
        }
    }
    numbers
}

/// Mean and spread of each way.
fn scale(questions: &[Question]) -> ([f32; WAYS], [f32; WAYS]) {
    let all = || {
        questions
            .iter()
            .flat_map(|question| question.met.parts.iter().flatten())
    };
    let count = all().count().max(1) as f32;
    let (mut mean, mut spread) = ([0.0; WAYS], [0.0; WAYS]);
    for way in 0..WAYS {
        mean[way] = all().map(|ways| ways[way]).sum::<f32>() / count;
        let squares: f32 = all().map(|ways| (ways[way] - mean[way]).powi(2)).sum();
        spread[way] = (squares / count).sqrt() + 1e-3;
    }
    (mean, spread)
}

/// Small numbers of both signs, no two alike.
fn start(first: u64) -> Vec<f32> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64.wrapping_mul(2 * first - 1);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1_u64 << 24) as f32 - 0.5
    };
    (0..NUMBERS)
        .map(|at| if at < NONE { 0.3 * next() } else { 0.0 })
        .collect()
}

/// In which direction it gets worse, by one part of the questions.
fn slopes<'q>(numbers: &[f32], questions: impl Iterator<Item = &'q Question>) -> Vec<f32> {
    let mut slopes = vec![0.0_f32; NUMBERS];
    for question in questions {
        add(&mut slopes, numbers, question);
    }
    slopes.iter_mut().for_each(|slope| *slope *= PARTS as f32);
    for at in 0..NONE {
        let hidden = at < BIASES || (OUT..STRAIGHT).contains(&at);
        let cost = if hidden {
            HIDDEN_COST
        } else if at >= STRAIGHT {
            STRAIGHT_COST
        } else {
            0.0
        };
        slopes[at] += 2.0 * cost * numbers[at];
    }
    slopes
}

fn add(slopes: &mut [f32], numbers: &[f32], question: &Question) {
    let Met {
        parts,
        general,
        profile,
        topics,
    } = &question.met;
    let entries = topics.len();
    // By entry, the part of the text that it meets best, and how.
    let mut best: Vec<(f32, usize, [f32; HIDDEN])> = vec![(f32::MIN, 0, [0.0; HIDDEN]); entries];
    for (at, part) in parts.iter().enumerate() {
        for (ways, best) in part.iter().zip(&mut best) {
            let mut hidden = [0.0; HIDDEN];
            hidden.copy_from_slice(&numbers[BIASES..OUT]);
            for (way, row) in ways.iter().zip(numbers.chunks_exact(HIDDEN)) {
                for (hidden, weight) in hidden.iter_mut().zip(row) {
                    *hidden += weight * way;
                }
            }
            let mut sum: f32 = hidden
                .iter()
                .zip(&numbers[OUT..])
                .map(|(sum, out)| bent(*sum) * out)
                .sum();
            sum += ways
                .iter()
                .zip(&numbers[STRAIGHT..])
                .map(|(way, number)| way * number)
                .sum::<f32>();
            if sum > best.0 {
                *best = (sum, at, hidden);
            }
        }
    }
    let of_profile = profile.as_ref().map(|(topic, score)| of_profile(topic, *score));
    let sum_of = |from: usize, known: &[f32]| {
        known
            .iter()
            .zip(&numbers[from..])
            .map(|(one, number)| one * number)
            .sum::<f32>()
    };
    let mut sums: Vec<f32> = best.iter().map(|(sum, ..)| *sum).collect();
    sums.push(sum_of(NONE, general));
    sums.extend(of_profile.as_ref().map(|known| sum_of(OF_PROFILE, known)));
    for (place, share) in shares(&sums).into_iter().enumerate() {
        let right = f32::from(u8::from(place == question.right));
        let error = (share - right) * question.weight;
        if place == entries {
            for (known, slope) in general.iter().zip(&mut slopes[NONE..OF_PROFILE]) {
                *slope += error * known;
            }
        } else if place > entries {
            for (known, slope) in of_profile.iter().flatten().zip(&mut slopes[OF_PROFILE..]) {
                *slope += error * known;
            }
        } else {
            let (_, part, hidden) = &best[place];
            let ways = &parts[*part][place];
            let mut back = [0.0; HIDDEN];
            for (unit, sum) in hidden.iter().enumerate() {
                slopes[OUT + unit] += error * bent(*sum);
                back[unit] = error * numbers[OUT + unit] / (1.0 + sum.abs()).powi(2);
                slopes[BIASES + unit] += back[unit];
            }
            for (way, row) in ways.iter().zip(slopes.chunks_exact_mut(HIDDEN)) {
                for (slope, back) in row.iter_mut().zip(&back) {
                    *slope += back * way;
                }
            }
            for (way, slope) in ways.iter().zip(&mut slopes[STRAIGHT..NONE]) {
                *slope += error * way;
            }
        }
    }
}

/// The network for ways as they are, without the scale that it was fitted with.
fn unscaled(numbers: &[f32], mean: &[f32; WAYS], spread: &[f32; WAYS]) -> Network {
    let plain = |from: usize, step: usize| -> ([f32; WAYS], f32) {
        let mut row = [0.0; WAYS];
        let mut taken = 0.0;
        for way in 0..WAYS {
            row[way] = numbers[from + way * step] / spread[way];
            taken += row[way] * mean[way];
        }
        (row, taken)
    };
    let mut fit = Fit {
        ways: [[0.0; HIDDEN]; WAYS],
        bias: [0.0; HIDDEN],
        out: [0.0; HIDDEN],
    };
    for unit in 0..HIDDEN {
        let (row, taken) = plain(unit, HIDDEN);
        for (way, number) in row.into_iter().enumerate() {
            fit.ways[way][unit] = number;
        }
        fit.bias[unit] = numbers[BIASES + unit] - taken;
        fit.out[unit] = numbers[OUT + unit];
    }
    let (straight, taken) = plain(STRAIGHT, 1);
    let mut network = Network {
        fits: vec![fit],
        straight,
        none: [0.0; GENERAL],
        profile: [0.0; PROFILE],
    };
    network.none.copy_from_slice(&numbers[NONE..OF_PROFILE]);
    network.profile.copy_from_slice(&numbers[OF_PROFILE..]);
    // What the mean takes away from every entry is as well added for everything else.
    network.none[0] += taken;
    network
        .profile
        .iter_mut()
        .take(PROFILE - 1)
        .for_each(|start| *start += taken);
    network
}

/// The mean of networks is one with the hidden sums of all.
fn mean_of(networks: &[Network]) -> Network {
    let share = 1.0 / networks.len() as f32;
    let mut mean = Network {
        none: [0.0; GENERAL],
        ..Network::default()
    };
    for network in networks {
        mean.fits.extend(network.fits.iter().map(|fit| Fit {
            out: fit.out.map(|out| out * share),
            ..*fit
        }));
        let parts = [
            (&mut mean.straight[..], &network.straight[..]),
            (&mut mean.none[..], &network.none[..]),
            (&mut mean.profile[..], &network.profile[..]),
        ];
        for (to, from) in parts {
            to.iter_mut().zip(from).for_each(|(to, from)| *to += from * share);
        }
    }
    mean
}

/// As `meeting.weights` has it.
fn write(network: &Network) -> String {
    let of_fits = |numbers: fn(&Fit) -> &[f32; HIDDEN]| network.fits.iter().flat_map(numbers).copied().collect();
    let mut lines: Vec<Vec<f32>> = vec![
        of_fits(|fit| &fit.bias),
        of_fits(|fit| &fit.out),
        network.straight.into(),
        network.none.into(),
        network.profile.into(),
    ];
    for fit in &network.fits {
        lines.extend((0..HIDDEN).map(|unit| fit.ways.iter().map(|row| row[unit]).collect()));
    }
    let mut text = String::from(
        "# Fitted by `understanding_train`: where the hidden sums start, what each is worth, what the ways are worth\n\
         # straight, what speaks for no entry, for the profile; then a line for each hidden sum, a number for each way.\n",
    );
    for line in lines {
        let numbers: Vec<String> = line.iter().map(|number| format!("{number:.4}")).collect();
        let _infallible = writeln!(text, "{}", numbers.join(" "));
    }
    text
}
