//! A schedule turned into tables, so that a decision is a conversion to local time and a few reads.

use std::collections::{BTreeMap, HashMap};

use super::decide::{CallerFacts, Decision, RuleRef, StandIn};
use super::quarters::{PER_DAY, PER_WEEK, midnight};
use super::schedule::{DateOverride, FallbackStep, Schedule};
use super::{Method, ScheduleError, Variant};
use crate::Timestamp;
use crate::zone::{LocalDay, Zone};

const SECONDS_PER_QUARTER: i64 = 900;
const SECONDS_PER_DAY: i64 = 86_400;

/// A checked schedule of one business in its zone, ready to answer.
#[derive(Debug, Clone)]
pub struct Compiled {
    zone: Zone,
    schedule: Schedule,
    stand_in: StandIn,
    /// For each quarter of the week the index of its case.
    week: Box<[u16]>,
    /// The first date with an override.
    first_date: i32,
    /// For each date from the first on: 0 for an ordinary one, else the number of its row.
    dates: Box<[u16]>,
    /// Rows of a day's quarters; the first row belongs to number 1.
    rows: Box<[u16]>,
    cases: Box<[Case]>,
    /// Whether some rule is for some calls only; the tables hold the others.
    conditions: bool,
    /// What the default gives outside business hours; the tables never lead past their ends.
    default: Case,
}

/// What one rule gives under one wording, with and without a voice agent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case {
    pub(super) ready: Decision,
    pub(super) unready: Decision,
}

impl Schedule {
    /// Checks the schedule and compiles it for `zone`.
    ///
    /// # Errors
    /// Every mistake, see [`Schedule::validate`].
    pub fn compile(&self, zone: &Zone) -> Result<Compiled, Vec<ScheduleError>> {
        let schedule = self.validate()?;
        let stand_in = StandIn {
            voicemail: schedule.voice_fallback.contains(&FallbackStep::Voicemail),
            text: schedule.voice_fallback.contains(&FallbackStep::AutoText),
        };
        let mut cases = Cases::new(stand_in);
        let open = schedule.weekly_open();
        let week: Box<[u16]> = schedule
            .weekly_winners()
            .into_iter()
            .zip(&open)
            .map(|(winner, open)| match winner {
                Some(block) => cases.index(RuleRef::Weekly(block.id), block.method, variant(*open)),
                None => cases.index(RuleRef::AfterHoursDefault, schedule.after_hours_default, variant(*open)),
            })
            .collect();

        let mut by_date: BTreeMap<LocalDay, Vec<&DateOverride>> = BTreeMap::new();
        for rule in schedule.overrides.iter().filter(|rule| rule.active) {
            by_date.entry(rule.date).or_default().push(rule);
        }
        let first_date = by_date.keys().next().map_or(0, |day| day.days());
        let last_date = by_date.keys().next_back().map_or(first_date, |day| day.days());
        let span = usize::try_from(last_date.saturating_sub(first_date))
            .unwrap_or(0)
            .saturating_add(1);
        let mut dates = if by_date.is_empty() {
            Vec::new()
        } else {
            vec![0_u16; span]
        };
        let mut rows: Vec<u16> = Vec::new();
        for (day, mut rules) in by_date {
            rules.sort_by_key(|rule| rule.rank());
            let ordinary = midnight(day.weekday());
            for quarter in 0..PER_DAY {
                let of_week = ordinary.saturating_add(quarter);
                let case = match rules.iter().find(|rule| rule.only.is_any() && rule.covers(quarter)) {
                    Some(rule) => {
                        let by_hours = variant(open.get(of_week).copied().unwrap_or(false));
                        cases.index(
                            RuleRef::Override(rule.id),
                            rule.method,
                            rule.variant.unwrap_or(by_hours),
                        )
                    }
                    None => week.get(of_week).copied().unwrap_or(0),
                };
                rows.push(case);
            }
            let number = u16::try_from(rows.len() / PER_DAY).unwrap_or(0);
            let slot = usize::try_from(day.days().saturating_sub(first_date)).unwrap_or(0);
            if let Some(slot) = dates.get_mut(slot) {
                *slot = number;
            }
        }
        let default = Case::new(
            RuleRef::AfterHoursDefault,
            schedule.after_hours_default,
            Variant::AfterHours,
            stand_in,
        );
        let conditions = schedule.weekly.iter().any(|block| !block.only.is_any())
            || schedule.overrides.iter().any(|rule| !rule.only.is_any());
        Ok(Compiled {
            conditions,
            zone: zone.clone(),
            schedule,
            stand_in,
            week,
            first_date,
            dates: dates.into(),
            rows: rows.into(),
            cases: cases.list.into(),
            default,
        })
    }
}

impl Compiled {
    /// The business's zone.
    #[must_use]
    pub const fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The schedule in its stored form: no block crosses midnight.
    #[must_use]
    pub const fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    pub(super) const fn stand_in(&self) -> StandIn {
        self.stand_in
    }

