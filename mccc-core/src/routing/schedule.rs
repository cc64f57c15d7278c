//! The schedule as people edit it and as it is stored.

use std::collections::HashSet;

use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use super::{Method, Only, TimeOfDay, Variant};
use crate::zone::{LocalDay, Weekday};
use crate::{RuleId, Timestamp};

/// When which method answers. All times are the business's wall clock, on quarters of an hour.
///
/// Its text forms (JSON, TOML) also take the names that other tools use: `start_time`, `end_time`, `routing_method`,
/// `day_of_week`, `override_date`, `is_active`. A rule without an `id` gets one from its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// What answers when nothing else matches.
    #[serde(default = "voicemail")]
    pub after_hours_default: Method,
    /// What is done instead when a voice agent is called for and none can take the call; all of it, in this order.
    #[serde(default = "default_fallback")]
    pub voice_fallback: Vec<FallbackStep>,
    /// Whether a caller who wrote of an emergency gets the voice agent for the next hour, whatever the schedule says.
    #[serde(default = "yes")]
    pub emergency_override: bool,
    /// Days whose weekly blocks are switched off; the after-hours default answers on them.
    #[serde(default)]
    pub inactive_days: Vec<Weekday>,
    /// Blocks of every week.
    #[serde(default, deserialize_with = "identified")]
    pub weekly: Vec<Block>,
    /// What holds on single dates instead.
    #[serde(default, deserialize_with = "identified")]
    pub overrides: Vec<DateOverride>,
    /// When the business is open. Chooses the wording of texts and greetings, never the method.
    #[serde(default = "default_business_hours")]
    pub business_hours: Vec<Hours>,
}

/// A stretch of one weekday with its method. An end before the start lies on the next day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// Names the rule on the calls it decided.
    #[serde(default = "unnamed")]
    pub id: RuleId,
    /// The day on which it starts.
    #[serde(alias = "day_of_week")]
    pub day: Weekday,
    /// First minute.
    #[serde(alias = "start_time")]
    pub start: TimeOfDay,
    /// The minute after the last; up to `24:00`.
    #[serde(alias = "end_time")]
    pub end: TimeOfDay,
    /// What answers.
    #[serde(alias = "routing_method")]
    pub method: Method,
    /// Which calls it is for.
    #[serde(default, skip_serializing_if = "Only::is_any")]
    pub only: Only,
    /// A paused rule never matches.
    #[serde(default = "yes", alias = "is_active")]
    pub active: bool,
    /// The higher of two blocks at the same time wins.
    #[serde(default)]
    pub priority: i32,
    /// When a person last changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

/// What holds on one date, or on a part of it, instead of the week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DateOverride {
    /// Names the rule on the calls it decided.
    #[serde(default = "unnamed")]
    pub id: RuleId,
    /// The local date.
    #[serde(alias = "override_date")]
    pub date: LocalDay,
    /// First minute; nothing together with `end` means the whole day.
    #[serde(default, alias = "start_time", skip_serializing_if = "Option::is_none")]
    pub start: Option<TimeOfDay>,
    /// The minute after the last; before `start` it lies on the next date.
    #[serde(default, alias = "end_time", skip_serializing_if = "Option::is_none")]
    pub end: Option<TimeOfDay>,
    /// What answers.
    #[serde(alias = "routing_method")]
    pub method: Method,
    /// The wording while it holds; nothing leaves that to the business hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<Variant>,
    /// What the day is called, for people only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Which calls it is for.
    #[serde(default, skip_serializing_if = "Only::is_any")]
    pub only: Only,
    /// A paused rule never matches.
    #[serde(default = "yes", alias = "is_active")]
    pub active: bool,
    /// The higher of two overrides at the same time wins.
    #[serde(default)]
    pub priority: i32,
    /// When a person last changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

impl Schedule {
    /// Notes when rules were changed, by comparing them with those that were saved before: what is new or says something
    /// else was changed at `now`, unless it tells a time of its own. A rule that tells no time and says the same as
    /// before keeps its time.
    #[must_use]
    pub fn stamped(mut self, before: &Self, now: Timestamp) -> Self {
        for block in &mut self.weekly {
            let old = before.weekly.iter().find(|old| old.id == block.id);
            let at = old.and_then(|old| old.updated_at);
            let same = old.is_some_and(|old| {
                Block {
                    updated_at: at,
                    ..block.clone()
                } == *old
            });
            block.updated_at = stamp(block.updated_at, at, same, now);
        }
        for rule in &mut self.overrides {
            let old = before.overrides.iter().find(|old| old.id == rule.id);
            let at = old.and_then(|old| old.updated_at);
            let same = old.is_some_and(|old| {
                DateOverride {
                    updated_at: at,
                    ..rule.clone()
                } == *old
            });
            rule.updated_at = stamp(rule.updated_at, at, same, now);
        }
        self
    }
}

