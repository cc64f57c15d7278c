//! Sealing of credentials and snapshots at rest: XChaCha20-Poly1305 under one key, bound to the business and field.

use std::fmt;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use mccc_core::compliance::ledger::LedgerKey;
use mccc_core::port::{Entropy, SealError, SecretBox};
use mccc_core::{BusinessId, Secret};
use sha2::{Digest as _, Sha256};

/// Version mark of the sealed text.
const MARK: &str = "s1";

/// The installation's sealing key, and what is derived from it.
pub struct KeyRing {
    cipher: XChaCha20Poly1305,
    id: String,
    ledger: [u8; 32],
    proofs: [u8; 32],
    entropy: Box<dyn Entropy>,
}

/// Where the sealing key comes from.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// Given as text: 32 bytes in Base64.
    Given(Secret),
    /// Kept in a file that only the owner may read; made on first use.
    File(PathBuf),
}

/// Why there is no sealing key.
#[derive(Debug, thiserror::Error)]
pub enum SealKeyError {
    /// The text is not a key.
    #[error("MCCC_SECRET_KEY must be 32 random bytes in Base64; make one with `openssl rand -base64 32`")]
    NotAKey,
    /// The file cannot be read or made.
    #[error("the key file {0} cannot be used")]
    File(PathBuf, #[source] std::io::Error),
    /// Others may read the file.
    #[error("the key file {0} can be read by others; run `chmod 600` on it")]
    Exposed(PathBuf),
}

fn decoded(text: &Secret) -> Option<[u8; 32]> {
    STANDARD.decode(text.reveal().trim()).ok()?.try_into().ok()
}

impl KeyRing {
    /// Reads the key, or makes the file on first use.
    ///
    /// # Errors
    /// When the key is malformed, or its file cannot be used or is exposed.
    pub fn open(source: &KeySource, entropy: Box<dyn Entropy>) -> Result<Self, SealKeyError> {
        let text = match source {
            KeySource::Given(secret) => secret.clone(),
            KeySource::File(path) => read_or_make(path, &*entropy)?,
        };
        let key = decoded(&text).ok_or(SealKeyError::NotAKey)?;
        let derive = |purpose: &str| -> [u8; 32] {
            let mut hash = Sha256::new();
            hash.update(purpose.as_bytes());
            hash.update([0]);
            hash.update(key);
            hash.finalize().into()
        };
        let id = derive("key id")
            .iter()
            .take(4)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok(Self {
            cipher: XChaCha20Poly1305::new(&derive("seal").into()),
            id,
            ledger: derive("consent ledger"),
            proofs: derive("proofs"),
            entropy,
        })
    }

    /// Whether a text is a key.
    #[must_use]
    pub fn is_key(text: &Secret) -> bool {
        decoded(text).is_some()
    }

    /// The key of the consent ledger's message authentication code.
    #[must_use]
    pub fn ledger_key(&self) -> LedgerKey {
        LedgerKey::new(&self.ledger)
    }

    /// A text that only this installation can know, for something that has a name: as proof that a request came by way
    /// of somebody who was told. The same name gives the same text.
    #[must_use]
    pub fn proof(&self, purpose: &str, name: &str) -> Secret {
        // Hashed twice, so that the proof of a name says nothing about that of a longer one.
        let once = Sha256::new_with_prefix(self.proofs)
            .chain_update(purpose)
            .chain_update([0])
            .chain_update(name);
        let twice = Sha256::new_with_prefix(self.proofs).chain_update(once.finalize());
        Secret::new(hex::encode(twice.finalize()))
    }

    /// Seals bytes for a place, such as a file of this installation.
    ///
    /// # Errors
    /// When the cipher refuses, which it does only for absurd lengths.
    pub fn seal_bytes(&self, place: &str, plain: &[u8]) -> Result<String, SealError> {
        let mut nonce = [0_u8; 24];
        self.entropy.fill(&mut nonce);
        let payload = Payload {
            msg: plain,
            aad: place.as_bytes(),
        };
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| SealError::Mismatch)?;
        Ok(format!(
            "{MARK}.{}.{}.{}",
            self.id,
            STANDARD.encode(nonce),
            STANDARD.encode(sealed)
        ))
    }

