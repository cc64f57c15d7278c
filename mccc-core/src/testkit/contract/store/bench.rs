//! Short ways to do what cases do all the time.

use std::sync::Arc;
use std::time::Duration;

use super::StoreHarness;
use crate::calls::Call;
use crate::port::Store;
use crate::port::store::{
    CallKey, Change, ClaimRequest, ClaimedJob, Commit, CommitError, Committed, Conflict, Fence, JobResult,
};
use crate::testkit::build;
use crate::testkit::contract::Failure;
use crate::{BusinessId, CallerId, PhoneNumber, Timestamp};

/// A store at work.
pub(crate) struct Bench<'a> {
    pub(crate) harness: &'a dyn StoreHarness,
    pub(crate) store: Arc<dyn Store>,
}

impl<'a> Bench<'a> {
    pub(crate) fn of(harness: &'a dyn StoreHarness) -> Self {
        Self {
            harness,
            store: harness.store(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.harness.now()
    }

    /// Another server's store where there can be one, else the same.
    pub(crate) async fn other(&self) -> Arc<dyn Store> {
        self.harness.second().await.unwrap_or_else(|| Arc::clone(&self.store))
    }

    /// A business with one number of ours.
    pub(crate) async fn business(&self, name: &str, number: u32) -> Result<BusinessId, Failure> {
        let id = build::business(name);
        let settings = Change::PutSettings {
            settings: Box::new(build::settings(name)),
            expected: 0,
        };
        self.apply(id, vec![settings, Change::PutLine(build::line(build::phone(number)))])
            .await?;
        Ok(id)
    }

    pub(crate) fn commit(&self, business: BusinessId, changes: Vec<Change>) -> Commit {
        build::commit(business, self.now(), changes)
    }

    /// Applies changes that must be accepted.
    pub(crate) async fn apply(&self, business: BusinessId, changes: Vec<Change>) -> Result<Committed, Failure> {
        Ok(self.store.commit(self.commit(business, changes)).await?)
    }

    /// Offers changes that must be refused.
    pub(crate) async fn refuse(&self, business: BusinessId, changes: Vec<Change>) -> Result<Conflict, Failure> {
        refused(self.store.commit(self.commit(business, changes)).await)
    }

    /// What the intake of a call writes.
    pub(crate) async fn intake(
        &self,
        business: BusinessId,
        name: &str,
        caller: PhoneNumber,
    ) -> Result<Commit, Failure> {
        let owner = self.store.owner(business).await?;
        let owner = owner.ok_or_else(|| Failure::new("a business that was created is not there"))?;
        Ok(build::intake_commit(
            &owner,
            name,
            CallerId::Present(caller),
            self.now(),
        ))
    }

    /// A call that was taken in.
    pub(crate) async fn call(&self, business: BusinessId, name: &str, caller: PhoneNumber) -> Result<Call, Failure> {
        let commit = self.intake(business, name, caller).await?;
        let call = build::inserted(&commit).cloned();
        self.store.commit(commit).await?;
        call.ok_or_else(|| Failure::new("an intake without a call"))
    }

    /// The call as it is stored.
    pub(crate) async fn stored(&self, call: &Call) -> Result<Option<Call>, Failure> {
        let snapshot = self.store.call(call.business, &CallKey::Id(call.id)).await?;
        Ok(snapshot.map(|snapshot| snapshot.call))
    }

    /// How many entries the feed has.
    pub(crate) async fn feed_len(&self, business: BusinessId) -> Result<usize, Failure> {
        Ok(self.store.feed(business, 0, 10_000).await?.len())
    }

    pub(crate) async fn claim(&self, worker: &str, limit: u32) -> Result<Vec<ClaimedJob>, Failure> {
        let request = ClaimRequest {
            worker: worker.to_owned(),
            limit,
            lease: LEASE,
        };
        Ok(self.store.claim_jobs(&request).await?)
    }

    /// Claims exactly one job.
    pub(crate) async fn claim_one(&self, worker: &str) -> Result<ClaimedJob, Failure> {
        let mut claimed = self.claim(worker, 10).await?;
        match (claimed.pop(), claimed.is_empty()) {
            (Some(job), true) => Ok(job),
            (job, _) => Err(Failure::new(format!(
                "one job had to be claimed, but there were {}",
                claimed.len() + usize::from(job.is_some())
            ))),
        }
    }

    /// Offers the result of a job, with a feed entry beside it.
    pub(crate) async fn settle(
        &self,
        business: BusinessId,
        fence: Fence,
        result: JobResult,
    ) -> Result<Committed, CommitError> {
        let mut commit = self.commit(business, vec![note(self.now(), "settled")]);
        commit.job = Some((fence, result));
        self.store.commit(commit).await
    }
}

/// How long leases last in cases.
pub(crate) const LEASE: Duration = Duration::from_secs(30);

/// A change that only shows in the feed.
pub(crate) fn note(at: Timestamp, note: &str) -> Change {
    Change::Feed(build::feed(at, note))
}

/// The conflict of a commit that must be refused.
pub(crate) fn refused(result: Result<Committed, CommitError>) -> Result<Conflict, Failure> {
    match result {
        Err(CommitError::Conflict(conflict)) => Ok(conflict),
        Ok(_) => Err(Failure::new("a commit applied that had to be refused")),
        Err(error @ (CommitError::Unavailable(_) | CommitError::AnswerLost)) => Err(error.into()),
    }
}

/// What is there; nothing fails the case.
pub(crate) fn found<T>(what: &str, value: Option<T>) -> Result<T, Failure> {
    value.ok_or_else(|| Failure::new(format!("{what} is not there")))
}
