//! A calendar of its own for appointments: created once, and only where that was granted.

use futures_util::future::join_all;

use super::desk::{Desk, NO_HAND, NO_SUCH_FAULT, changes_lost, hour, silences};
use super::{CalendarFault, CalendarHarness, Created};
use crate::port::{Access, BusyQuery, CalendarCreation, CalendarWish, ErrorKind, NewEvent, Retry, When};
use crate::testkit::build;
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};

const NONE_TO_CREATE: Done = Done::Skipped("this provider has no calendars that can be created");
const NAME: &str = "Appointments";
const ZONE: &str = "America/Chicago";

/// The calendar that a business of this name wishes for.
pub(super) fn wish(business: &str) -> CalendarWish {
    CalendarWish {
        business: build::business(business),
        name: NAME.to_owned(),
        zone: build::zone(ZONE),
    }
}

/// The provider's ability, if it has it; one that has not has created nothing either.
async fn creation<'a>(desk: &'a Desk<'_>) -> Result<Option<&'a dyn CalendarCreation>, Failure> {
    let creation = desk.provider.creation();
    ensure_eq!(
        creation.is_some(),
        desk.harness.created().await.is_some(),
        "whether calendars can be created, asked of the adapter and of the provider"
    );
    Ok(creation)
}

async fn created(h: &dyn CalendarHarness) -> Vec<Created> {
    h.created().await.unwrap_or_default()
}

pub(super) async fn a_created_calendar_can_be_booked(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let Some(creation) = creation(&desk).await? else {
        return Ok(NONE_TO_CREATE);
    };
    let made = creation.create_calendar(&wish("Acme")).await?;
    let expected = Created {
        id: made.id.clone(),
        name: NAME.to_owned(),
        zone: Some(ZONE.to_owned()),
    };
    ensure_eq!(created(h).await, [expected], "what was created");
    ensure_eq!(
        (made.name.as_str(), made.access, made.primary),
        (NAME, Access::Write, false),
        "what is said of it"
    );
    ensure!(
        desk.provider.calendars().await?.contains(&made),
        "a calendar that was created is not listed as it was answered"
    );
    let event = NewEvent {
        calendar: made.id.clone(),
        ..desk.new_event(1)
    };
    let written = desk.provider.create(&event).await?;
    ensure_eq!(written.when, When::Instants(hour(1)), "an event in it");
    // What is in the calendar that was booked until now is in the way from now on.
    if h.enter(&h.booked(), &super::Entry::Event(hour(3))).await.is_none() {
        return Ok(NO_HAND);
    }
    let query = BusyQuery {
        range: crate::port::TimeRange {
            start: hour(0).start,
            end: hour(9).end,
        },
        booked: made.id,
        conflicts: vec![h.booked()],
    };
    let mut taken: Vec<_> = desk.provider.busy(&query).await?.entries;
    taken.sort_by_key(|entry| matches!(entry.when, When::Instants(range) if range == hour(3)));
    let taken: Vec<_> = taken.into_iter().map(|entry| (entry.when, entry.appointment)).collect();
    ensure_eq!(
        taken,
        [
            (When::Instants(hour(1)), Some(event.appointment)),
            (When::Instants(hour(3)), None)
        ],
        "what takes time"
    );
    Ok(Done::Passed)
}

pub(super) async fn a_calendar_is_created_once(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let Some(creation) = creation(&desk).await? else {
        return Ok(NONE_TO_CREATE);
    };
    let acme = wish("Acme");
    let mut answers = join_all((0..4).map(|_| creation.create_calendar(&acme))).await;
    answers.push(creation.create_calendar(&acme).await);
    let mut identifiers = Vec::new();
    for answer in answers {
        identifiers.push(answer?.id);
    }
    identifiers.dedup();
    ensure_eq!(identifiers.len(), 1, "identifiers of one business's calendar");
    ensure_eq!(created(h).await.len(), 1, "calendars of one business");
    // Two businesses may share an account, and neither writes into what is the other's.
    let other = creation.create_calendar(&wish("Other")).await?;
    ensure!(
        !identifiers.contains(&other.id),
        "two businesses were given one calendar"
    );
    ensure_eq!(created(h).await.len(), 2, "calendars of two businesses");
    Ok(Done::Passed)
}

