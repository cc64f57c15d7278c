//! A calendar in memory.

mod creation;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::port::{
    Access, Availability, Busy, BusyEntry, BusyQuery, BusyReason, CalendarCapabilities, CalendarChanges,
    CalendarCreation, CalendarInfo, CalendarProvider, CalendarPush, CalendarSlots, ChangePage, Channel, ChannelRequest,
    Clock, ErrorKind, EventChange, EventKey, EventLookup, EventState, NewEvent, PortError, RemoteEvent, Retry,
    SyncToken, TimeRange, When,
};
use crate::testkit::contract::calendar::{CalendarFault, Entry, Held, Loss};
use crate::{AppointmentId, Timestamp};
use creation::Shelf;

/// Name of this adapter in errors.
const ADAPTER: &str = "fake";
/// The grid of free times: full hours.
const GRID_SECONDS: i64 = 3_600;

/// An account with two calendars, `work` and `family`, that remembers what really happened and meets the faults it is
/// told to.
#[derive(Debug)]
pub struct FakeCalendar {
    clock: Arc<dyn Clock>,
    availability: Availability,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    items: Vec<Item>,
    shelves: Vec<Shelf>,
    channels: Vec<Channel>,
    fault: CalendarFault,
    /// Whether the contractor has to accept what is written from now on.
    asks_first: bool,
    /// Counts changes; the version of what was changed last.
    version: u64,
    /// Looks before this one are forgotten.
    remembered_since: u64,
}

#[derive(Debug, Clone)]
struct Item {
    id: String,
    calendar: String,
    appointment: Option<AppointmentId>,
    when: When,
    /// Why it blocks; nothing when it does not.
    reason: Option<BusyReason>,
    gone: bool,
    /// Whether the contractor still has to accept it.
    waits: bool,
    version: u64,
}

impl Item {
    fn remote(&self) -> RemoteEvent {
        RemoteEvent {
            provider_event: self.id.clone(),
            when: self.when,
            state: if self.waits {
                EventState::Pending
            } else {
                EventState::Confirmed
            },
            etag: Some(self.version.to_string()),
            link: None,
        }
    }

    fn blocks(&self, range: &TimeRange) -> bool {
        !self.gone && self.reason.is_some() && self.meets(range)
    }

    /// Days are widened to any zone: the caller decides which instants they are.
    fn meets(&self, range: &TimeRange) -> bool {
        match &self.when {
            When::Instants(instants) => instants.overlaps(range),
            When::Days { first, until } => {
                let around = TimeRange {
                    start: Timestamp::from_seconds(first.plus_days(-1).local_seconds()),
                    end: Timestamp::from_seconds(until.plus_days(1).local_seconds()),
                };
                around.overlaps(range)
            }
        }
    }
}

fn failed(operation: &'static str, kind: ErrorKind, retry: Retry) -> PortError {
    PortError::new(ADAPTER, operation, kind, retry)
}

impl FakeCalendar {
    /// The calendar that is booked into.
    pub const BOOKED: &'static str = "work";
    /// A calendar whose events are in the way.
    pub const OTHER: &'static str = "family";

