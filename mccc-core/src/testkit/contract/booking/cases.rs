//! The cases.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::super::calendar::{CalendarFault, Entry, Loss};
use super::super::store::StoreHarness;
use super::super::{Checked, Failure};
use super::super::{Done, ensure_eq};
use super::world::{Mortal, World};
use crate::appointments::{Appointment, AppointmentStatus, CallOff, CancelledBy};
use crate::center::{Availability, BookAnswer, CenterError, TextAnswer};
use crate::conversation::MessageKind;
use crate::port::store::{AppointmentFilter, Bookings};
use crate::port::{Clock, InboundText, TimeRange, Verified};
use crate::testkit::build;
use crate::testkit::fake::FakeCalendar;
use crate::{AppointmentId, Timestamp};

/// How many bookers want one time at the same moment.
const BOOKERS: usize = 1_000;
/// More steps than any booking has: the last tries are not interrupted.
const MOST_STEPS: usize = 14;

async fn everything(world: &World<'_>) -> Result<Bookings, Failure> {
    let (from, until) = (Timestamp::UNIX_EPOCH, Timestamp::from_seconds(10_000_000_000));
    Ok(world.store.bookings(world.owner.business, from, until).await?)
}

pub(super) async fn stored(world: &World<'_>, id: AppointmentId) -> Result<Appointment, Failure> {
    let row = world.store.appointment(world.owner.business, id).await?;
    row.ok_or_else(|| Failure::new("an appointment that was asked for is not there"))
}

pub(super) fn not_free(answer: &BookAnswer) -> Option<&[Timestamp]> {
    match answer {
        BookAnswer::NotFree { free, .. } => Some(free),
        BookAnswer::Booked(_) | BookAnswer::Pending(_) | BookAnswer::Requested(_) | BookAnswer::Unreadable(_) => None,
    }
}

pub(super) fn expect(holds: bool, what: &str) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(Failure::new(what)) }
}

/// What must hold once everything has been looked after: rows, closed time and calendar say the same.
pub(super) async fn agree(world: &World<'_>) -> Result<(), Failure> {
    let there = everything(world).await?;
    let events = world.calendar.held();
    let mut closed = BTreeSet::new();
    for (id, block) in &there.blocks {
        ensure_eq!(
            block.expires_at,
            None,
            "time that is closed for a while only, long after"
        );
        expect(closed.insert(*id), "an appointment that closes two times, long after")?;
    }
    for row in &there.appointments {
        let mine: Vec<_> = events
            .iter()
            .filter(|event| event.appointment == Some(row.id))
            .map(|event| event.range.start)
            .collect();
        ensure_eq!(row.moving_to, None, "a move that never ended");
        match row.status {
            AppointmentStatus::Scheduled | AppointmentStatus::Confirmed => {
                ensure_eq!(mine, vec![row.starts_at], "the events of a booked appointment");
                expect(closed.contains(&row.id), "a booked appointment that closes no time")?;
            }
            AppointmentStatus::Cancelled => {
                ensure_eq!(mine, Vec::new(), "the events of a cancelled appointment");
                expect(!closed.contains(&row.id), "a cancelled appointment that closes time")?;
            }
            AppointmentStatus::Held => return Err(Failure::new("a time that is held long after")),
            AppointmentStatus::Completed | AppointmentStatus::NoShow | AppointmentStatus::Rescheduled => {
                return Err(Failure::new("a state that nobody asked for"));
            }
        }
    }
    let known: BTreeSet<_> = there.appointments.iter().map(|row| row.id).collect();
    let orphan = events
        .iter()
        .any(|event| event.appointment.is_some_and(|id| !known.contains(&id)));
    expect(!orphan, "an event that no appointment knows")
}

