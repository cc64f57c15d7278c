//! Calendars that are only read: what they hold is in the way, and what is not known of them is not guessed.

use std::time::Duration;

use super::super::store::StoreHarness;
use super::super::{Checked, Failure};
use super::super::{Done, ensure_eq};
use super::cases::{expect, not_free, stored};
use super::world::World;
use crate::center::{Availability, BookAnswer, CommandCenter};
use crate::port::store::TaskFilter;
use crate::port::{self, BusyEntry, BusyReason, TimeRange, When};
use crate::slots::WhyNot;
use crate::tasks::TaskKind;
use crate::{AppointmentId, Timestamp};

const HOUR: Duration = Duration::from_secs(3_600);

fn entry(at: Timestamp, appointment: Option<AppointmentId>) -> BusyEntry {
    BusyEntry {
        when: When::Instants(TimeRange::of(at, HOUR)),
        calendar: String::new(),
        appointment,
        title: None,
        reason: BusyReason::Event,
    }
}

async fn free(server: &CommandCenter, world: &World<'_>) -> Result<Option<Vec<Timestamp>>, Failure> {
    Ok(match server.availability(world.owner.business).await? {
        Availability::Read(free) => Some(free),
        Availability::Unreadable(_) => None,
    })
}

/// Lets a worker look, a few minutes at a time.
async fn pass(world: &World<'_>, server: &CommandCenter, minutes: u64) -> Result<(), Failure> {
    for _ in 0..minutes.div_ceil(2) {
        world.advance(Duration::from_secs(120));
        server.work("healthy", 50).await?;
    }
    Ok(())
}

pub(super) async fn what_other_calendars_hold_is_neither_offered_nor_booked(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let business = world.owner.business;
    let (taken, later) = (world.time(9), world.time(14));
    world.shelf.hold(vec![entry(taken, None)]);
    // With a calendar that is booked as well, and without one.
    let alone = world.server_alone(&world.store);
    let both = world.server();
    expect(
        free(&alone, &world).await?.is_some_and(|free| free.contains(&taken)),
        "a time that is free before",
    )?;
    world.connect_other("Family").await?;
    for server in [&alone, &both] {
        let open = free(server, &world).await?.unwrap_or_default();
        expect(
            !open.contains(&taken) && open.contains(&later),
            "what the other calendar takes and leaves",
        )?;
        let against = server.why_not(business, taken).await?;
        expect(
            matches!(&against[..], [WhyNot::Busy { calendar: Some(name), .. }] if &**name == "Family"),
            "the reason names the calendar",
        )?;
        let days = server.days(business, taken.minus(HOUR), later).await?;
        let days = days.map_err(|_| Failure::new("a week that can be read"))?;
        expect(!days.free.contains(&taken), "the week shows what is taken")?;
        let name = if std::ptr::eq(server, &alone) { "alone" } else { "both" };
        let answer = server.book(business, &world.wish(name, taken)).await?;
        expect(not_free(&answer).is_some(), "a booking over the other calendar")?;
    }
    let wish = world.wish("moved", world.time(11));
    let answer = alone.book(business, &wish).await?;
    expect(matches!(answer, BookAnswer::Booked(_)), "a time that is free")?;
    let answer = alone.reschedule(business, wish.id, taken, true).await?;
    expect(not_free(&answer).is_some(), "a move onto the other calendar")?;
    ensure_eq!(
        stored(&world, wish.id).await?.starts_at,
        world.time(11),
        "it stays where it was"
    );
    // What changes there is seen by a later look, and what did not is not read again.
    pass(&world, &alone, 20).await?;
    ensure_eq!(
        world.shelf.asked().1.and_then(|marks| marks.etag).as_deref(),
        Some("1"),
        "the marks of the copy"
    );
    world.shelf.hold(vec![entry(later, None), entry(later, None)]);
    pass(&world, &alone, 20).await?;
    let open = free(&alone, &world).await?.unwrap_or_default();
    expect(
        open.contains(&taken) && !open.contains(&later),
        "what the other calendar takes now",
    )?;
    alone.disconnect_other(business, "Family").await?;
    let asked = world.shelf.asked().0;
    pass(&world, &alone, 40).await?;
    ensure_eq!(
        world.shelf.asked().0,
        asked,
        "looks at a calendar that is not ours any more"
    );
    expect(
        free(&alone, &world).await?.is_some_and(|free| free.contains(&later)),
        "nothing is in the way any more",
    )?;
    ensure_eq!(
        world.store.calendar_copies(business).await?,
        [],
        "what was read is forgotten"
    );
    Ok(Done::Passed)
}

