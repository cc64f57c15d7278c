//! The store keeps the contract of every store.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use common::{KEY, World};
use mccc_core::Timestamp;
use mccc_core::compliance::ledger::LedgerKey;
use mccc_core::port::Store;
use mccc_core::port::store::Accounts;
use mccc_core::testkit::contract::store::StoreHarness;
use mccc_store_sqlite::SqliteStore;

/// A file of its own.
struct Fresh(World);

#[async_trait]
impl StoreHarness for Fresh {
    fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.0.store) as Arc<dyn Store>
    }

    fn accounts(&self) -> Arc<dyn Accounts> {
        Arc::clone(&self.0.store) as Arc<dyn Accounts>
    }

    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn advance(&self, by: Duration) {
        self.0.clock.advance(by);
    }

    fn ledger_key(&self) -> LedgerKey {
        LedgerKey::new(&KEY)
    }

    /// A second connection pool on the same file, as another store of the process would have it.
    async fn second(&self) -> Option<Arc<dyn Store>> {
        let store = SqliteStore::open(self.0.file(), common::options(&self.0.clock))
            .await
            .unwrap();
        Some(Arc::new(store))
    }
}

mccc_core::store_contract!(Fresh(World::new("contract").await));

mod booking {
    use super::*;

    mccc_core::booking_contract!(Fresh(World::new("contract").await));
}
