//! How long a visit is and what it needs around it.

use super::SlotsError;

/// Minutes of a week, the longest of anything but the lead.
const WEEK: u32 = 7 * 24 * 60;
/// Minutes of a year, the longest lead.
const YEAR: u32 = 366 * 24 * 60;

/// How long a visit is, where it can start, and what it needs around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    duration: u32,
    interval: u32,
    buffer_before: u32,
    buffer_after: u32,
    lead: u32,
    max_per_day: Option<u32>,
}

impl Terms {
    /// Minutes from now to the earliest start, where nobody says otherwise.
    pub const USUAL_LEAD: u32 = 120;

    /// Visits of `duration` minutes, one after the other from the start of an opening, without buffers, with the usual
    /// lead, as many a day as there is room for.
    ///
    /// # Errors
    /// A duration of no minutes, or of more than a week.
    pub fn of(duration: u32) -> Result<Self, SlotsError> {
        let duration = within("duration_minutes", duration, 1, WEEK)?;
        Ok(Self {
            duration,
            interval: duration,
            buffer_before: 0,
            buffer_after: 0,
            lead: Self::USUAL_LEAD,
            max_per_day: None,
        })
    }

    /// A start every `interval` minutes.
    ///
    /// # Errors
    /// An interval of no minutes, or of more than a week.
    pub fn every(self, interval: u32) -> Result<Self, SlotsError> {
        let interval = within("interval_minutes", interval, 1, WEEK)?;
        Ok(Self { interval, ..self })
    }

    /// Free minutes wanted before and after a visit, around whatever else there is; opening hours need not cover them.
    ///
    /// # Errors
    /// A buffer of more than a week.
    pub fn buffers(self, before: u32, after: u32) -> Result<Self, SlotsError> {
        Ok(Self {
            buffer_before: within("buffer_before_minutes", before, 0, WEEK)?,
            buffer_after: within("buffer_after_minutes", after, 0, WEEK)?,
            ..self
        })
    }

    /// Minutes from now to the earliest start.
    ///
    /// # Errors
    /// A lead of more than a year.
    pub fn lead(self, minutes: u32) -> Result<Self, SlotsError> {
        let lead = within("lead_minutes", minutes, 0, YEAR)?;
        Ok(Self { lead, ..self })
    }

    /// The number of own appointments that fill a local date; nothing means that none does.
    #[must_use]
    pub const fn max_per_day(self, appointments: Option<u32>) -> Self {
        Self {
            max_per_day: appointments,
            ..self
        }
    }

    /// Minutes of a visit.
    #[must_use]
    pub const fn duration_minutes(&self) -> u32 {
        self.duration
    }

    /// The number of own appointments that fill a local date.
    #[must_use]
    pub const fn cap(&self) -> Option<u32> {
        self.max_per_day
    }

    pub(crate) const fn buffer_before_minutes(&self) -> u32 {
        self.buffer_before
    }

    pub(crate) const fn buffer_after_minutes(&self) -> u32 {
        self.buffer_after
    }

    pub(super) const fn lead_minutes(&self) -> u32 {
        self.lead
    }

    pub(super) const fn duration_micros(&self) -> i64 {
        micros(self.duration)
    }

    pub(super) const fn interval_micros(&self) -> i64 {
        micros(self.interval)
    }

    pub(super) const fn buffer_before_micros(&self) -> i64 {
        micros(self.buffer_before)
    }

    pub(super) const fn buffer_after_micros(&self) -> i64 {
        micros(self.buffer_after)
    }

    pub(super) const fn lead_micros(&self) -> i64 {
        micros(self.lead)
    }
}

/// At most a year of minutes, so the product is small.
const fn micros(minutes: u32) -> i64 {
    minutes as i64 * 60_000_000
}

const fn within(field: &'static str, given: u32, least: u32, most: u32) -> Result<u32, SlotsError> {
    if given < least || given > most {
        return Err(SlotsError::Minutes {
            field,
            least,
            most,
            given,
        });
    }
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_visit_has_is_refused_by_name() {
        let hour = Terms::of(60).unwrap();
        for (error, field) in [
            (Terms::of(0).unwrap_err(), "duration_minutes"),
            (Terms::of(u32::MAX).unwrap_err(), "duration_minutes"),
            (hour.every(0).unwrap_err(), "interval_minutes"),
            (hour.buffers(u32::MAX, 0).unwrap_err(), "buffer_before_minutes"),
            (hour.buffers(0, u32::MAX).unwrap_err(), "buffer_after_minutes"),
            (hour.lead(u32::MAX).unwrap_err(), "lead_minutes"),
        ] {
            assert!(
                matches!(error, SlotsError::Minutes { field: named, .. } if named == field),
                "{error:?}"
            );
        }
        assert_eq!(
            hour.every(7)
                .unwrap()
                .buffers(1, 2)
                .unwrap()
                .lead(0)
                .unwrap()
                .duration_minutes(),
            60
        );
    }
}
