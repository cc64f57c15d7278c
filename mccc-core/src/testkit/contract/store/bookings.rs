//! Appointments and the time that is closed: no time belongs to two, and what is free is free.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::StoreHarness;
use super::bench::{Bench, note, refused};
use crate::appointments::{Appointment, AppointmentSource, AppointmentStatus, Block, BlockedTime, CancelledBy, Span};
use crate::business::{CalendarCopy, CalendarSync, CopyTrouble};
use crate::port::store::{AppointmentCursor, AppointmentFilter, Bookings, Change, CommitError, Conflict, Guard, Stale};
use crate::port::{Channel, SyncToken, TimeRange, Validators, When};
use crate::testkit::build;
use crate::testkit::contract::{Checked, Done, Failure, ensure_eq};
use crate::zone::LocalDay;
use crate::{BlockedTimeId, BusinessId, Timestamp};

const HOUR: Duration = Duration::from_secs(3_600);

fn hours(count: u32) -> Duration {
    HOUR * count
}

fn put(appointment: &Appointment) -> Change {
    Change::PutAppointment(Box::new(appointment.clone()))
}

/// Closes the time from `from`, `long` long.
fn close(appointment: &Appointment, from: Timestamp, long: Duration) -> Change {
    Change::SetBlocks {
        appointment: appointment.id,
        blocks: vec![Block {
            from,
            until: from.plus(long),
            expires_at: None,
        }],
    }
}

/// Everything from long ago to long after.
async fn all(bench: &Bench<'_>, business: BusinessId) -> Result<Bookings, Failure> {
    let (from, until) = (Timestamp::UNIX_EPOCH, Timestamp::from_seconds(10_000_000_000));
    Ok(bench.store.bookings(business, from, until).await?)
}

pub(super) async fn appointments_read_back_with_every_field(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let now = bench.now();
    let mut row = build::appointment(ace, "full", now.plus(HOUR));
    ensure_eq!(
        bench.store.appointment(ace, row.id).await?,
        None,
        "before it is written"
    );
    for (version, status) in (1..).zip(AppointmentStatus::ALL) {
        row.version = version;
        row.status = *status;
        row.source = AppointmentSource::ALL
            .get(usize::try_from(version).unwrap_or(0) % AppointmentSource::ALL.len())
            .copied()
            .unwrap_or(AppointmentSource::Manual);
        row.cancelled_by = CancelledBy::ALL
            .get(usize::try_from(version).unwrap_or(0) % (CancelledBy::ALL.len() + 1))
            .copied();
        bench.apply(ace, vec![put(&row)]).await?;
        let read = bench.store.appointment(ace, row.id).await?;
        ensure_eq!(
            read,
            Some(row.clone()),
            "an appointment with every field, as {status:?}"
        );
    }
    let bare = Appointment {
        version: row.version + 1,
        call: None,
        conversation: None,
        customer: crate::appointments::Customer {
            name: String::new(),
            phone: None,
            email: None,
        },
        service: None,
        location: None,
        notes: None,
        held_until: None,
        moving_to: None,
        event: None,
        calendar_attempt: 0,
        reminders: Vec::new(),
        confirmed_at: None,
        cancelled_at: None,
        cancelled_by: None,
        cancellation_reason: None,
        ..row
    };
    bench.apply(ace, vec![put(&bare)]).await?;
    let read = bench.store.appointment(ace, bare.id).await?;
    ensure_eq!(read, Some(bare.clone()), "an appointment with only what it must have");
    ensure_eq!(
        all(&bench, ace).await?.appointments,
        vec![bare],
        "the appointments of a stretch of time"
    );
    Ok(Done::Passed)
}

