//! Channels on the loopback address that play what they are told and remember what arrived.

#![allow(dead_code, reason = "each test needs a part of it")]

pub(crate) mod smtp;

use mccc_core::testkit::contract::notifier::Arrived;
use serde_json::Value;

/// Undoes the three escapes of Slack.
pub(crate) fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// A Slack message as a person sees it.
pub(crate) fn read_slack(body: &str) -> Arrived {
    let message: Value = serde_json::from_str(body).expect("JSON");
    let mut arrived = Arrived {
        reads: String::new(),
        links: Vec::new(),
        calls_everybody: false,
        recipients: 1,
    };
    visit(&message["blocks"], &mut arrived);
    arrived.calls_everybody |= message["text"].as_str().is_some_and(|text| text.contains("<!"));
    arrived
}

fn visit(value: &Value, arrived: &mut Arrived) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| visit(item, arrived)),
        Value::Object(fields) => {
            if let (Some(kind), Some(text)) = (
                fields.get("type").and_then(Value::as_str),
                fields.get("text").and_then(Value::as_str),
            ) {
                // Slack reads calls and links in both kinds of text.
                arrived.calls_everybody |= text.contains("<!channel>");
                arrived.links.extend(marked_links(text));
                assert!(!text.is_empty() && text.encode_utf16().count() <= 3_000, "{kind}");
                arrived.reads.push_str(&unescape(text));
                arrived.reads.push('\n');
                return;
            }
            if fields.get("type").and_then(Value::as_str) == Some("header") {
                let title = fields["text"]["text"].as_str().expect("a title");
                assert!(title.encode_utf16().count() <= 150, "Slack refuses a longer header");
            }
            arrived
                .links
                .extend(fields.get("url").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|inner| visit(inner, arrived));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn marked_links(text: &str) -> Vec<String> {
    text.split('<')
        .skip(1)
        .filter(|part| part.starts_with("http") && part.contains('>'))
        .map(str::to_owned)
        .collect()
}

/// The addresses in the HTML of an e-mail.
pub(crate) fn html_links(html: &str) -> Vec<String> {
    html.split("href=\"")
        .skip(1)
        .filter_map(|part| part.split('"').next())
        .map(|link| link.replace("&amp;", "&").replace("&#39;", "'").replace("&quot;", "\""))
        .collect()
}
