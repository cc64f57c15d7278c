//! What a page of the calendar shows, and what became of a visit.

use super::asking::{own_rules, rules, visit, whose};
use super::{CalendarTrouble, CenterError, CommandCenter, TRIES};
use crate::appointments::{Appointment, Attendance, Days, Whose, attend, reach_of};
use crate::business::Owner;
use crate::port::store::{CommitError, Conflict};
use crate::port::{CalendarSlots, TimeRange};
use crate::{AppointmentId, BusinessId, Timestamp};

impl CommandCenter {
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
        let calendar = match self.calendar(&owner).await {
            Ok(calendar) => calendar,
            Err(error) => return Ok(Err((&error).into())),
        };
        let (first, last) = reach_of(from, until);
        if let Some(slots) = own_rules(&calendar) {
            return self.days_offered(&owner, slots, (from, until)).await;
        }
        let elsewhere = match self.elsewhere(&owner, &calendar, (first, last)).await {
            Ok(elsewhere) => elsewhere,
            Err(CenterError::Provider(error)) => return Ok(Err((&error).into())),
            Err(error) => return Err(error),
        };
        let bookings = self.store().bookings(business, first, last).await?;
        let foreign = elsewhere.foreign(&bookings, None);
        let rules = rules(&owner, &bookings, (&foreign, whose(&calendar)), self.now(), None)?;
        Ok(Ok(rules.days(from, until, None)))
    }

    /// The same where the calendar has rules of its own: what it does not offer is not free, whatever else is known.
    async fn days_offered(
        &self,
        owner: &Owner,
        slots: &dyn CalendarSlots,
        (from, until): (Timestamp, Timestamp),
    ) -> Result<Result<Days, CalendarTrouble>, CenterError> {
        let (now, (first, last)) = (self.now(), reach_of(from, until));
        // A visit that began before may reach into the first of the days. What is over is not offered to anybody.
        let length = visit(owner, from).length();
        let range = TimeRange {
            start: from.minus(length).max(now),
            end: until,
        };
        let read = async {
            let offered = if range.start < range.end {
                self.offered(owner, slots, range, None).await?
            } else {
                Vec::new()
            };
            Ok((offered, self.others(owner, last).await?))
        };
        let (offered, others) = match read.await {
            Ok(read) => read,
            Err(CenterError::Provider(error)) => return Ok(Err((&error).into())),
            Err(error) => return Err(error),
        };
        let bookings = self.store().bookings(owner.business, first, last).await?;
        let rules = rules(owner, &bookings, (&others, Whose::Theirs), now, None)?;
        Ok(Ok(rules.days(from, until, Some(&offered))))
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
}
