//! Booking, moving and calling off. The store decides who gets a time; the calendar is asked afresh and told.

mod asking;
mod events;
mod moving;
mod week;

use std::sync::Arc;
use std::time::Duration;

use super::{CenterError, CommandCenter, TRIES};
use crate::appointments::{
    Appointment, AppointmentStatus, CalendarEvent, CallOff, Diary, Refusal, Whose, Wish, call_off, hold, keep, reach,
    reach_of, release, request, settle, where_it_is,
};
use crate::business::Owner;
use crate::calls::Call;
use crate::port::store::{CallKey, ClaimedJob, Commit, CommitError, Conflict, JobResult};
use crate::port::{CalendarProvider, ErrorKind, EventLookup, PortError, Retry, TimeRange, When};
use crate::slots::{WhyNot, Window};
use crate::{AppointmentId, BusinessId, Timestamp};
use asking::{own_rules, rules, unusable, visit, whose};
pub(super) use events::event_key;
use events::written;

/// From one look at a request to the next.
const REQUEST_WAIT: Duration = Duration::from_secs(300);

type Calendar = Option<Arc<dyn CalendarProvider>>;

/// What became of a wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BookAnswer {
    /// It is booked.
    Booked(Box<Appointment>),
    /// The time is held, and the calendar has not said yet whether it has the event. A worker goes on asking.
    Pending(Box<Appointment>),
    /// The time is held, and the contractor still has to accept it at their calendar service. A worker looks again until
    /// they have.
    Requested(Box<Appointment>),
    /// The time is not free.
    NotFree {
        /// What stands against it; empty when somebody else was faster.
        against: Vec<WhyNot>,
        /// Every other free time, in order; may be empty.
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
    /// Whether it is worth trying again in a minute; else a person has to do something first, or wait for longer.
    pub soon: bool,
}

/// A wait that is worth a person's while.
const SOON: Duration = Duration::from_secs(60);

