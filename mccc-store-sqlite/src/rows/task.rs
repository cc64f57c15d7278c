//! What a person still owes a caller.

use mccc_core::port::store::StoreError;
use mccc_core::tasks::{Task, TaskKind};
use mccc_core::{BusinessId, TaskId, Timestamp, UserId};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::columns::{Give, Insert, Statement, Take};
use crate::error::At;

/// All columns, in the order of [`give`].
pub(crate) const COLUMNS: &str =
    "id, business_id, kind, phone, call_id, conversation_id, message_id, sentence, raised_at, done_at, done_by, due_at";

/// A new task; one that exists is left as it is.
pub(crate) const INSERT: Insert = Insert {
    table: "tasks",
    columns: COLUMNS,
    tail: "ON CONFLICT DO NOTHING",
};

pub(crate) fn give<'q>(statement: Statement<'q>, task: &Task) -> Statement<'q> {
    statement
        .id(task.id)
        .id(task.business)
        .text(task.kind.name())
        .maybe_phone(task.phone.as_ref())
        .maybe_id(task.call)
        .maybe_id(task.conversation)
        .maybe_id(task.message)
        .text(&task.sentence)
        .time(task.raised_at)
        .maybe_time(task.done_at)
        .maybe_id(task.done_by)
        .maybe_time(task.due_at)
}

pub(crate) fn take(row: &SqliteRow) -> Result<Task, StoreError> {
    Ok(Task {
        id: row.id("id")?,
        business: row.id("business_id")?,
        kind: row.named("kind", TaskKind::from_name)?,
        phone: row.maybe_phone("phone")?,
        call: row.maybe_id("call_id")?,
        conversation: row.maybe_id("conversation_id")?,
        message: row.maybe_id("message_id")?,
        sentence: row.text("sentence")?,
        raised_at: row.time("raised_at")?,
        due_at: row.maybe_time("due_at")?,
        done_at: row.maybe_time("done_at")?,
        done_by: row.maybe_id("done_by")?,
    })
}

/// Marks a task as done, if it is not yet. Says whether there is such a task.
pub(crate) async fn finish(
    connection: &mut SqliteConnection,
    business: BusinessId,
    (task, by): (TaskId, Option<UserId>),
    at: Timestamp,
) -> Result<bool, StoreError> {
    let found = sqlx::query(
        "UPDATE tasks SET done_by = iif(done_at IS NULL, ?1, done_by), done_at = coalesce(done_at, ?2) \
         WHERE business_id = ?3 AND id = ?4",
    )
    .maybe_id(by)
    .time(at)
    .id(business)
    .id(task)
    .execute(connection)
    .await
    .at("tasks")?
    .rows_affected();
    Ok(found == 1)
}
