//! What is taken.
//!
//! The calendar that is booked is read event by event; of the others the times are enough, which one question answers.
//! An answer of success may hold errors for single calendars: such a calendar was not read.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::try_join;
use mccc_core::Timestamp;
use mccc_core::port::{
    Access, Busy, BusyEntry, BusyQuery, BusyReason, CalendarInfo, ErrorKind, PortError, Retry, TimeRange, When,
};
use mccc_core::zone::Zone;
use reqwest::Method;
use serde_json::json;

use super::ADAPTER;
use super::api::query;
use super::error::unreadable;
use super::session::Session;
use super::wire::{CalendarPage, CalendarRow, Effect, EventPage, FIELDS, FreeBusy};
use crate::http::{Call, Effect as Doing};

/// Calendars in one question about times (Calendar API v3, `calendarExpansionMax`, read 2026-11).
const MOST_CALENDARS: usize = 50;
/// A list that has more pages than this does not end.
const MOST_PAGES: usize = 200;
/// Longest stretch that is asked about; Google refuses long ones for times.
const LONGEST: Duration = Duration::from_secs(62 * 86_400);
/// Days begin elsewhere in another zone, at most this much apart.
const ZONES_APART: Duration = Duration::from_secs(26 * 3_600);

impl Session {
    pub(super) async fn calendars(&self) -> Result<Vec<CalendarInfo>, PortError> {
        let rows = self.calendar_rows("calendars").await?;
        Ok(rows.into_iter().map(CalendarRow::info).collect())
    }

    /// Every calendar in the account's list.
    pub(super) async fn calendar_rows(&self, operation: &'static str) -> Result<Vec<CalendarRow>, PortError> {
        let mut found = Vec::new();
        let mut page: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut fields = vec![("maxResults", "250")];
            fields.extend(page.as_deref().map(|token| ("pageToken", token)));
            let url = self.url(&format!("users/me/calendarList{}", query(&fields)));
            let answer: CalendarPage = self.read(&Call::get(operation, url)).await?;
            found.extend(answer.items.into_iter().filter(|row| !row.deleted));
            match answer.next {
                None => return Ok(found),
                next => page = next,
            }
        }
        Err(unreadable(operation, Doing::Repeatable))
    }

    pub(super) async fn busy(&self, query: &BusyQuery) -> Result<Busy, PortError> {
        if query.range.length() > LONGEST {
            return Err(PortError::new(ADAPTER, "busy", ErrorKind::Rejected, Retry::Never));
        }
        let (events, times) = try_join(self.events_of(&query.booked, query.range), self.times_of(query)).await?;
        let mut busy = events;
        busy.entries.extend(times);
        Ok(busy)
    }

    /// What the events of one calendar take.
    async fn events_of(&self, calendar: &str, range: TimeRange) -> Result<Busy, PortError> {
        let from = range.start.minus(ZONES_APART).to_string();
        let until = range.end.plus(ZONES_APART).to_string();
        let mut busy = Busy::default();
        let mut page: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut fields = vec![
                ("singleEvents", "true"),
                ("maxResults", "2500"),
                ("maxAttendees", "1"),
                ("timeMin", from.as_str()),
                ("timeMax", until.as_str()),
                ("fields", FIELDS),
            ];
            fields.extend(page.as_deref().map(|token| ("pageToken", token)));
            let url = self.events_url(calendar, &query(&fields));
            // A page may be short or empty and still not be the last.
            let answer = self.read(&Call::get("busy", url)).await;
            let answer: EventPage = match answer {
                Err(error) if error.kind() == ErrorKind::NotFound => return Err(unread("notFound")),
                answer => answer?,
            };
            for event in &answer.items {
                let effect = event.effect();
                if effect == Effect::Nothing {
                    continue;
                }
                // An event that blocks at a time nobody can tell is no free time.
                let when = event.when().ok_or_else(|| unreadable("busy", Doing::Repeatable))?;
                if let When::Instants(instants) = when
                    && !instants.overlaps(&range)
                {
                    continue;
                }
                let entry = |reason| BusyEntry {
                    when,
                    calendar: calendar.to_owned(),
                    appointment: event.appointment(),
                    title: event.title(),
                    reason,
                };
                match effect {
                    Effect::Blocks(reason) => busy.entries.push(entry(reason)),
                    Effect::FreeDays => busy.free_days.push(entry(BusyReason::Event)),
                    Effect::Nothing => {}
                }
            }
            match answer.next {
                None => return Ok(busy),
                next => page = next,
            }
        }
        Err(unreadable("busy", Doing::Repeatable))
    }

    /// When other calendars are taken. The booked one is known event by event: told once more by its times alone, an
    /// appointment of ours would stand in its own way.
    async fn times_of(&self, query: &BusyQuery) -> Result<Vec<BusyEntry>, PortError> {
        let range = query.range;
        let mut seen = HashSet::from([query.booked.as_str()]);
        let asked: Vec<&String> = query.conflicts.iter().filter(|id| seen.insert(id.as_str())).collect();
        let mut entries = Vec::new();
        for some in asked.chunks(MOST_CALENDARS) {
            let items: Vec<_> = some.iter().map(|id| json!({ "id": id })).collect();
            let body = json!({
                "timeMin": range.start, "timeMax": range.end, "items": items,
                "calendarExpansionMax": MOST_CALENDARS,
            });
            let call = Call::with("busy", Doing::Repeatable, Method::POST, self.url("freeBusy"), &body);
            let mut answer: FreeBusy = self.read(&call).await?;
            for id in some {
                let calendar = answer.calendars.remove(*id);
                let calendar = calendar.ok_or_else(|| unreadable("busy", Doing::Repeatable))?;
                if let Some(error) = calendar.errors.first() {
                    return Err(unread(&error.reason));
                }
                let busy = calendar.busy.ok_or_else(|| unreadable("busy", Doing::Repeatable))?;
                entries.extend(busy.into_iter().map(|times| BusyEntry {
                    when: When::Instants(times),
                    calendar: (*id).clone(),
                    appointment: None,
                    title: None,
                    reason: BusyReason::Times,
                }));
            }
        }
        Ok(entries)
    }
}

/// One of several calendars was not read.
fn unread(reason: &str) -> PortError {
    if reason == "notFound" {
        PortError::new(ADAPTER, "busy", ErrorKind::NotFound, Retry::Never)
            .with_reason("One of your calendars no longer exists or is no longer shared with you. Choose again.")
    } else {
        PortError::new(ADAPTER, "busy", ErrorKind::Unavailable, Retry::Backoff)
    }
}

impl CalendarRow {
    pub(super) fn access(&self) -> Access {
        match self.role.as_str() {
            "owner" | "writer" => Access::Write,
            "freeBusyReader" => Access::Times,
            // Roles that are new since this was written can read at most.
            _ => Access::Read,
        }
    }

    pub(super) fn info(self) -> CalendarInfo {
        CalendarInfo {
            access: self.access(),
            id: self.id,
            name: self.own_name.unwrap_or(self.summary),
            primary: self.primary,
            zone: self.zone.and_then(|name| Zone::parse(&name).ok()),
        }
    }
}

/// Instants as Google takes them.
pub(super) fn rfc3339(at: Timestamp) -> String {
    at.to_string()
}
