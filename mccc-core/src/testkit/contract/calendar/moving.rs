//! Moving an event and taking it out again.

use super::desk::{Desk, NO_HAND, NO_SUCH_FAULT, changes_lost, hour};
use super::{CalendarFault, CalendarHarness};
use crate::port::{ErrorKind, EventKey, EventLookup, PortError, RemoteEvent, Retry, TimeRange, When};
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};

/// The key of an event with its identifier, as it was when it was read.
fn key(desk: &Desk<'_>, n: u32, event: &RemoteEvent) -> EventKey {
    EventKey {
        provider_event: Some(event.provider_event.clone()),
        ..desk.new_event(n).key()
    }
}

async fn push(desk: &Desk<'_>, n: u32, event: &RemoteEvent, to: TimeRange) -> Result<RemoteEvent, PortError> {
    let key = key(desk, n, event);
    desk.provider.move_event(&key, to, event.etag.as_deref()).await
}

/// The appointment is in one place, which is this one.
async fn only_at(desk: &Desk<'_>, n: u32, at: TimeRange) -> Checked {
    let ranges: Vec<_> = desk.held(n).await.into_iter().map(|held| held.range).collect();
    ensure_eq!(ranges, [at], "where the appointment is");
    Ok(Done::Passed)
}

pub(super) async fn a_moved_event_is_in_one_place(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let (created, other) = (desk.create(1).await?, desk.create(2).await?);
    let moved = push(&desk, 1, &created, hour(7)).await?;
    ensure_eq!(moved.when, When::Instants(hour(7)), "where it was moved to");
    only_at(&desk, 1, hour(7)).await?;
    only_at(&desk, 2, hour(2)).await?;
    for event in [&created, &moved] {
        ensure_eq!(
            desk.provider.event(&key(&desk, 1, event)).await?,
            EventLookup::There(moved.clone()),
            "the event, found by an identifier that it has or had"
        );
    }
    ensure_eq!(desk.there(2).await?, other, "another event");
    let back = push(&desk, 1, &moved, hour(8)).await?;
    ensure_eq!(back.when, When::Instants(hour(8)), "where it was moved to next");
    only_at(&desk, 1, hour(8)).await
}

pub(super) async fn moving_to_where_it_is_changes_nothing(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let created = desk.create(1).await?;
    let moved = push(&desk, 1, &created, hour(1)).await?;
    ensure_eq!(
        (moved.when, moved.provider_event),
        (created.when, created.provider_event),
        "an event that stays"
    );
    only_at(&desk, 1, hour(1)).await
}

pub(super) async fn an_event_that_was_changed_is_not_moved(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    if !desk.provider.capabilities().etags {
        return Ok(Done::Skipped("events of this provider have no versions"));
    }
    let created = desk.create(1).await?;
    if !h.drag(&created.provider_event, hour(5)).await {
        return Ok(NO_HAND);
    }
    match push(&desk, 1, &created, hour(7)).await {
        Ok(_) => return Err(Failure::new("a change by hand was overwritten")),
        Err(error) => ensure_eq!(
            (error.kind(), error.retry()),
            (ErrorKind::Conflict, Retry::Never),
            "the verdict on a change that came in between"
        ),
    }
    only_at(&desk, 1, hour(5)).await?;
    let seen = desk.there(1).await?;
    push(&desk, 1, &seen, hour(7)).await?;
    only_at(&desk, 1, hour(7)).await
}

pub(super) async fn a_move_in_doubt_is_found(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let mut any = false;
    for (n, fault) in (1..).zip(changes_lost()) {
        let created = desk.create(n).await?;
        if !h.arrange(fault).await {
            continue;
        }
        any = true;
        let to = hour(n + 20);
        let moved = push(&desk, n, &created, to).await;
        h.arrange(CalendarFault::None).await;
        let Err(error) = moved else {
            return Err(Failure::new(format!("{fault:?} was called a success")));
        };
        ensure_eq!(
            error.retry(),
            Retry::Unknown,
            "the verdict on an event that may have moved, after {fault:?}"
        );
        only_at(&desk, n, to).await?;
        let EventLookup::There(found) = desk.provider.event(&key(&desk, n, &created)).await? else {
            return Err(Failure::new("an event that was moved is not found"));
        };
        ensure_eq!(found.when, When::Instants(to), "where it is found");
        let again = push(&desk, n, &found, to).await?;
        ensure_eq!(again.when, When::Instants(to), "where it is when it is moved again");
        only_at(&desk, n, to).await?;
    }
    Ok(if any { Done::Passed } else { NO_SUCH_FAULT })
}

