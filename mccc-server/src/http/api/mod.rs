//! The JSON API below `/api/v1`, its document and its browsable page.

mod appointments;
mod businesses;
mod calendar_connection;
mod calendar_feed;
mod callers;
mod calls;
mod calls_export;
mod consent;
mod conversations;
pub(super) mod dto;
mod events;
pub(super) mod extract;
mod faq;
mod forwarding;
mod health_summary;
mod keys;
mod names;
mod notifications;
mod other_calendars;
mod routing;
mod sandbox;
mod settings;
mod tasks;
mod templates;
mod timeline;
mod totals;
mod week;
mod why;

use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::{any, get};
use axum::{Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use super::guard::hash_password;
use super::problem::Problem;
use super::state::Api;
use super::{auth, google, ics, idempotency, openapi, problem, session};
use crate::App;
use crate::calendars::GOOGLE_CALLBACK;

/// The explanation of every problem.
pub(crate) const ERRORS_PAGE: &str = include_str!("../../../../docs/errors.md");

/// The API of an application with its browsable documentation at `/api/docs`.
pub fn router(app: App) -> Router {
    let api = Api::new(app);
    let (v1, document) = documented().split_for_parts();
    let alias = Router::new().route("/api/routing-rules", get(routing::read).put(routing::save));
    let api_routes = v1
        .merge(alias)
        .route_layer(middleware::from_fn_with_state(api.clone(), idempotency::remembering))
        .route("/login", get(session::login))
        .route(GOOGLE_CALLBACK, get(google::callback))
        .route("/a/{file}", get(ics::appointment))
        .route("/feeds/{file}", get(ics::subscribed))
        .route("/api", any(nothing))
        .route("/api/{*rest}", any(nothing))
        .layer(middleware::from_fn_with_state(api.clone(), auth::same_origin))
        .layer(DefaultBodyLimit::max(idempotency::LONGEST_BODY))
        .layer(CatchPanicLayer::custom(problem::of_panic))
        .layer(middleware::from_fn(problem::uniform))
        .with_state(api);
    api_routes
        .merge(openapi::pages(document))
        .route("/api/errors", get(errors_page))
}

/// The routes below `/api/v1` with their documentation.
fn documented() -> OpenApiRouter<Api> {
    let v1 = OpenApiRouter::new()
        .routes(routes!(session::sign_in, session::sign_out, session::session))
        .routes(routes!(businesses::business))
        .routes(routes!(settings::read, settings::save))
        .routes(routes!(faq::try_question))
        .routes(routes!(templates::wordings))
        .routes(routes!(templates::show))
        .routes(routes!(health_summary::summary))
        .routes(routes!(calls::list))
        .routes(routes!(calls_export::export))
        .routes(routes!(totals::totals))
        .routes(routes!(calls::detail))
        .routes(routes!(calls::read))
        .routes(routes!(conversations::list))
        .routes(routes!(conversations::detail))
        .routes(routes!(conversations::send))
        .routes(routes!(conversations::take_over))
        .routes(routes!(conversations::hand_back))
        .routes(routes!(conversations::read))
        .routes(routes!(conversations::send_draft))
        .routes(routes!(conversations::discard_draft))
        .routes(routes!(appointments::availability))
        .routes(routes!(week::week))
        .routes(routes!(appointments::list, appointments::book))
        .routes(routes!(appointments::read, week::attend))
        .routes(routes!(appointments::reschedule))
        .routes(routes!(appointments::cancel))
        .routes(routes!(appointments::blocked_times, appointments::block))
        .routes(routes!(appointments::unblock))
        .routes(routes!(
            calendar_connection::read,
            calendar_connection::choose,
            calendar_connection::disconnect
        ))
        .routes(routes!(calendar_feed::read, calendar_feed::open, calendar_feed::close))
        .routes(routes!(calendar_connection::calendars, calendar_connection::create))
        .routes(routes!(other_calendars::read, other_calendars::connect))
        .routes(routes!(other_calendars::disconnect))
        .routes(routes!(other_calendars::read_now))
        .routes(routes!(calendar_connection::connect_google))
        .routes(routes!(calendar_connection::connect_calcom))
        .routes(routes!(tasks::list))
        .routes(routes!(tasks::done))
        .routes(routes!(notifications::read))
        .routes(routes!(notifications::connect_slack, notifications::disconnect_slack))
        .routes(routes!(notifications::test))
        .routes(routes!(notifications::promises))
        .routes(routes!(routing::read, routing::save))
        .routes(routes!(routing::ask))
        .routes(routes!(forwarding::read))
        .routes(routes!(forwarding::number))
        .routes(routes!(forwarding::provider))
        .routes(routes!(forwarding::business_phone))
        .routes(routes!(forwarding::start, forwarding::latest))
        .routes(routes!(forwarding::one))
        .routes(routes!(forwarding::guides))
        .routes(routes!(events::stream))
        .routes(routes!(callers::read, callers::change))
        .routes(routes!(consent::opt_outs))
        .routes(routes!(consent::ledger))
        .routes(routes!(keys::list, keys::make))
        .routes(routes!(keys::revoke))
        .routes(routes!(sandbox::info))
        .routes(routes!(sandbox::call))
        .routes(routes!(sandbox::hang_up))
        .routes(routes!(sandbox::text))
        .routes(routes!(sandbox::handset))
        .routes(routes!(sandbox::fault))
        .routes(routes!(sandbox::forwarding));
    OpenApiRouter::with_openapi(openapi::about()).nest("/api/v1", v1)
}

/// The OpenAPI document of the API, as JSON.
#[must_use]
pub fn openapi_json() -> String {
    openapi::to_json(openapi::complete(documented().into_openapi()))
}

async fn nothing() -> Problem {
    Problem::not_found()
}

async fn errors_page() -> impl IntoResponse {
    let kind = HeaderValue::from_static("text/markdown; charset=utf-8");
    ([(header::CONTENT_TYPE, kind)], ERRORS_PAGE)
}
