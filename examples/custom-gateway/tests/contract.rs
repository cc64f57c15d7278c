//! The gateway keeps the contract of every gateway. The appliance is played by a few lines that remember what they are
//! asked; the suite tells it what goes wrong.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use aws_lc_rs::hmac;
use custom_gateway::{ModemBox, News};
use mccc_core::port::{Clock, InboundSource, RawWebhook, SmsGateway, TextProgress};
use mccc_core::testkit::contract::Failure;
use mccc_core::testkit::contract::gateway::{self, GatewayHarness, Report, SendFault, WentOut};
use mccc_core::testkit::{ManualClock, build};
use mccc_core::{PhoneNumber, Secret, Timestamp};
use mccc_test::scripted::{Reply, Request, ScriptedServer};
use serde_json::{Value, json};

const KEY: &str = "k3y-of-the-appliance";

/// What the appliance remembers.
#[derive(Default)]
struct Memory {
    texts: Vec<Value>,
    faults: HashMap<String, SendFault>,
    lookups_fail: bool,
}

struct Appliance {
    server: ScriptedServer,
    memory: Arc<Mutex<Memory>>,
    clock: Arc<ManualClock>,
    gateway: Arc<ModemBox>,
}

fn new_text(memory: &mut Memory, mut text: Value, received: bool, now: Timestamp) -> Value {
    text["id"] = json!(format!("T{}", memory.texts.len() + 1));
    text["state"] = json!(if received { "received" } else { "queued" });
    text["at_micros"] = json!(now.as_micros());
    text["received"] = json!(received);
    memory.texts.push(text.clone());
    text
}

fn send(memory: &mut Memory, request: &Request, now: Timestamp) -> Reply {
    let text: Value = serde_json::from_slice(&request.body).unwrap();
    let fault = memory
        .faults
        .get(text["to"].as_str().unwrap())
        .copied()
        .unwrap_or(SendFault::None);
    let refused = |why: &str| Reply::json(422, &json!({ "why": why }).to_string());
    match fault {
        SendFault::OptedOut => return refused("opted_out"),
        SendFault::InvalidNumber => return refused("no_such_number"),
        SendFault::Landline => return refused("landline"),
        SendFault::SignInRefused => return Reply::status(401),
        SendFault::Limited { wait: None } => return Reply::status(429),
        SendFault::Limited { wait: Some(wait) } => {
            return Reply::status(429).header("Retry-After", &wait.as_secs().to_string());
        }
        SendFault::None
        | SendFault::Unreachable
        | SendFault::SlowConnection
        | SendFault::ServerError
        | SendFault::ConnectionCut
        | SendFault::Garbage
        | SendFault::NoAnswer => {}
    }
    let text = new_text(memory, text, false, now);
    match fault {
        SendFault::ServerError => Reply::status(500),
        SendFault::ConnectionCut => Reply::hang_up(),
        SendFault::Garbage => Reply::text(200, "<html></html>"),
        SendFault::NoAnswer => Reply::silence(),
        SendFault::None
        | SendFault::OptedOut
        | SendFault::InvalidNumber
        | SendFault::Landline
        | SendFault::SignInRefused
        | SendFault::Limited { .. }
        | SendFault::Unreachable
        | SendFault::SlowConnection => Reply::json(201, &text.to_string()),
    }
}

fn look_up(memory: &Memory, request: &Request) -> Reply {
    if memory.lookups_fail {
        return Reply::status(503);
    }
    if let Some(id) = request.path().strip_prefix("/texts/") {
        let found = memory.texts.iter().find(|text| text["id"] == id);
        return found.map_or_else(|| Reply::status(404), |text| Reply::json(200, &text.to_string()));
    }
    let query: HashMap<String, String> = request.query().into_iter().collect();
    let number = |name: &str, text: &Value| query[name].is_empty() || text[name] == format!("+{}", query[name]);
    let since: i64 = query["since"].parse().unwrap();
    let wanted =
        |text: &&Value| number("from", text) && number("to", text) && text["at_micros"].as_i64().unwrap() >= since;
    let newest_first = memory.texts.iter().rev().filter(wanted);
    let rows: Vec<&Value> = newest_first.take(query["limit"].parse().unwrap()).collect();
    Reply::json(200, &json!(rows).to_string())
}

