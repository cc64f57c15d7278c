//! Calendars that are published under an address, as Google, Outlook and Apple do: fetched whole, and only when changed.
//!
//! | module | one idea |
//! | --- | --- |
//! | [`address`](mod@address) | which addresses can be one, without saying them again |
//! | `reach` | which machines may be asked: none that only we could reach |
//! | [`fetch`](mod@fetch) | one bounded exchange, redirects included |
//!
//! The address is the secret: whoever knows it reads the calendar. It is in no error, and `Debug` masks it.

pub mod address;
pub mod fetch;
mod reach;

pub use address::{Address, AddressError};
pub use fetch::{Fetched, Webcal};
pub use reach::Reach;
