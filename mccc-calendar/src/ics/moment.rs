//! Times and lengths as iCalendar writes them.
//!
//! A local time that does not exist is read with the offset before the gap, and one that exists twice is the first (RFC
//! 5545, 3.3.5, read 2026-11). Business hours follow another rule, which is the core's.

use std::time::Duration;

use mccc_core::Timestamp;
use mccc_core::zone::{LocalDay, Resolved, Zone};

use super::read::IcsError;

pub(super) const DAY: i64 = 86_400;
/// Years that are read: some write a birthday whose year nobody knows into 1604. Anything else is a mistake, or an attempt to count for long.
const YEARS: std::ops::RangeInclusive<i16> = 1600..=2199;

/// A point in somebody's time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Moment {
    /// A day, in no zone.
    Day(LocalDay),
    /// Seconds on the wall clock of a zone since 1970.
    Wall(i64, Zone),
}

impl Moment {
    /// Reads a value such as `20260602`, `20260602T140000` or `20260602T140000Z`.
    pub(super) fn read(value: &str, zone: &Zone, utc: &Zone) -> Result<Self, IcsError> {
        let value = value.trim();
        let (date, time) = match value.split_once(['T', 't']) {
            None => (value, None),
            Some((date, time)) => (date, Some(time)),
        };
        let day = day(date)?;
        let Some(time) = time else {
            return Ok(Self::Day(day));
        };
        let (time, zone) = match time.strip_suffix(['Z', 'z']) {
            Some(time) => (time, utc),
            None => (time, zone),
        };
        let seconds = seconds_of_day(time)?;
        Ok(Self::Wall(i64::from(day.days()) * DAY + seconds, zone.clone()))
    }

    /// The instant; of a day, when it begins in `zone`.
    pub(super) fn instant(&self, zone: &Zone) -> Timestamp {
        match self {
            Self::Day(day) => zone.start_of(*day),
            Self::Wall(seconds, zone) => instant(*seconds, zone),
        }
    }

    /// Seconds on the wall clock since 1970.
    pub(super) fn wall(&self) -> i64 {
        match self {
            Self::Day(day) => i64::from(day.days()) * DAY,
            Self::Wall(seconds, _) => *seconds,
        }
    }
}

/// The instant at which a zone's wall clock shows these seconds since 1970.
pub(super) fn instant(wall: i64, zone: &Zone) -> Timestamp {
    let day = LocalDay(i32::try_from(wall.div_euclid(DAY)).unwrap_or(i32::MAX));
    let second = u32::try_from(wall.rem_euclid(DAY)).unwrap_or(0);
    match zone.resolve(day, second) {
        Resolved::Once(at) | Resolved::Twice { first: at, .. } => at,
        Resolved::Skipped(after) => {
            let before = zone.offset_seconds(after.minus(Duration::from_secs(1)));
            Timestamp::from_seconds(wall - i64::from(before))
        }
    }
}

fn day(text: &str) -> Result<LocalDay, IcsError> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(IcsError::Malformed);
    }
    let (year, month, day) = (number(text, 0..4)?, number(text, 4..6)?, number(text, 6..8)?);
    let year = i16::try_from(year).map_err(|_| IcsError::Malformed)?;
    let (month, day) = (i8::try_from(month), i8::try_from(day));
    let (Ok(month), Ok(day)) = (month, day) else {
        return Err(IcsError::Malformed);
    };
    if !YEARS.contains(&year) {
        return Err(IcsError::Malformed);
    }
    let date = jiff::civil::Date::new(year, month, day).map_err(|_| IcsError::Malformed)?;
    Ok(LocalDay::from_date(date))
}

fn seconds_of_day(text: &str) -> Result<i64, IcsError> {
    if text.len() != 6 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(IcsError::Malformed);
    }
    let (hour, minute, second) = (number(text, 0..2)?, number(text, 2..4)?, number(text, 4..6)?);
    if hour > 23 || minute > 59 || second > 60 {
        return Err(IcsError::Malformed);
    }
    // A leap second is the one before it.
    Ok(i64::from(hour * 3_600 + minute * 60 + second.min(59)))
}

