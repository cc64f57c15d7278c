//! The calendar in memory keeps the contract of every one; and each case of it finds a bug.
#![cfg(feature = "testkit")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a bug concerns only the places that it spoils"
)]

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use mccc_core::Timestamp;
use mccc_core::port::{
    Access, Availability, Busy, BusyQuery, BusyReason, CalendarCapabilities, CalendarChanges, CalendarCreation,
    CalendarInfo, CalendarProvider, CalendarPush, CalendarSlots, CalendarWish, ChangePage, Channel, ChannelRequest,
    Clock, ErrorKind, EventKey, EventLookup, NewEvent, PortError, RemoteEvent, Retry, SyncToken, TimeRange, When,
};
use mccc_core::testkit::contract::calendar::{self, CalendarFault, CalendarHarness, Created, Entry, Held};
use mccc_core::testkit::contract::{self, Checked, Done};
use mccc_core::testkit::fake::FakeCalendar;
use mccc_core::testkit::{ManualClock, build};

const SECRET: &str = "s3cret-of-the-fake";

/// What is wrong with an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bug {
    None,
    ListsNothing,
    ReadOnlyEverywhere,
    ReadsOneCalendar,
    CutsEntries,
    OnlyWhatBeginsInside,
    FreeTimeBlocks,
    TentativeIsFree,
    DaysBecomeInstants,
    FreeDaysAreDropped,
    FreeDaysBlock,
    OursAreForeign,
    ReadsOnePage,
    EmptyIsAnError,
    SilenceIsFree,
    SilenceIsAbsence,
    SkipsUnreadable,
    OffersWhatIsTaken,
    OwnTimeIsTaken,
    NothingFreeWhenSilent,
    TwoRules,
    WritesLater,
    ForgetsWhoseItIs,
    AnotherEventEachTime,
    OneEventForAll,
    DoubtIsFailure,
    DoubtIsSafe,
    DoubtIsSuccess,
    NeverFinds,
    EverythingIsThere,
    RevivesWhatWasRemoved,
    SellsWhatIsSold,
    ChokesOnText,
    CopiesInsteadOfMoving,
    NewIdentifierOnMove,
    IgnoresVersions,
    RevivesOnMove,
    BelievesItself,
    NeverCancels,
    CancelsAll,
    SecondCancelFails,
    OutagesAreFinal,
    ObeysInSilence,
    LimitsAreOutages,
    LimitsAreFinal,
    RevokedIsAnOutage,
    ChangesLoseRemovals,
    ChangesRepeat,
    OldTokensAreBelieved,
    SilenceIsNoChange,
    WatchesNothing,
    NeverStops,
    CreatesEachTime,
    CreatesOneForAll,
    CreatesInAnotherZone,
    CreatesInSilence,
    TakesWhatHasThatName,
    AsksToReconnectForMore,
    LoudName,
    ErrorsNameAnother,
    ErrorsShowTheCustomer,
    ShowsItsSecret,
}

/// The calendar in memory, with one bug.
struct Buggy {
    fake: FakeCalendar,
    bug: Bug,
    times: AtomicU32,
}

impl fmt::Debug for Buggy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.bug == Bug::ShowsItsSecret {
            return write!(f, "Buggy({SECRET})");
        }
        f.debug_struct("Buggy").finish_non_exhaustive()
    }
}

fn failed(operation: &'static str, kind: ErrorKind, retry: Retry) -> PortError {
    PortError::new("fake", operation, kind, retry)
}

