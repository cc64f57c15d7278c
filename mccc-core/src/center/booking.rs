//! Booking, moving and calling off. The store decides who gets a time; the calendar is asked afresh and told.

use std::sync::Arc;
use std::time::Duration;

use super::{CenterError, CommandCenter, TRIES};
use crate::appointments::{
    Appointment, AppointmentStatus, Attendance, CalendarEvent, CallOff, Days, Diary, Refusal, Rules, Wish,
    abandon_move, attend, begin_move, call_off, finish_move, hold, keep, reach, reach_of, release, settle,
};
use crate::business::Owner;
use crate::calls::Call;
use crate::port::store::{Bookings, CallKey, ClaimedJob, Commit, CommitError, Conflict, JobResult};
use crate::port::{
    BusyEntry, BusyQuery, CalendarProvider, Customer, ErrorKind, EventKey, EventLookup, NewEvent, PortError,
    RemoteEvent, Retry, TimeRange, When,
};
use crate::slots::{Busy, WhyNot};
use crate::{AppointmentId, BusinessId, Timestamp};

/// How long the calendar may take to say what is taken while somebody waits.
const CALENDAR_WAIT: Duration = Duration::from_secs(3);
/// How long it may take to write something down.
const WRITE_WAIT: Duration = Duration::from_secs(15);
/// How many other times are named to somebody who did not get theirs.
const ALTERNATIVES: usize = 5;

type Calendar = Option<Arc<dyn CalendarProvider>>;

/// What became of a wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BookAnswer {
    /// It is booked.
    Booked(Box<Appointment>),
    /// The time is held, and the calendar has not said yet whether it has the event. A worker goes on asking.
    Pending(Box<Appointment>),
    /// The time is not free.
    NotFree {
        /// What stands against it; empty when somebody else was faster.
        against: Vec<WhyNot>,
        /// The next free times, in order; may be empty.
        free: Vec<Timestamp>,
    },
    /// The calendar could not be read, so nothing was booked: neither free nor taken.
    Unreadable(CalendarTrouble),
}

/// Why the calendar could not be used, in the contractor's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarTrouble {
    /// What kind of failure it was.
    pub kind: ErrorKind,
    /// What happened, where the adapter knows.
    pub sentence: &'static str,
}

impl From<&PortError> for CalendarTrouble {
    fn from(error: &PortError) -> Self {
        Self {
            kind: error.kind(),
            sentence: error.reason().unwrap_or("The calendar could not be read."),
        }
    }
}

/// The times that can be booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    /// The calendar was read; none means that nothing is free.
    Read(Vec<Timestamp>),
    /// The calendar could not be read: neither free nor taken.
    Unreadable(CalendarTrouble),
}

/// What came of writing a held time into the calendar.
enum Written {
    /// It has the event, or there is no calendar elsewhere.
    Yes(Option<CalendarEvent>),
    /// It does not, and will not: the time is taken there.
    Taken(Vec<WhyNot>),
    /// It does not have the event, and cannot be used now.
    No(PortError),
    /// It may have the event.
    Unknown(PortError),
}

impl CommandCenter {
    /// The times that can be booked now.
    ///
    /// # Errors
    /// When the business does not exist or the database is away. A calendar that cannot be read is no error but
    /// [`Availability::Unreadable`].
    pub async fn availability(&self, business: BusinessId) -> Result<Availability, CenterError> {
        let owner = self.owner(business).await?;
        let (from, until) = reach(&owner, self.now(), None);
        let entries = match self.entries(&owner, &self.calendar(&owner).await?, (from, until)).await {
            Ok(entries) => entries,
            Err(error) => return Ok(Availability::Unreadable((&error).into())),
        };
        let bookings = self.store().bookings(business, from, until).await?;
        let foreign = foreign(entries, &bookings, None);
        Ok(Availability::Read(
            rules(&owner, &bookings, &foreign, self.now(), None)?.free(),
        ))
    }

