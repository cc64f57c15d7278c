//! Numbers as people write and say them.

/// One to twenty and zero, as a word or in digits.
pub(super) fn count_word(word: &str) -> Option<u8> {
    if let Ok(number) = word.parse() {
        return Some(number);
    }
    Some(match word {
        "one" | "uno" | "una" => 1,
        "two" | "dos" | "couple" => 2,
        "three" | "tres" => 3,
        "four" | "cuatro" => 4,
        "five" | "cinco" => 5,
        "six" | "seis" => 6,
        "seven" | "siete" => 7,
        "eight" | "ocho" => 8,
        "nine" | "nueve" => 9,
        "ten" | "diez" => 10,
        "eleven" | "once" => 11,
        "twelve" | "doce" => 12,
        _ => return None,
    })
}

/// "2nd", "second", "segunda".
pub(super) fn ordinal(word: &str) -> Option<u8> {
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end));
    if let Some(number) = digits.and_then(|digits| digits.parse().ok()) {
        return (1..=31).contains(&number).then_some(number);
    }
    Some(match word {
        "first" | "primero" | "primera" | "primer" => 1,
        "second" | "segundo" | "segunda" => 2,
        "third" | "tercero" | "tercera" | "tercer" => 3,
        "fourth" | "cuarto" | "cuarta" => 4,
        "fifth" | "quinto" | "quinta" => 5,
        "sixth" | "sexto" | "sexta" => 6,
        _ => return None,
    })
}

/// The digits of a spoken digit.
pub(super) fn spoken_digit(word: &str) -> Option<&'static str> {
    Some(match word {
        "zero" | "oh" | "o" | "cero" => "0",
        "one" | "uno" => "1",
        "two" | "dos" => "2",
        "three" | "tres" => "3",
        "four" | "cuatro" => "4",
        "five" | "cinco" => "5",
        "six" | "seis" => "6",
        "seven" | "siete" => "7",
        "eight" | "ocho" => "8",
        "nine" | "nueve" => "9",
        "hundred" => "00",
        _ => return None,
    })
}
