//! The week as 672 quarters of an hour, Sunday 0:00 first.

use std::cmp::Reverse;

use super::schedule::{Block, DateOverride, Schedule};
use super::{Method, TimeOfDay};
use crate::zone::Weekday;
use crate::{RuleId, Timestamp};

/// Quarters of an hour in a day.
pub(super) const PER_DAY: usize = 96;
/// Quarters of an hour in a week.
pub(super) const PER_WEEK: usize = 7 * PER_DAY;

/// Sorts rules of one level so that the first that matches wins.
pub(super) type Rank = (Reverse<i32>, Reverse<Option<Timestamp>>, RuleId);

impl Block {
    /// Sorts the blocks of one day so that the first that matches wins.
    pub(super) fn order(&self) -> (bool, Rank) {
        (self.only.is_any(), self.rank())
    }

    pub(super) const fn rank(&self) -> Rank {
        (Reverse(self.priority), Reverse(self.updated_at), self.id)
    }

    /// Whether it covers that quarter of its day; the block must not cross midnight.
    pub(super) fn covers(&self, quarter: usize) -> bool {
        (self.start.quarter()..self.end.quarter()).contains(&quarter)
    }
}

impl DateOverride {
    /// Sorts the overrides of one date so that the first that matches wins.
    pub(super) fn order(&self) -> (bool, Rank) {
        (self.only.is_any(), self.rank())
    }

    pub(super) const fn rank(&self) -> Rank {
        (Reverse(self.priority), Reverse(self.updated_at), self.id)
    }

    /// Whether it covers that quarter of its date; the range must not cross midnight.
    pub(super) fn covers(&self, quarter: usize) -> bool {
        let start = self.start.unwrap_or(TimeOfDay::MIDNIGHT).quarter();
        let end = self.end.unwrap_or(TimeOfDay::END_OF_DAY).quarter();
        (start..end).contains(&quarter)
    }
}

/// The first quarter of a weekday.
pub(super) fn midnight(day: Weekday) -> usize {
    usize::from(day.number()).saturating_mul(PER_DAY)
}

impl Schedule {
    /// For each quarter of the week the block that wins it among those for every call. No block may cross midnight.
    pub(super) fn weekly_winners(&self) -> Vec<Option<&Block>> {
        let general = self.weekly.iter().filter(|block| block.only.is_any());
        let mut ranked: Vec<&Block> = general.filter(|block| self.may_match(block)).collect();
        ranked.sort_by_key(|block| block.rank());
        let mut week = vec![None; PER_WEEK];
        for block in ranked {
            let midnight = midnight(block.day);
            let covered = midnight.saturating_add(block.start.quarter())..midnight.saturating_add(block.end.quarter());
            for quarter in week.get_mut(covered).unwrap_or_default() {
                quarter.get_or_insert(block);
            }
        }
        week
    }

    /// For each quarter of an ordinary week the method that answers calls for which there is no rule of their own. No block may cross midnight.
    pub(super) fn weekly_methods(&self) -> Vec<Method> {
        let winners = self.weekly_winners();
        winners
            .iter()
            .map(|winner| winner.map_or(self.after_hours_default, |block| block.method))
            .collect()
    }

    /// For each quarter of the week whether the business is open. No hours may cross midnight.
    pub(super) fn weekly_open(&self) -> Vec<bool> {
        let mut week = vec![false; PER_WEEK];
        for hours in &self.business_hours {
            let midnight = midnight(hours.day);
            let open = midnight.saturating_add(hours.start.quarter())..midnight.saturating_add(hours.end.quarter());
            week.get_mut(open).unwrap_or_default().fill(true);
        }
        week
    }

    /// Whether the business is open in that quarter of a weekday. No hours may cross midnight.
    pub(super) fn is_open(&self, day: Weekday, quarter: usize) -> bool {
        self.business_hours
            .iter()
            .any(|hours| hours.day == day && (hours.start.quarter()..hours.end.quarter()).contains(&quarter))
    }

    /// Whether a block is neither paused nor on a day that is switched off.
    pub(super) fn may_match(&self, block: &Block) -> bool {
        block.active && !self.inactive_days.contains(&block.day)
    }
}