pub(super) async fn closed_time_belongs_to_one_appointment(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let best = bench.business("best", 2).await?;
    let nine = bench.now().plus(hours(24));
    let (first, second) = (
        build::appointment(ace, "first", nine),
        build::appointment(ace, "second", nine),
    );
    bench
        .apply(ace, vec![put(&first), close(&first, nine, hours(2))])
        .await?;
    for (what, from, long) in [
        ("the same", nine, hours(2)),
        ("a part", nine.plus(HOUR), Duration::from_micros(1)),
        ("all of it and more", nine.minus(HOUR), hours(9)),
        (
            "its last microsecond",
            nine.plus(hours(2)).minus(Duration::from_micros(1)),
            HOUR,
        ),
        (
            "its first microsecond",
            nine.minus(HOUR),
            HOUR + Duration::from_micros(1),
        ),
    ] {
        let changes = vec![put(&second), close(&second, from, long), note(bench.now(), "taken")];
        ensure_eq!(bench.refuse(ace, changes).await?, Conflict::SlotTaken, "{what}");
    }
    ensure_eq!(
        bench.store.appointment(ace, second.id).await?,
        None,
        "who came too late"
    );
    ensure_eq!(bench.feed_len(ace).await?, 0, "the feed after refusals");
    // Touching is free, on both sides; and another business has time of its own.
    let before = build::appointment(ace, "before", nine.minus(HOUR));
    bench
        .apply(ace, vec![put(&before), close(&before, nine.minus(HOUR), HOUR)])
        .await?;
    bench
        .apply(ace, vec![put(&second), close(&second, nine.plus(hours(2)), HOUR)])
        .await?;
    let elsewhere = build::appointment(best, "first", nine);
    bench
        .apply(best, vec![put(&elsewhere), close(&elsewhere, nine, hours(2))])
        .await?;
    // An appointment may overlap itself: it is moved by half an hour and keeps both times meanwhile.
    let both = Change::SetBlocks {
        appointment: second.id,
        blocks: vec![
            block(nine.plus(hours(2)), HOUR, None),
            block(nine.plus(hours(2)).plus(HOUR / 2), HOUR, None),
        ],
    };
    bench.apply(ace, vec![both]).await?;
    let closed: Vec<_> = all(&bench, ace).await?.blocks;
    ensure_eq!(
        closed,
        vec![
            (before.id, block(nine.minus(HOUR), HOUR, None)),
            (first.id, block(nine, hours(2), None)),
            (second.id, block(nine.plus(hours(2)), HOUR, None)),
            (second.id, block(nine.plus(hours(2)).plus(HOUR / 2), HOUR, None)),
        ],
        "the closed time, in order"
    );
    // What is given up is free at once, and only that.
    let freed = Change::SetBlocks {
        appointment: first.id,
        blocks: Vec::new(),
    };
    bench.apply(ace, vec![freed]).await?;
    let third = build::appointment(ace, "third", nine);
    bench
        .apply(ace, vec![put(&third), close(&third, nine, hours(2))])
        .await?;
    Ok(Done::Passed)
}

fn block(from: Timestamp, long: Duration, expires_at: Option<Timestamp>) -> Block {
    Block {
        from,
        until: from.plus(long),
        expires_at,
    }
}

pub(super) async fn a_hold_that_ran_out_closes_nothing(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let nine = bench.now().plus(hours(24));
    let until = bench.now().plus(Duration::from_secs(180));
    let mut held = build::appointment(ace, "held", nine);
    held.status = AppointmentStatus::Held;
    held.held_until = Some(until);
    let hold = Change::SetBlocks {
        appointment: held.id,
        blocks: vec![block(nine, HOUR, Some(until))],
    };
    bench.apply(ace, vec![put(&held), hold]).await?;
    let late = build::appointment(ace, "late", nine);
    let book = || vec![put(&late), close(&late, nine, HOUR)];
    bench.harness.advance(Duration::from_secs(179));
    ensure_eq!(
        bench.refuse(ace, book()).await?,
        Conflict::SlotTaken,
        "while it is held"
    );
    ensure_eq!(all(&bench, ace).await?.blocks.len(), 1, "a hold that lasts is seen");
    let full = |limit| Guard::DayBelow {
        from: nine,
        until: nine.plus(HOUR),
        limit,
        except: late.id,
    };
    let mut asks = bench.commit(ace, Vec::new());
    asks.guards = vec![full(1)];
    ensure_eq!(
        refused(bench.store.commit(asks.clone()).await)?,
        Conflict::DayFull,
        "a hold counts"
    );
    bench.harness.advance(Duration::from_secs(1));
    ensure_eq!(
        all(&bench, ace).await?.blocks,
        Vec::new(),
        "a hold that ran out is not seen"
    );
    bench.store.commit(asks).await?;
    bench.apply(ace, book()).await?;
    // Whoever held it learns that it is gone when the booking is to be made final.
    held.version = 2;
    held.status = AppointmentStatus::Scheduled;
    held.held_until = None;
    let conflict = bench.refuse(ace, vec![put(&held), close(&held, nine, HOUR)]).await?;
    ensure_eq!(conflict, Conflict::SlotTaken, "a booking after its hold ran out");
    Ok(Done::Passed)
}

