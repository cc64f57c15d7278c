//! Telling the contractor: who wants to know, then each channel by itself.

use std::sync::Arc;

use super::sending::{Draft, machine_text};
use super::{CenterError, CommandCenter, TRIES};
use crate::appointments::{Appointment, AppointmentSource};
use crate::business::Owner;
use crate::calls::{Call, Outcome, TextSummary};
use crate::conversation::{Conversation, Direction, MessageKind, MessageStatus, ThreadState, new_conversation};
use crate::jobs::{Job, Next};
use crate::notify::{
    About, ChannelKind, Held, Matter, NoticeKind, Plan, again, held, held_in, notice, of_task, plan, summary, told,
    untold,
};
use crate::port::store::{CallKey, Change, ClaimedJob, Commit, FeedEntry, JobResult, MessageKey, NewJob};
use crate::port::{ErrorKind, PortError, Retry};
use crate::tasks::{Task, TaskKind};
use crate::{AppointmentId, BusinessId, CallId, JobId, MessageId, PhoneNumber, TaskId, Timestamp};

/// Entries of the feed that are read at once.
const PAGE: u32 = 500;
/// Most pages of a summary: what a busy week leaves.
const MOST_PAGES: usize = 40;
/// Notices of a summary that are asked whether they still matter.
const MOST_ASKED: usize = 100;

impl CommandCenter {
    /// Finds out who wants to know of something: tells each channel, or keeps it for the end of quiet time.
    pub(super) async fn tell(&self, owner: &Arc<Owner>, job: &ClaimedJob, about: About) -> Result<(), CenterError> {
        let matter = self.matter(owner, about).await?;
        let now = self.now();
        let mut commit = Commit::new(owner.business, now);
        commit.job = Some((job.fence, JobResult::Done));
        if let Some(matter) = matter.filter(|matter| !is_own_phone(owner, matter.caller)) {
            match plan(&owner.settings, matter.kind, matter.is_urgent(), now) {
                Plan::Nobody => {}
                Plan::Hold { until } => {
                    let heads = self.store().feed_heads(&[owner.business]).await?;
                    let after = heads.first().map_or(0, |(_, head)| *head);
                    commit.changes = vec![
                        held(&matter, &matter.line(owner), until, now),
                        Change::Enqueue(NewJob {
                            id: JobId::derive(now, &format!("away/{}", about.key())),
                            job: Job::AwaySummary { after },
                            subject: None,
                            run_at: until,
                            // The first of the night reads the feed from before itself; the others find its job there.
                            dedupe: format!("away/{}", until.as_micros()),
                        }),
                    ];
                }
                Plan::Tell(channels) => {
                    let jobs = channels
                        .into_iter()
                        .map(|channel| notify_job(owner, &matter, channel, now));
                    commit.changes.extend(jobs);
                }
            }
        }
        self.commit(commit).await?;
        Ok(())
    }

    /// Tells through one channel.
    pub(super) async fn notify(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        about: About,
        channel: ChannelKind,
    ) -> Result<(), CenterError> {
        // What was settled while the channel could not be reached is no news any more.
        let matter = self.matter(owner, about).await?;
        let Some(matter) = matter.filter(|_| owner.settings.notifications.is_on(channel)) else {
            return self.finish(job, JobResult::Done).await;
        };
        match channel {
            ChannelKind::Text => self.notify_by_text(owner, job, &matter).await,
            ChannelKind::Slack | ChannelKind::Email => self.notify_through(owner, job, &matter, channel).await,
        }
    }

    async fn notify_through(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        matter: &Matter,
        channel: ChannelKind,
    ) -> Result<(), CenterError> {
        let notice = notice(owner, &self.ports.providers.public_base_url(), matter, channel);
        let (answer, repeats_are_one) = match self.ports.providers.notifier(owner, channel).await {
            Ok(Some(notifier)) => {
                let answer = self.within(self.limits.lease * 3 / 4, notifier.notify(&notice)).await;
                let answer = answer.unwrap_or_else(|| Err(failed(ErrorKind::Unavailable, Retry::Unknown)));
                (answer, notifier.capabilities().repeats_are_one)
            }
            Ok(None) => {
                let error = failed(ErrorKind::InvalidConfig, Retry::Never);
                (Err(error.with_reason("The channel is not connected.")), false)
            }
            Err(error) => (Err(error), false),
        };
        let now = self.now();
        let mut commit = Commit::new(owner.business, now);
        let result = match answer {
            Ok(_) => {
                commit.changes.push(told(matter, channel, now));
                JobResult::Done
            }
            Err(error) => {
                tracing::info!(
                    channel = channel.name(), adapter = error.adapter(), code = error.code(), kind = ?error.kind(),
                    "a notice did not get through"
                );
                match again(job.attempt, error.retry(), repeats_are_one, notice.urgent, now) {
                    Next::At(at) => JobResult::Again {
                        at,
                        job: None,
                        fresh: false,
                    },
                    Next::GiveUp | Next::Look => {
                        commit.changes.push(untold(matter, channel, Some(&error), now));
                        JobResult::Dead {
                            reason: format!("the channel did not take it: {:?}", error.kind()),
                        }
                    }
                }
            }
        };
        commit.job = Some((job.fence, result));
        self.commit_result(commit).await?;
        Ok(())
    }