pub(super) async fn a_creation_in_doubt_is_found(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let Some(creation) = creation(&desk).await? else {
        return Ok(NONE_TO_CREATE);
    };
    let mut any = false;
    for (n, fault) in (1..).zip(changes_lost()) {
        if !h.arrange(fault).await {
            continue;
        }
        any = true;
        let wish = wish(&format!("Acme {n}"));
        let lost = creation.create_calendar(&wish).await;
        h.arrange(CalendarFault::None).await;
        let Err(error) = lost else {
            return Err(Failure::new(format!("{fault:?} was called a success")));
        };
        ensure_eq!(
            error.retry(),
            Retry::Unknown,
            "the verdict on a calendar that may exist, after {fault:?}"
        );
        let before = created(h).await;
        ensure_eq!(before.len(), n, "calendars after the answer was lost");
        let found = creation.create_calendar(&wish).await?;
        ensure_eq!(created(h).await, before, "calendars after it was asked for again");
        ensure!(
            before.last().is_some_and(|last| last.id == found.id),
            "another calendar was found than the one that was created"
        );
    }
    Ok(if any { Done::Passed } else { NO_SUCH_FAULT })
}

pub(super) async fn a_creation_that_cannot_look_creates_nothing(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let Some(creation) = creation(&desk).await? else {
        return Ok(NONE_TO_CREATE);
    };
    let mut any = false;
    for fault in silences() {
        if !h.arrange(fault).await {
            continue;
        }
        any = true;
        let answer = creation.create_calendar(&wish("Acme")).await;
        h.arrange(CalendarFault::None).await;
        let Err(error) = answer else {
            return Err(Failure::new(format!("{fault:?} was taken for an answer")));
        };
        ensure!(
            matches!(error.retry(), Retry::Backoff | Retry::After(_)),
            "nothing was created, and the verdict after {fault:?} is {:?}",
            error.retry()
        );
        ensure_eq!(created(h).await, [], "calendars after {fault:?}");
    }
    Ok(if any { Done::Passed } else { NO_SUCH_FAULT })
}

pub(super) async fn a_calendar_of_the_contractor_is_left_alone(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let Some(creation) = creation(&desk).await? else {
        return Ok(NONE_TO_CREATE);
    };
    let Some(theirs) = h.add_calendar(NAME).await else {
        return Ok(NO_HAND);
    };
    let ours = creation.create_calendar(&wish("Acme")).await?;
    ensure!(
        ours.id != theirs,
        "a calendar that the contractor created was taken for ours"
    );
    let created: Vec<_> = created(h).await.into_iter().map(|one| one.id).collect();
    ensure_eq!(created, [ours.id], "calendars that we created");
    Ok(Done::Passed)
}

pub(super) async fn without_the_permission_everything_else_works(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let Some(creation) = creation(&desk).await? else {
        return Ok(NONE_TO_CREATE);
    };
    let made = creation.create_calendar(&wish("Other")).await?;
    if !h.arrange(CalendarFault::CreationForbidden).await {
        return Ok(NO_SUCH_FAULT);
    }
    let Err(error) = creation.create_calendar(&wish("Acme")).await else {
        return Err(Failure::new("a calendar was created without the permission"));
    };
    ensure_eq!(
        (error.kind(), error.retry()),
        (ErrorKind::PermissionMissing, Retry::Never),
        "the verdict"
    );
    ensure!(error.reason().is_some(), "the contractor is given no sentence");
    ensure_eq!(created(h).await.len(), 1, "calendars");
    let listed = desk.provider.calendars().await?;
    ensure!(listed.contains(&made), "the list of calendars lacks one");
    desk.create(1).await?;
    ensure_eq!(desk.held(1).await.len(), 1, "events of an appointment");
    // What is there already needs no permission to be created.
    let found = creation.create_calendar(&wish("Other")).await?;
    ensure_eq!(found, made, "the calendar that was there before");
    h.arrange(CalendarFault::None).await;
    creation.create_calendar(&wish("Acme")).await?;
    ensure_eq!(created(h).await.len(), 2, "calendars once it is granted");
    Ok(Done::Passed)
}
