//! Why a call was answered the way it was, and why it was texted or not, in words.

use mccc_core::BusinessId;
use mccc_core::calls::{SpamJudgement, TextSummary};
use mccc_core::compliance::gate::CheckName;
use mccc_core::conversation::{Message, MessageKind};
use mccc_core::port::store::{CallDetail, FeedKind};
use mccc_core::routing::{Candidate, Fallback, Method, RuleRef, TimeOfDay, Trace, Verdict};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::names::{MethodName, VariantName};

/// A routing decision with every rule that could have made it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TraceView {
    /// The instant that was decided about.
    #[schema(format = DateTime)]
    pub(crate) at: String,
    /// The same on the business's wall clock, with its offset.
    pub(crate) local: String,
    /// The business's zone.
    pub(crate) zone: String,
    /// The release of the zone data.
    pub(crate) zone_version: Option<String>,
    /// Whether a voice agent could take the call.
    pub(crate) voice_ready: bool,
    /// What the rule said.
    #[schema(value_type = MethodName)]
    pub(crate) scheduled: &'static str,
    /// What was done.
    #[schema(value_type = MethodName)]
    pub(crate) method: &'static str,
    /// Which wording was used.
    #[schema(value_type = VariantName)]
    pub(crate) variant: &'static str,
    /// The level that decided: `blocked`, `spam`, `emergency`, `override`, `weekly` or `after_hours_default`.
    pub(crate) rule: &'static str,
    /// The rule of the schedule that decided, when it was one.
    pub(crate) rule_id: Option<String>,
    /// The decision in a sentence.
    pub(crate) sentence: String,
    /// Whatever could have decided on this day, in the order of precedence.
    pub(crate) candidates: Vec<TraceCandidate>,
    /// Rules of the schedule that are for other days.
    pub(crate) rules_for_other_days: u32,
    /// What spoke for spam, in sentences; empty for most calls.
    pub(crate) spam_signals: Vec<String>,
}

/// One rule that could have decided, and why it did or did not.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TraceCandidate {
    /// Its level.
    pub(crate) rule: &'static str,
    /// Its identifier, when it is a rule of the schedule.
    pub(crate) rule_id: Option<String>,
    /// What it is, in words.
    pub(crate) label: String,
    /// `won` or `lost`.
    #[schema(example = "lost")]
    pub(crate) verdict: &'static str,
    /// Why, in a sentence.
    pub(crate) reason: String,
    /// What it would have answered.
    #[schema(value_type = Option<MethodName>)]
    pub(crate) method: Option<&'static str>,
    /// The page where it can be changed.
    pub(crate) setting: Option<String>,
}

impl TraceView {
    /// The trace in words. Links to settings are those of `business`.
    #[must_use]
    pub(super) fn new(trace: &Trace, business: Option<BusinessId>) -> Self {
        let decision = trace.decision;
        Self {
            at: trace.at.to_string(),
            local: trace.local_time.clone(),
            zone: trace.zone.clone(),
            zone_version: Some(trace.zone_data.clone()),
            voice_ready: trace.voice_ready,
            scheduled: decision.scheduled.name(),
            method: decision.method.name(),
            variant: decision.variant.name(),
            rule: decision.rule.level(),
            rule_id: decision.rule.rule_id().map(|id| id.to_string()),
            sentence: sentence(trace),
            candidates: trace.candidates.iter().map(|one| candidate(one, business)).collect(),
            rules_for_other_days: trace.rules_for_other_days,
            spam_signals: trace.spam.as_ref().map(spam_signals).unwrap_or_default(),
        }
    }

    /// The decision, then every rule that did not decide.
    #[must_use]
    pub(super) fn sentences(&self) -> Vec<String> {
        let others = self.candidates.iter().filter(|one| one.verdict == "lost");
        std::iter::once(self.sentence.clone())
            .chain(self.spam_signals.iter().cloned())
            .chain(others.map(|one| format!("{}: {}", one.label, one.reason)))
            .collect()
    }
}

/// Each signal with its weight, then what the sum means.
fn spam_signals(judged: &SpamJudgement) -> Vec<String> {
    let signals = judged
        .signals
        .iter()
        .map(|(signal, weight)| format!("{} It weighs {weight}.", signal.explain()));
    let verdict = if judged.spam {
        "so the call is held to be spam"
    } else {
        "which is not enough to hold the call to be spam"
    };
    let sum = format!(
        "Together {} of the {} that make spam, {verdict}.",
        judged.score, judged.threshold
    );
    signals.chain(std::iter::once(sum)).collect()
}

