//! The database is away, slow or restarted: callers are answered all the same, and nothing is lost.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::time::Duration;

use mccc_test::postgres::{Durability, Pg};
use support::{Database, World, caller, sid};

/// A server of its own, since this test breaks it.
fn private() -> Option<Pg> {
    let _shared = mccc_test::postgres_or_skip!(return None);
    Some(Pg::private(Durability::Durable).unwrap())
}

/// A text that was under way when the database went may end as unknown; it is never sent twice to find out.
fn settled(call: &serde_json::Value) -> bool {
    matches!(call["text_status"].as_str(), Some("queued" | "unknown"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_answered_by_the_last_known_schedule_and_kept_while_the_database_is_away() {
    let Some(pg) = private() else { return };
    pg.sql("postgres", "CREATE DATABASE away").unwrap();
    let world = World::new("away", Database::Postgres(pg.url("away"))).await;
    let server = world.serve();
    let (business, key) = world.api_access();
    let (_, usual) = server.call(&sid("CA", 1), &caller(1)).await.unwrap();

    let first = format!("/api/v1/businesses/{business}/calls");
    server
        .eventually(&key, &first, |page| page["items"][0]["text_status"] == "queued")
        .await;

    pg.freeze().unwrap();
    let (status, frozen) = server.call(&sid("CA", 2), &caller(2)).await.unwrap();
    assert_eq!((status, &frozen), (200, &usual));
    // A text is acknowledged only once it is in the database; the gateway is asked to try again. A face needs no answer.
    let (text, _) = server.text(&sid("SM", 902), &caller(2), "🙃").await.unwrap();
    assert_eq!(text, 503);
    pg.thaw().unwrap();

    let calls = format!("/api/v1/businesses/{business}/calls?limit=100");
    let count = |wanted: usize| {
        move |page: &serde_json::Value| page["items"].as_array().is_some_and(|items| items.len() == wanted)
    };
    server.eventually(&key, &calls, count(2)).await;

    pg.kill9().unwrap();
    let (status, gone) = server.call(&sid("CA", 3), &caller(3)).await.unwrap();
    assert_eq!((status, &gone), (200, &usual));
    // The same call again, as a provider would when it doubts: still one row in the end.
    server.call(&sid("CA", 3), &caller(3)).await.unwrap();
    pg.start().unwrap();
    server.eventually(&key, &calls, count(3)).await;
    server
        .eventually(&key, &calls, |page| {
            page["items"].as_array().is_some_and(|items| items.iter().all(settled))
        })
        .await;
    assert!(world.twilio.by_recipient().values().all(|texts| *texts == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_caller_leaves_while_the_database_is_away_is_found_afterwards() {
    let Some(pg) = private() else { return };
    pg.sql("postgres", "CREATE DATABASE messages").unwrap();
    let world = World::new("messages", Database::Postgres(pg.url("messages"))).await;
    let server = world.serve();
    let (business, key) = world.api_access();
    server.call(&sid("CA", 1), &caller(1)).await.unwrap();
    pg.freeze().unwrap();
    assert_eq!(server.call(&sid("CA", 2), &caller(2)).await.unwrap().0, 200);
    server.left_a_message(&sid("CA", 2), &caller(2)).await;
    pg.thaw().unwrap();
    server.shows_the_message(&business, &key).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_starts_without_its_database_answers_calls_and_catches_up() {
    let Some(pg) = private() else { return };
    pg.sql("postgres", "CREATE DATABASE start").unwrap();
    let world = World::new("start", Database::Postgres(pg.url("start"))).await;
    let (business, key) = world.api_access();
    let usual = {
        let server = world.serve();
        let (_, usual) = server.call(&sid("CA", 1), &caller(1)).await.unwrap();
        wait_for_snapshot(&world).await;
        server.kill9();
        usual
    };
    pg.stop().unwrap();

    // Nothing listens on the database's port.
    let server = world.serve();
    assert_eq!(server.plain("/healthz").await.0, 200);
    let (status, reason) = server.plain("/readyz").await;
    assert_eq!(status, 503);
    assert!(reason.contains("started without the database"), "{reason}");
    for n in 2..5 {
        let (status, reply) = server.call(&sid("CA", n), &caller(n)).await.unwrap();
        assert_eq!((status, &reply), (200, &usual));
    }
    // A number that nobody ever owned is left to the provider's fallback address.
    let mut fields = support::call_fields("CA00000000000000000000000000000099", "+13122000099");
    for field in &mut fields {
        if matches!(field.0, "Called" | "To") {
            field.1 = "+17732009999";
        }
    }
    assert_eq!(server.signed("/webhooks/twilio/voice", &fields).await.unwrap().0, 503);
    let calls = format!("/api/v1/businesses/{business}/calls?limit=100");
    let asked = server.client.get(format!("{}{calls}", server.base)).bearer_auth(&key);
    assert_eq!(asked.send().await.unwrap().status().as_u16(), 503);

    pg.start().unwrap();
    ready(&server).await;
    let page = server
        .eventually(&key, &calls, |page| {
            page["items"]
                .as_array()
                .is_some_and(|items| items.len() == 4 && items.iter().all(settled))
        })
        .await;
    assert_eq!(page["items"].as_array().unwrap().len(), 4);
    assert!(world.twilio.by_recipient().values().all(|texts| *texts == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_starts_beside_a_database_that_accepts_connections_and_says_nothing() {
    let Some(pg) = private() else { return };
    pg.sql("postgres", "CREATE DATABASE silent").unwrap();
    let world = World::new("silent", Database::Postgres(pg.url("silent"))).await;
    let usual = {
        let server = world.serve();
        let (_, usual) = server.call(&sid("CA", 1), &caller(1)).await.unwrap();
        wait_for_snapshot(&world).await;
        server.kill9();
        usual
    };
    pg.freeze().unwrap();
    let server = world.serve();
    let (status, reply) = server.call(&sid("CA", 2), &caller(2)).await.unwrap();
    assert_eq!((status, &reply), (200, &usual));
    pg.thaw().unwrap();
    ready(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_must_mend_still_ends_the_server_with_a_sentence() {
    let Some(pg) = private() else { return };
    pg.sql("postgres", "CREATE DATABASE wrong").unwrap();
    let mut world = World::new("wrong", Database::Postgres(pg.url("wrong"))).await;
    {
        let server = world.serve();
        server.call(&sid("CA", 1), &caller(1)).await.unwrap();
        wait_for_snapshot(&world).await;
        server.kill9();
    }
    // It has answered calls before, and is refused all the same.
    world.database = Database::Postgres(pg.url("no_such_database"));
    let said = world.refused();
    assert!(said.contains("no_such_database"), "{said}");
    world.database = Database::Postgres("mysql://somewhere/else".into());
    let said = world.refused();
    assert!(said.contains("expected postgres://"), "{said}");
    pg.sql(
        "wrong",
        "INSERT INTO mccc.mccc_migrations (version, name, digest) VALUES (999, 'later', '')",
    )
    .unwrap();
    world.database = Database::Postgres(pg.url("wrong"));
    let said = world.refused();
    assert!(said.contains("start a newer program"), "{said}");
    // One that was never called knows nobody to answer for and says so at once.
    pg.stop().unwrap();
    std::fs::remove_dir_all(world.folder.path().join("data/last-known")).unwrap();
    let said = world.refused();
    assert!(said.contains("Postgres"), "{said}");
}

/// Waits until the owner of our number is on disk.
async fn wait_for_snapshot(world: &World) {
    let folder = world.folder.path().join("data/last-known");
    for _ in 0..200 {
        let found = std::fs::read_dir(&folder).is_ok_and(|files| {
            files
                .flatten()
                .any(|file| file.path().extension().is_some_and(|ending| ending == "sealed"))
        });
        if found {
            return;
        }
        support::pause(Duration::from_millis(20)).await;
    }
    panic!("no snapshot was kept");
}

async fn ready(server: &support::Server) {
    let mut last = (0, String::new());
    for _ in 0..400 {
        last = server.plain("/readyz").await;
        if last.0 == 200 {
            return;
        }
        support::pause(Duration::from_millis(50)).await;
    }
    panic!("never ready: {last:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_on_one_database_share_the_work_and_repeat_nothing() {
    let pg = mccc_test::postgres_or_skip!();
    let database = pg.create_database().unwrap();
    let world = World::new("two", Database::Postgres(database.url())).await;
    let (one, two) = (world.serve(), world.serve());
    let (business, key) = world.api_access();
    for n in 0..60 {
        let server = if n % 2 == 0 { &one } else { &two };
        server.call(&sid("CA", n), &caller(n)).await.unwrap();
        // The provider's repetition may reach the other node.
        let other = if n % 2 == 0 { &two } else { &one };
        other.call(&sid("CA", n), &caller(n)).await.unwrap();
    }
    // One node is paused past its leases while it may hold some: the other goes on.
    one.running.lock().unwrap().sigstop().unwrap();
    let calls = format!("/api/v1/businesses/{business}/calls?limit=100");
    support::pause(Duration::from_secs(1)).await;
    one.running.lock().unwrap().sigcont().unwrap();
    two.eventually(&key, &calls, |page| {
        page["items"].as_array().is_some_and(|items| {
            items.len() == 60
                && items
                    .iter()
                    .all(|call| matches!(call["text_status"].as_str(), Some("queued" | "unknown")))
        })
    })
    .await;
    assert!(world.twilio.by_recipient().values().all(|texts| *texts == 1));
}
