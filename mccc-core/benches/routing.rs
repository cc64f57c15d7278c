//! What a routing decision costs, beside the floor: one conversion to local time, a table of the week and a search in
//! the dates, all with nothing else around them. Before anything is timed, all of them must agree on every instant.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot be set up should stop"
)]

use std::sync::LazyLock;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use mccc_core::Timestamp;
use mccc_core::routing::{
    Block, CallSource, CallerFacts, Compiled, DateOverride, Method, Schedule, TimeOfDay, decide, explain,
};
use mccc_core::zone::{LocalDay, Weekday, Zone};

const ZONE: &str = "America/Chicago";
const INSTANTS: usize = 100_000;
/// Opening and closing minute by weekday, Sunday first.
const OPEN: [Option<(i64, i64)>; 7] = [
    None,
    Some((480, 1_080)),
    Some((480, 1_080)),
    Some((480, 1_080)),
    Some((480, 1_080)),
    Some((480, 1_080)),
    Some((540, 840)),
];
const READY: CallerFacts<'_> = CallerFacts {
    blocked: false,
    spam: false,
    suspected: None,
    emergency_until: None,
    voice_ready: true,
    source: CallSource::UNKNOWN,
};

fn main() {
    let mut open = 0;
    for seconds in &WORLD.instants {
        let at = Timestamp::from_seconds(*seconds);
        let decided = WORLD.decided(at);
        let explained = explain(&WORLD.compiled, &READY, at).0.method == Method::AiVoice;
        assert_eq!(decided, WORLD.by_words(*seconds), "at {at}");
        assert_eq!(decided, explained, "at {at}");
        assert_eq!(decided, WORLD.by_library(*seconds), "at {at}");
        assert_eq!(decided, WORLD.by_offsets(*seconds), "at {at}");
        open += usize::from(decided);
    }
    assert!(
        (INSTANTS / 10..INSTANTS).contains(&open),
        "{open} open instants prove little"
    );
    divan::main();
}

struct World {
    compiled: Compiled,
    zone: Zone,
    time_zone: TimeZone,
    instants: Vec<i64>,
    /// Sorted days since 1970.
    holidays: Vec<i64>,
    /// First second and offset of each stretch between two changes of the clocks.
    offsets: Vec<(i64, i64)>,
}

static WORLD: LazyLock<World> = LazyLock::new(World::new);

impl World {
    fn new() -> Self {
        let zone = Zone::parse(ZONE).unwrap();
        let time_zone = TimeZoneDatabase::bundled().get(ZONE).unwrap();
        let days: Vec<LocalDay> = (2023..2032).flat_map(holidays).collect();
        let weekly = Weekday::ALL
            .into_iter()
            .zip(OPEN)
            .filter_map(|(day, hours)| hours.map(|hours| (day, hours)))
            .map(|(day, (from, to))| {
                let time = |minutes| TimeOfDay::from_minutes(u16::try_from(minutes).unwrap()).unwrap();
                Block::new(day, time(from), time(to), Method::AiVoice)
            });
        let schedule = Schedule {
            weekly: weekly.collect(),
            overrides: days
                .iter()
                .map(|day| DateOverride::whole_day(*day, Method::Off))
                .collect(),
            ..Schedule::always(Method::Off)
        };
        let mut holidays: Vec<i64> = days.iter().map(|day| i64::from(day.days())).collect();
        holidays.sort_unstable();
        let start = jiff::Timestamp::from_second(FIRST - 86_400).unwrap();
        let mut offsets = vec![(i64::MIN, i64::from(time_zone.to_offset(start).seconds()))];
        for change in time_zone
            .following(start)
            .take_while(|change| change.timestamp().as_second() <= LAST)
        {
            offsets.push((change.timestamp().as_second(), i64::from(change.offset().seconds())));
        }
        Self {
            compiled: schedule.compile(&zone).unwrap(),
            instants: instants(&time_zone),
            zone,
            time_zone,
            holidays,
            offsets,
        }
    }

    fn decided(&self, at: Timestamp) -> bool {
        decide(&self.compiled, &READY, at).method == Method::AiVoice
    }

    /// The floor with the time library's own conversion.
    fn by_library(&self, seconds: i64) -> bool {
        let at = jiff::Timestamp::from_second(seconds).unwrap();
        self.by_table(seconds + i64::from(self.time_zone.to_offset(at).seconds()))
    }

    /// The floor with a prepared list of offsets.
    fn by_offsets(&self, seconds: i64) -> bool {
        let stretch = self.offsets.partition_point(|(from, _)| *from <= seconds) - 1;
        self.by_table(seconds + self.offsets[stretch].1)
    }

