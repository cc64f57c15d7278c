//! Local days, weekdays and the time on the wall.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const SECONDS_PER_DAY: i64 = 86_400;
const EPOCH: jiff::civil::Date = jiff::civil::date(1970, 1, 1);

/// What clocks and calendars show at one instant in one zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Local {
    /// The calendar day.
    pub day: LocalDay,
    /// Seconds since the wall clock showed 0:00, 0 to 86,399.
    pub second_of_day: u32,
    /// The day of the week.
    pub weekday: Weekday,
    /// Seconds the wall clock is ahead of UTC.
    pub offset_seconds: i32,
}

/// A calendar day, as days since 1970-01-01. Its text form is `2026-11-21`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalDay(pub i32);

/// A day of the week; its number is 0 for Sunday to 6 for Saturday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Weekday {
    /// 0
    Sunday = 0,
    /// 1
    Monday = 1,
    /// 2
    Tuesday = 2,
    /// 3
    Wednesday = 3,
    /// 4
    Thursday = 4,
    /// 5
    Friday = 5,
    /// 6
    Saturday = 6,
}

/// Why a value is not a day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a day is a number from 0 (sunday) to 6 (saturday), or an English name such as monday")]
pub struct WeekdayError;

impl Local {
    #[inline]
    pub(super) fn new(utc_seconds: i64, offset_seconds: i32) -> Self {
        let local = utc_seconds.saturating_add(i64::from(offset_seconds));
        let day = LocalDay::of_local_seconds(local);
        Self {
            day,
            second_of_day: u32::try_from(local.rem_euclid(SECONDS_PER_DAY)).unwrap_or(0),
            weekday: day.weekday(),
            offset_seconds,
        }
    }

    /// Minutes since 0:00, rounded down.
    #[must_use]
    pub const fn minute_of_day(&self) -> u32 {
        self.second_of_day / 60
    }

    /// The time as people in North America write it: `8:00 AM`.
    #[must_use]
    pub fn clock_12h(&self) -> String {
        clock_12h(self.minute_of_day())
    }
}

/// A minute of the day as `8:00 AM`; 0 and 1,440 are `12:00 AM`.
pub(crate) fn clock_12h(minute_of_day: u32) -> String {
    let (hour, minute) = (minute_of_day / 60 % 24, minute_of_day % 60);
    let half = if hour < 12 { "AM" } else { "PM" };
    let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
    format!("{hour}:{minute:02} {half}")
}

impl fmt::Display for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (second, offset) = (self.second_of_day, self.offset_seconds);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        let sign = if offset < 0 { '-' } else { '+' };
        let ahead = offset.unsigned_abs();
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}", self.day)?;
        write!(f, "{sign}{:02}:{:02}", ahead / 3_600, ahead / 60 % 60)
    }
}

impl LocalDay {
    /// The day that local second lies in.
    #[inline]
    pub(crate) fn of_local_seconds(local: i64) -> Self {
        let days = local.div_euclid(SECONDS_PER_DAY);
        Self(i32::try_from(days).unwrap_or(if days < 0 { i32::MIN } else { i32::MAX }))
    }

    /// The day of a date.
    #[must_use]
    pub fn from_date(date: jiff::civil::Date) -> Self {
        Self::of_local_seconds(date.duration_since(EPOCH).as_secs())
    }

    /// The same day for the time library; days outside the years -9999 to 9999 saturate.
    #[must_use]
    pub fn to_date(self) -> jiff::civil::Date {
        EPOCH.saturating_add(jiff::SignedDuration::from_secs(self.local_seconds()))
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn days(self) -> i32 {
        self.0
    }

    /// The day of the week.
    #[must_use]
    #[inline]
    pub const fn weekday(self) -> Weekday {
        // 1970-01-01 was a Thursday.
        match (self.0 as i64 + 4).rem_euclid(7) {
            0 => Weekday::Sunday,
            1 => Weekday::Monday,
            2 => Weekday::Tuesday,
            3 => Weekday::Wednesday,
            4 => Weekday::Thursday,
            5 => Weekday::Friday,
            _ => Weekday::Saturday,
        }
    }

    /// The day `days` later (earlier when negative).
    #[must_use]
    pub const fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Local seconds since 1970-01-01T00:00:00 on the wall clock at which the day starts.
    pub(crate) const fn local_seconds(self) -> i64 {
        (self.0 as i64).saturating_mul(SECONDS_PER_DAY)
    }
}

impl fmt::Display for LocalDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.to_date(), f)
    }
}

impl fmt::Debug for LocalDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is not a calendar day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a day is written as year-month-day, such as 2026-11-21")]
pub struct LocalDayError;

impl FromStr for LocalDay {
    type Err = LocalDayError;

    fn from_str(text: &str) -> Result<Self, LocalDayError> {
        // The library's own reader takes more forms than this, a whole timestamp among them.
        let plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let date: jiff::civil::Date = plain.then(|| text.parse().ok()).flatten().ok_or(LocalDayError)?;
        Ok(Self::from_date(date))
    }
}

