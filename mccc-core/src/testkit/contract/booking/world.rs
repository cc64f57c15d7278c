//! A business that takes appointments, servers that may die at any step, and the calendar they share.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;

use super::super::Failure;
use super::super::store::StoreHarness;
use crate::appointments::{AppointmentSource, Customer, Wish};
use crate::business::{CalendarConnection, CalendarService, OtherCalendar, Owner};
use crate::center::{CenterError, CommandCenter, LastKnown, Limits, NewCalendar, NewOther, Ports, Replaces};
use crate::compliance::gate::SendPermit;
use crate::compliance::number::Policy;
use crate::port::{
    Accepted, Availability, Busy, BusyEntry, BusyQuery, CalendarCapabilities, CalendarInfo, CalendarProvider, Clock,
    CopyAnswer, CopyRequest, Entropy, ErrorKind, EventKey, EventLookup, LineLookup, MessageQuery, NewEvent, PortError,
    Providers, RemoteEvent, RemoteMessage, Retry, SmsGateway, Spool, SpoolEntry, SpoolError, Store, Telephony,
    TimeRange, Validators,
};
use crate::routing::{Hours, TimeOfDay};
use crate::testkit::fake::{FakeCalendar, FakeGateway};
use crate::testkit::{ManualClock, build};
use crate::zone::Weekday;
use crate::{AppointmentId, PhoneNumber, Secret, Timestamp};

/// The whole scene.
pub(super) struct World<'a> {
    harness: &'a dyn StoreHarness,
    pub(super) clock: Arc<ManualClock>,
    pub(super) store: Arc<dyn Store>,
    pub(super) other: Arc<dyn Store>,
    pub(super) calendar: Arc<FakeCalendar>,
    pub(super) shelf: Arc<Shelf>,
    pub(super) gateway: Arc<FakeGateway>,
    pub(super) owner: Arc<Owner>,
}

