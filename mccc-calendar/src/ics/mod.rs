//! iCalendar files (RFC 5545): our appointments for anybody's calendar, and somebody's feed as time that is taken.
//!
//! | module | one idea |
//! | --- | --- |
//! | [`write`](mod@write) | an appointment, or a list of them, as a file |
//! | [`read`](mod@read) | what a feed takes of a stretch of time |
//!
//! A feed comes from anywhere, so reading it is bounded in size, depth and work. What cannot be read in full is an error
//! as a whole: an entry that was not understood is not free time.

mod moment;
pub mod read;
mod recur;
pub mod write;
mod zones;
