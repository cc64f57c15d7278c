//! What Cal.com does that a contract does not ask about: owners who have to confirm, versions, moves and races.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::time::Duration;

use mccc_calendar::calcom::{CalcomCalendar, CalcomConfig};
use mccc_core::port::{
    BusyQuery, CalendarProvider, Customer, ErrorKind, EventKey, EventLookup, EventState, NewEvent, PortError, Retry,
    TimeRange, When,
};
use mccc_core::testkit::build;
use mccc_core::{AppointmentId, Secret, Timestamp};
use mccc_test::calcom::{Trouble, WireCalcom};
use mccc_test::google::Lost;
use mccc_test::scripted::Reply;
use serde_json::{Value, json};
use support::{limits, transport};

const KEY: &str = "cal_live_1";
const HOUR: Duration = Duration::from_secs(3_600);

fn account() -> (WireCalcom, CalcomCalendar) {
    account_with(|_| ())
}

fn account_with(change: fn(&mut CalcomConfig)) -> (WireCalcom, CalcomCalendar) {
    let wire = WireCalcom::start(KEY, 77).unwrap();
    let mut config = CalcomConfig::new(Secret::new(KEY), 77);
    config.api_base_url = wire.base_url();
    change(&mut config);
    let calendar = CalcomCalendar::new(config, transport(limits())).unwrap();
    (wire, calendar)
}

fn hour(n: u32) -> TimeRange {
    TimeRange::of(Timestamp::parse("2026-11-24T15:00:00Z").unwrap().plus(HOUR * n), HOUR)
}

fn appointment(n: u32) -> NewEvent {
    NewEvent {
        calendar: "77".to_owned(),
        appointment: AppointmentId::derive(build::START, &n.to_string()),
        attempt: 0,
        business: build::business("Acme"),
        range: hour(n),
        zone: build::zone("America/Chicago"),
        title: "Leak: Jo".to_owned(),
        location: Some("12 Elm St\nAustin".to_owned()),
        customer: Customer {
            name: None,
            phone: Some(build::phone(1)),
            email: None,
        },
        issue: Some("x".repeat(5_000)),
        source: "s".repeat(900),
    }
}

fn verdict<T>(result: Result<T, PortError>) -> (ErrorKind, Retry) {
    match result {
        Ok(_) => panic!("it was called a success"),
        Err(error) => (error.kind(), error.retry()),
    }
}

fn day() -> TimeRange {
    TimeRange {
        start: hour(0).start,
        end: hour(3).end,
    }
}

#[tokio::test]
async fn a_booking_that_waits_for_its_owner_is_only_requested() {
    let (wire, calendar) = account();
    wire.set_trouble(Trouble::Pending);
    let made = calendar.create(&appointment(1)).await.unwrap();
    assert_eq!(made.state, EventState::Pending);
    let free = calendar
        .slots()
        .unwrap()
        .free_times("77", day(), HOUR, None)
        .await
        .unwrap();
    assert_eq!(free, [hour(0), hour(2), hour(3)], "it takes the time all the same");
    assert_eq!(calendar.create(&appointment(1)).await.unwrap(), made);
}

#[tokio::test]
async fn a_booking_carries_its_appointment_and_fits_their_limits() {
    let (wire, calendar) = account_with(|config| config.length_is_chosen = true);
    let event = appointment(1);
    calendar.create(&event).await.unwrap();
    let metadata = &wire.bookings()[0].metadata;
    assert_eq!(metadata["mccc_appointment"], event.appointment.to_string());
    assert_eq!(metadata["mccc_source"].as_str().unwrap().len(), 500);
    let requests = wire.server().requests();
    let body: Value = serde_json::from_slice(&requests.last().unwrap().body).unwrap();
    assert_eq!(body["lengthInMinutes"], 60);
    assert_eq!(body["attendee"]["name"], "Unknown");
    assert_eq!(body["attendee"]["phoneNumber"], "+15122000001");
    assert!(body["attendee"].get("email").is_none());
    assert_eq!(
        body["location"],
        json!({ "type": "attendeeAddress", "address": "12 Elm St Austin" })
    );
}

