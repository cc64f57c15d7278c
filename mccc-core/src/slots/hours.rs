//! When a business is open: hours of the week, and dates that have hours of their own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::SlotsError;
use crate::routing::{Hours, TimeOfDay};
use crate::zone::{LocalDay, Weekday};

/// Hours of one date, from a time on the wall clock until before another. An end that is not after the start lies on the
/// next date; `24:00` is midnight at its beginning. Its text form is `["08:00", "12:00"]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<TimeOfDay>", into = "(TimeOfDay, TimeOfDay)")]
pub struct Interval {
    from: TimeOfDay,
    to: TimeOfDay,
}

impl Interval {
    /// From one time until before another.
    ///
    /// # Errors
    /// When they are the same, which could mean no hour or a whole day.
    pub fn new(from: TimeOfDay, to: TimeOfDay) -> Result<Self, SlotsError> {
        if from == to {
            return Err(SlotsError::NoHours { at: from });
        }
        Ok(Self { from, to })
    }

    /// The first minute.
    #[must_use]
    pub const fn from(self) -> TimeOfDay {
        self.from
    }

    /// The minute after the last.
    #[must_use]
    pub const fn to(self) -> TimeOfDay {
        self.to
    }

    /// Whether the end lies on the next date.
    #[must_use]
    pub fn crosses_midnight(self) -> bool {
        self.to <= self.from
    }

    /// Whether `next`, of the next weekday, is what is left after midnight of the night that begins with this one.
    /// Together they must stay below a day, or the end could not be told from the start.
    fn goes_on_in(self, next: Self) -> bool {
        self.to == TimeOfDay::END_OF_DAY
            && next.from == TimeOfDay::MIDNIGHT
            && !next.crosses_midnight()
            && next.to < self.from
    }
}

impl TryFrom<Vec<TimeOfDay>> for Interval {
    type Error = SlotsError;

    fn try_from(times: Vec<TimeOfDay>) -> Result<Self, SlotsError> {
        let [from, to] = times[..] else {
            return Err(SlotsError::NoPair);
        };
        Self::new(from, to)
    }
}

impl From<Interval> for (TimeOfDay, TimeOfDay) {
    fn from(interval: Interval) -> Self {
        (interval.from, interval.to)
    }
}

/// When a business is open. A weekday without hours is closed. A date of its own has exactly its own hours (none: it is
/// closed), and what began on an earlier date ends where it begins; a merely closed weekday leaves the tail of a night.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpeningHours {
    week: [Vec<Interval>; 7],
    dates: BTreeMap<LocalDay, Vec<Interval>>,
}

impl OpeningHours {
    /// Opens the business at some hours of a weekday, besides those it has.
    pub fn open(&mut self, day: Weekday, hours: Interval) {
        if let Some(list) = self.week.get_mut(usize::from(day.number())) {
            list.push(hours);
        }
    }

    /// Gives a date hours of its own, instead of those of its weekday; none close it.
    pub fn set_date(&mut self, date: LocalDay, hours: Vec<Interval>) {
        self.dates.insert(date, hours);
    }

    /// The week of a business's settings.
    ///
    /// They keep a night in two halves, of which the second belongs to the next weekday. Openings are independent, so a
    /// visit could not start shortly before midnight; the halves are put together again first. Halves of one night and
    /// hours that a person wrote in two pieces look the same, and are taken for a night.
    ///
    /// # Errors
    /// Hours that start and end at the same time; settings that were saved have none.
    pub fn of_week(hours: &[Hours]) -> Result<Self, SlotsError> {
        let pieces: Vec<(Weekday, Interval)> = hours
            .iter()
            .map(|hours| Ok((hours.day, Interval::new(hours.start, hours.end)?)))
            .collect::<Result<_, SlotsError>>()?;
        let (evenings, mut others): (Vec<_>, Vec<_>) = pieces
            .into_iter()
            .partition(|(_, hours)| hours.to() == TimeOfDay::END_OF_DAY);
        let mut week = Self::default();
        for (day, evening) in evenings {
            let morning = others
                .iter()
                .position(|(next, hours)| *next == day.next() && evening.goes_on_in(*hours));
            let until = morning.map_or(evening.to(), |morning| others.remove(morning).1.to());
            week.open(day, Interval { to: until, ..evening });
        }
        for (day, hours) in others {
            week.open(day, hours);
        }
        Ok(week)
    }

    /// The hours that begin on a date.
    pub(super) fn on(&self, date: LocalDay) -> &[Interval] {
        let of_weekday = || self.week.get(usize::from(date.weekday().number()));
        self.dates.get(&date).or_else(of_weekday).map_or(&[], Vec::as_slice)
    }

    /// The hours of a date that has its own.
    pub(super) fn of_date(&self, date: LocalDay) -> Option<&[Interval]> {
        self.dates.get(&date).map(Vec::as_slice)
    }

