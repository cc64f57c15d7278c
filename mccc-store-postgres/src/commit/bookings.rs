//! Appointments, the time they close, and time without appointments.

use mccc_core::appointments::{Appointment, Block, BlockedTime, CancelledBy};
use mccc_core::business::{CalendarCopy, CalendarSync};
use mccc_core::port::store::{Conflict, StoreError};
use mccc_core::{AppointmentId, BlockedTimeId, BusinessId, Id, Timestamp};

use super::Work;
use crate::columns::{Statement, document};
use crate::error::{Stop, Within as _};
use crate::wire::{At, clean, int4};

const PLACE: &str = "appointment_blocks";

impl Work<'_> {
    /// Closes time for an appointment in place of what it closed before, unless another has closed it. The lock on the
    /// business's head leaves no race between asking and writing; the table's constraint stands behind it.
    pub(super) async fn set_blocks(&mut self, appointment: AppointmentId, blocks: &[Block]) -> Result<(), Stop> {
        let business = self.commit.business.uuid();
        let now = self.shared.clock.given().map(At);
        let cleared = sqlx::query(
            "DELETE FROM appointment_blocks WHERE business_id = $1 \
             AND (appointment_id = $2 OR expires_at <= coalesce($3, clock_timestamp()))",
        )
        .bind(business)
        .bind(appointment.uuid())
        .bind(now);
        self.run(cleared, PLACE).await?;
        for block in blocks {
            let taken: bool = sqlx::query_scalar(
                "SELECT EXISTS (SELECT FROM appointment_blocks WHERE business_id = $1 AND appointment_id <> $2 \
                 AND tstzrange(starts_at, blocked_until) && tstzrange($3, $4))",
            )
            .bind(business)
            .bind(appointment.uuid())
            .bind(At(block.from))
            .bind(At(block.until))
            .fetch_one(&mut *self.connection)
            .await
            .within(PLACE)?;
            if taken {
                return Err(Conflict::SlotTaken.into());
            }
            let closed = sqlx::query(
                "INSERT INTO appointment_blocks (business_id, appointment_id, starts_at, blocked_until, expires_at) \
                 VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(business)
            .bind(appointment.uuid())
            .bind(At(block.from))
            .bind(At(block.until))
            .bind(block.expires_at.map(At));
            self.run(closed, PLACE).await?;
        }
        Ok(())
    }

    /// How many appointments count between two instants, without one of them.
    pub(super) async fn count_day(
        &mut self,
        (from, until): (Timestamp, Timestamp),
        except: AppointmentId,
    ) -> Result<i64, Stop> {
        sqlx::query_scalar(
            "SELECT count(*) FROM appointments WHERE business_id = $1 AND scheduled_at >= $2 AND scheduled_at < $3 \
             AND id <> $4 AND status IN ('held', 'scheduled', 'confirmed', 'completed') \
             AND (held_until IS NULL OR held_until > coalesce($5, clock_timestamp()))",
        )
        .bind(self.commit.business.uuid())
        .bind(At(from))
        .bind(At(until))
        .bind(except.uuid())
        .bind(self.shared.clock.given().map(At))
        .fetch_one(&mut *self.connection)
        .await
        .within("appointments")
    }
}

