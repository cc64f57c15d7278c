//! Finding an appointment's booking: by its identifier, else by what it carries, and on to where it was moved.

use std::time::Duration;

use mccc_core::port::{EventKey, PortError};
use serde::de::DeserializeOwned;

use super::error::{refused, unreadable};
use super::wire::{BookingRow, Envelope, Standing};
use super::{ADAPTER, CalcomConfig};
use crate::http::{Answer, Call, Effect, Transport, encode};
use crate::text::segment;

const VERSION: &str = "cal-api-version";
pub(super) const SLOTS: &str = "2024-09-04";
pub(super) const BOOKINGS: &str = "2024-08-13";
pub(super) const EVENT_TYPES: &str = "2024-06-14";

/// Bookings of one page.
const PAGE: usize = 100;
/// A list that has more pages than this does not end.
const MOST_PAGES: usize = 50;
/// How often a booking is followed to where it was moved.
const MOST_MOVES: usize = 50;
/// Whether the bounds of a list belong to it is not documented.
const AROUND: Duration = Duration::from_secs(60);
/// No booking takes longer. How long one takes is the event type's to say, and may have been changed since.
const LONGEST: Duration = Duration::from_secs(24 * 3_600);

/// An account's way to Cal.com.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) config: CalcomConfig,
    pub(super) transport: Transport,
}

/// What became of a booking.
pub(super) enum Found {
    Absent,
    Off,
    Stands(BookingRow),
}

impl Account {
    pub(super) fn url(&self, rest: &str) -> String {
        format!("{}/v2/{rest}", self.config.api_base_url)
    }

    /// Sends, signed in. Statuses that the caller wants to see are no errors.
    pub(super) async fn ask(&self, call: Call, version: &str, wanted: &[u16]) -> Result<Answer, PortError> {
        let call = call.header(VERSION, version);
        let answer = self
            .transport
            .exchange(ADAPTER, &call, Some(&self.config.api_key))
            .await?;
        if answer.is_success() || wanted.contains(&answer.status) {
            Ok(answer)
        } else {
            Err(refused(call.operation, call.effect, &answer))
        }
    }

    pub(super) async fn read<T: DeserializeOwned>(&self, call: Call, version: &str) -> Result<Envelope<T>, PortError> {
        let (operation, effect) = (call.operation, call.effect);
        let answer = self.ask(call, version, &[]).await?;
        opened(&answer, operation, effect)
    }

    /// The appointment's booking as it is now.
    pub(super) async fn find(&self, operation: &'static str, key: &EventKey) -> Result<Found, PortError> {
        let first = match &key.provider_event {
            Some(uid) => self.booking(operation, uid).await?,
            None => self.search(operation, key).await?,
        };
        let Some(mut booking) = first else {
            return Ok(Found::Absent);
        };
        for _ in 0..MOST_MOVES {
            if booking.standing() != Standing::Off {
                return Ok(Found::Stands(booking));
            }
            let Some(next) = booking.moved_to() else {
                return Ok(Found::Off);
            };
            let next = next.to_owned();
            booking = match self.booking(operation, &next).await? {
                Some(booking) => booking,
                None => return Ok(Found::Off),
            };
        }
        Err(unreadable(operation, Effect::Repeatable))
    }

    async fn booking(&self, operation: &'static str, uid: &str) -> Result<Option<BookingRow>, PortError> {
        let call = Call::get(operation, self.url(&format!("bookings/{}", segment(uid))));
        let answer = self.ask(call, BOOKINGS, &[404]).await?;
        if answer.status == 404 {
            return Ok(None);
        }
        opened(&answer, operation, Effect::Repeatable).map(|envelope| Some(envelope.data))
    }

    /// The booking that carries the appointment, around the time where we put it. One that stands goes before one that
    /// does not.
    async fn search(&self, operation: &'static str, key: &EventKey) -> Result<Option<BookingRow>, PortError> {
        let event_type = self.config.event_type.to_string();
        let after = key.range.start.minus(AROUND).to_string();
        let before = key.range.start.plus(LONGEST + AROUND).to_string();
        let take = PAGE.to_string();
        let mut found: Option<BookingRow> = None;
        let mut passed = 0;
        for _ in 0..MOST_PAGES {
            let skip = passed.to_string();
            let query = encode(&[
                ("eventTypeId", &event_type),
                ("afterStart", &after),
                ("beforeEnd", &before),
                ("take", &take),
                ("skip", &skip),
            ]);
            let call = Call::get(operation, self.url(&format!("bookings?{query}")));
            let answer: Envelope<Vec<BookingRow>> = self.read(call, BOOKINGS).await?;
            let shown = answer.data.len();
            for booking in answer.data.into_iter().filter(|booking| booking.is_of(key)) {
                if found.as_ref().is_none_or(|other| other.standing() == Standing::Off) {
                    found = Some(booking);
                }
            }
            passed += shown;
            let more = answer
                .pagination
                .map_or(shown >= PAGE, |pagination| pagination.has_next_page);
            if !more {
                return Ok(found);
            }
            if shown == 0 {
                break;
            }
        }
        Err(unreadable(operation, Effect::Repeatable))
    }
}

/// The content of an answer of success.
pub(super) fn opened<T: DeserializeOwned>(
    answer: &Answer,
    operation: &'static str,
    effect: Effect,
) -> Result<Envelope<T>, PortError> {
    let envelope: Envelope<T> = answer.json(ADAPTER, operation, effect)?;
    if envelope.status == "success" {
        Ok(envelope)
    } else {
        Err(unreadable(operation, effect))
    }
}