impl Buggy {
    fn spoil<T>(&self, result: Result<T, PortError>) -> Result<T, PortError> {
        let Err(error) = result else { return result };
        let as_if = |kind, retry| failed(error.operation(), kind, retry);
        Err(match (self.bug, error.kind(), error.retry()) {
            (Bug::DoubtIsFailure, kind, Retry::Unknown) => as_if(kind, Retry::Never),
            (Bug::DoubtIsSafe, kind, Retry::Unknown) => as_if(kind, Retry::Backoff),
            (Bug::OutagesAreFinal, kind @ ErrorKind::Unavailable, Retry::Backoff) => as_if(kind, Retry::Never),
            (Bug::LimitsAreOutages, ErrorKind::RateLimited, retry) => as_if(ErrorKind::Unavailable, retry),
            (Bug::LimitsAreFinal, kind @ ErrorKind::RateLimited, _) => as_if(kind, Retry::Never),
            (Bug::RevokedIsAnOutage, ErrorKind::ReconnectRequired, _) => as_if(ErrorKind::Unavailable, Retry::Backoff),
            (Bug::ErrorsNameAnother, kind, retry) => PortError::new("other", error.operation(), kind, retry),
            (Bug::ErrorsShowTheCustomer, _, _) => error.with_source("about Jo Doe"),
            _ => error,
        })
    }

    fn again(&self) -> u32 {
        self.times.fetch_add(1, Ordering::SeqCst)
    }
}

fn later(when: When) -> When {
    match when {
        When::Instants(range) => When::Instants(TimeRange {
            start: range.start.plus(Duration::from_secs(3_600)),
            end: range.end.plus(Duration::from_secs(3_600)),
        }),
        days @ When::Days { .. } => days,
    }
}

