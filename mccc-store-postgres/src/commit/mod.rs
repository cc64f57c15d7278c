//! One commit, one transaction: locks, what was processed before, the job, the guards, then the changes in their order.

mod bookings;
mod calls;
mod guards;
mod rows;

use mccc_core::calls::TotalsDelta;
use mccc_core::compliance::ledger::{Head as LedgerHead, append};
use mccc_core::jobs::JobKind;
use mccc_core::port::store::{
    Change, Commit, CommitError, Committed, Conflict, ConsentChange, EventKey, FeedEvent, Fence, Guard, JobResult,
    JobState, Stale, StoreError,
};
use mccc_core::{BusinessId, PhoneNumber};
use sqlx::{PgConnection, Row as _};

use crate::columns::{FeedColumns, JobColumns, document, lock_key};
use crate::connect::Shared;
use crate::error::{Stop, Within as _, judge};
use crate::query::ledger_head;
use crate::wire::{At, clean, int8};
use crate::{PostgresStore, accounts};

/// How often a commit is run that loses against another transaction.
const TRIES: u32 = 3;

impl PostgresStore {
    /// Applies a commit in a transaction of its own.
    pub(crate) async fn commit_alone(&self, commit: &Commit) -> Result<Committed, CommitError> {
        if !of_one_business(commit) {
            return Err(StoreError::corrupt("commit", "a row of another business").into());
        }
        let mut tries = 1;
        let witness = self.witness().await?;
        loop {
            let mut transaction = self.pool().begin().await.map_err(|error| judge("transaction", error))?;
            let stop = match run(&mut transaction, commit, &self.shared).await {
                Ok(committed) => {
                    return match transaction.commit().await {
                        // Nothing is promised before a flush, which all who wait for one share. The locks are free.
                        Ok(()) => match self.settle(witness).await {
                            Ok(()) => Ok(committed),
                            Err(error) => {
                                tracing::warn!(%error, "a commit was applied and it is open whether it is on disk");
                                Err(CommitError::AnswerLost)
                            }
                        },
                        // The database refused: nothing was applied. Anything else leaves open whether it was.
                        Err(error @ sqlx::Error::Database(_)) => Err(judge("transaction", error).into()),
                        Err(_) => Err(CommitError::AnswerLost),
                    };
                }
                Err(stop) => stop,
            };
            // Given up at once, so that the locks do not wait for the connection's next use. A connection that is gone
            // has lost its transaction already.
            let undone = transaction.rollback().await;
            match stop {
                Stop::Collided(error) if tries < TRIES => {
                    tracing::debug!(%error, "a commit lost against another one and is run again");
                    undone.map_err(|error| judge("transaction", error))?;
                    tries += 1;
                }
                stop @ Stop::Conflict(Conflict::AlreadyProcessed { .. }) => {
                    // What was found may have been committed a moment ago and not be on disk yet.
                    self.settle(witness).await?;
                    return Err(stop.into());
                }
                stop @ (Stop::Conflict(_) | Stop::Collided(_) | Stop::Failed(_)) => return Err(stop.into()),
            }
        }
    }
}

/// The business's head as this transaction has locked it.
struct Head {
    settings: u64,
    ledger: Option<LedgerHead>,
}

struct Work<'a> {
    connection: &'a mut PgConnection,
    commit: &'a Commit,
    shared: &'a Shared,
    /// The settings' version as this commit found it; 0 when there was no business.
    read: u64,
    head: Option<Head>,
    /// Whether settings or ledger of the head have moved.
    moved: bool,
    events: Vec<&'a FeedEvent>,
    sums: Vec<TotalsDelta>,
}

async fn run(connection: &mut PgConnection, commit: &Commit, shared: &Shared) -> Result<Committed, Stop> {
    let row = sqlx::query("SELECT settings_version, ledger_length, ledger_head FROM begin_commit($1, $2)")
        .bind(commit.business.uuid())
        .bind(locks(commit))
        .fetch_optional(&mut *connection)
        .await
        .within("business_heads")?;
    let head = match row {
        Some(row) => {
            let settings: i64 = row.try_get(0).within("business_heads")?;
            Some(Head {
                settings: u64::try_from(settings).unwrap_or(0),
                ledger: ledger_head(&row, 1, 2)?,
            })
        }
        None => None,
    };
    let mut work = Work {
        connection,
        commit,
        shared,
        read: head.as_ref().map_or(0, |head| head.settings),
        head,
        moved: false,
        events: Vec::new(),
        sums: Vec::new(),
    };
    // What was processed before is said first: a repetition learns its reply even where its guards are stale by now.
    if let Some(event) = &commit.event {
        work.receive(event).await?;
    }
    for change in &commit.changes {
        if let Change::InsertCall(call) = change {
            work.refuse_known_call(call).await?;
        }
    }
    if let Some((fence, result)) = &commit.job {
        work.settle_job(*fence, result).await?;
    }
    for guard in &commit.guards {
        work.check(guard).await?;
    }
    for change in &commit.changes {
        work.change(change).await?;
    }
    work.finish().await
}