pub(super) async fn of_a_thousand_bookers_one_gets_the_time(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let at = world.time(10);
    let servers = [
        Arc::new(world.server_alone(&world.store)),
        Arc::new(world.server_alone(&world.other)),
    ];
    let mut bookers = JoinSet::new();
    for booker in 0..BOOKERS {
        let server = servers
            .get(booker % 2)
            .map(Arc::clone)
            .ok_or_else(|| Failure::new("two servers"))?;
        let wish = world.wish(&format!("booker {booker}"), at);
        let business = world.owner.business;
        bookers.spawn(async move {
            // Whoever is told to come back comes back: the same wish books once, however often it is sent.
            let mut answer = server.book(business, &wish).await;
            for _ in 0..50 {
                if !matches!(
                    answer,
                    Err(CenterError::Store(_) | CenterError::Stale | CenterError::AnswerLost)
                ) {
                    break;
                }
                answer = server.book(business, &wish).await;
            }
            answer
        });
    }
    let (mut won, mut lost) = (0, 0);
    while let Some(answer) = bookers.join_next().await {
        let answer = answer.map_err(|error| Failure::new(error.to_string()))??;
        match (&answer, not_free(&answer)) {
            (BookAnswer::Booked(_), _) => won += 1,
            (_, Some(free)) => {
                lost += 1;
                expect(!free.is_empty(), "a loser who is offered nothing")?;
                expect(!free.contains(&at), "a loser who is offered the time that is gone")?;
                // Which of them suit is for whoever talks to the caller to say: one of the last day may.
                expect(
                    free.last().is_some_and(|last| *last > at),
                    "a loser who is offered only what comes first",
                )?;
            }
            _ => return Err(Failure::new("an answer that is neither")),
        }
    }
    ensure_eq!((won, lost), (1, BOOKERS - 1), "who got the time");
    let there = everything(&world).await?;
    ensure_eq!(
        (there.appointments.len(), there.blocks.len()),
        (1, 1),
        "appointments and closed times"
    );
    Ok(Done::Passed)
}

pub(super) async fn a_wish_that_is_sent_again_books_once(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let server = world.server();
    let wish = world.wish("again", world.time(10));
    for _ in 0..3 {
        let answer = server.book(world.owner.business, &wish).await?;
        expect(
            matches!(answer, BookAnswer::Booked(_)),
            "a wish that was granted before",
        )?;
    }
    ensure_eq!(world.calendar.held().len(), 1, "events of one wish");
    world.settle().await?;
    agree(&world).await?;
    Ok(Done::Passed)
}

pub(super) async fn a_full_day_is_not_booked_further(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let server = world.server();
    let mut settings = (*world.owner.settings).clone();
    settings.booking.max_per_day = 2;
    server
        .save_settings(world.owner.business, settings, world.owner.version)
        .await?;
    let business = world.owner.business;
    for hour in [8, 10] {
        let answer = server
            .book(business, &world.wish(&hour.to_string(), world.time(hour)))
            .await?;
        expect(matches!(answer, BookAnswer::Booked(_)), "a day with room")?;
    }
    let answer = server.book(business, &world.wish("third", world.time(14))).await?;
    let day = |at: Timestamp| world.owner.zone().to_local(at).day;
    let free = not_free(&answer).ok_or_else(|| Failure::new("a third of at most two"))?;
    expect(
        free.iter().all(|at| day(*at) != day(world.time(14))),
        "a full day that is offered",
    )?;
    // A person of the business may have more.
    let mut by_hand = world.wish("by hand", world.time(14));
    by_hand.source = crate::appointments::AppointmentSource::Manual;
    let answer = server.book(business, &by_hand).await?;
    expect(
        matches!(answer, BookAnswer::Booked(_)),
        "a person's own booking on a full day",
    )?;
    Ok(Done::Passed)
}

