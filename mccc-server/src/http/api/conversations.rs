//! Threads with callers: read them, answer, take over, hand back.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};

use mccc_core::center::PersonReply;
use mccc_core::conversation::Conversation;
use mccc_core::port::store::{ConversationCursor, ConversationRow};
use mccc_core::{ConversationId, MessageId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::dto::{ConversationView, MessageView, Page};
use super::extract::{Body, Named, Query, Reply, from_cursor, limit, to_cursor};
use crate::http::auth::Member;
use crate::http::idempotency;
use crate::http::problem::{Code, Problem};
use crate::http::state::Api;

/// Threads on a page, unless asked otherwise.
const USUAL: u32 = 50;
/// Most threads on a page.
const MOST: u32 = 200;
/// Messages of a thread.
const MESSAGES: u32 = 200;
/// Longest text a person may send, in characters.
const LONGEST: usize = 1_600;

/// Which page.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ConversationsQuery {
    /// Where the page starts: `next_cursor` of the page before.
    cursor: Option<String>,
    /// Threads on the page, 1 to 200; 50 when it is left out.
    limit: Option<u32>,
}

/// Threads, latest message first.
#[utoipa::path(
    get, path = "/businesses/{business}/conversations", tag = "conversations",
    params(("business" = String, Path, description = "The business."), ConversationsQuery),
    responses((status = 200, body = Page<ConversationView>, description = "A page of threads, without their messages."))
)]
pub(super) async fn list(
    State(api): State<Api>,
    member: Member,
    Query(query): Query<ConversationsQuery>,
) -> Reply<Page<ConversationView>> {
    let wanted = limit(query.limit, USUAL, MOST)?;
    let after: Option<ConversationCursor> = from_cursor(query.cursor.as_deref())?;
    let store = &api.app.center.ports().store;
    let mut rows = store
        .conversations(member.business, after, wanted.saturating_add(1))
        .await?;
    let more = rows.len() > wanted as usize;
    rows.truncate(wanted as usize);
    let next = rows.last().filter(|_| more).map(|row| ConversationCursor {
        last_message_at: row.conversation.last_message_at,
        id: row.conversation.id,
    });
    Ok(Json(Page {
        items: rows.into_iter().map(Into::into).collect(),
        next_cursor: next.as_ref().and_then(to_cursor),
    }))
}

async fn load(api: &Api, member: &Member, id: ConversationId, messages: u32) -> Result<ConversationRow, Problem> {
    let store = &api.app.center.ports().store;
    store
        .conversation(member.business, id, messages)
        .await?
        .ok_or_else(Problem::not_found)
}

/// One thread with its latest 200 messages.
#[utoipa::path(
    get, path = "/businesses/{business}/conversations/{id}", tag = "conversations",
    params(("business" = String, Path, description = "The business."), ("id" = String, Path, description = "The thread.")),
    responses((status = 200, body = ConversationView, description = "The thread."))
)]
pub(super) async fn detail(
    State(api): State<Api>,
    member: Member,
    Named(id): Named<ConversationId>,
) -> Reply<ConversationView> {
    Ok(Json(load(&api, &member, id, MESSAGES).await?.into()))
}

/// A text to send.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMessage {
    /// The text, 1 to 1,600 characters.
    #[schema(min_length = 1, max_length = 1600)]
    body: String,
}

/// What became of a text so far.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SentMessage {
    /// The message, waiting for its turn.
    message: MessageView,
    /// The thread, now led by a person; without its messages.
    conversation: ConversationView,
}

/// Text the caller.
///
/// The text is written down and goes out within seconds if the checks allow it. From now on a person leads the thread:
/// the machine is silent. The `Idempotency-Key` is required, so that no failure of the network can make a text go out
/// twice.
#[utoipa::path(
    post, path = "/businesses/{business}/conversations/{id}/messages", tag = "conversations", request_body = NewMessage,
    params(
        ("business" = String, Path, description = "The business."), ("id" = String, Path, description = "The thread."),
        ("Idempotency-Key" = String, Header, description = "A fresh UUID for each text; the same one when it is sent again."),
    ),
    responses((status = 202, body = SentMessage, description = "Written down."))
)]
pub(super) async fn send(
    State(api): State<Api>,
    member: Member,
    Named(id): Named<ConversationId>,
    headers: HeaderMap,
    Body(message): Body<NewMessage>,
) -> Result<(StatusCode, Json<SentMessage>), Problem> {
    member.may_act()?;
    let Some(key) = idempotency::key_of(&headers, &member)? else {
        return Err(Problem::field(
            "Idempotency-Key",
            "Send an Idempotency-Key header with a fresh UUID, so that the text cannot go out twice.",
        ));
    };
    let body = message.body.trim();
    if body.is_empty() {
        return Err(Problem::field("/body", "Write something first."));
    }
    if body.chars().count() > LONGEST {
        return Err(Problem::field(
            "/body",
            "A text has at most 1600 characters. Shorten it or send two.",
        ));
    }
    let row = load(&api, &member, id, 0).await?;
    if row.consent.opted_out_at.is_some() || row.consent.suppressed {
        return Err(Problem::new(
            Code::OptedOut,
            "This caller has opted out of texts. Call instead.",
        ));
    }
    let reply = PersonReply {
        conversation: id,
        user: member.principal.user(),
        body: body.to_owned(),
        key,
    };
    let done = api.app.center.reply(member.business, reply).await?;
    let sent = SentMessage {
        message: done.message.into(),
        conversation: ConversationView::new(&done.conversation, row.contact.as_ref()),
    };
    Ok((StatusCode::ACCEPTED, Json(sent)))
}

