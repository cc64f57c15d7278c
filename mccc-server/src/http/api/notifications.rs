//! Whether and how the contractor is told: the state of each channel, its credential, a trial, and promises to callers.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use mccc_core::business::Owner;
use mccc_core::notify::{ChannelKind, warning};
use mccc_core::port::store::{CallKey, Change, Commit, TaskFilter};
use mccc_core::tasks::{Promise, TaskKind};
use mccc_core::{BusinessId, Secret, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::dto::TaskView;
use super::extract::{Body, Query, Reply, limit};
use super::names::{ChannelName, PromiseName};
use crate::http::auth::Member;
use crate::http::problem::{Code, Problem};
use crate::http::state::Api;
use crate::notifying::{SLACK_FIELD, SealSlackError};

/// Open tasks that are looked at for an unheard message.
const LOOKED_AT: u32 = 50;
/// Promises of a list, unless asked otherwise.
const USUAL: u32 = 200;
/// Most promises of a list.
const MOST: u32 = 1_000;
/// How far back promises are listed, unless asked otherwise.
const A_MONTH: std::time::Duration = std::time::Duration::from_secs(30 * 86_400);

/// How the contractor is told.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NotificationsView {
    /// What a person should know, such as that nobody is told of anything.
    warning: Option<&'static str>,
    /// The channels.
    channels: Vec<ChannelView>,
}

/// One channel.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
struct ChannelView {
    /// Which one.
    #[schema(value_type = ChannelName)]
    channel: &'static str,
    /// Whether the settings use it.
    on: bool,
    /// Whether everything it needs is there.
    connected: bool,
    /// What is missing, and what to do about it.
    problem: Option<&'static str>,
    /// Where notices go; null where that is a secret.
    target: Option<String>,
}

/// How the contractor is told, and what is missing.
#[utoipa::path(
    get, path = "/businesses/{business}/notifications", tag = "notifications",
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = NotificationsView, description = "The channels. What they are told of is part of \
        the settings: `notifications`."))
)]
pub(super) async fn read(State(api): State<Api>, member: Member) -> Reply<NotificationsView> {
    let owner = api.app.center.business(member.business).await?;
    let mut channels = Vec::new();
    for channel in ChannelKind::ALL {
        channels.push(view(&api, &owner, *channel).await?);
    }
    Ok(Json(NotificationsView {
        warning: warning(&owner.settings, unheard(&api, member.business).await?),
        channels,
    }))
}

async fn view(api: &Api, owner: &Owner, channel: ChannelKind) -> Result<ChannelView, Problem> {
    let settings = &owner.settings.notifications;
    let (target, problem) = match channel {
        ChannelKind::Text => {
            let problem = match (settings.text.phone, owner.sender()) {
                (None, _) => Some("Give the phone that is texted."),
                (Some(phone), _) if owner.lines.iter().any(|line| line.number == phone) => {
                    Some("This is a number of MCCC itself. Give your own phone.")
                }
                (Some(_), None) => Some("There is no number to text from yet."),
                (Some(_), Some(_)) if !owner.settings.texting.enabled => Some("Texting is switched off."),
                (Some(_), Some(_)) => None,
            };
            (settings.text.phone.map(|phone| phone.to_string()), problem)
        }
        ChannelKind::Slack => {
            let connected = api.app.notifying.has_slack(owner.business).await?;
            let problem = "Connect a Slack channel by the address that Slack shows.";
            (None, (!connected).then_some(problem))
        }
        ChannelKind::Email => {
            let address = owner.settings.email_for_notices();
            let problem = if !api.app.notifying.has_mail() {
                Some("This installation is not set up to send e-mail.")
            } else if address.is_none() {
                Some("Give the address that notices go to.")
            } else {
                None
            };
            (address.map(str::to_owned), problem)
        }
    };
    Ok(ChannelView {
        channel: channel.name(),
        on: settings.is_on(channel),
        connected: problem.is_none(),
        problem,
        target,
    })
}

