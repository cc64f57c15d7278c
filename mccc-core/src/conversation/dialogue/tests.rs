//! Whole talks, walked without a store: texts are really understood, the calendar is a list.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::appointments::{Appointment, AppointmentSource, AppointmentStatus, Customer};
use crate::business::{FaqEntry, NumberKind, OwnedLine, Owner, Settings};
use crate::calls::Outcome;
use crate::conversation::understanding::{Channel, Plain, understand};
use crate::tasks::TaskKind;
use crate::zone::Zone;
use crate::{AppointmentId, BusinessId, MessageId, PhoneNumber};

/// Wednesday 2026-12-02, 9:00 in Chicago.
const NOW: Timestamp = Timestamp::from_seconds(1_796_223_600);

fn owner(change: impl FnOnce(&mut Settings)) -> Owner {
    let mut settings = Settings::new("Acme Plumbing", Zone::parse("America/Chicago").unwrap());
    settings.profile.owner_name = "Mike".into();
    settings.profile.trade = "plumbing".into();
    settings.faq = vec![FaqEntry {
        topic: "Financing".into(),
        question: "Do you offer financing?".into(),
        answer: "Yes, we offer 12 months without interest.".into(),
        alternatives: Vec::new(),
    }];
    change(&mut settings);
    let line = OwnedLine {
        number: PhoneNumber::parse("+15125550199").unwrap(),
        kind: NumberKind::Forwarding,
        account: "AC1".into(),
        provider_number: None,
    };
    Owner::new(BusinessId::derive(NOW, "acme"), 1, settings, vec![line], NOW).unwrap()
}

/// A talk with a calendar that is a list.
struct Script {
    owner: Owner,
    talk: Dialogue,
    last: Option<MessageKind>,
    free: Option<Vec<Timestamp>>,
    appointment: Option<Appointment>,
    known_name: Option<String>,
    /// Who is faster than our caller, the next time.
    raced: bool,
    count: u32,
    now: Timestamp,
    outcome: Option<Outcome>,
}

/// What came of a text.
#[derive(Debug)]
struct Answer {
    said: Option<String>,
    task: Option<TaskKind>,
    why: Option<String>,
    note: Option<String>,
    /// It may be worded otherwise.
    free: bool,
}

impl Answer {
    fn text(&self) -> &str {
        self.said.as_deref().unwrap_or("")
    }
}

impl Script {
    fn new(change: impl FnOnce(&mut Settings)) -> Self {
        let hour = |n: u64| NOW.plus(Duration::from_secs(n * 3600));
        Self {
            owner: owner(change),
            talk: Dialogue::default(),
            last: Some(MessageKind::AutoText),
            // Today 13 and 15 o'clock, tomorrow 9, 10, 14 and 16, the day after at 9.
            free: Some([4, 6, 24, 25, 29, 31, 48].map(hour).to_vec()),
            appointment: None,
            known_name: None,
            raced: false,
            count: 0,
            now: NOW,
            outcome: None,
        }
    }

    fn hear(&mut self, text: &str) -> Answer {
        self.hear_with(text, 0)
    }

    fn hear_with(&mut self, text: &str, media: u8) -> Answer {
        self.count += 1;
        self.now = self.now.plus(Duration::from_secs(30));
        let (talk, context) = self.talk.before_text(self.last, self.appointment.is_some());
        let settings = &self.owner.settings;
        let read = understand(
            text,
            Channel::Sms,
            &context,
            &settings.profile,
            self.owner.questions(),
            self.now,
        );
        let heard = Heard {
            at: self.now,
            text,
            media,
            asked: context.asked,
            read: &read,
            plain: &Plain::of(text),
        };
        let mut appointment = self.appointment.clone();
        let mut step = step(&talk, &Event::Heard(&heard), &self.facts(appointment.as_ref()));
        let mut needs = 0;
        while let Some(need) = step.need {
            needs += 1;
            assert!(needs < 4, "{need:?}");
            assert!(step.say.is_none(), "said something before {need:?}");
            let before = step.dialogue;
            step = match need {
                Need::Times => super::step(
                    &before,
                    &Event::Times(self.free.as_deref()),
                    &self.facts(appointment.as_ref()),
                ),
                need @ (Need::Book(_) | Need::Move(..) | Need::Cancel(_) | Need::Confirm(_)) => {
                    let news = self.do_it(need, &before);
                    appointment = self.appointment.clone();
                    super::step(&before, &Event::News(&news), &self.facts(appointment.as_ref()))
                }
            };
        }
        self.talk = step.dialogue;
        self.outcome = step.outcome.or(self.outcome);
        if let Some(say) = &step.say {
            self.last = Some(MessageKind::Reply);
            assert!(say.body.matches('?').count() <= 1, "two questions: {}", say.body);
            assert!(say.body.chars().count() <= 480, "too long: {}", say.body);
        }
        Answer {
            task: step.hand_over.as_ref().map(|over| over.kind),
            why: step.hand_over.map(|over| over.why.into_owned()),
            note: step.say.as_ref().and_then(|say| say.note.clone()),
            free: step.say.as_ref().is_some_and(|say| say.keep.is_some()),
            said: step.say.map(|say| say.body),
        }
    }

    fn facts<'a>(&'a self, appointment: Option<&'a Appointment>) -> Facts<'a> {
        Facts {
            owner: &self.owner,
            known_name: self.known_name.as_deref(),
            appointment,
            confirms: true,
            cause: MessageId::derive(NOW, &self.count.to_string()),
            now: self.now,
        }
    }

    fn do_it(&mut self, need: Need, talk: &Dialogue) -> News {
        let Some(free) = &mut self.free else {
            return News::Unreadable;
        };
        match need {
            Need::Times => unreachable!("answered elsewhere"),
            Need::Book(at) | Need::Move(_, at) => {
                let place = free.iter().position(|start| *start == at);
                let Some(place) = place.filter(|_| !std::mem::take(&mut self.raced)) else {
                    free.retain(|start| *start != at);
                    return News::Taken(free.clone());
                };
                free.remove(place);
                self.last = Some(MessageKind::AppointmentConfirmation);
                self.appointment = Some(appointment(&self.owner, talk.name.as_deref().unwrap_or(""), at));
                News::Booked(at)
            }
            Need::Cancel(_) => self
                .appointment
                .take()
                .map_or(News::Gone, |row| News::Cancelled(row.starts_at)),
            Need::Confirm(_) => match &mut self.appointment {
                Some(row) => {
                    row.status = AppointmentStatus::Confirmed;
                    News::Confirmed(row.starts_at)
                }
                None => News::Gone,
            },
        }
    }

    fn starts(&self) -> Option<String> {
        let row = self.appointment.as_ref()?;
        Some(lines::short_time(self.owner.zone(), row.starts_at, NOW))
    }
}

fn appointment(owner: &Owner, name: &str, at: Timestamp) -> Appointment {
    Appointment {
        id: AppointmentId::derive(at, "one"),
        business: owner.business,
        version: 1,
        call: None,
        conversation: None,
        customer: Customer {
            name: name.to_owned(),
            phone: None,
            email: None,
        },
        service: None,
        starts_at: at,
        duration_minutes: 60,
        status: AppointmentStatus::Scheduled,
        source: AppointmentSource::SmsReply,
        location: None,
        notes: None,
        held_until: None,
        moving_to: None,
        event: None,
        calendar_attempt: 0,
        reminders: Vec::new(),
        confirmed_at: None,
        cancelled_at: None,
        cancelled_by: None,
        cancellation_reason: None,
        created_at: NOW,
    }
}

