//! Administrative statements, through `psql`, so that no test depends on the client library it tests.

use std::path::Path;
use std::process::{Command, Stdio};

use super::account::without_pg_settings;
use super::url::PgUrl;
use super::{PgError, account::Account};

/// Runs `sql` (one or several statements, in one session) and returns the rows, unaligned, one a line.
pub(super) fn run(psql: &Path, url: &PgUrl, sql: &str) -> Result<String, PgError> {
    let mut command = Command::new(psql);
    without_pg_settings(&mut command);
    command
        .env("PGCONNECT_TIMEOUT", "10")
        .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d"]);
    command.arg(url.text()).args(["-c", sql]).stdin(Stdio::null());
    output(&mut command, "psql")
}

/// Runs a Postgres program to its end as `account`.
pub(super) fn program(account: Account, path: &Path, args: &[&str]) -> Result<String, PgError> {
    let name = path
        .file_name()
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    output(account.command(path).args(args), &name)
}

fn output(command: &mut Command, name: &str) -> Result<String, PgError> {
    let output = command.output().map_err(|error| PgError::failed(name, error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
    }
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Err(PgError::failed(name, said.trim()))
}
