//! Who runs the server: Postgres refuses to run as root.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::PgError;

/// The account that runs the Postgres programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Account {
    /// The one that runs the tests.
    Mine,
    /// Another one, because the tests run as root.
    Other {
        /// Its user id.
        uid: u32,
        /// Its group id.
        gid: u32,
    },
}

impl Account {
    /// The caller's account, or for root the one of `postgres`, else of `nobody`.
    pub(super) fn choose() -> Result<Self, PgError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self::Mine);
        }
        let passwd = std::fs::read_to_string("/etc/passwd").map_err(|e| PgError::failed("reading /etc/passwd", e))?;
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| ids(&passwd, name))
            .ok_or_else(|| {
                PgError::failed(
                    "choosing an account",
                    "Postgres refuses to run as root, and there is no user `nobody`",
                )
            })
    }

    /// A command that will run as this account, without the caller's Postgres settings and without its input.
    pub(super) fn command(self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Self::Other { uid, gid } = self {
            command.uid(uid).gid(gid);
        }
        without_pg_settings(&mut command);
        command.stdin(Stdio::null()).current_dir("/");
        command
    }

    /// Creates the folder `name`, owned by this account, at a place that it can reach.
    pub(super) fn make_folder(self, name: &str) -> Result<PathBuf, PgError> {
        let mut refused = String::new();
        for root in super::watchdog::roots() {
            let dir = root.join(name);
            match self.try_folder(&dir) {
                Ok(()) => return Ok(dir),
                Err(error) => {
                    let _ = std::fs::remove_dir_all(&dir);
                    refused = error.to_string();
                }
            }
        }
        Err(PgError::failed("making a data folder", refused))
    }

    fn try_folder(self, dir: &Path) -> std::io::Result<()> {
        std::fs::create_dir(dir)?;
        if let Self::Other { uid, gid } = self {
            chown(dir, Some(uid), Some(gid))?;
        }
        // A folder below a closed home directory exists but cannot be reached by the other account.
        let status = self
            .command(Path::new("/bin/sh"))
            .args(["-c", ": >\"$1\"/probe", "sh"])
            .arg(dir)
            .status()?;
        if status.success() {
            Ok(())
        } else {
            Err(std::io::Error::other("the Postgres account cannot write there"))
        }
    }
}

/// Removes what would make `psql` or `postgres` talk to another server than the one they are told.
pub(super) fn without_pg_settings(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|n| n.starts_with("PG") && n != "PGBIN") {
            command.env_remove(name);
        }
    }
}

/// The ids of a user in the text of `/etc/passwd`.
fn ids(passwd: &str, name: &str) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()? == name).then_some(())?;
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Account::Other { uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_the_exact_name() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\npostgresql:x:7:8::/:\npostgres:x:106:114:,,,:/var/lib:/bin/sh\n";
        assert_eq!(ids(passwd, "postgres"), Some(Account::Other { uid: 106, gid: 114 }));
        assert_eq!(ids(passwd, "nobody"), None);
    }
}
