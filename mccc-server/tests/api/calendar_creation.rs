//! A calendar for appointments alone: asked for, granted or not, created once, and booked.

use mccc_test::calcom::WireCalcom;
use mccc_test::google::{Lost, Trouble, WireGoogle};
use mccc_test::scripted::Reply;
use serde_json::{Value, json};

use crate::calendar::{Scene, services, state_of};
use crate::world::{Answer, World};

const EXTRA: &str = "https://www.googleapis.com/auth/calendar.app.created";

impl Scene {
    /// Google's page for a calendar of its own.
    async fn begin_new(&self) -> String {
        let wish = json!({ "new_calendar": true });
        let begun = self
            .as_person("POST", "/calendar-connection/google", Some(wish))
            .await
            .ok();
        begun["authorize_url"].as_str().unwrap().to_owned()
    }

    /// Begins, agrees without what is `unticked`, and comes back; where that leads.
    async fn connect_new(&self, unticked: &[&str]) -> String {
        let url = self.begin_new().await;
        let code = self.wire.consent(&url, unticked).unwrap();
        self.back(&self.cookie, &format!("state={}&code={code}", state_of(&url)))
            .await
    }

    async fn create(&self) -> Answer {
        self.asked("POST", "/calendar-connection/calendars", None).await
    }

    /// What was created at Google: name, zone.
    fn created(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let created = self.wire.created();
        created
            .iter()
            .map(|row| (text(&row["summary"]), text(&row["timeZone"])))
            .collect()
    }
}

fn one() -> Vec<(String, String)> {
    vec![("Appointments".to_owned(), "America/Chicago".to_owned())]
}

fn booked(connection: &Value) -> (&str, &str) {
    (
        connection["state"].as_str().unwrap(),
        connection["calendar_name"].as_str().unwrap_or_default(),
    )
}

#[tokio::test]
async fn a_contractor_gets_a_calendar_for_appointments_alone() {
    let scene = Scene::connected("new-cal").await;
    // Nobody is asked for more than they want.
    let before = scene.wire.server().requests().len();
    let refused = scene.create().await;
    assert_eq!(
        (refused.status.as_u16(), refused.code()),
        (409, "permission_needed"),
        "{}",
        refused.text
    );
    let detail = refused.body["detail"].as_str().unwrap();
    assert!(
        detail.contains("one more permission") && !detail.contains("minute"),
        "{detail}"
    );
    let asked = scene.wire.server().requests();
    let posts = asked[before..].iter().filter(|request| request.method == "POST");
    assert_eq!(posts.count(), 0, "what was not granted was tried");
    assert_eq!(booked(&scene.connection().await), ("connected", "Work"));

    let url = scene.begin_new().await;
    for part in [
        "calendar.app.created",
        "include_granted_scopes=true",
        "login_hint=mike%40example.com",
    ] {
        assert!(url.contains(part), "{url}");
    }
    let code = scene.wire.consent(&url, &[]).unwrap();
    let page = scene
        .back(&scene.cookie, &format!("state={}&code={code}", state_of(&url)))
        .await;
    assert!(page.ends_with("calendar=connected"), "{page}");
    let after = scene.connection().await;
    assert_eq!(booked(&after), ("connected", "Appointments"), "{after}");
    assert_eq!(after["account"], WireGoogle::PRIMARY);
    assert_eq!(after["conflicts"], json!([WireGoogle::PRIMARY]));
    assert_eq!(scene.created(), one());
    scene.world.work().await;

    // What is in the calendar of before is not offered; what is booked stands in the new one.
    let open = scene.free().await;
    let _dentist = scene.wire.enter(WireGoogle::PRIMARY, &Scene::entered(&open[0], 30));
    assert!(!scene.free().await.contains(&open[0]));
    let appointment = scene.book(open.last().unwrap()).await.ok();
    let events = scene.wire.events();
    let ours: Vec<_> = events
        .iter()
        .filter(|event| event.event["id"] == appointment["calendar_event_id"])
        .map(|event| event.calendar.as_str())
        .collect();
    assert_eq!(ours, [after["calendar_id"].as_str().unwrap()]);

    // Created once, however often and from how many places it is asked for, and found again from another calendar.
    let answers = (0..4).map(|_| scene.create());
    for answer in futures_util::future::join_all(answers).await {
        assert_eq!(answer.ok()["calendar_id"], after["calendar_id"]);
    }
    let body = json!({ "calendar_id": WireGoogle::PRIMARY, "conflicts": [WireGoogle::FAMILY] });
    scene.asked("PUT", "/calendar-connection", Some(body)).await.ok();
    let again = scene.create().await.ok();
    assert_eq!(again["calendar_id"], after["calendar_id"]);
    assert_eq!(again["conflicts"], json!([WireGoogle::FAMILY, WireGoogle::PRIMARY]));
    assert_eq!(scene.created(), one());
}

