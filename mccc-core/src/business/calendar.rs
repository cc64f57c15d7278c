//! Which calendar elsewhere a business keeps, and how far it was followed.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::calls::named;
use crate::port::{Channel, SyncToken};

/// Where appointments are written down besides here.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CalendarSettings {
    /// The calendar that is booked, by the service's identifier; empty while there is none elsewhere.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub booked: String,
    /// Further calendars whose events are in the way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<String>,
    /// Whether whole days in the calendar block even when they are marked as free, as a vacation often is.
    pub all_day_blocks: bool,
    /// Whether Cal.com may be used at all.
    pub calcom_enabled: bool,
    /// The feed of appointments that others subscribe to.
    #[serde(skip_serializing_if = "CalendarFeed::is_new")]
    pub feed: CalendarFeed,
    /// The connected account; nothing while the business's own appointments are its calendar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<CalendarConnection>,
    /// Calendars elsewhere that are only read, each under an address of its own: what they hold is in the way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<OtherCalendar>,
}

/// A calendar that is read under its address. The address is a secret and sealed elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherCalendar {
    /// Tells it from those before and after it.
    pub id: String,
    /// What the contractor calls it.
    pub name: String,
    /// Who keeps it: the host of its address, which is all of it that is shown.
    pub host: String,
    /// When it was connected.
    pub connected_at: Timestamp,
}

impl OtherCalendar {
    /// The field under which its address is sealed.
    #[must_use]
    pub fn secret_field(&self) -> String {
        format!("other_calendar/{}", self.id)
    }
}

/// The feed of a business's appointments and blocked time, under an address that is known to whom it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CalendarFeed {
    /// Number of the address; each has one of its own, so that an old one never works again.
    pub number: u32,
    /// Whether the address of this number works.
    pub open: bool,
}

impl CalendarFeed {
    /// Whether there never was an address.
    #[must_use]
    pub const fn is_new(&self) -> bool {
        self.number == 0 && !self.open
    }
}

impl CalendarSettings {
    /// The calendar of this identifier that is only read.
    #[must_use]
    pub fn other(&self, id: &str) -> Option<&OtherCalendar> {
        self.others.iter().find(|other| other.id == id)
    }

    /// What a person sets, with what the connections and the feed of `learned` decide: a file or a form that knows
    /// nothing of them neither ends nor makes one.
    #[must_use]
    pub fn with_what_was_learned(&self, learned: &Self) -> Self {
        Self {
            all_day_blocks: self.all_day_blocks,
            calcom_enabled: self.calcom_enabled,
            ..learned.clone()
        }
    }

    /// The connection that is used: one whose service is switched on.
    #[must_use]
    pub fn active(&self) -> Option<&CalendarConnection> {
        self.connection.as_ref().filter(|connection| match connection.service {
            CalendarService::Google => true,
            CalendarService::Calcom => self.calcom_enabled,
        })
    }
}

named! {
    /// Who keeps a calendar.
    CalendarService {
        /// Google Calendar.
        Google = "google",
        /// Cal.com.
        Calcom = "calcom",
    }
}

/// A connected account. Its credentials are sealed elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarConnection {
    /// Tells this connection from those before and after it.
    pub id: String,
    /// Whose calendar it is.
    pub service: CalendarService,
    /// The account, as its owner knows it.
    pub account: String,
    /// Name of the calendar that is booked.
    pub calendar_name: String,
    /// When it was connected.
    pub connected_at: Timestamp,
    /// Since when the service has not let us in any more, so that a person has to connect it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reconnect_since: Option<Timestamp>,
    /// Minutes that every visit takes there, where the service and not the business says how long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit_minutes: Option<u16>,
}

/// How far the booked calendar was followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarSync {
    /// Row version, raised by every change.
    pub version: u32,
    /// Which connection it is about; what was learned over another one is worth nothing.
    pub connection: String,
    /// The calendar.
    pub calendar: String,
    /// Where the last look ended.
    pub token: Option<SyncToken>,
    /// The channel over which the service tells of changes.
    pub channel: Option<Channel>,
    /// When the calendar was last followed to its end.
    pub synced_at: Option<Timestamp>,
}
