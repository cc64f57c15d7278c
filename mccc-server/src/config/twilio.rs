//! The installation's Twilio account.

use mccc_core::Secret;
use serde::Deserialize;

use super::Reader;

/// A Twilio account.
#[derive(Debug, Clone)]
pub struct TwilioConfig {
    /// Account SID.
    pub account_sid: String,
    /// Primary Auth Token, which signs webhooks.
    pub auth_token: Secret,
    /// Secondary Auth Token, during a rotation.
    pub auth_token_secondary: Option<Secret>,
    /// An API key (`SK…`) and its secret, with which the account is called instead of the Auth Token.
    pub api_key: Option<(String, Secret)>,
    /// The messaging service (`MG…`) that texts go through.
    pub messaging_service: Option<String>,
    /// What answers calls while this server is away: an address elsewhere.
    pub voice_fallback_url: Option<String>,
    /// Two-letter country in which numbers are searched.
    pub country: Option<String>,
    /// Base address of calls, messages and numbers, for tests.
    pub api_url: Option<String>,
    /// Base address of the Lookup API, for tests.
    pub lookups_url: Option<String>,
    /// Base address of messaging services, for tests.
    pub messaging_url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TwilioFile {
    account_sid: Option<String>,
    auth_token: Option<Secret>,
    auth_token_secondary: Option<Secret>,
    api_key: Option<String>,
    api_key_secret: Option<Secret>,
    messaging_service: Option<String>,
    voice_fallback_url: Option<String>,
    country: Option<String>,
    api_url: Option<String>,
    lookups_url: Option<String>,
    messaging_url: Option<String>,
}

/// Names of the variables that are read here.
pub(super) const VARIABLES: &[&str] = &[
    "MCCC_TWILIO_ACCOUNT_SID",
    "MCCC_TWILIO_AUTH_TOKEN",
    "MCCC_TWILIO_AUTH_TOKEN_SECONDARY",
    "MCCC_TWILIO_API_KEY",
    "MCCC_TWILIO_API_KEY_SECRET",
    "MCCC_TWILIO_MESSAGING_SERVICE",
    "MCCC_TWILIO_VOICE_FALLBACK_URL",
    "MCCC_TWILIO_COUNTRY",
    "MCCC_TWILIO_API_URL",
    "MCCC_TWILIO_LOOKUPS_URL",
    "MCCC_TWILIO_MESSAGING_URL",
];

/// Whether `text` is the provider's identifier of such a thing.
fn is_sid(text: &str, prefix: &str) -> bool {
    text.len() == 34
        && text
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

impl Reader<'_> {
    pub(super) fn twilio(&mut self, file: TwilioFile) -> Option<TwilioConfig> {
        let sid = self.text("MCCC_TWILIO_ACCOUNT_SID").or(file.account_sid);
        let secret = |reader: &Self, variable, filed: Option<Secret>| reader.text(variable).map(Secret::new).or(filed);
        let token = secret(self, "MCCC_TWILIO_AUTH_TOKEN", file.auth_token);
        let secondary = secret(self, "MCCC_TWILIO_AUTH_TOKEN_SECONDARY", file.auth_token_secondary);
        let key = self.text("MCCC_TWILIO_API_KEY").or(file.api_key);
        let key_secret = secret(self, "MCCC_TWILIO_API_KEY_SECRET", file.api_key_secret);
        let country = self.text("MCCC_TWILIO_COUNTRY").or(file.country);
        let messaging_service = self.text("MCCC_TWILIO_MESSAGING_SERVICE").or(file.messaging_service);
        let fallback = self.text("MCCC_TWILIO_VOICE_FALLBACK_URL").or(file.voice_fallback_url);
        let api_url = self.text("MCCC_TWILIO_API_URL").or(file.api_url);
        let lookups_url = self.text("MCCC_TWILIO_LOOKUPS_URL").or(file.lookups_url);
        let messaging_url = self.text("MCCC_TWILIO_MESSAGING_URL").or(file.messaging_url);

        let api_key = self.api_key(key, key_secret);
        if messaging_service.as_deref().is_some_and(|sid| !is_sid(sid, "MG")) {
            self.wrong(
                "twilio.messaging_service",
                "expected MG and 32 characters, as the console shows it",
            );
        }
        if country
            .as_deref()
            .is_some_and(|country| country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()))
        {
            self.wrong("twilio.country", "expected two capital letters, such as US");
        }
        let absolute = |url: &str| (url.starts_with("https://") || url.starts_with("http://")) && !url.contains(' ');
        if fallback.as_deref().is_some_and(|url| !absolute(url)) {
            self.wrong(
                "twilio.voice_fallback_url",
                "expected a whole address elsewhere, such as https://example.com/away.xml",
            );
        }
        for (key, url) in [
            ("twilio.api_url", &api_url),
            ("twilio.lookups_url", &lookups_url),
            ("twilio.messaging_url", &messaging_url),
        ] {
            if url
                .as_deref()
                .is_some_and(|url| mccc_twilio::check_address(url).is_err())
            {
                self.wrong(key, "expected an address such as https://api.twilio.com");
            }
        }
        let (account_sid, auth_token) = self.account(sid, token, secondary.is_some() || api_key.is_some())?;
        Some(TwilioConfig {
            account_sid,
            auth_token,
            auth_token_secondary: secondary,
            api_key,
            messaging_service,
            voice_fallback_url: fallback,
            country,
            api_url,
            lookups_url,
            messaging_url,
        })
    }