impl From<&PortError> for CalendarTrouble {
    fn from(error: &PortError) -> Self {
        Self {
            kind: error.kind(),
            sentence: error.reason().unwrap_or("The calendar could not be read."),
            soon: match error.retry() {
                Retry::Backoff | Retry::Unknown => true,
                Retry::After(wait) => wait <= SOON,
                Retry::Never => false,
            },
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

/// An event with the time at which it takes place.
type There = (CalendarEvent, When);

/// What came of writing a held time into the calendar.
enum Written {
    /// It has the event, or there is no calendar elsewhere.
    Yes(Option<There>),
    /// It has a request, which the contractor still has to accept.
    Requested(There),
    /// It does not, and will not: the time is taken there.
    Taken(Vec<WhyNot>),
    /// It does not have the event, and cannot be used now.
    No(PortError),
    /// The event was there and was removed.
    Gone,
    /// The event is not in the calendar, and never was.
    Absent,
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
        match self.free_times(&owner).await {
            Ok(free) => Ok(Availability::Read(free)),
            Err(CenterError::Provider(error)) => Ok(Availability::Unreadable((&error).into())),
            Err(error) => Err(error),
        }
    }

    async fn free_times(&self, owner: &Owner) -> Result<Vec<Timestamp>, CenterError> {
        let calendar = self.calendar(owner).await?;
        let now = self.now();
        let (from, until) = reach(owner, now, None);
        if let Some(slots) = own_rules(&calendar) {
            let window = Window::of_days(owner.zone(), now, owner.settings.booking.window_days);
            let range = TimeRange {
                start: window.start(),
                end: window.end(),
            };
            let mut free = self.offered(owner, slots, range, None).await?;
            let others = self.others(owner, until).await?;
            let bookings = self.store().bookings(owner.business, from, until).await?;
            let rules = rules(owner, &bookings, (&others, Whose::Theirs), now, None)?;
            free.retain(|at| rules.against(*at).is_empty());
            return Ok(free);
        }
        let elsewhere = self.elsewhere(owner, &calendar, (from, until)).await?;
        let bookings = self.store().bookings(owner.business, from, until).await?;
        let foreign = elsewhere.foreign(&bookings, None);
        Ok(rules(owner, &bookings, (&foreign, Whose::Ours), now, None)?.free())
    }

    /// What stands against a time; none means that it can be booked. An error of the calendar is told as such.
    ///
    /// # Errors
    /// When the business does not exist, the database is away or the calendar cannot be read.
    pub async fn why_not(&self, business: BusinessId, at: Timestamp) -> Result<Vec<WhyNot>, CenterError> {
        let owner = self.owner(business).await?;
        let calendar = self.calendar(&owner).await?;
        let now = self.now();
        let (from, until) = reach(&owner, now, Some(at));
        if let Some(slots) = own_rules(&calendar) {
            let offered = self.offered(&owner, slots, visit(&owner, at), None).await?;
            let others = self.others(&owner, until).await?;
            let bookings = self.store().bookings(business, from, until).await?;
            let mut against = rules(&owner, &bookings, (&others, Whose::Theirs), now, None)?.against(at);
            against.extend((!offered.contains(&at)).then_some(WhyNot::NotOffered));
            return Ok(against);
        }
        // As for a booking: of the calendar only what is around that time.
        let elsewhere = self.elsewhere(&owner, &calendar, reach_of(at, at)).await?;
        let bookings = self.store().bookings(business, from, until).await?;
        let foreign = elsewhere.foreign(&bookings, None);
        Ok(rules(&owner, &bookings, (&foreign, Whose::Ours), now, None)?.against(at))
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
            // Nothing is held while it is known that nothing could be written down.
            let calendar = match self.calendar(&owner).await {
                Ok(calendar) => calendar,
                Err(error) => return Ok(BookAnswer::Unreadable((&error).into())),
            };
            let now = self.now();
            let (from, until) = reach(&owner, now, Some(wish.starts_at));
            let bookings = self.store().bookings(business, from, until).await?;
            // Held by our own rows alone; the calendar is asked once the time is ours to lose.
            let diary = Diary {
                owner: &owner,
                bookings: &bookings,
                foreign: &[],
                now,
                whose: whose(&calendar),
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
    pub(in crate::center) async fn look_after_booking(
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
            let done = match self.calendar(owner).await {
                Ok(calendar) => self.write(owner, &row, &calendar, job.is_some()).await?,
                // Somebody may have written it before.
                Err(error) if job.is_some() => Written::Unknown(error),
                Err(error) => Written::No(error),
            };
            let (answer, mut commit) = match done {
                Written::Yes(there) => {
                    let (event, when) = there.unzip();
                    let row = where_it_is(&row, when);
                    let call = self.call_of_appointment(&row).await?;
                    let (booked, commit) = settle(owner, &row, event, call.as_ref(), self.now());
                    (BookAnswer::Booked(Box::new(booked)), commit)
                }
                Written::Requested(_) if row.starts_at <= self.now() => {
                    let commit = release(owner, &row, "Nobody accepted it in time.", self.now());
                    (
                        BookAnswer::NotFree {
                            against: Vec::new(),
                            free: Vec::new(),
                        },
                        commit,
                    )
                }
                Written::Requested((event, when)) => {
                    let row = where_it_is(&row, Some(when));
                    let (requested, mut commit) = request(owner, &row, event, self.now());
                    // The job is queued already where nobody does it at this moment.
                    commit.job = job.map(|job| (job.fence, self.ask_again()));
                    return self.leave_requested(requested, commit).await;
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
                Written::Gone | Written::Absent => {
                    let commit = release(owner, &row, "It was removed from the calendar.", self.now());
                    let free = self.next_free(owner).await?;
                    let against = Vec::new();
                    (BookAnswer::NotFree { against, free }, commit)
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
            return Ok(match self.taken_there(owner, row, row.starts_at, calendar).await? {
                Ok(taken) if taken.is_empty() => Written::Yes(None),
                Ok(taken) => Written::Taken(taken),
                Err(error) => Written::No(error),
            });
        };
        let key = event_key(owner, row, row.starts_at, provider);
        if again {
            // Somebody was at it before: what is there already is not written again, and never under another identifier.
            match self.asked("event", provider.event(&key)).await {
                Ok(EventLookup::There(remote)) => return Ok(written(owner, row, provider, remote)),
                Ok(EventLookup::Gone) => return Ok(Written::Gone),
                Ok(EventLookup::Absent) => {}
                Err(error) => {
                    self.note_calendar(owner, &error).await;
                    return Ok(Written::Unknown(error));
                }
            }
        }
        match self.taken_there(owner, row, row.starts_at, calendar).await? {
            Ok(taken) if taken.is_empty() => {}
            Ok(taken) => return Ok(Written::Taken(taken)),
            Err(error) => return Ok(Written::No(error)),
        }
        self.make(owner, row, row.starts_at, provider).await
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

    /// When a request is looked at again: nobody waits, and a person decides.
    fn ask_again(&self) -> JobResult {
        JobResult::Again {
            at: self.now().plus(REQUEST_WAIT),
            job: None,
            fresh: true,
        }
    }

    /// The contractor has to accept first: the time stays closed, and somebody looks again.
    async fn leave_requested(&self, row: Appointment, commit: Commit) -> Result<BookAnswer, CenterError> {
        match self.commit(commit).await {
            Ok(_) | Err(CommitError::Conflict(Conflict::Stale(_) | Conflict::SlotTaken | Conflict::LeaseLost)) => {
                Ok(BookAnswer::Requested(Box::new(row)))
            }
            Err(error) => Err(error.into()),
        }
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

    /// Removes the event of an appointment that does not take place.
    pub(in crate::center) async fn remove_event(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        id: AppointmentId,
    ) -> Result<(), CenterError> {
        let row = self.store().appointment(owner.business, id).await?;
        let Some(row) = row.filter(|row| row.status == AppointmentStatus::Cancelled) else {
            return self.finish(job, JobResult::Done).await;
        };
        let provider = match self.calendar(owner).await {
            Ok(Some(provider)) => provider,
            Ok(None) => return self.finish(job, JobResult::Done).await,
            Err(error) => {
                let result = self.after_failure(job, error.retry());
                return self.finish(job, result).await;
            }
        };
        let elsewhere = row
            .event
            .as_ref()
            .is_some_and(|event| event.provider != provider.name());
        if elsewhere {
            return self.finish(job, JobResult::Done).await;
        }
        let key = event_key(owner, &row, row.starts_at, &provider);
        let result = match self.asked("cancel", provider.cancel(&key)).await {
            Ok(()) => JobResult::Done,
            // Removing what is gone is no error, so what may have happened is simply done again.
            Err(error) if error.retry() == Retry::Unknown => self.after_failure(job, Retry::Backoff),
            Err(error) => self.after_failure(job, error.retry()),
        };
        self.finish(job, result).await
    }

    async fn not_free(&self, owner: &Arc<Owner>, against: Vec<WhyNot>) -> Result<BookAnswer, CenterError> {
        let free = self.next_free(owner).await?;
        Ok(BookAnswer::NotFree { against, free })
    }

    /// Every free time, since whoever lost theirs may wish for a later one; none also when the calendar cannot be read, since this is only a help.
    async fn next_free(&self, owner: &Arc<Owner>) -> Result<Vec<Timestamp>, CenterError> {
        match self.availability(owner.business).await? {
            Availability::Read(free) => Ok(free),
            Availability::Unreadable(_) => Ok(Vec::new()),
        }
    }

    async fn call_of_appointment(&self, row: &Appointment) -> Result<Option<Call>, CenterError> {
        let Some(call) = row.call else { return Ok(None) };
        let snapshot = self.store().call(row.business, &CallKey::Id(call)).await?;
        Ok(snapshot.map(|snapshot| snapshot.call))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_a_person_or_hours_is_not_tried_again_in_a_minute() {
        let soon = |retry| CalendarTrouble::from(&PortError::new("fake", "busy", ErrorKind::RateLimited, retry)).soon;
        assert!(soon(Retry::Backoff) && soon(Retry::Unknown) && soon(Retry::After(SOON)));
        assert!(!soon(Retry::Never) && !soon(Retry::After(SOON * 60)));
    }
}
