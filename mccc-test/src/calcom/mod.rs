//! A Cal.com that remembers bookings and answers in the forms of its interface.
//!
//! Source of the forms: Cal.com, API reference v2, read 2026-11. Every full hour can be booked unless it is taken, for
//! one hour or as long as it was told. Without the right version header an older form is answered, as Cal.com does.

#![expect(
    clippy::indexing_slicing,
    reason = "an absent member of a JSON value is null, and only objects are written to"
)]

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::google::Lost;
use crate::scripted::{Reply, Request, ScriptedServer};

/// Bookings of one page, whatever was asked for.
const PAGE: usize = 3;
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// What a request meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing in its way.
    None,
    /// Refused with this status and message; Cal.com may name how many seconds to wait.
    Refuse {
        /// HTTP status.
        status: u16,
        /// What it says.
        message: &'static str,
        /// Seconds of `Retry-After`.
        wait: Option<u64>,
    },
    /// Bookings are refused, since the time is gone.
    Taken,
    /// Done, and the answer is lost in this way.
    Lose(Lost),
    /// The same for what changes something; questions are answered.
    LoseChanges(Lost),
    /// Bookings wait for the owner.
    Pending,
}

/// A booking.
#[derive(Debug, Clone, PartialEq)]
pub struct WireBooking {
    /// Identifier.
    pub uid: String,
    /// `accepted`, `pending` or `cancelled`.
    pub status: String,
    /// When it begins.
    pub start: Timestamp,
    /// When it ends.
    pub end: Timestamp,
    /// What it was made with, or the one it was moved from.
    pub metadata: Value,
    moved_from: Option<String>,
    moved_to: Option<String>,
}

#[derive(Debug)]
struct Book {
    key: String,
    event_type: u64,
    bookings: Vec<WireBooking>,
    /// What is in the owner's other calendars.
    entries: Vec<(Timestamp, Timestamp)>,
    trouble: Trouble,
    /// How long the event type takes, whatever a booking says.
    length: SignedDuration,
    names: usize,
}

/// The provider.
#[derive(Debug)]
pub struct WireCalcom {
    server: ScriptedServer,
    book: Arc<Mutex<Book>>,
}

impl WireCalcom {
    /// Starts a provider with one account and one event type.
    ///
    /// # Errors
    /// If no port of the loopback address can be had.
    pub fn start(key: &str, event_type: u64) -> io::Result<Self> {
        let book = Arc::new(Mutex::new(Book {
            key: key.to_owned(),
            event_type,
            bookings: Vec::new(),
            entries: Vec::new(),
            trouble: Trouble::None,
            length: HOUR,
            names: 0,
        }));
        let server = ScriptedServer::playing({
            let book = Arc::clone(&book);
            move |request| {
                let mut book = book.lock().unwrap_or_else(PoisonError::into_inner);
                answer(&mut book, request)
            }
        })?;
        Ok(Self { server, book })
    }

    /// Where it listens.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.server.base_url()
    }

    /// The server underneath, for replies that a test writes itself.
    #[must_use]
    pub fn server(&self) -> &ScriptedServer {
        &self.server
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets every request meet `trouble` until told otherwise.
    pub fn set_trouble(&self, trouble: Trouble) {
        self.book().trouble = trouble;
    }

    /// The event type takes so many minutes, instead of an hour.
    pub fn set_length(&self, minutes: u16) {
        self.book().length = SignedDuration::from_mins(minutes.into());
    }

    /// Goes away: connections are closed and new ones cut before anything is read. `false` brings it back.
    pub fn go_away(&self, away: bool) {
        self.server.hang_up_on_connect(if away { usize::MAX } else { 0 });
        if away {
            self.server.cut_connections();
        }
    }

    /// Something is in the owner's other calendars.
    pub fn enter(&self, start: Timestamp, end: Timestamp) {
        self.book().entries.push((start, end));
    }

    /// The owner moves a booking; `false` when there is none of that name.
    #[must_use]
    pub fn drag(&self, uid: &str, to: Timestamp) -> bool {
        self.book().reschedule(uid, to).is_some()
    }

    /// The owner cancels a booking; `false` when there is none of that name.
    #[must_use]
    pub fn cancel(&self, uid: &str) -> bool {
        let mut book = self.book();
        let found = book.bookings.iter_mut().find(|booking| booking.uid == uid);
        found
            .map(|booking| "cancelled".clone_into(&mut booking.status))
            .is_some()
    }

    /// Every booking that stands.
    #[must_use]
    pub fn bookings(&self) -> Vec<WireBooking> {
        let book = self.book();
        book.bookings
            .iter()
            .filter(|booking| booking.stands())
            .cloned()
            .collect()
    }
}

impl WireBooking {
    fn stands(&self) -> bool {
        matches!(self.status.as_str(), "accepted" | "pending")
    }

