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

/// The digits of a spoken number below twenty, or of "hundred".
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
        "ten" => "10",
        "eleven" => "11",
        "twelve" => "12",
        "thirteen" => "13",
        "fourteen" => "14",
        "fifteen" => "15",
        "sixteen" => "16",
        "seventeen" => "17",
        "eighteen" => "18",
        "nineteen" => "19",
        _ => return None,
    })
}

/// The first digit of "twenty" to "ninety".
pub(super) fn spoken_tens(word: &str) -> Option<&'static str> {
    Some(match word {
        "twenty" => "2",
        "thirty" => "3",
        "forty" => "4",
        "fifty" => "5",
        "sixty" => "6",
        "seventy" => "7",
        "eighty" => "8",
        "ninety" => "9",
        _ => return None,
    })
}