pub(super) async fn a_crash_after_any_step_of_a_booking_loses_nothing(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    for step in 0..MOST_STEPS {
        let at = world.time(9);
        let mortal = Mortal::new(&world.calendar, step);
        let server = world.server_with(Some(Arc::clone(&mortal) as _));
        let wish = world.wish(&format!("step {step}"), at);
        let lived = mortal
            .outlives(server.book(world.owner.business, &wish))
            .await
            .is_some();
        world.settle().await?;
        agree(&world).await?;
        let row = stored(&world, wish.id).await?;
        ensure_eq!(
            row.status,
            AppointmentStatus::Scheduled,
            "a booking that died at step {step} and was looked after"
        );
        if lived {
            expect(step > 3, "a booking with hardly a step")?;
            return Ok(Done::Passed);
        }
        // The next try wants another day.
        world.advance(Duration::from_secs(24 * 3_600));
    }
    Err(Failure::new("a booking has more steps than were tried"))
}

pub(super) async fn a_crash_after_any_step_of_a_move_loses_nothing(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    for step in 0..MOST_STEPS {
        let (at, to) = (world.time(9), world.time(14));
        let wish = world.wish(&format!("step {step}"), at);
        let business = world.owner.business;
        let booked = world.server().book(business, &wish).await?;
        expect(matches!(booked, BookAnswer::Booked(_)), "a free day")?;
        let mortal = Mortal::new(&world.calendar, step);
        let server = world.server_with(Some(Arc::clone(&mortal) as _));
        let lived = mortal
            .outlives(server.reschedule(business, wish.id, to, false))
            .await
            .is_some();
        // Both times are closed to others until it is known where the event is.
        if !lived {
            for (name, wanted) in [("old", at), ("new", to)] {
                let other = world.wish(&format!("{name} {step}"), wanted);
                let answer = world.server().book(business, &other).await?;
                expect(not_free(&answer).is_some(), "a time of a move that is under way")?;
            }
        }
        world.settle().await?;
        agree(&world).await?;
        let row = stored(&world, wish.id).await?;
        ensure_eq!(
            (row.status, row.starts_at),
            (AppointmentStatus::Scheduled, to),
            "a move that died at step {step} and was looked after"
        );
        if lived {
            expect(step > 3, "a move with hardly a step")?;
            return Ok(Done::Passed);
        }
        world.advance(Duration::from_secs(24 * 3_600));
    }
    Err(Failure::new("a move has more steps than were tried"))
}

pub(super) async fn a_crash_after_any_step_of_a_cancellation_loses_nothing(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    for step in 0..MOST_STEPS {
        let at = world.time(9);
        let business = world.owner.business;
        let wish = world.wish(&format!("step {step}"), at);
        world.server().book(business, &wish).await?;
        let off = CallOff {
            by: CancelledBy::Customer,
            reason: Some("sold the house"),
            tell_customer: false,
        };
        let row = world.server().cancel_appointment(business, wish.id, off).await?;
        ensure_eq!(row.status, AppointmentStatus::Cancelled, "at once");
        // The time is free at once, though the calendar still has the event.
        let answer = world.server().why_not(business, at).await?;
        ensure_eq!(answer, Vec::new(), "what stands against a time that was given up");
        let mortal = Mortal::new(&world.calendar, step);
        let server = world.server_with(Some(Arc::clone(&mortal) as _));
        let lived = mortal.outlives(server.work("mortal", 50)).await.is_some();
        world.settle().await?;
        agree(&world).await?;
        if lived {
            expect(step > 1, "a cancellation with hardly a step")?;
            return Ok(Done::Passed);
        }
        world.advance(Duration::from_secs(24 * 3_600));
    }
    Err(Failure::new("a cancellation has more steps than were tried"))
}

pub(super) async fn a_lost_answer_books_once(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let business = world.owner.business;
    for (name, loss) in [
        ("none", Loss::NoAnswer),
        ("cut", Loss::ConnectionCut),
        ("500", Loss::ServerError),
    ] {
        let at = world.time(9);
        let wish = world.wish(name, at);
        world.calendar.arrange(CalendarFault::ChangesLost(loss));
        let answer = world.server().book(business, &wish).await?;
        expect(matches!(answer, BookAnswer::Pending(_)), "an answer that was lost")?;
        let other = world
            .server()
            .book(business, &world.wish(&format!("other {name}"), at))
            .await?;
        expect(
            not_free(&other).is_some(),
            "a time of which it is open whether it is booked",
        )?;
        world.calendar.arrange(CalendarFault::None);
        world.settle().await?;
        agree(&world).await?;
        let row = stored(&world, wish.id).await?;
        ensure_eq!(row.status, AppointmentStatus::Scheduled, "once the calendar answers");
        world.advance(Duration::from_secs(24 * 3_600));
    }
    Ok(Done::Passed)
}

