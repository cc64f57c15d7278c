//! Calls: the answer to a new one, and news about one that is known.

use std::sync::Arc;

use super::{CenterError, CommandCenter, TRIES};
use crate::business::Owner;
use crate::calls::{Call, CallEvent, Intake, IntakeInput, VoiceReply, intake, step};
use crate::conversation::CallerFlags;
use crate::port::store::{
    CallKey, CallSnapshot, Change, Commit, CommitError, Conflict, FeedEvent, FeedKind, Stale, StoreError, TestCall,
};
use crate::port::{CallProgress, CallStatus, InboundCall, RecordingProgress, SpoolEntry, SpooledEvent, Verified};
use crate::tasks::{Task, TaskKind, due_at};
use crate::{BusinessId, TaskId, Timestamp};

/// What to answer a new call.
#[derive(Debug, Clone, PartialEq)]
pub enum CallAnswer {
    /// Answer this; it is on disk.
    Reply(VoiceReply),
    /// The number is none of ours.
    UnknownNumber,
    /// Nothing could be stored and nothing is known of the number: let the provider use its fallback address.
    Unavailable,
}

/// What news about a call found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeenCall {
    /// Applied, or nothing new.
    Known,
    /// No such call yet, or the database is away: the news waits on the local disk.
    Waits,
    /// The number is none of ours: there is nothing to wait for.
    UnknownNumber,
}

impl CommandCenter {
    /// Decides how a call is answered and writes it down before the answer leaves. Stays within
    /// [`Limits::answer`](super::Limits::answer) plus [`Limits::spool`](super::Limits::spool), whatever the database
    /// does. Dropping the future may leave the call written down.
    pub async fn inbound_call(&self, event: Verified<InboundCall>) -> CallAnswer {
        let arrived_at = self.now();
        let event = event.into_inner();
        let answer = self
            .within(self.limits.answer, self.answer_call(&event, arrived_at, None))
            .await;
        match answer {
            Some(Ok(answer)) => answer,
            Some(Err(error)) => {
                tracing::warn!(provider_call = %event.provider_call, %error, "a call is answered without the database");
                self.answer_alone(event, arrived_at).await
            }
            None => {
                tracing::warn!(provider_call = %event.provider_call, "the database is too slow for a call");
                self.answer_alone(event, arrived_at).await
            }
        }
    }

    pub(super) async fn answer_call(
        &self,
        event: &InboundCall,
        arrived_at: Timestamp,
        heard: Option<&VoiceReply>,
    ) -> Result<CallAnswer, CommitError> {
        let mut flags = CallerFlags::NONE;
        for _ in 0..=TRIES {
            let Some(owner) = self.owner_of(&event.dialled).await? else {
                return Ok(CallAnswer::UnknownNumber);
            };
            if let Some(reply) = self.recent.get(owner.business, &event.provider_call) {
                return Ok(CallAnswer::Reply((*reply).clone()));
            }
            let test = self.expected_test(&owner, &flags, arrived_at).await?;
            let Intake { commit, reply, .. } = intake(IntakeInput {
                owner: &owner,
                flags: &flags,
                test: test.as_ref(),
                voice_ready: false,
                event,
                arrived_at,
                heard,
            });
            match self.commit(commit).await {
                Ok(_) => {
                    self.recent.put(owner.business, &event.provider_call, &reply);
                    return Ok(CallAnswer::Reply(reply));
                }
                Err(CommitError::Conflict(Conflict::AlreadyProcessed { reply: stored })) => {
                    // The same call again: the same answer again, not today's answer.
                    let again = stored.and_then(|text| serde_json::from_str(&text).ok());
                    if let Some(again) = &again {
                        self.recent.put(owner.business, &event.provider_call, again);
                    }
                    return Ok(CallAnswer::Reply(again.unwrap_or(reply)));
                }
                Err(CommitError::Conflict(Conflict::Stale(Stale::CallerFlags))) => {
                    flags = match event.caller.number() {
                        Some(phone) => self.store().caller_flags(owner.business, &phone).await?,
                        None => CallerFlags::NONE,
                    };
                }
                Err(CommitError::Conflict(Conflict::Stale(_))) => self.forget(&event.dialled),
                Err(error) => return Err(error),
            }
        }
        Err(CommitError::Conflict(Conflict::Stale(Stale::Settings)))
    }

    /// A forwarding test that may be what is arriving. Looked up only when the caller's flags announce one.
    async fn expected_test(
        &self,
        owner: &Owner,
        flags: &CallerFlags,
        at: Timestamp,
    ) -> Result<Option<TestCall>, CommitError> {
        if flags.test_until.is_none_or(|until| until < at) {
            return Ok(None);
        }
        Ok(self.store().latest_test_call(owner.business).await?)
    }

