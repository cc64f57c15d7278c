//! The decision itself: a few reads, no allocation.

use serde::{Deserialize, Serialize};

use super::{CallSource, Compiled, Method, Variant};
use crate::{RuleId, Timestamp};

/// What is known about the caller and the voice agent when the call arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CallerFacts<'a> {
    /// The contractor blocked the caller.
    pub blocked: bool,
    /// The caller is held to be spam: rejected, unless `suspected` says what spam gets.
    pub spam: bool,
    /// What this call gets because the caller, or the call itself, is held to be spam: voicemail, or nothing.
    pub suspected: Option<Method>,
    /// Until when the caller's emergency gives them the voice agent; the instant itself is no longer in it.
    pub emergency_until: Option<Timestamp>,
    /// Whether a voice agent can take calls now.
    pub voice_ready: bool,
    /// Where the call comes from, for rules that are for some calls only.
    pub source: CallSource<'a>,
}

/// The answer for one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The method of the rule that won.
    pub scheduled: Method,
    /// The method that is carried out: the scheduled one, or what stands in for the voice agent.
    pub method: Method,
    /// Which wording texts and greetings have.
    pub variant: Variant,
    /// The rule that won.
    pub rule: RuleRef,
    /// Why `method` is not `scheduled`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Fallback>,
    /// Whether an auto-text is due, if the caller may be texted.
    pub text: bool,
    /// Whether the caller can leave a message.
    pub voicemail: bool,
}

/// The rule that decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleRef {
    /// The caller is on the block list: rejected, nothing is sent.
    Blocked,
    /// The caller is spam or the call has the marks of it: rejected or offered voicemail, nothing is sent.
    Spam,
    /// The caller wrote of an emergency within the last hour.
    Emergency,
    /// A date override.
    Override(RuleId),
    /// A weekly block.
    Weekly(RuleId),
    /// Nothing else matched.
    AfterHoursDefault,
}

/// Why something else is done than the rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fallback {
    /// The rule wants a voice agent and none can take the call.
    VoiceUnavailable,
}

/// What stands in for the voice agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StandIn {
    pub(super) voicemail: bool,
    pub(super) text: bool,
}

/// Decides about a call that arrives at `at`.
#[must_use]
#[inline]
pub fn decide(schedule: &Compiled, facts: &CallerFacts<'_>, at: Timestamp) -> Decision {
    let case = schedule.case_at(at);
    let mut decision = if facts.voice_ready { &case.ready } else { &case.unready };
    let for_some;
    if schedule.has_conditions() {
        for_some = schedule.for_source(facts, at);
        decision = &for_some;
    }
    if facts.blocked || facts.spam || facts.suspected.is_some() || facts.emergency_until.is_some() {
        return special(schedule, facts, at, *decision);
    }
    *decision
}

impl Compiled {
    /// The same as [`decide`].
    #[must_use]
    #[inline]
    pub fn decide(&self, facts: &CallerFacts<'_>, at: Timestamp) -> Decision {
        decide(self, facts, at)
    }
}

impl RuleRef {
    /// The rule of the schedule that decided, when it was one.
    #[must_use]
    pub const fn rule_id(self) -> Option<RuleId> {
        match self {
            Self::Override(id) | Self::Weekly(id) => Some(id),
            Self::Blocked | Self::Spam | Self::Emergency | Self::AfterHoursDefault => None,
        }
    }

    /// The stored name of the level: `blocked`, `spam`, `emergency`, `override`, `weekly` or `after_hours_default`.
    #[must_use]
    pub const fn level(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Spam => "spam",
            Self::Emergency => "emergency",
            Self::Override(_) => "override",
            Self::Weekly(_) => "weekly",
            Self::AfterHoursDefault => "after_hours_default",
        }
    }
}

