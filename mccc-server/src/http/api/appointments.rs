//! Appointments: which times are free, booking, moving, calling off, and time without appointments.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use mccc_core::appointments::{
    Appointment, AppointmentSource, AppointmentStatus, BlockedTime, CallOff, CancelledBy, Customer, Span, Wish,
};
use mccc_core::center::{Availability, BookAnswer, CalendarTrouble};
use mccc_core::notify::is_address;
use mccc_core::port::store::{AppointmentCursor, AppointmentFilter, Bookings, CallKey};
use mccc_core::port::{ErrorKind, id_bytes};
use mccc_core::slots::{Reading, WhyNot, moment};
use mccc_core::zone::{LocalDay, Zone};
use mccc_core::{AppointmentId, BlockedTimeId, BusinessId, CallId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::dto::Page;
use super::extract::{Body, Named, Query, Reply, from_cursor, limit, phone, to_cursor};
use super::names::{AppointmentStatusName, BookingSourceName};
use crate::http::auth::Member;
use crate::http::idempotency;
use crate::http::problem::{Code, FieldError, Problem};
use crate::http::state::Api;

/// Appointments on a page, unless asked otherwise.
const USUAL: u32 = 50;
/// Most appointments on a page.
const MOST: u32 = 200;
/// Longest free text of an appointment, in characters.
const LONGEST: usize = 500;
/// Most days of time without appointments that are listed at once.
const MOST_DAYS: u64 = 400;

/// An appointment.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AppointmentView {
    /// Identifier.
    #[schema(example = "appt_0199…")]
    id: String,
    /// Where it stands.
    #[schema(value_type = AppointmentStatusName)]
    status: AppointmentStatus,
    /// How it came about.
    #[schema(value_type = BookingSourceName)]
    source: AppointmentSource,
    /// Name of the customer.
    customer_name: String,
    /// Their number, unless they withhold it.
    customer_phone: Option<String>,
    /// Their number as people write it.
    customer_phone_national: Option<String>,
    /// Their e-mail address.
    customer_email: Option<String>,
    /// What is to be done.
    service_type: Option<String>,
    /// Where.
    location: Option<String>,
    /// What else was said.
    notes: Option<String>,
    /// When it starts.
    #[schema(format = DateTime)]
    scheduled_at: String,
    /// When it ends.
    #[schema(format = DateTime)]
    ends_at: String,
    /// The start as the business's clocks show it, such as `2:00 PM on
    /// Tuesday, 2027-06-08`.
    local: String,
    /// How long it takes.
    duration_minutes: u32,
    /// Where it is being moved to, while the calendar does not have it there yet.
    #[schema(format = DateTime)]
    moving_to: Option<String>,
    /// The event in the business's calendar.
    calendar_event_id: Option<String>,
    /// Where to look at that event.
    calendar_link: Option<String>,
    /// Whether a reminder went out.
    reminder_sent: bool,
    /// When the customer confirmed it.
    #[schema(format = DateTime)]
    confirmed_at: Option<String>,
    /// When it was called off.
    #[schema(format = DateTime)]
    cancelled_at: Option<String>,
    /// Why it was called off.
    cancellation_reason: Option<String>,
    /// The missed call it came of.
    call_id: Option<String>,
    /// The thread with the customer.
    conversation_id: Option<String>,
    /// When it was asked for.
    #[schema(format = DateTime)]
    created_at: String,
}

