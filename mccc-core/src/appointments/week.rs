//! A stretch of days as a person looks at it: what can be booked, and for all other time the reason why not.

use std::time::Duration;

use super::Rules;
use super::diary::LONGEST_REACH;
use crate::Timestamp;
use crate::slots::{Terms, WhyNot};
use crate::zone::LocalDay;

/// How finely time is looked at.
const STEP: Duration = Duration::from_secs(15 * 60);

/// What a stretch without visits is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Something is there already, or too near.
    Taken,
    /// Nothing is there, and a rule stands against it all the same; or it is too short for a visit.
    Closed,
}

/// Time of one local date in which no visit can be booked, for the same reasons throughout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The local date.
    pub date: LocalDay,
    /// The first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub until: Timestamp,
    /// What it is.
    pub standing: Standing,
    /// The rules that stand against it; at least one.
    pub against: Vec<WhyNot>,
}

/// What can be booked in a stretch of days, and what not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Days {
    /// The starts of visits, in order.
    pub free: Vec<Timestamp>,
    /// All time that no visit from one of these starts would cover, in order.
    pub blocked: Vec<Stretch>,
}

/// From when to when the diary must be read to say how the time between two instants stands.
#[must_use]
pub fn reach_of(from: Timestamp, until: Timestamp) -> (Timestamp, Timestamp) {
    (from.minus(LONGEST_REACH), until.plus(LONGEST_REACH))
}

impl Rules<'_> {
    /// How the time from one instant until before another stands, looked at in steps of a quarter of an hour. Where a
    /// calendar service says itself what can be booked, `offered` are the starts that it offers, in order.
    #[must_use]
    pub fn days(&self, from: Timestamp, until: Timestamp, offered: Option<&[Timestamp]>) -> Days {
        let question = self.question();
        let (zone, length) = (question.zone, question.terms.duration_minutes());
        let length = Duration::from_secs(u64::from(length) * 60);
        let mut free = match offered {
            None => self.free(),
            Some(offered) => offered.to_vec(),
        };
        free.retain(|at| *at < until && (offered.is_none() || self.against(*at).is_empty()));
        let mut blocked: Vec<Stretch> = Vec::new();
        let mut at = from;
        while at < until {
            let next = at.plus(STEP).min(until);
            let before = free.partition_point(|start| *start < next);
            let covered = free.iter().take(before).next_back();
            if covered.is_none_or(|start| start.plus(length) <= at) {
                let mut against = self.against(at);
                if against.is_empty() && offered.is_some() {
                    against.push(WhyNot::NotOffered);
                }
                let (standing, against) = told((at, next), question.terms, against);
                add(
                    &mut blocked,
                    Stretch {
                        date: zone.to_local(at).day,
                        from: at,
                        until: next,
                        standing,
                        against,
                    },
                );
            }
            at = next;
        }
        let free = free.into_iter().filter(|at| *at >= from).collect();
        Days { free, blocked }
    }
}

/// Makes the last stretch longer, where it goes on for the same reasons on the same date.
fn add(blocked: &mut Vec<Stretch>, next: Stretch) {
    if let Some(last) = blocked.last_mut()
        && (last.until, last.date, last.standing) == (next.from, next.date, next.standing)
        && last.against == next.against
    {
        last.until = next.until;
        return;
    }
    blocked.push(next);
}

/// The rules against a visit from a cell on, told of the cell itself: an entry is at it, is too near to it, or merely
/// leaves no room for a visit before it.
fn told((from, until): (Timestamp, Timestamp), terms: &Terms, against: Vec<WhyNot>) -> (Standing, Vec<WhyNot>) {
    let minutes = |minutes: u32| Duration::from_secs(u64::from(minutes) * 60);
    let before = minutes(terms.buffer_after_minutes());
    let after = minutes(terms.buffer_before_minutes());
    let mut standing = Standing::Closed;
    let against = telling(against)
        .into_iter()
        .map(|why| match why {
            WhyNot::Busy {
                entry,
                from: start,
                until: end,
                calendar,
            }
            | WhyNot::Buffer {
                entry,
                from: start,
                until: end,
                calendar,
                ..
            } => {
                if from < end && start < until {
                    standing = Standing::Taken;
                } else if from < end.plus(after) && start.minus(before) < until {
                    standing = Standing::Taken;
                    let is_before = end <= from;
                    return WhyNot::Buffer {
                        entry,
                        from: start,
                        until: end,
                        minutes: if is_before {
                            terms.buffer_before_minutes()
                        } else {
                            terms.buffer_after_minutes()
                        },
                        calendar,
                    };
                }
                WhyNot::Busy {
                    entry,
                    from: start,
                    until: end,
                    calendar,
                }
            }
            rule @ (WhyNot::DateClosed { .. }
            | WhyNot::WeekdayClosed { .. }
            | WhyNot::OutsideHours { .. }
            | WhyNot::DoesNotFit { .. }
            | WhyNot::OffGrid { .. }
            | WhyNot::BeforeWindow { .. }
            | WhyNot::AfterWindow { .. }
            | WhyNot::Past { .. }
            | WhyNot::TooSoon { .. }
            | WhyNot::DayFull { .. }
            | WhyNot::NotOffered) => rule,
        })
        .collect();
    (standing, against)
}

