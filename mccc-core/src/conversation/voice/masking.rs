//! What a model does not get to see: a caller's numbers and addresses.

/// Longest piece of a thread that is shown to a model, in characters.
const LONGEST: usize = 300;
/// What stands for a name or a place.
const HIDDEN: &str = "[hidden]";

/// A text of a thread without what a model has no need of: every digit (telephone numbers, house numbers, codes of gates
/// and cards), e-mail addresses and links, and the `known` pieces, which are the caller's name and address. Only its
/// beginning counts.
#[must_use]
pub fn masked(text: &str, known: &[&str]) -> String {
    let mut hidden = text.to_owned();
    for piece in known.iter().map(|piece| piece.trim()).filter(|piece| piece.len() > 1) {
        hidden = without(&hidden, piece);
    }
    let words = hidden.split_inclusive(char::is_whitespace).map(|word| {
        let bare = word.trim_end();
        if leads_somewhere(bare) {
            word.replace(bare, "[link]")
        } else {
            word.chars().map(|c| if c.is_numeric() { '#' } else { c }).collect()
        }
    });
    words.collect::<String>().chars().take(LONGEST).collect()
}

/// Whether a text holds something that is never sent to a model: a telephone number, an e-mail address, a link.
pub(super) fn has_contact(text: &str) -> bool {
    let digits = text.split(|c: char| !(c.is_numeric() || matches!(c, ' ' | '-' | '(' | ')' | '.' | '+')));
    let long = digits
        .map(|run| run.chars().filter(|c| c.is_numeric()).count())
        .any(|count| count >= 7);
    long || text.split_whitespace().any(leads_somewhere)
}

fn leads_somewhere(word: &str) -> bool {
    let lower = word.to_lowercase();
    let inner = word.trim_matches(|c: char| !c.is_alphanumeric());
    let dotted = inner.split('.').count() > 1
        && inner.split('.').all(|part| !part.is_empty())
        && inner
            .split('.')
            .next_back()
            .is_some_and(|end| end.len() > 1 && end.starts_with(char::is_alphabetic));
    lower.contains('@') || lower.contains("://") || lower.starts_with("www.") || dotted
}

/// The text without a piece that stands in it as a word, whatever its capitals.
fn without(text: &str, piece: &str) -> String {
    let (low, wanted) = (text.to_lowercase(), piece.to_lowercase());
    // Where small letters take other room than capitals, places in one text are none in the other.
    if low.len() != text.len() {
        return low.replace(&wanted, HIDDEN);
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (at, found) in low.match_indices(&wanted) {
        let end = at + found.len();
        let before = low.get(..at).and_then(|part| part.chars().next_back());
        let after = low.get(end..).and_then(|part| part.chars().next());
        if [before, after].into_iter().flatten().any(char::is_alphanumeric) {
            continue;
        }
        out.push_str(text.get(from..at).unwrap_or_default());
        out.push_str(HIDDEN);
        from = end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_addresses_and_names_are_hidden() {
        let text = "I'm Ann Baker, 12 Oak Street, gate 4711. Call (512) 555-0123 or ann@example.com, see www.x.co";
        let seen = masked(text, &["ann baker", "Oak Street"]);
        assert_eq!(
            seen,
            "I'm [hidden], ## [hidden], gate ####. Call (###) ###-#### or [link] see [link]"
        );
    }

    #[test]
    fn what_is_no_address_stays() {
        assert_eq!(
            masked("No heat. Pipes burst...help", &[]),
            "No heat. Pipes burst...help"
        );
        assert_eq!(
            masked("Also al, AL and salt", &["Al"]),
            "Also [hidden], [hidden] and salt"
        );
        assert!(!has_contact("Tue 2:00 PM, Wed 10:30 AM"));
        assert!(has_contact("Call 512-555-0123"));
        assert!(has_contact("See acme.com/faq"));
    }

    proptest! {
        #[test]
        fn no_digit_and_no_address_gets_through(text in "\\PC{0,200}", name in "[QXZ][qxz]{2,8}") {
            let seen = masked(&format!("{text} {name} 5125550123 a@b.co"), &[&name]);
            prop_assert!(!seen.chars().any(char::is_numeric), "{seen}");
            prop_assert!(!seen.contains('@'));
            prop_assert!(!seen.to_lowercase().contains(&name.to_lowercase()));
        }
    }
}
