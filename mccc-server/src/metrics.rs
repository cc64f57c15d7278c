//! Counters and durations for Prometheus. Labels never hold a tenant or a number.

use std::time::Duration;

use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// Starts recording. Only the first call of a process installs a recorder; later ones get none.
#[must_use]
pub fn start() -> Option<PrometheusHandle> {
    PrometheusBuilder::new().install_recorder().ok()
}

/// A webhook was answered.
pub fn webhook(route: &'static str, answer: &'static str, took: Duration) {
    counter!("mccc_webhooks_total", "route" => route, "answer" => answer).increment(1);
    histogram!("mccc_webhook_seconds", "route" => route).record(took.as_secs_f64());
}

/// A webhook was refused: unsigned, forged or malformed. A refused voice webhook is a lost call.
pub fn rejected(route: &'static str, reason: &'static str) {
    counter!("mccc_webhooks_rejected_total", "route" => route, "reason" => reason).increment(1);
}

/// Jobs were finished.
pub fn jobs_done(count: usize) {
    counter!("mccc_jobs_finished_total").increment(u64::try_from(count).unwrap_or(u64::MAX));
}

/// Depth of the queue, read when metrics are asked for.
pub fn queue(kind: &'static str, state: &'static str, count: u64, late_seconds: f64) {
    #[expect(clippy::cast_precision_loss, reason = "a gauge; queues stay far below 2^52")]
    let count = count as f64;
    gauge!("mccc_jobs", "kind" => kind, "state" => state).set(count);
    gauge!("mccc_jobs_oldest_due_seconds", "kind" => kind, "state" => state).set(late_seconds);
}
