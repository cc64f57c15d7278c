//! An appointment by text, end to end: the real program, a real database, a Twilio that remembers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::time::Duration;

use mccc_test::google::{CLIENT, WireGoogle};
use support::{Database, Server, World, caller, pause, sid};

/// A caller with a phone that remembers what came.
struct Caller<'a> {
    world: &'a World,
    server: &'a Server,
    number: String,
    written: std::sync::atomic::AtomicU64,
}

impl<'a> Caller<'a> {
    fn new(world: &'a World, server: &'a Server, n: u64) -> Self {
        Self {
            world,
            server,
            number: caller(n),
            written: std::sync::atomic::AtomicU64::new(n * 1_000),
        }
    }

    fn received(&self) -> Vec<String> {
        let sent = self.world.twilio.sent();
        sent.into_iter()
            .filter(|text| text.to == self.number)
            .map(|text| text.body)
            .collect()
    }

    async fn writes(&self, body: &str) {
        let number = self.written.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let answer = self.server.text(&sid("SM", number), &self.number, body).await.unwrap();
        assert_eq!(answer.0, 200, "{body}");
    }

    /// Writes, and reads the text that comes next.
    async fn asks(&self, body: &str) -> String {
        let before = self.received().len();
        self.writes(body).await;
        self.hears(before).await
    }

    /// The first text after so many.
    async fn hears(&self, before: usize) -> String {
        for _ in 0..600 {
            if let Some(text) = self.received().get(before) {
                return text.clone();
            }
            pause(Duration::from_millis(50)).await;
        }
        panic!("nothing came after {:?}", self.received());
    }

    /// Answers whatever is asked until times are offered.
    async fn is_offered_times(&self) -> String {
        let mut said = self
            .asks("My kitchen sink is clogged, can someone come tomorrow afternoon?")
            .await;
        for _ in 0..5 {
            let answer = if said.contains("1) ") || said.contains("Reply YES to book") {
                return said;
            } else if said.contains("name") {
                "Ann Baker"
            } else if said.contains("address") {
                "12 Oak Street"
            } else {
                "It can wait"
            };
            said = self.asks(answer).await;
        }
        panic!("no times were offered: {said}");
    }
}

async fn worlds(purpose: &str) -> Vec<World> {
    let mut worlds = vec![World::new(&format!("{purpose}-sqlite"), Database::Sqlite).await];
    if let Some(url) = postgres() {
        worlds.push(World::new(&format!("{purpose}-postgres"), Database::Postgres(url)).await);
    }
    worlds
}

