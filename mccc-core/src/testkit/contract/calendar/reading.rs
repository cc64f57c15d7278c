//! What is taken, and what could not be read.

use std::time::Duration;

use super::desk::{Desk, NO_SUCH_FAULT, TELLS_SLOTS, appointment, day, hour, silences};
use super::{CalendarFault, CalendarHarness, Entry};
use crate::port::{Access, Availability, BusyReason, ErrorKind, TimeRange, When};
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};

/// Two days around the hours that cases use.
fn range() -> TimeRange {
    TimeRange {
        start: hour(0).start.minus(Duration::from_secs(6 * 3_600)),
        end: hour(40).end,
    }
}

fn instants(n: u32) -> When {
    When::Instants(hour(n))
}

pub(super) async fn the_booked_calendar_is_listed(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let calendars = desk.provider.calendars().await?;
    let booked = calendars.iter().find(|calendar| calendar.id == h.booked());
    let booked = booked.ok_or_else(|| Failure::new("the calendar that is booked is not listed"))?;
    ensure_eq!(booked.access, Access::Write, "what we may do with it");
    let main = calendars.iter().filter(|calendar| calendar.primary).count();
    ensure!(main <= 1, "{main} calendars are the main one");
    if let Some(other) = h.other() {
        ensure!(
            calendars.iter().any(|calendar| calendar.id == other),
            "a calendar of the account is not listed"
        );
    }
    Ok(Done::Passed)
}

pub(super) async fn what_was_entered_is_taken(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    if !desk.tells(Availability::Busy) {
        return Ok(TELLS_SLOTS);
    }
    let mut expected = Vec::new();
    for n in [1, 5] {
        if desk.enter(Entry::Event(hour(n))).await.is_some() {
            expected.push(instants(n));
        }
    }
    ensure!(!expected.is_empty(), "nothing can be entered into this calendar");
    if let (true, Some(other)) = (desk.provider.capabilities().conflict_calendars, h.other()) {
        h.enter(&other, &Entry::Event(hour(9))).await;
        expected.push(instants(9));
    }
    ensure_eq!(desk.taken(range()).await?, expected, "what is taken");
    Ok(Done::Passed)
}

pub(super) async fn an_entry_that_reaches_into_the_range_counts(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    if !desk.tells(Availability::Busy) {
        return Ok(TELLS_SLOTS);
    }
    let half = Duration::from_secs(1_800);
    let early = TimeRange::of(hour(3).start.minus(half), half * 2);
    let late = TimeRange::of(hour(3).end.minus(half), half * 2);
    for entry in [early, late, hour(1), hour(5)] {
        desk.enter(Entry::Event(entry)).await;
    }
    let found = desk.taken(hour(3)).await?;
    ensure_eq!(
        found,
        [When::Instants(early), When::Instants(late)],
        "what is taken of an hour, whole entries"
    );
    let whole = TimeRange {
        start: hour(10).start,
        end: hour(15).end,
    };
    desk.enter(Entry::Event(whole)).await;
    ensure_eq!(
        desk.taken(hour(12)).await?,
        [When::Instants(whole)],
        "an entry that covers the whole range"
    );
    Ok(Done::Passed)
}

pub(super) async fn what_takes_no_time_is_left_out(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    if !desk.tells(Availability::Busy) {
        return Ok(TELLS_SLOTS);
    }
    desk.enter(Entry::Event(hour(1))).await;
    for entry in [
        Entry::Free(hour(2)),
        Entry::Declined(hour(3)),
        Entry::CalledOff(hour(4)),
    ] {
        desk.enter(entry).await;
    }
    let busy = desk.busy(range()).await?;
    ensure_eq!(busy.entries.len(), 1, "entries that block, of four");
    ensure!(busy.free_days.is_empty(), "an hour was taken for whole days");
    Ok(Done::Passed)
}

pub(super) async fn what_is_not_agreed_to_yet_blocks(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    if !desk.tells(Availability::Busy) {
        return Ok(TELLS_SLOTS);
    }
    if desk.enter(Entry::Tentative(hour(2))).await.is_none() {
        return Ok(Done::Skipped("this calendar has no tentative entries"));
    }
    let busy = desk.busy(range()).await?;
    let reasons: Vec<BusyReason> = busy.entries.iter().map(|entry| entry.reason).collect();
    ensure_eq!(reasons, [BusyReason::Tentative], "why it blocks");
    Ok(Done::Passed)
}

