//! Laws of free slots, and an oracle that reaches the same answer by another way.
//!
//! The oracle walks through time minute by minute and asks each rule of each minute. It knows nothing of our zones,
//! openings, merged entries or sweeps: local time comes from the time library, and the first instant after a gap is found
//! by walking to it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "test code: a generator that cannot build its value should fail the test"
)]

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use mccc_core::Timestamp;
use mccc_core::routing::TimeOfDay;
use mccc_core::slots::{Busy, Interval, OpeningHours, Question, Terms, WhyNot, Window, starts, why_not};
use mccc_core::zone::{LocalDay, Weekday, Zone};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// Ordinary zones, and those whose clocks do what no other's do.
const ZONES: [&str; 48] = [
    "UTC",
    "America/Chicago",
    "America/Denver",
    "Europe/Berlin",
    // Offsets of half an hour and of three quarters.
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Adelaide",
    "Australia/Eucla",
    "Pacific/Chatham",
    "Pacific/Marquesas",
    "America/St_Johns",
    // Shifts of half an hour, of two hours and of three.
    "Australia/Lord_Howe",
    "America/Caracas",
    "Asia/Pyongyang",
    "Asia/Colombo",
    "Antarctica/Troll",
    "Antarctica/Casey",
    // Gaps and repetitions at midnight, or over it.
    "America/Asuncion",
    "America/Havana",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/Scoresbysund",
    "America/Nuuk",
    "Africa/Cairo",
    "Asia/Amman",
    "Asia/Beirut",
    "Asia/Damascus",
    "Asia/Gaza",
    "Asia/Tehran",
    "Atlantic/Azores",
    // Whole dates that never were.
    "Pacific/Apia",
    "Pacific/Fakaofo",
    "Pacific/Kwajalein",
    "Pacific/Kiritimati",
    "Pacific/Enderbury",
    // Clocks that follow the moon.
    "Africa/Casablanca",
    "Africa/El_Aaiun",
    // Winter time that is the shifted one.
    "Europe/Dublin",
    "Africa/Windhoek",
    // Changes of the standard itself, and too many of them.
    "America/Vancouver",
    "America/Edmonton",
    "America/Metlakatla",
    "Antarctica/Macquarie",
    "Asia/Anadyr",
    "Europe/Istanbul",
    "Europe/Volgograd",
    "Pacific/Bougainville",
    "Pacific/Norfolk",
];

/// 1990-01-01 and 2038-01-01.
const YEARS: std::ops::Range<i64> = 631_152_000..2_145_916_800;
const MINUTE: i64 = 60;
const DAY: i64 = 86_400;

/// A whole question. Instants are seconds, so that they can be off the minute.
#[derive(Debug, Clone)]
struct Case {
    zone: &'static str,
    /// Opening and closing minute of the day, by weekday.
    week: BTreeMap<u8, Vec<(i64, i64)>>,
    dates: BTreeMap<Date, Vec<(i64, i64)>>,
    now: i64,
    window: (i64, i64),
    duration: i64,
    interval: i64,
    buffers: (i64, i64),
    lead: i64,
    cap: Option<u32>,
    busy: Vec<Entry>,
    appointments: Vec<i64>,
}

#[derive(Debug, Clone, Copy)]
enum Entry {
    Span(i64, i64),
    AllDay(Date, Date),
}

fn library_zone(name: &str) -> TimeZone {
    TimeZoneDatabase::bundled().get(name).unwrap()
}

fn instant(seconds: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(seconds).unwrap()
}

/// Intervals of a date: mostly by day, some nights, some that touch midnight.
fn intervals() -> impl Strategy<Value = (i64, i64)> {
    let minutes = || prop_oneof![3 => (0..96_i64).prop_map(|quarter| quarter * 15), 1 => 0..1440_i64];
    prop_oneof![
        4 => (minutes(), 30..600_i64).prop_map(|(from, length)| (from, (from + length).min(1_440))),
        2 => (minutes(), minutes()),
        1 => Just((0, 1_440)),
        1 => minutes().prop_map(|from| (from, 1_440)),
        1 => minutes().prop_map(|to| (0, to)),
        1 => (Just(1_440), 1..1_440_i64),
    ]
    .prop_filter("empty", |(from, to)| from != to)
}

