//! The temporary Postgres does what its documentation says.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use mccc_test::postgres::{Durability, Pg, PgError};
use mccc_test::postgres_or_skip;

#[test]
fn every_test_has_a_database_of_its_own() {
    let pg = postgres_or_skip!();
    let (one, two) = (pg.create_database().unwrap(), pg.create_database().unwrap());
    one.sql("create table t (n int); insert into t values (7)").unwrap();
    assert_eq!(one.sql("select n from t").unwrap(), "7");
    assert!(
        two.sql("select n from t").is_err(),
        "the other database has no such table"
    );
    assert!(one.url().ends_with(one.name()));
}

#[test]
fn a_dropped_database_is_gone_also_with_connections_open() {
    let pg = postgres_or_skip!();
    let database = pg.create_database().unwrap();
    let name = database.name().to_owned();
    let url = database.url();
    let sleeper = std::thread::spawn({
        let name = name.clone();
        move || pg.sql(&name, "select pg_sleep(60)")
    });
    let busy = format!("select count(*) from pg_stat_activity where datname = '{name}' and query like '%sleep%'");
    eventually("the connection is open", || pg.sql("postgres", &busy).unwrap() == "1");
    drop(database);
    assert!(sleeper.join().unwrap().is_err(), "the open connection to {url} was cut");
    let left = pg
        .sql(
            "postgres",
            &format!("select count(*) from pg_database where datname = '{name}'"),
        )
        .unwrap();
    assert_eq!(left, "0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_template_is_made_once_and_copied_for_everybody() {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let pg = postgres_or_skip!();
    let copies = (0..4).map(|_| {
        tokio::spawn(async move {
            let copy = pg
                .from_template("numbers", |url| async move {
                    MADE.fetch_add(1, Ordering::SeqCst);
                    let name = url.rsplit('/').next().unwrap().to_owned();
                    pg.sql(&name, "create table n as select generate_series(1, 10) i")
                        .map(drop)
                })
                .await
                .unwrap();
            copy.sql("insert into n values (11)").unwrap();
            copy.sql("select count(*) from n").unwrap()
        })
    });
    for copy in copies.collect::<Vec<_>>() {
        assert_eq!(copy.await.unwrap(), "11", "no copy sees another's row");
    }
    assert_eq!(MADE.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_template_that_failed_is_tried_again() {
    let pg = postgres_or_skip!();
    let failed = pg.from_template("flaky", |_| async { Err("no luck") }).await;
    assert!(failed.unwrap_err().to_string().contains("no luck"));
    assert!(
        pg.from_template("flaky", |_| async { Ok::<_, String>(()) })
            .await
            .is_ok()
    );
}

#[test]
fn an_ordinary_user_may_connect_and_nothing_else() {
    let pg = postgres_or_skip!();
    let database = pg.create_database().unwrap();
    database.sql("create table secret (n int)").unwrap();
    let url = database.url_as("ordinary").unwrap();
    assert!(url.starts_with("postgres://ordinary:ordinary@"), "{url}");
    pg.create_login("ordinary").expect("a second time is no error");
    assert_eq!(
        database
            .sql_as(
                "ordinary",
                "select rolname, rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = current_user"
            )
            .unwrap(),
        "ordinary|f|f|f"
    );
    let refused = database.sql_as("ordinary", "select * from secret").unwrap_err();
    assert!(refused.to_string().contains("permission denied"), "{refused}");
}

#[test]
fn a_durable_server_keeps_what_it_acknowledged_through_kill_9() {
    let _ = postgres_or_skip!();
    let pg = Pg::private(Durability::Durable).unwrap();
    assert_eq!(pg.sql("postgres", "show fsync").unwrap(), "on");
    pg.sql("postgres", "create table t (n int); insert into t values (1)")
        .unwrap();
    pg.kill9().unwrap();
    assert!(pg.sql("postgres", "select 1").is_err(), "it is dead");
    pg.start().unwrap();
    assert_eq!(pg.sql("postgres", "select n from t").unwrap(), "1");
}

#[test]
fn a_server_can_be_restarted_and_frozen() {
    let _ = postgres_or_skip!();
    let pg = Pg::private(Durability::Fast).unwrap();
    assert_eq!(pg.sql("postgres", "show fsync").unwrap(), "off");
    let url = pg.url("postgres");
    pg.restart().unwrap();
    assert_eq!(pg.url("postgres"), url);
    pg.freeze().unwrap();
    std::thread::scope(|scope| {
        let answer = scope.spawn(|| pg.sql("postgres", "select 1"));
        std::thread::sleep(Duration::from_millis(300));
        assert!(!answer.is_finished(), "a frozen server does not answer");
        pg.thaw().unwrap();
        assert_eq!(answer.join().unwrap().unwrap(), "1");
    });
    pg.freeze().unwrap();
    let folder = pg.folder().unwrap().to_owned();
    drop(pg);
    assert!(!folder.exists(), "a frozen server is removed all the same");
}

/// Not a test by itself: the process that the next test kills. Starts a server, says where, and waits.
#[test]
#[ignore = "started by nothing_is_left_of_a_killed_process"]
fn helper_that_waits_to_be_killed() {
    let pg = Pg::shared().unwrap();
    println!(
        "\nSERVER {} {}",
        pg.folder().unwrap().display(),
        pg.sql("postgres", "show port").unwrap()
    );
    std::thread::sleep(Duration::from_secs(60));
}

#[test]
fn nothing_is_left_of_a_killed_process() {
    if postgres_or_skip!().folder().is_err() {
        return;
    }
    let mut helper = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "helper_that_waits_to_be_killed"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let line = BufReader::new(helper.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap)
        .find(|line| line.starts_with("SERVER "))
        .unwrap();
    let words: Vec<&str> = line.split(' ').collect();
    let (folder, address) = (Path::new(words[1]), format!("127.0.0.1:{}", words[2]));
    assert!(TcpStream::connect(&address).is_ok() && folder.exists());
    helper.kill().unwrap();
    helper.wait().unwrap();
    eventually("the server is gone", || !folder.exists());
    assert!(TcpStream::connect(&address).is_err(), "it no longer listens");
}

#[test]
fn an_error_names_the_statement_at_fault_and_not_the_password() {
    let pg = postgres_or_skip!();
    let error = pg.sql("postgres", "selekt 1").unwrap_err();
    assert!(matches!(&error, PgError::Failed { program, .. } if program == "psql"));
    assert!(error.to_string().contains("selekt"), "{error}");
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let held = (0..300).any(|_| {
        let now = holds();
        if !now {
            std::thread::sleep(Duration::from_millis(50));
        }
        now
    });
    assert!(held, "not within 15 s: {what}");
}
