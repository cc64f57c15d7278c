//! The words that matter when two wordings are compared.

use std::collections::HashSet;
use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

static STEMMER: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));
static EVERYDAY: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let lines = include_str!("vocabulary.txt").lines();
    let words = lines
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace);
    words.map(stem).collect()
});

/// What a word is without its ending.
pub(super) fn stem(word: &str) -> String {
    STEMMER.stem(word).into_owned()
}

/// Whether the word is one of those in which anything harmless can be said.
pub(super) fn is_everyday(word: &str) -> bool {
    EVERYDAY.contains(&stem(word))
}

/// The words of a text in small letters: "We'll" is "we will", "don't" is "do not".
pub(super) fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let parts = lower.split(|c: char| !(c.is_alphabetic() || c == '\''));
    let mut found = Vec::new();
    for part in parts {
        let part = part.trim_matches('\'');
        if part.is_empty() {
            continue;
        }
        let (stem, ending) = part.split_once('\'').unwrap_or((part, ""));
        // "I am sorry" names no hour.
        if part == "am" && found.last().is_some_and(|before: &String| before == "i") {
            continue;
        }
        match (stem, ending) {
            ("can", "t") => found.extend(["can".to_owned(), "not".to_owned()]),
            ("won", "t") => found.extend(["will".to_owned(), "not".to_owned()]),
            ("shan", "t") => found.extend(["shall".to_owned(), "not".to_owned()]),
            ("o", "clock") => found.push("oclock".to_owned()),
            (verb, "t") if verb.ends_with('n') => {
                found.extend([verb.trim_end_matches('n').to_owned(), "not".to_owned()]);
            }
            (who, "ll") => found.extend([who.to_owned(), "will".to_owned()]),
            (who, "d") => found.extend([who.to_owned(), "would".to_owned()]),
            (who, "s" | "re" | "m" | "ve" | "") => found.push(who.to_owned()),
            (one, other) => found.extend([one.to_owned(), other.to_owned()]),
        }
    }
    found
}

/// The numbers of a text in digits, in their order.
pub(super) fn numbers(text: &str) -> Vec<&str> {
    let parts = text.split(|c: char| !c.is_ascii_digit());
    parts.filter(|part| !part.is_empty()).collect()
}

