//! Which entry of a business answers a question, or none.
//!
//! An entry and a question meet in several ways (`meeting`): by stems they share, weighted by how rare these are among the
//! entries and in what people write; by themes they share (`themes.txt`: "can I pay monthly" and "do you offer financing"
//! have no word in common); by where their words point (`nearness`); and by how much of the question the entry does *not* explain, which speaks for another matter.
//! What these come to is learned from labelled questions to many businesses. The score follows the likelihood that the
//! entry answers the question, beside all others, the profile and no answer at all; below the threshold nobody guesses.
//!
//! An embedding model may say how near they are in meaning (`similar`), which is one way more and never enough alone.
//!
//! Hours, service area and services answer themselves from the profile.

mod embedding;
mod index;
mod meeting;
mod nearness;
mod profile;
mod shared;
mod shelf;
mod similar;
#[cfg(feature = "testkit")]
pub mod training;

pub use embedding::{Embedding, Unusable};
pub use index::FaqIndex;
pub use shelf::Shelf;
pub use similar::Similar;

use serde::Serialize;

/// The entry that answers a question.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FaqMatch {
    /// Its topic; `hours`, `area` or `services` where the profile answers.
    pub topic: String,
    /// Its answer.
    pub answer: String,
    /// How likely it answers what was asked, 0 to 1.
    pub score: f32,
    /// The place of the entry in the list of the business; nothing where the profile answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<usize>,
    /// The words and themes in which question and entry meet; where they share none, the words that come nearest to it.
    pub evidence: Vec<String>,
    /// It has to do with what something costs.
    #[serde(skip)]
    pub(super) about_money: bool,
}