pub(super) fn view(row: &Appointment, zone: &Zone) -> AppointmentView {
    AppointmentView {
        id: row.id.to_string(),
        status: row.status,
        source: row.source,
        customer_name: row.customer.name.clone(),
        customer_phone: row.customer.phone.map(|phone| phone.to_string()),
        customer_phone_national: row.customer.phone.map(|phone| phone.national()),
        customer_email: row.customer.email.clone(),
        service_type: row.service.clone(),
        location: row.location.clone(),
        notes: row.notes.clone(),
        scheduled_at: row.starts_at.to_string(),
        ends_at: row.ends_at().to_string(),
        local: moment(zone, row.starts_at),
        duration_minutes: row.duration_minutes,
        moving_to: row.moving_to.map(|at| at.to_string()),
        calendar_event_id: row.event.as_ref().map(|event| event.event.clone()),
        calendar_link: row.event.as_ref().and_then(|event| event.link.clone()),
        reminder_sent: !row.reminders.is_empty(),
        confirmed_at: row.confirmed_at.map(|at| at.to_string()),
        cancelled_at: row.cancelled_at.map(|at| at.to_string()),
        cancellation_reason: row.cancellation_reason.clone(),
        call_id: row.call.map(|id| id.to_string()),
        conversation_id: row.conversation.map(|id| id.to_string()),
        created_at: row.created_at.to_string(),
    }
}

/// A time that can be booked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FreeTime {
    /// When it starts: what to send when it is booked.
    #[schema(format = DateTime)]
    start: String,
    /// The local date.
    date: String,
    /// The local start, such as `14:00`.
    start_time: String,
    /// The local end, such as `15:00`.
    end_time: String,
}

/// A rule that stands against a time.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WhyNotView {
    /// The rule as a stable name, such as `busy` or `outside_hours`.
    code: &'static str,
    /// The rule in words.
    sentence: String,
}

pub(super) fn reasons(against: &[WhyNot], zone: &Zone) -> Vec<WhyNotView> {
    against
        .iter()
        .map(|why| WhyNotView {
            code: why.code(),
            sentence: why.sentence(zone),
        })
        .collect()
}

/// Which times are free.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AvailabilityView {
    /// The business's zone.
    zone: String,
    /// How long a visit takes.
    duration_minutes: u16,
    /// The times that can be booked, in order. Empty means that the calendar was read and nothing is free.
    slots: Vec<FreeTime>,
    /// What stands against the time that was asked about; empty when it can be booked, left out when none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    why_not: Option<Vec<WhyNotView>>,
}

/// What to ask about free times.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AvailabilityQuery {
    /// Also say what stands against this instant, such as `2026-12-01T15:00:00Z`.
    why_not: Option<String>,
}

/// The times that can be booked now, and why another cannot.
///
/// A calendar that cannot be read is answered as a problem (`calendar`): it is neither free nor fully booked.
#[utoipa::path(
    get, path = "/businesses/{business}/availability", tag = "appointments",
    params(("business" = String, Path, description = "The business."), AvailabilityQuery),
    responses((status = 200, body = AvailabilityView, description = "What is free."))
)]
pub(super) async fn availability(
    State(api): State<Api>,
    member: Member,
    Query(query): Query<AvailabilityQuery>,
) -> Reply<AvailabilityView> {
    let center = &api.app.center;
    let asked = query
        .why_not
        .as_deref()
        .map(|text| instant("why_not", text))
        .transpose()?;
    let owner = center.business(member.business).await?;
    let (zone, duration) = (owner.zone(), owner.settings.visit_minutes());
    let free = match center.availability(member.business).await? {
        Availability::Read(free) => free,
        Availability::Unreadable(trouble) => return Err(unreadable(&trouble)),
    };
    let why_not = match asked {
        Some(at) => Some(reasons(&center.why_not(member.business, at).await?, zone)),
        None => None,
    };
    Ok(Json(AvailabilityView {
        zone: zone.name().to_owned(),
        duration_minutes: duration,
        slots: free
            .into_iter()
            .map(|at| free_time(zone, at, duration.into()))
            .collect(),
        why_not,
    }))
}

pub(super) fn free_time(zone: &Zone, at: Timestamp, duration_minutes: u32) -> FreeTime {
    let reading = Reading::of(zone, at, duration_minutes);
    FreeTime {
        start: at.to_string(),
        date: reading.date.to_string(),
        start_time: reading.start_time,
        end_time: reading.end_time,
    }
}

