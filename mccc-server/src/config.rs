//! Configuration: a TOML file, then the environment (`MCCC_…`), then flags; every mistake is reported at once.

mod ai;
mod calendars;
mod embedding;
mod mail;
mod twilio;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use mccc_core::Secret;
use serde::Deserialize;

use self::calendars::{CalcomFile, GoogleFile, OthersFile};
pub use self::calendars::{CalendarServices, GoogleApp};
pub use mail::MailConfig;
pub use twilio::TwilioConfig;

use crate::cli::ServeArgs;
use crate::runtime::{KeyRing, KeySource};
use crate::telemetry;

/// A checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// What this process does.
    pub role: Role,
    /// Where the data is.
    pub store: StoreConfig,
    /// Folder for keys, spool and last known schedules.
    pub data_dir: PathBuf,
    /// The address under which providers and people reach this server, without a trailing slash.
    pub public_url: Option<String>,
    /// Where the sealing key comes from.
    pub secret_key: KeySource,
    /// The installation's Twilio account.
    pub twilio: Option<TwilioConfig>,
    /// The calendar services.
    pub calendars: CalendarServices,
    /// Who carries the installation's e-mails.
    pub mail: Option<MailConfig>,
    /// A place besides Slack's own where the webhooks of Slack may lead: a proxy, or a test's server.
    pub slack_hooks_url: Option<String>,
    /// The language model that businesses may let word their answers.
    pub ai: Option<mccc_ai::ChatConfig>,
    /// The embedding model that businesses may let say which entry is meant.
    pub embedding: Option<mccc_ai::EmbeddingConfig>,
    /// Whether the simulated phone network serves businesses without a provider.
    pub sandbox: bool,
    /// Proxies whose `X-Forwarded-For` is believed; their number before this server.
    pub trusted_proxies: u8,
    /// Workers of this process.
    pub workers: u16,
    /// Log lines as JSON.
    pub log_json: bool,
}

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Webhooks, API and pages.
    Web,
    /// Jobs.
    Worker,
    /// Both.
    All,
}

impl Role {
    /// Whether the process answers webhooks, the API and the pages.
    #[must_use]
    pub const fn serves(self) -> bool {
        matches!(self, Self::Web | Self::All)
    }

    /// Whether the process does jobs.
    #[must_use]
    pub const fn works(self) -> bool {
        matches!(self, Self::Worker | Self::All)
    }
}

/// Where the data is.
#[derive(Debug, Clone)]
pub enum StoreConfig {
    /// One SQLite file.
    Sqlite(PathBuf),
    /// Postgres.
    Postgres {
        /// Connection address; may hold a password.
        url: Secret,
        /// Address of the owner, for migrations, when it is another.
        owner_url: Option<Secret>,
        /// Schema.
        schema: String,
        /// Connections.
        connections: u32,
    },
}

/// One mistake, with where it is and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The key, as the file, the environment or the flag names it.
    pub key: String,
    /// What is wrong and what would be right.
    pub problem: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.problem)
    }
}

