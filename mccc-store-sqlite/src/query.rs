//! What the pages read: lists by position, never by offset, and sums that scan no calls.

use mccc_core::calls::{CallState, Outcome, TextSummary};
use mccc_core::compliance::ledger::{Head, Sealed};
use mccc_core::port::store::{
    CallCursor, CallDetail, CallFilter, CallKey, CallRow, ConversationCursor, ConversationRow, FeedEntry, OptOutRow,
    StoreError, TaskFilter, TotalsFilter, TotalsRow,
};
use mccc_core::routing::{Method, Variant};
use mccc_core::tasks::Task;
use mccc_core::{BusinessId, CallId, ConversationId, TaskId};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::columns::{Give, Take, hex_list};
use crate::error::At;
use crate::load::{read_call, read_consent, read_contact, read_last_messages, read_tasks, read_thread_of};
use crate::rows::{call, conversation, feed, message};
use crate::store::SqliteStore;

/// Messages on a call's page.
const DETAIL_MESSAGES: u32 = 200;

impl SqliteStore {
    pub(crate) async fn list_calls(
        &self,
        business: BusinessId,
        filter: &CallFilter,
        after: Option<CallCursor>,
        limit: u32,
    ) -> Result<Vec<CallRow>, StoreError> {
        let mut sql = "SELECT m.id, m.caller_id_status, m.caller_phone, \
             coalesce((SELECT name FROM contacts WHERE business_id = m.business_id AND phone = m.caller_phone), \
             m.caller_name) AS shown_name, m.dialled, m.scheduled_method, m.routing_method, m.variant, m.state, \
             m.outcome, m.recovered, m.is_test, m.tags, m.received_at, m.responded_at, m.call_duration_seconds, \
             m.recording_duration_seconds, m.auto_text, m.conversation_id, m.needs_attention, m.read_at, \
             m.callback_completed_at FROM missed_calls AS m WHERE m.business_id = ?"
            .to_owned();
        if after.is_some() {
            sql.push_str(" AND (m.received_at, m.id) < (?, ?)");
        }
        if filter.from_day.is_some() {
            sql.push_str(" AND m.local_day >= ?");
        }
        if filter.to_day.is_some() {
            sql.push_str(" AND m.local_day <= ?");
        }
        if filter.method.is_some() {
            sql.push_str(" AND m.routing_method = ?");
        }
        if filter.outcome.is_some() {
            sql.push_str(" AND m.outcome IN (SELECT value FROM json_each(?))");
        }
        if filter.caller.is_some() {
            sql.push_str(" AND m.caller_phone = ?");
        }
        if filter.attention {
            sql.push_str(" AND m.needs_attention = 1");
        }
        if !filter.tests {
            sql.push_str(" AND m.is_test = 0");
        }
        sql.push_str(" ORDER BY m.received_at DESC, m.id DESC LIMIT ?");
        let mut statement = sqlx::query(AssertSqlSafe(sql)).id(business);
        if let Some(after) = after {
            statement = statement.time(after.received_at).id(after.id);
        }
        if let Some(day) = filter.from_day {
            statement = statement.day(day);
        }
        if let Some(day) = filter.to_day {
            statement = statement.day(day);
        }
        if let Some(method) = filter.method {
            statement = statement.text(method.name());
        }
        if let Some(label) = filter.outcome {
            let outcomes: Vec<&str> = Outcome::ALL
                .iter()
                .filter(|outcome| outcome.dashboard() == label)
                .map(|outcome| outcome.name())
                .collect();
            statement = statement.document(&outcomes);
        }
        if let Some(caller) = &filter.caller {
            statement = statement.phone(caller);
        }
        let rows = statement
            .number(limit)
            .fetch_all(&mut *self.reader().await?)
            .await
            .at("missed_calls")?;
        rows.iter().map(take_call_row).collect()
    }

    pub(crate) async fn read_call_detail(
        &self,
        business: BusinessId,
        id: CallId,
    ) -> Result<Option<CallDetail>, StoreError> {
        let mut snapshot = self.snapshot().await?;
        let Some(call) = read_call(&mut snapshot, business, &CallKey::Id(id)).await? else {
            return Ok(None);
        };
        let conversation = read_thread_of(&mut snapshot, &call).await?;
        let contact = match call.caller.number() {
            Some(phone) => read_contact(&mut snapshot, business, &phone).await?,
            None => None,
        };
        let events = sqlx::query(AssertSqlSafe(format!(
            "SELECT {} FROM feed_events WHERE business_id = ? AND call_id = ? ORDER BY seq",
            feed::COLUMNS
        )))
        .id(business)
        .id(id)
        .fetch_all(&mut *snapshot)
        .await
        .at("feed_events")?;
        let messages = sqlx::query(AssertSqlSafe(format!(
            "SELECT {} FROM sms_log WHERE business_id = ?1 \
             AND (missed_call_id = ?2 OR (conversation_id = ?3 AND created_at >= ?4)) \
             ORDER BY created_at, id LIMIT ?5",
            message::COLUMNS
        )))
        .id(business)
        .id(id)
        .maybe_id(conversation.as_ref().map(|thread| thread.id))
        .time(call.received_at)
        .number(DETAIL_MESSAGES)
        .fetch_all(&mut *snapshot)
        .await
        .at("sms_log")?;
        let tasks = read_tasks(
            &mut snapshot,
            "WHERE business_id = ? AND call_id = ? ORDER BY raised_at, id",
            |statement| statement.id(business).id(id),
        )
        .await?;
        Ok(Some(CallDetail {
            events: events.iter().map(feed::take).collect::<Result<_, _>>()?,
            messages: messages.iter().map(message::take).collect::<Result<_, _>>()?,
            tasks,
            conversation,
            contact,
            call,
        }))
    }

