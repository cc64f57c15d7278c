//! Asking an embedding model how near a caller's text comes to the entries of the business, so that nothing depends on it:
//! within a limit of time, once for the same text, and not at all for a while after it failed.
//!
//! Vectors of the entries are asked for when the first text needs them, kept in memory by their exact text, and outlive
//! saved settings as far as the texts do. No call waits for any of this: only texts are answered here.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moka::sync::Cache;

use super::CommandCenter;
use super::voice::{Failure, Health, ModelCount};
use crate::business::Owner;
use crate::conversation::understanding::{
    Asked, Embedding, Shelf, Similar, Understanding, Unusable, may_be_meant, parts, with_meaning,
};
use crate::conversation::voice::{Unheard, masked};
use crate::port::{Embedder, MOST_TEXTS, PortError};
use crate::{BusinessId, Timestamp};

/// Kilobytes of vectors that are kept, of all businesses together. A business with thirty questions, each asked in two ways,
/// has some 400 of a model with 1,536 numbers.
const MOST_KILOBYTES: u64 = 256 << 10;
/// What the model is asked for.
const TEXT: &str = "text";
const ENTRIES: &str = "entries";
/// What came of it, where it was of use.
const USED: &str = "used";

/// What the process remembers of its embedding model.
pub(super) struct Meanings {
    shelves: Cache<BusinessId, Arc<Kept>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    health: Health,
    counts: BTreeMap<(&'static str, &'static str), u64>,
}

/// The vectors of a business. Whoever asks for what is missing holds the lock, so that nothing is asked for twice.
#[derive(Default)]
struct Kept {
    shelf: tokio::sync::Mutex<Shelf>,
    kilobytes: AtomicU32,
}

impl Default for Meanings {
    fn default() -> Self {
        let weight = |_: &BusinessId, kept: &Arc<Kept>| kept.kilobytes.load(Ordering::Relaxed).max(1);
        Self {
            shelves: Cache::builder().max_capacity(MOST_KILOBYTES).weigher(weight).build(),
            state: Mutex::default(),
        }
    }
}

impl fmt::Debug for Meanings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meanings").finish_non_exhaustive()
    }
}

/// Why nothing is known of a text's meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unmeant {
    Unheard(Unheard),
    Unusable(Unusable),
}

impl Unmeant {
    const fn name(self) -> &'static str {
        match self {
            Self::Unheard(why) => why.name(),
            Self::Unusable(why) => why.name(),
        }
    }
}

impl From<Unusable> for Unmeant {
    fn from(why: Unusable) -> Self {
        Self::Unusable(why)
    }
}

/// What was found out for the sake of one text, however often it is decided anew.
#[derive(Debug, Default)]
pub(super) struct Meant {
    known: Option<(String, u64, Option<Similar>)>,
}

impl CommandCenter {
    /// How often an embedding model had which part in reading texts, since this process began.
    #[must_use]
    pub fn meaning_counts(&self) -> Vec<ModelCount> {
        let state = self.meanings.state.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = state.counts.iter().map(|((asked, outcome), count)| ModelCount {
            asked,
            outcome,
            count: *count,
        });
        counts.collect()
    }

    /// The reading of a text, with its meaning in it where the business lets a model say how near it is to the entries. What
    /// is `known` of the caller is hidden from the model.
    ///
    /// Whatever the model does, the reading is at worst the one that came in.
    pub async fn read_with_meaning(
        &self,
        owner: &Owner,
        text: &str,
        asked: Option<Asked>,
        read: Understanding,
        known: &[&str],
    ) -> Understanding {
        self.meant(owner, (text, asked), read, known, &mut Meant::default())
            .await
    }

    /// The same, asking once for the same text.
    pub(super) async fn meant(
        &self,
        owner: &Owner,
        (text, asked): (&str, Option<Asked>),
        read: Understanding,
        known: &[&str],
        meant: &mut Meant,
    ) -> Understanding {
        if !owner.settings.conversation.meaning || !may_be_meant(&read, text, asked, owner.questions()) {
            return read;
        }
        let Some(embedder) = self.ports.providers.embedder(owner) else {
            return read;
        };
        let before = meant
            .known
            .as_ref()
            .filter(|(before, version, _)| before == text && *version == owner.version);
        let similar = match before {
            Some((.., similar)) => similar.clone(),
            None => {
                let similar = self.similar(owner, &*embedder, text, known).await;
                meant.known = Some((text.to_owned(), owner.version, similar.clone()));
                similar
            }
        };
        match similar {
            Some(similar) => with_meaning(read, text, asked, owner.questions(), &similar),
            None => read,
        }
    }

