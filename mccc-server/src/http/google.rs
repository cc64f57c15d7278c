//! Connecting a Google account: the way there and the way back.
//!
//! An attempt is bound to the session that began it, works once and for ten minutes, and cannot be guessed. What Google
//! granted is compared with what is needed before anything is kept.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use mccc_calendar::google::GoogleCalendar;
use mccc_calendar::google::connect::{Attempt, ConnectError, GoogleConnect, NEW_CALENDAR_SCOPE, Redirect};
use mccc_calendar::google::tokens::Tokens;
use mccc_core::business::{CalendarConnection, CalendarService, Owner};
use mccc_core::center::{CenterError, NewCalendar, Replaces};
use mccc_core::port::store::Session;
use mccc_core::port::{
    Access, CalendarCreation as _, CalendarInfo, CalendarProvider as _, CalendarPush as _, ErrorKind, id_bytes,
};
use mccc_core::{BusinessId, Secret, Timestamp};
use serde::{Deserialize, Serialize};

use super::auth::{Principal, identify};
use super::problem::{Code, Problem};
use super::state::Api;
use crate::calendars::GOOGLE_TOKENS;
use crate::runtime::sha256;

/// What the page says once the calendar is connected.
pub(super) const CONNECTED: &str =
    "Google Calendar connected! Your AI assistant can now check your schedule and book appointments.";

/// Field under which an attempt, or why the last one failed, is sealed.
const ATTEMPT: &str = "google_attempt";
/// How long an attempt lasts.
const LASTS: Duration = Duration::from_secs(600);

/// What is remembered of an attempt.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
enum Kept {
    /// It goes on.
    Begun {
        state: String,
        verifier: String,
        /// Hash of the session's token, in hexadecimal digits.
        session: String,
        expires_at: Timestamp,
        #[serde(flatten)]
        wish: Wish,
    },
    /// It came to nothing.
    Failed { why: Failed, at: Timestamp },
}

/// What an attempt is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wish {
    /// Whether a connection that works is to be replaced.
    pub(super) replace: bool,
    /// Whether a calendar for appointments alone is to be created and booked.
    #[serde(default)]
    pub(super) new_calendar: bool,
}

/// Why an attempt to connect came to nothing, or to less than was wished for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Failed {
    /// The contractor said no.
    Declined,
    /// Their organisation does not allow it.
    NotAllowed,
    /// The attempt is too old, was used, or belongs to another session.
    Expired,
    /// A permission was not granted.
    MissingPermissions,
    /// Google gave nothing that lasts.
    NoLastingAccess,
    /// Google cannot be asked.
    Unreachable,
    /// This installation is refused by Google.
    Misconfigured,
    /// No calendar of the account can be booked.
    NothingBookable,
    /// A calendar was connected meanwhile.
    AlreadyConnected,
    /// A calendar was to be created in the account that is connected, and another account was chosen.
    OtherAccount,
    /// The account is connected; that calendars are created in it was not granted.
    CreationNotGranted,
    /// The account is connected; the calendar could not be created for now.
    NotCreated,
}

