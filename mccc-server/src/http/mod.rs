//! HTTP: webhooks, health, and (in [`api`]) the JSON API with its documentation.

pub mod api;
mod auth;
mod google;
mod guard;
pub mod health;
mod ics;
mod idempotency;
pub(crate) mod listening;
mod openapi;
mod problem;
mod session;
mod state;
pub mod webhooks;
