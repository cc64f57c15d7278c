//! What an embedding model answered, read as the word of a stranger.

use std::fmt;

use crate::calls::named;
use serde::{Deserialize, Serialize};

/// Most numbers of a vector: several times what the largest models give.
const MOST_NUMBERS: usize = 16_384;

named! {
    /// Why vectors are of no use.
    Unusable {
        /// There is not one for each text.
        Count = "count",
        /// They have no numbers, too many, or not as many as those they are compared with.
        Dimension = "dimension",
        /// Something in them is no number, or they point nowhere.
        NotANumber = "not_a_number",
    }
}

/// The vector of a text, of length 1.
#[derive(Clone, PartialEq)]
pub struct Embedding(Box<[f32]>);

/// Numbers of which a text could be guessed are not shown.
impl fmt::Debug for Embedding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedding").field("dimension", &self.0.len()).finish()
    }
}

impl Embedding {
    /// The vectors of `texts` texts; each has `dimension` numbers, or all have as many as the first where nothing is known.
    ///
    /// # Errors
    /// When they are anything else.
    pub fn all(vectors: Vec<Vec<f32>>, texts: usize, dimension: Option<usize>) -> Result<Vec<Self>, Unusable> {
        if vectors.len() != texts {
            return Err(Unusable::Count);
        }
        let dimension = dimension.or_else(|| vectors.first().map(Vec::len));
        let read = vectors.into_iter().map(|vector| {
            if Some(vector.len()) != dimension || !(1..=MOST_NUMBERS).contains(&vector.len()) {
                return Err(Unusable::Dimension);
            }
            Self::of(vector).ok_or(Unusable::NotANumber)
        });
        read.collect()
    }

    fn of(mut vector: Vec<f32>) -> Option<Self> {
        // In double precision: the squares of large numbers are larger.
        let squares: f64 = vector.iter().map(|number| f64::from(*number).powi(2)).sum();
        let length = squares.sqrt();
        if !length.is_finite() || length <= f64::from(f32::MIN_POSITIVE) {
            return None;
        }
        for number in &mut vector {
            #[expect(clippy::cast_possible_truncation, reason = "within -1 and 1")]
            let turned = (f64::from(*number) / length) as f32;
            *number = turned;
        }
        Some(Self(vector.into_boxed_slice()))
    }

    /// How many numbers it has.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.0.len()
    }

    /// How alike two texts are, -1 to 1; nothing for vectors that cannot be compared.
    #[must_use]
    pub fn cosine(&self, other: &Self) -> Option<f32> {
        let pairs = self.0.iter().zip(&other.0);
        let sum: f32 = pairs.map(|(one, other)| one * other).sum();
        (self.0.len() == other.0.len()).then(|| sum.clamp(-1.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn vectors_that_are_none_are_told_apart() {
        for (vectors, texts, dimension, why) in [
            (vec![vec![1.0]], 2, None, Unusable::Count),
            (vec![vec![1.0], vec![1.0]], 1, None, Unusable::Count),
            (Vec::new(), 1, None, Unusable::Count),
            (vec![vec![1.0, 2.0], vec![1.0]], 2, None, Unusable::Dimension),
            (vec![vec![1.0, 2.0]], 1, Some(3), Unusable::Dimension),
            (vec![Vec::new()], 1, None, Unusable::Dimension),
            (vec![vec![1.0; MOST_NUMBERS + 1]], 1, None, Unusable::Dimension),
            (vec![vec![f32::NAN, 1.0]], 1, None, Unusable::NotANumber),
            (vec![vec![1.0, f32::INFINITY]], 1, Some(2), Unusable::NotANumber),
            (vec![vec![0.0, 0.0]], 1, None, Unusable::NotANumber),
        ] {
            let read = Embedding::all(vectors.clone(), texts, dimension);
            assert_eq!(read.err(), Some(why), "{texts} of {dimension:?}");
        }
        assert_eq!(Embedding::all(Vec::new(), 0, Some(3)), Ok(Vec::new()));
    }

    #[test]
    fn alike_is_what_points_alike_however_long_it_is() {
        let read = Embedding::all(vec![vec![1.0, 1.0], vec![3e30, 3e30], vec![-1.0, 1.0]], 3, None).unwrap();
        assert!((read[0].cosine(&read[1]).unwrap() - 1.0).abs() < 1e-5);
        assert!(read[0].cosine(&read[2]).unwrap().abs() < 1e-5);
        let longer = Embedding::all(vec![vec![1.0; 3]], 1, None).unwrap();
        assert_eq!(read[0].cosine(&longer[0]), None);
        assert!(!format!("{read:?}").contains("0.7"), "numbers are shown");
    }

    proptest! {
        #[test]
        fn what_is_read_can_be_compared(vectors in prop::collection::vec(prop::collection::vec(any::<f32>(), 0..5), 0..4)) {
            let texts = vectors.len();
            if let Ok(read) = Embedding::all(vectors, texts, None) {
                for (one, other) in read.iter().zip(read.iter().rev()) {
                    let cosine = one.cosine(other).unwrap();
                    prop_assert!((-1.0..=1.0).contains(&cosine), "{cosine}");
                }
            }
        }
    }
}
