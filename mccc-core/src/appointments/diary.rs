//! What stands against a time, and which times are free: the rules of booking over what is in the diary.

use std::sync::Arc;
use std::time::Duration;

use super::{Appointment, Block, Span};
use crate::business::Owner;
use crate::port::store::Bookings;
use crate::slots::{Busy, OpeningHours, Question, SlotsError, Terms, WhyNot, Window, starts, why_not};
use crate::{AppointmentId, Timestamp};

/// Longer than any visit with its buffers: what starts this much before a time may still reach into it.
pub(super) const LONGEST_REACH: Duration = Duration::from_secs(2 * 24 * 3_600);

/// What a decision about one stretch of time reads.
#[derive(Debug, Clone, Copy)]
pub struct Diary<'a> {
    /// The business.
    pub owner: &'a Owner,
    /// What the business itself has put there, from [`reach`].
    pub bookings: &'a Bookings,
    /// What the business's calendar elsewhere holds, our own events left out.
    pub foreign: &'a [Foreign],
    /// The present.
    pub now: Timestamp,
    /// Who says what can be booked.
    pub whose: Whose,
}

/// Something that takes time and is not ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// When.
    pub busy: Busy,
    /// What the contractor calls the calendar it is in; nothing for the one that is booked.
    pub calendar: Option<Arc<str>>,
}

/// Whose rules say what can be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The business's own: its hours, its notice, its grid.
    Ours,
    /// Those of its calendar service, which is asked itself. Of ours remain the past, what is closed, and the most of a
    /// day.
    Theirs,
}

/// From when to when the business's own diary must be read to decide about all bookable times and, if one is named, about
/// that. Of a calendar elsewhere [`reach_of`](super::reach_of) that one time is enough.
#[must_use]
pub fn reach(owner: &Owner, now: Timestamp, at: Option<Timestamp>) -> (Timestamp, Timestamp) {
    let window = Window::of_days(owner.zone(), now, owner.settings.booking.window_days);
    let first = at.map_or(window.start(), |at| at.min(window.start()));
    let last = at.map_or(window.end(), |at| at.max(window.end()));
    (first.minus(LONGEST_REACH), last.plus(LONGEST_REACH))
}

/// The rules with everything they look at.
#[derive(Debug)]
pub struct Rules<'a> {
    diary: Diary<'a>,
    hours: OpeningHours,
    terms: Terms,
    window: Window,
    busy: Vec<Busy>,
    appointments: Vec<Timestamp>,
}

impl<'a> Diary<'a> {
    /// The rules as they stand. `except` is an appointment that is being booked or moved: what it closes is free to it,
    /// and it does not count.
    ///
    /// # Errors
    /// Settings that no save accepts.
    pub fn rules(&self, except: Option<AppointmentId>) -> Result<Rules<'a>, SlotsError> {
        let settings = &self.owner.settings;
        let others = || {
            let counted = self.bookings.appointments.iter();
            counted.filter(move |row| Some(row.id) != except && row.counts_at(self.now))
        };
        // Before all others: a reason names its calendar by its place in this list.
        let mut busy: Vec<Busy> = self.foreign.iter().map(|foreign| foreign.busy).collect();
        busy.extend(
            self.bookings
                .blocks
                .iter()
                .filter(|(id, _)| Some(*id) != except)
                .map(|(id, block)| self.closed(*id, block)),
        );
        busy.extend(self.bookings.blocked_times.iter().map(|time| match time.span {
            Span::Instants { from, until } => Busy::Span {
                start: from,
                end: until,
            },
            Span::Days { from, until } => Busy::AllDay {
                start: from,
                end: until,
            },
        }));
        Ok(Rules {
            diary: *self,
            hours: settings.booking.opening_hours(&settings.schedule.business_hours)?,
            terms: settings.booking.terms_of(settings.visit_minutes())?,
            window: Window::of_days(self.owner.zone(), self.now, settings.booking.window_days),
            busy,
            appointments: others().map(|row| row.starts_at).collect(),
        })
    }

    /// A closed time without the buffer that is part of it, since the rules add the buffer of today. Where a larger one
    /// was closed than today's, the rest of it stays closed: the store would refuse it anyway.
    fn closed(&self, id: AppointmentId, block: &Block) -> Busy {
        let buffer = Duration::from_secs(u64::from(self.owner.settings.booking.buffer_minutes) * 60);
        let visit = self
            .bookings
            .appointments
            .iter()
            .find(|row| row.id == id)
            .map(|row| block.from.plus(Appointment::length(row.duration_minutes)));
        let end = visit.map_or(block.until, |visit| visit.max(block.until.minus(buffer)));
        Busy::Span { start: block.from, end }
    }
}