/// What has to be as often in one wording as in the other: days, hours, and what they hang on.
pub(super) const TIMES: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mon",
    "tue",
    "tues",
    "wed",
    "thu",
    "thur",
    "thurs",
    "fri",
    "sat",
    "sun",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "am",
    "pm",
    "noon",
    "midnight",
    "oclock",
    "morning",
    "mornings",
    "afternoon",
    "afternoons",
    "evening",
    "evenings",
    "night",
    "nights",
    "tonight",
    "today",
    "tomorrow",
    "yesterday",
    "weekend",
    "weekends",
    "weekday",
    "weekdays",
    "after",
    "before",
    "until",
    "till",
    "by",
];
/// Numbers in words, as often in one wording as in the other.
pub(super) const NUMBERS: &[&str] = &[
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
    "thousand",
    "million",
    "half",
    "quarter",
    "dozen",
    "couple",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "once",
    "twice",
    "double",
    "triple",
];
/// What turns a sentence into its opposite.
pub(super) const DENIALS: &[&str] = &[
    "not", "no", "never", "nothing", "none", "nobody", "nowhere", "without", "unable", "cannot", "neither", "nor",
    "except", "unless", "only", "hardly", "rarely", "instead",
];
/// What may not be said sooner, longer or later than the built-in wording does.
pub(super) const SOON: &[&str] = &[
    "soon",
    "sooner",
    "soonest",
    "shortly",
    "now",
    "immediately",
    "instantly",
    "asap",
    "later",
    "early",
    "earlier",
    "earliest",
    "next",
    "last",
    "hour",
    "hours",
    "minute",
    "minutes",
    "second",
    "seconds",
    "week",
    "weeks",
    "month",
    "months",
    "year",
    "years",
    "within",
    "during",
    "moment",
    "moments",
    "promptly",
];
/// Money, by stems.
pub(super) const MONEY: &[&str] = &[
    "free",
    "price",
    "pricing",
    "cost",
    "charge",
    "fee",
    "dollar",
    "buck",
    "cent",
    "cheap",
    "cheaper",
    "cheapest",
    "discount",
    "deal",
    "sale",
    "pay",
    "paid",
    "payment",
    "money",
    "cash",
    "bill",
    "invoice",
    "quote",
    "estimate",
    "rate",
    "afford",
    "affordable",
    "waive",
    "refund",
    "complimentary",
    "coupon",
    "save",
    "saving",
    "percent",
    "deposit",
    "credit",
    "gift",
    "bonus",
    "reimburse",
    "compensate",
    "compensation",
    "usd",
    "eur",
];
/// Promises, by stems.
pub(super) const PROMISES: &[&str] = &[
    "guarantee",
    "promise",
    "warranty",
    "warrant",
    "ensure",
    "assure",
    "insure",
    "insurance",
    "insured",
    "certified",
    "certify",
    "licensed",
    "license",
    "definitely",
    "always",
    "will",
    "shall",
    "gonna",
    "commit",
    "committed",
    "cover",
    "covered",
    "coverage",
    "liable",
    "liability",
    "responsible",
    "responsibility",
    "swear",
    "legal",
    "legally",
    "binding",
    "contract",
    "agree",
    "agreed",
    "accept",
    "approve",
    "approved",
    "obligation",
];
/// What only a calendar can make true.
pub(super) const CLAIMS: &[&str] = &[
    "booked",
    "confirmed",
    "scheduled",
    "reserved",
    "arranged",
    "cancelled",
    "canceled",
    "rescheduled",
    "moved",
    "held",
    "set",
    "locked",
    "secured",
    "done",
    "finished",
    "dispatched",
    "coming",
    "arriving",
];
/// The same in several words.
pub(super) const CLAIMING: &[&str] = &[
    "see you",
    "on the way",
    "on our way",
    "on my way",
    "on his way",
    "good to go",
    "taken care of",
    "take care of",
    "all yours",
    "can do that",
    "can do it",
    "can do this",
    "got you down",
    "have you down",
    "put you down",
    "with you at",
];
/// What is said about being texted; the law and the phone companies read these.
pub(super) const CONSENT: &[&str] = &[
    "stop",
    "unstop",
    "start",
    "unsubscribe",
    "subscribe",
    "subscribed",
    "opt",
    "optout",
    "quit",
    "end",
    "cancel",
    "revoke",
    "consent",
];
/// What speaks of the machine itself.
pub(super) const MACHINE: &[&str] = &[
    "ai",
    "bot",
    "chatbot",
    "robot",
    "gpt",
    "chatgpt",
    "openai",
    "claude",
    "gemini",
    "llama",
    "llm",
    "model",
    "prompt",
    "instruction",
    "instructions",
    "instructed",
    "assistant",
    "artificial",
    "virtual",
    "automated",
    "human",
    "machine",
    "json",
    "rephrase",
    "rephrased",
    "rewrite",
    "rewritten",
    "rewording",
    "paraphrase",
    "developer",
    "programmed",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contractions_are_taken_apart() {
        assert_eq!(
            words("We'll see, don't worry"),
            ["we", "will", "see", "do", "not", "worry"]
        );
        assert_eq!(words("I can't, it's Ann's"), ["i", "can", "not", "it", "ann"]);
        assert_eq!(words("3pm at nine o'clock"), ["pm", "at", "nine", "oclock"]);
        assert_eq!(words("isn't won't"), ["is", "not", "will", "not"]);
        assert_eq!(words("I am here at 8 AM"), ["i", "here", "at", "am"]);
    }

    #[test]
    fn no_everyday_word_is_one_of_those_that_matter() {
        let lines = include_str!("vocabulary.txt")
            .lines()
            .filter(|line| !line.starts_with('#'));
        let everyday: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
        for word in [TIMES, NUMBERS, DENIALS, SOON, CLAIMS, CONSENT, MACHINE].concat() {
            // These have a harmless sense as well; how often they occur is compared before.
            assert!(matches!(word, "by" | "instead") || !everyday.contains(&word), "{word}");
        }
        for word in [MONEY, PROMISES].concat() {
            let same = everyday.iter().find(|one| stem(one) == stem(word));
            assert_eq!(same, None, "{word}");
        }
    }
}
