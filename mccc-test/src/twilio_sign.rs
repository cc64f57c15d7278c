//! Twilio's request signature, for tests that play Twilio.
//!
//! Written from the vendor's description (twilio.com docs, "Webhooks security", read 2026-08) and apart from
//! `mccc-twilio`, so that the two check each other; both are held to the vectors of the official helper libraries.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The `X-Twilio-Signature` of a request to `url` with the form fields `fields` (none for GET). `url` is signed as it
/// is written: with a port or a password only if Twilio would keep it.
#[must_use]
pub fn signature(token: &str, url: &str, fields: &[(&str, &str)]) -> String {
    // Fields by name; of repeated ones each value once, in order.
    let mut sorted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, value) in fields {
        sorted.entry(name).or_default().insert(value);
    }
    let mut text = url.to_owned();
    for (name, values) in sorted {
        for value in values {
            text.push_str(name);
            text.push_str(value);
        }
    }
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    STANDARD.encode(hmac::sign(&key, text.as_bytes()))
}

/// The URL (with `bodySHA256` added to its query) and the signature of a request with a JSON body.
#[must_use]
pub fn signed_json(token: &str, url: &str, body: &str) -> (String, String) {
    let hash = digest::digest(&digest::SHA256, body.as_bytes());
    let hex: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let url = format!("{url}{}bodySHA256={hex}", if url.contains('?') { '&' } else { '?' });
    let signature = signature(token, &url, &[]);
    (url, signature)
}

/// The `application/x-www-form-urlencoded` body with these fields, in this order.
#[must_use]
pub fn form_body(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
    const CALL: [(&str, &str); 5] = [
        ("To", "+18005551212"),
        ("Digits", "1234"),
        ("CallSid", "CA1234567890ABCDE"),
        ("From", "+14158675309"),
        ("Caller", "+14158675309"),
    ];

    #[test]
    fn the_vectors_of_the_official_libraries_hold() {
        assert_eq!(signature("12345", URL, &CALL), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
        assert_eq!(signature("12345", URL, &[]), "zYQTYrRWXE7LtzbG4PfP7/bkkGo=");
        let unicode = [
            ("Message", "Hello & goodbye! @#$%^*()"),
            ("From", "+1 (415) 867-5309"),
            ("Special", "unicode: ñáéíóú"),
        ];
        assert_eq!(signature("12345", URL, &unicode), "dCPiR4WtQ6QFN6pJh81CtlCcWLQ=");
    }

    #[test]
    fn names_are_sorted_before_values_are_joined() {
        let mut fields = CALL.to_vec();
        fields.extend([("ReasonConferenceEnded", "test"), ("Reason", "Participant")]);
        assert_eq!(signature("12345", URL, &fields), "vOEb5UThFn24KEfnOFLQY2AE5FY=");
    }

    #[test]
    fn a_repeated_field_counts_each_value_once() {
        let fields = [
            ("Sid", "CA123"),
            ("SidAccount", "AC123"),
            ("Digits", "5678"),
            ("Digits", "1234"),
            ("Digits", "1234"),
        ];
        assert_eq!(signature("12345", URL, &fields), "IK+Dwps556ElfBT0I3Rgjkr1wJU=");
    }

    #[test]
    fn a_json_body_is_signed_through_its_hash() {
        let body = r#"{"property": "value", "boolean": true}"#;
        let (url, signature) = signed_json("12345", "https://mycompany.com/myapp.php", body);
        assert!(url.ends_with("php?bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"));
        assert_eq!(signature, "y77kIzt2vzLz71DgmJGsen2scGs=");
        assert_eq!(signed_json("12345", URL, body).1, "a9nBmqA0ju/hNViExpshrM61xv4=");
    }

    #[test]
    fn a_form_survives_its_encoding() {
        let fields = [("Body", "a b&c=é+1"), ("Empty", "")];
        assert_eq!(form_body(&fields), "Body=a+b%26c%3D%C3%A9%2B1&Empty=");
    }
}
