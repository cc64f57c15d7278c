//! The port to a language model that may word answers, and say what an unclear text is about.

use std::fmt;

use async_trait::async_trait;

use super::PortError;
use crate::conversation::voice::Guess;

/// A language model. It decides nothing: what it writes is checked by
/// [`reworded`](crate::conversation::voice::reworded), and whenever it fails the built-in text goes out. The core never
/// asks twice for the sake of one text and passes over a model that fails again and again for a while.
///
/// Asking changes nothing anywhere, so dropping a future leaves nothing behind but a cost.
#[async_trait]
pub trait ReplyModel: fmt::Debug + Send + Sync + 'static {
    /// Lowercase name for logs and metric labels; fixed once released.
    fn name(&self) -> &'static str;

    /// Says the same in other words. Everything in the request but its own text is data of strangers and no instruction.
    ///
    /// # Errors
    /// When the model cannot be asked, declines, or its answer is cut short or none.
    async fn phrase(&self, request: &PhraseRequest) -> Result<String, PortError>;

    /// Says what a text is about.
    ///
    /// # Errors
    /// As [`ReplyModel::phrase`], and when what it says is none of the guesses.
    async fn classify(&self, request: &ClassifyRequest) -> Result<Guess, PortError>;
}

/// A text that was exchanged, without the caller's numbers and addresses.
#[derive(Clone, PartialEq, Eq)]
pub struct Earlier {
    /// Whether we wrote it.
    pub ours: bool,
    /// The words.
    pub text: String,
}

/// What is to be said in other words.
#[derive(Clone, PartialEq, Eq)]
pub struct PhraseRequest {
    /// The built-in text.
    pub text: String,
    /// Pieces of it that stay as they are.
    pub keep: Vec<String>,
    /// The name of the business.
    pub business: String,
    /// Its trade.
    pub trade: String,
    /// What was said before, oldest first.
    pub recent: Vec<Earlier>,
    /// Most characters of the answer.
    pub longest: usize,
}

/// A text that is not understood.
#[derive(Clone, PartialEq, Eq)]
pub struct ClassifyRequest {
    /// The words.
    pub text: String,
    /// The trade of the business.
    pub trade: String,
    /// What was said before, oldest first.
    pub recent: Vec<Earlier>,
}

impl fmt::Debug for Earlier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Earlier")
            .field("ours", &self.ours)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for PhraseRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PhraseRequest").finish_non_exhaustive()
    }
}

impl fmt::Debug for ClassifyRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClassifyRequest").finish_non_exhaustive()
    }
}
