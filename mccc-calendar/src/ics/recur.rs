//! When a series takes place.
//!
//! The rule is expanded on the wall clock, by a library that is told every time is UTC, and each start is then placed by
//! our own zone rules: the library's zone data is older than ours. The end of a series is checked here for the same
//! reason.
//!
//! A rule can be written so that it takes for ever to find its next start. Work is therefore counted, over all the series
//! of a feed, in the steps that the library takes: it steps through every second, minute, hour or day.

use mccc_core::Timestamp;
use mccc_core::zone::Zone;
use rrule::{Frequency, RRule, RRuleSet, Tz, Unvalidated};

use super::moment::{DAY, Moment, instant};
use super::read::IcsError;

/// Characters of a rule.
const LONGEST_RULE: usize = 1_000;
/// Starts on one day that a rule may list.
const MOST_A_DAY: usize = 100;
/// What it costs to learn that a rule has no further start.
const GIVING_UP: u64 = 500_000;
/// Seconds of 400 years.
const CYCLE: i64 = 146_097 * DAY;
/// Ten years: nothing that began before takes until now.
const LONG_BEFORE: i64 = 3_653 * DAY;
/// No wall clock is further from UTC than this.
const REACH: i64 = 26 * 3_600;

/// Steps that may still be taken.
#[derive(Debug)]
pub(super) struct Work(u64);

impl Work {
    /// So much work for one feed.
    pub(super) const fn of_a_feed() -> Self {
        Self(2_000_000)
    }

    pub(super) fn spend(&mut self, steps: u64) -> Result<(), IcsError> {
        self.0 = self.0.checked_sub(steps).ok_or(IcsError::TooMuchWork)?;
        Ok(())
    }
}

/// The starts of a rule on the wall clock, from the first of the series until `end`. `zone` is that of the series.
pub(super) fn starts(
    rule: &str,
    first: &Moment,
    zone: &Zone,
    end: Timestamp,
    work: &mut Work,
) -> Result<Vec<i64>, IcsError> {
    if rule.len() > LONGEST_RULE {
        return Err(IcsError::TooMuchWork);
    }
    let (text, until) = without_end(rule)?;
    let later = later(first.wall(), &text, end);
    let rule: RRule<Unvalidated> = text.parse().map_err(|_| IcsError::Malformed)?;
    let begin = chrono::DateTime::from_timestamp(later, 0).ok_or(IcsError::Malformed)?;
    let begin = begin.with_timezone(&Tz::UTC);
    let rule = rule.validate(begin).map_err(|_| IcsError::Malformed)?;
    let listed = |numbers: &[u8]| numbers.len().max(1);
    let a_day = listed(rule.get_by_hour()) * listed(rule.get_by_minute()) * listed(rule.get_by_second());
    if a_day > MOST_A_DAY {
        return Err(IcsError::TooMuchWork);
    }
    let step = match rule.get_freq() {
        Frequency::Secondly => 1,
        Frequency::Minutely => 60,
        Frequency::Hourly => 3_600,
        Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Yearly => DAY,
    };
    let count = rule.get_count().map(u64::from);
    let set = RRuleSet::new(begin).rrule(rule).limit();
    let (mut found, mut last, mut seen) = (Vec::new(), later, 0_u64);
    for start in &set {
        let wall = start.timestamp();
        let steps = u64::try_from((wall - last) / step).unwrap_or(0);
        work.spend(steps + 1)?;
        (last, seen) = (wall, seen + 1);
        let over = wall.saturating_sub(REACH) > end.as_seconds()
            || until.is_some_and(|until| until.is_before(wall, zone, first));
        if over {
            return Ok(found);
        }
        found.push(wall);
    }
    if count != Some(seen) {
        work.spend(GIVING_UP)?;
        // The library gives up after a number of steps, which in a rule of hours or less is soon.
        if step < DAY {
            return Err(IcsError::TooMuchWork);
        }
    }
    Ok(found)
}

/// A start from which the same series goes on. The calendar repeats itself every 400 years to the weekday: a birthday that
/// began in 1604 needs no step for each day since. A series that counts its instances or leaves some out is not the same.
fn later(wall: i64, rule: &str, end: Timestamp) -> i64 {
    let shifted = wall.saturating_add(CYCLE);
    let plain = rule.split(';').all(|part| {
        let name = part.split('=').next().unwrap_or_default().trim();
        !name.eq_ignore_ascii_case("COUNT") && !name.eq_ignore_ascii_case("INTERVAL")
    });
    if plain && shifted.saturating_add(LONG_BEFORE) < end.as_seconds() {
        shifted
    } else {
        wall
    }
}

/// The end of a series.
#[derive(Debug, Clone, Copy)]
enum Until {
    /// The last day on which it may start.
    Day(i64),
    /// The last second on the wall clock of the series.
    Wall(i64),
    /// The last instant.
    Instant(Timestamp),
}

impl Until {
    fn read(value: &str) -> Result<Self, IcsError> {
        let utc = utc()?;
        // A time without a mark is meant on the clock of the series.
        let marked = value.trim().ends_with(['Z', 'z']);
        Ok(match Moment::read(value, &utc, &utc)? {
            Moment::Day(day) => Self::Day(i64::from(day.days())),
            Moment::Wall(wall, _) if marked => Self::Instant(Timestamp::from_seconds(wall)),
            Moment::Wall(wall, _) => Self::Wall(wall),
        })
    }

    fn is_before(self, wall: i64, zone: &Zone, first: &Moment) -> bool {
        match (self, first) {
            (Self::Day(day), _) => wall.div_euclid(DAY) > day,
            (Self::Wall(end), _) => wall > end,
            // Days have no instant; the day of the end is taken as it is written.
            (Self::Instant(end), Moment::Day(_)) => wall.div_euclid(DAY) > end.as_seconds().div_euclid(DAY),
            (Self::Instant(end), Moment::Wall(..)) => instant(wall, zone) > end,
        }
    }
}

/// Whether a time is in a year that is too late to be read.
fn is_beyond(value: &str) -> bool {
    let date = value.trim().get(..8).unwrap_or_default();
    let year = date.get(..4).and_then(|year| year.parse::<u16>().ok());
    date.bytes().all(|byte| byte.is_ascii_digit()) && year.is_some_and(|year| year > 2_199)
}

/// The rule without its `UNTIL`, and that.
fn without_end(rule: &str) -> Result<(String, Option<Until>), IcsError> {
    let mut until = None;
    let mut parts = Vec::new();
    for part in rule.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        match part.split_once('=') {
            // Some write the last day there is for a series without an end.
            Some((name, value)) if name.eq_ignore_ascii_case("UNTIL") && is_beyond(value) => {}
            Some((name, value)) if name.eq_ignore_ascii_case("UNTIL") => until = Some(Until::read(value)?),
            _ => parts.push(part),
        }
    }
    Ok((parts.join(";"), until))
}

pub(super) fn utc() -> Result<Zone, IcsError> {
    Zone::parse("UTC").map_err(|_| IcsError::Malformed)
}
