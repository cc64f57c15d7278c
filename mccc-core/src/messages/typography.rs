//! Typographic characters that word processors and phones insert, brought back to what one segment can carry.

/// Replaces curly quotes, dashes, ellipses and special spaces by their plain forms.
///
/// One such character would turn the whole text into UCS-2 and more than double its price; the reader sees no
/// difference. Emoji and accented letters are meant, and stay.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '‘' | '’' | '‚' | '‛' | '′' | 'ʼ' => out.push('\''),
            '“' | '”' | '„' | '‟' | '″' | '«' | '»' => out.push('"'),
            '‐' | '\u{2011}' | '‒' | '–' | '—' | '―' | '−' => out.push('-'),
            '…' => out.push_str("..."),
            '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\t' => out.push(' '),
            '\u{200b}' | '\u{2060}' | '\u{feff}' => {}
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_fits_the_cheap_alphabet() {
        let text = plain("We’ve “got” it — call…\u{a0}now");
        assert_eq!(text, "We've \"got\" it - call... now");
        assert_eq!(crate::messages::segments::count(&text).first_non_gsm, None);
    }

    #[test]
    fn emoji_and_letters_are_kept() {
        assert_eq!(plain("¡Mañana! 👩\u{200d}🔧"), "¡Mañana! 👩\u{200d}🔧");
    }
}
