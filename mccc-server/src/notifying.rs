//! The ways to the contractor: Slack by a webhook that the business gave, e-mail by the installation's account.

use std::fmt;
use std::sync::Arc;

use mccc_core::business::Owner;
use mccc_core::notify::ChannelKind;
use mccc_core::port::store::{Accounts, StoreError};
use mccc_core::port::{ErrorKind, Notifier, PortError, Retry, SealError, SecretBox};
use mccc_core::{BusinessId, Secret};
use mccc_notify::{Limits, Resend, SlackChannel, SlackPlaces, SlackUrlError, SmtpMailer, Transport, TransportError};

use crate::config::{Config, MailConfig};
use crate::runtime::SystemClock;

/// Field under which the address of a Slack channel is sealed.
pub const SLACK_FIELD: &str = "slack_webhook_url";

/// Makes ways to the contractor from what was configured and what was sealed.
pub struct Notifying {
    mail: Option<MailConfig>,
    places: SlackPlaces,
    transport: Transport,
    accounts: Arc<dyn Accounts>,
    secrets: Arc<dyn SecretBox>,
}

impl fmt::Debug for Notifying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notifying")
            .field("mail", &self.mail.is_some())
            .finish_non_exhaustive()
    }
}

fn unusable(reason: &'static str) -> PortError {
    PortError::new("server", "notify", ErrorKind::InvalidConfig, Retry::Never).with_reason(reason)
}

impl Notifying {
    /// The ways that `config` allows.
    ///
    /// # Errors
    /// When this machine can make no connections.
    pub fn new(
        config: &Config,
        accounts: Arc<dyn Accounts>,
        secrets: Arc<dyn SecretBox>,
    ) -> Result<Self, TransportError> {
        Ok(Self {
            mail: config.mail.clone(),
            places: config
                .slack_hooks_url
                .clone()
                .map(SlackPlaces::also)
                .unwrap_or_default(),
            transport: Transport::new(Limits::default())?,
            accounts,
            secrets,
        })
    }

    /// Whether the installation can send e-mail.
    #[must_use]
    pub const fn has_mail(&self) -> bool {
        self.mail.is_some()
    }

    /// Seals the address of a Slack channel.
    ///
    /// # Errors
    /// When it is none of Slack's, or cannot be sealed.
    pub fn seal_slack(&self, business: BusinessId, url: &Secret) -> Result<String, SealSlackError> {
        SlackChannel::new(url.clone(), &self.places, self.transport.clone())?;
        Ok(self.secrets.seal(business, SLACK_FIELD, url)?)
    }

    /// A sealed nothing: how a credential is taken away.
    ///
    /// # Errors
    /// When it cannot be sealed.
    pub fn seal_nothing(&self, business: BusinessId) -> Result<String, SealError> {
        self.secrets.seal(business, SLACK_FIELD, &Secret::new(""))
    }

    /// Whether the business has given the address of a Slack channel.
    ///
    /// # Errors
    /// When the database cannot be asked. An address that cannot be opened is none.
    pub async fn has_slack(&self, business: BusinessId) -> Result<bool, StoreError> {
        Ok(matches!(self.slack_url(business).await?, Some(Ok(_))))
    }

    async fn slack_url(&self, business: BusinessId) -> Result<Option<Result<Secret, SealError>>, StoreError> {
        let Some(sealed) = self.accounts.secret(business, SLACK_FIELD).await? else {
            return Ok(None);
        };
        let opened = self.secrets.open(business, SLACK_FIELD, &sealed);
        Ok(Some(opened).filter(|opened| opened.as_ref().map_or(true, |url| !url.is_empty())))
    }

    /// A way to the contractor; nothing where the channel is not connected.
    ///
    /// # Errors
    /// When the channel is connected and cannot be used.
    pub async fn channel(&self, owner: &Owner, channel: ChannelKind) -> Result<Option<Arc<dyn Notifier>>, PortError> {
        match channel {
            ChannelKind::Text => Ok(None),
            ChannelKind::Slack => self.slack(owner.business).await,
            ChannelKind::Email => self.email(owner),
        }
    }

    async fn slack(&self, business: BusinessId) -> Result<Option<Arc<dyn Notifier>>, PortError> {
        let url = self.slack_url(business).await.map_err(|error| {
            PortError::new("server", "notify", ErrorKind::Unavailable, Retry::Backoff).with_source(error)
        })?;
        let Some(url) = url else { return Ok(None) };
        let url = url.map_err(|error| {
            unusable("The address of your Slack channel cannot be read. Connect it again in Settings.")
                .with_source(error)
        })?;
        let channel = SlackChannel::new(url, &self.places, self.transport.clone())
            .map_err(|_| unusable("The address of your Slack channel is none of Slack's."))?;
        Ok(Some(Arc::new(channel)))
    }

    fn email(&self, owner: &Owner) -> Result<Option<Arc<dyn Notifier>>, PortError> {
        let (Some(mail), Some(to)) = (&self.mail, owner.settings.email_for_notices()) else {
            return Ok(None);
        };
        Ok(Some(match mail {
            MailConfig::Resend(config) => Arc::new(Resend::new(config.clone(), to, self.transport.clone())),
            MailConfig::Smtp(config) => Arc::new(
                SmtpMailer::new(config.clone(), to, Arc::new(SystemClock))
                    .map_err(|_| unusable("The e-mail address for notices is none. Change it in Settings."))?,
            ),
        }))
    }
}

/// Why the address of a Slack channel is not kept.
#[derive(Debug, thiserror::Error)]
pub enum SealSlackError {
    /// It is none of Slack's.
    #[error(transparent)]
    Url(#[from] SlackUrlError),
    /// It cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
}
