use super::*;
use crate::zone::{LocalDay, Weekday};

/// A question under construction, with what the cases have in common.
struct Case {
    zone: Zone,
    hours: OpeningHours,
    terms: Terms,
    now: Timestamp,
    window: Window,
    busy: Vec<Busy>,
    appointments: Vec<Timestamp>,
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn day(text: &str) -> LocalDay {
    text.parse().unwrap()
}

fn interval(text: &str) -> Interval {
    let (from, to) = text.split_once('-').unwrap();
    Interval::new(from.parse().unwrap(), to.parse().unwrap()).unwrap()
}

impl Case {
    /// Visits of `duration` minutes every `every` minutes from the first date until the last is over, in a zone where
    /// every day is closed.
    fn new(zone: &str, dates: [&str; 2], duration: u32, every: u32) -> Self {
        let zone = Zone::parse(zone).unwrap();
        let (start, end) = (zone.start_of(day(dates[0])), zone.start_of(day(dates[1]).plus_days(1)));
        Self {
            hours: OpeningHours::default(),
            terms: Terms::of(duration).unwrap().every(every).unwrap().lead(0).unwrap(),
            now: at("1980-01-01T00:00:00Z"),
            window: Window::between(start, end).unwrap(),
            busy: Vec::new(),
            appointments: Vec::new(),
            zone,
        }
    }

    fn open(mut self, days: &[Weekday], hours: &[&str]) -> Self {
        for day in days {
            for hours in hours {
                self.hours.open(*day, interval(hours));
            }
        }
        self
    }

    fn daily(self, hours: &[&str]) -> Self {
        self.open(&Weekday::ALL, hours)
    }

    fn date(mut self, date: &str, hours: &[&str]) -> Self {
        self.hours
            .set_date(day(date), hours.iter().copied().map(interval).collect());
        self
    }

    fn buffers(mut self, before: u32, after: u32) -> Self {
        self.terms = self.terms.buffers(before, after).unwrap();
        self
    }

    fn busy(mut self, start: &str, end: &str) -> Self {
        let (start, end) = (at(start), at(end));
        self.busy.push(Busy::Span { start, end });
        self
    }

    fn all_day(mut self, start: &str, end: &str) -> Self {
        let (start, end) = (day(start), day(end));
        self.busy.push(Busy::AllDay { start, end });
        self
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

    /// The starts in UTC, after both ways to the answer were found to agree around them.
    fn utc(&self) -> Vec<String> {
        let found = starts(&self.question());
        for start in &found {
            assert_eq!(self.why_not(*start), [], "{start}");
            for by in [-900_000_000, -1, 1, 900_000_000] {
                let near = Timestamp::from_micros(start.as_micros() + by);
                assert_eq!(self.why_not(near).is_empty(), found.contains(&near), "{near}");
            }
        }
        found.iter().map(ToString::to_string).collect()
    }

    /// The starts as weekday and wall clock.
    fn local(&self) -> Vec<String> {
        self.utc();
        let found = starts(&self.question());
        let read = |start: &Timestamp| {
            let reading = Reading::of(&self.zone, *start, self.terms.duration_minutes());
            format!(
                "{} {}",
                &reading.date.weekday().name_capitalised()[..3],
                reading.start_time
            )
        };
        found.iter().map(read).collect()
    }

    fn why_not(&self, at: Timestamp) -> Vec<WhyNot> {
        why_not(&self.question(), at)
    }

    fn codes(&self, text: &str) -> Vec<&'static str> {
        self.why_not(at(text)).iter().map(WhyNot::code).collect()
    }

