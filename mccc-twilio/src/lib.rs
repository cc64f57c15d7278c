//! Twilio for the Missed Call Command Center: what its webhooks say and whether they are genuine, what it is told to
//! do with a call, and a client of its REST interface.
//!
//! | module | one idea |
//! | --- | --- |
//! | [`signature`] | is this request really from the provider? |
//! | [`form`] | the fields of a webhook, decoded once |
//! | [`twiml`] | documents that tell the provider what to do with a call |

mod base_url;
pub mod form;
pub mod signature;
pub mod twiml;
mod webhook;

pub use base_url::BaseUrlError;
pub use signature::{SIGNATURE_HEADER, SignatureValidator, ValidatorError};
pub use webhook::{RawWebhook, WebhookRejection};