pub(super) async fn a_calendar_that_cannot_be_read_books_nothing(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let business = world.owner.business;
    for (name, fault) in [
        ("away", CalendarFault::Unreachable),
        ("revoked", CalendarFault::Revoked),
        ("limited", CalendarFault::Limited { wait: None }),
        ("lost", CalendarFault::AnswersLost(Loss::Garbage)),
    ] {
        let at = world.time(9);
        world.calendar.arrange(fault);
        let open = world.server().availability(business).await?;
        expect(
            matches!(open, Availability::Unreadable(_)),
            "a calendar that cannot be read is neither free nor full",
        )?;
        let answer = world.server().book(business, &world.wish(name, at)).await?;
        expect(matches!(answer, BookAnswer::Unreadable(_)), "a booking without a look")?;
        world.calendar.arrange(CalendarFault::None);
        world.settle().await?;
        agree(&world).await?;
        // The time was given back.
        let again = world
            .server()
            .book(business, &world.wish(&format!("{name} again"), at))
            .await?;
        expect(matches!(again, BookAnswer::Booked(_)), "a time that was given back")?;
        world.advance(Duration::from_secs(24 * 3_600));
    }
    Ok(Done::Passed)
}

pub(super) async fn a_time_taken_in_the_calendar_is_given_back(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let business = world.owner.business;
    let at = world.time(9);
    let range = TimeRange::of(at.plus(Duration::from_secs(1_800)), Duration::from_secs(600));
    let dentist = world.calendar.enter(FakeCalendar::OTHER, &Entry::Event(range));
    let mut settings = (*world.owner.settings).clone();
    settings.calendar.conflicts = vec![FakeCalendar::OTHER.to_owned()];
    world
        .server()
        .save_settings(business, settings, world.owner.version)
        .await?;
    let answer = world.server().book(business, &world.wish("taken", at)).await?;
    let free = not_free(&answer).ok_or_else(|| Failure::new("a time at which the contractor is away"))?;
    expect(!free.contains(&at) && !free.is_empty(), "other times")?;
    world.settle().await?;
    agree(&world).await?;
    world.calendar.remove(&dentist);
    let answer = world.server().book(business, &world.wish("later", at)).await?;
    expect(matches!(answer, BookAnswer::Booked(_)), "a time that became free")?;
    // Sold at the calendar between the look and the booking.
    let next = world.time(14);
    world.calendar.arrange(CalendarFault::TimeTaken);
    let answer = world.server().book(business, &world.wish("sold", next)).await?;
    expect(not_free(&answer).is_some(), "a time that was sold meanwhile")?;
    world.calendar.arrange(CalendarFault::None);
    world.settle().await?;
    agree(&world).await?;
    // Farther ahead than any service tells at once, which a person may book by hand.
    let far = at.plus(Duration::from_secs(200 * 24 * 3_600));
    let range = TimeRange::of(far, Duration::from_secs(600));
    world.calendar.enter(FakeCalendar::OTHER, &Entry::Event(range));
    for (name, start, free) in [
        ("far", far.plus(Duration::from_secs(4 * 3_600)), true),
        ("away", far, false),
    ] {
        let against = world.server().why_not(business, start).await?;
        let busy = against.iter().any(|why| why.code() == "busy");
        expect(busy != free, "what stands against a time that is far ahead")?;
        let mut by_hand = world.wish(name, start);
        by_hand.source = crate::appointments::AppointmentSource::Manual;
        let answer = world.server().book(business, &by_hand).await?;
        expect(
            matches!(answer, BookAnswer::Booked(_)) == free && not_free(&answer).is_some() != free,
            "a time that is far ahead",
        )?;
    }
    world.settle().await?;
    agree(&world).await?;
    Ok(Done::Passed)
}

