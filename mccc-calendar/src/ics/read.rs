//! What a feed takes of a stretch of time.

use std::collections::{BTreeMap, BTreeSet};

use icalendar::parser::{Component, Property, read_calendar_simple, unfold};
use mccc_core::port::{Busy, BusyEntry, BusyReason, TimeRange, When};
use mccc_core::zone::{LocalDay, Zone};
use mccc_core::{AppointmentId, Timestamp};

use crate::google::ids;

use super::moment::{DAY, Length, Moment, instant};
use super::recur::{Work, starts, utc};
use super::zones;

/// Bytes of a feed.
const LONGEST_FEED: usize = 4 << 20;
/// Events of a feed, and entries that may come of them.
const MOST_EVENTS: usize = 20_000;
/// Components within components. A calendar holds events, and these alarms.
const DEEPEST: usize = 6;

/// Why a feed cannot be read. It is then neither free nor taken: nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IcsError {
    /// It is no iCalendar file, or a time in it is none.
    #[error("the feed is not an iCalendar file, or holds something that is no time")]
    Malformed,
    /// It has more than 4 MiB or 20,000 events, or is nested.
    #[error("the feed is too large")]
    TooLarge,
    /// Its series would take too long to work out.
    #[error("the feed's repeating events would take too long to work out")]
    TooMuchWork,
    /// A time zone is described that nobody knows by name.
    #[error("the feed uses a time zone that is not known by its name")]
    UnknownZone,
    /// A part of a series was moved as a whole, which is not understood.
    #[error("the feed moves the rest of a series, which is not understood")]
    Unsupported,
}

/// How a feed is read.
#[derive(Debug, Clone)]
pub struct Reading<'a> {
    /// What the feed's entries are said to be in.
    pub calendar: &'a str,
    /// The stretch of time that is asked about.
    pub window: TimeRange,
    /// The business's zone, in which times without a zone are meant.
    pub zone: &'a Zone,
    /// The contractor's own address: what they declined takes no time.
    pub owner: Option<&'a str>,
}

/// Reads a feed.
///
/// # Errors
/// When any part of it that could take time is not understood.
pub fn read(text: &str, reading: &Reading<'_>) -> Result<Busy, IcsError> {
    if text.len() > LONGEST_FEED {
        return Err(IcsError::TooLarge);
    }
    let unfolded = unfold(text.trim_start_matches('\u{feff}'));
    check_shape(&unfolded)?;
    let roots = read_calendar_simple(unfolded.trim()).map_err(|_| IcsError::Malformed)?;
    if roots.is_empty() || !roots.iter().all(|root| named(root, "VCALENDAR")) {
        return Err(IcsError::Malformed);
    }
    let utc = utc()?;
    let mut feed = Feed {
        reading,
        utc,
        zones: BTreeMap::new(),
        work: Work::of_a_feed(),
        busy: Busy::default(),
    };
    let mut series: BTreeMap<&str, Series> = BTreeMap::new();
    for root in &roots {
        feed.learn_zones(root);
        for event in root.components.iter().filter(|component| named(component, "VEVENT")) {
            let uid = value(event, "UID").unwrap_or_default();
            let sorted = series.entry(uid).or_default();
            match feed.event(event)? {
                Some(event) if event.instance.is_some() => sorted.instances.push(event),
                Some(event) => sorted.whole.push(event),
                None => {}
            }
        }
    }
    for root in &roots {
        for answer in root.components.iter().filter(|component| named(component, "VFREEBUSY")) {
            feed.free_busy(answer)?;
        }
    }
    for (uid, series) in &series {
        feed.place(uid, series)?;
    }
    Ok(feed.busy)
}

/// Refuses what would be deep or long before it is taken apart.
fn check_shape(text: &str) -> Result<(), IcsError> {
    let (mut depth, mut count) = (0_usize, 0_usize);
    for line in text.lines() {
        let begins = line.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("BEGIN:"));
        let ends = line.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("END:"));
        if begins {
            (depth, count) = (depth + 1, count + 1);
        } else if ends {
            depth = depth.saturating_sub(1);
        }
        // Each event may hold a few alarms.
        if depth > DEEPEST || count > MOST_EVENTS * 4 {
            return Err(IcsError::TooLarge);
        }
    }
    Ok(())
}

