//! One group: the statement that applies it, and what each of its calls learns.

use std::sync::Arc;

use mccc_core::calls::totals_delta;
use mccc_core::port::store::{Change, Commit, CommitError, Committed, Conflict, Guard, Stale, StoreError};
use mccc_core::{BusinessId, CallId};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::queue::Lead;
use super::{Answer, Fate};
use crate::PostgresStore;
use crate::columns::{Statement, phone};
use crate::composite::{CallGuard, CallRow, EventRow, JobRow, Sums};
use crate::error::{Place as _, collided, judge};
use crate::wire::{int4, int8};

const PLACE: &str = "missed_calls";
const TAKE_IN: &str = "SELECT bases, verdicts, stored_ids, stored_replies FROM take_in($1, $2, $3, $4, $5, $6, $7, $8)";
/// Not guarded.
const UNGUARDED: i64 = -1;
/// How often a group is run that loses against another transaction.
const TRIES: u32 = 3;

/// How a group failed as a whole.
enum Trouble {
    /// Nothing was applied.
    Failed(StoreError),
    /// It lost against another transaction.
    Collided(StoreError),
    /// It may have been applied.
    Lost,
}

/// What the statement said.
enum Said {
    /// All were applied; the highest position of each.
    Applied(Vec<Option<u64>>),
    /// Nothing was applied, for some do not fit; why, and nothing for those that do.
    Unfit(Vec<Option<Fate>>),
}

impl PostgresStore {
    /// Applies `members`, all that fit in one transaction, and gives each its answer, in order.
    pub(super) async fn apply_group(&self, lead: &Lead, members: &[Arc<Commit>]) -> Vec<Answer> {
        let mut answers: Vec<Option<Answer>> = members.iter().map(|_| None).collect();
        let mut tries = 1;
        loop {
            let open: Vec<usize> = (0..members.len())
                .filter(|index| answers.get(*index).is_some_and(Option::is_none))
                .collect();
            let group: Vec<&Commit> = open
                .iter()
                .filter_map(|index| members.get(*index))
                .map(|m| &**m)
                .collect();
            if group.is_empty() {
                break;
            }
            let mut set = |index: usize, answer: Answer| {
                if let Some(slot) = open.get(index).and_then(|member| answers.get_mut(*member)) {
                    *slot = Some(answer);
                }
            };
            match self.apply_once(lead, &group).await {
                Ok(Said::Applied(positions)) => {
                    for (index, position) in positions.into_iter().enumerate() {
                        set(index, Ok(Fate::Applied(Committed { position })));
                    }
                }
                // The others are tried again without those that do not fit.
                Ok(Said::Unfit(fates)) => {
                    for (index, fate) in fates.into_iter().enumerate() {
                        if let Some(fate) = fate {
                            set(index, Ok(fate));
                        }
                    }
                }
                Err(Trouble::Collided(_)) if tries < TRIES => tries += 1,
                Err(Trouble::Lost) => {
                    for (index, member) in group.iter().enumerate() {
                        set(index, self.look_up(member).await);
                    }
                }
                Err(Trouble::Failed(error) | Trouble::Collided(error)) if group.len() == 1 => {
                    set(0, Err(CommitError::Unavailable(error)));
                }
                Err(Trouble::Failed(error) | Trouble::Collided(error)) => {
                    tracing::warn!(%error, members = group.len(), "a group of calls failed and is applied one by one");
                    for (index, member) in group.iter().enumerate() {
                        set(index, self.apply_single(lead, member).await);
                    }
                }
            }
        }
        answers
            .into_iter()
            .map(|answer| answer.unwrap_or(Err(CommitError::AnswerLost)))
            .collect()
    }

    async fn apply_single(&self, lead: &Lead, member: &Commit) -> Answer {
        match self.apply_once(lead, &[member]).await {
            Ok(Said::Applied(positions)) => Ok(Fate::Applied(Committed {
                position: positions.first().copied().flatten(),
            })),
            Ok(Said::Unfit(fates)) => match fates.into_iter().next().flatten() {
                Some(fate) => Ok(fate),
                None => Err(StoreError::corrupt(PLACE, "no verdict").into()),
            },
            Err(Trouble::Failed(error) | Trouble::Collided(error)) => Err(error.into()),
            Err(Trouble::Lost) => self.look_up(member).await,
        }
    }

