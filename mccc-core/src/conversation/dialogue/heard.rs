//! What a text does to the talk.

use super::collecting::go_on;
use super::event::{Facts, HandOver, Heard, Need, Say, Step};
use super::lines::Line;
use super::told::{declines, has_words, is_a_time, names_themselves, take_in};
use super::{Dialogue, Question, Stage, lines};
use crate::business::wording;
use crate::calls::Outcome;
use crate::conversation::understanding::{Asked, Intent, greets, tells_trouble};
use crate::tasks::TaskKind;

/// As sure as this, a text is taken for one that nobody has to answer.
const SURE_SPAM: f32 = 0.8;
/// As sure as this, an appointment is called off on a text alone.
const SURE_CANCEL: f32 = 0.6;
/// As sure as this, somebody speaks of an appointment that they have.
const SURE_MOVE: f32 = 0.7;
/// As sure as this, a text is a yes: "Bill" reads a little like one as well.
const SURE_YES: f32 = 0.8;
/// As sure as this, somebody is unhappy.
const SURE_COMPLAINT: f32 = 0.4;
/// The same while they tell what is wrong: "it's been 2 days" is part of that.
pub(super) const SURE_COMPLAINT_TELLING: f32 = 0.6;
/// As sure as this, a time is when to call and no wish for a visit.
const SURE_CALLBACK: f32 = 0.8;
/// Answers to one question that are not understood before a person takes over.
const UNCLEAR: u8 = 2;
/// Longest text that wants nothing any more, in words.
const LONGEST_REFUSAL: usize = 5;

pub(super) fn hear(before: &Dialogue, heard: &Heard<'_>, facts: &Facts<'_>) -> Step {
    let (dialogue, answered) = take_in(before, heard, facts);
    // "Can wait" reads like a question, and answers ours.
    let detail = before.asked == Some(Question::Detail) && answered && heard.read.intent == Intent::Faq;
    if detail || names_themselves(before, heard) {
        return go_on(clear(dialogue), facts);
    }
    let told = dialogue.address != before.address || dialogue.name != before.name;
    let fields = &heard.read.fields;
    let beside = matches!(heard.read.intent, Intent::Booking | Intent::Other | Intent::Confirm)
        || heard.read.intent == Intent::SlotChoice && fields.slot.is_none() && fields.when.is_none();
    let deaf = told && !answered && beside && !wishes(&dialogue, heard);
    let open = dialogue.asked.filter(|open| deaf && *open != Question::Visit);
    let offered = dialogue.offered.len();
    let mut step = answer(dialogue, answered, heard, facts);
    // "4410 Speedway", said when the name was asked for, is kept; the same question again would sound deaf without a word.
    if step.dialogue.asked == open
        && let (Some(open), Some(say)) = (open, &mut step.say)
    {
        *say = lines::kept().then(lines::again(open, offered)).say();
    }
    step
}

/// "No", "no thanks", "nope, never mind", said to a question that is none of yes or no: the caller wants nothing any more.
/// "Not urgent" and "no idea, ask my wife" are answers.
fn refuses(text: &str) -> bool {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["no" | "nope" | "nah" | "none" | "neither"] => true,
        ["no" | "nope" | "nah", next, ..] => {
            words.len() <= LONGEST_REFUSAL
                && matches!(
                    *next,
                    "thanks" | "thank" | "thx" | "ty" | "never" | "nevermind" | "need" | "longer"
                )
        }
        _ => false,
    }
}

/// Words that begin a question.
const ASKING: &[&str] = &[
    "do", "does", "did", "is", "are", "can", "could", "will", "would", "should", "what", "whats", "when", "where",
    "who", "whos", "why", "how", "hows", "which", "any", "got", "u", "have", "has",
];

/// Whether a text is worded as a question: praising it would sound wrong otherwise.
fn reads_as_question(text: &str) -> bool {
    let asks = |sentence: &str| {
        let first = sentence.split_whitespace().next().unwrap_or_default().to_lowercase();
        ASKING.contains(&first.replace(['\'', '\u{2019}'], "").as_str())
    };
    text.contains('?') || text.split(['.', ',', '!', '\n']).any(|sentence| asks(sentence.trim()))
}

