//! One statement for each kind of row. Rows with a version are written over the version before it, or for the first time
//! with version 1; otherwise the statement writes nothing.

use std::time::Duration;

use mccc_core::business::OwnedLine;
use mccc_core::compliance::ledger::Sealed;
use mccc_core::conversation::{CallerFlags, Contact, Conversation, Message};
use mccc_core::port::store::{StoreError, TestCall};
use mccc_core::tasks::Task;
use mccc_core::{BusinessId, Id, MessageId, PhoneNumber, TaskId, Timestamp, UserId};

use crate::columns::{Statement, document, phone};
use crate::jobs::micros;
use crate::wire::{At, clean, int4, int8};

/// The name of a value whose only name is its serialised one.
fn name<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => Ok(name),
        Ok(_) => Err(StoreError::corrupt("name", "a name is not a text")),
        Err(error) => Err(StoreError::corrupt("name", error)),
    }
}

pub(super) fn put_contact(contact: &Contact) -> Result<Statement<'static>, StoreError> {
    let line_type = contact.line.as_ref().map(|(line, _)| name(line)).transpose()?;
    Ok(sqlx::query(
        "INSERT INTO contacts (business_id, phone, name, line_type, line_checked_at, created_at, last_seen_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (business_id, phone) DO UPDATE SET name = excluded.name, \
         line_type = excluded.line_type, line_checked_at = excluded.line_checked_at, \
         created_at = excluded.created_at, last_seen_at = excluded.last_seen_at",
    )
    .bind(contact.business.uuid())
    .bind(contact.phone.to_string())
    .bind(contact.name.as_deref().map(clean))
    .bind(line_type)
    .bind(contact.line.as_ref().map(|(_, at)| At(*at)))
    .bind(At(contact.created_at))
    .bind(At(contact.last_seen_at)))
}

pub(super) fn put_flags(business: BusinessId, number: &PhoneNumber, flags: &CallerFlags) -> Statement<'static> {
    sqlx::query(
        "INSERT INTO caller_flags AS t (business_id, phone, version, blocked, spam, no_auto_text, emergency_until, \
         test_until) SELECT $1, $2, $3, $4, $5, $6, $7, $8 \
         WHERE $3 = 1 OR EXISTS (SELECT FROM caller_flags WHERE business_id = $1 AND phone = $2) \
         ON CONFLICT (business_id, phone) DO UPDATE SET version = excluded.version, blocked = excluded.blocked, \
         spam = excluded.spam, no_auto_text = excluded.no_auto_text, emergency_until = excluded.emergency_until, \
         test_until = excluded.test_until WHERE t.version = excluded.version - 1",
    )
    .bind(business.uuid())
    .bind(number.to_string())
    .bind(int4(flags.version))
    .bind(flags.blocked)
    .bind(flags.spam)
    .bind(flags.no_auto_text)
    .bind(flags.emergency_until.map(At))
    .bind(flags.test_until.map(At))
}

pub(super) fn put_conversation(thread: &Conversation) -> Result<Statement<'static>, StoreError> {
    Ok(sqlx::query(
        "INSERT INTO conversations AS t (business_id, id, version, phone, state, taken_by, last_call, unread, \
         automated_since_inbound, preview, outcome, dialogue, last_message_at, last_inbound_at, last_automated_at, \
         created_at) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::json, $13, $14, $15, $16 \
         WHERE CASE WHEN $3 = 1 THEN NOT EXISTS (SELECT FROM conversations WHERE business_id = $1 AND phone = $4) \
         ELSE EXISTS (SELECT FROM conversations WHERE business_id = $1 AND id = $2) END \
         ON CONFLICT (business_id, id) DO UPDATE SET version = excluded.version, phone = excluded.phone, \
         state = excluded.state, taken_by = excluded.taken_by, last_call = excluded.last_call, \
         unread = excluded.unread, automated_since_inbound = excluded.automated_since_inbound, \
         preview = excluded.preview, outcome = excluded.outcome, dialogue = excluded.dialogue, \
         last_message_at = excluded.last_message_at, \
         last_inbound_at = excluded.last_inbound_at, last_automated_at = excluded.last_automated_at, \
         created_at = excluded.created_at WHERE t.version = excluded.version - 1",
    )
    .bind(thread.business.uuid())
    .bind(thread.id.uuid())
    .bind(int4(thread.version))
    .bind(thread.phone.to_string())
    .bind(thread.state.name())
    .bind(thread.taken_by.map(Id::uuid))
    .bind(thread.last_call.map(Id::uuid))
    .bind(int4(thread.unread))
    .bind(int4(thread.automated_since_inbound))
    .bind(clean(&thread.preview))
    .bind(thread.outcome.name())
    .bind(document(&thread.dialogue)?)
    .bind(At(thread.last_message_at))
    .bind(thread.last_inbound_at.map(At))
    .bind(thread.last_automated_at.map(At))
    .bind(At(thread.created_at)))
}

