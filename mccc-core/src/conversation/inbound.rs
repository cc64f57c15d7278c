//! What a text from a caller does: consent first, then the thread, then who has to answer.

use std::time::Duration;

use super::alone::read_urgency;
use super::dialogue::{Dialogue, Question};
use super::emergency::{Urgency, UrgencyReading};
use super::read_consent;
use super::rows::{
    Author, CallerFlags, Contact, Conversation, Direction, Message, MessageKind, MessageStatus, ThreadState,
};
use super::talking::{GATHER, TOGETHER, answer_job, idle_job, may_answer, taken_back};
use super::understanding::is_a_full_name;
use super::verification::{code_sentence, verification_code};
use crate::appointments::Appointment;
use crate::business::wording;
use crate::business::{OptOutReply, Owner};
use crate::calls::{CallEvent, Outcome, step};
use crate::center::callers::told;
use crate::center::gatekeeping::arrives_from_machine;
use crate::compliance::consent::{self, ConsentIntent};
use crate::compliance::ledger::{ConsentKind, Entry};
use crate::jobs::Job;
use crate::port::store::{Change, Commit, ConsentChange, EventKey, FeedEvent, FeedKind, Guard, NewJob, Thread};
use crate::port::{GatewayConsent, InboundText};
use crate::tasks::{Task, TaskKind, due_at};
use crate::{BusinessId, CallId, ConversationId, JobId, MessageId, PhoneNumber, TaskId, Timestamp};

/// A text joins the thread of a missed call that is at most this old.
pub const THREAD_WINDOW: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long a caller's emergency gives them the voice agent, from their last text about it.
pub const EMERGENCY_WINDOW: Duration = Duration::from_secs(3600);
/// Longest opening of a message shown in lists, in characters.
const PREVIEW_CHARS: usize = 80;

/// What the decision reads.
#[derive(Debug, Clone, Copy)]
pub struct InboundSnapshot<'a> {
    /// The business that was written to.
    pub owner: &'a Owner,
    /// Who wrote. Only a real number has a thread.
    pub from: PhoneNumber,
    /// The thread with the caller.
    pub thread: &'a Thread,
    /// The text.
    pub event: &'a InboundText,
    /// Whether the gateway itself answers the bare words STOP, START and HELP.
    pub gateway_confirms: bool,
    /// The caller's next appointment, which the word CANCEL may have been meant for. Read only where that word came.
    pub appointment: Option<&'a Appointment>,
    /// When it arrived.
    pub arrived_at: Timestamp,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq)]
pub struct InboundOutcome {
    /// What to write down, all or nothing.
    pub commit: Commit,
    /// Whether the acknowledgement has to wait until no send claim on the number is open.
    pub settles_claims: bool,
}

/// Decides about a text from a caller.
#[must_use]
pub fn receive(input: InboundSnapshot<'_>) -> InboundOutcome {
    let InboundSnapshot {
        owner,
        from,
        thread,
        event,
        arrived_at: at,
        ..
    } = input;
    let intent = match intent_of(event) {
        // Who says please to a bare "cancel" speaks to people, and of their appointment.
        ConsentIntent::OptOut { .. } if input.appointment.is_some() && asks_to_cancel(&event.body) => {
            ConsentIntent::None
        }
        intent @ (ConsentIntent::OptOut { .. } | ConsentIntent::OptIn | ConsentIntent::Help | ConsentIntent::None) => {
            intent
        }
    };
    let mut draft = Draft::new(&input);
    match &intent {
        ConsentIntent::OptOut { keyword, exact } => {
            draft.opt_out(keyword);
            // Whoever wants no texts may still need help.
            if !exact && draft.tells_of_emergency() {
                draft.emergency();
            }
        }
        ConsentIntent::OptIn => draft.opt_in(),
        ConsentIntent::Help => draft.help(),
        ConsentIntent::None => draft.ordinary(),
    }
    let settles_claims = matches!(intent, ConsentIntent::OptOut { .. });
    let version = thread.conversation.as_ref().map_or(0, |thread| thread.version);
    let mut commit = Commit::new(owner.business, at);
    commit.event = Some(EventKey {
        key: format!("text/{}", event.provider_message),
        reply: None,
    });
    commit.locks = vec![from];
    commit.guards = vec![Guard::Conversation { phone: from, version }];
    commit.changes = draft.finish();
    InboundOutcome { commit, settles_claims }
}

