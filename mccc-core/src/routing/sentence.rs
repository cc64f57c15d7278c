//! A schedule in plain words.

use super::grid_save::runs;
use super::quarters::{PER_DAY, midnight};
use super::schedule::{Block, Schedule};
use super::{Method, TimeOfDay};
use crate::zone::{LocalDay, Weekday};

type Runs = Vec<(TimeOfDay, TimeOfDay, Method)>;

impl Schedule {
    /// The week in one sentence: `Monday to Friday 8:00 AM - 6:00 PM: AI Voice; otherwise Voicemail.`
    #[must_use]
    pub fn sentence(&self) -> String {
        let methods = self.split_at_midnight().weekly_methods();
        let of_day = |day: Weekday| {
            let from = midnight(day);
            runs(
                methods.get(from..from.saturating_add(PER_DAY)).unwrap_or_default(),
                self.after_hours_default,
            )
        };
        // Days with the same hours are told together, in the order in which the first of them comes.
        let mut groups: Vec<(Runs, Vec<usize>)> = Vec::new();
        for (index, day) in Weekday::MONDAY_FIRST.into_iter().enumerate() {
            let runs = of_day(day);
            if runs.is_empty() {
                continue;
            }
            match groups.iter_mut().find(|(known, _)| *known == runs) {
                Some((_, days)) => days.push(index),
                None => groups.push((runs, vec![index])),
            }
        }
        if groups.is_empty() {
            return format!("Always {}.", self.after_hours_default.label());
        }
        let parts: Vec<String> = groups
            .iter()
            .map(|(runs, days)| format!("{} {}", days_in_words(days), hours_in_words(runs)))
            .collect();
        if of_whole_week(&groups) {
            return format!("{}.", parts.join("; "));
        }
        format!("{}; otherwise {}.", parts.join("; "), self.after_hours_default.label())
    }

    /// The blocks for some calls only, one line each; paused ones are left out.
    #[must_use]
    pub fn special_sentences(&self) -> Vec<String> {
        let words = |block: &Block| block.only.words().filter(|_| self.may_match(block));
        self.display_blocks()
            .iter()
            .filter_map(|block| words(block).map(|words| (block, words)))
            .map(|(block, words)| {
                let (day, hours) = (block.day.name_capitalised(), range_in_words(block.start, block.end));
                format!("{day} {hours}, {words}: {}.", block.method.label())
            })
            .collect()
    }

    /// The overrides from `today` on, one line each in the order of their dates; paused ones are left out.
    #[must_use]
    pub fn override_sentences(&self, today: LocalDay) -> Vec<String> {
        let mut coming: Vec<_> = self
            .overrides
            .iter()
            .filter(|rule| rule.active && rule.date >= today)
            .collect();
        coming.sort_by_key(|rule| (rule.date, rule.start, rule.rank()));
        coming
            .into_iter()
            .map(|rule| {
                let hours = match (rule.start, rule.end) {
                    (Some(start), Some(end)) => range_in_words(start, end),
                    (None, _) | (_, None) => "all day".to_owned(),
                };
                let day = rule.date.weekday().name_capitalised();
                let words = rule.only.words().map(|words| format!(", {words}")).unwrap_or_default();
                format!("{day} {} {hours}{words}: {}.", rule.date, rule.method.label())
            })
            .collect()
    }
}

/// Whether the groups leave no time for the default.
fn of_whole_week(groups: &[(Runs, Vec<usize>)]) -> bool {
    let full = |runs: &Runs| {
        let minutes = runs
            .iter()
            .map(|(start, end, _)| u32::from(end.minutes().saturating_sub(start.minutes())));
        minutes.sum::<u32>() == 1_440
    };
    groups.iter().map(|(_, days)| days.len()).sum::<usize>() == 7 && groups.iter().all(|(runs, _)| full(runs))
}

fn hours_in_words(runs: &Runs) -> String {
    let words: Vec<String> = runs
        .iter()
        .map(|(start, end, method)| format!("{}: {}", range_in_words(*start, *end), method.label()))
        .collect();
    words.join(", ")
}

fn range_in_words(start: TimeOfDay, end: TimeOfDay) -> String {
    if (start, end) == (TimeOfDay::MIDNIGHT, TimeOfDay::END_OF_DAY) {
        return "all day".to_owned();
    }
    format!("{} - {}", start.clock_12h(), end.clock_12h())
}

/// Days by their place in a week that starts on Monday, ascending: `Monday to Friday`, `Saturday and Sunday`.
fn days_in_words(days: &[usize]) -> String {
    let name = |index: &usize| {
        Weekday::MONDAY_FIRST
            .get(*index)
            .map_or("", |day| day.name_capitalised())
    };
    let mut words: Vec<String> = Vec::new();
    for stretch in days.chunk_by(|a, b| a.saturating_add(1) == *b) {
        match stretch {
            [first, .., last] if stretch.len() > 2 => words.push(format!("{} to {}", name(first), name(last))),
            few => words.extend(few.iter().map(|day| name(day).to_owned())),
        }
    }
    match words.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Block, DateOverride};
    use super::*;

    #[test]
    fn the_default_weeks_read_like_speech() {
        assert_eq!(
            Schedule::default().sentence(),
            "Monday to Friday 8:00 AM - 6:00 PM: AI Voice; otherwise Voicemail."
        );
        assert_eq!(
            Schedule::wizard().sentence(),
            "Monday to Friday 8:00 AM - 6:00 PM: AI Voice; Saturday 9:00 AM - 2:00 PM: AI Voice; Sunday all day: Voicemail; \
             otherwise Auto-Text."
        );
        assert_eq!(Schedule::always(Method::Off).sentence(), "Always Off.");
    }

    #[test]
    fn nights_and_scattered_days_are_told_as_they_are() {
        let night = |day| Block::new(day, TimeOfDay::hour(22), TimeOfDay::hour(2), Method::Off);
        let schedule = Schedule {
            weekly: vec![night(Weekday::Monday), night(Weekday::Wednesday)],
            ..Schedule::always(Method::Both)
        };
        assert_eq!(
            schedule.sentence(),
            "Monday and Wednesday 10:00 PM - midnight: Off; Tuesday and Thursday 12:00 AM - 2:00 AM: Off; otherwise Both."
        );
        assert_eq!(
            days_in_words(&[0, 1, 3, 4, 5]),
            "Monday, Tuesday and Thursday to Saturday"
        );
    }

    #[test]
    fn coming_overrides_are_told_in_order() {
        let day = |text: &str| text.parse::<LocalDay>().unwrap();
        let late = DateOverride::whole_day(day("2026-12-25"), Method::Voicemail);
        let eve = DateOverride {
            start: Some(TimeOfDay::hour(12)),
            end: Some(TimeOfDay::END_OF_DAY),
            ..DateOverride::whole_day(day("2026-12-24"), Method::Off)
        };
        let past = DateOverride::whole_day(day("2026-01-01"), Method::Off);
        let schedule = Schedule {
            overrides: vec![late, past, eve],
            ..Schedule::default()
        };
        assert_eq!(
            schedule.override_sentences(day("2026-11-21")),
            [
                "Thursday 2026-12-24 12:00 PM - midnight: Off.",
                "Friday 2026-12-25 all day: Voicemail."
            ]
        );
    }
}
