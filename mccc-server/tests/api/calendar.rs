//! The calendar elsewhere: connecting, choosing, booking there, being refused, disconnecting.

use axum::http::{StatusCode, header};
use mccc_core::jobs::JobKind;
use mccc_core::port::store::TaskFilter;
use mccc_server::config::{CalendarServices, GoogleApp};
use mccc_test::calcom::{Trouble, WireCalcom};
use mccc_test::google::{CLIENT, Entered, WireGoogle};
use serde_json::{Value, json};

use crate::world::{Answer, CALLER, World};

const SECRET_FIELD: &str = "google_calendar_tokens";

pub(crate) fn services(google: Option<&WireGoogle>, calcom: Option<&WireCalcom>) -> CalendarServices {
    CalendarServices {
        google: google.map(|wire| GoogleApp {
            client_id: CLIENT.0.into(),
            client_secret: mccc_core::Secret::new(CLIENT.1),
            accounts_url: Some(wire.base_url()),
            oauth_url: Some(wire.base_url()),
            api_url: Some(wire.base_url()),
        }),
        calcom_url: calcom.map(WireCalcom::base_url),
        ..CalendarServices::default()
    }
}

/// A business whose owner is signed in, and Google.
pub(crate) struct Scene {
    pub(crate) wire: WireGoogle,
    pub(crate) world: World,
    key: String,
    pub(crate) cookie: String,
}

impl Scene {
    pub(crate) async fn new(purpose: &str) -> Self {
        let wire = WireGoogle::start().unwrap();
        let world = World::with(purpose, services(Some(&wire), None)).await;
        world.person("owner@example.com", world.business, "owner").await;
        let cookie = world.sign_in("owner@example.com").await;
        let key = world.key("owner").await;
        Self {
            wire,
            world,
            key,
            cookie,
        }
    }

    pub(crate) async fn asked(&self, method: &str, rest: &str, body: Option<Value>) -> Answer {
        let path = self.world.path(rest);
        self.world.with_key(&self.key, method, &path, body).await
    }

    pub(crate) async fn as_person(&self, method: &str, rest: &str, body: Option<Value>) -> Answer {
        let path = self.world.path(rest);
        let headers = [("cookie", self.cookie.as_str()), ("sec-fetch-site", "same-origin")];
        self.world.send(method, &path, &headers, body).await
    }

    pub(crate) async fn connection(&self) -> Value {
        self.asked("GET", "/calendar-connection", None).await.ok()
    }

    /// Google's page for an attempt.
    async fn begin(&self, replace: bool) -> String {
        let body = json!({ "replace": replace });
        let begun = self
            .as_person("POST", "/calendar-connection/google", Some(body))
            .await
            .ok();
        begun["authorize_url"].as_str().unwrap().to_owned()
    }

    /// The way back with this query; where it leads.
    pub(crate) async fn back(&self, cookie: &str, query: &str) -> String {
        let path = format!("/oauth/google/callback?{query}");
        let answer = self.world.send("GET", &path, &[("cookie", cookie)], None).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        answer.headers[header::LOCATION].to_str().unwrap().to_owned()
    }

    /// Begins, agrees without what is `unticked`, and comes back.
    async fn connect(&self, unticked: &[&str], replace: bool) -> String {
        let url = self.begin(replace).await;
        let code = self.wire.consent(&url, unticked).unwrap();
        self.back(&self.cookie, &format!("state={}&code={code}", state_of(&url)))
            .await
    }

    pub(crate) async fn connected(purpose: &str) -> Self {
        let scene = Self::new(purpose).await;
        assert!(scene.connect(&[], false).await.ends_with("calendar=connected"));
        scene.world.work().await;
        scene
    }

    pub(crate) async fn free(&self) -> Vec<String> {
        let answer = self.asked("GET", "/availability", None).await.ok();
        let slots = answer["slots"].as_array().unwrap();
        slots
            .iter()
            .map(|slot| slot["start"].as_str().unwrap().to_owned())
            .collect()
    }

    pub(crate) async fn book(&self, start: &str) -> Answer {
        let wish = json!({ "start": start, "customer_name": "Pat Smith" });
        self.asked("POST", "/appointments", Some(wish)).await
    }

    async fn sealed(&self) -> String {
        let secret = self
            .world
            .opened
            .accounts
            .secret(self.world.business, SECRET_FIELD)
            .await;
        secret.unwrap().unwrap_or_default()
    }

