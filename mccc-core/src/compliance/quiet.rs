//! Quiet hours: when a text that nobody is waiting for may go out.
//!
//! The immediate answer to a call or a text is exempt; everything else keeps to the caller's own clock, taken from the
//! area code. Where a code spans zones, every zone must agree.

use serde::{Deserialize, Serialize};

use super::area_code;
use crate::zone::{Local, Zone};
use crate::{PhoneNumber, Timestamp};

/// The daily span in which texts may go out, in minutes after local midnight. Never wider than 8:00 to 21:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawWindow")]
pub struct Window {
    opens: u16,
    closes: u16,
}

#[derive(Deserialize)]
struct RawWindow {
    opens: u16,
    closes: u16,
}

/// Why a window cannot be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// It would reach into the hours that are always quiet.
    #[error("texting hours can start at 8:00 AM or later and end at 9:00 PM or earlier")]
    TooWide,
    /// Too short for a caller whose area code spans several zones ever to be texted.
    #[error("texting hours must be at least 4 hours long")]
    TooShort,
}

impl Window {
    /// 8:00 to 21:00.
    pub const WIDEST: Self = Self {
        opens: 8 * 60,
        closes: 21 * 60,
    };
    /// Area codes span up to three hours of zones; with four there is always a common hour.
    const SHORTEST: u16 = 4 * 60;

    /// A window from `opens` to `closes`, minutes after midnight.
    ///
    /// # Errors
    /// [`WindowError`] when it is wider than 8:00 to 21:00 or shorter than four hours.
    pub const fn new(opens: u16, closes: u16) -> Result<Self, WindowError> {
        if opens < Self::WIDEST.opens || closes > Self::WIDEST.closes {
            return Err(WindowError::TooWide);
        }
        if closes < opens + Self::SHORTEST {
            return Err(WindowError::TooShort);
        }
        Ok(Self { opens, closes })
    }

    /// First minute in which texts go out.
    #[must_use]
    pub const fn opens(self) -> u16 {
        self.opens
    }

    /// First minute in which they no longer do.
    #[must_use]
    pub const fn closes(self) -> u16 {
        self.closes
    }

    fn holds(self, local: Local) -> bool {
        let minute = local.minute_of_day();
        u32::from(self.opens) <= minute && minute < u32::from(self.closes)
    }
}

impl Default for Window {
    fn default() -> Self {
        Self::WIDEST
    }
}

impl TryFrom<RawWindow> for Window {
    type Error = WindowError;

    fn try_from(raw: RawWindow) -> Result<Self, WindowError> {
        Self::new(raw.opens, raw.closes)
    }
}

/// The zones that count for a caller: those of the area code, else the business's own, else UTC.
#[must_use]
pub fn zones_of(caller: &PhoneNumber, business_zone: &str) -> Vec<Zone> {
    let names = area_code::of(caller).map_or(&[][..], |entry| &entry.zones);
    let known: Vec<Zone> = names.iter().filter_map(|name| Zone::parse(name).ok()).collect();
    if known.is_empty() {
        Zone::parse(business_zone)
            .or_else(|_| Zone::parse("UTC"))
            .into_iter()
            .collect()
    } else {
        known
    }
}

/// Whether `now` is inside the window on every clock that counts for the caller.
#[must_use]
pub fn is_open(now: Timestamp, caller: &PhoneNumber, business_zone: &str, window: Window) -> bool {
    zones_of(caller, business_zone)
        .iter()
        .all(|zone| window.holds(zone.to_local(now)))
}

/// The first instant from `now` on that is inside the window on every clock that counts for the caller.
#[must_use]
pub fn next_allowed(now: Timestamp, caller: &PhoneNumber, business_zone: &str, window: Window) -> Timestamp {
    let zones = zones_of(caller, business_zone);
    let mut at = now;
    // Each round moves to an opening that some zone requires. Openings lie at most three hours apart and windows are
    // four hours long, so the first morning settles it; the bound only guards against absurd zone data.
    for _ in 0..64 {
        match zones.iter().find(|zone| !window.holds(zone.to_local(at))) {
            None => return at,
            Some(zone) => at = next_opening(at, zone, window),
        }
    }
    at
}

/// The next opening after `at` in one zone. An opening that a clock change skips is the end of the gap.
fn next_opening(at: Timestamp, zone: &Zone, window: Window) -> Timestamp {
    let now = zone.to_local(at);
    let before_opening = now.minute_of_day() < u32::from(window.opens);
    let day = if before_opening { now.day } else { now.day.plus_days(1) };
    zone.resolve(day, u32::from(window.opens) * 60).start()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> PhoneNumber {
        PhoneNumber::parse(text).unwrap()
    }

    fn next(now: &str, caller: &str) -> String {
        next_allowed(
            Timestamp::parse(now).unwrap(),
            &number(caller),
            "America/New_York",
            Window::default(),
        )
        .to_string()
    }

    #[test]
    fn the_caller_s_clock_decides_not_the_business_s() {
        // 8:30 in New York is 5:30 in Los Angeles.
        assert_eq!(next("2026-07-01T12:30:00Z", "+13104561234"), "2026-07-01T15:00:00Z");
        assert_eq!(next("2026-07-01T12:30:00Z", "+12124561234"), "2026-07-01T12:30:00Z");
    }

    #[test]
    fn the_window_is_closed_at_nine_and_open_at_eight() {
        assert_eq!(next("2026-07-02T00:59:59Z", "+12124561234"), "2026-07-02T00:59:59Z");
        assert_eq!(next("2026-07-02T01:00:00Z", "+12124561234"), "2026-07-02T12:00:00Z");
        assert_eq!(next("2026-07-02T11:59:59Z", "+12124561234"), "2026-07-02T12:00:00Z");
    }

    #[test]
    fn every_zone_of_a_split_code_must_be_awake() {
        // 850 is Eastern and Central: mornings wait for Central, evenings end with Eastern.
        assert_eq!(next("2026-07-01T12:10:00Z", "+18504561234"), "2026-07-01T13:00:00Z");
        assert_eq!(next("2026-07-02T01:10:00Z", "+18504561234"), "2026-07-02T13:00:00Z");
        assert!(!is_open(
            Timestamp::parse("2026-07-01T12:10:00Z").unwrap(),
            &number("+18504561234"),
            "America/Chicago",
            Window::default()
        ));
    }

    #[test]
    fn an_unknown_code_uses_the_business_zone() {
        assert_eq!(next("2026-07-01T11:00:00Z", "+442071234567"), "2026-07-01T12:00:00Z");
    }

    #[test]
    fn clock_changes_keep_the_local_hour() {
        // The night the clocks go forward in Chicago: 8:00 is 13:00Z the next morning, no longer 14:00Z.
        assert_eq!(next("2026-03-08T04:00:00Z", "+15124561234"), "2026-03-08T13:00:00Z");
        assert_eq!(next("2026-03-07T04:00:00Z", "+15124561234"), "2026-03-07T14:00:00Z");
    }

    #[test]
    fn a_tenant_can_only_tighten() {
        assert_eq!(Window::new(7 * 60, 20 * 60), Err(WindowError::TooWide));
        assert_eq!(Window::new(8 * 60, 22 * 60), Err(WindowError::TooWide));
        assert_eq!(Window::new(9 * 60, 12 * 60), Err(WindowError::TooShort));
        assert_eq!(Window::new(9 * 60, 20 * 60).map(Window::closes), Ok(20 * 60));
        assert!(serde_json::from_str::<Window>(r#"{"opens":0,"closes":1440}"#).is_err());
    }
}
