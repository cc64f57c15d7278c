//! The week as people see it: 7 days of 48 half-hours.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::quarters::midnight;
use super::{Method, Schedule, TimeOfDay};
use crate::zone::Weekday;

/// Half-hours of a day.
pub const SLOTS_PER_DAY: usize = 48;
const CELLS: usize = 7 * SLOTS_PER_DAY;
/// What stands in the place of a method where a cell has two.
const SPLIT: &str = "split";

/// What the weekly rules and the after-hours default say about every half-hour of a week. Overrides are not part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    /// Sunday 0:00 first.
    cells: Vec<Cell>,
}

/// One half-hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// The method of the whole half-hour.
    One(Method),
    /// A rule begins or ends in its middle: the methods of its two quarters, which differ.
    Split([Method; 2]),
}

/// A cell as a page sends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellInput {
    /// The day.
    #[serde(alias = "day_of_week")]
    pub day: Weekday,
    /// Start of the half-hour, such as `08:30`.
    #[serde(default, alias = "start")]
    pub start_time: String,
    /// A method or one of its aliases; `split` leaves a split cell as it is.
    #[serde(default, alias = "method")]
    pub routing_method: Option<String>,
}

/// A cell as a page gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellOutput {
    /// The day.
    pub day: Weekday,
    /// Start of the half-hour.
    pub start_time: TimeOfDay,
    /// The method's name, or `split`.
    pub routing_method: String,
    /// The methods of the two quarters of a split cell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub methods: Option<[Method; 2]>,
}

/// A cell that cannot be saved, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CellRef {
    /// The day.
    pub day: Weekday,
    /// Start of the half-hour; as it was sent when it is none.
    pub start_time: String,
    /// What is wrong with it.
    pub problem: CellProblem,
}

/// What can be wrong with a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CellProblem {
    /// It was not sent.
    Missing,
    /// It was sent without a method.
    Unassigned,
    /// It was sent more than once.
    Repeated,
    /// Its method is none that exists.
    UnknownMethod,
    /// It says `split` and is not split now.
    NotSplit,
    /// Its start is not the start of a half-hour.
    NotASlot,
}

/// Why a grid cannot be saved: every cell that stands against it, in the order of the week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GridError {
    /// The cells.
    pub cells: Vec<CellRef>,
}

impl Grid {
    /// The same method everywhere.
    #[must_use]
    pub fn filled(method: Method) -> Self {
        Self {
            cells: vec![Cell::One(method); CELLS],
        }
    }

    /// The cell of a half-hour; `slot` counts from 0 at midnight to 47.
    #[must_use]
    pub fn get(&self, day: Weekday, slot: usize) -> Option<Cell> {
        self.cells.get(index(day, slot)?).copied()
    }

    /// Gives a half-hour a method. Slots past the day's end change nothing.
    pub fn paint(&mut self, day: Weekday, slot: usize, method: Method) {
        self.set(day, slot, Cell::One(method));
    }

