//! What people still owe callers.

use axum::Json;
use axum::extract::State;
use mccc_core::TaskId;
use mccc_core::port::store::TaskFilter;
use serde::Deserialize;

use super::dto::{Page, TaskView};
use super::extract::{Named, Query, Reply, limit};
use crate::http::auth::Member;
use crate::http::problem::Problem;
use crate::http::state::Api;

/// Tasks of a list, unless asked otherwise.
const USUAL: u32 = 200;
/// Most tasks of a list.
const MOST: u32 = 1_000;

/// Which tasks.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TasksQuery {
    /// `open` (the usual) or `all`.
    state: Option<String>,
    /// At most this many, 1 to 1,000.
    limit: Option<u32>,
}

/// What people still owe callers, oldest first.
#[utoipa::path(
    get, path = "/businesses/{business}/tasks", tag = "tasks",
    params(("business" = String, Path, description = "The business."), TasksQuery),
    responses((status = 200, body = Page<TaskView>, description = "The tasks."))
)]
pub(super) async fn list(
    State(api): State<Api>,
    member: Member,
    Query(query): Query<TasksQuery>,
) -> Reply<Page<TaskView>> {
    let open = match query.state.as_deref() {
        None | Some("" | "open") => true,
        Some("all") => false,
        Some(_) => return Err(Problem::field("state", "Choose open or all.")),
    };
    let limit = limit(query.limit, USUAL, MOST)?;
    let filter = TaskFilter {
        open,
        ..TaskFilter::default()
    };
    let tasks = api
        .app
        .center
        .ports()
        .store
        .tasks(member.business, &filter, limit)
        .await?;
    Ok(Json(Page {
        items: tasks.into_iter().map(Into::into).collect(),
        next_cursor: None,
    }))
}

/// Mark a task as done; a callback also marks its call as called back.
#[utoipa::path(
    post, path = "/businesses/{business}/tasks/{id}/done", tag = "tasks",
    params(("business" = String, Path, description = "The business."), ("id" = String, Path, description = "The task.")),
    responses((status = 200, body = TaskView, description = "Done; doing it again changes nothing."))
)]
pub(super) async fn done(State(api): State<Api>, member: Member, Named(id): Named<TaskId>) -> Reply<TaskView> {
    member.may_act()?;
    let task = api
        .app
        .center
        .finish_task(member.business, id, member.principal.user())
        .await?;
    Ok(Json(task.into()))
}
