//! What the other pages read. Each is one statement.

use mccc_core::compliance::ledger::{Head, Sealed};
use mccc_core::port::store::{
    CallDetail, ConversationCursor, ConversationRow, FeedEntry, OptOutRow, StoreError, TaskFilter, TotalsFilter,
    TotalsRow,
};
use mccc_core::tasks::Task;
use mccc_core::{BusinessId, CallId, ConversationId, TaskId};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::PostgresStore;
use crate::error::Place as _;
use crate::load::consent;
use crate::records::{
    CallRecord, ContactRecord, ConversationRecord, FeedRecord, MessageRecord, OptOutRecord, Record, TaskRecord, list,
    maybe,
};
use crate::totals::Sums;
use crate::wire::{At, Day, int8};

const DETAIL: &str = "SELECT row_to_json(c) AS call, row_to_json(v) AS conversation, \
    (SELECT row_to_json(k) FROM contacts k WHERE k.business_id = a.business AND k.phone = c.caller_phone) AS contact, \
    (SELECT json_agg(row_to_json(e) ORDER BY e.seq) FROM feed_events e \
       WHERE e.business_id = a.business AND e.call_id = c.id) AS events, \
    (SELECT json_agg(row_to_json(m) ORDER BY m.created_at, m.id) FROM (\
       SELECT m.* FROM sms_log m WHERE m.business_id = a.business AND (m.missed_call_id = c.id \
         OR (m.conversation_id = v.id AND m.created_at >= c.received_at)) \
       ORDER BY m.created_at, m.id LIMIT 200) m) AS messages, \
    (SELECT json_agg(row_to_json(t) ORDER BY t.raised_at, t.id) FROM tasks t \
       WHERE t.business_id = a.business AND t.call_id = c.id) AS tasks \
    FROM admit($1) AS a(business) CROSS JOIN LATERAL (\
      SELECT m.* FROM missed_calls m WHERE m.business_id = a.business AND m.id = $2 OFFSET 0) AS c \
    LEFT JOIN LATERAL (\
      SELECT v.* FROM conversations v WHERE v.business_id = a.business \
      AND (v.id = c.conversation_id OR v.phone = c.caller_phone) \
      ORDER BY v.id = c.conversation_id DESC NULLS LAST LIMIT 1) AS v ON true";

/// A thread with contact and consent; `$messages` reads its texts.
macro_rules! thread_sql {
    ($messages:literal, $which:literal) => {
        concat!(
            "SELECT row_to_json(v) AS conversation, \
             (SELECT row_to_json(k) FROM contacts k WHERE k.business_id = a.business AND k.phone = v.phone) AS contact, \
             (SELECT o.opted_out_at FROM sms_opt_outs o WHERE o.business_id = a.business \
                AND o.phone_number = v.phone AND o.opted_back_in_at IS NULL) AS opted_out_at, \
             (SELECT count(*) > 0 FROM sms_opt_outs o WHERE o.business_id = a.business \
                AND o.phone_number = v.phone AND o.opted_back_in_at IS NOT NULL) AS opted_back_in, \
             is_suppressed(v.phone) AS suppressed, ",
            $messages,
            " AS messages FROM admit($1) AS a(business) CROSS JOIN LATERAL (\
             SELECT v.* FROM conversations v WHERE v.business_id = a.business ",
            $which,
            ") AS v ORDER BY v.last_message_at DESC, v.id DESC"
        )
    };
}

impl PostgresStore {
    pub(crate) async fn load_detail(&self, business: BusinessId, id: CallId) -> Result<Option<CallDetail>, StoreError> {
        let row = sqlx::query(DETAIL)
            .bind(business.uuid())
            .bind(id.uuid())
            .fetch_optional(self.pool())
            .await
            .place("missed_calls")?;
        let Some(row) = row else { return Ok(None) };
        let Some(call) = maybe::<CallRecord>(&row, "call")? else {
            return Ok(None);
        };
        Ok(Some(CallDetail {
            call,
            events: list::<FeedRecord>(&row, "events")?,
            messages: list::<MessageRecord>(&row, "messages")?,
            tasks: list::<TaskRecord>(&row, "tasks")?,
            conversation: maybe::<ConversationRecord>(&row, "conversation")?,
            contact: maybe::<ContactRecord>(&row, "contact")?,
        }))
    }