    async fn tasks(&self, kind: &str) -> Vec<String> {
        let open = TaskFilter::OPEN;
        let tasks = self
            .world
            .opened
            .store
            .tasks(self.world.business, &open, 50)
            .await
            .unwrap();
        let tasks = tasks.into_iter().filter(|task| task.kind.name() == kind);
        tasks.map(|task| task.sentence).collect()
    }

    pub(crate) fn entered(start: &str, minutes: i64) -> Entered {
        let from = mccc_core::Timestamp::parse(start).unwrap();
        let until = mccc_core::Timestamp::from_seconds(from.as_seconds() + minutes * 60);
        Entered {
            start: from.to_string(),
            end: until.to_string(),
            status: "confirmed",
            free: false,
            declined: false,
        }
    }
}

pub(crate) fn state_of(url: &str) -> String {
    let (_, rest) = url.split_once("&state=").unwrap();
    rest.split('&').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_contractor_connects_google_and_appointments_are_booked_there() {
    let scene = Scene::new("cal-connect").await;
    let before = scene.connection().await;
    assert_eq!(
        (before["state"].as_str(), before["google_available"].as_bool()),
        (Some("not_connected"), Some(true))
    );
    assert_eq!(
        before["sentence"],
        "Connect your Google Calendar to let AI check your availability and book appointments automatically."
    );
    let url = scene.begin(false).await;
    for part in [
        "code_challenge_method=S256",
        "access_type=offline",
        "calendar.readonly",
        "calendar.events",
    ] {
        assert!(url.contains(part), "{url}");
    }
    let code = scene.wire.consent(&url, &[]).unwrap();
    let query = format!("state={}&code={code}", state_of(&url));
    let page = scene.back(&scene.cookie, &query).await;
    assert_eq!(page, format!("/b/{}/connect?calendar=connected", scene.world.business));
    let after = scene.connection().await;
    for (field, value) in [
        ("state", "connected"),
        ("service", "google"),
        ("account", WireGoogle::PRIMARY),
        ("calendar_id", WireGoogle::PRIMARY),
        ("calendar_name", "Work"),
        (
            "sentence",
            "Google Calendar connected! Your AI assistant can now check your schedule and book appointments.",
        ),
    ] {
        assert_eq!(after[field], value, "{after}");
    }
    let sealed = scene.sealed().await;
    assert!(sealed.starts_with("s1.") && !sealed.contains("refresh-"), "{sealed}");
    // Followed at once, with a channel that tells of changes.
    scene.world.work().await;
    assert!(scene.connection().await["last_synced_at"].is_string());
    assert_eq!(scene.wire.channels().len(), 1);
    // The way back works once.
    let again = scene.back(&scene.cookie, &query).await;
    assert_eq!(again, "/?calendar=expired");
    assert_eq!(scene.connection().await["state"], "connected");

    // What is in the calendar is not offered; what is booked is written there once.
    let open = scene.free().await;
    let _dentist = scene.wire.enter(WireGoogle::PRIMARY, &Scene::entered(&open[0], 30));
    assert!(!scene.free().await.contains(&open[0]));
    let booked = scene.book(open.last().unwrap()).await.ok();
    let events = scene.wire.events();
    let ours: Vec<&Value> = events
        .iter()
        .map(|event| &event.event)
        .filter(|event| event["iCalUID"].is_string())
        .collect();
    assert_eq!(ours.len(), 1, "{events:?}");
    assert_eq!(ours[0]["id"], booked["calendar_event_id"]);
}

#[tokio::test]
async fn a_way_back_of_somebody_else_changes_nothing() {
    let scene = Scene::new("cal-state").await;
    scene
        .world
        .person("manager@example.com", scene.world.business, "manager")
        .await;
    scene
        .world
        .person("stranger@example.com", scene.world.other, "owner")
        .await;
    let by_key = scene.asked("POST", "/calendar-connection/google", None).await;
    assert_eq!((by_key.status.as_u16(), by_key.code()), (409, "refused"));
    let manager = scene.world.sign_in("manager@example.com").await;
    let headers = [("cookie", manager.as_str()), ("sec-fetch-site", "same-origin")];
    let path = scene.world.path("/calendar-connection/google");
    let refused = scene.world.send("POST", &path, &headers, Some(json!({}))).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);

    let url = scene.begin(false).await;
    let code = scene.wire.consent(&url, &[]).unwrap();
    let state = state_of(&url);
    let good = format!("state={state}&code={code}");
    let stranger = scene.world.sign_in("stranger@example.com").await;
    let elsewhere = scene.world.sign_in("owner@example.com").await;
    let asked = scene.wire.server().requests().len();
    for (cookie, query) in [
        (stranger.as_str(), good.clone()),
        (&manager, good.clone()),
        ("", good.clone()),
        // Another session of the same person: somebody may have slipped them the address.
        (&elsewhere, good.clone()),
        (&scene.cookie, format!("state={state}x&code={code}")),
        (
            &scene.cookie,
            format!("state={}.guessed&code={code}", scene.world.business),
        ),
        (&scene.cookie, format!("code={code}")),
        (&scene.cookie, String::new()),
    ] {
        assert_eq!(scene.back(cookie, &query).await, "/?calendar=expired", "{query}");
    }
    assert_eq!(scene.wire.server().requests().len(), asked, "Google was asked");
    // A later attempt ends an earlier one.
    let later = scene.begin(false).await;
    assert_eq!(scene.back(&scene.cookie, &good).await, "/?calendar=expired");
    let code = scene.wire.consent(&later, &[]).unwrap();
    let page = scene
        .back(&scene.cookie, &format!("state={}&code={code}", state_of(&later)))
        .await;
    assert!(page.ends_with("calendar=connected"), "{page}");
}