/// Every mistake of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the configuration has {} mistake(s):", self.0.len())?;
        for mistake in &self.0 {
            writeln!(f, "  - {mistake}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    listen: Option<String>,
    role: Option<String>,
    data_dir: Option<PathBuf>,
    public_url: Option<String>,
    sandbox: Option<bool>,
    trusted_proxies: Option<u8>,
    workers: Option<u16>,
    log_json: Option<bool>,
    database: DatabaseFile,
    twilio: twilio::TwilioFile,
    google: GoogleFile,
    calcom: CalcomFile,
    other_calendars: OthersFile,
    mail: mail::MailFile,
    slack_hooks_url: Option<String>,
    ai: ai::AiFile,
    embedding: embedding::EmbeddingFile,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct DatabaseFile {
    url: Option<String>,
    owner_url: Option<String>,
    schema: Option<String>,
    connections: Option<u32>,
}

/// Reads a configuration from the text of its file, the environment and the flags, in rising order.
///
/// # Errors
/// All mistakes at once.
pub fn read(file: Option<&str>, env: &BTreeMap<String, String>, flags: &ServeArgs) -> Result<Config, Mistakes> {
    let mut reader = Reader {
        env,
        mistakes: Vec::new(),
    };
    let file: File = match file.map(toml::from_str) {
        None => File::default(),
        Some(Ok(file)) => file,
        Some(Err(error)) => {
            reader.wrong("configuration file", error.message());
            File::default()
        }
    };
    reader.unknown_variables();
    let config = reader.config(file, flags);
    if reader.mistakes.is_empty() {
        Ok(config)
    } else {
        Err(Mistakes(reader.mistakes))
    }
}

/// Names of every variable that is read, so that a misspelt one is reported instead of ignored.
const VARIABLES: &[&str] = &[
    "MCCC_CONFIG",
    "MCCC_LISTEN",
    "MCCC_ROLE",
    "MCCC_DATA_DIR",
    "MCCC_PUBLIC_URL",
    "MCCC_SANDBOX",
    "MCCC_TRUSTED_PROXIES",
    "MCCC_WORKERS",
    "MCCC_LOG_JSON",
    "MCCC_LOG",
    "MCCC_DATABASE_URL",
    "MCCC_DATABASE_OWNER_URL",
    "MCCC_DATABASE_SCHEMA",
    "MCCC_DATABASE_CONNECTIONS",
    "MCCC_SECRET_KEY",
    "MCCC_GOOGLE_CLIENT_ID",
    "MCCC_GOOGLE_CLIENT_SECRET",
    "MCCC_GOOGLE_ACCOUNTS_URL",
    "MCCC_GOOGLE_OAUTH_URL",
    "MCCC_GOOGLE_API_URL",
    "MCCC_CALCOM_API_URL",
    "MCCC_OTHER_CALENDARS_ALLOW_PRIVATE",
];
fn names() -> impl Iterator<Item = &'static str> {
    let parts = [
        VARIABLES,
        twilio::VARIABLES,
        mail::VARIABLES,
        ai::VARIABLES,
        embedding::VARIABLES,
    ];
    parts.into_iter().flatten().copied()
}

/// Variables of the build and the tests, which a running server may inherit.
const FOREIGN: &[&str] = &[
    "MCCC_UI_",
    "MCCC_TEST_",
    "MCCC_BENCH_",
    "MCCC_REQUIRE_",
    "MCCC_BIN",
    "MCCC_SHARED",
];

struct Reader<'a> {
    env: &'a BTreeMap<String, String>,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn wrong(&mut self, key: &str, problem: impl Into<String>) {
        self.mistakes.push(Mistake {
            key: key.to_owned(),
            problem: problem.into(),
        });
    }

    fn unknown_variables(&mut self) {
        let unknown: Vec<String> = self
            .env
            .keys()
            .filter(|name| name.starts_with("MCCC_") && !names().any(|known| known == name.as_str()))
            .filter(|name| !FOREIGN.iter().any(|prefix| name.starts_with(prefix)))
            .cloned()
            .collect();
        for name in unknown {
            let near = names()
                .max_by(|a, b| similarity(a, &name).total_cmp(&similarity(b, &name)))
                .unwrap_or("MCCC_CONFIG");
            self.wrong(&name, format!("no such variable; did you mean {near}?"));
        }
    }

    fn text(&self, variable: &str) -> Option<String> {
        self.env.get(variable).filter(|value| !value.is_empty()).cloned()
    }

    fn parsed<T: std::str::FromStr>(&mut self, variable: &str, expected: &str) -> Option<T> {
        let text = self.text(variable)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(_) => {
                self.wrong(variable, format!("expected {expected}"));
                None
            }
        }
    }

    fn config(&mut self, file: File, flags: &ServeArgs) -> Config {
        let listen_text = flags
            .listen
            .clone()
            .or_else(|| self.text("MCCC_LISTEN"))
            .or(file.listen)
            .unwrap_or_else(|| "127.0.0.1:8080".to_owned());
        let listen = listen_text.parse().unwrap_or_else(|_| {
            self.wrong("listen", "expected an address and port such as 0.0.0.0:8080");
            SocketAddr::from(([127, 0, 0, 1], 0))
        });
        let role_text = flags.role.clone().or_else(|| self.text("MCCC_ROLE")).or(file.role);
        let role = match role_text.as_deref() {
            None | Some("all") => Role::All,
            Some("web") => Role::Web,
            Some("worker") => Role::Worker,
            Some(_) => {
                self.wrong("role", "expected web, worker or all");
                Role::All
            }
        };
        let data_dir = flags
            .store
            .data_dir
            .clone()
            .or_else(|| self.text("MCCC_DATA_DIR").map(PathBuf::from))
            .or(file.data_dir)
            .unwrap_or_else(|| PathBuf::from("./mccc-data"));
        let sandbox = flags.sandbox
            || self
                .parsed::<bool>("MCCC_SANDBOX", "true or false")
                .or(file.sandbox)
                .unwrap_or(false);
        if sandbox && !listen.ip().is_loopback() {
            self.wrong(
                "sandbox",
                "the simulated phone network is for this machine only; listen on 127.0.0.1 or switch it off",
            );
        }
        let public_url = self.public_url(flags.public_url.clone(), file.public_url);
        let database = self.database(flags, file.database, &data_dir);
        let secret_key = match (self.text("MCCC_SECRET_KEY"), &database) {
            (Some(text), _) => {
                let text = Secret::new(text);
                if !KeyRing::is_key(&text) {
                    self.wrong(
                        "MCCC_SECRET_KEY",
                        "expected 32 random bytes in Base64; make one with `openssl rand -base64 32`",
                    );
                }
                KeySource::Given(text)
            }
            (None, StoreConfig::Sqlite(_)) => KeySource::File(data_dir.join("secret.key")),
            (None, StoreConfig::Postgres { .. }) => {
                self.wrong(
                    "MCCC_SECRET_KEY",
                    "required with Postgres, the same on every node; make one with `openssl rand -base64 32`",
                );
                KeySource::File(data_dir.join("secret.key"))
            }
        };
        if let Some(filter) = self.text("MCCC_LOG")
            && telemetry::check(&filter).is_err()
        {
            self.wrong(
                "MCCC_LOG",
                "expected a level such as info, or levels such as info,mccc_core=debug",
            );
        }
        let twilio = self.twilio(file.twilio);
        let mail = self.mail(file.mail);
        let slack_hooks_url = self.slack(file.slack_hooks_url);
        let ai = self.ai(file.ai);
        let embedding = self.embedding(file.embedding);
        let said = self.mistakes.iter().any(|mistake| mistake.key == "public_url");
        if twilio.is_some() && public_url.is_none() && !said {
            self.wrong(
                "public_url",
                "required with Twilio: its signatures cover the address under which it reaches this server",
            );
        }
        let calendars = self.calendars((file.google, file.calcom, file.other_calendars), public_url.as_deref());
        Config {
            listen,
            role,
            store: database,
            data_dir,
            public_url,
            secret_key,
            twilio,
            calendars,
            mail,
            slack_hooks_url,
            ai,
            embedding,
            sandbox,
            trusted_proxies: self
                .parsed("MCCC_TRUSTED_PROXIES", "a small number")
                .or(file.trusted_proxies)
                .unwrap_or(0),
            workers: self
                .parsed("MCCC_WORKERS", "a number")
                .or(file.workers)
                .unwrap_or(4)
                .max(1),
            log_json: self
                .parsed("MCCC_LOG_JSON", "true or false")
                .or(file.log_json)
                .unwrap_or(false),
        }
    }

    fn public_url(&mut self, flag: Option<String>, file: Option<String>) -> Option<String> {
        let text = flag.or_else(|| self.text("MCCC_PUBLIC_URL")).or(file)?;
        let trimmed = text.trim_end_matches('/').to_owned();
        let host = trimmed
            .strip_prefix("https://")
            .or_else(|| trimmed.strip_prefix("http://"));
        match host {
            Some(host) if !host.contains('@') && mccc_twilio::check_address(&trimmed).is_ok() => Some(trimmed),
            Some(_) | None => {
                self.wrong("public_url", "expected an address such as https://calls.example.com");
                None
            }
        }
    }

    fn database(&mut self, flags: &ServeArgs, file: DatabaseFile, data_dir: &std::path::Path) -> StoreConfig {
        let url = flags
            .store
            .database_url
            .clone()
            .or_else(|| self.text("MCCC_DATABASE_URL"))
            .or(file.url);
        let Some(url) = url else {
            return StoreConfig::Sqlite(data_dir.join("mccc.db"));
        };
        if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
            self.wrong("database.url", "expected postgres://user@host/database");
        }
        let schema = self
            .text("MCCC_DATABASE_SCHEMA")
            .or(file.schema)
            .unwrap_or_else(|| "mccc".to_owned());
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if schema.is_empty() || schema.len() > 40 || !schema.chars().all(plain) {
            self.wrong("database.schema", "use lower-case letters, digits and underscores");
        }
        StoreConfig::Postgres {
            url: Secret::new(url),
            owner_url: self.text("MCCC_DATABASE_OWNER_URL").or(file.owner_url).map(Secret::new),
            schema,
            connections: self
                .parsed("MCCC_DATABASE_CONNECTIONS", "a number")
                .or(file.connections)
                .unwrap_or(16)
                .max(2),
        }
    }
}

