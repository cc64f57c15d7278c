//! A phone network inside the process: phones that call and text, a gateway with delivery news and carriers that obey
//! STOP, numbers to buy. Used by the demo and whenever no provider is configured; it implements the same ports as the
//! real ones and reaches the center by the same doors.

pub(crate) use gateway::SandboxGateway;
pub(crate) use network::ACCOUNT;
pub(crate) use telephony::SandboxTelephony;

#[cfg(test)]
mod contract;
mod gateway;
mod network;
mod telephony;

pub use network::{Fault, HeardStep, Sandbox, SandboxCall, SandboxText};
