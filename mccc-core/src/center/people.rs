//! What a person does: reply, take over, hand back, read, finish a task.

use std::sync::Arc;

use super::{CenterError, CommandCenter, TRIES};
use crate::business::Owner;
use crate::business::wording;
use crate::calls::CallEvent;
use crate::conversation::{
    Author, Conversation, Direction, Message, MessageKind, MessageStatus, ThreadState, hand_back, preview, take_over,
};
use crate::jobs::Job;
use crate::port::store::{
    CallKey, CallSnapshot, Change, Commit, CommitError, Conflict, FeedEvent, FeedKind, Guard, NewJob, Thread,
};
use crate::tasks::{Promise, Task, TaskKind};
use crate::{BusinessId, CallId, ConversationId, JobId, MessageId, TaskId, Timestamp, UserId};

/// Longest text a person may send, in characters; the gateway takes no more.
const LONGEST_REPLY: usize = 1_600;

/// A text that a person wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonReply {
    /// The thread.
    pub conversation: ConversationId,
    /// Who wrote it; nothing for a machine with a key.
    pub user: Option<UserId>,
    /// The text.
    pub body: String,
    /// The client's key: the same key writes the same message once.
    pub key: String,
}

/// What became of a person's text so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyOutcome {
    /// The message, waiting for its turn.
    pub message: Message,
    /// The thread, now led by a person.
    pub conversation: Conversation,
}

