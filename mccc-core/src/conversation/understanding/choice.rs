//! Which of the offered slots a caller takes, however it is written: "2", "the second one", "tues 2pm", "not the first,
//! the 2nd", "the earliest".

use super::super::reading::{Text, Token};
use super::numbers::{count_word, ordinal};
use super::when::{COUNTED, When, WhenReading};
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
    let offered = Offered::new(text, when, slots, zone);
    if let Some(said) = either_of_two(text) {
        return Some(Choice {
            slot: None,
            said,
            timed: false,
        });
    }
    let by_time = offered.by_time(text, when);
    // A day or a marked time names a slot better than a number that is part of it.
    if let Some(choice) = by_time.filter(|choice| choice.slot.is_some()) {
        return Some(choice);
    }
    let others = [
        by_name(text, when, &offered),
        by_number(text, count),
        by_letter(text, count),
        any_will_do(text, &offered),
        by_hour(text, when, slots, zone),
    ];
    let fits = |choice: &Choice| offered.fits(text, choice);
    others.into_iter().flatten().find(fits).or(by_time)
}

/// The offered slots beside the day and the time that a text names.
struct Offered<'s> {
    slots: &'s [Timestamp],
    /// The slots that fit them, by place: all where none is named.
    fitting: Vec<usize>,
    /// The token with which the day or the time begins.
    named: Option<usize>,
    /// An hour is named and no day.
    hour_alone: bool,
}

impl<'s> Offered<'s> {
    fn new(text: &Text<'_>, when: &WhenReading, slots: &'s [Timestamp], zone: &Zone) -> Self {
        // "The 2nd" is a day and may be a slot.
        let bare = when
            .day
            .is_some_and(|(first, end)| end == first + 1 && ordinal(text.word(first)).is_some());
        let named = when.said.filter(|_| !bare).map(|(first, _)| first);
        let wish = when.when;
        let fits = |slot: &Timestamp| {
            let local = zone.to_local(*slot);
            let minute = u16::try_from(local.minute_of_day()).unwrap_or(0);
            let from = wish.from.is_none_or(|from| from.minutes() <= minute);
            // A part of the day ends where the next begins; an exact time is its own end.
            let to = wish
                .to
                .is_none_or(|to| minute < to.minutes() || wish.from == wish.to && minute == to.minutes());
            wish.is_on(local.day) && from && to
        };
        let places = slots.iter().enumerate();
        Self {
            slots,
            fitting: places.filter(|(_, slot)| fits(slot)).map(|(place, _)| place).collect(),
            named,
            hour_alone: wish.date.is_none(),
        }
    }

    /// Whether a day or a time is named that no slot fits.
    const fn is_elsewhere(&self) -> bool {
        self.named.is_some() && self.fitting.is_empty()
    }

    /// Those to choose from: what fits, or all where what was named is not to be had.
    fn places(&self) -> Vec<usize> {
        if self.named.is_some() && !self.fitting.is_empty() {
            self.fitting.clone()
        } else {
            (0..self.slots.len()).collect()
        }
    }

    /// Whether a choice is none against the day and the time named beside it: "Thursday, first thing" takes nothing of
    /// Monday, "2 please, I work on Thursday" does.
    fn fits(&self, text: &Text<'_>, choice: &Choice) -> bool {
        // "The third one works, I'm off at 2" chooses, whatever the hour beside it is.
        let explicit = self.hour_alone
            && self.is_elsewhere()
            && ordinal(text.word(choice.said.0)).is_some()
            && matches!(text.word(choice.said.1), "one" | "option" | "slot" | "choice");
        let beside = !explicit && self.named.is_some_and(|named| text.same_clause(named, choice.said.0));
        let place = choice.slot.and_then(|slot| usize::from(slot).checked_sub(1));
        !beside || place.is_none_or(|place| self.fitting.contains(&place))
    }

