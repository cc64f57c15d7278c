//! Calendars that are only read: connecting, what they take, what is refused, disconnecting.

use mccc_calendar::webcal::Reach;
use mccc_core::Timestamp;
use mccc_server::config::CalendarServices;
use mccc_test::scripted::{Reply, ScriptedServer};
use serde_json::{Value, json};

use crate::world::{Answer, World};

const PATH: &str = "/private-of-jo/basic.ics";

/// A business that keeps its own calendar, and somebody who publishes another.
struct Scene {
    keeper: ScriptedServer,
    world: World,
    key: String,
}

impl Scene {
    async fn new(purpose: &str) -> Self {
        Self::reaching(purpose, Reach::Anywhere).await
    }

    async fn reaching(purpose: &str, others_from: Reach) -> Self {
        let services = CalendarServices {
            others_from,
            ..CalendarServices::default()
        };
        let world = World::with(purpose, services).await;
        let key = world.key("owner").await;
        Self {
            keeper: ScriptedServer::start().unwrap(),
            world,
            key,
        }
    }

    fn address(&self) -> String {
        format!("{}{PATH}", self.keeper.base_url())
    }

    fn answers(&self, reply: Reply) {
        self.keeper.always("GET", PATH, reply);
    }

    async fn asked(&self, method: &str, rest: &str, body: Option<Value>) -> Answer {
        let path = self.world.path(rest);
        self.world.with_key(&self.key, method, &path, body).await
    }

    async fn connect(&self, name: &str) -> Answer {
        let wanted = json!({ "address": self.address(), "name": name });
        self.asked("POST", "/other-calendars", Some(wanted)).await
    }

    async fn free(&self) -> Vec<String> {
        let answer = self.asked("GET", "/availability", None).await.ok();
        let slots = answer["slots"].as_array().unwrap();
        slots
            .iter()
            .map(|slot| slot["start"].as_str().unwrap().to_owned())
            .collect()
    }

    async fn book(&self, start: &str) -> Answer {
        let wish = json!({ "start": start, "customer_name": "Pat Smith" });
        self.asked("POST", "/appointments", Some(wish)).await
    }
}

fn stamp(at: &str) -> String {
    let at = Timestamp::parse(at).unwrap().to_string();
    at.replace(['-', ':'], "")
}

fn file(events: &[String]) -> String {
    let events: String = events
        .iter()
        .map(|event| format!("BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n"))
        .collect();
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//test//EN\r\n{events}END:VCALENDAR\r\n")
}

fn an_hour_at(start: &str) -> String {
    format!(
        "UID:dentist\r\nSUMMARY:Dentist\r\nDTSTART:{}\r\nDURATION:PT1H",
        stamp(start)
    )
}

fn ics(text: &str) -> Reply {
    Reply::body(200, "text/calendar", text)
}

#[tokio::test]
async fn what_a_calendar_holds_is_not_offered_and_its_address_is_never_shown() {
    let scene = Scene::new("other-connect").await;
    let open = scene.free().await;
    scene.answers(ics(&file(&[an_hour_at(&open[1])])).header("ETag", "\"one\""));
    let connected = scene.connect("Family").await;
    let shown = connected.text.clone();
    let items = connected.ok()["items"].clone();
    assert_eq!(items.as_array().unwrap().len(), 1);
    assert_eq!(
        (
            items[0]["name"].as_str(),
            items[0]["state"].as_str(),
            items[0]["address"].as_str()
        ),
        (Some("Family"), Some("read"), Some("https://127.0.0.1/…"))
    );
    assert!(items[0]["read_at"].is_string());
    let left = scene.free().await;
    assert!(!left.contains(&open[1]) && left.contains(open.last().unwrap()));
    let why = scene
        .asked("GET", &format!("/availability?why_not={}", open[1]), None)
        .await
        .ok();
    let sentence = why["why_not"][0]["sentence"].as_str().unwrap();
    assert!(sentence.contains("“Family” is busy"), "{sentence}");
    assert_eq!(scene.book(&open[1]).await.status.as_u16(), 409);
    scene.book(open.last().unwrap()).await.ok();

    // Nowhere is the address as it is.
    let settings = scene.asked("GET", "/settings", None).await.text;
    let listed = scene.asked("GET", "/other-calendars", None).await.text;
    for text in [&shown, &settings, &listed] {
        assert!(!text.contains("private-of-jo"), "{text}");
    }
    let id = items[0]["id"].as_str().unwrap();
    let field = format!("other_calendar/{id}");
    let business = scene.world.business;
    let sealed = scene
        .world
        .opened
        .accounts
        .secret(business, &field)
        .await
        .unwrap()
        .unwrap();
    assert!(
        sealed.starts_with("s1.") && !sealed.contains("private-of-jo"),
        "{sealed}"
    );

    // Unchanged since; then something else is in it.
    scene.answers(Reply::status(304));
    let path = format!("/other-calendars/{id}/read");
    let again = scene.asked("POST", &path, None).await.ok();
    assert_eq!(again["items"][0]["state"], "read");
    let asked = scene.keeper.requests();
    assert_eq!(asked.last().unwrap().header("if-none-match"), Some("\"one\""));
    assert!(!scene.free().await.contains(&open[1]));
    scene.answers(ics(&file(&[])));
    scene.asked("POST", &path, None).await.ok();
    assert!(scene.free().await.contains(&open[1]));

    scene
        .asked("DELETE", &format!("/other-calendars/{id}"), None)
        .await
        .ok();
    assert_eq!(
        scene.asked("GET", "/other-calendars", None).await.ok()["items"],
        json!([])
    );
    let sealed = scene.world.opened.accounts.secret(business, &field).await.unwrap();
    assert_eq!(sealed.unwrap_or_default(), "");
    for (method, path) in [("DELETE", format!("/other-calendars/{id}")), ("POST", path)] {
        assert_eq!(scene.asked(method, &path, None).await.status.as_u16(), 404);
    }
}

