//! The domain of the Missed Call Command Center.
//!
//! This crate decides; it performs no I/O, starts no task, reads no clock and no environment. What it needs from
//! outside comes in as values or through the traits in [`port`].
//!
//! Vocabulary that every room shares lives at the top level: [`PhoneNumber`], [`CallerId`], [`Timestamp`], typed
//! [`id`]s and [`Secret`]s.

pub mod caller;
pub mod compliance;
pub mod id;
pub mod messages;
pub mod phone;
pub mod secret;
pub mod time;

pub use caller::CallerId;
pub use phone::{PhoneNumber, PhoneNumberError};
pub use secret::Secret;
pub use time::Timestamp;
