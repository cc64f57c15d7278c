//! The embedding model in memory keeps the contract of every one; and each case of it finds a bug.
#![cfg(feature = "testkit")]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a bug concerns only the places that it spoils"
)]

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use mccc_core::port::{Embedder, ErrorKind, PortError, Retry};
use mccc_core::testkit::contract::Done;
use mccc_core::testkit::contract::embedder::{self, DIMENSION, EmbedderFault, EmbedderHarness};
use mccc_core::testkit::fake::FakeEmbedder;

const SECRET: &str = "sk-s3cret";

/// What is wrong with an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bug {
    None,
    SortsItsTexts,
    MixesUpItsVectors,
    AsksForTheSameOnce,
    Trims,
    AsksOneByOne,
    AsksForNothing,
    TakesHalfABatch,
    NamesAnotherDimension,
    CutsVectors,
    HasNoModel,
    OutageIsFinal,
    StaysAway,
    SilenceIsGarbage,
    WaitsForEver,
    WaitIsForgotten,
    RefusalIsAnOutage,
    RefusalHasNoReason,
    RejectedIsAnOutage,
    GarbageIsAnAnswer,
    GarbageIsAnOutage,
    OddName,
    NamesAnother,
    QuotesInErrors,
    ShowsSecrets,
}

/// A model in memory with a bug before it.
struct Buggy {
    bug: Bug,
    inner: Arc<FakeEmbedder>,
    failed: Arc<AtomicBool>,
}

impl fmt::Debug for Buggy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bug {
            Bug::ShowsSecrets => write!(f, "Buggy {{ key: {SECRET:?} }}"),
            _ => write!(f, "Buggy"),
        }
    }
}

impl Buggy {
    fn spoil(&self, error: &PortError, wrote: &str) -> PortError {
        let (kind, retry) = (error.kind(), error.retry());
        let with = |kind, retry| {
            let new = PortError::new("fake", error.operation(), kind, retry);
            match error.reason() {
                Some(reason) => new.with_reason(reason),
                None => new,
            }
        };
        match self.bug {
            Bug::OutageIsFinal if kind == ErrorKind::Unavailable => with(kind, Retry::Never),
            Bug::SilenceIsGarbage if kind == ErrorKind::Unavailable => with(ErrorKind::Protocol, Retry::Never),
            Bug::WaitIsForgotten if kind == ErrorKind::RateLimited => with(kind, Retry::Backoff),
            Bug::RefusalIsAnOutage if kind == ErrorKind::Unauthenticated => {
                with(ErrorKind::Unavailable, Retry::Backoff)
            }
            Bug::RejectedIsAnOutage if kind == ErrorKind::Rejected => with(ErrorKind::Unavailable, Retry::Backoff),
            Bug::GarbageIsAnOutage if kind == ErrorKind::Protocol => with(ErrorKind::Unavailable, Retry::Backoff),
            Bug::RefusalHasNoReason => PortError::new("fake", error.operation(), kind, retry),
            Bug::NamesAnother => PortError::new("other", error.operation(), kind, retry).with_reason("Mend it."),
            Bug::QuotesInErrors => with(kind, retry).with_source(wrote.to_owned()),
            _ => with(kind, retry),
        }
    }
}

#[async_trait]
impl Embedder for Buggy {
    fn name(&self) -> &'static str {
        match self.bug {
            Bug::OddName => "My Model",
            _ => "fake",
        }
    }

    fn model(&self) -> &str {
        match self.bug {
            Bug::HasNoModel => " ",
            _ => self.inner.model(),
        }
    }

    fn dimension(&self) -> Option<usize> {
        match self.bug {
            Bug::NamesAnotherDimension => Some(DIMENSION + 1),
            _ => None,
        }
    }

    fn time_limit(&self) -> Duration {
        match self.bug {
            Bug::WaitsForEver => Duration::from_secs(3_600),
            _ => self.inner.time_limit(),
        }
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, PortError> {
        let mut asked = texts.to_vec();
        match self.bug {
            Bug::SortsItsTexts => asked.sort(),
            Bug::AsksForTheSameOnce => asked.dedup(),
            Bug::Trims => asked.iter_mut().for_each(|text| *text = text.replace('\n', " ")),
            Bug::TakesHalfABatch => asked.truncate(16),
            _ => {}
        }
        let answer = if self.bug == Bug::AsksOneByOne {
            let mut vectors = Vec::new();
            for text in &asked {
                vectors.extend(self.inner.embed(std::slice::from_ref(text)).await?);
            }
            Ok(vectors)
        } else if self.bug == Bug::AsksForNothing && asked.is_empty() {
            self.inner.embed(&[String::new()]).await.map(|_| Vec::new())
        } else {
            self.inner.embed(&asked).await
        };
        let before = self.failed.fetch_or(answer.is_err(), Ordering::Relaxed);
        if self.bug == Bug::StaysAway && (before || answer.is_err()) {
            return Err(PortError::new("fake", "embed", ErrorKind::Unavailable, Retry::Backoff));
        }
        match answer {
            Ok(vectors) if self.bug == Bug::MixesUpItsVectors => Ok(vectors.into_iter().rev().collect()),
            Ok(vectors) if self.bug == Bug::CutsVectors => Ok(vectors
                .into_iter()
                .map(|vector| vector.into_iter().skip(1).collect())
                .collect()),
            Err(error) if self.bug == Bug::GarbageIsAnAnswer && error.kind() == ErrorKind::Protocol => Ok(Vec::new()),
            answer => answer.map_err(|error| self.spoil(&error, &texts.concat())),
        }
    }
}