#[tokio::test]
async fn both_permissions_are_needed_and_the_page_says_so() {
    let scene = Scene::new("cal-scopes").await;
    for missing in [
        "https://www.googleapis.com/auth/calendar.readonly",
        "https://www.googleapis.com/auth/calendar.events",
    ] {
        let page = scene.connect(&[missing], false).await;
        assert!(page.ends_with("calendar=missing_permissions"), "{page}");
        let connection = scene.connection().await;
        assert_eq!(connection["state"], "not_connected");
        assert_eq!(
            connection["last_failure"]["sentence"],
            "We need both calendar permissions to check your availability and book appointments. Please try again and \
             grant all permissions."
        );
        let paths: Vec<String> = scene
            .wire
            .server()
            .requests()
            .iter()
            .map(|one| one.path().to_owned())
            .collect();
        assert_eq!(paths.last().map(String::as_str), Some("/revoke"));
    }
    let url = scene.begin(false).await;
    let declined = format!("state={}&error=access_denied", state_of(&url));
    assert!(
        scene
            .back(&scene.cookie, &declined)
            .await
            .ends_with("calendar=declined")
    );
    assert_eq!(scene.connection().await["last_failure"]["code"], "declined");
    assert!(scene.connect(&[], false).await.ends_with("calendar=connected"));
    assert_eq!(scene.connection().await["last_failure"], Value::Null);
}

#[tokio::test]
async fn a_permission_that_was_withdrawn_books_nothing_and_is_told_once() {
    let scene = Scene::connected("cal-revoked").await;
    let open = scene.free().await;
    scene.wire.revoke();
    let refused = scene.book(&open[0]).await;
    assert_eq!(
        (refused.status.as_u16(), refused.code()),
        (502, "calendar"),
        "{}",
        refused.text
    );
    let sentence = refused.body["detail"].as_str().unwrap();
    assert!(sentence.contains("Reconnect"), "{sentence}");
    let connection = scene.connection().await;
    assert_eq!(connection["state"], "reconnect_needed");
    assert!(connection["reconnect_since"].is_string());
    let asked = scene.wire.server().requests().len();
    for _ in 0..2 {
        let unreadable = scene.asked("GET", "/availability", None).await;
        assert_eq!((unreadable.status.as_u16(), unreadable.code()), (502, "calendar"));
        assert_eq!(scene.book(&open[0]).await.status.as_u16(), 502);
    }
    assert_eq!(
        scene.wire.server().requests().len(),
        asked,
        "a final answer is asked for again"
    );
    assert_eq!(scene.tasks("calendar_reconnect").await.len(), 1);
    let listed = scene.asked("GET", "/appointments?status=scheduled", None).await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 0);
    // Connected again without a word about replacing; the task is done.
    assert!(scene.connect(&[], false).await.ends_with("calendar=connected"));
    assert_eq!(scene.tasks("calendar_reconnect").await, Vec::<String>::new());
    assert_eq!(scene.book(&open[0]).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_connection_that_works_is_replaced_only_when_asked() {
    let scene = Scene::connected("cal-replace").await;
    let refused = scene
        .as_person("POST", "/calendar-connection/google", Some(json!({})))
        .await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "refused"));
    let first = scene.connection().await["connected_at"].clone();
    assert!(scene.connect(&[], true).await.ends_with("calendar=connected"));
    let second = scene.connection().await;
    assert_ne!(second["connected_at"], first);
    // It is the same account: what was granted last still works.
    assert!(!scene.free().await.is_empty());
}

