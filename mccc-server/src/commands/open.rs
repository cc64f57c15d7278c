//! Opens what a command needs: keys, database, center.

use std::path::Path;
use std::sync::Arc;

use mccc_core::CommandCenter;
use mccc_core::center::{Limits, Ports};
use mccc_core::port::store::Accounts;
use mccc_core::port::{Clock, Entropy, Store, Timer};
use mccc_store_postgres::{PostgresOptions, PostgresStore};
use mccc_store_sqlite::SqliteStore;

use crate::config::{Config, StoreConfig};
use crate::failure::{Context as _, Failure};
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
    /// The sealing keys.
    pub keys: Arc<KeyRing>,
    /// The installation's own provider account.
    pub platform_account: String,
}

/// Opens the database alone and brings it up to date.
///
/// # Errors
/// When it cannot be opened or its schema is newer than this program.
pub async fn open_store(
    config: &Config,
    keys: &KeyRing,
    migrate: bool,
) -> Result<(Arc<dyn Store>, Arc<dyn Accounts>), Failure> {
    match &config.store {
        StoreConfig::Sqlite(path) => {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).context(|| format!("cannot make the folder {}", folder.display()))?;
            }
            let options = mccc_store_sqlite::Options::new(Arc::new(SystemClock), keys.ledger_key());
            let store = SqliteStore::open(path, options)
                .await
                .context(|| format!("cannot open the database {}", path.display()))?;
            store
                .migrate()
                .await
                .context(|| format!("cannot bring {} up to date", path.display()))?;
            let store = Arc::new(store);
            Ok((Arc::clone(&store) as Arc<dyn Store>, store as Arc<dyn Accounts>))
        }
        StoreConfig::Postgres {
            url,
            owner_url,
            schema,
            connections,
        } => {
            let options = PostgresOptions {
                schema: schema.clone(),
                role: format!("{schema}_app"),
                logins: owner_url.iter().filter_map(|_| login_of(url.reveal())).collect(),
                max_connections: *connections,
                ..PostgresOptions::default()
            };
            if migrate {
                let owner = owner_url.as_ref().unwrap_or(url);
                mccc_store_postgres::migrate(owner.reveal(), &options)
                    .await
                    .context(|| "cannot bring the Postgres schema up to date".to_owned())?;
            }
            let store = PostgresStore::connect(url.reveal(), keys.ledger_key(), options)
                .await
                .context(|| "cannot use the Postgres database".to_owned())?;
            let store = Arc::new(store);
            Ok((Arc::clone(&store) as Arc<dyn Store>, store as Arc<dyn Accounts>))
        }
    }
}

/// Opens everything.
///
/// # Errors
/// A sentence about the first thing that cannot be opened.
pub async fn open(config: &Config) -> Result<Opened, Failure> {
    std::fs::create_dir_all(&config.data_dir)
        .context(|| format!("cannot make the data folder {}", config.data_dir.display()))?;
    let keys = Arc::new(KeyRing::open(&config.secret_key, Box::new(OsEntropy))?);
    let (store, accounts) = open_store(config, &keys, true).await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let timer: Arc<dyn Timer> = Arc::new(TokioTimer);
    let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
    let sandbox = config
        .sandbox
        .then(|| Sandbox::new(Arc::clone(&clock), Arc::clone(&timer), Arc::clone(&entropy)));
    let providers = Arc::new(ServerProviders::new(
        config.twilio.clone(),
        sandbox.clone(),
        config.public_url.clone(),
        Arc::clone(&accounts),
        Arc::clone(&keys),
    )?);
    let spool = FileSpool::open(&spool_path(&config.data_dir), Arc::clone(&keys))
        .context(|| format!("cannot reserve the spool in {}", config.data_dir.display()))?;
    let last_known = LastKnownFile::open(config.data_dir.join("last-known"), Arc::clone(&keys))
        .context(|| format!("cannot use the folder {}", config.data_dir.join("last-known").display()))?;
    let ports = Ports {
        store: Arc::clone(&store),
        providers: Arc::clone(&providers) as _,
        spool: Arc::new(spool),
        last_known: Arc::new(last_known),
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
        keys,
        platform_account,
    })
}

/// The login in a database address, which the owner has to allow to act as the server's role.
fn login_of(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let (credentials, _) = rest.split_once('@')?;
    credentials
        .split(':')
        .next()
        .filter(|login| !login.is_empty())
        .map(str::to_owned)
}

fn spool_path(data_dir: &Path) -> std::path::PathBuf {
    data_dir.join("spool.mccc")
}
