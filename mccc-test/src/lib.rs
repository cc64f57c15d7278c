//! What the tests of MCCC share and no release contains.
//!
//! - [`calcom`]: Cal.com's interface as far as MCCC uses it, with a memory and with faults.
//! - [`chat`]: a server of chat completions that says what it is told.
//! - [`embeddings`]: a server of embeddings that gives texts the vectors it is told.
//! - [`google`]: the same of Google Calendar, its permissions included.
//! - [`postgres`]: a temporary Postgres server for this test process, and one database per test.
//! - [`process`]: the real program in a process of its own, to be asked, stopped and killed.
//! - [`scripted`]: an HTTP server that plays a vendor on a bad day.
//! - [`simulation`]: which seeds of the simulation a test of a store runs.
//! - [`twilio`]: Twilio's REST interface as far as MCCC uses it, with a memory and with faults.
//! - [`twilio_sign`]: Twilio's request signature, made independently of the code that checks it.
#![cfg(unix)]

pub mod calcom;
pub mod chat;
pub mod embeddings;
pub mod google;
pub mod postgres;
pub mod process;
pub mod scripted;
pub mod simulation;
pub mod twilio;
pub mod twilio_sign;
