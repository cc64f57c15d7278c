//! Permissions: codes, access tokens and refresh tokens.

use std::collections::{HashMap, HashSet};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::WireGoogle;
use crate::scripted::{Reply, Request};

/// The application that the provider knows.
pub const CLIENT: (&str, &str) = ("client-1.apps.example", "client-secret-1");

#[derive(Debug)]
pub(super) struct Tokens {
    /// The account that signs in.
    pub(super) account: String,
    /// Codes with their challenge and scopes.
    codes: HashMap<String, (String, Vec<String>)>,
    /// Access tokens with the refresh token they came from.
    access: HashMap<String, String>,
    /// Refresh tokens with what they stand for.
    refresh: HashMap<String, Grant>,
    pub(super) refreshes: usize,
    names: usize,
}

/// What an account granted.
#[derive(Debug, Clone)]
struct Grant {
    account: String,
    scopes: Vec<String>,
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            account: WireGoogle::PRIMARY.to_owned(),
            codes: HashMap::new(),
            access: HashMap::new(),
            refresh: HashMap::new(),
            refreshes: 0,
            names: 0,
        }
    }
}

impl Tokens {
    fn name(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{:06}", self.names)
    }

    pub(super) fn grant(&mut self, scopes: &[&str]) -> (String, String) {
        let refresh = self.name("1//refresh-");
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let account = self.account.clone();
        self.refresh.insert(refresh.clone(), Grant { account, scopes });
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
        let mut scopes: Vec<String> = scopes.map(str::to_owned).collect();
        // What the account granted before is part of it, where that is asked for.
        if fields.get("include_granted_scopes").is_some_and(|yes| yes == "true") {
            let before = self.refresh.values().filter(|grant| grant.account == self.account);
            let before: Vec<String> = before.flat_map(|grant| grant.scopes.clone()).collect();
            scopes.extend(before);
        }
        let mut seen = HashSet::new();
        scopes.retain(|scope| seen.insert(scope.clone()));
        let code = self.name("4/code-");
        self.codes
            .insert(code.clone(), (fields.get("code_challenge")?.clone(), scopes));
        Some(code)
    }

    pub(super) fn expire_access(&mut self) {
        self.access.clear();
    }

    pub(super) fn withhold(&mut self, scope: &str) {
        for grant in self.refresh.values_mut() {
            grant.scopes.retain(|granted| granted != scope);
        }
    }

    pub(super) fn allow(&mut self, scope: &str) {
        self.withhold(scope);
        for grant in self.refresh.values_mut() {
            grant.scopes.push(scope.to_owned());
        }
    }

    /// Gives back what a token stands for: one permission for each account, whichever token names it. `false` when
    /// nobody knows the token.
    fn give_back(&mut self, token: &str) -> bool {
        let refresh = self.access.get(token).map_or(token, String::as_str);
        let Some(account) = self.refresh.get(refresh).map(|grant| grant.account.clone()) else {
            return false;
        };
        self.refresh.retain(|_, grant| grant.account != account);
        let (access, left) = (&mut self.access, &self.refresh);
        access.retain(|_, from| left.contains_key(from));
        true
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
        self.refresh
            .get(self.access.get(token)?)
            .map(|grant| grant.scopes.clone())
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
        ("POST", "/revoke") => Some(if tokens.give_back(field("token")) {
            Reply::json(200, "{}")
        } else {
            error(400, "invalid_token")
        }),
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
    let Some(Grant { scopes, .. }) = tokens.refresh.get(refresh).cloned() else {
        return error(400, "invalid_grant");
    };
    let access = tokens.access_from(refresh);
    let body = json!({
        "access_token": access, "expires_in": 3599, "scope": scopes.join(" "), "token_type": "Bearer",
    });
    Reply::json(200, &body.to_string())
}
