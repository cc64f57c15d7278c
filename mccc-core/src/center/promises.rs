//! Promises to callers: warned of before they break, written down when they do.

use std::sync::Arc;

use super::people::finish_task;
use super::{CenterError, CommandCenter};
use crate::business::Owner;
use crate::calls::Outcome;
use crate::conversation::Author;
use crate::notify::About;
use crate::port::store::{CallKey, Change, ClaimedJob, Commit, FeedEvent, FeedKind, JobResult};
use crate::tasks::{Task, warn_at};
use crate::{TaskId, Timestamp};

impl CommandCenter {
    /// Looks how a promise stands: waits for the moment of the warning, warns, waits for its end, writes down that it
    /// was broken. A promise that was kept in the meantime is done.
    pub(super) async fn watch_promise(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        id: TaskId,
    ) -> Result<(), CenterError> {
        let task = self.store().task(owner.business, id).await?;
        let Some(task) = task.filter(|task| task.done_at.is_none()) else {
            return self.finish(job, JobResult::Done).await;
        };
        let (Some(due), Some(warn)) = (task.due_at, warn_at(owner, &task)) else {
            return self.finish(job, JobResult::Done).await;
        };
        let now = self.due_now(job);
        let mut commit = Commit::new(owner.business, now);
        let later = |at| JobResult::Again {
            at,
            job: None,
            fresh: true,
        };
        let result = if self.was_kept(owner, &task).await? {
            commit.changes = finish_task(&task, None, now);
            JobResult::Done
        } else if now < warn {
            later(warn)
        } else {
            commit
                .changes
                .push(About::Promise { task: id }.tell(task.raised_at, now));
            if now < due {
                commit.changes.push(news(FeedKind::PromiseAtRisk, &task, now));
                later(due)
            } else {
                commit.changes.push(news(FeedKind::PromiseBroken, &task, now));
                JobResult::Done
            }
        };
        commit.job = Some((job.fence, result));
        self.commit(commit).await?;
        Ok(())
    }

    /// Whether what a text promised has come about otherwise: the caller has an appointment, was called, or a person
    /// wrote to them.
    async fn was_kept(&self, owner: &Arc<Owner>, task: &Task) -> Result<bool, CenterError> {
        if !task.only_promises() {
            return Ok(false);
        }
        if let Some(call) = task.call
            && let Some(snapshot) = self.store().call(owner.business, &CallKey::Id(call)).await?
            && (snapshot.call.callback_completed_at.is_some() || snapshot.call.outcome == Outcome::AppointmentBooked)
        {
            return Ok(true);
        }
        let Some(phone) = task.phone else { return Ok(false) };
        let thread = self.store().thread(owner.business, &phone, self.now()).await?;
        Ok(thread
            .messages
            .iter()
            .any(|message| message.author == Author::Person && message.created_at >= task.raised_at))
    }
}

fn news(kind: FeedKind, task: &Task, at: Timestamp) -> Change {
    Change::Feed(FeedEvent {
        kind,
        at,
        call: task.call,
        conversation: task.conversation,
        message: None,
        data: serde_json::json!({
            "task_id": task.id, "kind": task.kind, "promised_at": task.raised_at, "due_at": task.due_at,
        }),
    })
}
