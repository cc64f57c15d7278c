//! The feed of a business's appointments and blocked time, for its own people to subscribe to.

use axum::Json;
use axum::extract::State;
use mccc_core::business::Owner;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::Reply;
use crate::calendars::links::feed_path;
use crate::http::auth::Member;
use crate::http::problem::Problem;
use crate::http::state::Api;

/// The feed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CalendarFeedView {
    /// Its address, for any calendar program; nothing while there is none. Whoever knows it sees all appointments.
    url: Option<String>,
}

fn view(api: &Api, owner: &Owner) -> CalendarFeedView {
    let feed = owner.settings.calendar.feed;
    CalendarFeedView {
        url: feed.open.then(|| {
            let path = feed_path(&api.app.keys, owner.business, feed.number);
            format!("{}{path}", api.app.facts.public_url)
        }),
    }
}

/// The address of the feed.
#[utoipa::path(
    get, path = "/businesses/{business}/calendar-feed", tag = "calendar",
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = CalendarFeedView, description = "The address, if there is one."))
)]
pub(super) async fn read(State(api): State<Api>, member: Member) -> Reply<CalendarFeedView> {
    member.may_configure()?;
    let owner = api.app.center.business(member.business).await?;
    Ok(Json(view(&api, &owner)))
}

/// Make a new address. The one before stops working.
#[utoipa::path(
    post, path = "/businesses/{business}/calendar-feed", tag = "calendar",
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = CalendarFeedView, description = "The new address."))
)]
pub(super) async fn open(State(api): State<Api>, member: Member) -> Reply<CalendarFeedView> {
    changed(&api, &member, true).await
}

/// Close the feed. Its address stops working for good.
#[utoipa::path(
    delete, path = "/businesses/{business}/calendar-feed", tag = "calendar",
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = CalendarFeedView, description = "There is none any more."))
)]
pub(super) async fn close(State(api): State<Api>, member: Member) -> Reply<CalendarFeedView> {
    changed(&api, &member, false).await
}

async fn changed(api: &Api, member: &Member, open: bool) -> Result<Json<CalendarFeedView>, Problem> {
    member.may_configure()?;
    let change = |settings: &mut mccc_core::business::Settings| {
        let feed = &mut settings.calendar.feed;
        feed.open = open;
        // Each address has a number of its own, so that none comes back.
        feed.number = feed.number.saturating_add(u32::from(open));
    };
    let owner = api.app.center.change_settings(member.business, change).await?;
    Ok(Json(view(api, &owner)))
}
