//! Fits the weights to labelled texts: multinomial logistic regression by AdaGrad, one after the other, no chance in it.
#![expect(
    clippy::indexing_slicing,
    reason = "rows and columns are laid out here and nowhere else, and nobody but a developer runs this"
)]

use std::collections::BTreeMap;

use super::features::Noticed;
use super::weights::packed;

/// A text with what it should have been read as.
#[derive(Debug, Clone)]
pub struct Example {
    pub(crate) noticed: Noticed,
    /// The column that the rules by themselves say.
    pub(crate) decided: usize,
    /// By head, the right column of that head; none if the text says nothing about it.
    pub targets: Vec<Option<usize>>,
    /// How much it counts.
    pub weight: f32,
}

impl Example {
    pub(crate) const fn new(noticed: Noticed, decided: usize) -> Self {
        Self {
            noticed,
            decided,
            targets: Vec::new(),
            weight: 1.0,
        }
    }

    /// As if there were no rules: for texts that the rules were written for, and which they read too well.
    pub fn forget_rules(&mut self) {
        self.noticed.forget_rules();
    }

    /// The column that the rules by themselves say.
    #[must_use]
    pub const fn decided(&self) -> usize {
        self.decided
    }
}

/// Numbers that look like chance and are the same each time.
#[derive(Debug)]
pub(super) struct Shuffle(u64);

impl Default for Shuffle {
    fn default() -> Self {
        Self(0x2545_f491_4f6c_dd1d)
    }
}

impl Shuffle {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % (limit.max(1) as u64)).unwrap_or(0)
    }

    pub(super) fn shuffle<T>(&mut self, order: &mut [T]) {
        for at in (1..order.len()).rev() {
            let other = self.below(at + 1);
            order.swap(at, other);
        }
    }
}

/// How weights are fitted.
#[derive(Debug, Clone, Copy)]
pub struct Fit {
    /// Passes over the texts.
    pub passes: usize,
    /// First step.
    pub rate: f32,
    /// What large weights cost.
    pub decay: f32,
    /// In how many texts something has to be noticed.
    pub seen: usize,
}

/// Weights while they are fitted.
#[derive(Debug)]
pub struct Learned {
    heads: Vec<usize>,
    rows: BTreeMap<u32, usize>,
    weights: Vec<f32>,
    biases: Vec<f32>,
}

impl Learned {
    /// Fits weights to the examples. `heads` says how many columns each head has.
    #[must_use]
    pub fn fit(examples: &[Example], heads: &[usize], fit: Fit) -> Self {
        let columns: usize = heads.iter().sum();
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        for example in examples {
            let mut ids: Vec<u32> = example.noticed.all().map(|(id, _, _)| id).collect();
            ids.sort_unstable();
            ids.dedup();
            for id in ids {
                *counts.entry(id).or_default() += 1;
            }
        }
        let kept = counts.into_iter().filter(|(_, count)| *count >= fit.seen);
        let rows: BTreeMap<u32, usize> = kept.zip(0..).map(|((id, _), row)| (id, row)).collect();
        let mut learned = Self {
            heads: heads.to_vec(),
            weights: vec![0.0; rows.len() * columns],
            biases: vec![0.0; columns],
            rows,
        };
        let known: Vec<Vec<(usize, f32)>> = examples.iter().map(|example| learned.known(&example.noticed)).collect();
        let mut squares = vec![1e-6_f32; learned.weights.len()];
        let mut bias_squares = vec![1e-6_f32; columns];
        let mut order: Vec<usize> = (0..examples.len()).collect();
        let mut shuffle = Shuffle::default();
        for _ in 0..fit.passes {
            shuffle.shuffle(&mut order);
            for at in &order {
                let (example, known) = (&examples[*at], &known[*at]);
                let mut errors = learned.sums_of(known);
                let mut first = 0;
                for (head, target) in heads.iter().zip(&example.targets) {
                    let part = &mut errors[first..first + head];
                    match target {
                        Some(target) => {
                            let shares = super::weights::shares(part);
                            for (column, (error, share)) in part.iter_mut().zip(shares).enumerate() {
                                *error = (share - f32::from(u8::from(column == *target))) * example.weight;
                            }
                        }
                        None => part.fill(0.0),
                    }
                    first += head;
                }
                for (row, value) in known {
                    let from = row * columns;
                    for (column, error) in errors.iter().enumerate() {
                        if *error == 0.0 {
                            continue;
                        }
                        let place = from + column;
                        let slope = error * value + fit.decay * learned.weights[place];
                        squares[place] += slope * slope;
                        learned.weights[place] -= fit.rate * slope / squares[place].sqrt();
                    }
                }
                for (column, error) in errors.iter().enumerate() {
                    bias_squares[column] += error * error;
                    learned.biases[column] -= fit.rate * error / bias_squares[column].sqrt();
                }
            }
        }
        learned
    }