/// A talk in which times were offered: what is to be done, the name and the address are known.
fn offered() -> Script {
    let mut script = Script::new(|settings| settings.profile.trade = "general".into());
    script.hear("Can someone come out tomorrow? My kitchen sink is clogged");
    script.hear("Ann Baker");
    let answer = script.hear("12 Oak Street");
    assert!(answer.text().contains("\n1) "), "{answer:?}");
    script
}

#[test]
fn the_test_begins_on_a_wednesday_morning() {
    let owner = owner(|_| {});
    assert_eq!(long_time(owner.zone(), NOW), "Wednesday, December 2 at 9:00 AM");
}

#[test]
fn a_booking_by_text_asks_for_what_is_missing_and_nothing_else() {
    let mut script = Script::new(|_| {});
    let answer = script.hear("can someone come tomorrow afternoon?");
    let answer = if script.talk.asked == Some(Question::Visit) {
        script.hear("yes")
    } else {
        answer
    };
    assert_eq!(script.talk.asked, Some(Question::Issue), "{answer:?}");
    script.hear("the kitchen sink is clogged");
    assert_eq!(script.talk.asked, Some(Question::Name));
    script.hear("Ann Baker");
    assert_eq!(script.talk.asked, Some(Question::Address));
    let answer = script.hear("12 Oak Street");
    assert_eq!(
        answer.text(),
        "Here's what's open:\n1) Thu 2:00 PM\n2) Thu 4:00 PM\nReply with a number to book!"
    );
    let answer = script.hear("2");
    assert_eq!(answer.said, None, "the confirmation is a text of its own");
    assert_eq!(script.starts().as_deref(), Some("Thu 4:00 PM"));
    assert_eq!(script.talk.stage, Stage::Booked);
    assert_eq!(script.talk.name.as_deref(), Some("Ann Baker"));
    assert_eq!(script.outcome, Some(Outcome::AppointmentBooked));
}

#[test]
fn what_was_told_at_once_is_not_asked_again() {
    let mut script = Script::new(|settings| settings.profile.trade = "general".into());
    script.known_name = Some("Ann Baker".into());
    let answer = script.hear("My water heater is leaking, can you send someone tomorrow morning? I'm at 12 Oak Street");
    assert_eq!(
        answer.text(),
        "Welcome back, Ann! Here's what's open:\n1) Thu 9:00 AM\n2) Thu 10:00 AM\nReply with a number to book!"
    );
}

#[test]
fn the_trades_one_question_is_asked_once_and_its_answer_is_kept() {
    let mut script = Script::new(|_| {});
    let answer = script.hear("My kitchen sink is clogged, can you come tomorrow?");
    assert!(answer.text().starts_with("Got it."), "{answer:?}");
    script.hear("it can wait");
    assert_eq!(script.talk.asked, Some(Question::Name));
    assert!(script.talk.issue.as_deref().unwrap().ends_with("(it can wait)"));
}

#[test]
fn a_lost_race_is_answered_with_the_next_free_times() {
    let mut script = offered();
    script.raced = true;
    let answer = script.hear("1");
    assert!(
        answer.text().starts_with("Sorry, that time was just taken."),
        "{answer:?}"
    );
    assert!(!answer.text().contains("Thu 9:00 AM"), "{answer:?}");
    script.hear("the first one");
    assert_eq!(script.talk.stage, Stage::Booked);
    assert_eq!(script.starts().as_deref(), Some("Thu 10:00 AM"));
}

#[test]
fn a_seven_to_three_choices_is_asked_again_and_then_given_to_a_person() {
    let mut script = offered();
    for _ in 0..2 {
        let answer = script.hear("7");
        assert!(
            answer.text().starts_with("Please reply with a number from 1 to 4"),
            "{answer:?}"
        );
        assert_eq!(answer.task, None);
    }
    assert_eq!(script.hear("7").task, Some(TaskKind::ReplyNeeded));
    assert_eq!(script.talk.stage, Stage::WaitingForOwner);
}

#[test]
fn another_day_instead_of_a_number_is_a_new_wish() {
    let mut script = offered();
    let answer = script.hear("do you have anything on friday?");
    assert!(
        answer.text().contains("Friday, December 4 at 9:00 AM is open"),
        "{answer:?}"
    );
    script.hear("yes please");
    assert_eq!(script.starts().as_deref(), Some("Fri 9:00 AM"));
}

#[test]
fn a_day_told_while_something_else_is_asked_is_kept_and_not_handed_over() {
    let mut script = Script::new(|_| ());
    script.hear("my kitchen drain is clogged, can someone come");
    script.hear("no, it can wait");
    assert_eq!(script.talk.asked, Some(Question::Name));
    let again = script.hear("any time thurs or fri?");
    assert_eq!(
        (again.task, script.talk.asked),
        (None, Some(Question::Name)),
        "{again:?}"
    );
    assert!(
        again.text().starts_with("Sure, I'll see what's open then."),
        "{again:?}"
    );
    script.hear("Dana");
    // Tomorrow is Thursday.
    let zone = script.owner.zone().clone();
    let days: Vec<i32> = script.talk.offered.iter().map(|at| zone.to_local(*at).day.0).collect();
    let today = zone.to_local(NOW).day.0;
    assert!(
        !days.is_empty() && days.iter().all(|day| [today + 1, today + 2].contains(day)),
        "{days:?}"
    );
}

#[test]
fn a_day_and_then_a_time_are_one_wish() {
    let mut talk = Script::new(|_| {});
    talk.hear("can someone come look at a toilet that runs all night on thursday");
    talk.hear("it can wait");
    talk.hear("anytime after 3");
    let offer = talk.hear("Marcus Bell");
    // Of Thursday's 9, 10, 14 and 16 o'clock only the last is after three, and no other day is named.
    assert!(offer.text().contains("Thursday, December 3 at 4:00 PM"), "{offer:?}");

    // A day that is given up is none any more.
    let mut talk = offered();
    talk.hear("thursday?");
    let other = talk.hear("hm, after 12 on any other day");
    assert!(other.text().contains("Wed 1:00 PM"), "{other:?}");
}

#[test]
fn what_a_caller_told_before_they_wanted_a_visit_is_not_asked_again() {
    for before in [
        "how much is it to fix a leaking faucet",
        "do you guys fix leaking faucets",
        "the faucet in my kitchen is leaking",
    ] {
        let mut talk = Script::new(|_| {});
        talk.hear(before);
        let next = talk.hear("can somebody come out tomorrow");
        assert!(!next.text().contains("What do you need done?"), "{before}: {next:?}");
        assert_eq!(talk.talk.issue.as_deref(), Some(before));
    }
    // What they say while they ask for it counts for more.
    let mut talk = Script::new(|_| {});
    talk.hear("do you guys fix leaking faucets");
    talk.hear("ok my toilet is clogged, can somebody come out tomorrow");
    assert!(
        talk.talk.issue.as_deref().unwrap().contains("toilet"),
        "{:?}",
        talk.talk
    );
    // A thing that was only named is none of their trouble.
    let mut talk = Script::new(|_| {});
    talk.hear("do you do boilers");
    assert_eq!(talk.talk.issue, None);
}

