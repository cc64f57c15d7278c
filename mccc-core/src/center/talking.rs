//! The machine answers callers' texts: reads what came, walks the talk, and asks the calendar for what it needs.
//!
//! One commit writes down the talk, the text and what a person has to know, guarded by the thread's version: whatever
//! came in between (another text, a takeover, a STOP) makes the whole be decided again. A booking is made before that
//! commit, under an identifier that the offer gives, so that deciding again finds it instead of making another.

use std::sync::Arc;

use super::meaning::Meant;
use super::voice::Asking;
use super::{Availability, BookAnswer, CenterError, CommandCenter, TRIES};
use crate::appointments::{Appointment, AppointmentStatus, CallOff, CancelledBy, confirm};
use crate::business::Owner;
use crate::conversation::dialogue::{Dialogue, Event, Facts, Heard, Need, News, Stage, Step, step};
use crate::conversation::talking::{is_first, opted_out};
use crate::conversation::understanding::{Channel, Intent, Plain, Understanding, understand};
use crate::conversation::voice::{Part, Same, Wanted, adopt, known, to_classify, to_word};
use crate::conversation::{Cause, Conversation, Message, Talk, ThreadState, next_appointment, written_down};
use crate::port::store::{
    AppointmentFilter, Change, ClaimedJob, Commit, CommitError, Conflict, JobResult, MessageKey, Thread,
};
use crate::{AppointmentId, BusinessId, ConversationId, MessageId, PhoneNumber, Timestamp};

/// Appointments of one caller that are looked at.
const AHEAD: u32 = 20;
/// Things one step may need one after the other: times, a booking, other times.
const MOST_NEEDS: usize = 4;

impl CommandCenter {
    /// Answers a text, and what came with it, unless it is answered already or a person leads by now.
    pub(super) async fn answer_text(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        id: MessageId,
    ) -> Result<(), CenterError> {
        let (mut asking, mut meant) = (self.asking(owner), Meant::default());
        for _ in 0..=TRIES {
            let now = self.now();
            let Some(message) = self.store().message(owner.business, &MessageKey::Id(id)).await? else {
                return self.finish(job, JobResult::Done).await;
            };
            let thread = self.store().thread(owner.business, &message.theirs, now).await?;
            let appointment = self.next_appointment(owner.business, message.theirs, now).await?;
            let Some(talk) = Talk::of(&thread, &message, appointment.is_some()) else {
                return self.finish(job, JobResult::Done).await;
            };
            let mut walk = Walk {
                owner,
                thread: &thread,
                conversation: &talk.conversation,
                appointment: appointment.as_ref(),
                cause: talk.newest.id,
                found: None,
                model: Part::default(),
                opted_out: None,
                now,
            };
            let step = self.answer_talk(&mut walk, &talk, (&mut asking, &mut meant)).await?;
            // Before the commit and outside of any transaction. Whatever happens meanwhile makes the commit stale.
            let step = self.reworded(&mut walk, step, &mut asking).await;
            let mut commit = walk.commit(&step);
            commit.job = Some((job.fence, JobResult::Done));
            if self.written(commit).await? {
                return Ok(());
            }
        }
        Err(CenterError::Stale)
    }

    async fn answer_talk(
        &self,
        walk: &mut Walk<'_>,
        talk: &Talk,
        (asking, meant): (&mut Asking, &mut Meant),
    ) -> Result<Step, CenterError> {
        let Message { created_at, .. } = talk.newest;
        let read = understand(
            &talk.text,
            Channel::Sms,
            &talk.context,
            &walk.owner.settings.profile,
            walk.owner.questions(),
            created_at,
        );
        let asked = (talk.text.as_str(), talk.context.asked);
        let known = known(&walk.wanted(&talk.dialogue));
        let read = self.meant(walk.owner, asked, read, &known, meant).await;
        let read = self.classified(walk, talk, read, asking).await;
        let heard = Heard {
            at: created_at,
            text: &talk.text,
            media: talk.media,
            asked: talk.context.asked,
            read: &read,
            plain: &Plain::of(&talk.text),
        };
        let first = step(&talk.dialogue, &Event::Heard(&heard), &walk.facts());
        if read.intent == Intent::OptOut {
            walk.opted_out = Some(talk.opt_out_keyword());
            return Ok(Step {
                say: None,
                need: None,
                hand_over: None,
                ..first
            });
        }
        self.walk_on(walk, first).await
    }

