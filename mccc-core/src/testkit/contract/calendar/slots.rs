//! Providers that compute free times themselves.

use std::time::Duration;

use super::desk::{Desk, NO_SUCH_FAULT, hour, silences};
use super::{CalendarHarness, Entry};
use crate::port::{Availability, CalendarSlots, EventKey, PortError, TimeRange};
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};

const TELLS_BUSY: Done = Done::Skipped("this provider tells what is taken, not what is free");
const LENGTH: Duration = Duration::from_secs(3_600);

fn slots<'a>(desk: &'a Desk<'_>) -> Result<&'a dyn CalendarSlots, Failure> {
    let slots = desk.provider.slots();
    slots.ok_or_else(|| Failure::new("a provider of free times does not tell them"))
}

async fn free(desk: &Desk<'_>, moving: Option<&EventKey>) -> Result<Result<Vec<TimeRange>, PortError>, Failure> {
    let range = TimeRange {
        start: hour(0).start,
        end: hour(5).end,
    };
    let booked = desk.harness.booked();
    Ok(slots(desk)?.free_times(&booked, range, LENGTH, moving).await)
}

fn hours(numbers: impl IntoIterator<Item = u32>) -> Vec<TimeRange> {
    numbers.into_iter().map(hour).collect()
}

pub(super) async fn free_times_leave_out_what_is_taken(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    if !desk.tells(Availability::Slots) {
        ensure!(
            desk.provider.slots().is_none(),
            "free times come from two rules at once"
        );
        return Ok(TELLS_BUSY);
    }
    ensure_eq!(free(&desk, None).await??, hours(0..6), "six free hours, in order");
    desk.create(2).await?;
    ensure_eq!(
        free(&desk, None).await??,
        hours([0, 1, 3, 4, 5]),
        "what a booking leaves"
    );
    if desk.enter(Entry::Event(hour(4))).await.is_some() {
        ensure_eq!(free(&desk, None).await??, hours([0, 1, 3, 5]), "what an entry leaves");
    }
    Ok(Done::Passed)
}

pub(super) async fn an_appointment_is_not_in_its_own_way(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    if !desk.tells(Availability::Slots) {
        return Ok(TELLS_BUSY);
    }
    let created = desk.create(2).await?;
    let key = EventKey {
        provider_event: Some(created.provider_event),
        ..desk.new_event(2).key()
    };
    let found = free(&desk, Some(&key)).await??;
    ensure_eq!(found, hours(0..6), "where the appointment can be moved to");
    Ok(Done::Passed)
}

pub(super) async fn free_times_that_cannot_be_read_are_not_none(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    if !desk.tells(Availability::Slots) {
        return Ok(TELLS_BUSY);
    }
    let mut any = false;
    for fault in silences() {
        if !h.arrange(fault).await {
            continue;
        }
        any = true;
        if let Ok(times) = free(&desk, None).await? {
            return Err(Failure::new(format!(
                "{fault:?} was taken for {} free times",
                times.len()
            )));
        }
    }
    Ok(if any { Done::Passed } else { NO_SUCH_FAULT })
}