    pub(crate) async fn sum_totals(
        &self,
        business: BusinessId,
        filter: &TotalsFilter,
    ) -> Result<Vec<TotalsRow>, StoreError> {
        const TABLE: &str = "call_totals";
        let rows = sqlx::query(
            "SELECT t.packed, t.counts, t.response_ms FROM admit($1) AS a(business) CROSS JOIN LATERAL (\
             SELECT s.packed, CASE WHEN s.packed IS NULL THEN s.counts END AS counts, \
             CASE WHEN s.packed IS NULL THEN s.response_ms END AS response_ms \
             FROM call_totals s WHERE s.business_id = a.business \
             AND s.local_day >= $2 AND s.local_day <= $3 OFFSET 0) AS t",
        )
        .bind(business.uuid())
        .bind(Day(filter.from_day))
        .bind(Day(filter.to_day))
        .fetch_all(self.pool())
        .await
        .place(TABLE)?;
        let mut sums = Sums::default();
        for row in &rows {
            match row.try_get::<Option<&[u8]>, _>(0).place(TABLE)? {
                Some(packed) => sums.add_packed(packed),
                None => {
                    let counts: Vec<i32> = row.try_get(1).place(TABLE)?;
                    let response_ms: Vec<i64> = row.try_get(2).place(TABLE)?;
                    sums.add(&counts, &response_ms)
                }
            }
            .map_err(|why| StoreError::corrupt(TABLE, why))?;
        }
        Ok(sums.rows())
    }

    pub(crate) async fn list_conversations(
        &self,
        business: BusinessId,
        after: Option<ConversationCursor>,
        limit: u32,
    ) -> Result<Vec<ConversationRow>, StoreError> {
        let statement = match after {
            Some(after) => sqlx::query(thread_sql!(
                "NULL::json",
                "AND (v.last_message_at, v.id) < ($3, $4) ORDER BY v.last_message_at DESC, v.id DESC LIMIT $2"
            ))
            .bind(business.uuid())
            .bind(i64::from(limit))
            .bind(At(after.last_message_at))
            .bind(after.id.uuid()),
            None => sqlx::query(thread_sql!(
                "NULL::json",
                "ORDER BY v.last_message_at DESC, v.id DESC LIMIT $2"
            ))
            .bind(business.uuid())
            .bind(i64::from(limit)),
        };
        let rows = statement.fetch_all(self.pool()).await.place("conversations")?;
        rows.iter().map(thread_row).collect()
    }

    pub(crate) async fn load_conversation(
        &self,
        business: BusinessId,
        id: ConversationId,
        limit: u32,
    ) -> Result<Option<ConversationRow>, StoreError> {
        let row = sqlx::query(thread_sql!(
            "(SELECT json_agg(row_to_json(m) ORDER BY m.created_at, m.id) FROM (\
               SELECT m.* FROM sms_log m WHERE m.business_id = a.business AND m.conversation_id = v.id \
               ORDER BY m.created_at DESC, m.id DESC LIMIT $2) m)",
            "AND v.id = $3 OFFSET 0"
        ))
        .bind(business.uuid())
        .bind(i64::from(limit))
        .bind(id.uuid())
        .fetch_optional(self.pool())
        .await
        .place("conversations")?;
        row.as_ref().map(thread_row).transpose()
    }

