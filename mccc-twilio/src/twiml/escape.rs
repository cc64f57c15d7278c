//! Any text into text that an XML 1.0 document can hold.

use std::borrow::Cow;

/// Whether XML 1.0 can hold the character at all, escaped or not.
pub(super) const fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Escapes element text. A carriage return is written as a reference, else readers turn it into a line feed.
pub(super) fn text(raw: &str) -> Cow<'_, str> {
    escape(raw, false)
}

/// Escapes an attribute value. White space is written as references, else readers turn it into blanks.
pub(super) fn attribute(raw: &str) -> Cow<'_, str> {
    escape(raw, true)
}

fn escape(raw: &str, attribute: bool) -> Cow<'_, str> {
    let special = |c: char| matches!(c, '<' | '>' | '&' | '"' | '\'' | '\t' | '\n' | '\r') || !is_legal(c);
    if !raw.contains(special) {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len() + 16);
    for c in raw.chars().filter(|c| is_legal(*c)) {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\r' => out.push_str("&#13;"),
            '\n' if attribute => out.push_str("&#10;"),
            '\t' if attribute => out.push_str("&#9;"),
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}
