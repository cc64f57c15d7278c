//! Who is calling, as the network tells it.

use serde::{Deserialize, Serialize};

use crate::PhoneNumber;

/// The caller's number as the telephony provider reported it.
///
/// Read from the raw value before any normalising: the keypad spelling of RESTRICTED has ten digits and would
/// otherwise pass for a number in Austin, Texas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "status", content = "number")]
pub enum CallerId {
    /// A number that can be called back.
    Present(PhoneNumber),
    /// The caller withheld the number, or the network does not know it.
    Anonymous,
    /// The network may not pass the number on.
    Restricted,
    /// Something that is not a telephone number: a client name, a SIP address, a short code.
    Invalid,
}

/// Keypad spellings of ANONYMOUS, UNKNOWN, UNAVAILABLE, PRIVATE and one unexplained value, seen in provider traffic.
const ANONYMOUS_DIGITS: &[&str] = &["266696687", "8656696", "86282452253", "7748283", "464"];
/// Keypad spellings of RESTRICTED (and a common typing error of it) and BLOCKED.
const RESTRICTED_DIGITS: &[&str] = &["7378742833", "7378742883", "2562533"];
const ANONYMOUS_WORDS: &[&str] = &[
    "",
    "anonymous",
    "unknown",
    "unavailable",
    "private",
    "withheld",
    "no caller id",
    "no_caller_id",
    "nocallerid",
];
const RESTRICTED_WORDS: &[&str] = &["restricted", "blocked"];

impl CallerId {
    /// Reads the provider's raw value.
    #[must_use]
    pub fn from_raw(raw: &str) -> Self {
        let text = raw.trim().to_ascii_lowercase();
        let user = text
            .strip_prefix("sip:")
            .or_else(|| text.strip_prefix("sips:"))
            .map_or(text.as_str(), |rest| rest.split(['@', ';']).next().unwrap_or(rest));
        if ANONYMOUS_WORDS.contains(&user) {
            return Self::Anonymous;
        }
        if RESTRICTED_WORDS.contains(&user) {
            return Self::Restricted;
        }
        let digits = text.trim_start_matches('+');
        let without_country = digits
            .strip_prefix('1')
            .filter(|rest| rest.len() == 10)
            .unwrap_or(digits);
        if RESTRICTED_DIGITS.contains(&digits) || RESTRICTED_DIGITS.contains(&without_country) {
            return Self::Restricted;
        }
        if ANONYMOUS_DIGITS.contains(&digits) {
            return Self::Anonymous;
        }
        match PhoneNumber::parse(&text) {
            Ok(number) if number.digits().len() >= 7 => Self::Present(number),
            Ok(_) | Err(_) => Self::Invalid,
        }
    }

    /// The number, when there is one.
    #[must_use]
    pub const fn number(&self) -> Option<PhoneNumber> {
        match self {
            Self::Present(number) => Some(*number),
            Self::Anonymous | Self::Restricted | Self::Invalid => None,
        }
    }

    /// The stored name of the state: `present`, `anonymous`, `restricted` or `invalid`.
    #[must_use]
    pub const fn status(&self) -> &'static str {
        match self {
            Self::Present(_) => "present",
            Self::Anonymous => "anonymous",
            Self::Restricted => "restricted",
            Self::Invalid => "invalid",
        }
    }

    /// Rebuilds the value from its stored state and number.
    #[must_use]
    pub fn from_stored(status: &str, number: Option<PhoneNumber>) -> Self {
        match (status, number) {
            ("present", Some(number)) => Self::Present(number),
            ("anonymous", _) => Self::Anonymous,
            ("restricted", _) => Self::Restricted,
            _ => Self::Invalid,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn withheld_callers_are_never_numbers() {
        for raw in [
            "+266696687",
            "anonymous",
            "",
            "sip:anonymous@anonymous.invalid",
            "+86282452253",
            "Unknown",
            "+8656696",
        ] {
            assert_eq!(CallerId::from_raw(raw), CallerId::Anonymous, "{raw}");
        }
        for raw in [
            "+7378742833",
            "+17378742833",
            "7378742833",
            "RESTRICTED",
            "+2562533",
            "+17378742883",
        ] {
            assert_eq!(CallerId::from_raw(raw), CallerId::Restricted, "{raw}");
        }
    }

    #[test]
    fn clients_short_codes_and_words_are_invalid() {
        for raw in ["client:alice", "sip:bob@example.com", "72975", "+72975", "call me"] {
            assert_eq!(CallerId::from_raw(raw), CallerId::Invalid, "{raw}");
        }
    }

    #[test]
    fn an_ordinary_number_is_present() {
        assert!(matches!(CallerId::from_raw("+15125550123"), CallerId::Present(_)));
    }
}