/// A fresh database; the handle is kept for the life of the process.
fn postgres() -> Option<String> {
    let pg = mccc_test::postgres_or_skip!(return None);
    let database = pg.create_database().unwrap();
    let url = database.url();
    std::mem::forget(database);
    Some(url)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_books_moves_and_cancels_by_text() {
    // Side by side: most of the time is spent between a text and its answer.
    let worlds = worlds("by-text").await;
    futures_util::future::join_all(worlds.iter().map(books_moves_and_cancels)).await;
}

async fn books_moves_and_cancels(world: &World) {
    let server = world.serve();
    let (business, key) = world.api_access();
    let appointments = format!("/api/v1/businesses/{business}/appointments");
    let ann = Caller::new(world, &server, 1);
    let offer = ann.is_offered_times().await;
    let choice = if offer.contains("1) ") { "1" } else { "yes" };
    let confirmation = ann.asks(choice).await;
    assert!(confirmation.contains("confirmed for"), "{confirmation}");
    let booked = server
        .eventually(&key, &appointments, |page| page["items"][0]["status"] == "scheduled")
        .await;
    let row = &booked["items"][0];
    assert_eq!(
        (row["source"].as_str(), row["customer_name"].as_str()),
        (Some("sms_reply"), Some("Ann Baker"))
    );
    assert_eq!(row["location"], "12 Oak Street");
    let conversations = format!("/api/v1/businesses/{business}/conversations");
    let thread = server.get(&key, &conversations).await["items"][0].clone();
    assert_eq!(thread["stage"], "booked");
    let first = row["scheduled_at"].clone();

    // C confirms, R moves, and a named appointment is cancelled.
    let answer = ann.asks("C").await;
    assert!(answer.starts_with("Thanks, you're confirmed for"), "{answer}");
    let answer = ann.asks("I need to reschedule my appointment").await;
    assert!(answer.contains("Reply with a number"), "{answer}");
    let answer = ann.asks("2").await;
    assert!(answer.contains("confirmed for"), "{answer}");
    let moved = server.get(&key, &appointments).await;
    assert_eq!(moved["items"].as_array().map(Vec::len), Some(1));
    assert_ne!(moved["items"][0]["scheduled_at"], first);
    let answer = ann.asks("please cancel my appointment").await;
    assert!(answer.contains("is cancelled"), "{answer}");
    let gone = server.get(&key, &appointments).await;
    assert_eq!(gone["items"][0]["status"], "cancelled");
    assert_eq!(gone["items"][0]["cancellation_reason"], "The customer wrote so.");
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_in_the_middle_of_a_booking_ends_it_and_a_question_goes_to_a_person() {
    for world in worlds("stopped-booking").await {
        let server = world.serve();
        let (business, key) = world.api_access();
        let bob = Caller::new(&world, &server, 2);
        bob.is_offered_times().await;
        let before = bob.received().len();
        bob.writes("STOP").await;
        bob.writes("1").await;
        let eve = Caller::new(&world, &server, 3);
        let answer = eve.asks("what brand of pipes do you use?").await;
        assert!(answer.contains("get back to you on that personally"), "{answer}");
        let tasks = format!("/api/v1/businesses/{business}/tasks");
        let open = server
            .eventually(&key, &tasks, |page| {
                page["items"]
                    .as_array()
                    .is_some_and(|items| items.iter().any(|task| task["kind"] == "reply_needed"))
            })
            .await;
        assert!(
            open["items"]
                .as_array()
                .unwrap()
                .iter()
                .any(|task| task["kind"] == "opted_out")
        );
        assert_eq!(bob.received().len(), before, "texts after a STOP");
        let appointments = server
            .get(&key, &format!("/api/v1/businesses/{business}/appointments"))
            .await;
        assert_eq!(appointments["items"].as_array().map(Vec::len), Some(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_is_answered_with_what_to_do_first() {
    let world = World::new("emergency-text", Database::Sqlite).await;
    let server = world.serve();
    let dan = Caller::new(&world, &server, 4);
    let answer = dan.asks("I smell gas in my kitchen").await;
    assert!(
        answer.contains("leave the building now") && answer.contains("911"),
        "{answer}"
    );
    let (business, key) = world.api_access();
    let tasks = server.get(&key, &format!("/api/v1/businesses/{business}/tasks")).await;
    assert_eq!(tasks["items"][0]["kind"], "emergency");
}

/// Whose owner has connected Google: the link of `user add` signs in, Google's page is agreed to, and the way back taken.
async fn connects_google(world: &World, server: &Server, google: &WireGoogle) -> String {
    let (business, _) = world.api_access();
    let printed = world.command(&["user", "add", "owner@example.com"]);
    let token = printed
        .split("token=")
        .nth(1)
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap();
    let login = world
        .client
        .get(format!("{}/login?token={token}", server.base))
        .send()
        .await
        .unwrap();
    let cookie = login.headers()["set-cookie"]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let begun = world
        .client
        .post(format!(
            "{}/api/v1/businesses/{business}/calendar-connection/google",
            server.base
        ))
        .header("cookie", &cookie)
        .header("sec-fetch-site", "same-origin")
        .json(&serde_json::json!({ "replace": false }))
        .send()
        .await
        .unwrap();
    let begun: serde_json::Value = serde_json::from_str(&begun.text().await.unwrap()).unwrap();
    let url = begun["authorize_url"].as_str().unwrap();
    let state = url.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let code = google.consent(url, &[]).unwrap();
    let back = format!("{}/oauth/google/callback?state={state}&code={code}", server.base);
    let back = world.client.get(back).header("cookie", &cookie).send().await.unwrap();
    assert!(
        back.headers()["location"]
            .to_str()
            .unwrap()
            .ends_with("calendar=connected")
    );
    business
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_text_ends_in_one_google_event_one_confirmation_and_two_reminders_and_stop_cancels_them() {
    let google = WireGoogle::start().unwrap();
    let mut world = World::new("by-text-google", Database::Sqlite).await;
    world.env = vec![
        ("MCCC_GOOGLE_CLIENT_ID", CLIENT.0.to_owned()),
        ("MCCC_GOOGLE_CLIENT_SECRET", CLIENT.1.to_owned()),
        ("MCCC_GOOGLE_ACCOUNTS_URL", google.base_url()),
        ("MCCC_GOOGLE_OAUTH_URL", google.base_url()),
        ("MCCC_GOOGLE_API_URL", google.base_url()),
    ];
    let server = world.serve();
    let business = connects_google(&world, &server, &google).await;
    let (_, key) = world.api_access();
    let ann = Caller::new(&world, &server, 5);
    let mut said = ann.asks("can someone come tomorrow afternoon?").await;
    for _ in 0..6 {
        if said.contains("1) ") || said.contains("Reply YES to book") {
            break;
        }
        let answer = if said.contains("name") {
            "Ann Baker"
        } else if said.contains("address") {
            "12 Oak Street"
        } else if said.contains("What do you need") {
            "The kitchen sink is clogged"
        } else if said.contains("Reply YES") {
            "yes"
        } else {
            "It can wait"
        };
        said = ann.asks(answer).await;
    }
    let confirmation = ann.asks(if said.contains("1) ") { "1" } else { "yes" }).await;
    assert!(confirmation.contains("confirmed for"), "{confirmation}");
    let ours: Vec<_> = google
        .events()
        .into_iter()
        .filter(|event| event.event.to_string().contains("Ann Baker"))
        .collect();
    assert_eq!(ours.len(), 1, "one event");
    let appointments = format!("/api/v1/businesses/{business}/appointments");
    let booked = server.get(&key, &appointments).await;
    assert_eq!(booked["items"].as_array().map(Vec::len), Some(1));
    assert!(booked["items"][0]["calendar_event_id"].is_string());
    assert_eq!(reminders(&server).await, 2);
    ann.writes("STOP").await;
    assert_eq!(reminders(&server).await, 0, "STOP cancels the reminders");
    let confirmations = ann
        .received()
        .iter()
        .filter(|text| text.contains("confirmed for"))
        .count();
    assert_eq!(confirmations, 1);
}

/// Reminders that are queued.
async fn reminders(server: &Server) -> u32 {
    let metrics = server.page("/metrics").await;
    let line = metrics
        .lines()
        .find(|line| line.starts_with("mccc_jobs{") && line.contains("\"remind\"") && line.contains("\"queued\""));
    line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or(0)
}
