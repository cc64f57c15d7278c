//! Cal.com, which keeps its own hours, lengths and buffers, and tells free times instead of what is taken.
//!
//! Off unless a business switched it on and has credentials. Its interface has no key that makes a booking one booking
//! however often it is sent, so each booking carries its appointment, and is looked for before it is made.
//!
//! Source: Cal.com, API reference v2 (slots 2024-09-04, bookings 2024-08-13, event types 2024-06-14, webhooks), read
//! 2026-11. The version header decides the form of each answer: without it an older one comes.

mod config;
mod error;
mod lookup;
mod provider;
pub mod webhook;
mod wire;

pub use config::{CalcomConfig, CalcomConfigError};
pub use provider::{CalcomCalendar, EventType};

/// Name of this adapter in errors.
pub(crate) const ADAPTER: &str = "calcom";
