//! Every answer that is not what was asked for, as problem details (RFC 9457).
//!
//! A problem says what is the matter and what to do about it. It repeats nothing but the shape of what was sent.

use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::middleware::Next;
use axum::response::IntoResponse;
use mccc_core::business::SettingsError;
use mccc_core::center::CenterError;
use mccc_core::port::store::StoreError;
use mccc_core::routing::ScheduleError;
use serde::Serialize;
use utoipa::ToSchema;

/// Media type of problems.
pub(super) const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");
/// Where each code is explained; served by this program.
const EXPLAINED_AT: &str = "/api/errors";

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:ident, $title:literal;)*) => {
        /// What kind of problem it is. Names are stable: programs may tell problems apart by them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code.
            #[cfg(test)]
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable name.
            #[must_use]
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The HTTP status.
            #[must_use]
            pub(crate) const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

codes! {
    /// The request cannot be read.
    BadRequest = "bad_request", BAD_REQUEST, "The request cannot be read";
    /// Nobody is signed in.
    SignInFirst = "sign_in_first", UNAUTHORIZED, "Sign in first";
    /// E-mail address and password do not fit.
    WrongCredentials = "wrong_credentials", UNAUTHORIZED, "E-mail address or password is wrong";
    /// The role does not allow it.
    Forbidden = "forbidden", FORBIDDEN, "Your role does not allow this";
    /// The request came from another site.
    CrossSite = "cross_site", FORBIDDEN, "The request came from another site";
    /// There is no such thing, or it belongs to somebody else.
    NotFound = "not_found", NOT_FOUND, "Not found";
    /// The address knows other methods.
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "Method not allowed";
    /// Somebody saved in between.
    Stale = "stale", CONFLICT, "It was changed in the meantime";
    /// It does not fit the present state.
    Refused = "refused", CONFLICT, "Not possible now";
    /// The caller wants no texts.
    OptedOut = "opted_out", CONFLICT, "The caller has opted out of texts";
    /// The time of an appointment is taken, or a rule stands against it.
    TimeNotFree = "time_not_free", CONFLICT, "The time is not free";
    /// Whoever keeps the calendar was not given a permission that this needs.
    PermissionNeeded = "permission_needed", CONFLICT, "One more permission is needed";
    /// A request with the same idempotency key is still being answered.
    KeyInUse = "key_in_use", CONFLICT, "The first request is still being answered";
    /// It was done before, and its answer held a secret.
    SecretShownOnce = "secret_shown_once", CONFLICT, "The secret is not shown again";
    /// The request is too long.
    TooLarge = "too_large", PAYLOAD_TOO_LARGE, "The request is too long";
    /// The body is not JSON.
    NotJson = "not_json", UNSUPPORTED_MEDIA_TYPE, "The body is not JSON";
    /// Values cannot be accepted.
    Invalid = "invalid", UNPROCESSABLE_ENTITY, "Some values cannot be accepted";
    /// The idempotency key was used for another request.
    KeyReused = "key_reused", UNPROCESSABLE_ENTITY, "The Idempotency-Key was used for another request";
    /// Too many attempts.
    TooMany = "too_many_requests", TOO_MANY_REQUESTS, "Too many attempts";
    /// We failed.
    Internal = "internal", INTERNAL_SERVER_ERROR, "Something went wrong here";
    /// The phone provider failed.
    Provider = "provider", BAD_GATEWAY, "The phone provider failed";
    /// The calendar cannot be used.
    Calendar = "calendar", BAD_GATEWAY, "The calendar cannot be used";
    /// The database is away.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "Temporarily unavailable";
}

/// One mistake and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// Where it is, as a JSON pointer into the request (`/cells/12`), or the name of a query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
    /// What kind of mistake it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    /// What is wrong and what would be right.
    pub(crate) message: String,
}

/// A request that was not carried out, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    code: Code,
    retry_after: Option<u64>,
    details: ProblemDetails,
}

