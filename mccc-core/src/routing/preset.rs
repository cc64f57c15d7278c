//! Ready-made changes to a week. They change values only; saving is somebody else's decision.

use super::quarters::midnight;
use super::schedule::{Hours, Schedule, WORK_DAYS, blocks};
use super::{Grid, Method, SLOTS_PER_DAY, TimeOfDay};
use crate::zone::Weekday;

/// What the business-hours preset asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessHoursPreset {
    /// First minute.
    pub start: TimeOfDay,
    /// The minute after the last.
    pub end: TimeOfDay,
    /// The days it holds for.
    pub days: Vec<Weekday>,
    /// What answers then.
    pub method: Method,
}

impl Default for BusinessHoursPreset {
    /// Monday to Friday, 8:00 to 18:00, by the voice agent.
    fn default() -> Self {
        Self {
            start: TimeOfDay::hour(8),
            end: TimeOfDay::hour(18),
            days: WORK_DAYS.to_vec(),
            method: Method::AiVoice,
        }
    }
}

/// Paints the half-hours that lie wholly within the preset's hours and leaves all others alone.
#[must_use]
pub fn business_hours_preset(grid: &Grid, preset: &BusinessHoursPreset) -> Grid {
    let hours: Vec<Hours> = preset
        .days
        .iter()
        .map(|day| Hours {
            day: *day,
            start: preset.start,
            end: preset.end,
        })
        .collect();
    paint(grid, &hours, preset.method, true)
}

/// Paints the half-hours that lie wholly outside `business_hours` and leaves all others alone.
#[must_use]
pub fn after_hours_preset(grid: &Grid, business_hours: &[Hours], method: Method) -> Grid {
    paint(grid, business_hours, method, false)
}

/// "Recommended: Both": voice agent and text on work days from 8:00 to 18:00 and on Saturday from 8:00 to 14:00, a
/// text on work days from 18:00 to 21:00, else voicemail. Overrides and business hours stay.
#[must_use]
pub fn recommended_both(schedule: &Schedule) -> Schedule {
    let mut weekly = blocks(&WORK_DAYS, 8, 18, Method::Both);
    weekly.extend(blocks(&WORK_DAYS, 18, 21, Method::AutoTextOnly));
    weekly.extend(blocks(&[Weekday::Saturday], 8, 14, Method::Both));
    Schedule {
        after_hours_default: Method::Voicemail,
        inactive_days: Vec::new(),
        weekly,
        ..schedule.clone()
    }
}

fn paint(grid: &Grid, hours: &[Hours], method: Method, inside: bool) -> Grid {
    let open = Schedule {
        business_hours: hours.to_vec(),
        ..Schedule::always(method)
    }
    .split_at_midnight()
    .weekly_open();
    let mut painted = grid.clone();
    for day in Weekday::ALL {
        for slot in 0..SLOTS_PER_DAY {
            let quarter = midnight(day).saturating_add(slot.saturating_mul(2));
            let quarters = open.get(quarter..quarter.saturating_add(2)).unwrap_or_default();
            if quarters.iter().all(|open| *open == inside) {
                painted.paint(day, slot, method);
            }
        }
    }
    painted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_presets_together_make_the_default_week() {
        let grid = Grid::filled(Method::Off);
        let grid = business_hours_preset(&grid, &BusinessHoursPreset::default());
        assert_eq!(
            grid.iter()
                .filter(|(_, _, cell)| cell.quarters()[0] == Method::AiVoice)
                .count(),
            100
        );
        let hours = [Hours {
            day: Weekday::Monday,
            start: TimeOfDay::hour(8),
            end: TimeOfDay::hour(18),
        }];
        let hours = WORK_DAYS.map(|day| Hours { day, ..hours[0] });
        assert_eq!(
            after_hours_preset(&grid, &hours, Method::Voicemail),
            Schedule::default().to_grid()
        );
    }

    #[test]
    fn a_preset_touches_no_half_hour_that_it_only_cuts() {
        let hours = [Hours {
            day: Weekday::Monday,
            start: "08:15".parse().unwrap(),
            end: "09:00".parse().unwrap(),
        }];
        let grid = after_hours_preset(&Grid::filled(Method::Off), &hours, Method::Both);
        let methods: Vec<Method> = (15..19)
            .map(|slot| grid.get(Weekday::Monday, slot).unwrap().quarters()[0])
            .collect();
        assert_eq!(methods, [Method::Both, Method::Off, Method::Off, Method::Both]);
    }

    #[test]
    fn the_recommended_week_texts_in_the_evening() {
        let week = recommended_both(&Schedule::default());
        assert!(week.validate().is_ok());
        assert_eq!(
            week.sentence(),
            "Monday to Friday 8:00 AM - 6:00 PM: Both, 6:00 PM - 9:00 PM: Auto-Text; Saturday 8:00 AM - 2:00 PM: Both; \
             otherwise Voicemail."
        );
    }
}