#[async_trait]
impl CalendarProvider for Buggy {
    fn name(&self) -> &'static str {
        if self.bug == Bug::LoudName {
            "Fake Calendar"
        } else {
            self.fake.name()
        }
    }

    fn capabilities(&self) -> CalendarCapabilities {
        self.fake.capabilities()
    }

    async fn calendars(&self) -> Result<Vec<CalendarInfo>, PortError> {
        let mut calendars = match (self.bug, self.fake.calendars().await) {
            (Bug::SilenceIsAbsence, Err(_)) => Vec::new(),
            (_, calendars) => self.spoil(calendars)?,
        };
        match self.bug {
            Bug::ListsNothing => calendars.clear(),
            Bug::ReadOnlyEverywhere => calendars.iter_mut().for_each(|calendar| calendar.access = Access::Read),
            _ => {}
        }
        Ok(calendars)
    }

    async fn busy(&self, query: &BusyQuery) -> Result<Busy, PortError> {
        let mut asked = query.clone();
        if matches!(self.bug, Bug::ReadsOneCalendar | Bug::SkipsUnreadable) {
            asked.conflicts.clear();
        }
        let mut busy = match (self.bug, self.fake.busy(&asked).await) {
            (Bug::SilenceIsFree, Err(_)) => Busy::default(),
            (_, busy) => self.spoil(busy)?,
        };
        let starts_inside = |when: &When| matches!(when, When::Instants(range) if range.start >= query.range.start);
        match self.bug {
            Bug::CutsEntries => {
                for entry in &mut busy.entries {
                    if let When::Instants(range) = &mut entry.when {
                        range.start = range.start.max(query.range.start);
                        range.end = range.end.min(query.range.end);
                    }
                }
            }
            Bug::OnlyWhatBeginsInside => busy.entries.retain(|entry| starts_inside(&entry.when)),
            Bug::FreeTimeBlocks => {
                let extra = busy.entries.clone();
                busy.entries.extend(extra);
            }
            Bug::TentativeIsFree => busy.entries.retain(|entry| entry.reason != BusyReason::Tentative),
            Bug::DaysBecomeInstants => {
                for entry in &mut busy.entries {
                    if matches!(entry.when, When::Days { .. }) {
                        entry.when = When::Instants(query.range);
                    }
                }
            }
            Bug::FreeDaysAreDropped => busy.free_days.clear(),
            Bug::FreeDaysBlock => busy.entries.append(&mut busy.free_days.clone()),
            Bug::OursAreForeign => busy.entries.iter_mut().for_each(|entry| entry.appointment = None),
            Bug::ReadsOnePage => busy.entries.truncate(10),
            Bug::EmptyIsAnError if busy.entries.is_empty() => {
                return Err(failed("busy", ErrorKind::Protocol, Retry::Backoff));
            }
            _ => {}
        }
        Ok(busy)
    }

    async fn create(&self, event: &NewEvent) -> Result<RemoteEvent, PortError> {
        let mut sent = event.clone();
        match self.bug {
            Bug::WritesLater => {
                sent.range = TimeRange::of(event.range.start.plus(Duration::from_secs(60)), Duration::from_secs(60))
            }
            Bug::ForgetsWhoseItIs => sent.calendar = FakeCalendar::OTHER.to_owned(),
            Bug::AnotherEventEachTime => sent.attempt = u16::try_from(self.again()).unwrap(),
            Bug::OneEventForAll => sent.appointment = mccc_core::AppointmentId::derive(Timestamp::UNIX_EPOCH, "one"),
            Bug::RevivesWhatWasRemoved if self.fake.event(&event.key()).await? == EventLookup::Gone => {
                sent.attempt = event.attempt + 7;
            }
            Bug::ChokesOnText if event.title.contains('\n') => {
                return Err(failed("create", ErrorKind::Rejected, Retry::Never));
            }
            _ => {}
        }
        match (self.bug, self.fake.create(&sent).await) {
            (Bug::DoubtIsSuccess, Err(error)) if error.retry() == Retry::Unknown => {
                self.fake.arrange(CalendarFault::None);
                self.fake.create(&sent).await
            }
            (Bug::SellsWhatIsSold | Bug::ObeysInSilence, Err(error)) if error.retry() != Retry::Unknown => {
                self.fake.arrange(CalendarFault::None);
                self.fake.create(&sent).await
            }
            (Bug::ErrorsShowTheCustomer, Err(error)) => Err(error.with_source(format!("about {}", event.details()))),
            (_, created) => self.spoil(created),
        }
    }

    async fn event(&self, key: &EventKey) -> Result<EventLookup, PortError> {
        match (self.bug, self.fake.event(key).await) {
            (Bug::NeverFinds, Ok(_)) => Ok(EventLookup::Absent),
            (Bug::SilenceIsAbsence, Err(_)) => Ok(EventLookup::Absent),
            (Bug::EverythingIsThere, Ok(EventLookup::Absent | EventLookup::Gone)) => {
                Ok(EventLookup::There(RemoteEvent {
                    provider_event: "entry".to_owned(),
                    when: When::Instants(key.range),
                    state: mccc_core::port::EventState::Confirmed,
                    etag: Some("1".to_owned()),
                    link: None,
                }))
            }
            (Bug::BelievesItself, Ok(EventLookup::There(event))) => Ok(EventLookup::There(RemoteEvent {
                when: When::Instants(key.range),
                ..event
            })),
            (_, found) => self.spoil(found),
        }
    }

    async fn move_event(&self, key: &EventKey, to: TimeRange, etag: Option<&str>) -> Result<RemoteEvent, PortError> {
        let etag = etag.filter(|_| self.bug != Bug::IgnoresVersions);
        match (self.bug, self.fake.event(key).await) {
            (Bug::CopiesInsteadOfMoving, Ok(EventLookup::There(_))) => {
                let copy = self.event_at(key, to, 900);
                return self.fake.create(&copy).await;
            }
            (Bug::NewIdentifierOnMove, Ok(EventLookup::There(_))) => {
                self.fake.cancel(key).await?;
                let copy = self.event_at(key, to, 900);
                return self.fake.create(&copy).await;
            }
            (Bug::RevivesOnMove, Ok(EventLookup::Absent | EventLookup::Gone)) => {
                let copy = self.event_at(key, to, 900);
                return self.fake.create(&copy).await;
            }
            _ => {}
        }
        match (self.bug, self.fake.move_event(key, to, etag).await) {
            (Bug::DoubtIsSuccess, Err(error)) if error.retry() == Retry::Unknown => {
                self.fake.arrange(CalendarFault::None);
                self.fake.move_event(key, to, None).await
            }
            (Bug::WritesLater, Ok(moved)) => Ok(RemoteEvent {
                when: later(moved.when),
                ..moved
            }),
            (_, moved) => self.spoil(moved),
        }
    }

    async fn cancel(&self, key: &EventKey) -> Result<(), PortError> {
        match self.bug {
            Bug::NeverCancels => return Ok(()),
            Bug::CancelsAll => {
                for held in self.fake.held() {
                    self.fake.remove(&held.provider_event);
                }
            }
            Bug::SecondCancelFails if !matches!(self.fake.event(key).await, Ok(EventLookup::There(_))) => {
                return Err(failed("cancel", ErrorKind::NotFound, Retry::Never));
            }
            _ => {}
        }
        match (self.bug, self.fake.cancel(key).await) {
            (Bug::DoubtIsSuccess, Err(_)) => Ok(()),
            (Bug::OutagesAreFinal, Err(error)) => Err(failed("cancel", error.kind(), Retry::Never)),
            (_, cancelled) => self.spoil(cancelled),
        }
    }

    fn slots(&self) -> Option<&dyn CalendarSlots> {
        (self.bug == Bug::TwoRules || self.fake.slots().is_some()).then_some(self)
    }

    fn changes(&self) -> Option<&dyn CalendarChanges> {
        Some(self)
    }

    fn push(&self) -> Option<&dyn CalendarPush> {
        Some(self)
    }

    fn creation(&self) -> Option<&dyn CalendarCreation> {
        self.fake.creation().map(|_| self as &dyn CalendarCreation)
    }
}

