//! What the API answers about calls, threads and tasks.

use mccc_core::conversation::{Contact, Conversation, Message, code_of_sentence};
use mccc_core::port::store::{CallDetail, CallRow, Consent, ConversationRow};
use mccc_core::tasks::{Task, TaskKind};
use mccc_core::{CallerId, PhoneNumber};
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use super::names::*;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The items.
    pub(crate) items: Vec<T>,
    /// Where the next page starts; null on the last page.
    pub(crate) next_cursor: Option<String>,
}

/// Who called.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallerView {
    /// What is known of the number.
    #[schema(value_type = CallerStatus)]
    pub(crate) status: &'static str,
    /// The number in E.164 form.
    #[schema(example = "+15125550123")]
    pub(crate) number: Option<String>,
    /// The number as people write it.
    #[schema(example = "(512) 555-0123")]
    pub(crate) national: Option<String>,
    /// Name, when it is known.
    pub(crate) name: Option<String>,
}

impl CallerView {
    fn new(caller: &CallerId, name: Option<String>) -> Self {
        let number = caller.number();
        Self {
            status: caller.status(),
            number: number.map(|number| number.to_string()),
            national: number.map(|number| number.national()),
            name,
        }
    }
}

/// A call in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallRowView {
    /// Identifier.
    pub(crate) id: String,
    /// When it reached us.
    #[schema(format = DateTime)]
    pub(crate) received_at: String,
    /// Who called.
    pub(crate) caller: CallerView,
    /// The number of ours that was reached.
    pub(crate) dialled: String,
    /// What the schedule said.
    #[schema(value_type = MethodName)]
    pub(crate) scheduled_method: &'static str,
    /// What was done.
    #[schema(value_type = MethodName)]
    pub(crate) method: &'static str,
    /// Business hours or after.
    #[schema(value_type = VariantName)]
    pub(crate) variant: &'static str,
    /// The stored outcome, finer than the label.
    #[schema(value_type = OutcomeName)]
    pub(crate) outcome: &'static str,
    /// The label's key.
    #[schema(value_type = OutcomeLabel)]
    pub(crate) outcome_key: &'static str,
    /// The label.
    #[schema(example = "Voicemail Left")]
    pub(crate) outcome_label: &'static str,
    /// Where it stands.
    #[schema(value_type = CallStateName)]
    pub(crate) state: &'static str,
    /// Length in whole seconds, once it is known.
    pub(crate) duration_seconds: Option<u32>,
    /// Length of what the caller left, in whole seconds.
    pub(crate) recording_seconds: Option<u32>,
    /// How its text stands.
    #[schema(value_type = TextStatus)]
    pub(crate) text_status: &'static str,
    /// Whether the caller engaged: replied, left a message, talked, booked.
    pub(crate) recovered: bool,
    /// Whether a person still owes something.
    pub(crate) needs_attention: bool,
    /// What a person still owes.
    pub(crate) open_task: Option<String>,
    /// The thread with the caller.
    pub(crate) conversation_id: Option<String>,
    /// A test: left out of totals.
    pub(crate) is_test: bool,
    /// Whether nobody has looked at it.
    pub(crate) unread: bool,
    /// Tags.
    pub(crate) tags: Vec<String>,
    /// How urgently a person should look at it.
    #[schema(value_type = PriorityName)]
    pub(crate) priority: &'static str,
    /// When the first useful response happened.
    #[schema(format = DateTime)]
    pub(crate) responded_at: Option<String>,
    /// When the promised callback was made.
    #[schema(format = DateTime)]
    pub(crate) callback_completed_at: Option<String>,
}

impl CallRowView {
    /// A row of a list.
    #[must_use]
    pub(crate) fn new(row: CallRow, tasks: &[Task]) -> Self {
        let priority = row.priority().name();
        Self {
            id: row.id.to_string(),
            received_at: row.received_at.to_string(),
            caller: CallerView::new(&row.caller, row.caller_name),
            dialled: row.dialled.to_string(),
            scheduled_method: row.scheduled_method.name(),
            method: row.method.name(),
            variant: row.variant.name(),
            outcome: row.outcome.name(),
            outcome_key: row.outcome.dashboard().name(),
            outcome_label: row.outcome.dashboard().label(),
            state: row.state.name(),
            duration_seconds: row.duration_seconds,
            recording_seconds: row.recording_seconds,
            text_status: row.text.name(),
            recovered: row.recovered,
            needs_attention: row.needs_attention,
            open_task: tasks
                .iter()
                .rev()
                .find(|task| task.call == Some(row.id) && task.done_at.is_none())
                .map(|task| task.sentence.clone()),
            conversation_id: row.conversation.map(|id| id.to_string()),
            is_test: row.is_test,
            unread: row.read_at.is_none(),
            priority,
            tags: row.tags,
            responded_at: row.responded_at.map(|at| at.to_string()),
            callback_completed_at: row.callback_completed_at.map(|at| at.to_string()),
        }
    }