    /// "Tues 2pm", "Wednesday", "Friday afternoon", "the 1 o'clock".
    fn by_time(&self, text: &Text<'_>, when: &WhenReading) -> Option<Choice> {
        let said = when.said?;
        // A day that was not offered is a wish for another one.
        let first = *self.fitting.first()?;
        if is_refused(&text.tokens, said.0) {
            return None;
        }
        // Who would take one of several days takes none of the slots yet.
        let only = self.fitting.len() == 1
            && (when.when.date.is_none() || when.when.is_one_day())
            && !text.tokens.iter().any(|token| token.word == "only");
        Some(Choice {
            slot: u8::try_from(first + 1).ok().filter(|_| only),
            said,
            timed: true,
        })
    }
}

/// "The second one", "last one", "the earliest", "the early one".
fn by_name(text: &Text<'_>, when: &WhenReading, offered: &Offered<'_>) -> Option<Choice> {
    let places = offered.places();
    let slot = |place: Option<&usize>| place.and_then(|place| u8::try_from(place + 1).ok());
    let earliest = || slot(places.iter().min_by_key(|place| offered.slots.get(**place)));
    let latest = || slot(places.iter().max_by_key(|place| offered.slots.get(**place)));
    let counted = |number: u8| slot(usize::from(number).checked_sub(1).and_then(|at| places.get(at)));
    // "Whats the earliest you got" asks for other times.
    let inquires = text
        .tokens
        .iter()
        .any(|token| matches!(token.word, "what" | "whats" | "when"));
    let compares = compares_the_offered(text, when) && !offered.is_elsewhere();
    let mut found = None;
    for (at, token) in text.tokens.iter().enumerate() {
        let in_date = when
            .day
            .is_some_and(|(first, end)| end > first + 1 && (first..end).contains(&at));
        if in_date || NOT_OFFERED.contains(&text.word(at + 1)) {
            continue;
        }
        let number = match token.word {
            "last" | "ultima" | "ultimo" | "bottom" => slot(places.last()),
            "top" | "former" => slot(places.first()),
            "latter" if places.len() == 2 => counted(2),
            "middle" if places.len() == 3 => counted(2),
            "latest" if !inquires => latest(),
            "earliest" | "soonest" if !inquires => earliest(),
            "early" | "earlier" | "sooner" | "temprano" if compares && points_at(text, at) => earliest(),
            "late" | "later" | "tarde" if compares && points_at(text, at) => latest(),
            // "The 14th" is a day unless so many were offered, and "first I need to ask" counts nothing.
            word => ordinal(word)
                .filter(|_| points_at(text, at) || is_alone(text, at))
                .and_then(counted),
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

/// What "first" and "last" belong to where they name none of the offered slots: "first thing", "last week".
const NOT_OFFERED: &[&str] = &[
    "thing", "week", "weeks", "weekend", "month", "year", "night", "minute", "floor", "name", "street", "st", "ave",
    "avenue", "half", "part",
];

/// Whether a word names one of several: "the second", "later one", "sooner the better", and not "I'll tell you later".
fn points_at(text: &Text<'_>, at: usize) -> bool {
    let before = at.checked_sub(1).map_or("", |before| text.word(before));
    let joined = matches!(
        before,
        "the"
            | "that"
            | "take"
            | "with"
            | "do"
            | "la"
            | "el"
            | "not"
            | "and"
            | "or"
            | "pick"
            | "choose"
            | "prefer"
            | "want"
    );
    let named = matches!(
        text.word(at + 1),
        "one" | "option" | "slot" | "choice" | "time" | "works" | "is" | "please" | "opcion" | "the" | "of" | "on"
    );
    joined || named
}

/// Whether nothing else is told in the clause of a word.
fn is_alone(text: &Text<'_>, at: usize) -> bool {
    let clause = text
        .clauses
        .iter()
        .find(|clause| (clause.first_token..clause.end_token).contains(&at));
    clause.is_some_and(|clause| {
        let mut words = text.tokens(clause).iter().enumerate();
        words.all(|(index, other)| {
            clause.first_token + index == at
                || number_at(text, clause.first_token + index).is_some()
                || AROUND.contains(&other.word)
                || HOURS.contains(&other.word)
        })
    })
}

/// Words that may stand around an hour as well.
const HOURS: &[&str] = &[
    "or",
    "at",
    "around",
    "oclock",
    "still",
    "available",
    "open",
    "free",
    "instead",
    "then",
    "if",
    "possible",
    "be",
    "it",
    "so",
    "and",
    "on",
    "try",
    "make",
    "am",
    "pm",
    "my",
    "ok",
    "k",
    "ya",
    "you",
    "yall",
    "guys",
    "see",
    "come",
    "book",
    "clock",
    "o",
    "better",
    "probably",
    "definitely",
    "actually",
    "think",
    "about",
    "just",
    "have",
    "got",
];

/// The number that a word says, as a count or a place.
fn number_at(text: &Text<'_>, at: usize) -> Option<u8> {
    let word = text.word(at);
    ordinal(word).or_else(|| count_word(word)).filter(|_| word != "once")
}

/// "1 or 2", "the first or the second": either will do, and which one is not said.
fn either_of_two(text: &Text<'_>) -> Option<(usize, usize)> {
    (1..text.tokens.len()).find_map(|at| {
        if !matches!(text.word(at), "or" | "o") {
            return None;
        }
        let first = number_at(text, at - 1)?;
        let next = at + 1 + usize::from(matches!(text.word(at + 1), "the" | "la" | "el"));
        let second = number_at(text, next)?;
        let alone = is_alone(text, at - 1) || points_at(text, at - 1);
        (first != second && alone).then_some((at - 1, next + 1))
    })
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
fn compares_the_offered(text: &Text<'_>, when: &WhenReading) -> bool {
    text.tokens.len() <= FEW_WORDS
        && when.when.through.is_none()
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
fn any_will_do(text: &Text<'_>, offered: &Offered<'_>) -> Option<Choice> {
    let asks = text.clauses.iter().any(|clause| clause.asks);
    if offered.is_elsewhere()
        || text.tokens.len() > FEW_WORDS
        || asks
        || text.tokens.iter().any(|token| matches!(token.word, "other" | "else"))
    {
        return None;
    }
    let word = |at: usize| text.word(at);
    (0..text.tokens.len()).find_map(|at| {
        let end = match (word(at), word(at + 1)) {
            ("whichever" | "cualquiera", _) => at + 1,
            ("any" | "either", "of" | "one" | "works" | "is" | "will" | "time" | "day") => at + 2,
            ("doesnt", "matter") | ("no", "preference") | ("you", "pick" | "choose") | ("all", "work" | "good") => {
                at + 2
            }
            ("either", "") => at + 1,
            _ => return None,
        };
        let refused = is_refused(&text.tokens, at) || (at..end).any(|at| word(at) == "not");
        let first = offered.places().first().and_then(|place| u8::try_from(place + 1).ok());
        (!refused).then_some(Choice {
            slot: first,
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
fn by_hour(text: &Text<'_>, when: &WhenReading, slots: &[Timestamp], zone: &Zone) -> Option<Choice> {
    let in_date = |at: usize| when.day.is_some_and(|(first, end)| (first..end).contains(&at));
    text.tokens.iter().enumerate().find_map(|(at, token)| {
        let hour = count_word(token.word)?;
        let next = text.word(at + 1);
        // "July 2" is no two o'clock.
        if in_date(at) || is_refused(&text.tokens, at) || next != "or" && COUNTED.contains(&next) || !is_alone(text, at)
        {
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

/// The time of the slot that was chosen by its hour.
pub(super) fn time_of(choice: &Choice, slots: &[Timestamp], zone: &Zone) -> When {
    let place = choice.slot.and_then(|slot| usize::from(slot).checked_sub(1));
    let start = place.and_then(|place| slots.get(place));
    let minute = start.and_then(|start| u16::try_from(zone.to_local(*start).minute_of_day()).ok());
    let at = minute.and_then(|minute| TimeOfDay::from_minutes(minute).ok());
    When {
        from: at,
        to: at,
        ..When::default()
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
