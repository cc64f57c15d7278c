//! Reading appointments and the time that is closed.

use mccc_core::appointments::{Appointment, AppointmentStatus, Block, BlockedTime};
use mccc_core::business::{CalendarCopy, CalendarSync};
use mccc_core::port::store::{AppointmentCursor, AppointmentFilter, Bookings, StoreError};
use mccc_core::{AppointmentId, BusinessId, Timestamp};
use sqlx::AssertSqlSafe;

use crate::columns::{Give, Take};
use crate::error::At;
use crate::rows::appointment;
use crate::store::SqliteStore;

impl SqliteStore {
    pub(crate) async fn load_appointment(
        &self,
        business: BusinessId,
        id: AppointmentId,
    ) -> Result<Option<Appointment>, StoreError> {
        let sql = format!(
            "SELECT {} FROM appointments WHERE business_id = ? AND id = ?",
            appointment::COLUMNS
        );
        let row = sqlx::query(AssertSqlSafe(sql))
            .id(business)
            .id(id)
            .fetch_optional(&mut *self.reader().await?)
            .await
            .at("appointments")?;
        row.as_ref().map(appointment::take).transpose()
    }

    pub(crate) async fn load_calendar_sync(&self, business: BusinessId) -> Result<Option<CalendarSync>, StoreError> {
        let row = sqlx::query("SELECT state FROM calendar_syncs WHERE business_id = ?")
            .id(business)
            .fetch_optional(&mut *self.reader().await?)
            .await
            .at("calendar_syncs")?;
        row.map(|row| row.document("state")).transpose()
    }

    pub(crate) async fn load_calendar_copies(&self, business: BusinessId) -> Result<Vec<CalendarCopy>, StoreError> {
        let rows = sqlx::query("SELECT state FROM calendar_copies WHERE business_id = ? ORDER BY calendar")
            .id(business)
            .fetch_all(&mut *self.reader().await?)
            .await
            .at("calendar_copies")?;
        rows.iter().map(|row| row.document("state")).collect()
    }

    pub(crate) async fn load_bookings(
        &self,
        business: BusinessId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Bookings, StoreError> {
        let now = self.options.clock.now();
        let mut snapshot = self.snapshot().await?;
        let sql = format!(
            "SELECT {} FROM appointments WHERE business_id = ? AND scheduled_at >= ? AND scheduled_at < ? \
             ORDER BY scheduled_at, id",
            appointment::COLUMNS
        );
        let appointments = sqlx::query(AssertSqlSafe(sql))
            .id(business)
            .time(from)
            .time(until)
            .fetch_all(&mut *snapshot)
            .await
            .at("appointments")?;
        let blocks = sqlx::query(
            "SELECT appointment_id, starts_at, blocked_until, expires_at FROM appointment_blocks \
             WHERE business_id = ? AND starts_at < ? AND blocked_until > ? \
             AND (expires_at IS NULL OR expires_at > ?) \
             ORDER BY starts_at, blocked_until, expires_at, appointment_id",
        )
        .id(business)
        .time(until)
        .time(from)
        .time(now)
        .fetch_all(&mut *snapshot)
        .await
        .at("appointment_blocks")?;
        let blocked_times = sqlx::query(
            "SELECT id, business_id, span, title, created_at FROM blocked_times \
             WHERE business_id = ? AND reach_from < ? AND reach_until > ? ORDER BY id",
        )
        .id(business)
        .time(until)
        .time(from)
        .fetch_all(&mut *snapshot)
        .await
        .at("blocked_times")?;
        Ok(Bookings {
            appointments: appointments.iter().map(appointment::take).collect::<Result<_, _>>()?,
            blocks: blocks
                .iter()
                .map(|row| {
                    let block = Block {
                        from: row.time("starts_at")?,
                        until: row.time("blocked_until")?,
                        expires_at: row.maybe_time("expires_at")?,
                    };
                    Ok((row.id("appointment_id")?, block))
                })
                .collect::<Result<_, StoreError>>()?,
            blocked_times: blocked_times
                .iter()
                .map(|row| {
                    Ok(BlockedTime {
                        id: row.id("id")?,
                        business: row.id("business_id")?,
                        span: row.document("span")?,
                        title: Take::text(row, "title")?,
                        created_at: row.time("created_at")?,
                    })
                })
                .collect::<Result<_, StoreError>>()?,
        })
    }

    pub(crate) async fn list_appointments(
        &self,
        business: BusinessId,
        filter: &AppointmentFilter,
        after: Option<AppointmentCursor>,
        limit: u32,
    ) -> Result<Vec<Appointment>, StoreError> {
        // A page begins behind its cursor: the later of the two starts is where the index is entered.
        let from = filter.from.max(after.map(|after| after.starts_at));
        let customer = if filter.customer.is_some() {
            "AND customer_phone = ?7"
        } else {
            "AND ?7 IS NULL"
        };
        let sql = format!(
            "SELECT {} FROM appointments WHERE business_id = ?1 AND scheduled_at >= ?2 AND scheduled_at < ?3 \
             AND (scheduled_at, id) > (?4, ?5) AND status IN (SELECT value FROM json_each(?6)) {customer} \
             ORDER BY scheduled_at, id LIMIT ?8",
            appointment::COLUMNS
        );
        let statuses: Vec<&str> = AppointmentStatus::ALL
            .iter()
            .filter(|status| filter.lists(**status))
            .map(|status| status.name())
            .collect();
        let rows = sqlx::query(AssertSqlSafe(sql))
            .id(business)
            .number(from.map_or(i64::MIN, Timestamp::as_micros))
            .number(filter.until.map_or(i64::MAX, Timestamp::as_micros))
            .number(after.map_or(i64::MIN, |after| after.starts_at.as_micros()))
            .maybe_id(after.map(|after| after.id))
            .document(&statuses)
            .maybe_phone(filter.customer.as_ref())
            .number(limit)
            .fetch_all(&mut *self.reader().await?)
            .await
            .at("appointments")?;
        rows.iter().map(appointment::take).collect()
    }
}
