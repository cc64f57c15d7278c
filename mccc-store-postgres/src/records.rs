//! Rows as the database tells them in JSON, and the core's rows made of them. Loads of several parts come as one row of
//! documents, so that a snapshot is one statement.

use mccc_core::appointments::{
    Appointment, AppointmentSource, AppointmentStatus, Block, BlockedTime, CalendarEvent, CancelledBy, Customer,
    ReminderSent, Span,
};
use mccc_core::business::{NumberKind, OwnedLine};
use mccc_core::calls::{Call, CallState, Outcome, Recording, TextSummary, VoiceReply};
use mccc_core::compliance::number::LineType;
use mccc_core::conversation::dialogue::Dialogue;
use mccc_core::conversation::{
    Author, CallerFlags, Contact, Conversation, Direction, Message, MessageKind, MessageStatus, ThreadState,
};
use mccc_core::port::store::{
    FeedEntry, FeedEvent, FeedKind, OptOutRow, StoreError, TestCall, TestCallState, TextGuard,
};
use mccc_core::routing::{Method, RuleRef, Trace, Variant};
use mccc_core::tasks::{Task, TaskKind};
use mccc_core::zone::LocalDay;
use mccc_core::{AppointmentId, CallerId, Id, PhoneNumber, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use uuid::Uuid;

use crate::error::Place as _;

/// A row of a table, as the core knows it.
pub(crate) trait Record: DeserializeOwned + Send + Unpin {
    /// The core's row.
    type Row;
    /// The table, for errors.
    const TABLE: &'static str;
    /// The core's row, unless a value cannot be.
    fn into_row(self) -> Result<Self::Row, &'static str>;
}

/// The row in a column, if there is one.
pub(crate) fn maybe<R: Record>(row: &PgRow, column: &'static str) -> Result<Option<R::Row>, StoreError> {
    let record: Option<Json<R>> = row.try_get(column).place(R::TABLE)?;
    record.map(|Json(record)| made(record)).transpose()
}

/// The list of rows in a column; null is empty.
pub(crate) fn list<R: Record>(row: &PgRow, column: &'static str) -> Result<Vec<R::Row>, StoreError> {
    let records: Option<Json<Vec<R>>> = row.try_get(column).place(R::TABLE)?;
    let records = records.map_or_else(Vec::new, |Json(records)| records);
    records.into_iter().map(made).collect()
}

fn made<R: Record>(record: R) -> Result<R::Row, StoreError> {
    record.into_row().map_err(|why| StoreError::corrupt(R::TABLE, why))
}

fn id<K: mccc_core::Kind>(uuid: Uuid) -> Id<K> {
    Id::from_uuid(uuid)
}

fn maybe_id<K: mccc_core::Kind>(uuid: Option<Uuid>) -> Option<Id<K>> {
    uuid.map(Id::from_uuid)
}

#[derive(Deserialize)]
pub(crate) struct CallRecord {
    business_id: Uuid,
    id: Uuid,
    version: u32,
    received_at: Timestamp,
    local_day: LocalDay,
    settings_version: u64,
    responded_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    read_at: Option<Timestamp>,
    callback_completed_at: Option<Timestamp>,
    conversation_id: Option<Uuid>,
    call_duration_seconds: Option<u32>,
    recording_duration_seconds: Option<u32>,
    recovered: bool,
    is_test: bool,
    needs_attention: bool,
    provider_call: String,
    caller_id_status: String,
    caller_phone: Option<PhoneNumber>,
    caller_name: Option<String>,
    dialled_number: PhoneNumber,
    forwarded_from: Option<PhoneNumber>,
    scheduled_method: Method,
    routing_method: Method,
    variant: Variant,
    state: CallState,
    outcome: Outcome,
    text_status: String,
    provider_recording: Option<String>,
    tags: Vec<String>,
    rule: RuleRef,
    reply: VoiceReply,
    trace: Trace,
}

impl Record for CallRecord {
    type Row = Call;
    const TABLE: &'static str = "missed_calls";

    fn into_row(self) -> Result<Call, &'static str> {
        Ok(Call {
            id: id(self.id),
            business: id(self.business_id),
            version: self.version,
            provider_call: self.provider_call,
            caller: CallerId::from_stored(&self.caller_id_status, self.caller_phone),
            caller_name: self.caller_name,
            dialled: self.dialled_number,
            forwarded_from: self.forwarded_from,
            scheduled_method: self.scheduled_method,
            method: self.routing_method,
            variant: self.variant,
            rule: self.rule,
            settings_version: self.settings_version,
            trace: self.trace,
            reply: self.reply,
            state: self.state,
            outcome: self.outcome,
            recovered: self.recovered,
            is_test: self.is_test,
            tags: self.tags,
            received_at: self.received_at,
            local_day: self.local_day,
            responded_at: self.responded_at,
            ended_at: self.ended_at,
            duration_seconds: self.call_duration_seconds,
            recording: self.provider_recording.zip(self.recording_duration_seconds).map(
                |(provider_recording, duration_seconds)| Recording {
                    provider_recording,
                    duration_seconds,
                },
            ),
            text: TextSummary::from_name(&self.text_status).ok_or("unknown text status")?,
            conversation: maybe_id(self.conversation_id),
            needs_attention: self.needs_attention,
            read_at: self.read_at,
            callback_completed_at: self.callback_completed_at,
        })
    }
}

