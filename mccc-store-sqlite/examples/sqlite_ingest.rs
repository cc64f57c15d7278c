//! Calls made durable in a second: commits that share a flush, one commit per call, and `synchronous=NORMAL`.
//!
//! `cargo run --release -p mccc-store-sqlite --example sqlite_ingest [rounds] [seconds] [clients]`
//!
//! Prints ratios of medians over rounds in which the candidates take turns; absolute figures say more about the disk
//! than about the program.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a measurement needs the real clock and has nobody to report errors to"
)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::{business, clock, folder, intake_commit, open_business, options, phone};
use mccc_core::port::{Clock, Store};
use mccc_store_sqlite::{Options, SqliteStore, Synchronous};

/// How a candidate differs from the usual options.
type Change = fn(Options) -> Options;

#[tokio::main]
async fn main() {
    let args: Vec<u64> = std::env::args().skip(1).filter_map(|text| text.parse().ok()).collect();
    let get = |index: usize, default| args.get(index).copied().unwrap_or(default);
    let (rounds, seconds, clients) = (get(0, 3), get(1, 3), get(2, 128));
    let candidates: [(&str, Change); 4] = [
        ("FULL grouped", |options| options),
        ("FULL one commit per call", |options| options.group_limit(1)),
        ("NORMAL grouped", |options| options.synchronous(Synchronous::Normal)),
        ("NORMAL one commit per call", |options| {
            options.synchronous(Synchronous::Normal).group_limit(1)
        }),
    ];
    let mut rates = vec![Vec::new(); candidates.len()];
    for _ in 0..rounds {
        for (index, (_, change)) in candidates.iter().enumerate() {
            rates[index].push(measure(*change, Duration::from_secs(seconds), clients).await);
        }
    }
    println!("| what | calls/s (median) | FULL grouped / this: median, min-max |");
    println!("|---|---|---|");
    for (index, (name, _)) in candidates.iter().enumerate() {
        let mut ratios: Vec<f64> = rates[0]
            .iter()
            .zip(&rates[index])
            .map(|(full, this)| full / this)
            .collect();
        let rate = median(&mut rates[index].clone());
        let middle = median(&mut ratios);
        println!(
            "| {name}, {clients} clients | {rate:.0} | {middle:.2} ({:.2}-{:.2}) |",
            ratios[0],
            ratios[ratios.len() - 1]
        );
    }
}

async fn measure(change: Change, lasts: Duration, clients: u64) -> f64 {
    let folder = folder("ingest");
    let file = folder.path().join("mccc.db");
    let clock = clock();
    let store = SqliteStore::open(file, change(options(&clock))).await.unwrap();
    store.migrate().await.unwrap();
    for number in 0..20 {
        open_business(&store, business(&number.to_string()), phone(number), clock.now()).await;
    }
    let store = Arc::new(store);
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut tasks = Vec::new();
    let start = Instant::now();
    for client in 0..clients {
        let (store, stop, done) = (Arc::clone(&store), Arc::clone(&stop), Arc::clone(&done));
        let clock = Arc::clone(&clock);
        let ours = business(&(client % 20).to_string());
        // The decision is made from one template: the store is measured, not the reading of the settings.
        let template = intake_commit(&*store, ours, "CA0", phone(100), clock.now()).await;
        tasks.push(tokio::spawn(async move {
            for number in 0_u64.. {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let commit = common::renamed(&template, &format!("CA{client}x{number}"));
                store.commit(commit).await.unwrap();
                done.fetch_add(1, Ordering::Relaxed);
            }
        }));
    }
    tokio::time::sleep(lasts).await;
    stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.unwrap();
    }
    let rate = done.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64();
    store.close().await.unwrap();
    rate
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
