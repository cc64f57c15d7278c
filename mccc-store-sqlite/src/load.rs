//! Snapshots that decisions read. Each comes from one reading transaction, so that its parts belong together.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mccc_core::business::{OwnedLine, Owner};
use mccc_core::calls::Call;
use mccc_core::conversation::{CallerFlags, Contact, Conversation, Message};
use mccc_core::port::store::{
    CallKey, CallSnapshot, Consent, MessageKey, SendCounts, StoreError, TestCall, TextGuard, Thread,
};
use mccc_core::tasks::Task;
use mccc_core::{BusinessId, PhoneNumber, TestCallId, Timestamp};
use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::apply::kind_from_name;
use crate::columns::{Give, Take};
use crate::error::At;
use crate::rows::{call, contact, conversation, flags, message, task, test_call};
use crate::store::SqliteStore;

/// Messages of a thread that a decision reads.
const THREAD_MESSAGES: u32 = 30;
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
const MONTH: Duration = Duration::from_secs(30 * 24 * 3600);
/// Compiled owners kept in memory; past that all are forgotten and compiled again as they are asked for.
const OWNERS: usize = 4_096;

/// Compiled owners, each valid for exactly its version.
#[derive(Debug, Default)]
pub(crate) struct Owners(Mutex<HashMap<BusinessId, Arc<Owner>>>);

impl Owners {
    fn get(&self, business: BusinessId, version: u64) -> Option<Arc<Owner>> {
        let owners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        owners.get(&business).filter(|owner| owner.version == version).cloned()
    }

    fn keep(&self, owner: &Arc<Owner>) {
        let mut owners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if owners.len() >= OWNERS {
            owners.clear();
        }
        owners.insert(owner.business, Arc::clone(owner));
    }
}

impl SqliteStore {
    pub(crate) async fn load_owner_of(&self, dialled: &PhoneNumber) -> Result<Option<Arc<Owner>>, StoreError> {
        let mut snapshot = self.snapshot().await?;
        let row = sqlx::query("SELECT business_id FROM business_phones WHERE number = ?")
            .phone(dialled)
            .fetch_optional(&mut *snapshot)
            .await
            .at("business_phones")?;
        match row {
            Some(row) => self.read_owner(&mut snapshot, row.id("business_id")?).await,
            None => Ok(None),
        }
    }

    pub(crate) async fn load_owner(&self, business: BusinessId) -> Result<Option<Arc<Owner>>, StoreError> {
        let mut snapshot = self.snapshot().await?;
        self.read_owner(&mut snapshot, business).await
    }

    pub(crate) async fn load_caller_flags(
        &self,
        business: BusinessId,
        phone: &PhoneNumber,
    ) -> Result<CallerFlags, StoreError> {
        read_flags(&mut *self.reader().await?, business, phone).await
    }

    pub(crate) async fn load_call(
        &self,
        business: BusinessId,
        key: &CallKey,
    ) -> Result<Option<CallSnapshot>, StoreError> {
        let mut snapshot = self.snapshot().await?;
        let Some(call) = read_call(&mut snapshot, business, key).await? else {
            return Ok(None);
        };
        let conversation = read_thread_of(&mut snapshot, &call).await?;
        let open_tasks = read_tasks(
            &mut snapshot,
            "WHERE business_id = ? AND call_id = ? AND done_at IS NULL ORDER BY raised_at, id",
            |statement| statement.id(business).id(call.id),
        )
        .await?;
        Ok(Some(CallSnapshot {
            call,
            conversation,
            open_tasks,
        }))
    }

