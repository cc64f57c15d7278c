//! Group commit of new calls, without a task of its own.
//!
//! Callers of one business always use the same lane, so that two groups under way never wait for each other's locks. In
//! a lane one caller leads at a time: it takes those who wait, itself first, applies them in one statement and answers
//! them; then the lead passes to whoever waits longest. While a group is under way the next one gathers, so groups grow
//! with the load and a lone call waits for nobody.
//!
//! A caller that goes away takes its call along, unless it is being applied. When it was the one that led, those whose
//! call it carried notice and queue again; the lead passes on by itself.

mod batch;
mod lane;

use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;

use mccc_core::port::store::{Change, Commit, CommitError, Committed, Conflict, Grouping, Guard};
use mccc_core::{BusinessId, CallId};

use crate::PostgresStore;
use lane::{Lane, Lead, News};

/// The lanes of a store.
#[derive(Debug)]
pub(crate) struct Lanes(Vec<Arc<Lane>>);

impl Lanes {
    pub(crate) fn new(count: u8) -> Self {
        Self((0..count.max(1)).map(|_| Arc::new(Lane::default())).collect())
    }

    fn of(&self, business: BusinessId) -> Option<&Arc<Lane>> {
        let mut hasher = std::hash::DefaultHasher::new();
        business.hash(&mut hasher);
        let count = u64::try_from(self.0.len()).unwrap_or(1).max(1);
        let index = usize::try_from(hasher.finish() % count).unwrap_or(0);
        self.0.get(index)
    }

    pub(crate) async fn close(&self) {
        for lane in &self.0 {
            lane.close().await;
        }
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
        let Some(lane) = self.shared.lanes.of(commit.business) else {
            return self.commit_alone(&commit).await;
        };
        let commit = Arc::new(commit);
        let mut again = false;
        loop {
            let answer = match lane.join(&commit) {
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
        let mut fates = self.apply_group(&lead, &members).await.into_iter();
        let answer = fates.next();
        for (to, fate) in answers.into_iter().zip(fates) {
            // Nobody who went away needs an answer.
            let _ = to.send(News::Answer(fate));
        }
        drop(lead);
        answer.unwrap_or(Err(CommitError::AnswerLost))
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
        Guard::NotOptedOut { .. } | Guard::Conversation { .. } | Guard::TextGuardFree { .. } => false,
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
            | Change::PutSecret { .. }
            | Change::RememberResponse(_) => return None,
        }
    }
    call.filter(|_| plain && guards)
}