pub(super) async fn what_is_gone_is_not_moved(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let created = desk.create(1).await?;
    desk.provider.cancel(&key(&desk, 1, &created)).await?;
    for key in [key(&desk, 1, &created), desk.new_event(2).key()] {
        match desk.provider.move_event(&key, hour(7), None).await {
            Ok(_) => return Err(Failure::new("an event that is not there was moved")),
            Err(error) => ensure_eq!(
                (error.kind(), error.retry()),
                (ErrorKind::NotFound, Retry::Never),
                "the verdict"
            ),
        }
    }
    ensure!(h.held().await.is_empty(), "an event came back");
    Ok(Done::Passed)
}

pub(super) async fn a_move_by_hand_is_seen(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let created = desk.create(1).await?;
    if !h.drag(&created.provider_event, hour(5)).await {
        return Ok(NO_HAND);
    }
    let EventLookup::There(found) = desk.provider.event(&key(&desk, 1, &created)).await? else {
        return Err(Failure::new("an event that the contractor moved is not found"));
    };
    ensure_eq!(found.when, When::Instants(hour(5)), "where the contractor put it");
    // Sent again it is still the same event, and stays where the contractor put it.
    let again = desk.create(1).await?;
    ensure_eq!(again.when, When::Instants(hour(5)), "where it is when it is sent again");
    only_at(&desk, 1, hour(5)).await
}

pub(super) async fn a_cancelled_event_is_gone(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let (created, other) = (desk.create(1).await?, desk.create(2).await?);
    desk.provider.cancel(&key(&desk, 1, &created)).await?;
    ensure!(desk.held(1).await.is_empty(), "a cancelled event is still there");
    ensure!(
        !matches!(
            desk.provider.event(&key(&desk, 1, &created)).await?,
            EventLookup::There(_)
        ),
        "a cancelled event is found"
    );
    ensure_eq!(desk.there(2).await?, other, "another event");
    only_at(&desk, 2, hour(2)).await
}

pub(super) async fn cancelling_is_always_done(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let (created, kept) = (desk.create(1).await?, desk.create(2).await?);
    for _ in 0..3 {
        desk.provider.cancel(&key(&desk, 1, &created)).await?;
    }
    // Never made, so there is nothing to take out; and one that only its appointment is known of.
    desk.provider.cancel(&desk.new_event(3).key()).await?;
    ensure_eq!(desk.there(2).await?, kept, "another event");
    desk.provider.cancel(&desk.new_event(2).key()).await?;
    ensure!(h.held().await.is_empty(), "an event was left");
    Ok(Done::Passed)
}

pub(super) async fn a_cancellation_in_doubt_may_be_repeated(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let mut any = false;
    for (n, fault) in (1..).zip(changes_lost()) {
        let created = desk.create(n).await?;
        if !h.arrange(fault).await {
            continue;
        }
        any = true;
        let cancelled = desk.provider.cancel(&key(&desk, n, &created)).await;
        h.arrange(CalendarFault::None).await;
        let Err(error) = cancelled else {
            return Err(Failure::new(format!("{fault:?} was called a success")));
        };
        ensure!(
            error.retry() != Retry::Never,
            "a cancellation is given up after {fault:?}"
        );
        desk.provider.cancel(&key(&desk, n, &created)).await?;
        ensure!(desk.held(n).await.is_empty(), "the event is still there");
    }
    Ok(if any { Done::Passed } else { NO_SUCH_FAULT })
}