    fn sentence(&self, text: &str) -> String {
        let reasons = self.why_not(at(text));
        reasons
            .first()
            .map(|reason| reason.sentence(&self.zone))
            .unwrap_or_default()
    }
}

#[test]
fn hours_begin_after_the_gap_that_their_start_lies_in() {
    let case = Case::new("Europe/Berlin", ["2027-03-28", "2027-03-28"], 30, 30).daily(&["02:30-05:00"]);
    assert_eq!(
        case.utc(),
        [
            "2027-03-28T01:00:00Z",
            "2027-03-28T01:30:00Z",
            "2027-03-28T02:00:00Z",
            "2027-03-28T02:30:00Z"
        ]
    );
    assert_eq!(case.local(), ["Sun 03:00", "Sun 03:30", "Sun 04:00", "Sun 04:30"]);
}

#[test]
fn an_hour_that_comes_twice_is_offered_twice() {
    let case = Case::new("Europe/Berlin", ["2027-10-31", "2027-10-31"], 30, 30).daily(&["02:30-04:00"]);
    assert_eq!(
        case.utc(),
        [
            "2027-10-31T00:30:00Z",
            "2027-10-31T01:00:00Z",
            "2027-10-31T01:30:00Z",
            "2027-10-31T02:00:00Z",
            "2027-10-31T02:30:00Z"
        ]
    );
    let case = Case::new("Europe/Berlin", ["2027-10-31", "2027-10-31"], 30, 30).daily(&["01:30-02:30"]);
    assert_eq!(
        case.utc(),
        [
            "2027-10-30T23:30:00Z",
            "2027-10-31T00:00:00Z",
            "2027-10-31T00:30:00Z",
            "2027-10-31T01:00:00Z"
        ]
    );
    let case = Case::new("Atlantic/Azores", ["2026-10-25", "2026-10-25"], 60, 60).daily(&["00:00-03:00"]);
    assert_eq!(
        case.utc(),
        [
            "2026-10-25T00:00:00Z",
            "2026-10-25T01:00:00Z",
            "2026-10-25T02:00:00Z",
            "2026-10-25T03:00:00Z"
        ]
    );
    assert_eq!(case.local(), ["Sun 00:00", "Sun 00:00", "Sun 01:00", "Sun 02:00"]);
}

#[test]
fn a_day_without_midnight_begins_later() {
    let case = Case::new("America/Santiago", ["2026-09-06", "2026-09-06"], 60, 60).daily(&["00:00-03:00"]);
    assert_eq!(case.utc(), ["2026-09-06T04:00:00Z", "2026-09-06T05:00:00Z"]);
    assert_eq!(case.local(), ["Sun 01:00", "Sun 02:00"]);
}

#[test]
fn each_side_of_an_entry_keeps_its_own_buffer() {
    let case = Case::new("Europe/Berlin", ["2027-06-08", "2027-06-08"], 45, 15)
        .daily(&["08:00-12:00"])
        .buffers(20, 10)
        .busy("2027-06-08T07:30:00Z", "2027-06-08T08:00:00Z");
    assert_eq!(
        case.local(),
        [
            "Tue 08:00",
            "Tue 08:15",
            "Tue 08:30",
            "Tue 10:30",
            "Tue 10:45",
            "Tue 11:00",
            "Tue 11:15"
        ]
    );
}

#[test]
fn a_date_of_its_own_cuts_the_night_before_and_a_closed_weekday_does_not() {
    let nights =
        || Case::new("Europe/Berlin", ["2027-06-07", "2027-06-08"], 120, 60).open(&[Weekday::Monday], &["21:00-03:00"]);
    assert_eq!(
        nights().date("2027-06-08", &["09:00-11:00"]).local(),
        ["Mon 21:00", "Mon 22:00", "Tue 09:00"]
    );
    assert_eq!(nights().date("2027-06-08", &[]).local(), ["Mon 21:00", "Mon 22:00"]);
    assert_eq!(
        nights().local(),
        ["Mon 21:00", "Mon 22:00", "Mon 23:00", "Tue 00:00", "Tue 01:00"]
    );
    // A date of its own has its own night, and the next date of its own cuts that.
    let own = nights()
        .date("2027-06-07", &["22:00-04:00"])
        .date("2027-06-08", &["03:00-05:00"]);
    assert_eq!(own.local(), ["Mon 22:00", "Tue 03:00"]);
}

#[test]
fn a_full_date_has_no_start_and_the_zone_says_which_date_it_is() {
    let mut case = Case::new("America/Denver", ["2027-06-08", "2027-06-09"], 240, 240).daily(&["09:00-21:00"]);
    case.terms = case.terms.max_per_day(Some(1));
    // Wednesday in UTC, Tuesday evening in Denver.
    case.appointments = vec![at("2027-06-09T02:00:00Z")];
    assert_eq!(case.local(), ["Wed 09:00", "Wed 13:00", "Wed 17:00"]);
    assert_eq!(case.codes("2027-06-08T15:00:00Z"), ["day_full"]);
    case.terms = case.terms.max_per_day(Some(2));
    assert_eq!(case.local().len(), 6);
    case.terms = case.terms.max_per_day(Some(0));
    assert_eq!(case.local(), [""; 0]);
}

#[test]
fn a_full_date_takes_only_its_own_part_of_a_night() {
    let mut case =
        Case::new("Europe/Berlin", ["2027-06-07", "2027-06-08"], 60, 60).open(&[Weekday::Monday], &["21:00-03:00"]);
    case.terms = case.terms.max_per_day(Some(1));
    case.appointments = vec![at("2027-06-07T04:00:00Z")];
    assert_eq!(case.local(), ["Tue 00:00", "Tue 01:00", "Tue 02:00"]);
    case.appointments = vec![at("2027-06-08T10:00:00Z")];
    assert_eq!(case.local(), ["Mon 21:00", "Mon 22:00", "Mon 23:00"]);
}

#[test]
fn today_is_the_business_s_today() {
    let mut case = Case::new("America/Denver", ["2027-06-08", "2027-06-09"], 60, 60).daily(&["16:00-18:00"]);
    case.now = at("2027-06-09T04:30:00Z");
    case.terms = case.terms.lead(Terms::USUAL_LEAD).unwrap();
    case.window = Window::of_days(&case.zone, case.now, 1);
    assert_eq!(case.local(), ["Wed 16:00", "Wed 17:00"]);
}

#[test]
fn openings_are_never_merged() {
    let case = Case::new("Europe/Berlin", ["2027-06-08", "2027-06-08"], 90, 30).daily(&["10:00-12:00", "08:00-10:00"]);
    assert_eq!(case.local(), ["Tue 08:00", "Tue 08:30", "Tue 10:00", "Tue 10:30"]);
    // Openings that overlap each have their own grid; a start of both is offered once.
    let case = Case::new("Europe/Berlin", ["2027-06-08", "2027-06-08"], 60, 60)
        .daily(&["08:00-11:00", "09:00-11:30", "09:30-11:00"])
        .busy("2027-06-08T08:45:00Z", "2027-06-08T08:50:00Z");
    assert_eq!(case.local(), ["Tue 08:00", "Tue 09:00", "Tue 09:30"]);
}

#[test]
fn a_long_entry_counts_behind_a_short_later_one() {
    let case = Case::new("Europe/Berlin", ["2027-06-08", "2027-06-08"], 60, 60)
        .daily(&["08:00-13:00"])
        .busy("2027-06-08T06:00:00Z", "2027-06-08T10:00:00Z")
        .busy("2027-06-08T06:30:00Z", "2027-06-08T07:00:00Z");
    assert_eq!(case.local(), ["Tue 12:00"]);
}

#[test]
fn an_entry_of_no_length_needs_its_buffers_to_block() {
    let case = |before, after| {
        Case::new("Europe/Berlin", ["2027-06-08", "2027-06-08"], 60, 60)
            .daily(&["08:00-11:00"])
            .buffers(before, after)
            .busy("2027-06-08T07:30:00Z", "2027-06-08T07:30:00Z")
    };
    assert_eq!(case(0, 0).local().len(), 3);
    assert_eq!(case(5, 0).local(), ["Tue 08:00", "Tue 10:00"]);
    assert_eq!(case(0, 31).local(), ["Tue 10:00"]);
    assert_eq!(case(31, 0).local(), ["Tue 08:00"]);
}

#[test]
fn whole_dates_are_those_of_the_business() {
    let case = Case::new("America/Denver", ["2027-06-07", "2027-06-09"], 720, 720)
        .daily(&["00:00-24:00"])
        .all_day("2027-06-08", "2027-06-09");
    assert_eq!(case.local(), ["Mon 00:00", "Mon 12:00", "Wed 00:00", "Wed 12:00"]);
    assert_eq!(case.codes("2027-06-08T06:00:00Z"), ["busy"]);
    // Buffers go around them, too.
    assert_eq!(case.buffers(1, 1).local(), ["Mon 00:00", "Wed 12:00"]);
    // The day that Samoa skipped has no length, and no hours.
    let samoa = Case::new("Pacific/Apia", ["2011-12-29", "2011-12-31"], 720, 720)
        .daily(&["00:00-24:00"])
        .all_day("2011-12-30", "2011-12-31");
    assert_eq!(samoa.local(), ["Thu 00:00", "Thu 12:00", "Sat 00:00", "Sat 12:00"]);
    let samoa =
        Case::new("Pacific/Apia", ["2011-12-29", "2011-12-31"], 60, 60).open(&[Weekday::Friday], &["08:00-18:00"]);
    assert_eq!(samoa.local(), [""; 0]);
}

#[test]
fn limits_are_met_exactly() {
    let mut case = Case::new("Europe/Berlin", ["2027-06-08", "2027-06-08"], 60, 60).daily(&["08:00-12:00"]);
    case.terms = case.terms.lead(120).unwrap();
    case.now = at("2027-06-08T05:00:00Z");
    assert_eq!(case.local(), ["Tue 09:00", "Tue 10:00", "Tue 11:00"]);
    case.now = Timestamp::from_micros(case.now.as_micros() + 1);
    assert_eq!(case.local(), ["Tue 10:00", "Tue 11:00"]);
    // The start must lie in the window, the end need not.
    case.window = Window::between(at("2027-06-08T08:00:00Z"), at("2027-06-08T09:00:00Z")).unwrap();
    assert_eq!(case.local(), ["Tue 10:00"]);
    case.window = Window::between(at("2027-06-08T08:00:00Z"), at("2027-06-08T09:00:00.000001Z")).unwrap();
    assert_eq!(case.local(), ["Tue 10:00", "Tue 11:00"]);
    case.window = Window::between(at("2027-06-08T08:00:00Z"), at("2027-06-08T08:00:00Z")).unwrap();
    assert_eq!(case.local(), [""; 0]);
}

#[test]
fn instants_at_the_ends_of_time_are_answered() {
    let mut case = Case::new("Europe/Berlin", ["2027-06-08", "2027-06-08"], 60, 60).daily(&["08:00-12:00"]);
    let ends = [Timestamp::from_micros(i64::MIN), Timestamp::from_micros(i64::MAX)];
    case.busy.push(Busy::AllDay {
        start: LocalDay(i32::MIN),
        end: LocalDay(i32::MIN),
    });
    case.terms = case.terms.max_per_day(Some(3));
    case.appointments = ends.to_vec();
    assert_eq!(case.local().len(), 4);
    for now in ends {
        case.now = now;
        case.window = Window::between(now, now).unwrap();
        assert_eq!(starts(&case.question()), []);
        assert!(!case.why_not(now).is_empty());
    }
    case.busy.push(Busy::Span {
        start: ends[0],
        end: ends[1],
    });
    case.now = ends[0];
    case.window = Window::between(at("2027-06-08T00:00:00Z"), at("2027-06-09T00:00:00Z")).unwrap();
    assert_eq!(starts(&case.question()), []);
}

#[test]
fn every_rule_says_that_it_was_the_one() {
    let mut case = Case::new("America/Chicago", ["2027-06-07", "2027-06-11"], 60, 30)
        .open(
            &[Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday],
            &["08:00-12:00", "13:00-17:00"],
        )
        .date("2027-06-09", &[])
        .date("2027-06-10", &["10:00-14:00"])
        .buffers(15, 10)
        .busy("2027-06-08T14:00:00Z", "2027-06-08T15:00:00Z");
    case.now = at("2027-06-07T14:00:00Z");
    case.terms = case.terms.lead(120).unwrap().max_per_day(Some(1));
    case.appointments = vec![at("2027-06-10T23:00:00Z")];
    for (text, codes, sentence) in [
        (
            "2027-06-09T15:00:00Z",
            &["date_closed"][..],
            "closed on Wednesday, 2027-06-09, by an exception for that date",
        ),
        ("2027-06-11T15:00:00Z", &["weekday_closed"], "closed on Fridays"),
        (
            "2027-06-08T17:00:00Z",
            &["outside_hours"],
            "outside the hours on Tuesday, 2027-06-08: 8:00 AM to 12:00 PM, 1:00 PM to 5:00 PM",
        ),
        (
            "2027-06-10T13:00:00Z",
            &["outside_hours", "day_full"],
            "outside the hours of that date alone on Thursday, 2027-06-10: 10:00 AM to 2:00 PM",
        ),
        (
            "2027-06-08T16:30:00Z",
            &["does_not_fit"],
            "it would not be over when the hours end at 12:00 PM on Tuesday, 2027-06-08",
        ),
        (
            "2027-06-08T15:45:00Z",
            &["off_grid"],
            "starts are at other times, the nearest at 10:30 AM on Tuesday, 2027-06-08 and 11:00 AM on Tuesday, 2027-06-08",
        ),
        (
            "2027-06-07T13:30:00Z",
            &["past"],
            "over: it is 9:00 AM on Monday, 2027-06-07 now",
        ),
        (
            "2027-06-07T15:30:00Z",
            &["too_soon"],
            "too soon: visits are booked 120 minutes ahead, so from 11:00 AM on Monday, 2027-06-07",
        ),
        (
            "2027-06-08T13:30:00Z",
            &["busy"],
            "the calendar is busy from 9:00 AM to 10:00 AM on Tuesday, 2027-06-08",
        ),
        (
            "2027-06-08T15:00:00Z",
            &["buffer"],
            "too near to what the calendar has from 9:00 AM to 10:00 AM on Tuesday, 2027-06-08: 15 \
             minutes between must be free",
        ),
        (
            "2027-06-10T16:00:00Z",
            &["day_full"],
            "Thursday, 2027-06-10 is full: 1 of at most 1 appointments start then",
        ),
        (
            "2027-06-14T13:00:00Z",
            &["after_window"],
            "after the time in which visits are booked, which ends at 12:00 AM on Saturday, 2027-06-12",
        ),
        ("2027-06-08T15:30:00Z", &[], ""),
    ] {
        assert_eq!(
            (case.codes(text).as_slice(), case.sentence(text).as_str()),
            (codes, sentence),
            "{text}"
        );
    }
    case.window = Window::between(at("2027-06-08T18:00:00Z"), case.window.end()).unwrap();
    assert_eq!(case.codes("2027-06-08T13:00:00Z"), ["before_window", "buffer"]);
    assert_eq!(
        case.sentence("2027-06-08T13:00:00Z"),
        "before the time that was asked for, which starts at 1:00 PM on Tuesday, 2027-06-08"
    );
    // The buffer after a visit is the other one.
    assert!(
        case.why_not(at("2027-06-08T13:00:00Z"))
            .iter()
            .any(|why| matches!(why, WhyNot::Buffer { minutes: 10, .. }))
    );
}

#[test]
fn the_entry_that_is_named_is_the_one_at_that_time() {
    let case = Case::new("Europe/Berlin", ["2027-06-08", "2027-06-08"], 60, 60)
        .daily(&["08:00-12:00"])
        .buffers(30, 30)
        .busy("2027-06-08T10:10:00Z", "2027-06-08T10:30:00Z")
        .busy("2027-06-08T08:40:00Z", "2027-06-08T08:50:00Z")
        .busy("2027-06-08T09:10:00Z", "2027-06-08T09:20:00Z")
        .busy("2027-06-08T09:30:00Z", "2027-06-08T09:40:00Z");
    let why = case.why_not(at("2027-06-08T09:00:00Z"));
    assert!(matches!(why[..], [WhyNot::Busy { entry: 2, .. }]), "{why:?}");
    let json = serde_json::to_value(&why).unwrap();
    assert_eq!(
        json[0],
        serde_json::json!({
            "code": "busy", "entry": 2, "from": "2027-06-08T09:10:00Z", "until": "2027-06-08T09:20:00Z"
        })
    );
}