    /// The first date with hours of its own from `from` to `to`, both included.
    pub(super) fn first_date(&self, from: LocalDay, to: LocalDay) -> Option<LocalDay> {
        self.dates.range(from..=to).next().map(|(date, _)| *date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::{Method, Schedule};
    use crate::zone::Zone;

    fn hours(day: Weekday, from: &str, to: &str) -> Hours {
        Hours {
            day,
            start: from.parse().unwrap(),
            end: to.parse().unwrap(),
        }
    }

    fn texts(week: &OpeningHours, day: Weekday) -> Vec<String> {
        let list = &week.week[usize::from(day.number())];
        list.iter()
            .map(|hours| format!("{}-{}", hours.from(), hours.to()))
            .collect()
    }

    #[test]
    fn the_halves_of_a_night_are_one_opening_again() {
        use Weekday::{Friday, Monday, Saturday, Sunday, Tuesday};
        let night = [hours(Monday, "22:00", "24:00"), hours(Tuesday, "00:00", "06:00")];
        for list in [night, [night[1], night[0]]] {
            let week = OpeningHours::of_week(&list).unwrap();
            assert_eq!(texts(&week, Monday), ["22:00-06:00"]);
            assert_eq!(texts(&week, Tuesday), [""; 0]);
        }
        // The week goes round.
        let week =
            OpeningHours::of_week(&[hours(Sunday, "00:00", "02:00"), hours(Saturday, "18:00", "24:00")]).unwrap();
        assert_eq!(texts(&week, Saturday), ["18:00-02:00"]);
        assert_eq!(texts(&week, Sunday), [""; 0]);
        // A night that was never cut stays whole.
        let week = OpeningHours::of_week(&[hours(Friday, "22:00", "06:00")]).unwrap();
        assert_eq!(texts(&week, Friday), ["22:00-06:00"]);
    }

    #[test]
    fn what_is_no_half_of_a_night_is_left_alone() {
        use Weekday::{Monday, Tuesday, Wednesday};
        for (first, second) in [
            // Two whole days, or what together is a day or more.
            (hours(Monday, "00:00", "24:00"), hours(Tuesday, "00:00", "24:00")),
            (hours(Monday, "08:00", "24:00"), hours(Tuesday, "00:00", "08:00")),
            (hours(Monday, "08:00", "24:00"), hours(Tuesday, "00:00", "09:00")),
            // They do not touch.
            (hours(Monday, "20:00", "23:45"), hours(Tuesday, "00:00", "06:00")),
            (hours(Monday, "20:00", "24:00"), hours(Tuesday, "00:15", "06:00")),
            (hours(Monday, "20:00", "24:00"), hours(Wednesday, "00:00", "06:00")),
            // Touching within a day is no night.
            (hours(Monday, "08:00", "12:00"), hours(Monday, "12:00", "16:00")),
        ] {
            let week = OpeningHours::of_week(&[first, second]).unwrap();
            let count: usize = week.week.iter().map(Vec::len).sum();
            assert_eq!(count, 2, "{first:?} {second:?}");
        }
        // One morning goes with one evening.
        let list = [
            hours(Monday, "20:00", "24:00"),
            hours(Monday, "22:00", "24:00"),
            hours(Tuesday, "00:00", "06:00"),
        ];
        let week = OpeningHours::of_week(&list).unwrap();
        assert_eq!(texts(&week, Monday), ["20:00-06:00", "22:00-24:00"]);
    }

    #[test]
    fn a_week_that_was_saved_means_what_was_written() {
        use Weekday::{Friday, Monday, Saturday};
        let written = vec![
            hours(Friday, "21:00", "03:00"),
            hours(Saturday, "22:00", "24:00"),
            hours(Monday, "08:00", "12:00"),
            hours(Monday, "12:00", "16:00"),
        ];
        let schedule = Schedule {
            business_hours: written.clone(),
            ..Schedule::always(Method::Voicemail)
        };
        let saved = schedule.validate().unwrap().business_hours;
        assert_eq!(saved.len(), 5, "{saved:?}");
        assert_eq!(OpeningHours::of_week(&saved), OpeningHours::of_week(&written));
        assert!(schedule.compile(&Zone::parse("America/Chicago").unwrap()).is_ok());
    }

    #[test]
    fn hours_of_no_length_are_refused() {
        let error = OpeningHours::of_week(&[hours(Weekday::Monday, "08:00", "08:00")]).unwrap_err();
        assert!(error.to_string().contains("00:00 to 24:00"), "{error}");
        assert!(serde_json::from_str::<Interval>(r#"["08:00","08:00"]"#).is_err());
        let night: Interval = serde_json::from_str(r#"["22:00","06:00"]"#).unwrap();
        assert_eq!(serde_json::to_string(&night).unwrap(), r#"["22:00","06:00"]"#);
    }
}
