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
    // A text is acknowledged only once it is in the database; the gateway is asked to try again.
    let (text, _) = server.text(&sid("SM", 902), &caller(2), "hello?").await.unwrap();
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
