//! The contract of [`Notifier`].
//!
//! ```ignore
//! struct Fresh { … }                 // a channel of its own that plays what it is told, and the adapter pointed at it
//! #[async_trait]
//! impl NotifierHarness for Fresh { … }
//! mccc_core::notifier_contract!(Fresh::start().await);
//! ```

mod failures;
mod telling;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::Case;
use crate::notify::{Action, Fact, Notice, NoticeKind};
use crate::port::Notifier;
use crate::testkit::build;
use crate::{BusinessId, Timestamp};

/// An adapter, and a channel behind it that plays what it is told and remembers what really arrived.
#[async_trait]
pub trait NotifierHarness: Send + Sync {
    /// The adapter.
    fn notifier(&self) -> Arc<dyn Notifier>;

    /// Lets every request meet `fault` from now on; [`NotifierFault::None`] ends that. `false` when this channel has no
    /// such fault: the case is then skipped.
    async fn arrange(&self, fault: NotifierFault) -> bool;

    /// What really arrived, in order.
    async fn arrived(&self) -> Vec<Arrived>;

    /// Whether the channel has a way to call everybody.
    fn calls_everybody(&self) -> bool;

    /// Credentials and addresses that are secrets: they may appear nowhere.
    fn secrets(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A notice as a person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// Everything that can be read, with no markup left in it.
    pub reads: String,
    /// Where its links and buttons lead.
    pub links: Vec<String>,
    /// Whether everybody was called.
    pub calls_everybody: bool,
    /// How many people or places it was addressed to.
    pub recipients: usize,
}

/// What a request meets at the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotifierFault {
    /// Nothing in its way.
    None,
    /// The channel cannot be reached: nothing happened.
    Unreachable,
    /// The notice arrives, and nobody answers.
    NoAnswer,
    /// The channel takes no more for so long.
    Busy(Duration),
    /// The channel does not know us, or the place is gone.
    Refused,
    /// What we send is not to the channel's liking.
    NotUnderstood,
    /// It fails and has done nothing.
    Broken,
}

/// A case of the suite.
pub type NotifierCase = Case<dyn NotifierHarness>;

/// Every case, for suites that run them otherwise than [`notifier_contract!`](crate::notifier_contract).
pub const CASES: &[NotifierCase] = crate::__notifier_cases!({ table });

/// Makes each case of the contract a test of its own. The argument gives a fresh [`NotifierHarness`] each time; it may
/// await.
#[macro_export]
macro_rules! notifier_contract {
    ($harness:expr) => {
        $crate::__notifier_cases!({ tests $harness });
    };
}

/// The one list of cases.
#[doc(hidden)]
#[macro_export]
macro_rules! __notifier_cases {
    ($what:tt) => {
        $crate::__contract_cases! { notifier, NotifierHarness, $what
            telling {
                a_notice_arrives_once_and_whole
                what_a_caller_wrote_is_no_markup
                a_line_break_adds_no_recipient
                everybody_is_called_for_an_emergency_alone
                a_long_notice_arrives
                two_things_are_two_notices
                what_is_told_twice_is_heard_once_where_that_is_promised
            }
            failures {
                a_channel_that_cannot_be_reached_heard_nothing
                a_notice_in_doubt_is_called_so
                a_busy_channel_names_its_wait
                a_refusal_is_final
                a_request_that_is_not_understood_is_not_repeated
                a_failure_that_did_nothing_may_be_repeated
                the_name_of_the_channel_is_fit_for_labels
                failures_name_the_channel
                failures_give_nothing_away
                the_adapter_hides_its_credentials
            }
        }
    };
}

/// What the caller wrote in the notices of the suite.
const SAID: &str = "The heater drips";
/// Where the notices lead.
const LINK: &str = "https://mccc.example/b/acme/calls?call=call_1&tab=why";

/// A notice about nothing urgent.
fn about(name: &str) -> Notice {
    Notice {
        key: format!("acme/task/{name}"),
        business: BusinessId::derive(Timestamp::from_seconds(1_800_000_000), "acme"),
        kind: NoticeKind::ReplyNeeded,
        urgent: false,
        title: format!("Waiting for Your Answer — {name}"),
        facts: vec![Fact {
            label: "Caller",
            value: build::phone(9).national(),
        }],
        quote: Some(SAID.to_owned()),
        text: format!("Somebody wrote '{SAID}'. Open: {LINK}"),
        link: Some(LINK.to_owned()),
        actions: vec![Action {
            label: "Send Text",
            url: LINK.to_owned(),
        }],
    }
}