impl Buggy {
    fn event_at(&self, key: &EventKey, to: TimeRange, attempt: u16) -> NewEvent {
        NewEvent {
            calendar: key.calendar.clone(),
            appointment: key.appointment,
            attempt: attempt + u16::try_from(self.again()).unwrap(),
            business: build::business("Acme"),
            range: to,
            zone: build::zone("America/Chicago"),
            title: String::new(),
            location: None,
            customer: mccc_core::port::Customer {
                name: None,
                phone: Some(build::phone(1)),
                email: None,
            },
            issue: None,
            source: String::new(),
        }
    }
}

#[async_trait]
impl CalendarSlots for Buggy {
    async fn free_times(
        &self,
        calendar: &str,
        range: TimeRange,
        length: Duration,
        moving: Option<&EventKey>,
    ) -> Result<Vec<TimeRange>, PortError> {
        let moving = moving.filter(|_| self.bug != Bug::OwnTimeIsTaken);
        let calendar = if self.bug == Bug::OffersWhatIsTaken {
            "nowhere"
        } else {
            calendar
        };
        match (self.bug, self.fake.free_times(calendar, range, length, moving).await) {
            (Bug::NothingFreeWhenSilent | Bug::SilenceIsAbsence, Err(_)) => Ok(Vec::new()),
            (_, free) => self.spoil(free),
        }
    }
}

#[async_trait]
impl CalendarChanges for Buggy {
    async fn since(&self, calendar: &str, token: Option<&SyncToken>, from: Timestamp) -> Result<ChangePage, PortError> {
        let asked = token.filter(|_| self.bug != Bug::ChangesRepeat);
        match (self.bug, self.fake.since(calendar, asked, from).await) {
            (Bug::SilenceIsNoChange, Err(_)) => Ok(ChangePage::Changes {
                events: Vec::new(),
                next: SyncToken("0".to_owned()),
            }),
            (Bug::OldTokensAreBelieved, Ok(ChangePage::StartOver)) => self.fake.since(calendar, None, from).await,
            (Bug::ChangesLoseRemovals, Ok(ChangePage::Changes { mut events, next })) => {
                events.retain(|event| event.when.is_some());
                Ok(ChangePage::Changes { events, next })
            }
            (_, page) => self.spoil(page),
        }
    }
}

#[async_trait]
impl CalendarPush for Buggy {
    async fn watch(&self, calendar: &str, request: &ChannelRequest) -> Result<Channel, PortError> {
        if self.bug == Bug::WatchesNothing {
            return Ok(Channel {
                id: request.id.clone(),
                resource: "r".to_owned(),
                expires_at: None,
            });
        }
        self.spoil(self.fake.watch(calendar, request).await)
    }

    async fn stop(&self, channel: &Channel) -> Result<(), PortError> {
        if self.bug == Bug::NeverStops {
            return Ok(());
        }
        self.spoil(self.fake.stop(channel).await)
    }
}

