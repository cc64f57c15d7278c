//! The caller's name, callback number and address, taken from the text as it was written.

use super::super::reading::{Concepts, Text, Token};
use super::context::Asked;
use super::names::{AGREED, is_first_name, is_no_name};
use super::numbers::{spoken_digit, spoken_tens};
use crate::PhoneNumber;

/// Longest name, in words.
const LONGEST_NAME: usize = 3;

/// The name of the caller. `owner` is the contractor's, whom callers address by name.
pub(super) fn name(text: &Text<'_>, asked: Option<Asked>, owner: &str) -> Option<String> {
    let reader = Names { text, owner };
    reader
        .introduced()
        .or_else(|| reader.here())
        .or_else(|| reader.calling())
        .or_else(|| reader.titled())
        .or_else(|| reader.signed())
        .or_else(|| (asked == Some(Asked::Name)).then(|| reader.answered()).flatten())
}

struct Names<'n, 't> {
    text: &'n Text<'t>,
    owner: &'n str,
}

impl Names<'_, '_> {
    fn word(&self, at: usize) -> &str {
        self.text.word(at)
    }

    /// "My name is …", "this is …", "it's … at 2210 Beechwood", "soy …".
    fn introduced(&self) -> Option<String> {
        let count = self.text.tokens.len();
        (0..count).find_map(|at| {
            let (sure, mut start) = match (self.word(at), self.word(at + 1)) {
                ("name", "is") | ("names", "is") => (true, at + 2),
                ("names", _) => (true, at + 1),
                ("name", "again") if self.word(at + 2) == "is" => (true, at + 3),
                ("for", _) if at > 0 && self.word(at - 1) == "ask" => (false, at + 1),
                // "That's April 5th" is a day.
                ("thats", name)
                    if is_first_name(name) && !self.word(at + 2).starts_with(|c: char| c.is_ascii_digit()) =>
                {
                    (false, at + 1)
                }
                ("me", "llamo") => (true, at + 2),
                ("soy", _) | ("habla", _) => (true, at + 1),
                ("this", "is") => (false, at + 2),
                ("im", _) | ("its", _) => (false, at + 1),
                ("i", "am") | ("it", "is") => (false, at + 2),
                _ => return None,
            };
            while matches!(self.word(start), "uh" | "um" | "uhm" | "er" | "is" | "its") {
                start += 1;
            }
            self.name_at(start, sure)
        })
    }

    /// "Bette Lindqvist here".
    fn here(&self) -> Option<String> {
        let here = self.text.tokens.iter().position(|token| token.word == "here")?;
        (1..=2).rev().find_map(|length| {
            let start = here.checked_sub(length)?;
            let begins = start == 0 || !self.text.same_clause(start - 1, start);
            let greeted = start > 0
                && matches!(
                    self.word(start - 1),
                    "hi" | "hey" | "hello" | "yeah" | "yes" | "morning" | "afternoon" | "evening" | "uh" | "um"
                );
            (begins || greeted).then(|| self.exactly(start, here)).flatten()
        })
    }

    /// "Hi Linda Parker calling about …", "yeah Dave Whitaker over on Maple": a name that begins, and what callers say after
    /// their own.
    fn calling(&self) -> Option<String> {
        let mut start = 0;
        while matches!(
            self.word(start),
            "hi" | "hey"
                | "hello"
                | "yeah"
                | "yes"
                | "uh"
                | "um"
                | "good"
                | "morning"
                | "afternoon"
                | "evening"
                | "there"
        ) {
            start += 1;
        }
        // Every text begins with a capital: "Leak from the ceiling".
        if !is_first_name(self.word(start)) {
            return None;
        }
        (1..=LONGEST_NAME).rev().find_map(|length| {
            let after = self.word(start + length);
            matches!(after, "calling" | "speaking" | "over" | "from" | "again" | "returning")
                .then(|| self.exactly(start, start + length))
                .flatten()
        })
    }

    /// "Mr. Abruzzo would like a call".
    fn titled(&self) -> Option<String> {
        let at = self
            .text
            .tokens
            .iter()
            .position(|token| matches!(token.word, "mr" | "mrs" | "ms" | "dr" | "miss" | "mister" | "missus"))?;
        let name = self.capital(at + 1).then(|| self.text.quote(at, at + 2).to_owned())?;
        let speaks = matches!(
            self.word(at + 2),
            "would" | "wants" | "needs" | "here" | "asked" | "speaking" | "calling"
        );
        speaks.then_some(name)
    }

