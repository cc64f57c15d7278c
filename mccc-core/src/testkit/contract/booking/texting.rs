//! Appointments that are made in a thread of texts: the whole way from a caller's words to the calendar.

use std::sync::Arc;
use std::time::Duration;

use super::super::store::StoreHarness;
use super::super::{Checked, Done, Failure, ensure_eq};
use super::cases::{agree, expect};
use super::world::{Mortal, World};
use crate::appointments::{Appointment, AppointmentStatus};
use crate::business::AnswerMode;
use crate::center::{CommandCenter, TextAnswer};
use crate::conversation::dialogue::Stage;
use crate::conversation::{Conversation, Direction, Message, MessageKind, MessageStatus};
use crate::port::store::{AppointmentFilter, Thread};
use crate::port::{Clock as _, InboundSource, InboundText, RawWebhook, Verified, WebhookRejection};
use crate::tasks::TaskKind;
use crate::testkit::build;
use crate::testkit::contract::calendar::CalendarFault;
use crate::{CallerId, PhoneNumber};

#[derive(Debug)]
struct Trusted;

impl InboundSource for Trusted {
    fn name(&self) -> &'static str {
        "trusted"
    }
    fn check(&self, _request: &RawWebhook<'_>) -> Result<(), WebhookRejection> {
        Err(WebhookRejection::Unsigned)
    }
}

pub(super) fn caller() -> PhoneNumber {
    build::phone(9)
}

pub(super) async fn writes(
    world: &World<'_>,
    server: &CommandCenter,
    from: PhoneNumber,
    body: &str,
) -> Result<(), Failure> {
    let text = InboundText {
        provider_message: format!("SM-{from}-{}-{body}", world.clock.now().as_micros()),
        from: CallerId::Present(from),
        to: build::phone(1),
        account: "AC1".to_owned(),
        body: body.to_owned(),
        media_count: 0,
        gateway_consent: None,
    };
    let answer = server.inbound_text(Verified::by(&Trusted, text)).await;
    expect(matches!(answer, TextAnswer::Taken), "a caller's text")
}

/// A caller writes, and a healthy server has half a minute to answer.
pub(super) async fn asks(world: &World<'_>, from: PhoneNumber, body: &str) -> Result<String, Failure> {
    let server = world.server();
    writes(world, &server, from, body).await?;
    for _ in 0..10 {
        world.advance(Duration::from_secs(3));
        server.work("healthy", 50).await?;
    }
    last_answer(world, from).await
}

async fn thread(world: &World<'_>, from: PhoneNumber) -> Result<Thread, Failure> {
    Ok(world
        .store
        .thread(world.owner.business, &from, world.clock.now())
        .await?)
}

pub(super) async fn talk(world: &World<'_>, from: PhoneNumber) -> Result<Conversation, Failure> {
    let thread = thread(world, from).await?;
    thread.conversation.ok_or_else(|| Failure::new("no thread"))
}

pub(super) async fn sent(world: &World<'_>, from: PhoneNumber) -> Result<Vec<Message>, Failure> {
    let thread = thread(world, from).await?;
    let ours = |message: &Message| message.direction == Direction::Outbound && message.status.was_accepted();
    Ok(thread.messages.into_iter().filter(ours).collect())
}

async fn last_answer(world: &World<'_>, from: PhoneNumber) -> Result<String, Failure> {
    Ok(sent(world, from)
        .await?
        .pop()
        .map(|message| message.body)
        .unwrap_or_default())
}

pub(super) async fn booked(world: &World<'_>, from: PhoneNumber) -> Result<Vec<Appointment>, Failure> {
    let filter = AppointmentFilter {
        customer: Some(from),
        statuses: vec![AppointmentStatus::Scheduled, AppointmentStatus::Confirmed],
        ..AppointmentFilter::default()
    };
    Ok(world
        .store
        .appointments(world.owner.business, &filter, None, 10)
        .await?)
}

/// A choice that the contractor still has to accept.
pub(super) async fn a_caller_is_told_that_a_request_is_no_booking(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    world.calendar.ask_first(true);
    is_offered_times(&world, caller()).await?;
    let offered = last_answer(&world, caller()).await?;
    let choice = if offered.contains("1) ") { "1" } else { "yes" };
    let said = asks(&world, caller(), choice).await?;
    expect(
        said.contains("not booked yet") && said.contains("accept"),
        &format!("a request that is told as a booking: {said}"),
    )?;
    ensure_eq!(
        booked(&world, caller()).await?.len(),
        0,
        "an appointment that nobody accepted"
    );
    let event = world.calendar.held().pop();
    let event = event.ok_or_else(|| Failure::new("no request in the calendar"))?;
    world.settle().await?;
    expect(world.calendar.remove(&event.provider_event), "a request to decline")?;
    world.settle().await?;
    let said = last_answer(&world, caller()).await?;
    expect(
        !said.contains("not booked yet") && said.contains("taken"),
        &format!("a caller whose request was declined is offered other times: {said}"),
    )?;
    Ok(Done::Passed)
}

