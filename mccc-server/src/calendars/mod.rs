//! Which calendar elsewhere a business has, ready to use: Google Calendar, Cal.com, or none.
//!
//! One object stands for a connection in this process, so that its tokens are refreshed by one request at a time. It is
//! made anew when the connection is another one.

mod keeper;
pub(crate) mod links;
mod others;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use mccc_calendar::calcom::{CalcomCalendar, CalcomConfig};
use mccc_calendar::google::connect::GoogleConnect;
use mccc_calendar::google::tokens::{TokenKeeper, Tokens};
use mccc_calendar::google::{GoogleCalendar, GoogleConfig};
use mccc_calendar::webcal::Webcal;
use mccc_calendar::{Limits, Transport};
use mccc_core::business::{CalendarConnection, CalendarService, Owner};
use mccc_core::port::store::Accounts;
use mccc_core::port::{CalendarProvider, CalendarWish, ErrorKind, PortError, Retry, SecretBox, Store};
use mccc_core::{BusinessId, Secret};
use serde::{Deserialize, Serialize};

use crate::config::CalendarServices;
use crate::failure::Failure;
use crate::runtime::{KeyRing, SystemClock};
use keeper::{Keeper, Nobody};

/// Field under which a connection's Google tokens are sealed.
pub const GOOGLE_TOKENS: &str = "google_calendar_tokens";
/// Field under which a connection's Cal.com key is sealed.
pub const CALCOM_KEY: &str = "calcom_api_key";
/// What a calendar for appointments alone is called.
pub const APPOINTMENTS: &str = "Appointments";
/// Where Google sends people back to.
pub const GOOGLE_CALLBACK: &str = "/oauth/google/callback";
/// Where Google tells of changes.
pub const GOOGLE_NEWS: &str = "/webhooks/google/calendar";

/// What the contractor reads when a connection has to be made again.
const RECONNECT: &str = "Your calendar is no longer connected. Connect it again so that appointments can be booked.";
const NOT_OFFERED: &str =
    "This installation no longer has the access it needs to Google. Its operator has to set it up again.";

/// The calendars of an installation.
pub struct Calendars {
    google: Option<Google>,
    calcom_url: Option<String>,
    transport: Transport,
    webcal: Webcal,
    public_url: String,
    store: Arc<dyn Store>,
    accounts: Arc<dyn Accounts>,
    keys: Arc<KeyRing>,
    open: RwLock<HashMap<BusinessId, Open>>,
}

/// A connection that is in use, by its identifier.
type Open = (String, Arc<dyn CalendarProvider>);

/// This installation as Google knows it.
struct Google {
    config: GoogleConfig,
    connect: GoogleConnect,
}

/// A Cal.com account as it is sealed.
#[derive(Serialize, Deserialize)]
struct CalcomAccount {
    api_key: String,
    event_type: u64,
    length_is_chosen: bool,
}

impl fmt::Debug for Calendars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calendars")
            .field("google", &self.google.is_some())
            .finish_non_exhaustive()
    }
}

/// A failure of the connection itself.
fn unusable(kind: ErrorKind, retry: Retry, reason: &'static str) -> PortError {
    PortError::new("server", "calendar", kind, retry).with_reason(reason)
}

impl Calendars {
    /// Calendars from configuration.
    ///
    /// # Errors
    /// When the machine has no certificate store, or an address is unusable.
    pub fn new(
        services: &CalendarServices,
        public_url: &str,
        store: Arc<dyn Store>,
        accounts: Arc<dyn Accounts>,
        keys: Arc<KeyRing>,
    ) -> Result<Self, Failure> {
        let transport = Transport::new(Limits::default())?;
        let google = match &services.google {
            None => None,
            Some(app) => {
                let back = format!("{public_url}{GOOGLE_CALLBACK}");
                let mut config = GoogleConfig::new(app.client_id.as_str(), app.client_secret.clone(), back);
                for (address, set) in [
                    (&mut config.accounts_base_url, &app.accounts_url),
                    (&mut config.oauth_base_url, &app.oauth_url),
                    (&mut config.api_base_url, &app.api_url),
                ] {
                    if let Some(set) = set {
                        address.clone_from(set);
                    }
                }
                let connect = GoogleConnect::new(config.clone(), transport.clone())?;
                Some(Google { config, connect })
            }
        };
        Ok(Self {
            google,
            calcom_url: services.calcom_url.clone(),
            transport,
            webcal: Webcal::new(services.others_from, Limits::default())?,
            public_url: public_url.to_owned(),
            store,
            accounts,
            keys,
            open: RwLock::default(),
        })
    }