    /// One statement for the whole group, which is its own transaction.
    async fn apply_once(&self, lead: &Lead, group: &[&Commit]) -> Result<Said, Trouble> {
        let (statement, placed) = Batch::of(group).map_err(Trouble::Failed)?.statement();
        let mut connection = lead
            .connection(self.pool())
            .await
            .map_err(|error| Trouble::Failed(judge("connection", error)))?;
        // All rows are fetched: the last message comes after the commit, and only then is anything promised.
        let rows = statement.fetch_all(&mut *connection).await;
        match rows {
            Ok(rows) => {
                lead.keep(connection);
                let row = rows
                    .first()
                    .ok_or_else(|| Trouble::Failed(StoreError::corrupt(PLACE, "no answer")))?;
                said(row, &placed).map_err(Trouble::Failed)
            }
            Err(error) if collided(&error) => {
                lead.keep(connection);
                Err(Trouble::Collided(judge(PLACE, error)))
            }
            Err(error) if refused(&error) => {
                lead.keep(connection);
                Err(Trouble::Failed(judge(PLACE, error)))
            }
            Err(error) => {
                tracing::warn!(%error, "the answer to a group of calls was lost");
                connection.close_on_drop();
                Err(Trouble::Lost)
            }
        }
    }

    /// Finds out whether a call was applied whose answer was lost. Not found is no proof: it may still be under way.
    async fn look_up(&self, member: &Commit) -> Answer {
        let call = new_call(member);
        let Some(call) = call else {
            return Err(CommitError::AnswerLost);
        };
        match self.position_of(member.business, call).await {
            Ok(position @ Some(_)) => Ok(Fate::Applied(Committed { position })),
            Ok(None) | Err(_) => Err(CommitError::AnswerLost),
        }
    }

    /// The newest feed position of a call, if it is stored.
    pub(super) async fn position_of(&self, business: BusinessId, call: CallId) -> Result<Option<u64>, StoreError> {
        let position: Option<i64> = sqlx::query_scalar(
            "SELECT (SELECT max(e.seq) FROM feed_events e WHERE e.business_id = a.business AND e.call_id = $2) \
             FROM admit($1) AS a(business)",
        )
        .bind(business.uuid())
        .bind(call.uuid())
        .fetch_one(self.pool())
        .await
        .place("feed_events")?;
        Ok(position.and_then(|position| u64::try_from(position).ok()))
    }
}

/// Whether the server said no, and so applied nothing. One that is being shut down says so at any moment.
fn refused(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(said) = error else {
        return false;
    };
    said.code()
        .is_some_and(|code| !code.starts_with("57P") && !code.starts_with("08"))
}

fn new_call(commit: &Commit) -> Option<CallId> {
    commit.changes.iter().find_map(|change| {
        if let Change::InsertCall(call) = change {
            Some(call.id)
        } else {
            None
        }
    })
}

fn said(row: &PgRow, batch: &Placed) -> Result<Said, StoreError> {
    let verdicts: Option<Vec<i32>> = row.try_get("verdicts").place(PLACE)?;
    let Some(verdicts) = verdicts.filter(|verdicts| verdicts.iter().any(|verdict| *verdict != 0)) else {
        let bases: Option<Vec<i64>> = row.try_get("bases").place(PLACE)?;
        return Ok(Said::Applied(batch.positions(&bases.unwrap_or_default())?));
    };
    if verdicts.len() != batch.last.len() {
        return Err(StoreError::corrupt(PLACE, "a verdict is missing"));
    }
    let ids: Vec<Option<Uuid>> = row.try_get("stored_ids").place(PLACE)?;
    let replies: Vec<Option<String>> = row.try_get("stored_replies").place(PLACE)?;
    let fates = verdicts.iter().zip(ids.into_iter().zip(replies));
    Ok(Said::Unfit(
        fates
            .map(|(verdict, (id, reply))| match verdict {
                0 => None,
                1 => Some(Fate::Refused(
                    Conflict::AlreadyProcessed { reply },
                    id.map(CallId::from_uuid),
                )),
                2 => Some(Fate::Refused(Conflict::Stale(Stale::Settings), None)),
                _ => Some(Fate::Refused(Conflict::Stale(Stale::CallerFlags), None)),
            })
            .collect(),
    ))
}

