//! Connecting a calendar elsewhere, choosing among its calendars, and what follows when it does not let us in any more.

use std::sync::Arc;
use std::time::Duration;

use super::settings::saved;
use super::{CenterError, CommandCenter, TRIES};
use crate::business::{CalendarConnection, CalendarService, CalendarSettings, Owner, Settings};
use crate::jobs::Job;
use crate::port::store::{Change, Commit, CommitError, EventKey, FeedEvent, FeedKind, NewJob};
use crate::port::{ErrorKind, PortError};
use crate::tasks::{Task, TaskKind};
use crate::{BusinessId, JobId, TaskId, Timestamp};

/// News of a calendar that come within so many seconds lead to one look.
const NEWS_SECONDS: i64 = 3;

/// An account to be connected, once its owner has agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCalendar {
    /// The account.
    pub connection: CalendarConnection,
    /// The calendar that is booked from now on.
    pub booked: String,
    /// Further calendars whose events are in the way.
    pub conflicts: Vec<String>,
    /// What the owner agreed to, for the history.
    pub granted: Vec<String>,
    /// Field of the credential.
    pub field: &'static str,
    /// The credential, sealed.
    pub sealed: String,
}

/// Which connection that works a new one may take the place of. One that no longer lets us in may always be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replaces<'a> {
    /// None.
    Nothing,
    /// Whichever there is.
    Anything,
    /// This one, by its identifier, and no other that was made meanwhile.
    Connection(&'a str),
}

/// The calendars that are in the way once another one is booked: those of before, and the former one.
#[must_use]
pub fn with_former(before: &[String], former: Option<&str>, booked: &str) -> Vec<String> {
    let mut conflicts = before.to_vec();
    conflicts.extend(former.map(str::to_owned));
    conflicts.retain(|id| !id.is_empty() && id != booked);
    conflicts.sort_unstable();
    conflicts.dedup();
    conflicts
}

impl Replaces<'_> {
    fn allow(self, old: &CalendarConnection) -> bool {
        match self {
            Self::Nothing => false,
            Self::Anything => true,
            Self::Connection(id) => old.id == id,
        }
    }
}

impl CommandCenter {
    /// Connects a calendar and follows it from now on. Over a connection that works only where `replaces` says so.
    /// Returns the business and the connection that was replaced.
    ///
    /// # Errors
    /// [`CenterError::Refused`] when there is a connection that is not to be replaced.
    pub async fn connect_calendar(
        &self,
        business: BusinessId,
        new: &NewCalendar,
        replaces: Replaces<'_>,
    ) -> Result<(Arc<Owner>, Option<CalendarConnection>), CenterError> {
        let mut before = None;
        let owner = self
            .save_calendar(business, |owner, now| {
                let old = owner.settings.calendar.connection.clone();
                let works = old.as_ref().filter(|old| old.reconnect_since.is_none());
                if works.is_some_and(|old| !replaces.allow(old)) {
                    return Err(CenterError::Refused(
                        "a calendar is connected already; say that it is to be replaced",
                    ));
                }
                let calendar = CalendarSettings {
                    booked: new.booked.clone(),
                    conflicts: new.conflicts.clone(),
                    connection: Some(new.connection.clone()),
                    ..owner.settings.calendar.clone()
                };
                let mut changes = vec![
                    Change::PutSecret {
                        field: new.field.to_owned(),
                        sealed: new.sealed.clone(),
                    },
                    connected(&new.connection, &new.booked, &new.granted, now),
                    sync_job(&new.connection.id, true, now, "connected"),
                ];
                changes.extend(old.as_ref().and_then(reconnected));
                before = old;
                Ok((calendar, changes))
            })
            .await?;
        Ok((owner, before))
    }

    /// Chooses which calendar of the connected account is booked, and which others are in the way.
    ///
    /// # Errors
    /// [`CenterError::Stale`] when the connection is another one by now.
    pub async fn choose_calendar(
        &self,
        business: BusinessId,
        connection: &str,
        (booked, name): (&str, &str),
        conflicts: &[String],
    ) -> Result<Arc<Owner>, CenterError> {
        self.book_calendar(business, connection, (booked, name), |_| conflicts.to_vec())
            .await
    }

    /// Books a calendar; `conflicts` says which others are in the way, from how it is when it is saved.
    async fn book_calendar(
        &self,
        business: BusinessId,
        connection: &str,
        (booked, name): (&str, &str),
        conflicts: impl Fn(&CalendarSettings) -> Vec<String> + Send + Sync,
    ) -> Result<Arc<Owner>, CenterError> {
        self.save_calendar(business, |owner, now| {
            let current = owner.settings.calendar.connection.as_ref();
            let current = current
                .filter(|current| current.id == connection)
                .ok_or(CenterError::Stale)?;
            let chosen = CalendarConnection {
                calendar_name: name.to_owned(),
                ..current.clone()
            };
            let changes = vec![
                connected(&chosen, booked, &[], now),
                sync_job(connection, false, now, booked),
            ];
            let calendar = CalendarSettings {
                booked: booked.to_owned(),
                conflicts: conflicts(&owner.settings.calendar),
                connection: Some(chosen),
                ..owner.settings.calendar.clone()
            };
            Ok((calendar, changes))
        })
        .await
    }

