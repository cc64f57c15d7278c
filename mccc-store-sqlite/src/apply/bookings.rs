//! The time that appointments close, and time without appointments.

use mccc_core::appointments::{Block, BlockedTime};
use mccc_core::business::{CalendarCopy, CalendarSync};
use mccc_core::port::store::{Conflict, Stale, StoreError};
use mccc_core::{AppointmentId, BlockedTimeId, BusinessId, Timestamp};
use sqlx::{Row, SqliteConnection};

use crate::columns::{Give, Insert, insert_rows};
use crate::error::{At, Step};

const BLOCKS: Insert = Insert {
    table: "appointment_blocks",
    columns: "business_id, appointment_id, starts_at, blocked_until, expires_at",
    tail: "",
};

/// Closes time for an appointment in place of what it closed before, unless another has closed it.
pub(crate) async fn set_blocks(
    connection: &mut SqliteConnection,
    business: BusinessId,
    (appointment, blocks): (AppointmentId, &[Block]),
    now: Timestamp,
) -> Step<()> {
    sqlx::query("DELETE FROM appointment_blocks WHERE business_id = ? AND (appointment_id = ? OR expires_at <= ?)")
        .id(business)
        .id(appointment)
        .time(now)
        .execute(&mut *connection)
        .await
        .at("appointment_blocks")?;
    for block in blocks {
        let row = sqlx::query(
            "SELECT EXISTS (SELECT 1 FROM appointment_blocks WHERE business_id = ? AND appointment_id <> ? \
             AND starts_at < ? AND blocked_until > ?)",
        )
        .id(business)
        .id(appointment)
        .time(block.until)
        .time(block.from)
        .fetch_one(&mut *connection)
        .await
        .at("appointment_blocks")?;
        if row.try_get::<i64, _>(0).at("appointment_blocks")? != 0 {
            return Ok(Err(Conflict::SlotTaken));
        }
    }
    insert_rows(connection, BLOCKS, blocks, |statement, block| {
        statement
            .id(business)
            .id(appointment)
            .time(block.from)
            .time(block.until)
            .maybe_time(block.expires_at)
    })
    .await?;
    Ok(Ok(()))
}

/// How many appointments count between two instants, without one of them.
pub(crate) async fn count_day(
    connection: &mut SqliteConnection,
    business: BusinessId,
    (from, until): (Timestamp, Timestamp),
    except: AppointmentId,
    now: Timestamp,
) -> Result<u32, StoreError> {
    let row = sqlx::query(
        "SELECT count(*) FROM appointments WHERE business_id = ? AND scheduled_at >= ? AND scheduled_at < ? AND id <> ? \
         AND status IN ('held', 'scheduled', 'confirmed', 'completed') AND (held_until IS NULL OR held_until > ?)",
    )
    .id(business)
    .time(from)
    .time(until)
    .id(except)
    .time(now)
    .fetch_one(connection)
    .await
    .at("appointments")?;
    let count: i64 = row.try_get(0).at("appointments")?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Writes time without appointments.
pub(crate) async fn put_blocked_time(connection: &mut SqliteConnection, time: &BlockedTime) -> Result<(), StoreError> {
    let (from, until) = time.span.reach();
    sqlx::query(
        "INSERT INTO blocked_times (id, business_id, span, reach_from, reach_until, title, created_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET span = excluded.span, \
         reach_from = excluded.reach_from, reach_until = excluded.reach_until, title = excluded.title, \
         created_at = excluded.created_at",
    )
    .id(time.id)
    .id(time.business)
    .document(&time.span)
    .time(from)
    .time(until)
    .text(&time.title)
    .time(time.created_at)
    .execute(connection)
    .await
    .map(drop)
    .at("blocked_times")
}

/// Takes such time away.
pub(crate) async fn remove_blocked_time(
    connection: &mut SqliteConnection,
    business: BusinessId,
    time: BlockedTimeId,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM blocked_times WHERE business_id = ? AND id = ?")
        .id(business)
        .id(time)
        .execute(connection)
        .await
        .map(drop)
        .at("blocked_times")
}

/// Writes how far a calendar was followed, over the version that was read.
pub(crate) async fn put_calendar_sync(
    connection: &mut SqliteConnection,
    business: BusinessId,
    sync: &CalendarSync,
) -> Step<()> {
    let sql = if sync.version == 1 {
        "INSERT INTO calendar_syncs (business_id, version, state) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING"
    } else {
        "UPDATE calendar_syncs SET version = ?2, state = ?3 WHERE business_id = ?1 AND version = ?2 - 1"
    };
    let done = sqlx::query(sql)
        .id(business)
        .number(sync.version)
        .document(sync)
        .execute(connection)
        .await
        .at("calendar_syncs")?;
    Ok(if done.rows_affected() == 0 {
        Err(Conflict::Stale(Stale::CalendarSync))
    } else {
        Ok(())
    })
}

/// Writes what was read of a calendar, over the version that was read.
pub(crate) async fn put_calendar_copy(
    connection: &mut SqliteConnection,
    business: BusinessId,
    copy: &CalendarCopy,
) -> Step<()> {
    let sql = if copy.version == 1 {
        "INSERT INTO calendar_copies (business_id, calendar, version, state) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT DO NOTHING"
    } else {
        "UPDATE calendar_copies SET version = ?3, state = ?4 \
         WHERE business_id = ?1 AND calendar = ?2 AND version = ?3 - 1"
    };
    let done = sqlx::query(sql)
        .id(business)
        .text(&copy.calendar)
        .number(copy.version)
        .document(copy)
        .execute(connection)
        .await
        .at("calendar_copies")?;
    Ok(if done.rows_affected() == 0 {
        Err(Conflict::Stale(Stale::CalendarCopy))
    } else {
        Ok(())
    })
}

/// Forgets what was read of a calendar.
pub(crate) async fn drop_calendar_copy(
    connection: &mut SqliteConnection,
    business: BusinessId,
    calendar: &str,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM calendar_copies WHERE business_id = ? AND calendar = ?")
        .id(business)
        .text(calendar)
        .execute(connection)
        .await
        .map(drop)
        .at("calendar_copies")
}
