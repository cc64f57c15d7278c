//! What the contractor does in their own calendar, and a calendar that has rules of its own.

use std::time::Duration;

use super::super::calendar::CalendarFault;
use super::super::store::StoreHarness;
use super::super::{Checked, Failure};
use super::super::{Done, ensure_eq};
use super::cases::{agree, expect, not_free, stored, texts};
use super::world::World;
use crate::appointments::{Appointment, AppointmentSource, AppointmentStatus, CancelledBy, Wish};
use crate::center::{Availability, BookAnswer, CenterError, Replaces};
use crate::conversation::MessageKind;
use crate::port::store::TaskFilter;
use crate::port::{self, TimeRange};
use crate::tasks::{Task, TaskKind};

const HOUR: Duration = Duration::from_secs(3_600);

pub(super) async fn tasks(world: &World<'_>, kind: TaskKind) -> Result<Vec<Task>, Failure> {
    let open = TaskFilter::OPEN;
    let tasks = world.store.tasks(world.owner.business, &open, 50).await?;
    Ok(tasks.into_iter().filter(|task| task.kind == kind).collect())
}

/// Books a time and lets the confirmation go out.
async fn booked(world: &World<'_>, name: &str, hour: u32) -> Result<Appointment, Failure> {
    let wish = world.wish(name, world.time(hour));
    let answer = world.server().book(world.owner.business, &wish).await?;
    expect(matches!(answer, BookAnswer::Booked(_)), "a free time")?;
    world.settle().await?;
    stored(world, wish.id).await
}

fn event_of(row: &Appointment) -> Result<String, Failure> {
    let event = row.event.as_ref().map(|event| event.event.clone());
    event.ok_or_else(|| Failure::new("a booked appointment without an event"))
}

pub(super) async fn what_is_moved_by_hand_is_followed(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let business = world.owner.business;
    world.connect("one", Replaces::Nothing).await?;
    let row = booked(&world, "moved", 9).await?;
    let later = booked(&world, "later", 16).await?;
    let told = texts(&world).await?.len();
    let to = world.time(13);
    world.calendar.drag(&event_of(&row)?, TimeRange::of(to, HOUR * 2));
    world.server().calendar_news(business).await?;
    world.settle().await?;
    let moved = stored(&world, row.id).await?;
    ensure_eq!(
        (moved.starts_at, moved.duration_minutes),
        (to, 120),
        "where the contractor put it"
    );
    agree(&world).await?;
    let raised = tasks(&world, TaskKind::CalendarChanged).await?;
    ensure_eq!(raised.len(), 1, "the contractor is told once what was understood");
    ensure_eq!(
        texts(&world).await?.get(told..),
        Some(&[MessageKind::AppointmentConfirmation][..]),
        "texts to a customer whose appointment is at another time"
    );
    let answer = world
        .server()
        .book(business, &world.wish("old time", row.starts_at))
        .await?;
    expect(matches!(answer, BookAnswer::Booked(_)), "the time that became free")?;
    world.settle().await?;
    // Over another appointment: both stand, and the time stays closed.
    world
        .calendar
        .drag(&event_of(&moved)?, TimeRange::of(later.starts_at, HOUR));
    world.server().calendar_news(business).await?;
    world.settle().await?;
    ensure_eq!(
        stored(&world, row.id).await?.starts_at,
        later.starts_at,
        "one appointment over another"
    );
    let overlap = tasks(&world, TaskKind::CalendarChanged).await?;
    let overlap = overlap.iter().filter(|task| task.sentence.contains("overlaps"));
    ensure_eq!(overlap.count(), 1, "the contractor is told of it");
    let answer = world
        .server()
        .book(business, &world.wish("third", later.starts_at))
        .await?;
    expect(not_free(&answer).is_some(), "a time that two appointments take")?;
    // Reminders go by the new time alone.
    world.days(6).await?;
    let reminded = stored(&world, row.id).await?.reminders;
    expect(!reminded.is_empty(), "no reminder of the new time")?;
    let new_time_only = reminded.iter().all(|sent| sent.starts_at == later.starts_at);
    expect(new_time_only, "a reminder of the time before")?;
    Ok(Done::Passed)
}

