//! Documents that tell the provider what to do with a call.
//!
//! Valid for every input: names, greetings and addresses are escaped, characters that XML cannot hold are left out,
//! and the provider's limits are kept. Source: Twilio, TwiML voice pages and the attribute lists of its server
//! libraries, read 2026-11.

mod document;
mod escape;
mod reply;
mod verb;

pub use document::{MAX_DOCUMENT_BYTES, Twiml, TwimlTooLong};
pub use reply::{after_recording, last_resort, nothing, reject, render};
pub use verb::{Record, RejectReason, Say, Verb};

/// The `Content-Type` to answer with.
pub const CONTENT_TYPE: &str = "text/xml; charset=utf-8";

/// The answer that does nothing: for texts (which are answered through the REST interface) and for status callbacks.
pub const EMPTY: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";
