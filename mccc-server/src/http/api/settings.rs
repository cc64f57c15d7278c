//! The settings of a business as one document, for programs and for pages that edit parts of it.

use axum::Json;
use axum::extract::State;
use mccc_core::business::{Owner, Settings};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Body, Reply};
use super::routing::today;
use crate::http::auth::Member;
use crate::http::problem::{Code, Problem, schedule_mistake};
use crate::http::state::Api;

/// The settings at one version.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SettingsView {
    /// Raised by every saved change; sent back when saving.
    version: u64,
    /// The document: profile, schedule, templates, texting, greetings, voicemail, spam, booking, calendar,
    /// reminders, notifications, telephone, switches, retention.
    #[schema(value_type = Object)]
    settings: Settings,
    /// When this version was saved.
    #[schema(format = DateTime)]
    saved_at: String,
}

/// Settings to save.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SaveSettings {
    /// The version that was read.
    version: u64,
    /// The whole document.
    #[schema(value_type = Object)]
    settings: Settings,
}

fn view(owner: &Owner) -> SettingsView {
    SettingsView {
        version: owner.version,
        settings: (*owner.settings).clone(),
        saved_at: owner.saved_at.to_string(),
    }
}

/// The whole document.
#[utoipa::path(
    get, path = "/businesses/{business}/settings", tag = "businesses",
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = SettingsView, description = "The settings."))
)]
pub(super) async fn read(State(api): State<Api>, member: Member) -> Reply<SettingsView> {
    Ok(Json(view(&*api.app.center.business(member.business).await?)))
}

/// Save the whole document.
///
/// `version` must be the one that was read; a document that somebody else has changed since is refused as stale. What
/// the server itself learns (`telephone.mode`, `telephone.forwarding_verified_at`, `telephone.provisioning`) must stay
/// as it was read, and so must what the calendar connection decides (`calendar.connection`, `calendar.booked`,
/// `calendar.conflicts`, `calendar.feed`).
#[utoipa::path(
    put, path = "/businesses/{business}/settings", tag = "businesses", request_body = SaveSettings,
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = SettingsView, description = "The settings as saved."))
)]
pub(super) async fn save(
    State(api): State<Api>,
    member: Member,
    Body(wanted): Body<SaveSettings>,
) -> Reply<SettingsView> {
    member.may_configure()?;
    let owner = api.app.center.business(member.business).await?;
    if owner.version != wanted.version {
        return Err(Problem::from(mccc_core::center::CenterError::Stale));
    }
    check(&owner, &wanted.settings)?;
    let mistakes = wanted
        .settings
        .schedule
        .check_edit(&owner.settings.schedule, today(&owner, api.app.clock.now()));
    if !mistakes.is_empty() {
        return Err(
            Problem::new(Code::Invalid, "Some overrides lie in the past; each is listed.")
                .with_errors(mistakes.iter().map(schedule_mistake).collect()),
        );
    }
    let saved = api
        .app
        .center
        .save_settings(member.business, wanted.settings, wanted.version)
        .await?;
    Ok(Json(view(&saved)))
}

/// What a document may not say, whoever sends it.
fn check(owner: &Owner, wanted: &Settings) -> Result<(), Problem> {
    let (old, new) = (&owner.settings.telephone, &wanted.telephone);
    let learned = [
        ("mode", old.mode == new.mode),
        (
            "forwarding_verified_at",
            old.forwarding_verified_at == new.forwarding_verified_at,
        ),
        ("provisioning", old.provisioning == new.provisioning),
    ];
    if let Some((field, _)) = learned.into_iter().find(|(_, same)| !same) {
        return Err(Problem::field(
            format!("/settings/telephone/{field}"),
            "This is the server's to know; send it back as you read it.",
        ));
    }
    let (old, new) = (&owner.settings.calendar, &wanted.calendar);
    let connected = [
        ("connection", old.connection == new.connection),
        ("booked", old.booked == new.booked),
        ("conflicts", old.conflicts == new.conflicts),
        ("feed", old.feed == new.feed),
    ];
    if let Some((field, _)) = connected.into_iter().find(|(_, same)| !same) {
        return Err(Problem::field(
            format!("/settings/calendar/{field}"),
            "Send it back as you read it, and change it by the calendar connection or the calendar feed.",
        ));
    }
    let own = wanted
        .texting
        .sender
        .is_none_or(|sender| owner.lines.iter().any(|line| line.number == sender));
    if !own {
        return Err(Problem::field(
            "/settings/texting/sender",
            "Texts can only be sent from a number that belongs to the business.",
        ));
    }
    // A text to a number of ours would come in as a caller's.
    let phone = wanted.notifications.text.phone;
    if phone.is_some_and(|phone| owner.lines.iter().any(|line| line.number == phone)) {
        return Err(Problem::field(
            "/notifications/text/phone",
            "This is the number that MCCC answers. Enter your own phone.",
        ));
    }
    Ok(())
}
