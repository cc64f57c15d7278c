//! Embeddings keep the contract of every embedding model, against a server that answers like one.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use mccc_ai::{EmbeddingConfig, EmbeddingModel};
use mccc_core::Secret;
use mccc_core::port::{Embedder, ErrorKind, Retry};
use mccc_core::testkit::contract::embedder::{DIMENSION, EmbedderFault, EmbedderHarness};
use mccc_test::embeddings::{EmbeddingServer, KEY, MODEL, embedded};
use mccc_test::scripted::Reply;

struct Embeddings {
    server: EmbeddingServer,
    fault: Mutex<EmbedderFault>,
    dimension: Option<usize>,
}

impl Embeddings {
    fn start(dimension: Option<usize>) -> Self {
        Self {
            server: EmbeddingServer::start().unwrap(),
            fault: Mutex::new(EmbedderFault::None),
            dimension,
        }
    }

    fn configured(&self) -> EmbeddingConfig {
        EmbeddingConfig {
            base_url: self.server.base_url(),
            model: MODEL.to_owned(),
            api_key: Some(Secret::new(KEY)),
            dimension: self.dimension,
            timeout: Duration::from_millis(1_500),
        }
    }
}

/// A place where nobody listens: a port that was free a moment ago.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/v1", listener.local_addr().unwrap())
}

/// Vectors of three texts that speak of what was asked, were anybody to quote them.
fn three(vectors: [&[f32]; 3]) -> Reply {
    let vectors = vectors.map(<[f32]>::to_vec).into_iter().enumerate().collect::<Vec<_>>();
    Reply::json(200, &embedded(&vectors))
}

#[async_trait]
impl EmbedderHarness for Embeddings {
    fn embedder(&self) -> Arc<dyn Embedder> {
        let mut config = self.configured();
        match *self.fault.lock().unwrap() {
            EmbedderFault::Unreachable => config.base_url = nowhere(),
            EmbedderFault::KeyRefused => config.api_key = Some(Secret::new(format!("{KEY}-old"))),
            EmbedderFault::NoSuchModel => config.model.push_str("-old"),
            EmbedderFault::None
            | EmbedderFault::Silent
            | EmbedderFault::Busy(_)
            | EmbedderFault::NotUnderstood
            | EmbedderFault::Broken
            | EmbedderFault::TooFew
            | EmbedderFault::TooMany
            | EmbedderFault::Doubled
            | EmbedderFault::Uneven
            | EmbedderFault::OtherDimension
            | EmbedderFault::NotANumber
            | EmbedderFault::Empty
            | EmbedderFault::Garbage
            | EmbedderFault::Endless => {}
        }
        Arc::new(EmbeddingModel::new(config).unwrap())
    }

    async fn gives(&self, text: &str, vector: [f32; DIMENSION]) {
        self.server.gives(text, vector);
    }