pub(super) async fn of_bookers_that_race_one_gets_the_time(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let other = bench.other().await;
    let nine = bench.now().plus(hours(24));
    let mut bookers = JoinSet::new();
    for booker in 0..40_u32 {
        let store = Arc::clone(if booker % 2 == 0 { &bench.store } else { &other });
        // Each wants a quarter of an hour more than the one before: all of them meet between nine and ten.
        let row = build::appointment(ace, &format!("booker {booker}"), nine);
        let from = nine.minus(HOUR / 4 * (booker % 4));
        let changes = vec![put(&row), close(&row, from, hours(2)), note(bench.now(), "won")];
        let commit = bench.commit(ace, changes);
        bookers.spawn(async move { store.commit(commit).await });
    }
    let mut won = 0;
    while let Some(result) = bookers.join_next().await {
        match result.map_err(|error| Failure::new(error.to_string()))? {
            Ok(_) => won += 1,
            lost @ Err(CommitError::Conflict(_)) => {
                ensure_eq!(refused(lost)?, Conflict::SlotTaken, "a booker that lost");
            }
            Err(error) => return Err(error.into()),
        }
    }
    ensure_eq!(won, 1, "bookers that won");
    let there = all(&bench, ace).await?;
    ensure_eq!(
        (there.appointments.len(), there.blocks.len(), bench.feed_len(ace).await?),
        (1, 1, 1),
        "what the winner left"
    );
    Ok(Done::Passed)
}

pub(super) async fn a_full_day_takes_no_more(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let day = bench.now().plus(hours(24));
    let next = day.plus(hours(24));
    let mut rows = Vec::new();
    for (index, (status, start)) in [
        (AppointmentStatus::Scheduled, day),
        (AppointmentStatus::Confirmed, day.plus(hours(2))),
        (AppointmentStatus::Completed, next.minus(Duration::from_micros(1))),
        (AppointmentStatus::Cancelled, day.plus(hours(4))),
        (AppointmentStatus::NoShow, day.plus(hours(5))),
        (AppointmentStatus::Rescheduled, day.plus(hours(6))),
        (AppointmentStatus::Scheduled, next),
        (AppointmentStatus::Scheduled, day.minus(Duration::from_micros(1))),
    ]
    .into_iter()
    .enumerate()
    {
        let mut row = build::appointment(ace, &format!("a{index}"), start);
        row.status = status;
        row.held_until = None;
        bench.apply(ace, vec![put(&row)]).await?;
        rows.push(row);
    }
    let new = build::appointment(ace, "new", day);
    for (limit, except, fits) in [
        (4, new.id, true),
        (3, new.id, false),
        (3, rows.first().map_or(new.id, |row| row.id), true),
        (2, rows.first().map_or(new.id, |row| row.id), false),
    ] {
        let mut commit = bench.commit(ace, vec![note(bench.now(), "fits")]);
        commit.guards = vec![Guard::DayBelow {
            from: day,
            until: next,
            limit,
            except,
        }];
        let answer = bench.store.commit(commit).await;
        if fits {
            answer?;
        } else {
            ensure_eq!(refused(answer)?, Conflict::DayFull, "three of at most {limit}");
        }
    }
    ensure_eq!(bench.feed_len(ace).await?, 2, "what fitted");
    Ok(Done::Passed)
}

pub(super) async fn time_without_appointments_is_kept(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let now = bench.now();
    let day = build::zone("America/Chicago").to_local(now).day;
    let mut workshop = BlockedTime {
        id: BlockedTimeId::derive(now, "workshop"),
        business: ace,
        span: Span::Instants {
            from: now.plus(HOUR),
            until: now.plus(hours(3)),
        },
        title: build::HARD_TEXT.to_owned(),
        created_at: now,
    };
    let holiday = BlockedTime {
        id: BlockedTimeId::derive(now.plus(HOUR), "holiday"),
        span: Span::Days {
            from: day.plus_days(10),
            until: day.plus_days(12),
        },
        ..workshop.clone()
    };
    for time in [&workshop, &holiday] {
        bench.apply(ace, vec![Change::PutBlockedTime(time.clone())]).await?;
    }
    let found = |from, until| async move {
        let bookings = Bench::of(h).store.bookings(ace, from, until).await?;
        Ok::<_, Failure>(bookings.blocked_times)
    };
    ensure_eq!(
        found(now, now.plus(hours(24 * 30))).await?,
        vec![workshop.clone(), holiday.clone()],
        "all of it"
    );
    ensure_eq!(
        found(now.plus(hours(3)), now.plus(hours(24))).await?,
        Vec::new(),
        "none where it only touches"
    );
    ensure_eq!(
        found(now.plus(hours(24 * 10)), now.plus(hours(24 * 11))).await?,
        vec![holiday.clone()],
        "whole days"
    );
    workshop.title = "moved".to_owned();
    workshop.span = Span::Instants {
        from: now.plus(hours(5)),
        until: now.plus(hours(6)),
    };
    bench.apply(ace, vec![Change::PutBlockedTime(workshop.clone())]).await?;
    ensure_eq!(
        found(now.plus(hours(4)), now.plus(hours(24))).await?,
        vec![workshop.clone()],
        "written whole again"
    );
    for _ in 0..2 {
        bench.apply(ace, vec![Change::RemoveBlockedTime(workshop.id)]).await?;
    }
    ensure_eq!(
        found(now, now.plus(hours(24 * 30))).await?,
        vec![holiday],
        "after one was taken away, twice"
    );
    Ok(Done::Passed)
}

