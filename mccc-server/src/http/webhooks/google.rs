//! Google's news of changed calendars. They carry no data and no signature: what proves them is the token of their
//! channel, which follows from the channel's name and cannot be guessed. They mean "look again" and nothing else.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use mccc_calendar::google::push::{News, OpenChannel, PushRejection, channel_of, check};
use mccc_core::center::business_of_channel;

use super::twilio::Hooks;
use crate::metrics;

const ROUTE: &str = "google_calendar";

/// Something changed in a calendar, if the request can prove it.
pub(super) async fn calendar(State(hooks): State<Hooks>, headers: HeaderMap) -> StatusCode {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(id) = channel_of(header) else {
        return refused("no_channel", StatusCode::BAD_REQUEST);
    };
    let known = business_of_channel(id).zip(hooks.providers.calendars().push(id));
    let Some((business, (_, token))) = known else {
        // Anything but success is sent again.
        return refused("unknown_channel", StatusCode::OK);
    };
    let channel = OpenChannel {
        id: id.to_owned(),
        token,
        resource: None,
    };
    match check(&channel, header) {
        Ok(News::Opened) => StatusCode::OK,
        Ok(News::Changed) => match hooks.center.calendar_news(business).await {
            Ok(()) => StatusCode::OK,
            Err(error) => {
                tracing::warn!(%error, "news of a calendar could not be taken");
                StatusCode::SERVICE_UNAVAILABLE
            }
        },
        Err(PushRejection::NoChannel | PushRejection::UnknownChannel | PushRejection::WrongToken) => {
            refused("wrong_token", StatusCode::FORBIDDEN)
        }
    }
}

fn refused(reason: &'static str, status: StatusCode) -> StatusCode {
    metrics::rejected(ROUTE, reason);
    tracing::warn!(route = ROUTE, reason, "a webhook was refused");
    status
}