/// A moment of interest: near a change of the zone's clocks, if there is one, or anywhere.
fn moments(zone: &'static str) -> impl Strategy<Value = i64> {
    let changes: Vec<i64> = library_zone(zone)
        .following(instant(YEARS.start))
        .map(|change| change.timestamp().as_second())
        .take_while(|change| *change < YEARS.end)
        .collect();
    let near = if changes.is_empty() {
        vec![1_000_000_000]
    } else {
        changes
    };
    prop_oneof![
        3 => (select(near), -2 * DAY..2 * DAY).prop_map(|(change, by)| change + by),
        1 => YEARS,
    ]
}

fn cases() -> impl Strategy<Value = Case> {
    let zones = prop_oneof![4 => select(&ZONES[..]), 1 => select(mccc_core::zone::names())];
    zones.prop_flat_map(|zone| (Just(zone), moments(zone))).prop_flat_map(|(zone, moment)| {
        let date = library_zone(zone).to_datetime(instant(moment)).date();
        let dates = move || (-4..6_i64).prop_map(move |by| date.checked_add(jiff::Span::new().days(by)).unwrap());
        // On the minute, so that entries touch starts, and off it.
        let near = move |reach: i64| {
            let on_quarter = move |by: i64| (moment + by).div_euclid(900) * 900;
            prop_oneof![3 => (-reach..reach).prop_map(on_quarter), 1 => (-reach..reach).prop_map(move |by| moment + by)]
        };
        let spans = (near(3 * DAY), prop_oneof![4 => 0..10_800_i64, 1 => Just(0), 1 => 0..3 * DAY])
            .prop_map(|(start, length)| Entry::Span(start, start + length));
        let whole = (dates(), 0..3_i64)
            .prop_map(|(from, days)| Entry::AllDay(from, from.checked_add(jiff::Span::new().days(days)).unwrap()));
        let hours = (
            vec((0..7_u8, vec(intervals(), 0..3)), 3..8),
            vec((dates(), vec(intervals(), 0..3)), 0..3),
        );
        let lengths = (
            prop_oneof![select(vec![15_i64, 30, 45, 60, 90, 120, 240]), 1..300_i64],
            prop_oneof![select(vec![5_i64, 15, 30, 60]), 1..200_i64],
            (
                select(vec![0_i64, 0, 5, 15, 20, 60]),
                select(vec![0_i64, 0, 5, 10, 15, 60]),
            ),
            select(vec![0_i64, 0, 30, 120, 1_440]),
            option::of(0..4_u32),
        );
        let times = (near(2 * DAY), near(2 * DAY), 0..4 * DAY);
        let calendar = (
            vec(prop_oneof![5 => spans, 1 => whole], 0..12),
            vec(near(3 * DAY), 0..6),
        );
        (hours, lengths, times, calendar).prop_map(move |(hours, lengths, times, calendar)| Case {
            zone,
            week: hours.0.into_iter().collect(),
            dates: hours.1.into_iter().collect(),
            now: times.0 - DAY,
            window: (times.1, times.1 + times.2),
            duration: lengths.0,
            interval: lengths.1,
            buffers: lengths.2,
            lead: lengths.3,
            cap: lengths.4,
            busy: calendar.0,
            appointments: calendar.1,
        })
    })
}

/// A case in the engine's own types.
struct Asked {
    zone: Zone,
    hours: OpeningHours,
    terms: Terms,
    now: Timestamp,
    window: Window,
    busy: Vec<Busy>,
    appointments: Vec<Timestamp>,
}

