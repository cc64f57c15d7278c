//! Moving an appointment: both times stay closed until the calendar has moved the event.

use std::sync::Arc;

use super::asking::{unusable, whose};
use super::events::{event_key, event_there, written};
use super::{BookAnswer, Calendar, Written};
use crate::appointments::{
    Appointment, Diary, Refusal, Seen, abandon_move, begin_move, finish_move, follow, reach, renew_event, request_move,
    where_it_is,
};
use crate::business::Owner;
use crate::center::{CenterError, CommandCenter, TRIES};
use crate::port::store::{ClaimedJob, Commit, CommitError, Conflict, JobResult};
use crate::port::{ErrorKind, EventLookup, Retry, TimeRange, When};
use crate::{AppointmentId, BusinessId, Timestamp};

impl CommandCenter {
    /// Moves an appointment. Both times stay closed until the calendar has moved the event; when it does not, the
    /// appointment stays where it was. `by_hand` lets a person break the hours.
    ///
    /// # Errors
    /// When there is no such appointment that is still ahead, the database is away, or others were faster three times.
    pub async fn reschedule(
        &self,
        business: BusinessId,
        id: AppointmentId,
        to: Timestamp,
        by_hand: bool,
    ) -> Result<BookAnswer, CenterError> {
        for _ in 0..=TRIES {
            let owner = self.owner(business).await?;
            let row = self
                .store()
                .appointment(business, id)
                .await?
                .ok_or(CenterError::NotFound)?;
            if !row.status.is_ahead() {
                return Err(CenterError::Refused("this appointment is over or was called off"));
            }
            match row.moving_to {
                Some(moving) if moving == to => return self.carry_move_on(&owner, row, by_hand, None).await,
                Some(_) => {
                    return Err(CenterError::Refused(
                        "this appointment is being moved; try again in a minute",
                    ));
                }
                None if row.starts_at == to => return Ok(BookAnswer::Booked(Box::new(row))),
                None => {}
            }
            let calendar = match self.calendar(&owner).await {
                Ok(calendar) => calendar,
                Err(error) => return Ok(BookAnswer::Unreadable((&error).into())),
            };
            let now = self.now();
            let (from, until) = reach(&owner, now, Some(to));
            let bookings = self.store().bookings(business, from, until).await?;
            let diary = Diary {
                owner: &owner,
                bookings: &bookings,
                foreign: &[],
                now,
                whose: whose(&calendar),
            };
            let (moving, commit) = match begin_move(&diary, &row, to, by_hand) {
                Ok(moving) => moving,
                Err(Refusal::NotFree(against)) => return self.not_free(&owner, against).await,
                Err(Refusal::Settings(_)) => return Err(unusable()),
            };
            match self.commit(commit).await {
                Ok(_) => return self.carry_move_on(&owner, moving, by_hand, None).await,
                Err(CommitError::Conflict(Conflict::SlotTaken | Conflict::DayFull | Conflict::Stale(_)))
                | Err(CommitError::AnswerLost) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CenterError::Stale)
    }

    /// Looks after a move that did not come to its end.
    pub(in crate::center) async fn look_after_move(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        id: AppointmentId,
    ) -> Result<(), CenterError> {
        match self.store().appointment(owner.business, id).await? {
            Some(row) if row.status.is_ahead() && row.moving_to.is_some() => {
                self.carry_move_on(owner, row, false, Some(job)).await.map(drop)
            }
            _ => self.finish(job, JobResult::Done).await,
        }
    }

    async fn carry_move_on(
        &self,
        owner: &Arc<Owner>,
        mut row: Appointment,
        by_hand: bool,
        job: Option<&ClaimedJob>,
    ) -> Result<BookAnswer, CenterError> {
        for _ in 0..=TRIES {
            let Some(to) = row.moving_to.filter(|_| row.status.is_ahead()) else {
                return Ok(BookAnswer::Booked(Box::new(row)));
            };
            let (calendar, done) = match self.calendar(owner).await {
                Ok(calendar) => {
                    let done = self.write_move(owner, &row, to, &calendar).await?;
                    (calendar, done)
                }
                // An earlier try may have moved it.
                Err(error) => (None, Written::Unknown(error)),
            };
            let (answer, mut commit) = match done {
                Written::Yes(there) => {
                    let (event, when) = there.unzip();
                    let row = where_it_is(&row, when);
                    let (moved, commit) = finish_move(owner, &row, to, event, self.now());
                    (BookAnswer::Booked(Box::new(moved)), commit)
                }
                Written::Requested(_) if to <= self.now() => return self.move_back(owner, &row, &calendar, job).await,
                Written::Requested((event, _)) => {
                    let (requested, mut commit) = request_move(owner, &row, to, event, self.now());
                    commit.job = job.map(|job| (job.fence, self.ask_again()));
                    return self.leave_requested(requested, commit).await;
                }
                Written::Taken(against) => {
                    let (_, commit) = abandon_move(owner, &row, self.now());
                    let free = self.next_free(owner).await?;
                    (BookAnswer::NotFree { against, free }, commit)
                }
                Written::No(error) => {
                    let (_, commit) = abandon_move(owner, &row, self.now());
                    (BookAnswer::Unreadable((&error).into()), commit)
                }
                // Removing it called the appointment off, unless a person of the business now says otherwise.
                Written::Gone if !by_hand => return self.called_off_there(owner, row, job).await,
                Written::Gone | Written::Absent => {
                    let (renewed, commit) = renew_event(&row, self.now());
                    match self.commit(commit).await {
                        Ok(_) => row = renewed,
                        Err(CommitError::Conflict(Conflict::Stale(_))) | Err(CommitError::AnswerLost) => {
                            match self.store().appointment(owner.business, row.id).await? {
                                Some(stored) => row = stored,
                                None => return Err(CenterError::NotFound),
                            }
                        }
                        Err(error) => return Err(error.into()),
                    }
                    continue;
                }
                Written::Unknown(error) => {
                    tracing::info!(appointment = %row.id, kind = ?error.kind(), "whether an event was moved is not known");
                    // Both times stay closed; the job, which is queued already, looks again.
                    if let Some(job) = job {
                        let result = self.after_failure(job, Retry::Backoff);
                        self.finish(job, result).await?;
                    }
                    return Ok(BookAnswer::Pending(Box::new(row)));
                }
            };
            commit.job = job.map(|job| (job.fence, JobResult::Done));
            match self.commit(commit).await {
                Ok(_) => return Ok(answer),
                // The new time was closed for a while only, and somebody else has it by now: back to the old one.
                Err(CommitError::Conflict(Conflict::SlotTaken)) => {
                    return self.move_back(owner, &row, &calendar, job).await;
                }
                Err(CommitError::Conflict(Conflict::Stale(_))) | Err(CommitError::AnswerLost) => {
                    match self.store().appointment(owner.business, row.id).await? {
                        Some(stored) => row = stored,
                        None => return Err(CenterError::NotFound),
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(CenterError::Stale)
    }

    async fn write_move(
        &self,
        owner: &Arc<Owner>,
        row: &Appointment,
        to: Timestamp,
        calendar: &Calendar,
    ) -> Result<Written, CenterError> {
        let Some(provider) = calendar else {
            return Ok(match self.taken_there(owner, row, to, calendar).await? {
                Ok(taken) if taken.is_empty() => Written::Yes(None),
                Ok(taken) => Written::Taken(taken),
                Err(error) => Written::No(error),
            });
        };
        let key = event_key(owner, row, row.starts_at, provider);
        let length = Appointment::length(row.duration_minutes);
        let (was, range) = (TimeRange::of(row.starts_at, length), TimeRange::of(to, length));
        // Booked before there was this calendar, or in that of another service: it is written here from now on.
        let Some(event) = event_there(row, provider) else {
            return match self.taken_there(owner, row, to, calendar).await? {
                Ok(taken) if taken.is_empty() => self.make(owner, row, to, provider).await,
                Ok(taken) => Ok(Written::Taken(taken)),
                Err(error) => Ok(Written::No(error)),
            };
        };
        let etag = match self.asked("event", provider.event(&key)).await {
            // An earlier try has moved it, and its answer was lost.
            Ok(EventLookup::There(remote)) if remote.when == When::Instants(range) => {
                return Ok(written(owner, row, provider, remote));
            }
            // Whatever else was changed by hand, its time was not.
            Ok(EventLookup::There(remote)) if remote.when == When::Instants(was) => remote.etag,
            Ok(EventLookup::There(_)) => event.etag.clone(),
            Ok(EventLookup::Gone) => return Ok(Written::Gone),
            Ok(EventLookup::Absent) => return Ok(Written::Absent),
            Err(error) => {
                self.note_calendar(owner, &error).await;
                return Ok(Written::Unknown(error));
            }
        };
        match self.taken_there(owner, row, to, calendar).await? {
            Ok(taken) if taken.is_empty() => {}
            Ok(taken) => return Ok(Written::Taken(taken)),
            Err(error) => return Ok(Written::No(error)),
        }
        match self
            .asked("move", provider.move_event(&key, range, etag.as_deref()))
            .await
        {
            Ok(remote) => Ok(written(owner, row, provider, remote)),
            Err(error) => {
                self.note_calendar(owner, &error).await;
                Ok(match (error.kind(), error.retry()) {
                    (_, Retry::Unknown) => Written::Unknown(error),
                    // The contractor changed it by hand meanwhile: theirs is the truth, and it is not moved under them.
                    (ErrorKind::Conflict | ErrorKind::NotFound, _) => Written::Taken(Vec::new()),
                    _ => Written::No(error),
                })
            }
        }
    }

    /// The contractor has removed the event: the appointment is called off, and they are told that its customer wanted
    /// to come at another time.
    async fn called_off_there(
        &self,
        owner: &Arc<Owner>,
        row: Appointment,
        job: Option<&ClaimedJob>,
    ) -> Result<BookAnswer, CenterError> {
        let still = Appointment { moving_to: None, ..row };
        let commit = follow(owner, &still, Seen::Gone, true, self.now());
        let mut commit = commit.unwrap_or_else(|| Commit::new(owner.business, self.now()));
        commit.job = job.map(|job| (job.fence, JobResult::Done));
        match self.commit(commit).await {
            Ok(_) | Err(CommitError::Conflict(Conflict::Stale(_))) => self.not_free(owner, Vec::new()).await,
            Err(error) => Err(error.into()),
        }
    }

    /// The event is at the new time and the time is another's: it goes back to where the appointment is.
    async fn move_back(
        &self,
        owner: &Arc<Owner>,
        row: &Appointment,
        calendar: &Calendar,
        job: Option<&ClaimedJob>,
    ) -> Result<BookAnswer, CenterError> {
        if let (Some(provider), Some(_)) = (calendar, &row.event) {
            let key = event_key(owner, row, row.moving_to.unwrap_or(row.starts_at), provider);
            let range = TimeRange::of(row.starts_at, Appointment::length(row.duration_minutes));
            self.asked("move", provider.move_event(&key, range, None)).await?;
        }
        let (_, mut commit) = abandon_move(owner, row, self.now());
        commit.job = job.map(|job| (job.fence, JobResult::Done));
        self.commit(commit).await?;
        self.not_free(owner, Vec::new()).await
    }
}