#[test]
fn a_visit_after_an_emergency_is_about_the_same() {
    let talk = Dialogue::default().alarmed("Hi my water heater is leaking from the bottom", NOW);
    assert_eq!((talk.stage, talk.heard_until), (Stage::WaitingForOwner, Some(NOW)));
    assert!(talk.issue.unwrap().contains("water heater"));
    // Days later it is no issue of another visit.
    let talk = Dialogue::default().alarmed("my water heater is leaking", NOW);
    assert_eq!(after_silence(&talk).issue, None);
    let open = Dialogue { booking: true, ..talk };
    assert!(after_silence(&open).issue.is_some());
}

#[test]
fn a_yes_is_nobodys_name_and_an_address_is_kept_whenever_it_comes() {
    for yes in ["si", "Sí", "claro", "yep", "Sure", "kitchen", "the toilet"] {
        let mut talk = Script::new(|_| {});
        talk.hear("my toilet is clogged, can somebody come out tomorrow");
        talk.hear("it can wait");
        let again = talk.hear(yes);
        assert_eq!(talk.talk.name, None, "{yes}");
        assert!(again.text().contains("name"), "{yes}: {again:?}");
    }
    let mut talk = Script::new(|settings| settings.conversation.ask_address = true);
    talk.hear("my toilet is clogged, can somebody come out tomorrow");
    talk.hear("it can wait");
    let name = talk.hear("4410 Speedway apt 2");
    assert_eq!(name.text(), "Got that, thanks. What name should I put this under?");
    assert_eq!(talk.talk.address.as_deref(), Some("4410 Speedway apt 2"));
    let offer = talk.hear("Dana Whitfield");
    assert!(offer.text().contains("1) Thu 9:00 AM"), "{offer:?}");
}

#[test]
fn a_name_that_comes_early_is_no_issue_and_a_time_no_part_of_it() {
    let mut talk = Script::new(|_| {});
    talk.hear("can someone come out");
    let again = talk.hear("Omar Haddad");
    assert_eq!(again.text(), "Got that, thanks. What do you need done?");
    assert_eq!(
        (talk.talk.name.as_deref(), talk.talk.issue.as_deref()),
        (Some("Omar Haddad"), None)
    );
    talk.hear("clogged toilet");
    talk.hear("tomorrow?");
    assert_eq!(talk.talk.issue.as_deref(), Some("clogged toilet"));
    assert!(
        talk.talk.wish.is_some_and(|wish| wish.date.is_some()),
        "{:?}",
        talk.talk
    );
}

#[test]
fn an_address_beside_the_offer_is_kept_and_an_hour_is_another_wish() {
    let mut talk = offered();
    let kept = talk.hear("1208 E 51st st");
    assert!(
        kept.text()
            .starts_with("Got that, thanks. Please reply with a number from 1 to "),
        "{kept:?}"
    );
    assert_eq!(talk.talk.address.as_deref(), Some("1208 E 51st st"));

    let mut talk = offered();
    talk.hear("thursday at 2pm would be better");
    let mut talk = offered();
    talk.hear("thursday morning");
    let other = talk.hear("sorry can we do 4 instead");
    assert!(
        talk.appointment.is_some() || other.text().contains("4:00 PM"),
        "{other:?}"
    );
}

#[test]
fn name_and_address_in_one_line_are_two_answers() {
    let mut talk = Script::new(|_| {});
    talk.hear("need someone to look at a leak under my sink tomorrow");
    talk.hear("its been 2 days, slow drip");
    let offer = talk.hear("Alicia Gomez 1800 Barton Springs Rd");
    assert_eq!(talk.talk.name.as_deref(), Some("Alicia Gomez"));
    assert_eq!(talk.talk.address.as_deref(), Some("1800 Barton Springs Rd"));
    assert!(offer.text().contains("Thu 9:00 AM"), "{offer:?}");
    let kept = talk.hear("900 W 10th");
    assert!(kept.text().starts_with("Got that, thanks."), "{kept:?}");
    assert_eq!(talk.talk.address.as_deref(), Some("900 W 10th"));
}

#[test]
fn a_confirmation_counts_some_texts_after_it_was_asked_for() {
    let mut talk = Script::new(|_| {});
    talk.appointment = Some(appointment(
        &talk.owner,
        "Ann",
        NOW.plus(Duration::from_secs(24 * 3600)),
    ));
    talk.last = Some(MessageKind::AppointmentConfirmation);
    talk.hear("do I need to be home?");
    let done = talk.hear("ok C");
    assert!(done.text().starts_with("Thanks, you're confirmed"), "{done:?}");
}

#[test]
fn how_long_it_has_lasted_is_no_complaint() {
    let mut talk = Script::new(|_| {});
    talk.hear("my toilet wont stop running, can someone come");
    let next = talk.hear("its been 2 days");
    assert_eq!(next.task, None, "{next:?}");
    assert!(
        talk.talk.issue.as_deref().unwrap().contains("2 days"),
        "{:?}",
        talk.talk
    );
    let mut talk = Script::new(|_| {});
    talk.hear("my toilet wont stop running, can someone come");
    let angry = talk.hear("nobody called me back its been 2 days");
    assert_eq!(angry.task, Some(TaskKind::ReplyNeeded), "{angry:?}");
}

#[test]
fn what_wants_nothing_calls_nobody() {
    for text in ["ok", "oh ok lol", "gotcha"] {
        let mut talk = Script::new(|_| {});
        talk.hear("do you offer financing");
        let quiet = talk.hear(text);
        assert_eq!((quiet.said, quiet.task), (None, None), "{text}");
    }
    for text in [
        "let me think about it",
        "i'll call back later",
        "ill check with my husband",
    ] {
        let mut talk = offered();
        let calm = talk.hear(text);
        assert_eq!((calm.text(), calm.task), ("No hurry. Text us anytime.", None), "{text}");
        // What was offered stays.
        talk.hear("2");
        assert!(talk.appointment.is_some(), "{text}");
    }
    // A yes to nothing is asked what it is for, and a day without an appointment is a wish.
    let mut talk = Script::new(|_| {});
    talk.hear("do you offer financing");
    let visit = talk.hear("yes");
    assert!(
        visit.text().starts_with("Would you like me to find a time"),
        "{visit:?}"
    );
    let mut talk = Script::new(|_| {});
    talk.hear("do you offer financing");
    let wish = talk.hear("thursday then, early");
    assert!(wish.task.is_none() && wish.text().contains('?'), "{wish:?}");
    let mut talk = Script::new(|_| {});
    talk.hear("do you offer financing");
    let wish = talk.hear("monday then, early");
    assert!(wish.task.is_none() && wish.text().contains('?'), "{wish:?}");
}

