//! mccc-server
#[cfg(feature = "ui")]
pub mod ui;