impl Failed {
    /// Every one.
    #[cfg(test)]
    pub(crate) const ALL: &'static [Self] = &[
        Self::Declined,
        Self::NotAllowed,
        Self::Expired,
        Self::MissingPermissions,
        Self::NoLastingAccess,
        Self::Unreachable,
        Self::Misconfigured,
        Self::NothingBookable,
        Self::AlreadyConnected,
        Self::OtherAccount,
        Self::CreationNotGranted,
        Self::NotCreated,
    ];

    /// The stable name.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::NotAllowed => "not_allowed",
            Self::Expired => "expired",
            Self::MissingPermissions => "missing_permissions",
            Self::NoLastingAccess => "no_lasting_access",
            Self::Unreachable => "unreachable",
            Self::Misconfigured => "misconfigured",
            Self::NothingBookable => "nothing_bookable",
            Self::AlreadyConnected => "already_connected",
            Self::OtherAccount => "other_account",
            Self::CreationNotGranted => "creation_not_granted",
            Self::NotCreated => "calendar_not_created",
        }
    }

    /// What the contractor reads.
    pub(crate) const fn sentence(self) -> &'static str {
        match self {
            Self::Declined => "Google Calendar was not connected because access was declined.",
            Self::NotAllowed => "Your organisation does not allow this app. Ask its Google administrator.",
            Self::Expired => "This connection attempt has expired. Please start again.",
            Self::MissingPermissions => {
                "We need both calendar permissions to check your availability and book appointments. Please try again \
                 and grant all permissions."
            }
            Self::NoLastingAccess => "Google did not give lasting access. Please start again.",
            Self::Unreachable => "Google could not be reached. Please try again in a minute.",
            Self::Misconfigured => "Google refuses this installation. Its operator has to check the Google settings.",
            Self::NothingBookable => "No calendar of this account can be written to. Connect another account.",
            Self::AlreadyConnected => "A calendar was connected in the meantime. Look at it before you replace it.",
            Self::OtherAccount => {
                "You chose another Google account than the one that is connected. Nothing was changed. Try again with the \
                 account that is connected, or disconnect it first."
            }
            Self::CreationNotGranted => {
                "The calendar “Appointments” was not created, because the permission to create calendars was not given. \
                 Google Calendar is connected all the same. Choose one of your calendars, or try again and grant all \
                 permissions."
            }
            Self::NotCreated => {
                "Google Calendar is connected, but the calendar “Appointments” could not be created. Try again in a \
                 minute, or choose one of your calendars."
            }
        }
    }
}

impl From<ConnectError> for Failed {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::Declined => Self::Declined,
            ConnectError::NotAllowed => Self::NotAllowed,
            ConnectError::MissingScopes => Self::MissingPermissions,
            ConnectError::NoRefreshToken => Self::NoLastingAccess,
            ConnectError::Provider(error) => {
                tracing::warn!(%error, "Google failed a connection");
                if error.kind() == ErrorKind::InvalidConfig {
                    Self::Misconfigured
                } else {
                    Self::Unreachable
                }
            }
            ConnectError::NotOurs => Self::Expired,
            // The adapter may learn new reasons.
            _ => Self::Unreachable,
        }
    }
}

fn unsealed(api: &Api, business: BusinessId, kept: &Kept) -> Result<String, Problem> {
    let text = serde_json::to_string(kept).map_err(|_| Problem::internal())?;
    let sealed = api.app.calendars.seal(business, ATTEMPT, &Secret::new(text));
    sealed.map_err(|error| {
        tracing::error!(%error, "nothing can be sealed");
        Problem::internal()
    })
}

async fn kept(api: &Api, business: BusinessId) -> Result<Option<Kept>, Problem> {
    match api.app.calendars.secret(business, ATTEMPT).await {
        Ok(secret) => Ok(serde_json::from_str(secret.reveal()).ok()),
        Err(error) if error.kind() == ErrorKind::Unavailable => Err(Problem::new(
            Code::Unavailable,
            "The database does not answer. Try again in a moment.",
        )
        .retry_after(2)),
        // There is none, or it was sealed with a key that is gone.
        Err(_) => Ok(None),
    }
}

/// Why the last attempt came to nothing or to less than was wished for, until one succeeds.
pub(super) async fn last_failure(api: &Api, business: BusinessId) -> Result<Option<(Failed, Timestamp)>, Problem> {
    Ok(match kept(api, business).await? {
        Some(Kept::Failed { why, at }) => Some((why, at)),
        Some(Kept::Begun { .. }) | None => None,
    })
}

/// What is done now is done: the last failure is over. An attempt that goes on, goes on.
pub(super) async fn settle_failure(api: &Api, business: BusinessId) {
    if matches!(last_failure(api, business).await, Ok(Some(_))) {
        clear_failure(api, business).await;
    }
}

/// An attempt that succeeded takes the last failure with it.
pub(super) async fn clear_failure(api: &Api, business: BusinessId) {
    if let Err(error) = api.app.center.keep_secret(business, ATTEMPT, String::new()).await {
        tracing::warn!(%error, "an old failure to connect stays on the page");
    }
}

