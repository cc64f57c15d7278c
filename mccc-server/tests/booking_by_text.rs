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
    for world in worlds("by-text").await {
        let server = world.serve();
        let (business, key) = world.api_access();
        let appointments = format!("/api/v1/businesses/{business}/appointments");
        let ann = Caller::new(&world, &server, 1);
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
