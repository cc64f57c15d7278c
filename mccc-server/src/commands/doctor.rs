//! Checks an installation from the outside in and says how to mend what is wrong.

use std::sync::Arc;
use std::time::Duration;

use mccc_core::Timestamp;
use mccc_core::business::{NumberKind, Owner, TelephonyMode};
use mccc_core::conversation::understanding::Embedding;
use mccc_core::port::{MessageQuery, PhraseRequest, SmsGateway as _};
use mccc_core::zone;

use super::ledger::verify;
use super::open::{Opened, open};
use crate::config::{Config, StoreConfig};
use crate::failure::Failure;
use crate::guides::Guides;
use crate::providers::Account;

/// Businesses that are looked at.
const MOST_BUSINESSES: u32 = 1_000;
/// How long the public address may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether all is well.
    pub good: bool,
    /// What was looked at.
    pub what: String,
    /// What was found and, if it is wrong, how to mend it.
    pub detail: String,
}

/// Runs every check.
///
/// # Errors
/// When the database fails between two questions.
pub async fn run(config: &Config) -> Result<Vec<Finding>, Failure> {
    let mut findings = Vec::new();
    let mut say = |good: bool, what: &str, detail: String| -> Result<(), Failure> {
        findings.push(Finding {
            good,
            what: what.to_owned(),
            detail,
        });
        Ok(())
    };
    say(true, "configuration", "read".into())?;
    say(true, "zone data", format!("release {}", zone::data_version()))?;
    match Guides::open(&config.data_dir) {
        Ok(_) => say(true, "forwarding guides", "complete".into())?,
        Err(error) => say(false, "forwarding guides", error.to_string())?,
    }
    let opened = match open(config).await {
        Ok(opened) => opened,
        Err(failure) => {
            let hint = match &config.store {
                StoreConfig::Sqlite(path) => format!("check that {} can be written", path.display()),
                StoreConfig::Postgres { .. } => {
                    "check the address, that the server runs, and that the role may SET ROLE to the application role"
                        .into()
                }
            };
            say(false, "database", format!("{failure}; {hint}"))?;
            return Ok(findings);
        }
    };
    match opened.store.ping().await {
        Ok(()) => say(true, "database", "answers, schema up to date".into())?,
        Err(error) => say(false, "database", format!("{error}; start it or correct its address"))?,
    }
    let owners = owners(&opened).await?;
    let own_accounts = owners.iter().any(|owner| has_own_account(owner));
    public_url(config, own_accounts, &mut say).await?;
    provider(&opened, config, own_accounts, &mut say).await?;
    language_model(&opened, &mut say).await?;
    embedding_model(&opened, &mut say).await?;
    businesses(&opened, config, &owners, &mut say).await?;
    Ok(findings)
}

type Say<'a> = dyn FnMut(bool, &str, String) -> Result<(), Failure> + Send + 'a;

/// Whether the server is reached at its public address. It is asked by that address itself: names, certificates and proxies
/// on the way are looked at too.
async fn public_url(config: &Config, own_accounts: bool, say: &mut Say<'_>) -> Result<(), Failure> {
    const WHAT: &str = "public address";
    let needed = config.twilio.is_some() || own_accounts;
    let Some(url) = &config.public_url else {
        return if needed {
            say(false, WHAT, "set public_url to where Twilio reaches this server".into())
        } else {
            say(true, WHAT, "not needed without a provider".into())
        };
    };
    if needed && !url.starts_with("https://") {
        return say(
            false,
            WHAT,
            format!("{url} is not https; providers send callers' numbers to it"),
        );
    }
    match lives_at(url).await {
        Ok(()) => say(true, WHAT, format!("{url} answers")),
        Err(why) => say(
            false,
            WHAT,
            format!(
                "{url}/healthz does not answer ({why}); start the server, and check the name, the certificate and what \
                 stands between it and this server"
            ),
        ),
    }
}

async fn lives_at(url: &str) -> Result<(), String> {
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| chain(&error))?;
    let answer = client.get(format!("{url}/healthz")).send().await;
    let answer = answer.map_err(|error| chain(&error.without_url()))?;
    let status = answer.status();
    let text = answer.text().await.map_err(|error| chain(&error.without_url()))?;
    match status.is_success() && text.trim() == "ok" {
        true => Ok(()),
        false => Err(format!("something else is there: status {}", status.as_u16())),
    }
}

/// An error with its causes, since the outermost says the least.
fn chain(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said.push_str(": ");
        said.push_str(&error.to_string());
        cause = error.source();
    }
    said
}

async fn provider(opened: &Opened, config: &Config, own_accounts: bool, say: &mut Say<'_>) -> Result<(), Failure> {
    let Some(account) = opened.providers.platform() else {
        return if config.sandbox {
            say(true, "phone provider", "the sandbox (this machine only)".into())
        } else if own_accounts {
            say(true, "phone provider", "none; businesses have their own".into())
        } else {
            say(
                false,
                "phone provider",
                "none; set twilio.account_sid and twilio.auth_token, or use --sandbox".into(),
            )
        };
    };
    match sign_in(account).await {
        Ok(()) => say(true, "phone provider", format!("signed in to {}", account.sid)),
        Err(why) => say(
            false,
            "phone provider",
            format!("{why} Check twilio.account_sid and the credentials beside it."),
        ),
    }
}

