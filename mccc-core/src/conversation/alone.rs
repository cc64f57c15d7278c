//! What a text says by itself, whatever it answers: how urgent it is, and whether it asks for no more texts.
//!
//! The rules speak first, and what was learned from labelled texts decides with them: it hears words that no list has,
//! and knows which signs mislead. A word that the law names (STOP) is never weighed, and neither is a danger to life that
//! the rules are sure of.

use std::sync::LazyLock;

use super::emergency::{self, Danger, Signs, Urgency, UrgencyReading};
use super::learned::{Noticed, Weights, shares};
use super::reading::Folded;
use crate::compliance::consent::{self, ConsentIntent, Doubt};

static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| Weights::of(include_bytes!("learned/alone.weights")));

/// The questions that the weights answer one beside the other: how many answers each has.
pub(crate) const HEADS: [usize; 3] = [Urgency::ALL.len(), 1 + LEARNED_DANGERS, 2];
/// So many of the dangers are told apart by what was learned, too. That somebody is hurt stands in few texts to learn from.
const LEARNED_DANGERS: usize = 4;
/// As likely as this, a text that may be an emergency is treated as one: a call too many costs less than a house.
const EMERGENCY: f32 = 0.2;
/// As unlikely as this, an emergency that the rules see is none.
const NO_EMERGENCY: f32 = 0.05;
/// As likely as this, what the rules call urgent can wait.
const SURELY_ROUTINE: f32 = 0.9;
/// As likely as this, somebody wants no more texts, in whatever words.
const OPT_OUT: f32 = 0.3;
/// As likely as this, it is meant where the text speaks neither of texts nor of contact nor of lists.
const OPT_OUT_FROM_LITTLE: f32 = 0.6;
/// What is kept as the proof of an opt-out that no rule names.
pub(super) const IN_OTHER_WORDS: &str = "in other words";

/// What a text says by itself.
#[derive(Debug, Clone)]
pub(super) struct Alone {
    pub(super) urgency: UrgencyReading,
    pub(super) consent: ConsentIntent,
    /// The words that speak most for an opt-out which no rule names.
    pub(super) out: Option<String>,
    /// What the rules by themselves say of both.
    pub(super) by_rules: (Urgency, ConsentIntent),
    #[cfg_attr(not(feature = "testkit"), expect(dead_code, reason = "what weights are fitted to"))]
    pub(super) noticed: Noticed,
}

/// Reads how urgent a text is. Anything is accepted; only its beginning counts, twice as long as a text can be.
#[must_use]
pub fn urgency_of(text: &str) -> Urgency {
    read_urgency(text, None).level
}

/// Reads how urgent a text is and why. `month` (1 to 12) tells a cold house from a warm one, where it is known and the
/// text says nothing about the weather.
#[must_use]
pub fn read_urgency(text: &str, month: Option<u8>) -> UrgencyReading {
    read(text, &Folded::of(text), month).urgency
}

/// Reads whether a text asks for no more texts, for texts again, or for help.
#[must_use]
pub fn read_consent(text: &str) -> ConsentIntent {
    read(text, &Folded::of(text), None).consent
}

/// Reads a text. Anything is accepted.
pub(super) fn read(raw: &str, folded: &Folded, month: Option<u8>) -> Alone {
    let (signs, consent) = notice(raw, folded, month);
    let Signs {
        reading: rules,
        mild,
        noticed,
    } = signs;
    let sums = WEIGHTS.sums(&noticed);
    let (urgency, rest) = sums.split_at_checked(HEADS[0]).unwrap_or_default();
    let (danger, consents) = rest.split_at_checked(HEADS[1]).unwrap_or_default();
    let (urgency, danger) = (shares(urgency), shares(danger));
    let likely = shares(consents).get(1).copied().unwrap_or(0.0);
    let out = consent == ConsentIntent::None
        && match consent::doubt(raw) {
            Doubt::None => false,
            Doubt::Little => likely >= OPT_OUT_FROM_LITTLE,
            Doubt::Some => likely >= OPT_OUT,
        };
    let proof = |column| {
        WEIGHTS
            .proof(&noticed, column)
            .and_then(|token| folded.quote(raw, token))
    };
    let by_rules = (rules.level, consent.clone());
    Alone {
        urgency: judged(rules, (mild, is_told(raw)), &urgency, &danger, || proof(HEADS[0] - 1)),
        consent: if out {
            ConsentIntent::OptOut {
                keyword: IN_OTHER_WORDS.to_owned(),
                exact: false,
            }
        } else {
            consent
        },
        out: if out {
            proof(HEADS.iter().sum::<usize>() - 1)
        } else {
            None
        },
        by_rules,
        noticed,
    }
}