    /// Connects Google accounts; nothing where the installation has no application there.
    #[must_use]
    pub fn google(&self) -> Option<&GoogleConnect> {
        self.google.as_ref().map(|google| &google.connect)
    }

    /// The calendar of a business; nothing where its own appointments are its calendar.
    ///
    /// # Errors
    /// When there is one that cannot be used.
    pub async fn of(&self, owner: &Owner) -> Result<Option<Arc<dyn CalendarProvider>>, PortError> {
        let Some(connection) = owner.settings.calendar.active() else {
            return Ok(None);
        };
        if connection.reconnect_since.is_some() {
            return Err(unusable(ErrorKind::ReconnectRequired, Retry::Never, RECONNECT));
        }
        let known = {
            let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
            let known = open.get(&owner.business);
            known
                .filter(|(id, _)| *id == connection.id)
                .map(|(_, calendar)| Arc::clone(calendar))
        };
        if let Some(known) = known {
            return Ok(Some(known));
        }
        let made: Arc<dyn CalendarProvider> = match connection.service {
            CalendarService::Google => {
                let tokens = self.google_tokens(owner.business).await?;
                let keeper = Keeper {
                    store: Arc::clone(&self.store),
                    accounts: Arc::clone(&self.accounts),
                    keys: Arc::clone(&self.keys),
                    business: owner.business,
                    connection: connection.id.clone(),
                };
                Arc::new(self.google_account(tokens, Arc::new(keeper))?)
            }
            CalendarService::Calcom => Arc::new(self.calcom_of(owner).await?),
        };
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        // Whoever was faster has the lock of this connection's tokens.
        let known = open.get(&owner.business).filter(|(id, _)| *id == connection.id);
        if let Some((_, known)) = known {
            return Ok(Some(Arc::clone(known)));
        }
        open.insert(owner.business, (connection.id.clone(), Arc::clone(&made)));
        Ok(Some(made))
    }