    /// A text to the contractor's own phone goes the way of every text: gate, claim, one attempt, look-up in doubt.
    async fn notify_by_text(&self, owner: &Arc<Owner>, job: &ClaimedJob, matter: &Matter) -> Result<(), CenterError> {
        let (Some(phone), Some(sender)) = (owner.settings.notifications.text.phone, owner.sender()) else {
            return self.finish(job, JobResult::Done).await;
        };
        let notice = notice(
            owner,
            &self.ports.providers.public_base_url(),
            matter,
            ChannelKind::Text,
        );
        let id = MessageId::derive(matter.at, &format!("notice/{}", notice.key));
        for _ in 0..=TRIES {
            let now = self.now();
            let stored = self.store().message(owner.business, &MessageKey::Id(id)).await?;
            let mut thread = self.store().thread(owner.business, &phone, now).await?;
            // The thread with the contractor's own phone is never the machine's to lead.
            thread.conversation.get_or_insert_with(|| Conversation {
                state: ThreadState::Human,
                ..new_conversation(owner, phone, now)
            });
            let message = match stored {
                Some(message) => message,
                None => {
                    let kind = MessageKind::OwnerNotice;
                    let body = notice.text.clone();
                    machine_text(owner, &thread, id, kind, (sender, phone), matter.call, body, now)
                }
            };
            let draft = Draft {
                message,
                call: None,
                reminds: None,
                useless_from: None,
            };
            if self.attempt(owner, job, draft, &thread).await? {
                return Ok(());
            }
        }
        Err(CenterError::Stale)
    }

    /// Sums up what was held back in quiet time that is over.
    pub(super) async fn sum_up(&self, owner: &Arc<Owner>, job: &ClaimedJob, after: u64) -> Result<(), CenterError> {
        let now = self.due_now(job);
        if let Plan::Hold { until } = plan(&owner.settings, NoticeKind::Away, false, now) {
            // The quiet time was made longer since.
            let later = JobResult::Again {
                at: until,
                job: None,
                fresh: true,
            };
            return self.finish(job, later).await;
        }
        let heads = self.store().feed_heads(&[owner.business]).await?;
        let until = heads.first().map_or(after, |(_, head)| *head);
        let about = About::Away { after, until };
        let mut commit = Commit::new(owner.business, now);
        commit.job = Some((job.fence, JobResult::Done));
        if let Some(matter) = self.matter(owner, about).await?
            && let Plan::Tell(channels) = plan(&owner.settings, NoticeKind::Away, false, now)
        {
            let jobs = channels
                .into_iter()
                .map(|channel| notify_job(owner, &matter, channel, now));
            commit.changes.extend(jobs);
        }
        self.commit(commit).await?;
        Ok(())
    }

    /// Sends a trial through every channel that is used. Returns which those are.
    ///
    /// # Errors
    /// When the business does not exist or the database is away.
    pub async fn send_test_notice(&self, business: BusinessId) -> Result<Vec<ChannelKind>, CenterError> {
        let owner = self.owner(business).await?;
        let now = self.now();
        let matter = Matter::new(About::Test { at: now }, NoticeKind::Test, now);
        let channels = owner.settings.notifications.channels(NoticeKind::Test);
        let mut commit = Commit::new(business, now);
        let jobs = channels
            .iter()
            .map(|channel| notify_job(&owner, &matter, *channel, now));
        commit.changes.extend(jobs);
        self.commit(commit).await?;
        Ok(channels)
    }