    async fn arrange(&self, fault: EmbedderFault) -> bool {
        *self.fault.lock().unwrap() = fault;
        let failed = |status, kind: &str| {
            let quoted = format!(r#"{{"error":{{"message":"Do you take cards? {KEY}","type":"{kind}"}}}}"#);
            Reply::json(status, &quoted)
        };
        let one: &[f32] = &[0.5; DIMENSION];
        let reply = match fault {
            EmbedderFault::None
            | EmbedderFault::Unreachable
            | EmbedderFault::KeyRefused
            | EmbedderFault::NoSuchModel => {
                self.server.replies(None);
                return true;
            }
            // Only who was told how many numbers there are notices that all have another number.
            EmbedderFault::OtherDimension if self.dimension.is_none() => return false,
            EmbedderFault::Silent => Reply::silence(),
            EmbedderFault::Busy(wait) => {
                failed(429, "rate_limit_exceeded").header("Retry-After", &wait.as_secs().to_string())
            }
            EmbedderFault::NotUnderstood => failed(400, "invalid_request_error"),
            EmbedderFault::Broken => failed(503, "server_error"),
            EmbedderFault::TooFew => Reply::json(200, &embedded(&[(0, one.to_vec()), (1, one.to_vec())])),
            EmbedderFault::TooMany => {
                let four: Vec<_> = (0..4).map(|place| (place, one.to_vec())).collect();
                Reply::json(200, &embedded(&four))
            }
            EmbedderFault::Doubled => {
                let doubled = [0, 1, 1].map(|place| (place, one.to_vec()));
                Reply::json(200, &embedded(&doubled))
            }
            EmbedderFault::Uneven => three([one, one, &[0.5; DIMENSION + 1]]),
            EmbedderFault::OtherDimension => three([&[0.5; DIMENSION - 1]; 3]),
            EmbedderFault::NotANumber => three([one, one, &[0.5, f32::NAN, 0.5, 0.5]]),
            EmbedderFault::Empty => three([&[]; 3]),
            EmbedderFault::Garbage => Reply::text(200, "<html>Do you take cards?</html>"),
            EmbedderFault::Endless => Reply::json(200, &"Do you take cards? ".repeat(230_000)),
        };
        self.server.replies(Some(reply));
        true
    }

    async fn seen(&self) -> Vec<Vec<String>> {
        self.server.asked()
    }

    fn secrets(&self) -> Vec<String> {
        vec![KEY.to_owned()]
    }
}

mod any_dimension {
    mccc_core::embedder_contract!(super::Embeddings::start(None));
}

mod one_dimension {
    mccc_core::embedder_contract!(super::Embeddings::start(Some(super::DIMENSION)));
}

/// What else a server may do, beside what every model does.
#[tokio::test]
async fn servers_fail_in_more_ways_than_models_do() {
    let embeddings = Embeddings::start(None);
    let texts = ["hm".to_owned()];
    let data = |data: &str| Reply::json(200, &format!(r#"{{"data":{data}}}"#));
    let quota = r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}"#;
    let good = embedded(&[(0, vec![0.5; DIMENSION])]);
    for (reply, kind, retry) in [
        (Reply::json(429, quota), ErrorKind::RateLimited, Retry::Never),
        (Reply::status(429), ErrorKind::RateLimited, Retry::Backoff),
        (Reply::status(403), ErrorKind::Unauthenticated, Retry::Never),
        (Reply::status(500), ErrorKind::Unavailable, Retry::Backoff),
        (
            Reply::status(302).header("Location", &embeddings.server.base_url()),
            ErrorKind::Protocol,
            Retry::Never,
        ),
        (data("[]"), ErrorKind::Protocol, Retry::Never),
        (data("7"), ErrorKind::Protocol, Retry::Never),
        (data(r#"[{"index":0}]"#), ErrorKind::Protocol, Retry::Never),
        (
            data(r#"[{"index":1,"embedding":[1]}]"#),
            ErrorKind::Protocol,
            Retry::Never,
        ),
        (
            data(r#"[{"index":-1,"embedding":[1]}]"#),
            ErrorKind::Protocol,
            Retry::Never,
        ),
        (
            data(r#"[{"index":0,"embedding":["1"]}]"#),
            ErrorKind::Protocol,
            Retry::Never,
        ),
        // Numbers that no vector can hold.
        (
            data(r#"[{"index":0,"embedding":[1e300]}]"#),
            ErrorKind::Protocol,
            Retry::Never,
        ),
        (
            data(r#"[{"index":0,"embedding":[1e999]}]"#),
            ErrorKind::Protocol,
            Retry::Never,
        ),
        // Asked for numbers, it sends letters.
        (
            data(r#"[{"index":0,"embedding":"AACAPw=="}]"#),
            ErrorKind::Protocol,
            Retry::Never,
        ),
        (Reply::half_body(200, &good), ErrorKind::Unavailable, Retry::Backoff),
        (Reply::garbage(), ErrorKind::Unavailable, Retry::Backoff),
        (Reply::hang_up(), ErrorKind::Unavailable, Retry::Backoff),
    ] {
        embeddings.server.replies(Some(reply.clone()));
        let error = embeddings.embedder().embed(&texts).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (kind, retry), "{reply:?}");
    }
    // A server that says no place has them in order.
    embeddings.server.replies(Some(data(r#"[{"embedding":[1, 0.5]}]"#)));
    let vectors = embeddings.embedder().embed(&texts).await.unwrap();
    assert_eq!(vectors, [[1.0, 0.5]]);
}

#[tokio::test]
async fn a_request_holds_nothing_that_servers_differ_in() {
    for (dimension, expected) in [
        (None, &["input", "model"] as &[&str]),
        (Some(DIMENSION), &["dimensions", "input", "model"]),
    ] {
        let embeddings = Embeddings::start(dimension);
        embeddings.embedder().embed(&["hm".to_owned()]).await.unwrap();
        let body = embeddings.server.bodies().pop().unwrap();
        let keys: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, expected);
    }
}

#[test]
fn vectors_of_another_place_or_length_are_another_models() {
    let model = |base_url: &str, dimension| {
        let config = EmbeddingConfig {
            base_url: base_url.to_owned(),
            model: MODEL.to_owned(),
            dimension,
            ..EmbeddingConfig::default()
        };
        EmbeddingModel::new(config).unwrap().model().to_owned()
    };
    let here = model("http://127.0.0.1:1/v1", None);
    assert_eq!(here, model("http://127.0.0.1:1/v1/", None));
    assert_ne!(here, model("http://127.0.0.1:2/v1", None));
    assert_ne!(here, model("http://127.0.0.1:1/v1", Some(256)));
}
