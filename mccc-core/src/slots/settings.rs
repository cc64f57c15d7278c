//! What a business sets for its bookings.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Interval, OpeningHours, SlotsError, Terms};
use crate::routing::Hours;
use crate::zone::LocalDay;

/// What a business sets for its bookings. [`Self::mistake`] says whether it can be saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BookingSettings {
    /// Minutes of a visit: 15, 30, 45, 60, 90 or 120.
    pub duration_minutes: u16,
    /// Minutes from one start to the next, 5 to 480; nothing means one after the other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_minutes: Option<u16>,
    /// Free minutes before and after a visit: 0, 5, 10, 15, 30, 45 or 60.
    pub buffer_minutes: u16,
    /// Appointments that may start on a local date, 1 to 20.
    pub max_per_day: u16,
    /// Dates after today that can be booked, 1 to 30.
    pub window_days: u16,
    /// Minutes from now to the earliest start, 0 to 10,080.
    pub lead_minutes: u16,
    /// Hours of the week for visits; nothing means the business hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<Vec<Hours>>,
    /// Dates with hours of their own; no hours close the date.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub dates: BTreeMap<LocalDay, Vec<Interval>>,
}

impl Default for BookingSettings {
    fn default() -> Self {
        Self {
            duration_minutes: 60,
            interval_minutes: None,
            buffer_minutes: 15,
            max_per_day: 8,
            window_days: 14,
            lead_minutes: 120,
            hours: None,
            dates: BTreeMap::new(),
        }
    }
}

impl BookingSettings {
    /// The lengths that a visit can have, in minutes.
    pub const DURATIONS: [u16; 6] = [15, 30, 45, 60, 90, 120];
    /// The buffers there are, in minutes.
    pub const BUFFERS: [u16; 7] = [0, 5, 10, 15, 30, 45, 60];

    /// What stands against saving it: the field, and what would be right.
    #[must_use]
    pub fn mistake(&self) -> Option<(&'static str, &'static str)> {
        let has_length = |hours: &Hours| hours.start != hours.end;
        [
            (
                Self::DURATIONS.contains(&self.duration_minutes),
                "booking.duration_minutes",
                "choose 15, 30, 45, 60, 90 or 120 minutes",
            ),
            (
                self.interval_minutes.is_none_or(|minutes| (5..=480).contains(&minutes)),
                "booking.interval_minutes",
                "choose 5 to 480 minutes, or nothing for one visit after the other",
            ),
            (
                Self::BUFFERS.contains(&self.buffer_minutes),
                "booking.buffer_minutes",
                "choose 0, 5, 10, 15, 30, 45 or 60 minutes",
            ),
            (
                (1..=20).contains(&self.max_per_day),
                "booking.max_per_day",
                "choose 1 to 20 appointments",
            ),
            (
                (1..=30).contains(&self.window_days),
                "booking.window_days",
                "choose 1 to 30 days",
            ),
            (
                self.lead_minutes <= 10_080,
                "booking.lead_minutes",
                "choose 0 to 10080 minutes",
            ),
            (
                self.hours.iter().flatten().all(has_length),
                "booking.hours",
                "hours cannot start and end at the same time; for a whole day write 00:00 to 24:00",
            ),
        ]
        .into_iter()
        .find(|(good, ..)| !good)
        .map(|(_, field, problem)| (field, problem))
    }

    /// The lengths and distances for the engine.
    ///
    /// # Errors
    /// Minutes that no visit has; settings without a [`Self::mistake`] have none.
    pub fn terms(&self) -> Result<Terms, SlotsError> {
        self.terms_of(self.duration_minutes)
    }

    /// The same for visits of another length, in minutes.
    ///
    /// # Errors
    /// As [`Self::terms`].
    pub fn terms_of(&self, minutes: u16) -> Result<Terms, SlotsError> {
        let buffer = u32::from(self.buffer_minutes);
        Ok(Terms::of(minutes.into())?
            .every(self.interval_minutes.unwrap_or(minutes).into())?
            .buffers(buffer, buffer)?
            .lead(self.lead_minutes.into())?
            .max_per_day(Some(self.max_per_day.into())))
    }