impl Decision {
    pub(super) fn new(
        rule: RuleRef,
        scheduled: Method,
        variant: Variant,
        voice_ready: bool,
        stand_in: StandIn,
    ) -> Self {
        if scheduled.needs_voice() && !voice_ready {
            return Self {
                scheduled,
                method: if stand_in.voicemail {
                    Method::Voicemail
                } else {
                    Method::AutoTextOnly
                },
                variant,
                rule,
                fallback: Some(Fallback::VoiceUnavailable),
                text: stand_in.text || scheduled.texts(),
                voicemail: stand_in.voicemail,
            };
        }
        Self {
            scheduled,
            method: scheduled,
            variant,
            rule,
            fallback: None,
            text: scheduled.texts(),
            voicemail: scheduled == Method::Voicemail,
        }
    }

    /// Rejected: nothing is answered and nothing is sent.
    pub(super) const fn rejected(rule: RuleRef, variant: Variant) -> Self {
        Self {
            scheduled: Method::Off,
            method: Method::Off,
            variant,
            rule,
            fallback: None,
            text: false,
            voicemail: false,
        }
    }

    /// Has the marks of spam: may leave a message at most, and nothing is sent.
    pub(super) const fn suspected(method: Method, variant: Variant) -> Self {
        let voicemail = match method {
            Method::Voicemail | Method::AiVoice | Method::Both | Method::AutoTextOnly => true,
            Method::Off => false,
        };
        let method = if voicemail { Method::Voicemail } else { Method::Off };
        Self {
            scheduled: method,
            method,
            variant,
            rule: RuleRef::Spam,
            fallback: None,
            text: false,
            voicemail,
        }
    }

    /// Whether callers notice no difference between the two; only the rule may be another.
    #[must_use]
    pub fn is_same_answer(&self, other: &Self) -> bool {
        let rule = self.rule;
        *self == Self { rule, ..*other }
    }
}

/// Whether the caller's emergency counts at `at`.
pub(super) fn emergency_counts(schedule: &Compiled, facts: &CallerFacts<'_>, at: Timestamp) -> bool {
    schedule.schedule().emergency_override && facts.emergency_until.is_some_and(|until| at < until)
}

#[cold]
fn special(schedule: &Compiled, facts: &CallerFacts<'_>, at: Timestamp, ordinary: Decision) -> Decision {
    if facts.blocked {
        return Decision::rejected(RuleRef::Blocked, ordinary.variant);
    }
    if let Some(method) = facts.suspected {
        return Decision::suspected(method, ordinary.variant);
    }
    if facts.spam {
        return Decision::rejected(RuleRef::Spam, ordinary.variant);
    }
    if emergency_counts(schedule, facts, at) {
        let stand_in = schedule.stand_in();
        return Decision::new(
            RuleRef::Emergency,
            Method::AiVoice,
            ordinary.variant,
            facts.voice_ready,
            stand_in,
        );
    }
    ordinary
}

#[cfg(test)]
mod tests {
    use super::super::{FallbackStep, Schedule};
    use super::*;
    use crate::zone::Zone;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn compiled(schedule: &Schedule) -> Compiled {
        schedule.compile(&Zone::parse("America/Chicago").unwrap()).unwrap()
    }

