//! Missed calls: the row, its life from the provider's events, and what a caller hears.

mod call;
mod intake;
mod lifecycle;
mod outcome;
pub(crate) use outcome::named;
mod reply;
mod totals;

pub use call::{Call, CallState, Recording, TextSummary};
pub use intake::{Intake, IntakeInput, intake, what_if};
pub use lifecycle::{CallEvent, FORGED_CALLER_TAG, Step, step};
pub use outcome::{DashboardOutcome, Outcome};
pub use reply::{Spoken, VoiceReply};
pub use totals::{TotalsDelta, totals_delta};
