//! Several commits, one transaction, one flush; without a task of its own.
//!
//! Every caller puts its commit into a queue and waits for the writing connection. Whoever gets it takes all commits
//! that wait by then, its own among them, applies them and answers the others. While it does so the next ones gather,
//! so that groups grow with the load and a lone commit waits for nobody.
//!
//! A caller that goes away takes its commit along, unless it is being applied. When it was the one that applied, the
//! connection undoes its transaction, its members notice and queue again; only if COMMIT itself was under way do those
//! whose commit cannot be recognised by a key learn that the answer is lost.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use mccc_core::port::store::{Change, Commit, CommitError, Committed, Conflict, StoreError};
use sqlx::{Connection, SqliteConnection};
use tokio::sync::{MutexGuard, oneshot};

use crate::apply::{self, Context};
use crate::error::{answered, same_for_all, translate};
use crate::store::SqliteStore;

type Answer = Result<Committed, CommitError>;

/// Commits that wait for the writing connection.
#[derive(Debug, Default)]
pub(crate) struct Queue(Mutex<VecDeque<Member>>);

#[derive(Debug)]
struct Member {
    commit: Arc<Commit>,
    /// Whether COMMIT was begun for it.
    committing: Arc<AtomicBool>,
    answer: oneshot::Sender<Answer>,
}

/// Why a transaction gave no results.
enum Failed {
    /// Nothing was applied.
    Nothing(StoreError),
    /// COMMIT may have worked.
    Unknown,
}

enum Turn<'a> {
    Answered(Result<Answer, oneshot::error::RecvError>),
    Lead(MutexGuard<'a, Option<SqliteConnection>>),
}

impl Queue {
    fn push(&self, member: Member) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(member);
    }

    /// Up to `limit` members whose callers still wait.
    fn take(&self, limit: usize) -> Vec<Member> {
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = Vec::new();
        while taken.len() < limit {
            let Some(member) = queue.pop_front() else { break };
            if !member.answer.is_closed() {
                taken.push(member);
            }
        }
        taken
    }
}

impl SqliteStore {
    /// Applies a commit, together with others that wait.
    pub(crate) async fn commit_grouped(&self, commit: Commit) -> Answer {
        let commit = Arc::new(commit);
        loop {
            let committing = Arc::new(AtomicBool::new(false));
            let (answer, mut waiting) = oneshot::channel();
            self.queue.push(Member {
                commit: Arc::clone(&commit),
                committing: Arc::clone(&committing),
                answer,
            });
            match self.wait_or_lead(&mut waiting).await {
                Ok(answer) => return answer,
                // The caller that applied it went away. Unless COMMIT had begun nothing was applied; and if it had, a
                // commit with a key of its own is recognised when it comes again.
                Err(_) if !committing.load(Ordering::Acquire) || has_key(&commit) => {}
                Err(_) => return Err(CommitError::AnswerLost),
            }
        }
    }

    async fn wait_or_lead(&self, waiting: &mut oneshot::Receiver<Answer>) -> Result<Answer, oneshot::error::RecvError> {
        let turn = tokio::select! {
            biased;
            answer = &mut *waiting => Turn::Answered(answer),
            slot = self.writer() => Turn::Lead(slot),
        };
        let mut slot = match turn {
            Turn::Answered(answer) => return answer,
            Turn::Lead(slot) => slot,
        };
        loop {
            match waiting.try_recv() {
                Ok(answer) => return Ok(answer),
                // The one before us was dropped with our commit in its hands: waiting on the closed channel says so.
                Err(oneshot::error::TryRecvError::Closed) => return (&mut *waiting).await,
                Err(oneshot::error::TryRecvError::Empty) => {}
            }
            self.lead(&mut slot).await;
        }
    }

    /// Applies what waits, up to the limit, and answers.
    async fn lead(&self, slot: &mut Option<SqliteConnection>) {
        let members = self.queue.take(self.options.group_limit);
        let failed = match self.transaction(slot, &members).await {
            Ok(results) => {
                for (member, result) in members.into_iter().zip(results) {
                    reply(member, result.map_err(CommitError::Conflict));
                }
                return;
            }
            Err(failed) => failed,
        };
        self.after_failure(slot).await;
        match failed {
            Failed::Unknown => {
                for member in members {
                    reply(member, Err(CommitError::AnswerLost));
                }
            }
            // One member's statement was refused: it must not take the others with it.
            Failed::Nothing(StoreError::Corrupt(..)) if members.len() > 1 => {
                for member in members {
                    let alone = std::slice::from_ref(&member);
                    let answer = match self.transaction(slot, alone).await {
                        Ok(mut results) => results
                            .pop()
                            .unwrap_or(Ok(Committed::default()))
                            .map_err(CommitError::Conflict),
                        Err(Failed::Nothing(error)) => Err(CommitError::Unavailable(error)),
                        Err(Failed::Unknown) => Err(CommitError::AnswerLost),
                    };
                    reply(member, answer);
                }
            }
            Failed::Nothing(error) => {
                for member in members {
                    reply(member, Err(same_for_all(&error)));
                }
            }
        }
    }

    async fn transaction(
        &self,
        slot: &mut Option<SqliteConnection>,
        members: &[Member],
    ) -> Result<Vec<Result<Committed, Conflict>>, Failed> {
        let nothing = |error| Failed::Nothing(translate("database", error));
        let connection = self.connected(slot).await.map_err(nothing)?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(nothing)?;
        let commits: Vec<&Commit> = members.iter().map(|member| &*member.commit).collect();
        let context = Context {
            now: self.options.clock.now(),
            ledger_key: &self.options.ledger_key,
        };
        let results = match apply::apply(&mut transaction, &commits, &context).await {
            Ok(results) => results,
            Err(error) => {
                // A failure here closes the connection's transaction anyway, or the connection is given up afterwards.
                drop(transaction.rollback().await);
                return Err(Failed::Nothing(error));
            }
        };
        if results.iter().all(Result::is_err) {
            transaction.rollback().await.map_err(nothing)?;
            return Ok(results);
        }
        mark(members, true);
        match transaction.commit().await {
            Ok(()) => Ok(results),
            // SQLite answered with an error: the transaction did not happen, and dropping it undid it.
            Err(error) if answered(&error) => {
                mark(members, false);
                Err(nothing(error))
            }
            Err(_) => Err(Failed::Unknown),
        }
    }

    /// Gives up a connection that no longer answers; the next commit opens a new one.
    async fn after_failure(&self, slot: &mut Option<SqliteConnection>) {
        if let Some(connection) = slot.as_mut()
            && connection.ping().await.is_err()
        {
            *slot = None;
        }
    }
}

fn mark(members: &[Member], committing: bool) {
    for member in members {
        member.committing.store(committing, Ordering::Release);
    }
}

fn reply(member: Member, answer: Answer) {
    // Nobody waits any more: the commit stands, and committing again finds it.
    drop(member.answer.send(answer));
}

/// Whether a second application is refused as already processed.
fn has_key(commit: &Commit) -> bool {
    commit.event.is_some()
        || commit
            .changes
            .iter()
            .any(|change| matches!(change, Change::InsertCall(_)))
}
