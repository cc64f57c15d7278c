//! Each kind of row: its columns, how a value is given to a statement, and how it is read back.

pub(crate) mod appointment;
pub(crate) mod call;
pub(crate) mod contact;
pub(crate) mod conversation;
pub(crate) mod feed;
pub(crate) mod flags;
pub(crate) mod job;
pub(crate) mod message;
pub(crate) mod task;
pub(crate) mod test_call;
