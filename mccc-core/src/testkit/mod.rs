//! What tests of hosts and adapters need: a deterministic simulation of the whole center.

pub mod sim;