const fn is_something_there(why: &WhyNot) -> bool {
    match why {
        WhyNot::Busy { .. } | WhyNot::Buffer { .. } => true,
        WhyNot::DateClosed { .. }
        | WhyNot::WeekdayClosed { .. }
        | WhyNot::OutsideHours { .. }
        | WhyNot::DoesNotFit { .. }
        | WhyNot::OffGrid { .. }
        | WhyNot::BeforeWindow { .. }
        | WhyNot::AfterWindow { .. }
        | WhyNot::Past { .. }
        | WhyNot::TooSoon { .. }
        | WhyNot::DayFull { .. }
        | WhyNot::NotOffered => false,
    }
}

/// The reasons that tell a person something: of what is over only that it is, and what was there; and that starts are at
/// other times only where nothing else stands against it.
fn telling(mut against: Vec<WhyNot>) -> Vec<WhyNot> {
    let is_over = |why: &WhyNot| matches!(why, WhyNot::Past { .. });
    if against.iter().any(is_over) {
        against.retain(|why| is_over(why) || is_something_there(why));
    }
    if against.len() > 1 {
        against.retain(|why| !matches!(why, WhyNot::OffGrid { .. }));
    }
    against
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BusinessId;
    use crate::appointments::{Diary, Foreign, Whose};
    use crate::business::{Owner, Settings};
    use crate::port::store::Bookings;
    use crate::slots::Busy;
    use crate::zone::Zone;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    /// A week from Monday, asked on Tuesday at 10:20, with an event on Wednesday from 10 to 11.
    fn week(change: impl FnOnce(&mut Settings)) -> (Zone, Days) {
        let zone = Zone::parse("America/Chicago").unwrap();
        let mut settings = Settings::new("Acme", zone.clone());
        change(&mut settings);
        let now = at("2027-06-08T10:20:00-05:00");
        let owner = Owner::new(BusinessId::derive(now, "acme"), 1, settings, Vec::new(), now).unwrap();
        let event = Foreign {
            busy: Busy::Span {
                start: at("2027-06-09T10:00:00-05:00"),
                end: at("2027-06-09T11:00:00-05:00"),
            },
            calendar: None,
        };
        let diary = Diary {
            owner: &owner,
            bookings: &Bookings::default(),
            whose: Whose::Ours,
            foreign: &[event],
            now,
        };
        let (from, until) = (at("2027-06-07T00:00:00-05:00"), at("2027-06-14T00:00:00-05:00"));
        (zone, diary.rules(None).unwrap().days(from, until, None))
    }

    fn told(zone: &Zone, days: &Days) -> Vec<String> {
        let clock = |at| {
            let local = zone.to_local(at);
            format!("{} {}", local.day.weekday().name_capitalised(), local.clock_12h())
        };
        days.blocked
            .iter()
            .map(|one| {
                let codes: Vec<&str> = one.against.iter().map(WhyNot::code).collect();
                format!(
                    "{} until {}: {:?} {}",
                    clock(one.from),
                    clock(one.until),
                    one.standing,
                    codes.join(",")
                )
            })
            .collect()
    }

    #[test]
    fn every_minute_is_free_or_says_why_not() {
        let (zone, days) = week(|_| ());
        assert_eq!(
            told(&zone, &days),
            [
                "Monday 12:00 AM until Tuesday 12:00 AM: Closed past",
                "Tuesday 12:00 AM until Tuesday 10:30 AM: Closed past",
                "Tuesday 10:30 AM until Tuesday 12:30 PM: Closed too_soon",
                "Tuesday 12:30 PM until Tuesday 1:00 PM: Closed off_grid",
                "Tuesday 5:00 PM until Wednesday 12:00 AM: Closed outside_hours",
                "Wednesday 12:00 AM until Wednesday 8:00 AM: Closed outside_hours",
                "Wednesday 9:00 AM until Wednesday 9:45 AM: Closed busy",
                "Wednesday 9:45 AM until Wednesday 10:00 AM: Taken buffer",
                "Wednesday 10:00 AM until Wednesday 11:00 AM: Taken busy",
                "Wednesday 11:00 AM until Wednesday 11:15 AM: Taken buffer",
                "Wednesday 11:15 AM until Wednesday 12:00 PM: Closed off_grid",
                "Wednesday 5:00 PM until Thursday 12:00 AM: Closed outside_hours",
                "Thursday 12:00 AM until Thursday 8:00 AM: Closed outside_hours",
                "Thursday 5:00 PM until Friday 12:00 AM: Closed outside_hours",
                "Friday 12:00 AM until Friday 8:00 AM: Closed outside_hours",
                "Friday 5:00 PM until Saturday 12:00 AM: Closed outside_hours",
                "Saturday 12:00 AM until Sunday 12:00 AM: Closed weekday_closed",
                "Sunday 12:00 AM until Monday 12:00 AM: Closed weekday_closed",
            ]
        );
        assert_eq!(days.free.len(), 4 + 6 + 9 + 9);
    }

    #[test]
    fn what_the_service_does_not_offer_is_blocked_and_says_so() {
        let zone = Zone::parse("America/Chicago").unwrap();
        let now = at("2027-06-08T10:20:00-05:00");
        let settings = Settings::new("Acme", zone.clone());
        let owner = Owner::new(BusinessId::derive(now, "acme"), 1, settings, Vec::new(), now).unwrap();
        let event = Foreign {
            busy: Busy::Span {
                start: at("2027-06-08T15:00:00-05:00"),
                end: at("2027-06-08T16:00:00-05:00"),
            },
            calendar: None,
        };
        let diary = Diary {
            owner: &owner,
            bookings: &Bookings::default(),
            whose: Whose::Theirs,
            foreign: &[event],
            now,
        };
        // Outside our hours, which do not count; one that is taken in a calendar that the service does not know.
        let offered = ["T12:30:00", "T15:30:00", "T21:00:00"].map(|time| at(&format!("2027-06-08{time}-05:00")));
        let (from, until) = (at("2027-06-08T10:00:00-05:00"), at("2027-06-09T00:00:00-05:00"));
        let days = diary.rules(None).unwrap().days(from, until, Some(&offered));
        assert_eq!(days.free, [offered[0], offered[2]]);
        assert_eq!(
            told(&zone, &days),
            [
                "Tuesday 10:00 AM until Tuesday 10:30 AM: Closed past",
                "Tuesday 10:30 AM until Tuesday 12:30 PM: Closed not_offered",
                "Tuesday 1:30 PM until Tuesday 2:00 PM: Closed not_offered",
                "Tuesday 2:00 PM until Tuesday 2:45 PM: Closed busy",
                "Tuesday 2:45 PM until Tuesday 3:00 PM: Taken buffer",
                "Tuesday 3:00 PM until Tuesday 4:00 PM: Taken busy",
                "Tuesday 4:00 PM until Tuesday 4:15 PM: Taken buffer",
                "Tuesday 4:15 PM until Tuesday 9:00 PM: Closed not_offered",
                "Tuesday 10:00 PM until Wednesday 12:00 AM: Closed not_offered",
            ]
        );
    }

    #[test]
    fn free_time_and_blocked_time_make_up_the_week() {
        for (duration, interval) in [(60, None), (120, Some(30)), (15, None), (45, Some(20))] {
            let (_, days) = week(|settings| {
                settings.booking.duration_minutes = duration;
                settings.booking.interval_minutes = interval;
            });
            let length = Duration::from_secs(u64::from(duration) * 60);
            let mut cell = at("2027-06-07T00:00:00-05:00");
            while cell < at("2027-06-14T00:00:00-05:00") {
                let next = cell.plus(STEP);
                let free = days.free.iter().any(|start| *start < next && start.plus(length) > cell);
                let blocked = days.blocked.iter().filter(|one| one.from <= cell && cell < one.until);
                assert_eq!(blocked.count(), usize::from(!free), "{cell} with {duration} minutes");
                cell = next;
            }
            assert!(days.blocked.iter().all(|one| !one.against.is_empty()));
        }
    }
}
