//! Which way a call is answered: the schedule of a business, compiled once, asked at every call.
//!
//! A [`Schedule`] is the document people edit. [`Schedule::compile`] checks it and turns it into a [`Compiled`] table,
//! from which [`decide`] reads the answer for an instant without allocating. [`explain`] walks the rules themselves
//! instead, arrives at the same answer and says for every candidate why it lost or won.
//!
//! Precedence, highest first: block list, spam, emergency window of the caller, date override, weekly block,
//! after-hours default. A rule for some calls only ([`Only`]) goes before the rules of its kind that are for every call. Within a level the higher priority wins, then the rule that was updated last, then the lower
//! identifier. The last level always matches, so every instant has exactly one answer.
//!
//! All times are the business's wall clock. Routing only ever goes from instants to local time, which has neither
//! gaps nor folds; a block simply covers whatever instants show its local times.

mod change;
mod compile;
mod decide;
mod explain;
mod grid;
mod grid_save;
mod method;
mod only;
mod preset;
mod quarters;
mod schedule;
mod sentence;
mod time_of_day;
mod validate;

pub use change::{next_change, simulate};
pub use compile::Compiled;
pub use decide::{CallerFacts, Decision, Fallback, RuleRef, decide};
pub use explain::{Candidate, Trace, Verdict, explain};
pub use grid::{Cell, CellInput, CellOutput, CellProblem, CellRef, Grid, GridError, SLOTS_PER_DAY};
pub use method::{Method, Variant};
pub use only::{CallSource, Only};
pub use preset::{BusinessHoursPreset, after_hours_preset, business_hours_preset, recommended_both};
pub use schedule::{Block, DateOverride, FallbackStep, Hours, Schedule};
pub use time_of_day::{TimeOfDay, TimeOfDayError};
pub use validate::{Problem, ScheduleError};
