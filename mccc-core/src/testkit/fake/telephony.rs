//! Numbers and calls in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::compliance::number::LineType;
use crate::port::{
    CallStatus, Clock, ErrorKind, LineLookup, LineReport, NumberOffer, NumberQuery, NumberSetup, OutboundCall,
    OwnedNumber, PortError, RemoteCall, Retry, Telephony,
};
use crate::testkit::contract::telephony::TelephonyFault;
use crate::{CallerId, PhoneNumber, Timestamp};

/// Name of this adapter in errors.
const ADAPTER: &str = "fake";

/// A provider of numbers and calls that remembers what really happened, and meets the faults it is told to.
#[derive(Debug)]
pub struct FakeTelephony {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    owned: Vec<OwnedNumber>,
    /// Calls with whether they arrived.
    calls: Vec<(RemoteCall, bool)>,
    lines: HashMap<PhoneNumber, Option<LineType>>,
    fault: TelephonyFault,
    names: u32,
}

impl State {
    fn name(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{:032x}", self.names)
    }
}

fn failed(operation: &'static str, kind: ErrorKind, retry: Retry) -> PortError {
    PortError::new(ADAPTER, operation, kind, retry)
}

impl FakeTelephony {
    /// A provider that dates calls by `clock`. The account owns no number.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            state: Mutex::new(State {
                owned: Vec::new(),
                calls: Vec::new(),
                lines: HashMap::new(),
                fault: TelephonyFault::None,
                names: 0,
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets every request meet `fault` until told otherwise.
    pub fn arrange(&self, fault: TelephonyFault) {
        self.state().fault = fault;
    }

    /// The numbers of the account.
    #[must_use]
    pub fn owned(&self) -> Vec<PhoneNumber> {
        self.state().owned.iter().map(|owned| owned.number).collect()
    }

    /// Whom the account called, in order.
    #[must_use]
    pub fn placed(&self) -> Vec<PhoneNumber> {
        let state = self.state();
        let placed = state.calls.iter().filter(|(_, arrived)| !arrived);
        placed.filter_map(|(call, _)| call.to).collect()
    }

    /// Somebody calls a number of ours for seven seconds. The identifier of the call.
    pub fn call_arrives(&self, from: CallerId, to: PhoneNumber) -> String {
        let mut state = self.state();
        let provider_call = state.name("CA");
        let call = RemoteCall {
            provider_call: provider_call.clone(),
            from,
            to: Some(to),
            status: CallStatus::Completed,
            started_at: Some(self.clock.now()),
            duration_seconds: Some(7),
        };
        state.calls.push((call, true));
        provider_call
    }

    /// Points a number elsewhere; `false` when the account does not own it.
    pub fn misdirect(&self, number: &PhoneNumber) -> bool {
        let mut state = self.state();
        let found = state.owned.iter_mut().find(|owned| owned.number == *number);
        found.map(|owned| owned.configured = false).is_some()
    }

    /// Says what kind of line a number is; nothing for what cannot be a number.
    pub fn set_line(&self, number: PhoneNumber, line: Option<LineType>) {
        self.state().lines.insert(number, line);
    }

    /// What stands in the way of a question.
    fn ask(&self, operation: &'static str) -> Result<MutexGuard<'_, State>, PortError> {
        let state = self.state();
        match state.fault {
            TelephonyFault::None | TelephonyFault::NumberGone | TelephonyFault::SettingsNotKept => Ok(state),
            TelephonyFault::Unreachable | TelephonyFault::NoAnswer | TelephonyFault::ServerError => {
                Err(failed(operation, ErrorKind::Unavailable, Retry::Backoff))
            }
        }
    }

    /// Does something; `in_doubt` is the verdict when nobody says that it was done.
    fn act<T>(
        &self,
        operation: &'static str,
        in_doubt: Retry,
        act: impl FnOnce(&mut State) -> Result<T, PortError>,
    ) -> Result<T, PortError> {
        let mut state = self.state();
        match state.fault {
            TelephonyFault::Unreachable => Err(failed(operation, ErrorKind::Unavailable, Retry::Backoff)),
            TelephonyFault::NoAnswer | TelephonyFault::ServerError => {
                act(&mut state)?;
                Err(failed(operation, ErrorKind::Unavailable, in_doubt))
            }
            TelephonyFault::None | TelephonyFault::NumberGone | TelephonyFault::SettingsNotKept => act(&mut state),
        }
    }
}

#[async_trait]
impl Telephony for FakeTelephony {
    fn name(&self) -> &'static str {
        ADAPTER
    }