/// What the gateway says it did about a keyword is trusted over our own reading of the body.
fn intent_of(event: &InboundText) -> ConsentIntent {
    match event.gateway_consent {
        // Never the caller's own words: it is kept as proof.
        Some(GatewayConsent::Stop) => ConsentIntent::OptOut {
            keyword: match consent::understand(&event.body) {
                ConsentIntent::OptOut { keyword, .. } => keyword,
                ConsentIntent::OptIn | ConsentIntent::Help | ConsentIntent::None => "gateway".to_owned(),
            },
            exact: true,
        },
        Some(GatewayConsent::Start) => ConsentIntent::OptIn,
        Some(GatewayConsent::Help) => ConsentIntent::Help,
        None => read_consent(&event.body),
    }
}

/// Whether a text is a bare "cancel" in some form, which may have been meant for an appointment.
pub(crate) fn may_mean_appointment(event: &InboundText) -> bool {
    match intent_of(event) {
        ConsentIntent::OptOut { keyword, .. } => means_cancel(&keyword) || asks_to_cancel(&event.body),
        ConsentIntent::OptIn | ConsentIntent::Help | ConsentIntent::None => false,
    }
}

/// Whether the keyword of an opt-out is what one also says of an appointment.
fn means_cancel(keyword: &str) -> bool {
    ["cancel", "cancelar"]
        .iter()
        .any(|word| keyword.eq_ignore_ascii_case(word))
}

/// "Please cancel": the phone companies' keyword with a politeness that they do not act on.
pub(super) fn asks_to_cancel(body: &str) -> bool {
    let letters: String = body.chars().filter_map(consent::fold).collect();
    [
        "pleasecancel",
        "cancelplease",
        "plscancel",
        "cancelpls",
        "plzcancel",
        "cancelplz",
        "porfavorcancelar",
        "cancelarporfavor",
        "porfavorcancele",
        "pleasecancelthanks",
        "pleasecancelthankyou",
    ]
    .contains(&letters.as_str())
}

/// What a person has to do with a verification code.
pub(crate) fn code_task(business: BusinessId, event: &InboundText, code: &str, at: Timestamp) -> Task {
    Task {
        id: TaskId::derive(at, &format!("verification_code/{}", event.provider_message)),
        business,
        kind: TaskKind::VerificationCode,
        phone: None,
        call: None,
        conversation: None,
        message: None,
        sentence: code_sentence(code, &event.body),
        raised_at: at,
        due_at: None,
        done_at: None,
        done_by: None,
    }
}

struct Draft<'a> {
    input: &'a InboundSnapshot<'a>,
    conversation: Conversation,
    message: Message,
    call: Option<CallId>,
    changes: Vec<Change>,
}

impl<'a> Draft<'a> {
    fn new(input: &'a InboundSnapshot<'a>) -> Self {
        let InboundSnapshot {
            owner,
            from,
            thread,
            event,
            arrived_at: at,
            ..
        } = *input;
        let call = thread
            .last_call
            .as_ref()
            .filter(|call| at.since(call.received_at) <= THREAD_WINDOW)
            .map(|call| call.id);
        let id = thread
            .conversation
            .as_ref()
            .map_or_else(|| conversation_id(owner, &from), |thread| thread.id);
        let message = Message {
            id: MessageId::derive(at, &format!("{}/{}", owner.business, event.provider_message)),
            business: owner.business,
            version: 1,
            conversation: id,
            call,
            direction: Direction::Inbound,
            author: Author::Caller,
            user: None,
            kind: MessageKind::Reply,
            ours: event.to,
            theirs: from,
            body: event.body.clone(),
            media_count: event.media_count,
            segments: wording::billed_segments(&event.body),
            status: MessageStatus::Received,
            provider_message: Some(event.provider_message.clone()),
            error_code: None,
            reason: None,
            attempts: 0,
            note: None,
            draft: false,
            created_at: at,
            sent_at: None,
            settled_at: Some(at),
        };
        let mut conversation = thread
            .conversation
            .clone()
            .unwrap_or_else(|| new_conversation(owner, from, at));
        conversation.version = conversation.version.saturating_add(1);
        conversation.unread = conversation.unread.saturating_add(1);
        // A text that comes late, from the spool or an import, never makes the thread look older.
        if at >= conversation.last_message_at {
            conversation.preview = preview(&event.body, event.media_count);
            conversation.last_message_at = at;
        }
        conversation.last_inbound_at = conversation.last_inbound_at.max(Some(at));
        conversation.last_call = call.or(conversation.last_call);
        Self {
            input,
            conversation,
            message,
            call,
            changes: Vec::new(),
        }
    }

