//! Laws of routing and of civil time, for any schedule, zone and instant.
//!
//! The decisions are held against [`naive`], which knows nothing of quarters, tables or compiled offsets: it asks the
//! time library for the local date and compares clock texts.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "test code: a generator that cannot build its value should fail the test"
)]

use std::sync::LazyLock;

use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use mccc_core::routing::{
    Block, CallSource, CallerFacts, Cell, CellProblem, DateOverride, Decision, FallbackStep, Grid, Hours, Method, Only,
    RuleRef, Schedule, TimeOfDay, Trace, Variant, decide, explain, next_change, simulate,
};
use mccc_core::zone::{LocalDay, Resolved, Weekday, Zone};
use mccc_core::{CallerId, PhoneNumber, RuleId, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Ordinary zones, and those whose clocks do what no other's do.
const ZONES: [&str; 12] = [
    "America/Chicago",
    "America/Vancouver",
    "America/Edmonton",
    "America/Phoenix",
    "America/St_Johns",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Pacific/Apia",
    "Pacific/Chatham",
];

/// 2024-01-01 and 2031-01-01.
const YEARS: std::ops::Range<i64> = 1_704_067_200..1_925_000_000;

fn library_zone(name: &str) -> TimeZone {
    TimeZoneDatabase::bundled().get(name).unwrap()
}

fn zones() -> impl Strategy<Value = Zone> {
    select(&ZONES[..]).prop_map(|name| Zone::parse(name).unwrap())
}

fn methods() -> impl Strategy<Value = Method> {
    select(Method::ALL)
}

fn weekdays() -> impl Strategy<Value = Weekday> {
    select(&Weekday::ALL[..])
}

/// A range of quarters; an end before the start lies on the next day.
fn ranges() -> impl Strategy<Value = (TimeOfDay, TimeOfDay)> {
    let quarter = |n: u16| TimeOfDay::from_minutes(n * 15).unwrap();
    (0..96_u16, 0..=96_u16)
        .prop_filter("empty", |(start, end)| start != end)
        .prop_map(move |(start, end)| (quarter(start), quarter(end)))
}

fn updates() -> impl Strategy<Value = Option<Timestamp>> {
    select(vec![
        None,
        Some(Timestamp::from_seconds(1)),
        Some(Timestamp::from_seconds(2)),
    ])
}

fn ids() -> impl Strategy<Value = RuleId> {
    any::<u128>().prop_map(|id| RuleId::from_uuid(uuid::Uuid::from_u128(id | 1)))
}

/// Mostly for every call.
fn conditions() -> impl Strategy<Value = Only> {
    let only = [
        Only {
            area_codes: vec![312, 773],
            ..Only::default()
        },
        Only {
            withheld: Some(true),
            ..Only::default()
        },
        Only {
            trades: vec!["hvac".into()],
            ..Only::default()
        },
        Only {
            called: vec![OURS[1]],
            area_codes: vec![512],
            ..Only::default()
        },
    ];
    prop_oneof![3 => Just(Only::default()), 2 => select(only.to_vec())]
}

static OURS: LazyLock<[PhoneNumber; 2]> =
    LazyLock::new(|| ["+17732000001", "+17732000002"].map(|text| PhoneNumber::parse(text).unwrap()));

/// Callers, the numbers they reach and the trades of those.
fn source(n: usize) -> CallSource<'static> {
    let (caller, ours, trade) = [
        ("+13125550123", 0, "plumbing"),
        ("anonymous", 0, "plumbing"),
        ("+15125550123", 1, "hvac"),
        ("+442079460000", 1, "hvac"),
        ("restricted", 1, "hvac"),
    ][n];
    CallSource {
        caller: Some(CallerId::from_raw(caller)),
        called: Some(OURS[ours]),
        forwarded_from: None,
        trade: Some(trade),
    }
}

/// What a condition of [`conditions`] means, read as a person would.
fn meant(only: &Only, facts: &CallerFacts<'_>) -> bool {
    let caller = facts.source.caller.and_then(|caller| caller.number());
    let text = caller.map(|number| number.to_string()).unwrap_or_default();
    let from = |codes: &[&str]| codes.iter().any(|code| text.starts_with(&format!("+1{code}")));
    if only.withheld.is_some() {
        text.is_empty() && facts.source.caller.is_some()
    } else if !only.trades.is_empty() {
        facts.source.trade == Some("hvac")
    } else if !only.called.is_empty() {
        facts.source.called == Some(OURS[1]) && from(&["512"])
    } else {
        only.area_codes.is_empty() || from(&["312", "773"])
    }
}

