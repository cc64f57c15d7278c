//! What is kept of a calendar that is only read: when it is taken, and not by what.
//!
//! A copy counts for a while after it was last known to be right. After that the calendar is one that cannot be read,
//! which is neither free nor taken.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{CalendarSettings, OtherCalendar, Owner};
use crate::Timestamp;
use crate::port::{Busy, BusyEntry, CopyRequest, TimeRange, Validators, When};

/// How long a copy counts after it was last known to be right.
const COUNTS: Duration = Duration::from_secs(6 * 3_600);
/// How long a calendar may fail before a person is told; bookings go on until its copy no longer counts.
const PATIENCE: Duration = Duration::from_secs(3_600);
/// A copy begins so long ago: what begins earlier and still reaches into the present is part of it.
const BACK: Duration = Duration::from_secs(3 * DAY);
/// It reaches so far ahead.
const AHEAD: Duration = Duration::from_secs(400 * DAY);
/// It is made anew, changed or not, when it reaches less far ahead than this.
const NEEDED: Duration = Duration::from_secs(366 * DAY);
const DAY: u64 = 24 * 3_600;

/// What was last read of a calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarCopy {
    /// Row version, raised by every change.
    pub version: u32,
    /// Which calendar of the settings it is of.
    pub calendar: String,
    /// By what whoever keeps the calendar says that it has not changed.
    pub known: Validators,
    /// Name of the zone in which times without a zone were meant.
    pub zone: String,
    /// The first instant about which it says nothing.
    pub until: Timestamp,
    /// When it was last known to be right.
    pub read_at: Timestamp,
    /// When somebody last looked.
    pub tried_at: Timestamp,
    /// What is in the way, in order and without overlap.
    pub taken: Vec<When>,
    /// Whole days that are marked as free.
    pub free_days: Vec<When>,
    /// Why it has not been read since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<CopyTrouble>,
}

/// Why a calendar is not read now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyTrouble {
    /// The first look that failed.
    pub since: Timestamp,
    /// What happened last, in the contractor's words.
    pub sentence: String,
    /// Whether a person was told.
    pub told: bool,
}

/// What a look asks for, over the copy there is.
#[must_use]
pub(crate) fn request(owner: &Owner, copy: Option<&CalendarCopy>, now: Timestamp) -> CopyRequest {
    let enough = |copy: &&CalendarCopy| copy.zone == owner.zone().name() && copy.until >= now.plus(NEEDED);
    CopyRequest {
        range: TimeRange {
            start: now.minus(BACK),
            end: now.plus(AHEAD),
        },
        zone: owner.zone().clone(),
        known: copy
            .filter(enough)
            .map(|copy| copy.known.clone())
            .filter(|known| *known != Validators::default()),
    }
}

impl CalendarCopy {
    /// The copy of what was read now; `before` is the one it takes the place of. Entries of ours are not to be in it.
    #[must_use]
    pub fn made(
        calendar: &str,
        before: Option<&Self>,
        request: &CopyRequest,
        (busy, known): (Busy, Validators),
        now: Timestamp,
    ) -> Self {
        let whens = |entries: Vec<BusyEntry>| merged(entries.into_iter().map(|entry| entry.when));
        Self {
            version: next_version(before),
            calendar: calendar.to_owned(),
            known,
            zone: request.zone.name().to_owned(),
            until: request.range.end,
            read_at: now,
            tried_at: now,
            taken: whens(busy.entries),
            free_days: whens(busy.free_days),
            trouble: None,
        }
    }

    /// The copy once it is known that nothing has changed.
    #[must_use]
    pub fn confirmed(&self, now: Timestamp) -> Self {
        Self {
            version: next_version(Some(self)),
            read_at: now,
            tried_at: now,
            trouble: None,
            ..self.clone()
        }
    }

    /// The copy after a look that failed.
    #[must_use]
    pub fn failed(&self, sentence: &str, now: Timestamp) -> Self {
        let before = self.trouble.as_ref();
        Self {
            version: next_version(Some(self)),
            tried_at: now,
            trouble: Some(CopyTrouble {
                since: before.map_or(now, |trouble| trouble.since),
                sentence: sentence.to_owned(),
                told: before.is_some_and(|trouble| trouble.told) || now >= self.read_at.plus(PATIENCE),
            }),
            ..self.clone()
        }
    }

