//! Who asks, and what they may do: a person with a session, or a machine with a key.

use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use mccc_core::port::store::{ApiKey, Role, Session, User};
use mccc_core::{BusinessId, UserId};

use super::problem::{Code, Problem};
use super::state::Api;
use crate::Facts;
use crate::runtime::sha256;

/// Name of the session's cookie.
pub(super) const COOKIE: &str = "mccc_session";

/// Who asks.
#[derive(Debug, Clone)]
pub(super) enum Principal {
    /// A person in a browser.
    Person {
        /// The person.
        user: Box<User>,
        /// The browser's session.
        session: Box<Session>,
    },
    /// A machine with a key.
    Machine(Box<ApiKey>),
}

impl Principal {
    /// The person, when it is one.
    #[must_use]
    pub(super) fn user(&self) -> Option<UserId> {
        match self {
            Self::Person { user, .. } => Some(user.id),
            Self::Machine(_) => None,
        }
    }

    /// Names the asker among all.
    #[must_use]
    pub(super) fn name(&self) -> String {
        match self {
            Self::Person { user, .. } => user.id.to_string(),
            Self::Machine(key) => key.id.to_string(),
        }
    }

    /// The businesses the asker belongs to, with the role at each.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub(super) async fn businesses(&self, api: &Api) -> Result<Vec<(BusinessId, Role)>, Problem> {
        match self {
            Self::Machine(key) => Ok(vec![(key.business, key.role)]),
            Self::Person { user, .. } => {
                let memberships = api.app.accounts.memberships(user.id).await?;
                Ok(memberships.into_iter().map(|one| (one.business, one.role)).collect())
            }
        }
    }
}

/// Somebody who is known.
#[derive(Debug, Clone)]
pub(super) struct Known(pub Principal);

impl FromRequestParts<Api> for Known {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        if let Some(Known(principal)) = parts.extensions.get::<Self>() {
            return Ok(Self(principal.clone()));
        }
        let known = Self(identify(&parts.headers, api).await?);
        parts.extensions.insert(known.clone());
        Ok(known)
    }
}

pub(super) async fn identify(headers: &HeaderMap, api: &Api) -> Result<Principal, Problem> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let key = bearer(value)
            .ok_or_else(|| Problem::new(Code::SignInFirst, "Send the key as `Authorization: Bearer mccc_…`."))?;
        return match api.app.accounts.api_key(&sha256(key)).await? {
            Some(key) if key.revoked_at.is_none() => Ok(Principal::Machine(Box::new(key))),
            Some(_) | None => Err(Problem::new(
                Code::SignInFirst,
                "This key does not exist or was revoked. Make a new one under Settings, Keys.",
            )),
        };
    }
    let nobody = || {
        Problem::new(
            Code::SignInFirst,
            "You are not signed in, or your session has ended. Sign in again.",
        )
    };
    let token = session_token(headers).ok_or_else(nobody)?;
    let session = api.app.accounts.session(&sha256(token)).await?.ok_or_else(nobody)?;
    if session.one_time || session.expires_at <= api.app.clock.now() {
        return Err(nobody());
    }
    let user = api.app.accounts.user(session.user).await?.ok_or_else(nobody)?;
    Ok(Principal::Person {
        user: Box::new(user),
        session: Box::new(session),
    })
}

fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, key) = value.to_str().ok()?.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && key.starts_with("mccc_")).then_some(key.trim())
}

/// The session's token, as the browser sent it.
#[must_use]
pub(super) fn session_token(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
        .filter(|token| !token.is_empty())
}

/// Somebody who belongs to the business that the request is about.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// Who asks.
    pub(crate) principal: Principal,
    /// The business.
    pub(crate) business: BusinessId,
    /// The role there.
    pub(crate) role: Role,
}

impl Member {
    /// # Errors
    /// Unless the role may change settings.
    pub(super) fn may_configure(&self) -> Result<(), Problem> {
        self.role
            .may_configure()
            .then_some(())
            .ok_or_else(|| forbidden("change settings", "an owner or a manager"))
    }

    /// # Errors
    /// Unless the role may write to callers and finish tasks.
    pub(super) fn may_act(&self) -> Result<(), Problem> {
        self.role
            .may_act()
            .then_some(())
            .ok_or_else(|| forbidden("write to callers or finish tasks", "anybody but staff"))
    }

    /// # Errors
    /// Unless the role may connect accounts of the business elsewhere.
    pub(super) fn may_connect(&self) -> Result<(), Problem> {
        self.role
            .may_connect()
            .then_some(())
            .ok_or_else(|| forbidden("connect or disconnect accounts", "an owner"))
    }

    /// # Errors
    /// Unless the role is that of an owner.
    pub(super) fn owns(&self) -> Result<(), Problem> {
        match self.role {
            Role::Owner => Ok(()),
            Role::Manager | Role::Dispatcher | Role::Csr | Role::Staff => {
                Err(forbidden("see or change keys", "an owner"))
            }
        }
    }
}

fn forbidden(what: &str, who: &str) -> Problem {
    Problem::new(
        Code::Forbidden,
        format!("Your role may not {what}. Ask {who} of the business to do it, or an owner to change your role."),
    )
}