    pub(crate) async fn read_totals(
        &self,
        business: BusinessId,
        filter: &TotalsFilter,
    ) -> Result<Vec<TotalsRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT method, outcome, sum(calls) AS calls, sum(recovered) AS recovered, sum(responded) AS responded, \
             sum(response_ms) AS response_ms FROM call_totals \
             WHERE business_id = ? AND local_day >= ? AND local_day <= ? \
             GROUP BY method, outcome HAVING sum(calls) > 0",
        )
        .id(business)
        .day(filter.from_day)
        .day(filter.to_day)
        .fetch_all(&mut *self.reader().await?)
        .await
        .at("call_totals")?;
        let mut totals = Vec::with_capacity(rows.len());
        for row in &rows {
            totals.push(TotalsRow {
                method: row.named("method", Method::from_name)?,
                outcome: row.named("outcome", Outcome::from_name)?,
                calls: row.number("calls")?,
                recovered: row.number("recovered")?,
                responded: row.number("responded")?,
                response_ms: row.number("response_ms")?,
            });
        }
        // The names' order is not the one that is promised.
        totals.sort_unstable_by_key(|row| (row.method, row.outcome));
        Ok(totals)
    }

    pub(crate) async fn list_conversations(
        &self,
        business: BusinessId,
        after: Option<ConversationCursor>,
        limit: u32,
    ) -> Result<Vec<ConversationRow>, StoreError> {
        let position = match after {
            Some(_) => "AND (last_message_at, id) < (?, ?)",
            None => "",
        };
        let sql = format!(
            "SELECT {} FROM conversations WHERE business_id = ? {position} \
             ORDER BY last_message_at DESC, id DESC LIMIT ?",
            conversation::COLUMNS
        );
        let mut statement = sqlx::query(AssertSqlSafe(sql)).id(business);
        if let Some(after) = after {
            statement = statement.time(after.last_message_at).id(after.id);
        }
        let mut snapshot = self.snapshot().await?;
        let rows = statement
            .number(limit)
            .fetch_all(&mut *snapshot)
            .await
            .at("conversations")?;
        let mut threads = Vec::with_capacity(rows.len());
        for row in &rows {
            threads.push(conversation_row(&mut snapshot, row, 0).await?);
        }
        Ok(threads)
    }

    pub(crate) async fn read_conversation_page(
        &self,
        business: BusinessId,
        id: ConversationId,
        limit: u32,
    ) -> Result<Option<ConversationRow>, StoreError> {
        let sql = format!(
            "SELECT {} FROM conversations WHERE business_id = ? AND id = ?",
            conversation::COLUMNS
        );
        let mut snapshot = self.snapshot().await?;
        let row = sqlx::query(AssertSqlSafe(sql))
            .id(business)
            .id(id)
            .fetch_optional(&mut *snapshot)
            .await
            .at("conversations")?;
        match row {
            Some(row) => conversation_row(&mut snapshot, &row, limit).await.map(Some),
            None => Ok(None),
        }
    }

    pub(crate) async fn list_tasks(
        &self,
        business: BusinessId,
        filter: TaskFilter,
        limit: u32,
    ) -> Result<Vec<Task>, StoreError> {
        let which = match (filter.open, filter.promised_since.is_some()) {
            (true, false) => "WHERE business_id = ? AND done_at IS NULL ORDER BY raised_at, id LIMIT ?",
            (false, false) => "WHERE business_id = ? ORDER BY raised_at, id LIMIT ?",
            (true, true) => {
                "WHERE business_id = ? AND due_at IS NOT NULL AND raised_at >= ? AND done_at IS NULL \
                 ORDER BY raised_at, id LIMIT ?"
            }
            (false, true) => {
                "WHERE business_id = ? AND due_at IS NOT NULL AND raised_at >= ? ORDER BY raised_at, id LIMIT ?"
            }
        };
        read_tasks(&mut *self.reader().await?, which, |statement| {
            let statement = statement.id(business);
            match filter.promised_since {
                Some(since) => statement.time(since).number(limit),
                None => statement.number(limit),
            }
        })
        .await
    }

    pub(crate) async fn read_task(&self, business: BusinessId, id: TaskId) -> Result<Option<Task>, StoreError> {
        let tasks = read_tasks(
            &mut *self.reader().await?,
            "WHERE business_id = ? AND id = ?",
            |statement| statement.id(business).id(id),
        )
        .await?;
        Ok(tasks.into_iter().next())
    }

    pub(crate) async fn read_feed(
        &self,
        business: BusinessId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<FeedEntry>, StoreError> {
        let sql = format!(
            "SELECT {} FROM feed_events WHERE business_id = ? AND seq > ? ORDER BY seq LIMIT ?",
            feed::COLUMNS
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .id(business)
            .count(after)
            .number(limit)
            .fetch_all(&mut *self.reader().await?)
            .await
            .at("feed_events")?;
        rows.iter().map(feed::take).collect()
    }

    pub(crate) async fn read_feed_heads(
        &self,
        businesses: &[BusinessId],
    ) -> Result<Vec<(BusinessId, u64)>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, feed_seq FROM businesses WHERE id IN (SELECT unhex(value) FROM json_each(?)) ORDER BY id",
        )
        .bind(hex_list(businesses.iter().copied()))
        .fetch_all(&mut *self.reader().await?)
        .await
        .at("businesses")?;
        rows.iter()
            .map(|row| Ok((row.id("id")?, row.number("feed_seq")?)))
            .collect()
    }

    pub(crate) async fn list_opt_outs(&self, business: BusinessId, limit: u32) -> Result<Vec<OptOutRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT phone_number, opted_out_at, opt_out_keyword, opted_back_in_at FROM sms_opt_outs \
             WHERE business_id = ? ORDER BY opted_out_at DESC, phone_number LIMIT ?",
        )
        .id(business)
        .number(limit)
        .fetch_all(&mut *self.reader().await?)
        .await
        .at("sms_opt_outs")?;
        rows.iter()
            .map(|row| {
                Ok(OptOutRow {
                    phone: row.phone("phone_number")?,
                    opted_out_at: row.time("opted_out_at")?,
                    keyword: row.text("opt_out_keyword")?,
                    opted_back_in_at: row.maybe_time("opted_back_in_at")?,
                })
            })
            .collect()
    }

    pub(crate) async fn read_ledger(
        &self,
        business: BusinessId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Sealed>, StoreError> {
        let rows = sqlx::query(
            "SELECT seq, bytes, mac FROM consent_ledger WHERE business_id = ? AND seq > ? ORDER BY seq LIMIT ?",
        )
        .id(business)
        .count(after)
        .number(limit)
        .fetch_all(&mut *self.reader().await?)
        .await
        .at("consent_ledger")?;
        rows.iter().map(crate::ledger::take).collect()
    }

    pub(crate) async fn read_ledger_head(&self, business: BusinessId) -> Result<Option<Head>, StoreError> {
        crate::ledger::head(&mut *self.reader().await?, business).await
    }

    pub(crate) async fn list_businesses(
        &self,
        after: Option<BusinessId>,
        limit: u32,
    ) -> Result<Vec<BusinessId>, StoreError> {
        let rows = sqlx::query("SELECT id FROM businesses WHERE id > coalesce(?, x'') ORDER BY id LIMIT ?")
            .maybe_id(after)
            .number(limit)
            .fetch_all(&mut *self.reader().await?)
            .await
            .at("businesses")?;
        rows.iter().map(|row| row.id("id")).collect()
    }
}