pub(super) fn put_message(message: &Message) -> Statement<'static> {
    sqlx::query(
        "INSERT INTO sms_log AS t (business_id, id, version, conversation_id, missed_call_id, direction, author, \
         user_id, template_type, our_number, their_number, message_body, media_count, segments, status, \
         provider_message, error_code, reason, attempts, note, draft, created_at, sent_at, settled_at) \
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
         $23, $24 \
         WHERE $3 = 1 OR EXISTS (SELECT FROM sms_log WHERE business_id = $1 AND id = $2) \
         ON CONFLICT (business_id, id) DO UPDATE SET version = excluded.version, \
         conversation_id = excluded.conversation_id, missed_call_id = excluded.missed_call_id, \
         direction = excluded.direction, author = excluded.author, user_id = excluded.user_id, \
         template_type = excluded.template_type, our_number = excluded.our_number, \
         their_number = excluded.their_number, message_body = excluded.message_body, \
         media_count = excluded.media_count, segments = excluded.segments, status = excluded.status, \
         provider_message = excluded.provider_message, error_code = excluded.error_code, reason = excluded.reason, \
         attempts = excluded.attempts, note = excluded.note, draft = excluded.draft, \
         created_at = excluded.created_at, sent_at = excluded.sent_at, \
         settled_at = excluded.settled_at WHERE t.version = excluded.version - 1",
    )
    .bind(message.business.uuid())
    .bind(message.id.uuid())
    .bind(int4(message.version))
    .bind(message.conversation.uuid())
    .bind(message.call.map(Id::uuid))
    .bind(message.direction.name())
    .bind(message.author.name())
    .bind(message.user.map(Id::uuid))
    .bind(message.kind.name())
    .bind(message.ours.to_string())
    .bind(message.theirs.to_string())
    .bind(clean(&message.body))
    .bind(i16::from(message.media_count))
    .bind(i16::from(message.segments))
    .bind(message.status.name())
    .bind(message.provider_message.as_deref().map(clean))
    .bind(message.error_code.map(i64::from))
    .bind(message.reason.as_deref().map(clean))
    .bind(i16::from(message.attempts))
    .bind(message.note.as_deref().map(clean))
    .bind(message.draft)
    .bind(At(message.created_at))
    .bind(message.sent_at.map(At))
    .bind(message.settled_at.map(At))
}

pub(super) fn claim_send(
    business: BusinessId,
    message: MessageId,
    number: &PhoneNumber,
    lasts: Duration,
    now: Option<Timestamp>,
) -> Statement<'static> {
    sqlx::query("SELECT claim_send($1, $2, $3, $4, $5)")
        .bind(business.uuid())
        .bind(message.uuid())
        .bind(number.to_string())
        .bind(micros(lasts))
        .bind(now.map(At))
}

pub(super) fn hold_guard(
    business: BusinessId,
    number: &PhoneNumber,
    until: Timestamp,
    message: MessageId,
) -> Statement<'static> {
    sqlx::query(
        "INSERT INTO text_guards (business_id, phone, until, message_id) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (business_id, phone) DO UPDATE SET until = excluded.until, message_id = excluded.message_id",
    )
    .bind(business.uuid())
    .bind(number.to_string())
    .bind(At(until))
    .bind(message.uuid())
}

pub(super) fn free_guard(business: BusinessId, number: &PhoneNumber, message: MessageId) -> Statement<'static> {
    sqlx::query("DELETE FROM text_guards WHERE business_id = $1 AND phone = $2 AND message_id = $3")
        .bind(business.uuid())
        .bind(number.to_string())
        .bind(message.uuid())
}

/// An opt-out that stands keeps its instant and its word.
pub(super) fn opt_out(business: BusinessId, number: &PhoneNumber, keyword: &str, at: Timestamp) -> Statement<'static> {
    sqlx::query(
        "INSERT INTO sms_opt_outs AS t (business_id, phone_number, opt_out_keyword, opted_out_at) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (business_id, phone_number) DO UPDATE SET \
         opt_out_keyword = excluded.opt_out_keyword, opted_out_at = excluded.opted_out_at, opted_back_in_at = NULL \
         WHERE t.opted_back_in_at IS NOT NULL",
    )
    .bind(business.uuid())
    .bind(number.to_string())
    .bind(clean(keyword))
    .bind(At(at))
}

pub(super) fn opt_in(business: BusinessId, number: &PhoneNumber, at: Timestamp) -> Statement<'static> {
    sqlx::query(
        "UPDATE sms_opt_outs SET opted_back_in_at = $3 \
         WHERE business_id = $1 AND phone_number = $2 AND opted_back_in_at IS NULL",
    )
    .bind(business.uuid())
    .bind(number.to_string())
    .bind(At(at))
}