    pub(crate) async fn load_thread(
        &self,
        business: BusinessId,
        phone: &PhoneNumber,
        now: Timestamp,
    ) -> Result<Thread, StoreError> {
        let mut snapshot = self.snapshot().await?;
        let conversation = read_conversation(&mut snapshot, business, phone).await?;
        let messages = match &conversation {
            Some(thread) => read_last_messages(&mut snapshot, thread, THREAD_MESSAGES).await?,
            None => Vec::new(),
        };
        let sql = format!(
            "SELECT {} FROM missed_calls WHERE business_id = ? AND caller_phone = ? \
             ORDER BY received_at DESC, id DESC LIMIT 1",
            call::COLUMNS
        );
        let last_call = sqlx::query(AssertSqlSafe(sql))
            .id(business)
            .phone(phone)
            .fetch_optional(&mut *snapshot)
            .await
            .at("missed_calls")?;
        Ok(Thread {
            contact: read_contact(&mut snapshot, business, phone).await?,
            flags: read_flags(&mut snapshot, business, phone).await?,
            conversation,
            messages,
            last_call: last_call.as_ref().map(call::take).transpose()?,
            consent: read_consent(&mut snapshot, business, phone).await?,
            guard: read_guard(&mut snapshot, business, phone).await?,
            counts: read_counts(&mut snapshot, business, phone, now).await?,
            open_tasks: read_tasks(
                &mut snapshot,
                "WHERE business_id = ? AND phone = ? AND done_at IS NULL ORDER BY raised_at, id",
                |statement| statement.id(business).phone(phone),
            )
            .await?,
        })
    }

    pub(crate) async fn load_message(
        &self,
        business: BusinessId,
        key: &MessageKey,
    ) -> Result<Option<Message>, StoreError> {
        let which = match key {
            MessageKey::Id(_) => "id = ?",
            MessageKey::Provider(_) => "provider_message = ? ORDER BY created_at DESC, id DESC LIMIT 1",
        };
        let sql = format!(
            "SELECT {} FROM sms_log WHERE business_id = ? AND {which}",
            message::COLUMNS
        );
        let statement = sqlx::query(AssertSqlSafe(sql)).id(business);
        let statement = match key {
            MessageKey::Id(id) => statement.id(*id),
            MessageKey::Provider(id) => statement.text(id),
        };
        let row = statement
            .fetch_optional(&mut *self.reader().await?)
            .await
            .at("sms_log")?;
        row.as_ref().map(message::take).transpose()
    }

    pub(crate) async fn count_open_claims(&self, phone: &PhoneNumber) -> Result<u32, StoreError> {
        let row = sqlx::query("SELECT count(*) AS claims FROM sms_claims WHERE phone_number = ? AND expires_at > ?")
            .phone(phone)
            .time(self.options.clock.now())
            .fetch_one(&mut *self.reader().await?)
            .await
            .at("sms_claims")?;
        row.number("claims")
    }

    /// One forwarding test, or the newest one.
    pub(crate) async fn load_test(
        &self,
        business: BusinessId,
        id: Option<TestCallId>,
    ) -> Result<Option<TestCall>, StoreError> {
        let which = match id {
            Some(_) => "AND id = ?",
            None => "ORDER BY initiated_at DESC, id DESC LIMIT 1",
        };
        let sql = format!(
            "SELECT {} FROM test_calls WHERE business_id = ? {which}",
            test_call::COLUMNS
        );
        let mut statement = sqlx::query(AssertSqlSafe(sql)).id(business);
        if let Some(id) = id {
            statement = statement.id(id);
        }
        let row = statement
            .fetch_optional(&mut *self.reader().await?)
            .await
            .at("test_calls")?;
        row.as_ref().map(test_call::take).transpose()
    }

    async fn read_owner(
        &self,
        connection: &mut SqliteConnection,
        business: BusinessId,
    ) -> Result<Option<Arc<Owner>>, StoreError> {
        let row = sqlx::query("SELECT settings_version FROM businesses WHERE id = ?")
            .id(business)
            .fetch_optional(&mut *connection)
            .await
            .at("businesses")?;
        let Some(row) = row else { return Ok(None) };
        let version = row.number("settings_version")?;
        if let Some(owner) = self.owners.get(business, version) {
            return Ok(Some(owner));
        }
        let row = sqlx::query("SELECT settings, saved_at FROM business_settings WHERE business_id = ?")
            .id(business)
            .fetch_one(&mut *connection)
            .await
            .at("business_settings")?;
        let lines = read_lines(connection, business).await?;
        let owner = Owner::new(
            business,
            version,
            row.document("settings")?,
            lines,
            row.time("saved_at")?,
        )
        .map_err(|error| StoreError::corrupt("settings", error))?;
        let owner = Arc::new(owner);
        self.owners.keep(&owner);
        Ok(Some(owner))
    }
}

