//! Why a call was answered the way it was: every rule that could have decided, and what became of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::decide::{CallerFacts, Decision, RuleRef, emergency_counts};
use super::quarters::Rank;
use super::schedule::{Block, DateOverride};
use super::{CallSource, Compiled, Method, Only, TimeOfDay, Variant};
use crate::Timestamp;
use crate::calls::SpamJudgement;
use crate::zone::{Weekday, data_version};

/// The record of one decision. Stored with the call and never computed again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// The business's zone.
    pub zone: String,
    /// The release of the zone data.
    pub zone_data: String,
    /// The instant that was decided about.
    pub at: Timestamp,
    /// The same on the business's wall clock, with its offset.
    pub local_time: String,
    /// The day of the week there.
    pub weekday: Weekday,
    /// Whether a voice agent could take the call.
    pub voice_ready: bool,
    /// The answer.
    pub decision: Decision,
    /// Whatever could have decided on this day, in the order of precedence.
    pub candidates: Vec<Candidate>,
    /// Rules of the schedule that are for other days.
    pub rules_for_other_days: u32,
    /// What spoke for spam, if anything did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spam: Option<SpamJudgement>,
    /// The trade the call was for, when some rule is for some calls only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trade: Option<String>,
}

/// A rule that could have decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The rule.
    pub rule: RuleRef,
    /// What it would have answered.
    pub method: Method,
    /// When it holds, in words.
    pub when: String,
    /// Its priority within its level.
    #[serde(default)]
    pub priority: i32,
    /// When a person last changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// What became of it.
    pub verdict: Verdict,
}

/// What became of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "result")]
pub enum Verdict {
    /// It decided.
    Won,
    /// It does not apply: the caller is not blocked, not spam, or has no emergency.
    NotTheCaller,
    /// The caller's emergency is over.
    EmergencyOver {
        /// When it ended.
        until: Timestamp,
    },
    /// Emergencies do not override this schedule.
    EmergencyOverrideOff,
    /// A person paused the rule.
    Paused,
    /// Its weekday is switched off.
    DayInactive,
    /// It holds at another time of this day.
    OtherTime,
    /// It is for other calls: from somebody else, to another number or for another trade.
    OtherCalls,
    /// It matched, but something of a higher level did too.
    HigherLevel {
        /// What decided.
        by: RuleRef,
    },
    /// It matched, but a rule of higher priority did too.
    LowerPriority {
        /// What was preferred.
        by: RuleRef,
    },
    /// It matched with equal priority, but another rule was changed later.
    UpdatedEarlier {
        /// What was preferred.
        by: RuleRef,
    },
    /// It matched and nothing else tells the two apart; the lower identifier was preferred.
    HigherId {
        /// What was preferred.
        by: RuleRef,
    },
}

