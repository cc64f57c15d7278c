//! A server of embeddings, as far as MCCC uses them: it gives texts the vectors that the test tells it.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::scripted::{Reply, Request, ScriptedServer};

/// The name of the model that it knows.
pub const MODEL: &str = "test-embedding";
/// The key that it accepts.
pub const KEY: &str = "sk-test-v3ctors";
/// How many numbers its vectors have.
pub const DIMENSION: usize = 4;

#[derive(Debug, Default)]
struct State {
    known: HashMap<String, Vec<f32>>,
    reply: Option<Reply>,
}

/// The server. Dropping it closes its port.
#[derive(Debug)]
pub struct EmbeddingServer {
    server: ScriptedServer,
    state: Arc<Mutex<State>>,
}

impl EmbeddingServer {
    /// Starts it on a free port of the loopback address.
    ///
    /// # Errors
    /// When there is no port.
    pub fn start() -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let server = ScriptedServer::playing(move |request| answer(request, &locked(&shared)))?;
        Ok(Self { server, state })
    }

    /// Its base address, as a configuration names it.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.server.base_url())
    }

    /// Gives this text that vector from now on. All other texts are strangers to it.
    pub fn gives(&self, text: &str, vector: [f32; DIMENSION]) {
        locked(&self.state).known.insert(text.to_owned(), vector.to_vec());
    }

    /// Answers so from now on, or again as it should.
    pub fn replies(&self, reply: Option<Reply>) {
        locked(&self.state).reply = reply;
    }

    /// The texts of each request that it read, in order.
    #[must_use]
    pub fn asked(&self) -> Vec<Vec<String>> {
        self.bodies().iter().filter_map(texts).collect()
    }

    /// Each request that it read, in order.
    #[must_use]
    pub fn bodies(&self) -> Vec<Value> {
        self.server.requests().iter().filter_map(body).collect()
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Vectors with their places, as they are written.
#[must_use]
pub fn embedded(vectors: &[(usize, Vec<f32>)]) -> String {
    let data: Vec<Value> = vectors
        .iter()
        .map(|(index, vector)| json!({ "object": "embedding", "index": index, "embedding": vector }))
        .collect();
    json!({
        "object": "list", "data": data, "model": MODEL, "usage": { "prompt_tokens": 9, "total_tokens": 9 },
    })
    .to_string()
}

fn answer(request: &Request, state: &State) -> Reply {
    if request.method != "POST" || request.path() != "/v1/embeddings" {
        return Reply::status(404);
    }
    if request.header("authorization") != Some(&*format!("Bearer {KEY}")) {
        return Reply::json(
            401,
            r#"{"error":{"message":"Incorrect API key","type":"invalid_request_error","code":"invalid_api_key"}}"#,
        );
    }
    let Some(body) = body(request) else {
        return Reply::status(400);
    };
    if body.get("model").and_then(Value::as_str) != Some(MODEL) {
        return Reply::json(
            404,
            r#"{"error":{"message":"no such model","type":"invalid_request_error","code":"model_not_found"}}"#,
        );
    }
    if let Some(reply) = &state.reply {
        return reply.clone();
    }
    let Some(texts) = texts(&body) else {
        return Reply::status(400);
    };
    let vector = |text: &String| {
        let stranger = vec![0.0, 0.0, 0.01, 1.0];
        state.known.get(text).cloned().unwrap_or(stranger)
    };
    // As vendors may: last things first, each with its place.
    let vectors: Vec<(usize, Vec<f32>)> = texts.iter().map(vector).enumerate().rev().collect();
    Reply::json(200, &embedded(&vectors))
}

fn body(request: &Request) -> Option<Value> {
    serde_json::from_slice(&request.body).ok()
}

fn texts(body: &Value) -> Option<Vec<String>> {
    serde_json::from_value(body.get("input")?.clone()).ok()
}
