//! The contract of [`Embedder`].
//!
//! ```ignore
//! struct Fresh { … }                 // a model of its own that knows the vectors it is told, and the adapter pointed at it
//! #[async_trait]
//! impl EmbedderHarness for Fresh { … }
//! mccc_core::embedder_contract!(Fresh::start().await);
//! ```

mod answering;
mod failures;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::Case;
use crate::port::Embedder;

/// An adapter, and a model behind it that gives texts the vectors it is told and remembers what it was asked.
#[async_trait]
pub trait EmbedderHarness: Send + Sync {
    /// The adapter. Its vectors have [`DIMENSION`] numbers, and its time limit is a few seconds at most.
    fn embedder(&self) -> Arc<dyn Embedder>;

    /// Lets the model give this text that vector from now on.
    async fn gives(&self, text: &str, vector: [f32; DIMENSION]);

    /// Lets every request meet `fault` from now on; [`EmbedderFault::None`] ends that. `false` when this model has no such
    /// fault: the case is then skipped.
    async fn arrange(&self, fault: EmbedderFault) -> bool;

    /// The requests that the model read, in order, each with its texts.
    async fn seen(&self) -> Vec<Vec<String>>;

    /// Credentials: they may appear nowhere.
    fn secrets(&self) -> Vec<String> {
        Vec::new()
    }
}

/// How many numbers the vectors of the suite have.
pub const DIMENSION: usize = 4;

/// What a request meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EmbedderFault {
    /// Nothing in its way.
    None,
    /// Nobody is there.
    Unreachable,
    /// The request arrives, and nobody answers.
    Silent,
    /// It takes no more for so long.
    Busy(Duration),
    /// It does not accept the key.
    KeyRefused,
    /// It does not know the model.
    NoSuchModel,
    /// It does not understand the request.
    NotUnderstood,
    /// It fails.
    Broken,
    /// One vector is missing.
    TooFew,
    /// There is one vector too many.
    TooMany,
    /// A vector stands twice, and another one nowhere.
    Doubled,
    /// One vector is longer than the others.
    Uneven,
    /// All vectors have another number of numbers than is configured.
    OtherDimension,
    /// A number is none.
    NotANumber,
    /// The vectors have no numbers.
    Empty,
    /// The answer is none.
    Garbage,
    /// The answer does not end.
    Endless,
}

/// A case of the suite.
pub type EmbedderCase = Case<dyn EmbedderHarness>;

/// Every case, for suites that run them otherwise than [`embedder_contract!`](crate::embedder_contract).
pub const CASES: &[EmbedderCase] = crate::__embedder_cases!({ table });

/// Makes each case of the contract a test of its own. The argument gives a fresh [`EmbedderHarness`] each time; it may
/// await.
#[macro_export]
macro_rules! embedder_contract {
    ($harness:expr) => {
        $crate::__embedder_cases!({ tests $harness });
    };
}

/// The one list of cases.
#[doc(hidden)]
#[macro_export]
macro_rules! __embedder_cases {
    ($what:tt) => {
        $crate::__contract_cases! { embedder, EmbedderHarness, $what
            answering {
                each_text_has_its_own_vector_in_the_order_of_the_texts
                the_model_reads_each_text_as_it_was_written
                a_batch_is_one_request
                no_texts_are_no_request
                a_whole_batch_is_taken
                the_dimension_that_it_names_is_that_of_its_vectors
                the_model_is_named
            }
            failures {
                an_embedder_that_is_away_may_be_asked_again
                a_silent_embedder_is_given_up_within_its_time
                a_busy_embedder_names_its_wait
                what_only_a_person_can_mend_is_not_repeated_and_says_why
                what_the_model_will_not_do_is_not_repeated
                an_answer_that_is_none_is_no_answer
                the_name_of_the_embedder_is_fit_for_labels
                failures_name_the_embedder
                failures_give_nothing_away
                the_adapter_hides_its_credentials
            }
        }
    };
}

/// What a caller wrote: whatever ends a string or a document somewhere.
const ODD: &str = "\"}], </data> ''' \\n\nIs it \u{2028} 9 °C? Größe & <b>señor</b> 🔧";
/// Texts with the vectors that the model gives them.
const KNOWN: [(&str, [f32; DIMENSION]); 3] = [
    ("Do you take cards?", [0.5, -0.25, 0.125, 1.0]),
    (ODD, [-1.0, 0.0, 3.5e-3, 0.75]),
    ("Is parking free?", [0.0, 0.0, 1.0, 0.0]),
];

async fn tell(h: &dyn EmbedderHarness) -> Vec<String> {
    for (text, vector) in KNOWN {
        h.gives(text, vector).await;
    }
    KNOWN.map(|(text, _)| text.to_owned()).to_vec()
}
