//! Feed entries.

use mccc_core::BusinessId;
use mccc_core::port::store::{FeedEntry, FeedEvent, FeedKind, StoreError};
use sqlx::sqlite::SqliteRow;

use crate::columns::{Give, Insert, Statement, Take};

/// All columns, in the order of [`give`].
pub(crate) const COLUMNS: &str = "business_id, seq, kind, at, call_id, conversation_id, message_id, data";

/// A new entry.
pub(crate) const INSERT: Insert = Insert {
    table: "feed_events",
    columns: COLUMNS,
    tail: "",
};

/// An event with its business and position.
pub(crate) type Placed<'a> = (BusinessId, u64, &'a FeedEvent);

pub(crate) fn give<'q>(statement: Statement<'q>, (business, seq, event): &Placed<'_>) -> Statement<'q> {
    statement
        .id(*business)
        .count(*seq)
        .text(event.kind.name())
        .time(event.at)
        .maybe_id(event.call)
        .maybe_id(event.conversation)
        .maybe_id(event.message)
        .document(&event.data)
}

pub(crate) fn take(row: &SqliteRow) -> Result<FeedEntry, StoreError> {
    Ok(FeedEntry {
        seq: row.number("seq")?,
        event: FeedEvent {
            kind: row.named("kind", FeedKind::from_name)?,
            at: row.time("at")?,
            call: row.maybe_id("call_id")?,
            conversation: row.maybe_id("conversation_id")?,
            message: row.maybe_id("message_id")?,
            data: row.document("data")?,
        },
    })
}