pub(super) async fn what_is_removed_by_hand_is_called_off_for_good(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let business = world.owner.business;
    world.connect("one", Replaces::Nothing).await?;
    let (told, forgotten) = (booked(&world, "told", 9).await?, booked(&world, "forgotten", 14).await?);
    world.calendar.remove(&event_of(&told)?);
    world.server().calendar_news(business).await?;
    world.settle().await?;
    // Nobody tells of this one, and where the last look ended is forgotten too: the next look by itself finds it.
    world.calendar.remove(&event_of(&forgotten)?);
    world.calendar.arrange(CalendarFault::TokensForgotten);
    world.calendar.arrange(CalendarFault::None);
    world.advance(Duration::from_secs(20 * 60));
    world.settle().await?;
    for row in [&told, &forgotten] {
        let after = stored(&world, row.id).await?;
        ensure_eq!(
            (after.status, after.cancelled_by),
            (AppointmentStatus::Cancelled, Some(CancelledBy::Business)),
            "an appointment whose event was removed"
        );
    }
    agree(&world).await?;
    ensure_eq!(
        tasks(&world, TaskKind::CalendarChanged).await?.len(),
        2,
        "one task each"
    );
    world.days(6).await?;
    let texts = texts(&world).await?;
    let of = |wanted: MessageKind| texts.iter().filter(|kind| **kind == wanted).count();
    ensure_eq!(
        of(MessageKind::AppointmentReminder),
        0,
        "reminders of what does not take place"
    );
    ensure_eq!(
        of(MessageKind::AppointmentCancelled),
        2,
        "texts to customers who would come in vain"
    );
    agree(&world).await?;
    Ok(Done::Passed)
}

pub(super) async fn a_removed_event_calls_off_and_only_a_person_makes_it_anew(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let business = world.owner.business;
    let row = booked(&world, "customer", 9).await?;
    world.calendar.remove(&event_of(&row)?);
    // Nobody has looked yet, and the customer wants another time.
    let answer = world
        .server()
        .reschedule(business, row.id, world.time(11), false)
        .await?;
    expect(
        not_free(&answer).is_some(),
        "an appointment that the contractor removed",
    )?;
    world.settle().await?;
    ensure_eq!(
        stored(&world, row.id).await?.status,
        AppointmentStatus::Cancelled,
        "a move of what was removed"
    );
    let row = booked(&world, "contractor", 10).await?;
    world.calendar.remove(&event_of(&row)?);
    let answer = world
        .server()
        .reschedule(business, row.id, world.time(12), true)
        .await?;
    expect(
        matches!(answer, BookAnswer::Booked(_)),
        "a person who wants it after all",
    )?;
    world.settle().await?;
    let after = stored(&world, row.id).await?;
    ensure_eq!(after.calendar_attempt, 1, "the identifier before cannot be used again");
    expect(
        event_of(&after)? != event_of(&row)?,
        "an event under an identifier that is used up",
    )?;
    agree(&world).await?;
    Ok(Done::Passed)
}

pub(super) async fn a_calendar_that_refuses_us_is_told_once_and_connected_again(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let business = world.owner.business;
    world.connect("one", Replaces::Nothing).await?;
    world.settle().await?;
    for replaces in [Replaces::Nothing, Replaces::Connection("another")] {
        let again = world.connect("two", replaces).await;
        expect(
            matches!(again, Err(CenterError::Refused(_))),
            "a connection that nobody wanted to replace",
        )?;
    }
    world.connect("two", Replaces::Connection("one")).await?;
    world.settle().await?;
    world.calendar.arrange(CalendarFault::Revoked);
    for name in ["first", "second"] {
        let answer = world.server().book(business, &world.wish(name, world.time(9))).await?;
        expect(
            matches!(answer, BookAnswer::Unreadable(_)),
            "a booking that nobody could write down",
        )?;
    }
    ensure_eq!(
        tasks(&world, TaskKind::CalendarReconnect).await?.len(),
        1,
        "the contractor is told once"
    );
    let owner = world.server().business(business).await?;
    let connection = owner.settings.calendar.connection.as_ref();
    expect(
        connection.is_some_and(|one| one.reconnect_since.is_some()),
        "a connection that does not work",
    )?;
    world.calendar.arrange(CalendarFault::None);
    world.connect("three", Replaces::Nothing).await?;
    world.settle().await?;
    ensure_eq!(
        tasks(&world, TaskKind::CalendarReconnect).await?.len(),
        0,
        "connected again"
    );
    let answer = world
        .server()
        .book(business, &world.wish("third", world.time(9)))
        .await?;
    expect(matches!(answer, BookAnswer::Booked(_)), "a calendar that works again")?;
    agree(&world).await?;
    Ok(Done::Passed)
}

