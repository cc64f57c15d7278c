//! A gateway in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::compliance::SendPermit;
use crate::port::{
    Accepted, Clock, DeliveryStatus, ErrorKind, FailureClass, MessageQuery, PortError, RemoteMessage, Retry,
    SmsGateway, TextProgress,
};
use crate::testkit::contract::gateway::{News, Report, SendFault, WentOut};
use crate::{CallerId, MessageId, PhoneNumber};

/// Name of this adapter in errors.
const ADAPTER: &str = "fake";

/// A gateway that remembers what really went out, and meets the faults it is told to.
#[derive(Debug)]
pub struct FakeGateway {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    messages: Vec<(RemoteMessage, Option<MessageId>)>,
    faults: HashMap<PhoneNumber, SendFault>,
    lookups_fail: bool,
}

fn failed(operation: &'static str, kind: ErrorKind, retry: Retry) -> PortError {
    PortError::new(ADAPTER, operation, kind, retry)
}

fn refused(code: u32, class: FailureClass, reason: &'static str) -> PortError {
    failed("send", ErrorKind::Rejected, Retry::Never)
        .with_code(code)
        .with_class(class)
        .with_reason(reason)
}

/// What a report means: status, code, what stopped the text, and the contractor's sentence.
const fn meaning(report: Report) -> (DeliveryStatus, Option<(u32, FailureClass, &'static str)>) {
    use FailureClass::{Content, Landline, Transient};
    match report {
        Report::Sent => (DeliveryStatus::Sent, None),
        Report::Delivered => (DeliveryStatus::Delivered, None),
        Report::PhoneOff => (
            DeliveryStatus::Undelivered,
            Some((30_003, Transient, "Their phone is off.")),
        ),
        Report::Landline => (
            DeliveryStatus::Undelivered,
            Some((30_006, Landline, "This is a landline.")),
        ),
        Report::Filtered => (DeliveryStatus::Undelivered, Some((30_007, Content, "Blocked as spam."))),
        Report::NewWord => (DeliveryStatus::Other, None),
    }
}

impl FakeGateway {
    /// A gateway whose permits run out by `clock`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets texts to `to` meet `fault` until told otherwise.
    pub fn arrange(&self, to: PhoneNumber, fault: SendFault) {
        self.state().faults.insert(to, fault);
    }

    /// Whether look-ups fail from now on.
    pub fn fail_lookups(&self, fail: bool) {
        self.state().lookups_fail = fail;
    }

    /// Every text of ours that went out, in order.
    #[must_use]
    pub fn went_out(&self) -> Vec<WentOut> {
        let state = self.state();
        let ours = state.messages.iter().filter(|(remote, _)| !remote.inbound);
        ours.filter_map(|(remote, message)| {
            let CallerId::Present(from) = remote.from else {
                return None;
            };
            Some(WentOut {
                provider_message: remote.provider_message.clone(),
                from,
                to: remote.to?,
                body: remote.body.clone(),
                message: *message,
            })
        })
        .collect()
    }

    /// A caller writes to one of our numbers.
    pub fn caller_writes(&self, from: PhoneNumber, to: PhoneNumber, body: &str) {
        self.remember(from, to, body, None);
    }

    /// The carrier reports on a text; `false` when there is none of that name.
    pub fn report(&self, provider_message: &str, report: Report) -> bool {
        let mut state = self.state();
        let text = state
            .messages
            .iter_mut()
            .find(|(text, _)| text.provider_message == provider_message);
        let Some((text, _)) = text else { return false };
        let (status, failure) = meaning(report);
        text.status = status;
        text.error_code = failure.map(|(code, _, _)| code);
        true
    }

    /// The news that follow from a report.
    #[must_use]
    pub fn news(&self, news: &News) -> TextProgress {
        let (status, failure) = meaning(news.report);
        TextProgress {
            message: Some(news.message),
            provider_message: news.provider_message.clone(),
            from: Some(news.from),
            status,
            error_code: failure.map(|(code, _, _)| code),
            failure: failure.map(|(_, class, _)| class),
            reason: failure.map(|(_, _, reason)| reason.to_owned()),
        }
    }

    fn remember(&self, from: PhoneNumber, to: PhoneNumber, body: &str, ours: Option<MessageId>) -> String {
        let mut state = self.state();
        let provider_message = format!("SM{:032x}", state.messages.len() + 1);
        let remote = RemoteMessage {
            provider_message: provider_message.clone(),
            from: CallerId::Present(from),
            to: Some(to),
            body: body.to_owned(),
            inbound: ours.is_none(),
            status: if ours.is_some() {
                DeliveryStatus::Queued
            } else {
                DeliveryStatus::Other
            },
            error_code: None,
            created_at: self.clock.now(),
        };
        state.messages.push((remote, ours));
        provider_message
    }

    fn can_be_asked(&self, operation: &'static str) -> Result<(), PortError> {
        if self.state().lookups_fail {
            return Err(failed(operation, ErrorKind::Unavailable, Retry::Backoff));
        }
        Ok(())
    }
}

#[async_trait]
impl SmsGateway for FakeGateway {
    fn name(&self) -> &'static str {
        ADAPTER
    }

    fn confirms_opt_outs(&self) -> bool {
        true
    }

    async fn send(&self, permit: SendPermit) -> Result<Accepted, PortError> {
        let fault = self
            .state()
            .faults
            .get(&permit.to())
            .copied()
            .unwrap_or(SendFault::None);
        if !permit.still_valid(self.clock.now()) || fault == SendFault::SlowConnection {
            return Err(failed("send", ErrorKind::Unavailable, Retry::Backoff));
        }
        match fault {
            SendFault::OptedOut => {
                return Err(refused(
                    21_610,
                    FailureClass::OptOut,
                    "This customer asked not to receive texts.",
                ));
            }
            SendFault::InvalidNumber => {
                return Err(refused(21_211, FailureClass::Recipient, "This is not a valid number."));
            }
            SendFault::Landline => return Err(refused(21_614, FailureClass::Landline, "This is a landline.")),
            SendFault::SignInRefused => return Err(failed("send", ErrorKind::Unauthenticated, Retry::Never)),
            SendFault::Limited { wait } => {
                return Err(failed(
                    "send",
                    ErrorKind::RateLimited,
                    wait.map_or(Retry::Backoff, Retry::After),
                ));
            }
            SendFault::Unreachable => return Err(failed("send", ErrorKind::Unavailable, Retry::Backoff)),
            SendFault::None
            | SendFault::SlowConnection
            | SendFault::ServerError
            | SendFault::ConnectionCut
            | SendFault::Garbage
            | SendFault::NoAnswer => {}
        }
        let provider_message = self.remember(permit.from(), permit.to(), permit.body(), Some(permit.message()));
        match fault {
            SendFault::ServerError | SendFault::ConnectionCut | SendFault::NoAnswer => {
                Err(failed("send", ErrorKind::Unavailable, Retry::Unknown))
            }
            SendFault::Garbage => Err(failed("send", ErrorKind::Protocol, Retry::Unknown)),
            SendFault::None
            | SendFault::OptedOut
            | SendFault::InvalidNumber
            | SendFault::Landline
            | SendFault::SignInRefused
            | SendFault::Limited { .. }
            | SendFault::Unreachable
            | SendFault::SlowConnection => Ok(Accepted {
                provider_message,
                status: DeliveryStatus::Queued,
            }),
        }
    }

    async fn fetch(&self, provider_message: &str) -> Result<Option<RemoteMessage>, PortError> {
        self.can_be_asked("fetch")?;
        let state = self.state();
        let found = state
            .messages
            .iter()
            .find(|(text, _)| text.provider_message == provider_message);
        Ok(found.map(|(text, _)| text.clone()))
    }

    async fn list(&self, query: &MessageQuery) -> Result<Vec<RemoteMessage>, PortError> {
        self.can_be_asked("list")?;
        let wanted = |text: &&RemoteMessage| {
            query.to.is_none_or(|to| text.to == Some(to))
                && query.from.is_none_or(|from| text.from == CallerId::Present(from))
                && text.created_at >= query.since
        };
        let state = self.state();
        let newest_first = state.messages.iter().rev().map(|(text, _)| text);
        Ok(newest_first
            .filter(wanted)
            .take(usize::from(query.limit))
            .cloned()
            .collect())
    }
}
