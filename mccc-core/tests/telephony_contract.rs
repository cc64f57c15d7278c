//! The provider of numbers and calls in memory keeps the contract of every one; and each case of it finds a bug.
#![cfg(feature = "testkit")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a bug concerns only the places that it spoils"
)]

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use mccc_core::compliance::number::LineType;
use mccc_core::port::{
    CallStatus, Clock, ErrorKind, LineLookup, LineReport, NumberOffer, NumberQuery, NumberSetup, OutboundCall,
    OwnedNumber, PortError, RemoteCall, Retry, Telephony,
};
use mccc_core::testkit::contract::telephony::{self, TelephonyFault, TelephonyHarness};
use mccc_core::testkit::contract::{self, Checked, Done};
use mccc_core::testkit::fake::FakeTelephony;
use mccc_core::testkit::{ManualClock, build};
use mccc_core::{CallerId, PhoneNumber, Timestamp};

const SECRET: &str = "s3cret-of-the-fake";

/// What is wrong with an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bug {
    None,
    OffersOneNumber,
    OffersAnyArea,
    OffersOurs,
    FindsNumbersAnywhere,
    BuysUnconfigured,
    RefusalsPassOver,
    RefusalsAreSales,
    RenamesOnSecondSale,
    EveryNumberIsOurs,
    ForgetsOurs,
    DoubtIsFailure,
    DoubtIsSafe,
    TriesAgainByItself,
    RenamesOnSetup,
    NeverSeesMisdirection,
    NeverMends,
    BelievesSettings,
    SetsUpStrangers,
    KeepsReleased,
    SecondReleaseFails,
    ForgetsCalls,
    SwapsCalls,
    CallsAreOverAtOnce,
    NeverHangsUp,
    HangsUpOnceOnly,
    ListsOldestFirst,
    ListsFromTheBeginning,
    ListsOurs,
    EveryLineIsMobile,
    EveryNumberIsValid,
    QuestionsAreFinal,
    SilenceIsAbsence,
    OutagesAreFinal,
    ObeysInSilence,
    LoudName,
    ErrorsNameAnother,
    ErrorsShowTheNumber,
    ShowsItsSecret,
}

/// The provider in memory, with one bug.
struct Buggy {
    fake: FakeTelephony,
    bug: Bug,
    released: Mutex<bool>,
}

impl fmt::Debug for Buggy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.bug == Bug::ShowsItsSecret {
            return write!(f, "Buggy({SECRET})");
        }
        f.debug_struct("Buggy").finish_non_exhaustive()
    }
}

fn failed(operation: &'static str, kind: ErrorKind, retry: Retry) -> PortError {
    PortError::new("fake", operation, kind, retry)
}

impl Buggy {
    fn spoil<T>(&self, number: PhoneNumber, result: Result<T, PortError>) -> Result<T, PortError> {
        let Err(error) = result else { return result };
        let as_if = |retry| failed(error.operation(), error.kind(), retry);
        Err(match (self.bug, error.retry()) {
            (Bug::RefusalsPassOver, Retry::Never) => as_if(Retry::Backoff),
            (Bug::DoubtIsFailure, Retry::Unknown) => as_if(Retry::Never),
            (Bug::DoubtIsSafe, Retry::Unknown) => as_if(Retry::Backoff),
            (Bug::OutagesAreFinal | Bug::QuestionsAreFinal, Retry::Backoff) => as_if(Retry::Never),
            (Bug::ErrorsNameAnother, retry) => PortError::new("other", error.operation(), error.kind(), retry),
            (Bug::ErrorsShowTheNumber, _) => error.with_source(format!("about {number}")),
            _ => error,
        })
    }
}