#[tokio::test]
async fn every_request_names_the_version_of_its_answer() {
    let (wire, calendar) = account();
    let made = calendar.create(&appointment(1)).await.unwrap();
    let key = EventKey {
        provider_event: Some(made.provider_event),
        ..appointment(1).key()
    };
    calendar.move_event(&key, hour(2), None).await.unwrap();
    calendar
        .slots()
        .unwrap()
        .free_times("77", day(), HOUR, Some(&key))
        .await
        .unwrap();
    calendar.calendars().await.unwrap();
    calendar.cancel(&key).await.unwrap();
    for request in wire.server().requests() {
        let expected = match request.path().split('/').nth(2).unwrap() {
            "slots" => "2024-09-04",
            "bookings" => "2024-08-13",
            "event-types" => "2024-06-14",
            other => panic!("{other} was asked"),
        };
        assert_eq!(request.header("cal-api-version"), Some(expected), "{}", request.target);
        assert_eq!(request.header("authorization"), Some("Bearer cal_live_1"));
    }
}

#[tokio::test]
async fn another_form_of_answer_is_not_an_empty_week() {
    let (wire, calendar) = account();
    for answer in [
        r#"{"status":"success","data":{"slots":{}}}"#,
        r#"{"status":"success","data":{"slots":{"2026-11-24":[{"time":"2026-11-24T15:00:00Z"}]}}}"#,
        r#"{"status":"success","data":{"2026-11-24":[{"start":"2026-11-24T15:00:00Z"}]}}"#,
        r#"{"status":"success","data":null}"#,
        r#"{"status":"error","data":{}}"#,
        r#"{"data":{}}"#,
        "{}",
        "[]",
        r#"["success",{}]"#,
        r#"{"status":"error","error":{"code":500}}"#,
    ] {
        wire.server().script("GET", "/v2/slots", [Reply::json(200, answer)]);
        let free = calendar.slots().unwrap().free_times("77", day(), HOUR, None).await;
        assert_eq!(verdict(free), (ErrorKind::Protocol, Retry::Backoff), "{answer}");
    }
    let answer = r#"{"status":"success","data":{}}"#;
    wire.server().script("GET", "/v2/slots", [Reply::json(200, answer)]);
    let free = calendar
        .slots()
        .unwrap()
        .free_times("77", day(), HOUR, None)
        .await
        .unwrap();
    assert_eq!(free, [], "days without any are absent");
}

#[tokio::test]
async fn free_times_are_those_that_were_asked_for_in_order() {
    let (wire, calendar) = account();
    let answer = json!({ "status": "success", "data": {
        "2026-11-25": [{ "start": "2026-11-25T09:00:00.000+01:00", "end": "2026-11-25T10:00:00.000+01:00" }],
        "2026-11-24": [
            { "start": "2026-11-24T17:00:00.000+01:00", "end": "2026-11-24T18:00:00.000+01:00", "seatsBooked": 1 },
            { "start": "2026-11-24T16:00:00.000+01:00", "end": "2026-11-24T17:00:00.000+01:00" },
            { "start": "2026-11-24T16:00:00.000+01:00", "end": "2026-11-24T17:00:00.000+01:00" }],
    } });
    wire.server()
        .script("GET", "/v2/slots", [Reply::json(200, &answer.to_string())]);
    let free = calendar
        .slots()
        .unwrap()
        .free_times("77", day(), HOUR, None)
        .await
        .unwrap();
    assert_eq!(free, [hour(0), hour(1)]);
}

#[tokio::test]
async fn a_booking_is_followed_to_where_its_owner_moved_it() {
    let (wire, calendar) = account_with(|config| config.owner_email = Some("mike@example.com".to_owned()));
    let event = appointment(1);
    let made = calendar.create(&event).await.unwrap();
    assert!(wire.drag(&made.provider_event, hour(5).start.to_jiff()));
    let moved_to = wire.bookings()[0].uid.clone();
    assert!(wire.drag(&moved_to, hour(6).start.to_jiff()));
    let EventLookup::There(found) = calendar.event(&event.key()).await.unwrap() else {
        panic!("it is not found");
    };
    assert_eq!(found.when, When::Instants(hour(6)));
    let moved = calendar.move_event(&event.key(), hour(2), None).await.unwrap();
    assert_eq!(moved.when, When::Instants(hour(2)));
    let requests = wire.server().requests();
    let sent: Value = serde_json::from_slice(&requests.last().unwrap().body).unwrap();
    assert_eq!(sent["rescheduledBy"], "mike@example.com");
    // Cancelled in the end, it is gone by every identifier that it had.
    assert!(wire.cancel(&moved.provider_event));
    for uid in [made.provider_event, found.provider_event, moved.provider_event] {
        let key = EventKey {
            provider_event: Some(uid),
            ..event.key()
        };
        assert_eq!(calendar.event(&key).await.unwrap(), EventLookup::Gone);
    }
}

