//! What a scripted server does with one request.

use std::io::{self, Write};
use std::time::Duration;

/// How one request is answered. The request has been read and recorded by then: the effect took place.
#[derive(Debug, Clone)]
pub struct Reply {
    pub(super) delay: Duration,
    pub(super) manner: Manner,
}

/// The ways in which an answer can go right or wrong.
#[derive(Debug, Clone)]
pub(super) enum Manner {
    /// A proper response.
    Respond {
        status: u16,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    },
    /// A response whose body ends too early: the connection is closed after so many bytes.
    CutAfter { status: u16, body: Vec<u8>, sent: usize },
    /// Bytes that need not be HTTP.
    Raw(Vec<u8>),
    /// The connection is closed without an answer.
    HangUp,
    /// No answer, and the connection stays open until the client gives up.
    Silence,
}

impl Reply {
    /// A response without a body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::body(status, "", "")
    }

    /// A JSON response.
    #[must_use]
    pub fn json(status: u16, body: &str) -> Self {
        Self::body(status, "application/json", body)
    }

    /// A plain text response, for example the page of a proxy in between.
    #[must_use]
    pub fn text(status: u16, body: &str) -> Self {
        Self::body(status, "text/plain; charset=utf-8", body)
    }

    /// A response with any content type.
    #[must_use]
    pub fn body(status: u16, content_type: &str, body: impl AsRef<[u8]>) -> Self {
        let mut headers = Vec::new();
        if !content_type.is_empty() {
            headers.push(("Content-Type".to_owned(), content_type.to_owned()));
        }
        Self::manner(Manner::Respond {
            status,
            headers,
            body: body.as_ref().to_vec(),
        })
    }

    /// A JSON response of which only the first half arrives before the connection is closed.
    #[must_use]
    pub fn half_body(status: u16, body: &str) -> Self {
        Self::manner(Manner::CutAfter {
            status,
            body: body.as_bytes().to_vec(),
            sent: body.len() / 2,
        })
    }

    /// Bytes that are not HTTP.
    #[must_use]
    pub fn garbage() -> Self {
        Self::manner(Manner::Raw(
            b"\x16\x03\x01\x00\x00 this is no status line\r\n\r\n".to_vec(),
        ))
    }

    /// A response that does not say how long it is: it ends with the connection.
    #[must_use]
    pub fn unannounced(status: u16, body: impl AsRef<[u8]>) -> Self {
        let mut bytes = format!("HTTP/1.1 {status} Scripted\r\nConnection: close\r\n\r\n").into_bytes();
        bytes.extend_from_slice(body.as_ref());
        Self::manner(Manner::Raw(bytes))
    }

    /// The connection is closed after the request was read: the effect took place and nobody says so.
    #[must_use]
    pub fn hang_up() -> Self {
        Self::manner(Manner::HangUp)
    }

    /// The request is read and never answered.
    #[must_use]
    pub fn silence() -> Self {
        Self::manner(Manner::Silence)
    }

    /// Adds a header to a proper response; the other kinds have none.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Manner::Respond { headers, .. } = &mut self.manner {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Waits before doing what it does.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    fn manner(manner: Manner) -> Self {
        Self {
            delay: Duration::ZERO,
            manner,
        }
    }
}

/// Writes a response head and as much of the body as `sent` says.
pub(super) fn write_response(
    mut to: impl Write,
    status: u16,
    headers: &[(String, String)],
    body: &[u8],
    sent: usize,
) -> io::Result<()> {
    let mut message = format!("HTTP/1.1 {status} Scripted\r\n").into_bytes();
    for (name, value) in headers {
        message.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    // These two never have a body, and a length would be wrong (RFC 9110, 6.4.1).
    if !matches!(status, 204 | 304) {
        message.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
    }
    message.extend_from_slice(b"\r\n");
    message.extend(body.iter().take(sent));
    to.write_all(&message)?;
    to.flush()
}
