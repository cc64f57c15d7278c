//! One group: the statement that applies it, and what each of its calls learns.

use std::sync::Arc;

use mccc_core::calls::totals_delta;
use mccc_core::port::store::{Change, Commit, CommitError, Committed, Conflict, Guard, Stale, StoreError};
use mccc_core::{BusinessId, CallId};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;

use super::queue::Lead;
use super::{Answer, Fate};
use crate::PostgresStore;
use crate::columns::{CallColumns, FeedColumns, JobColumns, SumColumns, phone};
use crate::error::{Place as _, collided, judge};
use crate::wire::{int4, int8};

const PLACE: &str = "missed_calls";
/// Parameters of `intake`.
const PARAMETERS: usize = 55;
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
        let batch = Batch::of(group).map_err(Trouble::Failed)?;
        let owners = batch.event_owner.clone();
        let mut connection = lead
            .connection(self.pool())
            .await
            .map_err(|error| Trouble::Failed(judge("connection", error)))?;
        // All rows are fetched: the last message comes after the commit, and only then is anything promised.
        let rows = batch.statement().fetch_all(&mut *connection).await;
        match rows {
            Ok(rows) => {
                lead.keep(connection);
                let row = rows
                    .first()
                    .ok_or_else(|| Trouble::Failed(StoreError::corrupt(PLACE, "no answer")))?;
                said(row, group.len(), &owners).map_err(Trouble::Failed)
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

fn said(row: &PgRow, members: usize, owners: &[usize]) -> Result<Said, StoreError> {
    let verdicts: Vec<i32> = row.try_get("verdicts").place(PLACE)?;
    if verdicts.len() != members {
        return Err(StoreError::corrupt(PLACE, "a verdict is missing"));
    }
    if verdicts.iter().all(|verdict| *verdict == 0) {
        let stored: Vec<i64> = row.try_get("positions").place(PLACE)?;
        let mut positions = vec![None; members];
        for (owner, position) in owners.iter().zip(stored) {
            if let Some(slot) = positions.get_mut(*owner) {
                *slot = (*slot).max(u64::try_from(position).ok());
            }
        }
        return Ok(Said::Applied(positions));
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

/// The rows of a group, as columns.
#[derive(Default)]
struct Batch {
    calls: CallColumns,
    settings: Vec<i64>,
    flags_phone: Vec<Option<String>>,
    flags: Vec<i32>,
    sums: SumColumns,
    events: FeedColumns,
    /// Which member each event belongs to.
    event_owner: Vec<usize>,
    jobs: JobColumns,
}

impl Batch {
    fn of(group: &[&Commit]) -> Result<Self, StoreError> {
        let mut batch = Self::default();
        for (member, commit) in group.iter().enumerate() {
            batch.push(member, commit)?;
        }
        Ok(batch)
    }

    fn push(&mut self, member: usize, commit: &Commit) -> Result<(), StoreError> {
        let (mut settings, mut flags, mut flags_phone) = (UNGUARDED, -1, None);
        for guard in &commit.guards {
            if let Guard::Settings { version } = guard {
                settings = int8(*version);
            }
            if let Guard::CallerFlags { phone: number, version } = guard {
                flags = int4(*version);
                flags_phone = phone(Some(number));
            }
        }
        self.settings.push(settings);
        self.flags.push(flags);
        self.flags_phone.push(flags_phone);
        for change in &commit.changes {
            if let Change::InsertCall(call) = change {
                self.calls.push(call)?;
                self.sums.push(totals_delta(None, call).first());
            }
            if let Change::Feed(event) = change {
                self.events.push(commit.business, event)?;
                self.event_owner.push(member);
            }
            if let Change::Enqueue(new) = change {
                self.jobs.push(commit.business, new)?;
            }
        }
        Ok(())
    }

    fn statement(self) -> crate::columns::Statement<'static> {
        static SQL: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
            let parameters: Vec<String> = (1..=PARAMETERS).map(|number| format!("${number}")).collect();
            format!(
                "SELECT verdicts, stored_ids, stored_replies, positions FROM intake({})",
                parameters.join(", ")
            )
        });
        let statement = self.calls.bind(sqlx::query(AssertSqlSafe(SQL.as_str())));
        let statement = statement.bind(self.settings).bind(self.flags_phone).bind(self.flags);
        let statement = self.sums.bind(statement);
        let statement = self.events.bind(statement);
        self.jobs.bind(statement)
    }
}
