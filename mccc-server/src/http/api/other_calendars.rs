//! Calendars that are only read, each under an address of its own: what they hold is in the way of bookings.

use axum::Json;
use axum::extract::{Path, State};
use mccc_calendar::webcal::Address;
use mccc_core::business::{CalendarCopy, OtherCalendar, Owner};
use mccc_core::center::{CenterError, MOST_OTHERS, NewOther};
use mccc_core::port::{CopyAnswer, PortError, id_bytes};
use mccc_core::{Secret, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Body, Reply};
use crate::calendars::links::feed_of;
use crate::http::auth::Member;
use crate::http::problem::{Code, Problem};
use crate::http::state::Api;

/// Characters of a name.
const LONGEST_NAME: usize = 60;

/// How a calendar that is only read stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum OtherState {
    /// It is read.
    Read,
    /// It could not be read lately. What was read before counts until `counts_until`.
    Failing,
    /// What was read before is too old. Nothing is booked until it can be read again or is disconnected.
    Unreadable,
}

/// A calendar that is only read.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OtherCalendarView {
    /// What names it here.
    id: String,
    /// What it is called.
    name: String,
    /// Its address without what makes it a secret, such as `https://calendar.google.com/…`.
    address: String,
    /// How it stands.
    state: OtherState,
    /// The same in words for the page.
    sentence: String,
    /// When it was connected.
    #[schema(format = DateTime)]
    connected_at: String,
    /// When it was last read, or found unchanged.
    #[schema(format = DateTime)]
    read_at: Option<String>,
    /// When it was last tried.
    #[schema(format = DateTime)]
    tried_at: Option<String>,
    /// Until when what was read counts, if it is never read again.
    #[schema(format = DateTime)]
    counts_until: Option<String>,
}

/// The calendars that are only read.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OtherCalendarsView {
    /// The calendars, oldest first.
    items: Vec<OtherCalendarView>,
    /// How many there may be.
    most: usize,
}

/// A calendar to be read from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConnectOther {
    /// The address under which it is published, `https://…` or `webcal://…`, such as Google's "secret address in iCal
    /// format". Whoever knows it reads the calendar: it is sealed and never shown again.
    #[schema(value_type = String)]
    address: Secret,
    /// What to call it; at most 60 characters. Without one it is called after its host.
    name: Option<String>,
}

fn state_of(owner: &Owner, copy: Option<&CalendarCopy>, now: Timestamp) -> (OtherState, String) {
    let Some(copy) = copy.filter(|copy| copy.covers(owner, now, now)) else {
        let why = copy.and_then(|copy| copy.trouble.as_ref());
        let why = why.map_or_else(String::new, |trouble| format!("{} ", trouble.sentence));
        let stop = "Nothing is booked until it can be read again or is disconnected.";
        return (OtherState::Unreadable, format!("{why}{stop}"));
    };
    match &copy.trouble {
        None => (
            OtherState::Read,
            "It is read every quarter of an hour; what it holds is not offered.".to_owned(),
        ),
        Some(trouble) => (
            OtherState::Failing,
            format!("{} What was read before still counts.", trouble.sentence),
        ),
    }
}

fn item(owner: &Owner, other: &OtherCalendar, copies: &[CalendarCopy], now: Timestamp) -> OtherCalendarView {
    let copy = copies.iter().find(|copy| copy.calendar == other.id);
    let (state, sentence) = state_of(owner, copy, now);
    let time = |at: Timestamp| at.to_string();
    OtherCalendarView {
        id: other.id.clone(),
        name: other.name.clone(),
        address: format!("https://{}/\u{2026}", other.host),
        state,
        sentence,
        connected_at: time(other.connected_at),
        read_at: copy.map(|copy| time(copy.read_at)),
        tried_at: copy.map(|copy| time(copy.tried_at)),
        counts_until: copy.map(|copy| time(copy.counts_until())),
    }
}

async fn view(api: &Api, owner: &Owner) -> Result<OtherCalendarsView, Problem> {
    let others = &owner.settings.calendar.others;
    let copies = if others.is_empty() {
        Vec::new()
    } else {
        api.app.center.calendar_copies(owner.business).await?
    };
    let now = api.app.clock.now();
    Ok(OtherCalendarsView {
        items: others.iter().map(|other| item(owner, other, &copies, now)).collect(),
        most: MOST_OTHERS,
    })
}

/// The calendars that are only read: when each was read last, and what is the matter with it.
#[utoipa::path(
    get, path = "/businesses/{business}/other-calendars", tag = "calendar",
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = OtherCalendarsView, description = "The calendars."))
)]
pub(super) async fn read(State(api): State<Api>, member: Member) -> Reply<OtherCalendarsView> {
    let owner = api.app.center.business(member.business).await?;
    Ok(Json(view(&api, &owner).await?))
}