/// Problem details (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDetails {
    /// Address of the explanation.
    #[serde(rename = "type")]
    #[schema(example = "/api/errors#stale")]
    kind: String,
    /// The kind of problem in a few words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// The stable name of the kind.
    #[schema(example = "stale")]
    code: &'static str,
    /// What is the matter and what to do about it.
    detail: String,
    /// Every mistake, where there can be several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

impl Problem {
    /// A problem with a sentence that says what to do.
    #[must_use]
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            retry_after: None,
            details: ProblemDetails {
                kind: format!("{EXPLAINED_AT}#{}", code.name()),
                title: code.title(),
                status: code.status().as_u16(),
                code: code.name(),
                detail: detail.into(),
                errors: Vec::new(),
            },
        }))
    }

    /// Nothing there, or nothing that the asker may know of.
    #[must_use]
    pub(crate) fn not_found() -> Self {
        Self::new(
            Code::NotFound,
            "There is nothing at this address that you may see. Check the identifier.",
        )
    }

    /// One value that cannot be accepted.
    #[must_use]
    pub(crate) fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::new(Code::Invalid, message.clone()).with_errors(vec![FieldError {
            field: Some(field.into()),
            code: None,
            message,
        }])
    }

    /// The same with every mistake listed.
    #[must_use]
    pub(crate) fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.0.details.errors = errors;
        self
    }

    /// The same with the seconds after which to try again.
    #[must_use]
    pub(crate) fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// The kind of problem.
    #[must_use]
    pub(crate) fn code(&self) -> Code {
        self.0.code
    }
}

#[cfg(test)]
impl Problem {
    /// The body.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(&self.0.details).unwrap_or_default()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response<Body> {
        let (status, retry_after) = (self.code().status(), self.0.retry_after);
        let mut response = (status, Json(self.0.details)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, PROBLEM_JSON);
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"mccc\""),
            );
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => {
                tracing::warn!(%error, "the API cannot reach the database");
                Self::new(
                    Code::Unavailable,
                    "The database does not answer. Try again in a moment.",
                )
                .retry_after(2)
            }
            StoreError::Corrupt(place, ref source) => {
                tracing::error!(place, %source, "the database holds something unexpected");
                Self::internal()
            }
        }
    }
}

impl Problem {
    /// A fault of ours; the log says which.
    #[must_use]
    pub(crate) fn internal() -> Self {
        Self::new(
            Code::Internal,
            "This is a fault on our side and it was logged. Try again; if it stays, give the support the value of \
             the X-Request-Id header.",
        )
    }
}

impl From<CenterError> for Problem {
    fn from(error: CenterError) -> Self {
        match error {
            CenterError::NotFound => Self::not_found(),
            CenterError::Stale => Self::new(
                Code::Stale,
                "Somebody else changed it in the meantime. Load it again and repeat your change.",
            ),
            CenterError::Settings(error) => settings(&error),
            CenterError::Takeover(error) => Self::new(Code::OptedOut, sentence(&error.to_string())),
            CenterError::Refused(why) => Self::new(Code::Refused, sentence(why)),
            CenterError::Provider(error) => {
                tracing::warn!(%error, code = error.code(), "the provider failed an API request");
                let why = error.reason().unwrap_or("The phone provider did not do it.");
                Self::new(Code::Provider, format!("{why} Try again in a minute."))
            }
            CenterError::Conflict(conflict) => Self::new(Code::Refused, sentence(&conflict.to_string())),
            CenterError::Store(error) => error.into(),
            CenterError::AnswerLost => Self::new(
                Code::Unavailable,
                "The database did not say whether the change was made. Repeating is safe: send the same request again.",
            )
            .retry_after(2),
        }
    }
}

