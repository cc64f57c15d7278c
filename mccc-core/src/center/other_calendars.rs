//! Calendars that are only read, each under an address of its own: connecting and disconnecting them, and looking again.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::calendars::entry;
use super::chores::moment_of;
use super::{CenterError, CommandCenter};
use crate::business::calendar_copy::request;
use crate::business::{CalendarCopy, CalendarSettings, OtherCalendar, Owner};
use crate::jobs::Job;
use crate::port::store::{Change, ClaimedJob, Commit, CommitError, Conflict, FeedKind, JobResult, NewJob, Stale};
use crate::port::{Busy, BusyEntry, CopyAnswer, CopyRequest, ErrorKind, PortError, Retry, Validators};
use crate::slots::moment;
use crate::tasks::{Task, TaskKind};
use crate::{AppointmentId, BusinessId, JobId, TaskId, Timestamp};

/// How many a business may have.
pub const MOST_OTHERS: usize = 10;
/// From one look to the next, and after one that failed.
const AGAIN: Duration = Duration::from_secs(13 * 60);
const AFTER_FAILURE: Duration = Duration::from_secs(4 * 60);
/// Looks are spread over so many seconds, so that not all businesses look at once.
const SPREAD: u64 = 120;
/// The longest wait that whoever keeps a calendar may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);
/// How long a look may take, within the lease of its job.
const READ_WAIT: Duration = Duration::from_secs(15);

/// A calendar to be connected, once it was read.
#[derive(Debug, Clone)]
pub struct NewOther {
    /// The calendar.
    pub calendar: OtherCalendar,
    /// Its address, sealed.
    pub sealed: String,
    /// What was asked.
    pub request: CopyRequest,
    /// What was read.
    pub read: (Busy, Validators),
}

impl CommandCenter {
    /// What a first look at a calendar asks for.
    #[must_use]
    pub fn first_look(&self, owner: &Owner) -> CopyRequest {
        request(owner, None, self.now())
    }