#[tokio::test]
async fn a_calendar_that_fails_counts_as_it_was_and_says_so() {
    let scene = Scene::new("other-fails").await;
    let open = scene.free().await;
    scene.answers(ics(&file(&[an_hour_at(&open[1])])));
    let connected = scene.connect("Family").await.ok();
    let path = format!(
        "/other-calendars/{}/read",
        connected["items"][0]["id"].as_str().unwrap()
    );
    let last_day = open.last().unwrap();
    for (reply, words) in [
        (Reply::status(404), "no longer shared"),
        (Reply::status(500), "with an error"),
        (Reply::garbage(), "does not answer"),
        (ics("<html>Please sign in</html>"), "no calendar"),
        (ics("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:cut"), "no calendar"),
    ] {
        scene.answers(reply);
        let failing = scene.asked("POST", &path, None).await.ok();
        let item = &failing["items"][0];
        assert_eq!(item["state"], "failing", "{words}");
        let sentence = item["sentence"].as_str().unwrap();
        assert!(
            sentence.contains(words) && sentence.contains("still counts"),
            "{sentence}"
        );
        let left = scene.free().await;
        assert!(!left.contains(&open[1]) && left.contains(last_day));
    }
    scene.answers(ics(&file(&[])));
    let read = scene.asked("POST", &path, None).await.ok();
    assert_eq!(read["items"][0]["state"], "read");
}

#[tokio::test]
async fn what_cannot_be_read_is_not_connected() {
    let scene = Scene::new("other-refused").await;
    let why = async |address: &str| {
        let answer = scene
            .asked("POST", "/other-calendars", Some(json!({ "address": address })))
            .await;
        assert_eq!(answer.status.as_u16(), 422, "{}", answer.text);
        assert_eq!(answer.body["errors"][0]["field"], "/address", "{}", answer.text);
        assert!(!answer.text.contains("private-of-jo"), "{}", answer.text);
        answer.body["errors"][0]["message"].as_str().unwrap().to_owned()
    };
    assert!(why("private-of-jo").await.contains("not an address"));
    assert!(why("ftp://example.com/private-of-jo").await.contains("https://"));
    scene.answers(Reply::status(404));
    assert!(why(&scene.address()).await.contains("no longer shared"));
    scene.answers(ics("private-of-jo"));
    assert!(why(&scene.address()).await.contains("no calendar"));

    // The business's own feed would only repeat what counts already.
    let feed = scene.asked("POST", "/calendar-feed", None).await.ok();
    assert!(why(feed["url"].as_str().unwrap()).await.contains("own appointments"));

    scene.answers(ics(&file(&[])));
    scene.connect("Family").await.ok();
    assert!(why(&scene.address()).await.contains("already, as “Family”"));
    let long = json!({ "address": format!("{}?2", scene.address()), "name": "x".repeat(61) });
    let answer = scene.asked("POST", "/other-calendars", Some(long)).await;
    assert_eq!(answer.body["errors"][0]["field"], "/name", "{}", answer.text);
    for number in 2..=10 {
        let wanted = json!({ "address": format!("{}?{number}", scene.address()) });
        scene.asked("POST", "/other-calendars", Some(wanted)).await.ok();
    }
    let wanted = json!({ "address": format!("{}?11", scene.address()) });
    let answer = scene.asked("POST", "/other-calendars", Some(wanted)).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (409, "refused"));
    let listed = scene.asked("GET", "/other-calendars", None).await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn only_owners_connect_and_nobody_reaches_into_the_own_network() {
    let scene = Scene::reaching("other-doors", Reach::Public).await;
    scene.answers(ics(&file(&[])));
    for address in [scene.address(), scene.address().replace("http:", "https:")] {
        let answer = scene
            .asked("POST", "/other-calendars", Some(json!({ "address": address })))
            .await;
        assert_eq!(answer.status.as_u16(), 422, "{}", answer.text);
    }
    assert_eq!(scene.keeper.requests().len(), 0, "somebody was asked");
    let manager = scene.world.key("manager").await;
    let path = scene.world.path("/other-calendars");
    let wanted = json!({ "address": "https://calendar.example.com/a.ics" });
    let answer = scene.world.with_key(&manager, "POST", &path, Some(wanted)).await;
    assert_eq!(answer.status.as_u16(), 403, "{}", answer.text);
}
