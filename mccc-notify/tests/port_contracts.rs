//! Slack, Resend and SMTP keep the contract of every way to the contractor, against servers that answer like theirs.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use mccc_core::Secret;
use mccc_core::port::Notifier;
use mccc_core::testkit::ManualClock;
use mccc_core::testkit::contract::notifier::{Arrived, NotifierFault, NotifierHarness};
use mccc_notify::{
    Encryption, Limits, Resend, ResendConfig, SlackChannel, SlackPlaces, SmtpConfig, SmtpMailer, Transport,
};
use mccc_test::scripted::{Reply, ScriptedServer};
use serde_json::Value;
use support::smtp::{Mood, SmtpServer};
use support::{html_links, read_slack};

const SECRET: &str = "s3cret";

fn transport() -> Transport {
    Transport::new(Limits {
        connect: Duration::from_millis(500),
        exchange: Duration::from_millis(500),
        ..Limits::default()
    })
    .unwrap()
}

/// A place where nobody listens: a port that was free a moment ago.
fn nowhere() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

struct Slack {
    server: ScriptedServer,
    fault: Arc<Mutex<NotifierFault>>,
    nowhere: String,
}

impl Slack {
    fn start() -> Self {
        let fault = Arc::new(Mutex::new(NotifierFault::None));
        let inner = Arc::clone(&fault);
        let server = ScriptedServer::playing(move |_| match *inner.lock().unwrap() {
            NotifierFault::None | NotifierFault::Unreachable | NotifierFault::Broken => Reply::text(200, "ok"),
            NotifierFault::NoAnswer => Reply::hang_up(),
            NotifierFault::Busy(wait) => {
                Reply::text(429, "rate_limited").header("Retry-After", &wait.as_secs().to_string())
            }
            NotifierFault::Refused => Reply::text(404, "no_service"),
            NotifierFault::NotUnderstood => Reply::text(400, "invalid_payload"),
        });
        Self {
            server: server.unwrap(),
            fault,
            nowhere: nowhere(),
        }
    }
}

#[async_trait]
impl NotifierHarness for Slack {
    fn notifier(&self) -> Arc<dyn Notifier> {
        let base = if *self.fault.lock().unwrap() == NotifierFault::Unreachable {
            self.nowhere.clone()
        } else {
            self.server.base_url()
        };
        let url = Secret::new(format!("{base}/services/T0/B0/{SECRET}"));
        Arc::new(SlackChannel::new(url, &SlackPlaces::also(base), transport()).unwrap())
    }

    async fn arrange(&self, fault: NotifierFault) -> bool {
        *self.fault.lock().unwrap() = fault;
        // Slack does not say whether it did something when it fails.
        fault != NotifierFault::Broken
    }

    async fn arrived(&self) -> Vec<Arrived> {
        let took = matches!(
            *self.fault.lock().unwrap(),
            NotifierFault::None | NotifierFault::NoAnswer | NotifierFault::Unreachable
        );
        let requests = self.server.requests();
        let bodies = requests.iter().filter(|_| took);
        bodies.map(|request| read_slack(&request.text())).collect()
    }

    fn calls_everybody(&self) -> bool {
        true
    }

    fn secrets(&self) -> Vec<String> {
        vec![SECRET.to_owned()]
    }
}

/// Resend, with a memory for keys.
struct ResendServer {
    server: ScriptedServer,
    fault: Arc<Mutex<NotifierFault>>,
    taken: Arc<Mutex<Vec<Value>>>,
    nowhere: String,
}

