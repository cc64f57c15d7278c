//! Every trait an implementation outside the core provides, and their one error type.
//!
//! | port | stands for |
//! | --- | --- |
//! | [`Store`] | the database: loads, one atomic commit, queries for the pages, jobs |
//! | [`SmsGateway`] | who carries our texts |
//! | [`Telephony`] | who owns our numbers and places calls to the contractor's own phones |
//! | [`CalendarProvider`] | who keeps the contractor's calendar, and takes our appointments |
//! | [`Notifier`] | a way to the contractor: Slack, e-mail |
//! | [`ReplyModel`] | a language model that may word answers |
//! | [`Embedder`] | a model that says how near texts are in meaning |
//! | [`LineLookup`] | who knows whether a number is a landline |
//! | [`Providers`] | which of the above serves a business |
//! | [`Spool`] | the local disk that takes calls while the database is away |
//! | [`SecretBox`] | sealing of credentials at rest |
//! | [`Clock`], [`Timer`], [`Entropy`] | time and randomness of the process |
//!
//! Cancelling a call is dropping its future; each method says what that may leave behind.

mod calendar;
mod embedder;
mod error;
mod event;
mod gateway;
mod notifier;
mod reply_model;
mod shell;
mod spool;
pub mod store;
mod telephony;

pub use calendar::{
    Access, Availability, Busy, BusyEntry, BusyQuery, BusyReason, CalendarCapabilities, CalendarChanges,
    CalendarCreation, CalendarInfo, CalendarProvider, CalendarPush, CalendarSlots, CalendarWish, ChangePage, Channel,
    ChannelRequest, CopyAnswer, CopyRequest, Customer, EventChange, EventKey, EventLookup, EventState, NewEvent,
    RemoteEvent, SyncToken, TimeRange, Validators, When,
};
pub use embedder::{Embedder, MOST_TEXTS};
pub use error::{ErrorKind, FailureClass, PortError, Retry};
pub use event::{
    Attestation, CallProgress, CallStatus, DeliveryStatus, GatewayConsent, InboundCall, InboundSource, InboundText,
    RawWebhook, RecordingProgress, RecordingStatus, TextProgress, Verified, WebhookRejection,
};
pub use gateway::{Accepted, LineLookup, LineReport, MessageQuery, RemoteMessage, SmsGateway};
pub use notifier::{Notifier, NotifierCapabilities, Told};
pub use reply_model::{ClassifyRequest, Earlier, PhraseRequest, ReplyModel};
pub use shell::{Clock, Entropy, Timer, id_bytes};
pub use spool::{Spool, SpoolEntry, SpoolError, SpooledEvent};
pub use store::Store;
pub use telephony::{
    NumberOffer, NumberQuery, NumberSetup, OutboundCall, OwnedNumber, Providers, RemoteCall, SealError, SecretBox,
    Telephony,
};
