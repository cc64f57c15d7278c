//! What goes wrong, and what is said of it.

use std::future::{Ready, ready};
use std::time::Duration;

use super::super::discretion::{check_name, hides, hides_credentials, is_for_a_person, shown};
use super::super::{Checked, Done, Failure, ensure, ensure_eq};
use super::{EmbedderFault, EmbedderHarness, KNOWN, tell};
use crate::port::{ErrorKind, PortError, Retry};

const NO_SUCH_FAULT: Done = Done::Skipped("this model cannot be made to do so");
const WAIT: Duration = Duration::from_secs(90);
/// The longest time limit that an embedder may have: a text waits for it.
const LONGEST: Duration = Duration::from_secs(10);
const FAULTS: [EmbedderFault; 16] = [
    EmbedderFault::Unreachable,
    EmbedderFault::Silent,
    EmbedderFault::Busy(WAIT),
    EmbedderFault::KeyRefused,
    EmbedderFault::NoSuchModel,
    EmbedderFault::NotUnderstood,
    EmbedderFault::Broken,
    EmbedderFault::TooFew,
    EmbedderFault::TooMany,
    EmbedderFault::Doubled,
    EmbedderFault::Uneven,
    EmbedderFault::OtherDimension,
    EmbedderFault::NotANumber,
    EmbedderFault::Empty,
    EmbedderFault::Garbage,
    EmbedderFault::Endless,
];

/// What a batch meets; nothing when the model has no such fault.
async fn met(h: &dyn EmbedderHarness, fault: EmbedderFault) -> Result<Option<PortError>, Failure> {
    let texts = tell(h).await;
    if !h.arrange(fault).await {
        return Ok(None);
    }
    match h.embedder().embed(&texts).await {
        Err(error) => Ok(Some(error)),
        Ok(_) => Err(Failure::new(format!("{fault:?} was called an answer"))),
    }
}

/// That each of these is of one kind.
async fn all_are(h: &dyn EmbedderHarness, faults: &[EmbedderFault], kind: ErrorKind, retry: Retry) -> Checked {
    let mut found = NO_SUCH_FAULT;
    for fault in faults {
        if let Some(error) = met(h, *fault).await? {
            ensure_eq!(error.kind(), kind, "the kind of {fault:?}");
            ensure_eq!(error.retry(), retry, "whether to repeat {fault:?}");
            found = Done::Passed;
        }
    }
    Ok(found)
}

pub(super) async fn an_embedder_that_is_away_may_be_asked_again(h: &dyn EmbedderHarness) -> Checked {
    let faults = [EmbedderFault::Unreachable, EmbedderFault::Broken];
    let found = all_are(h, &faults, ErrorKind::Unavailable, Retry::Backoff).await?;
    h.arrange(EmbedderFault::None).await;
    let texts = tell(h).await;
    let vectors = h.embedder().embed(&texts).await?;
    ensure_eq!(vectors.len(), KNOWN.len(), "what it says once it is back");
    Ok(found)
}

pub(super) async fn a_silent_embedder_is_given_up_within_its_time(h: &dyn EmbedderHarness) -> Checked {
    let limit = h.embedder().time_limit();
    ensure!(
        !limit.is_zero() && limit <= LONGEST,
        "a time limit of {limit:?} is none that a text can wait for"
    );
    all_are(h, &[EmbedderFault::Silent], ErrorKind::Unavailable, Retry::Backoff).await
}

pub(super) async fn a_busy_embedder_names_its_wait(h: &dyn EmbedderHarness) -> Checked {
    let busy = [EmbedderFault::Busy(WAIT)];
    all_are(h, &busy, ErrorKind::RateLimited, Retry::After(WAIT)).await
}

pub(super) async fn what_only_a_person_can_mend_is_not_repeated_and_says_why(h: &dyn EmbedderHarness) -> Checked {
    let mut found = NO_SUCH_FAULT;
    for fault in [EmbedderFault::KeyRefused, EmbedderFault::NoSuchModel] {
        if let Some(error) = met(h, fault).await? {
            is_for_a_person(fault, &error)?;
            found = Done::Passed;
        }
    }
    Ok(found)
}

pub(super) async fn what_the_model_will_not_do_is_not_repeated(h: &dyn EmbedderHarness) -> Checked {
    let faults = [EmbedderFault::NotUnderstood];
    all_are(h, &faults, ErrorKind::Rejected, Retry::Never).await
}

pub(super) async fn an_answer_that_is_none_is_no_answer(h: &dyn EmbedderHarness) -> Checked {
    let faults = [
        EmbedderFault::TooFew,
        EmbedderFault::TooMany,
        EmbedderFault::Doubled,
        EmbedderFault::Uneven,
        EmbedderFault::OtherDimension,
        EmbedderFault::NotANumber,
        EmbedderFault::Empty,
        EmbedderFault::Garbage,
        EmbedderFault::Endless,
    ];
    all_are(h, &faults, ErrorKind::Protocol, Retry::Never).await
}

pub(super) fn the_name_of_the_embedder_is_fit_for_labels(h: &dyn EmbedderHarness) -> Ready<Checked> {
    ready(check_name(h.embedder().name()))
}

pub(super) async fn failures_name_the_embedder(h: &dyn EmbedderHarness) -> Checked {
    for fault in FAULTS {
        if let Some(error) = met(h, fault).await? {
            ensure_eq!(error.adapter(), h.embedder().name(), "who failed at {fault:?}");
            ensure!(!error.operation().is_empty(), "{fault:?} names no operation");
        }
    }
    Ok(Done::Passed)
}

pub(super) async fn failures_give_nothing_away(h: &dyn EmbedderHarness) -> Checked {
    for fault in FAULTS {
        if let Some(error) = met(h, fault).await? {
            let secrets = h.secrets();
            let hidden = secrets.iter().map(String::as_str);
            hides(fault, &shown(&error), hidden.chain(["take cards", "señor", "parking"]))?;
        }
    }
    Ok(Done::Passed)
}

pub(super) fn the_adapter_hides_its_credentials(h: &dyn EmbedderHarness) -> Ready<Checked> {
    ready(hides_credentials(&h.embedder(), &h.secrets()))
}