/// Read a further calendar from now on.
///
/// It is read at once, and connected only when that succeeds. What it holds is neither offered nor booked; nothing is
/// written there.
#[utoipa::path(
    post, path = "/businesses/{business}/other-calendars", tag = "calendar", request_body = ConnectOther,
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = OtherCalendarsView, description = "The calendars now."))
)]
pub(super) async fn connect(
    State(api): State<Api>,
    member: Member,
    Body(wanted): Body<ConnectOther>,
) -> Reply<OtherCalendarsView> {
    member.may_connect()?;
    let owner = api.app.center.business(member.business).await?;
    let calendars = &api.app.calendars;
    let address = calendars
        .address(wanted.address.reveal())
        .map_err(|error| Problem::field("/address", capital(&error.to_string())))?;
    not_known(&api, &owner, &address).await?;
    let name = named(wanted.name.as_deref(), &address)?;
    let full = || {
        Problem::new(
            Code::Refused,
            "There are 10 other calendars already. Disconnect one first.",
        )
    };
    if owner.settings.calendar.others.len() >= MOST_OTHERS {
        return Err(full());
    }
    let request = api.app.center.first_look(&owner);
    let read = match calendars.read_address(&owner, &address, &request).await {
        Ok(CopyAnswer::Read(busy, marks)) => (busy, marks),
        // It was not asked whether anything has changed.
        Ok(CopyAnswer::Unchanged) => return Err(Problem::internal()),
        Err(error) => return Err(unread(&error)),
    };
    let calendar = OtherCalendar {
        id: hex::encode(id_bytes(&*api.app.entropy)),
        name,
        host: address.host().to_owned(),
        connected_at: api.app.clock.now(),
    };
    let sealed = calendars
        .seal(member.business, &calendar.secret_field(), &address.to_secret())
        .map_err(|error| {
            tracing::error!(%error, "nothing can be sealed");
            Problem::internal()
        })?;
    let new = NewOther {
        calendar,
        sealed,
        request,
        read,
    };
    let saved = match api.app.center.connect_other(member.business, new).await {
        Err(CenterError::Refused(_)) => return Err(full()),
        saved => saved?,
    };
    Ok(Json(view(&api, &saved).await?))
}

/// Refuses what is in the way already: the business's own feed, and a calendar that is connected.
async fn not_known(api: &Api, owner: &Owner, address: &Address) -> Result<(), Problem> {
    let address = address.to_secret();
    let path = address.reveal().split('?').next().unwrap_or_default();
    let file = path.rsplit('/').next().unwrap_or_default();
    let ours = feed_of(&api.app.keys, file).is_some_and(|(business, _)| business == owner.business);
    if ours {
        return Err(Problem::field(
            "/address",
            "This is the feed of this business's own appointments, which count already.",
        ));
    }
    for other in &owner.settings.calendar.others {
        let known = api.app.calendars.secret(owner.business, &other.secret_field()).await;
        if known.is_ok_and(|known| known.matches(address.reveal())) {
            return Err(Problem::field(
                "/address",
                format!("This calendar is connected already, as \u{201c}{}\u{201d}.", other.name),
            ));
        }
    }
    Ok(())
}

fn named(name: Option<&str>, address: &Address) -> Result<String, Problem> {
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| address.host());
    if name.chars().any(char::is_control) || (name.chars().count() > LONGEST_NAME && name != address.host()) {
        return Err(Problem::field(
            "/name",
            format!("Give it a name of at most {LONGEST_NAME} characters, in one line."),
        ));
    }
    Ok(name.chars().take(LONGEST_NAME).collect())
}

/// A first look that failed: what is wrong is in what the person gave, or with whoever keeps the calendar.
fn unread(error: &PortError) -> Problem {
    tracing::info!(%error, "a calendar could not be connected");
    let why = error.reason().unwrap_or("It could not be read.");
    Problem::field("/address", format!("The calendar was not connected. {why}"))
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

/// Stop reading a calendar. Its address and what was read of it are forgotten.
#[utoipa::path(
    delete, path = "/businesses/{business}/other-calendars/{calendar}", tag = "calendar",
    params(
        ("business" = String, Path, description = "The business."),
        ("calendar" = String, Path, description = "The calendar.")
    ),
    responses((status = 200, body = OtherCalendarsView, description = "The calendars that are left."))
)]
pub(super) async fn disconnect(
    State(api): State<Api>,
    member: Member,
    Path((_, calendar)): Path<(String, String)>,
) -> Reply<OtherCalendarsView> {
    member.may_connect()?;
    let saved = api.app.center.disconnect_other(member.business, &calendar).await?;
    Ok(Json(view(&api, &saved).await?))
}

/// Read a calendar now, instead of when it is due.
#[utoipa::path(
    post, path = "/businesses/{business}/other-calendars/{calendar}/read", tag = "calendar",
    params(
        ("business" = String, Path, description = "The business."),
        ("calendar" = String, Path, description = "The calendar.")
    ),
    responses((status = 200, body = OtherCalendarsView, description = "How the calendars stand now."))
)]
pub(super) async fn read_now(
    State(api): State<Api>,
    member: Member,
    Path((_, calendar)): Path<(String, String)>,
) -> Reply<OtherCalendarsView> {
    member.may_configure()?;
    api.app.center.read_other_now(member.business, &calendar).await?;
    let owner = api.app.center.business(member.business).await?;
    Ok(Json(view(&api, &owner).await?))
}
