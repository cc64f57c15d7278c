//! The phones, what they heard, and what reached them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use mccc_core::calls::VoiceReply;
use mccc_core::center::{CallAnswer, CommandCenter, TextAnswer};
use mccc_core::port::{
    Attestation, CallProgress, CallStatus, Clock, DeliveryStatus, Entropy, InboundCall, InboundSource, InboundText,
    RawWebhook, RecordingProgress, RecordingStatus, RemoteCall, Timer, Verified, WebhookRejection,
};
use mccc_core::{CallerId, MessageId, PhoneNumber, Timestamp};
use serde::{Deserialize, Serialize};

/// Account name of the sandbox's numbers.
pub(crate) const ACCOUNT: &str = "sandbox";

/// The simulated network.
pub struct Sandbox {
    pub(super) state: Mutex<State>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) timer: Arc<dyn Timer>,
    entropy: Arc<dyn Entropy>,
    center: OnceLock<Weak<CommandCenter>>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) calls: Vec<SandboxCall>,
    /// Calls that we placed.
    pub(super) placed: Vec<RemoteCall>,
    pub(super) texts: Vec<SandboxText>,
    /// Pairs (our number, caller) that the carrier blocks after a STOP.
    pub(super) stopped: BTreeSet<(PhoneNumber, PhoneNumber)>,
    pub(super) faults: BTreeMap<PhoneNumber, Fault>,
    /// Numbers that were bought, with their identifiers.
    pub(super) bought: BTreeMap<PhoneNumber, String>,
    /// Phones that do not forward unanswered calls.
    pub(super) not_forwarding: BTreeSet<PhoneNumber>,
}

/// What a phone does with the texts that are sent to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Everything works.
    None,
    /// The phone is off: the carrier reports it as not delivered.
    PhoneOff,
    /// The number is a landline.
    Landline,
    /// The carrier filters the text as spam.
    Filtered,
    /// The gateway asks to slow down once.
    TooManyRequests,
    /// The gateway takes the text and its answer is lost.
    AnswerLost,
    /// The gateway fails before it takes the text.
    GatewayDown,
}

/// One step of what a caller hears.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum HeardStep {
    /// Spoken words.
    Say {
        /// The words.
        text: String,
    },
    /// The beep, then recording.
    Record {
        /// Longest message in seconds.
        max_seconds: u16,
    },
    /// The call was refused.
    Reject,
    /// The line went dead.
    HangUp,
}

/// A simulated call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SandboxCall {
    /// The network's identifier.
    pub id: String,
    /// The calling phone; nothing when it withholds its number.
    #[schema(value_type = Option<String>)]
    pub from: Option<PhoneNumber>,
    /// The number it reached.
    #[schema(value_type = String)]
    pub to: PhoneNumber,
    /// What the caller hears.
    pub heard: Vec<HeardStep>,
    /// Whether the line is open.
    pub open: bool,
    /// When it began.
    #[schema(value_type = String)]
    pub started_at: Timestamp,
    /// Its length in seconds, once it ended.
    pub seconds: Option<u32>,
    #[serde(skip)]
    pub(super) status: CallStatusName,
}

/// How a call ended, for look-ups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum CallStatusName {
    #[default]
    Open,
    Completed,
}

/// A text as the phone sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SandboxText {
    /// The network's identifier.
    pub id: String,
    /// The business's number.
    #[schema(value_type = String)]
    pub ours: PhoneNumber,
    /// The phone.
    #[schema(value_type = String)]
    pub phone: PhoneNumber,
    /// Whether the phone wrote it.
    pub from_phone: bool,
    /// The text.
    pub body: String,
    /// `queued`, `sent`, `delivered`, `undelivered` or `received`.
    pub status: String,
    /// When it was written.
    #[schema(value_type = String)]
    pub at: Timestamp,
    #[serde(skip)]
    pub(super) message: Option<MessageId>,
    #[serde(skip)]
    pub(super) delivery: DeliveryStatusName,
}

/// Where a text stands, for look-ups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DeliveryStatusName(pub(super) DeliveryStatus, pub(super) Option<u32>);

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").finish_non_exhaustive()
    }
}

/// The network itself vouches for its events; it takes no webhooks.
impl InboundSource for Sandbox {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn check(&self, _request: &RawWebhook<'_>) -> Result<(), WebhookRejection> {
        Err(WebhookRejection::Unsigned)
    }
}

