//! How soon somebody has to see to what a caller wrote or said, and the words that prove it.
//!
//! Deterministic, English and Spanish. A text is read clause by clause: a clause has to show the sign of a trouble
//! (`rules.txt`: "pipe" near "burst") and must not take it back: by a negation, as something past, as somebody else's,
//! as a question about prices or services. What can kill (gas, carbon monoxide, fire, sparks) is never talked down by
//! "small" or "no rush". The words are in `lexicon.txt`.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::learned::{Noticed, Tags};
use super::reading::{Clause, Concept, Concepts, Folded, Hit, Lexicon, RuleBook, Text};
use crate::calls::named;

named! {
    /// How soon somebody has to see to what a caller wrote.
    Urgency {
        /// In its turn.
        Routine = "routine",
        /// Today.
        Urgent = "urgent",
        /// At once: something is going wrong now.
        Emergency = "emergency",
    }
}

named! {
    /// What a caller should walk away from before anything else.
    Danger {
        /// Gas.
        Gas = "gas",
        /// Carbon monoxide.
        Monoxide = "co",
        /// Flames or smoke.
        Fire = "fire",
        /// Sparks, a shock, a live wire.
        Sparks = "sparks",
        /// Somebody is hurt, caught or poisoned.
        Harm = "harm",
    }
}

/// How urgent a text is, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UrgencyReading {
    /// How soon somebody has to come.
    pub level: Urgency,
    /// The danger to walk away from, if there is one.
    pub danger: Option<Danger>,
    /// The caller's own words that prove it.
    pub words: Vec<String>,
}

/// Items before a sign in which a negation takes it back.
const NEGATION_REACH: usize = 3;
/// Degrees Fahrenheit in which no cooling is an emergency for anybody.
const HOT: std::ops::RangeInclusive<u32> = 98..=125;
/// Degrees Fahrenheit in a house, as people write them without a unit, in which no heat can wait until tomorrow.
const MILD: std::ops::RangeInclusive<u32> = 55..=90;

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::compile(include_str!("lexicon.txt")));
static RULES: LazyLock<RuleBook> = LazyLock::new(|| RuleBook::compile(include_str!("rules.txt"), &LEXICON));
/// By the number of the rules' signal: its name, which stays when rules change places, and what it is the sign of.
static SIGNS: LazyLock<Vec<(&'static str, Sign)>> = LazyLock::new(|| {
    let rules = &*RULES;
    let mut signs: Vec<(usize, (&str, Sign))> = [
        ("gas", Sign::Danger(Danger::Gas)),
        ("co", Sign::Danger(Danger::Monoxide)),
        ("fire", Sign::Danger(Danger::Fire)),
        ("sparks", Sign::Danger(Danger::Sparks)),
        ("harm", Sign::Danger(Danger::Harm)),
        ("life", Sign::Life),
        ("damage", Sign::Damage),
        ("leak", Sign::Leak),
        ("heat", Sign::Heat),
        ("cooling", Sign::Cooling),
        ("word", Sign::Word),
        ("urgent", Sign::Today),
    ]
    .into_iter()
    .filter_map(|(name, sign)| rules.signal(name).map(|number| (number, (name, sign))))
    .collect();
    signs.sort_by_key(|(number, _)| *number);
    signs.into_iter().map(|(_, sign)| sign).collect()
});
static TAGS: LazyLock<Tags> = LazyLock::new(|| Tags::new("urgency", &LEXICON));
static NAMES: LazyLock<Names> = LazyLock::new(Names::default);

/// What a sign is the sign of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// It can kill.
    Danger(Danger),
    /// What keeps somebody alive is running out.
    Life,
    /// It does damage by the hour.
    Damage,
    /// Damage, unless it is a small one.
    Leak,
    /// An emergency in frost.
    Heat,
    /// An emergency in great heat, or for somebody frail.
    Cooling,
    /// The caller says "emergency".
    Word,
    /// Somebody is needed today.
    Today,
}

macro_rules! names {
    ($($field:ident = $name:literal),* $(,)?) => {
        /// Concepts that the rules for taking a sign back ask for.
        #[derive(Debug)]
        struct Names {
            $($field: Concept,)*
        }

        impl Default for Names {
            fn default() -> Self {
                Self {
                    $($field: LEXICON.concept($name).unwrap_or(Concept::MAX),)*
                }
            }
        }
    };
}

names! {
    not = "NOT",
    stopped = "STOPPED",
    past = "PAST",
    was = "WAS",
    yesterday = "YESTERDAY",
    past_form = "PASTFORM",
    still = "STILL",
    at_once = "ATONCE",
    back_again = "BACKAGAIN",
    over = "OVER",
    can_wait = "CANWAIT",
    later_day = "LATERDAY",
    leak = "LEAK",
    price = "PRICE",
    general = "GENERAL",
    polite = "POLITE",
    others = "OTHERS",
    service = "SERVICE",
    situation = "SITUATION",
    compound = "COMPOUND",
    figure = "FIGURE",
    small = "SMALL",
    fixture = "FIXTURE",
    contained = "CONTAINED",
    frail = "FRAIL",
    elder = "ELDER",
    heat_words = "HEATNESS",
    cold_words = "COLDNESS",
}

