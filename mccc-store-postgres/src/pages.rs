//! Lists of calls, by position and never by offset.
//!
//! Without a filter a page is one range of the index by time. A method or a dashboard label (one to three stored
//! outcomes) is served by the index by method and outcome: the newest of each pair that fits are merged, at most fifteen
//! short ranges, however long the tenant's history. A caller and "needs attention" have indexes of their own.

use mccc_core::calls::{CallState, Outcome, TextSummary};
use mccc_core::port::store::{CallCursor, CallFilter, CallRow, StoreError};
use mccc_core::routing::{Method, Variant};
use mccc_core::zone::LocalDay;
use mccc_core::{BusinessId, CallId, CallerId, ConversationId, PhoneNumber, Timestamp};
use sqlx::postgres::PgRow;
use sqlx::{Postgres, QueryBuilder, Row as _};
use uuid::Uuid;

use crate::PostgresStore;
use crate::error::Place as _;
use crate::wire::{At, Day};

const TABLE: &str = "missed_calls";
const SECONDS_PER_DAY: i64 = 86_400;
/// Wall clocks are at most 14 hours ahead of and 12 hours behind UTC.
const AHEAD_SECONDS: i64 = 14 * 3_600;
const BEHIND_SECONDS: i64 = 12 * 3_600;

const SHOWN: &str = "m.id, m.caller_id_status, m.caller_phone, m.caller_name, m.dialled_number, m.scheduled_method, \
    m.routing_method, m.variant, m.state, m.outcome, m.recovered, m.is_test, m.tags, m.received_at, m.responded_at, \
    m.call_duration_seconds, m.recording_duration_seconds, m.text_status, m.conversation_id, m.needs_attention, \
    m.read_at, m.callback_completed_at";

impl PostgresStore {
    pub(crate) async fn list_calls(
        &self,
        business: BusinessId,
        filter: &CallFilter,
        after: Option<CallCursor>,
        limit: u32,
    ) -> Result<Vec<CallRow>, StoreError> {
        let mut query = QueryBuilder::<Postgres>::new("SELECT c.*, k.name AS contact_name FROM admit(");
        query
            .push_bind(business.uuid())
            .push(") AS a(business) CROSS JOIN LATERAL (");
        let pairs = (filter.caller.is_none() && !filter.attention)
            .then(|| pairs(filter))
            .flatten();
        match pairs {
            Some((methods, outcomes)) => merged(&mut query, filter, after, limit, methods, outcomes),
            None => ranged(&mut query, filter, after, limit),
        }
        query.push(
            ") AS c LEFT JOIN LATERAL (SELECT k.name FROM contacts k WHERE k.business_id = a.business \
             AND k.phone = c.caller_phone OFFSET 0) AS k ON true ORDER BY c.received_at DESC, c.id DESC",
        );
        let rows = query.build().fetch_all(self.pool()).await.place(TABLE)?;
        rows.iter().map(call_row).collect()
    }
}

/// The pairs of method and outcome that a filter lets through, unless it lets all through.
fn pairs(filter: &CallFilter) -> Option<(Vec<&'static str>, Vec<&'static str>)> {
    if filter.method.is_none() && filter.outcome.is_none() {
        return None;
    }
    let methods = Method::ALL
        .iter()
        .filter(|method| filter.method.is_none_or(|wanted| wanted == **method));
    Some(
        methods
            .flat_map(|method| outcomes(filter).map(|outcome| (method.name(), outcome.name())))
            .unzip(),
    )
}

fn outcomes(filter: &CallFilter) -> impl Iterator<Item = &'static Outcome> {
    let wanted = filter.outcome;
    Outcome::ALL
        .iter()
        .filter(move |outcome| wanted.is_none_or(|wanted| wanted == outcome.dashboard()))
}

/// One range of an index, newest first.
fn ranged(query: &mut QueryBuilder<Postgres>, filter: &CallFilter, after: Option<CallCursor>, limit: u32) {
    query.push("SELECT ").push(SHOWN);
    query.push(" FROM missed_calls m WHERE m.business_id = a.business");
    conditions(query, filter, after);
    if let Some(caller) = &filter.caller {
        query.push(" AND m.caller_phone = ").push_bind(caller.to_string());
    }
    if filter.attention {
        query.push(" AND m.needs_attention");
    }
    if let Some(method) = filter.method {
        query.push(" AND m.routing_method = ").push_bind(method.name());
    }
    if filter.outcome.is_some() {
        let names: Vec<&str> = outcomes(filter).map(|outcome| outcome.name()).collect();
        query.push(" AND m.outcome = ANY (").push_bind(names).push(")");
    }
    newest(query, limit);
}

/// The newest of each pair, merged.
fn merged(
    query: &mut QueryBuilder<Postgres>,
    filter: &CallFilter,
    after: Option<CallCursor>,
    limit: u32,
    methods: Vec<&'static str>,
    outcomes: Vec<&'static str>,
) {
    query.push("SELECT ").push(SHOWN);
    query
        .push(" FROM (SELECT m.received_at, m.id FROM unnest(")
        .push_bind(methods);
    query.push(", ").push_bind(outcomes);
    query.push(
        ") AS p(method, outcome) CROSS JOIN LATERAL (SELECT m.received_at, m.id FROM missed_calls m \
         WHERE m.business_id = a.business AND m.routing_method = p.method AND m.outcome = p.outcome",
    );
    conditions(query, filter, after);
    newest(query, limit);
    query.push(") AS m");
    newest(query, limit);
    query.push(
        ") AS t CROSS JOIN LATERAL (SELECT m.* FROM missed_calls m WHERE m.business_id = a.business AND m.id = t.id \
         OFFSET 0) AS m",
    );
}

