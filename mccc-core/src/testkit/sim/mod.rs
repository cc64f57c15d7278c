//! A deterministic simulation of a whole installation: several nodes on one store, callers, a gateway that lies, lost
//! commit answers, crashes, clock jumps. One seed, one run: the same seed gives the same trace hash.
//!
//! Everything runs in one thread under a small executor that picks the next task by the seed. Each call of the store is
//! an interleaving point, so that other tasks run between a load and the commit that follows it.
//!
//! The store is the one in memory, or one that really waits for a file or a server ([`Stores::in_turn`]).
//!
//! A run checks the promises while it goes and once more when everything has settled. [`Sabotage`] plants one bug at a
//! time, to show that the checks would find it.

mod bridge;
mod campaign;
mod executor;
mod gateway;
mod invariants;
mod model;
mod sabotage;
mod store;
mod stores;
mod tally;
mod world;

pub use campaign::{Sum, campaign, first_to_find};
pub use sabotage::Sabotage;
pub use stores::{LEDGER_KEY, Stores, run_in_memory};
pub use tally::Happening;
pub use world::{Options, Report, run};