async fn conversation_row(
    connection: &mut SqliteConnection,
    row: &SqliteRow,
    messages: u32,
) -> Result<ConversationRow, StoreError> {
    let thread = conversation::take(row)?;
    Ok(ConversationRow {
        contact: read_contact(connection, thread.business, &thread.phone).await?,
        consent: read_consent(connection, thread.business, &thread.phone).await?,
        messages: if messages == 0 {
            Vec::new()
        } else {
            read_last_messages(connection, &thread, messages).await?
        },
        conversation: thread,
    })
}

fn take_call_row(row: &SqliteRow) -> Result<CallRow, StoreError> {
    Ok(CallRow {
        id: row.id("id")?,
        caller: call::caller(row)?,
        caller_name: row.maybe_text("shown_name")?,
        dialled: row.phone("dialled")?,
        scheduled_method: row.named("scheduled_method", Method::from_name)?,
        method: row.named("routing_method", Method::from_name)?,
        variant: row.named("variant", Variant::from_name)?,
        state: row.named("state", CallState::from_name)?,
        outcome: row.named("outcome", Outcome::from_name)?,
        recovered: row.flag("recovered")?,
        is_test: row.flag("is_test")?,
        tags: row.document("tags")?,
        received_at: row.time("received_at")?,
        responded_at: row.maybe_time("responded_at")?,
        duration_seconds: row.maybe_number("call_duration_seconds")?,
        recording_seconds: row.maybe_number("recording_duration_seconds")?,
        text: row.named("auto_text", TextSummary::from_name)?,
        conversation: row.maybe_id("conversation_id")?,
        needs_attention: row.flag("needs_attention")?,
        read_at: row.maybe_time("read_at")?,
        callback_completed_at: row.maybe_time("callback_completed_at")?,
    })
}