fn not_booked(dialogue: Dialogue) -> Step {
    Step::says(dialogue.settled(Stage::InConversation), lines::nothing_booked())
}

fn answer(dialogue: Dialogue, answered: bool, heard: &Heard<'_>, facts: &Facts<'_>) -> Step {
    let read = heard.read;
    if let Some(row) = facts.appointment.filter(|_| asks_when(&dialogue, heard)) {
        let line = Line::from(lines::yours(facts.owner.zone(), row.starts_at));
        return Step {
            say: Some(Say {
                note: Some("Answered from the calendar".to_owned()),
                ..line.say()
            }),
            outcome: Some(Outcome::QuestionAnswered),
            ..Step::quiet(dialogue)
        };
    }
    let waits = dialogue.stage == Stage::WaitingForOwner;
    let guessed = matches!(
        read.intent,
        Intent::Other | Intent::Help | Intent::Confirm | Intent::ThanksOrClose
    );
    if guessed && !waits && dialogue.asked.is_none() && greets(heard.text, read.fields.name.as_deref()) {
        let stage = Stage::InConversation;
        return Step::says(Dialogue { stage, ..dialogue }, lines::hello(facts.known_name.is_some()));
    }
    if wishes(&dialogue, heard) {
        return look_then(dialogue, answered, facts);
    }
    if let Some(step) = plainly(&dialogue, answered, heard, facts) {
        return step;
    }
    match read.intent {
        // Consent is dealt with where the text arrives, before anything else.
        Intent::OptOut | Intent::OptIn => Step::quiet(dialogue),
        // Only what becomes one by several texts together comes here.
        Intent::Emergency => {
            let body = wording::for_emergency(&facts.owner.settings, read.danger, false);
            Step::hands_over(
                dialogue,
                TaskKind::Emergency,
                "wrote of an emergency; call back at once",
                Some(body.into()),
            )
        }
        // "Dog is in the backyard just fyi": a guess at anger is no reason to say sorry.
        Intent::Complaint if read.confidence < complaint_from(&dialogue) => other(dialogue, answered, heard, facts),
        // The person has been called already.
        Intent::Complaint if dialogue.stage == Stage::WaitingForOwner => {
            let body = lines::sorry_as_well(facts.owner);
            Step::hands_over(dialogue, TaskKind::ReplyNeeded, "is unhappy", Some(body))
        }
        Intent::Complaint => {
            let body = lines::sorry(facts.owner);
            Step::hands_over(dialogue, TaskKind::ReplyNeeded, "is unhappy", Some(body))
        }
        Intent::CallbackRequest => {
            let body = lines::call_back(facts.owner, facts.now, read.fields.callback.as_ref());
            let why = asks_to_be_called(heard, facts);
            Step::hands_over(dialogue, TaskKind::Callback, why, Some(body))
        }
        Intent::CancelAppointment => cancel(dialogue, read.confidence, facts),
        Intent::Reschedule if heard.plain.runs_late() => other(dialogue, answered, heard, facts),
        Intent::Reschedule => move_it(dialogue, heard, facts),
        Intent::SlotChoice => choose(dialogue, heard, facts),
        Intent::Confirm if answered => go_on(clear(dialogue), facts),
        Intent::Confirm => confirm(dialogue, heard, facts),
        Intent::Booking => book(dialogue, answered, heard, facts),
        Intent::Pricing => price(dialogue, heard, facts),
        Intent::Faq => question(dialogue, heard, facts),
        Intent::Help => Step::says(dialogue, lines::help(facts.owner)),
        // Who answers a question of ours sells nothing: "900 Congress Ave".
        Intent::SpamOrSales if read.confidence >= SURE_SPAM && dialogue.asked.is_none() && !answered => {
            Step::quiet(dialogue)
        }
        Intent::ThanksOrClose => close(dialogue, answered, heard, facts),
        Intent::SpamOrSales | Intent::Other => other(dialogue, answered, heard, facts),
    }
}

