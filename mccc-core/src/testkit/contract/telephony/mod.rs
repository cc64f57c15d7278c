//! The contract of [`Telephony`] and [`LineLookup`].
//!
//! ```ignore
//! struct Fresh { … }                 // a provider of its own that plays what it is told, and the adapter pointed at it
//! #[async_trait]
//! impl TelephonyHarness for Fresh { … }
//! mccc_core::telephony_contract!(Fresh::start().await);
//! ```

mod calls;
mod desk;
mod failures;
mod lines;
mod numbers;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::Case;
use crate::compliance::number::LineType;
use crate::port::{LineLookup, NumberSetup, Telephony};
use crate::{PhoneNumber, Timestamp};

/// An adapter, and a provider behind it that plays what it is told and remembers what really happened. The account owns
/// no number at first.
#[async_trait]
pub trait TelephonyHarness: Send + Sync {
    /// The adapter.
    fn telephony(&self) -> Arc<dyn Telephony>;

    /// Who knows kinds of lines, where the provider does.
    fn line_lookup(&self) -> Option<Arc<dyn LineLookup>> {
        None
    }

    /// The provider's clock, by which calls are dated.
    fn now(&self) -> Timestamp;

    /// Moves that clock on.
    fn advance(&self, by: Duration);

    /// An area code in which at least five numbers can be bought.
    fn area_code(&self) -> String;

    /// How numbers are set up.
    fn setup(&self) -> NumberSetup;

    /// Lets every request meet `fault` from now on; [`TelephonyFault::None`] ends that. `false` when this provider has
    /// no such fault: the case is then skipped.
    async fn arrange(&self, fault: TelephonyFault) -> bool;

    /// The numbers that the account really owns.
    async fn owned(&self) -> Vec<PhoneNumber>;

    /// Whom the account really called, in order.
    async fn placed(&self) -> Vec<PhoneNumber>;

    /// Somebody calls `to`, and the call ends. The provider's identifier of it; nothing when it keeps no calls.
    async fn call_arrives(&self, from: &PhoneNumber, to: &PhoneNumber) -> Option<String>;

    /// Somebody points a number of the account elsewhere. `false` when numbers have no settings.
    async fn misdirect(&self, number: &PhoneNumber) -> bool;

    /// Says what kind of line a number is; nothing for what cannot be a number. `false` without look-ups.
    async fn set_line(&self, number: &PhoneNumber, line: Option<LineType>) -> bool;

    /// An identifier of a call in the provider's form that it never gave out.
    fn absent_call(&self) -> String;

    /// An identifier of a number in the provider's form that it never gave out.
    fn absent_number(&self) -> String;

    /// Credentials that the adapter signs in with: they may appear nowhere.
    fn secrets(&self) -> Vec<String> {
        Vec::new()
    }
}

/// What a request meets at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TelephonyFault {
    /// Nothing in its way.
    None,
    /// A purchase is refused: somebody else took the number.
    NumberGone,
    /// The provider cannot be reached: nothing happened.
    Unreachable,
    /// Whatever is asked for happens, and nobody answers.
    NoAnswer,
    /// Whatever is asked for happens, and the answer is a server error.
    ServerError,
    /// The settings of a number are taken and not kept.
    SettingsNotKept,
}

/// A case of the telephony suite.
pub type TelephonyCase = Case<dyn TelephonyHarness>;

/// Every case, for suites that run them otherwise than [`telephony_contract!`](crate::telephony_contract).
pub const CASES: &[TelephonyCase] = crate::__telephony_cases!({ table });

/// Makes each case of the telephony contract a test of its own. The argument gives a fresh
/// [`TelephonyHarness`] each time; it may await.
#[macro_export]
macro_rules! telephony_contract {
    ($harness:expr) => {
        $crate::__telephony_cases!({ tests $harness });
    };
}

/// The one list of cases.
#[doc(hidden)]
#[macro_export]
macro_rules! __telephony_cases {
    ($what:tt) => {
        $crate::__contract_cases! { telephony, TelephonyHarness, $what
            numbers {
                offers_fit_the_question
                an_impossible_area_code_is_refused
                a_bought_number_is_ours_and_set_up
                a_number_that_is_gone_is_refused_for_good
                a_number_is_bought_once
                a_number_that_was_never_bought_is_absent
                a_purchase_in_doubt_is_found
                setting_up_twice_is_setting_up_once
                a_misdirected_number_is_seen_and_mended
                settings_that_are_not_kept_are_no_success
                a_number_that_is_not_ours_cannot_be_set_up
                a_released_number_is_gone
            }
            calls {
                a_placed_call_is_remembered
                a_call_in_doubt_is_not_repeated
                a_call_that_never_was_is_absent
                hanging_up_twice_is_hanging_up_once
                arrived_calls_are_listed_newest_first
                calls_of_ours_have_not_arrived
            }
            lines {
                every_kind_of_line_is_told
                what_cannot_be_a_number_is_an_answer
                a_look_up_that_fails_may_be_repeated
            }
            failures {
                a_provider_that_cannot_be_asked_is_no_absence
                an_unreachable_provider_changed_nothing
                the_name_of_the_provider_is_fit_for_labels
                failures_name_the_provider
                failures_of_the_provider_give_nothing_away
                the_adapter_hides_its_credentials
            }
        }
    };
}
