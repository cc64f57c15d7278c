//! How many SMS segments a text takes, counted as the network packs it.
//!
//! Sizes and the alphabet follow 3GPP TS 23.038 (GSM 7-bit default alphabet and its extension table) and the
//! provider's segment documentation, read 2026-11-20: 160 septets or 70 UTF-16 units in a lone segment, 153 or 67 in
//! each of several, and neither an escape pair nor a surrogate pair is divided between two segments.

use serde::Serialize;

/// The alphabet a text is sent in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Encoding {
    /// GSM 7-bit default alphabet with its extension table.
    #[serde(rename = "GSM-7")]
    Gsm7,
    /// UTF-16, used for the whole text as soon as one character is outside GSM-7.
    #[serde(rename = "UCS-2")]
    Ucs2,
}

impl Encoding {
    /// Units in a text of one segment.
    #[must_use]
    pub const fn single(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Units in each segment of a longer text; the difference carries the header that joins them.
    #[must_use]
    pub const fn several(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }

    /// The usual name: `GSM-7` or `UCS-2`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gsm7 => "GSM-7",
            Self::Ucs2 => "UCS-2",
        }
    }

    fn units(self, c: char) -> usize {
        match self {
            Self::Gsm7 => gsm_septets(c).unwrap_or(1),
            Self::Ucs2 => c.len_utf16(),
        }
    }
}

/// What a text costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Segments {
    /// The alphabet of the whole text.
    pub encoding: Encoding,
    /// Characters as a person counts them (Unicode scalar values).
    pub characters: usize,
    /// Septets (GSM-7) or UTF-16 units (UCS-2), without headers and without padding.
    pub units: usize,
    /// How many segments are billed; 0 for an empty text.
    pub segments: usize,
    /// Units still free in the last segment.
    pub remaining: usize,
    /// The first character that forced UCS-2, for an editor to point at.
    pub first_non_gsm: Option<char>,
}

/// Counts `text`.
#[must_use]
pub fn count(text: &str) -> Segments {
    let first_non_gsm = text.chars().find(|c| gsm_septets(*c).is_none());
    let encoding = if first_non_gsm.is_some() {
        Encoding::Ucs2
    } else {
        Encoding::Gsm7
    };
    let units: usize = text.chars().map(|c| encoding.units(c)).sum();
    let (segments, remaining) = if units <= encoding.single() {
        (usize::from(units > 0), encoding.single() - units)
    } else {
        pack(text, encoding)
    };
    Segments {
        encoding,
        characters: text.chars().count(),
        units,
        segments,
        remaining,
        first_non_gsm,
    }
}

/// Fills segments of a long text from the front; a pair that does not fit moves on whole.
fn pack(text: &str, encoding: Encoding) -> (usize, usize) {
    let room = encoding.several();
    let (mut segments, mut used) = (1, 0);
    for c in text.chars() {
        let need = encoding.units(c);
        if used + need > room {
            segments += 1;
            used = 0;
        }
        used += need;
    }
    (segments, room - used)
}

/// Septets of `c` in GSM-7: 1 in the basic table, 2 behind an escape, nothing if it is in neither.
#[must_use]
pub fn gsm_septets(c: char) -> Option<usize> {
    match c {
        '^' | '{' | '}' | '\\' | '[' | ']' | '~' | '|' | '€' | '\u{c}' => Some(2),
        '`' => None,
        ' '..='~' | '\n' | '\r' => Some(1),
        '£' | '¥' | 'è' | 'é' | 'ù' | 'ì' | 'ò' | 'Ç' | 'Ø' | 'ø' | 'Å' | 'å' | 'Δ' | 'Φ' | 'Γ' | 'Λ' | 'Ω' | 'Π'
        | 'Ψ' | 'Σ' | 'Θ' | 'Ξ' | 'Æ' | 'æ' | 'ß' | 'É' | '¤' | '¡' | 'Ä' | 'Ö' | 'Ñ' | 'Ü' | '§' | '¿' | 'ä' | 'ö'
        | 'ñ' | 'ü' | 'à' => Some(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> (Encoding, usize, usize, usize) {
        let s = count(text);
        (s.encoding, s.units, s.segments, s.remaining)
    }

    #[test]
    fn the_published_boundaries_hold() {
        assert_eq!(shape(""), (Encoding::Gsm7, 0, 0, 160));
        assert_eq!(shape(&"a".repeat(160)), (Encoding::Gsm7, 160, 1, 0));
        assert_eq!(shape(&"a".repeat(161)), (Encoding::Gsm7, 161, 2, 145));
        assert_eq!(shape(&"a".repeat(306)), (Encoding::Gsm7, 306, 2, 0));
        assert_eq!(shape(&"a".repeat(307)), (Encoding::Gsm7, 307, 3, 152));
        assert_eq!(shape(&"ж".repeat(70)), (Encoding::Ucs2, 70, 1, 0));
        assert_eq!(shape(&"ж".repeat(71)), (Encoding::Ucs2, 71, 2, 63));
        assert_eq!(shape(&"ж".repeat(134)), (Encoding::Ucs2, 134, 2, 0));
        assert_eq!(shape(&"ж".repeat(135)), (Encoding::Ucs2, 135, 3, 66));
    }

    #[test]
    fn an_escape_pair_is_not_divided() {
        // 152 septets, then a pair that would straddle the end of the first segment: one septet stays empty.
        let text = format!("{}€{}", "a".repeat(152), "a".repeat(151));
        assert_eq!(shape(&text), (Encoding::Gsm7, 305, 2, 0));
        assert_eq!(shape(&format!("{text}a")).2, 3);
        // Without the pair in that place the same number of septets fits with one to spare.
        assert_eq!(shape(&"a".repeat(306)).2, 2);
    }

    #[test]
    fn a_surrogate_pair_is_not_divided() {
        let text = format!("{}😊{}", "ж".repeat(66), "ж".repeat(65));
        assert_eq!(shape(&text), (Encoding::Ucs2, 133, 2, 0));
        assert_eq!(shape(&format!("{text}ж")).2, 3);
    }

    #[test]
    fn one_emoji_turns_the_whole_text() {
        let s = count("Hi 😊");
        assert_eq!((s.encoding, s.units, s.characters), (Encoding::Ucs2, 5, 4));
        assert_eq!(s.first_non_gsm, Some('😊'));
    }

    #[test]
    fn the_alphabet_is_the_published_one() {
        for c in "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCXYZÄÖÑÜ§¿abcxyzäöñüà".chars()
        {
            assert_eq!(gsm_septets(c), Some(1), "{c}");
        }
        for c in "^{}\\[]~|€\u{c}".chars() {
            assert_eq!(gsm_septets(c), Some(2), "{c}");
        }
        for c in "`’“”–—…çáíóú\t😊\u{a0}".chars() {
            assert_eq!(gsm_septets(c), None, "{c}");
        }
    }
}