fn blocks() -> impl Strategy<Value = Block> {
    (
        ids(),
        weekdays(),
        ranges(),
        methods(),
        conditions(),
        prop::bool::weighted(0.85),
        0..3,
        updates(),
    )
        .prop_map(
            |(id, day, (start, end), method, only, active, priority, updated_at)| Block {
                id,
                day,
                start,
                end,
                method,
                only,
                active,
                priority,
                updated_at,
            },
        )
}

/// Few dates, so that overrides meet; those that could tie do not cross midnight, because what is left of a rule after
/// midnight has an identifier of its own.
fn overrides() -> impl Strategy<Value = DateOverride> {
    let range = prop::option::of(ranges().prop_filter("crosses", |(start, end)| start < end));
    let variant = prop::option::of(select(Variant::ALL));
    (
        ids(),
        0..6_i32,
        range,
        methods(),
        variant,
        conditions(),
        prop::bool::weighted(0.85),
        0..2,
        updates(),
    )
        .prop_map(
            |(id, day, range, method, variant, only, active, priority, updated_at)| DateOverride {
                id,
                date: LocalDay(20_515 + day),
                start: range.map(|(start, _)| start),
                end: range.map(|(_, end)| end),
                method,
                variant,
                label: None,
                only,
                active,
                priority,
                updated_at,
            },
        )
}

fn hours() -> impl Strategy<Value = Hours> {
    (weekdays(), ranges()).prop_map(|(day, (start, end))| Hours { day, start, end })
}

fn fallbacks() -> impl Strategy<Value = Vec<FallbackStep>> {
    use FallbackStep::{AutoText, Voicemail};
    select(vec![vec![Voicemail, AutoText], vec![Voicemail], vec![AutoText]])
}

/// Any schedule that can be saved.
fn schedules() -> impl Strategy<Value = Schedule> {
    let inactive = vec(weekdays(), 0..2);
    let rules = (vec(blocks(), 0..14), vec(overrides(), 0..6), vec(hours(), 0..8));
    (
        methods(),
        fallbacks(),
        any::<bool>(),
        inactive,
        rules,
        prop::option::of(nights()),
    )
        .prop_map(
            |(
                default,
                voice_fallback,
                emergency_override,
                inactive_days,
                (weekly, overrides, business_hours),
                night,
            )| {
                let mut schedule = Schedule {
                    voice_fallback,
                    emergency_override,
                    inactive_days,
                    overrides,
                    business_hours,
                    ..Schedule::always(default)
                };
                schedule.overrides.extend(night);
                for block in weekly {
                    schedule.weekly.push(block);
                    if schedule.validate().is_err() {
                        schedule.weekly.pop();
                    }
                }
                schedule
            },
        )
}

/// An override over midnight that ties with nothing.
fn nights() -> impl Strategy<Value = DateOverride> {
    let range = ranges().prop_filter("within a day", |(start, end)| end < start);
    (overrides(), range).prop_map(|(rule, (start, end))| DateOverride {
        start: Some(start),
        end: Some(end),
        priority: 7,
        ..rule
    })
}

/// Instants anywhere, near the overridden dates, and near changes of the clocks.
fn instants() -> impl Strategy<Value = Timestamp> {
    let overridden = 20_513 * 86_400_i64..20_523 * 86_400;
    // The second Sunday of March and the first of November 2026 and 2027, and the changes of Brazil and Samoa.
    let changes = select(vec![
        1_772_956_800_i64,
        1_793_516_400,
        1_805_011_200,
        1_825_570_800,
        1_541_300_400,
        1_550_368_800,
        1_325_239_200,
    ]);
    prop_oneof![
        YEARS,
        overridden,
        (changes, -100_000..100_000_i64).prop_map(|(change, by)| change + by)
    ]
    .prop_flat_map(|seconds| (Just(seconds), 0..1_000_000_i64))
    .prop_map(|(seconds, micros)| Timestamp::from_micros(seconds * 1_000_000 + micros))
}

