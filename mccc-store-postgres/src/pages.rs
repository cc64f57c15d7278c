//! Lists of calls, by position and never by offset.
//!
//! Without a filter a page is one range of the index by time. A method, a dashboard label or both are served by the index
//! by method and label: at most seven ranges, from which the newest are taken one by one, so that a page reads the rows it
//! shows and one more of each range, however long the tenant's history. A caller, "needs attention", and that with a
//! label have indexes of their own.

use std::fmt::Write as _;

use mccc_core::calls::{CallState, DashboardOutcome, Outcome, TextSummary};
use mccc_core::port::store::{CallCursor, CallFilter, CallRow, StoreError};
use mccc_core::routing::{Method, Variant};
use mccc_core::zone::LocalDay;
use mccc_core::{BusinessId, CallId, CallerId, ConversationId, PhoneNumber, Timestamp};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{Arguments as _, AssertSqlSafe, Encode, Postgres, Row as _, Type};
use uuid::Uuid;

use crate::PostgresStore;
use crate::error::Place as _;
use crate::wire::{At, Day};

const TABLE: &str = "missed_calls";
const SECONDS_PER_DAY: i64 = 86_400;
/// Wall clocks are at most 14 hours ahead of and 12 hours behind UTC.
const AHEAD_SECONDS: i64 = 14 * 3_600;
const BEHIND_SECONDS: i64 = 12 * 3_600;

/// What a list shows of a call, in the order in which [`call_row`] reads it. A call carries its contact's name from its
/// first change on; before, the name is looked up.
const SHOWN: &str = "m.id, m.caller_id_status, m.caller_phone, m.caller_name, m.dialled_number, m.scheduled_method, \
    m.routing_method, m.variant, m.state, m.outcome, m.recovered, m.is_test, m.tags, m.received_at, m.responded_at, \
    m.call_duration_seconds, m.recording_duration_seconds, m.text_status, m.conversation_id, m.needs_attention, \
    m.read_at, m.callback_completed_at, CASE WHEN m.named THEN m.contact_name ELSE \
    (SELECT k.name FROM contacts k WHERE k.business_id = m.business_id AND k.phone = m.caller_phone) END AS contact_name";

impl PostgresStore {
    pub(crate) async fn list_calls(
        &self,
        business: BusinessId,
        filter: &CallFilter,
        after: Option<CallCursor>,
        limit: u32,
    ) -> Result<Vec<CallRow>, StoreError> {
        let asked = Asked::new(business, filter, after, limit)?;
        let rows = sqlx::query_with(AssertSqlSafe(asked.sql), asked.arguments)
            .fetch_all(self.pool())
            .await
            .place(TABLE)?;
        let mut calls: Vec<CallRow> = rows.iter().map(call_row).collect::<Result<_, _>>()?;
        // They come in this order; only the statement does not promise it, and sorting wide rows there is dearer.
        calls.sort_by_key(|call| std::cmp::Reverse((call.received_at, call.id)));
        Ok(calls)
    }
}

/// A statement and its arguments. Ranges share arguments, so each is named by its number.
#[derive(Default)]
struct Asked {
    sql: String,
    arguments: PgArguments,
}

impl Asked {
    fn new(
        business: BusinessId,
        filter: &CallFilter,
        after: Option<CallCursor>,
        limit: u32,
    ) -> Result<Self, StoreError> {
        let mut asked = Self::default();
        let business = asked.bind(business.uuid())?;
        let mut conditions = asked.conditions(filter, after)?;
        let ranges = match ranges(filter) {
            Some(ranges) => ranges,
            None => {
                conditions.push_str(&asked.beside(filter)?);
                vec![String::new()]
            }
        };
        // The length of the page is part of the text: a plan for any length would be taken for the dearer one, and the
        // statement planned anew each time, which takes longer than to run it.
        let newest = format!("ORDER BY m.received_at DESC, m.id DESC LIMIT {limit}");
        let mut page = String::new();
        for range in &ranges {
            let between = if page.is_empty() { "" } else { " UNION ALL " };
            let _infallible = write!(
                page,
                "{between}(SELECT {SHOWN} FROM missed_calls m WHERE m.business_id = a.business{range}{conditions} {newest})"
            );
        }
        if ranges.len() > 1 {
            page = format!("SELECT * FROM ({page}) AS m {newest}");
        }
        asked.sql = format!("SELECT c.* FROM admit({business}) AS a(business) CROSS JOIN LATERAL ({page}) AS c");
        Ok(asked)
    }

