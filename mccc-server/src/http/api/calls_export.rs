//! The list of calls as a table for spreadsheets (CSV, RFC 4180), written page by page while it is read.

use std::borrow::Cow;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{self, Stream};
use mccc_core::BusinessId;
use mccc_core::port::store::{CallCursor, CallFilter, CallRow, StoreError, TaskFilter};
use mccc_core::tasks::Task;
use serde::Deserialize;

use super::calls::{CallsQuery, MOST, TASKS, cursor_of, holds, yes};
use super::dto::{CallRowView, MethodName, OutcomeLabel};
use super::extract::Query;
use crate::http::auth::Member;
use crate::http::problem::Problem;
use crate::http::state::Api;

/// The columns: those of the list.
const COLUMNS: [&str; 27] = [
    "id",
    "received_at",
    "caller_status",
    "caller_number",
    "caller_national",
    "caller_name",
    "dialled",
    "scheduled_method",
    "method",
    "variant",
    "outcome",
    "outcome_key",
    "outcome_label",
    "state",
    "duration_seconds",
    "recording_seconds",
    "text_status",
    "recovered",
    "needs_attention",
    "open_task",
    "conversation_id",
    "is_test",
    "unread",
    "tags",
    "priority",
    "responded_at",
    "callback_completed_at",
];

/// Which calls to write.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ExportQuery {
    /// First local day, such as `2026-11-16`.
    from: Option<String>,
    /// Last local day, inclusive.
    to: Option<String>,
    /// Only calls done this way.
    #[param(value_type = Option<MethodName>)]
    method: Option<String>,
    /// Only calls shown under this label.
    #[param(value_type = Option<OutcomeLabel>)]
    outcome: Option<String>,
    /// Only calls about which a person still owes something.
    #[serde(default)]
    attention: bool,
    /// Only calls of this number.
    caller: Option<String>,
    /// Only callers whose name or number holds this text.
    q: Option<String>,
    /// Whether test calls are written too; they are unless this is `false`.
    #[serde(default = "yes")]
    tests: bool,
}

impl From<ExportQuery> for CallsQuery {
    fn from(query: ExportQuery) -> Self {
        Self {
            cursor: None,
            limit: None,
            from: query.from,
            to: query.to,
            method: query.method,
            outcome: query.outcome,
            attention: query.attention,
            caller: query.caller,
            q: query.q,
            tests: query.tests,
        }
    }
}

/// Missed calls as a table, newest first.
///
/// All calls that the list would show for the same filter, with its columns, as CSV (RFC 4180, UTF-8). A text that a
/// spreadsheet would take for a formula begins with an apostrophe.
#[utoipa::path(
    get, path = "/businesses/{business}/calls/export", tag = "calls",
    params(("business" = String, Path, description = "The business."), ExportQuery),
    responses((status = 200, body = String, content_type = "text/csv", description = "The table, with a head line."))
)]
pub(super) async fn export(
    State(api): State<Api>,
    member: Member,
    Query(query): Query<ExportQuery>,
) -> Result<Response, Problem> {
    let query = CallsQuery::from(query);
    let filter = query.filter()?;
    let tasks = api
        .app
        .center
        .ports()
        .store
        .tasks(member.business, &TaskFilter::OPEN, TASKS);
    let tasks = tasks.await?;
    let mut export = Export {
        business: member.business,
        filter,
        text: query.text().map(str::to_owned),
        after: None,
        tasks,
        over: false,
        api,
    };
    // Read before the answer begins, so that a database that is away is said with a status.
    let first = head() + &export.page().await?;
    let mut response = Body::from_stream(pages(first, export)).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8; header=present"),
    );
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"calls.csv\""),
    );
    Ok(response)
}

struct Export {
    api: Api,
    business: BusinessId,
    filter: CallFilter,
    text: Option<String>,
    after: Option<CallCursor>,
    tasks: Vec<Task>,
    over: bool,
}

