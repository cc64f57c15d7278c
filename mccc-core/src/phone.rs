//! Telephone numbers in E.164 form.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A telephone number in E.164 form: `+`, then 2 to 15 digits, the first not 0.
///
/// Stored in sixteen bytes without allocation. `Debug` shows the last two digits only, so that a number cannot reach
/// a log by accident; `Display` is the full text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PhoneNumber {
    digits: [u8; 15],
    len: u8,
}

/// Why a text is not an E.164 number. Never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneNumberError {
    /// It does not start with `+` and the country code.
    #[error("a phone number starts with + and the country code, such as +15125550100")]
    NotInternational,
    /// It holds something other than digits, or its country code starts with 0.
    #[error("a phone number has only digits after the +, and the first is not 0")]
    BadDigit,
    /// It has fewer than 2 or more than 15 digits.
    #[error("a phone number has 2 to 15 digits after the +")]
    BadLength,
}

impl PhoneNumber {
    /// Parses E.164 text exactly; guessing a region belongs to the caller's edge.
    ///
    /// # Errors
    /// Names the broken rule and never repeats the text.
    pub fn parse(text: &str) -> Result<Self, PhoneNumberError> {
        let rest = text.strip_prefix('+').ok_or(PhoneNumberError::NotInternational)?;
        if rest.starts_with('0') || !rest.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PhoneNumberError::BadDigit);
        }
        if !(2..=15).contains(&rest.len()) {
            return Err(PhoneNumberError::BadLength);
        }
        let mut digits = [b'0'; 15];
        for (to, from) in digits.iter_mut().zip(rest.bytes()) {
            *to = from;
        }
        let len = u8::try_from(rest.len()).unwrap_or(15);
        Ok(Self { digits, len })
    }

    /// The digits after the `+`.
    #[must_use]
    pub fn digits(&self) -> &str {
        let used = self.digits.get(..usize::from(self.len)).unwrap_or(&self.digits);
        std::str::from_utf8(used).unwrap_or("")
    }

    /// The ten national digits of a number of the North American plan (`+1` and ten digits), else nothing.
    #[must_use]
    pub fn nanp(&self) -> Option<&str> {
        self.digits().strip_prefix('1').filter(|national| national.len() == 10)
    }

    /// The three-digit area code of a North American number.
    #[must_use]
    pub fn area_code(&self) -> Option<&str> {
        self.nanp().and_then(|national| national.get(..3))
    }

    /// How people of the number's region write it: `(512) 555-0100` for North America, else the E.164 text.
    #[must_use]
    pub fn national(&self) -> String {
        match self.nanp() {
            Some(n) => format!(
                "({}) {}-{}",
                n.get(..3).unwrap_or(""),
                n.get(3..6).unwrap_or(""),
                n.get(6..).unwrap_or("")
            ),
            None => self.to_string(),
        }
    }

    /// Reads what a person typed: E.164, or a North American number with any of the usual punctuation.
    ///
    /// # Errors
    /// [`PhoneNumberError::NotInternational`] when it is neither.
    pub fn parse_typed(text: &str) -> Result<Self, PhoneNumberError> {
        let compact: String = text
            .trim()
            .chars()
            .filter(|c| !matches!(c, ' ' | '(' | ')' | '-' | '.' | '\u{a0}' | '/'))
            .collect();
        if compact.starts_with('+') {
            return Self::parse(&compact);
        }
        let digits_only = compact.bytes().all(|byte| byte.is_ascii_digit());
        match (digits_only, compact.len()) {
            (true, 10) => Self::parse(&format!("+1{compact}")),
            (true, 11) if compact.starts_with('1') => Self::parse(&format!("+{compact}")),
            _ => Err(PhoneNumberError::NotInternational),
        }
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.digits())
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits();
        let tail = digits.get(digits.len().saturating_sub(2)..).unwrap_or("");
        write!(f, "PhoneNumber(…{tail})")
    }
}

impl FromStr for PhoneNumber {
    type Err = PhoneNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl Serialize for PhoneNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PhoneNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e164_is_parsed_exactly() {
        assert_eq!(
            PhoneNumber::parse("+15125550100").map(|n| n.to_string()),
            Ok("+15125550100".to_owned())
        );
        assert_eq!(
            PhoneNumber::parse("15125550100"),
            Err(PhoneNumberError::NotInternational)
        );
        assert_eq!(PhoneNumber::parse("+05125550100"), Err(PhoneNumberError::BadDigit));
        assert_eq!(PhoneNumber::parse("+1512555010x"), Err(PhoneNumberError::BadDigit));
        assert_eq!(PhoneNumber::parse("+1"), Err(PhoneNumberError::BadLength));
        assert_eq!(
            PhoneNumber::parse("+1234567890123456"),
            Err(PhoneNumberError::BadLength)
        );
    }

    #[test]
    fn typed_numbers_get_their_country_code() {
        for typed in ["(512) 555-0100", "512.555.0100", "1-512-555-0100", " +1 512 555 0100 "] {
            assert_eq!(
                PhoneNumber::parse_typed(typed).map(|n| n.national()),
                Ok("(512) 555-0100".to_owned()),
                "{typed}"
            );
        }
        assert!(PhoneNumber::parse_typed("555-0100").is_err());
    }

    #[test]
    fn debug_does_not_reveal_the_number() {
        let shown = PhoneNumber::parse("+15125550187").map(|n| format!("{n:?}"));
        assert_eq!(shown, Ok("PhoneNumber(…87)".to_owned()));
    }
}
