//! The gateway in memory keeps the contract of every gateway; and each case of that contract finds a bug.
#![cfg(feature = "testkit")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a bug concerns only the places that it spoils"
)]

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mccc_core::compliance::SendPermit;
use mccc_core::port::{
    Accepted, Clock, DeliveryStatus, ErrorKind, InboundSource, MessageQuery, PortError, RawWebhook, RemoteMessage,
    Retry, SmsGateway, TextProgress, WebhookRejection,
};
use mccc_core::testkit::contract::gateway::{self, GatewayHarness, News, Report, SendFault, WentOut};
use mccc_core::testkit::contract::{self, Checked, Done, Failure};
use mccc_core::testkit::fake::FakeGateway;
use mccc_core::testkit::{ManualClock, build};
use mccc_core::{MessageId, PhoneNumber, Timestamp};

const SECRET: &str = "s3cret-of-the-fake";

/// What is wrong with a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bug {
    None,
    SendsTwice,
    DropsWhatIsNotAscii,
    ForgetsOurIdentifier,
    OneIdentifierForAll,
    IgnoresTheEndOfPermits,
    TriesAgainByItself,
    RefusalsPassOver,
    ForgetsTheClass,
    ForgetsTheWait,
    LimitsAreFinal,
    OutagesAreFinal,
    DoubtIsFailure,
    DoubtIsSafe,
    ListsNothing,
    AbsenceIsAFailure,
    ListsEveryRecipient,
    ListsEverySender,
    ListsFromTheBeginning,
    ListsOldestFirst,
    IgnoresTheLimit,
    EverythingIsOurs,
    EverythingIsInbound,
    ForgetsTheStatus,
    SilenceIsAbsence,
    NewsNameNobody,
    NewsOfLandlinesPassOver,
    NewWordsAreFailures,
    BelievesEverybody,
    LoudName,
    ErrorsNameAnother,
    ErrorsShowTheNumber,
    ErrorsShowTheText,
    ShowsItsSecret,
}

/// The gateway in memory, with one bug.
struct Buggy {
    fake: FakeGateway,
    clock: Arc<ManualClock>,
    bug: Bug,
}

impl fmt::Debug for Buggy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.bug == Bug::ShowsItsSecret {
            return write!(f, "Buggy({SECRET})");
        }
        f.debug_struct("Buggy").finish_non_exhaustive()
    }
}

fn with_verdict(error: &PortError, retry: Retry) -> PortError {
    let again = PortError::new(error.adapter(), error.operation(), error.kind(), retry);
    let again = error.class().into_iter().fold(again, PortError::with_class);
    error.reason().into_iter().fold(again, PortError::with_reason)
}

impl Buggy {
    fn again(&self, permit: &SendPermit, message: MessageId, body: &str) -> SendPermit {
        build::permit(message, permit.from(), permit.to(), body, self.clock.now())
    }

    fn spoil(&self, error: PortError, to: PhoneNumber, body: &str) -> PortError {
        let retry = error.retry();
        match self.bug {
            Bug::RefusalsPassOver if retry == Retry::Never => with_verdict(&error, Retry::Backoff),
            Bug::ForgetsTheClass => PortError::new(error.adapter(), error.operation(), error.kind(), retry),
            Bug::ForgetsTheWait if matches!(retry, Retry::After(_)) => with_verdict(&error, Retry::Backoff),
            Bug::LimitsAreFinal if error.kind() == ErrorKind::RateLimited => with_verdict(&error, Retry::Never),
            Bug::OutagesAreFinal if error.kind() == ErrorKind::Unavailable && retry == Retry::Backoff => {
                with_verdict(&error, Retry::Never)
            }
            Bug::DoubtIsFailure if retry == Retry::Unknown => with_verdict(&error, Retry::Never),
            Bug::DoubtIsSafe if retry == Retry::Unknown => with_verdict(&error, Retry::Backoff),
            Bug::ErrorsNameAnother => PortError::new("other", error.operation(), error.kind(), retry),
            Bug::ErrorsShowTheNumber => error.with_source(format!("cannot reach {to}")),
            Bug::ErrorsShowTheText => error.with_source(body.to_owned()),
            _ => error,
        }
    }

