//! The domain of the Missed Call Command Center.
//!
//! This crate decides; it performs no I/O, starts no task, reads no clock and no environment. What it needs from
//! outside comes in as values or through the traits in [`port`].
//!
//! Vocabulary that every room shares lives at the top level: [`PhoneNumber`], [`CallerId`], [`Timestamp`], typed
//! [`id`]s and [`Secret`]s.

pub mod appointments;
pub mod business;
pub mod caller;
pub mod calls;
pub mod center;
pub mod compliance;
pub mod conversation;
pub mod id;
pub mod jobs;
pub mod memory;
pub mod messages;
pub mod notify;
pub mod phone;
pub mod port;
pub mod routing;
pub mod secret;
pub mod slots;
pub mod tasks;
#[cfg(feature = "testkit")]
pub mod testkit;
pub mod time;
pub mod zone;

pub use caller::CallerId;
pub use center::CommandCenter;
pub use id::{
    ApiKeyId, AppointmentId, BlockedTimeId, BusinessId, CallId, ConversationId, Id, IdError, JobId, Kind, MessageId,
    RecordingId, RuleId, SessionId, TaskId, TestCallId, UserId,
};
pub use phone::{PhoneNumber, PhoneNumberError};
pub use secret::Secret;
pub use time::Timestamp;
