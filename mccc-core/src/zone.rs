//! stub
use serde::{Deserialize, Serialize};
/// stub
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone(pub String);
/// stub: days since 1970-01-01
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LocalDay(pub i32);

/// stub
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Local {
    /// x
    pub day: LocalDay,
}
impl Zone {
    /// stub
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
    /// stub
    #[must_use]
    pub fn to_local(&self, at: crate::Timestamp) -> Local {
        Local {
            day: LocalDay(i32::try_from(at.as_seconds() / 86400).unwrap_or(0)),
        }
    }
    /// stub
    #[must_use]
    pub fn spoken_time(&self, at: crate::Timestamp) -> String {
        at.to_string()
    }
}