    fn known(&self, noticed: &Noticed) -> Vec<(usize, f32)> {
        let mut known: BTreeMap<usize, f32> = BTreeMap::new();
        for (id, value, _) in noticed.all() {
            if let Some(row) = self.rows.get(&id) {
                *known.entry(*row).or_default() += value;
            }
        }
        known.into_iter().collect()
    }

    fn sums_of(&self, known: &[(usize, f32)]) -> Vec<f32> {
        let columns = self.biases.len();
        let mut sums = self.biases.clone();
        for (row, value) in known {
            for (sum, weight) in sums.iter_mut().zip(&self.weights[row * columns..]) {
                *sum += value * weight;
            }
        }
        sums
    }

    /// What speaks for each column of each head, before packing.
    #[must_use]
    pub fn likelihoods(&self, example: &Example) -> Vec<Vec<f32>> {
        let sums = self.sums_of(&self.known(&example.noticed));
        let mut first = 0;
        self.heads
            .iter()
            .map(|head| {
                let part = super::weights::shares(&sums[first..first + head]);
                first += head;
                part
            })
            .collect()
    }

    /// The weights as bytes. Rows whose weights say next to nothing are left out.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let rows = self.rows.iter().map(|(id, row)| (*id, *row));
        encode(&self.biases, rows, &self.weights)
    }
}

/// A table as bytes: for each id the row in which its numbers are. Rows that say next to nothing are left out.
pub(super) fn encode(biases: &[f32], rows: impl Iterator<Item = (u32, usize)>, weights: &[f32]) -> Vec<u8> {
    let columns = biases.len();
    let scales: Vec<f32> = (0..columns)
        .map(|column| {
            let column = weights.iter().skip(column).step_by(columns);
            let most = column.fold(0.0_f32, |most, weight| most.max(weight.abs()));
            (most / 127.0).max(1e-9)
        })
        .collect();
    let scaled = |row: usize| -> Vec<i8> {
        let pairs = weights[row * columns..(row + 1) * columns].iter().zip(&scales);
        #[allow(clippy::cast_possible_truncation, reason = "within 127 by the scale")]
        pairs.map(|(weight, scale)| (weight / scale).round() as i8).collect()
    };
    let rows: Vec<(u32, Vec<i8>)> = rows
        .map(|(id, row)| (id, scaled(row)))
        .filter(|(_, row)| row.iter().any(|weight| weight.unsigned_abs() > 2))
        .collect();
    packed(&scales, biases, &rows)
}

#[cfg(test)]
mod tests {
    use super::super::weights::{Weights, shares};
    use super::*;

    fn example(names: &[&str], targets: Vec<Option<usize>>) -> Example {
        let mut noticed = Noticed::default();
        for name in names {
            noticed.around(name);
        }
        Example {
            targets,
            ..Example::new(noticed, 0)
        }
    }

    #[test]
    fn what_is_learned_is_packed_and_read_again() {
        let examples = [
            example(&["water", "ceiling"], vec![Some(1), None]),
            example(&["water", "bill"], vec![Some(0), Some(1)]),
            example(&["gas", "smell"], vec![Some(1), None]),
            example(&["paint", "smell"], vec![Some(0), Some(0)]),
        ];
        let fit = Fit {
            passes: 60,
            rate: 0.2,
            decay: 0.0,
            seen: 1,
        };
        let learned = Learned::fit(&examples, &[2, 2], fit);
        let weights = Weights::decode(&learned.encode()).unwrap();
        for one in &examples {
            let before = learned.likelihoods(one);
            let sums = weights.sums(&one.noticed);
            let after = [shares(&sums[..2]), shares(&sums[2..])];
            for ((before, after), target) in before.iter().zip(after).zip(&one.targets) {
                let Some(target) = target else { continue };
                assert!(before[*target] > 0.9, "{before:?}");
                assert!((before[*target] - after[*target]).abs() < 0.02, "{before:?} {after:?}");
            }
        }
        // The same texts give the same weights.
        assert_eq!(Learned::fit(&examples, &[2, 2], fit).encode(), learned.encode());
    }
}
