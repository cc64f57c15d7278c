//! Texts: one that a caller wrote, and news about one of ours.

use std::sync::Arc;
use std::time::Duration;

use super::sending::missed_notice;
use super::{CenterError, CommandCenter, TRIES};
use crate::business::Owner;
use crate::compliance::ledger::{ConsentKind, Entry};
use crate::compliance::number::LineType;
use crate::conversation::{
    Delivery, InboundSnapshot, Message, MessageKind, MessageStatus, advance, code_task, may_mean_appointment, receive,
    seen, verification_code,
};
use crate::jobs::Job;
use crate::port::store::{
    Change, Commit, CommitError, Conflict, ConsentChange, FeedEvent, FeedKind, MessageKey, NewJob, Stale, Thread,
};
use crate::port::{FailureClass, InboundText, SpoolEntry, SpooledEvent, TextProgress, Verified};
use crate::tasks::{Task, TaskKind};
use crate::{JobId, MessageId, PhoneNumber, TaskId, Timestamp};

/// What to answer the gateway about an inbound text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextAnswer {
    /// It is in the database: acknowledge.
    Taken,
    /// The number is none of ours: acknowledge, there is nothing to do.
    UnknownNumber,
    /// It is not in the database (perhaps on the local disk), or an opt-out whose number still has a send under way: let
    /// the gateway try again.
    TryAgain,
}

/// Retries of a text that the carrier definitely did not deliver, and the waits before them.
const REDELIVERY: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(300)];
/// How often a STOP looks whether claims are still open.
const CLAIM_POLL: Duration = Duration::from_millis(50);

impl CommandCenter {
    /// Takes a text that a caller wrote. Acknowledged only after the commit; an opt-out only once no send claim on the
    /// number is open, so that no text begins after the acknowledgement. Dropping the future may leave it taken.
    pub async fn inbound_text(&self, event: Verified<InboundText>) -> TextAnswer {
        let arrived_at = self.now();
        let event = event.into_inner();
        let budget = self.limits.answer + self.limits.stop_wait;
        match self.within(budget, self.take_text(&event, arrived_at)).await {
            Some(Ok(answer)) => answer,
            Some(Err(error)) => {
                tracing::warn!(provider_message = %event.provider_message, %error, "an inbound text goes to the spool");
                self.keep_text(event, arrived_at).await
            }
            None => {
                tracing::warn!(provider_message = %event.provider_message, "the database is too slow for an inbound text");
                self.keep_text(event, arrived_at).await
            }
        }
    }

    async fn keep_text(&self, text: InboundText, arrived_at: Timestamp) -> TextAnswer {
        if self.remembered_owner(&text.to).is_some() {
            let entry = SpoolEntry {
                arrived_at,
                event: SpooledEvent::Text { text },
            };
            // The gateway is asked to repeat in any case; both end in one row.
            let _kept = self.within(self.limits.spool, self.ports.spool.append(&entry)).await;
        }
        TextAnswer::TryAgain
    }

