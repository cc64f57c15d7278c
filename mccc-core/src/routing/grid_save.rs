//! Saving a grid: the fewest blocks that say the same.

use std::collections::HashSet;

use super::quarters::{PER_DAY, midnight};
use super::schedule::{Block, Identified, Schedule, fresh_id};
use super::{Grid, Method, TimeOfDay};
use crate::zone::Weekday;
use crate::{RuleId, Timestamp};

impl Schedule {
    /// The schedule whose week is `grid`, changed at `at`. Everything that a grid does not show stays: overrides,
    /// business hours, paused blocks, blocks for some calls only, and the blocks of a day that is switched off and was not painted. A block that
    /// says the same as before keeps its identifier and its time of change.
    #[must_use]
    pub fn apply_grid(&self, grid: &Grid, at: Timestamp) -> Self {
        let mut saved = self.split_at_midnight();
        let wanted = grid.quarters();
        let mut taken: HashSet<RuleId> = saved.weekly.iter().map(|block| block.id).collect();
        taken.extend(saved.overrides.iter().map(|rule| rule.id));
        for day in Weekday::ALL {
            let from = midnight(day);
            let quarters = wanted.get(from..from.saturating_add(PER_DAY)).unwrap_or_default();
            let runs = runs(quarters, saved.after_hours_default);
            let switched_off = saved.inactive_days.contains(&day);
            if switched_off && runs.is_empty() {
                continue;
            }
            saved.inactive_days.retain(|inactive| *inactive != day);
            let (old, rest): (Vec<Block>, Vec<Block>) = std::mem::take(&mut saved.weekly)
                .into_iter()
                .partition(|block| block.day == day && block.active && block.only.is_any());
            saved.weekly = rest;
            for (start, end, method) in runs {
                let same = old
                    .iter()
                    .find(|block| (block.start, block.end, block.method) == (start, end, method));
                saved.weekly.push(match same {
                    // On a day that was switched off the block did not say anything before.
                    Some(block) if !switched_off => block.clone(),
                    Some(_) | None => {
                        let mut block = Block::new(day, start, end, method);
                        block.id = fresh_id(at, &block.key(), &mut taken);
                        block.updated_at = Some(at);
                        block
                    }
                });
            }
        }
        saved.weekly.sort_by_key(|block| (block.day, block.start));
        saved
    }
}

/// The longest stretches of one method on one day, without those of the default.
pub(super) fn runs(quarters: &[Method], default: Method) -> Vec<(TimeOfDay, TimeOfDay, Method)> {
    let mut runs = Vec::new();
    let mut from = 0_usize;
    for stretch in quarters.chunk_by(|a, b| a == b) {
        let until = from.saturating_add(stretch.len());
        if let Some(method) = stretch.first().filter(|method| **method != default) {
            runs.push((TimeOfDay::of_quarter(from), TimeOfDay::of_quarter(until), *method));
        }
        from = until;
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::super::Cell;
    use super::*;

    const AT: Timestamp = Timestamp::from_seconds(1_790_000_000);

    #[test]
    fn saving_an_untouched_grid_changes_no_rule() {
        let schedule = Schedule::wizard();
        let mut saved = schedule.apply_grid(&schedule.to_grid(), AT);
        saved.weekly.sort_by_key(|block| block.id);
        let mut before = schedule;
        before.weekly.sort_by_key(|block| block.id);
        assert_eq!(saved, before);
    }

    #[test]
    fn a_painted_hour_makes_the_fewest_blocks() {
        let schedule = Schedule::default();
        let mut grid = schedule.to_grid();
        grid.paint(Weekday::Monday, 24, Method::Both);
        grid.paint(Weekday::Monday, 25, Method::Both);
        let saved = schedule.apply_grid(&grid, AT);
        let monday: Vec<String> = saved
            .weekly
            .iter()
            .filter(|block| block.day == Weekday::Monday)
            .map(|block| format!("{}-{} {}", block.start, block.end, block.method.name()))
            .collect();
        assert_eq!(
            monday,
            ["08:00-12:00 ai_voice", "12:00-13:00 both", "13:00-18:00 ai_voice"]
        );
        assert_eq!(saved.weekly.len(), 7);
        assert!(
            saved
                .weekly
                .iter()
                .filter(|block| block.day == Weekday::Monday)
                .all(|block| block.updated_at == Some(AT))
        );
        assert!(
            saved
                .weekly
                .iter()
                .filter(|block| block.day != Weekday::Monday)
                .all(|block| block.updated_at.is_none())
        );
        // Painting it back makes one block again.
        grid.paint(Weekday::Monday, 24, Method::AiVoice);
        grid.paint(Weekday::Monday, 25, Method::AiVoice);
        assert_eq!(saved.apply_grid(&grid, AT).weekly.len(), 5);
    }

    #[test]
    fn a_split_cell_survives_until_it_is_painted() {
        let mut schedule = Schedule::always(Method::Voicemail);
        let (start, end) = ("09:15".parse().unwrap(), "10:45".parse().unwrap());
        schedule.weekly = vec![Block::new(Weekday::Saturday, start, end, Method::Both)];
        let mut grid = schedule.to_grid();
        grid.paint(Weekday::Sunday, 0, Method::Off);
        let saved = schedule.apply_grid(&grid, AT);
        assert!(saved.weekly.contains(&schedule.weekly[0]));
        grid.paint(Weekday::Saturday, 18, Method::Voicemail);
        let saved = saved.apply_grid(&grid, AT);
        assert_eq!(
            saved.to_grid().get(Weekday::Saturday, 18),
            Some(Cell::One(Method::Voicemail))
        );
        assert_eq!(
            saved.to_grid().get(Weekday::Saturday, 21),
            Some(Cell::Split([Method::Both, Method::Voicemail]))
        );
    }

    #[test]
    fn what_the_grid_does_not_show_stays() {
        let mut schedule = Schedule::default();
        schedule.weekly[0].active = false;
        schedule.inactive_days = vec![Weekday::Tuesday, Weekday::Wednesday];
        let mut grid = schedule.to_grid();
        grid.paint(Weekday::Wednesday, 0, Method::Off);
        let saved = schedule.apply_grid(&grid, AT);
        assert_eq!(saved.inactive_days, [Weekday::Tuesday]);
        assert!(saved.weekly.contains(&schedule.weekly[0]), "the paused block of Monday");
        assert!(
            saved.weekly.contains(&schedule.weekly[1]),
            "the block of the day that is switched off"
        );
        assert_eq!(saved.to_grid(), grid);
        assert!(saved.validate().is_ok());
    }
}