#[test]
fn the_one_time_is_booked_on_a_yes_and_on_nothing_else() {
    let one = || {
        let mut talk = offered();
        talk.hear("friday at 9");
        // The one hour that was named is asked for, or taken at once.
        talk.talk.offered.truncate(1);
        talk.talk.asked = Some(Question::Slots);
        talk.talk.stage = Stage::OfferingSlots;
        talk.appointment = None;
        talk.last = Some(MessageKind::Reply);
        talk.talk.offered = vec![NOW.plus(Duration::from_secs(48 * 3600))];
        talk
    };
    for text in ["Bill", "Lena", "the kitchen", "gas", "Tom Hanks", "hmm", "thx"] {
        let mut talk = one();
        let again = talk.hear(text);
        assert!(talk.appointment.is_none(), "{text}: {again:?}");
    }
    for text in [
        "yes",
        "Yep!",
        "k",
        "sure",
        "that works",
        "book it",
        "perfect thank you",
        "sounds good",
        "si",
        "1",
    ] {
        let mut talk = one();
        let taken = talk.hear(text);
        assert!(talk.appointment.is_some(), "{text}: {taken:?}");
    }
}

#[test]
fn a_name_is_no_confirmation_and_a_second_complaint_is_passed_on() {
    let mut talk = Script::new(|_| {});
    talk.appointment = Some(appointment(
        &talk.owner,
        "Ann",
        NOW.plus(Duration::from_secs(24 * 3600)),
    ));
    talk.last = Some(MessageKind::AppointmentReminder);
    let unclear = talk.hear("Bill");
    assert!(!unclear.text().contains("confirmed"), "{unclear:?}");

    let mut talk = Script::new(|_| {});
    let first = talk.hear("you never showed up, this is ridiculous");
    let second = talk.hear("i want my money back!!");
    assert!(first.text().starts_with("I'm sorry"), "{first:?}");
    assert_eq!(second.text(), "I'm sorry. I'm passing that on to Mike as well.");
    assert_eq!(second.task, Some(TaskKind::ReplyNeeded));
}

#[test]
fn a_day_to_come_is_a_wish_also_where_a_person_is_to_answer() {
    let mut talk = Script::new(|_| {});
    let first = talk.hear("do you work on boat pumps");
    assert_eq!(first.task, Some(TaskKind::ReplyNeeded));
    let next = talk.hear("ok come out friday");
    assert_eq!(next.text(), "Sure, I can help with that. What do you need done?");
}

#[test]
fn an_hour_that_suits_is_a_wish_and_the_next_open_time_is_looked_for() {
    let mut talk = offered();
    talk.hear("thursday mornings like 7");
    let works = talk.hear("ok 10 works");
    assert!(
        talk.appointment.is_some() || works.text().contains("10:00 AM"),
        "{works:?}"
    );
    let mut talk = Script::new(|_| {});
    let next = talk.hear("whats the next open time");
    assert_eq!(next.text(), "Sure, I can help with that. What do you need done?");
}

#[test]
fn who_said_goodbye_a_minute_ago_is_not_welcomed_back() {
    let mut talk = Script::new(|_| {});
    talk.known_name = Some("Paul Hart".into());
    talk.hear("do you offer financing");
    talk.hear("thanks a lot");
    assert_eq!(talk.talk.stage, Stage::Closed);
    let soon = talk.hear("do you offer financing");
    assert!(!soon.text().contains("Welcome back"), "{soon:?}");
    talk.hear("thanks");
    talk.now = talk.now.plus(Duration::from_secs(16 * 60));
    let later = talk.hear("do you offer financing");
    assert!(later.text().starts_with("Welcome back, Paul!"), "{later:?}");
}

#[test]
fn the_same_time_on_another_day_is_that_of_the_appointment() {
    let mut talk = Script::new(|_| {});
    // Today at 15 o'clock; tomorrow has 9, 10, 14 and 16, and 15 as well for this once.
    talk.appointment = Some(appointment(&talk.owner, "Ann", NOW.plus(Duration::from_secs(6 * 3600))));
    talk.free
        .as_mut()
        .unwrap()
        .insert(5, NOW.plus(Duration::from_secs(30 * 3600)));
    talk.hear("R");
    let moved = talk.hear("thursday same time");
    assert!(moved.text().contains("Thursday, December 3 at 3:00 PM"), "{moved:?}");
}

#[test]
fn a_day_without_an_appointment_is_a_wish_unless_one_is_spoken_of() {
    let mut talk = Script::new(|_| {});
    let next = talk.hear("sink clogged\nwed pm");
    assert!(next.task.is_none(), "{next:?}");
    assert!(talk.talk.issue.as_deref().unwrap().contains("sink"), "{:?}", talk.talk);
    let mut talk = Script::new(|_| {});
    let none = talk.hear("i need to reschedule my appointment to friday");
    assert_eq!(none.task, Some(TaskKind::ReplyNeeded), "{none:?}");
    let mut talk = Script::new(|_| {});
    talk.hear("do you offer financing");
    let visit = talk.hear("thurs pm");
    assert!(
        visit.text().starts_with("Would you like me to find a time"),
        "{visit:?}"
    );
}

#[test]
fn who_cancels_and_will_be_back_has_cancelled() {
    let mut talk = Script::new(|_| {});
    talk.appointment = Some(appointment(
        &talk.owner,
        "Ann",
        NOW.plus(Duration::from_secs(24 * 3600)),
    ));
    let done = talk.hear("i have to cancel my appointment, ill text you back next week");
    assert!(done.text().contains("is cancelled"), "{done:?}");
}

#[test]
fn a_name_is_no_address() {
    let mut talk = Script::new(|_| {});
    talk.hear("my toilet is clogged, can somebody come out tomorrow");
    talk.hear("it can wait");
    talk.hear("Ann Lee");
    let again = talk.hear("Omar Haddad");
    assert_eq!(talk.talk.address, None);
    assert!(again.text().contains("address"), "{again:?}");
}

#[test]
fn a_name_beside_the_trades_question_is_kept() {
    let mut talk = Script::new(|_| {});
    talk.hear("my toilet is clogged, can somebody come out tomorrow");
    let next = talk.hear("Hank Ruiz");
    assert_eq!(talk.talk.name.as_deref(), Some("Hank Ruiz"));
    assert_eq!(next.text(), "And what's the address for the visit?");
    let mut talk = Script::new(|_| {});
    talk.hear("my toilet is clogged, can somebody come out tomorrow");
    talk.hear("Beth");
    assert_eq!(talk.talk.name.as_deref(), Some("Beth"));
}

#[test]
fn who_misdialled_is_let_go_and_nobody_is_called() {
    for text in ["oh ok sorry I dialed the wrong number", "You have the wrong person"] {
        let mut talk = Script::new(|_| {});
        let bye = talk.hear(text);
        assert_eq!((bye.text(), bye.task), ("No problem. Have a good day!", None), "{text}");
        assert_eq!(talk.talk.stage, Stage::Closed);
    }
}

#[test]
fn what_is_no_question_is_not_praised_as_one_and_the_next_one_is_passed_on() {
    let mut talk = Script::new(|_| {});
    let first = talk.hear("do you work on boat pumps");
    assert!(first.text().starts_with("Great question!"), "{first:?}");
    let second = talk.hear("whats your address?");
    assert_eq!(second.text(), "I'll pass that on to Mike too.");
    assert_eq!(second.task, Some(TaskKind::ReplyNeeded));
}

