//! Webhooks of telephony providers. Nothing gets in without a signature that fits; what is refused is told nothing.

mod documents;
mod google;
mod twilio;

pub use twilio::router;
