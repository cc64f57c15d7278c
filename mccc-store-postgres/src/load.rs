//! Snapshots that decisions read: each one statement, and so one round trip and one view of the data.

use std::sync::Arc;
use std::time::Duration;

use mccc_core::business::{Owner, Settings};
use mccc_core::conversation::{CallerFlags, Message};
use mccc_core::port::store::{CallKey, CallSnapshot, Consent, MessageKey, SendCounts, StoreError, TestCall, Thread};
use mccc_core::{BusinessId, PhoneNumber, TestCallId, Timestamp};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use uuid::Uuid;

use crate::PostgresStore;
use crate::error::Place as _;
use crate::records::{
    CallRecord, ContactRecord, ConversationRecord, FlagsRecord, GuardRecord, LineRecord, MessageRecord, TaskRecord,
    TestCallRecord, list, maybe,
};
use crate::wire::At;

pub(crate) const HOUR: Duration = Duration::from_secs(3_600);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 3_600);
const MONTH: Duration = Duration::from_secs(30 * 24 * 3_600);

/// A business with its numbers. What is asked for names the business to the policies first.
macro_rules! owner_sql {
    ($business:literal) => {
        concat!(
            "SELECT a.business, o.settings_version, o.settings, o.saved_at, phones_of(a.business) AS lines \
             FROM admit(",
            $business,
            ") AS a(business) CROSS JOIN LATERAL (\
               SELECT h.settings_version, b.settings, b.saved_at FROM business_heads h JOIN businesses b \
               ON b.business_id = h.business_id WHERE h.business_id = a.business OFFSET 0) AS o"
        )
    };
}

/// What counts as sent: every text of ours that was claimed and did not definitely stay here.
macro_rules! sent {
    ($alias:literal) => {
        concat!(
            $alias,
            ".direction = 'outbound' AND ",
            $alias,
            ".status NOT IN ('failed', 'canceled', 'waiting')"
        )
    };
}

/// Where the first whole hour or minute after an instant begins, and with it the first sum that lies in its window.
macro_rules! next {
    ($width:literal, $since:literal) => {
        concat!(
            "(date_bin(interval '",
            $width,
            " s', ",
            $since,
            ", timestamptz 'epoch') + interval '",
            $width,
            " s')"
        )
    };
}

/// A column of a business's sums after an instant: whole hours, and whole minutes before the first of them.
macro_rules! summed {
    ($column:literal, $business:literal, $since:literal) => {
        concat!(
            "(SELECT coalesce(sum(s.",
            $column,
            "), 0) FROM text_sums s WHERE s.business_id = ",
            $business,
            " AND s.width = 3600 AND s.start >= ",
            next!("3600", $since),
            ") + (SELECT coalesce(sum(s.",
            $column,
            "), 0) FROM text_sums s WHERE s.business_id = ",
            $business,
            " AND s.width = 60 AND s.start >= ",
            next!("60", $since),
            " AND s.start < ",
            next!("3600", $since),
            ")"
        )
    };
}

/// Texts of a business between an instant and the next whole minute, which no sum tells apart from those before it.
macro_rules! rest {
    ($business:literal, $since:literal) => {
        concat!(
            "sms_log m WHERE m.business_id = ",
            $business,
            " AND m.created_at > ",
            $since,
            " AND m.created_at < ",
            next!("60", $since),
            " AND ",
            sent!("m")
        )
    };
}

/// Callers whom a business texted for the first time after an instant.
macro_rules! new_recipients {
    ($business:literal, $since:literal) => {
        concat!(
            "(",
            summed!("recipients", $business, $since),
            " + (SELECT count(*) FROM (SELECT DISTINCT m.their_number FROM ",
            rest!($business, $since),
            ") r WHERE NOT EXISTS (SELECT FROM sms_log e WHERE e.business_id = ",
            $business,
            " AND e.their_number = r.their_number AND e.created_at <= ",
            $since,
            " AND ",
            sent!("e"),
            ")))"
        )
    };
}

