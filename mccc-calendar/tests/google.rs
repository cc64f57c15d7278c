//! What Google does that a contract does not ask about: permissions, tokens, pages, limits, and the contractor's hands.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::join_all;
use mccc_calendar::google::connect::{
    ConnectError, GoogleConnect, NEW_CALENDAR_SCOPE, Redirect, SCOPES, may_create_calendars,
};
use mccc_calendar::google::tokens::TokenKeeper;
use mccc_calendar::google::{GoogleCalendar, event_id};
use mccc_core::port::{
    Access, BusyQuery, BusyReason, CalendarCreation, CalendarProvider, CalendarWish, Clock, Customer, ErrorKind,
    EventKey, EventLookup, NewEvent, PortError, Retry, TimeRange, When,
};
use mccc_core::testkit::{ManualClock, SeededEntropy, build};
use mccc_core::{AppointmentId, Secret, Timestamp};
use mccc_test::google::{Trouble, WireGoogle};
use mccc_test::scripted::Reply;
use serde_json::json;
use support::{
    ALL_SCOPES, GOOGLE_SCOPES, Keeper, connected, connected_with_all, google_config, limits, tokens, transport,
};

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn range(start: &str, end: &str) -> TimeRange {
    TimeRange {
        start: at(start),
        end: at(end),
    }
}

fn query(start: &str, end: &str) -> BusyQuery {
    BusyQuery {
        range: range(start, end),
        booked: WireGoogle::PRIMARY.to_owned(),
        conflicts: Vec::new(),
    }
}

fn appointment() -> NewEvent {
    NewEvent {
        calendar: WireGoogle::PRIMARY.to_owned(),
        appointment: AppointmentId::derive(build::START, "appointment"),
        attempt: 0,
        business: build::business("Acme"),
        range: range("2026-11-24T15:00:00Z", "2026-11-24T16:00:00Z"),
        zone: build::zone("America/Chicago"),
        title: "Leak: Jo".to_owned(),
        location: None,
        customer: Customer {
            name: Some("Jo".to_owned()),
            phone: Some(build::phone(1)),
            email: Some("jo@example.com".to_owned()),
        },
        issue: None,
        source: "Missed Call - Text".to_owned(),
    }
}

fn account() -> (WireGoogle, GoogleCalendar) {
    let wire = WireGoogle::start().unwrap();
    let (access, refresh) = wire.grant(&GOOGLE_SCOPES);
    let calendar = connected(&wire, &access, &refresh, limits());
    (wire, calendar)
}

fn verdict<T>(result: Result<T, PortError>) -> (ErrorKind, Retry) {
    match result {
        Ok(_) => panic!("it was called a success"),
        Err(error) => (error.kind(), error.retry()),
    }
}

mod connecting {
    use super::*;

    fn connect(wire: &WireGoogle) -> GoogleConnect {
        GoogleConnect::new(google_config(wire), transport(limits())).unwrap()
    }

    fn back(code: &str, state: &Secret) -> Redirect {
        Redirect {
            code: Some(Secret::new(code)),
            state: Some(state.reveal().to_owned()),
            error: None,
        }
    }

    #[tokio::test]
    async fn a_contractor_who_agrees_is_connected() {
        let wire = WireGoogle::start().unwrap();
        let clock = ManualClock::shared();
        let attempt = connect(&wire).begin(&SeededEntropy::new(1), "ace", Some("mike@example.com"), &[]);
        for part in [
            "prompt=consent",
            "login_hint=mike%40example.com",
            "include_granted_scopes=true",
        ] {
            assert!(attempt.url.contains(part), "{}", attempt.url);
        }
        let code = wire.consent(&attempt.url, &[]).unwrap();
        let redirect = back(&code, &attempt.state);
        let tokens = connect(&wire).finish(&attempt, &redirect, &*clock).await.unwrap();
        assert_eq!(tokens.scopes, SCOPES);
        assert_eq!(tokens.expires_at, clock.now().plus(Duration::from_secs(3_599)));
        let calendar = GoogleCalendar::new(
            google_config(&wire),
            transport(limits()),
            clock,
            tokens.clone(),
            Arc::new(Keeper::default()),
        );
        assert!(calendar.unwrap().calendars().await.is_ok());
        // The code was used.
        let again = connect(&wire)
            .finish(&attempt, &redirect, &*ManualClock::shared())
            .await;
        assert!(matches!(again, Err(ConnectError::NotOurs)), "{again:?}");
        // And given back, also twice.
        for _ in 0..2 {
            connect(&wire).revoke(&tokens.access).await.unwrap();
        }
        assert!(!wire.is_granted(tokens.refresh.reveal()));
    }

