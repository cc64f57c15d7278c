//! What really happened in a run, so that nobody takes a fault for tested that never occurred.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::JobId;
use crate::port::store::{Conflict, Stale};

macro_rules! happenings {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// Something that went wrong, or a race that was run, on purpose.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Happening {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Happening {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// How a summary names it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

happenings! {
    /// Another task's commit was applied between a load and the commit that followed it.
    Interleaved = "commit between load and commit",
    /// The settings were saved while a call was being decided.
    SettingsMidCall = "settings saved mid-call",
    /// The caller's flags were changed while something was being decided.
    FlagsMidway = "caller's flags changed midway",
    /// The thread was changed while something was being decided.
    ThreadMidway = "thread changed midway",
    /// A call or message was changed while something was being decided.
    RowMidway = "call or message changed midway",
    /// A commit was applied and its answer lost.
    LostAfter = "commit applied, answer lost",
    /// A commit was not applied and its answer lost.
    LostBefore = "commit not applied, answer lost",
    /// A commit was given up on by its node and was applied only later.
    LandedLate = "commit landed after it was given up on",
    /// The database was away for one request.
    DatabaseAway = "database away",
    /// The database took longer than a call may wait.
    DatabaseSlow = "database slow",
    /// A job's lease expired and another worker took it over.
    TakenOver = "lease expired, job taken over",
    /// A worker came back with the result of a job that was no longer its own.
    LeaseLost = "result refused, lease lost",
    /// Two nodes asked for work at the same moment.
    ClaimedTogether = "two nodes claiming at once",
    /// The provider refused a text for now.
    ProviderRefused = "provider refused",
    /// The provider was silent about a text that went out.
    SilentSent = "provider silent, text sent",
    /// The provider was silent about a text that did not go out.
    SilentUnsent = "provider silent, text not sent",
    /// The permit expired before the request was written.
    PermitExpired = "permit expired before the request",
    /// Everything stood still for longer than a lease.
    StoodStill = "standstill longer than a lease",
    /// A node's clock was set forward.
    ClockForward = "clock set forward",
    /// A node's clock was set back.
    ClockBack = "clock set back",
    /// A node died in the middle of its work.
    Killed = "node killed",
    /// A call or text was kept on a node's disk.
    Spooled = "event spooled",
    /// A call or text was replayed from a node's disk.
    Replayed = "event replayed",
    /// A STOP found an open send claim, and had to wait.
    StopWaited = "STOP waited for an open claim",
    /// A send was about to be claimed and found an opt-out.
    StopWon = "send claim refused by an opt-out",
    /// A STOP and a START of the same caller were under way together.
    StopMetStart = "STOP and START together",
    /// An appointment was made by text, and stands.
    Booked = "appointment booked by text",
    /// A language model wrote something that was not asked for.
    ModelLied = "language model lied",
    /// A language model did not answer.
    ModelSilent = "language model silent",
    /// A text went out in a language model's words.
    ModelWorded = "text in the language model's words",
    /// An event was delivered again.
    Repeated = "event delivered again",
    /// A repetition found the event processed.
    AlreadyProcessed = "repetition recognised",
}

/// Counts of one run, and what it takes to count.
#[derive(Debug, Default)]
pub(super) struct Tally {
    counts: Mutex<BTreeMap<Happening, u64>>,
    /// The task that runs at the moment.
    running: AtomicU64,
    /// Commits applied so far.
    commits: AtomicU64,
    /// How many were applied when a task last loaded something.
    loads: Mutex<BTreeMap<u64, u64>>,
    /// Jobs under a lease whose result is not stored yet.
    leased: Mutex<BTreeSet<JobId>>,
    claiming: AtomicU64,
}

/// A request for work that is under way.
#[derive(Debug)]
pub(super) struct Claiming<'a>(&'a AtomicU64);

impl Drop for Claiming<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Tally {
    fn counts(&self) -> MutexGuard<'_, BTreeMap<Happening, u64>> {
        locked(&self.counts)
    }

    pub(super) fn note(&self, what: Happening) {
        *self.counts().entry(what).or_insert(0) += 1;
    }

    pub(super) fn taken(&self) -> BTreeMap<Happening, u64> {
        self.counts().clone()
    }

    /// The executor polls this task from now on.
    pub(super) fn runs(&self, task: u64) {
        self.running.store(task, Ordering::Relaxed);
    }

    pub(super) fn loaded(&self) {
        let commits = self.commits.load(Ordering::Relaxed);
        locked(&self.loads).insert(self.running.load(Ordering::Relaxed), commits);
    }

    /// A commit was applied, which ended this job if one.
    pub(super) fn applied(&self, ended: Option<JobId>) {
        let before = self.commits.fetch_add(1, Ordering::Relaxed);
        let loaded = locked(&self.loads).get(&self.running.load(Ordering::Relaxed)).copied();
        if loaded.is_some_and(|commits| commits < before) {
            self.note(Happening::Interleaved);
        }
        if let Some(job) = ended {
            locked(&self.leased).remove(&job);
        }
    }

    pub(super) fn leased(&self, job: JobId) {
        if !locked(&self.leased).insert(job) {
            self.note(Happening::TakenOver);
        }
    }

    pub(super) fn claiming(&self) -> Claiming<'_> {
        if self.claiming.fetch_add(1, Ordering::Relaxed) > 0 {
            self.note(Happening::ClaimedTogether);
        }
        Claiming(&self.claiming)
    }

    pub(super) fn note_conflict(&self, conflict: &Conflict) {
        let what = match conflict {
            Conflict::Stale(Stale::Settings) => Happening::SettingsMidCall,
            Conflict::Stale(Stale::CallerFlags) => Happening::FlagsMidway,
            Conflict::Stale(Stale::Conversation) => Happening::ThreadMidway,
            Conflict::Stale(
                Stale::Call
                | Stale::Message
                | Stale::Task
                | Stale::TestCall
                | Stale::Appointment
                | Stale::CalendarSync
                | Stale::CalendarCopy,
            ) => Happening::RowMidway,
            Conflict::OptedOut => Happening::StopWon,
            Conflict::LeaseLost => Happening::LeaseLost,
            Conflict::AlreadyProcessed { .. } => Happening::AlreadyProcessed,
            // A second auto-text finds the thread changed before it finds the guard held.
            Conflict::TextGuardHeld { .. }
            | Conflict::Stale(Stale::SendCounts)
            | Conflict::NumberTaken
            | Conflict::SlotTaken
            | Conflict::DayFull
            | Conflict::TestInProgress => return,
        };
        self.note(what);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
