//! The language model in memory keeps the contract of every one; and each case of it finds a bug.
#![cfg(feature = "testkit")]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a bug concerns only the places that it spoils"
)]

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use mccc_core::conversation::voice::Guess;
use mccc_core::port::{ClassifyRequest, ErrorKind, PhraseRequest, PortError, ReplyModel, Retry};
use mccc_core::testkit::contract::Done;
use mccc_core::testkit::contract::reply_model::{self, ModelFault, ReplyModelHarness, Seen};
use mccc_core::testkit::fake::FakeModel;

const SECRET: &str = "sk-s3cret";

/// What is wrong with an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bug {
    None,
    Trims,
    ForgetsTheThread,
    ForgetsTheBusiness,
    OrdersAreInstructions,
    CallsAllBooking,
    ReadsFirstWord,
    AsksTwice,
    OutageIsFinal,
    StaysAway,
    SilenceIsGarbage,
    WaitIsForgotten,
    RefusalIsAnOutage,
    RefusalHasNoReason,
    DeclinedIsAnOutage,
    GarbageIsAnAnswer,
    OddName,
    NamesAnother,
    QuotesInErrors,
    ShowsSecrets,
}

/// A model in memory with a bug before it.
struct Buggy {
    bug: Bug,
    inner: Arc<FakeModel>,
    failed: Arc<Mutex<bool>>,
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
            error.reason().map_or_else(
                || PortError::new("fake", error.operation(), kind, retry),
                |reason| new.with_reason(reason),
            )
        };
        match self.bug {
            Bug::OutageIsFinal if kind == ErrorKind::Unavailable => with(kind, Retry::Never),
            Bug::SilenceIsGarbage if kind == ErrorKind::Unavailable => with(ErrorKind::Protocol, Retry::Never),
            Bug::WaitIsForgotten if kind == ErrorKind::RateLimited => with(kind, Retry::Backoff),
            Bug::RefusalIsAnOutage if kind == ErrorKind::Unauthenticated => {
                with(ErrorKind::Unavailable, Retry::Backoff)
            }
            Bug::DeclinedIsAnOutage if kind == ErrorKind::Rejected => with(ErrorKind::Unavailable, Retry::Backoff),
            Bug::RefusalHasNoReason => PortError::new("fake", error.operation(), kind, retry),
            Bug::NamesAnother => PortError::new("other", error.operation(), kind, retry).with_reason("Mend it."),
            Bug::QuotesInErrors => with(kind, retry).with_source(wrote.to_owned()),
            _ => with(kind, retry),
        }
    }

    /// Whether it has failed before, where that matters.
    fn is_away(&self, failed: bool) -> bool {
        let mut before = self.failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *before |= failed;
        self.bug == Bug::StaysAway && *before
    }
}

#[async_trait]
impl ReplyModel for Buggy {
    fn name(&self) -> &'static str {
        match self.bug {
            Bug::OddName => "My Model",
            _ => "fake",
        }
    }

    async fn phrase(&self, request: &PhraseRequest) -> Result<String, PortError> {
        let mut request = request.clone();
        match self.bug {
            Bug::ForgetsTheThread => request.recent.clear(),
            Bug::ForgetsTheBusiness => request.business.clear(),
            _ => {}
        }
        if self.bug == Bug::AsksTwice {
            self.inner.phrase(&request).await?;
        }
        let answer = self.inner.phrase(&request).await;
        if self.is_away(answer.is_err()) {
            return Err(PortError::new("fake", "phrase", ErrorKind::Unavailable, Retry::Backoff));
        }
        let said = request.recent.iter().map(|one| one.text.clone()).collect::<String>();
        match answer {
            Ok(text) if self.bug == Bug::Trims => Ok(text.replace('\n', " ")),
            Err(error) if self.bug == Bug::GarbageIsAnAnswer && error.kind() == ErrorKind::Protocol => {
                Ok(String::new())
            }
            answer => answer.map_err(|error| self.spoil(&error, &said)),
        }
    }

    async fn classify(&self, request: &ClassifyRequest) -> Result<Guess, PortError> {
        let answer = self.inner.classify(request).await;
        match answer {
            Ok(_) if self.bug == Bug::CallsAllBooking => Ok(Guess::Booking),
            Err(error) if self.bug == Bug::ReadsFirstWord && error.kind() == ErrorKind::Protocol => Ok(Guess::Booking),
            answer => answer.map_err(|error| self.spoil(&error, &request.text)),
        }
    }
}

struct Fresh {
    bug: Bug,
    inner: Arc<FakeModel>,
    failed: Arc<Mutex<bool>>,
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
impl ReplyModelHarness for Fresh {
    fn model(&self) -> Arc<dyn ReplyModel> {
        Arc::new(Buggy {
            bug: self.bug,
            inner: Arc::clone(&self.inner),
            failed: Arc::clone(&self.failed),
        })
    }

    async fn says(&self, text: &str) {
        self.inner.says(text);
    }

    async fn arrange(&self, fault: ModelFault) -> bool {
        self.inner.arrange(fault);
        true
    }

    async fn seen(&self) -> Vec<Seen> {
        let mut seen = self.inner.seen();
        if self.bug == Bug::OrdersAreInstructions {
            for one in &mut seen {
                one.instructions.clone_from(&one.data);
            }
        }
        seen
    }

    fn secrets(&self) -> Vec<String> {
        vec![SECRET.to_owned()]
    }
}

mod sound {
    use super::{Bug, Fresh};

    mccc_core::reply_model_contract!(Fresh::new(Bug::None));
}

/// Which case finds which bug.
const FOUND: &[(&str, Bug)] = &[
    ("what_the_model_writes_comes_back_whole", Bug::Trims),
    (
        "the_model_reads_what_to_say_and_what_must_stay",
        Bug::ForgetsTheBusiness,
    ),
    (
        "what_callers_wrote_arrives_whole_and_is_no_instruction",
        Bug::ForgetsTheThread,
    ),
    (
        "what_callers_wrote_arrives_whole_and_is_no_instruction",
        Bug::OrdersAreInstructions,
    ),
    ("each_guess_is_read", Bug::CallsAllBooking),
    ("anything_else_is_no_guess", Bug::ReadsFirstWord),
    ("one_question_is_one_request", Bug::AsksTwice),
    ("a_model_that_is_away_may_be_asked_again", Bug::OutageIsFinal),
    ("a_model_that_is_away_may_be_asked_again", Bug::StaysAway),
    ("a_silent_model_is_given_up", Bug::SilenceIsGarbage),
    ("a_busy_model_names_its_wait", Bug::WaitIsForgotten),
    (
        "what_only_a_person_can_mend_is_not_repeated_and_says_why",
        Bug::RefusalIsAnOutage,
    ),
    (
        "what_only_a_person_can_mend_is_not_repeated_and_says_why",
        Bug::RefusalHasNoReason,
    ),
    ("what_the_model_will_not_do_is_not_repeated", Bug::DeclinedIsAnOutage),
    ("an_answer_that_is_none_is_no_answer", Bug::GarbageIsAnAnswer),
    ("the_name_of_the_model_is_fit_for_labels", Bug::OddName),
    ("failures_name_the_model", Bug::NamesAnother),
    ("failures_give_nothing_away", Bug::QuotesInErrors),
    ("the_adapter_hides_its_credentials", Bug::ShowsSecrets),
];

#[tokio::test]
async fn every_case_finds_its_bug() {
    for case in reply_model::CASES {
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