#[tokio::test]
async fn calendars_are_chosen_among_those_of_the_account() {
    let scene = Scene::connected("cal-choice").await;
    let listed = scene.asked("GET", "/calendar-connection/calendars", None).await.ok();
    let items = listed["items"].as_array().unwrap();
    let found: Vec<_> = items
        .iter()
        .map(|one| (one["id"].as_str().unwrap(), one["bookable"] == true))
        .collect();
    assert_eq!(found, [(WireGoogle::PRIMARY, true), (WireGoogle::FAMILY, false)]);
    for (body, field) in [
        (json!({ "calendar_id": WireGoogle::FAMILY }), "/calendar_id"),
        (json!({ "calendar_id": "nobody@example.com" }), "/calendar_id"),
        (
            json!({ "calendar_id": WireGoogle::PRIMARY, "conflicts": ["nobody@example.com"] }),
            "/conflicts",
        ),
    ] {
        let refused = scene.asked("PUT", "/calendar-connection", Some(body)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.body["errors"][0]["field"], field);
    }
    let open = scene.free().await;
    let _holiday = scene.wire.enter(WireGoogle::FAMILY, &Scene::entered(&open[0], 30));
    assert!(
        scene.free().await.contains(&open[0]),
        "nobody said that it is in the way"
    );
    let body = json!({ "calendar_id": WireGoogle::PRIMARY, "conflicts": [WireGoogle::FAMILY] });
    let chosen = scene.asked("PUT", "/calendar-connection", Some(body)).await.ok();
    assert_eq!(chosen["conflicts"], json!([WireGoogle::FAMILY]));
    assert!(!scene.free().await.contains(&open[0]));
    // One calendar that cannot be read is neither free nor taken.
    scene.wire.set_unreadable(WireGoogle::FAMILY, true);
    assert_eq!(scene.asked("GET", "/availability", None).await.code(), "calendar");
    // What is chosen here cannot be changed past it.
    let settings = scene.asked("GET", "/settings", None).await.ok();
    for (field, value) in [
        ("booked", json!("other")),
        ("connection", Value::Null),
        ("conflicts", json!([])),
    ] {
        let mut changed = settings.clone();
        changed["settings"]["calendar"][field] = value;
        let body = json!({ "version": changed["version"], "settings": changed["settings"] });
        let refused = scene.asked("PUT", "/settings", Some(body)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
    }
}

#[tokio::test]
async fn what_the_contractor_does_in_google_is_followed() {
    let scene = Scene::connected("cal-follow").await;
    let open = scene.free().await;
    let (first, second) = (
        scene.book(&open[0]).await.ok(),
        scene.book(open.last().unwrap()).await.ok(),
    );
    let event = |booked: &Value| booked["calendar_event_id"].as_str().unwrap().to_owned();
    let to = Scene::entered(&open[8], 60);
    assert!(scene.wire.drag(&event(&first), &to.start, &to.end));
    assert!(scene.wire.remove(&event(&second)));
    let body = json!({ "calendar_id": WireGoogle::PRIMARY });
    scene.asked("PUT", "/calendar-connection", Some(body)).await.ok();
    scene.world.work().await;
    let read = async |booked: &Value| {
        let path = format!("/appointments/{}", booked["id"].as_str().unwrap());
        scene.asked("GET", &path, None).await.ok()
    };
    assert_eq!(read(&first).await["scheduled_at"], open[8].as_str());
    let removed = read(&second).await;
    assert_eq!(
        (removed["status"].as_str(), removed["cancellation_reason"].as_str()),
        (Some("cancelled"), Some("It was removed from the calendar."))
    );
    let told = scene.tasks("calendar_changed").await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told.iter()
            .all(|sentence| sentence.contains("Pat Smith") && sentence.contains("has not been told"))
    );
}

