//! Feeds, read as calendars write them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use mccc_calendar::ics::read::{IcsError, Reading, read};
use mccc_core::Timestamp;
use mccc_core::port::{Busy, BusyReason, TimeRange, When};
use mccc_core::zone::Zone;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn window(start: &str, end: &str) -> TimeRange {
    TimeRange {
        start: at(start),
        end: at(end),
    }
}

/// A calendar with these lines between its first and its last.
fn calendar(lines: &str) -> String {
    let lines: Vec<&str> = lines.lines().map(str::trim_start).collect();
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{}\r\nEND:VCALENDAR\r\n",
        lines.join("\r\n")
    )
}

fn event(lines: &str) -> String {
    calendar(&format!(
        "BEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\n{lines}\nEND:VEVENT"
    ))
}

fn read_in(text: &str, window: TimeRange, zone: &str) -> Result<Busy, IcsError> {
    let zone = Zone::parse(zone).unwrap();
    let reading = Reading {
        calendar: "feed",
        window,
        zone: &zone,
        owner: Some("mike@example.com"),
    };
    read(text, &reading)
}

/// November and December 2026, seen from Chicago.
fn found(text: &str) -> Result<Busy, IcsError> {
    read_in(
        text,
        window("2026-11-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        "America/Chicago",
    )
}

/// When each entry takes place, in order.
fn times(text: &str) -> Vec<String> {
    let busy = found(text).unwrap();
    let mut times: Vec<String> = busy
        .entries
        .iter()
        .map(|entry| match entry.when {
            When::Instants(range) => format!("{}/{}", range.start, range.end),
            When::Days { first, until } => format!("{first}/{until}"),
        })
        .collect();
    times.sort();
    times
}

fn starts(text: &str) -> Vec<String> {
    let first = |time: &String| time.split('/').next().unwrap().to_owned();
    times(text).iter().map(first).collect()
}

#[test]
fn each_way_to_write_a_time_is_read() {
    let hour = ["2026-11-24T15:00:00Z/2026-11-24T16:00:00Z"];
    for lines in [
        "DTSTART:20261124T150000Z\nDTEND:20261124T160000Z",
        "DTSTART:20261124T090000\nDTEND:20261124T100000",
        "DTSTART;TZID=America/Chicago:20261124T090000\nDURATION:PT1H",
        "DTSTART;TZID=\"Central Standard Time\":20261124T090000\nDURATION:PT60M",
        "DTSTART;TZID=/mozilla.org/20050126_1/America/New_York:20261124T100000\nDTEND:20261124T160000Z",
        "dtstart;tzid=America/Chicago:20261124T090000\nDuration:PT1H",
    ] {
        assert_eq!(times(&event(lines)), hour, "{lines}");
    }
    // Where clocks changed lately, older zone data is an hour off.
    assert_eq!(
        starts(&event("DTSTART;TZID=America/Vancouver:20261201T080000")),
        ["2026-12-01T15:00:00Z"]
    );
}

#[test]
fn days_are_days() {
    assert_eq!(times(&event("DTSTART;VALUE=DATE:20261124")), ["2026-11-24/2026-11-25"]);
    assert_eq!(
        times(&event("DTSTART;VALUE=DATE:20261124\nDTEND;VALUE=DATE:20261127")),
        ["2026-11-24/2026-11-27"]
    );
    assert_eq!(
        times(&event("DTSTART;VALUE=DATE:20261124\nDURATION:P2D")),
        ["2026-11-24/2026-11-26"]
    );
    // Some write the same day twice.
    assert_eq!(
        times(&event("DTSTART;VALUE=DATE:20261124\nDTEND;VALUE=DATE:20261124")),
        ["2026-11-24/2026-11-25"]
    );
    let free = found(&event(
        "DTSTART;VALUE=DATE:20261124\nTRANSP:TRANSPARENT\nSUMMARY:Holiday",
    ))
    .unwrap();
    assert_eq!((free.entries.len(), free.free_days.len()), (0, 1));
    assert_eq!(free.free_days[0].title.as_deref(), Some("Holiday"));
}

#[test]
fn an_event_at_the_edge_of_the_window_counts_if_it_reaches_into_it() {
    for (lines, count) in [
        ("DTSTART:20261031T230000Z\nDTEND:20261101T003000Z", 1),
        ("DTSTART:20261031T230000Z\nDTEND:20261101T000000Z", 0),
        ("DTSTART:20261231T235959Z\nDTEND:20270101T100000Z", 1),
        ("DTSTART:20270101T000000Z\nDTEND:20270101T100000Z", 0),
        ("DTSTART:20200101T000000Z\nDTEND:20300101T000000Z", 1),
        // December 31 in Chicago ends after the window does; November 1 begins within it.
        ("DTSTART;VALUE=DATE:20261231", 1),
        ("DTSTART;VALUE=DATE:20261031", 1),
        ("DTSTART;VALUE=DATE:20261030", 0),
        ("DTSTART;VALUE=DATE:20270101", 0),
        // Without a length it takes no time, but its buffers do.
        ("DTSTART:20261124T150000Z", 1),
    ] {
        assert_eq!(times(&event(lines)).len(), count, "{lines}");
    }
}

#[test]
fn a_series_keeps_its_time_of_day_when_the_clocks_change() {
    let weekly = "DTSTART;TZID=America/New_York:20261018T090000\nDTEND;TZID=America/New_York:20261018T100000\n\
                  RRULE:FREQ=WEEKLY;COUNT=4";
    assert_eq!(
        times(&event(weekly)),
        [
            "2026-11-01T14:00:00Z/2026-11-01T15:00:00Z",
            "2026-11-08T14:00:00Z/2026-11-08T15:00:00Z"
        ]
    );
    // Without a zone the business's own is meant.
    assert_eq!(
        starts(&event(
            "DTSTART:20261028T090000\nRRULE:FREQ=DAILY;INTERVAL=3;COUNT=3\nDURATION:PT1H"
        )),
        ["2026-11-03T15:00:00Z"]
    );
    // A time that a night lacks is read with the offset before it; 2:30 in Berlin is then 3:30.
    let spring = "DTSTART;TZID=Europe/Berlin:20270327T023000\nRRULE:FREQ=DAILY;COUNT=3\nDURATION:PT30M";
    let busy = read_in(
        &event(spring),
        window("2027-03-26T00:00:00Z", "2027-03-31T00:00:00Z"),
        "UTC",
    )
    .unwrap();
    let mut spring: Vec<_> = busy
        .entries
        .iter()
        .map(|entry| entry.when.in_zone(&Zone::parse("UTC").unwrap()).start)
        .collect();
    spring.sort();
    assert_eq!(
        spring,
        [
            at("2027-03-27T01:30:00Z"),
            at("2027-03-28T01:30:00Z"),
            at("2027-03-29T00:30:00Z")
        ]
    );
}

#[test]
fn rules_are_understood() {
    let first = "DTSTART;TZID=America/Chicago:20261102T090000\nDURATION:PT1H\n";
    for (rule, expected) in [
        (
            "FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261111T150000Z",
            vec!["2026-11-02", "2026-11-04", "2026-11-09", "2026-11-11"],
        ),
        (
            "FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261111T145959Z",
            vec!["2026-11-02", "2026-11-04", "2026-11-09"],
        ),
        ("FREQ=WEEKLY;UNTIL=20261109", vec!["2026-11-02", "2026-11-09"]),
        ("FREQ=WEEKLY;UNTIL=20261109T090000", vec!["2026-11-02", "2026-11-09"]),
        ("FREQ=WEEKLY;UNTIL=20261109T085959", vec!["2026-11-02"]),
        ("FREQ=MONTHLY;BYDAY=1MO", vec!["2026-11-02", "2026-12-07"]),
        (
            "FREQ=MONTHLY;BYDAY=-1FR;COUNT=2",
            vec!["2026-11-02", "2026-11-27", "2026-12-25"],
        ),
        ("FREQ=MONTHLY;BYMONTHDAY=31", vec!["2026-11-02", "2026-12-31"]),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            vec!["2026-11-02", "2026-11-30", "2026-12-31"],
        ),
        ("FREQ=YEARLY", vec!["2026-11-02"]),
        ("FREQ=DAILY;INTERVAL=20", vec!["2026-11-02", "2026-11-22", "2026-12-12"]),
    ] {
        let found: Vec<String> = starts(&event(&format!("{first}RRULE:{rule}")))
            .iter()
            .map(|start| start[..10].to_owned())
            .collect();
        assert_eq!(found, expected, "{rule}");
    }
    let days = "DTSTART;VALUE=DATE:20261120\nRRULE:FREQ=WEEKLY;UNTIL=20261204";
    assert_eq!(starts(&event(days)), ["2026-11-20", "2026-11-27", "2026-12-04"]);
    let extra =
        "DTSTART:20261120T150000Z\nDURATION:PT1H\nRDATE:20261122T150000Z,20261123T150000Z\nRDATE:20261120T150000Z";
    assert_eq!(starts(&event(extra)).len(), 3);
    // A period has a length of its own, also where the series itself begins.
    let periods = "DTSTART:20261120T150000Z\nDURATION:PT1H\n\
                   RDATE;VALUE=PERIOD:20261122T150000Z/PT3H,20261120T150000Z/20261120T180000Z";
    assert_eq!(
        times(&event(periods)),
        [
            "2026-11-20T15:00:00Z/2026-11-20T16:00:00Z",
            "2026-11-20T15:00:00Z/2026-11-20T18:00:00Z",
            "2026-11-22T15:00:00Z/2026-11-22T18:00:00Z"
        ]
    );
}