    pub(crate) async fn list_tasks(
        &self,
        business: BusinessId,
        filter: TaskFilter,
        limit: u32,
    ) -> Result<Vec<Task>, StoreError> {
        let statement = if let Some(since) = filter.promised_since {
            sqlx::query(
                "SELECT row_to_json(r) AS item FROM admit($1) AS a(business) CROSS JOIN LATERAL (\
                 SELECT t.* FROM tasks t WHERE t.business_id = a.business AND t.due_at IS NOT NULL \
                 AND t.raised_at >= $3 AND (t.done_at IS NULL OR NOT $4) \
                 ORDER BY t.raised_at, t.id LIMIT $2) AS r ORDER BY r.raised_at, r.id",
            )
            .bind(business.uuid())
            .bind(i64::from(limit))
            .bind(At(since))
            .bind(filter.open)
        } else if filter.open {
            sqlx::query(
                "SELECT row_to_json(r) AS item FROM admit($1) AS a(business) CROSS JOIN LATERAL (\
                 SELECT t.* FROM tasks t WHERE t.business_id = a.business AND t.done_at IS NULL \
                 ORDER BY t.raised_at, t.id LIMIT $2) AS r ORDER BY r.raised_at, r.id",
            )
            .bind(business.uuid())
            .bind(i64::from(limit))
        } else {
            sqlx::query(
                "SELECT row_to_json(r) AS item FROM admit($1) AS a(business) CROSS JOIN LATERAL (\
                 SELECT t.* FROM tasks t WHERE t.business_id = a.business \
                 ORDER BY t.raised_at, t.id LIMIT $2) AS r ORDER BY r.raised_at, r.id",
            )
            .bind(business.uuid())
            .bind(i64::from(limit))
        };
        let rows = statement.fetch_all(self.pool()).await.place("tasks")?;
        items::<TaskRecord>(&rows)
    }

    pub(crate) async fn load_task(&self, business: BusinessId, id: TaskId) -> Result<Option<Task>, StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT row_to_json(t) FROM tasks t WHERE t.business_id = a.business AND t.id = $2) AS item \
             FROM admit($1) AS a(business)",
        )
        .bind(business.uuid())
        .bind(id.uuid())
        .fetch_one(self.pool())
        .await
        .place("tasks")?;
        maybe::<TaskRecord>(&row, "item")
    }

    pub(crate) async fn read_feed(
        &self,
        business: BusinessId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<FeedEntry>, StoreError> {
        let rows = sqlx::query(
            "SELECT row_to_json(r) AS item FROM admit($1) AS a(business) CROSS JOIN LATERAL (\
             SELECT e.* FROM feed_events e WHERE e.business_id = a.business AND e.seq > $2 \
             ORDER BY e.seq LIMIT $3) AS r ORDER BY r.seq",
        )
        .bind(business.uuid())
        .bind(int8(after))
        .bind(i64::from(limit))
        .fetch_all(self.pool())
        .await
        .place("feed_events")?;
        items::<FeedRecord>(&rows)
    }

    pub(crate) async fn read_feed_heads(
        &self,
        businesses: &[BusinessId],
    ) -> Result<Vec<(BusinessId, u64)>, StoreError> {
        let ids: Vec<Uuid> = businesses.iter().map(|business| business.uuid()).collect();
        let rows = sqlx::query(
            "SELECT a.business, h.feed_position FROM admit_all($1) AS a(business) CROSS JOIN LATERAL (\
             SELECT h.feed_position FROM business_heads h WHERE h.business_id = a.business OFFSET 0) AS h \
             ORDER BY a.business",
        )
        .bind(ids)
        .fetch_all(self.pool())
        .await
        .place("business_heads")?;
        rows.iter()
            .map(|row| {
                let business: Uuid = row.try_get(0).place("business_heads")?;
                let position: i64 = row.try_get(1).place("business_heads")?;
                Ok((BusinessId::from_uuid(business), u64::try_from(position).unwrap_or(0)))
            })
            .collect()
    }

    pub(crate) async fn list_opt_outs(&self, business: BusinessId, limit: u32) -> Result<Vec<OptOutRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT row_to_json(r) AS item FROM admit($1) AS a(business) CROSS JOIN LATERAL (\
             SELECT o.* FROM sms_opt_outs o WHERE o.business_id = a.business \
             ORDER BY o.opted_out_at DESC, o.phone_number LIMIT $2) AS r ORDER BY r.opted_out_at DESC, r.phone_number",
        )
        .bind(business.uuid())
        .bind(i64::from(limit))
        .fetch_all(self.pool())
        .await
        .place("sms_opt_outs")?;
        items::<OptOutRecord>(&rows)
    }

    pub(crate) async fn read_ledger(
        &self,
        business: BusinessId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Sealed>, StoreError> {
        const TABLE: &str = "consent_ledger";
        let rows = sqlx::query(
            "SELECT l.seq, l.bytes, l.mac FROM admit($1) AS a(business) CROSS JOIN LATERAL (\
             SELECT l.* FROM consent_ledger l WHERE l.business_id = a.business AND l.seq > $2 \
             ORDER BY l.seq LIMIT $3) AS l ORDER BY l.seq",
        )
        .bind(business.uuid())
        .bind(int8(after))
        .bind(i64::from(limit))
        .fetch_all(self.pool())
        .await
        .place(TABLE)?;
        rows.iter()
            .map(|row| {
                let seq: i64 = row.try_get(0).place(TABLE)?;
                Ok(Sealed {
                    seq: u64::try_from(seq).map_err(|error| StoreError::corrupt(TABLE, error))?,
                    bytes: row.try_get(1).place(TABLE)?,
                    mac: digest(TABLE, row.try_get(2).place(TABLE)?)?,
                })
            })
            .collect()
    }

    pub(crate) async fn read_ledger_head(&self, business: BusinessId) -> Result<Option<Head>, StoreError> {
        let row = sqlx::query(
            "SELECT h.ledger_length, h.ledger_head FROM admit($1) AS a(business) CROSS JOIN LATERAL (\
             SELECT h.* FROM business_heads h WHERE h.business_id = a.business OFFSET 0) AS h",
        )
        .bind(business.uuid())
        .fetch_optional(self.pool())
        .await
        .place("business_heads")?;
        row.map_or(Ok(None), |row| ledger_head(&row, 0, 1))
    }

    pub(crate) async fn answer(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1")
            .execute(self.pool())
            .await
            .place("database")
            .map(drop)
    }
}

