//! How Google is reached, and as which application.

use mccc_core::Secret;

use crate::base_url::{self, BaseUrlError};

/// This installation as Google knows it: one application for all businesses.
#[derive(Debug, Clone)]
pub struct GoogleConfig {
    /// The application's identifier.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// Where Google sends the contractor back to; exactly as registered.
    pub redirect_uri: String,
    /// Base address of the consent page.
    pub accounts_base_url: String,
    /// Base address of tokens.
    pub oauth_base_url: String,
    /// Base address of calendars.
    pub api_base_url: String,
    /// Whether a customer whose e-mail address is known becomes a guest of the event, so that Google writes to them in
    /// the contractor's name. Off: our own text is the confirmation.
    pub invite_customers: bool,
}

/// Why an account cannot be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GoogleConfigError {
    /// The application has no identifier or no secret.
    #[error("the client id and the client secret of the Google application must be set")]
    Client,
    /// An address cannot be used.
    #[error("{name}: {error}")]
    Address {
        /// Name of the setting.
        name: &'static str,
        /// What is wrong with it.
        error: BaseUrlError,
    },
}

impl GoogleConfig {
    /// An application at Google's own addresses.
    #[must_use]
    pub fn new(client_id: impl Into<String>, client_secret: Secret, redirect_uri: impl Into<String>) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret,
            redirect_uri: redirect_uri.into(),
            accounts_base_url: "https://accounts.google.com".to_owned(),
            oauth_base_url: "https://oauth2.googleapis.com".to_owned(),
            api_base_url: "https://www.googleapis.com".to_owned(),
            invite_customers: false,
        }
    }

    /// Checks every setting and takes trailing slashes off the addresses.
    pub(crate) fn checked(mut self) -> Result<Self, GoogleConfigError> {
        if self.client_id.is_empty() || self.client_secret.is_empty() {
            return Err(GoogleConfigError::Client);
        }
        for (name, address) in [
            ("accounts_base_url", &mut self.accounts_base_url),
            ("oauth_base_url", &mut self.oauth_base_url),
            ("api_base_url", &mut self.api_base_url),
        ] {
            *address = base_url::checked(address).map_err(|error| GoogleConfigError::Address { name, error })?;
        }
        // Kept as registered: Google compares it letter by letter.
        base_url::checked(&self.redirect_uri).map_err(|error| GoogleConfigError::Address {
            name: "redirect_uri",
            error,
        })?;
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unusable_settings_are_named() {
        let message = |change: fn(&mut GoogleConfig)| {
            let mut config = GoogleConfig::new("id", Secret::new("s"), "https://mccc.example/back");
            change(&mut config);
            config.checked().map_err(|error| error.to_string())
        };
        assert!(message(|_| ()).is_ok());
        assert!(
            message(|c| c.client_secret = Secret::new(""))
                .unwrap_err()
                .contains("client secret")
        );
        assert!(
            message(|c| c.api_base_url = "x".to_owned())
                .unwrap_err()
                .contains("api_base_url")
        );
        assert!(
            message(|c| c.redirect_uri = String::new())
                .unwrap_err()
                .contains("redirect_uri")
        );
    }
}