/// The zone of a description whose clocks never change.
fn fixed(zone: &Component<'_>) -> Option<Zone> {
    let mut offsets = zone
        .components
        .iter()
        .map(|rule| value(rule, "TZOFFSETTO").map(str::trim));
    let first = offsets.next()??;
    offsets
        .all(|offset| offset == Some(first))
        .then(|| zones::fixed(first))
        .flatten()
}

fn named(component: &Component<'_>, name: &str) -> bool {
    component.name.as_str().eq_ignore_ascii_case(name)
}

fn property<'a>(component: &'a Component<'_>, name: &str) -> Option<&'a Property<'a>> {
    all(component, name).next()
}

fn all<'a>(component: &'a Component<'_>, name: &str) -> impl Iterator<Item = &'a Property<'a>> {
    let name = name.to_owned();
    component
        .properties
        .iter()
        .filter(move |property| property.name.as_str().eq_ignore_ascii_case(&name))
}

fn value<'a>(component: &'a Component<'_>, name: &str) -> Option<&'a str> {
    property(component, name).map(|property| property.val.as_str())
}

fn parameter<'a>(property: &'a Property<'_>, name: &str) -> Option<&'a str> {
    let found = property
        .params
        .iter()
        .find(|parameter| parameter.key.as_str().eq_ignore_ascii_case(name));
    found
        .and_then(|parameter| parameter.val.as_ref())
        .map(|value| value.as_str())
}

/// Events of one identifier: whole series or single events, and instances that differ from their series.
#[derive(Default)]
struct Series {
    whole: Vec<Event>,
    instances: Vec<Event>,
}

/// One event of the feed.
struct Event {
    start: Moment,
    length: Span,
    /// Which instance of its series it stands for.
    instance: Option<Moment>,
    rules: Vec<String>,
    /// Further starts, some with a length of their own.
    extra: Vec<(Moment, Option<Span>)>,
    except: Vec<Moment>,
    blocks: Blocks,
    title: Option<String>,
    sequence: u32,
}

/// What an event does to its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blocks {
    Yes(BusyReason),
    /// It is marked as free.
    Free,
    /// It does not take place, or the contractor does not.
    No,
}

/// How long each instance takes.
#[derive(Debug, Clone, Copy)]
enum Span {
    /// So many seconds, whatever the clocks do.
    Exact(i64),
    Given(Length),
}

/// Feeds are read in one pass over their events, which shares zones and work.
struct Feed<'a> {
    reading: &'a Reading<'a>,
    utc: Zone,
    zones: BTreeMap<String, Option<Zone>>,
    work: Work,
    busy: Busy,
}

