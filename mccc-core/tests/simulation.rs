//! The whole center under a deterministic simulation: many seeds without a broken promise, and planted bugs that are
//! found.
//!
//! `MCCC_TEST_SIM_SECONDS` asks for more seeds for that long; `MCCC_TEST_SIM_SEED` starts elsewhere.
#![cfg(feature = "testkit")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use mccc_core::compliance::ledger::LedgerKey;
use mccc_core::memory::MemoryStore;
use mccc_core::port::{Clock, Store};
use mccc_core::testkit::sim::{Options, Report, Sabotage, run};

fn in_memory(options: Options) -> Report {
    let make = |clock: Arc<dyn Clock>| Arc::new(MemoryStore::new(clock, LedgerKey::new(&[7; 32]))) as Arc<dyn Store>;
    run(options, make).unwrap()
}

fn first_seed() -> u64 {
    std::env::var("MCCC_TEST_SIM_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1)
}

#[test]
fn the_promises_hold_for_many_seeds() {
    let first = first_seed();
    for seed in first..first + 120 {
        let report = in_memory(Options::new(seed));
        assert!(report.violations.is_empty(), "seed {seed}: {:#?}", report.violations);
        assert!(
            report.calls > 10 && report.texts > 0,
            "seed {seed} did nothing: {report:?}"
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in 1..6 {
        assert_eq!(
            in_memory(Options::new(seed)),
            in_memory(Options::new(seed)),
            "seed {seed}"
        );
    }
    assert_ne!(in_memory(Options::new(1)).trace, in_memory(Options::new(2)).trace);
}

/// Each bug, planted alone, is found within 200 seeds.
#[test]
fn every_planted_bug_is_found() {
    let mut missed = Vec::new();
    for sabotage in Sabotage::ALL {
        let found = (1..=200).find(|seed| {
            !in_memory(Options {
                sabotage: Some(*sabotage),
                ..Options::new(*seed)
            })
            .violations
            .is_empty()
        });
        match found {
            Some(seed) => eprintln!("{sabotage:?}: found with seed {seed}"),
            None => missed.push(*sabotage),
        }
    }
    if !missed.is_empty() {
        panic!("not found within 200 seeds: {missed:?}");
    }
}