#[tokio::test]
async fn news_of_a_calendar_are_believed_only_with_their_proof() {
    let scene = Scene::connected("cal-news").await;
    let [channel] = scene.wire.channels().try_into().unwrap();
    let (_, token) = scene.world.opened.providers.calendars().push(&channel).unwrap();
    let news = async |channel: &str, token: &str, state: &str| {
        let headers = [
            ("x-goog-channel-id", channel),
            ("x-goog-channel-token", token),
            ("x-goog-resource-id", "r"),
            ("x-goog-resource-state", state),
        ];
        let answer = scene
            .world
            .send("POST", "/webhooks/google/calendar", &headers, None)
            .await;
        answer.status.as_u16()
    };
    let looks = async || {
        let depth = scene.world.opened.store.queue_depth().await.unwrap();
        let looks = depth.iter().filter(|row| row.kind == JobKind::SyncCalendar);
        looks.map(|row| row.count).sum::<u64>()
    };
    assert_eq!(looks().await, 1, "the one that comes again by itself");
    let other = format!("{}-00", scene.world.other);
    assert_eq!(news(&channel, "guessed", "exists").await, 403);
    assert_eq!(news(&channel, "", "exists").await, 403);
    // The proof of one channel is none for another.
    assert_eq!(news(&other, token.reveal(), "exists").await, 403);
    assert_eq!(news("nobody's", token.reveal(), "exists").await, 200);
    assert_eq!(news("", token.reveal(), "exists").await, 400);
    assert_eq!(news(&channel, token.reveal(), "sync").await, 200);
    assert_eq!(looks().await, 1, "nothing that was proved says that something changed");
    for _ in 0..5 {
        assert_eq!(news(&channel, token.reveal(), "exists").await, 200);
    }
    assert!(
        (2..=3).contains(&looks().await),
        "news that come together lead to one look"
    );
}