fn callers() -> impl Strategy<Value = (bool, bool, Option<i64>, bool, usize)> {
    let rare = || prop::bool::weighted(0.1);
    (
        rare(),
        rare(),
        prop::option::weighted(0.3, -3_600..3_600_i64),
        any::<bool>(),
        0..5_usize,
    )
}

fn facts(
    (blocked, spam, emergency, voice_ready, n): (bool, bool, Option<i64>, bool, usize),
    at: Timestamp,
) -> CallerFacts<'static> {
    CallerFacts {
        blocked,
        spam,
        suspected: None,
        emergency_until: emergency.map(|by| Timestamp::from_micros(at.as_micros() + by * 1_000_000)),
        voice_ready,
        source: source(n),
    }
}

const READY: CallerFacts<'_> = CallerFacts {
    blocked: false,
    spam: false,
    suspected: None,
    emergency_until: None,
    voice_ready: true,
    source: CallSource::UNKNOWN,
};

/// What the rules say, read as a person would: level, method, wording, and the method that is carried out.
fn naive(
    schedule: &Schedule,
    zone: &str,
    facts: &CallerFacts<'_>,
    at: Timestamp,
) -> (&'static str, Method, Variant, Method) {
    let now = at.to_jiff().to_zoned(library_zone(zone));
    let today = now.date();
    let yesterday = today.yesterday().unwrap();
    let clock = now.strftime("%H:%M").to_string();
    let in_day = |start: &str, end: &str| *start <= *clock && *clock < *end;
    // Whether the range that starts today, or what is left of the one that started yesterday, covers the clock.
    let covers = |starts_today: bool, started_yesterday: bool, start: TimeOfDay, end: TimeOfDay| {
        let (start, end) = (start.to_string(), end.to_string());
        if start < end {
            starts_today && in_day(&start, &end)
        } else {
            (starts_today && in_day(&start, "24:00")) || (started_yesterday && in_day("00:00", &end))
        }
    };
    let is_day = |date: jiff::civil::Date, day: Weekday| date.strftime("%A").to_string().to_lowercase() == day.name();

    let open = schedule
        .business_hours
        .iter()
        .any(|h| covers(is_day(today, h.day), is_day(yesterday, h.day), h.start, h.end));
    let mut variant = if open {
        Variant::BusinessHours
    } else {
        Variant::AfterHours
    };
    let key = |priority: i32, updated: Option<Timestamp>, id: RuleId| {
        (
            -i64::from(priority),
            -updated.map_or(i64::MIN + 1, Timestamp::as_micros),
            id,
        )
    };

    let day_off = schedule.inactive_days.iter().any(|day| is_day(today, *day));
    let weekly = schedule
        .weekly
        .iter()
        .filter(|b| meant(&b.only, facts))
        .filter(|b| b.active && !day_off && covers(is_day(today, b.day), is_day(yesterday, b.day), b.start, b.end))
        .min_by_key(|b| (b.only == Only::default(), key(b.priority, b.updated_at, b.id)));
    let dated = schedule
        .overrides
        .iter()
        .filter(|o| {
            let (from, to) = (
                o.start.unwrap_or(TimeOfDay::MIDNIGHT),
                o.end.unwrap_or(TimeOfDay::END_OF_DAY),
            );
            let is = |date: jiff::civil::Date| date.to_string() == o.date.to_string();
            o.active && meant(&o.only, facts) && covers(is(today), is(yesterday), from, to)
        })
        .min_by_key(|o| (o.only == Only::default(), key(o.priority, o.updated_at, o.id)));
    if let Some(wording) = dated.and_then(|o| o.variant) {
        variant = wording;
    }

    let emergency = schedule.emergency_override && facts.emergency_until.is_some_and(|until| until > at);
    let (level, scheduled) = if facts.blocked {
        ("blocked", Method::Off)
    } else if facts.spam {
        ("spam", Method::Off)
    } else if emergency {
        ("emergency", Method::AiVoice)
    } else if let Some(rule) = dated {
        ("override", rule.method)
    } else if let Some(block) = weekly {
        ("weekly", block.method)
    } else {
        ("after_hours_default", schedule.after_hours_default)
    };
    let wants_voice = matches!(scheduled, Method::AiVoice | Method::Both);
    let done = match wants_voice && !facts.voice_ready {
        true if schedule.voice_fallback.contains(&FallbackStep::Voicemail) => Method::Voicemail,
        true => Method::AutoTextOnly,
        false => scheduled,
    };
    (level, scheduled, variant, done)
}