    fn by_table(&self, local: i64) -> bool {
        let (day, minute) = (local.div_euclid(86_400), local.rem_euclid(86_400) / 60);
        let weekday = usize::try_from((day + 4).rem_euclid(7)).unwrap_or(0);
        OPEN[weekday].is_some_and(|(from, to)| minute >= from && minute < to)
            && self.holidays.binary_search(&day).is_err()
    }

    /// Independent of everything above: the library's calendar and comparison of texts.
    fn by_words(&self, seconds: i64) -> bool {
        let local = jiff::Timestamp::from_second(seconds)
            .unwrap()
            .to_zoned(self.time_zone.clone());
        let clock = local.strftime("%H:%M").to_string();
        let hours = match local.strftime("%a").to_string().as_str() {
            "Sun" => return false,
            "Sat" => "09:00".."14:00",
            _ => "08:00".."18:00",
        };
        !holidays(local.year()).contains(&LocalDay::from_date(local.date())) && hours.contains(&clock.as_str())
    }
}

/// 2024-01-01 and the end of 2030, in UTC.
const FIRST: i64 = 1_704_067_200;
const LAST: i64 = 1_924_991_999;

/// Half anywhere, half within two hours of a local time at which something may change.
fn instants(zone: &TimeZone) -> Vec<i64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: i64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        i64::try_from(state >> 2).unwrap() % below
    };
    (0..INSTANTS)
        .map(|index| {
            let anywhere = FIRST + random(LAST - FIRST);
            if index % 2 == 0 {
                return anywhere;
            }
            let hour = [0, 1, 2, 8, 9, 14, 18][usize::try_from(random(7)).unwrap()];
            let date = zone.to_datetime(jiff::Timestamp::from_second(anywhere).unwrap()).date();
            let edge = zone.to_zoned(date.at(hour, 0, 0, 0)).unwrap().timestamp().as_second();
            edge - 7_200 + random(14_400)
        })
        .collect()
}

/// A dozen closed days of a year.
fn holidays(year: i16) -> Vec<LocalDay> {
    let date = |month, day| Date::new(year, month, day).unwrap();
    let nth = |month, nth, weekday| date(month, 1).nth_weekday_of_month(nth, weekday).unwrap();
    use jiff::civil::Weekday as W;
    [
        date(1, 1),
        nth(1, 3, W::Monday),
        nth(2, 3, W::Monday),
        nth(5, -1, W::Monday),
        date(6, 19),
        date(7, 4),
        nth(9, 1, W::Monday),
        nth(10, 2, W::Monday),
        date(11, 11),
        nth(11, 4, W::Thursday),
        date(12, 24),
        date(12, 25),
    ]
    .map(LocalDay::from_date)
    .into()
}

fn each(bencher: Bencher<'_, '_>, ask: impl Fn(i64) -> bool + Sync) {
    let world = &*WORLD;
    bencher.counter(ItemsCount::new(INSTANTS)).bench(|| {
        world
            .instants
            .iter()
            .filter(|seconds| black_box(ask(black_box(**seconds))))
            .count()
    });
}

#[divan::bench]
fn decision(bencher: Bencher<'_, '_>) {
    let world = &*WORLD;
    each(bencher, |seconds| world.decided(Timestamp::from_seconds(seconds)));
}

#[divan::bench]
fn floor_library_conversion_and_table(bencher: Bencher<'_, '_>) {
    let world = &*WORLD;
    each(bencher, |seconds| world.by_library(seconds));
}

#[divan::bench]
fn floor_prepared_offsets_and_table(bencher: Bencher<'_, '_>) {
    let world = &*WORLD;
    each(bencher, |seconds| world.by_offsets(seconds));
}

#[divan::bench]
fn local_time(bencher: Bencher<'_, '_>) {
    let world = &*WORLD;
    each(bencher, |seconds| {
        world.zone.to_local(Timestamp::from_seconds(seconds)).second_of_day == 61
    });
}

#[divan::bench]
fn local_time_of_library(bencher: Bencher<'_, '_>) {
    let world = &*WORLD;
    each(bencher, |seconds| {
        let at = jiff::Timestamp::from_second(seconds).unwrap();
        world.time_zone.to_datetime(at).minute() == 61
    });
}

#[divan::bench(sample_count = 10)]
fn explanation(bencher: Bencher<'_, '_>) {
    let world = &*WORLD;
    each(bencher, |seconds| {
        explain(&world.compiled, &READY, Timestamp::from_seconds(seconds))
            .0
            .method
            == Method::AiVoice
    });
}
