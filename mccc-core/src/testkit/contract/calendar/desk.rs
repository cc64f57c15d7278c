//! Short ways to do what cases do all the time.

use std::sync::Arc;
use std::time::Duration;

use super::{CalendarFault, CalendarHarness, Entry, Held, Loss};
use crate::port::{
    Availability, Busy, BusyQuery, CalendarProvider, Customer, EventLookup, NewEvent, PortError, RemoteEvent,
    TimeRange, When,
};
use crate::testkit::build;
use crate::testkit::contract::{Done, Failure};
use crate::zone::LocalDay;
use crate::{AppointmentId, Timestamp};

/// The case asks for something that this provider does not have.
pub(super) const NO_SUCH_FAULT: Done = Done::Skipped("this provider cannot be made to do so");
/// The provider answers otherwise.
pub(super) const TELLS_SLOTS: Done = Done::Skipped("this provider tells what is free, not what is taken");
/// The contractor has no hand in it.
pub(super) const NO_HAND: Done = Done::Skipped("nobody changes events of this provider by hand");

const LOSSES: [Loss; 7] = [
    Loss::NoAnswer,
    Loss::ConnectionCut,
    Loss::ServerError,
    Loss::Garbage,
    Loss::Nothing,
    Loss::List,
    Loss::ErrorInside,
];

/// After these, whatever was changed is changed.
pub(super) fn changes_lost() -> [CalendarFault; 7] {
    LOSSES.map(CalendarFault::ChangesLost)
}

/// With these, no question is answered.
pub(super) fn silences() -> impl Iterator<Item = CalendarFault> {
    let lost = LOSSES.into_iter().map(CalendarFault::AnswersLost);
    lost.chain([CalendarFault::Unreachable])
}

/// What nobody may read in a log.
pub(super) const ISSUE: &str = "water heater leaks into the crawlspace";

const HOUR: Duration = Duration::from_secs(3_600);

/// Somebody who keeps a calendar.
pub(super) struct Desk<'a> {
    pub(super) harness: &'a dyn CalendarHarness,
    pub(super) provider: Arc<dyn CalendarProvider>,
}

/// The `n`-th hour of the weeks after the start.
pub(super) fn hour(n: u32) -> TimeRange {
    // Monday, 23 November 2026, 15:00 in UTC.
    let first = Timestamp::from_seconds(1_795_446_000);
    TimeRange::of(first.plus(HOUR * n), HOUR)
}

/// The `n`-th day after that Monday.
pub(super) fn day(n: i32) -> LocalDay {
    LocalDay(20_780).plus_days(n)
}

/// The `n`-th appointment.
pub(super) fn appointment(n: u32) -> AppointmentId {
    AppointmentId::derive(build::START, &format!("appointment {n}"))
}

impl<'a> Desk<'a> {
    pub(super) fn of(harness: &'a dyn CalendarHarness) -> Self {
        Self {
            harness,
            provider: harness.provider(),
        }
    }

    pub(super) fn tells(&self, availability: Availability) -> bool {
        self.provider.capabilities().availability == availability
    }

    /// The `n`-th appointment, in the `n`-th hour.
    pub(super) fn new_event(&self, n: u32) -> NewEvent {
        NewEvent {
            calendar: self.harness.booked(),
            appointment: appointment(n),
            attempt: 0,
            business: build::business("Acme"),
            range: hour(n),
            zone: build::zone("America/Chicago"),
            title: "Water heater: Jo Doe".to_owned(),
            location: Some("12 Elm St, Austin".to_owned()),
            customer: Customer {
                name: Some("Jo Doe".to_owned()),
                phone: Some(build::phone(n)),
                email: Some("jo@example.com".to_owned()),
            },
            issue: Some(ISSUE.to_owned()),
            source: "Missed Call - Text".to_owned(),
        }
    }

    pub(super) async fn create(&self, n: u32) -> Result<RemoteEvent, PortError> {
        self.provider.create(&self.new_event(n)).await
    }

    pub(super) async fn busy(&self, range: TimeRange) -> Result<Busy, PortError> {
        let conflicts = self.provider.capabilities().conflict_calendars;
        let query = BusyQuery {
            range,
            booked: self.harness.booked(),
            conflicts: self.harness.other().into_iter().filter(|_| conflicts).collect(),
        };
        self.provider.busy(&query).await
    }

    /// What blocks in a range, in order.
    pub(super) async fn taken(&self, range: TimeRange) -> Result<Vec<When>, PortError> {
        let mut taken: Vec<When> = self.busy(range).await?.entries.iter().map(|entry| entry.when).collect();
        taken.sort_by_key(|when| match when {
            When::Instants(range) => (0, range.start.as_micros()),
            When::Days { first, .. } => (1, i64::from(first.days())),
        });
        Ok(taken)
    }

    /// Enters something into the booked calendar, if there is such a thing.
    pub(super) async fn enter(&self, entry: Entry) -> Option<String> {
        self.harness.enter(&self.harness.booked(), &entry).await
    }

    /// The event of the `n`-th appointment, found without its identifier.
    pub(super) async fn look(&self, n: u32) -> Result<EventLookup, PortError> {
        self.provider.event(&self.new_event(n).key()).await
    }

    /// The event of the `n`-th appointment, which must be there.
    pub(super) async fn there(&self, n: u32) -> Result<RemoteEvent, Failure> {
        match self.look(n).await? {
            EventLookup::There(event) => Ok(event),
            other @ (EventLookup::Absent | EventLookup::Gone) => {
                Err(Failure::new(format!("an event that was made is not found: {other:?}")))
            }
        }
    }

    /// Where the provider itself has the `n`-th appointment.
    pub(super) async fn held(&self, n: u32) -> Vec<Held> {
        let held = self.harness.held().await.into_iter();
        held.filter(|held| held.appointment == Some(appointment(n))).collect()
    }
}
