//! From a thread to the machine's talk and back: which texts it takes up, and what a step writes down.

use std::time::Duration;

use super::alone::{IN_OTHER_WORDS, read_consent};
use super::dialogue::{Dialogue, HandOver, Say, Step};
use super::inbound::{asks_to_cancel, emergency_flags, seen};
use super::rows::{Author, Conversation, Direction, Message, MessageKind, MessageStatus, ThreadState};
use super::understanding::Context;
use super::voice::Part;
use crate::appointments::{Appointment, AppointmentSource, Customer, Wish};
use crate::business::{AnswerMode, Owner, wording};
use crate::calls::{CallEvent, Outcome, step as call_step};
use crate::compliance::consent::ConsentIntent;
use crate::compliance::ledger::{ConsentKind, Entry};
use crate::jobs::Job;
use crate::port::store::{Change, Commit, ConsentChange, FeedEvent, FeedKind, Guard, NewJob, Thread};
use crate::tasks::{Task, TaskKind, due_at};
use crate::{AppointmentId, JobId, MessageId, TaskId, Timestamp};

/// How long after a text it is answered: what a caller sends in several texts is answered once.
pub const GATHER: Duration = Duration::from_secs(2);
/// Texts older than this beside the one to be answered belong to an earlier time.
pub(super) const TOGETHER: Duration = Duration::from_secs(600);

/// What a polite "cancel" is read as while an appointment lies ahead.
const CANCELS: &str = "please cancel my appointment";

/// Whether the machine may answer the callers of a business at all.
#[must_use]
pub fn may_answer(owner: &Owner) -> bool {
    let settings = &owner.settings;
    let writes = match settings.conversation.answers {
        AnswerMode::Automatic | AnswerMode::Draft => true,
        AnswerMode::Off => false,
    };
    writes
        && settings.switches.customer_acknowledgements
        && settings.texting.enabled
        && settings.texting.registered
        && owner.sender().is_some()
}

/// Work that answers a text.
#[must_use]
pub(crate) fn answer_job(message: &Message, at: Timestamp) -> Change {
    Change::Enqueue(NewJob {
        id: JobId::derive(at, &format!("answer/{}/{}", message.id, at.as_micros())),
        job: Job::AnswerText { message: message.id },
        subject: Some(message.theirs),
        run_at: at,
        dedupe: message.id.to_string(),
    })
}

/// Work that ends a talk once nothing was said for a while. One for a thread: it looks again when it comes too early.
#[must_use]
pub(crate) fn idle_job(owner: &Owner, thread: &Conversation, at: Timestamp) -> Change {
    Change::Enqueue(NewJob {
        id: JobId::derive(at, &format!("idle/{}/{}", thread.id, at.as_micros())),
        job: Job::CloseIdle {
            conversation: thread.id,
        },
        subject: None,
        run_at: at.plus(idle_after(owner)),
        dedupe: thread.id.to_string(),
    })
}

/// How long nothing has to be said for a talk to be over.
#[must_use]
pub(crate) fn idle_after(owner: &Owner) -> Duration {
    Duration::from_secs(u64::from(owner.settings.conversation.idle_minutes) * 60)
}

/// Takes back what the machine has written and not sent, for a reason that the people of the business read.
#[must_use]
pub(crate) fn unsent(thread: &Thread, reason: &str, at: Timestamp) -> Vec<Change> {
    let waits = |message: &&Message| {
        message.author == Author::Machine
            && message.kind == MessageKind::Reply
            && message.status == MessageStatus::Waiting
            && message.attempts == 0
    };
    let waiting = thread.messages.iter().filter(waits);
    waiting.map(|message| taken_back(message, reason, at)).collect()
}

/// A text of ours that is not sent after all.
#[must_use]
pub(crate) fn taken_back(message: &Message, reason: &str, at: Timestamp) -> Change {
    Change::PutMessage(Box::new(Message {
        version: message.version.saturating_add(1),
        status: MessageStatus::Canceled,
        draft: false,
        reason: Some(reason.to_owned()),
        settled_at: Some(at),
        ..message.clone()
    }))
}