    /// How the time from one instant until before another stands: what can be booked, and why the rest cannot.
    ///
    /// # Errors
    /// When the business does not exist or the database is away. A calendar that cannot be read is no error but the
    /// trouble in the answer.
    pub async fn days(
        &self,
        business: BusinessId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Result<Days, CalendarTrouble>, CenterError> {
        let owner = self.owner(business).await?;
        let (first, last) = reach_of(from, until);
        let entries = match self.entries(&owner, &self.calendar(&owner).await?, (first, last)).await {
            Ok(entries) => entries,
            Err(error) => return Ok(Err((&error).into())),
        };
        let bookings = self.store().bookings(business, first, last).await?;
        let foreign = foreign(entries, &bookings, None);
        let rules = rules(&owner, &bookings, &foreign, self.now(), None)?;
        Ok(Ok(rules.days(from, until)))
    }

    /// What stands against a time; none means that it can be booked. An error of the calendar is told as such.
    ///
    /// # Errors
    /// When the business does not exist, the database is away or the calendar cannot be read.
    pub async fn why_not(&self, business: BusinessId, at: Timestamp) -> Result<Vec<WhyNot>, CenterError> {
        let owner = self.owner(business).await?;
        let (from, until) = reach(&owner, self.now(), Some(at));
        let entries = self
            .entries(&owner, &self.calendar(&owner).await?, (from, until))
            .await?;
        let bookings = self.store().bookings(business, from, until).await?;
        let foreign = foreign(entries, &bookings, None);
        Ok(rules(&owner, &bookings, &foreign, self.now(), None)?.against(at))
    }

    /// Books a time, or says why not. The same wish books once, however often it is sent. A process that dies on the way
    /// leaves a hold that a worker looks after.
    ///
    /// # Errors
    /// When the business does not exist, the database is away, or others were faster three times in a row.
    pub async fn book(&self, business: BusinessId, wish: &Wish) -> Result<BookAnswer, CenterError> {
        for _ in 0..=TRIES {
            let owner = self.owner(business).await?;
            if let Some(row) = self.store().appointment(business, wish.id).await? {
                return self.carry_on(&owner, row, None).await;
            }
            let now = self.now();
            let (from, until) = reach(&owner, now, Some(wish.starts_at));
            let bookings = self.store().bookings(business, from, until).await?;
            // Held by our own rows alone; the calendar is asked once the time is ours to lose.
            let diary = Diary {
                owner: &owner,
                bookings: &bookings,
                foreign: &[],
                now,
            };
            let (held, commit) = match hold(&diary, wish) {
                Ok(held) => held,
                Err(Refusal::NotFree(against)) => return self.not_free(&owner, against).await,
                Err(Refusal::Settings(_)) => return Err(unusable()),
            };
            match self.commit(commit).await {
                Ok(_) => return self.carry_on(&owner, held, None).await,
                // Somebody was faster, or the answer was lost: look again.
                Err(CommitError::Conflict(Conflict::SlotTaken | Conflict::DayFull | Conflict::Stale(_)))
                | Err(CommitError::AnswerLost) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CenterError::Stale)
    }

    /// Looks after a held time whose booking did not come to its end.
    pub(super) async fn look_after_booking(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        id: AppointmentId,
    ) -> Result<(), CenterError> {
        match self.store().appointment(owner.business, id).await? {
            Some(row) if row.status == AppointmentStatus::Held => self.carry_on(owner, row, Some(job)).await.map(drop),
            _ => self.finish(job, JobResult::Done).await,
        }
    }

    /// Takes an appointment from where it is to its end, as far as it goes now.
    async fn carry_on(
        &self,
        owner: &Arc<Owner>,
        mut row: Appointment,
        job: Option<&ClaimedJob>,
    ) -> Result<BookAnswer, CenterError> {
        for _ in 0..=TRIES {
            match row.status {
                AppointmentStatus::Held => {}
                AppointmentStatus::Scheduled | AppointmentStatus::Confirmed | AppointmentStatus::Completed => {
                    return Ok(BookAnswer::Booked(Box::new(row)));
                }
                AppointmentStatus::Cancelled | AppointmentStatus::NoShow | AppointmentStatus::Rescheduled => {
                    return self.not_free(owner, Vec::new()).await;
                }
            }
            let calendar = self.calendar(owner).await?;
            let written = self.write(owner, &row, &calendar, job.is_some()).await?;
            let (answer, mut commit) = match written {
                Written::Yes(event) => {
                    let call = self.call_of_appointment(&row).await?;
                    let (booked, commit) = settle(owner, &row, event, call.as_ref(), self.now());
                    (BookAnswer::Booked(Box::new(booked)), commit)
                }
                Written::Taken(against) => {
                    let commit = release(owner, &row, "The time is taken in the calendar.", self.now());
                    let free = self.next_free(owner).await?;
                    (BookAnswer::NotFree { against, free }, commit)
                }
                Written::No(error) => {
                    let commit = release(owner, &row, "The calendar could not be asked.", self.now());
                    (BookAnswer::Unreadable((&error).into()), commit)
                }
                Written::Unknown(error) => {
                    let commit = keep(owner, &row, self.now());
                    return self.leave_pending(owner, row, commit, job, &error).await;
                }
            };
            commit.job = job.map(|job| (job.fence, JobResult::Done));
            match self.commit(commit).await {
                Ok(_) => return Ok(answer),
                // The hold ran out, and somebody else has the time: the event goes away again.
                Err(CommitError::Conflict(Conflict::SlotTaken)) => {
                    return self.lose_to_another(owner, &row, job).await;
                }
                // Another process was here: go on from where it left.
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

    /// Asks the calendar afresh whether a held time is free, and writes the event.
    async fn write(
        &self,
        owner: &Arc<Owner>,
        row: &Appointment,
        calendar: &Calendar,
        again: bool,
    ) -> Result<Written, CenterError> {
        let Some(provider) = calendar else {
            return Ok(Written::Yes(None));
        };
        let key = event_key(owner, row, row.starts_at);
        if again {
            // Somebody was at it before: what is there already is not written again, and never under another identifier.
            match self.asked("event", provider.event(&key)).await {
                Ok(EventLookup::There(remote)) => {
                    return Ok(Written::Yes(Some(event_of(owner, row, provider, remote))));
                }
                Ok(EventLookup::Gone) => return Ok(Written::Taken(Vec::new())),
                Ok(EventLookup::Absent) => {}
                Err(error) => return Ok(Written::Unknown(error)),
            }
        }
        let now = self.now();
        let (from, until) = reach(owner, now, Some(row.starts_at));
        let entries = match self.entries(owner, calendar, (from, until)).await {
            Ok(entries) => entries,
            Err(error) => return Ok(Written::No(error)),
        };
        let ours = self.store().bookings(owner.business, from, until).await?;
        let foreign = foreign(entries, &ours, Some(row.id));
        let bookings = Bookings::default();
        let rules = rules(owner, &bookings, &foreign, now, Some(row.id))?;
        // Whether it was bookable was decided when it was held; asked now is only whether it is free.
        let taken = rules.against_by_hand(row.starts_at);
        if !taken.is_empty() {
            return Ok(Written::Taken(taken));
        }
        match self.asked("create", provider.create(&new_event(owner, row))).await {
            Ok(remote) => Ok(Written::Yes(Some(event_of(owner, row, provider, remote)))),
            Err(error) => Ok(match (error.kind(), error.retry()) {
                (_, Retry::Unknown) => Written::Unknown(error),
                (ErrorKind::Conflict, Retry::Never) => Written::Taken(Vec::new()),
                _ => Written::No(error),
            }),
        }
    }

    /// The calendar may or may not have the event: the time stays closed, and somebody looks again.
    async fn leave_pending(
        &self,
        owner: &Arc<Owner>,
        row: Appointment,
        mut commit: Commit,
        job: Option<&ClaimedJob>,
        error: &PortError,
    ) -> Result<BookAnswer, CenterError> {
        tracing::info!(appointment = %row.id, kind = ?error.kind(), "whether the calendar has an event is not known yet");
        if let Some(job) = job {
            // Looking does no harm, so what was lost is looked for like what failed.
            let result = self.after_failure(job, Retry::Backoff);
            if matches!(result, JobResult::Dead { .. }) {
                commit = release(
                    owner,
                    &row,
                    "The calendar did not say whether it has the event.",
                    self.now(),
                );
            }
            commit.job = Some((job.fence, result));
        }
        match self.commit(commit).await {
            Ok(_) | Err(CommitError::Conflict(Conflict::Stale(_) | Conflict::SlotTaken | Conflict::LeaseLost)) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(BookAnswer::Pending(Box::new(row)))
    }

    async fn lose_to_another(
        &self,
        owner: &Arc<Owner>,
        row: &Appointment,
        job: Option<&ClaimedJob>,
    ) -> Result<BookAnswer, CenterError> {
        let mut commit = release(
            owner,
            row,
            "The time was held too long, and another has it.",
            self.now(),
        );
        commit.job = job.map(|job| (job.fence, JobResult::Done));
        match self.commit(commit).await {
            Ok(_) | Err(CommitError::Conflict(Conflict::Stale(_))) => self.not_free(owner, Vec::new()).await,
            Err(error) => Err(error.into()),
        }
    }

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
                Some(moving) if moving == to => return self.carry_move_on(&owner, row, None).await,
                Some(_) => {
                    return Err(CenterError::Refused(
                        "this appointment is being moved; try again in a minute",
                    ));
                }
                None if row.starts_at == to => return Ok(BookAnswer::Booked(Box::new(row))),
                None => {}
            }
            let now = self.now();
            let (from, until) = reach(&owner, now, Some(to));
            let bookings = self.store().bookings(business, from, until).await?;
            let diary = Diary {
                owner: &owner,
                bookings: &bookings,
                foreign: &[],
                now,
            };
            let (moving, commit) = match begin_move(&diary, &row, to, by_hand) {
                Ok(moving) => moving,
                Err(Refusal::NotFree(against)) => return self.not_free(&owner, against).await,
                Err(Refusal::Settings(_)) => return Err(unusable()),
            };
            match self.commit(commit).await {
                Ok(_) => return self.carry_move_on(&owner, moving, None).await,
                Err(CommitError::Conflict(Conflict::SlotTaken | Conflict::DayFull | Conflict::Stale(_)))
                | Err(CommitError::AnswerLost) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CenterError::Stale)
    }

    /// Looks after a move that did not come to its end.
    pub(super) async fn look_after_move(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        id: AppointmentId,
    ) -> Result<(), CenterError> {
        match self.store().appointment(owner.business, id).await? {
            Some(row) if row.status.is_ahead() && row.moving_to.is_some() => {
                self.carry_move_on(owner, row, Some(job)).await.map(drop)
            }
            _ => self.finish(job, JobResult::Done).await,
        }
    }

    async fn carry_move_on(
        &self,
        owner: &Arc<Owner>,
        mut row: Appointment,
        job: Option<&ClaimedJob>,
    ) -> Result<BookAnswer, CenterError> {
        for _ in 0..=TRIES {
            let Some(to) = row.moving_to.filter(|_| row.status.is_ahead()) else {
                return Ok(BookAnswer::Booked(Box::new(row)));
            };
            let calendar = self.calendar(owner).await?;
            let (answer, mut commit) = match self.write_move(owner, &row, to, &calendar).await? {
                Written::Yes(event) => {
                    let (moved, commit) = finish_move(owner, &row, to, event, self.now());
                    (BookAnswer::Booked(Box::new(moved)), commit)
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
        let (Some(provider), Some(event)) = (calendar, &row.event) else {
            return Ok(Written::Yes(None));
        };
        let key = event_key(owner, row, row.starts_at);
        let range = TimeRange::of(to, Appointment::length(row.duration_minutes));
        match self.asked("event", provider.event(&key)).await {
            // An earlier try has moved it, and its answer was lost.
            Ok(EventLookup::There(remote)) if remote.when == When::Instants(range) => {
                return Ok(Written::Yes(Some(event_of(owner, row, provider, remote))));
            }
            Ok(EventLookup::There(_)) => {}
            Ok(EventLookup::Absent | EventLookup::Gone) => return Ok(Written::Taken(Vec::new())),
            Err(error) => return Ok(Written::Unknown(error)),
        }
        let now = self.now();
        let (from, until) = reach(owner, now, Some(to));
        let entries = match self.entries(owner, calendar, (from, until)).await {
            Ok(entries) => entries,
            Err(error) => return Ok(Written::No(error)),
        };
        let ours = self.store().bookings(owner.business, from, until).await?;
        let foreign = foreign(entries, &ours, Some(row.id));
        let bookings = Bookings::default();
        let taken = rules(owner, &bookings, &foreign, now, Some(row.id))?.against_by_hand(to);
        if !taken.is_empty() {
            return Ok(Written::Taken(taken));
        }
        match self
            .asked("move", provider.move_event(&key, range, event.etag.as_deref()))
            .await
        {
            Ok(remote) => Ok(Written::Yes(Some(event_of(owner, row, provider, remote)))),
            Err(error) => Ok(match (error.kind(), error.retry()) {
                (_, Retry::Unknown) => Written::Unknown(error),
                // The contractor changed it by hand meanwhile: theirs is the truth, and it is not moved under them.
                (ErrorKind::Conflict | ErrorKind::NotFound, _) => Written::Taken(Vec::new()),
                _ => Written::No(error),
            }),
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
            let key = event_key(owner, row, row.moving_to.unwrap_or(row.starts_at));
            let range = TimeRange::of(row.starts_at, Appointment::length(row.duration_minutes));
            self.asked("move", provider.move_event(&key, range, None)).await?;
        }
        let (_, mut commit) = abandon_move(owner, row, self.now());
        commit.job = job.map(|job| (job.fence, JobResult::Done));
        self.commit(commit).await?;
        self.not_free(owner, Vec::new()).await
    }

    /// Calls an appointment off. The time is free at once; the calendar follows. Doing it twice changes nothing.
    ///
    /// # Errors
    /// When there is no such appointment or the database is away.
    pub async fn cancel_appointment(
        &self,
        business: BusinessId,
        id: AppointmentId,
        off: CallOff<'_>,
    ) -> Result<Appointment, CenterError> {
        for _ in 0..=TRIES {
            let row = self
                .store()
                .appointment(business, id)
                .await?
                .ok_or(CenterError::NotFound)?;
            let Some((after, commit)) = call_off(&row, off, self.now()) else {
                return Ok(row);
            };
            match self.commit(commit).await {
                Ok(_) => return Ok(after),
                Err(CommitError::Conflict(Conflict::Stale(_))) | Err(CommitError::AnswerLost) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CenterError::Stale)
    }

    /// Writes down whether a visit took place. Doing it twice changes nothing; saying the other corrects it.
    ///
    /// # Errors
    /// When there is no such appointment, it has not begun or was called off, or the database is away.
    pub async fn attend_appointment(
        &self,
        business: BusinessId,
        id: AppointmentId,
        attendance: Attendance,
    ) -> Result<Appointment, CenterError> {
        for _ in 0..=TRIES {
            let row = self
                .store()
                .appointment(business, id)
                .await?
                .ok_or(CenterError::NotFound)?;
            let (after, commit) = match attend(&row, attendance, self.now()) {
                Ok(Some(attended)) => attended,
                Ok(None) => return Ok(row),
                Err(error) => return Err(CenterError::Refused(error.sentence())),
            };
            match self.commit(commit).await {
                Ok(_) => return Ok(after),
                Err(CommitError::Conflict(Conflict::Stale(_))) | Err(CommitError::AnswerLost) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CenterError::Stale)
    }

    /// Removes the event of an appointment that does not take place.
    pub(super) async fn remove_event(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        id: AppointmentId,
    ) -> Result<(), CenterError> {
        let row = self.store().appointment(owner.business, id).await?;
        let Some(row) = row.filter(|row| row.status == AppointmentStatus::Cancelled) else {
            return self.finish(job, JobResult::Done).await;
        };
        let Some(provider) = self.calendar(owner).await? else {
            return self.finish(job, JobResult::Done).await;
        };
        let key = event_key(owner, &row, row.starts_at);
        let result = match self.asked("cancel", provider.cancel(&key)).await {
            Ok(()) => JobResult::Done,
            // Removing what is gone is no error, so what may have happened is simply done again.
            Err(error) if error.retry() == Retry::Unknown => self.after_failure(job, Retry::Backoff),
            Err(error) => self.after_failure(job, error.retry()),
        };
        self.finish(job, result).await
    }

    async fn calendar(&self, owner: &Owner) -> Result<Calendar, CenterError> {
        Ok(self.ports.providers.calendar(owner).await?)
    }

    /// What the calendar holds; nothing where there is no calendar elsewhere.
    async fn entries(
        &self,
        owner: &Owner,
        calendar: &Calendar,
        (start, end): (Timestamp, Timestamp),
    ) -> Result<Vec<BusyEntry>, PortError> {
        let Some(provider) = calendar else {
            return Ok(Vec::new());
        };
        let settings = &owner.settings.calendar;
        let query = BusyQuery {
            range: TimeRange { start, end },
            booked: settings.booked.clone(),
            conflicts: settings.conflicts.clone(),
        };
        let mut busy = self
            .within(CALENDAR_WAIT, provider.busy(&query))
            .await
            .unwrap_or_else(|| Err(no_answer(provider.name(), "busy", Retry::Backoff)))?;
        if settings.all_day_blocks {
            busy.entries.append(&mut busy.free_days);
        }
        Ok(busy.entries)
    }

    /// Waits for the calendar as long as it may take; after that it may have happened.
    async fn asked<T>(
        &self,
        operation: &'static str,
        work: impl Future<Output = Result<T, PortError>> + Send,
    ) -> Result<T, PortError> {
        self.within(WRITE_WAIT, work)
            .await
            .unwrap_or_else(|| Err(no_answer("calendar", operation, Retry::Unknown)))
    }

    async fn not_free(&self, owner: &Arc<Owner>, against: Vec<WhyNot>) -> Result<BookAnswer, CenterError> {
        let free = self.next_free(owner).await?;
        Ok(BookAnswer::NotFree { against, free })
    }

    /// The next free times; none also when the calendar cannot be read, since this is only a help.
    async fn next_free(&self, owner: &Arc<Owner>) -> Result<Vec<Timestamp>, CenterError> {
        match self.availability(owner.business).await? {
            Availability::Read(mut free) => {
                free.truncate(ALTERNATIVES);
                Ok(free)
            }
            Availability::Unreadable(_) => Ok(Vec::new()),
        }
    }

    async fn call_of_appointment(&self, row: &Appointment) -> Result<Option<Call>, CenterError> {
        let Some(call) = row.call else { return Ok(None) };
        let snapshot = self.store().call(row.business, &CallKey::Id(call)).await?;
        Ok(snapshot.map(|snapshot| snapshot.call))
    }
}

/// What takes time in the calendar and is not ours to judge. An event of an appointment that was called off is as good
/// as removed, and that of the appointment in question is not in its own way. One that the contractor moved by hand
/// takes the time where it is.
fn foreign(entries: Vec<BusyEntry>, ours: &Bookings, except: Option<AppointmentId>) -> Vec<Busy> {
    let off = |id: AppointmentId| {
        let row = ours.appointments.iter().find(|row| row.id == id);
        row.is_some_and(|row| !row.status.counts())
    };
    entries
        .into_iter()
        .filter(|entry| entry.appointment.is_none_or(|id| Some(id) != except && !off(id)))
        .map(|entry| entry.when.into())
        .collect()
}

fn rules<'a>(
    owner: &'a Owner,
    bookings: &'a Bookings,
    foreign: &'a [Busy],
    now: Timestamp,
    except: Option<AppointmentId>,
) -> Result<Rules<'a>, CenterError> {
    let diary = Diary {
        owner,
        bookings,
        foreign,
        now,
    };
    diary.rules(except).map_err(|_| unusable())
}

const fn unusable() -> CenterError {
    CenterError::Refused("the settings of bookings cannot be used; save them again")
}

fn no_answer(adapter: &'static str, operation: &'static str, retry: Retry) -> PortError {
    PortError::new(adapter, operation, ErrorKind::Unavailable, retry)
        .with_reason("The calendar did not answer in time.")
}

fn event_key(owner: &Owner, row: &Appointment, at: Timestamp) -> EventKey {
    EventKey {
        calendar: calendar_of(owner, row),
        appointment: row.id,
        attempt: 0,
        provider_event: row.event.as_ref().map(|event| event.event.clone()),
        range: TimeRange::of(at, Appointment::length(row.duration_minutes)),
    }
}

/// The calendar the event is in; the one that is booked today for an event that is still to be written.
fn calendar_of(owner: &Owner, row: &Appointment) -> String {
    let written = row.event.as_ref().map(|event| event.calendar.clone());
    written.unwrap_or_else(|| owner.settings.calendar.booked.clone())
}

fn new_event(owner: &Owner, row: &Appointment) -> NewEvent {
    let service = row.service.as_deref().unwrap_or("Appointment");
    NewEvent {
        calendar: calendar_of(owner, row),
        appointment: row.id,
        attempt: 0,
        business: owner.business,
        range: TimeRange::of(row.starts_at, Appointment::length(row.duration_minutes)),
        zone: owner.zone().clone(),
        title: format!("{service}: {}", row.customer.name),
        location: row.location.clone(),
        customer: Customer {
            name: Some(row.customer.name.clone()).filter(|name| !name.is_empty()),
            phone: row.customer.phone,
            email: row.customer.email.clone(),
        },
        issue: row.notes.clone().or_else(|| row.service.clone()),
        source: source_of(row).to_owned(),
    }
}

const fn source_of(row: &Appointment) -> &'static str {
    use crate::appointments::AppointmentSource;
    match row.source {
        AppointmentSource::AiVoice => "Missed Call - Voice",
        AppointmentSource::SmsReply => "Missed Call - Text",
        AppointmentSource::Manual => "Booked by hand",
        AppointmentSource::WebBooking => "Booked on the web",
    }
}

fn event_of(
    owner: &Owner,
    row: &Appointment,
    provider: &Arc<dyn CalendarProvider>,
    remote: RemoteEvent,
) -> CalendarEvent {
    CalendarEvent {
        provider: provider.name().to_owned(),
        calendar: calendar_of(owner, row),
        event: remote.provider_event,
        etag: remote.etag,
        link: remote.link,
    }
}
