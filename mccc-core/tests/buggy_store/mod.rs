//! The store in memory, with one bug.

mod accounts;
mod bug;
mod planting;
mod reading;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) use bug::Bug;
use mccc_core::memory::MemoryStore;
use mccc_core::port::Clock;
use mccc_core::port::store::{ClaimedJob, StoredResponse};
use mccc_core::{BusinessId, JobId, Timestamp};

/// A store with one bug.
#[derive(Debug)]
pub(crate) struct Buggy {
    inner: MemoryStore,
    clock: Arc<dyn Clock>,
    bug: Bug,
    notes: Mutex<Notes>,
}

/// What a bug has to remember.
#[derive(Debug, Default)]
struct Notes {
    businesses: BTreeSet<BusinessId>,
    events: BTreeMap<String, BusinessId>,
    leases: BTreeMap<(JobId, u64), Timestamp>,
    handed_out: Vec<ClaimedJob>,
    answers: BTreeMap<(BusinessId, String), StoredResponse>,
    deleted: bool,
    count: u64,
}

impl Buggy {
    pub(crate) fn new(inner: MemoryStore, clock: Arc<dyn Clock>, bug: Bug) -> Self {
        Self {
            inner,
            clock,
            bug,
            notes: Mutex::default(),
        }
    }

    fn has(&self, bug: Bug) -> bool {
        self.bug == bug
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number that was not given before.
    fn fresh(&self) -> u64 {
        let mut notes = self.notes();
        notes.count += 1;
        notes.count
    }
}