fn not_offered() -> Problem {
    Problem::new(
        Code::Refused,
        "This installation has no Google application yet. Its operator sets google.client_id and google.client_secret.",
    )
}

/// Begins an attempt: Google's page, and until when the way back works.
pub(super) async fn begin(
    api: &Api,
    owner: &Owner,
    session: &Session,
    wish: Wish,
) -> Result<(String, Timestamp), Problem> {
    let google = api.app.calendars.google().ok_or_else(not_offered)?;
    let connection = owner.settings.calendar.connection.as_ref();
    let account = connection.filter(|connection| connection.service == CalendarService::Google && !wish.replace);
    let account = account.map(|connection| connection.account.as_str());
    let more: &[&str] = if wish.new_calendar { &[NEW_CALENDAR_SCOPE] } else { &[] };
    let attempt = google.begin(&*api.app.entropy, &owner.business.to_string(), account, more);
    let expires_at = api.app.clock.now().plus(LASTS);
    let begun = Kept::Begun {
        state: attempt.state.reveal().to_owned(),
        verifier: attempt.verifier.reveal().to_owned(),
        session: hex::encode(session.token_hash),
        expires_at,
        wish,
    };
    let sealed = unsealed(api, owner.business, &begun)?;
    api.app.center.keep_secret(owner.business, ATTEMPT, sealed).await?;
    Ok((attempt.url, expires_at))
}

/// What Google's redirect carries.
#[derive(Default)]
struct Back {
    redirect: Redirect,
    business: Option<BusinessId>,
}

fn back(query: &str) -> Back {
    let mut back = Back::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "code" => back.redirect.code = Some(Secret::new(value)),
            "state" => {
                back.business = value.split_once('.').and_then(|(business, _)| business.parse().ok());
                back.redirect.state = Some(value.into_owned());
            }
            "error" => back.redirect.error = Some(value.into_owned()),
            _ => {}
        }
    }
    back
}

/// Where Google sends the contractor back to. Whatever comes of it, they land on a page that says so.
pub(super) async fn callback(State(api): State<Api>, request: Request) -> Response {
    let back = back(request.uri().query().unwrap_or_default());
    let Some(business) = back.business else {
        return to_page(None, Failed::Expired.code());
    };
    match connect(&api, business, &back.redirect, request.headers()).await {
        Ok(None) => to_page(Some(business), "connected"),
        Ok(Some(less)) => to_page(Some(business), less.code()),
        Err(Stop::Failed(why)) => to_page(Some(business), why.code()),
        Err(Stop::NotTheirs) => to_page(None, Failed::Expired.code()),
        Err(Stop::Problem(problem)) => problem.into_response(),
    }
}