    fn remote(&self, mut message: RemoteMessage) -> RemoteMessage {
        match self.bug {
            Bug::EverythingIsOurs => message.inbound = false,
            Bug::EverythingIsInbound => message.inbound = true,
            Bug::ForgetsTheStatus => message.status = DeliveryStatus::Sent,
            _ => {}
        }
        message
    }
}

#[async_trait]
impl SmsGateway for Buggy {
    fn name(&self) -> &'static str {
        if self.bug == Bug::LoudName {
            "Fake Gateway"
        } else {
            self.fake.name()
        }
    }

    fn confirms_opt_outs(&self) -> bool {
        self.fake.confirms_opt_outs()
    }

    async fn send(&self, permit: SendPermit) -> Result<Accepted, PortError> {
        let (to, body, message) = (permit.to(), permit.body().to_owned(), permit.message());
        let copy = self.again(&permit, message, &body);
        let permit = match self.bug {
            Bug::DropsWhatIsNotAscii => {
                let ascii: String = body.chars().filter(char::is_ascii).collect();
                self.again(&permit, message, &ascii)
            }
            Bug::ForgetsOurIdentifier => self.again(&permit, MessageId::derive(build::START, "another"), &body),
            Bug::IgnoresTheEndOfPermits => self.again(&permit, message, &body),
            _ => permit,
        };
        let sent = self.fake.send(permit).await;
        match (self.bug, sent) {
            (Bug::SendsTwice, Ok(_)) => self.fake.send(copy).await,
            (Bug::TriesAgainByItself, Err(_)) => {
                self.fake.arrange(to, SendFault::None);
                self.fake.send(copy).await
            }
            (Bug::OneIdentifierForAll, Ok(accepted)) => Ok(Accepted {
                provider_message: "SM1".to_owned(),
                ..accepted
            }),
            (_, sent) => sent.map_err(|error| self.spoil(error, to, &body)),
        }
    }

    async fn fetch(&self, provider_message: &str) -> Result<Option<RemoteMessage>, PortError> {
        match (self.bug, self.fake.fetch(provider_message).await) {
            (Bug::AbsenceIsAFailure, Ok(None)) => {
                Err(PortError::new("fake", "fetch", ErrorKind::NotFound, Retry::Never))
            }
            (Bug::SilenceIsAbsence, Err(_)) => Ok(None),
            (_, answer) => Ok(answer?.map(|message| self.remote(message))),
        }
    }

    async fn list(&self, query: &MessageQuery) -> Result<Vec<RemoteMessage>, PortError> {
        let mut query = query.clone();
        match self.bug {
            Bug::ListsNothing => return Ok(Vec::new()),
            Bug::ListsEveryRecipient => query.to = None,
            Bug::ListsEverySender => query.from = None,
            Bug::ListsFromTheBeginning => query.since = Timestamp::from_seconds(0),
            Bug::IgnoresTheLimit => query.limit = u16::MAX,
            _ => {}
        }
        let mut messages = match (self.bug, self.fake.list(&query).await) {
            (Bug::SilenceIsAbsence, Err(_)) => Vec::new(),
            (_, answer) => answer?,
        };
        if self.bug == Bug::ListsOldestFirst {
            messages.reverse();
        }
        Ok(messages.into_iter().map(|message| self.remote(message)).collect())
    }
}

/// News are genuine when they carry the word.
#[derive(Debug)]
struct Password {
    believes_everybody: bool,
}

impl InboundSource for Password {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn check(&self, request: &RawWebhook<'_>) -> Result<(), WebhookRejection> {
        match request.signature {
            _ if self.believes_everybody => Ok(()),
            None => Err(WebhookRejection::Unsigned),
            Some(SECRET) => Ok(()),
            Some(_) => Err(WebhookRejection::Forged),
        }
    }
}

struct Fake {
    clock: Arc<ManualClock>,
    gateway: Arc<Buggy>,
}