#[async_trait]
impl CalendarCreation for Buggy {
    async fn create_calendar(&self, wish: &CalendarWish) -> Result<CalendarInfo, PortError> {
        let mut sent = wish.clone();
        match self.bug {
            Bug::CreatesEachTime => sent.business = build::business(&format!("business {}", self.again())),
            Bug::CreatesOneForAll => sent.business = build::business("one"),
            Bug::CreatesInAnotherZone => sent.zone = build::zone("Europe/Berlin"),
            Bug::TakesWhatHasThatName => {
                let listed = self.fake.calendars().await?;
                if let Some(known) = listed.into_iter().find(|calendar| calendar.name == wish.name) {
                    return Ok(known);
                }
            }
            _ => {}
        }
        match (self.bug, self.fake.create_calendar(&sent).await) {
            (Bug::DoubtIsSuccess, Err(error)) if error.retry() == Retry::Unknown => {
                self.fake.arrange(CalendarFault::None);
                self.fake.create_calendar(&sent).await
            }
            (Bug::CreatesInSilence, Err(error)) if error.kind() == ErrorKind::Unavailable => {
                self.fake.arrange(CalendarFault::None);
                self.fake.create_calendar(&sent).await.and(Err(error))
            }
            (Bug::AsksToReconnectForMore, Err(error)) if error.kind() == ErrorKind::PermissionMissing => {
                Err(failed("create_calendar", ErrorKind::ReconnectRequired, Retry::Never).with_reason("Again."))
            }
            (_, created) => self.spoil(created),
        }
    }
}

struct Fake {
    provider: Arc<Buggy>,
}

impl Fake {
    fn new(availability: Availability) -> Self {
        Self::with(availability, Bug::None)
    }

    fn with(availability: Availability, bug: Bug) -> Self {
        let clock = ManualClock::shared() as Arc<dyn Clock>;
        Self {
            provider: Arc::new(Buggy {
                fake: FakeCalendar::new(clock, availability),
                bug,
                times: AtomicU32::new(0),
            }),
        }
    }
}

#[async_trait]
impl CalendarHarness for Fake {
    fn provider(&self) -> Arc<dyn CalendarProvider> {
        Arc::clone(&self.provider) as Arc<dyn CalendarProvider>
    }

    fn booked(&self) -> String {
        FakeCalendar::BOOKED.to_owned()
    }

    fn other(&self) -> Option<String> {
        Some(FakeCalendar::OTHER.to_owned())
    }

    async fn arrange(&self, fault: CalendarFault) -> bool {
        self.provider.fake.arrange(fault);
        true
    }

    async fn enter(&self, calendar: &str, entry: &Entry) -> Option<String> {
        // What is entered as free is taken for an event by an adapter that does not look.
        let blocks = match entry {
            Entry::Free(range) | Entry::Declined(range) if self.provider.bug == Bug::FreeTimeBlocks => {
                Entry::Event(*range)
            }
            other => other.clone(),
        };
        Some(self.provider.fake.enter(calendar, &blocks))
    }

    async fn drag(&self, provider_event: &str, to: TimeRange) -> bool {
        self.provider.fake.drag(provider_event, to)
    }

    async fn remove(&self, provider_event: &str) -> bool {
        self.provider.fake.remove(provider_event)
    }

    async fn held(&self) -> Vec<Held> {
        self.provider.fake.held()
    }

    async fn created(&self) -> Option<Vec<Created>> {
        let creates = self.provider.fake.creation().is_some();
        creates.then(|| self.provider.fake.created())
    }

    async fn add_calendar(&self, name: &str) -> Option<String> {
        Some(self.provider.fake.add_calendar(name))
    }

    async fn channels(&self) -> Option<Vec<String>> {
        Some(self.provider.fake.channels())
    }

    fn secrets(&self) -> Vec<String> {
        vec![SECRET.to_owned()]
    }
}

mod tells_busy {
    use super::{Availability, Fake};

    mccc_core::calendar_contract!(Fake::new(Availability::Busy));
}

mod tells_slots {
    use super::{Availability, Fake};