fn newest(query: &mut QueryBuilder<Postgres>, limit: u32) {
    query
        .push(" ORDER BY m.received_at DESC, m.id DESC LIMIT ")
        .push_bind(i64::from(limit));
}

/// What every shape of the list asks for.
fn conditions(query: &mut QueryBuilder<Postgres>, filter: &CallFilter, after: Option<CallCursor>) {
    if let Some(after) = after {
        query
            .push(" AND (m.received_at, m.id) < (")
            .push_bind(At(after.received_at));
        query.push(", ").push_bind(after.id.uuid()).push(")");
    }
    // A local day is looked for among the instants it can have anywhere, so that the index bounds the search.
    if let Some(day) = filter.from_day {
        query.push(" AND m.local_day >= ").push_bind(Day(day));
        query
            .push(" AND m.received_at >= ")
            .push_bind(At(midnight(day, 0, -AHEAD_SECONDS)));
    }
    if let Some(day) = filter.to_day {
        query.push(" AND m.local_day <= ").push_bind(Day(day));
        query
            .push(" AND m.received_at < ")
            .push_bind(At(midnight(day, 1, BEHIND_SECONDS)));
    }
    if !filter.tests {
        query.push(" AND NOT m.is_test");
    }
}

/// Midnight UTC `days` after `day`, moved by `seconds`.
fn midnight(day: LocalDay, days: i64, seconds: i64) -> Timestamp {
    Timestamp::from_seconds((i64::from(day.0) + days) * SECONDS_PER_DAY + seconds)
}

fn call_row(row: &PgRow) -> Result<CallRow, StoreError> {
    let instant = |column: &'static str| -> Result<Option<Timestamp>, StoreError> {
        let at: Option<At> = row.try_get(column).place(TABLE)?;
        Ok(at.map(|at| at.0))
    };
    let seconds = |column: &'static str| -> Result<Option<u32>, StoreError> {
        let seconds: Option<i32> = row.try_get(column).place(TABLE)?;
        Ok(seconds.and_then(|seconds| u32::try_from(seconds).ok()))
    };
    let text = |column: &'static str| -> Result<&str, StoreError> { row.try_get(column).place(TABLE) };
    let flag = |column: &'static str| -> Result<bool, StoreError> { row.try_get(column).place(TABLE) };
    let number = |text: &str| PhoneNumber::parse(text).map_err(|error| StoreError::corrupt(TABLE, error));
    let unknown = || StoreError::corrupt(TABLE, "unknown name");
    let caller: Option<&str> = row.try_get("caller_phone").place(TABLE)?;
    let contact: Option<String> = row.try_get("contact_name").place(TABLE)?;
    let network: Option<String> = row.try_get("caller_name").place(TABLE)?;
    let conversation: Option<Uuid> = row.try_get("conversation_id").place(TABLE)?;
    Ok(CallRow {
        id: CallId::from_uuid(row.try_get("id").place(TABLE)?),
        caller: CallerId::from_stored(text("caller_id_status")?, caller.map(number).transpose()?),
        caller_name: contact.or(network),
        dialled: number(text("dialled_number")?)?,
        scheduled_method: Method::from_name(text("scheduled_method")?).ok_or_else(unknown)?,
        method: Method::from_name(text("routing_method")?).ok_or_else(unknown)?,
        variant: Variant::from_name(text("variant")?).ok_or_else(unknown)?,
        state: CallState::from_name(text("state")?).ok_or_else(unknown)?,
        outcome: Outcome::from_name(text("outcome")?).ok_or_else(unknown)?,
        recovered: flag("recovered")?,
        is_test: flag("is_test")?,
        tags: row.try_get("tags").place(TABLE)?,
        received_at: instant("received_at")?.ok_or_else(unknown)?,
        responded_at: instant("responded_at")?,
        duration_seconds: seconds("call_duration_seconds")?,
        recording_seconds: seconds("recording_duration_seconds")?,
        text: TextSummary::from_name(text("text_status")?).ok_or_else(unknown)?,
        conversation: conversation.map(ConversationId::from_uuid),
        needs_attention: flag("needs_attention")?,
        read_at: instant("read_at")?,
        callback_completed_at: instant("callback_completed_at")?,
    })
}

#[cfg(test)]
mod tests {
    use mccc_core::calls::DashboardOutcome;

    use super::*;

    #[test]
    fn a_label_without_method_asks_for_at_most_fifteen_ranges() {
        for label in DashboardOutcome::ALL {
            let filter = CallFilter {
                outcome: Some(*label),
                ..CallFilter::default()
            };
            let (methods, outcomes) = pairs(&filter).unwrap();
            assert_eq!(methods.len(), outcomes.len());
            assert!((Method::ALL.len()..=15).contains(&methods.len()), "{label:?}");
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