impl Export {
    /// The lines of the next page, which may be none.
    async fn page(&mut self) -> Result<String, StoreError> {
        let store = &self.api.app.center.ports().store;
        let rows = store.calls(self.business, &self.filter, self.after, MOST).await?;
        self.over = rows.len() < MOST as usize;
        self.after = rows.last().map(cursor_of);
        let wanted = |row: &CallRow| self.text.as_deref().is_none_or(|text| holds(row, text));
        let rows = rows.into_iter().filter(wanted);
        Ok(rows.map(|row| line(&CallRowView::new(row, &self.tasks))).collect())
    }
}

/// A page that cannot be read breaks the answer off: a table that merely ended would look complete.
fn pages(first: String, export: Export) -> impl Stream<Item = Result<String, StoreError>> + Send {
    stream::unfold((Some(first), export), |(ready, mut export)| async move {
        match ready {
            Some(first) => Some((Ok(first), (None, export))),
            None if export.over => None,
            None => {
                let page = export.page().await;
                export.over |= page.is_err();
                Some((page, (None, export)))
            }
        }
    })
}

fn head() -> String {
    COLUMNS.join(",") + "\r\n"
}

fn line(call: &CallRowView) -> String {
    let number = |seconds: Option<u32>| seconds.map(|seconds| seconds.to_string()).unwrap_or_default();
    let truth = |yes: bool| Cow::Borrowed(if yes { "true" } else { "false" });
    fn plain(text: &str) -> Cow<'_, str> {
        Cow::Borrowed(text)
    }
    fn or_nothing(text: Option<&String>) -> Cow<'_, str> {
        plain(text.map_or("", String::as_str))
    }
    let caller = &call.caller;
    // In the order of the columns. What people outside have written is guarded; the rest is ours.
    let cells: [Cow<'_, str>; COLUMNS.len()] = [
        plain(&call.id),
        plain(&call.received_at),
        plain(caller.status),
        or_nothing(caller.number.as_ref()),
        or_nothing(caller.national.as_ref()),
        guarded(caller.name.as_deref().unwrap_or_default()),
        plain(&call.dialled),
        plain(call.scheduled_method),
        plain(call.method),
        plain(call.variant),
        plain(call.outcome),
        plain(call.outcome_key),
        plain(call.outcome_label),
        plain(call.state),
        number(call.duration_seconds).into(),
        number(call.recording_seconds).into(),
        plain(call.text_status),
        truth(call.recovered),
        truth(call.needs_attention),
        guarded(call.open_task.as_deref().unwrap_or_default()),
        or_nothing(call.conversation_id.as_ref()),
        truth(call.is_test),
        truth(call.unread),
        guarded(&call.tags.join(" ")).into_owned().into(),
        plain(call.priority),
        or_nothing(call.responded_at.as_ref()),
        or_nothing(call.callback_completed_at.as_ref()),
    ];
    let mut line = cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

/// A text that no spreadsheet takes for a formula.
fn guarded(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{text}").into()
    } else {
        text.into()
    }
}

/// A cell, in quotes where it has to be.
fn quoted(cell: &str) -> Cow<'_, str> {
    if cell.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\"")).into()
    } else {
        cell.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_a_text_and_a_text_is_one_cell() {
        let cell = |text: &str| quoted(&guarded(text)).into_owned();
        assert_eq!(cell("Maria Lopez"), "Maria Lopez");
        assert_eq!(cell("Lopez, Maria"), "\"Lopez, Maria\"");
        assert_eq!(cell("Maria \"Mia\" Lopez"), "\"Maria \"\"Mia\"\" Lopez\"");
        assert_eq!(cell("two\r\nlines"), "\"two\r\nlines\"");
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\n=1"] {
            assert!(cell(formula).trim_start_matches('"').starts_with('\''), "{formula:?}");
        }
        assert_eq!(cell("=HYPERLINK(\"x\",\"y\")"), "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
    }
}
