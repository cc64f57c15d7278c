use super::*;

fn zone(name: &str) -> Zone {
    Zone::parse(name).unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn day(text: &str) -> LocalDay {
    text.parse().unwrap()
}

/// Offsets that a data update (or a stale one) would change.
#[test]
fn the_bundled_data_knows_the_changes_of_2026() {
    let minutes = |name, text| zone(name).offset_seconds(at(text)) / 60;
    assert_eq!(minutes("America/Vancouver", "2026-12-01T12:00:00Z"), -420);
    assert_eq!(minutes("America/Edmonton", "2026-12-01T12:00:00Z"), -360);
    assert_eq!(minutes("Africa/Casablanca", "2026-09-19T12:00:00Z"), 60);
    assert_eq!(minutes("Africa/Casablanca", "2026-09-21T12:00:00Z"), 0);
    assert_eq!(minutes("Africa/Casablanca", "2026-12-01T12:00:00Z"), 0);
    assert_eq!(minutes("Australia/Lord_Howe", "2026-01-15T00:00:00Z"), 660);
    assert_eq!(minutes("Australia/Lord_Howe", "2026-07-15T00:00:00Z"), 630);
    assert_eq!(minutes("Asia/Kathmandu", "2026-07-15T00:00:00Z"), 345);
    assert_eq!(minutes("Europe/Dublin", "2026-07-15T00:00:00Z"), 60);
    assert_eq!(minutes("Europe/Dublin", "2026-12-15T00:00:00Z"), 0);
    assert_eq!(minutes("America/Phoenix", "2026-07-15T00:00:00Z"), -420);
    assert_eq!(minutes("America/Chicago", "2026-07-15T00:00:00Z"), -300);
    assert_eq!(minutes("America/Chicago", "2026-12-15T00:00:00Z"), -360);
    assert_eq!(minutes("America/Sao_Paulo", "2026-12-15T00:00:00Z"), -180);
    assert!(data_version() >= "2026e", "{}", data_version());
}

#[test]
fn a_local_time_names_day_weekday_and_second() {
    let local = zone("America/Chicago").to_local(at("2026-11-22T05:30:15.999999Z"));
    assert_eq!(
        (local.day, local.second_of_day, local.weekday),
        (day("2026-11-21"), 23 * 3_600 + 30 * 60 + 15, Weekday::Saturday)
    );
    assert_eq!(local.to_string(), "2026-11-21T23:30:15-06:00");
    assert_eq!(
        zone("Asia/Kathmandu").to_local(at("2026-11-22T05:30:15Z")).to_string(),
        "2026-11-22T11:15:15+05:45"
    );
}

#[test]
fn far_from_the_table_the_rules_answer() {
    let chicago = zone("America/Chicago");
    for text in ["1850-01-01T00:00:00Z", "2500-07-01T00:00:00Z", "2500-12-01T00:00:00Z"] {
        let expected = chicago.time_zone().to_offset(at(text).to_jiff()).seconds();
        assert_eq!(chicago.offset_seconds(at(text)), expected, "{text}");
    }
    assert_eq!(chicago.offset_seconds(at("2500-07-01T00:00:00Z")), -5 * 3_600);
    // The ends of the range answer, too.
    let _ = chicago.to_local(Timestamp::from_micros(i64::MAX));
    let _ = chicago.to_local(Timestamp::from_micros(i64::MIN));
}

#[test]
fn a_time_in_a_gap_moves_to_the_first_instant_after_it() {
    let resolved = |name, date, hour: u32, minute: u32| zone(name).resolve(day(date), hour * 3_600 + minute * 60);
    assert_eq!(
        resolved("America/Chicago", "2026-03-08", 2, 30),
        Resolved::Skipped(at("2026-03-08T08:00:00Z"))
    );
    assert_eq!(
        resolved("America/Chicago", "2026-03-08", 3, 0),
        Resolved::Once(at("2026-03-08T08:00:00Z"))
    );
    assert_eq!(
        resolved("America/Chicago", "2026-03-08", 1, 59),
        Resolved::Once(at("2026-03-08T07:59:00Z"))
    );
    // Summer time began at midnight: the day starts at 1:00.
    assert_eq!(
        resolved("America/Sao_Paulo", "2018-11-04", 0, 0),
        Resolved::Skipped(at("2018-11-04T03:00:00Z"))
    );
    assert_eq!(
        zone("America/Sao_Paulo").start_of(day("2018-11-04")),
        at("2018-11-04T03:00:00Z")
    );
    // The day that Samoa skipped.
    assert_eq!(
        resolved("Pacific/Apia", "2011-12-30", 12, 0),
        Resolved::Skipped(at("2011-12-30T10:00:00Z"))
    );
    assert_eq!(
        resolved("Pacific/Apia", "2011-12-29", 12, 0),
        Resolved::Once(at("2011-12-29T22:00:00Z"))
    );
    assert_eq!(
        resolved("Pacific/Apia", "2011-12-31", 0, 0),
        Resolved::Once(at("2011-12-30T10:00:00Z"))
    );
    // Half an hour.
    assert_eq!(
        resolved("Australia/Lord_Howe", "2026-10-04", 2, 15),
        Resolved::Skipped(at("2026-10-03T15:30:00Z"))
    );
}

#[test]
fn a_time_that_exists_twice_starts_first_and_ends_last() {
    let twice = zone("America/Chicago").resolve(day("2026-11-01"), 90 * 60);
    assert_eq!(
        (twice.start(), twice.end()),
        (at("2026-11-01T06:30:00Z"), at("2026-11-01T07:30:00Z"))
    );
    assert_eq!(
        zone("America/Chicago").resolve(day("2026-11-01"), 2 * 3_600),
        Resolved::Once(at("2026-11-01T08:00:00Z"))
    );
    let half = zone("Australia/Lord_Howe").resolve(day("2026-04-05"), 105 * 60);
    assert_eq!(
        (half.start(), half.end()),
        (at("2026-04-04T14:45:00Z"), at("2026-04-04T15:15:00Z"))
    );
    // Midnight twice: the day that ended at 24:00 ends the second time.
    let midnight = zone("America/Sao_Paulo").resolve(day("2018-02-17"), 23 * 3_600);
    assert_eq!(
        (midnight.start(), midnight.end()),
        (at("2018-02-18T01:00:00Z"), at("2018-02-18T02:00:00Z"))
    );
}

#[test]
fn resolving_agrees_with_the_time_library_beyond_the_table() {
    let chicago = zone("America/Chicago");
    assert_eq!(
        chicago.resolve(day("2450-07-01"), 0),
        Resolved::Once(at("2450-07-01T05:00:00Z"))
    );
    assert!(matches!(
        chicago.resolve(day("2450-03-13"), 9_000),
        Resolved::Skipped(_)
    ));
}

#[test]
fn a_name_is_found_in_any_case_and_a_slip_gets_a_suggestion() {
    assert_eq!(zone(" america/chicago ").name(), "America/Chicago");
    let suggested = |name: &str| match Zone::parse(name) {
        Err(ZoneError::Unknown { suggestion, .. }) => suggestion,
        Ok(zone) => panic!("{name} is {zone}"),
    };
    assert_eq!(suggested("America/Chcago").as_deref(), Some("America/Chicago"));
    assert_eq!(suggested("new york").as_deref(), Some("America/New_York"));
    assert_eq!(suggested("denver").as_deref(), Some("America/Denver"));
    assert_eq!(suggested("+05:30"), None);
    assert_eq!(suggested(""), None);
    assert_eq!(suggested(&"x".repeat(10_000)), None);
    assert!(Zone::parse("Etc/Unknown").is_err());
    assert_eq!(
        Zone::parse("America/Chcago").unwrap_err().to_string(),
        "\"America/Chcago\" is not a time zone name; did you mean \"America/Chicago\"?"
    );
}

#[test]
fn a_zone_is_stored_as_its_name_and_shared_when_read_again() {
    let read: Zone = serde_json::from_str("\"America/Chicago\"").unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), "\"America/Chicago\"");
    assert!(Arc::ptr_eq(&read.0, &zone("america/CHICAGO").0));
    assert!(serde_json::from_str::<Zone>("\"Mars/Olympus\"").is_err());
}