#[test]
fn a_series_that_began_long_ago_goes_on() {
    for (lines, count) in [
        ("DTSTART:19990104T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY", 9),
        ("DTSTART:19700101T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY", 61),
        ("DTSTART;VALUE=DATE:19501225\nRRULE:FREQ=YEARLY", 1),
        (
            "DTSTART:20261101T060000Z\nDURATION:PT1M\nRRULE:FREQ=HOURLY;COUNT=10",
            10,
        ),
    ] {
        assert_eq!(starts(&event(lines)).len(), count, "{lines}");
    }
}

#[test]
fn exceptions_take_instances_out() {
    let series = "DTSTART;TZID=America/Chicago:20261102T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=5\n";
    for except in [
        "EXDATE;TZID=America/Chicago:20261103T090000,20261105T090000",
        "EXDATE:20261103T150000Z\nEXDATE:20261105T150000Z",
        "EXDATE;TZID=America/New_York:20261103T100000\nEXDATE:20261105T090000",
    ] {
        let left = starts(&event(&format!("{series}{except}")));
        assert_eq!(
            left,
            ["2026-11-02T15:00:00Z", "2026-11-04T15:00:00Z", "2026-11-06T15:00:00Z"],
            "{except}"
        );
    }
    let days = "DTSTART;VALUE=DATE:20261102\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE;VALUE=DATE:20261103";
    assert_eq!(starts(&event(days)), ["2026-11-02", "2026-11-04"]);
}

