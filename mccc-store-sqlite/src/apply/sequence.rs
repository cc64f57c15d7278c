//! One commit, its changes in their order.

use mccc_core::BusinessId;
use mccc_core::port::store::{Change, Commit, Committed, Conflict, EventKey, FeedEvent, Stale, StoreError};
use sqlx::SqliteConnection;

use super::{Context, bookings, consent, guards, intake, rows};
use crate::columns::{Give, Take, insert_rows};
use crate::error::{At, Step};
use crate::rows::{call, contact, feed, job, task};
use crate::totals::Totals;
use crate::{accounts, jobs, ledger};

/// Applies `commit`. After a conflict some of its changes may be in the transaction: the caller undoes them.
///
/// Order: what was processed before is said first, so that a repetition learns its reply even where its guards are
/// stale by now. Then the job's lease is checked and settled, then the guards, then the changes.
pub(crate) async fn apply(
    connection: &mut SqliteConnection,
    commit: &Commit,
    context: &Context<'_>,
) -> Step<Committed> {
    if !of_one_business(commit) {
        return Err(StoreError::corrupt("commit", "a row of another business"));
    }
    if let Some(reply) = processed(connection, commit).await? {
        return Ok(Err(Conflict::AlreadyProcessed { reply }));
    }
    let head = head(connection, commit.business).await?;
    let work = Work {
        connection,
        commit,
        context,
        read: head.map_or(0, |(settings, _)| settings),
        settings: head.map(|(settings, _)| settings),
        feed: head.map_or(0, |(_, feed)| feed),
        events: Vec::new(),
        totals: Totals::default(),
    };
    work.run().await
}

/// A commit in progress.
struct Work<'a> {
    connection: &'a mut SqliteConnection,
    commit: &'a Commit,
    context: &'a Context<'a>,
    /// The settings' version as this commit found it; 0 when there was no business.
    read: u64,
    /// The settings' version now; nothing while there is no business.
    settings: Option<u64>,
    /// The newest position of the feed.
    feed: u64,
    events: Vec<&'a FeedEvent>,
    totals: Totals,
}

/// Passes a conflict on, as `?` passes an error on.
macro_rules! pass {
    ($step:expr) => {
        if let Err(conflict) = $step {
            return Ok(Err(conflict));
        }
    };
}

impl<'a> Work<'a> {
    async fn run(mut self) -> Step<Committed> {
        let commit = self.commit;
        if let Some((fence, result)) = &commit.job {
            pass!(jobs::settle(self.connection, commit.business, *fence, result).await?);
        }
        pass!(guards::check(self.connection, commit, self.read, self.context.now).await?);
        for change in &commit.changes {
            pass!(self.change(change).await?);
        }
        self.totals.write(self.connection).await?;
        if let Some(event) = &commit.event {
            pass!(self.receive(event).await?);
        }
        let position = self.write_feed().await?;
        Ok(Ok(Committed { position }))
    }

    async fn change(&mut self, change: &'a Change) -> Step<()> {
        let (business, at) = (self.commit.business, self.commit.at);
        let creates = matches!(change, Change::PutSettings { .. });
        if self.settings.is_none() && !creates {
            return Ok(Err(Conflict::Stale(Stale::Settings)));
        }
        match change {
            Change::InsertCall(new) => {
                insert_rows(self.connection, call::INSERT, &[&**new], |to, new| call::give(to, new)).await?;
                self.totals.inserted(new);
            }
            Change::UpdateCall { before, after } => {
                pass!(rows::update_call(self.connection, before, after).await?);
                self.totals.changed(before, after);
            }
            Change::Feed(event) => self.events.push(event),
            Change::Enqueue(new) => insert_rows(self.connection, job::INSERT, &[(business, new)], job::give).await?,
            Change::CancelJobs { subject } => jobs::cancel(self.connection, business, subject).await?,
            Change::PutContact(value) => {
                insert_rows(self.connection, contact::UPSERT, &[value], |to, value| {
                    contact::give(to, value)
                })
                .await?;
            }
            Change::PutCallerFlags { phone, flags } => {
                pass!(rows::put_flags(self.connection, business, phone, flags).await?);
            }
            Change::PutConversation(thread) => pass!(rows::put_conversation(self.connection, thread).await?),
            Change::PutMessage(text) => pass!(rows::put_message(self.connection, text).await?),
            Change::ClaimSend { message, phone, lasts } => {
                consent::claim_send(self.connection, business, (*message, phone), self.context.now, *lasts).await?;
            }
            Change::SettleSend { message } => consent::settle_send(self.connection, business, *message).await?,
            Change::HoldTextGuard { phone, until, message } => {
                consent::hold_guard(self.connection, business, phone, *until, *message).await?;
            }
            Change::FreeTextGuard { phone, message } => {
                consent::free_guard(self.connection, business, phone, *message).await?;
            }
            Change::Consent(change) => consent::change(self.connection, business, at, change).await?,
            Change::Ledger(entry) => ledger::append(self.connection, business, entry, self.context.ledger_key).await?,
            Change::RaiseTask(value) => {
                insert_rows(self.connection, task::INSERT, &[value], |to, value| {
                    task::give(to, value)
                })
                .await?;
            }
            Change::FinishTask { task, by } => {
                let found = task::finish(self.connection, business, (*task, *by), at).await?;
                pass!(found.then_some(()).ok_or(Conflict::Stale(Stale::Task)));
            }
            Change::PutSettings { settings, expected } => {
                if *expected != self.read {
                    return Ok(Err(Conflict::Stale(Stale::Settings)));
                }
                self.raise_settings().await?;
                rows::put_settings(self.connection, business, at, settings).await?;
            }
            Change::PutLine(line) => {
                pass!(rows::put_line(self.connection, business, line).await?);
                self.raise_settings().await?;
            }
            Change::RemoveLine(number) => {
                rows::remove_line(self.connection, business, number).await?;
                self.raise_settings().await?;
            }
            Change::PutTestCall(test) => pass!(rows::put_test(self.connection, at, test).await?),
            Change::PutAppointment(row) => pass!(rows::put_appointment(self.connection, row).await?),
            Change::SetBlocks { appointment, blocks } => {
                let now = self.context.now;
                pass!(bookings::set_blocks(self.connection, business, (*appointment, blocks), now).await?);
            }
            Change::PutBlockedTime(time) => bookings::put_blocked_time(self.connection, time).await?,
            Change::RemoveBlockedTime(time) => {
                bookings::remove_blocked_time(self.connection, business, *time).await?;
            }
            Change::PutCalendarSync(sync) => {
                pass!(bookings::put_calendar_sync(self.connection, business, sync).await?);
            }
            Change::PutCalendarCopy(copy) => {
                pass!(bookings::put_calendar_copy(self.connection, business, copy).await?);
            }
            Change::DropCalendarCopy { calendar } => {
                bookings::drop_calendar_copy(self.connection, business, calendar).await?;
            }
            Change::PutSecret { field, sealed } => {
                accounts::put_secret(self.connection, business, field, sealed).await?;
            }
            Change::RememberResponse(response) => accounts::remember(self.connection, business, response).await?,
        }
        Ok(Ok(()))
    }

