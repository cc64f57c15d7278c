//! One auto-text per caller and window.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::zone::Zone;

/// How long one auto-text to a caller stands in the way of the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GuardWindow {
    /// Until the business's next local day begins.
    #[default]
    LocalDay,
    /// For this many hours.
    Hours(u16),
}

/// When the next auto-text to the same caller may go out, after one at `sent_at`. A text that definitely was not
/// delivered sets no guard; that is for whoever records the delivery to undo.
#[must_use]
pub fn guard_until(sent_at: Timestamp, window: GuardWindow, business_zone: &str) -> Timestamp {
    match window {
        GuardWindow::LocalDay => match Zone::parse(business_zone) {
            Ok(zone) => zone.resolve(zone.to_local(sent_at).day.plus_days(1), 0).start(),
            Err(_) => sent_at.plus(Duration::from_secs(86_400)),
        },
        GuardWindow::Hours(hours) => sent_at.plus(Duration::from_secs(u64::from(hours) * 3600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn until(at: &str, window: GuardWindow) -> String {
        guard_until(Timestamp::parse(at).unwrap(), window, "America/Chicago").to_string()
    }

    #[test]
    fn the_day_is_the_business_s_own() {
        assert_eq!(
            until("2026-07-02T04:30:00Z", GuardWindow::LocalDay),
            "2026-07-02T05:00:00Z"
        );
        assert_eq!(
            until("2026-07-02T05:00:00Z", GuardWindow::LocalDay),
            "2026-07-03T05:00:00Z"
        );
        // The day the clocks go back has 25 hours.
        assert_eq!(
            until("2026-11-01T05:00:00Z", GuardWindow::LocalDay),
            "2026-11-02T06:00:00Z"
        );
    }

    #[test]
    fn hours_are_hours() {
        assert_eq!(
            until("2026-07-02T04:30:00Z", GuardWindow::Hours(12)),
            "2026-07-02T16:30:00Z"
        );
    }
}
