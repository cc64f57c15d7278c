//! Texts.

use mccc_core::conversation::{Author, Direction, Message, MessageKind, MessageStatus};
use mccc_core::port::store::StoreError;
use sqlx::sqlite::SqliteRow;

use crate::columns::{Give, Statement, Take};

/// All columns, in the order of [`give`].
pub(crate) const COLUMNS: &str = "id, business_id, version, conversation_id, missed_call_id, direction, author, user_id, \
    template_type, our_number, their_number, message_body, media_count, segments, status, provider_message, \
    error_code, error_message, attempts, note, draft, created_at, sent_at, settled_at";

pub(crate) fn give<'q>(statement: Statement<'q>, message: &Message) -> Statement<'q> {
    statement
        .id(message.id)
        .id(message.business)
        .number(message.version)
        .id(message.conversation)
        .maybe_id(message.call)
        .text(message.direction.name())
        .text(message.author.name())
        .maybe_id(message.user)
        .text(message.kind.name())
        .phone(&message.ours)
        .phone(&message.theirs)
        .text(&message.body)
        .number(message.media_count)
        .number(message.segments)
        .text(message.status.name())
        .maybe_text(message.provider_message.as_deref())
        .maybe_number(message.error_code)
        .maybe_text(message.reason.as_deref())
        .number(message.attempts)
        .maybe_text(message.note.as_deref())
        .flag(message.draft)
        .time(message.created_at)
        .maybe_time(message.sent_at)
        .maybe_time(message.settled_at)
}

pub(crate) fn take(row: &SqliteRow) -> Result<Message, StoreError> {
    Ok(Message {
        id: row.id("id")?,
        business: row.id("business_id")?,
        version: row.number("version")?,
        conversation: row.id("conversation_id")?,
        call: row.maybe_id("missed_call_id")?,
        direction: row.named("direction", Direction::from_name)?,
        author: row.named("author", Author::from_name)?,
        user: row.maybe_id("user_id")?,
        kind: row.named("template_type", MessageKind::from_name)?,
        ours: row.phone("our_number")?,
        theirs: row.phone("their_number")?,
        body: row.text("message_body")?,
        media_count: row.number("media_count")?,
        segments: row.number("segments")?,
        status: row.named("status", MessageStatus::from_name)?,
        provider_message: row.maybe_text("provider_message")?,
        error_code: row.maybe_number("error_code")?,
        reason: row.maybe_text("error_message")?,
        attempts: row.number("attempts")?,
        note: row.maybe_text("note")?,
        draft: row.flag("draft")?,
        created_at: row.time("created_at")?,
        sent_at: row.maybe_time("sent_at")?,
        settled_at: row.maybe_time("settled_at")?,
    })
}
