//! The calendar elsewhere: which account is connected, which of its calendars is booked, connecting and disconnecting.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use mccc_core::business::{CalendarConnection, CalendarService, Owner};
use mccc_core::center::{CenterError, NewCalendar, Replaces};
use mccc_core::port::{Access, CalendarInfo, ErrorKind, PortError, Retry, id_bytes};
use mccc_core::{Secret, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Body, Reply};
use crate::calendars::{CALCOM_KEY, Calendars};
use crate::http::auth::{Member, Principal};
use crate::http::google;
use crate::http::problem::{Code, Problem};
use crate::http::state::Api;

/// Most calendars that can be in the way: one question to Google takes 50 (`freebusy.query`, read 2026-11).
const MOST_CONFLICTS: usize = 50;
/// A wait that is worth a person's while.
const SOON: Duration = Duration::from_secs(60);

/// How the calendar elsewhere stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ConnectionState {
    /// There is none: the business's own appointments are its calendar.
    NotConnected,
    /// It is read and written.
    Connected,
    /// It does not let us in any more. Nothing is booked until it is connected again.
    ReconnectNeeded,
    /// It is connected and switched off: the business's own appointments are its calendar.
    SwitchedOff,
}

/// The calendar elsewhere.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CalendarConnectionView {
    /// How it stands.
    state: ConnectionState,
    /// The same in words for the page.
    sentence: &'static str,
    /// Who keeps it: `google` or `calcom`.
    service: Option<&'static str>,
    /// The account: its e-mail address.
    account: Option<String>,
    /// The calendar that is booked.
    calendar_id: Option<String>,
    /// Its name.
    calendar_name: Option<String>,
    /// Further calendars whose events are in the way.
    conflicts: Vec<String>,
    /// When it was connected.
    #[schema(format = DateTime)]
    connected_at: Option<String>,
    /// When what changed there was last followed.
    #[schema(format = DateTime)]
    last_synced_at: Option<String>,
    /// Since when it has to be connected again.
    #[schema(format = DateTime)]
    reconnect_since: Option<String>,
    /// Whether this installation can connect Google Calendar.
    google_available: bool,
    /// Whether Cal.com is switched on in the settings (`calendar.calcom_enabled`).
    calcom_enabled: bool,
    /// Why the last attempt to connect came to nothing or to less than was wished for, until one succeeds or a calendar
    /// is chosen.
    last_failure: Option<FailureView>,
    /// What is left to do by hand, after a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
}

/// Why an attempt to connect came to nothing, or to less than was wished for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FailureView {
    /// As a stable name, such as `missing_permissions`.
    code: &'static str,
    /// In words for the page.
    sentence: &'static str,
    /// When.
    #[schema(format = DateTime)]
    at: String,
}

/// A calendar of the connected account.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CalendarView {
    /// What to send when it is chosen.
    id: String,
    /// As its owner named it.
    name: String,
    /// Whether it is the account's main one.
    primary: bool,
    /// Whether it can be booked; every one can be read for conflicts.
    bookable: bool,
    /// Its own time zone, where there is one. Times go by the business's zone all the same.
    zone: Option<String>,
}

/// The calendars of the connected account.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CalendarsView {
    /// The calendars.
    items: Vec<CalendarView>,
}

/// Which calendars are used.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChooseCalendar {
    /// The calendar that is booked.
    calendar_id: String,
    /// Further calendars whose events are in the way.
    #[serde(default)]
    conflicts: Vec<String>,
}

/// An attempt to connect Google Calendar.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConnectGoogle {
    /// Whether a connection that works is to be replaced.
    #[serde(default)]
    replace: bool,
    /// Whether a calendar named "Appointments" is to be created in the account and booked. Google then asks for one
    /// permission more. Over a connection of Google that works this needs no `replace`; the account stays the same.
    #[serde(default)]
    new_calendar: bool,
}