/// Which appointments to list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AppointmentsQuery {
    /// Where the page starts: `next_cursor` of the page before.
    cursor: Option<String>,
    /// Appointments on the page, 1 to 200; 50 when it is left out.
    limit: Option<u32>,
    /// Starting at this instant or later.
    from: Option<String>,
    /// Starting before this instant.
    until: Option<String>,
    /// Only in these states, separated by commas, such as `scheduled,confirmed`.
    status: Option<String>,
    /// Only with this customer, by number.
    customer: Option<String>,
}

impl AppointmentsQuery {
    fn filter(&self) -> Result<AppointmentFilter, Problem> {
        fn given(text: Option<&str>) -> Option<&str> {
            text.filter(|text| !text.is_empty())
        }
        let status = |name: &str| {
            AppointmentStatus::from_name(name.trim()).ok_or_else(|| {
                Problem::field(
                    "status",
                    "Choose held, scheduled, confirmed, completed, cancelled, no_show or rescheduled, separated by \
                     commas.",
                )
            })
        };
        Ok(AppointmentFilter {
            from: given(self.from.as_deref())
                .map(|text| instant("from", text))
                .transpose()?,
            until: given(self.until.as_deref())
                .map(|text| instant("until", text))
                .transpose()?,
            statuses: match given(self.status.as_deref()) {
                Some(names) => names.split(',').map(status).collect::<Result<_, _>>()?,
                None => Vec::new(),
            },
            customer: given(self.customer.as_deref())
                .map(|text| phone("customer", text))
                .transpose()?,
        })
    }
}

/// Appointments by their start, earliest first. Times that are only held are left out unless asked for.
#[utoipa::path(
    get, path = "/businesses/{business}/appointments", tag = "appointments",
    params(("business" = String, Path, description = "The business."), AppointmentsQuery),
    responses((status = 200, body = Page<AppointmentView>, description = "A page of appointments."))
)]
pub(super) async fn list(
    State(api): State<Api>,
    member: Member,
    Query(query): Query<AppointmentsQuery>,
) -> Reply<Page<AppointmentView>> {
    let wanted = limit(query.limit, USUAL, MOST)?;
    let after: Option<AppointmentCursor> = from_cursor(query.cursor.as_deref())?;
    let owner = api.app.center.business(member.business).await?;
    let mut rows = api
        .app
        .center
        .ports()
        .store
        .appointments(member.business, &query.filter()?, after, wanted.saturating_add(1))
        .await?;
    let more = rows.len() > wanted as usize;
    rows.truncate(wanted as usize);
    let next_cursor = rows.last().filter(|_| more).and_then(|row| {
        to_cursor(&AppointmentCursor {
            starts_at: row.starts_at,
            id: row.id,
        })
    });
    Ok(Json(Page {
        items: rows.iter().map(|row| view(row, owner.zone())).collect(),
        next_cursor,
    }))
}

/// One appointment.
#[utoipa::path(
    get, path = "/businesses/{business}/appointments/{id}", tag = "appointments",
    params(
        ("business" = String, Path, description = "The business."),
        ("id" = String, Path, description = "The appointment."),
    ),
    responses((status = 200, body = AppointmentView, description = "The appointment."))
)]
pub(super) async fn read(
    State(api): State<Api>,
    member: Member,
    Named(id): Named<AppointmentId>,
) -> Reply<AppointmentView> {
    let center = &api.app.center;
    let owner = center.business(member.business).await?;
    let row = center.ports().store.appointment(member.business, id).await?;
    row.map(|row| Json(view(&row, owner.zone())))
        .ok_or_else(Problem::not_found)
}

