//! The week of a calendar: what can be booked, and for all other time the reason why not.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use mccc_core::appointments::{Attendance, Standing, Stretch};
use mccc_core::zone::Zone;
use mccc_core::{AppointmentId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::appointments::{AppointmentView, FreeTime, WhyNotView, free_time, reasons, unreadable, view};
use super::extract::{Body, Named, Query, Reply, day};
use crate::http::auth::Member;
use crate::http::problem::Problem;
use crate::http::state::Api;

/// Days that are shown at once.
const DAYS: i32 = 7;
/// How far ahead or back a week can be looked at.
const FARTHEST: Duration = Duration::from_secs(400 * 86_400);

/// What a stretch without visits is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum StandingName {
    /// Something is there already, or too near.
    Taken,
    /// Nothing is there, and a rule stands against it all the same.
    Closed,
}

/// Time of one day in which no visit can be booked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BlockedStretch {
    /// The local date.
    date: String,
    /// When it starts.
    #[schema(format = DateTime)]
    start: String,
    /// When it is over.
    #[schema(format = DateTime)]
    end: String,
    /// What it is.
    standing: StandingName,
    /// Every rule that stands against it.
    why_not: Vec<WhyNotView>,
}

fn blocked(stretch: &Stretch, zone: &Zone) -> BlockedStretch {
    BlockedStretch {
        date: stretch.date.to_string(),
        start: stretch.from.to_string(),
        end: stretch.until.to_string(),
        standing: match stretch.standing {
            Standing::Taken => StandingName::Taken,
            Standing::Closed => StandingName::Closed,
        },
        why_not: reasons(&stretch.against, zone),
    }
}

/// A week of the calendar.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WeekView {
    /// The business's zone.
    zone: String,
    /// The first day.
    from: String,
    /// When the first day starts.
    #[schema(format = DateTime)]
    start: String,
    /// When the last day is over.
    #[schema(format = DateTime)]
    end: String,
    /// How long a visit takes.
    duration_minutes: u16,
    /// The times that can be booked, in order.
    slots: Vec<FreeTime>,
    /// All time that is in no bookable visit, in order, to the quarter of an hour.
    blocked: Vec<BlockedStretch>,
}

/// Which week.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct WeekQuery {
    /// The first of its seven days, such as `2026-11-23`; today when it is left out.
    from: Option<String>,
}

/// How seven days stand: what can be booked, and the reason for all other time.
///
/// A calendar that cannot be read is answered as a problem (`calendar`): it is neither free nor fully booked.
#[utoipa::path(
    get, path = "/businesses/{business}/availability/week", tag = "appointments",
    params(("business" = String, Path, description = "The business."), WeekQuery),
    responses((status = 200, body = WeekView, description = "The week."))
)]
pub(super) async fn week(State(api): State<Api>, member: Member, Query(query): Query<WeekQuery>) -> Reply<WeekView> {
    let center = &api.app.center;
    let owner = center.business(member.business).await?;
    let (zone, now) = (owner.zone(), api.app.clock.now());
    let first = day("from", query.from.as_deref())?.unwrap_or_else(|| zone.to_local(now).day);
    let (start, end) = (zone.start_of(first), zone.start_of(first.plus_days(DAYS)));
    if start < now.minus(FARTHEST) || start > now.plus(FARTHEST) {
        return Err(Problem::field("from", "Choose a day at most 400 days away."));
    }
    let days = center
        .days(member.business, start, end)
        .await?
        .map_err(|trouble| unreadable(&trouble))?;
    let duration = owner.settings.visit_minutes();
    Ok(Json(WeekView {
        zone: zone.name().to_owned(),
        from: first.to_string(),
        start: start.to_string(),
        end: end.to_string(),
        duration_minutes: duration,
        slots: slots(zone, &days.free, duration),
        blocked: days.blocked.iter().map(|stretch| blocked(stretch, zone)).collect(),
    }))
}

fn slots(zone: &Zone, free: &[Timestamp], duration: u16) -> Vec<FreeTime> {
    free.iter().map(|at| free_time(zone, *at, duration.into())).collect()
}

/// What became of an appointment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AttendRequest {
    /// `completed`: the visit took place; `no_show`: the customer was not there.
    #[schema(example = "completed")]
    status: String,
}

/// Write down whether the visit took place.
///
/// Possible once it has begun; saying the other corrects it. A no-show gives back what is left of the time.
#[utoipa::path(
    patch, path = "/businesses/{business}/appointments/{id}", tag = "appointments", request_body = AttendRequest,
    params(
        ("business" = String, Path, description = "The business."),
        ("id" = String, Path, description = "The appointment."),
    ),
    responses((status = 200, body = AppointmentView, description = "Written down; doing it again changes nothing."))
)]
pub(super) async fn attend(
    State(api): State<Api>,
    member: Member,
    Named(id): Named<AppointmentId>,
    Body(wanted): Body<AttendRequest>,
) -> Reply<AppointmentView> {
    member.may_act()?;
    let attendance = Attendance::from_name(&wanted.status)
        .ok_or_else(|| Problem::field("/status", "Choose completed or no_show."))?;
    let center = &api.app.center;
    let row = center.attend_appointment(member.business, id, attendance).await?;
    let owner = center.business(member.business).await?;
    Ok(Json(view(&row, owner.zone())))
}
