//! E-mail through Resend.
//!
//! Source: <https://resend.com/docs/api-reference/emails/send-email>, its keys of idempotency at
//! <https://resend.com/docs/dashboard/emails/idempotency-keys> (kept for 24 hours, at most 256 characters) and its errors
//! at <https://resend.com/docs/api-reference/errors>, read 2026-11.

use std::fmt;

use async_trait::async_trait;
use mccc_core::Secret;
use mccc_core::notify::Notice;
use mccc_core::port::{ErrorKind, Notifier, NotifierCapabilities, PortError, Retry, Told};
use serde::Deserialize;
use serde_json::json;

use crate::email;
use crate::http::{Answer, Post, Transport};

const ADAPTER: &str = "resend";
const OPERATION: &str = "notify";
/// Characters of a key.
const LONGEST_KEY: usize = 256;

/// An account at Resend.
#[derive(Debug, Clone)]
pub struct ResendConfig {
    /// Signs in.
    pub api_key: Secret,
    /// Who writes: an address of a domain that is verified there, perhaps with a name.
    pub from: String,
    /// Base address.
    pub base_url: String,
}

impl ResendConfig {
    /// Resend's own address.
    pub const BASE_URL: &'static str = "https://api.resend.com";
}

/// One mailbox, reached through Resend.
#[derive(Clone)]
pub struct Resend {
    config: ResendConfig,
    to: String,
    transport: Transport,
}

impl fmt::Debug for Resend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resend").finish_non_exhaustive()
    }
}

impl Resend {
    /// A mailbox.
    #[must_use]
    pub fn new(config: ResendConfig, to: impl Into<String>, transport: Transport) -> Self {
        Self {
            config,
            to: to.into(),
            transport,
        }
    }
}

/// What Resend says to a request.
#[derive(Debug, Default, Deserialize)]
struct Said {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    name: Option<String>,
}

#[async_trait]
impl Notifier for Resend {
    fn name(&self) -> &'static str {
        ADAPTER
    }

    fn capabilities(&self) -> NotifierCapabilities {
        NotifierCapabilities { repeats_are_one: true }
    }

    async fn notify(&self, notice: &Notice) -> Result<Told, PortError> {
        let url = Secret::new(format!("{}/emails", self.config.base_url.trim_end_matches('/')));
        let body = json!({
            "from": self.config.from, "to": [self.to], "subject": email::subject(notice),
            "text": email::text(notice), "html": email::html(notice),
            "headers": { "Auto-Submitted": "auto-generated" },
        });
        let key: String = notice.key.chars().take(LONGEST_KEY).collect();
        let answer = self
            .transport
            .post(Post {
                adapter: ADAPTER,
                operation: OPERATION,
                // The key makes one of two.
                in_doubt: Retry::Backoff,
                url: &url,
                bearer: Some(&self.config.api_key),
                headers: vec![("Idempotency-Key", key)],
                body: body.to_string(),
            })
            .await?;
        judge(&answer)
    }
}

fn judge(answer: &Answer) -> Result<Told, PortError> {
    let said: Said = serde_json::from_slice(&answer.body).unwrap_or_default();
    let name = said.name.as_deref().unwrap_or_default();
    let failed = |kind, retry| PortError::new(ADAPTER, OPERATION, kind, retry).with_code(u32::from(answer.status));
    match (answer.status, name) {
        (200..=299, _) => Ok(Told { reference: said.id }),
        // It was taken under this key before, in words that have changed since: it is told.
        (409, "invalid_idempotent_request") => Ok(Told::default()),
        (409, _) => Err(failed(ErrorKind::Conflict, Retry::Backoff)),
        (429, "daily_quota_exceeded" | "monthly_quota_exceeded") => {
            Err(failed(ErrorKind::RateLimited, Retry::Never).with_reason("The quota of e-mails at Resend is used up."))
        }
        (429, _) => {
            let retry = answer.wait.map_or(Retry::Backoff, Retry::After);
            Err(failed(ErrorKind::RateLimited, retry).with_reason("Resend takes no more e-mails for now."))
        }
        (401 | 403, _) => Err(failed(ErrorKind::Unauthenticated, Retry::Never)
            .with_reason("Resend does not accept the key, or the sender's domain is not verified there.")),
        (400..=499, _) => {
            Err(failed(ErrorKind::Rejected, Retry::Never).with_reason("Resend did not accept the e-mail."))
        }
        (500..=599, _) => Err(failed(ErrorKind::Unavailable, Retry::Backoff)),
        _ => Err(failed(ErrorKind::Protocol, Retry::Never)),
    }
}
