//! How Cal.com's failures are judged.

use mccc_core::port::{ErrorKind, PortError, Retry};
use serde::Deserialize;

use super::ADAPTER;
use crate::http::{Answer, Effect};

const RECONNECT: &str = "Cal.com no longer accepts your key. Enter a new one so that appointments can be booked again.";
const NO_RIGHT: &str = "Your Cal.com key may not do this. Check its event type.";

/// What Cal.com says when a time is gone. It says so, too, about some mistakes of ours.
const TAKEN: [&str; 4] = [
    "no_available_users_found",
    "already has booking at this time",
    "not available",
    "already booked",
];

#[derive(Deserialize)]
struct Envelope {
    error: Detail,
}

#[derive(Deserialize)]
struct Detail {
    #[serde(default)]
    message: String,
}

/// Whether a refusal says that the time is gone.
pub(super) fn is_taken(answer: &Answer) -> bool {
    let message = serde_json::from_slice::<Envelope>(&answer.body).map(|envelope| envelope.error.message);
    let message = message.unwrap_or_default().to_lowercase();
    answer.status == 409 || (matches!(answer.status, 400 | 422) && TAKEN.iter().any(|words| message.contains(words)))
}

/// An answer other than success.
pub(super) fn refused(operation: &'static str, effect: Effect, answer: &Answer) -> PortError {
    let again = answer.wait.map_or(Retry::Backoff, Retry::After);
    let (kind, retry, sentence) = match answer.status {
        401 => (ErrorKind::ReconnectRequired, Retry::Never, Some(RECONNECT)),
        403 => (ErrorKind::Rejected, Retry::Never, Some(NO_RIGHT)),
        404 => (ErrorKind::NotFound, Retry::Never, None),
        408 => (ErrorKind::Unavailable, effect.in_doubt(), None),
        429 => (ErrorKind::RateLimited, again, None),
        400..=499 if is_taken(answer) => (ErrorKind::Conflict, Retry::Never, None),
        400..=499 => (ErrorKind::Rejected, Retry::Never, None),
        500..=599 => {
            let retry = match effect {
                Effect::Repeatable => again,
                Effect::Once => Retry::Unknown,
            };
            (ErrorKind::Unavailable, retry, None)
        }
        _ => (ErrorKind::Protocol, effect.in_doubt(), None),
    };
    let error = PortError::new(ADAPTER, operation, kind, retry).with_code(u32::from(answer.status));
    sentence.into_iter().fold(error, PortError::with_reason)
}

/// An answer of success that is not what the documentation promises.
pub(super) fn unreadable(operation: &'static str, effect: Effect) -> PortError {
    PortError::new(ADAPTER, operation, ErrorKind::Protocol, effect.in_doubt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(effect: Effect, status: u16, message: &str) -> (ErrorKind, Retry) {
        let body = format!(r#"{{"status":"error","error":{{"code":"X","message":"{message}","details":{{}}}}}}"#);
        let answer = Answer {
            status,
            wait: None,
            body: body.into_bytes(),
        };
        let error = refused("create", effect, &answer);
        assert!(!format!("{error} {error:?}").contains("host"));
        (error.kind(), error.retry())
    }

    #[test]
    fn a_time_that_is_gone_is_no_mistake_of_ours() {
        let lost = (ErrorKind::Conflict, Retry::Never);
        assert_eq!(judge(Effect::Once, 400, "no_available_users_found_error"), lost);
        assert_eq!(
            judge(
                Effect::Once,
                400,
                "User either already has booking at this time or host is away"
            ),
            lost
        );
        assert_eq!(judge(Effect::Once, 409, ""), lost);
        assert_eq!(
            judge(Effect::Once, 400, "location is invalid for host"),
            (ErrorKind::Rejected, Retry::Never)
        );
    }

    #[test]
    fn what_may_have_happened_is_never_called_safe() {
        for status in [500, 502, 503, 504, 408, 302] {
            assert_eq!(judge(Effect::Once, status, "").1, Retry::Unknown, "{status}");
            assert_eq!(judge(Effect::Repeatable, status, "").1, Retry::Backoff, "{status}");
        }
        assert_eq!(judge(Effect::Once, 429, ""), (ErrorKind::RateLimited, Retry::Backoff));
        assert_eq!(
            judge(Effect::Once, 401, ""),
            (ErrorKind::ReconnectRequired, Retry::Never)
        );
    }
}