#[test]
fn who_asks_when_the_visit_is_gets_its_time() {
    for text in [
        "what time is my appointment again?",
        "when are you guys coming",
        "are we still on for tomorrow?",
    ] {
        let mut script = offered();
        script.hear("1");
        let at = script.appointment.as_ref().unwrap().starts_at;
        let answer = script.hear(text);
        let time = long_time(script.owner.zone(), at);
        assert!(answer.text().contains(&time), "{text}: {answer:?}");
        assert_eq!(
            (answer.task, answer.note.as_deref()),
            (None, Some("Answered from the calendar")),
            "{text}"
        );
        assert!(!answer.free, "{text}");
        assert_eq!(script.appointment.unwrap().starts_at, at);
    }
    // Nobody knows of one: a person has to answer.
    let mut script = Script::new(|_| ());
    assert_eq!(
        script.hear("what time is my appointment again?").task,
        Some(TaskKind::ReplyNeeded)
    );
}

#[test]
fn who_asks_for_times_gets_them_and_who_is_late_moves_nothing() {
    let mut script = offered();
    let before = script.talk.offered.clone();
    let answer = script.hear("whats the earliest you got");
    assert_eq!(
        (answer.task, script.talk.asked),
        (None, Some(Question::Slots)),
        "{answer:?}"
    );
    assert_eq!(script.talk.offered.first(), before.first());
    let mut script = Script::new(|_| ());
    let answer = script.hear("what's the soonest opening you have?");
    assert_eq!((answer.task, script.talk.booking), (None, true), "{answer:?}");

    let mut script = offered();
    script.hear("1");
    let at = script.appointment.as_ref().unwrap().starts_at;
    let answer = script.hear("running 10 min late");
    assert_eq!(
        (answer.task, script.talk.moving),
        (Some(TaskKind::ReplyNeeded), None),
        "{answer:?}"
    );
    assert_eq!(script.appointment.unwrap().starts_at, at);
}

#[test]
fn a_greeting_is_greeted_back_and_no_person_called() {
    for text in ["hey", "Hello?", "good morning", "hi this is dan"] {
        let mut script = Script::new(|_| ());
        let answer = script.hear(text);
        assert_eq!(
            (answer.text(), answer.task),
            ("Hi! What can I help you with?", None),
            "{text}"
        );
        let answer = script.hear("my kitchen sink is clogged, can someone come");
        assert!(answer.task.is_none() && script.talk.booking, "{text}: {answer:?}");
    }
    let mut script = Script::new(|_| ());
    script.known_name = Some("Ann Baker".into());
    assert_eq!(
        script.hear("hi there").text(),
        "Welcome back, Ann! What can I help you with?"
    );
    // Where times were offered it takes none of them.
    let mut script = offered();
    script.hear("good morning");
    assert!(script.appointment.is_none());
}

#[test]
fn an_address_with_a_word_of_politics_is_no_sales_call() {
    let mut script = Script::new(|settings| settings.conversation.ask_address = true);
    script.hear("my kitchen sink is clogged, can someone come. this is Ann Baker");
    while script.talk.asked == Some(Question::Detail) {
        script.hear("it can wait");
    }
    assert_eq!(script.talk.asked, Some(Question::Address));
    script.hear("900 Congress Ave");
    assert_eq!(
        (script.talk.address.as_deref(), script.talk.asked),
        (Some("900 Congress Ave"), Some(Question::Slots))
    );
}

#[test]
fn a_day_in_an_answered_question_is_no_wish() {
    let mut script = Script::new(|settings| {
        settings.schedule.business_hours = vec![crate::routing::Hours {
            day: crate::zone::Weekday::Monday,
            start: "08:00".parse().unwrap(),
            end: "17:00".parse().unwrap(),
        }];
    });
    let answer = script.hear("Do you work on Sundays?");
    assert_eq!(answer.note.as_deref(), Some("Answered from FAQ: hours"));
    assert_eq!(script.talk.wish, None);
}

#[test]
fn only_who_wants_nothing_any_more_ends_a_booking() {
    for (text, ends) in [
        ("no", true),
        ("no thanks", true),
        ("nah never mind", true),
        ("not urgent", false),
        ("no idea, ask my wife", false),
        ("no rush though", false),
    ] {
        let mut script = Script::new(|_| ());
        script.hear("can someone come out, my kitchen sink is clogged");
        while script.talk.asked == Some(Question::Detail) {
            script.hear("it can wait");
        }
        assert_eq!(script.talk.asked, Some(Question::Name));
        script.hear(text);
        assert_eq!(
            (script.talk.booking, script.talk.asked.is_none()),
            (!ends, ends),
            "{text}"
        );
    }
}

#[test]
fn another_week_is_an_answer_to_the_follow_up() {
    let mut script = Script::new(|_| ());
    script.last = Some(MessageKind::FollowUp);
    let answer = script.hear("maybe next week");
    assert_eq!((answer.task, script.talk.booking), (None, true), "{answer:?}");
    assert!(script.talk.wish.is_some());
}

#[test]
fn a_time_is_neither_what_is_to_be_done_nor_where() {
    let mut script = Script::new(|settings| settings.conversation.ask_address = true);
    script.hear("can someone come out");
    assert_eq!(script.talk.asked, Some(Question::Issue));
    script.hear("tomorrow morning");
    assert_eq!((script.talk.asked, &script.talk.issue), (Some(Question::Issue), &None));
    script.hear("my kitchen sink is clogged, this is Ann Baker");
    while script.talk.asked == Some(Question::Detail) {
        script.hear("it can wait");
    }
    script.talk.questions = 0;
    script.talk.asked = Some(Question::Address);
    script.talk.address = None;
    script.last = Some(MessageKind::Reply);
    script.hear("sat morning 9ish");
    assert_eq!(script.talk.address, None);
}

#[test]
fn another_time_in_any_words_is_looked_for() {
    for text in [
        "10:30 works",
        "mornings work best for me",
        "how about friday",
        "sat morning 9ish",
        "im free after 6 any day",
        "in two weeks",
        "dec 4th",
        "later this week",
        "not before thursday",
    ] {
        let mut script = offered();
        let answer = script.hear(text);
        assert_eq!(
            (answer.task, script.talk.asked),
            (None, Some(Question::Slots)),
            "{text}: {answer:?}"
        );
        assert!(script.appointment.is_none(), "{text}: {answer:?}");
        assert!(!answer.text().starts_with("Please reply with"), "{text}: {answer:?}");
    }
}

#[test]
fn nothing_on_the_wished_day_names_the_next_openings() {
    let mut script = Script::new(|settings| settings.profile.trade = "general".into());
    script.known_name = Some("Ann".into());
    let answer = script.hear("My toilet is broken, can someone come Sunday at 8am? 12 Oak Street");
    assert!(
        answer.text().contains("Nothing is open then. The next openings:"),
        "{answer:?}"
    );
}

