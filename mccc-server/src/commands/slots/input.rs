//! What a question looks like, and what of it is refused.

use std::collections::BTreeMap;
use std::fmt;

use mccc_core::Timestamp;
use mccc_core::slots::{Busy, Interval, OpeningHours, SlotsError, Terms, Window};
use mccc_core::zone::{LocalDay, Weekday, Zone};
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::failure::Failure;

/// A document in which every name of an object is there once: of two, nobody could tell which is meant.
pub(super) struct Document(Value);

/// A question that was understood.
pub(super) struct Input {
    pub(super) zone: Zone,
    pub(super) hours: OpeningHours,
    pub(super) terms: Terms,
    pub(super) now: Timestamp,
    pub(super) window: Window,
    pub(super) busy: Vec<Entry>,
    /// When our own appointments start.
    pub(super) appointments: Vec<Timestamp>,
    /// Those of them that say when they end; they are busy, too.
    pub(super) blocking_appointments: Vec<Entry>,
    /// The instants of which the reasons are asked.
    pub(super) asked: Vec<Timestamp>,
}

/// An entry of a list and its place there.
pub(super) struct Entry {
    pub(super) busy: Busy,
    pub(super) title: Option<String>,
    pub(super) place: usize,
}

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "an object with zone, hours, now and what else docs/slots.md names"
)]
struct Raw {
    zone: Zone,
    hours: Week,
    #[serde(default)]
    overrides: BTreeMap<LocalDay, Vec<Interval>>,
    now: Timestamp,
    #[serde(default)]
    window: Option<RawWindow>,
    #[serde(default)]
    window_days: Option<u16>,
    #[serde(default = "an_hour")]
    duration_minutes: u32,
    #[serde(default)]
    interval_minutes: Option<u32>,
    #[serde(default)]
    buffer_before_minutes: u32,
    #[serde(default)]
    buffer_after_minutes: u32,
    #[serde(default = "usual_lead")]
    lead_minutes: u32,
    #[serde(default)]
    max_per_day: Option<u32>,
    #[serde(default)]
    busy: Vec<RawEntry>,
    #[serde(default)]
    appointments: Vec<RawAppointment>,
    #[serde(default)]
    why_not: Vec<Timestamp>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with start and end")]
struct RawWindow {
    start: Timestamp,
    end: Timestamp,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, try_from = "RawFields")]
struct RawEntry {
    busy: Busy,
    title: Option<String>,
}

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "an object with start and end, or with start_date and end_date"
)]
struct RawFields {
    #[serde(default)]
    start: Option<Timestamp>,
    #[serde(default)]
    end: Option<Timestamp>,
    #[serde(default)]
    start_date: Option<LocalDay>,
    #[serde(default)]
    end_date: Option<LocalDay>,
    #[serde(default)]
    title: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with start")]
struct RawAppointment {
    start: Timestamp,
    #[serde(default)]
    end: Option<Timestamp>,
    #[serde(default)]
    title: Option<String>,
}

/// Hours by weekday, each day once, however it is called.
#[derive(Default)]
struct Week(OpeningHours);

const fn an_hour() -> u32 {
    60
}

const fn usual_lead() -> u32 {
    Terms::USUAL_LEAD
}

/// Dates after today, where the question names no window.
const USUAL_WINDOW_DAYS: u16 = 14;

impl Input {
    /// Reads a question.
    ///
    /// # Errors
    /// Bad input: the first field that cannot be understood.
    pub(super) fn read(document: Document) -> Result<Self, Failure> {
        let raw: Raw = serde_path_to_error::deserialize(document.0).map_err(|error| {
            let path = error.path().to_string();
            let problem = error.into_inner();
            match path.as_str() {
                "." => Failure::bad_input(problem.to_string()),
                _ => Failure::bad_input(format!("{path}: {problem}")),
            }
        })?;
        Self::check(raw)
    }