/// The end of a chain from its two columns.
pub(crate) fn ledger_head(row: &PgRow, length: usize, mac: usize) -> Result<Option<Head>, StoreError> {
    const TABLE: &str = "business_heads";
    let len: i64 = row.try_get(length).place(TABLE)?;
    let mac: Option<Vec<u8>> = row.try_get(mac).place(TABLE)?;
    mac.map(|mac| {
        Ok(Head {
            len: u64::try_from(len).map_err(|error| StoreError::corrupt(TABLE, error))?,
            mac: digest(TABLE, mac)?,
        })
    })
    .transpose()
}

/// 32 bytes.
pub(crate) fn digest(table: &'static str, bytes: Vec<u8>) -> Result<[u8; 32], StoreError> {
    bytes
        .try_into()
        .map_err(|_| StoreError::corrupt(table, "a digest is not 32 bytes long"))
}

pub(crate) fn items<R: Record>(rows: &[PgRow]) -> Result<Vec<R::Row>, StoreError> {
    rows.iter()
        .map(|row| maybe::<R>(row, "item").and_then(|item| item.ok_or_else(|| StoreError::corrupt(R::TABLE, "no row"))))
        .collect()
}

fn thread_row(row: &PgRow) -> Result<ConversationRow, StoreError> {
    Ok(ConversationRow {
        conversation: maybe::<ConversationRecord>(row, "conversation")?
            .ok_or_else(|| StoreError::corrupt("conversations", "no row"))?,
        contact: maybe::<ContactRecord>(row, "contact")?,
        consent: consent(row)?,
        messages: list::<MessageRecord>(row, "messages")?,
    })
}
