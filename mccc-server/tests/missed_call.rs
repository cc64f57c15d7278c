//! A missed call, end to end: the real program, a real database, a Twilio that remembers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::time::Duration;

use support::{Database, Mood, OURS, World, call_fields, caller, pause, sid};

async fn worlds(purpose: &str) -> Vec<World> {
    let mut worlds = vec![World::new(&format!("{purpose}-sqlite"), Database::Sqlite).await];
    if let Some(url) = postgres(purpose) {
        worlds.push(World::new(&format!("{purpose}-postgres"), Database::Postgres(url)).await);
    }
    worlds
}

/// A fresh database; the handle is kept for the life of the process.
fn postgres(_purpose: &str) -> Option<String> {
    let pg = mccc_test::postgres_or_skip!(return None);
    let database = pg.create_database().unwrap();
    let url = database.url();
    std::mem::forget(database);
    Some(url)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_call_is_answered_texted_and_recorded_and_a_forged_one_is_not() {
    for world in worlds("signed").await {
        let server = world.serve();
        let (business, key) = world.api_access();
        let (status, twiml) = server.call(&sid("CA", 1), &caller(1)).await.unwrap();
        assert_eq!(status, 200);
        assert!(
            twiml.contains("<Response>") && twiml.contains("Acme Plumbing"),
            "{twiml}"
        );
        let fields = call_fields("CA00000000000000000000000000000002", "+13125550123");
        let (forged, body) = server
            .posted("/webhooks/twilio/voice", &fields, "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")
            .await
            .unwrap();
        assert_eq!((forged, body.as_str()), (403, ""));
        let calls = format!("/api/v1/businesses/{business}/calls");
        let listed = server
            .eventually(&key, &calls, |page| page["items"][0]["text_status"] == "queued")
            .await;
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
        let sent = world.twilio.sent();
        assert_eq!(
            (sent.len(), sent[0].to.as_str(), sent[0].from.as_str()),
            (1, caller(1).as_str(), OURS)
        );
        assert!(sent[0].body.contains("STOP"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_webhook_gets_the_same_answer_and_one_text() {
    for world in worlds("repeated").await {
        let server = world.serve();
        let (business, key) = world.api_access();
        let first = server.call(&sid("CA", 1), &caller(1)).await.unwrap();
        let mut repeated = Vec::new();
        for _ in 0..5 {
            repeated.push(server.call(&sid("CA", 1), &caller(1)).await.unwrap());
        }
        assert!(repeated.iter().all(|answer| *answer == first));
        // The same caller again on the same day: a call, but no second text.
        server.call(&sid("CA", 2), &caller(1)).await.unwrap();
        let calls = format!("/api/v1/businesses/{business}/calls");
        server
            .eventually(&key, &calls, |page| {
                page["items"]
                    .as_array()
                    .is_some_and(|items| items.len() == 2 && items.iter().any(|call| call["text_status"] == "denied"))
            })
            .await;
        assert_eq!(world.twilio.by_recipient().get(&caller(1)), Some(&1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_is_obeyed_and_start_lifts_it() {
    for world in worlds("stop").await {
        let server = world.serve();
        let (business, key) = world.api_access();
        assert_eq!(server.text(&sid("SM", 901), &caller(7), "STOP").await.unwrap().0, 200);
        server.call(&sid("CA", 7), &caller(7)).await.unwrap();
        let calls = format!("/api/v1/businesses/{business}/calls");
        server
            .eventually(&key, &calls, |page| page["items"][0]["text_status"] == "denied")
            .await;
        assert!(world.twilio.sent().is_empty());
        assert_eq!(server.text(&sid("SM", 902), &caller(7), "START").await.unwrap().0, 200);
        server.call(&sid("CA", 8), &caller(7)).await.unwrap();
        server
            .eventually(&key, &calls, |page| page["items"][0]["text_status"] == "queued")
            .await;
        assert_eq!(world.twilio.by_recipient().get(&caller(7)), Some(&1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_codes_verification_code_reaches_the_contractor() {
    for world in worlds("verification-code").await {
        let server = world.serve();
        let (business, key) = world.api_access();
        let body = "482910 is your Google Voice verification code.";
        assert_eq!(server.text(&sid("SM", 70), "22000", body).await.unwrap().0, 200);
        let tasks = server.get(&key, &format!("/api/v1/businesses/{business}/tasks")).await;
        let task = &tasks["items"][0];
        assert_eq!(task["kind"], "verification_code");
        assert_eq!(task["code"], "482910");
        assert!(world.twilio.sent().is_empty(), "nobody answers a short code");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_never_sent_again() {
    let world = World::new("lost", Database::Sqlite).await;
    world.twilio.set_mood(Mood::LosesAnswers);
    let server = world.serve();
    let (business, key) = world.api_access();
    server.call(&sid("CA", 1), &caller(1)).await.unwrap();
    let calls = format!("/api/v1/businesses/{business}/calls");
    for _ in 0..600 {
        let page = server.get(&key, &calls).await;
        if page["items"][0]["text_status"] == "unknown" {
            break;
        }
        pause(Duration::from_millis(50)).await;
    }
    world.twilio.set_mood(Mood::Well);
    pause(Duration::from_millis(500)).await;
    assert_eq!(world.twilio.by_recipient().get(&caller(1)), Some(&1));
    let page = server.get(&key, &calls).await;
    assert_eq!(page["items"][0]["text_status"], "unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repainted_schedule_governs_the_very_next_call() {
    for world in worlds("schedule").await {
        let server = world.serve();
        let (business, key) = world.api_access();
        let (_, before) = server.call(&sid("CA", 1), &caller(1)).await.unwrap();
        assert!(!before.contains("<Record"), "{before}");
        let path = format!("{}/api/v1/businesses/{business}/routing-rules", server.base);
        for (round, method) in ["voicemail", "off", "auto_text_only", "voicemail"].iter().enumerate() {
            let cells: Vec<serde_json::Value> = (0..7)
                .flat_map(|day| {
                    (0..48).map(move |slot| {
                        serde_json::json!({
                            "day": day, "start_time": format!("{:02}:{:02}", slot / 2, slot % 2 * 30),
                            "routing_method": method,
                        })
                    })
                })
                .collect();
            let saved = server
                .client
                .put(&path)
                .bearer_auth(&key)
                .json(&cells)
                .send()
                .await
                .unwrap();
            assert_eq!(saved.status().as_u16(), 200, "{}", saved.text().await.unwrap());
            let number = u64::try_from(round).unwrap() + 10;
            let (_, after) = server.call(&sid("CA", number), &caller(number)).await.unwrap();
            match *method {
                "voicemail" => assert!(after.contains("<Record"), "{after}"),
                "off" => assert!(after.contains("<Reject"), "{after}"),
                "auto_text_only" => assert!(!after.contains("<Record") && after.contains("<Say"), "{after}"),
                other => panic!("{other}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn news_that_overtakes_its_call_waits_for_it() {
    for world in worlds("overtaken").await {
        let server = world.serve();
        let (business, key) = world.api_access();
        server.left_a_message(&sid("CA", 1), &caller(1)).await;
        // A number that is none of ours is not waited for.
        let mut others = call_fields("CA00000000000000000000000000000099", "+13125550123");
        for field in &mut others {
            if matches!(field.0, "Called" | "To") {
                field.1 = "+17732009999";
            }
        }
        let (status, _) = server.signed("/webhooks/twilio/voice/status", &others).await.unwrap();
        assert_eq!(status, 204);
        // What waits is on disk: the process may end before the call arrives.
        server.kill9();
        let server = world.serve();
        server.call(&sid("CA", 1), &caller(1)).await.unwrap();
        server.shows_the_message(&business, &key).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_webhook_is_one_line_without_numbers() {
    let world = World::new("accepted", Database::Sqlite).await;
    let server = world.serve();
    server.call(&sid("CA", 1), &caller(1)).await.unwrap();
    server.left_a_message(&sid("CA", 1), &caller(1)).await;
    server
        .text(&sid("SM", 2), &caller(1), "Is it the boiler?")
        .await
        .unwrap();
    server.running.lock().unwrap().sigterm().unwrap();
    server
        .running
        .lock()
        .unwrap()
        .wait_for_exit(Duration::from_secs(60))
        .unwrap();
    let log = server.running.lock().unwrap().log();
    for (route, about) in [
        ("voice", sid("CA", 1)),
        ("voice_status", sid("CA", 1)),
        ("recording", "RE00000000000000000000000000000001".to_owned()),
        ("sms", sid("SM", 2)),
    ] {
        let accepted = log.lines().filter(|line| line.contains("a webhook was accepted"));
        let of_it = accepted.filter(|line| line.contains(&format!("route=\"{route}\"")) && line.contains(&about));
        assert_eq!(of_it.count(), 1, "{route}: {log}");
    }
    let digits = caller(1).trim_start_matches('+').to_owned();
    assert!(!log.contains(&digits) && !log.contains("boiler"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_ones_own_needs_the_public_address() {
    let mut world = World::new("own-account", Database::Sqlite).await;
    let file = world.folder.path().join("own.toml");
    let own = r#"
numbers = ["+17732000002"]
[credentials]
twilio_auth_token = "env:MCCC_TEST_OWN_TOKEN"
[profile]
name = "Best Roofing"
zone = "America/Chicago"
[telephone.mode]
type = "byo"
account_sid = "ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
"#;
    std::fs::write(&file, own).unwrap();
    world.env.push(("MCCC_TEST_OWN_TOKEN", "0123456789abcdef".into()));
    world.command(&["business", "import", file.to_str().unwrap()]);
    for name in ["MCCC_PUBLIC_URL", "MCCC_TWILIO_ACCOUNT_SID", "MCCC_TWILIO_AUTH_TOKEN"] {
        world.env.push((name, String::new()));
    }
    let said = world.refused();
    assert!(said.contains("Best Roofing") && said.contains("public_url"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_request_does_not_hold_up_the_end() {
    use std::io::Write as _;
    let world = World::new("half", Database::Sqlite).await;
    let server = world.serve();
    let address = server.base.trim_start_matches("http://").to_owned();
    let mut half = std::net::TcpStream::connect(&address).unwrap();
    half.write_all(b"POST /webhooks/twilio/voice HTTP/1.1\r\nHost: x\r\n")
        .unwrap();
    let mut body = std::net::TcpStream::connect(&address).unwrap();
    body.write_all(
        b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{",
    )
    .unwrap();
    assert_eq!(server.plain("/healthz").await.0, 200);
    server.running.lock().unwrap().sigterm().unwrap();
    let status = server.running.lock().unwrap().wait_for_exit(Duration::from_secs(60));
    assert!(status.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_drains_and_the_next_start_goes_on() {
    let world = World::new("drain", Database::Sqlite).await;
    let server = world.serve();
    for n in 0..20 {
        server.call(&sid("CA", n), &caller(n)).await.unwrap();
    }
    server.running.lock().unwrap().sigterm().unwrap();
    let status = server
        .running
        .lock()
        .unwrap()
        .wait_for_exit(Duration::from_secs(30))
        .unwrap();
    assert!(status.success());
    let server = world.serve();
    let (business, key) = world.api_access();
    let calls = format!("/api/v1/businesses/{business}/calls?limit=100");
    server
        .eventually(&key, &calls, |page| {
            page["items"]
                .as_array()
                .is_some_and(|items| items.len() == 20 && items.iter().all(|call| call["text_status"] == "queued"))
        })
        .await;
    assert!(world.twilio.by_recipient().values().all(|count| *count == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_hangs_up_again_and_again_is_spam_until_a_person_says_otherwise() {
    for world in worlds("hang-ups").await {
        let server = world.serve();
        let (business, key) = world.api_access();
        let from = caller(7);
        for n in 1..=4 {
            let call = sid("CA", n);
            let (_, twiml) = server.call(&call, &from).await.unwrap();
            assert!(twiml.contains("<Say"), "call {n}: {twiml}");
            let mut ended = call_fields(&call, &from);
            ended.retain(|(name, _)| *name != "CallStatus");
            ended.extend([("CallStatus", "completed"), ("CallDuration", "2")]);
            // The provider repeats itself; that makes no second call of it.
            for _ in 0..2 {
                let (status, _) = server.signed("/webhooks/twilio/voice/status", &ended).await.unwrap();
                assert!(status < 300, "{status}");
            }
        }
        let calls = format!("/api/v1/businesses/{business}/calls");
        let listed = server.get(&key, &calls).await;
        assert_eq!(listed["items"][0]["outcome"], "spam", "{listed:#}");
        assert_eq!(listed["items"][0]["priority"], "low");
        assert_ne!(listed["items"][1]["outcome"], "spam");
        // Who is held to be spam by a machine may be a customer: they can leave a message.
        let (_, twiml) = server.call(&sid("CA", 5), &from).await.unwrap();
        assert!(twiml.contains("<Record"), "{twiml}");
        let again = server.get(&key, &calls).await;
        assert_eq!(again["items"].as_array().map(Vec::len), Some(5), "it is written down");

        let page = format!("/api/v1/businesses/{business}/callers/{}", from.replace('+', "%2B"));
        assert_eq!(server.get(&key, &page).await["spam"], true);
        let freed = server
            .client
            .put(format!("{}{page}", server.base))
            .bearer_auth(&key)
            .json(&serde_json::json!({ "spam": false }))
            .send()
            .await
            .unwrap();
        assert_eq!(freed.status().as_u16(), 200);
        let (_, twiml) = server.call(&sid("CA", 6), &from).await.unwrap();
        assert!(twiml.contains("<Say"), "{twiml}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_never_answered_has_not_hung_up() {
    let world = World::new("unanswered", Database::Sqlite).await;
    let server = world.serve();
    let (business, key) = world.api_access();
    let from = caller(7);
    for n in 1..=6 {
        let call = sid("CA", n);
        server.call(&call, &from).await.unwrap();
        let mut ended = call_fields(&call, &from);
        ended.retain(|(name, _)| *name != "CallStatus");
        ended.extend([("CallStatus", "busy"), ("CallDuration", "0")]);
        let (status, _) = server.signed("/webhooks/twilio/voice/status", &ended).await.unwrap();
        assert!(status < 300, "{status}");
    }
    let page = format!("/api/v1/businesses/{business}/callers/{}", from.replace('+', "%2B"));
    assert_eq!(server.get(&key, &page).await["spam"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_with_the_marks_of_spam_may_leave_a_message_and_is_not_texted() {
    for world in worlds("marks").await {
        let server = world.serve();
        let (business, key) = world.api_access();
        let (first, from) = (sid("CA", 1), caller(8));
        let mut marked = call_fields(&first, &from);
        marked.push(("CallerName", "SCAM LIKELY"));
        let (_, twiml) = server.signed("/webhooks/twilio/voice", &marked).await.unwrap();
        assert!(twiml.contains("<Record"), "{twiml}");
        // One failed signature alone is noted, and the caller served.
        let (second, other) = (sid("CA", 2), caller(9));
        let mut doubtful = call_fields(&second, &other);
        doubtful.push(("StirVerstat", "TN-Validation-Failed"));
        let (_, twiml) = server.signed("/webhooks/twilio/voice", &doubtful).await.unwrap();
        assert!(!twiml.contains("<Record") && !twiml.contains("<Reject"), "{twiml}");

        let calls = format!("/api/v1/businesses/{business}/calls");
        let listed = server.get(&key, &calls).await;
        let call = |n: usize| listed["items"][n]["id"].as_str().unwrap().to_owned();
        let marked = server.get(&key, &format!("{calls}/{}", call(1))).await;
        let why = marked["why"].to_string() + &marked.to_string();
        assert!(
            why.contains("The network shows a warning instead of the caller's name."),
            "{marked:#}"
        );
        assert_eq!(listed["items"][1]["outcome"], "spam");
        assert_eq!(listed["items"][1]["text_status"], "none");
        let doubtful = server.get(&key, &format!("{calls}/{}", call(0))).await.to_string();
        assert!(
            doubtful.contains("which is not enough to hold the call to be spam"),
            "{doubtful}"
        );
        assert_ne!(listed["items"][0]["outcome"], "spam");
    }
}