/// A time to be booked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BookRequest {
    /// When it starts, such as one of the `slots` of the availability.
    #[schema(format = DateTime)]
    start: String,
    /// Name of the customer.
    customer_name: String,
    /// Their number, for the confirmation and reminders.
    #[serde(default)]
    customer_phone: Option<String>,
    /// Their e-mail address.
    #[serde(default)]
    customer_email: Option<String>,
    /// What is to be done.
    #[serde(default)]
    service_type: Option<String>,
    /// Where.
    #[serde(default)]
    location: Option<String>,
    /// What else was said.
    #[serde(default)]
    notes: Option<String>,
    /// The missed call it comes of.
    #[serde(default)]
    call_id: Option<String>,
    /// `manual` (the usual: a person's own booking, which may break hours, notice and the most of a day) or
    /// `web_booking` (a customer's, which may not).
    #[serde(default)]
    source: Option<String>,
}

/// Book a time.
///
/// With an `Idempotency-Key` the same request books once, however often it is sent. A time that is not free is answered
/// as a problem (`time_not_free`) with every rule that stands against it. `202` means that the time is held and the
/// calendar has not said yet whether it has the event; ask again with the identifier.
#[utoipa::path(
    post, path = "/businesses/{business}/appointments", tag = "appointments", request_body = BookRequest,
    params(("business" = String, Path, description = "The business.")),
    responses(
        (status = 201, body = AppointmentView, description = "Booked."),
        (status = 202, body = AppointmentView, description = "Held; the calendar has not answered yet, or the contractor has to accept it there."),
    )
)]
pub(super) async fn book(
    State(api): State<Api>,
    member: Member,
    headers: HeaderMap,
    Body(wanted): Body<BookRequest>,
) -> Result<(StatusCode, Json<AppointmentView>), Problem> {
    member.may_act()?;
    let center = &api.app.center;
    let now = api.app.clock.now();
    let starts_at = instant("/start", &wanted.start)?;
    let id = match idempotency::key_of(&headers, &member)? {
        // Derived from what does not change when the request is sent again.
        Some(key) => AppointmentId::derive(starts_at, &format!("api/{}/{key}", member.business)),
        None => AppointmentId::from_entropy(now, id_bytes(&*center.ports().entropy)),
    };
    let wish = Wish {
        id,
        starts_at,
        customer: Customer {
            name: words("/customer_name", &wanted.customer_name)?
                .ok_or_else(|| Problem::field("/customer_name", "Give the customer's name."))?,
            phone: wanted
                .customer_phone
                .as_deref()
                .filter(|text| !text.trim().is_empty())
                .map(|text| phone("/customer_phone", text))
                .transpose()?,
            email: email(wanted.customer_email.as_deref())?,
        },
        service: some_words("/service_type", wanted.service_type.as_deref())?,
        location: some_words("/location", wanted.location.as_deref())?,
        notes: some_words("/notes", wanted.notes.as_deref())?,
        source: match wanted.source.as_deref() {
            None | Some("manual") => AppointmentSource::Manual,
            Some("web_booking") => AppointmentSource::WebBooking,
            Some(_) => return Err(Problem::field("/source", "Choose manual or web_booking.")),
        },
        call: known_call(&api, member.business, wanted.call_id.as_deref()).await?,
        conversation: None,
    };
    let answer = center.book(member.business, &wish).await?;
    answered(&api, &member, answer, StatusCode::CREATED).await
}

fn email(text: Option<&str>) -> Result<Option<String>, Problem> {
    let text = some_words("/customer_email", text)?;
    match text {
        Some(text) if !is_address(&text) => Err(Problem::field(
            "/customer_email",
            "Write an e-mail address, such as pat@example.com.",
        )),
        text => Ok(text),
    }
}

/// The call that a booking comes of, if there is one of that name.
async fn known_call(api: &Api, business: BusinessId, text: Option<&str>) -> Result<Option<CallId>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let id = text
        .parse()
        .map_err(|_| Problem::field("/call_id", "Name a call, such as call_0199…."))?;
    let call = api.app.center.ports().store.call(business, &CallKey::Id(id)).await?;
    match call {
        Some(_) => Ok(Some(id)),
        None => Err(Problem::field("/call_id", "There is no such call.")),
    }
}

