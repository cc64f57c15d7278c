//! What is asked before times are offered: what is to be done, one question of the trade, the name, where. Never what is
//! known already, never two at once, and no more than three in all.

use super::event::{Facts, Need, Step};
use super::{Dialogue, MOST_QUESTIONS, Question, Stage, lines};
use crate::tasks::TaskKind;

/// The next step towards an appointment.
pub(super) fn go_on(dialogue: Dialogue, facts: &Facts<'_>) -> Step {
    if dialogue.moving.is_some() {
        return Step::needs(dialogue, Need::Times);
    }
    if !facts.owner.settings.switches.appointment_management {
        let body = lines::by_phone(facts.owner);
        return Step::hands_over(dialogue, TaskKind::Callback, "wants an appointment", Some(body));
    }
    let dialogue = Dialogue {
        booking: true,
        ..dialogue
    };
    match next_question(&dialogue, facts) {
        None => Step::needs(dialogue, Need::Times),
        Some(question) => ask(dialogue, question, facts),
    }
}

/// What is still to be asked.
fn next_question(dialogue: &Dialogue, facts: &Facts<'_>) -> Option<Question> {
    let left = MOST_QUESTIONS
        .checked_sub(dialogue.questions)
        .filter(|left| *left > 0)?;
    let settings = &facts.owner.settings;
    let no_name = dialogue.name.is_none() && facts.known_name.is_none();
    let no_address = settings.conversation.ask_address && dialogue.address.is_none();
    if dialogue.issue.is_none() {
        return Some(Question::Issue);
    }
    // The trade's question is worth asking where there is room for it.
    let needed = u8::from(no_name) + u8::from(no_address);
    if !dialogue.qualified && needed < left && lines::detail(&settings.profile.trade).is_some() {
        return Some(Question::Detail);
    }
    if no_name {
        return Some(Question::Name);
    }
    no_address.then_some(Question::Address)
}

fn ask(dialogue: Dialogue, question: Question, facts: &Facts<'_>) -> Step {
    let trade = &facts.owner.settings.profile.trade;
    let (stage, line) = match question {
        Question::Issue => (Stage::CollectingIssue, lines::issue()),
        Question::Detail => (
            Stage::CollectingIssue,
            lines::detail(trade).unwrap_or_else(lines::issue),
        ),
        Question::Name => (Stage::CollectingName, lines::name()),
        Question::Address => (Stage::CollectingAddress, lines::address()),
        Question::Slots | Question::Visit => (Stage::InConversation, lines::visit()),
    };
    let dialogue = Dialogue {
        questions: dialogue.questions.saturating_add(1),
        qualified: dialogue.qualified || question == Question::Detail,
        ..dialogue
    };
    Step::asks(dialogue, stage, question, line)
}