    /// Answers from what is remembered and keeps the call on the local disk.
    async fn answer_alone(&self, event: InboundCall, arrived_at: Timestamp) -> CallAnswer {
        let Some(owner) = self.remembered_owner(&event.dialled) else {
            return CallAnswer::Unavailable;
        };
        // Given before and on disk: the same again, and nothing to write down.
        if let Some(reply) = self.recent.get(owner.business, &event.provider_call) {
            return CallAnswer::Reply((*reply).clone());
        }
        let Intake { reply, .. } = intake(IntakeInput {
            owner: &owner,
            flags: &CallerFlags::NONE,
            test: None,
            voice_ready: false,
            event: &event,
            arrived_at,
            heard: None,
        });
        let entry = SpoolEntry {
            arrived_at,
            event: SpooledEvent::Call {
                call: event,
                answered: reply.clone(),
            },
        };
        match self.within(self.limits.spool, self.ports.spool.append(&entry)).await {
            Some(Ok(())) => CallAnswer::Reply(reply),
            Some(Err(_)) | None => CallAnswer::Unavailable,
        }
    }

    /// Applies the provider's news about a call. Duplicates, reordering and late news change nothing twice.
    ///
    /// The provider does not say it again: what cannot be applied yet, because the call itself is still on its way or the
    /// database is away, waits on the local disk. Stays within [`Limits::answer`](super::Limits::answer) plus
    /// [`Limits::spool`](super::Limits::spool). Dropping the future may leave the news applied or waiting.
    ///
    /// # Errors
    /// When the news can neither be applied nor kept.
    pub async fn call_progress(&self, event: Verified<CallProgress>) -> Result<SeenCall, CenterError> {
        let arrived_at = self.now();
        let progress = event.into_inner();
        let work = self.take_progress(&progress, arrived_at);
        match self.within(self.limits.answer, work).await {
            Some(Ok(SeenCall::Waits)) => {}
            Some(done @ Ok(_)) => return done,
            // Without the database only a number that is remembered is known to be ours.
            Some(Err(error)) if self.remembered_owner(&progress.our_number).is_none() => return Err(error),
            None if self.remembered_owner(&progress.our_number).is_none() => return Err(too_slow()),
            Some(Err(_)) | None => {}
        }
        tracing::info!(provider_call = %progress.provider_call, "news about a call waits on the local disk");
        self.keep_news(arrived_at, SpooledEvent::Progress { progress }).await
    }

    pub(super) async fn take_progress(&self, event: &CallProgress, at: Timestamp) -> Result<SeenCall, CenterError> {
        let Some(owner) = self.owner_of(&event.our_number).await? else {
            return Ok(SeenCall::UnknownNumber);
        };
        if self.test_progress(&owner, event).await? {
            return Ok(SeenCall::Known);
        }
        let news = CallEvent::Progress {
            status: event.status,
            duration_seconds: event.duration_seconds,
        };
        let key = CallKey::Provider(event.provider_call.clone());
        if !self.apply_to_call(&owner, &key, &news, at).await? {
            return Ok(SeenCall::Waits);
        }
        let longest = u32::from(owner.settings.spam.short_call_seconds);
        let short = event.duration_seconds.is_some_and(|seconds| seconds <= longest);
        if event.status == CallStatus::Completed && short {
            self.judge_hang_up(&owner, &key).await?;
        }
        Ok(SeenCall::Known)
    }

    /// Applies the provider's news about a recording; what cannot be applied yet waits as in
    /// [`CommandCenter::call_progress`].
    ///
    /// # Errors
    /// As [`CommandCenter::call_progress`].
    pub async fn recording_progress(
        &self,
        business: BusinessId,
        event: Verified<RecordingProgress>,
    ) -> Result<SeenCall, CenterError> {
        let arrived_at = self.now();
        let recording = event.into_inner();
        let work = self.take_recording(business, &recording, arrived_at);
        match self.within(self.limits.answer, work).await {
            Some(done @ (Ok(SeenCall::Known | SeenCall::UnknownNumber) | Err(CenterError::NotFound))) => return done,
            Some(Ok(SeenCall::Waits) | Err(_)) | None => {}
        }
        tracing::info!(provider_call = %recording.provider_call, "news about a recording waits on the local disk");
        self.keep_news(arrived_at, SpooledEvent::Recording { business, recording })
            .await
    }

