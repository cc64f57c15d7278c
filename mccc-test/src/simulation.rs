//! Which seeds of the simulation a test of a store runs.
//!
//! Environment:
//! - `MCCC_TEST_SIM_STORE_SEEDS=n`: this many seeds instead of the usual few, from 1.
//! - `MCCC_TEST_SIM_SEED=n`: this seed, or with both as many from it.

use std::ops::Range;

/// The seeds to run, unless told otherwise `usual` of them from 1.
///
/// # Panics
/// When the environment asks for something that is no number: what was asked for and cannot be run has failed.
#[must_use]
pub fn seeds(usual: u64) -> Range<u64> {
    chosen(usual, asked("MCCC_TEST_SIM_SEED"), asked("MCCC_TEST_SIM_STORE_SEEDS"))
}

/// Whether more than the usual few seeds were asked for.
#[must_use]
pub fn is_long() -> bool {
    asked("MCCC_TEST_SIM_STORE_SEEDS").is_some()
}

fn chosen(usual: u64, seed: Option<u64>, count: Option<u64>) -> Range<u64> {
    let first = seed.unwrap_or(1);
    let count = count.unwrap_or(if seed.is_some() { 1 } else { usual });
    first..first.saturating_add(count)
}

#[expect(clippy::panic, reason = "a run that was asked for and cannot be made has failed")]
fn asked(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    match text.parse() {
        Ok(number) => Some(number),
        Err(_) => panic!("{name} is not a number: {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_is_repeated_and_more_are_run_from_it() {
        assert_eq!(chosen(6, None, None), 1..7);
        assert_eq!(chosen(6, None, Some(50)), 1..51);
        assert_eq!(chosen(6, Some(18), None), 18..19);
        assert_eq!(chosen(6, Some(18), Some(3)), 18..21);
    }
}
