//! Checks an installation from the outside in and says how to mend what is wrong.

use mccc_core::Timestamp;
use mccc_core::conversation::understanding::Embedding;
use mccc_core::port::{MessageQuery, PhraseRequest, SmsGateway as _};
use mccc_core::zone;

use super::open::{Opened, open};
use crate::config::{Config, StoreConfig};
use crate::failure::Failure;
use crate::guides::Guides;

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
    public_url(config, &mut say)?;
    provider(&opened, config, &mut say).await?;
    language_model(&opened, &mut say).await?;
    embedding_model(&opened, &mut say).await?;
    businesses(&opened, config, &mut say).await?;
    Ok(findings)
}

type Say<'a> = dyn FnMut(bool, &str, String) -> Result<(), Failure> + Send + 'a;

fn public_url(config: &Config, say: &mut Say<'_>) -> Result<(), Failure> {
    match (&config.public_url, config.twilio.is_some()) {
        (Some(url), true) if !url.starts_with("https://") => say(
            false,
            "public address",
            format!("{url} is not https; providers send callers' numbers to it"),
        ),
        (Some(url), _) => say(true, "public address", url.clone()),
        (None, true) => say(
            false,
            "public address",
            "set public_url to where Twilio reaches this server".into(),
        ),
        (None, false) => say(true, "public address", "not needed without a provider".into()),
    }
}

async fn provider(opened: &Opened, config: &Config, say: &mut Say<'_>) -> Result<(), Failure> {
    let Some(account) = opened.providers.platform() else {
        return if config.sandbox {
            say(true, "phone provider", "the sandbox (this machine only)".into())
        } else {
            say(
                false,
                "phone provider",
                "none; set twilio.account_sid and twilio.auth_token, or use --sandbox".into(),
            )
        };
    };
    // A harmless question that only valid credentials can ask.
    let query = MessageQuery {
        to: None,
        from: None,
        since: Timestamp::UNIX_EPOCH,
        limit: 1,
    };
    match account.client.list(&query).await {
        Ok(_) => say(true, "phone provider", format!("signed in to {}", account.sid)),
        Err(error) => {
            let why = error.reason().map_or_else(|| error.to_string(), str::to_owned);
            say(
                false,
                "phone provider",
                format!("{why} Check twilio.account_sid and twilio.auth_token."),
            )
        }
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

async fn businesses(opened: &Opened, config: &Config, say: &mut Say<'_>) -> Result<(), Failure> {
    let ids = opened.store.businesses(None, 1_000).await?;
    if ids.is_empty() {
        return say(
            false,
            "businesses",
            "none yet; make one with `mccc business import FILE`".into(),
        );
    }
    say(true, "businesses", ids.len().to_string())?;
    for id in ids.into_iter().take(20) {
        let Some(owner) = opened.store.owner(id).await? else {
            continue;
        };
        let name = format!("business {}", owner.settings.profile.name);
        if owner.lines.is_empty() {
            say(
                false,
                &name,
                "has no number; get one on the page Connect your phone".into(),
            )?;
        } else if config.twilio.is_some() && owner.settings.telephone.forwarding_verified_at.is_none() {
            say(
                false,
                &name,
                "forwarding is not proved yet; run the test on the page Connect your phone".into(),
            )?;
        } else {
            say(true, &name, format!("{} number(s)", owner.lines.len()))?;
        }
    }
    Ok(())
}
