//! How a Cal.com account is reached.

use mccc_core::Secret;

use crate::base_url::{self, BaseUrlError};

/// One account at Cal.com or at somebody's own installation of it.
#[derive(Debug, Clone)]
pub struct CalcomConfig {
    /// Whether the business switched it on.
    pub enabled: bool,
    /// The account's key, `cal_…`, or an access token.
    pub api_key: Secret,
    /// The event type that is booked: its hours, length and buffers apply.
    pub event_type: u64,
    /// Whether that event type lets the booking choose its length.
    pub length_is_chosen: bool,
    /// The owner's address: a booking that they move themselves needs no further confirmation.
    pub owner_email: Option<String>,
    /// Base address, without the version.
    pub api_base_url: String,
}

/// Why an account cannot be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CalcomConfigError {
    /// The business has not switched it on.
    #[error("Cal.com is not enabled for this business")]
    Disabled,
    /// There are no credentials.
    #[error("Cal.com needs an API key and an event type")]
    Credentials,
    /// The address cannot be used.
    #[error("api_base_url: {0}")]
    Address(BaseUrlError),
}

impl CalcomConfig {
    /// An account at Cal.com's own address, switched on.
    #[must_use]
    pub fn new(api_key: Secret, event_type: u64) -> Self {
        Self {
            enabled: true,
            api_key,
            event_type,
            length_is_chosen: false,
            owner_email: None,
            api_base_url: "https://api.cal.com".to_owned(),
        }
    }

    /// Checks every setting and takes trailing slashes off the address.
    pub(crate) fn checked(mut self) -> Result<Self, CalcomConfigError> {
        if !self.enabled {
            return Err(CalcomConfigError::Disabled);
        }
        if self.api_key.is_empty() || self.event_type == 0 {
            return Err(CalcomConfigError::Credentials);
        }
        self.api_base_url = base_url::checked(&self.api_base_url).map_err(CalcomConfigError::Address)?;
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_off_without_consent_or_credentials() {
        let config = CalcomConfig::new(Secret::new("cal_live_1"), 7);
        assert!(config.clone().checked().is_ok());
        let off = CalcomConfig {
            enabled: false,
            ..config.clone()
        };
        assert_eq!(off.checked().unwrap_err(), CalcomConfigError::Disabled);
        for (api_key, event_type) in [("", 7), ("cal_live_1", 0)] {
            let config = CalcomConfig::new(Secret::new(api_key), event_type);
            assert_eq!(config.checked().unwrap_err(), CalcomConfigError::Credentials);
        }
    }
}