/// Whether a message of a caller waits to be heard.
async fn unheard(api: &Api, business: BusinessId) -> Result<bool, Problem> {
    let store = &api.app.center.ports().store;
    let open = store.tasks(business, &TaskFilter::OPEN, LOOKED_AT).await?;
    for call in open
        .iter()
        .filter(|task| task.kind == TaskKind::Callback)
        .filter_map(|task| task.call)
    {
        let known = store.call(business, &CallKey::Id(call)).await?;
        if known.is_some_and(|snapshot| snapshot.call.recording.is_some()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The address of a Slack channel.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SlackAddress {
    /// The address of its incoming webhook. Whoever knows it can write there; it is kept sealed and never shown.
    #[schema(value_type = String, example = "https://hooks.slack.com/services/…")]
    url: Secret,
}

/// Connect a Slack channel, or another in its place.
#[utoipa::path(
    put, path = "/businesses/{business}/notifications/slack", tag = "notifications", request_body = SlackAddress,
    params(("business" = String, Path, description = "The business.")),
    responses((status = 204, description = "Connected. Switch it on in the settings, and send a test."))
)]
pub(super) async fn connect_slack(
    State(api): State<Api>,
    member: Member,
    Body(wanted): Body<SlackAddress>,
) -> Result<StatusCode, Problem> {
    member.may_configure()?;
    let sealed = api
        .app
        .notifying
        .seal_slack(member.business, &wanted.url)
        .map_err(|error| match error {
            SealSlackError::Url(error) => Problem::field("/url", format!("{error}.")),
            SealSlackError::Seal(_) => not_sealed(),
        })?;
    keep(&api, member.business, sealed).await
}

/// Disconnect the Slack channel.
#[utoipa::path(
    delete, path = "/businesses/{business}/notifications/slack", tag = "notifications",
    params(("business" = String, Path, description = "The business.")),
    responses((status = 204, description = "Disconnected; doing it again changes nothing."))
)]
pub(super) async fn disconnect_slack(State(api): State<Api>, member: Member) -> Result<StatusCode, Problem> {
    member.may_configure()?;
    let sealed = api
        .app
        .notifying
        .seal_nothing(member.business)
        .map_err(|_| not_sealed())?;
    keep(&api, member.business, sealed).await
}

fn not_sealed() -> Problem {
    Problem::new(Code::Internal, "The address could not be sealed, so it was not kept.")
}

async fn keep(api: &Api, business: BusinessId, sealed: String) -> Result<StatusCode, Problem> {
    let mut commit = Commit::new(business, api.app.clock.now());
    commit.changes.push(Change::PutSecret {
        field: SLACK_FIELD.to_owned(),
        sealed,
    });
    let done = api.app.center.ports().store.commit(commit).await;
    done.map_err(mccc_core::center::CenterError::from)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where a test goes.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TestSent {
    /// The channels that get one; empty when none is switched on.
    #[schema(value_type = Vec<ChannelName>)]
    channels: Vec<&'static str>,
}

/// Send a test through every channel that is switched on. Whether it arrived is in the event stream.
#[utoipa::path(
    post, path = "/businesses/{business}/notifications/test", tag = "notifications",
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = TestSent, description = "The test is on its way."))
)]
pub(super) async fn test(State(api): State<Api>, member: Member) -> Reply<TestSent> {
    member.may_configure()?;
    let channels = api.app.center.send_test_notice(member.business).await?;
    Ok(Json(TestSent {
        channels: channels.into_iter().map(ChannelKind::name).collect(),
    }))
}

/// A promise to a caller.
#[derive(Debug, Serialize, ToSchema)]
struct PromiseView {
    /// Where it stands.
    #[schema(value_type = PromiseName)]
    state: &'static str,
    /// What fulfils it.
    #[serde(flatten)]
    task: TaskView,
}

/// Promises to callers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Promises {
    /// The promises, oldest first.
    items: Vec<PromiseView>,
    /// How many of them there is still time for.
    pending: usize,
    /// How many were kept in time.
    kept: usize,
    /// How many were not.
    broken: usize,
}

/// Which promises.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PromisesQuery {
    /// Made since this instant; 30 days ago when it is left out.
    since: Option<String>,
    /// `pending`, `kept` or `broken`; all when it is left out.
    state: Option<String>,
    /// At most this many, 1 to 1,000.
    limit: Option<u32>,
}

/// What callers were promised: a call back or an answer within a time of business hours.
#[utoipa::path(
    get, path = "/businesses/{business}/promises", tag = "notifications",
    params(("business" = String, Path, description = "The business."), PromisesQuery),
    responses((status = 200, body = Promises, description = "The promises."))
)]
pub(super) async fn promises(
    State(api): State<Api>,
    member: Member,
    Query(query): Query<PromisesQuery>,
) -> Reply<Promises> {
    let wanted = match query.state.as_deref() {
        None | Some("") => None,
        Some(name) => {
            Some(Promise::from_name(name).ok_or_else(|| Problem::field("state", "Choose pending, kept or broken."))?)
        }
    };
    let now = api.app.clock.now();
    let since = match query.since.as_deref() {
        None | Some("") => now.minus(A_MONTH),
        Some(text) => Timestamp::parse(text)
            .map_err(|_| Problem::field("since", "Give an instant such as 2026-03-04T14:00:00Z."))?,
    };
    let filter = TaskFilter {
        open: false,
        promised_since: Some(since),
    };
    let limit = limit(query.limit, USUAL, MOST)?;
    let store = &api.app.center.ports().store;
    let tasks = store.tasks(member.business, &filter, limit).await?;
    let mut promises = Promises {
        items: Vec::new(),
        pending: 0,
        kept: 0,
        broken: 0,
    };
    for task in tasks {
        let Some(state) = task.promise(now) else { continue };
        match state {
            Promise::Pending => promises.pending += 1,
            Promise::Kept => promises.kept += 1,
            Promise::Broken => promises.broken += 1,
        }
        if wanted.is_none_or(|wanted| wanted == state) {
            promises.items.push(PromiseView {
                state: state.name(),
                task: task.into(),
            });
        }
    }
    Ok(Json(promises))
}
