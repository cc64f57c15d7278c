//! Fetching a published calendar.

use std::error::Error;
use std::time::Duration;

use mccc_core::port::{ErrorKind, PortError, Retry, Validators};
use reqwest::{Response, StatusCode, header};

use super::address::{Address, AddressError};
use super::reach::{Judge, Reach, Unreachable};
use crate::{Limits, TransportError};

/// Name in errors and logs.
pub(crate) const ADAPTER: &str = "webcal";
const OPERATION: &str = "fetch";
/// Bytes of a calendar; the reader takes no more.
const LONGEST: usize = 4 << 20;
/// Redirects that are followed.
const MOST_REDIRECTS: usize = 3;
/// Characters of a mark. A longer one is not kept, and the whole is read each time.
const LONGEST_MARK: usize = 1_000;
/// Longest wait that is believed.
const LONGEST_WAIT: u64 = 3_600;

const GONE: &str = "There is no calendar under its address any more, or it is no longer shared. Disconnect it and \
                    connect it again with the address it has now.";
const AWAY: &str = "Whoever keeps it does not answer.";
const BROKEN: &str = "Whoever keeps it answers with an error.";
const BUSY: &str = "Whoever keeps it asks us to come less often.";
const TOO_LARGE: &str = "It is larger than 4 MB, which is not read. Share a calendar with less in it.";
const ASTRAY: &str = "Its address leads on to a place that is not read. Use the address of the calendar itself.";
const STRANGE: &str = "What is under its address is no calendar.";

/// What came of a fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// It is as it was when the marks were given.
    Unchanged,
    /// It was read.
    Text {
        /// The file.
        text: String,
        /// Its marks.
        marks: Validators,
    },
}

/// Fetches published calendars.
#[derive(Debug, Clone)]
pub struct Webcal {
    http: reqwest::Client,
    reach: Reach,
    limits: Limits,
}

impl Webcal {
    /// Connections that go no further than `reach`. The time of an exchange is that of a whole fetch. Redirects are judged one by one, cookies are not kept, and no proxy
    /// is taken from the environment: it would look names up itself.
    ///
    /// # Errors
    /// When the machine has no certificate store.
    pub fn new(reach: Reach, limits: Limits) -> Result<Self, TransportError> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .dns_resolver(Judge(reach))
            .connect_timeout(limits.connect)
            .timeout(limits.exchange)
            .user_agent(concat!("mccc-calendar/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { http, reach, limits })
    }

    /// Where calendars may be read from.
    #[must_use]
    pub const fn reach(&self) -> Reach {
        self.reach
    }

    /// Fetches a calendar, unless it is as it was when the marks were given.
    ///
    /// # Errors
    /// When it could not be fetched whole, with a sentence for the contractor. No error holds the address.
    pub async fn fetch(&self, address: &Address, known: Option<&Validators>) -> Result<Fetched, PortError> {
        tokio::time::timeout(self.limits.exchange, self.follow(address, known))
            .await
            .unwrap_or_else(|_| Err(failed(ErrorKind::Unavailable, Retry::Backoff, AWAY)))
    }

    async fn follow(&self, address: &Address, known: Option<&Validators>) -> Result<Fetched, PortError> {
        let mut address = address.clone();
        for _ in 0..=MOST_REDIRECTS {
            let response = self.ask(&address, known).await?;
            let status = response.status();
            if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
                let longest = LONGEST.min(self.limits.answer_bytes);
                return answered(response, known, longest).await;
            }
            let to = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
            let to = to.ok_or_else(|| failed(ErrorKind::Protocol, Retry::Backoff, BROKEN))?;
            address = address.redirected(to, self.reach).map_err(astray)?;
        }
        Err(failed(ErrorKind::Rejected, Retry::Backoff, ASTRAY))
    }

    async fn ask(&self, address: &Address, known: Option<&Validators>) -> Result<Response, PortError> {
        let mut request = self
            .http
            .get(address.url().clone())
            .header(header::ACCEPT, "text/calendar, */*;q=0.5");
        let marks = known.into_iter().flat_map(|known| {
            let etag = known.etag.as_deref().map(|etag| (header::IF_NONE_MATCH, etag));
            let modified = known.last_modified.as_deref();
            [etag, modified.map(|modified| (header::IF_MODIFIED_SINCE, modified))]
        });
        for (name, mark) in marks.flatten() {
            request = request.header(name, mark);
        }
        request.send().await.map_err(no_answer)
    }
}

async fn answered(response: Response, known: Option<&Validators>, longest: usize) -> Result<Fetched, PortError> {
    let status = response.status();
    match status {
        StatusCode::OK => {
            let marks = Validators {
                etag: mark(&response, &header::ETAG),
                last_modified: mark(&response, &header::LAST_MODIFIED),
            };
            let text = body(response, longest).await?;
            Ok(Fetched::Text { text, marks })
        }
        StatusCode::NOT_MODIFIED if known.is_some() => Ok(Fetched::Unchanged),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE => {
            Err(failed(ErrorKind::NotFound, Retry::Backoff, GONE))
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            let busy = status == StatusCode::TOO_MANY_REQUESTS;
            let (kind, sentence) = if busy {
                (ErrorKind::RateLimited, BUSY)
            } else {
                (ErrorKind::Unavailable, AWAY)
            };
            let retry = wait(&response).map_or(Retry::Backoff, Retry::After);
            Err(failed(kind, retry, sentence))
        }
        status if status.is_server_error() => Err(failed(ErrorKind::Unavailable, Retry::Backoff, BROKEN)),
        _ => Err(failed(ErrorKind::Protocol, Retry::Backoff, STRANGE)),
    }
    .map_err(|error| error.with_code(status.as_u16().into()))
}

async fn body(mut response: Response, longest: usize) -> Result<String, PortError> {
    let too_large = || failed(ErrorKind::Rejected, Retry::Backoff, TOO_LARGE);
    let announced = response
        .content_length()
        .and_then(|length| usize::try_from(length).ok());
    if announced.is_some_and(|length| length > longest) {
        return Err(too_large());
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(no_answer)? {
        if body.len() + chunk.len() > longest {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    // Times are written in plain letters and digits; a title in another encoding is nobody's concern.
    Ok(String::from_utf8(body).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

fn mark(response: &Response, name: &header::HeaderName) -> Option<String> {
    let mark = response.headers().get(name)?.to_str().ok()?.trim();
    (!mark.is_empty() && mark.len() <= LONGEST_MARK).then(|| mark.to_owned())
}

fn wait(response: &Response) -> Option<Duration> {
    let seconds: u64 = response
        .headers()
        .get(header::RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds.min(LONGEST_WAIT)))
}

fn failed(kind: ErrorKind, retry: Retry, sentence: &'static str) -> PortError {
    PortError::new(ADAPTER, OPERATION, kind, retry).with_reason(sentence)
}

fn astray(error: AddressError) -> PortError {
    failed(ErrorKind::Rejected, Retry::Backoff, ASTRAY).with_source(error)
}

/// No answer, or only part of one. The address is a secret, so it is taken out of the cause.
fn no_answer(cause: reqwest::Error) -> PortError {
    let cause = cause.without_url();
    let mut source: Option<&(dyn Error + 'static)> = Some(&cause);
    while let Some(error) = source {
        if error.is::<Unreachable>() {
            return failed(ErrorKind::Rejected, Retry::Backoff, ASTRAY).with_source(Unreachable);
        }
        source = error.source();
    }
    failed(ErrorKind::Unavailable, Retry::Backoff, AWAY).with_source(cause)
}
