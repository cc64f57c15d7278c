//! Group commit of new calls, without a task of its own.
//!
//! One caller leads at a time: it takes those who wait, itself first, applies them in one statement and passes the lead on
//! to whoever waits longest. While a group is under way the next one gathers, so groups grow with the load and a lone
//! call waits for nobody. When many wait a further group begins beside the first. The flush is no part of the lead: it is
//! shared by all groups, and nobody is answered before it.
//!
//! A caller that goes away takes its call along, unless it is being applied. When it was the one that led, those whose
//! call it carried notice and queue again; the lead passes on by itself.

mod batch;
mod flush;
mod queue;

use std::sync::Arc;

use mccc_core::CallId;
use mccc_core::port::store::{Change, Commit, CommitError, Committed, Conflict, Grouping, Guard, StoreError};

use crate::PostgresStore;
use flush::{Flush, Witness};
use queue::{Lead, News, Queue};

/// What the callers of a store share.
#[derive(Debug)]
pub(crate) struct Intake {
    queue: Arc<Queue>,
    flush: Flush,
}

impl Intake {
    pub(crate) fn new(groups: u8) -> Self {
        Self {
            queue: Arc::new(Queue::new(groups)),
            flush: Flush::default(),
        }
    }

    pub(crate) async fn close(&self) {
        self.queue.close();
        self.flush.close().await;
    }
}

/// What became of a call in a group.
#[derive(Debug, Clone)]
enum Fate {
    Applied(Committed),
    /// Refused; with the identifier of the stored call when it was processed before.
    Refused(Conflict, Option<CallId>),
}

type Answer = Result<Fate, CommitError>;

impl PostgresStore {
    /// Applies the intake of a call together with others that wait.
    pub(crate) async fn commit_grouped(&self, commit: Commit) -> Result<Committed, CommitError> {
        let Some(call) = groupable(&commit) else {
            return self.commit_alone(&commit).await;
        };
        let commit = Arc::new(commit);
        let mut again = false;
        loop {
            let answer = match self.shared.intake.queue.join(&commit) {
                News::Lead(lead) => self.lead(lead, &commit).await,
                News::Wait(waiting) => match waiting.await {
                    Ok(News::Answer(answer)) => answer,
                    Ok(News::Lead(lead)) => self.lead(lead, &commit).await,
                    // Whoever carried this call went away; it may have been applied.
                    Ok(News::Wait(_)) | Err(_) => {
                        again = true;
                        continue;
                    }
                },
                News::Answer(answer) => answer,
            };
            return match answer? {
                Fate::Applied(committed) => Ok(committed),
                // Found on the second way: it was this very commit that had been applied.
                Fate::Refused(_, Some(stored)) if again && stored == call => {
                    let position = self.position_of(commit.business, call).await?;
                    Ok(Committed { position })
                }
                Fate::Refused(conflict, _) => Err(conflict.into()),
            };
        }
    }

    async fn lead(&self, lead: Lead, own: &Arc<Commit>) -> Answer {
        let (members, answers) = lead.take(own);
        let fates = match self.witness().await {
            Ok(witness) => {
                let mut fates = self.apply_group(&lead, &members).await;
                drop(lead);
                self.flush(&mut fates, witness).await;
                fates
            }
            Err(error) => {
                drop(lead);
                let away = |_| {
                    Err(CommitError::Unavailable(StoreError::unavailable(
                        "there is no connection to flush",
                    )))
                };
                tracing::warn!(%error, "calls were not applied for want of a connection that flushes");
                members.iter().map(away).collect()
            }
        };
        let mut fates = fates.into_iter();
        let answer = fates.next();
        for (to, fate) in answers.into_iter().zip(fates) {
            // Nobody who went away needs an answer.
            let _ = to.send(News::Answer(fate));
        }
        answer.unwrap_or(Err(CommitError::AnswerLost))
    }

    /// The connection that will flush, to be taken before a commit.
    pub(crate) async fn witness(&self) -> Result<Witness, StoreError> {
        self.shared.intake.flush.witness(self.pool()).await
    }

    /// Returns once whatever was committed before the call, and after the witness was taken, is on disk.
    pub(crate) async fn settle(&self, witness: Witness) -> Result<(), StoreError> {
        self.shared.intake.flush.settle(witness).await
    }

    /// Waits until what the answers promise is on disk; those that promise nothing stay as they are. A call that was
    /// processed before may have been so a moment ago by a group that is not flushed yet.
    async fn flush(&self, fates: &mut [Answer], witness: Witness) {
        let promises = |answer: &Answer| {
            matches!(
                answer,
                Ok(Fate::Applied(_) | Fate::Refused(Conflict::AlreadyProcessed { .. }, _))
            )
        };
        if !fates.iter().any(promises) {
            return;
        }
        if let Err(error) = self.settle(witness).await {
            tracing::warn!(%error, "calls were applied and it is open whether they are on disk");
            for answer in fates.iter_mut().filter(|answer| promises(answer)) {
                *answer = Err(CommitError::AnswerLost);
            }
        }
    }
}

/// The call of a commit that may share a transaction: exactly one new call with events, jobs and the two guards.
fn groupable(commit: &Commit) -> Option<CallId> {
    let plain = commit.grouping == Grouping::Intake
        && commit.event.is_none()
        && commit.job.is_none()
        && commit.locks.is_empty()
        && crate::commit::of_one_business(commit);
    let (mut settings, mut flags) = (0, 0);
    let guards = commit.guards.iter().all(|guard| match guard {
        Guard::Settings { .. } => {
            settings += 1;
            settings == 1
        }
        Guard::CallerFlags { .. } => {
            flags += 1;
            flags == 1
        }
        Guard::NotOptedOut { .. }
        | Guard::Conversation { .. }
        | Guard::TextGuardFree { .. }
        | Guard::SendsBelow { .. }
        | Guard::DayBelow { .. } => false,
    });
    let mut call = None;
    for change in &commit.changes {
        match change {
            Change::InsertCall(new) if call.is_none() => call = Some(new.id),
            Change::Feed(_) | Change::Enqueue(_) => {}
            Change::InsertCall(_)
            | Change::UpdateCall { .. }
            | Change::CancelJobs { .. }
            | Change::PutContact(_)
            | Change::PutCallerFlags { .. }
            | Change::PutConversation(_)
            | Change::PutMessage(_)
            | Change::ClaimSend { .. }
            | Change::SettleSend { .. }
            | Change::HoldTextGuard { .. }
            | Change::FreeTextGuard { .. }
            | Change::Consent(_)
            | Change::Ledger(_)
            | Change::RaiseTask(_)
            | Change::FinishTask { .. }
            | Change::PutSettings { .. }
            | Change::PutLine(_)
            | Change::RemoveLine(_)
            | Change::PutTestCall(_)
            | Change::PutAppointment(_)
            | Change::SetBlocks { .. }
            | Change::PutBlockedTime(_)
            | Change::RemoveBlockedTime(_)
            | Change::PutCalendarSync(_)
            | Change::PutCalendarCopy(_)
            | Change::DropCalendarCopy { .. }
            | Change::PutSecret { .. }
            | Change::RememberResponse(_) => return None,
        }
    }
    call.filter(|_| plain && guards)
}
