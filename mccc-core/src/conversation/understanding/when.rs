//! Wished days and times, resolved in the business's zone.
//!
//! A text is searched for mentions of days ("next Tuesday", "the 14th", "day after tomorrow") and of times ("after 3",
//! "between 9 and 11", "in the afternoon", "330"). What the caller turns away ("instead of tomorrow", "not Friday",
//! "remove me from Wednesday") does not count; of what is left, the last day that was said does, with those that would do as
//! well ("Tuesday or Wednesday", "Monday through Thursday", "next week").

use serde::{Deserialize, Serialize};

use super::super::reading::{Text, Token};
use super::numbers::{count_word, ordinal};
use crate::Timestamp;
use crate::routing::TimeOfDay;
use crate::zone::{LocalDay, Weekday, Zone};

/// A wished day and time, as the wall clock of the business shows them; what was not said is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct When {
    /// The day; the first of several that would do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<LocalDay>,
    /// The last of several days in a row that would do ("next week", "Monday through Thursday").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<LocalDay>,
    /// Another day that would do as well ("Tuesday or Thursday"), after the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub also: Option<LocalDay>,
    /// Not before this; the time itself when it equals `to`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<TimeOfDay>,
    /// Not after this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<TimeOfDay>,
}

impl When {
    pub(super) const fn is_empty(&self) -> bool {
        self.date.is_none() && self.from.is_none() && self.to.is_none()
    }

    /// Whether a day is among those that would do: every day where none was said.
    #[must_use]
    pub fn is_on(&self, day: LocalDay) -> bool {
        let last = self.through.or(self.date);
        self.also == Some(day) || self.date.is_none_or(|first| first <= day) && last.is_none_or(|last| day <= last)
    }

    /// This wish and what it leaves open of the one before it: "after 3", said after "Thursday", is Thursday after 3.
    #[must_use]
    pub const fn beside(self, before: &Self) -> Self {
        let mut both = self;
        if both.date.is_none() {
            both.date = before.date;
            both.through = before.through;
            both.also = before.also;
        }
        if both.from.is_none() && both.to.is_none() {
            both.from = before.from;
            both.to = before.to;
        }
        both
    }

    /// Whether one day was said and no other would do.
    #[must_use]
    pub const fn is_one_day(&self) -> bool {
        self.date.is_some() && self.through.is_none() && self.also.is_none()
    }
}

const MORNING: (u16, u16) = (8 * 60, 12 * 60);
const AFTERNOON: (u16, u16) = (12 * 60, 17 * 60);
const EVENING: (u16, u16) = (17 * 60, 21 * 60);
/// Parts of the day with their beginning and end.
const EARLY: (u16, u16) = (6 * 60, 10 * 60);
const LATE_MORNING: (u16, u16) = (10 * 60, 12 * 60);
const LUNCH: (u16, u16) = (11 * 60, 13 * 60);
const EARLY_AFTERNOON: (u16, u16) = (12 * 60, 15 * 60);
const LATE_AFTERNOON: (u16, u16) = (15 * 60, 18 * 60);
/// How many days "any time after the 5th" looks ahead.
const OPEN_END: i32 = 13;
/// An hour without am or pm below this is in the afternoon.
const FIRST_MORNING_HOUR: u16 = 7;

/// What a number before it counts.
pub(super) const COUNTED: &[&str] = &[
    "years", "year", "yrs", "yr", "weeks", "week", "months", "month", "days", "day", "hours", "hour", "minutes",
    "minute", "times", "time", "of", "people", "more", "point", "feet", "foot", "ft", "inches", "inch", "gallons",
    "gallon", "trees", "units", "rooms", "bedrooms", "outlets", "lights", "fans", "degrees", "percent", "story", "amp",
    "amps", "ton", "sq", "square", "miles", "block", "blocks", "dollars", "bucks", "or",
];

/// A mention and the tokens it takes.
#[derive(Debug, Clone, Copy)]
struct Mention<T> {
    what: T,
    first: usize,
    end: usize,
}

/// What is said of the time within a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Time {
    At(u16),
    After(u16),
    Before(u16),
    Between(u16, u16),
    Part(u16, u16),
}

/// What a text says about when, and the tokens that say it.
#[derive(Debug, Clone, Default)]
pub(super) struct WhenReading {
    pub(super) when: When,
    /// First token and the token after the last.
    pub(super) said: Option<(usize, usize)>,
    /// The same of the day alone.
    pub(super) day: Option<(usize, usize)>,
}