/// Where the attempt goes on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GoogleAttempt {
    /// Google's page. Open it in the same browser: the way back works in this session only, and once.
    authorize_url: String,
    /// Until when.
    #[schema(format = DateTime)]
    expires_at: String,
}

/// A Cal.com account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConnectCalcom {
    /// The account's API key, `cal_…`. It is sealed and never shown again.
    #[schema(value_type = String)]
    api_key: Secret,
    /// The number of the event type that is booked. Its own hours, length, notice and buffers apply.
    event_type: u64,
    /// Whether that event type lets the booking choose its length.
    #[serde(default)]
    length_is_chosen: bool,
    /// Whether a connection that works is to be replaced.
    #[serde(default)]
    replace: bool,
}

const DISCONNECTED: &str =
    "Connect your Google Calendar to let AI check your availability and book appointments automatically.";
const RECONNECT: &str = "Your calendar no longer lets us in, so no appointments are booked. Connect it again.";
const OFF: &str = "Cal.com is connected and switched off. Switch it on to book there.";
const NOT_REVOKED: &str =
    "Google could not be told. Remove the access yourself at https://myaccount.google.com/permissions.";

const fn sentence(state: ConnectionState, service: Option<CalendarService>) -> &'static str {
    match (state, service) {
        (ConnectionState::NotConnected, _) | (_, None) => DISCONNECTED,
        (ConnectionState::ReconnectNeeded, Some(_)) => RECONNECT,
        (ConnectionState::SwitchedOff, Some(_)) => OFF,
        (ConnectionState::Connected, Some(CalendarService::Google)) => google::CONNECTED,
        (ConnectionState::Connected, Some(CalendarService::Calcom)) => {
            "Cal.com connected! Your AI assistant can now check your schedule and book appointments."
        }
    }
}

pub(super) fn state_of(owner: &Owner) -> ConnectionState {
    let calendar = &owner.settings.calendar;
    match (&calendar.connection, calendar.active()) {
        (None, _) => ConnectionState::NotConnected,
        (Some(_), None) => ConnectionState::SwitchedOff,
        (Some(_), Some(active)) if active.reconnect_since.is_some() => ConnectionState::ReconnectNeeded,
        (Some(_), Some(_)) => ConnectionState::Connected,
    }
}

async fn view(api: &Api, owner: &Owner) -> Result<CalendarConnectionView, Problem> {
    let (calendar, state) = (&owner.settings.calendar, state_of(owner));
    let connection = calendar.connection.as_ref();
    let time = |at: Timestamp| at.to_string();
    let sync = api.app.center.ports().store.calendar_sync(owner.business).await?;
    let sync = sync.filter(|sync| connection.is_some_and(|connection| connection.id == sync.connection));
    let failed = google::last_failure(api, owner.business).await?;
    Ok(CalendarConnectionView {
        state,
        sentence: sentence(state, connection.map(|connection| connection.service)),
        service: connection.map(|connection| connection.service.name()),
        account: connection.map(|connection| connection.account.clone()),
        calendar_id: connection.map(|_| calendar.booked.clone()),
        calendar_name: connection.map(|connection| connection.calendar_name.clone()),
        conflicts: calendar.conflicts.clone(),
        connected_at: connection.map(|connection| time(connection.connected_at)),
        last_synced_at: sync.and_then(|sync| sync.synced_at).map(time),
        reconnect_since: connection.and_then(|connection| connection.reconnect_since).map(time),
        google_available: api.app.calendars.google().is_some(),
        calcom_enabled: calendar.calcom_enabled,
        last_failure: failed.map(|(why, at)| FailureView {
            code: why.code(),
            sentence: why.sentence(),
            at: time(at),
        }),
        note: None,
    })
}

