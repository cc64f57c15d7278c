//! What a change of a call does to the sums that pages show.

use super::{Call, Outcome};
use crate::routing::Method;
use crate::zone::LocalDay;

/// A change of one row of sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TotalsDelta {
    /// Local day of the calls' intake.
    pub day: LocalDay,
    /// Done this way.
    pub method: Method,
    /// What became of them.
    pub outcome: Outcome,
    /// Calls.
    pub calls: i64,
    /// Those that engaged.
    pub recovered: i64,
    /// Those that got a response.
    pub responded: i64,
    /// Sum of their response times in milliseconds.
    pub response_ms: i64,
}

/// The rows that change when a call becomes `after`. Tests are left out.
#[must_use]
pub fn totals_delta(before: Option<&Call>, after: &Call) -> Vec<TotalsDelta> {
    let old = before.and_then(|call| share(call, -1));
    let new = share(after, 1);
    match (old, new) {
        (Some(old), Some(new)) if (old.day, old.method, old.outcome) == (new.day, new.method, new.outcome) => {
            let sum = TotalsDelta {
                calls: old.calls + new.calls,
                recovered: old.recovered + new.recovered,
                responded: old.responded + new.responded,
                response_ms: old.response_ms + new.response_ms,
                ..new
            };
            let nothing = (sum.calls, sum.recovered, sum.responded, sum.response_ms) == (0, 0, 0, 0);
            if nothing { Vec::new() } else { vec![sum] }
        }
        (old, new) => old.into_iter().chain(new).collect(),
    }
}

/// What one call adds to its row, or takes from it.
fn share(call: &Call, sign: i64) -> Option<TotalsDelta> {
    if call.is_test {
        return None;
    }
    let response = call
        .responded_at
        .map(|at| i64::try_from(at.since(call.received_at).as_millis()).unwrap_or(i64::MAX));
    Some(TotalsDelta {
        day: call.local_day,
        method: call.method,
        outcome: call.outcome,
        calls: sign,
        recovered: sign * i64::from(call.recovered),
        responded: sign * i64::from(response.is_some()),
        response_ms: sign * response.unwrap_or(0),
    })
}