    fn feed(&mut self, kind: FeedKind, data: serde_json::Value) {
        self.changes.push(Change::Feed(FeedEvent {
            kind,
            at: self.input.arrived_at,
            call: self.call,
            conversation: Some(self.conversation.id),
            message: Some(self.message.id),
            data,
        }));
    }

    fn task(&mut self, kind: TaskKind, sentence: String) {
        let already = self.input.thread.open_tasks.iter().any(|task| task.kind == kind);
        if already {
            return;
        }
        let at = self.input.arrived_at;
        self.changes.push(Change::RaiseTask(Task {
            id: TaskId::derive(at, &format!("{}/{}", kind.name(), self.message.id)),
            business: self.input.owner.business,
            kind,
            phone: Some(self.input.from),
            call: self.call,
            conversation: Some(self.conversation.id),
            message: Some(self.message.id),
            sentence,
            raised_at: at,
            due_at: due_at(self.input.owner, kind, at),
            done_at: None,
            done_by: None,
        }));
        self.feed(FeedKind::TaskRaised, serde_json::json!({ "kind": kind }));
        self.call_event(&CallEvent::Attention(true));
    }

    /// Applies an event to the latest call of the thread, on top of what this decision did to it before.
    fn call_event(&mut self, event: &CallEvent) {
        let Some(original) = self
            .input
            .thread
            .last_call
            .as_ref()
            .filter(|call| Some(call.id) == self.call)
        else {
            return;
        };
        let present = self.changes.iter_mut().find_map(|change| {
            if let Change::UpdateCall { after, .. } = change {
                Some(after)
            } else {
                None
            }
        });
        match present {
            Some(after) => {
                let version = after.version;
                **after = step(after, event, self.input.arrived_at).call;
                after.version = version;
            }
            None => {
                let next = step(original, event, self.input.arrived_at);
                if next.changed {
                    self.changes.push(Change::UpdateCall {
                        before: Box::new(original.clone()),
                        after: Box::new(next.call),
                    });
                }
            }
        }
    }

    fn ledger(&mut self, kind: ConsentKind, evidence: &str) {
        self.changes.push(Change::Ledger(Entry {
            at: self.input.arrived_at,
            phone: self.input.from,
            kind,
            source: format!("text/{}", self.input.event.provider_message),
            evidence: evidence.to_owned(),
        }));
    }

    /// What was said up to now is dealt with: none of it is read again beside a later text.
    fn hear(&mut self) {
        let heard = &mut self.conversation.dialogue.heard_until;
        *heard = (*heard).max(Some(self.input.arrived_at));
    }

    fn opt_out(&mut self, keyword: &str) {
        self.hear();
        let thread = self.input.thread;
        let first = thread.consent.opted_out_at.is_none();
        let phone = self.input.from;
        self.changes.push(Change::Consent(ConsentChange::OptOut {
            phone,
            keyword: keyword.to_owned(),
        }));
        self.changes.push(Change::CancelJobs { subject: phone });
        self.cancel_waiting("The caller opted out before it was sent.");
        self.conversation.state = ThreadState::OptedOut;
        self.conversation.taken_by = None;
        self.ledger(ConsentKind::OptOut, keyword);
        self.feed(
            FeedKind::OptedOut,
            serde_json::json!({
                "phone_number": phone,
                "contractor_id": self.input.owner.business,
                "keyword_used": keyword,
                "conversation_id": self.conversation.id,
                "timestamp": self.input.arrived_at,
            }),
        );
        if first {
            // Exactly one confirmation: the gateway's where it gives one, else ours.
            if self.app_confirms() {
                self.answer(MessageKind::OptOutConfirmation);
            }
            self.task(TaskKind::OptedOut, self.opted_out_sentence(keyword));
        }
    }

    /// CANCEL stops all texts, since phone companies read it so. Who has an appointment may have meant that.
    fn opted_out_sentence(&self, keyword: &str) -> String {
        let who = self.input.from.national();
        match self.input.appointment {
            Some(row) if means_cancel(keyword) => format!(
                "{who} wrote {}, which stops all texts. They may have meant their appointment on {}: it still stands. \
                 Call them.",
                keyword.to_uppercase(),
                wording::appointment_time(self.input.owner, row.starts_at)
            ),
            Some(_) | None => format!("{who} has opted out of text messages. Follow up by phone if needed."),
        }
    }

