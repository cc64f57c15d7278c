//! Reading appointments and the time that is closed.

use mccc_core::appointments::{Appointment, AppointmentStatus};
use mccc_core::business::{CalendarCopy, CalendarSync};
use mccc_core::port::store::{AppointmentCursor, AppointmentFilter, Bookings, StoreError};
use mccc_core::{AppointmentId, BusinessId, Id, Timestamp};

use sqlx::Row as _;
use sqlx::types::Json;

use crate::PostgresStore;
use crate::error::Place as _;
use crate::query::items;
use crate::records::{AppointmentRecord, BlockRecord, BlockedTimeRecord, list, maybe};
use crate::wire::At;

impl PostgresStore {
    pub(crate) async fn load_appointment(
        &self,
        business: BusinessId,
        id: AppointmentId,
    ) -> Result<Option<Appointment>, StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT row_to_json(t) FROM appointments t WHERE t.business_id = a.business AND t.id = $2) AS item \
             FROM admit($1) AS a(business)",
        )
        .bind(business.uuid())
        .bind(id.uuid())
        .fetch_one(self.pool())
        .await
        .place("appointments")?;
        maybe::<AppointmentRecord>(&row, "item")
    }

    pub(crate) async fn load_calendar_sync(&self, business: BusinessId) -> Result<Option<CalendarSync>, StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT t.state FROM calendar_syncs t WHERE t.business_id = a.business) AS item \
             FROM admit($1) AS a(business)",
        )
        .bind(business.uuid())
        .fetch_one(self.pool())
        .await
        .place("calendar_syncs")?;
        let state: Option<Json<CalendarSync>> = row.try_get("item").place("calendar_syncs")?;
        Ok(state.map(|Json(sync)| sync))
    }

    pub(crate) async fn load_calendar_copies(&self, business: BusinessId) -> Result<Vec<CalendarCopy>, StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT json_agg(t.state ORDER BY t.calendar) FROM calendar_copies t \
               WHERE t.business_id = a.business) AS items \
             FROM admit($1) AS a(business)",
        )
        .bind(business.uuid())
        .fetch_one(self.pool())
        .await
        .place("calendar_copies")?;
        let copies: Option<Json<Vec<CalendarCopy>>> = row.try_get("items").place("calendar_copies")?;
        Ok(copies.map(|Json(copies)| copies).unwrap_or_default())
    }

    pub(crate) async fn load_bookings(
        &self,
        business: BusinessId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Bookings, StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT json_agg(row_to_json(t) ORDER BY t.scheduled_at, t.id) FROM appointments t \
               WHERE t.business_id = a.business AND t.scheduled_at >= $2 AND t.scheduled_at < $3) AS appointments, \
             (SELECT json_agg(row_to_json(b) ORDER BY b.starts_at, b.blocked_until, b.expires_at NULLS FIRST, \
               b.appointment_id) FROM appointment_blocks b \
               WHERE b.business_id = a.business AND b.starts_at < $3 AND b.blocked_until > $2 \
               AND (b.expires_at IS NULL OR b.expires_at > coalesce($4, clock_timestamp()))) AS blocks, \
             (SELECT json_agg(row_to_json(o) ORDER BY o.id) FROM blocked_times o \
               WHERE o.business_id = a.business AND o.reach_from < $3 AND o.reach_until > $2) AS blocked_times \
             FROM admit($1) AS a(business)",
        )
        .bind(business.uuid())
        .bind(At(from))
        .bind(At(until))
        .bind(self.shared.clock.given().map(At))
        .fetch_one(self.pool())
        .await
        .place("appointments")?;
        Ok(Bookings {
            appointments: list::<AppointmentRecord>(&row, "appointments")?,
            blocks: list::<BlockRecord>(&row, "blocks")?,
            blocked_times: list::<BlockedTimeRecord>(&row, "blocked_times")?,
        })
    }

    pub(crate) async fn list_appointments(
        &self,
        business: BusinessId,
        filter: &AppointmentFilter,
        after: Option<AppointmentCursor>,
        limit: u32,
    ) -> Result<Vec<Appointment>, StoreError> {
        let statuses: Vec<&str> = AppointmentStatus::ALL
            .iter()
            .filter(|status| filter.lists(**status))
            .map(|status| status.name())
            .collect();
        // A page begins behind its cursor: the later of the two starts is where the index is entered.
        let from = filter.from.max(after.map(|after| after.starts_at));
        let rows = sqlx::query(
            "SELECT row_to_json(r) AS item FROM admit($1) AS a(business) CROSS JOIN LATERAL (\
             SELECT t.* FROM appointments t WHERE t.business_id = a.business \
             AND ($2::timestamptz IS NULL OR t.scheduled_at >= $2) \
             AND ($3::timestamptz IS NULL OR t.scheduled_at < $3) \
             AND ($4::uuid IS NULL OR (t.scheduled_at, t.id) > ($5, $4)) \
             AND t.status = ANY ($6) AND ($7::text IS NULL OR t.customer_phone = $7) \
             ORDER BY t.scheduled_at, t.id LIMIT $8) AS r ORDER BY r.scheduled_at, r.id",
        )
        .bind(business.uuid())
        .bind(from.map(At))
        .bind(filter.until.map(At))
        .bind(after.map(|after| Id::uuid(after.id)))
        .bind(after.map(|after| At(after.starts_at)))
        .bind(statuses)
        .bind(filter.customer.as_ref().map(ToString::to_string))
        .bind(i64::from(limit))
        .fetch_all(self.pool())
        .await
        .place("appointments")?;
        items::<AppointmentRecord>(&rows)
    }
}
