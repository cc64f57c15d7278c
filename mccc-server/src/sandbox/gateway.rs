//! The gateway of the simulated network.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mccc_core::compliance::gate::SendPermit;
use mccc_core::port::{
    Accepted, DeliveryStatus, ErrorKind, FailureClass, MessageQuery, PortError, RemoteMessage, Retry, SmsGateway,
    TextProgress, Verified,
};
use mccc_core::{CallerId, PhoneNumber};

use super::network::{DeliveryStatusName, Fault, Sandbox, SandboxText};

/// When the carrier reports a text as handed over and as delivered.
const SENT_AFTER: Duration = Duration::from_millis(250);
const DELIVERED_AFTER: Duration = Duration::from_millis(600);

fn failure(kind: ErrorKind, retry: Retry) -> PortError {
    PortError::new("sandbox", "send", kind, retry)
}

/// The gateway: obeys the carriers' STOP, reports delivery, and fails where a phone was told to.
#[derive(Debug)]
pub(crate) struct SandboxGateway(pub(crate) Arc<Sandbox>);

#[async_trait]
impl SmsGateway for SandboxGateway {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn confirms_opt_outs(&self) -> bool {
        true
    }

    async fn send(&self, permit: SendPermit) -> Result<Accepted, PortError> {
        let network = &self.0;
        let (to, from) = (permit.to(), permit.from());
        let mut state = network.state();
        if !permit.still_valid(network.clock.now()) {
            return Err(failure(ErrorKind::Unavailable, Retry::Backoff));
        }
        if state.stopped.contains(&(from, to)) {
            return Err(failure(ErrorKind::Rejected, Retry::Never)
                .with_code(21610)
                .with_class(FailureClass::OptOut)
                .with_reason("This customer asked not to receive texts."));
        }
        let fault = state.faults.get(&to).copied().unwrap_or(Fault::None);
        match fault {
            Fault::TooManyRequests => {
                // Once: the next attempt gets through.
                state.faults.insert(to, Fault::None);
                return Err(failure(ErrorKind::RateLimited, Retry::After(Duration::from_secs(2))).with_code(20429));
            }
            Fault::GatewayDown => return Err(failure(ErrorKind::Unavailable, Retry::Backoff)),
            Fault::None | Fault::PhoneOff | Fault::Landline | Fault::Filtered | Fault::AnswerLost => {}
        }
        let id = network.name("SM");
        state.texts.push(SandboxText {
            id: id.clone(),
            ours: from,
            phone: to,
            from_phone: false,
            body: permit.body().to_owned(),
            status: "queued".into(),
            at: network.clock.now(),
            message: Some(permit.message()),
            delivery: DeliveryStatusName(DeliveryStatus::Queued, None),
        });
        drop(state);
        report(network, id.clone(), to, fault);
        if fault == Fault::AnswerLost {
            return Err(failure(ErrorKind::Unavailable, Retry::Unknown));
        }
        Ok(Accepted {
            provider_message: id,
            status: DeliveryStatus::Queued,
        })
    }

    async fn fetch(&self, provider_message: &str) -> Result<Option<RemoteMessage>, PortError> {
        Ok(self
            .0
            .state()
            .texts
            .iter()
            .find(|text| text.id == provider_message)
            .map(remote))
    }

    async fn list(&self, query: &MessageQuery) -> Result<Vec<RemoteMessage>, PortError> {
        let wanted = |text: &&SandboxText| {
            let (to, from) = if text.from_phone {
                (text.ours, text.phone)
            } else {
                (text.phone, text.ours)
            };
            // What the carrier itself wrote was never a message of the account.
            let ours = text.from_phone || text.message.is_some();
            ours && query.to.is_none_or(|wanted| wanted == to)
                && query.from.is_none_or(|wanted| wanted == from)
                && text.at >= query.since
        };
        let state = self.0.state();
        Ok(state
            .texts
            .iter()
            .rev()
            .filter(wanted)
            .take(usize::from(query.limit))
            .map(remote)
            .collect())
    }
}

fn remote(text: &SandboxText) -> RemoteMessage {
    RemoteMessage {
        provider_message: text.id.clone(),
        from: CallerId::Present(if text.from_phone { text.phone } else { text.ours }),
        to: Some(if text.from_phone { text.ours } else { text.phone }),
        body: text.body.clone(),
        inbound: text.from_phone,
        status: text.delivery.0,
        error_code: text.delivery.1,
        created_at: text.at,
    }
}

/// Reports the text's way to the phone, as carriers do: a moment later, by a call of their own.
fn report(network: &Arc<Sandbox>, id: String, phone: PhoneNumber, fault: Fault) {
    let network = Arc::clone(network);
    tokio::spawn(async move {
        network.timer.sleep(SENT_AFTER).await;
        tell(&network, &id, DeliveryStatus::Sent, None).await;
        network.timer.sleep(DELIVERED_AFTER).await;
        let end = match fault {
            Fault::PhoneOff => (DeliveryStatus::Undelivered, Some(30003)),
            Fault::Landline => (DeliveryStatus::Undelivered, Some(30006)),
            Fault::Filtered => (DeliveryStatus::Undelivered, Some(30007)),
            Fault::None | Fault::TooManyRequests | Fault::AnswerLost | Fault::GatewayDown => {
                (DeliveryStatus::Delivered, None)
            }
        };
        tracing::debug!(phone = ?phone, "the simulated carrier reports a text");
        tell(&network, &id, end.0, end.1).await;
    });
}

async fn tell(network: &Arc<Sandbox>, id: &str, status: DeliveryStatus, error_code: Option<u32>) {
    let (message, ours) = {
        let mut state = network.state();
        let Some(text) = state.texts.iter_mut().find(|text| text.id == id) else {
            return;
        };
        text.delivery = DeliveryStatusName(status, error_code);
        text.status = match status {
            DeliveryStatus::Delivered => "delivered",
            DeliveryStatus::Undelivered | DeliveryStatus::Failed => "undelivered",
            DeliveryStatus::Sent
            | DeliveryStatus::Queued
            | DeliveryStatus::Sending
            | DeliveryStatus::Canceled
            | DeliveryStatus::Other => "sent",
        }
        .to_owned();
        (text.message, text.ours)
    };
    let Some(center) = network.center() else { return };
    let Ok(Some(owner)) = center.number_owner(&ours).await else {
        return;
    };
    let (failure, reason) = match error_code {
        Some(30003) => (
            Some(FailureClass::Transient),
            Some("Their phone is off or out of range."),
        ),
        Some(30006) => (
            Some(FailureClass::Landline),
            Some("This looks like a landline. Call them back instead."),
        ),
        Some(30007) => (
            Some(FailureClass::Content),
            Some("The carrier blocked this text as spam."),
        ),
        Some(_) | None => (None, None),
    };
    let event = TextProgress {
        message,
        provider_message: id.to_owned(),
        from: Some(ours),
        status,
        error_code,
        failure,
        reason: reason.map(str::to_owned),
    };
    if let Err(error) = center.text_progress(&owner, Verified::by(&**network, event)).await {
        tracing::warn!(%error, "the sandbox could not report a text");
    }
}
