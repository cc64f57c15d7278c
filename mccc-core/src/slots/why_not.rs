//! Why an instant is not offered.

use std::sync::Arc;

use serde::Serialize;

use super::busy::Block;
use super::opening::{Opening, openings};
use super::{Interval, Question};
use crate::Timestamp;
use crate::zone::{LocalDay, Resolver, Zone};

/// A rule that stands against a start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "code")]
pub enum WhyNot {
    /// The date has hours of its own, and they are none.
    DateClosed {
        /// The date.
        date: LocalDay,
    },
    /// The weekday has no hours.
    WeekdayClosed {
        /// The date.
        date: LocalDay,
    },
    /// The date has hours, but not then.
    OutsideHours {
        /// The date.
        date: LocalDay,
        /// The hours that begin on it.
        hours: Vec<Interval>,
        /// Whether they are of that date alone.
        own_hours: bool,
    },
    /// The visit would not be over when the hours end.
    DoesNotFit {
        /// When they end.
        until: Timestamp,
    },
    /// Starts are at other times.
    OffGrid {
        /// The start on the grid before it.
        before: Timestamp,
        /// The one after it, if it is in the same hours.
        #[serde(skip_serializing_if = "Option::is_none")]
        after: Option<Timestamp>,
    },
    /// It is before the window.
    BeforeWindow {
        /// When the window starts.
        from: Timestamp,
    },
    /// It is after the window.
    AfterWindow {
        /// The first instant after the window.
        until: Timestamp,
    },
    /// It is over.
    Past {
        /// The present.
        now: Timestamp,
    },
    /// It is too soon.
    TooSoon {
        /// The first instant that is not.
        earliest: Timestamp,
        /// How long before a visit it must be booked.
        lead_minutes: u32,
    },
    /// An entry of the calendar is at that time.
    Busy {
        /// Its place in the list.
        entry: usize,
        /// Its start.
        from: Timestamp,
        /// Its end.
        until: Timestamp,
        /// Name of the calendar it is in, where there are several. Never in an answer of [`why_not`].
        #[serde(skip_serializing_if = "Option::is_none")]
        calendar: Option<Arc<str>>,
    },
    /// An entry of the calendar is too near.
    Buffer {
        /// Its place in the list.
        entry: usize,
        /// Its start.
        from: Timestamp,
        /// Its end.
        until: Timestamp,
        /// How much must be free between it and a visit.
        minutes: u32,
        /// Name of the calendar it is in, where there are several. Never in an answer of [`why_not`].
        #[serde(skip_serializing_if = "Option::is_none")]
        calendar: Option<Arc<str>>,
    },
    /// As many appointments start on that date as may.
    DayFull {
        /// The date.
        date: LocalDay,
        /// How many start on it.
        appointments: usize,
        /// How many may.
        most: u32,
    },
    /// The calendar service has rules of its own, and does not offer the time. Never an answer of [`why_not`].
    NotOffered,
}

/// Every rule that stands against a start at `at`, in the order hours, window, present, calendar, cap. None: it is one of
/// the [`starts`](super::starts).
#[must_use]
pub fn why_not(question: &Question<'_>, at: Timestamp) -> Vec<WhyNot> {
    let mut resolver = Resolver::new(question.zone, at);
    let date = resolver.day_of(at.as_seconds()).0;
    let openings = openings(&mut resolver, question.hours, at, at);
    let rules = [
        against_hours(question, &openings, date, at),
        against_window(question, at),
        against_present(question, at),
        against_calendar(question, &mut resolver, at),
        against_cap(question, &mut resolver, date),
    ];
    rules.into_iter().flatten().collect()
}

