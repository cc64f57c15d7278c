//! The adapter keeps the contracts of every gateway and every telephony provider, against a Twilio on the wire.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use mccc_core::compliance::number::LineType;
use mccc_core::port::{Clock, InboundSource, LineLookup, NumberSetup, RawWebhook, SmsGateway, Telephony, TextProgress};
use mccc_core::testkit::build;
use mccc_core::testkit::contract::Failure;
use mccc_core::testkit::contract::gateway::{GatewayHarness, News, Report, SendFault, WentOut};
use mccc_core::testkit::contract::telephony::{TelephonyFault, TelephonyHarness};
use mccc_core::{PhoneNumber, Secret, Timestamp};
use mccc_test::twilio::{Trouble, WireTwilio};
use mccc_test::twilio_sign::{form_body, signature};
use mccc_twilio::{Credentials, Limits, Transport, TwilioClient, TwilioConfig, TwilioWebhooks, Unverified, routes};

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const TOKEN: &str = "t0ken-of-the-account";
const BASE: &str = "https://mccc.example";

/// A clock that is moved by hand, and that may step forward by itself at the next but one look of the adapter.
#[derive(Debug)]
struct Hands {
    micros: AtomicI64,
    looks_until_late: AtomicI64,
}

impl Hands {
    fn at(&self) -> Timestamp {
        Timestamp::from_micros(self.micros.load(Ordering::SeqCst))
    }

    fn advance(&self, by: Duration) {
        self.micros.store(self.at().plus(by).as_micros(), Ordering::SeqCst);
    }

    fn rfc2822(&self) -> String {
        let zoned = self.at().to_jiff().to_zoned(jiff::tz::TimeZone::UTC);
        jiff::fmt::rfc2822::to_string(&zoned).unwrap()
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        if self.looks_until_late.fetch_sub(1, Ordering::SeqCst) == 0 {
            self.advance(Duration::from_secs(60));
        }
        self.at()
    }
}

struct Wire {
    clock: Arc<Hands>,
    twilio: WireTwilio,
    client: Arc<TwilioClient>,
}

impl Wire {
    fn new() -> Self {
        let clock = Arc::new(Hands {
            micros: AtomicI64::new(build::START.as_micros()),
            looks_until_late: AtomicI64::new(-1),
        });
        let twilio = WireTwilio::start(ACCOUNT, {
            let clock = Arc::clone(&clock);
            move || clock.rfc2822()
        })
        .unwrap();
        let mut config = TwilioConfig::new(ACCOUNT, Credentials::AuthToken(Secret::new(TOKEN)), BASE);
        config.api_base_url = twilio.base_url();
        config.lookups_base_url = twilio.base_url();
        let limits = Limits {
            connect: Duration::from_secs(2),
            exchange: Duration::from_millis(400),
            answer_bytes: 64 * 1024,
        };
        let client = TwilioClient::new(
            config,
            Transport::new(limits).unwrap(),
            Arc::clone(&clock) as Arc<dyn Clock>,
        );
        Self {
            clock,
            twilio,
            client: Arc::new(client.unwrap()),
        }
    }

    fn webhooks() -> TwilioWebhooks {
        TwilioWebhooks::new(ACCOUNT, BASE, &[Secret::new(TOKEN)]).unwrap()
    }
}

fn refuse(status: u16, code: u32, wait: Option<Duration>) -> Trouble {
    let wait = wait.map(|wait| wait.as_secs());
    Trouble::Refuse { status, code, wait }
}

/// The words of the provider for a report.
const fn words(report: Report) -> (&'static str, Option<u32>) {
    match report {
        Report::Sent => ("sent", None),
        Report::Delivered => ("delivered", None),
        Report::PhoneOff => ("undelivered", Some(30_003)),
        Report::Landline => ("undelivered", Some(30_006)),
        Report::Filtered => ("undelivered", Some(30_007)),
        Report::NewWord => ("partially_teleported", None),
    }
}

#[async_trait]
impl GatewayHarness for Wire {
    fn gateway(&self) -> Arc<dyn SmsGateway> {
        Arc::clone(&self.client) as Arc<dyn SmsGateway>
    }

    fn ours(&self) -> PhoneNumber {
        build::phone(900)
    }

    fn now(&self) -> Timestamp {
        self.clock.at()
    }

    fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    async fn arrange(&self, to: &PhoneNumber, fault: SendFault) -> bool {
        self.twilio.go_away(fault == SendFault::Unreachable);
        let late = if fault == SendFault::SlowConnection { 1 } else { -1 };
        self.clock.looks_until_late.store(late, Ordering::SeqCst);
        let trouble = match fault {
            SendFault::None | SendFault::Unreachable | SendFault::SlowConnection => Trouble::None,
            SendFault::OptedOut => refuse(400, 21_610, None),
            SendFault::InvalidNumber => refuse(400, 21_211, None),
            SendFault::Landline => refuse(400, 21_614, None),
            SendFault::SignInRefused => refuse(401, 20_003, None),
            SendFault::Limited { wait } => refuse(429, 20_429, wait),
            SendFault::ServerError => Trouble::ServerError,
            SendFault::ConnectionCut => Trouble::HangUp,
            SendFault::Garbage => Trouble::Garbage,
            SendFault::NoAnswer => Trouble::Silence,
        };
        self.twilio.set_trouble_of(&to.to_string(), trouble);
        true
    }

    async fn fail_lookups(&self) -> bool {
        self.twilio.set_trouble(Trouble::ServerError);
        true
    }

