//! One serving process per file.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Why the file cannot be had alone.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process serves it.
    #[error("another process already serves {}; stop it first, or give this one a database of its own", .0.display())]
    Held(PathBuf),
    /// The lock file beside it cannot be used.
    #[error("cannot lock {}", .0.display())]
    Io(PathBuf, #[source] io::Error),
}

/// The right to serve a database file. Given back when dropped, or when the process ends in any way.
#[derive(Debug)]
pub struct FileLock {
    file: File,
}

/// Takes the right to serve the database file at `path`, without waiting. The lock is advisory and sits on a sibling
/// named `<file>.lock`, so that command-line tools can still open the database.
///
/// # Errors
/// [`LockError::Held`] when another process has it, [`LockError::Io`] when the sibling cannot be created or locked.
pub fn lock_exclusive(path: &Path) -> Result<FileLock, LockError> {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(".lock");
    let sibling = PathBuf::from(name);
    let failed = |error| LockError::Io(path.to_owned(), error);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&sibling)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(FileLock { file }),
        Err(TryLockError::WouldBlock) => Err(LockError::Held(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Closing the descriptor gives the lock back even if this fails. The sibling stays: removing it would let two
        // processes lock two files of the same name.
        drop(self.file.unlock());
    }
}
