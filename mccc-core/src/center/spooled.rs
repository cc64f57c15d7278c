//! Replays what the local disk took while the database was away.

use super::{CallAnswer, CommandCenter, TextAnswer};
use crate::port::{SpoolError, SpooledEvent};

/// Entries replayed in one step.
const BATCH: usize = 64;

impl CommandCenter {
    /// Applies waiting entries, oldest first, and forgets those that are in the database. Returns how many were
    /// applied. Stops at the first one that cannot be applied yet.
    ///
    /// # Errors
    /// When the spool's disk cannot be read.
    pub async fn replay_spool(&self) -> Result<usize, SpoolError> {
        let mut applied = 0;
        for (token, entry) in self.ports.spool.pending(BATCH).await? {
            let done = match &entry.event {
                // The row is the same whether the first attempt landed late or not: its identifier derives from the
                // arrival. What the caller heard is what was stored with the entry.
                SpooledEvent::Call { call, answered } => matches!(
                    self.answer_call(call, entry.arrived_at, Some(answered)).await,
                    Ok(CallAnswer::Reply(_) | CallAnswer::UnknownNumber)
                ),
                SpooledEvent::Text { text } => matches!(
                    self.take_text(text, entry.arrived_at).await,
                    Ok(TextAnswer::Taken | TextAnswer::UnknownNumber)
                ),
            };
            if !done {
                break;
            }
            self.ports.spool.remove(token).await?;
            applied += 1;
        }
        Ok(applied)
    }
}