impl<'a> World<'a> {
    /// A business that is open every day from eight to six and takes an hour for each visit.
    pub(super) async fn open(harness: &'a dyn StoreHarness) -> Result<World<'a>, Failure> {
        Self::open_with(harness, Availability::Busy).await
    }

    /// The same with a calendar that says in this way what is free.
    pub(super) async fn open_with(harness: &'a dyn StoreHarness, says: Availability) -> Result<World<'a>, Failure> {
        let clock = Arc::new(ManualClock::starting_at(harness.now()));
        let store = harness.store();
        let other = harness.second().await.unwrap_or_else(|| Arc::clone(&store));
        let calendar = Arc::new(FakeCalendar::new(Arc::clone(&clock) as _, says));
        let gateway = Arc::new(FakeGateway::new(Arc::clone(&clock) as _));
        let shelf = Arc::default();
        let desk = Desk::new(None, &shelf, &gateway);
        let center = center(&store, &clock, desk);
        let mut settings = build::settings("ace");
        settings.texting.daily_limit = 500;
        settings.calendar.booked = FakeCalendar::BOOKED.to_owned();
        let every_day = (0..7).filter_map(|day| Weekday::from_number(day).ok());
        settings.booking.hours = Some(
            every_day
                .map(|day| Hours {
                    day,
                    start: TimeOfDay::hour(8),
                    end: TimeOfDay::hour(18),
                })
                .collect(),
        );
        let owner = center
            .create_business(None, settings, vec![build::line(build::phone(1))])
            .await
            .map_err(|error| Failure::new(error.to_string()))?;
        Ok(World {
            harness,
            clock,
            store,
            other,
            calendar,
            shelf,
            gateway,
            owner,
        })
    }

    /// A server with the calendar as it is.
    pub(super) fn server(&self) -> CommandCenter {
        self.server_with(Some(Arc::clone(&self.calendar) as _))
    }

    /// A server of a business whose own rows are its calendar.
    pub(super) fn server_alone(&self, store: &Arc<dyn Store>) -> CommandCenter {
        let desk = Desk::new(None, &self.shelf, &self.gateway);
        center(store, &self.clock, desk)
    }

    pub(super) fn server_with(&self, calendar: Option<Arc<dyn CalendarProvider>>) -> CommandCenter {
        let desk = Desk::new(calendar, &self.shelf, &self.gateway);
        center(&self.store, &self.clock, desk)
    }

    /// Lets a server work that dies when its first text has gone out, before it hears of it.
    pub(super) async fn die_texting(&self) -> Result<(), Failure> {
        let last = Arc::new(LastText {
            gateway: Arc::clone(&self.gateway),
            died: Notify::new(),
        });
        let desk = Desk {
            calendar: Some(Arc::clone(&self.calendar) as _),
            shelf: Arc::clone(&self.shelf),
            gateway: Arc::clone(&last) as _,
        };
        let server = center(&self.store, &self.clock, desk);
        tokio::select! {
            _ = server.work("mortal", 50) => Err(Failure::new("no text went out")),
            () = last.died.notified() => Ok(()),
        }
    }

    /// Moves all clocks on.
    pub(super) fn advance(&self, by: Duration) {
        self.harness.advance(by);
        self.clock.advance(by);
    }

    /// Lets time pass and a healthy server work, until nothing is left of what is looked after within minutes.
    pub(super) async fn settle(&self) -> Result<(), Failure> {
        let server = self.server();
        for _ in 0..45 {
            self.advance(Duration::from_secs(10));
            server.work("healthy", 50).await?;
        }
        Ok(())
    }

    /// Lets days go by, with a worker that is there every ten minutes.
    pub(super) async fn days(&self, days: u32) -> Result<(), Failure> {
        let server = self.server();
        for _ in 0..days * 144 {
            self.advance(Duration::from_secs(600));
            server.work("healthy", 50).await?;
        }
        Ok(())
    }

    /// A time next week at which the business is open and that is on its grid.
    pub(super) fn time(&self, hour: u32) -> Timestamp {
        let zone = self.owner.zone();
        let day = zone.to_local(self.clock.now()).day.plus_days(4);
        zone.resolve(day, hour * 3_600).start()
    }

    /// Connects the calendar.
    pub(super) async fn connect(&self, name: &str, replaces: Replaces<'_>) -> Result<(), CenterError> {
        let new = NewCalendar {
            connection: CalendarConnection {
                id: name.to_owned(),
                service: CalendarService::Google,
                account: "jo@example.com".to_owned(),
                calendar_name: "Work".to_owned(),
                connected_at: self.clock.now(),
                reconnect_since: None,
                visit_minutes: None,
            },
            booked: FakeCalendar::BOOKED.to_owned(),
            conflicts: Vec::new(),
            granted: Vec::new(),
            field: "tokens",
            sealed: "sealed".to_owned(),
        };
        let server = self.server();
        server
            .connect_calendar(self.owner.business, &new, replaces)
            .await
            .map(drop)
    }

    /// Connects the calendar that is only read.
    pub(super) async fn connect_other(&self, name: &str) -> Result<(), Failure> {
        let server = self.server();
        let owner = server.business(self.owner.business).await?;
        let request = server.first_look(&owner);
        let looked = self.shelf.look(&request);
        let read = match looked.map_err(|error| Failure::new(error.to_string()))? {
            CopyAnswer::Read(busy, marks) => (busy, marks),
            CopyAnswer::Unchanged => return Err(Failure::new("a first look that finds nothing changed")),
        };
        let new = NewOther {
            calendar: OtherCalendar {
                id: name.to_owned(),
                name: name.to_owned(),
                host: "calendar.example.com".to_owned(),
                connected_at: self.clock.now(),
            },
            sealed: "sealed".to_owned(),
            request,
            read,
        };
        server.connect_other(self.owner.business, new).await?;
        Ok(())
    }

    /// A wish for a time.
    pub(super) fn wish(&self, name: &str, at: Timestamp) -> Wish {
        Wish {
            id: AppointmentId::derive(build::START, name),
            starts_at: at,
            customer: Customer {
                name: "Pat".to_owned(),
                phone: Some(build::phone(9)),
                email: None,
            },
            service: Some("Drain cleaning".to_owned()),
            location: None,
            notes: None,
            source: AppointmentSource::SmsReply,
            call: None,
            conversation: None,
        }
    }
}

impl From<CenterError> for Failure {
    fn from(error: CenterError) -> Self {
        Self::new(format!("the center failed: {error}"))
    }
}

fn center(store: &Arc<dyn Store>, clock: &Arc<ManualClock>, desk: Desk) -> CommandCenter {
    let desk = Arc::new(desk);
    let ports = Ports {
        store: Arc::clone(store),
        providers: Arc::clone(&desk) as _,
        spool: Arc::clone(&desk) as _,
        last_known: Arc::clone(&desk) as _,
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        timer: Arc::clone(clock) as _,
        entropy: desk,
    };
    CommandCenter::new(ports, Limits::default())
}

/// A calendar that is only read, and every question it was asked.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    entries: Mutex<Vec<BusyEntry>>,
    away: AtomicBool,
    asked: Mutex<Vec<CopyRequest>>,
}

impl Shelf {
    /// What it holds from now on.
    pub(super) fn hold(&self, entries: Vec<BusyEntry>) {
        *self.entries.lock().unwrap_or_else(PoisonError::into_inner) = entries;
    }

