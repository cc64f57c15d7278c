//! A business that takes appointments, servers that may die at any step, and the calendar they share.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;

use super::super::store::StoreHarness;
use super::Failure;
use crate::appointments::{AppointmentSource, Customer, Wish};
use crate::business::{CalendarConnection, CalendarService, Owner};
use crate::center::{CenterError, CommandCenter, LastKnown, Limits, NewCalendar, Ports};
use crate::compliance::gate::SendPermit;
use crate::compliance::number::Policy;
use crate::port::{
    Accepted, Availability, Busy, BusyQuery, CalendarCapabilities, CalendarInfo, CalendarProvider, Clock, Entropy,
    ErrorKind, EventKey, EventLookup, LineLookup, MessageQuery, NewEvent, PortError, Providers, RemoteEvent,
    RemoteMessage, Retry, SmsGateway, Spool, SpoolEntry, SpoolError, Store, Telephony, TimeRange,
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
        let desk = Desk::new(None, &gateway);
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
        let desk = Desk::new(None, &self.gateway);
        center(store, &self.clock, desk)
    }

    pub(super) fn server_with(&self, calendar: Option<Arc<dyn CalendarProvider>>) -> CommandCenter {
        let desk = Desk::new(calendar, &self.gateway);
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
    pub(super) async fn connect(&self, name: &str, replace: bool) -> Result<(), CenterError> {
        let new = NewCalendar {
            connection: CalendarConnection {
                id: name.to_owned(),
                service: CalendarService::Google,
                account: "jo@example.com".to_owned(),
                calendar_name: "Work".to_owned(),
                connected_at: self.clock.now(),
                reconnect_since: None,
            },
            booked: FakeCalendar::BOOKED.to_owned(),
            conflicts: Vec::new(),
            granted: Vec::new(),
            field: "tokens",
            sealed: "sealed".to_owned(),
        };
        let server = self.server();
        server
            .connect_calendar(self.owner.business, &new, replace)
            .await
            .map(drop)
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

/// What a server has around it.
struct Desk {
    calendar: Option<Arc<dyn CalendarProvider>>,
    gateway: Arc<dyn SmsGateway>,
}

impl Desk {
    fn new(calendar: Option<Arc<dyn CalendarProvider>>, gateway: &Arc<FakeGateway>) -> Self {
        Self {
            calendar,
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
