//! The sealed form of an entry. Once written it never changes; a new form gets a new version number.
//!
//! Version 1: version (1 byte), business (16), place (8), microseconds since 1970 (8, signed), phone digest (32), then
//! kind, source and evidence, each as a two-byte length and UTF-8. Numbers are big-endian.

use uuid::Uuid;

use super::chain::PhoneDigest;
use super::{ConsentKind, Entry};
use crate::Timestamp;
use crate::id::BusinessId;

const VERSION: u8 = 1;
const LONGEST_SOURCE: usize = 64;
const LONGEST_EVIDENCE: usize = 200;

/// What a sealed entry says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The business whose chain it is on.
    pub business: BusinessId,
    /// Its place, from 1.
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// Whose consent it is.
    pub phone: PhoneDigest,
    /// What happened.
    pub kind: ConsentKind,
    /// Where it came from.
    pub source: String,
    /// The keyword, wording or id.
    pub evidence: String,
}

impl Record {
    pub(super) fn new(business: BusinessId, seq: u64, phone: PhoneDigest, entry: &Entry) -> Self {
        Self {
            business,
            seq,
            at: entry.at,
            phone,
            kind: entry.kind,
            source: shortened(&entry.source, LONGEST_SOURCE),
            evidence: shortened(&entry.evidence, LONGEST_EVIDENCE),
        }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(128);
        out.push(VERSION);
        out.extend_from_slice(self.business.uuid().as_bytes());
        out.extend_from_slice(&self.seq.to_be_bytes());
        out.extend_from_slice(&self.at.as_micros().to_be_bytes());
        out.extend_from_slice(&self.phone.0);
        for text in [self.kind.name(), &self.source, &self.evidence] {
            let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(text.as_bytes());
        }
        out
    }

    /// Reads exactly one entry; a byte too few or too many is none.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        if take::<1>(&mut rest)? != [VERSION] {
            return None;
        }
        let record = Self {
            business: BusinessId::from_uuid(Uuid::from_bytes(take(&mut rest)?)),
            seq: u64::from_be_bytes(take(&mut rest)?),
            at: Timestamp::from_micros(i64::from_be_bytes(take(&mut rest)?)),
            phone: PhoneDigest(take(&mut rest)?),
            kind: ConsentKind::from_name(&text(&mut rest)?)?,
            source: text(&mut rest)?,
            evidence: text(&mut rest)?,
        };
        rest.is_empty().then_some(record)
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (front, back) = rest.split_first_chunk::<N>()?;
    *rest = back;
    Some(*front)
}

fn text(rest: &mut &[u8]) -> Option<String> {
    let length = usize::from(u16::from_be_bytes(take(rest)?));
    let (front, back) = rest.split_at_checked(length)?;
    *rest = back;
    String::from_utf8(front.to_vec()).ok()
}

/// At most `longest` bytes, cut between characters.
fn shortened(text: &str, longest: usize) -> String {
    text.get(..text.floor_char_boundary(longest)).unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        Record {
            business: BusinessId::from_uuid(Uuid::from_bytes([7; 16])),
            seq: 3,
            at: Timestamp::from_micros(1_700_000_000_000_001),
            phone: PhoneDigest([9; 32]),
            kind: ConsentKind::OptOut,
            source: "sms".to_owned(),
            evidence: "STOP".to_owned(),
        }
    }

    #[test]
    fn the_sealed_form_is_fixed() {
        let expected = format!(
            "01{}0000000000000003{}{}00076f70745f6f75740003736d73000453544f50",
            "07".repeat(16),
            "00060a24181e4001",
            "09".repeat(32)
        );
        assert_eq!(hex::encode(record().encode()), expected);
        assert_eq!(Record::decode(&hex::decode(expected).unwrap()), Some(record()));
    }

    #[test]
    fn a_byte_more_or_less_is_not_an_entry() {
        let bytes = record().encode();
        for cut in 0..bytes.len() {
            assert_eq!(Record::decode(&bytes[..cut]), None);
        }
        assert_eq!(Record::decode(&[bytes.as_slice(), &[0]].concat()), None);
        let mut newer = bytes;
        newer[0] = 2;
        assert_eq!(Record::decode(&newer), None);
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(shortened("añadido", 2), "a");
        assert_eq!(shortened("añadido", 3), "añ");
    }
}