    /// The reading, or what a model takes the text for where the rules understand nothing in it.
    async fn classified(
        &self,
        walk: &mut Walk<'_>,
        talk: &Talk,
        read: Understanding,
        asking: &mut Asking,
    ) -> Understanding {
        let wanted = walk.wanted(&talk.dialogue);
        let Some(request) = to_classify(&wanted, &talk.text, &read, talk.context.asked) else {
            return read;
        };
        let Ok(guess) = self.guess(asking, request).await else {
            return read;
        };
        walk.model.guess = Some(guess);
        adopt(read, &talk.text, talk.context.asked, guess)
    }

    /// The step in a model's words, where they say the same.
    async fn reworded(&self, walk: &mut Walk<'_>, mut step: Step, asking: &mut Asking) -> Step {
        let wanted = walk.wanted(&step.dialogue);
        let Some((say, request)) = step.say.as_mut().and_then(|say| {
            let request = to_word(&wanted, say)?;
            Some((say, request))
        }) else {
            return step;
        };
        let keep = say.keep.clone().unwrap_or_default();
        let same = Same {
            text: &say.body,
            keep: &keep,
            settings: &walk.owner.settings,
            first: is_first(walk.thread),
        };
        let Some((wording, body)) = self.word(asking, request, &same).await else {
            return step;
        };
        walk.model.wording = Some(wording);
        if let Some(body) = body {
            say.body = body;
        }
        step
    }

    /// Finds out and does what a step needs, until it needs nothing more.
    async fn walk_on(&self, walk: &mut Walk<'_>, first: Step) -> Result<Step, CenterError> {
        let mut last = first;
        for _ in 0..MOST_NEEDS {
            let Some(need) = last.need else { break };
            last = match self.meet(walk, &last.dialogue, need).await {
                Ok(next) => next,
                // What went wrong for good is as if the calendar could not be read: a person takes over.
                Err(error) if is_final(&error) => {
                    tracing::warn!(%error, "an appointment by text could not be dealt with");
                    step(&last.dialogue, &Event::News(&News::Unreadable), &walk.facts())
                }
                Err(error) => return Err(error),
            };
        }
        Ok(last)
    }

    async fn meet(&self, walk: &mut Walk<'_>, talk: &Dialogue, need: Need) -> Result<Step, CenterError> {
        let business = walk.owner.business;
        let news = match need {
            Need::Times => {
                return Ok(match self.availability(business).await? {
                    Availability::Read(free) => {
                        walk.found = Some(free.len());
                        step(talk, &Event::Times(Some(&free)), &walk.facts())
                    }
                    Availability::Unreadable(_) => step(talk, &Event::Times(None), &walk.facts()),
                });
            }
            Need::Book(at) => {
                let wish = crate::conversation::talking::wish(walk.owner, walk.thread, walk.conversation, talk, at);
                match self.book(business, &wish).await? {
                    // The offer was answered twice; the later answer counts.
                    BookAnswer::Booked(row) if row.starts_at != at => {
                        news_of(self.reschedule(business, row.id, at, false).await?)
                    }
                    answer @ (BookAnswer::Booked(_)
                    | BookAnswer::Pending(_)
                    | BookAnswer::Requested(_)
                    | BookAnswer::NotFree { .. }
                    | BookAnswer::Unreadable(_)) => news_of(answer),
                }
            }
            Need::Move(id, to) => match self.reschedule(business, id, to, false).await {
                Ok(answer) => news_of(answer),
                Err(CenterError::NotFound) => News::Gone,
                Err(error) => return Err(error),
            },
            Need::Cancel(id) => {
                let off = CallOff {
                    by: CancelledBy::Customer,
                    reason: Some("The customer wrote so."),
                    tell_customer: false,
                };
                match self.cancel_appointment(business, id, off).await {
                    Ok(row) => News::Cancelled(row.starts_at),
                    Err(CenterError::NotFound) => News::Gone,
                    Err(error) => return Err(error),
                }
            }
            Need::Confirm(id) => match self.confirm_appointment(business, id).await {
                Ok(row) => News::Confirmed(row.starts_at),
                Err(CenterError::NotFound) => News::Gone,
                Err(error) => return Err(error),
            },
        };
        Ok(step(talk, &Event::News(&news), &walk.facts()))
    }

