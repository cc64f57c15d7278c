//! A person takes a thread over from the machine, and hands it back.

use super::{Conversation, ThreadState};
use crate::UserId;

/// Why a thread cannot change hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TakeoverError {
    /// The caller wants no texts, so there is nothing to lead.
    #[error("this caller has opted out of texts; call instead")]
    OptedOut,
}

/// The thread after `user` took it over: the machine is silent from the next decision on. Repeating changes nothing
/// but the person.
///
/// # Errors
/// When the caller has opted out.
pub fn take_over(thread: &Conversation, user: Option<UserId>) -> Result<Conversation, TakeoverError> {
    match thread.state {
        ThreadState::OptedOut => Err(TakeoverError::OptedOut),
        ThreadState::AiActive | ThreadState::Human => Ok(Conversation {
            version: thread.version.saturating_add(1),
            state: ThreadState::Human,
            taken_by: user,
            ..thread.clone()
        }),
    }
}

/// The thread after it was handed back to the machine.
///
/// # Errors
/// When the caller has opted out.
pub fn hand_back(thread: &Conversation) -> Result<Conversation, TakeoverError> {
    match thread.state {
        ThreadState::OptedOut => Err(TakeoverError::OptedOut),
        ThreadState::AiActive | ThreadState::Human => Ok(Conversation {
            version: thread.version.saturating_add(1),
            state: ThreadState::AiActive,
            taken_by: None,
            ..thread.clone()
        }),
    }
}