    /// The name of a new argument.
    fn bind<'a, T>(&mut self, value: T) -> Result<String, StoreError>
    where
        T: Encode<'a, Postgres> + Type<Postgres>,
    {
        let added = self.arguments.add(value);
        added.map_err(|error| StoreError::corrupt(TABLE, error))?;
        Ok(format!("${}", self.arguments.len()))
    }

    /// What every shape of the list asks for.
    fn conditions(&mut self, filter: &CallFilter, after: Option<CallCursor>) -> Result<String, StoreError> {
        let mut sql = String::new();
        if let Some(after) = after {
            let (at, id) = (self.bind(At(after.received_at))?, self.bind(after.id.uuid())?);
            let _infallible = write!(sql, " AND (m.received_at, m.id) < ({at}, {id})");
        }
        // A local day is looked for among the instants it can have anywhere, so that the index bounds the search.
        if let Some(day) = filter.from_day {
            let (first, at) = (self.bind(Day(day))?, self.bind(At(midnight(day, 0, -AHEAD_SECONDS)))?);
            let _infallible = write!(sql, " AND m.local_day >= {first} AND m.received_at >= {at}");
        }
        if let Some(day) = filter.to_day {
            let (last, at) = (self.bind(Day(day))?, self.bind(At(midnight(day, 1, BEHIND_SECONDS)))?);
            let _infallible = write!(sql, " AND m.local_day <= {last} AND m.received_at < {at}");
        }
        if !filter.tests {
            sql.push_str(" AND NOT m.is_test");
        }
        Ok(sql)
    }

    /// What is asked for beside a caller or "needs attention", which lead to few calls.
    fn beside(&mut self, filter: &CallFilter) -> Result<String, StoreError> {
        let mut sql = String::new();
        if let Some(caller) = &filter.caller {
            let caller = self.bind(caller.to_string())?;
            let _infallible = write!(sql, " AND m.caller_phone = {caller}");
        }
        if filter.attention {
            sql.push_str(" AND m.needs_attention");
        }
        if let Some(method) = filter.method {
            let _infallible = write!(sql, " AND m.routing_method = '{}'", method.name());
        }
        if let Some(label) = filter.outcome {
            let _infallible = write!(sql, " AND m.label = '{}'", label.name());
        }
        Ok(sql)
    }
}

/// The ranges of the index by method and label that a filter leads to, unless another index serves it. The names are
/// the product's own.
fn ranges(filter: &CallFilter) -> Option<Vec<String>> {
    let elsewhere = filter.caller.is_some() || filter.attention;
    if elsewhere || (filter.method.is_none() && filter.outcome.is_none()) {
        return None;
    }
    let methods = Method::ALL
        .iter()
        .filter(|method| filter.method.is_none_or(|wanted| wanted == **method));
    let labels = |method: &'static Method| {
        let wanted = DashboardOutcome::ALL
            .iter()
            .filter(|label| filter.outcome.is_none_or(|wanted| wanted == **label));
        wanted.map(|label| {
            format!(
                " AND m.routing_method = '{}' AND m.label = '{}'",
                method.name(),
                label.name()
            )
        })
    };
    Some(methods.flat_map(labels).collect())
}

/// Midnight UTC `days` after `day`, moved by `seconds`.
fn midnight(day: LocalDay, days: i64, seconds: i64) -> Timestamp {
    Timestamp::from_seconds((i64::from(day.0) + days) * SECONDS_PER_DAY + seconds)
}

