//! Which of the offered slots a caller takes, however it is written: "2", "the second one", "tues 2pm", "not the first,
//! the 2nd", "the earliest".

use super::super::reading::{Text, Token};
use super::numbers::{count_word, ordinal};
use super::when::{When, WhenReading};
use crate::Timestamp;
use crate::routing::TimeOfDay;
use crate::zone::Zone;

/// What a text says about the offered slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Choice {
    /// The number of the slot, from 1, if the text names exactly one that was offered.
    pub(super) slot: Option<u8>,
    /// The tokens that say it.
    pub(super) said: (usize, usize),
    /// It was said by day or time, not by number.
    pub(super) timed: bool,
}

/// Words that may stand around a bare number without making it anything but a choice.
const AROUND: &[&str] = &[
    "option", "number", "slot", "choice", "please", "one", "the", "works", "work", "is", "good", "fine", "best",
    "great", "perfect", "ill", "i", "take", "lets", "do", "go", "with", "thanks", "thank", "you", "okay", "yes",
    "guess", "for", "me", "us", "that", "will", "pick", "choose", "prefer", "want", "would", "like", "id", "we",
    "well", "can", "opcion", "la", "el", "numero", "sounds", "thumbsup", "sure", "gracias", "porfa", "favor", "por",
    "a", "hi", "hey", "hello", "go", "times", "time",
];

pub(super) fn choose(text: &Text<'_>, when: &WhenReading, slots: &[Timestamp], zone: &Zone) -> Option<Choice> {
    let count = u8::try_from(slots.len()).ok().filter(|count| *count > 0)?;
    let by_time = by_time(text, when, slots, zone);
    // A day or a marked time names a slot better than a number that is part of it.
    if let Some(choice) = by_time.filter(|choice| choice.slot.is_some()) {
        return Some(choice);
    }
    by_name(text, count, slots)
        .or_else(|| by_number(text, count))
        .or_else(|| by_letter(text, count))
        .or_else(|| any_will_do(text))
        .or_else(|| by_hour(text, slots, zone))
        .or(by_time)
}

/// "The second one", "last one", "the earliest", "the early one".
fn by_name(text: &Text<'_>, count: u8, slots: &[Timestamp]) -> Option<Choice> {
    let place = |at: Option<usize>| at.and_then(|at| u8::try_from(at + 1).ok());
    let earliest = || place((0..slots.len()).min_by_key(|at| slots.get(*at)));
    let latest = || place((0..slots.len()).max_by_key(|at| slots.get(*at)));
    let compares = compares_the_offered(text);
    let mut found = None;
    for (at, token) in text.tokens.iter().enumerate() {
        let number = match token.word {
            "last" | "ultima" | "ultimo" | "bottom" => Some(count),
            "top" | "former" => Some(1),
            "latter" if count == 2 => Some(2),
            "middle" if count == 3 => Some(2),
            "latest" => latest(),
            "earliest" | "soonest" => earliest(),
            "early" | "earlier" | "sooner" | "temprano" if compares => earliest(),
            "late" | "later" | "tarde" if compares => latest(),
            // "The 14th" is a day unless so many were offered.
            word => ordinal(word).filter(|number| *number <= count),
        };
        let Some(number) = number.filter(|_| !is_refused(&text.tokens, at)) else {
            continue;
        };
        found = Some(Choice {
            slot: Some(number),
            said: (at, at + 1),
            timed: false,
        });
    }
    found
}

/// Longest text in which "the earlier" compares the offered times and tells nothing else.
const FEW_WORDS: usize = 9;
/// Words with which somebody asks for other times than the offered ones.
const OTHERS: &[&str] = &[
    "anything",
    "something",
    "have",
    "got",
    "any",
    "than",
    "too",
    "other",
    "else",
    "next",
    "another",
    "much",
    "if",
    "call",
    "running",
    "was",
    "were",
    "sorry",
    "nothing",
    "mas",
    "algo",
];

/// "The early one", "sooner the better", and not "anything earlier?".
fn compares_the_offered(text: &Text<'_>) -> bool {
    text.tokens.len() <= FEW_WORDS
        && text.clauses.iter().all(|clause| !clause.asks)
        && !text.tokens.iter().any(|token| OTHERS.contains(&token.word))
}

/// "B", "option c".
fn by_letter(text: &Text<'_>, count: u8) -> Option<Choice> {
    let (at, letter) = match *text.tokens.as_slice() {
        [one] => (0, one.word),
        [first, second, ..] if matches!(first.word, "option" | "choice" | "opcion") => (1, second.word),
        _ => return None,
    };
    let &[letter @ b'a'..=b'e'] = letter.as_bytes() else {
        return None;
    };
    let number = letter - b'a' + 1;
    (number <= count).then_some(Choice {
        slot: Some(number),
        said: (at, at + 1),
        timed: false,
    })
}

/// "Any of those", "whichever", "doesn't matter": the first is as good as another.
fn any_will_do(text: &Text<'_>) -> Option<Choice> {
    let asks = text.clauses.iter().any(|clause| clause.asks);
    if text.tokens.len() > FEW_WORDS || asks || text.tokens.iter().any(|token| matches!(token.word, "other" | "else")) {
        return None;
    }
    let word = |at: usize| text.word(at);
    (0..text.tokens.len()).find_map(|at| {
        let end = match (word(at), word(at + 1)) {
            ("whichever" | "cualquiera", _) => at + 1,
            ("any" | "either", "of" | "one" | "works" | "is" | "will" | "time") => at + 2,
            ("doesnt", "matter") | ("no", "preference") | ("you", "pick" | "choose") | ("all", "work" | "good") => {
                at + 2
            }
            ("either", "") => at + 1,
            _ => return None,
        };
        let refused = is_refused(&text.tokens, at) || (at..end).any(|at| word(at) == "not");
        (!refused).then_some(Choice {
            slot: Some(1),
            said: (at, end),
            timed: false,
        })
    })
}