/// `address` are the tokens of a street line: "at 12 Oak Street" is no time.
pub(super) fn read(text: &Text<'_>, now: Timestamp, zone: &Zone, address: Option<(usize, usize)>) -> WhenReading {
    let scan = Scan {
        raw: text.raw,
        tokens: &text.tokens,
        today: zone.to_local(now).day,
        address: address.unwrap_or_default(),
    };
    let days = scan.days();
    let day = days
        .iter()
        .rev()
        .find(|mention| !scan.is_turned_away(mention.first))
        .copied();
    let times = scan.times(&days);
    let mut reading = WhenReading::default();
    let mut part = None;
    let mut exact = None;
    for mention in &times {
        if scan.is_turned_away(mention.first) {
            continue;
        }
        match mention.what {
            Time::Part(..) => part = part.or(Some(*mention)),
            Time::At(_) | Time::After(_) | Time::Before(_) | Time::Between(..) => exact = Some(*mention),
        }
    }
    let wished = day.map(|last| scan.with_alternatives(last, &days));
    let day = wished.map(|(day, _)| day);
    reading.when.date = day.map(|mention| mention.what.first);
    reading.when.through = day
        .filter(|mention| mention.what.last > mention.what.first)
        .map(|mention| mention.what.last);
    reading.when.also = wished.and_then(|(_, also)| also);
    let afternoon = part.is_some_and(|mention| matches!(mention.what, Time::Part(from, _) if from >= AFTERNOON.0));
    let chosen = exact.or(part);
    if let Some(mention) = chosen {
        let (from, to) = match mention.what {
            Time::At(at) => {
                let at = if afternoon && at < 12 * 60 { at + 12 * 60 } else { at };
                (Some(at), Some(at))
            }
            Time::After(at) => (Some(at), None),
            Time::Before(at) => (None, Some(at)),
            Time::Between(from, to) | Time::Part(from, to) => (Some(from), Some(to)),
        };
        reading.when.from = from.and_then(|at| TimeOfDay::from_minutes(at).ok());
        reading.when.to = to.and_then(|at| TimeOfDay::from_minutes(at).ok());
    } else if let Some((from, to)) = day.and_then(|mention| mention.what.part) {
        reading.when.from = TimeOfDay::from_minutes(from).ok();
        reading.when.to = TimeOfDay::from_minutes(to).ok();
    }
    reading.day = day.map(|mention| (mention.first, mention.end));
    let spans = reading.day.into_iter();
    let spans = spans.chain(chosen.map(|mention| (mention.first, mention.end)));
    reading.said = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    reading
}

struct Scan<'s, 't> {
    raw: &'s str,
    tokens: &'s [Token<'t>],
    today: LocalDay,
    /// First token of a street line and the token after its last.
    address: (usize, usize),
}

/// A day or several in a row, and the part of it that its name says ("tonight").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Day {
    first: LocalDay,
    last: LocalDay,
    part: Option<(u16, u16)>,
}

impl Day {
    const fn one(day: LocalDay) -> Self {
        Self::span(day, day)
    }

    const fn span(first: LocalDay, last: LocalDay) -> Self {
        Self {
            first,
            last,
            part: None,
        }
    }
}

