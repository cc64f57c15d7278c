//! Whether a caller's text says that something is going wrong right now.
//!
//! Deterministic, English and Spanish. A text is read clause by clause: a clause has to show the sign of a trouble
//! ("pipe" near "burst") and must not take it back: by a negation, as something past, as a question about prices or
//! services. What can kill (gas, carbon monoxide, fire, sparks) is never talked down by "small" or "no rush".

mod text;
mod words;

use serde::{Deserialize, Serialize};
use text::{Clause, Sign, Text};

use crate::calls::named;

named! {
    /// How soon somebody has to see to what a caller wrote.
    Urgency {
        /// In its turn.
        Routine = "routine",
        /// At once: something is going wrong now.
        Emergency = "emergency",
    }
}

/// Words before a sign in which a negation takes it back.
const NEGATION_REACH: usize = 3;

/// What a sign is the sign of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Harm {
    /// It can kill.
    Danger,
    /// It does damage by the hour.
    Damage,
    /// Damage, unless it is a small one.
    Leak,
    /// An emergency in hot weather.
    Cooling,
    /// The caller says "emergency".
    Word,
}

/// Reads a text. Anything is accepted; only its first 1600 characters count, which is as long as a text can be.
#[must_use]
pub fn urgency_of(text: &str) -> Urgency {
    let text = Text::of(text);
    if text.says(words::OVER) {
        return Urgency::Routine;
    }
    let can_wait = text.says(words::CAN_WAIT);
    let emergency = text.sentences.iter().any(|sentence| {
        let past = sentence.clauses.iter().any(|clause| clause.says(words::PAST));
        sentence.clauses.iter().any(|clause| {
            let general = is_general(clause, sentence.asks);
            words::SIGNS.iter().any(|(harm, groups)| {
                clause.signs(groups).into_iter().any(|sign| {
                    let believed = match harm {
                        Harm::Danger => true,
                        Harm::Damage => !can_wait && !clause.says(words::FIGURES),
                        Harm::Leak => !can_wait && !is_small(clause, sign) && !is_service(clause, sign),
                        Harm::Cooling => !can_wait && text.is_hot(),
                        Harm::Word => !can_wait && is_a_cry(clause, sign),
                    };
                    let ongoing = clause.before(sign.last, 1).any(|word| words::has(words::ONGOING, word));
                    believed
                        && !is_negated(clause, sign)
                        && !is_compound(clause, sign)
                        && happens_now(clause, sign, past, ongoing)
                        && (!general || (ongoing && !clause.says(words::PRICE)))
                })
            })
        })
    });
    if emergency {
        Urgency::Emergency
    } else {
        Urgency::Routine
    }
}

/// "No leak", "the pipe is not leaking"; but not "no, it is leaking" and not "no idea why it leaks".
fn is_negated(clause: &Clause, sign: Sign) -> bool {
    let from = sign.first.saturating_sub(NEGATION_REACH);
    let mut negated = false;
    for at in from..sign.last {
        let word = clause.word(at);
        if words::has(words::CONNECTIVES, word) && at < sign.first {
            negated = false;
        } else if words::has(words::NEGATIONS, word) {
            negated = !words::has(words::NOT_NEGATED, clause.word(at + 1));
        }
    }
    // "The leak stopped."
    negated || clause.word(sign.last + 1) == "nolonger"
}

/// "Leak detector", "spark plug".
fn is_compound(clause: &Clause, sign: Sign) -> bool {
    words::has(words::COMPOUND, clause.word(sign.last + 1)) && !clause.says(words::NEED)
}

/// "Emergency contact" and "emergency service" are none, "need an emergency plumber" is.
fn is_a_cry(clause: &Clause, sign: Sign) -> bool {
    let next = clause.word(sign.last + 1);
    if words::has(words::EMERGENCY_OF, next) {
        return false;
    }
    let service = words::has(words::EMERGENCY_SERVICE, next)
        || clause
            .before(sign.first, NEGATION_REACH)
            .any(|word| words::has(words::EMERGENCY_AFTER, word));
    !service || clause.says(words::NEED)
}

fn is_small(clause: &Clause, sign: Sign) -> bool {
    clause.before(sign.last, 2).any(|word| words::has(words::SMALL, word)) || clause.says(words::FIXTURES)
}

/// "Do leak repairs", "fix leaks": what a contractor does, where the clause does not say where it leaks.
fn is_service(clause: &Clause, sign: Sign) -> bool {
    clause
        .before(sign.first, 2)
        .any(|word| words::has(words::SERVICE_BEFORE, word))
        && !clause.says(words::SITUATION)
        && !clause.says(words::AT_ONCE)
}

/// Told of the past, unless the clause brings it into the present.
fn happens_now(clause: &Clause, sign: Sign, past: bool, ongoing: bool) -> bool {
    let was = clause.before(sign.last, 5).any(|word| words::has(words::WAS, word));
    (!past && !was) || ongoing || clause.says(words::STILL)
}

/// A question about prices, or about what could be or is offered.
fn is_general(clause: &Clause, asks: bool) -> bool {
    if clause.says(words::PRICE) {
        return !clause.says(words::AT_ONCE);
    }
    let conditional = clause.says(words::GENERAL) || (asks && clause.says("si"));
    conditional && !clause.says(words::POLITE) && !clause.says(words::AT_ONCE)
}

#[cfg(test)]
mod tests;