    #[tokio::test]
    async fn one_permission_is_not_enough_and_is_given_back() {
        let wire = WireGoogle::start().unwrap();
        for missing in SCOPES {
            let attempt = connect(&wire).begin(&SeededEntropy::new(1), "ace", None, &[NEW_CALENDAR_SCOPE]);
            let code = wire.consent(&attempt.url, &[missing]).unwrap();
            let result = connect(&wire)
                .finish(&attempt, &back(&code, &attempt.state), &*ManualClock::shared())
                .await;
            let error = result.unwrap_err();
            assert_eq!(
                error.to_string(),
                "We need both calendar permissions to check your availability and book appointments. Please try again \
                 and grant all permissions."
            );
            let given = wire.server().requests();
            assert_eq!(
                given.last().map(|request| request.path().to_owned()).as_deref(),
                Some("/revoke")
            );
        }
    }

    #[tokio::test]
    async fn a_calendar_of_its_own_is_asked_for_only_when_wanted_and_may_be_left_unticked() {
        let wire = WireGoogle::start().unwrap();
        let plain = connect(&wire).begin(&SeededEntropy::new(1), "ace", None, &[]);
        assert!(!plain.url.contains("calendar.app.created"), "{}", plain.url);
        let more = connect(&wire).begin(&SeededEntropy::new(2), "ace", None, &[NEW_CALENDAR_SCOPE]);
        for (unticked, may) in [(vec![NEW_CALENDAR_SCOPE], false), (Vec::new(), true)] {
            let code = wire.consent(&more.url, &unticked).unwrap();
            let tokens = connect(&wire)
                .finish(&more, &back(&code, &more.state), &*ManualClock::shared())
                .await
                .unwrap();
            assert_eq!(may_create_calendars(&tokens.scopes), may, "{:?}", tokens.scopes);
        }
        for (scope, may) in [
            ("https://www.googleapis.com/auth/calendar", true),
            ("https://www.googleapis.com/auth/calendar.calendars", true),
            ("https://www.googleapis.com/auth/calendar.calendars.readonly", false),
            (SCOPES[1], false),
        ] {
            assert_eq!(may_create_calendars(&[scope.to_owned()]), may, "{scope}");
        }
    }

    #[tokio::test]
    async fn what_a_connection_may_live_on_is_not_given_back() {
        let wire = WireGoogle::start().unwrap();
        let attempt = connect(&wire).begin(&SeededEntropy::new(1), "ace", Some("mike@example.com"), &[]);
        assert!(attempt.connected);
        let code = wire.consent(&attempt.url, &[SCOPES[0]]).unwrap();
        let result = connect(&wire)
            .finish(&attempt, &back(&code, &attempt.state), &*ManualClock::shared())
            .await;
        assert!(matches!(result, Err(ConnectError::MissingScopes)), "{result:?}");
        let requests = wire.server().requests();
        assert!(requests.iter().all(|request| request.path() != "/revoke"));
    }

    #[tokio::test]
    async fn a_way_back_that_is_not_ours_leads_nowhere() {
        let wire = WireGoogle::start().unwrap();
        let connect = connect(&wire);
        let (mine, other) = (
            connect.begin(&SeededEntropy::new(1), "ace", None, &[]),
            connect.begin(&SeededEntropy::new(2), "ace", None, &[]),
        );
        assert!(mine.state.reveal() != other.state.reveal() && mine.verifier.reveal() != other.verifier.reveal());
        let clock = ManualClock::shared();
        let code = wire.consent(&mine.url, &[]).unwrap();
        let asked = wire.server().requests().len();
        for redirect in [
            back(&code, &other.state),
            Redirect::default(),
            Redirect {
                state: None,
                ..back(&code, &mine.state)
            },
        ] {
            let result = connect.finish(&mine, &redirect, &*clock).await;
            assert!(matches!(result, Err(ConnectError::NotOurs)), "{result:?}");
        }
        for (word, declined) in [("access_denied", true), ("admin_policy_enforced", false)] {
            let redirect = Redirect {
                error: Some(word.to_owned()),
                ..back(&code, &mine.state)
            };
            let result = connect.finish(&mine, &redirect, &*clock).await.unwrap_err();
            assert_eq!(matches!(result, ConnectError::Declined), declined, "{result:?}");
        }
        assert_eq!(wire.server().requests().len(), asked, "nobody was asked");
        // A stolen code is of no use without its proof.
        let stolen = connect.finish(&other, &back(&code, &other.state), &*clock).await;
        assert!(matches!(stolen, Err(ConnectError::NotOurs)), "{stolen:?}");
    }

