//! Bugs of commits: what is changed before one, and what is made of its answer.

use mccc_core::calls::Call;
use mccc_core::conversation::{CallerFlags, MessageStatus};
use mccc_core::port::Store as _;
use mccc_core::port::store::{
    CallKey, Change, Commit, CommitError, Committed, Conflict, ConsentChange, Guard, JobResult, MessageKey, Stale,
};
use mccc_core::{JobId, TaskId};
use std::time::Duration;

use super::{Bug, Buggy};

impl Buggy {
    pub(super) async fn spoiled_commit(&self, mut commit: Commit) -> Result<Committed, CommitError> {
        self.notes().businesses.insert(commit.business);
        if self.has(Bug::SkipsEmptyCommits) && commit.changes.is_empty() {
            return Ok(Committed::default());
        }
        if let Some(refusal) = self.wrongly_refused(&commit) {
            return Err(refusal.into());
        }
        self.spoil(&mut commit).await;
        let spare = commit.clone();
        let answer = self.inner.commit(commit).await;
        self.gloss_over(spare, answer).await
    }

    fn wrongly_refused(&self, commit: &Commit) -> Option<Conflict> {
        let mut notes = self.notes();
        match self.bug {
            Bug::EventsAreEverybodys => {
                let key = commit.event.as_ref()?.key.clone();
                let first = *notes.events.entry(key).or_insert(commit.business);
                (first != commit.business).then_some(Conflict::AlreadyProcessed { reply: None })
            }
            Bug::ExpiredLeasesAreLost => {
                let (fence, _) = commit.job.as_ref()?;
                let until = *notes.leases.get(&(fence.job, fence.number))?;
                (until <= self.clock.now()).then_some(Conflict::LeaseLost)
            }
            _ => None,
        }
    }

    async fn spoil(&self, commit: &mut Commit) {
        let bug = self.bug;
        commit.guards.retain(|guard| match guard {
            Guard::Settings { .. } => bug != Bug::IgnoresSettings,
            Guard::CallerFlags { .. } => bug != Bug::IgnoresFlags,
            Guard::Conversation { .. } => bug != Bug::IgnoresThreads,
            Guard::NotOptedOut { .. } => bug != Bug::IgnoresOptOuts,
            Guard::TextGuardFree { .. } => bug != Bug::IgnoresTextGuards,
            Guard::SendsBelow { .. } => bug != Bug::IgnoresSendLimits,
            Guard::DayBelow { .. } => bug != Bug::IgnoresFullDays,
        });
        if bug == Bug::ForgetsEvents {
            commit.event = None;
        }
        if let Some((_, result)) = &mut commit.job {
            match (bug, &mut *result) {
                (Bug::IntermediateEnds, JobResult::StillRunning) => *result = JobResult::Done,
                (Bug::AgainAtOnce, JobResult::Again { at, .. }) => *at = commit.at,
                _ => {}
            }
        }
        let mut spoiled = Vec::new();
        for change in std::mem::take(&mut commit.changes) {
            self.spoil_change(commit, change, &mut spoiled).await;
        }
        commit.changes = spoiled;
    }

    async fn spoil_change(&self, commit: &Commit, mut change: Change, to: &mut Vec<Change>) {
        match (self.bug, &mut change) {
            (Bug::DropsFeed, Change::Feed(_))
            | (Bug::CancelsNothing, Change::CancelJobs { .. })
            | (Bug::DropsLedger, Change::Ledger(_))
            | (Bug::FinishesNothing, Change::FinishTask { .. })
            | (Bug::ForgetsClaims, Change::ClaimSend { .. })
            | (Bug::ClaimsAreNeverSettled, Change::SettleSend { .. })
            | (Bug::GuardsAreNeverHeld, Change::HoldTextGuard { .. })
            | (Bug::GuardsAreNeverFreed, Change::FreeTextGuard { .. })
            | (Bug::OptInsAreForgotten, Change::Consent(ConsentChange::OptIn { .. }))
            | (Bug::OptOutsAreForgotten, Change::Consent(ConsentChange::OptOut { .. })) => return,
            (Bug::OptOutsMove, Change::Consent(ConsentChange::OptOut { phone, .. })) => {
                to.push(Change::Consent(ConsentChange::OptIn { phone: *phone }));
            }
            (Bug::ExpiredClaimsCount, Change::ClaimSend { lasts, .. }) => *lasts = Duration::from_secs(1 << 30),
            (Bug::GuardsLastLonger, Change::HoldTextGuard { until, .. }) => {
                *until = until.plus(Duration::from_micros(1))
            }
            (Bug::RaisesTasksAgain, Change::RaiseTask(task)) => {
                let mut again = task.clone();
                again.id = TaskId::derive(commit.at, &format!("again {}", self.fresh()));
                to.push(Change::RaiseTask(again));
            }
            (Bug::FailedTextsStayCounted, Change::PutMessage(message))
                if message.version > 1 && message.status == MessageStatus::Failed =>
            {
                message.status = MessageStatus::Sent;
            }
            (Bug::ClaimsEarly, Change::Enqueue(job)) => job.run_at = job.run_at.min(commit.at),
            (Bug::ForgetsSubjects, Change::Enqueue(job)) => job.subject = None,
            (Bug::QueuesTwice, Change::Enqueue(job)) => {
                let number = self.fresh();
                job.id = JobId::derive(commit.at, &format!("again {number}"));
                job.dedupe = number.to_string();
            }
            (Bug::TotalsCountTests, Change::InsertCall(call)) => call.is_test = false,
            (Bug::TotalsForgetUpdates, Change::UpdateCall { before, after }) => {
                **before = Call {
                    version: before.version,
                    ..(**after).clone()
                };
            }
            (Bug::FirstSecretsStay, Change::PutSecret { field, .. }) => {
                use mccc_core::port::store::Accounts as _;
                if self
                    .inner
                    .secret(commit.business, field)
                    .await
                    .is_ok_and(|found| found.is_some())
                {
                    return;
                }
            }
            (Bug::SharesTime, Change::SetBlocks { .. }) => return,
            (Bug::HoldsNeverEnd, Change::SetBlocks { blocks, .. }) => {
                for block in blocks {
                    block.expires_at = None;
                }
            }
            _ => self.overwrite(commit, &mut change).await,
        }
        to.push(change);
    }

