//! What the provider remembers.

use std::collections::HashSet;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::tokens::Tokens;
use super::{Trouble, WireGoogle};

/// An event that stands.
#[derive(Debug, Clone, PartialEq)]
pub struct WireEvent {
    /// In which calendar.
    pub calendar: String,
    /// As the provider has it.
    pub event: Value,
}

/// Something that somebody enters by hand. Times are RFC 3339, days `2026-11-24`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entered {
    /// When it begins.
    pub start: String,
    /// When it ends.
    pub end: String,
    /// `confirmed`, `tentative` or `cancelled`.
    pub status: &'static str,
    /// Whether it is marked as free.
    pub free: bool,
    /// Whether the account declined it.
    pub declined: bool,
}

#[derive(Debug)]
pub(super) struct Stored {
    pub(super) calendar: String,
    pub(super) event: Value,
    /// The change it was last part of.
    pub(super) version: u64,
}

impl Stored {
    pub(super) fn id(&self) -> &str {
        self.event["id"].as_str().unwrap_or_default()
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.event["status"] == "cancelled"
    }

    /// When it begins and ends, days in UTC.
    pub(super) fn range(&self) -> Option<(Timestamp, Timestamp)> {
        let moment = |moment: &Value| match (moment["dateTime"].as_str(), moment["date"].as_str()) {
            (Some(at), _) => at.parse().ok(),
            (None, Some(day)) => format!("{day}T00:00:00Z").parse().ok(),
            (None, None) => None,
        };
        Some((moment(&self.event["start"])?, moment(&self.event["end"])?))
    }
}

#[derive(Debug)]
pub(super) struct Book {
    pub(super) tokens: Tokens,
    pub(super) events: Vec<Stored>,
    /// The account that signs in.
    pub(super) account: String,
    /// Calendars that were created, by us or by hand.
    pub(super) made: Vec<Value>,
    /// Channels with the resource that they watch.
    pub(super) channels: Vec<(String, String)>,
    pub(super) trouble: Trouble,
    /// How long every answer is on its way.
    pub(super) delay: Duration,
    unreadable: HashSet<String>,
    pub(super) version: u64,
    /// Looks before this one are forgotten.
    pub(super) remembered_since: u64,
}

impl Default for Book {
    fn default() -> Self {
        Self {
            tokens: Tokens::default(),
            events: Vec::new(),
            account: WireGoogle::PRIMARY.to_owned(),
            made: Vec::new(),
            channels: Vec::new(),
            trouble: Trouble::None,
            delay: Duration::ZERO,
            unreadable: HashSet::new(),
            version: 0,
            remembered_since: 0,
        }
    }
}

impl Book {
    pub(super) fn calendars(&self) -> Vec<Value> {
        let mut calendars = vec![
            json!({
                "kind": "calendar#calendarListEntry", "id": self.account, "summary": self.account,
                "summaryOverride": "Work", "primary": true, "accessRole": "owner", "timeZone": "America/Chicago",
            }),
            json!({
                "id": WireGoogle::FAMILY, "summary": "Family", "accessRole": "writerWithoutPrivateAccess",
                "timeZone": "Mars/Olympus_Mons", "selected": true,
            }),
            json!({ "id": "gone@example.com", "summary": "Gone", "accessRole": "reader", "deleted": true }),
        ];
        calendars.extend(self.made.iter().cloned());
        calendars
    }

    /// A calendar is created. Google names it, also when there is another one like it.
    pub(super) fn create(&mut self, properties: &Value) -> Value {
        let row = json!({
            "kind": "calendar#calendarListEntry", "id": format!("made{}@group.calendar.google.com", self.made.len()),
            "summary": properties["summary"], "description": properties["description"],
            "timeZone": properties["timeZone"], "accessRole": "owner", "selected": true,
        });
        self.made.push(row.clone());
        row
    }

    pub(super) fn knows(&self, calendar: &str) -> bool {
        let known = self.calendars();
        known.iter().any(|known| known["id"] == calendar) && !self.unreadable.contains(calendar)
    }

    pub(super) fn set_unreadable(&mut self, calendar: &str, unreadable: bool) {
        if unreadable {
            self.unreadable.insert(calendar.to_owned());
        } else {
            self.unreadable.remove(calendar);
        }
    }

    pub(super) fn forget_sync_tokens(&mut self) {
        self.remembered_since = self.version + 1;
    }

    pub(super) fn enter(&mut self, calendar: &str, entered: &Entered) -> String {
        let id = format!("hand{:05}", self.events.len());
        let moment = |text: &str| {
            if text.len() == 10 {
                json!({ "date": text })
            } else {
                json!({ "dateTime": text, "timeZone": "America/Chicago" })
            }
        };
        let mut event = json!({
            "id": id, "status": entered.status, "summary": "Private matter", "eventType": "default",
            "start": moment(&entered.start), "end": moment(&entered.end),
        });
        if entered.free {
            event["transparency"] = json!("transparent");
        }
        if entered.declined {
            event["attendees"] = json!([{ "email": WireGoogle::PRIMARY, "self": true, "responseStatus": "declined" }]);
        }
        self.put(calendar, event);
        id
    }

    pub(super) fn put(&mut self, calendar: &str, mut event: Value) {
        self.version += 1;
        event["etag"] = json!(format!("\"{}\"", self.version));
        self.events.push(Stored {
            calendar: calendar.to_owned(),
            event,
            version: self.version,
        });
    }

    /// Changes an event; `false` when there is none of that name.
    pub(super) fn revise(&mut self, id: &str, revise: impl FnOnce(&mut Value)) -> bool {
        let version = self.version + 1;
        let Some(stored) = self.events.iter_mut().find(|stored| stored.id() == id) else {
            return false;
        };
        revise(&mut stored.event);
        stored.event["etag"] = json!(format!("\"{version}\""));
        stored.version = version;
        self.version = version;
        true
    }

    pub(super) fn drag(&mut self, id: &str, start: &str, end: &str) -> bool {
        self.revise(id, |event| {
            event["start"] = json!({ "dateTime": start });
            event["end"] = json!({ "dateTime": end });
        })
    }

    pub(super) fn remove(&mut self, id: &str) -> bool {
        self.revise(id, |event| event["status"] = json!("cancelled"))
    }

    pub(super) fn standing(&self) -> Vec<WireEvent> {
        let standing = self.events.iter().filter(|stored| !stored.is_cancelled());
        standing
            .map(|stored| WireEvent {
                calendar: stored.calendar.clone(),
                event: stored.event.clone(),
            })
            .collect()
    }
}
