//! Asking a language model, so that nothing depends on it: within a budget of time, once for the same thing, and not at
//! all for a while after it failed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::CommandCenter;
use crate::Timestamp;
use crate::business::Owner;
use crate::conversation::voice::{Guess, ModelUse, Same, Unheard, Worded, reworded};
use crate::port::{ClassifyRequest, PhraseRequest, PortError, ReplyModel, Retry};

/// Most requests for one text, however often it is decided anew.
const MOST_ASKED: u32 = 4;
/// Failures in a row after which a model is left alone.
const MOST_FAILED: u32 = 3;
/// How long that is.
const REST: Duration = Duration::from_secs(60);
/// How long a model is left alone that does not admit us: a person has to do something about it.
const LONG_REST: Duration = Duration::from_secs(300);
/// Longest rest that a model may ask for.
const LONGEST_REST: Duration = Duration::from_secs(600);

/// How often a model had that part in answers, since the process began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelCount {
    /// What it was asked: `phrase` or `classify`; of an embedding model, vectors of `entries` or of a `text`.
    pub asked: &'static str,
    /// What came of it: `by_model`, a guess, `used`, or why nothing did.
    pub outcome: &'static str,
    /// How often.
    pub count: u64,
}

/// What the process remembers of its model.
#[derive(Debug, Default)]
pub(super) struct Voice {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    health: Health,
    counts: BTreeMap<(&'static str, &'static str), u64>,
}

/// Whether a model is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Health {
    failed: u32,
    rests_until: Option<Timestamp>,
}

impl Health {
    pub(super) fn rests(&self, now: Timestamp) -> bool {
        self.rests_until.is_some_and(|until| now < until)
    }

    /// Afterwards. An answer that is none says nothing about the next one.
    pub(super) fn after(self, failure: Option<Failure>, now: Timestamp) -> Self {
        let rest = |how_long| Self {
            failed: 0,
            rests_until: Some(now.plus(how_long)),
        };
        match failure {
            None => Self::default(),
            Some(Failure::Wait(wait)) => rest(wait.min(LONGEST_REST)),
            Some(Failure::NotAdmitted) => rest(LONG_REST),
            Some(Failure::Away) if self.failed + 1 >= MOST_FAILED => rest(REST),
            Some(Failure::Away) => Self {
                failed: self.failed + 1,
                ..self
            },
            Some(Failure::Answered) => self,
        }
    }
}

/// What a failure says about the next request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// It named a wait.
    Wait(Duration),
    /// It will not admit us next time either.
    NotAdmitted,
    /// It is away or slow.
    Away,
    /// It is there.
    Answered,
}

impl Failure {
    pub(super) fn of(error: &PortError) -> Self {
        match (error.retry(), Unheard::of(error)) {
            (Retry::After(wait), _) => Self::Wait(wait),
            (_, Unheard::RateLimited) if error.retry() == Retry::Never => Self::NotAdmitted,
            (_, Unheard::NotAdmitted) => Self::NotAdmitted,
            (_, Unheard::Unavailable | Unheard::RateLimited | Unheard::Late | Unheard::Resting) => Self::Away,
            (_, Unheard::Declined | Unheard::Garbage) => Self::Answered,
        }
    }
}

/// What was asked for the sake of one text.
pub(super) struct Asking {
    model: Option<Arc<dyn ReplyModel>>,
    asked: u32,
    spent: Duration,
    worded: Option<(PhraseRequest, Result<String, Unheard>)>,
    guessed: Option<(ClassifyRequest, Result<Guess, Unheard>)>,
}

impl CommandCenter {
    /// How often a language model had which part in answers, since this process began.
    #[must_use]
    pub fn model_counts(&self) -> Vec<ModelCount> {
        let state = self.voice.state.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = state.counts.iter().map(|((asked, outcome), count)| ModelCount {
            asked,
            outcome,
            count: *count,
        });
        counts.collect()
    }

    /// What may be asked for a text of this business.
    pub(super) fn asking(&self, owner: &Owner) -> Asking {
        let model = match owner.settings.conversation.model {
            ModelUse::Off => None,
            ModelUse::Phrase | ModelUse::PhraseAndClassify => self.ports.providers.reply_model(owner),
        };
        Asking {
            model,
            asked: 0,
            spent: Duration::ZERO,
            worded: None,
            guessed: None,
        }
    }