    const READY: CallerFacts<'_> = CallerFacts {
        blocked: false,
        spam: false,
        suspected: None,
        emergency_until: None,
        voice_ready: true,
        source: CallSource::UNKNOWN,
    };

    #[test]
    fn the_first_and_the_last_second_of_a_block_belong_to_it() {
        let schedule = compiled(&Schedule::default());
        let method = |text| decide(&schedule, &READY, at(text)).method;
        // Monday, Chicago in winter: 8:00 is 14:00 UTC.
        assert_eq!(method("2026-11-23T13:59:59.999999Z"), Method::Voicemail);
        assert_eq!(method("2026-11-23T14:00:00Z"), Method::AiVoice);
        assert_eq!(method("2026-11-23T23:59:59.999999Z"), Method::AiVoice);
        assert_eq!(method("2026-11-24T00:00:00Z"), Method::Voicemail);
        assert_eq!(method("2026-11-22T18:00:00Z"), Method::Voicemail);
    }

    #[test]
    fn business_hours_choose_the_wording_and_never_the_method() {
        let schedule = compiled(&Schedule::default());
        let decision = decide(&schedule, &READY, at("2026-11-23T23:30:00Z"));
        assert_eq!(
            (decision.method, decision.variant),
            (Method::AiVoice, Variant::AfterHours)
        );
    }

    #[test]
    fn unwanted_callers_are_rejected_before_any_rule() {
        let schedule = compiled(&Schedule::always(Method::Both));
        let emergency = Some(at("2026-11-23T18:00:00Z"));
        let facts = CallerFacts {
            blocked: true,
            spam: true,
            emergency_until: emergency,
            ..READY
        };
        let decision = decide(&schedule, &facts, at("2026-11-23T17:00:00Z"));
        assert_eq!((decision.rule, decision.method), (RuleRef::Blocked, Method::Off));
        assert!(!decision.text && !decision.voicemail);
        let facts = CallerFacts {
            blocked: false,
            ..facts
        };
        let decision = decide(&schedule, &facts, at("2026-11-23T17:00:00Z"));
        assert_eq!((decision.rule, decision.text), (RuleRef::Spam, false));
    }

    #[test]
    fn a_suspect_may_leave_a_message_at_most_and_the_record_says_the_same() {
        let schedule = compiled(&Schedule::always(Method::Both));
        let noon = at("2026-11-23T17:00:00Z");
        for (wanted, method) in [(Method::Voicemail, Method::Voicemail), (Method::Off, Method::Off)] {
            let facts = CallerFacts {
                suspected: Some(wanted),
                ..READY
            };
            let decision = decide(&schedule, &facts, noon);
            assert_eq!(
                (decision.rule, decision.method, decision.text),
                (RuleRef::Spam, method, false)
            );
            assert_eq!(decision.voicemail, method == Method::Voicemail);
            assert_eq!(schedule.explain(&facts, noon).0, decision);
        }
    }

    #[test]
    fn an_emergency_gets_the_voice_agent_until_its_hour_is_over() {
        let mut document = Schedule::always(Method::Off);
        let facts = CallerFacts {
            emergency_until: Some(at("2026-11-23T18:00:00Z")),
            ..READY
        };
        let schedule = compiled(&document);
        let method = |text| decide(&schedule, &facts, at(text)).method;
        assert_eq!(method("2026-11-23T17:59:59Z"), Method::AiVoice);
        assert_eq!(method("2026-11-23T18:00:00Z"), Method::Off);
        // Without a voice agent the best that is available.
        let decision = decide(
            &schedule,
            &CallerFacts {
                voice_ready: false,
                ..facts
            },
            at("2026-11-23T17:00:00Z"),
        );
        assert_eq!(
            (decision.method, decision.rule, decision.text),
            (Method::Voicemail, RuleRef::Emergency, true)
        );
        document.emergency_override = false;
        assert_eq!(
            decide(&compiled(&document), &facts, at("2026-11-23T17:00:00Z")).method,
            Method::Off
        );
    }

    #[test]
    fn without_a_voice_agent_the_stand_ins_answer_and_say_so() {
        let answer = |method, steps: &[FallbackStep]| {
            let schedule = compiled(&Schedule {
                voice_fallback: steps.to_vec(),
                ..Schedule::always(method)
            });
            let decision = decide(&schedule, &CallerFacts::default(), at("2026-11-23T17:00:00Z"));
            assert_eq!(decision.scheduled, method);
            (
                decision.method,
                decision.text,
                decision.voicemail,
                decision.fallback.is_some(),
            )
        };
        use FallbackStep as F;
        let all = [F::Voicemail, F::AutoText];
        assert_eq!(answer(Method::AiVoice, &all), (Method::Voicemail, true, true, true));
        assert_eq!(
            answer(Method::AiVoice, &[F::Voicemail]),
            (Method::Voicemail, false, true, true)
        );
        assert_eq!(
            answer(Method::AiVoice, &[F::AutoText]),
            (Method::AutoTextOnly, true, false, true)
        );
        assert_eq!(
            answer(Method::Both, &[F::Voicemail]),
            (Method::Voicemail, true, true, true)
        );
        assert_eq!(answer(Method::Voicemail, &all), (Method::Voicemail, false, true, false));
        assert_eq!(
            answer(Method::AutoTextOnly, &all),
            (Method::AutoTextOnly, true, false, false)
        );
        assert_eq!(answer(Method::Off, &all), (Method::Off, false, false, false));
    }
}
