//! Keys with which machines use the API of a business.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use mccc_core::ApiKeyId;
use mccc_core::port::id_bytes;
use mccc_core::port::store::{ApiKey, Role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Body, Named, Reply};
use super::names::RoleName;
use crate::http::auth::Member;
use crate::http::idempotency::HoldsSecret;
use crate::http::problem::Problem;
use crate::http::state::Api;
use crate::runtime::{fresh_token, sha256};

/// Longest name of a key, in characters.
const LONGEST_NAME: usize = 80;

/// Keys of a business.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Keys {
    /// The keys, newest first, revoked ones included.
    items: Vec<KeyView>,
}

/// A key, without its text.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeyView {
    /// Identifier.
    id: String,
    /// Name a person gave it.
    name: String,
    /// What it may do.
    #[schema(value_type = RoleName)]
    role: &'static str,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was revoked.
    #[schema(format = DateTime)]
    revoked_at: Option<String>,
}

impl From<ApiKey> for KeyView {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name,
            role: key.role.name(),
            created_at: key.created_at.to_string(),
            revoked_at: key.revoked_at.map(|at| at.to_string()),
        }
    }
}

/// A key to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewKey {
    /// What it is for, 1 to 80 characters.
    name: String,
    /// What it may do; `manager` when it is left out.
    #[serde(default)]
    #[schema(value_type = Option<RoleName>)]
    role: Option<Role>,
}

/// A key that was made.
#[derive(Serialize, ToSchema)]
pub(super) struct MadeKey {
    /// The key's text. It is shown once and stored nowhere.
    #[schema(example = "mccc_…")]
    key: String,
    /// The key.
    #[serde(flatten)]
    view: KeyView,
}

/// Keys of the business. For owners.
#[utoipa::path(
    get, path = "/businesses/{business}/keys", tag = "keys",
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = Keys, description = "The keys, without their texts."))
)]
pub(super) async fn list(State(api): State<Api>, member: Member) -> Reply<Keys> {
    member.owns()?;
    let keys = api.app.accounts.api_keys(member.business).await?;
    Ok(Json(Keys {
        items: keys.into_iter().map(Into::into).collect(),
    }))
}

/// Make a key. For owners. Its text is in the answer and never shown again.
#[utoipa::path(
    post, path = "/businesses/{business}/keys", tag = "keys", request_body = NewKey,
    params(("business" = String, Path, description = "The business.")),
    responses((status = 201, body = MadeKey, description = "The key."))
)]
pub(super) async fn make(
    State(api): State<Api>,
    member: Member,
    Body(wanted): Body<NewKey>,
) -> Result<Response, Problem> {
    member.owns()?;
    let name = wanted.name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(Problem::field(
            "/name",
            "Say in 1 to 80 characters what the key is for.",
        ));
    }
    let now = api.app.clock.now();
    let text = format!("mccc_{}", fresh_token(&*api.app.entropy));
    let key = ApiKey {
        id: ApiKeyId::from_entropy(now, id_bytes(&*api.app.entropy)),
        business: member.business,
        name: name.to_owned(),
        key_hash: sha256(&text),
        role: wanted.role.unwrap_or(Role::Manager),
        created_at: now,
        revoked_at: None,
    };
    api.app.accounts.add_api_key(&key).await?;
    let made = MadeKey {
        key: text,
        view: key.into(),
    };
    Ok((StatusCode::CREATED, Extension(HoldsSecret), Json(made)).into_response())
}

/// Revoke a key. For owners. It works no longer at once.
#[utoipa::path(
    delete, path = "/businesses/{business}/keys/{id}", tag = "keys",
    params(("business" = String, Path, description = "The business."), ("id" = String, Path, description = "The key.")),
    responses((status = 204, description = "Revoked; doing it again changes nothing."))
)]
pub(super) async fn revoke(
    State(api): State<Api>,
    member: Member,
    Named(id): Named<ApiKeyId>,
) -> Result<StatusCode, Problem> {
    member.owns()?;
    let keys = api.app.accounts.api_keys(member.business).await?;
    if !keys.iter().any(|key| key.id == id) {
        return Err(Problem::not_found());
    }
    api.app
        .accounts
        .revoke_api_key(member.business, id, api.app.clock.now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