#[test]
fn an_unreadable_calendar_is_neither_free_nor_full() {
    let mut script = Script::new(|settings| settings.profile.trade = "general".into());
    script.known_name = Some("Ann".into());
    script.free = None;
    let answer = script.hear("My sink is clogged, can you come tomorrow? 12 Oak Street");
    assert!(
        answer
            .text()
            .contains("I'm having trouble checking the schedule right now."),
        "{answer:?}"
    );
    assert_eq!(answer.task, Some(TaskKind::Callback));
    script.free = Some(Vec::new());
    let mut script = Script {
        talk: Dialogue::default(),
        ..script
    };
    let answer = script.hear("My sink is clogged, can you come tomorrow? 12 Oak Street");
    assert!(
        answer.text().contains("I don't see any openings in the next 14 days."),
        "{answer:?}"
    );
}

#[test]
fn c_confirms_r_moves_and_cancel_my_appointment_cancels() {
    let mut script = offered();
    script.hear("2");
    let answer = script.hear("C");
    assert_eq!(
        answer.text(),
        "Thanks, you're confirmed for Thursday, December 3 at 10:00 AM. See you then!"
    );
    assert_eq!(
        script.appointment.as_ref().unwrap().status,
        AppointmentStatus::Confirmed
    );
    script.last = Some(MessageKind::AppointmentReminder);
    let answer = script.hear("R");
    assert!(answer.text().contains("\n1) "), "{answer:?}");
    script.hear("the last one");
    assert_eq!(script.starts().as_deref(), Some("Thu 2:00 PM"));
    let answer = script.hear("please cancel my appointment");
    assert_eq!(
        answer.text(),
        "Your appointment on Thursday, December 3 at 2:00 PM is cancelled. Text us anytime to set up a new one."
    );
    assert_eq!(script.appointment, None);
    assert_eq!(script.hear("cancel my appointment").task, Some(TaskKind::ReplyNeeded));
}

#[test]
fn ordinary_words_take_none_of_the_offered_times() {
    for text in [
        "later",
        "i will tell you later",
        "first i need to ask my wife",
        "1 or 2 works",
        "two questions, do i need to be home and do you take cards?",
    ] {
        let mut talk = offered();
        let answer = talk.hear(text);
        assert_eq!(talk.appointment, None, "{text}: {answer:?}");
    }
}

#[test]
fn another_time_said_to_a_confirmation_confirms_nothing() {
    for text in [
        "friday at 10am works",
        "thursday at 3pm works better for me",
        "yes but at 3 please",
    ] {
        let mut talk = offered();
        talk.hear("2");
        talk.last = Some(MessageKind::AppointmentConfirmation);
        let answer = talk.hear(text);
        assert!(!answer.text().contains("confirmed"), "{text}: {answer:?}");
        let row = talk.appointment.as_ref().unwrap();
        assert_eq!(row.status, AppointmentStatus::Scheduled, "{text}");
    }
    let mut talk = offered();
    talk.hear("2");
    talk.last = Some(MessageKind::AppointmentConfirmation);
    let answer = talk.hear("yes thursday at 10 works");
    assert!(answer.text().contains("confirmed"), "{answer:?}");
}

#[test]
fn who_gives_up_a_move_keeps_the_appointment() {
    for text in [
        "no forget it",
        "never mind, keep it",
        "nvm keep my time",
        "leave it as is",
    ] {
        let mut talk = offered();
        talk.hear("2");
        talk.last = Some(MessageKind::AppointmentReminder);
        talk.hear("R");
        let answer = talk.hear(text);
        assert_eq!(
            answer.text(),
            "OK, your appointment stays on Thursday, December 3 at 10:00 AM. See you then!",
            "{text}"
        );
        assert!(talk.appointment.is_some(), "{text}");
        assert_eq!(talk.talk.moving, None);
    }
    let mut talk = offered();
    talk.hear("2");
    talk.last = Some(MessageKind::AppointmentReminder);
    talk.hear("R");
    talk.hear("never mind, cancel my appointment");
    assert_eq!(talk.appointment, None);
}

#[test]
fn a_question_that_nobody_can_answer_ends_no_booking() {
    let mut talk = Script::new(|settings| settings.profile.trade = "general".into());
    talk.hear("Can someone come out tomorrow? My kitchen sink is clogged");
    assert_eq!(talk.talk.asked, Some(Question::Name));
    let answer = talk.hear("what brand of pipes do you use?");
    assert_eq!(answer.task, Some(TaskKind::ReplyNeeded));
    assert_eq!(
        answer.text(),
        "I'll have Mike answer that. What name should I put this under?"
    );
    talk.hear("Otto Lee");
    talk.hear("7 K St");
    let booked = talk.hear("1");
    assert!(talk.appointment.is_some(), "{booked:?}");
}

#[test]
fn the_answer_to_the_trades_question_is_understood_in_any_words() {
    for text in ["can wait", "its ok for now", "should be ok till then", "is dripping"] {
        let mut talk = Script::new(|_| {});
        talk.hear("My kitchen sink is clogged, can you come tomorrow?");
        assert_eq!(talk.talk.asked, Some(Question::Detail));
        let answer = talk.hear(text);
        assert_eq!(talk.talk.asked, Some(Question::Name), "{text}: {answer:?}");
    }
    let mut talk = Script::new(|_| {});
    talk.hear("My kitchen sink is clogged, can you come tomorrow?");
    let answer = talk.hear("do you offer financing?");
    assert!(answer.text().starts_with("Yes, we offer 12 months"), "{answer:?}");
}

#[test]
fn a_yes_to_our_first_text_leads_to_a_visit() {
    for text in ["yes please", "yes", "sure"] {
        let mut talk = Script::new(|_| {});
        let answer = talk.hear(text);
        assert_eq!(talk.talk.asked, Some(Question::Visit), "{text}: {answer:?}");
        assert_eq!(answer.task, None);
    }
}

#[test]
fn whoever_is_called_flood_has_none() {
    for name in ["Frank Flood", "Rick Smoke", "Sue Park", "Will Price"] {
        let mut talk = Script::new(|settings| settings.profile.trade = "general".into());
        talk.hear("Can someone come out tomorrow? My kitchen sink is clogged");
        let answer = talk.hear(name);
        assert_eq!(talk.talk.name.as_deref(), Some(name), "{answer:?}");
        assert_eq!(talk.talk.asked, Some(Question::Address), "{name}: {answer:?}");
    }
}

#[test]
fn who_needs_nobody_any_more_is_let_go() {
    let mut talk = offered();
    let answer = talk.hear("I found someone else thanks");
    assert_eq!(answer.text(), "No problem, nothing is booked. Text us anytime.");
    assert_eq!(talk.talk.stage, Stage::Closed);
}

#[test]
fn a_day_beyond_what_can_be_booked_is_not_called_taken() {
    let mut talk = offered();
    let answer = talk.hear("dec 28th");
    assert!(
        answer
            .text()
            .starts_with("I can book up to Wednesday, December 16. What's open until then:"),
        "{answer:?}"
    );
}

#[test]
fn the_number_and_the_time_to_call_are_passed_on() {
    let mut talk = Script::new(|_| {});
    let answer = talk.hear("call me at 512-555-0177 after 3 please");
    assert!(
        answer.text().contains("I've noted the number (512) 555-0177."),
        "{answer:?}"
    );
    assert!(
        answer
            .why
            .as_deref()
            .is_some_and(|why| why.contains("(512) 555-0177") && why.contains("after 3:00 PM")),
        "{answer:?}"
    );
}