impl<'a> Work<'a> {
    async fn change(&mut self, change: &'a Change) -> Result<(), Stop> {
        if self.head.is_none() && !matches!(change, Change::PutSettings { .. }) {
            return Err(Conflict::Stale(Stale::Settings).into());
        }
        let (business, at) = (self.commit.business, self.commit.at);
        match change {
            Change::InsertCall(call) => self.insert_call(call).await,
            Change::UpdateCall { before, after } => self.update_call(before, after).await,
            Change::Feed(event) => {
                self.events.push(event);
                Ok(())
            }
            Change::Enqueue(new) => {
                let mut columns = JobColumns::default();
                columns.push(business, new)?;
                let statement = columns.bind(sqlx::query("SELECT enqueue_jobs($1, $2, $3, $4, $5, $6, $7)"));
                statement.execute(&mut *self.connection).await.within("jobs").map(drop)
            }
            Change::CancelJobs { subject } => self.cancel_jobs(subject).await,
            Change::PutContact(contact) => self.run(rows::put_contact(contact)?, "contacts").await.map(drop),
            Change::PutCallerFlags { phone, flags } => {
                self.versioned(
                    rows::put_flags(business, phone, flags),
                    "caller_flags",
                    Stale::CallerFlags,
                )
                .await
            }
            Change::PutConversation(thread) => {
                self.versioned(rows::put_conversation(thread)?, "conversations", Stale::Conversation)
                    .await
            }
            Change::PutMessage(message) => {
                self.versioned(rows::put_message(message), "sms_log", Stale::Message)
                    .await
            }
            Change::ClaimSend { message, phone, lasts } => {
                let now = self.shared.clock.given();
                let statement = rows::claim_send(business, *message, phone, *lasts, now);
                self.run(statement, "send_claims").await.map(drop)
            }
            Change::SettleSend { message } => {
                let statement = sqlx::query("SELECT settle_send($1, $2)")
                    .bind(business.uuid())
                    .bind(message.uuid());
                self.run(statement, "send_claims").await.map(drop)
            }
            Change::HoldTextGuard { phone, until, message } => {
                let statement = rows::hold_guard(business, phone, *until, *message);
                self.run(statement, "text_guards").await.map(drop)
            }
            Change::FreeTextGuard { phone, message } => {
                let statement = rows::free_guard(business, phone, *message);
                self.run(statement, "text_guards").await.map(drop)
            }
            Change::Consent(change) => self.consent(change).await,
            Change::Ledger(entry) => {
                let previous = self.head.as_ref().and_then(|head| head.ledger);
                let sealed = append(&self.shared.ledger_key, business, previous, entry);
                self.run(rows::append_ledger(business, &sealed), "consent_ledger")
                    .await?;
                if let Some(head) = &mut self.head {
                    head.ledger = Some(sealed.head());
                    self.moved = true;
                }
                Ok(())
            }
            Change::RaiseTask(task) => self.run(rows::raise_task(task), "tasks").await.map(drop),
            Change::FinishTask { task, by } => {
                let written = self.run(rows::finish_task(business, *task, *by, at), "tasks").await?;
                if written == 0 {
                    return Err(Conflict::Stale(Stale::Task).into());
                }
                Ok(())
            }
            Change::PutSettings { settings, expected } => {
                if *expected != self.read {
                    return Err(Conflict::Stale(Stale::Settings).into());
                }
                let settings = document(&**settings)?;
                match self.head {
                    Some(_) => {
                        self.run(rows::save_settings(business, settings, at), "businesses")
                            .await?;
                        self.raise_settings();
                    }
                    None => self.create(settings).await?,
                }
                Ok(())
            }
            Change::PutLine(line) => {
                let ours: bool = rows::put_line(business, line)?
                    .try_map(|row: sqlx::postgres::PgRow| row.try_get(0))
                    .fetch_one(&mut *self.connection)
                    .await
                    .within("business_phones")?;
                if !ours {
                    return Err(Conflict::NumberTaken.into());
                }
                self.touch_settings().await
            }
            Change::RemoveLine(number) => {
                let statement = sqlx::query("SELECT remove_phone($1, $2)")
                    .bind(business.uuid())
                    .bind(number.to_string());
                self.run(statement, "business_phones").await?;
                self.touch_settings().await
            }
            Change::PutTestCall(test) => {
                if test.version == 1 {
                    self.refuse_second_test(test).await?;
                }
                self.versioned(rows::put_test(test), "test_calls", Stale::TestCall)
                    .await
            }
            Change::PutAppointment(row) => {
                self.versioned(bookings::put_appointment(row)?, "appointments", Stale::Appointment)
                    .await
            }
            Change::SetBlocks { appointment, blocks } => self.set_blocks(*appointment, blocks).await,
            Change::PutBlockedTime(time) => self
                .run(bookings::put_blocked_time(time)?, "blocked_times")
                .await
                .map(drop),
            Change::RemoveBlockedTime(time) => {
                let statement = bookings::remove_blocked_time(business, *time);
                self.run(statement, "blocked_times").await.map(drop)
            }
            Change::PutCalendarSync(sync) => {
                let statement = bookings::put_calendar_sync(business, sync)?;
                self.versioned(statement, "calendar_syncs", Stale::CalendarSync).await
            }
            Change::PutCalendarCopy(copy) => {
                let statement = bookings::put_calendar_copy(business, copy)?;
                self.versioned(statement, "calendar_copies", Stale::CalendarCopy).await
            }
            Change::DropCalendarCopy { calendar } => {
                let statement = bookings::drop_calendar_copy(business, calendar);
                self.run(statement, "calendar_copies").await.map(drop)
            }
            Change::PutSecret { field, sealed } => self
                .run(rows::put_secret(business, field, sealed), "secrets")
                .await
                .map(drop),
            Change::RememberResponse(response) => {
                let statement = accounts::remember(business, response);
                self.run(statement, "api_responses").await.map(drop)
            }
        }
    }