    fn opt_in(&mut self) {
        let thread = self.input.thread;
        let phone = self.input.from;
        if thread.consent.opted_out_at.is_none() && !thread.consent.suppressed {
            // START from somebody who never stopped is an ordinary text.
            self.ordinary();
            return;
        }
        // A wish that was written before START is still to be answered.
        if self.owes_nothing() {
            self.hear();
        }
        self.changes.push(Change::Consent(ConsentChange::OptIn { phone }));
        self.conversation.state = ThreadState::AiActive;
        // Never the caller's own words.
        let word = self.input.event.body.trim().to_uppercase();
        let known = consent::is_answered_by_gateways(&word);
        self.ledger(ConsentKind::OptIn, if known { &word } else { "asked for texts again" });
        self.feed(FeedKind::OptedIn, serde_json::json!({ "phone_number": phone }));
        if self.app_confirms() {
            self.answer(MessageKind::OptInConfirmation);
        }
    }

    fn help(&mut self) {
        if self.owes_nothing() {
            self.hear();
        }
        self.ledger(ConsentKind::Help, "HELP");
        self.feed(FeedKind::TextReceived, serde_json::json!({ "intent": "help" }));
        if self.app_confirms() {
            self.answer(MessageKind::Help);
        }
    }

    /// Whether no earlier text still waits for its answer, which the thread reads up to the latest that was heard.
    fn owes_nothing(&self) -> bool {
        let heard = self.conversation.dialogue.heard_until;
        let at = self.input.arrived_at;
        let waits = |message: &Message| {
            message.direction == Direction::Inbound
                && heard.is_none_or(|heard| message.created_at > heard)
                && at.since(message.created_at) <= TOGETHER
        };
        !self.input.thread.messages.iter().any(waits)
    }

    /// A phone company's code is for the contractor, and nobody waits for an answer. A caller's text never is one.
    fn brings_code(&mut self) -> bool {
        let InboundSnapshot { thread, event, .. } = self.input;
        let stranger = thread.last_call.is_none()
            && !thread
                .messages
                .iter()
                .any(|message| message.direction == Direction::Outbound);
        let Some(code) = verification_code(&event.body).filter(|_| stranger) else {
            return false;
        };
        self.feed(
            FeedKind::TextReceived,
            serde_json::json!({ "intent": "verification_code" }),
        );
        let task = code_task(self.input.owner.business, event, &code, self.input.arrived_at);
        self.changes.push(Change::RaiseTask(Task {
            phone: Some(self.input.from),
            conversation: Some(self.conversation.id),
            message: Some(self.message.id),
            ..task
        }));
        self.feed(
            FeedKind::TaskRaised,
            serde_json::json!({ "kind": TaskKind::VerificationCode }),
        );
        true
    }

    fn ordinary(&mut self) {
        if self.brings_code() {
            return;
        }
        let emergency = self.tells_of_emergency();
        let intent = if emergency { "emergency" } else { "other" };
        self.feed(FeedKind::TextReceived, serde_json::json!({ "intent": intent }));
        if self.is_kept_away() {
            return;
        }
        let InboundSnapshot {
            owner,
            from,
            thread,
            event,
            arrived_at,
            ..
        } = *self.input;
        let machine = arrives_from_machine(arrived_at, &event.body, thread);
        if let Some(reason) = machine.filter(|_| !emergency) {
            // The contractor's own phone answers a notice: nobody waits there.
            if owner.is_own(&from) || owner.settings.notifications.text.phone == Some(from) {
                return;
            }
            // A person decides whether it was one: a caller taken for a machine waits for an answer.
            let sentence = format!(
                "{} wrote. {} Check whether they need an answer.",
                from.national(),
                reason.explain()
            );
            self.task(TaskKind::ReplyNeeded, sentence);
            return;
        }
        self.conversation.automated_since_inbound = 0;
        if !emergency && self.machine_answers() {
            self.call_event(&CallEvent::Talked(Outcome::NoAction));
            let at = self.input.arrived_at;
            let job = answer_job(&self.message, at.plus(GATHER));
            self.changes.push(job);
            self.changes.push(idle_job(self.input.owner, &self.conversation, at));
            return;
        }
        self.call_event(&CallEvent::CallerReplied);
        self.conversation.outcome = self.conversation.outcome.raised_to(Outcome::CallbackRequested);
        if emergency {
            self.emergency();
            return;
        }
        // Where nothing answers by itself, a reply is owed by a person: never silence.
        self.task(
            TaskKind::ReplyNeeded,
            format!(
                "{} wrote back and is waiting for an answer.",
                self.input.from.national()
            ),
        );
    }