impl Scan<'_, '_> {
    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.word)
    }

    /// What stands before a token and after the one before it, as it was written.
    fn gap(&self, at: usize) -> &str {
        let ends = at.checked_sub(1).and_then(|before| self.tokens.get(before));
        let span = ends
            .zip(self.tokens.get(at))
            .map(|(before, next)| before.end..next.start);
        span.and_then(|span| self.raw.get(span)).unwrap_or("")
    }

    fn before(&self, at: usize, back: usize) -> &str {
        at.checked_sub(back).map_or("", |at| self.word(at))
    }

    /// "Instead of tomorrow", "rather than this one", "not Friday", "remove me from Wednesday".
    fn is_turned_away(&self, at: usize) -> bool {
        let one = self.before(at, 1);
        let (two, three) = (self.before(at, 2), self.before(at, 3));
        let skipped = if matches!(one, "the" | "this" | "my" | "on" | "for") {
            two
        } else {
            one
        };
        matches!(skipped, "not" | "than" | "cannot" | "except" | "cancel")
            || (skipped == "but"
                && matches!(
                    self.before(at, if skipped == one { 2 } else { 3 }),
                    "day" | "days" | "any" | "anything" | "anytime" | "time" | "times" | "all"
                ))
            || (skipped == "of" && matches!(self.before(at, if skipped == one { 2 } else { 3 }), "instead"))
            || (matches!(skipped, "do" | "make")
                && matches!(
                    self.before(at, if skipped == one { 2 } else { 3 }),
                    "cannot" | "not" | "wont"
                ))
            || (one == "from" && matches!(three, "remove" | "move" | "off" | "take"))
            || (one == "from" && two == "off")
    }

    fn days(&self) -> Vec<Mention<Day>> {
        let mut days = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            match self.day_at(at) {
                Some((day, end)) => {
                    days.push(Mention {
                        what: self.and_later(at, day, end),
                        first: at,
                        end,
                    });
                    at = end;
                }
                None => at += 1,
            }
        }
        days
    }

    /// "Any time after the 5th", "starting Monday", "from Tuesday on": that day is the first of many.
    fn and_later(&self, at: usize, day: Day, end: usize) -> Day {
        let back = 1 + usize::from(matches!(self.before(at, 1), "the" | "on" | "next" | "this"));
        let open = Day::span(day.first, day.first.plus_days(OPEN_END));
        match self.before(at, back) {
            "after" if self.before(at, back + 1) == "day" && self.before(at, back + 2) == "the" => {
                Day::one(day.last.plus_days(1))
            }
            "after" | "past" => Day::span(day.last.plus_days(1), day.last.plus_days(OPEN_END)),
            "starting" | "beginning" => open,
            "from" if matches!(self.word(end), "on" | "onward" | "onwards") => open,
            _ => day,
        }
    }

    /// The last day that was said with those before it that would do as well: in a row ("Mon-Wed"), or one more beside it
    /// ("Tuesday or Thursday").
    fn with_alternatives(&self, last: Mention<Day>, days: &[Mention<Day>]) -> (Mention<Day>, Option<LocalDay>) {
        let mut all = vec![last];
        let mut first = last.first;
        let mut in_a_row = false;
        for day in days.iter().rev().filter(|day| day.end <= last.first) {
            let between: Vec<&str> = (day.end..first).map(|at| self.word(at)).collect();
            let row = match between.as_slice() {
                ["thru" | "through" | "dash"] => true,
                ["to" | "until" | "till"] if self.before(day.first, 1) == "from" => true,
                // "Mon-Wed", "Tues/Thurs", "Mon, Wed".
                [] if self.gap(day.end).contains(['-', '–']) => true,
                [] if self.gap(day.end).contains(['/', ',', '&']) => false,
                ["or" | "and" | "o" | "y" | "slash"] | ["or", "even" | "maybe" | "on"] => false,
                _ => break,
            };
            if self.is_turned_away(day.first) {
                break;
            }
            in_a_row |= row;
            first = day.first;
            all.push(*day);
        }
        let said = |what: Day| Mention {
            what,
            first,
            end: last.end,
        };
        let starts = || all.iter().map(|day| day.what.first);
        match all.as_slice() {
            // On a Monday, "Mon-Wed" is a week away and so is its end.
            [end, begin] if in_a_row => {
                let weeks = ((begin.what.first.days() - end.what.last.days()).max(0) + 6) / 7;
                (
                    said(Day::span(begin.what.first, end.what.last.plus_days(7 * weeks))),
                    None,
                )
            }
            [_, _] if starts().min() < starts().max() && all.iter().all(|day| day.what.first == day.what.last) => {
                let earliest = starts().min().unwrap_or(last.what.first);
                (
                    said(Day {
                        part: last.what.part,
                        ..Day::one(earliest)
                    }),
                    starts().max(),
                )
            }
            [_] => (last, None),
            several => {
                let begin = starts().min().unwrap_or(last.what.first);
                let end = several.iter().map(|day| day.what.last).max().unwrap_or(begin);
                (said(Day::span(begin, end)), None)
            }
        }
    }

    /// A day named from this token on, and where that ends.
    fn day_at(&self, at: usize) -> Option<(Day, usize)> {
        let plain = |days: i32, length: usize| Some((Day::one(self.today.plus_days(days)), at + length));
        let word = self.word(at);
        let words = [word, self.word(at + 1), self.word(at + 2), self.word(at + 3)];
        match words {
            ["day", "after", "tomorrow", _] => return plain(2, 3),
            ["pasado", "manana", ..] => return plain(2, 2),
            [number, "days" | "day", "from", "now" | "today"] => return plain(i32::from(count_word(number)?), 4),
            ["a", "week", "from", "today"] | ["week", "from", "today", _] => {
                return plain(7, if word == "a" { 4 } else { 3 });
            }
            ["in", number, "days" | "day", _] => return plain(i32::from(count_word(number)?), 3),
            ["tomorrow" | "tomorrows", ..] => return plain(1, 1),
            ["manana", ..] if !matches!(self.before(at, 1), "la" | "esta") => return plain(1, 1),
            ["tonight" | "tonights", ..] => {
                let part = Some(EVENING);
                return Some((
                    Day {
                        part,
                        ..Day::one(self.today)
                    },
                    at + 1,
                ));
            }
            ["today" | "todays" | "hoy", ..] => return plain(0, 1),
            ["this", "morning" | "afternoon" | "evening", ..] => return plain(0, 1),
            ["esta", "tarde" | "manana" | "noche", ..] => return plain(0, 1),
            _ => {}
        }
        if let Some(weekday) = weekday(word) {
            return self.weekday_at(at, weekday);
        }
        if let Some(week) = self.week_at(at) {
            return Some(week);
        }
        if let Some(month) = month(word) {
            let (day, length) = self.day_of_month(at + 1)?;
            return Some((Day::one(self.in_month(month, day)?), at + 1 + length));
        }
        if let Some((month, day)) = word.split_once('/') {
            let (month, day) = (month.parse().ok()?, day.split('/').next()?.parse().ok()?);
            return Some((Day::one(self.in_month(month, day)?), at + 1));
        }
        // "The 14th", "the fourteenth"; "14 de junio".
        let number = ordinal(word).or_else(|| word.parse::<u8>().ok().filter(|_| self.word(at + 1) == "de"))?;
        let spelled = !word.starts_with(|c: char| c.is_ascii_digit());
        if let Some(month) = month(self.word(at + 1)) {
            return Some((Day::one(self.in_month(month, number)?), at + 2));
        }
        if self.word(at + 1) == "de" || self.word(at + 1) == "of" {
            let month = month(self.word(at + 2))?;
            return Some((Day::one(self.in_month(month, number)?), at + 3));
        }
        // "The first one" is a choice and no day.
        if spelled
            || number < 1
            || matches!(
                self.word(at + 1),
                "one" | "option" | "slot" | "time" | "floor" | "st" | "street" | "ave" | "avenue" | "patch"
            )
        {
            return None;
        }
        matches!(
            self.before(at, 1),
            "the" | "on" | "for" | "until" | "el" | "by" | "or" | "and" | "st"
        )
        .then(|| self.next_of_month(number))
        .flatten()
        .map(|day| (Day::one(day), at + 1))
    }

    /// "Tuesday", "next Tuesday", "Tuesday next week", "Tuesday the 16th".
    fn weekday_at(&self, at: usize, weekday: Weekday) -> Option<(Day, usize)> {
        let ahead = days_until(self.today.weekday(), weekday);
        let mut end = at + 1;
        let next = |word: &str| matches!(word, "next" | "proximo" | "following");
        let says_next = next(self.before(at, 1))
            || (self.before(at, 1) == "week" && next(self.before(at, 2)))
            || (next(self.word(at + 1)) && self.word(at + 2) == "week")
            || (matches!(self.word(at + 1), "of" | "the") && next(self.word(at + 2)) && self.word(at + 3) == "week")
            || (self.word(at + 1) == "que" && self.word(at + 2) == "viene");
        // "Last Tuesday" and "Tuesdays" are no wish.
        if matches!(
            self.before(at, 1),
            "last" | "past" | "pasado" | "since" | "every" | "each"
        ) {
            return None;
        }
        let mut day = self.today.plus_days(ahead);
        if says_next && self.same_week(day) {
            day = day.plus_days(7);
        }
        let dated = if self.word(end) == "the" { end + 1 } else { end };
        if let Some(number) =
            ordinal(self.word(dated)).filter(|_| self.word(dated).starts_with(|c: char| c.is_ascii_digit()))
        {
            day = self.next_of_month(number)?;
            end = dated + 1;
        } else if let Some(month) = month(self.word(end)) {
            let (number, length) = self.day_of_month(end + 1)?;
            day = self.in_month(month, number)?;
            end += 1 + length;
        }
        // "Tuesday next week" is one day and no week.
        let week = match [
            self.word(end),
            self.word(end + 1),
            self.word(end + 2),
            self.word(end + 3),
        ] {
            ["next" | "following", "week", ..] => 2,
            ["of" | "the", "next" | "following", "week", _] => 3,
            ["of", "the", "following" | "next", "week"] => 4,
            _ => 0,
        };
        Some((Day::one(day), end + week))
    }

    /// "Next week", "later this week", "the end of the week", "this weekend", "in two weeks".
    fn week_at(&self, at: usize) -> Option<(Day, usize)> {
        let days = |first: i32, last: i32| {
            let monday = self.monday(self.today);
            Day::span(
                LocalDay(monday.saturating_add(first)),
                LocalDay(monday.saturating_add(last)),
            )
        };
        let ahead = |weeks: i32| Day::span(self.today.plus_days(7 * weeks), self.today.plus_days(7 * weeks + 6));
        let words = [self.word(at), self.word(at + 1), self.word(at + 2), self.word(at + 3)];
        let before = |back| self.before(at, back);
        let (mut day, end) = match words {
            ["in", "a", "week", _] => (ahead(1), at + 3),
            ["in", "a", "couple", "weeks"] => (ahead(2), at + 4),
            ["in", number, "weeks" | "week", _] => (ahead(i32::from(count_word(number)?)), at + 3),
            ["next" | "following", "weekend", ..] => (days(12, 13), at + 2),
            ["this" | "the" | "coming", "weekend", ..] => (days(5, 6), at + 2),
            ["next" | "following", "week", ..] | ["proxima", "semana", ..] => {
                let (first, last) = match (before(2), before(1)) {
                    (_, "early") | ("beginning" | "start", "of") => (7, 9),
                    (_, "late" | "later") | ("end", "of") => (10, 13),
                    ("middle", "of") | (_, "mid") => (8, 10),
                    _ => (7, 13),
                };
                (days(first, last), at + 2)
            }
            ["end", "of", "week", _] => (days(3, 4), at + 3),
            ["end", "of", "the" | "this", "week"] => (days(3, 4), at + 4),
            ["later", "this", "week", _] => (Day::span(self.today.plus_days(1), days(0, 6).last), at + 3),
            ["this", "week", ..] => (Day::span(self.today, days(0, 6).last), at + 2),
            ["esta", "semana", ..] => (Day::span(self.today, days(0, 6).last), at + 2),
            _ => return None,
        };
        // What is over already is not meant.
        day.last = day.last.max(self.today);
        day.first = day.first.clamp(self.today, day.last);
        Some((day, end))
    }

    /// The Monday of a day's week, as a number of days.
    fn monday(&self, day: LocalDay) -> i32 {
        day.days() - (i32::from(day.weekday().number()) + 6) % 7
    }

    fn same_week(&self, day: LocalDay) -> bool {
        // Weeks begin on Monday, as people count who say "next Friday".
        self.monday(day) == self.monday(self.today)
    }

    fn day_of_month(&self, at: usize) -> Option<(u8, usize)> {
        let skip = usize::from(self.word(at) == "the");
        let word = self.word(at + skip);
        let number = ordinal(word)
            .or_else(|| word.parse().ok())
            .filter(|number| (1..=31).contains(number))?;
        Some((number, skip + 1))
    }

    /// The next day with this number, today included.
    fn next_of_month(&self, number: u8) -> Option<LocalDay> {
        (0..70)
            .map(|ahead| self.today.plus_days(ahead))
            .find(|day| day.to_date().day() == i8::try_from(number).unwrap_or(0))
    }

    fn in_month(&self, month: u8, day: u8) -> Option<LocalDay> {
        let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        let year = self.today.to_date().year();
        [year, year.saturating_add(1)]
            .into_iter()
            .filter_map(|year| jiff::civil::Date::new(year, month, day).ok())
            .map(LocalDay::from_date)
            .find(|day| *day >= self.today)
    }

    fn times(&self, days: &[Mention<Day>]) -> Vec<Mention<Time>> {
        let (street, end) = self.address;
        let taken =
            |at: usize| (street..end).contains(&at) || days.iter().any(|day| (day.first..day.end).contains(&at));
        let mut times = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            let found = if taken(at) { None } else { self.time_at(at, days) };
            match found {
                Some((what, end)) => {
                    times.push(Mention { what, first: at, end });
                    at = end.max(at + 1);
                }
                None => at += 1,
            }
        }
        times
    }

    fn time_at(&self, at: usize, days: &[Mention<Day>]) -> Option<(Time, usize)> {
        let word = self.word(at);
        // "Good morning" is no wish.
        let greeted = matches!(self.before(at, 1), "good" | "buenas" | "buena");
        if greeted && matches!(word, "morning" | "afternoon" | "evening" | "tarde" | "noche") {
            return None;
        }
        match (word, self.word(at + 1)) {
            ("between" | "from" | "entre" | "btwn", _) => {
                let (first, marked, end) = self.clock(at + 1)?;
                let joined = matches!(self.word(end), "and" | "to" | "dash" | "y" | "til" | "until" | "till");
                if !joined {
                    return (word == "from" && marked && self.word(end) == "on")
                        .then_some((Time::After(hour(first, marked)), end + 1));
                }
                let (last, last_marked, end) = self.clock(end + 1)?;
                return Some((between(first, marked, last, last_marked), end));
            }
            ("after" | "past" | "since" | "despues", _) => {
                let start = at + 1 + usize::from(self.word(at + 1) == "de") + usize::from(self.word(at + 2) == "las");
                match self.word(at + 1) {
                    "lunch" => return Some((Time::After(13 * 60), at + 2)),
                    "work" => return Some((Time::After(17 * 60), at + 2)),
                    _ => {}
                }
                let (minutes, marked, end) = self.clock(start)?;
                let minutes = if marked { minutes } else { late(minutes) };
                return Some((Time::After(minutes), end));
            }
            ("before" | "by" | "until" | "till" | "antes", _) => {
                let start = at + 1 + usize::from(self.word(at + 1) == "de") + usize::from(self.word(at + 2) == "las");
                if matches!(self.word(at + 1), "noon" | "lunch") {
                    return Some((Time::Before(12 * 60), at + 2));
                }
                let (minutes, marked, end) = self.clock(start)?;
                return Some((Time::Before(hour(minutes, marked)), end));
            }
            ("early", "morning") => return Some((Time::Part(EARLY.0, EARLY.1), at + 2)),
            ("late", "morning") => return Some((Time::Part(LATE_MORNING.0, LATE_MORNING.1), at + 2)),
            ("early", "afternoon") => return Some((Time::Part(EARLY_AFTERNOON.0, EARLY_AFTERNOON.1), at + 2)),
            ("late" | "later", "afternoon") => return Some((Time::Part(LATE_AFTERNOON.0, LATE_AFTERNOON.1), at + 2)),
            ("lunchtime", _) => return Some((Time::Part(LUNCH.0, LUNCH.1), at + 1)),
            ("lunch", "time" | "hour") => return Some((Time::Part(LUNCH.0, LUNCH.1), at + 2)),
            ("around" | "at" | "during", "lunch") => return Some((Time::Part(LUNCH.0, LUNCH.1), at + 2)),
            ("first", "thing") => return Some((Time::Part(MORNING.0, MORNING.1), at + 2)),
            // "Friday pm".
            ("pm", _) if days.iter().any(|day| day.end == at) => {
                return Some((Time::Part(AFTERNOON.0, AFTERNOON.1), at + 1));
            }
            ("am", _) if days.iter().any(|day| day.end == at) => {
                return Some((Time::Part(MORNING.0, MORNING.1), at + 1));
            }
            ("half" | "quarter", _) => {
                let (minutes, marked, end) = self.spoken_clock(at)?;
                return Some((Time::At(hour(minutes, marked)), end));
            }
            ("morning" | "mornings", _) | ("manana", _) => return Some((Time::Part(MORNING.0, MORNING.1), at + 1)),
            ("afternoon" | "afternoons" | "tarde", _) => return Some((Time::Part(AFTERNOON.0, AFTERNOON.1), at + 1)),
            ("evening" | "evenings" | "noche", _) => return Some((Time::Part(EVENING.0, EVENING.1), at + 1)),
            ("noon" | "midday" | "mediodia", _) => return Some((Time::At(12 * 60), at + 1)),
            _ => {}
        }
        let (minutes, marked, end) = self.clock(at)?;
        // "2-4pm", "9 to 11".
        if matches!(self.word(end), "dash" | "to" | "til" | "till")
            && let Some((last, last_marked, past)) = self.clock(end + 1)
            && last <= 24 * 60
        {
            let plausible = marked || last_marked || self.names_time(at, days) || word.contains(':');
            if plausible {
                return Some((between(minutes, marked, last, last_marked), past));
            }
        }
        if marked && (word.contains(|c: char| c.is_ascii_alphabetic()) || end > at + 1 || word.contains(':')) {
            return Some((Time::At(minutes), end));
        }
        if word.contains(':') {
            return Some((Time::At(hour(minutes, marked)), end));
        }
        self.names_time(at, days)
            .then_some((Time::At(hour(minutes, marked)), end))
    }

    /// Whether a bare number here is a time: "at 3", "Fri 3", "8 on Friday", "around 5"; but not "about 5 years".
    fn names_time(&self, at: usize, days: &[Mention<Day>]) -> bool {
        if COUNTED.contains(&self.word(at + 1)) {
            return false;
        }
        let before = self.before(at, 1);
        // "Wed one" names a time, and "the wed one" one of those that were offered.
        let pointed = |day: &Mention<Day>| {
            self.word(at) == "one" && matches!(self.before(day.first, 1), "the" | "that" | "this" | "your")
        };
        let after_day = days.iter().any(|day| day.end == at && !pointed(day));
        let before_day = days.iter().any(|day| {
            day.first == at + 1
                // "The later one on Tuesday" counts nothing.
                || (day.first == at + 2 && matches!(self.word(at + 1), "on" | "the" | "this") && self.word(at) != "one")
                || (day.first == at + 3 && self.word(at + 1) == "on" && self.word(at + 2) == "the")
        });
        // "Can we do 11 instead", "make it 2".
        let ends =
            at + 1 == self.tokens.len() || matches!(self.word(at + 1), "instead" | "then" | "please" | "if" | "work");
        let moved = matches!(before, "do" | "say") || before == "it" && self.before(at, 2) == "make";
        // "8 works", "10 is fine".
        let suits = match self.word(at + 1) {
            "works" => true,
            "is" => matches!(
                self.word(at + 2),
                "good" | "fine" | "great" | "perfect" | "better" | "best" | "ok" | "okay"
            ),
            _ => false,
        };
        matches!(
            before,
            "at" | "around" | "@" | "like" | "las" | "about" | "approximately"
        ) || (before == "a" && self.before(at, 2) == "day")
            || after_day
            || before_day
            || moved && ends
            || suits
    }

    /// "Half past two", "quarter to five".
    fn spoken_clock(&self, at: usize) -> Option<(u16, bool, usize)> {
        let past = match (self.word(at), self.word(at + 1)) {
            ("half", "past") => 30_i32,
            ("quarter", "past" | "after") => 15,
            ("quarter", "to" | "till" | "til" | "of") => -15,
            _ => return None,
        };
        let (minutes, marked, end) = self.clock(at + 2)?;
        let minutes = u16::try_from(i32::from(minutes) + past).ok()?;
        Some((minutes, marked, end))
    }

    /// A clock time from this token on: minutes, whether its half of the day was said, and where it ends.
    fn clock(&self, at: usize) -> Option<(u16, bool, usize)> {
        let word = self.word(at);
        let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let suffix = if digits.is_empty() {
            ""
        } else {
            word.get(digits.len()..).unwrap_or_default()
        };
        let mut end = at + 1;
        let (hours, minutes) = if digits.is_empty() {
            let hours = u16::from(match word {
                "noon" => return Some((12 * 60, true, end)),
                _ => count_word(word)?,
            });
            let minutes = match self.word(end) {
                "thirty" => 30,
                "fifteen" => 15,
                "forty" => 45,
                _ => 0,
            };
            if minutes > 0 {
                end += 1 + usize::from(minutes == 45 && self.word(end + 1) == "five");
            }
            (hours, minutes)
        } else if let Some((hours, minutes)) = digits.split_once(':') {
            (hours.parse().ok()?, minutes.parse().ok()?)
        } else if digits.len() >= 3 {
            // "330", but no house number.
            let cut = digits.len().checked_sub(2).filter(|_| digits.len() <= 4)?;
            let (hours, minutes) = (digits.get(..cut)?.parse().ok()?, digits.get(cut..)?.parse().ok()?);
            if !(1..=12).contains(&hours) || minutes % 15 > 0 {
                return None;
            }
            (hours, minutes)
        } else {
            (digits.parse().ok()?, 0)
        };
        let mut half = match suffix {
            "am" | "a" => Some(false),
            "pm" | "p" => Some(true),
            "" | "ish" | "h" | "oclock" => None,
            _ => return None,
        };
        if hours > 23 || minutes > 59 {
            return None;
        }
        let mut oclock = suffix == "oclock";
        if matches!(self.word(end), "oclock" | "ish") {
            oclock = true;
            end += 1;
        }
        match (self.word(end), self.word(end + 1)) {
            ("am" | "a", "m") => {
                half = Some(false);
                end += 2;
            }
            ("p", "m") => {
                half = Some(true);
                end += 2;
            }
            ("am", _) => {
                half = Some(false);
                end += 1;
            }
            ("pm", _) => {
                half = Some(true);
                end += 1;
            }
            ("in", "the") | ("de", "la") => {
                half = match self.word(end + 2) {
                    "morning" | "manana" => Some(false),
                    "afternoon" | "evening" | "tarde" | "noche" => Some(true),
                    _ => None,
                };
                end += if half.is_some() { 3 } else { 0 };
            }
            _ => {}
        }
        if half.is_some() && !(1..=12).contains(&hours) {
            return None;
        }
        let total = match half {
            Some(true) if hours < 12 => (hours + 12) * 60 + minutes,
            Some(false) if hours == 12 => minutes,
            Some(true | false) | None => hours * 60 + minutes,
        };
        if half.is_none() && oclock {
            return Some((hour(total, false), true, end));
        }
        Some((total, half.is_some() || hours > 12, end))
    }
}