    /// Opens what [`KeyRing::seal_bytes`] made for the same place.
    ///
    /// # Errors
    /// When the key is another one, or the text was made for another place or altered.
    pub fn open_bytes(&self, place: &str, sealed: &str) -> Result<Vec<u8>, SealError> {
        let mut parts = sealed.trim().split('.');
        let (Some(MARK), Some(id), Some(nonce), Some(body), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(SealError::Mismatch);
        };
        if id != self.id {
            return Err(SealError::UnknownKey);
        }
        let nonce: [u8; 24] = STANDARD
            .decode(nonce)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(SealError::Mismatch)?;
        let body = STANDARD.decode(body).map_err(|_| SealError::Mismatch)?;
        let payload = Payload {
            msg: &body,
            aad: place.as_bytes(),
        };
        self.cipher
            .decrypt(&XNonce::from(nonce), payload)
            .map_err(|_| SealError::Mismatch)
    }
}

impl SecretBox for KeyRing {
    fn seal(&self, business: BusinessId, field: &str, secret: &Secret) -> Result<String, SealError> {
        self.seal_bytes(&format!("{business}/{field}"), secret.reveal().as_bytes())
    }

    fn open(&self, business: BusinessId, field: &str, sealed: &str) -> Result<Secret, SealError> {
        let plain = self.open_bytes(&format!("{business}/{field}"), sealed)?;
        String::from_utf8(plain)
            .map(Secret::new)
            .map_err(|_| SealError::Mismatch)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("id", &self.id).finish_non_exhaustive()
    }
}

fn read_or_make(path: &Path, entropy: &dyn Entropy) -> Result<Secret, SealKeyError> {
    use std::os::unix::fs::PermissionsExt as _;
    let failed = |error| SealKeyError::File(path.to_owned(), error);
    match fs::metadata(path) {
        Ok(meta) if meta.permissions().mode() & 0o077 != 0 => Err(SealKeyError::Exposed(path.to_owned())),
        Ok(_) => fs::read_to_string(path).map(Secret::new).map_err(failed),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut key = [0_u8; 32];
            entropy.fill(&mut key);
            let text = STANDARD.encode(key);
            // `create_new`: of two processes that start at once, one makes the key and the other reads it.
            match fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(path)
            {
                Ok(mut file) => {
                    file.write_all(text.as_bytes())
                        .and_then(|()| file.sync_all())
                        .map_err(failed)?;
                    Ok(Secret::new(text))
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                    fs::read_to_string(path).map(Secret::new).map_err(failed)
                }
                Err(error) => Err(failed(error)),
            }
        }
        Err(error) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::OsEntropy;
    use mccc_core::Timestamp;

    fn ring(byte: u8) -> KeyRing {
        let key = Secret::new(STANDARD.encode([byte; 32]));
        KeyRing::open(&KeySource::Given(key), Box::new(OsEntropy)).unwrap()
    }

    #[test]
    fn a_secret_opens_only_where_it_was_sealed() {
        let ring = ring(7);
        let business = BusinessId::derive(Timestamp::UNIX_EPOCH, "a");
        let other = BusinessId::derive(Timestamp::UNIX_EPOCH, "b");
        let sealed = ring.seal(business, "token", &Secret::new("hunter2")).unwrap();
        assert!(!sealed.contains("hunter2"));
        assert_eq!(ring.open(business, "token", &sealed).unwrap().reveal(), "hunter2");
        assert_eq!(ring.open(other, "token", &sealed).err(), Some(SealError::Mismatch));
        assert_eq!(ring.open(business, "key", &sealed).err(), Some(SealError::Mismatch));
    }

    #[test]
    fn another_key_says_so() {
        let business = BusinessId::derive(Timestamp::UNIX_EPOCH, "a");
        let sealed = ring(1).seal(business, "token", &Secret::new("x")).unwrap();
        assert_eq!(
            ring(2).open(business, "token", &sealed).err(),
            Some(SealError::UnknownKey)
        );
    }

    #[test]
    fn a_proof_is_of_one_name_and_one_purpose() {
        let proof = |byte, purpose, name| ring(byte).proof(purpose, name).reveal().to_owned();
        assert_eq!(proof(1, "a", "x"), proof(1, "a", "x"));
        assert_eq!(proof(1, "a", "x").len(), 64);
        let all = [
            proof(1, "a", "x"),
            proof(2, "a", "x"),
            proof(1, "b", "x"),
            proof(1, "a", "y"),
            proof(1, "ax", ""),
            proof(1, "", "ax"),
        ];
        let distinct: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn a_key_that_is_no_key_is_refused() {
        let source = KeySource::Given(Secret::new("short"));
        assert!(matches!(
            KeyRing::open(&source, Box::new(OsEntropy)),
            Err(SealKeyError::NotAKey)
        ));
    }
}
