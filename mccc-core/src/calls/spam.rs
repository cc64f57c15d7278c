//! Whether a call has the marks of spam: a sum of weighted signals, each of which the decision's record names.
//!
//! A suspect is never dropped in silence: the call is written down with its signals, the caller can leave a message
//! unless the business wants otherwise, and only texts and leads are spared.

use serde::{Deserialize, Serialize};

use super::outcome::named;
use crate::compliance::number::{Policy, Untextable, textable};
use crate::port::Attestation;
use crate::routing::Method;
use crate::{CallerId, PhoneNumber};

/// How spam is told from callers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SpamFilter {
    /// Whether calls are judged at all. The block list holds either way.
    pub enabled: bool,
    /// From this sum of weights on a call is held to be spam, 1 to 1000.
    pub threshold: u16,
    /// What suspects get.
    pub answer: SuspectAnswer,
    /// What each signal weighs; 0 switches it off.
    pub weights: SpamWeights,
    /// So many very short calls of one caller within the window are a signal, 2 to 20.
    pub short_calls: u8,
    /// A call of at most this length without a message is very short, in seconds, 1 to 10.
    pub short_call_seconds: u8,
    /// The window in minutes, 1 to 1440.
    pub window_minutes: u16,
    /// Callers who are never judged.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trusted: Vec<PhoneNumber>,
}

/// What each signal weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SpamWeights {
    /// The network checked the caller's number and says that it is forged (STIR/SHAKEN).
    pub forged_caller: u16,
    /// The caller's number cannot exist.
    pub impossible_number: u16,
    /// The network shows a warning instead of the caller's name.
    pub spam_label: u16,
    /// The caller has hung up at once again and again.
    pub short_calls: u16,
}

/// What a suspect gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuspectAnswer {
    /// They can leave a message, which a person sees.
    #[default]
    Voicemail,
    /// They are rejected.
    Reject,
}

named! {
    /// What speaks for spam.
    SpamSignal {
        /// The network says that the caller's number is forged.
        ForgedCaller = "forged_caller",
        /// The caller's number cannot exist.
        ImpossibleNumber = "impossible_number",
        /// The network shows a warning instead of a name.
        SpamLabel = "spam_label",
        /// The caller has hung up at once again and again.
        ShortCalls = "short_calls",
    }
}

/// What is known about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpamEvidence<'a> {
    /// Who calls.
    pub caller: CallerId,
    /// The name the network shows.
    pub caller_name: Option<&'a str>,
    /// How far the network vouches for the number.
    pub attestation: Attestation,
    /// Very short calls of the caller within the window, this one included.
    pub short_calls: u8,
}

/// The judgement, kept with the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpamJudgement {
    /// What spoke for spam, with its weight.
    pub signals: Vec<(SpamSignal, u16)>,
    /// Their sum.
    pub score: u16,
    /// The sum from which on a call is spam.
    pub threshold: u16,
    /// Whether it is.
    pub spam: bool,
}

/// Words of carriers and caller-name services that stand where a name should.
const LABELS: &[&str] = &[
    "spam",
    "scam",
    "fraud",
    "robocall",
    "telemarket",
    "telemktg",
    "nuisance",
];

impl Default for SpamFilter {
    fn default() -> Self {
        Self {
            enabled: true,
            threshold: 100,
            answer: SuspectAnswer::Voicemail,
            weights: SpamWeights::default(),
            short_calls: 4,
            short_call_seconds: 3,
            window_minutes: 60,
            trusted: Vec::new(),
        }
    }
}

impl Default for SpamWeights {
    /// A warning of the network or a series of hang-ups is enough alone; a failed signature is not, since forwarding can
    /// break it.
    fn default() -> Self {
        Self {
            forged_caller: 50,
            impossible_number: 60,
            spam_label: 100,
            short_calls: 100,
        }
    }
}

impl SpamFilter {
    /// Judges a call. Nothing when the filter is off, the caller is trusted, or nothing speaks for spam.
    #[must_use]
    pub fn judge(&self, evidence: &SpamEvidence<'_>) -> Option<SpamJudgement> {
        let number = evidence.caller.number();
        if !self.enabled || number.is_some_and(|number| self.trusted.contains(&number)) {
            return None;
        }
        let weights = self.weights;
        let found = [
            (
                SpamSignal::ForgedCaller,
                weights.forged_caller,
                evidence.attestation == Attestation::Failed,
            ),
            (
                SpamSignal::ImpossibleNumber,
                weights.impossible_number,
                number.is_some_and(|number| cannot_exist(&number)),
            ),
            (
                SpamSignal::SpamLabel,
                weights.spam_label,
                evidence.caller_name.is_some_and(is_warning),
            ),
            (
                SpamSignal::ShortCalls,
                weights.short_calls,
                evidence.short_calls >= self.short_calls,
            ),
        ];
        let signals: Vec<(SpamSignal, u16)> = found
            .into_iter()
            .filter(|(_, weight, there)| *there && *weight > 0)
            .map(|(signal, weight, _)| (signal, weight))
            .collect();
        if signals.is_empty() {
            return None;
        }
        let score = signals
            .iter()
            .fold(0_u16, |sum, (_, weight)| sum.saturating_add(*weight));
        Some(SpamJudgement {
            signals,
            score,
            threshold: self.threshold,
            spam: score >= self.threshold,
        })
    }