impl CommandCenter {
    /// Writes a person's text down and queues it. The thread is then led by a person: the machine stays silent.
    /// The compliance gate decides again when it is sent; an opted-out caller is refused here already.
    ///
    /// # Errors
    /// When the thread does not exist, the text is empty or too long, or the caller has opted out.
    pub async fn reply(&self, business: BusinessId, reply: PersonReply) -> Result<ReplyOutcome, CenterError> {
        let body = reply.body.trim();
        if body.is_empty() {
            return Err(CenterError::Refused("write something first"));
        }
        if body.chars().count() > LONGEST_REPLY {
            return Err(CenterError::Refused("a text has at most 1600 characters"));
        }
        let owner = self.owner(business).await?;
        let Some(sender) = owner.sender() else {
            return Err(CenterError::Refused("this business has no number to send from yet"));
        };
        for _ in 0..TRIES {
            let (thread, conversation) = self.thread_of(&owner, reply.conversation).await?;
            if thread.consent.opted_out_at.is_some() || thread.consent.suppressed {
                return Err(CenterError::Refused("this caller has opted out of texts; call instead"));
            }
            let now = self.now();
            let id = MessageId::derive(
                conversation.created_at,
                &format!("person/{}/{}", conversation.id, reply.key),
            );
            if let Some(message) = thread.messages.iter().find(|message| message.id == id) {
                return Ok(ReplyOutcome {
                    message: message.clone(),
                    conversation,
                });
            }
            let message = person_message(&conversation, &reply, body, id, sender, now);
            let mut led = take_over(&conversation, reply.user)?;
            led.preview = preview(body, 0);
            led.last_message_at = now;
            led.unread = 0;
            let mut commit = Commit::new(business, now);
            commit.guards.push(Guard::Conversation {
                phone: conversation.phone,
                version: conversation.version,
            });
            commit.changes = vec![
                Change::PutConversation(led.clone()),
                Change::PutMessage(Box::new(message.clone())),
                Change::Enqueue(NewJob {
                    id: JobId::derive(now, &format!("send/{id}")),
                    job: Job::SendMessage { message: id },
                    subject: Some(conversation.phone),
                    run_at: now,
                    dedupe: id.to_string(),
                }),
                feed(
                    FeedKind::TextUpdated,
                    now,
                    &led,
                    Some(id),
                    serde_json::json!({ "status": message.status, "kind": message.kind }),
                ),
            ];
            // Answering is what the open request for an answer asked for, and getting back is what a text promised.
            for task in thread
                .open_tasks
                .iter()
                .filter(|task| task.kind == TaskKind::ReplyNeeded || task.only_promises())
            {
                commit.changes.extend(finish_task(task, reply.user, now));
            }
            settle_attention(&mut commit, &thread, &[TaskKind::ReplyNeeded], now);
            match self.commit(commit).await {
                Ok(_) => {
                    return Ok(ReplyOutcome {
                        message,
                        conversation: led,
                    });
                }
                Err(CommitError::Conflict(Conflict::Stale(_))) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CenterError::Stale)
    }

    /// Gives a thread to a person: the machine is silent from now on.
    ///
    /// # Errors
    /// When the thread does not exist or the caller has opted out.
    pub async fn take_over(
        &self,
        business: BusinessId,
        id: ConversationId,
        user: Option<UserId>,
    ) -> Result<Conversation, CenterError> {
        self.change_thread(business, id, |thread| Ok(take_over(thread, user)?))
            .await
    }

    /// Gives a thread back to the machine.
    ///
    /// # Errors
    /// When the thread does not exist or the caller has opted out.
    pub async fn hand_back(&self, business: BusinessId, id: ConversationId) -> Result<Conversation, CenterError> {
        self.change_thread(business, id, |thread| Ok(hand_back(thread)?)).await
    }

    /// Marks a thread as read.
    ///
    /// # Errors
    /// When the thread does not exist.
    pub async fn read_thread(&self, business: BusinessId, id: ConversationId) -> Result<Conversation, CenterError> {
        self.change_thread(business, id, |thread| {
            Ok(Conversation {
                version: thread.version.saturating_add(1),
                unread: 0,
                ..thread.clone()
            })
        })
        .await
    }

    async fn change_thread(
        &self,
        business: BusinessId,
        id: ConversationId,
        change: impl Fn(&Conversation) -> Result<Conversation, CenterError> + Send + Sync,
    ) -> Result<Conversation, CenterError> {
        for _ in 0..TRIES {
            let row = self
                .store()
                .conversation(business, id, 0)
                .await?
                .ok_or(CenterError::NotFound)?;
            let after = change(&row.conversation)?;
            let now = self.now();
            let mut commit = Commit::new(business, now);
            commit.changes.push(Change::PutConversation(after.clone()));
            commit.changes.push(feed(
                FeedKind::ConversationUpdated,
                now,
                &after,
                None,
                serde_json::json!({ "state": after.state, "unread": after.unread }),
            ));
            match self.commit(commit).await {
                Ok(_) => return Ok(after),
                Err(CommitError::Conflict(Conflict::Stale(_))) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CenterError::Stale)
    }

    /// Marks a call as read.
    ///
    /// # Errors
    /// When the call does not exist.
    pub async fn read_call(&self, business: BusinessId, id: CallId) -> Result<(), CenterError> {
        let owner = self.owner(business).await?;
        match self.apply_to_call(&owner, &CallKey::Id(id), &CallEvent::Read).await? {
            super::SeenCall::Known => Ok(()),
            super::SeenCall::Unknown => Err(CenterError::NotFound),
        }
    }

    /// Marks a task as done; a callback also marks its call. Doing it twice changes nothing.
    ///
    /// # Errors
    /// When the task does not exist.
    pub async fn finish_task(
        &self,
        business: BusinessId,
        id: TaskId,
        user: Option<UserId>,
    ) -> Result<Task, CenterError> {
        for _ in 0..TRIES {
            let task = self.store().task(business, id).await?.ok_or(CenterError::NotFound)?;
            if task.done_at.is_some() {
                return Ok(task);
            }
            let now = self.now();
            let mut commit = Commit::new(business, now);
            commit.changes = finish_task(&task, user, now);
            if let Some(call) = task.call
                && let Some(snapshot) = self.store().call(business, &CallKey::Id(call)).await?
            {
                // Whoever calls back keeps what the text promised, too.
                for promise in snapshot
                    .open_tasks
                    .iter()
                    .filter(|open| open.only_promises() && open.id != id)
                {
                    commit.changes.extend(finish_task(promise, user, now));
                }
                commit.changes.extend(settled_call(&snapshot, &task, now));
            }
            match self.commit(commit).await {
                Ok(_) => {
                    return Ok(Task {
                        done_at: Some(now),
                        done_by: user,
                        ..task
                    });
                }
                Err(CommitError::Conflict(Conflict::Stale(_))) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CenterError::Stale)
    }

    async fn thread_of(&self, owner: &Arc<Owner>, id: ConversationId) -> Result<(Thread, Conversation), CenterError> {
        let row = self
            .store()
            .conversation(owner.business, id, 0)
            .await?
            .ok_or(CenterError::NotFound)?;
        let thread = self
            .store()
            .thread(owner.business, &row.conversation.phone, self.now())
            .await?;
        let conversation = thread.conversation.clone().ok_or(CenterError::NotFound)?;
        Ok((thread, conversation))
    }
}

fn person_message(
    conversation: &Conversation,
    reply: &PersonReply,
    body: &str,
    id: MessageId,
    sender: crate::PhoneNumber,
    now: Timestamp,
) -> Message {
    Message {
        id,
        business: conversation.business,
        version: 1,
        conversation: conversation.id,
        call: conversation.last_call,
        direction: Direction::Outbound,
        author: Author::Person,
        user: reply.user,
        kind: match conversation.state {
            ThreadState::AiActive | ThreadState::Human | ThreadState::OptedOut => MessageKind::Manual,
        },
        ours: sender,
        theirs: conversation.phone,
        body: body.to_owned(),
        media_count: 0,
        segments: wording::billed_segments(body),
        status: MessageStatus::Waiting,
        provider_message: None,
        error_code: None,
        reason: None,
        attempts: 0,
        created_at: now,
        sent_at: None,
        settled_at: None,
    }
}

fn feed(
    kind: FeedKind,
    at: Timestamp,
    thread: &Conversation,
    message: Option<MessageId>,
    data: serde_json::Value,
) -> Change {
    Change::Feed(FeedEvent {
        kind,
        at,
        call: thread.last_call,
        conversation: Some(thread.id),
        message,
        data,
    })
}

pub(super) fn finish_task(task: &Task, user: Option<UserId>, at: Timestamp) -> Vec<Change> {
    vec![
        Change::FinishTask {
            task: task.id,
            by: user,
        },
        Change::Feed(FeedEvent {
            kind: FeedKind::TaskDone,
            at,
            call: task.call,
            conversation: task.conversation,
            message: task.message,
            data: serde_json::json!({ "kind": task.kind, "promise": kept(task, at) }),
        }),
    ]
}

/// Whether a promise was kept, if the task is one.
fn kept(task: &Task, at: Timestamp) -> Option<Promise> {
    let done = Task {
        done_at: Some(at),
        ..task.clone()
    };
    done.promise(at)
}

/// The call of a task that was just finished: called back, and settled when nothing else is open about it.
fn settled_call(snapshot: &CallSnapshot, task: &Task, at: Timestamp) -> Option<Change> {
    let others = snapshot
        .open_tasks
        .iter()
        .any(|open| open.id != task.id && !open.only_promises());
    let mut after = snapshot.call.clone();
    let event = match task.kind {
        TaskKind::Callback
        | TaskKind::TextFailed
        | TaskKind::TextUnknown
        | TaskKind::Emergency
        | TaskKind::OptedOut => CallEvent::CallbackDone,
        TaskKind::ReplyNeeded | TaskKind::VerificationCode => CallEvent::Attention(others),
    };
    after = crate::calls::step(&after, &event, at).call;
    after.needs_attention = others;
    if after == snapshot.call {
        return None;
    }
    after.version = snapshot.call.version.saturating_add(1);
    Some(Change::UpdateCall {
        before: Box::new(snapshot.call.clone()),
        after: Box::new(after),
    })
}

/// The latest call of the thread no longer needs a person when only tasks of the given kinds were open.
fn settle_attention(commit: &mut Commit, thread: &Thread, finished: &[TaskKind], at: Timestamp) {
    let Some(call) = &thread.last_call else { return };
    let open = thread
        .open_tasks
        .iter()
        .any(|task| task.call == Some(call.id) && !finished.contains(&task.kind) && !task.only_promises());
    let done = crate::calls::step(call, &CallEvent::Attention(open), at);
    if done.changed {
        commit.changes.push(Change::UpdateCall {
            before: Box::new(call.clone()),
            after: Box::new(done.call),
        });
    }
}