pub(super) fn append_ledger(business: BusinessId, sealed: &Sealed) -> Statement<'static> {
    sqlx::query("INSERT INTO consent_ledger (business_id, seq, bytes, mac) VALUES ($1, $2, $3, $4)")
        .bind(business.uuid())
        .bind(int8(sealed.seq))
        .bind(sealed.bytes.clone())
        .bind(sealed.mac.to_vec())
}

pub(super) fn raise_task(task: &Task) -> Statement<'static> {
    sqlx::query(
        "INSERT INTO tasks (business_id, id, kind, phone, call_id, conversation_id, message_id, sentence, raised_at, \
         done_at, done_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING",
    )
    .bind(task.business.uuid())
    .bind(task.id.uuid())
    .bind(task.kind.name())
    .bind(phone(task.phone.as_ref()))
    .bind(task.call.map(Id::uuid))
    .bind(task.conversation.map(Id::uuid))
    .bind(task.message.map(Id::uuid))
    .bind(clean(&task.sentence))
    .bind(At(task.raised_at))
    .bind(task.done_at.map(At))
    .bind(task.done_by.map(Id::uuid))
}

/// Writes the row even where the task is done, so that one that does not exist can be told.
pub(super) fn finish_task(business: BusinessId, task: TaskId, by: Option<UserId>, at: Timestamp) -> Statement<'static> {
    sqlx::query(
        "UPDATE tasks SET done_by = CASE WHEN done_at IS NULL THEN $3 ELSE done_by END, \
         done_at = coalesce(done_at, $4) WHERE business_id = $1 AND id = $2",
    )
    .bind(business.uuid())
    .bind(task.uuid())
    .bind(by.map(Id::uuid))
    .bind(At(at))
}

pub(super) fn create_settings(business: BusinessId, settings: String, at: Timestamp) -> Statement<'static> {
    sqlx::query("INSERT INTO businesses (business_id, settings, created_at, saved_at) VALUES ($1, $2::json, $3, $3)")
        .bind(business.uuid())
        .bind(settings)
        .bind(At(at))
}

pub(super) fn save_settings(business: BusinessId, settings: String, at: Timestamp) -> Statement<'static> {
    sqlx::query("UPDATE businesses SET settings = $2::json, saved_at = $3 WHERE business_id = $1")
        .bind(business.uuid())
        .bind(settings)
        .bind(At(at))
}

pub(super) fn put_line(business: BusinessId, line: &OwnedLine) -> Result<Statement<'static>, StoreError> {
    Ok(sqlx::query("SELECT put_phone($1, $2, $3, $4, $5)")
        .bind(business.uuid())
        .bind(line.number.to_string())
        .bind(name(&line.kind)?)
        .bind(clean(&line.account))
        .bind(line.provider_number.as_deref().map(clean)))
}

pub(super) fn put_test(test: &TestCall) -> Statement<'static> {
    sqlx::query(
        "INSERT INTO test_calls AS t (business_id, id, version, we_call, test_phone_number, our_number, \
         expected_callers, provider_call, overall_status, error_code, initiated_at, expires_at, completed_at) \
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 \
         WHERE $3 = 1 OR EXISTS (SELECT FROM test_calls WHERE business_id = $1 AND id = $2) \
         ON CONFLICT (business_id, id) DO UPDATE SET version = excluded.version, we_call = excluded.we_call, \
         test_phone_number = excluded.test_phone_number, our_number = excluded.our_number, \
         expected_callers = excluded.expected_callers, provider_call = excluded.provider_call, \
         overall_status = excluded.overall_status, error_code = excluded.error_code, \
         initiated_at = excluded.initiated_at, expires_at = excluded.expires_at, \
         completed_at = excluded.completed_at WHERE t.version = excluded.version - 1",
    )
    .bind(test.business.uuid())
    .bind(test.id.uuid())
    .bind(int4(test.version))
    .bind(test.we_call)
    .bind(test.business_phone.to_string())
    .bind(test.our_number.to_string())
    .bind(
        test.expected_callers
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
    )
    .bind(test.provider_call.as_deref().map(clean))
    .bind(test.state.name())
    .bind(test.error_code.map(i64::from))
    .bind(At(test.started_at))
    .bind(At(test.expires_at))
    .bind(test.ended_at.map(At))
}

pub(super) fn put_secret(business: BusinessId, field: &str, sealed: &str) -> Statement<'static> {
    sqlx::query(
        "INSERT INTO secrets (business_id, field, sealed) VALUES ($1, $2, $3) \
         ON CONFLICT (business_id, field) DO UPDATE SET sealed = excluded.sealed",
    )
    .bind(business.uuid())
    .bind(clean(field))
    .bind(clean(sealed))
}
