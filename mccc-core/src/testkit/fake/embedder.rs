//! An embedding model in memory.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Semaphore;

use crate::port::{Embedder, ErrorKind, PortError, Retry};
use crate::testkit::contract::embedder::EmbedderFault;

const EMBED: &str = "embed";

/// Gives texts the vectors it is told. Texts it knows nothing of are strangers to each other.
pub struct FakeEmbedder {
    state: Mutex<State>,
    /// One permit for each answer that may be given while it thinks.
    thinking: Semaphore,
}

struct State {
    known: HashMap<String, Vec<f32>>,
    fault: EmbedderFault,
    raw: Option<Vec<Vec<f32>>>,
    thinks: bool,
    seen: Vec<Vec<String>>,
}

impl fmt::Debug for FakeEmbedder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeEmbedder").finish_non_exhaustive()
    }
}

impl Default for FakeEmbedder {
    fn default() -> Self {
        Self {
            state: Mutex::new(State {
                known: HashMap::new(),
                fault: EmbedderFault::None,
                raw: None,
                thinks: false,
                seen: Vec::new(),
            }),
            thinking: Semaphore::new(0),
        }
    }
}

impl FakeEmbedder {
    /// Lets it give this text that vector from now on.
    pub fn gives(&self, text: &str, vector: &[f32]) {
        self.lock().known.insert(text.to_owned(), vector.to_vec());
    }

    /// Lets every request meet `fault` from now on.
    pub fn arrange(&self, fault: EmbedderFault) {
        self.lock().fault = fault;
    }

    /// Lets it answer every request so, as an adapter that breaks its contract would; nothing ends that.
    pub fn answers_with(&self, raw: Option<Vec<Vec<f32>>>) {
        self.lock().raw = raw;
    }

    /// Lets it think until [`FakeEmbedder::answers`], once for each request.
    pub fn thinks(&self) {
        self.lock().thinks = true;
    }

    /// Lets one request that waits for it be answered, or the next one.
    pub fn answers(&self) {
        self.thinking.add_permits(1);
    }

    /// The requests that it read, in order.
    #[must_use]
    pub fn seen(&self) -> Vec<Vec<String>> {
        self.lock().seen.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn vector(&self, text: &str) -> Vec<f32> {
        let length = self.known.values().next().map_or(32, Vec::len);
        let known = self.known.get(text).cloned();
        known.unwrap_or_else(|| stranger(text, length))
    }
}

/// A vector that a text has for itself: each letter turns it another way.
fn stranger(text: &str, length: usize) -> Vec<f32> {
    let mut turned = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut next = || {
        turned ^= turned << 13;
        turned ^= turned >> 7;
        turned ^= turned << 17;
        turned & 1 == 0
    };
    (0..length).map(|_| if next() { 1.0 } else { -1.0 }).collect()
}

#[async_trait]
impl Embedder for FakeEmbedder {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn model(&self) -> &str {
        "fake-embedding"
    }

    fn dimension(&self) -> Option<usize> {
        None
    }

    fn time_limit(&self) -> Duration {
        Duration::from_secs(1)
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, PortError> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let thinks = {
            let mut state = self.lock();
            if state.fault != EmbedderFault::Unreachable {
                state.seen.push(texts.to_vec());
            }
            state.thinks
        };
        if thinks && let Ok(permit) = self.thinking.acquire().await {
            permit.forget();
        }
        let state = self.lock();
        if let Some(raw) = &state.raw {
            return Ok(raw.clone());
        }
        let failed = |kind, retry| Err(PortError::new("fake", EMBED, kind, retry));
        let for_a_person = |kind| {
            let error = PortError::new("fake", EMBED, kind, Retry::Never);
            Err(error.with_reason("Look at the settings of the embedding model."))
        };
        match state.fault {
            EmbedderFault::None => Ok(texts.iter().map(|text| state.vector(text)).collect()),
            EmbedderFault::Unreachable | EmbedderFault::Silent | EmbedderFault::Broken => {
                failed(ErrorKind::Unavailable, Retry::Backoff)
            }
            EmbedderFault::Busy(wait) => failed(ErrorKind::RateLimited, Retry::After(wait)),
            EmbedderFault::KeyRefused => for_a_person(ErrorKind::Unauthenticated),
            EmbedderFault::NoSuchModel => for_a_person(ErrorKind::NotFound),
            EmbedderFault::NotUnderstood => failed(ErrorKind::Rejected, Retry::Never),
            EmbedderFault::TooFew
            | EmbedderFault::TooMany
            | EmbedderFault::Doubled
            | EmbedderFault::Uneven
            | EmbedderFault::OtherDimension
            | EmbedderFault::NotANumber
            | EmbedderFault::Empty
            | EmbedderFault::Garbage
            | EmbedderFault::Endless => failed(ErrorKind::Protocol, Retry::Never),
        }
    }
}
