//! The core's calendar port.

use std::sync::Arc;

use async_trait::async_trait;
use mccc_core::Timestamp;
use mccc_core::port::{
    Availability, Busy, BusyQuery, CalendarCapabilities, CalendarChanges, CalendarCreation, CalendarInfo,
    CalendarProvider, CalendarPush, CalendarWish, ChangePage, Channel, ChannelRequest, Clock, ErrorKind, EventKey,
    EventLookup, NewEvent, PortError, RemoteEvent, Retry, SyncToken, TimeRange,
};
use tokio::sync::Mutex;

use super::session::Session;
use super::tokens::{TokenKeeper, Tokens};
use super::{ADAPTER, GoogleConfig, GoogleConfigError};
use crate::http::Transport;

/// One connected Google account. Keep one for each connection: it refreshes its tokens under a lock of its own.
#[derive(Debug)]
pub struct GoogleCalendar {
    session: Session,
    /// Google slows down writes that come close together, so they go one after the other.
    writing: Mutex<()>,
}

impl GoogleCalendar {
    /// The calendars of an account. `transport` may be shared by all; `keeper` is told of refreshed tokens.
    ///
    /// # Errors
    /// Names the setting that cannot be used.
    pub fn new(
        config: GoogleConfig,
        transport: Transport,
        clock: Arc<dyn Clock>,
        tokens: Tokens,
        keeper: Arc<dyn TokenKeeper>,
    ) -> Result<Self, GoogleConfigError> {
        Ok(Self {
            session: Session::new(config.checked()?, transport, clock, tokens, keeper),
            writing: Mutex::new(()),
        })
    }
}

#[async_trait]
impl CalendarProvider for GoogleCalendar {
    fn name(&self) -> &'static str {
        ADAPTER
    }

    fn capabilities(&self) -> CalendarCapabilities {
        CalendarCapabilities {
            availability: Availability::Busy,
            conflict_calendars: true,
            etags: true,
            may_be_pending: false,
        }
    }

    async fn calendars(&self) -> Result<Vec<CalendarInfo>, PortError> {
        self.session.calendars().await
    }

    async fn busy(&self, query: &BusyQuery) -> Result<Busy, PortError> {
        // A caller waits for this: tokens, pages and all calendars share the time.
        let read = tokio::time::timeout(self.session.transport.reading(), self.session.busy(query));
        match read.await {
            Ok(busy) => busy,
            Err(_) => Err(PortError::new(ADAPTER, "busy", ErrorKind::Unavailable, Retry::Backoff)),
        }
    }

    async fn create(&self, event: &NewEvent) -> Result<RemoteEvent, PortError> {
        let _turn = self.writing.lock().await;
        self.session.create(event).await
    }

    async fn event(&self, key: &EventKey) -> Result<EventLookup, PortError> {
        self.session.event(key).await
    }

    async fn move_event(&self, key: &EventKey, to: TimeRange, etag: Option<&str>) -> Result<RemoteEvent, PortError> {
        let _turn = self.writing.lock().await;
        self.session.move_event(key, to, etag).await
    }

    async fn cancel(&self, key: &EventKey) -> Result<(), PortError> {
        let _turn = self.writing.lock().await;
        self.session.cancel(key).await
    }

    fn changes(&self) -> Option<&dyn CalendarChanges> {
        Some(self)
    }

    fn push(&self) -> Option<&dyn CalendarPush> {
        Some(self)
    }

    fn creation(&self) -> Option<&dyn CalendarCreation> {
        Some(self)
    }
}

#[async_trait]
impl CalendarCreation for GoogleCalendar {
    async fn create_calendar(&self, wish: &CalendarWish) -> Result<CalendarInfo, PortError> {
        // From the look at the list to the creation, so that two at once find one.
        let _turn = self.writing.lock().await;
        self.session.create_calendar(wish).await
    }
}

#[async_trait]
impl CalendarChanges for GoogleCalendar {
    async fn since(&self, calendar: &str, token: Option<&SyncToken>, from: Timestamp) -> Result<ChangePage, PortError> {
        self.session.since(calendar, token, from).await
    }
}

#[async_trait]
impl CalendarPush for GoogleCalendar {
    async fn watch(&self, calendar: &str, request: &ChannelRequest) -> Result<Channel, PortError> {
        self.session.watch(calendar, request).await
    }

    async fn stop(&self, channel: &Channel) -> Result<(), PortError> {
        self.session.stop(channel).await
    }
}
