//! The port to whoever keeps the contractor's calendar.
//!
//! Three answers are kept apart everywhere: what is taken, that nothing is taken, and that the calendar could not be
//! read. The last is always an error: it is never "free" and never "fully booked".
//!
//! No provider can insert an event only if its time is free, so exclusion is the store's; the provider is asked and
//! told. Abilities that not every provider has are traits of their own, which a provider hands out or does not.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::PortError;
use crate::slots;
use crate::zone::{LocalDay, Zone};
use crate::{AppointmentId, BusinessId, PhoneNumber, Secret, Timestamp};

/// A contractor's calendar account: says what is taken, and takes our appointments.
#[async_trait]
pub trait CalendarProvider: fmt::Debug + Send + Sync + 'static {
    /// Lowercase name for logs and metric labels; fixed once released.
    fn name(&self) -> &'static str;

    /// What this instance offers as configured.
    fn capabilities(&self) -> CalendarCapabilities;

    /// The calendars of the account.
    ///
    /// # Errors
    /// When the provider cannot be asked.
    async fn calendars(&self) -> Result<Vec<CalendarInfo>, PortError>;

    /// What takes time in a range, in all the calendars of the query together. Needs [`Availability::Busy`].
    ///
    /// # Errors
    /// When any one of the calendars could not be read, however well the others were. Never answers from a cache.
    async fn busy(&self, query: &BusyQuery) -> Result<Busy, PortError>;

    /// Writes an appointment down. The same appointment, attempt and calendar make one event, however often and from
    /// how many places they are sent; a repetition answers with the event as it is now.
    ///
    /// # Errors
    /// [`Retry::Unknown`](super::Retry::Unknown) whenever the event may exist: a lost answer, a server error. Dropping
    /// the future leaves the same doubt; [`CalendarProvider::event`] or a repetition settles it.
    /// [`ErrorKind::Conflict`](super::ErrorKind::Conflict) with [`Retry::Never`](super::Retry::Never) when somebody
    /// removed the event, or when the provider has sold the time to somebody else.
    async fn create(&self, event: &NewEvent) -> Result<RemoteEvent, PortError>;

    /// What became of an appointment's event.
    ///
    /// # Errors
    /// When the provider cannot be asked.
    async fn event(&self, key: &EventKey) -> Result<EventLookup, PortError>;

    /// Moves an event. It stays the same event for the customer, though its identifier at the provider may become
    /// another: keep the one that is answered. With `etag` it moves only if nobody has changed it since that was read,
    /// where [`CalendarCapabilities::etags`] says so. Moving to where it is changes nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](super::ErrorKind::Conflict) when it was changed since,
    /// [`ErrorKind::NotFound`](super::ErrorKind::NotFound) when it is gone,
    /// [`Retry::Unknown`](super::Retry::Unknown) whenever it may have moved.
    async fn move_event(&self, key: &EventKey, to: TimeRange, etag: Option<&str>) -> Result<RemoteEvent, PortError>;

    /// Removes an event. One that is gone already, or never was, is no error; so it may always be repeated.
    ///
    /// # Errors
    /// When the provider cannot be asked.
    async fn cancel(&self, key: &EventKey) -> Result<(), PortError>;

    /// Free times as the provider computes them, where it does: [`Availability::Slots`].
    fn slots(&self) -> Option<&dyn CalendarSlots> {
        None
    }

    /// News since the last look, where the provider keeps them.
    fn changes(&self) -> Option<&dyn CalendarChanges> {
        None
    }

    /// Being told of changes, where the provider does.
    fn push(&self) -> Option<&dyn CalendarPush> {
        None
    }

    /// Creating a calendar for our appointments alone, where the account has calendars that can be created.
    fn creation(&self) -> Option<&dyn CalendarCreation> {
        None
    }
}

/// A provider that computes free times itself, by its own hours, lengths and buffers. They are shown as they are: mixing
/// them with another rule would offer what the provider refuses.
#[async_trait]
pub trait CalendarSlots: fmt::Debug + Send + Sync + 'static {
    /// Times of this length that can be booked and start in the range, in order. `moving` is an appointment whose own
    /// time counts as free.
    ///
    /// # Errors
    /// When the calendar could not be read; an empty list means that it was read and nothing is free.
    async fn free_times(
        &self,
        calendar: &str,
        range: TimeRange,
        length: Duration,
        moving: Option<&EventKey>,
    ) -> Result<Vec<TimeRange>, PortError>;
}

