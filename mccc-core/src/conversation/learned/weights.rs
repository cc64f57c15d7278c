//! Weights of what is noticed, packed in bytes.

use super::features::Noticed;

/// A table of weights: a row for each thing that can be noticed, a column for each reading.
#[derive(Debug)]
pub(crate) struct Weights {
    columns: usize,
    /// What a column's numbers are multiplied with.
    scales: Vec<f32>,
    /// Where a column starts from.
    biases: Vec<f32>,
    rows: Vec<i8>,
    ids: Vec<u32>,
    /// Open addressing over `ids`: 0 is free, otherwise the row and one.
    slots: Vec<u32>,
}

impl Weights {
    /// Reads a table as training writes it. Without one nothing is ever found: a test reads every table there is.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self::decode(bytes).unwrap_or(Self {
            columns: 0,
            scales: Vec::new(),
            biases: Vec::new(),
            rows: Vec::new(),
            ids: Vec::new(),
            slots: Vec::new(),
        })
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let columns = usize::try_from(word(&mut rest)?).ok()?;
        let count = usize::try_from(word(&mut rest)?).ok()?;
        let mut floats =
            |count: usize| -> Option<Vec<f32>> { (0..count).map(|_| word(&mut rest).map(f32::from_bits)).collect() };
        let scales = floats(columns)?;
        let biases = floats(columns)?;
        let ids: Vec<u32> = (0..count).map(|_| word(&mut rest)).collect::<Option<_>>()?;
        if rest.len() != columns.checked_mul(count)? || columns == 0 {
            return None;
        }
        let size = (count * 2).next_power_of_two().max(2);
        let mut slots = vec![0_u32; size];
        for (row, id) in ids.iter().enumerate() {
            let free = places(*id, size).find(|place| slots.get(*place) == Some(&0))?;
            *slots.get_mut(free)? = u32::try_from(row + 1).ok()?;
        }
        Some(Self {
            columns,
            scales,
            biases,
            rows: rest.iter().map(|byte| i8::from_le_bytes([*byte])).collect(),
            ids,
            slots,
        })
    }

    /// How much speaks for each column.
    pub(crate) fn sums(&self, noticed: &Noticed) -> Vec<f32> {
        let mut sums = vec![0.0_f32; self.columns];
        for (id, value, _) in noticed.all() {
            self.add(id, value, &mut sums);
        }
        for ((sum, scale), bias) in sums.iter_mut().zip(&self.scales).zip(&self.biases) {
            *sum = *sum * scale + bias;
        }
        sums
    }

    /// The sum of the rows of what is noticed, each as often as it is: whole numbers, before they are scaled.
    pub(super) fn sum_of(&self, ids: impl Iterator<Item = u32>) -> Vec<f32> {
        let mut sums = vec![0.0_f32; self.columns];
        for id in ids {
            self.add(id, 1.0, &mut sums);
        }
        sums
    }

    /// Gives the columns of a sum their scale.
    pub(super) fn scale(&self, sums: &mut [f32]) {
        sums.iter_mut().zip(&self.scales).for_each(|(sum, scale)| *sum *= scale);
    }

    fn add(&self, id: u32, value: f32, sums: &mut [f32]) {
        for (sum, weight) in sums.iter_mut().zip(self.row(id)) {
            *sum += value * f32::from(*weight);
        }
    }

    /// The token whose words speak most for a column against the others, if any does.
    pub(crate) fn proof(&self, noticed: &Noticed, column: usize) -> Option<u16> {
        let mut by_token: Vec<(u16, f32)> = Vec::new();
        for (id, value, place) in noticed.all() {
            let Some(place) = place else { continue };
            let Some(weight) = self.row(id).get(column) else {
                continue;
            };
            let weight = value * f32::from(*weight);
            match by_token.iter_mut().find(|(token, _)| *token == place) {
                Some((_, sum)) => *sum += weight,
                None => by_token.push((place, weight)),
            }
        }
        let most = by_token.into_iter().filter(|(_, weight)| *weight > 0.0);
        most.max_by(|one, other| one.1.total_cmp(&other.1))
            .map(|(place, _)| place)
    }

    fn row(&self, id: u32) -> &[i8] {
        let size = self.slots.len();
        if size == 0 {
            return &[];
        }
        for place in places(id, size) {
            let Some(row) = self.slots.get(place).copied().filter(|row| *row > 0) else {
                break;
            };
            let row = usize::try_from(row - 1).unwrap_or(usize::MAX);
            if self.ids.get(row) == Some(&id) {
                let first = row * self.columns;
                return self.rows.get(first..first + self.columns).unwrap_or_default();
            }
        }
        &[]
    }
}