/// When a rule was changed: what it tells itself, what was known, or now.
fn stamp(told: Option<Timestamp>, known: Option<Timestamp>, same: bool, now: Timestamp) -> Option<Timestamp> {
    match told {
        Some(told) if told != known.unwrap_or(Timestamp::UNIX_EPOCH) => Some(told),
        Some(_) | None if same => known,
        Some(_) | None => Some(now),
    }
}

/// Opening hours of one weekday. An end before the start lies on the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// The day on which they start.
    #[serde(alias = "day_of_week")]
    pub day: Weekday,
    /// Opens.
    #[serde(alias = "start_time")]
    pub start: TimeOfDay,
    /// Closes.
    #[serde(alias = "end_time")]
    pub end: TimeOfDay,
}

/// What can stand in for a voice agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FallbackStep {
    /// The caller can leave a message.
    Voicemail,
    /// The caller is texted.
    #[serde(alias = "auto_text_only", alias = "text")]
    AutoText,
}

/// Monday to Friday.
pub(super) const WORK_DAYS: [Weekday; 5] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
];

impl Default for Schedule {
    /// The schedule of a business that has saved none: the voice agent Monday to Friday from 8:00 to 18:00, else
    /// voicemail.
    fn default() -> Self {
        Self {
            weekly: blocks(&WORK_DAYS, 8, 18, Method::AiVoice),
            ..Self::always(Method::Voicemail)
        }
    }
}

impl Schedule {
    /// One method at every hour.
    #[must_use]
    pub fn always(method: Method) -> Self {
        Self {
            after_hours_default: method,
            voice_fallback: default_fallback(),
            emergency_override: true,
            inactive_days: Vec::new(),
            weekly: Vec::new(),
            overrides: Vec::new(),
            business_hours: default_business_hours(),
        }
    }

    /// What the set-up assistant fills in: the voice agent on work days and on Saturday from 9:00 to 14:00, voicemail
    /// all Sunday, else a text.
    #[must_use]
    pub fn wizard() -> Self {
        let mut weekly = blocks(&WORK_DAYS, 8, 18, Method::AiVoice);
        weekly.extend(blocks(&[Weekday::Saturday], 9, 14, Method::AiVoice));
        weekly.extend(blocks(&[Weekday::Sunday], 0, 24, Method::Voicemail));
        Self {
            weekly,
            ..Self::always(Method::AutoTextOnly)
        }
    }
}

impl Block {
    /// An active block of ordinary priority whose identifier follows from its content.
    #[must_use]
    pub fn new(day: Weekday, start: TimeOfDay, end: TimeOfDay, method: Method) -> Self {
        let mut block = Self {
            id: unnamed(),
            day,
            start,
            end,
            method,
            only: Only::default(),
            active: true,
            priority: 0,
            updated_at: None,
        };
        block.id = RuleId::derive(Timestamp::UNIX_EPOCH, &block.key());
        block
    }
}

impl DateOverride {
    /// An active override of a whole date whose identifier follows from its content.
    #[must_use]
    pub fn whole_day(date: LocalDay, method: Method) -> Self {
        let mut rule = Self {
            id: unnamed(),
            date,
            start: None,
            end: None,
            method,
            variant: None,
            label: None,
            only: Only::default(),
            active: true,
            priority: 0,
            updated_at: None,
        };
        rule.id = RuleId::derive(Timestamp::UNIX_EPOCH, &rule.key());
        rule
    }
}

/// The same hours on several days.
pub(super) fn blocks(days: &[Weekday], from_hour: u8, to_hour: u8, method: Method) -> Vec<Block> {
    days.iter()
        .map(|day| Block::new(*day, TimeOfDay::hour(from_hour), TimeOfDay::hour(to_hour), method))
        .collect()
}

/// A rule with an identifier and a content from which one can be made.
pub(super) trait Identified {
    fn id(&self) -> RuleId;
    fn set_id(&mut self, id: RuleId);
    fn key(&self) -> String;
}

impl Identified for Block {
    fn id(&self) -> RuleId {
        self.id
    }
    fn set_id(&mut self, id: RuleId) {
        self.id = id;
    }
    fn key(&self) -> String {
        format!(
            "weekly/{}/{}/{}/{}",
            self.day.number(),
            self.start,
            self.end,
            self.method.name()
        )
    }
}

impl Identified for DateOverride {
    fn id(&self) -> RuleId {
        self.id
    }
    fn set_id(&mut self, id: RuleId) {
        self.id = id;
    }
    fn key(&self) -> String {
        let time = |time: Option<TimeOfDay>| time.map(|time| time.to_string()).unwrap_or_default();
        format!(
            "override/{}/{}/{}/{}",
            self.date,
            time(self.start),
            time(self.end),
            self.method.name()
        )
    }
}

/// An identifier that follows from `key` and the moment, and that is not taken.
pub(super) fn fresh_id(at: Timestamp, key: &str, taken: &mut HashSet<RuleId>) -> RuleId {
    let mut id = RuleId::derive(at, key);
    let mut copy = 2_u32;
    while !taken.insert(id) {
        id = RuleId::derive(at, &format!("{key}#{copy}"));
        copy = copy.saturating_add(1);
    }
    id
}

