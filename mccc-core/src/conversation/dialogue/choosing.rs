//! Offering times, and what came of the chosen one.

use super::event::{Facts, News, Step};
use super::lines::{self, Lead};
use super::offers::offer;
use super::{Dialogue, Question, Stage};
use crate::Timestamp;
use crate::calls::Outcome;
use crate::tasks::TaskKind;
use crate::zone::LocalDay;

/// The free times came, or the calendar could not be read.
pub(super) fn times_came(dialogue: &Dialogue, times: Option<&[Timestamp]>, facts: &Facts<'_>) -> Step {
    match times {
        None => unreadable(dialogue, facts),
        Some(free) => offers(dialogue, free, Lead::Open, facts),
    }
}

fn unreadable(dialogue: &Dialogue, facts: &Facts<'_>) -> Step {
    Step::hands_over(
        dialogue.clone(),
        TaskKind::Callback,
        "wants an appointment, and the calendar could not be read",
        Some(lines::unreadable(facts.owner)),
    )
}

fn offers(dialogue: &Dialogue, free: &[Timestamp], lead: Lead, facts: &Facts<'_>) -> Step {
    let zone = facts.owner.zone();
    let found = offer(free, dialogue.wish.as_ref(), zone);
    if found.starts.is_empty() {
        return Step::hands_over(
            dialogue.clone(),
            TaskKind::Callback,
            "wants an appointment, and nothing is free",
            Some(lines::no_openings(facts.owner)),
        );
    }
    let last = LocalDay(
        zone.to_local(facts.now)
            .day
            .0
            .saturating_add(i32::from(facts.owner.settings.booking.window_days)),
    );
    let wished = dialogue.wish.and_then(|wish| wish.date);
    let lead = match lead {
        Lead::Open if !found.fits && wished.is_some_and(|day| day > last) => Lead::NotYet(last),
        Lead::Open if !found.fits => Lead::NothingThen,
        Lead::Open | Lead::NothingThen | Lead::NotYet(_) | Lead::JustTaken => lead,
    };
    let body = lines::slots(zone, &found.starts, lead, facts.now);
    let dialogue = Dialogue {
        offered: found.starts,
        offer: Some(facts.cause),
        unclear: 0,
        ..dialogue.clone()
    };
    Step::asks(dialogue, Stage::OfferingSlots, Question::Slots, body)
}

/// What came of a booking, a move, a cancellation or a confirmation.
pub(super) fn news_came(dialogue: &Dialogue, news: &News, facts: &Facts<'_>) -> Step {
    let zone = facts.owner.zone();
    match news {
        News::Booked(at) => {
            let settled = dialogue.clone().settled(Stage::Booked);
            let step = if facts.confirms {
                Step::quiet(settled)
            } else {
                Step::says(settled, lines::booked(facts.owner, *at))
            };
            step.leads_to(Outcome::AppointmentBooked)
        }
        News::Pending(at) | News::Requested(at) => {
            let held = Dialogue {
                stage: Stage::Holding,
                asked: None,
                ..dialogue.clone()
            };
            let body = if matches!(news, News::Requested(_)) {
                lines::requested(facts.owner, *at)
            } else {
                lines::pending(zone, *at)
            };
            Step::says(held, body)
        }
        News::Taken(free) => offers(dialogue, free, Lead::JustTaken, facts),
        News::Unreadable => unreadable(dialogue, facts),
        News::Cancelled(at) => Step::says(
            dialogue.clone().settled(Stage::InConversation),
            lines::cancelled(zone, *at),
        ),
        News::Confirmed(at) => Step::says(dialogue.clone().settled(Stage::Booked), lines::confirmed(zone, *at)),
        News::Gone => Step::hands_over(
            dialogue.clone().settled(Stage::WaitingForOwner),
            TaskKind::ReplyNeeded,
            "wrote about an appointment that is not there any more",
            Some(lines::no_appointment(facts.owner)),
        ),
    }
}
