//! Twilio on its bad days, asked by the real program: what is sent, repeated, looked up, and told to a person.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use support::{ACCOUNT, Database, Mood, OURS, Server, World, call_fields, caller, pause, sid};

async fn sqlite(purpose: &str) -> World {
    World::new(purpose, Database::Sqlite).await
}

/// The status of the text of the newest call, once it is one of `wanted`.
async fn text_status(server: &Server, access: &(String, String), wanted: &[&str]) -> Value {
    let path = format!("/api/v1/businesses/{}/calls", access.0);
    let is = |page: &Value| wanted.iter().any(|status| page["items"][0]["text_status"] == *status);
    server.eventually(&access.1, &path, is).await["items"][0].clone()
}

async fn tasks(server: &Server, access: &(String, String)) -> Vec<String> {
    let page = server
        .get(&access.1, &format!("/api/v1/businesses/{}/tasks", access.0))
        .await;
    let items = page["items"].as_array().cloned().unwrap_or_default();
    items
        .iter()
        .map(|task| task["kind"].as_str().unwrap().to_owned())
        .collect()
}

/// News about a text, signed, at the address that the program gave to the provider.
async fn news(server: &Server, callback: &str, sid: &str, to: &str, status: &str, code: Option<&str>) -> u16 {
    let path = callback
        .strip_prefix(support::PUBLIC)
        .unwrap()
        .split('#')
        .next()
        .unwrap();
    let mut fields = vec![
        ("AccountSid", ACCOUNT),
        ("From", OURS),
        ("To", to),
        ("MessageSid", sid),
        ("MessageStatus", status),
    ];
    fields.extend(code.map(|code| ("ErrorCode", code)));
    server.signed(path, &fields).await.unwrap().0
}

/// A database whose clock a test can turn: what waits becomes due.
struct Hurried {
    database: mccc_test::postgres::TestDatabase<'static>,
}

impl Hurried {
    fn new() -> Option<Self> {
        let pg = mccc_test::postgres_or_skip!(return None);
        let database = pg.create_database().unwrap();
        Some(Self { database })
    }

    fn world(&self) -> Database {
        Database::Postgres(self.database.url())
    }

