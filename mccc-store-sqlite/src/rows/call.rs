//! Missed calls.

use mccc_core::CallerId;
use mccc_core::calls::{Call, CallState, Outcome, Recording, TextSummary};
use mccc_core::port::store::StoreError;
use mccc_core::routing::{Method, Variant};
use sqlx::sqlite::SqliteRow;

use crate::columns::{Give, Insert, Statement, Take};

/// All columns, in the order of [`give`].
pub(crate) const COLUMNS: &str = "id, business_id, version, provider_call, caller_id_status, caller_phone, caller_name, \
    dialled, forwarded_from, scheduled_method, routing_method, variant, rule, settings_version, trace, reply, state, \
    outcome, recovered, is_test, tags, received_at, local_day, responded_at, ended_at, call_duration_seconds, \
    provider_recording, recording_duration_seconds, auto_text, conversation_id, needs_attention, read_at, \
    callback_completed_at";

/// A new call.
pub(crate) const INSERT: Insert = Insert {
    table: "missed_calls",
    columns: COLUMNS,
    tail: "",
};

pub(crate) fn give<'q>(statement: Statement<'q>, call: &Call) -> Statement<'q> {
    let recording = call.recording.as_ref();
    statement
        .id(call.id)
        .id(call.business)
        .number(call.version)
        .text(&call.provider_call)
        .text(call.caller.status())
        .maybe_phone(call.caller.number().as_ref())
        .maybe_text(call.caller_name.as_deref())
        .phone(&call.dialled)
        .maybe_phone(call.forwarded_from.as_ref())
        .text(call.scheduled_method.name())
        .text(call.method.name())
        .text(call.variant.name())
        .document(&call.rule)
        .count(call.settings_version)
        .document(&call.trace)
        .document(&call.reply)
        .text(call.state.name())
        .text(call.outcome.name())
        .flag(call.recovered)
        .flag(call.is_test)
        .document(&call.tags)
        .time(call.received_at)
        .day(call.local_day)
        .maybe_time(call.responded_at)
        .maybe_time(call.ended_at)
        .maybe_number(call.duration_seconds)
        .maybe_text(recording.map(|recording| recording.provider_recording.as_str()))
        .maybe_number(recording.map(|recording| recording.duration_seconds))
        .text(call.text.name())
        .maybe_id(call.conversation)
        .flag(call.needs_attention)
        .maybe_time(call.read_at)
        .maybe_time(call.callback_completed_at)
}

pub(crate) fn take(row: &SqliteRow) -> Result<Call, StoreError> {
    let recording = match (
        row.maybe_text("provider_recording")?,
        row.maybe_number("recording_duration_seconds")?,
    ) {
        (Some(provider_recording), Some(duration_seconds)) => Some(Recording {
            provider_recording,
            duration_seconds,
        }),
        (None, _) | (_, None) => None,
    };
    Ok(Call {
        id: row.id("id")?,
        business: row.id("business_id")?,
        version: row.number("version")?,
        provider_call: row.text("provider_call")?,
        caller: caller(row)?,
        caller_name: row.maybe_text("caller_name")?,
        dialled: row.phone("dialled")?,
        forwarded_from: row.maybe_phone("forwarded_from")?,
        scheduled_method: row.named("scheduled_method", Method::from_name)?,
        method: row.named("routing_method", Method::from_name)?,
        variant: row.named("variant", Variant::from_name)?,
        rule: row.document("rule")?,
        settings_version: row.number("settings_version")?,
        trace: row.document("trace")?,
        reply: row.document("reply")?,
        state: row.named("state", CallState::from_name)?,
        outcome: row.named("outcome", Outcome::from_name)?,
        recovered: row.flag("recovered")?,
        is_test: row.flag("is_test")?,
        tags: row.document("tags")?,
        received_at: row.time("received_at")?,
        local_day: row.day("local_day")?,
        responded_at: row.maybe_time("responded_at")?,
        ended_at: row.maybe_time("ended_at")?,
        duration_seconds: row.maybe_number("call_duration_seconds")?,
        recording,
        text: row.named("auto_text", TextSummary::from_name)?,
        conversation: row.maybe_id("conversation_id")?,
        needs_attention: row.flag("needs_attention")?,
        read_at: row.maybe_time("read_at")?,
        callback_completed_at: row.maybe_time("callback_completed_at")?,
    })
}

pub(crate) fn caller(row: &SqliteRow) -> Result<CallerId, StoreError> {
    Ok(CallerId::from_stored(
        &row.text("caller_id_status")?,
        row.maybe_phone("caller_phone")?,
    ))
}
