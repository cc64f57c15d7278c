//! One thread, many tasks, virtual time. The seed decides who runs next.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;

use super::bridge::Bridge;
use super::store::Trouble;
use super::tally::Tally;
use crate::Timestamp;
use crate::port::{Clock, Entropy, Timer};

/// A small generator whose whole state is the seed.
#[derive(Debug)]
pub(super) struct Dice(AtomicU64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    pub(super) fn next(&self) -> u64 {
        let state = self.0.load(Ordering::Relaxed).wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.0.store(state, Ordering::Relaxed);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`; 0 when `limit` is 0.
    pub(super) fn below(&self, limit: u64) -> u64 {
        if limit == 0 { 0 } else { self.next() % limit }
    }

    /// True once in `times` on average.
    pub(super) fn once_in(&self, times: u64) -> bool {
        self.below(times) == 0
    }
}

impl Entropy for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            for (to, from) in chunk.iter_mut().zip(self.next().to_le_bytes()) {
                *to = from;
            }
        }
    }
}

/// The virtual time of the whole run.
#[derive(Debug)]
pub(super) struct Time {
    now: AtomicI64,
    sleepers: Mutex<Vec<Timestamp>>,
}

impl Time {
    pub(super) fn starting_at(at: Timestamp) -> Arc<Self> {
        Arc::new(Self {
            now: AtomicI64::new(at.as_micros()),
            sleepers: Mutex::default(),
        })
    }

    pub(super) fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.now.fetch_add(by, Ordering::Relaxed);
    }

    /// Goes on to the next instant at which somebody wakes; `false` when nobody sleeps.
    fn advance_to_next(&self) -> bool {
        let now = self.now();
        let mut sleepers = self.sleepers.lock().unwrap_or_else(PoisonError::into_inner);
        sleepers.retain(|until| *until > now);
        match sleepers.iter().min() {
            Some(until) => {
                self.now.store(until.as_micros(), Ordering::Relaxed);
                true
            }
            None => false,
        }
    }
}

impl Clock for Time {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.now.load(Ordering::Relaxed))
    }
}

/// A node's clock: the run's time, ahead or behind by a little.
#[derive(Debug)]
pub(super) struct NodeClock {
    pub(super) time: Arc<Time>,
    pub(super) trouble: Arc<Trouble>,
}

impl Clock for NodeClock {
    fn now(&self) -> Timestamp {
        let ahead = self.trouble.ahead.load(Ordering::Relaxed);
        Timestamp::from_micros(self.time.now().as_micros().saturating_add(ahead))
    }
}

/// Waits in virtual time.
#[derive(Debug)]
pub(super) struct VirtualTimer(pub(super) Arc<Time>);

#[async_trait]
impl Timer for VirtualTimer {
    async fn sleep(&self, duration: Duration) {
        let until = self.0.now().plus(duration);
        self.0
            .sleepers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(until);
        std::future::poll_fn(|_| {
            if self.0.now() >= until {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}

/// Lets other tasks run once.
pub(super) async fn step_aside() {
    let mut been = false;
    std::future::poll_fn(|_| {
        if been {
            Poll::Ready(())
        } else {
            been = true;
            Poll::Pending
        }
    })
    .await;
}

type Task<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// The tasks of a run, each belonging to a node (or to the world outside, `None`).
pub(super) struct Executor<'a> {
    tasks: Vec<(Option<usize>, u64, Task<'a>)>,
    spawned: u64,
    bridge: Option<&'a Bridge>,
}

impl fmt::Debug for Executor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Executor").field("tasks", &self.tasks.len()).finish()
    }
}

/// Rounds without progress after which time goes on.
const PATIENCE: u32 = 3;
/// Real time after which an operation that says nothing is looked at again.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(1);
/// Real time that operations get between two polls, unless one of them is heard of sooner.
const BREATH: Duration = Duration::from_micros(200);
/// How many polls an operation that really waits takes where one that does not takes one.
const POLLS_WHILE_WAITING: u64 = 4;

impl<'a> Executor<'a> {
    /// No tasks yet; `bridge` leads to the stores that really wait.
    pub(super) fn over(bridge: Option<&'a Bridge>) -> Self {
        Self {
            tasks: Vec::new(),
            spawned: 0,
            bridge,
        }
    }

    pub(super) fn spawn(&mut self, node: Option<usize>, task: impl Future<Output = ()> + 'a) {
        self.spawned += 1;
        self.tasks.push((node, self.spawned, Box::pin(task)));
    }

    /// The node dies: its tasks are dropped wherever they are.
    pub(super) fn kill(&mut self, node: usize) {
        self.tasks.retain(|(owner, _, _)| *owner != Some(node));
    }

    /// Whether the node is in the middle of something.
    pub(super) fn is_busy(&self, node: usize) -> bool {
        self.tasks.iter().any(|(owner, _, _)| *owner == Some(node))
    }

    pub(super) fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Polls some tasks in an order the dice choose.
    pub(super) fn turn(&mut self, dice: &Dice, tally: &Tally, polls: u64) {
        let mut context = Context::from_waker(Waker::noop());
        let polls = match self.bridge {
            Some(bridge) if bridge.is_at_once() => polls * POLLS_WHILE_WAITING,
            Some(_) | None => polls,
        };
        for _ in 0..polls {
            if self.tasks.is_empty() {
                return;
            }
            let count = u64::try_from(self.tasks.len()).unwrap_or(1);
            let index = usize::try_from(dice.below(count)).unwrap_or(0);
            let done = match self.tasks.get_mut(index) {
                Some((_, name, task)) => {
                    tally.runs(*name);
                    task.as_mut().poll(&mut context).is_ready()
                }
                None => false,
            };
            if done {
                drop(self.tasks.swap_remove(index));
            }
            if let Some(bridge) = self.flying() {
                bridge.wait(BREATH);
            }
        }
    }

    /// Lets operations that are under way end and begins no others, before time goes on: what really takes a
    /// millisecond must not seem to take minutes.
    pub(super) fn end_what_flies(&mut self, tally: &Tally) {
        let mut context = Context::from_waker(Waker::noop());
        while let Some(bridge) = self.flying() {
            let _held = bridge.hold(true);
            self.tasks.retain_mut(|(_, name, task)| {
                tally.runs(*name);
                task.as_mut().poll(&mut context).is_pending()
            });
            if bridge.is_flying() {
                bridge.wait(LOOK_AGAIN);
            }
        }
    }

    /// The bridge, while operations are under way on it.
    fn flying(&self) -> Option<&'a Bridge> {
        self.bridge.filter(|bridge| bridge.is_flying())
    }

    /// Runs until no task is left; time goes on when nobody can.
    pub(super) fn settle(&mut self, dice: &Dice, tally: &Tally, time: &Time) {
        let mut idle = 0;
        while !self.tasks.is_empty() {
            let before = self.tasks.len();
            let polls = u64::try_from(before).unwrap_or(1) * 8;
            self.turn(dice, tally, polls);
            let waits = self.flying().is_some();
            idle = if waits || self.tasks.len() < before {
                0
            } else {
                idle + 1
            };
            if idle > PATIENCE {
                if !time.advance_to_next() {
                    time.advance(Duration::from_millis(1));
                }
                idle = 0;
            }
        }
    }
}