/// Why an attempt goes no further.
enum Stop {
    Failed(Failed),
    /// Not their attempt: nothing about it is told or changed.
    NotTheirs,
    Problem(Problem),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<CenterError> for Stop {
    fn from(error: CenterError) -> Self {
        Self::Problem(error.into())
    }
}

/// What came of an attempt: all that was wished for, or what is missing of it.
async fn connect(
    api: &Api,
    business: BusinessId,
    redirect: &Redirect,
    headers: &axum::http::HeaderMap,
) -> Result<Option<Failed>, Stop> {
    let google = api.app.calendars.google().ok_or(Stop::NotTheirs)?;
    let (attempt, wish) = theirs(api, business, redirect, headers).await?;
    let outcome = finish(api, google, business, (&attempt, redirect), wish).await;
    if let Err(Stop::Failed(why)) | Ok(Some(why)) = &outcome {
        let at = api.app.clock.now();
        let failed = unsealed(api, business, &Kept::Failed { why: *why, at })?;
        api.app.center.keep_secret(business, ATTEMPT, failed).await?;
    }
    outcome
}

/// The attempt that the request belongs to, used up by this.
async fn theirs(
    api: &Api,
    business: BusinessId,
    redirect: &Redirect,
    headers: &axum::http::HeaderMap,
) -> Result<(Attempt, Wish), Stop> {
    let session = match identify(headers, api).await {
        Ok(Principal::Person { user, session }) => {
            let memberships = api.app.accounts.memberships(user.id).await.map_err(Problem::from)?;
            let role = memberships
                .iter()
                .find(|one| one.business == business)
                .map(|one| one.role);
            role.filter(|role| role.may_connect()).map(|_| session)
        }
        Ok(Principal::Machine(_)) => None,
        Err(problem) if problem.code() == Code::SignInFirst => None,
        Err(problem) => return Err(problem.into()),
    };
    let session = session.ok_or(Stop::NotTheirs)?;
    let Some(Kept::Begun {
        state,
        verifier,
        session: bound,
        expires_at,
        wish,
    }) = kept(api, business).await?
    else {
        return Err(Stop::NotTheirs);
    };
    let state = Secret::new(state);
    let same_state = redirect.state.as_deref().is_some_and(|given| state.matches(given));
    let same_session = Secret::new(bound).matches(&hex::encode(session.token_hash));
    if !same_state || !same_session {
        return Err(Stop::NotTheirs);
    }
    let key = format!("google/connect/{}", hex::encode(sha256(state.reveal())));
    if !api.app.center.use_once(business, key, ATTEMPT).await? {
        return Err(Stop::NotTheirs);
    }
    if expires_at <= api.app.clock.now() {
        return Err(Stop::Failed(Failed::Expired));
    }
    let owner = api.app.center.business(business).await?;
    let attempt = Attempt {
        url: String::new(),
        state,
        verifier: Secret::new(verifier),
        connected: google_of(&owner).is_some(),
    };
    Ok((attempt, wish))
}

async fn finish(
    api: &Api,
    google: &GoogleConnect,
    business: BusinessId,
    (attempt, redirect): (&Attempt, &Redirect),
    wish: Wish,
) -> Result<Option<Failed>, Stop> {
    let owner = api.app.center.business(business).await?;
    let works = google_of(&owner).is_some_and(|connection| connection.reconnect_since.is_none());
    let tokens = match google.finish(attempt, redirect, &*api.app.clock).await {
        Ok(tokens) => tokens,
        // Whoever wanted a calendar besides what is connected declined that alone.
        Err(ConnectError::Declined) if works && wish.new_calendar && !wish.replace => {
            return Err(Stop::Failed(Failed::CreationNotGranted));
        }
        Err(error) => return Err(Stop::Failed(error.into())),
    };
    let connected = keep(api, business, &tokens, wish).await;
    if connected.is_err() {
        // Nobody uses it, so nobody should have it. Where an account is connected already, the permission is the same
        // one: Google knows one for each account and application.
        let owner = api.app.center.business(business).await;
        let unconnected = owner.is_ok_and(|owner| owner.settings.calendar.connection.is_none());
        if unconnected && let Err(error) = google.revoke(&tokens.refresh).await {
            tracing::info!(%error, "a permission that is not used could not be given back");
        }
    }
    connected
}

/// Connects the account that the tokens open. Whatever comes of a calendar that was to be created, the account is
/// connected; the answer says why it has none.
async fn keep(api: &Api, business: BusinessId, tokens: &Tokens, wish: Wish) -> Result<Option<Failed>, Stop> {
    let unreachable = |error| {
        tracing::warn!(%error, "the calendars of a new connection cannot be read");
        Stop::Failed(Failed::Unreachable)
    };
    let account = api.app.calendars.google_with(tokens.clone()).map_err(unreachable)?;
    let offered = account.calendars().await.map_err(unreachable)?;
    let owner = api.app.center.business(business).await?;
    let primary = offered.iter().find(|calendar| calendar.primary);
    // The main calendar of an account has the account's address for a name.
    let name = primary.map(|primary| primary.id.clone()).unwrap_or_default();
    let replaces = replaced(&owner, &name, wish).map_err(Stop::Failed)?;
    let usual = choice(&owner, &offered, &name);
    let (created, less) = match creation(api, &account, &owner, wish).await {
        None => (None, None),
        Some(Ok(created)) => (Some(created), None),
        Some(Err(less)) => (None, Some(less)),
    };
    let booked = created
        .as_ref()
        .or(usual)
        .ok_or(Stop::Failed(Failed::NothingBookable))?;
    let mut conflicts = kept_conflicts(&owner, &offered, &name, &booked.id);
    if created.is_some() {
        // What would be booked otherwise is where the contractor's own events are.
        conflicts = mccc_core::center::with_former(&conflicts, usual.map(|usual| usual.id.as_str()), &booked.id);
    }
    let sealed = api
        .app
        .calendars
        .seal(business, GOOGLE_TOKENS, &tokens.to_secret())
        .map_err(unreachable)?;
    let new = NewCalendar {
        connection: CalendarConnection {
            id: hex::encode(id_bytes(&*api.app.entropy)),
            service: CalendarService::Google,
            account: name.clone(),
            calendar_name: booked.name.clone(),
            connected_at: api.app.clock.now(),
            reconnect_since: None,
            visit_minutes: None,
        },
        booked: booked.id.clone(),
        conflicts,
        granted: tokens.scopes.clone(),
        field: GOOGLE_TOKENS,
        sealed,
    };
    let old = Old::of(api, &owner).await;
    match api.app.center.connect_calendar(business, &new, replaces).await {
        Ok(_) => {}
        Err(CenterError::Refused(_)) => return Err(Stop::Failed(Failed::AlreadyConnected)),
        Err(error) => return Err(error.into()),
    }
    api.app.calendars.forget(business);
    old.let_go(api, Some(&name)).await;
    Ok(less)
}

/// What an attempt may take the place of. A calendar is created besides what is connected only in the same account.
fn replaced<'a>(owner: &'a Owner, account: &str, wish: Wish) -> Result<Replaces<'a>, Failed> {
    let works = google_of(owner).filter(|connection| connection.reconnect_since.is_none());
    match (wish, works) {
        (Wish { replace: true, .. }, _) => Ok(Replaces::Anything),
        (Wish { new_calendar: true, .. }, Some(works)) if works.account == account => {
            Ok(Replaces::Connection(&works.id))
        }
        (Wish { new_calendar: true, .. }, Some(_)) => Err(Failed::OtherAccount),
        (Wish { .. }, _) => Ok(Replaces::Nothing),
    }
}