    #[tokio::test]
    async fn access_that_does_not_last_is_no_connection() {
        let wire = WireGoogle::start().unwrap();
        let attempt = connect(&wire).begin(&SeededEntropy::new(1), "ace", None, &[]);
        let scope = SCOPES.join(" ");
        let answer = json!({ "access_token": "a", "expires_in": 3599, "scope": scope }).to_string();
        wire.server().script("POST", "/token", [Reply::json(200, &answer)]);
        let result = connect(&wire)
            .finish(&attempt, &back("c", &attempt.state), &*ManualClock::shared())
            .await;
        assert!(matches!(result, Err(ConnectError::NoRefreshToken)), "{result:?}");
        wire.server()
            .script("POST", "/token", [Reply::json(401, r#"{"error":"invalid_client"}"#)]);
        let result = connect(&wire)
            .finish(&attempt, &back("c", &attempt.state), &*ManualClock::shared())
            .await;
        let Err(ConnectError::Provider(error)) = result else {
            panic!("{result:?}");
        };
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    }
}

mod refreshing {
    use super::*;

    struct Account {
        wire: WireGoogle,
        clock: Arc<ManualClock>,
        keeper: Arc<Keeper>,
        calendar: GoogleCalendar,
    }

    fn account(life: Duration) -> Account {
        let wire = WireGoogle::start().unwrap();
        let (access, refresh) = wire.grant(&GOOGLE_SCOPES);
        let (clock, keeper) = (ManualClock::shared(), Arc::new(Keeper::default()));
        let calendar = GoogleCalendar::new(
            google_config(&wire),
            transport(limits()),
            Arc::clone(&clock) as Arc<dyn Clock>,
            tokens(&access, &refresh, life),
            Arc::clone(&keeper) as _,
        );
        Account {
            wire,
            clock,
            keeper,
            calendar: calendar.unwrap(),
        }
    }

    #[tokio::test]
    async fn a_token_is_refreshed_before_it_ends_and_once_for_all_who_wait() {
        let account = account(Duration::from_secs(3_600));
        account.calendar.calendars().await.unwrap();
        assert_eq!(account.wire.refreshes(), 0);
        account.clock.advance(Duration::from_secs(3_600 - 299));
        let answers = join_all((0..8).map(|_| account.calendar.calendars())).await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        assert_eq!(account.wire.refreshes(), 1);
        assert_eq!(account.keeper.kept.load(Ordering::SeqCst), 1);
        account.clock.advance(Duration::from_secs(3_000));
        account.calendar.calendars().await.unwrap();
        assert_eq!(account.wire.refreshes(), 1, "the new one lives on");
    }

    #[tokio::test]
    async fn a_token_that_ends_between_look_and_use_is_replaced_once() {
        let account = account(Duration::from_secs(3_600));
        account.wire.expire_access();
        let answers = join_all((0..8).map(|_| account.calendar.calendars())).await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        assert_eq!(account.wire.refreshes(), 1, "one refresh for all who were refused");
        let made = account.calendar.create(&appointment()).await.unwrap();
        assert_eq!(made.when, When::Instants(appointment().range));
    }

    #[tokio::test]
    async fn two_processes_refresh_once_and_both_go_by_what_was_kept() {
        let wire = WireGoogle::start().unwrap();
        let (clock, keeper) = (ManualClock::shared(), Arc::new(Keeper::default()));
        let (access, refresh) = wire.grant(&GOOGLE_SCOPES);
        let process = || {
            GoogleCalendar::new(
                google_config(&wire),
                transport(limits()),
                Arc::clone(&clock) as _,
                tokens(&access, &refresh, Duration::from_secs(3_600)),
                Arc::clone(&keeper) as _,
            )
            .unwrap()
        };
        let (first, second) = (process(), process());
        clock.advance(Duration::from_secs(3_600 - 299));
        first.calendars().await.unwrap();
        second.calendars().await.unwrap();
        assert_eq!(wire.refreshes(), 1, "the second goes by what the first was given");
        // Connected anew, as by a refresh token that was replaced: the old one is of no use any more.
        wire.revoke();
        let (access, refresh) = wire.grant(&GOOGLE_SCOPES);
        let fresh = tokens(&access, &refresh, Duration::from_secs(7_200));
        TokenKeeper::keep(&*keeper, &fresh).await.unwrap();
        for process in [&first, &second] {
            process.calendars().await.unwrap();
        }
        assert_eq!(wire.refreshes(), 1, "nobody asks with a token that was replaced");
    }

    #[tokio::test]
    async fn a_permission_that_is_gone_is_not_asked_for_again() {
        let account = account(Duration::from_secs(3_600));
        account.wire.revoke();
        let gone = (ErrorKind::ReconnectRequired, Retry::Never);
        assert_eq!(verdict(account.calendar.calendars().await), gone);
        let asked = account.wire.server().requests().len();
        assert_eq!(
            verdict(
                account
                    .calendar
                    .busy(&query("2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z"))
                    .await
            ),
            gone
        );
        assert_eq!(verdict(account.calendar.create(&appointment()).await), gone);
        assert_eq!(account.wire.server().requests().len(), asked);
    }

    #[tokio::test]
    async fn a_refresh_that_fails_for_now_uses_what_is_left() {
        let account = account(Duration::from_secs(200));
        account.wire.server().always("POST", "/token", Reply::status(503));
        account.calendar.calendars().await.unwrap();
        account.clock.advance(Duration::from_secs(201));
        assert_eq!(
            verdict(account.calendar.create(&appointment()).await),
            (ErrorKind::Unavailable, Retry::Backoff),
            "nothing was created"
        );
        assert!(account.wire.events().is_empty());
    }

    #[tokio::test]
    async fn a_permission_without_the_calendar_asks_for_both() {
        let wire = WireGoogle::start().unwrap();
        let (access, refresh) = wire.grant(&SCOPES[1..]);
        let calendar = connected(&wire, &access, &refresh, limits());
        let error = calendar.calendars().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.retry()),
            (ErrorKind::ReconnectRequired, Retry::Never)
        );
        assert!(error.reason().unwrap().starts_with("We need both calendar permissions"));
    }
}

mod reading {
    use super::*;