/// A calendar that cannot be used, with what to do about it.
fn trouble(error: &PortError) -> Problem {
    tracing::warn!(%error, code = error.code(), "the calendar failed an API request");
    let why = error.reason().unwrap_or("The calendar does not answer.");
    if error.kind() == ErrorKind::PermissionMissing {
        return Problem::new(Code::PermissionNeeded, why);
    }
    let soon = match error.retry() {
        Retry::Backoff | Retry::Unknown => true,
        Retry::After(wait) => wait <= SOON,
        // A person has to do something first, or the answer stays the same.
        Retry::Never => false,
    };
    let advice = if soon { " Try again in a minute." } else { "" };
    Problem::new(Code::Calendar, format!("{why}{advice}"))
}

/// The calendar elsewhere: account, calendar, when it was last followed, and what is the matter with it.
#[utoipa::path(
    get, path = "/businesses/{business}/calendar-connection", tag = "calendar",
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = CalendarConnectionView, description = "How it stands."))
)]
pub(super) async fn read(State(api): State<Api>, member: Member) -> Reply<CalendarConnectionView> {
    let owner = api.app.center.business(member.business).await?;
    Ok(Json(view(&api, &owner).await?))
}

/// The calendars of the connected account, to choose from.
#[utoipa::path(
    get, path = "/businesses/{business}/calendar-connection/calendars", tag = "calendar",
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = CalendarsView, description = "The calendars, the main one first."))
)]
pub(super) async fn calendars(State(api): State<Api>, member: Member) -> Reply<CalendarsView> {
    let owner = api.app.center.business(member.business).await?;
    let items = listed(&api, &owner).await?;
    Ok(Json(CalendarsView {
        items: items
            .into_iter()
            .map(|calendar| CalendarView {
                bookable: calendar.access == Access::Write,
                id: calendar.id,
                name: calendar.name,
                primary: calendar.primary,
                zone: calendar.zone.map(|zone| zone.name().to_owned()),
            })
            .collect(),
    }))
}

async fn listed(api: &Api, owner: &Owner) -> Result<Vec<CalendarInfo>, Problem> {
    let provider = api.app.calendars.of(owner).await.map_err(|error| trouble(&error))?;
    let provider =
        provider.ok_or_else(|| Problem::new(Code::Refused, "No calendar is connected. Connect one first."))?;
    let mut items = provider.calendars().await.map_err(|error| trouble(&error))?;
    items.sort_by(|a, b| b.primary.cmp(&a.primary).then_with(|| a.name.cmp(&b.name)));
    Ok(items)
}

/// Choose the calendar that is booked, and further ones whose events are in the way.
#[utoipa::path(
    put, path = "/businesses/{business}/calendar-connection", tag = "calendar", request_body = ChooseCalendar,
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = CalendarConnectionView, description = "How it stands now."))
)]
pub(super) async fn choose(
    State(api): State<Api>,
    member: Member,
    Body(wanted): Body<ChooseCalendar>,
) -> Reply<CalendarConnectionView> {
    member.may_configure()?;
    let owner = api.app.center.business(member.business).await?;
    let offered = listed(&api, &owner).await?;
    let booked = offered.iter().find(|calendar| calendar.id == wanted.calendar_id);
    let Some(booked) = booked.filter(|calendar| calendar.access == Access::Write) else {
        return Err(Problem::field(
            "/calendar_id",
            "Choose a calendar of the account that can be booked; the list of calendars says which can.",
        ));
    };
    let mut conflicts = wanted.conflicts;
    conflicts.retain(|id| *id != booked.id);
    conflicts.sort_unstable();
    conflicts.dedup();
    let google = owner.settings.calendar.connection.as_ref();
    let takes_more = google.is_some_and(|connection| connection.service == CalendarService::Google);
    let known = |id: &String| offered.iter().any(|calendar| calendar.id == *id);
    if conflicts.len() > MOST_CONFLICTS || !conflicts.iter().all(known) || !(takes_more || conflicts.is_empty()) {
        return Err(Problem::field(
            "/conflicts",
            "Choose calendars of the account, at most 50; Cal.com looks at others by itself.",
        ));
    }
    let connection = owner.settings.calendar.connection.as_ref();
    let connection = connection.map(|connection| connection.id.as_str()).unwrap_or_default();
    let saved = api
        .app
        .center
        .choose_calendar(member.business, connection, (&booked.id, &booked.name), &conflicts)
        .await?;
    google::settle_failure(&api, member.business).await;
    Ok(Json(view(&api, &saved).await?))
}

