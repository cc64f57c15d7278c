//! What the process gives to the core: time, waiting and randomness.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::Timestamp;

/// Reads the time. The only place of a process that does.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// Waits. Virtual in tests.
#[async_trait]
pub trait Timer: fmt::Debug + Send + Sync + 'static {
    /// Returns after `duration`. Dropping the future forgets the wait.
    async fn sleep(&self, duration: Duration);
}

/// Randomness from the operating system, or a seeded stream in tests.
pub trait Entropy: fmt::Debug + Send + Sync + 'static {
    /// Fills `bytes` with random values.
    fn fill(&self, bytes: &mut [u8]);
}

/// Ten random bytes, as identifiers need them.
#[must_use]
pub fn id_bytes(entropy: &dyn Entropy) -> [u8; 10] {
    let mut bytes = [0; 10];
    entropy.fill(&mut bytes);
    bytes
}