    /// The row of a call with everything known about it.
    #[must_use]
    pub(crate) fn of_detail(detail: &CallDetail) -> Self {
        let call = &detail.call;
        let name = detail.contact.as_ref().and_then(|contact| contact.name.clone());
        let row = CallRow {
            id: call.id,
            caller: call.caller,
            caller_name: name.or_else(|| call.caller_name.clone()),
            dialled: call.dialled,
            scheduled_method: call.scheduled_method,
            method: call.method,
            variant: call.variant,
            state: call.state,
            outcome: call.outcome,
            recovered: call.recovered,
            is_test: call.is_test,
            tags: call.tags.clone(),
            received_at: call.received_at,
            responded_at: call.responded_at,
            duration_seconds: call.duration_seconds,
            recording_seconds: call.recording.as_ref().map(|recording| recording.duration_seconds),
            text: call.text,
            conversation: call.conversation,
            needs_attention: call.needs_attention,
            read_at: call.read_at,
            callback_completed_at: call.callback_completed_at,
        };
        Self::new(row, &detail.tasks)
    }
}

/// One text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessageView {
    /// Identifier.
    pub(crate) id: String,
    /// Which way it went.
    #[schema(value_type = DirectionName)]
    pub(crate) direction: &'static str,
    /// The text.
    pub(crate) body: String,
    /// When it was written or received.
    #[schema(format = DateTime)]
    pub(crate) at: String,
    /// Where it stands.
    #[schema(value_type = TextStatus)]
    pub(crate) status: &'static str,
    /// Why it stands there, in the contractor's words.
    pub(crate) reason: Option<String>,
    /// Who wrote it.
    #[schema(value_type = AuthorName)]
    pub(crate) author: &'static str,
    /// Billed segments.
    pub(crate) segments: u8,
    /// What it is for, such as `auto_text` or `manual`.
    #[schema(value_type = String)]
    pub(crate) kind: &'static str,
    /// The provider's error code.
    pub(crate) error_code: Option<u32>,
    /// Pictures or files that came with it.
    pub(crate) media_count: u8,
    /// The call it answers.
    pub(crate) call_id: Option<String>,
    /// What the machine's answer rests on and whose words it is in, a line each: "Answered from FAQ: Hours".
    pub(crate) note: Option<String>,
    /// Written by the machine and waiting for a person to send, change or discard it.
    pub(crate) draft: bool,
}

impl From<Message> for MessageView {
    fn from(message: Message) -> Self {
        Self {
            id: message.id.to_string(),
            direction: message.direction.name(),
            body: message.body,
            at: message.created_at.to_string(),
            status: message.status.name(),
            reason: message.reason,
            author: message.author.name(),
            segments: message.segments,
            kind: message.kind.name(),
            error_code: message.error_code,
            media_count: message.media_count,
            call_id: message.call.map(|id| id.to_string()),
            note: message.note,
            draft: message.draft,
        }
    }
}

/// Something a person still owes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskView {
    /// Identifier.
    pub(crate) id: String,
    /// Why a person is needed.
    #[schema(value_type = TaskKindName)]
    pub(crate) kind: &'static str,
    /// What to do.
    pub(crate) sentence: String,
    /// The verification code that it is about.
    pub(crate) code: Option<String>,
    /// When it was raised.
    #[schema(format = DateTime)]
    pub(crate) raised_at: String,
    /// Until when the caller was promised it, if anything was promised.
    #[schema(format = DateTime)]
    pub(crate) due_at: Option<String>,
    /// When it was done.
    #[schema(format = DateTime)]
    pub(crate) done_at: Option<String>,
    /// The call it is about.
    pub(crate) call_id: Option<String>,
    /// The thread it is about.
    pub(crate) conversation_id: Option<String>,
    /// The caller in E.164 form.
    pub(crate) phone: Option<String>,
    /// The caller as people write it.
    pub(crate) national: Option<String>,
}

