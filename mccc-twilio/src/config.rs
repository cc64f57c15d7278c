//! How an account is reached.

use std::time::Duration;

use mccc_core::Secret;

use crate::base_url::{BaseUrl, BaseUrlError};
use crate::wire::is_sid;

/// One account at the provider.
#[derive(Debug, Clone)]
pub struct TwilioConfig {
    /// The account, `AC…`. For a subaccount, with the subaccount's own credentials.
    pub account: String,
    /// What it signs in with.
    pub credentials: Credentials,
    /// The public address of this installation, which callbacks go to.
    pub public_base_url: String,
    /// Base address of calls, messages and numbers.
    pub api_base_url: String,
    /// Base address of look-ups.
    pub lookups_base_url: String,
    /// Base address of messaging services.
    pub messaging_base_url: String,
    /// The messaging service (`MG…`) that texts go through, which carrier registration in the US is bound to.
    pub messaging_service: Option<String>,
    /// What answers calls while this installation is away: an absolute address elsewhere. Without it the fallback is a
    /// static document of this installation.
    pub voice_fallback_url: Option<String>,
    /// Two-letter country in which numbers are searched.
    pub country: String,
    /// Whether the provider itself answers STOP and HELP, as it does unless it was asked not to.
    pub confirms_opt_outs: bool,
}

/// What an account signs in with.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// The account's auth token.
    AuthToken(Secret),
    /// An API key. Webhooks are signed with the auth token all the same.
    ApiKey {
        /// The key, `SK…`.
        key: String,
        /// Its secret.
        secret: Secret,
    },
}

/// How long one exchange may take and how much may come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Opening a connection, the handshake included.
    pub connect: Duration,
    /// The whole exchange.
    pub exchange: Duration,
    /// Bytes of an answer, media excepted.
    pub answer_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            exchange: Duration::from_secs(10),
            answer_bytes: 2 << 20,
        }
    }
}

/// Why a client cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The account is not one.
    #[error("the account must be the provider's account SID: AC and letters or digits")]
    Account,
    /// There is no secret, or the key is not one.
    #[error("the auth token, or the API key and its secret, are missing or malformed")]
    Credentials,
    /// The messaging service is not one.
    #[error("the messaging service must be its SID: MG and letters or digits")]
    MessagingService,
    /// The country is not one.
    #[error("the country must be two capital letters, such as US")]
    Country,
    /// An address cannot be used.
    #[error("{name}: {error}")]
    Address {
        /// Name of the setting.
        name: &'static str,
        /// What is wrong with it.
        error: BaseUrlError,
    },
    /// The HTTP client cannot be made, usually because the machine has no certificate store.
    #[error("the HTTP client cannot be made")]
    Http(#[from] reqwest::Error),
}

impl TwilioConfig {
    /// An account at the provider's own addresses.
    #[must_use]
    pub fn new(account: impl Into<String>, credentials: Credentials, public_base_url: impl Into<String>) -> Self {
        Self {
            account: account.into(),
            credentials,
            public_base_url: public_base_url.into(),
            api_base_url: "https://api.twilio.com".to_owned(),
            lookups_base_url: "https://lookups.twilio.com".to_owned(),
            messaging_base_url: "https://messaging.twilio.com".to_owned(),
            messaging_service: None,
            voice_fallback_url: None,
            country: "US".to_owned(),
            confirms_opt_outs: true,
        }
    }

    /// Checks every setting and takes trailing slashes off the addresses.
    pub(crate) fn checked(mut self) -> Result<Self, ConfigError> {
        if !is_sid(&self.account, &["AC"]) {
            return Err(ConfigError::Account);
        }
        let usable = match &self.credentials {
            Credentials::AuthToken(token) => !token.is_empty(),
            Credentials::ApiKey { key, secret } => is_sid(key, &["SK"]) && !secret.is_empty(),
        };
        if !usable {
            return Err(ConfigError::Credentials);
        }
        if self
            .messaging_service
            .as_deref()
            .is_some_and(|service| !is_sid(service, &["MG"]))
        {
            return Err(ConfigError::MessagingService);
        }
        if self.country.len() != 2 || !self.country.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(ConfigError::Country);
        }
        for (name, address) in [
            ("public_base_url", &mut self.public_base_url),
            ("api_base_url", &mut self.api_base_url),
            ("lookups_base_url", &mut self.lookups_base_url),
            ("messaging_base_url", &mut self.messaging_base_url),
        ] {
            *address = BaseUrl::parse(address)
                .map_err(|error| ConfigError::Address { name, error })?
                .as_str()
                .to_owned();
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> TwilioConfig {
        TwilioConfig::new("AC1", Credentials::AuthToken(Secret::new("t")), "https://mccc.example/")
    }

    #[test]
    fn addresses_lose_their_trailing_slash() {
        assert_eq!(config().checked().unwrap().public_base_url, "https://mccc.example");
    }

    #[test]
    fn unusable_settings_are_named() {
        let message = |change: fn(&mut TwilioConfig)| {
            let mut config = config();
            change(&mut config);
            config.checked().unwrap_err().to_string()
        };
        assert!(message(|c| c.account = "SK1/..".to_owned()).contains("account"));
        assert!(message(|c| c.credentials = Credentials::AuthToken(Secret::new(""))).contains("auth token"));
        assert!(message(|c| c.messaging_service = Some("AC1".to_owned())).contains("messaging service"));
        assert!(message(|c| c.country = "usa".to_owned()).contains("country"));
        assert!(message(|c| c.api_base_url = "api.twilio.com".to_owned()).contains("api_base_url"));
    }
}
