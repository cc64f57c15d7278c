//! Calls made durable in a second: intake through the store, beside the usual three inserts in a transaction.
//!
//! `DATABASE_URL=… cargo run --release -p mccc-store-postgres --example postgres_ingest [rounds] [seconds] [clients] [businesses]`
//!
//! The URL is a superuser's. Both candidates take turns in the same run on the same database; what is claimed is the
//! median of the ratios of each round. Absolute figures say more about the disk than about the program.
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

use common::{KEY, business, intake_commit, open_business, phone, renamed};
use mccc_core::Timestamp;
use mccc_core::compliance::ledger::LedgerKey;
use mccc_core::port::Store;
use mccc_store_postgres::{PostgresOptions, PostgresStore, migrate};
use sqlx::postgres::PgPoolOptions;
use sqlx::{PgPool, Row};

/// One call as a first schema would keep it: a call, an event and a job, each with the indexes it needs.
const USUAL: &str = "
DROP SCHEMA IF EXISTS usual CASCADE;
CREATE SCHEMA usual;
CREATE TABLE usual.calls (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant_id bigint NOT NULL,
    call_sid text NOT NULL, from_e164 text NOT NULL, to_e164 text NOT NULL, status text NOT NULL,
    routing_method text NOT NULL, outcome text, received_at timestamptz NOT NULL DEFAULT now(), duration_s int,
    payload jsonb, UNIQUE (tenant_id, call_sid));
CREATE INDEX ON usual.calls (tenant_id, received_at DESC);
CREATE TABLE usual.events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant_id bigint NOT NULL,
    call_id bigint NOT NULL, kind text NOT NULL, at timestamptz NOT NULL DEFAULT now(), payload jsonb);
CREATE INDEX ON usual.events (call_id);
CREATE TABLE usual.jobs (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant_id bigint NOT NULL,
    call_id bigint NOT NULL, kind text NOT NULL, dedupe_key text NOT NULL UNIQUE, state text NOT NULL DEFAULT 'ready',
    run_at timestamptz NOT NULL DEFAULT now(), attempts int NOT NULL DEFAULT 0, payload jsonb);
CREATE INDEX ON usual.jobs (run_at) WHERE state = 'ready';
";
const PAYLOAD: &str = r#"{"AccountSid":"ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","CallStatus":"ringing","Direction":"inbound","FromCity":"CHICAGO","FromState":"IL","ApiVersion":"2010-04-01"}"#;

#[tokio::main]
async fn main() {
    let args: Vec<u64> = std::env::args().skip(1).filter_map(|text| text.parse().ok()).collect();
    let get = |index: usize, default| args.get(index).copied().unwrap_or(default);
    let (rounds, seconds, clients, businesses) = (get(0, 3), get(1, 4), get(2, 128), get(3, 200));
    let url = std::env::var("DATABASE_URL").unwrap();
    let groups = std::env::var("GROUPS").map_or(2, |text| text.parse().unwrap());
    let options = PostgresOptions {
        schema: "mccc_bench".to_owned(),
        role: "mccc_bench_app".to_owned(),
        intake_groups: groups,
        ..PostgresOptions::default()
    };
    let admin = PgPool::connect(&url).await.unwrap();
    sqlx::raw_sql("DROP SCHEMA IF EXISTS mccc_bench CASCADE")
        .execute(&admin)
        .await
        .unwrap();
    sqlx::raw_sql(USUAL).execute(&admin).await.unwrap();
    migrate(&url, &options).await.unwrap();
    let store = Arc::new(
        PostgresStore::connect(&url, LedgerKey::new(&KEY), options)
            .await
            .unwrap(),
    );
    let at = Timestamp::from_seconds(1_790_000_000);
    for number in 0..u32::try_from(businesses).unwrap() {
        open_business(&*store, business(&number.to_string()), phone(number), at).await;
    }
    let usual = PgPoolOptions::new()
        .max_connections(u32::try_from(clients).unwrap())
        .test_before_acquire(false)
        .connect(&url)
        .await
        .unwrap();
    let mut ratios = Vec::new();
    println!("| round | three statements, calls/s | store, calls/s | ratio |\n|---|---|---|---|");
    for round in 0..rounds {
        sqlx::raw_sql("CHECKPOINT").execute(&admin).await.unwrap();
        let lasts = Duration::from_secs(seconds);
        let (reference, ours) = if round % 2 == 0 {
            let reference = three_statements(&usual, lasts, clients, round).await;
            (reference, intake(&store, lasts, clients, businesses, round).await)
        } else {
            let ours = intake(&store, lasts, clients, businesses, round).await;
            (three_statements(&usual, lasts, clients, round).await, ours)
        };
        println!("| {round} | {reference:.0} | {ours:.0} | {:.2} |", ours / reference);
        ratios.push(ours / reference);
    }
    ratios.sort_by(f64::total_cmp);
    println!(
        "\n{clients} clients, {businesses} businesses: store / three statements {:.2} ({:.2}-{:.2})",
        ratios[ratios.len() / 2],
        ratios[0],
        ratios[ratios.len() - 1]
    );
    store.close().await;
}