impl Case {
    fn asked(&self) -> Asked {
        let time = |minute: i64| TimeOfDay::from_minutes(u16::try_from(minute).unwrap()).unwrap();
        let interval = |(from, to): &(i64, i64)| Interval::new(time(*from), time(*to)).unwrap();
        let mut hours = OpeningHours::default();
        for (day, list) in &self.week {
            for hours_of_day in list {
                hours.open(Weekday::from_number(u64::from(*day)).unwrap(), interval(hours_of_day));
            }
        }
        for (date, list) in &self.dates {
            hours.set_date(LocalDay::from_date(*date), list.iter().map(interval).collect());
        }
        let minutes = |minutes: i64| u32::try_from(minutes).unwrap();
        let terms = Terms::of(minutes(self.duration))
            .and_then(|terms| terms.every(minutes(self.interval)))
            .and_then(|terms| terms.buffers(minutes(self.buffers.0), minutes(self.buffers.1)))
            .and_then(|terms| terms.lead(minutes(self.lead)))
            .unwrap()
            .max_per_day(self.cap);
        let at = Timestamp::from_seconds;
        let entry = |entry: &Entry| match *entry {
            Entry::Span(start, end) => Busy::Span {
                start: at(start),
                end: at(end),
            },
            Entry::AllDay(start, end) => Busy::AllDay {
                start: LocalDay::from_date(start),
                end: LocalDay::from_date(end),
            },
        };
        Asked {
            zone: Zone::parse(self.zone).unwrap(),
            hours,
            terms,
            now: at(self.now),
            window: Window::between(at(self.window.0), at(self.window.1)).unwrap(),
            busy: self.busy.iter().map(entry).collect(),
            appointments: self.appointments.iter().map(|start| at(*start)).collect(),
        }
    }

    fn starts(&self) -> Vec<i64> {
        starts(&self.asked().question())
            .into_iter()
            .map(Timestamp::as_seconds)
            .collect()
    }
}

impl Asked {
    fn question(&self) -> Question<'_> {
        Question {
            zone: &self.zone,
            hours: &self.hours,
            terms: &self.terms,
            now: self.now,
            window: self.window,
            busy: &self.busy,
            appointments: &self.appointments,
        }
    }
}

/// The same rules, asked of every minute.
struct Oracle<'a> {
    case: &'a Case,
    zone: TimeZone,
    /// Start and end of the openings of each date around the window.
    openings: Vec<(i64, i64)>,
    /// Start and end of the entries, without buffers.
    busy: Vec<(i64, i64)>,
}

impl<'a> Oracle<'a> {
    fn new(case: &'a Case) -> Self {
        Self::over(case, case.window)
    }

    /// For instants that may lie outside the window, too.
    fn over(case: &'a Case, (from, until): (i64, i64)) -> Self {
        let mut oracle = Self {
            case,
            zone: library_zone(case.zone),
            openings: Vec::new(),
            busy: Vec::new(),
        };
        let mut date = oracle.local(from).date();
        for _ in 0..4 {
            date = date.yesterday().unwrap();
        }
        let last = oracle.local(until).date().tomorrow().unwrap().tomorrow().unwrap();
        while date <= last {
            oracle.openings_of(date);
            date = date.tomorrow().unwrap();
        }
        oracle.busy = case
            .busy
            .iter()
            .map(|entry| match *entry {
                Entry::Span(start, end) => (start, end),
                Entry::AllDay(start, end) => (oracle.first_of(start), oracle.first_of(end)),
            })
            .collect();
        oracle
    }

    fn local(&self, seconds: i64) -> DateTime {
        self.zone.to_datetime(instant(seconds))
    }

    fn openings_of(&mut self, date: Date) {
        let weekday = date.weekday().to_sunday_zero_offset().unsigned_abs();
        let list = self.case.dates.get(&date).or_else(|| self.case.week.get(&weekday));
        for (from, to) in list.into_iter().flatten() {
            let start = self.instants(at_minute(date, *from)).0;
            let end_date = if to <= from { date.tomorrow().unwrap() } else { date };
            let mut end = self.instants(at_minute(end_date, *to)).1;
            for later in self.case.dates.keys().filter(|later| **later > date) {
                end = end.min(self.first_of(*later));
            }
            if start < end {
                self.openings.push((start, end));
            }
        }
    }