/// What words alone decide, whatever intent was guessed beside them.
fn plainly(dialogue: &Dialogue, answered: bool, heard: &Heard<'_>, facts: &Facts<'_>) -> Option<Step> {
    let read = heard.read;
    let harmless = !matches!(
        read.intent,
        Intent::OptOut | Intent::OptIn | Intent::Emergency | Intent::Complaint | Intent::CancelAppointment
    );
    // Who gives up a move keeps what they have; "never mind" calls nothing off.
    let names_it = read.intent == Intent::CancelAppointment && heard.plain.speaks_of_cancelling();
    if let (Some(_), Some(row), false) = (dialogue.moving, facts.appointment, names_it)
        && heard.plain.gives_up()
    {
        let stays = lines::stays(facts.owner.zone(), row.starts_at);
        return Some(Step::says(dialogue.clone().settled(Stage::Booked), stays));
    }
    if harmless && facts.appointment.is_none() && heard.plain.misdialled() {
        return Some(Step::says(
            dialogue.clone().settled(Stage::Closed),
            lines::wrong_number(),
        ));
    }
    // "Book it", said of the one time that was offered.
    if let (Some(Question::Slots), [only]) = (dialogue.asked, dialogue.offered.as_slice())
        && harmless
        && *only > facts.now
        && heard.plain.takes_it()
    {
        return Some(take(dialogue.clone(), *only));
    }
    // "Ok come out Friday" reads like a goodbye, and names a day to come.
    let closing = matches!(read.intent, Intent::ThanksOrClose | Intent::Confirm | Intent::Other);
    let free = facts.appointment.is_none() && dialogue.asked.is_none() && heard.asked.is_none();
    if closing && free && read.fields.when.is_some() && heard.plain.asks_to_come() {
        return Some(go_on(clear(dialogue.clone()), facts));
    }
    // "Ok" where nothing was asked.
    if heard.asked.is_none() && dialogue.asked.is_none() && heard.media == 0 && heard.plain.acknowledges() {
        return Some(Step::quiet(dialogue.clone()));
    }
    // What was offered or asked stays: they may come back to it.
    // Who has to cancel and will be back has cancelled.
    let undecided = matches!(
        read.intent,
        Intent::Other | Intent::CallbackRequest | Intent::ThanksOrClose | Intent::Confirm | Intent::Faq
    ) || read.intent == Intent::Booking && dialogue.asked == Some(Question::Slots);
    if undecided && !answered && heard.plain.comes_back() {
        return Some(Step::says(dialogue.clone(), lines::no_hurry()));
    }
    None
}

/// What the person who calls has to know: at which number, and when.
fn asks_to_be_called(heard: &Heard<'_>, facts: &Facts<'_>) -> String {
    let fields = &heard.read.fields;
    let number = fields
        .callback
        .as_ref()
        .map_or_else(String::new, |number| format!(" at {}", number.national()));
    let when = fields
        .when
        .map_or_else(String::new, |when| lines::wished(&when, facts.owner.zone(), facts.now));
    format!("asks to be called{number}{when}")
}

fn complaint_from(dialogue: &Dialogue) -> f32 {
    match dialogue.asked {
        Some(Question::Issue | Question::Detail) => SURE_COMPLAINT_TELLING,
        Some(Question::Slots | Question::Name | Question::Address | Question::Visit) | None => SURE_COMPLAINT,
    }
}

/// Whether the caller asks when the visit is that they have, and nothing is open that it could be about.
fn asks_when(dialogue: &Dialogue, heard: &Heard<'_>) -> bool {
    let read = heard.read;
    let about_it = match read.intent {
        Intent::Faq => read.faq.is_none(),
        Intent::Booking | Intent::Other | Intent::Help | Intent::Reschedule => true,
        Intent::Confirm => heard.asked.is_none(),
        Intent::OptOut
        | Intent::Emergency
        | Intent::Complaint
        | Intent::CancelAppointment
        | Intent::SlotChoice
        | Intent::Pricing
        | Intent::CallbackRequest
        | Intent::SpamOrSales
        | Intent::OptIn
        | Intent::ThanksOrClose => false,
    };
    about_it && dialogue.asked.is_none() && !dialogue.booking && heard.plain.asks_for_visit()
}