    /// Forgets what this process holds of a business's connection.
    pub fn forget(&self, business: BusinessId) {
        self.open
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&business);
    }

    /// The tokens of a business's connection.
    ///
    /// # Errors
    /// When there are none, or they cannot be read.
    pub async fn google_tokens(&self, business: BusinessId) -> Result<Tokens, PortError> {
        let secret = self.secret(business, GOOGLE_TOKENS).await?;
        Tokens::from_secret(&secret)
            .map_err(|error| unusable(ErrorKind::ReconnectRequired, Retry::Never, RECONNECT).with_source(error))
    }

    /// An account with tokens that nobody has kept yet.
    ///
    /// # Errors
    /// When Google is not set up.
    pub fn google_with(&self, tokens: Tokens) -> Result<GoogleCalendar, PortError> {
        self.google_account(tokens, Arc::new(Nobody))
    }

    fn google_account(&self, tokens: Tokens, keeper: Arc<dyn TokenKeeper>) -> Result<GoogleCalendar, PortError> {
        let refused = || unusable(ErrorKind::InvalidConfig, Retry::Never, NOT_OFFERED);
        let google = self.google.as_ref().ok_or_else(refused)?;
        GoogleCalendar::new(
            google.config.clone(),
            self.transport.clone(),
            Arc::new(SystemClock),
            tokens,
            keeper,
        )
        .map_err(|error| refused().with_source(error))
    }

    /// A Cal.com account that nobody has kept yet, and its credential sealed for keeping.
    ///
    /// # Errors
    /// When the account cannot be used as it is described.
    pub fn calcom_with(
        &self,
        owner: &Owner,
        api_key: &Secret,
        event_type: u64,
        length_is_chosen: bool,
    ) -> Result<(CalcomCalendar, String), PortError> {
        let account = CalcomAccount {
            api_key: api_key.reveal().to_owned(),
            event_type,
            length_is_chosen,
        };
        let kept = Secret::new(serde_json::to_string(&account).unwrap_or_default());
        let sealed = self.seal(owner.business, CALCOM_KEY, &kept)?;
        Ok((self.calcom_account(owner, account)?, sealed))
    }

    async fn calcom_of(&self, owner: &Owner) -> Result<CalcomCalendar, PortError> {
        let secret = self.secret(owner.business, CALCOM_KEY).await?;
        let account = serde_json::from_str(secret.reveal())
            // The parser's own message could quote the key.
            .map_err(|_| unusable(ErrorKind::ReconnectRequired, Retry::Never, RECONNECT))?;
        self.calcom_account(owner, account)
    }

    fn calcom_account(&self, owner: &Owner, account: CalcomAccount) -> Result<CalcomCalendar, PortError> {
        let mut config = CalcomConfig::new(Secret::new(account.api_key), account.event_type);
        config.enabled = owner.settings.calendar.calcom_enabled;
        config.length_is_chosen = account.length_is_chosen;
        config.owner_email.clone_from(&owner.settings.profile.email);
        if let Some(url) = &self.calcom_url {
            config.api_base_url.clone_from(url);
        }
        CalcomCalendar::new(config, self.transport.clone()).map_err(|error| {
            let reason = "Cal.com needs its switch, an API key and the number of an event type.";
            unusable(ErrorKind::InvalidConfig, Retry::Never, reason).with_source(error)
        })
    }

    /// Where Google tells of changes over a channel, and the proof each call carries; nothing where Google cannot reach
    /// this installation: it calls nothing but https (guide "Push notifications", read 2026-11).
    #[must_use]
    pub fn push(&self, channel: &str) -> Option<(String, Secret)> {
        self.public_url.starts_with("https://").then(|| {
            let address = format!("{}{GOOGLE_NEWS}", self.public_url);
            (address, self.keys.proof("calendar channel", channel))
        })
    }

    /// The calendar for appointments alone that a business may have created where its calendar is.
    #[must_use]
    pub fn wish(&self, owner: &Owner) -> CalendarWish {
        CalendarWish {
            business: owner.business,
            name: APPOINTMENTS.to_owned(),
            zone: owner.zone().clone(),
        }
    }

    /// Seals a credential of a business.
    ///
    /// # Errors
    /// When no key is configured.
    pub fn seal(&self, business: BusinessId, field: &str, secret: &Secret) -> Result<String, PortError> {
        self.keys.seal(business, field, secret).map_err(|error| {
            let reason = "The sealing key of this installation cannot be used.";
            unusable(ErrorKind::InvalidConfig, Retry::Never, reason).with_source(error)
        })
    }

    /// A sealed text of a business, opened.
    ///
    /// # Errors
    /// [`ErrorKind::ReconnectRequired`] when there is none or it cannot be opened, [`ErrorKind::Unavailable`] when the
    /// database is away.
    pub async fn secret(&self, business: BusinessId, field: &str) -> Result<Secret, PortError> {
        open_secret(&*self.accounts, &self.keys, business, field).await
    }

    /// The name of the credential of a connection.
    #[must_use]
    pub const fn field_of(connection: &CalendarConnection) -> &'static str {
        match connection.service {
            CalendarService::Google => GOOGLE_TOKENS,
            CalendarService::Calcom => CALCOM_KEY,
        }
    }
}

async fn open_secret(
    accounts: &dyn Accounts,
    keys: &KeyRing,
    business: BusinessId,
    field: &str,
) -> Result<Secret, PortError> {
    let sealed = accounts.secret(business, field).await.map_err(|error| {
        PortError::new("server", "calendar", ErrorKind::Unavailable, Retry::Backoff).with_source(error)
    })?;
    let missing = || unusable(ErrorKind::ReconnectRequired, Retry::Never, RECONNECT);
    let sealed = sealed.filter(|sealed| !sealed.is_empty()).ok_or_else(missing)?;
    keys.open(business, field, &sealed)
        .map_err(|error| missing().with_source(error))
}
