//! What a customer hears when the business calls an appointment off, or moves it.

use std::time::Duration;

use super::super::store::StoreHarness;
use super::super::{Checked, Done, Failure, ensure_eq};
use super::cases::{agree, expect, stored, texts};
use super::following::tasks;
use super::texting::{asks, booked, caller, is_offered_times, sent, talk, writes};
use super::world::World;
use crate::appointments::{AppointmentStatus, CallOff, CancelledBy};
use crate::center::{BookAnswer, Replaces};
use crate::conversation::dialogue::Stage;
use crate::conversation::{Message, MessageKind};
use crate::port::store::TaskFilter;
use crate::port::{Clock as _, TimeRange};
use crate::tasks::TaskKind;
use crate::zone::Zone;
use crate::{AppointmentId, Timestamp};

const BY_HAND: CallOff<'_> = CallOff {
    by: CancelledBy::Business,
    reason: Some("The van broke down."),
    tell_customer: true,
};

/// Books a time and lets the confirmation go out.
async fn confirmed(world: &World<'_>, name: &str, at: Timestamp) -> Result<AppointmentId, Failure> {
    let wish = world.wish(name, at);
    let answer = world.server().book(world.owner.business, &wish).await?;
    expect(matches!(answer, BookAnswer::Booked(_)), "a free time")?;
    world.settle().await?;
    Ok(wish.id)
}

async fn call_off(world: &World<'_>, id: AppointmentId, off: CallOff<'_>) -> Result<(), Failure> {
    let row = world.server().cancel_appointment(world.owner.business, id, off).await?;
    expect(row.status == AppointmentStatus::Cancelled, "called off at once")
}

async fn told_off(world: &World<'_>) -> Result<Vec<Message>, Failure> {
    let mut told = sent(world, caller()).await?;
    told.retain(|message| message.kind == MessageKind::AppointmentCancelled);
    Ok(told)
}

/// The open requests to call the customer.
async fn to_call(world: &World<'_>) -> Result<usize, Failure> {
    let open = tasks(world, TaskKind::Callback).await?;
    let of_customer = open.iter().filter(|task| task.phone == Some(caller()));
    Ok(of_customer
        .filter(|task| task.sentence.contains("was called off"))
        .count())
}

/// Lets the clocks go on to an hour of the day, so many days from now.
fn until(world: &World<'_>, days: i32, hour: u32) {
    let (zone, now) = (world.owner.zone(), world.clock.now());
    world.advance(at(zone, now, days, hour).since(now));
}

fn at(zone: &Zone, now: Timestamp, days: i32, hour: u32) -> Timestamp {
    let day = zone.to_local(now).day.plus_days(days);
    zone.resolve(day, hour * 3_600).start()
}

pub(super) async fn whom_we_call_off_is_told_once(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let business = world.owner.business;
    world.connect("one", Replaces::Nothing).await?;
    let id = confirmed(&world, "told", world.time(14)).await?;
    // Two people at once, and one of them again.
    let (here, there) = (world.server(), world.server());
    let (one, two) = futures_util::future::join(
        here.cancel_appointment(business, id, BY_HAND),
        there.cancel_appointment(business, id, BY_HAND),
    )
    .await;
    one?;
    two?;
    call_off(&world, id, BY_HAND).await?;
    world.settle().await?;
    let told = told_off(&world).await?;
    ensure_eq!(told.len(), 1, "texts of one cancellation");
    let says = |words: &str| told.iter().all(|text| text.body.contains(words));
    expect(
        says("was called off") && says(&world.owner.settings.profile.name) && says("2:00 PM"),
        &format!("what was called off: {told:?}"),
    )?;
    world.days(6).await?;
    ensure_eq!(
        texts(&world).await?,
        vec![MessageKind::AppointmentConfirmation, MessageKind::AppointmentCancelled],
        "texts in all"
    );
    agree(&world).await?;
    Ok(Done::Passed)
}

