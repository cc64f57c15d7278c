//! Callers as a business knows them.

use mccc_core::compliance::number::LineType;
use mccc_core::conversation::Contact;
use mccc_core::port::store::StoreError;
use sqlx::sqlite::SqliteRow;

use crate::columns::{Give, Insert, Statement, Take};

/// All columns, in the order of [`give`].
pub(crate) const COLUMNS: &str = "business_id, phone, name, line_type, line_learned_at, created_at, last_seen_at";

/// A contact, written whole.
pub(crate) const UPSERT: Insert = Insert {
    table: "contacts",
    columns: COLUMNS,
    tail: "ON CONFLICT DO UPDATE SET name = excluded.name, line_type = excluded.line_type, \
           line_learned_at = excluded.line_learned_at, created_at = excluded.created_at, \
           last_seen_at = excluded.last_seen_at",
};

pub(crate) fn give<'q>(statement: Statement<'q>, contact: &Contact) -> Statement<'q> {
    statement
        .id(contact.business)
        .phone(&contact.phone)
        .maybe_text(contact.name.as_deref())
        .maybe_text(contact.line.map(|(line, _)| line.as_str()))
        .maybe_time(contact.line.map(|(_, learned_at)| learned_at))
        .time(contact.created_at)
        .time(contact.last_seen_at)
}

pub(crate) fn take(row: &SqliteRow) -> Result<Contact, StoreError> {
    let line = match (row.maybe_text("line_type")?, row.maybe_time("line_learned_at")?) {
        (Some(name), Some(learned_at)) => Some((LineType::from_name(&name), learned_at)),
        (None, _) | (_, None) => None,
    };
    Ok(Contact {
        business: row.id("business_id")?,
        phone: row.phone("phone")?,
        name: row.maybe_text("name")?,
        line,
        created_at: row.time("created_at")?,
        last_seen_at: row.time("last_seen_at")?,
    })
}