/// Reads columns in the order of [`SHOWN`].
fn call_row(row: &PgRow) -> Result<CallRow, StoreError> {
    let instant = |column: usize| -> Result<Option<Timestamp>, StoreError> {
        let at: Option<At> = row.try_get(column).place(TABLE)?;
        Ok(at.map(|at| at.0))
    };
    let seconds = |column: usize| -> Result<Option<u32>, StoreError> {
        let seconds: Option<i32> = row.try_get(column).place(TABLE)?;
        Ok(seconds.and_then(|seconds| u32::try_from(seconds).ok()))
    };
    let text = |column: usize| -> Result<&str, StoreError> { row.try_get(column).place(TABLE) };
    let flag = |column: usize| -> Result<bool, StoreError> { row.try_get(column).place(TABLE) };
    let number = |text: &str| PhoneNumber::parse(text).map_err(|error| StoreError::corrupt(TABLE, error));
    let unknown = || StoreError::corrupt(TABLE, "unknown name");
    let caller: Option<&str> = row.try_get(2).place(TABLE)?;
    let network: Option<String> = row.try_get(3).place(TABLE)?;
    let conversation: Option<Uuid> = row.try_get(18).place(TABLE)?;
    let contact: Option<String> = row.try_get(22).place(TABLE)?;
    Ok(CallRow {
        id: CallId::from_uuid(row.try_get(0).place(TABLE)?),
        caller: CallerId::from_stored(text(1)?, caller.map(number).transpose()?),
        caller_name: contact.or(network),
        dialled: number(text(4)?)?,
        scheduled_method: Method::from_name(text(5)?).ok_or_else(unknown)?,
        method: Method::from_name(text(6)?).ok_or_else(unknown)?,
        variant: Variant::from_name(text(7)?).ok_or_else(unknown)?,
        state: CallState::from_name(text(8)?).ok_or_else(unknown)?,
        outcome: Outcome::from_name(text(9)?).ok_or_else(unknown)?,
        recovered: flag(10)?,
        is_test: flag(11)?,
        tags: row.try_get(12).place(TABLE)?,
        received_at: instant(13)?.ok_or_else(unknown)?,
        responded_at: instant(14)?,
        duration_seconds: seconds(15)?,
        recording_seconds: seconds(16)?,
        text: TextSummary::from_name(text(17)?).ok_or_else(unknown)?,
        conversation: conversation.map(ConversationId::from_uuid),
        needs_attention: flag(19)?,
        read_at: instant(20)?,
        callback_completed_at: instant(21)?,
    })
}

#[cfg(test)]
mod tests {
    use mccc_core::calls::DashboardOutcome;

    use super::*;

    #[test]
    fn a_filter_asks_for_at_most_seven_ranges_and_for_none_twice() {
        let some = |filter: &CallFilter| {
            let mut ranges = ranges(filter).unwrap();
            let all = ranges.len();
            ranges.sort_unstable();
            ranges.dedup();
            assert_eq!(ranges.len(), all);
            all
        };
        for label in DashboardOutcome::ALL {
            let by_label = CallFilter {
                outcome: Some(*label),
                ..CallFilter::default()
            };
            assert_eq!(some(&by_label), Method::ALL.len());
            for method in Method::ALL {
                let method = Some(*method);
                assert_eq!(
                    some(&CallFilter {
                        method,
                        ..by_label.clone()
                    }),
                    1
                );
                assert_eq!(
                    some(&CallFilter {
                        method,
                        outcome: None,
                        ..by_label.clone()
                    }),
                    7
                );
            }
        }
        assert_eq!(ranges(&CallFilter::default()), None);
    }

    #[test]
    fn the_database_knows_each_outcome_by_its_label() {
        let step = include_str!("../migrations/0009_pages.sql");
        for outcome in Outcome::ALL {
            let line = format!("WHEN '{}' THEN '{}'\n", outcome.name(), outcome.dashboard().name());
            assert!(
                step.contains(&line) || outcome.dashboard() == DashboardOutcome::NoResponse,
                "{line}"
            );
        }
    }

    #[test]
    fn every_local_day_lies_within_its_instants_in_every_zone() {
        for name in mccc_core::zone::names() {
            let zone = mccc_core::zone::Zone::parse(name).unwrap();
            for second in [1_700_000_000, 1_719_800_000, 1_790_000_000] {
                let at = Timestamp::from_seconds(second);
                let day = zone.to_local(at).day;
                assert!(
                    midnight(day, 0, -AHEAD_SECONDS) <= at && at < midnight(day, 1, BEHIND_SECONDS),
                    "{name}"
                );
            }
        }
    }
}
