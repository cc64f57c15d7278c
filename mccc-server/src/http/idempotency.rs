//! Repeating a change is safe: a request with an `Idempotency-Key` that was answered before gets the same answer again.
//!
//! Only successes are remembered, since a request that failed changed nothing. Keys belong to whoever sent them. An
//! answer that holds a secret is never stored. Two equal requests at the same moment both run; that they change things
//! once is up to what they do (identifiers derive from the key, versions are compared).

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::middleware::Next;
use axum::response::IntoResponse as _;
use mccc_core::port::store::StoredResponse;
use sha2::{Digest as _, Sha256};

use super::auth::Member;
use super::problem::{Code, Problem};
use super::state::Api;

/// Name of the header.
pub(super) const HEADER: &str = "idempotency-key";
/// Longest body of a request, in bytes.
pub(super) const LONGEST_BODY: usize = 256 * 1_024;
/// Longest answer that is remembered, in bytes.
const LONGEST_ANSWER: usize = 256 * 1_024;
/// Says that an answer was given before.
const REPLAYED: &str = "idempotency-replayed";

/// Marks an answer that must not be stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct HoldsSecret;

/// The key of a request, made the sender's own; nothing when there is none.
///
/// # Errors
/// When it is empty, too long or not plain text.
pub(super) fn key_of(headers: &HeaderMap, member: &Member) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(HEADER) else {
        return Ok(None);
    };
    let plain = value
        .to_str()
        .ok()
        .filter(|key| (1..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()));
    match plain {
        Some(key) => Ok(Some(format!("{}/{key}", member.principal.name()))),
        None => Err(Problem::field(
            "Idempotency-Key",
            "An Idempotency-Key has 1 to 128 letters, digits and signs without spaces; a UUID is best.",
        )),
    }
}

/// Gives remembered answers again and remembers new ones.
pub(super) async fn remembering(State(api): State<Api>, request: Request, next: Next) -> Response<Body> {
    if request.method().is_safe() || !request.headers().contains_key(HEADER) {
        return next.run(request).await;
    }
    match once(&api, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn once(api: &Api, request: Request, next: Next) -> Result<Response<Body>, Problem> {
    let (mut parts, body) = request.into_parts();
    let member = Member::from_request_parts(&mut parts, api).await?;
    let Some(key) = key_of(&parts.headers, &member)? else {
        return Ok(next.run(Request::from_parts(parts, body)).await);
    };
    let body = to_bytes(body, LONGEST_BODY)
        .await
        .map_err(|_| Problem::new(Code::TooLarge, "A request may have 256 KiB. Send less at once."))?;
    let hash = hash_of(parts.method.as_str(), &parts.uri.to_string(), &body);
    if let Some(stored) = api.app.accounts.remembered(member.business, &key).await? {
        return if stored.request_hash == hash {
            Ok(again(stored))
        } else {
            Err(Problem::new(
                Code::KeyReused,
                "This Idempotency-Key belongs to an earlier, different request. Use a new key for a new request.",
            ))
        };
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    if !response.status().is_success() || response.extensions().get::<HoldsSecret>().is_some() {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, LONGEST_ANSWER).await.map_err(|_| Problem::internal())?;
    if let Ok(text) = std::str::from_utf8(&body) {
        let stored = StoredResponse {
            key,
            request_hash: hash,
            status: parts.status.as_u16(),
            body: text.to_owned(),
            at: api.app.clock.now(),
        };
        if let Err(error) = api.app.accounts.remember(member.business, &stored).await {
            // The change is made; only its repetition would be answered anew.
            tracing::warn!(%error, "an answer could not be remembered");
        }
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn again(stored: StoredResponse) -> Response<Body> {
    let empty = stored.body.is_empty();
    let mut response = Response::new(Body::from(stored.body));
    *response.status_mut() = StatusCode::from_u16(stored.status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    if !empty {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

fn hash_of(method: &str, path: &str, body: &Bytes) -> String {
    let mut hash = Sha256::new();
    for part in [method.as_bytes(), path.as_bytes()] {
        hash.update(part);
        hash.update([0]);
    }
    hash.update(body);
    hex::encode(hash.finalize())
}
