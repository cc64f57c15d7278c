//! Missed calls: the list, one with its whole story.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use mccc_core::CallId;
use mccc_core::calls::DashboardOutcome;
use mccc_core::port::store::{CallCursor, CallFilter, CallRow, Store, TaskFilter};
use mccc_core::routing::Method;
use mccc_core::tasks::Task;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::dto::{CallRowView, ContactView, ConversationView, MessageView, MethodName, OutcomeLabel, Page, TaskView};
use super::extract::{Named, Query, Reply, day, from_cursor, limit, phone, to_cursor};
use super::timeline::{self, TimelineEntry};
use super::why::{self, TextCheck, TraceView};
use crate::http::auth::Member;
use crate::http::problem::Problem;
use crate::http::state::Api;

/// Calls on a page, unless asked otherwise.
const USUAL: u32 = 50;
/// Most calls on a page.
pub(super) const MOST: u32 = 200;
/// Calls looked at for one page of a search by text.
const SEARCHED: usize = 2_000;
/// Open tasks that are looked through for the ones of a page.
pub(super) const TASKS: u32 = 1_000;

/// Which calls to list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CallsQuery {
    /// Where the page starts: `next_cursor` of the page before.
    pub(super) cursor: Option<String>,
    /// Calls on the page, 1 to 200; 50 when it is left out.
    pub(super) limit: Option<u32>,
    /// First local day, such as `2026-11-16`.
    pub(super) from: Option<String>,
    /// Last local day, inclusive.
    pub(super) to: Option<String>,
    /// Only calls done this way.
    #[param(value_type = Option<MethodName>)]
    pub(super) method: Option<String>,
    /// Only calls shown under this label.
    #[param(value_type = Option<OutcomeLabel>)]
    pub(super) outcome: Option<String>,
    /// Only calls about which a person still owes something.
    #[serde(default)]
    pub(super) attention: bool,
    /// Only calls of this number.
    pub(super) caller: Option<String>,
    /// Only callers whose name or number holds this text.
    pub(super) q: Option<String>,
    /// Whether test calls are listed too; they are unless this is `false`.
    #[serde(default = "yes")]
    pub(super) tests: bool,
}

pub(super) const fn yes() -> bool {
    true
}

impl CallsQuery {
    /// The text that is looked for, if one is.
    pub(super) fn text(&self) -> Option<&str> {
        self.q.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }

    pub(super) fn filter(&self) -> Result<CallFilter, Problem> {
        let caller = self.caller.as_deref().filter(|text| !text.is_empty());
        Ok(CallFilter {
            from_day: day("from", self.from.as_deref())?,
            to_day: day("to", self.to.as_deref())?,
            method: method_of(self.method.as_deref())?,
            outcome: outcome_of(self.outcome.as_deref())?,
            attention: self.attention,
            caller: caller.map(|text| phone("caller", text)).transpose()?,
            tests: self.tests,
        })
    }
}

/// The method that a parameter names, if it names one.
pub(super) fn method_of(given: Option<&str>) -> Result<Option<Method>, Problem> {
    let given = given.filter(|name| !name.is_empty());
    given
        .map(|name| {
            Method::parse(name)
                .ok_or_else(|| Problem::field("method", "Choose ai_voice, auto_text_only, both, voicemail or off."))
        })
        .transpose()
}

/// The label that a parameter names, if it names one.
pub(super) fn outcome_of(given: Option<&str>) -> Result<Option<DashboardOutcome>, Problem> {
    let given = given.filter(|name| !name.is_empty());
    given
        .map(|name| {
            DashboardOutcome::from_name(name).ok_or_else(|| {
                Problem::field(
                    "outcome",
                    "Choose appointment_booked, question_answered, callback_requested, voicemail_left, no_response, \
                     hung_up or spam.",
                )
            })
        })
        .transpose()
}

/// Missed calls, newest first.
#[utoipa::path(
    get, path = "/businesses/{business}/calls", tag = "calls",
    params(("business" = String, Path, description = "The business."), CallsQuery),
    responses((status = 200, body = Page<CallRowView>, description = "A page of calls."))
)]
pub(super) async fn list(
    State(api): State<Api>,
    member: Member,
    Query(query): Query<CallsQuery>,
) -> Reply<Page<CallRowView>> {
    let wanted = limit(query.limit, USUAL, MOST)?;
    let filter = query.filter()?;
    let after: Option<CallCursor> = from_cursor(query.cursor.as_deref())?;
    let store = &*api.app.center.ports().store;
    let text = query.text();
    let (rows, next) = match text {
        Some(text) => search(store, &member, &filter, after, wanted, text).await?,
        None => {
            let mut rows = store
                .calls(member.business, &filter, after, wanted.saturating_add(1))
                .await?;
            let more = rows.len() > wanted as usize;
            rows.truncate(wanted as usize);
            let next = rows.last().filter(|_| more).map(cursor_of);
            (rows, next)
        }
    };
    let tasks = if rows.iter().any(|row| row.needs_attention) {
        store.tasks(member.business, &TaskFilter::OPEN, TASKS).await?
    } else {
        Vec::new()
    };
    Ok(Json(Page {
        items: rows.into_iter().map(|row| CallRowView::new(row, &tasks)).collect(),
        next_cursor: next.as_ref().and_then(to_cursor),
    }))
}