/// The texts that are to be answered, and the talk as it stands before them.
#[derive(Debug, Clone, PartialEq)]
pub struct Talk {
    /// The thread.
    pub conversation: Conversation,
    /// The talk.
    pub dialogue: Dialogue,
    /// What the texts are read against.
    pub context: Context,
    /// The newest of the texts.
    pub newest: Message,
    /// All of them, one below the other; the same text twice is one.
    pub text: String,
    /// Pictures or files that came with them.
    pub media: u8,
}

impl Talk {
    /// What is to be answered for the sake of `message`; nothing when it is answered already, or is not ours to answer.
    #[must_use]
    pub fn of(thread: &Thread, message: &Message, appointment: bool) -> Option<Self> {
        let conversation = thread.conversation.clone()?;
        match conversation.state {
            ThreadState::AiActive => {}
            ThreadState::Human | ThreadState::OptedOut => return None,
        }
        let ours = |one: &&Message| {
            one.direction == Direction::Outbound && !one.draft && one.status != MessageStatus::Canceled
        };
        let last = thread.messages.iter().rfind(ours);
        let drafted = thread.messages.iter().any(|one| one.draft);
        let (dialogue, since) = if drafted {
            // The answer before was never sent: what it answered is answered anew.
            (conversation.dialogue.unsaid(), last.map(|one| one.created_at))
        } else {
            (conversation.dialogue.clone(), conversation.dialogue.heard_until)
        };
        // What came before a person wrote has been answered by them.
        let by_hand = |one: &&Message| ours(one) && one.kind == MessageKind::Manual;
        let person = thread.messages.iter().rfind(by_hand);
        let since = since.max(person.map(|one| one.created_at));
        let (dialogue, context) = dialogue.before_text(last.map(|one| one.kind), appointment);
        let says = |one: &'_ Message| -> String {
            let body = one.body.trim();
            // As it was taken where it arrived.
            if appointment && asks_to_cancel(body) {
                return CANCELS.to_owned();
            }
            body.to_owned()
        };
        let open = |one: &&Message| {
            one.direction == Direction::Inbound
                && since.is_none_or(|since| one.created_at > since)
                && one.created_at.plus(TOGETHER) >= message.created_at
                && !was_acted_on(&says(one))
        };
        let mut texts: Vec<&Message> = thread.messages.iter().filter(open).collect();
        // START beside a wish is no part of it.
        let starts = |one: &&Message| read_consent(one.body.trim()) == ConsentIntent::OptIn;
        if !texts.iter().all(starts) {
            texts.retain(|one| !starts(one));
        }
        let newest = (*texts.last()?).clone();
        texts.iter().find(|one| one.id == message.id)?;
        let mut bodies: Vec<String> = Vec::new();
        for body in texts.iter().map(|one| says(one)).filter(|body| !body.is_empty()) {
            if !bodies.contains(&body) {
                bodies.push(body);
            }
        }
        Some(Self {
            dialogue,
            context,
            newest,
            text: bodies.join("\n"),
            media: texts.iter().fold(0, |sum, one| sum.saturating_add(one.media_count)),
            conversation,
        })
    }

    /// What is kept as the proof of an opt-out that the texts say together. Never the caller's own words.
    pub(crate) fn opt_out_keyword(&self) -> String {
        match read_consent(&self.text) {
            ConsentIntent::OptOut { keyword, .. } => keyword,
            ConsentIntent::OptIn | ConsentIntent::Help | ConsentIntent::None => IN_OTHER_WORDS.to_owned(),
        }
    }
}

/// Whether a text was dealt with where it arrived: beside another it would be read, and acted on, again.
fn was_acted_on(body: &str) -> bool {
    match read_consent(body) {
        ConsentIntent::OptOut { .. } | ConsentIntent::Help => true,
        // START is an ordinary text from somebody who never stopped.
        ConsentIntent::OptIn | ConsentIntent::None => false,
    }
}