    /// Every cell, Sunday first.
    pub fn iter(&self) -> impl Iterator<Item = (Weekday, usize, Cell)> + '_ {
        self.cells
            .chunks(SLOTS_PER_DAY)
            .zip(Weekday::ALL)
            .flat_map(|(cells, day)| cells.iter().enumerate().map(move |(slot, cell)| (day, slot, *cell)))
    }

    /// The cells as a page gets them, in the same order.
    #[must_use]
    pub fn to_output(&self) -> Vec<CellOutput> {
        let output = |(day, slot, cell): (Weekday, usize, Cell)| CellOutput {
            day,
            start_time: slot_start(slot),
            routing_method: match cell {
                Cell::One(method) => method.name().to_owned(),
                Cell::Split(_) => SPLIT.to_owned(),
            },
            methods: match cell {
                Cell::One(_) => None,
                Cell::Split(methods) => Some(methods),
            },
        };
        self.iter().map(output).collect()
    }

    /// Reads what a page sent. It must name every cell exactly once; `self` is the grid it was made from, whose split
    /// cells stay where the page says `split`.
    ///
    /// # Errors
    /// Every cell that is missing, empty, repeated or not understood.
    pub fn edited(&self, input: &[CellInput]) -> Result<Self, GridError> {
        let mut cells: Vec<Option<Result<Cell, CellProblem>>> = vec![None; CELLS];
        let mut wrong: Vec<(usize, CellRef)> = Vec::new();
        for sent in input {
            let slot = slot_of(&sent.start_time);
            let place = slot.and_then(|slot| index(sent.day, slot));
            let Some((place, cell)) = place.and_then(|place| Some((place, cells.get_mut(place)?))) else {
                let cell = CellRef {
                    day: sent.day,
                    // What cannot be a time is not worth repeating in full.
                    start_time: sent.start_time.chars().take(16).collect(),
                    problem: CellProblem::NotASlot,
                };
                wrong.push((midnight(sent.day) / 2, cell));
                continue;
            };
            let read = if cell.is_some() {
                Err(CellProblem::Repeated)
            } else {
                self.read(place, sent)
            };
            *cell = Some(read);
        }
        let mut read = Vec::with_capacity(CELLS);
        for (place, (cell, (day, slot, _))) in cells.into_iter().zip(self.iter()).enumerate() {
            match cell.unwrap_or(Err(CellProblem::Missing)) {
                Ok(cell) => read.push(cell),
                Err(problem) => {
                    let start_time = slot_start(slot).to_string();
                    wrong.push((
                        place,
                        CellRef {
                            day,
                            start_time,
                            problem,
                        },
                    ));
                }
            }
        }
        if wrong.is_empty() {
            return Ok(Self { cells: read });
        }
        wrong.sort_by_key(|(place, _)| *place);
        Err(GridError {
            cells: wrong.into_iter().map(|(_, cell)| cell).collect(),
        })
    }

    fn read(&self, place: usize, sent: &CellInput) -> Result<Cell, CellProblem> {
        let text = sent.routing_method.as_deref().map_or("", str::trim);
        if text.is_empty() {
            return Err(CellProblem::Unassigned);
        }
        if text == SPLIT {
            return match self.cells.get(place) {
                Some(split @ Cell::Split(_)) => Ok(*split),
                Some(Cell::One(_)) | None => Err(CellProblem::NotSplit),
            };
        }
        Method::parse(text).map(Cell::One).ok_or(CellProblem::UnknownMethod)
    }

    fn set(&mut self, day: Weekday, slot: usize, cell: Cell) {
        if let Some(place) = index(day, slot).and_then(|index| self.cells.get_mut(index)) {
            *place = cell;
        }
    }

    /// The methods of the quarters of the week, Sunday 0:00 first.
    pub(super) fn quarters(&self) -> Vec<Method> {
        self.cells.iter().flat_map(|cell| cell.quarters()).collect()
    }
}

impl Cell {
    /// The methods of the first and the second quarter of an hour.
    #[must_use]
    pub const fn quarters(self) -> [Method; 2] {
        match self {
            Self::One(method) => [method, method],
            Self::Split(methods) => methods,
        }
    }
}

impl Schedule {
    /// The week as a grid.
    #[must_use]
    pub fn to_grid(&self) -> Grid {
        let methods = self.split_at_midnight().weekly_methods();
        let cells = methods.chunks(2).map(|quarters| match quarters {
            [first, second] if first != second => Cell::Split([*first, *second]),
            [method, ..] => Cell::One(*method),
            [] => Cell::One(self.after_hours_default),
        });
        Grid { cells: cells.collect() }
    }
}

impl GridError {
    /// How many cells have that problem.
    #[must_use]
    pub fn count(&self, problem: CellProblem) -> usize {
        self.cells.iter().filter(|cell| cell.problem == problem).count()
    }

    /// How many half-hours of the week have no method.
    #[must_use]
    pub fn unassigned(&self) -> usize {
        self.count(CellProblem::Missing)
            .saturating_add(self.count(CellProblem::Unassigned))
    }
}