/// Where to move an appointment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MoveRequest {
    /// When it shall start.
    #[schema(format = DateTime)]
    start: String,
}

/// Move an appointment. It stays where it was when the new time is not free or the calendar does not move it.
#[utoipa::path(
    post, path = "/businesses/{business}/appointments/{id}/reschedule", tag = "appointments", request_body = MoveRequest,
    params(
        ("business" = String, Path, description = "The business."),
        ("id" = String, Path, description = "The appointment."),
    ),
    responses(
        (status = 200, body = AppointmentView, description = "Moved; doing it again changes nothing."),
        (status = 202, body = AppointmentView, description = "Both times are closed; the calendar has not answered yet, or the contractor has to accept it there."),
    )
)]
pub(super) async fn reschedule(
    State(api): State<Api>,
    member: Member,
    Named(id): Named<AppointmentId>,
    Body(wanted): Body<MoveRequest>,
) -> Result<(StatusCode, Json<AppointmentView>), Problem> {
    member.may_act()?;
    let to = instant("/start", &wanted.start)?;
    let answer = api.app.center.reschedule(member.business, id, to, true).await?;
    answered(&api, &member, answer, StatusCode::OK).await
}

async fn answered(
    api: &Api,
    member: &Member,
    answer: BookAnswer,
    booked: StatusCode,
) -> Result<(StatusCode, Json<AppointmentView>), Problem> {
    let owner = api.app.center.business(member.business).await?;
    let zone = owner.zone();
    match answer {
        BookAnswer::Booked(row) => Ok((booked, Json(view(&row, zone)))),
        BookAnswer::Pending(row) | BookAnswer::Requested(row) => Ok((StatusCode::ACCEPTED, Json(view(&row, zone)))),
        BookAnswer::NotFree { against, free } => Err(not_free(zone, &against, &free)),
        BookAnswer::Unreadable(trouble) => Err(unreadable(&trouble)),
    }
}

fn not_free(zone: &Zone, against: &[WhyNot], free: &[Timestamp]) -> Problem {
    let next: Vec<String> = free.iter().take(3).map(|at| moment(zone, *at)).collect();
    let next = if next.is_empty() {
        "Nothing else is free at the moment.".to_owned()
    } else {
        format!("Free are: {}.", next.join("; "))
    };
    Problem::new(Code::TimeNotFree, format!("The time is not free. {next}")).with_errors(
        against
            .iter()
            .map(|why| FieldError {
                field: Some("/start".to_owned()),
                code: Some(why.code().to_owned()),
                message: why.sentence(zone),
            })
            .collect(),
    )
}

pub(super) fn unreadable(trouble: &CalendarTrouble) -> Problem {
    let next = if trouble.kind == ErrorKind::ReconnectRequired {
        "Connect the calendar again."
    } else if trouble.soon {
        "Nothing was booked. Try again in a minute."
    } else {
        "Nothing was booked."
    };
    Problem::new(Code::Calendar, format!("{} {next}", trouble.sentence))
}

/// Why an appointment is called off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CancelRequest {
    /// Why, in plain words.
    #[serde(default)]
    reason: Option<String>,
    /// Who calls it off: `business` (the usual) or `customer`.
    #[serde(default)]
    by: Option<String>,
    /// Whether the customer is texted that it was called off, if it has not begun and there is a number. True when left
    /// out, unless the customer called it off. An opt-out and quiet hours come first; where they keep the text back, a task
    /// asks to call.
    #[serde(default)]
    tell_customer: Option<bool>,
}