    /// Makes a write fit whatever is stored, so that it is not refused as stale.
    async fn overwrite(&self, commit: &Commit, change: &mut Change) {
        let business = commit.business;
        match (self.bug, change) {
            (Bug::OverwritesFlags, Change::PutCallerFlags { phone, flags }) => {
                let stored = self.inner.caller_flags(business, phone).await.ok();
                flags.version = stored.unwrap_or(CallerFlags::NONE).version + 1;
            }
            (Bug::OverwritesThreads, Change::PutConversation(thread)) => {
                let stored = self.inner.thread(business, &thread.phone, commit.at).await.ok();
                let stored = stored.and_then(|stored| stored.conversation);
                thread.version = stored.map_or(0, |stored| stored.version) + 1;
            }
            (Bug::OverwritesMessages, Change::PutMessage(message)) => {
                let stored = self
                    .inner
                    .message(business, &MessageKey::Id(message.id))
                    .await
                    .ok()
                    .flatten();
                message.version = stored.map_or(0, |stored| stored.version) + 1;
            }
            (Bug::OverwritesCalls, Change::UpdateCall { before, after }) => {
                if let Ok(Some(stored)) = self.inner.call(business, &CallKey::Id(after.id)).await {
                    after.version = stored.call.version + 1;
                    **before = stored.call;
                }
            }
            (Bug::OverwritesTests, Change::PutTestCall(test)) => {
                let stored = self.inner.test_call(business, test.id).await.ok().flatten();
                test.version = stored.map_or(0, |stored| stored.version) + 1;
            }
            (Bug::OverwritesAppointments, Change::PutAppointment(row)) => {
                let stored = self.inner.appointment(business, row.id).await.ok().flatten();
                row.version = stored.map_or(0, |stored| stored.version) + 1;
            }
            (Bug::OverwritesSettings, Change::PutSettings { expected, .. }) => {
                let stored = self.inner.owner(business).await.ok().flatten();
                *expected = stored.map_or(0, |stored| stored.version);
            }
            _ => {}
        }
    }

    async fn gloss_over(
        &self,
        mut commit: Commit,
        answer: Result<Committed, CommitError>,
    ) -> Result<Committed, CommitError> {
        let fine = Ok(Committed::default());
        match (self.bug, &answer) {
            (Bug::ForgetsPositions, Ok(_))
            | (Bug::TakesCallsTwice, Err(CommitError::Conflict(Conflict::AlreadyProcessed { .. })))
            | (Bug::SharesNumbers, Err(CommitError::Conflict(Conflict::NumberTaken)))
            | (Bug::RunsTestsTogether, Err(CommitError::Conflict(Conflict::TestInProgress)))
            | (Bug::TasksAreEverybodys, Err(CommitError::Conflict(Conflict::Stale(Stale::Task))))
            | (Bug::TakesAnyBusiness, Err(CommitError::Conflict(Conflict::Stale(Stale::Settings))))
            | (Bug::TakesForeignRows, Err(CommitError::Unavailable(_))) => fine,
            (Bug::ForgetsReplies, Err(CommitError::Conflict(Conflict::AlreadyProcessed { .. }))) => {
                Err(Conflict::AlreadyProcessed { reply: None }.into())
            }
            (Bug::IgnoresFences, Err(CommitError::Conflict(Conflict::LeaseLost))) => {
                commit.job = None;
                self.inner.commit(commit).await
            }
            (Bug::LeavesHalf, Err(CommitError::Conflict(_))) => {
                let mut half = Commit::new(commit.business, commit.at);
                half.changes = commit.changes;
                half.changes
                    .retain(|change| matches!(change, Change::Feed(_) | Change::PutContact(_)));
                let _half = self.inner.commit(half).await;
                answer
            }
            _ => answer,
        }
    }
}
