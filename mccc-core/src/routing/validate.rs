//! What stands against a schedule: every mistake at once, each with its place.

use std::collections::HashMap;

use serde::Serialize;

use super::TimeOfDay;
use super::schedule::{Block, DateOverride, Hours, Schedule};
use crate::zone::{LocalDay, Weekday};
use crate::{RuleId, Timestamp};

/// Most weekly blocks of a schedule.
const MOST_BLOCKS: usize = 1_000;
/// Most date overrides of a schedule.
const MOST_OVERRIDES: usize = 2_000;
/// 2000-01-01, the first date that can be overridden.
const FIRST_DATE: LocalDay = LocalDay(10_957);
/// 2199-12-31, the last.
const LAST_DATE: LocalDay = LocalDay(84_005);

/// A mistake in a schedule and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct ScheduleError {
    /// Path of the field, such as `weekly[3].start`.
    pub path: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What can be wrong with a field of a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "code")]
#[non_exhaustive]
pub enum Problem {
    /// A time is not on a quarter of an hour.
    #[error("{time} is not on a quarter of an hour; minutes can be 00, 15, 30 or 45")]
    NotOnQuarter {
        /// The time.
        time: TimeOfDay,
    },
    /// Start and end are the same.
    #[error("starts and ends at {time}; for a whole day write 00:00 to 24:00")]
    Empty {
        /// The time.
        time: TimeOfDay,
    },
    /// It starts when the day is over.
    #[error("a block cannot start at 24:00; start it at 00:00 of the next day")]
    StartsAtEndOfDay,
    /// Only one end of a time range is given.
    #[error("give both start and end, or neither for the whole day")]
    HalfRange,
    /// Another block of the same priority covers some of the same time.
    #[error("overlaps {other}; change the times, pause one of them or give them different priorities")]
    Overlaps {
        /// Path of the other block.
        other: String,
    },
    /// Another rule has the same identifier.
    #[error("{other} has the same identifier")]
    DuplicateId {
        /// Path of the other rule.
        other: String,
    },
    /// More rules than a schedule can hold.
    #[error("there are {count}; at most {limit} are possible")]
    TooMany {
        /// How many there are.
        count: usize,
        /// How many there can be.
        limit: usize,
    },
    /// The date is before 2000 or after 2199.
    #[error("{date} is not between 2000-01-01 and 2199-12-31")]
    DateOutOfRange {
        /// The date.
        date: LocalDay,
    },
    /// A new override is for a day that is over.
    #[error("{date} is over; an override starts today ({today}) or later")]
    DateInThePast {
        /// The date.
        date: LocalDay,
        /// Today, on the business's calendar.
        today: LocalDay,
    },
    /// The condition of a rule for some calls only cannot be used.
    #[error("{mistake}")]
    BadCondition {
        /// What is wrong with it.
        mistake: &'static str,
    },
    /// Nothing would stand in for the voice agent.
    #[error("name at least one of voicemail and auto_text, so that callers are answered while no voice agent can")]
    NoFallback,
    /// The same stand-in is named twice.
    #[error("names the same step twice")]
    RepeatedFallback,
}

impl Schedule {
    /// Checks everything and gives the schedule in its stored form, in which no block crosses midnight.
    ///
    /// # Errors
    /// Every mistake, in the order of the document.
    pub fn validate(&self) -> Result<Self, Vec<ScheduleError>> {
        let mut errors = Errors::default();
        self.check_fallback(&mut errors);
        errors.limit("weekly", self.weekly.len(), MOST_BLOCKS);
        errors.limit("overrides", self.overrides.len(), MOST_OVERRIDES);
        errors.limit("business_hours", self.business_hours.len(), MOST_BLOCKS);
        // Nothing else is worth saying, or computing, about a document of the wrong size.
        if !errors.0.is_empty() {
            return Err(errors.0);
        }
        for (index, block) in self.weekly.iter().enumerate() {
            errors.range(&format!("weekly[{index}]"), block.start, block.end);
        }
        for (index, rule) in self.overrides.iter().enumerate() {
            let path = format!("overrides[{index}]");
            if !(FIRST_DATE..=LAST_DATE).contains(&rule.date) {
                errors.add(format!("{path}.date"), Problem::DateOutOfRange { date: rule.date });
            }
            match (rule.start, rule.end) {
                (Some(start), Some(end)) => errors.range(&path, start, end),
                (None, None) => {}
                (Some(_), None) | (None, Some(_)) => errors.add(path, Problem::HalfRange),
            }
        }
        let of_weekly = self.weekly.iter().enumerate();
        let of_dates = self.overrides.iter().enumerate();
        let conditions = of_weekly
            .map(|(index, block)| (format!("weekly[{index}].only"), &block.only))
            .chain(of_dates.map(|(index, rule)| (format!("overrides[{index}].only"), &rule.only)));
        for (path, only) in conditions {
            if let Some(mistake) = only.mistake() {
                errors.add(path, Problem::BadCondition { mistake });
            }
        }
        for (index, hours) in self.business_hours.iter().enumerate() {
            errors.range(&format!("business_hours[{index}]"), hours.start, hours.end);
        }
        self.check_ids(&mut errors);
        if !errors.0.is_empty() {
            return Err(errors.0);
        }
        self.check_overlaps(&mut errors);
        if errors.0.is_empty() {
            Ok(self.split_at_midnight())
        } else {
            Err(errors.0)
        }
    }