/// A provider that can say what changed since a look.
#[async_trait]
pub trait CalendarChanges: fmt::Debug + Send + Sync + 'static {
    /// Everything from `from` on when there is no token yet, else what changed since the token was given. All pages are
    /// read; the new token stands for the end.
    ///
    /// # Errors
    /// When the provider cannot be asked.
    async fn since(&self, calendar: &str, token: Option<&SyncToken>, from: Timestamp) -> Result<ChangePage, PortError>;
}

/// A provider that calls back when a calendar changes. The call says "look again" and nothing else.
#[async_trait]
pub trait CalendarPush: fmt::Debug + Send + Sync + 'static {
    /// Opens a channel. Channels end by themselves; a new one with another identifier replaces them before that.
    ///
    /// # Errors
    /// When the provider refuses or cannot be asked. After a lost answer a channel of that identifier may exist.
    async fn watch(&self, calendar: &str, request: &ChannelRequest) -> Result<Channel, PortError>;

    /// Ends a channel. One that has ended is no error.
    ///
    /// # Errors
    /// When the provider cannot be asked.
    async fn stop(&self, channel: &Channel) -> Result<(), PortError>;
}

/// A provider in whose accounts we can create a calendar for our appointments alone.
#[async_trait]
pub trait CalendarCreation: fmt::Debug + Send + Sync + 'static {
    /// The calendar of that name that we created for the business; created now if there is none. It can be booked, and
    /// stays the contractor's when the connection ends. A calendar that somebody else created is never taken for it,
    /// whatever its name.
    ///
    /// Providers have no key against repetition here, so the list is looked at first, and one request of this process
    /// goes after the other. Two processes at the same instant may create two.
    ///
    /// # Errors
    /// [`ErrorKind::PermissionMissing`](super::ErrorKind::PermissionMissing) when it would have to be created and the
    /// contractor did not grant that; everything else goes on working.
    /// [`Retry::Unknown`](super::Retry::Unknown) whenever it may have been created; a repetition finds it.
    async fn create_calendar(&self, wish: &CalendarWish) -> Result<CalendarInfo, PortError>;
}

/// A calendar for our appointments alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarWish {
    /// Whose appointments.
    pub business: BusinessId,
    /// What it is called.
    pub name: String,
    /// The business's zone.
    pub zone: Zone,
}

/// How a provider says what is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// It says what is taken ([`CalendarProvider::busy`]); what is free follows from the business's own rules.
    Busy,
    /// It says what is free ([`CalendarProvider::slots`]), by rules of its own.
    Slots,
}

/// What a provider offers as configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarCapabilities {
    /// How it says what is free.
    pub availability: Availability,
    /// Whether further calendars can be read beside the one that is booked.
    pub conflict_calendars: bool,
    /// Whether a change can be made conditional on the event being as it was read.
    pub etags: bool,
    /// Whether a booking may wait for the contractor's own confirmation at the provider.
    pub may_be_pending: bool,
}

/// A calendar of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarInfo {
    /// The provider's identifier.
    pub id: String,
    /// As the contractor named it.
    pub name: String,
    /// Whether it is the account's main calendar.
    pub primary: bool,
    /// What we may do with it.
    pub access: Access,
    /// Its time zone, where the provider tells one that exists. The business's own zone decides all the same.
    pub zone: Option<Zone>,
}

/// What we may do with a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// See when it is taken, not by what.
    Times,
    /// See its events. Roles that nobody knows yet count as this.
    Read,
    /// Book into it.
    Write,
}

/// A stretch of time: it begins with `start` and ends just before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TimeRange {
    /// The first instant.
    pub start: Timestamp,
    /// The first instant after it.
    pub end: Timestamp,
}

impl TimeRange {
    /// From `start` for `length`.
    #[must_use]
    pub fn of(start: Timestamp, length: Duration) -> Self {
        Self {
            start,
            end: start.plus(length),
        }
    }

    /// How long it is; zero when it ends before it begins.
    #[must_use]
    pub fn length(&self) -> Duration {
        self.end.since(self.start)
    }

    /// Whether the two share an instant. An empty range shares one with a range that surrounds it.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// When something takes place: between two instants, or on whole days of whatever zone one looks from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Between two instants.
    Instants(TimeRange),
    /// On whole local days, from the first until just before the last.
    Days {
        /// The first day.
        first: LocalDay,
        /// The first day after it.
        until: LocalDay,
    },
}

