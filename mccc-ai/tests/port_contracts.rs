//! Chat completions keep the contract of every language model, against a server that answers like one.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use mccc_ai::{ChatConfig, ChatModel};
use mccc_core::Secret;
use mccc_core::port::{ClassifyRequest, ErrorKind, ReplyModel, Retry};
use mccc_core::testkit::contract::reply_model::{ModelFault, ReplyModelHarness, Seen};
use mccc_test::chat::{ChatServer, KEY, MODEL, Mood, completion};
use mccc_test::scripted::Reply;
use serde_json::Value;

struct Chat {
    server: ChatServer,
    fault: Mutex<ModelFault>,
    says: Mutex<String>,
}

impl Chat {
    fn start() -> Self {
        Self {
            server: ChatServer::start().unwrap(),
            fault: Mutex::new(ModelFault::None),
            says: Mutex::default(),
        }
    }

    fn configured(&self) -> ChatConfig {
        ChatConfig {
            base_url: self.server.base_url(),
            model: MODEL.to_owned(),
            api_key: Some(Secret::new(KEY)),
            timeout: Duration::from_millis(400),
        }
    }
}

/// A place where nobody listens: a port that was free a moment ago.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/v1", listener.local_addr().unwrap())
}

/// Every text of a document, one below the other.
fn texts(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(texts).collect::<Vec<_>>().join("\n"),
        Value::Object(fields) => fields.values().map(texts).collect::<Vec<_>>().join("\n"),
        Value::Null | Value::Bool(_) | Value::Number(_) => String::new(),
    }
}

#[async_trait]
impl ReplyModelHarness for Chat {
    fn model(&self) -> Arc<dyn ReplyModel> {
        let mut config = self.configured();
        match *self.fault.lock().unwrap() {
            ModelFault::Unreachable => config.base_url = nowhere(),
            ModelFault::KeyRefused => config.api_key = Some(Secret::new(format!("{KEY}-old"))),
            ModelFault::NoSuchModel => config.model.push_str("-old"),
            ModelFault::None
            | ModelFault::Silent
            | ModelFault::Busy(_)
            | ModelFault::NotUnderstood
            | ModelFault::Broken
            | ModelFault::Declines
            | ModelFault::CutShort
            | ModelFault::Empty
            | ModelFault::Garbage
            | ModelFault::Endless => {}
        }
        Arc::new(ChatModel::new(config).unwrap())
    }

    async fn says(&self, text: &str) {
        text.clone_into(&mut self.says.lock().unwrap());
        self.server.says(text);
    }

    async fn arrange(&self, fault: ModelFault) -> bool {
        *self.fault.lock().unwrap() = fault;
        let says = self.says.lock().unwrap().clone();
        let failed = |status, kind: &str| {
            Reply::json(
                status,
                &format!(r#"{{"error":{{"message":"{says}","type":"{kind}"}}}}"#),
            )
        };
        let reply = match fault {
            ModelFault::None | ModelFault::Unreachable | ModelFault::KeyRefused | ModelFault::NoSuchModel => {
                self.server.says(&says);
                return true;
            }
            ModelFault::Silent => Reply::silence(),
            ModelFault::Busy(wait) => {
                failed(429, "rate_limit_exceeded").header("Retry-After", &wait.as_secs().to_string())
            }
            ModelFault::NotUnderstood => failed(400, "invalid_request_error"),
            ModelFault::Broken => failed(503, "server_error"),
            ModelFault::Declines => Reply::json(200, &completion(None, "stop", Some("I can't help with that."))),
            ModelFault::CutShort => Reply::json(200, &completion(Some(&says), "length", None)),
            ModelFault::Empty => Reply::json(200, &completion(Some(" \n"), "stop", None)),
            ModelFault::Garbage => Reply::text(200, &format!("<html>{says}</html>")),
            ModelFault::Endless => Reply::json(200, &completion(Some(&says.repeat(20_000)), "stop", None)),
        };
        self.server.be(Mood::Replies(reply));
        true
    }

    async fn seen(&self) -> Vec<Seen> {
        let asked = self.server.asked();
        let seen = asked.iter().map(|asked| Seen {
            instructions: asked.system.clone(),
            data: texts(&asked.user),
        });
        seen.collect()
    }

    fn secrets(&self) -> Vec<String> {
        vec![KEY.to_owned()]
    }
}

mod chat_completions {
    mccc_core::reply_model_contract!(super::Chat::start());
}

fn question() -> ClassifyRequest {
    ClassifyRequest {
        text: "hm".to_owned(),
        trade: "plumbing".to_owned(),
        recent: Vec::new(),
    }
}

/// What else a server may do, beside what every model does.
#[tokio::test]
async fn servers_fail_in_more_ways_than_models_do() {
    let chat = Chat::start();
    let quota = r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}"#;
    let choice = |choices: &str| Reply::json(200, &format!(r#"{{"choices":{choices}}}"#));
    for (reply, kind, retry) in [
        (Reply::json(429, quota), ErrorKind::RateLimited, Retry::Never),
        (Reply::status(429), ErrorKind::RateLimited, Retry::Backoff),
        (Reply::status(403), ErrorKind::Unauthenticated, Retry::Never),
        (Reply::status(500), ErrorKind::Unavailable, Retry::Backoff),
        // The key stays with the server that it is for.
        (
            Reply::status(302).header("Location", &chat.server.base_url()),
            ErrorKind::Protocol,
            Retry::Never,
        ),
        (
            Reply::json(200, &completion(Some("booking"), "content_filter", None)),
            ErrorKind::Rejected,
            Retry::Never,
        ),
        (
            Reply::json(200, &completion(Some("booking"), "tool_calls", None)),
            ErrorKind::Protocol,
            Retry::Never,
        ),
        (
            Reply::json(200, &completion(None, "stop", None)),
            ErrorKind::Protocol,
            Retry::Never,
        ),
        (choice("[]"), ErrorKind::Protocol, Retry::Never),
        (choice("7"), ErrorKind::Protocol, Retry::Never),
        (
            Reply::half_body(200, &completion(Some("booking"), "stop", None)),
            ErrorKind::Unavailable,
            Retry::Backoff,
        ),
        (Reply::garbage(), ErrorKind::Unavailable, Retry::Backoff),
        (Reply::hang_up(), ErrorKind::Unavailable, Retry::Backoff),
    ] {
        chat.server.be(Mood::Replies(reply.clone()));
        let error = chat.model().classify(&question()).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (kind, retry), "{reply:?}");
    }
    // A server that says no reason for its end has ended all the same.
    chat.server
        .be(Mood::Replies(choice(r#"[{"message":{"content":"booking"}}]"#)));
    assert!(chat.model().classify(&question()).await.is_ok());
}

#[tokio::test]
async fn a_request_asks_for_little_and_holds_nothing_that_servers_differ_in() {
    let chat = Chat::start();
    chat.server.says("other");
    chat.model().classify(&question()).await.unwrap();
    let body = chat.server.asked().pop().unwrap().body;
    let keys: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["max_tokens", "messages", "model", "stream"]);
    assert_eq!(
        (&body["stream"], &body["max_tokens"]),
        (&Value::from(false), &Value::from(300))
    );
}
