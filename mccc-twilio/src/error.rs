//! How a failure of the provider is judged: what went wrong, and whether the same request may be sent again.
//!
//! Sources: Twilio, REST responses, "Rate limits and retries" and error 20429, read 2026-11. A 429 was never
//! processed. Requests have no idempotency key, so whatever may have reached the provider is in doubt.

use std::time::Duration;

use mccc_core::port::{ErrorKind, FailureClass, PortError, Retry};

use crate::code::{self, Meaning};

/// Name of this adapter in errors.
pub(crate) const ADAPTER: &str = "twilio";
/// Longest wait that the provider may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// The provider's code for refused credentials.
const UNAUTHENTICATED: u32 = 20_003;

/// Whether doing it twice differs from doing it once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// A question, or a change to a state that is the same however often it is made.
    Repeatable,
    /// A text, a call, a purchase.
    Once,
}

/// How much of a request the provider may have seen when the exchange failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Not all of it: nothing happened.
    Incomplete,
    /// Possibly all of it.
    Complete,
}

impl Effect {
    /// The verdict on something that may have happened.
    const fn in_doubt(self) -> Retry {
        match self {
            Self::Repeatable => Retry::Backoff,
            Self::Once => Retry::Unknown,
        }
    }
}

/// No answer, or only part of one.
pub(crate) fn no_answer(
    operation: &'static str,
    effect: Effect,
    progress: Progress,
    cause: reqwest::Error,
) -> PortError {
    let (kind, retry) = if cause.is_builder() {
        (ErrorKind::InvalidConfig, Retry::Never)
    } else if cause.is_connect() || progress == Progress::Incomplete {
        (ErrorKind::Unavailable, Retry::Backoff)
    } else {
        (ErrorKind::Unavailable, effect.in_doubt())
    };
    // The address may hold a telephone number.
    PortError::new(ADAPTER, operation, kind, retry).with_source(cause.without_url())
}

/// An answer other than success.
pub(crate) fn refused(
    operation: &'static str,
    effect: Effect,
    status: u16,
    retry_after: Option<&str>,
    body: &[u8],
) -> PortError {
    let code = code_in(body);
    let meaning = code.or((status == 401).then_some(UNAUTHENTICATED)).map(code::meaning);
    let wait = retry_after
        .and_then(|text| text.trim().parse().ok())
        .map(|seconds| Duration::from_secs(seconds).min(LONGEST_WAIT));
    let kind = kind(status, meaning);
    let error = PortError::new(ADAPTER, operation, kind, verdict(effect, status, meaning, wait));
    let error = code.into_iter().fold(error, PortError::with_code);
    let Some(Meaning { class, reason }) = meaning else {
        return error;
    };
    reason.into_iter().fold(error.with_class(class), PortError::with_reason)
}

/// An answer of success that is not what the documentation promises: whatever was asked for has happened.
pub(crate) fn unreadable(operation: &'static str, effect: Effect) -> PortError {
    PortError::new(ADAPTER, operation, ErrorKind::Protocol, effect.in_doubt())
}

/// A request that the provider would refuse, so it is not made.
pub(crate) fn unusable(operation: &'static str, reason: &'static str) -> PortError {
    PortError::new(ADAPTER, operation, ErrorKind::Rejected, Retry::Never)
        .with_class(FailureClass::App)
        .with_reason(reason)
}

fn kind(status: u16, meaning: Option<Meaning>) -> ErrorKind {
    let limited = meaning.is_some_and(|meaning| meaning.class == FailureClass::Rate);
    match status {
        429 => ErrorKind::RateLimited,
        400..=499 if limited => ErrorKind::RateLimited,
        401 | 403 => ErrorKind::Unauthenticated,
        404 => ErrorKind::NotFound,
        408 => ErrorKind::Unavailable,
        409 => ErrorKind::Conflict,
        400..=499 => ErrorKind::Rejected,
        500..=599 => ErrorKind::Unavailable,
        _ => ErrorKind::Protocol,
    }
}