    /// Books another calendar of the connected account; the one that was booked until now stays in the way.
    ///
    /// # Errors
    /// [`CenterError::Stale`] when the connection is another one by now.
    pub async fn book_beside(
        &self,
        business: BusinessId,
        connection: &str,
        booked: (&str, &str),
    ) -> Result<Arc<Owner>, CenterError> {
        self.book_calendar(business, connection, booked, |before| {
            with_former(&before.conflicts, Some(&before.booked), booked.0)
        })
        .await
    }

    /// Disconnects the calendar: its credential is forgotten, and the business's own appointments are its calendar again.
    /// Returns what was connected.
    ///
    /// # Errors
    /// When the business does not exist or the database is away.
    pub async fn disconnect_calendar(
        &self,
        business: BusinessId,
        field: &'static str,
    ) -> Result<Option<CalendarConnection>, CenterError> {
        let mut before = None;
        self.save_calendar(business, |owner, now| {
            let old = owner.settings.calendar.connection.clone();
            let calendar = CalendarSettings {
                booked: String::new(),
                conflicts: Vec::new(),
                connection: None,
                ..owner.settings.calendar.clone()
            };
            let mut changes = vec![Change::PutSecret {
                field: field.to_owned(),
                sealed: String::new(),
            }];
            if let Some(old) = &old {
                changes.push(entry(
                    FeedKind::CalendarDisconnected,
                    now,
                    serde_json::json!({ "service": old.service }),
                ));
                changes.extend(reconnected(old));
            }
            before = old;
            Ok((calendar, changes))
        })
        .await?;
        Ok(before)
    }

    /// Keeps something sealed of a business, such as an attempt to connect.
    ///
    /// # Errors
    /// When the business does not exist or the database is away.
    pub async fn keep_secret(&self, business: BusinessId, field: &str, sealed: String) -> Result<(), CenterError> {
        let mut commit = Commit::new(business, self.now());
        commit.changes.push(Change::PutSecret {
            field: field.to_owned(),
            sealed,
        });
        self.commit(commit).await?;
        Ok(())
    }