/// Reads rules and names those that came without an identifier.
fn identified<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Identified + Deserialize<'de>,
{
    let mut rules = Vec::<T>::deserialize(deserializer)?;
    let mut taken: HashSet<RuleId> = rules.iter().map(Identified::id).filter(|id| *id != unnamed()).collect();
    for rule in rules.iter_mut().filter(|rule| rule.id() == unnamed()) {
        let id = fresh_id(Timestamp::UNIX_EPOCH, &rule.key(), &mut taken);
        rule.set_id(id);
    }
    Ok(rules)
}

const fn unnamed() -> RuleId {
    RuleId::from_uuid(Uuid::nil())
}

const fn yes() -> bool {
    true
}

const fn voicemail() -> Method {
    Method::Voicemail
}

fn default_fallback() -> Vec<FallbackStep> {
    vec![FallbackStep::Voicemail, FallbackStep::AutoText]
}

/// Monday to Friday, 8:00 to 17:00.
pub(super) fn default_business_hours() -> Vec<Hours> {
    WORK_DAYS
        .iter()
        .map(|day| Hours {
            day: *day,
            start: TimeOfDay::hour(8),
            end: TimeOfDay::hour(17),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::Method;

    #[test]
    fn what_was_changed_says_so_and_nothing_else_does() {
        let (then, told, now) = (
            Timestamp::from_seconds(1_790_000_000),
            Timestamp::from_seconds(1_790_000_500),
            Timestamp::from_seconds(1_790_001_000),
        );
        let mut saved = Schedule::default();
        for block in &mut saved.weekly {
            block.updated_at = Some(then);
        }
        assert_eq!(saved.clone().stamped(&saved, now), saved, "nothing was changed");

        // A file tells no times.
        let mut file = saved.clone();
        for block in &mut file.weekly {
            block.updated_at = None;
        }
        assert_eq!(file.clone().stamped(&saved, now), saved);

        let mut changed = saved.clone();
        changed.weekly.first_mut().unwrap().method = Method::Off;
        let stamped = changed.clone().stamped(&saved, now);
        assert_eq!(stamped.weekly.first().unwrap().updated_at, Some(now));
        assert!(
            stamped
                .weekly
                .iter()
                .skip(1)
                .all(|block| block.updated_at == Some(then))
        );

        // A time of its own stands.
        changed.weekly.first_mut().unwrap().updated_at = Some(told);
        let stamped = changed.stamped(&saved, now);
        assert_eq!(stamped.weekly.first().unwrap().updated_at, Some(told));
    }

    #[test]
    fn a_hand_written_document_may_use_names_and_leave_out_what_is_usual() {
        let text = r#"
            after_hours_default = "text"
            inactive_days = ["sunday"]
            [[weekly]]
            day = "monday"
            start = "8:00"
            end = "18:00"
            method = "voice"
            [[weekly]]
            day_of_week = 6
            start_time = "22:00"
            end_time = "24:00"
            routing_method = "off"
            is_active = false
            [[overrides]]
            date = "2026-12-25"
            method = "voicemail"
            variant = "after_hours"
            only = { area_codes = [312], trades = ["plumbing"] }
        "#;
        let read: Schedule = toml::from_str(text).unwrap();
        assert_eq!(read.after_hours_default, Method::AutoTextOnly);
        assert_eq!(
            read.weekly[0],
            Block::new(
                Weekday::Monday,
                TimeOfDay::hour(8),
                TimeOfDay::hour(18),
                Method::AiVoice
            )
        );
        assert!(!read.weekly[1].active);
        assert_eq!(read.business_hours, default_business_hours());
        assert_eq!(read.voice_fallback, default_fallback());
        assert_ne!(read.weekly[0].id, read.weekly[1].id);
        // The same text gives the same identifiers.
        assert_eq!(toml::from_str::<Schedule>(text).unwrap(), read);
        assert_eq!(
            toml::from_str::<Schedule>(&toml::to_string(&read).unwrap()).unwrap(),
            read
        );
        assert_eq!(
            serde_json::from_str::<Schedule>(&serde_json::to_string(&read).unwrap()).unwrap(),
            read
        );
    }

    #[test]
    fn two_unnamed_copies_of_a_rule_get_two_names() {
        let block = r#"{"day":1,"start":"08:00","end":"09:00","method":"off"}"#;
        let read: Schedule = serde_json::from_str(&format!(r#"{{"weekly":[{block},{block}]}}"#)).unwrap();
        assert_ne!(read.weekly[0].id, read.weekly[1].id);
    }

    #[test]
    fn a_misspelt_field_is_refused() {
        assert!(serde_json::from_str::<Schedule>(r#"{"weakly":[]}"#).is_err());
        assert!(
            serde_json::from_str::<Schedule>(
                r#"{"weekly":[{"day":1,"start":"08:00","end":"09:00","method":"off","activ":true}]}"#
            )
            .is_err()
        );
    }
}