/// What the rules say, and what a learned reading goes by.
pub(super) struct Signs {
    pub(super) reading: UrgencyReading,
    /// No heat or no cooling, in weather in which that can wait: texts say little about it, the season does.
    pub(super) mild: bool,
    pub(super) noticed: Noticed,
}

/// Reads by the rules alone.
pub(super) fn notice(raw: &str, folded: &Folded, month: Option<u8>) -> Signs {
    let text = Text::of(raw, folded, &LEXICON);
    let mut noticed = Noticed::default();
    noticed.words_of(&text);
    noticed.concepts_of(&text, &TAGS);
    if text.clauses.iter().any(|clause| clause.asks) {
        noticed.around("asks");
    }
    let reader = Reader {
        can_wait: text.concepts.has(NAMES.can_wait),
        over: is_over(&text),
        names: &NAMES,
        text: &text,
        month,
    };
    let mut reading = UrgencyReading {
        level: Urgency::Routine,
        danger: None,
        words: Vec::new(),
    };
    let mut worst = f32::MIN;
    let mut mild = false;
    for hit in RULES.hits(&text, Concepts::NONE) {
        let judged = reader.judge(&hit);
        let (name, _) = SIGNS.get(hit.signal).copied().unwrap_or(("", Sign::Word));
        noticed.rule_with(name, u32::from(judged.is_some()));
        let Some((sign, level)) = judged else {
            continue;
        };
        mild |= matches!(sign, Sign::Heat | Sign::Cooling) && level == Urgency::Urgent;
        if level < reading.level || level == Urgency::Routine {
            continue;
        }
        if level > reading.level {
            reading.words.clear();
            reading.level = level;
        }
        if let Sign::Danger(danger) = sign
            && hit.weight > worst
        {
            worst = hit.weight;
            reading.danger = Some(danger);
        }
        let words = reader.words(&hit);
        if !reading.words.iter().any(|present| present == words) {
            reading.words.push(words.to_owned());
        }
    }
    noticed.rule(reading.level.name());
    noticed.rule(reading.danger.map_or("no danger", Danger::name));
    Signs {
        mild: mild && reading.level == Urgency::Urgent,
        reading,
        noticed,
    }
}

/// Whether the text takes everything back, and does not say that it has come back.
fn is_over(text: &Text<'_>) -> bool {
    let last = |concept| {
        text.items
            .iter()
            .rposition(|item| item.concepts.has(concept) && !item.negated)
    };
    last(NAMES.over).is_some_and(|over| last(NAMES.back_again).is_none_or(|back| back < over))
}

struct Reader<'t> {
    names: &'static Names,
    text: &'t Text<'t>,
    month: Option<u8>,
    can_wait: bool,
    over: bool,
}

impl<'t> Reader<'t> {
    /// What a sign proves, if it is not taken back.
    fn judge(&self, hit: &Hit) -> Option<(Sign, Urgency)> {
        let (_, sign) = *SIGNS.get(hit.signal)?;
        let clause = self.text.clauses.get(hit.clause)?;
        if self.over {
            return None;
        }
        let calm = !self.can_wait;
        let level = match sign {
            Sign::Danger(_) | Sign::Life => Urgency::Emergency,
            Sign::Damage if calm && self.may_wait_a_day(hit, clause) => Urgency::Urgent,
            Sign::Damage if calm && !clause.concepts.has(self.names.figure) => Urgency::Emergency,
            Sign::Leak if calm && !self.is_small(hit, clause) && !self.is_service(hit, clause) => {
                if self.may_wait_a_day(hit, clause) {
                    Urgency::Urgent
                } else {
                    Urgency::Emergency
                }
            }
            Sign::Heat if calm && self.is_cold() => Urgency::Emergency,
            Sign::Cooling if calm && self.is_hot() => Urgency::Emergency,
            Sign::Heat if calm => Urgency::Urgent,
            Sign::Cooling if calm && self.text.concepts.has(self.names.heat_words) => Urgency::Urgent,
            Sign::Word if calm => Urgency::Emergency,
            Sign::Today if calm => Urgency::Urgent,
            Sign::Damage | Sign::Leak | Sign::Heat | Sign::Cooling | Sign::Word | Sign::Today => return None,
        };
        let (past, ongoing) = (self.is_past(hit, clause), self.is_ongoing(hit));
        let general = self.is_general(clause);
        // Told of the past and put out of use, "now" says how it is since.
        let still = clause.concepts.has(self.names.still) && !(past && self.text.concepts.has(self.names.contained));
        let at_once = clause.concepts.has(self.names.at_once);
        let others = clause.concepts.has(self.names.others) && !at_once && !ongoing && self.is_told(clause);
        let stands = !self.is_negated(hit, clause)
            && !self.is_compound(hit, clause)
            && (!past && !self.was(hit, clause) || ongoing || still)
            && (!general || (ongoing && !clause.concepts.has(self.names.price)))
            && !others;
        stands.then_some((sign, level))
    }

