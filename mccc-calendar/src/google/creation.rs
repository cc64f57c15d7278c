//! A calendar for our appointments alone.
//!
//! Google takes no identifier of ours for a calendar and has no key against repetition, so a calendar that we created is
//! known by a line in its description. The list of calendars is looked at before one is created: an answer that was lost
//! does not lead to a second one. Source: Calendar API v3, `calendars.insert` and the resource `calendarList`, read
//! 2026-11.

use mccc_core::BusinessId;
use mccc_core::port::{Access, CalendarInfo, CalendarWish, ErrorKind, PortError, Retry};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::ADAPTER;
use super::connect::may_create_calendars;
use super::error::{reason, refused};
use super::session::Session;
use super::wire::CalendarRow;
use crate::http::{Answer, Call, Effect};
use crate::text::line;

/// Characters of a name.
const LONGEST_NAME: usize = 200;

const NOT_GRANTED: &str = "Creating a calendar needs one more permission from Google. Give it, or choose a calendar that \
                           is there already.";
const NOT_ALLOWED: &str = "Google does not let this account create calendars. Choose one that is there already.";
const TOO_MANY: &str = "This account has created as many calendars as Google allows for now. Choose one that is there \
                        already, or try again tomorrow.";

/// The role in a calendar that the account created itself.
const OWNER: &str = "owner";

#[derive(Deserialize)]
struct Made {
    id: String,
}

/// The line by which a business's calendar is known again.
fn marker(business: BusinessId) -> String {
    format!("mccc-appointments: {business}")
}

impl CalendarRow {
    /// Whether it is the one we created for a business under this name. The contractor's own name for it in their list
    /// changes nothing; a calendar that they gave another name for everybody is one of theirs by now.
    fn is_ours(&self, name: &str, marker: &str) -> bool {
        let marked = self.description.as_deref().is_some_and(|text| text.contains(marker));
        // One that somebody shares with the contractor is not ours, whatever it says of itself.
        marked && self.summary == name && self.role == OWNER
    }
}

impl Session {
    pub(super) async fn create_calendar(&self, wish: &CalendarWish) -> Result<CalendarInfo, PortError> {
        let (name, marker) = (line(&wish.name, LONGEST_NAME), marker(wish.business));
        let rows = self.calendar_rows("create_calendar").await?;
        if let Some(ours) = rows.into_iter().find(|row| row.is_ours(&name, &marker)) {
            return Ok(ours.info());
        }
        if !may_create_calendars(&self.scopes().await) {
            return Err(not_granted());
        }
        let description = format!(
            "Appointments that were booked for you. Please leave the next line: this calendar is found by it.\n{marker}"
        );
        let body = json!({ "summary": name, "description": description, "timeZone": wish.zone.name() });
        let call = Call::with(
            "create_calendar",
            Effect::Once,
            Method::POST,
            self.url("calendars"),
            &body,
        );
        let answer = self.ask(&call, &[403]).await?;
        if answer.status == 403 {
            return Err(forbidden(&answer));
        }
        let made: Made = answer.json(ADAPTER, call.operation, call.effect)?;
        Ok(CalendarInfo {
            id: made.id,
            name,
            primary: false,
            access: Access::Write,
            zone: Some(wish.zone.clone()),
        })
    }
}

/// Only this was not granted: the connection itself is as good as before.
fn not_granted() -> PortError {
    PortError::new(ADAPTER, "create_calendar", ErrorKind::PermissionMissing, Retry::Never).with_reason(NOT_GRANTED)
}

/// A refusal of 403, in words about calendars instead of events.
fn forbidden(answer: &Answer) -> PortError {
    if reason(&answer.body).as_deref() == Some("insufficientPermissions") {
        return not_granted().with_code(403);
    }
    let error = refused("create_calendar", Effect::Once, answer);
    match (error.kind(), error.reason()) {
        (ErrorKind::Rejected, _) => error.with_reason(NOT_ALLOWED),
        (ErrorKind::RateLimited, Some(_)) => error.with_reason(TOO_MANY),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use mccc_core::Timestamp;

    use super::*;

    fn row(summary: &str, description: &str, role: &str) -> CalendarRow {
        let row = json!({
            "id": "x", "summary": summary, "description": description, "accessRole": role, "summaryOverride": "Jobs",
        });
        serde_json::from_value(row).unwrap()
    }

    #[test]
    fn a_calendar_is_ours_by_its_name_and_its_line() {
        let acme = BusinessId::derive(Timestamp::from_seconds(1), "acme");
        let other = BusinessId::derive(Timestamp::from_seconds(1), "other");
        let marked = format!("For you.\n{}\nand more", marker(acme));
        let ours = |row: &CalendarRow, business| row.is_ours("Appointments", &marker(business));
        let mine = row("Appointments", &marked, "owner");
        assert!(ours(&mine, acme));
        assert!(!ours(&mine, other));
        assert!(!ours(&row("Appointments", "by hand", "owner"), acme));
        assert!(!ours(&row("Jobs", &marked, "owner"), acme));
        // One that was given away can no longer be booked.
        assert!(!ours(&row("Appointments", &marked, "reader"), acme));
        // Somebody who knows the line shares a calendar of theirs.
        assert!(!ours(&row("Appointments", &marked, "writer"), acme));
    }

    #[test]
    fn a_refusal_says_what_can_be_done_about_calendars() {
        let judged = |reason: &str| {
            let answer = Answer {
                status: 403,
                wait: None,
                body: json!({ "error": { "errors": [{ "reason": reason }] } })
                    .to_string()
                    .into_bytes(),
            };
            let error = forbidden(&answer);
            (error.kind(), error.reason())
        };
        assert_eq!(
            judged("insufficientPermissions"),
            (ErrorKind::PermissionMissing, Some(NOT_GRANTED))
        );
        assert_eq!(judged("forbidden"), (ErrorKind::Rejected, Some(NOT_ALLOWED)));
        assert_eq!(judged("quotaExceeded"), (ErrorKind::RateLimited, Some(TOO_MANY)));
        assert_eq!(judged("rateLimitExceeded"), (ErrorKind::RateLimited, None));
        assert_eq!(judged("accessNotConfigured").0, ErrorKind::InvalidConfig);
    }
}
