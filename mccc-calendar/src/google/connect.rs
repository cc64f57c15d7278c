//! Asking the contractor for permission, and what comes of it.
//!
//! The contractor may untick a permission on Google's page, so what was granted is compared with what is needed. Source:
//! Google, "Using OAuth 2.0 for Web Server Applications" and "How to handle granular permissions", read 2026-11.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mccc_core::port::{Clock, Entropy, ErrorKind, PortError, Retry};
use mccc_core::{Secret, Timestamp};
use serde::Deserialize;

use super::error::{BOTH_PERMISSIONS, reconnect, refused, unreadable};
use super::tokens::Tokens;
use super::{ADAPTER, GoogleConfig, GoogleConfigError};
use crate::http::{Answer, Call, Effect, Transport, encode};

/// What we always need: to read what is taken, and to write appointments.
pub const SCOPES: [&str; 2] = [
    "https://www.googleapis.com/auth/calendar.readonly",
    "https://www.googleapis.com/auth/calendar.events",
];
/// What creating a calendar for appointments alone needs; asked for only when the contractor wants one.
///
/// `calendars.insert` takes any one of `calendar`, `calendar.calendars` and `calendar.app.created` (Calendar API v3,
/// "Calendars: insert", section "Authorization", read 2026-11). This is the narrowest: it reaches no calendar but those
/// that this application created, where `calendar.calendars` changes the properties of every one ("Choose Google Calendar
/// API scopes", read 2026-11).
pub const NEW_CALENDAR_SCOPE: &str = "https://www.googleapis.com/auth/calendar.app.created";
/// The others that suffice for the same: what was granted before for another purpose counts, too.
const WIDER_SCOPES: [&str; 2] = [
    "https://www.googleapis.com/auth/calendar.calendars",
    "https://www.googleapis.com/auth/calendar",
];

/// Whether calendars can be created with what was granted. The contractor may have left [`NEW_CALENDAR_SCOPE`] unticked.
#[must_use]
pub fn may_create_calendars(granted: &[String]) -> bool {
    granted
        .iter()
        .any(|scope| scope == NEW_CALENDAR_SCOPE || WIDER_SCOPES.contains(&scope.as_str()))
}

/// A refused grant or refresh token: final.
const INVALID_GRANT: &str = "invalid_grant";
/// How long an access token lives that names no time; Google's live an hour.
const SHORTEST_LIFE: Duration = Duration::from_secs(60);

/// An attempt to connect: the page to send the contractor to, and what to remember until they come back. Bind it to
/// their session and use it once.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Google's consent page.
    pub url: String,
    /// Comes back with the contractor.
    pub state: Secret,
    /// Proves that the code was meant for us.
    pub verifier: Secret,
    /// Whether an account is connected already. Google knows one permission for each account and application, so what
    /// comes of this attempt may be what that connection lives on, and is never given back.
    pub connected: bool,
}

/// What the contractor brought back: the query of the redirect.
#[derive(Debug, Clone, Default)]
pub struct Redirect {
    /// What was given, if it was.
    pub code: Option<Secret>,
    /// The attempt's state.
    pub state: Option<String>,
    /// Why nothing was given.
    pub error: Option<String>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The contractor said no.
    #[error("Google Calendar was not connected because access was declined.")]
    Declined,
    /// The contractor's organisation does not allow it.
    #[error("Your organisation does not allow this app. Ask its Google administrator.")]
    NotAllowed,
    /// The way back does not belong to this attempt, or the attempt was used already.
    #[error("This connection attempt has expired. Please start again.")]
    NotOurs,
    /// A permission that is needed was not granted; what was granted has been given back, where no account was connected.
    #[error("{BOTH_PERMISSIONS}")]
    MissingScopes,
    /// Google gave nothing that lasts.
    #[error("Google did not give lasting access. Please start again.")]
    NoRefreshToken,
    /// Google cannot be asked, or this installation's application is refused.
    #[error("Google could not be reached")]
    Provider(#[from] PortError),
}

#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    access_token: Secret,
    #[serde(default)]
    expires_in: Option<u64>,
    #[serde(default)]
    refresh_token: Option<Secret>,
    #[serde(default)]
    scope: Option<String>,
}

