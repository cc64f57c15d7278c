//! The API as programs and browsers see it.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod appointments;
mod calendar;
mod calendar_creation;
mod calls;
mod doors;
mod live;
mod notifications;
mod other_calendars;
mod repeating;
mod schedule;
mod wordings;
mod world;
