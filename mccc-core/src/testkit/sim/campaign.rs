//! Many seeds, and the sum of what they found.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::sabotage::Sabotage;
use super::stores::run_in_memory;
use super::tally::Happening;
use super::world::{Options, Report};

/// The sum of many runs.
#[derive(Debug, Default)]
pub struct Sum {
    /// How many seeds were run.
    pub seeds: u64,
    /// Things that happened from outside.
    pub events: u64,
    /// Calls whose answer was given.
    pub calls: usize,
    /// Texts that went out.
    pub texts: usize,
    /// Seeds in which hardly anything happened.
    pub idle: Vec<u64>,
    /// What went wrong or raced, and how often.
    pub happened: BTreeMap<Happening, u64>,
    /// Seeds that broke a promise, with how.
    pub failed: BTreeMap<u64, Vec<String>>,
}

impl Sum {
    fn add(&mut self, seed: u64, report: Report) {
        self.seeds += 1;
        self.events += u64::from(report.events);
        self.calls += report.calls;
        self.texts += report.texts;
        if report.calls <= 10 || report.texts == 0 {
            self.idle.push(seed);
        }
        for (what, count) in report.happened {
            *self.happened.entry(what).or_insert(0) += count;
        }
        if !report.violations.is_empty() {
            self.failed.insert(seed, report.violations);
        }
    }

    /// Whether too many seeds show nothing. Now and then a schedule without texts, or a database that is hardly ever
    /// there, leaves a run without one.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let idle = u64::try_from(self.idle.len()).unwrap_or(u64::MAX);
        idle > (self.seeds / 50).max(1)
    }

    /// What never happened, and so was never tested.
    #[must_use]
    pub fn never_happened(&self) -> Vec<&'static str> {
        Happening::ALL
            .iter()
            .filter(|what| !self.happened.contains_key(what))
            .map(|what| what.name())
            .collect()
    }

    /// The figures in one line.
    #[must_use]
    pub fn line(&self) -> String {
        format!(
            "{} seeds, {} events, {} faults and races, {} calls, {} texts, {} failing seeds",
            self.seeds,
            self.events,
            self.happened.values().sum::<u64>(),
            self.calls,
            self.texts,
            self.failed.len()
        )
    }
}

/// Runs the seeds from `first` on `threads` threads for as long as `goes_on`, which is told how many were begun.
pub fn campaign(
    first: u64,
    threads: usize,
    goes_on: impl Fn(u64) -> bool + Sync,
    one: impl Fn(u64) -> Report + Sync,
) -> Sum {
    let next = AtomicU64::new(0);
    let sum = Mutex::new(Sum::default());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let done = next.fetch_add(1, Ordering::Relaxed);
                    if !goes_on(done) {
                        return;
                    }
                    let seed = first.wrapping_add(done);
                    let report = one(seed);
                    sum.lock().unwrap_or_else(PoisonError::into_inner).add(seed, report);
                }
            });
        }
    });
    sum.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The first of `seeds` with which a planted bug is found in memory.
#[must_use]
pub fn first_to_find(sabotage: Sabotage, mut seeds: impl Iterator<Item = u64>) -> Option<u64> {
    seeds.find(|seed| {
        let options = Options {
            sabotage: Some(sabotage),
            ..Options::new(*seed)
        };
        run_in_memory(options).is_ok_and(|report| !report.violations.is_empty())
    })
}
