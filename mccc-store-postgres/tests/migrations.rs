//! The schema is made once, by whoever comes first.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::time::Duration;

use common::{KEY, LOGIN, World, phone};
use mccc_core::compliance::ledger::LedgerKey;
use mccc_core::port::Store as _;
use mccc_core::port::store::{Change, StoreError};
use mccc_core::testkit::build;
use mccc_store_postgres::{ConnectError, MigrateError, PostgresOptions, PostgresStore, migrate};
use mccc_test::postgres_or_skip;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn servers_that_start_together_take_turns() {
    let database = postgres_or_skip!().create_database().unwrap();
    database.url_as(LOGIN).unwrap();
    let options = PostgresOptions {
        role: "migrations_app".to_owned(),
        logins: vec![LOGIN.to_owned()],
        ..PostgresOptions::default()
    };
    let starts: Vec<_> = (0..8)
        .map(|_| {
            let (url, options) = (database.url(), options.clone());
            tokio::spawn(async move { migrate(&url, &options).await })
        })
        .collect();
    for start in starts {
        start.await.unwrap().unwrap();
    }
    let applied = database
        .sql("select version, name from mccc.mccc_migrations order by 1")
        .unwrap();
    assert_eq!(
        applied.lines().collect::<Vec<_>>(),
        [
            "1|tables",
            "2|installation",
            "3|commits",
            "4|retention",
            "5|intake",
            "6|claims",
            "7|take_in",
            "8|text_sums",
            "9|pages",
            "10|appointments",
            "11|calendars",
            "12|dialogue",
            "13|promises",
            "14|calendar_copies",
            "15|names",
        ]
    );
    PostgresStore::connect(&database.url_as(LOGIN).unwrap(), LedgerKey::new(&KEY), options)
        .await
        .unwrap()
        .close()
        .await;
}

#[tokio::test]
async fn a_schema_of_another_version_is_refused() {
    let pg = postgres_or_skip!();
    let (database, url) = common::database(pg).await;
    let connect = || PostgresStore::connect(&url, LedgerKey::new(&KEY), PostgresOptions::default());
    database
        .sql("insert into mccc.mccc_migrations values (999, 'future', 'x')")
        .unwrap();
    let refused = migrate(&database.url(), &PostgresOptions::default()).await;
    assert!(
        matches!(refused, Err(MigrateError::Newer { found: 999, known: 15 })),
        "{refused:?}"
    );
    let refused = connect().await;
    assert!(
        matches!(refused, Err(ConnectError::Newer { found: 999, .. })),
        "{refused:?}"
    );
    database
        .sql("delete from mccc.mccc_migrations where version > 3")
        .unwrap();
    let refused = connect().await;
    assert!(
        matches!(refused, Err(ConnectError::Older { found: 3, needed: 15 })),
        "{refused:?}"
    );
    database
        .sql("update mccc.mccc_migrations set digest = 'other' where version = 1")
        .unwrap();
    let refused = migrate(&database.url(), &PostgresOptions::default()).await;
    assert!(matches!(refused, Err(MigrateError::Changed(1))), "{refused:?}");
}

#[tokio::test]
async fn texts_of_an_older_schema_are_summed() {
    let world = World::new(postgres_or_skip!()).await;
    let ace = world.open_business("ace", 1).await;
    let mut changes = Vec::new();
    for n in 0..3 {
        let thread = build::thread(ace, phone(100 + n), world.now());
        for (name, hours) in [("first", 3 * n), ("second", 23 * n), ("third", 23 * n + 1)] {
            let at = world.now().plus(Duration::from_secs(3600) * hours);
            let text = build::message(&thread, &format!("{name} {n}"), at);
            changes.push(Change::PutMessage(Box::new(text)));
        }
        changes.push(Change::PutConversation(thread));
    }
    world.store.commit(world.commit(ace, changes)).await.unwrap();
    let sql = |sql: &str| world.database.sql(sql).unwrap();
    let sums = || sql("select width, start, texts, recipients from mccc.text_sums order by 1, 2");
    let kept = sums();
    assert_eq!(
        sql("select sum(texts), sum(recipients) from mccc.text_sums where width = 3600"),
        "9|3"
    );
    sql("drop function mccc.sum_texts cascade; drop function mccc.sum_text; drop table mccc.text_sums");
    // The step alone, as `migrate` runs it: later ones may rest on it.
    let options = PostgresOptions::default();
    let step = include_str!("../migrations/0008_text_sums.sql")
        .replace("{schema}", &options.schema)
        .replace("{role}", &options.role);
    sql(&format!("set search_path = {}, pg_temp; {step}", options.schema));
    assert_eq!(sums(), kept);
    let forced = "select relname from pg_class where relname in ('sms_log', 'text_sums') and relforcerowsecurity";
    assert_eq!(sql(forced).lines().count(), 2);
}

#[tokio::test]
async fn a_store_without_its_database_refuses_at_once_until_it_is_connected() {
    let pg = postgres_or_skip!();
    let (_database, url) = common::database(pg).await;
    let options = PostgresOptions::default();
    let store = PostgresStore::unconnected(LedgerKey::new(&KEY), &options).unwrap();
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
    // Nothing listens on port 1: away. A database that does not exist is for a person to mend.
    let away = store.reconnect("postgres://nobody@127.0.0.1:1/none", &options).await;
    assert!(away.unwrap_err().is_passing());
    let missing = format!("{}_missing", url.split('?').next().unwrap());
    let wrong = store.reconnect(&missing, &options).await.unwrap_err();
    assert!(!wrong.is_passing(), "{wrong:?}");
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
    store.reconnect(&url, &options).await.unwrap();
    store.ping().await.unwrap();
}

#[tokio::test]
async fn a_database_without_the_schema_says_so() {
    let pg = postgres_or_skip!();
    let (_, _) = common::database(pg).await;
    let empty = pg.create_database().unwrap();
    let refused = PostgresStore::connect(
        &empty.url_as(LOGIN).unwrap(),
        LedgerKey::new(&KEY),
        PostgresOptions::default(),
    )
    .await;
    assert!(matches!(refused, Err(ConnectError::NotMigrated(_))), "{refused:?}");
    let refused = PostgresStore::connect("mysql://x", LedgerKey::new(&KEY), PostgresOptions::default()).await;
    assert!(matches!(refused, Err(ConnectError::BadUrl)), "{refused:?}");
}
