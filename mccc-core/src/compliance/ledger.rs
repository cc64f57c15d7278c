//! stub

use crate::{PhoneNumber, Timestamp};
use serde::{Deserialize, Serialize};
crate::calls::named! {
    /// stub
    ConsentKind {
        /// x
        OptOut = "opt_out",
        /// x
        OptIn = "opt_in",
        /// x
        Help = "help",
    }
}
/// stub: what is to be appended
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// x
    pub at: Timestamp,
    /// x
    pub phone: PhoneNumber,
    /// x
    pub kind: ConsentKind,
    /// x
    pub source: String,
    /// x
    pub evidence: String,
}
/// stub: an entry on the chain
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// x
    pub seq: u64,
    /// x
    pub bytes: Vec<u8>,
    /// x
    pub mac: [u8; 32],
}
/// stub
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// x
    pub len: u64,
    /// x
    pub mac: [u8; 32],
}