/// Texts of a business after an instant.
macro_rules! texts {
    ($business:literal, $since:literal) => {
        concat!(
            "(",
            summed!("texts", $business, $since),
            " + (SELECT count(*) FROM ",
            rest!($business, $since),
            "))"
        )
    };
}

/// Texts of business `$1` after an instant.
pub(crate) const SENT_SINCE: &str = concat!("SELECT ", texts!("$1", "$2"));
/// Callers whom business `$1` texted for the first time after an instant.
pub(crate) const NEW_SINCE: &str = concat!("SELECT ", new_recipients!("$1", "$2"));

const THREAD: &str = concat!(
    "SELECT \
     (SELECT row_to_json(c) FROM contacts c WHERE c.business_id = a.business AND c.phone = $2) AS contact, \
     (SELECT row_to_json(f) FROM caller_flags f WHERE f.business_id = a.business AND f.phone = $2) AS flags, \
     (SELECT row_to_json(v) FROM conversations v WHERE v.business_id = a.business AND v.phone = $2) AS conversation, \
     (SELECT json_agg(row_to_json(m) ORDER BY m.created_at, m.id) FROM (\
        SELECT m.* FROM sms_log m WHERE m.business_id = a.business AND m.conversation_id = (\
          SELECT v.id FROM conversations v WHERE v.business_id = a.business AND v.phone = $2) \
        ORDER BY m.created_at DESC, m.id DESC LIMIT 30) m) AS messages, \
     (SELECT row_to_json(c) FROM (\
        SELECT c.* FROM missed_calls c WHERE c.business_id = a.business AND c.caller_phone = $2 \
        ORDER BY c.received_at DESC, c.id DESC LIMIT 1) c) AS last_call, \
     (SELECT o.opted_out_at FROM sms_opt_outs o WHERE o.business_id = a.business AND o.phone_number = $2 \
        AND o.opted_back_in_at IS NULL) AS opted_out_at, \
     EXISTS (SELECT FROM sms_opt_outs o WHERE o.business_id = a.business AND o.phone_number = $2 \
        AND o.opted_back_in_at IS NOT NULL) AS opted_back_in, \
     is_suppressed($2) AS suppressed, \
     (SELECT row_to_json(g) FROM text_guards g WHERE g.business_id = a.business AND g.phone = $2) AS guard, \
     ",
    new_recipients!("a.business", "$3"),
    " AS new_recipients, ",
    texts!("a.business", "$4"),
    " AS business_day, \
     (SELECT count(*) FROM sms_log m WHERE m.business_id = a.business AND m.their_number = $2 AND m.created_at > $4 \
        AND m.author = 'machine' AND ",
    sent!("m"),
    ") AS automated_day, \
     (SELECT count(*) FROM sms_log m WHERE m.business_id = a.business AND m.their_number = $2 AND m.created_at > $5 \
        AND m.template_type = 'auto_text' AND m.created_at > coalesce((\
          SELECT max(i.created_at) FROM sms_log i WHERE i.business_id = a.business AND i.their_number = $2 \
          AND i.direction = 'inbound'), '-infinity') AND ",
    sent!("m"),
    ") AS unanswered, \
     (SELECT json_agg(row_to_json(t) ORDER BY t.raised_at, t.id) FROM tasks t WHERE t.business_id = a.business \
        AND t.phone = $2 AND t.done_at IS NULL) AS open_tasks \
     FROM admit($1) AS a(business)"
);

