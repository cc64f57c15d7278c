//! Repeating a change is safe: a request with an `Idempotency-Key` that was answered before gets the same answer again.
//!
//! Only successes are remembered, since a request that failed changed nothing. Keys belong to whoever sent them. An
//! answer that holds a secret is never stored: its repetition is told so instead of making a second one. A request whose
//! key is still being answered by this process is told to come again; two processes may do the same at one moment, and
//! that they change things once is then up to what they do (identifiers derive from the key, versions are compared).

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::middleware::Next;
use axum::response::IntoResponse as _;
use mccc_core::BusinessId;
use mccc_core::port::store::StoredResponse;
use sha2::{Digest as _, Sha256};

use super::auth::Member;
use super::problem::{Code, PROBLEM_JSON, Problem};
use super::state::Api;

/// Name of the header.
pub(super) const HEADER: &str = "idempotency-key";
/// Longest body of a request, in bytes.
pub(super) const LONGEST_BODY: usize = 256 * 1_024;
/// Longest answer that is remembered, in bytes.
const LONGEST_ANSWER: usize = 256 * 1_024;
/// Says that an answer was given before.
const REPLAYED: &str = "idempotency-replayed";

/// Whoever signs in has no keys yet, and signing in or out twice is no harm.
const OUTSIDE: &str = "/api/v1/session";
/// Seconds after which an answer that is under way is usually there.
const SOON: u64 = 1;

/// The keys whose requests are being answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct InFlight(Arc<Mutex<HashSet<(BusinessId, String)>>>);

/// The right to answer a key. Given back when dropped, in whatever way the request ends.
#[derive(Debug)]
struct Claim {
    keys: InFlight,
    key: (BusinessId, String),
}

impl InFlight {
    fn claim(&self, business: BusinessId, key: &str) -> Option<Claim> {
        let key = (business, key.to_owned());
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(key.clone()).then(|| Claim {
            keys: self.clone(),
            key,
        })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut keys = self.keys.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.remove(&self.key);
    }
}

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
    let path = request.extensions().get::<MatchedPath>();
    let outside = path.is_some_and(|path| path.as_str() == OUTSIDE);
    if outside || request.method().is_safe() || !request.headers().contains_key(HEADER) {
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
    let Some(_claim) = api.in_flight.claim(member.business, &key) else {
        return Err(Problem::new(
            Code::KeyInUse,
            "The first request with this Idempotency-Key is still being answered. Send it again in a moment.",
        )
        .retry_after(SOON));
    };
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
    if !response.status().is_success() {
        return Ok(response);
    }
    if response.extensions().get::<HoldsSecret>().is_some() {
        let instead = Problem::new(
            Code::SecretShownOnce,
            "This was done before, and the answer held a secret that is shown once. Nothing was done again. If the \
             answer was lost, undo what it made and make another with a new Idempotency-Key.",
        );
        let (parts, body) = instead.into_response().into_parts();
        let body = to_bytes(body, LONGEST_ANSWER).await.map_err(|_| Problem::internal())?;
        remember(api, member.business, (key, hash), parts.status, &body).await;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, LONGEST_ANSWER).await.map_err(|_| Problem::internal())?;
    remember(api, member.business, (key, hash), parts.status, &body).await;
    Ok(Response::from_parts(parts, Body::from(body)))
}

async fn remember(
    api: &Api,
    business: BusinessId,
    (key, request_hash): (String, String),
    status: StatusCode,
    body: &Bytes,
) {
    if let Ok(text) = std::str::from_utf8(body) {
        let stored = StoredResponse {
            key,
            request_hash,
            status: status.as_u16(),
            body: text.to_owned(),
            at: api.app.clock.now(),
        };
        if let Err(error) = api.app.accounts.remember(business, &stored).await {
            // The change is made; only its repetition would be answered anew.
            tracing::warn!(%error, "an answer could not be remembered");
        }
    }
}

fn again(stored: StoredResponse) -> Response<Body> {
    let empty = stored.body.is_empty();
    let mut response = Response::new(Body::from(stored.body));
    *response.status_mut() = StatusCode::from_u16(stored.status).unwrap_or(StatusCode::OK);
    let kind = if response.status().is_success() {
        HeaderValue::from_static("application/json")
    } else {
        PROBLEM_JSON
    };
    let headers = response.headers_mut();
    if !empty {
        headers.insert(header::CONTENT_TYPE, kind);
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

#[cfg(test)]
mod tests {
    use mccc_core::Timestamp;

    use super::*;

    #[test]
    fn a_key_is_answered_by_one_request_at_a_time() {
        let keys = InFlight::default();
        let (ace, best) = (business("ace"), business("best"));
        let first = keys.claim(ace, "k").unwrap();
        assert!(keys.claim(ace, "k").is_none());
        assert!(keys.claim(best, "k").is_some() && keys.claim(ace, "other").is_some());
        drop(first);
        assert!(keys.claim(ace, "k").is_some());
    }

    fn business(name: &str) -> BusinessId {
        BusinessId::derive(Timestamp::UNIX_EPOCH, name)
    }
}
