//! The simulated phone network, where it is switched on.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use mccc_core::business::NumberKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Body, Named, Reply, phone};
use crate::http::auth::Known;
use crate::http::problem::{Code, Problem};
use crate::http::state::Api;
use crate::sandbox::{Fault, HeardStep, Sandbox, SandboxCall, SandboxText};

/// Longest call, in seconds.
const LONGEST_CALL: u32 = 4 * 3_600;
/// Longest text, in characters.
const LONGEST_TEXT: usize = 1_600;
/// Subscribers of the simulated network: numbers that are set aside for fiction.
const SUBSCRIBERS: [(&str, &str); 4] = [
    ("+15125550123", "Dana, a new customer"),
    ("+15125550142", "Luis, who writes"),
    ("+13125550167", "Robin, from out of town"),
    ("+15125550188", "Sam, a regular customer"),
];

fn network(api: &Api) -> Result<Arc<Sandbox>, Problem> {
    api.app.sandbox.clone().ok_or_else(Problem::not_found)
}

/// What the simulated network offers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SandboxInfo {
    /// Numbers that can be dialled.
    lines: Vec<SandboxNumber>,
    /// Numbers a simulated caller can have; the first is the usual one.
    callers: Vec<SandboxNumber>,
    /// What can be made to go wrong with a number.
    faults: Vec<SandboxFault>,
}

/// A number with what it is.
#[derive(Debug, Serialize, ToSchema)]
struct SandboxNumber {
    /// In E.164 form.
    phone: String,
    /// As people write it.
    national: String,
    /// What it is.
    label: String,
}

/// Something that can be made to go wrong.
#[derive(Debug, Serialize, ToSchema)]
struct SandboxFault {
    /// Its name.
    key: Fault,
    /// In words.
    label: &'static str,
}

/// What the simulated network offers. 404 where it is not switched on.
#[utoipa::path(
    get, path = "/sandbox", tag = "sandbox",
    responses((status = 200, body = SandboxInfo, description = "Lines, callers, faults."))
)]
pub(super) async fn info(State(api): State<Api>, Known(principal): Known) -> Reply<SandboxInfo> {
    network(&api)?;
    let mut lines = Vec::new();
    for (business, _) in principal.businesses(&api).await? {
        let owner = api.app.center.business(business).await?;
        lines.extend(owner.lines.iter().map(|line| SandboxNumber {
            phone: line.number.to_string(),
            national: line.number.national(),
            label: match line.kind {
                NumberKind::Forwarding => format!("{}, when nobody answers", owner.settings.profile.name),
                NumberKind::Public => owner.settings.profile.name.clone(),
            },
        }));
    }
    let mut callers = Vec::new();
    for (number, label) in SUBSCRIBERS {
        let number = phone("callers", number)?;
        callers.push(SandboxNumber {
            phone: number.to_string(),
            national: number.national(),
            label: label.to_owned(),
        });
    }
    let faults = [
        (Fault::PhoneOff, "The phone is off"),
        (Fault::Landline, "It is a landline"),
        (Fault::Filtered, "The carrier filters the text"),
        (Fault::TooManyRequests, "The gateway asks to slow down once"),
        (Fault::AnswerLost, "The gateway's answer is lost"),
        (Fault::GatewayDown, "The gateway is down"),
    ];
    let faults = faults.map(|(key, label)| SandboxFault { key, label }).into();
    Ok(Json(SandboxInfo { lines, callers, faults }))
}

/// A call to place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCall {
    /// The calling phone; null, empty or `anonymous` withholds the number.
    #[serde(default)]
    from: Option<String>,
    /// The number to call.
    to: String,
}

/// A simulated call.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SandboxCallView {
    /// The network's identifier.
    id: String,
    /// What the caller hears, in order.
    heard: Vec<Heard>,
    /// `connected` or `ended`.
    state: &'static str,
    /// The number that was called.
    to: String,
    /// When it began.
    #[schema(format = DateTime)]
    at: String,
    /// Its length in seconds, once it ended.
    seconds: Option<u32>,
}

/// One thing a caller hears.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Heard {
    /// Spoken words.
    Say {
        /// The words.
        text: String,
    },
    /// The beep, then recording.
    Record {
        /// Longest message in seconds.
        max_seconds: u16,
    },
    /// The call was refused.
    Reject,
    /// The line went dead.
    Hangup,
}

impl From<SandboxCall> for SandboxCallView {
    fn from(call: SandboxCall) -> Self {
        Self {
            state: if call.seconds.is_some() { "ended" } else { "connected" },
            id: call.id,
            heard: call
                .heard
                .into_iter()
                .map(|step| match step {
                    HeardStep::Say { text } => Heard::Say { text },
                    HeardStep::Record { max_seconds } => Heard::Record { max_seconds },
                    HeardStep::Reject => Heard::Reject,
                    HeardStep::HangUp => Heard::Hangup,
                })
                .collect(),
            to: call.to.to_string(),
            at: call.started_at.to_string(),
            seconds: call.seconds,
        }
    }
}

/// Place a call.
#[utoipa::path(
    post, path = "/sandbox/calls", tag = "sandbox", request_body = NewCall,
    responses((status = 201, body = SandboxCallView, description = "What the caller hears."))
)]
pub(super) async fn call(
    State(api): State<Api>,
    _known: Known,
    Body(wanted): Body<NewCall>,
) -> Result<(StatusCode, Json<SandboxCallView>), Problem> {
    let network = network(&api)?;
    let from = wanted
        .from
        .as_deref()
        .map(str::trim)
        .filter(|from| !matches!(*from, "" | "anonymous"));
    let from = from.map(|from| phone("/from", from)).transpose()?;
    let to = phone("/to", &wanted.to)?;
    Ok((StatusCode::CREATED, Json(network.call(from, to).await.into())))
}

