//! Dates on which no further visit may start.

use super::Terms;
use crate::Timestamp;
use crate::zone::{LocalDay, Resolver};

/// The local dates on which as many own appointments start as may.
#[derive(Debug)]
pub(super) struct FullDays {
    /// Sorted.
    dates: Vec<LocalDay>,
    /// Whether the cap is nought.
    all: bool,
}

impl FullDays {
    pub(super) fn of(resolver: &mut Resolver<'_>, appointments: &[Timestamp], terms: &Terms) -> Self {
        let mut full = Self {
            dates: Vec::new(),
            all: terms.cap() == Some(0),
        };
        let Some(most) = terms
            .cap()
            .and_then(|most| usize::try_from(most).ok())
            .filter(|most| *most > 0)
        else {
            return full;
        };
        let of = |start: &Timestamp| resolver.day_of(start.as_seconds()).0;
        let mut dates: Vec<LocalDay> = appointments.iter().map(of).collect();
        dates.sort_unstable();
        let counted = dates.chunk_by(|one, other| one == other);
        full.dates = counted
            .filter(|same| same.len() >= most)
            .filter_map(|same| same.first().copied())
            .collect();
        full
    }

    pub(super) fn is_empty(&self) -> bool {
        self.dates.is_empty() && !self.all
    }

    pub(super) fn contains(&self, date: LocalDay) -> bool {
        self.all || self.dates.binary_search(&date).is_ok()
    }
}