#[derive(Deserialize)]
struct TokenError {
    error: String,
}

/// Connects accounts for one application.
#[derive(Debug, Clone)]
pub struct GoogleConnect {
    config: GoogleConfig,
    transport: Transport,
}

impl GoogleConnect {
    /// Connects accounts through this application.
    ///
    /// # Errors
    /// Names the setting that cannot be used.
    pub fn new(config: GoogleConfig, transport: Transport) -> Result<Self, GoogleConfigError> {
        Ok(Self {
            config: config.checked()?,
            transport,
        })
    }

    /// Begins an attempt. `about` stands at the beginning of its state, by which the host finds it again; it is no
    /// secret. `account` is the address of the account that is connected, if one is: Google suggests it. `more` are
    /// further scopes, such as [`NEW_CALENDAR_SCOPE`]; whether they were granted is told by the tokens' scopes.
    #[must_use]
    pub fn begin(&self, entropy: &dyn Entropy, about: &str, account: Option<&str>, more: &[&str]) -> Attempt {
        let (secret, verifier) = (random(entropy), random(entropy));
        let state = Secret::new(format!("{about}.{}", secret.reveal()));
        let challenge = challenge(verifier.reveal());
        let scope = SCOPES.iter().chain(more).copied().collect::<Vec<_>>().join(" ");
        let mut fields = vec![
            ("client_id", self.config.client_id.as_str()),
            ("redirect_uri", &self.config.redirect_uri),
            ("response_type", "code"),
            ("scope", &scope),
            ("state", state.reveal()),
            // Without these two Google gives nothing that outlasts an hour, or only the first time.
            ("access_type", "offline"),
            ("prompt", "consent"),
            ("include_granted_scopes", "true"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        fields.extend(account.map(|account| ("login_hint", account)));
        Attempt {
            url: format!("{}/o/oauth2/v2/auth?{}", self.config.accounts_base_url, encode(&fields)),
            state,
            verifier,
            connected: account.is_some(),
        }
    }

    /// Turns what the contractor brought back into tokens. An attempt is good for one call. The account's address is the
    /// identifier of its primary calendar; keep that instead of `primary`, which hides a change of accounts.
    ///
    /// # Errors
    /// Says what to tell the contractor. Permissions that do not suffice for a connection are given back at once, unless
    /// there is one already; further scopes that were not granted are no error.
    pub async fn finish(
        &self,
        attempt: &Attempt,
        redirect: &Redirect,
        clock: &dyn Clock,
    ) -> Result<Tokens, ConnectError> {
        if !redirect
            .state
            .as_deref()
            .is_some_and(|state| attempt.state.matches(state))
        {
            return Err(ConnectError::NotOurs);
        }
        let code = match (&redirect.code, redirect.error.as_deref()) {
            (_, Some("admin_policy_enforced" | "org_internal")) => return Err(ConnectError::NotAllowed),
            (_, Some(_)) => return Err(ConnectError::Declined),
            (None, None) => return Err(ConnectError::NotOurs),
            (Some(code), None) => code,
        };
        let fields = [
            ("code", code.reveal()),
            ("client_id", &self.config.client_id),
            ("client_secret", self.config.client_secret.reveal()),
            ("redirect_uri", &self.config.redirect_uri),
            ("grant_type", "authorization_code"),
            ("code_verifier", attempt.verifier.reveal()),
        ];
        let now = clock.now();
        let answer = match ask_for_tokens(&self.config, &self.transport, "exchange_code", &fields).await? {
            Given::Tokens(answer) => answer,
            // A code that was used already, or that was meant for another attempt.
            Given::Refused => return Err(ConnectError::NotOurs),
        };
        let scopes: Vec<String> = answer
            .scope
            .as_deref()
            .unwrap_or_default()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        if !SCOPES
            .iter()
            .all(|needed| scopes.iter().any(|granted| granted == needed))
        {
            if !attempt.connected {
                // Best effort: what is left over expires, and the contractor has to come again in any case.
                let _left_over = self
                    .revoke(answer.refresh_token.as_ref().unwrap_or(&answer.access_token))
                    .await;
            }
            return Err(ConnectError::MissingScopes);
        }
        let expires_at = end_of_life(now, answer.expires_in);
        Ok(Tokens {
            refresh: answer.refresh_token.ok_or(ConnectError::NoRefreshToken)?,
            access: answer.access_token,
            expires_at,
            scopes,
        })
    }

    /// Gives a permission back; either token will do. One that is gone already is no error.
    ///
    /// # Errors
    /// When Google cannot be asked.
    pub async fn revoke(&self, token: &Secret) -> Result<(), PortError> {
        let url = format!("{}/revoke", self.config.oauth_base_url);
        let call = Call::form("revoke", url, &[("token", token.reveal())]);
        let answer = self.transport.exchange(ADAPTER, &call, None).await?;
        match answer.status {
            // An unknown token is answered with 400 invalid_token.
            200..=299 | 400 => Ok(()),
            _ => Err(refused("revoke", Effect::Repeatable, &answer)),
        }
    }
}

/// What a request for tokens led to.
pub(super) enum Given {
    Tokens(TokenAnswer),
    /// The grant or the refresh token is no longer good.
    Refused,
}

/// Asks for tokens by a code or by a refresh token.
async fn ask_for_tokens(
    config: &GoogleConfig,
    transport: &Transport,
    operation: &'static str,
    fields: &[(&str, &str)],
) -> Result<Given, PortError> {
    let call = Call::form(operation, format!("{}/token", config.oauth_base_url), fields);
    let answer = transport.exchange(ADAPTER, &call, None).await?;
    if answer.is_success() {
        return answer.json(ADAPTER, operation, Effect::Repeatable).map(Given::Tokens);
    }
    match token_error(&answer).as_deref() {
        Some(INVALID_GRANT) => Ok(Given::Refused),
        Some("invalid_client" | "unauthorized_client" | "redirect_uri_mismatch" | "unsupported_grant_type") => Err(
            PortError::new(ADAPTER, operation, ErrorKind::InvalidConfig, Retry::Never)
                .with_reason("Google refuses this installation's application."),
        ),
        // A bare 401 is about the application, not about the contractor.
        _ if answer.status == 401 => Err(PortError::new(
            ADAPTER,
            operation,
            ErrorKind::InvalidConfig,
            Retry::Never,
        )),
        _ => Err(refused(operation, Effect::Repeatable, &answer)),
    }
}

fn token_error(answer: &Answer) -> Option<String> {
    serde_json::from_slice::<TokenError>(&answer.body)
        .ok()
        .map(|error| error.error)
}

/// Gets the next access token.
///
/// # Errors
/// `ReconnectRequired` when the permission is gone: asking again is of no use.
pub(super) async fn refresh(
    config: &GoogleConfig,
    transport: &Transport,
    tokens: &Tokens,
    operation: &'static str,
    now: Timestamp,
) -> Result<Tokens, PortError> {
    let fields = [
        ("client_id", config.client_id.as_str()),
        ("client_secret", config.client_secret.reveal()),
        ("refresh_token", tokens.refresh.reveal()),
        ("grant_type", "refresh_token"),
    ];
    let answer = match ask_for_tokens(config, transport, operation, &fields).await? {
        Given::Tokens(answer) => answer,
        Given::Refused => return Err(reconnect(operation)),
    };
    if answer.access_token.is_empty() {
        return Err(unreadable(operation, Effect::Repeatable));
    }
    Ok(Tokens {
        expires_at: end_of_life(now, answer.expires_in),
        refresh: answer.refresh_token.unwrap_or_else(|| tokens.refresh.clone()),
        access: answer.access_token,
        scopes: tokens.scopes.clone(),
    })
}

/// Counted from before the request, so that it is never late.
fn end_of_life(asked_at: Timestamp, seconds: Option<u64>) -> Timestamp {
    asked_at.plus(seconds.map_or(SHORTEST_LIFE, Duration::from_secs))
}

/// 32 random bytes as text: 43 characters, as PKCE asks for.
fn random(entropy: &dyn Entropy) -> Secret {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes);
    Secret::new(URL_SAFE_NO_PAD.encode(bytes))
}

/// The challenge of a verifier (RFC 7636, S256).
fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        assert_eq!(
            challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