    const DAY: (&str, &str) = ("2027-06-08T05:00:00Z", "2027-06-13T05:00:00Z");

    #[tokio::test]
    async fn an_event_blocks_by_googles_rules() {
        let (wire, calendar) = account();
        let day = |day: u8, rest: serde_json::Value| {
            let mut event = json!({
                "id": format!("event{day:02}"), "status": "confirmed", "summary": "Private",
                "start": { "dateTime": format!("2027-06-{day:02}T09:00:00-05:00") },
                "end": { "dateTime": format!("2027-06-{day:02}T10:00:00-05:00") },
            });
            event.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            wire.put(WireGoogle::PRIMARY, event);
        };
        day(8, json!({ "eventType": "focusTime", "visibility": "private" }));
        day(9, json!({ "eventType": "workingLocation", "transparency": "opaque" }));
        day(
            10,
            json!({ "attendees": [{ "self": true, "responseStatus": "needsAction" }] }),
        );
        day(11, json!({ "eventType": "fromGmail" }));
        // Zero length: takes no time by itself, but its buffers do.
        day(12, json!({ "end": { "dateTime": "2027-06-12T09:00:00-05:00" } }));
        wire.put(
            WireGoogle::PRIMARY,
            json!({ "id": "series_20270608T140000Z", "status": "cancelled", "recurringEventId": "series",
                    "originalStartTime": { "dateTime": "2027-06-08T09:00:00-05:00" } }),
        );
        let busy = calendar.busy(&query(DAY.0, DAY.1)).await.unwrap();
        let reasons: Vec<BusyReason> = busy.entries.iter().map(|entry| entry.reason).collect();
        let expected = [
            BusyReason::Focus,
            BusyReason::Tentative,
            BusyReason::Event,
            BusyReason::Event,
        ];
        assert_eq!(reasons, expected);
        assert_eq!(busy.entries[0].title.as_deref(), Some("Private"));
        assert!(!format!("{busy:?}").contains("Private"));
    }

