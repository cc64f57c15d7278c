//! The reference server of MCCC: an HTTP application that others can mount, workers, providers and the sandbox.

pub mod app;
pub mod calendars;
pub mod cli;
pub mod commands;
pub mod config;
pub mod failure;
pub mod guides;
pub mod http;
pub mod metrics;
pub mod notifying;
pub mod providers;
pub mod runtime;
pub mod sandbox;
pub mod telemetry;
#[cfg(feature = "ui")]
pub mod ui;

pub use app::{App, Facts};
