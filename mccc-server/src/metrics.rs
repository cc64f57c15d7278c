//! Counters and durations for Prometheus. Labels never hold a tenant or a number.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{OnceLock, PoisonError, RwLock};
use std::time::Duration;

use metrics::{Counter, Histogram, counter, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

const SECONDS: &str = "mccc_webhook_seconds";
/// Bounds of the durations, in seconds: from an answer out of memory to the deadline.
const BOUNDS: [f64; 13] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 1.1, 2.0,
];
/// Durations that may wait to be sorted into the bounds. The recorder keeps each one until then, and nobody may ever ask
/// for the figures.
const UNSORTED: u32 = 4_096;

static KNOWN: RwLock<Vec<Answered>> = RwLock::new(Vec::new());
static FIGURES: OnceLock<PrometheusHandle> = OnceLock::new();
static WEBHOOKS: AtomicU32 = AtomicU32::new(0);

/// Starts recording. Only the first call of a process installs a recorder; later ones get none.
#[must_use]
pub fn start() -> Option<PrometheusHandle> {
    let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Full(SECONDS.to_owned()), &BOUNDS);
    let figures = builder.ok()?.install_recorder().ok()?;
    let _the_first = FIGURES.set(figures.clone());
    Some(figures)
}

/// What the answers of one kind are counted by.
struct Answered {
    route: &'static str,
    answer: &'static str,
    count: Counter,
    seconds: Histogram,
}

impl Answered {
    fn new(route: &'static str, answer: &'static str) -> Self {
        Self {
            route,
            answer,
            count: counter!("mccc_webhooks_total", "route" => route, "answer" => answer),
            seconds: histogram!(SECONDS, "route" => route),
        }
    }

    fn count(&self, took: Duration) {
        self.count.increment(1);
        self.seconds.record(took.as_secs_f64());
    }
}

/// A webhook was answered. There are few routes and answers, and none but those named in the program.
pub fn webhook(route: &'static str, answer: &'static str, took: Duration) {
    // Finding a counter by its labels takes longer than counting.
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    match known.iter().find(|kind| kind.route == route && kind.answer == answer) {
        Some(kind) => kind.count(took),
        None => {
            drop(known);
            let kind = Answered::new(route, answer);
            kind.count(took);
            KNOWN.write().unwrap_or_else(PoisonError::into_inner).push(kind);
        }
    }
    if WEBHOOKS.fetch_add(1, Ordering::Relaxed) % UNSORTED == UNSORTED - 1
        && let Some(figures) = FIGURES.get()
    {
        figures.run_upkeep();
    }
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

/// What came of asking a language model, as the center has counted it since the process began.
pub fn model(asked: &'static str, outcome: &'static str, count: u64) {
    counter!("mccc_language_model_total", "asked" => asked, "outcome" => outcome).absolute(count);
}

/// What came of asking an embedding model, likewise.
pub fn embedding(asked: &'static str, outcome: &'static str, count: u64) {
    counter!("mccc_embedding_model_total", "asked" => asked, "outcome" => outcome).absolute(count);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_counted_in_bounds_that_can_be_summed_over_processes() {
        let figures = start().unwrap();
        for _ in 0..=UNSORTED {
            webhook("voice", "reply", Duration::from_millis(3));
        }
        let shown = figures.render();
        let line = |bound: &str| format!("{SECONDS}_bucket{{route=\"voice\",le=\"{bound}\"}}");
        assert!(shown.contains(&format!("{} 0\n", line("0.0025"))), "{shown}");
        assert!(
            shown.contains(&format!("{} {}\n", line("0.005"), UNSORTED + 1)),
            "{shown}"
        );
    }
}
