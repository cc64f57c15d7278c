//! E-mail through any SMTP server (RFC 5321, RFC 8314), by the library `lettre` and its TLS with the machine's own
//! certificates. One connection an e-mail: there are few, and a connection that is kept may be gone when it is needed.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use mccc_core::Secret;
use mccc_core::notify::Notice;
use mccc_core::port::{Clock, ErrorKind, Notifier, NotifierCapabilities, PortError, Retry, Told};
use sha2::{Digest, Sha256};

use crate::email::{self, AddressError};

const ADAPTER: &str = "smtp";
const OPERATION: &str = "notify";
/// The whole of one e-mail, from the connection to the last answer.
const PATIENCE: Duration = Duration::from_secs(12);

/// How the way to the server is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encryption {
    /// From the first byte, usually at port 465.
    Tls,
    /// After a greeting, usually at port 587. A server that does not offer it is not used.
    StartTls,
    /// Not at all: for a server on the same machine.
    None,
}

/// An SMTP server and who writes through it.
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    /// Name of the server, which its certificate must carry.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the way there is kept private.
    pub encryption: Encryption,
    /// Signs in, where the server asks for it: a name and a password.
    pub sign_in: Option<(String, Secret)>,
    /// Who writes: an address, perhaps with a name.
    pub from: String,
}

/// One mailbox, reached through an SMTP server.
pub struct SmtpMailer {
    config: SmtpConfig,
    from: Mailbox,
    to: Mailbox,
    clock: Arc<dyn Clock>,
    patience: Duration,
}

impl fmt::Debug for SmtpMailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpMailer").finish_non_exhaustive()
    }
}

impl SmtpMailer {
    /// A mailbox. E-mails are dated by `clock`.
    ///
    /// # Errors
    /// When an address is none.
    pub fn new(config: SmtpConfig, to: &str, clock: Arc<dyn Clock>) -> Result<Self, AddressError> {
        let from = config.from.parse().map_err(|_| AddressError)?;
        let to = to.parse().map_err(|_| AddressError)?;
        Ok(Self {
            config,
            from,
            to,
            clock,
            patience: PATIENCE,
        })
    }

    /// The same, with another limit for the whole of one e-mail.
    #[must_use]
    pub const fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    fn message(&self, notice: &Notice) -> Result<Message, PortError> {
        let micros = u64::try_from(self.clock.now().as_micros()).unwrap_or(0);
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        Message::builder()
            .from(self.from.clone())
            .to(self.to.clone())
            .date(SystemTime::UNIX_EPOCH + Duration::from_micros(micros))
            // The same for every attempt: programs that show e-mails show one of two.
            .message_id(Some(format!("<{}@{}>", digest(&notice.key), self.from.email.domain())))
            .subject(email::subject(notice))
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(
                email::text(notice),
                email::html(notice),
            ))
            .map_err(|_| failed(ErrorKind::Rejected, Retry::Never))
    }

    /// A connection on which one has signed in. Nothing has been told when it fails.
    async fn connect(&self) -> Result<AsyncSmtpConnection, PortError> {
        let config = &self.config;
        let hello = ClientId::Domain(self.from.email.domain().to_owned());
        let tls = || TlsParameters::new(config.host.clone()).map_err(before);
        let at_once = match config.encryption {
            Encryption::Tls => Some(tls()?),
            Encryption::StartTls | Encryption::None => None,
        };
        let server = (config.host.as_str(), config.port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(server, Some(self.patience), &hello, at_once, None)
            .await
            .map_err(before)?;
        if config.encryption == Encryption::StartTls {
            if !connection.can_starttls() {
                return Err(failed(ErrorKind::InvalidConfig, Retry::Never)
                    .with_reason("The mail server does not offer encryption on this port."));
            }
            connection.starttls(tls()?, &hello).await.map_err(before)?;
        }
        if let Some((name, password)) = &config.sign_in {
            let credentials = Credentials::new(name.clone(), password.reveal().to_owned());
            let ways = [Mechanism::Plain, Mechanism::Login];
            connection.auth(&ways, &credentials).await.map_err(signing_in)?;
        }
        Ok(connection)
    }

    async fn send(&self, message: &Message) -> Result<(), PortError> {
        let mut connection = self.connect().await?;
        let sent = connection.send(message.envelope(), &message.formatted()).await;
        let answer = sent.map(drop).map_err(sending);
        if answer.is_ok() {
            // It is told, whatever becomes of the farewell.
            let _farewell = connection.quit().await;
        }
        answer
    }
}

#[async_trait]
impl Notifier for SmtpMailer {
    fn name(&self) -> &'static str {
        ADAPTER
    }

    fn capabilities(&self) -> NotifierCapabilities {
        NotifierCapabilities { repeats_are_one: false }
    }

    async fn notify(&self, notice: &Notice) -> Result<Told, PortError> {
        let message = self.message(notice)?;
        match tokio::time::timeout(self.patience, self.send(&message)).await {
            Ok(Ok(())) => Ok(Told::default()),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(failed(ErrorKind::Unavailable, Retry::Unknown)),
        }
    }
}

fn digest(key: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(key.as_bytes());
    hex::encode(hash.finalize()).chars().take(40).collect()
}

fn failed(kind: ErrorKind, retry: Retry) -> PortError {
    PortError::new(ADAPTER, OPERATION, kind, retry)
}

/// The server's answer as a number. Its words may quote the e-mail and are left out.
fn code(error: &lettre::transport::smtp::Error) -> Option<u32> {
    error.status().and_then(|code| code.to_string().parse().ok())
}

fn with_code(error: PortError, cause: &lettre::transport::smtp::Error) -> PortError {
    match code(cause) {
        Some(code) => error.with_code(code),
        None => error,
    }
}

/// Before anything was told.
fn before(cause: lettre::transport::smtp::Error) -> PortError {
    let error = if cause.is_permanent() {
        failed(ErrorKind::Rejected, Retry::Never).with_reason("The mail server does not serve us.")
    } else if cause.is_tls() {
        failed(ErrorKind::InvalidConfig, Retry::Backoff)
            .with_reason("The connection to the mail server could not be encrypted.")
    } else {
        failed(ErrorKind::Unavailable, Retry::Backoff)
    };
    with_code(error, &cause)
}

fn signing_in(cause: lettre::transport::smtp::Error) -> PortError {
    let error = if cause.is_permanent() || cause.is_client() {
        failed(ErrorKind::Unauthenticated, Retry::Never)
            .with_reason("The mail server does not accept the name or the password.")
    } else {
        failed(ErrorKind::Unavailable, Retry::Backoff)
    };
    with_code(error, &cause)
}

/// While it was told. A refusal is an answer: nothing was taken. Without an answer nobody knows.
fn sending(cause: lettre::transport::smtp::Error) -> PortError {
    let error = if cause.is_permanent() {
        failed(ErrorKind::Rejected, Retry::Never).with_reason("The mail server did not accept the e-mail.")
    } else if cause.is_transient() {
        failed(ErrorKind::Unavailable, Retry::Backoff).with_reason("The mail server takes no e-mail for now.")
    } else if cause.is_client() {
        failed(ErrorKind::Rejected, Retry::Never)
    } else {
        failed(ErrorKind::Unavailable, Retry::Unknown)
    };
    with_code(error, &cause)
}