#[async_trait]
impl Telephony for Buggy {
    fn name(&self) -> &'static str {
        if self.bug == Bug::LoudName {
            "Fake Telephony"
        } else {
            self.fake.name()
        }
    }

    async fn search_numbers(&self, query: &NumberQuery) -> Result<Vec<NumberOffer>, PortError> {
        let mut asked = query.clone();
        let impossible = query.area_code.as_deref().is_some_and(|code| code.len() != 3);
        match self.bug {
            Bug::OffersOneNumber => asked.limit = 1,
            Bug::OffersAnyArea => asked.area_code = Some("212".to_owned()),
            Bug::FindsNumbersAnywhere if impossible => asked.area_code = None,
            _ => {}
        }
        let found = self.fake.search_numbers(&asked).await;
        if self.bug == Bug::SilenceIsAbsence && found.is_err() && !impossible {
            return Ok(Vec::new());
        }
        let mut offers = self.spoil(build::phone(1), found)?;
        if let (Bug::OffersOurs, Some(number), Some(offer)) =
            (self.bug, self.fake.owned().first().copied(), offers.first_mut())
        {
            offer.number = number;
        }
        Ok(offers)
    }

    async fn buy_number(&self, number: &PhoneNumber, setup: &NumberSetup) -> Result<OwnedNumber, PortError> {
        let bought = self.fake.buy_number(number, setup).await;
        match (self.bug, bought) {
            (Bug::BuysUnconfigured, Ok(owned)) => {
                self.fake.misdirect(number);
                Ok(OwnedNumber {
                    configured: false,
                    ..owned
                })
            }
            (Bug::RefusalsAreSales, Err(error)) if error.retry() == Retry::Never => Ok(OwnedNumber {
                number: *number,
                provider_number: "PN0".to_owned(),
                configured: true,
                sms: true,
            }),
            (Bug::RenamesOnSecondSale, Err(error)) if error.retry() == Retry::Never => {
                let owned = self.fake.owned_number(number).await?.into_iter().next();
                if let Some(owned) = owned {
                    self.fake.release_number(&owned).await?;
                    self.fake.buy_number(number, setup).await?;
                }
                Err(error)
            }
            (Bug::TriesAgainByItself, Err(_)) => {
                self.fake.arrange(TelephonyFault::None);
                self.fake.buy_number(number, setup).await
            }
            (_, bought) => self.spoil(*number, bought),
        }
    }

    async fn owned_number(&self, number: &PhoneNumber) -> Result<Option<OwnedNumber>, PortError> {
        let owned = self.fake.owned_number(number).await;
        match (self.bug, owned) {
            (Bug::EveryNumberIsOurs, Ok(None)) => Ok(Some(OwnedNumber {
                number: *number,
                provider_number: "PN0".to_owned(),
                configured: true,
                sms: true,
            })),
            (Bug::ForgetsOurs, Ok(_)) => Ok(None),
            (Bug::NeverSeesMisdirection, Ok(Some(owned))) => Ok(Some(OwnedNumber {
                configured: true,
                ..owned
            })),
            (Bug::SilenceIsAbsence, Err(_)) => Ok(None),
            (_, owned) => self.spoil(*number, owned),
        }
    }

    async fn configure_number(&self, owned: &OwnedNumber, setup: &NumberSetup) -> Result<OwnedNumber, PortError> {
        match self.bug {
            Bug::NeverMends => return Ok(owned.clone()),
            Bug::RenamesOnSetup => {
                self.fake.release_number(owned).await?;
                return self.fake.buy_number(&owned.number, setup).await;
            }
            _ => {}
        }
        match (self.bug, self.fake.configure_number(owned, setup).await) {
            (Bug::BelievesSettings, Err(error)) if error.kind() == ErrorKind::Protocol => Ok(owned.clone()),
            (Bug::SetsUpStrangers, Err(error)) if error.kind() == ErrorKind::NotFound => Ok(owned.clone()),
            (_, configured) => self.spoil(owned.number, configured),
        }
    }

    async fn release_number(&self, owned: &OwnedNumber) -> Result<(), PortError> {
        match self.bug {
            Bug::KeepsReleased => return Ok(()),
            Bug::SecondReleaseFails => {
                let mut released = self.released.lock().unwrap();
                if *released {
                    return Err(failed("release_number", ErrorKind::NotFound, Retry::Never));
                }
                *released = true;
            }
            _ => {}
        }
        match (self.bug, self.fake.release_number(owned).await) {
            (Bug::ObeysInSilence, Err(_)) => Ok(()),
            (_, released) => self.spoil(owned.number, released),
        }
    }

    async fn place_call(&self, call: &OutboundCall) -> Result<RemoteCall, PortError> {
        let placed = self.fake.place_call(call).await;
        match (self.bug, placed) {
            (Bug::CallsAreOverAtOnce, Ok(placed)) => Ok(RemoteCall {
                status: CallStatus::Completed,
                ..placed
            }),
            (Bug::TriesAgainByItself, Err(error)) if error.retry() == Retry::Unknown => {
                // The verdict is right, and the phone has rung twice.
                self.fake.place_call(call).await
            }
            (_, placed) => self.spoil(call.to, placed),
        }
    }

    async fn hang_up(&self, provider_call: &str) -> Result<(), PortError> {
        match self.bug {
            Bug::NeverHangsUp => return Ok(()),
            Bug::HangsUpOnceOnly => {
                let known = self.fake.fetch_call(provider_call).await?;
                if known.is_some_and(|call| call.status.is_final()) {
                    return Err(failed("hang_up", ErrorKind::Rejected, Retry::Never));
                }
            }
            _ => {}
        }
        self.spoil(build::phone(1), self.fake.hang_up(provider_call).await)
    }

    async fn fetch_call(&self, provider_call: &str) -> Result<Option<RemoteCall>, PortError> {
        let answer = self.fake.fetch_call(provider_call).await;
        match (self.bug, answer) {
            (Bug::ForgetsCalls, Ok(_)) => Ok(None),
            (Bug::SwapsCalls, Ok(_)) => {
                let call = OutboundCall {
                    to: build::phone(902),
                    from: build::phone(901),
                    ring_seconds: 1,
                    say: String::new(),
                    key: String::new(),
                };
                Ok(Some(self.fake.place_call(&call).await?))
            }
            (Bug::SilenceIsAbsence, Err(_)) => Ok(None),
            (_, answer) => self.spoil(build::phone(1), answer),
        }
    }

    async fn list_calls(&self, to: &PhoneNumber, since: Timestamp) -> Result<Vec<RemoteCall>, PortError> {
        let since = if self.bug == Bug::ListsFromTheBeginning {
            Timestamp::from_seconds(0)
        } else {
            since
        };
        let mut calls = match (self.bug, self.fake.list_calls(to, since).await) {
            (Bug::SilenceIsAbsence, Err(_)) => Vec::new(),
            (_, calls) => self.spoil(*to, calls)?,
        };
        match self.bug {
            Bug::ListsOldestFirst => calls.reverse(),
            Bug::ListsOurs if self.fake.placed().contains(to) => calls.push(RemoteCall {
                provider_call: "CA0".to_owned(),
                from: CallerId::Anonymous,
                to: Some(*to),
                status: CallStatus::Completed,
                started_at: Some(since),
                duration_seconds: None,
            }),
            _ => {}
        }
        Ok(calls)
    }
}

