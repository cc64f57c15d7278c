//! The consent ledger of each business, one chain each.

use mccc_core::BusinessId;
use mccc_core::compliance::ledger::{self, Entry, Head, LedgerKey, Sealed};
use mccc_core::port::store::StoreError;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::columns::{Give, Take};
use crate::error::At;

/// Seals `entry` onto the end of the chain. The transaction has the write lock, so nobody else extends the chain.
pub(crate) async fn append(
    connection: &mut SqliteConnection,
    business: BusinessId,
    entry: &Entry,
    key: &LedgerKey,
) -> Result<(), StoreError> {
    let previous = head(connection, business).await?;
    let sealed = ledger::append(key, business, previous, entry);
    sqlx::query("INSERT INTO consent_ledger (business_id, seq, bytes, mac) VALUES (?, ?, ?, ?)")
        .id(business)
        .count(sealed.seq)
        .bytes(&sealed.bytes)
        .bytes(&sealed.mac)
        .execute(connection)
        .await
        .map(drop)
        .at("consent_ledger")
}

/// Length and head of the chain.
pub(crate) async fn head(connection: &mut SqliteConnection, business: BusinessId) -> Result<Option<Head>, StoreError> {
    let row = sqlx::query("SELECT seq, bytes, mac FROM consent_ledger WHERE business_id = ? ORDER BY seq DESC LIMIT 1")
        .id(business)
        .fetch_optional(connection)
        .await
        .at("consent_ledger")?;
    row.map(|row| Ok(take(&row)?.head())).transpose()
}

/// Reads one entry.
pub(crate) fn take(row: &SqliteRow) -> Result<Sealed, StoreError> {
    Ok(Sealed {
        seq: row.number("seq")?,
        bytes: row.bytes("bytes")?,
        mac: row.hash("mac")?,
    })
}
