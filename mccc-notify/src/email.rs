//! A notice as an e-mail: subject, plain text, HTML.

use mccc_core::notify::Notice;

/// Characters of a subject; more are not shown anywhere.
const SUBJECT: usize = 150;

/// An address that cannot be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no address of a mailbox")]
pub struct AddressError;

/// The subject: one line.
pub(crate) fn subject(notice: &Notice) -> String {
    let line = notice
        .title
        .split(|c: char| c.is_control())
        .collect::<Vec<_>>()
        .join(" ");
    line.chars().take(SUBJECT).collect()
}

/// For those who read plain text.
pub(crate) fn text(notice: &Notice) -> String {
    let mut out = format!("{}\n\n", notice.title);
    for fact in &notice.facts {
        out.push_str(&format!("{}: {}\n", fact.label, fact.value));
    }
    let said = notice.quote.as_deref().unwrap_or(&notice.text);
    out.push_str(&format!("\n{said}\n"));
    if let Some(link) = &notice.link {
        out.push_str(&format!("\nOpen: {link}\n"));
    }
    out
}

/// The same with buttons. Everything that was written elsewhere is escaped.
pub(crate) fn html(notice: &Notice) -> String {
    let mut out = String::from("<!doctype html><html><body style=\"font-family:sans-serif;color:#1a1a1a\">");
    let colour = if notice.urgent { "#b00020" } else { "#1a1a1a" };
    out.push_str(&format!(
        "<h2 style=\"color:{colour}\">{}</h2><table cellpadding=\"4\">",
        escape(&notice.title)
    ));
    for fact in &notice.facts {
        out.push_str(&format!(
            "<tr><td><b>{}</b></td><td>{}</td></tr>",
            escape(fact.label),
            escape(&fact.value)
        ));
    }
    let said = notice.quote.as_deref().unwrap_or(&notice.text);
    out.push_str(&format!(
        "</table><blockquote style=\"border-left:3px solid #ccc;padding-left:12px;white-space:pre-wrap\">{}</blockquote>",
        escape(said)
    ));
    out.push_str("<p>");
    for action in &notice.actions {
        out.push_str(&format!(
            "<a href=\"{}\" style=\"display:inline-block;margin:4px;padding:8px 12px;border:1px solid #ccc;\
             border-radius:6px;text-decoration:none\">{}</a>",
            escape(&action.url),
            escape(action.label)
        ));
    }
    out.push_str("</p></body></html>");
    out
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
