//! A calendar that is only read, end to end: the real program, a real database, somebody who publishes a file.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use mccc_core::Timestamp;
use mccc_test::scripted::{Reply, ScriptedServer};
use serde_json::{Value, json};
use support::{Database, Server, World};

const PATH: &str = "/private-of-jo/basic.ics";

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

async fn changed(server: &Server, key: &str, method: reqwest::Method, path: &str, body: Value) -> (u16, Value) {
    let answer = server
        .client
        .request(method, format!("{}{path}", server.base))
        .bearer_auth(key)
        .json(&body)
        .send()
        .await
        .unwrap();
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap_or(Value::Null))
}

async fn free(server: &Server, key: &str, base: &str) -> Vec<String> {
    let answer = server.get(key, &format!("{base}/availability")).await;
    let slots = answer["slots"].as_array().unwrap().iter();
    slots.map(|slot| slot["start"].as_str().unwrap().to_owned()).collect()
}

/// A file with a daily series at this time, of which the second day is called off.
fn daily_from(start: &str) -> String {
    let first = Timestamp::parse(start).unwrap();
    let second = Timestamp::from_seconds(first.as_seconds() + 24 * 3_600);
    let stamp = |at: Timestamp| at.to_string().replace(['-', ':'], "");
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//test//EN\r\nBEGIN:VEVENT\r\nUID:school\r\nSUMMARY:School run\r\n\
         DTSTART:{}\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY\r\nEXDATE:{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        stamp(first),
        stamp(second)
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_in_another_calendar_takes_its_time_and_gives_it_back() {
    for mut world in worlds("other-calendar").await {
        world
            .env
            .push(("MCCC_OTHER_CALENDARS_ALLOW_PRIVATE", "true".to_owned()));
        let keeper = ScriptedServer::start().unwrap();
        let server = world.serve();
        let (business, key) = world.api_access();
        let base = format!("/api/v1/businesses/{business}");
        let open = free(&server, &key, &base).await;
        let taken = open[2].clone();
        keeper.always("GET", PATH, Reply::body(200, "text/calendar", daily_from(&taken)));
        let wanted = json!({ "address": format!("{}{PATH}", keeper.base_url()), "name": "School" });
        let path = format!("{base}/other-calendars");
        let (status, connected) = changed(&server, &key, reqwest::Method::POST, &path, wanted).await;
        assert_eq!(status, 200, "{connected}");
        let left = free(&server, &key, &base).await;
        assert!(!left.contains(&taken), "{taken} is still offered");
        assert!(left.contains(open.last().unwrap()) || left.len() < open.len());
        let why = server.get(&key, &format!("{base}/availability?why_not={taken}")).await;
        assert!(
            why["why_not"][0]["sentence"]
                .as_str()
                .unwrap()
                .contains("“School” is busy"),
            "{why}"
        );
        let wish = json!({ "start": taken, "customer_name": "Pat" });
        let (status, refused) = changed(
            &server,
            &key,
            reqwest::Method::POST,
            &format!("{base}/appointments"),
            wish,
        )
        .await;
        assert_eq!(status, 409, "{refused}");

        // Another process knows what this one has read.
        server.kill9();
        keeper.always("GET", PATH, Reply::status(404));
        let server = world.serve();
        assert!(!free(&server, &key, &base).await.contains(&taken));
        let id = connected["items"][0]["id"].as_str().unwrap();
        let (_, failing) = changed(
            &server,
            &key,
            reqwest::Method::POST,
            &format!("{path}/{id}/read"),
            Value::Null,
        )
        .await;
        assert_eq!(failing["items"][0]["state"], "failing", "{failing}");
        assert!(!free(&server, &key, &base).await.contains(&taken));
        let gone = format!("{path}/{id}");
        let (status, _) = changed(&server, &key, reqwest::Method::DELETE, &gone, Value::Null).await;
        assert_eq!(status, 200);
        assert!(free(&server, &key, &base).await.contains(&taken));
        let log = server.running.lock().unwrap().log();
        assert!(!log.contains("private-of-jo"), "the address is in the log");
        assert!(log.contains("could not be read"), "{log}");
    }
}
