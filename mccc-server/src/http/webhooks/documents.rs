//! The documents of replies that were given lately: most callers of a business hear the same words.

use std::collections::VecDeque;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};

use axum::body::Bytes;
use mccc_core::PhoneNumber;
use mccc_core::calls::VoiceReply;
use mccc_twilio::twiml;

/// Places of documents.
const PLACES: usize = 1_024;
/// Documents kept at each place, so that numbers that share it do not drive each other out. Each has some kilobytes at
/// most; the oldest makes room.
const AT_EACH: usize = 4;
/// Longer documents are not kept.
const LONGEST: usize = 4_096;

/// Renders replies, and keeps what it rendered. A document is found by its whole reply, so it can never be an old one.
pub(super) struct Documents {
    base: String,
    hasher: RandomState,
    places: Box<[Place]>,
}

type Place = Mutex<VecDeque<Kept>>;

struct Kept {
    number: PhoneNumber,
    reply: VoiceReply,
    document: Bytes,
}

impl std::fmt::Debug for Documents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Documents").finish_non_exhaustive()
    }
}

impl Documents {
    /// Documents for the public address `base`, without a trailing slash.
    pub(super) fn new(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            hasher: RandomState::new(),
            places: (0..PLACES).map(|_| Mutex::default()).collect(),
        }
    }

    /// The document of a reply to a call of `number`.
    pub(super) fn of(&self, reply: VoiceReply, number: &PhoneNumber) -> Bytes {
        let Some(place) = self.place(&reply, number) else {
            return twiml::render(&reply, &self.base, number).into();
        };
        let mut all = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = all.iter().find(|kept| kept.number == *number && kept.reply == reply) {
            return kept.document.clone();
        }
        let document = Bytes::from(twiml::render(&reply, &self.base, number));
        if document.len() <= LONGEST {
            all.truncate(AT_EACH - 1);
            all.push_front(Kept {
                number: *number,
                reply,
                document: document.clone(),
            });
        }
        document
    }

    /// Where a reply would be: by the number and the kind of the reply.
    fn place(&self, reply: &VoiceReply, number: &PhoneNumber) -> Option<&Place> {
        let hash = self.hasher.hash_one((number, std::mem::discriminant(reply)));
        let places = u64::try_from(self.places.len()).ok()?;
        self.places.get(usize::try_from(hash.checked_rem(places)?).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mccc_core::calls::Spoken;

    const BASE: &str = "https://mccc.example.test";

    fn number(line: usize) -> PhoneNumber {
        PhoneNumber::parse(&format!("+1512555{line:04}")).unwrap()
    }

    fn voicemail(words: &str) -> VoiceReply {
        VoiceReply::Voicemail {
            greeting: Spoken::english(words),
            max_seconds: 120,
            goodbye: Spoken::english("Goodbye."),
        }
    }

    #[test]
    fn a_kept_document_is_the_one_that_would_be_rendered() {
        let documents = Documents::new(BASE);
        for round in 0..3 {
            for line in 0..PLACES * 2 {
                for words in ["We are open.", "We are closed."] {
                    let (reply, number) = (voicemail(words), number(line));
                    let expected = twiml::render(&reply, BASE, &number);
                    assert_eq!(documents.of(reply, &number), expected, "round {round}");
                }
            }
        }
    }

    #[test]
    fn the_same_reply_is_rendered_once_and_a_changed_one_anew() {
        let documents = Documents::new(BASE);
        let first = documents.of(voicemail("We are open."), &number(1));
        assert_eq!(
            documents.of(voicemail("We are open."), &number(1)).as_ptr(),
            first.as_ptr()
        );
        let changed = documents.of(voicemail("We are closed."), &number(1));
        assert!(String::from_utf8_lossy(&changed).contains("We are closed."));
    }

    #[test]
    fn an_endless_greeting_takes_no_memory_and_changed_ones_a_bounded_part_of_it() {
        let documents = Documents::new(BASE);
        let long = voicemail(&"word ".repeat(LONGEST));
        let kept =
            |documents: &Documents| -> usize { documents.places.iter().map(|place| place.lock().unwrap().len()).sum() };
        drop(documents.of(long, &number(1)));
        assert_eq!(kept(&documents), 0);
        for version in 0..AT_EACH * 3 {
            drop(documents.of(voicemail(&format!("version {version}")), &number(1)));
        }
        assert_eq!(kept(&documents), AT_EACH);
    }
}
