//! Texts that the provider certainly did not take.

use std::time::Duration;

use super::desk::{Desk, NO_SUCH_FAULT, may_repeat};
use super::{GatewayHarness, SendFault};
use crate::port::{ErrorKind, FailureClass, Retry};
use crate::testkit::build;
use crate::testkit::contract::{Checked, Done, ensure, ensure_eq};

/// A refusal that will be the same tomorrow.
async fn refused_for_good(h: &dyn GatewayHarness, fault: SendFault, classes: &[FailureClass]) -> Checked {
    let desk = Desk::of(h);
    let Some(error) = desk.send_into(1, fault).await? else {
        return Ok(NO_SUCH_FAULT);
    };
    ensure_eq!(error.kind(), ErrorKind::Rejected, "what went wrong");
    ensure_eq!(error.retry(), Retry::Never, "whether to try again");
    ensure!(
        error.class().is_some_and(|class| classes.contains(&class)),
        "refused as {:?}, not as one of {classes:?}",
        error.class()
    );
    ensure!(
        error.reason().is_some_and(|reason| reason.ends_with('.')),
        "the contractor is given no sentence: {:?}",
        error.reason()
    );
    ensure!(desk.went_out_to(1).await.is_empty(), "a refused text went out");
    // The refusal was about that number.
    desk.send(2).await?;
    Ok(Done::Passed)
}

pub(super) async fn an_opted_out_recipient_is_refused_for_good(h: &dyn GatewayHarness) -> Checked {
    refused_for_good(h, SendFault::OptedOut, &[FailureClass::OptOut]).await
}

pub(super) async fn an_invalid_number_is_refused_for_good(h: &dyn GatewayHarness) -> Checked {
    refused_for_good(h, SendFault::InvalidNumber, &[FailureClass::Recipient]).await
}

pub(super) async fn a_landline_is_refused_for_good(h: &dyn GatewayHarness) -> Checked {
    refused_for_good(h, SendFault::Landline, &[FailureClass::Landline]).await
}

pub(super) async fn a_refused_sign_in_is_not_repeated(h: &dyn GatewayHarness) -> Checked {
    let desk = Desk::of(h);
    let Some(error) = desk.send_into(1, SendFault::SignInRefused).await? else {
        return Ok(NO_SUCH_FAULT);
    };
    ensure_eq!(error.kind(), ErrorKind::Unauthenticated, "what went wrong");
    ensure_eq!(error.retry(), Retry::Never, "whether to try again");
    ensure!(h.went_out().await.is_empty(), "a text went out");
    Ok(Done::Passed)
}

pub(super) async fn a_limit_with_a_wait_is_waited_for(h: &dyn GatewayHarness) -> Checked {
    let wait = Duration::from_secs(2);
    let desk = Desk::of(h);
    let Some(error) = desk.send_into(1, SendFault::Limited { wait: Some(wait) }).await? else {
        return Ok(NO_SUCH_FAULT);
    };
    ensure_eq!(error.kind(), ErrorKind::RateLimited, "what went wrong");
    ensure!(
        matches!(error.retry(), Retry::After(named) if named >= wait && named < wait * 10),
        "the provider asked to wait {wait:?}, the verdict is {:?}",
        error.retry()
    );
    ensure!(h.went_out().await.is_empty(), "a text beyond the limit went out");
    again(&desk).await
}

pub(super) async fn a_limit_without_a_wait_is_tried_again(h: &dyn GatewayHarness) -> Checked {
    let desk = Desk::of(h);
    let Some(error) = desk.send_into(1, SendFault::Limited { wait: None }).await? else {
        return Ok(NO_SUCH_FAULT);
    };
    ensure_eq!(error.kind(), ErrorKind::RateLimited, "what went wrong");
    ensure!(
        may_repeat(error.retry()),
        "nothing happened, and yet the verdict is {:?}",
        error.retry()
    );
    ensure!(h.went_out().await.is_empty(), "a text beyond the limit went out");
    again(&desk).await
}

pub(super) async fn an_unreachable_provider_did_nothing(h: &dyn GatewayHarness) -> Checked {
    let desk = Desk::of(h);
    let Some(error) = desk.send_into(1, SendFault::Unreachable).await? else {
        return Ok(NO_SUCH_FAULT);
    };
    ensure_eq!(error.kind(), ErrorKind::Unavailable, "what went wrong");
    // A gateway that cannot tell may call it doubtful; nobody may give the text up.
    ensure!(
        error.retry() != Retry::Never,
        "a text is given up because the provider was away"
    );
    ensure!(h.went_out().await.is_empty(), "a text went out");
    if may_repeat(error.retry()) {
        again(&desk).await
    } else {
        Ok(Done::Passed)
    }
}

/// The text is sent again once nothing is in its way, and arrives once.
async fn again(desk: &Desk<'_>) -> Checked {
    desk.harness.arrange(&build::phone(1), SendFault::None).await;
    desk.send(1).await?;
    ensure_eq!(desk.went_out_to(1).await.len(), 1, "texts after the second attempt");
    Ok(Done::Passed)
}
