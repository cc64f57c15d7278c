//! The whole center under the simulation: two nodes with connections of their own to one database.
//!
//! `MCCC_TEST_SIM_STORE_SEEDS=50` runs fifty seeds instead of the usual few, and plants every bug; `MCCC_TEST_SIM_SEED=n`
//! repeats seed `n`.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::sync::Arc;
use std::time::Instant;

use mccc_core::compliance::ledger::LedgerKey;
use mccc_core::port::{Clock, Store};
use mccc_core::testkit::sim::{
    LEDGER_KEY, Options, Report, Sabotage, Stores, campaign, first_to_find, run, run_in_memory,
};
use mccc_store_postgres::{PostgresOptions, PostgresStore, StoreClock};
use mccc_test::postgres::Pg;
use mccc_test::postgres_or_skip;
use mccc_test::simulation::{is_long, seeds};
use tokio::runtime::{Builder, Runtime};

/// Seeds of an ordinary run.
const USUAL: u64 = 4;

fn connect(runtime: &Runtime, url: &str, clock: &Arc<dyn Clock>) -> Arc<dyn Store> {
    let options = PostgresOptions {
        clock: StoreClock::Given(Arc::clone(clock)),
        max_connections: 8,
        ..PostgresOptions::default()
    };
    let store = PostgresStore::connect(url, LedgerKey::new(&LEDGER_KEY), options);
    Arc::new(runtime.block_on(store).unwrap())
}

/// One operation after the other.
fn in_turn(pg: &'static Pg, options: Options) -> Report {
    let runtime = Arc::new(Builder::new_current_thread().enable_all().build().unwrap());
    let (_database, url) = runtime.block_on(common::database(pg));
    run(options, |clock| {
        let truth = connect(&runtime, &url, &clock);
        let nodes = (0..options.nodes).map(|_| connect(&runtime, &url, &clock)).collect();
        Stores::in_turn(Arc::clone(&runtime), clock, truth, nodes)
    })
    .unwrap()
}

/// Operations together: transactions wait for each other, lose against each other and are dropped halfway.
fn at_once(pg: &'static Pg, options: Options) -> Report {
    let runtime = Arc::new(
        Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap(),
    );
    let (_database, url) = runtime.block_on(common::database(pg));
    run(options, |clock| {
        let truth = connect(&runtime, &url, &clock);
        let nodes = (0..options.nodes).map(|_| connect(&runtime, &url, &clock)).collect();
        Stores::at_once(Arc::clone(&runtime), truth, nodes)
    })
    .unwrap()
}

/// Runs the usual seeds, or those that were asked for, and says what there was.
#[expect(clippy::disallowed_methods, reason = "how long the test itself takes")]
fn hold(what: &str, one: impl Fn(Options) -> Report + Sync) {
    let (seeds, began) = (seeds(USUAL), Instant::now());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let goes_on = |done| done < seeds.end - seeds.start;
    let sum = campaign(seeds.start, threads, goes_on, |seed| one(Options::new(seed)));
    eprintln!(
        "simulation, two nodes on Postgres, {what}: {}, {} s",
        sum.line(),
        began.elapsed().as_secs()
    );
    assert!(sum.failed.is_empty(), "promises were broken: {:#?}", sum.failed);
    assert!(!sum.is_idle(), "nothing happened in seeds {:?}", sum.idle);
    if sum.seeds >= 50 {
        let never = sum.never_happened();
        assert!(never.is_empty(), "never happened, so never tested: {never:?}");
    }
}

#[test]
fn the_promises_hold_in_turn_and_every_run_is_the_one_in_memory() {
    let pg = postgres_or_skip!();
    hold("in turn", |options| {
        let mut report = in_turn(pg, options);
        let expected = run_in_memory(options).unwrap();
        if report.violations.is_empty() && report != expected {
            report
                .violations
                .push(format!("in memory it is another run: {expected:#?}"));
        }
        report
    });
}

#[test]
fn the_promises_hold_when_everything_really_happens_at_once() {
    let pg = postgres_or_skip!();
    hold("at once", |options| at_once(pg, options));
}

#[test]
fn planted_bugs_are_found() {
    let pg = postgres_or_skip!();
    let few = [
        Sabotage::LosesCall,
        Sabotage::NeverHoldsGuard,
        Sabotage::NoEventKey,
        Sabotage::TotalsForgetUpdate,
    ];
    let bugs = if is_long() { Sabotage::ALL } else { &few };
    for sabotage in bugs {
        let seed = first_to_find(*sabotage, 1..=200).unwrap();
        let options = Options {
            sabotage: Some(*sabotage),
            ..Options::new(seed)
        };
        let report = in_turn(pg, options);
        assert_eq!(report, run_in_memory(options).unwrap(), "{sabotage:?}, seed {seed}");
        assert!(
            !report.violations.is_empty(),
            "{sabotage:?} was not found with seed {seed}"
        );
    }
}
