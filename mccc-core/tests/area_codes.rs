//! The table of area codes against another one: libphonenumber's time zone map (see `data/area_code_zones.tsv`).
#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;

use mccc_core::compliance::area_code;
use mccc_core::compliance::number::{Policy, Untextable, textable};
use mccc_core::{PhoneNumber, Timestamp};

/// Offsets from UTC of a zone in winter and in summer: zones that agree in both are one for quiet hours.
fn offsets(zone: &str) -> (i32, i32) {
    let zone = jiff::tz::TimeZone::get(zone).expect("a zone of the database");
    let at = |day: &str| {
        let instant = Timestamp::parse(day).expect("an instant").as_seconds();
        zone.to_offset(jiff::Timestamp::from_second(instant).expect("in range"))
            .seconds()
    };
    (at("2026-01-15T12:00:00Z"), at("2026-07-15T12:00:00Z"))
}

/// Where the other map is coarser or older than ours, and how we know.
const OTHERS_ARE_WRONG: &[(u16, &str, &str)] = &[
    (689, "America/Chicago", "overlays 407, Orlando, all of it Eastern"),
    (
        867,
        "America/Vancouver",
        "Yukon left Pacific time in November 2020 (IANA, America/Whitehorse)",
    ),
    (
        879,
        "America/Puerto_Rico",
        "stands for Labrador, which keeps daylight time (IANA, America/Goose_Bay)",
    ),
    (
        907,
        "Pacific/Honolulu",
        "stands for the Aleutians, which keep daylight time (IANA, America/Adak)",
    ),
];

#[test]
fn no_code_and_no_zone_of_the_other_table_is_missing_from_ours() {
    let mut compared = 0;
    let mut missing = Vec::new();
    let mut excused = BTreeSet::new();
    for line in include_str!("data/area_code_zones.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        let (code, zones) = line.split_once('\t').expect("code, tab, zones");
        let code: u16 = code.parse().expect("three digits");
        if area_code::is_abroad(code) {
            continue;
        }
        compared += 1;
        let Some(entry) = area_code::look_up(code) else {
            missing.push(format!("{code} {zones}"));
            continue;
        };
        let ours: BTreeSet<_> = entry.zones.iter().map(|zone| offsets(zone)).collect();
        for zone in zones.split(',').filter(|zone| !ours.contains(&offsets(zone))) {
            if OTHERS_ARE_WRONG
                .iter()
                .any(|(wrong, name, _)| (*wrong, *name) == (code, zone))
            {
                excused.insert(code);
            } else {
                missing.push(format!("{code} {zone}"));
            }
        }
    }
    assert!(compared > 390, "{compared}");
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(excused.len(), OTHERS_ARE_WRONG.len(), "an excuse is no longer needed");
}

/// Codes newer than the other map. A typing slip in our table would show up here.
#[test]
fn codes_that_only_we_know_are_the_newest_ones() {
    let theirs: BTreeSet<u16> = include_str!("data/area_code_zones.tsv")
        .lines()
        .filter_map(|line| line.split('\t').next()?.parse().ok())
        .collect();
    let only_ours: Vec<u16> = area_code::all()
        .map(|entry| entry.code)
        .filter(|code| !theirs.contains(code))
        .collect();
    assert_eq!(only_ours, [357, 387, 436, 457, 465, 471, 621, 624, 679, 837, 861, 924]);
}

#[test]
fn codes_without_a_place_are_never_texted() {
    let verdict = |code: u16| {
        let number = PhoneNumber::parse(&format!("+1{code}2345678")).ok()?;
        textable(&number, &Policy::default()).err()
    };
    for code in [800, 833, 844, 855, 866, 877, 888] {
        assert_eq!(verdict(code), Some(Untextable::TollFree), "{code}");
    }
    assert_eq!(verdict(900), Some(Untextable::Premium));
    // Personal numbers, government, machines, and codes kept back for a longer numbering plan.
    for code in [
        500, 521, 533, 544, 566, 577, 588, 600, 622, 700, 710, 370, 379, 960, 969,
    ] {
        assert_eq!(verdict(code), Some(Untextable::UnknownAreaCode), "{code}");
    }
    for entry in area_code::all() {
        let code = entry.code;
        assert!(
            code / 10 != 37 && code / 10 != 96 && (code / 10) % 10 != 9 && code % 100 != 11,
            "{code}"
        );
        assert_eq!(verdict(code), None, "{code}");
    }
}
