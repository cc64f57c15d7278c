//! What was last known of each number's owner, sealed on the local disk: lets a process that starts while the database
//! is away check and answer calls by the last known schedule.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use mccc_core::business::{OwnedLine, Owner, Settings};
use mccc_core::center::LastKnown;
use mccc_core::{BusinessId, PhoneNumber, Timestamp};
use serde::{Deserialize, Serialize};

use super::KeyRing;

/// Saves that may wait for the disk; more are dropped, since a later load brings them again.
const WAITING: usize = 4_096;
/// Ending of the files that hold an owner.
const OWNER: &str = "sealed";

/// One sealed file per number, written by a thread of its own.
pub struct LastKnownFile {
    folder: PathBuf,
    keys: Arc<KeyRing>,
    saved: Mutex<HashMap<PhoneNumber, u64>>,
    writer: SyncSender<Save>,
}

enum Save {
    Owner(PhoneNumber, Arc<Owner>),
    Token(BusinessId, String),
}

#[derive(Serialize, Deserialize)]
struct Snapshot {
    business: BusinessId,
    version: u64,
    settings: Settings,
    lines: Vec<OwnedLine>,
    saved_at: Timestamp,
}

impl LastKnownFile {
    /// Snapshots in `folder`, which is made if it is missing.
    ///
    /// # Errors
    /// When the folder or the writing thread cannot be made.
    pub fn open(folder: PathBuf, keys: Arc<KeyRing>) -> std::io::Result<Self> {
        std::fs::create_dir_all(&folder)?;
        let (writer, waiting) = sync_channel(WAITING);
        let (to, with) = (folder.clone(), Arc::clone(&keys));
        std::thread::Builder::new()
            .name("last-known".into())
            .spawn(move || write_all(&waiting, &to, &with))?;
        Ok(Self {
            folder,
            keys,
            saved: Mutex::default(),
            writer,
        })
    }

    /// Whether nothing has ever been kept in `folder`: a process that starts with it can answer nobody.
    #[must_use]
    pub fn is_empty(folder: &Path) -> bool {
        let Ok(files) = std::fs::read_dir(folder) else {
            return true;
        };
        !files
            .flatten()
            .any(|file| file.path().extension().is_some_and(|ending| ending == OWNER))
    }

    /// Keeps the token of a business's own account, sealed as the database has it: without it nothing that the account
    /// sends can be checked while the database is away.
    pub fn put_token(&self, business: BusinessId, sealed: &str) {
        // A save that finds no room is made again when the account is next looked up.
        let _ = self.writer.try_send(Save::Token(business, sealed.to_owned()));
    }

    /// The kept token of a business's own account, sealed.
    #[must_use]
    pub fn token(&self, business: BusinessId) -> Option<String> {
        std::fs::read_to_string(token_file(&self.folder, business)).ok()
    }
}

impl LastKnown for LastKnownFile {
    fn get(&self, dialled: &PhoneNumber) -> Option<Arc<Owner>> {
        let sealed = std::fs::read_to_string(file_of(&self.folder, dialled)).ok()?;
        let plain = self.keys.open_bytes(&place_of(dialled), &sealed).ok()?;
        let known: Snapshot = serde_json::from_slice(&plain).ok()?;
        Owner::new(
            known.business,
            known.version,
            known.settings,
            known.lines,
            known.saved_at,
        )
        .ok()
        .map(Arc::new)
    }

    fn put(&self, owner: &Arc<Owner>) {
        for line in &owner.lines {
            let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
            if saved.get(&line.number) == Some(&owner.version) {
                continue;
            }
            match self.writer.try_send(Save::Owner(line.number, Arc::clone(owner))) {
                Ok(()) => {
                    saved.insert(line.number, owner.version);
                }
                Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
            }
        }
    }
}

fn write_all(waiting: &Receiver<Save>, folder: &Path, keys: &KeyRing) {
    while let Ok(save) = waiting.recv() {
        let (business, done) = match &save {
            Save::Owner(number, owner) => (owner.business, write_one(folder, keys, number, owner)),
            Save::Token(business, sealed) => (*business, replace(&token_file(folder, *business), sealed)),
        };
        if let Err(error) = done {
            tracing::warn!(%business, %error, "what is known of a business could not be kept on disk");
        }
    }
}

fn write_one(folder: &Path, keys: &KeyRing, number: &PhoneNumber, owner: &Owner) -> std::io::Result<()> {
    let snapshot = Snapshot {
        business: owner.business,
        version: owner.version,
        settings: (*owner.settings).clone(),
        lines: owner.lines.clone(),
        saved_at: owner.saved_at,
    };
    let plain = serde_json::to_vec(&snapshot).map_err(std::io::Error::other)?;
    let sealed = keys
        .seal_bytes(&place_of(number), &plain)
        .map_err(std::io::Error::other)?;
    replace(&file_of(folder, number), &sealed)
}

/// A rename is atomic: a reader sees the old snapshot or the new one, never half of one.
fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let draft = file.with_extension("new");
    std::fs::write(&draft, text)?;
    std::fs::rename(draft, file)
}

fn file_of(folder: &Path, number: &PhoneNumber) -> PathBuf {
    folder.join(format!("{}.{OWNER}", number.digits()))
}

fn token_file(folder: &Path, business: BusinessId) -> PathBuf {
    folder.join(format!("{business}.token"))
}

fn place_of(number: &PhoneNumber) -> String {
    format!("last-known/{number}")
}

impl fmt::Debug for LastKnownFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LastKnownFile").finish_non_exhaustive()
    }
}
