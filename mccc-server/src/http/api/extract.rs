//! Reading requests: bodies, queries and identifiers, with refusals that say what is expected.

use std::str::FromStr;

use axum::Json;
use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::header;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mccc_core::PhoneNumber;
use mccc_core::zone::LocalDay;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::http::idempotency::LONGEST_BODY;
use crate::http::problem::{Code, Problem};

/// What most handlers answer.
pub(crate) type Reply<T> = Result<Json<T>, Problem>;

/// A JSON body.
#[derive(Debug)]
pub(crate) struct Body<T>(pub T);

impl<T: DeserializeOwned> Body<T> {
    /// Reads a body.
    ///
    /// # Errors
    /// When it is too long, no JSON, or not of the expected shape.
    pub(crate) async fn read(request: Request) -> Result<Self, Problem> {
        let is_json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
        let bytes = to_bytes(request.into_body(), LONGEST_BODY)
            .await
            .map_err(|_| Problem::new(Code::TooLarge, "A request may have 256 KiB. Send less at once."))?;
        if !is_json && !bytes.is_empty() {
            return Err(Problem::new(
                Code::NotJson,
                "Send JSON with `Content-Type: application/json`.",
            ));
        }
        // A request without a body is one without optional fields.
        let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        serde_json::from_slice(text).map(Self).map_err(|error| {
            if error.is_data() {
                Problem::new(
                    Code::Invalid,
                    format!("The body has another shape than expected: {error}. See /api/docs."),
                )
            } else {
                Problem::new(Code::BadRequest, format!("The body is not valid JSON: {error}."))
            }
        })
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        Self::read(request).await
    }
}

/// The query of an address.
#[derive(Debug)]
pub(crate) struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        axum::extract::Query::<T>::from_request_parts(parts, state)
            .await
            .map(|query| Self(query.0))
            .map_err(|error| Problem::new(Code::Invalid, format!("{}. See /api/docs.", error.body_text())))
    }
}

/// The part of the address called `id`. Something that is no identifier of the kind names nothing.
#[derive(Debug)]
pub(crate) struct Named<T>(pub T);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::not_found())?;
        let found = params.iter().find(|(key, _)| *key == "id");
        found
            .and_then(|(_, value)| value.parse().ok())
            .map(Self)
            .ok_or_else(Problem::not_found)
    }
}

/// A day of the query.
///
/// # Errors
/// When it is not one.
pub(crate) fn day(name: &str, text: Option<&str>) -> Result<Option<LocalDay>, Problem> {
    text.filter(|text| !text.is_empty())
        .map(|text| {
            text.parse()
                .map_err(|_| Problem::field(name, "Write a day as 2026-11-21."))
        })
        .transpose()
}

/// A telephone number as a person or a program writes it.
///
/// # Errors
/// When it is not one.
pub(crate) fn phone(field: &str, text: &str) -> Result<PhoneNumber, Problem> {
    PhoneNumber::parse_typed(text).map_err(|_| {
        Problem::field(
            field,
            "Write a phone number with its country code, such as +15125550100.",
        )
    })
}

/// How many items of a list are wanted.
///
/// # Errors
/// When it is none or too many.
pub(crate) fn limit(wanted: Option<u32>, usual: u32, most: u32) -> Result<u32, Problem> {
    match wanted.unwrap_or(usual) {
        wanted if (1..=most).contains(&wanted) => Ok(wanted),
        _ => Err(Problem::field("limit", format!("Choose 1 to {most}."))),
    }
}

/// A position as an opaque text.
pub(crate) fn to_cursor<T: Serialize>(position: &T) -> Option<String> {
    serde_json::to_vec(position)
        .ok()
        .map(|json| URL_SAFE_NO_PAD.encode(json))
}

/// A position from the text that an earlier page gave.
///
/// # Errors
/// When it is no such text.
pub(crate) fn from_cursor<T: DeserializeOwned>(text: Option<&str>) -> Result<Option<T>, Problem> {
    let wrong = || {
        Problem::field(
            "cursor",
            "Use the `next_cursor` of an earlier page, or leave it out to start anew.",
        )
    };
    text.filter(|text| !text.is_empty())
        .map(|text| {
            let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
            serde_json::from_slice(&json).map_err(|_| wrong())
        })
        .transpose()
}