    /// Whether it can be read from now on.
    pub(super) fn away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    /// How often it was asked, and with what marks the last time.
    pub(super) fn asked(&self) -> (usize, Option<Validators>) {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        (asked.len(), asked.last().and_then(|request| request.known.clone()))
    }

    /// Whether it has changed is seen by the number of its entries.
    pub(super) fn look(&self, request: &CopyRequest) -> Result<CopyAnswer, PortError> {
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(request.clone());
        if self.away.load(Ordering::SeqCst) {
            return Err(PortError::new("shelf", "read", ErrorKind::NotFound, Retry::Never).with_reason("It is gone."));
        }
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let marks = Validators {
            etag: Some(entries.len().to_string()),
            last_modified: None,
        };
        if request.known.as_ref() == Some(&marks) {
            return Ok(CopyAnswer::Unchanged);
        }
        let free_days = Vec::new();
        Ok(CopyAnswer::Read(Busy { entries, free_days }, marks))
    }
}

/// What a server has around it.
struct Desk {
    calendar: Option<Arc<dyn CalendarProvider>>,
    shelf: Arc<Shelf>,
    gateway: Arc<dyn SmsGateway>,
}

impl Desk {
    fn new(calendar: Option<Arc<dyn CalendarProvider>>, shelf: &Arc<Shelf>, gateway: &Arc<FakeGateway>) -> Self {
        Self {
            calendar,
            shelf: Arc::clone(shelf),
            gateway: Arc::clone(gateway) as _,
        }
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Desk")
    }
}

#[async_trait]
impl Providers for Desk {
    async fn sms(&self, _owner: &Owner) -> Result<Arc<dyn SmsGateway>, PortError> {
        Ok(Arc::clone(&self.gateway))
    }
    async fn telephony(&self, _owner: &Owner) -> Result<Arc<dyn Telephony>, PortError> {
        Err(PortError::new(
            "desk",
            "telephony",
            ErrorKind::Unsupported,
            Retry::Never,
        ))
    }
    fn policy(&self, _owner: &Owner) -> Policy {
        Policy::sandbox()
    }
    fn free_of_charge(&self, _owner: &Owner) -> bool {
        true
    }
    fn public_base_url(&self) -> String {
        String::new()
    }
    fn platform_account(&self) -> String {
        "AC1".to_owned()
    }
    async fn calendar(&self, _owner: &Owner) -> Result<Option<Arc<dyn CalendarProvider>>, PortError> {
        Ok(self.calendar.clone())
    }
    async fn other_calendar(
        &self,
        _owner: &Owner,
        _calendar: &OtherCalendar,
        request: &CopyRequest,
    ) -> Result<CopyAnswer, PortError> {
        self.shelf.look(request)
    }
    fn calendar_push(&self, channel: &str) -> Option<(String, Secret)> {
        Some((
            "https://mccc.example/push".to_owned(),
            Secret::new(format!("of {channel}")),
        ))
    }
    async fn line_lookup(&self, _owner: &Owner) -> Option<Arc<dyn LineLookup>> {
        None
    }
}

#[async_trait]
impl Spool for Desk {
    async fn append(&self, _entry: &SpoolEntry) -> Result<(), SpoolError> {
        Err(SpoolError::Disk)
    }
    async fn pending(&self, _limit: usize) -> Result<Vec<(u64, SpoolEntry)>, SpoolError> {
        Ok(Vec::new())
    }
    async fn remove(&self, _token: u64) -> Result<(), SpoolError> {
        Ok(())
    }
}

impl LastKnown for Desk {
    fn get(&self, _dialled: &PhoneNumber) -> Option<Arc<Owner>> {
        None
    }
    fn put(&self, _owner: &Arc<Owner>) {}
}

impl Entropy for Desk {
    fn fill(&self, bytes: &mut [u8]) {
        /// Shared by all servers of a world: two of them never draw the same.
        static DRAWN: AtomicUsize = AtomicUsize::new(7);
        let drawn = DRAWN.fetch_add(1, Ordering::Relaxed);
        for (byte, drawn) in bytes.iter_mut().zip(drawn.to_le_bytes().into_iter().cycle()) {
            *byte = drawn;
        }
    }
}

/// A gateway that takes one text and never answers, as it looks to a process that dies.
#[derive(Debug)]
struct LastText {
    gateway: Arc<FakeGateway>,
    died: Notify,
}

#[async_trait]
impl SmsGateway for LastText {
    fn name(&self) -> &'static str {
        self.gateway.name()
    }
    fn confirms_opt_outs(&self) -> bool {
        self.gateway.confirms_opt_outs()
    }
    async fn send(&self, permit: SendPermit) -> Result<Accepted, PortError> {
        self.gateway.send(permit).await?;
        self.died.notify_one();
        std::future::pending().await
    }
    async fn fetch(&self, provider_message: &str) -> Result<Option<RemoteMessage>, PortError> {
        self.gateway.fetch(provider_message).await
    }
    async fn list(&self, query: &MessageQuery) -> Result<Vec<RemoteMessage>, PortError> {
        self.gateway.list(query).await
    }
}