    /// Whether the machine answers this text. One that comes late, out of the order of the thread, is for a person.
    fn machine_answers(&self) -> bool {
        let InboundSnapshot {
            owner,
            thread,
            arrived_at,
            ..
        } = *self.input;
        let in_order = thread
            .conversation
            .as_ref()
            .and_then(|thread| thread.last_inbound_at)
            .is_none_or(|last| last <= arrived_at);
        may_answer(owner) && in_order && self.conversation.state == ThreadState::AiActive && !thread.flags.no_auto_text
    }

    /// Whether the caller is one to whom nothing of theirs is answered.
    fn is_kept_away(&self) -> bool {
        let flags = &self.input.thread.flags;
        flags.blocked || flags.spam
    }

    /// Whoever it comes from: a machine that tells of gas costs a look, a caller taken for one costs a house.
    fn tells_of_emergency(&self) -> bool {
        let named = self.conversation.dialogue.asked == Some(Question::Name) && is_a_full_name(&self.input.event.body);
        // "Frank Flood", asked for the name, has none.
        !named && !self.is_kept_away() && self.urgency().level == Urgency::Emergency
    }

    /// As it is read everywhere: in the month that the business has.
    fn urgency(&self) -> UrgencyReading {
        let month = self
            .input
            .owner
            .zone()
            .to_local(self.input.arrived_at)
            .day
            .to_date()
            .month();
        read_urgency(&self.input.event.body, u8::try_from(month).ok())
    }

    /// The caller's calls go to the voice agent for a while, and a person has to know at once.
    fn emergency(&mut self) {
        let InboundSnapshot {
            thread,
            from,
            arrived_at: at,
            ..
        } = *self.input;
        let about = (self.call, Some(self.conversation.id));
        self.changes.extend(emergency_flags(thread, &from, about, at));
        self.call_event(&CallEvent::Emergency);
        self.task(
            TaskKind::Emergency,
            format!("{} wrote of an emergency. Call back at once.", from.national()),
        );
        self.answer_emergency();
    }

    /// The caller hears at once that somebody is being called, and what to do first where there is danger. Once an hour;
    /// not where a person leads or the caller wants no texts.
    fn answer_emergency(&mut self) {
        let InboundSnapshot {
            owner,
            thread,
            arrived_at: at,
            ..
        } = *self.input;
        if self.conversation.state != ThreadState::AiActive {
            return;
        }
        self.conversation.dialogue = self.conversation.dialogue.alarmed(&self.message.body, at);
        let told = thread
            .messages
            .iter()
            .any(|message| message.kind == MessageKind::Emergency && at.since(message.created_at) < EMERGENCY_WINDOW);
        if told || !owner.settings.switches.customer_acknowledgements || owner.sender().is_none() {
            return;
        }
        let first = !thread
            .messages
            .iter()
            .any(|message| message.direction == Direction::Outbound && message.status.was_accepted());
        let danger = self.urgency().danger;
        let body = wording::for_emergency(&owner.settings, danger, first);
        self.say(MessageKind::Emergency, body);
    }

    /// Exactly one confirmation goes out: the gateway's, where it has answered or knows the very word, else ours.
    fn app_confirms(&self) -> bool {
        let InboundSnapshot {
            owner,
            event,
            gateway_confirms,
            ..
        } = self.input;
        let by_gateway = match owner.settings.texting.opt_out_reply {
            OptOutReply::Gateway => *gateway_confirms && consent::is_answered_by_gateways(&event.body),
            OptOutReply::App => false,
        };
        event.gateway_consent.is_none() && !by_gateway
    }

    /// Writes down a text of ours and queues it. The gate decides again before it goes out.
    fn answer(&mut self, kind: MessageKind) {
        let body = wording::fixed(&self.input.owner.settings, kind);
        self.say(kind, body);
    }