/// A day or a time, said while one is looked for, is what the caller wishes, however it reads by itself: "any time Tues or
/// Weds?" is no question for a person then, and "10:30 works" confirms nothing.
fn wishes(dialogue: &Dialogue, heard: &Heard<'_>) -> bool {
    let read = heard.read;
    let invited = heard.asked == Some(Asked::FollowUpYes);
    let looking = dialogue.booking || dialogue.moving.is_some() || invited;
    if !looking || read.fields.when.is_none() || heard.asked == Some(Asked::ConfirmAppointment) {
        return false;
    }
    match read.intent {
        Intent::Other | Intent::Confirm | Intent::ThanksOrClose | Intent::Booking | Intent::SpamOrSales => true,
        Intent::Faq => read.faq.is_none(),
        Intent::CallbackRequest => read.confidence < SURE_CALLBACK,
        Intent::OptOut
        | Intent::Emergency
        | Intent::Complaint
        | Intent::CancelAppointment
        | Intent::Reschedule
        | Intent::SlotChoice
        | Intent::Pricing
        | Intent::OptIn
        | Intent::Help => false,
    }
}

/// Looks for the wished time; what is still to be asked before is asked with a word that the wish was heard.
fn look_then(dialogue: Dialogue, answered: bool, facts: &Facts<'_>) -> Step {
    if dialogue.asked == Some(Question::Slots) {
        return Step::needs(clear(dialogue), Need::Times);
    }
    let before = dialogue.asked;
    let mut step = go_on(clear(dialogue), facts);
    // The same question again would sound deaf without it.
    if !answered
        && before.is_some()
        && step.dialogue.asked == before
        && let (Some(open), Some(say)) = (before, &mut step.say)
    {
        *say = lines::noted().then(lines::again(open, 0)).say();
    }
    step
}

fn clear(dialogue: Dialogue) -> Dialogue {
    Dialogue {
        asked: None,
        unclear: 0,
        ..dialogue
    }
}

fn cancel(dialogue: Dialogue, sure: f32, facts: &Facts<'_>) -> Step {
    match facts.appointment {
        Some(row) if sure >= SURE_CANCEL => Step::needs(dialogue, Need::Cancel(row.id)),
        Some(_) => {
            let body = lines::unsure(facts.owner, false);
            let why = "seems to want an appointment called off";
            Step::hands_over(dialogue, TaskKind::ReplyNeeded, why, Some(body))
        }
        None if dialogue.booking => Step::says(dialogue.settled(Stage::InConversation), lines::nothing_booked()),
        None => without_appointment(
            dialogue,
            "wants an appointment called off that is not in the calendar",
            facts,
        ),
    }
}

fn without_appointment(dialogue: Dialogue, why: &'static str, facts: &Facts<'_>) -> Step {
    let body = lines::no_appointment(facts.owner);
    Step::hands_over(dialogue, TaskKind::ReplyNeeded, why, Some(body))
}

fn move_it(dialogue: Dialogue, heard: &Heard<'_>, facts: &Facts<'_>) -> Step {
    match facts.appointment {
        Some(row) => {
            let moving = Dialogue {
                moving: Some(row.id),
                booking: false,
                ..clear(dialogue)
            };
            Step::needs(moving, Need::Times)
        }
        // Before anything is booked, another time is only another wish.
        None if dialogue.booking => go_on(clear(dialogue), facts),
        // "Monday then, early" sounds like a move, and there is nothing to move: a wish.
        None if heard.read.fields.when.is_some()
            && (heard.read.confidence < SURE_MOVE || !heard.plain.speaks_of_arranged()) =>
        {
            go_on(clear(dialogue), facts)
        }
        None => without_appointment(
            dialogue,
            "wants to move an appointment that is not in the calendar",
            facts,
        ),
    }
}

