//! What is learned from labelled texts: a linear model beside the rules.
//!
//! The rules know constructions, but only of words that somebody listed. Here every word, pair of words and piece of a
//! word that labelled texts have shown speaks for or against each reading, and so does what the rules found. The weights
//! are numbers that a command fits to the training texts (`understanding_train`); reading a text with them is a sum, the
//! same on every machine, and the words that weigh most are its evidence.
//!
//! Words also have directions (`vectors`): texts that are about one thing point the same way.

mod features;
#[cfg(feature = "testkit")]
pub mod training;
mod vectors;
#[cfg(feature = "testkit")]
pub(crate) mod vectors_training;
mod weights;

pub(crate) use features::{Noticed, Tags};
pub(crate) use vectors::{Direction, Vectors};
pub(crate) use weights::{Weights, along, shares};