/// The wish for one of the offered times. The same time out of the same offer is the same appointment, however often it
/// is asked for.
#[must_use]
pub(crate) fn wish(
    owner: &Owner,
    thread: &Thread,
    talk: &Conversation,
    dialogue: &Dialogue,
    starts_at: Timestamp,
) -> Wish {
    let offer = dialogue.offer.map_or_else(String::new, |offer| offer.to_string());
    let known = thread.contact.as_ref().and_then(|contact| contact.name.clone());
    let issue = dialogue.issue.as_deref().unwrap_or_default().to_lowercase();
    let services = &owner.settings.profile.services;
    Wish {
        id: AppointmentId::derive(talk.created_at, &format!("text/{}/{offer}", talk.id)),
        starts_at,
        customer: Customer {
            name: dialogue.name.clone().or(known).unwrap_or_default(),
            phone: Some(talk.phone),
            email: None,
        },
        service: services
            .iter()
            .find(|service| issue.contains(&service.to_lowercase()))
            .cloned(),
        location: dialogue.address.clone(),
        notes: dialogue.issue.clone(),
        source: AppointmentSource::SmsReply,
        call: talk.last_call,
        conversation: Some(talk.id),
    }
}

/// What made a step happen.
#[derive(Debug, Clone, Copy)]
pub struct Cause<'a> {
    /// The thread, as it was read.
    pub thread: &'a Thread,
    /// Its row.
    pub conversation: &'a Conversation,
    /// The text that is answered, or what stands for it.
    pub id: MessageId,
    /// How many times were found free, where the calendar was read.
    pub found: Option<usize>,
    /// What a language model had to do with it.
    pub model: Part,
    /// The present.
    pub now: Timestamp,
}

/// Whether the next text of ours is the first of its thread that reaches the caller.
#[must_use]
pub(crate) fn is_first(thread: &Thread) -> bool {
    !thread
        .messages
        .iter()
        .any(|message| message.direction == Direction::Outbound && message.status.was_accepted())
}

/// Writes down what a step gives: the talk, the text or its draft, the task.
#[must_use]
pub fn written_down(owner: &Owner, cause: &Cause<'_>, step: &Step) -> Commit {
    let Cause { thread, now, .. } = *cause;
    let mut conversation = cause.conversation.clone();
    let read = conversation.version;
    conversation.version = read.saturating_add(1);
    conversation.dialogue = step.dialogue.clone();
    if let Some(outcome) = step.outcome {
        conversation.outcome = conversation.outcome.raised_to(outcome);
    }
    let mut commit = Commit::new(owner.business, now);
    commit.guards = vec![Guard::Conversation {
        phone: conversation.phone,
        version: read,
    }];
    let mut contact = seen(thread.contact.as_ref(), owner, conversation.phone, now);
    contact.name = step.dialogue.name.clone().or(contact.name);
    commit.changes = vec![Change::PutContact(contact)];
    let over = step.hand_over.as_ref();
    // What to do first in an emergency waits for nobody.
    let urgent = over.is_some_and(|over| over.kind == TaskKind::Emergency);
    let drafted = owner.settings.conversation.answers == AnswerMode::Draft && !urgent;
    let drafts = thread.messages.iter().filter(|message| message.draft);
    commit
        .changes
        .extend(drafts.map(|draft| taken_back(draft, "The caller wrote again before it was sent.", now)));
    if let Some(found) = cause.found {
        let data = serde_json::json!({ "found": found, "days": owner.settings.booking.window_days });
        commit
            .changes
            .push(feed(cause, FeedKind::AvailabilityChecked, None, data));
    }
    let mut said = None;
    if let (Some(say), Some(sender)) = (&step.say, owner.sender()) {
        let message = answer(owner, cause, say, sender, drafted);
        commit.changes.push(Change::PutMessage(Box::new(message.clone())));
        if !drafted {
            commit.changes.push(send_job(&message, now));
        }
        said = Some(message.id);
    }
    if let Some(HandOver { kind, why }) = over {
        let sentence = format!("{} {why}.", conversation.phone.national());
        commit.changes.extend(task(owner, cause, *kind, sentence));
    } else if drafted && said.is_some() {
        let sentence = format!(
            "An answer to {} is ready: check and send it.",
            conversation.phone.national()
        );
        commit
            .changes
            .extend(task(owner, cause, TaskKind::ReplyNeeded, sentence));
    }
    if urgent {
        commit.changes.extend(emergency_flags(
            thread,
            &conversation.phone,
            (conversation.last_call, Some(conversation.id)),
            now,
        ));
    }
    commit.changes.extend(on_the_call(thread, step, now));
    let mut data = serde_json::json!({
        "state": conversation.state, "unread": conversation.unread, "stage": step.dialogue.stage,
    });
    if let serde_json::Value::Object(fields) = &mut data {
        let Part { wording, guess } = cause.model;
        fields.extend(wording.map(|wording| ("wording".to_owned(), wording.name().into())));
        fields.extend(guess.map(|guess| ("guess".to_owned(), guess.name().into())));
    }
    commit
        .changes
        .push(feed(cause, FeedKind::ConversationUpdated, said, data));
    commit.changes.push(Change::PutConversation(conversation));
    commit
}

