//! The local disk that takes events while the database is away: one preallocated file, appended to and flushed by a
//! thread of its own, so that neither a full disk nor a slow runtime is in the caller's way.
//!
//! The file is a sequence of records: length, checksum, sealed entry. Its space is reserved when it is opened, so that
//! a disk that fills up later cannot take it away. An entry that has been applied is overwritten with a mark; when all
//! are, the file starts over.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use async_trait::async_trait;
use mccc_core::port::{Spool, SpoolEntry, SpoolError};
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;

use super::KeyRing;

/// Reserved space. At about two kilobytes an entry this takes a burst of ten thousand calls.
const CAPACITY: u64 = 32 * 1024 * 1024;
/// Length, state and checksum before each entry.
const HEADER: u64 = 4 + 1 + 8;
const WAITING: u8 = 1;
const APPLIED: u8 = 2;
const PLACE: &str = "spool";

/// A spool in one file.
#[derive(Debug)]
pub struct FileSpool {
    orders: Sender<Order>,
}

enum Order {
    Append(String, oneshot::Sender<Result<(), SpoolError>>),
    Pending(usize, oneshot::Sender<Result<Vec<(u64, String)>, SpoolError>>),
    Remove(u64, oneshot::Sender<Result<(), SpoolError>>),
}

/// The spool with the key that seals its entries.
#[derive(Debug)]
struct Disk {
    file: File,
    /// Where the next record goes.
    end: u64,
    /// Records that wait.
    waiting: u64,
    /// How often the file has started over. Part of a token: a place is given again, a token never, so that somebody who
    /// forgets an entry for the second time does not forget the one that has taken its place.
    round: u64,
}

impl FileSpool {
    /// Opens or makes the spool file and reserves its space.
    ///
    /// # Errors
    /// When the file cannot be made or its space cannot be reserved.
    pub fn open(path: &Path, keys: Arc<KeyRing>) -> std::io::Result<SealedSpool> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)?;
        rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, CAPACITY)?;
        let mut disk = Disk {
            file,
            end: 0,
            waiting: 0,
            round: 0,
        };
        disk.scan()?;
        let (orders, waiting) = channel();
        std::thread::Builder::new()
            .name("spool".into())
            .spawn(move || serve(&mut disk, &waiting))?;
        Ok(SealedSpool {
            spool: Self { orders },
            keys,
        })
    }

    async fn order<T>(
        &self,
        make: impl FnOnce(oneshot::Sender<Result<T, SpoolError>>) -> Order,
    ) -> Result<T, SpoolError> {
        let (tell, told) = oneshot::channel();
        self.orders.send(make(tell)).map_err(|_| SpoolError::Disk)?;
        told.await.map_err(|_| SpoolError::Disk)?
    }
}

/// A spool whose entries are sealed: they hold numbers and texts.
pub struct SealedSpool {
    spool: FileSpool,
    keys: Arc<KeyRing>,
}

impl fmt::Debug for SealedSpool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedSpool").finish_non_exhaustive()
    }
}

#[async_trait]
impl Spool for SealedSpool {
    async fn append(&self, entry: &SpoolEntry) -> Result<(), SpoolError> {
        let plain = serde_json::to_vec(entry).map_err(|_| SpoolError::Disk)?;
        let sealed = self.keys.seal_bytes(PLACE, &plain).map_err(|_| SpoolError::Disk)?;
        self.spool.order(|tell| Order::Append(sealed, tell)).await
    }

    async fn pending(&self, limit: usize) -> Result<Vec<(u64, SpoolEntry)>, SpoolError> {
        let records = self.spool.order(|tell| Order::Pending(limit, tell)).await?;
        let mut entries = Vec::with_capacity(records.len());
        for (token, sealed) in records {
            let plain = self.keys.open_bytes(PLACE, &sealed).map_err(|_| SpoolError::Disk)?;
            entries.push((token, serde_json::from_slice(&plain).map_err(|_| SpoolError::Disk)?));
        }
        Ok(entries)
    }

    async fn remove(&self, token: u64) -> Result<(), SpoolError> {
        self.spool.order(|tell| Order::Remove(token, tell)).await
    }
}

fn serve(disk: &mut Disk, orders: &Receiver<Order>) {
    while let Ok(order) = orders.recv() {
        // Nobody waits any more when the answer cannot be delivered; the entry is on disk all the same.
        match order {
            Order::Append(entry, tell) => drop(tell.send(disk.append(entry.as_bytes()))),
            Order::Pending(limit, tell) => drop(tell.send(disk.pending(limit))),
            Order::Remove(token, tell) => drop(tell.send(disk.remove(token))),
        }
    }
}

impl Disk {
    /// Finds the end of what was written. A torn last record has a wrong checksum and is written over.
    fn scan(&mut self) -> std::io::Result<()> {
        (self.end, self.waiting) = (0, 0);
        while let Some((state, _, next)) = self.read(self.end)? {
            self.waiting += u64::from(state == WAITING);
            self.end = next;
        }
        if self.waiting == 0 {
            self.end = 0;
        }
        Ok(())
    }

