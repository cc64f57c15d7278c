//! The core's calendar port.

use std::time::Duration;

use async_trait::async_trait;
use mccc_core::port::{
    Access, Availability, Busy, BusyQuery, CalendarCapabilities, CalendarInfo, CalendarProvider, CalendarSlots,
    ErrorKind, EventKey, EventLookup, NewEvent, PortError, RemoteEvent, Retry, TimeRange,
};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::error::{is_taken, refused};
use super::lookup::{Account, BOOKINGS, EVENT_TYPES, Found, SLOTS, opened};
use super::wire::{APPOINTMENT, ATTEMPT, BUSINESS, BookingRow, EventTypeRow, SOURCE, SlotDays};
use super::{ADAPTER, CalcomConfig, CalcomConfigError};
use crate::http::{Call, Effect, Transport, encode};
use crate::text::{line, plain, segment};

/// Characters of a metadata value (API reference, bookings, read 2026-11).
const LONGEST_METADATA: usize = 500;
const LONGEST_LINE: usize = 200;
const LONGEST_TEXT: usize = 2_000;

/// Minutes of a visit that are believed.
const LONGEST_VISIT: u16 = 24 * 60;

/// What is booked at Cal.com.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventType {
    /// Its number.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How long each booking takes, in minutes; nothing where the booking chooses.
    pub minutes: Option<u16>,
}

/// One Cal.com account.
#[derive(Debug)]
pub struct CalcomCalendar {
    account: Account,
    /// A booking is looked for and then made: nothing else of ours may come in between.
    writing: Mutex<()>,
}

impl CalcomCalendar {
    /// An account. `transport` may be shared by all.
    ///
    /// # Errors
    /// Names what is missing; [`CalcomConfigError::Disabled`] when the business has not switched it on.
    pub fn new(config: CalcomConfig, transport: Transport) -> Result<Self, CalcomConfigError> {
        Ok(Self {
            account: Account {
                config: config.checked()?,
                transport,
            },
            writing: Mutex::new(()),
        })
    }

    /// The event type that is booked.
    ///
    /// # Errors
    /// When the key does not open it, or Cal.com does not answer.
    pub async fn event_type(&self) -> Result<EventType, PortError> {
        let config = &self.account.config;
        let url = self.account.url(&format!("event-types/{}", config.event_type));
        let row: EventTypeRow = self.account.read(Call::get("calendars", url), EVENT_TYPES).await?.data;
        Ok(EventType {
            id: row.id.to_string(),
            name: row.title,
            minutes: row
                .minutes
                .filter(|minutes| !config.length_is_chosen && (1..=LONGEST_VISIT).contains(minutes)),
        })
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "a member of a JSON object is set; it cannot be out of bounds"
    )]
    fn body(&self, event: &NewEvent) -> Value {
        let config = &self.account.config;
        let name = event.customer.name.as_deref().unwrap_or("Unknown");
        let mut attendee = json!({
            "name": line(name, LONGEST_LINE), "timeZone": event.zone.name(), "language": "en",
        });
        if let Some(phone) = event.customer.phone {
            attendee["phoneNumber"] = Value::from(phone.to_string());
        }
        if let Some(email) = &event.customer.email {
            attendee["email"] = Value::from(email.as_str());
        }
        let mut body = json!({
            "eventTypeId": config.event_type,
            "start": event.range.start,
            "attendee": attendee,
            "metadata": {
                APPOINTMENT: event.appointment.to_string(),
                ATTEMPT: event.attempt.to_string(),
                BUSINESS: event.business.to_string(),
                SOURCE: line(&event.source, LONGEST_METADATA),
            },
            "bookingFieldsResponses": { "notes": plain(&event.details(), LONGEST_TEXT) },
        });
        if let Some(place) = &event.location {
            body["location"] = json!({ "type": "attendeeAddress", "address": line(place, LONGEST_LINE) });
        }
        if config.length_is_chosen {
            body["lengthInMinutes"] = Value::from(event.range.length().as_secs() / 60);
        }
        body
    }

    async fn book(&self, event: &NewEvent) -> Result<RemoteEvent, PortError> {
        let key = event.key();
        if let Some(settled) = self.settled(&key).await? {
            return settled;
        }
        let url = self.account.url("bookings");
        let call = Call::with("create", Effect::Once, Method::POST, url, &self.body(event));
        let answer = self.account.ask(call, BOOKINGS, &[400, 409, 422]).await?;
        if answer.is_success() {
            let booking: BookingRow = opened(&answer, "create", Effect::Once)?.data;
            return Ok(booking.remote());
        }
        // What is in the way may be this very booking, made by another process.
        if is_taken(&answer)
            && let Some(settled) = self.settled(&key).await?
        {
            return settled;
        }
        Err(refused("create", Effect::Once, &answer))
    }

    /// What there is of a booking already; nothing when it has to be made.
    async fn settled(&self, key: &EventKey) -> Result<Option<Result<RemoteEvent, PortError>>, PortError> {
        Ok(match self.account.find("create", key).await? {
            Found::Absent => None,
            Found::Stands(booking) => Some(Ok(booking.remote())),
            Found::Off => Some(Err(PortError::new(
                ADAPTER,
                "create",
                ErrorKind::Conflict,
                Retry::Never,
            )
            .with_reason("The booking was cancelled at Cal.com."))),
        })
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "a member of a JSON object is set; it cannot be out of bounds"
    )]
    async fn shift(&self, key: &EventKey, to: TimeRange) -> Result<RemoteEvent, PortError> {
        let booking = match self.account.find("move_event", key).await? {
            Found::Stands(booking) => booking,
            Found::Absent | Found::Off => {
                return Err(PortError::new(ADAPTER, "move_event", ErrorKind::NotFound, Retry::Never));
            }
        };
        // Its length is the event type's, whatever was asked for.
        if booking.range().start == to.start {
            return Ok(booking.remote());
        }
        let mut body = json!({ "start": to.start });
        if let Some(owner) = &self.account.config.owner_email {
            body["rescheduledBy"] = Value::from(owner.as_str());
        }
        let url = self
            .account
            .url(&format!("bookings/{}/reschedule", segment(&booking.uid)));
        let call = Call::with("move_event", Effect::Once, Method::POST, url, &body);
        let moved: BookingRow = self.account.read(call, BOOKINGS).await?.data;
        Ok(moved.remote())
    }

    async fn call_off(&self, key: &EventKey) -> Result<(), PortError> {
        let Found::Stands(booking) = self.account.find("cancel", key).await? else {
            return Ok(());
        };
        let body = json!({ "cancellationReason": "Cancelled" });
        let url = self.account.url(&format!("bookings/{}/cancel", segment(&booking.uid)));
        let call = Call::with("cancel", Effect::Repeatable, Method::POST, url, &body);
        let answer = self.account.ask(call, BOOKINGS, &[400, 404, 409]).await?;
        if answer.is_success() {
            return opened::<Value>(&answer, "cancel", Effect::Repeatable).map(|_| ());
        }
        // Somebody else may have been faster.
        match self.account.find("cancel", key).await? {
            Found::Stands(_) => Err(refused("cancel", Effect::Repeatable, &answer)),
            Found::Absent | Found::Off => Ok(()),
        }
    }

    async fn free(
        &self,
        range: TimeRange,
        length: Duration,
        moving: Option<&EventKey>,
    ) -> Result<Vec<TimeRange>, PortError> {
        let config = &self.account.config;
        let (event_type, start, end) = (
            config.event_type.to_string(),
            range.start.to_string(),
            range.end.to_string(),
        );
        let minutes = (length.as_secs() / 60).to_string();
        let mut fields = vec![
            ("eventTypeId", event_type.as_str()),
            ("start", &start),
            ("end", &end),
            ("timeZone", "UTC"),
            ("format", "range"),
        ];
        if config.length_is_chosen {
            fields.push(("duration", &minutes));
        }
        let own = moving.and_then(|key| key.provider_event.as_deref());
        fields.extend(own.map(|uid| ("bookingUidToReschedule", uid)));
        let call = Call::get("free_times", self.account.url(&format!("slots?{}", encode(&fields))));
        let days: SlotDays = self.account.read(call, SLOTS).await?.data;
        let mut free: Vec<TimeRange> = days.into_values().flatten().collect();
        // A bare day or a zone may widen what was asked.
        free.retain(|slot| slot.start >= range.start && slot.start < range.end && slot.start < slot.end);
        free.sort_unstable();
        free.dedup();
        Ok(free)
    }
}

