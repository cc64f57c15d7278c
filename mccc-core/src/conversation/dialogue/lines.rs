//! What the machine says. Plain letters only, so that a text costs as few segments as it can.

use crate::business::{Owner, wording};
use crate::conversation::understanding::When;
use crate::zone::{LocalDay, Zone};
use crate::{PhoneNumber, Timestamp};

use super::Question;
use super::event::{Keep, Say};

/// Words for "what is to be done".
const ISSUE: &[&str] = &["need", "help", "wrong", "happening", "done", "going"];
/// Words for "somebody will answer you".
const BACK: &[&str] = &["back", "touch", "reach", "answer"];
const CALL: &[&str] = &["call"];

/// Something to say. Made from plain text it is said in these words alone; [`Line::free`] says what other words must keep.
pub(super) struct Line {
    body: String,
    keep: Option<Keep>,
}

impl From<String> for Line {
    fn from(body: String) -> Self {
        Self { body, keep: None }
    }
}

impl Line {
    fn free(body: impl Into<String>, exact: &[&str], about: &[&'static [&'static str]]) -> Self {
        Self {
            body: body.into(),
            keep: Some(Keep {
                exact: exact.iter().map(|piece| (*piece).to_owned()).collect(),
                about: about.to_vec(),
            }),
        }
    }

    /// What the business itself has written: it stays, and something may stand around it.
    pub(super) fn quoted(body: String) -> Self {
        let piece = body.trim().to_owned();
        Self::free(body, &[&piece], &[])
    }

    /// One after the other.
    pub(super) fn then(self, next: Self) -> Self {
        let keep = self.keep.zip(next.keep).map(|(mut keep, next)| {
            keep.exact.extend(next.exact);
            keep.about.extend(next.about);
            keep
        });
        Self {
            body: format!("{} {}", self.body, next.body),
            keep,
        }
    }

    pub(super) fn say(self) -> Say {
        Say {
            body: self.body,
            note: None,
            keep: self.keep,
        }
    }
}

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

pub(super) fn issue() -> Line {
    Line::free("Sure, I can help with that. What do you need done?", &[], &[ISSUE])
}

/// Back to who said hello and nothing else; who is known is greeted by name before this.
pub(super) fn hello(known: bool) -> Line {
    let hi = if known { "" } else { "Hi! " };
    Line::free(format!("{hi}What can I help you with?"), &[], &[ISSUE])
}

/// The wished time was heard, and something else is to be asked first.
pub(super) fn noted() -> Line {
    Line::free("Sure, I'll see what's open then.", &[], &[])
}

/// Something that was not asked for was heard, and the question is still open.
pub(super) fn kept() -> Line {
    Line::free("Got that, thanks.", &[], &[])
}

pub(super) fn picture() -> Line {
    Line::free("Thanks for the picture! What do you need done?", &[], &[ISSUE])
}

/// The one question of a trade that tells the contractor what to bring; nothing where there is none.
pub(super) fn detail(trade: &str) -> Option<Line> {
    let question = match trade {
        "plumbing" => "Is water running out right now, or can it wait for the visit?",
        "hvac" => "Is the system fully down, or running but not right?",
        "roofing" => "Is water coming inside right now?",
        "electrical" => "Is the power out, or is it just that one spot?",
        "landscaping" => "About how big is the yard?",
        _ => return None,
    };
    Some(Line::free(format!("Got it. {question}"), &[question], &[]))
}

pub(super) fn name() -> Line {
    Line::free("What name should I put this under?", &[], &[&["name"]])
}

pub(super) fn address() -> Line {
    Line::free("And what's the address for the visit?", &[], &[&["address"]])
}

pub(super) fn visit() -> Line {
    Line::free(
        "Would you like me to find a time for a visit? Reply YES and I'll look.",
        &["Reply YES"],
        &[&["visit", "time"]],
    )
}