/// One of the offered times, or another one by its name.
fn choose(dialogue: Dialogue, heard: &Heard<'_>, facts: &Facts<'_>) -> Step {
    let fields = &heard.read.fields;
    // "7" to three choices.
    if fields.slot.is_none() && fields.when.is_none() {
        return ask_again(dialogue, Question::Slots, facts);
    }
    let chosen = fields
        .slot
        .and_then(|slot| usize::from(slot).checked_sub(1))
        .and_then(|place| dialogue.offered.get(place).copied());
    match chosen {
        Some(start) if start > facts.now => take(dialogue, start),
        // Over since it was offered, or not among what was offered: look again.
        Some(_) | None => Step::needs(clear(dialogue), Need::Times),
    }
}

fn take(dialogue: Dialogue, start: crate::Timestamp) -> Step {
    let need = match dialogue.moving {
        Some(id) => Need::Move(id, start),
        None => Need::Book(start),
    };
    Step::needs(clear(dialogue), need)
}

fn confirm(dialogue: Dialogue, heard: &Heard<'_>, facts: &Facts<'_>) -> Step {
    let sure = heard.read.confidence >= SURE_YES || heard.plain.agrees() || heard.plain.confirms_in_words();
    if dialogue.asked == Some(Question::Slots) {
        return match *dialogue.offered.as_slice() {
            // "1" is the number of the only one.
            [_] if !sure && heard.text.trim() != "1" => ask_again(dialogue, Question::Slots, facts),
            [only] if only > facts.now => take(dialogue, only),
            [_] | [] => Step::needs(clear(dialogue), Need::Times),
            _ => ask_again(dialogue, Question::Slots, facts),
        };
    }
    match heard.asked {
        Some(Asked::FollowUpYes) => go_on(clear(dialogue), facts),
        // "Friday at 10 works better", said to the confirmation of another time, confirms nothing.
        Some(Asked::ConfirmAppointment) if wants_another_time(heard, facts) => move_it(dialogue, heard, facts),
        Some(Asked::ConfirmAppointment) if !sure => other(dialogue, false, heard, facts),
        Some(Asked::ConfirmAppointment) => match facts.appointment {
            Some(row) => Step::needs(clear(dialogue), Need::Confirm(row.id)),
            None => without_appointment(dialogue, "confirms an appointment that is not in the calendar", facts),
        },
        Some(Asked::Slots | Asked::Issue | Asked::Name | Asked::Address | Asked::CallbackTime) => {
            other(dialogue, false, heard, facts)
        }
        // "Ok C", some texts after it was asked for.
        None if heard.plain.confirms_in_words() && !dialogue.booking => match facts.appointment {
            Some(row) => Step::needs(clear(dialogue), Need::Confirm(row.id)),
            None => Step::quiet(dialogue),
        },
        // "Yes please" where nothing was asked is looked at once more; after "ok" nothing follows.
        None if heard.plain.agrees() => other(dialogue, false, heard, facts),
        None => Step::quiet(dialogue),
    }
}

/// Whether a day or a time is named at which the caller's appointment is not.
fn wants_another_time(heard: &Heard<'_>, facts: &Facts<'_>) -> bool {
    let (Some(when), Some(row)) = (heard.read.fields.when, facts.appointment) else {
        return false;
    };
    let local = facts.owner.zone().to_local(row.starts_at);
    let minute = u16::try_from(local.minute_of_day()).unwrap_or(0);
    let exact = when.from.is_some() && when.from == when.to;
    let from = when.from.is_none_or(|from| from.minutes() <= minute);
    let to = when
        .to
        .is_none_or(|to| minute < to.minutes() || exact && minute == to.minutes());
    !(when.is_on(local.day) && from && to)
}