    /// Everything that is known of a thing now; nothing when it is settled or gone.
    async fn matter(&self, owner: &Arc<Owner>, about: About) -> Result<Option<Matter>, CenterError> {
        match about {
            About::Task { task } => self.of_task(owner, about, task, false).await,
            About::Promise { task } => self.of_task(owner, about, task, true).await,
            About::Call { call } => self.of_call(owner, about, call).await,
            About::Booked { appointment } => {
                let row = self.told_appointment(owner, appointment).await?;
                let row = row.filter(|row| row.status.is_ahead());
                Ok(row.map(|row| of_appointment(about, NoticeKind::AppointmentBooked, row.created_at, row)))
            }
            About::Moved { appointment, at } => {
                let row = self.store().appointment(owner.business, appointment).await?;
                let row = row.filter(|row| row.status.is_ahead());
                Ok(row.map(|row| of_appointment(about, NoticeKind::AppointmentMoved, at, row)))
            }
            About::Cancelled { appointment } => {
                let row = self.store().appointment(owner.business, appointment).await?;
                Ok(row.map(|row| {
                    let at = row.cancelled_at.unwrap_or(row.created_at);
                    of_appointment(about, NoticeKind::AppointmentCancelled, at, row)
                }))
            }
            About::NotBooked { appointment } => {
                let row = self.told_appointment(owner, appointment).await?;
                Ok(row.map(|row| {
                    let at = row.cancelled_at.unwrap_or(row.created_at);
                    let sentence = row.cancellation_reason.clone();
                    Matter {
                        sentence,
                        ..of_appointment(about, NoticeKind::BookingFailed, at, row)
                    }
                }))
            }
            About::Away { after, until } => {
                let held = self.still_open(owner, self.held(owner, after, until).await?).await?;
                let last = held.iter().map(|one| one.at).max().unwrap_or(Timestamp::UNIX_EPOCH);
                Ok(summary(about, &held, owner.zone(), last))
            }
            About::Test { at } => Ok(Some(Matter::new(about, NoticeKind::Test, at))),
        }
    }

    /// An appointment that somebody else than the contractor asked for.
    async fn told_appointment(&self, owner: &Owner, id: AppointmentId) -> Result<Option<Appointment>, CenterError> {
        let row = self.store().appointment(owner.business, id).await?;
        Ok(row.filter(|row| row.source != AppointmentSource::Manual))
    }

    async fn of_task(
        &self,
        owner: &Arc<Owner>,
        about: About,
        id: TaskId,
        promise: bool,
    ) -> Result<Option<Matter>, CenterError> {
        let Some(task) = self.store().task(owner.business, id).await? else {
            return Ok(None);
        };
        if task.done_at.is_some() {
            return Ok(None);
        }
        let call = match task.call {
            Some(call) => self.store().call(owner.business, &CallKey::Id(call)).await?,
            None => None,
        };
        let call = call.map(|snapshot| snapshot.call);
        let said = match task.message {
            Some(message) => self.store().message(owner.business, &MessageKey::Id(message)).await?,
            None => None,
        };
        // Our own text is not what the caller said, and a code is not passed on.
        let said = said
            .filter(|message| message.direction == Direction::Inbound && task.kind != TaskKind::VerificationCode)
            .map(|message| message.body);
        let voicemail = call
            .as_ref()
            .filter(|call| task.id == super::calls::voicemail_task_id(call))
            .and_then(|call| call.recording.as_ref());
        let kind = match (promise, voicemail) {
            // Who is in danger and was promised a call is still in danger.
            (true, _) if task.kind == TaskKind::Emergency => NoticeKind::Emergency,
            (true, _) => NoticeKind::PromiseDue,
            (false, Some(_)) => NoticeKind::Voicemail,
            (false, None) => of_task(task.kind),
        };
        let name = match task.phone {
            Some(phone) => self.name_of(owner, &phone, call.as_ref()).await?,
            None => None,
        };
        Ok(Some(Matter {
            caller: task.phone,
            name,
            said,
            voicemail_seconds: voicemail.map(|recording| recording.duration_seconds),
            due_at: promise.then_some(task.due_at).flatten(),
            call: task.call,
            conversation: task.conversation,
            sentence: Some(task.sentence),
            ..Matter::new(about, kind, task.raised_at)
        }))
    }

    async fn of_call(&self, owner: &Arc<Owner>, about: About, id: CallId) -> Result<Option<Matter>, CenterError> {
        let Some(snapshot) = self.store().call(owner.business, &CallKey::Id(id)).await? else {
            return Ok(None);
        };
        let call = snapshot.call;
        if call.is_test || call.outcome == Outcome::Spam {
            return Ok(None);
        }
        let caller = call.caller.number();
        let name = match caller {
            Some(phone) => self.name_of(owner, &phone, Some(&call)).await?,
            None => call.caller_name.clone(),
        };
        Ok(Some(Matter {
            caller,
            name,
            response: response(&call),
            call: Some(call.id),
            conversation: call.conversation,
            ..Matter::new(about, NoticeKind::MissedCall, call.received_at)
        }))
    }

