//! What the first text of a thread must carry: who writes, and how to make it stop.

/// The line that says how to opt out.
pub const OPT_OUT_LINE: &str = "Reply STOP to opt out.";

/// Adds the business name in front and the opt-out line at the end, each only if it is missing.
#[must_use]
pub fn complete(text: &str, business_name: &str) -> String {
    let text = text.trim();
    let named = business_name.is_empty() || text.to_lowercase().contains(&business_name.to_lowercase());
    let mut out = if named {
        text.to_owned()
    } else {
        format!("{business_name}: {text}")
    };
    if !says_how_to_opt_out(text) {
        if !out.ends_with('\n') {
            out.push(' ');
        }
        out.push_str(OPT_OUT_LINE);
    }
    out
}

/// Whether the text already tells the reader to answer STOP, in English or Spanish.
#[must_use]
pub fn says_how_to_opt_out(text: &str) -> bool {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    const VERBS: &[&str] = &[
        "reply", "text", "txt", "send", "answer", "respond", "type", "responda", "responde", "envie", "envíe", "envia",
        "envía", "conteste",
    ];
    const KEYWORDS: &[&str] = &["stop", "alto", "parar", "unsubscribe"];
    words.iter().enumerate().any(|(at, word)| {
        KEYWORDS.contains(&word.as_str())
            && words
                .iter()
                .take(at)
                .rev()
                .take(2)
                .any(|before| VERBS.contains(&before.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_added_once() {
        let text = complete("Got your voicemail!", "Acme Plumbing");
        assert_eq!(text, "Acme Plumbing: Got your voicemail! Reply STOP to opt out.");
        assert_eq!(complete(&text, "Acme Plumbing"), text);
    }

    #[test]
    fn other_wordings_of_the_opt_out_line_count() {
        for text in [
            "Reply \"STOP\" to end.",
            "Text STOP to quit",
            "Responda ALTO para salir",
            "reply with stop",
        ] {
            assert!(says_how_to_opt_out(text), "{text}");
        }
        for text in ["We can stop by. Reply anytime!", "Stop the leak fast", "Reply YES"] {
            assert!(!says_how_to_opt_out(text), "{text}");
        }
    }
}