/// A call by one of its names, its thread (the one it names, else the one with its caller) and its open tasks.
macro_rules! call_sql {
    ($key:literal) => {
        concat!(
            "SELECT row_to_json(c) AS call, \
             (SELECT row_to_json(v) FROM conversations v WHERE v.business_id = c.business_id \
                AND (v.id = c.conversation_id OR v.phone = c.caller_phone) \
                ORDER BY v.id = c.conversation_id DESC NULLS LAST LIMIT 1) AS conversation, \
             (SELECT json_agg(row_to_json(t) ORDER BY t.raised_at, t.id) FROM tasks t \
                WHERE t.business_id = c.business_id AND t.call_id = c.id AND t.done_at IS NULL) AS open_tasks \
             FROM admit($1) AS a(business) CROSS JOIN LATERAL (\
               SELECT m.* FROM missed_calls m WHERE m.business_id = a.business AND m.",
            $key,
            " = $2 OFFSET 0) AS c"
        )
    };
}

impl PostgresStore {
    pub(crate) async fn load_owner_of(&self, dialled: &PhoneNumber) -> Result<Option<Arc<Owner>>, StoreError> {
        let row = sqlx::query(owner_sql!("business_of_number($1)"))
            .bind(dialled.to_string())
            .fetch_optional(self.pool())
            .await
            .place("businesses")?;
        row.map(|row| owner(&row)).transpose()
    }

    pub(crate) async fn load_owner(&self, business: BusinessId) -> Result<Option<Arc<Owner>>, StoreError> {
        let row = sqlx::query(owner_sql!("$1"))
            .bind(business.uuid())
            .fetch_optional(self.pool())
            .await
            .place("businesses")?;
        row.map(|row| owner(&row)).transpose()
    }

    pub(crate) async fn load_caller_flags(
        &self,
        business: BusinessId,
        phone: &PhoneNumber,
    ) -> Result<CallerFlags, StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT row_to_json(f) FROM caller_flags f WHERE f.business_id = a.business AND f.phone = $2) \
             AS flags FROM admit($1) AS a(business)",
        )
        .bind(business.uuid())
        .bind(phone.to_string())
        .fetch_one(self.pool())
        .await
        .place("caller_flags")?;
        Ok(maybe::<FlagsRecord>(&row, "flags")?.unwrap_or(CallerFlags::NONE))
    }

    pub(crate) async fn load_call(
        &self,
        business: BusinessId,
        key: &CallKey,
    ) -> Result<Option<CallSnapshot>, StoreError> {
        let statement = match key {
            CallKey::Id(id) => sqlx::query(call_sql!("id")).bind(business.uuid()).bind(id.uuid()),
            CallKey::Provider(name) => sqlx::query(call_sql!("provider_call"))
                .bind(business.uuid())
                .bind(crate::wire::clean(name)),
        };
        let row = statement.fetch_optional(self.pool()).await.place("missed_calls")?;
        let Some(row) = row else { return Ok(None) };
        let Some(call) = maybe::<CallRecord>(&row, "call")? else {
            return Ok(None);
        };
        Ok(Some(CallSnapshot {
            call,
            conversation: maybe::<ConversationRecord>(&row, "conversation")?,
            open_tasks: list::<TaskRecord>(&row, "open_tasks")?,
        }))
    }

    pub(crate) async fn load_thread(
        &self,
        business: BusinessId,
        phone: &PhoneNumber,
        now: Timestamp,
    ) -> Result<Thread, StoreError> {
        let row = sqlx::query(THREAD)
            .bind(business.uuid())
            .bind(phone.to_string())
            .bind(At(now.minus(HOUR)))
            .bind(At(now.minus(DAY)))
            .bind(At(now.minus(MONTH)))
            .fetch_one(self.pool())
            .await
            .place("conversations")?;
        Ok(Thread {
            contact: maybe::<ContactRecord>(&row, "contact")?,
            flags: maybe::<FlagsRecord>(&row, "flags")?.unwrap_or(CallerFlags::NONE),
            conversation: maybe::<ConversationRecord>(&row, "conversation")?,
            messages: list::<MessageRecord>(&row, "messages")?,
            last_call: maybe::<CallRecord>(&row, "last_call")?,
            consent: consent(&row)?,
            guard: maybe::<GuardRecord>(&row, "guard")?,
            counts: SendCounts {
                new_recipients_last_hour: count(&row, "new_recipients")?,
                business_last_day: count(&row, "business_day")?,
                automated_to_caller_last_day: count(&row, "automated_day")?,
                auto_texts_unanswered_30_days: count(&row, "unanswered")?,
            },
            open_tasks: list::<TaskRecord>(&row, "open_tasks")?,
        })
    }

    pub(crate) async fn load_message(
        &self,
        business: BusinessId,
        key: &MessageKey,
    ) -> Result<Option<Message>, StoreError> {
        let statement = match key {
            MessageKey::Id(id) => sqlx::query(
                "SELECT (SELECT row_to_json(m) FROM sms_log m WHERE m.business_id = a.business AND m.id = $2) \
                 AS message FROM admit($1) AS a(business)",
            )
            .bind(business.uuid())
            .bind(id.uuid()),
            MessageKey::Provider(name) => sqlx::query(
                "SELECT (SELECT row_to_json(m) FROM sms_log m WHERE m.business_id = a.business \
                 AND m.provider_message = $2 ORDER BY m.created_at DESC, m.id DESC LIMIT 1) \
                 AS message FROM admit($1) AS a(business)",
            )
            .bind(business.uuid())
            .bind(crate::wire::clean(name)),
        };
        let row = statement.fetch_one(self.pool()).await.place("sms_log")?;
        maybe::<MessageRecord>(&row, "message")
    }

    pub(crate) async fn count_open_claims(&self, phone: &PhoneNumber) -> Result<u32, StoreError> {
        let claims: i64 = sqlx::query_scalar("SELECT open_claims($1, $2)")
            .bind(phone.to_string())
            .bind(self.shared.clock.given().map(At))
            .fetch_one(self.pool())
            .await
            .place("send_claims")?;
        Ok(u32::try_from(claims).unwrap_or(u32::MAX))
    }

    /// One forwarding test, or the newest one.
    pub(crate) async fn load_test(
        &self,
        business: BusinessId,
        id: Option<TestCallId>,
    ) -> Result<Option<TestCall>, StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT row_to_json(t) FROM test_calls t WHERE t.business_id = a.business \
             AND ($2::uuid IS NULL OR t.id = $2) ORDER BY t.initiated_at DESC, t.id DESC LIMIT 1) \
             AS test FROM admit($1) AS a(business)",
        )
        .bind(business.uuid())
        .bind(id.map(mccc_core::Id::uuid))
        .fetch_one(self.pool())
        .await
        .place("test_calls")?;
        maybe::<TestCallRecord>(&row, "test")
    }
}

