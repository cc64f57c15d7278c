//! The feed of a business as server-sent events.
//!
//! Every event carries its position as its id. A browser that lost the connection names the last one it saw and goes on
//! from there: nothing is missed and nothing comes twice.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{self, Stream};
use mccc_core::notify::ChannelKind;
use mccc_core::port::store::{FeedEntry, FeedKind, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::Query;
use super::names::ChannelName;
use crate::http::auth::{Member, is_still_member};
use crate::http::problem::Problem;
use crate::http::state::Api;

/// How often the feed is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Looks between two checks that the listener still belongs to the business.
const LOOKS_PER_CHECK: u32 = 30;
/// Events read at once.
const BATCH: u32 = 200;
/// A comment is sent after so much silence, so that proxies keep the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Where to begin.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct EventsQuery {
    /// Begin after this position; at the present end when it is left out. The `Last-Event-ID` header goes first.
    after: Option<u64>,
}

/// The data of one event.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FeedData {
    /// Its position: ascending, with gaps.
    seq: u64,
    /// What happened, such as `call_received`.
    kind: &'static str,
    /// The call it is about.
    call_id: Option<String>,
    /// The thread it is about.
    conversation_id: Option<String>,
    /// The message it is about.
    message_id: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// The channel that took a notice to the owner, or did not.
    #[schema(value_type = Option<ChannelName>)]
    channel: Option<&'static str>,
    /// Why a notice did not get through, in words.
    reason: Option<String>,
}

impl From<&FeedEntry> for FeedData {
    fn from(entry: &FeedEntry) -> Self {
        let (channel, reason) = notice(entry);
        Self {
            seq: entry.seq,
            kind: entry.event.kind.name(),
            call_id: entry.event.call.map(|id| id.to_string()),
            conversation_id: entry.event.conversation.map(|id| id.to_string()),
            message_id: entry.event.message.map(|id| id.to_string()),
            at: entry.event.at.to_string(),
            channel,
            reason,
        }
    }
}

/// By which channel a notice went or did not, and why not. Of all other entries the stream says no more than their kind.
fn notice(entry: &FeedEntry) -> (Option<&'static str>, Option<String>) {
    let event = &entry.event;
    if event.kind != FeedKind::NotificationSent && event.kind != FeedKind::NotificationFailed {
        return (None, None);
    }
    let text = |field: &str| event.data.get(field).and_then(|value| value.as_str());
    let channel = text("channel").and_then(ChannelKind::from_name);
    (channel.map(ChannelKind::name), text("reason").map(str::to_owned))
}

