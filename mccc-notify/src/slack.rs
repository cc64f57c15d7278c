//! A Slack channel by its incoming webhook.
//!
//! Source: <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>, the limits of blocks at
//! <https://docs.slack.dev/reference/block-kit/blocks>, escaping at
//! <https://docs.slack.dev/messaging/formatting-message-text>, read 2026-11.

use std::fmt;

use async_trait::async_trait;
use mccc_core::Secret;
use mccc_core::notify::Notice;
use mccc_core::port::{ErrorKind, Notifier, NotifierCapabilities, PortError, Retry, Told};
use serde_json::{Value, json};

use crate::http::{Answer, Post, Transport};

const ADAPTER: &str = "slack";
const OPERATION: &str = "notify";
/// Characters of a header block.
const HEADER: usize = 150;
/// Characters of the text of a section.
const SECTION: usize = 3_000;
/// Characters of one field.
const FIELD: usize = 2_000;
/// Fields of a section.
const FIELDS: usize = 10;
/// Buttons in a row; more are not shown on a phone.
const BUTTONS: usize = 5;
/// Characters of a button and of an address.
const BUTTON: usize = 75;
/// Hosts of Slack's webhooks: everybody's, and that of the government's workspaces.
const HOSTS: [&str; 2] = ["https://hooks.slack.com/", "https://hooks.slack-gov.com/"];

/// Where webhooks may lead. The address comes from a person, and this server must not be sent anywhere else with it.
#[derive(Debug, Clone, Default)]
pub struct SlackPlaces {
    also: Option<String>,
}

impl SlackPlaces {
    /// Slack's own hosts, and one more place: a proxy, or a test's own server. Named with its scheme, without a slash at
    /// the end.
    #[must_use]
    pub fn also(place: impl Into<String>) -> Self {
        Self {
            also: Some(place.into()),
        }
    }

    fn admit(&self, url: &str) -> bool {
        let plain = url.bytes().all(|byte| byte.is_ascii_graphic());
        let leads = |place: &str| url.strip_prefix(place).is_some_and(|path| !path.is_empty());
        let also = self.also.as_deref().map(|place| format!("{place}/"));
        plain && url.len() <= 500 && (HOSTS.iter().any(|host| leads(host)) || also.is_some_and(|place| leads(&place)))
    }
}

/// The address is none of Slack's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address that Slack shows begins with https://hooks.slack.com/")]
pub struct SlackUrlError;

/// One channel of one workspace.
#[derive(Clone)]
pub struct SlackChannel {
    url: Secret,
    transport: Transport,
}

impl fmt::Debug for SlackChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlackChannel").finish_non_exhaustive()
    }
}

impl SlackChannel {
    /// The channel of an incoming webhook. Whoever knows the address can write there: it is a secret.
    ///
    /// # Errors
    /// When the address is none of Slack's.
    pub fn new(url: Secret, places: &SlackPlaces, transport: Transport) -> Result<Self, SlackUrlError> {
        if !places.admit(url.reveal()) {
            return Err(SlackUrlError);
        }
        Ok(Self { url, transport })
    }
}

#[async_trait]
impl Notifier for SlackChannel {
    fn name(&self) -> &'static str {
        ADAPTER
    }

    fn capabilities(&self) -> NotifierCapabilities {
        // A webhook knows no key by which a repetition could be told.
        NotifierCapabilities { repeats_are_one: false }
    }

    async fn notify(&self, notice: &Notice) -> Result<Told, PortError> {
        let answer = self
            .transport
            .post(Post {
                adapter: ADAPTER,
                operation: OPERATION,
                in_doubt: Retry::Unknown,
                url: &self.url,
                bearer: None,
                headers: Vec::new(),
                body: payload(notice).to_string(),
            })
            .await?;
        judge(&answer)
    }
}

fn judge(answer: &Answer) -> Result<Told, PortError> {
    let failed = |kind, retry| PortError::new(ADAPTER, OPERATION, kind, retry).with_code(u32::from(answer.status));
    match answer.status {
        200..=299 => Ok(Told::default()),
        429 => {
            let retry = answer.wait.map_or(Retry::Backoff, Retry::After);
            Err(failed(ErrorKind::RateLimited, retry).with_reason("Slack takes no more messages for now."))
        }
        401 | 403 | 404 | 410 => Err(failed(ErrorKind::ReconnectRequired, Retry::Never)
            .with_reason("Slack no longer takes messages at this address. Connect the channel again in Settings.")),
        400..=499 => Err(failed(ErrorKind::Rejected, Retry::Never).with_reason("Slack did not accept the message.")),
        500..=599 => Err(failed(ErrorKind::Unavailable, Retry::Unknown).with_reason("Slack has trouble of its own.")),
        _ => Err(failed(ErrorKind::Protocol, Retry::Never).with_reason("Slack answered something unexpected.")),
    }
}