/// Create a calendar named "Appointments" in the connected account, in the business's time zone, and book it.
///
/// It is created once: one that we created before for this business is found and booked. Every calendar that is in the
/// way stays in the way, and so does the one that was booked until now. Where Google has not been given the permission to
/// create calendars, the answer is `permission_needed`: connect again with `new_calendar`.
#[utoipa::path(
    post, path = "/businesses/{business}/calendar-connection/calendars", tag = "calendar",
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = CalendarConnectionView, description = "How it stands now."))
)]
pub(super) async fn create(State(api): State<Api>, member: Member) -> Reply<CalendarConnectionView> {
    member.may_configure()?;
    let owner = api.app.center.business(member.business).await?;
    let provider = api.app.calendars.of(&owner).await.map_err(|error| trouble(&error))?;
    let (Some(provider), Some(connection)) = (provider, &owner.settings.calendar.connection) else {
        return Err(Problem::new(
            Code::Refused,
            "No calendar is connected. The built-in calendar has no others beside it: connect Google Calendar first.",
        ));
    };
    let Some(creation) = provider.creation() else {
        return Err(Problem::new(
            Code::Refused,
            "Cal.com has event types and no calendars that could be created. Choose one of its event types.",
        ));
    };
    // The one that is booked until now joins them.
    if owner.settings.calendar.conflicts.len() >= MOST_CONFLICTS {
        return Err(Problem::new(
            Code::Refused,
            "50 calendars are in the way already, and the one that is booked now would be one more. Choose fewer first.",
        ));
    }
    let created = creation
        .create_calendar(&api.app.calendars.wish(&owner))
        .await
        .map_err(|error| trouble(&error))?;
    let saved = api
        .app
        .center
        .book_beside(member.business, &connection.id, (&created.id, &created.name))
        .await?;
    google::settle_failure(&api, member.business).await;
    Ok(Json(view(&api, &saved).await?))
}

/// Disconnect the calendar.
///
/// The permission is given back where the service takes it back, and what was kept of the account is forgotten. Events
/// that are in the calendar stay there; appointments stay here.
#[utoipa::path(
    delete, path = "/businesses/{business}/calendar-connection", tag = "calendar",
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = CalendarConnectionView, description = "How it stands now."))
)]
pub(super) async fn disconnect(State(api): State<Api>, member: Member) -> Reply<CalendarConnectionView> {
    member.may_connect()?;
    let owner = api.app.center.business(member.business).await?;
    let Some(connection) = owner.settings.calendar.connection.clone() else {
        return Ok(Json(view(&api, &owner).await?));
    };
    let given_back = match connection.service {
        CalendarService::Google => google::give_back(&api, &owner).await,
        CalendarService::Calcom => true,
    };
    let field = Calendars::field_of(&connection);
    api.app.center.disconnect_calendar(member.business, field).await?;
    api.app.calendars.forget(member.business);
    let owner = api.app.center.business(member.business).await?;
    let mut view = view(&api, &owner).await?;
    view.note = (!given_back).then_some(NOT_REVOKED);
    Ok(Json(view))
}