/// What the rules say, and what a learned reading goes by.
fn notice(raw: &str, folded: &Folded, month: Option<u8>) -> (Signs, ConsentIntent) {
    let mut signs = emergency::notice(raw, folded, month);
    let consent = consent::understand(raw);
    signs.noticed.rule(match &consent {
        ConsentIntent::OptOut { .. } => "consent out",
        ConsentIntent::OptIn => "consent in",
        ConsentIntent::Help => "consent help",
        ConsentIntent::None => "consent none",
    });
    (signs, consent)
}

/// Whether a text tells of something. "ASAP" alone has been said in many emergencies and is none: one or two words are for
/// the rules to judge.
fn is_told(raw: &str) -> bool {
    raw.split_whitespace().nth(2).is_some()
}

/// The level that rules and weights come to together.
fn judged(
    rules: UrgencyReading,
    (mild, told): (bool, bool),
    urgency: &[f32],
    danger: &[f32],
    proof: impl FnOnce() -> Option<String>,
) -> UrgencyReading {
    let likely = |level: Urgency| {
        let place = Urgency::ALL.iter().position(|one| *one == level);
        place.and_then(|place| urgency.get(place)).copied().unwrap_or(0.0)
    };
    let emergency = likely(Urgency::Emergency);
    let seen = rules.level == Urgency::Emergency && (rules.danger.is_some() || emergency >= NO_EMERGENCY);
    let level = if seen || (emergency >= EMERGENCY && told && !mild) {
        Urgency::Emergency
    } else if mild
        || likely(Urgency::Urgent) > likely(Urgency::Routine)
        || (rules.level == Urgency::Urgent && likely(Urgency::Routine) < SURELY_ROUTINE)
    {
        Urgency::Urgent
    } else {
        Urgency::Routine
    };
    let learned = danger.iter().enumerate().max_by(|one, other| one.1.total_cmp(other.1));
    let learned = learned.and_then(|(place, _)| Danger::ALL.get(place.checked_sub(1)?).copied());
    let words = if level == Urgency::Routine {
        Vec::new()
    } else if rules.words.is_empty() {
        proof().into_iter().collect()
    } else {
        rules.words
    };
    UrgencyReading {
        level,
        danger: rules.danger.or(learned).filter(|_| level == Urgency::Emergency),
        words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_answer_every_question() {
        let noticed = Noticed::default();
        assert_eq!(WEIGHTS.sums(&noticed).len(), HEADS.iter().sum::<usize>());
    }

    #[test]
    fn a_season_in_which_it_can_wait_is_heard() {
        let may = read_urgency("the heat is out", Some(5));
        let january = read_urgency("the heat is out", Some(1));
        assert_eq!((may.level, january.level), (Urgency::Urgent, Urgency::Emergency));
    }

    #[test]
    fn a_hurry_alone_is_no_emergency() {
        for text in ["asap", "ASAP please", "urgent", "hurry!!"] {
            assert_ne!(read_urgency(text, None).level, Urgency::Emergency, "{text}");
        }
        for text in ["gas leak", "house flooding!", "FIRE"] {
            assert_eq!(read_urgency(text, None).level, Urgency::Emergency, "{text}");
        }
    }

    #[test]
    fn what_no_rule_names_is_heard_with_the_words_that_prove_it() {
        for text in [
            "please dont hit my line no more",
            "my mother doesnt want these, it scares her",
        ] {
            let learned = ConsentIntent::OptOut {
                keyword: IN_OTHER_WORDS.to_owned(),
                exact: false,
            };
            assert_eq!(
                (consent::understand(text), read_consent(text)),
                (ConsentIntent::None, learned),
                "{text}"
            );
        }
        for text in [
            "can you stop by tomorrow",
            "please quit using the side gate",
            "did the rain stop the crew",
        ] {
            assert_eq!(read_consent(text), ConsentIntent::None, "{text}");
        }
        for text in [
            "my kid snapped the tub spout clean off and the hot water wont turn off",
            "softener split at the bypass, its spraying everything in the closet",
        ] {
            let rules = emergency::notice(text, &Folded::of(text), None).reading.level;
            let read = read_urgency(text, None);
            assert_eq!((rules, read.level), (Urgency::Routine, Urgency::Emergency), "{text}");
            assert!(!read.words.is_empty(), "{text}");
        }
    }
}
