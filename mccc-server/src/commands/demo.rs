//! The demo: one business, a simulated phone network, this machine only.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use mccc_core::PhoneNumber;
use mccc_core::business::{NumberKind, OwnedLine, Settings};
use mccc_core::zone::Zone;
use mccc_store_sqlite::{FileLock, LockError};
use tokio::net::TcpListener;

use super::open::{Opened, open};
use super::{people, serve};
use crate::cli::DemoArgs;
use crate::config::{CalendarServices, Config, Role, StoreConfig};
use crate::failure::{Context as _, Failure};
use crate::runtime::KeySource;
use crate::sandbox::ACCOUNT;

/// Marks a folder as the demo's own; only such a folder is ever replaced.
const MARKER: &str = ".mccc-demo";
const DATABASE: &str = "mccc.db";
const EMAIL: &str = "owner@demo.example";
/// Numbers that are set aside for fiction: nobody is ever reached by them.
const FORWARDING: &str = "+15125550199";
const BUSINESS_PHONE: &str = "+15125550100";

/// Runs the demo until the process is told to stop.
///
/// # Errors
/// When the folder cannot be used or no port is free.
pub async fn run(args: &DemoArgs) -> Result<(), Failure> {
    let _lock = prepare(&args.data_dir, args.fresh)?;
    let listener = bind(args.port).await?;
    let config = Config {
        listen: listener.local_addr()?,
        role: Role::All,
        store: StoreConfig::Sqlite(args.data_dir.join(DATABASE)),
        data_dir: args.data_dir.clone(),
        public_url: None,
        secret_key: KeySource::File(args.data_dir.join("secret.key")),
        twilio: None,
        calendars: CalendarServices::default(),
        mail: None,
        slack_hooks_url: None,
        ai: None,
        embedding: None,
        sandbox: true,
        trusted_proxies: 0,
        workers: 2,
        log_json: false,
    };
    let opened = open(&config).await?;
    let token = set_up(&opened).await?;
    serve::run_on(opened, &config, listener, |bound| announce(bound, &token)).await
}

#[expect(clippy::print_stdout, reason = "the sign-in link is what the command is for")]
fn announce(bound: SocketAddr, token: &str) {
    println!("listening on http://{bound}");
    println!();
    println!("  MCCC demo: a missed call, recovered, with a simulated phone network.");
    println!();
    println!("  Open this link; it signs you in once:");
    println!("    http://{bound}/login?token={token}");
    println!();
    println!("  Then open the Phone simulator and place a call. Ctrl-C ends the demo; its data stays.");
}

/// Makes the folder the demo's own, and empties it first when a fresh one is wanted. A demo that runs keeps its data: the
/// right to serve the folder is taken before anything is deleted.
fn prepare(folder: &Path, fresh: bool) -> Result<FileLock, Failure> {
    let marker = folder.join(MARKER);
    let shown = folder.display();
    if folder.exists() && !marker.exists() && std::fs::read_dir(folder)?.next().is_some() {
        return Err(Failure::new(format!(
            "{shown} exists and was not made by a demo; choose another folder with --data-dir"
        )));
    }
    std::fs::create_dir_all(folder).context(|| format!("cannot make {shown}"))?;
    std::fs::write(marker, "Made by `mccc demo`; `--fresh` replaces this folder.\n")?;
    let lock = match mccc_store_sqlite::lock_exclusive(&folder.join(DATABASE)) {
        Err(LockError::Held(_)) => {
            return Err(Failure::new(format!(
                "a demo is running in {shown}; end it first with Ctrl-C, or choose another folder with --data-dir"
            )));
        }
        lock => lock?,
    };
    if fresh {
        empty(folder).context(|| format!("cannot replace {shown}"))?;
    }
    Ok(lock)
}

/// Removes everything but the marker and the lock, which is held.
fn empty(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == MARKER || name == format!("{DATABASE}.lock").as_str() {
            continue;
        }
        if entry.file_type()?.is_dir() {
            std::fs::remove_dir_all(entry.path())?;
        } else {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// The preferred port, or a free one when it is in use.
async fn bind(port: u16) -> Result<TcpListener, Failure> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?)
        }
        Err(error) => Err(error).context(|| format!("cannot listen on port {port}")),
    }
}

/// Makes the demo's business on the first run; later runs find it.
async fn set_up(opened: &Opened) -> Result<String, Failure> {
    let number = PhoneNumber::parse(FORWARDING)?;
    let business = match opened.store.owner_of(&number).await? {
        Some(owner) => owner.business,
        None => {
            let mut settings = Settings::new("Mike's Plumbing", Zone::parse("America/Chicago")?);
            settings.profile.owner_name = "Mike".into();
            settings.profile.trade = "plumbing".into();
            settings.profile.business_phone = Some(PhoneNumber::parse(BUSINESS_PHONE)?);
            settings.schedule = mccc_core::routing::recommended_both(&mccc_core::routing::Schedule::default());
            // Whatever the hour, a newcomer sees both: the voicemail and the text.
            settings.schedule.after_hours_default = mccc_core::routing::Method::Both;
            let line = OwnedLine {
                number,
                kind: NumberKind::Forwarding,
                account: ACCOUNT.to_owned(),
                provider_number: None,
            };
            opened
                .center
                .create_business(None, settings, vec![line])
                .await?
                .business
        }
    };
    people::add_user(opened, EMAIL, "Mike", business, "owner", None).await
}

#[cfg(test)]
mod tests {
    use mccc_test::process::Folder;

    use super::*;

    #[test]
    fn a_demo_that_runs_keeps_its_data() {
        let folder = Folder::new(std::env::current_exe().unwrap(), "demo-fresh").unwrap();
        let data = folder.path().join("data");
        let running = prepare(&data, false).unwrap();
        std::fs::write(data.join(DATABASE), "calls").unwrap();
        std::fs::create_dir(data.join("last-known")).unwrap();
        let refused = prepare(&data, true).unwrap_err().to_string();
        assert!(refused.contains("is running"), "{refused}");
        assert!(data.join(DATABASE).exists());
        drop(running);
        let fresh = prepare(&data, true).unwrap();
        assert!(!data.join(DATABASE).exists() && !data.join("last-known").exists());
        // It is as much alone as any.
        assert!(prepare(&data, true).is_err());
        drop(fresh);
    }

    #[test]
    fn a_folder_that_is_not_a_demos_is_left_alone() {
        let folder = Folder::new(std::env::current_exe().unwrap(), "demo-foreign").unwrap();
        std::fs::write(folder.path().join("thesis.txt"), "years").unwrap();
        assert!(prepare(folder.path(), true).is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