pub(super) async fn channels_are_renewed_and_looks_go_on(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let business = world.owner.business;
    world.connect("one", Replaces::Nothing).await?;
    world.settle().await?;
    let first = world.calendar.channels();
    ensure_eq!(first.len(), 1, "channels of a connected calendar");
    let sync = world.store.calendar_sync(business).await?;
    expect(
        sync.is_some_and(|sync| sync.synced_at.is_some() && sync.connection == "one"),
        "a calendar that was followed",
    )?;
    // Failures do not end the looks.
    world.calendar.arrange(CalendarFault::Unreachable);
    world.days(2).await?;
    world.calendar.arrange(CalendarFault::None);
    world.days(5).await?;
    let second = world.calendar.channels();
    ensure_eq!(second.len(), 1, "channels of a connected calendar, a week later");
    expect(first != second, "a channel that was not renewed before its end")?;
    let sync = world.store.calendar_sync(business).await?;
    let day_ago = port::Clock::now(&*world.clock).minus(HOUR);
    expect(
        sync.is_some_and(|sync| sync.synced_at.is_some_and(|at| at > day_ago)),
        "looks that ended",
    )?;
    world.server().disconnect_calendar(business, "tokens").await?;
    world.settle().await?;
    let before = world.store.calendar_sync(business).await?;
    world.days(1).await?;
    ensure_eq!(
        world.store.calendar_sync(business).await?,
        before,
        "looks at a calendar that is not ours any more"
    );
    Ok(Done::Passed)
}

pub(super) async fn a_calendar_with_rules_of_its_own_decides_what_is_free(h: &dyn StoreHarness) -> Checked {
    let world = World::open_with(h, port::Availability::Slots).await?;
    let business = world.owner.business;
    // Long after our own hours; on the grid of the calendar.
    let night = world.time(22);
    let off_grid = world.time(10).plus(Duration::from_secs(900));
    let open = world.server().availability(business).await?;
    let free = |open: &Availability| match open {
        Availability::Read(free) => free.clone(),
        Availability::Unreadable(_) => Vec::new(),
    };
    expect(free(&open).contains(&night), "a time that the calendar offers")?;
    ensure_eq!(
        world.server().why_not(business, night).await?,
        Vec::new(),
        "what stands against it"
    );
    let against = world.server().why_not(business, off_grid).await?;
    let codes: Vec<_> = against.iter().map(crate::slots::WhyNot::code).collect();
    ensure_eq!(
        codes,
        ["not_offered"],
        "what stands against a time that it does not offer"
    );
    let wish = world.wish("night", night);
    let answer = world.server().book(business, &wish).await?;
    expect(
        matches!(answer, BookAnswer::Booked(_)),
        "a time that the calendar offers",
    )?;
    let by_hand = Wish {
        source: AppointmentSource::Manual,
        ..world.wish("off grid", off_grid)
    };
    for wish in [
        world.wish("off grid by text", off_grid),
        by_hand,
        world.wish("other", night),
    ] {
        let answer = world.server().book(business, &wish).await?;
        expect(not_free(&answer).is_some(), "a time that the calendar does not offer")?;
    }
    let to = world.time(20);
    let answer = world.server().reschedule(business, wish.id, to, false).await?;
    expect(matches!(answer, BookAnswer::Booked(_)), "another time that it offers")?;
    let answer = world.server().reschedule(business, wish.id, off_grid, false).await?;
    expect(not_free(&answer).is_some(), "one that it does not")?;
    world.settle().await?;
    ensure_eq!(stored(&world, wish.id).await?.starts_at, to, "where it is");
    let open = world.server().availability(business).await?;
    expect(
        free(&open).contains(&night) && !free(&open).contains(&to),
        "what is free now",
    )?;
    world.calendar.arrange(CalendarFault::Unreachable);
    let open = world.server().availability(business).await?;
    expect(matches!(open, Availability::Unreadable(_)), "a calendar that is away")?;
    world.calendar.arrange(CalendarFault::None);
    agree(&world).await?;
    Ok(Done::Passed)
}