#[tokio::test]
async fn tokens_are_refreshed_once_and_kept() {
    let scene = Scene::connected("cal-refresh").await;
    let before = (scene.sealed().await, scene.wire.refreshes());
    scene.wire.expire_access();
    let asked = (0..8).map(|_| scene.asked("GET", "/availability", None));
    for answer in futures_util::future::join_all(asked).await {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
    assert_eq!(scene.wire.refreshes(), before.1 + 1, "one refresh for all");
    assert_ne!(scene.sealed().await, before.0, "what was refreshed is kept");
}

#[tokio::test]
async fn disconnecting_gives_back_and_forgets() {
    let scene = Scene::connected("cal-disconnect").await;
    let open = scene.free().await;
    let _dentist = scene.wire.enter(WireGoogle::PRIMARY, &Scene::entered(&open[0], 30));
    let tokens = scene
        .world
        .opened
        .providers
        .calendars()
        .google_tokens(scene.world.business)
        .await
        .unwrap();
    assert!(scene.wire.is_granted(tokens.refresh.reveal()));
    let after = scene.asked("DELETE", "/calendar-connection", None).await.ok();
    assert_eq!(
        (after["state"].as_str(), after["account"].as_str()),
        (Some("not_connected"), None)
    );
    assert!(!scene.wire.is_granted(tokens.refresh.reveal()));
    assert!(scene.wire.channels().is_empty() && scene.sealed().await.is_empty());
    let asked = scene.wire.server().requests().len();
    // From now on the business's own appointments are its calendar.
    assert!(scene.free().await.contains(&open[0]));
    assert_eq!(scene.book(&open[0]).await.ok()["calendar_event_id"], Value::Null);
    scene.world.work().await;
    assert_eq!(scene.wire.server().requests().len(), asked, "Google was asked");
    scene.asked("DELETE", "/calendar-connection", None).await.ok();
    // Also when Google is away, and then the page says what is left to do.
    assert!(scene.connect(&[], false).await.ends_with("calendar=connected"));
    scene.wire.go_away(true);
    let after = scene.asked("DELETE", "/calendar-connection", None).await.ok();
    assert_eq!(after["state"], "not_connected");
    assert!(after["note"].as_str().unwrap().contains("myaccount.google.com"));
    assert!(scene.sealed().await.is_empty());
}

#[tokio::test]
async fn google_is_not_offered_without_an_application_there() {
    let world = World::with("cal-none", services(None, None)).await;
    world.person("owner@example.com", world.business, "owner").await;
    let cookie = world.sign_in("owner@example.com").await;
    let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin")];
    let path = world.path("/calendar-connection");
    let connection = world.send("GET", &path, &headers, None).await.ok();
    assert_eq!(connection["google_available"], false);
    let begun = world
        .send("POST", &format!("{path}/google"), &headers, Some(json!({})))
        .await;
    assert_eq!((begun.status.as_u16(), begun.code()), (409, "refused"));
}

#[tokio::test]
async fn calcom_is_off_until_it_is_switched_on_and_its_key_is_good() {
    let wire = WireCalcom::start("cal_live_1", 7).unwrap();
    let world = World::with("cal-calcom", services(None, Some(&wire))).await;
    let key = world.key("owner").await;
    let path = world.path("/calendar-connection/calcom");
    let connect = async |api_key: &str| {
        let body = json!({ "api_key": api_key, "event_type": 7 });
        world.with_key(&key, "POST", &path, Some(body)).await
    };
    let switch = async |on: bool| {
        let settings = world.with_key(&key, "GET", &world.path("/settings"), None).await.ok();
        let mut changed = settings.clone();
        changed["settings"]["calendar"]["calcom_enabled"] = json!(on);
        let body = json!({ "version": changed["version"], "settings": changed["settings"] });
        world
            .with_key(&key, "PUT", &world.path("/settings"), Some(body))
            .await
            .ok()
    };
    let state = async || {
        let answer = world
            .with_key(&key, "GET", &world.path("/calendar-connection"), None)
            .await;
        answer.ok()["state"].as_str().unwrap().to_owned()
    };
    let off = connect("cal_live_1").await;
    assert_eq!((off.status.as_u16(), off.code()), (409, "refused"), "{}", off.text);
    assert_eq!(wire.server().requests().len(), 0);
    switch(true).await;
    let wrong = connect("cal_live_2").await;
    assert_eq!(
        (wrong.status.as_u16(), wrong.code()),
        (502, "calendar"),
        "{}",
        wrong.text
    );
    assert_eq!(state().await, "not_connected");
    let connected = connect("cal_live_1").await.ok();
    assert_eq!(
        (connected["state"].as_str(), connected["service"].as_str()),
        (Some("connected"), Some("calcom"))
    );
    assert!(!connected.to_string().contains("cal_live"));
    // Cal.com's own times, though the business's own hours are others.
    let answer = world
        .with_key(&key, "GET", &world.path("/availability"), None)
        .await
        .ok();
    let slots = answer["slots"].as_array().unwrap();
    let night = slots
        .iter()
        .find(|slot| slot["start_time"].as_str().unwrap().starts_with("03:"))
        .unwrap();
    let wish = json!({ "start": night["start"], "customer_name": "Pat", "customer_phone": "+15125550123" });
    let booked = world
        .with_key(&key, "POST", &world.path("/appointments"), Some(wish))
        .await
        .ok();
    let bookings = wire.bookings();
    assert_eq!(bookings.len(), 1);
    assert_eq!(bookings[0].metadata["mccc_appointment"], booked["id"]);
    // What it does not offer is blocked with that reason, all through the week.
    let week = world
        .with_key(&key, "GET", &world.path("/availability/week"), None)
        .await
        .ok();
    let offered = |slot: &&Value| slot["start"] == answer["slots"][0]["start"];
    assert!(
        week["slots"].as_array().unwrap().iter().any(|slot| offered(&slot)),
        "{week}"
    );
    assert!(!week["slots"].as_array().unwrap().contains(night), "it is booked");
    let noon = mccc_core::Timestamp::parse(answer["slots"][3]["start"].as_str().unwrap()).unwrap();
    wire.enter(
        noon.to_jiff(),
        noon.plus(std::time::Duration::from_secs(3_600)).to_jiff(),
    );
    let week = world
        .with_key(&key, "GET", &world.path("/availability/week"), None)
        .await
        .ok();
    let refused = |one: &Value| one["why_not"][0]["code"] == "not_offered";
    assert!(week["blocked"].as_array().unwrap().iter().any(refused), "{week}");
    // One that the contractor has to accept there is held, and nobody is told that it is booked.
    wire.set_trouble(Trouble::Pending);
    let left = world
        .with_key(&key, "GET", &world.path("/availability"), None)
        .await
        .ok();
    let wish = json!({ "start": left["slots"][0]["start"], "customer_name": "Ann", "customer_phone": "+15125550124" });
    let requested = world
        .with_key(&key, "POST", &world.path("/appointments"), Some(wish))
        .await;
    assert_eq!(requested.status.as_u16(), 202, "{}", requested.text);
    assert_eq!(requested.body["status"], "held");
    assert_eq!(requested.body["calendar_event_id"], wire.bookings()[1].uid.as_str());
    wire.set_trouble(Trouble::None);
    // Switched off, it is as if it were not there.
    switch(false).await;
    assert_eq!(state().await, "switched_off");
    let asked = wire.server().requests().len();
    let answer = world
        .with_key(&key, "GET", &world.path("/availability"), None)
        .await
        .ok();
    let at_night = |slot: &Value| slot["start_time"].as_str().unwrap().starts_with("03:");
    assert!(!answer["slots"].as_array().unwrap().iter().any(at_night));
    assert_eq!(wire.server().requests().len(), asked);
}

#[tokio::test]
async fn a_visit_takes_as_long_as_the_event_type_says() {
    let wire = WireCalcom::start("cal_live_1", 7).unwrap();
    wire.set_length(90);
    let world = World::with("cal-calcom-length", services(None, Some(&wire))).await;
    let key = world.key("owner").await;
    let mut settings = world.with_key(&key, "GET", &world.path("/settings"), None).await.ok();
    settings["settings"]["calendar"]["calcom_enabled"] = json!(true);
    let body = json!({ "version": settings["version"], "settings": settings["settings"] });
    world
        .with_key(&key, "PUT", &world.path("/settings"), Some(body))
        .await
        .ok();
    let body = json!({ "api_key": "cal_live_1", "event_type": 7 });
    let path = world.path("/calendar-connection/calcom");
    world.with_key(&key, "POST", &path, Some(body)).await.ok();
    let free = world
        .with_key(&key, "GET", &world.path("/availability"), None)
        .await
        .ok();
    assert_eq!(free["duration_minutes"], 90);
    let book = async |start: &Value| {
        let wish = json!({ "start": start, "customer_name": "Pat", "customer_phone": "+15125550123" });
        world
            .with_key(&key, "POST", &world.path("/appointments"), Some(wish))
            .await
    };
    let length = |row: &Value| {
        let at = |name: &str| mccc_core::Timestamp::parse(row[name].as_str().unwrap()).unwrap();
        at("ends_at").since(at("scheduled_at")).as_secs() / 60
    };
    let booked = book(&free["slots"][0]["start"]).await.ok();
    assert_eq!(length(&booked), 90);
    // Made another since: what the booking is counts.
    wire.set_length(120);
    let start = &free["slots"][12]["start"];
    let booked = book(start).await.ok();
    assert_eq!((&booked["scheduled_at"], length(&booked)), (start, 120));
}

/// Where a text leads, without the host.
fn link_in(text: &str) -> String {
    let (_, rest) = text.split_once("https://calls.example.com").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn a_customer_takes_an_appointment_along_by_its_own_link() {
    let world = World::new("cal-link").await;
    let key = world.key("owner").await;
    let asked = async |method: &str, rest: &str, body: Option<Value>| {
        world.with_key(&key, method, &world.path(rest), body).await.ok()
    };
    let open = asked("GET", "/availability", None).await["slots"][0]["start"].clone();
    let wish = json!({
        "start": open, "customer_name": "Pat\r\nATTENDEE:mailto:eve@example.com", "customer_phone": CALLER,
        "service_type": "Leak",
    });
    let booked = asked("POST", "/appointments", Some(wish)).await;
    world.work().await;
    let threads = asked("GET", "/conversations", None).await;
    let thread = format!("/conversations/{}", threads["items"][0]["id"].as_str().unwrap());
    let text = asked("GET", &thread, None).await["messages"][0]["body"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        text.contains("Add it to your calendar: https://") && text.chars().count() <= 480,
        "{text}"
    );
    let link = link_in(&text);
    let file = world.send("GET", &link, &[], None).await;
    assert_eq!(file.status, StatusCode::OK, "{}", file.text);
    assert_eq!(file.headers[header::CONTENT_TYPE], "text/calendar; charset=utf-8");
    let id = booked["id"].as_str().unwrap();
    let lines = file.text.replace("\r\n ", "");
    for part in [
        "METHOD:PUBLISH",
        "STATUS:CONFIRMED",
        "SUMMARY:Leak: Acme Plumbing",
        &format!("UID:{id}@localhost"),
    ] {
        assert!(lines.lines().any(|line| line == part), "{part} is not in\n{lines}");
    }
    // It is the customer's own file, and still nothing of theirs stands in it.
    assert!(!lines.contains("eve@example.com") && !lines.contains(CALLER), "{lines}");
    // Not to be guessed, and nothing else opens with it.
    let guessed = link.replace(".ics", "A.ics");
    for wrong in [guessed.as_str(), "/a/x.ics", "/a/.ics", &link.replace("/a/", "/feeds/")] {
        assert_eq!(
            world.send("GET", wrong, &[], None).await.status,
            StatusCode::NOT_FOUND,
            "{wrong}"
        );
    }
    asked("POST", &format!("/appointments/{id}/cancel"), Some(json!({}))).await;
    let file = world.send("GET", &link, &[], None).await;
    assert!(
        file.text.contains("METHOD:CANCEL") && file.text.contains("STATUS:CANCELLED"),
        "{}",
        file.text
    );
}

#[tokio::test]
async fn a_feed_is_known_to_whom_it_was_given_and_can_be_closed() {
    let world = World::new("cal-feed").await;
    let key = world.key("owner").await;
    let path = world.path("/calendar-feed");
    let asked = async |method: &str| world.with_key(&key, method, &path, None).await.ok()["url"].clone();
    assert_eq!(asked("GET").await, Value::Null);
    let csr = world.key("csr").await;
    assert_eq!(
        world.with_key(&csr, "POST", &path, None).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        world.with_key(&csr, "GET", &path, None).await.status,
        StatusCode::FORBIDDEN
    );
    let first = asked("POST").await.as_str().unwrap().to_owned();
    assert_eq!(asked("GET").await, first.as_str());
    let open = world
        .with_key(&key, "GET", &world.path("/availability"), None)
        .await
        .ok();
    let wish = json!({ "start": open["slots"][0]["start"], "customer_name": "Pat Smith", "customer_phone": CALLER });
    world
        .with_key(&key, "POST", &world.path("/appointments"), Some(wish))
        .await
        .ok();
    let blocked = json!({ "title": "Workshop", "first_day": open["slots"][0]["date"] });
    world
        .with_key(&key, "POST", &world.path("/blocked-times"), Some(blocked))
        .await
        .ok();
    let file = async |url: &str| {
        let path = url.split_once("localhost:8080").unwrap().1;
        world.send("GET", path, &[], None).await
    };
    let text = file(&first).await.text.replace("\r\n ", "");
    for part in [
        "X-WR-CALNAME:Acme Plumbing",
        "SUMMARY:Appointment: Pat Smith",
        "SUMMARY:Workshop",
    ] {
        assert!(text.lines().any(|line| line == part), "{part} is not in\n{text}");
    }
    // A new address ends the old one, and closing ends both for good.
    let second = asked("POST").await.as_str().unwrap().to_owned();
    assert_eq!(file(&first).await.status, StatusCode::NOT_FOUND);
    assert_eq!(file(&second).await.status, StatusCode::OK);
    assert_eq!(asked("DELETE").await, Value::Null);
    assert_eq!(file(&second).await.status, StatusCode::NOT_FOUND);
    let third = asked("POST").await.as_str().unwrap().to_owned();
    assert!(third != first && third != second);
    assert_eq!(file(&second).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_business_file_neither_ends_nor_makes_a_connection() {
    let scene = Scene::connected("cal-file").await;
    let folder = mccc_test::process::Folder::new(env!("CARGO_BIN_EXE_mccc"), "cal-file-out").unwrap();
    let file = folder.path().join("business.toml");
    let text = mccc_server::commands::business_file::export(&scene.world.opened, Some(scene.world.business))
        .await
        .unwrap();
    assert!(!text.contains("mike@example.com"), "{text}");
    std::fs::write(&file, text.replace("Acme Plumbing", "Acme & Daughters")).unwrap();
    mccc_server::commands::business_file::import(&scene.world.opened, &file)
        .await
        .unwrap();
    let business = scene.asked("GET", "/settings", None).await.ok();
    assert_eq!(business["settings"]["profile"]["name"], "Acme & Daughters");
    assert_eq!(scene.connection().await["state"], "connected");
}