impl Sandbox {
    /// An empty network.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, timer: Arc<dyn Timer>, entropy: Arc<dyn Entropy>) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            clock,
            timer,
            entropy,
            center: OnceLock::new(),
        })
    }

    /// Tells the network whom its calls and texts reach. The first center stays.
    pub fn connect(&self, center: &Arc<CommandCenter>) {
        let _first_stays = self.center.set(Arc::downgrade(center));
    }

    pub(super) fn center(&self) -> Option<Arc<CommandCenter>> {
        self.center.get().and_then(Weak::upgrade)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn name(&self, prefix: &str) -> String {
        let mut bytes = [0_u8; 16];
        self.entropy.fill(&mut bytes);
        bytes
            .iter()
            .fold(prefix.to_owned(), |text, byte| format!("{text}{byte:02x}"))
    }

    /// Places a call from a phone (or with a withheld number) and returns what the caller hears.
    pub async fn call(self: &Arc<Self>, from: Option<PhoneNumber>, to: PhoneNumber) -> SandboxCall {
        let id = self.name("CA");
        let event = InboundCall {
            provider_call: id.clone(),
            account: ACCOUNT.to_owned(),
            // A network passes placeholders on as it passes numbers.
            caller: from.map_or(CallerId::Anonymous, |from| CallerId::from_raw(&from.to_string())),
            dialled: to,
            forwarded_from: None,
            caller_name: None,
            attestation: Attestation::Passed,
        };
        let answer = match self.center() {
            Some(center) => center.inbound_call(Verified::by(&**self, event)).await,
            None => CallAnswer::Unavailable,
        };
        let heard = match answer {
            CallAnswer::Reply(reply) => steps(reply),
            CallAnswer::UnknownNumber => {
                vec![
                    HeardStep::Say {
                        text: "The number you have dialled is not in service.".into(),
                    },
                    HeardStep::HangUp,
                ]
            }
            CallAnswer::Unavailable => {
                vec![
                    HeardStep::Say {
                        text: "An application error has occurred. Goodbye.".into(),
                    },
                    HeardStep::HangUp,
                ]
            }
        };
        let open = heard.iter().any(|step| matches!(step, HeardStep::Record { .. }));
        let call = SandboxCall {
            id,
            from,
            to,
            heard,
            open,
            started_at: self.clock.now(),
            seconds: None,
            status: CallStatusName::Open,
        };
        self.state().calls.push(call.clone());
        if !open {
            self.end_later(&call);
        }
        call
    }

    /// A call that the network ends by itself after the last words.
    fn end_later(self: &Arc<Self>, call: &SandboxCall) {
        let (network, id) = (Arc::clone(self), call.id.clone());
        let refused = call.heard.contains(&HeardStep::Reject);
        tokio::spawn(async move {
            network.timer.sleep(Duration::from_millis(700)).await;
            let status = if refused {
                CallStatus::Busy
            } else {
                CallStatus::Completed
            };
            network.finish(&id, status, if refused { 0 } else { 6 }, None).await;
        });
    }

    /// Ends an open call: after `seconds` on the line, having left a message of `message_seconds`, if any.
    /// `false` when there is no such open call.
    pub async fn hang_up_phone(self: &Arc<Self>, id: &str, seconds: u32, message_seconds: Option<u32>) -> bool {
        let open = self.state().calls.iter().any(|call| call.id == id && call.open);
        if open {
            self.finish(id, CallStatus::Completed, seconds, message_seconds).await;
        }
        open
    }

    async fn finish(self: &Arc<Self>, id: &str, status: CallStatus, seconds: u32, message_seconds: Option<u32>) {
        let ended = {
            let mut state = self.state();
            let Some(call) = state
                .calls
                .iter_mut()
                .find(|call| call.id == id && call.seconds.is_none())
            else {
                return;
            };
            call.open = false;
            call.seconds = Some(seconds);
            call.status = CallStatusName::Completed;
            call.clone()
        };
        let Some(center) = self.center() else { return };
        let progress = CallProgress {
            provider_call: id.to_owned(),
            our_number: ended.to,
            status,
            sequence: None,
            duration_seconds: Some(seconds),
            answered_by_machine: None,
        };
        if let Err(error) = center.call_progress(Verified::by(&**self, progress)).await {
            tracing::warn!(%error, "the sandbox could not report the end of a call");
        }
        let Some(message_seconds) = message_seconds else { return };
        let Ok(Some(owner)) = center.number_owner(&ended.to).await else {
            return;
        };
        let recording = RecordingProgress {
            provider_call: id.to_owned(),
            provider_recording: self.name("RE"),
            status: RecordingStatus::Completed,
            duration_seconds: Some(message_seconds),
        };
        if let Err(error) = center
            .recording_progress(owner.business, Verified::by(&**self, recording))
            .await
        {
            tracing::warn!(%error, "the sandbox could not report a recording");
        }
    }

    /// Sends a text from a phone. The carrier obeys STOP and START before we do, and confirms them itself.
    pub async fn text(self: &Arc<Self>, from: PhoneNumber, to: PhoneNumber, body: &str) -> bool {
        let id = self.name("SM");
        let now = self.clock.now();
        {
            let mut state = self.state();
            state.texts.push(SandboxText {
                id: id.clone(),
                ours: to,
                phone: from,
                from_phone: true,
                body: body.to_owned(),
                status: "received".into(),
                at: now,
                message: None,
                delivery: DeliveryStatusName(DeliveryStatus::Delivered, None),
            });
            if let Some(words) = state.carrier_keyword(to, from, body) {
                let id = self.name("SM");
                state.texts.push(SandboxText {
                    id,
                    ours: to,
                    phone: from,
                    from_phone: false,
                    body: words.to_owned(),
                    status: "delivered".into(),
                    at: now,
                    message: None,
                    delivery: DeliveryStatusName(DeliveryStatus::Delivered, None),
                });
            }
        }
        let event = InboundText {
            provider_message: id,
            account: ACCOUNT.to_owned(),
            from: CallerId::Present(from),
            to,
            body: body.to_owned(),
            media_count: 0,
            gateway_consent: None,
        };
        let Some(center) = self.center() else { return false };
        // Like a real gateway, try again when the first delivery was not acknowledged.
        for _ in 0..3 {
            match center.inbound_text(Verified::by(&**self, event.clone())).await {
                TextAnswer::Taken | TextAnswer::UnknownNumber => return true,
                TextAnswer::TryAgain => self.timer.sleep(Duration::from_secs(1)).await,
            }
        }
        false
    }

    /// What one phone has called, heard, written and received.
    #[must_use]
    pub fn phone(&self, number: &PhoneNumber) -> (Vec<SandboxCall>, Vec<SandboxText>) {
        let state = self.state();
        (
            state
                .calls
                .iter()
                .filter(|call| call.from.as_ref() == Some(number))
                .cloned()
                .collect(),
            state
                .texts
                .iter()
                .filter(|text| text.phone == *number)
                .cloned()
                .collect(),
        )
    }

    /// Makes a phone misbehave from now on.
    pub fn set_fault(&self, number: PhoneNumber, fault: Fault) {
        self.state().faults.insert(number, fault);
    }

    /// Whether a phone forwards its unanswered calls; it does until told otherwise.
    pub fn set_forwarding(&self, number: PhoneNumber, on: bool) {
        if on {
            self.state().not_forwarding.remove(&number);
        } else {
            self.state().not_forwarding.insert(number);
        }
    }
}

