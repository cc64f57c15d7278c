//! The consent ledger: proof of who asked for what, that cannot be changed unnoticed.
//!
//! Each business has one chain. An entry is sealed with a keyed MAC over the previous seal and its own bytes, so an
//! edited, missing, reordered or foreign entry breaks every check from there on; somebody with the database but without
//! the key cannot mend it. A cut tail leaves a shorter chain that is valid in itself, which is why length and last seal
//! (the [`Head`]) are exported daily and compared in [`verify`].
//!
//! An entry names the caller by a keyed digest only. A caller's number can therefore be erased everywhere else without
//! touching the chain, and whoever asks "did this number opt out?" can still be answered.

mod bytes;
mod chain;

use serde::{Deserialize, Serialize};

pub use bytes::Record;
pub use chain::{Chain, LedgerFault, LedgerKey, PhoneDigest, append, verify};

use crate::{PhoneNumber, Timestamp};

crate::calls::named! {
    /// What happened to a caller's consent.
    ConsentKind {
        /// No more texts.
        OptOut = "opt_out",
        /// Texts are welcome again.
        OptIn = "opt_in",
        /// Asked for help and was told how to opt out.
        Help = "help",
        /// Was told on the phone that a text would follow, and stayed.
        AutoTextConsent = "auto_text_consent",
    }
}

/// What is to be appended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it happened.
    pub at: Timestamp,
    /// Whose consent it is; kept as a digest.
    pub phone: PhoneNumber,
    /// What happened.
    pub kind: ConsentKind,
    /// Where it came from: `sms`, `voice`, `gateway`, `user` and the like. The first 64 bytes count.
    pub source: String,
    /// The keyword or standard wording, or the id of the call or text; never what the caller wrote. The first 200 bytes
    /// count.
    pub evidence: String,
}

/// An entry on the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Its place, from 1.
    pub seq: u64,
    /// What it says, in the versioned form that was sealed.
    pub bytes: Vec<u8>,
    /// The seal over the previous seal and `bytes`.
    pub mac: [u8; 32],
}

impl Sealed {
    /// The head of a chain that ends with this entry.
    #[must_use]
    pub const fn head(&self) -> Head {
        Head {
            len: self.seq,
            mac: self.mac,
        }
    }

    /// What the entry says. Says nothing about whether it is genuine; that is [`verify`]'s.
    #[must_use]
    pub fn read(&self) -> Option<Record> {
        Record::decode(&self.bytes)
    }
}

/// Where a chain ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// How many entries it has.
    pub len: u64,
    /// The seal of the last.
    pub mac: [u8; 32],
}
