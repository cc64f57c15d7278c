//! A process that is killed while it commits has lost nothing that it was told is on disk.
//!
//! Without arguments this program is the test; with `write FILE` it is the process that gets killed.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

mod common;

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use common::{business, clock, folder, intake_commit, open_business, options, phone};
use mccc_core::port::store::CallKey;
use mccc_core::port::{Clock, Store};
use mccc_store_sqlite::SqliteStore;
use mccc_test::process::Program;

const WRITERS: u64 = 16;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    match args.get(1).map(String::as_str) {
        Some("write") => runtime.block_on(write(Path::new(args.get(2).unwrap()))),
        _ => {
            for round in 0..3 {
                runtime.block_on(kill_and_look(round));
            }
            println!("a process that was killed three times lost nothing");
        }
    }
}

async fn open(file: &Path) -> SqliteStore {
    let store = SqliteStore::open(file, options(&clock())).await.unwrap();
    store.migrate().await.unwrap();
    store
}

/// Commits calls from many tasks and prints each one that was answered, until it is killed.
async fn write(file: &Path) {
    let store = Arc::new(open(file).await);
    let ace = business("ace");
    let mut tasks = Vec::new();
    for writer in 0..WRITERS {
        let store = Arc::clone(&store);
        tasks.push(tokio::spawn(async move {
            for number in 0_u64.. {
                let name = format!("CA{writer}x{number}");
                let commit = intake_commit(&*store, ace, &name, phone(100), clock().now()).await;
                store.commit(commit).await.unwrap();
                let mut out = std::io::stdout().lock();
                writeln!(out, "ack {name}.").unwrap();
                out.flush().unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

async fn kill_and_look(round: u32) {
    let folder = folder("crash");
    let file = folder.path().join("mccc.db");
    let ace = business("ace");
    let store = open(&file).await;
    open_business(&store, ace, phone(1), clock().now()).await;
    store.close().await.unwrap();
    drop(store);
    let mut running = Program::new(std::env::current_exe().unwrap())
        .arg("write")
        .arg(&file)
        .start()
        .unwrap();
    let wanted = format!("ack CA0x{}.", 10 + 15 * round);
    running.wait_for_output(&wanted, Duration::from_secs(60)).unwrap();
    running.kill9().unwrap();
    let log = running.log();
    let acknowledged: Vec<&str> = log
        .lines()
        .filter_map(|line| line.strip_prefix("ack ")?.strip_suffix('.'))
        .collect();
    assert!(
        acknowledged.len() > 20,
        "the program was killed before it had done anything"
    );
    let store = open(&file).await;
    for name in &acknowledged {
        let key = CallKey::Provider((*name).to_owned());
        assert!(store.call(ace, &key).await.unwrap().is_some(), "{name} was lost");
    }
    // What was not acknowledged is there whole or not at all: one entry of the feed for each call.
    let feed = store.feed(ace, 0, 1_000_000).await.unwrap();
    let head = store.feed_heads(&[ace]).await.unwrap();
    assert_eq!(head, [(ace, feed.last().unwrap().seq)]);
    for entry in &feed {
        let call = store.call(ace, &CallKey::Id(entry.event.call.unwrap())).await.unwrap();
        assert!(call.is_some(), "an event without its call");
    }
    store.close().await.unwrap();
}