    mccc_core::calendar_contract!(Fake::new(Availability::Slots));
}

/// Each case with the bugs that it must find.
const CONTROLS: &[(&str, &[Bug])] = &[
    (
        "the_booked_calendar_is_listed",
        &[Bug::ListsNothing, Bug::ReadOnlyEverywhere],
    ),
    ("what_was_entered_is_taken", &[Bug::ReadsOneCalendar]),
    (
        "an_entry_that_reaches_into_the_range_counts",
        &[Bug::CutsEntries, Bug::OnlyWhatBeginsInside],
    ),
    ("what_takes_no_time_is_left_out", &[Bug::FreeTimeBlocks]),
    ("what_is_not_agreed_to_yet_blocks", &[Bug::TentativeIsFree]),
    ("whole_days_are_told_as_days", &[Bug::DaysBecomeInstants]),
    (
        "free_whole_days_are_told_apart",
        &[Bug::FreeDaysAreDropped, Bug::FreeDaysBlock],
    ),
    ("our_appointments_are_marked_as_ours", &[Bug::OursAreForeign]),
    ("every_page_is_read", &[Bug::ReadsOnePage]),
    ("nothing_taken_is_an_answer", &[Bug::EmptyIsAnError]),
    ("a_calendar_that_cannot_be_read_is_not_free", &[Bug::SilenceIsFree]),
    ("one_unreadable_calendar_fails_the_read", &[Bug::SkipsUnreadable]),
    (
        "free_times_leave_out_what_is_taken",
        &[Bug::OffersWhatIsTaken, Bug::TwoRules],
    ),
    ("an_appointment_is_not_in_its_own_way", &[Bug::OwnTimeIsTaken]),
    (
        "free_times_that_cannot_be_read_are_not_none",
        &[Bug::NothingFreeWhenSilent],
    ),
    (
        "a_created_event_is_there",
        &[Bug::WritesLater, Bug::ForgetsWhoseItIs, Bug::NeverFinds],
    ),
    ("an_appointment_is_one_event", &[Bug::AnotherEventEachTime]),
    ("bookings_at_once_make_one_event", &[Bug::AnotherEventEachTime]),
    ("appointments_have_events_of_their_own", &[Bug::OneEventForAll]),
    (
        "a_create_in_doubt_is_found",
        &[
            Bug::DoubtIsFailure,
            Bug::DoubtIsSafe,
            Bug::DoubtIsSuccess,
            Bug::NeverFinds,
            Bug::AnotherEventEachTime,
        ],
    ),
    ("an_event_that_never_was_is_absent", &[Bug::EverythingIsThere]),
    (
        "a_removed_event_is_not_made_again_by_itself",
        &[Bug::RevivesWhatWasRemoved, Bug::EverythingIsThere],
    ),
    ("a_time_that_was_sold_is_refused", &[Bug::SellsWhatIsSold]),
    ("hard_text_is_taken", &[Bug::ChokesOnText]),
    (
        "a_moved_event_is_in_one_place",
        &[
            Bug::CopiesInsteadOfMoving,
            Bug::NewIdentifierOnMove,
            Bug::BelievesItself,
        ],
    ),
    (
        "moving_to_where_it_is_changes_nothing",
        &[Bug::NewIdentifierOnMove, Bug::CopiesInsteadOfMoving],
    ),
    ("an_event_that_was_changed_is_not_moved", &[Bug::IgnoresVersions]),
    (
        "a_move_in_doubt_is_found",
        &[
            Bug::DoubtIsFailure,
            Bug::DoubtIsSafe,
            Bug::DoubtIsSuccess,
            Bug::BelievesItself,
        ],
    ),
    ("what_is_gone_is_not_moved", &[Bug::RevivesOnMove]),
    ("a_move_by_hand_is_seen", &[Bug::BelievesItself]),
    (
        "a_cancelled_event_is_gone",
        &[Bug::NeverCancels, Bug::CancelsAll, Bug::EverythingIsThere],
    ),
    (
        "cancelling_is_always_done",
        &[Bug::SecondCancelFails, Bug::NeverCancels, Bug::CancelsAll],
    ),
    (
        "a_cancellation_in_doubt_may_be_repeated",
        &[Bug::DoubtIsSuccess, Bug::OutagesAreFinal],
    ),
    (
        "changes_since_a_look_are_told",
        &[Bug::ChangesLoseRemovals, Bug::ChangesRepeat],
    ),
    ("a_forgotten_token_starts_over", &[Bug::OldTokensAreBelieved]),
    ("changes_that_cannot_be_read_are_not_none", &[Bug::SilenceIsNoChange]),
    (
        "a_watched_calendar_has_a_channel",
        &[Bug::WatchesNothing, Bug::NeverStops],
    ),
    (
        "a_created_calendar_can_be_booked",
        &[
            Bug::CreatesInAnotherZone,
            Bug::ReadOnlyEverywhere,
            Bug::ReadsOneCalendar,
        ],
    ),
    (
        "a_calendar_is_created_once",
        &[Bug::CreatesEachTime, Bug::CreatesOneForAll, Bug::TakesWhatHasThatName],
    ),
    (
        "a_creation_in_doubt_is_found",
        &[
            Bug::DoubtIsFailure,
            Bug::DoubtIsSafe,
            Bug::DoubtIsSuccess,
            Bug::CreatesEachTime,
        ],
    ),
    (
        "a_creation_that_cannot_look_creates_nothing",
        &[Bug::CreatesInSilence, Bug::OutagesAreFinal],
    ),
    (
        "a_calendar_of_the_contractor_is_left_alone",
        &[Bug::TakesWhatHasThatName],
    ),
    (
        "without_the_permission_everything_else_works",
        &[Bug::AsksToReconnectForMore],
    ),
    (
        "a_provider_that_cannot_be_asked_is_no_absence",
        &[Bug::SilenceIsAbsence, Bug::OutagesAreFinal],
    ),
    (
        "an_unreachable_provider_changed_nothing",
        &[Bug::OutagesAreFinal, Bug::ObeysInSilence],
    ),
    ("limits_are_passed_on", &[Bug::LimitsAreOutages, Bug::LimitsAreFinal]),
    ("a_withdrawn_permission_asks_for_a_person", &[Bug::RevokedIsAnOutage]),
    ("the_name_of_the_calendar_is_fit_for_labels", &[Bug::LoudName]),
    ("failures_name_the_calendar", &[Bug::ErrorsNameAnother]),
    (
        "failures_of_the_calendar_give_nothing_away",
        &[Bug::ErrorsShowTheCustomer],
    ),
    ("the_calendar_hides_its_credentials", &[Bug::ShowsItsSecret]),
];