#[derive(Deserialize)]
pub(crate) struct ContactRecord {
    business_id: Uuid,
    phone: PhoneNumber,
    name: Option<String>,
    line_type: Option<LineType>,
    line_checked_at: Option<Timestamp>,
    created_at: Timestamp,
    last_seen_at: Timestamp,
}

impl Record for ContactRecord {
    type Row = Contact;
    const TABLE: &'static str = "contacts";

    fn into_row(self) -> Result<Contact, &'static str> {
        Ok(Contact {
            business: id(self.business_id),
            phone: self.phone,
            name: self.name,
            line: self.line_type.zip(self.line_checked_at),
            created_at: self.created_at,
            last_seen_at: self.last_seen_at,
        })
    }
}

#[derive(Deserialize)]
pub(crate) struct FlagsRecord(CallerFlags);

impl Record for FlagsRecord {
    type Row = CallerFlags;
    const TABLE: &'static str = "caller_flags";

    fn into_row(self) -> Result<CallerFlags, &'static str> {
        Ok(self.0)
    }
}

#[derive(Deserialize)]
pub(crate) struct ConversationRecord {
    business_id: Uuid,
    id: Uuid,
    phone: PhoneNumber,
    version: u32,
    state: ThreadState,
    taken_by: Option<Uuid>,
    last_call: Option<Uuid>,
    unread: u32,
    automated_since_inbound: u32,
    preview: String,
    outcome: Outcome,
    dialogue: Dialogue,
    last_message_at: Timestamp,
    last_inbound_at: Option<Timestamp>,
    last_automated_at: Option<Timestamp>,
    created_at: Timestamp,
}

impl Record for ConversationRecord {
    type Row = Conversation;
    const TABLE: &'static str = "conversations";

    fn into_row(self) -> Result<Conversation, &'static str> {
        Ok(Conversation {
            id: id(self.id),
            business: id(self.business_id),
            phone: self.phone,
            version: self.version,
            state: self.state,
            taken_by: maybe_id(self.taken_by),
            last_call: maybe_id(self.last_call),
            unread: self.unread,
            preview: self.preview,
            last_message_at: self.last_message_at,
            last_inbound_at: self.last_inbound_at,
            last_automated_at: self.last_automated_at,
            automated_since_inbound: self.automated_since_inbound,
            outcome: self.outcome,
            dialogue: self.dialogue,
            created_at: self.created_at,
        })
    }
}

#[derive(Deserialize)]
pub(crate) struct MessageRecord {
    business_id: Uuid,
    id: Uuid,
    version: u32,
    conversation_id: Uuid,
    missed_call_id: Option<Uuid>,
    direction: Direction,
    author: Author,
    user_id: Option<Uuid>,
    template_type: String,
    our_number: PhoneNumber,
    their_number: PhoneNumber,
    message_body: String,
    media_count: u8,
    segments: u8,
    status: MessageStatus,
    provider_message: Option<String>,
    error_code: Option<u32>,
    reason: Option<String>,
    attempts: u8,
    note: Option<String>,
    draft: bool,
    created_at: Timestamp,
    sent_at: Option<Timestamp>,
    settled_at: Option<Timestamp>,
}

impl Record for MessageRecord {
    type Row = Message;
    const TABLE: &'static str = "sms_log";