pub(super) async fn who_need_not_hear_of_a_cancellation_does_not(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let business = world.owner.business;
    // A person who has told them, or a customer who called it off.
    let id = confirmed(&world, "knows", world.time(9)).await?;
    let told_already = CallOff {
        tell_customer: false,
        ..BY_HAND
    };
    call_off(&world, id, told_already).await?;
    // Nobody to text.
    let mut nobody = world.wish("nobody", world.time(9));
    nobody.customer.phone = None;
    world.server().book(business, &nobody).await?;
    call_off(&world, nobody.id, BY_HAND).await?;
    // What has begun.
    let id = confirmed(&world, "begun", world.time(9)).await?;
    world.days(5).await?;
    call_off(&world, id, BY_HAND).await?;
    world.settle().await?;
    ensure_eq!(told_off(&world).await?.len(), 0, "texts that nobody needs");
    // Called off in time, and nobody worked until it began.
    let id = confirmed(&world, "late", world.time(9)).await?;
    call_off(&world, id, BY_HAND).await?;
    until(&world, 5, 12);
    world.settle().await?;
    ensure_eq!(told_off(&world).await?.len(), 0, "texts of what has begun");
    ensure_eq!(to_call(&world).await?, 1, "a person who is asked to call");
    // A business that does not want it.
    let mut settings = (*world.owner.settings).clone();
    settings.templates.appointment_cancelled_enabled = false;
    let server = world.server();
    let version = server.business(business).await?.version;
    server.save_settings(business, settings, version).await?;
    let id = confirmed(&world, "off", world.time(9)).await?;
    call_off(&world, id, BY_HAND).await?;
    world.settle().await?;
    ensure_eq!(told_off(&world).await?.len(), 0, "texts that are switched off");
    Ok(Done::Passed)
}

pub(super) async fn who_has_opted_out_is_not_told_but_called(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let before = confirmed(&world, "before", world.time(9)).await?;
    let after = confirmed(&world, "after", world.time(14)).await?;
    // Called off and not told yet when the STOP comes.
    call_off(&world, before, BY_HAND).await?;
    writes(&world, &world.server(), caller(), "STOP").await?;
    call_off(&world, after, BY_HAND).await?;
    world.days(6).await?;
    let texts = texts(&world).await?;
    let since = texts
        .iter()
        .filter(|kind| **kind != MessageKind::AppointmentConfirmation);
    expect(
        since.clone().all(|kind| *kind == MessageKind::OptOutConfirmation),
        &format!("texts after a STOP: {texts:?}"),
    )?;
    ensure_eq!(to_call(&world).await?, 2, "whom a person is asked to call of");
    Ok(Done::Passed)
}

pub(super) async fn a_customer_of_a_business_without_a_number_is_called(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let server = world.server_alone(&world.store);
    let settings = (*world.owner.settings).clone();
    let silent = server.create_business(None, settings, Vec::new()).await?.business;
    let wish = world.wish("silent", world.time(9));
    let answer = server.book(silent, &wish).await?;
    expect(matches!(answer, BookAnswer::Booked(_)), "a free time")?;
    server.cancel_appointment(silent, wish.id, BY_HAND).await?;
    for _ in 0..3 {
        world.advance(Duration::from_secs(60));
        server.work("healthy", 50).await?;
    }
    let open = world.store.tasks(silent, &TaskFilter::OPEN, 50).await?;
    let asked: Vec<bool> = open.iter().map(|task| task.phone == Some(caller())).collect();
    ensure_eq!(asked, [true], "who is asked to call");
    ensure_eq!(world.gateway.went_out().len(), 0, "texts without a sender");
    Ok(Done::Passed)
}

pub(super) async fn what_was_moved_by_hand_is_not_told_at_night(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let business = world.owner.business;
    world.connect("one", Replaces::Nothing).await?;
    let id = confirmed(&world, "dragged", world.time(9)).await?;
    until(&world, 0, 20);
    world.advance(Duration::from_secs(50 * 60));
    let event = stored(&world, id).await?.event.map(|event| event.event);
    let event = event.ok_or_else(|| Failure::new("a booked appointment without an event"))?;
    world
        .calendar
        .drag(&event, TimeRange::of(world.time(14), Duration::from_secs(3_600)));
    let server = world.server();
    server.calendar_news(business).await?;
    for _ in 0..3 {
        world.advance(Duration::from_secs(10));
        server.work("healthy", 50).await?;
    }
    ensure_eq!(stored(&world, id).await?.starts_at, world.time(14), "where it is");
    // The text was due before nine; whoever hands it over comes back a little after.
    world.advance(Duration::from_secs(13 * 60));
    world.settle().await?;
    let confirmations = || async {
        let mut told = sent(&world, caller()).await?;
        told.retain(|message| message.kind == MessageKind::AppointmentConfirmation);
        Ok::<_, Failure>(told.len())
    };
    ensure_eq!(confirmations().await?, 1, "texts at night");
    world.days(1).await?;
    ensure_eq!(confirmations().await?, 2, "texts in the morning");
    Ok(Done::Passed)
}

