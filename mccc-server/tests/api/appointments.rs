//! Appointments through the API: what is free, booking, moving, calling off, and time without appointments.

use axum::http::StatusCode;
use mccc_core::AppointmentId;
use mccc_core::appointments::Appointment;
use mccc_core::jobs::JobKind;
use mccc_core::port::store::{Change, Commit};
use serde_json::{Value, json};

use crate::world::{CALLER, World};

fn starts(availability: &Value) -> Vec<String> {
    let slots = availability["slots"].as_array().unwrap();
    slots
        .iter()
        .map(|slot| slot["start"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_time_is_booked_moved_and_called_off() {
    let world = World::new("api-book").await;
    let key = world.key("owner").await;
    let free = async || {
        let answer = world.with_key(&key, "GET", &world.path("/availability"), None).await;
        starts(&answer.ok())
    };
    let open = free().await;
    let (first, later) = (open[0].clone(), open.last().unwrap().clone());

    // Booked, once however often it is sent, with a confirmation to the customer.
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "one")];
    let wish =
        json!({ "start": first, "customer_name": "Pat Smith", "customer_phone": CALLER, "service_type": "Leak" });
    let booked = world
        .send("POST", &world.path("/appointments"), &headers, Some(wish.clone()))
        .await;
    assert_eq!(booked.status, StatusCode::CREATED, "{}", booked.text);
    let again = world
        .send("POST", &world.path("/appointments"), &headers, Some(wish))
        .await;
    assert_eq!(again.body["id"], booked.body["id"]);
    assert_eq!(booked.body["status"], "scheduled");
    let id = booked.body["id"].as_str().unwrap().to_owned();
    world.work().await;
    let threads = world
        .with_key(&key, "GET", &world.path("/conversations"), None)
        .await
        .ok();
    let preview = threads["items"][0]["preview"].as_str().unwrap();
    assert!(preview.contains("confirmed"), "{preview}");

    // Its time is gone, with the reason, and nobody else gets it.
    assert!(!free().await.contains(&first));
    let why = world.path(&format!("/availability?why_not={first}"));
    let why = world.with_key(&key, "GET", &why, None).await.ok();
    assert_eq!(why["why_not"][0]["code"], "busy", "{why}");
    let wish = json!({ "start": first, "customer_name": "Jo" });
    let refused = world
        .with_key(&key, "POST", &world.path("/appointments"), Some(wish))
        .await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "time_not_free"));
    assert_eq!(refused.body["errors"][0]["code"], "busy");

    // Moved: the old time is free again.
    let path = world.path(&format!("/appointments/{id}/reschedule"));
    let moved = world
        .with_key(&key, "POST", &path, Some(json!({ "start": later })))
        .await
        .ok();
    assert_eq!(moved["scheduled_at"], later.as_str());
    assert!(free().await.contains(&first) && !free().await.contains(&later));

    // Called off, twice the same.
    let path = world.path(&format!("/appointments/{id}/cancel"));
    for _ in 0..2 {
        let off = world
            .with_key(
                &key,
                "POST",
                &path,
                Some(json!({ "reason": "sold the house", "by": "customer" })),
            )
            .await
            .ok();
        assert_eq!(
            (off["status"].as_str(), off["cancellation_reason"].as_str()),
            (Some("cancelled"), Some("sold the house"))
        );
    }
    assert!(free().await.contains(&later));
    let listed = world
        .with_key(&key, "GET", &world.path("/appointments?status=cancelled"), None)
        .await
        .ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let none = world
        .with_key(
            &key,
            "GET",
            &world.path("/appointments?status=scheduled,confirmed"),
            None,
        )
        .await
        .ok();
    assert_eq!(none["items"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn whom_we_call_off_is_texted_unless_a_person_says_otherwise() {
    let world = World::new("api-call-off").await;
    let key = world.key("owner").await;
    let waiting = async || {
        let depth = world.opened.store.queue_depth().await.unwrap();
        let texts = depth.iter().filter(|row| row.kind == JobKind::TellCalledOff);
        texts.map(|row| row.count).sum::<u64>()
    };
    let book = async || {
        let path = world.path("/availability");
        let open = starts(&world.with_key(&key, "GET", &path, None).await.ok());
        let wish = json!({ "start": open.last(), "customer_name": "Pat Smith", "customer_phone": CALLER });
        let path = world.path("/appointments");
        let booked = world.with_key(&key, "POST", &path, Some(wish)).await.ok();
        booked["id"].as_str().unwrap().to_owned()
    };
    let mut texts = 0;
    for (body, told) in [
        (json!({ "tell_customer": false }), false),
        (json!({ "by": "customer" }), false),
        (json!({ "by": "customer", "tell_customer": true }), true),
        (json!({ "tell_customer": true }), true),
        (json!({ "reason": "The van broke down." }), true),
    ] {
        let path = world.path(&format!("/appointments/{}/cancel", book().await));
        texts += u64::from(told);
        for _ in 0..2 {
            let off = world.with_key(&key, "POST", &path, Some(body.clone())).await.ok();
            assert_eq!(off["status"], "cancelled");
            assert_eq!(waiting().await, texts, "{body}");
        }
    }
    // One goes out, by day; the next keep their distance, and at night all wait.
    world.work().await;
    let threads = world
        .with_key(&key, "GET", &world.path("/conversations"), None)
        .await
        .ok();
    let shown = match threads["items"][0]["id"].as_str() {
        Some(id) => {
            let path = world.path(&format!("/conversations/{id}"));
            let thread = world.with_key(&key, "GET", &path, None).await.ok();
            let shown = thread["messages"].as_array().unwrap().iter();
            shown
                .filter(|text| text["body"].as_str().unwrap().contains("was called off"))
                .count() as u64
        }
        None => 0,
    };
    assert_eq!(shown + waiting().await, texts, "{threads}");
    let path = world.path(&format!("/appointments/{}/cancel", book().await));
    let refused = world
        .with_key(&key, "POST", &path, Some(json!({ "tell_customer": "yes" })))
        .await;
    assert_eq!(refused.code(), "invalid", "{}", refused.text);
}

#[tokio::test]
async fn blocked_time_is_not_offered_until_it_is_given_back() {
    let world = World::new("api-block").await;
    let key = world.key("owner").await;
    let open = world
        .with_key(&key, "GET", &world.path("/availability"), None)
        .await
        .ok();
    let day = open["slots"][0]["date"].as_str().unwrap().to_owned();
    let on_day = |availability: &Value| {
        let slots = availability["slots"].as_array().unwrap();
        slots.iter().filter(|slot| slot["date"] == day.as_str()).count()
    };
    assert!(on_day(&open) > 0);
    let body = json!({ "title": "Workshop", "first_day": day });
    let blocked = world
        .with_key(&key, "POST", &world.path("/blocked-times"), Some(body))
        .await;
    assert_eq!(blocked.status, StatusCode::CREATED, "{}", blocked.text);
    let closed = world
        .with_key(&key, "GET", &world.path("/availability"), None)
        .await
        .ok();
    assert_eq!(on_day(&closed), 0);
    let listed = world
        .with_key(&key, "GET", &world.path("/blocked-times"), None)
        .await
        .ok();
    assert_eq!(listed["items"][0]["title"], "Workshop");
    let path = world.path(&format!("/blocked-times/{}", blocked.body["id"].as_str().unwrap()));
    for _ in 0..2 {
        let gone = world.with_key(&key, "DELETE", &path, None).await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT);
    }
    let open_again = world
        .with_key(&key, "GET", &world.path("/availability"), None)
        .await
        .ok();
    assert_eq!(on_day(&open_again), on_day(&open));
}

#[tokio::test]
async fn what_cannot_be_booked_says_what_would_be_right() {
    let world = World::new("api-book-wrong").await;
    let key = world.key("owner").await;
    let path = world.path("/appointments");
    for (body, field) in [
        (json!({ "start": "tomorrow", "customer_name": "Jo" }), "/start"),
        (
            json!({ "start": "2030-01-01T10:00:00Z", "customer_name": " " }),
            "/customer_name",
        ),
        (
            json!({ "start": "2030-01-01T10:00:00Z", "customer_name": "Jo", "customer_phone": "12" }),
            "/customer_phone",
        ),
        (
            json!({ "start": "2030-01-01T10:00:00Z", "customer_name": "Jo", "source": "ai_voice" }),
            "/source",
        ),
        (
            json!({ "start": "2030-01-01T10:00:00Z", "customer_name": "Jo", "customer_email": "nonsense" }),
            "/customer_email",
        ),
        (
            json!({ "start": "2030-01-01T10:00:00Z", "customer_name": "Jo", "call_id": "nonsense" }),
            "/call_id",
        ),
        (
            json!({ "start": "2030-01-01T10:00:00Z", "customer_name": "Jo",
                "call_id": "call_018f2d3c4b5a69788796a5b4c3d2e1f0" }),
            "/call_id",
        ),
    ] {
        let answer = world.with_key(&key, "POST", &path, Some(body)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (422, "invalid"),
            "{}",
            answer.text
        );
        assert_eq!(answer.body["errors"][0]["field"], field);
    }
    let past = json!({ "start": "2024-05-01T10:00:00Z", "customer_name": "Jo" });
    let answer = world.with_key(&key, "POST", &path, Some(past)).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (409, "time_not_free"));
    assert_eq!(answer.body["errors"][0]["code"], "past");
    // A customer's own booking keeps to the hours; nobody's reads or changes another business.
    let night = json!({ "start": "2030-01-01T10:00:00Z", "customer_name": "Jo", "source": "web_booking" });
    let answer = world.with_key(&key, "POST", &path, Some(night)).await;
    assert_eq!(answer.code(), "time_not_free", "{}", answer.text);
    let staff = world.key("staff").await;
    let wish = json!({ "start": "2030-01-02T16:00:00Z", "customer_name": "Jo" });
    let answer = world.with_key(&staff, "POST", &path, Some(wish)).await;
    assert_eq!(answer.code(), "forbidden");
    let theirs = format!("/api/v1/businesses/{}/appointments", world.other);
    let answer = world.with_key(&key, "GET", &theirs, None).await;
    assert!(!answer.status.is_success());
}

