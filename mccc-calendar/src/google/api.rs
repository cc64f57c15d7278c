//! Addresses of the interface.

use serde::de::DeserializeOwned;

use mccc_core::port::PortError;

use super::ADAPTER;
use super::session::Session;
use crate::http::{Call, encode};
use crate::text::segment;

impl Session {
    pub(super) fn url(&self, rest: &str) -> String {
        format!("{}/calendar/v3/{rest}", self.config.api_base_url)
    }

    /// The address of a calendar's events, with whatever follows.
    pub(super) fn events_url(&self, calendar: &str, rest: &str) -> String {
        self.url(&format!("calendars/{}/events{rest}", segment(calendar)))
    }

    /// The address of one event.
    pub(super) fn event_url(&self, calendar: &str, event: &str, query: &str) -> String {
        self.events_url(calendar, &format!("/{}{query}", segment(event)))
    }

    /// Asks and reads the answer.
    pub(super) async fn read<T: DeserializeOwned>(&self, call: &Call) -> Result<T, PortError> {
        self.ask(call, &[]).await?.json(ADAPTER, call.operation, call.effect)
    }
}

/// A query with a question mark.
pub(super) fn query(fields: &[(&str, &str)]) -> String {
    format!("?{}", encode(fields))
}
