//! The port to an embedding model: texts that mean alike get vectors that point alike.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use super::PortError;

/// Most texts of one request.
pub const MOST_TEXTS: usize = 32;

/// An embedding model. It decides nothing: how near a caller's question comes to an entry is one hint among several
/// ([`with_meaning`](crate::conversation::understanding::with_meaning)), and whenever it fails the text is understood
/// without. The core reads its answers as a stranger's, and passes over a model that fails again and again for a while.
///
/// Asking changes nothing anywhere, so dropping a future leaves nothing behind but a cost.
#[async_trait]
pub trait Embedder: fmt::Debug + Send + Sync + 'static {
    /// Lowercase name for logs and metric labels; fixed once released.
    fn name(&self) -> &'static str;

    /// Which model, and everything else that its vectors depend on. Vectors of two models are never compared.
    fn model(&self) -> &str;

    /// How many numbers each vector has, where that is configured.
    fn dimension(&self) -> Option<usize>;

    /// After how long it gives up on a request by itself.
    fn time_limit(&self) -> Duration;

    /// A vector for each of these texts, in their order; all have the same number of finite numbers, at least one. At most
    /// [`MOST_TEXTS`] are asked for together.
    ///
    /// # Errors
    /// When the model cannot be asked or declines, and when its answer is anything else.
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, PortError>;
}
