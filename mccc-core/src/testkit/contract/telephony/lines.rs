//! Kinds of lines.

use super::desk::NO_SUCH_FAULT;
use super::{TelephonyFault, TelephonyHarness};
use crate::compliance::number::LineType;
use crate::port::{LineReport, Retry};
use crate::testkit::build;
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};

const NO_LOOK_UPS: Done = Done::Skipped("this provider knows no kinds of lines");

/// The kinds on which a decision hangs.
const KINDS: [LineType; 5] = [
    LineType::Mobile,
    LineType::Landline,
    LineType::FixedVoip,
    LineType::NonFixedVoip,
    LineType::TollFree,
];

pub(super) async fn every_kind_of_line_is_told(h: &dyn TelephonyHarness) -> Checked {
    let Some(lookup) = h.line_lookup() else {
        return Ok(NO_LOOK_UPS);
    };
    for (n, kind) in (1..).zip(KINDS) {
        if !h.set_line(&build::phone(n), Some(kind)).await {
            return Ok(NO_LOOK_UPS);
        }
    }
    for (n, line_type) in (1..).zip(KINDS) {
        let expected = LineReport { line_type, valid: true };
        ensure_eq!(
            lookup.look_up(&build::phone(n)).await?,
            expected,
            "the line of number {n}"
        );
    }
    Ok(Done::Passed)
}

pub(super) async fn what_cannot_be_a_number_is_an_answer(h: &dyn TelephonyHarness) -> Checked {
    let Some(lookup) = h.line_lookup() else {
        return Ok(NO_LOOK_UPS);
    };
    if !h.set_line(&build::phone(1), None).await {
        return Ok(NO_LOOK_UPS);
    }
    ensure!(
        !lookup.look_up(&build::phone(1)).await?.valid,
        "what cannot be a number is called one"
    );
    Ok(Done::Passed)
}

pub(super) async fn a_look_up_that_fails_may_be_repeated(h: &dyn TelephonyHarness) -> Checked {
    let Some(lookup) = h.line_lookup() else {
        return Ok(NO_LOOK_UPS);
    };
    let mut any = false;
    for fault in [
        TelephonyFault::Unreachable,
        TelephonyFault::NoAnswer,
        TelephonyFault::ServerError,
    ] {
        if !h.arrange(fault).await {
            continue;
        }
        any = true;
        let answer = lookup.look_up(&build::phone(1)).await;
        h.arrange(TelephonyFault::None).await;
        let Err(error) = answer else {
            return Err(Failure::new(format!("{fault:?} told the kind of a line")));
        };
        ensure!(
            matches!(error.retry(), Retry::Backoff | Retry::After(_)),
            "a question may always be asked again, and the verdict on {fault:?} is {:?}",
            error.retry()
        );
    }
    Ok(if any { Done::Passed } else { NO_SUCH_FAULT })
}
