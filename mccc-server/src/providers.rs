//! Which providers serve a business: the installation's Twilio account, the business's own, or the sandbox.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use mccc_core::appointments::Appointment;
use mccc_core::business::{OtherCalendar, Owner, TelephonyMode};
use mccc_core::compliance::number::Policy;
use mccc_core::notify::ChannelKind;
use mccc_core::port::store::Accounts;
use mccc_core::port::{
    CalendarProvider, CopyAnswer, CopyRequest, Embedder, ErrorKind, LineLookup, Notifier, PortError, Providers,
    ReplyModel, Retry, SecretBox, SmsGateway, Telephony,
};
use mccc_core::{BusinessId, Secret};
use mccc_twilio::{Credentials, Limits, Transport, TwilioClient, TwilioWebhooks};

use crate::calendars::Calendars;
use crate::calendars::links::appointment_path;
use crate::config::TwilioConfig;
use crate::notifying::Notifying;
use crate::runtime::{KeyRing, LastKnownFile, SystemClock};
use crate::sandbox::{ACCOUNT, Sandbox, SandboxGateway, SandboxTelephony};

/// Field under which a business's own Auth Token is sealed.
pub const TOKEN_FIELD: &str = "twilio_auth_token";

/// A Twilio account, ready to use: to call it, and to check what comes from it.
#[derive(Debug, Clone)]
pub struct Account {
    /// Account SID.
    pub sid: Arc<str>,
    /// Calls it.
    pub client: Arc<TwilioClient>,
    /// Checks and reads what comes from it.
    pub webhooks: Arc<TwilioWebhooks>,
}

/// The providers of an installation.
pub struct ServerProviders {
    platform: Option<Account>,
    sandbox: Option<Arc<Sandbox>>,
    own: RwLock<HashMap<BusinessId, (u64, Account)>>,
    accounts: Arc<dyn Accounts>,
    last_known: Arc<LastKnownFile>,
    keys: Arc<KeyRing>,
    public_url: String,
    template: Option<TwilioConfig>,
    calendars: Arc<Calendars>,
    notifying: Option<Arc<Notifying>>,
    model: Option<Arc<dyn ReplyModel>>,
    embedding: Option<Arc<dyn Embedder>>,
}

impl fmt::Debug for ServerProviders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerProviders")
            .field("platform", &self.platform.is_some())
            .field("sandbox", &self.sandbox.is_some())
            .finish_non_exhaustive()
    }
}

fn unusable(reason: &'static str) -> PortError {
    PortError::new("server", "providers", ErrorKind::InvalidConfig, Retry::Backoff).with_reason(reason)
}

impl ServerProviders {
    /// Providers from configuration.
    ///
    /// # Errors
    /// When the configured account cannot work, such as a malformed base address.
    pub fn new(
        twilio: Option<TwilioConfig>,
        sandbox: Option<Arc<Sandbox>>,
        public_url: Option<String>,
        accounts: Arc<dyn Accounts>,
        last_known: Arc<LastKnownFile>,
        keys: Arc<KeyRing>,
        calendars: Arc<Calendars>,
    ) -> Result<Self, PortError> {
        let public_url = public_url.unwrap_or_default();
        let platform = twilio.as_ref().map(|config| account(config, &public_url)).transpose()?;
        Ok(Self {
            platform,
            sandbox,
            own: RwLock::default(),
            accounts,
            last_known,
            keys,
            public_url,
            template: twilio,
            calendars,
            notifying: None,
            model: None,
            embedding: None,
        })
    }

    /// The calendars elsewhere.
    #[must_use]
    pub const fn calendars(&self) -> &Arc<Calendars> {
        &self.calendars
    }

    /// The same, with ways to the contractor.
    #[must_use]
    pub fn telling_through(mut self, notifying: Arc<Notifying>) -> Self {
        self.notifying = Some(notifying);
        self
    }

    /// The same, with a language model that may word answers.
    #[must_use]
    pub fn worded_by(mut self, model: Option<Arc<dyn ReplyModel>>) -> Self {
        self.model = model;
        self
    }

    /// The language model, where the installation has one.
    #[must_use]
    pub const fn model(&self) -> Option<&Arc<dyn ReplyModel>> {
        self.model.as_ref()
    }