/// Talks until times are offered.
pub(super) async fn is_offered_times(world: &World<'_>, from: PhoneNumber) -> Result<(), Failure> {
    // Three days from now, by the name of the day: every reminder is still ahead.
    let zone = world.owner.zone();
    let day = zone.to_local(world.clock.now()).day.plus_days(3).weekday();
    let wish = format!(
        "My kitchen sink is clogged, can someone come {}?",
        day.name_capitalised()
    );
    asks(world, from, &wish).await?;
    for answer in ["It can wait", "Pat Miller", "12 Oak Street"] {
        if talk(world, from).await?.dialogue.stage == Stage::OfferingSlots {
            break;
        }
        asks(world, from, answer).await?;
    }
    let talk = talk(world, from).await?;
    ensure_eq!(talk.dialogue.stage, Stage::OfferingSlots, "after all was told");
    Ok(())
}

fn count(messages: &[Message], kind: MessageKind) -> usize {
    messages.iter().filter(|message| message.kind == kind).count()
}

pub(super) async fn a_booking_by_text_is_one_event_one_confirmation_and_two_reminders(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    is_offered_times(&world, caller()).await?;
    let offered = talk(&world, caller()).await?.dialogue.offered;
    asks(&world, caller(), "2").await?;
    let rows = booked(&world, caller()).await?;
    ensure_eq!(rows.len(), 1, "appointments of one choice");
    ensure_eq!(
        rows.first().map(|row| row.starts_at),
        offered.get(1).copied(),
        "the time of the second choice"
    );
    ensure_eq!(
        rows.first().map(|row| row.customer.name.as_str()),
        Some("Pat Miller"),
        "the customer"
    );
    expect(
        rows.iter().all(|row| row.conversation.is_some()),
        "an appointment that knows its thread",
    )?;
    ensure_eq!(world.calendar.held().len(), 1, "events of one choice");
    ensure_eq!(talk(&world, caller()).await?.dialogue.stage, Stage::Booked, "the talk");
    world.days(5).await?;
    let told = sent(&world, caller()).await?;
    ensure_eq!(count(&told, MessageKind::AppointmentConfirmation), 1, "confirmations");
    ensure_eq!(count(&told, MessageKind::AppointmentReminder), 2, "reminders");
    agree(&world).await?;
    Ok(Done::Passed)
}

pub(super) async fn a_stop_ends_a_talk_and_its_reminders(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    is_offered_times(&world, caller()).await?;
    asks(&world, caller(), "1").await?;
    let before = sent(&world, caller()).await?.len();
    let server = world.server();
    writes(&world, &server, caller(), "STOP").await?;
    writes(&world, &server, caller(), "can you come another day?").await?;
    world.days(5).await?;
    let told = sent(&world, caller()).await?;
    let silent = told
        .iter()
        .skip(before)
        .all(|message| message.kind == MessageKind::OptOutConfirmation);
    expect(silent, "texts after a STOP")?;
    ensure_eq!(booked(&world, caller()).await?.len(), 1, "the appointment stands");
    Ok(Done::Passed)
}

pub(super) async fn r_moves_and_cancel_my_appointment_cancels(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    is_offered_times(&world, caller()).await?;
    asks(&world, caller(), "1").await?;
    let first = booked(&world, caller()).await?;
    asks(&world, caller(), "R").await?;
    ensure_eq!(
        talk(&world, caller()).await?.dialogue.stage,
        Stage::OfferingSlots,
        "after R"
    );
    asks(&world, caller(), "the last one").await?;
    let moved = booked(&world, caller()).await?;
    ensure_eq!(moved.len(), 1, "appointments after a move");
    expect(
        moved.first().map(|row| row.starts_at) != first.first().map(|row| row.starts_at),
        "a move",
    )?;
    ensure_eq!(world.calendar.held().len(), 1, "events after a move");
    asks(&world, caller(), "C").await?;
    let confirmed = booked(&world, caller()).await?;
    ensure_eq!(
        confirmed.first().map(|row| row.status),
        Some(AppointmentStatus::Confirmed),
        "after C"
    );
    let answer = asks(&world, caller(), "please cancel my appointment").await?;
    expect(answer.contains("is cancelled"), "the answer to a cancellation")?;
    ensure_eq!(booked(&world, caller()).await?.len(), 0, "after a cancellation");
    world.settle().await?;
    let told = sent(&world, caller()).await?;
    ensure_eq!(
        count(&told, MessageKind::AppointmentCancelled),
        0,
        "texts of what the customer has called off"
    );
    ensure_eq!(world.calendar.held().len(), 0, "events after a cancellation");
    agree(&world).await?;
    Ok(Done::Passed)
}

