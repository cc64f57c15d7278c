//! Twilio for the Missed Call Command Center: what its webhooks say and whether they are genuine, what it is told to
//! do with a call, and a client of its REST interface.
//!
//! | module | one idea |
//! | --- | --- |
//! | [`signature`] | is this request really from the provider? |
//! | [`form`] | the fields of a webhook, decoded once |
//! | [`wire`] | what a webhook says, in the core's terms |
//! | [`webhooks`] | the three above for one account: a checked event or a refusal |
//! | [`twiml`] | documents that tell the provider what to do with a call |
//! | [`routes`] | the paths that the provider is told to call |
//! | [`client`] | texts, calls, numbers and look-ups of one account |
//! | [`code`] | what the provider's error codes mean |

mod base_url;
pub mod client;
pub mod code;
pub mod config;
mod error;
pub mod form;
pub mod routes;
pub mod signature;
pub mod twiml;
pub mod webhooks;
pub mod wire;

pub use base_url::{BaseUrlError, check_address};
pub use client::{AudioFormat, RecordingMedia, Transport, TwilioClient};
pub use config::{ConfigError, Credentials, Limits, TwilioConfig};
pub use signature::{SIGNATURE_HEADER, SignatureValidator, Unverified, ValidatorError};
pub use webhooks::{TwilioWebhooks, WebhookError};
pub use wire::WireError;