pub(super) async fn other_calendars_count_beside_a_calendar_with_rules_of_its_own(h: &dyn StoreHarness) -> Checked {
    let world = World::open_with(h, port::Availability::Slots).await?;
    let business = world.owner.business;
    let server = world.server();
    let (taken, left) = (world.time(9), world.time(14));
    world.shelf.hold(vec![entry(taken, None)]);
    world.connect_other("Family").await?;
    let open = free(&server, &world).await?.unwrap_or_default();
    expect(
        !open.contains(&taken) && open.contains(&left),
        "what the service offers and the other calendar leaves",
    )?;
    let against = server.why_not(business, taken).await?;
    expect(
        matches!(&against[..], [WhyNot::Busy { calendar: Some(name), .. }] if &**name == "Family"),
        "the reason names the calendar",
    )?;
    let answer = server.book(business, &world.wish("over it", taken)).await?;
    expect(not_free(&answer).is_some(), "a booking over the other calendar")?;
    let answer = server.book(business, &world.wish("beside it", left)).await?;
    expect(matches!(answer, BookAnswer::Booked(_)), "a time that both leave")?;
    Ok(Done::Passed)
}

pub(super) async fn an_other_calendar_that_cannot_be_read_is_neither_free_nor_full(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let business = world.owner.business;
    let server = world.server_alone(&world.store);
    let taken = world.time(9);
    world.shelf.hold(vec![entry(taken, None)]);
    world.connect_other("Family").await?;
    world.shelf.away(true);
    let reconnect = || async {
        let tasks = world.store.tasks(business, &TaskFilter::OPEN, 50).await?;
        let found = tasks
            .into_iter()
            .filter(|task| task.kind == TaskKind::CalendarReconnect);
        Ok::<_, Failure>(found.collect::<Vec<_>>())
    };
    pass(&world, &server, 40).await?;
    ensure_eq!(reconnect().await?.len(), 0, "a short failure is nobody's task");
    pass(&world, &server, 120).await?;
    let told = reconnect().await?;
    ensure_eq!(told.len(), 1, "a person is told once");
    expect(
        told.iter()
            .all(|task| task.sentence.contains("Family") && task.sentence.contains("It is gone.")),
        "which calendar it is, and why",
    )?;
    expect(
        free(&server, &world)
            .await?
            .is_some_and(|free| !free.is_empty() && !free.contains(&taken)),
        "the copy counts for a while",
    )?;
    pass(&world, &server, 220).await?;
    ensure_eq!(free(&server, &world).await?, None, "a copy that is too old");
    let answer = server.book(business, &world.wish("blind", world.time(11))).await?;
    expect(
        matches!(answer, BookAnswer::Unreadable(_)),
        "a booking that nobody can judge",
    )?;
    expect(
        server.days(business, taken, taken.plus(HOUR)).await?.is_err(),
        "a week that nobody can judge",
    )?;
    world.shelf.away(false);
    pass(&world, &server, 20).await?;
    ensure_eq!(reconnect().await?.len(), 0, "read again");
    let answer = server.book(business, &world.wish("seeing", world.time(11))).await?;
    expect(
        matches!(answer, BookAnswer::Booked(_)),
        "a calendar that can be read again",
    )?;
    Ok(Done::Passed)
}

pub(super) async fn our_own_appointments_in_another_calendar_do_not_count_twice(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let business = world.owner.business;
    let server = world.server_alone(&world.store);
    let wish = world.wish("ours", world.time(9));
    let answer = server.book(business, &wish).await?;
    expect(matches!(answer, BookAnswer::Booked(_)), "a free time")?;
    // An appointment of somebody else's business looks the same and is in the way.
    let theirs = world.wish("of another business", world.time(14));
    world.shelf.hold(vec![
        entry(wish.starts_at, Some(wish.id)),
        entry(theirs.starts_at, Some(theirs.id)),
    ]);
    world.connect_other("Copy of ours").await?;
    let answer = server.reschedule(business, wish.id, world.time(11), false).await?;
    expect(matches!(answer, BookAnswer::Booked(_)), "a move away")?;
    let open = free(&server, &world).await?.unwrap_or_default();
    expect(
        open.contains(&world.time(9)),
        "the time it was at, which the other calendar still shows",
    )?;
    expect(!open.contains(&theirs.starts_at), "an appointment of another business")?;
    Ok(Done::Passed)
}