    /// The last date with an override, if there is one.
    pub(super) fn last_override(&self) -> Option<LocalDay> {
        let ahead = i32::try_from(self.dates.len()).ok()?.checked_sub(1)?;
        (ahead >= 0).then(|| LocalDay(self.first_date.saturating_add(ahead)))
    }

    /// What the schedule alone says at `at`.
    #[inline]
    pub(super) fn case_at(&self, at: Timestamp) -> &Case {
        let local = self.zone.local_seconds(at);
        let day = local.div_euclid(SECONDS_PER_DAY);
        let quarter = local.rem_euclid(SECONDS_PER_DAY) / SECONDS_PER_QUARTER;
        let row = self.row(day);
        usize::try_from(quarter)
            .ok()
            .and_then(|quarter| row.get(quarter))
            .and_then(|case| self.cases.get(usize::from(*case)))
            .unwrap_or(&self.default)
    }

    /// Whether some rule is for some calls only.
    #[inline]
    pub(super) const fn has_conditions(&self) -> bool {
        self.conditions
    }

    /// What the schedule says about one call when some of its rules are for some calls only: the rules themselves are
    /// asked instead of the tables.
    #[cold]
    pub(super) fn for_source(&self, facts: &CallerFacts<'_>, at: Timestamp) -> Decision {
        let local = self.zone.to_local(at);
        let quarter = usize::try_from(local.second_of_day / 900).unwrap_or(0);
        let rules = &self.schedule;
        let dated = rules
            .overrides
            .iter()
            .filter(|rule| rule.active && rule.date == local.day && rule.covers(quarter))
            .filter(|rule| rule.only.fits(&facts.source))
            .min_by_key(|rule| rule.order());
        let weekly = || {
            let of_day = rules.weekly.iter().filter(|block| block.day == local.weekday);
            of_day
                .filter(|block| rules.may_match(block) && block.covers(quarter) && block.only.fits(&facts.source))
                .min_by_key(|block| block.order())
        };
        let by_hours = variant(rules.is_open(local.weekday, quarter));
        let wording = dated.and_then(|rule| rule.variant).unwrap_or(by_hours);
        let (rule, method) = match (dated, weekly) {
            (Some(rule), _) => (RuleRef::Override(rule.id), rule.method),
            (None, weekly) => weekly().map_or((RuleRef::AfterHoursDefault, rules.after_hours_default), |block| {
                (RuleRef::Weekly(block.id), block.method)
            }),
        };
        Decision::new(rule, method, wording, facts.voice_ready, self.stand_in)
    }

    /// Whether every quarter of a day has the same answer.
    pub(super) fn is_uniform(&self, day: LocalDay) -> bool {
        if self.conditions {
            let rules = &self.schedule;
            let weekday = day.weekday();
            let dated = rules
                .overrides
                .iter()
                .any(|rule| rule.date == day && !rule.only.is_any());
            let weekly = rules
                .weekly
                .iter()
                .any(|block| block.day == weekday && !block.only.is_any());
            if dated || weekly {
                return false;
            }
        }
        let row = self.row(i64::from(day.days()));
        row.iter().all(|case| Some(case) == row.first())
    }

    /// The quarters of a day.
    #[inline]
    fn row(&self, day: i64) -> &[u16] {
        let slot = usize::try_from(day.wrapping_sub(i64::from(self.first_date))).unwrap_or(usize::MAX);
        let (table, from) = match self.dates.get(slot) {
            Some(number) if *number > 0 => (&self.rows, usize::from(*number).wrapping_sub(1).wrapping_mul(PER_DAY)),
            // 1970-01-01 was a Thursday.
            Some(_) | None => {
                let weekday = usize::try_from(day.wrapping_add(4).rem_euclid(7)).unwrap_or(0);
                (&self.week, weekday.wrapping_mul(PER_DAY))
            }
        };
        table.get(from..from.wrapping_add(PER_DAY)).unwrap_or_default()
    }
}

impl Case {
    fn new(rule: RuleRef, method: Method, variant: Variant, stand_in: StandIn) -> Self {
        Self {
            ready: Decision::new(rule, method, variant, true, stand_in),
            unready: Decision::new(rule, method, variant, false, stand_in),
        }
    }
}

struct Cases {
    stand_in: StandIn,
    list: Vec<Case>,
    known: HashMap<(RuleRef, Variant), u16>,
}

impl Cases {
    fn new(stand_in: StandIn) -> Self {
        Self {
            stand_in,
            list: Vec::with_capacity(PER_WEEK / PER_DAY),
            known: HashMap::new(),
        }
    }

    fn index(&mut self, rule: RuleRef, method: Method, variant: Variant) -> u16 {
        *self.known.entry((rule, variant)).or_insert_with(|| {
            self.list.push(Case::new(rule, method, variant, self.stand_in));
            // Validation limits the rules to 3,000, which halving at midnight and two wordings make 12,000 at most.
            u16::try_from(self.list.len().saturating_sub(1)).unwrap_or(u16::MAX)
        })
    }
}

const fn variant(open: bool) -> Variant {
    if open {
        Variant::BusinessHours
    } else {
        Variant::AfterHours
    }
}