fn number(text: &str, at: std::ops::Range<usize>) -> Result<u32, IcsError> {
    text.get(at)
        .and_then(|digits| digits.parse().ok())
        .ok_or(IcsError::Malformed)
}

/// How long something takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// Whole days.
    Days(i32),
    /// So many days on the wall clock and then so many seconds.
    Nominal { days: i64, seconds: i64 },
}

impl Length {
    /// Reads a value such as `PT1H30M`, `P1DT2H` or `P2W`.
    pub(super) fn read(value: &str) -> Result<Self, IcsError> {
        let text = value.trim();
        let text = text.strip_prefix('+').unwrap_or(text);
        let text = text.strip_prefix(['P', 'p']).ok_or(IcsError::Malformed)?;
        let (mut days, mut seconds, mut digits, mut in_time, mut any) = (0_i64, 0_i64, String::new(), false, false);
        for c in text.chars() {
            match (c.to_ascii_uppercase(), in_time) {
                ('0'..='9', _) if digits.len() < 7 => digits.push(c),
                ('T', false) if digits.is_empty() => in_time = true,
                (unit, _) => {
                    let count: i64 = digits.parse().map_err(|_| IcsError::Malformed)?;
                    digits.clear();
                    any = true;
                    match (unit, in_time) {
                        ('W', false) => days += count * 7,
                        ('D', false) => days += count,
                        ('H', true) => seconds += count * 3_600,
                        ('M', true) => seconds += count * 60,
                        ('S', true) => seconds += count,
                        _ => return Err(IcsError::Malformed),
                    }
                }
            }
        }
        if !any || !digits.is_empty() {
            return Err(IcsError::Malformed);
        }
        Ok(Self::Nominal { days, seconds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(value: &str, zone: &str) -> String {
        let (zone, utc) = (Zone::parse(zone).unwrap(), Zone::parse("UTC").unwrap());
        Moment::read(value, &zone, &utc).unwrap().instant(&zone).to_string()
    }

    #[test]
    fn a_time_in_a_gap_is_read_with_the_offset_before_it() {
        assert_eq!(at("20270328T023000", "Europe/Berlin"), "2027-03-28T01:30:00Z");
        assert_eq!(at("20271031T023000", "Europe/Berlin"), "2027-10-31T00:30:00Z");
        assert_eq!(at("20260602T140000Z", "Europe/Berlin"), "2026-06-02T14:00:00Z");
        assert_eq!(at("20260602T140000", "America/Chicago"), "2026-06-02T19:00:00Z");
        // Data that other libraries bundle still has Edmonton an hour off.
        assert_eq!(at("20261201T080000", "America/Edmonton"), "2026-12-01T14:00:00Z");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        let utc = Zone::parse("UTC").unwrap();
        for value in [
            "",
            "T",
            "2026060",
            "20260631",
            "20261301",
            "20260602T",
            "20260602T1400",
            "20260602T250000",
            "20260602T140000ZZ",
            "2026-06-02",
            "１２３４５６７８",
            "15991231",
            "22000101",
            "00000000T000000",
        ] {
            assert_eq!(Moment::read(value, &utc, &utc), Err(IcsError::Malformed), "{value}");
        }
    }

    #[test]
    fn lengths_are_read_and_what_is_none_is_refused() {
        let nominal = |days, seconds| Ok(Length::Nominal { days, seconds });
        assert_eq!(Length::read("PT1H30M"), nominal(0, 5_400));
        assert_eq!(Length::read("P1DT2H"), nominal(1, 7_200));
        assert_eq!(Length::read("+P2W"), nominal(14, 0));
        assert_eq!(Length::read("PT0S"), nominal(0, 0));
        for value in [
            "",
            "P",
            "PT",
            "P1",
            "1H",
            "P1H",
            "PT1D",
            "-PT1H",
            "PT99999999S",
            "PTT1H",
            "P1DX",
            "PT1H5",
        ] {
            assert_eq!(Length::read(value), Err(IcsError::Malformed), "{value}");
        }
    }
}
