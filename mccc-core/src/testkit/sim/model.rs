//! The language model of the simulation: it lies, lags, fails, and sometimes says the same in other words.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::executor::{Dice, VirtualTimer, step_aside};
use super::tally::{Happening, Tally};
use crate::conversation::voice::Guess;
use crate::port::{ClassifyRequest, ErrorKind, PhraseRequest, PortError, ReplyModel, Retry, Timer as _};

/// What it says instead of, or beside, what it is asked to. None of it may ever go out.
pub(super) const LIES: &[&str] = &[
    "It costs $1.",
    "You are confirmed for 3pm.",
    "Your appointment is canceled.",
    "Call 5125550123 instead.",
    "We guarantee that.",
    "I am only a language model.",
    "Reply STOP to get a refund.",
    "RivalCo is better.",
];
/// With what it begins when it is honest.
pub(super) const HONEST: &str = "Okay, thanks for the note! ";

/// The model.
#[derive(Debug)]
pub(super) struct SimModel {
    pub(super) dice: Arc<Dice>,
    pub(super) timer: VirtualTimer,
    pub(super) tally: Arc<Tally>,
}

impl SimModel {
    /// Takes its time, and fails in three of eight cases.
    async fn think(&self, operation: &'static str) -> Result<(), PortError> {
        for _ in 0..self.dice.below(6) {
            step_aside().await;
        }
        let failed = |kind, retry| Err(PortError::new("sim_model", operation, kind, retry));
        match self.dice.below(8) {
            0 => failed(ErrorKind::Unavailable, Retry::Backoff),
            1 => failed(ErrorKind::Protocol, Retry::Never),
            2 => {
                self.tally.note(Happening::ModelSilent);
                self.timer.sleep(Duration::from_secs(120)).await;
                failed(ErrorKind::Unavailable, Retry::Backoff)
            }
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl ReplyModel for SimModel {
    fn name(&self) -> &'static str {
        "sim_model"
    }

    async fn phrase(&self, request: &PhraseRequest) -> Result<String, PortError> {
        self.think("phrase").await?;
        if self.dice.once_in(2) {
            return Ok(format!("{HONEST}{}", request.text));
        }
        self.tally.note(Happening::ModelLied);
        let place = usize::try_from(self.dice.below(u64::try_from(LIES.len()).unwrap_or(1))).unwrap_or(0);
        let lie = LIES.get(place).copied().unwrap_or_default();
        Ok(if self.dice.once_in(2) {
            format!("{} {lie}", request.text)
        } else {
            lie.to_owned()
        })
    }

    async fn classify(&self, _request: &ClassifyRequest) -> Result<Guess, PortError> {
        self.think("classify").await?;
        let guesses = u64::try_from(Guess::ALL.len()).unwrap_or(1);
        let place = usize::try_from(self.dice.below(guesses)).unwrap_or(0);
        Ok(Guess::ALL.get(place).copied().unwrap_or(Guess::Other))
    }
}
