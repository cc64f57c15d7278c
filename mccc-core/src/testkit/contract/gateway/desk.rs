//! Short ways to do what cases do all the time.

use std::sync::Arc;
use std::time::Duration;

use super::{GatewayHarness, SendFault, WentOut};
use crate::compliance::SendPermit;
use crate::port::{Accepted, MessageQuery, PortError, Retry, SmsGateway};
use crate::testkit::build;
use crate::testkit::contract::{Done, Failure};
use crate::{MessageId, PhoneNumber};

/// Somebody who sends texts.
pub(super) struct Desk<'a> {
    pub(super) harness: &'a dyn GatewayHarness,
    pub(super) gateway: Arc<dyn SmsGateway>,
}

/// A text to the `n`-th recipient.
pub(super) fn body(n: u32) -> String {
    format!("Acme Plumbing: sorry we missed your call ({n}). What can we help with? Reply STOP to opt out.")
}

pub(super) fn message(n: u32) -> MessageId {
    MessageId::derive(build::START, &format!("text {n}"))
}

impl<'a> Desk<'a> {
    pub(super) fn of(harness: &'a dyn GatewayHarness) -> Self {
        Self {
            harness,
            gateway: harness.gateway(),
        }
    }

    /// A permit of this moment for the `n`-th text.
    pub(super) fn permit(&self, n: u32) -> SendPermit {
        self.permit_saying(n, &body(n))
    }

    pub(super) fn permit_saying(&self, n: u32, body: &str) -> SendPermit {
        let (from, to) = (self.harness.ours(), build::phone(n));
        build::permit(message(n), from, to, body, self.harness.now())
    }

    /// Sends the `n`-th text.
    pub(super) async fn send(&self, n: u32) -> Result<Accepted, PortError> {
        self.gateway.send(self.permit(n)).await
    }

    /// Sends the `n`-th text, which meets `fault` and so must not be called accepted. Nothing when the provider has no
    /// such fault.
    pub(super) async fn send_into(&self, n: u32, fault: SendFault) -> Result<Option<PortError>, Failure> {
        if !self.harness.arrange(&build::phone(n), fault).await {
            return Ok(None);
        }
        match self.send(n).await {
            Err(error) => Ok(Some(error)),
            Ok(accepted) => Err(Failure::new(format!("{fault:?} was called a success: {accepted:?}"))),
        }
    }

    /// What really went out to the `n`-th recipient.
    pub(super) async fn went_out_to(&self, n: u32) -> Vec<WentOut> {
        let to = build::phone(n);
        let all = self.harness.went_out().await;
        all.into_iter().filter(|text| text.to == to).collect()
    }

    /// The question a reconciling worker asks about the `n`-th text.
    pub(super) fn about(&self, n: u32) -> MessageQuery {
        MessageQuery {
            to: Some(build::phone(n)),
            from: Some(self.harness.ours()),
            since: self.harness.now().minus(Duration::from_secs(600)),
            limit: 50,
        }
    }
}

/// Numbers that may appear in no failure.
pub(super) fn private(numbers: &[PhoneNumber]) -> Vec<String> {
    numbers
        .iter()
        .map(|number| number.digits().chars().skip(1).collect())
        .collect()
}

/// Whether the same text may be handed over again without asking.
pub(super) const fn may_repeat(retry: Retry) -> bool {
    match retry {
        Retry::Backoff | Retry::After(_) => true,
        Retry::Never | Retry::Unknown => false,
    }
}

/// The case asks for something that this provider does not have.
pub(super) const NO_SUCH_FAULT: Done = Done::Skipped("this provider cannot be made to do so");