impl Feed<'_> {
    /// Zones that the feed describes under a name of its own, and says whose rules they follow.
    fn learn_zones(&mut self, root: &Component<'_>) {
        for zone in root.components.iter().filter(|component| named(component, "VTIMEZONE")) {
            let Some(name) = value(zone, "TZID") else { continue };
            let known = zones::named(name)
                .or_else(|| value(zone, "X-LIC-LOCATION").and_then(zones::named))
                .or_else(|| fixed(zone));
            self.zones.insert(name.to_owned(), known);
        }
    }

    fn zone(&mut self, property: &Property<'_>) -> Result<Zone, IcsError> {
        let Some(name) = parameter(property, "TZID") else {
            return Ok(self.reading.zone.clone());
        };
        let known = self.zones.entry(name.to_owned()).or_insert_with(|| zones::named(name));
        known.clone().ok_or(IcsError::UnknownZone)
    }

    fn moment(&mut self, property: &Property<'_>) -> Result<Moment, IcsError> {
        let zone = self.zone_of_time(property)?;
        Moment::read(property.val.as_str(), &zone, &self.utc)
    }

    /// Days and times in UTC need no zone.
    fn zone_of_time(&mut self, property: &Property<'_>) -> Result<Zone, IcsError> {
        let text = property.val.as_str().trim();
        if text.ends_with(['Z', 'z']) || !text.contains(['T', 't']) {
            return Ok(self.utc.clone());
        }
        self.zone(property)
    }

    fn moments(&mut self, event: &Component<'_>, name: &str) -> Result<Vec<Moment>, IcsError> {
        let mut moments = Vec::new();
        for property in all(event, name) {
            let zone = self.zone_of_time(property)?;
            for text in property.val.as_str().split(',').filter(|text| !text.trim().is_empty()) {
                moments.push(Moment::read(text, &zone, &self.utc)?);
                self.work.spend(1)?;
            }
        }
        Ok(moments)
    }

    /// The further starts of a series. One that is given as a period is as long as that.
    fn extra(&mut self, event: &Component<'_>) -> Result<Vec<(Moment, Option<Span>)>, IcsError> {
        let mut extra = Vec::new();
        for property in all(event, "RDATE") {
            let zone = self.zone_of_time(property)?;
            for text in property.val.as_str().split(',').filter(|text| !text.trim().is_empty()) {
                self.work.spend(1)?;
                let (start, length) = match text.split_once('/') {
                    None => (text, None),
                    Some((start, _)) => {
                        let seconds = self.period(text, property)?.length().as_secs();
                        let seconds = i64::try_from(seconds).map_err(|_| IcsError::Malformed)?;
                        (start, Some(Span::Exact(seconds)))
                    }
                };
                extra.push((Moment::read(start, &zone, &self.utc)?, length));
            }
        }
        Ok(extra)
    }

    /// Takes an event apart; nothing when it takes no time and stands in for nothing.
    fn event(&mut self, event: &Component<'_>) -> Result<Option<Event>, IcsError> {
        let blocks = self.blocks(event);
        let instance = match property(event, "RECURRENCE-ID") {
            None => None,
            Some(property) => {
                if parameter(property, "RANGE").is_some() {
                    return Err(IcsError::Unsupported);
                }
                Some(self.moment(property)?)
            }
        };
        if blocks == Blocks::No && instance.is_none() {
            return Ok(None);
        }
        let start = match property(event, "DTSTART") {
            Some(property) => self.moment(property)?,
            // An instance that does not take place needs no time of its own.
            None if blocks == Blocks::No => Moment::Wall(0, self.utc.clone()),
            None => return Err(IcsError::Malformed),
        };
        let length = self.length(event, &start)?;
        Ok(Some(Event {
            length,
            instance,
            rules: all(event, "RRULE").map(|rule| rule.val.as_str().to_owned()).collect(),
            extra: self.extra(event)?,
            except: self.moments(event, "EXDATE")?,
            blocks,
            title: value(event, "SUMMARY")
                .map(str::to_owned)
                .filter(|title| !title.is_empty()),
            sequence: value(event, "SEQUENCE")
                .and_then(|text| text.trim().parse().ok())
                .unwrap_or(0),
            start,
        }))
    }

    fn blocks(&self, event: &Component<'_>) -> Blocks {
        let is = |name, word: &str| value(event, name).is_some_and(|value| value.trim().eq_ignore_ascii_case(word));
        let declined = self.reading.owner.is_some_and(|owner| {
            all(event, "ATTENDEE").any(|attendee| {
                let address = attendee.val.as_str().trim();
                let address = address
                    .get(7..)
                    .filter(|_| address.to_ascii_lowercase().starts_with("mailto:"));
                address.is_some_and(|address| address.eq_ignore_ascii_case(owner))
                    && parameter(attendee, "PARTSTAT").is_some_and(|state| state.eq_ignore_ascii_case("DECLINED"))
            })
        });
        if is("STATUS", "CANCELLED") || declined {
            Blocks::No
        } else if is("TRANSP", "TRANSPARENT") {
            Blocks::Free
        } else if is("STATUS", "TENTATIVE") {
            Blocks::Yes(BusyReason::Tentative)
        } else {
            Blocks::Yes(BusyReason::Event)
        }
    }

    fn length(&mut self, event: &Component<'_>, start: &Moment) -> Result<Span, IcsError> {
        let span = match (property(event, "DTEND"), value(event, "DURATION"), start) {
            (Some(end), _, Moment::Day(first)) => match self.moment(end)? {
                Moment::Day(until) => Span::Given(Length::Days(until.days() - first.days())),
                Moment::Wall(..) => return Err(IcsError::Malformed),
            },
            (Some(end), _, Moment::Wall(..)) => match self.moment(end)? {
                Moment::Day(_) => return Err(IcsError::Malformed),
                end @ Moment::Wall(..) => {
                    let (from, until) = (start.instant(&self.utc), end.instant(&self.utc));
                    Span::Exact(until.as_seconds() - from.as_seconds())
                }
            },
            (None, Some(text), Moment::Day(_)) => match Length::read(text)? {
                Length::Nominal { days, seconds } => {
                    let days = days + seconds.div_euclid(DAY);
                    Span::Given(Length::Days(i32::try_from(days).map_err(|_| IcsError::Malformed)?))
                }
                days @ Length::Days(_) => Span::Given(days),
            },
            (None, Some(text), Moment::Wall(..)) => Span::Given(Length::read(text)?),
            (None, None, Moment::Day(_)) => Span::Given(Length::Days(1)),
            (None, None, Moment::Wall(..)) => Span::Exact(0),
        };
        Ok(match span {
            // One day is the least that a day takes; some write the same day twice.
            Span::Given(Length::Days(days)) => Span::Given(Length::Days(days.max(1))),
            Span::Exact(seconds) => Span::Exact(seconds.max(0)),
            given @ Span::Given(Length::Nominal { .. }) => given,
        })
    }

    /// Puts the events of one identifier where they take time.
    fn place(&mut self, uid: &str, series: &Series) -> Result<(), IcsError> {
        let ours = uid.split('@').next().and_then(appointment_of);
        // Of several that stand in for one instance the latest counts.
        let mut instances: BTreeMap<Timestamp, &Event> = BTreeMap::new();
        for event in &series.instances {
            let Some(instance) = &event.instance else { continue };
            let at = instance.instant(self.reading.zone);
            let newest = instances.get(&at).is_none_or(|other| other.sequence <= event.sequence);
            if newest {
                instances.insert(at, event);
            }
        }
        for event in instances.values() {
            self.enter(event, (&event.start, event.length), ours)?;
        }
        for event in &series.whole {
            let mut gone: BTreeSet<Timestamp> = event
                .except
                .iter()
                .map(|moment| moment.instant(self.reading.zone))
                .collect();
            gone.extend(instances.keys());
            for (start, length) in self.starts(event)? {
                if !gone.contains(&start.instant(self.reading.zone)) {
                    self.enter(event, (&start, length), ours)?;
                }
            }
        }
        Ok(())
    }

    /// Every start of an event until the end of the window with how long it takes, in no order.
    fn starts(&mut self, event: &Event) -> Result<Vec<(Moment, Span)>, IcsError> {
        let mut found: BTreeSet<i64> = BTreeSet::from([event.start.wall()]);
        let reading = self.reading;
        let zone = match &event.start {
            Moment::Day(_) => reading.zone,
            Moment::Wall(_, zone) => zone,
        };
        for rule in &event.rules {
            found.extend(starts(rule, &event.start, zone, reading.window.end, &mut self.work)?);
        }
        let moment = |wall: i64| match &event.start {
            Moment::Day(_) => Moment::Day(LocalDay(i32::try_from(wall.div_euclid(DAY)).unwrap_or(i32::MAX))),
            Moment::Wall(_, zone) => Moment::Wall(wall, zone.clone()),
        };
        let mut starts: Vec<(Moment, Span)> = found.into_iter().map(|wall| (moment(wall), event.length)).collect();
        let further = event.extra.iter();
        let further = further.filter(|(start, length)| length.is_some() || *start != event.start);
        starts.extend(further.map(|(start, length)| (start.clone(), length.unwrap_or(event.length))));
        Ok(starts)
    }

    /// Puts the times of an answer about times where they are: what is taken there has no name.
    fn free_busy(&mut self, answer: &Component<'_>) -> Result<(), IcsError> {
        for property in all(answer, "FREEBUSY") {
            let reason = match parameter(property, "FBTYPE").map(str::to_ascii_uppercase).as_deref() {
                Some("FREE") => continue,
                Some("BUSY-TENTATIVE") => BusyReason::Tentative,
                Some("BUSY-UNAVAILABLE") => BusyReason::OutOfOffice,
                // A word that nobody knows means that it is taken (RFC 5545, 3.2.9).
                _ => BusyReason::Times,
            };
            for text in property.val.as_str().split(',').filter(|text| !text.trim().is_empty()) {
                self.work.spend(1)?;
                let range = self.period(text, property)?;
                self.add(When::Instants(range), Blocks::Yes(reason), None, None)?;
            }
        }
        Ok(())
    }

    /// A stretch of time: from an instant until another, or so long.
    fn period(&mut self, text: &str, property: &Property<'_>) -> Result<TimeRange, IcsError> {
        let (from, until) = text.split_once('/').ok_or(IcsError::Malformed)?;
        let zone = self.zone(property)?;
        let from = Moment::read(from, &zone, &self.utc)?;
        let Moment::Wall(wall, zone) = &from else {
            return Err(IcsError::Malformed);
        };
        let start = from.instant(zone);
        let end = if until.trim_start().starts_with(['P', 'p', '+']) {
            end_of(*wall, zone, start, Length::read(until)?)
        } else {
            match Moment::read(until, zone, &self.utc)? {
                Moment::Day(_) => return Err(IcsError::Malformed),
                until @ Moment::Wall(..) => until.instant(zone),
            }
        };
        if end < start {
            return Err(IcsError::Malformed);
        }
        Ok(TimeRange { start, end })
    }

    /// Enters one instance, if it touches the window.
    fn enter(
        &mut self,
        event: &Event,
        (start, length): (&Moment, Span),
        ours: Option<AppointmentId>,
    ) -> Result<(), IcsError> {
        self.add(when(length, start), event.blocks, ours, event.title.as_ref())
    }

    fn add(
        &mut self,
        when: When,
        blocks: Blocks,
        ours: Option<AppointmentId>,
        title: Option<&String>,
    ) -> Result<(), IcsError> {
        if blocks == Blocks::No {
            return Ok(());
        }
        let range = when.in_zone(self.reading.zone);
        let point = range.start == range.end
            && self.reading.window.start <= range.start
            && range.start < self.reading.window.end;
        if !point && !range.overlaps(&self.reading.window) {
            return Ok(());
        }
        if self.busy.entries.len() + self.busy.free_days.len() >= MOST_EVENTS {
            return Err(IcsError::TooLarge);
        }
        let entry = |reason| BusyEntry {
            when,
            calendar: self.reading.calendar.to_owned(),
            appointment: ours,
            title: title.cloned(),
            reason: if ours.is_some() {
                BusyReason::Appointment
            } else {
                reason
            },
        };
        match (blocks, when) {
            (Blocks::Yes(reason), _) => {
                let entry = entry(reason);
                self.busy.entries.push(entry);
            }
            (Blocks::Free, When::Days { .. }) => {
                let entry = entry(BusyReason::Event);
                self.busy.free_days.push(entry);
            }
            (Blocks::Free, When::Instants(_)) | (Blocks::No, _) => {}
        }
        Ok(())
    }
}

