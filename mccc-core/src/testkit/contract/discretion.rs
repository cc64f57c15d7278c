//! What logs, metrics and people get to see of an adapter.

use std::error::Error as _;
use std::fmt::{Debug, Write as _};

use super::{Checked, Done, ensure};
use crate::port::{ErrorKind, PortError, Retry};

/// Everything a logger could print of an error.
pub(super) fn shown(error: &PortError) -> String {
    let mut shown = format!("{error} {error:?} {error:#?} {}", error.reason().unwrap_or_default());
    let mut cause = error.source();
    while let Some(inner) = cause {
        // Writing to a string cannot fail.
        let _written = write!(shown, " {inner} {inner:?} {inner:#?}");
        cause = inner.source();
    }
    shown
}

/// Lowercase and short, since it becomes the label of a metric.
pub(super) fn check_name(name: &str) -> Checked {
    ensure!(
        (1..=32).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-')),
        "{name:?} is no lowercase name"
    );
    Ok(Done::Passed)
}

/// That none of `hidden` is in what `of` shows, of which the failure shows nothing either.
pub(super) fn hides(of: impl Debug, shown: &str, hidden: impl IntoIterator<Item = impl AsRef<str>>) -> Checked {
    for secret in hidden {
        ensure!(
            !shown.contains(secret.as_ref()),
            "{of:?} shows what nobody may read in a log"
        );
    }
    Ok(Done::Passed)
}

/// That an adapter does not show what it signs in with.
pub(super) fn hides_credentials(adapter: &dyn Debug, secrets: &[String]) -> Checked {
    if secrets.is_empty() {
        return Ok(Done::Skipped("this adapter signs in nowhere"));
    }
    hides("the adapter", &format!("{adapter:?} {adapter:#?}"), secrets)
}

/// That a failure which only a person can mend is not repeated, and says why.
pub(super) fn is_for_a_person(fault: impl Debug, error: &PortError) -> Checked {
    let told = matches!(
        error.kind(),
        ErrorKind::Unauthenticated | ErrorKind::NotFound | ErrorKind::InvalidConfig
    );
    ensure!(
        told,
        "nobody can tell that {fault:?} is for a person: {:?}",
        error.kind()
    );
    ensure!(
        error.retry() == Retry::Never,
        "{fault:?} is repeated: {:?}",
        error.retry()
    );
    ensure!(error.reason().is_some(), "{fault:?} does not say why");
    Ok(Done::Passed)
}