pub(super) fn put_appointment(row: &Appointment) -> Result<Statement<'static>, StoreError> {
    let event = row.event.as_ref();
    Ok(sqlx::query(
        "INSERT INTO appointments AS t (business_id, id, version, missed_call_id, conversation_id, customer_name, \
         customer_phone, customer_email, service_type, scheduled_at, duration_minutes, status, source, location, notes, \
         held_until, moving_to, calendar_provider, calendar_id, calendar_event_id, calendar_etag, calendar_link, \
         reminders, confirmed_at, cancelled_at, cancelled_by, cancellation_reason, created_at, calendar_attempt) \
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
         $23::json, $24, $25, $26, $27, $28, $29 \
         WHERE $3 = 1 OR EXISTS (SELECT FROM appointments WHERE business_id = $1 AND id = $2) \
         ON CONFLICT (business_id, id) DO UPDATE SET version = excluded.version, \
         missed_call_id = excluded.missed_call_id, conversation_id = excluded.conversation_id, \
         customer_name = excluded.customer_name, customer_phone = excluded.customer_phone, \
         customer_email = excluded.customer_email, service_type = excluded.service_type, \
         scheduled_at = excluded.scheduled_at, duration_minutes = excluded.duration_minutes, status = excluded.status, \
         source = excluded.source, location = excluded.location, notes = excluded.notes, \
         held_until = excluded.held_until, moving_to = excluded.moving_to, \
         calendar_provider = excluded.calendar_provider, calendar_id = excluded.calendar_id, \
         calendar_event_id = excluded.calendar_event_id, calendar_etag = excluded.calendar_etag, \
         calendar_link = excluded.calendar_link, reminders = excluded.reminders, \
         confirmed_at = excluded.confirmed_at, cancelled_at = excluded.cancelled_at, \
         cancelled_by = excluded.cancelled_by, cancellation_reason = excluded.cancellation_reason, \
         created_at = excluded.created_at, calendar_attempt = excluded.calendar_attempt \
         WHERE t.version = excluded.version - 1",
    )
    .bind(row.business.uuid())
    .bind(row.id.uuid())
    .bind(int4(row.version))
    .bind(row.call.map(Id::uuid))
    .bind(row.conversation.map(Id::uuid))
    .bind(clean(&row.customer.name))
    .bind(row.customer.phone.as_ref().map(ToString::to_string))
    .bind(row.customer.email.as_deref().map(clean))
    .bind(row.service.as_deref().map(clean))
    .bind(At(row.starts_at))
    .bind(int4(row.duration_minutes))
    .bind(row.status.name())
    .bind(row.source.name())
    .bind(row.location.as_deref().map(clean))
    .bind(row.notes.as_deref().map(clean))
    .bind(row.held_until.map(At))
    .bind(row.moving_to.map(At))
    .bind(event.map(|event| clean(&event.provider)))
    .bind(event.map(|event| clean(&event.calendar)))
    .bind(event.map(|event| clean(&event.event)))
    .bind(event.and_then(|event| event.etag.as_deref().map(clean)))
    .bind(event.and_then(|event| event.link.as_deref().map(clean)))
    .bind(document(&row.reminders)?)
    .bind(row.confirmed_at.map(At))
    .bind(row.cancelled_at.map(At))
    .bind(row.cancelled_by.map(CancelledBy::name))
    .bind(row.cancellation_reason.as_deref().map(clean))
    .bind(At(row.created_at))
    .bind(i32::from(row.calendar_attempt)))
}

pub(super) fn put_calendar_sync(business: BusinessId, sync: &CalendarSync) -> Result<Statement<'static>, StoreError> {
    Ok(sqlx::query(
        "INSERT INTO calendar_syncs AS t (business_id, version, state) SELECT $1, $2, $3::json \
         WHERE $2 = 1 OR EXISTS (SELECT FROM calendar_syncs WHERE business_id = $1) \
         ON CONFLICT (business_id) DO UPDATE SET version = excluded.version, state = excluded.state \
         WHERE t.version = excluded.version - 1",
    )
    .bind(business.uuid())
    .bind(int4(sync.version))
    .bind(document(sync)?))
}

pub(super) fn put_calendar_copy(business: BusinessId, copy: &CalendarCopy) -> Result<Statement<'static>, StoreError> {
    Ok(sqlx::query(
        "INSERT INTO calendar_copies AS t (business_id, calendar, version, state) SELECT $1, $2, $3, $4::json \
         WHERE $3 = 1 OR EXISTS (SELECT FROM calendar_copies WHERE business_id = $1 AND calendar = $2) \
         ON CONFLICT (business_id, calendar) DO UPDATE SET version = excluded.version, state = excluded.state \
         WHERE t.version = excluded.version - 1",
    )
    .bind(business.uuid())
    .bind(clean(&copy.calendar))
    .bind(int4(copy.version))
    .bind(document(copy)?))
}

pub(super) fn drop_calendar_copy(business: BusinessId, calendar: &str) -> Statement<'static> {
    sqlx::query("DELETE FROM calendar_copies WHERE business_id = $1 AND calendar = $2")
        .bind(business.uuid())
        .bind(clean(calendar))
}

pub(super) fn put_blocked_time(time: &BlockedTime) -> Result<Statement<'static>, StoreError> {
    let (from, until) = time.span.reach();
    Ok(sqlx::query(
        "INSERT INTO blocked_times (business_id, id, span, reach_from, reach_until, title, created_at) \
         VALUES ($1, $2, $3::json, $4, $5, $6, $7) ON CONFLICT (business_id, id) DO UPDATE SET span = excluded.span, \
         reach_from = excluded.reach_from, reach_until = excluded.reach_until, title = excluded.title, \
         created_at = excluded.created_at",
    )
    .bind(time.business.uuid())
    .bind(time.id.uuid())
    .bind(document(&time.span)?)
    .bind(At(from))
    .bind(At(until))
    .bind(clean(&time.title))
    .bind(At(time.created_at)))
}

pub(super) fn remove_blocked_time(business: BusinessId, time: BlockedTimeId) -> Statement<'static> {
    sqlx::query("DELETE FROM blocked_times WHERE business_id = $1 AND id = $2")
        .bind(business.uuid())
        .bind(time.uuid())
}