    /// Raises the settings' version by one, creating the business when there is none.
    async fn raise_settings(&mut self) -> Result<(), StoreError> {
        let next = self.settings.unwrap_or(0).saturating_add(1);
        sqlx::query(
            "INSERT INTO businesses (id, settings_version) VALUES (?, ?) \
             ON CONFLICT DO UPDATE SET settings_version = excluded.settings_version",
        )
        .id(self.commit.business)
        .count(next)
        .execute(&mut *self.connection)
        .await
        .at("businesses")?;
        self.settings = Some(next);
        Ok(())
    }

    async fn write_feed(&mut self) -> Result<Option<u64>, StoreError> {
        if self.events.is_empty() {
            return Ok(None);
        }
        let business = self.commit.business;
        let mut placed = Vec::with_capacity(self.events.len());
        for event in &self.events {
            self.feed = self.feed.saturating_add(1);
            placed.push((business, self.feed, *event));
        }
        insert_rows(self.connection, feed::INSERT, &placed, feed::give).await?;
        sqlx::query("UPDATE businesses SET feed_seq = ? WHERE id = ?")
            .count(self.feed)
            .id(business)
            .execute(&mut *self.connection)
            .await
            .at("businesses")?;
        Ok(Some(self.feed))
    }

    async fn receive(&mut self, event: &EventKey) -> Step<()> {
        if self.settings.is_none() {
            return Ok(Err(Conflict::Stale(Stale::Settings)));
        }
        sqlx::query("INSERT INTO webhook_receipts (business_id, key, reply, received_at) VALUES (?, ?, ?, ?)")
            .id(self.commit.business)
            .text(&event.key)
            .maybe_text(event.reply.as_deref())
            .time(self.commit.at)
            .execute(&mut *self.connection)
            .await
            .at("webhook_receipts")?;
        Ok(Ok(()))
    }
}

/// Whether every row belongs to the commit's business.
fn of_one_business(commit: &Commit) -> bool {
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

/// The settings' version and the newest feed position, if there is such a business.
async fn head(connection: &mut SqliteConnection, business: BusinessId) -> Result<Option<(u64, u64)>, StoreError> {
    let row = sqlx::query("SELECT settings_version, feed_seq FROM businesses WHERE id = ?")
        .id(business)
        .fetch_optional(connection)
        .await
        .at("businesses")?;
    row.map(|row| Ok((row.number("settings_version")?, row.number("feed_seq")?)))
        .transpose()
}

/// The reply to give again, when the event or the call of `commit` was processed before.
async fn processed(connection: &mut SqliteConnection, commit: &Commit) -> Result<Option<Option<String>>, StoreError> {
    if let Some(event) = &commit.event {
        let row = sqlx::query("SELECT reply FROM webhook_receipts WHERE business_id = ? AND key = ?")
            .id(commit.business)
            .text(&event.key)
            .fetch_optional(&mut *connection)
            .await
            .at("webhook_receipts")?;
        if let Some(row) = row {
            return Ok(Some(row.maybe_text("reply")?));
        }
    }
    for change in &commit.changes {
        if let Change::InsertCall(call) = change
            && let Some(reply) = intake::stored_reply(connection, call).await?
        {
            return Ok(Some(Some(reply)));
        }
    }
    Ok(None)
}
