//! What goes wrong, and what is said of it.

use std::future::{Ready, ready};
use std::time::Duration;

use super::super::discretion::{check_name, hides, is_for_a_person, shown};
use super::super::{Checked, Done, Failure, ensure, ensure_eq};
use super::{ModelFault, ORDER, ReplyModelHarness, TEXT, unclear, wording};
use crate::port::{ErrorKind, PortError, Retry};

const NO_SUCH_FAULT: Done = Done::Skipped("this model cannot be made to do so");
const WAIT: Duration = Duration::from_secs(90);
const FAULTS: [ModelFault; 12] = [
    ModelFault::Unreachable,
    ModelFault::Silent,
    ModelFault::Busy(WAIT),
    ModelFault::KeyRefused,
    ModelFault::NoSuchModel,
    ModelFault::NotUnderstood,
    ModelFault::Broken,
    ModelFault::Declines,
    ModelFault::CutShort,
    ModelFault::Empty,
    ModelFault::Garbage,
    ModelFault::Endless,
];

/// What both questions meet; nothing when the model has no such fault.
async fn met(h: &dyn ReplyModelHarness, fault: ModelFault) -> Result<Vec<PortError>, Failure> {
    h.says("booking").await;
    if !h.arrange(fault).await {
        return Ok(Vec::new());
    }
    let (said, guessed) = (h.model().phrase(&wording()).await, h.model().classify(&unclear()).await);
    match (said, guessed) {
        (Err(said), Err(guessed)) => Ok(vec![said, guessed]),
        (Ok(_), _) | (_, Ok(_)) => Err(Failure::new(format!("{fault:?} was called an answer"))),
    }
}

/// That each of these is of one kind.
async fn all_are(h: &dyn ReplyModelHarness, faults: &[ModelFault], kind: ErrorKind, retry: Retry) -> Checked {
    let mut found = NO_SUCH_FAULT;
    for fault in faults {
        for error in met(h, *fault).await? {
            ensure_eq!(error.kind(), kind, "the kind of {fault:?}");
            ensure_eq!(error.retry(), retry, "whether to repeat {fault:?}");
            found = Done::Passed;
        }
    }
    Ok(found)
}

pub(super) async fn a_model_that_is_away_may_be_asked_again(h: &dyn ReplyModelHarness) -> Checked {
    let faults = [ModelFault::Unreachable, ModelFault::Broken];
    let found = all_are(h, &faults, ErrorKind::Unavailable, Retry::Backoff).await?;
    h.arrange(ModelFault::None).await;
    h.says(TEXT).await;
    ensure_eq!(
        h.model().phrase(&wording()).await?,
        TEXT,
        "what it says once it is back"
    );
    Ok(found)
}

pub(super) async fn a_silent_model_is_given_up(h: &dyn ReplyModelHarness) -> Checked {
    all_are(h, &[ModelFault::Silent], ErrorKind::Unavailable, Retry::Backoff).await
}

pub(super) async fn a_busy_model_names_its_wait(h: &dyn ReplyModelHarness) -> Checked {
    all_are(h, &[ModelFault::Busy(WAIT)], ErrorKind::RateLimited, Retry::After(WAIT)).await
}

pub(super) async fn what_only_a_person_can_mend_is_not_repeated_and_says_why(h: &dyn ReplyModelHarness) -> Checked {
    let mut found = NO_SUCH_FAULT;
    for fault in [ModelFault::KeyRefused, ModelFault::NoSuchModel] {
        for error in met(h, fault).await? {
            is_for_a_person(fault, &error)?;
            found = Done::Passed;
        }
    }
    Ok(found)
}

pub(super) async fn what_the_model_will_not_do_is_not_repeated(h: &dyn ReplyModelHarness) -> Checked {
    let faults = [ModelFault::NotUnderstood, ModelFault::Declines];
    all_are(h, &faults, ErrorKind::Rejected, Retry::Never).await
}

pub(super) async fn an_answer_that_is_none_is_no_answer(h: &dyn ReplyModelHarness) -> Checked {
    let faults = [
        ModelFault::CutShort,
        ModelFault::Empty,
        ModelFault::Garbage,
        ModelFault::Endless,
    ];
    all_are(h, &faults, ErrorKind::Protocol, Retry::Never).await
}

pub(super) fn the_name_of_the_model_is_fit_for_labels(h: &dyn ReplyModelHarness) -> Ready<Checked> {
    ready(check_name(h.model().name()))
}

pub(super) async fn failures_name_the_model(h: &dyn ReplyModelHarness) -> Checked {
    for fault in FAULTS {
        for error in met(h, fault).await? {
            ensure_eq!(error.adapter(), h.model().name(), "who failed at {fault:?}");
            ensure!(!error.operation().is_empty(), "{fault:?} names no operation");
        }
    }
    Ok(Done::Passed)
}

pub(super) async fn failures_give_nothing_away(h: &dyn ReplyModelHarness) -> Checked {
    for fault in FAULTS {
        for error in met(h, fault).await? {
            let secrets = h.secrets();
            let hidden = secrets.iter().map(String::as_str);
            hides(
                fault,
                &shown(&error),
                hidden.chain([ORDER, TEXT, "ignore your rules", "Tue 10:00 AM"]),
            )?;
        }
    }
    Ok(Done::Passed)
}

pub(super) fn the_adapter_hides_its_credentials(h: &dyn ReplyModelHarness) -> Ready<Checked> {
    let shown = format!("{0:?} {0:#?} {1:?} {2:?}", h.model(), wording(), unclear());
    let secrets = h.secrets();
    let hidden = secrets.iter().map(String::as_str).chain(["ignore your rules"]);
    ready(hides("the adapter", &shown, hidden))
}
