//! What a failure of SQLite means to the core.

use mccc_core::port::store::{CommitError, Conflict, StoreError};

/// A result of one step inside a transaction: the outer error is the database's, the inner one a precondition's.
pub(crate) type Step<T> = Result<Result<T, Conflict>, StoreError>;

/// Names the table or column that a failed statement was about.
pub(crate) trait At<T> {
    /// Translates the failure.
    fn at(self, place: &'static str) -> Result<T, StoreError>;
}

impl<T> At<T> for Result<T, sqlx::Error> {
    fn at(self, place: &'static str) -> Result<T, StoreError> {
        self.map_err(|error| translate(place, error))
    }
}

// Primary result codes, https://www.sqlite.org/rescode.html (read 2026-11-21).
const ERROR: i32 = 1;
const INTERNAL: i32 = 2;
const CORRUPT: i32 = 11;
const SCHEMA: i32 = 17;
const TOOBIG: i32 = 18;
const CONSTRAINT: i32 = 19;
const MISMATCH: i32 = 20;
const MISUSE: i32 = 21;
const FORMAT: i32 = 24;
const RANGE: i32 = 25;
const NOTADB: i32 = 26;

/// What `error` means. Sources are SQLite's own sentences: they name tables and columns, never values.
pub(crate) fn translate(place: &'static str, error: sqlx::Error) -> StoreError {
    if let Some(code) = primary_code(&error) {
        return match code {
            ERROR | INTERNAL | CORRUPT | SCHEMA | TOOBIG | CONSTRAINT | MISMATCH | MISUSE | FORMAT | RANGE | NOTADB => {
                StoreError::corrupt(place, error)
            }
            // Busy, locked, out of memory or space, read-only, input/output, cannot open, …: the data is as it was.
            _ => StoreError::unavailable(error),
        };
    }
    let unreadable = matches!(
        error,
        sqlx::Error::RowNotFound
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::ColumnIndexOutOfBounds { .. }
            | sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::TypeNotFound { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::Encode(_)
    );
    if unreadable {
        StoreError::corrupt(place, error)
    } else {
        StoreError::unavailable(error)
    }
}

/// Whether SQLite itself answered. It then says what became of the statement; a lost worker does not.
pub(crate) fn answered(error: &sqlx::Error) -> bool {
    primary_code(error).is_some()
}

fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

/// The same failure for each member of a transaction that failed as a whole.
pub(crate) fn same_for_all(error: &StoreError) -> CommitError {
    let text = match error {
        StoreError::Unavailable(source) => {
            return CommitError::Unavailable(StoreError::unavailable(source.to_string()));
        }
        StoreError::Corrupt(place, source) => (*place, source.to_string()),
    };
    CommitError::Unavailable(StoreError::corrupt(text.0, text.1))
}
