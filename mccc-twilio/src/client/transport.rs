//! One exchange with the provider: sign in, send, read a bounded answer, judge failures.

use std::sync::Arc;
use std::time::Duration;

use mccc_core::compliance::SendPermit;
use mccc_core::port::{Clock, ErrorKind, PortError, Retry};
use reqwest::{Method, Response, StatusCode, header};

use super::body::{PermitExpired, WatchedBody};
use crate::config::{ConfigError, Credentials, Limits, TwilioConfig};
use crate::error::{ADAPTER, Effect, Progress, no_answer, refused};

/// How long an idle connection is kept. One that the provider is about to close can swallow a text, which is then in
/// doubt, so it is given up well before.
const MOST_IDLE: Duration = Duration::from_secs(15);
/// How long a recording may take to arrive: the reader's own pace counts too.
const MEDIA_TIMEOUT: Duration = Duration::from_secs(120);

/// Connections that every account shares.
#[derive(Debug, Clone)]
pub struct Transport {
    http: reqwest::Client,
    answer_bytes: usize,
}

impl Transport {
    /// Connections with these limits. Redirects are not followed, so that credentials stay with the provider, and no
    /// proxy is taken from the environment.
    ///
    /// # Errors
    /// [`ConfigError::Http`] when the machine has no certificate store.
    pub fn new(limits: Limits) -> Result<Self, ConfigError> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(limits.connect)
            .pool_idle_timeout(MOST_IDLE)
            .timeout(limits.exchange)
            .user_agent(concat!("mccc-twilio/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self {
            http,
            answer_bytes: limits.answer_bytes,
        })
    }
}

/// A request to the provider.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) operation: &'static str,
    pub(super) effect: Effect,
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) form: Option<String>,
    /// Whether the answer is media, which may take longer than one exchange.
    patient: bool,
}

impl Request {
    /// A question.
    pub(super) fn get(operation: &'static str, url: String) -> Self {
        Self {
            operation,
            effect: Effect::Repeatable,
            method: Method::GET,
            url,
            form: None,
            patient: false,
        }
    }

    /// A question for media.
    pub(super) fn media(operation: &'static str, url: String) -> Self {
        Self {
            patient: true,
            ..Self::get(operation, url)
        }
    }

    /// A form.
    pub(super) fn post(operation: &'static str, effect: Effect, url: String, fields: &[(&str, &str)]) -> Self {
        Self {
            operation,
            effect,
            method: Method::POST,
            url,
            form: Some(encode(fields)),
            patient: false,
        }
    }

    /// A removal.
    pub(super) fn delete(operation: &'static str, url: String) -> Self {
        Self {
            operation,
            effect: Effect::Repeatable,
            method: Method::DELETE,
            url,
            form: None,
            patient: false,
        }
    }
}

/// Fields as a form or a query.
pub(super) fn encode(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// An account's way to the provider.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) config: TwilioConfig,
    pub(super) transport: Transport,
    pub(super) clock: Arc<dyn Clock>,
}

impl Session {
    /// Sends and reads the whole answer.
    pub(super) async fn exchange(&self, request: Request, permit: Option<SendPermit>) -> Result<Vec<u8>, PortError> {
        let (operation, effect) = (request.operation, request.effect);
        let response = self.send(request, permit).await?;
        let (status, retry_after) = (response.status(), retry_after(&response));
        let body = self.read(response).await;
        if !status.is_success() {
            // The status alone decides when the rest of a refusal cannot be read.
            let body = body.unwrap_or_default();
            return Err(refused(
                operation,
                effect,
                status.as_u16(),
                retry_after.as_deref(),
                &body,
            ));
        }
        body.map_err(|failure| match failure {
            Reading::Broken(cause) => no_answer(operation, effect, Progress::Complete, cause),
            Reading::TooLong => crate::error::unreadable(operation, effect),
        })
    }

    /// Sends and returns the answer's head. Anything but success is left to the caller.
    pub(super) async fn send(&self, request: Request, permit: Option<SendPermit>) -> Result<Response, PortError> {
        let Request {
            operation,
            effect,
            method,
            url,
            form,
            patient,
        } = request;
        let mut builder = self.sign_in(self.transport.http.request(method, url));
        if patient {
            builder = builder.timeout(MEDIA_TIMEOUT);
        }
        let Some(form) = form else {
            return builder
                .send()
                .await
                .map_err(|cause| no_answer(operation, effect, Progress::Complete, cause));
        };
        let permit = permit.map(|permit| (permit, Arc::clone(&self.clock)));
        let (body, fate) = WatchedBody::new(form.into_bytes(), permit);
        let sent = builder
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(reqwest::Body::wrap(body))
            .send()
            .await;
        sent.map_err(|cause| {
            if fate.refused() {
                return permit_expired(operation);
            }
            let progress = if fate.handed_over() {
                Progress::Complete
            } else {
                Progress::Incomplete
            };
            no_answer(operation, effect, progress, cause)
        })
    }

    /// A question without credentials, for an address that the provider redirected to.
    pub(super) async fn get_elsewhere(&self, operation: &'static str, url: &str) -> Result<Response, PortError> {
        let answer = self.transport.http.get(url).timeout(MEDIA_TIMEOUT).send().await;
        answer.map_err(|cause| no_answer(operation, Effect::Repeatable, Progress::Complete, cause))
    }

    fn sign_in(&self, builder: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match &self.config.credentials {
            Credentials::AuthToken(token) => builder.basic_auth(&self.config.account, Some(token.reveal())),
            Credentials::ApiKey { key, secret } => builder.basic_auth(key, Some(secret.reveal())),
        }
    }

    async fn read(&self, mut response: Response) -> Result<Vec<u8>, Reading> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(Reading::Broken)? {
            if body.len() + chunk.len() > self.transport.answer_bytes {
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

/// The permission ran out: nothing was written, and the gate has to be asked again.
pub(super) fn permit_expired(operation: &'static str) -> PortError {
    PortError::new(ADAPTER, operation, ErrorKind::Unavailable, Retry::Backoff).with_source(PermitExpired)
}

pub(super) fn retry_after(response: &Response) -> Option<String> {
    response
        .headers()
        .get(header::RETRY_AFTER)?
        .to_str()
        .ok()
        .map(str::to_owned)
}

pub(super) fn is_redirect(status: StatusCode) -> bool {
    status.is_redirection() && status != StatusCode::NOT_MODIFIED
}
