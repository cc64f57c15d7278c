//! Rows that carry a version, and the settings of a business.

use mccc_core::appointments::Appointment;
use mccc_core::business::{NumberKind, OwnedLine, Settings};
use mccc_core::calls::Call;
use mccc_core::conversation::{CallerFlags, Conversation, Message};
use mccc_core::port::store::{Conflict, Stale, StoreError, TestCall};
use mccc_core::{BusinessId, PhoneNumber, Timestamp};
use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::columns::{Give, Insert, Statement, placeholders};
use crate::error::{At, Step};
use crate::rows::{appointment, call, conversation, flags, message, test_call};

/// A table whose rows carry a version.
#[derive(Clone, Copy)]
struct Versioned {
    table: &'static str,
    columns: &'static str,
    /// The column that, with `business_id`, finds the row.
    key: &'static str,
    stale: Stale,
}

const CALLS: Versioned = Versioned {
    table: "missed_calls",
    columns: call::COLUMNS,
    key: "id",
    stale: Stale::Call,
};
const FLAGS: Versioned = Versioned {
    table: "caller_flags",
    columns: flags::COLUMNS,
    key: "phone",
    stale: Stale::CallerFlags,
};
const CONVERSATIONS: Versioned = Versioned {
    table: "conversations",
    columns: conversation::COLUMNS,
    key: "id",
    stale: Stale::Conversation,
};
const MESSAGES: Versioned = Versioned {
    table: "sms_log",
    columns: message::COLUMNS,
    key: "id",
    stale: Stale::Message,
};
const TESTS: Versioned = Versioned {
    table: "test_calls",
    columns: test_call::COLUMNS,
    key: "id",
    stale: Stale::TestCall,
};

const APPOINTMENTS: Versioned = Versioned {
    table: "appointments",
    columns: appointment::COLUMNS,
    key: "id",
    stale: Stale::Appointment,
};

impl Versioned {
    /// The statement that writes `version` over the one before it; 1 inserts, 0 cannot be written.
    fn statement(&self, version: u32) -> Option<Statement<'static>> {
        let sql = match version {
            0 => return None,
            1 => Insert {
                table: self.table,
                columns: self.columns,
                tail: "ON CONFLICT DO NOTHING",
            }
            .sql(1),
            _ => format!(
                "UPDATE {} SET ({}) = ({}) WHERE business_id = ? AND {} = ? AND version = ?",
                self.table,
                self.columns,
                placeholders(self.columns),
                self.key
            ),
        };
        Some(sqlx::query(AssertSqlSafe(sql)))
    }

    /// Writes a row: `give` gives all columns, `key` what finds the row.
    async fn put(
        &self,
        connection: &mut SqliteConnection,
        (business, version): (BusinessId, u32),
        give: impl FnOnce(Statement<'static>) -> Statement<'static> + Send,
        key: impl FnOnce(Statement<'static>) -> Statement<'static> + Send,
    ) -> Step<()> {
        let Some(mut statement) = self.statement(version) else {
            return Ok(Err(Conflict::Stale(self.stale)));
        };
        statement = give(statement);
        if version > 1 {
            statement = key(statement.id(business)).number(version - 1);
        }
        let changed = statement.execute(connection).await.at(self.table)?.rows_affected();
        Ok(if changed == 1 {
            Ok(())
        } else {
            Err(Conflict::Stale(self.stale))
        })
    }
}

/// Writes a changed call.
pub(crate) async fn update_call(connection: &mut SqliteConnection, before: &Call, after: &Call) -> Step<()> {
    let follows = before.id == after.id && before.version > 0 && before.version.checked_add(1) == Some(after.version);
    if !follows {
        return Ok(Err(Conflict::Stale(Stale::Call)));
    }
    CALLS
        .put(
            connection,
            (after.business, after.version),
            |row| call::give(row, after),
            |row| row.id(after.id),
        )
        .await
}

/// Writes the flags of a caller.
pub(crate) async fn put_flags(
    connection: &mut SqliteConnection,
    business: BusinessId,
    phone: &PhoneNumber,
    value: &CallerFlags,
) -> Step<()> {
    FLAGS
        .put(
            connection,
            (business, value.version),
            |row| flags::give(row, business, phone, value),
            |row| row.phone(phone),
        )
        .await
}

/// Writes a thread.
pub(crate) async fn put_conversation(connection: &mut SqliteConnection, thread: &Conversation) -> Step<()> {
    CONVERSATIONS
        .put(
            connection,
            (thread.business, thread.version),
            |row| conversation::give(row, thread),
            |row| row.id(thread.id),
        )
        .await
}

/// Writes a text.
pub(crate) async fn put_message(connection: &mut SqliteConnection, text: &Message) -> Step<()> {
    MESSAGES
        .put(
            connection,
            (text.business, text.version),
            |row| message::give(row, text),
            |row| row.id(text.id),
        )
        .await
}

/// Writes an appointment.
pub(crate) async fn put_appointment(connection: &mut SqliteConnection, row: &Appointment) -> Step<()> {
    APPOINTMENTS
        .put(
            connection,
            (row.business, row.version),
            |statement| appointment::give(statement, row),
            |statement| statement.id(row.id),
        )
        .await
}

/// Writes a forwarding test. A new one waits until the one in progress is over or has expired.
pub(crate) async fn put_test(connection: &mut SqliteConnection, at: Timestamp, test: &TestCall) -> Step<()> {
    if test.version == 1 && other_test_runs(connection, at, test).await? {
        return Ok(Err(Conflict::TestInProgress));
    }
    TESTS
        .put(
            connection,
            (test.business, test.version),
            |row| test_call::give(row, test),
            |row| row.id(test.id),
        )
        .await
}

async fn other_test_runs(
    connection: &mut SqliteConnection,
    at: Timestamp,
    test: &TestCall,
) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT 1 FROM test_calls WHERE business_id = ? AND id <> ? AND expires_at > ? \
         AND overall_status IN ('pending', 'ringing', 'listening')",
    )
    .id(test.business)
    .id(test.id)
    .time(at)
    .fetch_optional(connection)
    .await
    .at("test_calls")?;
    Ok(row.is_some())
}