impl From<Task> for TaskView {
    fn from(task: Task) -> Self {
        Self {
            id: task.id.to_string(),
            kind: task.kind.name(),
            code: (task.kind == TaskKind::VerificationCode)
                .then(|| code_of_sentence(&task.sentence).map(str::to_owned))
                .flatten(),
            sentence: task.sentence,
            raised_at: task.raised_at.to_string(),
            due_at: task.due_at.map(|at| at.to_string()),
            done_at: task.done_at.map(|at| at.to_string()),
            call_id: task.call.map(|id| id.to_string()),
            conversation_id: task.conversation.map(|id| id.to_string()),
            phone: task.phone.map(|phone| phone.to_string()),
            national: task.phone.map(|phone| phone.national()),
        }
    }
}

/// A caller as the business knows them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactView {
    /// The number in E.164 form.
    pub(crate) phone: String,
    /// The number as people write it.
    pub(crate) national: String,
    /// Name, once known.
    pub(crate) name: Option<String>,
}

impl ContactView {
    /// The contact with that number.
    #[must_use]
    pub(crate) fn new(phone: PhoneNumber, contact: Option<&Contact>) -> Self {
        Self {
            phone: phone.to_string(),
            national: phone.national(),
            name: contact.and_then(|contact| contact.name.clone()),
        }
    }
}

/// Whether texts to a caller are allowed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsentView {
    /// Since when the caller has opted out.
    #[schema(format = DateTime)]
    pub(crate) opted_out_at: Option<String>,
    /// Whether the number is suppressed for the whole installation.
    pub(crate) suppressed: bool,
    /// Whether the caller opted in again after an opt-out.
    pub(crate) opted_back_in: bool,
}

impl From<Consent> for ConsentView {
    fn from(consent: Consent) -> Self {
        Self {
            opted_out_at: consent.opted_out_at.map(|at| at.to_string()),
            suppressed: consent.suppressed,
            opted_back_in: consent.opted_back_in,
        }
    }
}

/// The thread with one caller.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationView {
    /// Identifier.
    pub(crate) id: String,
    /// The caller.
    pub(crate) contact: ContactView,
    /// Who leads it.
    #[schema(value_type = ThreadStateName)]
    pub(crate) state: &'static str,
    /// Where the talk stands.
    #[schema(value_type = StageName)]
    pub(crate) stage: &'static str,
    /// What the caller wants done, in their words.
    pub(crate) issue: Option<String>,
    /// Where, as far as it was told.
    pub(crate) address: Option<String>,
    /// Whether texts are allowed; missing inside a call's detail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) consent: Option<ConsentView>,
    /// The latest messages, oldest first; empty in lists and inside a call's detail.
    pub(crate) messages: Vec<MessageView>,
    /// Texts of the caller that nobody has looked at.
    pub(crate) unread: u32,
    /// Opening of the last message.
    pub(crate) preview: String,
    /// When the last message came or went.
    #[schema(format = DateTime)]
    pub(crate) last_message_at: String,
    /// The caller's latest call.
    pub(crate) last_call_id: Option<String>,
}

impl ConversationView {
    /// A thread without its messages.
    #[must_use]
    pub(crate) fn new(conversation: &Conversation, contact: Option<&Contact>) -> Self {
        Self {
            id: conversation.id.to_string(),
            contact: ContactView::new(conversation.phone, contact),
            state: conversation.state.name(),
            stage: conversation.stage().name(),
            issue: conversation.dialogue.issue.clone(),
            address: conversation.dialogue.address.clone(),
            consent: None,
            messages: Vec::new(),
            unread: conversation.unread,
            preview: conversation.preview.clone(),
            last_message_at: conversation.last_message_at.to_string(),
            last_call_id: conversation.last_call.map(|id| id.to_string()),
        }
    }
}

impl From<ConversationRow> for ConversationView {
    fn from(row: ConversationRow) -> Self {
        Self {
            consent: Some(row.consent.into()),
            messages: row.messages.into_iter().map(Into::into).collect(),
            ..Self::new(&row.conversation, row.contact.as_ref())
        }
    }
}