    /// The first and the last instant at which the wall clock shows a time; where none does, the first that shows a later
    /// one, twice.
    ///
    /// Found by trying every offset of the days around. The library's own way back from the wall clock is not used: it
    /// tells of an hour in Nuuk, in October 2023, that came twice and did not.
    fn instants(&self, wanted: DateTime) -> (i64, i64) {
        let as_if_utc = jiff::tz::Offset::UTC.to_timestamp(wanted).unwrap().as_second();
        let around = (-30..30).map(|hours| self.zone.to_offset(instant(as_if_utc + hours * 3_600)).seconds());
        let possible: BTreeSet<i64> = around.map(|offset| as_if_utc - i64::from(offset)).collect();
        let mut shown = possible
            .iter()
            .copied()
            .filter(|seconds| self.local(*seconds) == wanted);
        if let Some(first) = shown.next() {
            return (first, shown.next_back().unwrap_or(first));
        }
        // The earliest of them was before the gap.
        let mut seconds = *possible.first().unwrap();
        while self.local(seconds) < wanted {
            seconds += MINUTE;
        }
        (seconds, seconds)
    }

    fn first_of(&self, date: Date) -> i64 {
        self.instants(date.at(0, 0, 0, 0)).0
    }

    fn is_in_hours(&self, start: i64) -> bool {
        let case = self.case;
        self.openings.iter().any(|(opens, closes)| {
            start >= *opens
                && (start - opens) % (case.interval * MINUTE) == 0
                && start + case.duration * MINUTE <= *closes
        })
    }

    fn is_in_time(&self, start: i64) -> bool {
        let case = self.case;
        start >= case.now + case.lead * MINUTE && start >= case.window.0 && start < case.window.1
    }

    fn is_free(&self, start: i64) -> bool {
        let case = self.case;
        let (before, after) = case.buffers;
        self.busy.iter().all(|(from, until)| {
            let (from, until) = (from - after * MINUTE, until + before * MINUTE);
            from >= until || start >= until || start + case.duration * MINUTE <= from
        })
    }

    fn is_below_cap(&self, start: i64) -> bool {
        let Some(cap) = self.case.cap else { return true };
        let date = self.local(start).date();
        let same = self
            .case
            .appointments
            .iter()
            .filter(|own| self.local(**own).date() == date);
        same.count() < usize::try_from(cap).unwrap()
    }

    fn offers(&self, start: i64) -> bool {
        self.is_in_hours(start) && self.is_in_time(start) && self.is_free(start) && self.is_below_cap(start)
    }

    fn starts(&self) -> Vec<i64> {
        let first = self.case.window.0.div_euclid(MINUTE) * MINUTE;
        (first..self.case.window.1)
            .step_by(60)
            .filter(|minute| self.offers(*minute))
            .collect()
    }
}

fn at_minute(date: Date, minute: i64) -> DateTime {
    date.at(0, 0, 0, 0)
        .checked_add(jiff::Span::new().minutes(minute))
        .unwrap()
}

