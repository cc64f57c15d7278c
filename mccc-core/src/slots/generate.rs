//! All starts, in one sweep.

use std::ops::Range;

use super::busy::{Block, merged};
use super::cap::FullDays;
use super::opening::{Opening, openings};
use super::{Question, Terms};
use crate::Timestamp;
use crate::zone::{LocalDay, Resolver};

const MICROS_PER_SECOND: i64 = 1_000_000;

/// Every instant at which a visit can start, in order and each once.
///
/// Costs a sort of the entries near the window and then time in proportion to those entries and to the starts: a stretch
/// that is blocked or full is stepped over as a whole.
#[must_use]
pub fn starts(question: &Question<'_>) -> Vec<Timestamp> {
    let terms = question.terms;
    let (earliest, end) = (question.earliest(), question.window.end());
    if earliest >= end {
        return Vec::new();
    }
    let mut resolver = Resolver::new(question.zone, earliest);
    let openings = openings(&mut resolver, question.hours, earliest, end);
    let reach = Block {
        start: earliest.as_micros(),
        end: end.as_micros().saturating_add(terms.duration_micros()),
    };
    let mut sweep = Sweep {
        terms,
        earliest: earliest.as_micros(),
        latest: end.as_micros().saturating_sub(1),
        blocks: merged(&mut resolver, question.busy, terms, reach),
        next: 0,
        full: FullDays::of(&mut resolver, question.appointments, terms),
        day: DayPart::default(),
        resolver,
        starts: Vec::new(),
    };
    let mut swept = i64::MIN;
    for opening in &openings {
        swept = sweep.over(opening, swept);
    }
    let mut starts = sweep.starts;
    // Openings that overlap have their starts one after the other, not in order.
    if !starts.is_sorted_by(|one, next| one < next) {
        starts.sort_unstable();
        starts.dedup();
    }
    starts
}

impl Question<'_> {
    /// The first instant that lies in the window and leaves the lead.
    pub(super) fn earliest(&self) -> Timestamp {
        let with_lead = self.now.as_micros().saturating_add(self.terms.lead_micros());
        Timestamp::from_micros(with_lead).max(self.window.start())
    }
}

struct Sweep<'a> {
    terms: &'a Terms,
    earliest: i64,
    /// The last microsecond of the window.
    latest: i64,
    blocks: Vec<Block>,
    /// The first block that may still be ahead.
    next: usize,
    full: FullDays,
    day: DayPart,
    resolver: Resolver<'a>,
    starts: Vec<Timestamp>,
}

/// Seconds that lie on one local date.
#[derive(Default)]
struct DayPart {
    seconds: Range<i64>,
    is_full: bool,
}

impl Sweep<'_> {
    /// Adds the starts of an opening. `swept` is where the sweep was before; answers where it is.
    fn over(&mut self, opening: &Opening, swept: i64) -> i64 {
        let (duration, interval) = (self.terms.duration_micros(), self.terms.interval_micros());
        // A start on this opening's grid at or after an instant.
        let on_grid = |from: i64| {
            let into = from.saturating_sub(opening.start).max(0);
            let steps = into.saturating_add(interval - 1) / interval;
            opening.start.saturating_add(steps.saturating_mul(interval))
        };
        let last = opening.end.saturating_sub(duration).min(self.latest);
        let mut start = on_grid(self.earliest);
        if start < swept {
            self.next = self.blocks.partition_point(|block| block.end <= start);
        }
        while start <= last {
            while self.blocks.get(self.next).is_some_and(|block| block.end <= start) {
                self.next = self.next.saturating_add(1);
            }
            let mut free_until = last;
            if let Some(block) = self.blocks.get(self.next) {
                if block.meets(start, duration) {
                    start = on_grid(block.end);
                    continue;
                }
                free_until = free_until.min(block.start.saturating_sub(duration));
            }
            if !self.full.is_empty() {
                let day = self.day_of(start);
                let after = day.seconds.end.saturating_mul(MICROS_PER_SECOND);
                if day.is_full {
                    start = on_grid(after);
                    continue;
                }
                free_until = free_until.min(after.saturating_sub(1));
            }
            while start <= free_until {
                self.starts.push(Timestamp::from_micros(start));
                start = start.saturating_add(interval);
            }
        }
        start.max(swept)
    }

    fn day_of(&mut self, start: i64) -> &DayPart {
        let second = start.div_euclid(MICROS_PER_SECOND);
        if !self.day.seconds.contains(&second) {
            let (date, seconds): (LocalDay, _) = self.resolver.day_of(second);
            self.day = DayPart {
                seconds,
                is_full: self.full.contains(date),
            };
        }
        &self.day
    }
}