/// Minutes of a clock time in working hours, where am or pm was not said.
const fn hour(minutes: u16, marked: bool) -> u16 {
    if marked || minutes >= FIRST_MORNING_HOUR * 60 || minutes < 60 {
        minutes
    } else {
        minutes + 12 * 60
    }
}

/// "After 7" is in the evening.
const fn late(minutes: u16) -> u16 {
    if minutes < 8 * 60 { minutes + 12 * 60 } else { minutes }
}

/// "9 and 11", "1 and 3", "6 and 8 am", "10 to 2".
fn between(first: u16, first_marked: bool, last: u16, last_marked: bool) -> Time {
    let to = hour(last, last_marked);
    if first_marked {
        return Time::Between(first, if to < first { to + 12 * 60 } else { to });
    }
    if last_marked {
        // The nearest such hour before the end.
        let from = if first < 12 * 60 && first + 12 * 60 < to {
            first + 12 * 60
        } else {
            first
        };
        return Time::Between(from, to);
    }
    let from = hour(first, false);
    let to = if to < from { to + 12 * 60 } else { to };
    Time::Between(from, to.min(24 * 60))
}

fn days_until(from: Weekday, to: Weekday) -> i32 {
    let ahead = (i32::from(to.number()) - i32::from(from.number())).rem_euclid(7);
    if ahead == 0 { 7 } else { ahead }
}

