//! What a permission is made of.

use std::fmt;

use async_trait::async_trait;
use mccc_core::port::PortError;
use mccc_core::{Secret, Timestamp};
use serde::Deserialize;
use serde_json::json;

/// The tokens of one connection.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Opens the calendar for about an hour.
    pub access: Secret,
    /// When that ends.
    pub expires_at: Timestamp,
    /// Gets the next one. Google keeps it over refreshes; where a new one comes, it replaces this.
    pub refresh: Secret,
    /// What the contractor granted.
    pub scopes: Vec<String>,
}

/// Why a text holds no tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text does not hold the tokens of a connection")]
pub struct TokensError;

#[derive(Deserialize)]
struct Stored {
    access: Secret,
    expires_at: Timestamp,
    refresh: Secret,
    scopes: Vec<String>,
}

impl Tokens {
    /// The tokens as one text, for the host to seal.
    #[must_use]
    pub fn to_secret(&self) -> Secret {
        let text = json!({
            "access": self.access.reveal(), "expires_at": self.expires_at,
            "refresh": self.refresh.reveal(), "scopes": self.scopes,
        });
        Secret::new(text.to_string())
    }

    /// The tokens that [`Tokens::to_secret`] wrote.
    ///
    /// # Errors
    /// For any other text.
    pub fn from_secret(secret: &Secret) -> Result<Self, TokensError> {
        let stored: Stored = serde_json::from_str(secret.reveal()).map_err(|_| TokensError)?;
        Ok(Self {
            access: stored.access,
            expires_at: stored.expires_at,
            refresh: stored.refresh,
            scopes: stored.scopes,
        })
    }
}

/// Where the host keeps the tokens of one connection, sealed.
#[async_trait]
pub trait TokenKeeper: fmt::Debug + Send + Sync + 'static {
    /// Keeps tokens that were refreshed.
    ///
    /// # Errors
    /// When they could not be kept. The calendar goes on with them, and they are handed over again with the next
    /// request: the old refresh token still works.
    async fn keep(&self, tokens: &Tokens) -> Result<(), PortError>;

    /// The tokens as they are kept now, where several processes share a connection: another one may have refreshed them.
    /// Asked before a refresh, so that there is one refresh for all.
    ///
    /// # Errors
    /// When they cannot be read; the calendar then goes by what it has.
    async fn latest(&self) -> Result<Option<Tokens>, PortError> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_survive_being_kept_and_are_never_shown() {
        let tokens = Tokens {
            access: Secret::new("ya29.\"x"),
            expires_at: Timestamp::from_micros(1_795_188_600_123_457),
            refresh: Secret::new("1//r"),
            scopes: vec!["a".to_owned(), "b".to_owned()],
        };
        let read = Tokens::from_secret(&tokens.to_secret()).unwrap();
        assert_eq!(read.to_secret().reveal(), tokens.to_secret().reveal());
        assert!(!format!("{tokens:?}").contains("ya29"));
        assert_eq!(Tokens::from_secret(&Secret::new("{}")).unwrap_err(), TokensError);
    }
}
