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
use mccc_core::testkit::contract::Done;
use mccc_core::testkit::contract::store::StoreHarness;
use mccc_test::postgres_or_skip;

/// A database of its own.
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

    async fn second(&self) -> Option<Arc<dyn Store>> {
        Some(Arc::new(self.0.another().await))
    }
}

mccc_core::store_contract!(Fresh(
    World::new(postgres_or_skip!(return Ok(Done::Skipped("there is no Postgres")))).await
));

mod booking {
    use super::*;

    mccc_core::booking_contract!(Fresh(
        World::new(postgres_or_skip!(return Ok(Done::Skipped("there is no Postgres")))).await
    ));
}
