//! A calendar service at which the contractor accepts each booking: nobody is told before they have.

use std::time::Duration;

use super::super::store::StoreHarness;
use super::super::{Checked, Failure};
use super::super::{Done, ensure_eq};
use super::cases::{agree, expect, not_free, stored, texts};
use super::world::World;
use crate::appointments::{Appointment, AppointmentStatus};
use crate::center::BookAnswer;

fn event_of(row: &Appointment) -> Result<String, Failure> {
    let event = row.event.as_ref().map(|event| event.event.clone());
    event.ok_or_else(|| Failure::new("a request without an event"))
}

pub(super) async fn what_must_be_accepted_first_is_not_confirmed_before(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let business = world.owner.business;
    world.calendar.ask_first(true);
    let [accepted, declined, forgotten] = ["accepted", "declined", "forgotten"].map(|name| match name {
        "accepted" => world.wish(name, world.time(9)),
        "declined" => world.wish(name, world.time(12)),
        _ => world.wish(name, world.time(15)),
    });
    for wish in [&accepted, &declined, &forgotten] {
        let answer = world.server().book(business, wish).await?;
        expect(
            matches!(answer, BookAnswer::Requested(_)),
            "a booking that has to be accepted",
        )?;
        let again = world.server().book(business, wish).await?;
        expect(matches!(again, BookAnswer::Requested(_)), "the same wish again")?;
    }
    world.days(1).await?;
    ensure_eq!(
        texts(&world).await?.len(),
        0,
        "a confirmation of what nobody has accepted"
    );
    for wish in [&accepted, &declined] {
        let row = stored(&world, wish.id).await?;
        ensure_eq!(row.status, AppointmentStatus::Held, "a request, a day later");
        let other = world.wish(&format!("instead of {}", wish.starts_at), wish.starts_at);
        let answer = world.server_alone(&world.store).book(business, &other).await?;
        expect(not_free(&answer).is_some(), "a time that is asked for")?;
    }
    let row = stored(&world, accepted.id).await?;
    expect(world.calendar.accept(&event_of(&row)?), "an event to accept")?;
    let row = stored(&world, declined.id).await?;
    expect(world.calendar.remove(&event_of(&row)?), "an event to decline")?;
    world.settle().await?;
    let row = stored(&world, accepted.id).await?;
    ensure_eq!(row.status, AppointmentStatus::Scheduled, "what was accepted");
    ensure_eq!(
        texts(&world).await?.len(),
        1,
        "the confirmation of what was accepted alone"
    );
    let row = stored(&world, declined.id).await?;
    ensure_eq!(row.status, AppointmentStatus::Cancelled, "what was declined");
    world.days(5).await?;
    let row = stored(&world, forgotten.id).await?;
    ensure_eq!(
        row.status,
        AppointmentStatus::Cancelled,
        "what nobody accepted until it would have begun"
    );
    agree(&world).await?;
    Ok(Done::Passed)
}

pub(super) async fn a_move_that_must_be_accepted_first_is_not_told_before(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let business = world.owner.business;
    let wish = world.wish("moved", world.time(9));
    world.server().book(business, &wish).await?;
    world.settle().await?;
    let told = texts(&world).await?.len();
    world.calendar.ask_first(true);
    let to = world.time(14);
    let answer = world.server().reschedule(business, wish.id, to, false).await?;
    expect(
        matches!(answer, BookAnswer::Requested(_)),
        "a move that has to be accepted",
    )?;
    world.advance(Duration::from_secs(600));
    world.settle().await?;
    let row = stored(&world, wish.id).await?;
    ensure_eq!(
        (row.starts_at, row.moving_to),
        (wish.starts_at, Some(to)),
        "where it is while nobody has accepted"
    );
    ensure_eq!(
        texts(&world).await?.len(),
        told,
        "news of a move that nobody has accepted"
    );
    for at in [wish.starts_at, to] {
        let other = world.wish(&format!("other at {at}"), at);
        let answer = world.server_alone(&world.store).book(business, &other).await?;
        expect(not_free(&answer).is_some(), "both times stay closed")?;
    }
    expect(world.calendar.accept(&event_of(&row)?), "an event to accept")?;
    world.settle().await?;
    let row = stored(&world, wish.id).await?;
    ensure_eq!((row.starts_at, row.moving_to), (to, None), "once it was accepted");
    agree(&world).await?;
    Ok(Done::Passed)
}
