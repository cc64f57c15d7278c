//! An appointment is one event, and what may exist is never called a failure.

use futures_util::future::join_all;

use super::desk::{Desk, NO_HAND, NO_SUCH_FAULT, appointment, changes_lost, hour};
use super::{CalendarFault, CalendarHarness};
use crate::port::{ErrorKind, EventKey, EventLookup, NewEvent, Retry, When};
use crate::testkit::build;
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};

pub(super) async fn a_created_event_is_there(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let created = desk.create(1).await?;
    ensure!(!created.provider_event.is_empty(), "an event has no identifier");
    ensure_eq!(created.when, When::Instants(hour(1)), "when it takes place");
    let held = h.held().await;
    let found: Vec<_> = held.iter().map(|held| (held.appointment, held.range)).collect();
    ensure_eq!(
        found,
        [(Some(appointment(1)), hour(1))],
        "what the calendar has, and what it says it is"
    );
    let by_appointment = desk.there(1).await?;
    ensure_eq!(by_appointment, created, "the event, found by its appointment");
    let key = EventKey {
        provider_event: Some(created.provider_event.clone()),
        ..desk.new_event(1).key()
    };
    ensure_eq!(
        desk.provider.event(&key).await?,
        EventLookup::There(created.clone()),
        "the event, found by its identifier"
    );
    ensure_eq!(
        created.etag.is_some(),
        desk.provider.capabilities().etags,
        "whether events have versions"
    );
    Ok(Done::Passed)
}

pub(super) async fn an_appointment_is_one_event(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let first = desk.create(1).await?;
    for _ in 0..2 {
        ensure_eq!(desk.create(1).await?, first, "the event when it is sent again");
    }
    ensure_eq!(h.held().await.len(), 1, "events of one appointment");
    Ok(Done::Passed)
}

pub(super) async fn bookings_at_once_make_one_event(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let answers = join_all((0..6).map(|_| desk.create(1))).await;
    let mut identifiers = Vec::new();
    for answer in answers {
        match answer {
            Ok(event) => identifiers.push(event.provider_event),
            // A provider without identifiers of ours may refuse the loser of the race.
            Err(error) => ensure!(
                error.kind() == ErrorKind::Conflict || error.retry() != Retry::Never,
                "one of several equal bookings failed: {error:?}"
            ),
        }
    }
    identifiers.dedup();
    ensure_eq!(identifiers.len(), 1, "identifiers of one appointment's event");
    ensure_eq!(h.held().await.len(), 1, "events of one appointment");
    Ok(Done::Passed)
}

pub(super) async fn appointments_have_events_of_their_own(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let (first, second) = (desk.create(1).await?, desk.create(2).await?);
    ensure!(
        first.provider_event != second.provider_event,
        "two appointments share an event"
    );
    ensure_eq!(desk.there(1).await?.provider_event, first.provider_event, "the first");
    ensure_eq!(desk.there(2).await?.provider_event, second.provider_event, "the second");
    ensure_eq!(h.held().await.len(), 2, "events of two appointments");
    Ok(Done::Passed)
}

pub(super) async fn a_create_in_doubt_is_found(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let mut any = false;
    for (n, fault) in (1..).zip(changes_lost()) {
        if !h.arrange(fault).await {
            continue;
        }
        any = true;
        let created = desk.create(n).await;
        h.arrange(CalendarFault::None).await;
        let Err(error) = created else {
            return Err(Failure::new(format!("{fault:?} was called a success")));
        };
        ensure_eq!(
            error.retry(),
            Retry::Unknown,
            "the verdict on an event that may exist, after {fault:?}"
        );
        ensure_eq!(desk.held(n).await.len(), 1, "events of the appointment");
        let found = desk.there(n).await?;
        let again = desk.create(n).await?;
        ensure_eq!(
            again.provider_event,
            found.provider_event,
            "the event when it is sent again"
        );
        ensure_eq!(desk.held(n).await.len(), 1, "events of the appointment, sent twice");
    }
    Ok(if any { Done::Passed } else { NO_SUCH_FAULT })
}

pub(super) async fn an_event_that_never_was_is_absent(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    desk.create(1).await?;
    ensure_eq!(desk.look(2).await?, EventLookup::Absent, "an event that was never made");
    Ok(Done::Passed)
}

pub(super) async fn a_removed_event_is_not_made_again_by_itself(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let created = desk.create(1).await?;
    if !h.remove(&created.provider_event).await {
        return Ok(NO_HAND);
    }
    ensure_eq!(desk.look(1).await?, EventLookup::Gone, "an event that was removed");
    match desk.create(1).await {
        Ok(_) => return Err(Failure::new("what the contractor removed was made again")),
        Err(error) => ensure_eq!(
            (error.kind(), error.retry()),
            (ErrorKind::Conflict, Retry::Never),
            "the verdict on making it again"
        ),
    }
    ensure_eq!(h.held().await.len(), 0, "events after that");
    let anew = NewEvent {
        attempt: 1,
        ..desk.new_event(1)
    };
    let second = desk.provider.create(&anew).await?;
    ensure!(
        second.provider_event != created.provider_event,
        "the removed event came back"
    );
    ensure_eq!(desk.held(1).await.len(), 1, "events after a second attempt");
    ensure_eq!(
        desk.provider.event(&anew.key()).await?,
        EventLookup::There(second),
        "the event of the second attempt"
    );
    Ok(Done::Passed)
}

pub(super) async fn a_time_that_was_sold_is_refused(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    if !h.arrange(CalendarFault::TimeTaken).await {
        return Ok(NO_SUCH_FAULT);
    }
    let Err(error) = desk.create(1).await else {
        return Err(Failure::new("a time that somebody else has was called booked"));
    };
    h.arrange(CalendarFault::None).await;
    ensure_eq!(
        (error.kind(), error.retry()),
        (ErrorKind::Conflict, Retry::Never),
        "the verdict on a lost race"
    );
    ensure!(h.held().await.is_empty(), "it was booked all the same");
    Ok(Done::Passed)
}

pub(super) async fn hard_text_is_taken(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let mut event = desk.new_event(1);
    build::HARD_TEXT.clone_into(&mut event.title);
    event.customer.name = Some(build::HARD_TEXT.to_owned());
    event.issue = Some(format!("{}\r\nATTENDEE:mailto:eve@example.com", build::HARD_TEXT));
    event.location = Some("<b>1 Main St</b>\n2nd door".to_owned());
    let created = desk.provider.create(&event).await?;
    ensure_eq!(created.when, When::Instants(hour(1)), "when it takes place");
    ensure_eq!(h.held().await.len(), 1, "events");
    Ok(Done::Passed)
}