#[test]
fn yes_to_the_follow_up_begins_a_booking() {
    let mut script = Script::new(|_| {});
    script.last = Some(MessageKind::FollowUp);
    script.hear("YES");
    assert_eq!(script.talk.asked, Some(Question::Issue));
}

#[test]
fn a_question_is_answered_from_the_entries_or_by_a_person() {
    let mut script = Script::new(|_| {});
    let answer = script.hear("do you offer financing?");
    assert_eq!(answer.text(), "Yes, we offer 12 months without interest.");
    assert_eq!(answer.note.as_deref(), Some("Answered from FAQ: Financing"));
    assert_eq!(script.outcome, Some(Outcome::QuestionAnswered));
    let answer = script.hear("what brand of pipes do you use?");
    assert_eq!(
        (answer.text(), answer.task),
        (
            "Great question! Let me have Mike get back to you on that personally.",
            Some(TaskKind::ReplyNeeded)
        )
    );
}

#[test]
fn a_question_in_the_middle_of_an_offer_is_answered_and_the_offer_stays() {
    let mut script = offered();
    let answer = script.hear("do you offer financing?");
    assert!(answer.text().starts_with("Yes, we offer 12 months"), "{answer:?}");
    assert!(
        answer.text().ends_with("or tell me a day that works better."),
        "{answer:?}"
    );
    script.hear("1");
    assert_eq!(script.talk.stage, Stage::Booked);
}

#[test]
fn hours_are_answered_from_the_profile_with_the_offer_of_a_visit() {
    let mut script = Script::new(|_| {});
    let answer = script.hear("Do you guys work on weekends?");
    assert!(answer.text().ends_with("Reply YES and I'll look."), "{answer:?}");
    script.hear("yes");
    assert_eq!(script.talk.asked, Some(Question::Issue));
}

#[test]
fn prices_are_not_quoted_unless_allowed() {
    let priced = |quote: bool| {
        let mut script = Script::new(|settings| {
            settings.conversation.quote_prices = quote;
            settings.faq = vec![FaqEntry {
                topic: "Service call".into(),
                question: "How much is a service call?".into(),
                answer: "A service call is $89.".into(),
                alternatives: Vec::new(),
            }];
        });
        script.hear("how much is a service call?")
    };
    assert!(
        priced(false)
            .text()
            .starts_with("Pricing depends on the specifics, but Mike can")
    );
    assert!(priced(true).text().starts_with("A service call is $89."));
}

#[test]
fn complaints_and_wishes_for_a_call_go_to_a_person() {
    let mut script = Script::new(|_| {});
    let answer = script.hear("this is the third time you didn't show up, I'm really upset");
    assert_eq!(answer.task, Some(TaskKind::ReplyNeeded));
    assert!(answer.text().starts_with("I'm sorry about that."), "{answer:?}");
    let answer = script.hear("please have someone call me back");
    assert_eq!(answer.task, Some(TaskKind::Callback));
    assert_eq!(answer.text(), "Of course. Mike will call you back shortly.");
}

#[test]
fn a_callback_after_hours_is_promised_for_the_opening() {
    let mut script = Script::new(|_| {});
    script.now = NOW.plus(Duration::from_secs(11 * 3600));
    let answer = script.hear("please call me back");
    assert_eq!(
        answer.text(),
        "Of course. Mike will call you after we open at 8:00 AM on Thursday."
    );
}

#[test]
fn a_talk_ends_politely_and_once() {
    let mut script = offered();
    script.hear("1");
    script.hear("C");
    assert_eq!(script.hear("thanks!").text(), "You're welcome! Text us anytime.");
    assert_eq!(script.hear("thank you").said, None);
}

#[test]
fn pictures_and_faces_alone_are_met_with_sense() {
    let mut script = Script::new(|_| {});
    let answer = script.hear_with("", 1);
    assert_eq!(answer.text(), "Thanks for the picture! What do you need done?");
    let mut script = Script::new(|_| {});
    let answer = script.hear("🙃");
    assert_eq!((answer.said, answer.task), (None, None));
}

#[test]
fn who_waits_for_a_person_is_not_told_so_twice() {
    let mut script = Script::new(|_| {});
    script.hear("what brand of pipes do you use?");
    let answer = script.hear("my cousin from ohio says hi, he used to work with mike");
    assert_eq!((answer.said, answer.task), (None, Some(TaskKind::ReplyNeeded)));
}

#[test]
fn a_business_that_books_by_phone_says_so() {
    let mut script = Script::new(|settings| settings.switches.appointment_management = false);
    let answer = script.hear("I need someone to come out tomorrow, my sink is clogged");
    assert_eq!(answer.text(), "Thanks! Mike will call you to set up a time.");
    assert_eq!(answer.task, Some(TaskKind::Callback));
}

#[test]
fn a_two_an_hour_after_the_silence_still_means_the_second_time() {
    let mut script = offered();
    script.talk = after_silence(&script.talk);
    assert_eq!(script.talk.stage, Stage::Closed);
    script.now = script.now.plus(Duration::from_secs(3600));
    script.hear("2");
    assert_eq!(script.starts().as_deref(), Some("Thu 10:00 AM"));
}

#[test]
fn what_was_never_sent_was_never_asked() {
    let talk = offered().talk.unsaid();
    assert_eq!((talk.asked, talk.offered.len(), talk.offer), (None, 0, None));
    assert_eq!(talk.name.as_deref(), Some("Ann Baker"));
}

#[test]
fn an_offered_time_that_is_over_is_not_booked() {
    let mut script = offered();
    script.now = script.now.plus(Duration::from_secs(26 * 3600));
    // The calendar would still take it.
    let answer = script.hear("1");
    assert!(answer.text().contains("open"), "{answer:?}");
    assert_eq!(script.appointment, None);
}

#[test]
fn a_wish_for_a_time_begins_and_ends_where_it_says() {
    let zone = Zone::parse("America/Chicago").unwrap();
    let free: Vec<Timestamp> = (0..6).map(|n| NOW.plus(Duration::from_secs(n * 3600))).collect();
    let hour = |hour| Some(crate::routing::TimeOfDay::hour(hour));
    let offered = |from, to| {
        let wish = When {
            from,
            to,
            ..When::default()
        };
        let found = offer(&free, Some(&wish), &zone);
        let hours: Vec<u32> = found
            .starts
            .iter()
            .map(|at| zone.to_local(*at).minute_of_day() / 60)
            .collect();
        (found.fits, hours)
    };
    // Nine to two are free today. "Before eleven", "between ten and twelve", "at twelve", "at three".
    assert_eq!(offered(None, hour(11)), (true, vec![9, 10]));
    assert_eq!(offered(hour(10), hour(12)), (true, vec![10, 11]));
    assert_eq!(offered(hour(12), hour(12)), (true, vec![12]));
    assert!(!offered(hour(15), hour(15)).0);
}

#[test]
fn the_doubled_hour_says_which_one() {
    let zone = Zone::parse("America/New_York").unwrap();
    let first = Timestamp::parse("2026-11-01T05:30:00Z").unwrap();
    assert_eq!(lines::short_time(&zone, first, first), "Sun 1:30 AM EDT");
    let second = first.plus(Duration::from_secs(3600));
    assert_eq!(lines::short_time(&zone, second, first), "Sun 1:30 AM EST");
}

