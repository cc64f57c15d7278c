//! The contract of [`SmsGateway`].
//!
//! ```ignore
//! struct Fresh { … }                 // a provider of its own that plays what it is told, and the gateway pointed at it
//! #[async_trait]
//! impl GatewayHarness for Fresh { … }
//! mccc_core::gateway_contract!(Fresh::start().await);
//! ```

mod desk;
mod discretion;
mod doubt;
mod lookups;
mod news;
mod refusals;
mod sending;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::{Case, Failure};
use crate::port::{InboundSource, SmsGateway, TextProgress};
use crate::{MessageId, PhoneNumber, Timestamp};

/// A gateway, and a provider behind it that plays what it is told and remembers what really happened.
#[async_trait]
pub trait GatewayHarness: Send + Sync {
    /// The gateway.
    fn gateway(&self) -> Arc<dyn SmsGateway>;

    /// The number of ours that texts come from.
    fn ours(&self) -> PhoneNumber;

    /// The gateway's clock, by which permits run out and messages are dated.
    fn now(&self) -> Timestamp;

    /// Moves that clock on.
    fn advance(&self, by: Duration);

    /// Lets the next text to `to` meet `fault`; [`SendFault::None`] ends that. `false` when this provider has no such
    /// fault: the case is then skipped.
    async fn arrange(&self, to: &PhoneNumber, fault: SendFault) -> bool;

    /// Lets look-ups fail from now on: the provider is there and answers nothing of use. `false` when it cannot be.
    async fn fail_lookups(&self) -> bool;

    /// Every text that the provider took, in order, whatever it answered: what really happened.
    async fn went_out(&self) -> Vec<WentOut>;

    /// A caller writes to our number; the provider remembers it as it would. `false` when it keeps nothing of that.
    async fn caller_writes(&self, from: &PhoneNumber, body: &str) -> bool;

    /// The carrier reports on a text that was taken, so that look-ups see it. `false` when this cannot be played.
    async fn report(&self, provider_message: &str, report: Report) -> bool;

    /// The provider's own news about a text, written as it would send it and read by the adapter. Nothing where the
    /// adapter has no news.
    async fn news(&self, news: &News) -> Option<Result<TextProgress, Failure>> {
        let _none = news;
        None
    }

    /// What checks the origin of news, where they come as webhooks.
    fn source(&self) -> Option<Arc<dyn InboundSource>> {
        None
    }

    /// An identifier in the provider's form that it never gave out.
    fn absent_message(&self) -> String;

    /// Credentials that the gateway signs in with: they may appear nowhere.
    fn secrets(&self) -> Vec<String> {
        Vec::new()
    }
}

/// What a text meets at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SendFault {
    /// Nothing in its way.
    None,
    /// Refused: the recipient asked not to receive texts.
    OptedOut,
    /// Refused: this cannot be a number.
    InvalidNumber,
    /// Refused: the number is known to be a landline.
    Landline,
    /// Refused: the credentials are not accepted.
    SignInRefused,
    /// Not looked at: too many requests. The provider may name how long to wait.
    Limited {
        /// The wait it names, in whole seconds.
        wait: Option<Duration>,
    },
    /// The provider cannot be reached: no part of the text was written.
    Unreachable,
    /// By the time the way to the provider is open, the permit has run out.
    SlowConnection,
    /// The provider takes the text and answers with a server error.
    ServerError,
    /// The provider takes the text and the connection ends before the answer.
    ConnectionCut,
    /// The provider takes the text and answers something that is not its format.
    Garbage,
    /// The provider takes the text and never answers.
    NoAnswer,
}

/// A text that the provider took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WentOut {
    /// The provider's identifier.
    pub provider_message: String,
    /// Sender.
    pub from: PhoneNumber,
    /// Recipient.
    pub to: PhoneNumber,
    /// The text.
    pub body: String,
    /// Our own identifier, where the request carried it.
    pub message: Option<MessageId>,
}

/// What a carrier says about a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Report {
    /// Handed over.
    Sent,
    /// Arrived.
    Delivered,
    /// Not delivered: the phone is off or out of range.
    PhoneOff,
    /// Not delivered: the number is a landline.
    Landline,
    /// Not delivered: taken for spam.
    Filtered,
    /// A status that did not exist when the adapter was written.
    NewWord,
}

impl Report {
    /// Every report.
    pub const ALL: [Self; 6] = [
        Self::Sent,
        Self::Delivered,
        Self::PhoneOff,
        Self::Landline,
        Self::Filtered,
        Self::NewWord,
    ];
}

/// News about a text, before it is written in the provider's form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Our identifier of the text.
    pub message: MessageId,
    /// The provider's.
    pub provider_message: String,
    /// The number of ours that sent it.
    pub from: PhoneNumber,
    /// Who was to receive it.
    pub to: PhoneNumber,
    /// What the carrier says.
    pub report: Report,
}

/// A case of the gateway's suite.
pub type GatewayCase = Case<dyn GatewayHarness>;

/// Every case, for suites that run them otherwise than [`gateway_contract!`](crate::gateway_contract).
pub const CASES: &[GatewayCase] = crate::__gateway_cases!({ table });

/// Makes each case of the gateway's contract a test of its own. The argument gives a fresh
/// [`GatewayHarness`] each time; it may await.
#[macro_export]
macro_rules! gateway_contract {
    ($harness:expr) => {
        $crate::__gateway_cases!({ tests $harness });
    };
}

/// The one list of cases.
#[doc(hidden)]
#[macro_export]
macro_rules! __gateway_cases {
    ($what:tt) => {
        $crate::__contract_cases! { gateway, GatewayHarness, $what
            sending {
                a_text_goes_out_once_and_as_permitted
                every_character_arrives
                the_request_carries_our_own_identifier
                texts_at_once_do_not_mix
                an_expired_permit_is_refused_and_nothing_is_written
                a_permit_that_expires_on_the_way_is_refused_and_nothing_is_written
            }
            refusals {
                an_opted_out_recipient_is_refused_for_good
                an_invalid_number_is_refused_for_good
                a_landline_is_refused_for_good
                a_refused_sign_in_is_not_repeated
                a_limit_with_a_wait_is_waited_for
                a_limit_without_a_wait_is_tried_again
                an_unreachable_provider_did_nothing
            }
            doubt {
                a_server_error_leaves_doubt
                a_cut_connection_leaves_doubt
                an_unreadable_answer_leaves_doubt
                a_missing_answer_leaves_doubt
                a_text_in_doubt_is_found_among_those_sent
            }
            lookups {
                a_text_is_found_by_its_identifier
                an_unknown_identifier_is_absence
                a_list_is_narrowed_by_both_numbers
                a_list_begins_where_it_is_told
                a_list_is_newest_first_and_no_longer_than_asked
                what_callers_wrote_is_told_apart
                the_fate_of_a_text_is_seen
                a_provider_that_cannot_be_asked_is_no_absence
            }
            news {
                news_name_our_text_and_say_what_became_of_it
                a_new_word_is_neither_success_nor_failure
                news_without_proof_of_origin_are_refused
            }
            discretion {
                the_name_is_fit_for_labels
                failures_name_the_gateway
                failures_give_nothing_away
                the_gateway_hides_its_credentials
            }
        }
    };
}