/// Decides about a call that arrives at `at`, and says why. Gives the same decision as [`super::decide`], from the
/// rules themselves instead of the tables.
#[must_use]
pub fn explain(schedule: &Compiled, facts: &CallerFacts<'_>, at: Timestamp) -> (Decision, Trace) {
    let local = schedule.zone().to_local(at);
    let rules = schedule.schedule();
    let quarter = usize::try_from(local.second_of_day / 900).unwrap_or(0);
    let mut panel = Panel::default();

    panel.caller(
        RuleRef::Blocked,
        "the caller is blocked",
        Method::Off,
        if facts.blocked {
            None
        } else {
            Some(Verdict::NotTheCaller)
        },
    );
    panel.caller(
        RuleRef::Spam,
        if facts.suspected.is_some() && !facts.spam {
            "the call has the marks of spam"
        } else {
            "the caller is spam"
        },
        facts.suspected.map_or(Method::Off, |method| {
            Decision::suspected(method, Variant::AfterHours).method
        }),
        (!facts.spam && facts.suspected.is_none()).then_some(Verdict::NotTheCaller),
    );
    panel.caller(
        RuleRef::Emergency,
        "within an hour of the caller's emergency",
        Method::AiVoice,
        emergency(schedule, facts, at),
    );
    panel.level();
    let mut on_date: Vec<&DateOverride> = rules.overrides.iter().filter(|rule| rule.date == local.day).collect();
    on_date.sort_by_key(|rule| rule.order());
    for (index, rule) in on_date.iter().enumerate() {
        if index > 0 && index == on_date.partition_point(|rule| !rule.only.is_any()) {
            panel.level();
        }
        panel.override_(rule, quarter, &facts.source);
    }
    panel.level();
    let mut on_day: Vec<&Block> = rules.weekly.iter().filter(|block| block.day == local.weekday).collect();
    on_day.sort_by_key(|block| block.order());
    for (index, block) in on_day.iter().enumerate() {
        if index > 0 && index == on_day.partition_point(|block| !block.only.is_any()) {
            panel.level();
        }
        panel.block(block, quarter, rules.inactive_days.contains(&block.day), &facts.source);
    }
    panel.level();
    panel.add(
        RuleRef::AfterHoursDefault,
        rules.after_hours_default,
        "whenever nothing else matches".to_owned(),
        None,
        None,
    );

    let winner = panel.winner.map_or(RuleRef::AfterHoursDefault, |winner| winner.rule);
    let method = panel.winner.map_or(rules.after_hours_default, |winner| winner.method);
    let by_hours = if rules.is_open(local.weekday, quarter) {
        Variant::BusinessHours
    } else {
        Variant::AfterHours
    };
    // The wording is that of the day, also for a caller whom no rule of the schedule decided about.
    let variant = on_date
        .iter()
        .find(|rule| rule.active && rule.covers(quarter) && rule.only.fits(&facts.source))
        .and_then(|rule| rule.variant)
        .unwrap_or(by_hours);
    let decision = match winner {
        RuleRef::Spam if facts.suspected.is_some() => Decision::suspected(method, variant),
        RuleRef::Blocked | RuleRef::Spam => Decision::rejected(winner, variant),
        RuleRef::Emergency | RuleRef::Override(_) | RuleRef::Weekly(_) | RuleRef::AfterHoursDefault => {
            Decision::new(winner, method, variant, facts.voice_ready, schedule.stand_in())
        }
    };
    let all = rules.overrides.len().saturating_add(rules.weekly.len());
    let others = all.saturating_sub(on_date.len()).saturating_sub(on_day.len());
    let trace = Trace {
        zone: schedule.zone().name().to_owned(),
        zone_data: data_version().to_owned(),
        at,
        local_time: local.to_string(),
        weekday: local.weekday,
        voice_ready: facts.voice_ready,
        decision,
        candidates: panel.candidates,
        rules_for_other_days: u32::try_from(others).unwrap_or(u32::MAX),
        spam: None,
        trade: facts
            .source
            .trade
            .filter(|_| schedule.has_conditions())
            .map(str::to_owned),
    };
    (decision, trace)
}

impl Compiled {
    /// The same as [`explain`].
    #[must_use]
    pub fn explain(&self, facts: &CallerFacts<'_>, at: Timestamp) -> (Decision, Trace) {
        explain(self, facts, at)
    }
}

fn emergency(schedule: &Compiled, facts: &CallerFacts<'_>, at: Timestamp) -> Option<Verdict> {
    match facts.emergency_until {
        None => Some(Verdict::NotTheCaller),
        Some(_) if emergency_counts(schedule, facts, at) => None,
        Some(_) if !schedule.schedule().emergency_override => Some(Verdict::EmergencyOverrideOff),
        Some(until) => Some(Verdict::EmergencyOver { until }),
    }
}

/// The candidates so far and the one that decides.
#[derive(Default)]
struct Panel {
    candidates: Vec<Candidate>,
    winner: Option<Winner>,
    level: u8,
}

#[derive(Clone, Copy)]
struct Winner {
    rule: RuleRef,
    method: Method,
    level: u8,
    rank: Option<Rank>,
}

impl Panel {
    /// What comes next is of a lower level.
    const fn level(&mut self) {
        self.level = self.level.saturating_add(1);
    }

    fn caller(&mut self, rule: RuleRef, when: &str, method: Method, unmatched: Option<Verdict>) {
        self.level();
        self.add(rule, method, when.to_owned(), None, unmatched);
    }

    fn override_(&mut self, rule: &DateOverride, quarter: usize, source: &CallSource<'_>) {
        let unmatched = match (rule.active, rule.covers(quarter)) {
            (false, _) => Some(Verdict::Paused),
            (true, false) => Some(Verdict::OtherTime),
            (true, true) => other_calls(&rule.only, source),
        };
        let hours = match (rule.start, rule.end) {
            (Some(start), Some(end)) => hours(start, end),
            (None, _) | (_, None) => "all day".to_owned(),
        };
        let when = with_condition(format!("{} {hours}", rule.date), &rule.only);
        self.add(
            RuleRef::Override(rule.id),
            rule.method,
            when,
            Some(rule.rank()),
            unmatched,
        );
    }

