//! Opt-outs, opt-ins, the rights to send, and the one-text guard.

use std::time::Duration;

use mccc_core::port::store::{ConsentChange, StoreError};
use mccc_core::{BusinessId, MessageId, PhoneNumber, Timestamp};
use sqlx::SqliteConnection;

use crate::columns::Give;
use crate::error::At;

/// Applies an opt-out or opt-in; doing so twice changes nothing.
pub(crate) async fn change(
    connection: &mut SqliteConnection,
    business: BusinessId,
    at: Timestamp,
    change: &ConsentChange,
) -> Result<(), StoreError> {
    match change {
        ConsentChange::OptOut { phone, keyword } => opt_out(connection, business, at, phone, keyword).await,
        ConsentChange::OptIn { phone } => opt_in(connection, business, at, phone).await,
    }
}

async fn opt_out(
    connection: &mut SqliteConnection,
    business: BusinessId,
    at: Timestamp,
    phone: &PhoneNumber,
    keyword: &str,
) -> Result<(), StoreError> {
    // An active opt-out keeps the instant and the word of the first time.
    sqlx::query(
        "INSERT INTO sms_opt_outs (business_id, phone_number, opted_out_at, opt_out_keyword) VALUES (?, ?, ?, ?) \
         ON CONFLICT DO UPDATE SET opted_out_at = excluded.opted_out_at, \
         opt_out_keyword = excluded.opt_out_keyword, opted_back_in_at = NULL WHERE opted_back_in_at IS NOT NULL",
    )
    .id(business)
    .phone(phone)
    .time(at)
    .text(keyword)
    .execute(&mut *connection)
    .await
    .at("sms_opt_outs")?;
    sqlx::query("INSERT INTO sms_suppressions (phone_number, suppressed_at) VALUES (?, ?) ON CONFLICT DO NOTHING")
        .phone(phone)
        .time(at)
        .execute(connection)
        .await
        .map(drop)
        .at("sms_suppressions")
}

async fn opt_in(
    connection: &mut SqliteConnection,
    business: BusinessId,
    at: Timestamp,
    phone: &PhoneNumber,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE sms_opt_outs SET opted_back_in_at = ? \
         WHERE business_id = ? AND phone_number = ? AND opted_back_in_at IS NULL",
    )
    .time(at)
    .id(business)
    .phone(phone)
    .execute(&mut *connection)
    .await
    .at("sms_opt_outs")?;
    sqlx::query(
        "DELETE FROM sms_suppressions WHERE phone_number = ?1 AND NOT EXISTS \
         (SELECT 1 FROM sms_opt_outs WHERE phone_number = ?1 AND opted_back_in_at IS NULL)",
    )
    .phone(phone)
    .execute(connection)
    .await
    .map(drop)
    .at("sms_suppressions")
}

/// Takes the right to hand `message` to the gateway until `now` plus `lasts`.
pub(crate) async fn claim_send(
    connection: &mut SqliteConnection,
    business: BusinessId,
    (message, phone): (MessageId, &PhoneNumber),
    now: Timestamp,
    lasts: Duration,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO sms_claims (message_id, business_id, phone_number, expires_at) VALUES (?, ?, ?, ?) \
         ON CONFLICT DO UPDATE SET phone_number = excluded.phone_number, expires_at = excluded.expires_at",
    )
    .id(message)
    .id(business)
    .phone(phone)
    .time(now.plus(lasts))
    .execute(connection)
    .await
    .map(drop)
    .at("sms_claims")
}

/// Gives the right back.
pub(crate) async fn settle_send(
    connection: &mut SqliteConnection,
    business: BusinessId,
    message: MessageId,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM sms_claims WHERE message_id = ? AND business_id = ?")
        .id(message)
        .id(business)
        .execute(connection)
        .await
        .map(drop)
        .at("sms_claims")
}

/// Holds the one-text guard of a caller.
pub(crate) async fn hold_guard(
    connection: &mut SqliteConnection,
    business: BusinessId,
    phone: &PhoneNumber,
    until: Timestamp,
    message: MessageId,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO sms_guards (business_id, phone_number, until, message_id) VALUES (?, ?, ?, ?) \
         ON CONFLICT DO UPDATE SET until = excluded.until, message_id = excluded.message_id",
    )
    .id(business)
    .phone(phone)
    .time(until)
    .id(message)
    .execute(connection)
    .await
    .map(drop)
    .at("sms_guards")
}

/// Frees the guard if `message` holds it.
pub(crate) async fn free_guard(
    connection: &mut SqliteConnection,
    business: BusinessId,
    phone: &PhoneNumber,
    message: MessageId,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM sms_guards WHERE business_id = ? AND phone_number = ? AND message_id = ?")
        .id(business)
        .phone(phone)
        .id(message)
        .execute(connection)
        .await
        .map(drop)
        .at("sms_guards")
}
