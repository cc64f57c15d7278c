//! A slot as people read it.

use serde::Serialize;

use crate::Timestamp;
use crate::zone::{Local, LocalDay, Zone};

/// A slot by the wall clock of the business. The instant stays beside it as its identity: on the day on which clocks are
/// set back 1:30 comes twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// The start.
    pub start: Timestamp,
    /// The local date of the start.
    pub date: LocalDay,
    /// The start on the wall clock, such as `09:30`.
    pub start_time: String,
    /// The end on the wall clock.
    pub end_time: String,
    /// The start on the wall clock with the offset from UTC.
    pub local: String,
}

impl Reading {
    /// A slot of `duration_minutes`.
    #[must_use]
    pub fn of(zone: &Zone, start: Timestamp, duration_minutes: u32) -> Self {
        let local = zone.to_local(start);
        let length = std::time::Duration::from_secs(u64::from(duration_minutes).saturating_mul(60));
        Self {
            start,
            date: local.day,
            start_time: clock(&local),
            end_time: clock(&zone.to_local(start.plus(length))),
            local: local.to_string(),
        }
    }
}

fn clock(local: &Local) -> String {
    let minute = local.minute_of_day();
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_that_comes_twice_is_told_apart_by_its_offset() {
        let zone = Zone::parse("America/New_York").unwrap();
        let read = |text: &str| Reading::of(&zone, Timestamp::parse(text).unwrap(), 60);
        let (first, second) = (read("2026-11-01T05:30:00Z"), read("2026-11-01T06:30:00Z"));
        assert_eq!((first.start_time.as_str(), first.end_time.as_str()), ("01:30", "01:30"));
        assert_eq!(first.local, "2026-11-01T01:30:00-04:00");
        assert_eq!(
            (second.start_time.as_str(), second.local.as_str()),
            ("01:30", "2026-11-01T01:30:00-05:00")
        );
    }
}
