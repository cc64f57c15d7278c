//! A time on the wall clock, to the minute.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::zone::clock_12h;

/// A wall-clock time from `00:00` to `24:00`; the last is midnight at the end of the day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u16);

/// Why a text is not a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time is written as hour:minute from 00:00 to 24:00, such as 08:30")]
pub struct TimeOfDayError;

impl TimeOfDay {
    /// Midnight at the start of the day.
    pub const MIDNIGHT: Self = Self(0);
    /// Midnight at the end of the day.
    pub const END_OF_DAY: Self = Self(1_440);

    /// From minutes since midnight.
    ///
    /// # Errors
    /// [`TimeOfDayError`] above 1,440.
    pub const fn from_minutes(minutes: u16) -> Result<Self, TimeOfDayError> {
        if minutes > 1_440 {
            return Err(TimeOfDayError);
        }
        Ok(Self(minutes))
    }

    /// A full hour, cut off at 24.
    #[must_use]
    pub const fn hour(hour: u8) -> Self {
        let hour = if hour > 24 { 24 } else { hour };
        // At most 24 * 60.
        Self(hour as u16 * 60)
    }

    /// Minutes since midnight, 0 to 1,440.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.0
    }

    /// Whether it lies on a quarter of an hour.
    #[must_use]
    pub const fn is_on_quarter(self) -> bool {
        self.0.is_multiple_of(15)
    }

    /// Quarters of an hour since midnight, 0 to 96, rounded down.
    pub(super) const fn quarter(self) -> usize {
        (self.0 / 15) as usize
    }

    /// The time `quarter` quarters after midnight; at most 24:00.
    pub(super) fn of_quarter(quarter: usize) -> Self {
        Self(u16::try_from(quarter.saturating_mul(15)).unwrap_or(1_440).min(1_440))
    }

    /// As people in North America write it: `8:00 AM`; the end of the day is `midnight`.
    #[must_use]
    pub fn clock_12h(self) -> String {
        if self == Self::END_OF_DAY {
            return "midnight".to_owned();
        }
        clock_12h(u32::from(self.0))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl fmt::Debug for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for TimeOfDay {
    type Err = TimeOfDayError;

    fn from_str(text: &str) -> Result<Self, TimeOfDayError> {
        let (hour, minute) = text.split_once(':').ok_or(TimeOfDayError)?;
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !(1..=2).contains(&hour.len()) || minute.len() != 2 || !digits(hour) || !digits(minute) {
            return Err(TimeOfDayError);
        }
        let hour: u16 = hour.parse().map_err(|_| TimeOfDayError)?;
        let minute: u16 = minute.parse().map_err(|_| TimeOfDayError)?;
        if minute > 59 {
            return Err(TimeOfDayError);
        }
        Self::from_minutes(hour * 60 + minute)
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_run_from_midnight_to_midnight() {
        for (text, minutes) in [
            ("00:00", 0),
            ("8:05", 485),
            ("08:05", 485),
            ("23:59", 1_439),
            ("24:00", 1_440),
        ] {
            assert_eq!(text.parse::<TimeOfDay>().map(TimeOfDay::minutes), Ok(minutes), "{text}");
        }
        for text in [
            "24:01", "25:00", "08:60", "8", "08:5", "+8:00", "-1:00", "008:00", "08:00:00", "",
        ] {
            assert_eq!(text.parse::<TimeOfDay>(), Err(TimeOfDayError), "{text}");
        }
        assert_eq!(TimeOfDay::hour(8).to_string(), "08:00");
        assert_eq!(TimeOfDay::END_OF_DAY.to_string(), "24:00");
    }
}