/// Runs `clients` loops for a while and returns how many rounds they made in a second.
async fn rate<F>(lasts: Duration, clients: u64, client: impl Fn(u64, Arc<AtomicBool>, Arc<AtomicU64>) -> F) -> f64
where
    F: Future<Output = ()> + Send + 'static,
{
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let start = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|number| tokio::spawn(client(number, Arc::clone(&stop), Arc::clone(&done))))
        .collect();
    tokio::time::sleep(lasts).await;
    stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.unwrap();
    }
    done.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64()
}

async fn intake(store: &Arc<PostgresStore>, lasts: Duration, clients: u64, businesses: u64, round: u64) -> f64 {
    let at = Timestamp::from_seconds(1_790_000_000);
    let mut templates = Vec::new();
    for number in 0..businesses {
        // The decision is made from templates: the store is measured, not the reading of the settings.
        templates.push(intake_commit(&**store, business(&number.to_string()), "CA0", phone(100), at).await);
    }
    let templates = Arc::new(templates);
    rate(lasts, clients, |client, stop, done| {
        let (store, templates) = (Arc::clone(store), Arc::clone(&templates));
        async move {
            for number in 0_u64.. {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let index = (client * 7_919 + number * 104_729) % businesses;
                let template = &templates[usize::try_from(index).unwrap()];
                let commit = renamed(template, &format!("CA{round:08}{client:012}{number:012}"));
                store.commit(commit).await.unwrap();
                done.fetch_add(1, Ordering::Relaxed);
            }
        }
    })
    .await
}

async fn three_statements(pool: &PgPool, lasts: Duration, clients: u64, round: u64) -> f64 {
    rate(lasts, clients, |client, stop, done| {
        let pool = pool.clone();
        async move {
            let mut connection = pool.acquire().await.unwrap();
            for number in 0_u64.. {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let tenant = i64::try_from((client * 7_919 + number * 104_729) % 2_000).unwrap();
                let name = format!("CA{round:08}{client:012}{number:012}");
                let mut transaction = sqlx::Connection::begin(&mut *connection).await.unwrap();
                let id: i64 = sqlx::query(
                    "INSERT INTO usual.calls(tenant_id,call_sid,from_e164,to_e164,status,routing_method,payload) \
                     VALUES ($1,$2,'+13125550001','+13125550002','ringing','ai_agent',$3::jsonb) RETURNING id",
                )
                .bind(tenant)
                .bind(&name)
                .bind(PAYLOAD)
                .fetch_one(&mut *transaction)
                .await
                .unwrap()
                .get(0);
                sqlx::query(
                    "INSERT INTO usual.events(tenant_id,call_id,kind,payload) VALUES ($1,$2,'call.received',$3::jsonb)",
                )
                .bind(tenant)
                .bind(id)
                .bind(PAYLOAD)
                .execute(&mut *transaction)
                .await
                .unwrap();
                sqlx::query(
                    "INSERT INTO usual.jobs(tenant_id,call_id,kind,dedupe_key,payload) \
                     VALUES ($1,$2,'sms.missed_call',$3,$4::jsonb)",
                )
                .bind(tenant)
                .bind(id)
                .bind(&name)
                .bind(PAYLOAD)
                .execute(&mut *transaction)
                .await
                .unwrap();
                transaction.commit().await.unwrap();
                done.fetch_add(1, Ordering::Relaxed);
            }
        }
    })
    .await
}