#[tokio::test]
async fn whoever_connects_may_have_it_at_once() {
    let scene = Scene::new("new-cal-first").await;
    let by_hand = scene.wire.add_calendar("Appointments");
    assert!(scene.connect_new(&[]).await.ends_with("calendar=connected"));
    let connection = scene.connection().await;
    assert_eq!(booked(&connection), ("connected", "Appointments"));
    assert_ne!(
        connection["calendar_id"],
        by_hand.as_str(),
        "it is the contractor's own"
    );
    assert_eq!(connection["conflicts"], json!([WireGoogle::PRIMARY]));
    assert_eq!(connection["last_failure"], Value::Null);
}

#[tokio::test]
async fn the_further_permission_may_be_left_unticked() {
    for (purpose, before) in [("new-cal-unticked", false), ("new-cal-unticked-later", true)] {
        let scene = if before {
            Scene::connected(purpose).await
        } else {
            Scene::new(purpose).await
        };
        let page = scene.connect_new(&[EXTRA]).await;
        assert!(page.ends_with("calendar=creation_not_granted"), "{page}");
        let connection = scene.connection().await;
        assert_eq!(booked(&connection), ("connected", "Work"));
        assert_eq!(connection["last_failure"]["code"], "creation_not_granted");
        let sentence = connection["last_failure"]["sentence"].as_str().unwrap();
        assert!(
            sentence.contains("permission to create calendars was not given")
                && sentence.contains("Choose one of your calendars"),
            "{sentence}"
        );
        assert!(scene.created().is_empty());
        let paths = scene.wire.server().requests();
        assert!(paths.iter().all(|request| request.path() != "/revoke"));
        // It goes on with what there is, and choosing settles the matter.
        let open = scene.free().await;
        assert_eq!(scene.book(&open[0]).await.status.as_u16(), 201);
        let body = json!({ "calendar_id": WireGoogle::PRIMARY });
        let chosen = scene.asked("PUT", "/calendar-connection", Some(body)).await.ok();
        assert_eq!(chosen["last_failure"], Value::Null);
    }
}

#[tokio::test]
async fn declining_the_further_permission_keeps_the_connection() {
    let scene = Scene::connected("new-cal-declined").await;
    let since = scene.connection().await["connected_at"].clone();
    let url = scene.begin_new().await;
    let declined = format!("state={}&error=access_denied", state_of(&url));
    let page = scene.back(&scene.cookie, &declined).await;
    assert!(page.ends_with("calendar=creation_not_granted"), "{page}");
    let connection = scene.connection().await;
    assert_eq!(booked(&connection), ("connected", "Work"));
    assert_eq!(connection["connected_at"], since);
    assert!(!scene.free().await.is_empty());
}

#[tokio::test]
async fn declining_it_for_a_connection_that_lets_nobody_in_connects_nothing() {
    let scene = Scene::connected("new-cal-renew").await;
    let open = scene.free().await;
    scene.wire.revoke();
    assert_eq!(scene.book(&open[0]).await.status.as_u16(), 502);
    assert_eq!(scene.connection().await["state"], "reconnect_needed");
    let url = scene.begin_new().await;
    let page = scene
        .back(&scene.cookie, &format!("state={}&error=access_denied", state_of(&url)))
        .await;
    assert!(page.ends_with("calendar=declined"), "{page}");
    assert_eq!(scene.connection().await["state"], "reconnect_needed");
}

#[tokio::test]
async fn no_more_calendars_are_in_the_way_than_can_be_saved_again() {
    let scene = Scene::connected("new-cal-many").await;
    assert!(scene.connect_new(&[]).await.ends_with("calendar=connected"));
    let connection = scene.connection().await;
    let center = &scene.world.opened.center;
    let owner = center.business(scene.world.business).await.unwrap();
    let id = owner.settings.calendar.connection.as_ref().unwrap().id.clone();
    let many: Vec<String> = (0..50).map(|number| format!("busy{number}@example.com")).collect();
    let work = (WireGoogle::PRIMARY, "Work");
    center
        .choose_calendar(scene.world.business, &id, work, &many)
        .await
        .unwrap();
    let refused = scene.create().await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "refused"));
    assert!(refused.body["detail"].as_str().unwrap().contains("Choose fewer"));
    center
        .choose_calendar(scene.world.business, &id, work, &many[1..])
        .await
        .unwrap();
    let created = scene.create().await.ok();
    assert_eq!(created["calendar_id"], connection["calendar_id"]);
    assert_eq!(created["conflicts"].as_array().unwrap().len(), 50);
}

