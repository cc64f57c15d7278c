//! Replays what the local disk took while the database was away or a call was still on its way.

use std::collections::HashSet;
use std::time::Duration;

use super::{CallAnswer, CenterError, CommandCenter, SeenCall, TextAnswer};
use crate::port::{SpoolEntry, SpoolError, SpooledEvent};

/// Entries replayed in one step.
const BATCH: usize = 64;
/// News about a call that has not become known by then is given up: the provider's list of calls, which is read every
/// hour, does not have it either.
const GIVE_UP: Duration = Duration::from_secs(24 * 60 * 60);

/// What became of an entry.
enum Replayed {
    /// It is in the database, or of no use to it.
    Done,
    /// Its call is not known yet; other entries need not wait for that.
    Waits,
    /// The database cannot take it now, nor those that follow.
    Later,
}

impl CommandCenter {
    /// Applies waiting entries, oldest first, and forgets those that are in the database. Returns how many were
    /// applied. Stops at the first one that the database cannot take yet; news about a call that is not known yet stays,
    /// for a day at most, and is in nobody's way.
    ///
    /// # Errors
    /// When the spool's disk cannot be read.
    pub async fn replay_spool(&self) -> Result<usize, SpoolError> {
        let mut passed = 0;
        let mut unknown = HashSet::new();
        loop {
            let entries = self.ports.spool.pending(passed + BATCH).await?;
            let mut applied = 0;
            let mut seen = 0;
            for (token, entry) in entries.into_iter().skip(passed) {
                seen += 1;
                match self.replay(&entry, &mut unknown).await {
                    Replayed::Done => {
                        self.ports.spool.remove(token).await?;
                        applied += 1;
                    }
                    Replayed::Waits => {}
                    Replayed::Later => return Ok(applied),
                }
            }
            if applied > 0 || seen < BATCH {
                return Ok(applied);
            }
            passed += seen;
        }
    }

    /// Applies one entry. `unknown` holds the calls whose earlier news waits: later news must not overtake it.
    async fn replay(&self, entry: &SpoolEntry, unknown: &mut HashSet<String>) -> Replayed {
        let (call, seen) = match &entry.event {
            // The row is the same whether the first attempt landed late or not: its identifier derives from the arrival.
            // What the caller heard is what was stored with the entry.
            SpooledEvent::Call { call, answered } => {
                return match self.answer_call(call, entry.arrived_at, Some(answered)).await {
                    Ok(CallAnswer::Reply(_) | CallAnswer::UnknownNumber) => Replayed::Done,
                    Ok(CallAnswer::Unavailable) | Err(_) => Replayed::Later,
                };
            }
            SpooledEvent::Text { text } => {
                return match self.take_text(text, entry.arrived_at).await {
                    Ok(TextAnswer::Taken | TextAnswer::UnknownNumber) => Replayed::Done,
                    Ok(TextAnswer::TryAgain) | Err(_) => Replayed::Later,
                };
            }
            SpooledEvent::Progress { progress } => {
                let call = &progress.provider_call;
                if unknown.contains(call) {
                    return Replayed::Waits;
                }
                (call, self.take_progress(progress, entry.arrived_at).await)
            }
            SpooledEvent::Recording { business, recording } => {
                let call = &recording.provider_call;
                if unknown.contains(call) {
                    return Replayed::Waits;
                }
                (call, self.take_recording(*business, recording, entry.arrived_at).await)
            }
        };
        match seen {
            Ok(SeenCall::Known | SeenCall::UnknownNumber) | Err(CenterError::NotFound) => Replayed::Done,
            Ok(SeenCall::Waits) if self.now().since(entry.arrived_at) >= GIVE_UP => {
                tracing::warn!(provider_call = %call, "news about a call that never arrived is given up after a day");
                Replayed::Done
            }
            Ok(SeenCall::Waits) => {
                unknown.insert(call.clone());
                Replayed::Waits
            }
            Err(_) => Replayed::Later,
        }
    }
}
