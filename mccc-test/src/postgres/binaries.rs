//! Where the Postgres programs are.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::PgError;

/// The oldest major version that the store supports.
const OLDEST: u32 = 15;

/// The folder with `initdb`, `pg_ctl`, `postgres` and `psql`.
///
/// Looked for in `PGBIN`, then what `pg_config` on the `PATH` names, then Debian's versioned folders (newest first),
/// then Homebrew's and Postgres.app's. A folder without the server (a client-only installation) is passed over.
pub(super) fn find() -> Result<PathBuf, PgError> {
    if let Some(named) = std::env::var_os("PGBIN").filter(|v| !v.is_empty()) {
        let dir = PathBuf::from(named);
        return major(&dir)
            .filter(|v| *v >= OLDEST)
            .map(|_| dir.clone())
            .ok_or_else(|| {
                PgError::NotInstalled(format!(
                    "PGBIN={} has no initdb of version {OLDEST} or newer",
                    dir.display()
                ))
            });
    }
    let mut folders = Vec::new();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    folders.extend(versioned("/usr/lib/postgresql", ""));
    folders.extend(versioned("/opt/homebrew/opt", "postgresql@"));
    folders.extend(versioned("/usr/local/opt", "postgresql@"));
    folders.extend(versioned("/Applications/Postgres.app/Contents/Versions", ""));
    first_usable(&folders).ok_or_else(|| PgError::NotInstalled(format!("looked in {} folders", folders.len())))
}

fn first_usable(folders: &[PathBuf]) -> Option<PathBuf> {
    folders
        .iter()
        .find(|dir| major(dir).is_some_and(|v| v >= OLDEST))
        .cloned()
}

/// `<root>/<prefix><number>/bin` for every number there is, the highest first.
fn versioned(root: &str, prefix: &str) -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir(root)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let number = entry.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((number, entry.path().join("bin")))
        })
        .collect();
    found.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    found.into_iter().map(|(_, path)| path).collect()
}

/// The major version of the server in `dir`, if all programs that are needed are there.
fn major(dir: &Path) -> Option<u32> {
    if !["initdb", "pg_ctl", "postgres", "psql"]
        .iter()
        .all(|name| dir.join(name).is_file())
    {
        return None;
    }
    let output = Command::new(dir.join("initdb")).arg("--version").output().ok()?;
    parse_major(&String::from_utf8_lossy(&output.stdout))
}

/// `initdb (PostgreSQL) 17.2 (Debian 17.2-1)` is 17.
fn parse_major(text: &str) -> Option<u32> {
    let version = text.split_whitespace().nth(2)?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_in_every_form() {
        assert_eq!(
            parse_major("initdb (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"),
            Some(15)
        );
        assert_eq!(parse_major("initdb (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(parse_major("initdb"), None);
    }

    #[test]
    fn the_newest_version_comes_first_by_number() {
        let root = std::env::temp_dir().join(format!("mccc-versioned-{}", std::process::id()));
        for name in ["v9", "v15", "v100", "other"] {
            std::fs::create_dir_all(root.join(name)).unwrap();
        }
        let found = versioned(root.to_str().unwrap(), "v");
        std::fs::remove_dir_all(&root).unwrap();
        assert_eq!(found, ["v100", "v15", "v9"].map(|v| root.join(v).join("bin")));
    }

    #[test]
    fn a_folder_without_the_server_is_passed_over() {
        let empty = std::env::temp_dir();
        assert_eq!(first_usable(&[empty]), None);
    }
}
