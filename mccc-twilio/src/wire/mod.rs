//! From the fields of a webhook to the core's events.
//!
//! Fields that are not known are left alone, because the provider adds new ones without notice; a status that is not
//! known means "still pending". Source: Twilio, voice request parameters, call status callbacks, recording status
//! callbacks, messaging webhook and outbound status pages, read 2026-11.

mod call;
mod field;
mod recording;
mod status;
mod text;

pub use call::{call_progress, inbound_call};
pub use field::WireError;
pub(crate) use field::is_sid;
pub use recording::recording_progress;
pub(crate) use status::{call_status, delivery_status};
pub use text::{inbound_text, text_progress};