    fn account(&mut self, sid: Option<String>, token: Option<Secret>, more: bool) -> Option<(String, Secret)> {
        match (sid, token) {
            (None, None) => {
                if more {
                    self.wrong(
                        "twilio.auth_token",
                        "a secondary token or an API key alone is not enough; give account_sid and auth_token",
                    );
                }
                None
            }
            (Some(account_sid), Some(auth_token)) => {
                if !is_sid(&account_sid, "AC") {
                    self.wrong(
                        "twilio.account_sid",
                        "expected AC and 32 characters, as the console shows it",
                    );
                }
                if auth_token.is_empty() {
                    self.wrong("twilio.auth_token", "is empty");
                }
                Some((account_sid, auth_token))
            }
            (Some(_), None) => {
                self.wrong(
                    "twilio.auth_token",
                    "account_sid is given without auth_token; webhooks could not be checked",
                );
                None
            }
            (None, Some(_)) => {
                self.wrong("twilio.account_sid", "auth_token is given without account_sid");
                None
            }
        }
    }

    fn api_key(&mut self, key: Option<String>, secret: Option<Secret>) -> Option<(String, Secret)> {
        if key.as_deref().is_some_and(|key| !is_sid(key, "SK")) {
            self.wrong(
                "twilio.api_key",
                "expected SK and 32 characters, as the console shows it",
            );
        }
        match (key, secret.filter(|secret| !secret.is_empty())) {
            (Some(key), Some(secret)) => Some((key, secret)),
            (Some(_), None) => {
                self.wrong("twilio.api_key_secret", "api_key is given without its secret");
                None
            }
            (None, Some(_)) => {
                self.wrong("twilio.api_key", "api_key_secret is given without api_key");
                None
            }
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::cli::ServeArgs;
    use crate::config::{Config, read};

    fn with(file: &str) -> Result<Config, Vec<String>> {
        let text = format!("public_url = \"https://calls.example.com\"\n[twilio]\n{file}");
        let config = read(Some(&text), &BTreeMap::new(), &ServeArgs::default());
        config.map_err(|mistakes| mistakes.0.into_iter().map(|mistake| mistake.key).collect())
    }

    #[test]
    fn everything_of_an_account_can_be_set() {
        let twilio = with(
            r#"
            account_sid = "AC00000000000000000000000000000001"
            auth_token = "token"
            api_key = "SK00000000000000000000000000000001"
            api_key_secret = "hush"
            messaging_service = "MG00000000000000000000000000000001"
            messaging_url = "https://messaging.example.com"
            voice_fallback_url = "https://example.com/away.xml"
            country = "CA"
            "#,
        )
        .unwrap()
        .twilio
        .unwrap();
        assert!(!format!("{twilio:?}").contains("hush"));
        assert_eq!(twilio.api_key.unwrap().0, "SK00000000000000000000000000000001");
        assert_eq!(
            twilio.messaging_service.as_deref(),
            Some("MG00000000000000000000000000000001")
        );
        assert_eq!(twilio.messaging_url.as_deref(), Some("https://messaging.example.com"));
        assert_eq!(
            twilio.voice_fallback_url.as_deref(),
            Some("https://example.com/away.xml")
        );
        assert_eq!(twilio.country.as_deref(), Some("CA"));
    }

    #[test]
    fn an_api_key_does_not_replace_the_token_that_signs() {
        let key = "api_key = \"SK00000000000000000000000000000001\"\napi_key_secret = \"hush\"";
        assert_eq!(with(key).unwrap_err(), ["twilio.auth_token"]);
    }
}
