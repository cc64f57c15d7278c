//! A channel to the contractor in memory.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::notify::Notice;
use crate::port::{ErrorKind, Notifier, NotifierCapabilities, PortError, Retry, Told};
use crate::testkit::contract::notifier::{Arrived, NotifierFault};

/// Keeps what it was told. Tells nobody.
pub struct FakeNotifier {
    repeats_are_one: bool,
    state: Mutex<State>,
}

struct State {
    fault: NotifierFault,
    keys: HashSet<String>,
    told: Vec<Notice>,
}

impl fmt::Debug for FakeNotifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeNotifier").finish_non_exhaustive()
    }
}

impl FakeNotifier {
    /// A channel that hears the same thing once however often it is told, or each time.
    #[must_use]
    pub fn new(repeats_are_one: bool) -> Self {
        Self {
            repeats_are_one,
            state: Mutex::new(State {
                fault: NotifierFault::None,
                keys: HashSet::new(),
                told: Vec::new(),
            }),
        }
    }

    /// Lets every request meet `fault` from now on.
    pub fn arrange(&self, fault: NotifierFault) {
        self.lock().fault = fault;
    }

    /// The notices that arrived, in order.
    #[must_use]
    pub fn told(&self) -> Vec<Notice> {
        self.lock().told.clone()
    }

    /// The same as a person sees them.
    #[must_use]
    pub fn arrived(&self) -> Vec<Arrived> {
        self.lock().told.iter().map(seen).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn seen(notice: &Notice) -> Arrived {
    let facts = notice
        .facts
        .iter()
        .map(|fact| format!("{}: {}", fact.label, fact.value));
    let parts = [notice.title.clone()]
        .into_iter()
        .chain(facts)
        .chain(notice.quote.clone());
    Arrived {
        reads: parts.collect::<Vec<_>>().join("\n"),
        links: notice
            .link
            .iter()
            .cloned()
            .chain(notice.actions.iter().map(|action| action.url.clone()))
            .collect(),
        calls_everybody: notice.urgent,
        recipients: 1,
    }
}

#[async_trait]
impl Notifier for FakeNotifier {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn capabilities(&self) -> NotifierCapabilities {
        NotifierCapabilities {
            repeats_are_one: self.repeats_are_one,
        }
    }

    async fn notify(&self, notice: &Notice) -> Result<Told, PortError> {
        let failed = |kind, retry| Err(PortError::new("fake", "notify", kind, retry));
        let mut state = self.lock();
        let arrives = matches!(state.fault, NotifierFault::None | NotifierFault::NoAnswer);
        if arrives && (state.keys.insert(notice.key.clone()) || !self.repeats_are_one) {
            state.told.push(notice.clone());
        }
        match state.fault {
            NotifierFault::None => Ok(Told {
                reference: Some(notice.key.clone()),
            }),
            NotifierFault::Unreachable | NotifierFault::Broken => failed(ErrorKind::Unavailable, Retry::Backoff),
            NotifierFault::NoAnswer if self.repeats_are_one => failed(ErrorKind::Unavailable, Retry::Backoff),
            NotifierFault::NoAnswer => failed(ErrorKind::Unavailable, Retry::Unknown),
            NotifierFault::Busy(wait) => failed(ErrorKind::RateLimited, Retry::After(wait.max(Duration::from_secs(1)))),
            NotifierFault::Refused => failed(ErrorKind::ReconnectRequired, Retry::Never)
                .map_err(|error: PortError| error.with_reason("Connect the channel again.")),
            NotifierFault::NotUnderstood => failed(ErrorKind::Rejected, Retry::Never),
        }
    }
}