fn owner(row: &PgRow) -> Result<Arc<Owner>, StoreError> {
    let business: Uuid = row.try_get("business").place("businesses")?;
    let version: i64 = row.try_get("settings_version").place("business_heads")?;
    let Json(settings): Json<Settings> = row.try_get("settings").place("businesses")?;
    let saved_at: At = row.try_get("saved_at").place("businesses")?;
    Owner::new(
        BusinessId::from_uuid(business),
        u64::try_from(version).unwrap_or(0),
        settings,
        list::<LineRecord>(row, "lines")?,
        saved_at.0,
    )
    .map(Arc::new)
    .map_err(|error| StoreError::corrupt("businesses", error))
}

/// Reads the columns `opted_out_at`, `suppressed` and `opted_back_in`.
pub(crate) fn consent(row: &PgRow) -> Result<Consent, StoreError> {
    let opted_out_at: Option<At> = row.try_get("opted_out_at").place("sms_opt_outs")?;
    Ok(Consent {
        opted_out_at: opted_out_at.map(|at| at.0),
        suppressed: row.try_get("suppressed").place("sms_suppression")?,
        opted_back_in: row.try_get("opted_back_in").place("sms_opt_outs")?,
    })
}

fn count(row: &PgRow, column: &'static str) -> Result<u32, StoreError> {
    let number: i64 = row.try_get(column).place("sms_log")?;
    Ok(u32::try_from(number).unwrap_or(u32::MAX))
}