#[test]
fn an_instance_may_differ_from_its_series() {
    let series = "BEGIN:VEVENT\nUID:s\nDTSTART;TZID=America/Chicago:20261020T090000\nDURATION:PT1H\n\
                  RRULE:FREQ=WEEKLY;COUNT=4\nEND:VEVENT\n";
    let with = |instance: &str| {
        starts(&calendar(&format!(
            "{series}BEGIN:VEVENT\nUID:s\n{instance}\nEND:VEVENT"
        )))
    };
    let untouched = starts(&calendar(series));
    assert_eq!(untouched, ["2026-11-03T15:00:00Z", "2026-11-10T15:00:00Z"]);
    // Moved within the window, out of it, into it, called off, and marked as free.
    let of = "RECURRENCE-ID;TZID=America/Chicago:20261103T090000\n";
    assert_eq!(
        with(&format!("{of}DTSTART:20261104T200000Z\nDURATION:PT1H")),
        ["2026-11-04T20:00:00Z", "2026-11-10T15:00:00Z"]
    );
    assert_eq!(
        with(&format!("{of}DTSTART:20270104T200000Z\nDURATION:PT1H")),
        ["2026-11-10T15:00:00Z"]
    );
    assert_eq!(
        with("RECURRENCE-ID:20261020T140000Z\nDTSTART:20261120T140000Z\nDURATION:PT1H"),
        ["2026-11-03T15:00:00Z", "2026-11-10T15:00:00Z", "2026-11-20T14:00:00Z"]
    );
    assert_eq!(with(&format!("{of}STATUS:CANCELLED")), ["2026-11-10T15:00:00Z"]);
    assert_eq!(
        with(&format!(
            "{of}DTSTART:20261103T150000Z\nDURATION:PT1H\nTRANSP:TRANSPARENT"
        )),
        ["2026-11-10T15:00:00Z"]
    );
    // The latest of two counts, wherever it stands.
    let newer = "BEGIN:VEVENT\nUID:s\nSEQUENCE:2\nRECURRENCE-ID:20261103T150000Z\nSTATUS:CANCELLED\nEND:VEVENT\n";
    let older =
        "BEGIN:VEVENT\nUID:s\nSEQUENCE:1\nRECURRENCE-ID:20261103T150000Z\nDTSTART:20261104T200000Z\nEND:VEVENT\n";
    for both in [format!("{newer}{older}{series}"), format!("{series}{older}{newer}")] {
        assert_eq!(starts(&calendar(&both)), ["2026-11-10T15:00:00Z"]);
    }
    // The rest of a series moved as a whole is not understood, so nothing is said about the feed.
    let rest = format!(
        "{series}BEGIN:VEVENT\nUID:s\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261103T150000Z\nDTSTART:20261104T200000Z\nEND:VEVENT"
    );
    assert_eq!(found(&calendar(&rest)).unwrap_err(), IcsError::Unsupported);
}