impl State {
    /// What the carrier answers to a keyword, and its block list after it.
    fn carrier_keyword(&mut self, ours: PhoneNumber, phone: PhoneNumber, body: &str) -> Option<&'static str> {
        let word = body.trim().to_ascii_uppercase();
        match word.as_str() {
            "STOP" | "UNSUBSCRIBE" | "END" | "QUIT" | "STOPALL" | "REVOKE" | "OPTOUT" | "CANCEL" => {
                self.stopped.insert((ours, phone)).then_some(
                    "You have successfully been unsubscribed. You will not receive any more messages from this number. \
                     Reply START to resubscribe.",
                )
            }
            "START" | "UNSTOP" => {
                self.stopped.remove(&(ours, phone));
                Some(
                    "You have successfully been re-subscribed to messages from this number. Reply STOP to unsubscribe.",
                )
            }
            "HELP" | "INFO" => Some("Reply STOP to unsubscribe. Msg&Data rates may apply."),
            _ => None,
        }
    }
}

fn steps(reply: VoiceReply) -> Vec<HeardStep> {
    match reply {
        VoiceReply::Voicemail {
            greeting, max_seconds, ..
        } => {
            vec![
                HeardStep::Say { text: greeting.text },
                HeardStep::Record { max_seconds },
            ]
        }
        VoiceReply::Say { words } | VoiceReply::TestArrived { words } => {
            vec![HeardStep::Say { text: words.text }, HeardStep::HangUp]
        }
        VoiceReply::Reject { .. } => vec![HeardStep::Reject],
    }
}
