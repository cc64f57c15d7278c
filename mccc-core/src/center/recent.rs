//! The replies of calls that were answered a moment ago, so that a repeated webhook need not ask the database.
//!
//! Only a reply that is on disk gets in here, and a call keeps the reply it was first given, whatever its business has
//! saved since: an entry is never wrong, merely gone. What is gone is answered by the database, as on any other node.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::BusinessId;
use crate::calls::VoiceReply;

/// Parts that are locked on their own.
const PARTS: usize = 8;
/// Calls remembered by each part; the oldest makes room.
const IN_EACH: usize = 512;
/// Longer identifiers are not remembered; those of providers have some forty characters.
const LONGEST_ID: usize = 64;

/// A bounded memory of replies.
pub(super) struct RecentReplies {
    hasher: RandomState,
    parts: [Mutex<Part>; PARTS],
}

/// Calls by the hash of business and identifier, oldest first in `order`. Two calls with one hash share a place, and
/// the later has it.
#[derive(Default)]
struct Part {
    calls: HashMap<u64, Remembered>,
    order: VecDeque<u64>,
}

struct Remembered {
    business: BusinessId,
    provider_call: Box<str>,
    reply: Arc<VoiceReply>,
}

impl Default for RecentReplies {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            parts: std::array::from_fn(|_| Mutex::default()),
        }
    }
}

impl RecentReplies {
    /// The reply that a call was given, if it is remembered.
    pub(super) fn get(&self, business: BusinessId, provider_call: &str) -> Option<Arc<VoiceReply>> {
        let hash = self.hash(business, provider_call);
        let part = self.part(hash)?;
        part.calls
            .get(&hash)
            .filter(|call| call.business == business && *call.provider_call == *provider_call)
            .map(|call| Arc::clone(&call.reply))
    }

    /// Remembers what a call was given. Must be on disk.
    pub(super) fn put(&self, business: BusinessId, provider_call: &str, reply: &VoiceReply) {
        if provider_call.len() > LONGEST_ID {
            return;
        }
        let call = Remembered {
            business,
            provider_call: provider_call.into(),
            reply: Arc::new(reply.clone()),
        };
        let hash = self.hash(business, provider_call);
        let Some(mut part) = self.part(hash) else { return };
        if part.calls.insert(hash, call).is_none() {
            part.order.push_back(hash);
        }
        if part.order.len() > IN_EACH
            && let Some(oldest) = part.order.pop_front()
        {
            part.calls.remove(&oldest);
        }
    }

    fn hash(&self, business: BusinessId, provider_call: &str) -> u64 {
        self.hasher.hash_one((business, provider_call))
    }

    fn part(&self, hash: u64) -> Option<MutexGuard<'_, Part>> {
        // The upper bits: the table inside the part uses the others.
        let parts = u64::try_from(PARTS).unwrap_or(1);
        let index = usize::try_from((hash >> 48) % parts).unwrap_or(0);
        let part = self.parts.get(index)?;
        Some(part.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::Spoken;
    use crate::{BusinessId, Timestamp};

    fn business(name: &str) -> BusinessId {
        BusinessId::derive(Timestamp::UNIX_EPOCH, name)
    }

    fn say(words: &str) -> VoiceReply {
        VoiceReply::Say {
            words: Spoken::english(words),
        }
    }

    #[test]
    fn a_call_gets_its_own_reply_and_no_other_business_sees_it() {
        let recent = RecentReplies::default();
        recent.put(business("a"), "CA1", &say("one"));
        recent.put(business("a"), "CA2", &say("two"));
        assert_eq!(recent.get(business("a"), "CA1").as_deref(), Some(&say("one")));
        assert_eq!(recent.get(business("a"), "CA2").as_deref(), Some(&say("two")));
        assert_eq!(recent.get(business("b"), "CA1"), None);
        assert_eq!(recent.get(business("a"), "CA3"), None);
    }

    #[test]
    fn it_never_holds_more_than_its_bound_and_forgets_the_oldest() {
        let recent = RecentReplies::default();
        let newest = PARTS * IN_EACH * 4;
        for call in 0..=newest {
            recent.put(business("a"), &format!("CA{call}"), &say("x"));
        }
        for part in &recent.parts {
            let part = part.lock().unwrap();
            assert_eq!((part.calls.len(), part.order.len()), (IN_EACH, IN_EACH));
        }
        assert!(recent.get(business("a"), "CA0").is_none());
        assert!(recent.get(business("a"), &format!("CA{newest}")).is_some());
        recent.put(business("a"), &"x".repeat(LONGEST_ID + 1), &say("x"));
        assert!(recent.get(business("a"), &"x".repeat(LONGEST_ID + 1)).is_none());
    }

    #[test]
    fn a_call_that_is_put_again_takes_no_second_place() {
        let recent = RecentReplies::default();
        for _ in 0..PARTS * IN_EACH * 2 {
            recent.put(business("a"), "CA1", &say("x"));
        }
        let places: usize = recent.parts.iter().map(|part| part.lock().unwrap().order.len()).sum();
        assert_eq!(places, 1);
    }
}
