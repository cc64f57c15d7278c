//! One exchange with a provider: send, read a bounded answer, judge what went wrong on the way.

use std::time::Duration;

use mccc_core::Secret;
use mccc_core::port::{ErrorKind, PortError, Retry};
use reqwest::{Response, header};

/// How long an idle connection is kept.
const MOST_IDLE: Duration = Duration::from_secs(15);
/// Longest wait that a provider may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// How long things may take and how much may come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Opening a connection, the handshake included.
    pub connect: Duration,
    /// One exchange.
    pub exchange: Duration,
    /// Bytes of one answer.
    pub answer_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            exchange: Duration::from_secs(10),
            answer_bytes: 64 << 10,
        }
    }
}

/// Connections that every channel shares.
#[derive(Debug, Clone)]
pub struct Transport {
    http: reqwest::Client,
    limits: Limits,
}

/// Why there can be no connections, usually because the machine has no certificate store.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be made")]
pub struct TransportError(#[from] reqwest::Error);

/// A JSON document to be posted.
pub(crate) struct Post<'a> {
    pub(crate) adapter: &'static str,
    pub(crate) operation: &'static str,
    /// What to say when nobody answers.
    pub(crate) in_doubt: Retry,
    /// May hold a credential.
    pub(crate) url: &'a Secret,
    pub(crate) bearer: Option<&'a Secret>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// An answer, whatever its status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The wait that the provider named.
    pub(crate) wait: Option<Duration>,
    pub(crate) body: Vec<u8>,
}

impl Transport {
    /// Connections with these limits. Redirects are not followed, so that credentials stay with the provider, and no
    /// proxy is taken from the environment.
    ///
    /// # Errors
    /// When the machine has no certificate store.
    pub fn new(limits: Limits) -> Result<Self, TransportError> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(limits.connect)
            .pool_idle_timeout(MOST_IDLE)
            .timeout(limits.exchange)
            .user_agent(concat!("mccc-notify/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { http, limits })
    }

    /// Sends, and reads the answer.
    pub(crate) async fn post(&self, post: Post<'_>) -> Result<Answer, PortError> {
        let mut builder = self
            .http
            .post(post.url.reveal())
            .header(header::CONTENT_TYPE, "application/json")
            .body(post.body);
        if let Some(token) = post.bearer {
            builder = builder.bearer_auth(token.reveal());
        }
        for (name, value) in &post.headers {
            builder = builder.header(*name, value);
        }
        let failed = |cause: reqwest::Error| {
            let (kind, retry) = if cause.is_builder() {
                (ErrorKind::InvalidConfig, Retry::Never)
            } else if cause.is_connect() {
                (ErrorKind::Unavailable, Retry::Backoff)
            } else {
                (ErrorKind::Unavailable, post.in_doubt)
            };
            // The address is the credential of a webhook.
            PortError::new(post.adapter, post.operation, kind, retry).with_source(cause.without_url())
        };
        let mut response = builder.send().await.map_err(failed)?;
        let (status, wait) = (response.status().as_u16(), wait(&response));
        // The status says whether it was taken; the rest is detail.
        let body = self.read(&mut response).await.unwrap_or_default();
        Ok(Answer { status, wait, body })
    }

    async fn read(&self, response: &mut Response) -> Result<Vec<u8>, reqwest::Error> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > self.limits.answer_bytes {
                break;
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

fn wait(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    let seconds = seconds.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}