fn is_subset(part: &[i64], whole: &[i64]) -> bool {
    part.iter().all(|start| whole.contains(start))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn starts_are_those_that_a_walk_through_every_minute_finds(case in cases()) {
        let found = case.starts();
        prop_assert!(found.is_sorted_by(|one, next| one < next), "{:?}", found);
        prop_assert_eq!(found, Oracle::new(&case).starts());
    }

    #[test]
    fn every_instant_that_is_not_offered_has_a_reason_that_is_true(case in cases(), minutes in vec(-3_000..9_000_i64, 40)) {
        let reach = (case.window.0 - 3 * DAY, case.window.1 + 7 * DAY);
        let (asked, oracle, found) = (case.asked(), Oracle::over(&case, reach), case.starts());
        let first = case.window.0.div_euclid(MINUTE) * MINUTE;
        // Some of everywhere, and all that are offered or nearly so.
        let near = found.iter().flat_map(|start| [*start, start + MINUTE, start + case.interval * MINUTE]);
        for start in minutes.iter().map(|minute| first + minute * MINUTE).chain(near) {
            let reasons = why_not(&asked.question(), Timestamp::from_seconds(start));
            prop_assert_eq!(reasons.is_empty(), found.contains(&start), "{:?} at {}", reasons, start);
            let blames = |rule: fn(&WhyNot) -> bool| reasons.iter().any(rule);
            prop_assert_eq!(!oracle.is_in_hours(start), blames(is_of_hours), "{:?}", reasons);
            prop_assert_eq!(!oracle.is_in_time(start), blames(is_of_time), "{:?}", reasons);
            prop_assert_eq!(!oracle.is_free(start), blames(is_of_calendar), "{:?}", reasons);
            prop_assert_eq!(!oracle.is_below_cap(start), blames(is_of_cap), "{:?}", reasons);
            for reason in &reasons {
                prop_assert!(!reason.sentence(&asked.zone).is_empty());
                check_details(&case, &oracle, start, reason)?;
            }
        }
    }

    #[test]
    fn more_entries_give_no_more_starts(case in cases(), from in 0..12_usize) {
        let mut fewer = case.clone();
        fewer.busy.truncate(from);
        prop_assert!(is_subset(&case.starts(), &fewer.starts()));
        // And the same entries again take nothing.
        let mut twice = case.clone();
        twice.busy.extend(case.busy.clone());
        prop_assert_eq!(twice.starts(), case.starts());
    }

    #[test]
    fn asking_for_more_gives_no_more_starts(case in cases(), more in 0..200_i64) {
        let before = case.starts();
        let changes: [fn(&mut Case, i64); 4] = [
            |case, more| case.lead += more,
            |case, more| case.buffers.0 += more,
            |case, more| case.buffers.1 += more,
            |case, more| case.duration += more,
        ];
        for change in changes {
            let mut stricter = case.clone();
            change(&mut stricter, more);
            prop_assert!(is_subset(&stricter.starts(), &before));
        }
    }

    #[test]
    fn the_order_of_a_list_means_nothing(case in cases(), by in 0..12_usize) {
        let mut other = case.clone();
        let middle = by % other.busy.len().max(1);
        other.busy.rotate_left(middle);
        other.appointments.reverse();
        for list in other.week.values_mut().chain(other.dates.values_mut()) {
            list.reverse();
        }
        prop_assert_eq!(other.starts(), case.starts());
        other.busy.reverse();
        prop_assert_eq!(other.starts(), case.starts());
    }

    #[test]
    fn a_window_in_two_parts_gives_the_starts_of_both(case in cases(), part in 0.0..1.0_f64) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "any instant in between will do")]
        let middle = case.window.0 + ((case.window.1 - case.window.0) as f64 * part) as i64;
        let (mut first, mut second) = (case.clone(), case.clone());
        first.window.1 = middle;
        second.window.0 = middle;
        let both: Vec<i64> = first.starts().into_iter().chain(second.starts()).collect();
        prop_assert_eq!(both, case.starts());
    }
}

fn is_of_hours(why: &WhyNot) -> bool {
    matches!(
        why,
        WhyNot::DateClosed { .. }
            | WhyNot::WeekdayClosed { .. }
            | WhyNot::OutsideHours { .. }
            | WhyNot::DoesNotFit { .. }
            | WhyNot::OffGrid { .. }
    )
}

fn is_of_time(why: &WhyNot) -> bool {
    matches!(
        why,
        WhyNot::BeforeWindow { .. } | WhyNot::AfterWindow { .. } | WhyNot::Past { .. } | WhyNot::TooSoon { .. }
    )
}

fn is_of_calendar(why: &WhyNot) -> bool {
    matches!(why, WhyNot::Busy { .. } | WhyNot::Buffer { .. })
}

fn is_of_cap(why: &WhyNot) -> bool {
    matches!(why, WhyNot::DayFull { .. })
}

