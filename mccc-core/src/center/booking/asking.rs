//! Asking the calendar: what is taken there, what it offers, and telling it of an appointment.

use std::sync::Arc;
use std::time::Duration;

use super::events::{event_key, new_event, written};
use super::{Calendar, Written};
use crate::appointments::{Appointment, Diary, Foreign, Rules, Whose, reach, reach_of};
use crate::business::Owner;
use crate::business::calendar_copy::readable;
use crate::center::{CenterError, CommandCenter};
use crate::port::store::Bookings;
use crate::port::{
    Availability as Says, BusyEntry, BusyQuery, CalendarProvider, CalendarSlots, ErrorKind, EventKey, PortError, Retry,
    TimeRange,
};
use crate::slots::WhyNot;
use crate::{AppointmentId, Timestamp};

/// How long the calendar may take to say what is taken while somebody waits.
const CALENDAR_WAIT: Duration = Duration::from_secs(3);
/// How long it may take to write something down.
const WRITE_WAIT: Duration = Duration::from_secs(15);

/// What the contractor reads while a calendar that is only read cannot be read.
const UNREAD: &str = "One of your other calendars could not be read for hours, so its times are not known. The calendar \
                      page says which; nothing is booked until it can be read again or is disconnected.";

impl CommandCenter {
    pub(super) async fn calendar(&self, owner: &Owner) -> Result<Calendar, PortError> {
        let calendar = self.ports.providers.calendar(owner).await;
        if let Err(error) = &calendar {
            self.note_calendar(owner, error).await;
        }
        calendar
    }

    /// What a calendar with rules of its own offers in a stretch of time.
    pub(super) async fn offered(
        &self,
        owner: &Owner,
        slots: &dyn CalendarSlots,
        range: TimeRange,
        moving: Option<&EventKey>,
    ) -> Result<Vec<Timestamp>, CenterError> {
        let length = Appointment::length(owner.settings.visit_minutes().into());
        let asked = slots.free_times(&owner.settings.calendar.booked, range, length, moving);
        let offered = self
            .within(CALENDAR_WAIT, asked)
            .await
            .unwrap_or_else(|| Err(no_answer("calendar", "free_times", Retry::Backoff)));
        match offered {
            Ok(offered) => Ok(offered.into_iter().map(|slot| slot.start).collect()),
            Err(error) => {
                self.note_calendar(owner, &error).await;
                Err(error.into())
            }
        }
    }

    /// What the calendar and those that are only read hold; nothing where there are none elsewhere.
    pub(super) async fn elsewhere(
        &self,
        owner: &Owner,
        calendar: &Calendar,
        (start, end): (Timestamp, Timestamp),
    ) -> Result<Elsewhere, CenterError> {
        let others = self.others(owner, end).await?;
        let Some(provider) = calendar else {
            let entries = Vec::new();
            return Ok(Elsewhere { entries, others });
        };
        let settings = &owner.settings.calendar;
        let query = BusyQuery {
            range: TimeRange { start, end },
            booked: settings.booked.clone(),
            conflicts: settings.conflicts.clone(),
        };
        let busy = self
            .within(CALENDAR_WAIT, provider.busy(&query))
            .await
            .unwrap_or_else(|| Err(no_answer(provider.name(), "busy", Retry::Backoff)));
        if let Err(error) = &busy {
            self.note_calendar(owner, error).await;
        }
        let mut busy = busy?;
        if settings.all_day_blocks {
            busy.entries.append(&mut busy.free_days);
        }
        Ok(Elsewhere {
            entries: busy.entries,
            others,
        })
    }

    /// What the calendars that are only read hold, as far as their copies count until `end`.
    pub(super) async fn others(&self, owner: &Owner, end: Timestamp) -> Result<Vec<Foreign>, CenterError> {
        if owner.settings.calendar.others.is_empty() {
            return Ok(Vec::new());
        }
        let copies = self.store().calendar_copies(owner.business).await?;
        let Some(readable) = readable(owner, &copies, end, self.now()) else {
            return Err(PortError::new("copies", "busy", ErrorKind::Unavailable, Retry::Backoff)
                .with_reason(UNREAD)
                .into());
        };
        let foreign = readable.into_iter().flat_map(|(other, copy)| {
            let name: Arc<str> = other.name.as_str().into();
            copy.taken(&owner.settings.calendar).map(move |when| Foreign {
                busy: when.into(),
                calendar: Some(Arc::clone(&name)),
            })
        });
        Ok(foreign.collect())
    }

    /// Waits for the calendar as long as it may take; after that it may have happened.
    pub(super) async fn asked<T>(
        &self,
        operation: &'static str,
        work: impl Future<Output = Result<T, PortError>> + Send,
    ) -> Result<T, PortError> {
        self.within(WRITE_WAIT, work)
            .await
            .unwrap_or_else(|| Err(no_answer("calendar", operation, Retry::Unknown)))
    }