pub(super) async fn a_crash_after_any_step_of_an_answer_books_once(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    for dies_at in 0..16 {
        let from = build::phone(100 + dies_at);
        is_offered_times(&world, from).await?;
        let step = usize::try_from(dies_at).unwrap_or(0);
        let mortal = Mortal::new(&world.calendar, step);
        let server = world.server_with(Some(Arc::clone(&mortal) as _));
        writes(&world, &server, from, "1").await?;
        world.advance(Duration::from_secs(3));
        let lived = mortal.outlives(server.work("mortal", 50)).await;
        world.settle().await?;
        let rows = booked(&world, from).await?;
        ensure_eq!(rows.len(), 1, "appointments after a death at step {dies_at}");
        let told = sent(&world, from).await?;
        ensure_eq!(
            count(&told, MessageKind::AppointmentConfirmation),
            1,
            "confirmations after a death at step {dies_at}"
        );
        agree(&world).await?;
        for row in rows {
            let off = crate::appointments::CallOff {
                by: crate::appointments::CancelledBy::Business,
                reason: None,
                tell_customer: false,
            };
            world
                .server()
                .cancel_appointment(world.owner.business, row.id, off)
                .await?;
        }
        world.settle().await?;
        if lived.is_some() {
            expect(dies_at > 3, "a booking that asks the calendar")?;
            return Ok(Done::Passed);
        }
        // A day later, so that no limit of texts a day is reached.
        world.advance(Duration::from_secs(24 * 3_600));
    }
    Err(Failure::new("a booking has no end"))
}

pub(super) async fn two_callers_who_choose_one_time_at_once_get_one_each(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let (one, two) = (build::phone(21), build::phone(22));
    is_offered_times(&world, one).await?;
    is_offered_times(&world, two).await?;
    let offers = (
        talk(&world, one).await?.dialogue.offered,
        talk(&world, two).await?.dialogue.offered,
    );
    ensure_eq!(offers.0.first(), offers.1.first(), "both were offered the same");
    let (here, there) = (world.server(), world.server());
    writes(&world, &here, one, "1").await?;
    writes(&world, &there, two, "1").await?;
    world.advance(Duration::from_secs(3));
    let (first, second) = futures_util::future::join(here.work("here", 1), there.work("there", 1)).await;
    first?;
    second?;
    world.settle().await?;
    let (first, second) = (booked(&world, one).await?, booked(&world, two).await?);
    ensure_eq!(first.len() + second.len(), 1, "appointments at one time");
    let loser = if first.is_empty() { one } else { two };
    let answer = last_answer(&world, loser).await?;
    expect(
        answer.starts_with("Sorry, that time was just taken."),
        "what the loser reads",
    )?;
    asks(&world, loser, "1").await?;
    ensure_eq!(booked(&world, loser).await?.len(), 1, "the loser's next choice");
    agree(&world).await?;
    Ok(Done::Passed)
}

pub(super) async fn a_text_that_comes_twice_at_once_is_answered_once(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    is_offered_times(&world, caller()).await?;
    let before = sent(&world, caller()).await?.len();
    let server = world.server();
    writes(&world, &server, caller(), "2").await?;
    world.advance(Duration::from_millis(400));
    writes(&world, &server, caller(), "2").await?;
    world.settle().await?;
    ensure_eq!(
        booked(&world, caller()).await?.len(),
        1,
        "appointments of one choice, said twice"
    );
    ensure_eq!(
        sent(&world, caller()).await?.len(),
        before + 1,
        "answers to one choice, said twice"
    );
    Ok(Done::Passed)
}