impl When {
    /// The stretch of time in a zone. Days run from their first instant to the first instant of the day after.
    #[must_use]
    pub fn in_zone(&self, zone: &Zone) -> TimeRange {
        match self {
            Self::Instants(range) => *range,
            Self::Days { first, until } => TimeRange {
                start: zone.start_of(*first),
                end: zone.start_of(*until),
            },
        }
    }
}

impl From<When> for slots::Busy {
    fn from(when: When) -> Self {
        match when {
            When::Instants(TimeRange { start, end }) => Self::Span { start, end },
            When::Days { first, until } => Self::AllDay {
                start: first,
                end: until,
            },
        }
    }
}

/// Which calendars to read, and from when to when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusyQuery {
    /// From when to when. An entry that only reaches into it is part of the answer.
    pub range: TimeRange,
    /// The calendar that we book into: its events are told one by one, ours among them.
    pub booked: String,
    /// Further calendars whose events are in the way; their times are enough.
    pub conflicts: Vec<String>,
}

/// What takes time. The order means nothing, and entries may overlap.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Busy {
    /// What is in the way of a booking.
    pub entries: Vec<BusyEntry>,
    /// Whole days that somebody entered and that are marked as free, as calendars often mark a vacation by themselves.
    /// They block only for a business that says so.
    pub free_days: Vec<BusyEntry>,
}

/// Something that takes time.
#[derive(Clone, PartialEq, Eq)]
pub struct BusyEntry {
    /// When.
    pub when: When,
    /// In which calendar.
    pub calendar: String,
    /// Which of our appointments it is, if it is one.
    pub appointment: Option<AppointmentId>,
    /// What the contractor called it, where we may see that. For the contractor's own eyes.
    pub title: Option<String>,
    /// Why it blocks.
    pub reason: BusyReason,
}

impl fmt::Debug for BusyEntry {
    /// Without the title, which is the contractor's own business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BusyEntry")
            .field("when", &self.when)
            .field("appointment", &self.appointment)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// Why an entry blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BusyReason {
    /// One of our appointments.
    Appointment,
    /// An event in the calendar.
    Event,
    /// An event that was not agreed to yet.
    Tentative,
    /// Away.
    OutOfOffice,
    /// Time kept free for work.
    Focus,
    /// Only its times can be seen.
    Times,
}

/// An appointment to be written into a calendar.
#[derive(Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Into which calendar.
    pub calendar: String,
    /// Which appointment it is: the event's identifier follows from it.
    pub appointment: AppointmentId,
    /// How often the event was made anew after somebody removed it; 0 the first time.
    pub attempt: u16,
    /// Whose appointment it is.
    pub business: BusinessId,
    /// When.
    pub range: TimeRange,
    /// The business's zone.
    pub zone: Zone,
    /// What it is called.
    pub title: String,
    /// Where it takes place.
    pub location: Option<String>,
    /// For whom.
    pub customer: Customer,
    /// What it is about, in the customer's own words.
    pub issue: Option<String>,
    /// How it came about, such as `Missed Call - Text`.
    pub source: String,
}

impl fmt::Debug for NewEvent {
    /// Without what the customer said and who they are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewEvent")
            .field("appointment", &self.appointment)
            .field("attempt", &self.attempt)
            .field("range", &self.range)
            .finish_non_exhaustive()
    }
}

/// For whom an appointment is.
#[derive(Clone, PartialEq, Eq)]
pub struct Customer {
    /// Their name, if they gave one.
    pub name: Option<String>,
    /// Their number, unless they withhold it.
    pub phone: Option<PhoneNumber>,
    /// Their address, if they gave one.
    pub email: Option<String>,
}

impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Customer")
            .field("phone", &self.phone)
            .finish_non_exhaustive()
    }
}

impl NewEvent {
    /// How the event is found again.
    #[must_use]
    pub fn key(&self) -> EventKey {
        EventKey {
            calendar: self.calendar.clone(),
            appointment: self.appointment,
            attempt: self.attempt,
            provider_event: None,
            range: self.range,
        }
    }

    /// Who, what and how it came about, a line each, as plain text: adapters escape it for where it goes.
    #[must_use]
    pub fn details(&self) -> String {
        let name = self.customer.name.as_deref().unwrap_or("Unknown");
        let mut lines = vec![format!("Customer: {name}")];
        lines.extend(self.customer.phone.iter().map(|phone| format!("Phone: {phone}")));
        lines.extend(self.customer.email.iter().map(|email| format!("E-mail: {email}")));
        lines.extend(self.issue.iter().map(|issue| format!("Issue: {issue}")));
        lines.push(format!("Source: {}", self.source));
        lines.join("\n")
    }
}