/// What a reason says beside its name is true, too.
fn check_details(case: &Case, oracle: &Oracle<'_>, start: i64, why: &WhyNot) -> Result<(), TestCaseError> {
    let end = start + case.duration * MINUTE;
    let around = |at: i64| {
        oracle
            .openings
            .iter()
            .any(|(opens, closes)| (*opens..*closes).contains(&at))
    };
    match why {
        WhyNot::DateClosed { date } => prop_assert_eq!(case.dates.get(&date.to_date()).map(Vec::len), Some(0)),
        WhyNot::WeekdayClosed { date } => {
            prop_assert!(!case.dates.contains_key(&date.to_date()));
            prop_assert!(!around(start));
        }
        WhyNot::OutsideHours { hours, own_hours, date } => {
            prop_assert!(!around(start) && !hours.is_empty());
            prop_assert_eq!(*own_hours, case.dates.contains_key(&date.to_date()));
        }
        WhyNot::DoesNotFit { until } => {
            prop_assert!(around(start) && start < until.as_seconds() && until.as_seconds() < end);
        }
        WhyNot::OffGrid { before, after } => {
            prop_assert!(oracle.is_in_hours(before.as_seconds()) && before.as_seconds() < start);
            if let Some(after) = after {
                prop_assert!(oracle.is_in_hours(after.as_seconds()) && after.as_seconds() > start);
            }
        }
        WhyNot::BeforeWindow { .. } => prop_assert!(start < case.window.0),
        WhyNot::AfterWindow { .. } => prop_assert!(start >= case.window.1),
        WhyNot::Past { .. } => prop_assert!(start < case.now),
        WhyNot::TooSoon { earliest, .. } => {
            prop_assert!(start >= case.now && start < earliest.as_seconds());
        }
        WhyNot::Busy { entry, from, until, .. } => {
            let block = oracle.busy[*entry];
            prop_assert_eq!(block, (from.as_seconds(), until.as_seconds()));
            prop_assert!(start < block.1 && block.0 < end);
        }
        WhyNot::Buffer { entry, minutes, .. } => {
            let block = oracle.busy[*entry];
            prop_assert!(start >= block.1 || block.0 >= end);
            let gap = if start >= block.1 {
                start - block.1
            } else {
                block.0 - end
            };
            prop_assert!(gap < i64::from(*minutes) * MINUTE, "{} within {}", gap, minutes);
        }
        WhyNot::DayFull { appointments, most, .. } => {
            prop_assert!(*appointments >= usize::try_from(*most).unwrap());
        }
        // A calendar service says so, never these rules.
        WhyNot::NotOffered => prop_assert!(false, "rules of a calendar service"),
    }
    Ok(())
}

/// A week of hours around every change of the clocks of every zone in the list, from 1990 to 2037.
#[test]
fn around_every_change_of_the_clocks_the_walk_finds_the_same() {
    let (mut changes, mut found) = (0, 0);
    for zone in ZONES {
        let library = library_zone(zone);
        let in_years = library
            .following(instant(YEARS.start))
            .map(|change| change.timestamp().as_second())
            .take_while(|change| *change < YEARS.end);
        for (index, change) in in_years.enumerate() {
            let date = library.to_datetime(instant(change)).date();
            // The hours take turns, so that gaps and repetitions lie at every place of them.
            let list = match index % 4 {
                0 => vec![(0, 1_440)],
                1 => vec![(1_380, 150), (165, 300)],
                2 => vec![(1_320, 1_440), (0, 45), (135, 180)],
                _ => vec![(1_410, 1_405)],
            };
            let case = Case {
                zone,
                week: (0..7).map(|day| (day, list.clone())).collect(),
                dates: if index % 3 == 0 {
                    BTreeMap::from([(date, vec![(30, 200)])])
                } else {
                    BTreeMap::new()
                },
                now: change - 9 * DAY,
                window: (change - DAY, change + DAY),
                duration: 30,
                interval: 15,
                buffers: (5, 10),
                lead: 0,
                cap: Some(1),
                busy: vec![
                    Entry::AllDay(date.tomorrow().unwrap(), date.tomorrow().unwrap().tomorrow().unwrap()),
                    Entry::Span(change - 2_000, change - 1_000),
                ],
                appointments: if index % 5 == 0 { vec![change - 1] } else { Vec::new() },
            };
            let starts = case.starts();
            assert_eq!(starts, Oracle::new(&case).starts(), "{case:?}");
            found += starts.len();
            changes += 1;
        }
    }
    assert!(
        changes > 2_000 && found > 100_000,
        "only {changes} changes with {found} starts"
    );
}