    /// What was last read of the calendars that are only read.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn calendar_copies(&self, business: BusinessId) -> Result<Vec<CalendarCopy>, CenterError> {
        Ok(self.store().calendar_copies(business).await?)
    }

    /// Connects a calendar that was read, and reads it again from now on.
    ///
    /// # Errors
    /// [`CenterError::Refused`] when there are as many as there may be.
    pub async fn connect_other(&self, business: BusinessId, new: NewOther) -> Result<Arc<Owner>, CenterError> {
        let NewOther {
            calendar,
            sealed,
            request,
            read: (busy, known),
        } = new;
        let busy = self.without_ours(business, busy).await?;
        self.save_calendar(business, |owner, now| {
            let mut others = owner.settings.calendar.others.clone();
            if others.len() >= MOST_OTHERS {
                return Err(CenterError::Refused(
                    "there are 10 other calendars already; disconnect one first",
                ));
            }
            others.push(calendar.clone());
            let read = (busy.clone(), known.clone());
            let copy = CalendarCopy::made(&calendar.id, None, &request, read, now);
            let changes = vec![
                Change::PutSecret {
                    field: calendar.secret_field(),
                    sealed: sealed.clone(),
                },
                Change::PutCalendarCopy(Box::new(copy)),
                look(&calendar.id, now.plus(wait(owner, now, AGAIN))),
                entry(FeedKind::CalendarConnected, now, about(&calendar)),
            ];
            let calendar = CalendarSettings {
                others,
                ..owner.settings.calendar.clone()
            };
            Ok((calendar, changes))
        })
        .await
    }

    /// Disconnects a calendar: its address and what was read of it are forgotten.
    ///
    /// # Errors
    /// [`CenterError::NotFound`] when there is none of this identifier.
    pub async fn disconnect_other(&self, business: BusinessId, id: &str) -> Result<Arc<Owner>, CenterError> {
        let copies = self.store().calendar_copies(business).await?;
        let copy = copies.iter().find(|copy| copy.calendar == id);
        let done = self.done_with(business, copy).await?;
        self.save_calendar(business, |owner, now| {
            let gone = owner.settings.calendar.other(id).ok_or(CenterError::NotFound)?;
            let mut others = owner.settings.calendar.others.clone();
            others.retain(|other| other.id != id);
            let mut changes = vec![
                Change::PutSecret {
                    field: gone.secret_field(),
                    sealed: String::new(),
                },
                Change::DropCalendarCopy {
                    calendar: id.to_owned(),
                },
                entry(FeedKind::CalendarDisconnected, now, about(gone)),
            ];
            changes.extend(done.clone());
            let calendar = CalendarSettings {
                others,
                ..owner.settings.calendar.clone()
            };
            Ok((calendar, changes))
        })
        .await
    }

    /// Reads a calendar, and comes back for it as long as it is connected.
    pub(super) async fn read_calendar(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        id: &str,
    ) -> Result<(), CenterError> {
        let Some(calendar) = owner.settings.calendar.other(id) else {
            return self.finish(job, JobResult::Done).await;
        };
        let (mut commit, wanted) = self.look_again(owner, calendar).await?;
        let result = JobResult::Again {
            at: commit.at.plus(wait(owner, commit.at, wanted)),
            job: None,
            fresh: true,
        };
        commit.job = Some((job.fence, result.clone()));
        match self.commit(commit).await {
            Ok(_) => Ok(()),
            // Another look was faster, or it was disconnected meanwhile, which the next look finds.
            Err(CommitError::Conflict(Conflict::Stale(Stale::CalendarCopy))) => self.finish(job, result).await,
            Err(error) => Err(error.into()),
        }
    }

    /// Reads a calendar now, for somebody who has just mended something. What came of it is in its copy.
    ///
    /// # Errors
    /// [`CenterError::NotFound`] when there is none of this identifier, or the database is away. A calendar that cannot be
    /// read is no error here.
    pub async fn read_other_now(&self, business: BusinessId, id: &str) -> Result<(), CenterError> {
        let owner = self.owner(business).await?;
        let calendar = owner.settings.calendar.other(id).ok_or(CenterError::NotFound)?;
        let (commit, _) = self.look_again(&owner, calendar).await?;
        match self.commit(commit).await {
            Ok(_) | Err(CommitError::Conflict(Conflict::Stale(Stale::CalendarCopy))) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Looks at a calendar: what is to be kept of it, and how long to wait before the next look.
    async fn look_again(
        &self,
        owner: &Arc<Owner>,
        calendar: &OtherCalendar,
    ) -> Result<(Commit, Duration), CenterError> {
        let copies = self.store().calendar_copies(owner.business).await?;
        let before = copies.iter().find(|copy| copy.calendar == calendar.id);
        let request = request(owner, before, self.now());
        let looking = self.ports.providers.other_calendar(owner, calendar, &request);
        let answer = self.within(READ_WAIT, looking).await.unwrap_or_else(|| {
            let late = PortError::new("center", "other_calendar", ErrorKind::Unavailable, Retry::Backoff);
            Err(late.with_reason("The calendar did not answer in time."))
        });
        let (after, wanted) = match (answer, before) {
            (Ok(CopyAnswer::Read(busy, known)), _) => {
                let busy = self.without_ours(owner.business, busy).await?;
                let copy = CalendarCopy::made(&calendar.id, before, &request, (busy, known), self.now());
                (Some(copy), AGAIN)
            }
            (Ok(CopyAnswer::Unchanged), Some(before)) => (Some(before.confirmed(self.now())), AGAIN),
            // There is nothing that could be unchanged: the next look asks for the whole.
            (Ok(CopyAnswer::Unchanged), None) => (None, AFTER_FAILURE),
            (Err(error), before) => {
                tracing::warn!(business = %owner.business, %error, "a calendar that is only read could not be read");
                let sentence = error.reason().unwrap_or("The calendar could not be read.");
                let wanted = match error.retry() {
                    Retry::After(asked) => asked.clamp(AFTER_FAILURE, LONGEST_WAIT),
                    Retry::Never | Retry::Backoff | Retry::Unknown => AFTER_FAILURE,
                };
                (before.map(|before| before.failed(sentence, self.now())), wanted)
            }
        };
        let mut commit = Commit::new(owner.business, self.now());
        if let Some(after) = after {
            if after.trouble.is_none() {
                commit.changes.extend(self.done_with(owner.business, before).await?);
            }
            commit.changes.extend(news(owner, calendar, before, &after, commit.at));
            commit.changes.push(Change::PutCalendarCopy(Box::new(after)));
        }
        Ok((commit, wanted))
    }

    /// Ends the task of a calendar that failed, where a person was told and the task is still kept.
    async fn done_with(
        &self,
        business: BusinessId,
        before: Option<&CalendarCopy>,
    ) -> Result<Option<Change>, CenterError> {
        let told = before.and_then(|before| Some((before, before.trouble.as_ref().filter(|trouble| trouble.told)?)));
        let Some((before, trouble)) = told else {
            return Ok(None);
        };
        let task = task_of(before, trouble.since);
        let kept = self.store().task(business, task).await?;
        Ok(kept.map(|_| Change::FinishTask { task, by: None }))
    }

    /// What is left once our own appointments are taken out: they count already, and where they stand now. Only those of
    /// this very business are ours; another one of the installation may be worked in by the same people.
    async fn without_ours(&self, business: BusinessId, mut busy: Busy) -> Result<Busy, CenterError> {
        let named = |entry: &BusyEntry| entry.appointment;
        let mut ours: BTreeSet<AppointmentId> = busy.entries.iter().chain(&busy.free_days).filter_map(named).collect();
        for id in ours.clone() {
            if self.store().appointment(business, id).await?.is_none() {
                ours.remove(&id);
            }
        }
        let foreign = |entry: &BusyEntry| entry.appointment.is_none_or(|id| !ours.contains(&id));
        busy.entries.retain(foreign);
        busy.free_days.retain(foreign);
        Ok(busy)
    }
}

/// A look that comes again by itself.
fn look(calendar: &str, at: Timestamp) -> Change {
    let dedupe = format!("read/{calendar}");
    Change::Enqueue(NewJob {
        id: JobId::derive(at, &format!("read_calendar/{calendar}")),
        job: Job::ReadCalendar {
            calendar: calendar.to_owned(),
        },
        subject: None,
        run_at: at,
        dedupe,
    })
}

fn wait(owner: &Owner, now: Timestamp, wanted: Duration) -> Duration {
    let period = i64::try_from(SPREAD).unwrap_or(60);
    let jitter = (moment_of(owner.business, period) + now.as_micros().unsigned_abs() % SPREAD) % SPREAD;
    wanted + Duration::from_secs(jitter)
}

fn about(calendar: &OtherCalendar) -> serde_json::Value {
    serde_json::json!({ "service": "address", "calendar_id": calendar.id, "calendar_name": calendar.name })
}

/// The task of a calendar that has failed since then.
fn task_of(copy: &CalendarCopy, since: Timestamp) -> TaskId {
    TaskId::derive(since, &format!("calendar_unread/{}", copy.calendar))
}

/// What a person is told once a calendar has failed for a while.
fn news(
    owner: &Owner,
    calendar: &OtherCalendar,
    before: Option<&CalendarCopy>,
    after: &CalendarCopy,
    now: Timestamp,
) -> Vec<Change> {
    let told = before
        .and_then(|before| before.trouble.as_ref())
        .is_some_and(|one| one.told);
    let Some(trouble) = after.trouble.as_ref().filter(|trouble| trouble.told && !told) else {
        return Vec::new();
    };
    let say = |at| moment(owner.zone(), at);
    let sentence = format!(
        "Your calendar \u{201c}{}\u{201d} could not be read since {}. {} What was read before counts until {}; after \
         that nothing is booked until it can be read again or is disconnected.",
        calendar.name,
        say(after.read_at),
        trouble.sentence,
        say(after.counts_until()),
    );
    vec![
        Change::RaiseTask(Task {
            id: task_of(after, trouble.since),
            business: owner.business,
            kind: TaskKind::CalendarReconnect,
            phone: None,
            call: None,
            conversation: None,
            message: None,
            sentence,
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
    ]
}
