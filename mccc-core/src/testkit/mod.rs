//! What tests of hosts and adapters need: time that is moved by hand, randomness from a seed, rows to start from,
//! generators, providers in memory that fail when told to, the suites that every implementation of a port has to pass, and a deterministic simulation of the whole
//! center.
//!
//! An implementation runs a suite with a harness and one line; see [`contract`].

pub mod build;
mod clock;
pub mod contract;
mod entropy;
pub mod fake;
pub mod sim;
pub mod strategy;

pub use clock::ManualClock;
pub use entropy::SeededEntropy;