    /// "Thanks, Sarah", "- Mike" at the end.
    fn signed(&self) -> Option<String> {
        let count = self.text.tokens.len();
        (1..=2).rev().find_map(|length| {
            let start = count.checked_sub(length).filter(|start| *start > 0)?;
            if self.text.same_clause(start - 1, start) {
                return None;
            }
            let before = self.text.tokens.get(start - 1)?;
            let gap = self.text.raw.get(before.end..self.text.tokens.get(start)?.start)?;
            let thanked = matches!(
                before.word,
                "thanks" | "you" | "gracias" | "regards" | "best" | "sincerely" | "cheers"
            );
            let dashed = gap.contains(['-', '–', '—', '~', '\n']);
            (thanked || dashed).then(|| self.exactly(start, count)).flatten()
        })
    }

    /// The whole answer to the question for the name, up to the first comma.
    fn answered(&self) -> Option<String> {
        let clause = self.text.clauses.iter().find(|clause| {
            let words = self.text.tokens(clause);
            !words
                .iter()
                .all(|token| matches!(token.word, "hi" | "hello" | "hey" | "sure" | "yes" | "okay" | "thanks"))
        })?;
        let mut start = clause.first_token;
        while matches!(
            self.word(start),
            "hi" | "hello" | "hey" | "sure" | "yes" | "okay" | "its" | "is" | "im" | "it" | "the" | "name"
        ) {
            start += 1;
        }
        // "Alicia Gomez 1800 Barton Springs Rd": the name ends where the house begins.
        let digit = |at: &usize| self.word(*at).starts_with(|c: char| c.is_ascii_digit());
        let last = clause.end_token.min(start + LONGEST_NAME);
        let end = (start..last).find(digit).unwrap_or(last);
        let plausible = (start..end).all(|at| {
            let token = self.text.tokens.get(at);
            token.is_some_and(|token| is_word(token) && !is_no_name(token.word))
        });
        let agrees = (start..end).all(|at| AGREED.contains(&self.word(at)));
        // "Kitchen" names a thing of the trades.
        let thing = (start..end).all(|at| {
            let token = self.text.tokens.get(at);
            token.is_some_and(|token| token.concepts != Concepts::NONE && !is_first_name(token.word))
        });
        (start < end && plausible && !agrees && !thing).then(|| tidy(self.text.quote(start, end)))
    }

    /// The name that begins at a token, as long as it goes on.
    fn name_at(&self, start: usize, sure: bool) -> Option<String> {
        let first = self.text.tokens.get(start)?;
        if !is_word(first) || is_no_name(first.word) && !self.capital(start) {
            return None;
        }
        if matches!(first.word, "mr" | "mrs" | "ms" | "dr" | "miss" | "mister" | "missus") {
            return (self.text.tokens.len() > start + 1).then(|| tidy(self.text.quote(start, start + 2)));
        }
        // A recogniser writes no capitals: what no list of words knows is then a name.
        let lower = !self.text.raw.chars().any(char::is_uppercase);
        let known =
            is_first_name(first.word) || lower && first.concepts == Concepts::NONE && self.follows_this_is(start);
        let capital = self.capital(start) && !self.shouts() && !is_no_name(first.word);
        if !(known || capital || sure) || is_no_name(first.word) && !known {
            return None;
        }
        let mut end = start + 1;
        while end < start + LONGEST_NAME && self.goes_on(end, capital) {
            end += 1;
        }
        self.of(start, end)
    }

    fn follows_this_is(&self, start: usize) -> bool {
        let before = start.checked_sub(1).map_or("", |at| self.word(at));
        let earlier = start.checked_sub(2).map_or("", |at| self.word(at));
        before == "is" && earlier == "this" || matches!(before, "uh" | "um") && earlier == "is"
    }

    fn goes_on(&self, at: usize, capitals: bool) -> bool {
        let Some(token) = self.text.tokens.get(at) else {
            return false;
        };
        let apart = self
            .text
            .gap(at)
            .is_none_or(|gap| gap.contains([',', '\n', '(', '!', '?', ';']));
        let full_stop = self.text.gap(at).is_some_and(|gap| gap.contains('.'))
            && self.text.tokens.get(at - 1).is_some_and(|before| before.word.len() > 2);
        is_word(token) && !apart && !full_stop && !is_no_name(token.word) && (!capitals || self.capital(at))
    }