    /// Writes down that the customer confirmed an appointment. Doing it twice changes nothing.
    ///
    /// # Errors
    /// When there is no such appointment or the database is away.
    pub async fn confirm_appointment(
        &self,
        business: BusinessId,
        id: AppointmentId,
    ) -> Result<Appointment, CenterError> {
        for _ in 0..=TRIES {
            let row = self
                .store()
                .appointment(business, id)
                .await?
                .ok_or(CenterError::NotFound)?;
            let Some((after, commit)) = confirm(&row, self.now()) else {
                return Ok(row);
            };
            match self.commit(commit).await {
                Ok(_) => return Ok(after),
                Err(CommitError::Conflict(Conflict::Stale(_)) | CommitError::AnswerLost) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CenterError::Stale)
    }

    /// A time was being written into the calendar, and the caller was told so; it came to nothing. They get other times.
    pub(super) async fn tell_lost_booking(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        id: AppointmentId,
    ) -> Result<(), CenterError> {
        for _ in 0..=TRIES {
            let now = self.now();
            let row = self.store().appointment(owner.business, id).await?;
            let lost = row.filter(|row| row.status == AppointmentStatus::Cancelled);
            let Some(phone) = lost.and_then(|row| row.customer.phone) else {
                return self.finish(job, JobResult::Done).await;
            };
            let thread = self.store().thread(owner.business, &phone, now).await?;
            let waits =
                |talk: &&Conversation| talk.state == ThreadState::AiActive && talk.dialogue.stage == Stage::Holding;
            let Some(conversation) = thread.conversation.as_ref().filter(waits) else {
                return self.finish(job, JobResult::Done).await;
            };
            let mut walk = Walk {
                owner,
                thread: &thread,
                conversation,
                appointment: None,
                cause: MessageId::from_uuid(id.uuid()),
                found: None,
                model: Part::default(),
                opted_out: None,
                now,
            };
            let news = match self.availability(owner.business).await? {
                Availability::Read(free) => News::Taken(free),
                Availability::Unreadable(_) => News::Unreadable,
            };
            let first = step(&conversation.dialogue, &Event::News(&news), &walk.facts());
            let step = self.walk_on(&mut walk, first).await?;
            let mut commit = walk.commit(&step);
            commit.job = Some((job.fence, JobResult::Done));
            if self.written(commit).await? {
                return Ok(());
            }
        }
        Err(CenterError::Stale)
    }

    /// Ends a talk in which nothing was said for a while; looks again later where something was.
    pub(super) async fn close_idle(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        id: ConversationId,
    ) -> Result<(), CenterError> {
        for _ in 0..=TRIES {
            let now = self.due_now(job);
            let Some(row) = self.store().conversation(owner.business, id, 0).await? else {
                return self.finish(job, JobResult::Done).await;
            };
            let conversation = row.conversation;
            let over_at = conversation
                .last_message_at
                .plus(crate::conversation::talking::idle_after(owner));
            if over_at > now {
                let later = JobResult::Again {
                    at: over_at,
                    job: None,
                    fresh: true,
                };
                return self.finish(job, later).await;
            }
            let mut commit = closed(&conversation, now);
            commit.job = Some((job.fence, JobResult::Done));
            if self.written(commit).await? {
                return Ok(());
            }
        }
        Err(CenterError::Stale)
    }

    /// The caller's next appointment that can still be moved or called off.
    pub(super) async fn next_appointment(
        &self,
        business: BusinessId,
        phone: PhoneNumber,
        now: Timestamp,
    ) -> Result<Option<Appointment>, CenterError> {
        let filter = AppointmentFilter {
            from: Some(now),
            until: None,
            statuses: vec![AppointmentStatus::Scheduled, AppointmentStatus::Confirmed],
            customer: Some(phone),
        };
        let rows = self.store().appointments(business, &filter, None, AHEAD).await?;
        Ok(next_appointment(&rows, now).cloned())
    }

    /// `false` when what was read has changed: read again and decide again.
    async fn written(&self, commit: Commit) -> Result<bool, CenterError> {
        match self.commit(commit).await {
            Ok(_) => Ok(true),
            Err(CommitError::Conflict(Conflict::Stale(_))) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// One answer on its way.
struct Walk<'a> {
    owner: &'a Owner,
    thread: &'a Thread,
    conversation: &'a Conversation,
    appointment: Option<&'a Appointment>,
    cause: MessageId,
    found: Option<usize>,
    model: Part,
    /// What stands in the ledger, where the texts together ask for no more of ours.
    opted_out: Option<String>,
    now: Timestamp,
}

impl<'w> Walk<'w> {
    fn wanted<'a>(&self, dialogue: &'a Dialogue) -> Wanted<'a>
    where
        'w: 'a,
    {
        Wanted {
            settings: &self.owner.settings,
            thread: self.thread,
            dialogue,
        }
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            owner: self.owner,
            known_name: self.thread.contact.as_ref().and_then(|contact| contact.name.as_deref()),
            appointment: self.appointment,
            confirms: self.owner.settings.templates.appointment_confirmation_enabled,
            cause: self.cause,
            now: self.now,
        }
    }

    fn commit(&self, step: &Step) -> Commit {
        let cause = Cause {
            thread: self.thread,
            conversation: self.conversation,
            id: self.cause,
            found: self.found,
            model: self.model,
            now: self.now,
        };
        let mut commit = written_down(self.owner, &cause, step);
        if let Some(keyword) = &self.opted_out {
            opted_out(self.owner, &cause, keyword, &mut commit);
        }
        commit
    }
}

fn news_of(answer: BookAnswer) -> News {
    match answer {
        BookAnswer::Booked(row) => News::Booked(row.starts_at),
        BookAnswer::Pending(row) => News::Pending(row.moving_to.unwrap_or(row.starts_at)),
        BookAnswer::Requested(row) => News::Requested(row.moving_to.unwrap_or(row.starts_at)),
        BookAnswer::NotFree { free, .. } => News::Taken(free),
        BookAnswer::Unreadable(_) => News::Unreadable,
    }
}

/// Whether trying again would end the same way.
const fn is_final(error: &CenterError) -> bool {
    match error {
        CenterError::NotFound
        | CenterError::Settings(_)
        | CenterError::Takeover(_)
        | CenterError::Refused(_)
        | CenterError::Provider(_) => true,
        CenterError::Stale | CenterError::Conflict(_) | CenterError::Store(_) | CenterError::AnswerLost => false,
    }
}

fn closed(conversation: &Conversation, now: Timestamp) -> Commit {
    let after = Conversation {
        version: conversation.version.saturating_add(1),
        dialogue: crate::conversation::dialogue::after_silence(&conversation.dialogue),
        ..conversation.clone()
    };
    let mut commit = Commit::new(conversation.business, now);
    if after.dialogue == conversation.dialogue {
        return commit;
    }
    commit.changes = vec![super::people::told(&after, now), Change::PutConversation(after)];
    commit
}
