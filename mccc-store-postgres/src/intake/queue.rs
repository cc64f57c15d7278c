//! Who waits, who leads.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mccc_core::port::store::{Change, Commit};
use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres};
use tokio::sync::oneshot;

use super::Answer;

/// Most calls in one transaction.
pub(super) const MOST: usize = 64;
/// How many have to wait before a group begins beside another one. Large groups cost the database least.
const BESIDE: usize = 48;

/// Those who wait, and how many lead.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// Most groups under way at once.
    leaders: usize,
    /// The leaders' connections rest here between groups, which spares each group the pool's own checks.
    connections: Mutex<Vec<PoolConnection<Postgres>>>,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Waiting>,
    leading: usize,
}

#[derive(Debug)]
struct Waiting {
    commit: Arc<Commit>,
    tell: oneshot::Sender<News>,
}

/// What a caller learns.
#[derive(Debug)]
pub(super) enum News {
    /// Its turn to lead has come. Its own call is not in the queue.
    Lead(Lead),
    /// Somebody leads: wait for news here.
    Wait(oneshot::Receiver<News>),
    /// What became of its call.
    Answer(Answer),
}

/// The lead of a group. Passes to whoever waits longest when it is dropped, however that happens.
#[derive(Debug)]
pub(super) struct Lead(Arc<Queue>);

impl Queue {
    pub(super) fn new(leaders: u8) -> Self {
        Self {
            state: Mutex::default(),
            leaders: usize::from(leaders.max(1)),
            connections: Mutex::default(),
        }
    }

    /// Leads at once if nobody does, or if enough wait and one more may; waits otherwise.
    pub(super) fn join(self: &Arc<Self>, commit: &Arc<Commit>) -> News {
        let mut state = self.state();
        if self.another(&state, state.waiting.len().saturating_add(1)) {
            state.leading = state.leading.saturating_add(1);
            return News::Lead(Lead(Arc::clone(self)));
        }
        let (tell, waiting) = oneshot::channel();
        state.waiting.push_back(Waiting {
            commit: Arc::clone(commit),
            tell,
        });
        News::Wait(waiting)
    }

    /// Whether one more group may begin for so many calls. Nobody waits where nobody leads.
    fn another(&self, state: &State, calls: usize) -> bool {
        match state.leading {
            0 => calls > 0,
            leading => leading < self.leaders && calls >= BESIDE,
        }
    }

    /// Hands the resting connections back.
    pub(super) fn close(&self) {
        self.resting().clear();
    }

    fn resting(&self) -> MutexGuard<'_, Vec<PoolConnection<Postgres>>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lead {
    /// The leader's own commit and those that wait, with the channels of the latter. A call that is in the group already
    /// waits for the next one.
    pub(super) fn take(&self, own: &Arc<Commit>) -> (Vec<Arc<Commit>>, Vec<oneshot::Sender<News>>) {
        let mut members = vec![Arc::clone(own)];
        let mut answers = Vec::new();
        let mut later = VecDeque::new();
        let mut state = self.0.state();
        while members.len() < MOST {
            let Some(next) = state.waiting.pop_front() else { break };
            if next.tell.is_closed() {
                continue;
            }
            if members.iter().any(|member| same_call(member, &next.commit)) {
                later.push_back(next);
                continue;
            }
            members.push(next.commit);
            answers.push(next.tell);
        }
        while let Some(next) = later.pop_back() {
            state.waiting.push_front(next);
        }
        (members, answers)
    }

    /// A connection for the time of one group.
    pub(super) async fn connection(&self, pool: &PgPool) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        let rested = self.0.resting().pop();
        match rested {
            Some(connection) => Ok(connection),
            None => pool.acquire().await,
        }
    }

    /// Puts a connection that works back.
    pub(super) fn keep(&self, connection: PoolConnection<Postgres>) {
        self.0.resting().push(connection);
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        let next = {
            let mut state = self.0.state();
            state.waiting.retain(|waiting| !waiting.tell.is_closed());
            state.leading = state.leading.saturating_sub(1);
            if !self.0.another(&state, state.waiting.len()) {
                return;
            }
            let Some(next) = state.waiting.pop_front() else { return };
            state.leading = state.leading.saturating_add(1);
            next
        };
        // The next lead is a value of its own: if its caller goes away before it looks, dropping it passes it on.
        drop(next.tell.send(News::Lead(Self(Arc::clone(&self.0)))));
    }
}

fn same_call(one: &Commit, other: &Commit) -> bool {
    match (call_key(one), call_key(other)) {
        (Some(one_key), Some(other_key)) => one.business == other.business && one_key == other_key,
        _ => false,
    }
}

fn call_key(commit: &Commit) -> Option<&str> {
    commit.changes.iter().find_map(|change| {
        if let Change::InsertCall(call) = change {
            Some(call.provider_call.as_str())
        } else {
            None
        }
    })
}
