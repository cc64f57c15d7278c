//! Sums over calls that follow from each written call, so that no page counts calls.

use std::collections::BTreeMap;

use mccc_core::calls::{Call, Outcome};
use mccc_core::port::store::StoreError;
use mccc_core::routing::Method;
use mccc_core::zone::LocalDay;
use mccc_core::{BusinessId, Timestamp};
use sqlx::SqliteConnection;

use crate::columns::{Give, Insert, insert_rows};

/// Which row of the sums.
pub(crate) type Key = (BusinessId, LocalDay, &'static str, &'static str);

/// What is added to a row; negative where a call moved away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Delta {
    pub(crate) calls: i64,
    pub(crate) recovered: i64,
    pub(crate) responded: i64,
    pub(crate) response_ms: i64,
}

/// Changes of sums, by row, merged.
#[derive(Debug, Default)]
pub(crate) struct Totals(BTreeMap<Key, Delta>);

impl Totals {
    /// A call was written for the first time.
    pub(crate) fn inserted(&mut self, call: &Call) {
        self.add(call, 1);
    }

    /// A call was changed.
    pub(crate) fn changed(&mut self, before: &Call, after: &Call) {
        self.add(before, -1);
        self.add(after, 1);
    }

    /// Writes the changes and forgets them.
    pub(crate) async fn write(&mut self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        let rows: Vec<(Key, Delta)> = std::mem::take(&mut self.0)
            .into_iter()
            .filter(|(_, delta)| *delta != Delta::default())
            .collect();
        insert_rows(connection, UPSERT, &rows, |statement, (key, delta)| {
            statement
                .id(key.0)
                .day(key.1)
                .text(key.2)
                .text(key.3)
                .number(delta.calls)
                .number(delta.recovered)
                .number(delta.responded)
                .number(delta.response_ms)
        })
        .await
    }

    fn add(&mut self, call: &Call, sign: i64) {
        if call.is_test {
            return;
        }
        let row = self
            .0
            .entry(key(call.business, call.local_day, call.method, call.outcome))
            .or_default();
        row.calls += sign;
        row.recovered += sign * i64::from(call.recovered);
        if let Some(responded_at) = call.responded_at {
            row.responded += sign;
            row.response_ms += sign * response_ms(call.received_at, responded_at);
        }
    }
}

const UPSERT: Insert = Insert {
    table: "call_totals",
    columns: "business_id, local_day, method, outcome, calls, recovered, responded, response_ms",
    tail: "ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, recovered = recovered + excluded.recovered, \
           responded = responded + excluded.responded, response_ms = response_ms + excluded.response_ms",
};

const fn key(business: BusinessId, day: LocalDay, method: Method, outcome: Outcome) -> Key {
    (business, day, method.name(), outcome.name())
}

fn response_ms(received_at: Timestamp, responded_at: Timestamp) -> i64 {
    i64::try_from(responded_at.since(received_at).as_millis()).unwrap_or(i64::MAX)
}