/// A table as bytes, as [`Weights::decode`] reads it: how many columns and rows, the columns' scales and biases, the rows'
/// ids, the rows.
#[cfg(any(test, feature = "testkit"))]
pub(super) fn packed<R: AsRef<[i8]>>(scales: &[f32], biases: &[f32], rows: &[(u32, R)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut word = |word: u32| bytes.extend(word.to_le_bytes());
    word(u32::try_from(scales.len()).unwrap_or(0));
    word(u32::try_from(rows.len()).unwrap_or(0));
    scales.iter().chain(biases).for_each(|number| word(number.to_bits()));
    rows.iter().for_each(|(id, _)| word(*id));
    for (_, row) in rows {
        bytes.extend(row.as_ref().iter().map(|weight| weight.cast_unsigned()));
    }
    bytes
}

/// Where a row may lie, one after the other.
fn places(id: u32, size: usize) -> impl Iterator<Item = usize> {
    let first = usize::try_from(id).unwrap_or(0) & (size - 1);
    (0..size).map(move |step| (first + step) & (size - 1))
}

fn word(rest: &mut &[u8]) -> Option<u32> {
    let (word, after) = rest.split_first_chunk::<4>()?;
    *rest = after;
    Some(u32::from_le_bytes(*word))
}

/// Likelihoods that add up to 1, of sums.
pub(crate) fn shares(sums: &[f32]) -> Vec<f32> {
    let most = sums.iter().copied().fold(f32::MIN, f32::max);
    let powers: Vec<f32> = sums.iter().map(|sum| (sum - most).exp()).collect();
    let total: f32 = powers.iter().sum();
    powers.into_iter().map(|power| power / total).collect()
}

/// Where a likelihood lies on a measured curve: straight between its points, which begin at 0 and end at 1.
pub(crate) fn along(curve: &[(f32, f32)], likely: f32) -> f32 {
    let parts = curve.iter().zip(curve.iter().skip(1));
    let part = parts.into_iter().find(|(_, (to, _))| likely <= *to);
    part.map_or(likely, |((from, low), (to, high))| {
        low + (likely - from) / (to - from) * (high - low)
    })
}

#[cfg(test)]
mod tests {
    use super::super::features::{Kind, tag};
    use super::*;

    /// Two columns: "leak" speaks for the second, "paint" for the first.
    fn table() -> Vec<u8> {
        let rows = [("leak", [-50_i8, 100]), ("paint", [100, -50])];
        let rows = rows.map(|(name, row)| (tag(Kind::Around, name), row));
        packed(&[0.01, 0.01], &[0.5, 0.0], &rows)
    }

    fn noticed(names: &[&str]) -> Noticed {
        let mut noticed = Noticed::default();
        for name in names {
            noticed.around(name);
        }
        noticed
    }

    #[test]
    fn what_was_noticed_is_added_up_and_the_unknown_says_nothing() {
        let weights = Weights::decode(&table()).unwrap();
        assert_eq!(weights.sums(&noticed(&[])), [0.5, 0.0]);
        assert_eq!(weights.sums(&noticed(&["leak"])), [0.0, 1.0]);
        assert_eq!(weights.sums(&noticed(&["leak", "paint", "moon"])), [1.0, 0.5]);
    }

    #[test]
    fn bytes_that_are_no_table_are_refused() {
        let whole = table();
        for end in 0..whole.len() {
            assert!(Weights::decode(&whole[..end]).is_none(), "{end}");
        }
        let mut longer = whole.clone();
        longer.push(0);
        assert!(Weights::decode(&longer).is_none());
        assert!(Weights::decode(&[0; 64]).is_none());
        assert_eq!(Weights::of(&[]).sums(&noticed(&["leak"])), [] as [f32; 0]);
    }

    #[test]
    fn a_curve_is_straight_between_its_points() {
        let curve = [(0.0, 0.0), (0.5, 0.75), (1.0, 1.0)];
        for (likely, lies) in [(0.0, 0.0), (0.25, 0.375), (0.5, 0.75), (0.75, 0.875), (1.0, 1.0)] {
            assert!((along(&curve, likely) - lies).abs() < 1e-6, "{likely}");
        }
    }

    #[test]
    fn shares_add_up_to_one_and_keep_their_order() {
        let shares = shares(&[1.0, 3.0, -200.0]);
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-6, "{shares:?}");
        assert!(
            shares[1] > shares[0] && shares[0] > shares[2] && shares[2] >= 0.0,
            "{shares:?}"
        );
    }
}
