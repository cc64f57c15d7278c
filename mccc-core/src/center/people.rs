//! What a person does: reply, take over, hand back, read, finish a task.

use std::sync::Arc;

use super::{CenterError, CommandCenter, TRIES};
use crate::business::Owner;
use crate::business::wording;
use crate::calls::CallEvent;
use crate::conversation::talking::{answer_job, send_job, unsent};
use crate::conversation::{
    Author, Conversation, Direction, Message, MessageKind, MessageStatus, ThreadState, hand_back, may_answer, preview,
    take_over,
};
use crate::jobs::Job;
use crate::port::store::{
    CallKey, CallSnapshot, Change, Commit, CommitError, Conflict, FeedEvent, FeedKind, Guard, MessageKey, NewJob,
    Thread,
};
use crate::tasks::{Promise, Task, TaskKind, due_at};
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
            led.dialogue = led.dialogue.led_by_person();
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
            commit
                .changes
                .extend(unsent(&thread, "A person answered instead.", now));
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

    /// Gives a thread to a person: the machine is silent from now on, and what it has written and not sent is taken back.
    ///
    /// # Errors
    /// When the thread does not exist or the caller has opted out.
    pub async fn take_over(
        &self,
        business: BusinessId,
        id: ConversationId,
        user: Option<UserId>,
    ) -> Result<Conversation, CenterError> {
        let owner = self.owner(business).await?;
        self.lead(business, id, |thread, conversation, now| {
            let after = take_over(conversation, user)?;
            let mut changes = unsent(thread, "A person took over before it was sent.", now);
            changes.extend(owed(&owner, thread, now));
            Ok((after, changes))
        })
        .await
    }

    /// Gives a thread back to the machine. What the caller wrote last and nobody answered is answered by it, and what it
    /// knew before it still knows.
    ///
    /// # Errors
    /// When the thread does not exist or the caller has opted out.
    pub async fn hand_back(&self, business: BusinessId, id: ConversationId) -> Result<Conversation, CenterError> {
        let owner = self.owner(business).await?;
        self.lead(business, id, |thread, conversation, now| {
            let after = hand_back(conversation)?;
            let last = thread
                .messages
                .iter()
                .rfind(|message| message.status != MessageStatus::Canceled);
            let open = last.filter(|message| message.direction == Direction::Inbound && may_answer(&owner));
            Ok((
                after,
                open.map(|message| answer_job(message, now)).into_iter().collect(),
            ))
        })
        .await
    }

    /// Changes who leads a thread, with what follows for its texts.
    async fn lead(
        &self,
        business: BusinessId,
        id: ConversationId,
        change: impl Fn(&Thread, &Conversation, Timestamp) -> Result<(Conversation, Vec<Change>), CenterError> + Send + Sync,
    ) -> Result<Conversation, CenterError> {
        let owner = self.owner(business).await?;
        for _ in 0..TRIES {
            let (thread, conversation) = self.thread_of(&owner, id).await?;
            let now = self.now();
            let (after, changes) = change(&thread, &conversation, now)?;
            let mut commit = Commit::new(business, now);
            commit.changes = changes;
            commit.changes.push(Change::PutConversation(after.clone()));
            commit.changes.push(told(&after, now));
            match self.commit(commit).await {
                Ok(_) => return Ok(after),
                Err(CommitError::Conflict(Conflict::Stale(_))) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CenterError::Stale)
    }

    /// Sends an answer that the machine has drafted, as it is or changed. The machine goes on leading the thread. Doing it
    /// twice sends it once.
    ///
    /// # Errors
    /// When there is no such draft any more, or the text is empty or too long.
    pub async fn send_draft(
        &self,
        business: BusinessId,
        draft: MessageId,
        changed: Option<&str>,
        user: Option<UserId>,
    ) -> Result<Message, CenterError> {
        let body = changed.map(str::trim);
        if body.is_some_and(str::is_empty) {
            return Err(CenterError::Refused("write something first"));
        }
        if body.is_some_and(|body| body.chars().count() > LONGEST_REPLY) {
            return Err(CenterError::Refused("a text has at most 1600 characters"));
        }
        self.settle_draft(business, draft, user, |message, now| {
            let body = body.map_or_else(|| message.body.clone(), str::to_owned);
            let sent = Message {
                version: message.version.saturating_add(1),
                draft: false,
                user,
                segments: wording::billed_segments(&body),
                body,
                ..message.clone()
            };
            let job = send_job(&sent, now);
            (sent, Some(job))
        })
        .await
    }

    /// Throws an answer away that the machine has drafted: a person answers instead.
    ///
    /// # Errors
    /// When there is no such draft any more.
    pub async fn discard_draft(
        &self,
        business: BusinessId,
        draft: MessageId,
        user: Option<UserId>,
    ) -> Result<Message, CenterError> {
        self.settle_draft(business, draft, user, |message, now| {
            let gone = Message {
                version: message.version.saturating_add(1),
                draft: false,
                status: MessageStatus::Canceled,
                reason: Some("A person discarded it.".to_owned()),
                settled_at: Some(now),
                ..message.clone()
            };
            (gone, None)
        })
        .await
    }

    async fn settle_draft(
        &self,
        business: BusinessId,
        draft: MessageId,
        user: Option<UserId>,
        settle: impl Fn(&Message, Timestamp) -> (Message, Option<Change>) + Send + Sync,
    ) -> Result<Message, CenterError> {
        let owner = self.owner(business).await?;
        for _ in 0..TRIES {
            let stored = self.store().message(business, &MessageKey::Id(draft)).await?;
            let message = &stored.ok_or(CenterError::NotFound)?;
            if !message.draft {
                // Sent before: the same wish again. Anything else is a draft that is gone.
                return if message.status == MessageStatus::Canceled {
                    Err(CenterError::Refused(
                        "this draft is gone: the caller wrote again, or somebody discarded it",
                    ))
                } else {
                    Ok(message.clone())
                };
            }
            let (thread, conversation) = self.thread_of(&owner, message.conversation).await?;
            let now = self.now();
            let (after, job) = settle(message, now);
            let sends = job.is_some();
            let dialogue = if sends {
                conversation.dialogue.clone()
            } else {
                conversation.dialogue.unsaid()
            };
            let led = Conversation {
                version: conversation.version.saturating_add(1),
                dialogue,
                ..conversation.clone()
            };
            let mut commit = Commit::new(business, now);
            commit.changes = vec![
                Change::PutMessage(Box::new(after.clone())),
                Change::PutConversation(led.clone()),
                told(&led, now),
            ];
            commit.changes.extend(job);
            // The answer that was asked for is on its way; one that was thrown away is still owed.
            if sends {
                let owed = |task: &&Task| task.kind == TaskKind::ReplyNeeded;
                for task in thread.open_tasks.iter().filter(owed) {
                    commit.changes.extend(finish_task(task, user, now));
                }
                settle_attention(&mut commit, &thread, &[TaskKind::ReplyNeeded], now);
            }
            match self.commit(commit).await {
                Ok(_) => return Ok(after),
                Err(CommitError::Conflict(Conflict::Stale(_))) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CenterError::Stale)
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
            commit.changes.push(told(&after, now));
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
        match self
            .apply_to_call(&owner, &CallKey::Id(id), &CallEvent::Read, self.now())
            .await?
        {
            true => Ok(()),
            false => Err(CenterError::NotFound),
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

/// What the caller wrote last and the machine has not answered is owed by the person who took over.
fn owed(owner: &Owner, thread: &Thread, at: Timestamp) -> Vec<Change> {
    let last = thread
        .messages
        .iter()
        .rfind(|message| message.attempts > 0 || message.direction == Direction::Inbound);
    let asked = thread.open_tasks.iter().any(|task| task.kind == TaskKind::ReplyNeeded);
    let Some(open) = last.filter(|message| message.direction == Direction::Inbound && !asked) else {
        return Vec::new();
    };
    vec![
        Change::RaiseTask(Task {
            id: TaskId::derive(at, &format!("{}/{}", TaskKind::ReplyNeeded.name(), open.id)),
            business: open.business,
            kind: TaskKind::ReplyNeeded,
            phone: Some(open.theirs),
            call: open.call,
            conversation: Some(open.conversation),
            message: Some(open.id),
            sentence: format!("{} wrote back and is waiting for an answer.", open.theirs.national()),
            raised_at: at,
            due_at: due_at(owner, TaskKind::ReplyNeeded, at),
            done_at: None,
            done_by: None,
        }),
        Change::Feed(FeedEvent {
            kind: FeedKind::TaskRaised,
            at,
            call: open.call,
            conversation: Some(open.conversation),
            message: Some(open.id),
            data: serde_json::json!({ "kind": TaskKind::ReplyNeeded }),
        }),
    ]
}

/// That a thread changed hands, stage or was read.
pub(super) fn told(thread: &Conversation, at: Timestamp) -> Change {
    let data = serde_json::json!({
        "state": thread.state, "unread": thread.unread, "stage": thread.dialogue.stage,
    });
    feed(FeedKind::ConversationUpdated, at, thread, None, data)
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
        note: None,
        draft: false,
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
        TaskKind::ReplyNeeded
        | TaskKind::VerificationCode
        | TaskKind::CalendarReconnect
        | TaskKind::CalendarChanged => CallEvent::Attention(others),
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