/// Call an appointment off. The time is free at once; the calendar follows, and the customer is texted.
#[utoipa::path(
    post, path = "/businesses/{business}/appointments/{id}/cancel", tag = "appointments", request_body = CancelRequest,
    params(
        ("business" = String, Path, description = "The business."),
        ("id" = String, Path, description = "The appointment."),
    ),
    responses((status = 200, body = AppointmentView, description = "Called off; doing it again changes nothing."))
)]
pub(super) async fn cancel(
    State(api): State<Api>,
    member: Member,
    Named(id): Named<AppointmentId>,
    Body(wanted): Body<CancelRequest>,
) -> Reply<AppointmentView> {
    member.may_act()?;
    let by = match wanted.by.as_deref() {
        None | Some("business") => CancelledBy::Business,
        Some("customer") => CancelledBy::Customer,
        Some(_) => return Err(Problem::field("/by", "Choose business or customer.")),
    };
    let reason = some_words("/reason", wanted.reason.as_deref())?;
    let off = CallOff {
        by,
        reason: reason.as_deref(),
        tell_customer: wanted.tell_customer.unwrap_or(by == CancelledBy::Business),
    };
    let center = &api.app.center;
    let row = center.cancel_appointment(member.business, id, off).await?;
    let owner = center.business(member.business).await?;
    Ok(Json(view(&row, owner.zone())))
}

/// Time in which the business takes no appointments.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BlockedTimeView {
    /// Identifier.
    #[schema(example = "off_0199…")]
    id: String,
    /// What it is.
    title: String,
    /// When it starts.
    #[schema(format = DateTime)]
    start: String,
    /// When it is over.
    #[schema(format = DateTime)]
    end: String,
    /// The first of the whole local days, when it is whole days.
    first_day: Option<String>,
    /// The last of them.
    last_day: Option<String>,
}

fn blocked_view(time: &BlockedTime, zone: &Zone) -> BlockedTimeView {
    let (start, end) = time.span.instants(zone);
    let (first_day, last_day) = match time.span {
        Span::Instants { .. } => (None, None),
        Span::Days { from, until } => (Some(from.to_string()), Some(until.plus_days(-1).to_string())),
    };
    BlockedTimeView {
        id: time.id.to_string(),
        title: time.title.clone(),
        start: start.to_string(),
        end: end.to_string(),
        first_day,
        last_day,
    }
}

/// Which time without appointments.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct BlockedTimesQuery {
    /// Not over at this instant; now when it is left out.
    from: Option<String>,
    /// Starting before this instant, at most 400 days after `from`.
    until: Option<String>,
}

/// Time in which the business takes no appointments.
#[utoipa::path(
    get, path = "/businesses/{business}/blocked-times", tag = "appointments",
    params(("business" = String, Path, description = "The business."), BlockedTimesQuery),
    responses((status = 200, body = Page<BlockedTimeView>, description = "Time without appointments."))
)]
pub(super) async fn blocked_times(
    State(api): State<Api>,
    member: Member,
    Query(query): Query<BlockedTimesQuery>,
) -> Reply<Page<BlockedTimeView>> {
    let center = &api.app.center;
    let owner = center.business(member.business).await?;
    let from = match query.from.as_deref() {
        Some(text) => instant("from", text)?,
        None => api.app.clock.now(),
    };
    let most = from.plus(std::time::Duration::from_secs(MOST_DAYS * 86_400));
    let until = match query.until.as_deref() {
        Some(text) => instant("until", text)?.min(most),
        None => most,
    };
    let Bookings { blocked_times, .. } = center.ports().store.bookings(member.business, from, until).await?;
    let zone = owner.zone();
    let touches = |time: &&BlockedTime| {
        let (start, end) = time.span.instants(zone);
        start < until && end > from
    };
    let mut times: Vec<&BlockedTime> = blocked_times.iter().filter(touches).collect();
    times.sort_by_key(|time| (time.span.instants(zone), time.id));
    Ok(Json(Page {
        items: times.into_iter().map(|time| blocked_view(time, zone)).collect(),
        next_cursor: None,
    }))
}

