//! What the process gives to the core: time, randomness, sealing, the spool, the workers.

mod last_known;
mod seal;
mod shell;
mod spool;
pub mod workers;

pub use last_known::LastKnownFile;
pub use seal::{KeyRing, KeySource, SealKeyError};
pub use shell::{OsEntropy, SystemClock, TokioTimer, fresh_token, sha256};
pub use spool::FileSpool;