/// Whether a text that may be worded otherwise is a wording of itself: nobody has to keep what is not there.
fn passes_for_itself(owner: &Owner, say: Option<&Say>) -> bool {
    let Some((say, keep)) = say.and_then(|say| Some((say, say.keep.as_ref()?))) else {
        return true;
    };
    let same = crate::conversation::voice::Same {
        text: &say.body,
        keep,
        settings: &owner.settings,
        first: false,
    };
    crate::conversation::voice::reworded(&say.body, &same).as_ref() == Ok(&say.body)
}

#[test]
fn what_was_done_and_what_saves_lives_is_said_in_our_words_alone() {
    let mut script = offered();
    script.hear("1");
    let exact = |script: &mut Script, text: &str| {
        let answer = script.hear(text);
        assert!(answer.said.is_some() && !answer.free, "{text}: {answer:?}");
    };
    exact(&mut script, "C");
    exact(&mut script, "please cancel my appointment");
    exact(&mut script, "the water heater is on fire, there is smoke everywhere");
    exact(&mut Script::new(|_| {}), "who is this?");
    let mut script = Script::new(|_| {});
    assert!(script.hear("can someone come tomorrow? my sink is clogged").free);
}

fn stage() -> impl Strategy<Value = Stage> {
    proptest::sample::select(Stage::ALL)
}

fn question() -> impl Strategy<Value = Option<Question>> {
    proptest::option::of(proptest::sample::select(Question::ALL))
}

proptest! {
    /// Any text in any state: an answer or a need, never both; at most one question; nothing of a stage that is not ours.
    #[test]
    fn every_text_has_an_answer_in_every_stage(
        stage in stage(), asked in question(), booking: bool, has_row: bool, knows: bool, hours in 0_u64..200,
        offered in 0_usize..5, unclear in 0_u8..5, questions in 0_u8..5,
        text in proptest::sample::select(vec![
            "", "2", "7", "yes", "no", "thanks", "Ann Baker", "12 Oak St", "tomorrow at 3", "my sink leaks",
            "can someone come friday?", "how much?", "call me", "cancel my appointment", "R", "C", "🙃", "help",
            "you people never showed up", "we sell leads, buy now http://x.co", "do you offer financing?",
            "está roto el inodoro", "asdf qwer",
        ]),
    ) {
        let owner = owner(|_| {});
        let free: Vec<Timestamp> = (0..offered as u64).map(|n| NOW.plus(Duration::from_secs((n + 30) * 3600))).collect();
        let talk = Dialogue {
            stage, asked, booking, unclear, questions,
            offered: free.clone(),
            issue: knows.then(|| "sink".to_owned()),
            name: knows.then(|| "Ann".to_owned()),
            ..Dialogue::default()
        };
        let now = NOW.plus(Duration::from_secs(hours * 3600));
        let row = appointment(&owner, "Ann", now.plus(Duration::from_secs(7200)));
        let facts = Facts {
            owner: &owner, known_name: None, appointment: has_row.then_some(&row), confirms: true,
            cause: MessageId::derive(NOW, "one"), now,
        };
        let (talk, context) = talk.before_text(Some(MessageKind::Reply), has_row);
        let settings = &owner.settings;
        let read = understand(text, Channel::Sms, &context, &settings.profile, owner.questions(), now);
        let heard = Heard { at: now, text, media: 0, asked: context.asked, read: &read, plain: &Plain::of(text) };
        let step = step(&talk, &Event::Heard(&heard), &facts);
        prop_assert!(!(step.say.is_some() && step.need.is_some()));
        prop_assert!(!(step.hand_over.is_some() && step.need.is_some()));
        if let Some(say) = &step.say {
            prop_assert!(!say.body.trim().is_empty());
            prop_assert!(say.body.matches('?').count() <= 1, "{}", say.body);
            prop_assert!(say.body.chars().count() <= 480);
        }
        prop_assert!(passes_for_itself(&owner, step.say.as_ref()));
        if let Some(Need::Book(at) | Need::Move(_, at)) = step.need {
            prop_assert!(at > now, "a time that is over");
            prop_assert!(free.contains(&at), "a time that was not offered");
        }
        // A person has the thread, or is only asked to answer beside a talk that goes on with the question it had open.
        if step.hand_over.is_some() {
            let goes_on = step.say.is_some() && talk.asked.is_some() && step.dialogue.asked == talk.asked;
            prop_assert!(step.dialogue.stage == Stage::WaitingForOwner || goes_on, "{:?}", step.dialogue);
        }
        // What a step needs is met in every way it can be.
        for event in [
            Event::Times(None), Event::Times(Some(&[])), Event::Times(Some(&free)), Event::News(&News::Taken(Vec::new())),
            Event::News(&News::Unreadable), Event::News(&News::Gone), Event::News(&News::Booked(now)),
            Event::News(&News::Pending(now)), Event::News(&News::Requested(now)), Event::News(&News::Cancelled(now)), Event::News(&News::Confirmed(now)),
        ] {
            let next = super::step(&step.dialogue, &event, &facts);
            prop_assert!(next.need.is_none(), "a need leads to another");
            prop_assert!(passes_for_itself(&owner, next.say.as_ref()));
            let heard = next.say.is_some() || matches!(event, Event::News(News::Booked(_)));
            prop_assert!(heard, "the caller hears nothing");
        }
    }

    /// What is offered is free, in order, fits the wish where anything does, and is never more than four.
    #[test]
    fn an_offer_is_free_and_fits(
        hours in proptest::collection::btree_set(0_u64..400, 0..60), day in proptest::option::of(0_i32..16),
        more in proptest::option::of(1_i32..8), from in proptest::option::of(0_u16..24),
    ) {
        let zone = Zone::parse("America/Chicago").unwrap();
        let free: Vec<Timestamp> = hours.iter().map(|n| NOW.plus(Duration::from_secs(n * 3600))).collect();
        let wish = When {
            date: day.map(|day| zone.to_local(NOW).day.plus_days(day)),
            also: day.zip(more).map(|(day, more)| zone.to_local(NOW).day.plus_days(day + 2 * more)),
            through: day.zip(more).map(|(day, more)| zone.to_local(NOW).day.plus_days(day + more)),
            from: from.map(|hour| crate::routing::TimeOfDay::from_minutes(hour * 60).unwrap()),
            to: None,
        };
        let found = offer(&free, Some(&wish), &zone);
        prop_assert!(found.starts.len() <= 4);
        prop_assert!(found.starts.is_sorted());
        prop_assert!(found.starts.iter().all(|start| free.contains(start)));
        prop_assert_eq!(found.starts.is_empty(), free.is_empty());
        let fits = |start: &Timestamp| {
            let local = zone.to_local(*start);
            wish.is_on(local.day)
                && from.is_none_or(|hour| local.minute_of_day() >= u32::from(hour) * 60)
        };
        prop_assert_eq!(found.fits, free.iter().any(fits));
        if found.fits {
            prop_assert!(found.starts.iter().all(fits));
        }
    }
}
