//! What logs and metrics may show.

use std::future::{Ready, ready};
use std::time::Duration;

use super::desk::{Desk, private};
use super::{GatewayHarness, SendFault};
use crate::PhoneNumber;
use crate::port::PortError;
use crate::testkit::build;
use crate::testkit::contract::discretion::{check_name, hides_credentials, shown};
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};

/// Every fault there is.
const FAULTS: [SendFault; 12] = [
    SendFault::OptedOut,
    SendFault::InvalidNumber,
    SendFault::Landline,
    SendFault::SignInRefused,
    SendFault::Limited {
        wait: Some(Duration::from_secs(2)),
    },
    SendFault::Limited { wait: None },
    SendFault::Unreachable,
    SendFault::SlowConnection,
    SendFault::ServerError,
    SendFault::ConnectionCut,
    SendFault::Garbage,
    SendFault::NoAnswer,
];

/// A failure of every kind that the provider has. Each text has its own number: the `n` of the fault's place.
async fn failures(desk: &Desk<'_>) -> Result<Vec<PortError>, Failure> {
    let mut failures = Vec::new();
    for (n, fault) in (1..).zip(FAULTS) {
        failures.extend(desk.send_into(n, fault).await?);
        desk.harness.arrange(&build::phone(n), SendFault::None).await;
    }
    if desk.harness.fail_lookups().await {
        failures.extend(desk.gateway.list(&desk.about(1)).await.err());
        failures.extend(desk.gateway.fetch(&desk.harness.absent_message()).await.err());
    }
    Ok(failures)
}

pub(super) fn the_name_is_fit_for_labels(h: &dyn GatewayHarness) -> Ready<Checked> {
    ready(check_name(h.gateway().name()))
}

pub(super) async fn failures_name_the_gateway(h: &dyn GatewayHarness) -> Checked {
    let desk = Desk::of(h);
    for error in failures(&desk).await? {
        ensure_eq!(error.adapter(), desk.gateway.name(), "who failed");
        check_name(error.operation())?;
    }
    Ok(Done::Passed)
}

pub(super) async fn failures_give_nothing_away(h: &dyn GatewayHarness) -> Checked {
    let desk = Desk::of(h);
    let mut hidden: Vec<PhoneNumber> = (1..=13).map(build::phone).collect();
    hidden.push(h.ours());
    let mut hidden = private(&hidden);
    hidden.extend(h.secrets());
    hidden.push("sorry we missed".to_owned());
    let failures = failures(&desk).await?;
    ensure!(!failures.is_empty(), "the harness has no fault at all");
    for error in failures {
        let shown = shown(&error);
        for secret in &hidden {
            ensure!(
                !shown.contains(secret.as_str()),
                "a failure of {} shows what nobody may read in a log",
                error.operation()
            );
        }
    }
    Ok(Done::Passed)
}

pub(super) fn the_gateway_hides_its_credentials(h: &dyn GatewayHarness) -> Ready<Checked> {
    ready(hides_credentials(&h.gateway(), &h.secrets()))
}