    fn words(&self, hit: &Hit) -> &'t str {
        let first = self.text.items.get(hit.first).map_or(0, |item| item.first);
        let end = self
            .text
            .items
            .get(hit.end.saturating_sub(1))
            .map_or(first, |item| item.end);
        self.text.quote(first, end)
    }

    fn concepts(&self, at: usize, clause: &Clause) -> Concepts {
        let inside = (clause.first..clause.end).contains(&at);
        let item = self.text.items.get(at).filter(|_| inside);
        item.map_or(Concepts::NONE, |item| item.concepts)
    }

    /// Whoever asks for another day because "it is leaking" does not stand in water: soon, not now.
    fn may_wait_a_day(&self, hit: &Hit, clause: &Clause) -> bool {
        let mere = hit.end.saturating_sub(hit.first) == 1 && self.concepts(hit.first, clause).has(self.names.leak);
        mere && self.text.concepts.has(self.names.later_day)
    }

    /// "No leak", "the pipe is not leaking", "the leak stopped".
    fn is_negated(&self, hit: &Hit, clause: &Clause) -> bool {
        let from = hit.first.saturating_sub(NEGATION_REACH).max(clause.first);
        let before = (from..hit.first).any(|at| self.concepts(at, clause).has(self.names.not))
            && self.text.items.get(hit.first).is_some_and(|item| item.negated);
        before || self.concepts(hit.end, clause).has(self.names.stopped)
    }

    /// "Leak detector", "spark plug".
    fn is_compound(&self, hit: &Hit, clause: &Clause) -> bool {
        self.concepts(hit.end, clause).has(self.names.compound) && !clause.concepts.has(self.names.at_once)
    }

    fn is_small(&self, hit: &Hit, clause: &Clause) -> bool {
        let from = hit.first.saturating_sub(2).max(clause.first);
        (from..hit.end + 2).any(|at| self.concepts(at, clause).has(self.names.small))
            || clause.concepts.has(self.names.fixture)
            || self.text.concepts.has(self.names.contained)
    }

    /// "Do leak repairs", "fix leaks": what a contractor does, where the clause does not say where it leaks.
    fn is_service(&self, hit: &Hit, clause: &Clause) -> bool {
        let from = hit.first.saturating_sub(2).max(clause.first);
        (from..hit.first).any(|at| self.concepts(at, clause).has(self.names.service))
            && !clause.concepts.has(self.names.at_once)
    }

    /// The sentence tells of the past. "Yesterday" is no proof of that by itself: "gas smell where you dug yesterday".
    fn is_past(&self, hit: &Hit, clause: &Clause) -> bool {
        let names = self.names;
        let form = (hit.first..hit.end).any(|at| self.concepts(at, clause).has(names.past_form));
        self.text
            .clauses
            .iter()
            .filter(|other| other.sentence == clause.sentence)
            .any(|other| other.concepts.has(names.past) || (form && other.concepts.has(names.yesterday)))
    }

    fn was(&self, hit: &Hit, clause: &Clause) -> bool {
        let from = hit.end.saturating_sub(5).max(clause.first);
        (from..=hit.end).any(|at| self.concepts(at, clause).has(self.names.was))
    }

    /// "Is leaking", "it's flooding", directly before the last word of the sign.
    fn is_ongoing(&self, hit: &Hit) -> bool {
        let last = self.text.items.get(hit.end.saturating_sub(1));
        let before = last.and_then(|item| item.first.checked_sub(1));
        before.is_some_and(|at| ONGOING.contains(&self.text.word(at)))
    }

    /// A question about prices, or about what could be or is offered.
    fn is_general(&self, clause: &Clause) -> bool {
        let names = self.names;
        let at_once = clause.concepts.has(names.at_once);
        if clause.concepts.has(names.price) {
            return !at_once;
        }
        clause.concepts.has(names.general) && !clause.concepts.has(names.polite) && !at_once
    }

    /// Somebody else's trouble, told as a reason and not as a call for help.
    fn is_told(&self, clause: &Clause) -> bool {
        !clause.concepts.has(self.names.situation) || self.text.concepts.has(self.names.general)
    }

    fn is_hot(&self) -> bool {
        self.text.concepts.has(self.names.elder) || self.degrees().any(|degrees| HOT.contains(&degrees))
    }

    /// Frost, somebody frail, a cold season, or nothing said about it.
    fn is_cold(&self) -> bool {
        let concepts = self.text.concepts;
        if concepts.has(self.names.cold_words) || concepts.has(self.names.frail) {
            return true;
        }
        let mild = self.degrees().any(|degrees| MILD.contains(&degrees));
        !mild && self.month.is_none_or(|month| !(5..=9).contains(&month))
    }

    fn degrees(&self) -> impl Iterator<Item = u32> + '_ {
        self.text
            .tokens
            .iter()
            .filter_map(|token| token.word.trim_end_matches(['f', 'c']).parse().ok())
    }
}

/// Directly before the last word of a sign these make it happen now.
const ONGOING: &[&str] = &[
    "is", "its", "are", "esta", "estan", "keeps", "im", "se", "i", "we", "started", "theres",
];

#[cfg(test)]
mod tests;