impl Fake {
    fn new() -> Self {
        Self::with(Bug::None)
    }

    fn with(bug: Bug) -> Self {
        let clock = ManualClock::shared();
        let gateway = Buggy {
            fake: FakeGateway::new(Arc::clone(&clock) as Arc<dyn Clock>),
            clock: Arc::clone(&clock),
            bug,
        };
        Self {
            clock,
            gateway: Arc::new(gateway),
        }
    }
}

#[async_trait]
impl GatewayHarness for Fake {
    fn gateway(&self) -> Arc<dyn SmsGateway> {
        Arc::clone(&self.gateway) as Arc<dyn SmsGateway>
    }

    fn ours(&self) -> PhoneNumber {
        build::phone(900)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    async fn arrange(&self, to: &PhoneNumber, fault: SendFault) -> bool {
        self.gateway.fake.arrange(*to, fault);
        true
    }

    async fn fail_lookups(&self) -> bool {
        self.gateway.fake.fail_lookups(true);
        true
    }

    async fn went_out(&self) -> Vec<WentOut> {
        self.gateway.fake.went_out()
    }

    async fn caller_writes(&self, from: &PhoneNumber, body: &str) -> bool {
        self.gateway.fake.caller_writes(*from, self.ours(), body);
        true
    }

    async fn report(&self, provider_message: &str, report: Report) -> bool {
        self.gateway.fake.report(provider_message, report)
    }

    async fn news(&self, news: &News) -> Option<Result<TextProgress, Failure>> {
        let mut read = self.gateway.fake.news(news);
        match self.gateway.bug {
            Bug::NewsNameNobody => read.message = None,
            Bug::NewsOfLandlinesPassOver => read.failure = None,
            Bug::NewWordsAreFailures if news.report == Report::NewWord => read.status = DeliveryStatus::Failed,
            _ => {}
        }
        Some(Ok(read))
    }

    fn source(&self) -> Option<Arc<dyn InboundSource>> {
        let believes_everybody = self.gateway.bug == Bug::BelievesEverybody;
        Some(Arc::new(Password { believes_everybody }))
    }

    fn absent_message(&self) -> String {
        "SMnone".to_owned()
    }

    fn secrets(&self) -> Vec<String> {
        vec![SECRET.to_owned()]
    }
}

mccc_core::gateway_contract!(Fake::new());

/// Each case with the bugs that it must find.
const CONTROLS: &[(&str, &[Bug])] = &[
    (
        "a_text_goes_out_once_and_as_permitted",
        &[Bug::SendsTwice, Bug::OneIdentifierForAll],
    ),
    ("every_character_arrives", &[Bug::DropsWhatIsNotAscii, Bug::SendsTwice]),
    ("the_request_carries_our_own_identifier", &[Bug::ForgetsOurIdentifier]),
    ("texts_at_once_do_not_mix", &[Bug::OneIdentifierForAll, Bug::SendsTwice]),
    (
        "an_expired_permit_is_refused_and_nothing_is_written",
        &[Bug::IgnoresTheEndOfPermits],
    ),
    (
        "a_permit_that_expires_on_the_way_is_refused_and_nothing_is_written",
        &[Bug::TriesAgainByItself, Bug::OutagesAreFinal],
    ),
    (
        "an_opted_out_recipient_is_refused_for_good",
        &[Bug::RefusalsPassOver, Bug::ForgetsTheClass, Bug::TriesAgainByItself],
    ),
    (
        "an_invalid_number_is_refused_for_good",
        &[Bug::RefusalsPassOver, Bug::ForgetsTheClass],
    ),
    (
        "a_landline_is_refused_for_good",
        &[Bug::RefusalsPassOver, Bug::ForgetsTheClass],
    ),
    ("a_refused_sign_in_is_not_repeated", &[Bug::RefusalsPassOver]),
    (
        "a_limit_with_a_wait_is_waited_for",
        &[Bug::ForgetsTheWait, Bug::LimitsAreFinal, Bug::TriesAgainByItself],
    ),
    (
        "a_limit_without_a_wait_is_tried_again",
        &[Bug::LimitsAreFinal, Bug::TriesAgainByItself],
    ),
    (
        "an_unreachable_provider_did_nothing",
        &[Bug::OutagesAreFinal, Bug::TriesAgainByItself],
    ),
    (
        "a_server_error_leaves_doubt",
        &[Bug::DoubtIsFailure, Bug::DoubtIsSafe, Bug::TriesAgainByItself],
    ),
    (
        "a_cut_connection_leaves_doubt",
        &[Bug::DoubtIsFailure, Bug::DoubtIsSafe, Bug::TriesAgainByItself],
    ),
    (
        "an_unreadable_answer_leaves_doubt",
        &[Bug::DoubtIsFailure, Bug::DoubtIsSafe, Bug::TriesAgainByItself],
    ),
    (
        "a_missing_answer_leaves_doubt",
        &[Bug::DoubtIsFailure, Bug::DoubtIsSafe, Bug::TriesAgainByItself],
    ),
    (
        "a_text_in_doubt_is_found_among_those_sent",
        &[Bug::ListsNothing, Bug::EverythingIsInbound, Bug::TriesAgainByItself],
    ),
    ("a_text_is_found_by_its_identifier", &[Bug::EverythingIsInbound]),
    ("an_unknown_identifier_is_absence", &[Bug::AbsenceIsAFailure]),
    (
        "a_list_is_narrowed_by_both_numbers",
        &[Bug::ListsEveryRecipient, Bug::ListsEverySender, Bug::ListsNothing],
    ),
    (
        "a_list_begins_where_it_is_told",
        &[Bug::ListsFromTheBeginning, Bug::ListsOldestFirst],
    ),
    (
        "a_list_is_newest_first_and_no_longer_than_asked",
        &[Bug::ListsOldestFirst, Bug::IgnoresTheLimit],
    ),
    (
        "what_callers_wrote_is_told_apart",
        &[Bug::EverythingIsOurs, Bug::EverythingIsInbound],
    ),
    ("the_fate_of_a_text_is_seen", &[Bug::ForgetsTheStatus]),
    (
        "a_provider_that_cannot_be_asked_is_no_absence",
        &[Bug::SilenceIsAbsence],
    ),
    (
        "news_name_our_text_and_say_what_became_of_it",
        &[Bug::NewsNameNobody, Bug::NewsOfLandlinesPassOver],
    ),
    ("a_new_word_is_neither_success_nor_failure", &[Bug::NewWordsAreFailures]),
    ("news_without_proof_of_origin_are_refused", &[Bug::BelievesEverybody]),
    ("the_name_is_fit_for_labels", &[Bug::LoudName]),
    ("failures_name_the_gateway", &[Bug::ErrorsNameAnother]),
    (
        "failures_give_nothing_away",
        &[Bug::ErrorsShowTheNumber, Bug::ErrorsShowTheText],
    ),
    ("the_gateway_hides_its_credentials", &[Bug::ShowsItsSecret]),
];

async fn judged(case: &str, bug: Bug) -> Checked {
    contract::case(gateway::CASES, case, &Fake::with(bug)).await
}

#[tokio::test]
async fn every_case_applies_to_the_gateway_in_memory() {
    for case in gateway::CASES {
        assert_eq!(judged(case.name, Bug::None).await, Ok(Done::Passed), "{}", case.name);
    }
}

#[tokio::test]
async fn every_case_finds_the_bugs_it_is_there_for() {
    let controlled: Vec<&str> = CONTROLS.iter().map(|(case, _)| *case).collect();
    let cases: Vec<&str> = gateway::CASES.iter().map(|case| case.name).collect();
    assert_eq!(controlled, cases, "a case without a bug to find may find none");
    let mut missed = Vec::new();
    for (case, bugs) in CONTROLS {
        for bug in *bugs {
            if judged(case, *bug).await.is_ok() {
                missed.push((case, bug));
            }
        }
    }
    assert!(missed.is_empty(), "not found: {missed:?}");
}
