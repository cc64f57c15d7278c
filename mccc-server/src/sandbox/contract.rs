//! The simulated network keeps the contracts of every gateway and every telephony provider.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mccc_core::compliance::number::LineType;
use mccc_core::port::{Clock, DeliveryStatus, Entropy, NumberSetup, SmsGateway, Telephony, Timer};
use mccc_core::testkit::contract::gateway::{GatewayHarness, Report, SendFault, WentOut};
use mccc_core::testkit::contract::telephony::{TelephonyFault, TelephonyHarness};
use mccc_core::testkit::{ManualClock, SeededEntropy, build};
use mccc_core::{PhoneNumber, Timestamp};

use super::network::Fault;
use super::{Sandbox, SandboxGateway, SandboxTelephony};

struct Network {
    clock: Arc<ManualClock>,
    sandbox: Arc<Sandbox>,
}

impl Network {
    fn new() -> Self {
        let clock = ManualClock::shared();
        let sandbox = Sandbox::new(
            Arc::clone(&clock) as Arc<dyn Clock>,
            Arc::clone(&clock) as Arc<dyn Timer>,
            Arc::new(SeededEntropy::new(7)) as Arc<dyn Entropy>,
        );
        Self { clock, sandbox }
    }

    fn delivery(&self, id: &str) -> Option<DeliveryStatus> {
        let state = self.sandbox.state();
        state
            .texts
            .iter()
            .find(|text| text.id == id)
            .map(|text| text.delivery.0)
    }
}

#[async_trait]
impl GatewayHarness for Network {
    fn gateway(&self) -> Arc<dyn SmsGateway> {
        Arc::new(SandboxGateway(Arc::clone(&self.sandbox)))
    }

    fn ours(&self) -> PhoneNumber {
        build::phone(900)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    async fn arrange(&self, to: &PhoneNumber, fault: SendFault) -> bool {
        let fault = match fault {
            SendFault::None => Fault::None,
            SendFault::Limited { wait: Some(_) } => Fault::TooManyRequests,
            SendFault::Unreachable => Fault::GatewayDown,
            SendFault::NoAnswer => Fault::AnswerLost,
            SendFault::OptedOut => return GatewayHarness::caller_writes(self, to, "STOP").await,
            SendFault::InvalidNumber
            | SendFault::Landline
            | SendFault::SignInRefused
            | SendFault::Limited { wait: None }
            | SendFault::SlowConnection
            | SendFault::ServerError
            | SendFault::ConnectionCut
            | SendFault::Garbage => return false,
        };
        self.sandbox.set_fault(*to, fault);
        true
    }

    async fn fail_lookups(&self) -> bool {
        false
    }

    async fn went_out(&self) -> Vec<WentOut> {
        let state = self.sandbox.state();
        let ours = state.texts.iter().filter(|text| text.message.is_some());
        ours.map(|text| WentOut {
            provider_message: text.id.clone(),
            from: text.ours,
            to: text.phone,
            body: text.body.clone(),
            message: text.message,
        })
        .collect()
    }

    async fn caller_writes(&self, from: &PhoneNumber, body: &str) -> bool {
        // Nobody takes it in here, and the network keeps it all the same.
        self.sandbox.text(*from, self.ours(), body).await;
        true
    }

    async fn report(&self, provider_message: &str, report: Report) -> bool {
        if report != Report::Delivered {
            return false;
        }
        // The carrier reports by itself as time goes on.
        for _ in 0..10_000 {
            if self.delivery(provider_message) == Some(DeliveryStatus::Delivered) {
                return true;
            }
            self.clock.advance_to_next_sleeper();
            tokio::task::yield_now().await;
        }
        false
    }

    fn absent_message(&self) -> String {
        "SM00".to_owned()
    }
}

#[async_trait]
impl TelephonyHarness for Network {
    fn telephony(&self) -> Arc<dyn Telephony> {
        Arc::new(SandboxTelephony(Arc::clone(&self.sandbox)))
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    fn area_code(&self) -> String {
        "512".to_owned()
    }

    fn setup(&self) -> NumberSetup {
        NumberSetup {
            public_base_url: String::new(),
            friendly_name: "Acme".to_owned(),
        }
    }

    async fn arrange(&self, fault: TelephonyFault) -> bool {
        fault == TelephonyFault::None
    }

    async fn owned(&self) -> Vec<PhoneNumber> {
        self.sandbox.state().bought.keys().copied().collect()
    }

    async fn placed(&self) -> Vec<PhoneNumber> {
        let state = self.sandbox.state();
        state.placed.iter().filter_map(|call| call.to).collect()
    }

    async fn call_arrives(&self, from: &PhoneNumber, to: &PhoneNumber) -> Option<String> {
        Some(self.sandbox.call(Some(*from), *to).await.id)
    }

    async fn misdirect(&self, _number: &PhoneNumber) -> bool {
        false
    }

    async fn set_line(&self, _number: &PhoneNumber, _line: Option<LineType>) -> bool {
        false
    }

    fn absent_call(&self) -> String {
        "CA00".to_owned()
    }

    fn absent_number(&self) -> String {
        "PN00".to_owned()
    }
}

mod gateway {
    use super::Network;

    mccc_core::gateway_contract!(Network::new());
}

mod telephony {
    use super::Network;

    mccc_core::telephony_contract!(Network::new());
}