/// Begin to connect Google Calendar.
///
/// Answers with Google's page, which has to be opened in the browser of the same session. Google sends that browser back
/// to `/oauth/google/callback`, which goes on to the pages; `last_failure` says why an attempt came to nothing.
#[utoipa::path(
    post, path = "/businesses/{business}/calendar-connection/google", tag = "calendar", request_body = ConnectGoogle,
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = GoogleAttempt, description = "Where to go on."))
)]
pub(super) async fn connect_google(
    State(api): State<Api>,
    member: Member,
    Body(wanted): Body<ConnectGoogle>,
) -> Reply<GoogleAttempt> {
    member.may_connect()?;
    let Principal::Person { session, .. } = &member.principal else {
        return Err(Problem::new(
            Code::Refused,
            "Google asks a person: sign in with a browser and connect the calendar there.",
        ));
    };
    let owner = api.app.center.business(member.business).await?;
    // Another calendar in the account that is connected takes no connection's place.
    let besides = wanted.new_calendar && google::google_of(&owner).is_some();
    replaceable(&owner, wanted.replace || besides)?;
    let wish = google::Wish {
        replace: wanted.replace,
        new_calendar: wanted.new_calendar,
    };
    let (authorize_url, expires_at) = google::begin(&api, &owner, session, wish).await?;
    Ok(Json(GoogleAttempt {
        authorize_url,
        expires_at: expires_at.to_string(),
    }))
}

/// Whether a connection may take the place of the one there is.
fn replaceable(owner: &Owner, replace: bool) -> Result<(), Problem> {
    let works = owner.settings.calendar.connection.as_ref();
    let works = works.is_some_and(|connection| connection.reconnect_since.is_none());
    if works && !replace {
        return Err(Problem::new(
            Code::Refused,
            "A calendar is connected already. Send `replace` to connect another one in its place.",
        ));
    }
    Ok(())
}

/// Connect Cal.com with an API key.
///
/// Only where the settings switch it on (`calendar.calcom_enabled`), and only when the key opens the event type.
#[utoipa::path(
    post, path = "/businesses/{business}/calendar-connection/calcom", tag = "calendar", request_body = ConnectCalcom,
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = CalendarConnectionView, description = "How it stands now."))
)]
pub(super) async fn connect_calcom(
    State(api): State<Api>,
    member: Member,
    Body(wanted): Body<ConnectCalcom>,
) -> Reply<CalendarConnectionView> {
    member.may_connect()?;
    let owner = api.app.center.business(member.business).await?;
    if !owner.settings.calendar.calcom_enabled {
        return Err(Problem::new(
            Code::Refused,
            "Cal.com is not enabled for this business. Switch it on in the calendar settings first.",
        ));
    }
    replaceable(&owner, wanted.replace)?;
    let (calendar, sealed) = api
        .app
        .calendars
        .calcom_with(&owner, &wanted.api_key, wanted.event_type, wanted.length_is_chosen)
        .map_err(|error| trouble(&error))?;
    // The key is good when it opens what is to be booked.
    let event_type = calendar.event_type().await.map_err(|error| trouble(&error))?;
    let now = api.app.clock.now();
    let new = NewCalendar {
        connection: CalendarConnection {
            id: hex::encode(id_bytes(&*api.app.entropy)),
            service: CalendarService::Calcom,
            account: owner.settings.profile.email.clone().unwrap_or_default(),
            calendar_name: event_type.name,
            connected_at: now,
            reconnect_since: None,
            visit_minutes: event_type.minutes,
        },
        booked: event_type.id,
        conflicts: Vec::new(),
        granted: Vec::new(),
        field: CALCOM_KEY,
        sealed,
    };
    let old = google::Old::of(&api, &owner).await;
    let replaces = if wanted.replace {
        Replaces::Anything
    } else {
        Replaces::Nothing
    };
    let (saved, _) = match api.app.center.connect_calendar(member.business, &new, replaces).await {
        Err(CenterError::Refused(_)) => return Err(replaceable(&owner, false).err().unwrap_or_else(Problem::internal)),
        saved => saved?,
    };
    api.app.calendars.forget(member.business);
    old.let_go(&api, None).await;
    google::clear_failure(&api, member.business).await;
    Ok(Json(view(&api, &saved).await?))
}
