//! Numbers that were just found to be nobody's, so that a flood of calls to one does not become a flood of questions.
//!
//! Remembered for a moment only, because another process may give the number an owner; this process forgets all of it
//! whenever it does so itself.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::{PhoneNumber, Timestamp};

/// How long a number is taken for nobody's after the database said so.
const LIFE: Duration = Duration::from_secs(1);
/// Most numbers remembered.
const CAPACITY: usize = 1_024;

#[derive(Debug, Default)]
pub(super) struct UnknownNumbers(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    moves: u64,
    since: HashMap<PhoneNumber, Timestamp>,
}

/// How often numbers had moved when the database was asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moves(u64);

impl UnknownNumbers {
    /// Whether a number was nobody's a moment ago.
    pub(super) fn holds(&self, number: &PhoneNumber, now: Timestamp) -> bool {
        let state = self.state();
        let since = state.since.get(number);
        // A clock that was set back must not make the moment longer.
        since.is_some_and(|since| *since <= now && now.since(*since) < LIFE)
    }

    /// To be read before the database is asked.
    pub(super) fn moves(&self) -> Moves {
        Moves(self.state().moves)
    }

    /// Remembers that a number was nobody's at `now`, unless numbers have moved since the database was asked.
    pub(super) fn put(&self, number: PhoneNumber, now: Timestamp, asked: Moves) {
        let mut state = self.state();
        if state.moves != asked.0 {
            return;
        }
        if state.since.len() >= CAPACITY {
            state.since.retain(|_, since| *since <= now && now.since(*since) < LIFE);
        }
        if state.since.len() >= CAPACITY {
            state.since.clear();
        }
        state.since.insert(number, now);
    }

    /// Forgets everything: a number has an owner now.
    pub(super) fn numbers_have_moved(&self) {
        let mut state = self.state();
        state.moves = state.moves.wrapping_add(1);
        state.since.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(line: usize) -> PhoneNumber {
        PhoneNumber::parse(&format!("+1512{line:07}")).unwrap()
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_micros(1_000_000_000_000_000 + millis * 1_000)
    }

    #[test]
    fn a_number_is_nobodys_for_a_moment_only() {
        let unknown = UnknownNumbers::default();
        unknown.put(number(1), at(0), unknown.moves());
        assert!(unknown.holds(&number(1), at(0)) && unknown.holds(&number(1), at(999)));
        assert!(!unknown.holds(&number(1), at(1_000)));
        assert!(!unknown.holds(&number(1), at(-1)));
        assert!(!unknown.holds(&number(2), at(0)));
    }

    #[test]
    fn a_number_that_gets_an_owner_is_known_at_once() {
        let unknown = UnknownNumbers::default();
        unknown.put(number(1), at(0), unknown.moves());
        // Somebody asks before the change, and hears the answer after it.
        let asked = unknown.moves();
        unknown.numbers_have_moved();
        assert!(!unknown.holds(&number(1), at(0)));
        unknown.put(number(1), at(0), asked);
        assert!(!unknown.holds(&number(1), at(0)));
    }

    #[test]
    fn it_never_holds_more_than_its_bound() {
        let unknown = UnknownNumbers::default();
        for line in 0..CAPACITY * 3 {
            unknown.put(number(line), at(0), unknown.moves());
            assert!(unknown.state().since.len() <= CAPACITY);
            assert!(unknown.holds(&number(line), at(0)));
        }
    }
}