    pub(super) async fn take_text(
        &self,
        event: &InboundText,
        arrived_at: Timestamp,
    ) -> Result<TextAnswer, CenterError> {
        for _ in 0..=TRIES {
            let Some(owner) = self.owner_of(&event.to).await? else {
                return Ok(TextAnswer::UnknownNumber);
            };
            let Some(from) = event.from.number() else {
                return self.take_anonymous_text(&owner, event, arrived_at).await;
            };
            let thread = self.store().thread(owner.business, &from, arrived_at).await?;
            let appointment = if may_mean_appointment(event) {
                self.next_appointment(owner.business, from, arrived_at).await?
            } else {
                None
            };
            let gateway_confirms = self
                .gateway(&owner)
                .await
                .map(|gateway| gateway.confirms_opt_outs())
                .unwrap_or(true);
            let outcome = receive(InboundSnapshot {
                owner: &owner,
                from,
                thread: &thread,
                event,
                gateway_confirms,
                appointment: appointment.as_ref(),
                arrived_at,
            });
            match self.commit(outcome.commit).await {
                // It is stored, now or before. A repetition waits for the claims too: the one before it may have given up.
                Ok(_) | Err(CommitError::Conflict(Conflict::AlreadyProcessed { .. })) => {
                    if outcome.settles_claims && !self.claims_close(&from).await? {
                        return Ok(TextAnswer::TryAgain);
                    }
                    return Ok(TextAnswer::Taken);
                }
                Err(CommitError::Conflict(Conflict::Stale(Stale::Settings))) => self.forget(&event.to),
                Err(CommitError::Conflict(Conflict::Stale(_))) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CenterError::Stale)
    }

    /// A short code or a name wrote: kept in the feed for a person, never answered.
    async fn take_anonymous_text(
        &self,
        owner: &Owner,
        event: &InboundText,
        at: Timestamp,
    ) -> Result<TextAnswer, CenterError> {
        let mut commit = Commit::new(owner.business, at);
        commit.event = Some(crate::port::store::EventKey {
            key: format!("text/{}", event.provider_message),
            reply: None,
        });
        let news = |kind, data| {
            Change::Feed(FeedEvent {
                kind,
                at,
                call: None,
                conversation: None,
                message: None,
                data,
            })
        };
        commit.changes.push(news(
            FeedKind::TextReceived,
            serde_json::json!({ "intent": "unaddressable", "from": event.from.status(), "body": event.body }),
        ));
        if let Some(code) = verification_code(&event.body) {
            commit
                .changes
                .push(Change::RaiseTask(code_task(owner.business, event, &code, at)));
            commit.changes.push(news(
                FeedKind::TaskRaised,
                serde_json::json!({ "kind": TaskKind::VerificationCode }),
            ));
        }
        match self.commit(commit).await {
            Ok(_) | Err(CommitError::Conflict(Conflict::AlreadyProcessed { .. })) => Ok(TextAnswer::Taken),
            Err(error) => Err(error.into()),
        }
    }

    /// Waits until no send claim on the number is open, settled by its worker or expired; `false` when one stays open
    /// for too long. Counts its looks, since a clock may jump.
    async fn claims_close(&self, phone: &PhoneNumber) -> Result<bool, CenterError> {
        let looks = self.limits.stop_wait.as_millis() / CLAIM_POLL.as_millis();
        for _ in 0..looks {
            if self.store().open_claims(phone).await? == 0 {
                return Ok(true);
            }
            self.ports.timer.sleep(CLAIM_POLL).await;
        }
        Ok(self.store().open_claims(phone).await? == 0)
    }

    /// Applies the gateway's news about a text of ours. Out of order, twice and late news change nothing twice.
    ///
    /// # Errors
    /// When the database cannot be asked; a look-up later brings the news again.
    pub async fn text_progress(&self, owner: &Arc<Owner>, event: Verified<TextProgress>) -> Result<(), CenterError> {
        let event = event.into_inner();
        let key = event
            .message
            .map_or_else(|| MessageKey::Provider(event.provider_message.clone()), MessageKey::Id);
        let news = Delivery {
            provider_message: event.provider_message,
            status: MessageStatus::from_delivery(event.status),
            error_code: event.error_code,
            reason: event.reason,
        };
        self.apply_delivery(owner, &key, &news, event.failure).await
    }

    pub(super) async fn apply_delivery(
        &self,
        owner: &Arc<Owner>,
        key: &MessageKey,
        news: &Delivery,
        failure: Option<FailureClass>,
    ) -> Result<(), CenterError> {
        for _ in 0..=TRIES {
            let Some(message) = self.store().message(owner.business, key).await? else {
                return Ok(());
            };
            let now = self.now();
            let Some(after) = advance(&message, news, now) else {
                return Ok(());
            };
            let thread = self.store().thread(owner.business, &message.theirs, now).await?;
            let call = self.call_of(owner, &message).await?;
            let mut commit = Commit::new(owner.business, now);
            commit.changes = delivered(owner, &thread, &after, failure, now);
            if let Some(call) = call {
                super::sending::summarize(&mut commit, &call, &after, now);
            }
            match self.commit(commit).await {
                Ok(_) => return Ok(()),
                Err(CommitError::Conflict(Conflict::Stale(_))) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CenterError::Stale)
    }
}

/// What a new status of a text changes beside the text itself.
pub(super) fn delivered(
    owner: &Owner,
    thread: &Thread,
    after: &Message,
    failure: Option<FailureClass>,
    at: Timestamp,
) -> Vec<Change> {
    let feed = |kind, data| {
        Change::Feed(FeedEvent {
            kind,
            at,
            call: after.call,
            conversation: Some(after.conversation),
            message: Some(after.id),
            data,
        })
    };
    let mut changes = vec![Change::PutMessage(Box::new(after.clone()))];
    changes.push(feed(
        FeedKind::TextUpdated,
        serde_json::json!({ "status": after.status, "kind": after.kind }),
    ));
    if after.status.is_settled() || after.status.was_accepted() {
        changes.push(Change::SettleSend { message: after.id });
    }
    let lost = matches!(
        after.status,
        MessageStatus::Failed | MessageStatus::Undelivered | MessageStatus::Canceled
    );
    if !lost {
        return changes;
    }
    let failure = failure.unwrap_or(FailureClass::Transient);
    let retry = redelivery(after, failure, at);
    changes.push(feed(
        FeedKind::TextFailed,
        serde_json::json!({
            "call_id": after.call, "caller_phone": after.theirs, "failure_reason": after.reason,
            "failure_code": after.error_code, "retry_count": after.attempts.saturating_sub(1),
            "will_retry": retry.is_some(),
        }),
    ));
    match failure {
        FailureClass::OptOut => changes.extend(opted_out_at_gateway(after, at)),
        FailureClass::Landline => changes.push(mark_landline(owner, thread, after, at)),
        FailureClass::Doubtful => {}
        FailureClass::Recipient
        | FailureClass::Transient
        | FailureClass::Rate
        | FailureClass::Account
        | FailureClass::Sender
        | FailureClass::Content
        | FailureClass::App => {}
    }
    // Definitely not delivered, the text is none that the caller has had: its next attempt, or the text of a later call,
    // may go to them.
    if failure != FailureClass::Doubtful {
        changes.push(Change::FreeTextGuard {
            phone: after.theirs,
            message: after.id,
        });
    }
    match retry {
        Some(retry) => changes.extend(retry),
        None => {
            changes.extend(missed_notice(after, at));
            if after.kind != MessageKind::OwnerNotice {
                changes.push(Change::RaiseTask(failed_task(owner, after, at)));
                changes.push(feed(
                    FeedKind::TaskRaised,
                    serde_json::json!({ "kind": TaskKind::TextFailed }),
                ));
            }
        }
    }
    changes
}

/// A text that the carrier definitely did not deliver for a passing reason is written again, as a new message with
/// its own attempt, at most twice.
fn redelivery(after: &Message, failure: FailureClass, at: Timestamp) -> Option<Vec<Change>> {
    if !matches!(failure, FailureClass::Transient | FailureClass::Rate) {
        return None;
    }
    let wait = REDELIVERY.get(usize::from(after.attempts.saturating_sub(1)))?;
    let id = MessageId::derive(after.created_at, &format!("redelivery/{}", after.id));
    let again = Message {
        id,
        version: 1,
        status: MessageStatus::Waiting,
        provider_message: None,
        error_code: None,
        reason: None,
        sent_at: None,
        settled_at: None,
        created_at: at,
        ..after.clone()
    };
    Some(vec![
        Change::PutMessage(Box::new(again)),
        Change::Enqueue(NewJob {
            id: JobId::derive(at, &format!("send/{id}")),
            job: Job::SendMessage { message: id },
            subject: Some(after.theirs),
            run_at: at.plus(*wait),
            dedupe: id.to_string(),
        }),
    ])
}

/// The gateway refuses because the recipient opted out there: our own list follows.
pub(super) fn opted_out_at_gateway(message: &Message, at: Timestamp) -> Vec<Change> {
    vec![
        Change::Consent(ConsentChange::OptOut {
            phone: message.theirs,
            keyword: "gateway".to_owned(),
        }),
        Change::CancelJobs {
            subject: message.theirs,
        },
        Change::Ledger(Entry {
            at,
            phone: message.theirs,
            kind: ConsentKind::OptOut,
            source: format!("gateway/{}", message.id),
            evidence: "gateway".to_owned(),
        }),
        Change::Feed(FeedEvent {
            kind: FeedKind::OptedOut,
            at,
            call: message.call,
            conversation: Some(message.conversation),
            message: Some(message.id),
            data: serde_json::json!({
                "phone_number": message.theirs, "contractor_id": message.business, "keyword_used": "gateway",
                "conversation_id": message.conversation, "timestamp": at,
            }),
        }),
    ]
}

pub(super) fn mark_landline(owner: &Owner, thread: &Thread, message: &Message, at: Timestamp) -> Change {
    let mut contact = seen(thread.contact.as_ref(), owner, message.theirs, at);
    contact.line = Some((LineType::Landline, at));
    Change::PutContact(contact)
}

pub(super) fn failed_task(owner: &Owner, message: &Message, at: Timestamp) -> Task {
    let why = message.reason.as_deref().unwrap_or("The carrier gave no reason.");
    // Some reasons say what to do.
    let advice = if why.to_lowercase().contains("call") {
        ""
    } else {
        " Call back instead."
    };
    Task {
        id: TaskId::derive(message.created_at, &format!("failed/{}", message.id)),
        business: owner.business,
        kind: TaskKind::TextFailed,
        phone: Some(message.theirs),
        call: message.call,
        conversation: Some(message.conversation),
        message: Some(message.id),
        sentence: format!(
            "The text to {} did not arrive. {why}{advice}",
            message.theirs.national()
        ),
        raised_at: at,
        due_at: None,
        done_at: None,
        done_by: None,
    }
}

#[cfg(all(test, feature = "testkit"))]
mod tests {
    use super::*;
    use crate::testkit::build;

    #[test]
    fn a_reason_that_says_to_call_is_not_followed_by_the_same_advice() {
        let owner = build::owner("ace", build::phone(1));
        let at = Timestamp::from_seconds(1_780_000_000);
        let message = build::message(&build::thread(owner.business, build::phone(2), at), "one", at);
        let says = |reason: &str| {
            let lost = Message {
                reason: Some(reason.to_owned()),
                ..message.clone()
            };
            failed_task(&owner, &lost, at).sentence
        };
        let landline = says("This looks like a landline. Call them back instead.");
        assert!(
            landline.ends_with("arrive. This looks like a landline. Call them back instead."),
            "{landline}"
        );
        assert!(says("The phone was off.").ends_with("The phone was off. Call back instead."));
    }
}
