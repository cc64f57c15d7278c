//! Randomness that a seed repeats.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::port::Entropy;

/// A stream of numbers that depends on its seed alone (SplitMix64: Steele, Lea, Flood 2014). For tests; anybody can
/// continue it.
#[derive(Debug)]
pub struct SeededEntropy(AtomicU64);

impl SeededEntropy {
    /// The stream of `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// The next number.
    pub fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut mixed = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`; 0 when `limit` is 0.
    pub fn below(&self, limit: u64) -> u64 {
        if limit == 0 { 0 } else { self.next() % limit }
    }

    /// True once in `times` on average.
    pub fn once_in(&self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of `values`; nothing when there are none.
    pub fn pick<'a, T>(&self, values: &'a [T]) -> Option<&'a T> {
        let count = u64::try_from(values.len()).unwrap_or(u64::MAX);
        usize::try_from(self.below(count))
            .ok()
            .and_then(|index| values.get(index))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            for (to, from) in chunk.iter_mut().zip(self.next().to_le_bytes()) {
                *to = from;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_stream_and_another_gives_another() {
        let stream = |seed| {
            let entropy = SeededEntropy::new(seed);
            (0..4).map(|_| entropy.next()).collect::<Vec<_>>()
        };
        assert_eq!(stream(1), stream(1));
        assert_ne!(stream(1), stream(2));
        // The first number of seed 0, as other implementations of the generator give it.
        assert_eq!(stream(0).first(), Some(&0xe220_a839_7b1d_cdaf));
    }

    #[test]
    fn every_byte_is_filled() {
        let mut bytes = [0; 29];
        SeededEntropy::new(7).fill(&mut bytes);
        assert!(bytes.iter().filter(|byte| **byte == 0).count() < 5);
    }
}