    fn row(&self) -> Value {
        // What a booking was made with is shown with that booking alone.
        let metadata = if self.moved_from.is_some() {
            json!({})
        } else {
            self.metadata.clone()
        };
        let mut row = json!({
            "id": 1, "uid": self.uid, "status": self.status, "start": self.start.to_string(),
            "end": self.end.to_string(), "metadata": metadata, "title": "Visit between Mike and Jo Doe",
            "hosts": [{ "name": "Mike", "email": "mike@example.com" }], "attendees": [], "icsUid": "x",
        });
        if let Some(uid) = &self.moved_to {
            row["rescheduledToUid"] = json!(uid);
        }
        if let Some(uid) = &self.moved_from {
            row["rescheduledFromUid"] = json!(uid);
        }
        row
    }
}

impl Book {
    fn name(&mut self) -> String {
        self.names += 1;
        format!("uid{:08x}", self.names)
    }

    fn is_free(&self, start: Timestamp, end: Timestamp, own: Option<&str>) -> bool {
        let bookings = self.bookings.iter().filter(|booking| booking.stands());
        let bookings = bookings.filter(|booking| Some(booking.uid.as_str()) != own);
        let mut taken = bookings
            .map(|booking| (booking.start, booking.end))
            .chain(self.entries.iter().copied());
        start.as_second() % 3_600 == 0 && !taken.any(|(from, until)| from < end && start < until)
    }

    fn take(&mut self, start: Timestamp, metadata: Value, moved_from: Option<String>) -> WireBooking {
        let status = if self.trouble == Trouble::Pending {
            "pending"
        } else {
            "accepted"
        };
        let booking = WireBooking {
            uid: self.name(),
            status: status.to_owned(),
            start,
            end: start + self.length,
            metadata,
            moved_from,
            moved_to: None,
        };
        self.bookings.push(booking.clone());
        booking
    }

    fn reschedule(&mut self, uid: &str, to: Timestamp) -> Option<WireBooking> {
        let old = self
            .bookings
            .iter()
            .position(|booking| booking.uid == uid && booking.stands())?;
        let metadata = self.bookings.get(old)?.metadata.clone();
        let new = self.take(to, metadata, Some(uid.to_owned()));
        let old = self.bookings.get_mut(old)?;
        "cancelled".clone_into(&mut old.status);
        old.moved_to = Some(new.uid.clone());
        Some(new)
    }
}

fn refusal(status: u16, message: &str, wait: Option<u64>) -> Reply {
    let body = json!({
        "status": "error", "timestamp": "2026-11-24T15:00:00.000Z", "path": "/v2/bookings",
        "error": { "code": "BadRequestException", "message": message, "details": { "about": "Jo Doe +15122000001" } },
    });
    let reply = Reply::json(status, &body.to_string());
    match wait {
        Some(seconds) => reply.header("Retry-After", &seconds.to_string()),
        None => reply,
    }
}

fn success(status: u16, data: &Value) -> Reply {
    Reply::json(status, &json!({ "status": "success", "data": data }).to_string())
}

fn absent() -> Reply {
    refusal(404, "not found", None)
}

fn answer(book: &mut Book, request: &Request) -> Reply {
    if let Trouble::Refuse { status, message, wait } = book.trouble {
        return refusal(status, message, wait);
    }
    if request.header("authorization") != Some(&format!("Bearer {}", book.key)) {
        return refusal(401, "Invalid API key", None);
    }
    let reply = route(book, request);
    match book.trouble {
        Trouble::None | Trouble::Refuse { .. } | Trouble::Taken | Trouble::Pending => reply,
        Trouble::LoseChanges(_) if request.method == "GET" => reply,
        Trouble::Lose(lost) | Trouble::LoseChanges(lost) => lost.reply(refusal(502, "Bad Gateway", None)),
    }
}