impl ResendServer {
    fn start() -> Self {
        let fault = Arc::new(Mutex::new(NotifierFault::None));
        let taken = Arc::new(Mutex::new(Vec::new()));
        let (inner, mails) = (Arc::clone(&fault), Arc::clone(&taken));
        let keys: Mutex<BTreeMap<String, Value>> = Mutex::default();
        let server = ScriptedServer::playing(move |request| {
            assert_eq!(request.path(), "/emails");
            assert_eq!(request.header("authorization"), Some(&*format!("Bearer {SECRET}")));
            let fault = *inner.lock().unwrap();
            match fault {
                NotifierFault::Busy(wait) => {
                    let body = r#"{"statusCode":429,"name":"rate_limit_exceeded","message":"slow down"}"#;
                    return Reply::json(429, body).header("Retry-After", &wait.as_secs().to_string());
                }
                NotifierFault::Refused => {
                    return Reply::json(401, r#"{"statusCode":401,"name":"invalid_api_key","message":"no"}"#);
                }
                NotifierFault::NotUnderstood => {
                    return Reply::json(422, r#"{"statusCode":422,"name":"validation_error","message":"no"}"#);
                }
                NotifierFault::Broken => {
                    return Reply::json(500, r#"{"statusCode":500,"name":"application_error","message":"no"}"#);
                }
                NotifierFault::None | NotifierFault::NoAnswer | NotifierFault::Unreachable => {}
            }
            let key = request.header("idempotency-key").unwrap().to_owned();
            assert!(key.len() <= 256);
            let mail: Value = serde_json::from_str(&request.text()).unwrap();
            let mut keys = keys.lock().unwrap();
            match keys.get(&key) {
                Some(same) if *same == mail => {}
                Some(_) => {
                    return Reply::json(
                        409,
                        r#"{"statusCode":409,"name":"invalid_idempotent_request","message":"-"}"#,
                    );
                }
                None => {
                    keys.insert(key, mail.clone());
                    mails.lock().unwrap().push(mail);
                }
            }
            if fault == NotifierFault::NoAnswer {
                return Reply::hang_up();
            }
            Reply::json(200, r#"{"id":"49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}"#)
        });
        Self {
            server: server.unwrap(),
            fault,
            taken,
            nowhere: nowhere(),
        }
    }
}

#[async_trait]
impl NotifierHarness for ResendServer {
    fn notifier(&self) -> Arc<dyn Notifier> {
        let base_url = if *self.fault.lock().unwrap() == NotifierFault::Unreachable {
            self.nowhere.clone()
        } else {
            self.server.base_url()
        };
        let config = ResendConfig {
            api_key: Secret::new(SECRET),
            from: "MCCC <notices@mccc.example>".to_owned(),
            base_url,
        };
        Arc::new(Resend::new(config, "mike@example.com", transport()))
    }

    async fn arrange(&self, fault: NotifierFault) -> bool {
        *self.fault.lock().unwrap() = fault;
        true
    }

    async fn arrived(&self) -> Vec<Arrived> {
        let taken = self.taken.lock().unwrap();
        let seen = taken.iter().map(|mail| {
            let text = |field: &str| mail[field].as_str().unwrap().to_owned();
            assert!(!text("subject").contains(['\r', '\n']), "Resend refuses such a subject");
            assert!(!text("html").contains("<script>"));
            Arrived {
                reads: format!("{}\n{}", text("subject"), text("text")),
                links: html_links(&text("html")),
                calls_everybody: false,
                recipients: mail["to"].as_array().unwrap().len(),
            }
        });
        seen.collect()
    }

    fn calls_everybody(&self) -> bool {
        false
    }

    fn secrets(&self) -> Vec<String> {
        vec![SECRET.to_owned()]
    }
}

struct Smtp {
    server: SmtpServer,
    fault: Mutex<NotifierFault>,
}

impl Smtp {
    fn start() -> Self {
        Self {
            server: SmtpServer::start(),
            fault: Mutex::new(NotifierFault::None),
        }
    }
}

/// One part of an e-mail as its reader sees it.
fn decoded(part: &str) -> String {
    let (head, body) = part.split_once("\r\n\r\n").unwrap_or(("", part));
    let head = head.to_ascii_lowercase();
    if head.contains("base64") {
        let text: String = body.split_whitespace().collect();
        return String::from_utf8(support_base64(&text)).unwrap();
    }
    if head.contains("quoted-printable") {
        let joined = body.replace("=\r\n", "");
        let mut bytes = Vec::new();
        let mut rest = joined.as_bytes();
        while let Some((first, others)) = rest.split_first() {
            if *first == b'=' && others.len() >= 2 {
                let hex = std::str::from_utf8(&others[..2]).unwrap();
                bytes.push(u8::from_str_radix(hex, 16).unwrap());
                rest = &others[2..];
            } else {
                bytes.push(*first);
                rest = others;
            }
        }
        return String::from_utf8(bytes).unwrap();
    }
    body.to_owned()
}

fn support_base64(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = 0u32;
    let mut count = 0;
    let mut out = Vec::new();
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        let value = LETTERS.iter().position(|letter| *letter == byte).unwrap();
        bits = (bits << 6) | u32::try_from(value).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from((bits >> count) & 0xff).unwrap());
        }
    }
    out
}

/// The subject, whose words may be encoded (RFC 2047).
fn subject(head: &str) -> String {
    let unfolded = head.replace("\r\n ", " ");
    let line = unfolded.lines().find(|line| line.starts_with("Subject: ")).unwrap();
    let mut out = String::new();
    let mut was_word = false;
    for word in line["Subject: ".len()..].split(' ') {
        let encoded = word.strip_prefix("=?utf-8?b?").and_then(|word| word.strip_suffix("?="));
        if !(out.is_empty() || was_word && encoded.is_some()) {
            out.push(' ');
        }
        match encoded {
            Some(encoded) => out.push_str(&String::from_utf8(support_base64(encoded)).unwrap()),
            None => out.push_str(word),
        }
        was_word = encoded.is_some();
    }
    out
}

#[async_trait]
impl NotifierHarness for Smtp {
    fn notifier(&self) -> Arc<dyn Notifier> {
        let port = if *self.fault.lock().unwrap() == NotifierFault::Unreachable {
            nowhere().rsplit_once(':').unwrap().1.parse().unwrap()
        } else {
            self.server.address.port()
        };
        let config = SmtpConfig {
            host: "127.0.0.1".to_owned(),
            port,
            encryption: Encryption::None,
            sign_in: Some(("mccc".to_owned(), Secret::new(SECRET))),
            from: "MCCC <notices@mccc.example>".to_owned(),
        };
        let mailer = SmtpMailer::new(config, "mike@example.com", ManualClock::shared()).unwrap();
        Arc::new(mailer.with_patience(Duration::from_millis(700)))
    }