/// Time without appointments: two instants, or whole local days.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BlockRequest {
    /// What it is.
    title: String,
    /// When it starts.
    #[serde(default)]
    #[schema(format = DateTime)]
    start: Option<String>,
    /// When it is over.
    #[serde(default)]
    #[schema(format = DateTime)]
    end: Option<String>,
    /// The first whole day, such as `2026-12-24`.
    #[serde(default)]
    first_day: Option<String>,
    /// The last whole day; the same day when it is left out.
    #[serde(default)]
    last_day: Option<String>,
}

/// Take no appointments for a while. Appointments that stand there already stay.
#[utoipa::path(
    post, path = "/businesses/{business}/blocked-times", tag = "appointments", request_body = BlockRequest,
    params(("business" = String, Path, description = "The business.")),
    responses((status = 201, body = BlockedTimeView, description = "It holds from now on."))
)]
pub(super) async fn block(
    State(api): State<Api>,
    member: Member,
    Body(wanted): Body<BlockRequest>,
) -> Result<(StatusCode, Json<BlockedTimeView>), Problem> {
    member.may_act()?;
    let center = &api.app.center;
    let title = words("/title", &wanted.title)?.ok_or_else(|| Problem::field("/title", "Say what it is."))?;
    let span = span(&wanted)?;
    let time = center.block_time(member.business, span, title).await?;
    let owner = center.business(member.business).await?;
    Ok((StatusCode::CREATED, Json(blocked_view(&time, owner.zone()))))
}

fn span(wanted: &BlockRequest) -> Result<Span, Problem> {
    let day = |field: &str, text: &str| {
        text.parse::<LocalDay>()
            .map_err(|_| Problem::field(field, "Write a day as 2026-12-24."))
    };
    match (&wanted.start, &wanted.end, &wanted.first_day) {
        (Some(start), Some(end), None) => {
            let (from, until) = (instant("/start", start)?, instant("/end", end)?);
            if from >= until {
                return Err(Problem::field("/end", "It has to end after it starts."));
            }
            Ok(Span::Instants { from, until })
        }
        (None, None, Some(first)) => {
            let from = day("/first_day", first)?;
            let last = wanted
                .last_day
                .as_deref()
                .map(|text| day("/last_day", text))
                .transpose()?;
            let last = last.unwrap_or(from);
            if last < from {
                return Err(Problem::field("/last_day", "The last day cannot be before the first."));
            }
            Ok(Span::Days {
                from,
                until: last.plus_days(1),
            })
        }
        _ => Err(Problem::field(
            "/start",
            "Give start and end, or first_day (and last_day) for whole days.",
        )),
    }
}

/// Take appointments again at a time that was blocked.
#[utoipa::path(
    delete, path = "/businesses/{business}/blocked-times/{id}", tag = "appointments",
    params(
        ("business" = String, Path, description = "The business."),
        ("id" = String, Path, description = "The time."),
    ),
    responses((status = 204, description = "It is gone; doing it again changes nothing."))
)]
pub(super) async fn unblock(
    State(api): State<Api>,
    member: Member,
    Named(id): Named<BlockedTimeId>,
) -> Result<StatusCode, Problem> {
    member.may_act()?;
    api.app.center.unblock_time(member.business, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn instant(field: &str, text: &str) -> Result<Timestamp, Problem> {
    Timestamp::parse(text)
        .map_err(|_| Problem::field(field, "Write an instant with its offset, such as 2026-12-01T15:00:00Z."))
}

fn words(field: &str, text: &str) -> Result<Option<String>, Problem> {
    let text = text.trim();
    if text.chars().count() > LONGEST {
        return Err(Problem::field(field, format!("Use at most {LONGEST} characters.")));
    }
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

fn some_words(field: &str, text: Option<&str>) -> Result<Option<String>, Problem> {
    text.map_or(Ok(None), |text| words(field, text))
}