/// The texts to the customer, by kind.
pub(super) async fn texts(world: &World<'_>) -> Result<Vec<MessageKind>, Failure> {
    let thread = world
        .store
        .thread(world.owner.business, &build::phone(9), world.clock.now())
        .await?;
    let sent = thread.messages.iter().filter(|message| message.status.was_accepted());
    Ok(sent.map(|message| message.kind).collect())
}

pub(super) async fn a_customer_is_told_and_reminded_once(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let business = world.owner.business;
    let at = world.time(14);
    let wish = world.wish("told", at);
    world.server().book(business, &wish).await?;
    world.settle().await?;
    ensure_eq!(
        texts(&world).await?,
        vec![MessageKind::AppointmentConfirmation],
        "after the booking"
    );
    world.days(5).await?;
    ensure_eq!(
        texts(&world).await?,
        vec![
            MessageKind::AppointmentConfirmation,
            MessageKind::AppointmentReminder,
            MessageKind::AppointmentReminder
        ],
        "after the appointment"
    );
    let row = stored(&world, wish.id).await?;
    let reminded: Vec<u32> = row.reminders.iter().map(|sent| sent.minutes_before).collect();
    ensure_eq!(reminded, vec![1_440, 60], "the reminders that the appointment knows of");
    let listed = world
        .store
        .appointments(business, &AppointmentFilter::default(), None, 10)
        .await?;
    ensure_eq!(listed.len(), 1, "the list of appointments");
    Ok(Done::Passed)
}

pub(super) async fn a_confirmation_in_doubt_is_followed_up_though_it_was_called_off(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let business = world.owner.business;
    let wish = world.wish("in doubt", world.time(14));
    world.server().book(business, &wish).await?;
    world.die_texting().await?;
    ensure_eq!(world.gateway.went_out().len(), 1, "texts handed over");
    ensure_eq!(texts(&world).await?, Vec::new(), "texts known to have gone out");
    let off = CallOff {
        by: CancelledBy::Business,
        reason: None,
        tell_customer: false,
    };
    world.server().cancel_appointment(business, wish.id, off).await?;
    world.settle().await?;
    ensure_eq!(
        texts(&world).await?,
        vec![MessageKind::AppointmentConfirmation],
        "texts known to have gone out, once somebody looked"
    );
    ensure_eq!(world.gateway.went_out().len(), 1, "texts handed over in all");
    Ok(Done::Passed)
}

pub(super) async fn a_stop_silences_confirmation_and_reminders(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let business = world.owner.business;
    let wish = world.wish("silent", world.time(14));
    world.server().book(business, &wish).await?;
    let stop = InboundText {
        provider_message: "SM1".to_owned(),
        from: crate::CallerId::Present(build::phone(9)),
        to: build::phone(1),
        account: "AC1".to_owned(),
        body: "STOP".to_owned(),
        media_count: 0,
        gateway_consent: None,
    };
    let answer = world.server().inbound_text(Verified::by(&Trusted, stop)).await;
    expect(matches!(answer, TextAnswer::Taken), "a STOP")?;
    world.days(5).await?;
    let told = texts(&world).await?;
    let silent = told.iter().all(|kind| *kind == MessageKind::OptOutConfirmation);
    expect(silent, "texts after a STOP")?;
    // The appointment itself stands: whoever stops texts may still want the plumber.
    ensure_eq!(
        stored(&world, wish.id).await?.status,
        AppointmentStatus::Scheduled,
        "after a STOP"
    );
    Ok(Done::Passed)
}

#[derive(Debug)]
struct Trusted;

impl crate::port::InboundSource for Trusted {
    fn name(&self) -> &'static str {
        "trusted"
    }
    fn check(&self, _request: &crate::port::RawWebhook<'_>) -> Result<(), crate::port::WebhookRejection> {
        Err(crate::port::WebhookRejection::Unsigned)
    }
}
