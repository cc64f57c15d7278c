//! Being told of changes: opening and ending channels. There is no renewal: a new channel with a new identifier is
//! opened before the old one ends, and then the old one is ended.

use mccc_core::Timestamp;
use mccc_core::port::{Channel, ChannelRequest, ErrorKind, PortError, Retry};
use reqwest::Method;
use serde_json::json;

use super::ADAPTER;
use super::session::Session;
use super::wire::ChannelRow;
use crate::http::{Call, Effect};

/// Characters of a channel's identifier and of its token (Calendar API v3, `events.watch`, read 2026-11).
const LONGEST_ID: usize = 64;
const LONGEST_TOKEN: usize = 256;

impl Session {
    pub(super) async fn watch(&self, calendar: &str, request: &ChannelRequest) -> Result<Channel, PortError> {
        let usable = (1..=LONGEST_ID).contains(&request.id.len())
            && (1..=LONGEST_TOKEN).contains(&request.token.reveal().len())
            && request.address.starts_with("https://");
        if !usable {
            return Err(PortError::new(ADAPTER, "watch", ErrorKind::Rejected, Retry::Never));
        }
        let body = json!({
            "id": request.id, "type": "web_hook", "address": request.address, "token": request.token.reveal(),
            "params": { "ttl": request.lifetime.as_secs().to_string() },
        });
        let url = self.events_url(calendar, "/watch");
        let call = Call::with("watch", Effect::Once, Method::POST, url, &body);
        let row: ChannelRow = self.read(&call).await?;
        let millis = row.expiration.and_then(|text| text.parse::<i64>().ok());
        Ok(Channel {
            id: row.id,
            resource: row.resource_id,
            expires_at: millis.map(|millis| Timestamp::from_micros(millis.saturating_mul(1_000))),
        })
    }

    pub(super) async fn stop(&self, channel: &Channel) -> Result<(), PortError> {
        let body = json!({ "id": channel.id, "resourceId": channel.resource });
        let url = self.url("channels/stop");
        let call = Call::with("stop", Effect::Repeatable, Method::POST, url, &body);
        self.ask(&call, &[404]).await.map(|_| ())
    }
}