#[async_trait]
impl LineLookup for Buggy {
    async fn look_up(&self, number: &PhoneNumber) -> Result<LineReport, PortError> {
        let mut report = self.spoil(*number, self.fake.look_up(number).await)?;
        match self.bug {
            Bug::EveryLineIsMobile => report.line_type = LineType::Mobile,
            Bug::EveryNumberIsValid => report.valid = true,
            _ => {}
        }
        Ok(report)
    }
}

struct Fake {
    clock: Arc<ManualClock>,
    provider: Arc<Buggy>,
}

impl Fake {
    fn new() -> Self {
        Self::with(Bug::None)
    }

    fn with(bug: Bug) -> Self {
        let clock = ManualClock::shared();
        let provider = Buggy {
            fake: FakeTelephony::new(Arc::clone(&clock) as Arc<dyn Clock>),
            bug,
            released: Mutex::new(false),
        };
        Self {
            clock,
            provider: Arc::new(provider),
        }
    }
}

#[async_trait]
impl TelephonyHarness for Fake {
    fn telephony(&self) -> Arc<dyn Telephony> {
        Arc::clone(&self.provider) as Arc<dyn Telephony>
    }

    fn line_lookup(&self) -> Option<Arc<dyn LineLookup>> {
        Some(Arc::clone(&self.provider) as Arc<dyn LineLookup>)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    fn area_code(&self) -> String {
        "737".to_owned()
    }

    fn setup(&self) -> NumberSetup {
        NumberSetup {
            public_base_url: "https://mccc.example".to_owned(),
            friendly_name: "Acme".to_owned(),
        }
    }

    async fn arrange(&self, fault: TelephonyFault) -> bool {
        self.provider.fake.arrange(fault);
        true
    }

    async fn owned(&self) -> Vec<PhoneNumber> {
        self.provider.fake.owned()
    }

    async fn placed(&self) -> Vec<PhoneNumber> {
        self.provider.fake.placed()
    }

    async fn call_arrives(&self, from: &PhoneNumber, to: &PhoneNumber) -> Option<String> {
        Some(self.provider.fake.call_arrives(CallerId::Present(*from), *to))
    }

    async fn misdirect(&self, number: &PhoneNumber) -> bool {
        self.provider.fake.misdirect(number)
    }

    async fn set_line(&self, number: &PhoneNumber, line: Option<LineType>) -> bool {
        self.provider.fake.set_line(*number, line);
        true
    }

    fn absent_call(&self) -> String {
        "CAnone".to_owned()
    }

    fn absent_number(&self) -> String {
        "PNnone".to_owned()
    }

    fn secrets(&self) -> Vec<String> {
        vec![SECRET.to_owned()]
    }
}

mccc_core::telephony_contract!(Fake::new());

/// Each case with the bugs that it must find.
const CONTROLS: &[(&str, &[Bug])] = &[
    ("offers_fit_the_question", &[Bug::OffersOneNumber, Bug::OffersAnyArea]),
    (
        "an_impossible_area_code_is_refused",
        &[Bug::FindsNumbersAnywhere, Bug::RefusalsPassOver],
    ),
    (
        "a_bought_number_is_ours_and_set_up",
        &[Bug::BuysUnconfigured, Bug::OffersOurs, Bug::ForgetsOurs],
    ),
    (
        "a_number_that_is_gone_is_refused_for_good",
        &[Bug::RefusalsPassOver, Bug::RefusalsAreSales, Bug::TriesAgainByItself],
    ),
    (
        "a_number_is_bought_once",
        &[Bug::RefusalsPassOver, Bug::RefusalsAreSales, Bug::RenamesOnSecondSale],
    ),
    ("a_number_that_was_never_bought_is_absent", &[Bug::EveryNumberIsOurs]),
    (
        "a_purchase_in_doubt_is_found",
        &[Bug::DoubtIsFailure, Bug::DoubtIsSafe, Bug::ForgetsOurs],
    ),
    ("setting_up_twice_is_setting_up_once", &[Bug::RenamesOnSetup]),
    (
        "a_misdirected_number_is_seen_and_mended",
        &[Bug::NeverSeesMisdirection, Bug::NeverMends],
    ),
    (
        "settings_that_are_not_kept_are_no_success",
        &[Bug::BelievesSettings, Bug::NeverMends],
    ),
    (
        "a_number_that_is_not_ours_cannot_be_set_up",
        &[Bug::SetsUpStrangers, Bug::RefusalsPassOver],
    ),
    (
        "a_released_number_is_gone",
        &[Bug::KeepsReleased, Bug::SecondReleaseFails],
    ),
    (
        "a_placed_call_is_remembered",
        &[Bug::ForgetsCalls, Bug::SwapsCalls, Bug::CallsAreOverAtOnce],
    ),
    (
        "a_call_in_doubt_is_not_repeated",
        &[Bug::DoubtIsFailure, Bug::DoubtIsSafe, Bug::TriesAgainByItself],
    ),
    ("a_call_that_never_was_is_absent", &[Bug::SwapsCalls]),
    (
        "hanging_up_twice_is_hanging_up_once",
        &[Bug::NeverHangsUp, Bug::HangsUpOnceOnly],
    ),
    (
        "arrived_calls_are_listed_newest_first",
        &[Bug::ListsOldestFirst, Bug::ListsFromTheBeginning],
    ),
    ("calls_of_ours_have_not_arrived", &[Bug::ListsOurs]),
    ("every_kind_of_line_is_told", &[Bug::EveryLineIsMobile]),
    ("what_cannot_be_a_number_is_an_answer", &[Bug::EveryNumberIsValid]),
    ("a_look_up_that_fails_may_be_repeated", &[Bug::QuestionsAreFinal]),
    (
        "a_provider_that_cannot_be_asked_is_no_absence",
        &[Bug::SilenceIsAbsence, Bug::QuestionsAreFinal],
    ),
    (
        "an_unreachable_provider_changed_nothing",
        &[Bug::OutagesAreFinal, Bug::ObeysInSilence, Bug::TriesAgainByItself],
    ),
    ("the_name_of_the_provider_is_fit_for_labels", &[Bug::LoudName]),
    ("failures_name_the_provider", &[Bug::ErrorsNameAnother]),
    (
        "failures_of_the_provider_give_nothing_away",
        &[Bug::ErrorsShowTheNumber],
    ),
    ("the_adapter_hides_its_credentials", &[Bug::ShowsItsSecret]),
];

async fn judged(case: &str, bug: Bug) -> Checked {
    contract::case(telephony::CASES, case, &Fake::with(bug)).await
}

#[tokio::test]
async fn every_case_applies_to_the_provider_in_memory() {
    for case in telephony::CASES {
        assert_eq!(judged(case.name, Bug::None).await, Ok(Done::Passed), "{}", case.name);
    }
}

#[tokio::test]
async fn every_case_finds_the_bugs_it_is_there_for() {
    let controlled: Vec<&str> = CONTROLS.iter().map(|(case, _)| *case).collect();
    let cases: Vec<&str> = telephony::CASES.iter().map(|case| case.name).collect();
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