    /// The same, with an embedding model that may say which question is meant.
    #[must_use]
    pub fn meant_by(mut self, embedding: Option<Arc<dyn Embedder>>) -> Self {
        self.embedding = embedding;
        self
    }

    /// The embedding model, where the installation has one.
    #[must_use]
    pub const fn embedding(&self) -> Option<&Arc<dyn Embedder>> {
        self.embedding.as_ref()
    }

    /// The sandbox, when it is on.
    #[must_use]
    pub const fn sandbox(&self) -> Option<&Arc<Sandbox>> {
        self.sandbox.as_ref()
    }

    /// The public address, without a trailing slash.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.public_url
    }

    /// The installation's own account.
    #[must_use]
    pub const fn platform(&self) -> Option<&Account> {
        self.platform.as_ref()
    }

    /// The Twilio account of a business: its own, or the installation's.
    ///
    /// # Errors
    /// When its credentials are missing or cannot be opened.
    pub async fn account(&self, owner: &Owner) -> Result<Option<Account>, PortError> {
        let TelephonyMode::Byo { account_sid } = &owner.settings.telephone.mode else {
            return Ok(self.platform.clone());
        };
        let known = {
            let own = self.own.read().unwrap_or_else(PoisonError::into_inner);
            own.get(&owner.business)
                .filter(|(version, _)| *version == owner.version)
                .map(|(_, account)| account.clone())
        };
        if let Some(account) = known {
            return Ok(Some(account));
        }
        if self.public_url.is_empty() {
            return Err(unusable(
                "This server has no public address, so what your phone account says cannot be checked. Set public_url.",
            ));
        }
        let (sealed, kept) = self.sealed_token(owner.business).await?;
        let token = self.keys.open(owner.business, TOKEN_FIELD, &sealed).map_err(|error| {
            unusable("Your phone account's sign-in cannot be read. Reconnect it in Settings.").with_source(error)
        })?;
        let account = self.own_account(account_sid, token)?;
        if kept {
            // Perhaps replaced since: asked for again as soon as the database is back.
            return Ok(Some(account));
        }
        let mut own = self.own.write().unwrap_or_else(PoisonError::into_inner);
        own.insert(owner.business, (owner.version, account.clone()));
        Ok(Some(account))
    }

    /// A business's own token, sealed, and whether it is the kept one because the database is away.
    async fn sealed_token(&self, business: BusinessId) -> Result<(String, bool), PortError> {
        match self.accounts.secret(business, TOKEN_FIELD).await {
            Ok(Some(sealed)) => {
                self.last_known.put_token(business, &sealed);
                Ok((sealed, false))
            }
            Ok(None) => Err(unusable(
                "Your phone account's sign-in is missing. Reconnect it in Settings.",
            )),
            Err(error) => self
                .last_known
                .token(business)
                .map(|sealed| (sealed, true))
                .ok_or_else(|| {
                    PortError::new("server", "providers", ErrorKind::Unavailable, Retry::Backoff).with_source(error)
                }),
        }
    }

    fn own_account(&self, sid: &str, token: Secret) -> Result<Account, PortError> {
        let base = self.template.as_ref();
        let config = TwilioConfig {
            account_sid: sid.to_owned(),
            auth_token: token,
            auth_token_secondary: None,
            // Those are the installation's own; a business's account knows neither.
            api_key: None,
            messaging_service: None,
            voice_fallback_url: base.and_then(|config| config.voice_fallback_url.clone()),
            country: base.and_then(|config| config.country.clone()),
            api_url: base.and_then(|config| config.api_url.clone()),
            lookups_url: base.and_then(|config| config.lookups_url.clone()),
            messaging_url: base.and_then(|config| config.messaging_url.clone()),
        };
        account(&config, &self.public_url)
    }
}