impl FromRequestParts<Api> for Member {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        if let Some(member) = parts.extensions.get::<Self>() {
            return Ok(member.clone());
        }
        let Known(principal) = Known::from_request_parts(parts, api).await?;
        let businesses = principal.businesses(api).await?;
        let (business, role) = match path_param(parts, api, "business").await {
            // A business that exists and one that does not look the same to a stranger.
            Some(text) => {
                let wanted: BusinessId = text.parse().map_err(|_| Problem::not_found())?;
                let found = businesses.into_iter().find(|(business, _)| *business == wanted);
                found.ok_or_else(Problem::not_found)?
            }
            None => match businesses.as_slice() {
                [only] => *only,
                [] => return Err(Problem::not_found()),
                _ => {
                    return Err(Problem::new(
                        Code::BadRequest,
                        "You belong to several businesses: name one, as in /api/v1/businesses/{business}/routing-rules.",
                    ));
                }
            },
        };
        let member = Self {
            principal,
            business,
            role,
        };
        parts.extensions.insert(member.clone());
        Ok(member)
    }
}

/// Whether a member who was let in earlier would be let in now: still signed in, still with a role at the business.
/// A database that does not answer throws nobody out.
pub(super) async fn is_still_member(api: &Api, member: &Member) -> bool {
    let still = match &member.principal {
        Principal::Machine(key) => api
            .app
            .accounts
            .api_key(&key.key_hash)
            .await
            .map(|found| found.is_some_and(|found| found.revoked_at.is_none())),
        Principal::Person { session, .. } => api
            .app
            .accounts
            .session(&session.token_hash)
            .await
            .map(|found| found.is_some_and(|found| found.expires_at > api.app.clock.now())),
    };
    if !still.unwrap_or(true) {
        return false;
    }
    match member.principal.businesses(api).await {
        Ok(businesses) => businesses.iter().any(|(business, _)| *business == member.business),
        Err(_) => true,
    }
}

async fn path_param(parts: &mut Parts, api: &Api, name: &str) -> Option<String> {
    let params = RawPathParams::from_request_parts(parts, api).await.ok()?;
    params
        .iter()
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// Refuses requests that another site made a browser send. Requests with a key are not a browser's: nobody can make a
/// browser add one.
pub(super) async fn same_origin(State(api): State<Api>, request: Request, next: Next) -> Response {
    if is_from_here(request.method(), request.headers(), &api.app.facts) {
        return next.run(request).await;
    }
    Problem::new(
        Code::CrossSite,
        "A change must come from this site's own pages. Programs use a key: `Authorization: Bearer mccc_…`.",
    )
    .into_response()
}

fn is_from_here(method: &Method, headers: &HeaderMap, facts: &Facts) -> bool {
    if method.is_safe() || headers.contains_key(header::AUTHORIZATION) {
        return true;
    }
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    match text("origin") {
        Some(origin) if origin == facts.public_url => true,
        Some(origin) => {
            let host = text("host").unwrap_or("");
            let of_origin = origin.strip_prefix("https://").or_else(|| {
                // A page without encryption is not this site when this site is encrypted.
                origin.strip_prefix("http://").filter(|_| !facts.secure_cookies)
            });
            !host.is_empty() && of_origin.is_some_and(|of_origin| of_origin.eq_ignore_ascii_case(host))
        }
        // No browser: every one of them names the origin of a change. Without a cookie there is nothing to abuse.
        None => session_token(headers).is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(secure: bool, headers: &[(&str, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(
                header::HeaderName::from_bytes(name.as_bytes()).unwrap(),
                value.parse().unwrap(),
            );
        }
        let facts = Facts {
            public_url: "https://calls.example.com".into(),
            secure_cookies: secure,
            trusted_proxies: 0,
            language_model: false,
            embedding_model: false,
            version: "1",
        };
        is_from_here(&Method::POST, &map, &facts)
    }

    const SIGNED_IN: (&str, &str) = ("cookie", "mccc_session=abc");

    #[test]
    fn a_change_from_another_site_is_refused() {
        assert!(!allowed(false, &[SIGNED_IN, ("sec-fetch-site", "cross-site")]));
        assert!(!allowed(false, &[SIGNED_IN, ("sec-fetch-site", "same-site")]));
        assert!(!allowed(
            false,
            &[
                SIGNED_IN,
                ("origin", "https://evil.example"),
                ("host", "calls.example.com")
            ]
        ));
        assert!(!allowed(
            false,
            &[SIGNED_IN, ("origin", "null"), ("host", "calls.example.com")]
        ));
        assert!(!allowed(false, &[SIGNED_IN]));
        assert!(!allowed(
            true,
            &[
                SIGNED_IN,
                ("origin", "http://calls.example.com"),
                ("host", "calls.example.com")
            ]
        ));
        // Signing somebody in as somebody else is an attack too.
        assert!(!allowed(false, &[("sec-fetch-site", "cross-site")]));
        assert!(!allowed(
            false,
            &[("origin", "https://evil.example"), ("host", "calls.example.com")]
        ));
    }

    #[test]
    fn own_pages_and_programs_may_change_things() {
        assert!(allowed(true, &[SIGNED_IN, ("sec-fetch-site", "same-origin")]));
        assert!(allowed(
            true,
            &[
                SIGNED_IN,
                ("origin", "https://calls.example.com"),
                ("host", "inner:8080")
            ]
        ));
        assert!(allowed(
            false,
            &[
                SIGNED_IN,
                ("origin", "http://localhost:8080"),
                ("host", "localhost:8080")
            ]
        ));
        assert!(allowed(
            true,
            &[("authorization", "Bearer mccc_x"), ("sec-fetch-site", "cross-site")]
        ));
        assert!(allowed(true, &[]));
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let mut map = HeaderMap::new();
        map.append(header::COOKIE, "a=b; mccc_session=tok; c=d".parse().unwrap());
        assert_eq!(session_token(&map), Some("tok"));
        map.insert(header::COOKIE, "mccc_sessions=tok; xmccc_session=t".parse().unwrap());
        assert_eq!(session_token(&map), None);
    }
}
