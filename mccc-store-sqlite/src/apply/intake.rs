//! Calls that arrive at the same moment, applied as one set: three questions and a handful of statements, however many
//! they are.

use std::collections::HashMap;

use mccc_core::calls::Call;
use mccc_core::port::store::{
    Change, Commit, Committed, Conflict, FeedEvent, Grouping, Guard, NewJob, Stale, StoreError,
};
use mccc_core::{BusinessId, PhoneNumber};
use serde_json::{Value, json};
use sqlx::SqliteConnection;

use crate::columns::{Give, Take, hex, hex_list, insert_rows};
use crate::error::At;
use crate::rows::{call, feed, job};
use crate::totals::Totals;

/// A commit that has the shape of an intake.
#[derive(Debug)]
pub(crate) struct Intake<'a> {
    call: &'a Call,
    feed: Vec<&'a FeedEvent>,
    jobs: Vec<&'a NewJob>,
    settings: Vec<u64>,
    flags: Vec<(PhoneNumber, u32)>,
}

impl<'a> Intake<'a> {
    /// The parts of `commit`, if it may be applied as part of a set.
    pub(crate) fn of(commit: &'a Commit) -> Option<Self> {
        let plain = commit.grouping == Grouping::Intake
            && commit.event.is_none()
            && commit.job.is_none()
            && commit.locks.is_empty();
        if !plain {
            return None;
        }
        let mut call = None;
        let mut feed = Vec::new();
        let mut jobs = Vec::new();
        for change in &commit.changes {
            match change {
                Change::InsertCall(new) if call.is_none() && new.business == commit.business => call = Some(&**new),
                Change::Feed(event) => feed.push(event),
                Change::Enqueue(job) => jobs.push(job),
                Change::InsertCall(_)
                | Change::UpdateCall { .. }
                | Change::CancelJobs { .. }
                | Change::PutContact(_)
                | Change::PutCallerFlags { .. }
                | Change::PutConversation(_)
                | Change::PutMessage(_)
                | Change::ClaimSend { .. }
                | Change::SettleSend { .. }
                | Change::HoldTextGuard { .. }
                | Change::FreeTextGuard { .. }
                | Change::Consent(_)
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
                | Change::RememberResponse(_) => return None,
            }
        }
        let mut settings = Vec::new();
        let mut flags = Vec::new();
        for guard in &commit.guards {
            match guard {
                Guard::Settings { version } => settings.push(*version),
                Guard::CallerFlags { phone, version } => flags.push((*phone, *version)),
                Guard::NotOptedOut { .. }
                | Guard::Conversation { .. }
                | Guard::TextGuardFree { .. }
                | Guard::SendsBelow { .. }
                | Guard::DayBelow { .. } => return None,
            }
        }
        Some(Self {
            call: call?,
            feed,
            jobs,
            settings,
            flags,
        })
    }
}

struct Head {
    settings: u64,
    feed: u64,
    moved: bool,
}

/// What is stored about the calls of a set and their businesses.
struct Stored {
    heads: HashMap<BusinessId, Head>,
    replies: HashMap<(BusinessId, String), String>,
    flags: HashMap<(BusinessId, PhoneNumber), u32>,
}