fn summary(decision: &Decision) -> (&'static str, Method, Variant, Method) {
    (
        decision.rule.level(),
        decision.scheduled,
        decision.variant,
        decision.method,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn tables_rules_and_common_sense_agree(
        schedule in schedules(),
        zone in zones(),
        cases in vec((instants(), callers()), 1..40),
    ) {
        let compiled = schedule.compile(&zone).unwrap();
        for (at, caller) in cases {
            let facts = facts(caller, at);
            let decision = decide(&compiled, &facts, at);
            let (explained, trace) = explain(&compiled, &facts, at);
            prop_assert_eq!(decision, explained, "at {}", at);
            prop_assert_eq!(summary(&decision), naive(&schedule, zone.name(), &facts, at), "at {}", at);
            prop_assert_eq!(simulate(&compiled, &[(at, facts)]), vec![decision]);
            check_trace(&trace, &decision, at)?;
        }
    }

    #[test]
    fn what_is_done_follows_from_the_method(schedule in schedules(), zone in zones(), at in instants(), caller in callers()) {
        let facts = facts(caller, at);
        let d = schedule.compile(&zone).unwrap().decide(&facts, at);
        prop_assert!(!(facts.blocked || facts.spam) || (d.method == Method::Off && !d.text && !d.voicemail));
        prop_assert!(facts.voice_ready || !matches!(d.method, Method::AiVoice | Method::Both));
        prop_assert_eq!(d.fallback.is_some(), d.method != d.scheduled);
        prop_assert_eq!(d.voicemail, d.method == Method::Voicemail);
        let stands_in = d.fallback.is_some() && schedule.voice_fallback.contains(&FallbackStep::AutoText);
        prop_assert_eq!(d.text, stands_in || matches!(d.scheduled, Method::Both | Method::AutoTextOnly));
    }

    #[test]
    fn the_order_of_rules_means_nothing(
        schedule in schedules(),
        zone in zones(),
        times in vec(instants(), 1..30),
        seed in any::<u64>(),
    ) {
        let mut other = schedule.clone();
        let by = |id: RuleId| id.uuid().as_u128().wrapping_mul(u128::from(seed | 1));
        other.weekly.sort_by_key(|rule| by(rule.id));
        other.overrides.sort_by_key(|rule| by(rule.id));
        other.business_hours.reverse();
        let (a, b) = (schedule.compile(&zone).unwrap(), other.compile(&zone).unwrap());
        for at in times {
            prop_assert_eq!(decide(&a, &READY, at), decide(&b, &READY, at), "at {}", at);
        }
    }

    #[test]
    fn nothing_changes_before_the_next_change(schedule in schedules(), zone in zones(), at in instants(), caller in callers(), parts in vec(0.0..1.0_f64, 20)) {
        let compiled = schedule.compile(&zone).unwrap();
        let facts = facts(caller, at);
        let now = decide(&compiled, &facts, at);
        let change = next_change(&compiled, &facts, at);
        let until = change.map_or(at.as_micros() + 40 * 86_400 * 1_000_000, |(until, _)| until.as_micros());
        prop_assert!(until > at.as_micros());
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "any instant in between will do")]
        let between = parts.iter().map(|part| at.as_micros() + ((until - at.as_micros()) as f64 * part) as i64);
        for instant in between.chain([until - 1]).filter(|instant| *instant < until) {
            let instant = Timestamp::from_micros(instant);
            prop_assert!(decide(&compiled, &facts, instant).is_same_answer(&now), "at {}", instant);
        }
        if let Some((until, then)) = change {
            prop_assert_eq!(decide(&compiled, &facts, until), then);
            prop_assert!(!then.is_same_answer(&now));
        }
    }

    #[test]
    fn the_next_opening_opens(schedule in schedules(), zone in zones(), now in instants()) {
        let compiled = schedule.compile(&zone).unwrap();
        if let Some(opening) = compiled.next_business_open(now) {
            let before = Timestamp::from_micros(opening.as_micros() - 1);
            prop_assert!(opening > now);
            prop_assert_eq!(decide(&compiled, &READY, opening).variant, Variant::BusinessHours);
            prop_assert_eq!(decide(&compiled, &READY, before).variant, Variant::AfterHours);
        }
    }

    #[test]
    fn any_painted_week_is_saved_and_read_back_exactly(
        schedule in schedules(),
        cells in vec(methods(), 336),
        splits in vec((0..336_usize, methods(), methods()), 0..12),
    ) {
        let grid = painted(&schedule, &cells, &splits);
        let saved = schedule.apply_grid(&grid, Timestamp::from_seconds(5));
        prop_assert!(saved.validate().is_ok(), "{:?}", saved.validate());
        prop_assert_eq!(saved.to_grid(), grid.clone());
        // As few blocks as there are stretches of one method that is not the default.
        let quarters: Vec<Method> = grid.iter().flat_map(|(_, _, cell)| cell.quarters()).collect();
        let stretches: usize = quarters
            .chunks(96)
            .map(|day| (0..96).filter(|q| day[*q] != saved.after_hours_default && (*q == 0 || day[*q] != day[*q - 1])).count())
            .sum();
        let shown = saved.weekly.iter().filter(|b| b.active && b.only.is_any() && !saved.inactive_days.contains(&b.day)).count();
        prop_assert_eq!(shown, stretches);
        // Saving the same week again changes nothing.
        prop_assert_eq!(saved.apply_grid(&grid, Timestamp::from_seconds(9)), saved);
    }

    #[test]
    fn saving_an_untouched_week_changes_no_answer(schedule in schedules(), zone in zones(), times in vec((instants(), callers()), 1..30)) {
        let saved = schedule.apply_grid(&schedule.to_grid(), Timestamp::from_seconds(5));
        let (before, after) = (schedule.compile(&zone).unwrap(), saved.compile(&zone).unwrap());
        for (at, caller) in times {
            let facts = facts(caller, at);
            let (before, after) = (decide(&before, &facts, at), decide(&after, &facts, at));
            prop_assert!(before.is_same_answer(&after), "at {}", at);
        }
        prop_assert_eq!(saved.overrides, schedule.validate().unwrap().overrides);
    }

    #[test]
    fn an_incomplete_week_is_refused_with_exactly_its_gaps(cells in vec(methods(), 336), gaps in vec((0..336_usize, 0..4), 1..9)) {
        let grid = painted(&Schedule::default(), &cells, &[]);
        let mut sent: Vec<serde_json::Value> =
            grid.to_output().iter().map(|cell| serde_json::to_value(cell).unwrap()).collect();
        let mut empty = std::collections::BTreeSet::new();
        for (place, kind) in gaps {
            empty.insert(place);
            match kind {
                0 => sent[place]["routing_method"] = serde_json::Value::Null,
                1 => sent[place]["routing_method"] = "".into(),
                2 => drop(sent[place].as_object_mut().unwrap().remove("routing_method")),
                _ => sent[place]["start_time"] = "gone".into(),
            }
        }
        // A cell that was not sent at all.
        sent.retain(|cell| cell["start_time"] != "gone");
        let sent: Vec<_> = sent.into_iter().map(|cell| serde_json::from_value(cell).unwrap()).collect();
        let error = grid.edited(&sent).unwrap_err();
        prop_assert_eq!(error.unassigned(), empty.len());
        prop_assert_eq!(error.cells.len(), empty.len());
        let named: Vec<(Weekday, String)> = error.cells.iter().map(|c| (c.day, c.start_time.clone())).collect();
        let output = grid.to_output();
        let expected: Vec<(Weekday, String)> =
            empty.iter().map(|place| (output[*place].day, output[*place].start_time.to_string())).collect();
        prop_assert_eq!(named, expected);
        prop_assert!(error.cells.iter().all(|c| matches!(c.problem, CellProblem::Missing | CellProblem::Unassigned)));
        let sentence = format!("We found {} time slot", empty.len());
        prop_assert!(error.to_string().contains(&sentence));
    }

    #[test]
    fn a_schedule_is_the_same_after_a_journey_as_text(schedule in schedules()) {
        let json = serde_json::to_string(&schedule).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Schedule>(&json).unwrap(), &schedule);
        let toml = toml::to_string(&schedule).unwrap();
        prop_assert_eq!(&toml::from_str::<Schedule>(&toml).unwrap(), &schedule);
    }

    #[test]
    fn the_stored_form_and_the_shown_form_say_the_same(schedule in schedules()) {
        let stored = schedule.validate().unwrap();
        prop_assert_eq!(&stored.validate().unwrap(), &stored);
        prop_assert!(stored.weekly.iter().all(|block| block.start < block.end));
        prop_assert_eq!(stored.to_grid(), schedule.to_grid());
        let shown = Schedule { weekly: stored.display_blocks(), ..stored.clone() };
        prop_assert!(shown.weekly.len() <= stored.weekly.len());
        // Showing two blocks as one moves only the day it counts for, which matters where a day is switched off.
        prop_assert_eq!(shown.to_grid(), stored.to_grid());
    }

    #[test]
    fn local_time_is_what_the_time_library_says(name in select(mccc_core::zone::names()), seconds in -5_000_000_000..9_000_000_000_i64) {
        let at = Timestamp::from_seconds(seconds);
        let local = Zone::parse(name).unwrap().to_local(at);
        let expected = at.to_jiff().to_zoned(library_zone(name));
        prop_assert_eq!(local.offset_seconds, expected.offset().seconds());
        prop_assert_eq!(local.day.to_date(), expected.date());
        prop_assert_eq!(LocalDay::from_date(expected.date()), local.day);
        prop_assert_eq!(
            (local.second_of_day, local.weekday.number()),
            (
                expected.hour().unsigned_abs().into_u32() * 3_600 + expected.minute().unsigned_abs().into_u32() * 60
                    + expected.second().unsigned_abs().into_u32(),
                expected.weekday().to_sunday_zero_offset().unsigned_abs(),
            )
        );
    }

    #[test]
    fn local_times_resolve_as_the_time_library_says(
        name in select(mccc_core::zone::names()),
        near in 0..400_usize,
        by in prop_oneof![-8_000..8_000_i64, -100_000..100_000_i64],
    ) {
        let zone = Zone::parse(name).unwrap();
        let library = library_zone(name);
        // Close to one of the zone's changes, if it has any.
        let changes: Vec<i64> = library
            .following(jiff::Timestamp::UNIX_EPOCH)
            .take(200)
            .map(|change| change.timestamp().as_second())
            .collect();
        let change = changes.get(near % changes.len().max(1)).copied().unwrap_or(1_700_000_000);
        let local = (change + i64::from(library.to_offset(jiff::Timestamp::from_second(change).unwrap()).seconds())) + by;
        let day = LocalDay(i32::try_from(local.div_euclid(86_400)).unwrap());
        let second = u32::try_from(local.rem_euclid(86_400)).unwrap();
        let resolved = zone.resolve(day, second);
        let date_time = day.to_date().to_datetime(jiff::civil::Time::midnight())
            .checked_add(jiff::SignedDuration::from_secs(second.into())).unwrap();
        let with = |offset: jiff::tz::Offset| Timestamp::from(offset.to_timestamp(date_time).unwrap());
        match library.to_ambiguous_timestamp(date_time).offset() {
            AmbiguousOffset::Unambiguous { offset } => prop_assert_eq!(resolved, Resolved::Once(with(offset))),
            AmbiguousOffset::Fold { before, after } => {
                prop_assert_eq!(resolved, Resolved::Twice { first: with(before), last: with(after) });
            }
            AmbiguousOffset::Gap { .. } => {
                let Resolved::Skipped(at) = resolved else {
                    return Err(TestCaseError::fail(format!("{resolved:?} in a gap")));
                };
                // The wall clock is past the wanted time now, and was before it a microsecond ago.
                let clock = |at: Timestamp| library.to_datetime(at.to_jiff());
                prop_assert!(clock(at) > date_time, "{} {}", clock(at), date_time);
                prop_assert!(clock(Timestamp::from_micros(at.as_micros() - 1)) < date_time);
            }
        }
    }
}

