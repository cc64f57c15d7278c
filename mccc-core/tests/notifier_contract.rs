//! The channel in memory keeps the contract of every one; and each case of it finds a bug.
#![cfg(feature = "testkit")]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a bug concerns only the places that it spoils"
)]

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use mccc_core::notify::Notice;
use mccc_core::port::{ErrorKind, Notifier, NotifierCapabilities, PortError, Retry, Told};
use mccc_core::testkit::contract::Done;
use mccc_core::testkit::contract::notifier::{self, Arrived, NotifierFault, NotifierHarness};
use mccc_core::testkit::fake::FakeNotifier;

const SECRET: &str = "https://hooks.example/s3cret";

/// What is wrong with an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bug {
    None,
    TellsTwice,
    DropsTheTitle,
    DropsTheLink,
    MarkupIsMarkup,
    LineBreaksAreHeaders,
    CallsAlways,
    RefusesLongOnes,
    OneKeyForAll,
    RepeatsAreTwo,
    SilenceIsFinal,
    DoubtIsFailure,
    WaitIsForgotten,
    RefusalIsAnOutage,
    RefusalHasNoReason,
    NonsenseIsRepeated,
    OutageIsFinal,
    OddName,
    NamesAnother,
    QuotesInErrors,
    ShowsSecrets,
}

/// A channel in memory with a bug before it.
struct Buggy {
    bug: Bug,
    inner: Arc<FakeNotifier>,
    count: Arc<AtomicU32>,
}

impl fmt::Debug for Buggy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bug {
            Bug::ShowsSecrets => write!(f, "Buggy {{ url: {SECRET:?} }}"),
            _ => write!(f, "Buggy"),
        }
    }
}

#[async_trait]
impl Notifier for Buggy {
    fn name(&self) -> &'static str {
        match self.bug {
            Bug::OddName => "My Channel",
            _ => "fake",
        }
    }

    fn capabilities(&self) -> NotifierCapabilities {
        self.inner.capabilities()
    }

    async fn notify(&self, notice: &Notice) -> Result<Told, PortError> {
        let mut notice = notice.clone();
        match self.bug {
            Bug::DropsTheTitle => notice.title.clear(),
            Bug::DropsTheLink => {
                notice.link = None;
                notice.actions.clear();
            }
            Bug::MarkupIsMarkup => {
                let quote = notice.quote.unwrap_or_default();
                notice.urgent |= quote.contains("<!channel>");
                notice.quote = Some(quote.replace("<!channel>", ""));
            }
            Bug::CallsAlways => notice.urgent = true,
            Bug::OneKeyForAll => notice.key = "one".to_owned(),
            Bug::RepeatsAreTwo => {
                let n = self.count.fetch_add(1, Ordering::SeqCst);
                notice.key = format!("{}{n}", notice.key);
            }
            Bug::RefusesLongOnes if notice.title.len() > 300 => {
                return Err(PortError::new("fake", "notify", ErrorKind::Rejected, Retry::Never));
            }
            Bug::TellsTwice => {
                let other = Notice {
                    key: format!("{} again", notice.key),
                    ..notice.clone()
                };
                self.inner.notify(&other).await?;
            }
            _ => {}
        }
        let answer = self.inner.notify(&notice).await;
        let error = match answer {
            Ok(told) => return Ok(told),
            Err(error) => error,
        };
        let (kind, retry) = (error.kind(), error.retry());
        let reason = error.reason();
        let with = |kind, retry| {
            let error = PortError::new("fake", "notify", kind, retry);
            match reason {
                Some(reason) => error.with_reason(reason),
                None => error,
            }
        };
        Err(match self.bug {
            Bug::SilenceIsFinal | Bug::OutageIsFinal if kind == ErrorKind::Unavailable => with(kind, Retry::Never),
            Bug::DoubtIsFailure if retry == Retry::Unknown => with(kind, Retry::Backoff),
            Bug::WaitIsForgotten if kind == ErrorKind::RateLimited => with(kind, Retry::Backoff),
            Bug::RefusalIsAnOutage if kind == ErrorKind::ReconnectRequired => {
                with(ErrorKind::Unavailable, Retry::Backoff)
            }
            Bug::RefusalHasNoReason => PortError::new("fake", "notify", kind, retry),
            Bug::NonsenseIsRepeated if kind == ErrorKind::Rejected => with(kind, Retry::Backoff),
            Bug::NamesAnother => PortError::new("other", "notify", kind, retry).with_reason("Connect it again."),
            Bug::QuotesInErrors => with(kind, retry).with_source(notice.quote.unwrap_or_default()),
            _ => error,
        })
    }
}