/// Applies the set: first every precondition is checked, then everything that passed is written.
pub(crate) async fn apply(
    connection: &mut SqliteConnection,
    intakes: &[&Intake<'_>],
) -> Result<Vec<Result<Committed, Conflict>>, StoreError> {
    if intakes.is_empty() {
        return Ok(Vec::new());
    }
    let mut stored = Stored {
        heads: heads(connection, intakes).await?,
        replies: replies(connection, intakes).await?,
        flags: flags(connection, intakes).await?,
    };
    let mut results = Vec::with_capacity(intakes.len());
    let mut calls = Vec::with_capacity(intakes.len());
    let mut placed: Vec<feed::Placed<'_>> = Vec::new();
    let mut jobs = Vec::new();
    let mut totals = Totals::default();
    for intake in intakes {
        let business = intake.call.business;
        let head = match stored.admit(intake) {
            Ok(head) => head,
            Err(conflict) => {
                results.push(Err(conflict));
                continue;
            }
        };
        let mut position = None;
        for event in &intake.feed {
            head.feed = head.feed.saturating_add(1);
            head.moved = true;
            position = Some(head.feed);
            placed.push((business, head.feed, event));
        }
        // The same call may wait twice.
        let key = (business, intake.call.provider_call.clone());
        stored.replies.insert(key, reply_text(intake.call)?);
        calls.push(intake.call);
        jobs.extend(intake.jobs.iter().map(|job| (business, *job)));
        totals.inserted(intake.call);
        results.push(Ok(Committed { position }));
    }
    insert_rows(connection, call::INSERT, &calls, |to, call| call::give(to, call)).await?;
    insert_rows(connection, feed::INSERT, &placed, feed::give).await?;
    insert_rows(connection, job::INSERT, &jobs, job::give).await?;
    totals.write(connection).await?;
    write_heads(connection, &stored.heads).await?;
    Ok(results)
}

impl Stored {
    /// The head of the call's business, if every precondition holds.
    fn admit(&mut self, intake: &Intake<'_>) -> Result<&mut Head, Conflict> {
        let business = intake.call.business;
        if let Some(reply) = self.replies.get(&(business, intake.call.provider_call.clone())) {
            return Err(Conflict::AlreadyProcessed {
                reply: Some(reply.clone()),
            });
        }
        let Some(head) = self.heads.get_mut(&business) else {
            return Err(Conflict::Stale(Stale::Settings));
        };
        if intake.settings.iter().any(|version| *version != head.settings) {
            return Err(Conflict::Stale(Stale::Settings));
        }
        let version = |phone: &PhoneNumber| self.flags.get(&(business, *phone)).copied().unwrap_or(0);
        if intake.flags.iter().any(|(phone, read)| version(phone) != *read) {
            return Err(Conflict::Stale(Stale::CallerFlags));
        }
        Ok(head)
    }
}

/// What was answered to one call, if it is known.
pub(crate) async fn stored_reply(connection: &mut SqliteConnection, call: &Call) -> Result<Option<String>, StoreError> {
    let row = sqlx::query("SELECT reply FROM missed_calls WHERE business_id = ? AND provider_call = ?")
        .id(call.business)
        .text(&call.provider_call)
        .fetch_optional(connection)
        .await
        .at("missed_calls")?;
    row.map(|row| row.text("reply")).transpose()
}

/// The stored form of what the caller heard.
fn reply_text(call: &Call) -> Result<String, StoreError> {
    serde_json::to_string(&call.reply).map_err(|_| StoreError::corrupt("reply", "a reply that is no document"))
}

async fn heads(
    connection: &mut SqliteConnection,
    intakes: &[&Intake<'_>],
) -> Result<HashMap<BusinessId, Head>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, settings_version, feed_seq FROM businesses WHERE id IN (SELECT unhex(value) FROM json_each(?))",
    )
    .bind(hex_list(intakes.iter().map(|intake| intake.call.business)))
    .fetch_all(connection)
    .await
    .at("businesses")?;
    rows.iter()
        .map(|row| {
            let head = Head {
                settings: row.number("settings_version")?,
                feed: row.number("feed_seq")?,
                moved: false,
            };
            Ok((row.id("id")?, head))
        })
        .collect()
}

/// What was answered to those calls that are known already.
async fn replies(
    connection: &mut SqliteConnection,
    intakes: &[&Intake<'_>],
) -> Result<HashMap<(BusinessId, String), String>, StoreError> {
    let asked: Vec<Value> = intakes
        .iter()
        .map(|intake| json!([hex(intake.call.business), intake.call.provider_call]))
        .collect();
    let rows = sqlx::query(
        "SELECT c.business_id, c.provider_call, c.reply FROM json_each(?) AS asked CROSS JOIN missed_calls AS c \
         ON c.business_id = unhex(asked.value ->> 0) AND c.provider_call = asked.value ->> 1",
    )
    .document(&asked)
    .fetch_all(connection)
    .await
    .at("missed_calls")?;
    rows.iter()
        .map(|row| Ok(((row.id("business_id")?, row.text("provider_call")?), row.text("reply")?)))
        .collect()
}

async fn flags(
    connection: &mut SqliteConnection,
    intakes: &[&Intake<'_>],
) -> Result<HashMap<(BusinessId, PhoneNumber), u32>, StoreError> {
    let mut asked: Vec<Value> = Vec::new();
    for intake in intakes {
        let business = hex(intake.call.business);
        asked.extend(intake.flags.iter().map(|(phone, _)| json!([business, phone])));
    }
    if asked.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query(
        "SELECT f.business_id, f.phone, f.version FROM json_each(?) AS asked CROSS JOIN caller_flags AS f \
         ON f.business_id = unhex(asked.value ->> 0) AND f.phone = asked.value ->> 1",
    )
    .document(&asked)
    .fetch_all(connection)
    .await
    .at("caller_flags")?;
    rows.iter()
        .map(|row| Ok(((row.id("business_id")?, row.phone("phone")?), row.number("version")?)))
        .collect()
}

async fn write_heads(connection: &mut SqliteConnection, heads: &HashMap<BusinessId, Head>) -> Result<(), StoreError> {
    let moved: Vec<Value> = heads
        .iter()
        .filter(|(_, head)| head.moved)
        .map(|(business, head)| json!([hex(*business), head.feed]))
        .collect();
    if moved.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "UPDATE businesses SET feed_seq = moved.value ->> 1 FROM json_each(?) AS moved \
         WHERE businesses.id = unhex(moved.value ->> 0)",
    )
    .document(&moved)
    .execute(connection)
    .await
    .map(drop)
    .at("businesses")
}
