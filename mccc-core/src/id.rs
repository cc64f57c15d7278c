//! Typed identifiers: UUIDs that cannot stand in for one another, printed with a prefix (`call_0192…`).

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::Timestamp;

/// What an identifier names. Implemented by empty marker types only.
pub trait Kind: Send + Sync + 'static {
    /// Lowercase text before the underscore; fixed once released.
    const PREFIX: &'static str;
}

/// An identifier of one kind of thing.
pub struct Id<K>(Uuid, PhantomData<fn() -> K>);

/// Why a text is not an identifier of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The prefix belongs to another kind of thing, or is missing.
    #[error("the identifier does not start with `{0}_`")]
    WrongPrefix(&'static str),
    /// The part after the prefix is not a UUID.
    #[error("the part after the prefix is not a UUID")]
    NotAUuid,
}

impl<K: Kind> Id<K> {
    /// Wraps a UUID that is already known to be of this kind (a store reads it from its own column).
    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The bare UUID.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.0
    }

    /// The identifier that `key` has when its event arrived at `at`: the same inputs give the same identifier, so
    /// an event that is applied twice makes the same rows. Sorts by `at` to the millisecond (UUID version 7 layout).
    #[must_use]
    pub fn derive(at: Timestamp, key: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(K::PREFIX.as_bytes());
        hash.update([0]);
        hash.update(key.as_bytes());
        let digest = hash.finalize();
        let mut random = [0u8; 10];
        for (to, from) in random.iter_mut().zip(digest.iter()) {
            *to = *from;
        }
        Self::v7(at, &random)
    }

    /// A new identifier from 80 random bits that the caller supplies.
    #[must_use]
    pub fn from_entropy(at: Timestamp, random: [u8; 10]) -> Self {
        Self::v7(at, &random)
    }

    fn v7(at: Timestamp, random: &[u8; 10]) -> Self {
        let millis = u64::try_from(at.as_millis()).unwrap_or(0);
        Self::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, random).into_uuid())
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", K::PREFIX, self.0.as_simple())
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K: Kind> FromStr for Id<K> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let rest = text
            .strip_prefix(K::PREFIX)
            .and_then(|rest| rest.strip_prefix('_'))
            .ok_or(IdError::WrongPrefix(K::PREFIX))?;
        Uuid::parse_str(rest)
            .map(Self::from_uuid)
            .map_err(|_| IdError::NotAUuid)
    }
}

impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $alias:ident = $kind:ident, $prefix:literal;)*) => {$(
        #[doc = concat!("Marker for identifiers that print as `", $prefix, "_…`.")]
        #[derive(Debug, Clone, Copy)]
        pub enum $kind {}
        impl Kind for $kind {
            const PREFIX: &'static str = $prefix;
        }
        $(#[$doc])*
        pub type $alias = Id<$kind>;
    )*};
}

kinds! {
    /// A business (the tenant).
    BusinessId = BusinessKind, "biz";
    /// A missed call.
    CallId = CallKind, "call";
    /// The thread with one caller of one business.
    ConversationId = ConversationKind, "conv";
    /// One text message, inbound or outbound.
    MessageId = MessageKind, "msg";
    /// A queued piece of work.
    JobId = JobKind, "job";
    /// A routing rule.
    RuleId = RuleKind, "rule";
    /// A person who signs in.
    UserId = UserKind, "user";
    /// A signed-in browser.
    SessionId = SessionKind, "sess";
    /// A key with which a machine uses the API.
    ApiKeyId = ApiKeyKind, "key";
    /// A promise that a person still has to keep: usually to call back.
    TaskId = TaskKind, "task";
    /// A forwarding test.
    TestCallId = TestCallKind, "test";
    /// An appointment with a customer.
    AppointmentId = AppointmentKind, "appt";
    /// Time in which the business takes no appointments.
    BlockedTimeId = BlockedTimeKind, "off";
    /// A recording of a caller.
    RecordingId = RecordingKind, "rec";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_event_gives_the_same_id_and_another_kind_gives_another() {
        let at = Timestamp::from_seconds(1_700_000_000);
        assert_eq!(CallId::derive(at, "CA1"), CallId::derive(at, "CA1"));
        assert_ne!(CallId::derive(at, "CA1"), CallId::derive(at, "CA2"));
        assert_ne!(CallId::derive(at, "CA1").uuid(), JobId::derive(at, "CA1").uuid());
    }

    #[test]
    fn ids_sort_by_time() {
        let early = CallId::derive(Timestamp::from_seconds(10), "z");
        let late = CallId::derive(Timestamp::from_seconds(11), "a");
        assert!(early < late);
    }

    #[test]
    fn a_call_id_is_not_read_as_a_job_id() {
        let text = CallId::derive(Timestamp::UNIX_EPOCH, "x").to_string();
        assert_eq!(text.parse::<JobId>(), Err(IdError::WrongPrefix("job")));
        assert_eq!(text.parse::<CallId>().map(|id| id.to_string()), Ok(text));
    }
}