pub(super) const fn cursor_of(row: &CallRow) -> CallCursor {
    CallCursor {
        received_at: row.received_at,
        id: row.id,
    }
}

/// Looks through calls for a text. Gives up after a bounded number of calls; the next page goes on from there.
async fn search(
    store: &dyn Store,
    member: &Member,
    filter: &CallFilter,
    mut after: Option<CallCursor>,
    wanted: u32,
    text: &str,
) -> Result<(Vec<CallRow>, Option<CallCursor>), Problem> {
    let (mut found, mut looked) = (Vec::new(), 0_usize);
    loop {
        let rows = store.calls(member.business, filter, after, MOST).await?;
        let last_page = rows.len() < MOST as usize;
        for row in rows {
            if found.len() >= wanted as usize || looked >= SEARCHED {
                return Ok((found, after));
            }
            looked = looked.saturating_add(1);
            after = Some(cursor_of(&row));
            if holds(&row, text) {
                found.push(row);
            }
        }
        if last_page {
            return Ok((found, None));
        }
    }
}

/// Whether the caller's name or number holds `text`.
pub(super) fn holds(row: &CallRow, text: &str) -> bool {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let by_number = digits.len() >= 2
        && text.chars().all(|c| c.is_ascii_digit() || " ()+-.".contains(c))
        && row
            .caller
            .number()
            .is_some_and(|number| number.digits().contains(&digits));
    let lower = text.to_lowercase();
    let by_name = row
        .caller_name
        .as_ref()
        .is_some_and(|name| name.to_lowercase().contains(&lower));
    by_number || by_name
}

/// A call with its whole story.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CallDetailView {
    /// The call.
    call: CallRowView,
    /// What happened, oldest first.
    timeline: Vec<TimelineEntry>,
    /// Why it was answered this way.
    why: Why,
    /// The texts it caused and those of its thread since, oldest first.
    messages: Vec<MessageView>,
    /// What the caller left; it stays with the provider.
    recording: Option<RecordingView>,
    /// What a person owed and owes, oldest first.
    tasks: Vec<TaskView>,
    /// The thread, without its messages.
    conversation: Option<ConversationView>,
    /// The caller.
    contact: Option<ContactView>,
}

/// Why a call was answered the way it was.
#[derive(Debug, Serialize, ToSchema)]
struct Why {
    /// The decision with every rule that could have decided.
    routing: TraceView,
    /// The decision in sentences.
    sentences: Vec<String>,
    /// Every check of its text, what stood against it first; null while none was made.
    text: Option<Vec<TextCheck>>,
    /// What came of its text, in a sentence; null when none was due.
    text_verdict: Option<String>,
}

/// A recording that stays with the provider.
#[derive(Debug, Serialize, ToSchema)]
struct RecordingView {
    /// Length in whole seconds.
    duration_seconds: u32,
    /// The provider's identifier.
    provider_id: String,
}

/// One call with its whole story.
#[utoipa::path(
    get, path = "/businesses/{business}/calls/{id}", tag = "calls",
    params(("business" = String, Path, description = "The business."), ("id" = String, Path, description = "The call.")),
    responses((status = 200, body = CallDetailView, description = "The call."))
)]
pub(super) async fn detail(State(api): State<Api>, member: Member, Named(id): Named<CallId>) -> Reply<CallDetailView> {
    let detail = api
        .app
        .center
        .ports()
        .store
        .call_detail(member.business, id)
        .await?
        .ok_or_else(Problem::not_found)?;
    let row = CallRowView::of_detail(&detail);
    let routing = TraceView::new(&detail.call.trace, Some(member.business));
    let text = why::text_checks(&detail);
    Ok(Json(CallDetailView {
        call: row,
        timeline: timeline::of(&detail),
        why: Why {
            sentences: routing.sentences(),
            routing,
            text,
            text_verdict: why::text_verdict(&detail),
        },
        recording: detail.call.recording.map(|recording| RecordingView {
            duration_seconds: recording.duration_seconds,
            provider_id: recording.provider_recording,
        }),
        conversation: detail
            .conversation
            .as_ref()
            .map(|conversation| ConversationView::new(conversation, detail.contact.as_ref())),
        contact: detail
            .call
            .caller
            .number()
            .map(|number| ContactView::new(number, detail.contact.as_ref())),
        messages: detail.messages.into_iter().map(Into::into).collect(),
        tasks: detail.tasks.into_iter().map(|task: Task| task.into()).collect(),
    }))
}

/// Mark a call as looked at.
#[utoipa::path(
    post, path = "/businesses/{business}/calls/{id}/read", tag = "calls",
    params(("business" = String, Path, description = "The business."), ("id" = String, Path, description = "The call.")),
    responses((status = 204, description = "Marked; doing it again changes nothing."))
)]
pub(super) async fn read(
    State(api): State<Api>,
    member: Member,
    Named(id): Named<CallId>,
) -> Result<StatusCode, Problem> {
    api.app.center.read_call(member.business, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