pub(super) async fn how_far_a_calendar_was_followed_is_kept(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let best = bench.business("best", 2).await?;
    ensure_eq!(bench.store.calendar_sync(ace).await?, None, "before it ever was");
    let first = CalendarSync {
        version: 1,
        connection: "one".to_owned(),
        calendar: "jo@example.com".to_owned(),
        token: None,
        channel: None,
        synced_at: None,
    };
    let second = CalendarSync {
        version: 2,
        token: Some(SyncToken(build::HARD_TEXT.to_owned())),
        channel: Some(Channel {
            id: "channel".to_owned(),
            resource: "resource".to_owned(),
            expires_at: Some(bench.now().plus(hours(24))),
        }),
        synced_at: Some(bench.now()),
        ..first.clone()
    };
    for sync in [&first, &second] {
        let put = Change::PutCalendarSync(Box::new(sync.clone()));
        bench.apply(ace, vec![put]).await?;
        ensure_eq!(
            bench.store.calendar_sync(ace).await?,
            Some(sync.clone()),
            "as it was written"
        );
    }
    ensure_eq!(bench.store.calendar_sync(best).await?, None, "that of another business");
    let again = bench
        .refuse(ace, vec![Change::PutCalendarSync(Box::new(second))])
        .await?;
    ensure_eq!(again, Conflict::Stale(Stale::CalendarSync), "the same version again");
    Ok(Done::Passed)
}

pub(super) async fn what_was_read_of_calendars_is_kept(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let best = bench.business("best", 2).await?;
    ensure_eq!(bench.store.calendar_copies(ace).await?, [], "before any was read");
    let span = |from: u32| When::Instants(TimeRange::of(bench.now().plus(hours(from)), HOUR));
    let day = LocalDay(20_000);
    let days = When::Days {
        first: day,
        until: day.plus_days(2),
    };
    let first = CalendarCopy {
        version: 1,
        calendar: "one".to_owned(),
        known: Validators::default(),
        zone: "America/Chicago".to_owned(),
        until: bench.now().plus(hours(48)),
        read_at: bench.now(),
        tried_at: bench.now(),
        taken: vec![span(1), days],
        free_days: vec![days],
        trouble: None,
    };
    let second = CalendarCopy {
        version: 2,
        known: Validators {
            etag: Some(build::HARD_TEXT.to_owned()),
            last_modified: Some("Mon, 01 Jun 2026 08:00:00 GMT".to_owned()),
        },
        tried_at: bench.now().plus(HOUR),
        trouble: Some(CopyTrouble {
            since: bench.now(),
            sentence: build::HARD_TEXT.to_owned(),
            told: true,
        }),
        ..first.clone()
    };
    let other = CalendarCopy {
        calendar: "other".to_owned(),
        taken: vec![span(5)],
        ..first.clone()
    };
    let put = |copy: &CalendarCopy| vec![Change::PutCalendarCopy(Box::new(copy.clone()))];
    bench.apply(ace, put(&first)).await?;
    bench.apply(ace, put(&other)).await?;
    bench.apply(ace, put(&second)).await?;
    let kept = [second.clone(), other.clone()];
    ensure_eq!(bench.store.calendar_copies(ace).await?, kept, "each as it was written");
    ensure_eq!(
        bench.store.calendar_copies(best).await?,
        [],
        "those of another business"
    );
    for stale in [&first, &second] {
        let again = bench.refuse(ace, put(stale)).await?;
        ensure_eq!(
            again,
            Conflict::Stale(Stale::CalendarCopy),
            "a version that is not the next"
        );
    }
    let drop = |calendar: &str| {
        vec![Change::DropCalendarCopy {
            calendar: calendar.to_owned(),
        }]
    };
    bench.apply(best, drop("one")).await?;
    ensure_eq!(
        bench.store.calendar_copies(ace).await?,
        kept,
        "somebody else's is not dropped"
    );
    bench.apply(ace, drop("one")).await?;
    bench.apply(ace, drop("one")).await?;
    ensure_eq!(bench.store.calendar_copies(ace).await?, [other], "what is left");
    let third = CalendarCopy { version: 3, ..second };
    let late = bench.refuse(ace, put(&third)).await?;
    ensure_eq!(late, Conflict::Stale(Stale::CalendarCopy), "over one that was dropped");
    Ok(Done::Passed)
}