async fn read_lines(connection: &mut SqliteConnection, business: BusinessId) -> Result<Vec<OwnedLine>, StoreError> {
    let rows = sqlx::query(
        "SELECT number, kind, account, provider_number FROM business_phones WHERE business_id = ? ORDER BY position",
    )
    .id(business)
    .fetch_all(connection)
    .await
    .at("business_phones")?;
    rows.iter()
        .map(|row| {
            Ok(OwnedLine {
                number: row.phone("number")?,
                kind: row.named("kind", kind_from_name)?,
                account: row.text("account")?,
                provider_number: row.maybe_text("provider_number")?,
            })
        })
        .collect()
}

async fn read_flags(
    connection: &mut SqliteConnection,
    business: BusinessId,
    phone: &PhoneNumber,
) -> Result<CallerFlags, StoreError> {
    let sql = format!(
        "SELECT {} FROM caller_flags WHERE business_id = ? AND phone = ?",
        flags::COLUMNS
    );
    let row = sqlx::query(AssertSqlSafe(sql))
        .id(business)
        .phone(phone)
        .fetch_optional(connection)
        .await
        .at("caller_flags")?;
    row.map_or(Ok(CallerFlags::NONE), |row| flags::take(&row))
}

pub(crate) async fn read_call(
    connection: &mut SqliteConnection,
    business: BusinessId,
    key: &CallKey,
) -> Result<Option<Call>, StoreError> {
    let column = match key {
        CallKey::Id(_) => "id",
        CallKey::Provider(_) => "provider_call",
    };
    let sql = format!(
        "SELECT {} FROM missed_calls WHERE business_id = ? AND {column} = ?",
        call::COLUMNS
    );
    let statement = sqlx::query(AssertSqlSafe(sql)).id(business);
    let statement = match key {
        CallKey::Id(id) => statement.id(*id),
        CallKey::Provider(id) => statement.text(id),
    };
    let row = statement.fetch_optional(connection).await.at("missed_calls")?;
    row.as_ref().map(call::take).transpose()
}

/// The thread of a call: the one it names, else the one with its caller.
pub(crate) async fn read_thread_of(
    connection: &mut SqliteConnection,
    call: &Call,
) -> Result<Option<Conversation>, StoreError> {
    let caller = call.caller.number();
    let sql = format!(
        "SELECT {} FROM conversations WHERE business_id = ?1 AND (id = ?2 OR phone = ?3) \
         ORDER BY id = ?2 DESC LIMIT 1",
        conversation::COLUMNS
    );
    let row = sqlx::query(AssertSqlSafe(sql))
        .id(call.business)
        .maybe_id(call.conversation)
        .maybe_phone(caller.as_ref())
        .fetch_optional(connection)
        .await
        .at("conversations")?;
    row.as_ref().map(conversation::take).transpose()
}

async fn read_conversation(
    connection: &mut SqliteConnection,
    business: BusinessId,
    phone: &PhoneNumber,
) -> Result<Option<Conversation>, StoreError> {
    let sql = format!(
        "SELECT {} FROM conversations WHERE business_id = ? AND phone = ?",
        conversation::COLUMNS
    );
    let row = sqlx::query(AssertSqlSafe(sql))
        .id(business)
        .phone(phone)
        .fetch_optional(connection)
        .await
        .at("conversations")?;
    row.as_ref().map(conversation::take).transpose()
}

