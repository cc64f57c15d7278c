//! What overrides the schedule for one caller.

use mccc_core::conversation::CallerFlags;
use mccc_core::port::store::StoreError;
use mccc_core::{BusinessId, PhoneNumber};
use sqlx::sqlite::SqliteRow;

use crate::columns::{Give, Statement, Take};

/// All columns, in the order of [`give`].
pub(crate) const COLUMNS: &str =
    "business_id, phone, version, blocked, spam, no_auto_text, emergency_until, test_until";

pub(crate) fn give<'q>(
    statement: Statement<'q>,
    business: BusinessId,
    phone: &PhoneNumber,
    flags: &CallerFlags,
) -> Statement<'q> {
    statement
        .id(business)
        .phone(phone)
        .number(flags.version)
        .flag(flags.blocked)
        .flag(flags.spam)
        .flag(flags.no_auto_text)
        .maybe_time(flags.emergency_until)
        .maybe_time(flags.test_until)
}

pub(crate) fn take(row: &SqliteRow) -> Result<CallerFlags, StoreError> {
    Ok(CallerFlags {
        version: row.number("version")?,
        blocked: row.flag("blocked")?,
        spam: row.flag("spam")?,
        no_auto_text: row.flag("no_auto_text")?,
        emergency_until: row.maybe_time("emergency_until")?,
        test_until: row.maybe_time("test_until")?,
    })
}
