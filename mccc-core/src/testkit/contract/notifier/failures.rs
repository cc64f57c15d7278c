//! What goes wrong, and what is said of it.

use std::future::{Ready, ready};
use std::time::Duration;

use super::super::discretion::{check_name, hides, shown};
use super::super::{Checked, Done, Failure, ensure, ensure_eq};
use super::{NotifierFault, NotifierHarness, SAID, about};
use crate::port::{ErrorKind, PortError, Retry};

const NO_SUCH_FAULT: Done = Done::Skipped("this channel cannot be made to do so");
const FAULTS: [NotifierFault; 6] = [
    NotifierFault::Unreachable,
    NotifierFault::NoAnswer,
    NotifierFault::Busy(Duration::from_secs(90)),
    NotifierFault::Refused,
    NotifierFault::NotUnderstood,
    NotifierFault::Broken,
];

/// What telling met; nothing when the channel has no such fault.
async fn met(h: &dyn NotifierHarness, fault: NotifierFault) -> Result<Option<PortError>, Failure> {
    if !h.arrange(fault).await {
        return Ok(None);
    }
    match h.notifier().notify(&about("Acme")).await {
        Ok(_) => Err(Failure::new(format!("{fault:?} was called a success"))),
        Err(error) => Ok(Some(error)),
    }
}

pub(super) async fn a_channel_that_cannot_be_reached_heard_nothing(h: &dyn NotifierHarness) -> Checked {
    let Some(error) = met(h, NotifierFault::Unreachable).await? else {
        return Ok(NO_SUCH_FAULT);
    };
    ensure_eq!(error.kind(), ErrorKind::Unavailable, "the kind of failure");
    ensure_eq!(error.retry(), Retry::Backoff, "whether to repeat it");
    ensure!(h.arrived().await.is_empty(), "an unreachable channel heard something");
    h.arrange(NotifierFault::None).await;
    h.notifier().notify(&about("Acme")).await?;
    ensure_eq!(h.arrived().await.len(), 1, "notices after it was back");
    Ok(Done::Passed)
}

pub(super) async fn a_notice_in_doubt_is_called_so(h: &dyn NotifierHarness) -> Checked {
    let Some(error) = met(h, NotifierFault::NoAnswer).await? else {
        return Ok(NO_SUCH_FAULT);
    };
    let expected = if h.notifier().capabilities().repeats_are_one {
        Retry::Backoff
    } else {
        Retry::Unknown
    };
    ensure_eq!(error.retry(), expected, "whether to repeat what may have been told");
    Ok(Done::Passed)
}

pub(super) async fn a_busy_channel_names_its_wait(h: &dyn NotifierHarness) -> Checked {
    let wait = Duration::from_secs(90);
    let Some(error) = met(h, NotifierFault::Busy(wait)).await? else {
        return Ok(NO_SUCH_FAULT);
    };
    ensure_eq!(error.kind(), ErrorKind::RateLimited, "the kind of failure");
    ensure_eq!(error.retry(), Retry::After(wait), "the wait");
    ensure!(h.arrived().await.is_empty(), "a busy channel heard something");
    Ok(Done::Passed)
}

pub(super) async fn a_refusal_is_final(h: &dyn NotifierHarness) -> Checked {
    let Some(error) = met(h, NotifierFault::Refused).await? else {
        return Ok(NO_SUCH_FAULT);
    };
    ensure_eq!(error.retry(), Retry::Never, "whether to repeat what was refused");
    ensure!(
        matches!(
            error.kind(),
            ErrorKind::Unauthenticated | ErrorKind::ReconnectRequired | ErrorKind::NotFound | ErrorKind::InvalidConfig
        ),
        "nobody can tell that it has to be connected again: {:?}",
        error.kind()
    );
    ensure!(error.reason().is_some(), "the contractor is not told why");
    Ok(Done::Passed)
}

pub(super) async fn a_request_that_is_not_understood_is_not_repeated(h: &dyn NotifierHarness) -> Checked {
    let Some(error) = met(h, NotifierFault::NotUnderstood).await? else {
        return Ok(NO_SUCH_FAULT);
    };
    ensure_eq!(error.kind(), ErrorKind::Rejected, "the kind of failure");
    ensure_eq!(error.retry(), Retry::Never, "whether to repeat it");
    Ok(Done::Passed)
}

pub(super) async fn a_failure_that_did_nothing_may_be_repeated(h: &dyn NotifierHarness) -> Checked {
    let Some(error) = met(h, NotifierFault::Broken).await? else {
        return Ok(NO_SUCH_FAULT);
    };
    ensure_eq!(error.kind(), ErrorKind::Unavailable, "the kind of failure");
    ensure_eq!(error.retry(), Retry::Backoff, "whether to repeat it");
    Ok(Done::Passed)
}

pub(super) fn the_name_of_the_channel_is_fit_for_labels(h: &dyn NotifierHarness) -> Ready<Checked> {
    ready(check_name(h.notifier().name()))
}

pub(super) async fn failures_name_the_channel(h: &dyn NotifierHarness) -> Checked {
    for fault in FAULTS {
        if let Some(error) = met(h, fault).await? {
            ensure_eq!(error.adapter(), h.notifier().name(), "who failed at {fault:?}");
            ensure!(!error.operation().is_empty(), "{fault:?} names no operation");
        }
    }
    Ok(Done::Passed)
}

pub(super) async fn failures_give_nothing_away(h: &dyn NotifierHarness) -> Checked {
    for fault in FAULTS {
        let Some(error) = met(h, fault).await? else { continue };
        hides(
            fault,
            &shown(&error),
            h.secrets().iter().map(String::as_str).chain([SAID]),
        )?;
    }
    Ok(Done::Passed)
}

pub(super) fn the_adapter_hides_its_credentials(h: &dyn NotifierHarness) -> Ready<Checked> {
    let shown = format!("{0:?} {0:#?} {1:?}", h.notifier(), about("Acme"));
    ready(hides(
        "the adapter",
        &shown,
        h.secrets().iter().map(String::as_str).chain([SAID]),
    ))
}