/// The message in blocks. What a caller or a person wrote is in plain text only, which knows no formatting; the three
/// characters by which Slack marks links and calls are escaped there as everywhere.
fn payload(notice: &Notice) -> Value {
    let mut blocks = vec![json!({ "type": "header", "text": plain(&notice.title, HEADER) })];
    if notice.urgent {
        blocks.push(json!({
            "type": "section", "text": { "type": "mrkdwn", "text": "<!channel> *This cannot wait.*" },
        }));
    }
    let facts: Vec<Value> = notice
        .facts
        .iter()
        .take(FIELDS)
        .map(|fact| plain(&format!("{}: {}", fact.label, fact.value), FIELD))
        .collect();
    if !facts.is_empty() {
        blocks.push(json!({ "type": "section", "fields": facts }));
    }
    // A notice without anything said still says what it is.
    let said = notice.quote.as_deref().filter(|quote| !quote.trim().is_empty());
    blocks.push(json!({ "type": "section", "text": plain(said.unwrap_or(&notice.text), SECTION) }));
    let buttons: Vec<Value> = notice
        .actions
        .iter()
        .take(BUTTONS)
        .zip(0..)
        .map(|(action, n)| {
            let style = (notice.urgent && n == 0).then_some("danger");
            let mut button = json!({
                "type": "button", "action_id": format!("open_{n}"), "url": action.url,
                "text": plain(action.label, BUTTON),
            });
            if let (Some(style), Some(fields)) = (style, button.as_object_mut()) {
                fields.insert("style".to_owned(), json!(style));
            }
            button
        })
        .collect();
    if !buttons.is_empty() {
        blocks.push(json!({ "type": "actions", "elements": buttons }));
    }
    json!({
        // Shown in the push notice of a phone, where blocks are not.
        "text": escape(&notice.title, SECTION), "mrkdwn": false, "unfurl_links": false, "unfurl_media": false,
        "blocks": blocks,
    })
}

fn plain(text: &str, most: usize) -> Value {
    json!({ "type": "plain_text", "text": escape(text, most), "emoji": true })
}

/// Escaped, and cut so that what is sent is never too long and no escape is cut in two. Slack refuses an empty text.
fn escape(text: &str, most: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut length = 0;
    for c in text.chars() {
        let mut own = [0; 4];
        let piece: &str = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '\r' => continue,
            c if c.is_control() && c != '\n' => " ",
            c => c.encode_utf8(&mut own),
        };
        let more = piece.encode_utf16().count();
        if length + more + 1 > most {
            out.push('…');
            break;
        }
        length += more;
        out.push_str(piece);
    }
    if out.trim().is_empty() {
        out = "–".to_owned();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_slacks_own_addresses_are_called() {
        let slack = SlackPlaces::default();
        assert!(slack.admit("https://hooks.slack.com/services/T0/B0/x"));
        for other in [
            "http://hooks.slack.com/services/T0",
            "https://hooks.slack.com.evil.example/services",
            "https://hooks.slack.com@evil.example/",
            "https://evil.example/https://hooks.slack.com/",
            "https://hooks.slack.com/",
            "http://127.0.0.1:1/x",
            "https://hooks.slack.com/a\r\nHost: evil",
        ] {
            assert!(!slack.admit(other), "{other}");
        }
        let test = SlackPlaces::also("http://127.0.0.1:99");
        assert!(test.admit("http://127.0.0.1:99/x") && !test.admit("http://127.0.0.1:999/x"));
    }

    #[test]
    fn a_text_is_cut_where_no_escape_is_cut() {
        let text = escape(&"&".repeat(100), 21);
        assert_eq!(text, "&amp;&amp;&amp;&amp;…");
        assert_eq!(escape("\u{7}", 10), "–");
        assert!(escape(&"😊".repeat(100), 20).encode_utf16().count() <= 20);
    }
}
