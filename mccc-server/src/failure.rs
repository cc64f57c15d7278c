//! Errors of the command line: sentences for the person at the terminal, outermost first.

use std::fmt;

/// Why a command failed.
#[derive(Debug)]
pub struct Failure(Vec<String>);

impl Failure {
    /// A failure with one sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(vec![sentence.into()])
    }

    /// The failure with a sentence before those it has.
    #[must_use]
    pub fn before(mut self, sentence: impl Into<String>) -> Self {
        self.0.insert(0, sentence.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(": "))
    }
}

/// Any error becomes its sentence followed by those of its causes.
impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut sentences = vec![error.to_string()];
        let mut cause = error.source();
        while let Some(error) = cause {
            let sentence = error.to_string();
            if sentences.last() != Some(&sentence) {
                sentences.push(sentence);
            }
            cause = error.source();
        }
        Self(sentences)
    }
}

/// Says what was being done when something failed.
pub trait Context<T> {
    /// Puts a sentence before those of the failure.
    ///
    /// # Errors
    /// The failure with the sentence before it.
    fn context(self, sentence: impl FnOnce() -> String) -> Result<T, Failure>;
}

impl<T, E: Into<Failure>> Context<T> for Result<T, E> {
    fn context(self, sentence: impl FnOnce() -> String) -> Result<T, Failure> {
        self.map_err(|error| error.into().before(sentence()))
    }
}