    /// Whose words a text is in, and the model's where they are used; nothing where there is no model.
    pub(super) async fn word(
        &self,
        asking: &mut Asking,
        request: PhraseRequest,
        same: &Same<'_>,
    ) -> Option<(Worded, Option<String>)> {
        let model = Arc::clone(asking.model.as_ref()?);
        // Decided anew because something came in between: the same is not asked again.
        let known = asking.worded.as_ref().filter(|(before, _)| *before == request);
        let (written, fresh) = match known {
            Some((_, written)) => (written.clone(), false),
            None => {
                let written = self.ask(asking, &*model, "phrase", model.phrase(&request)).await;
                asking.worded = Some((request, written.clone()));
                (written, true)
            }
        };
        let judged = written.map(|written| reworded(&written, same));
        let answer = match judged {
            Ok(Ok(body)) => (Worded::ByModel, Some(body)),
            Ok(Err(refusal)) => (Worded::Refused(refusal), None),
            Err(unheard) => (Worded::Unheard(unheard), None),
        };
        if fresh {
            self.count("phrase", answer.0.name());
        }
        Some(answer)
    }

    /// What a model takes a text for.
    pub(super) async fn guess(&self, asking: &mut Asking, request: ClassifyRequest) -> Result<Guess, Unheard> {
        let Some(model) = asking.model.clone() else {
            return Err(Unheard::NotAdmitted);
        };
        if let Some((before, guess)) = &asking.guessed
            && *before == request
        {
            return *guess;
        }
        let guess = self.ask(asking, &*model, "classify", model.classify(&request)).await;
        asking.guessed = Some((request, guess));
        self.count("classify", guess.map_or_else(Unheard::name, Guess::name));
        guess
    }

    async fn ask<T>(
        &self,
        asking: &mut Asking,
        model: &dyn ReplyModel,
        what: &'static str,
        request: impl Future<Output = Result<T, PortError>> + Send,
    ) -> Result<T, Unheard> {
        let began = self.now();
        if self.health(|health| *health).rests(began) {
            return Err(Unheard::Resting);
        }
        let left = self.limits.model.saturating_sub(asking.spent);
        if left.is_zero() || asking.asked >= MOST_ASKED {
            return Err(Unheard::Late);
        }
        asking.asked += 1;
        let answer = self.within(left, request).await;
        let now = self.now().max(began);
        asking.spent += now.since(began);
        let (answer, failure) = match answer {
            Some(Ok(answer)) => (Ok(answer), None),
            Some(Err(error)) => {
                tracing::warn!(model = model.name(), what, %error, "a language model gave no answer");
                (Err(Unheard::of(&error)), Some(Failure::of(&error)))
            }
            None => {
                tracing::warn!(model = model.name(), what, "a language model did not answer in time");
                (Err(Unheard::Late), Some(Failure::Away))
            }
        };
        self.health(|health| *health = health.after(failure, now));
        answer
    }

    fn health<T>(&self, with: impl FnOnce(&mut Health) -> T) -> T {
        let mut state = self.voice.state.lock().unwrap_or_else(PoisonError::into_inner);
        with(&mut state.health)
    }

    fn count(&self, asked: &'static str, outcome: &'static str) {
        let mut state = self.voice.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state.counts.entry((asked, outcome)).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::ErrorKind;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    #[test]
    fn a_model_rests_after_three_failures_in_a_row_and_is_tried_again() {
        let mut health = Health::default();
        for _ in 1..MOST_FAILED {
            health = health.after(Some(Failure::Away), NOW);
            assert!(!health.rests(NOW));
        }
        let recovered = health.after(None, NOW).after(Some(Failure::Away), NOW);
        assert!(!recovered.rests(NOW), "what went well in between counts");
        health = health.after(Some(Failure::Away), NOW);
        assert!(health.rests(NOW));
        assert!(!health.rests(NOW.plus(REST)));
        assert!(!health.after(Some(Failure::Away), NOW.plus(REST)).rests(NOW.plus(REST)));
    }

    #[test]
    fn a_wait_is_kept_but_not_for_ever_and_a_refused_key_is_not_tried_at_once() {
        let hour = Health::default().after(Some(Failure::Wait(Duration::from_secs(3600))), NOW);
        assert!(hour.rests(NOW.plus(LONGEST_REST - Duration::from_secs(1))));
        assert!(!hour.rests(NOW.plus(LONGEST_REST)));
        let key = PortError::new("x", "phrase", ErrorKind::Unauthenticated, Retry::Never);
        assert!(Health::default().after(Some(Failure::of(&key)), NOW).rests(NOW));
        let odd = PortError::new("x", "phrase", ErrorKind::Protocol, Retry::Never);
        assert!(!Health::default().after(Some(Failure::of(&odd)), NOW).rests(NOW));
    }
}