    /// Until when it counts, if nobody can read the calendar again.
    #[must_use]
    pub fn counts_until(&self) -> Timestamp {
        self.read_at.plus(COUNTS)
    }

    /// Whether it says what is taken until `end`. Days and times without a zone are read in the business's, so a copy
    /// of before another one was set says nothing.
    #[must_use]
    pub fn covers(&self, owner: &Owner, end: Timestamp, now: Timestamp) -> bool {
        now < self.counts_until() && end <= self.until && self.zone == owner.zone().name()
    }

    /// What is in the way by the business's settings.
    pub fn taken(&self, settings: &CalendarSettings) -> impl Iterator<Item = When> + '_ {
        let free_days = self.free_days.iter().filter({
            let blocks = settings.all_day_blocks;
            move |_| blocks
        });
        self.taken.iter().chain(free_days).copied()
    }
}

/// The copies of the calendars of the settings, each with its calendar; nothing as soon as one does not cover the time
/// until `end`.
#[must_use]
pub(crate) fn readable<'a>(
    owner: &'a Owner,
    copies: &'a [CalendarCopy],
    end: Timestamp,
    now: Timestamp,
) -> Option<Vec<(&'a OtherCalendar, &'a CalendarCopy)>> {
    let others = owner.settings.calendar.others.iter();
    others
        .map(|other| {
            let copy = copies.iter().find(|copy| copy.calendar == other.id)?;
            copy.covers(owner, end, now).then_some((other, copy))
        })
        .collect()
}

fn next_version(before: Option<&CalendarCopy>) -> u32 {
    before.map_or(0, |before| before.version).saturating_add(1)
}

/// Stretches in order, with those that touch or overlap made one: a busy calendar is kept short.
fn merged(whens: impl Iterator<Item = When>) -> Vec<When> {
    let (mut spans, mut days) = (Vec::new(), Vec::new());
    for when in whens {
        match when {
            When::Instants(range) => spans.push((range.start, range.end)),
            When::Days { first, until } => days.push((first, until)),
        }
    }
    let spans = joined(spans)
        .into_iter()
        .map(|(start, end)| When::Instants(TimeRange { start, end }));
    let days = joined(days)
        .into_iter()
        .map(|(first, until)| When::Days { first, until });
    spans.chain(days).collect()
}

