//! Permissions: codes, access tokens and refresh tokens.

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::scripted::{Reply, Request};

/// The application that the provider knows.
pub const CLIENT: (&str, &str) = ("client-1.apps.example", "client-secret-1");

#[derive(Debug, Default)]
pub(super) struct Tokens {
    /// Codes with their challenge and scopes.
    codes: HashMap<String, (String, Vec<String>)>,
    /// Access tokens with the refresh token they came from.
    access: HashMap<String, String>,
    /// Refresh tokens with their scopes.
    refresh: HashMap<String, Vec<String>>,
    pub(super) refreshes: usize,
    names: usize,
}

impl Tokens {
    fn name(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{:06}", self.names)
    }

    pub(super) fn grant(&mut self, scopes: &[&str]) -> (String, String) {
        let refresh = self.name("1//refresh-");
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.refresh.insert(refresh.clone(), scopes);
        (self.access_from(&refresh), refresh)
    }

    fn access_from(&mut self, refresh: &str) -> String {
        let access = self.name("ya29.access-");
        self.access.insert(access.clone(), refresh.to_owned());
        access
    }

    pub(super) fn consent(&mut self, url: &str, unticked: &[&str]) -> Option<String> {
        let (_, query) = url.split_once('?')?;
        let fields: HashMap<_, _> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let asked = fields.get("response_type").is_some_and(|kind| kind == "code")
            && fields
                .get("code_challenge_method")
                .is_some_and(|method| method == "S256")
            && fields.get("access_type").is_some_and(|kind| kind == "offline")
            && fields.get("client_id").is_some_and(|id| id == CLIENT.0);
        if !asked {
            return None;
        }
        let scopes = fields
            .get("scope")?
            .split(' ')
            .filter(|scope| !unticked.contains(scope));
        let scopes = scopes.map(str::to_owned).collect();
        let code = self.name("4/code-");
        self.codes
            .insert(code.clone(), (fields.get("code_challenge")?.clone(), scopes));
        Some(code)
    }

    pub(super) fn expire_access(&mut self) {
        self.access.clear();
    }

    pub(super) fn revoke_all(&mut self) {
        self.access.clear();
        self.refresh.clear();
    }

    pub(super) fn is_granted(&self, refresh: &str) -> bool {
        self.refresh.contains_key(refresh)
    }

    /// The scopes of the request's token, if it is good.
    pub(super) fn scopes_of(&self, request: &Request) -> Option<Vec<String>> {
        let token = request.header("authorization")?.strip_prefix("Bearer ")?;
        self.refresh.get(self.access.get(token)?).cloned()
    }
}

fn error(status: u16, word: &str) -> Reply {
    Reply::json(
        status,
        &json!({ "error": word, "error_description": "Bad Request" }).to_string(),
    )
}

/// What is answered at the addresses of tokens; nothing at others.
pub(super) fn answer(tokens: &mut Tokens, request: &Request) -> Option<Reply> {
    let form: HashMap<_, _> = request.form().into_iter().collect();
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    match (request.method.as_str(), request.path()) {
        ("POST", "/token") => {
            if (field("client_id"), field("client_secret")) != CLIENT {
                return Some(error(401, "invalid_client"));
            }
            Some(match field("grant_type") {
                "authorization_code" => exchange(tokens, field("code"), field("code_verifier")),
                "refresh_token" => refresh(tokens, field("refresh_token")),
                _ => error(400, "unsupported_grant_type"),
            })
        }
        ("POST", "/revoke") => {
            let token = field("token").to_owned();
            let refresh = tokens.access.get(&token).cloned().unwrap_or(token);
            let known = tokens.refresh.remove(&refresh).is_some();
            tokens.access.retain(|_, from| *from != refresh);
            Some(if known {
                Reply::json(200, "{}")
            } else {
                error(400, "invalid_token")
            })
        }
        _ => None,
    }
}

fn exchange(tokens: &mut Tokens, code: &str, verifier: &str) -> Reply {
    // A code is good for one attempt.
    let Some((challenge, scopes)) = tokens.codes.remove(code) else {
        return error(400, "invalid_grant");
    };
    if URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())) != challenge {
        return error(400, "invalid_grant");
    }
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
    let (access, refresh) = tokens.grant(&scopes);
    let body = json!({
        "access_token": access, "expires_in": 3599, "refresh_token": refresh, "scope": scopes.join(" "),
        "token_type": "Bearer",
    });
    Reply::json(200, &body.to_string())
}

fn refresh(tokens: &mut Tokens, refresh: &str) -> Reply {
    tokens.refreshes += 1;
    let Some(scopes) = tokens.refresh.get(refresh).cloned() else {
        return error(400, "invalid_grant");
    };
    let access = tokens.access_from(refresh);
    let body = json!({
        "access_token": access, "expires_in": 3599, "scope": scopes.join(" "), "token_type": "Bearer",
    });
    Reply::json(200, &body.to_string())
}
