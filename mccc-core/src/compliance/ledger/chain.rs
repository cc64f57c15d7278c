//! Sealing and checking.

use std::fmt;

use aws_lc_rs::hmac;
use subtle::ConstantTimeEq;

use super::{Entry, Head, Record, Sealed};
use crate::PhoneNumber;
use crate::id::BusinessId;

/// What the two uses of the key are told apart by.
const SEAL: &[u8] = b"mccc consent ledger entry\0";
const PHONE: &[u8] = b"mccc consent ledger phone\0";
/// What stands before the first entry.
const NOTHING: [u8; 32] = [0; 32];

/// The key that seals a ledger. `Debug` hides it.
#[derive(Clone)]
pub struct LedgerKey(hmac::Key);

impl LedgerKey {
    /// A key from 32 random bytes.
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// How a caller is named on the chain of a business: the same number has another digest on another chain.
    #[must_use]
    pub fn digest(&self, business: BusinessId, phone: &PhoneNumber) -> PhoneDigest {
        PhoneDigest(self.mac(&[PHONE, business.uuid().as_bytes(), phone.to_string().as_bytes()]))
    }

    fn seal(&self, previous: &[u8; 32], bytes: &[u8]) -> [u8; 32] {
        self.mac(&[SEAL, previous, bytes])
    }

    fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(part);
        }
        let tag = context.sign();
        let mut out = [0; 32];
        for (to, from) in out.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        out
    }
}

impl fmt::Debug for LedgerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LedgerKey(…)")
    }
}

/// A caller, as the chain knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PhoneDigest(pub [u8; 32]);

/// What is wrong with a chain. Places count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LedgerFault {
    /// The entry or its seal was changed, or was sealed with another key or for another predecessor.
    #[error("entry {0} of the consent ledger was changed")]
    Changed(u64),
    /// There is no entry at this place, but there is one after it.
    #[error("entry {0} of the consent ledger is missing")]
    Missing(u64),
    /// The entry at this place comes twice or too late.
    #[error("entry {0} of the consent ledger is out of order")]
    OutOfOrder(u64),
    /// The entry belongs to another business.
    #[error("entry {0} of the consent ledger belongs to another business")]
    Foreign(u64),
    /// The chain is shorter than it once was.
    #[error("the consent ledger has {found} entries and once had {expected}")]
    Cut {
        /// Length of the exported head.
        expected: u64,
        /// Length found.
        found: u64,
    },
    /// The chain is valid in itself but is not the one whose head was exported.
    #[error("the consent ledger was replaced: entry {0} is not the one that was exported")]
    Replaced(u64),
}

/// Seals `entry` as the next one after `previous` (nothing on an empty chain). Appending is for whoever holds the lock
/// on the chain.
#[must_use]
pub fn append(key: &LedgerKey, business: BusinessId, previous: Option<Head>, entry: &Entry) -> Sealed {
    let seq = previous.map_or(0, |head| head.len).saturating_add(1);
    let bytes = Record::new(business, seq, key.digest(business, &entry.phone), entry).encode();
    let mac = key.seal(&previous.map_or(NOTHING, |head| head.mac), &bytes);
    Sealed { seq, bytes, mac }
}

/// Checks a whole chain, from its first entry, against the head that was exported (which may be older than its end).
///
/// # Errors
/// The first [`LedgerFault`].
pub fn verify<'a>(
    key: &LedgerKey,
    business: BusinessId,
    entries: impl IntoIterator<Item = &'a Sealed>,
    exported: Option<Head>,
) -> Result<Option<Head>, LedgerFault> {
    let mut chain = Chain::new(key, business, exported);
    for entry in entries {
        chain.next(entry)?;
    }
    chain.finish()
}

/// A check in progress, for chains that are read page by page.
#[derive(Debug)]
pub struct Chain<'a> {
    key: &'a LedgerKey,
    business: BusinessId,
    exported: Option<Head>,
    head: Option<Head>,
}

impl<'a> Chain<'a> {
    /// A check that has seen nothing yet.
    #[must_use]
    pub const fn new(key: &'a LedgerKey, business: BusinessId, exported: Option<Head>) -> Self {
        Self {
            key,
            business,
            exported,
            head: None,
        }
    }