fn sentence(trace: &Trace) -> String {
    let decision = trace.decision;
    let by = trace
        .candidates
        .iter()
        .find(|one| one.verdict == Verdict::Won)
        .map_or_else(|| level_label(decision.rule).to_owned(), label);
    let day = trace.weekday.name_capitalised();
    let clock = trace.local_time.get(11..16).unwrap_or_default();
    let time = clock
        .parse()
        .map_or_else(|_| clock.to_owned(), |time: TimeOfDay| time.clock_12h());
    let said = match decision.rule {
        RuleRef::Spam if decision.voicemail => "may leave a message".to_owned(),
        RuleRef::Blocked | RuleRef::Spam => "was rejected".to_owned(),
        RuleRef::Emergency | RuleRef::Override(_) | RuleRef::Weekly(_) | RuleRef::AfterHoursDefault => {
            format!("gets {}", decision.scheduled.label())
        }
    };
    let stand_in = match decision.fallback {
        Some(Fallback::VoiceUnavailable) => format!(
            " No voice agent could take it, so {} stood in{}.",
            decision.method.label(),
            if decision.text && decision.method != Method::AutoTextOnly {
                " together with a text"
            } else {
                ""
            }
        ),
        None => String::new(),
    };
    format!("{day} {time}: {by}, so the call {said}.{stand_in}")
}

fn candidate(one: &Candidate, business: Option<BusinessId>) -> TraceCandidate {
    let won = one.verdict == Verdict::Won;
    let clause = one.verdict.to_string();
    let mut chars = clause.chars();
    let capital: String = chars
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(chars)
        .collect();
    TraceCandidate {
        rule: one.rule.level(),
        rule_id: one.rule.rule_id().map(|id| id.to_string()),
        label: label(one),
        verdict: if won { "won" } else { "lost" },
        reason: if won {
            format!("It decided: {}.", one.method.label())
        } else {
            format!("{capital}.")
        },
        method: Some(one.method.name()),
        setting: match (one.rule, business) {
            (RuleRef::Override(_) | RuleRef::Weekly(_) | RuleRef::AfterHoursDefault, Some(business)) => {
                Some(format!("/b/{business}/routing"))
            }
            (RuleRef::Blocked | RuleRef::Spam | RuleRef::Emergency, _) | (_, None) => None,
        },
    }
}

fn label(one: &Candidate) -> String {
    let level = level_label(one.rule);
    match one.rule {
        RuleRef::Override(_) | RuleRef::Weekly(_) => format!("{level} ({})", one.when),
        RuleRef::Spam if one.method == Method::Voicemail => "Marks of spam".to_owned(),
        RuleRef::Blocked | RuleRef::Spam | RuleRef::Emergency | RuleRef::AfterHoursDefault => level.to_owned(),
    }
}

const fn level_label(rule: RuleRef) -> &'static str {
    match rule {
        RuleRef::Blocked => "Block list",
        RuleRef::Spam => "Spam list",
        RuleRef::Emergency => "Emergency of the caller",
        RuleRef::Override(_) => "Date override",
        RuleRef::Weekly(_) => "Weekly block",
        RuleRef::AfterHoursDefault => "After-hours default",
    }
}

/// One precondition of a text.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TextCheck {
    /// Its name.
    pub(crate) name: String,
    /// The precondition in words.
    pub(crate) label: String,
    /// Whether it holds.
    pub(crate) passed: bool,
    /// The precondition when it holds, what stands against the text when it does not.
    pub(crate) sentence: String,
    /// When it will hold, where waiting is enough.
    pub(crate) detail: Option<String>,
    /// The page where it can be changed.
    pub(crate) setting: Option<String>,
}

/// The stored form of an assessment.
#[derive(Deserialize)]
struct Assessed {
    #[serde(default)]
    checks: Vec<Checked>,
    /// The names alone, of a text that passed them all.
    #[serde(default)]
    passed: Vec<String>,
    /// Why no checks were made at all.
    sentence: Option<String>,
}

#[derive(Deserialize)]
struct Checked {
    name: String,
    passed: bool,
    #[serde(default)]
    detail: String,
    until: Option<String>,
}