/// A question once more, after something else was said or the answer was not understood.
pub(super) fn again(question: Question, offered: usize) -> Line {
    match question {
        Question::Slots if offered == 1 => Line::free(
            "Reply YES to book that time, or tell me a day that works better.",
            &["Reply YES to book that time"],
            &[],
        ),
        Question::Slots => {
            let numbers = format!("a number from 1 to {offered}");
            Line::free(
                format!("Please reply with {numbers}, or tell me a day that works better."),
                &[&numbers],
                &[&["reply"]],
            )
        }
        Question::Issue => Line::free("What do you need done?", &[], &[ISSUE]),
        Question::Detail => Line::free(
            "Can you tell me a bit more about it?",
            &[],
            &[&["tell", "more", "share"]],
        ),
        Question::Name => name(),
        Question::Address => Line::free("What's the address for the visit?", &[], &[&["address"]]),
        Question::Visit => visit(),
    }
}

pub(super) fn other_day() -> Line {
    Line::free(
        "No problem. Which day and time would work better?",
        &[],
        &[&["day", "time"]],
    )
}

/// Why these times are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lead {
    /// They fit.
    Open,
    /// Nothing fits what was wished.
    NothingThen,
    /// What was wished is later than anything that can be booked yet, which is up to this day.
    NotYet(LocalDay),
    /// The chosen one is gone.
    JustTaken,
}

/// Times to choose from, as a numbered list.
pub(super) fn slots(zone: &Zone, starts: &[Timestamp], lead: Lead, now: Timestamp) -> Line {
    if let ([only], Lead::Open) = (starts, lead) {
        let time = long_time(zone, *only);
        return Line::free(
            format!("{time} is open. Reply YES to book it, or tell me a day that works better."),
            &[&time, "Reply YES to book it"],
            &[&["open", "available"]],
        );
    }
    let (lead, about): (String, &[&'static [&'static str]]) = match lead {
        Lead::Open => ("Here's what's open:".to_owned(), &[]),
        Lead::NothingThen => ("Nothing is open then. The next openings:".to_owned(), &[]),
        Lead::NotYet(last) => (
            format!(
                "I can book up to {}. What's open until then:",
                last.to_date().strftime("%A, %B %-d")
            ),
            &[],
        ),
        Lead::JustTaken => (
            "Sorry, that time was just taken. Here's what's open:".to_owned(),
            &[&["taken", "gone"]],
        ),
    };
    let mut list = String::new();
    for (number, start) in (1..).zip(starts) {
        list.push_str(&format!("\n{number}) {}", short_time(zone, *start, now)));
    }
    list.push('\n');
    Line::free(
        format!("{lead}{list}Reply with a number to book!"),
        &[&list, "Reply with a number"],
        about,
    )
}

pub(super) fn no_openings(owner: &Owner) -> Line {
    let days = format!("in the next {} days", owner.settings.booking.window_days);
    let person = person(owner);
    Line::free(
        format!("I don't see any openings {days}. Let me have {person} call you to find a time."),
        &[&days, person],
        &[CALL],
    )
}

