//! Opening hours as instants.

use super::OpeningHours;
use super::hours::Interval;
use crate::Timestamp;
use crate::routing::TimeOfDay;
use crate::zone::{LocalDay, Resolver};

/// A stretch in which the business is open, in microseconds; never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Opening {
    pub(super) start: i64,
    pub(super) end: i64,
}

/// Every opening in which something between two instants could lie, by start. Some may lie outside.
pub(super) fn openings(
    resolver: &mut Resolver<'_>,
    hours: &OpeningHours,
    from: Timestamp,
    until: Timestamp,
) -> Vec<Opening> {
    // A night reaches into the next date. Where clocks are set back over midnight, instants of the earlier date come
    // after the first of the later one, hence one date more on both sides.
    let mut date = resolver.day_of(from.as_seconds()).0.plus_days(-2);
    let last = resolver.day_of(until.as_seconds()).0.plus_days(1);
    let mut all = Vec::new();
    let mut is_sorted = true;
    while date <= last {
        for interval in hours.on(date) {
            let Some(opening) = opening(resolver, hours, date, *interval) else {
                continue;
            };
            is_sorted &= all.last().is_none_or(|before| *before <= opening);
            all.push(opening);
        }
        date = date.plus_days(1);
    }
    if !is_sorted {
        all.sort_unstable();
    }
    all
}

/// The opening of an interval that begins on `date`; nothing where no time is left of it.
fn opening(resolver: &mut Resolver<'_>, hours: &OpeningHours, date: LocalDay, interval: Interval) -> Option<Opening> {
    let second = |time: TimeOfDay| u32::from(time.minutes()).saturating_mul(60);
    let end_date = date.plus_days(i32::from(interval.crosses_midnight()));
    let start = resolver.resolve(date, second(interval.from())).start();
    let mut end = resolver.resolve(end_date, second(interval.to())).end();
    // A date with hours of its own owns all of itself.
    if let Some(cut) = hours.first_date(date.plus_days(1), date.plus_days(2)) {
        end = end.min(resolver.start_of(cut));
    }
    (start < end).then(|| Opening {
        start: start.as_micros(),
        end: end.as_micros(),
    })
}
