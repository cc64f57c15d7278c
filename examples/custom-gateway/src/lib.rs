//! A gateway of one's own: an imaginary appliance with SIM cards, `modembox`, that takes texts as JSON over HTTP.
//!
//! Three things make a gateway: it sends ([`ModemBox`]), it reads the appliance's news ([`News`]), and it passes the
//! suite that every gateway passes (`tests/contract.rs`). The suite names what is easily got wrong: a lost answer that
//! is called a failure, a limit that is forgotten, an error that shows a telephone number.
//!
//! The appliance's interface:
//!
//! | request | answer |
//! | --- | --- |
//! | `POST /texts` with `reference`, `from`, `to`, `text` | `201` and the text, or a refusal with `why` |
//! | `GET /texts/ID` | the text, or `404` |
//! | `GET /texts?from=&to=&since=&limit=` | the texts, newest first |
//! | its news to us: a text as JSON, header `X-Signature` with the HMAC-SHA256 of the body in hex | `204` |

mod news;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mccc_core::compliance::SendPermit;
use mccc_core::port::{
    Accepted, Clock, DeliveryStatus, ErrorKind, FailureClass, MessageQuery, PortError, RemoteMessage, Retry, SmsGateway,
};
use mccc_core::{CallerId, PhoneNumber, Secret, Timestamp};
use serde::Deserialize;
use serde_json::json;

pub use news::News;

/// Name of this gateway in logs and errors.
const ADAPTER: &str = "modembox";

/// The gateway.
#[derive(Debug)]
pub struct ModemBox {
    base_url: String,
    key: Secret,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
}

/// A text as the appliance writes it.
#[derive(Debug, Deserialize)]
struct Row {
    id: String,
    from: String,
    to: String,
    text: String,
    state: String,
    #[serde(default)]
    code: Option<u32>,
    at_micros: i64,
    received: bool,
}

/// A refusal as the appliance writes it.
#[derive(Debug, Deserialize)]
struct Refusal {
    why: String,
}

impl ModemBox {
    /// A gateway at `base_url` that signs in with `key`. `exchange` bounds one exchange; `clock` says whether a permit
    /// still holds.
    ///
    /// # Errors
    /// When the machine has no certificate store.
    pub fn new(
        base_url: impl Into<String>,
        key: Secret,
        exchange: Duration,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, PortError> {
        let http = reqwest::Client::builder().timeout(exchange).no_proxy().build();
        Ok(Self {
            base_url: base_url.into(),
            key,
            http: http.map_err(|cause| failed("connect", ErrorKind::InvalidConfig, Retry::Never).with_source(cause))?,
            clock,
        })
    }

    /// A question. Whatever goes wrong, it may be asked again.
    async fn ask(&self, operation: &'static str, path: &str) -> Result<reqwest::Response, PortError> {
        let request = self
            .http
            .get(format!("{}{path}", self.base_url))
            .bearer_auth(self.key.reveal());
        request.send().await.map_err(|cause| {
            // The address may hold telephone numbers.
            failed(operation, ErrorKind::Unavailable, Retry::Backoff).with_source(cause.without_url())
        })
    }
}

fn failed(operation: &'static str, kind: ErrorKind, retry: Retry) -> PortError {
    PortError::new(ADAPTER, operation, kind, retry)
}

fn refused(class: FailureClass, reason: &'static str) -> PortError {
    failed("send", ErrorKind::Rejected, Retry::Never)
        .with_class(class)
        .with_reason(reason)
}

/// The verdict on a text that was not accepted.
async fn verdict(answer: reqwest::Response) -> PortError {
    let status = answer.status().as_u16();
    let wait = answer
        .headers()
        .get("retry-after")
        .and_then(|value| value.to_str().ok()?.parse().ok());
    match status {
        401 | 403 => failed("send", ErrorKind::Unauthenticated, Retry::Never),
        429 => {
            let wait = wait.map_or(Retry::Backoff, |seconds| Retry::After(Duration::from_secs(seconds)));
            failed("send", ErrorKind::RateLimited, wait)
        }
        422 => match answer.json().await.map(|refusal: Refusal| refusal.why).as_deref() {
            Ok("opted_out") => refused(FailureClass::OptOut, "This customer asked not to receive texts."),
            Ok("no_such_number") => refused(FailureClass::Recipient, "That is not a valid phone number."),
            Ok("landline") => refused(
                FailureClass::Landline,
                "This looks like a landline. Call them back instead.",
            ),
            Ok(_) | Err(_) => refused(FailureClass::App, "The text was refused."),
        },
        400..=499 => failed("send", ErrorKind::Rejected, Retry::Never),
        // A server error comes from somewhere behind the point of no return.
        _ => failed("send", ErrorKind::Unavailable, Retry::Unknown),
    }
}

/// The appliance's word for where a text stands. New words are neither success nor failure.
fn status(word: &str) -> DeliveryStatus {
    match word {
        "queued" => DeliveryStatus::Queued,
        "sent" => DeliveryStatus::Sent,
        "delivered" => DeliveryStatus::Delivered,
        "lost" => DeliveryStatus::Undelivered,
        _ => DeliveryStatus::Other,
    }
}

fn remote(row: Row) -> RemoteMessage {
    RemoteMessage {
        provider_message: row.id,
        from: CallerId::from_raw(&row.from),
        to: PhoneNumber::parse(&row.to).ok(),
        body: row.text,
        inbound: row.received,
        status: status(&row.state),
        error_code: row.code,
        created_at: Timestamp::from_micros(row.at_micros),
    }
}

#[async_trait]
impl SmsGateway for ModemBox {
    fn name(&self) -> &'static str {
        ADAPTER
    }