    /// These tokens, if they are a name and nothing else.
    fn exactly(&self, start: usize, end: usize) -> Option<String> {
        let fits = (start..end).all(|at| {
            let token = self.text.tokens.get(at);
            token.is_some_and(|token| is_word(token) && !is_no_name(token.word))
                && (self.capital(at) && !self.shouts() || is_first_name(self.word(start)))
        });
        fits.then(|| self.of(start, end)).flatten()
    }

    fn of(&self, start: usize, end: usize) -> Option<String> {
        let name = tidy(self.text.quote(start, end));
        let is_owner = !self.owner.is_empty() && name.eq_ignore_ascii_case(self.owner);
        (!is_owner && !name.is_empty()).then_some(name)
    }

    fn capital(&self, at: usize) -> bool {
        let token = self.text.tokens.get(at);
        token.is_some_and(|token| {
            self.text
                .raw
                .get(token.start..)
                .is_some_and(|rest| rest.starts_with(char::is_uppercase))
        })
    }

    fn shouts(&self) -> bool {
        !self.text.raw.chars().any(char::is_lowercase)
    }
}

fn is_word(token: &Token<'_>) -> bool {
    token.word.len() > 1 && token.word.chars().all(|c| c.is_ascii_alphabetic())
}

/// Capitals where a recogniser wrote none.
fn tidy(name: &str) -> String {
    let name = name.trim_matches(|c: char| !c.is_alphanumeric() && c != '.');
    if name.chars().any(char::is_uppercase) {
        return name.to_owned();
    }
    let mut tidied = String::with_capacity(name.len());
    let mut begins = true;
    for c in name.chars() {
        if begins {
            tidied.extend(c.to_uppercase());
        } else {
            tidied.push(c);
        }
        begins = matches!(c, ' ' | '-');
    }
    tidied
}

/// A number of North America that the text gives, written or spoken.
pub(super) fn callback(text: &Text<'_>) -> Option<PhoneNumber> {
    let mut digits = String::new();
    let mut found = None;
    for (at, token) in text.tokens.iter().enumerate() {
        let written = token.word.chars().all(|c| c.is_ascii_digit() || c == ':' || c == '/');
        if written || token.word == "dash" {
            digits.extend(token.word.chars().filter(char::is_ascii_digit));
        } else if let Some(digit) = spoken_digit(token.word) {
            digits.push_str(digit);
        } else if let Some(tens) = spoken_tens(token.word) {
            digits.push_str(tens);
            // "Fifty five" is 55, "fifty" is 50.
            let unit = spoken_digit(text.word(at + 1)).is_some_and(|unit| unit.len() == 1 && unit != "0");
            if !unit {
                digits.push('0');
            }
        } else if matches!(token.word, "uh" | "um" | "area" | "code") && !digits.is_empty() {
            // Thinking aloud.
        } else {
            found = number_of(&digits).or(found);
            digits.clear();
        }
    }
    number_of(&digits).or(found)
}

fn number_of(digits: &str) -> Option<PhoneNumber> {
    let national = match digits.len() {
        10 => digits,
        11 => digits.strip_prefix('1')?,
        _ => return None,
    };
    let area_and_exchange_valid = [0, 3]
        .into_iter()
        .all(|at| national.get(at..=at).is_some_and(|digit| !matches!(digit, "0" | "1")));
    area_and_exchange_valid
        .then(|| PhoneNumber::parse(&format!("+1{national}")).ok())
        .flatten()
}

/// Words that end the name of a street.
const STREET: &[&str] = &[
    "st",
    "street",
    "ave",
    "avenue",
    "rd",
    "road",
    "dr",
    "drive",
    "ln",
    "lane",
    "ct",
    "court",
    "cir",
    "circle",
    "blvd",
    "boulevard",
    "way",
    "pl",
    "place",
    "ter",
    "terrace",
    "pkwy",
    "parkway",
    "hwy",
    "highway",
    "trl",
    "trail",
    "loop",
    "aly",
    "alley",
    "sq",
    "square",
    "xing",
    "crossing",
    "run",
    "path",
    "pike",
    "broadway",
    "row",
    "ridge",
    "cove",
    "pt",
    "point",
    "walk",
    "bend",
    "plaza",
    "calle",
    "avenida",
];
const DIRECTIONS: &[&str] = &[
    "n", "s", "e", "w", "ne", "nw", "se", "sw", "north", "south", "east", "west",
];
const UNITS: &[&str] = &[
    "apt",
    "apartment",
    "unit",
    "suite",
    "ste",
    "lot",
    "floor",
    "fl",
    "bldg",
    "building",
    "no",
];