async fn judged(case: &str, availability: Availability, bug: Bug) -> Checked {
    contract::case(calendar::CASES, case, &Fake::with(availability, bug)).await
}

#[tokio::test]
async fn every_case_applies_to_one_of_the_calendars_in_memory() {
    for case in calendar::CASES {
        let busy = judged(case.name, Availability::Busy, Bug::None).await;
        let slots = judged(case.name, Availability::Slots, Bug::None).await;
        assert!(busy.is_ok() && slots.is_ok(), "{}: {busy:?} {slots:?}", case.name);
        assert!([busy, slots].contains(&Ok(Done::Passed)), "{} never applies", case.name);
    }
}

#[tokio::test]
async fn every_case_finds_the_bugs_it_is_there_for() {
    let controlled: Vec<&str> = CONTROLS.iter().map(|(case, _)| *case).collect();
    let cases: Vec<&str> = calendar::CASES.iter().map(|case| case.name).collect();
    assert_eq!(controlled, cases, "a case without a bug to find may find none");
    let mut missed = Vec::new();
    for (case, bugs) in CONTROLS {
        for bug in *bugs {
            let busy = judged(case, Availability::Busy, *bug).await;
            let slots = judged(case, Availability::Slots, *bug).await;
            if busy.is_ok() && slots.is_ok() {
                missed.push((case, bug));
            }
        }
    }
    assert!(missed.is_empty(), "not found: {missed:?}");
}