pub(super) async fn whole_days_are_told_as_days(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    if !desk.tells(Availability::Busy) {
        return Ok(TELLS_SLOTS);
    }
    if desk.enter(Entry::Days(day(1), day(2))).await.is_none() {
        return Ok(Done::Skipped("this calendar has no whole days"));
    }
    let expected = When::Days {
        first: day(1),
        until: day(2),
    };
    ensure_eq!(desk.taken(range()).await?, [expected], "whole days, in no zone yet");
    Ok(Done::Passed)
}

pub(super) async fn free_whole_days_are_told_apart(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    if !desk.tells(Availability::Busy) {
        return Ok(TELLS_SLOTS);
    }
    if desk.enter(Entry::FreeDays(day(1), day(2))).await.is_none() {
        return Ok(Done::Skipped("this calendar has no free whole days"));
    }
    let busy = desk.busy(range()).await?;
    ensure!(busy.entries.is_empty(), "a day that is marked as free blocks");
    ensure_eq!(busy.free_days.len(), 1, "free days to ask the contractor about");
    Ok(Done::Passed)
}

pub(super) async fn our_appointments_are_marked_as_ours(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    if !desk.tells(Availability::Busy) {
        return Ok(TELLS_SLOTS);
    }
    desk.create(1).await?;
    desk.enter(Entry::Event(hour(2))).await;
    let mut entries = desk.busy(range()).await?.entries;
    entries.sort_by_key(|entry| entry.appointment.is_none());
    let found: Vec<_> = entries.iter().map(|entry| (entry.appointment, entry.when)).collect();
    ensure_eq!(
        found,
        [(Some(appointment(1)), instants(1)), (None, instants(2))],
        "whose entries they are"
    );
    ensure_eq!(
        entries.first().map(|entry| entry.reason),
        Some(BusyReason::Appointment),
        "why ours blocks"
    );
    Ok(Done::Passed)
}

pub(super) async fn every_page_is_read(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    if !desk.tells(Availability::Busy) {
        return Ok(TELLS_SLOTS);
    }
    let mut expected = Vec::new();
    for n in 0..30 {
        desk.enter(Entry::Event(hour(n))).await;
        expected.push(instants(n));
    }
    ensure_eq!(desk.taken(range()).await?, expected, "thirty entries");
    Ok(Done::Passed)
}

pub(super) async fn nothing_taken_is_an_answer(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    if !desk.tells(Availability::Busy) {
        return Ok(TELLS_SLOTS);
    }
    let busy = desk.busy(range()).await?;
    ensure!(busy.entries.is_empty(), "an empty calendar is taken");
    Ok(Done::Passed)
}

pub(super) async fn a_calendar_that_cannot_be_read_is_not_free(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    if !desk.tells(Availability::Busy) {
        return Ok(TELLS_SLOTS);
    }
    desk.enter(Entry::Event(hour(1))).await;
    let mut any = false;
    for fault in silences() {
        if !h.arrange(fault).await {
            continue;
        }
        any = true;
        let answer = desk.busy(range()).await;
        h.arrange(CalendarFault::None).await;
        if let Ok(busy) = answer {
            return Err(Failure::new(format!("{fault:?} was taken for an answer: {busy:?}")));
        }
    }
    ensure_eq!(
        desk.taken(range()).await?,
        [instants(1)],
        "the calendar when it is back"
    );
    Ok(if any { Done::Passed } else { NO_SUCH_FAULT })
}

pub(super) async fn one_unreadable_calendar_fails_the_read(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    if !desk.provider.capabilities().conflict_calendars {
        return Ok(Done::Skipped("this provider reads one calendar"));
    }
    if !h.arrange(CalendarFault::OtherUnreadable).await {
        return Ok(NO_SUCH_FAULT);
    }
    match desk.busy(range()).await {
        Ok(busy) => Err(Failure::new(format!(
            "a calendar that could not be read counted as free: {busy:?}"
        ))),
        Err(error) => {
            ensure!(
                matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Unavailable),
                "an unreadable calendar is {:?}",
                error.kind()
            );
            Ok(Done::Passed)
        }
    }
}