    /// What stands against saving this schedule over `previous` on the day `today` of the business's calendar:
    /// overrides that are new or moved cannot lie in the past.
    #[must_use]
    pub fn check_edit(&self, previous: &Self, today: LocalDay) -> Vec<ScheduleError> {
        let kept = |rule: &DateOverride| {
            previous
                .overrides
                .iter()
                .any(|old| old.id == rule.id && old.date == rule.date)
        };
        self.overrides
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.date < today && !kept(rule))
            .map(|(index, rule)| ScheduleError {
                path: format!("overrides[{index}].date"),
                problem: Problem::DateInThePast { date: rule.date, today },
            })
            .collect()
    }

    /// The blocks as people think of them: a block that ends at midnight and goes on after it is one block, written
    /// with an end before its start.
    #[must_use]
    pub fn display_blocks(&self) -> Vec<Block> {
        let mut blocks = self.weekly.clone();
        let mut index = 0;
        while let Some(first) = blocks.get(index).cloned() {
            let rest = blocks.iter().position(|second| continues(&first, second));
            if let Some(rest) = rest {
                let second = blocks.remove(rest);
                if rest < index {
                    index = index.saturating_sub(1);
                }
                if let Some(first) = blocks.get_mut(index) {
                    first.end = second.end;
                }
            }
            index = index.saturating_add(1);
        }
        blocks
    }

    fn check_fallback(&self, errors: &mut Errors) {
        if self.voice_fallback.is_empty() {
            errors.add("voice_fallback", Problem::NoFallback);
        }
        if self.voice_fallback.iter().enumerate().any(|(index, step)| {
            self.voice_fallback
                .iter()
                .skip(index.saturating_add(1))
                .any(|other| other == step)
        }) {
            errors.add("voice_fallback", Problem::RepeatedFallback);
        }
    }

    fn check_ids(&self, errors: &mut Errors) {
        let weekly = self
            .weekly
            .iter()
            .enumerate()
            .map(|(i, rule)| (format!("weekly[{i}]"), rule.id));
        let overrides = self
            .overrides
            .iter()
            .enumerate()
            .map(|(i, rule)| (format!("overrides[{i}]"), rule.id));
        let mut seen: HashMap<RuleId, String> = HashMap::new();
        for (path, id) in weekly.chain(overrides) {
            if let Some(other) = seen.get(&id) {
                errors.add(format!("{path}.id"), Problem::DuplicateId { other: other.clone() });
            } else {
                seen.insert(id, path);
            }
        }
    }

    fn check_overlaps(&self, errors: &mut Errors) {
        let mut pieces: Vec<(i32, usize, usize, usize)> = Vec::new();
        let mut for_some: Vec<(i32, usize, usize, usize)> = Vec::new();
        for (index, block) in self.weekly.iter().enumerate().filter(|(_, block)| block.active) {
            let pieces = if block.only.is_any() {
                &mut pieces
            } else {
                &mut for_some
            };
            for (day, start, end) in pieces_of_week(block.day, block.start, block.end) {
                let midnight = usize::from(day.number()).saturating_mul(96);
                pieces.push((
                    block.priority,
                    midnight.saturating_add(start.quarter()),
                    midnight.saturating_add(end.quarter()),
                    index,
                ));
            }
        }
        pieces.sort_unstable();
        self.check_conditional(&for_some, errors);
        // The piece that reaches furthest so far within one priority; whatever starts before its end overlaps it.
        let mut reach: Option<(i32, usize, usize)> = None;
        for (priority, start, end, index) in pieces {
            match reach {
                Some((same, until, other)) if same == priority && start < until => {
                    if other != index {
                        let (late, early) = (index.max(other), index.min(other));
                        errors.add(
                            format!("weekly[{late}]"),
                            Problem::Overlaps {
                                other: format!("weekly[{early}]"),
                            },
                        );
                    }
                    if end > until {
                        reach = Some((priority, end, index));
                    }
                }
                Some(_) | None => reach = Some((priority, end, index)),
            }
        }
    }

    /// Blocks for some calls only overlap one another, unless no call can be meant by both. They go before those for
    /// every call, which they may therefore overlap.
    fn check_conditional(&self, for_some: &[(i32, usize, usize, usize)], errors: &mut Errors) {
        let only = |index: usize| self.weekly.get(index).map(|block| &block.only);
        for (place, (priority, start, end, index)) in for_some.iter().enumerate() {
            let mut later = for_some.iter().skip(place.saturating_add(1));
            let other = later.find(|(same, from, until, other)| {
                same == priority
                    && from < end
                    && start < until
                    && other != index
                    && !only(*index)
                        .zip(only(*other))
                        .is_some_and(|(one, two)| one.excludes(two))
            });
            if let Some((_, _, _, other)) = other {
                let (late, early) = (index.max(other), index.min(other));
                errors.add(
                    format!("weekly[{late}]"),
                    Problem::Overlaps {
                        other: format!("weekly[{early}]"),
                    },
                );
            }
        }
    }

    /// The same schedule without blocks that cross midnight. The part after midnight gets its own identifier, which
    /// follows from that of the whole.
    pub(super) fn split_at_midnight(&self) -> Self {
        let weekly = self.weekly.iter().flat_map(|block| {
            pieces_of_week(block.day, block.start, block.end)
                .enumerate()
                .map(move |(part, (day, start, end))| Block {
                    id: part_id(block.id, part),
                    day,
                    start,
                    end,
                    ..block.clone()
                })
        });
        let overrides = self.overrides.iter().flat_map(|rule| {
            let range = (
                rule.start.unwrap_or(TimeOfDay::MIDNIGHT),
                rule.end.unwrap_or(TimeOfDay::END_OF_DAY),
            );
            pieces(range.0, range.1)
                .enumerate()
                .map(move |(part, (next_day, start, end))| DateOverride {
                    id: part_id(rule.id, part),
                    date: rule.date.plus_days(i32::from(next_day)),
                    start: rule.start.map(|_| start),
                    end: rule.end.map(|_| end),
                    ..rule.clone()
                })
        });
        let business_hours = self.business_hours.iter().flat_map(|hours| {
            pieces_of_week(hours.day, hours.start, hours.end).map(|(day, start, end)| Hours { day, start, end })
        });
        Self {
            weekly: weekly.collect(),
            // The morning after the last possible date could not be read back.
            overrides: overrides.filter(|rule| rule.date <= LAST_DATE).collect(),
            business_hours: business_hours.collect(),
            ..self.clone()
        }
    }
}

