//! Addresses of calendar files. Nobody signs in there, so an address holds what it names and a proof that this
//! installation made it: nothing is looked up before the proof holds, and none can be made from another.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mccc_core::{AppointmentId, BusinessId, Id, Kind, Secret};

use crate::runtime::KeyRing;

const APPOINTMENT: &str = "appointment file";
const FEED: &str = "calendar feed";
/// Bytes of an identifier.
const ID: usize = 16;
/// Bytes of the proof of an appointment's address: it is short-lived and stands in a text that is paid by length.
const SHORT_PROOF: usize = 10;
/// Bytes of the proof of a feed's address.
const LONG_PROOF: usize = 20;

/// The address of an appointment's file, below the public address.
pub(crate) fn appointment_path(keys: &KeyRing, business: BusinessId, appointment: AppointmentId) -> String {
    let named = [business.uuid().into_bytes(), appointment.uuid().into_bytes()].concat();
    format!("/a/{}.ics", proved(keys, APPOINTMENT, &named, SHORT_PROOF))
}

/// The address of a business's feed, below the public address.
pub(crate) fn feed_path(keys: &KeyRing, business: BusinessId, number: u32) -> String {
    let named = [business.uuid().as_bytes().as_slice(), &number.to_be_bytes()].concat();
    format!("/feeds/{}.ics", proved(keys, FEED, &named, LONG_PROOF))
}

/// What an address names with its proof, as letters.
fn proved(keys: &KeyRing, purpose: &str, named: &[u8], length: usize) -> String {
    let mut bytes = named.to_vec();
    bytes.extend(proof(keys, purpose, named, length));
    URL_SAFE_NO_PAD.encode(bytes)
}

fn proof(keys: &KeyRing, purpose: &str, named: &[u8], length: usize) -> Vec<u8> {
    let proof = hex::decode(keys.proof(purpose, &hex::encode(named)).reveal()).unwrap_or_default();
    proof.into_iter().take(length).collect()
}

/// The appointment whose file it is, if this installation made the address.
pub(crate) fn appointment_of(keys: &KeyRing, file: &str) -> Option<(BusinessId, AppointmentId)> {
    let named = named(keys, APPOINTMENT, file, SHORT_PROOF)?;
    let (business, appointment) = named.split_at_checked(ID)?;
    Some((id_of(business)?, id_of(appointment)?))
}

/// The business whose feed it is, and which of its addresses, if this installation made it.
pub(crate) fn feed_of(keys: &KeyRing, file: &str) -> Option<(BusinessId, u32)> {
    let named = named(keys, FEED, file, LONG_PROOF)?;
    let (business, number) = named.split_at_checked(ID)?;
    Some((id_of(business)?, u32::from_be_bytes(number.try_into().ok()?)))
}

/// What an address names.
fn named(keys: &KeyRing, purpose: &str, file: &str, length: usize) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(file.strip_suffix(".ics")?).ok()?;
    let (named, given) = bytes.split_at_checked(bytes.len().checked_sub(length)?)?;
    let expected = Secret::new(hex::encode(proof(keys, purpose, named, length)));
    expected.matches(&hex::encode(given)).then(|| named.to_vec())
}

fn id_of<K: Kind>(bytes: &[u8]) -> Option<Id<K>> {
    (bytes.len() == ID).then_some(())?;
    format!("{}_{}", K::PREFIX, hex::encode(bytes)).parse().ok()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use mccc_core::Timestamp;

    use super::*;
    use crate::runtime::{KeySource, OsEntropy};

    fn keys(byte: u8) -> KeyRing {
        let key = Secret::new(STANDARD.encode([byte; 32]));
        KeyRing::open(&KeySource::Given(key), Box::new(OsEntropy)).unwrap()
    }

    #[test]
    fn an_address_is_believed_only_as_it_was_made() {
        let ring = keys(1);
        let business = BusinessId::derive(Timestamp::UNIX_EPOCH, "ace");
        let appointment = AppointmentId::derive(Timestamp::UNIX_EPOCH, "one");
        let path = appointment_path(&ring, business, appointment);
        let file = path.strip_prefix("/a/").unwrap();
        assert_eq!(appointment_of(&ring, file), Some((business, appointment)));
        assert!(path.len() <= 64, "{path}");
        // Of another installation, for another purpose, with another ending, cut, or changed anywhere.
        assert_eq!(appointment_of(&keys(2), file), None);
        assert_eq!(feed_of(&ring, file), None);
        for wrong in ["", ".ics", "AAAA.ics", "no", file.strip_suffix(".ics").unwrap()] {
            assert_eq!(appointment_of(&ring, wrong), None, "{wrong}");
        }
        for place in 0..file.len() - 5 {
            let mut changed = file.as_bytes().to_vec();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(appointment_of(&ring, &changed), None, "{changed}");
        }
    }

    #[test]
    fn each_feed_has_an_address_of_its_own() {
        let ring = keys(1);
        let business = BusinessId::derive(Timestamp::UNIX_EPOCH, "ace");
        let path = feed_path(&ring, business, 7);
        assert_ne!(path, feed_path(&ring, business, 8));
        let file = path.strip_prefix("/feeds/").unwrap();
        assert_eq!(feed_of(&ring, file), Some((business, 7)));
        assert_eq!(appointment_of(&ring, file), None);
    }
}
