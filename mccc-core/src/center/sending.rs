//! Handing a text to the gateway: gate, claim, send, result.
//!
//! 1. The gate decides on a fresh snapshot.
//! 2. One commit claims the attempt: the message row says `claimed`, the recipient's number is locked, the one-text
//!    guard is taken. A STOP that came before makes it fail; one that comes later waits for the claim.
//! 3. The text is handed over, if the claim has not expired by then.
//! 4. One commit records the result. An attempt whose result never gets here is looked up and never made again.

use std::sync::Arc;
use std::time::Duration;

use super::gatekeeping::{Answer, Question, ask};
use super::texts::{failed_task, mark_landline, opted_out_at_gateway};
use super::{Availability, CenterError, CommandCenter, TRIES, reconcile};
use crate::appointments::{Appointment, ReminderSent};
use crate::business::Owner;
use crate::business::wording;
use crate::calls::{Call, CallEvent, Outcome, TextSummary, step};
use crate::compliance::gate::SendPermit;
use crate::compliance::number::KnownLine;
use crate::conversation::{
    Author, Direction, Message, MessageKind, MessageStatus, ThreadState, new_conversation, preview, seen,
};
use crate::jobs::Job;
use crate::notify::ChannelKind;
use crate::port::store::{
    CallKey, Change, ClaimedJob, Commit, CommitError, Conflict, FeedEvent, FeedKind, Guard, JobResult, MessageKey,
    NewJob, Thread,
};
use crate::port::{ErrorKind, FailureClass, PortError, Retry};
use crate::tasks::{Task, TaskKind, text_promise};
use crate::{CallId, ConversationId, JobId, MessageId, PhoneNumber, TaskId, Timestamp};

/// A text that is about to be decided.
pub(super) struct Draft {
    /// The message as it would be, or as it is stored.
    pub(super) message: Message,
    /// The missed call it answers, if it answers one.
    pub(super) call: Option<Call>,
    /// The appointment it reminds of, and which of the reminders it is.
    pub(super) reminds: Option<(Appointment, u32)>,
    /// From when on it is of no use, where nobody waits for it.
    pub(super) useless_from: Option<Timestamp>,
}

/// What the decision about a draft leads to.
enum Plan {
    /// Claim it, then send it.
    Claim {
        commit: Commit,
        message: Box<Message>,
        permit: SendPermit,
    },
    /// Do not send; the commit says why and ends the job.
    Drop(Commit),
}

impl CommandCenter {
    /// Answers a missed call with a text.
    pub(super) async fn auto_text(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        call: CallId,
    ) -> Result<(), CenterError> {
        self.send_for_call(owner, job, call, MessageKind::AutoText).await
    }

    /// Texts again after no reaction, if nobody has reacted and nobody was asked to stop.
    pub(super) async fn follow_up(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        call: CallId,
    ) -> Result<(), CenterError> {
        self.send_for_call(owner, job, call, MessageKind::FollowUp).await
    }

    async fn send_for_call(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        id: CallId,
        kind: MessageKind,
    ) -> Result<(), CenterError> {
        for _ in 0..=TRIES {
            let Some(snapshot) = self.store().call(owner.business, &CallKey::Id(id)).await? else {
                return self.finish(job, JobResult::Done).await;
            };
            let call = snapshot.call;
            let Some(phone) = call.caller.number() else {
                return self.finish(job, JobResult::Done).await;
            };
            let message_id = text_id(&call, kind);
            let stored = self
                .store()
                .message(owner.business, &MessageKey::Id(message_id))
                .await?;
            let mut thread = self.store().thread(owner.business, &phone, self.now()).await?;
            self.look_up_line(owner, &mut thread, phone).await;
            if kind == MessageKind::FollowUp && stored.is_none() && reacted(&thread, &call) {
                return self.finish(job, JobResult::Done).await;
            }
            let message = match (stored, owner.sender()) {
                // One that may have gone out is followed up, also where the business has no number any more.
                (Some(message), _) => message,
                (None, Some(sender)) => {
                    let free_day = self.free_day_for(owner, kind, &call).await?;
                    let numbers = (sender, phone);
                    call_text(
                        owner,
                        &thread,
                        &call,
                        (kind, message_id),
                        numbers,
                        free_day.as_deref(),
                        self.now(),
                    )
                }
                (None, None) => return self.finish(job, JobResult::Done).await,
            };
            if self
                .attempt(
                    owner,
                    job,
                    Draft {
                        message,
                        call: Some(call),
                        reminds: None,
                        useless_from: None,
                    },
                    &thread,
                )
                .await?
            {
                return Ok(());
            }
        }
        Err(CenterError::Stale)
    }

