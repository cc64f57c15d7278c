//! Reading one field.

use mccc_core::PhoneNumber;

use crate::form::Form;

/// Why a genuine request cannot be used. Names the field, never its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// A field that every such request has is absent or blank.
    #[error("the field `{0}` is missing")]
    Missing(&'static str),
    /// A field is longer than the provider ever makes it.
    #[error("the field `{0}` is too long")]
    TooLong(&'static str),
    /// A field has a value that it cannot have.
    #[error("the field `{0}` has an impossible value")]
    Invalid(&'static str),
}

/// Longest identifier; the provider's have 34 characters.
const MAX_SID: usize = 64;
/// Longest value of a field with a name or a number, in bytes.
pub(super) const MAX_SHORT: usize = 512;

/// A field that must be there and not blank.
pub(super) fn required<'a>(form: &'a Form, name: &'static str, most: usize) -> Result<&'a str, WireError> {
    let value = form
        .get(name)
        .filter(|value| !value.is_empty())
        .ok_or(WireError::Missing(name))?;
    if value.len() > most {
        return Err(WireError::TooLong(name));
    }
    Ok(value)
}

/// A field that may be absent, blank, or unusable: all three mean nothing.
pub(super) fn optional<'a>(form: &'a Form, name: &str) -> Option<&'a str> {
    form.get(name)
        .map(str::trim)
        .filter(|value| !value.is_empty() && value.len() <= MAX_SHORT)
}

/// An identifier with one of the two-letter prefixes.
pub(super) fn sid(form: &Form, name: &'static str, prefixes: &[&str]) -> Result<String, WireError> {
    let value = required(form, name, MAX_SID)?;
    if !is_sid(value, prefixes) {
        return Err(WireError::Invalid(name));
    }
    Ok(value.to_owned())
}

/// Whether `text` is an identifier with one of the prefixes: letters and digits alone, so that it is safe in a path.
pub(crate) fn is_sid(text: &str, prefixes: &[&str]) -> bool {
    let prefixed = prefixes
        .iter()
        .any(|prefix| text.len() > prefix.len() && text.starts_with(prefix));
    prefixed && text.len() <= MAX_SID && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// One of our own numbers, which the provider always writes in E.164.
pub(super) fn our_number(form: &Form, name: &'static str) -> Result<PhoneNumber, WireError> {
    PhoneNumber::parse(required(form, name, MAX_SHORT)?).map_err(|_| WireError::Invalid(name))
}

/// A whole number, if there is one.
pub(super) fn number<T: std::str::FromStr>(form: &Form, name: &str) -> Option<T> {
    optional(form, name)?.parse().ok()
}
