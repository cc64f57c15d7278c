//! What a page of calls and the totals of thirty days cost, beside `SELECT 1` in a transaction of the same kind.
//!
//! `DATABASE_URL=… cargo run --release -p mccc-store-postgres --example postgres_pages [rounds] [calls] [calls of the few]`
//!
//! The URL is a superuser's. Two schemas are filled on first use, one with ten times the calls of the other, of 2,000
//! businesses each; the typical business has the same 2,000 calls in both. Every question goes through the store, as
//! the product asks it, and is answered over one connection. A ratio is that of two medians of the same round.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a measurement needs the real clock and has nobody to report errors to"
)]

#[path = "../../tests/common/mod.rs"]
mod common;

use std::time::{Duration, Instant};

use common::{KEY, intake_commit, open_business, phone};
use mccc_core::calls::DashboardOutcome;
use mccc_core::compliance::ledger::LedgerKey;
use mccc_core::port::Store as _;
use mccc_core::port::store::{CallCursor, CallFilter, TotalsFilter};
use mccc_core::routing::Method;
use mccc_core::zone::LocalDay;
use mccc_core::{BusinessId, PhoneNumber, Timestamp};
use mccc_store_postgres::{PostgresOptions, PostgresStore, migrate};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool, Row as _};

const BUSINESSES: u32 = 2_000;
/// Calls of the typical business, in both schemas.
const TYPICAL: u64 = 2_000;
/// Calls on a page.
const PAGE: u32 = 50;
/// Times a question is asked in a round.
const TIMES: u32 = 60;

#[tokio::main]
async fn main() {
    let args: Vec<u64> = std::env::args().skip(1).filter_map(|text| text.parse().ok()).collect();
    let get = |index: usize, default| args.get(index).copied().unwrap_or(default);
    let (rounds, calls) = (get(0, 5), get(1, 5_000_000));
    let url = std::env::var("DATABASE_URL").unwrap();
    let many = Side::open(&url, "mccc_pages_many", calls).await;
    let few = Side::open(&url, "mccc_pages_few", get(2, calls / 10)).await;
    let mut figures: Vec<Figure> = Vec::new();
    for round in 0..rounds {
        for index in 0..Question::all().len() {
            // Each round begins with another of the candidates.
            let mut took = [Duration::ZERO; 5];
            for step in 0..took.len() {
                let place = (step + usize::try_from(round).unwrap()) % took.len();
                took[place] = match place {
                    0 => many.select_one().await,
                    1 => many.asked(index, many.large).await,
                    2 => many.asked(index, many.typical).await,
                    3 => few.asked(index, few.typical).await,
                    _ => few.select_one().await,
                };
            }
            if figures.len() <= index {
                figures.push(Figure::default());
            }
            figures[index].add(took);
        }
    }
    println!("| question | large business / `SELECT 1` | typical business / `SELECT 1` | typical, many / few calls |");
    println!("|---|---|---|---|");
    for (question, figure) in Question::all().iter().zip(&figures) {
        let [large, typical, growth] = [&figure.large, &figure.typical, &figure.growth].map(|values| shown(values));
        println!("| {} | {large} | {typical} | {growth} |", question.title());
    }
    let worst = |which: fn(&Figure) -> &Vec<f64>, totals: bool| {
        let of_kind = Question::all().into_iter().zip(&figures);
        of_kind
            .filter(|(question, _)| matches!(question, Question::Totals) == totals)
            .map(|(_, figure)| median(which(figure)))
            .fold(0.0, f64::max)
    };
    println!(
        "\nThe dearest page: large {:.2}, typical {:.2}, growth {:.2}. Totals: large {:.2}, typical {:.2}, growth {:.2}.",
        worst(|figure| &figure.large, false),
        worst(|figure| &figure.typical, false),
        worst(|figure| &figure.growth, false),
        worst(|figure| &figure.large, true),
        worst(|figure| &figure.typical, true),
        worst(|figure| &figure.growth, true),
    );
}

/// The ratios of each round.
#[derive(Default)]
struct Figure {
    large: Vec<f64>,
    typical: Vec<f64>,
    growth: Vec<f64>,
}

impl Figure {
    fn add(&mut self, took: [Duration; 5]) {
        let [one, large, typical, among_few, one_again] = took.map(|time| time.as_secs_f64());
        let one = f64::midpoint(one, one_again);
        self.large.push(large / one);
        self.typical.push(typical / one);
        self.growth.push(typical / among_few);
    }
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn shown(values: &[f64]) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = values.iter().copied().fold(0.0, f64::max);
    format!("{:.2} ({least:.2}–{greatest:.2})", median(values))
}