#[async_trait]
impl CalendarProvider for CalcomCalendar {
    fn name(&self) -> &'static str {
        ADAPTER
    }

    fn capabilities(&self) -> CalendarCapabilities {
        CalendarCapabilities {
            availability: Availability::Slots,
            conflict_calendars: false,
            etags: false,
            may_be_pending: true,
        }
    }

    /// The event type that is booked, which stands for the calendar.
    async fn calendars(&self) -> Result<Vec<CalendarInfo>, PortError> {
        let event_type = self.event_type().await?;
        Ok(vec![CalendarInfo {
            id: event_type.id,
            name: event_type.name,
            primary: true,
            access: Access::Write,
            zone: None,
        }])
    }

    async fn busy(&self, _: &BusyQuery) -> Result<Busy, PortError> {
        Err(PortError::new(ADAPTER, "busy", ErrorKind::Unsupported, Retry::Never))
    }

    async fn create(&self, event: &NewEvent) -> Result<RemoteEvent, PortError> {
        let _turn = self.writing.lock().await;
        self.book(event).await
    }

    async fn event(&self, key: &EventKey) -> Result<EventLookup, PortError> {
        Ok(match self.account.find("event", key).await? {
            Found::Absent => EventLookup::Absent,
            Found::Off => EventLookup::Gone,
            Found::Stands(booking) => EventLookup::There(booking.remote()),
        })
    }

    /// Cal.com makes a new booking of it, which names the old one; its length stays.
    async fn move_event(&self, key: &EventKey, to: TimeRange, _: Option<&str>) -> Result<RemoteEvent, PortError> {
        let _turn = self.writing.lock().await;
        self.shift(key, to).await
    }

    async fn cancel(&self, key: &EventKey) -> Result<(), PortError> {
        let _turn = self.writing.lock().await;
        self.call_off(key).await
    }

    fn slots(&self) -> Option<&dyn CalendarSlots> {
        Some(self)
    }
}

#[async_trait]
impl CalendarSlots for CalcomCalendar {
    async fn free_times(
        &self,
        _: &str,
        range: TimeRange,
        length: Duration,
        moving: Option<&EventKey>,
    ) -> Result<Vec<TimeRange>, PortError> {
        let read = tokio::time::timeout(self.account.transport.reading(), self.free(range, length, moving));
        match read.await {
            Ok(free) => free,
            Err(_) => Err(PortError::new(
                ADAPTER,
                "free_times",
                ErrorKind::Unavailable,
                Retry::Backoff,
            )),
        }
    }
}
