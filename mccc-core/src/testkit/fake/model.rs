//! A language model in memory.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::Semaphore;

use crate::conversation::voice::Guess;
use crate::port::{ClassifyRequest, ErrorKind, PhraseRequest, PortError, ReplyModel, Retry};
use crate::testkit::contract::reply_model::{ModelFault, Seen};

/// Says what it is told to say, whatever it is asked.
pub struct FakeModel {
    state: Mutex<State>,
    /// One permit for each answer that may be given while it thinks.
    thinking: Semaphore,
}

struct State {
    says: String,
    fault: ModelFault,
    thinks: bool,
    seen: Vec<Seen>,
}

impl fmt::Debug for FakeModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeModel").finish_non_exhaustive()
    }
}

impl Default for FakeModel {
    fn default() -> Self {
        Self {
            state: Mutex::new(State {
                says: String::new(),
                fault: ModelFault::None,
                thinks: false,
                seen: Vec::new(),
            }),
            thinking: Semaphore::new(0),
        }
    }
}

impl FakeModel {
    /// Lets it say so from now on, as a wording and as a guess.
    pub fn says(&self, text: &str) {
        text.clone_into(&mut self.lock().says);
    }

    /// Lets every request meet `fault` from now on.
    pub fn arrange(&self, fault: ModelFault) {
        self.lock().fault = fault;
    }

    /// Lets it think until [`FakeModel::answers`], once for each request.
    pub fn thinks(&self) {
        self.lock().thinks = true;
    }

    /// Lets one request that waits for it be answered, or the next one.
    pub fn answers(&self) {
        self.thinking.add_permits(1);
    }

    /// What it was asked, in order.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.lock().seen.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn answer(&self, operation: &'static str, seen: Seen) -> Result<String, PortError> {
        let thinks = {
            let mut state = self.lock();
            if state.fault != ModelFault::Unreachable {
                state.seen.push(seen);
            }
            state.thinks
        };
        if thinks && let Ok(permit) = self.thinking.acquire().await {
            permit.forget();
        }
        let state = self.lock();
        let failed = |kind, retry| Err(PortError::new("fake", operation, kind, retry));
        let for_a_person = |kind| {
            Err(PortError::new("fake", operation, kind, Retry::Never).with_reason("Look at the settings of the model."))
        };
        match state.fault {
            ModelFault::None => Ok(state.says.clone()),
            ModelFault::Unreachable | ModelFault::Silent | ModelFault::Broken => {
                failed(ErrorKind::Unavailable, Retry::Backoff)
            }
            ModelFault::Busy(wait) => failed(ErrorKind::RateLimited, Retry::After(wait)),
            ModelFault::KeyRefused => for_a_person(ErrorKind::Unauthenticated),
            ModelFault::NoSuchModel => for_a_person(ErrorKind::NotFound),
            ModelFault::NotUnderstood | ModelFault::Declines => failed(ErrorKind::Rejected, Retry::Never),
            ModelFault::CutShort | ModelFault::Empty | ModelFault::Garbage | ModelFault::Endless => {
                failed(ErrorKind::Protocol, Retry::Never)
            }
        }
    }
}

fn data(texts: impl IntoIterator<Item = String>) -> String {
    texts.into_iter().collect::<Vec<_>>().join("\n")
}

#[async_trait]
impl ReplyModel for FakeModel {
    fn name(&self) -> &'static str {
        "fake"
    }

    async fn phrase(&self, request: &PhraseRequest) -> Result<String, PortError> {
        let earlier = request.recent.iter().map(|one| one.text.clone());
        let seen = Seen {
            instructions: String::new(),
            data: data(
                [request.business.clone(), request.text.clone()]
                    .into_iter()
                    .chain(request.keep.clone())
                    .chain(earlier),
            ),
        };
        self.answer("phrase", seen).await
    }

    async fn classify(&self, request: &ClassifyRequest) -> Result<Guess, PortError> {
        let earlier = request.recent.iter().map(|one| one.text.clone());
        let seen = Seen {
            instructions: String::new(),
            data: data([request.text.clone()].into_iter().chain(earlier)),
        };
        let said = self.answer("classify", seen).await?;
        Guess::from_name(said.trim())
            .ok_or_else(|| PortError::new("fake", "classify", ErrorKind::Protocol, Retry::Never))
    }
}
