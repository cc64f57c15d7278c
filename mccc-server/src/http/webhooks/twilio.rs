//! Twilio's webhooks: checked, handed to the center, answered in time.
//!
//! The voice answer waits for nothing but the commit, and for that only until the center's deadline. A repeated webhook
//! gets the same answer again.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, OriginalUri, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use mccc_core::business::Owner;
use mccc_core::center::{CallAnswer, CommandCenter, TextAnswer};
use mccc_core::port::{Clock as _, RawWebhook, Timer as _, WebhookRejection};
use mccc_core::{MessageId, PhoneNumber, TestCallId};
use mccc_twilio::{SIGNATURE_HEADER, TwilioWebhooks, Unverified, WebhookError, routes, twiml};

use super::documents::Documents;
use crate::calendars::GOOGLE_NEWS;
use crate::metrics;
use crate::providers::ServerProviders;
use crate::runtime::{SystemClock, TokioTimer};

/// A request of the provider has a few kilobytes.
const LONGEST_BODY: usize = 256 * 1024;
/// How long they may take to arrive. The provider itself waits no longer for the answer.
const BODY: Duration = Duration::from_secs(15);

/// What the handlers need.
#[derive(Debug, Clone)]
pub(super) struct Hooks {
    pub(super) center: Arc<CommandCenter>,
    pub(super) providers: Arc<ServerProviders>,
    documents: Arc<Documents>,
}

/// The webhook routes. Mount them where the public address leads; they need no session and know no cookie.
pub fn router(center: Arc<CommandCenter>, providers: Arc<ServerProviders>) -> Router {
    let documents = Arc::new(Documents::new(providers.base()));
    let following = |path: &str, name: &str| format!("{path}/{{{name}}}");
    Router::new()
        .route(routes::VOICE, any(voice))
        .route("/api/webhook", any(voice))
        .route(routes::VOICE_FALLBACK, any(voice_fallback))
        .route(routes::VOICE_STATUS, any(voice_status))
        .route(routes::RECORDED, any(recorded))
        .route(&following(routes::RECORDING_STATUS, "number"), any(recording))
        .route(routes::SMS, any(sms))
        .route(&following(routes::SMS_STATUS, "message"), any(sms_status))
        .route(&following(routes::CALL_STATUS, "test"), any(test_status))
        .route(GOOGLE_NEWS, post(super::google::calendar))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .with_state(Hooks {
            center,
            providers,
            documents,
        })
}

/// A request as it arrived.
struct Arrived {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Arrived {
    type Rejection = Response;

    /// Takes the request apart instead of copying what is in its head.
    async fn from_request(mut request: Request, state: &S) -> Result<Self, Response> {
        let nested = request.extensions_mut().remove::<OriginalUri>();
        let uri = nested.map_or_else(|| std::mem::take(request.uri_mut()), |uri| uri.0);
        let (method, headers) = (request.method().clone(), std::mem::take(request.headers_mut()));
        let body = tokio::select! {
            body = Bytes::from_request(request, state) => body.map_err(IntoResponse::into_response)?,
            () = TokioTimer.sleep(BODY) => return Err(StatusCode::REQUEST_TIMEOUT.into_response()),
        };
        Ok(Self {
            method,
            uri,
            headers,
            body,
        })
    }
}

impl Arrived {
    fn raw(&self) -> RawWebhook<'_> {
        let text = |name: &str| self.headers.get(name).and_then(|value| value.to_str().ok());
        RawWebhook {
            method: self.method.as_str(),
            target: self.uri.path_and_query().map_or("/", |target| target.as_str()),
            content_type: text("content-type"),
            signature: text(SIGNATURE_HEADER),
            body: &self.body,
        }
    }
}

/// Why a request gets no further.
enum Stop {
    /// Not provably from the provider.
    Refused(&'static str),
    /// Genuine, but unusable.
    Unusable,
    /// It cannot be checked now: let the provider come again or use its fallback.
    Away,
}

impl From<WebhookRejection> for Stop {
    fn from(rejection: WebhookRejection) -> Self {
        Self::Refused(match rejection {
            WebhookRejection::Unsigned => "unsigned",
            WebhookRejection::Forged => "forged",
            WebhookRejection::Malformed => "malformed",
        })
    }
}

impl From<WebhookError> for Stop {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::Rejected(rejection) => rejection.into(),
            WebhookError::Unreadable(_) => Self::Unusable,
        }
    }
}

