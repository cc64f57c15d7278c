//! Verification codes that a phone company sends to a forwarding number, to see that its customer owns it.

/// Words of which one has to be there: a gate's or a door's code is a customer's business.
const WORDS: &[&str] = &[
    "verification code",
    "verify",
    "confirmation code",
    "security code",
    "one-time code",
    "passcode",
    "código de verificación",
    "codigo de verificacion",
];
/// Digits of a code.
const LENGTH: std::ops::RangeInclusive<usize> = 4..=8;
/// How a task's sentence begins.
const OPENING: &str = "Verification code ";
/// Longest part of the text in the sentence, in characters.
const LONGEST: usize = 300;

/// The code that a text brings, where it is one that verifies a number.
///
/// The longest run of four to eight digits is the code; a number that groups its digits, such as a phone number, has
/// none.
#[must_use]
pub fn verification_code(body: &str) -> Option<String> {
    let lower = body.to_lowercase();
    if !WORDS.iter().any(|word| lower.contains(word)) {
        return None;
    }
    let mut found: Option<String> = None;
    for word in lower.split_whitespace() {
        let Some(code) = code_in(word) else { continue };
        if found.as_ref().is_none_or(|longest| longest.len() < code.len()) {
            found = Some(code);
        }
    }
    found
}

/// The code that a word is: digits, in two halves perhaps, perhaps after the `G-` that Google puts before them.
fn code_in(word: &str) -> Option<String> {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let word = word.strip_prefix("g-").unwrap_or(word);
    let digits: String = match word.split_once('-') {
        Some((left, right)) if left.len() == 3 && right.len() == 3 => [left, right].concat(),
        Some(_) => return None,
        None => word.to_owned(),
    };
    (LENGTH.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// What a person reads about a code.
#[must_use]
pub(crate) fn code_sentence(code: &str, body: &str) -> String {
    let said: String = body.trim().chars().take(LONGEST).collect();
    format!("{OPENING}{code} arrived at your forwarding number: \u{201c}{said}\u{201d}")
}

/// The code in such a sentence.
#[must_use]
pub fn code_of_sentence(sentence: &str) -> Option<&str> {
    sentence.strip_prefix(OPENING)?.split(' ').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_in_the_words_of_phone_companies() {
        for (body, code) in [
            (
                "123456 is your Google Voice verification code. Don't share it.",
                "123456",
            ),
            ("G-482910 is your Google verification code.", "482910"),
            ("Your Verizon verification code is 4821", "4821"),
            ("Use code 482-910 to verify your number (valid until 2026).", "482910"),
            ("Su código de verificación es 90210.", "90210"),
        ] {
            assert_eq!(verification_code(body).as_deref(), Some(code), "{body}");
        }
    }

    #[test]
    fn a_customers_numbers_are_no_codes() {
        for body in [
            "The gate code is 4821, please use the back door",
            "Call me at 512-555-0123 to verify the appointment",
            "Please verify that you got my call",
            "Can you verify? (512) 555-0123",
            "Verify +15125550123",
            "",
        ] {
            assert_eq!(verification_code(body), None, "{body}");
        }
    }

    #[test]
    fn a_sentence_gives_its_code_back() {
        let sentence = code_sentence("482910", "Code 482910, to verify");
        assert_eq!(code_of_sentence(&sentence), Some("482910"));
        assert_eq!(code_of_sentence("(512) 555-0123 wrote back"), None);
    }
}