/// A process that dies at one of its steps: before or after a request to the calendar. It never comes back from there.
#[derive(Debug)]
pub(super) struct Mortal {
    calendar: Arc<FakeCalendar>,
    steps: AtomicUsize,
    dies_at: usize,
    died: Notify,
}

impl Mortal {
    pub(super) fn new(calendar: &Arc<FakeCalendar>, dies_at: usize) -> Arc<Self> {
        Arc::new(Self {
            calendar: Arc::clone(calendar),
            steps: AtomicUsize::new(0),
            dies_at,
            died: Notify::new(),
        })
    }

    /// Runs `work` until it is done or the process dies; whether it lived.
    pub(super) async fn outlives<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            () = self.died.notified() => None,
        }
    }

    async fn step(&self) {
        if self.steps.fetch_add(1, Ordering::SeqCst) == self.dies_at {
            self.died.notify_one();
            std::future::pending::<()>().await;
        }
    }

    async fn around<T>(&self, request: impl Future<Output = T> + Send) -> T {
        self.step().await;
        let answer = request.await;
        self.step().await;
        answer
    }
}

#[async_trait]
impl CalendarProvider for Mortal {
    fn name(&self) -> &'static str {
        self.calendar.name()
    }
    fn capabilities(&self) -> CalendarCapabilities {
        self.calendar.capabilities()
    }
    async fn calendars(&self) -> Result<Vec<CalendarInfo>, PortError> {
        self.calendar.calendars().await
    }
    async fn busy(&self, query: &BusyQuery) -> Result<Busy, PortError> {
        self.around(self.calendar.busy(query)).await
    }
    async fn create(&self, event: &NewEvent) -> Result<RemoteEvent, PortError> {
        self.around(self.calendar.create(event)).await
    }
    async fn event(&self, key: &EventKey) -> Result<EventLookup, PortError> {
        self.around(self.calendar.event(key)).await
    }
    async fn move_event(&self, key: &EventKey, to: TimeRange, etag: Option<&str>) -> Result<RemoteEvent, PortError> {
        self.around(self.calendar.move_event(key, to, etag)).await
    }
    async fn cancel(&self, key: &EventKey) -> Result<(), PortError> {
        self.around(self.calendar.cancel(key)).await
    }
}
