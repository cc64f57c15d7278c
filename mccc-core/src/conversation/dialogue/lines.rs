//! What the machine says. Plain letters only, so that a text costs as few segments as it can.

use crate::Timestamp;
use crate::business::{Owner, wording};
use crate::zone::Zone;

use super::Question;

/// Who gets back to the caller: the owner by name, or the business.
pub(super) fn person(owner: &Owner) -> &str {
    wording::person(&owner.settings.profile.owner_name)
}

/// The same at the beginning of a sentence.
fn person_first(owner: &Owner) -> String {
    let person = person(owner);
    let mut letters = person.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// "Tue 2:00 PM", with the date once it is more than six days away.
pub(super) fn short_time(zone: &Zone, at: Timestamp, now: Timestamp) -> String {
    let local = zone.to_local(at);
    let today = zone.to_local(now).day;
    let date = local.day.to_date();
    let day = if local.day.0.saturating_sub(today.0) > 6 {
        date.strftime("%a %b %-d")
    } else {
        date.strftime("%a")
    };
    format!("{day} {}{}", local.clock_12h(), repeated_hour(zone, at))
}

/// "Tuesday, December 1 at 2:00 PM".
pub(crate) fn long_time(zone: &Zone, at: Timestamp) -> String {
    let local = zone.to_local(at);
    let date = local.day.to_date().strftime("%A, %B %-d");
    format!("{date} at {}{}", local.clock_12h(), repeated_hour(zone, at))
}

/// Which of the two is meant, in the hour that clocks show twice.
fn repeated_hour(zone: &Zone, at: Timestamp) -> String {
    let hour = std::time::Duration::from_secs(3600);
    let shown = zone.to_local(at).minute_of_day();
    let twice = [at.plus(hour), at.minus(hour)]
        .into_iter()
        .any(|other| zone.to_local(other).minute_of_day() == shown);
    if twice {
        format!(" {}", zone.abbreviation(at))
    } else {
        String::new()
    }
}

pub(super) fn issue() -> String {
    "Sure, I can help with that. What do you need done?".to_owned()
}

pub(super) fn picture() -> String {
    "Thanks for the picture! What do you need done?".to_owned()
}

/// The one question of a trade that tells the contractor what to bring; nothing where there is none.
pub(super) fn detail(trade: &str) -> Option<&'static str> {
    match trade {
        "plumbing" => Some("Got it. Is water running out right now, or can it wait for the visit?"),
        "hvac" => Some("Got it. Is the system fully down, or running but not right?"),
        "roofing" => Some("Got it. Is water coming inside right now?"),
        "electrical" => Some("Got it. Is the power out, or is it just that one spot?"),
        "landscaping" => Some("Got it. About how big is the yard?"),
        _ => None,
    }
}

pub(super) fn name() -> String {
    "What name should I put this under?".to_owned()
}

pub(super) fn address() -> String {
    "And what's the address for the visit?".to_owned()
}

pub(super) fn visit() -> String {
    "Would you like me to find a time for a visit? Reply YES and I'll look.".to_owned()
}

/// A question once more, after something else was said or the answer was not understood.
pub(super) fn again(question: Question, offered: usize) -> String {
    match question {
        Question::Slots if offered == 1 => {
            "Reply YES to book that time, or tell me a day that works better.".to_owned()
        }
        Question::Slots => {
            format!("Please reply with a number from 1 to {offered}, or tell me a day that works better.")
        }
        Question::Issue => "What do you need done?".to_owned(),
        Question::Detail => "Can you tell me a bit more about it?".to_owned(),
        Question::Name => name(),
        Question::Address => "What's the address for the visit?".to_owned(),
        Question::Visit => visit(),
    }
}

pub(super) fn other_day() -> String {
    "No problem. Which day and time would work better?".to_owned()
}

/// Why these times are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lead {
    /// They fit.
    Open,
    /// Nothing fits what was wished.
    NothingThen,
    /// The chosen one is gone.
    JustTaken,
}

