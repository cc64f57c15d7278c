//! Why the center cannot do what a person or a machine asked for.

use crate::business::SettingsError;
use crate::conversation::TakeoverError;
use crate::port::PortError;
use crate::port::store::{CommitError, Conflict, StoreError};

/// Why a request was not carried out. Nothing was changed unless a variant says so.
#[derive(Debug, thiserror::Error)]
pub enum CenterError {
    /// It does not exist, or belongs to somebody else.
    #[error("not found")]
    NotFound,
    /// It was changed by somebody else in the meantime; load it again.
    #[error("it was changed in the meantime; load it again")]
    Stale,
    /// The settings cannot be saved.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The thread cannot change hands.
    #[error(transparent)]
    Takeover(#[from] TakeoverError),
    /// The request does not fit the present state.
    #[error("{0}")]
    Refused(&'static str),
    /// The provider failed.
    #[error(transparent)]
    Provider(#[from] PortError),
    /// A precondition failed for another reason.
    #[error(transparent)]
    Conflict(Conflict),
    /// The database is away; try again.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database did not say whether the change was made; repeating is safe.
    #[error("the database did not answer; repeating is safe")]
    AnswerLost,
}

impl From<CommitError> for CenterError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict(Conflict::Stale(_)) => Self::Stale,
            CommitError::Conflict(conflict) => Self::Conflict(conflict),
            CommitError::Unavailable(error) => Self::Store(error),
            CommitError::AnswerLost => Self::AnswerLost,
        }
    }
}