/// How many leading characters two names share, relative to the longer one.
fn similarity(a: &str, b: &str) -> f64 {
    let same = a.bytes().zip(b.bytes()).filter(|(a, b)| a == b).count();
    let longest = a.len().max(b.len()).max(1);
    f64::from(u32::try_from(same).unwrap_or(0)) / f64::from(u32::try_from(longest).unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn every_mistake_is_reported_at_once() {
        let env = env(&[
            ("MCCC_LISTEN", "nowhere"),
            ("MCCC_ROLE", "boss"),
            ("MCCC_PUBLC_URL", "https://x.test"),
            ("MCCC_TWILIO_ACCOUNT_SID", "AC1"),
        ]);
        let mistakes = read(None, &env, &ServeArgs::default()).unwrap_err();
        let keys: Vec<&str> = mistakes.0.iter().map(|mistake| mistake.key.as_str()).collect();
        assert_eq!(keys, ["MCCC_PUBLC_URL", "listen", "role", "twilio.auth_token"]);
        assert!(mistakes.to_string().contains("MCCC_PUBLIC_URL"));
    }

    #[test]
    fn what_other_parts_would_refuse_later_is_reported_with_the_rest() {
        let env = env(&[
            ("MCCC_WORKERS", "abc"),
            ("MCCC_SECRET_KEY", "short"),
            ("MCCC_LOG", "mccc_core=loud"),
            ("MCCC_TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000001"),
            ("MCCC_TWILIO_AUTH_TOKEN", "token"),
            ("MCCC_TWILIO_API_URL", "api.twilio.com"),
            ("MCCC_TWILIO_MESSAGING_SERVICE", "AC1"),
            ("MCCC_TWILIO_API_KEY", "SK1"),
            ("MCCC_TWILIO_COUNTRY", "usa"),
            ("MCCC_TWILIO_VOICE_FALLBACK_URL", "elsewhere"),
        ]);
        let flags = ServeArgs {
            public_url: Some("https://my_host.example.com".into()),
            ..ServeArgs::default()
        };
        let mut keys: Vec<String> = read(None, &env, &flags)
            .unwrap_err()
            .0
            .into_iter()
            .map(|mistake| mistake.key)
            .collect();
        keys.sort();
        keys.dedup();
        assert_eq!(
            keys,
            [
                "MCCC_LOG",
                "MCCC_SECRET_KEY",
                "MCCC_WORKERS",
                "public_url",
                "twilio.api_key",
                "twilio.api_key_secret",
                "twilio.api_url",
                "twilio.country",
                "twilio.messaging_service",
                "twilio.voice_fallback_url",
            ]
        );
    }

    #[test]
    fn flags_win_over_environment_and_environment_over_file() {
        let file = "listen = \"127.0.0.1:1\"\nworkers = 2\nrole = \"web\"";
        let flags = ServeArgs {
            listen: Some("127.0.0.1:3".into()),
            ..ServeArgs::default()
        };
        let config = read(
            Some(file),
            &env(&[("MCCC_LISTEN", "127.0.0.1:2"), ("MCCC_WORKERS", "7")]),
            &flags,
        )
        .unwrap();
        assert_eq!((config.listen.port(), config.workers, config.role), (3, 7, Role::Web));
    }

    #[test]
    fn the_sandbox_is_refused_on_a_public_address() {
        let flags = ServeArgs {
            listen: Some("0.0.0.0:80".into()),
            sandbox: true,
            ..ServeArgs::default()
        };
        assert!(
            read(None, &env(&[]), &flags)
                .unwrap_err()
                .0
                .iter()
                .any(|mistake| mistake.key == "sandbox")
        );
    }

    #[test]
    fn e_mail_needs_a_sender_and_one_way_and_keeps_its_password_on_this_machine() {
        let keys = |pairs: &[(&str, &str)]| {
            let mistakes = read(None, &env(pairs), &ServeArgs::default()).map(|_| ());
            mistakes.map_err(|mistakes| mistakes.0.into_iter().map(|mistake| mistake.key).collect::<Vec<_>>())
        };
        let from = ("MCCC_MAIL_FROM", "MCCC <notices@example.com>");
        let (host, key) = (("MCCC_SMTP_HOST", "mail.example.com"), ("MCCC_RESEND_API_KEY", "re_1"));
        assert_eq!(keys(&[from, host]), Ok(()));
        assert_eq!(keys(&[from, key]), Ok(()));
        assert_eq!(keys(&[host]), Err(vec!["mail.from".to_owned()]));
        assert_eq!(keys(&[from]), Err(vec!["mail.from".to_owned()]));
        assert_eq!(keys(&[from, host, key]), Err(vec!["mail".to_owned()]));
        assert_eq!(
            keys(&[from, host, ("MCCC_SMTP_ENCRYPTION", "none")]),
            Err(vec!["mail.smtp_encryption".to_owned()])
        );
        assert_eq!(
            keys(&[from, host, ("MCCC_SMTP_USER", "mccc")]),
            Err(vec!["mail.smtp_password".to_owned()])
        );
    }

    #[test]
    fn a_language_model_needs_a_name_and_an_address_that_keeps_what_callers_wrote() {
        let read = |pairs: &[(&str, &str)]| {
            let config = read(None, &env(pairs), &ServeArgs::default());
            config.map_err(|mistakes| mistakes.0.into_iter().map(|mistake| mistake.key).collect::<Vec<_>>())
        };
        let wrong = |pairs: &[(&str, &str)]| read(pairs).err().unwrap_or_default();
        let (model, key) = (("MCCC_AI_MODEL", "small"), ("MCCC_AI_API_KEY", "sk-1"));
        let at = |url| ("MCCC_AI_BASE_URL", url);
        assert!(read(&[]).unwrap().ai.is_none());
        let openai = read(&[model, key]).unwrap().ai.unwrap();
        assert_eq!(openai.base_url, "https://api.openai.com/v1");
        assert!(!format!("{openai:?}").contains("sk-1"));
        let own = read(&[model, at("http://127.0.0.1:11434/v1"), ("MCCC_AI_TIMEOUT_MS", "2500")]).unwrap();
        assert_eq!(own.ai.unwrap().timeout.as_millis(), 2_500);
        assert_eq!(wrong(&[model]), ["ai.api_key"]);
        assert_eq!(wrong(&[key]), ["ai.model"]);
        for url in [
            "http://models.example/v1",
            "ftp://x",
            "https://",
            "http://127.0.0.1@evil.example",
            "https://a b",
        ] {
            assert_eq!(wrong(&[model, key, at(url)]), ["ai.base_url"], "{url}");
        }
        assert_eq!(
            wrong(&[model, key, at("https://m.example/v1/chat/completions")]),
            ["ai.base_url"]
        );
        assert_eq!(wrong(&[model, key, ("MCCC_AI_TIMEOUT_MS", "60000")]), ["ai.timeout_ms"]);
        assert_eq!(wrong(&[model, key, ("MCCC_AI_MODLE", "x")]), ["MCCC_AI_MODLE"]);
    }

    #[test]
    fn every_mistake_about_an_embedding_model_is_named_at_once() {
        let read = |pairs: &[(&str, &str)]| {
            let config = read(None, &env(pairs), &ServeArgs::default());
            config.map_err(|mistakes| mistakes.0.into_iter().map(|mistake| mistake.key).collect::<Vec<_>>())
        };
        let wrong = |pairs: &[(&str, &str)]| read(pairs).err().unwrap_or_default();
        let (model, key) = (("MCCC_EMBEDDING_MODEL", "small"), ("MCCC_EMBEDDING_API_KEY", "sk-1"));
        let at = |url| ("MCCC_EMBEDDING_BASE_URL", url);
        let (numbers, wait) = (
            |of| ("MCCC_EMBEDDING_DIMENSION", of),
            |of| ("MCCC_EMBEDDING_TIMEOUT_MS", of),
        );
        assert!(read(&[]).unwrap().embedding.is_none());
        // One for words is none for vectors.
        let (chat, chat_key) = (("MCCC_AI_MODEL", "small"), ("MCCC_AI_API_KEY", "sk-1"));
        assert!(read(&[chat, chat_key]).unwrap().embedding.is_none());
        let openai = read(&[model, key]).unwrap().embedding.unwrap();
        assert_eq!(
            (openai.base_url.as_str(), openai.dimension, openai.timeout.as_millis()),
            ("https://api.openai.com/v1", None, 4_000)
        );
        assert!(!format!("{openai:?}").contains("sk-1"));
        let own = read(&[model, at("http://localhost:11434/v1"), numbers("256"), wait("900")]).unwrap();
        let own = own.embedding.unwrap();
        assert_eq!((own.dimension, own.timeout.as_millis()), (Some(256), 900));
        assert_eq!(wrong(&[model]), ["embedding.api_key"]);
        assert_eq!(wrong(&[key]), ["embedding.model"]);
        assert_eq!(
            wrong(&[model, key, at("http://models.example/v1")]),
            ["embedding.base_url"]
        );
        assert_eq!(
            wrong(&[model, key, at("https://m.example/v1/embeddings")]),
            ["embedding.base_url"]
        );
        assert_eq!(
            wrong(&[
                key,
                at("ftp://x"),
                numbers("0"),
                wait("60000"),
                ("MCCC_EMBEDDING_MODLE", "x")
            ])
            .into_iter()
            .collect::<std::collections::BTreeSet<_>>(),
            [
                "MCCC_EMBEDDING_MODLE",
                "embedding.base_url",
                "embedding.dimension",
                "embedding.model",
                "embedding.timeout_ms"
            ]
            .map(str::to_owned)
            .into()
        );
    }

    #[test]
    fn postgres_needs_a_given_sealing_key() {
        let env = env(&[("MCCC_DATABASE_URL", "postgres://a@b/c")]);
        let mistakes = read(None, &env, &ServeArgs::default()).unwrap_err();
        assert_eq!(mistakes.0.len(), 1);
        assert_eq!(
            mistakes.0.first().map(|mistake| mistake.key.as_str()),
            Some("MCCC_SECRET_KEY")
        );
    }
}
