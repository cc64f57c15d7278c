//! How Google's failures are judged: what went wrong, and whether the same request may be sent again.
//!
//! Source: Google Calendar API, "Handle API errors" and "Manage quotas", read 2026-11. What decides is the reason, never
//! the message. A refusal for a limit comes as 403 as well as 429, and was not processed.

use std::time::Duration;

use mccc_core::port::{ErrorKind, PortError, Retry};
use serde::Deserialize;

use super::ADAPTER;
use crate::http::{Answer, Effect};

/// What the contractor reads when the permission is gone.
pub(crate) const RECONNECT: &str =
    "Google Calendar no longer lets us in. Reconnect it so that appointments can be booked again.";
/// What the contractor reads when part of the permission is missing.
pub(crate) const BOTH_PERMISSIONS: &str = "We need both calendar permissions to check your availability and book \
                                           appointments. Please try again and grant all permissions.";
const NO_RIGHT: &str = "You may not change this calendar. Choose another one.";
const ACCOUNT_LIMIT: &str = "Google does not let this account create more events for now.";
const NOT_ENABLED: &str = "The Google Calendar API is not enabled for this installation's Google application.";
/// How long an account rests that made too many events or invitations. Google names no time; hours are the rule.
const ACCOUNT_REST: Duration = Duration::from_secs(4 * 3600);

#[derive(Deserialize)]
struct Envelope {
    error: Detail,
}

#[derive(Deserialize)]
struct Detail {
    #[serde(default)]
    errors: Vec<Reason>,
    #[serde(default)]
    details: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    #[serde(default)]
    reason: String,
}