    fn check(raw: Raw) -> Result<Self, Failure> {
        let mut hours = raw.hours.0;
        for (date, own) in raw.overrides {
            hours.set_date(date, own);
        }
        let window = match (raw.window, raw.window_days) {
            (Some(_), Some(_)) => {
                return Err(Failure::bad_input(
                    "window_days: give either window or window_days, not both",
                ));
            }
            (Some(window), None) => {
                Window::between(window.start, window.end).map_err(|error| named("window", error))?
            }
            (None, Some(days)) if i32::from(days) > Window::MOST_DAYS - 2 => {
                return Err(named("window_days", SlotsError::TooLong));
            }
            (None, days) => Window::of_days(&raw.zone, raw.now, days.unwrap_or(USUAL_WINDOW_DAYS)),
        };
        let terms = Terms::of(raw.duration_minutes)
            .and_then(|terms| terms.every(raw.interval_minutes.unwrap_or(raw.duration_minutes)))
            .and_then(|terms| terms.buffers(raw.buffer_before_minutes, raw.buffer_after_minutes))
            .and_then(|terms| terms.lead(raw.lead_minutes))
            .map_err(|error| named("minutes", error))?
            .max_per_day(raw.max_per_day);
        let busy = raw.busy.into_iter().enumerate().map(|(place, entry)| Entry {
            busy: entry.busy,
            title: entry.title,
            place,
        });
        let appointments = raw.appointments.iter().map(|own| own.start).collect();
        let mut blocking_appointments = Vec::new();
        for (place, own) in raw.appointments.into_iter().enumerate() {
            let Some(end) = own.end else { continue };
            blocking_appointments.push(Entry {
                busy: Busy::Span { start: own.start, end },
                title: own.title,
                place,
            });
        }
        Ok(Self {
            hours,
            terms,
            now: raw.now,
            window,
            busy: busy.collect(),
            appointments,
            blocking_appointments,
            asked: raw.why_not,
            zone: raw.zone,
        })
    }
}

fn named(field: &str, error: SlotsError) -> Failure {
    let field = match &error {
        SlotsError::Minutes { field, .. } => field,
        SlotsError::NoHours { .. } | SlotsError::NoPair | SlotsError::Backwards { .. } | SlotsError::TooLong => field,
    };
    Failure::bad_input(format!("{field}: {error}"))
}

impl TryFrom<RawFields> for RawEntry {
    type Error = String;

    fn try_from(raw: RawFields) -> Result<Self, String> {
        let busy = match (raw.start, raw.end, raw.start_date, raw.end_date) {
            // One that ends before it starts has a meaning, too: what its buffers leave of it blocks.
            (Some(start), Some(end), None, None) => Busy::Span { start, end },
            (None, None, Some(start), Some(end)) => Busy::AllDay { start, end },
            _ => {
                return Err(
                    "give start and end (instants), or start_date and end_date (dates, the end not included)"
                        .to_owned(),
                );
            }
        };
        Ok(Self { busy, title: raw.title })
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Document;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_bool<E>(self, value: bool) -> Result<Document, E> {
                Ok(Document(value.into()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Document, E> {
                Ok(Document(value.into()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Document, E> {
                Ok(Document(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Document, E> {
                Ok(Document(value.into()))
            }

            fn visit_str<E>(self, value: &str) -> Result<Document, E> {
                Ok(Document(value.into()))
            }

            fn visit_unit<E>(self) -> Result<Document, E> {
                Ok(Document(Value::Null))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Document, A::Error> {
                let mut values = Vec::new();
                while let Some(Document(value)) = list.next_element()? {
                    values.push(value);
                }
                Ok(Document(Value::Array(values)))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Document, A::Error> {
                let mut values = serde_json::Map::new();
                while let Some((name, Document(value))) = map.next_entry::<String, Document>()? {
                    if values.contains_key(&name) {
                        return Err(A::Error::custom(format_args!("{name} is there twice")));
                    }
                    values.insert(name, value);
                }
                Ok(Document(Value::Object(values)))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

impl<'de> Deserialize<'de> for Week {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Days;
        impl<'de> Visitor<'de> for Days {
            type Value = Week;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with hours by weekday, such as {\"monday\": [[\"08:00\", \"12:00\"]]}")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Week, A::Error> {
                let mut week = Week::default();
                let mut seen: Vec<Weekday> = Vec::new();
                while let Some((day, list)) = map.next_entry::<Weekday, Vec<Interval>>()? {
                    if seen.contains(&day) {
                        return Err(A::Error::custom(format_args!("{} is there twice", day.name())));
                    }
                    seen.push(day);
                    for hours in list {
                        week.0.open(day, hours);
                    }
                }
                Ok(week)
            }
        }
        deserializer.deserialize_map(Days)
    }
}