/// The tokens of the street line with its unit and town.
pub(super) fn address(text: &Text<'_>, asked: Option<Asked>, towns: &[String]) -> Option<(usize, usize)> {
    let count = text.tokens.len();
    (0..count).find_map(|at| {
        let number = text.word(at);
        let house = number.len() <= 6
            && number.starts_with(|c: char| c.is_ascii_digit())
            && number.chars().filter(char::is_ascii_alphabetic).count() <= 1
            && !number.contains([':', '/']);
        if !house {
            return None;
        }
        let street = street_end(text, at + 1, asked)?;
        let end = town_end(text, unit_end(text, street), towns);
        Some((at, end))
    })
}

fn street_end(text: &Text<'_>, start: usize, asked: Option<Asked>) -> Option<usize> {
    let mut last = None;
    let mut at = start;
    while at < start + 5 {
        let Some(token) = text.tokens.get(at) else { break };
        if text.gap(at).is_none_or(|gap| gap.contains([',', '\n', '!', '?'])) {
            break;
        }
        let raw = text.quote(at, at + 1).to_lowercase();
        // A street has a name before its kind: "12 st" is none.
        if STREET.contains(&raw.as_str()) && at > start {
            last = Some(at + 1);
            break;
        }
        if raw == "broadway" {
            last = Some(at + 1);
            break;
        }
        // "900 W 10th": a numbered street needs no kind.
        let pointed = at == start + 1 && DIRECTIONS.contains(&text.quote(start, at).to_lowercase().as_str());
        let ordinal = raw.starts_with(|c: char| c.is_ascii_digit()) && raw.ends_with(['h', 'd', 't']);
        if pointed && ordinal && !STREET.contains(&text.quote(at + 1, at + 2).to_lowercase().as_str()) {
            last = Some(at + 1);
            break;
        }
        let numbered = raw.starts_with(|c: char| c.is_ascii_digit());
        if !(token.word.chars().all(|c| c.is_ascii_alphabetic()) || numbered) {
            break;
        }
        at += 1;
    }
    // "Broadway N": the direction may follow.
    if let Some(end) = last {
        let direction = text
            .tokens
            .get(end)
            .is_some_and(|_| DIRECTIONS.contains(&text.quote(end, end + 1).to_lowercase().as_str()));
        let apart = text.gap(end).is_none_or(|gap| gap.contains([',', '\n', '.']));
        return Some(if direction && !apart { end + 1 } else { end });
    }
    // Asked for it, a number and a word will do; asked for the name, a long number and a capital.
    let invited = match asked {
        Some(Asked::Address) => text.tokens.get(start).is_some(),
        Some(Asked::Name) => {
            let next = text.quote(start, start + 1);
            let house = start.checked_sub(1).is_some_and(|at| text.word(at).len() >= 3);
            house && next.starts_with(char::is_uppercase) && !matches!(text.word(start), "am" | "pm")
        }
        Some(Asked::Slots | Asked::ConfirmAppointment | Asked::FollowUpYes | Asked::Issue | Asked::CallbackTime)
        | None => false,
    };
    invited.then(|| {
        let mut end = start;
        while end < start + 4
            && text.tokens.get(end).is_some()
            && (end == start || !text.gap(end).is_none_or(|gap| gap.contains([',', '\n', '.', '!'])))
        {
            end += 1;
        }
        end
    })
}

fn unit_end(text: &Text<'_>, end: usize) -> usize {
    let raw = |at: usize| text.quote(at, at + 1).to_lowercase();
    if end < text.tokens.len() && UNITS.contains(&raw(end).as_str()) && end + 1 < text.tokens.len() {
        return end + 2;
    }
    let numbered = text.gap(end).is_some_and(|gap| gap.contains('#'));
    if numbered { end + 1 } else { end }
}

/// ", Littleton", "in Parker": a town that is served, or a capitalised word after a comma that ends the sentence.
fn town_end(text: &Text<'_>, end: usize, towns: &[String]) -> usize {
    let Some(gap) = text.gap(end) else { return end };
    if gap.contains(['.', '!', '?', '\n']) {
        return end;
    }
    let start = end + usize::from(matches!(text.word(end), "in"));
    for town in towns {
        let words = town.split([' ', '.']).filter(|word| !word.is_empty()).count();
        let said = text.quote(start, start + words);
        if start + words <= text.tokens.len() && same_letters(said, town) {
            return start + words;
        }
    }
    end
}

fn same_letters(one: &str, other: &str) -> bool {
    let letters = |text: &str| {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect::<String>()
    };
    letters(one) == letters(other)
}