trait IntoU32 {
    fn into_u32(self) -> u32;
}
impl IntoU32 for u8 {
    fn into_u32(self) -> u32 {
        self.into()
    }
}

/// The grid of `schedule` with every cell painted, some of them in two halves.
fn painted(schedule: &Schedule, cells: &[Method], splits: &[(usize, Method, Method)]) -> Grid {
    // Split cells come from rules only, so a schedule that has them is made first.
    let mut weekly = Vec::new();
    let quarter = |n: usize| TimeOfDay::from_minutes(u16::try_from(n * 15).unwrap()).unwrap();
    for (index, method) in cells.iter().enumerate() {
        let (day, slot) = (Weekday::ALL[index / 48], index % 48);
        let [first, second] = splits
            .iter()
            .find(|(place, _, _)| *place == index)
            .map_or([*method; 2], |(_, first, second)| [*first, *second]);
        weekly.push(Block::new(day, quarter(slot * 2), quarter(slot * 2 + 1), first));
        weekly.push(Block::new(day, quarter(slot * 2 + 1), quarter(slot * 2 + 2), second));
    }
    let grid = Schedule {
        weekly,
        inactive_days: Vec::new(),
        ..schedule.clone()
    }
    .to_grid();
    // Of several splits of one cell the first was taken.
    let halved = |index: usize| {
        let split = splits.iter().find(|(place, _, _)| *place == index);
        split.is_some_and(|(_, first, second)| first != second)
    };
    assert!(!(0..cells.len()).any(halved) || grid.iter().any(|(_, _, c)| matches!(c, Cell::Split(_))));
    grid
}