    async fn search_numbers(&self, query: &NumberQuery) -> Result<Vec<NumberOffer>, PortError> {
        let state = self.ask("search_numbers")?;
        let area = query.area_code.as_deref().unwrap_or("512");
        if area.len() != 3 {
            return Err(failed("search_numbers", ErrorKind::Rejected, Retry::Never)
                .with_reason("An area code has three digits."));
        }
        let all = (0..1_000).filter_map(|line| PhoneNumber::parse(&format!("+1{area}3{line:06}")).ok());
        let free = all.filter(|number| !state.owned.iter().any(|owned| owned.number == *number));
        let offers = free.take(usize::from(query.limit)).map(|number| NumberOffer {
            number,
            locality: None,
            region: None,
            sms: true,
        });
        Ok(offers.collect())
    }

    async fn buy_number(&self, number: &PhoneNumber, _setup: &NumberSetup) -> Result<OwnedNumber, PortError> {
        self.act("buy_number", Retry::Unknown, |state| {
            let taken = state.owned.iter().any(|owned| owned.number == *number);
            if taken || state.fault == TelephonyFault::NumberGone {
                return Err(failed("buy_number", ErrorKind::Conflict, Retry::Never)
                    .with_reason("Someone else just took that number. Pick another."));
            }
            let owned = OwnedNumber {
                number: *number,
                provider_number: state.name("PN"),
                configured: true,
                sms: true,
            };
            state.owned.push(owned.clone());
            Ok(owned)
        })
    }

    async fn owned_number(&self, number: &PhoneNumber) -> Result<Option<OwnedNumber>, PortError> {
        let state = self.ask("owned_number")?;
        Ok(state.owned.iter().find(|owned| owned.number == *number).cloned())
    }

    async fn configure_number(&self, owned: &OwnedNumber, _setup: &NumberSetup) -> Result<OwnedNumber, PortError> {
        self.act("configure_number", Retry::Backoff, |state| {
            let kept = state.fault != TelephonyFault::SettingsNotKept;
            let found = state
                .owned
                .iter_mut()
                .find(|known| known.provider_number == owned.provider_number);
            let known = found.ok_or_else(|| failed("configure_number", ErrorKind::NotFound, Retry::Never))?;
            known.configured |= kept;
            if !known.configured {
                return Err(failed("configure_number", ErrorKind::Protocol, Retry::Backoff));
            }
            Ok(known.clone())
        })
    }

    async fn release_number(&self, owned: &OwnedNumber) -> Result<(), PortError> {
        self.act("release_number", Retry::Backoff, |state| {
            state
                .owned
                .retain(|known| known.provider_number != owned.provider_number);
            Ok(())
        })
    }

    async fn place_call(&self, call: &OutboundCall) -> Result<RemoteCall, PortError> {
        let now = self.clock.now();
        self.act("place_call", Retry::Unknown, |state| {
            let placed = RemoteCall {
                provider_call: state.name("CA"),
                from: CallerId::Present(call.from),
                to: Some(call.to),
                status: CallStatus::Queued,
                started_at: Some(now),
                duration_seconds: None,
            };
            state.calls.push((placed.clone(), false));
            Ok(placed)
        })
    }

    async fn hang_up(&self, provider_call: &str) -> Result<(), PortError> {
        self.act("hang_up", Retry::Backoff, |state| {
            let call = state
                .calls
                .iter_mut()
                .find(|(call, _)| call.provider_call == provider_call);
            if let Some((call, _)) = call {
                call.status = CallStatus::Completed;
            }
            Ok(())
        })
    }

    async fn fetch_call(&self, provider_call: &str) -> Result<Option<RemoteCall>, PortError> {
        let state = self.ask("fetch_call")?;
        let found = state.calls.iter().find(|(call, _)| call.provider_call == provider_call);
        Ok(found.map(|(call, _)| call.clone()))
    }

    async fn list_calls(&self, to: &PhoneNumber, since: Timestamp) -> Result<Vec<RemoteCall>, PortError> {
        let state = self.ask("list_calls")?;
        let arrived = state
            .calls
            .iter()
            .rev()
            .filter(|(_, arrived)| *arrived)
            .map(|(call, _)| call);
        let wanted = arrived.filter(|call| call.to == Some(*to) && call.started_at.is_some_and(|at| at >= since));
        Ok(wanted.cloned().collect())
    }
}

#[async_trait]
impl LineLookup for FakeTelephony {
    async fn look_up(&self, number: &PhoneNumber) -> Result<LineReport, PortError> {
        let state = self.ask("look_up")?;
        let line = state.lines.get(number).copied().unwrap_or(Some(LineType::Unknown));
        Ok(LineReport {
            line_type: line.unwrap_or(LineType::Unknown),
            valid: line.is_some(),
        })
    }
}