impl Rules<'_> {
    /// The question in the words of the slots engine.
    #[must_use]
    pub fn question(&self) -> Question<'_> {
        Question {
            zone: self.diary.owner.zone(),
            hours: &self.hours,
            terms: &self.terms,
            now: self.diary.now,
            window: self.window,
            busy: &self.busy,
            appointments: &self.appointments,
        }
    }

    /// Every time that can be booked, in order.
    #[must_use]
    pub fn free(&self) -> Vec<Timestamp> {
        starts(&self.question())
    }

    /// What stands against a time. None: it can be booked.
    #[must_use]
    pub fn against(&self, at: Timestamp) -> Vec<WhyNot> {
        let mut against = why_not(&self.question(), at);
        match self.diary.whose {
            Whose::Ours => {}
            Whose::Theirs => against.retain(|why| stands_by_hand(why) || matches!(why, WhyNot::DayFull { .. })),
        }
        for why in &mut against {
            if let WhyNot::Busy { entry, calendar, .. } | WhyNot::Buffer { entry, calendar, .. } = why {
                let foreign = self.diary.foreign.get(*entry);
                *calendar = foreign.and_then(|foreign| foreign.calendar.clone());
            }
        }
        against
    }

    /// What stands against a time that a person of the business chose: what is closed already, and the past. Hours,
    /// notice and the most of a day are theirs to break.
    #[must_use]
    pub fn against_by_hand(&self, at: Timestamp) -> Vec<WhyNot> {
        let mut against = self.against(at);
        against.retain(stands_by_hand);
        against
    }
}

/// Whether a rule stands against a time also when a person chose it.
const fn stands_by_hand(why: &WhyNot) -> bool {
    match why {
        WhyNot::Past { .. } | WhyNot::Busy { .. } | WhyNot::Buffer { .. } | WhyNot::NotOffered => true,
        WhyNot::DateClosed { .. }
        | WhyNot::WeekdayClosed { .. }
        | WhyNot::OutsideHours { .. }
        | WhyNot::DoesNotFit { .. }
        | WhyNot::OffGrid { .. }
        | WhyNot::BeforeWindow { .. }
        | WhyNot::AfterWindow { .. }
        | WhyNot::TooSoon { .. }
        | WhyNot::DayFull { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BusinessId;
    use crate::appointments::{BlockedTime, Span};
    use crate::business::Settings;
    use crate::zone::Zone;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn a_reason_names_the_calendar_it_comes_from() {
        let now = at("2027-06-08T10:20:00-05:00");
        let settings = Settings::new("Acme", Zone::parse("America/Chicago").unwrap());
        let owner = Owner::new(BusinessId::derive(now, "acme"), 1, settings, Vec::new(), now).unwrap();
        let hour = |start: &str| Busy::Span {
            start: at(start),
            end: at(start).plus(Duration::from_secs(3_600)),
        };
        let foreign = [
            Foreign {
                busy: hour("2027-06-09T09:00:00-05:00"),
                calendar: None,
            },
            Foreign {
                busy: hour("2027-06-09T14:00:00-05:00"),
                calendar: Some("Family".into()),
            },
        ];
        let bookings = Bookings {
            blocked_times: vec![BlockedTime {
                id: crate::BlockedTimeId::derive(now, "off"),
                business: owner.business,
                span: Span::Instants {
                    from: at("2027-06-10T09:00:00-05:00"),
                    until: at("2027-06-10T10:00:00-05:00"),
                },
                title: "Workshop".to_owned(),
                created_at: now,
            }],
            ..Bookings::default()
        };
        let diary = Diary {
            owner: &owner,
            bookings: &bookings,
            foreign: &foreign,
            now,
            whose: Whose::Ours,
        };
        let rules = diary.rules(None).unwrap();
        let said = |start: &str| {
            let against = rules.against(at(start));
            against
                .first()
                .map(|why| why.sentence(owner.zone()))
                .unwrap_or_default()
        };
        assert!(said("2027-06-09T09:00:00-05:00").starts_with("the calendar is busy from 9:00 AM"));
        assert!(said("2027-06-09T14:00:00-05:00").starts_with("the calendar “Family” is busy from 2:00 PM"));
        assert!(said("2027-06-09T13:00:00-05:00").starts_with("too near to what the calendar “Family” has"));
        assert!(said("2027-06-10T09:00:00-05:00").starts_with("the calendar is busy from 9:00 AM"));
        assert_eq!(said("2027-06-09T11:00:00-05:00"), "");
    }
}
