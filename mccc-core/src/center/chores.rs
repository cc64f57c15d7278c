//! What is done for every business from time to time: import what only the provider has, export the ledger's head,
//! delete what is old.

use std::sync::Arc;
use std::time::Duration;

use super::{CallAnswer, CenterError, CommandCenter};
use crate::business::Owner;
use crate::calls::CallEvent;
use crate::conversation::{Delivery, MessageStatus};
use crate::jobs::Job;
use crate::port::store::{
    CallKey, Change, ClaimedJob, Commit, Deleted, FeedEvent, FeedKind, JobResult, MessageKey, NewJob, OldRows,
    StoreError,
};
use crate::port::{Attestation, InboundCall, InboundText, MessageQuery, RemoteCall, RemoteMessage};
use crate::{BusinessId, JobId, PhoneNumber, Timestamp};

/// How far back the import looks. Longer than any outage that retries and fallback addresses survive.
const IMPORT_WINDOW: Duration = Duration::from_secs(24 * 3600);
/// What happened within the last moments may still be on its way here by itself.
const IMPORT_GRACE: Duration = Duration::from_secs(120);
/// Most messages looked at per number.
const IMPORT_LIMIT: u16 = 500;
/// Rows of each kind that one step deletes: a few milliseconds in either database.
const ROWS_A_STEP: u32 = 500;
/// Wait between two steps.
const BETWEEN_STEPS: Duration = Duration::from_millis(20);
/// Most steps of one round: half a million rows of each kind.
const MOST_STEPS: u32 = 1_000;
/// Businesses visited per page.
const PAGE: u32 = 200;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

impl CommandCenter {
    /// Queues the hourly import, the daily ledger export and the daily deletion of what is old of every business. Repeating within the hour changes
    /// nothing, on this node or another. Returns how many businesses were visited.
    ///
    /// # Errors
    /// When the database cannot be asked; what was queued stays queued.
    pub async fn schedule_chores(&self) -> Result<usize, CenterError> {
        let mut after: Option<BusinessId> = None;
        let mut visited = 0;
        loop {
            let page = self.store().businesses(after, PAGE).await?;
            let Some(last) = page.last().copied() else {
                return Ok(visited);
            };
            for business in &page {
                self.queue_chores(*business).await?;
            }
            visited += page.len();
            after = Some(last);
        }
    }

    async fn queue_chores(&self, business: BusinessId) -> Result<(), CenterError> {
        let now = self.now();
        let mut commit = Commit::new(business, now);
        for (job, name, period) in [
            (Job::ImportMissed {}, "import", HOUR),
            (Job::ExportLedger {}, "ledger", DAY),
            (Job::DeleteOld {}, "delete_old", DAY),
        ] {
            // The next slot, at a moment of its own for each business: installations do not ask for everything at once.
            let slot = Timestamp::from_seconds((now.as_seconds().div_euclid(period) + 1) * period);
            let run_at = slot.plus(Duration::from_secs(moment_of(business, period)));
            commit.changes.push(Change::Enqueue(NewJob {
                id: JobId::derive(slot, &format!("{name}/{business}")),
                job,
                subject: None,
                run_at,
                dedupe: format!("{name}/{slot}"),
            }));
        }
        self.commit(commit).await?;
        Ok(())
    }

    pub(super) async fn import_missed(&self, owner: &Arc<Owner>, job: &ClaimedJob) -> Result<(), CenterError> {
        let mut failure = None;
        for line in &owner.lines {
            match self.import_line(owner, &line.number).await {
                Ok(()) => {}
                Err(CenterError::Provider(error)) => failure = Some(error.retry()),
                Err(error) => return Err(error),
            }
        }
        let result = failure.map_or(JobResult::Done, |verdict| self.after_failure(job, verdict));
        self.finish(job, result).await
    }

    async fn import_line(&self, owner: &Arc<Owner>, number: &PhoneNumber) -> Result<(), CenterError> {
        let now = self.now();
        let since = now.minus(IMPORT_WINDOW);
        let until = now.minus(IMPORT_GRACE);
        let telephony = self.ports.providers.telephony(owner).await?;
        for remote in telephony.list_calls(number, since).await? {
            if remote.started_at.is_some_and(|at| at <= until) {
                self.import_call(owner, number, &remote).await?;
            }
        }
        let gateway = self.gateway(owner).await?;
        let inbound = MessageQuery {
            to: Some(*number),
            from: None,
            since,
            limit: IMPORT_LIMIT,
        };
        let outbound = MessageQuery {
            to: None,
            from: Some(*number),
            since,
            limit: IMPORT_LIMIT,
        };
        for remote in gateway
            .list(&inbound)
            .await?
            .into_iter()
            .chain(gateway.list(&outbound).await?)
        {
            if remote.created_at <= until {
                self.import_message(owner, number, remote).await?;
            }
        }
        Ok(())
    }

