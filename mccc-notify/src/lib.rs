//! Ways to the contractor behind the core's port [`Notifier`](mccc_core::port::Notifier): a Slack channel by its incoming
//! webhook, and e-mail through any SMTP server or through Resend. Texts go through the gateway of texts and are no part
//! of this crate.
//!
//! What a caller wrote is escaped here, by the rules of each channel. Whether to try again is for the core to say.

mod email;
mod http;
mod resend;
mod slack;
mod smtp;

pub use email::AddressError;
pub use http::{Limits, Transport, TransportError};
pub use resend::{Resend, ResendConfig};
pub use slack::{SlackChannel, SlackPlaces, SlackUrlError};
pub use smtp::{Encryption, SmtpConfig, SmtpMailer};
