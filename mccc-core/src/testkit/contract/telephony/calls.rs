//! Calls: those that we place to the business's own phones, and those that arrived.

use std::time::Duration;

use super::desk::{Desk, NO_SUCH_FAULT, call};
use super::{TelephonyFault, TelephonyHarness};
use crate::CallerId;
use crate::port::{RemoteCall, Retry};
use crate::testkit::build;
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};

fn found(call: Option<RemoteCall>) -> Result<RemoteCall, Failure> {
    call.ok_or_else(|| Failure::new("a call that was placed is not found"))
}

pub(super) async fn a_placed_call_is_remembered(h: &dyn TelephonyHarness) -> Checked {
    let desk = Desk::of(h);
    let ours = desk.bought().await?.number;
    let placed = desk.telephony.place_call(&call(1, ours)).await?;
    ensure!(
        !placed.status.is_final(),
        "a call that was just placed is over: {:?}",
        placed.status
    );
    ensure_eq!(h.placed().await, [build::phone(1)], "whom the account called");
    let remote = found(desk.telephony.fetch_call(&placed.provider_call).await?)?;
    for call in [&placed, &remote] {
        ensure_eq!(call.from, CallerId::Present(ours), "who called");
        ensure_eq!(call.to, Some(build::phone(1)), "who was called");
    }
    ensure_eq!(remote.provider_call, placed.provider_call, "the identifier");
    let other = desk.telephony.place_call(&call(2, ours)).await?;
    ensure!(
        other.provider_call != placed.provider_call,
        "two calls have one identifier"
    );
    Ok(Done::Passed)
}

pub(super) async fn a_call_in_doubt_is_not_repeated(h: &dyn TelephonyHarness) -> Checked {
    let desk = Desk::of(h);
    let ours = desk.bought().await?.number;
    let mut any = false;
    for (n, fault) in [(1, TelephonyFault::NoAnswer), (2, TelephonyFault::ServerError)] {
        if !h.arrange(fault).await {
            continue;
        }
        any = true;
        let placed = desk.telephony.place_call(&call(n, ours)).await;
        h.arrange(TelephonyFault::None).await;
        let Err(error) = placed else {
            return Err(Failure::new(format!("{fault:?} was called a success")));
        };
        ensure_eq!(
            error.retry(),
            Retry::Unknown,
            "the verdict on a call that may have been placed"
        );
        let times = h.placed().await.into_iter().filter(|to| *to == build::phone(n)).count();
        ensure_eq!(times, 1, "how often the phone rang");
    }
    Ok(if any { Done::Passed } else { NO_SUCH_FAULT })
}

pub(super) async fn a_call_that_never_was_is_absent(h: &dyn TelephonyHarness) -> Checked {
    let desk = Desk::of(h);
    let ours = desk.bought().await?.number;
    desk.telephony.place_call(&call(1, ours)).await?;
    ensure_eq!(
        desk.telephony.fetch_call(&h.absent_call()).await?,
        None,
        "a call that was never made"
    );
    Ok(Done::Passed)
}

pub(super) async fn hanging_up_twice_is_hanging_up_once(h: &dyn TelephonyHarness) -> Checked {
    let desk = Desk::of(h);
    let ours = desk.bought().await?.number;
    let ended = desk.telephony.place_call(&call(1, ours)).await?.provider_call;
    let open = desk.telephony.place_call(&call(2, ours)).await?.provider_call;
    for _ in 0..2 {
        desk.telephony.hang_up(&ended).await?;
        let remote = found(desk.telephony.fetch_call(&ended).await?)?;
        ensure!(remote.status.is_final(), "the call goes on: {:?}", remote.status);
    }
    let remote = found(desk.telephony.fetch_call(&open).await?)?;
    ensure!(!remote.status.is_final(), "another call was ended: {:?}", remote.status);
    Ok(Done::Passed)
}

pub(super) async fn arrived_calls_are_listed_newest_first(h: &dyn TelephonyHarness) -> Checked {
    let desk = Desk::of(h);
    let (ours, other) = (desk.bought().await?.number, desk.bought().await?.number);
    let mut arrived = Vec::new();
    for n in 1..=4 {
        let Some(identifier) = h.call_arrives(&build::phone(n), &ours).await else {
            return Ok(Done::Skipped("this provider keeps no calls"));
        };
        arrived.insert(0, (identifier, CallerId::Present(build::phone(n)), Some(ours)));
        h.call_arrives(&build::phone(n + 10), &other).await;
        h.advance(Duration::from_secs(600));
    }
    let listed = |calls: Vec<RemoteCall>| -> Vec<_> {
        calls
            .into_iter()
            .map(|call| (call.provider_call, call.from, call.to))
            .collect()
    };
    let hour = desk.now().minus(Duration::from_secs(3_600));
    ensure_eq!(
        listed(desk.telephony.list_calls(&ours, hour).await?),
        arrived,
        "calls of the last hour"
    );
    let recent = desk.now().minus(Duration::from_secs(1_300));
    arrived.truncate(2);
    ensure_eq!(
        listed(desk.telephony.list_calls(&ours, recent).await?),
        arrived,
        "calls of the last twenty minutes"
    );
    Ok(Done::Passed)
}

pub(super) async fn calls_of_ours_have_not_arrived(h: &dyn TelephonyHarness) -> Checked {
    let desk = Desk::of(h);
    let ours = desk.bought().await?.number;
    desk.telephony.place_call(&call(1, ours)).await?;
    let since = desk.now().minus(Duration::from_secs(600));
    for number in [ours, build::phone(1)] {
        let listed = desk.telephony.list_calls(&number, since).await?;
        ensure_eq!(listed, [], "calls that arrived");
    }
    Ok(Done::Passed)
}
