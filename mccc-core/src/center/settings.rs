//! Businesses and their settings.

use std::sync::Arc;

use super::{CenterError, CommandCenter};
use crate::business::{OwnedLine, Owner, Settings, SettingsError};
use crate::messages::Templates;
use crate::port::id_bytes;
use crate::port::store::{Change, Commit, CommitError, Conflict, FeedEvent, FeedKind};
use crate::{BusinessId, PhoneNumber};

impl CommandCenter {
    /// Creates a business with its numbers, all or nothing.
    ///
    /// # Errors
    /// When the settings do not validate or a number belongs to another business.
    pub async fn create_business(
        &self,
        id: Option<BusinessId>,
        settings: Settings,
        lines: Vec<OwnedLine>,
    ) -> Result<Arc<Owner>, CenterError> {
        settings.compile()?;
        texts_can_be_filled(&settings.templates, &Templates::default())?;
        is_own_sender(&settings, &lines)?;
        let now = self.now();
        let business = id.unwrap_or_else(|| BusinessId::from_entropy(now, id_bytes(&*self.ports.entropy)));
        let mut commit = Commit::new(business, now);
        commit.changes.push(Change::PutSettings {
            settings: Box::new(settings),
            expected: 0,
        });
        commit.changes.extend(lines.into_iter().map(Change::PutLine));
        commit.changes.push(saved(now, 1));
        self.commit(commit).await?;
        self.owner(business).await
    }

    /// Saves settings over the version that was read. They govern every call that arrives after this returns. What is
    /// returned is read after the save: where somebody else saved in between, it is theirs, with their version.
    ///
    /// # Errors
    /// [`CenterError::Stale`] when somebody saved in between; the settings' own mistakes.
    pub async fn save_settings(
        &self,
        business: BusinessId,
        mut settings: Settings,
        expected: u64,
    ) -> Result<Arc<Owner>, CenterError> {
        let now = self.now();
        let saved_before = self.owner(business).await?;
        // Of two rules alike the one that was changed last decides, whatever way it was changed.
        settings.schedule = settings.schedule.stamped(&saved_before.settings.schedule, now);
        settings.compile()?;
        texts_can_be_filled(&settings.templates, &saved_before.settings.templates)?;
        if settings.texting.sender != saved_before.settings.texting.sender {
            is_own_sender(&settings, &saved_before.lines)?;
        }
        // A new override for a day that is over would never match; one that was saved before may stay.
        let today = settings.profile.zone.to_local(now).day;
        let mistakes = settings.schedule.check_edit(&saved_before.settings.schedule, today);
        if !mistakes.is_empty() {
            return Err(SettingsError::Schedule(mistakes).into());
        }
        let mut commit = Commit::new(business, now);
        commit.changes.push(Change::PutSettings {
            settings: Box::new(settings),
            expected,
        });
        commit.changes.push(saved(now, expected.saturating_add(1)));
        self.commit(commit).await?;
        self.owner(business).await
    }

    /// Changes settings by a function of what is saved, as often as somebody else saves in between (at most three
    /// times).
    ///
    /// # Errors
    /// As [`CommandCenter::save_settings`].
    pub async fn change_settings(
        &self,
        business: BusinessId,
        change: impl Fn(&mut Settings) + Send + Sync,
    ) -> Result<Arc<Owner>, CenterError> {
        for _ in 0..super::TRIES {
            let owner = self.owner(business).await?;
            let mut settings = (*owner.settings).clone();
            change(&mut settings);
            match self.save_settings(business, settings, owner.version).await {
                Err(CenterError::Stale) => {}
                done => return done,
            }
        }
        Err(CenterError::Stale)
    }

    /// Gives a number of ours to a business.
    ///
    /// # Errors
    /// When it belongs to another one.
    pub async fn put_line(&self, business: BusinessId, line: OwnedLine) -> Result<Arc<Owner>, CenterError> {
        let mut commit = Commit::new(business, self.now());
        let number = line.number;
        commit.changes.push(Change::PutLine(line));
        match self.commit(commit).await {
            Ok(_) => {
                self.forget(&number);
                self.owner(business).await
            }
            Err(CommitError::Conflict(Conflict::NumberTaken)) => {
                Err(CenterError::Refused("the number already belongs to another business"))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Takes a number away from a business.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn remove_line(&self, business: BusinessId, number: PhoneNumber) -> Result<Arc<Owner>, CenterError> {
        let mut commit = Commit::new(business, self.now());
        commit.changes.push(Change::RemoveLine(number));
        self.commit(commit).await?;
        self.forget(&number);
        self.owner(business).await
    }

    /// A business at its present version.
    ///
    /// # Errors
    /// When it does not exist or the database cannot be asked.
    pub async fn business(&self, business: BusinessId) -> Result<Arc<Owner>, CenterError> {
        self.owner(business).await
    }
}

/// Texts go out from a number of the business alone: what is answered to another's number reaches that one.
fn is_own_sender(settings: &Settings, lines: &[OwnedLine]) -> Result<(), CenterError> {
    let sender = settings.texting.sender;
    if sender.is_none_or(|sender| lines.iter().any(|line| line.number == sender)) {
        return Ok(());
    }
    Err(CenterError::Refused(
        "texting.sender: texts can only be sent from a number that belongs to the business",
    ))
}

/// A text that is new or changed has only variables that are known when it is sent.
fn texts_can_be_filled(now: &Templates, before: &Templates) -> Result<(), SettingsError> {
    let problems = now.check_edit(before);
    if problems.is_empty() {
        Ok(())
    } else {
        Err(SettingsError::Templates(problems))
    }
}

pub(super) fn saved(at: crate::Timestamp, version: u64) -> Change {
    Change::Feed(FeedEvent {
        kind: FeedKind::SettingsSaved,
        at,
        call: None,
        conversation: None,
        message: None,
        data: serde_json::json!({ "version": version }),
    })
}