/// What happens at a business, as it happens.
///
/// A stream of server-sent events named `feed`, whose `id` is the position and whose data is a `FeedData` object. Send
/// the last id as `Last-Event-ID` to go on where a stream ended; browsers do so by themselves.
#[utoipa::path(
    get, path = "/businesses/{business}/events", tag = "events",
    params(
        ("business" = String, Path, description = "The business."), EventsQuery,
        ("Last-Event-ID" = Option<u64>, Header, description = "Go on after this position."),
    ),
    responses((status = 200, body = FeedData, content_type = "text/event-stream", description = "The stream."))
)]
pub(super) async fn stream(
    State(api): State<Api>,
    member: Member,
    headers: HeaderMap,
    Query(query): Query<EventsQuery>,
) -> Result<Response, Problem> {
    let seen = last_seen(&headers)?.or(query.after);
    // A position that the feed has not reached, as after the database was put back to an earlier day, would keep the
    // listener waiting until it is reached.
    let after = match (seen, head(&api, &member).await) {
        (seen, Ok(head)) => seen.map_or(head, |seen| seen.min(head)),
        (Some(seen), Err(_)) => seen,
        (None, Err(error)) => return Err(error.into()),
    };
    let listener = Listener {
        api,
        member,
        after,
        ready: VecDeque::new(),
        looks: 0,
        begun: false,
    };
    let stream = Sse::new(events(listener)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    let mut response = stream.into_response();
    // Proxies that gather answers before they pass them on would hold events back.
    response
        .headers_mut()
        .insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

fn last_seen(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get("last-event-id").filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let position = value.to_str().ok().and_then(|text| text.trim().parse().ok());
    position.map(Some).ok_or_else(|| {
        Problem::field(
            "Last-Event-ID",
            "Send the id of the last event as it came: a whole number.",
        )
    })
}

async fn head(api: &Api, member: &Member) -> Result<u64, StoreError> {
    let heads = api.app.center.ports().store.feed_heads(&[member.business]).await?;
    Ok(heads.first().map_or(0, |(_, position)| *position))
}

struct Listener {
    api: Api,
    member: Member,
    /// The last position that was sent.
    after: u64,
    ready: VecDeque<FeedEntry>,
    looks: u32,
    begun: bool,
}

fn events(listener: Listener) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    stream::unfold(listener, |mut listener| async move {
        if !listener.begun {
            listener.begun = true;
            // An id without data: a stream that breaks before the first event still resumes from here.
            let event = Event::default().id(listener.after.to_string()).retry(LOOK_EVERY);
            return Some((Ok(event), listener));
        }
        let entry = listener.next().await?;
        listener.after = entry.seq;
        let event = Event::default()
            .id(entry.seq.to_string())
            .event("feed")
            .json_data(FeedData::from(&entry))
            .unwrap_or_default();
        Some((Ok(event), listener))
    })
}

impl Listener {
    /// The next entry; nothing when the process stops or the listener no longer belongs here.
    async fn next(&mut self) -> Option<FeedEntry> {
        loop {
            if let Some(entry) = self.ready.pop_front() {
                return Some(entry);
            }
            if self.api.app.stop.is_cancelled() {
                return None;
            }
            self.looks = self.looks.wrapping_add(1);
            if self.looks.is_multiple_of(LOOKS_PER_CHECK) && !is_still_member(&self.api, &self.member).await {
                return None;
            }
            let ports = self.api.app.center.ports();
            match ports.store.feed(self.member.business, self.after, BATCH).await {
                Ok(entries) if !entries.is_empty() => {
                    self.ready.extend(entries);
                    continue;
                }
                Ok(_) => {}
                // The database is away; what happens meanwhile is read when it is back.
                Err(error) => tracing::debug!(%error, "the feed cannot be read"),
            }
            tokio::select! {
                () = ports.timer.sleep(LOOK_EVERY) => {}
                () = self.api.app.stop.cancelled() => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use mccc_core::Timestamp;
    use mccc_core::port::store::FeedEvent;
    use serde_json::json;

    use super::*;

    fn entry(kind: FeedKind) -> FeedEntry {
        let data = json!({ "channel": "slack", "reason": "Slack does not know this address.", "line": "private" });
        FeedEntry {
            seq: 7,
            event: FeedEvent {
                kind,
                at: Timestamp::parse("2026-03-04T14:00:00Z").unwrap(),
                call: None,
                conversation: None,
                message: None,
                data,
            },
        }
    }

    #[test]
    fn the_last_position_is_a_number_or_is_not_there() {
        let with = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("last-event-id", HeaderValue::from_static(value));
            last_seen(&headers).map_err(|problem| problem.code().name())
        };
        assert_eq!(last_seen(&HeaderMap::new()), Ok(None));
        assert_eq!(with(""), Ok(None));
        assert_eq!(with(" 42 "), Ok(Some(42)));
        assert_eq!(with("-1"), Err("invalid"));
        assert_eq!(with("the last one"), Err("invalid"));
    }

    #[test]
    fn the_stream_says_which_channel_a_notice_went_by_and_why_it_did_not() {
        let failed = serde_json::to_value(FeedData::from(&entry(FeedKind::NotificationFailed))).unwrap();
        assert_eq!(failed["channel"], "slack");
        assert_eq!(failed["reason"], "Slack does not know this address.");
        assert!(!failed.to_string().contains("private"), "{failed}");
    }

    #[test]
    fn the_stream_says_no_more_than_the_kind_of_anything_else() {
        for kind in [FeedKind::NotificationHeld, FeedKind::CallReceived] {
            let other = serde_json::to_value(FeedData::from(&entry(kind))).unwrap();
            assert!(other["channel"].is_null() && other["reason"].is_null(), "{other}");
        }
    }
}
