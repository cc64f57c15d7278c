//! What a customer is told of an appointment: that it stands, that it is near, and that the business called it off.

use std::sync::Arc;

use super::sending::{Draft, first_text, machine_text, would_come_in_vain};
use super::{CenterError, CommandCenter, TRIES};
use crate::appointments::{Appointment, AppointmentStatus};
use crate::business::{Owner, wording};
use crate::compliance::gate::Reason;
use crate::conversation::{MessageKind, MessageStatus};
use crate::port::store::{Change, ClaimedJob, Commit, FeedEvent, FeedKind, JobResult, MessageKey};
use crate::tasks::{Task, TaskKind};
use crate::{AppointmentId, MessageId, TaskId, Timestamp};

/// What is told of an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    /// It stands.
    Stands {
        /// The version with which it was moved to where it is, 0 where it was booked there.
        moved: u32,
        /// It was moved where its customer saw nothing of it.
        by_hand: bool,
    },
    /// It begins in so many minutes.
    Near(u32),
    /// The business called it off.
    CalledOff,
}

impl News {
    const fn kind(self) -> MessageKind {
        match self {
            Self::Stands { .. } => MessageKind::AppointmentConfirmation,
            Self::Near(_) => MessageKind::AppointmentReminder,
            Self::CalledOff => MessageKind::AppointmentCancelled,
        }
    }

    /// Whether it is still so.
    fn holds(self, row: &Appointment, starts_at: Timestamp, now: Timestamp) -> bool {
        match self {
            Self::Stands { .. } | Self::Near(_) => {
                row.status.is_ahead() && row.starts_at == starts_at && row.starts_at > now
            }
            // What has begun meanwhile comes to the gate, which refuses it and has a person call.
            Self::CalledOff => row.status == AppointmentStatus::Cancelled,
        }
    }

    /// From when on it is of no use, where nobody waits for it.
    fn useless_from(self, starts_at: Timestamp) -> Option<Timestamp> {
        match self {
            Self::CalledOff | Self::Stands { by_hand: true, .. } => Some(starts_at),
            // A reminder that comes too late is left out by itself.
            Self::Near(_) | Self::Stands { by_hand: false, .. } => None,
        }
    }

    /// The identifier of the one text with this news about one start of an appointment: a repetition of the job finds it.
    fn text_id(self, (id, starts_at): (AppointmentId, Timestamp)) -> MessageId {
        let what = match self {
            Self::Stands { moved: 0, .. } => "confirmation".to_owned(),
            Self::Stands { moved, .. } => format!("confirmation/{moved}"),
            Self::Near(minutes) => format!("reminder/{minutes}"),
            Self::CalledOff => "called_off".to_owned(),
        };
        MessageId::derive(starts_at, &format!("{what}/{id}"))
    }
}

impl CommandCenter {
    /// Texts that an appointment stands, unless it was moved or called off since. `moved` is the version with which it was
    /// moved to where it is, and `by_hand` whether its customer saw nothing of that.
    pub(super) async fn confirm_by_text(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        (id, starts_at): (AppointmentId, Timestamp),
        (moved, by_hand): (u32, bool),
    ) -> Result<(), CenterError> {
        self.tell_of(owner, job, (id, starts_at), News::Stands { moved, by_hand })
            .await
    }

    /// Reminds of an appointment that still stands and has not begun.
    pub(super) async fn remind(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        (id, starts_at): (AppointmentId, Timestamp),
        minutes_before: u32,
    ) -> Result<(), CenterError> {
        self.tell_of(owner, job, (id, starts_at), News::Near(minutes_before))
            .await
    }

    /// Texts that the business called an appointment off, while the customer could still come in vain.
    pub(super) async fn tell_called_off(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        (id, starts_at): (AppointmentId, Timestamp),
    ) -> Result<(), CenterError> {
        self.tell_of(owner, job, (id, starts_at), News::CalledOff).await
    }

    async fn tell_of(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        (id, starts_at): (AppointmentId, Timestamp),
        news: News,
    ) -> Result<(), CenterError> {
        for _ in 0..=TRIES {
            let now = self.now();
            let message_id = news.text_id((id, starts_at));
            let stored = self
                .store()
                .message(owner.business, &MessageKey::Id(message_id))
                .await?;
            // It may have gone out: what became of it is found out, also where the appointment is over or called off.
            if let Some(message) = stored.as_ref().filter(|text| text.status == MessageStatus::Claimed) {
                return self.lose(job, message, None).await;
            }
            let row = self.store().appointment(owner.business, id).await?;
            let Some(row) = row.filter(|row| news.holds(row, starts_at, now)) else {
                return self.finish(job, JobResult::Done).await;
            };
            let (Some(phone), Some(sender)) = (row.customer.phone, owner.sender()) else {
                let in_vain = (news == News::CalledOff).then(|| cannot_be_told(&row, now)).flatten();
                let mut commit = Commit::new(owner.business, now);
                commit.job = Some((job.fence, JobResult::Done));
                commit.changes.extend(in_vain.into_iter().flatten());
                self.commit(commit).await?;
                return Ok(());
            };
            let thread = self.store().thread(owner.business, &phone, now).await?;
            let message = match stored {
                Some(message) => message,
                None => {
                    let kind = news.kind();
                    let body = {
                        let link = match news {
                            News::Stands { .. } | News::Near(_) => self.ports.providers.calendar_link(&row),
                            News::CalledOff => None,
                        };
                        wording::for_appointment(owner, kind, &row, first_text(&thread), link.as_deref())
                    };
                    machine_text(owner, &thread, message_id, kind, (sender, phone), row.call, body, now)
                }
            };
            let draft = Draft {
                message,
                call: None,
                reminds: match news {
                    News::Near(minutes) => Some((row, minutes)),
                    News::Stands { .. } | News::CalledOff => None,
                },
                useless_from: news.useless_from(starts_at),
            };
            if self.attempt(owner, job, draft, &thread).await? {
                return Ok(());
            }
        }
        Err(CenterError::Stale)
    }
}

/// Asks a person to call whoever would come in vain to a business that has no number to text from; nothing where there is
/// nobody to call.
fn cannot_be_told(row: &Appointment, now: Timestamp) -> Option<[Change; 2]> {
    let phone = row.customer.phone?;
    let task = Task {
        id: TaskId::derive(row.starts_at, &format!("not_told/{}", row.id)),
        business: row.business,
        kind: TaskKind::Callback,
        phone: Some(phone),
        call: row.call,
        conversation: row.conversation,
        message: None,
        sentence: would_come_in_vain(&phone, Reason::NoSender.explain()),
        raised_at: now,
        due_at: None,
        done_at: None,
        done_by: None,
    };
    let raised = FeedEvent {
        kind: FeedKind::TaskRaised,
        at: now,
        call: row.call,
        conversation: row.conversation,
        message: None,
        data: serde_json::json!({ "kind": TaskKind::Callback, "appointment_id": row.id }),
    };
    Some([Change::RaiseTask(task), Change::Feed(raised)])
}
