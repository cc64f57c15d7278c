//! Wished days and times, resolved in the business's zone.
//!
//! A text is searched for mentions of days ("next Tuesday", "the 14th", "day after tomorrow") and of times ("after 3",
//! "between 9 and 11", "in the afternoon", "330"). What the caller turns away ("instead of tomorrow", "not Friday",
//! "remove me from Wednesday") does not count; of what is left, the last day that was said does.

use serde::{Deserialize, Serialize};

use super::super::reading::{Text, Token};
use super::numbers::{count_word, ordinal};
use crate::Timestamp;
use crate::routing::TimeOfDay;
use crate::zone::{LocalDay, Weekday, Zone};

/// A wished day and time, as the wall clock of the business shows them; what was not said is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct When {
    /// The day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<LocalDay>,
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
}

const MORNING: (u16, u16) = (8 * 60, 12 * 60);
const AFTERNOON: (u16, u16) = (12 * 60, 17 * 60);
const EVENING: (u16, u16) = (17 * 60, 21 * 60);
/// An hour without am or pm below this is in the afternoon.
const FIRST_MORNING_HOUR: u16 = 7;

/// What a number before it counts.
const COUNTED: &[&str] = &[
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
}

/// `address` are the tokens of a street line: "at 12 Oak Street" is no time.
pub(super) fn read(text: &Text<'_>, now: Timestamp, zone: &Zone, address: Option<(usize, usize)>) -> WhenReading {
    let scan = Scan {
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
    reading.when.date = day.map(|mention| mention.what.0);
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
    } else if let Some((from, to)) = day.and_then(|mention| mention.what.1) {
        reading.when.from = TimeOfDay::from_minutes(from).ok();
        reading.when.to = TimeOfDay::from_minutes(to).ok();
    }
    let spans = day.map(|mention| (mention.first, mention.end)).into_iter();
    let spans = spans.chain(chosen.map(|mention| (mention.first, mention.end)));
    reading.said = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    reading
}

struct Scan<'s, 't> {
    tokens: &'s [Token<'t>],
    today: LocalDay,
    /// First token of a street line and the token after its last.
    address: (usize, usize),
}

/// A day, and the part of it that its name says ("tonight").
type Day = (LocalDay, Option<(u16, u16)>);

impl Scan<'_, '_> {
    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.word)
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
                        what: day,
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

    /// A day named from this token on, and where that ends.
    fn day_at(&self, at: usize) -> Option<(Day, usize)> {
        let plain = |days: i32, length: usize| Some(((self.today.plus_days(days), None), at + length));
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
            ["tonight" | "tonights", ..] => return Some(((self.today, Some(EVENING)), at + 1)),
            ["today" | "todays" | "hoy", ..] => return plain(0, 1),
            ["this", "morning" | "afternoon" | "evening", ..] => return plain(0, 1),
            ["esta", "tarde" | "manana" | "noche", ..] => return plain(0, 1),
            _ => {}
        }
        if let Some(weekday) = weekday(word) {
            return self.weekday_at(at, weekday);
        }
        if let Some(month) = month(word) {
            let (day, length) = self.day_of_month(at + 1)?;
            return Some(((self.in_month(month, day)?, None), at + 1 + length));
        }
        if let Some((month, day)) = word.split_once('/') {
            let (month, day) = (month.parse().ok()?, day.split('/').next()?.parse().ok()?);
            return Some(((self.in_month(month, day)?, None), at + 1));
        }
        // "The 14th", "the fourteenth"; "14 de junio".
        let number = ordinal(word).or_else(|| word.parse::<u8>().ok().filter(|_| self.word(at + 1) == "de"))?;
        let spelled = !word.starts_with(|c: char| c.is_ascii_digit());
        if let Some(month) = month(self.word(at + 1)) {
            return Some(((self.in_month(month, number)?, None), at + 2));
        }
        if self.word(at + 1) == "de" || self.word(at + 1) == "of" {
            let month = month(self.word(at + 2))?;
            return Some(((self.in_month(month, number)?, None), at + 3));
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
        .map(|day| ((day, None), at + 1))
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
        Some(((day, None), end))
    }

    fn same_week(&self, day: LocalDay) -> bool {
        // Weeks begin on Monday, as people count who say "next Friday".
        let monday = |day: LocalDay| day.days() - (i32::from(day.weekday().number()) + 6) % 7;
        monday(day) == monday(self.today)
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
        let after_day = days.iter().any(|day| day.end == at);
        let before_day = days.iter().any(|day| {
            day.first == at + 1
                || (day.first == at + 2 && matches!(self.word(at + 1), "on" | "the" | "this"))
                || (day.first == at + 3 && self.word(at + 1) == "on" && self.word(at + 2) == "the")
        });
        matches!(
            before,
            "at" | "around" | "@" | "like" | "las" | "about" | "approximately"
        ) || (before == "a" && self.before(at, 2) == "day")
            || after_day
            || before_day
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