    /// A call that only the provider has becomes a call here; one that is known learns how it ended.
    async fn import_call(
        &self,
        owner: &Arc<Owner>,
        number: &PhoneNumber,
        remote: &RemoteCall,
    ) -> Result<(), CenterError> {
        let key = CallKey::Provider(remote.provider_call.clone());
        if self.store().call(owner.business, &key).await?.is_none() {
            let event = InboundCall {
                provider_call: remote.provider_call.clone(),
                account: owner.account_of(number).unwrap_or_default().to_owned(),
                caller: remote.from,
                dialled: *number,
                forwarded_from: None,
                caller_name: None,
                attestation: Attestation::None,
            };
            let arrived_at = remote.started_at.unwrap_or_else(|| self.now());
            match self.answer_call(&event, arrived_at, None).await? {
                CallAnswer::Reply(_) => {
                    tracing::warn!(provider_call = %remote.provider_call, "a call was imported that never reached us")
                }
                CallAnswer::UnknownNumber | CallAnswer::Unavailable => return Ok(()),
            }
        }
        if remote.status.is_final() {
            let news = CallEvent::Progress {
                status: remote.status,
                duration_seconds: remote.duration_seconds,
            };
            self.apply_to_call(owner, &key, &news, self.now()).await?;
        }
        Ok(())
    }

    async fn import_message(
        &self,
        owner: &Arc<Owner>,
        number: &PhoneNumber,
        remote: RemoteMessage,
    ) -> Result<(), CenterError> {
        let key = MessageKey::Provider(remote.provider_message.clone());
        let known = self.store().message(owner.business, &key).await?;
        match (remote.inbound, known) {
            (true, None) => {
                let event = InboundText {
                    provider_message: remote.provider_message,
                    account: owner.account_of(number).unwrap_or_default().to_owned(),
                    from: remote.from,
                    to: *number,
                    body: remote.body,
                    media_count: 0,
                    gateway_consent: None,
                };
                self.take_text(&event, remote.created_at).await?;
                Ok(())
            }
            (false, Some(message)) if !message.status.is_settled() => {
                let news = Delivery {
                    provider_message: remote.provider_message,
                    status: MessageStatus::from_delivery(remote.status),
                    error_code: remote.error_code,
                    reason: None,
                };
                self.apply_delivery(owner, &key, &news, None).await
            }
            (true, Some(_)) | (false, Some(_) | None) => Ok(()),
        }
    }

    /// Writes length and head of the consent ledger into the feed and the log, where a later cut of the chain's tail
    /// cannot follow.
    pub(super) async fn export_ledger(&self, owner: &Arc<Owner>, job: &ClaimedJob) -> Result<(), CenterError> {
        let now = self.now();
        let mut commit = Commit::new(owner.business, now);
        commit.job = Some((job.fence, JobResult::Done));
        if let Some(head) = self.store().ledger_head(owner.business).await? {
            let mac: String = hex::encode(head.mac);
            tracing::info!(business = %owner.business, entries = head.len, head = %mac, "consent ledger");
            commit.changes.push(Change::Feed(FeedEvent {
                kind: FeedKind::LedgerHead,
                at: now,
                call: None,
                conversation: None,
                message: None,
                data: serde_json::json!({ "entries": head.len, "head": mac }),
            }));
        }
        self.commit(commit).await?;
        Ok(())
    }

    /// Deletes what is old enough by the business's settings, in small steps. What a round leaves comes the next day.
    pub(super) async fn delete_old(&self, owner: &Arc<Owner>, job: &ClaimedJob) -> Result<(), CenterError> {
        let now = self.now();
        let kept = owner.settings.retention;
        let before = |days: u16| now.minus(Duration::from_secs(u64::from(days) * 86_400));
        let old = OldRows {
            jobs_before: before(kept.jobs_days),
            receipts_before: before(kept.receipts_days),
            feed_before: before(kept.feed_days),
            limit: ROWS_A_STEP,
        };
        // The lease ends long after the last step can.
        let until = now.plus(self.limits.lease / 2);
        let mut total = Deleted::default();
        for _ in 0..MOST_STEPS {
            let step = self.store().delete_old(owner.business, &old).await?;
            total.jobs = total.jobs.saturating_add(step.jobs);
            total.receipts = total.receipts.saturating_add(step.receipts);
            total.feed = total.feed.saturating_add(step.feed);
            if !step.more(old.limit) || self.now() >= until {
                break;
            }
            // Callers come first.
            self.ports.timer.sleep(BETWEEN_STEPS).await;
        }
        if total != Deleted::default() {
            tracing::info!(
                business = %owner.business, jobs = total.jobs, receipts = total.receipts, feed = total.feed,
                "old rows were deleted"
            );
        }
        self.finish(job, JobResult::Done).await
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.store().ping().await
    }
}

/// Where in each period a business has its turn, in seconds.
pub(super) fn moment_of(business: BusinessId, period: i64) -> u64 {
    let period = u64::try_from(period).unwrap_or(1).max(1);
    let spread = business.uuid().as_u64_pair().1;
    spread % period
}