/// The newest entry of each member: the place of its head, from 1, and its step.
struct Placed {
    heads: usize,
    last: Vec<Option<(i32, i32)>>,
}

impl Placed {
    /// Positions from those that the heads had before.
    fn positions(&self, bases: &[i64]) -> Result<Vec<Option<u64>>, StoreError> {
        if bases.len() != self.heads {
            return Err(StoreError::corrupt(PLACE, "a position is missing"));
        }
        let position = |(head, step): (i32, i32)| {
            let base = bases.get(usize::try_from(head).ok()?.checked_sub(1)?)?;
            u64::try_from(base.saturating_add(i64::from(step))).ok()
        };
        Ok(self.last.iter().map(|last| last.and_then(position)).collect())
    }
}

/// The rows of a group.
struct Batch {
    /// The businesses, ascending and each once.
    heads: Vec<Uuid>,
    /// How many entries the feed of each gets.
    entries: Vec<i64>,
    guards: Vec<CallGuard>,
    calls: Vec<CallRow>,
    sums: Sums,
    events: Vec<EventRow>,
    jobs: Vec<JobRow>,
    last: Vec<Option<(i32, i32)>>,
}

impl Batch {
    fn of(group: &[&Commit]) -> Result<Self, StoreError> {
        let mut heads: Vec<Uuid> = group.iter().map(|commit| commit.business.uuid()).collect();
        heads.sort_unstable();
        heads.dedup();
        let mut batch = Self {
            entries: vec![0; heads.len()],
            heads,
            guards: Vec::with_capacity(group.len()),
            calls: Vec::with_capacity(group.len()),
            sums: Sums::default(),
            events: Vec::with_capacity(group.len()),
            jobs: Vec::with_capacity(group.len()),
            last: Vec::with_capacity(group.len()),
        };
        for commit in group {
            batch.push(commit)?;
        }
        Ok(batch)
    }

    fn push(&mut self, commit: &Commit) -> Result<(), StoreError> {
        let business = commit.business.uuid();
        let index = self.heads.binary_search(&business);
        let index = index.map_err(|_| StoreError::corrupt(PLACE, "a business is missing"))?;
        let head = i32::try_from(index).unwrap_or(i32::MAX).saturating_add(1);
        let mut guard = CallGuard {
            head,
            settings: UNGUARDED,
            phone: None,
            flags: -1,
        };
        for wanted in &commit.guards {
            if let Guard::Settings { version } = wanted {
                guard.settings = int8(*version);
            }
            if let Guard::CallerFlags { phone: number, version } = wanted {
                guard.flags = int4(*version);
                guard.phone = phone(Some(number));
            }
        }
        self.guards.push(guard);
        let mut last = None;
        for change in &commit.changes {
            if let Change::InsertCall(call) = change {
                self.calls.push(CallRow::of(call)?);
                for delta in totals_delta(None, call) {
                    self.sums.add(business, delta);
                }
            }
            if let Change::Feed(event) = change {
                let step = self.next_entry(index);
                self.events.push(EventRow::of(head, step, event)?);
                last = Some((head, step));
            }
            if let Change::Enqueue(new) = change {
                self.jobs.push(JobRow::of(head, new)?);
            }
        }
        self.last.push(last);
        Ok(())
    }

    /// The step of one more entry of the business with this index.
    fn next_entry(&mut self, index: usize) -> i32 {
        self.entries.get_mut(index).map_or(0, |entries| {
            *entries = entries.saturating_add(1);
            i32::try_from(*entries).unwrap_or(i32::MAX)
        })
    }

    fn statement(self) -> (Statement<'static>, Placed) {
        let placed = Placed {
            heads: self.heads.len(),
            last: self.last,
        };
        let (sums, sizes) = self.sums.rows();
        let statement = sqlx::query(TAKE_IN)
            .bind(self.heads)
            .bind(self.entries)
            .bind(self.guards)
            .bind(self.calls)
            .bind(sums)
            .bind(sizes)
            .bind(self.events)
            .bind(self.jobs);
        (statement, placed)
    }
}