/// The calendar that was wished for, or why there is none; nothing where none was.
async fn creation(
    api: &Api,
    account: &GoogleCalendar,
    owner: &Owner,
    wish: Wish,
) -> Option<Result<CalendarInfo, Failed>> {
    if !wish.new_calendar {
        return None;
    }
    let created = account.create_calendar(&api.app.calendars.wish(owner)).await;
    Some(created.map_err(|error| {
        tracing::warn!(%error, "a calendar for appointments could not be created");
        if error.kind() == ErrorKind::PermissionMissing {
            Failed::CreationNotGranted
        } else {
            Failed::NotCreated
        }
    }))
}

/// The connected Google account, if there is one.
pub(super) fn google_of(owner: &Owner) -> Option<&CalendarConnection> {
    let connection = owner.settings.calendar.connection.as_ref();
    connection.filter(|connection| connection.service == CalendarService::Google)
}

/// The calendar to book: the one of before where it is the same account, else its main one.
fn choice<'a>(owner: &Owner, offered: &'a [CalendarInfo], account: &str) -> Option<&'a CalendarInfo> {
    let bookable = || offered.iter().filter(|calendar| calendar.access == Access::Write);
    let before = same_account(owner, account).then_some(owner.settings.calendar.booked.as_str());
    bookable()
        .find(|calendar| Some(calendar.id.as_str()) == before)
        .or_else(|| bookable().find(|calendar| calendar.primary))
        .or_else(|| bookable().next())
}

fn kept_conflicts(owner: &Owner, offered: &[CalendarInfo], account: &str, booked: &str) -> Vec<String> {
    if !same_account(owner, account) {
        return Vec::new();
    }
    let before = owner.settings.calendar.conflicts.iter();
    before
        .filter(|id| *id != booked && offered.iter().any(|calendar| calendar.id == **id))
        .cloned()
        .collect()
}