    /// Uses something up that works once: `false` when it was used before, by this process or another.
    ///
    /// # Errors
    /// When the business does not exist or the database is away.
    pub async fn use_once(&self, business: BusinessId, key: String, field: &str) -> Result<bool, CenterError> {
        let mut commit = Commit::new(business, self.now());
        commit.event = Some(EventKey { key, reply: None });
        commit.changes.push(Change::PutSecret {
            field: field.to_owned(),
            sealed: String::new(),
        });
        match self.commit(commit).await {
            Ok(_) => Ok(true),
            Err(CommitError::Conflict(crate::port::store::Conflict::AlreadyProcessed { .. })) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Somebody who could prove it says that the calendar of a business has changed: looks again soon. What else the
    /// news say is not believed.
    ///
    /// # Errors
    /// When the database is away; the news come again then.
    pub async fn calendar_news(&self, business: BusinessId) -> Result<(), CenterError> {
        let owner = match self.owner(business).await {
            Err(CenterError::NotFound) => return Ok(()),
            owner => owner?,
        };
        let Some(connection) = usable(&owner) else {
            return Ok(());
        };
        let now = self.now();
        // What has changed in this stretch of time is seen by the look at its end, however many news of it there are.
        let end = (now.as_seconds().div_euclid(NEWS_SECONDS) + 1) * NEWS_SECONDS;
        let mut commit = Commit::new(business, now);
        let at = Timestamp::from_seconds(end);
        commit.changes.push(sync_job(&connection.id, false, at, "news"));
        self.commit(commit).await?;
        Ok(())
    }

    /// Takes note of a calendar that does not let us in any more: bookings are refused with the reason, and a person is
    /// told to connect it again. Other failures pass.
    pub(super) async fn note_calendar(&self, owner: &Owner, error: &PortError) {
        if error.kind() != ErrorKind::ReconnectRequired || usable(owner).is_none() {
            return;
        }
        let refused = owner.settings.calendar.connection.as_ref().map(|one| one.id.clone());
        let noted = self
            .save_calendar(owner.business, |owner, now| {
                let connection = usable(owner).filter(|one| Some(&one.id) == refused.as_ref());
                let after = connection
                    .map(|one| CalendarConnection {
                        reconnect_since: Some(now),
                        ..one.clone()
                    })
                    // Somebody was faster, or it is another connection by now.
                    .ok_or(CenterError::NotFound)?;
                let sentence = error.reason().unwrap_or(
                    "Your calendar no longer lets us in. Connect it again so that appointments can be booked.",
                );
                let changes = vec![
                    Change::RaiseTask(Task {
                        id: reconnect_task(&after),
                        business: owner.business,
                        kind: TaskKind::CalendarReconnect,
                        phone: None,
                        call: None,
                        conversation: None,
                        message: None,
                        sentence: sentence.to_owned(),
                        raised_at: now,
                        due_at: None,
                        done_at: None,
                        done_by: None,
                    }),
                    entry(
                        FeedKind::TaskRaised,
                        now,
                        serde_json::json!({ "kind": TaskKind::CalendarReconnect }),
                    ),
                    entry(
                        FeedKind::CalendarRefused,
                        now,
                        serde_json::json!({ "service": after.service }),
                    ),
                ];
                let calendar = CalendarSettings {
                    connection: Some(after),
                    ..owner.settings.calendar.clone()
                };
                Ok((calendar, changes))
            })
            .await;
        match noted {
            Ok(_) => tracing::warn!(business = %owner.business, "the calendar has to be connected again"),
            Err(CenterError::NotFound) => {}
            Err(error) => {
                tracing::warn!(%error, "a calendar that refuses us could not be noted; it is with its next use")
            }
        }
    }

    /// Saves the settings of the calendar with whatever belongs to the same commit, as often as somebody else saves in
    /// between (at most three times more).
    pub(super) async fn save_calendar(
        &self,
        business: BusinessId,
        mut change: impl FnMut(&Owner, Timestamp) -> Result<(CalendarSettings, Vec<Change>), CenterError> + Send,
    ) -> Result<Arc<Owner>, CenterError> {
        for _ in 0..=TRIES {
            let owner = self.owner(business).await?;
            let now = self.now();
            let (calendar, changes) = change(&owner, now)?;
            let settings = Settings {
                calendar,
                ..(*owner.settings).clone()
            };
            settings.compile()?;
            let mut commit = Commit::new(business, now);
            commit.changes.push(Change::PutSettings {
                settings: Box::new(settings),
                expected: owner.version,
            });
            commit.changes.push(saved(now, owner.version.saturating_add(1)));
            commit.changes.extend(changes);
            match self.commit(commit).await.map_err(CenterError::from) {
                Ok(_) => return self.owner(business).await,
                // What was read is not what is stored any more: look again.
                Err(CenterError::Stale | CenterError::AnswerLost) => {}
                Err(error) => return Err(error),
            }
        }
        Err(CenterError::Stale)
    }
}

/// The connection, while the service lets us in.
pub(super) fn usable(owner: &Owner) -> Option<&CalendarConnection> {
    let connection = owner.settings.calendar.active();
    connection.filter(|connection| connection.reconnect_since.is_none())
}

/// A look at what changed. `poll` is the one that comes again by itself.
pub(super) fn sync_job(connection: &str, poll: bool, run_at: Timestamp, why: &str) -> Change {
    let dedupe = if poll {
        format!("poll/{connection}")
    } else {
        format!("{why}/{connection}/{}", run_at.as_seconds())
    };
    Change::Enqueue(NewJob {
        id: JobId::derive(run_at, &format!("sync_calendar/{dedupe}/{}", run_at.as_micros())),
        job: Job::SyncCalendar {
            connection: connection.to_owned(),
            poll,
        },
        subject: None,
        run_at,
        dedupe,
    })
}

pub(super) fn entry(kind: FeedKind, at: Timestamp, data: serde_json::Value) -> Change {
    Change::Feed(FeedEvent {
        kind,
        at,
        call: None,
        conversation: None,
        message: None,
        data,
    })
}

fn connected(connection: &CalendarConnection, booked: &str, granted: &[String], now: Timestamp) -> Change {
    let account = match connection.service {
        CalendarService::Google => "google_account_email",
        CalendarService::Calcom => "calcom_account",
    };
    entry(
        FeedKind::CalendarConnected,
        now,
        serde_json::json!({
            "service": connection.service, account: connection.account, "calendar_id": booked,
            "calendar_name": connection.calendar_name, "scopes_granted": granted,
        }),
    )
}

fn reconnect_task(connection: &CalendarConnection) -> TaskId {
    TaskId::derive(
        connection.connected_at,
        &format!("calendar_reconnect/{}", connection.id),
    )
}

/// The task to connect again is done when there was one.
fn reconnected(old: &CalendarConnection) -> Option<Change> {
    old.reconnect_since.map(|_| Change::FinishTask {
        task: reconnect_task(old),
        by: None,
    })
}

/// How long from one look to the next, where nobody tells of changes or where somebody does.
pub(super) const fn poll_wait(told: bool) -> (Duration, u64) {
    if told {
        // "Not guaranteed": a look every quarter of an hour at the latest.
        (Duration::from_secs(12 * 60), 180)
    } else {
        (Duration::from_secs(5 * 60), 60)
    }
}
