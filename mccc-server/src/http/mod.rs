//! HTTP: webhooks, health, and (in [`api`]) the JSON API with its documentation.

pub mod api;
mod auth;
mod guard;
pub mod health;
mod idempotency;
mod openapi;
mod problem;
mod session;
mod state;
pub mod webhooks;
