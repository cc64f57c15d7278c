//! Forwarding tests.

use mccc_core::port::store::{StoreError, TestCall, TestCallState};
use sqlx::sqlite::SqliteRow;

use crate::columns::{Give, Statement, Take};

/// All columns, in the order of [`give`].
pub(crate) const COLUMNS: &str = "id, business_id, version, we_call, business_phone, our_number, expected_callers, \
    provider_call, overall_status, error_code, initiated_at, expires_at, completed_at";

pub(crate) fn give<'q>(statement: Statement<'q>, test: &TestCall) -> Statement<'q> {
    statement
        .id(test.id)
        .id(test.business)
        .number(test.version)
        .flag(test.we_call)
        .phone(&test.business_phone)
        .phone(&test.our_number)
        .document(&test.expected_callers)
        .maybe_text(test.provider_call.as_deref())
        .text(test.state.name())
        .maybe_number(test.error_code)
        .time(test.started_at)
        .time(test.expires_at)
        .maybe_time(test.ended_at)
}

pub(crate) fn take(row: &SqliteRow) -> Result<TestCall, StoreError> {
    Ok(TestCall {
        id: row.id("id")?,
        business: row.id("business_id")?,
        version: row.number("version")?,
        we_call: row.flag("we_call")?,
        business_phone: row.phone("business_phone")?,
        our_number: row.phone("our_number")?,
        expected_callers: row.document("expected_callers")?,
        provider_call: row.maybe_text("provider_call")?,
        state: row.named("overall_status", TestCallState::from_name)?,
        error_code: row.maybe_number("error_code")?,
        started_at: row.time("initiated_at")?,
        expires_at: row.time("expires_at")?,
        ended_at: row.maybe_time("completed_at")?,
    })
}