    /// Whatever waits is due.
    fn hurry(&self) {
        self.database
            .sql("UPDATE mccc.jobs SET run_at = now() WHERE state = 'queued'")
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_is_waited_for_and_the_text_goes_out_once() {
    let Some(hurried) = Hurried::new() else { return };
    let world = World::new("limit", hurried.world()).await;
    world.twilio.set_mood(Mood::Busy);
    let server = world.serve();
    let access = world.api_access();
    server.call(&sid("CA", 1), &caller(1)).await.unwrap();
    for attempts in 1..=2 {
        for _ in 0..200 {
            if world.twilio.attempts() == attempts {
                break;
            }
            pause(Duration::from_millis(50)).await;
        }
        // The provider asks for a second and we wait for longer: nobody hammers a provider that has too much to do.
        pause(Duration::from_millis(2_500)).await;
        assert_eq!(world.twilio.attempts(), attempts);
        text_status(&server, &access, &["waiting"]).await;
        if attempts == 2 {
            world.twilio.set_mood(Mood::Well);
        }
        hurried.hurry();
    }
    text_status(&server, &access, &["queued"]).await;
    assert_eq!((world.twilio.attempts(), world.twilio.sent().len()), (3, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_ends_with_its_reason_and_a_task() {
    for (mood, words) in [(Mood::InvalidNumber, "not a valid"), (Mood::Landline, "landline")] {
        let world = sqlite("refused").await;
        world.twilio.set_mood(mood);
        let server = world.serve();
        let access = world.api_access();
        server.call(&sid("CA", 1), &caller(1)).await.unwrap();
        text_status(&server, &access, &["failed"]).await;
        assert_eq!((world.twilio.attempts(), world.twilio.sent().len()), (1, 0));
        let page = server
            .get(&access.1, &format!("/api/v1/businesses/{}/tasks", access.0))
            .await;
        let sentences = page["items"].to_string();
        assert!(sentences.contains(words), "{sentences}");
        assert!(
            tasks(&server, &access).await.contains(&"text_failed".to_owned()),
            "{sentences}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opt_out_at_the_carrier_becomes_ours() {
    let world = sqlite("carrier-stop").await;
    world.twilio.set_mood(Mood::OptedOut);
    let server = world.serve();
    let access = world.api_access();
    server.call(&sid("CA", 1), &caller(1)).await.unwrap();
    text_status(&server, &access, &["failed"]).await;
    world.twilio.set_mood(Mood::Well);
    server.call(&sid("CA", 2), &caller(1)).await.unwrap();
    text_status(&server, &access, &["denied"]).await;
    assert_eq!((world.twilio.attempts(), world.twilio.sent().len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_useless_answer_leaves_doubt_and_late_news_settle_it() {
    for mood in [Mood::FailsAfterwards, Mood::Garbage, Mood::Broken] {
        let world = sqlite("doubt").await;
        world.twilio.set_mood(mood);
        let server = world.serve();
        let access = world.api_access();
        server.call(&sid("CA", 1), &caller(1)).await.unwrap();
        text_status(&server, &access, &["unknown"]).await;
        world.twilio.set_mood(Mood::Well);
        // Another call of the same caller must not become a second text either.
        server.call(&sid("CA", 2), &caller(1)).await.unwrap();
        text_status(&server, &access, &["denied"]).await;
        assert_eq!(world.twilio.attempts(), 1, "{mood:?}");
        if mood == Mood::Broken {
            continue;
        }
        let [text] = world.twilio.sent().try_into().unwrap();
        // Late, twice and in the wrong order.
        for status in ["delivered", "sent", "queued", "delivered"] {
            assert_eq!(
                news(&server, &text.callback, &text.sid, &text.to, status, None).await,
                204
            );
        }
        let path = format!("/api/v1/businesses/{}/calls", access.0);
        let calls = server.get(&access.1, &path).await;
        let mut ends: Vec<&str> = calls["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|call| call["text_status"].as_str().unwrap())
            .collect();
        ends.sort_unstable();
        assert_eq!(ends, ["delivered", "denied"], "{mood:?}");
    }
}

/// A text of which nobody knows whether it went out, and its look-ups, without the wait for news before them.
async fn looked_up(hurried: &Hurried, forgets: bool) -> (World, Server, (String, String)) {
    let world = World::new("look-up", hurried.world()).await;
    world.twilio.set_mood(Mood::FailsAfterwards);
    let server = world.serve();
    let access = world.api_access();
    server.call(&sid("CA", 1), &caller(1)).await.unwrap();
    text_status(&server, &access, &["unknown"]).await;
    world.twilio.set_mood(Mood::Well);
    world.twilio.set_forgets(forgets);
    // What is not found is looked up once more before a person is told.
    for _ in 0..2 {
        hurried.hurry();
        pause(Duration::from_secs(3)).await;
    }
    (world, server, access)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_whose_answer_was_lost_is_found_and_not_repeated() {
    let Some(hurried) = Hurried::new() else { return };
    let (world, server, access) = looked_up(&hurried, false).await;
    text_status(&server, &access, &["sent"]).await;
    assert_eq!((world.twilio.attempts(), world.twilio.sent().len()), (1, 1));
    assert!(!tasks(&server, &access).await.contains(&"text_unknown".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_is_not_found_stays_unknown_and_a_person_is_told() {
    let Some(hurried) = Hurried::new() else { return };
    let (world, server, access) = looked_up(&hurried, true).await;
    text_status(&server, &access, &["unknown"]).await;
    assert_eq!(world.twilio.attempts(), 1, "what may have gone out is never sent again");
    assert!(tasks(&server, &access).await.contains(&"text_unknown".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_webhooks_are_refused_and_harm_nobody() {
    let world = sqlite("bad-webhooks").await;
    let server = world.serve();
    let (business, key) = world.api_access();
    let (call, from) = (sid("CA", 1), caller(1));
    // Larger than any request of the provider. It is refused before it is read, so the connection may end with it.
    let request = reqwest::Client::new().post(format!("{}/webhooks/twilio/voice", server.base));
    if let Ok(answer) = request.body("x".repeat(2 << 20)).send().await {
        assert_eq!(answer.status().as_u16(), 413);
    }
    // Genuine, and of no use.
    for broken in [
        vec![],
        vec![("AccountSid", ACCOUNT)],
        vec![("AccountSid", ACCOUNT), ("To", OURS)],
        vec![
            ("AccountSid", ACCOUNT),
            ("To", "not a number"),
            ("From", &from),
            ("CallSid", &call),
        ],
    ] {
        for path in [
            "voice",
            "voice/status",
            "sms",
            "sms/status/nonsense",
            "calls/nonsense",
            "recording/1",
        ] {
            let (status, body) = server
                .signed(&format!("/webhooks/twilio/{path}"), &broken)
                .await
                .unwrap();
            assert!((400..500).contains(&status), "{path} {broken:?}: {status}");
            assert!(!body.contains(OURS), "{body}");
        }
    }
    // Without a signature that fits nobody learns what is missing; with one, that something is.
    for path in ["voice", "voice/fallback", "sms", "voice/status"] {
        let path = format!("/webhooks/twilio/{path}");
        for fields in [vec![], vec![("CallSid", call.as_str())], vec![("To", "nobody")]] {
            let made_up = server
                .posted(&path, &fields, "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")
                .await
                .unwrap();
            assert_eq!(made_up.0, 403, "{path} {fields:?}");
            assert_eq!(
                server.posted(&path, &fields, "").await.unwrap().0,
                403,
                "{path} {fields:?}"
            );
            assert_eq!(server.signed(&path, &fields).await.unwrap().0, 400, "{path} {fields:?}");
        }
    }
    // No signature, no encoding, no form.
    for body in [&b"\xff\xfe\x00"[..], b"%zz=%", b"{", b""] {
        let request = server.client.post(format!("{}/webhooks/twilio/voice", server.base));
        let status = request.body(body.to_vec()).send().await.unwrap().status().as_u16();
        assert!((400..500).contains(&status), "{status}");
    }
    // Somebody else's account, signed with our token.
    let other: Vec<_> = call_fields(&call, &from)
        .into_iter()
        .map(|(name, value)| {
            if name == "AccountSid" {
                (name, "ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")
            } else {
                (name, value)
            }
        })
        .collect();
    assert_eq!(server.signed("/webhooks/twilio/voice", &other).await.unwrap().0, 403);
    let calls = server.get(&key, &format!("/api/v1/businesses/{business}/calls")).await;
    assert_eq!(calls["items"].as_array().map(Vec::len), Some(0));
    assert_eq!(server.call(&call, &from).await.unwrap().0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn news_before_and_after_their_call_change_it_once() {
    let world = sqlite("reordered").await;
    let server = world.serve();
    let access = world.api_access();
    let (call, from) = (sid("CA", 1), caller(1));
    let ended: Vec<_> = call_fields(&call, &from)
        .into_iter()
        .map(|(name, value)| {
            if name == "CallStatus" {
                (name, "completed")
            } else {
                (name, value)
            }
        })
        .chain([("CallDuration", "12"), ("SequenceNumber", "1")])
        .collect();
    // The end of a call that nobody has heard of.
    let (early, _) = server.signed("/webhooks/twilio/voice/status", &ended).await.unwrap();
    assert!(early == 204 || early == 503, "{early}");
    server.call(&call, &from).await.unwrap();
    for _ in 0..3 {
        assert_eq!(
            server.signed("/webhooks/twilio/voice/status", &ended).await.unwrap().0,
            204
        );
    }
    // The beginning comes once more, after the end.
    assert_eq!(server.call(&call, &from).await.unwrap().0, 200);
    text_status(&server, &access, &["queued"]).await;
    let page = server
        .get(&access.1, &format!("/api/v1/businesses/{}/calls", access.0))
        .await;
    assert_eq!(page["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(world.twilio.by_recipient().get(&from), Some(&1));
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_under_load_loses_no_acknowledged_call_and_doubles_no_text() {
    let world = sqlite("drain-load").await;
    world.twilio.set_delay(Duration::from_millis(150));
    let server = Arc::new(world.serve());
    let clients: Vec<_> = (0..8_u64)
        .map(|client| {
            let server = Arc::clone(&server);
            tokio::spawn(async move {
                let mut acknowledged = BTreeSet::new();
                for n in 0..200 {
                    let n = client * 1_000 + n;
                    match server.call(&sid("CA", n), &caller(n)).await {
                        Ok((200, _)) => acknowledged.insert(caller(n)),
                        Ok(_) => false,
                        Err(_) => break,
                    };
                }
                acknowledged
            })
        })
        .collect();
    pause(Duration::from_millis(700)).await;
    server.running.lock().unwrap().sigterm().unwrap();
    let ended = server
        .running
        .lock()
        .unwrap()
        .wait_for_exit(Duration::from_secs(30))
        .unwrap();
    assert!(ended.success(), "{ended:?}");
    let mut acknowledged = BTreeSet::new();
    for client in clients {
        acknowledged.extend(client.await.unwrap());
    }
    assert!(!acknowledged.is_empty());

    world.twilio.set_delay(Duration::ZERO);
    let server = world.serve();
    let (business, key) = world.api_access();
    let mut stored = BTreeSet::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/api/v1/businesses/{business}/calls?limit=100{cursor}");
        let moving = |call: &Value| matches!(call["text_status"].as_str(), Some("waiting" | "claimed"));
        let settled = |page: &Value| !page["items"].as_array().unwrap().iter().any(moving);
        let page = server.eventually(&key, &path, settled).await;
        for call in page["items"].as_array().unwrap() {
            // A drained server waits for its answers: nothing is in doubt.
            assert_eq!(call["text_status"], "queued", "{call:#}");
            stored.insert(call["caller"]["number"].as_str().unwrap().to_owned());
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert!(
        acknowledged.is_subset(&stored),
        "lost: {:?}",
        acknowledged.difference(&stored)
    );
    assert!(world.twilio.by_recipient().values().all(|texts| *texts == 1));
}
