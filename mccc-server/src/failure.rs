//! Errors of the command line: sentences for the person at the terminal, outermost first.

use std::fmt;

/// The exit code of a failure that no other input would have avoided.
const FAILED: u8 = 1;
/// The exit code for input that cannot be understood, as for options that cannot.
const BAD_INPUT: u8 = 2;

/// Why a command failed.
#[derive(Debug)]
pub struct Failure {
    sentences: Vec<String>,
    exit_code: u8,
}

impl Failure {
    /// A failure with one sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self {
            sentences: vec![sentence.into()],
            exit_code: FAILED,
        }
    }

    /// Input that cannot be understood. The sentence names the field and says what would be right.
    pub fn bad_input(sentence: impl Into<String>) -> Self {
        Self {
            exit_code: BAD_INPUT,
            ..Self::new(sentence)
        }
    }

    /// What the process ends with.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        self.exit_code
    }

    /// The failure with a sentence before those it has.
    #[must_use]
    pub fn before(mut self, sentence: impl Into<String>) -> Self {
        self.sentences.insert(0, sentence.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentences.join(": "))
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
        Self {
            sentences,
            exit_code: FAILED,
        }
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