fn check_trace(trace: &Trace, decision: &Decision, at: Timestamp) -> Result<(), TestCaseError> {
    use mccc_core::routing::Verdict;
    prop_assert_eq!(&trace.decision, decision);
    prop_assert_eq!(trace.at, at);
    prop_assert_eq!(trace.zone_data.as_str(), mccc_core::zone::data_version());
    let won: Vec<RuleRef> = trace
        .candidates
        .iter()
        .filter(|c| c.verdict == Verdict::Won)
        .map(|c| c.rule)
        .collect();
    prop_assert_eq!(won, vec![decision.rule]);
    prop_assert_eq!(
        trace.candidates.last().map(|c| c.rule),
        Some(RuleRef::AfterHoursDefault)
    );
    // Whoever lost to a rule comes after it and lost to the one that won.
    let place = trace.candidates.iter().position(|c| c.verdict == Verdict::Won);
    for (index, candidate) in trace.candidates.iter().enumerate() {
        match candidate.verdict {
            Verdict::HigherLevel { by }
            | Verdict::LowerPriority { by }
            | Verdict::UpdatedEarlier { by }
            | Verdict::HigherId { by } => {
                prop_assert_eq!(by, decision.rule);
                prop_assert!(Some(index) > place);
            }
            Verdict::Won
            | Verdict::NotTheCaller
            | Verdict::EmergencyOver { .. }
            | Verdict::EmergencyOverrideOff
            | Verdict::Paused
            | Verdict::DayInactive
            | Verdict::OtherTime
            | Verdict::OtherCalls => {}
        }
    }
    let text = serde_json::to_string(trace).unwrap();
    prop_assert_eq!(&serde_json::from_str::<Trace>(&text).unwrap(), trace);
    Ok(())
}

