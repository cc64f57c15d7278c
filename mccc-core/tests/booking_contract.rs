//! Nothing is booked twice and nothing is lost, on the store in memory.
#![cfg(feature = "testkit")]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mccc_core::Timestamp;
use mccc_core::compliance::ledger::LedgerKey;
use mccc_core::memory::MemoryStore;
use mccc_core::port::store::Accounts;
use mccc_core::port::{Clock, Store};
use mccc_core::testkit::ManualClock;
use mccc_core::testkit::contract::store::StoreHarness;

const KEY: [u8; 32] = [7; 32];

struct Fresh {
    clock: Arc<ManualClock>,
    store: Arc<MemoryStore>,
}

impl Fresh {
    fn new() -> Self {
        let clock = ManualClock::shared();
        let store = Arc::new(MemoryStore::new(
            Arc::clone(&clock) as Arc<dyn Clock>,
            LedgerKey::new(&KEY),
        ));
        Self { clock, store }
    }
}

#[async_trait]
impl StoreHarness for Fresh {
    fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store) as Arc<dyn Store>
    }

    fn accounts(&self) -> Arc<dyn Accounts> {
        Arc::clone(&self.store) as Arc<dyn Accounts>
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    fn ledger_key(&self) -> LedgerKey {
        LedgerKey::new(&KEY)
    }
}

mccc_core::booking_contract!(Fresh::new());
