//! From the wall clock back to instants: a local time exists once, not at all, or twice.

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