impl fmt::Display for GridError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let empty = self.unassigned();
        if empty > 0 {
            let (slots, they) = if empty == 1 {
                ("slot", "It has")
            } else {
                ("slots", "They've")
            };
            write!(
                f,
                "Every time slot must have a routing method. We found {empty} time {slots} with no routing assigned. \
                 {they} been highlighted below — click {} to set a method, or use a preset to fill gaps.",
                if empty == 1 { "it" } else { "them" }
            )?;
        }
        let other = self.cells.len().saturating_sub(empty);
        if other > 0 {
            let gap = if empty > 0 { " " } else { "" };
            let slots = if other == 1 { "slot" } else { "slots" };
            write!(
                f,
                "{gap}{other} time {slots} could not be read: reload the page and try again."
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for GridError {}

fn index(day: Weekday, slot: usize) -> Option<usize> {
    (slot < SLOTS_PER_DAY).then(|| {
        usize::from(day.number())
            .saturating_mul(SLOTS_PER_DAY)
            .saturating_add(slot)
    })
}

/// The half-hour that starts at `text`.
fn slot_of(text: &str) -> Option<usize> {
    let start: TimeOfDay = text.trim().parse().ok()?;
    let slot = usize::from(start.minutes() / 30);
    (start.minutes().is_multiple_of(30) && slot < SLOTS_PER_DAY).then_some(slot)
}

fn slot_start(slot: usize) -> TimeOfDay {
    TimeOfDay::of_quarter(slot.saturating_mul(2))
}

#[cfg(test)]
mod tests {
    use super::super::Block;
    use super::*;

    fn inputs(grid: &Grid) -> Vec<CellInput> {
        let output = serde_json::to_value(grid.to_output()).unwrap();
        serde_json::from_value(output).unwrap()
    }

    #[test]
    fn what_a_page_gets_is_what_it_may_send_back() {
        let mut schedule = Schedule::default();
        schedule.weekly.push(Block::new(
            Weekday::Saturday,
            "09:15".parse().unwrap(),
            "10:00".parse().unwrap(),
            Method::Both,
        ));
        let grid = schedule.to_grid();
        assert_eq!(
            grid.get(Weekday::Saturday, 18),
            Some(Cell::Split([Method::Voicemail, Method::Both]))
        );
        assert_eq!(grid.get(Weekday::Saturday, 19), Some(Cell::One(Method::Both)));
        assert_eq!(grid.get(Weekday::Monday, 16), Some(Cell::One(Method::AiVoice)));
        assert_eq!(grid.get(Weekday::Monday, 48), None);
        let sent = inputs(&grid);
        assert_eq!(sent.len(), 336);
        assert_eq!(grid.edited(&sent), Ok(grid));
    }

    #[test]
    fn an_incomplete_grid_names_its_gaps() {
        let grid = Grid::filled(Method::Voicemail);
        let mut sent = inputs(&grid);
        sent[7].routing_method = None;
        sent[8].routing_method = Some("  ".to_owned());
        sent.remove(335);
        sent.remove(0);
        let error = grid.edited(&sent).unwrap_err();
        let cells: Vec<_> = error
            .cells
            .iter()
            .map(|c| (c.day, c.start_time.as_str(), c.problem))
            .collect();
        assert_eq!(
            cells,
            [
                (Weekday::Sunday, "00:00", CellProblem::Missing),
                (Weekday::Sunday, "03:30", CellProblem::Unassigned),
                (Weekday::Sunday, "04:00", CellProblem::Unassigned),
                (Weekday::Saturday, "23:30", CellProblem::Missing),
            ]
        );
        assert_eq!(
            error.to_string(),
            "Every time slot must have a routing method. We found 4 time slots with no routing assigned. They've been \
             highlighted below — click them to set a method, or use a preset to fill gaps."
        );
    }

    #[test]
    fn cells_that_are_not_understood_are_named_too() {
        let grid = Grid::filled(Method::Voicemail);
        let mut sent = inputs(&grid);
        sent[1].start_time = "00:00".to_owned();
        sent[2].routing_method = Some("fax".to_owned());
        sent[3].routing_method = Some("split".to_owned());
        sent.push(CellInput {
            day: Weekday::Monday,
            start_time: "24:00".to_owned(),
            routing_method: Some("off".to_owned()),
        });
        let error = grid.edited(&sent).unwrap_err();
        for problem in [
            CellProblem::Repeated,
            CellProblem::Missing,
            CellProblem::UnknownMethod,
            CellProblem::NotSplit,
            CellProblem::NotASlot,
        ] {
            assert_eq!(error.count(problem), 1, "{problem:?}");
        }
        assert_eq!(
            error.to_string(),
            "Every time slot must have a routing method. We found 1 time slot with no routing assigned. It has been \
             highlighted below — click it to set a method, or use a preset to fill gaps. 4 time slots could not be read: \
             reload the page and try again."
        );
    }
}
