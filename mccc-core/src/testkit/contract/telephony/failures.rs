//! What failures mean, and what they may show.

use std::future::{Ready, ready};

use super::desk::{Desk, NO_SUCH_FAULT, call};
use super::{TelephonyFault, TelephonyHarness};
use crate::port::{ErrorKind, PortError, Retry};
use crate::testkit::build;
use crate::testkit::contract::discretion::{check_name, hides_credentials, shown};
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};

const FAULTS: [TelephonyFault; 5] = [
    TelephonyFault::NumberGone,
    TelephonyFault::Unreachable,
    TelephonyFault::NoAnswer,
    TelephonyFault::ServerError,
    TelephonyFault::SettingsNotKept,
];

/// The answers to every question that changes nothing; whatever went well is left out.
async fn questions(desk: &Desk<'_>) -> Vec<Result<&'static str, PortError>> {
    let number = build::phone(500);
    let since = desk.now();
    vec![
        desk.offers(1).await.map(|_| "search_numbers"),
        desk.telephony.owned_number(&number).await.map(|_| "owned_number"),
        desk.telephony
            .fetch_call(&desk.harness.absent_call())
            .await
            .map(|_| "fetch_call"),
        desk.telephony.list_calls(&number, since).await.map(|_| "list_calls"),
    ]
}

pub(super) async fn a_provider_that_cannot_be_asked_is_no_absence(h: &dyn TelephonyHarness) -> Checked {
    let desk = Desk::of(h);
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
        for answer in questions(&desk).await {
            let Err(error) = answer else {
                return Err(Failure::new(format!("{fault:?} was taken for an answer: {answer:?}")));
            };
            ensure!(
                matches!(error.retry(), Retry::Backoff | Retry::After(_)),
                "a question may always be asked again, and the verdict on {} is {:?}",
                error.operation(),
                error.retry()
            );
            ensure!(error.kind() != ErrorKind::NotFound, "silence was taken for absence");
        }
    }
    Ok(if any { Done::Passed } else { NO_SUCH_FAULT })
}

pub(super) async fn an_unreachable_provider_changed_nothing(h: &dyn TelephonyHarness) -> Checked {
    let desk = Desk::of(h);
    let (ours, wanted) = (desk.bought().await?, desk.offer().await?);
    if !h.arrange(TelephonyFault::Unreachable).await {
        return Ok(NO_SUCH_FAULT);
    }
    let failures = [
        desk.buy(&wanted).await.err(),
        desk.telephony.place_call(&call(1, ours.number)).await.err(),
        desk.configure(&ours).await.err(),
        desk.telephony.release_number(&ours).await.err(),
    ];
    h.arrange(TelephonyFault::None).await;
    for failure in failures {
        let error = failure.ok_or_else(|| Failure::new("a provider that is away was said to have obeyed"))?;
        ensure_eq!(
            error.kind(),
            ErrorKind::Unavailable,
            "what went wrong with {}",
            error.operation()
        );
        ensure!(error.retry() != Retry::Never, "{} is given up", error.operation());
    }
    ensure_eq!(h.owned().await, [ours.number], "what the account owns");
    ensure!(h.placed().await.is_empty(), "somebody was called");
    Ok(Done::Passed)
}

/// A failure of every kind and operation that the provider has.
async fn failures(desk: &Desk<'_>) -> Result<Vec<PortError>, Failure> {
    let ours = desk.bought().await?;
    let mut failures = Vec::new();
    for fault in FAULTS {
        let wanted = desk.offer().await?;
        if !desk.harness.arrange(fault).await {
            continue;
        }
        failures.extend(questions(desk).await.into_iter().filter_map(Result::err));
        failures.extend(desk.buy(&wanted).await.err());
        failures.extend(desk.configure(&ours).await.err());
        failures.extend(desk.telephony.place_call(&call(1, ours.number)).await.err());
        failures.extend(desk.telephony.hang_up(&desk.harness.absent_call()).await.err());
        if let Some(lookup) = desk.harness.line_lookup() {
            failures.extend(lookup.look_up(&build::phone(1)).await.err());
        }
        desk.harness.arrange(TelephonyFault::None).await;
    }
    failures.extend(desk.buy(&ours.number).await.err());
    Ok(failures)
}

pub(super) fn the_name_of_the_provider_is_fit_for_labels(h: &dyn TelephonyHarness) -> Ready<Checked> {
    ready(check_name(h.telephony().name()))
}

pub(super) async fn failures_name_the_provider(h: &dyn TelephonyHarness) -> Checked {
    let desk = Desk::of(h);
    for error in failures(&desk).await? {
        ensure_eq!(error.adapter(), desk.telephony.name(), "who failed");
        check_name(error.operation())?;
    }
    Ok(Done::Passed)
}

pub(super) async fn failures_of_the_provider_give_nothing_away(h: &dyn TelephonyHarness) -> Checked {
    let desk = Desk::of(h);
    let mut hidden: Vec<String> = desk
        .offers(5)
        .await?
        .iter()
        .map(|offer| offer.number)
        .map(|n| national(&n))
        .collect();
    hidden.push(national(&build::phone(1)));
    hidden.push(national(&build::phone(500)));
    hidden.push("test of your forwarding".to_owned());
    hidden.extend(h.secrets());
    for error in failures(&desk).await? {
        let shown = shown(&error);
        ensure!(
            !hidden.iter().any(|secret| shown.contains(secret.as_str())),
            "a failure of {} shows what nobody may read in a log",
            error.operation()
        );
    }
    Ok(Done::Passed)
}

fn national(number: &crate::PhoneNumber) -> String {
    number.digits().chars().skip(1).collect()
}

pub(super) fn the_adapter_hides_its_credentials(h: &dyn TelephonyHarness) -> Ready<Checked> {
    ready(hides_credentials(&h.telephony(), &h.secrets()))
}