/// The last stored assessment of the call's own text, and whether it put the text off.
fn assessed(detail: &CallDetail) -> Option<(bool, Assessed)> {
    let own = auto_text(detail).map(|message| message.id);
    detail
        .events
        .iter()
        .rev()
        .filter(|entry| entry.event.message.is_none() || own.is_none() || entry.event.message == own)
        .find_map(|entry| {
            let event = &entry.event;
            let decides = match event.kind {
                FeedKind::TextDenied | FeedKind::TextDeferred => true,
                // The claim of a text says what it passed; other news about it says nothing of that.
                FeedKind::TextUpdated => event.data.get("passed").is_some(),
                FeedKind::CallReceived
                | FeedKind::CallUpdated
                | FeedKind::CallEnded
                | FeedKind::VoicemailReceived
                | FeedKind::AutoTextSent
                | FeedKind::TextFailed
                | FeedKind::TextUnknown
                | FeedKind::TextReceived
                | FeedKind::OptedOut
                | FeedKind::OptedIn
                | FeedKind::ConversationUpdated
                | FeedKind::TaskRaised
                | FeedKind::TaskDone
                | FeedKind::SettingsSaved
                | FeedKind::ForwardingNumberGenerated
                | FeedKind::ForwardingTestStarted
                | FeedKind::ForwardingTestSucceeded
                | FeedKind::ForwardingTestFailed
                | FeedKind::AppointmentBooked
                | FeedKind::AppointmentUpdated
                | FeedKind::AppointmentCancelled
                | FeedKind::BookingFailed
                | FeedKind::AvailabilityChecked
                | FeedKind::CallerFlagged
                | FeedKind::LedgerHead => false,
            };
            let assessed = decides.then(|| serde_json::from_value(event.data.clone()).ok())??;
            Some((event.kind == FeedKind::TextDeferred, assessed))
        })
}

fn auto_text(detail: &CallDetail) -> Option<&Message> {
    detail
        .messages
        .iter()
        .rev()
        .find(|message| message.kind == MessageKind::AutoText && message.call == Some(detail.call.id))
}

/// Every check of the call's text, when they were stored.
#[must_use]
pub(super) fn text_checks(detail: &CallDetail) -> Option<Vec<TextCheck>> {
    let (_, assessed) = assessed(detail)?;
    let passed = assessed.passed.into_iter().map(|name| Checked {
        name,
        passed: true,
        detail: String::new(),
        until: None,
    });
    let mut checks: Vec<TextCheck> = assessed
        .checks
        .into_iter()
        .chain(passed)
        .map(|one| check(one, detail.call.business))
        .collect();
    // What stood against the text is what people look for.
    checks.sort_by_key(|check| check.passed);
    Some(checks).filter(|checks| !checks.is_empty())
}

fn check(checked: Checked, business: BusinessId) -> TextCheck {
    let known: Option<CheckName> = serde_json::from_value(checked.name.clone().into()).ok();
    let label = known.map_or_else(|| checked.name.clone(), |name| name.label().to_owned());
    TextCheck {
        sentence: if checked.detail.is_empty() {
            label.clone()
        } else {
            checked.detail
        },
        label,
        name: checked.name,
        passed: checked.passed,
        detail: checked.until.map(|until| format!("It will hold from {until}.")),
        setting: (known == Some(CheckName::SenderPresent)).then(|| format!("/b/{business}/connect")),
    }
}

/// What came of the call's text, in a sentence; nothing when none was due.
#[must_use]
pub(super) fn text_verdict(detail: &CallDetail) -> Option<String> {
    let reason = auto_text(detail).and_then(|message| message.reason.clone());
    let with_reason = |words: &str| match &reason {
        Some(reason) => format!("{words} {reason}"),
        None => words.to_owned(),
    };
    Some(match detail.call.text {
        TextSummary::NotDue => return None,
        TextSummary::Waiting => match assessed(detail) {
            Some((true, assessed)) => {
                let why = assessed.checks.iter().find(|check| !check.passed);
                format!("The text waits. {}", why.map_or("", |check| check.detail.as_str()))
            }
            Some((false, _)) | None => "The text is about to go out.".to_owned(),
        },
        TextSummary::Denied => {
            let why = assessed(detail).and_then(|(_, assessed)| {
                let first = assessed.checks.into_iter().find(|check| !check.passed);
                first.map(|check| check.detail).or(assessed.sentence)
            });
            format!("No text was sent. {}", why.unwrap_or_default())
                .trim_end()
                .to_owned()
        }
        TextSummary::Message(status) => {
            use mccc_core::conversation::MessageStatus as S;
            match status {
                S::Waiting => with_reason("The text waits for its turn."),
                S::Claimed => "The text passed every check and is being handed to the provider.".to_owned(),
                S::Unknown => {
                    with_reason("Whether the text went out is not known. It is looked up and never sent a second time.")
                }
                S::Queued | S::Sent => "The text passed every check and was sent.".to_owned(),
                S::Delivered => "The text passed every check and was delivered.".to_owned(),
                S::Undelivered => with_reason("The text passed every check, but the carrier did not deliver it."),
                S::Failed => with_reason("The text passed every check, but the provider did not send it."),
                S::Canceled => with_reason("The text was cancelled before it was sent."),
                S::Received => return None,
            }
        }
    })
}
