//! Numbers and calls of the simulated network.

use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mccc_core::port::{
    CallProgress, CallStatus, ErrorKind, NumberOffer, NumberQuery, NumberSetup, OutboundCall, OwnedNumber, PortError,
    RemoteCall, Retry, Telephony, Verified,
};
use mccc_core::{CallerId, PhoneNumber, Timestamp};

use super::network::{CallStatusName, Sandbox};

/// How long a called phone rings before it forwards.
const RINGS: Duration = Duration::from_secs(3);
/// The area code offered when none is asked for.
const ANY_AREA: &str = "512";

/// The numbers and calls of the network.
#[derive(Debug)]
pub(crate) struct SandboxTelephony(pub(crate) Arc<Sandbox>);

fn failure(operation: &'static str, kind: ErrorKind) -> PortError {
    PortError::new("sandbox", operation, kind, Retry::Never)
}

impl SandboxTelephony {
    fn owned(&self, number: &PhoneNumber) -> Option<OwnedNumber> {
        self.0.state().bought.get(number).map(|name| OwnedNumber {
            number: *number,
            provider_number: name.clone(),
            configured: true,
            sms: true,
        })
    }
}

#[async_trait]
impl Telephony for SandboxTelephony {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    async fn search_numbers(&self, query: &NumberQuery) -> Result<Vec<NumberOffer>, PortError> {
        let area = query.area_code.as_deref().unwrap_or(ANY_AREA);
        let digits = area.len() == 3 && area.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || area.starts_with(['0', '1']) {
            return Err(failure("search_numbers", ErrorKind::Rejected).with_reason("That is not an area code."));
        }
        let state = self.0.state();
        // The numbers that are set aside for fiction: nobody is ever reached by them.
        let free = (100..200).filter_map(|line| PhoneNumber::parse(&format!("+1{area}5550{line}")).ok());
        Ok(free
            .filter(|number| !state.bought.contains_key(number))
            .take(usize::from(query.limit))
            .map(|number| NumberOffer {
                number,
                locality: None,
                region: None,
                sms: true,
            })
            .collect())
    }

    async fn buy_number(&self, number: &PhoneNumber, _setup: &NumberSetup) -> Result<OwnedNumber, PortError> {
        let name = self.0.name("PN");
        match self.0.state().bought.entry(*number) {
            Entry::Occupied(_) => return Err(failure("buy_number", ErrorKind::Conflict)),
            Entry::Vacant(free) => free.insert(name.clone()),
        };
        Ok(OwnedNumber {
            number: *number,
            provider_number: name,
            configured: true,
            sms: true,
        })
    }

    async fn owned_number(&self, number: &PhoneNumber) -> Result<Option<OwnedNumber>, PortError> {
        Ok(self.owned(number))
    }

    async fn configure_number(&self, owned: &OwnedNumber, _setup: &NumberSetup) -> Result<OwnedNumber, PortError> {
        self.owned(&owned.number)
            .ok_or_else(|| failure("configure_number", ErrorKind::NotFound))
    }

    async fn release_number(&self, owned: &OwnedNumber) -> Result<(), PortError> {
        self.0.state().bought.remove(&owned.number);
        Ok(())
    }

    async fn place_call(&self, call: &OutboundCall) -> Result<RemoteCall, PortError> {
        let id = self.0.name("CA");
        let placed = RemoteCall {
            provider_call: id.clone(),
            from: CallerId::Present(call.from),
            to: Some(call.to),
            status: CallStatus::Queued,
            started_at: Some(self.0.clock.now()),
            duration_seconds: None,
        };
        self.0.state().placed.push(placed.clone());
        ring(&self.0, id, call.to, call.from);
        Ok(placed)
    }

    async fn hang_up(&self, provider_call: &str) -> Result<(), PortError> {
        if !end(&self.0, provider_call, CallStatus::Completed) {
            self.0.hang_up_phone(provider_call, 1, None).await;
        }
        Ok(())
    }

    async fn fetch_call(&self, provider_call: &str) -> Result<Option<RemoteCall>, PortError> {
        let named = |call: &RemoteCall| call.provider_call == provider_call;
        let placed = self.0.state().placed.iter().find(|call| named(call)).cloned();
        Ok(placed.or_else(|| self.calls(named).pop()))
    }

    async fn list_calls(&self, to: &PhoneNumber, since: Timestamp) -> Result<Vec<RemoteCall>, PortError> {
        Ok(self.calls(|call| call.to.as_ref() == Some(to) && call.started_at.is_some_and(|at| at >= since)))
    }
}

impl SandboxTelephony {
    fn calls(&self, wanted: impl Fn(&RemoteCall) -> bool) -> Vec<RemoteCall> {
        let state = self.0.state();
        state
            .calls
            .iter()
            .rev()
            .map(|call| RemoteCall {
                provider_call: call.id.clone(),
                from: call.from.map_or(CallerId::Anonymous, CallerId::Present),
                to: Some(call.to),
                status: match call.status {
                    CallStatusName::Open => CallStatus::InProgress,
                    CallStatusName::Completed => CallStatus::Completed,
                },
                started_at: Some(call.started_at),
                duration_seconds: call.seconds,
            })
            .filter(wanted)
            .collect()
    }
}

/// Ends a call that we placed; `false` when there is none of that name that goes on.
fn end(network: &Sandbox, id: &str, status: CallStatus) -> bool {
    let mut state = network.state();
    let mut placed = state.placed.iter_mut();
    let call = placed.find(|call| call.provider_call == id && !call.status.is_final());
    call.map(|call| call.status = status).is_some()
}

fn is_ringing(network: &Sandbox, id: &str) -> bool {
    let state = network.state();
    state
        .placed
        .iter()
        .any(|call| call.provider_call == id && !call.status.is_final())
}

/// Lets the business's phone ring; then it forwards the call to the number that called, or nobody answers.
fn ring(network: &Arc<Sandbox>, id: String, phone: PhoneNumber, from: PhoneNumber) {
    let network = Arc::clone(network);
    tokio::spawn(async move {
        network.timer.sleep(RINGS).await;
        if !is_ringing(&network, &id) {
            return;
        }
        let forwards = !network.state().not_forwarding.contains(&phone);
        if forwards {
            network.call(Some(from), from).await;
        } else {
            network.timer.sleep(RINGS).await;
        }
        let status = if forwards {
            CallStatus::Completed
        } else {
            CallStatus::NoAnswer
        };
        if !end(&network, &id, status) {
            return;
        }
        let Some(center) = network.center() else { return };
        let event = CallProgress {
            provider_call: id,
            our_number: from,
            status,
            sequence: None,
            duration_seconds: Some(3),
            answered_by_machine: None,
        };
        if let Err(error) = center.call_progress(Verified::by(&*network, event)).await {
            tracing::warn!(%error, "the sandbox could not report a test call");
        }
    });
}
