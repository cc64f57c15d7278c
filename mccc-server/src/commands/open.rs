//! Opens what a command needs: keys, database, center.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mccc_ai::{ChatModel, EmbeddingModel};
use mccc_core::CommandCenter;
use mccc_core::center::{Limits, Ports};
use mccc_core::port::store::Accounts;
use mccc_core::port::{Clock, Embedder, Entropy, ReplyModel, Store, Timer};

use super::database::{self, Absent, Database, Readiness};
use crate::calendars::Calendars;
use crate::config::Config;
use crate::failure::{Context as _, Failure};
use crate::notifying::Notifying;
use crate::providers::ServerProviders;
use crate::runtime::{FileSpool, KeyRing, LastKnownFile, OsEntropy, SystemClock, TokioTimer};
use crate::sandbox::{ACCOUNT, Sandbox};

/// Everything a command works with.
#[derive(Debug)]
pub struct Opened {
    /// The database.
    pub store: Arc<dyn Store>,
    /// People, sessions, keys.
    pub accounts: Arc<dyn Accounts>,
    /// The application service.
    pub center: Arc<CommandCenter>,
    /// The providers.
    pub providers: Arc<ServerProviders>,
    /// The simulated phone network, when it is on.
    pub sandbox: Option<Arc<Sandbox>>,
    /// The ways to the contractor.
    pub notifying: Arc<Notifying>,
    /// The sealing keys.
    pub keys: Arc<KeyRing>,
    /// The installation's own provider account.
    pub platform_account: String,
    /// The database, if it is away and the command is to go on without it.
    pub absent: Option<Absent>,
    /// Why the process is not ready, if it is not.
    pub readiness: Readiness,
}

/// Opens everything.
///
/// # Errors
/// A sentence about the first thing that cannot be opened.
pub async fn open(config: &Config) -> Result<Opened, Failure> {
    open_with(config, false).await
}

/// Opens everything for a server. One that has answered calls before starts without its Postgres when that is away.
///
/// # Errors
/// As [`open`], except for a database that is merely away.
pub async fn open_to_serve(config: &Config) -> Result<Opened, Failure> {
    let knows_somebody = !LastKnownFile::is_empty(&last_known_folder(&config.data_dir));
    open_with(config, config.role.serves() && knows_somebody).await
}

async fn open_with(config: &Config, patient: bool) -> Result<Opened, Failure> {
    std::fs::create_dir_all(&config.data_dir)
        .context(|| format!("cannot make the data folder {}", config.data_dir.display()))?;
    let keys = Arc::new(KeyRing::open(&config.secret_key, Box::new(OsEntropy))?);
    let last_known = Arc::new(
        LastKnownFile::open(last_known_folder(&config.data_dir), Arc::clone(&keys)).context(|| {
            format!(
                "cannot use the folder {}",
                last_known_folder(&config.data_dir).display()
            )
        })?,
    );
    let Database {
        store,
        accounts,
        absent,
    } = database::open(config, &keys, patient).await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let timer: Arc<dyn Timer> = Arc::new(TokioTimer);
    let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
    let sandbox = config
        .sandbox
        .then(|| Sandbox::new(Arc::clone(&clock), Arc::clone(&timer), Arc::clone(&entropy)));
    let calendars = Arc::new(Calendars::new(
        &config.calendars,
        config.public_url.as_deref().unwrap_or_default(),
        Arc::clone(&store),
        Arc::clone(&accounts),
        Arc::clone(&keys),
    )?);
    let notifying = Notifying::new(config, Arc::clone(&accounts), Arc::clone(&keys) as _)
        .context(|| "connections to Slack and e-mail cannot be made".to_owned())?;
    let notifying = Arc::new(notifying);
    let providers = ServerProviders::new(
        config.twilio.clone(),
        sandbox.clone(),
        config.public_url.clone(),
        Arc::clone(&accounts),
        Arc::clone(&last_known),
        Arc::clone(&keys),
        calendars,
    )?;
    let model = config.ai.clone().map(ChatModel::new).transpose()?;
    let model = model.map(|model| Arc::new(model) as Arc<dyn ReplyModel>);
    let embedding = config.embedding.clone().map(EmbeddingModel::new).transpose()?;
    let embedding = embedding.map(|model| Arc::new(model) as Arc<dyn Embedder>);
    let providers = providers.telling_through(Arc::clone(&notifying));
    let providers = Arc::new(providers.worded_by(model).meant_by(embedding));
    let spool = FileSpool::open(&spool_path(&config.data_dir), Arc::clone(&keys))
        .context(|| format!("cannot reserve the spool in {}", config.data_dir.display()))?;
    let ports = Ports {
        store: Arc::clone(&store),
        providers: Arc::clone(&providers) as _,
        spool: Arc::new(spool),
        last_known,
        clock,
        timer,
        entropy,
    };
    let center = Arc::new(CommandCenter::new(ports, Limits::default()));
    if let Some(sandbox) = &sandbox {
        sandbox.connect(&center);
    }
    let platform_account = config
        .twilio
        .as_ref()
        .map_or_else(|| ACCOUNT.to_owned(), |twilio| twilio.account_sid.clone());
    Ok(Opened {
        store,
        accounts,
        center,
        providers,
        sandbox,
        notifying,
        keys,
        platform_account,
        readiness: absent.as_ref().map(Absent::readiness).unwrap_or_default(),
        absent,
    })
}

fn last_known_folder(data_dir: &Path) -> PathBuf {
    data_dir.join("last-known")
}

fn spool_path(data_dir: &Path) -> PathBuf {
    data_dir.join("spool.mccc")
}