    /// What stands against saving it: the field and what would be right.
    #[must_use]
    pub fn mistake(&self) -> Option<(&'static str, &'static str)> {
        let checks = [
            (
                (1..=1000).contains(&self.threshold),
                "spam.threshold",
                "choose 1 to 1000",
            ),
            (
                (2..=20).contains(&self.short_calls),
                "spam.short_calls",
                "choose 2 to 20 calls",
            ),
            (
                (1..=10).contains(&self.short_call_seconds),
                "spam.short_call_seconds",
                "choose 1 to 10 seconds",
            ),
            (
                (1..=1440).contains(&self.window_minutes),
                "spam.window_minutes",
                "choose 1 to 1440 minutes",
            ),
            (
                self.trusted.len() <= 2_000,
                "spam.trusted",
                "at most 2000 callers can be trusted",
            ),
        ];
        checks
            .into_iter()
            .find(|(good, ..)| !good)
            .map(|(_, field, problem)| (field, problem))
    }
}

impl SuspectAnswer {
    /// The method that gives it.
    #[must_use]
    pub const fn method(self) -> Method {
        match self {
            Self::Voicemail => Method::Voicemail,
            Self::Reject => Method::Off,
        }
    }
}

impl SpamSignal {
    /// The signal in words.
    #[must_use]
    pub const fn explain(self) -> &'static str {
        match self {
            Self::ForgedCaller => "The network says that the caller's number is forged.",
            Self::ImpossibleNumber => "The caller's number cannot exist.",
            Self::SpamLabel => "The network shows a warning instead of the caller's name.",
            Self::ShortCalls => "The caller has hung up at once again and again.",
        }
    }
}

fn cannot_exist(number: &PhoneNumber) -> bool {
    match textable(number, &Policy::default()) {
        Err(Untextable::Unassignable | Untextable::UnknownAreaCode | Untextable::Service | Untextable::Premium) => true,
        Ok(())
        | Err(Untextable::ShortCode | Untextable::TollFree | Untextable::Invented | Untextable::CountryNotAllowed) => {
            false
        }
    }
}

fn is_warning(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    LABELS.iter().any(|label| name.contains(label))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(number: &str) -> SpamEvidence<'static> {
        SpamEvidence {
            caller: CallerId::from_raw(number),
            caller_name: None,
            attestation: Attestation::Passed,
            short_calls: 0,
        }
    }

    fn spam(evidence: &SpamEvidence<'_>) -> bool {
        SpamFilter::default().judge(evidence).is_some_and(|judged| judged.spam)
    }

    #[test]
    fn an_ordinary_caller_leaves_no_trace() {
        assert_eq!(SpamFilter::default().judge(&from("+13122000001")), None);
        assert_eq!(SpamFilter::default().judge(&from("anonymous")), None);
        let named = SpamEvidence {
            caller_name: Some("SPANGLER ANN"),
            ..from("+13122000001")
        };
        assert_eq!(SpamFilter::default().judge(&named), None);
    }

    #[test]
    fn one_doubt_is_noted_and_two_are_enough() {
        let forged = SpamEvidence {
            attestation: Attestation::Failed,
            ..from("+13122000001")
        };
        let judged = SpamFilter::default().judge(&forged).unwrap();
        assert_eq!((judged.score, judged.spam), (50, false));
        // No place has area code 555.
        let both = SpamEvidence {
            caller: CallerId::from_raw("+15552000001"),
            ..forged
        };
        let judged = SpamFilter::default().judge(&both).unwrap();
        assert_eq!((judged.score, judged.spam, judged.signals.len()), (110, true, 2));
    }

    #[test]
    fn a_warning_or_a_series_of_hang_ups_is_enough_alone() {
        let label = SpamEvidence {
            caller_name: Some("Scam Likely"),
            ..from("+13122000001")
        };
        assert!(spam(&label));
        let calls = |short_calls| SpamEvidence {
            short_calls,
            ..from("+13122000001")
        };
        assert!(!spam(&calls(3)) && spam(&calls(4)));
    }

    #[test]
    fn whom_the_business_trusts_is_never_judged_and_weights_are_the_businesses() {
        let label = SpamEvidence {
            caller_name: Some("SPAM RISK"),
            ..from("+13122000001")
        };
        let trusting = SpamFilter {
            trusted: vec![PhoneNumber::parse("+13122000001").unwrap()],
            ..SpamFilter::default()
        };
        assert_eq!(trusting.judge(&label), None);
        let off = SpamFilter {
            enabled: false,
            ..SpamFilter::default()
        };
        assert_eq!(off.judge(&label), None);
        let deaf = SpamFilter {
            weights: SpamWeights {
                spam_label: 0,
                ..SpamWeights::default()
            },
            ..SpamFilter::default()
        };
        assert_eq!(deaf.judge(&label), None);
    }
}