/// How an appointment's event is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventKey {
    /// In which calendar.
    pub calendar: String,
    /// Which appointment it is.
    pub appointment: AppointmentId,
    /// Which attempt of it; see [`NewEvent::attempt`].
    pub attempt: u16,
    /// The provider's identifier, once it is known.
    pub provider_event: Option<String>,
    /// When it takes place as far as we know: where to look when the identifier is not known.
    pub range: TimeRange,
}

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventLookup {
    /// There is none and, as far as the provider remembers, there never was.
    Absent,
    /// It was removed or called off.
    Gone,
    /// It is there.
    There(RemoteEvent),
}

/// An event of ours as the provider has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteEvent {
    /// The provider's identifier.
    pub provider_event: String,
    /// When it takes place there, which may be elsewhere than we put it: the contractor may have moved it.
    pub when: When,
    /// Whether it stands.
    pub state: EventState,
    /// Its version, where the provider has versions.
    pub etag: Option<String>,
    /// Where the contractor can look at it.
    pub link: Option<String>,
}

/// Whether an event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventState {
    /// It stands.
    Confirmed,
    /// The contractor still has to confirm it at the provider. It takes the time all the same, and the customer may only
    /// be told that it was requested.
    Pending,
}

/// Where a look ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncToken(pub String);

/// What a look at the changes found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangePage {
    /// What changed, and from where to look next.
    Changes {
        /// The events that changed.
        events: Vec<EventChange>,
        /// Where this look ended.
        next: SyncToken,
    },
    /// The token is too old: forget it and everything that was copied, and begin without one.
    StartOver,
}

/// A change of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventChange {
    /// The provider's identifier.
    pub provider_event: String,
    /// Which of our appointments it is, if it is one and the provider still says so.
    pub appointment: Option<AppointmentId>,
    /// When it takes place now; nothing when it was removed.
    pub when: Option<When>,
    /// Its version, by which changes of our own are told apart.
    pub etag: Option<String>,
}

/// A channel to be opened.
#[derive(Debug, Clone)]
pub struct ChannelRequest {
    /// Its identifier, new for each channel: letters, digits, `-` and `_`, at most 64.
    pub id: String,
    /// What each call carries as proof; at most 256 characters.
    pub token: Secret,
    /// Where calls go: an `https` address that anybody can reach.
    pub address: String,
    /// How long it should last.
    pub lifetime: Duration,
}

/// An open channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Its identifier.
    pub id: String,
    /// What the provider calls the thing that is watched.
    pub resource: String,
    /// When it ends by itself, where the provider says so.
    pub expires_at: Option<Timestamp>,
}

/// A look at a calendar that is only read, under its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyRequest {
    /// From when to when it is read.
    pub range: TimeRange,
    /// The business's zone, in which times without a zone are meant.
    pub zone: Zone,
    /// Marks of the copy there is. Nothing when none would do, so that the whole is read.
    pub known: Option<Validators>,
}

/// Marks of a copy, by which whoever keeps the calendar says that it has not changed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Validators {
    /// `ETag`, as it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// `Last-Modified`, as it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

/// What a look at such a calendar found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyAnswer {
    /// It is as it was when the marks of the request were given.
    Unchanged,
    /// What it takes in the range, ours among it, and the marks of this state.
    Read(Busy, Validators),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: i64, until: i64) -> TimeRange {
        TimeRange {
            start: Timestamp::from_seconds(from),
            end: Timestamp::from_seconds(until),
        }
    }

    #[test]
    fn neighbours_do_not_overlap() {
        assert!(!range(0, 10).overlaps(&range(10, 20)));
        assert!(!range(10, 20).overlaps(&range(0, 10)));
        assert!(range(0, 11).overlaps(&range(10, 20)));
        assert!(range(0, 30).overlaps(&range(10, 20)));
        assert!(!range(5, 5).overlaps(&range(5, 20)));
    }

    #[test]
    fn whole_days_begin_when_the_day_does() {
        // Clocks in Santiago jump over midnight: the day begins at 1:00.
        let days = When::Days {
            first: "2026-09-06".parse().unwrap(),
            until: "2026-09-07".parse().unwrap(),
        };
        let found = days.in_zone(&Zone::parse("America/Santiago").unwrap());
        assert_eq!(found.start, Timestamp::parse("2026-09-06T04:00:00Z").unwrap());
        assert_eq!(found.end, Timestamp::parse("2026-09-07T03:00:00Z").unwrap());
        assert_eq!(found.length(), Duration::from_secs(23 * 3_600));
    }
}
