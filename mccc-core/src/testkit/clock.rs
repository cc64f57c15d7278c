//! Time that stands still until it is moved.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;

use super::build::START;
use crate::Timestamp;
use crate::port::{Clock, Timer};

/// A clock and a timer that stand still until a test moves them. Whoever sleeps wakes when the clock has been moved far
/// enough, the earliest first.
#[derive(Debug)]
pub struct ManualClock(Mutex<State>);

#[derive(Debug)]
struct State {
    now: Timestamp,
    /// Sleepers by the instant they wait for; the number tells those of one instant apart.
    sleepers: BTreeMap<(Timestamp, u64), Waker>,
    next: u64,
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::starting_at(START)
    }
}

impl ManualClock {
    /// A clock that shows `at`.
    #[must_use]
    pub fn starting_at(at: Timestamp) -> Self {
        Self(Mutex::new(State {
            now: at,
            sleepers: BTreeMap::new(),
            next: 0,
        }))
    }

    /// A shared clock that shows [`START`].
    #[must_use]
    pub fn shared() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// Moves on by `by`.
    pub fn advance(&self, by: Duration) {
        let mut state = self.state();
        let now = state.now.plus(by);
        Self::set(&mut state, now);
    }

    /// Shows `at` from now on. Moving back is allowed, as real clocks do it.
    pub fn set_to(&self, at: Timestamp) {
        Self::set(&mut self.state(), at);
    }

    /// Moves to the instant the earliest sleeper waits for; `false` when nobody sleeps.
    pub fn advance_to_next_sleeper(&self) -> bool {
        let mut state = self.state();
        let Some((at, _)) = state.sleepers.keys().next().copied() else {
            return false;
        };
        let at = at.max(state.now);
        Self::set(&mut state, at);
        true
    }

    /// How many sleep.
    #[must_use]
    pub fn sleepers(&self) -> usize {
        self.state().sleepers.len()
    }

    fn set(state: &mut State, now: Timestamp) {
        state.now = now;
        while let Some(entry) = state.sleepers.first_entry() {
            if entry.key().0 > now {
                break;
            }
            entry.remove().wake();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.state().now
    }
}

#[async_trait]
impl Timer for ManualClock {
    async fn sleep(&self, duration: Duration) {
        let mut bed = {
            let mut state = self.state();
            state.next += 1;
            Bed {
                clock: self,
                place: (state.now.plus(duration), state.next),
            }
        };
        poll_fn(|context| bed.poll(context.waker())).await;
    }
}

/// A sleeper's place; given up when the future is dropped.
struct Bed<'a> {
    clock: &'a ManualClock,
    place: (Timestamp, u64),
}

impl Bed<'_> {
    fn poll(&mut self, waker: &Waker) -> Poll<()> {
        let mut state = self.clock.state();
        if state.now >= self.place.0 {
            return Poll::Ready(());
        }
        state.sleepers.insert(self.place, waker.clone());
        Poll::Pending
    }
}

impl Drop for Bed<'_> {
    fn drop(&mut self) {
        self.clock.state().sleepers.remove(&self.place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sleepers_wake_when_the_clock_was_moved_far_enough() {
        let clock = ManualClock::shared();
        let sleeper = |seconds| {
            let clock = Arc::clone(&clock);
            tokio::spawn(async move { clock.sleep(Duration::from_secs(seconds)).await })
        };
        let (short, long) = (sleeper(2), sleeper(5));
        while clock.sleepers() < 2 {
            tokio::task::yield_now().await;
        }
        clock.advance(Duration::from_micros(1_999_999));
        tokio::task::yield_now().await;
        assert_eq!(clock.sleepers(), 2);
        assert!(clock.advance_to_next_sleeper());
        short.await.unwrap();
        assert!(!long.is_finished());
        assert!(clock.advance_to_next_sleeper());
        long.await.unwrap();
        assert_eq!(clock.now(), START.plus(Duration::from_secs(5)));
        assert!(!clock.advance_to_next_sleeper());
    }

    #[tokio::test]
    async fn a_dropped_sleep_is_forgotten_and_a_sleep_of_nothing_is_over_at_once() {
        let clock = ManualClock::default();
        clock.sleep(Duration::ZERO).await;
        let mut sleep = clock.sleep(Duration::from_secs(1));
        assert!(futures_util::poll!(&mut sleep).is_pending());
        assert_eq!(clock.sleepers(), 1);
        drop(sleep);
        assert_eq!(clock.sleepers(), 0);
    }
}