fn same_account(owner: &Owner, account: &str) -> bool {
    google_of(owner).is_some_and(|one| one.account == account)
}

/// What is left of a connection once another has taken its place.
pub(super) struct Old {
    account: String,
    tokens: Option<Tokens>,
}

impl Old {
    /// The Google connection of a business before it is replaced.
    pub(super) async fn of(api: &Api, owner: &Owner) -> Self {
        let connection = owner.settings.calendar.connection.as_ref();
        let google = connection.filter(|connection| connection.service == CalendarService::Google);
        let tokens = match google {
            Some(_) => api.app.calendars.google_tokens(owner.business).await.ok(),
            None => None,
        };
        Self {
            account: google.map(|google| google.account.clone()).unwrap_or_default(),
            tokens,
        }
    }

    /// Gives its permission back, unless the new connection is of the same account: Google knows one permission for each
    /// account and application, and giving it back would end the new one.
    pub(super) async fn let_go(self, api: &Api, new_account: Option<&str>) {
        let (Some(tokens), Some(google)) = (self.tokens, api.app.calendars.google()) else {
            return;
        };
        if new_account != Some(self.account.as_str())
            && let Err(error) = google.revoke(&tokens.refresh).await
        {
            tracing::info!(%error, "the permission of a calendar that was replaced could not be given back");
        }
    }
}

/// Ends the channel and gives the permission back; `false` when Google could not be told.
pub(super) async fn give_back(api: &Api, owner: &Owner) -> bool {
    let Ok(tokens) = api.app.calendars.google_tokens(owner.business).await else {
        // What nobody can open any more, nobody can use.
        return false;
    };
    let sync = api.app.center.ports().store.calendar_sync(owner.business).await;
    let channel = sync.ok().flatten().and_then(|sync| sync.channel);
    if let (Some(channel), Ok(account)) = (channel, api.app.calendars.google_with(tokens.clone()))
        && let Err(error) = account.stop(&channel).await
    {
        tracing::info!(%error, "a channel could not be ended; it ends by itself");
    }
    let Some(google) = api.app.calendars.google() else {
        return false;
    };
    match google.revoke(&tokens.refresh).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%error, "a permission could not be given back");
            false
        }
    }
}

/// The page that says what came of it.
fn to_page(business: Option<BusinessId>, result: &str) -> Response {
    let path = match business {
        Some(business) => format!("/b/{business}/connect?calendar={result}"),
        None => format!("/?calendar={result}"),
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    // Identifiers and names of ours: nothing that a header cannot hold.
    let location = HeaderValue::try_from(path).unwrap_or(HeaderValue::from_static("/"));
    headers.insert(header::LOCATION, location);
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_names_its_business_and_nothing_else_is_believed() {
        let business = BusinessId::derive(Timestamp::UNIX_EPOCH, "ace");
        let read = back(&format!("state={business}.abc&code=4%2Fx&scope=s&authuser=0"));
        assert_eq!(read.business, Some(business));
        assert_eq!(read.redirect.state, Some(format!("{business}.abc")));
        assert_eq!(read.redirect.code.as_ref().map(Secret::reveal), Some("4/x"));
        for query in ["", "state=abc", "state=.x", "code=1"] {
            assert_eq!(back(query).business, None, "{query}");
        }
        assert_eq!(
            back("error=access_denied&state=x.y").redirect.error.as_deref(),
            Some("access_denied")
        );
    }

    #[test]
    fn failures_have_names_of_their_own_and_the_adapters_words() {
        let names: std::collections::HashSet<_> = Failed::ALL.iter().map(|why| why.code()).collect();
        assert_eq!(names.len(), Failed::ALL.len());
        for error in [
            ConnectError::Declined,
            ConnectError::NotAllowed,
            ConnectError::NotOurs,
            ConnectError::MissingScopes,
            ConnectError::NoRefreshToken,
        ] {
            let said = error.to_string();
            assert_eq!(Failed::from(error).sentence(), said);
        }
    }
}
