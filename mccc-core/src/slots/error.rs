//! What cannot be asked.

use crate::Timestamp;
use crate::routing::TimeOfDay;

/// Why a question about free hours makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SlotsError {
    /// A number of minutes that no visit has.
    #[error("choose {least} to {most} minutes, not {given}")]
    Minutes {
        /// Which one.
        field: &'static str,
        /// The least.
        least: u32,
        /// The most.
        most: u32,
        /// What was given.
        given: u32,
    },
    /// Hours that start and end at the same time.
    #[error("starts and ends at {at}; for a whole day write 00:00 to 24:00, for a closed one give no hours")]
    NoHours {
        /// The time.
        at: TimeOfDay,
    },
    /// Hours that are no pair of times.
    #[error("hours are a pair of times, such as [\"08:00\", \"12:00\"]")]
    NoPair,
    /// The window ends before it starts.
    #[error("ends at {end}, before it starts at {start}; give them the other way round")]
    Backwards {
        /// Its start.
        start: Timestamp,
        /// Its end.
        end: Timestamp,
    },
    /// The window is longer than anybody books ahead.
    #[error("is longer than {} days; ask for a shorter time", super::Window::MOST_DAYS)]
    TooLong,
}
