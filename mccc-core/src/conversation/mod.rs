//! Threads: one contact and one conversation per caller and business, across voice and text.

mod alone;
mod delivery;
pub mod dialogue;
mod emergency;
mod inbound;
#[cfg(feature = "testkit")]
pub mod learned;
#[cfg(not(feature = "testkit"))]
mod learned;
mod reading;
mod rows;
mod takeover;
pub(crate) mod talking;
pub mod understanding;
mod verification;
pub mod voice;

pub use alone::{read_consent, read_urgency, urgency_of};
pub use delivery::{Delivery, advance};
pub use emergency::{Danger, Urgency, UrgencyReading};
pub use inbound::{
    EMERGENCY_WINDOW, InboundOutcome, InboundSnapshot, THREAD_WINDOW, conversation_id, new_conversation, preview,
    receive, seen,
};
pub(crate) use inbound::{code_task, may_mean_appointment};
pub use rows::{
    Author, CallerFlags, Contact, Conversation, Direction, Message, MessageKind, MessageStatus, ThreadState,
};
pub use takeover::{TakeoverError, hand_back, take_over};
pub use talking::{Cause, GATHER, Talk, may_answer, next_appointment, written_down};
pub use verification::{code_of_sentence, verification_code};