struct Fresh {
    bug: Bug,
    inner: Arc<FakeEmbedder>,
    failed: Arc<AtomicBool>,
}

impl Fresh {
    fn new(bug: Bug) -> Self {
        Self {
            bug,
            inner: Arc::default(),
            failed: Arc::default(),
        }
    }
}

#[async_trait]
impl EmbedderHarness for Fresh {
    fn embedder(&self) -> Arc<dyn Embedder> {
        Arc::new(Buggy {
            bug: self.bug,
            inner: Arc::clone(&self.inner),
            failed: Arc::clone(&self.failed),
        })
    }

    async fn gives(&self, text: &str, vector: [f32; DIMENSION]) {
        self.inner.gives(text, &vector);
    }

    async fn arrange(&self, fault: EmbedderFault) -> bool {
        self.inner.arrange(fault);
        true
    }

    async fn seen(&self) -> Vec<Vec<String>> {
        self.inner.seen()
    }

    fn secrets(&self) -> Vec<String> {
        vec![SECRET.to_owned()]
    }
}

mod sound {
    use super::{Bug, Fresh};

    mccc_core::embedder_contract!(Fresh::new(Bug::None));
}

/// Which case finds which bug.
const FOUND: &[(&str, Bug)] = &[
    (
        "each_text_has_its_own_vector_in_the_order_of_the_texts",
        Bug::SortsItsTexts,
    ),
    (
        "each_text_has_its_own_vector_in_the_order_of_the_texts",
        Bug::MixesUpItsVectors,
    ),
    (
        "each_text_has_its_own_vector_in_the_order_of_the_texts",
        Bug::AsksForTheSameOnce,
    ),
    ("the_model_reads_each_text_as_it_was_written", Bug::Trims),
    ("a_batch_is_one_request", Bug::AsksOneByOne),
    ("no_texts_are_no_request", Bug::AsksForNothing),
    ("a_whole_batch_is_taken", Bug::TakesHalfABatch),
    (
        "the_dimension_that_it_names_is_that_of_its_vectors",
        Bug::NamesAnotherDimension,
    ),
    ("the_dimension_that_it_names_is_that_of_its_vectors", Bug::CutsVectors),
    ("the_model_is_named", Bug::HasNoModel),
    ("an_embedder_that_is_away_may_be_asked_again", Bug::OutageIsFinal),
    ("an_embedder_that_is_away_may_be_asked_again", Bug::StaysAway),
    ("a_silent_embedder_is_given_up_within_its_time", Bug::SilenceIsGarbage),
    ("a_silent_embedder_is_given_up_within_its_time", Bug::WaitsForEver),
    ("a_busy_embedder_names_its_wait", Bug::WaitIsForgotten),
    (
        "what_only_a_person_can_mend_is_not_repeated_and_says_why",
        Bug::RefusalIsAnOutage,
    ),
    (
        "what_only_a_person_can_mend_is_not_repeated_and_says_why",
        Bug::RefusalHasNoReason,
    ),
    ("what_the_model_will_not_do_is_not_repeated", Bug::RejectedIsAnOutage),
    ("an_answer_that_is_none_is_no_answer", Bug::GarbageIsAnAnswer),
    ("an_answer_that_is_none_is_no_answer", Bug::GarbageIsAnOutage),
    ("the_name_of_the_embedder_is_fit_for_labels", Bug::OddName),
    ("failures_name_the_embedder", Bug::NamesAnother),
    ("failures_give_nothing_away", Bug::QuotesInErrors),
    ("the_adapter_hides_its_credentials", Bug::ShowsSecrets),
];

#[tokio::test]
async fn every_case_finds_its_bug() {
    for case in embedder::CASES {
        let bugs: Vec<_> = FOUND.iter().filter(|(name, _)| *name == case.name).collect();
        assert!(!bugs.is_empty(), "{} has no bug to find", case.name);
        for (name, bug) in bugs {
            let fresh = Fresh::new(*bug);
            let checked = tokio::time::timeout(Duration::from_secs(60), (case.run)(&fresh)).await;
            assert!(
                matches!(checked, Ok(Err(_))),
                "{name} does not find {bug:?}: {checked:?}"
            );
            let sound = Fresh::new(Bug::None);
            assert_eq!((case.run)(&sound).await, Ok(Done::Passed), "{name}");
        }
    }
}