fn route(book: &mut Book, request: &Request) -> Reply {
    let query: HashMap<String, String> = request.query().into_iter().collect();
    let body: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
    let version = request.header("cal-api-version").unwrap_or_default();
    let Some(rest) = request.path().strip_prefix("/v2/") else {
        return absent();
    };
    let parts: Vec<&str> = rest.split('/').collect();
    match (request.method.as_str(), parts.as_slice(), version) {
        ("GET", ["event-types", id], "2024-06-14") => {
            if *id == book.event_type.to_string() {
                success(
                    200,
                    &json!({ "id": book.event_type, "title": "Visit", "lengthInMinutes": book.length.as_mins() }),
                )
            } else {
                absent()
            }
        }
        ("GET", ["slots"], "2024-09-04") => slots(book, &query),
        ("GET", ["bookings"], "2024-08-13") => list(book, &query),
        ("POST", ["bookings"], "2024-08-13") => make(book, &body),
        ("GET", ["bookings", uid], "2024-08-13") => {
            let found = book.bookings.iter().find(|booking| booking.uid == *uid);
            found.map_or_else(absent, |booking| success(200, &booking.row()))
        }
        ("POST", ["bookings", uid, "reschedule"], "2024-08-13") => {
            let Some(to) = body["start"].as_str().and_then(|text| text.parse::<Timestamp>().ok()) else {
                return refusal(400, "start must be a date", None);
            };
            if !book.is_free(to, to + book.length, Some(uid)) {
                return refusal(400, "no_available_users_found_error", None);
            }
            let moved = book.reschedule(uid, to);
            moved.map_or_else(
                || refusal(400, "Can't reschedule a cancelled booking", None),
                |booking| success(201, &booking.row()),
            )
        }
        ("POST", ["bookings", uid, "cancel"], "2024-08-13") => {
            let found = book.bookings.iter_mut().find(|booking| booking.uid == *uid);
            match found {
                None => absent(),
                Some(booking) if !booking.stands() => refusal(400, "already cancelled", None),
                Some(booking) => {
                    "cancelled".clone_into(&mut booking.status);
                    success(200, &booking.row())
                }
            }
        }
        // The form of another version.
        ("GET", ["slots"], _) => success(
            200,
            &json!({ "slots": { "2026-11-24": [{ "time": "2026-11-24T15:00:00Z" }] } }),
        ),
        ("GET" | "POST", ["bookings", ..], _) => success(200, &json!({ "booking": {} })),
        _ => absent(),
    }
}

fn slots(book: &Book, query: &HashMap<String, String>) -> Reply {
    let at = |name: &str| query.get(name).and_then(|text| text.parse::<Timestamp>().ok());
    let (Some(start), Some(end)) = (at("start"), at("end")) else {
        return refusal(400, "start and end are required", None);
    };
    let own = query.get("bookingUidToReschedule").map(String::as_str);
    let mut days: Map<String, Value> = Map::new();
    // Slots begin at whole seconds, whenever they are asked for.
    let part = i64::from(start.subsec_nanosecond() != 0);
    let mut slot = Timestamp::from_second(start.as_second() + part).unwrap_or(start);
    while slot.as_second() % 3_600 != 0 {
        slot += SignedDuration::from_secs(1);
    }
    while slot < end {
        if book.is_free(slot, slot + book.length, own) {
            let day = slot.to_string().chars().take(10).collect::<String>();
            let row = if query.get("format").is_some_and(|format| format == "range") {
                json!({ "start": slot.to_string(), "end": (slot + book.length).to_string() })
            } else {
                json!({ "start": slot.to_string() })
            };
            if let Some(day) = days.entry(day).or_insert_with(|| json!([])).as_array_mut() {
                day.push(row);
            }
        }
        slot += HOUR;
    }
    success(200, &Value::Object(days))
}

fn list(book: &Book, query: &HashMap<String, String>) -> Reply {
    let at = |name: &str| query.get(name).and_then(|text| text.parse::<Timestamp>().ok());
    let skip: usize = query.get("skip").and_then(|text| text.parse().ok()).unwrap_or(0);
    let (after, before) = (at("afterStart"), at("beforeEnd"));
    let inside = |booking: &&WireBooking| {
        after.is_none_or(|after| booking.start > after) && before.is_none_or(|before| booking.end < before)
    };
    let rows: Vec<Value> = book.bookings.iter().filter(inside).map(WireBooking::row).collect();
    let shown: Vec<&Value> = rows.iter().skip(skip).take(PAGE).collect();
    let body = json!({
        "status": "success", "data": shown,
        "pagination": { "totalItems": rows.len(), "hasNextPage": skip + shown.len() < rows.len() },
    });
    Reply::json(200, &body.to_string())
}

fn make(book: &mut Book, body: &Value) -> Reply {
    let attendee = &body["attendee"];
    let complete = attendee["name"].is_string()
        && attendee["timeZone"].is_string()
        && (attendee["email"].is_string() || attendee["phoneNumber"].is_string());
    if body["eventTypeId"] != book.event_type || !complete {
        return refusal(400, "attendee is invalid", None);
    }
    let metadata = body["metadata"].clone();
    let fits = metadata.as_object().is_none_or(|metadata| {
        let mut entries = metadata.iter();
        entries.all(|(key, value)| key.len() <= 40 && value.as_str().is_some_and(|text| text.len() <= 500))
    });
    if !fits {
        return refusal(400, "metadata is invalid", None);
    }
    let Some(start) = body["start"].as_str().and_then(|text| text.parse::<Timestamp>().ok()) else {
        return refusal(400, "start must be a date", None);
    };
    if book.trouble == Trouble::Taken || !book.is_free(start, start + book.length, None) {
        return refusal(
            400,
            "User either already has booking at this time or is not available",
            None,
        );
    }
    let booking = book.take(start, metadata, None);
    success(201, &booking.row())
}