#[test]
fn what_takes_no_time_is_left_out() {
    let hour = "DTSTART:20261124T150000Z\nDURATION:PT1H\n";
    for (rest, count) in [
        ("", 1),
        ("STATUS:CONFIRMED\nTRANSP:OPAQUE", 1),
        ("STATUS:CANCELLED", 0),
        ("TRANSP:TRANSPARENT", 0),
        ("ATTENDEE;PARTSTAT=DECLINED:mailto:Mike@Example.com", 0),
        ("ATTENDEE;PARTSTAT=DECLINED:mailto:eve@example.com", 1),
        ("ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:mike@example.com", 1),
    ] {
        assert_eq!(times(&event(&format!("{hour}{rest}"))).len(), count, "{rest}");
    }
    let tentative = found(&event(&format!("{hour}STATUS:TENTATIVE"))).unwrap();
    assert_eq!(tentative.entries[0].reason, BusyReason::Tentative);
    let other =
        calendar("BEGIN:VTODO\nUID:t\nDTSTART:20261124T150000Z\nEND:VTODO\nBEGIN:VJOURNAL\nUID:j\nEND:VJOURNAL");
    assert!(times(&other).is_empty());
}

#[test]
fn our_own_appointments_are_told_from_others() {
    let appointment = mccc_core::AppointmentId::derive(at("2026-11-01T00:00:00Z"), "x");
    let hex = appointment.uuid().simple();
    // From our own feed, and from Google: at first, and made anew.
    for uid in [
        format!("{appointment}@mccc.example"),
        format!("mccc{hex}@google.com"),
        format!("mccc{hex}n2@google.com"),
    ] {
        let text = calendar(&format!(
            "BEGIN:VEVENT\nUID:{uid}\nDTSTART:20261124T150000Z\nDURATION:PT1H\nEND:VEVENT"
        ));
        let busy = found(&text).unwrap();
        assert_eq!(
            (busy.entries[0].appointment, busy.entries[0].reason),
            (Some(appointment), BusyReason::Appointment),
            "{uid}"
        );
    }
    let text = event("DTSTART:20261124T150000Z\nDURATION:PT1H");
    assert_eq!(found(&text).unwrap().entries[0].appointment, None);
}

#[test]
fn a_zone_with_a_name_of_its_own_is_known_by_its_place() {
    let text = calendar(
        "BEGIN:VTIMEZONE\nTZID:Custom\nX-LIC-LOCATION:America/Denver\nEND:VTIMEZONE\n\
         BEGIN:VEVENT\nUID:1\nDTSTART;TZID=Custom:20261124T090000\nDURATION:PT1H\nEND:VEVENT",
    );
    assert_eq!(starts(&text), ["2026-11-24T16:00:00Z"]);
}

#[test]
fn a_zone_of_its_own_whose_clocks_never_change_is_known_by_its_offset() {
    let rule = |kind: &str, to: &str| {
        format!("BEGIN:{kind}\nDTSTART:16010101T020000\nTZOFFSETFROM:-0500\nTZOFFSETTO:{to}\nEND:{kind}\n")
    };
    let feed = |rules: &str| {
        calendar(&format!(
            "BEGIN:VTIMEZONE\nTZID:Customized Time Zone\n{rules}END:VTIMEZONE\n\
             BEGIN:VEVENT\nUID:1\nDTSTART;TZID=Customized Time Zone:20261124T090000\nDURATION:PT1H\nEND:VEVENT"
        ))
    };
    assert_eq!(starts(&feed(&rule("STANDARD", "-0600"))), ["2026-11-24T15:00:00Z"]);
    let both = format!("{}{}", rule("STANDARD", "-0600"), rule("DAYLIGHT", "-0500"));
    for unknown in [both.as_str(), "", &rule("STANDARD", "-0630")] {
        assert_eq!(found(&feed(unknown)).unwrap_err(), IcsError::UnknownZone, "{unknown}");
    }
}