/// Writes down an opt-out that only several texts together say. It is confirmed by us: the gateway knows none of them.
pub(crate) fn opted_out(owner: &Owner, cause: &Cause<'_>, keyword: &str, commit: &mut Commit) {
    let (now, phone) = (cause.now, cause.conversation.phone);
    commit.locks.push(phone);
    for change in &mut commit.changes {
        if let Change::PutConversation(conversation) = change {
            conversation.state = ThreadState::OptedOut;
            conversation.taken_by = None;
        }
    }
    let first = cause.thread.consent.opted_out_at.is_none();
    commit.changes.extend([
        Change::Consent(ConsentChange::OptOut {
            phone,
            keyword: keyword.to_owned(),
        }),
        Change::CancelJobs { subject: phone },
        Change::Ledger(Entry {
            at: now,
            phone,
            kind: ConsentKind::OptOut,
            source: format!("message/{}", cause.id),
            evidence: keyword.to_owned(),
        }),
    ]);
    let waiting = cause.thread.messages.iter();
    commit.changes.extend(
        waiting
            .filter(|message| message.status == MessageStatus::Waiting && !message.draft)
            .map(|message| taken_back(message, "The caller opted out before it was sent.", now)),
    );
    let data = serde_json::json!({
        "phone_number": phone, "contractor_id": owner.business, "keyword_used": keyword,
        "conversation_id": cause.conversation.id, "timestamp": now,
    });
    commit.changes.push(feed(cause, FeedKind::OptedOut, None, data));
    if !first {
        return;
    }
    if let Some(sender) = owner.sender() {
        let say = Say {
            body: wording::fixed(&owner.settings, MessageKind::OptOutConfirmation),
            note: None,
            keep: None,
        };
        let confirmation = Message {
            id: MessageId::derive(now, &format!("confirmed/{}", cause.id)),
            kind: MessageKind::OptOutConfirmation,
            segments: wording::billed_segments(&say.body),
            body: say.body.clone(),
            note: None,
            ..answer(owner, cause, &say, sender, false)
        };
        commit.changes.push(Change::PutMessage(Box::new(confirmation.clone())));
        commit.changes.push(send_job(&confirmation, now));
    }
    let sentence = format!(
        "{} has opted out of text messages. Follow up by phone if needed.",
        phone.national()
    );
    commit.changes.extend(task(owner, cause, TaskKind::OptedOut, sentence));
}

/// Hands a written text to the gateway.
#[must_use]
pub(crate) fn send_job(message: &Message, now: Timestamp) -> Change {
    Change::Enqueue(NewJob {
        id: JobId::derive(now, &format!("send/{}", message.id)),
        job: Job::SendMessage { message: message.id },
        subject: Some(message.theirs),
        run_at: now,
        dedupe: message.id.to_string(),
    })
}