fn against_hours(question: &Question<'_>, openings: &[Opening], date: LocalDay, at: Timestamp) -> Option<WhyNot> {
    let (duration, interval) = (question.terms.duration_micros(), question.terms.interval_micros());
    let at = at.as_micros();
    let ends = at.saturating_add(duration);
    let around = || {
        openings
            .iter()
            .filter(|opening| opening.start <= at && at < opening.end)
    };
    let Some(until) = around().map(|opening| opening.end).max() else {
        return Some(closed(question, date));
    };
    let Some(fitting) = around()
        .filter(|opening| ends <= opening.end)
        .max_by_key(|opening| opening.start)
    else {
        return Some(WhyNot::DoesNotFit {
            until: Timestamp::from_micros(until),
        });
    };
    let into = |opening: &Opening| at.saturating_sub(opening.start) % interval;
    if around().any(|opening| ends <= opening.end && into(opening) == 0) {
        return None;
    }
    let before = at.saturating_sub(into(fitting));
    let after = before.saturating_add(interval);
    Some(WhyNot::OffGrid {
        before: Timestamp::from_micros(before),
        after: (after.saturating_add(duration) <= fitting.end).then(|| Timestamp::from_micros(after)),
    })
}

fn closed(question: &Question<'_>, date: LocalDay) -> WhyNot {
    let own = question.hours.of_date(date);
    match (question.hours.on(date), own) {
        ([], Some(_)) => WhyNot::DateClosed { date },
        ([], None) => WhyNot::WeekdayClosed { date },
        (hours, own) => WhyNot::OutsideHours {
            date,
            hours: hours.to_vec(),
            own_hours: own.is_some(),
        },
    }
}

fn against_window(question: &Question<'_>, at: Timestamp) -> Option<WhyNot> {
    let (from, until) = (question.window.start(), question.window.end());
    if at >= until {
        return Some(WhyNot::AfterWindow { until });
    }
    (at < from).then_some(WhyNot::BeforeWindow { from })
}

fn against_present(question: &Question<'_>, at: Timestamp) -> Option<WhyNot> {
    let now = question.now;
    if at < now {
        return Some(WhyNot::Past { now });
    }
    let earliest = Timestamp::from_micros(now.as_micros().saturating_add(question.terms.lead_micros()));
    (at < earliest).then(|| WhyNot::TooSoon {
        earliest,
        lead_minutes: question.terms.lead_minutes(),
    })
}

/// Of several entries one that is at that time before one that is only near, then the earliest.
fn against_calendar(question: &Question<'_>, resolver: &mut Resolver<'_>, at: Timestamp) -> Option<WhyNot> {
    let terms = question.terms;
    let (start, duration) = (at.as_micros(), terms.duration_micros());
    let mut meeting = |(entry, busy): (usize, &super::Busy)| {
        let block = busy.block(resolver);
        let meets = block.widened(terms)?.meets(start, duration);
        meets.then(|| (!block.meets(start, duration), block.start, block.end, entry))
    };
    let (is_near_only, from, until, entry) = question.busy.iter().enumerate().filter_map(&mut meeting).min()?;
    let is_before = Block {
        start: from,
        end: until,
    }
    .end <= start;
    let (from, until) = (Timestamp::from_micros(from), Timestamp::from_micros(until));
    if !is_near_only {
        return Some(WhyNot::Busy {
            entry,
            from,
            until,
            calendar: None,
        });
    }
    let minutes = if is_before {
        terms.buffer_before_minutes()
    } else {
        terms.buffer_after_minutes()
    };
    Some(WhyNot::Buffer {
        entry,
        from,
        until,
        minutes,
        calendar: None,
    })
}

fn against_cap(question: &Question<'_>, resolver: &mut Resolver<'_>, date: LocalDay) -> Option<WhyNot> {
    let most = question.terms.cap()?;
    let same_date = |start: &&Timestamp| resolver.day_of(start.as_seconds()).0 == date;
    let appointments = question.appointments.iter().filter(same_date).count();
    let is_full = usize::try_from(most).is_ok_and(|most| appointments >= most);
    is_full.then_some(WhyNot::DayFull {
        date,
        appointments,
        most,
    })
}