    async fn arrange(&self, fault: NotifierFault) -> bool {
        *self.fault.lock().unwrap() = fault;
        let mood = match fault {
            NotifierFault::None | NotifierFault::Unreachable => Mood::Good,
            NotifierFault::NoAnswer => Mood::CutAfterData,
            // A mail server names no wait.
            NotifierFault::Busy(_) => return false,
            NotifierFault::Refused => Mood::WrongPassword,
            NotifierFault::NotUnderstood => Mood::UnknownMailbox,
            NotifierFault::Broken => Mood::Busy,
        };
        self.server.be(mood);
        true
    }

    async fn arrived(&self) -> Vec<Arrived> {
        let mails = self.server.mails();
        let seen = mails.iter().map(|mail| {
            assert!(mail.signed_in, "nobody signed in");
            let (head, _) = mail.data.split_once("\r\n\r\n").unwrap();
            assert!(head.contains("Auto-Submitted: auto-generated"), "{head}");
            let copies = head
                .lines()
                .filter(|line| line.to_ascii_lowercase().starts_with("bcc:"))
                .count();
            let unfolded = mail.data.replace("\r\n ", " ");
            let boundary = unfolded.split("boundary=\"").nth(1).unwrap().split('"').next().unwrap();
            let parts: Vec<String> = mail
                .data
                .split(&format!("--{boundary}"))
                .skip(1)
                .map(|part| decoded(part.trim_start_matches("\r\n")))
                .collect();
            Arrived {
                reads: format!("{}\n{}", subject(head), parts[0]),
                links: html_links(&parts[1]),
                calls_everybody: false,
                recipients: mail.to.len() + copies,
            }
        });
        seen.collect()
    }

    fn calls_everybody(&self) -> bool {
        false
    }

    fn secrets(&self) -> Vec<String> {
        vec![SECRET.to_owned()]
    }
}

mod slack {
    mccc_core::notifier_contract!(super::Slack::start());
}

mod resend {
    mccc_core::notifier_contract!(super::ResendServer::start());
}

mod smtp {
    mccc_core::notifier_contract!(super::Smtp::start());
}
