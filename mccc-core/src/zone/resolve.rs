//! From the wall clock back to instants: a local time exists once, not at all, or twice.

use super::offsets::Stretch;
use super::{LocalDay, Zone, offsets};
use crate::Timestamp;

/// No two local times further apart than this belong to one instant: offsets stay within 16 hours of UTC.
const REACH: i64 = 16 * 3_600;

/// The instants at which a wall clock shows a given local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolved {
    /// It shows it once.
    Once(Timestamp),
    /// It never does: clocks were set forward over it. This is the first instant after the gap.
    Skipped(Timestamp),
    /// It shows it twice: clocks were set back.
    Twice {
        /// The first time.
        first: Timestamp,
        /// The last time.
        last: Timestamp,
    },
}

impl Resolved {
    /// When something that starts at the local time starts: the first occurrence, or the first instant after a gap.
    #[must_use]
    pub const fn start(self) -> Timestamp {
        match self {
            Self::Once(at) | Self::Skipped(at) | Self::Twice { first: at, .. } => at,
        }
    }

    /// When something that ends at the local time ends: the last occurrence, or the first instant after a gap.
    #[must_use]
    pub const fn end(self) -> Timestamp {
        match self {
            Self::Once(at) | Self::Skipped(at) | Self::Twice { last: at, .. } => at,
        }
    }
}

impl Zone {
    /// The instants at which the wall clock shows `second_of_day` on `day`. Seconds past the end of the day count on
    /// into the next (86,400 is midnight at its end).
    #[must_use]
    pub fn resolve(&self, day: LocalDay, second_of_day: u32) -> Resolved {
        let wanted = day.local_seconds().saturating_add(i64::from(second_of_day));
        let mut from = wanted.saturating_sub(REACH);
        let (mut first, mut last, mut after_gap) = (None, None, None);
        loop {
            let offset = i64::from(self.offset_at(from));
            let until = self
                .next_transition(Timestamp::from_seconds(from))
                .map(Timestamp::as_seconds)
                .filter(|change| *change <= wanted.saturating_add(REACH));
            let at = wanted.saturating_sub(offset);
            if at >= from && until.is_none_or(|until| at < until) {
                first = first.or(Some(at));
                last = Some(at);
            }
            let Some(change) = until else { break };
            let clock_after = change.saturating_add(i64::from(self.offset_at(change)));
            if at >= change && clock_after > wanted {
                after_gap = after_gap.or(Some(change));
            }
            from = change;
        }
        match (first, last, after_gap) {
            (Some(first), Some(last), _) if first != last => Resolved::Twice {
                first: Timestamp::from_seconds(first),
                last: Timestamp::from_seconds(last),
            },
            (Some(at), _, _) => Resolved::Once(Timestamp::from_seconds(at)),
            (None, _, Some(change)) => Resolved::Skipped(Timestamp::from_seconds(change)),
            // Only at the ends of time, where instants saturate.
            (None, _, None) => Resolved::Once(Timestamp::from_seconds(
                wanted.saturating_sub(i64::from(offsets::by_rule(self.time_zone(), wanted))),
            )),
        }
    }

    /// The first instant of a local day; not every day starts at 0:00.
    #[must_use]
    pub fn start_of(&self, day: LocalDay) -> Timestamp {
        self.resolve(day, 0).start()
    }
}

/// A zone together with the stretch of one offset that was looked at last, for those who resolve many local times that
/// lie close together: far from the ends of the stretch that costs an addition.
#[derive(Debug)]
pub(crate) struct Resolver<'z> {
    zone: &'z Zone,
    stretch: Stretch,
}

impl<'z> Resolver<'z> {
    pub(crate) fn new(zone: &'z Zone, near: Timestamp) -> Self {
        Self {
            zone,
            stretch: zone.stretch_at(near.as_seconds()),
        }
    }

    /// As [`Zone::resolve`].
    pub(crate) fn resolve(&mut self, day: LocalDay, second_of_day: u32) -> Resolved {
        let wanted = day.local_seconds().saturating_add(i64::from(second_of_day));
        if let Some(at) = self.steady(wanted) {
            return Resolved::Once(at);
        }
        self.stretch = self.zone.stretch_at(wanted);
        match self.steady(wanted) {
            Some(at) => Resolved::Once(at),
            None => self.zone.resolve(day, second_of_day),
        }
    }

    /// As [`Zone::start_of`].
    pub(crate) fn start_of(&mut self, day: LocalDay) -> Timestamp {
        self.resolve(day, 0).start()
    }

    /// The local day of a second of UTC, and the seconds around it, the last excluded, that surely are on the same day.
    /// A day on which clocks change has several such parts.
    pub(crate) fn day_of(&mut self, second: i64) -> (LocalDay, std::ops::Range<i64>) {
        if !(self.stretch.from..self.stretch.until).contains(&second) {
            self.stretch = self.zone.stretch_at(second);
        }
        let offset = i64::from(self.stretch.offset);
        let day = LocalDay::of_local_seconds(second.saturating_add(offset));
        let midnight = |day: LocalDay| day.local_seconds().saturating_sub(offset);
        let from = midnight(day).max(self.stretch.from);
        (day, from..midnight(day.plus_days(1)).min(self.stretch.until))
    }

    /// The one instant at which the wall clock shows `wanted`, unless a change of the clocks is near: instants that
    /// show it are at most twice [`REACH`] apart.
    fn steady(&self, wanted: i64) -> Option<Timestamp> {
        let at = wanted.saturating_sub(i64::from(self.stretch.offset));
        let is_far_from_changes =
            at.saturating_sub(2 * REACH) >= self.stretch.from && at.saturating_add(2 * REACH) < self.stretch.until;
        is_far_from_changes.then(|| Timestamp::from_seconds(at))
    }
}