    /// The hours for the engine: those of visits, else the business hours, and the dates with hours of their own.
    ///
    /// # Errors
    /// Hours that start and end at the same time; settings without a [`Self::mistake`] have none.
    pub fn opening_hours(&self, business_hours: &[Hours]) -> Result<OpeningHours, SlotsError> {
        let mut hours = OpeningHours::of_week(self.hours.as_deref().unwrap_or(business_hours))?;
        for (date, own) in &self.dates {
            hours.set_date(*date, own.clone());
        }
        Ok(hours)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;
    use crate::routing::{Method, Schedule};
    use crate::slots::{Question, Window, starts};
    use crate::zone::Zone;

    #[test]
    fn what_is_not_on_the_list_is_refused_by_name() {
        let usual = BookingSettings::default();
        assert_eq!(usual.mistake(), None);
        let refused = |change: fn(&mut BookingSettings)| {
            let mut settings = BookingSettings::default();
            change(&mut settings);
            settings.mistake().map(|(field, _)| field)
        };
        assert_eq!(refused(|s| s.duration_minutes = 20), Some("booking.duration_minutes"));
        assert_eq!(
            refused(|s| s.interval_minutes = Some(0)),
            Some("booking.interval_minutes")
        );
        assert_eq!(refused(|s| s.buffer_minutes = 20), Some("booking.buffer_minutes"));
        assert_eq!(refused(|s| s.max_per_day = 0), Some("booking.max_per_day"));
        assert_eq!(refused(|s| s.max_per_day = 21), Some("booking.max_per_day"));
        assert_eq!(refused(|s| s.window_days = 31), Some("booking.window_days"));
        assert_eq!(refused(|s| s.lead_minutes = 10_081), Some("booking.lead_minutes"));
        assert_eq!(
            refused(|s| {
                s.hours = Some(Schedule::default().business_hours);
                s.hours.iter_mut().flatten().for_each(|hours| hours.end = hours.start);
            }),
            Some("booking.hours")
        );
        for minutes in BookingSettings::DURATIONS {
            let settings = BookingSettings {
                duration_minutes: minutes,
                ..BookingSettings::default()
            };
            assert_eq!(settings.mistake(), None);
            assert_eq!(settings.terms().unwrap().duration_minutes(), u32::from(minutes));
        }
    }

    #[test]
    fn settings_are_the_same_after_a_journey_as_text() {
        let text = r#"
            duration_minutes = 90
            hours = [{ day = "monday", start = "08:00", end = "12:00" }]
            [dates]
            2027-06-08 = [["09:00", "11:00"]]
            2027-12-25 = []
        "#;
        let read: BookingSettings = toml::from_str(text).unwrap();
        assert_eq!(
            (read.duration_minutes, read.buffer_minutes, read.dates.len()),
            (90, 15, 2)
        );
        assert_eq!(
            toml::from_str::<BookingSettings>(&toml::to_string(&read).unwrap()).unwrap(),
            read
        );
        assert_eq!(
            serde_json::from_str::<BookingSettings>("{}").unwrap(),
            BookingSettings::default()
        );
        assert!(serde_json::from_str::<BookingSettings>(r#"{"durations":30}"#).is_err());
    }

    #[test]
    fn visits_start_shortly_before_midnight_of_a_night_kept_in_halves() {
        let zone = Zone::parse("America/Chicago").unwrap();
        let schedule = Schedule {
            business_hours: serde_json::from_str(r#"[{"day":1,"start":"22:00","end":"02:00"}]"#).unwrap(),
            ..Schedule::always(Method::Voicemail)
        };
        let saved = schedule.validate().unwrap().business_hours;
        assert_eq!(saved.len(), 2);
        let settings = BookingSettings {
            duration_minutes: 90,
            interval_minutes: Some(60),
            ..BookingSettings::default()
        };
        let now = Timestamp::parse("2027-06-07T12:00:00Z").unwrap();
        let question = Question {
            zone: &zone,
            hours: &settings.opening_hours(&saved).unwrap(),
            terms: &settings.terms().unwrap(),
            now,
            window: Window::of_days(&zone, now, 1),
            busy: &[],
            appointments: &[],
        };
        let read = |at: &Timestamp| zone.to_local(*at).to_string();
        let found: Vec<String> = starts(&question).iter().map(read).collect();
        assert_eq!(
            found,
            [
                "2027-06-07T22:00:00-05:00",
                "2027-06-07T23:00:00-05:00",
                "2027-06-08T00:00:00-05:00"
            ]
        );
    }
}