#[test]
fn people_hear_the_hour_and_the_day() {
    assert_eq!(
        zone("America/Chicago").spoken_time(at("2026-11-23T14:00:00Z")),
        "8:00 AM on Monday"
    );
}

/// Around every change of every zone, in both directions and from wherever was looked before.
#[test]
fn resolving_with_a_memory_gives_the_same_answers() {
    let mut asked = 0;
    for name in names() {
        let zone = zone(name);
        let mut resolver = Resolver::new(&zone, at("2010-06-01T00:00:00Z"));
        let mut change = at("1989-06-01T00:00:00Z");
        while let Some(next) = zone
            .next_transition(change)
            .filter(|next| *next < at("2040-01-01T00:00:00Z"))
        {
            change = next;
            let today = zone.to_local(change).day;
            for hours in (-96..96_i32).step_by(5) {
                let day = today.plus_days(hours.div_euclid(24));
                let second = u32::try_from(hours.rem_euclid(24) * 3_600 + 900).unwrap();
                assert_eq!(
                    resolver.resolve(day, second),
                    zone.resolve(day, second),
                    "{name}, {day} {second}"
                );
                asked += 1;
            }
            for second in [-90_000, -1, 0, 1, 90_000].map(|by| change.as_seconds() + by) {
                let (day, same) = resolver.day_of(second);
                assert!(same.contains(&second));
                for second in [same.start, second, same.end - 1] {
                    assert_eq!(
                        zone.to_local(Timestamp::from_seconds(second)).day,
                        day,
                        "{name} at {second}"
                    );
                }
            }
        }
    }
    assert!(asked > 500_000, "only {asked}");
    let far = zone("America/Chicago");
    let mut resolver = Resolver::new(&far, at("2450-07-01T00:00:00Z"));
    assert_eq!(resolver.start_of(day("2450-07-01")), far.start_of(day("2450-07-01")));
    assert_eq!(
        resolver.day_of(at("2450-07-01T05:00:00Z").as_seconds()).0,
        day("2450-07-01")
    );
}