pub(super) async fn a_takeover_silences_at_once_and_a_hand_back_goes_on(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    is_offered_times(&world, caller()).await?;
    let before = sent(&world, caller()).await?.len();
    let server = world.server();
    let thread = talk(&world, caller()).await?.id;
    // The text is there, and a person is faster than the machine.
    writes(&world, &server, caller(), "1").await?;
    server.take_over(world.owner.business, thread, None).await?;
    world.settle().await?;
    ensure_eq!(
        sent(&world, caller()).await?.len(),
        before,
        "texts of a machine that was silenced"
    );
    ensure_eq!(
        booked(&world, caller()).await?.len(),
        0,
        "bookings of a machine that was silenced"
    );
    server.hand_back(world.owner.business, thread).await?;
    world.settle().await?;
    ensure_eq!(
        booked(&world, caller()).await?.len(),
        1,
        "what was open is answered after the hand-back"
    );
    Ok(Done::Passed)
}

pub(super) async fn a_draft_goes_out_only_by_a_person(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    let mut settings = (*world.owner.settings).clone();
    settings.conversation.answers = AnswerMode::Draft;
    let server = world.server();
    let business = world.owner.business;
    server.save_settings(business, settings, world.owner.version).await?;
    asks(
        &world,
        caller(),
        "My kitchen sink is clogged, can someone come tomorrow?",
    )
    .await?;
    ensure_eq!(sent(&world, caller()).await?.len(), 0, "texts before a person looked");
    let drafted = |thread: &Thread| thread.messages.iter().find(|message| message.draft).cloned();
    let before = thread(&world, caller()).await?;
    let draft = drafted(&before).ok_or_else(|| Failure::new("no draft"))?;
    expect(
        before.open_tasks.iter().any(|task| task.kind == TaskKind::ReplyNeeded),
        "a person is asked to look",
    )?;
    // Another text: the draft is taken back, and a new one answers both.
    asks(&world, caller(), "it is at 12 Oak Street").await?;
    let between = thread(&world, caller()).await?;
    let gone = between.messages.iter().find(|message| message.id == draft.id);
    ensure_eq!(
        gone.map(|message| message.status),
        Some(MessageStatus::Canceled),
        "the first draft"
    );
    let draft = drafted(&between).ok_or_else(|| Failure::new("no second draft"))?;
    server
        .send_draft(business, draft.id, Some("Sure. What's your name?"), None)
        .await?;
    // Twice is once.
    server.send_draft(business, draft.id, None, None).await?;
    world.settle().await?;
    let told = sent(&world, caller()).await?;
    ensure_eq!(told.len(), 1, "texts of one draft");
    expect(
        told.iter()
            .all(|message| message.body.contains("Sure. What's your name?")),
        "the changed words",
    )?;
    let after = thread(&world, caller()).await?;
    expect(
        !after.open_tasks.iter().any(|task| task.kind == TaskKind::ReplyNeeded),
        "the request for a look is done",
    )?;
    Ok(Done::Passed)
}

pub(super) async fn an_unreadable_calendar_is_told_honestly_and_a_person_takes_over(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    is_offered_times(&world, caller()).await?;
    for fault in [CalendarFault::Unreachable, CalendarFault::Revoked] {
        world.calendar.arrange(fault);
        let answer = asks(&world, caller(), "do you have anything on friday?").await?;
        expect(
            answer.contains("I'm having trouble checking the schedule"),
            "an honest answer",
        )?;
        let thread = thread(&world, caller()).await?;
        expect(
            thread.open_tasks.iter().any(|task| task.kind == TaskKind::Callback),
            "a person is asked to call",
        )?;
        ensure_eq!(
            booked(&world, caller()).await?.len(),
            0,
            "bookings while nothing can be read"
        );
    }
    world.calendar.arrange(CalendarFault::None);
    asks(&world, caller(), "can I book something for tomorrow?").await?;
    asks(&world, caller(), "1").await?;
    ensure_eq!(
        booked(&world, caller()).await?.len(),
        1,
        "bookings once it can be read again"
    );
    Ok(Done::Passed)
}

pub(super) async fn a_silent_talk_is_closed_and_a_late_choice_still_counts(h: &dyn StoreHarness) -> Checked {
    let world = World::open(h).await?;
    is_offered_times(&world, caller()).await?;
    for _ in 0..100 {
        world.advance(Duration::from_secs(10));
        world.server().work("healthy", 50).await?;
    }
    ensure_eq!(
        talk(&world, caller()).await?.dialogue.stage,
        Stage::Closed,
        "after a quarter of an hour"
    );
    asks(&world, caller(), "2").await?;
    ensure_eq!(booked(&world, caller()).await?.len(), 1, "a choice after the silence");
    Ok(Done::Passed)
}