    #[tokio::test]
    async fn a_vacation_is_read_though_the_day_begins_elsewhere() {
        let (wire, calendar) = account();
        // A day of the business in Auckland is another stretch of time than Google's day in Chicago.
        wire.put(
            WireGoogle::PRIMARY,
            json!({ "id": "vacation", "start": { "date": "2027-06-10" }, "end": { "date": "2027-06-11" } }),
        );
        let zone = build::zone("Pacific/Auckland");
        let day = zone.start_of("2027-06-10".parse().unwrap());
        let early = TimeRange::of(day, Duration::from_secs(3_600));
        let asked = BusyQuery {
            range: early,
            ..query(DAY.0, DAY.1)
        };
        let busy = calendar.busy(&asked).await.unwrap();
        assert_eq!(busy.entries.len(), 1);
        assert!(busy.entries[0].when.in_zone(&zone).overlaps(&early));
    }

    #[tokio::test]
    async fn an_event_whose_time_nobody_can_tell_is_no_free_time() {
        let day = query(DAY.0, DAY.1);
        for time in [
            json!({ "start": {}, "end": {} }),
            json!({ "start": { "date": "2027-06-10" }, "end": { "dateTime": "2027-06-10T10:00:00Z" } }),
            json!({ "start": { "dateTime": "2027-06-10T10:00:00" }, "end": { "dateTime": "2027-06-10T11:00:00" } }),
            json!({}),
        ] {
            let (wire, calendar) = account();
            let mut event = json!({ "id": "x", "status": "confirmed" });
            event.as_object_mut().unwrap().extend(time.as_object().unwrap().clone());
            let page = json!({ "kind": "calendar#events", "items": [event] }).to_string();
            wire.server()
                .always("GET", "/calendar/v3/calendars/*", Reply::json(200, &page));
            assert_eq!(
                verdict(calendar.busy(&day).await),
                (ErrorKind::Protocol, Retry::Backoff),
                "{time}"
            );
        }
    }

    #[tokio::test]
    async fn errors_within_an_answer_of_success_are_errors() {
        let (wire, calendar) = account();
        let asked = BusyQuery {
            conflicts: vec![WireGoogle::FAMILY.to_owned()],
            ..query(DAY.0, DAY.1)
        };
        let family = |answer: serde_json::Value| {
            json!({ "kind": "calendar#freeBusy", "calendars": { WireGoogle::FAMILY: answer } }).to_string()
        };
        let error = |reason: &str| family(json!({ "errors": [{ "domain": "global", "reason": reason }], "busy": [] }));
        let answers = [
            (error("internalError"), (ErrorKind::Unavailable, Retry::Backoff)),
            (error("groupTooBig"), (ErrorKind::Unavailable, Retry::Backoff)),
            (error("aNewReason"), (ErrorKind::Unavailable, Retry::Backoff)),
            (error("notFound"), (ErrorKind::NotFound, Retry::Never)),
            (family(json!({})), (ErrorKind::Protocol, Retry::Backoff)),
            (family(json!([])), (ErrorKind::Protocol, Retry::Backoff)),
            (
                json!({ "kind": "calendar#freeBusy", "calendars": {} }).to_string(),
                (ErrorKind::Protocol, Retry::Backoff),
            ),
            (
                json!({ "kind": "calendar#freeBusy", "error": { "code": 500 },
                    "calendars": { WireGoogle::FAMILY: { "busy": [] } } })
                .to_string(),
                (ErrorKind::Protocol, Retry::Backoff),
            ),
        ];
        for (answer, expected) in answers {
            wire.server()
                .script("POST", "/calendar/v3/freeBusy", [Reply::json(200, &answer)]);
            assert_eq!(verdict(calendar.busy(&asked).await), expected, "{answer}");
        }
        let busy = family(json!({ "busy": [{ "start": "2027-06-08T14:00:00Z", "end": "2027-06-08T15:30:00Z" }] }));
        wire.server()
            .script("POST", "/calendar/v3/freeBusy", [Reply::json(200, &busy)]);
        let busy = calendar.busy(&asked).await.unwrap();
        assert_eq!(
            busy.entries[0].when,
            When::Instants(range("2027-06-08T14:00:00Z", "2027-06-08T15:30:00Z"))
        );
    }