#[derive(Default)]
struct Errors(Vec<ScheduleError>);

impl Errors {
    fn add(&mut self, path: impl Into<String>, problem: Problem) {
        self.0.push(ScheduleError {
            path: path.into(),
            problem,
        });
    }

    fn limit(&mut self, path: &str, count: usize, limit: usize) {
        if count > limit {
            self.add(path, Problem::TooMany { count, limit });
        }
    }

    fn range(&mut self, path: &str, start: TimeOfDay, end: TimeOfDay) {
        for (field, time) in [("start", start), ("end", end)] {
            if !time.is_on_quarter() {
                self.add(format!("{path}.{field}"), Problem::NotOnQuarter { time });
            }
        }
        if start == end {
            self.add(path, Problem::Empty { time: start });
        } else if start == TimeOfDay::END_OF_DAY {
            self.add(format!("{path}.start"), Problem::StartsAtEndOfDay);
        }
    }
}

/// The one or two stretches of single days that a range covers; the flag tells the next day.
fn pieces(start: TimeOfDay, end: TimeOfDay) -> impl Iterator<Item = (bool, TimeOfDay, TimeOfDay)> {
    let crosses = end < start;
    let first = (false, start, if crosses { TimeOfDay::END_OF_DAY } else { end });
    let second = (true, TimeOfDay::MIDNIGHT, end);
    std::iter::once(first).chain((crosses && end > TimeOfDay::MIDNIGHT).then_some(second))
}

