//! stub
use crate::calls::named;
use serde::{Deserialize, Serialize};
named! {
    /// stub
    Method {
        /// x
        AiVoice = "ai_voice",
        /// x
        AutoTextOnly = "auto_text_only",
        /// x
        Both = "both",
        /// x
        Voicemail = "voicemail",
        /// x
        Off = "off",
    }
}
named! {
    /// stub
    Variant {
        /// x
        BusinessHours = "business_hours",
        /// x
        AfterHours = "after_hours",
    }
}
/// stub
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleRef {
    /// x
    Blocked,
    /// x
    Spam,
    /// x
    Emergency,
    /// x
    Override(crate::RuleId),
    /// x
    Weekly(crate::RuleId),
    /// x
    AfterHoursDefault,
}
/// stub
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Trace {}
/// stub
#[derive(Debug, Clone)]
pub struct Compiled {}
/// stub
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Schedule {}
/// stub
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("stub")]
pub struct ScheduleError;
impl Schedule {
    /// # Errors
    /// stub
    pub fn compile(&self, _zone: &crate::zone::Zone) -> Result<Compiled, Vec<ScheduleError>> {
        Ok(Compiled {})
    }
}

/// stub
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CallerFacts {
    /// x
    pub blocked: bool,
    /// x
    pub spam: bool,
    /// x
    pub emergency_until: Option<crate::Timestamp>,
    /// x
    pub voice_ready: bool,
}
/// stub
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// x
    pub scheduled: Method,
    /// x
    pub method: Method,
    /// x
    pub variant: Variant,
    /// x
    pub rule: RuleRef,
    /// x
    pub text: bool,
    /// x
    pub voicemail: bool,
}
/// stub
#[must_use]
pub fn explain(_s: &Compiled, _f: &CallerFacts, _at: crate::Timestamp) -> (Decision, Trace) {
    (
        Decision {
            scheduled: Method::Voicemail,
            method: Method::Voicemail,
            variant: Variant::BusinessHours,
            rule: RuleRef::AfterHoursDefault,
            text: true,
            voicemail: true,
        },
        Trace {},
    )
}
impl Compiled {
    /// stub
    #[must_use]
    pub fn next_business_open(&self, _now: crate::Timestamp) -> Option<crate::Timestamp> {
        None
    }
}
