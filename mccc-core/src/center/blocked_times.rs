//! Time in which a business takes no appointments.

use super::{CenterError, CommandCenter};
use crate::appointments::{BlockedTime, Span};
use crate::port::id_bytes;
use crate::port::store::{Change, Commit};
use crate::{BlockedTimeId, BusinessId};

impl CommandCenter {
    /// Takes no appointments for a while from now on. Those that stand there already stay.
    ///
    /// # Errors
    /// When there is no such business or the database is away.
    pub async fn block_time(
        &self,
        business: BusinessId,
        span: Span,
        title: String,
    ) -> Result<BlockedTime, CenterError> {
        let now = self.now();
        let time = BlockedTime {
            id: BlockedTimeId::from_entropy(now, id_bytes(&*self.ports.entropy)),
            business,
            span,
            title,
            created_at: now,
        };
        let mut commit = Commit::new(business, now);
        commit.changes.push(Change::PutBlockedTime(time.clone()));
        self.commit(commit).await?;
        Ok(time)
    }

    /// Takes appointments again at a time that was blocked. Doing it twice changes nothing.
    ///
    /// # Errors
    /// When there is no such business or the database is away.
    pub async fn unblock_time(&self, business: BusinessId, time: BlockedTimeId) -> Result<(), CenterError> {
        let mut commit = Commit::new(business, self.now());
        commit.changes.push(Change::RemoveBlockedTime(time));
        self.commit(commit).await?;
        Ok(())
    }
}
