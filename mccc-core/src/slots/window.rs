//! How far ahead is looked.

use super::SlotsError;
use crate::Timestamp;
use crate::zone::Zone;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// In which a visit must start: from `start` until before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    start: Timestamp,
    end: Timestamp,
}

impl Window {
    /// Days of the longest window.
    pub const MOST_DAYS: i32 = 3_660;

    /// From one instant until before another.
    ///
    /// # Errors
    /// When the end is before the start or more than [`Self::MOST_DAYS`] later.
    pub fn between(start: Timestamp, end: Timestamp) -> Result<Self, SlotsError> {
        if end < start {
            return Err(SlotsError::Backwards { start, end });
        }
        let length = end.as_micros().saturating_sub(start.as_micros());
        if length > MICROS_PER_DAY.saturating_mul(Self::MOST_DAYS.into()) {
            return Err(SlotsError::TooLong);
        }
        Ok(Self { start, end })
    }

    /// From now until today and `days` further dates of the zone are over; at most [`Self::MOST_DAYS`] less one.
    #[must_use]
    pub fn of_days(zone: &Zone, now: Timestamp, days: u16) -> Self {
        let days = i32::from(days).min(Self::MOST_DAYS - 2);
        let end = zone.start_of(zone.to_local(now).day.plus_days(days.saturating_add(1)));
        Self {
            start: now,
            end: end.max(now),
        }
    }

    /// The first instant.
    #[must_use]
    pub const fn start(self) -> Timestamp {
        self.start
    }

    /// The instant after the last.
    #[must_use]
    pub const fn end(self) -> Timestamp {
        self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn a_window_of_days_ends_where_the_business_goes_to_bed() {
        let denver = Zone::parse("America/Denver").unwrap();
        // Tuesday evening in Denver, already Wednesday in UTC.
        let window = Window::of_days(&denver, at("2027-06-09T04:30:00Z"), 1);
        assert_eq!(
            (window.start(), window.end()),
            (at("2027-06-09T04:30:00Z"), at("2027-06-10T06:00:00Z"))
        );
        // The last day begins at 1:00, since its midnight does not exist.
        let santiago = Zone::parse("America/Santiago").unwrap();
        let window = Window::of_days(&santiago, at("2026-09-05T12:00:00Z"), 0);
        assert_eq!(window.end(), at("2026-09-06T04:00:00Z"));
    }

    #[test]
    fn a_window_that_cannot_be_meant_is_refused() {
        let (early, late) = (at("2027-01-01T00:00:00Z"), at("2027-01-02T00:00:00Z"));
        assert!(Window::between(early, late).is_ok() && Window::between(early, early).is_ok());
        assert!(
            Window::between(late, early)
                .unwrap_err()
                .to_string()
                .contains("other way round")
        );
        assert_eq!(
            Window::between(early, at("2047-01-01T00:00:00Z")),
            Err(SlotsError::TooLong)
        );
        assert_eq!(
            Window::between(Timestamp::from_micros(i64::MIN), Timestamp::from_micros(i64::MAX)),
            Err(SlotsError::TooLong)
        );
    }
}