    async fn similar(&self, owner: &Owner, embedder: &dyn Embedder, text: &str, known: &[&str]) -> Option<Similar> {
        let kept = self.meanings.shelves.get_with(owner.business, Arc::default);
        // One who waits for another to have asked waits no longer than for the asking itself.
        let ready = self
            .within(self.limits.entries, self.entries(owner, embedder, &kept))
            .await;
        match ready {
            Some(Ok(())) => {}
            Some(Err(why)) => return self.unmeant(ENTRIES, why),
            None => return self.unmeant(ENTRIES, self.late(embedder, ENTRIES)),
        }
        let asked = parts(&masked(text, known));
        let vectors = match self.embed(embedder, TEXT, &asked, self.limits.meaning).await {
            Ok(vectors) => vectors,
            Err(why) => return self.unmeant(TEXT, Unmeant::Unheard(why)),
        };
        let mut shelf = kept.shelf.lock().await;
        let read = Embedding::all(vectors, asked.len(), shelf.dimension());
        match read {
            Ok(read) => {
                let similar = shelf.similar(&owner.settings, &read);
                if similar.is_some() {
                    self.count_meaning(TEXT, USED);
                }
                similar
            }
            Err(why) => {
                forget_if_outgrown(&mut shelf, why);
                self.unmeant(TEXT, why.into())
            }
        }
    }

    /// Sees to it that every entry of this version has its vectors.
    async fn entries(&self, owner: &Owner, embedder: &dyn Embedder, kept: &Arc<Kept>) -> Result<(), Unmeant> {
        let mut shelf = kept.shelf.lock().await;
        if shelf.model() != embedder.model() {
            *shelf = Shelf::new(embedder.model());
        }
        let missing = shelf.missing(&owner.settings);
        if missing.is_empty() {
            return Ok(());
        }
        shelf.keep_to(&owner.settings);
        for batch in missing.chunks(MOST_TEXTS) {
            let vectors = self
                .embed(embedder, ENTRIES, batch, self.limits.entries)
                .await
                .map_err(Unmeant::Unheard)?;
            // What came so far is kept, also when the rest is late.
            if let Err(why) = shelf.learn(batch, vectors) {
                forget_if_outgrown(&mut shelf, why);
                return Err(why.into());
            }
            self.count_meaning(ENTRIES, USED);
            let kilobytes = u32::try_from(shelf.bytes() >> 10).unwrap_or(u32::MAX);
            kept.kilobytes.store(kilobytes, Ordering::Relaxed);
        }
        // Put again, it is weighed again.
        self.meanings.shelves.insert(owner.business, Arc::clone(kept));
        Ok(())
    }

    async fn embed(
        &self,
        embedder: &dyn Embedder,
        what: &'static str,
        texts: &[String],
        limit: Duration,
    ) -> Result<Vec<Vec<f32>>, Unheard> {
        let began = self.now();
        if self.meaning_health(|health| *health).rests(began) {
            return Err(Unheard::Resting);
        }
        let Some(answer) = self.within(limit, embedder.embed(texts)).await else {
            self.late(embedder, what);
            return Err(Unheard::Late);
        };
        let failure = answer.as_ref().err().map(Failure::of);
        self.after(failure, self.now().max(began));
        answer.map_err(|error| {
            warn(embedder, what, &error);
            Unheard::of(&error)
        })
    }

    /// Notes that the model did not answer in time.
    fn late(&self, embedder: &dyn Embedder, what: &'static str) -> Unmeant {
        tracing::warn!(
            embedder = embedder.name(),
            what,
            "an embedding model did not answer in time"
        );
        self.after(Some(Failure::Away), self.now());
        Unmeant::Unheard(Unheard::Late)
    }

    fn after(&self, failure: Option<Failure>, now: Timestamp) {
        self.meaning_health(|health| *health = health.after(failure, now));
    }

    fn meaning_health<T>(&self, with: impl FnOnce(&mut Health) -> T) -> T {
        let mut state = self.meanings.state.lock().unwrap_or_else(PoisonError::into_inner);
        with(&mut state.health)
    }

    fn unmeant<T>(&self, asked: &'static str, why: Unmeant) -> Option<T> {
        self.count_meaning(asked, why.name());
        None
    }

    fn count_meaning(&self, asked: &'static str, outcome: &'static str) {
        let mut state = self.meanings.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state.counts.entry((asked, outcome)).or_default() += 1;
    }
}

/// Another model under the same name: what is known of the entries is of no more use, and is asked for with the next text.
fn forget_if_outgrown(shelf: &mut Shelf, why: Unusable) {
    if why == Unusable::Dimension {
        *shelf = Shelf::new(shelf.model());
    }
}

fn warn(embedder: &dyn Embedder, what: &'static str, error: &PortError) {
    tracing::warn!(embedder = embedder.name(), what, %error, "an embedding model gave no answer");
}
