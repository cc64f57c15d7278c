//! One exchange: send, read a bounded answer.

use std::time::Duration;

use mccc_core::Secret;
use mccc_core::port::{ErrorKind, PortError, Retry};
use reqwest::header;

use crate::wire::Failed;

/// How long opening a connection may take.
const CONNECT: Duration = Duration::from_secs(2);
/// How long an idle connection is kept.
const MOST_IDLE: Duration = Duration::from_secs(30);
/// Longest wait that a server may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// Who asks whom for what, and what a person is told of it.
pub(crate) struct Exchange {
    pub(crate) adapter: &'static str,
    pub(crate) operation: &'static str,
    /// The server does not accept the key.
    pub(crate) key_refused: &'static str,
    /// The server does not know the model.
    pub(crate) no_such_model: &'static str,
    /// The account may spend no more.
    pub(crate) used_up: &'static str,
    /// Bytes that an answer has at most.
    pub(crate) longest: usize,
}

impl Exchange {
    pub(crate) fn failed(&self, kind: ErrorKind, retry: Retry) -> PortError {
        PortError::new(self.adapter, self.operation, kind, retry)
    }
}

/// An answer, whatever its status.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The wait that the server named.
    pub(crate) wait: Option<Duration>,
    /// Nothing where there was more of it than an answer can be.
    pub(crate) body: Option<Vec<u8>>,
}

/// Connections to one server. Redirects are not followed, so that the key stays with the server it is for, and no proxy is
/// taken from the environment.
pub(crate) fn client(exchange: Duration) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT.min(exchange))
        .pool_idle_timeout(MOST_IDLE)
        .timeout(exchange)
        .user_agent(concat!("mccc-ai/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// Posts a document.
pub(crate) async fn post(
    client: &reqwest::Client,
    exchange: &Exchange,
    url: &str,
    key: Option<&Secret>,
    body: String,
) -> Result<Answer, PortError> {
    // Asking again does no harm, so whatever was lost may be asked for again.
    let failed = |cause: reqwest::Error| {
        let kind = if cause.is_builder() {
            ErrorKind::InvalidConfig
        } else {
            ErrorKind::Unavailable
        };
        let retry = if cause.is_builder() {
            Retry::Never
        } else {
            Retry::Backoff
        };
        exchange.failed(kind, retry).with_source(cause.without_url())
    };
    let mut request = client
        .post(url)
        .header(header::CONTENT_TYPE, "application/json")
        .body(body);
    if let Some(key) = key {
        request = request.bearer_auth(key.reveal());
    }
    let mut response = request.send().await.map_err(failed)?;
    let status = response.status().as_u16();
    let named = response.headers().get(header::RETRY_AFTER);
    let seconds = named.and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let wait = seconds.map(|seconds| Duration::from_secs(seconds).min(LONGEST_WAIT));
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > exchange.longest {
            return Ok(Answer {
                status,
                wait,
                body: None,
            });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer {
        status,
        wait,
        body: Some(body),
    })
}

/// The failure that an answer's status tells of, if it does.
pub(crate) fn refusal(exchange: &Exchange, answer: &Answer) -> Option<PortError> {
    let failed = |kind, retry| exchange.failed(kind, retry).with_code(u32::from(answer.status));
    let wait = answer.wait.map_or(Retry::Backoff, Retry::After);
    Some(match answer.status {
        200..=299 => return None,
        401 | 403 => failed(ErrorKind::Unauthenticated, Retry::Never).with_reason(exchange.key_refused),
        404 => failed(ErrorKind::NotFound, Retry::Never).with_reason(exchange.no_such_model),
        429 => {
            let body = answer.body.as_deref().unwrap_or_default();
            let trouble: Failed = serde_json::from_slice(body).unwrap_or_default();
            if trouble.error.is_quota() {
                failed(ErrorKind::RateLimited, Retry::Never).with_reason(exchange.used_up)
            } else {
                failed(ErrorKind::RateLimited, wait)
            }
        }
        400..=499 => failed(ErrorKind::Rejected, Retry::Never),
        500..=599 => failed(ErrorKind::Unavailable, wait),
        _ => failed(ErrorKind::Protocol, Retry::Never),
    })
}