/// Counts, logs and answers a request that gets no further. The sender learns nothing.
fn stopped(route: &'static str, stop: &Stop) -> Response {
    match stop {
        Stop::Refused(reason) => {
            metrics::rejected(route, reason);
            tracing::warn!(route, reason, "a webhook was refused");
            StatusCode::FORBIDDEN.into_response()
        }
        Stop::Unusable => {
            metrics::rejected(route, "unusable");
            tracing::warn!(route, "a genuine webhook cannot be read");
            StatusCode::BAD_REQUEST.into_response()
        }
        Stop::Away => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

impl Hooks {
    /// The account that a request about one of our numbers must come from, with the number's owner.
    ///
    /// The number decides whose token is used, never the request's own word: the account it names must be the one that
    /// owns the number.
    async fn account_for(
        &self,
        request: &Unverified<'_>,
        number: Option<PhoneNumber>,
    ) -> Result<(Option<Arc<Owner>>, Arc<TwilioWebhooks>), Stop> {
        let owner = match number {
            Some(number) => self.center.number_owner(&number).await.map_err(|_| Stop::Away)?,
            None => None,
        };
        let account = match &owner {
            Some(owner) => self.providers.account(owner).await.map_err(|error| {
                // Until a person mends it every call of the business ends here.
                tracing::error!(business = %owner.business, %error, "a business's phone account cannot be used");
                Stop::Away
            })?,
            None => self.providers.platform().cloned(),
        };
        let Some(account) = account else {
            return Err(Stop::Refused("no_account"));
        };
        let expected = match (&owner, number) {
            (Some(owner), Some(number)) => owner.account_of(&number).unwrap_or(&account.sid),
            (Some(_), None) | (None, _) => &account.sid,
        };
        if request.claimed("AccountSid").is_some_and(|claimed| claimed != expected) {
            return Err(Stop::Refused("other_account"));
        }
        Ok((owner, account.webhooks))
    }
}

fn number_in(request: &Unverified<'_>, field: &str) -> Option<PhoneNumber> {
    request.claimed(field).and_then(|text| PhoneNumber::parse(text).ok())
}

/// Our number in news about a call: the one it reached, or the one it was placed from.
fn our_number(request: &Unverified<'_>) -> Option<PhoneNumber> {
    let outbound = request
        .claimed("Direction")
        .is_some_and(|direction| direction.starts_with("outbound"));
    number_in(request, if outbound { "From" } else { "To" })
}

fn document(text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/xml; charset=utf-8"),
    );
    response
}

fn measured(route: &'static str, began: mccc_core::Timestamp, answer: &'static str, response: Response) -> Response {
    let took: Duration = SystemClock.now().since(began);
    metrics::webhook(route, answer, took);
    response
}

async fn voice(State(hooks): State<Hooks>, arrived: Arrived) -> Response {
    answer_voice(&hooks, &arrived, "voice", false).await
}

/// The same call again because the first address failed: the same answer if it can be had, else one that needs nothing.
async fn voice_fallback(State(hooks): State<Hooks>, arrived: Arrived) -> Response {
    answer_voice(&hooks, &arrived, "voice_fallback", true).await
}

async fn answer_voice(hooks: &Hooks, arrived: &Arrived, route: &'static str, last_resort: bool) -> Response {
    let began = SystemClock.now();
    let base = hooks.providers.base();
    let request = match Unverified::read(arrived.raw()) {
        Ok(request) => request,
        Err(rejection) => return stopped(route, &rejection.into()),
    };
    let claimed = number_in(&request, "To");
    let resort = |number| measured(route, began, "last_resort", document(twiml::last_resort(base, &number)));
    // A request that names no number of ours is checked all the same, before anybody learns that it is unusable.
    let event = match (hooks.account_for(&request, claimed).await, claimed) {
        (Ok((_, webhooks)), _) => match webhooks.inbound_call(request) {
            Ok(event) => event,
            Err(error) => return stopped(route, &error.into()),
        },
        // Nothing can be checked and nothing is stored: a message is better than a dead line.
        (Err(Stop::Away), Some(number)) if last_resort => return resort(number),
        (Err(stop), _) => return stopped(route, &stop),
    };
    let number = event.get().dialled;
    tracing::info!(route, call = %event.get().provider_call, "a webhook was accepted");
    match hooks.center.inbound_call(event).await {
        CallAnswer::Reply(reply) => measured(route, began, "reply", document(hooks.documents.of(reply, &number))),
        CallAnswer::UnknownNumber => {
            tracing::warn!(route, "a call reached a number that no business has");
            measured(route, began, "unknown_number", document(twiml::reject()))
        }
        CallAnswer::Unavailable if last_resort => resort(number),
        CallAnswer::Unavailable => measured(
            route,
            began,
            "unavailable",
            StatusCode::SERVICE_UNAVAILABLE.into_response(),
        ),
    }
}

async fn voice_status(State(hooks): State<Hooks>, arrived: Arrived) -> Response {
    let work = async {
        let request = Unverified::read(arrived.raw())?;
        let (_, webhooks) = hooks.account_for(&request, our_number(&request)).await?;
        let event = webhooks.call_progress(request)?;
        let call = event.get().provider_call.clone();
        hooks.center.call_progress(event).await.map_err(|_| Stop::Away)?;
        Ok::<_, Stop>(call)
    };
    acknowledge("voice_status", work.await)
}

/// The caller has finished speaking; the recording itself is announced by a request of its own.
async fn recorded(State(hooks): State<Hooks>, arrived: Arrived) -> Response {
    let work = async {
        let request = Unverified::read(arrived.raw())?;
        let (_, webhooks) = hooks.account_for(&request, number_in(&request, "To")).await?;
        let call = request.claimed("CallSid").unwrap_or_default().to_owned();
        webhooks.verify(request)?;
        tracing::info!(route = "recorded", %call, "a webhook was accepted");
        Ok::<_, Stop>(())
    };
    match work.await {
        Ok(()) | Err(Stop::Away) => document(twiml::after_recording()),
        Err(stop) => stopped("recorded", &stop),
    }
}

async fn recording(State(hooks): State<Hooks>, Path(number): Path<String>, arrived: Arrived) -> Response {
    let work = async {
        let request = Unverified::read(arrived.raw())?;
        // The path is covered by the signature; the recording's own fields do not name our number.
        let number = PhoneNumber::parse(&format!("+{number}")).ok();
        let (owner, webhooks) = hooks.account_for(&request, number).await?;
        let event = webhooks.recording_progress(request)?;
        let recording = event.get().provider_recording.clone();
        let Some(owner) = owner else { return Err(Stop::Unusable) };
        hooks
            .center
            .recording_progress(owner.business, event)
            .await
            .map_err(|_| Stop::Away)?;
        Ok::<_, Stop>(recording)
    };
    acknowledge("recording", work.await)
}

async fn sms(State(hooks): State<Hooks>, arrived: Arrived) -> Response {
    let began = SystemClock.now();
    let read = async {
        let request = Unverified::read(arrived.raw())?;
        let (_, webhooks) = hooks.account_for(&request, number_in(&request, "To")).await?;
        Ok::<_, Stop>(webhooks.inbound_text(request)?)
    };
    let event = match read.await {
        Ok(event) => event,
        Err(stop) => return stopped("sms", &stop),
    };
    tracing::info!(route = "sms", message = %event.get().provider_message, "a webhook was accepted");
    match hooks.center.inbound_text(event).await {
        // Always an empty answer: what we write goes through the gate and the gateway, never through this reply.
        TextAnswer::Taken => measured("sms", began, "taken", document(twiml::nothing())),
        TextAnswer::UnknownNumber => measured("sms", began, "unknown_number", document(twiml::nothing())),
        TextAnswer::TryAgain => measured(
            "sms",
            began,
            "try_again",
            StatusCode::SERVICE_UNAVAILABLE.into_response(),
        ),
    }
}

async fn sms_status(State(hooks): State<Hooks>, Path(message): Path<String>, arrived: Arrived) -> Response {
    let work = async {
        let request = Unverified::read(arrived.raw())?;
        let (owner, webhooks) = hooks.account_for(&request, number_in(&request, "From")).await?;
        let event = webhooks.text_progress(request, message.parse::<MessageId>().ok())?;
        let message = event.get().provider_message.clone();
        let Some(owner) = owner else { return Err(Stop::Unusable) };
        hooks
            .center
            .text_progress(&owner, event)
            .await
            .map_err(|_| Stop::Away)?;
        Ok::<_, Stop>(message)
    };
    acknowledge("sms_status", work.await)
}

async fn test_status(State(hooks): State<Hooks>, Path(test): Path<String>, arrived: Arrived) -> Response {
    let work = async {
        let request = Unverified::read(arrived.raw())?;
        let (owner, webhooks) = hooks.account_for(&request, our_number(&request)).await?;
        let event = webhooks.call_progress(request)?;
        let call = event.get().provider_call.clone();
        let (Some(owner), Ok(test)) = (owner, test.parse::<TestCallId>()) else {
            return Err(Stop::Unusable);
        };
        hooks
            .center
            .test_call_progress(owner.business, test, event)
            .await
            .map_err(|_| Stop::Away)?;
        Ok::<_, Stop>(call)
    };
    acknowledge("test_status", work.await)
}

/// Answers news, whose identifier at the provider `done` is.
fn acknowledge(route: &'static str, done: Result<String, Stop>) -> Response {
    match done {
        Ok(about) => {
            tracing::info!(route, %about, "a webhook was accepted");
            StatusCode::NO_CONTENT.into_response()
        }
        Err(stop) => stopped(route, &stop),
    }
}
