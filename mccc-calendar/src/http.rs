//! One exchange with a provider: send, read a bounded answer, judge what went wrong on the way.

use std::time::Duration;

use mccc_core::Secret;
use mccc_core::port::{ErrorKind, PortError, Retry};
use reqwest::{Method, Response, header};
use serde::de::DeserializeOwned;

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
    /// The whole of one read of what is taken or free, however many exchanges it takes: a caller is waiting.
    pub reading: Duration,
    /// Bytes of one answer.
    pub answer_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            exchange: Duration::from_secs(10),
            reading: Duration::from_secs(3),
            answer_bytes: 8 << 20,
        }
    }
}

/// Connections that every account shares.
#[derive(Debug, Clone)]
pub struct Transport {
    http: reqwest::Client,
    limits: Limits,
}

/// Why there can be no connections, usually because the machine has no certificate store.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be made")]
pub struct TransportError(#[from] reqwest::Error);

/// Whether doing it twice differs from doing it once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// A question, or a change to a state that is the same however often it is made.
    Repeatable,
    /// Something that may have happened when nobody answers.
    Once,
}

impl Effect {
    pub(crate) const fn in_doubt(self) -> Retry {
        match self {
            Self::Repeatable => Retry::Backoff,
            Self::Once => Retry::Unknown,
        }
    }
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) operation: &'static str,
    pub(crate) effect: Effect,
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<Body>,
}

/// What a request carries.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    Json(String),
    Form(Secret),
}

impl Call {
    pub(crate) fn get(operation: &'static str, url: String) -> Self {
        Self {
            operation,
            effect: Effect::Repeatable,
            method: Method::GET,
            url,
            headers: Vec::new(),
            body: None,
        }
    }

    pub(crate) fn with(
        operation: &'static str,
        effect: Effect,
        method: Method,
        url: String,
        body: &serde_json::Value,
    ) -> Self {
        Self {
            effect,
            method,
            body: Some(Body::Json(body.to_string())),
            ..Self::get(operation, url)
        }
    }

    pub(crate) fn delete(operation: &'static str, url: String) -> Self {
        Self {
            method: Method::DELETE,
            ..Self::get(operation, url)
        }
    }

    pub(crate) fn form(operation: &'static str, url: String, fields: &[(&str, &str)]) -> Self {
        Self {
            method: Method::POST,
            body: Some(Body::Form(Secret::new(encode(fields)))),
            ..Self::get(operation, url)
        }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// Fields as a form or a query.
pub(crate) fn encode(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// An answer, whatever its status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The wait that the provider named.
    pub(crate) wait: Option<Duration>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// The answer's JSON, which is an object with every service: the parser would also read a list, and an empty one as
    /// an object without members. The parser's own message could quote the answer, so it is left out.
    pub(crate) fn json<T: DeserializeOwned>(
        &self,
        adapter: &'static str,
        operation: &'static str,
        effect: Effect,
    ) -> Result<T, PortError> {
        let object = self.body.trim_ascii_start().starts_with(b"{");
        let read = object.then(|| serde_json::from_slice(&self.body).ok()).flatten();
        read.ok_or_else(|| PortError::new(adapter, operation, ErrorKind::Protocol, effect.in_doubt()))
    }
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
            .user_agent(concat!("mccc-calendar/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { http, limits })
    }

    pub(crate) const fn reading(&self) -> Duration {
        self.limits.reading
    }

    /// Sends, and reads the whole answer.
    pub(crate) async fn exchange(
        &self,
        adapter: &'static str,
        call: &Call,
        bearer: Option<&Secret>,
    ) -> Result<Answer, PortError> {
        let (operation, effect) = (call.operation, call.effect);
        let mut builder = self.http.request(call.method.clone(), &call.url);
        if let Some(token) = bearer {
            builder = builder.bearer_auth(token.reveal());
        }
        for (name, value) in &call.headers {
            builder = builder.header(*name, value);
        }
        builder = match &call.body {
            None => builder,
            Some(Body::Json(text)) => builder
                .header(header::CONTENT_TYPE, "application/json")
                .body(text.clone()),
            Some(Body::Form(form)) => builder
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form.reveal().to_owned()),
        };
        let failed = |cause| no_answer(adapter, operation, effect, cause);
        let mut response = builder.send().await.map_err(failed)?;
        let status = response.status().as_u16();
        let wait = wait(&response);
        let body = match self.read(&mut response).await {
            Ok(body) => body,
            // The status alone decides when the rest of a refusal cannot be read.
            Err(_) if !response.status().is_success() => Vec::new(),
            Err(Reading::Broken(cause)) => return Err(failed(cause)),
            Err(Reading::TooLong) => {
                return Err(PortError::new(
                    adapter,
                    operation,
                    ErrorKind::Protocol,
                    effect.in_doubt(),
                ));
            }
        };
        Ok(Answer { status, wait, body })
    }

    async fn read(&self, response: &mut Response) -> Result<Vec<u8>, Reading> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(Reading::Broken)? {
            if body.len() + chunk.len() > self.limits.answer_bytes {
                return Err(Reading::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// Why an answer was not read to its end.
enum Reading {
    Broken(reqwest::Error),
    TooLong,
}

/// No answer, or only part of one.
fn no_answer(adapter: &'static str, operation: &'static str, effect: Effect, cause: reqwest::Error) -> PortError {
    let (kind, retry) = if cause.is_builder() {
        (ErrorKind::InvalidConfig, Retry::Never)
    } else if cause.is_connect() {
        (ErrorKind::Unavailable, Retry::Backoff)
    } else {
        (ErrorKind::Unavailable, effect.in_doubt())
    };
    // The address holds identifiers of calendars, which are people's addresses.
    PortError::new(adapter, operation, kind, retry).with_source(cause.without_url())
}

fn wait(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    let seconds = seconds.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}