/// The last messages of a thread, oldest first.
pub(crate) async fn read_last_messages(
    connection: &mut SqliteConnection,
    thread: &Conversation,
    limit: u32,
) -> Result<Vec<Message>, StoreError> {
    let sql = format!(
        "SELECT {} FROM sms_log WHERE business_id = ? AND conversation_id = ? \
         ORDER BY created_at DESC, id DESC LIMIT ?",
        message::COLUMNS
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .id(thread.business)
        .id(thread.id)
        .number(limit)
        .fetch_all(connection)
        .await
        .at("sms_log")?;
    rows.iter().rev().map(message::take).collect()
}

pub(crate) async fn read_contact(
    connection: &mut SqliteConnection,
    business: BusinessId,
    phone: &PhoneNumber,
) -> Result<Option<Contact>, StoreError> {
    let sql = format!(
        "SELECT {} FROM contacts WHERE business_id = ? AND phone = ?",
        contact::COLUMNS
    );
    let row = sqlx::query(AssertSqlSafe(sql))
        .id(business)
        .phone(phone)
        .fetch_optional(connection)
        .await
        .at("contacts")?;
    row.as_ref().map(contact::take).transpose()
}

pub(crate) async fn read_consent(
    connection: &mut SqliteConnection,
    business: BusinessId,
    phone: &PhoneNumber,
) -> Result<Consent, StoreError> {
    let row = sqlx::query(
        "SELECT (SELECT opted_out_at FROM sms_opt_outs WHERE business_id = ?1 AND phone_number = ?2 \
                 AND opted_back_in_at IS NULL) AS opted_out_at, \
                EXISTS (SELECT 1 FROM sms_suppressions WHERE phone_number = ?2) AS suppressed, \
                EXISTS (SELECT 1 FROM sms_opt_outs WHERE business_id = ?1 AND phone_number = ?2 \
                 AND opted_back_in_at IS NOT NULL) AS opted_back_in",
    )
    .id(business)
    .phone(phone)
    .fetch_one(connection)
    .await
    .at("sms_opt_outs")?;
    Ok(Consent {
        opted_out_at: row.maybe_time("opted_out_at")?,
        suppressed: row.flag("suppressed")?,
        opted_back_in: row.flag("opted_back_in")?,
    })
}

async fn read_guard(
    connection: &mut SqliteConnection,
    business: BusinessId,
    phone: &PhoneNumber,
) -> Result<Option<TextGuard>, StoreError> {
    let row = sqlx::query("SELECT until, message_id FROM sms_guards WHERE business_id = ? AND phone_number = ?")
        .id(business)
        .phone(phone)
        .fetch_optional(connection)
        .await
        .at("sms_guards")?;
    row.map(|row| {
        Ok(TextGuard {
            until: row.time("until")?,
            message: row.id("message_id")?,
        })
    })
    .transpose()
}

/// What counts as sent: everything of ours that was claimed and did not definitely stay here.
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
        concat!("(", $since, " - ", $since, " % ", $width, " + ", $width, ")")
    };
}

/// A column of business `?1`'s sums after an instant: whole hours, and whole minutes before the first of them.
macro_rules! summed {
    ($column:literal, $since:literal) => {
        concat!(
            "(SELECT coalesce(sum(s.",
            $column,
            "), 0) FROM text_sums AS s WHERE s.business_id = ?1 AND s.width = 3600000000 AND s.start >= ",
            next!("3600000000", $since),
            ") + (SELECT coalesce(sum(s.",
            $column,
            "), 0) FROM text_sums AS s WHERE s.business_id = ?1 AND s.width = 60000000 AND s.start >= ",
            next!("60000000", $since),
            " AND s.start < ",
            next!("3600000000", $since),
            ")"
        )
    };
}

/// Texts of business `?1` between an instant and the next whole minute, which no sum tells apart from those before it.
macro_rules! rest {
    ($since:literal) => {
        concat!(
            "sms_log AS m WHERE m.business_id = ?1 AND m.created_at > ",
            $since,
            " AND m.created_at < ",
            next!("60000000", $since),
            " AND ",
            sent!("m")
        )
    };
}