fn book(dialogue: Dialogue, answered: bool, heard: &Heard<'_>, facts: &Facts<'_>) -> Step {
    let sure = heard.read.confidence >= facts.owner.settings.conversation.booking_threshold;
    let invited = heard.asked == Some(Asked::FollowUpYes);
    let plain = dialogue.issue.is_some() && tells_trouble(heard.text)
        || heard.read.fields.when.is_some() && heard.plain.asks_to_come();
    if sure || answered || invited || dialogue.booking || dialogue.moving.is_some() || plain {
        return go_on(clear(dialogue), facts);
    }
    Step::asks(dialogue, Stage::InConversation, Question::Visit, lines::visit())
}

fn price(dialogue: Dialogue, heard: &Heard<'_>, facts: &Facts<'_>) -> Step {
    if heard.read.faq.is_some() && facts.owner.settings.conversation.quote_prices {
        return question(dialogue, heard, facts);
    }
    let body = lines::price(facts.owner);
    then_ask(dialogue, body, true, facts)
}

/// Answers, and goes back to the open question; offers a visit where nothing is open.
fn then_ask(dialogue: Dialogue, line: Line, invites: bool, facts: &Facts<'_>) -> Step {
    if let Some(open) = dialogue.asked {
        let again = lines::again(open, dialogue.offered.len());
        return Step::says(dialogue, line.then(again));
    }
    let can_book = facts.owner.settings.switches.appointment_management && facts.appointment.is_none();
    if invites && can_book {
        let line = line.then(lines::visit());
        return Step::asks(dialogue, Stage::InConversation, Question::Visit, line);
    }
    Step::says(
        Dialogue {
            stage: Stage::InConversation,
            ..dialogue
        },
        line,
    )
}

fn question(dialogue: Dialogue, heard: &Heard<'_>, facts: &Facts<'_>) -> Step {
    let enough = facts.owner.settings.conversation.faq_threshold;
    let Some(found) = heard.read.faq.as_ref().filter(|found| found.score >= enough) else {
        // "Whats the earliest you got" asks for times, which the calendar knows.
        if heard.plain.asks_for_times() {
            return look_then(dialogue, false, facts);
        }
        let why = "asked something that no FAQ entry answers";
        // A person answers that, and the booking goes on.
        if let Some(open) = dialogue.asked {
            let line = lines::will_answer(facts.owner).then(lines::again(open, dialogue.offered.len()));
            return Step {
                hand_over: Some(HandOver {
                    kind: TaskKind::ReplyNeeded,
                    why: why.into(),
                }),
                ..Step::says(dialogue, line)
            };
        }
        let body = if dialogue.stage == Stage::WaitingForOwner {
            lines::passed_on(facts.owner)
        } else {
            lines::unsure(facts.owner, reads_as_question(heard.text))
        };
        return Step::hands_over(dialogue, TaskKind::ReplyNeeded, why, Some(body));
    };
    // Who asks when the business is open thinks of a visit; who asks for the next open time wants one.
    let invites = found.entry.is_none() && found.topic == "hours";
    if invites && heard.plain.asks_for_times() && facts.appointment.is_none() {
        return look_then(dialogue, false, facts);
    }
    let mut step =
        then_ask(dialogue, Line::quoted(found.answer.clone()), invites, facts).leads_to(Outcome::QuestionAnswered);
    if let Some(say) = &mut step.say {
        say.note = Some(format!("Answered from FAQ: {}", found.topic));
    }
    step
}

fn close(dialogue: Dialogue, answered: bool, heard: &Heard<'_>, facts: &Facts<'_>) -> Step {
    if answered {
        return go_on(clear(dialogue), facts);
    }
    match dialogue.stage {
        // A second thank-you needs no answer.
        Stage::Closed | Stage::GreetingSent | Stage::Holding | Stage::HumanTakeover | Stage::OptedOut => {
            Step::quiet(dialogue)
        }
        Stage::CollectingIssue | Stage::CollectingName | Stage::CollectingAddress | Stage::OfferingSlots
            if declines(heard.text) =>
        {
            Step::says(dialogue.settled(Stage::Closed), lines::nothing_booked())
        }
        Stage::CollectingIssue | Stage::CollectingName | Stage::CollectingAddress | Stage::OfferingSlots
            if heard.plain.is_settled() =>
        {
            Step::says(dialogue.settled(Stage::Closed), lines::nothing_booked())
        }
        Stage::InConversation if dialogue.asked.is_some() => {
            Step::says(dialogue.settled(Stage::Closed), lines::nothing_booked())
        }
        Stage::CollectingIssue | Stage::CollectingName | Stage::CollectingAddress | Stage::OfferingSlots => {
            match dialogue.asked {
                Some(open) => ask_again(dialogue, open, facts),
                None => Step::quiet(dialogue),
            }
        }
        Stage::WaitingForOwner => Step::quiet(dialogue),
        Stage::InConversation | Stage::Booked => Step::says(
            Dialogue {
                stage: Stage::Closed,
                ..dialogue
            },
            lines::welcome(),
        ),
    }
}

