//! One Postgres server: start, stop, crash, freeze.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::account::Account;
use super::database::Templates;
use super::url::PgUrl;
use super::watchdog::{self, Watchdog};
use super::{PgError, binaries, psql};

/// The superuser of a temporary server.
const SUPERUSER: &str = "mccc";

/// Whether a commit survives a crash of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// No flushing at all: fastest, and enough unless the machine dies. A killed server may lose its last commits.
    Fast,
    /// As in production: every commit is on disk before it is acknowledged.
    Durable,
}

/// A Postgres server for tests. One started here is removed when the value is dropped or the process ends.
#[derive(Debug)]
pub struct Pg {
    url: PgUrl,
    bin: PathBuf,
    owned: Option<Owned>,
    pub(super) templates: Templates,
}

/// What only a server that this process started has.
#[derive(Debug)]
struct Owned {
    account: Account,
    folder: PathBuf,
    port: u16,
    durability: Durability,
    _watchdog: Watchdog,
}

impl Pg {
    /// Starts a server of the caller's own, for tests that stop, crash or freeze it, or need it durable.
    ///
    /// # Errors
    /// [`PgError::NotInstalled`] without binaries; otherwise what the programs said.
    pub fn private(durability: Durability) -> Result<Self, PgError> {
        let bin = binaries::find()?;
        let account = Account::choose()?;
        watchdog::sweep(account, &bin);

        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let folder = account.make_folder(&format!("{}{}-{number}", watchdog::PREFIX, std::process::id()))?;
        let watchdog = Watchdog::start(account, &bin, &folder)?;
        let data = folder.join("data").to_string_lossy().into_owned();
        let locale = if cfg!(target_os = "macos") {
            "--locale=en_US.UTF-8"
        } else {
            "--locale=C.UTF-8"
        };
        psql::program(
            account,
            &bin.join("initdb"),
            &[
                "-D",
                &data,
                "-U",
                SUPERUSER,
                "-A",
                "trust",
                "-E",
                "UTF8",
                locale,
                "--no-sync",
                "--no-instructions",
            ],
        )?;

        // The free port may be taken by somebody else before the server has it.
        let mut attempts = 0;
        loop {
            let port = free_port()?;
            let started = start(account, &bin, &folder, port, durability);
            attempts += 1;
            match started {
                Ok(()) => {
                    let owned = Owned {
                        account,
                        folder,
                        port,
                        durability,
                        _watchdog: watchdog,
                    };
                    let url = PgUrl::local(SUPERUSER, port);
                    return Ok(Self {
                        url,
                        bin,
                        owned: Some(owned),
                        templates: Templates::default(),
                    });
                }
                Err(error) if attempts == 5 => return Err(error),
                Err(_) => {}
            }
        }
    }

    /// Uses a server that already runs; `url` is a superuser's.
    pub(super) fn external(url: &str) -> Result<Self, PgError> {
        let url = PgUrl::parse(url)?;
        let psql = binaries::find().unwrap_or_default();
        Ok(Self {
            url,
            bin: psql,
            owned: None,
            templates: Templates::default(),
        })
    }

    /// The superuser's URL of the database `name`; `postgres` always exists.
    #[must_use]
    pub fn url(&self, name: &str) -> String {
        self.url.with_database(name).text()
    }

    /// Runs statements as superuser in the database `name` and returns the rows, columns separated by `|`, one a line.
    ///
    /// # Errors
    /// What `psql` said; it stops at the first error.
    pub fn sql(&self, name: &str, sql: &str) -> Result<String, PgError> {
        psql::run(&self.bin.join("psql"), &self.url.with_database(name), sql)
    }

    /// Runs statements like [`sql`](Self::sql), as an ordinary user with the password given to
    /// [`create_login`](Self::create_login).
    ///
    /// # Errors
    /// What `psql` said; it stops at the first error.
    pub fn sql_as(&self, login: &str, name: &str, sql: &str) -> Result<String, PgError> {
        psql::run(
            &self.bin.join("psql"),
            &self.url.with_login(login, login).with_database(name),
            sql,
        )
    }

    /// Makes an ordinary user: it may log in (with its name as the password) and nothing else. It may exist already.
    ///
    /// # Errors
    /// What `psql` said.
    pub fn create_login(&self, login: &str) -> Result<(), PgError> {
        // Tests in parallel may create the same one: roles belong to the server, not to a database.
        self.sql(
            "postgres",
            &format!(
                "do $$ begin create role \"{login}\" login password '{login}' \
                 nosuperuser nobypassrls nocreatedb nocreaterole; \
                 exception when duplicate_object or unique_violation then null; end $$"
            ),
        )
        .map(drop)
    }

    /// The URL by which the user of [`create_login`](Self::create_login) reaches the database `name`.
    #[must_use]
    pub fn url_as(&self, login: &str, name: &str) -> String {
        self.url.with_login(login, login).with_database(name).text()
    }

    /// Stops the server at once: open connections are cut, commits already acknowledged are kept.
    ///
    /// # Errors
    /// [`PgError::External`] for a server not started here; what `pg_ctl` said.
    pub fn stop(&self) -> Result<(), PgError> {
        let owned = self.owned("stop")?;
        let data = owned.folder.join("data").to_string_lossy().into_owned();
        psql::program(
            owned.account,
            &self.bin.join("pg_ctl"),
            &["-D", &data, "-m", "fast", "-w", "-s", "stop"],
        )
        .map(drop)
    }