    #[tokio::test]
    async fn the_booked_calendar_is_not_told_twice() {
        let (wire, calendar) = account();
        calendar.create(&appointment()).await.unwrap();
        let asked = BusyQuery {
            conflicts: vec![
                WireGoogle::PRIMARY.to_owned(),
                WireGoogle::FAMILY.to_owned(),
                WireGoogle::FAMILY.to_owned(),
            ],
            ..query("2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z")
        };
        let family = mccc_test::google::Entered {
            start: "2026-11-24T20:00:00Z".to_owned(),
            end: "2026-11-24T21:00:00Z".to_owned(),
            status: "confirmed",
            free: false,
            declined: false,
        };
        let _id = wire.enter(WireGoogle::FAMILY, &family);
        let busy = calendar.busy(&asked).await.unwrap();
        let found: Vec<_> = busy.entries.iter().map(|entry| entry.reason).collect();
        assert_eq!(found, [BusyReason::Appointment, BusyReason::Times]);
    }

    #[tokio::test]
    async fn what_does_not_say_that_it_is_a_list_is_no_empty_calendar() {
        let (wire, calendar) = account();
        for (path, kind) in [
            ("/calendar/v3/calendars/*", "calendar#events"),
            ("/calendar/v3/users/me/calendarList", "calendar#calendarList"),
        ] {
            for page in [
                json!({}),
                json!([]),
                json!(["calendar#events", []]),
                json!({ "items": [] }),
                json!({ "kind": kind }),
                json!({ "kind": "calendar#acl", "items": [] }),
                json!({ "error": { "code": 500 } }),
                json!({ "kind": kind, "items": [], "error": { "code": 500 } }),
            ] {
                wire.server().script("GET", path, [Reply::json(200, &page.to_string())]);
                let failed = if kind == "calendar#events" {
                    verdict(calendar.busy(&query(DAY.0, DAY.1)).await)
                } else {
                    verdict(calendar.calendars().await)
                };
                assert_eq!(failed, (ErrorKind::Protocol, Retry::Backoff), "{page}");
            }
        }
        assert!(calendar.busy(&query(DAY.0, DAY.1)).await.unwrap().entries.is_empty());
    }

    #[tokio::test]
    async fn a_booked_calendar_that_is_gone_says_what_to_do() {
        let (wire, calendar) = account();
        wire.set_unreadable(WireGoogle::PRIMARY, true);
        let error = calendar.busy(&query(DAY.0, DAY.1)).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::NotFound, Retry::Never));
        assert!(
            error.reason().is_some_and(|why| why.ends_with("Choose again.")),
            "{error:?}"
        );
    }

    #[tokio::test]
    async fn a_list_without_an_end_is_no_answer() {
        let (wire, calendar) = account();
        let page = json!({ "kind": "calendar#events", "items": [], "nextPageToken": "again" }).to_string();
        wire.server()
            .always("GET", "/calendar/v3/calendars/*", Reply::json(200, &page));
        assert_eq!(verdict(calendar.busy(&query(DAY.0, DAY.1)).await).1, Retry::Backoff);
    }

    #[tokio::test]
    async fn a_caller_does_not_wait_longer_for_many_slow_pages() {
        let (wire, calendar) = account();
        let page = json!({ "kind": "calendar#events", "items": [], "nextPageToken": "again" }).to_string();
        // Each page is within the limit of one exchange, all of them together are not.
        let slow = Reply::json(200, &page).after(limits().exchange / 2);
        wire.server().always("GET", "/calendar/v3/calendars/*", slow);
        let failed = calendar.busy(&query(DAY.0, DAY.1)).await;
        assert_eq!(verdict(failed), (ErrorKind::Unavailable, Retry::Backoff));
        assert!(wire.server().requests().len() < 10);
    }

    #[tokio::test]
    async fn calendars_are_listed_with_what_we_may_do() {
        let (_wire, calendar) = account();
        let calendars = calendar.calendars().await.unwrap();
        let found: Vec<_> = calendars
            .iter()
            .map(|calendar| (calendar.name.as_str(), calendar.access, calendar.zone.is_some()))
            .collect();
        // The second has a role and a zone that nobody knows; a deleted one is none.
        assert_eq!(found, [("Work", Access::Write, true), ("Family", Access::Read, false)]);
    }
}

mod creating {
    use super::*;

    fn wish() -> CalendarWish {
        CalendarWish {
            business: build::business("Acme"),
            name: "Appointments".to_owned(),
            zone: build::zone("Europe/Berlin"),
        }
    }

    fn account_with_all() -> (WireGoogle, GoogleCalendar) {
        let wire = WireGoogle::start().unwrap();
        let (access, refresh) = wire.grant(&ALL_SCOPES);
        let calendar = connected_with_all(&wire, (&access, &refresh));
        (wire, calendar)
    }