pub(super) async fn a_text_of_a_cancellation_in_doubt_is_followed_up(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let id = confirmed(&world, "in doubt", world.time(14)).await?;
    call_off(&world, id, BY_HAND).await?;
    world.die_texting().await?;
    ensure_eq!(world.gateway.went_out().len(), 2, "texts handed over");
    ensure_eq!(told_off(&world).await?.len(), 0, "texts known to have gone out");
    // Its time has come before anybody looks.
    until(&world, 5, 12);
    world.settle().await?;
    ensure_eq!(told_off(&world).await?.len(), 1, "once somebody looked");
    ensure_eq!(world.gateway.went_out().len(), 2, "texts handed over in all");
    Ok(Done::Passed)
}

pub(super) async fn a_customer_in_quiet_hours_is_told_in_the_morning_or_called(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let (later, first) = (world.time(14), world.time(8));
    let later = confirmed(&world, "later", later).await?;
    let first = confirmed(&world, "first", first).await?;
    until(&world, 0, 23);
    call_off(&world, later, BY_HAND).await?;
    world.settle().await?;
    ensure_eq!(told_off(&world).await?.len(), 0, "texts at night");
    world.days(1).await?;
    ensure_eq!(told_off(&world).await?.len(), 1, "texts in the morning");
    ensure_eq!(to_call(&world).await?, 0, "calls to somebody who was told");
    // The night before the visit: in the morning it would be too late.
    until(&world, 2, 23);
    call_off(&world, first, BY_HAND).await?;
    world.settle().await?;
    ensure_eq!(to_call(&world).await?, 1, "who is asked to call, at once");
    world.days(2).await?;
    ensure_eq!(told_off(&world).await?.len(), 1, "texts of what has begun");
    ensure_eq!(to_call(&world).await?, 1, "requests to call in all");
    Ok(Done::Passed)
}

pub(super) async fn a_move_away_and_back_is_told_each_time(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let business = world.owner.business;
    let (first, second) = (world.time(9), world.time(14));
    let id = confirmed(&world, "moved", first).await?;
    for to in [second, first] {
        for _ in 0..2 {
            let answer = world.server().reschedule(business, id, to, true).await?;
            expect(matches!(answer, BookAnswer::Booked(_)), "a free time")?;
        }
        world.settle().await?;
        ensure_eq!(stored(&world, id).await?.starts_at, to, "where it is");
    }
    let told = sent(&world, caller()).await?;
    let said: Vec<bool> = told.iter().map(|text| text.body.contains("at 9:00 AM")).collect();
    ensure_eq!(said, [true, false, true], "what the customer was told, in order");
    Ok(Done::Passed)
}

pub(super) async fn the_next_time_is_found_with_a_yes(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    is_offered_times(&world, caller()).await?;
    asks(&world, caller(), "1").await?;
    let rows = booked(&world, caller()).await?;
    let row = rows.first().ok_or_else(|| Failure::new("nothing was booked"))?;
    call_off(&world, row.id, BY_HAND).await?;
    world.settle().await?;
    ensure_eq!(told_off(&world).await?.len(), 1, "texts of one cancellation");
    asks(&world, caller(), "YES").await?;
    for answer in ["The sink is clogged again", "It can wait"] {
        if talk(&world, caller()).await?.dialogue.stage == Stage::OfferingSlots {
            break;
        }
        asks(&world, caller(), answer).await?;
    }
    ensure_eq!(
        talk(&world, caller()).await?.dialogue.stage,
        Stage::OfferingSlots,
        "after a yes"
    );
    Ok(Done::Passed)
}