#[tokio::test]
async fn an_answer_that_was_lost_leaves_one_calendar() {
    for (purpose, lost) in [
        ("new-cal-cut", Lost::HangUp),
        ("new-cal-5xx", Lost::ServerError),
        ("new-cal-page", Lost::Garbage),
    ] {
        let scene = Scene::new(purpose).await;
        scene.wire.set_trouble(Trouble::LoseChanges(lost));
        let page = scene.connect_new(&[]).await;
        assert!(page.ends_with("calendar=calendar_not_created"), "{page}");
        let connection = scene.connection().await;
        assert_eq!(booked(&connection), ("connected", "Work"));
        assert_eq!(connection["last_failure"]["code"], "calendar_not_created");
        assert_eq!(scene.created(), one(), "{lost:?}");
        // The next try needs no page of Google's: the permission is there, and so is the calendar.
        let found = scene.create().await.ok();
        assert_eq!(booked(&found), ("connected", "Appointments"));
        assert_eq!(found["last_failure"], Value::Null);
        assert_eq!(scene.created(), one(), "{lost:?}");
    }
}

#[tokio::test]
async fn another_account_changes_nothing() {
    let scene = Scene::connected("new-cal-other").await;
    let calendars = scene.world.opened.providers.calendars();
    let mine = calendars.google_tokens(scene.world.business).await.unwrap();
    let before = scene.connection().await;
    scene.wire.sign_in_as("jo@example.com");
    let page = scene.connect_new(&[]).await;
    assert!(page.ends_with("calendar=other_account"), "{page}");
    let after = scene.connection().await;
    for field in ["account", "calendar_id", "connected_at", "state"] {
        assert_eq!(after[field], before[field]);
    }
    assert!(
        after["last_failure"]["sentence"]
            .as_str()
            .unwrap()
            .contains("Nothing was changed")
    );
    assert!(scene.created().is_empty());
    // Another business of the contractor may live on the other account: Google knows one permission for each account.
    let requests = scene.wire.server().requests();
    assert!(requests.iter().all(|request| request.path() != "/revoke"));
    assert!(scene.wire.is_granted(mine.refresh.reveal()));
}

#[tokio::test]
async fn what_google_refuses_is_said_and_changes_nothing() {
    let scene = Scene::new("new-cal-refused").await;
    scene.wire.set_trouble(Trouble::LoseChanges(Lost::HangUp));
    scene.connect_new(&[]).await;
    scene.wire.set_trouble(Trouble::None);
    let made = scene.wire.created().len();
    let refusal = |status: u16, reason: &str| {
        let body = json!({ "error": { "code": status, "errors": [{ "reason": reason }] } });
        Reply::json(status, &body.to_string())
    };
    let empty = Reply::json(200, r#"{ "kind": "calendar#calendarList", "items": [] }"#);
    for (status, reason, words) in [
        (403, "forbidden", "does not let this account create calendars"),
        (403, "quotaExceeded", "as many calendars as Google allows"),
        (
            503,
            "backendError",
            "The calendar does not answer. Try again in a minute.",
        ),
    ] {
        let server = scene.wire.server();
        server.script("GET", "/calendar/v3/users/me/calendarList", [empty.clone()]);
        server.script("POST", "/calendar/v3/calendars", [refusal(status, reason)]);
        let answer = scene.create().await;
        assert_eq!((answer.status.as_u16(), answer.code()), (502, "calendar"));
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(detail.contains(words), "{detail}");
        assert_eq!(booked(&scene.connection().await), ("connected", "Work"));
    }
    scene.wire.revoke();
    let answer = scene.create().await;
    assert_eq!((answer.status.as_u16(), answer.code()), (502, "calendar"));
    assert!(answer.body["detail"].as_str().unwrap().contains("Reconnect"));
    assert_eq!(scene.wire.created().len(), made);
}

#[tokio::test]
async fn other_calendars_have_none_to_create_and_say_so() {
    let wire = WireCalcom::start("cal_live_1", 7).unwrap();
    let world = World::with("new-cal-none", services(None, Some(&wire))).await;
    let key = world.key("owner").await;
    let path = world.path("/calendar-connection/calendars");
    let refused = async || {
        let answer = world.with_key(&key, "POST", &path, None).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (409, "refused"));
        answer.body["detail"].as_str().unwrap().to_owned()
    };
    assert!(refused().await.contains("built-in calendar"));
    let settings = world.with_key(&key, "GET", &world.path("/settings"), None).await.ok();
    let mut changed = settings.clone();
    changed["settings"]["calendar"]["calcom_enabled"] = json!(true);
    let body = json!({ "version": changed["version"], "settings": changed["settings"] });
    world
        .with_key(&key, "PUT", &world.path("/settings"), Some(body))
        .await
        .ok();
    let body = json!({ "api_key": "cal_live_1", "event_type": 7 });
    let connect = world.path("/calendar-connection/calcom");
    world.with_key(&key, "POST", &connect, Some(body)).await.ok();
    assert!(refused().await.contains("Cal.com has event types"));
    let csr = world.key("csr").await;
    let forbidden = world.with_key(&csr, "POST", &path, None).await;
    assert_eq!(forbidden.status.as_u16(), 403);
}
