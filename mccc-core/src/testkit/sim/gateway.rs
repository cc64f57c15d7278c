//! The gateway of the simulation: remembers what really went out, and answers truthfully only sometimes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::executor::{Dice, step_aside};
use super::model::SimModel;
use super::tally::{Happening, Tally};
use crate::business::Owner;
use crate::compliance::gate::SendPermit;
use crate::compliance::number::Policy;
use crate::port::{
    Accepted, Clock, DeliveryStatus, ErrorKind, LineLookup, MessageQuery, PortError, Providers, RemoteMessage,
    ReplyModel, Retry, SmsGateway, Telephony,
};
use crate::{CallerId, MessageId, PhoneNumber, Timestamp};

/// One text that really went out.
#[derive(Debug, Clone)]
pub(super) struct WentOut {
    pub(super) message: MessageId,
    pub(super) to: PhoneNumber,
    pub(super) from: PhoneNumber,
    pub(super) body: String,
    pub(super) purpose: crate::messages::TemplateKind,
    pub(super) at: Timestamp,
    pub(super) provider_message: String,
    /// Whether the recipient stood on the list of acknowledged opt-outs when it began.
    pub(super) after_stop: bool,
}

#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) went_out: Vec<WentOut>,
    /// Numbers whose STOP was acknowledged and not lifted.
    pub(super) stopped: BTreeMap<PhoneNumber, bool>,
}

/// The gateway.
#[derive(Debug)]
pub(super) struct SimGateway {
    pub(super) book: Mutex<Book>,
    pub(super) dice: Arc<Dice>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) tally: Arc<Tally>,
    /// One answer in this many is a fault; 0 means none.
    pub(super) faults: u64,
}

impl SimGateway {
    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(kind: ErrorKind, retry: Retry) -> PortError {
        PortError::new("sim", "send", kind, retry)
    }
}

#[async_trait]
impl SmsGateway for SimGateway {
    fn name(&self) -> &'static str {
        "sim"
    }

    fn confirms_opt_outs(&self) -> bool {
        true
    }

    async fn send(&self, permit: SendPermit) -> Result<Accepted, PortError> {
        // A connection is opened; the world goes on meanwhile, sometimes for longer than the permit lasts.
        for _ in 0..self.dice.below(6) {
            step_aside().await;
        }
        if !permit.still_valid(self.clock.now()) {
            self.tally.note(Happening::PermitExpired);
            return Err(Self::failed(ErrorKind::Unavailable, Retry::Backoff));
        }
        let fault = if self.faults > 0 && self.dice.once_in(self.faults) {
            self.dice.below(4)
        } else {
            9
        };
        match fault {
            0 | 1 => self.tally.note(Happening::ProviderRefused),
            2 => self.tally.note(Happening::SilentUnsent),
            3 => self.tally.note(Happening::SilentSent),
            _ => {}
        }
        match fault {
            0 => {
                return Err(Self::failed(
                    ErrorKind::RateLimited,
                    Retry::After(Duration::from_secs(5)),
                ));
            }
            1 => return Err(Self::failed(ErrorKind::Unavailable, Retry::Backoff)),
            2 => return Err(Self::failed(ErrorKind::Unavailable, Retry::Unknown)),
            _ => {}
        }
        let provider_message = {
            let mut book = self.book();
            let provider_message = format!("SM{:06}", book.went_out.len());
            let after_stop = book.stopped.get(&permit.to()).copied().unwrap_or(false);
            book.went_out.push(WentOut {
                message: permit.message(),
                to: permit.to(),
                from: permit.from(),
                body: permit.body().to_owned(),
                purpose: permit.purpose(),
                at: self.clock.now(),
                provider_message: provider_message.clone(),
                after_stop,
            });
            provider_message
        };
        step_aside().await;
        if fault == 3 {
            return Err(Self::failed(ErrorKind::Unavailable, Retry::Unknown));
        }
        Ok(Accepted {
            provider_message,
            status: DeliveryStatus::Queued,
        })
    }

    async fn fetch(&self, provider_message: &str) -> Result<Option<RemoteMessage>, PortError> {
        let book = self.book();
        Ok(book
            .went_out
            .iter()
            .find(|sent| sent.provider_message == provider_message)
            .map(remote))
    }

    async fn list(&self, query: &MessageQuery) -> Result<Vec<RemoteMessage>, PortError> {
        let book = self.book();
        let wanted = |sent: &&WentOut| {
            query.to.is_none_or(|to| to == sent.to)
                && query.from.is_none_or(|from| from == sent.from)
                && sent.at >= query.since
        };
        Ok(book.went_out.iter().filter(wanted).map(remote).collect())
    }
}

fn remote(sent: &WentOut) -> RemoteMessage {
    RemoteMessage {
        provider_message: sent.provider_message.clone(),
        from: CallerId::Present(sent.from),
        to: Some(sent.to),
        body: sent.body.clone(),
        inbound: false,
        status: DeliveryStatus::Sent,
        error_code: None,
        created_at: sent.at,
    }
}

/// Every business is served by the one gateway; there is no telephony.
#[derive(Debug)]
pub(super) struct SimProviders(pub(super) Arc<SimGateway>, pub(super) Arc<SimModel>);

#[async_trait]
impl Providers for SimProviders {
    async fn sms(&self, _owner: &Owner) -> Result<Arc<dyn SmsGateway>, PortError> {
        Ok(Arc::clone(&self.0) as Arc<dyn SmsGateway>)
    }

    async fn telephony(&self, _owner: &Owner) -> Result<Arc<dyn Telephony>, PortError> {
        Err(PortError::new("sim", "telephony", ErrorKind::Unsupported, Retry::Never))
    }

    async fn line_lookup(&self, _owner: &Owner) -> Option<Arc<dyn LineLookup>> {
        None
    }

    fn policy(&self, _owner: &Owner) -> Policy {
        Policy::default()
    }

    fn free_of_charge(&self, _owner: &Owner) -> bool {
        true
    }

    fn public_base_url(&self) -> String {
        String::new()
    }

    fn platform_account(&self) -> String {
        "AC-sim".to_owned()
    }

    fn reply_model(&self, _owner: &Owner) -> Option<Arc<dyn ReplyModel>> {
        Some(Arc::clone(&self.1) as _)
    }
}
