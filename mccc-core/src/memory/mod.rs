//! An in-memory store that honours the whole contract, for examples, tests and the simulation.

mod accounts;
mod bookings;
mod commit;
mod load;
mod query;
mod state;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::compliance::ledger::LedgerKey;
use crate::port::Clock;
use state::State;

/// Everything in memory behind one lock; gone with the process.
pub struct MemoryStore {
    state: Mutex<State>,
    clock: Arc<dyn Clock>,
    key: LedgerKey,
}

impl MemoryStore {
    /// An empty store. `clock` is the store's clock, by which leases and claims expire.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, key: LedgerKey) -> Self {
        Self {
            state: Mutex::default(),
            clock,
            key,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}
