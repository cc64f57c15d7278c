//! Logs: ids and states, never message bodies, transcripts, secrets or whole phone numbers.

use axum::extract::{MatchedPath, Request};
use tracing::Span;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Longest identifier of a request that is taken over from a proxy.
const LONGEST_ID: usize = 64;

/// Says whether `filter` can be read.
///
/// # Errors
/// What is wrong with it.
pub fn check(filter: &str) -> Result<(), ParseError> {
    EnvFilter::try_new(filter).map(drop)
}

/// What every line about a request says of it: method, route and identifier. Never the address itself, whose path and
/// query hold tokens, numbers and what people search for.
pub fn request_span(request: &Request) -> Span {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("none", MatchedPath::as_str);
    let id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok());
    let id = id.filter(|id| id.len() <= LONGEST_ID).unwrap_or("none");
    tracing::info_span!("request", method = %request.method(), route, id)
}

/// Starts logging to standard error. `filter` is `MCCC_LOG`, such as `info` or `mccc_core=debug`.
pub fn start(filter: Option<&str>, json: bool) {
    let filter = EnvFilter::try_new(filter.unwrap_or("info,sqlx=warn")).unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let layer = fmt::layer().with_writer(std::io::stderr).with_ansi(colours);
    let registry = tracing_subscriber::registry().with(filter);
    // A second start in one process (tests) keeps the first.
    let _already = if json {
        registry.with(layer.json()).try_init()
    } else {
        registry.with(layer.compact()).try_init()
    };
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex, PoisonError};

    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt as _;
    use tower_http::trace::TraceLayer;

    use super::*;

    /// What was logged.
    #[derive(Debug, Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            lines.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn lines_carry_the_requests_id_and_route_and_never_its_address() {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::registry()
            .with(EnvFilter::new("trace"))
            .with(fmt::layer().with_ansi(false).with_writer(move || writer.clone()));
        let _here = tracing::subscriber::set_default(subscriber);
        let inside = || async {
            tracing::info!("inside");
            "done"
        };
        let app = Router::new()
            .route("/feeds/{file}", get(inside))
            .layer(TraceLayer::new_for_http().make_span_with(request_span));
        let request = Request::builder()
            .uri("/feeds/hush.ics?token=secret&q=Lopez")
            .header("x-request-id", "request-7");
        app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let said = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let inside = said.lines().find(|line| line.contains("inside")).unwrap();
        assert!(
            inside.contains("request-7") && inside.contains("/feeds/{file}"),
            "{said}"
        );
        assert!(said.contains("200"), "{said}");
        for hidden in ["hush", "secret", "Lopez"] {
            assert!(!said.contains(hidden), "{hidden}: {said}");
        }
    }
}