    /// Starts a server that was stopped or killed, on the same port, after its recovery.
    ///
    /// # Errors
    /// [`PgError::External`] for a server not started here; what `pg_ctl` said.
    pub fn start(&self) -> Result<(), PgError> {
        let owned = self.owned("start")?;
        // After kill -9 the orphaned backends may need a moment to notice and leave the shared memory.
        let mut attempts = 0;
        loop {
            attempts += 1;
            match start(owned.account, &self.bin, &owned.folder, owned.port, owned.durability) {
                Err(_) if attempts < 20 => std::thread::sleep(Duration::from_millis(250)),
                done => return done,
            }
        }
    }

    /// [`stop`](Self::stop), then [`start`](Self::start).
    ///
    /// # Errors
    /// As those two.
    pub fn restart(&self) -> Result<(), PgError> {
        self.stop()?;
        self.start()
    }

    /// Kills every process of the server with SIGKILL, as the kernel would when memory runs out.
    ///
    /// # Errors
    /// [`PgError::External`] for a server not started here; if its processes cannot be found.
    pub fn kill9(&self) -> Result<(), PgError> {
        let owned = self.owned("kill9")?;
        let pids = self.processes()?;
        signal(&pids, Signal::KILL);
        for _ in 0..200 {
            if pids.iter().all(|pid| test_kill_process(*pid).is_err()) {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        // In a container without an init the dead postmaster stays a zombie, which `start` would take for a live one.
        let _ = std::fs::remove_file(owned.folder.join("data/postmaster.pid"));
        Ok(())
    }

    /// Freezes every process of the server: connections stay open and nothing answers, as when a disk hangs.
    ///
    /// # Errors
    /// [`PgError::External`] for a server not started here; if its processes cannot be found.
    pub fn freeze(&self) -> Result<(), PgError> {
        let owned = self.owned("freeze")?;
        let pids = self.processes()?;
        let list: Vec<String> = pids.iter().map(|pid| pid.as_raw_nonzero().to_string()).collect();
        // The watchdog reads it: a frozen process cannot be stopped.
        std::fs::write(owned.folder.join("frozen"), list.join(" "))
            .map_err(|error| PgError::failed("freezing the server", error))?;
        signal(&pids, Signal::STOP);
        Ok(())
    }

    /// Lets a frozen server go on.
    ///
    /// # Errors
    /// [`PgError::External`] for a server not started here; if it was not frozen.
    pub fn thaw(&self) -> Result<(), PgError> {
        let file = self.owned("thaw")?.folder.join("frozen");
        let list = std::fs::read_to_string(&file).map_err(|error| PgError::failed("thawing the server", error))?;
        signal(&parse_pids(&list), Signal::CONT);
        std::fs::remove_file(file).map_err(|error| PgError::failed("thawing the server", error))
    }

    /// The folder of a server started here, with its `log`.
    ///
    /// # Errors
    /// [`PgError::External`] for a server not started here.
    pub fn folder(&self) -> Result<&std::path::Path, PgError> {
        Ok(&self.owned("folder")?.folder)
    }

    fn owned(&self, operation: &'static str) -> Result<&Owned, PgError> {
        self.owned.as_ref().ok_or(PgError::External(operation))
    }

    /// The postmaster first, then all that the server itself knows of.
    fn processes(&self) -> Result<Vec<Pid>, PgError> {
        let file = self.owned("signal")?.folder.join("data/postmaster.pid");
        let text = std::fs::read_to_string(file).map_err(|error| PgError::failed("finding the server", error))?;
        let mut pids = parse_pids(text.lines().next().unwrap_or_default());
        let others = self.sql(
            "postgres",
            "select pid from pg_stat_activity where pid <> pg_backend_pid()",
        )?;
        pids.extend(parse_pids(&others));
        Ok(pids)
    }
}

fn start(
    account: Account,
    bin: &std::path::Path,
    folder: &std::path::Path,
    port: u16,
    durability: Durability,
) -> Result<(), PgError> {
    let flush = match durability {
        Durability::Fast => "-F -c synchronous_commit=off -c full_page_writes=off",
        Durability::Durable => "-c fsync=on -c synchronous_commit=on -c full_page_writes=on",
    };
    // Unix sockets are off: their path has a length limit that a temporary folder can exceed.
    let options = format!(
        "-h 127.0.0.1 -p {port} -c unix_socket_directories='' -c max_connections=300 \
         -c wal_level=minimal -c max_wal_senders=0 {flush}"
    );
    let data = folder.join("data").to_string_lossy().into_owned();
    let log = folder.join("log").to_string_lossy().into_owned();
    let mut pg_ctl = account.command(&bin.join("pg_ctl"));
    pg_ctl.args(["-D", &data, "-w", "-t", "60", "-s", "-l", &log, "-o", &options, "start"]);
    // Not `output()`: the server inherits these and would keep a pipe open for good.
    pg_ctl
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    match pg_ctl.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => {
            let log = std::fs::read_to_string(&log).unwrap_or_default();
            let tail: Vec<&str> = log.lines().rev().take(8).collect();
            Err(PgError::failed(
                "pg_ctl start",
                tail.into_iter().rev().collect::<Vec<_>>().join("\n"),
            ))
        }
        Err(error) => Err(PgError::failed("pg_ctl", error)),
    }
}

fn free_port() -> Result<u16, PgError> {
    let failed = |error: std::io::Error| PgError::failed("finding a free port", error);
    Ok(TcpListener::bind("127.0.0.1:0")
        .map_err(failed)?
        .local_addr()
        .map_err(failed)?
        .port())
}

fn parse_pids(text: &str) -> Vec<Pid> {
    text.split_whitespace()
        .filter_map(|word| Pid::from_raw(word.parse().ok()?))
        .collect()
}

fn signal(pids: &[Pid], signal: Signal) {
    for pid in pids {
        // One that has ended meanwhile needs no signal.
        let _ = kill_process(*pid, signal);
    }
}