fn verdict(effect: Effect, status: u16, meaning: Option<Meaning>, wait: Option<Duration>) -> Retry {
    let again = wait.map_or(Retry::Backoff, Retry::After);
    match status {
        429 => again,
        408 => effect.in_doubt(),
        400..=499 => match meaning.map(|meaning| meaning.class) {
            Some(FailureClass::Rate | FailureClass::Transient) => again,
            Some(FailureClass::Doubtful) => effect.in_doubt(),
            Some(
                FailureClass::Recipient
                | FailureClass::Landline
                | FailureClass::OptOut
                | FailureClass::Account
                | FailureClass::Sender
                | FailureClass::Content
                | FailureClass::App,
            )
            | None => Retry::Never,
        },
        500..=599 => match effect {
            Effect::Repeatable => again,
            Effect::Once => Retry::Unknown,
        },
        // Redirects are not followed: the provider's documented resources have none.
        _ => match effect {
            Effect::Repeatable => Retry::Never,
            Effect::Once => Retry::Unknown,
        },
    }
}

/// The code of an error body, in the old form and as a problem of RFC 9457. Anything else has none.
fn code_in(body: &[u8]) -> Option<u32> {
    let value: serde_json::Value = serde_json::from_slice(body).ok()?;
    let code = value.get("code")?;
    let code = code.as_u64().or_else(|| code.as_str()?.parse().ok())?;
    u32::try_from(code).ok().filter(|code| *code != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(effect: Effect, status: u16, body: &str) -> (ErrorKind, Retry, Option<u32>) {
        let error = refused("test", effect, status, None, body.as_bytes());
        (error.kind(), error.retry(), error.code())
    }

    #[test]
    fn both_forms_of_error_bodies_are_read_and_others_tolerated() {
        let old = r#"{"code":21211,"message":"Invalid 'To' Phone Number: +1555","more_info":"…","status":400}"#;
        let new = r#"{"type":"about:blank","title":"Bad Request","status":400,"code":"21211","detail":"…"}"#;
        for body in [old, new] {
            let error = refused("send", Effect::Once, 400, None, body.as_bytes());
            assert_eq!(
                (error.code(), error.class()),
                (Some(21211), Some(FailureClass::Recipient))
            );
            assert_eq!(error.retry(), Retry::Never);
            assert!(!format!("{error} {error:?}").contains("+1555"));
        }
        for body in [
            "",
            "<html>Bad Gateway</html>",
            "[]",
            "null",
            r#"{"code":null}"#,
            r#"{"code":-1}"#,
        ] {
            assert_eq!(
                judge(Effect::Once, 400, body),
                (ErrorKind::Rejected, Retry::Never, None),
                "{body}"
            );
        }
    }

    #[test]
    fn what_may_have_happened_is_never_called_safe() {
        for status in [500, 502, 503, 504, 408, 302, 204] {
            assert_eq!(judge(Effect::Once, status, "").1, Retry::Unknown, "{status}");
            assert_ne!(judge(Effect::Repeatable, status, "").1, Retry::Unknown, "{status}");
        }
    }

    #[test]
    fn too_many_requests_were_not_processed() {
        assert_eq!(
            judge(Effect::Once, 429, r#"{"code":20429}"#),
            (ErrorKind::RateLimited, Retry::Backoff, Some(20429))
        );
        let wait = |text| refused("send", Effect::Once, 429, Some(text), b"").retry();
        assert_eq!(wait("7"), Retry::After(Duration::from_secs(7)));
        assert_eq!(wait("999999999"), Retry::After(LONGEST_WAIT));
        assert_eq!(wait("Wed, 21 Oct 2026 07:28:00 GMT"), Retry::Backoff);
        assert_eq!(judge(Effect::Once, 400, r#"{"code":21611}"#).1, Retry::Backoff);
    }

    #[test]
    fn refused_credentials_tell_what_to_do() {
        for body in ["", r#"{"code":20003}"#] {
            let error = refused("send", Effect::Once, 401, None, body.as_bytes());
            assert_eq!(
                (error.kind(), error.class()),
                (ErrorKind::Unauthenticated, Some(FailureClass::Account))
            );
            assert!(error.reason().is_some_and(|reason| reason.contains("Reconnect")));
        }
    }
}