#[test]
fn times_without_events_are_taken() {
    let answer = |lines: &str| {
        calendar(&format!(
            "BEGIN:VFREEBUSY\nUID:f\nDTSTAMP:20261101T000000Z\n{lines}\nEND:VFREEBUSY"
        ))
    };
    let hour = "2026-11-24T15:00:00Z/2026-11-24T16:00:00Z";
    for (line, reason) in [
        ("FREEBUSY:20261124T150000Z/PT1H", BusyReason::Times),
        (
            "FREEBUSY;FBTYPE=BUSY:20261124T150000Z/20261124T160000Z",
            BusyReason::Times,
        ),
        ("FREEBUSY;FBTYPE=X-WORD:20261124T150000Z/PT60M", BusyReason::Times),
        (
            "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20261124T150000Z/PT1H",
            BusyReason::Tentative,
        ),
        (
            "FREEBUSY;FBTYPE=busy-unavailable:20261124T150000Z/PT1H",
            BusyReason::OutOfOffice,
        ),
    ] {
        assert_eq!(times(&answer(line)), [hour], "{line}");
        assert_eq!(found(&answer(line)).unwrap().entries[0].reason, reason, "{line}");
    }
    let several = "FREEBUSY:20261124T150000Z/PT1H,20261125T150000Z/PT1H\nFREEBUSY:20200101T000000Z/PT1H\n\
                   FREEBUSY;FBTYPE=FREE:20261126T150000Z/PT8H";
    assert_eq!(
        starts(&answer(several)),
        ["2026-11-24T15:00:00Z", "2026-11-25T15:00:00Z"]
    );
    // Beside events, both count.
    let both = answer("FREEBUSY:20261125T150000Z/PT1H").replace(
        "END:VCALENDAR",
        "BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261124T150000Z\r\nEND:VEVENT\r\nEND:VCALENDAR",
    );
    assert_eq!(starts(&both).len(), 2);
    for line in [
        "FREEBUSY:20261124T150000Z",
        "FREEBUSY:20261124/PT1H",
        "FREEBUSY:20261124T150000Z/20261125",
        "FREEBUSY:20261124T150000Z/20261124T140000Z",
        "FREEBUSY:20261124T150000Z/-PT1H",
        "FREEBUSY:/",
    ] {
        assert_eq!(found(&answer(line)).unwrap_err(), IcsError::Malformed, "{line}");
    }
}

#[test]
fn a_series_may_have_begun_in_any_year_and_end_in_none() {
    // Whose year nobody knows was born in 1604; a calendar has many of them.
    let birthday = "BEGIN:VEVENT\nUID:b\nDTSTART;VALUE=DATE:16041224\nRRULE:FREQ=YEARLY\nEND:VEVENT\n";
    assert_eq!(times(&calendar(&birthday.repeat(200))).len(), 200);
    assert_eq!(times(&calendar(birthday)), ["2026-12-24/2026-12-25"]);
    // On the same weekdays as ever, and leap days are where they were.
    assert_eq!(
        starts(&event(
            "DTSTART:16041101T150000Z\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1MO"
        )),
        ["2026-11-02T15:00:00Z"]
    );
    assert_eq!(
        starts(&event("DTSTART;VALUE=DATE:16040229\nRRULE:FREQ=YEARLY")).len(),
        0
    );
    for until in ["99991231T235959Z", "99991231", "22000101T000000"] {
        let series = format!("DTSTART:20261201T150000Z\nRRULE:FREQ=WEEKLY;UNTIL={until}");
        assert_eq!(starts(&event(&series)).len(), 5, "{until}");
    }
    let never = "DTSTART:20261201T150000Z\nRRULE:FREQ=WEEKLY;UNTIL=99991";
    assert_eq!(found(&event(never)).unwrap_err(), IcsError::Malformed);
}