pub(super) async fn appointments_are_listed_without_gaps_or_repetitions(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let start = bench.now().plus(hours(24));
    let mut rows = Vec::new();
    for index in 0..23_u32 {
        // Several start at one instant.
        let mut row = build::appointment(ace, &format!("a{index}"), start.plus(HOUR * (index / 3)));
        row.status = AppointmentStatus::ALL
            .get(usize::try_from(index).unwrap_or(0) % AppointmentStatus::ALL.len())
            .copied()
            .unwrap_or(AppointmentStatus::Scheduled);
        row.customer.phone = Some(build::phone(40 + index % 2));
        bench.apply(ace, vec![put(&row)]).await?;
        rows.push(row);
    }
    rows.sort_by_key(|row| (row.starts_at, row.id));
    let filters = [
        AppointmentFilter::default(),
        AppointmentFilter {
            statuses: AppointmentStatus::ALL.to_vec(),
            ..AppointmentFilter::default()
        },
        AppointmentFilter {
            statuses: vec![AppointmentStatus::Scheduled, AppointmentStatus::Confirmed],
            ..AppointmentFilter::default()
        },
        AppointmentFilter {
            customer: Some(build::phone(41)),
            ..AppointmentFilter::default()
        },
        AppointmentFilter {
            from: Some(start.plus(hours(2))),
            until: Some(start.plus(hours(5))),
            ..AppointmentFilter::default()
        },
    ];
    for filter in filters {
        let expected: Vec<&Appointment> = rows.iter().filter(|row| filter.admits(row)).collect();
        let mut listed: Vec<Appointment> = Vec::new();
        loop {
            let after = listed.last().map(|row| AppointmentCursor {
                starts_at: row.starts_at,
                id: row.id,
            });
            let page = bench.store.appointments(ace, &filter, after, 2).await?;
            if page.is_empty() || listed.len() > rows.len() {
                break;
            }
            listed.extend(page);
        }
        ensure_eq!(listed.iter().collect::<Vec<_>>(), expected, "pages of {filter:?}");
    }
    Ok(Done::Passed)
}

pub(super) async fn a_business_sees_and_closes_only_its_own_time(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let best = bench.business("best", 2).await?;
    let nine = bench.now().plus(hours(24));
    let row = build::appointment(ace, "mine", nine);
    bench.apply(ace, vec![put(&row), close(&row, nine, HOUR)]).await?;
    ensure_eq!(all(&bench, best).await?, Bookings::default(), "another's bookings");
    ensure_eq!(
        bench.store.appointment(best, row.id).await?,
        None,
        "another's appointment"
    );
    let filter = AppointmentFilter::default();
    let listed = bench.store.appointments(best, &filter, None, 10).await?;
    ensure_eq!(listed, Vec::new(), "another's list");
    // Nobody frees another's time, even by its identifier, and a version of another's row is no version here.
    let free = Change::SetBlocks {
        appointment: row.id,
        blocks: Vec::new(),
    };
    bench.apply(best, vec![free]).await?;
    ensure_eq!(
        all(&bench, ace).await?.blocks.len(),
        1,
        "time that another tried to free"
    );
    let foreign = Appointment {
        business: best,
        version: 2,
        ..row
    };
    ensure_eq!(
        bench.refuse(best, vec![put(&foreign)]).await?,
        Conflict::Stale(Stale::Appointment),
        "an update of a row that is another's"
    );
    Ok(Done::Passed)
}
