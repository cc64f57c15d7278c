//! The forwarding test: does an unanswered call to the business's phone reach us?

use std::sync::Arc;
use std::time::Duration;

use super::{CenterError, CommandCenter, TRIES};
use crate::business::Owner;
use crate::conversation::CallerFlags;
use crate::jobs::Job;
use crate::port::store::{
    Change, ClaimedJob, Commit, CommitError, Conflict, FeedEvent, FeedKind, JobResult, NewJob, TestCall, TestCallState,
};
use crate::port::{CallProgress, CallStatus, OutboundCall, Verified, id_bytes};
use crate::{BusinessId, JobId, PhoneNumber, TestCallId, Timestamp};

/// How long a test waits for the forwarded call when we place it.
const WE_CALL_SECONDS: u64 = 45;
/// How long a test waits when the person calls.
const YOU_CALL_SECONDS: u64 = 180;
/// How long the business phone is let ring.
const RING_SECONDS: u16 = 40;
/// What somebody hears who picks the test call up.
const ANSWERED_WORDS: &str =
    "This is the forwarding test of your missed call command center. Please start it again and let the phone ring.";

/// Who places the call of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestMode {
    /// We call the business's phone.
    WeCall,
    /// The person calls the business's phone from this number.
    YouCall(PhoneNumber),
}

impl CommandCenter {
    /// Starts a forwarding test.
    ///
    /// # Errors
    /// When the business's phone or forwarding number is missing, or a test is in progress.
    pub async fn start_test(&self, business: BusinessId, mode: TestMode) -> Result<TestCall, CenterError> {
        let owner = self.owner(business).await?;
        let Some(business_phone) = owner.settings.profile.business_phone else {
            return Err(CenterError::Refused("enter your business phone first"));
        };
        let Some(our_number) = owner.lines.first().map(|line| line.number) else {
            return Err(CenterError::Refused("get your forwarding number first"));
        };
        let now = self.now();
        let (we_call, wait, state, expected_callers) = match mode {
            TestMode::WeCall => (
                true,
                WE_CALL_SECONDS,
                TestCallState::Pending,
                vec![our_number, business_phone],
            ),
            TestMode::YouCall(from) => (
                false,
                YOU_CALL_SECONDS,
                TestCallState::Listening,
                vec![from, business_phone],
            ),
        };
        let expires_at = now.plus(Duration::from_secs(wait));
        let test = TestCall {
            id: TestCallId::from_entropy(now, id_bytes(&*self.ports.entropy)),
            business,
            version: 1,
            we_call,
            business_phone,
            our_number,
            expected_callers,
            provider_call: None,
            state,
            error_code: None,
            started_at: now,
            expires_at,
            ended_at: None,
        };
        for _ in 0..TRIES {
            let commit = self.test_commit(&test, now).await?;
            match self.commit(commit).await {
                Ok(_) => return Ok(test),
                Err(CommitError::Conflict(Conflict::TestInProgress)) => {
                    return Err(CenterError::Refused("a test is already in progress"));
                }
                Err(CommitError::Conflict(Conflict::Stale(_))) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CenterError::Stale)
    }

    async fn test_commit(&self, test: &TestCall, now: Timestamp) -> Result<Commit, CenterError> {
        let mut commit = Commit::new(test.business, now);
        commit.changes.push(Change::PutTestCall(Box::new(test.clone())));
        for phone in &test.expected_callers {
            // The flags announce the test to the intake, which then looks the test up.
            let flags = self.store().caller_flags(test.business, phone).await?;
            commit.changes.push(Change::PutCallerFlags {
                phone: *phone,
                flags: CallerFlags {
                    version: flags.version.saturating_add(1),
                    test_until: Some(test.expires_at),
                    ..flags
                },
            });
        }
        if test.we_call {
            commit
                .changes
                .push(queue(test, Job::TestCall { test: test.id }, "place", now));
        }
        commit.changes.push(queue(
            test,
            Job::TestTimeout { test: test.id },
            "timeout",
            test.expires_at,
        ));
        commit.changes.push(feed(
            FeedKind::ForwardingTestStarted,
            now,
            serde_json::json!({ "test": test.id }),
        ));
        Ok(commit)
    }

    pub(super) async fn place_test_call(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        id: TestCallId,
    ) -> Result<(), CenterError> {
        let Some(test) = self.store().test_call(owner.business, id).await? else {
            return self.finish(job, JobResult::Done).await;
        };
        // A second attempt may have been placed already: the call is never repeated, the time-out ends the test.
        if test.state.is_over() || job.attempt > 1 || self.now() > test.expires_at {
            return self.finish(job, JobResult::Done).await;
        }
        let telephony = self.ports.providers.telephony(owner).await?;
        let call = OutboundCall {
            to: test.business_phone,
            from: test.our_number,
            ring_seconds: RING_SECONDS,
            say: ANSWERED_WORDS.to_owned(),
            key: test.id.to_string(),
        };
        match telephony.place_call(&call).await {
            Ok(placed) => {
                self.change_test(owner, id, |test| {
                    (test.provider_call.is_none()).then(|| TestCall {
                        provider_call: Some(placed.provider_call.clone()),
                        state: if test.state == TestCallState::Pending {
                            TestCallState::Ringing
                        } else {
                            test.state
                        },
                        ..test.clone()
                    })
                })
                .await?;
            }
            Err(error) => {
                tracing::warn!(business = %owner.business, code = error.code(), "a forwarding test could not be placed");
                if error.retry() != crate::port::Retry::Unknown {
                    let code = error.code();
                    self.change_test(owner, id, |test| over(test, TestCallState::Unreachable, code))
                        .await?;
                }
            }
        }
        self.finish(job, JobResult::Done).await
    }

    pub(super) async fn time_out_test(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        id: TestCallId,
    ) -> Result<(), CenterError> {
        self.change_test(owner, id, |test| over(test, TestCallState::NotForwarded, None))
            .await?;
        self.finish(job, JobResult::Done).await
    }

    /// News about the call that a test placed.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn test_call_progress(
        &self,
        business: BusinessId,
        id: TestCallId,
        event: Verified<CallProgress>,
    ) -> Result<(), CenterError> {
        let owner = self.owner(business).await?;
        self.apply_test_progress(&owner, id, &event.into_inner()).await
    }

