//! What can be queued, and when it is tried again.

mod payload;
mod retry;

pub use payload::{Job, JobKind};
pub use retry::{Next, RetryPolicy, next_attempt};
