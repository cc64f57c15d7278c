//! Google Calendar.
//!
//! | module | one idea |
//! | --- | --- |
//! | [`connect`] | asking the contractor for permission, and what comes of it |
//! | [`tokens`] | what the permission is made of, and who keeps it |
//! | [`push`] | whether a call about a changed calendar is genuine |
//!
//! Sources: the machine-readable description of Calendar API v3, revision 2026-10-30, and Google's guides "Handle API
//! errors", "Manage quotas", "Synchronize resources", "Push notifications", "Get specific versions of resources" and
//! "Extended properties", read 2026-11; for the permission, "Using OAuth 2.0 for Web Server Applications", read 2026-11.

mod api;
mod changes;
mod channels;
mod config;
pub mod connect;
mod creation;
mod error;
pub(crate) mod ids;
mod provider;
pub mod push;
mod reading;
mod session;
pub mod tokens;
mod wire;
mod writing;

pub use config::{GoogleConfig, GoogleConfigError};
pub use ids::{appointment_of, event_id};
pub use provider::GoogleCalendar;

/// Name of this adapter in errors.
pub(crate) const ADAPTER: &str = "google";
