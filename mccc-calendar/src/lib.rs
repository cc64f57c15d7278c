//! Calendars for the Missed Call Command Center: Google Calendar, Cal.com, and iCalendar files.
//!
//! | module | one idea |
//! | --- | --- |
//! | [`google`] | connecting a Google account, and the core's calendar port for it |
//! | [`calcom`] | the core's calendar port for Cal.com |
//! | [`ics`] | iCalendar files: our appointments out, somebody's feed in |
//! | [`webcal`] | calendars that are published under an address: fetching them |
//!
//! The adapters hold no tokens beyond their own memory: the host gives them and is told when they were refreshed.
//! Nothing is retried here. Every failure says whether the same request may be sent again, and the core decides when.

mod base_url;
pub mod calcom;
pub mod google;
mod http;
pub mod ics;
mod text;
pub mod webcal;

pub use base_url::BaseUrlError;
pub use http::{Limits, Transport, TransportError};