/// Times to choose from, as a numbered list.
pub(super) fn slots(zone: &Zone, starts: &[Timestamp], lead: Lead, now: Timestamp) -> String {
    if let ([only], Lead::Open) = (starts, lead) {
        return format!(
            "{} is open. Reply YES to book it, or tell me a day that works better.",
            long_time(zone, *only)
        );
    }
    let lead = match lead {
        Lead::Open => "Here's what's open:",
        Lead::NothingThen => "Nothing is open then. The next openings:",
        Lead::JustTaken => "Sorry, that time was just taken. Here's what's open:",
    };
    let mut text = lead.to_owned();
    for (number, start) in (1..).zip(starts) {
        text.push_str(&format!("\n{number}) {}", short_time(zone, *start, now)));
    }
    text.push_str("\nReply with a number to book!");
    text
}

pub(super) fn no_openings(owner: &Owner) -> String {
    let days = owner.settings.booking.window_days;
    format!(
        "I don't see any openings in the next {days} days. Let me have {} call you to find a time.",
        person(owner)
    )
}

pub(super) fn unreadable(owner: &Owner) -> String {
    format!(
        "I'm having trouble checking the schedule right now. Can I have {} call you back with available times?",
        person(owner)
    )
}

pub(super) fn pending(zone: &Zone, at: Timestamp) -> String {
    format!(
        "I'm putting {} into the calendar now and will text you as soon as it's confirmed.",
        long_time(zone, at)
    )
}

/// Nothing is promised that the contractor has not accepted.
pub(super) fn requested(owner: &Owner, at: Timestamp) -> String {
    format!(
        "I've asked for {}. It's not booked yet: {} still has to accept it, and I'll text you then.",
        long_time(owner.zone(), at),
        wording::person(&owner.settings.profile.owner_name)
    )
}

pub(super) fn booked(owner: &Owner, at: Timestamp) -> String {
    format!(
        "You're all set! Your appointment with {} is booked for {}. See you then!",
        owner.settings.profile.name,
        long_time(owner.zone(), at)
    )
}

pub(super) fn cancelled(zone: &Zone, at: Timestamp) -> String {
    format!(
        "Your appointment on {} is cancelled. Text us anytime to set up a new one.",
        long_time(zone, at)
    )
}

pub(super) fn confirmed(zone: &Zone, at: Timestamp) -> String {
    format!("Thanks, you're confirmed for {}. See you then!", long_time(zone, at))
}

pub(super) fn no_appointment(owner: &Owner) -> String {
    format!(
        "I don't see an upcoming appointment under this number. Let me have {} get back to you.",
        person(owner)
    )
}

pub(super) fn nothing_booked() -> String {
    "No problem, nothing is booked. Text us anytime.".to_owned()
}

pub(super) fn unsure(owner: &Owner, asked: bool) -> String {
    let start = if asked { "Great question! " } else { "" };
    format!(
        "{start}Let me have {} get back to you on that personally.",
        person(owner)
    )
}

pub(super) fn sorry(owner: &Owner) -> String {
    format!(
        "I'm sorry about that. I'm letting {} know right away so they can get back to you personally.",
        person(owner)
    )
}

/// A call is promised, by when the business can keep it.
pub(super) fn call_back(owner: &Owner, now: Timestamp) -> String {
    let who = person_first(owner);
    match owner.schedule.next_business_open(now) {
        Some(at) if !owner.schedule.is_business_open(now) => {
            format!(
                "Of course. {who} will call you after we open at {}.",
                owner.zone().spoken_time(at)
            )
        }
        _ => format!("Of course. {who} will call you back shortly."),
    }
}

pub(super) fn price(owner: &Owner) -> String {
    format!(
        "Pricing depends on the specifics, but {} can give you an exact quote.",
        person(owner)
    )
}

pub(super) fn by_phone(owner: &Owner) -> String {
    format!("Thanks! {} will call you to set up a time.", person_first(owner))
}

pub(super) fn help(owner: &Owner) -> String {
    format!(
        "This is {}'s text assistant. I can answer questions or book an appointment. What do you need?",
        owner.settings.profile.name
    )
}

pub(super) fn welcome() -> String {
    "You're welcome! Text us anytime.".to_owned()
}

pub(super) fn welcome_back(name: &str) -> String {
    let first = name.split_whitespace().next().unwrap_or(name);
    format!("Welcome back, {first}! ")
}
