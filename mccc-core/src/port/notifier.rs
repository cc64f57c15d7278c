//! The port to whoever carries notices to the contractor: Slack, e-mail. Texts go through the gateway of texts.

use std::fmt;

use async_trait::async_trait;

use super::PortError;
use crate::notify::Notice;

/// A way to the contractor, with its target and its credentials.
#[async_trait]
pub trait Notifier: fmt::Debug + Send + Sync + 'static {
    /// Lowercase name for logs and metric labels; fixed once released.
    fn name(&self) -> &'static str;

    /// What it can do.
    fn capabilities(&self) -> NotifierCapabilities;

    /// Tells of one thing, once. What a caller wrote is shown as it was written and never as markup; nobody but the
    /// contractor is addressed, and everybody of the channel at once only where the notice is urgent. Dropping the
    /// future leaves in doubt whether it was told.
    ///
    /// # Errors
    /// [`Retry::Unknown`](super::Retry::Unknown) whenever it may have been told and telling again may tell twice; where
    /// [`repeats_are_one`](NotifierCapabilities::repeats_are_one), [`Retry::Backoff`](super::Retry::Backoff) will do.
    async fn notify(&self, notice: &Notice) -> Result<Told, PortError>;
}

/// What a way to the contractor can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotifierCapabilities {
    /// Telling twice under the same key is telling once.
    pub repeats_are_one: bool,
}

/// It was told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// The provider's identifier, where it gives one.
    pub reference: Option<String>,
}
