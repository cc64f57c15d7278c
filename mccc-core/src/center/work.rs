//! One bounded step of a worker: claim what is due, do it, commit the result under the lease.

use std::sync::Arc;

use super::{CenterError, CommandCenter};
use crate::Timestamp;
use crate::business::Owner;
use crate::jobs::{Job, Next, next_attempt};
use crate::port::Retry;
use crate::port::store::{ClaimRequest, ClaimedJob, Commit, CommitError, Conflict, JobResult, StoreError};

/// What a step of a worker found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Worked {
    /// Jobs that were claimed.
    pub claimed: usize,
    /// Jobs whose result was committed.
    pub finished: usize,
}

impl CommandCenter {
    /// Claims at most `limit` due jobs and does them at the same time. A job that fails for want of a database stays
    /// leased and comes again when the lease expires. Dropping the future leaves leases that expire.
    ///
    /// # Errors
    /// When the database cannot be asked for work.
    pub async fn work(&self, worker: &str, limit: u32) -> Result<Worked, StoreError> {
        let request = ClaimRequest {
            worker: worker.to_owned(),
            limit,
            lease: self.limits.lease,
        };
        let jobs = self.store().claim_jobs(&request).await?;
        let claimed = jobs.len();
        let done = futures_util::future::join_all(jobs.into_iter().map(|job| self.do_job(job))).await;
        Ok(Worked {
            claimed,
            finished: done.into_iter().filter(|done| *done).count(),
        })
    }

    async fn do_job(&self, job: ClaimedJob) -> bool {
        let (id, kind) = (job.id, job.job.kind());
        match Box::pin(self.run(&job)).await {
            Ok(()) => true,
            Err(CenterError::Conflict(Conflict::LeaseLost)) => {
                tracing::info!(%id, kind = kind.name(), "another worker has taken the job over");
                false
            }
            Err(error) => {
                tracing::warn!(%id, kind = kind.name(), attempt = job.attempt, %error, "a job could not be finished now");
                false
            }
        }
    }

    async fn run(&self, job: &ClaimedJob) -> Result<(), CenterError> {
        let owner = match self.owner(job.business).await {
            Ok(owner) => owner,
            Err(CenterError::NotFound) => {
                return self
                    .finish(
                        job,
                        JobResult::Dead {
                            reason: "no such business".into(),
                        },
                    )
                    .await;
            }
            Err(error) => return Err(error),
        };
        match &job.job {
            Job::AutoText { call } => self.auto_text(&owner, job, *call).await,
            Job::FollowUp { call, .. } => self.follow_up(&owner, job, *call).await,
            Job::SendMessage { message } => self.send_message(&owner, job, *message).await,
            Job::ReconcileMessage { message, looked } => self.reconcile_message(&owner, job, *message, *looked).await,
            Job::ProvisionNumber { area_code, chosen } => {
                self.buy_number(&owner, job, area_code.as_deref(), *chosen).await
            }
            Job::TestCall { test } => self.place_test_call(&owner, job, *test).await,
            Job::TestTimeout { test } => self.time_out_test(&owner, job, *test).await,
            Job::Book { appointment } => self.look_after_booking(&owner, job, *appointment).await,
            Job::MoveAppointment { appointment } => self.look_after_move(&owner, job, *appointment).await,
            Job::RemoveEvent { appointment } => self.remove_event(&owner, job, *appointment).await,
            Job::SyncCalendar { connection, poll } => self.sync_calendar(&owner, job, connection, *poll).await,
            Job::ReadCalendar { calendar } => self.read_calendar(&owner, job, calendar).await,
            Job::ConfirmAppointment {
                appointment,
                starts_at,
                moved,
                by_hand,
            } => {
                self.confirm_by_text(&owner, job, (*appointment, *starts_at), (*moved, *by_hand))
                    .await
            }
            Job::TellCalledOff { appointment, starts_at } => {
                self.tell_called_off(&owner, job, (*appointment, *starts_at)).await
            }
            Job::Remind {
                appointment,
                minutes_before,
                starts_at,
            } => {
                self.remind(&owner, job, (*appointment, *starts_at), *minutes_before)
                    .await
            }
            Job::AnswerText { message } => self.answer_text(&owner, job, *message).await,
            Job::BookingLost { appointment } => self.tell_lost_booking(&owner, job, *appointment).await,
            Job::CloseIdle { conversation } => self.close_idle(&owner, job, *conversation).await,
            Job::Tell { about } => self.tell(&owner, job, *about).await,
            Job::Notify { about, channel } => self.notify(&owner, job, *about, *channel).await,
            Job::AwaySummary { after } => self.sum_up(&owner, job, *after).await,
            Job::WatchPromise { task } => self.watch_promise(&owner, job, *task).await,
            Job::ImportMissed {} => self.import_missed(&owner, job).await,
            Job::ExportLedger {} => self.export_ledger(&owner, job).await,
            Job::DeleteOld {} => self.delete_old(&owner, job).await,
        }
    }

    /// The time, but not before the store's at which the job was claimed. A node whose clock is behind would otherwise put
    /// work off to an instant that the store holds to be reached, again and again.
    pub(super) fn due_now(&self, job: &ClaimedJob) -> Timestamp {
        self.now().max(job.lease_until.minus(self.limits.lease))
    }

    /// Ends a job without any other change.
    pub(super) async fn finish(&self, job: &ClaimedJob, result: JobResult) -> Result<(), CenterError> {
        let mut commit = Commit::new(job.business, self.now());
        commit.job = Some((job.fence, result));
        self.commit(commit).await?;
        Ok(())
    }

    /// What becomes of a job whose attempt failed with `verdict`.
    pub(super) fn after_failure(&self, job: &ClaimedJob, verdict: Retry) -> JobResult {
        match next_attempt(job.job.kind(), job.attempt, verdict, self.now()) {
            Next::At(at) => JobResult::Again {
                at,
                job: None,
                fresh: false,
            },
            Next::GiveUp | Next::Look => JobResult::Dead {
                reason: "given up after repeated failures".into(),
            },
        }
    }

    /// Commits, and when the lease is lost drops the job's result but keeps what is known about the world.
    pub(super) async fn commit_result(&self, mut commit: Commit) -> Result<(), CommitError> {
        match self.commit(commit.clone()).await {
            Err(CommitError::Conflict(Conflict::LeaseLost)) if !commit.changes.is_empty() => {
                commit.job = None;
                self.commit(commit).await.map(|_| ())
            }
            Err(error) => Err(error),
            Ok(_) => Ok(()),
        }
    }

    /// The gateway of a business, or the failure of having none.
    pub(super) async fn gateway(
        &self,
        owner: &Arc<Owner>,
    ) -> Result<Arc<dyn crate::port::SmsGateway>, crate::port::PortError> {
        self.ports.providers.sms(owner).await
    }
}
