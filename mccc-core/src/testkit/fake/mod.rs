//! Providers in memory that do what they are asked and fail when they are told to. They keep the contracts of
//! [`super::contract`], so a test against them is a test against the port.

mod calendar;
mod embedder;
mod gateway;
mod model;
mod notifier;
mod telephony;

pub use calendar::FakeCalendar;
pub use embedder::FakeEmbedder;
pub use gateway::FakeGateway;
pub use model::FakeModel;
pub use notifier::FakeNotifier;
pub use telephony::FakeTelephony;