fn answer(owner: &Owner, cause: &Cause<'_>, say: &Say, sender: crate::PhoneNumber, draft: bool) -> Message {
    let body = if is_first(cause.thread) {
        wording::opening(&owner.settings, &say.body)
    } else {
        say.body.clone()
    };
    Message {
        id: MessageId::derive(cause.now, &format!("answer/{}", cause.id)),
        business: owner.business,
        version: 1,
        conversation: cause.conversation.id,
        call: cause.conversation.last_call,
        direction: Direction::Outbound,
        author: Author::Machine,
        user: None,
        kind: MessageKind::Reply,
        ours: sender,
        theirs: cause.conversation.phone,
        segments: wording::billed_segments(&body),
        body,
        media_count: 0,
        status: MessageStatus::Waiting,
        provider_message: None,
        error_code: None,
        reason: None,
        attempts: 0,
        note: note(owner, cause, say),
        draft,
        created_at: cause.now,
        sent_at: None,
        settled_at: None,
    }
}

/// What an answer rests on, and whose words it is in.
fn note(owner: &Owner, cause: &Cause<'_>, say: &Say) -> Option<String> {
    let rests_on = say.note.clone().or_else(|| {
        let days = owner.settings.booking.window_days;
        let found = cause.found?;
        Some(format!(
            "📅 Availability checked — {found} slots found in next {days} days"
        ))
    });
    let worded = cause.model.wording.map(|wording| wording.sentence().to_owned());
    let both: Vec<String> = rests_on.into_iter().chain(worded).collect();
    (!both.is_empty()).then(|| both.join("\n"))
}

/// What a person owes; once while it is open.
fn task(owner: &Owner, cause: &Cause<'_>, kind: TaskKind, sentence: String) -> Vec<Change> {
    let conversation = cause.conversation;
    if cause.thread.open_tasks.iter().any(|task| task.kind == kind) {
        return Vec::new();
    }
    // Whoever is told reads what was written, where a text made it.
    let written = cause.thread.messages.iter().find(|message| message.id == cause.id);
    vec![
        Change::RaiseTask(Task {
            id: TaskId::derive(cause.now, &format!("{}/{}", kind.name(), cause.id)),
            business: conversation.business,
            kind,
            phone: Some(conversation.phone),
            call: conversation.last_call,
            conversation: Some(conversation.id),
            message: written.map(|message| message.id),
            sentence,
            raised_at: cause.now,
            due_at: due_at(owner, kind, cause.now),
            done_at: None,
            done_by: None,
        }),
        feed(cause, FeedKind::TaskRaised, None, serde_json::json!({ "kind": kind })),
    ]
}

/// What the talk has led to shows on the call it came of.
fn on_the_call(thread: &Thread, step: &Step, now: Timestamp) -> Option<Change> {
    let call = thread.last_call.as_ref()?;
    let about = thread.conversation.as_ref().and_then(|thread| thread.last_call);
    if about != Some(call.id) {
        return None;
    }
    let outcome = match step.outcome {
        // The booking itself says so on the call.
        Some(Outcome::AppointmentBooked) | None if step.dialogue.issue.is_none() => return None,
        Some(Outcome::AppointmentBooked) | None => Outcome::LeadCaptured,
        Some(other) => other,
    };
    let mut after = call_step(call, &CallEvent::Talked(outcome), now);
    if let Some(over) = &step.hand_over {
        if over.kind == TaskKind::Emergency {
            after = call_step(&after.call, &CallEvent::Emergency, now);
        }
        after = call_step(&after.call, &CallEvent::Attention(true), now);
        after.call.version = call.version.saturating_add(1);
    }
    (after.call != *call).then(|| Change::UpdateCall {
        before: Box::new(call.clone()),
        after: Box::new(after.call),
    })
}

fn feed(cause: &Cause<'_>, kind: FeedKind, message: Option<MessageId>, data: serde_json::Value) -> Change {
    Change::Feed(FeedEvent {
        kind,
        at: cause.now,
        call: cause.conversation.last_call,
        conversation: Some(cause.conversation.id),
        message,
        data,
    })
}