#[test]
fn what_is_not_understood_is_an_error_and_never_free_time() {
    let hour = "DTSTART:20261124T150000Z\nDURATION:PT1H";
    for (text, error) in [
        (String::new(), IcsError::Malformed),
        ("<html>Sign in</html>".to_owned(), IcsError::Malformed),
        ("BEGIN:VCARD\r\nEND:VCARD\r\n".to_owned(), IcsError::Malformed),
        (event(hour).replace("END:VCALENDAR", ""), IcsError::Malformed),
        (event(hour).replace("END:VEVENT", "END:VTODO"), IcsError::Malformed),
        (event("SUMMARY:no time"), IcsError::Malformed),
        (event("DTSTART:tomorrow"), IcsError::Malformed),
        (
            event("DTSTART:20261124T150000Z\nDTEND;VALUE=DATE:20261125"),
            IcsError::Malformed,
        ),
        (event("DTSTART:20261124T150000Z\nDURATION:-PT1H"), IcsError::Malformed),
        (
            event("DTSTART;TZID=Customized Time Zone:20261124T150000"),
            IcsError::UnknownZone,
        ),
        (event(&format!("{hour}\nRRULE:FREQ=SOMETIMES")), IcsError::Malformed),
        (event(&format!("{hour}\nRRULE:")), IcsError::Malformed),
        (event(&format!("{hour}\nEXDATE:20261124T1500")), IcsError::Malformed),
        (
            event(&format!("{hour}\nRDATE;VALUE=PERIOD:20261124T150000Z/tomorrow")),
            IcsError::Malformed,
        ),
    ] {
        assert_eq!(found(&text).map(|busy| busy.entries), Err(error), "{text}");
    }
}

#[test]
fn a_feed_that_was_cut_off_is_an_error() {
    let whole = event("DTSTART:20261124T150000Z\nDURATION:PT1H\nBEGIN:VALARM\nTRIGGER:-PT15M\nEND:VALARM");
    let whole = whole.trim_end();
    assert_eq!(found(whole).unwrap().entries.len(), 1);
    for end in 0..whole.len() {
        assert_eq!(found(&whole[..end]).map(|_| ()), Err(IcsError::Malformed), "{end}");
    }
    // A second calendar counts as much as the first.
    for end in 1..whole.len() {
        let both = format!("{whole}\r\n{}", &whole[..end]);
        assert!(found(&both).is_err(), "{end}");
    }
}

#[test]
fn hostile_feeds_are_refused_before_they_cost_much() {
    let second = "DTSTART:19700101T000000Z\nDURATION:PT1S\n";
    for rule in [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MINUTELY;BYSECOND=0;BYHOUR=3;BYMONTH=1",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
    ] {
        assert_eq!(
            found(&event(&format!("{second}RRULE:{rule}"))).unwrap_err(),
            IcsError::TooMuchWork,
            "{rule}"
        );
    }
    let list = |most: u8| (0..most).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    let each = format!(
        "FREQ=YEARLY;BYDAY=MO,TU,WE;BYHOUR={};BYMINUTE={};BYSECOND={}",
        list(24),
        list(60),
        list(60)
    );
    assert_eq!(
        found(&event(&format!("{second}RRULE:{each}"))).unwrap_err(),
        IcsError::TooMuchWork
    );
    // Many rules that never meet a day are as bad as one that takes for ever.
    let never = "BEGIN:VEVENT\nUID:n\nDTSTART:20200101T000000Z\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\nEND:VEVENT\n";
    assert_eq!(found(&calendar(&never.repeat(50))).unwrap_err(), IcsError::TooMuchWork);
    assert_eq!(times(&calendar(never)), Vec::<String>::new());
    let deep = format!("{}{}", "BEGIN:VEVENT\n".repeat(10_000), "END:VEVENT\n".repeat(10_000));
    assert_eq!(found(&calendar(&deep)).unwrap_err(), IcsError::TooLarge);
    assert_eq!(found(&" ".repeat((4 << 20) + 1)).unwrap_err(), IcsError::TooLarge);
}

#[test]
fn a_folded_line_is_one_line() {
    let text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:Long\n  day\\, hard\n\twork\nDTSTART:20261124T1\n 50000Z\n\
                DURATION:PT1H\nEND:VEVENT\nEND:VCALENDAR";
    let busy = found(text).unwrap();
    assert_eq!(busy.entries[0].title.as_deref(), Some("Long day, hardwork"));
    assert_eq!(found(&format!("\u{feff}{text}\n\n")).unwrap().entries.len(), 1);
}