/// The reason of a refusal, if it has one.
pub(crate) fn reason(body: &[u8]) -> Option<String> {
    let envelope: Envelope = serde_json::from_slice(body).ok()?;
    let Detail { errors, details } = envelope.error;
    let scope = details
        .iter()
        .any(|detail| detail.reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT");
    if scope {
        return Some("insufficientPermissions".to_owned());
    }
    errors.into_iter().next().map(|error| error.reason)
}

/// An answer other than success.
pub(crate) fn refused(operation: &'static str, effect: Effect, answer: &Answer) -> PortError {
    let again = answer.wait.map_or(Retry::Backoff, Retry::After);
    let reason = reason(&answer.body);
    let (kind, retry, sentence) = match (answer.status, reason.as_deref().unwrap_or_default()) {
        (401, _) => (ErrorKind::ReconnectRequired, Retry::Never, Some(RECONNECT)),
        (403, "rateLimitExceeded" | "userRateLimitExceeded" | "dailyLimitExceeded") | (429, _) => {
            (ErrorKind::RateLimited, again, None)
        }
        (403, "quotaExceeded") => (ErrorKind::RateLimited, Retry::After(ACCOUNT_REST), Some(ACCOUNT_LIMIT)),
        (403, "insufficientPermissions") => (ErrorKind::ReconnectRequired, Retry::Never, Some(BOTH_PERMISSIONS)),
        (403, "accessNotConfigured") => (ErrorKind::InvalidConfig, Retry::Never, Some(NOT_ENABLED)),
        (403, _) => (ErrorKind::Rejected, Retry::Never, Some(NO_RIGHT)),
        (404 | 410, _) => (ErrorKind::NotFound, Retry::Never, None),
        (408, _) => (ErrorKind::Unavailable, effect.in_doubt(), None),
        (409, "conflict") => (ErrorKind::Conflict, again, None),
        (409 | 412, _) => (ErrorKind::Conflict, Retry::Never, None),
        (400..=499, _) => (ErrorKind::Rejected, Retry::Never, None),
        (500..=599, _) => {
            let retry = match effect {
                Effect::Repeatable => again,
                Effect::Once => Retry::Unknown,
            };
            (ErrorKind::Unavailable, retry, None)
        }
        // Redirects are not followed: the documented resources have none.
        _ => (ErrorKind::Protocol, effect.in_doubt(), None),
    };
    let error = PortError::new(ADAPTER, operation, kind, retry).with_code(u32::from(answer.status));
    sentence.into_iter().fold(error, PortError::with_reason)
}

/// An answer of success that is not what the documentation promises.
pub(crate) fn unreadable(operation: &'static str, effect: Effect) -> PortError {
    PortError::new(ADAPTER, operation, ErrorKind::Protocol, effect.in_doubt())
}

/// The permission is gone.
pub(crate) fn reconnect(operation: &'static str) -> PortError {
    PortError::new(ADAPTER, operation, ErrorKind::ReconnectRequired, Retry::Never).with_reason(RECONNECT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(effect: Effect, status: u16, reason: &str, wait: Option<u64>) -> (ErrorKind, Retry) {
        let body = format!(
            r#"{{"error":{{"code":{status},"message":"about mike@example.com","errors":[
                {{"domain":"usageLimits","reason":"{reason}","message":"about mike@example.com"}}]}}}}"#
        );
        let answer = Answer {
            status,
            wait: wait.map(Duration::from_secs),
            body: body.into_bytes(),
        };
        let error = refused("test", effect, &answer);
        assert!(!format!("{error} {error:?}").contains("mike"));
        (error.kind(), error.retry())
    }

    #[test]
    fn a_quota_is_no_missing_right() {
        use Effect::Once;
        let backoff = (ErrorKind::RateLimited, Retry::Backoff);
        assert_eq!(judge(Once, 403, "rateLimitExceeded", None), backoff);
        assert_eq!(judge(Once, 403, "userRateLimitExceeded", None), backoff);
        let named = (ErrorKind::RateLimited, Retry::After(Duration::from_secs(9)));
        assert_eq!(judge(Once, 429, "rateLimitExceeded", Some(9)), named);
        assert_eq!(
            judge(Once, 403, "quotaExceeded", None),
            (ErrorKind::RateLimited, Retry::After(ACCOUNT_REST))
        );
        assert_eq!(judge(Once, 403, "forbidden", None), (ErrorKind::Rejected, Retry::Never));
        assert_eq!(
            judge(Once, 403, "forbiddenForNonOrganizer", None).0,
            ErrorKind::Rejected
        );
        assert_eq!(
            judge(Once, 403, "accessNotConfigured", None).0,
            ErrorKind::InvalidConfig
        );
    }

    #[test]
    fn a_missing_scope_asks_for_both_permissions() {
        let body = br#"{"error":{"code":403,"status":"PERMISSION_DENIED",
            "errors":[{"reason":"forbidden"}],"details":[{"reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}}"#;
        let answer = Answer {
            status: 403,
            wait: None,
            body: body.to_vec(),
        };
        let error = refused("test", Effect::Repeatable, &answer);
        assert_eq!(
            (error.kind(), error.reason()),
            (ErrorKind::ReconnectRequired, Some(BOTH_PERMISSIONS))
        );
        assert_eq!(
            judge(Effect::Once, 403, "insufficientPermissions", None).0,
            ErrorKind::ReconnectRequired
        );
    }

    #[test]
    fn what_may_have_happened_is_never_called_safe() {
        for status in [500, 502, 503, 504, 408, 302] {
            assert_eq!(
                judge(Effect::Once, status, "backendError", None).1,
                Retry::Unknown,
                "{status}"
            );
            assert_eq!(
                judge(Effect::Repeatable, status, "backendError", None).1,
                Retry::Backoff,
                "{status}"
            );
        }
        assert_eq!(
            judge(Effect::Once, 412, "conditionNotMet", None),
            (ErrorKind::Conflict, Retry::Never)
        );
        assert_eq!(
            judge(Effect::Once, 409, "conflict", None),
            (ErrorKind::Conflict, Retry::Backoff)
        );
    }

    #[test]
    fn a_refusal_without_a_reason_is_judged_by_its_status() {
        for body in [
            "",
            "<html>Forbidden</html>",
            "[]",
            r#"{"error":"invalid_grant"}"#,
            r#"{"error":{}}"#,
        ] {
            let answer = Answer {
                status: 403,
                wait: None,
                body: body.as_bytes().to_vec(),
            };
            assert_eq!(
                refused("test", Effect::Once, &answer).kind(),
                ErrorKind::Rejected,
                "{body}"
            );
        }
    }
}