    fn insertions(wire: &WireGoogle) -> usize {
        let requests = wire.server().requests();
        let insertions = requests
            .iter()
            .filter(|request| request.method == "POST" && request.path() == "/calendar/v3/calendars");
        insertions.count()
    }

    #[tokio::test]
    async fn a_permission_that_is_known_to_be_missing_is_not_tried() {
        let (wire, calendar) = account();
        let refused = calendar.create_calendar(&wish()).await;
        let reason = refused.as_ref().unwrap_err().reason().unwrap();
        assert!(reason.contains("one more permission"), "{reason}");
        assert_eq!(verdict(refused), (ErrorKind::PermissionMissing, Retry::Never));
        assert_eq!(insertions(&wire), 0);
    }

    #[tokio::test]
    async fn a_calendar_says_whose_it_is_in_words() {
        let (wire, calendar) = account_with_all();
        calendar.create_calendar(&wish()).await.unwrap();
        let made = wire.created();
        assert_eq!(
            (made[0]["summary"].as_str(), made[0]["timeZone"].as_str()),
            (Some("Appointments"), Some("Europe/Berlin"))
        );
        let description = made[0]["description"].as_str().unwrap();
        let line = format!("\nmccc-appointments: {}", build::business("Acme"));
        assert!(
            description.starts_with("Appointments that were booked for you.") && description.ends_with(&line),
            "{description}"
        );
    }

    #[tokio::test]
    async fn a_calendar_on_a_late_page_is_found() {
        let (wire, calendar) = account_with_all();
        for n in 0..7 {
            let _theirs = wire.add_calendar(&format!("Calendar {n}"));
        }
        let made = calendar.create_calendar(&wish()).await.unwrap();
        for n in 7..12 {
            let _theirs = wire.add_calendar(&format!("Calendar {n}"));
        }
        assert_eq!(calendar.create_calendar(&wish()).await.unwrap(), made);
        assert_eq!(insertions(&wire), 1);
    }

    #[tokio::test]
    async fn several_at_once_find_one_calendar() {
        let (wire, calendar) = account_with_all();
        // Long enough for all to look before any has created.
        wire.set_delay(Duration::from_millis(50));
        let wish = wish();
        for made in join_all((0..4).map(|_| calendar.create_calendar(&wish))).await {
            made.unwrap();
        }
        assert_eq!(insertions(&wire), 1);
    }

    #[tokio::test]
    async fn refusals_are_told_apart() {
        for (status, reason, expected) in [
            (401, "authError", (ErrorKind::ReconnectRequired, Retry::Never)),
            (403, "forbidden", (ErrorKind::Rejected, Retry::Never)),
            (
                403,
                "quotaExceeded",
                (ErrorKind::RateLimited, Retry::After(Duration::from_secs(4 * 3_600))),
            ),
            (403, "rateLimitExceeded", (ErrorKind::RateLimited, Retry::Backoff)),
            (400, "invalid", (ErrorKind::Rejected, Retry::Never)),
            (500, "backendError", (ErrorKind::Unavailable, Retry::Unknown)),
            (503, "backendError", (ErrorKind::Unavailable, Retry::Unknown)),
        ] {
            let (wire, calendar) = account_with_all();
            let body = json!({ "error": { "code": status, "errors": [{ "reason": reason }] } }).to_string();
            // A refused token is replaced, and the request sent once more.
            let replies = vec![Reply::json(status, &body); if status == 401 { 2 } else { 1 }];
            wire.server().script("POST", "/calendar/v3/calendars", replies);
            let answer = calendar.create_calendar(&wish()).await;
            assert_eq!(verdict(answer), expected, "{status} {reason}");
            assert_eq!(wire.created().len(), 0);
        }
    }
}

mod writing {
    use super::*;

    #[tokio::test]
    async fn an_event_says_who_what_and_how() {
        let (wire, calendar) = account();
        let event = appointment();
        let made = calendar.create(&event).await.unwrap();
        assert_eq!(made.provider_event, event_id(event.appointment, 0));
        assert!(made.link.unwrap().starts_with("https://"));
        let stored = &wire.events()[0].event;
        assert_eq!(
            stored["description"],
            "Customer: Jo\nPhone: +15122000001\nE-mail: jo@example.com\nSource: Missed Call - Text"
        );
        assert_eq!(stored["start"]["dateTime"], "2026-11-24T09:00:00-06:00");
        assert_eq!(
            stored["extendedProperties"]["private"]["mccc_business"],
            event.business.to_string()
        );
        let sent = wire.server().requests();
        assert!(sent.last().unwrap().target.ends_with("/events?sendUpdates=none"));
    }