/// A channel in memory with a bug in it.
struct Fresh {
    bug: Bug,
    inner: Arc<FakeNotifier>,
    count: Arc<AtomicU32>,
}

impl Fresh {
    fn new(bug: Bug, repeats_are_one: bool) -> Self {
        Self {
            bug,
            inner: Arc::new(FakeNotifier::new(repeats_are_one)),
            count: Arc::default(),
        }
    }
}

#[async_trait]
impl NotifierHarness for Fresh {
    fn notifier(&self) -> Arc<dyn Notifier> {
        Arc::new(Buggy {
            bug: self.bug,
            inner: Arc::clone(&self.inner),
            count: Arc::clone(&self.count),
        })
    }

    async fn arrange(&self, fault: NotifierFault) -> bool {
        self.inner.arrange(fault);
        true
    }

    async fn arrived(&self) -> Vec<Arrived> {
        let mut arrived = self.inner.arrived();
        if self.bug == Bug::LineBreaksAreHeaders {
            for one in &mut arrived {
                one.recipients += usize::from(one.reads.contains("\r\nBcc:"));
            }
        }
        arrived
    }

    fn calls_everybody(&self) -> bool {
        true
    }

    fn secrets(&self) -> Vec<String> {
        vec![SECRET.to_owned()]
    }
}

mod one_by_one {
    use super::{Bug, Fresh};

    mccc_core::notifier_contract!(Fresh::new(Bug::None, false));
}

mod repeats_are_one {
    use super::{Bug, Fresh};

    mccc_core::notifier_contract!(Fresh::new(Bug::None, true));
}

/// Which case finds which bug, and in which kind of channel.
const FOUND: &[(&str, Bug, bool)] = &[
    ("a_notice_arrives_once_and_whole", Bug::TellsTwice, false),
    ("a_notice_arrives_once_and_whole", Bug::DropsTheTitle, false),
    ("a_notice_arrives_once_and_whole", Bug::DropsTheLink, false),
    ("what_a_caller_wrote_is_no_markup", Bug::MarkupIsMarkup, false),
    ("a_line_break_adds_no_recipient", Bug::LineBreaksAreHeaders, false),
    ("everybody_is_called_for_an_emergency_alone", Bug::CallsAlways, false),
    ("a_long_notice_arrives", Bug::RefusesLongOnes, false),
    ("two_things_are_two_notices", Bug::OneKeyForAll, true),
    (
        "what_is_told_twice_is_heard_once_where_that_is_promised",
        Bug::RepeatsAreTwo,
        true,
    ),
    (
        "a_channel_that_cannot_be_reached_heard_nothing",
        Bug::SilenceIsFinal,
        false,
    ),
    ("a_notice_in_doubt_is_called_so", Bug::DoubtIsFailure, false),
    ("a_busy_channel_names_its_wait", Bug::WaitIsForgotten, false),
    ("a_refusal_is_final", Bug::RefusalIsAnOutage, false),
    ("a_refusal_is_final", Bug::RefusalHasNoReason, false),
    (
        "a_request_that_is_not_understood_is_not_repeated",
        Bug::NonsenseIsRepeated,
        false,
    ),
    ("a_failure_that_did_nothing_may_be_repeated", Bug::OutageIsFinal, false),
    ("the_name_of_the_channel_is_fit_for_labels", Bug::OddName, false),
    ("failures_name_the_channel", Bug::NamesAnother, false),
    ("failures_give_nothing_away", Bug::QuotesInErrors, false),
    ("the_adapter_hides_its_credentials", Bug::ShowsSecrets, false),
];

#[tokio::test]
async fn every_case_finds_its_bug() {
    for case in notifier::CASES {
        let bugs: Vec<_> = FOUND.iter().filter(|(name, ..)| *name == case.name).collect();
        assert!(!bugs.is_empty(), "{} has no bug to find", case.name);
        for (name, bug, repeats_are_one) in bugs {
            let fresh = Fresh::new(*bug, *repeats_are_one);
            let checked = tokio::time::timeout(Duration::from_secs(60), (case.run)(&fresh))
                .await
                .unwrap();
            assert!(checked.is_err(), "{name} does not find {bug:?}: {checked:?}");
            let sound = Fresh::new(Bug::None, *repeats_are_one);
            assert_eq!((case.run)(&sound).await, Ok(Done::Passed), "{name}");
        }
    }
}
