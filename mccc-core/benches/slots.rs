//! What a question for free slots costs, beside a filter as one would write it first: day by day, every start against
//! every entry, dates counted through the time library. Before anything is timed, both must give the same starts.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up should stop")]

use divan::{Bencher, black_box};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use mccc_core::Timestamp;
use mccc_core::routing::Hours;
use mccc_core::slots::{Busy, OpeningHours, Question, Terms, Window, starts, why_not};
use mccc_core::zone::{LocalDay, Zone};

const ZONE: &str = "America/Chicago";
const MINUTE: i64 = 60;

fn main() {
    for (days, events, cap) in [
        (14, 40, None),
        (14, 40, Some(8)),
        (30, 500, Some(8)),
        (30, 5_000, Some(8)),
        (30, 0, Some(8)),
    ] {
        let world = World::new(days, events, cap);
        let found = starts(&world.question());
        assert_eq!(found, world.naive(), "{days} days with {events} entries");
        assert!(
            events > 1_000 || found.len() > 10,
            "{} starts prove little",
            found.len()
        );
    }
    divan::main();
}

/// Weekdays from 8:00 to 17:00, visits of an hour every half.
struct World {
    zone: Zone,
    library: TimeZone,
    hours: OpeningHours,
    terms: Terms,
    now: Timestamp,
    window: Window,
    days: i64,
    busy: Vec<Busy>,
    appointments: Vec<Timestamp>,
}

impl World {
    /// Entries of 20 to 50 minutes at any hour of the window, in no order; every fourth is an appointment of ours.
    fn new(days: u16, events: usize, cap: Option<u32>) -> Self {
        let zone = Zone::parse(ZONE).unwrap();
        // A Monday morning; clocks change in the window.
        let now = Timestamp::parse("2027-03-01T14:00:00Z").unwrap();
        let window = Window::of_days(&zone, now, days);
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = |below: i64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            i64::try_from(state >> 2).unwrap() % below
        };
        let length = window.end().as_seconds() - now.as_seconds();
        let mut busy = Vec::new();
        let mut appointments = Vec::new();
        for index in 0..events {
            let start = now.as_seconds() + random(length) / 300 * 300;
            let end = start + (20 + random(30)) * MINUTE;
            let start = Timestamp::from_seconds(start);
            busy.push(Busy::Span {
                start,
                end: Timestamp::from_seconds(end),
            });
            if index % 4 == 0 {
                appointments.push(start);
            }
        }
        let week: Vec<Hours> = serde_json::from_value(
            (1..6)
                .map(|day| serde_json::json!({"day": day, "start": "08:00", "end": "17:00"}))
                .collect(),
        )
        .unwrap();
        Self {
            library: TimeZoneDatabase::bundled().get(ZONE).unwrap(),
            hours: OpeningHours::of_week(&week).unwrap(),
            terms: Terms::of(60)
                .unwrap()
                .every(30)
                .unwrap()
                .buffers(15, 15)
                .unwrap()
                .max_per_day(cap),
            zone,
            now,
            window,
            days: days.into(),
            busy,
            appointments,
        }
    }

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

    /// Day by day: the starts of its hours, less those that meet an entry, less all of a full day.
    fn naive(&self) -> Vec<Timestamp> {
        let earliest = self.now.as_seconds() + 120 * MINUTE;
        let mut found = Vec::new();
        let today = self.zone.to_local(self.now).day;
        for day in 0..=self.days {
            let date = today.plus_days(i32::try_from(day).unwrap()).to_date();
            if date.weekday().to_sunday_zero_offset() % 6 == 0 {
                continue;
            }
            if let Some(cap) = self.terms.cap() {
                let on_date = |own: &&Timestamp| own.to_jiff().to_zoned(self.library.clone()).date() == date;
                if self.appointments.iter().filter(on_date).count() >= usize::try_from(cap).unwrap() {
                    continue;
                }
            }
            let instant = |hour: i8| {
                self.library
                    .to_zoned(date.at(hour, 0, 0, 0))
                    .unwrap()
                    .timestamp()
                    .as_second()
            };
            let (opens, closes) = (instant(8), instant(17));
            let mut start = opens;
            while start + 60 * MINUTE <= closes {
                let meets = |entry: &Busy| match entry {
                    Busy::Span {
                        start: from,
                        end: until,
                    } => {
                        start < until.as_seconds() + 15 * MINUTE
                            && from.as_seconds() - 15 * MINUTE < start + 60 * MINUTE
                    }
                    Busy::AllDay { .. } => false,
                };
                if start >= earliest && start < self.window.end().as_seconds() && !self.busy.iter().any(meets) {
                    found.push(Timestamp::from_seconds(start));
                }
                start += 30 * MINUTE;
            }
        }
        found
    }
}

fn engine(bencher: Bencher<'_, '_>, world: &World) {
    bencher.bench(|| starts(black_box(&world.question())));
}

#[divan::bench]
fn days_14_events_40(bencher: Bencher<'_, '_>) {
    engine(bencher, &World::new(14, 40, None));
}

#[divan::bench]
fn days_14_events_40_cap(bencher: Bencher<'_, '_>) {
    engine(bencher, &World::new(14, 40, Some(8)));
}

#[divan::bench]
fn days_30_events_0_cap(bencher: Bencher<'_, '_>) {
    engine(bencher, &World::new(30, 0, Some(8)));
}

#[divan::bench]
fn days_30_events_500_cap(bencher: Bencher<'_, '_>) {
    engine(bencher, &World::new(30, 500, Some(8)));
}

#[divan::bench]
fn days_30_events_500_cap_naive(bencher: Bencher<'_, '_>) {
    let world = World::new(30, 500, Some(8));
    bencher.bench(|| black_box(&world).naive());
}

#[divan::bench]
fn days_30_events_5000_cap(bencher: Bencher<'_, '_>) {
    engine(bencher, &World::new(30, 5_000, Some(8)));
}

#[divan::bench]
fn days_30_events_5000_cap_in_order(bencher: Bencher<'_, '_>) {
    let mut world = World::new(30, 5_000, Some(8));
    world.busy.sort_by_key(|entry| match entry {
        Busy::Span { start, .. } => *start,
        Busy::AllDay { start, .. } => Timestamp::from_seconds(i64::from(start.days()) * 86_400),
    });
    engine(bencher, &world);
}

#[divan::bench]
fn why_not_among_500(bencher: Bencher<'_, '_>) {
    let world = World::new(30, 500, Some(8));
    let at = Timestamp::parse("2027-03-16T15:00:00Z").unwrap();
    bencher.bench(|| why_not(black_box(&world.question()), black_box(at)));
}

#[divan::bench]
fn whole_date_entries_500(bencher: Bencher<'_, '_>) {
    let mut world = World::new(30, 0, None);
    world.busy = (0..500)
        .map(|day| Busy::AllDay {
            start: LocalDay(20_800 + day % 60),
            end: LocalDay(20_801 + day % 60),
        })
        .collect();
    engine(bencher, &world);
}
