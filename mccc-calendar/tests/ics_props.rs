//! Laws of files that we write, and of feeds that anybody writes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use mccc_calendar::ics::read::{Reading, read};
use mccc_calendar::ics::write::{IcsEvent, IcsStatus, Organizer, feed, invitation};
use mccc_core::port::{TimeRange, When};
use mccc_core::zone::Zone;
use mccc_core::{AppointmentId, Timestamp};
use proptest::prelude::*;

/// Text of any kind, much of it such that it could be taken for more than text.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z ;:,\\\\\"\\r\\n\\t🔧é]{0,300}",
        Just("x\r\nBEGIN:VEVENT\r\nDTSTART:20260101".to_owned()),
        "[ 🔧]{60,200}",
    ]
}

fn events() -> impl Strategy<Value = IcsEvent> {
    let texts = (
        text(),
        proptest::option::of(text()),
        proptest::option::of(text()),
        text(),
    );
    (
        any::<u64>(),
        0_i64..4_000_000_000,
        1_u64..1_000_000,
        any::<u32>(),
        texts,
    )
        .prop_map(
            |(seed, start, length, sequence, (title, description, location, organizer))| IcsEvent {
                appointment: AppointmentId::derive(Timestamp::from_seconds(1), &seed.to_string()),
                domain: "mccc.example".to_owned(),
                range: TimeRange::of(Timestamp::from_seconds(start), Duration::from_secs(length)),
                written_at: Timestamp::from_seconds(start),
                sequence,
                status: IcsStatus::Confirmed,
                title,
                description,
                location,
                organizer: Some(Organizer {
                    name: organizer,
                    email: "acme@example.com".to_owned(),
                }),
            },
        )
}

fn chicago() -> Zone {
    Zone::parse("America/Chicago").unwrap()
}

fn in_window(text: &str, window: TimeRange) -> Result<mccc_core::port::Busy, mccc_calendar::ics::read::IcsError> {
    let zone = chicago();
    let reading = Reading {
        calendar: "feed",
        window,
        zone: &zone,
        owner: None,
    };
    read(text, &reading)
}

proptest! {
    /// Lines end as they must and are short enough, whatever a caller said.
    #[test]
    fn a_file_is_well_formed(event in events()) {
        let file = invitation(&event);
        prop_assert!(file.ends_with("END:VCALENDAR\r\n"));
        for line in file.split("\r\n") {
            prop_assert!(line.len() <= 75, "{} octets: {:?}", line.len(), line);
            prop_assert!(!line.contains(['\r', '\n']));
        }
        let unfolded = file.replace("\r\n ", "");
        let begins = unfolded.split("\r\n").filter(|line| line.starts_with("BEGIN:")).count();
        prop_assert_eq!(begins, 2, "a caller's words became part of the file");
    }

    /// What we write we read again: the same times, and whose they are.
    #[test]
    fn what_is_written_is_read_again(list in proptest::collection::vec(events(), 1..8)) {
        let file = feed("Acme", &list, &[]);
        let window = TimeRange {
            start: Timestamp::from_seconds(-1),
            end: Timestamp::from_seconds(5_000_000_000),
        };
        let busy = in_window(&file, window).unwrap();
        let mut found: Vec<_> = busy.entries.iter().map(|entry| (entry.appointment, entry.when)).collect();
        let mut written: Vec<_> = list
            .iter()
            .map(|event| (Some(event.appointment), When::Instants(event.range)))
            .collect();
        let key = |(appointment, when): &(Option<AppointmentId>, When)| (*appointment, format!("{when:?}"));
        found.sort_by_key(key);
        written.sort_by_key(key);
        prop_assert_eq!(found, written);
    }

    /// Nothing that anybody writes makes the reader fall over.
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _read = in_window(&text, TimeRange::of(Timestamp::from_seconds(1_790_000_000), Duration::from_secs(5_000_000)));
    }

    /// The same for what looks like a calendar.
    #[test]
    fn anything_like_a_calendar_is_read_or_refused(lines in proptest::collection::vec(line(), 0..40)) {
        let text = format!("BEGIN:VCALENDAR\r\n{}\r\nEND:VCALENDAR\r\n", lines.join("\r\n"));
        let window = TimeRange::of(Timestamp::from_seconds(1_790_000_000), Duration::from_secs(5_000_000));
        let body = text.replace("BEGIN:VCALENDAR\r\n", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\n");
        let event = body.replace("\r\nEND:VCALENDAR", "\r\nEND:VEVENT\r\nEND:VCALENDAR");
        for text in [text, event] {
            if let Ok(busy) = in_window(&text, window) {
                for entry in busy.entries {
                    let range = entry.when.in_zone(&chicago());
                    let point = range.start == range.end && range.start >= window.start && range.start < window.end;
                    prop_assert!(range.overlaps(&window) || point, "{:?} is outside", entry);
                }
            }
        }
    }

    /// A series within the window is the same, wherever else the window reaches.
    #[test]
    fn a_larger_window_only_adds(days in 1_i64..60, interval in 1_u8..9, weekday in 0_usize..7) {
        let weekday = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"][weekday];
        let text = format!(
            "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=America/Chicago:20250101T090000\r\nDURATION:PT1H\r\n\
             RRULE:FREQ=WEEKLY;INTERVAL={interval};BYDAY={weekday}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        let start = Timestamp::from_seconds(1_790_000_000);
        let small = TimeRange::of(start, Duration::from_secs(86_400) * u32::try_from(days).unwrap());
        let large = TimeRange { start: start.minus(Duration::from_secs(864_000)), end: small.end.plus(Duration::from_secs(864_000)) };
        let inside = |window| -> Vec<When> {
            let entries = in_window(&text, window).unwrap().entries.into_iter();
            entries.map(|entry| entry.when).filter(|when| when.in_zone(&chicago()).overlaps(&small)).collect()
        };
        prop_assert_eq!(inside(small), inside(large));
    }
}

/// A line that a calendar might hold, or nearly.
fn line() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just("DTSTART"),
        Just("DTEND"),
        Just("DURATION"),
        Just("RRULE"),
        Just("RDATE"),
        Just("EXDATE"),
        Just("RECURRENCE-ID"),
        Just("UID"),
        Just("BEGIN"),
        Just("END"),
        Just("STATUS"),
        Just("TRANSP"),
        Just("SUMMARY"),
    ];
    let parameter = prop_oneof![
        Just(""),
        Just(";VALUE=DATE"),
        Just(";TZID=America/Chicago"),
        Just(";TZID=\"Central Standard Time\""),
        Just(";TZID=Nowhere"),
        Just(";RANGE=THISANDFUTURE"),
        Just(";"),
        Just(";X=\"a:b\""),
    ];
    let value = prop_oneof![
        "(19|20|21)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9])(T[0-2][0-9][0-5][0-9]00Z?)?",
        "P(T?[0-9]{1,7}[DHMSW]){0,3}",
        "FREQ=(YEARLY|MONTHLY|WEEKLY|DAILY|HOURLY)(;(INTERVAL|COUNT|BYMONTHDAY|BYSETPOS|BYHOUR|BYWEEKNO|BYYEARDAY)=-?[0-9]{1,3}){0,3}(;UNTIL=20[0-9]{6}(T000000Z?)?)?",
        Just("VEVENT".to_owned()),
        Just("VTIMEZONE".to_owned()),
        Just("CANCELLED".to_owned()),
        any::<String>(),
    ];
    (name, parameter, value).prop_map(|(name, parameter, value)| format!("{name}{parameter}:{value}"))
}
