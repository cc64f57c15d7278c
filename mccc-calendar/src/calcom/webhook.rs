//! Whether a call from Cal.com is genuine.
//!
//! The signature is the lower-case hexadecimal HMAC-SHA256 of the raw body, without a prefix, in `X-Cal-Signature-256`.
//! No time is signed, so a call can be repeated by anybody who saw it: let it count once by
//! [`Notice::key`], and read the booking again instead of believing it. Source: Cal.com, "Webhooks", read 2026-11.

use aws_lc_rs::hmac;
use mccc_core::Secret;
use serde::Deserialize;

/// Name of the header with the signature.
pub const SIGNATURE_HEADER: &str = "x-cal-signature-256";

/// What a genuine call says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What happened, in Cal.com's words, such as `BOOKING_CANCELLED`.
    pub trigger: String,
    /// The booking it is about.
    pub uid: String,
    /// When it was written, in Cal.com's words.
    pub created_at: String,
}

impl Notice {
    /// The same for each repetition of a call.
    #[must_use]
    pub fn key(&self) -> String {
        format!("calcom:{}:{}:{}", self.trigger, self.uid, self.created_at)
    }
}

/// Why a call is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoticeRejection {
    /// There is no secret, so nothing could be proved.
    #[error("no secret is set for calls from Cal.com")]
    NoSecret,
    /// The signature is missing or is not that of the body.
    #[error("the signature does not fit the body")]
    BadSignature,
    /// The body is not what Cal.com sends.
    #[error("the body is not a notice")]
    Malformed,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    trigger_event: String,
    created_at: String,
    payload: Payload,
}

#[derive(Deserialize)]
struct Payload {
    uid: String,
}

/// Checks a call and reads it.
///
/// # Errors
/// Why it is not believed.
pub fn check(secret: &Secret, signature: Option<&str>, body: &[u8]) -> Result<Notice, NoticeRejection> {
    if secret.is_empty() {
        return Err(NoticeRejection::NoSecret);
    }
    let signature = signature.and_then(bytes_of).ok_or(NoticeRejection::BadSignature)?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.reveal().as_bytes());
    hmac::verify(&key, body, &signature).map_err(|_| NoticeRejection::BadSignature)?;
    let body: Body = serde_json::from_slice(body).map_err(|_| NoticeRejection::Malformed)?;
    Ok(Notice {
        trigger: body.trigger_event,
        uid: body.payload.uid,
        created_at: body.created_at,
    })
}

/// Hexadecimal digits as bytes.
fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    if !hex.len().is_multiple_of(2) || !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let pairs = (0..hex.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str =
        r#"{"triggerEvent":"BOOKING_CANCELLED","createdAt":"2026-11-24T15:00:00.000Z","payload":{"uid":"u1"}}"#;

    fn signed(secret: &str, body: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        hmac::sign(&key, body.as_bytes())
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    #[test]
    fn a_genuine_call_is_read() {
        let notice = check(&Secret::new("s"), Some(&signed("s", BODY)), BODY.as_bytes()).unwrap();
        assert_eq!(
            (notice.trigger.as_str(), notice.uid.as_str()),
            ("BOOKING_CANCELLED", "u1")
        );
        assert_eq!(notice.key(), "calcom:BOOKING_CANCELLED:u1:2026-11-24T15:00:00.000Z");
    }

    #[test]
    fn nothing_else_is_believed() {
        let good = signed("s", BODY);
        let rejected = |secret: &str, signature: Option<&str>, body: &str| {
            check(&Secret::new(secret), signature, body.as_bytes()).unwrap_err()
        };
        assert_eq!(rejected("", Some(&signed("", BODY)), BODY), NoticeRejection::NoSecret);
        for signature in [None, Some("no-secret-provided"), Some(""), Some("é"), Some(&good[1..])] {
            assert_eq!(
                rejected("s", signature, BODY),
                NoticeRejection::BadSignature,
                "{signature:?}"
            );
        }
        assert_eq!(
            rejected("s", Some(&format!("sha256={good}")), BODY),
            NoticeRejection::BadSignature
        );
        assert_eq!(
            rejected("s", Some(&signed("t", BODY)), BODY),
            NoticeRejection::BadSignature
        );
        assert_eq!(
            rejected("s", Some(&good), &BODY.replace("u1", "u2")),
            NoticeRejection::BadSignature
        );
        assert_eq!(
            rejected("s", Some(&signed("s", "{}")), "{}"),
            NoticeRejection::Malformed
        );
    }
}