impl WhyNot {
    /// The rule as a stable name.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::DateClosed { .. } => "date_closed",
            Self::WeekdayClosed { .. } => "weekday_closed",
            Self::OutsideHours { .. } => "outside_hours",
            Self::DoesNotFit { .. } => "does_not_fit",
            Self::OffGrid { .. } => "off_grid",
            Self::BeforeWindow { .. } => "before_window",
            Self::AfterWindow { .. } => "after_window",
            Self::Past { .. } => "past",
            Self::TooSoon { .. } => "too_soon",
            Self::Busy { .. } => "busy",
            Self::Buffer { .. } => "buffer",
            Self::DayFull { .. } => "day_full",
            Self::NotOffered => "not_offered",
        }
    }

    /// The rule in the words of the business's people, on their wall clock.
    #[must_use]
    pub fn sentence(&self, zone: &Zone) -> String {
        let say = |at: &Timestamp| moment(zone, *at);
        match self {
            Self::DateClosed { date } => format!("closed on {}, by an exception for that date", day(*date)),
            Self::WeekdayClosed { date } => format!("closed on {}s", date.weekday().name_capitalised()),
            Self::OutsideHours { date, hours, own_hours } => {
                let hours: Vec<String> = hours.iter().copied().map(clock).collect();
                let whose = if *own_hours {
                    "the hours of that date alone"
                } else {
                    "the hours"
                };
                format!("outside {whose} on {}: {}", day(*date), hours.join(", "))
            }
            Self::DoesNotFit { until } => format!("it would not be over when the hours end at {}", say(until)),
            Self::OffGrid {
                before,
                after: Some(after),
            } => {
                format!(
                    "starts are at other times, the nearest at {} and {}",
                    say(before),
                    say(after)
                )
            }
            Self::OffGrid { before, after: None } => {
                format!("starts are at other times, the last of these hours at {}", say(before))
            }
            Self::BeforeWindow { from } => format!("before the time that was asked for, which starts at {}", say(from)),
            Self::AfterWindow { until } => format!(
                "after the time in which visits are booked, which ends at {}",
                say(until)
            ),
            Self::Past { now } => format!("over: it is {} now", say(now)),
            Self::TooSoon { earliest, lead_minutes } => {
                format!(
                    "too soon: visits are booked {lead_minutes} minutes ahead, so from {}",
                    say(earliest)
                )
            }
            Self::Busy {
                from, until, calendar, ..
            } => {
                let calendar = called(calendar.as_deref());
                format!("{calendar} is busy from {}", between(zone, *from, *until))
            }
            Self::Buffer {
                from,
                until,
                minutes,
                calendar,
                ..
            } => format!(
                "too near to what {} has from {}: {minutes} minutes between must be free",
                called(calendar.as_deref()),
                between(zone, *from, *until)
            ),
            Self::DayFull {
                date,
                appointments,
                most,
            } => format!(
                "{} is full: {appointments} of at most {most} appointments start then",
                day(*date)
            ),
            Self::NotOffered => "your calendar service does not offer this time".to_owned(),
        }
    }
}

fn called(calendar: Option<&str>) -> String {
    calendar.map_or_else(
        || "the calendar".to_owned(),
        |name| format!("the calendar \u{201c}{name}\u{201d}"),
    )
}

/// `Tuesday, 2027-06-08`.
fn day(date: LocalDay) -> String {
    format!("{}, {date}", date.weekday().name_capitalised())
}

/// An instant as the people of the business say it: `8:00 AM on Tuesday, 2027-06-08`.
#[must_use]
pub fn moment(zone: &Zone, at: Timestamp) -> String {
    let local = zone.to_local(at);
    format!("{} on {}", local.clock_12h(), day(local.day))
}

/// From one instant to another, with the day said once where it is the same.
fn between(zone: &Zone, from: Timestamp, until: Timestamp) -> String {
    let (start, end) = (zone.to_local(from), zone.to_local(until));
    if start.day == end.day {
        return format!("{} to {}", start.clock_12h(), moment(zone, until));
    }
    format!("{} to {}", moment(zone, from), moment(zone, until))
}

fn clock(hours: Interval) -> String {
    format!("{} to {}", hours.from().clock_12h(), hours.to().clock_12h())
}
