//! Who may be texted, when, and the proof of it.
//!
//! [`gate`] is the only way to a [`SendPermit`], and a gateway accepts nothing else. What the gate needs to know comes
//! from the rest: [`consent`] understands what a caller wants, [`number`] and [`area_code`] know which numbers can be
//! texted and where they are, [`quiet`] knows when, [`window`] and [`loop_guard`] keep us from repeating ourselves, and
//! [`ledger`] keeps proof of every opt-out that cannot be changed unnoticed.

pub mod area_code;
pub mod consent;
pub mod gate;
pub mod ledger;
pub mod loop_guard;
pub mod number;
pub mod quiet;
pub mod window;

pub use gate::{SendPermit, Verdict};