/// Take the thread over: the machine is silent from now on.
#[utoipa::path(
    post, path = "/businesses/{business}/conversations/{id}/takeover", tag = "conversations",
    params(("business" = String, Path, description = "The business."), ("id" = String, Path, description = "The thread.")),
    responses((status = 200, body = ConversationView, description = "The thread, without its messages."))
)]
pub(super) async fn take_over(
    State(api): State<Api>,
    member: Member,
    Named(id): Named<ConversationId>,
) -> Reply<ConversationView> {
    member.may_act()?;
    let user = member.principal.user();
    let led = api.app.center.take_over(member.business, id, user).await?;
    changed(&api, &member, &led).await
}

/// Hand the thread back to the machine.
#[utoipa::path(
    post, path = "/businesses/{business}/conversations/{id}/handback", tag = "conversations",
    params(("business" = String, Path, description = "The business."), ("id" = String, Path, description = "The thread.")),
    responses((status = 200, body = ConversationView, description = "The thread, without its messages."))
)]
pub(super) async fn hand_back(
    State(api): State<Api>,
    member: Member,
    Named(id): Named<ConversationId>,
) -> Reply<ConversationView> {
    member.may_act()?;
    let led = api.app.center.hand_back(member.business, id).await?;
    changed(&api, &member, &led).await
}

/// What becomes of a drafted answer.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DraftChange {
    /// The text as it shall go out, 1 to 1,600 characters; as it was drafted when it is left out.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 1600)]
    body: Option<String>,
}

/// Send an answer that the machine has drafted.
///
/// The machine goes on leading the thread. Sending it twice sends it once.
#[utoipa::path(
    post, path = "/businesses/{business}/drafts/{id}/send", tag = "conversations", request_body = DraftChange,
    params(("business" = String, Path, description = "The business."), ("id" = String, Path, description = "The drafted message.")),
    responses((status = 202, body = MessageView, description = "Written down; it goes out within seconds."))
)]
pub(super) async fn send_draft(
    State(api): State<Api>,
    member: Member,
    Named(id): Named<MessageId>,
    Body(change): Body<DraftChange>,
) -> Result<(StatusCode, Json<MessageView>), Problem> {
    member.may_act()?;
    let body = change.body.as_deref().map(str::trim);
    if body.is_some_and(str::is_empty) {
        return Err(Problem::field("/body", "Write something first, or discard the draft."));
    }
    if body.is_some_and(|body| body.chars().count() > LONGEST) {
        return Err(Problem::field(
            "/body",
            "A text has at most 1600 characters. Shorten it or send two.",
        ));
    }
    let user = member.principal.user();
    let sent = api.app.center.send_draft(member.business, id, body, user).await?;
    Ok((StatusCode::ACCEPTED, Json(sent.into())))
}

/// Throw a drafted answer away. The caller is still owed one by a person.
#[utoipa::path(
    delete, path = "/businesses/{business}/drafts/{id}", tag = "conversations",
    params(("business" = String, Path, description = "The business."), ("id" = String, Path, description = "The drafted message.")),
    responses((status = 200, body = MessageView, description = "It is not sent."))
)]
pub(super) async fn discard_draft(
    State(api): State<Api>,
    member: Member,
    Named(id): Named<MessageId>,
) -> Reply<MessageView> {
    member.may_act()?;
    let user = member.principal.user();
    let gone = api.app.center.discard_draft(member.business, id, user).await?;
    Ok(Json(gone.into()))
}

/// Mark the thread as looked at.
#[utoipa::path(
    post, path = "/businesses/{business}/conversations/{id}/read", tag = "conversations",
    params(("business" = String, Path, description = "The business."), ("id" = String, Path, description = "The thread.")),
    responses((status = 200, body = ConversationView, description = "The thread, without its messages."))
)]
pub(super) async fn read(
    State(api): State<Api>,
    member: Member,
    Named(id): Named<ConversationId>,
) -> Reply<ConversationView> {
    // A thread that has been read already is left alone: a change would wake every open page.
    let row = load(&api, &member, id, 0).await?;
    if row.conversation.unread == 0 {
        return Ok(Json(row.into()));
    }
    let read = api.app.center.read_thread(member.business, id).await?;
    changed(&api, &member, &read).await
}

async fn changed(api: &Api, member: &Member, conversation: &Conversation) -> Reply<ConversationView> {
    let row = load(api, member, conversation.id, 0).await?;
    Ok(Json(ConversationView {
        consent: Some(row.consent.into()),
        ..ConversationView::new(conversation, row.contact.as_ref())
    }))
}