/// What is asked.
#[derive(Clone)]
enum Question {
    Page(&'static str, CallFilter, Position),
    Totals,
}

/// Where a page begins: at the newest call, or after this share of the business's calls.
#[derive(Clone, Copy)]
enum Position {
    Newest,
    Deep,
}

impl Question {
    fn all() -> Vec<Self> {
        let any = CallFilter::default;
        let (to_day, from_day) = (Some(last_day()), Some(LocalDay(last_day().0 - 29)));
        let page = |title, filter| Self::Page(title, filter, Position::Newest);
        let method = |method| CallFilter {
            method: Some(method),
            ..any()
        };
        let label = |label| CallFilter {
            outcome: Some(label),
            ..any()
        };
        vec![
            page("newest", any()),
            Self::Page("halfway down", any(), Position::Deep),
            page(
                "30 days",
                CallFilter {
                    from_day,
                    to_day,
                    ..any()
                },
            ),
            page("a common method", method(Method::AutoTextOnly)),
            page("a rare method", method(Method::Off)),
            page("label no_response", label(DashboardOutcome::NoResponse)),
            Self::Page(
                "label no_response, halfway down",
                label(DashboardOutcome::NoResponse),
                Position::Deep,
            ),
            page("label hung_up", label(DashboardOutcome::HungUp)),
            page("label callback_requested", label(DashboardOutcome::CallbackRequested)),
            page("label question_answered", label(DashboardOutcome::QuestionAnswered)),
            page("label spam", label(DashboardOutcome::Spam)),
            page(
                "method and label",
                CallFilter {
                    outcome: Some(DashboardOutcome::AppointmentBooked),
                    ..method(Method::AiVoice)
                },
            ),
            page(
                "30 days, method and label",
                CallFilter {
                    outcome: Some(DashboardOutcome::AppointmentBooked),
                    from_day,
                    to_day,
                    ..method(Method::AiVoice)
                },
            ),
            page(
                "30 days and label",
                CallFilter {
                    outcome: Some(DashboardOutcome::NoResponse),
                    from_day,
                    to_day,
                    ..any()
                },
            ),
            page(
                "needs attention",
                CallFilter {
                    attention: true,
                    ..any()
                },
            ),
            page(
                "needs attention, label",
                CallFilter {
                    attention: true,
                    ..label(DashboardOutcome::Spam)
                },
            ),
            page(
                "one caller",
                CallFilter {
                    caller: Some(PhoneNumber::parse("+13122000000").unwrap()),
                    ..any()
                },
            ),
            Self::Totals,
        ]
    }

    const fn title(&self) -> &'static str {
        match self {
            Self::Page(title, ..) => title,
            Self::Totals => "totals of 30 days",
        }
    }
}

/// The last local day that has calls.
fn last_day() -> LocalDay {
    "2026-11-20".parse().unwrap()
}

/// One of the two schemas.
struct Side {
    store: PostgresStore,
    pool: PgPool,
    large: Measured,
    typical: Measured,
}

/// A business that is measured, and a position halfway down its calls.
#[derive(Clone, Copy)]
struct Measured {
    id: BusinessId,
    halfway: CallCursor,
}

impl Side {
    async fn open(url: &str, schema: &str, calls: u64) -> Self {
        let options = PostgresOptions {
            schema: schema.to_owned(),
            role: format!("{schema}_app"),
            max_connections: 1,
            ..PostgresOptions::default()
        };
        let mut admin = PgConnection::connect(url).await.unwrap();
        fill(&mut admin, url, &options, calls).await;
        let pool = PostgresStore::pool_options(&options)
            .unwrap()
            .connect(url)
            .await
            .unwrap();
        let store = PostgresStore::with_pool(pool.clone(), LedgerKey::new(&KEY), options)
            .await
            .unwrap();
        let mut ids = Vec::new();
        for row in sqlx::query("SELECT business_id FROM business_directory ORDER BY business_id LIMIT 2")
            .fetch_all(&mut admin)
            .await
            .unwrap()
        {
            ids.push(BusinessId::from_uuid(row.get(0)));
        }
        let (large, typical) = (measured(&mut admin, ids[0]).await, measured(&mut admin, ids[1]).await);
        Self {
            store,
            pool,
            large,
            typical,
        }
    }

    /// The median time of `SELECT 1` in a transaction that names a business.
    async fn select_one(&self) -> Duration {
        let mut times = Vec::new();
        for _ in 0..TIMES {
            let begin = Instant::now();
            let row = sqlx::query("SELECT 1 FROM admit($1) AS a(business)")
                .bind(self.typical.id.uuid())
                .fetch_one(&self.pool)
                .await
                .unwrap();
            times.push(begin.elapsed());
            assert_eq!(row.get::<i32, _>(0), 1);
        }
        middle(times)
    }

