//! Which hour is free: from opening hours, the calendar and the rules of booking to the instants at which a visit can
//! start.
//!
//! [`starts`] and [`why_not`] are pure. The first gives every start at once; the second says for one instant which rules
//! stand against it, by walking the rules themselves instead of the sweep, and both agree on every instant.
//!
//! Hours are what the wall clock shows, per weekday or for a date of its own ([`OpeningHours`]); everything else is
//! instants. An opening begins a grid that steps in absolute time, so that a day on which clocks change has an hour more
//! or less. Openings are never merged, not even where they touch. Neither the calendar nor the clock moves the grid: they
//! only take starts away.

mod busy;
mod cap;
mod error;
mod generate;
mod hours;
mod opening;
mod reading;
mod settings;
mod terms;
mod why_not;
mod window;

pub use busy::Busy;
pub use error::SlotsError;
pub use generate::starts;
pub use hours::{Interval, OpeningHours};
pub use reading::Reading;
pub use settings::BookingSettings;
pub use terms::Terms;
pub use why_not::{WhyNot, moment, why_not};
pub use window::Window;

use crate::Timestamp;
use crate::zone::Zone;

/// Everything the answer depends on.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The zone of the business: of its hours, of all-day entries and of the days that are counted.
    pub zone: &'a Zone,
    /// When the business is open.
    pub hours: &'a OpeningHours,
    /// Lengths, distances and the cap.
    pub terms: &'a Terms,
    /// The present.
    pub now: Timestamp,
    /// In which a visit must start; it may end later.
    pub window: Window,
    /// What the calendar holds, ours and others', in any order.
    pub busy: &'a [Busy],
    /// When our own appointments start, for the cap alone: held, scheduled, confirmed and completed ones. What they
    /// block is in `busy`.
    pub appointments: &'a [Timestamp],
}

#[cfg(test)]
mod tests;