    /// The next day with a free time, where the text says it and it can be known.
    async fn free_day_for(
        &self,
        owner: &Arc<Owner>,
        kind: MessageKind,
        call: &Call,
    ) -> Result<Option<String>, CenterError> {
        if !wording::says_free_day(owner, kind, call.variant) {
            return Ok(None);
        }
        self.free_day(owner).await
    }

    /// The next day with a free time as one says it; nothing when none is free, or when the calendar cannot be read.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn free_day(&self, owner: &Owner) -> Result<Option<String>, CenterError> {
        Ok(match self.availability(owner.business).await? {
            Availability::Read(free) => free.first().map(|free| wording::free_day(owner, *free, self.now())),
            Availability::Unreadable(_) => None,
        })
    }

    /// Hands a message over that was written down before.
    pub(super) async fn send_message(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        id: MessageId,
    ) -> Result<(), CenterError> {
        for _ in 0..=TRIES {
            let Some(message) = self.store().message(owner.business, &MessageKey::Id(id)).await? else {
                return self.finish(job, JobResult::Done).await;
            };
            let thread = self.store().thread(owner.business, &message.theirs, self.now()).await?;
            let call = self.call_of(owner, &message).await?;
            let draft = Draft {
                message,
                call,
                reminds: None,
                useless_from: None,
            };
            if self.attempt(owner, job, draft, &thread).await? {
                return Ok(());
            }
        }
        Err(CenterError::Stale)
    }

    /// Learns what kind of line the caller has, where the business pays for that and it is not known freshly. A failure
    /// never blocks a text; the result is kept with the contact.
    async fn look_up_line(&self, owner: &Arc<Owner>, thread: &mut Thread, phone: PhoneNumber) {
        let now = self.now();
        let known = thread.contact.as_ref().and_then(|contact| contact.line);
        if known.is_some_and(|(_, learned)| now.since(learned) < KnownLine::LIFETIME) {
            return;
        }
        let Some(lookup) = self.ports.providers.line_lookup(owner).await else {
            return;
        };
        match lookup.look_up(&phone).await {
            Ok(report) => {
                let mut contact = seen(thread.contact.as_ref(), owner, phone, now);
                contact.line = Some((report.line_type, now));
                thread.contact = Some(contact);
            }
            Err(error) => tracing::info!(kind = ?error.kind(), "a line type could not be looked up"),
        }
    }

    /// The missed call whose immediate text this message is.
    pub(super) async fn call_of(&self, owner: &Arc<Owner>, message: &Message) -> Result<Option<Call>, CenterError> {
        let (Some(call), MessageKind::AutoText) = (message.call, message.kind) else {
            return Ok(None);
        };
        Ok(self
            .store()
            .call(owner.business, &CallKey::Id(call))
            .await?
            .map(|snapshot| snapshot.call))
    }

    /// One attempt. `false` when what was read has changed: read again and decide again.
    pub(super) async fn attempt(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        draft: Draft,
        thread: &Thread,
    ) -> Result<bool, CenterError> {
        match draft.message.status {
            MessageStatus::Waiting => {}
            // A former attempt was claimed and never told its result: it may have happened.
            MessageStatus::Claimed => return self.lose(job, &draft.message, draft.call.as_ref()).await.map(|()| true),
            MessageStatus::Unknown
            | MessageStatus::Queued
            | MessageStatus::Sent
            | MessageStatus::Delivered
            | MessageStatus::Undelivered
            | MessageStatus::Failed
            | MessageStatus::Canceled
            | MessageStatus::Received => {
                // Settled elsewhere, by a callback or an opt-out: the call's summary follows if it has not yet.
                let mut commit = Commit::new(owner.business, self.now());
                commit.job = Some((job.fence, JobResult::Done));
                if let Some(call) = draft
                    .call
                    .as_ref()
                    .filter(|_| draft.message.kind == MessageKind::AutoText)
                {
                    let at = commit.at;
                    summarize(&mut commit, call, &draft.message, at);
                }
                return self.commit_again(commit).await;
            }
        }
        let now = self.due_now(job);
        let gateway = match self.gateway(owner).await {
            Ok(gateway) => gateway,
            Err(error) => {
                let commit = self.refused(owner, job, &draft.message, draft.call.as_ref(), thread, &error);
                return self.commit_again(commit).await;
            }
        };
        let theirs = draft.message.theirs;
        // The contractor's own phone is where a notice goes; a number of ours never is.
        let own = if draft.message.kind == MessageKind::OwnerNotice {
            owner.lines.iter().any(|line| line.number == theirs)
        } else {
            owner.is_own(&theirs)
        };
        let is_ours = own || self.owner_of(&theirs).await?.is_some();
        let known = (is_ours, gateway.confirms_opt_outs());
        match self.plan(owner, job, draft, thread, known, now) {
            Plan::Drop(commit) => self.commit_again(commit).await,
            Plan::Claim {
                commit,
                message,
                permit,
            } => match self.commit(commit).await {
                Ok(_) => {
                    let answer = gateway.send(permit).await;
                    self.record(owner, job, *message, answer).await?;
                    Ok(true)
                }
                Err(CommitError::Conflict(
                    Conflict::Stale(_) | Conflict::OptedOut | Conflict::TextGuardHeld { .. },
                )) => Ok(false),
                Err(error) => Err(error.into()),
            },
        }
    }

    async fn commit_again(&self, commit: Commit) -> Result<bool, CenterError> {
        match self.commit(commit).await {
            Ok(_) => Ok(true),
            Err(CommitError::Conflict(Conflict::Stale(_))) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn plan(
        &self,
        owner: &Owner,
        job: &ClaimedJob,
        draft: Draft,
        thread: &Thread,
        (is_ours, gateway_confirms): (bool, bool),
        now: Timestamp,
    ) -> Plan {
        let Draft {
            message,
            call,
            reminds,
            useless_from,
        } = draft;
        let answer = ask(&Question {
            owner,
            thread,
            message: &message,
            call: call.as_ref(),
            policy: &self.ports.providers.policy(owner),
            free_of_charge: self.ports.providers.free_of_charge(owner),
            gateway_confirms,
            is_ours,
            due_at: job.due_at,
            useless_from,
            now,
        });
        match answer {
            Answer::Allow {
                permit,
                guard_until,
                limits,
                passed,
            } => {
                let mut claimed = Message {
                    version: message.version.saturating_add(1),
                    status: MessageStatus::Claimed,
                    attempts: message.attempts.saturating_add(1),
                    reason: None,
                    ..message
                };
                permit.body().clone_into(&mut claimed.body);
                claimed.segments = wording::billed_segments(&claimed.body);
                let mut commit = self.claim(owner, job, &claimed, call.as_ref(), thread, guard_until, now);
                commit.guards.extend(limits);
                commit
                    .changes
                    .extend(reminds.map(|(row, minutes)| reminded(&row, minutes, claimed.id)));
                // Written down with the claim, so that the reasons are there even when the answer of the gateway is lost.
                commit.changes.push(feed(
                    FeedKind::TextUpdated,
                    &claimed,
                    now,
                    serde_json::json!({ "status": claimed.status, "kind": claimed.kind, "passed": passed }),
                ));
                Plan::Claim {
                    commit,
                    message: Box::new(claimed),
                    permit,
                }
            }
            Answer::Defer { until, checks } => {
                let mut commit = Commit::new(owner.business, now);
                commit.job = Some((
                    job.fence,
                    JobResult::Again {
                        at: until,
                        job: None,
                        fresh: true,
                    },
                ));
                commit.changes.push(feed(FeedKind::TextDeferred, &message, now, checks));
                Plan::Drop(commit)
            }
            Answer::Deny {
                sentence,
                tell_person,
                checks,
            } => Plan::Drop(denied(
                owner,
                job,
                &message,
                call.as_ref(),
                thread,
                &sentence,
                tell_person,
                checks,
                now,
            )),
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one decision; a struct would only rename them"
    )]
    fn claim(
        &self,
        owner: &Owner,
        job: &ClaimedJob,
        message: &Message,
        call: Option<&Call>,
        thread: &Thread,
        guard_until: Option<Timestamp>,
        now: Timestamp,
    ) -> Commit {
        let phone = message.theirs;
        let mut conversation = thread
            .conversation
            .clone()
            .unwrap_or_else(|| new_conversation(owner, phone, now));
        let read_version = conversation.version;
        conversation.version = read_version.saturating_add(1);
        conversation.preview = preview(&message.body, 0);
        conversation.last_message_at = now;
        // A notice tells of somebody else's call.
        if message.kind != MessageKind::OwnerNotice {
            conversation.last_call = message.call.or(conversation.last_call);
        }
        if message.author == Author::Machine {
            conversation.last_automated_at = Some(now);
            // A text that was refused for now and is tried again is still one text.
            if message.attempts == 1 {
                conversation.automated_since_inbound = conversation.automated_since_inbound.saturating_add(1);
            }
        }
        let mut commit = Commit::new(owner.business, now);
        commit.job = Some((job.fence, JobResult::StillRunning));
        commit.locks = vec![phone];
        commit.guards = vec![
            Guard::Settings { version: owner.version },
            Guard::CallerFlags {
                phone,
                version: thread.flags.version,
            },
            Guard::Conversation {
                phone,
                version: read_version,
            },
        ];
        // The one confirmation of an opt-out is the only text that goes to somebody who has opted out.
        if message.kind != MessageKind::OptOutConfirmation {
            commit.guards.push(Guard::NotOptedOut { phone });
        }
        commit.changes = vec![
            Change::PutContact(seen(thread.contact.as_ref(), owner, phone, now)),
            Change::PutConversation(conversation),
            Change::PutMessage(Box::new(message.clone())),
            Change::ClaimSend {
                message: message.id,
                phone,
                lasts: self.limits.claim,
            },
        ];
        if let Some(until) = guard_until {
            // A later attempt of the same text finds its own guard; a different text must find none.
            if thread.guard.is_none_or(|guard| guard.message != message.id) {
                commit.guards.push(Guard::TextGuardFree { phone });
            }
            commit.changes.push(Change::HoldTextGuard {
                phone,
                until,
                message: message.id,
            });
        }
        if let Some(call) = call.filter(|_| message.kind == MessageKind::AutoText) {
            summarize(&mut commit, call, message, now);
        }
        commit
    }

    /// Writes the gateway's answer down. What is known about the world is kept even when the lease was lost.
    async fn record(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        claimed: Message,
        answer: Result<crate::port::Accepted, PortError>,
    ) -> Result<(), CenterError> {
        let mut message = claimed;
        for _ in 0..=TRIES {
            let thread = self.store().thread(owner.business, &message.theirs, self.now()).await?;
            let call = self.call_of(owner, &message).await?;
            let commit = match &answer {
                Ok(accepted) => accepted_commit(owner, job, &message, call.as_ref(), accepted, self.now()),
                Err(error) => self.refused(owner, job, &message, call.as_ref(), &thread, error),
            };
            match self.commit_result(commit).await {
                Ok(()) => return Ok(()),
                // A callback was faster than the gateway's own answer.
                Err(CommitError::Conflict(Conflict::Stale(_))) => {
                    match self
                        .store()
                        .message(owner.business, &MessageKey::Id(message.id))
                        .await?
                    {
                        Some(stored) if matches!(stored.status, MessageStatus::Claimed | MessageStatus::Unknown) => {
                            message = stored;
                        }
                        // The callback has said more than the answer could: only the job is left to end.
                        Some(stored) => {
                            let mut commit = Commit::new(owner.business, self.now());
                            commit.job = Some((job.fence, JobResult::Done));
                            commit.changes.push(Change::SettleSend { message: stored.id });
                            commit
                                .changes
                                .extend(follow_up_job(owner, &stored, call.as_ref(), self.now()));
                            self.commit_result(commit).await?;
                            return Ok(());
                        }
                        None => return self.finish(job, JobResult::Done).await,
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(CenterError::Stale)
    }

    /// What a refusal of the gateway, or its lost answer, changes.
    fn refused(
        &self,
        owner: &Owner,
        job: &ClaimedJob,
        message: &Message,
        call: Option<&Call>,
        thread: &Thread,
        error: &PortError,
    ) -> Commit {
        let now = self.now();
        // The call's summary is about its immediate text alone.
        let call = call.filter(|_| message.kind == MessageKind::AutoText);
        let mut commit = Commit::new(owner.business, now);
        tracing::info!(message = %message.id, code = error.code(), kind = ?error.kind(), "the gateway did not take a text");
        if error.retry() == Retry::Unknown {
            commit.job = Some((job.fence, JobResult::Done));
            commit.changes = reconcile::lost(message, now);
            let unknown = Message {
                status: MessageStatus::Unknown,
                ..message.clone()
            };
            if let Some(call) = call {
                summarize(&mut commit, call, &unknown, now);
            }
            return commit;
        }
        let retry = self.after_failure(job, error.retry());
        let gone = matches!(retry, JobResult::Dead { .. });
        let reason = match &retry {
            JobResult::Again { at, .. } => Some(tried_again(error.reason(), at.since(now))),
            JobResult::Dead { .. } | JobResult::Done | JobResult::StillRunning => Some(given_up(error).to_owned()),
        };
        let after = Message {
            version: message.version.saturating_add(1),
            status: if gone {
                MessageStatus::Failed
            } else {
                MessageStatus::Waiting
            },
            error_code: error.code(),
            reason,
            settled_at: gone.then_some(now),
            ..message.clone()
        };
        commit.changes = vec![
            Change::PutMessage(Box::new(after.clone())),
            Change::SettleSend { message: message.id },
            feed(
                FeedKind::TextFailed,
                message,
                now,
                serde_json::json!({
                    "call_id": message.call, "caller_phone": message.theirs, "failure_reason": given_up(error),
                    "failure_code": error.code(), "retry_count": message.attempts.saturating_sub(1),
                    "will_retry": !gone, "retry_at": retry_at(&retry),
                }),
            ),
        ];
        if let Some(call) = call {
            summarize(&mut commit, call, &after, now);
        }
        if gone {
            commit.changes.push(Change::FreeTextGuard {
                phone: message.theirs,
                message: message.id,
            });
            if error.class() == Some(FailureClass::OptOut) {
                commit.changes.extend(opted_out_at_gateway(message, now));
            }
            if error.class() == Some(FailureClass::Landline) {
                commit.changes.push(mark_landline(owner, thread, message, now));
            }
            commit.changes.extend(missed_notice(message, now));
            if message.kind != MessageKind::OwnerNotice {
                commit.changes.push(Change::RaiseTask(failed_task(owner, &after, now)));
                commit.changes.push(feed(
                    FeedKind::TaskRaised,
                    message,
                    now,
                    serde_json::json!({ "kind": TaskKind::TextFailed }),
                ));
            }
        }
        commit.job = Some((job.fence, retry));
        commit
    }
}

fn retry_at(retry: &JobResult) -> Option<Timestamp> {
    match retry {
        JobResult::Again { at, .. } => Some(*at),
        JobResult::Dead { .. } | JobResult::Done | JobResult::StillRunning => None,
    }
}

/// Why the gateway did not take a text, in the contractor's words.
fn given_up(error: &PortError) -> &'static str {
    error.reason().unwrap_or(match error.kind() {
        ErrorKind::Unavailable | ErrorKind::Protocol => "The text provider could not be reached.",
        ErrorKind::RateLimited => "The text provider was too busy to take it.",
        ErrorKind::InvalidConfig
        | ErrorKind::Unauthenticated
        | ErrorKind::ReconnectRequired
        | ErrorKind::PermissionMissing => "The text provider does not accept this account.",
        ErrorKind::NotFound | ErrorKind::Conflict | ErrorKind::Rejected | ErrorKind::Unsupported => {
            "The text provider refused it."
        }
    })
}

/// Why a text waits that the gateway did not take for now.
fn tried_again(reason: Option<&str>, wait: Duration) -> String {
    let reason = reason.unwrap_or("The provider did not take it for now.");
    // Rounded up: it is never tried earlier than it says.
    let seconds = wait.as_millis().div_ceil(1_000);
    let (count, unit) = match seconds {
        0..120 => (seconds, "second"),
        _ => (seconds.div_ceil(60), "minute"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{reason} It is tried again after {count} {unit}{plural}.")
}

/// The identifier of the one text of a kind that answers a call: a repetition of the job finds it.
fn text_id(call: &Call, kind: MessageKind) -> MessageId {
    MessageId::derive(call.received_at, &format!("{}/{}", kind.name(), call.id))
}

/// Notes with the appointment that it was reminded of, in the commit that claims the text.
fn reminded(row: &Appointment, minutes_before: u32, message: MessageId) -> Change {
    let mut after = row.clone();
    after.version = row.version.saturating_add(1);
    let sent = ReminderSent {
        minutes_before,
        starts_at: row.starts_at,
        message,
    };
    if !after.reminders.contains(&sent) {
        after.reminders.push(sent);
    }
    Change::PutAppointment(Box::new(after))
}

/// Whether something has happened since the call that makes the follow-up pointless or unwelcome.
fn reacted(thread: &Thread, call: &Call) -> bool {
    let wrote = thread
        .conversation
        .as_ref()
        .and_then(|conversation| conversation.last_inbound_at)
        .is_some_and(|at| at >= call.received_at);
    let led_by_person = thread
        .conversation
        .as_ref()
        .is_some_and(|conversation| conversation.state != ThreadState::AiActive);
    let newer_call = thread
        .last_call
        .as_ref()
        .is_some_and(|last| last.id != call.id && !last.is_test);
    let answered = thread
        .messages
        .iter()
        .any(|message| message.author == Author::Person && message.created_at >= call.received_at);
    wrote
        || led_by_person
        || newer_call
        || answered
        || call.recovered
        || call.callback_completed_at.is_some()
        || call.outcome == Outcome::AppointmentBooked
}

fn call_text(
    owner: &Owner,
    thread: &Thread,
    call: &Call,
    (kind, id): (MessageKind, MessageId),
    numbers: (PhoneNumber, PhoneNumber),
    free_day: Option<&str>,
    now: Timestamp,
) -> Message {
    let facts = wording::Facts {
        caller_name: thread.contact.as_ref().and_then(|contact| contact.name.as_deref()),
        free_day,
        first: first_text(thread),
        now,
    };
    let body = wording::for_call(owner, kind, call.variant, &facts);
    machine_text(owner, thread, id, kind, numbers, Some(call.id), body, now)
}

/// Whether a text would be the first of ours in its thread.
pub(super) fn first_text(thread: &Thread) -> bool {
    !thread
        .messages
        .iter()
        .any(|message| message.direction == Direction::Outbound && message.status.was_accepted())
}

#[expect(
    clippy::too_many_arguments,
    reason = "the parts of one row; a struct would only rename them"
)]
pub(super) fn machine_text(
    owner: &Owner,
    thread: &Thread,
    id: MessageId,
    kind: MessageKind,
    (sender, phone): (PhoneNumber, PhoneNumber),
    call: Option<CallId>,
    body: String,
    now: Timestamp,
) -> Message {
    let conversation: ConversationId = thread.conversation.as_ref().map_or_else(
        || crate::conversation::conversation_id(owner, &phone),
        |thread| thread.id,
    );
    Message {
        id,
        business: owner.business,
        version: 0,
        conversation,
        call,
        direction: Direction::Outbound,
        author: Author::Machine,
        user: None,
        kind,
        ours: sender,
        theirs: phone,
        segments: wording::billed_segments(&body),
        body,
        media_count: 0,
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

fn feed(kind: FeedKind, message: &Message, at: Timestamp, data: serde_json::Value) -> Change {
    Change::Feed(FeedEvent {
        kind,
        at,
        call: message.call,
        conversation: Some(message.conversation),
        message: Some(message.id),
        data,
    })
}

/// That a notice to the contractor's own phone did not get there. Nobody is asked to call that phone: the notice itself
/// is still in the list of tasks.
pub(super) fn missed_notice(message: &Message, at: Timestamp) -> Option<Change> {
    (message.kind == MessageKind::OwnerNotice).then(|| {
        feed(
            FeedKind::NotificationFailed,
            message,
            at,
            serde_json::json!({ "channel": ChannelKind::Text, "code": message.error_code }),
        )
    })
}

/// Brings the call's summary of its text up to date.
pub(super) fn summarize(commit: &mut Commit, call: &Call, message: &Message, at: Timestamp) {
    let mut done = step(call, &CallEvent::Text(TextSummary::of(message.status)), at);
    if done.call.conversation.is_none() {
        done.call.conversation = Some(message.conversation);
        done.changed = true;
    }
    if matches!(message.status, MessageStatus::Failed | MessageStatus::Undelivered) && !done.call.needs_attention {
        done.call.needs_attention = true;
        done.changed = true;
    }
    if done.changed {
        done.call.version = call.version.saturating_add(1);
        commit.changes.push(Change::UpdateCall {
            before: Box::new(call.clone()),
            after: Box::new(done.call),
        });
    }
}

fn accepted_commit(
    owner: &Owner,
    job: &ClaimedJob,
    message: &Message,
    call: Option<&Call>,
    accepted: &crate::port::Accepted,
    now: Timestamp,
) -> Commit {
    let status = MessageStatus::from_delivery(accepted.status);
    let after = Message {
        version: message.version.saturating_add(1),
        status,
        provider_message: Some(accepted.provider_message.clone()),
        reason: None,
        sent_at: Some(now),
        settled_at: status.is_settled().then_some(now),
        ..message.clone()
    };
    let mut commit = Commit::new(owner.business, now);
    commit.job = Some((job.fence, JobResult::Done));
    commit.changes = vec![
        Change::PutMessage(Box::new(after.clone())),
        Change::SettleSend { message: message.id },
        feed(
            FeedKind::TextUpdated,
            message,
            now,
            serde_json::json!({ "status": after.status, "kind": after.kind }),
        ),
    ];
    if message.kind == MessageKind::OwnerNotice {
        commit.changes.push(feed(
            FeedKind::NotificationSent,
            message,
            now,
            serde_json::json!({ "channel": ChannelKind::Text }),
        ));
    }
    if let Some(call) = call {
        let promise = text_promise(owner, &after, call, now);
        commit.changes.extend(promise.map(Change::RaiseTask));
        commit.changes.push(feed(
            FeedKind::AutoTextSent,
            message,
            now,
            serde_json::json!({
                "call_id": call.id, "caller_phone": message.theirs, "sms_body": message.body, "sent_at": now,
                "delivery_status": after.status, "message_variant": call.variant, "routing_rule_id": call.rule,
            }),
        ));
        summarize(&mut commit, call, &after, now);
    }
    commit.changes.extend(follow_up_job(owner, &after, call, now));
    commit
}

/// The follow-up that comes after an auto-text, if the business wants one.
fn follow_up_job(owner: &Owner, message: &Message, call: Option<&Call>, now: Timestamp) -> Option<Change> {
    let call = call?;
    let delay = wording::follow_up_delay(&owner.settings)?;
    Some(Change::Enqueue(NewJob {
        id: JobId::derive(call.received_at, &format!("follow_up/{}", call.id)),
        job: Job::FollowUp {
            call: call.id,
            conversation: message.conversation,
        },
        subject: Some(message.theirs),
        run_at: now.plus(delay),
        dedupe: call.id.to_string(),
    }))
}

/// What a person is asked when a customer does not hear that their appointment was called off, and why they do not.
pub(super) fn would_come_in_vain(customer: &PhoneNumber, why: &str) -> String {
    format!(
        "{} was not texted that their appointment was called off: {why} Call them.",
        customer.national()
    )
}

#[expect(
    clippy::too_many_arguments,
    reason = "the parts of one decision; a struct would only rename them"
)]
fn denied(
    owner: &Owner,
    job: &ClaimedJob,
    message: &Message,
    call: Option<&Call>,
    thread: &Thread,
    sentence: &str,
    tell_person: bool,
    checks: serde_json::Value,
    now: Timestamp,
) -> Commit {
    let mut commit = Commit::new(owner.business, now);
    commit.job = Some((job.fence, JobResult::Done));
    commit.changes.push(feed(FeedKind::TextDenied, message, now, checks));
    // A message that a person wrote, or that was announced, stays visible as not sent.
    if message.version > 0 {
        commit.changes.push(Change::PutMessage(Box::new(Message {
            version: message.version.saturating_add(1),
            status: MessageStatus::Canceled,
            reason: Some(sentence.to_owned()),
            settled_at: Some(now),
            ..message.clone()
        })));
    }
    // What was paid for is kept, also when it speaks against the text.
    if let Some(contact) = thread.contact.as_ref().filter(|contact| contact.line.is_some()) {
        commit.changes.push(Change::PutContact(contact.clone()));
    }
    // One call answers whatever else is open, but who would come in vain is a matter of its own.
    let in_vain = message.kind == MessageKind::AppointmentCancelled;
    let already = !in_vain
        && thread
            .open_tasks
            .iter()
            .any(|task| task.call == message.call && task.kind == TaskKind::Callback);
    commit.changes.extend(missed_notice(message, now));
    let raise = tell_person && !already && message.kind != MessageKind::OwnerNotice;
    if raise {
        commit.changes.push(Change::RaiseTask(Task {
            id: TaskId::derive(message.created_at, &format!("denied/{}", message.id)),
            business: owner.business,
            kind: TaskKind::Callback,
            phone: Some(message.theirs),
            call: message.call,
            conversation: thread.conversation.as_ref().map(|thread| thread.id),
            message: None,
            sentence: if in_vain {
                would_come_in_vain(&message.theirs, sentence)
            } else {
                format!("{} was not texted: {sentence} Call back.", message.theirs.national())
            },
            raised_at: now,
            due_at: None,
            done_at: None,
            done_by: None,
        }));
        commit.changes.push(feed(
            FeedKind::TaskRaised,
            message,
            now,
            serde_json::json!({ "kind": TaskKind::Callback }),
        ));
    }
    if let (Some(call), MessageKind::AutoText) = (call, message.kind) {
        let mut done = step(call, &CallEvent::Text(TextSummary::Denied), now);
        done.call.needs_attention |= raise;
        if done.call != *call {
            done.call.version = call.version.saturating_add(1);
            commit.changes.push(Change::UpdateCall {
                before: Box::new(call.clone()),
                after: Box::new(done.call),
            });
        }
    }
    commit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_that_stays_down_is_named_as_the_reason() {
        let down = || PortError::new("fake", "send", ErrorKind::Unavailable, Retry::Backoff);
        assert_eq!(given_up(&down()), "The text provider could not be reached.");
        assert_eq!(given_up(&down().with_reason("It said why.")), "It said why.");
    }
}
