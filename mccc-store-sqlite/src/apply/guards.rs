//! What must hold before a commit's changes apply.

use mccc_core::port::store::{Commit, Conflict, Guard, Stale, StoreError};
use mccc_core::{BusinessId, PhoneNumber, Timestamp};
use sqlx::{Row, SqliteConnection};

use super::bookings;
use crate::columns::{Give, Take};
use crate::error::{At, Step};
use crate::load::{count_day, count_new_recipients};

/// Checks all guards of `commit` against the business's present `settings` version; `now` is the store's clock.
pub(crate) async fn check(
    connection: &mut SqliteConnection,
    commit: &Commit,
    settings: u64,
    now: Timestamp,
) -> Step<()> {
    for guard in &commit.guards {
        if let Some(conflict) = failed(connection, commit, guard, (settings, now)).await? {
            return Ok(Err(conflict));
        }
    }
    Ok(Ok(()))
}

async fn failed(
    connection: &mut SqliteConnection,
    commit: &Commit,
    guard: &Guard,
    (settings, now): (u64, Timestamp),
) -> Result<Option<Conflict>, StoreError> {
    let business = commit.business;
    match guard {
        Guard::Settings { version } => Ok((*version != settings).then_some(Conflict::Stale(Stale::Settings))),
        Guard::CallerFlags { phone, version } => {
            const SQL: &str = "SELECT version FROM caller_flags WHERE business_id = ? AND phone = ?";
            let stored = version_of(connection, SQL, business, phone).await?;
            Ok((stored != *version).then_some(Conflict::Stale(Stale::CallerFlags)))
        }
        Guard::Conversation { phone, version } => {
            const SQL: &str = "SELECT version FROM conversations WHERE business_id = ? AND phone = ?";
            let stored = version_of(connection, SQL, business, phone).await?;
            Ok((stored != *version).then_some(Conflict::Stale(Stale::Conversation)))
        }
        Guard::NotOptedOut { phone } => Ok(opted_out(connection, business, phone)
            .await?
            .then_some(Conflict::OptedOut)),
        Guard::TextGuardFree { phone } => {
            let until = held_until(connection, business, phone, commit.at).await?;
            Ok(until.map(|until| Conflict::TextGuardHeld { until }))
        }
        Guard::SendsBelow {
            business_day,
            new_recipients_hour,
        } => {
            let mut full = false;
            if let Some(limit) = *business_day {
                full = count_day(connection, business, commit.at).await? >= limit;
            }
            if let Some(limit) = new_recipients_hour.filter(|_| !full) {
                full = count_new_recipients(connection, business, commit.at).await? >= limit;
            }
            Ok(full.then_some(Conflict::Stale(Stale::SendCounts)))
        }
        Guard::DayBelow {
            from,
            until,
            limit,
            except,
        } => {
            let there = bookings::count_day(connection, business, (*from, *until), *except, now).await?;
            Ok((there >= *limit).then_some(Conflict::DayFull))
        }
    }
}

async fn version_of(
    connection: &mut SqliteConnection,
    sql: &'static str,
    business: BusinessId,
    phone: &PhoneNumber,
) -> Result<u32, StoreError> {
    let row = sqlx::query(sql)
        .id(business)
        .phone(phone)
        .fetch_optional(connection)
        .await
        .at("version")?;
    row.map_or(Ok(0), |row| row.number("version"))
}

async fn opted_out(
    connection: &mut SqliteConnection,
    business: BusinessId,
    phone: &PhoneNumber,
) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT EXISTS (SELECT 1 FROM sms_suppressions WHERE phone_number = ?1) OR EXISTS (SELECT 1 FROM sms_opt_outs \
         WHERE business_id = ?2 AND phone_number = ?1 AND opted_back_in_at IS NULL)",
    )
    .phone(phone)
    .id(business)
    .fetch_one(connection)
    .await
    .at("sms_opt_outs")?;
    Ok(row.try_get::<i64, _>(0).at("sms_opt_outs")? != 0)
}

async fn held_until(
    connection: &mut SqliteConnection,
    business: BusinessId,
    phone: &PhoneNumber,
    at: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let row = sqlx::query("SELECT until FROM sms_guards WHERE business_id = ? AND phone_number = ? AND until > ?")
        .id(business)
        .phone(phone)
        .time(at)
        .fetch_optional(connection)
        .await
        .at("sms_guards")?;
    row.map(|row| row.time("until")).transpose()
}