    fn block(&mut self, block: &Block, quarter: usize, day_inactive: bool, source: &CallSource<'_>) {
        let unmatched = match (block.active, day_inactive, block.covers(quarter)) {
            (false, _, _) => Some(Verdict::Paused),
            (true, true, _) => Some(Verdict::DayInactive),
            (true, false, false) => Some(Verdict::OtherTime),
            (true, false, true) => other_calls(&block.only, source),
        };
        let when = format!("{} {}", block.day.name_capitalised(), hours(block.start, block.end));
        let when = with_condition(when, &block.only);
        self.add(
            RuleRef::Weekly(block.id),
            block.method,
            when,
            Some(block.rank()),
            unmatched,
        );
    }

    /// Adds a candidate; whatever matches first decides, so they come in order of precedence.
    fn add(&mut self, rule: RuleRef, method: Method, when: String, rank: Option<Rank>, unmatched: Option<Verdict>) {
        let verdict = unmatched.unwrap_or_else(|| match self.winner {
            None => {
                self.winner = Some(Winner {
                    rule,
                    method,
                    level: self.level,
                    rank,
                });
                Verdict::Won
            }
            Some(winner) => lost(winner, self.level, rank),
        });
        self.candidates.push(Candidate {
            rule,
            method,
            when,
            priority: rank.map_or(0, |rank| rank.0.0),
            updated_at: rank.and_then(|rank| rank.1.0),
            verdict,
        });
    }
}

fn other_calls(only: &Only, source: &CallSource<'_>) -> Option<Verdict> {
    (!only.fits(source)).then_some(Verdict::OtherCalls)
}

fn with_condition(when: String, only: &Only) -> String {
    match only.words() {
        Some(words) => format!("{when}, {words}"),
        None => when,
    }
}

fn lost(winner: Winner, level: u8, rank: Option<Rank>) -> Verdict {
    let by = winner.rule;
    match (winner.rank, rank) {
        (Some(better), Some(rank)) if winner.level == level => {
            if better.0 != rank.0 {
                Verdict::LowerPriority { by }
            } else if better.1 != rank.1 {
                Verdict::UpdatedEarlier { by }
            } else {
                Verdict::HigherId { by }
            }
        }
        _ => Verdict::HigherLevel { by },
    }
}

fn hours(start: TimeOfDay, end: TimeOfDay) -> String {
    if (start, end) == (TimeOfDay::MIDNIGHT, TimeOfDay::END_OF_DAY) {
        return "all day".to_owned();
    }
    format!("{} - {}", start.clock_12h(), end.clock_12h())
}

impl fmt::Display for Verdict {
    /// The verdict as a clause: `a rule of higher priority matched too`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Won => f.write_str("decided"),
            Self::NotTheCaller => f.write_str("does not apply to this caller"),
            Self::EmergencyOver { until } => write!(f, "the emergency ended at {until}"),
            Self::EmergencyOverrideOff => f.write_str("emergencies do not override this schedule"),
            Self::Paused => f.write_str("is paused"),
            Self::DayInactive => f.write_str("its day is switched off"),
            Self::OtherTime => f.write_str("holds at another time of the day"),
            Self::OtherCalls => f.write_str("is for other calls"),
            Self::HigherLevel { by } => write!(f, "matched, but {} goes first", level_words(*by)),
            Self::LowerPriority { .. } => f.write_str("matched, but another rule has a higher priority"),
            Self::UpdatedEarlier { .. } => f.write_str("matched, but another rule was changed later"),
            Self::HigherId { .. } => f.write_str("matched, but another rule has the lower identifier"),
        }
    }
}

const fn level_words(rule: RuleRef) -> &'static str {
    match rule {
        RuleRef::Blocked => "the block list",
        RuleRef::Spam => "the spam list",
        RuleRef::Emergency => "the caller's emergency",
        RuleRef::Override(_) => "a date override",
        RuleRef::Weekly(_) => "a weekly block",
        RuleRef::AfterHoursDefault => "the after-hours default",
    }
}