    fn confirms_opt_outs(&self) -> bool {
        false
    }

    async fn send(&self, permit: SendPermit) -> Result<Accepted, PortError> {
        let request = self
            .http
            .post(format!("{}/texts", self.base_url))
            .bearer_auth(self.key.reveal())
            .json(&json!({
                // Comes back in the news, which so prove an acceptance whose answer was lost.
                "reference": permit.message().to_string(),
                "from": permit.from().to_string(),
                "to": permit.to().to_string(),
                "text": permit.body(),
            }));
        // The last thing before the request is written.
        if !permit.still_valid(self.clock.now()) {
            return Err(failed("send", ErrorKind::Unavailable, Retry::Backoff));
        }
        let answer = request.send().await.map_err(|cause| {
            // Without a connection nothing was written; with one, the text may be on its way.
            let retry = if cause.is_connect() {
                Retry::Backoff
            } else {
                Retry::Unknown
            };
            failed("send", ErrorKind::Unavailable, retry).with_source(cause.without_url())
        })?;
        if !answer.status().is_success() {
            return Err(verdict(answer).await);
        }
        // It was taken, whatever the answer looks like.
        let row: Row = answer
            .json()
            .await
            .map_err(|_| failed("send", ErrorKind::Protocol, Retry::Unknown))?;
        Ok(Accepted {
            status: status(&row.state),
            provider_message: row.id,
        })
    }

    async fn fetch(&self, provider_message: &str) -> Result<Option<RemoteMessage>, PortError> {
        // It becomes part of an address.
        if !provider_message.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(failed("fetch", ErrorKind::Rejected, Retry::Never));
        }
        let answer = self.ask("fetch", &format!("/texts/{provider_message}")).await?;
        match answer.status().as_u16() {
            404 => Ok(None),
            200 => match answer.json().await {
                Ok(row) => Ok(Some(remote(row))),
                Err(_) => Err(failed("fetch", ErrorKind::Protocol, Retry::Backoff)),
            },
            _ => Err(failed("fetch", ErrorKind::Unavailable, Retry::Backoff)),
        }
    }

    async fn list(&self, query: &MessageQuery) -> Result<Vec<RemoteMessage>, PortError> {
        // Digits alone need no escaping.
        let number = |number: Option<PhoneNumber>| number.map(|n| n.digits().to_owned()).unwrap_or_default();
        let path = format!(
            "/texts?from={}&to={}&since={}&limit={}",
            number(query.from),
            number(query.to),
            query.since.as_micros(),
            query.limit
        );
        let answer = self.ask("list", &path).await?;
        if answer.status().as_u16() != 200 {
            return Err(failed("list", ErrorKind::Unavailable, Retry::Backoff));
        }
        let rows: Result<Vec<Row>, _> = answer.json().await;
        let rows = rows.map_err(|_| failed("list", ErrorKind::Protocol, Retry::Backoff))?;
        Ok(rows.into_iter().map(remote).collect())
    }
}