/// "2", "#3 please", "option one", "two pls".
fn by_number(text: &Text<'_>, count: u8) -> Option<Choice> {
    for (at, token) in text.tokens.iter().enumerate() {
        let Some(number) = count_word(token.word).filter(|number| *number > 0) else {
            continue;
        };
        let named = at
            .checked_sub(1)
            .and_then(|before| text.tokens.get(before))
            .is_some_and(|before| {
                matches!(
                    before.word,
                    "option" | "number" | "slot" | "choice" | "opcion" | "numero"
                )
            });
        let first_clause = text.clauses.first();
        let alone = first_clause.is_some_and(|clause| {
            clause.first_token <= at
                && at < clause.end_token
                && text
                    .tokens(clause)
                    .iter()
                    .enumerate()
                    .all(|(index, other)| clause.first_token + index == at || AROUND.contains(&other.word))
        });
        // "The only one" and "that one" count nothing.
        let pronoun = matches!(token.word, "one" | "una" | "uno")
            && !named
            && at > 0
            && !matches!(text.word(at - 1), "with" | "take" | "do" | "want");
        if !(named || alone) || pronoun || is_refused(&text.tokens, at) {
            continue;
        }
        return Some(Choice {
            slot: (number <= count).then_some(number),
            said: (at, at + 1),
            timed: false,
        })
        .filter(|choice| choice.slot.is_some() || named || text.tokens.len() == 1);
    }
    None
}

/// "Let's go with 10", "nine works": an hour of one slot.
fn by_hour(text: &Text<'_>, slots: &[Timestamp], zone: &Zone) -> Option<Choice> {
    text.tokens.iter().enumerate().find_map(|(at, token)| {
        let hour = count_word(token.word)?;
        let next = text.word(at + 1);
        if is_refused(&text.tokens, at) || matches!(next, "people" | "of" | "years" | "units" | "toilets") {
            return None;
        }
        let fits = |slot: &&(usize, Timestamp)| {
            let minutes = zone.to_local(slot.1).minute_of_day();
            minutes.is_multiple_of(60) && (minutes / 60) % 12 == u32::from(hour) % 12
        };
        let numbered: Vec<(usize, Timestamp)> = slots.iter().copied().enumerate().collect();
        let mut fitting = numbered.iter().filter(fits);
        let only = fitting.next().filter(|_| fitting.next().is_none())?;
        Some(Choice {
            slot: u8::try_from(only.0 + 1).ok(),
            said: (at, at + 1),
            timed: true,
        })
    })
}

/// "Tues 2pm", "Wednesday", "Friday afternoon", "the 1 o'clock".
fn by_time(text: &Text<'_>, when: &WhenReading, slots: &[Timestamp], zone: &Zone) -> Option<Choice> {
    let said = when.said?;
    let wish = when.when;
    let fits = |slot: &Timestamp| {
        let local = zone.to_local(*slot);
        let minute = u16::try_from(local.minute_of_day()).unwrap_or(0);
        let day = wish.date.is_none_or(|date| date == local.day);
        let from = wish.from.is_none_or(|from| from.minutes() <= minute);
        // A part of the day ends where the next begins; an exact time is its own end.
        let to = wish
            .to
            .is_none_or(|to| minute < to.minutes() || wish.from == wish.to && minute == to.minutes());
        day && from && to
    };
    let mut fitting = slots.iter().enumerate().filter(|(_, slot)| fits(slot));
    let first = fitting.next();
    let only = first.filter(|_| fitting.next().is_none());
    // A day that was not offered is a wish for another one.
    first?;
    if is_refused(&text.tokens, said.0) {
        return None;
    }
    Some(Choice {
        slot: only.and_then(|(index, _)| u8::try_from(index + 1).ok()),
        said,
        timed: true,
    })
}

/// The time of the slot that was chosen by its hour.
pub(super) fn time_of(choice: &Choice, slots: &[Timestamp], zone: &Zone) -> When {
    let place = choice.slot.and_then(|slot| usize::from(slot).checked_sub(1));
    let start = place.and_then(|place| slots.get(place));
    let minute = start.and_then(|start| u16::try_from(zone.to_local(*start).minute_of_day()).ok());
    let at = minute.and_then(|minute| TimeOfDay::from_minutes(minute).ok());
    When {
        date: None,
        from: at,
        to: at,
    }
}

/// "Not the first", "can't do Tuesday", "anything but 2".
fn is_refused(tokens: &[Token<'_>], at: usize) -> bool {
    let from = at.saturating_sub(4);
    let before = tokens.get(from..at).unwrap_or_default();
    let refusal = before.iter().rposition(|token| {
        matches!(
            token.word,
            "not" | "cannot" | "wont" | "except" | "no" | "dont" | "doesnt" | "than"
        )
    });
    refusal.is_some_and(|refused| {
        // "Not the first, the second": the refusal ends with what it names.
        !before
            .get(refused + 1..)
            .unwrap_or_default()
            .iter()
            .any(|token| ordinal(token.word).is_some() || count_word(token.word).is_some())
    })
}
