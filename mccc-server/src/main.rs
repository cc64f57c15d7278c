//! The program `mccc`.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser as _;
use mccc_core::port::Clock as _;
use mccc_server::cli::{
    BusinessCommand, Cli, Command, DemoArgs, KeyCommand, LedgerCommand, ServeArgs, StoreArgs, UserCommand,
};
use mccc_server::commands::open::{Opened, open, open_to_serve};
use mccc_server::commands::{business_file, demo, doctor, ledger, people, route, serve, slots, understand};
use mccc_server::config::{self, Config, StoreConfig};
use mccc_server::failure::{Context as _, Failure};
use mccc_server::runtime::SystemClock;
use mccc_server::telemetry;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    keep_to_small_pages();
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&Failure::from(error)),
    };
    match runtime.block_on(Box::pin(run(cli))) {
        Ok(code) => code,
        Err(failure) => failed(&failure),
    }
}

/// Asks the kernel not to back memory with huge pages of its own accord: a small heap spread over a few of them takes
/// half as much again, and calls are answered no faster. A kernel that refuses leaves more memory in use, nothing else.
fn keep_to_small_pages() {
    #[cfg(target_os = "linux")]
    let _refused = rustix::thread::disable_transparent_huge_pages(true);
}

fn failed(failure: &Failure) -> ExitCode {
    let _nobody_to_tell = writeln!(std::io::stderr(), "mccc: {failure}");
    ExitCode::from(failure.exit_code())
}