fn pieces_of_week(
    day: Weekday,
    start: TimeOfDay,
    end: TimeOfDay,
) -> impl Iterator<Item = (Weekday, TimeOfDay, TimeOfDay)> {
    pieces(start, end).map(move |(next_day, start, end)| (if next_day { day.next() } else { day }, start, end))
}

fn part_id(whole: RuleId, part: usize) -> RuleId {
    if part == 0 {
        return whole;
    }
    RuleId::derive(Timestamp::UNIX_EPOCH, &format!("{whole}/after-midnight"))
}

/// Whether `second` is what is left of `first` after midnight. Both together must stay below a day, or the end could
/// not be told from the start.
fn continues(first: &Block, second: &Block) -> bool {
    first.start < first.end
        && first.end == TimeOfDay::END_OF_DAY
        && second.day == first.day.next()
        && second.start == TimeOfDay::MIDNIGHT
        && second.end > second.start
        && second.end < first.start
        && (second.method, second.active, second.priority) == (first.method, first.active, first.priority)
        && second.only == first.only
}

#[cfg(test)]
mod tests {
    use super::super::{FallbackStep, Method, Only};
    use super::*;

    fn block(day: Weekday, start: &str, end: &str) -> Block {
        Block::new(day, start.parse().unwrap(), end.parse().unwrap(), Method::Both)
    }

    fn weekly(weekly: Vec<Block>) -> Schedule {
        Schedule {
            weekly,
            ..Schedule::always(Method::Off)
        }
    }