    fn into_row(self) -> Result<Message, &'static str> {
        Ok(Message {
            id: id(self.id),
            business: id(self.business_id),
            version: self.version,
            conversation: id(self.conversation_id),
            call: maybe_id(self.missed_call_id),
            direction: self.direction,
            author: self.author,
            user: maybe_id(self.user_id),
            kind: MessageKind::from_name(&self.template_type).ok_or("unknown kind of text")?,
            ours: self.our_number,
            theirs: self.their_number,
            body: self.message_body,
            media_count: self.media_count,
            segments: self.segments,
            status: self.status,
            provider_message: self.provider_message,
            error_code: self.error_code,
            reason: self.reason,
            attempts: self.attempts,
            note: self.note,
            draft: self.draft,
            created_at: self.created_at,
            sent_at: self.sent_at,
            settled_at: self.settled_at,
        })
    }
}

#[derive(Deserialize)]
pub(crate) struct TaskRecord {
    business_id: Uuid,
    id: Uuid,
    kind: TaskKind,
    phone: Option<PhoneNumber>,
    call_id: Option<Uuid>,
    conversation_id: Option<Uuid>,
    message_id: Option<Uuid>,
    sentence: String,
    raised_at: Timestamp,
    done_at: Option<Timestamp>,
    done_by: Option<Uuid>,
}

impl Record for TaskRecord {
    type Row = Task;
    const TABLE: &'static str = "tasks";

    fn into_row(self) -> Result<Task, &'static str> {
        Ok(Task {
            id: id(self.id),
            business: id(self.business_id),
            kind: self.kind,
            phone: self.phone,
            call: maybe_id(self.call_id),
            conversation: maybe_id(self.conversation_id),
            message: maybe_id(self.message_id),
            sentence: self.sentence,
            raised_at: self.raised_at,
            done_at: self.done_at,
            done_by: maybe_id(self.done_by),
        })
    }
}

#[derive(Deserialize)]
pub(crate) struct TestCallRecord {
    business_id: Uuid,
    id: Uuid,
    version: u32,
    we_call: bool,
    test_phone_number: PhoneNumber,
    our_number: PhoneNumber,
    expected_callers: Vec<PhoneNumber>,
    provider_call: Option<String>,
    overall_status: TestCallState,
    error_code: Option<u32>,
    initiated_at: Timestamp,
    expires_at: Timestamp,
    completed_at: Option<Timestamp>,
}

impl Record for TestCallRecord {
    type Row = TestCall;
    const TABLE: &'static str = "test_calls";

    fn into_row(self) -> Result<TestCall, &'static str> {
        Ok(TestCall {
            id: id(self.id),
            business: id(self.business_id),
            version: self.version,
            we_call: self.we_call,
            business_phone: self.test_phone_number,
            our_number: self.our_number,
            expected_callers: self.expected_callers,
            provider_call: self.provider_call,
            state: self.overall_status,
            error_code: self.error_code,
            started_at: self.initiated_at,
            expires_at: self.expires_at,
            ended_at: self.completed_at,
        })
    }
}

#[derive(Deserialize)]
pub(crate) struct AppointmentRecord {
    business_id: Uuid,
    id: Uuid,
    version: u32,
    missed_call_id: Option<Uuid>,
    conversation_id: Option<Uuid>,
    customer_name: String,
    customer_phone: Option<PhoneNumber>,
    customer_email: Option<String>,
    service_type: Option<String>,
    scheduled_at: Timestamp,
    duration_minutes: u32,
    status: AppointmentStatus,
    source: AppointmentSource,
    location: Option<String>,
    notes: Option<String>,
    held_until: Option<Timestamp>,
    moving_to: Option<Timestamp>,
    calendar_provider: Option<String>,
    calendar_id: Option<String>,
    calendar_event_id: Option<String>,
    calendar_etag: Option<String>,
    calendar_link: Option<String>,
    reminders: Vec<ReminderSent>,
    confirmed_at: Option<Timestamp>,
    cancelled_at: Option<Timestamp>,
    cancelled_by: Option<CancelledBy>,
    cancellation_reason: Option<String>,
    created_at: Timestamp,
}

impl Record for AppointmentRecord {
    type Row = Appointment;
    const TABLE: &'static str = "appointments";