#[tokio::test]
async fn a_booking_that_another_process_made_first_is_ours() {
    let (wire, calendar) = account();
    let event = appointment(1);
    let none = json!({ "status": "success", "data": [], "pagination": { "hasNextPage": false } });
    let made = calendar.create(&event).await.unwrap();
    // This one looked before the other had booked.
    wire.server()
        .script("GET", "/v2/bookings", [Reply::json(200, &none.to_string())]);
    assert_eq!(calendar.create(&event).await.unwrap(), made);
    // Somebody else's booking is not.
    wire.server()
        .script("GET", "/v2/bookings", [Reply::json(200, &none.to_string())]);
    let other = NewEvent {
        range: event.range,
        ..appointment(2)
    };
    assert_eq!(
        verdict(calendar.create(&other).await),
        (ErrorKind::Conflict, Retry::Never)
    );
    assert_eq!(wire.bookings().len(), 1);
}

#[tokio::test]
async fn a_booking_is_found_on_any_page() {
    let (wire, calendar) = account();
    // Several appointments in one hour, as only the owner can make them.
    for n in 2..9 {
        let event = NewEvent {
            range: hour(0),
            ..appointment(n)
        };
        let made = calendar.create(&event).await.unwrap();
        assert!(wire.cancel(&made.provider_event));
    }
    let made = calendar.create(&appointment(0)).await.unwrap();
    assert_eq!(
        calendar.event(&appointment(0).key()).await.unwrap(),
        EventLookup::There(made)
    );
    assert_eq!(
        calendar.event(&appointment(99).key()).await.unwrap(),
        EventLookup::Absent
    );
}

#[tokio::test]
async fn a_booking_is_as_long_as_its_event_type_says_and_is_found_all_the_same() {
    for minutes in [15, 90, 480] {
        let (wire, calendar) = account();
        wire.set_length(minutes);
        assert_eq!(calendar.event_type().await.unwrap().minutes, Some(minutes));
        wire.set_trouble(Trouble::LoseChanges(Lost::HangUp));
        let lost = calendar.create(&appointment(1)).await;
        assert_eq!(verdict(lost), (ErrorKind::Unavailable, Retry::Unknown));
        wire.set_trouble(Trouble::None);
        let EventLookup::There(found) = calendar.event(&appointment(1).key()).await.unwrap() else {
            panic!("a booking of {minutes} minutes is not found");
        };
        let length = Duration::from_secs(u64::from(minutes) * 60);
        assert_eq!(found.when, When::Instants(TimeRange::of(hour(1).start, length)));
        // It is where it should be, whatever its length: nothing is moved, and nothing is booked once more.
        let requests = wire.server().requests().len();
        let same = calendar.move_event(&appointment(1).key(), hour(1), None).await.unwrap();
        assert_eq!((same, wire.server().requests().len()), (found.clone(), requests + 1));
        assert_eq!(calendar.create(&appointment(1)).await.unwrap(), found);
        assert_eq!(wire.bookings().len(), 1);
    }
    let (_wire, calendar) = account_with(|config| config.length_is_chosen = true);
    assert_eq!(calendar.event_type().await.unwrap().minutes, None, "the booking says");
}

#[tokio::test]
async fn a_time_that_is_gone_cannot_be_moved_to() {
    let (wire, calendar) = account();
    let made = calendar.create(&appointment(1)).await.unwrap();
    calendar.create(&appointment(2)).await.unwrap();
    let key = appointment(1).key();
    assert_eq!(
        verdict(calendar.move_event(&key, hour(2), None).await),
        (ErrorKind::Conflict, Retry::Never)
    );
    assert_eq!(calendar.event(&key).await.unwrap(), EventLookup::There(made));
    assert_eq!(wire.bookings().len(), 2);
}

#[tokio::test]
async fn what_is_taken_is_not_said() {
    let (wire, calendar) = account();
    let query = BusyQuery {
        range: day(),
        booked: "77".to_owned(),
        conflicts: Vec::new(),
    };
    assert_eq!(
        verdict(calendar.busy(&query).await),
        (ErrorKind::Unsupported, Retry::Never)
    );
    assert!(wire.server().requests().is_empty());
}

#[tokio::test]
async fn a_caller_does_not_wait_for_slow_calendars() {
    let (wire, calendar) = account();
    wire.server().always("GET", "/v2/slots", Reply::silence());
    let free = calendar.slots().unwrap().free_times("77", day(), HOUR, None).await;
    assert_eq!(verdict(free), (ErrorKind::Unavailable, Retry::Backoff));
}