pub(super) fn unreadable(owner: &Owner) -> Line {
    let person = person(owner);
    Line::free(
        format!(
            "I'm having trouble checking the schedule right now. Can I have {person} call you back with available times?"
        ),
        &[person],
        &[CALL],
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

/// When the visit is that the caller has.
pub(super) fn yours(zone: &Zone, at: Timestamp) -> String {
    format!(
        "Your appointment is on {}. Reply R if you need another time.",
        long_time(zone, at)
    )
}

pub(super) fn no_appointment(owner: &Owner) -> Line {
    let person = person(owner);
    Line::free(
        format!("I don't see an upcoming appointment under this number. Let me have {person} get back to you."),
        &[person],
        &[BACK, &["appointment"]],
    )
}

pub(super) fn nothing_booked() -> Line {
    Line::free(
        "No problem, nothing is booked. Text us anytime.",
        &["nothing is booked"],
        &[],
    )
}

pub(super) fn unsure(owner: &Owner, asked: bool) -> Line {
    let start = if asked { "Great question! " } else { "" };
    let person = person(owner);
    Line::free(
        format!("{start}Let me have {person} get back to you on that personally."),
        &[person],
        &[BACK],
    )
}

/// A question in the middle of a booking, which goes on.
pub(super) fn will_answer(owner: &Owner) -> Line {
    let person = person(owner);
    Line::free(
        format!("I'll have {person} answer that."),
        &[person],
        &[&["answer", "back", "touch", "know"]],
    )
}

/// What was to be moved stays.
pub(super) fn stays(zone: &Zone, at: Timestamp) -> String {
    format!("OK, your appointment stays on {}. See you then!", long_time(zone, at))
}

/// Another question for the person who has been called already.
pub(super) fn passed_on(owner: &Owner) -> Line {
    let person = person(owner);
    Line::free(
        format!("I'll pass that on to {person} too."),
        &[person],
        &[&["pass", "tell", "know"]],
    )
}

/// Who thinks it over is left alone.
pub(super) fn no_hurry() -> Line {
    Line::free("No hurry. Text us anytime.", &[], &[])
}

pub(super) fn wrong_number() -> Line {
    Line::free("No problem. Have a good day!", &[], &[])
}

pub(super) fn sorry(owner: &Owner) -> Line {
    let person = person(owner);
    Line::free(
        format!("I'm sorry about that. I'm letting {person} know right away so they can get back to you personally."),
        &[person],
        &[BACK, &["sorry", "apologize"]],
    )
}

/// The same to whom a person is to answer already.
pub(super) fn sorry_as_well(owner: &Owner) -> Line {
    let person = person(owner);
    Line::free(
        format!("I'm sorry. I'm passing that on to {person} as well."),
        &[person],
        &[&["sorry", "apologize"], &["pass", "passing", "tell", "know"]],
    )
}

/// A call is promised, by when the business can keep it.
pub(super) fn call_back(owner: &Owner, now: Timestamp, number: Option<&PhoneNumber>) -> Line {
    let line = will_call(owner, now);
    match number.map(PhoneNumber::national) {
        Some(number) => line.then(Line::free(format!("I've noted the number {number}."), &[&number], &[])),
        None => line,
    }
}

/// " on Tuesday, June 9 after 3:00 PM": a wished day and time, as a person is told them.
pub(super) fn wished(when: &When, zone: &Zone, now: Timestamp) -> String {
    let today = zone.to_local(now).day;
    let mut said = match when.date {
        Some(day) if day == today => " today".to_owned(),
        Some(day) => day.to_date().strftime(" on %A, %B %-d").to_string(),
        None => String::new(),
    };
    match (when.from, when.to) {
        (Some(from), Some(to)) if from == to => said.push_str(&format!(" at {}", from.clock_12h())),
        (Some(from), Some(to)) => said.push_str(&format!(" between {} and {}", from.clock_12h(), to.clock_12h())),
        (Some(from), None) => said.push_str(&format!(" after {}", from.clock_12h())),
        (None, Some(to)) => said.push_str(&format!(" before {}", to.clock_12h())),
        (None, None) => {}
    }
    said
}

fn will_call(owner: &Owner, now: Timestamp) -> Line {
    let who = person_first(owner);
    match owner.schedule.next_business_open(now) {
        Some(at) if !owner.schedule.is_business_open(now) => {
            let opens = format!("after we open at {}", owner.zone().spoken_time(at));
            Line::free(
                format!("Of course. {who} will call you {opens}."),
                &[person(owner), &opens],
                &[CALL],
            )
        }
        _ => Line::free(
            format!("Of course. {who} will call you back shortly."),
            &[person(owner)],
            &[CALL],
        ),
    }
}

pub(super) fn price(owner: &Owner) -> Line {
    let person = person(owner);
    Line::free(
        format!("Pricing depends on the specifics, but {person} can give you an exact quote."),
        &[person],
        &[&["quote"]],
    )
}

pub(super) fn by_phone(owner: &Owner) -> Line {
    Line::free(
        format!("Thanks! {} will call you to set up a time.", person_first(owner)),
        &[person(owner)],
        &[CALL],
    )
}

/// Who is writing to them is for nobody else to say.
pub(super) fn help(owner: &Owner) -> String {
    format!(
        "This is {}'s text assistant. I can answer questions or book an appointment. What do you need?",
        owner.settings.profile.name
    )
}

pub(super) fn welcome() -> Line {
    Line::free("You're welcome! Text us anytime.", &[], &[])
}

pub(super) fn welcome_back(name: &str) -> String {
    let first = name.split_whitespace().next().unwrap_or(name);
    format!("Welcome back, {first}! ")
}
