//! What a failure of the database means for the caller. Errors keep codes and names of constraints, never values.

use std::fmt;

use mccc_core::port::store::{CommitError, StoreError};

/// What the database said, without the values it said it about.
#[derive(Debug)]
struct Said {
    code: String,
    constraint: Option<String>,
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SQLSTATE {}", self.code)?;
        match &self.constraint {
            Some(name) => write!(f, " ({name})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Said {}

/// Judges a failure of `place`.
pub(crate) fn judge(place: &'static str, error: sqlx::Error) -> StoreError {
    if let Some(said) = error.as_database_error() {
        let code = said.code().map(std::borrow::Cow::into_owned).unwrap_or_default();
        let passing = passes(&code);
        let constraint = said.constraint().map(str::to_owned);
        let said = Said { code, constraint };
        return if passing {
            StoreError::unavailable(said)
        } else {
            StoreError::corrupt(place, said)
        };
    }
    let ours = matches!(
        error,
        sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::ColumnIndexOutOfBounds { .. }
            | sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::TypeNotFound { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::Encode(_)
            | sqlx::Error::RowNotFound
    );
    if ours {
        // Not the error itself: it may quote the value that cannot be read.
        StoreError::corrupt(place, "a value or column that cannot be read")
    } else {
        StoreError::unavailable(error)
    }
}

/// Whether the same statement may work in a while: connection, resources, shutdown, rollback, time-out, read-only.
fn passes(code: &str) -> bool {
    let class = code.get(..2).unwrap_or("");
    matches!(class, "08" | "40" | "53" | "55" | "57" | "58") || code == "25006"
}

/// Whether a failure to connect may end by itself: no answer, a server that starts or stops, no free place. A refused
/// password, an unknown role or database, or TLS that does not fit stay until a person mends them.
pub(crate) fn passing(error: &sqlx::Error) -> bool {
    if let Some(said) = error.as_database_error() {
        return said.code().is_some_and(|code| passes(&code));
    }
    matches!(
        error,
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed
    )
}

/// Whether a transaction lost against another one and may simply be run again.
pub(crate) fn collided(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(said) = error else {
        return false;
    };
    said.code().is_some_and(|code| code == "40P01" || code == "40001")
}

/// Names the place of a failure.
pub(crate) trait Place<T> {
    /// The failure, judged.
    fn place(self, place: &'static str) -> Result<T, StoreError>;
}

impl<T> Place<T> for Result<T, sqlx::Error> {
    fn place(self, place: &'static str) -> Result<T, StoreError> {
        self.map_err(|error| judge(place, error))
    }
}

/// How a commit ends early.
#[derive(Debug)]
pub(crate) enum Stop {
    /// A precondition failed.
    Conflict(mccc_core::port::store::Conflict),
    /// It lost against another transaction and may be run again.
    Collided(StoreError),
    /// The database failed.
    Failed(StoreError),
}

impl Stop {
    /// A failure of `place` inside a transaction.
    pub(crate) fn of(place: &'static str, error: sqlx::Error) -> Self {
        if collided(&error) {
            Self::Collided(judge(place, error))
        } else {
            Self::Failed(judge(place, error))
        }
    }
}

impl From<mccc_core::port::store::Conflict> for Stop {
    fn from(conflict: mccc_core::port::store::Conflict) -> Self {
        Self::Conflict(conflict)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl From<Stop> for CommitError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Conflict(conflict) => Self::Conflict(conflict),
            Stop::Collided(error) | Stop::Failed(error) => Self::Unavailable(error),
        }
    }
}

/// Names the place of a failure inside a commit.
pub(crate) trait Within<T> {
    /// The failure, as the end of the commit.
    fn within(self, place: &'static str) -> Result<T, Stop>;
}

impl<T> Within<T> for Result<T, sqlx::Error> {
    fn within(self, place: &'static str) -> Result<T, Stop> {
        self.map_err(|error| Stop::of(place, error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_does_not_answer_may_answer_later() {
        assert!(passing(&sqlx::Error::Io(std::io::ErrorKind::ConnectionRefused.into())));
        assert!(passing(&sqlx::Error::PoolTimedOut));
        assert!(!passing(&sqlx::Error::Tls("no certificate".into())));
        assert!(!passing(&sqlx::Error::Configuration("no host".into())));
    }

    #[test]
    fn what_passes_is_told_from_what_stays() {
        for code in ["08006", "40P01", "53300", "57014", "57P01", "55P03", "25006"] {
            assert!(passes(code), "{code}");
        }
        for code in ["23505", "22P02", "42P01", "42501", ""] {
            assert!(!passes(code), "{code}");
        }
    }
}
