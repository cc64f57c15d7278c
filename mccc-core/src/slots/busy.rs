//! What the calendar holds.

use super::Terms;
use crate::Timestamp;
use crate::zone::{LocalDay, Resolver};

/// An entry of a calendar that blocks time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Busy {
    /// From one instant until before another.
    Span {
        /// Its start.
        start: Timestamp,
        /// Its end.
        end: Timestamp,
    },
    /// Whole dates of the business's zone, from the first until before the last. A date that the zone skipped has no
    /// length.
    AllDay {
        /// The first date.
        start: LocalDay,
        /// The date after the last.
        end: LocalDay,
    },
}

/// Microseconds in which no visit may be, from `start` until before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) start: i64,
    pub(super) end: i64,
}

impl Busy {
    /// What it covers.
    pub(super) fn block(self, resolver: &mut Resolver<'_>) -> Block {
        let (start, end) = match self {
            Self::Span { start, end } => (start, end),
            Self::AllDay { start, end } => (resolver.start_of(start), resolver.start_of(end)),
        };
        Block {
            start: start.as_micros(),
            end: end.as_micros(),
        }
    }
}

impl Block {
    /// With the free time that a visit wants: before it, hence after this; after it, hence before this. What has no
    /// length even so blocks nothing.
    pub(super) fn widened(self, terms: &Terms) -> Option<Self> {
        let start = self.start.saturating_sub(terms.buffer_after_micros());
        let end = self.end.saturating_add(terms.buffer_before_micros());
        (start < end).then_some(Self { start, end })
    }

    /// Whether it has an instant in common with a visit; touching is none.
    pub(super) const fn meets(self, start: i64, duration: i64) -> bool {
        start < self.end && self.start < start.saturating_add(duration)
    }
}

/// The widened entries that reach into a stretch of time, in order and without overlap.
pub(super) fn merged(resolver: &mut Resolver<'_>, busy: &[Busy], terms: &Terms, within: Block) -> Vec<Block> {
    let mut blocks: Vec<Block> = busy
        .iter()
        .filter_map(|entry| entry.block(resolver).widened(terms))
        .filter(|block| block.start < within.end && within.start < block.end)
        .collect();
    blocks.sort_unstable_by_key(|block| block.start);
    blocks.dedup_by(|next, kept| {
        let joins = next.start <= kept.end;
        if joins {
            kept.end = kept.end.max(next.end);
        }
        joins
    });
    blocks
}