/// The appliance's words for a report.
const fn words(report: Report) -> (&'static str, Option<u32>) {
    match report {
        Report::Sent => ("sent", None),
        Report::Delivered => ("delivered", None),
        Report::PhoneOff => ("lost", Some(1)),
        Report::Landline => ("lost", Some(2)),
        Report::Filtered => ("lost", Some(3)),
        Report::NewWord => ("beamed", None),
    }
}

impl Appliance {
    fn start() -> Self {
        let (clock, memory) = (ManualClock::shared(), Arc::new(Mutex::new(Memory::default())));
        let server = ScriptedServer::playing({
            let (clock, memory) = (Arc::clone(&clock), Arc::clone(&memory));
            move |request| {
                let mut memory = memory.lock().unwrap();
                match request.method.as_str() {
                    "POST" => send(&mut memory, request, clock.now()),
                    _ => look_up(&memory, request),
                }
            }
        })
        .unwrap();
        let gateway = ModemBox::new(
            server.base_url(),
            Secret::new(KEY),
            Duration::from_millis(400),
            Arc::clone(&clock) as Arc<dyn Clock>,
        );
        Self {
            gateway: Arc::new(gateway.unwrap()),
            server,
            memory,
            clock,
        }
    }
}

#[async_trait]
impl GatewayHarness for Appliance {
    fn gateway(&self) -> Arc<dyn SmsGateway> {
        Arc::clone(&self.gateway) as Arc<dyn SmsGateway>
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
        // This gateway looks at its permit once, directly before it hands the request over.
        if fault == SendFault::SlowConnection {
            return false;
        }
        let away = fault == SendFault::Unreachable;
        self.server.hang_up_on_connect(if away { usize::MAX } else { 0 });
        if away {
            self.server.cut_connections();
        }
        self.memory.lock().unwrap().faults.insert(to.to_string(), fault);
        true
    }

    async fn fail_lookups(&self) -> bool {
        self.memory.lock().unwrap().lookups_fail = true;
        true
    }

    async fn went_out(&self) -> Vec<WentOut> {
        let memory = self.memory.lock().unwrap();
        let text = |text: &Value, name: &str| text[name].as_str().unwrap().to_owned();
        let ours = memory.texts.iter().filter(|text| text["received"] == false);
        ours.map(|sent| WentOut {
            provider_message: text(sent, "id"),
            from: PhoneNumber::parse(&text(sent, "from")).unwrap(),
            to: PhoneNumber::parse(&text(sent, "to")).unwrap(),
            body: text(sent, "text"),
            message: text(sent, "reference").parse().ok(),
        })
        .collect()
    }

    async fn caller_writes(&self, from: &PhoneNumber, body: &str) -> bool {
        let text = json!({ "from": from.to_string(), "to": self.ours().to_string(), "text": body });
        new_text(&mut self.memory.lock().unwrap(), text, true, self.clock.now());
        true
    }

    async fn report(&self, provider_message: &str, report: Report) -> bool {
        let (state, code) = words(report);
        let mut memory = self.memory.lock().unwrap();
        let text = memory
            .texts
            .iter_mut()
            .find(|text| text["id"] == provider_message)
            .unwrap();
        text["state"] = json!(state);
        text["code"] = json!(code);
        true
    }

    async fn news(&self, news: &gateway::News) -> Option<Result<TextProgress, Failure>> {
        let (state, code) = words(news.report);
        let body = json!({
            "id": news.provider_message, "reference": news.message.to_string(), "from": news.from.to_string(),
            "state": state, "code": code,
        })
        .to_string();
        let key = hmac::Key::new(hmac::HMAC_SHA256, KEY.as_bytes());
        let signature = hex::encode(hmac::sign(&key, body.as_bytes()));
        let request = RawWebhook {
            method: "POST",
            target: "/modembox/news",
            content_type: Some("application/json"),
            signature: Some(&signature),
            body: body.as_bytes(),
        };
        let read = News::new(Secret::new(KEY)).read(&request);
        Some(
            read.map(mccc_core::port::Verified::into_inner)
                .map_err(|error| Failure::new(error.to_string())),
        )
    }

    fn source(&self) -> Option<Arc<dyn InboundSource>> {
        Some(Arc::new(News::new(Secret::new(KEY))))
    }

    fn absent_message(&self) -> String {
        "T999".to_owned()
    }

    fn secrets(&self) -> Vec<String> {
        vec![KEY.to_owned()]
    }
}

mccc_core::gateway_contract!(Appliance::start());
