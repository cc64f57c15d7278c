//! Who has opted out, and the ledger that proves it.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Query, Reply, limit};
use crate::http::auth::Member;
use crate::http::state::Api;

/// Opt-outs of a list.
const MOST: u32 = 1_000;

/// Opt-outs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OptOuts {
    /// The opt-outs, newest first.
    items: Vec<OptOut>,
}

/// One number that has opted out, or in again.
#[derive(Debug, Serialize, ToSchema)]
struct OptOut {
    /// The number in E.164 form.
    phone: String,
    /// As people write it.
    national: String,
    /// When it opted out.
    #[schema(format = DateTime)]
    opted_out_at: String,
    /// The word or phrase that did it.
    keyword: String,
    /// When it opted in again, if it has.
    #[schema(format = DateTime)]
    opted_back_in_at: Option<String>,
}

/// How many.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OptOutsQuery {
    /// At most this many, 1 to 1,000.
    limit: Option<u32>,
}

/// Numbers that have opted out, newest first.
#[utoipa::path(
    get, path = "/businesses/{business}/opt-outs", tag = "consent",
    params(("business" = String, Path, description = "The business."), OptOutsQuery),
    responses((status = 200, body = OptOuts, description = "The opt-outs."))
)]
pub(super) async fn opt_outs(
    State(api): State<Api>,
    member: Member,
    Query(query): Query<OptOutsQuery>,
) -> Reply<OptOuts> {
    let limit = limit(query.limit, MOST, MOST)?;
    let rows = api.app.center.ports().store.opt_outs(member.business, limit).await?;
    Ok(Json(OptOuts {
        items: rows
            .into_iter()
            .map(|row| OptOut {
                phone: row.phone.to_string(),
                national: row.phone.national(),
                opted_out_at: row.opted_out_at.to_string(),
                keyword: row.keyword,
                opted_back_in_at: row.opted_back_in_at.map(|at| at.to_string()),
            })
            .collect(),
    }))
}

/// A part of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Ledger {
    /// The entries, in order.
    items: Vec<LedgerEntry>,
    /// Ask for the entries after this place next; null at the end.
    next_after: Option<u64>,
    /// Where the whole chain ends; null when it is empty.
    head: Option<LedgerHead>,
}

/// One entry.
#[derive(Debug, Serialize, ToSchema)]
struct LedgerEntry {
    /// Its place, from 1.
    seq: u64,
    /// When it happened; null when the entry cannot be read.
    #[schema(format = DateTime)]
    at: Option<String>,
    /// What happened, such as `opt_out`.
    kind: Option<&'static str>,
    /// The caller, as a keyed digest in hexadecimal.
    phone_digest: Option<String>,
    /// Where it came from.
    source: Option<String>,
    /// The keyword, or the identifier of the call or text.
    evidence: Option<String>,
    /// The sealed form in hexadecimal.
    bytes: String,
    /// The seal over the previous seal and the sealed form, in hexadecimal.
    mac: String,
}

/// Where a chain ends.
#[derive(Debug, Serialize, ToSchema)]
struct LedgerHead {
    /// How many entries it has.
    len: u64,
    /// The seal of the last, in hexadecimal.
    mac: String,
}

/// Which part.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct LedgerQuery {
    /// Begin after this place.
    after: Option<u64>,
    /// At most this many, 1 to 1,000; 200 when it is left out.
    limit: Option<u32>,
}

/// The consent ledger, in order. Entries name callers by a keyed digest only.
#[utoipa::path(
    get, path = "/businesses/{business}/consent-ledger", tag = "consent",
    params(("business" = String, Path, description = "The business."), LedgerQuery),
    responses((status = 200, body = Ledger, description = "A part of the ledger."))
)]
pub(super) async fn ledger(State(api): State<Api>, member: Member, Query(query): Query<LedgerQuery>) -> Reply<Ledger> {
    member.may_configure()?;
    let limit = limit(query.limit, 200, MOST)?;
    let store = &api.app.center.ports().store;
    let sealed = store.ledger(member.business, query.after.unwrap_or(0), limit).await?;
    let head = store.ledger_head(member.business).await?;
    let last = sealed.last().map(|entry| entry.seq);
    let items = sealed.into_iter().map(|entry| {
        let record = entry.read();
        LedgerEntry {
            seq: entry.seq,
            at: record.as_ref().map(|record| record.at.to_string()),
            kind: record.as_ref().map(|record| record.kind.name()),
            phone_digest: record.as_ref().map(|record| hex::encode(record.phone.0)),
            source: record.as_ref().map(|record| record.source.clone()),
            evidence: record.map(|record| record.evidence),
            bytes: hex::encode(entry.bytes),
            mac: hex::encode(entry.mac),
        }
    });
    Ok(Json(Ledger {
        items: items.collect(),
        next_after: last.filter(|last| head.as_ref().is_some_and(|head| head.len > *last)),
        head: head.map(|head| LedgerHead {
            len: head.len,
            mac: hex::encode(head.mac),
        }),
    }))
}
