//! A send whose answer was lost: looked up, never repeated.

use std::sync::Arc;
use std::time::Duration;

use super::sending::missed_notice;
use super::{CenterError, CommandCenter};
use crate::business::Owner;
use crate::calls::Call;
use crate::conversation::{Delivery, Message, MessageStatus};
use crate::jobs::Job;
use crate::port::store::{Change, ClaimedJob, Commit, FeedEvent, FeedKind, JobResult, MessageKey, NewJob};
use crate::port::{MessageQuery, RemoteMessage};
use crate::tasks::{Task, TaskKind};
use crate::{JobId, MessageId, TaskId, Timestamp};

/// A callback may still prove the send; the first look-up waits for it.
pub(super) const FIRST_LOOK: Duration = Duration::from_secs(90);
/// Wait before the second look-up.
const SECOND_LOOK: Duration = Duration::from_secs(300);
/// Look-ups before a person is told.
const LOOKS: u8 = 2;
/// The provider's clock may differ from ours by this much.
const CLOCK_SKEW: Duration = Duration::from_secs(120);

impl CommandCenter {
    /// Writes down that the fate of `message` is not known, and queues the look-up. It keeps its one-text window.
    pub(super) async fn lose(
        &self,
        job: &ClaimedJob,
        message: &Message,
        call: Option<&Call>,
    ) -> Result<(), CenterError> {
        let now = self.now();
        let mut commit = Commit::new(message.business, now);
        commit.job = Some((job.fence, JobResult::Done));
        commit.changes = lost(message, now);
        if let Some(call) = call {
            let unknown = Message {
                status: MessageStatus::Unknown,
                ..message.clone()
            };
            super::sending::summarize(&mut commit, call, &unknown, now);
        }
        self.commit_result(commit).await?;
        Ok(())
    }

    pub(super) async fn reconcile_message(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        id: MessageId,
        looked: u8,
    ) -> Result<(), CenterError> {
        let Some(message) = self.store().message(owner.business, &MessageKey::Id(id)).await? else {
            return self.finish(job, JobResult::Done).await;
        };
        if message.status != MessageStatus::Unknown {
            return self.finish(job, JobResult::Done).await;
        }
        let found = self.find_remote(owner, &message).await;
        match found {
            Ok(Some(remote)) => {
                let news = Delivery {
                    provider_message: remote.provider_message,
                    status: MessageStatus::from_delivery(remote.status),
                    error_code: remote.error_code,
                    reason: None,
                };
                self.apply_delivery(owner, &MessageKey::Id(id), &news, None).await?;
                self.finish(job, JobResult::Done).await
            }
            Ok(None) if looked.saturating_add(1) < LOOKS => {
                let next = Job::ReconcileMessage {
                    message: id,
                    looked: looked.saturating_add(1),
                };
                let at = self.now().plus(SECOND_LOOK);
                self.finish(
                    job,
                    JobResult::Again {
                        at,
                        job: Some(next),
                        fresh: true,
                    },
                )
                .await
            }
            // An empty list proves nothing: never sent again by itself, a person is told.
            Ok(None) => self.tell_person(job, &message).await,
            Err(error) => match self.after_failure(job, error.retry()) {
                again @ JobResult::Again { .. } => self.finish(job, again).await,
                JobResult::Done | JobResult::Dead { .. } | JobResult::StillRunning => {
                    self.tell_person(job, &message).await
                }
            },
        }
    }

    async fn find_remote(
        &self,
        owner: &Arc<Owner>,
        message: &Message,
    ) -> Result<Option<RemoteMessage>, crate::port::PortError> {
        let gateway = self.gateway(owner).await?;
        let query = MessageQuery {
            to: Some(message.theirs),
            from: Some(message.ours),
            since: message.created_at.minus(CLOCK_SKEW),
            limit: 100,
        };
        for remote in gateway.list(&query).await? {
            if remote.inbound || remote.body != message.body {
                continue;
            }
            // The same words may have gone out for another message of ours; that one is no proof for this one.
            let key = MessageKey::Provider(remote.provider_message.clone());
            let taken = match self.store().message(owner.business, &key).await {
                Ok(known) => known.is_some_and(|known| known.id != message.id),
                Err(_) => true,
            };
            if !taken {
                return Ok(Some(remote));
            }
        }
        Ok(None)
    }

    async fn tell_person(&self, job: &ClaimedJob, message: &Message) -> Result<(), CenterError> {
        let now = self.now();
        let mut commit = Commit::new(message.business, now);
        commit.job = Some((job.fence, JobResult::Done));
        if let Some(missed) = missed_notice(message, now) {
            commit.changes.push(missed);
            self.commit(commit).await?;
            return Ok(());
        }
        commit.changes.push(Change::RaiseTask(Task {
            id: TaskId::derive(message.created_at, &format!("unknown/{}", message.id)),
            business: message.business,
            kind: TaskKind::TextUnknown,
            phone: Some(message.theirs),
            call: message.call,
            conversation: Some(message.conversation),
            message: Some(message.id),
            sentence: format!(
                "It is not known whether the text to {} went out. It is not sent again; call instead.",
                message.theirs.national()
            ),
            raised_at: now,
            due_at: None,
            done_at: None,
            done_by: None,
        }));
        self.commit(commit).await?;
        Ok(())
    }
}

/// What an unknown result changes.
pub(super) fn lost(message: &Message, at: Timestamp) -> Vec<Change> {
    let after = Message {
        version: message.version.saturating_add(1),
        status: MessageStatus::Unknown,
        reason: Some("The gateway's answer was lost. It is looked up and never sent twice.".to_owned()),
        ..message.clone()
    };
    vec![
        Change::PutMessage(Box::new(after)),
        Change::Enqueue(NewJob {
            id: JobId::derive(message.created_at, &format!("reconcile/{}", message.id)),
            job: Job::ReconcileMessage {
                message: message.id,
                looked: 0,
            },
            subject: Some(message.theirs),
            run_at: at.plus(FIRST_LOOK),
            dedupe: message.id.to_string(),
        }),
        Change::Feed(FeedEvent {
            kind: FeedKind::TextUnknown,
            at,
            call: message.call,
            conversation: Some(message.conversation),
            message: Some(message.id),
            data: serde_json::json!({ "kind": message.kind }),
        }),
    ]
}