/// Writes the settings document of a business whose row exists.
pub(crate) async fn put_settings(
    connection: &mut SqliteConnection,
    business: BusinessId,
    at: Timestamp,
    settings: &Settings,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO business_settings (business_id, settings, saved_at) VALUES (?, ?, ?) \
         ON CONFLICT DO UPDATE SET settings = excluded.settings, saved_at = excluded.saved_at",
    )
    .id(business)
    .document(settings)
    .time(at)
    .execute(connection)
    .await
    .map(drop)
    .at("business_settings")
}

/// Gives a number of ours to a business.
pub(crate) async fn put_line(connection: &mut SqliteConnection, business: BusinessId, line: &OwnedLine) -> Step<()> {
    let changed = sqlx::query(
        "INSERT INTO business_phones (business_id, number, kind, account, provider_number) VALUES (?, ?, ?, ?, ?) \
         ON CONFLICT (number) DO UPDATE SET kind = excluded.kind, account = excluded.account, \
         provider_number = excluded.provider_number WHERE business_id = excluded.business_id",
    )
    .id(business)
    .phone(&line.number)
    .text(kind_name(line.kind))
    .text(&line.account)
    .maybe_text(line.provider_number.as_deref())
    .execute(connection)
    .await
    .at("business_phones")?
    .rows_affected();
    Ok(if changed == 1 {
        Ok(())
    } else {
        Err(Conflict::NumberTaken)
    })
}

/// Takes a number away from a business.
pub(crate) async fn remove_line(
    connection: &mut SqliteConnection,
    business: BusinessId,
    number: &PhoneNumber,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM business_phones WHERE number = ? AND business_id = ?")
        .phone(number)
        .id(business)
        .execute(connection)
        .await
        .map(drop)
        .at("business_phones")
}

const fn kind_name(kind: NumberKind) -> &'static str {
    match kind {
        NumberKind::Forwarding => "forwarding",
        NumberKind::Public => "public",
    }
}

/// Reads the stored name of a number's kind.
pub(crate) fn kind_from_name(name: &str) -> Option<NumberKind> {
    match name {
        "forwarding" => Some(NumberKind::Forwarding),
        "public" => Some(NumberKind::Public),
        _ => None,
    }
}