    pub(super) async fn take_recording(
        &self,
        business: BusinessId,
        event: &RecordingProgress,
        at: Timestamp,
    ) -> Result<SeenCall, CenterError> {
        let owner = self.owner(business).await?;
        let news = CallEvent::Recording {
            provider_recording: event.provider_recording.clone(),
            status: event.status,
            duration_seconds: event.duration_seconds,
        };
        let key = CallKey::Provider(event.provider_call.clone());
        Ok(match self.apply_to_call(&owner, &key, &news, at).await? {
            true => SeenCall::Known,
            false => SeenCall::Waits,
        })
    }

    async fn keep_news(&self, arrived_at: Timestamp, event: SpooledEvent) -> Result<SeenCall, CenterError> {
        let entry = SpoolEntry { arrived_at, event };
        match self.within(self.limits.spool, self.ports.spool.append(&entry)).await {
            Some(Ok(())) => Ok(SeenCall::Waits),
            Some(Err(_)) | None => Err(too_slow()),
        }
    }

    /// Applies an event that happened `at`. Returns whether there is such a call.
    pub(super) async fn apply_to_call(
        &self,
        owner: &Arc<Owner>,
        key: &CallKey,
        event: &CallEvent,
        at: Timestamp,
    ) -> Result<bool, CenterError> {
        for _ in 0..TRIES {
            let Some(snapshot) = self.store().call(owner.business, key).await? else {
                return Ok(false);
            };
            // News that overtook its call happened after it all the same.
            let at = at.max(snapshot.call.received_at);
            let Some(commit) = call_commit(owner, &snapshot, event, at) else {
                return Ok(true);
            };
            match self.commit(commit).await {
                Ok(_) => return Ok(true),
                Err(CommitError::Conflict(Conflict::Stale(_))) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CenterError::Stale)
    }
}

fn too_slow() -> CenterError {
    StoreError::unavailable("neither the database nor the local disk took it in time").into()
}

/// What one event about a call changes; nothing when it is no news.
#[must_use]
fn call_commit(owner: &Owner, snapshot: &CallSnapshot, event: &CallEvent, at: Timestamp) -> Option<Commit> {
    let done = step(&snapshot.call, event, at);
    if !done.changed {
        return None;
    }
    let mut call = done.call;
    let mut changes = Vec::new();
    let feed = |kind, data| {
        Change::Feed(FeedEvent {
            kind,
            at,
            call: Some(call.id),
            conversation: call.conversation,
            message: None,
            data,
        })
    };
    changes.push(feed(
        FeedKind::CallUpdated,
        serde_json::json!({ "state": call.state, "outcome": call.outcome, "duration_seconds": call.duration_seconds }),
    ));
    if done.ended {
        changes.push(feed(
            FeedKind::CallEnded,
            serde_json::json!({ "outcome": call.outcome }),
        ));
    }
    if done.voicemail {
        let seconds = call
            .recording
            .as_ref()
            .map_or(0, |recording| recording.duration_seconds);
        changes.push(feed(
            FeedKind::VoicemailReceived,
            serde_json::json!({ "call_id": call.id, "recording_duration": seconds }),
        ));
        changes.push(feed(
            FeedKind::TaskRaised,
            serde_json::json!({ "kind": TaskKind::Callback }),
        ));
        call.needs_attention = true;
        changes.push(Change::RaiseTask(voicemail_task(owner, &call, seconds, at)));
    }
    let mut commit = Commit::new(owner.business, at);
    commit.changes.push(Change::UpdateCall {
        before: Box::new(snapshot.call.clone()),
        after: Box::new(call),
    });
    commit.changes.extend(changes);
    Some(commit)
}

/// The identifier of the task that a message of the caller raises.
pub(super) fn voicemail_task_id(call: &Call) -> TaskId {
    TaskId::derive(call.received_at, &format!("voicemail/{}", call.id))
}

fn voicemail_task(owner: &Owner, call: &Call, seconds: u32, at: Timestamp) -> Task {
    let who = call
        .caller
        .number()
        .map_or_else(|| "A caller without a number".to_owned(), |number| number.national());
    Task {
        id: voicemail_task_id(call),
        business: owner.business,
        kind: TaskKind::Callback,
        phone: call.caller.number(),
        call: Some(call.id),
        conversation: call.conversation,
        message: None,
        sentence: format!("{who} left a voicemail of {seconds} seconds and expects a call back."),
        raised_at: at,
        due_at: due_at(owner, TaskKind::Callback, at),
        done_at: None,
        done_by: None,
    }
}