fn settings(error: &SettingsError) -> Problem {
    match error {
        SettingsError::Schedule(mistakes) => Problem::new(
            Code::Invalid,
            format!("The schedule has {} mistake(s); each is listed.", mistakes.len()),
        )
        .with_errors(mistakes.iter().map(schedule_mistake).collect()),
        SettingsError::Templates(problems) => Problem::new(
            Code::Invalid,
            format!(
                "{} text(s) cannot be saved as they are; each is listed.",
                problems.len()
            ),
        )
        .with_errors(
            problems
                .iter()
                .map(|(field, problem)| FieldError {
                    field: Some(format!("/templates/{field}")),
                    code: None,
                    message: sentence(&problem.to_string()),
                })
                .collect(),
        ),
        SettingsError::Field { field, problem } => Problem::field(pointer(field), sentence(problem)),
    }
}

/// A mistake of a schedule with its place.
#[must_use]
pub(super) fn schedule_mistake(mistake: &ScheduleError) -> FieldError {
    let code = serde_json::to_value(&mistake.problem)
        .ok()
        .and_then(|value| value.get("code").and_then(|code| code.as_str().map(str::to_owned)));
    FieldError {
        field: Some(pointer(&format!("schedule.{}", mistake.path))),
        code,
        message: sentence(&mistake.problem.to_string()),
    }
}

/// `weekly[3].start` as the JSON pointer `/weekly/3/start`.
fn pointer(path: &str) -> String {
    let path = path.replace('[', ".").replace(']', "");
    format!("/{}", path.replace('.', "/"))
}

/// A clause as a sentence.
pub(super) fn sentence(clause: &str) -> String {
    let mut chars = clause.chars();
    let Some(first) = chars.next() else {
        return String::new();
    };
    let text: String = first.to_uppercase().chain(chars).collect();
    if text.ends_with(['.', '!', '?']) {
        text
    } else {
        format!("{text}.")
    }
}

/// Turns refusals of the framework (an unknown address, a wrong method, a body that is too long) into problems, and
/// keeps answers with tenant data out of shared caches.
pub(super) async fn uniform(request: Request, next: Next) -> Response<Body> {
    let mut response = next.run(request).await;
    let status = response.status();
    let is_problem = response.headers().get(header::CONTENT_TYPE) == Some(&PROBLEM_JSON);
    if (status.is_client_error() || status.is_server_error()) && !is_problem {
        let allow = response.headers().get(header::ALLOW).cloned();
        response = of_status(status).into_response();
        if let Some(allow) = allow {
            response.headers_mut().insert(header::ALLOW, allow);
        }
    }
    let headers = response.headers_mut();
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn of_status(status: StatusCode) -> Problem {
    match status {
        StatusCode::NOT_FOUND => Problem::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => Problem::new(
            Code::MethodNotAllowed,
            "This address knows other methods; the Allow header lists them.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(Code::TooLarge, "A request may have 256 KiB. Send less at once."),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Problem::new(Code::NotJson, "Send JSON with `Content-Type: application/json`.")
        }
        status if status.is_client_error() => Problem::new(
            Code::BadRequest,
            "The request cannot be read. /api/docs shows what is expected.",
        ),
        _ => Problem::internal(),
    }
}

/// What a handler that panicked answers.
#[must_use]
pub(super) fn of_panic(_panic: Box<dyn std::any::Any + Send + 'static>) -> Response<Body> {
    tracing::error!("a handler of the API panicked");
    Problem::internal().into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_explained() {
        let text = super::super::api::ERRORS_PAGE;
        for code in Code::ALL {
            let (name, status) = (code.name(), code.status().as_u16());
            assert!(text.contains(&format!("## {name}")), "{name} is not in docs/errors.md");
            assert!(text.contains(&format!("`{name}` | {status}")), "{name} {status}");
        }
    }

    #[test]
    fn paths_of_mistakes_are_pointers() {
        assert_eq!(pointer("schedule.weekly[3].start"), "/schedule/weekly/3/start");
    }

    #[test]
    fn clauses_become_sentences() {
        assert_eq!(sentence("write something first"), "Write something first.");
        assert_eq!(sentence("Done."), "Done.");
    }
}
