//! Who owns a number: cached by version, never by time.
//!
//! A cached owner may be old. That is found out by the commit, whose settings guard compares the version in the
//! database: a saved schedule therefore governs every call that arrives after the save was acknowledged, on every node,
//! without a read before each call.

use std::fmt;
use std::sync::Arc;

use moka::sync::Cache;

use super::CommandCenter;
use super::unknown::UnknownNumbers;
use crate::business::Owner;
use crate::port::store::StoreError;
use crate::{BusinessId, PhoneNumber};

/// Most owners kept in memory; one is a few kilobytes.
const CAPACITY: u64 = 20_000;

/// What was last known of a number's owner, on a local disk, sealed. Used only while the database is away.
pub trait LastKnown: fmt::Debug + Send + Sync + 'static {
    /// The owner of a number of ours, if it was ever known here.
    fn get(&self, dialled: &PhoneNumber) -> Option<Arc<Owner>>;
    /// Remembers an owner for all of its numbers. Must not block on a slow disk.
    fn put(&self, owner: &Arc<Owner>);
}

#[derive(Debug)]
pub(super) struct Directory {
    by_number: Cache<PhoneNumber, Arc<Owner>>,
    unknown: UnknownNumbers,
}

impl Default for Directory {
    fn default() -> Self {
        Self {
            by_number: Cache::new(CAPACITY),
            unknown: UnknownNumbers::default(),
        }
    }
}

impl Directory {
    /// To be said after every commit that gives a number an owner.
    pub(super) fn numbers_have_moved(&self) {
        self.unknown.numbers_have_moved();
    }
}

impl CommandCenter {
    /// The owner of a number of ours, perhaps at an old version: the commit's guard finds that out.
    pub(super) async fn owner_of(&self, dialled: &PhoneNumber) -> Result<Option<Arc<Owner>>, StoreError> {
        if let Some(owner) = self.directory.by_number.get(dialled) {
            return Ok(Some(owner));
        }
        let (unknown, now) = (&self.directory.unknown, self.now());
        if unknown.holds(dialled, now) {
            return Ok(None);
        }
        let asked = unknown.moves();
        let Some(owner) = self.store().owner_of(dialled).await? else {
            unknown.put(*dialled, now, asked);
            return Ok(None);
        };
        self.learn(&owner);
        Ok(Some(owner))
    }

    /// What is known of a number's owner without asking the database.
    pub(super) fn remembered_owner(&self, dialled: &PhoneNumber) -> Option<Arc<Owner>> {
        if let Some(owner) = self.directory.by_number.get(dialled) {
            return Some(owner);
        }
        let owner = self.ports.last_known.get(dialled)?;
        // Found once, the database is not asked for it again before each answer: with the database away that would
        // cost every caller the whole deadline. An old version is found out by the commit, as ever.
        self.directory.by_number.insert(*dialled, Arc::clone(&owner));
        Some(owner)
    }

    /// A business at its present version.
    pub(super) async fn owner(&self, business: BusinessId) -> Result<Arc<Owner>, super::CenterError> {
        let owner = self
            .store()
            .owner(business)
            .await?
            .ok_or(super::CenterError::NotFound)?;
        self.learn(&owner);
        Ok(owner)
    }

    /// Drops what is cached for a number: its owner's settings were found to be newer.
    pub(super) fn forget(&self, dialled: &PhoneNumber) {
        self.directory.by_number.invalidate(dialled);
    }

    /// The account that a webhook about `dialled` must come from, and its owner. For the host's signature check; reads
    /// the cache and then the database.
    ///
    /// # Errors
    /// When the database cannot be asked and nothing is remembered.
    pub async fn number_owner(&self, dialled: &PhoneNumber) -> Result<Option<Arc<Owner>>, StoreError> {
        match self.within(self.limits.answer, self.owner_of(dialled)).await {
            Some(Ok(owner)) => Ok(owner),
            Some(Err(error)) => self.remembered_owner(dialled).map(Some).ok_or(error),
            None => self
                .remembered_owner(dialled)
                .map(Some)
                .ok_or_else(|| StoreError::unavailable("no answer within the deadline")),
        }
    }

    fn learn(&self, owner: &Arc<Owner>) {
        for line in &owner.lines {
            self.directory.by_number.insert(line.number, Arc::clone(owner));
        }
        self.ports.last_known.put(owner);
    }
}