    /// What a caller is called: as the contractor knows them, else as the network says.
    async fn name_of(
        &self,
        owner: &Arc<Owner>,
        phone: &PhoneNumber,
        call: Option<&Call>,
    ) -> Result<Option<String>, CenterError> {
        let thread = self.store().thread(owner.business, phone, self.now()).await?;
        let known = thread.contact.and_then(|contact| contact.name);
        Ok(known.or_else(|| call.and_then(|call| call.caller_name.clone())))
    }

    /// The notices that were held back between two positions of the feed.
    async fn held(&self, owner: &Owner, after: u64, until: u64) -> Result<Vec<Held>, CenterError> {
        let mut held = Vec::new();
        let mut at = after;
        for _ in 0..MOST_PAGES {
            let page: Vec<FeedEntry> = self.store().feed(owner.business, at, PAGE).await?;
            let Some(last) = page.last().map(|entry| entry.seq) else {
                break;
            };
            let inside: Vec<FeedEntry> = page.into_iter().filter(|entry| entry.seq <= until).collect();
            held.extend(held_in(&inside));
            if last >= until {
                break;
            }
            at = last;
        }
        Ok(held)
    }

    /// Without the tasks that somebody has seen to in the meantime.
    async fn still_open(&self, owner: &Owner, held: Vec<Held>) -> Result<Vec<Held>, CenterError> {
        let mut open = Vec::with_capacity(held.len());
        for (asked, one) in held.into_iter().enumerate() {
            let task: Option<Task> = match one.about {
                About::Task { task } | About::Promise { task } if asked < MOST_ASKED => {
                    self.store().task(owner.business, task).await?
                }
                About::Task { .. }
                | About::Promise { .. }
                | About::Call { .. }
                | About::Booked { .. }
                | About::Moved { .. }
                | About::Cancelled { .. }
                | About::NotBooked { .. }
                | About::Away { .. }
                | About::Test { .. } => None,
            };
            if task.is_none_or(|task| task.done_at.is_none()) {
                open.push(one);
            }
        }
        Ok(open)
    }
}

fn failed(kind: ErrorKind, retry: Retry) -> PortError {
    PortError::new("center", "notify", kind, retry)
}

/// What the contractor's own phone writes or calls is no news to the contractor. Without this, two machines that answer
/// each other would go on for ever.
fn is_own_phone(owner: &Owner, caller: Option<PhoneNumber>) -> bool {
    caller.is_some() && caller == owner.settings.notifications.text.phone
}

/// The work of telling one channel. The same thing is told a channel once.
fn notify_job(owner: &Owner, matter: &Matter, channel: ChannelKind, now: Timestamp) -> Change {
    let key = format!("{}/{}", matter.about.key(), channel.name());
    let subject = match channel {
        ChannelKind::Text => owner.settings.notifications.text.phone,
        ChannelKind::Slack | ChannelKind::Email => None,
    };
    Change::Enqueue(NewJob {
        id: JobId::derive(matter.at, &format!("notify/{key}")),
        job: Job::Notify {
            about: matter.about,
            channel,
        },
        subject,
        run_at: now,
        dedupe: key,
    })
}

fn of_appointment(about: About, kind: NoticeKind, at: Timestamp, row: Appointment) -> Matter {
    Matter {
        caller: row.customer.phone,
        name: Some(row.customer.name.clone()).filter(|name| !name.is_empty()),
        call: row.call,
        conversation: row.conversation,
        appointment: Some(Box::new(row)),
        ..Matter::new(about, kind, at)
    }
}

/// What the caller got in answer so far.
fn response(call: &Call) -> Option<&'static str> {
    match call.text {
        TextSummary::NotDue => None,
        TextSummary::Denied => Some("No text could be sent"),
        TextSummary::Waiting => Some("They get a text"),
        TextSummary::Message(status) => Some(match status {
            MessageStatus::Waiting
            | MessageStatus::Claimed
            | MessageStatus::Unknown
            | MessageStatus::Queued
            | MessageStatus::Sent
            | MessageStatus::Delivered
            | MessageStatus::Received => "They get a text",
            MessageStatus::Undelivered | MessageStatus::Failed | MessageStatus::Canceled => "The text did not arrive",
        }),
    }
}