    fn messages(schedule: &Schedule) -> Vec<String> {
        schedule
            .validate()
            .unwrap_err()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn every_mistake_is_told_at_once_with_its_place() {
        let mut schedule = weekly(vec![
            block(Weekday::Monday, "08:10", "18:00"),
            block(Weekday::Monday, "09:00", "09:00"),
            block(Weekday::Monday, "24:00", "03:00"),
        ]);
        schedule.overrides = vec![
            DateOverride::whole_day(LocalDay(0), Method::Off),
            DateOverride {
                start: Some(TimeOfDay::hour(9)),
                ..DateOverride::whole_day(LocalDay(20_000), Method::Off)
            },
        ];
        schedule.overrides[1].id = schedule.weekly[0].id;
        assert_eq!(
            messages(&schedule),
            [
                "weekly[0].start: 08:10 is not on a quarter of an hour; minutes can be 00, 15, 30 or 45",
                "weekly[1]: starts and ends at 09:00; for a whole day write 00:00 to 24:00",
                "weekly[2].start: a block cannot start at 24:00; start it at 00:00 of the next day",
                "overrides[0].date: 1970-01-01 is not between 2000-01-01 and 2199-12-31",
                "overrides[1]: give both start and end, or neither for the whole day",
                "overrides[1].id: weekly[0] has the same identifier",
            ]
        );
        schedule = Schedule::default();
        schedule.voice_fallback.clear();
        assert_eq!(schedule.validate().unwrap_err()[0].problem, Problem::NoFallback);
        schedule.voice_fallback = vec![FallbackStep::AutoText, FallbackStep::AutoText];
        assert_eq!(schedule.validate().unwrap_err()[0].problem, Problem::RepeatedFallback);
    }

    #[test]
    fn the_limits_of_dates_are_what_the_message_says() {
        assert_eq!(
            (FIRST_DATE.to_string().as_str(), LAST_DATE.to_string().as_str()),
            ("2000-01-01", "2199-12-31")
        );
    }

    #[test]
    fn blocks_of_one_priority_cannot_overlap_also_across_midnight() {
        let overlap = |blocks| messages(&weekly(blocks)).concat();
        assert!(
            overlap(vec![
                block(Weekday::Monday, "08:00", "12:00"),
                block(Weekday::Monday, "11:45", "13:00")
            ])
            .starts_with("weekly[1]: overlaps weekly[0]")
        );
        assert!(
            overlap(vec![
                block(Weekday::Sunday, "01:00", "03:00"),
                block(Weekday::Saturday, "22:00", "02:00")
            ])
            .starts_with("weekly[1]: overlaps weekly[0]")
        );
        // A long block is compared with everything it reaches, not only with its neighbour.
        assert!(
            overlap(vec![
                block(Weekday::Monday, "08:00", "18:00"),
                Block {
                    active: false,
                    ..block(Weekday::Monday, "09:00", "10:00")
                },
                block(Weekday::Monday, "17:00", "17:15"),
            ])
            .starts_with("weekly[2]: overlaps weekly[0]")
        );
        let errors = messages(&weekly(vec![
            block(Weekday::Monday, "08:00", "18:00"),
            block(Weekday::Monday, "09:00", "10:00"),
            block(Weekday::Monday, "17:00", "19:00"),
        ]));
        assert_eq!(errors.len(), 2, "{errors:?}");
        assert!(
            errors.iter().all(|error| error.contains("overlaps weekly[0]")),
            "{errors:?}"
        );
        let fine = |blocks| assert_eq!(weekly(blocks).validate().map(|_| ()), Ok(()));
        fine(vec![
            block(Weekday::Monday, "08:00", "12:00"),
            block(Weekday::Monday, "12:00", "13:00"),
        ]);
        fine(vec![
            block(Weekday::Monday, "08:00", "12:00"),
            block(Weekday::Tuesday, "08:00", "12:00"),
        ]);
        let above = Block {
            priority: 1,
            ..block(Weekday::Monday, "11:00", "13:00")
        };
        fine(vec![block(Weekday::Monday, "08:00", "12:00"), above]);
        let paused = Block {
            active: false,
            ..block(Weekday::Monday, "11:00", "13:00")
        };
        fine(vec![block(Weekday::Monday, "08:00", "12:00"), paused]);
    }

    #[test]
    fn blocks_for_some_calls_may_lie_over_the_week_and_over_those_for_other_calls() {
        let for_codes = |codes: &[u16], start, end| Block {
            id: RuleId::derive(Timestamp::UNIX_EPOCH, &format!("{codes:?}")),
            only: Only {
                area_codes: codes.to_vec(),
                ..Only::default()
            },
            ..block(Weekday::Monday, start, end)
        };
        let general = block(Weekday::Monday, "08:00", "18:00");
        let fine = weekly(vec![
            general.clone(),
            for_codes(&[312], "09:00", "20:00"),
            for_codes(&[773], "09:00", "20:00"),
        ]);
        assert_eq!(fine.validate().map(|_| ()), Ok(()));
        let errors = messages(&weekly(vec![
            general,
            for_codes(&[312], "09:00", "20:00"),
            for_codes(&[773, 312], "19:45", "21:00"),
        ]));
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].starts_with("weekly[2]: overlaps weekly[1]"), "{errors:?}");
        let errors = messages(&weekly(vec![for_codes(&[99], "09:00", "20:00")]));
        assert_eq!(
            errors,
            ["weekly[0].only: an area code has three digits, from 200 to 999"]
        );
    }

    #[test]
    fn a_block_over_midnight_is_stored_in_two_parts_and_shown_as_one() {
        let night = weekly(vec![block(Weekday::Saturday, "22:00", "02:00")]);
        let stored = night.validate().unwrap();
        let times: Vec<String> = stored
            .weekly
            .iter()
            .map(|b| format!("{} {}-{}", b.day.name(), b.start, b.end))
            .collect();
        assert_eq!(times, ["saturday 22:00-24:00", "sunday 00:00-02:00"]);
        assert_ne!(stored.weekly[0].id, stored.weekly[1].id);
        assert_eq!(stored.display_blocks(), night.weekly);
        // What is stored is its own stored form.
        assert_eq!(stored.validate().unwrap(), stored);
        let until_midnight = weekly(vec![block(Weekday::Friday, "22:00", "00:00")])
            .validate()
            .unwrap();
        assert_eq!(until_midnight.weekly.len(), 1);
        assert_eq!(until_midnight.weekly[0].end, TimeOfDay::END_OF_DAY);
        // Whole days are never run together.
        let days = weekly(vec![
            block(Weekday::Friday, "00:00", "24:00"),
            block(Weekday::Saturday, "00:00", "24:00"),
        ]);
        assert_eq!(days.display_blocks(), days.weekly);
    }

    #[test]
    fn a_new_override_starts_today_and_an_old_one_may_stay() {
        let (yesterday, today) = (LocalDay(20_000), LocalDay(20_001));
        let with = |date| Schedule {
            overrides: vec![DateOverride::whole_day(date, Method::Off)],
            ..Schedule::default()
        };
        let old = with(yesterday);
        assert_eq!(with(today).check_edit(&Schedule::default(), today), []);
        assert_eq!(old.check_edit(&old, today), []);
        let errors = old.check_edit(&Schedule::default(), today);
        assert_eq!(errors[0].problem, Problem::DateInThePast { date: yesterday, today });
    }
}