fn other(dialogue: Dialogue, answered: bool, heard: &Heard<'_>, facts: &Facts<'_>) -> Step {
    if answered {
        return go_on(clear(dialogue), facts);
    }
    let wordless = !has_words(heard.text);
    if wordless && heard.media > 0 && dialogue.asked.is_none() {
        let wanted = Dialogue {
            booking: true,
            questions: dialogue.questions.saturating_add(1),
            ..dialogue
        };
        return Step::asks(wanted, Stage::CollectingIssue, Question::Issue, lines::picture());
    }
    if let Some(open) = dialogue.asked {
        // The number of the one time that was offered.
        if let (Question::Slots, [only]) = (open, dialogue.offered.as_slice())
            && heard.text.trim() == "1"
            && *only > facts.now
        {
            let only = *only;
            return take(dialogue, only);
        }
        // A wish for another time is an answer to the offer.
        if open == Question::Slots && heard.read.fields.when.is_some() {
            return Step::needs(clear(dialogue), Need::Times);
        }
        match open {
            Question::Slots if declines(heard.text) => return Step::says(dialogue, lines::other_day()),
            Question::Visit if declines(heard.text) => return not_booked(dialogue),
            Question::Issue | Question::Detail | Question::Name | Question::Address if refuses(heard.text) => {
                return not_booked(dialogue);
            }
            Question::Slots
            | Question::Visit
            | Question::Issue
            | Question::Detail
            | Question::Name
            | Question::Address => {}
        }
        return ask_again(dialogue, open, facts);
    }
    // A face or a heart asks for nothing.
    if wordless && heard.media == 0 {
        return Step::quiet(dialogue);
    }
    // "Yes", after an answer that asked nothing, or a day alone: it can only be about a visit.
    let can_book = facts.owner.settings.switches.appointment_management && facts.appointment.is_none();
    let talking = matches!(
        dialogue.stage,
        Stage::InConversation | Stage::GreetingSent | Stage::Closed
    );
    if can_book && (talking && heard.plain.agrees() || is_a_time(heard)) {
        return Step::asks(dialogue, Stage::InConversation, Question::Visit, lines::visit());
    }
    if dialogue.stage == Stage::WaitingForOwner {
        // They know that a person will answer; saying so again helps nobody.
        return Step {
            hand_over: Some(HandOver {
                kind: TaskKind::ReplyNeeded,
                why: "wrote again".into(),
            }),
            ..Step::quiet(dialogue)
        };
    }
    let body = lines::unsure(facts.owner, heard.text.contains('?'));
    Step::hands_over(dialogue, TaskKind::ReplyNeeded, "wrote something unclear", Some(body))
}

/// The open question once more; a person, when that does not help either.
fn ask_again(dialogue: Dialogue, open: Question, facts: &Facts<'_>) -> Step {
    let unclear = dialogue.unclear.saturating_add(1);
    if unclear > UNCLEAR {
        let body = lines::unsure(facts.owner, false);
        let why = "could not be understood";
        return Step::hands_over(dialogue, TaskKind::ReplyNeeded, why, Some(body));
    }
    let line = lines::again(open, dialogue.offered.len());
    Step {
        say: Some(line.say()),
        ..Step::quiet(Dialogue {
            unclear,
            asked: Some(open),
            ..dialogue
        })
    }
}