    async fn run(&mut self, statement: crate::columns::Statement<'_>, place: &'static str) -> Result<u64, Stop> {
        let done = statement.execute(&mut *self.connection).await.within(place)?;
        Ok(done.rows_affected())
    }

    /// Runs a statement that writes one row if the version that was read is still stored.
    async fn versioned(
        &mut self,
        statement: crate::columns::Statement<'_>,
        place: &'static str,
        stale: Stale,
    ) -> Result<(), Stop> {
        match self.run(statement, place).await? {
            0 => Err(Conflict::Stale(stale).into()),
            _ => Ok(()),
        }
    }

    async fn receive(&mut self, event: &EventKey) -> Result<(), Stop> {
        const PLACE: &str = "webhook_receipts";
        if self.head.is_none() {
            return Err(Conflict::Stale(Stale::Settings).into());
        }
        let (business, key) = (self.commit.business.uuid(), clean(&event.key));
        let statement = sqlx::query(
            "INSERT INTO webhook_receipts (business_id, key, reply, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(business)
        .bind(&key)
        .bind(event.reply.as_deref().map(clean))
        .bind(At(self.commit.at));
        if self.run(statement, PLACE).await? == 1 {
            return Ok(());
        }
        let reply = sqlx::query_scalar("SELECT reply FROM webhook_receipts WHERE business_id = $1 AND key = $2")
            .bind(business)
            .bind(&key)
            .fetch_one(&mut *self.connection)
            .await
            .within(PLACE)?;
        Err(Conflict::AlreadyProcessed { reply }.into())
    }

    async fn settle_job(&mut self, fence: Fence, result: &JobResult) -> Result<(), Stop> {
        let (state, run_at, payload, fresh, reason) = match result {
            JobResult::Done => (JobState::Done, None, None, false, None),
            JobResult::StillRunning => (JobState::Running, None, None, false, None),
            JobResult::Dead { reason } => (JobState::Dead, None, None, false, Some(clean(reason))),
            JobResult::Again { at, job, fresh } => {
                let payload = job.as_ref().map(document).transpose()?;
                (JobState::Queued, Some(At(*at)), payload, *fresh, None)
            }
        };
        let held: bool = sqlx::query_scalar("SELECT finish_job($1, $2, $3, $4, $5, $6, $7, $8)")
            .bind(self.commit.business.uuid())
            .bind(fence.job.uuid())
            .bind(int8(fence.number))
            .bind(state.name())
            .bind(run_at)
            .bind(payload)
            .bind(fresh)
            .bind(reason)
            .fetch_one(&mut *self.connection)
            .await
            .within("jobs")?;
        if held { Ok(()) } else { Err(Conflict::LeaseLost.into()) }
    }

    async fn cancel_jobs(&mut self, subject: &PhoneNumber) -> Result<(), Stop> {
        let kinds: Vec<&str> = JobKind::ALL
            .iter()
            .filter(|kind| kind.canceled_by_opt_out())
            .map(|kind| kind.name())
            .collect();
        let statement = sqlx::query("SELECT cancel_jobs($1, $2, $3)")
            .bind(self.commit.business.uuid())
            .bind(subject.to_string())
            .bind(kinds);
        self.run(statement, "jobs").await.map(drop)
    }

    async fn consent(&mut self, change: &ConsentChange) -> Result<(), Stop> {
        let (business, at) = (self.commit.business, self.commit.at);
        match change {
            ConsentChange::OptOut { phone, keyword } => {
                self.run(rows::opt_out(business, phone, keyword, at), "sms_opt_outs")
                    .await?;
                let statement = sqlx::query("SELECT suppress($1, $2, $3)")
                    .bind(business.uuid())
                    .bind(phone.to_string())
                    .bind(At(at));
                self.run(statement, "sms_suppression").await.map(drop)
            }
            ConsentChange::OptIn { phone } => {
                self.run(rows::opt_in(business, phone, at), "sms_opt_outs").await?;
                let statement = sqlx::query("SELECT unsuppress($1, $2)")
                    .bind(business.uuid())
                    .bind(phone.to_string());
                self.run(statement, "sms_suppression").await.map(drop)
            }
        }
    }

    /// Writes a business for the first time. Somebody who did so meanwhile wins.
    async fn create(&mut self, settings: String) -> Result<(), Stop> {
        let business = self.commit.business;
        let statement = sqlx::query(
            "INSERT INTO business_heads (business_id, settings_version) VALUES ($1, 1) ON CONFLICT DO NOTHING",
        )
        .bind(business.uuid());
        self.versioned(statement, "business_heads", Stale::Settings).await?;
        self.run(rows::create_settings(business, settings, self.commit.at), "businesses")
            .await?;
        let statement = sqlx::query("SELECT register_business($1)").bind(business.uuid());
        self.run(statement, "business_directory").await?;
        self.head = Some(Head {
            settings: 1,
            ledger: None,
        });
        Ok(())
    }

    fn raise_settings(&mut self) {
        if let Some(head) = &mut self.head {
            head.settings = head.settings.saturating_add(1);
            self.moved = true;
        }
    }

    /// Raises the version for a change that is not in the document.
    async fn touch_settings(&mut self) -> Result<(), Stop> {
        let statement = sqlx::query("UPDATE businesses SET saved_at = $2 WHERE business_id = $1")
            .bind(self.commit.business.uuid())
            .bind(At(self.commit.at));
        self.run(statement, "businesses").await?;
        self.raise_settings();
        Ok(())
    }

    async fn finish(mut self) -> Result<Committed, Stop> {
        let business = self.commit.business;
        self.write_sums().await?;
        if let Some(head) = self.head.as_ref().filter(|_| self.moved) {
            let statement = sqlx::query(
                "UPDATE business_heads SET settings_version = $2, ledger_length = $3, ledger_head = $4 \
                 WHERE business_id = $1",
            )
            .bind(business.uuid())
            .bind(int8(head.settings))
            .bind(int8(head.ledger.map_or(0, |ledger| ledger.len)))
            .bind(head.ledger.map(|ledger| ledger.mac.to_vec()));
            self.run(statement, "business_heads").await?;
        }
        if self.events.is_empty() {
            return Ok(Committed { position: None });
        }
        let mut columns = FeedColumns::default();
        for event in &self.events {
            columns.push(business, event)?;
        }
        let positions: Vec<i64> = columns
            .bind(sqlx::query("SELECT append_feed($1, $2, $3, $4, $5, $6, $7)"))
            .try_map(|row: sqlx::postgres::PgRow| row.try_get(0))
            .fetch_one(&mut *self.connection)
            .await
            .within("feed_events")?;
        Ok(Committed {
            position: positions.last().and_then(|position| u64::try_from(*position).ok()),
        })
    }
}

/// The numbers a commit locks, ascending and each once: those it names, and those whose consent it reads or changes.
fn locks(commit: &Commit) -> Vec<i64> {
    let guarded = commit.guards.iter().filter_map(|guard| match guard {
        Guard::NotOptedOut { phone } => Some(phone),
        Guard::Settings { .. }
        | Guard::CallerFlags { .. }
        | Guard::Conversation { .. }
        | Guard::TextGuardFree { .. }
        | Guard::SendsBelow { .. }
        | Guard::DayBelow { .. } => None,
    });
    let changed = commit.changes.iter().filter_map(|change| match change {
        Change::ClaimSend { phone, .. }
        | Change::Consent(ConsentChange::OptOut { phone, .. } | ConsentChange::OptIn { phone }) => Some(phone),
        Change::InsertCall(_)
        | Change::UpdateCall { .. }
        | Change::Feed(_)
        | Change::Enqueue(_)
        | Change::CancelJobs { .. }
        | Change::PutContact(_)
        | Change::PutCallerFlags { .. }
        | Change::PutConversation(_)
        | Change::PutMessage(_)
        | Change::SettleSend { .. }
        | Change::HoldTextGuard { .. }
        | Change::FreeTextGuard { .. }
        | Change::Ledger(_)
        | Change::RaiseTask(_)
        | Change::FinishTask { .. }
        | Change::PutSettings { .. }
        | Change::PutLine(_)
        | Change::RemoveLine(_)
        | Change::PutTestCall(_)
        | Change::PutAppointment(_)
        | Change::SetBlocks { .. }
        | Change::PutBlockedTime(_)
        | Change::RemoveBlockedTime(_)
        | Change::PutCalendarSync(_)
        | Change::PutCalendarCopy(_)
        | Change::DropCalendarCopy { .. }
        | Change::PutSecret { .. }
        | Change::RememberResponse(_) => None,
    });
    let mut keys: Vec<i64> = commit
        .locks
        .iter()
        .chain(guarded)
        .chain(changed)
        .map(lock_key)
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Whether every row belongs to the commit's business. The policies would refuse it too; this says so before anything
/// is sent.
pub(crate) fn of_one_business(commit: &Commit) -> bool {
    let own = |business: BusinessId| business == commit.business;
    commit.changes.iter().all(|change| match change {
        Change::InsertCall(call) => own(call.business),
        Change::UpdateCall { before, after } => own(before.business) && own(after.business),
        Change::PutContact(contact) => own(contact.business),
        Change::PutConversation(thread) => own(thread.business),
        Change::PutMessage(text) => own(text.business),
        Change::RaiseTask(task) => own(task.business),
        Change::PutTestCall(test) => own(test.business),
        Change::PutAppointment(row) => own(row.business),
        Change::PutBlockedTime(time) => own(time.business),
        Change::Feed(_)
        | Change::Enqueue(_)
        | Change::CancelJobs { .. }
        | Change::PutCallerFlags { .. }
        | Change::ClaimSend { .. }
        | Change::SettleSend { .. }
        | Change::HoldTextGuard { .. }
        | Change::FreeTextGuard { .. }
        | Change::Consent(_)
        | Change::Ledger(_)
        | Change::FinishTask { .. }
        | Change::PutSettings { .. }
        | Change::PutLine(_)
        | Change::RemoveLine(_)
        | Change::SetBlocks { .. }
        | Change::RemoveBlockedTime(_)
        | Change::PutCalendarSync(_)
        | Change::PutCalendarCopy(_)
        | Change::DropCalendarCopy { .. }
        | Change::PutSecret { .. }
        | Change::RememberResponse(_) => true,
    })
}

#[cfg(test)]
mod tests {
    use mccc_core::{MessageId, Timestamp};

    use super::*;

    #[test]
    fn whatever_touches_consent_locks_its_number_once_and_in_order() {
        let number = |text: &str| PhoneNumber::parse(text).unwrap();
        let (low, middle, high) = (number("+15125550100"), number("+15125550150"), number("+15125550199"));
        let business = BusinessId::derive(Timestamp::UNIX_EPOCH, "b");
        let mut commit = Commit::new(business, Timestamp::UNIX_EPOCH);
        commit.locks = vec![high];
        commit.guards = vec![Guard::NotOptedOut { phone: middle }];
        commit.changes = vec![
            Change::Consent(ConsentChange::OptIn { phone: high }),
            Change::ClaimSend {
                message: MessageId::derive(Timestamp::UNIX_EPOCH, "m"),
                phone: low,
                lasts: std::time::Duration::from_secs(5),
            },
        ];
        assert_eq!(locks(&commit), [lock_key(&low), lock_key(&middle), lock_key(&high)]);
    }
}
