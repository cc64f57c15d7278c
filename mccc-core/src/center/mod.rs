//! The application service: what an embedder calls.
//!
//! Every entry point loads a snapshot, lets a pure function decide, commits the result in one transaction and only then
//! answers. A stale snapshot is loaded and decided again, at most three times. The center starts no task: workers are
//! [`CommandCenter::work`] called in a loop by the host.

mod appointment_texts;
mod blocked_times;
mod booking;
mod calendar_sync;
mod calendars;
pub(crate) mod callers;
mod calls;
mod chores;
mod directory;
mod error;
mod forwarding;
pub(crate) mod gatekeeping;
mod meaning;
mod notify;
mod numbers;
mod other_calendars;
mod people;
mod promises;
mod recent;
mod reconcile;
mod sending;
mod settings;
mod spooled;
mod talking;
mod texts;
mod unknown;
mod voice;
mod work;

use std::fmt;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

pub use booking::{Availability, BookAnswer, CalendarTrouble};
pub use calendar_sync::business_of_channel;
pub use calendars::{NewCalendar, Replaces, with_former};
pub use callers::CallerChange;
pub use calls::{CallAnswer, SeenCall};
pub use error::CenterError;
pub use forwarding::TestMode;
pub use other_calendars::{MOST_OTHERS, NewOther};
pub use people::{PersonReply, ReplyOutcome};
pub use texts::TextAnswer;
pub use voice::ModelCount;
pub use work::Worked;

use crate::Timestamp;
use crate::port::store::{Change, Commit, CommitError, Committed};
use crate::port::{Clock, Entropy, Providers, Spool, Store, Timer};
use directory::Directory;
pub use directory::LastKnown;
use recent::RecentReplies;

/// Time limits of the service. The defaults are the product's promises; tests make them shorter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long the database may take before a call is answered without it. A number whose owner is not remembered may
    /// take it twice; the whole stays within two seconds.
    pub answer: Duration,
    /// How long the spool may take.
    pub spool: Duration,
    /// How long a STOP waits for open send claims to close.
    pub stop_wait: Duration,
    /// How long a send claim lasts.
    pub claim: Duration,
    /// How long a worker's lease lasts.
    pub lease: Duration,
    /// How long a language model may take for one answer, everything that it is asked for it together. Well within a
    /// lease, so that a slow model never makes a second worker begin the same answer.
    pub model: Duration,
    /// How long an embedding model may take for one text.
    pub meaning: Duration,
    /// How long it may take for the entries of a business, once for each version of its settings, beside the first text
    /// that needs them. With [`Limits::model`] and [`Limits::meaning`] well within a lease.
    pub entries: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            answer: Duration::from_millis(800),
            spool: Duration::from_millis(300),
            stop_wait: Duration::from_secs(6),
            claim: Duration::from_secs(5),
            lease: Duration::from_secs(20),
            model: Duration::from_secs(6),
            meaning: Duration::from_millis(1_500),
            entries: Duration::from_secs(5),
        }
    }
}

/// Everything the center needs from outside.
#[derive(Debug, Clone)]
pub struct Ports {
    /// The database.
    pub store: Arc<dyn Store>,
    /// Which gateway and telephony serve a business.
    pub providers: Arc<dyn Providers>,
    /// The local disk for events while the database is away.
    pub spool: Arc<dyn Spool>,
    /// What was last known of each number's owner, for calls while the database is away.
    pub last_known: Arc<dyn LastKnown>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Waiting.
    pub timer: Arc<dyn Timer>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// The application service. Cheap to share behind an `Arc`.
pub struct CommandCenter {
    ports: Ports,
    limits: Limits,
    directory: Directory,
    recent: RecentReplies,
    queued: tokio::sync::Notify,
    voice: voice::Voice,
    meanings: meaning::Meanings,
}

impl fmt::Debug for CommandCenter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandCenter")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// How often a stale decision is made again before the caller is told to come back.
const TRIES: u32 = 3;

impl CommandCenter {
    /// A center over these ports.
    #[must_use]
    pub fn new(ports: Ports, limits: Limits) -> Self {
        Self {
            directory: Directory::default(),
            recent: RecentReplies::default(),
            queued: tokio::sync::Notify::new(),
            voice: voice::Voice::default(),
            meanings: meaning::Meanings::default(),
            ports,
            limits,
        }
    }

    /// The ports, for hosts that read from the store directly.
    #[must_use]
    pub const fn ports(&self) -> &Ports {
        &self.ports
    }

    /// The time limits.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    fn store(&self) -> &dyn Store {
        &*self.ports.store
    }

    /// Commits, with the jobs that tell the contractor of it. Tells this process what it may have missed: that work is
    /// due, that a number has an owner.
    async fn commit(&self, mut commit: Commit) -> Result<Committed, CommitError> {
        let tells = crate::notify::tells(&commit);
        commit.changes.extend(tells);
        let at = commit.at;
        let due = commit
            .changes
            .iter()
            .any(|change| matches!(change, Change::Enqueue(new) if new.run_at <= at));
        let lines = commit.changes.iter().any(|change| matches!(change, Change::PutLine(_)));
        let done = self.store().commit(commit).await;
        // Also when the answer was lost: it may have been applied.
        if lines {
            self.directory.numbers_have_moved();
        }
        if due && done.is_ok() {
            self.queued.notify_one();
        }
        done
    }

    /// Ends when this process has queued work that is due, at once if it did since the last wait ended. One waiting
    /// worker hears of each commit. Only a hint: work that another process queued, or that falls due later, is found by
    /// looking.
    pub async fn work_queued(&self) {
        self.queued.notified().await;
    }

    /// Runs `work`, or gives up after `limit`. A future that is given up on is dropped; commits survive that.
    async fn within<T>(&self, limit: Duration, work: impl Future<Output = T> + Send) -> Option<T> {
        let mut work = std::pin::pin!(work);
        // What need not wait needs no timer.
        let first = std::future::poll_fn(|context| Poll::Ready(work.as_mut().poll(context)));
        if let Poll::Ready(done) = first.await {
            return Some(done);
        }
        let wait = self.ports.timer.sleep(limit);
        match futures_util::future::select(work, wait).await {
            futures_util::future::Either::Left((done, _)) => Some(done),
            futures_util::future::Either::Right(((), _)) => None,
        }
    }
}