    /// Checks the next entry.
    ///
    /// # Errors
    /// The first [`LedgerFault`]; the check is over then.
    pub fn next(&mut self, entry: &Sealed) -> Result<(), LedgerFault> {
        let due = self.head.map_or(0, |head| head.len).saturating_add(1);
        if entry.seq > due {
            return Err(LedgerFault::Missing(due));
        }
        if entry.seq < due {
            return Err(LedgerFault::OutOfOrder(entry.seq));
        }
        let seal = self.key.seal(&self.head.map_or(NOTHING, |head| head.mac), &entry.bytes);
        if !bool::from(seal.ct_eq(&entry.mac)) {
            return Err(LedgerFault::Changed(due));
        }
        let record = entry.read().ok_or(LedgerFault::Changed(due))?;
        if record.business != self.business {
            return Err(LedgerFault::Foreign(due));
        }
        if record.seq != due {
            return Err(LedgerFault::Changed(due));
        }
        if self
            .exported
            .is_some_and(|head| head.len == due && head.mac != entry.mac)
        {
            return Err(LedgerFault::Replaced(due));
        }
        self.head = Some(entry.head());
        Ok(())
    }

    /// Ends the check and returns where the chain ends.
    ///
    /// # Errors
    /// [`LedgerFault::Cut`] when it is shorter than the exported head says.
    pub fn finish(self) -> Result<Option<Head>, LedgerFault> {
        let found = self.head.map_or(0, |head| head.len);
        match self.exported {
            Some(exported) if found < exported.len => Err(LedgerFault::Cut {
                expected: exported.len,
                found,
            }),
            Some(_) | None => Ok(self.head),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;
    use crate::compliance::ledger::ConsentKind;

    fn key() -> LedgerKey {
        LedgerKey::new(&[1; 32])
    }

    fn business(name: &str) -> BusinessId {
        BusinessId::derive(Timestamp::UNIX_EPOCH, name)
    }

    fn entry(second: i64) -> Entry {
        Entry {
            at: Timestamp::from_seconds(second),
            phone: PhoneNumber::parse("+15124561234").unwrap(),
            kind: ConsentKind::OptOut,
            source: "sms".to_owned(),
            evidence: "STOP".to_owned(),
        }
    }

    fn chain(length: i64) -> Vec<Sealed> {
        let mut out: Vec<Sealed> = Vec::new();
        for second in 0..length {
            out.push(append(
                &key(),
                business("acme"),
                out.last().map(Sealed::head),
                &entry(second),
            ));
        }
        out
    }

    #[test]
    fn an_untouched_chain_is_valid_and_may_have_grown() {
        let chain = chain(4);
        let end = chain.last().map(Sealed::head);
        assert_eq!(verify(&key(), business("acme"), &chain, None), Ok(end));
        assert_eq!(verify(&key(), business("acme"), &chain, end), Ok(end));
        assert_eq!(verify(&key(), business("acme"), &chain, Some(chain[1].head())), Ok(end));
        assert_eq!(verify(&key(), business("acme"), &[], None), Ok(None));
    }

    #[test]
    fn a_cut_or_replaced_chain_is_found_by_its_exported_head() {
        let chain = chain(4);
        let head = chain.last().map(Sealed::head);
        assert_eq!(
            verify(&key(), business("acme"), &chain[..3], head),
            Err(LedgerFault::Cut { expected: 4, found: 3 })
        );
        let mut other = chain[..3].to_vec();
        other.push(append(&key(), business("acme"), Some(chain[2].head()), &entry(99)));
        assert_eq!(
            verify(&key(), business("acme"), &other, head),
            Err(LedgerFault::Replaced(4))
        );
    }

    #[test]
    fn an_entry_of_another_history_does_not_fit() {
        // Both chains are genuine, as after a restored backup; an entry of one is sealed after its own predecessor.
        let (ours, mut spliced) = (chain(3), chain(3));
        let first = append(&key(), business("acme"), None, &entry(77));
        spliced[1] = append(&key(), business("acme"), Some(first.head()), &entry(78));
        assert_eq!(ours[0], spliced[0]);
        assert_eq!(
            verify(&key(), business("acme"), &spliced[..2], None),
            Err(LedgerFault::Changed(2))
        );
    }

    #[test]
    fn another_business_s_chain_or_key_is_not_accepted() {
        let chain = chain(2);
        assert_eq!(
            verify(&key(), business("other"), &chain, None),
            Err(LedgerFault::Foreign(1))
        );
        assert_eq!(
            verify(&LedgerKey::new(&[2; 32]), business("acme"), &chain, None),
            Err(LedgerFault::Changed(1))
        );
    }

    #[test]
    fn a_caller_is_named_by_a_digest_alone() {
        let sealed = append(&key(), business("acme"), None, &entry(0));
        let digits = b"5124561234";
        assert!(!sealed.bytes.windows(digits.len()).any(|window| window == digits));
        let phone = PhoneNumber::parse("+15124561234").unwrap();
        assert_eq!(sealed.read().unwrap().phone, key().digest(business("acme"), &phone));
        assert_ne!(
            key().digest(business("other"), &phone),
            key().digest(business("acme"), &phone)
        );
    }
}