    /// An empty account that says what is free in this way. Channels end by `clock`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, availability: Availability) -> Self {
        Self {
            clock,
            availability,
            state: Mutex::new(State {
                items: Vec::new(),
                shelves: Vec::new(),
                channels: Vec::new(),
                fault: CalendarFault::None,
                asks_first: false,
                version: 0,
                remembered_since: 0,
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets every request meet `fault` until told otherwise.
    pub fn arrange(&self, fault: CalendarFault) {
        let mut state = self.state();
        state.fault = fault;
        if fault == CalendarFault::TokensForgotten {
            state.remembered_since = state.version + 1;
        }
    }

    /// Lets the contractor be asked before what is written from now on stands, or not any more.
    pub fn ask_first(&self, asks: bool) {
        self.state().asks_first = asks;
    }

    /// The contractor accepts an event; `false` when there is none of that name.
    pub fn accept(&self, provider_event: &str) -> bool {
        self.state().revise(provider_event, |item| item.waits = false)
    }

    /// The contractor enters something. Its identifier.
    pub fn enter(&self, calendar: &str, entry: &Entry) -> String {
        let (when, reason, gone) = match entry {
            Entry::Event(range) => (When::Instants(*range), Some(BusyReason::Event), false),
            Entry::Tentative(range) => (When::Instants(*range), Some(BusyReason::Tentative), false),
            Entry::Declined(range) | Entry::Free(range) => (When::Instants(*range), None, false),
            Entry::CalledOff(range) => (When::Instants(*range), Some(BusyReason::Event), true),
            Entry::Days(first, until) => (days(*first, *until), Some(BusyReason::Event), false),
            Entry::FreeDays(first, until) => (days(*first, *until), None, false),
        };
        let mut state = self.state();
        let id = format!("entry-{}", state.items.len());
        state.change(|version| Item {
            id: id.clone(),
            calendar: calendar.to_owned(),
            appointment: None,
            when,
            reason,
            gone,
            waits: false,
            version,
        });
        id
    }

    /// The contractor moves an event; `false` when there is none of that name.
    pub fn drag(&self, provider_event: &str, to: TimeRange) -> bool {
        let mut state = self.state();
        state.revise(provider_event, |item| item.when = When::Instants(to))
    }

    /// The contractor removes an event; `false` when there is none of that name.
    pub fn remove(&self, provider_event: &str) -> bool {
        let mut state = self.state();
        state.revise(provider_event, |item| item.gone = true)
    }

    /// Every event of ours that stands.
    #[must_use]
    pub fn held(&self) -> Vec<Held> {
        let state = self.state();
        let ours = state
            .items
            .iter()
            .filter(|item| item.appointment.is_some() && !item.gone);
        ours.filter_map(|item| {
            let When::Instants(range) = item.when else { return None };
            Some(Held {
                provider_event: item.id.clone(),
                appointment: item.appointment,
                range,
            })
        })
        .collect()
    }

    /// The identifiers of the open channels.
    #[must_use]
    pub fn channels(&self) -> Vec<String> {
        self.state().channels.iter().map(|channel| channel.id.clone()).collect()
    }

    /// What stands in the way of a question.
    fn ask(&self, operation: &'static str) -> Result<MutexGuard<'_, State>, PortError> {
        let state = self.state();
        match refused(operation, state.fault) {
            Some(error) => Err(error),
            None => match state.fault {
                CalendarFault::AnswersLost(loss) => Err(lost(operation, loss, Retry::Backoff)),
                CalendarFault::None
                | CalendarFault::Unreachable
                | CalendarFault::ChangesLost(_)
                | CalendarFault::Limited { .. }
                | CalendarFault::Revoked
                | CalendarFault::OtherUnreadable
                | CalendarFault::TimeTaken
                | CalendarFault::CreationForbidden
                | CalendarFault::TokensForgotten => Ok(state),
            },
        }
    }

    /// Does something; `in_doubt` is the verdict when nobody says that it was done.
    fn act<T>(
        &self,
        operation: &'static str,
        in_doubt: Retry,
        act: impl FnOnce(&mut State) -> Result<T, PortError>,
    ) -> Result<T, PortError> {
        let mut state = self.state();
        if let Some(error) = refused(operation, state.fault) {
            return Err(error);
        }
        let done = act(&mut state)?;
        match state.fault {
            CalendarFault::AnswersLost(loss) | CalendarFault::ChangesLost(loss) => Err(lost(operation, loss, in_doubt)),
            CalendarFault::None
            | CalendarFault::Unreachable
            | CalendarFault::Limited { .. }
            | CalendarFault::Revoked
            | CalendarFault::OtherUnreadable
            | CalendarFault::TimeTaken
            | CalendarFault::CreationForbidden
            | CalendarFault::TokensForgotten => Ok(done),
        }
    }
}

/// Services refuse to be asked about more than this.
const LONGEST_QUESTION: Duration = Duration::from_secs(62 * 86_400);

fn days(first: crate::zone::LocalDay, until: crate::zone::LocalDay) -> When {
    When::Days { first, until }
}

fn lost(operation: &'static str, loss: Loss, verdict: Retry) -> PortError {
    let kind = match loss {
        Loss::Garbage | Loss::Nothing | Loss::List | Loss::ErrorInside => ErrorKind::Protocol,
        Loss::NoAnswer | Loss::ConnectionCut | Loss::ServerError => ErrorKind::Unavailable,
    };
    failed(operation, kind, verdict)
}

/// The failure of a request that had no effect.
fn refused(operation: &'static str, fault: CalendarFault) -> Option<PortError> {
    match fault {
        CalendarFault::Unreachable => Some(failed(operation, ErrorKind::Unavailable, Retry::Backoff)),
        CalendarFault::Limited { wait } => Some(failed(
            operation,
            ErrorKind::RateLimited,
            wait.map_or(Retry::Backoff, Retry::After),
        )),
        CalendarFault::Revoked => Some(
            failed(operation, ErrorKind::ReconnectRequired, Retry::Never).with_reason("Connect your calendar again."),
        ),
        CalendarFault::None
        | CalendarFault::AnswersLost(_)
        | CalendarFault::ChangesLost(_)
        | CalendarFault::OtherUnreadable
        | CalendarFault::TimeTaken
        | CalendarFault::CreationForbidden
        | CalendarFault::TokensForgotten => None,
    }
}

impl State {
    fn change(&mut self, make: impl FnOnce(u64) -> Item) {
        self.version += 1;
        let item = make(self.version);
        self.items.push(item);
    }

    fn revise(&mut self, id: &str, revise: impl FnOnce(&mut Item)) -> bool {
        let version = self.version + 1;
        let Some(item) = self.items.iter_mut().find(|item| item.id == id) else {
            return false;
        };
        revise(item);
        item.version = version;
        self.version = version;
        true
    }

    fn find(&self, key: &EventKey) -> Option<&Item> {
        let id = identifier(key.appointment, key.attempt);
        self.items
            .iter()
            .find(|item| item.calendar == key.calendar && item.id == id)
    }
}

fn identifier(appointment: AppointmentId, attempt: u16) -> String {
    format!("{appointment}-{attempt}")
}

#[async_trait]
impl CalendarProvider for FakeCalendar {
    fn name(&self) -> &'static str {
        ADAPTER
    }

    fn capabilities(&self) -> CalendarCapabilities {
        CalendarCapabilities {
            availability: self.availability,
            conflict_calendars: self.availability == Availability::Busy,
            etags: true,
            may_be_pending: self.state().asks_first,
        }
    }

    async fn calendars(&self) -> Result<Vec<CalendarInfo>, PortError> {
        let state = self.ask("calendars")?;
        let calendar = |id: &str, primary| CalendarInfo {
            id: id.to_owned(),
            name: id.to_owned(),
            primary,
            access: if primary { Access::Write } else { Access::Read },
            zone: None,
        };
        let mut calendars = vec![calendar(Self::BOOKED, true), calendar(Self::OTHER, false)];
        calendars.extend(state.shelves.iter().map(Shelf::info));
        Ok(calendars)
    }

    async fn busy(&self, query: &BusyQuery) -> Result<Busy, PortError> {
        if self.availability != Availability::Busy {
            return Err(failed("busy", ErrorKind::Unsupported, Retry::Never));
        }
        let state = self.ask("busy")?;
        if query.range.length() > LONGEST_QUESTION {
            return Err(failed("busy", ErrorKind::Rejected, Retry::Never));
        }
        if state.fault == CalendarFault::OtherUnreadable && query.conflicts.iter().any(|id| id == Self::OTHER) {
            return Err(failed("busy", ErrorKind::NotFound, Retry::Never));
        }
        let mut busy = Busy::default();
        for item in state.items.iter().filter(|item| !item.gone && item.meets(&query.range)) {
            if item.calendar != query.booked && !query.conflicts.contains(&item.calendar) {
                continue;
            }
            let entry = |reason| BusyEntry {
                when: item.when,
                calendar: item.calendar.clone(),
                appointment: item.appointment,
                title: None,
                reason,
            };
            match (item.reason, item.when) {
                (Some(reason), _) => busy.entries.push(entry(reason)),
                (None, When::Days { .. }) => busy.free_days.push(entry(BusyReason::Event)),
                (None, When::Instants(_)) => {}
            }
        }
        Ok(busy)
    }

    async fn create(&self, event: &NewEvent) -> Result<RemoteEvent, PortError> {
        self.act("create", Retry::Unknown, |state| {
            if state.fault == CalendarFault::TimeTaken {
                return Err(failed("create", ErrorKind::Conflict, Retry::Never));
            }
            if let Some(item) = state.find(&event.key()) {
                return if item.gone {
                    Err(failed("create", ErrorKind::Conflict, Retry::Never))
                } else {
                    Ok(item.remote())
                };
            }
            let waits = state.asks_first;
            state.change(|version| Item {
                waits,
                id: identifier(event.appointment, event.attempt),
                calendar: event.calendar.clone(),
                appointment: Some(event.appointment),
                when: When::Instants(event.range),
                reason: Some(BusyReason::Appointment),
                gone: false,
                version,
            });
            let made = state.find(&event.key()).map(Item::remote);
            made.ok_or_else(|| failed("create", ErrorKind::Protocol, Retry::Unknown))
        })
    }

    async fn event(&self, key: &EventKey) -> Result<EventLookup, PortError> {
        let state = self.ask("event")?;
        Ok(match state.find(key) {
            None => EventLookup::Absent,
            Some(item) if item.gone => EventLookup::Gone,
            Some(item) => EventLookup::There(item.remote()),
        })
    }

    async fn move_event(&self, key: &EventKey, to: TimeRange, etag: Option<&str>) -> Result<RemoteEvent, PortError> {
        self.act("move_event", Retry::Unknown, |state| {
            let found = state.find(key).filter(|item| !item.gone);
            let item = found.ok_or_else(|| failed("move_event", ErrorKind::NotFound, Retry::Never))?;
            if etag.is_some_and(|etag| etag != item.version.to_string()) {
                return Err(failed("move_event", ErrorKind::Conflict, Retry::Never));
            }
            if item.when == When::Instants(to) {
                return Ok(item.remote());
            }
            let id = item.id.clone();
            let waits = state.asks_first;
            state.revise(&id, |item| {
                item.when = When::Instants(to);
                item.waits |= waits;
            });
            let moved = state.find(key).map(Item::remote);
            moved.ok_or_else(|| failed("move_event", ErrorKind::Protocol, Retry::Unknown))
        })
    }

    async fn cancel(&self, key: &EventKey) -> Result<(), PortError> {
        self.act("cancel", Retry::Backoff, |state| {
            if let Some(id) = state.find(key).filter(|item| !item.gone).map(|item| item.id.clone()) {
                state.revise(&id, |item| item.gone = true);
            }
            Ok(())
        })
    }

    fn slots(&self) -> Option<&dyn CalendarSlots> {
        (self.availability == Availability::Slots).then_some(self)
    }

    fn changes(&self) -> Option<&dyn CalendarChanges> {
        Some(self)
    }

    fn push(&self) -> Option<&dyn CalendarPush> {
        Some(self)
    }

    fn creation(&self) -> Option<&dyn CalendarCreation> {
        (self.availability == Availability::Busy).then_some(self)
    }
}

#[async_trait]
impl CalendarSlots for FakeCalendar {
    async fn free_times(
        &self,
        calendar: &str,
        range: TimeRange,
        length: Duration,
        moving: Option<&EventKey>,
    ) -> Result<Vec<TimeRange>, PortError> {
        let state = self.ask("free_times")?;
        let own = moving.map(|key| identifier(key.appointment, key.attempt));
        let taken = |slot: &TimeRange| {
            let others = state.items.iter().filter(|item| own.as_deref() != Some(&item.id));
            others
                .filter(|item| item.calendar == calendar)
                .any(|item| item.blocks(slot))
        };
        let first = range.start.as_seconds().div_euclid(GRID_SECONDS);
        let hours = (first..).map(|hour| TimeRange::of(Timestamp::from_seconds(hour * GRID_SECONDS), length));
        Ok(hours
            .skip_while(|slot| slot.start < range.start)
            .take_while(|slot| slot.start < range.end)
            .filter(|slot| !taken(slot))
            .collect())
    }
}

#[async_trait]
impl CalendarChanges for FakeCalendar {
    async fn since(&self, calendar: &str, token: Option<&SyncToken>, _: Timestamp) -> Result<ChangePage, PortError> {
        let state = self.ask("since")?;
        let seen = match token {
            None => 0,
            Some(token) => match token.0.parse::<u64>() {
                Ok(seen) if seen >= state.remembered_since => seen,
                Ok(_) | Err(_) => return Ok(ChangePage::StartOver),
            },
        };
        let changed = state.items.iter().filter(|item| item.calendar == calendar);
        let events = changed
            .filter(|item| item.version > seen && (token.is_some() || !item.gone))
            .map(|item| EventChange {
                provider_event: item.id.clone(),
                appointment: item.appointment,
                when: (!item.gone).then_some(item.when),
                etag: Some(item.version.to_string()),
            });
        Ok(ChangePage::Changes {
            events: events.collect(),
            next: SyncToken(state.version.to_string()),
        })
    }
}

#[async_trait]
impl CalendarPush for FakeCalendar {
    async fn watch(&self, calendar: &str, request: &ChannelRequest) -> Result<Channel, PortError> {
        let channel = Channel {
            id: request.id.clone(),
            resource: format!("resource-{calendar}"),
            expires_at: Some(self.clock.now().plus(request.lifetime)),
        };
        self.act("watch", Retry::Unknown, |state| {
            state.channels.push(channel.clone());
            Ok(channel)
        })
    }

    async fn stop(&self, channel: &Channel) -> Result<(), PortError> {
        self.act("stop", Retry::Backoff, |state| {
            state.channels.retain(|open| open.id != channel.id);
            Ok(())
        })
    }
}