    /// Whether news about a call was about a test's own call, and applies it if so.
    pub(super) async fn test_progress(&self, owner: &Arc<Owner>, event: &CallProgress) -> Result<bool, CenterError> {
        let Some(test) = self.store().latest_test_call(owner.business).await? else {
            return Ok(false);
        };
        if test.provider_call.as_deref() != Some(event.provider_call.as_str()) {
            return Ok(false);
        }
        self.apply_test_progress(owner, test.id, event).await?;
        Ok(true)
    }

    async fn apply_test_progress(
        &self,
        owner: &Arc<Owner>,
        id: TestCallId,
        event: &CallProgress,
    ) -> Result<(), CenterError> {
        let verdict = match event.status {
            CallStatus::Queued | CallStatus::Ringing | CallStatus::Other => None,
            CallStatus::InProgress | CallStatus::Completed => Some(TestCallState::Answered),
            CallStatus::NoAnswer | CallStatus::Busy | CallStatus::Canceled => Some(TestCallState::NotForwarded),
            CallStatus::Failed => Some(TestCallState::Unreachable),
        };
        match verdict {
            Some(state) => self.change_test(owner, id, |test| over(test, state, None)).await,
            None => Ok(()),
        }
    }

    async fn change_test(
        &self,
        owner: &Arc<Owner>,
        id: TestCallId,
        change: impl Fn(&TestCall) -> Option<TestCall> + Send + Sync,
    ) -> Result<(), CenterError> {
        for _ in 0..TRIES {
            let Some(test) = self.store().test_call(owner.business, id).await? else {
                return Ok(());
            };
            let Some(mut after) = change(&test) else { return Ok(()) };
            let now = self.now();
            after.version = test.version.saturating_add(1);
            let ended = after.state.is_over() && !test.state.is_over();
            if ended {
                after.ended_at = Some(now);
            }
            let mut commit = Commit::new(owner.business, now);
            if ended {
                commit.changes.push(feed(
                    FeedKind::ForwardingTestFailed,
                    now,
                    serde_json::json!({ "test": after.id, "failure_reason": after.state }),
                ));
            }
            commit.changes.push(Change::PutTestCall(Box::new(after)));
            match self.commit(commit).await {
                Ok(_) => return Ok(()),
                Err(CommitError::Conflict(Conflict::Stale(_))) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CenterError::Stale)
    }
}

/// The test ended with `state`, unless it is over already.
fn over(test: &TestCall, state: TestCallState, error_code: Option<u32>) -> Option<TestCall> {
    (!test.state.is_over()).then(|| TestCall {
        state,
        error_code,
        ..test.clone()
    })
}

fn queue(test: &TestCall, job: Job, step: &str, run_at: Timestamp) -> Change {
    Change::Enqueue(NewJob {
        id: JobId::derive(test.started_at, &format!("test/{}/{step}", test.id)),
        job,
        subject: None,
        run_at,
        dedupe: test.id.to_string(),
    })
}

fn feed(kind: FeedKind, at: Timestamp, data: serde_json::Value) -> Change {
    Change::Feed(FeedEvent {
        kind,
        at,
        call: None,
        conversation: None,
        message: None,
        data,
    })
}
