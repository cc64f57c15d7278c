//! Changes since a look, and being called when there are some.

use std::collections::BTreeSet;
use std::time::Duration;

use super::desk::{Desk, NO_SUCH_FAULT, appointment, hour, silences};
use super::{CalendarFault, CalendarHarness, Entry};
use crate::port::{CalendarChanges, ChangePage, ChannelRequest, EventChange, SyncToken, When};
use crate::testkit::build;
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};
use crate::{Secret, Timestamp};

const NO_CHANGES: Done = Done::Skipped("this provider keeps no changes");

async fn since(
    desk: &Desk<'_>,
    changes: &dyn CalendarChanges,
    token: Option<&SyncToken>,
) -> Result<(Vec<EventChange>, SyncToken), Failure> {
    match changes.since(&desk.harness.booked(), token, build::START).await? {
        ChangePage::Changes { events, next } => Ok((events, next)),
        ChangePage::StartOver => Err(Failure::new("a token that was just given is too old")),
    }
}

pub(super) async fn changes_since_a_look_are_told(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let Some(changes) = desk.provider.changes() else {
        return Ok(NO_CHANGES);
    };
    let (kept, removed) = (desk.create(1).await?, desk.create(2).await?);
    let (all, token) = since(&desk, changes, None).await?;
    let found: BTreeSet<_> = all.iter().map(|change| change.provider_event.clone()).collect();
    let made = BTreeSet::from([kept.provider_event.clone(), removed.provider_event.clone()]);
    ensure_eq!(found, made, "the whole calendar");
    let (nothing, token) = since(&desk, changes, Some(&token)).await?;
    ensure!(nothing.is_empty(), "something changed by itself");
    for n in 10..25 {
        desk.enter(Entry::Event(hour(n))).await;
    }
    if !(h.drag(&kept.provider_event, hour(5)).await && h.remove(&removed.provider_event).await) {
        return Ok(Done::Skipped("nobody changes events of this provider by hand"));
    }
    let (news, token) = since(&desk, changes, Some(&token)).await?;
    ensure_eq!(news.len(), 17, "changes");
    let about = |event: &str| news.iter().find(|change| change.provider_event == event);
    let moved = about(&kept.provider_event);
    ensure_eq!(
        moved.map(|change| (change.when, change.appointment)),
        Some((Some(When::Instants(hour(5))), Some(appointment(1)))),
        "what is told of an appointment that was moved"
    );
    ensure_eq!(
        about(&removed.provider_event).map(|change| change.when),
        Some(None),
        "what is told of an event that was removed"
    );
    let (nothing, _) = since(&desk, changes, Some(&token)).await?;
    ensure!(nothing.is_empty(), "the same changes are told twice");
    Ok(Done::Passed)
}

pub(super) async fn a_forgotten_token_starts_over(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let Some(changes) = desk.provider.changes() else {
        return Ok(NO_CHANGES);
    };
    let (_, token) = since(&desk, changes, None).await?;
    if !h.arrange(CalendarFault::TokensForgotten).await {
        return Ok(NO_SUCH_FAULT);
    }
    let page = changes.since(&h.booked(), Some(&token), build::START).await?;
    ensure_eq!(page, ChangePage::StartOver, "what to do with a token that is too old");
    h.arrange(CalendarFault::None).await;
    since(&desk, changes, None).await?;
    Ok(Done::Passed)
}

pub(super) async fn changes_that_cannot_be_read_are_not_none(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let Some(changes) = desk.provider.changes() else {
        return Ok(NO_CHANGES);
    };
    let (_, token) = since(&desk, changes, None).await?;
    for fault in silences() {
        if !h.arrange(fault).await {
            continue;
        }
        let answer = changes.since(&h.booked(), Some(&token), build::START).await;
        ensure!(answer.is_err(), "{fault:?} was taken for an answer: {answer:?}");
    }
    Ok(Done::Passed)
}

pub(super) async fn a_watched_calendar_has_a_channel(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let Some(push) = desk.provider.push() else {
        return Ok(Done::Skipped("this provider does not call"));
    };
    let request = ChannelRequest {
        id: "channel-1".to_owned(),
        token: Secret::new("t0ken-of-the-channel"),
        address: "https://mccc.example/webhooks/calendar".to_owned(),
        lifetime: Duration::from_secs(7 * 86_400),
    };
    let channel = push.watch(&h.booked(), &request).await?;
    ensure_eq!(channel.id, request.id, "the channel");
    ensure!(!channel.resource.is_empty(), "a channel watches nothing");
    ensure!(
        channel.expires_at.is_none_or(|at| at > Timestamp::UNIX_EPOCH),
        "a channel ended before it began"
    );
    ensure_eq!(h.channels().await, Some(vec![channel.id.clone()]), "open channels");
    for _ in 0..2 {
        push.stop(&channel).await?;
    }
    ensure_eq!(h.channels().await, Some(Vec::new()), "channels after the end");
    Ok(Done::Passed)
}