    /// What the calendar, asked afresh, says against a time. Whether it was bookable was decided when it was closed;
    /// asked now is only whether it is free.
    pub(super) async fn taken_there(
        &self,
        owner: &Owner,
        row: &Appointment,
        at: Timestamp,
        calendar: &Calendar,
    ) -> Result<Result<Vec<WhyNot>, PortError>, CenterError> {
        let now = self.now();
        if let (Some(slots), Some(provider)) = (own_rules(calendar), calendar) {
            let key = event_key(owner, row, row.starts_at, provider);
            match self.offered(owner, slots, visit(owner, at), Some(&key)).await {
                Ok(offered) if offered.contains(&at) => {}
                Ok(_) => return Ok(Ok(vec![WhyNot::NotOffered])),
                Err(CenterError::Provider(error)) => return Ok(Err(error)),
                Err(error) => return Err(error),
            }
        }
        // The booked calendar has said all it has to say where it has rules of its own.
        let booked = if own_rules(calendar).is_some() { &None } else { calendar };
        if booked.is_none() && owner.settings.calendar.others.is_empty() {
            return Ok(Ok(Vec::new()));
        }
        // Services refuse long stretches, and what is far from that time says nothing about it.
        let elsewhere = match self.elsewhere(owner, booked, reach_of(at, at)).await {
            Ok(elsewhere) => elsewhere,
            Err(CenterError::Provider(error)) => return Ok(Err(error)),
            Err(error) => return Err(error),
        };
        let (from, until) = reach(owner, now, Some(at));
        let ours = self.store().bookings(owner.business, from, until).await?;
        let foreign = elsewhere.foreign(&ours, Some(row.id));
        let bookings = Bookings::default();
        let rules = rules(owner, &bookings, (&foreign, whose(calendar)), now, Some(row.id))?;
        Ok(Ok(rules.against_by_hand(at)))
    }

    /// Writes an appointment's event, taking place at `at`.
    pub(super) async fn make(
        &self,
        owner: &Owner,
        row: &Appointment,
        at: Timestamp,
        provider: &Arc<dyn CalendarProvider>,
    ) -> Result<Written, CenterError> {
        match self
            .asked("create", provider.create(&new_event(owner, row, at, provider)))
            .await
        {
            Ok(remote) => Ok(written(owner, row, provider, remote)),
            Err(error) => {
                self.note_calendar(owner, &error).await;
                Ok(match (error.kind(), error.retry()) {
                    (_, Retry::Unknown) => Written::Unknown(error),
                    (ErrorKind::Conflict, Retry::Never) => Written::Taken(Vec::new()),
                    _ => Written::No(error),
                })
            }
        }
    }
}

/// What takes time in calendars elsewhere.
#[derive(Debug)]
pub(super) struct Elsewhere {
    /// In the calendar that is booked and those of the same account.
    entries: Vec<BusyEntry>,
    /// In the calendars that are only read.
    others: Vec<Foreign>,
}

impl Elsewhere {
    /// What is not ours to judge. An event of an appointment that was called off is as good as removed, and that of the
    /// appointment in question is not in its own way. One that the contractor moved by hand takes the time where it is.
    pub(super) fn foreign(self, ours: &Bookings, except: Option<AppointmentId>) -> Vec<Foreign> {
        let off = |id: AppointmentId| {
            let row = ours.appointments.iter().find(|row| row.id == id);
            row.is_some_and(|row| !row.status.counts())
        };
        let booked = self
            .entries
            .into_iter()
            .filter(|entry| entry.appointment.is_none_or(|id| Some(id) != except && !off(id)))
            .map(|entry| Foreign {
                busy: entry.when.into(),
                calendar: None,
            });
        booked.chain(self.others).collect()
    }
}

/// The calendar's own rules for what can be booked, where it has them.
pub(super) fn own_rules(calendar: &Calendar) -> Option<&dyn CalendarSlots> {
    let provider = calendar.as_ref()?;
    match provider.capabilities().availability {
        Says::Slots => provider.slots(),
        Says::Busy => None,
    }
}

pub(super) fn whose(calendar: &Calendar) -> Whose {
    if own_rules(calendar).is_some() {
        Whose::Theirs
    } else {
        Whose::Ours
    }
}

/// The time a visit takes that starts at `at`.
pub(super) fn visit(owner: &Owner, at: Timestamp) -> TimeRange {
    TimeRange::of(at, Appointment::length(owner.settings.visit_minutes().into()))
}

pub(super) fn rules<'a>(
    owner: &'a Owner,
    bookings: &'a Bookings,
    (foreign, whose): (&'a [Foreign], Whose),
    now: Timestamp,
    except: Option<AppointmentId>,
) -> Result<Rules<'a>, CenterError> {
    let diary = Diary {
        owner,
        bookings,
        foreign,
        now,
        whose,
    };
    diary.rules(except).map_err(|_| unusable())
}

pub(super) const fn unusable() -> CenterError {
    CenterError::Refused("the settings of bookings cannot be used; save them again")
}

fn no_answer(adapter: &'static str, operation: &'static str, retry: Retry) -> PortError {
    PortError::new(adapter, operation, ErrorKind::Unavailable, retry)
        .with_reason("The calendar did not answer in time.")
}