    /// The record at `at`: its state, its entry, and where the next one is.
    fn read(&mut self, at: u64) -> std::io::Result<Option<(u8, Vec<u8>, u64)>> {
        let mut header = [0_u8; 13];
        self.file.seek(SeekFrom::Start(at))?;
        if self.file.read_exact(&mut header).is_err() {
            return Ok(None);
        }
        let [a, b, c, d, state, sum @ ..] = header;
        let length = u32::from_le_bytes([a, b, c, d]);
        let next = at + HEADER + u64::from(length);
        if length == 0 || !(state == WAITING || state == APPLIED) || next > CAPACITY {
            return Ok(None);
        }
        let mut entry = vec![0; usize::try_from(length).unwrap_or(0)];
        if self.file.read_exact(&mut entry).is_err() || checksum(at, &entry) != sum {
            return Ok(None);
        }
        Ok(Some((state, entry, next)))
    }

    fn append(&mut self, entry: &[u8]) -> Result<(), SpoolError> {
        let length = u32::try_from(entry.len()).map_err(|_| SpoolError::Full)?;
        let next = self.end + HEADER + u64::from(length);
        if next + HEADER > CAPACITY {
            return Err(SpoolError::Full);
        }
        let mut record = Vec::with_capacity(entry.len() + 32);
        record.extend_from_slice(&length.to_le_bytes());
        record.push(WAITING);
        record.extend_from_slice(&checksum(self.end, entry));
        record.extend_from_slice(entry);
        // What an older round left behind this record must not look like the next one.
        record.extend_from_slice(&[0; 13]);
        let write = |disk: &mut Self| -> std::io::Result<()> {
            disk.file.seek(SeekFrom::Start(disk.end))?;
            disk.file.write_all(&record)?;
            disk.file.sync_data()
        };
        write(self).map_err(|_| SpoolError::Disk)?;
        self.end = next;
        self.waiting += 1;
        Ok(())
    }

    fn pending(&mut self, limit: usize) -> Result<Vec<(u64, String)>, SpoolError> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < self.end && found.len() < limit && self.waiting > 0 {
            let Some((state, entry, next)) = self.read(at).map_err(|_| SpoolError::Disk)? else {
                break;
            };
            if state == WAITING {
                found.push((self.token(at), String::from_utf8(entry).map_err(|_| SpoolError::Disk)?));
            }
            at = next;
        }
        Ok(found)
    }

    /// The low half is the place in the file, which is smaller than that by far.
    const fn token(&self, at: u64) -> u64 {
        (self.round << 32) | at
    }

    fn remove(&mut self, token: u64) -> Result<(), SpoolError> {
        let at = token & u64::from(u32::MAX);
        if token != self.token(at) {
            return Ok(());
        }
        match self.read(at).map_err(|_| SpoolError::Disk)? {
            Some((WAITING, _, _)) => {}
            Some(_) | None => return Ok(()),
        }
        let write = |disk: &mut Self| -> std::io::Result<()> {
            disk.file.seek(SeekFrom::Start(at + 4))?;
            disk.file.write_all(&[APPLIED])?;
            disk.file.sync_data()
        };
        write(self).map_err(|_| SpoolError::Disk)?;
        self.waiting = self.waiting.saturating_sub(1);
        if self.waiting == 0 {
            self.end = 0;
            self.round += 1;
        }
        Ok(())
    }
}

/// The checksum covers the position too: an entry left over from an older round does not fit anywhere else.
fn checksum(at: u64, entry: &[u8]) -> [u8; 8] {
    let mut hash = Sha256::new();
    hash.update(at.to_le_bytes());
    hash.update(entry);
    let digest: [u8; 32] = hash.finalize().into();
    let mut sum = [0; 8];
    for (to, from) in sum.iter_mut().zip(digest) {
        *to = from;
    }
    sum
}

#[cfg(test)]
mod tests {
    use mccc_test::process::Folder;

    use super::*;

    fn disk(purpose: &str) -> (Disk, Folder) {
        let folder = Folder::new(std::env::current_exe().unwrap(), purpose).unwrap();
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(folder.path().join("spool"))
            .unwrap();
        let disk = Disk {
            file,
            end: 0,
            waiting: 0,
            round: 0,
        };
        (disk, folder)
    }

    #[test]
    fn a_second_replay_never_forgets_the_entry_that_took_the_place_of_its_own() {
        let (mut disk, _folder) = disk("spool-tokens");
        disk.append(b"first").unwrap();
        let (token, _) = disk.pending(8).unwrap().remove(0);
        // Both replays have read the entry; one forgets it, the file starts over, another entry takes its place.
        disk.remove(token).unwrap();
        disk.append(b"other").unwrap();
        disk.remove(token).unwrap();
        let left = disk.pending(8).unwrap();
        assert_eq!(
            left.iter().map(|(_, entry)| entry.as_str()).collect::<Vec<_>>(),
            ["other"]
        );
        disk.remove(left[0].0).unwrap();
        assert!(disk.pending(8).unwrap().is_empty());
    }

    #[test]
    fn what_waits_is_found_again_after_a_restart() {
        let (mut disk, _folder) = disk("spool-restart");
        disk.append(b"done").unwrap();
        disk.append(b"waits").unwrap();
        let (token, _) = disk.pending(8).unwrap().remove(0);
        disk.remove(token).unwrap();
        let mut again = Disk {
            file: disk.file.try_clone().unwrap(),
            end: 0,
            waiting: 0,
            round: 0,
        };
        again.scan().unwrap();
        let left = again.pending(8).unwrap();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].1, "waits");
    }
}
