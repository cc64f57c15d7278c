//! What holds for one caller whatever the schedule says: blocked, spam, not texted.

use axum::Json;
use axum::extract::State;
use mccc_core::PhoneNumber;
use mccc_core::center::CallerChange;
use mccc_core::conversation::CallerFlags;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Body, Named, Reply};
use crate::http::auth::Member;
use crate::http::problem::Problem;
use crate::http::state::Api;

/// What holds for a caller.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Caller {
    /// The number in E.164 form.
    phone: String,
    /// As people write it.
    national: String,
    /// Never answered, never texted.
    blocked: bool,
    /// Held to be spam: rejected, never texted.
    spam: bool,
    /// Not texted by the machine.
    no_auto_text: bool,
    /// Until when the caller's emergency gives them the voice agent.
    #[schema(format = DateTime)]
    emergency_until: Option<String>,
}

/// What to change about a caller; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeCaller {
    /// Never answered, never texted.
    #[serde(default)]
    blocked: Option<bool>,
    /// Held to be spam. Taking it back also puts the caller among those who are never judged.
    #[serde(default)]
    spam: Option<bool>,
    /// Not texted by the machine.
    #[serde(default)]
    no_auto_text: Option<bool>,
    /// The voice agent answers them for the next hour, whatever the schedule says; `false` ends that.
    #[serde(default)]
    emergency: Option<bool>,
}

fn view(phone: &PhoneNumber, flags: &CallerFlags) -> Caller {
    Caller {
        phone: phone.to_string(),
        national: phone.national(),
        blocked: flags.blocked,
        spam: flags.spam,
        no_auto_text: flags.no_auto_text,
        emergency_until: flags.emergency_until.map(|until| until.to_string()),
    }
}

/// What holds for a caller.
#[utoipa::path(
    get, path = "/businesses/{business}/callers/{id}", tag = "calls",
    params(
        ("business" = String, Path, description = "The business."),
        ("id" = String, Path, description = "The caller's number in E.164 form, such as +15125550123."),
    ),
    responses((status = 200, body = Caller, description = "The caller."))
)]
pub(super) async fn read(State(api): State<Api>, member: Member, Named(phone): Named<PhoneNumber>) -> Reply<Caller> {
    let store = &api.app.center.ports().store;
    let flags = store.caller_flags(member.business, &phone).await?;
    Ok(Json(view(&phone, &flags)))
}

/// Block a caller, mark them as spam, keep the machine from texting them, begin an emergency, or take any of it back.
///
/// It governs the caller's very next call and every text that has not been handed over yet.
#[utoipa::path(
    put, path = "/businesses/{business}/callers/{id}", tag = "calls", request_body = ChangeCaller,
    params(
        ("business" = String, Path, description = "The business."),
        ("id" = String, Path, description = "The caller's number in E.164 form, such as +15125550123."),
    ),
    responses((status = 200, body = Caller, description = "The caller as changed."))
)]
pub(super) async fn change(
    State(api): State<Api>,
    member: Member,
    Named(phone): Named<PhoneNumber>,
    Body(wanted): Body<ChangeCaller>,
) -> Reply<Caller> {
    member.may_act()?;
    if api.app.center.business(member.business).await?.is_own(&phone) {
        return Err(Problem::field("/phone", "This is a number of the business itself."));
    }
    let change = CallerChange {
        blocked: wanted.blocked,
        spam: wanted.spam,
        no_auto_text: wanted.no_auto_text,
        emergency: wanted.emergency,
    };
    let flags = api.app.center.change_caller(member.business, phone, change).await?;
    Ok(Json(view(&phone, &flags)))
}
