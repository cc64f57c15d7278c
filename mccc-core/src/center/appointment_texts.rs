//! What a customer is told of an appointment: that it stands, and that it is near.

use std::sync::Arc;

use super::sending::{Draft, first_text, machine_text};
use super::{CenterError, CommandCenter, TRIES};
use crate::business::{Owner, wording};
use crate::conversation::{MessageKind, MessageStatus};
use crate::port::store::{ClaimedJob, JobResult, MessageKey};
use crate::{AppointmentId, MessageId, Timestamp};

impl CommandCenter {
    /// Texts that an appointment stands, unless it was moved or called off since.
    pub(super) async fn confirm_by_text(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        (id, starts_at): (AppointmentId, Timestamp),
    ) -> Result<(), CenterError> {
        self.tell_of(owner, job, (id, starts_at), None).await
    }

    /// Reminds of an appointment that still stands and has not begun.
    pub(super) async fn remind(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        (id, starts_at): (AppointmentId, Timestamp),
        minutes_before: u32,
    ) -> Result<(), CenterError> {
        self.tell_of(owner, job, (id, starts_at), Some(minutes_before)).await
    }

    async fn tell_of(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        (id, starts_at): (AppointmentId, Timestamp),
        reminder: Option<u32>,
    ) -> Result<(), CenterError> {
        for _ in 0..=TRIES {
            let now = self.now();
            let message_id = text_id((id, starts_at), reminder);
            let stored = self
                .store()
                .message(owner.business, &MessageKey::Id(message_id))
                .await?;
            // It may have gone out: what became of it is found out, also where the appointment is over or called off.
            if let Some(message) = stored.as_ref().filter(|text| text.status == MessageStatus::Claimed) {
                return self.lose(job, message, None).await;
            }
            let row = self.store().appointment(owner.business, id).await?;
            let stands = row.filter(|row| row.status.is_ahead() && row.starts_at == starts_at && starts_at > now);
            let Some(row) = stands else {
                return self.finish(job, JobResult::Done).await;
            };
            let (Some(phone), Some(sender)) = (row.customer.phone, owner.sender()) else {
                return self.finish(job, JobResult::Done).await;
            };
            let thread = self.store().thread(owner.business, &phone, now).await?;
            let message = match stored {
                Some(message) => message,
                None => {
                    let kind = match reminder {
                        Some(_) => MessageKind::AppointmentReminder,
                        None => MessageKind::AppointmentConfirmation,
                    };
                    let body = {
                        let link = self.ports.providers.calendar_link(&row);
                        wording::for_appointment(owner, kind, &row, first_text(&thread), link.as_deref())
                    };
                    machine_text(owner, &thread, message_id, kind, (sender, phone), row.call, body, now)
                }
            };
            let draft = Draft {
                message,
                call: None,
                reminds: reminder.map(|minutes| (row, minutes)),
            };
            if self.attempt(owner, job, draft, &thread).await? {
                return Ok(());
            }
        }
        Err(CenterError::Stale)
    }
}

/// The identifier of the one text of a kind about one start of an appointment: a repetition of the job finds it.
fn text_id((id, starts_at): (AppointmentId, Timestamp), reminder: Option<u32>) -> MessageId {
    let what = reminder.map_or_else(|| "confirmation".to_owned(), |minutes| format!("reminder/{minutes}"));
    MessageId::derive(starts_at, &format!("{what}/{id}"))
}