/// Which appointment an event stands for: by the identifier of our own files, or of the events that we write to Google,
/// whose files name an event after its identifier (`…@google.com`).
fn appointment_of(name: &str) -> Option<AppointmentId> {
    name.parse().ok().or_else(|| ids::appointment_of(name))
}

/// The end of what begins at `start`, where the clock of the zone shows `wall`.
fn end_of(wall: i64, zone: &Zone, start: Timestamp, length: Length) -> Timestamp {
    match length {
        Length::Nominal { days, seconds } => {
            let day = instant(wall.saturating_add(days.saturating_mul(DAY)), zone);
            Timestamp::from_seconds(day.as_seconds().saturating_add(seconds))
        }
        Length::Days(_) => start,
    }
}

/// When an instance that starts there takes place.
fn when(length: Span, start: &Moment) -> When {
    let days = match length {
        Span::Given(Length::Days(days)) => days,
        Span::Given(Length::Nominal { .. }) | Span::Exact(_) => 0,
    };
    match start {
        Moment::Day(first) => When::Days {
            first: *first,
            until: first.plus_days(days.max(1)),
        },
        Moment::Wall(wall, zone) => {
            let start = instant(*wall, zone);
            let end = match length {
                Span::Exact(seconds) => Timestamp::from_seconds(start.as_seconds().saturating_add(seconds)),
                Span::Given(length) => end_of(*wall, zone, start, length),
            };
            When::Instants(TimeRange { start, end })
        }
    }
}