/// The customer's next appointment that can still be moved or called off.
#[must_use]
pub fn next_appointment(rows: &[Appointment], now: Timestamp) -> Option<&Appointment> {
    rows.iter()
        .filter(|row| row.status.is_ahead() && row.starts_at > now)
        .min_by_key(|row| row.starts_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BusinessId;
    use crate::business::{NumberKind, OwnedLine, Settings};
    use crate::conversation::{CallerFlags, new_conversation};
    use crate::port::store::{Consent, SendCounts};
    use crate::zone::Zone;

    fn owner() -> (Owner, Timestamp) {
        owner_with(|_| {})
    }

    fn owner_with(change: impl FnOnce(&mut Settings)) -> (Owner, Timestamp) {
        let at = Timestamp::from_seconds(1_796_223_600);
        let mut settings = Settings::new("Acme", Zone::parse("America/Chicago").unwrap());
        change(&mut settings);
        let line = OwnedLine {
            number: crate::PhoneNumber::parse("+15125550199").unwrap(),
            kind: NumberKind::Forwarding,
            account: "AC1".into(),
            provider_number: None,
        };
        let owner = Owner::new(BusinessId::derive(at, "acme"), 1, settings, vec![line], at).unwrap();
        (owner, at)
    }

    /// A thread in which texts arrived a second apart.
    fn wrote(owner: &Owner, at: Timestamp, bodies: &[&str]) -> Thread {
        let conversation = new_conversation(owner, crate::PhoneNumber::parse("+15125550123").unwrap(), at);
        let thread = Thread {
            contact: None,
            flags: CallerFlags::NONE,
            conversation: Some(conversation.clone()),
            messages: Vec::new(),
            last_call: None,
            consent: Consent::default(),
            guard: None,
            counts: SendCounts::default(),
            open_tasks: Vec::new(),
        };
        let cause = Cause {
            thread: &thread,
            conversation: &conversation,
            id: MessageId::derive(at, "one"),
            found: None,
            model: Part::default(),
            now: at,
        };
        let say = Say {
            body: String::new(),
            note: None,
            keep: None,
        };
        let heard = |(second, body): (u64, &&str)| Message {
            id: MessageId::derive(at, body),
            direction: Direction::Inbound,
            author: Author::Caller,
            status: MessageStatus::Received,
            body: (*body).to_owned(),
            created_at: at.plus(Duration::from_secs(second)),
            ..answer(
                owner,
                &cause,
                &say,
                crate::PhoneNumber::parse("+15125550199").unwrap(),
                false,
            )
        };
        let messages = (0..).zip(bodies).map(heard).collect();
        Thread { messages, ..thread }
    }

    #[test]
    fn start_beside_a_wish_is_no_part_of_it() {
        let (owner, at) = owner();
        let thread = wrote(&owner, at, &["can you come tomorrow?", "START"]);
        let talk = Talk::of(&thread, thread.messages.first().unwrap(), false).unwrap();
        assert_eq!(talk.text, "can you come tomorrow?");
        let thread = wrote(&owner, at, &["START"]);
        let talk = Talk::of(&thread, thread.messages.last().unwrap(), false).unwrap();
        assert_eq!(
            talk.text, "START",
            "from somebody who never stopped it is an ordinary text"
        );
    }

    #[test]
    fn what_a_person_has_answered_is_not_answered_again() {
        let (owner, at) = owner();
        let mut thread = wrote(&owner, at, &["do you work on boat pumps", "we do!", "9 Birch Ave"]);
        if let Some(person) = thread.messages.get_mut(1) {
            person.direction = Direction::Outbound;
            person.author = Author::Person;
            person.kind = MessageKind::Manual;
            person.status = MessageStatus::Sent;
        }
        let talk = Talk::of(&thread, thread.messages.last().unwrap(), false).unwrap();
        assert_eq!(talk.text, "9 Birch Ave");
    }

    #[test]
    fn whoever_is_called_reads_what_was_written() {
        let (owner, at) = owner();
        let thread = wrote(&owner, at, &["you ruined my floor!"]);
        let newest = thread.messages.last().unwrap();
        let task_of = |id: MessageId| {
            let cause = Cause {
                thread: &thread,
                conversation: thread.conversation.as_ref().unwrap(),
                id,
                found: None,
                model: Part::default(),
                now: at,
            };
            let step = Step {
                hand_over: Some(HandOver {
                    kind: TaskKind::ReplyNeeded,
                    why: "is unhappy".into(),
                }),
                ..Step::quiet(Dialogue::default())
            };
            let commit = written_down(&owner, &cause, &step);
            let raised = commit.changes.into_iter().find_map(|change| {
                if let Change::RaiseTask(task) = change {
                    Some(task)
                } else {
                    None
                }
            });
            raised.unwrap().message
        };
        assert_eq!(task_of(newest.id), Some(newest.id));
        // What an appointment made, and no text.
        assert_eq!(task_of(MessageId::derive(at, "an appointment")), None);
    }

    #[test]
    fn what_was_acted_on_where_it_arrived_is_not_read_again() {
        let (owner, at) = owner();
        for keyword in ["STOP", "HELP", "please stop texting me"] {
            let thread = wrote(&owner, at, &[keyword, "my sink is leaking"]);
            let newest = thread.messages.last().unwrap();
            let talk = Talk::of(&thread, newest, false).unwrap();
            assert_eq!(talk.text, "my sink is leaking", "{keyword}");
        }
    }

    #[test]
    fn a_polite_cancel_is_about_the_appointment_that_lies_ahead() {
        let (owner, at) = owner();
        let thread = wrote(&owner, at, &["Cancel, please."]);
        let newest = thread.messages.last().unwrap();
        assert_eq!(Talk::of(&thread, newest, true).unwrap().text, CANCELS);
        assert_eq!(Talk::of(&thread, newest, false), None, "an opt-out");
    }

    #[test]
    fn an_opt_out_that_texts_say_together_is_written_down() {
        let (owner, at) = owner();
        let thread = wrote(&owner, at, &["one", "two"]);
        let conversation = thread.conversation.clone().unwrap();
        let cause = Cause {
            thread: &thread,
            conversation: &conversation,
            id: MessageId::derive(at, "two"),
            found: None,
            model: Part::default(),
            now: at,
        };
        let mut commit = written_down(&owner, &cause, &Step::quiet(Dialogue::default()));
        opted_out(&owner, &cause, "in other words", &mut commit);
        let has = |wanted: fn(&Change) -> bool| commit.changes.iter().any(wanted);
        assert!(has(|change| matches!(
            change,
            Change::Consent(ConsentChange::OptOut { .. })
        )));
        assert!(has(|change| matches!(change, Change::Ledger(_))));
        assert!(has(|change| matches!(change, Change::CancelJobs { .. })));
        assert!(has(
            |change| matches!(change, Change::PutConversation(thread) if thread.state == ThreadState::OptedOut)
        ));
        assert!(has(
            |change| matches!(change, Change::PutMessage(text) if text.kind == MessageKind::OptOutConfirmation)
        ));
        assert!(has(
            |change| matches!(change, Change::RaiseTask(task) if task.kind == TaskKind::OptedOut)
        ));
    }

    #[test]
    fn in_draft_mode_everything_waits_for_a_person_but_an_emergency() {
        let (owner, at) = owner_with(|settings| settings.conversation.answers = AnswerMode::Draft);
        let thread = wrote(&owner, at, &[]);
        let cause = Cause {
            thread: &thread,
            conversation: thread.conversation.as_ref().unwrap(),
            id: MessageId::derive(at, "one"),
            found: None,
            model: Part::default(),
            now: at,
        };
        for (kind, waits) in [(TaskKind::Emergency, false), (TaskKind::ReplyNeeded, true)] {
            let step = Step {
                dialogue: Dialogue::default(),
                say: Some(Say {
                    body: "Leave the house now.".into(),
                    note: None,
                    keep: None,
                }),
                need: None,
                hand_over: Some(HandOver {
                    kind,
                    why: "wrote".into(),
                }),
                outcome: None,
            };
            let commit = written_down(&owner, &cause, &step);
            let sends = |change: &Change| matches!(change, Change::Enqueue(new) if new.job.kind() == crate::jobs::JobKind::SendMessage);
            let flags = |change: &Change| matches!(change, Change::PutCallerFlags { .. });
            assert_eq!(commit.changes.iter().any(sends), !waits, "{kind:?}");
            assert_eq!(commit.changes.iter().any(flags), !waits, "{kind:?}");
        }
    }
}