    /// The median time of a question.
    async fn asked(&self, index: usize, of: Measured) -> Duration {
        let question = &Question::all()[index];
        let mut times = Vec::new();
        // The first answers of a round come from whatever the last question left in the caches.
        for time in 0..TIMES + 6 {
            let begin = Instant::now();
            let found = match question {
                Question::Page(_, filter, position) => {
                    let after = matches!(position, Position::Deep).then_some(of.halfway);
                    self.store.calls(of.id, filter, after, PAGE).await.unwrap().len()
                }
                Question::Totals => {
                    let filter = TotalsFilter {
                        from_day: LocalDay(last_day().0 - 29),
                        to_day: last_day(),
                    };
                    self.store.totals(of.id, &filter).await.unwrap().len()
                }
            };
            if time >= 6 {
                times.push(begin.elapsed());
            }
            std::hint::black_box(found);
        }
        middle(times)
    }
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

async fn measured(admin: &mut PgConnection, id: BusinessId) -> Measured {
    let row = sqlx::query(
        "SELECT id, (extract(epoch FROM received_at) * 1000000)::bigint FROM missed_calls WHERE business_id = $1 \
         ORDER BY received_at DESC, id DESC \
         OFFSET (SELECT count(*) / 2 FROM missed_calls WHERE business_id = $1) LIMIT 1",
    )
    .bind(id.uuid())
    .fetch_one(admin)
    .await
    .unwrap();
    Measured {
        id,
        halfway: CallCursor {
            id: mccc_core::CallId::from_uuid(row.get(0)),
            received_at: Timestamp::from_micros(row.get(1)),
        },
    }
}

/// Makes a schema with this many calls, unless it is there.
async fn fill(admin: &mut PgConnection, url: &str, options: &PostgresOptions, calls: u64) {
    let schema = &options.schema;
    sqlx::raw_sql(AssertSqlSafe(format!("SET search_path = {schema}, public")))
        .execute(&mut *admin)
        .await
        .unwrap();
    let made: Option<String> = sqlx::query_scalar("SELECT obj_description(to_regnamespace($1), 'pg_namespace')")
        .bind(schema)
        .fetch_one(&mut *admin)
        .await
        .unwrap();
    if made.as_deref() == Some(&format!("{calls} calls")) {
        migrate(url, options).await.unwrap();
        return;
    }
    eprintln!("filling {schema} with {calls} calls …");
    sqlx::raw_sql(AssertSqlSafe(format!("DROP SCHEMA IF EXISTS {schema} CASCADE")))
        .execute(&mut *admin)
        .await
        .unwrap();
    migrate(url, options).await.unwrap();
    // A commit needs a connection, and another for its flush.
    let filling = PostgresOptions {
        max_connections: 4,
        ..options.clone()
    };
    let store = PostgresStore::connect(url, LedgerKey::new(&KEY), filling)
        .await
        .unwrap();
    let at = Timestamp::from_seconds(1_700_000_000);
    for number in 0..BUSINESSES {
        let id = common::business(&number.to_string());
        open_business(&store, id, phone(number), at).await;
    }
    let template = intake_commit(&store, common::business("0"), "CA0", phone(1), at).await;
    store.commit(template).await.unwrap();
    store.close().await;
    for setting in [format!("bench.calls = {calls}"), format!("bench.typical = {TYPICAL}")] {
        sqlx::raw_sql(AssertSqlSafe(format!("SET {setting}")))
            .execute(&mut *admin)
            .await
            .unwrap();
    }
    sqlx::raw_sql("SET maintenance_work_mem = '1GB'; SET work_mem = '512MB'; SET synchronous_commit = off")
        .execute(&mut *admin)
        .await
        .unwrap();
    sqlx::raw_sql(include_str!("load.sql"))
        .execute(&mut *admin)
        .await
        .unwrap();
    for table in ["missed_calls", "contacts", "call_totals"] {
        sqlx::raw_sql(AssertSqlSafe(format!("VACUUM (ANALYZE) {table}")))
            .execute(&mut *admin)
            .await
            .unwrap();
    }
    sqlx::raw_sql(AssertSqlSafe(format!("COMMENT ON SCHEMA {schema} IS '{calls} calls'")))
        .execute(&mut *admin)
        .await
        .unwrap();
    sqlx::raw_sql("CHECKPOINT").execute(&mut *admin).await.unwrap();
}