fn account(config: &TwilioConfig, public_url: &str) -> Result<Account, PortError> {
    let mut tokens = vec![config.auth_token.clone()];
    tokens.extend(config.auth_token_secondary.clone());
    let webhooks = TwilioWebhooks::new(config.account_sid.as_str(), public_url, &tokens)
        .map_err(|error| unusable("The public address or the Auth Token is not usable.").with_source(error))?;
    let invalid = |error| unusable("The phone account's settings are not usable.").with_source(error);
    let transport = Transport::new(Limits::default()).map_err(invalid)?;
    let credentials = match &config.api_key {
        Some((key, secret)) => Credentials::ApiKey {
            key: key.clone(),
            secret: secret.clone(),
        },
        None => Credentials::AuthToken(config.auth_token.clone()),
    };
    let mut settings = mccc_twilio::TwilioConfig::new(config.account_sid.as_str(), credentials, public_url);
    settings.messaging_service.clone_from(&config.messaging_service);
    settings.voice_fallback_url.clone_from(&config.voice_fallback_url);
    if let Some(country) = &config.country {
        settings.country.clone_from(country);
    }
    if let Some(url) = &config.api_url {
        settings.api_base_url.clone_from(url);
    }
    if let Some(url) = &config.lookups_url {
        settings.lookups_base_url.clone_from(url);
    }
    if let Some(url) = &config.messaging_url {
        settings.messaging_base_url.clone_from(url);
    }
    let client = TwilioClient::new(settings, transport, Arc::new(SystemClock)).map_err(invalid)?;
    Ok(Account {
        sid: config.account_sid.as_str().into(),
        client: Arc::new(client),
        webhooks: Arc::new(webhooks),
    })
}

#[async_trait]
impl Providers for ServerProviders {
    async fn sms(&self, owner: &Owner) -> Result<Arc<dyn SmsGateway>, PortError> {
        match (self.account(owner).await?, &self.sandbox) {
            (Some(account), _) => Ok(account.client),
            (None, Some(sandbox)) => Ok(Arc::new(SandboxGateway(Arc::clone(sandbox)))),
            (None, None) => Err(unusable("No texting provider is connected yet.")),
        }
    }

    async fn telephony(&self, owner: &Owner) -> Result<Arc<dyn Telephony>, PortError> {
        match (self.account(owner).await?, &self.sandbox) {
            (Some(account), _) => Ok(account.client),
            (None, Some(sandbox)) => Ok(Arc::new(SandboxTelephony(Arc::clone(sandbox)))),
            (None, None) => Err(unusable("No phone provider is connected yet.")),
        }
    }

    async fn line_lookup(&self, owner: &Owner) -> Option<Arc<dyn LineLookup>> {
        if !owner.settings.texting.look_up_lines {
            return None;
        }
        let account = self.account(owner).await.ok().flatten()?;
        Some(account.client)
    }

    async fn calendar(&self, owner: &Owner) -> Result<Option<Arc<dyn CalendarProvider>>, PortError> {
        self.calendars.of(owner).await
    }

    async fn other_calendar(
        &self,
        owner: &Owner,
        calendar: &OtherCalendar,
        request: &CopyRequest,
    ) -> Result<CopyAnswer, PortError> {
        self.calendars.read_other(owner, calendar, request).await
    }

    fn calendar_push(&self, channel: &str) -> Option<(String, Secret)> {
        self.calendars.push(channel)
    }

    fn calendar_link(&self, row: &Appointment) -> Option<String> {
        let path = appointment_path(&self.keys, row.business, row.id);
        (!self.public_url.is_empty()).then(|| format!("{}{path}", self.public_url))
    }

    async fn notifier(&self, owner: &Owner, channel: ChannelKind) -> Result<Option<Arc<dyn Notifier>>, PortError> {
        match &self.notifying {
            Some(notifying) => notifying.channel(owner, channel).await,
            None => Ok(None),
        }
    }

    fn reply_model(&self, _owner: &Owner) -> Option<Arc<dyn ReplyModel>> {
        self.model.clone()
    }

    fn embedder(&self, _owner: &Owner) -> Option<Arc<dyn Embedder>> {
        self.embedding.clone()
    }

    fn policy(&self, owner: &Owner) -> Policy {
        if self.free_of_charge(owner) {
            Policy::sandbox()
        } else {
            Policy::default()
        }
    }

    fn free_of_charge(&self, owner: &Owner) -> bool {
        let own = matches!(owner.settings.telephone.mode, TelephonyMode::Byo { .. });
        self.sandbox.is_some() && self.platform.is_none() && !own
    }

    fn public_base_url(&self) -> String {
        self.public_url.clone()
    }

    fn platform_account(&self) -> String {
        self.platform
            .as_ref()
            .map_or_else(|| ACCOUNT.to_owned(), |account| account.sid.as_ref().to_owned())
    }
}
