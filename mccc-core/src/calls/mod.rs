//! Missed calls: the row, its life from the provider's events, and what a caller hears.

mod call;
mod intake;
mod lifecycle;
mod outcome;
pub(crate) use outcome::named;
mod priority;
mod reply;
mod spam;
mod totals;

pub use call::{Call, CallState, Recording, TextSummary};
pub use intake::{Intake, IntakeInput, intake, what_if};
pub use lifecycle::{CallEvent, EMERGENCY_TAG, FORGED_CALLER_TAG, Step, step};
pub use outcome::{DashboardOutcome, Outcome};
pub use priority::Priority;
pub use reply::{Spoken, VoiceReply};
pub use spam::{SpamEvidence, SpamFilter, SpamJudgement, SpamSignal, SpamWeights, SuspectAnswer};
pub use totals::{TotalsDelta, totals_delta};
