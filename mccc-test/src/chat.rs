//! A server of chat completions, as far as MCCC uses them: it says what the test tells it to.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::scripted::{Reply, Request, ScriptedServer};

/// The name of the model that it knows.
pub const MODEL: &str = "test-model";
/// The key that it accepts.
pub const KEY: &str = "sk-test-s3cret";

/// How it answers.
#[derive(Debug, Clone)]
pub enum Mood {
    /// With these words.
    Says(String),
    /// With a reply of the test's own.
    Replies(Reply),
}

/// The server. Dropping it closes its port.
#[derive(Debug)]
pub struct ChatServer {
    server: ScriptedServer,
    mood: Arc<Mutex<Mood>>,
}

/// What was asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The system's message.
    pub system: String,
    /// The user's message: JSON.
    pub user: Value,
    /// The whole request.
    pub body: Value,
}

impl ChatServer {
    /// Starts it on a free port of the loopback address.
    ///
    /// # Errors
    /// When there is no port.
    pub fn start() -> io::Result<Self> {
        let mood = Arc::new(Mutex::new(Mood::Says(String::new())));
        let shared = Arc::clone(&mood);
        let server = ScriptedServer::playing(move |request| answer(request, &locked(&shared)))?;
        Ok(Self { server, mood })
    }

    /// Its base address, as a configuration names it.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.server.base_url())
    }

    /// Answers so from now on.
    pub fn be(&self, mood: Mood) {
        *locked(&self.mood) = mood;
    }

    /// Says so from now on.
    pub fn says(&self, text: &str) {
        self.be(Mood::Says(text.to_owned()));
    }

    /// What it was asked, in order.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.server.requests().iter().filter_map(read).collect()
    }
}

fn locked(mood: &Mutex<Mood>) -> MutexGuard<'_, Mood> {
    mood.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A completion, as it is written.
#[must_use]
pub fn completion(content: Option<&str>, finish_reason: &str, refusal: Option<&str>) -> String {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_795_188_600, "model": MODEL,
        "choices": [{
            "index": 0, "finish_reason": finish_reason, "logprobs": null,
            "message": { "role": "assistant", "content": content, "refusal": refusal },
        }],
        "usage": { "prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21 },
    })
    .to_string()
}

fn answer(request: &Request, mood: &Mood) -> Reply {
    if request.method != "POST" || request.path() != "/v1/chat/completions" {
        return Reply::status(404);
    }
    if request.header("authorization") != Some(&*format!("Bearer {KEY}")) {
        return Reply::json(
            401,
            r#"{"error":{"message":"Incorrect API key","type":"invalid_request_error","code":"invalid_api_key"}}"#,
        );
    }
    let known = read(request).is_some_and(|asked| asked.body.get("model").and_then(Value::as_str) == Some(MODEL));
    if !known {
        return Reply::json(
            404,
            r#"{"error":{"message":"no such model","type":"invalid_request_error","code":"model_not_found"}}"#,
        );
    }
    match mood {
        Mood::Says(text) => Reply::json(200, &completion(Some(text), "stop", None)),
        Mood::Replies(reply) => reply.clone(),
    }
}

fn read(request: &Request) -> Option<Asked> {
    let body: Value = serde_json::from_slice(&request.body).ok()?;
    let content = |place: usize, role: &str| {
        let message = body.get("messages")?.get(place)?;
        let right = message.get("role")?.as_str()? == role;
        right.then_some(message.get("content")?.as_str()?)
    };
    Some(Asked {
        system: content(0, "system")?.to_owned(),
        user: serde_json::from_str(content(1, "user")?).ok()?,
        body: body.clone(),
    })
}