/// How a week reads: free starts, and stretches with their first reason.
fn told(week: &Value) -> (Vec<&str>, Vec<(&str, &str)>) {
    let slots = week["slots"].as_array().unwrap();
    let blocked = week["blocked"].as_array().unwrap();
    (
        slots.iter().map(|slot| slot["start"].as_str().unwrap()).collect(),
        blocked
            .iter()
            .map(|one| {
                (
                    one["standing"].as_str().unwrap(),
                    one["why_not"][0]["code"].as_str().unwrap(),
                )
            })
            .collect(),
    )
}

#[tokio::test]
async fn a_week_shows_what_is_free_and_why_the_rest_is_not() {
    let world = World::new("api-week").await;
    let key = world.key("staff").await;
    let availability = world
        .with_key(&key, "GET", &world.path("/availability"), None)
        .await
        .ok();
    let open = starts(&availability);
    let day = availability["slots"].as_array().unwrap().last().unwrap()["date"].clone();
    let path = world.path(&format!("/availability/week?from={}", day.as_str().unwrap()));
    let week = world.with_key(&key, "GET", &path, None).await.ok();
    assert_eq!(week["from"], day);
    let (free, blocked) = told(&week);
    assert_eq!(free, open[open.len() - free.len()..], "the same times as everywhere");
    assert!(blocked.contains(&("closed", "outside_hours")), "{week}");
    // The stretches follow one another without a gap, but for what is free.
    let ends: Vec<&Value> = week["blocked"].as_array().unwrap().iter().collect();
    assert_eq!(ends.first().unwrap()["start"], week["start"]);
    assert_eq!(ends.last().unwrap()["end"], week["end"]);

    // Somebody books the last time by hand: it is taken, and says so.
    let owner = world.key("owner").await;
    let wish = json!({ "start": free[free.len() - 1], "customer_name": "Pat" });
    let booked = world
        .with_key(&owner, "POST", &world.path("/appointments"), Some(wish))
        .await;
    assert_eq!(booked.status, StatusCode::CREATED, "{}", booked.text);
    let week = world.with_key(&key, "GET", &path, None).await.ok();
    assert!(told(&week).1.contains(&("taken", "busy")), "{week}");

    for from in ["tomorrow", "1999-01-01"] {
        let path = world.path(&format!("/availability/week?from={from}"));
        let refused = world.with_key(&key, "GET", &path, None).await;
        assert_eq!(refused.body["errors"][0]["field"], "from", "{}", refused.text);
    }
}