fn weekday(word: &str) -> Option<Weekday> {
    Some(match word {
        "monday" | "lunes" | "mondays" => Weekday::Monday,
        "tuesday" | "martes" | "tuesdays" => Weekday::Tuesday,
        "wednesday" | "miercoles" | "wednesdays" => Weekday::Wednesday,
        "thursday" | "jueves" | "thursdays" => Weekday::Thursday,
        "friday" | "viernes" | "fridays" => Weekday::Friday,
        "saturday" | "sabado" | "saturdays" => Weekday::Saturday,
        "sunday" | "domingo" | "sundays" => Weekday::Sunday,
        _ => return None,
    })
}

fn month(word: &str) -> Option<u8> {
    Some(match word {
        "january" | "jan" | "enero" => 1,
        "february" | "feb" | "febrero" => 2,
        "march" | "marzo" => 3,
        "april" | "apr" | "abril" => 4,
        "mayo" | "may" => 5,
        "june" | "jun" | "junio" => 6,
        "july" | "jul" | "julio" => 7,
        "august" | "aug" | "agosto" => 8,
        "september" | "sept" | "sep" | "septiembre" => 9,
        "october" | "oct" | "octubre" => 10,
        "november" | "nov" | "noviembre" => 11,
        "december" | "dec" | "diciembre" => 12,
        _ => return None,
    })
}
