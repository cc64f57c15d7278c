//! What the tests of MCCC share and no release contains.
//!
//! - [`postgres`]: a temporary Postgres server for this test process, and one database per test.
#![cfg(unix)]

pub mod postgres;
