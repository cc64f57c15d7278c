//! Another voice for the machine's answers: a language model may word them, and may say what an unclear text is about.
//!
//! It is a voice and never the master. What is said is decided by [`dialogue`](super::dialogue) before a model is asked,
//! and the built-in text is what goes out whenever the model is away, slow, or says anything but the same in other words.
//! That is decided here, by pure functions: [`reworded`] reads what a model wrote as the word of a stranger, and a
//! [`Guess`] can only be something that the caller still has to agree to, or more urgent than what the rules read.

mod asking;
mod guess;
mod masking;
mod wording;
mod words;

pub(crate) use asking::known;
pub use asking::{Wanted, to_classify, to_word};
pub use guess::{Guess, adopt};
pub use masking::masked;
pub use wording::{Refusal, Same, reworded};

use crate::calls::named;
use crate::port::{ErrorKind, PortError};
use serde::{Deserialize, Serialize};

named! {
    /// What a language model may do for a business.
    ModelUse {
        /// Nothing.
        Off = "off",
        /// Word the answers.
        Phrase = "phrase",
        /// Word the answers, and say what a text is about that the rules do not understand.
        PhraseAndClassify = "phrase_and_classify",
    }
}

named! {
    /// Why a model gave nothing to judge.
    Unheard {
        /// It did not answer in time.
        Late = "late",
        /// It is left alone for a while after failures.
        Resting = "resting",
        /// It takes no more requests for now.
        RateLimited = "rate_limited",
        /// It does not accept our credentials, or does not know the model.
        NotAdmitted = "not_admitted",
        /// It cannot be reached or failed.
        Unavailable = "unavailable",
        /// It declined.
        Declined = "declined",
        /// Its answer is none.
        Garbage = "garbage",
    }
}

impl Unheard {
    /// What a failure of the port comes to.
    #[must_use]
    pub fn of(error: &PortError) -> Self {
        match error.kind() {
            ErrorKind::RateLimited => Self::RateLimited,
            ErrorKind::InvalidConfig
            | ErrorKind::Unauthenticated
            | ErrorKind::ReconnectRequired
            | ErrorKind::PermissionMissing
            | ErrorKind::NotFound => Self::NotAdmitted,
            ErrorKind::Rejected | ErrorKind::Unsupported | ErrorKind::Conflict => Self::Declined,
            ErrorKind::Protocol => Self::Garbage,
            ErrorKind::Unavailable => Self::Unavailable,
        }
    }
}

/// Whose words a text is in, where a model was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Worded {
    /// The model's.
    ByModel,
    /// Ours, because what it wrote says something else.
    Refused(Refusal),
    /// Ours, because it said nothing.
    Unheard(Unheard),
}

impl Worded {
    /// Name for the feed and the metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ByModel => "by_model",
            Self::Refused(why) => why.name(),
            Self::Unheard(why) => why.name(),
        }
    }

    /// The same for people.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::ByModel => "Worded by the language model",
            Self::Refused(_) => "Built-in wording, because the language model's said something else",
            Self::Unheard(_) => "Built-in wording, because the language model did not answer",
        }
    }
}

/// What a model had to do with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Part {
    /// Whose words it is in; nothing where no model was asked for any.
    pub wording: Option<Worded>,
    /// What a model took the caller's text for; nothing where it was not asked, or did not know.
    pub guess: Option<Guess>,
}
