//! What callers say, on its way into somebody else's format.

/// At most `most` characters, without control characters other than line ends.
pub(crate) fn plain(text: &str, most: usize) -> String {
    let unix = text.replace("\r\n", "\n").replace('\r', "\n");
    unix.chars()
        .filter(|c| *c == '\n' || !c.is_control())
        .take(most)
        .collect()
}

/// One line of at most `most` characters.
pub(crate) fn line(text: &str, most: usize) -> String {
    plain(text, most).replace('\n', " ").trim().to_owned()
}

/// Text where markup is understood.
pub(crate) fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Text as one segment of a path.
pub(crate) fn segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_cannot_leave_its_path() {
        assert_eq!(segment("mike@example.com#x"), "mike%40example%2Ecom%23x");
        assert_eq!(segment("../a/b?c"), "%2E%2E%2Fa%2Fb%3Fc");
        assert_eq!(segment("ü"), "%C3%BC");
    }

    #[test]
    fn markup_and_control_characters_are_taken_out() {
        assert_eq!(html("<b>\"A&B\"</b>"), "&lt;b&gt;&quot;A&amp;B&quot;&lt;/b&gt;");
        assert_eq!(plain("a\r\nb\rc\u{7}\td", 99), "a\nb\ncd");
        assert_eq!(line(" a\nb ", 99), "a b");
        assert_eq!(line("🔧🔧🔧", 2), "🔧🔧");
    }
}