async fn run(cli: Cli) -> Result<ExitCode, Failure> {
    match cli.command.unwrap_or(Command::Demo(DemoArgs {
        data_dir: "./mccc-demo".into(),
        fresh: false,
        port: 8080,
    })) {
        Command::Demo(args) => {
            telemetry::start(Some(&log_filter()?.unwrap_or_else(|| "warn".to_owned())), false);
            demo::run(&args).await?;
        }
        Command::Serve(args) => serve_command(&args).await?,
        Command::Migrate(store) => {
            let config = configured(&serve_args(store))?;
            open(&config).await?;
            say("the database is up to date")?;
        }
        Command::Openapi => say(&mccc_server::http::api::openapi_json())?,
        Command::Business(command) => business_command(command).await?,
        Command::User(UserCommand::Add {
            email,
            name,
            business,
            role,
            password_stdin,
            store,
        }) => {
            let (opened, config) = opened(store).await?;
            let business = people::the_business(&opened, business.as_deref()).await?;
            let password = password_stdin.then(read_password).transpose()?;
            let token = people::add_user(&opened, &email, &name, business, &role, password.as_deref()).await?;
            let base = config.public_url.unwrap_or_else(|| format!("http://{}", config.listen));
            say(&format!(
                "{email} may sign in. This link works once, for 24 hours:\n  {base}/login?token={token}"
            ))?;
        }
        Command::Key(KeyCommand::Add {
            name,
            business,
            role,
            store,
        }) => {
            let (opened, _) = opened(store).await?;
            let business = people::the_business(&opened, business.as_deref()).await?;
            let key = people::add_key(&opened, &name, business, &role).await?;
            say(&format!(
                "{key}\nKeep it: it is shown once. Use it as `Authorization: Bearer …`."
            ))?;
        }
        Command::Ledger(LedgerCommand::Verify { business, head, store }) => {
            return ledger_command(business.as_deref(), head.as_deref(), store).await;
        }
        Command::Route { file } => {
            let text = read_file(&file)?;
            route::answer_all(&text, std::io::stdin().lock(), std::io::stdout().lock())?;
        }
        Command::Slots => slots::answer_all(std::io::stdin().lock(), std::io::stdout().lock())?,
        Command::Understand { file } => {
            let text = read_file(&file)?;
            understand::answer_all(&text, std::io::stdin().lock(), std::io::stdout().lock(), || {
                SystemClock.now()
            })?;
        }
        Command::Doctor(args) => {
            let config = configured(&args)?;
            let findings = doctor::run(&config).await?;
            for finding in &findings {
                let mark = if finding.good { "ok  " } else { "FAIL" };
                say(&format!("{mark} {}: {}", finding.what, finding.detail))?;
            }
            let healthy = findings.iter().all(|finding| finding.good);
            return Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn serve_command(args: &ServeArgs) -> Result<(), Failure> {
    let config = configured(args)?;
    telemetry::start(log_filter()?.as_deref(), config.log_json);
    let _lock = match &config.store {
        StoreConfig::Sqlite(path) => {
            std::fs::create_dir_all(&config.data_dir)?;
            Some(mccc_store_sqlite::lock_exclusive(path)?)
        }
        StoreConfig::Postgres { .. } => None,
    };
    let opened = open_to_serve(&config).await?;
    serve::run(opened, &config, |bound| {
        let _nobody_to_tell = say(&format!("listening on http://{bound}"));
    })
    .await
}

/// Checks the ledgers; one that does not hold is a failure, and the others are checked all the same.
async fn ledger_command(business: Option<&str>, head: Option<&str>, store: StoreArgs) -> Result<ExitCode, Failure> {
    let head = head.map(ledger::parse_head).transpose()?;
    let (opened, _) = opened(store).await?;
    let mut page = match business {
        Some(_) => vec![people::the_business(&opened, business).await?],
        None => opened.store.businesses(None, 200).await?,
    };
    let mut code = ExitCode::SUCCESS;
    while let Some(last) = page.last().copied() {
        for id in &page {
            match ledger::verify(&opened, *id, head).await {
                Ok(Some(found)) => say(&format!("{id} {}", ledger::write_head(&found)))?,
                Ok(None) => say(&format!("{id} is empty"))?,
                Err(failure) => {
                    say(&format!("{id} FAIL: {failure}"))?;
                    code = ExitCode::FAILURE;
                }
            }
        }
        page = match business {
            Some(_) => Vec::new(),
            None => opened.store.businesses(Some(last), 200).await?,
        };
    }
    Ok(code)
}

async fn business_command(command: BusinessCommand) -> Result<(), Failure> {
    match command {
        BusinessCommand::Import { file, store } => {
            let (opened, _) = opened(store).await?;
            let done = business_file::import(&opened, &file).await?;
            say(&format!(
                "{} created, {} changed, {} unchanged",
                done.created, done.changed, done.unchanged
            ))
        }
        BusinessCommand::Export { file, business, store } => {
            let (opened, _) = opened(store).await?;
            let only = business.as_deref().map(str::parse).transpose()?;
            let text = business_file::export(&opened, only).await?;
            if file == Path::new("-") {
                return say(text.trim_end());
            }
            std::fs::write(&file, text).context(|| format!("cannot write {}", file.display()))
        }
    }
}

fn serve_args(store: StoreArgs) -> ServeArgs {
    ServeArgs {
        store,
        ..ServeArgs::default()
    }
}

async fn opened(store: StoreArgs) -> Result<(Opened, Config), Failure> {
    let config = configured(&serve_args(store))?;
    telemetry::start(
        Some(&log_filter()?.unwrap_or_else(|| "warn".to_owned())),
        config.log_json,
    );
    Ok((open(&config).await?, config))
}

fn configured(args: &ServeArgs) -> Result<Config, Failure> {
    let env: BTreeMap<String, String> = std::env::vars().filter(|(name, _)| name.starts_with("MCCC_")).collect();
    let path = args
        .store
        .config
        .clone()
        .or_else(|| env.get("MCCC_CONFIG").map(Into::into));
    let text = path.as_deref().map(read_file).transpose()?;
    config::read(text.as_deref(), &env, args).map_err(|mistakes| Failure::new(mistakes.to_string().trim_end()))
}

fn read_file(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).context(|| format!("cannot read {}", path.display()))
}

fn read_password() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let password = text.trim_end_matches(['\r', '\n']).to_owned();
    if password.is_empty() {
        return Err(Failure::new("no password on standard input"));
    }
    Ok(password)
}

fn log_filter() -> Result<Option<String>, Failure> {
    let filter = std::env::var("MCCC_LOG").ok().filter(|filter| !filter.is_empty());
    if let Some(filter) = &filter {
        telemetry::check(filter).context(|| "MCCC_LOG cannot be read".to_owned())?;
    }
    Ok(filter)
}

fn say(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()?;
    Ok(())
}