    #[tokio::test]
    async fn an_identifier_that_is_somebody_elses_is_a_conflict() {
        let (wire, calendar) = account();
        let event = appointment();
        wire.put(
            WireGoogle::PRIMARY,
            json!({ "id": event_id(event.appointment, 0), "status": "confirmed",
                    "start": { "dateTime": "2026-11-24T09:00:00Z" }, "end": { "dateTime": "2026-11-24T10:00:00Z" },
                    "extendedProperties": { "private": { "mccc_appointment": "appt_00000000000000000000000000000000" } } }),
        );
        assert_eq!(
            verdict(calendar.create(&event).await),
            (ErrorKind::Conflict, Retry::Never)
        );
    }

    #[tokio::test]
    async fn a_duplicate_that_cannot_be_looked_at_stays_in_doubt() {
        let (wire, calendar) = account();
        let event = appointment();
        calendar.create(&event).await.unwrap();
        let path = format!(
            "/calendar/v3/calendars/mike%40example%2Ecom/events/{}",
            event_id(event.appointment, 0)
        );
        for reply in [
            Reply::status(503),
            Reply::status(429),
            Reply::hang_up(),
            Reply::garbage(),
        ] {
            wire.server().script("GET", &path, [reply.clone()]);
            assert_eq!(verdict(calendar.create(&event).await).1, Retry::Unknown, "{reply:?}");
        }
        assert_eq!(wire.server().unused(), 0);
    }

    #[tokio::test]
    async fn whole_days_that_the_contractor_made_of_it_become_a_time_again() {
        let (wire, calendar) = account();
        let event = appointment();
        let made = calendar.create(&event).await.unwrap();
        let days = json!({
            "start": { "date": "2026-11-24", "dateTime": null }, "end": { "date": "2026-11-25", "dateTime": null },
        });
        // As the contractor's own calendar would do it.
        let (access, _) = wire.grant(&GOOGLE_SCOPES);
        let url = format!(
            "{}/calendar/v3/calendars/mike%40example.com/events/{}",
            wire.base_url(),
            made.provider_event
        );
        let client = reqwest::Client::new();
        let patched = client
            .patch(url)
            .bearer_auth(access)
            .body(days.to_string())
            .send()
            .await
            .unwrap();
        assert_eq!(patched.status(), 200);
        let EventLookup::There(seen) = calendar.event(&event.key()).await.unwrap() else {
            panic!("it is gone");
        };
        assert!(matches!(seen.when, When::Days { .. }));
        let to = range("2026-11-25T15:00:00Z", "2026-11-25T16:00:00Z");
        let moved = calendar
            .move_event(&event.key(), to, seen.etag.as_deref())
            .await
            .unwrap();
        assert_eq!(moved.when, When::Instants(to));
    }

    #[tokio::test]
    async fn an_account_that_made_too_much_rests_for_hours() {
        let (wire, calendar) = account();
        wire.set_trouble(Trouble::Refuse {
            status: 403,
            reason: "quotaExceeded",
            wait: None,
        });
        let (kind, retry) = verdict(calendar.create(&appointment()).await);
        assert_eq!(kind, ErrorKind::RateLimited);
        assert!(
            matches!(retry, Retry::After(wait) if wait >= Duration::from_secs(3_600)),
            "{retry:?}"
        );
        wire.set_trouble(Trouble::Refuse {
            status: 403,
            reason: "forbidden",
            wait: None,
        });
        assert_eq!(
            verdict(calendar.create(&appointment()).await),
            (ErrorKind::Rejected, Retry::Never)
        );
    }

    #[tokio::test]
    async fn a_calendar_that_is_gone_is_told() {
        let (wire, calendar) = account();
        wire.set_unreadable(WireGoogle::PRIMARY, true);
        assert_eq!(
            verdict(calendar.create(&appointment()).await),
            (ErrorKind::NotFound, Retry::Never)
        );
        let day = query("2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z");
        assert_eq!(verdict(calendar.busy(&day).await), (ErrorKind::NotFound, Retry::Never));
        let key = EventKey {
            provider_event: Some("../../x".to_owned()),
            ..appointment().key()
        };
        calendar.cancel(&key).await.unwrap();
        let sent = wire.server().requests();
        assert!(sent.last().unwrap().path().ends_with("/events/%2E%2E%2F%2E%2E%2Fx"));
    }
}