/// Books a time, and lets it have begun two hours ago.
async fn begun(world: &World, key: &str) -> String {
    let availability = world
        .with_key(key, "GET", &world.path("/availability"), None)
        .await
        .ok();
    let wish = json!({ "start": starts(&availability)[0], "customer_name": "Pat" });
    let booked = world
        .with_key(key, "POST", &world.path("/appointments"), Some(wish))
        .await
        .ok();
    let text = booked["id"].as_str().unwrap().to_owned();
    let id: AppointmentId = text.parse().unwrap();
    let store = &world.opened.center.ports().store;
    let row = store.appointment(world.business, id).await.unwrap().unwrap();
    let now = row.created_at;
    let moved = Appointment {
        version: row.version + 1,
        starts_at: now.minus(std::time::Duration::from_secs(7_200)),
        ..row
    };
    let mut commit = Commit::new(world.business, now);
    commit.changes.push(Change::PutAppointment(Box::new(moved)));
    store.commit(commit).await.unwrap();
    text
}

#[tokio::test]
async fn a_visit_took_place_or_nobody_was_there() {
    let world = World::new("api-attend").await;
    let key = world.key("owner").await;
    let id = begun(&world, &key).await;
    let path = world.path(&format!("/appointments/{id}"));
    let say = async |key: &str, status: &str| {
        let body = json!({ "status": status });
        world.with_key(key, "PATCH", &path, Some(body)).await
    };
    for (status, times) in [("completed", 2), ("no_show", 2), ("completed", 1)] {
        for _ in 0..times {
            assert_eq!(say(&key, status).await.ok()["status"], status);
        }
    }
    assert_eq!(say(&key, "cancelled").await.body["errors"][0]["field"], "/status");
    let staff = world.key("staff").await;
    assert_eq!(say(&staff, "completed").await.code(), "forbidden");
    let listed = world
        .with_key(&key, "GET", &world.path("/appointments?status=completed"), None)
        .await
        .ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);

    // What lies ahead has not taken place.
    let availability = world
        .with_key(&key, "GET", &world.path("/availability"), None)
        .await
        .ok();
    let wish = json!({ "start": starts(&availability)[0], "customer_name": "Jo" });
    let ahead = world
        .with_key(&key, "POST", &world.path("/appointments"), Some(wish))
        .await
        .ok();
    let path = world.path(&format!("/appointments/{}", ahead["id"].as_str().unwrap()));
    let refused = world
        .with_key(&key, "PATCH", &path, Some(json!({ "status": "completed" })))
        .await;
    assert_eq!(
        (refused.status.as_u16(), refused.code()),
        (409, "refused"),
        "{}",
        refused.text
    );
}
