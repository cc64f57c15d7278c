//! Time that is closed.

use serde::{Deserialize, Serialize};

use crate::zone::{LocalDay, Zone};
use crate::{BlockedTimeId, BusinessId, Timestamp};

/// Time that an appointment closes to all others of its business: the appointment itself, moves included, and the
/// buffer behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Block {
    /// The first closed instant.
    pub from: Timestamp,
    /// The first instant that is free again; after `from`.
    pub until: Timestamp,
    /// When it stops closing anything by itself, by the store's clock: a hold that nobody books.
    pub expires_at: Option<Timestamp>,
}

impl Block {
    /// Whether the two close an instant together; touching is free.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.from < other.until && other.from < self.until
    }
}

/// Time of the wall clock or whole days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Span {
    /// From one instant to another, which is free again.
    Instants {
        /// The first instant.
        from: Timestamp,
        /// The first instant after it.
        until: Timestamp,
    },
    /// Whole local days of the business.
    Days {
        /// The first day.
        from: LocalDay,
        /// The first day after it.
        until: LocalDay,
    },
}

impl Span {
    /// Instants between which it certainly lies, whatever the zone: days are a day longer at both ends than in UTC.
    #[must_use]
    pub fn reach(&self) -> (Timestamp, Timestamp) {
        match *self {
            Self::Instants { from, until } => (from, until),
            Self::Days { from, until } => (utc_midnight(from.plus_days(-1)), utc_midnight(until.plus_days(1))),
        }
    }

    /// The instants it covers in `zone`; days begin with their first instant, which is not midnight everywhere.
    #[must_use]
    pub fn instants(&self, zone: &Zone) -> (Timestamp, Timestamp) {
        match *self {
            Self::Instants { from, until } => (from, until),
            Self::Days { from, until } => (zone.start_of(from), zone.start_of(until)),
        }
    }
}

fn utc_midnight(day: LocalDay) -> Timestamp {
    Timestamp::from_seconds(i64::from(day.days()).saturating_mul(86_400))
}

/// Time in which the business takes no appointments: a holiday, a day in the workshop. Kept here for businesses without
/// a calendar elsewhere, and in addition to it for those with one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockedTime {
    /// Identifier.
    pub id: BlockedTimeId,
    /// Whose time it is.
    pub business: BusinessId,
    /// When.
    pub span: Span,
    /// What it is, for the people of the business.
    pub title: String,
    /// When it was written down.
    pub created_at: Timestamp,
}
