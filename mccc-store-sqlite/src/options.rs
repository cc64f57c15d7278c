//! How the file is opened.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use mccc_core::compliance::ledger::LedgerKey;
use mccc_core::port::Clock;

/// How hard a commit is flushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Synchronous {
    /// Every commit is on disk when it is answered. The only choice for real use.
    #[default]
    Full,
    /// A power cut may take the last commits. For measurements.
    Normal,
}

/// How the file is opened. The clock and the ledger's key have no default.
#[derive(Clone)]
pub struct Options {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ledger_key: LedgerKey,
    pub(crate) synchronous: Synchronous,
    pub(crate) busy_timeout: Duration,
    pub(crate) readers: u32,
    pub(crate) group_limit: usize,
    pub(crate) page_limit: Option<u32>,
}

impl Options {
    /// The usual options: flushed commits, up to 64 of them in one transaction, four readers, five seconds of
    /// patience with other processes that write.
    ///
    /// `clock` decides when leases and send claims expire. `ledger_key` seals the consent ledger; it must stay the same
    /// for the life of the file.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, ledger_key: LedgerKey) -> Self {
        Self {
            clock,
            ledger_key,
            synchronous: Synchronous::Full,
            busy_timeout: Duration::from_secs(5),
            readers: 4,
            group_limit: 64,
            page_limit: None,
        }
    }

    /// Sets how hard commits are flushed.
    #[must_use]
    pub fn synchronous(mut self, synchronous: Synchronous) -> Self {
        self.synchronous = synchronous;
        self
    }

    /// Sets how long a statement waits for another process's lock before the store counts as unavailable.
    #[must_use]
    pub fn busy_timeout(mut self, patience: Duration) -> Self {
        self.busy_timeout = patience;
        self
    }

    /// Sets how many reading connections there are, at least one.
    #[must_use]
    pub fn readers(mut self, readers: u32) -> Self {
        self.readers = readers.max(1);
        self
    }

    /// Sets how many commits may share a transaction, at least one; one switches sharing off.
    #[must_use]
    pub fn group_limit(mut self, limit: usize) -> Self {
        self.group_limit = limit.max(1);
        self
    }

    /// Keeps the file from growing past this many pages of 4 KiB: the store is then unavailable for writing, as it is
    /// on a full disk, instead of filling the disk that other programs need.
    #[must_use]
    pub fn page_limit(mut self, pages: u32) -> Self {
        self.page_limit = Some(pages);
        self
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("synchronous", &self.synchronous)
            .field("busy_timeout", &self.busy_timeout)
            .field("readers", &self.readers)
            .field("group_limit", &self.group_limit)
            .finish_non_exhaustive()
    }
}
