//! Nothing may be left behind: the process that removes a server when its owner is gone.

use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::PgError;
use super::account::Account;

/// What the names of our data folders begin with.
pub(super) const PREFIX: &str = "mccc-pg-";

/// Waits for the end of its input, which comes when the owner closes it or dies; wakes what a test froze; removes all.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
cat >/dev/null
if [ -f "$2/frozen" ]; then kill -CONT $(cat "$2/frozen"); fi
"$1/pg_ctl" -D "$2/data" -m immediate -w -t 30 stop
rm -rf "$2"
"#;

/// A running watchdog. Dropping it removes the server and waits until that is done.
#[derive(Debug)]
pub(super) struct Watchdog {
    child: Child,
    /// Held for as long as the owner lives, so that [`sweep`] leaves the folder alone.
    _alive: File,
}

impl Watchdog {
    /// Starts watching over the server whose data is in `folder/data`.
    pub(super) fn start(account: Account, bin: &Path, folder: &Path) -> Result<Self, PgError> {
        let failed = |error: std::io::Error| PgError::failed("starting the watchdog", error);
        let alive = File::create(folder.join("alive")).map_err(failed)?;
        alive.lock().map_err(failed)?;
        let child = account
            .command(Path::new("/bin/sh"))
            .args(["-c", SCRIPT, "sh"])
            .args([bin, folder])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Its own group: Ctrl-C ends the tests, and the watchdog then has its work to do.
            .process_group(0)
            .spawn()
            .map_err(failed)?;
        Ok(Self { child, _alive: alive })
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Where data folders may be, the preferred place first.
pub(super) fn roots() -> Vec<PathBuf> {
    let mut roots = vec![std::env::temp_dir()];
    for usual in ["/tmp", "/var/tmp"] {
        if !roots.iter().any(|r| r == Path::new(usual)) {
            roots.push(usual.into());
        }
    }
    roots
}

/// Removes servers whose owner and watchdog both died, for example with the power.
pub(super) fn sweep(account: Account, bin: &Path) {
    for entry in roots().iter().flat_map(std::fs::read_dir).flatten().flatten() {
        let folder = entry.path();
        if entry.file_name().to_str().is_some_and(|n| n.starts_with(PREFIX)) && is_abandoned(&folder) {
            let mut stop = account.command(&bin.join("pg_ctl"));
            stop.arg("-D")
                .arg(folder.join("data"))
                .args(["-m", "immediate", "-w", "-t", "10", "stop"]);
            let _ = quiet(&mut stop).status();
            let _ = std::fs::remove_dir_all(&folder);
        }
    }
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdout(Stdio::null()).stderr(Stdio::null())
}

/// Whether nobody holds the folder's `alive` lock. A young folder may not have it yet, or be just going away.
fn is_abandoned(folder: &Path) -> bool {
    let age = std::fs::metadata(folder)
        .and_then(|m| m.modified())
        .ok()
        .and_then(|at| at.elapsed().ok());
    if age.is_none_or(|age| age < Duration::from_secs(120)) {
        return false;
    }
    match File::open(folder.join("alive")) {
        Ok(alive) => alive.try_lock().is_ok(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aged_folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("mccc-watchdog-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        File::create(folder.join("alive")).unwrap();
        let old = std::fs::metadata(&folder).unwrap().modified().unwrap() - Duration::from_secs(3600);
        File::open(&folder).unwrap().set_modified(old).unwrap();
        folder
    }

    #[test]
    fn a_folder_is_abandoned_when_it_is_old_and_nobody_holds_its_lock() {
        let folder = aged_folder("abandoned");
        assert!(is_abandoned(&folder));
        let alive = File::open(folder.join("alive")).unwrap();
        alive.lock().unwrap();
        assert!(!is_abandoned(&folder), "its owner lives");
        drop(alive);
        File::create(folder.join("new")).unwrap();
        assert!(!is_abandoned(&folder), "it was just touched");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