impl Serialize for LocalDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LocalDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl Weekday {
    /// Every day by its number, Sunday first.
    pub const ALL: [Self; 7] = [
        Self::Sunday,
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
    ];
    /// Every day in the order in which people see a week, Monday first.
    pub const MONDAY_FIRST: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// 0 for Sunday to 6 for Saturday.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The day with that number.
    ///
    /// # Errors
    /// [`WeekdayError`] above 6.
    pub fn from_number(number: u64) -> Result<Self, WeekdayError> {
        let index = usize::try_from(number).map_err(|_| WeekdayError)?;
        Self::ALL.get(index).copied().ok_or(WeekdayError)
    }

    /// The lowercase English name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sunday => "sunday",
            Self::Monday => "monday",
            Self::Tuesday => "tuesday",
            Self::Wednesday => "wednesday",
            Self::Thursday => "thursday",
            Self::Friday => "friday",
            Self::Saturday => "saturday",
        }
    }

    /// The English name as it is written in a sentence.
    #[must_use]
    pub const fn name_capitalised(self) -> &'static str {
        match self {
            Self::Sunday => "Sunday",
            Self::Monday => "Monday",
            Self::Tuesday => "Tuesday",
            Self::Wednesday => "Wednesday",
            Self::Thursday => "Thursday",
            Self::Friday => "Friday",
            Self::Saturday => "Saturday",
        }
    }

    /// The day after.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Sunday => Self::Monday,
            Self::Monday => Self::Tuesday,
            Self::Tuesday => Self::Wednesday,
            Self::Wednesday => Self::Thursday,
            Self::Thursday => Self::Friday,
            Self::Friday => Self::Saturday,
            Self::Saturday => Self::Sunday,
        }
    }
}

impl FromStr for Weekday {
    type Err = WeekdayError;

    /// Reads a name (whole or its first three letters, in any case) or a number.
    fn from_str(text: &str) -> Result<Self, WeekdayError> {
        let text = text.trim().to_ascii_lowercase();
        if let Ok(number) = text.parse::<u64>() {
            return Self::from_number(number);
        }
        Self::ALL
            .into_iter()
            .find(|day| day.name() == text || (text.len() == 3 && day.name().starts_with(&text)))
            .ok_or(WeekdayError)
    }
}

impl Serialize for Weekday {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.number())
    }
}

impl<'de> Deserialize<'de> for Weekday {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrName;
        impl de::Visitor<'_> for NumberOrName {
            type Value = Weekday;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&WeekdayError, f)
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Weekday, E> {
                Weekday::from_number(number).map_err(E::custom)
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Weekday, E> {
                let number = u64::try_from(number).map_err(|_| E::custom(WeekdayError))?;
                self.visit_u64(number)
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Weekday, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(NumberOrName)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_its_date() {
        let day: LocalDay = "2026-11-21".parse().unwrap();
        assert_eq!(
            (day.to_string().as_str(), day.weekday()),
            ("2026-11-21", Weekday::Saturday)
        );
        assert_eq!(serde_json::to_string(&day).unwrap(), "\"2026-11-21\"");
        assert_eq!(serde_json::from_str::<LocalDay>("\"2026-11-21\"").unwrap(), day);
        assert_eq!(LocalDay(0).to_string(), "1970-01-01");
        assert_eq!(LocalDay(-1).to_string(), "1969-12-31");
        for edge in ["9999-12-31", "9999-12-30", "0001-01-01"] {
            assert_eq!(edge.parse::<LocalDay>().unwrap().to_string(), edge);
        }
        assert_eq!("9999-12-31".parse::<LocalDay>().unwrap().weekday(), Weekday::Friday);
        assert_eq!(LocalDay(i32::MAX).to_string(), "9999-12-31");
        for wrong in ["2026-11-31", "2026-1-1", "20261121", "2026-11-21T08:00", ""] {
            assert_eq!(wrong.parse::<LocalDay>(), Err(LocalDayError), "{wrong}");
        }
    }

    #[test]
    fn a_weekday_is_a_number_and_is_also_read_from_its_name() {
        assert_eq!(serde_json::to_string(&Weekday::Sunday).unwrap(), "0");
        for text in ["6", "\"saturday\"", "\"Sat\"", "\"6\""] {
            assert_eq!(
                serde_json::from_str::<Weekday>(text).unwrap(),
                Weekday::Saturday,
                "{text}"
            );
        }
        for text in ["7", "-1", "\"sa\"", "\"someday\"", "1.5"] {
            assert!(serde_json::from_str::<Weekday>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_clock_has_a_twelve_and_no_zero() {
        for (minute, text) in [
            (0, "12:00 AM"),
            (1, "12:01 AM"),
            (480, "8:00 AM"),
            (720, "12:00 PM"),
            (1_439, "11:59 PM"),
            (1_440, "12:00 AM"),
        ] {
            assert_eq!(clock_12h(minute), text);
        }
    }
}