/// Every quarter of an hour of the days on which clocks change, in every zone of the list.
#[test]
fn days_on_which_clocks_change_have_one_answer_at_every_quarter() {
    let schedule = Schedule {
        weekly: Weekday::ALL
            .into_iter()
            .flat_map(|day| {
                let time = |text: &str| text.parse::<TimeOfDay>().unwrap();
                [
                    Block::new(day, time("23:30"), time("00:30"), Method::Both),
                    Block::new(day, time("01:45"), time("02:15"), Method::AiVoice),
                    Block::new(day, time("02:15"), time("03:00"), Method::Off),
                ]
            })
            .collect(),
        ..Schedule::always(Method::Voicemail)
    };
    let mut seen = 0;
    for name in ZONES {
        let zone = Zone::parse(name).unwrap();
        let compiled = schedule.compile(&zone).unwrap();
        let start = jiff::Timestamp::from_second(1_200_000_000).unwrap();
        for change in library_zone(name).following(start).take(20) {
            for quarter in -60..60 {
                let at = Timestamp::from_seconds(change.timestamp().as_second() + quarter * 900);
                let decision = decide(&compiled, &READY, at);
                assert_eq!(summary(&decision), naive(&schedule, name, &READY, at), "{name} at {at}");
                seen += 1;
            }
        }
    }
    assert!(seen > 20_000, "only {seen} quarters");
}