    async fn went_out(&self) -> Vec<WentOut> {
        let sent = self.twilio.sent().into_iter();
        sent.map(|text| WentOut {
            message: text
                .callback
                .split('#')
                .next()
                .and_then(|url| routes::message_of(url.strip_prefix(BASE)?)),
            provider_message: text.sid,
            from: PhoneNumber::parse(&text.from).unwrap(),
            to: PhoneNumber::parse(&text.to).unwrap(),
            body: text.body,
        })
        .collect()
    }

    async fn caller_writes(&self, from: &PhoneNumber, body: &str) -> bool {
        let (from, to) = (from.to_string(), self.ours().to_string());
        self.twilio.caller_writes(&from, &to, body, &self.clock.rfc2822());
        true
    }

    async fn report(&self, provider_message: &str, report: Report) -> bool {
        let (status, code) = words(report);
        self.twilio.report(provider_message, status, code)
    }

    async fn news(&self, news: &News) -> Option<Result<TextProgress, Failure>> {
        let (status, code) = words(news.report);
        let (from, to) = (news.from.to_string(), news.to.to_string());
        let code = code.map(|code| code.to_string());
        let mut fields = vec![
            ("AccountSid", ACCOUNT),
            ("From", &from),
            ("To", &to),
            ("MessageSid", &news.provider_message),
            ("MessageStatus", status),
        ];
        fields.extend(code.as_deref().map(|code| ("ErrorCode", code)));
        let target = routes::sms_status("", news.message);
        let (signed, body) = (
            signature(TOKEN, &format!("{BASE}{target}"), &fields),
            form_body(&fields),
        );
        let request = Unverified::read(RawWebhook {
            method: "POST",
            target: &target,
            content_type: Some("application/x-www-form-urlencoded"),
            signature: Some(&signed),
            body: body.as_bytes(),
        });
        let read = Self::webhooks().text_progress(request.unwrap(), routes::message_of(&target));
        Some(match read {
            Ok(event) => Ok(event.into_inner()),
            Err(error) => Err(Failure::new(error.to_string())),
        })
    }

    fn source(&self) -> Option<Arc<dyn InboundSource>> {
        Some(Arc::new(Self::webhooks()))
    }

    fn absent_message(&self) -> String {
        "SMffffffffffffffffffffffffffffffff".to_owned()
    }

    fn secrets(&self) -> Vec<String> {
        vec![TOKEN.to_owned()]
    }
}

#[async_trait]
impl TelephonyHarness for Wire {
    fn telephony(&self) -> Arc<dyn Telephony> {
        Arc::clone(&self.client) as Arc<dyn Telephony>
    }

    fn line_lookup(&self) -> Option<Arc<dyn LineLookup>> {
        Some(Arc::clone(&self.client) as Arc<dyn LineLookup>)
    }

    fn now(&self) -> Timestamp {
        self.clock.at()
    }

    fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    fn area_code(&self) -> String {
        "737".to_owned()
    }

    fn setup(&self) -> NumberSetup {
        NumberSetup {
            public_base_url: BASE.to_owned(),
            friendly_name: "Acme".to_owned(),
        }
    }

    async fn arrange(&self, fault: TelephonyFault) -> bool {
        self.twilio.go_away(fault == TelephonyFault::Unreachable);
        self.twilio.set_trouble(match fault {
            TelephonyFault::None | TelephonyFault::Unreachable => Trouble::None,
            TelephonyFault::NumberGone => refuse(400, 21_422, None),
            TelephonyFault::NoAnswer => Trouble::Silence,
            TelephonyFault::ServerError => Trouble::ServerError,
            TelephonyFault::SettingsNotKept => Trouble::Forgetful,
        });
        true
    }

    async fn owned(&self) -> Vec<PhoneNumber> {
        let owned = self.twilio.owned().into_iter();
        owned.map(|number| PhoneNumber::parse(&number).unwrap()).collect()
    }

    async fn placed(&self) -> Vec<PhoneNumber> {
        let placed = self.twilio.placed().into_iter();
        placed.map(|call| PhoneNumber::parse(&call.to).unwrap()).collect()
    }

    async fn call_arrives(&self, from: &PhoneNumber, to: &PhoneNumber) -> Option<String> {
        let now = self.clock.rfc2822();
        Some(self.twilio.call_arrives(&from.to_string(), &to.to_string(), &now))
    }

    async fn misdirect(&self, number: &PhoneNumber) -> bool {
        self.twilio.misdirect(&number.to_string())
    }

    async fn set_line(&self, number: &PhoneNumber, line: Option<LineType>) -> bool {
        let word = match line {
            None => None,
            Some(LineType::Mobile) => Some("mobile"),
            Some(LineType::Landline) => Some("landline"),
            Some(LineType::FixedVoip) => Some("fixedVoip"),
            Some(LineType::NonFixedVoip) => Some("nonFixedVoip"),
            Some(LineType::TollFree) => Some("tollFree"),
            Some(other) => panic!("{other:?} has no word here"),
        };
        self.twilio.set_line(&number.to_string(), word);
        true
    }

    fn absent_call(&self) -> String {
        "CAffffffffffffffffffffffffffffffff".to_owned()
    }

    fn absent_number(&self) -> String {
        "PNffffffffffffffffffffffffffffffff".to_owned()
    }

    fn secrets(&self) -> Vec<String> {
        vec![TOKEN.to_owned()]
    }
}

mod gateway {
    use super::Wire;

    mccc_core::gateway_contract!(Wire::new());
}

mod telephony {
    use super::Wire;

    mccc_core::telephony_contract!(Wire::new());
}
