//! Whether the process lives, whether it can work, and its figures.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use mccc_core::CommandCenter;
use mccc_core::jobs::JobKind;
use mccc_core::port::store::JobState;
use mccc_core::port::{Clock as _, Timer as _};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;

use crate::commands::database::Readiness;
use crate::metrics;
use crate::runtime::{SystemClock, TokioTimer};

/// A database that takes longer than this is not ready.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Clone)]
struct Health {
    center: Arc<CommandCenter>,
    figures: Option<PrometheusHandle>,
    stop: CancellationToken,
    readiness: Readiness,
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Health").finish_non_exhaustive()
    }
}

/// `/healthz`: the process answers. `/readyz`: the database answers too and the process is not draining. `/metrics`:
/// figures for Prometheus.
pub fn router(
    center: Arc<CommandCenter>,
    figures: Option<PrometheusHandle>,
    stop: CancellationToken,
    readiness: Readiness,
) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(show))
        .with_state(Health {
            center,
            figures,
            stop,
            readiness,
        })
}

async fn ready(State(health): State<Health>) -> Response {
    if health.stop.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining").into_response();
    }
    if let Some(reason) = health.readiness.reason() {
        return (StatusCode::SERVICE_UNAVAILABLE, reason).into_response();
    }
    tokio::select! {
        answer = health.center.ping() => match answer {
            Ok(()) => "ready".into_response(),
            Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer").into_response(),
        },
        () = TokioTimer.sleep(PATIENCE) => (StatusCode::SERVICE_UNAVAILABLE, "the database is slow").into_response(),
    }
}

async fn show(State(health): State<Health>) -> Response {
    let Some(figures) = health.figures else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if let Ok(depths) = health.center.ports().store.queue_depth().await {
        let now = SystemClock.now();
        // A queue that has become empty is not among the depths, and a gauge that nobody sets keeps its last figure.
        for kind in JobKind::ALL {
            for state in [JobState::Queued, JobState::Running, JobState::Dead] {
                let depth = depths.iter().find(|depth| depth.kind == *kind && depth.state == state);
                let due = depth.and_then(|depth| depth.oldest_due);
                let late = due.map_or(0.0, |due| now.since(due).as_secs_f64());
                metrics::queue(kind.name(), state.name(), depth.map_or(0, |depth| depth.count), late);
            }
        }
    }
    for known in health.center.model_counts() {
        metrics::model(known.asked, known.outcome, known.count);
    }
    for known in health.center.meaning_counts() {
        metrics::embedding(known.asked, known.outcome, known.count);
    }
    figures.render().into_response()
}