/// Asks a harmless question that only valid credentials can ask.
async fn sign_in(account: &Account) -> Result<(), String> {
    let query = MessageQuery {
        to: None,
        from: None,
        since: Timestamp::UNIX_EPOCH,
        limit: 1,
    };
    match account.client.list(&query).await {
        Ok(_) => Ok(()),
        Err(error) => Err(error.reason().map_or_else(|| error.to_string(), str::to_owned)),
    }
}

async fn language_model(opened: &Opened, say: &mut Say<'_>) -> Result<(), Failure> {
    const WHAT: &str = "language model";
    let Some(model) = opened.providers.model() else {
        return say(true, WHAT, "none; answers use the built-in wording".into());
    };
    // Words of ours alone.
    let request = PhraseRequest {
        text: "Sure, I can help with that. What do you need done?".into(),
        keep: Vec::new(),
        business: "Example".into(),
        trade: "general".into(),
        recent: Vec::new(),
        longest: 160,
    };
    match model.phrase(&request).await {
        Ok(_) => say(true, WHAT, "answers".into()),
        Err(error) => {
            let why = error.reason().map_or_else(|| error.to_string(), str::to_owned);
            say(
                false,
                WHAT,
                format!("{why} Check ai.base_url, ai.model and ai.api_key."),
            )
        }
    }
}

async fn embedding_model(opened: &Opened, say: &mut Say<'_>) -> Result<(), Failure> {
    const WHAT: &str = "embedding model";
    let Some(model) = opened.providers.embedding() else {
        return say(true, WHAT, "none; questions are matched by the built-in rules".into());
    };
    // Words of ours alone.
    let texts = [
        "How can I pay?",
        "Which cards do you accept?",
        "Do you work on Sundays?",
    ]
    .map(str::to_owned);
    let check = "Check embedding.base_url, embedding.model, embedding.dimension and embedding.api_key.";
    match model.embed(&texts).await {
        Ok(vectors) => match Embedding::all(vectors, texts.len(), model.dimension()) {
            Ok(vectors) => {
                let dimension = vectors.first().map_or(0, Embedding::dimension);
                say(true, WHAT, format!("answers, with {dimension} numbers for each text"))
            }
            Err(why) => say(
                false,
                WHAT,
                format!("its vectors are of no use ({}). {check}", why.name()),
            ),
        },
        Err(error) => {
            let why = error.reason().map_or_else(|| error.to_string(), str::to_owned);
            say(false, WHAT, format!("{why} {check}"))
        }
    }
}

/// The businesses that are looked at.
async fn owners(opened: &Opened) -> Result<Vec<Arc<Owner>>, Failure> {
    let mut owners = Vec::new();
    for id in opened.store.businesses(None, MOST_BUSINESSES).await? {
        owners.extend(opened.store.owner(id).await?);
    }
    Ok(owners)
}

fn has_own_account(owner: &Owner) -> bool {
    matches!(owner.settings.telephone.mode, TelephonyMode::Byo { .. })
}

async fn businesses(opened: &Opened, config: &Config, owners: &[Arc<Owner>], say: &mut Say<'_>) -> Result<(), Failure> {
    if owners.is_empty() {
        return say(
            false,
            "businesses",
            "none yet; make one with `mccc business import FILE`".into(),
        );
    }
    say(true, "businesses", owners.len().to_string())?;
    for owner in owners {
        let name = format!("business {}", owner.settings.profile.name);
        let own = has_own_account(owner);
        let telephone = &owner.settings.telephone;
        if owner.lines.is_empty() {
            say(
                false,
                &name,
                "has no number; get one on the page Connect your phone".into(),
            )?;
        } else if own && let Err(why) = own_account(opened, owner).await {
            say(false, &name, why)?;
        } else if (config.twilio.is_some() || own)
            && telephone.number_kind() == NumberKind::Forwarding
            && telephone.forwarding_verified_at.is_none()
        {
            say(
                false,
                &name,
                "forwarding is not proved yet; run the test on the page Connect your phone".into(),
            )?;
        } else {
            say(true, &name, format!("{} number(s)", owner.lines.len()))?;
        }
        let ledger = format!("consent ledger of {}", owner.settings.profile.name);
        match verify(opened, owner.business, None).await {
            Ok(head) => say(
                true,
                &ledger,
                format!("{} entries hold", head.map_or(0, |head| head.len)),
            )?,
            Err(failure) => say(
                false,
                &ledger,
                format!("{failure}; compare it with a backup, and find out who can write to the database"),
            )?,
        }
    }
    Ok(())
}

/// Signs in to a business's own phone account.
async fn own_account(opened: &Opened, owner: &Owner) -> Result<(), String> {
    match opened.providers.account(owner).await {
        Ok(Some(account)) => sign_in(&account)
            .await
            .map_err(|why| format!("its own phone account {}: {why}", account.sid)),
        Ok(None) => Ok(()),
        Err(error) => Err(error.reason().map_or_else(|| error.to_string(), str::to_owned)),
    }
}