    fn say(&mut self, kind: MessageKind, body: String) {
        let at = self.input.arrived_at;
        let id = MessageId::derive(at, &format!("{}/{}", kind.name(), self.message.id));
        self.changes.push(Change::PutMessage(Box::new(Message {
            id,
            version: 1,
            direction: Direction::Outbound,
            author: Author::Machine,
            kind,
            segments: wording::billed_segments(&body),
            body,
            media_count: 0,
            status: MessageStatus::Waiting,
            provider_message: None,
            settled_at: None,
            // After the text that it answers, in every list.
            created_at: at.plus(Duration::from_micros(1)),
            ..self.message.clone()
        })));
        self.changes.push(Change::Enqueue(NewJob {
            id: JobId::derive(at, &format!("send/{id}")),
            job: Job::SendMessage { message: id },
            subject: Some(self.input.from),
            run_at: at,
            dedupe: id.to_string(),
        }));
    }

    fn cancel_waiting(&mut self, reason: &str) {
        let at = self.input.arrived_at;
        let waiting = self
            .input
            .thread
            .messages
            .iter()
            .filter(|message| message.status == MessageStatus::Waiting);
        let taken_back = waiting.map(|message| taken_back(message, reason, at));
        self.changes.extend(taken_back);
    }

    fn finish(self) -> Vec<Change> {
        let contact = seen(
            self.input.thread.contact.as_ref(),
            self.input.owner,
            self.input.from,
            self.input.arrived_at,
        );
        let mut changes = vec![
            Change::PutContact(contact),
            Change::PutConversation(self.conversation),
            Change::PutMessage(Box::new(self.message)),
        ];
        changes.extend(self.changes);
        changes
    }
}

/// From now on the caller's calls go to the voice agent for a while.
pub(super) fn emergency_flags(
    thread: &Thread,
    phone: &PhoneNumber,
    (call, conversation): (Option<CallId>, Option<ConversationId>),
    at: Timestamp,
) -> Vec<Change> {
    let flags = CallerFlags {
        version: thread.flags.version.saturating_add(1),
        emergency_until: thread.flags.emergency_until.max(Some(at.plus(EMERGENCY_WINDOW))),
        ..thread.flags.clone()
    };
    vec![
        Change::Feed(FeedEvent {
            kind: FeedKind::CallerFlagged,
            at,
            call,
            conversation,
            message: None,
            data: told(phone, &flags, None),
        }),
        Change::PutCallerFlags { phone: *phone, flags },
    ]
}

/// The identifier of the thread with a caller: the same on every node and at every time.
#[must_use]
pub fn conversation_id(owner: &Owner, phone: &PhoneNumber) -> ConversationId {
    ConversationId::derive(Timestamp::UNIX_EPOCH, &format!("{}/{phone}", owner.business))
}

/// A thread before its first message; version 0, so that the first write makes it 1.
#[must_use]
pub fn new_conversation(owner: &Owner, phone: PhoneNumber, at: Timestamp) -> Conversation {
    Conversation {
        id: conversation_id(owner, &phone),
        business: owner.business,
        phone,
        version: 0,
        state: ThreadState::AiActive,
        taken_by: None,
        last_call: None,
        unread: 0,
        preview: String::new(),
        last_message_at: at,
        last_inbound_at: None,
        last_automated_at: None,
        automated_since_inbound: 0,
        outcome: Outcome::NoAction,
        dialogue: Dialogue::default(),
        created_at: at,
    }
}

/// The contact after it was seen at `at`.
#[must_use]
pub fn seen(contact: Option<&Contact>, owner: &Owner, phone: PhoneNumber, at: Timestamp) -> Contact {
    match contact {
        Some(contact) => Contact {
            last_seen_at: at.max(contact.last_seen_at),
            ..contact.clone()
        },
        None => Contact {
            business: owner.business,
            phone,
            name: None,
            line: None,
            created_at: at,
            last_seen_at: at,
        },
    }
}

/// The opening of a text, for lists.
#[must_use]
pub fn preview(body: &str, media_count: u8) -> String {
    let flat = body.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.is_empty() && media_count > 0 {
        return "Picture".to_owned();
    }
    if flat.chars().count() <= PREVIEW_CHARS {
        return flat;
    }
    let mut cut: String = flat.chars().take(PREVIEW_CHARS.saturating_sub(1)).collect();
    cut.push('…');
    cut
}