    fn into_row(self) -> Result<Appointment, &'static str> {
        let event = match (self.calendar_provider, self.calendar_id, self.calendar_event_id) {
            (Some(provider), Some(calendar), Some(event)) => Some(CalendarEvent {
                provider,
                calendar,
                event,
                etag: self.calendar_etag,
                link: self.calendar_link,
            }),
            (None, None, None) => None,
            _ => return Err("half a calendar event"),
        };
        Ok(Appointment {
            id: id(self.id),
            business: id(self.business_id),
            version: self.version,
            call: maybe_id(self.missed_call_id),
            conversation: maybe_id(self.conversation_id),
            customer: Customer {
                name: self.customer_name,
                phone: self.customer_phone,
                email: self.customer_email,
            },
            service: self.service_type,
            starts_at: self.scheduled_at,
            duration_minutes: self.duration_minutes,
            status: self.status,
            source: self.source,
            location: self.location,
            notes: self.notes,
            held_until: self.held_until,
            moving_to: self.moving_to,
            event,
            reminders: self.reminders,
            confirmed_at: self.confirmed_at,
            cancelled_at: self.cancelled_at,
            cancelled_by: self.cancelled_by,
            cancellation_reason: self.cancellation_reason,
            created_at: self.created_at,
        })
    }
}

#[derive(Deserialize)]
pub(crate) struct BlockRecord {
    appointment_id: Uuid,
    starts_at: Timestamp,
    blocked_until: Timestamp,
    expires_at: Option<Timestamp>,
}

impl Record for BlockRecord {
    type Row = (AppointmentId, Block);
    const TABLE: &'static str = "appointment_blocks";

    fn into_row(self) -> Result<(AppointmentId, Block), &'static str> {
        let block = Block {
            from: self.starts_at,
            until: self.blocked_until,
            expires_at: self.expires_at,
        };
        Ok((id(self.appointment_id), block))
    }
}

#[derive(Deserialize)]
pub(crate) struct BlockedTimeRecord {
    business_id: Uuid,
    id: Uuid,
    span: Span,
    title: String,
    created_at: Timestamp,
}

impl Record for BlockedTimeRecord {
    type Row = BlockedTime;
    const TABLE: &'static str = "blocked_times";

    fn into_row(self) -> Result<BlockedTime, &'static str> {
        Ok(BlockedTime {
            id: id(self.id),
            business: id(self.business_id),
            span: self.span,
            title: self.title,
            created_at: self.created_at,
        })
    }
}

#[derive(Deserialize)]
pub(crate) struct GuardRecord {
    until: Timestamp,
    message_id: Uuid,
}

impl Record for GuardRecord {
    type Row = TextGuard;
    const TABLE: &'static str = "text_guards";

    fn into_row(self) -> Result<TextGuard, &'static str> {
        Ok(TextGuard {
            until: self.until,
            message: id(self.message_id),
        })
    }
}

#[derive(Deserialize)]
pub(crate) struct FeedRecord {
    seq: u64,
    at: Timestamp,
    kind: String,
    call_id: Option<Uuid>,
    conversation_id: Option<Uuid>,
    message_id: Option<Uuid>,
    data: serde_json::Value,
}

impl Record for FeedRecord {
    type Row = FeedEntry;
    const TABLE: &'static str = "feed_events";

    fn into_row(self) -> Result<FeedEntry, &'static str> {
        Ok(FeedEntry {
            seq: self.seq,
            event: FeedEvent {
                kind: FeedKind::from_name(&self.kind).ok_or("unknown kind of event")?,
                at: self.at,
                call: maybe_id(self.call_id),
                conversation: maybe_id(self.conversation_id),
                message: maybe_id(self.message_id),
                data: self.data,
            },
        })
    }
}

#[derive(Deserialize)]
pub(crate) struct OptOutRecord {
    phone_number: PhoneNumber,
    opted_out_at: Timestamp,
    opt_out_keyword: String,
    opted_back_in_at: Option<Timestamp>,
}

impl Record for OptOutRecord {
    type Row = OptOutRow;
    const TABLE: &'static str = "sms_opt_outs";

    fn into_row(self) -> Result<OptOutRow, &'static str> {
        Ok(OptOutRow {
            phone: self.phone_number,
            opted_out_at: self.opted_out_at,
            keyword: self.opt_out_keyword,
            opted_back_in_at: self.opted_back_in_at,
        })
    }
}

#[derive(Deserialize)]
pub(crate) struct LineRecord {
    number: PhoneNumber,
    kind: NumberKind,
    account: String,
    provider_number: Option<String>,
}

impl Record for LineRecord {
    type Row = OwnedLine;
    const TABLE: &'static str = "business_phones";

    fn into_row(self) -> Result<OwnedLine, &'static str> {
        Ok(OwnedLine {
            number: self.number,
            kind: self.kind,
            account: self.account,
            provider_number: self.provider_number,
        })
    }
}