/// Callers whom business `?1` texted for the first time after an instant.
macro_rules! new_recipients {
    ($since:literal) => {
        concat!(
            "(",
            summed!("recipients", $since),
            " + (SELECT count(*) FROM (SELECT DISTINCT m.their_number FROM ",
            rest!($since),
            ") AS recent WHERE NOT EXISTS (SELECT 1 FROM sms_log AS e WHERE e.business_id = ?1 \
             AND e.their_number = recent.their_number AND e.created_at <= ",
            $since,
            " AND ",
            sent!("e"),
            ")))"
        )
    };
}

/// Texts of business `?1` after an instant.
macro_rules! texts {
    ($since:literal) => {
        concat!(
            "(",
            summed!("texts", $since),
            " + (SELECT count(*) FROM ",
            rest!($since),
            "))"
        )
    };
}

const COUNTS: &str = concat!(
    "SELECT ",
    new_recipients!("?3"),
    " AS new_recipients, ",
    texts!("?4"),
    " AS business_day, \
     (SELECT count(*) FROM sms_log AS m WHERE m.business_id = ?1 AND m.their_number = ?2 AND m.created_at > ?4 \
        AND m.author = 'machine' AND ",
    sent!("m"),
    ") AS automated_day, \
     (SELECT count(*) FROM sms_log AS m WHERE m.business_id = ?1 AND m.their_number = ?2 AND m.created_at > ?5 \
        AND m.template_type = 'auto_text' AND m.created_at > coalesce((SELECT max(created_at) FROM sms_log \
        WHERE business_id = ?1 AND their_number = ?2 AND direction = 'inbound'), -9223372036854775808) AND ",
    sent!("m"),
    ") AS unanswered"
);

async fn read_counts(
    connection: &mut SqliteConnection,
    business: BusinessId,
    phone: &PhoneNumber,
    now: Timestamp,
) -> Result<SendCounts, StoreError> {
    let row = sqlx::query(COUNTS)
        .id(business)
        .phone(phone)
        .time(now.minus(HOUR))
        .time(now.minus(DAY))
        .time(now.minus(MONTH))
        .fetch_one(connection)
        .await
        .at("sms_log")?;
    Ok(SendCounts {
        new_recipients_last_hour: row.number("new_recipients")?,
        business_last_day: row.number("business_day")?,
        automated_to_caller_last_day: row.number("automated_day")?,
        auto_texts_unanswered_30_days: row.number("unanswered")?,
    })
}

/// Texts of the business within the day before `now`.
pub(crate) async fn count_day(
    connection: &mut SqliteConnection,
    business: BusinessId,
    now: Timestamp,
) -> Result<u32, StoreError> {
    count_since(
        connection,
        concat!("SELECT ", texts!("?2"), " AS sent"),
        business,
        now.minus(DAY),
    )
    .await
}

/// Callers whom the business texted for the first time within the hour before `now`.
pub(crate) async fn count_new_recipients(
    connection: &mut SqliteConnection,
    business: BusinessId,
    now: Timestamp,
) -> Result<u32, StoreError> {
    let sql = concat!("SELECT ", new_recipients!("?2"), " AS sent");
    count_since(connection, sql, business, now.minus(HOUR)).await
}

async fn count_since(
    connection: &mut SqliteConnection,
    sql: &'static str,
    business: BusinessId,
    since: Timestamp,
) -> Result<u32, StoreError> {
    let statement = sqlx::query(sql).id(business).time(since);
    statement.fetch_one(connection).await.at("sms_log")?.number("sent")
}

/// Tasks that `which` selects; `give` gives its values.
pub(crate) async fn read_tasks(
    connection: &mut SqliteConnection,
    which: &'static str,
    give: impl FnOnce(crate::columns::Statement<'static>) -> crate::columns::Statement<'static> + Send,
) -> Result<Vec<Task>, StoreError> {
    let sql = format!("SELECT {} FROM tasks {which}", task::COLUMNS);
    let rows = give(sqlx::query(AssertSqlSafe(sql)))
        .fetch_all(connection)
        .await
        .at("tasks")?;
    rows.iter().map(task::take).collect()
}
