//! What the feed says of notices: that one went out, waits for the end of quiet time, or could not be delivered.

use serde_json::json;

use super::{ChannelKind, Matter};
use crate::Timestamp;
use crate::port::PortError;
use crate::port::store::{Change, FeedEvent, FeedKind};

fn entry(kind: FeedKind, matter: &Matter, at: Timestamp, data: serde_json::Value) -> Change {
    Change::Feed(FeedEvent {
        kind,
        at,
        call: matter.call,
        conversation: matter.conversation,
        message: None,
        data,
    })
}

/// A channel has taken it.
#[must_use]
pub fn told(matter: &Matter, channel: ChannelKind, at: Timestamp) -> Change {
    let data = json!({ "notice": matter.kind, "channel": channel, "about": matter.about });
    entry(FeedKind::NotificationSent, matter, at, data)
}

/// A channel did not take it, and is not asked again.
#[must_use]
pub fn untold(matter: &Matter, channel: ChannelKind, error: Option<&PortError>, at: Timestamp) -> Change {
    let data = json!({
        "notice": matter.kind, "channel": channel, "about": matter.about,
        "reason": error.and_then(PortError::reason), "code": error.and_then(PortError::code),
    });
    entry(FeedKind::NotificationFailed, matter, at, data)
}

/// It waits for the end of quiet time. The line is what the summary will say.
#[must_use]
pub fn held(matter: &Matter, line: &str, until: Timestamp, at: Timestamp) -> Change {
    let data = json!({ "notice": matter.kind, "about": matter.about, "line": line, "until": until });
    entry(FeedKind::NotificationHeld, matter, at, data)
}
