//! Checks the consent ledger with the key that sealed it.

use mccc_core::BusinessId;
use mccc_core::compliance::ledger::{Chain, Head};

use super::open::Opened;
use crate::failure::Failure;

/// Entries read at once.
const PAGE: u32 = 500;

/// Reads a head as the daily export logs it: `LENGTH:SEAL`, the seal in hexadecimal.
///
/// # Errors
/// When it is not one.
pub fn parse_head(text: &str) -> Result<Head, Failure> {
    let wrong = || Failure::bad_input("a head is LENGTH:SEAL, such as 12:9f86d0…, with 64 hexadecimal digits");
    let (len, seal) = text.trim().split_once(':').ok_or_else(wrong)?;
    let mut mac = [0; 32];
    hex::decode_to_slice(seal, &mut mac).map_err(|_not_hex| wrong())?;
    Ok(Head {
        len: len.parse().map_err(|_not_a_number| wrong())?,
        mac,
    })
}

/// A head as [`parse_head`] reads it.
#[must_use]
pub fn write_head(head: &Head) -> String {
    format!("{}:{}", head.len, hex::encode(head.mac))
}

/// Checks every entry of a business's ledger, and that it still holds what `exported` says. Gives its head; nothing when
/// it is empty.
///
/// # Errors
/// A sentence about the first thing that is wrong with it, or when the database cannot be asked.
pub async fn verify(opened: &Opened, business: BusinessId, exported: Option<Head>) -> Result<Option<Head>, Failure> {
    let key = opened.keys.ledger_key();
    let mut chain = Chain::new(&key, business, exported);
    let mut after = 0;
    loop {
        let page = opened.store.ledger(business, after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(chain.finish()?);
        };
        after = last.seq;
        for entry in &page {
            chain.next(entry)?;
        }
    }
}
