//! The right to send one text.

use std::fmt;
use std::time::Duration;

use super::Purpose;
use crate::id::{BusinessId, MessageId};
use crate::{PhoneNumber, Timestamp};

/// Permission to send exactly this text to exactly this number, once, within five seconds.
///
/// Only the gate makes one. It can be neither copied nor read from storage, and a gateway takes it by value, so a text
/// that no gate has looked at does not compile.
///
/// ```compile_fail
/// fn twice(permit: mccc_core::compliance::SendPermit) -> [mccc_core::compliance::SendPermit; 2] {
///     [permit.clone(), permit]
/// }
/// ```
///
/// ```compile_fail
/// fn stored(json: &str) -> mccc_core::compliance::SendPermit {
///     serde_json::from_str(json).unwrap()
/// }
/// ```
#[must_use = "a permit that is dropped sends nothing"]
pub struct SendPermit {
    business: BusinessId,
    message: MessageId,
    purpose: Purpose,
    from: PhoneNumber,
    to: PhoneNumber,
    body: String,
    not_after: Timestamp,
}

impl SendPermit {
    /// How long a permit lasts: long enough to open a connection, short enough that an opt-out can wait for it.
    pub const LIFETIME: Duration = Duration::from_secs(5);

    pub(super) fn new(request: &super::Request, from: PhoneNumber, to: PhoneNumber, now: Timestamp) -> Self {
        Self {
            business: request.business,
            message: request.message,
            purpose: request.purpose,
            from,
            to,
            body: request.body.clone(),
            not_after: now.plus(Self::LIFETIME),
        }
    }

    /// The business that writes.
    #[must_use]
    pub const fn business(&self) -> BusinessId {
        self.business
    }

    /// The message this permits, and no other.
    #[must_use]
    pub const fn message(&self) -> MessageId {
        self.message
    }

    /// What the text is for.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The sending number.
    #[must_use]
    pub const fn from(&self) -> PhoneNumber {
        self.from
    }

    /// The receiving number.
    #[must_use]
    pub const fn to(&self) -> PhoneNumber {
        self.to
    }

    /// The text.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The last instant at which the request may be written.
    #[must_use]
    pub const fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// Whether the request may still be written at `now`; asked immediately before the first byte.
    #[must_use]
    pub fn still_valid(&self, now: Timestamp) -> bool {
        now <= self.not_after
    }
}

impl fmt::Debug for SendPermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendPermit")
            .field("message", &self.message)
            .field("purpose", &self.purpose)
            .field("to", &self.to)
            .field("not_after", &self.not_after)
            .finish_non_exhaustive()
    }
}
