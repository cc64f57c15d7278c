//! What changed since a look.

use mccc_core::Timestamp;
use mccc_core::port::{ChangePage, EventChange, PortError, SyncToken};

use super::ADAPTER;
use super::api::query;
use super::error::unreadable;
use super::reading::rfc3339;
use super::session::Session;
use super::wire::{EventPage, FIELDS};
use crate::http::{Call, Effect};

/// A list that has more pages than this does not end.
const MOST_PAGES: usize = 500;

impl Session {
    pub(super) async fn since(
        &self,
        calendar: &str,
        token: Option<&SyncToken>,
        from: Timestamp,
    ) -> Result<ChangePage, PortError> {
        let from = rfc3339(from);
        let mut events = Vec::new();
        let mut page: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut fields = vec![("singleEvents", "true"), ("maxResults", "2500"), ("fields", FIELDS)];
            // A lower bound in time and a token exclude each other.
            match token {
                Some(token) => fields.push(("syncToken", &token.0)),
                None => fields.push(("timeMin", &from)),
            }
            fields.extend(page.as_deref().map(|token| ("pageToken", token)));
            let url = self.events_url(calendar, &query(&fields));
            let answer = self.ask(&Call::get("since", url), &[410]).await?;
            if answer.status == 410 {
                return Ok(ChangePage::StartOver);
            }
            let answer: EventPage = answer.json(ADAPTER, "since", Effect::Repeatable)?;
            for event in answer.items {
                let when = if event.is_cancelled() {
                    None
                } else {
                    Some(event.when().ok_or_else(|| unreadable("since", Effect::Repeatable))?)
                };
                events.push(EventChange {
                    appointment: event.appointment(),
                    when,
                    provider_event: event.id,
                    etag: event.etag,
                });
            }
            match (answer.next, answer.sync) {
                (None, Some(next)) => {
                    return Ok(ChangePage::Changes {
                        events,
                        next: SyncToken(next),
                    });
                }
                (None, None) => break,
                (next, _) => page = next,
            }
        }
        Err(unreadable("since", Effect::Repeatable))
    }
}
