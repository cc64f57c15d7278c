//! Threads.

use mccc_core::calls::Outcome;
use mccc_core::conversation::{Conversation, ThreadState};
use mccc_core::port::store::StoreError;
use sqlx::sqlite::SqliteRow;

use crate::columns::{Give, Statement, Take};

/// All columns, in the order of [`give`].
pub(crate) const COLUMNS: &str = "id, business_id, phone, version, state, taken_by, last_call_id, unread, preview, \
    last_message_at, last_inbound_at, last_automated_at, automated_since_inbound, outcome, dialogue, created_at";

pub(crate) fn give<'q>(statement: Statement<'q>, thread: &Conversation) -> Statement<'q> {
    statement
        .id(thread.id)
        .id(thread.business)
        .phone(&thread.phone)
        .number(thread.version)
        .text(thread.state.name())
        .maybe_id(thread.taken_by)
        .maybe_id(thread.last_call)
        .number(thread.unread)
        .text(&thread.preview)
        .time(thread.last_message_at)
        .maybe_time(thread.last_inbound_at)
        .maybe_time(thread.last_automated_at)
        .number(thread.automated_since_inbound)
        .text(thread.outcome.name())
        .document(&thread.dialogue)
        .time(thread.created_at)
}

pub(crate) fn take(row: &SqliteRow) -> Result<Conversation, StoreError> {
    Ok(Conversation {
        id: row.id("id")?,
        business: row.id("business_id")?,
        phone: row.phone("phone")?,
        version: row.number("version")?,
        state: row.named("state", ThreadState::from_name)?,
        taken_by: row.maybe_id("taken_by")?,
        last_call: row.maybe_id("last_call_id")?,
        unread: row.number("unread")?,
        preview: row.text("preview")?,
        last_message_at: row.time("last_message_at")?,
        last_inbound_at: row.maybe_time("last_inbound_at")?,
        last_automated_at: row.maybe_time("last_automated_at")?,
        automated_since_inbound: row.number("automated_since_inbound")?,
        outcome: row.named("outcome", Outcome::from_name)?,
        dialogue: row.document("dialogue")?,
        created_at: row.time("created_at")?,
    })
}