/// How a call ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HangUp {
    /// Length of the call in seconds.
    #[serde(alias = "after_seconds")]
    seconds: u32,
    /// Length of the message that was left, in seconds, if one was.
    #[serde(default)]
    message_seconds: Option<u32>,
}

/// Hang up.
#[utoipa::path(
    post, path = "/sandbox/calls/{id}/hangup", tag = "sandbox", request_body = HangUp,
    params(("id" = String, Path, description = "The network's identifier of the call.")),
    responses((status = 204, description = "The call is over; one that was over already stays so."))
)]
pub(super) async fn hang_up(
    State(api): State<Api>,
    _known: Known,
    Named(id): Named<String>,
    Body(wanted): Body<HangUp>,
) -> Result<StatusCode, Problem> {
    let network = network(&api)?;
    if wanted.seconds > LONGEST_CALL || wanted.message_seconds.is_some_and(|seconds| seconds > LONGEST_CALL) {
        return Err(Problem::field("/seconds", "A call lasts at most four hours."));
    }
    // Both sides may hang up at the same moment.
    network.hang_up_phone(&id, wanted.seconds, wanted.message_seconds).await;
    Ok(StatusCode::NO_CONTENT)
}

/// A text to send from a simulated phone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewText {
    /// The phone that writes.
    from: String,
    /// The business's number.
    to: String,
    /// The text.
    body: String,
}

/// Send a text from a simulated phone.
#[utoipa::path(
    post, path = "/sandbox/texts", tag = "sandbox", request_body = NewText,
    responses((status = 204, description = "Delivered."))
)]
pub(super) async fn text(
    State(api): State<Api>,
    _known: Known,
    Body(wanted): Body<NewText>,
) -> Result<StatusCode, Problem> {
    let network = network(&api)?;
    let (from, to) = (phone("/from", &wanted.from)?, phone("/to", &wanted.to)?);
    if wanted.body.chars().count() > LONGEST_TEXT {
        return Err(Problem::field("/body", "A text has at most 1600 characters."));
    }
    if network.text(from, to, &wanted.body).await {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::new(Code::Unavailable, "The text was not taken. Try again in a moment.").retry_after(2))
    }
}

/// A simulated phone, as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SandboxPhone {
    /// Its calls, oldest first.
    calls: Vec<SandboxCallView>,
    /// Its texts, oldest first.
    texts: Vec<SandboxTextView>,
}

/// A text, as the phone sees it.
#[derive(Debug, Serialize, ToSchema)]
struct SandboxTextView {
    /// The network's identifier.
    id: String,
    /// `inbound` reached the phone, `outbound` was written on it.
    direction: &'static str,
    /// The text.
    body: String,
    /// When it was written.
    #[schema(format = DateTime)]
    at: String,
    /// Where it stands at the network.
    status: String,
    /// Who wrote it.
    from: String,
    /// To whom.
    to: String,
}

impl From<SandboxText> for SandboxTextView {
    fn from(text: SandboxText) -> Self {
        let (phone, ours) = (text.phone.to_string(), text.ours.to_string());
        let (from, to) = if text.from_phone { (phone, ours) } else { (ours, phone) };
        Self {
            id: text.id,
            direction: if text.from_phone { "outbound" } else { "inbound" },
            body: text.body,
            at: text.at.to_string(),
            status: text.status,
            from,
            to,
        }
    }
}

/// A simulated phone: what it called, heard, wrote and received.
#[utoipa::path(
    get, path = "/sandbox/phone/{id}", tag = "sandbox",
    params(("id" = String, Path, description = "The phone's number.", example = "+15125550123")),
    responses((status = 200, body = SandboxPhone, description = "The phone."))
)]
pub(super) async fn handset(
    State(api): State<Api>,
    _known: Known,
    Named(number): Named<String>,
) -> Reply<SandboxPhone> {
    let network = network(&api)?;
    let (calls, texts) = network.phone(&phone("number", &number)?);
    Ok(Json(SandboxPhone {
        calls: calls.into_iter().map(Into::into).collect(),
        texts: texts.into_iter().map(Into::into).collect(),
    }))
}

/// What shall go wrong.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewFault {
    /// The phone.
    number: String,
    /// What goes wrong from now on; null for nothing.
    #[serde(default)]
    fault: Option<Fault>,
}

/// Make a phone misbehave, or behave again.
#[utoipa::path(
    post, path = "/sandbox/faults", tag = "sandbox", request_body = NewFault,
    responses((status = 204, description = "Set."))
)]
pub(super) async fn fault(
    State(api): State<Api>,
    _known: Known,
    Body(wanted): Body<NewFault>,
) -> Result<StatusCode, Problem> {
    let network = network(&api)?;
    network.set_fault(phone("/number", &wanted.number)?, wanted.fault.unwrap_or(Fault::None));
    Ok(StatusCode::NO_CONTENT)
}

/// Whether a phone forwards.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetForwarding {
    /// The phone.
    number: String,
    /// Whether it forwards its unanswered calls.
    on: bool,
}

/// Let a phone forward its unanswered calls, or not.
#[utoipa::path(
    post, path = "/sandbox/forwarding", tag = "sandbox", request_body = SetForwarding,
    responses((status = 204, description = "Set."))
)]
pub(super) async fn forwarding(
    State(api): State<Api>,
    _known: Known,
    Body(wanted): Body<SetForwarding>,
) -> Result<StatusCode, Problem> {
    let network = network(&api)?;
    network.set_forwarding(phone("/number", &wanted.number)?, wanted.on);
    Ok(StatusCode::NO_CONTENT)
}