fn joined<T: Ord + Copy>(mut spans: Vec<(T, T)>) -> Vec<(T, T)> {
    spans.sort_unstable();
    let mut joined: Vec<(T, T)> = Vec::with_capacity(spans.len());
    for (start, end) in spans {
        match joined.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => joined.push((start, end)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BusinessId;
    use crate::business::Settings;
    use crate::port::BusyReason;
    use crate::zone::Zone;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn now() -> Timestamp {
        at("2027-06-08T10:00:00Z")
    }

    fn owner(zone: &str) -> Owner {
        let settings = Settings::new("Acme", Zone::parse(zone).unwrap());
        Owner::new(BusinessId::derive(now(), "acme"), 1, settings, Vec::new(), now()).unwrap()
    }

    fn entry(when: When) -> BusyEntry {
        BusyEntry {
            when,
            calendar: String::new(),
            appointment: None,
            title: Some("the contractor's own business".to_owned()),
            reason: BusyReason::Event,
        }
    }

    fn span(from: &str, until: &str) -> When {
        When::Instants(TimeRange {
            start: at(from),
            end: at(until),
        })
    }

    fn days(first: &str, until: &str) -> When {
        When::Days {
            first: first.parse().unwrap(),
            until: until.parse().unwrap(),
        }
    }

    fn marks() -> Validators {
        Validators {
            etag: Some("\"1\"".to_owned()),
            last_modified: None,
        }
    }

    fn copy(owner: &Owner) -> CalendarCopy {
        let busy = Busy {
            entries: [
                span("2027-06-10T15:00:00Z", "2027-06-10T16:00:00Z"),
                days("2027-06-12", "2027-06-13"),
                span("2027-06-10T14:00:00Z", "2027-06-10T15:00:00Z"),
                span("2027-06-10T14:10:00Z", "2027-06-10T14:20:00Z"),
                span("2027-06-10T17:00:00Z", "2027-06-10T17:00:00Z"),
            ]
            .map(entry)
            .into(),
            free_days: vec![entry(days("2027-06-20", "2027-06-22"))],
        };
        CalendarCopy::made("one", None, &request(owner, None, now()), (busy, marks()), now())
    }

    #[test]
    fn a_copy_holds_when_and_not_what() {
        let owner = owner("America/Chicago");
        let copy = copy(&owner);
        let taken = [
            span("2027-06-10T14:00:00Z", "2027-06-10T16:00:00Z"),
            span("2027-06-10T17:00:00Z", "2027-06-10T17:00:00Z"),
            days("2027-06-12", "2027-06-13"),
        ];
        let mut settings = owner.settings.calendar.clone();
        assert_eq!(copy.taken(&settings).collect::<Vec<_>>(), taken);
        settings.all_day_blocks = true;
        assert_eq!(copy.taken(&settings).last(), Some(days("2027-06-20", "2027-06-22")));
        assert!(!serde_json::to_string(&copy).unwrap().contains("contractor"));
    }

    #[test]
    fn a_copy_counts_for_six_hours_and_as_far_as_it_was_read() {
        let here = owner("America/Chicago");
        let read = copy(&here);
        let far = now().plus(AHEAD);
        let covers = |copy: &CalendarCopy, end, at| copy.covers(&here, end, at);
        assert!(covers(&read, far, now().plus(COUNTS - Duration::from_micros(1))));
        assert!(!covers(&read, far, now().plus(COUNTS)));
        assert!(!covers(&read, far.plus(Duration::from_micros(1)), now()));
        // Failing looks do not make it last longer, and one that finds it unchanged does.
        let later = now().plus(COUNTS - Duration::from_secs(1));
        assert!(!covers(&read.failed("Gone.", later), far, now().plus(COUNTS)));
        assert!(covers(&read.confirmed(later), far, now().plus(COUNTS)));
        assert!(!read.covers(&owner("UTC"), far, now()));
    }

    #[test]
    fn a_person_is_told_once_it_has_failed_for_an_hour() {
        let owner = owner("UTC");
        let minutes = |minutes: u64| now().plus(Duration::from_secs(minutes * 60));
        let failed = copy(&owner).failed("No answer.", minutes(5));
        let trouble = |copy: &CalendarCopy| copy.trouble.clone().unwrap();
        assert!(!trouble(&failed).told);
        let failed = failed.failed("Gone.", minutes(60));
        assert_eq!(
            trouble(&failed),
            CopyTrouble {
                since: minutes(5),
                sentence: "Gone.".to_owned(),
                told: true
            }
        );
        assert_eq!(
            (failed.version, failed.read_at, failed.tried_at),
            (3, now(), minutes(60))
        );
        assert_eq!(failed.confirmed(minutes(61)).trouble, None);
    }

    #[test]
    fn marks_are_sent_only_while_the_copy_would_do() {
        let here = owner("America/Chicago");
        let copy = copy(&here);
        let known = |owner: &Owner, at| request(owner, Some(&copy), at).known;
        assert_eq!(known(&here, now()), Some(marks()));
        let last = now().plus(AHEAD - NEEDED);
        assert_eq!(known(&here, last), Some(marks()));
        assert_eq!(known(&here, last.plus(Duration::from_secs(1))), None);
        assert_eq!(known(&owner("UTC"), now()), None);
        let unmarked = CalendarCopy {
            known: Validators::default(),
            ..copy.clone()
        };
        assert_eq!(request(&here, Some(&unmarked), now()).known, None);
    }

    #[test]
    fn one_calendar_that_cannot_be_read_is_as_if_none_could() {
        let mut owner = owner("UTC");
        let other = |id: &str| OtherCalendar {
            id: id.to_owned(),
            name: id.to_owned(),
            host: "calendar.example.com".to_owned(),
            connected_at: now(),
        };
        let copies = [copy(&owner)];
        let end = now().plus(Duration::from_secs(DAY));
        let mut settings = (*owner.settings).clone();
        settings.calendar.others = vec![other("one")];
        owner.settings = settings.clone().into();
        assert_eq!(readable(&owner, &copies, end, now()).map(|found| found.len()), Some(1));
        settings.calendar.others.push(other("two"));
        owner.settings = settings.into();
        assert_eq!(readable(&owner, &copies, end, now()), None);
    }
}
