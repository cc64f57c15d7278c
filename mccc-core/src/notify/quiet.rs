//! Do not disturb: stretches of local time, and when the present one ends.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::routing::TimeOfDay;
use crate::zone::{Weekday, Zone};

/// A stretch of quiet time on some days of the week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietTime {
    /// The days on which it begins.
    pub days: Vec<Weekday>,
    /// When it begins.
    pub from: TimeOfDay,
    /// When it ends: on the next day when that is not after the beginning.
    pub until: TimeOfDay,
}

/// Stretches that follow each other are one, but not without end: after a week somebody is told.
const MOST_JOINED: usize = 8;

impl QuietTime {
    /// Whether it can ever begin and ends again.
    pub(super) fn is_usable(&self) -> bool {
        !self.days.is_empty() && self.from != self.until && self.from != TimeOfDay::END_OF_DAY
    }

    /// When the stretch that `at` lies in ends.
    fn end_around(&self, zone: &Zone, at: Timestamp) -> Option<Timestamp> {
        let today = zone.to_local(at).day;
        let second = |time: TimeOfDay| u32::from(time.minutes()) * 60;
        [-1, 0]
            .into_iter()
            .map(|days| today.plus_days(days))
            .filter(|day| self.days.contains(&day.weekday()))
            .filter_map(|day| {
                let last = if self.until > self.from { day } else { day.plus_days(1) };
                let begins = zone.resolve(day, second(self.from)).start();
                let ends = zone.resolve(last, second(self.until)).end();
                (begins <= at && at < ends).then_some(ends)
            })
            .max()
    }
}

/// When the quiet time ends that `now` lies in; nothing when it lies in none. Stretches that touch are one.
#[must_use]
pub fn quiet_until(times: &[QuietTime], zone: &Zone, now: Timestamp) -> Option<Timestamp> {
    let around = |at| times.iter().filter_map(|time| time.end_around(zone, at)).max();
    let mut end = around(now)?;
    for _ in 0..MOST_JOINED {
        match around(end) {
            Some(later) => end = later,
            None => break,
        }
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn time(days: &[Weekday], from: &str, until: &str) -> QuietTime {
        QuietTime {
            days: days.to_vec(),
            from: from.parse().unwrap(),
            until: until.parse().unwrap(),
        }
    }

    fn chicago() -> Zone {
        Zone::parse("America/Chicago").unwrap()
    }

    #[test]
    fn a_night_belongs_to_the_day_it_begins_on() {
        // Friday night only; Chicago is six hours behind in November.
        let times = [time(&[Weekday::Friday], "21:00", "07:00")];
        let until = |text| quiet_until(&times, &chicago(), at(text));
        assert_eq!(until("2026-11-28T02:59:59Z"), None);
        assert_eq!(until("2026-11-28T03:00:00Z"), Some(at("2026-11-28T13:00:00Z")));
        assert_eq!(until("2026-11-28T12:59:59Z"), Some(at("2026-11-28T13:00:00Z")));
        assert_eq!(until("2026-11-28T13:00:00Z"), None);
        assert_eq!(until("2026-11-29T03:00:00Z"), None);
    }

    #[test]
    fn stretches_that_touch_are_one_and_even_a_whole_week_ends() {
        let weekend = [
            time(&[Weekday::Saturday], "00:00", "24:00"),
            time(&[Weekday::Sunday], "00:00", "18:00"),
        ];
        let until = quiet_until(&weekend, &chicago(), at("2026-11-28T18:00:00Z"));
        assert_eq!(until, Some(at("2026-11-30T00:00:00Z")));
        let always = [time(&Weekday::ALL, "00:00", "24:00")];
        let now = at("2026-11-28T18:00:00Z");
        let end = quiet_until(&always, &chicago(), now).unwrap();
        assert!(end > now && end < at("2026-12-08T00:00:00Z"), "{end}");
    }

    #[test]
    fn the_hour_that_comes_twice_is_quiet_twice_and_the_one_that_is_skipped_not_at_all() {
        let night = [time(&Weekday::ALL, "01:00", "01:30")];
        let until = |text| quiet_until(&night, &chicago(), at(text));
        // Clocks went back at 2:00 on 2026-11-01: 1:30 comes at 06:30Z and 07:30Z.
        assert_eq!(until("2026-11-01T07:29:00Z"), Some(at("2026-11-01T07:30:00Z")));
        // Clocks went forward on 2026-03-08: 2:15 to 2:45 does not exist.
        let gap = [time(&Weekday::ALL, "02:15", "02:45")];
        assert_eq!(quiet_until(&gap, &chicago(), at("2026-03-08T08:00:00Z")), None);
    }
}
