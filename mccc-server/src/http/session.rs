//! Signing in and out.

use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use mccc_core::port::id_bytes;
use mccc_core::port::store::Session;
use mccc_core::{SessionId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::api::dto::RoleName;
use super::api::extract::{Body, Reply};
use super::auth::{COOKIE, Known, Principal, session_token};
use super::guard::address_of;
use super::problem::{Code, Problem};
use super::state::Api;
use crate::runtime::{fresh_token, sha256};

/// How long a session lasts.
const LASTS: Duration = Duration::from_secs(30 * 24 * 3_600);

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    /// E-mail address.
    #[schema(example = "owner@example.com")]
    email: String,
    /// Password.
    password: String,
}

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionView {
    /// The person, or the key of a machine.
    user: UserView,
    /// The businesses they belong to.
    businesses: Vec<BusinessRef>,
    /// Whether the simulated phone network is on.
    sandbox: bool,
    /// Whether the installation has a language model that may word answers.
    language_model: bool,
    /// Whether the installation has an embedding model that may say which question is meant.
    embedding_model: bool,
    /// Version of the program.
    version: &'static str,
}

/// A person.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UserView {
    /// Identifier.
    id: String,
    /// E-mail address; empty for a machine.
    email: String,
    /// Name.
    name: String,
}

/// A business somebody belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BusinessRef {
    /// Identifier.
    id: String,
    /// Name.
    name: String,
    /// What they may do there.
    #[schema(value_type = RoleName)]
    role: &'static str,
    /// IANA zone of the business.
    zone: String,
}

/// Sign in with e-mail address and password.
///
/// Sets the session's cookie for 30 days.
#[utoipa::path(
    post, path = "/session", tag = "session", request_body = SignIn, security(()),
    responses((status = 204, description = "Signed in; the answer sets the session's cookie."))
)]
pub(super) async fn sign_in(State(api): State<Api>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    api.guard
        .count_address(address_of(&parts, api.app.facts.trusted_proxies))?;
    let Body(SignIn { email, password }) = Body::read(Request::from_parts(parts, body)).await?;
    api.guard.count_email(&email)?;
    let user = api.app.accounts.user_by_email(email.trim()).await?;
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    let fits = api.guard.verify(password, hash).await?;
    match user {
        Some(user) if fits => {
            let mut response = StatusCode::NO_CONTENT.into_response();
            response
                .headers_mut()
                .insert(header::SET_COOKIE, begin(&api, user.id).await?);
            Ok(response)
        }
        Some(_) | None => Err(Problem::new(
            Code::WrongCredentials,
            "E-mail address or password is wrong. Check both, or ask an owner for a new sign-in link.",
        )),
    }
}

/// Sign out.
#[utoipa::path(
    delete, path = "/session", tag = "session", security(()),
    responses((status = 204, description = "Signed out, or was not signed in."))
)]
pub(super) async fn sign_out(State(api): State<Api>, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(token) = session_token(&headers) {
        api.app.accounts.end_session(&sha256(token)).await?;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    response
        .headers_mut()
        .insert(header::SET_COOKIE, cookie(&api, "", Duration::ZERO));
    Ok(response)
}

/// Who is signed in, and where they belong.
#[utoipa::path(
    get, path = "/session", tag = "session",
    responses((status = 200, body = SessionView, description = "Who is signed in."))
)]
pub(super) async fn session(State(api): State<Api>, Known(principal): Known) -> Reply<SessionView> {
    let mut businesses = Vec::new();
    for (id, role) in principal.businesses(&api).await? {
        let Some(owner) = api.app.center.ports().store.owner(id).await? else {
            continue;
        };
        businesses.push(BusinessRef {
            id: id.to_string(),
            name: owner.settings.profile.name.clone(),
            role: role.name(),
            zone: owner.zone().name().to_owned(),
        });
    }
    let user = match principal {
        Principal::Person { user, .. } => UserView {
            id: user.id.to_string(),
            email: user.email,
            name: user.name,
        },
        Principal::Machine(key) => UserView {
            id: key.id.to_string(),
            email: String::new(),
            name: key.name,
        },
    };
    Ok(Json(SessionView {
        user,
        businesses,
        sandbox: api.app.sandbox.is_some(),
        language_model: api.app.facts.language_model,
        embedding_model: api.app.facts.embedding_model,
        version: api.app.facts.version,
    }))
}

/// A link that signs in once: ends itself, begins a session and goes on to the pages. Who only looks at it (`HEAD`, as
/// mail programs do) leaves it as it is.
pub(super) async fn login(State(api): State<Api>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    if parts.method != Method::GET {
        return to_page("/");
    }
    match from_link(&api, &parts).await {
        Ok(cookie) => {
            let mut response = to_page("/");
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            response
        }
        Err(problem) if problem.code() == Code::SignInFirst => to_page("/signin?link=expired"),
        Err(problem) => problem.into_response(),
    }
}

async fn from_link(api: &Api, parts: &axum::http::request::Parts) -> Result<HeaderValue, Problem> {
    api.guard
        .count_address(address_of(parts, api.app.facts.trusted_proxies))?;
    let over = || {
        Problem::new(
            Code::SignInFirst,
            "This link has been used or is too old. Ask for a new one.",
        )
    };
    let query = parts.uri.query().unwrap_or_default();
    let token = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("token="))
        .ok_or_else(over)?;
    let hash = sha256(token);
    // A session's own token is no link: looked at before it is taken, so that trying it does not end the session.
    let found = api.app.accounts.session(&hash).await?.filter(|found| found.one_time);
    if found.is_none() {
        return Err(over());
    }
    let link = api.app.accounts.take_session(&hash).await?.ok_or_else(over)?;
    if !link.one_time || link.expires_at <= api.app.clock.now() {
        return Err(over());
    }
    begin(api, link.user).await
}

/// Begins a session and returns its cookie.
async fn begin(api: &Api, user: UserId) -> Result<HeaderValue, Problem> {
    let now = api.app.clock.now();
    let token = fresh_token(&*api.app.entropy);
    let session = Session {
        id: SessionId::from_entropy(now, id_bytes(&*api.app.entropy)),
        token_hash: sha256(&token),
        user,
        one_time: false,
        created_at: now,
        expires_at: now.plus(LASTS),
    };
    api.app.accounts.add_session(&session).await?;
    Ok(cookie(api, &token, LASTS))
}

fn cookie(api: &Api, token: &str, lasts: Duration) -> HeaderValue {
    let secure = if api.app.facts.secure_cookies { "; Secure" } else { "" };
    let seconds = lasts.as_secs();
    let text = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    // A token is letters, digits, - and _.
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

fn to_page(path: &'static str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, HeaderValue::from_static(path));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
